// SPDX-License-Identifier: BSD-2-Clause
//! `unit.h`

use crate::stdio::VaArgs;
use crate::unit;
use core::ffi::{c_char, c_int};
use libc::FILE;

#[unsafe(no_mangle)]
pub extern "C-unwind" fn plan(count: c_int) {
    unit::plan(count);
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn check_plan() -> c_int {
    unit::check_plan()
}

/// # Safety
/// `stream` is an open stream.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn _space(stream: *mut FILE) {
    // SAFETY: as the caller says.
    unsafe { unit::indent(stream) };
}

/// What is behind `_ok`'s ellipsis.
///
/// # Safety
/// `fmt` and `ap` are as for vprintf(3).
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_vok(
    condition: c_int,
    fmt: *const c_char,
    ap: VaArgs,
) {
    // SAFETY: as the caller says.
    unsafe { unit::vok(condition != 0, fmt, ap) };
}
