// SPDX-License-Identifier: BSD-2-Clause
//! `small/obuf.h`

use crate::small::{Obuf, ObufSvp, SlabCache};
use core::ffi::c_void;

/// # Safety
/// See `small/obuf.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn obuf_create(
    buf: *mut Obuf,
    slabc: *mut SlabCache,
    start_capacity: usize,
) {
    // SAFETY: memory for a buffer, and the caller's cache.
    unsafe { Obuf::create(buf, slabc, start_capacity) }
}

/// # Safety
/// See `small/obuf.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn obuf_destroy(buf: *mut Obuf) {
    // SAFETY: the caller's buffer.
    unsafe { Obuf::destroy(buf) }
}

/// # Safety
/// See `small/obuf.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn obuf_reset(buf: *mut Obuf) {
    // SAFETY: the caller's buffer.
    unsafe { Obuf::reset(buf) }
}

/// # Safety
/// See `small/obuf.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn obuf_reserve_slow(buf: *mut Obuf, size: usize) -> *mut c_void {
    // SAFETY: the caller's buffer.
    unsafe { Obuf::reserve_slow(buf, size).cast() }
}

/// # Safety
/// See `small/obuf.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn obuf_dup(
    buf: *mut Obuf,
    data: *const c_void,
    size: usize,
) -> usize {
    // SAFETY: the caller's buffer and data.
    unsafe { Obuf::dup(buf, data, size) }
}

/// # Safety
/// See `small/obuf.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn obuf_rollback_to_svp(buf: *mut Obuf, svp: *mut ObufSvp) {
    // SAFETY: the caller's buffer, and a savepoint of it.
    unsafe { Obuf::rollback(buf, *svp) }
}
