// SPDX-License-Identifier: BSD-2-Clause
//! `struct small_alloc`: objects of any size, from a pool for each size class
//! (spec small.md 14.2).
//!
//! ```text
//!   size ──class_of──> factor_pool_cache[class]        size <= objsize_max
//!        └───────────> a huge slab, whatever its size  else
//!
//!   smfree_delayed:    delayed ──> pool ──> pool       by mempool.link
//!                                    │
//!                                    v
//!                                  object ──> object   mempool.delayed
//! ```
//!
//! Delayed objects wait until the mode is switched off; then every allocation
//! frees up to 100 of them, so that none takes long. They count as used until
//! then.
//!
//! All pools are set up at once and take no memory until they are used. An
//! allocation costs a few instructions for the class, and that of its pool.

use super::assert::c_assert;
use super::small_class::SmallClass;
use super::{
    Lifo, Mempool, MempoolStats, Slab, SlabCache, SmallStats, mempool_objsize_max,
};
use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::mem::offset_of;
use core::ptr;

/// The most pools that there are.
const FACTOR_POOL_MAX: usize = 1024;

/// How many delayed objects an allocation frees at most.
const GARBAGE_BATCH: usize = 100;

/// Alignment of objects, and granularity of classes.
const ALIGNMENT: u32 = size_of::<*mut c_void>() as u32;

/// Objects are freed at once.
pub const SMALL_FREE: c_int = 0;
/// The same, and allocations free what was delayed.
pub const SMALL_COLLECT_GARBAGE: c_int = 1;
/// `smfree_delayed` queues objects.
pub const SMALL_DELAYED_FREE: c_int = 2;

/// `struct factor_pool`: the pool of a class.
#[repr(C)]
#[derive(Debug)]
pub struct FactorPool {
    /// The pool.
    pub pool: Mempool,
    /// The smallest size it serves.
    objsize_min: Cell<usize>,
}

/// `struct small_alloc`.
#[repr(C)]
#[derive(Debug)]
pub struct SmallAlloc {
    cache: Cell<*const SlabCache>,
    /// By class number.
    factor_pool_cache: [FactorPool; FACTOR_POOL_MAX],
    /// How many of them are set up.
    factor_pool_cache_size: Cell<u32>,
    /// Pools with delayed objects. Pushing one overwrites its `link`.
    delayed: Lifo,
    /// Delayed huge objects, by the address of their data.
    delayed_large: Lifo,
    factor: Cell<f32>,
    small_class: SmallClass,
    /// The largest object that is pooled.
    objsize_max: Cell<u32>,
    /// One of the modes above.
    free_mode: Cell<c_int>,
}

/// Walks the pools of an allocator (`mempool_iterator_create`, `_next`).
#[repr(C)]
#[derive(Debug)]
pub struct MempoolIterator {
    alloc: *const SmallAlloc,
    next: u32,
}

const _: () = {
    assert!(size_of::<FactorPool>() == 128);
    assert!(offset_of!(FactorPool, pool) == 0);
    assert!(offset_of!(FactorPool, objsize_min) == 120);

    assert!(size_of::<SmallAlloc>() == 131_152);
    assert!(offset_of!(SmallAlloc, factor_pool_cache) == 8);
    assert!(offset_of!(SmallAlloc, factor_pool_cache_size) == 131_080);
    assert!(offset_of!(SmallAlloc, delayed) == 131_088);
    assert!(offset_of!(SmallAlloc, delayed_large) == 131_096);
    assert!(offset_of!(SmallAlloc, factor) == 131_104);
    assert!(offset_of!(SmallAlloc, small_class) == 131_108);
    assert!(offset_of!(SmallAlloc, objsize_max) == 131_140);
    assert!(offset_of!(SmallAlloc, free_mode) == 131_144);

    assert!(
        offset_of!(Mempool, link) == 0,
        "a pool is queued by its address"
    );
};

