// SPDX-License-Identifier: BSD-2-Clause
//! File functions that go on where the system calls stop: after a signal, or after a part.
//! They block the thread. Failures are -1 with errno.

use super::sys;
use crate::errno;
use core::ffi::{c_int, c_void};
use libc::iovec;

/// Vectors that one call takes (`UIO_MAXIOV`).
pub const IOV_MAX: c_int = 1024;

/// Repeats what a signal has interrupted.
pub fn retry(mut call: impl FnMut() -> isize) -> isize {
    loop {
        let result = call();
        if result >= 0 || errno::get() != libc::EINTR {
            return result;
        }
    }
}

/// Reads until there are `count` bytes, or the file ends: how many there are.
///
/// # Safety
/// `buf` has room for them.
pub unsafe fn read(fd: c_int, buf: *mut c_void, count: usize) -> isize {
    // SAFETY: as the caller says.
    fill(count, |done| unsafe {
        sys::read(fd, buf.byte_add(done), count - done)
    })
}

/// The same from `offset` on.
///
/// # Safety
/// As for [`read`].
pub unsafe fn pread(fd: c_int, buf: *mut c_void, count: usize, offset: i64) -> isize {
    // SAFETY: as the caller says.
    fill(count, |done| unsafe {
        let offset = offset + done as i64;
        sys::pread(fd, buf.byte_add(done), count - done, offset)
    })
}

/// Calls `more(done)` until it has nothing more or `count` is reached.
fn fill(count: usize, mut more: impl FnMut(usize) -> isize) -> isize {
    let mut done = 0;
    while done < count {
        match retry(|| more(done)) {
            0 => break,
            n if n > 0 => done += n as usize,
            _ => return -1,
        }
    }
    done as isize
}

/// Writes all of it: 0 or -1.
///
/// # Safety
/// `buf` has `count` bytes.
pub unsafe fn write_all(fd: c_int, buf: *const c_void, count: usize) -> c_int {
    let mut done = 0;
    while done < count {
        // SAFETY: as the caller says.
        let n = retry(|| unsafe { sys::write(fd, buf.byte_add(done), count - done) });
        if n < 0 {
            return -1;
        }
        done += n as usize;
    }
    0
}

/// Writes as much as one system call takes.
///
/// # Safety
/// As for writev(2).
pub unsafe fn writev(fd: c_int, iov: *const iovec, iovcnt: c_int) -> isize {
    // SAFETY: as the caller says.
    retry(|| unsafe { sys::writev(fd, iov, iovcnt.min(IOV_MAX)) })
}

/// Writes all vectors, which it changes: the number of bytes, or -1.
///
/// # Safety
/// As for writev(2).
pub unsafe fn writev_all(fd: c_int, mut iov: *mut iovec, iovcnt: c_int) -> isize {
    let mut left = iovcnt.max(0) as usize;
    let mut total = 0;
    // SAFETY: the first `left` vectors are the caller's.
    unsafe {
        loop {
            let written = writev(fd, iov, left as c_int);
            if written < 0 {
                return -1;
            }
            total += written;
            let whole = advance(iov, left, written as usize);
            iov = iov.add(whole);
            left -= whole;
            if left == 0 {
                return total;
            }
        }
    }
}

/// Takes `written` bytes off the front: how many vectors are used up, empty ones included.
/// The next one is shortened.
///
/// # Safety
/// `iov` has `count` vectors with at least `written` bytes.
pub unsafe fn advance(iov: *mut iovec, count: usize, mut written: usize) -> usize {
    // SAFETY: as the caller says.
    unsafe {
        for index in 0..count {
            let vector = &mut *iov.add(index);
            if written < vector.iov_len {
                vector.iov_base = vector.iov_base.byte_add(written);
                vector.iov_len -= written;
                return index;
            }
            written -= vector.iov_len;
        }
    }
    count
}
