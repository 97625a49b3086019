// SPDX-License-Identifier: BSD-2-Clause
//! `struct mempool`: objects of one size, packed into slabs (spec small.md 10).
//!
//! ```text
//!   slab                        offset        free_offset           end
//!   v                           v             v                     v
//!   [ mslab header, 104 ][ gap ][ obj ][ obj ][ never used ... ][ obj ]
//!                                  ^
//!                                  └── free_list: freed objects, linked
//!                                      through their first word
//! ```
//!
//! Objects fill the slab from its end, so an object whose size is a power of
//! two is aligned to it. The slab of an object is found by masking its address.
//!
//! Every slab of the pool is exactly one of:
//!
//! * *hot*: in the tree, has free objects; the one of lowest address serves
//!   allocations, which drains the high ones;
//! * *cold*: in a list, has fewer than an eighth of its objects free: used
//!   when no memory can be had, so that a slab does not change between full and
//!   hot with every object;
//! * full: nowhere;
//! * the *spare*: completely free, kept so that one object allocated and freed
//!   at the edge of a slab does not cost a slab each time.
//!
//! Allocation and freeing cost a few words, plus O(log slabs) when a slab
//! fills up or becomes hot.

use super::assert::c_assert;
use super::mslab_tree::{MslabNode, MslabTree, to_ptr};
use super::slab::{SLAB_MAGIC, Slab, SlabList, SmallStats};
use super::{Lifo, Rlist, SlabCache};
use crate::abi::layout;
use core::cell::Cell;
use core::ffi::c_void;
use core::mem::offset_of;
use core::ptr;

/// How much of a slab its header and gap should take at most.
const OVERHEAD_RATIO: f64 = 0.01;

/// `struct mslab`: the header of a slab of a pool.
#[repr(C)]
#[derive(Debug)]
pub struct Mslab {
    /// What every slab starts with.
    pub slab: Slab,
    /// Freed objects.
    free_list: Lifo,
    /// Offset of the first object that was never used.
    free_offset: Cell<u32>,
    /// Free objects, never used ones included.
    nfree: Cell<u32>,
    /// In [`Mempool::hot_slabs`].
    pub(super) next_in_hot: MslabNode,
    /// In [`Mempool::cold_slabs`].
    next_in_cold: Rlist,
    /// Whether it is in the tree.
    in_hot_slabs: Cell<bool>,
}

layout!(Mslab = "mslab", 104: slab 0, free_list 48, free_offset 56, nfree 60,
    next_in_hot 64, next_in_cold 80, in_hot_slabs 96);

impl Mslab {
    /// The object freed last, else the lowest that was never used; there is one.
    #[inline]
    fn pop(&self, objsize: u32) -> *mut c_void {
        self.nfree.update(|nfree| nfree - 1);
        let freed = self.free_list.pop();
        if !freed.is_null() {
            return freed;
        }
        let offset = self.free_offset.get();
        self.free_offset.set(offset + objsize);
        let slab = ptr::from_ref(self).cast_mut().cast::<c_void>();
        slab.wrapping_byte_add(offset as usize)
    }
}

/// `struct mempool`.
#[repr(C)]
#[derive(Debug)]
pub struct Mempool {
    /// The general allocator's: next pool with delayed frees.
    pub link: Lifo,
    /// The general allocator's: objects to free later.
    pub delayed: Lifo,
    /// Where slabs come from, not owned; NULL before `create`.
    pub cache: Cell<*const SlabCache>,
    /// All slabs. `stats.used` = bytes of objects allocated.
    pub slabs: SlabList,
    hot_slabs: MslabTree,
    /// The lowest of `hot_slabs`, or NULL.
    first_hot_slab: Cell<*mut Mslab>,
    cold_slabs: Rlist,
    spare: Cell<*mut Mslab>,
    /// Bytes of an object.
    pub objsize: Cell<u32>,
    slab_order: Cell<u8>,
    /// Objects in a slab.
    objcount: Cell<u32>,
    /// Of the first object in a slab.
    offset: Cell<u32>,
    /// Turns the address of an object into that of its slab.
    slab_ptr_mask: Cell<isize>,
}

layout!(Mempool = "mempool", 120: link 0, delayed 8, cache 16, slabs 24, hot_slabs 56,
    first_hot_slab 64, cold_slabs 72, spare 88, objsize 96, slab_order 100,
    objcount 104, offset 108, slab_ptr_mask 112);