/// In these functions `this` was created, its cache is alive, and the caller is
/// the cache's thread.
impl SmallAlloc {
    /// Sets up an allocator whose classes start at `objsize_min`, rounded up to
    /// 8, and grow by about `factor`, above 1 and up to 2. Returns what they do
    /// grow by. Allocates nothing.
    ///
    /// # Safety
    /// `this` is valid memory that is not moved afterwards; `cache` was created
    /// and lives longer.
    pub unsafe fn create(
        this: *const SmallAlloc,
        cache: *const SlabCache,
        objsize_min: u32,
        factor: f32,
    ) -> f32 {
        // SAFETY: the caller says so.
        let (alloc, slab_cache) = unsafe { (&*this, &*cache) };
        let objsize_min = objsize_min.max(1).next_multiple_of(ALIGNMENT);
        let largest_slab = slab_cache.order_size(slab_cache.order_max.get());
        let objsize_max = mempool_objsize_max(largest_slab) as u32;
        let actual_factor = alloc.small_class.create(ALIGNMENT, factor, objsize_min);

        let (mut pools, mut last) = (0, 0);
        for pool in &alloc.factor_pool_cache {
            pool.objsize_min.set(last as usize + 1);
            last = alloc.small_class.size_of_class(pools).min(objsize_max);
            // SAFETY: `this` is not moved; 16 objects of the largest size fit a
            // slab.
            unsafe { Mempool::create(&pool.pool, cache, last) };
            pools += 1;
            if last == objsize_max {
                break;
            }
        }
        alloc.cache.set(cache);
        alloc.factor_pool_cache_size.set(pools);
        alloc.delayed.init();
        alloc.delayed_large.init();
        alloc.factor.set(actual_factor);
        alloc.objsize_max.set(last);
        alloc.free_mode.set(SMALL_FREE);
        actual_factor
    }

    /// Frees all pooled objects, and the delayed huge ones. Huge objects in use
    /// stay with the slab cache.
    ///
    /// # Safety
    /// See the head of this block; `this` is created again before it is used.
    pub unsafe fn destroy(this: *const SmallAlloc) {
        // SAFETY: the caller says so.
        let alloc = unsafe { &*this };
        for factor_pool in alloc.pools() {
            // SAFETY: set up by `create`; the caller does not use the objects.
            unsafe { Mempool::destroy(&factor_pool.pool) };
        }
        while alloc.free_delayed_large() {}
    }

