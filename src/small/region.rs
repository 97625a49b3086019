// SPDX-License-Identifier: BSD-2-Clause
//! `struct region`: memory that is allocated piece by piece and freed at once,
//! or back to a mark (spec small.md 11).
//!
//! ```text
//!   slabs ──> newest                    older                  oldest
//!             [ hdr │ used │ unused ]   [ hdr │ used │ rest ]  [ ... ]
//!                          ^
//!                          the next allocation, if it fits; else a new slab
//! ```
//!
//! * Only the newest slab is allocated from; the rest of an older one is lost
//!   until everything newer is truncated.
//! * `slabs.stats.used` is the sum of all `used`; a value of it is a mark for
//!   [`Region::truncate`].
//! * Data starts 56 bytes after the start of a slab and is packed: 8-aligned
//!   at the start, not aligned at all after odd sizes. There are aligned forms.
//!
//! An allocation costs a comparison and two additions, and sometimes a slab.
//!
//! The fast paths exist twice, here and inline in `small/region.h`.

use super::assert::c_assert;
use super::slab::{Slab, SlabList};
use super::{Rlist, SlabCache};
use crate::abi::layout;
use core::cell::Cell;
use core::ffi::c_void;
use core::ptr;

/// `struct rslab`: the header of a slab of a region.
#[repr(C)]
#[derive(Debug)]
pub struct Rslab {
    /// What every slab starts with.
    pub slab: Slab,
    /// Bytes consumed.
    pub used: Cell<u32>,
}

layout!(Rslab = "rslab", 56: slab 0, used 48);

/// `struct region`.
#[repr(C)]
#[derive(Debug)]
pub struct Region {
    /// Where slabs come from. Not owned.
    pub cache: Cell<*const SlabCache>,
    /// Newest first. `stats.used` = bytes consumed, padding included.
    pub slabs: SlabList,
}

layout!(Region = "region", 40: cache 0, slabs 8);

impl Rslab {
    /// Bytes behind the header.
    #[inline]
    fn capacity(&self) -> usize {
        self.slab.size.get() - size_of::<Rslab>()
    }

    #[inline]
    fn unused(&self) -> usize {
        self.capacity() - self.used.get() as usize
    }

    /// The first byte that is not consumed.
    #[inline]
    fn end(&self) -> *mut u8 {
        let data = ptr::from_ref(self).cast_mut().wrapping_add(1).cast::<u8>();
        data.wrapping_add(self.used.get() as usize)
    }
}

/// In these functions `this` was created, its cache is alive, and the caller is
/// the cache's thread.
impl Region {
    /// Makes an empty region. Allocates nothing.
    ///
    /// # Safety
    /// `this` is valid memory that is not moved afterwards; `cache` was created
    /// and lives longer.
    pub unsafe fn create(this: *const Region, cache: *const SlabCache) {
        // SAFETY: the caller says so.
        unsafe {
            (*this).cache.set(cache);
            (*this).slabs.create();
        }
    }

    /// Frees everything, as [`Region::free`].
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn destroy(this: *const Region) {
        // SAFETY: as ours.
        unsafe { Region::free(this) }
    }

