// SPDX-License-Identifier: BSD-2-Clause
//! `trivia/util.h`

use crate::say::fatal;
use crate::trivia::bounded::Bounded;
use crate::trivia::{json, names, number, path, utf8};
use core::ffi::{CStr, c_char, c_int, c_longlong};
use core::slice;

/// # Safety
/// `haystack` holds `hmax` C strings, or fewer and a NULL; `needle` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strindex(
    haystack: *mut *const c_char,
    needle: *const c_char,
    hmax: u32,
) -> u32 {
    // SAFETY: as the caller says.
    unsafe { names::index_of(haystack, needle, hmax) }
}

/// # Safety
/// As [`strindex`]; `needle` may lack its zero after `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strnindex(
    haystack: *mut *const c_char,
    needle: *const c_char,
    len: u32,
    hmax: u32,
) -> u32 {
    // SAFETY: as the caller says.
    unsafe { names::index_of_bytes(haystack, needle, len, hmax) }
}

/// # Safety
/// `filename` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn abspath(filename: *const c_char) -> *mut c_char {
    // SAFETY: as the caller says.
    path::absolute(unsafe { CStr::from_ptr(filename) })
}

/// # Safety
/// `path` is a C string that may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkdirpath(path: *mut c_char) -> c_int {
    // SAFETY: as the caller says.
    if unsafe { path::make_directories(path) } {
        0
    } else {
        -1
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn int2str(val: c_longlong) -> *mut c_char {
    number::int_to_string(val)
}

/// # Safety
/// `buf` is valid for writing `size` bytes; `data` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn json_escape(
    buf: *mut c_char,
    size: c_int,
    data: *const c_char,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe {
        let mut text = Bounded::from_raw(buf, usize::try_from(size).unwrap_or(0));
        json::escape(&mut text, CStr::from_ptr(data).to_bytes());
        text.c_length()
    }
}

/// # Safety
/// `str` is valid for reading `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn utf8_check_printable(
    str: *const c_char,
    length: usize,
) -> c_int {
    let bytes = match length {
        0 => &[],
        // SAFETY: as the caller says.
        _ => unsafe { slice::from_raw_parts(str.cast(), length) },
    };
    c_int::from(utf8::is_printable(bytes))
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn fpconv_check() {
    if cfg!(debug_assertions) && !number::decimal_point_is_dot() {
        fatal!("fpconv_check: the locale does not write one half as 0.5");
    }
}
