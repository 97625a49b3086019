// SPDX-License-Identifier: BSD-2-Clause
//! The calling thread's `errno`.

use core::ffi::c_int;

/// Its present value.
#[inline]
pub fn get() -> c_int {
    // SAFETY: the C library returns a valid address in every thread.
    unsafe { *libc::__errno_location() }
}

/// Overwrites it.
#[inline]
pub fn set(value: c_int) {
    // SAFETY: as above; the location belongs to this thread alone.
    unsafe { *libc::__errno_location() = value }
}
