// SPDX-License-Identifier: BSD-2-Clause
//! `struct slab_cache`: a thread's buddy allocator, which cuts arena blocks
//! into slabs of power-of-two sizes (spec small.md 9).
//!
//! ```text
//!   a 4 MiB block after the first request for a 64 KiB slab (order 4):
//!
//!   order    10: the block, split        9        8     ...   5      4    4
//!   [ in use │ free │  free  │    free      │  ...  │        free          ]
//!     64K      64K     128K       256K                        2M
//! ```
//!
//! * A slab of order n is `order0_size << n` bytes, aligned to that, so its
//!   *buddy*, the other half of the slab it was split from, is at its address
//!   with the bit of its size flipped. There always is a valid header: a slab
//!   of the same order, or the first fragment of it.
//! * Two free buddies never coexist: `put` merges them.
//! * At most one completely free block is kept. A second one goes back to the
//!   arena, for other threads.
//! * `orders[n].stats.total` counts the slabs of order n, free or handed out;
//!   a split slab is counted in its fragments only. The totals of all orders
//!   and the huge slabs add up to `allocated.stats.total`.
//!
//! Slabs above the block size come from `malloc` and are charged to the quota:
//! *huge* slabs.
//!
//! Get and put cost O(order_max) at worst, and a few list operations where no
//! slab has to be split or merged. Free slabs are reused last in, first out.

use super::assert::c_assert;
use super::slab::{SLAB_MAGIC, Slab, SlabList, slab_sizeof};
use super::{Quota, Rlist, SlabArena, page_size};
use crate::abi::layout;
use core::cell::Cell;
use core::ffi::c_void;
use core::ptr;

/// Entries of [`SlabCache::orders`], less one.
pub const ORDER_MAX: u8 = 16;

/// `struct slab_cache`. C code reads the statistics, sets the thread, and
/// nothing else.
#[repr(C)]
#[derive(Debug)]
pub struct SlabCache {
    /// Where blocks come from. Not owned.
    pub arena: Cell<*const SlabArena>,
    /// Bytes of the smallest slab.
    pub order0_size: Cell<u32>,
    /// Its binary logarithm.
    pub order0_size_lb: Cell<u8>,
    /// The order of a whole block.
    pub order_max: Cell<u8>,
    /// Blocks and huge slabs held. `stats.used` = bytes of all slabs handed
    /// out, headers and rounding included.
    pub allocated: SlabList,
    /// Free slabs by order; above `order_max` not initialised.
    pub orders: [SlabList; ORDER_MAX as usize + 1],
    /// The only thread that may call, `slab_cache_used` excepted.
    pub thread_id: Cell<libc::pthread_t>,
}

layout!(SlabCache = "slab_cache", 600: arena 0, order0_size 8, order0_size_lb 12,
    order_max 13, allocated 16, orders 48, thread_id 592);

/// In these functions `this` was created, its arena is alive, and the caller is
/// its thread; slabs given were got from it and not put since.
impl SlabCache {
    /// Sets up an empty cache owned by the calling thread. Allocates nothing.
    ///
    /// The largest slab is a block of the arena, the smallest a page; with
    /// blocks of 128 MiB and more, whose orders would be too many, larger.
    ///
    /// # Safety
    /// `this` is valid memory that is not moved afterwards; `arena` was created
    /// and lives longer.
    pub unsafe fn create(this: *const SlabCache, arena: *const SlabArena) {
        // SAFETY: the caller says so.
        let (cache, block_size) = unsafe { (&*this, (*arena).slab_size.get()) };
        let page = page_size() as u32;
        c_assert!(block_size >= page);
        let order_max = (block_size / page)
            .max(1)
            .ilog2()
            .min(u32::from(ORDER_MAX) - 1);
        let order0_size = block_size >> order_max;
        cache.arena.set(arena);
        cache.order_max.set(order_max as u8);
        cache.order0_size.set(order0_size);
        cache.order0_size_lb.set(order0_size.ilog2() as u8);
        for list in cache.orders.iter().take(order_max as usize + 1) {
            // SAFETY: the cache stays where it is.
            unsafe { list.create() };
        }
        // SAFETY: the cache stays where it is.
        unsafe {
            cache.allocated.create();
            SlabCache::set_thread(this);
        }
    }