    /// Whether `smfree_delayed` delays.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn set_delayed_free(this: *const SmallAlloc, delayed: bool) {
        // SAFETY: the caller says so.
        let mode = unsafe { &(*this).free_mode };
        mode.set(if delayed {
            SMALL_DELAYED_FREE
        } else {
            SMALL_COLLECT_GARBAGE
        });
    }

    /// `size` bytes aligned to 8, or NULL. Frees some delayed objects first, if
    /// it is time for that.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn alloc(this: *const SmallAlloc, size: usize) -> *mut c_void {
        // SAFETY: the caller says so.
        let alloc = unsafe { &*this };
        if alloc.free_mode.get() == SMALL_COLLECT_GARBAGE {
            return alloc.alloc_and_collect(size);
        }
        alloc.alloc_now(size)
    }

    /// Frees an object.
    ///
    /// # Safety
    /// See the head of this block; `object` was allocated with this `size`,
    /// which is not 0, and is not in use.
    #[inline]
    pub unsafe fn free(this: *const SmallAlloc, object: *mut c_void, size: usize) {
        // SAFETY: the caller says so.
        let alloc = unsafe { &*this };
        match alloc.pool_of(size) {
            // SAFETY: it came from this pool.
            Some(factor_pool) => unsafe {
                c_assert!(size >= factor_pool.objsize_min.get());
                Mempool::free(&factor_pool.pool, object);
            },
            // SAFETY: it is the data of a huge slab.
            None => unsafe { alloc.free_large(object) },
        }
    }

    /// Frees an object, or queues it if the mode says so; its first word is
    /// overwritten then. NULL can only be queued, and is ignored.
    ///
    /// # Safety
    /// As [`SmallAlloc::free`].
    pub unsafe fn free_delayed(
        this: *const SmallAlloc,
        object: *mut c_void,
        size: usize,
    ) {
        // SAFETY: the caller says so.
        let alloc = unsafe { &*this };
        if alloc.free_mode.get() != SMALL_DELAYED_FREE || object.is_null() {
            // SAFETY: as ours.
            return unsafe { SmallAlloc::free(this, object, size) };
        }
        // SAFETY: the object, at least a word and aligned, is given away; so is
        // the `link` of a pool that is not queued.
        unsafe {
            match alloc.pool_of(size) {
                None => alloc.delayed_large.push(object),
                Some(FactorPool { pool, .. }) => {
                    // A pool may be queued without objects, if its last one was also
                    // the last of a batch.
                    if pool.delayed.is_empty() && !alloc.is_queued(pool) {
                        alloc.delayed.push(ptr::from_ref(pool).cast_mut().cast());
                    }
                    pool.delayed.push(object);
                }
            }
        }
    }

    /// Shows each pool's statistics to `report`, smallest objects first, until
    /// it says false. Returns the sum of the totals of those shown. Huge
    /// objects are not included.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn stats(
        this: *const SmallAlloc,
        mut report: impl FnMut(&MempoolStats) -> bool,
    ) -> SmallStats {
        let totals = SmallStats::default();
        // SAFETY: the caller says so.
        for factor_pool in unsafe { &*this }.pools() {
            // SAFETY: set up by `create`.
            let stats = unsafe { Mempool::stats(&factor_pool.pool) };
            totals.used.update(|used| used + stats.totals.used.get());
            totals
                .total
                .update(|total| total + stats.totals.total.get());
            if !report(&stats) {
                break;
            }
        }
        totals
    }

    fn pools(&self) -> &[FactorPool] {
        &self.factor_pool_cache[..self.factor_pool_cache_size.get() as usize]
    }

    /// The pool for objects of `size`; None if they are huge.
    #[inline]
    fn pool_of(&self, size: usize) -> Option<&FactorPool> {
        if size > self.objsize_max.get() as usize {
            return None;
        }
        let class = self
            .small_class
            .class_of_multiples::<ALIGNMENT>(size as u32);
        let class = class as usize;
        c_assert!(class < self.factor_pool_cache_size.get() as usize);
        // SAFETY: the last pool that `create` set up is that of `objsize_max`,
        // and classes grow with the size.
        Some(unsafe { self.factor_pool_cache.get_unchecked(class) })
    }

    #[inline]
    fn alloc_now(&self, size: usize) -> *mut c_void {
        match self.pool_of(size) {
            // SAFETY: set up by `create`; the caller is the cache's thread.
            Some(factor_pool) => unsafe { Mempool::alloc(&factor_pool.pool) },
            None => self.alloc_large(size),
        }
    }

    #[cold]
    fn alloc_and_collect(&self, size: usize) -> *mut c_void {
        self.collect_garbage();
        self.alloc_now(size)
    }

    #[cold]
    fn alloc_large(&self, size: usize) -> *mut c_void {
        // SAFETY: the cache is alive and this is its thread.
        let slab = unsafe { SlabCache::get_large(self.cache.get(), size) };
        if slab.is_null() {
            ptr::null_mut()
        } else {
            Slab::data(slab).cast()
        }
    }

    /// # Safety
    /// `object` came from `alloc_large` and is not in use.
    #[cold]
    unsafe fn free_large(&self, object: *mut c_void) {
        // SAFETY: the caller says so; the cache is alive and this is its thread.
        unsafe { SlabCache::put_large(self.cache.get(), Slab::from_data(object)) }
    }

    /// Whether the pool is in the queue of those with delayed objects.
    fn is_queued(&self, pool: &Mempool) -> bool {
        let mut queued = self.delayed.peek().cast::<Mempool>();
        while !queued.is_null() && !ptr::eq(queued, pool) {
            // SAFETY: `free_delayed` queues pools of ours.
            queued = unsafe { (*queued).link.peek().cast() };
        }
        !queued.is_null()
    }

    /// Frees some delayed objects; when none are left, there is no need to come
    /// here again.
    fn collect_garbage(&self) {
        if !self.delayed_large.is_empty() {
            let _ = (0..GARBAGE_BATCH).all(|_| self.free_delayed_large());
        } else if !self.delayed.is_empty() {
            let _ = (0..GARBAGE_BATCH).all(|_| self.free_delayed_pooled());
        } else {
            self.free_mode.set(SMALL_FREE);
        }
    }

    /// Frees a delayed huge object; false if there is none.
    fn free_delayed_large(&self) -> bool {
        let object = self.delayed_large.pop();
        if !object.is_null() {
            // SAFETY: `free_delayed` put it there, and was given it.
            unsafe { self.free_large(object) };
        }
        !object.is_null()
    }

    /// Frees an object of the first pool that has delayed ones, or finds that
    /// it has none left and takes it off the queue; false if the queue is empty.
    fn free_delayed_pooled(&self) -> bool {
        // SAFETY: NULL, or a pool that `free_delayed` put there.
        let Some(pool) = (unsafe { self.delayed.peek().cast::<Mempool>().as_ref() })
        else {
            return false;
        };
        let object = pool.delayed.pop();
        if object.is_null() {
            self.delayed.pop();
        } else {
            // SAFETY: `free_delayed` put it there, and was given it.
            unsafe { Mempool::free(pool, object) };
        }
        true
    }
}

impl MempoolIterator {
    /// Starts at the pool of the smallest objects.
    pub fn new(alloc: *const SmallAlloc) -> MempoolIterator {
        MempoolIterator { alloc, next: 0 }
    }

    /// The next pool; NULL after the last one.
    ///
    /// # Safety
    /// The allocator was created and not destroyed.
    pub unsafe fn next(&mut self) -> *mut Mempool {
        // SAFETY: the caller says so.
        let pools = unsafe { &*self.alloc }.pools();
        let Some(factor_pool) = pools.get(self.next as usize) else {
            return ptr::null_mut();
        };
        self.next += 1;
        ptr::from_ref(&factor_pool.pool).cast_mut()
    }
}
