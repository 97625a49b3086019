// SPDX-License-Identifier: BSD-2-Clause
//! `tst_test_macros.h`, `tst_parse.h`: expectations and parsers.

use core::ffi::{CStr, c_char, c_float, c_int, c_long, c_longlong, c_uint, c_ulong};

use crate::ltp::definition::string;
use crate::ltp::expect::{self, Expected};
use crate::ltp::parse::{self, Error};
use crate::ltp::report::Site;

/// `tst_exp_` with its description formatted.
///
/// # Safety
/// The strings are strings; `errors` has `count` elements, or is NULL with none.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_ltp_expect(
    file: *const c_char,
    lineno: c_int,
    kind: c_uint,
    value: c_long,
    errors: *const c_int,
    count: c_int,
    description: *const c_char,
) {
    // SAFETY: as the caller says.
    let (site, errors, description) = unsafe {
        (
            Site::new(file, lineno),
            errno_set(errors, count),
            CStr::from_ptr(description),
        )
    };
    expect::check(
        site,
        &Expected {
            kind,
            value,
            errors,
        },
        description.to_bytes(),
    );
}

/// # Safety
/// As `tst_errno_in_set`.
unsafe fn errno_set<'a>(set: *const c_int, count: c_int) -> &'a [c_int] {
    match usize::try_from(count) {
        // SAFETY: as the caller says.
        Ok(count) if !set.is_null() => unsafe { core::slice::from_raw_parts(set, count) },
        _ => &[],
    }
}

/// Is `err` one of the `count` values?
///
/// # Safety
/// `set` has `count` elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_errno_in_set(
    err: c_int,
    set: *const c_int,
    count: c_int,
) -> bool {
    // SAFETY: as the caller says.
    unsafe { errno_set(set, count) }.contains(&err)
}

/// The names of the values, joined with commas, in `buf`, which is returned. Names take
/// up to 20 bytes each.
///
/// # Safety
/// As `tst_errno_in_set`; `buf` has room for the text, at most 1024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_errno_names(
    buf: *mut c_char,
    set: *const c_int,
    count: c_int,
) -> *const c_char {
    // SAFETY: as the caller says.
    unsafe {
        let names = expect::names(errno_set(set, count));
        let bytes = names.c_str().to_bytes_with_nul();
        buf.cast::<u8>()
            .copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
    }
    buf
}

/// Stores a parsed number; 0 or an errno value. A NULL text changes nothing.
///
/// # Safety
/// `text` is a string or NULL, `value` writable.
unsafe fn store<T>(
    text: *const c_char,
    value: *mut T,
    parse: impl FnOnce(&CStr) -> Result<T, Error>,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe {
        let Some(text) = string(text) else { return 0 };
        match parse(text) {
            Ok(parsed) => {
                value.write(parsed);
                0
            }
            Err(error) => error.errno(),
        }
    }
}

/// Base 10; 0, EINVAL or ERANGE.
///
/// # Safety
/// `str` is a string or NULL, `val` writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_parse_int(
    str: *const c_char,
    val: *mut c_int,
    min: c_int,
    max: c_int,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe { store(str, val, |text| parse::int(text, min, max)) }
}

/// As `tst_parse_int`.
///
/// # Safety
/// As `tst_parse_int`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_parse_long(
    str: *const c_char,
    val: *mut c_long,
    min: c_long,
    max: c_long,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe { store(str, val, |text| parse::long(text, min, max)) }
}

/// As `tst_parse_int`.
///
/// # Safety
/// As `tst_parse_int`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_parse_float(
    str: *const c_char,
    val: *mut c_float,
    min: c_float,
    max: c_float,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe { store(str, val, |text| parse::float(text, min, max)) }
}

/// Any base of C; a suffix k, m or g multiplies by a power of 1024.
///
/// # Safety
/// As `tst_parse_int`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_parse_filesize(
    str: *const c_char,
    val: *mut c_longlong,
    min: c_longlong,
    max: c_longlong,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe { store(str, val, |text| parse::filesize(text, min, max)) }
}

/// Breaks unless the text is a number within the bounds.
///
/// # Safety
/// `file` and `str` are strings.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_strtol(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: crate::ltp::safe::OldCleanup,
    str: *const c_char,
    min: c_long,
    max: c_long,
) -> c_long {
    // SAFETY: as the caller says.
    let (site, text) = unsafe { (Site::new(file, lineno), CStr::from_ptr(str)) };
    site.refuse_cleanup(cleanup_fn);
    parse::safe_strtol(site, text, min, max)
}

/// As `safe_strtol`.
///
/// # Safety
/// As `safe_strtol`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_strtoul(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: crate::ltp::safe::OldCleanup,
    str: *const c_char,
    min: c_ulong,
    max: c_ulong,
) -> c_ulong {
    // SAFETY: as the caller says.
    let (site, text) = unsafe { (Site::new(file, lineno), CStr::from_ptr(str)) };
    site.refuse_cleanup(cleanup_fn);
    parse::safe_strtoul(site, text, min, max)
}

/// As `safe_strtol`.
///
/// # Safety
/// As `safe_strtol`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_strtof(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: crate::ltp::safe::OldCleanup,
    str: *const c_char,
    min: c_float,
    max: c_float,
) -> c_float {
    // SAFETY: as the caller says.
    let (site, text) = unsafe { (Site::new(file, lineno), CStr::from_ptr(str)) };
    site.refuse_cleanup(cleanup_fn);
    parse::safe_strtof(site, text, min, max)
}
