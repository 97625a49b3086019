// SPDX-License-Identifier: BSD-2-Clause
//! `struct slab_arena`: where all memory of the fiber core comes from: blocks
//! of one size, aligned to that size, for any thread (spec small.md 8).
//!
//! ```text
//!   slab_map:   1. cached block  <── slab_unmap
//!               2. next block of the preallocated area ─┐ both charge the
//!               3. a new mapping                        ┘ quota and `used`
//!
//!   preallocated area                       mapped one by one
//!   [ block ][ block ][ block ][ block ]    [ block ]  [ block ] ...
//!   <───────── used, at first ────────>     <── used, afterwards ──
//! ```
//!
//! Invariants:
//!
//! * A block, once obtained, stays mapped until the arena is destroyed:
//!   [`LfLifo`] relies on it. So `used` and the quota's share never fall; a
//!   returned block waits in `cache` for whoever maps next.
//! * `used` = bytes of blocks handed out + bytes of blocks in `cache`.
//!
//! Cost: a cached block is one compare-and-swap, a new one an `mmap`. Memory
//! of cached blocks stays resident; [`SlabArena::trim`] gives it back.

use super::assert::c_assert;
use super::lf_lifo::LfLifo;
use super::{Quota, page_size};
use crate::abi::layout;
use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicUsize, Ordering};

/// The smallest block: the counter of [`LfLifo`] needs 16 address bits.
pub const SLAB_MIN_SIZE: usize = super::lf_lifo::ALIGNMENT;

/// In every normalised value of `flags`.
const MARK: c_int = 0x8000_0000_u32 as c_int;
/// Blocks are private to the process.
pub const SLAB_ARENA_PRIVATE: c_int = MARK | 1;
/// Blocks are shared with children after `fork`.
pub const SLAB_ARENA_SHARED: c_int = MARK | 2;
/// Blocks are left out of core dumps.
pub const SLAB_ARENA_DONTDUMP: c_int = MARK | 4;

/// `struct slab_arena`.
#[repr(C)]
#[derive(Debug)]
pub struct SlabArena {
    /// Returned blocks.
    pub cache: LfLifo,
    /// Start of the preallocated area, or NULL.
    pub arena: Cell<*mut c_void>,
    /// Its size, a multiple of `slab_size`.
    pub prealloc: Cell<usize>,
    /// Bytes of blocks ever handed out.
    pub used: AtomicUsize,
    /// What blocks are charged to, except for the preallocation itself. Not
    /// owned; other arenas may share it.
    pub quota: Cell<*const Quota>,
    /// Bytes of a block, a power of two.
    pub slab_size: Cell<u32>,
    /// Normalised `SLAB_ARENA_*` flags.
    pub flags: Cell<c_int>,
}

layout!(SlabArena = "slab_arena", 48: cache 0, arena 8, prealloc 16, used 24, quota 32,
    slab_size 40, flags 44);

/// `struct cordage_arena_stats`, in bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArenaStats {
    /// Address space of blocks, handed out or not.
    pub mapped: usize,
    /// Blocks handed out.
    pub in_use: usize,
    /// Blocks in the cache.
    pub cached: usize,
}

// SAFETY: the cells are written by `create` alone, which is exclusive; what
// changes afterwards is atomic.
unsafe impl Sync for SlabArena {}

impl SlabArena {
    /// All bytes 0; [`SlabArena::create`] makes it usable.
    pub const fn zeroed() -> SlabArena {
        SlabArena {
            cache: LfLifo {
                next: AtomicUsize::new(0),
            },
            arena: Cell::new(ptr::null_mut()),
            prealloc: Cell::new(0),
            used: AtomicUsize::new(0),
            quota: Cell::new(ptr::null()),
            slab_size: Cell::new(0),
            flags: Cell::new(0),
        }
    }

