// SPDX-License-Identifier: BSD-2-Clause
//! Blocks of the arena that are cut into stacks of one size.
//!
//! A slab has its header in its first page, the guard is in the second, and the stack
//! comes after that. Of a fiber that waits, one page of stack is in use; a page for 48
//! bytes of header would double that. So where the slab cache would have to split a
//! fresh block for a stack, the block is cut here instead, by a bitmap in the first page
//! of the block:
//!
//! ```text
//!   block
//!   | slab header, Cut │ guard │ stack 0 |         │ guard │ stack 1 | ...
//!   |<------ size of a slab ------------>|<- never touched
//! ```
//!
//! The cache's books look as if it had split the block. What it has in smaller pieces when
//! a cord makes its first stacks is used up first; later it is left to others. A block
//! without stacks goes back to the cache.

use crate::small::{Rlist, Slab, SlabCache};
use core::cell::Cell;
use core::mem::offset_of;

/// The most slabs a block is cut into: 4 MiB into pieces of 16 KiB, less than which is no
/// stack.
const SLABS_MAX: usize = 256;
/// The fewest: below that a page for each does not matter.
const SLABS_MIN: usize = 4;
const WORD: usize = u64::BITS as usize;
/// One more than the highest order of slabs.
const ORDERS: usize = 17;

/// What is known about a block; behind the slab header at its start.
#[repr(C)]
struct Cut {
    slab: Slab,
    /// In the depot's list, while a slab is free.
    link: Rlist,
    /// A bit for each slab, set if it is free.
    free: [Cell<u64>; SLABS_MAX / WORD],
    free_count: Cell<usize>,
    count: usize,
}

/// The blocks of one cord that have room for stacks, by the order of their slabs.
pub struct Depot {
    with_room: [Rlist; ORDERS],
    /// A bit for each order of which a block was cut.
    cut: Cell<u32>,
}

impl Depot {
    /// Makes an empty one in place: it may not move.
    ///
    /// # Safety
    /// `this` points to writable memory for one.
    pub unsafe fn create(this: *mut Depot) {
        for order in 0..ORDERS {
            // SAFETY: as the caller says.
            unsafe { Rlist::create(&raw mut (*this).with_room[order]) };
        }
        // SAFETY: as above.
        unsafe { (&raw mut (*this).cut).write(Cell::new(0)) };
    }

    /// A slab of `order`, without a header; or None: the cache has it, or nobody.
    ///
    /// # Safety
    /// `slabc` is the cache of the cord, which owns both.
    pub unsafe fn take(&self, slabc: *mut SlabCache, order: u8) -> Option<*mut Slab> {
        // SAFETY: as the caller says; the lists link cuts.
        unsafe {
            let whole = (*slabc).order_max.get();
            let count = 1usize << (whole.checked_sub(order)?);
            if !(SLABS_MIN..=SLABS_MAX).contains(&count) {
                return None;
            }
            let room = &self.with_room[order as usize];
            if Rlist::is_empty(room) {
                if self.cut.get() & 1 << order == 0 && SlabCache::has_part(slabc, order) {
                    return None;
                }
                let cut = Cut::new(slabc, order, count)?;
                self.cut.set(self.cut.get() | 1 << order);
                Rlist::add(room, &raw const (*cut).link);
            }
            let cut = Cut::of_link(Rlist::first(room));
            let at = (*cut).take();
            if (*cut).free_count.get() == 0 {
                Rlist::del(&raw const (*cut).link);
            }
            SlabCache::count_cut(slabc, order, true);
            Some(
                cut.cast::<Slab>()
                    .wrapping_byte_add(at * (*cut).slab.size.get()),
            )
        }
    }

    /// Gives a slab back.
    ///
    /// # Safety
    /// As for [`Depot::take`], which it came from; nobody uses it any more.
    pub unsafe fn give(&self, slabc: *mut SlabCache, slab: *mut Slab) {
        // SAFETY: as the caller says.
        unsafe {
            let cut = Cut::of_slab(slabc, slab);
            let offset = slab.addr() - cut.addr();
            let order = (*cut).slab.order.get();
            SlabCache::count_cut(slabc, order, false);
            if (*cut).free_count.get() == 0 {
                Rlist::add(
                    &raw const self.with_room[order as usize],
                    &raw const (*cut).link,
                );
            }
            (*cut).give(offset / (*cut).slab.size.get());
            if (*cut).free_count.get() == (*cut).count {
                Rlist::del(&raw const (*cut).link);
                SlabCache::put_block(slabc, cut.cast());
            }
        }
    }

    /// The order and the size of a slab, which has no header that says them.
    ///
    /// # Safety
    /// As for [`Depot::give`].
    pub unsafe fn order_and_size(slabc: *mut SlabCache, slab: *mut Slab) -> (u8, usize) {
        // SAFETY: as the caller says.
        let header = unsafe { &(*Cut::of_slab(slabc, slab)).slab };
        (header.order.get(), header.size.get())
    }
}

impl Cut {
    /// # Safety
    /// As for [`Depot::take`].
    #[cold]
    unsafe fn new(slabc: *mut SlabCache, order: u8, count: usize) -> Option<*mut Cut> {
        // SAFETY: a block has room for more than this.
        unsafe {
            let cut = SlabCache::get_block(slabc, order).cast::<Cut>();
            if cut.is_null() {
                return None;
            }
            for (i, word) in (*cut).free.iter().enumerate() {
                let bits = count.saturating_sub(i * WORD).min(WORD) as u32;
                word.set(u64::MAX.checked_shr(WORD as u32 - bits).unwrap_or(0));
            }
            (*cut).free_count.set(count);
            (&raw mut (*cut).count).write(count);
            Some(cut)
        }
    }

    /// # Safety
    /// `slab` lies in a block that was cut.
    unsafe fn of_slab(slabc: *mut SlabCache, slab: *mut Slab) -> *mut Cut {
        // SAFETY: a live cache.
        let block_size = unsafe { (*slabc).order_size((*slabc).order_max.get()) };
        slab.wrapping_byte_sub(slab.addr() % block_size).cast()
    }

    fn of_link(link: *mut Rlist) -> *mut Cut {
        link.wrapping_byte_sub(offset_of!(Cut, link)).cast()
    }

    /// The lowest free slab, of at least one: what is used most stays together.
    fn take(&self) -> usize {
        let word = self.free.iter().position(|word| word.get() != 0);
        let word = word.unwrap_or(0);
        let bits = self.free[word].get();
        self.free[word].set(bits & bits.wrapping_sub(1));
        self.free_count.set(self.free_count.get() - 1);
        word * WORD + bits.trailing_zeros() as usize
    }

    fn give(&self, at: usize) {
        let word = &self.free[at / WORD];
        word.set(word.get() | 1 << (at % WORD));
        self.free_count.set(self.free_count.get() + 1);
    }
}