/// `struct mempool_stats`.
#[repr(C)]
#[derive(Debug, Default)]
pub struct MempoolStats {
    /// Bytes of an object.
    pub objsize: u32,
    /// Objects allocated.
    pub objcount: u32,
    /// Bytes of a slab.
    pub slabsize: u32,
    /// Slabs held.
    pub slabcount: u32,
    /// Bytes of objects allocated, of slabs held without their headers.
    pub totals: SmallStats,
}

layout!(MempoolStats = "mempool_stats", 32: objsize 0, objcount 4, slabsize 8,
    slabcount 12, totals 16);

/// The largest object that is worth pooling in slabs of `slab_size` bytes: 16
/// fit.
pub const fn mempool_objsize_max(slab_size: usize) -> usize {
    (slab_size - size_of::<Mslab>()) / 16 / 8 * 8
}

/// In these functions `this` was created, its cache is alive, and the caller is
/// the cache's thread.
impl Mempool {
    /// Sets up an empty pool. Allocates nothing. The slabs are made so large
    /// that their headers waste about 1%, or as large as a block. `objsize` is a
    /// multiple of 8, at least 8.
    ///
    /// # Safety
    /// `this` is valid memory that is not moved afterwards; `cache` was created
    /// and lives longer.
    pub unsafe fn create(this: *const Mempool, cache: *const SlabCache, objsize: u32) {
        let header = size_of::<Mslab>() as u32;
        let wanted = (f64::from(objsize.max(header)) / OVERHEAD_RATIO) as usize;
        // SAFETY: the caller says so.
        let slab_cache = unsafe { &*cache };
        let largest = slab_cache.order_size(slab_cache.order_max.get());
        let order = slab_cache.order_of(wanted.min(largest));
        // SAFETY: as ours.
        unsafe { Mempool::create_with_order(this, cache, objsize, order) }
    }

    /// As [`Mempool::create`], with slabs of a given order, which must have
    /// room for an object.
    ///
    /// # Safety
    /// As [`Mempool::create`]; `order` is at most the cache's `order_max`.
    pub unsafe fn create_with_order(
        this: *const Mempool,
        cache: *const SlabCache,
        objsize: u32,
        order: u8,
    ) {
        // SAFETY: the caller says so.
        let (pool, slab_cache) = unsafe { (&*this, &*cache) };
        c_assert!(order <= slab_cache.order_max.get());
        let slab_size = slab_cache.order_size(order);
        let objcount = (slab_size - size_of::<Mslab>()) / objsize as usize;
        c_assert!(objcount != 0);
        pool.link.init();
        pool.delayed.init();
        pool.cache.set(cache);
        pool.hot_slabs.create();
        pool.first_hot_slab.set(ptr::null_mut());
        pool.spare.set(ptr::null_mut());
        pool.objsize.set(objsize);
        pool.slab_order.set(order);
        pool.objcount.set(objcount as u32);
        pool.offset
            .set((slab_size - objcount * objsize as usize) as u32);
        pool.slab_ptr_mask.set(!(slab_size as isize - 1));
        // SAFETY: the pool stays where it is.
        unsafe {
            pool.slabs.create();
            Rlist::create(&pool.cold_slabs);
        }
    }

    /// Gives back all slabs, also those with objects in use.
    ///
    /// # Safety
    /// See the head of this block; `this` is created again before it is used.
    pub unsafe fn destroy(this: *const Mempool) {
        // SAFETY: the caller says so. The iterator has the successor before a
        // slab is given back.
        unsafe {
            let pool = &*this;
            for link in Rlist::iter(&pool.slabs.slabs) {
                SlabCache::put_with_order(pool.cache.get(), Slab::from_list_link(link));
            }
        }
    }