    /// Sets up an arena and maps `prealloc` bytes of it, at most what `quota`
    /// allows, rounded up to whole blocks. `slab_size` is rounded up to a power
    /// of two of at least 64 KiB; `flags` are `SLAB_ARENA_*`, or `MAP_PRIVATE`
    /// or `MAP_SHARED`.
    ///
    /// Returns 0, or -1 if the preallocation cannot be mapped (errno from
    /// `mmap`) or `slab_size` exceeds 2 GiB (then errno is left alone).
    ///
    /// # Safety
    /// `this` and `quota` are valid, the quota for as long as the arena; nobody
    /// else uses `this` yet.
    pub unsafe fn create(
        this: *const SlabArena,
        quota: *const Quota,
        prealloc: usize,
        slab_size: u32,
        flags: c_int,
    ) -> i32 {
        // SAFETY: the caller says so.
        let (arena, limit) = unsafe { (&*this, (*quota).total()) };
        let Some(slab_size) = slab_size
            .max(SLAB_MIN_SIZE as u32)
            .checked_next_power_of_two()
        else {
            return -1;
        };
        let size = slab_size as usize;
        let prealloc = prealloc
            .min(limit)
            .min(usize::MAX - size)
            .next_multiple_of(size);

        arena.cache.next.store(0, Ordering::Relaxed);
        arena.arena.set(ptr::null_mut());
        arena.prealloc.set(prealloc);
        arena.used.store(0, Ordering::Relaxed);
        arena.quota.set(quota);
        arena.slab_size.set(slab_size);
        arena.flags.set(normalise(flags));
        if prealloc != 0 {
            let Some(area) = arena.map_pages(prealloc) else {
                return -1;
            };
            arena.arena.set(area.as_ptr());
        }
        0
    }

    /// Unmaps everything. All blocks have been returned; in release builds,
    /// blocks that were not are leaked, unless they lie in the preallocated
    /// area. The quota is not given back.
    ///
    /// # Safety
    /// `this` was created, and no thread uses it or its memory any more.
    pub unsafe fn destroy(this: *const SlabArena) {
        // SAFETY: the caller says so.
        let arena = unsafe { &*this };
        let mut returned = 0;
        while let Some(block) = arena.cache.pop() {
            returned += arena.block_size();
            if !arena.is_preallocated(block) {
                // SAFETY: `map` made this mapping, and it is not in use.
                unsafe { unmap_pages(block.as_ptr(), arena.block_size()) };
            }
        }
        c_assert!(returned == arena.used.load(Ordering::Relaxed));
        if let Some(area) = NonNull::new(arena.arena.get()) {
            // SAFETY: `create` made this mapping, and it is not in use.
            unsafe { unmap_pages(area.as_ptr(), arena.prealloc.get()) };
        }
    }

    /// A block of `slab_size` bytes aligned to `slab_size`, or NULL with
    /// nothing changed: the quota is exhausted (errno untouched) or the kernel
    /// refuses (errno from `mmap`). The contents are unspecified. Any thread.
    ///
    /// # Safety
    /// `this` was created and not destroyed.
    pub unsafe fn map(this: *const SlabArena) -> *mut c_void {
        // SAFETY: the caller says so.
        let arena = unsafe { &*this };
        if let Some(block) = arena.cache.pop() {
            return block.as_ptr();
        }
        // SAFETY: the quota outlives the arena.
        let quota = unsafe { &*arena.quota.get() };
        let size = arena.block_size();
        if quota.use_bytes(size) < 0 {
            return ptr::null_mut();
        }
        let offset = arena.used.fetch_add(size, Ordering::SeqCst);
        if offset + size <= arena.prealloc.get() {
            return arena.arena.get().wrapping_byte_add(offset);
        }
        match arena.map_pages(size) {
            Some(block) => block.as_ptr(),
            None => {
                arena.used.fetch_sub(size, Ordering::SeqCst);
                quota.release(size);
                ptr::null_mut()
            }
        }
    }

    /// Returns a block for reuse; it will be the first one. NULL is ignored.
    /// Any thread.
    ///
    /// # Safety
    /// `ptr` came from [`SlabArena::map`] of this arena and is not in use.
    pub unsafe fn unmap(this: *const SlabArena, ptr: *mut c_void) {
        if let Some(block) = NonNull::new(ptr) {
            // SAFETY: a block is aligned to 64 KiB at least and stays mapped
            // until `destroy`; the caller gives it away.
            unsafe { (*this).cache.push(block) };
        }
    }

