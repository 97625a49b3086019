// SPDX-License-Identifier: BSD-2-Clause
//! `small/small.h`

use crate::small::{
    Mempool, MempoolIterator, MempoolStats, SlabCache, SmallAlloc, SmallStats, c_assert,
};
use core::ffi::{c_int, c_uint, c_void};

/// # Safety
/// See `small/small.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn small_alloc_create(
    alloc: *mut SmallAlloc,
    cache: *mut SlabCache,
    objsize_min: u32,
    alloc_factor: f32,
    actual_alloc_factor: *mut f32,
) {
    // SAFETY: memory for an allocator, the caller's cache, and room for the
    // result.
    unsafe {
        actual_alloc_factor.write(SmallAlloc::create(
            alloc,
            cache,
            objsize_min,
            alloc_factor,
        ));
    }
}

/// # Safety
/// See `small/small.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn small_alloc_setopt(
    alloc: *mut SmallAlloc,
    opt: c_uint,
    val: bool,
) {
    const SMALL_DELAYED_FREE_MODE: c_uint = 0;
    c_assert!(opt == SMALL_DELAYED_FREE_MODE);
    if opt == SMALL_DELAYED_FREE_MODE {
        // SAFETY: the caller's allocator.
        unsafe { SmallAlloc::set_delayed_free(alloc, val) };
    }
}

/// # Safety
/// See `small/small.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn small_alloc_destroy(alloc: *mut SmallAlloc) {
    // SAFETY: the caller's allocator.
    unsafe { SmallAlloc::destroy(alloc) }
}

/// # Safety
/// See `small/small.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn smalloc(alloc: *mut SmallAlloc, size: usize) -> *mut c_void {
    // SAFETY: the caller's allocator.
    unsafe { SmallAlloc::alloc(alloc, size) }
}

/// # Safety
/// See `small/small.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn smfree(alloc: *mut SmallAlloc, ptr: *mut c_void, size: usize) {
    // SAFETY: the caller's allocator, and an object that is given away.
    unsafe { SmallAlloc::free(alloc, ptr, size) }
}

/// # Safety
/// See `small/small.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn smfree_delayed(
    alloc: *mut SmallAlloc,
    ptr: *mut c_void,
    size: usize,
) {
    // SAFETY: the caller's allocator, and an object that is given away.
    unsafe { SmallAlloc::free_delayed(alloc, ptr, size) }
}

/// `mempool_stats_cb`
type StatsCallback =
    unsafe extern "C-unwind" fn(*const MempoolStats, *mut c_void) -> c_int;

/// # Safety
/// See `small/small.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn small_stats(
    alloc: *mut SmallAlloc,
    totals: *mut SmallStats,
    cb: StatsCallback,
    cb_ctx: *mut c_void,
) {
    // SAFETY: the caller's allocator and callback, and room for the result.
    unsafe { totals.write(SmallAlloc::stats(alloc, |stats| cb(stats, cb_ctx) == 0)) }
}

/// Starts to walk the pools. In no public header; exported because the
/// reference's object exports it.
///
/// # Safety
/// Room for the iterator, and an allocator that outlives it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mempool_iterator_create(
    it: *mut MempoolIterator,
    alloc: *mut SmallAlloc,
) {
    // SAFETY: the caller says so.
    unsafe { it.write(MempoolIterator::new(alloc)) }
}

/// The next pool, smallest objects first; NULL at the end.
///
/// # Safety
/// `it` was created, and its allocator is alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mempool_iterator_next(it: *mut MempoolIterator) -> *mut Mempool {
    // SAFETY: the caller says so.
    unsafe { (*it).next() }
}
