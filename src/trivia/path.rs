// SPDX-License-Identifier: BSD-2-Clause
//! Paths as C strings, whatever their encoding.

use crate::errno;
use core::ffi::{CStr, c_char};
use core::ptr;

/// `abspath`: the path itself, or the current directory, a slash and the path, in memory
/// from malloc(3). NULL with errno when there is no memory or no current directory.
pub fn absolute(path: &CStr) -> *mut c_char {
    if path.to_bytes().first() == Some(&b'/') {
        // SAFETY: a C string.
        return unsafe { libc::strdup(path.as_ptr()) };
    }
    // SAFETY: glibc allocates the result when it is given none; it is freed here. The
    // new block has room for both strings, the slash and the zero.
    unsafe {
        let directory = libc::getcwd(ptr::null_mut(), 0);
        if directory.is_null() {
            return ptr::null_mut();
        }
        let length = libc::strlen(directory);
        let size = length + 1 + path.count_bytes() + 1;
        let result = libc::malloc(size).cast::<c_char>();
        if !result.is_null() {
            result.copy_from_nonoverlapping(directory, length);
            result.add(length).write(b'/' as c_char);
            result
                .add(length + 1)
                .copy_from_nonoverlapping(path.as_ptr(), path.count_bytes() + 1);
        }
        libc::free(directory.cast());
        result
    }
}

/// `mkdirpath`: makes the directories that come before the last slash. False with errno if
/// one cannot be made; one that exists is as good.
///
/// # Safety
/// `path` is a C string that may be written to; it is restored.
pub unsafe fn make_directories(path: *mut c_char) -> bool {
    const MODE: libc::mode_t = 0o777;
    // SAFETY: every slash found lies within the string. The first byte is skipped: it
    // is the root, or there is no name before it.
    unsafe {
        let mut slash = path;
        while *slash != 0 {
            slash = libc::strchr(slash.add(1), c_char_of(b'/').into());
            if slash.is_null() {
                break;
            }
            slash.write(0);
            let made = libc::mkdir(path, MODE) == 0 || errno::get() == libc::EEXIST;
            slash.write(c_char_of(b'/'));
            if !made {
                return false;
            }
        }
    }
    true
}

const fn c_char_of(byte: u8) -> c_char {
    byte as c_char
}