    /// Makes the preallocated area read-only.
    ///
    /// # Safety
    /// `this` was created; whoever writes to the area afterwards is killed.
    pub unsafe fn mprotect(this: *const SlabArena) {
        // SAFETY: the caller says so.
        let arena = unsafe { &*this };
        if !arena.arena.get().is_null() {
            // SAFETY: the caller expects the area to become read-only. An
            // error is ignored (spec small.md 8.3).
            unsafe {
                libc::mprotect(arena.arena.get(), arena.prealloc.get(), libc::PROT_READ)
            };
        }
    }

    /// Gives the resident memory of all cached blocks, except for the first
    /// page of each, back to the kernel. Returns how many bytes that were. The
    /// blocks stay mapped and cached, in the same order.
    ///
    /// The blocks are off the cache meanwhile, so a thread that calls
    /// [`SlabArena::map`] at that moment gets a new one, or NULL if the quota
    /// does not allow that. Any thread.
    ///
    /// # Safety
    /// `this` was created and not destroyed.
    pub unsafe fn trim(this: *const SlabArena) -> usize {
        // SAFETY: the caller says so.
        let arena = unsafe { &*this };
        let trimmed = LfLifo {
            next: AtomicUsize::new(0),
        };
        let mut given_back = 0;
        while let Some(block) = arena.cache.pop() {
            given_back += arena.release_pages(block);
            // SAFETY: a block, and ours since it was popped.
            unsafe { trimmed.push(block) };
        }
        while let Some(block) = trimmed.pop() {
            // SAFETY: as above.
            unsafe { arena.cache.push(block) };
        }
        given_back
    }

    /// How much memory the arena holds. Any thread; while others map and unmap,
    /// the figures are of slightly different moments.
    pub fn stats(&self) -> ArenaStats {
        let cached = self.cache.len() * self.block_size();
        let used = self.used.load(Ordering::SeqCst);
        ArenaStats {
            mapped: used.max(self.prealloc.get()),
            in_use: used.saturating_sub(cached),
            cached,
        }
    }

    fn block_size(&self) -> usize {
        self.slab_size.get() as usize
    }

    fn is_preallocated(&self, block: NonNull<c_void>) -> bool {
        block.addr().get().wrapping_sub(self.arena.get().addr()) < self.prealloc.get()
    }

    fn has(&self, flag: c_int) -> bool {
        self.flags.get() & flag == flag
    }

    /// Drops the pages of a free block, except for the first: the words that
    /// link it into the cache lie there, and would fault it in again at once.
    fn release_pages(&self, block: NonNull<c_void>) -> usize {
        let page = page_size();
        // SAFETY: blocks are larger than a page.
        let start = unsafe { block.as_ptr().byte_add(page) };
        let size = self.block_size() - page;
        let resident = resident_bytes(start, size);
        // Shared memory is only detached from this process by DONTNEED.
        let advice = if self.has(SLAB_ARENA_PRIVATE) {
            libc::MADV_DONTNEED
        } else {
            libc::MADV_REMOVE
        };
        // SAFETY: the contents of a free block belong to nobody. The kernel
        // refuses for locked memory, which then stays.
        match unsafe { libc::madvise(start, size, advice) } {
            0 => resident,
            _ => 0,
        }
    }

    /// Maps `size` bytes aligned to `slab_size` as `flags` say. The mapping
    /// starts and ends exactly there, so that it can be unmapped, and be found
    /// in `/proc/self/smaps`, as one.
    fn map_pages(&self, size: usize) -> Option<NonNull<c_void>> {
        let visibility = if self.has(SLAB_ARENA_PRIVATE) {
            libc::MAP_PRIVATE
        } else {
            libc::MAP_SHARED
        };
        let start = map_aligned(size, self.block_size(), visibility)?;
        if self.has(SLAB_ARENA_DONTDUMP) {
            // SAFETY: our own fresh mapping; the advice changes no contents.
            let rc = unsafe { libc::madvise(start.as_ptr(), size, libc::MADV_DONTDUMP) };
            if rc != 0 {
                complain(c"cordage: a slab arena stays in core dumps: madvise");
            }
        }
        Some(start)
    }
}

