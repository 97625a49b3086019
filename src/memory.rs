// SPDX-License-Identifier: BSD-2-Clause
//! The arena `runtime`, where every cord's memory comes from (spec fiber.md
//! 22.2, small.md 13.1).

use crate::small::{QUOTA_MAX, Quota, SlabArena};

/// Blocks of the arena; also the largest stack that is not a block of malloc.
const BLOCK: u32 = 4 * 1024 * 1024;

/// C programs know it by this name; all zeros before `memory_init`.
#[unsafe(export_name = "runtime")]
static RUNTIME: SlabArena = SlabArena::zeroed();

static QUOTA: Quota = Quota::zeroed();

/// The arena.
pub fn runtime() -> &'static SlabArena {
    &RUNTIME
}

/// `memory_init`: an arena without limit that maps its blocks on demand.
///
/// # Safety
/// Nobody uses the arena yet.
pub unsafe fn init() {
    QUOTA.init(QUOTA_MAX);
    // SAFETY: as the caller says. Without preallocation creation cannot fail.
    unsafe { SlabArena::create(&RUNTIME, &QUOTA, 0, BLOCK, libc::MAP_PRIVATE) };
}
