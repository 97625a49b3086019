// SPDX-License-Identifier: BSD-2-Clause
//! What `coio_file.h` does in a worker that is more than a system call (spec ipc.md 9).
//! These block, return -1 with errno, and know nothing of fibers.

use super::fio;
use crate::errno;
use core::ffi::{CStr, c_char, c_int, c_void};

/// Bytes that a copy moves at a time.
const BLOCK: usize = 4096;

/// Reads at `offset`, or where the descriptor is if it is negative.
///
/// # Safety
/// `buf` has room for `count` bytes.
pub unsafe fn read_at(fd: c_int, buf: *mut c_void, count: usize, offset: i64) -> isize {
    // SAFETY: as the caller says.
    unsafe {
        if offset < 0 {
            libc::read(fd, buf, count)
        } else {
            libc::pread(fd, buf, count, offset)
        }
    }
}

/// Writes at `offset`, or where the descriptor is if it is negative.
///
/// # Safety
/// `buf` has `count` bytes.
pub unsafe fn write_at(
    fd: c_int,
    buf: *const c_void,
    count: usize,
    offset: i64,
) -> isize {
    // SAFETY: as the caller says.
    unsafe {
        if offset < 0 {
            libc::write(fd, buf, count)
        } else {
            libc::pwrite(fd, buf, count, offset)
        }
    }
}

/// Reads all of `count` bytes, at least once: `count`, or -1. At an early end of the file
/// errno is 0.
///
/// # Safety
/// As for [`read_at`].
pub unsafe fn read_all_at(
    fd: c_int,
    buf: *mut c_void,
    count: usize,
    offset: i64,
) -> isize {
    let mut done = 0;
    loop {
        let position = if offset < 0 {
            offset
        } else {
            offset + done as i64
        };
        // SAFETY: behind what was read already.
        let n = unsafe { read_at(fd, buf.byte_add(done), count - done, position) };
        if n > 0 {
            done += n as usize;
        } else if n == 0 && done < count {
            errno::set(0);
            return -1;
        } else if n < 0 && errno::get() != libc::EINTR {
            return -1;
        }
        if n >= 0 && done == count {
            return count as isize;
        }
    }
}

/// Makes a directory in `/tmp` and writes its path.
///
/// # Safety
/// `path` has room for `size` bytes.
pub unsafe fn make_temporary_directory(path: *mut c_char, size: usize) -> c_int {
    let template = c"/tmp/XXXXXX".to_bytes_with_nul();
    // One byte more than it takes, as in the reference.
    if size <= template.len() {
        errno::set(libc::ENOMEM);
        return -1;
    }
    // SAFETY: it fits.
    unsafe {
        path.copy_from_nonoverlapping(template.as_ptr().cast(), template.len());
        if libc::mkdtemp(path).is_null() { -1 } else { 0 }
    }
}

/// The names in a directory, without `.` and `..`, joined by newlines: their number, and the
/// text in memory of malloc.
///
/// # Safety
/// A C string, and a place to write to.
pub unsafe fn list_directory(path: *const c_char, text: *mut *mut c_char) -> isize {
    // SAFETY: as the caller says.
    unsafe {
        let directory = libc::opendir(path);
        if directory.is_null() {
            return -1;
        }
        let listed = join_names(directory);
        let error = errno::get();
        libc::closedir(directory);
        errno::set(error);
        match listed {
            Some((joined, number)) => {
                text.write(joined);
                number
            }
            None => -1,
        }
    }
}

/// None with errno.
///
/// # Safety
/// An open directory.
unsafe fn join_names(directory: *mut libc::DIR) -> Option<(*mut c_char, isize)> {
    let mut names: Vec<u8> = Vec::new();
    let mut number = 0;
    // SAFETY: an entry is valid until the next call; its name is terminated.
    unsafe {
        loop {
            errno::set(0);
            let entry = libc::readdir(directory);
            if entry.is_null() {
                break;
            }
            let name = CStr::from_ptr((&raw const (*entry).d_name).cast()).to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            if names.try_reserve(name.len() + 1).is_err() {
                errno::set(libc::ENOMEM);
                return None;
            }
            if number > 0 {
                names.push(b'\n');
            }
            names.extend_from_slice(name);
            number += 1;
        }
        if errno::get() != 0 {
            return None;
        }
        let joined = libc::malloc(names.len() + 1).cast::<c_char>();
        if joined.is_null() {
            return None;
        }
        joined.copy_from_nonoverlapping(names.as_ptr().cast(), names.len());
        joined.add(names.len()).write(0);
        Some((joined, number))
    }
}

/// Copies a file, with its permission bits as far as the umask lets them. 0 or -1; what was
/// copied stays.
///
/// # Safety
/// C strings.
pub unsafe fn copy_file(source: *const c_char, dest: *const c_char) -> c_int {
    const PERMISSIONS: libc::mode_t = 0o777;
    let mut status = core::mem::MaybeUninit::<libc::stat>::uninit();
    // SAFETY: as the caller says; descriptors are closed where they were opened.
    unsafe {
        let from = libc::open(source, libc::O_RDONLY);
        if from < 0 {
            return -1;
        }
        // Of what was opened: the path may lead somewhere else by now.
        let mut result = libc::fstat(from, status.as_mut_ptr());
        if result == 0 {
            let mode = status.assume_init().st_mode & PERMISSIONS;
            let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC;
            let to = libc::open(dest, flags, mode);
            result = if to < 0 {
                -1
            } else {
                // Some file systems write, and fail, at the close.
                keeping_errno(copy_bytes(from, to), || libc::close(to))
            };
        }
        keeping_errno(result, || libc::close(from))
    }
}

/// `result`, or that of `close` if that is the first to fail; errno is that of the first.
fn keeping_errno(result: c_int, close: impl FnOnce() -> c_int) -> c_int {
    let error = errno::get();
    let closed = close();
    if result != 0 {
        errno::set(error);
        return result;
    }
    closed
}

fn copy_bytes(from: c_int, to: c_int) -> c_int {
    let mut block = [0u8; BLOCK];
    loop {
        // SAFETY: within the block.
        unsafe {
            match fio::read(from, block.as_mut_ptr().cast(), BLOCK) {
                0 => return 0,
                n if n > 0 => {
                    if fio::write_all(to, block.as_ptr().cast(), n as usize) != 0 {
                        return -1;
                    }
                }
                _ => return -1,
            }
        }
    }
}
