// SPDX-License-Identifier: BSD-2-Clause
//! `random.h`

use crate::random;
use core::ffi::c_char;
use core::slice;

#[unsafe(no_mangle)]
pub extern "C" fn random_init() {
    random::init();
}

#[unsafe(no_mangle)]
pub extern "C" fn random_free() {
    random::free();
}

/// # Safety
/// `buf` is valid for writing `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn random_bytes(buf: *mut c_char, size: usize) {
    if size > 0 {
        // SAFETY: the caller's memory, which may be uninitialised, is filled first.
        let bytes = unsafe {
            buf.write_bytes(0, size);
            slice::from_raw_parts_mut(buf.cast(), size)
        };
        random::fill(bytes);
    }
}
