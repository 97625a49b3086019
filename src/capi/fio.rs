// SPDX-License-Identifier: BSD-2-Clause
//! `fio.h`: files, by calls that block the thread, and log what fails.

use crate::coio::fio;
use crate::coio::fio_batch::FioBatch;
use crate::cord::thread::without_cancel;
use crate::errno;
use crate::say::say_syserror;
use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::fmt::Write;
use libc::{iovec, off_t};

thread_local! {
    static NAME: UnsafeCell<[c_char; libc::PATH_MAX as usize]> =
        const { UnsafeCell::new([0; libc::PATH_MAX as usize]) };
}

/// Valid until the thread asks again; errno stays as it is.
#[unsafe(no_mangle)]
pub extern "C" fn fio_filename(fd: c_int) -> *const c_char {
    let saved = errno::get();
    let mut link = [0; 32];
    let mut text = crate::trivia::bounded::Bounded::new(&mut link);
    // A number always fits.
    let _ = write!(text, "/proc/self/fd/{fd}");
    let name = NAME.with(|name| name.get().cast::<c_char>());
    // SAFETY: the thread's own buffer, of that size.
    unsafe {
        let size = libc::PATH_MAX as usize - 1;
        let length = libc::readlink(text.c_str().as_ptr(), name, size);
        name.add(length.max(0) as usize).write(0);
    }
    errno::set(saved);
    name
}

/// Logs a call on `fd` that has failed, and passes its result on.
fn logged<T: PartialOrd + From<i8>>(call: &str, fd: c_int, result: T) -> T {
    if result < T::from(0) {
        let saved = errno::get();
        // Writing the line may not end the thread before the name is freed.
        without_cancel(|| {
            // SAFETY: a C string of this thread.
            let name = unsafe { CStr::from_ptr(fio_filename(fd)) };
            say_syserror!("{call}, [{}]", name.to_string_lossy());
        });
        errno::set(saved);
    }
    result
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fio_read(
    fd: c_int,
    buf: *mut c_void,
    count: usize,
) -> isize {
    // SAFETY: the caller's buffer.
    logged("read", fd, unsafe { fio::read(fd, buf, count) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fio_pread(
    fd: c_int,
    buf: *mut c_void,
    count: usize,
    offset: off_t,
) -> isize {
    // SAFETY: the caller's buffer.
    logged("pread", fd, unsafe { fio::pread(fd, buf, count, offset) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fio_writen(
    fd: c_int,
    buf: *const c_void,
    count: usize,
) -> c_int {
    // SAFETY: the caller's buffer.
    logged("write", fd, unsafe { fio::write_all(fd, buf, count) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fio_writev(
    fd: c_int,
    iov: *mut iovec,
    iovcnt: c_int,
) -> isize {
    // SAFETY: the caller's buffers.
    logged("writev", fd, unsafe { fio::writev(fd, iov, iovcnt) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fio_writevn(
    fd: c_int,
    iov: *mut iovec,
    iovcnt: c_int,
) -> isize {
    // SAFETY: the caller's buffers and vectors.
    logged("writev", fd, unsafe { fio::writev_all(fd, iov, iovcnt) })
}

#[unsafe(no_mangle)]
pub extern "C" fn fio_lseek(fd: c_int, offset: off_t, whence: c_int) -> off_t {
    // SAFETY: numbers.
    logged("lseek", fd, unsafe { libc::lseek(fd, offset, whence) })
}

#[unsafe(no_mangle)]
pub extern "C" fn fio_truncate(fd: c_int, offset: off_t) -> c_int {
    // SAFETY: numbers.
    let result = fio::retry(|| unsafe { libc::ftruncate(fd, offset) as isize });
    logged("ftruncate", fd, result as c_int)
}

#[unsafe(no_mangle)]
pub extern "C" fn fio_batch_new() -> *mut FioBatch {
    FioBatch::new()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fio_batch_delete(batch: *mut FioBatch) {
    // SAFETY: from `fio_batch_new`.
    unsafe { libc::free(batch.cast()) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fio_batch_add(
    batch: *mut FioBatch,
    iov: *const iovec,
    iovcnt: c_int,
) -> usize {
    // SAFETY: a live batch and the caller's vectors.
    unsafe { FioBatch::add(batch, iov, iovcnt) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fio_batch_write(
    batch: *mut FioBatch,
    fd: c_int,
) -> isize {
    // SAFETY: a live batch; its vectors are good until they are written.
    logged("writev", fd, unsafe { FioBatch::write(batch, fd) })
}
