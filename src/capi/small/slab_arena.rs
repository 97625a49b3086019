// SPDX-License-Identifier: BSD-2-Clause
//! `small/slab_arena.h`

use crate::small::{Quota, SlabArena};
use core::ffi::{c_int, c_void};

/// # Safety
/// See `small/slab_arena.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_arena_create(
    arena: *mut SlabArena,
    quota: *mut Quota,
    prealloc: usize,
    slab_size: u32,
    flags: c_int,
) -> c_int {
    // SAFETY: the caller's arena and quota.
    unsafe { SlabArena::create(arena, quota, prealloc, slab_size, flags) }
}

/// # Safety
/// See `small/slab_arena.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_arena_destroy(arena: *mut SlabArena) {
    // SAFETY: the caller's arena.
    unsafe { SlabArena::destroy(arena) }
}

/// # Safety
/// See `small/slab_arena.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_map(arena: *mut SlabArena) -> *mut c_void {
    // SAFETY: the caller's arena.
    unsafe { SlabArena::map(arena) }
}

/// # Safety
/// See `small/slab_arena.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_unmap(arena: *mut SlabArena, ptr: *mut c_void) {
    // SAFETY: the caller's arena, and a block of it that is given away.
    unsafe { SlabArena::unmap(arena, ptr) }
}

/// # Safety
/// See `small/slab_arena.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slab_arena_mprotect(arena: *mut SlabArena) {
    // SAFETY: the caller's arena.
    unsafe { SlabArena::mprotect(arena) }
}