    /// Bytes consumed, padding included.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn used(this: *const Region) -> usize {
        // SAFETY: the caller says so.
        unsafe { (*this).slabs.stats.used.get() }
    }

    /// Bytes of all slabs held.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn total(this: *const Region) -> usize {
        // SAFETY: the caller says so.
        unsafe { (*this).slabs.stats.total.get() }
    }

    /// At least `size` contiguous bytes, not consumed yet, or NULL. An
    /// allocation of no more than that returns the same address.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn reserve(this: *const Region, size: usize) -> *mut c_void {
        // SAFETY: the caller says so.
        match unsafe { &*this }.newest() {
            Some(slab) if size <= slab.unused() => slab.end().cast(),
            // SAFETY: as ours.
            _ => unsafe { Region::reserve_slow(this, size) },
        }
    }

    /// As [`Region::reserve`], always from a new slab.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn reserve_slow(this: *const Region, size: usize) -> *mut c_void {
        // SAFETY: the caller says so.
        let region = unsafe { &*this };
        // `used` has 32 bits (spec small.md 20, quirk 10).
        if size > u32::MAX as usize - size_of::<Rslab>() {
            return ptr::null_mut();
        }
        let header = size_of::<Rslab>() - size_of::<Slab>();
        // SAFETY: the cache is alive and this is its thread; a slab of a
        // region starts with an `Rslab`.
        let slab =
            unsafe { SlabCache::get(region.cache.get(), size + header).cast::<Rslab>() };
        // SAFETY: NULL, or large enough for the header.
        let Some(slab) = (unsafe { slab.as_ref() }) else {
            return ptr::null_mut();
        };
        slab.used.set(0);
        // SAFETY: the link of a slab handed out is ours.
        unsafe { region.slabs.add(&slab.slab, &slab.slab.next_in_list) };
        slab.end().cast()
    }

    /// Consumes `size` bytes; NULL with nothing changed on failure. The
    /// alignment is whatever the last allocation left.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn alloc(this: *const Region, size: usize) -> *mut c_void {
        // SAFETY: as ours.
        let start = unsafe { Region::reserve(this, size) };
        if !start.is_null() {
            // SAFETY: as ours.
            unsafe { &*this }.consume(size);
        }
        start
    }

    /// As [`Region::reserve`], aligned to `alignment`, a power of two.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn aligned_reserve(
        this: *const Region,
        size: usize,
        alignment: usize,
    ) -> *mut c_void {
        // The worst case is reserved, so whether a new slab is taken does not
        // depend on the padding.
        // SAFETY: as ours.
        let start = unsafe { Region::reserve(this, size.saturating_add(alignment - 1)) };
        start.map_addr(|address| address.next_multiple_of(alignment))
    }

    /// As [`Region::alloc`], aligned to `alignment`, a power of two. The
    /// padding is consumed, too.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn aligned_alloc(
        this: *const Region,
        size: usize,
        alignment: usize,
    ) -> *mut c_void {
        // SAFETY: as ours.
        let start = unsafe { Region::aligned_reserve(this, size, alignment) };
        // SAFETY: as ours.
        let region = unsafe { &*this };
        if let (false, Some(slab)) = (start.is_null(), region.newest()) {
            region.consume(start.addr() - slab.end().addr() + size);
        }
        start
    }

    /// Forgets the contents of the newest slab, and of no other (spec small.md
    /// 20, quirk 1). Keeps all slabs.
    ///
    /// # Safety
    /// See the head of this block; nobody uses the contents any more.
    pub unsafe fn reset(this: *const Region) {
        // SAFETY: the caller says so.
        let region = unsafe { &*this };
        if let Some(slab) = region.newest() {
            region
                .slabs
                .stats
                .used
                .update(|used| used - slab.used.get() as usize);
            slab.used.set(0);
        }
    }

    /// Gives back all slabs. The region stays usable.
    ///
    /// # Safety
    /// See the head of this block; nobody uses the contents any more.
    #[inline]
    pub unsafe fn free(this: *const Region) {
        // SAFETY: the caller says so. The iterator has the successor before a
        // slab is given back.
        unsafe {
            let region = &*this;
            if Rlist::is_empty(&region.slabs.slabs) {
                // Then nothing is used, either.
                return;
            }
            for link in Rlist::iter(&region.slabs.slabs) {
                SlabCache::put(region.cache.get(), Slab::from_list_link(link));
            }
            region.slabs.create();
        }
    }

    /// Drops everything that was allocated after [`Region::used`] was `size`.
    /// Newest slabs without contents are given back, too, so reserved memory
    /// is not valid any more.
    ///
    /// # Safety
    /// See the head of this block; nobody uses what is dropped.
    pub unsafe fn truncate(this: *const Region, size: usize) {
        // SAFETY: the caller says so.
        let region = unsafe { &*this };
        c_assert!(region.slabs.stats.used.get() >= size);
        let mut cut = region.slabs.stats.used.get() - size;
        while let Some(slab) = region.newest() {
            let used = slab.used.get() as usize;
            if used > cut {
                slab.used.set((used - cut) as u32);
                cut = 0;
                break;
            }
            cut -= used;
            // SAFETY: one of our slabs, and the caller does not use it.
            unsafe {
                region.slabs.del(&slab.slab, &slab.slab.next_in_list);
                SlabCache::put(region.cache.get(), ptr::from_ref(&slab.slab).cast_mut());
            }
        }
        c_assert!(cut == 0);
        region.slabs.stats.used.set(size);
    }

    /// The last `size` bytes consumed, contiguous: in place, or, if they are
    /// spread over slabs, as a copy that is consumed in addition. NULL with
    /// nothing changed on failure.
    ///
    /// # Safety
    /// See the head of this block; at most [`Region::used`] bytes.
    pub unsafe fn join(this: *const Region, size: usize) -> *mut c_void {
        // SAFETY: the caller says so.
        let region = unsafe { &*this };
        let Some(newest) = region.newest() else {
            c_assert!(size == 0);
            // SAFETY: as ours.
            return unsafe { Region::alloc(this, 0) };
        };
        if size <= newest.used.get() as usize {
            return newest.end().wrapping_sub(size).cast();
        }
        // The copy may fit behind the last piece, or open a new slab; the
        // pieces stay where they are, starting with `newest`.
        // SAFETY: as ours.
        let copy = unsafe { Region::reserve(this, size) };
        if copy.is_null() {
            return copy;
        }
        let mut left = size;
        let mut link = ptr::from_ref(&newest.slab.next_in_list).cast_mut();
        while left > 0 {
            c_assert!(!ptr::eq(link, &region.slabs.slabs));
            // SAFETY: an element of the list of slabs. The piece lies before
            // what is unused, hence does not overlap the copy, and the last
            // `left` bytes of the copy are still to be written.
            unsafe {
                let slab = &*Slab::from_list_link(link).cast::<Rslab>();
                let piece = left.min(slab.used.get() as usize);
                left -= piece;
                let from = slab.end().wrapping_sub(piece);
                ptr::copy_nonoverlapping(from, copy.cast::<u8>().add(left), piece);
                link = Rlist::next(link);
            }
        }
        region.consume(size);
        copy
    }

    /// The only slab that is allocated from.
    #[inline]
    fn newest(&self) -> Option<&Rslab> {
        let head = &self.slabs.slabs;
        // SAFETY: the slabs of a region start with an `Rslab`.
        unsafe {
            let first = Rlist::first(head);
            (!ptr::eq(first, head)).then(|| &*Slab::from_list_link(first).cast::<Rslab>())
        }
    }

    /// Consumes `size` reserved bytes.
    #[inline]
    fn consume(&self, size: usize) {
        if let Some(slab) = self.newest() {
            slab.used.update(|used| used + size as u32);
            self.slabs.stats.used.update(|used| used + size);
        }
    }
}
