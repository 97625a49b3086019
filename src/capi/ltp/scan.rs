// SPDX-License-Identifier: BSD-2-Clause
//! `tst_safe_file_ops.h`. The variadic entry points are in the shim and call the
//! `cordage_ltp_*` functions; `strict` is 1 for the `SAFE_` forms.

use core::ffi::{CStr, c_char, c_int};

use crate::errno;
use crate::ltp::report::{Site, TBROK, TERRNO};
use crate::ltp::safe::OldCleanup;
use crate::ltp::scan::{self, Strictness};
use crate::ltp::text::{Bytes, Str};

fn strictness(strict: c_int) -> Strictness {
    if strict != 0 {
        Strictness::Safe
    } else {
        Strictness::Plain
    }
}

/// How many conversions of a `scanf` format assign something.
///
/// # Safety
/// `fmt` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_count_scanf_conversions(fmt: *const c_char) -> c_int {
    // SAFETY: as the caller says.
    scan::conversions(unsafe { CStr::from_ptr(fmt) })
}

/// Reports that a file could not be read; errno says why.
///
/// # Safety
/// `file` and `path` are strings.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_ltp_cannot_read(
    file: *const c_char,
    lineno: c_int,
    strict: c_int,
    path: *const c_char,
) {
    // SAFETY: as the caller says.
    let (site, path) = unsafe { (Site::new(file, lineno), CStr::from_ptr(path)) };
    scan::cannot_read(site, strictness(strict), path);
}

/// Judges what `vsscanf` returned; 0 if it found everything.
///
/// # Safety
/// `file` and `path` are strings.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_ltp_scanned(
    file: *const c_char,
    lineno: c_int,
    strict: c_int,
    path: *const c_char,
    expected: c_int,
    got: c_int,
) -> c_int {
    // SAFETY: as the caller says.
    let (site, path) = unsafe { (Site::new(file, lineno), CStr::from_ptr(path)) };
    scan::scanned(site, strictness(strict), path, expected, got)
}

/// The callback argument of the old interface must be NULL.
///
/// # Safety
/// `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_ltp_refuse_cleanup(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: OldCleanup,
) {
    // SAFETY: as the caller says.
    unsafe { Site::new(file, lineno) }.refuse_cleanup(cleanup_fn);
}

/// Must a missing file break `FILE_LINES_SCANF`? In 2023 it does.
#[unsafe(no_mangle)]
pub extern "C" fn cordage_ltp_missing_breaks() -> c_int {
    (!crate::ltp::is_2026()).into()
}

/// Writes a text to a file. 0, or 1 after a report.
///
/// # Safety
/// All are strings.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_ltp_write_file(
    file: *const c_char,
    lineno: c_int,
    strict: c_int,
    path: *const c_char,
    text: *const c_char,
) -> c_int {
    // SAFETY: as the caller says.
    let (site, path, text) = unsafe {
        (
            Site::new(file, lineno),
            CStr::from_ptr(path),
            CStr::from_ptr(text),
        )
    };
    scan::print(site, strictness(strict), path, text.to_bytes())
}

/// Copies a file.
///
/// # Safety
/// All are strings.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_cp(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: OldCleanup,
    src: *const c_char,
    dst: *const c_char,
) {
    // SAFETY: as the caller says.
    let (site, source, target) = unsafe {
        (
            Site::new(file, lineno),
            CStr::from_ptr(src),
            CStr::from_ptr(dst),
        )
    };
    site.refuse_cleanup(cleanup_fn);
    if let Err(err) = scan::copy(source, target) {
        errno::set(err);
        let (source, target) = (Bytes(source.to_bytes()), Bytes(target.to_bytes()));
        site.brk(
            TBROK | TERRNO,
            format_args!("Failed to copy '{source}' to '{target}'"),
        );
    }
}

/// Makes a file if need be, and sets its times: NULL is now. A mode of 0 is left to the
/// umask.
///
/// # Safety
/// `path` and `file` are strings; `times` is NULL or has two elements.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_touch(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: OldCleanup,
    path: *const c_char,
    mode: libc::mode_t,
    times: *const libc::timespec,
) {
    // SAFETY: as the caller says.
    unsafe {
        let site = Site::new(file, lineno);
        site.refuse_cleanup(cleanup_fn);
        let shown = Str::new(path);
        let flags = libc::O_CREAT | libc::O_WRONLY | libc::O_CLOEXEC;
        let fd = libc::open(path, flags, 0o666);
        if fd == -1 {
            return site.brk(
                TBROK | TERRNO,
                format_args!("Failed to open file '{shown}'"),
            );
        }
        libc::close(fd);
        if mode != 0 && libc::chmod(path, mode) != 0 {
            return site.brk(
                TBROK | TERRNO,
                format_args!("Failed to change mode of file '{shown}'"),
            );
        }
        if libc::utimensat(libc::AT_FDCWD, path, times, 0) != 0 {
            site.brk(
                TBROK | TERRNO,
                format_args!("Failed to set the times of file '{shown}'"),
            );
        }
    }
}
