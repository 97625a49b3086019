// SPDX-License-Identifier: BSD-2-Clause
//! `errinj.h`

use crate::errinj::{self, Callback, Errinj};
use crate::say::fatal;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;

/// # Safety
/// `name` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn errinj_by_name(name: *mut c_char) -> *mut Errinj {
    // SAFETY: as the caller says.
    let found = errinj::by_name(unsafe { CStr::from_ptr(name) });
    found.map_or(ptr::null_mut(), |injection| {
        ptr::from_ref(injection).cast_mut()
    })
}

/// # Safety
/// `cb` may be called with `cb_ctx`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn errinj_foreach(
    cb: Option<Callback>,
    cb_ctx: *mut c_void,
) -> c_int {
    let Some(cb) = cb else {
        fatal!("errinj_foreach: no function to call")
    };
    // SAFETY: as the caller says.
    unsafe { errinj::for_each(cb, cb_ctx) }
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn errinj_set_with_environment_vars() {
    errinj::set_from_environment();
}