    /// An object, or NULL with nothing changed.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn alloc(this: *const Mempool) -> *mut c_void {
        // SAFETY: the caller says so; the first hot slab is NULL or a slab of
        // the pool.
        let (pool, hot) = unsafe { (&*this, (*this).first_hot_slab.get().as_ref()) };
        match hot {
            Some(slab) => pool.serve(slab),
            None => pool.alloc_slow(),
        }
    }

    /// Frees an object. In debug builds its contents become `#`, as the inline
    /// of `small/mempool.h` makes them.
    ///
    /// # Safety
    /// See the head of this block; `object` was allocated from this pool and is
    /// not in use.
    #[inline]
    pub unsafe fn free(this: *const Mempool, object: *mut c_void) {
        c_assert!(!object.is_null());
        if cfg!(debug_assertions) {
            // SAFETY: the object, which the caller gives away.
            unsafe {
                let size = (*this).objsize.get() as usize;
                object.cast::<u8>().write_bytes(b'#', size);
            }
        }
        // SAFETY: the caller says so.
        unsafe { Mempool::free_as_is(this, object) };
    }

    /// [`Mempool::free`] that leaves the contents of the object but for its first word.
    ///
    /// # Safety
    /// As there.
    #[inline]
    pub unsafe fn free_as_is(this: *const Mempool, object: *mut c_void) {
        // SAFETY: the caller says so.
        let pool = unsafe { &*this };
        let size = pool.objsize.get() as usize;
        let slab = object.map_addr(|address| address & pool.slab_ptr_mask.get() as usize);
        let slab = slab.cast::<Mslab>();
        // SAFETY: slabs are aligned to their size, so the mask finds the header.
        unsafe {
            c_assert!((*slab).slab.magic.get() == SLAB_MAGIC);
            c_assert!((*slab).slab.order.get() == pool.slab_order.get());
            pool.slabs.stats.used.update(|used| used - size);
            Mempool::slab_free(this, slab, object);
        }
    }

    /// The half of [`Mempool::free`] that knows the slab and leaves the
    /// statistics alone (`mslab_free`).
    ///
    /// # Safety
    /// As [`Mempool::free`]; `slab` is the slab of `object`.
    #[inline]
    pub unsafe fn slab_free(this: *const Mempool, slab: *mut Mslab, object: *mut c_void) {
        // SAFETY: the caller says so.
        let (pool, slab) = unsafe { (&*this, &*slab) };
        // SAFETY: an object is a word at least, aligned, and given away.
        unsafe { slab.free_list.push(object) };
        let nfree = slab.nfree.get() + 1;
        slab.nfree.set(nfree);
        if !slab.in_hot_slabs.get() {
            pool.warm_up(slab);
        } else if nfree == pool.objcount.get() {
            pool.retire(slab);
        }
    }

    /// Takes an object out of a given slab that has one, whatever the tree
    /// says, and leaves the statistics alone (`mslab_alloc`).
    ///
    /// # Safety
    /// See the head of this block; `slab` is hot.
    pub unsafe fn slab_alloc(this: *const Mempool, slab: *mut Mslab) -> *mut c_void {
        // SAFETY: the caller says so.
        unsafe { (*this).take(&*slab) }
    }

    /// Objects allocated.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn count(this: *const Mempool) -> usize {
        // SAFETY: the caller says so.
        let pool = unsafe { &*this };
        pool.slabs.stats.used.get() / pool.objsize.get() as usize
    }

    /// A snapshot for reports.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn stats(this: *const Mempool) -> MempoolStats {
        // SAFETY: the caller says so.
        let pool = unsafe { &*this };
        let slab_size = !pool.slab_ptr_mask.get() as usize + 1;
        let slabcount = pool.slabs.stats.total.get() / slab_size;
        let headers = slabcount * size_of::<Mslab>();
        MempoolStats {
            objsize: pool.objsize.get(),
            // SAFETY: as ours.
            objcount: unsafe { Mempool::count(this) } as u32,
            slabsize: slab_size as u32,
            slabcount: slabcount as u32,
            totals: SmallStats {
                used: Cell::new(pool.slabs.stats.used.get()),
                total: Cell::new(pool.slabs.stats.total.get() - headers),
            },
        }
    }

    /// [`Mempool::alloc`] when no slab is hot.
    #[cold]
    fn alloc_slow(&self) -> *mut c_void {
        match self.heat_up() {
            Some(slab) => self.serve(slab),
            None => ptr::null_mut(),
        }
    }

    /// An object of a hot slab, counted.
    #[inline]
    fn serve(&self, slab: &Mslab) -> *mut c_void {
        let size = self.objsize.get() as usize;
        self.slabs.stats.used.update(|used| used + size);
        self.take(slab)
    }

    /// Makes a slab hot: the spare, else a new one, else the newest cold one.
    fn heat_up(&self) -> Option<&Mslab> {
        // SAFETY: NULL or a slab of the pool.
        let slab = if let Some(spare) = unsafe { self.spare.get().as_ref() } {
            self.spare.set(ptr::null_mut());
            spare
        } else if let Some(new) = self.new_slab() {
            new
        } else {
            self.first_cold()?
        };
        self.add_hot(slab);
        Some(slab)
    }

    fn new_slab(&self) -> Option<&Mslab> {
        // SAFETY: the cache is alive and this is its thread; the slab is large
        // enough for the header (`create_with_order`).
        let slab = unsafe {
            SlabCache::get_with_order(self.cache.get(), self.slab_order.get())
                .cast::<Mslab>()
                .as_ref()
        }?;
        slab.free_list.init();
        slab.free_offset.set(self.offset.get());
        slab.nfree.set(self.objcount.get());
        slab.in_hot_slabs.set(false);
        // SAFETY: the links of a slab handed out are ours.
        unsafe {
            Rlist::create(&slab.next_in_cold);
            self.slabs.add(&slab.slab, &slab.slab.next_in_list);
        }
        Some(slab)
    }

    /// Takes the newest cold slab out of its list.
    fn first_cold(&self) -> Option<&Mslab> {
        // SAFETY: the members of the list are slabs of the pool.
        unsafe {
            if Rlist::is_empty(&self.cold_slabs) {
                return None;
            }
            let link = Rlist::shift(&self.cold_slabs);
            Some(&*link.byte_sub(offset_of!(Mslab, next_in_cold)).cast())
        }
    }

    /// Takes an object out of a hot slab, which leaves the tree with its last.
    #[inline]
    fn take(&self, slab: &Mslab) -> *mut c_void {
        c_assert!(slab.nfree.get() > 0);
        if slab.nfree.get() == 1 {
            return self.take_last(slab);
        }
        slab.pop(self.objsize.get())
    }

    #[cold]
    fn take_last(&self, slab: &Mslab) -> *mut c_void {
        let object = slab.pop(self.objsize.get());
        self.remove_hot(slab);
        object
    }

    /// What a slab that is not hot becomes after an object of it was freed: hot
    /// if that makes enough, else cold.
    #[cold]
    fn warm_up(&self, slab: &Mslab) {
        let nfree = slab.nfree.get();
        // SAFETY: not hot, so it is cold, or, with this object, no longer full;
        // a full one is detached.
        unsafe {
            if nfree >= self.objcount.get() / 8 {
                Rlist::del(&slab.next_in_cold);
                self.add_hot(slab);
            } else if nfree == 1 {
                Rlist::add(&self.cold_slabs, &slab.next_in_cold);
            }
        }
    }

    /// Makes a completely free slab the spare, or gives it back; of two, the
    /// one of lower address is kept.
    #[cold]
    fn retire(&self, slab: &Mslab) {
        self.remove_hot(slab);
        // SAFETY: NULL or a slab of the pool.
        let spare = unsafe { self.spare.get().as_ref() };
        let surplus = match spare {
            Some(spare) if ptr::from_ref(spare) < ptr::from_ref(slab) => Some(slab),
            _ => {
                self.spare.set(ptr::from_ref(slab).cast_mut());
                spare
            }
        };
        if let Some(surplus) = surplus {
            let surplus = &surplus.slab;
            // SAFETY: a slab of the pool without objects, in no tree or list
            // but that of all slabs.
            unsafe {
                self.slabs.del(surplus, &surplus.next_in_list);
                let surplus = ptr::from_ref(surplus).cast_mut();
                SlabCache::put_with_order(self.cache.get(), surplus);
            }
        }
    }

    #[inline]
    fn add_hot(&self, slab: &Mslab) {
        // SAFETY: not hot, so in no tree; `remove_hot` comes before the slab is
        // given back, or the whole tree is forgotten.
        unsafe { self.hot_slabs.insert(slab) };
        slab.in_hot_slabs.set(true);
        let first = self.first_hot_slab.get();
        if first.is_null() || ptr::from_ref(slab) < first.cast_const() {
            self.first_hot_slab.set(ptr::from_ref(slab).cast_mut());
        }
    }

    #[inline]
    fn remove_hot(&self, slab: &Mslab) {
        if ptr::eq(slab, self.first_hot_slab.get()) {
            self.first_hot_slab.set(to_ptr(self.hot_slabs.next(slab)));
        }
        // SAFETY: hot slabs are in the tree.
        unsafe { self.hot_slabs.remove(slab) };
        slab.in_hot_slabs.set(false);
    }
}
