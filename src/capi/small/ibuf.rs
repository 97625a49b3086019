// SPDX-License-Identifier: BSD-2-Clause
//! `small/ibuf.h`

use crate::small::{Ibuf, SlabCache};
use core::ffi::c_void;

/// # Safety
/// See `small/ibuf.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ibuf_create(
    ibuf: *mut Ibuf,
    slabc: *mut SlabCache,
    start_capacity: usize,
) {
    // SAFETY: memory for a buffer, and the caller's cache.
    unsafe { Ibuf::create(ibuf, slabc, start_capacity) }
}

/// # Safety
/// See `small/ibuf.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ibuf_destroy(ibuf: *mut Ibuf) {
    // SAFETY: the caller's buffer.
    unsafe { Ibuf::destroy(ibuf) }
}

/// # Safety
/// See `small/ibuf.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ibuf_reinit(ibuf: *mut Ibuf) {
    // SAFETY: the caller's buffer.
    unsafe { Ibuf::reinit(ibuf) }
}

/// # Safety
/// See `small/ibuf.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ibuf_reserve_slow(ibuf: *mut Ibuf, size: usize) -> *mut c_void {
    // SAFETY: the caller's buffer.
    unsafe { Ibuf::reserve_slow(ibuf, size).cast() }
}