    /// Gives back all memory, also what is still in use.
    ///
    /// # Safety
    /// See the head of this block, but any thread; `this` is created again
    /// before it is used.
    pub unsafe fn destroy(this: *const SlabCache) {
        // SAFETY: the caller says so.
        let cache = unsafe { &*this };
        // SAFETY: the iterator has the successor before the slab is given back.
        for link in unsafe { Rlist::iter(&cache.allocated.slabs) } {
            let slab = Slab::from_cache_link(link);
            // SAFETY: a member of `allocated`, and nobody uses it any more.
            unsafe {
                if (*slab).order.get() <= cache.order_max.get() {
                    SlabArena::unmap(cache.arena.get(), slab.cast());
                } else {
                    cache.free_huge(slab);
                }
            }
        }
    }

    /// Makes the calling thread the owner.
    ///
    /// # Safety
    /// See the head of this block, except that the caller is the new owner and
    /// the old one has finished.
    pub unsafe fn set_thread(this: *const SlabCache) {
        // SAFETY: the caller says so; pthread_self cannot fail.
        unsafe { (*this).thread_id.set(libc::pthread_self()) };
    }

    /// A slab with at least `size` bytes after the header, or NULL. The header
    /// counts: `get(65536 - 48)` is exactly a 64 KiB slab. What does not fit a
    /// block is a huge slab.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn get(this: *const SlabCache, size: usize) -> *mut Slab {
        // SAFETY: the caller says so.
        let cache = unsafe { &*this };
        let Some(full) = size.checked_add(slab_sizeof()) else {
            return ptr::null_mut();
        };
        let order = cache.order_of(full);
        if order > cache.order_max.get() {
            // SAFETY: as ours.
            return unsafe { SlabCache::get_large(this, size) };
        }
        // SAFETY: as ours.
        unsafe { SlabCache::get_with_order(this, order) }
    }

    /// A slab of exactly `order_size(order)` bytes, header included, aligned
    /// to that, or NULL with nothing changed.
    ///
    /// # Safety
    /// See the head of this block; `order <= order_max`.
    pub unsafe fn get_with_order(this: *const SlabCache, order: u8) -> *mut Slab {
        // SAFETY: the caller says so.
        let cache = unsafe { &*this };
        c_assert!(order <= cache.order_max.get());
        let free = cache.take_free(order);
        let Some(slab) = free.or_else(|| cache.new_block()) else {
            return ptr::null_mut();
        };
        if slab.order.get() != order {
            cache.split(slab, order);
        }
        slab.in_use.set(order + 1);
        let size = cache.order_size(order);
        cache.list(order).stats.used.update(|used| used + size);
        cache.allocated.stats.used.update(|used| used + size);
        cache.check_slab(slab);
        ptr::from_ref(slab).cast_mut()
    }

    /// A huge slab of exactly `size + 48` bytes, or NULL with nothing changed.
    /// It is aligned to 16 only. Any size will do.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn get_large(this: *const SlabCache, size: usize) -> *mut Slab {
        // SAFETY: the caller says so.
        let cache = unsafe { &*this };
        let Some(size) = size.checked_add(slab_sizeof()) else {
            return ptr::null_mut();
        };
        if cache.quota().use_bytes(size) < 0 {
            return ptr::null_mut();
        }
        // SAFETY: malloc takes any size.
        let slab = unsafe { libc::malloc(size) }.cast::<Slab>();
        // SAFETY: NULL, or room for a header.
        let Some(header) = (unsafe { slab.as_ref() }) else {
            cache.quota().release(size);
            return ptr::null_mut();
        };
        header.magic.set(SLAB_MAGIC);
        header.size.set(size);
        header.order.set(cache.order_max.get() + 1);
        header.in_use.set(0);
        // SAFETY: fresh links.
        unsafe {
            Rlist::create(&header.next_in_list);
            cache.allocated.add(header, &header.next_in_cache);
        }
        cache.allocated.stats.used.update(|used| used + size);
        slab
    }

    /// Gives back a slab, huge or not.
    ///
    /// # Safety
    /// See the head of this block; nobody uses the slab any more.
    #[inline]
    pub unsafe fn put(this: *const SlabCache, slab: *mut Slab) {
        // SAFETY: as ours.
        unsafe {
            if (*slab).order.get() <= (*this).order_max.get() {
                SlabCache::put_with_order(this, slab);
            } else {
                SlabCache::put_large(this, slab);
            }
        }
    }

    /// Gives back a slab that is not huge.
    ///
    /// # Safety
    /// As [`SlabCache::put`].
    pub unsafe fn put_with_order(this: *const SlabCache, slab: *mut Slab) {
        // SAFETY: the caller says so.
        let (cache, slab) = unsafe { (&*this, &*slab) };
        cache.check_slab(slab);
        c_assert!(slab.in_use.get() == slab.order.get() + 1);
        let (order, size) = (slab.order.get(), slab.size.get());
        cache.list(order).stats.used.update(|used| used - size);
        cache.allocated.stats.used.update(|used| used - size);
        slab.in_use.set(0);
        let (slab, order) = cache.merge(slab, order, size);
        // SAFETY: a slab that was handed out is in no list of ours.
        unsafe { cache.shelve(slab, order) };
    }

    /// Whether a slab of `order` is free, or can be had by splitting less than a block.
    ///
    /// # Safety
    /// See the head of this block; `order <= order_max`.
    pub unsafe fn has_part(this: *const SlabCache, order: u8) -> bool {
        // SAFETY: the caller says so.
        let cache = unsafe { &*this };
        (order..cache.order_max.get()).any(|order| cache.list(order).first().is_some())
    }

    /// A whole block for somebody who cuts it into slabs of `order` himself, or NULL with
    /// nothing changed. It is counted as such slabs, free until
    /// [`SlabCache::count_cut`] says otherwise; only the first one has a header. The kernel
    /// is asked for no huge page there.
    ///
    /// # Safety
    /// See the head of this block; `order < order_max`.
    pub unsafe fn get_block(this: *const SlabCache, order: u8) -> *mut Slab {
        // SAFETY: the caller says so.
        let cache = unsafe { &*this };
        let whole = cache.order_max.get();
        let block = cache.take_free(whole).or_else(|| {
            // SAFETY: the arena outlives the cache.
            let block = unsafe { SlabArena::map(cache.arena.get()) };
            if !block.is_null() {
                // Before the first touch: where huge pages are the default, that would
                // bring one in, and memory that was touched cannot join the mapping next
                // to it. A kernel without huge pages refuses, which is as good.
                // SAFETY: a whole block, which changes in no other way.
                unsafe {
                    libc::madvise(block, cache.order_size(whole), libc::MADV_NOHUGEPAGE)
                };
            }
            cache.adopt(block)
        });
        let Some(block) = block else {
            return ptr::null_mut();
        };
        let size = block.size.get();
        cache.list(whole).stats.total.update(|total| total - size);
        cache.list(order).stats.total.update(|total| total + size);
        cache.format(block, order, cache.order_size(order));
        block.in_use.set(order + 1);
        ptr::from_ref(block).cast_mut()
    }

    /// Gives back a block, all whose slabs are free.
    ///
    /// # Safety
    /// See the head of this block; `block` came from [`SlabCache::get_block`].
    pub unsafe fn put_block(this: *const SlabCache, block: *mut Slab) {
        // SAFETY: the caller says so.
        let (cache, block) = unsafe { (&*this, &*block) };
        let (order, whole) = (block.order.get(), cache.order_max.get());
        let size = cache.order_size(whole);
        cache.list(order).stats.total.update(|total| total - size);
        cache.list(whole).stats.total.update(|total| total + size);
        cache.format(block, whole, size);
        // SAFETY: it is in no list of ours.
        unsafe { cache.shelve(block, whole) };
    }

    /// A slab of `order` of such a block is used from now on, or no longer.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn count_cut(this: *const SlabCache, order: u8, used: bool) {
        // SAFETY: the caller says so.
        let cache = unsafe { &*this };
        let size = cache.order_size(order);
        for stats in [&cache.list(order).stats, &cache.allocated.stats] {
            let before = stats.used.get();
            stats
                .used
                .set(if used { before + size } else { before - size });
        }
    }

    /// Gives back a huge slab.
    ///
    /// # Safety
    /// As [`SlabCache::put`].
    pub unsafe fn put_large(this: *const SlabCache, slab: *mut Slab) {
        // SAFETY: the caller says so.
        let (cache, header) = unsafe { (&*this, &*slab) };
        cache.check_thread();
        c_assert!(header.magic.get() == SLAB_MAGIC);
        c_assert!(header.order.get() == cache.order_max.get() + 1);
        cache
            .allocated
            .stats
            .used
            .update(|used| used - header.size.get());
        // SAFETY: `get_large` put it there; nobody uses it any more.
        unsafe {
            cache.allocated.del(header, &header.next_in_cache);
            cache.free_huge(slab);
        }
    }

    /// Makes a slab that is handed out survive [`SlabCache::destroy`]: its block, or
    /// the slab itself if it is huge, will be neither freed nor returned to the
    /// arena. Statistics are left as they are; only `destroy` may follow.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn forsake(this: *const SlabCache, slab: *mut Slab) {
        // SAFETY: the caller says so. The link of a block is in the header at its
        // start, split or not; unlinking twice is harmless.
        unsafe {
            let huge = (*slab).order.get() > (*this).order_max.get();
            let block_size = (*(*this).arena.get()).slab_size.get() as usize;
            let offset = if huge { 0 } else { slab as usize % block_size };
            let block = slab.wrapping_byte_sub(offset);
            Rlist::del(&raw const (*block).next_in_cache);
        }
    }

    /// Verifies the accounting and the headers of all blocks and huge slabs;
    /// says what is wrong on stderr and aborts, in every build.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn check(this: *const SlabCache) {
        // SAFETY: the caller says so.
        if let Err(finding) = unsafe { &*this }.audit() {
            // SAFETY: the buffer is as long as it says. Whether the line gets
            // out makes no difference to abort.
            unsafe {
                libc::write(libc::STDERR_FILENO, finding.as_ptr().cast(), finding.len());
                libc::abort();
            }
        }
    }

    /// Bytes of all slabs handed out.
    #[inline]
    pub fn used(&self) -> usize {
        self.allocated.stats.used.get()
    }

    /// The smallest order with `size` bytes, header included;
    /// `order_max + 1` if there is none.
    #[inline]
    pub fn order_of(&self, size: usize) -> u8 {
        c_assert!(size <= u32::MAX as usize);
        if size <= self.order0_size.get() as usize {
            return 0;
        }
        if size > self.order_size(self.order_max.get()) {
            return self.order_max.get() + 1;
        }
        (usize::BITS - (size - 1).leading_zeros()) as u8 - self.order0_size_lb.get()
    }

    /// Bytes of a slab of `order`.
    #[inline]
    pub fn order_size(&self, order: u8) -> usize {
        c_assert!(order <= self.order_max.get());
        (self.order0_size.get() as usize) << order
    }

    #[inline]
    fn list(&self, order: u8) -> &SlabList {
        c_assert!(order <= self.order_max.get());
        // SAFETY: orders come from `create`, from headers that this cache wrote,
        // and from callers who promise it; none is above `ORDER_MAX`.
        unsafe { self.orders.get_unchecked(order as usize) }
    }

    fn quota(&self) -> &Quota {
        // SAFETY: the arena outlives the cache, and its quota the arena.
        unsafe { &*(*self.arena.get()).quota.get() }
    }

    /// Takes the newest free slab out of the list of its order: the smallest from
    /// `order` on that has one.
    #[inline]
    fn take_free(&self, order: u8) -> Option<&Slab> {
        let orders = order as usize..self.order_max.get() as usize + 1;
        // SAFETY: as in `list`.
        let lists = unsafe { self.orders.get_unchecked(orders) };
        let list = lists.iter().find(|list| list.first().is_some())?;
        // SAFETY: free slabs, whose headers are ours.
        unsafe { Some(&*Slab::from_list_link(Rlist::shift(&list.slabs))) }
    }

    /// Maps a block, as one free slab in no free list.
    #[cold]
    fn new_block(&self) -> Option<&Slab> {
        // SAFETY: the arena outlives the cache.
        self.adopt(unsafe { SlabArena::map(self.arena.get()) })
    }

    /// Makes what the arena gave, if anything, one free slab in no free list.
    fn adopt(&self, block: *mut c_void) -> Option<&Slab> {
        // SAFETY: a block starts with room for a header.
        let block = unsafe { block.cast::<Slab>().as_ref() }?;
        let order = self.order_max.get();
        let size = self.order_size(order);
        self.format(block, order, size);
        self.list(order).stats.total.update(|total| total + size);
        // SAFETY: fresh links.
        unsafe {
            Rlist::create(&block.next_in_list);
            self.allocated.add(block, &block.next_in_cache);
        }
        Some(block)
    }

    /// Puts a free slab where it belongs: into the list of its order, or back to the
    /// arena if it is a block and not the first.
    ///
    /// # Safety
    /// It is in no free list.
    #[inline]
    unsafe fn shelve(&self, slab: &Slab, order: u8) {
        let list = self.list(order);
        if order == self.order_max.get() && list.first().is_some() {
            self.return_block(slab);
        } else {
            // SAFETY: the caller says so.
            unsafe { Rlist::add(&list.slabs, &slab.next_in_list) };
        }
    }

    /// Returns a block that is free as a whole, and in no free list.
    #[cold]
    fn return_block(&self, block: &Slab) {
        let total = &self.list(self.order_max.get()).stats.total;
        total.update(|total| total - block.size.get());
        // SAFETY: nobody uses it, and `new_block` linked it.
        unsafe {
            self.allocated.del(block, &block.next_in_cache);
            let block = ptr::from_ref(block).cast_mut();
            SlabArena::unmap(self.arena.get(), block.cast());
        }
    }

    /// Writes the header of a free slab. Its links are left alone: at the start
    /// of a block the one in `allocated` is in use.
    #[inline]
    fn format(&self, slab: &Slab, order: u8, size: usize) {
        slab.magic.set(SLAB_MAGIC);
        slab.order.set(order);
        slab.in_use.set(0);
        slab.size.set(size);
    }

    /// Halves a free slab, in no free list, down to `order`. The upper halves
    /// go to their free lists.
    #[inline]
    fn split(&self, slab: &Slab, order: u8) {
        let (whole, mut size) = (slab.order.get(), slab.size.get());
        self.list(whole).stats.total.update(|total| total - size);
        for order in (order..whole).rev() {
            size /= 2;
            // SAFETY: half of the slab, hence with room for a header; its links
            // mean nothing yet.
            unsafe {
                let upper = &*ptr::from_ref(slab).byte_add(size);
                self.format(upper, order, size);
                self.list(order).add(upper, &upper.next_in_list);
            }
        }
        self.list(order).stats.total.update(|total| total + size);
        self.format(slab, order, size);
    }

    /// Merges a free slab, in no free list, with its buddy as long as that is
    /// free as well. The result, and its order; in no free list, either.
    #[inline]
    fn merge<'c>(&'c self, slab: &'c Slab, part: u8, part_size: usize) -> (&'c Slab, u8) {
        let (mut slab, mut order, mut size) = (slab, part, part_size);
        while let Some(buddy) = self.free_buddy(slab, order, size) {
            // SAFETY: free slabs are in the list of their order.
            unsafe { self.list(order).del(buddy, &buddy.next_in_list) };
            if ptr::from_ref(buddy) < ptr::from_ref(slab) {
                slab = buddy;
            }
            order += 1;
            size *= 2;
        }
        if order != part {
            self.list(part)
                .stats
                .total
                .update(|total| total - part_size);
            self.list(order).stats.total.update(|total| total + size);
            self.format(slab, order, size);
        }
        (slab, order)
    }

    /// The other half of the slab that this one was split from, if it is free
    /// and whole.
    #[inline]
    fn free_buddy(&self, slab: &Slab, order: u8, size: usize) -> Option<&Slab> {
        if order == self.order_max.get() {
            return None;
        }
        // SAFETY: in the same block, and there is a header (see the module).
        let buddy = unsafe { &*ptr::from_ref(slab).map_addr(|address| address ^ size) };
        (buddy.order.get() == order && buddy.in_use.get() == 0).then_some(buddy)
    }

    /// # Safety
    /// `slab` came from `get_large`; nobody uses it any more.
    unsafe fn free_huge(&self, slab: *mut Slab) {
        // SAFETY: the caller says so.
        unsafe {
            self.quota().release((*slab).size.get());
            libc::free(slab.cast::<c_void>());
        }
    }

    fn check_thread(&self) {
        // SAFETY: pthread_self cannot fail.
        c_assert!(unsafe { libc::pthread_self() } == self.thread_id.get());
    }

    /// Spec small.md 9.6.
    #[inline]
    fn check_slab(&self, slab: &Slab) {
        if cfg!(debug_assertions) {
            self.check_thread();
            c_assert!(slab.magic.get() == SLAB_MAGIC);
            c_assert!(slab.order.get() <= self.order_max.get());
            c_assert!(slab.size.get() == self.order_size(slab.order.get()));
            c_assert!(ptr::from_ref(slab).addr().is_multiple_of(slab.size.get()));
        }
    }

    fn audit(&self) -> Result<(), &'static str> {
        let (mut blocks, mut huge) = (0, 0);
        // SAFETY: nothing changes `allocated` meanwhile.
        for link in unsafe { Rlist::iter(&self.allocated.slabs) } {
            // SAFETY: its members have headers.
            let slab = unsafe { &*Slab::from_cache_link(link) };
            if slab.magic.get() != SLAB_MAGIC {
                return Err("slab_cache_check: a slab has lost its magic\n");
            }
            if slab.order.get() > self.order_max.get() {
                huge += slab.size.get();
                continue;
            }
            if slab.size.get() != self.order_size(slab.order.get()) {
                return Err(
                    "slab_cache_check: the size of a slab is not that of its order\n",
                );
            }
            blocks += self.order_size(self.order_max.get());
        }
        let (mut total, mut used) = (huge, huge);
        for order in 0..=self.order_max.get() {
            let stats = &self.list(order).stats;
            if !stats.total.get().is_multiple_of(self.order_size(order))
                || !stats.used.get().is_multiple_of(self.order_size(order))
            {
                return Err(
                    "slab_cache_check: the statistics of an order are not multiples of its size\n",
                );
            }
            total += stats.total.get();
            used += stats.used.get();
        }
        let stats = &self.allocated.stats;
        if blocks + huge != stats.total.get() {
            return Err(
                "slab_cache_check: blocks and huge slabs do not add up to the total\n",
            );
        }
        if total != stats.total.get() {
            return Err(
                "slab_cache_check: the totals of the orders do not add up to the total\n",
            );
        }
        if used != stats.used.get() {
            return Err(
                "slab_cache_check: what the orders have in use does not add up to what is in use\n",
            );
        }
        Ok(())
    }
}
