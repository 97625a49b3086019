// SPDX-License-Identifier: BSD-2-Clause
//! `cordage/arena.h`

use crate::small::{ArenaStats, SlabArena};

/// # Safety
/// See `cordage/arena.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cordage_arena_stats(
    arena: *mut SlabArena,
    stats: *mut ArenaStats,
) {
    // SAFETY: the caller's arena, and room for the result.
    unsafe { stats.write((*arena).stats()) }
}

/// # Safety
/// See `cordage/arena.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cordage_arena_trim(arena: *mut SlabArena) -> usize {
    // SAFETY: the caller's arena.
    unsafe { SlabArena::trim(arena) }
}