/// Flags given as for `mmap` become `SLAB_ARENA_*`. Only exactly `MAP_PRIVATE`
/// means private (spec small.md 20, quirk 5).
fn normalise(flags: c_int) -> c_int {
    if flags & MARK != 0 {
        c_assert!(flags & (SLAB_ARENA_PRIVATE | SLAB_ARENA_SHARED) != MARK);
        return flags;
    }
    c_assert!(flags & (libc::MAP_PRIVATE | libc::MAP_SHARED) != 0);
    if flags == libc::MAP_PRIVATE {
        SLAB_ARENA_PRIVATE
    } else {
        SLAB_ARENA_SHARED
    }
}

/// Maps anonymous memory; None with the kernel's errno.
fn map_anywhere(size: usize, visibility: c_int) -> Option<NonNull<c_void>> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = visibility | libc::MAP_ANONYMOUS;
    // SAFETY: a mapping at an address of the kernel's choice replaces nothing.
    let start = unsafe { libc::mmap(ptr::null_mut(), size, protection, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        None
    } else {
        NonNull::new(start)
    }
}

/// As [`map_anywhere`], with `alignment`, a power of two. The kernel often puts
/// a mapping right below the last one, hence aligned; if not, a larger one is
/// made and trimmed at both ends.
fn map_aligned(
    size: usize,
    alignment: usize,
    visibility: c_int,
) -> Option<NonNull<c_void>> {
    // How far it is to the next aligned address.
    let gap =
        |start: NonNull<c_void>| start.addr().get().wrapping_neg() & (alignment - 1);
    let start = map_anywhere(size, visibility)?;
    if gap(start) == 0 {
        return Some(start);
    }
    // SAFETY: made above, used by nobody.
    unsafe { unmap_pages(start.as_ptr(), size) };

    let start = map_anywhere(size.checked_add(alignment)?, visibility)?;
    let head = gap(start);
    // SAFETY: head + size + tail is the mapping made above; head and tail are
    // used by nobody. `head` is less than `alignment`, so the tail is not empty.
    unsafe {
        let aligned = start.as_ptr().byte_add(head);
        if head != 0 {
            unmap_pages(start.as_ptr(), head);
        }
        unmap_pages(aligned.byte_add(size), alignment - head);
        Some(NonNull::new_unchecked(aligned))
    }
}

/// # Safety
/// Nobody uses the pages.
unsafe fn unmap_pages(start: *mut c_void, size: usize) {
    // SAFETY: the caller says so.
    let rc = unsafe { libc::munmap(start, size) };
    if rc != 0 {
        complain(c"cordage: a slab arena cannot unmap memory: munmap");
    }
    c_assert!(rc == 0);
}

/// How much of a mapped area is in memory. Nothing, if the kernel does not say.
fn resident_bytes(start: *mut c_void, size: usize) -> usize {
    let page = page_size();
    let mut pages = 0;
    let mut resident = [0_u8; 1024];
    for offset in (0..size).step_by(resident.len() * page) {
        let chunk = (size - offset).min(resident.len() * page);
        // SAFETY: inside the area, and the buffer has a byte for each page.
        let rc = unsafe {
            libc::mincore(
                start.wrapping_byte_add(offset),
                chunk,
                resident.as_mut_ptr(),
            )
        };
        if rc == 0 {
            pages += resident[..chunk / page]
                .iter()
                .filter(|&&state| state & 1 != 0)
                .count();
        }
    }
    pages * page
}

/// A line on stderr that ends with the text of errno.
fn complain(what: &'static core::ffi::CStr) {
    // SAFETY: a terminated string.
    unsafe { libc::perror(what.as_ptr()) };
}
