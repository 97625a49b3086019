// SPDX-License-Identifier: BSD-2-Clause
//! Looking a name up in a table, ignoring the case (as strcasecmp(3) does).

use core::ffi::c_char;

/// Index of the first of at most `count` names, or of those before a NULL, for which
/// `matches` is true; else `count`.
///
/// # Safety
/// `names` is valid for reading until then.
unsafe fn find(
    names: *const *const c_char,
    count: u32,
    matches: impl Fn(*const c_char) -> bool,
) -> u32 {
    for index in 0..count {
        // SAFETY: neither `count` nor a NULL was reached yet.
        let name = unsafe { *names.add(index as usize) };
        if name.is_null() {
            break;
        }
        if matches(name) {
            return index;
        }
    }
    count
}

/// `strindex`: the index of `needle`, or `count`.
///
/// # Safety
/// `names` holds `count` C strings, or fewer and a NULL; `needle` is one.
pub unsafe fn index_of(
    names: *const *const c_char,
    needle: *const c_char,
    count: u32,
) -> u32 {
    // SAFETY: as the caller says.
    unsafe { find(names, count, |name| libc::strcasecmp(name, needle) == 0) }
}

/// `strnindex`: the same for a needle of `length` bytes, which is not found if that is 0.
///
/// # Safety
/// As [`index_of`]; `needle` is valid for `length` bytes or up to a zero.
pub unsafe fn index_of_bytes(
    names: *const *const c_char,
    needle: *const c_char,
    length: u32,
    count: u32,
) -> u32 {
    let length = length as usize;
    if length == 0 {
        return count;
    }
    // SAFETY: as the caller says; a name that agrees in `length` bytes without a zero
    // among them has as many, and one more that can be looked at.
    unsafe {
        find(names, count, |name| {
            libc::strncasecmp(name, needle, length) == 0 && libc::strlen(name) == length
        })
    }
}
