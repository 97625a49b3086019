// SPDX-License-Identifier: BSD-2-Clause
//! `diag.h`, and what the C++ classes of `exception.h` need from below.

use crate::cord;
use crate::diag::{self, Diag, Error, Operation, TypeInfo};
use crate::stdio::{VaArgs, vsnprintf};
use core::ffi::{c_char, c_uint, c_void};
use core::ptr;

/// Exported by the reference and used by nobody.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the reference's name")]
static mut error_factory: *mut c_void = ptr::null_mut();

/// The area of the current fiber; a panic in a thread without a cord.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn diag_get() -> *mut Diag {
    ptr::from_ref(diag::current("diag_get")).cast_mut()
}

/// # Safety
/// `e` points to memory for an error; `file` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn error_create(
    e: *mut Error,
    destroy: Option<Operation>,
    raise: Option<Operation>,
    log: Option<Operation>,
    type_info: *const TypeInfo,
    file: *const c_char,
    line: c_uint,
) {
    // SAFETY: as the caller says.
    unsafe { Error::create(e, [destroy, raise, log], type_info, file, line) };
}

/// # Safety
/// `e` is an error; `format` and `ap` are as for vprintf(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn error_vformat_msg(
    e: *mut Error,
    format: *const c_char,
    ap: VaArgs,
) {
    // SAFETY: as the caller says; the text has that size.
    unsafe { vsnprintf(Error::message(e), diag::MESSAGE_SIZE, format, ap) };
}

/// For `FiberIsCancelled::log`: the name of the current fiber, empty without a cord.
#[unsafe(no_mangle)]
pub extern "C" fn cordage_fiber_name() -> *const c_char {
    cord::whereabouts().map_or(c"".as_ptr(), |place| place.fiber_name)
}
