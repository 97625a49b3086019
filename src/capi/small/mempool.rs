// SPDX-License-Identifier: BSD-2-Clause
//! `small/mempool.h`

use crate::small::{Mempool, MempoolStats, Mslab, SlabCache};
use core::ffi::c_void;

/// # Safety
/// See `small/mempool.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mempool_create_with_order(
    pool: *mut Mempool,
    cache: *mut SlabCache,
    objsize: u32,
    order: u8,
) {
    // SAFETY: memory for a pool, and the caller's cache.
    unsafe { Mempool::create_with_order(pool, cache, objsize, order) }
}

/// # Safety
/// See `small/mempool.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mempool_destroy(pool: *mut Mempool) {
    // SAFETY: the caller's pool.
    unsafe { Mempool::destroy(pool) }
}

/// # Safety
/// See `small/mempool.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mempool_alloc(pool: *mut Mempool) -> *mut c_void {
    // SAFETY: the caller's pool.
    unsafe { Mempool::alloc(pool) }
}

/// # Safety
/// See `small/mempool.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mempool_stats(pool: *mut Mempool, stats: *mut MempoolStats) {
    // SAFETY: the caller's pool, and room for the result.
    unsafe { stats.write(Mempool::stats(pool)) }
}

/// # Safety
/// See `small/mempool.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mslab_free(
    pool: *mut Mempool,
    slab: *mut Mslab,
    ptr: *mut c_void,
) {
    // SAFETY: the caller's pool, and an object of this slab that is given away.
    unsafe { Mempool::slab_free(pool, slab, ptr) }
}

/// Takes an object out of a given slab, and leaves the statistics alone. In no
/// public header; exported because the reference's object exports it.
///
/// # Safety
/// `slab` is a slab of the pool with free objects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mslab_alloc(
    pool: *mut Mempool,
    slab: *mut Mslab,
) -> *mut c_void {
    // SAFETY: the caller says so.
    unsafe { Mempool::slab_alloc(pool, slab) }
}
