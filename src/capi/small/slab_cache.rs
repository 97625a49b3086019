// SPDX-License-Identifier: BSD-2-Clause
//! `small/slab_cache.h`

use crate::small::{SLAB_MAGIC, Slab, SlabArena, SlabCache};

/// In the header of every slab; inlines of the headers assert it.
#[unsafe(no_mangle)]
static slab_magic: u32 = SLAB_MAGIC;

/// # Safety
/// See `small/slab_cache.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_cache_create(cache: *mut SlabCache, arena: *mut SlabArena) {
    // SAFETY: memory for a cache, and the caller's arena.
    unsafe { SlabCache::create(cache, arena) }
}

/// # Safety
/// See `small/slab_cache.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_cache_destroy(cache: *mut SlabCache) {
    // SAFETY: the caller's cache.
    unsafe { SlabCache::destroy(cache) }
}

/// # Safety
/// See `small/slab_cache.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_get(cache: *mut SlabCache, size: usize) -> *mut Slab {
    // SAFETY: the caller's cache.
    unsafe { SlabCache::get(cache, size) }
}

/// # Safety
/// See `small/slab_cache.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_get_with_order(
    cache: *mut SlabCache,
    order: u8,
) -> *mut Slab {
    // SAFETY: the caller's cache.
    unsafe { SlabCache::get_with_order(cache, order) }
}

/// # Safety
/// See `small/slab_cache.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_get_large(cache: *mut SlabCache, size: usize) -> *mut Slab {
    // SAFETY: the caller's cache.
    unsafe { SlabCache::get_large(cache, size) }
}

/// # Safety
/// See `small/slab_cache.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_put(cache: *mut SlabCache, slab: *mut Slab) {
    // SAFETY: the caller's cache, and a slab of it that is given away.
    unsafe { SlabCache::put(cache, slab) }
}

/// # Safety
/// See `small/slab_cache.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_put_with_order(cache: *mut SlabCache, slab: *mut Slab) {
    // SAFETY: as in `slab_put`.
    unsafe { SlabCache::put_with_order(cache, slab) }
}

/// # Safety
/// See `small/slab_cache.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_put_large(cache: *mut SlabCache, slab: *mut Slab) {
    // SAFETY: as in `slab_put`.
    unsafe { SlabCache::put_large(cache, slab) }
}

/// # Safety
/// See `small/slab_cache.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_cache_check(cache: *mut SlabCache) {
    // SAFETY: the caller's cache.
    unsafe { SlabCache::check(cache) }
}
