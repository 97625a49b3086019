// SPDX-License-Identifier: BSD-2-Clause
//! The pool, with slabs as sets of objects. A slab is a block of the arena, so
//! the model knows when there is no more.

use crate::fixture::{Fixture, cases, memory};
use cordage::small::{Mempool, Mslab, SlabCache};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ffi::c_void;

const SLAB: usize = 64 * 1024;
const SLABS: usize = 5;
const HEADER: usize = size_of::<Mslab>();

/// A slab of the pool.
struct SlabModel {
    /// Offsets of freed objects; the one to be reused next comes last.
    freed: Vec<usize>,
    /// Of the first object that was never used.
    fresh: usize,
}

struct Model {
    objsize: usize,
    objcount: usize,
    /// By address.
    slabs: BTreeMap<usize, SlabModel>,
    hot: std::collections::BTreeSet<usize>,
    /// The one to be used next comes last.
    cold: Vec<usize>,
    spare: Option<usize>,
    /// Addresses of objects.
    live: Vec<usize>,
}

impl Model {
    fn free_in(&self, slab: usize) -> usize {
        let model = &self.slabs[&slab];
        model.freed.len() + (SLAB - model.fresh) / self.objsize
    }

    /// `object` is what the pool returned.
    fn alloc(&mut self, object: usize) {
        let slab = if let Some(&first) = self.hot.first() {
            first
        } else if let Some(spare) = self.spare.take() {
            spare
        } else if self.slabs.len() < SLABS {
            assert_ne!(object, 0, "there is memory for a slab");
            let slab = object & !(SLAB - 1);
            let fresh = SLAB - self.objcount * self.objsize;
            assert!(!self.slabs.contains_key(&slab), "a new slab is new");
            self.slabs.insert(
                slab,
                SlabModel {
                    freed: Vec::new(),
                    fresh,
                },
            );
            slab
        } else if let Some(cold) = self.cold.pop() {
            cold
        } else {
            assert_eq!(object, 0, "everything is in use");
            return;
        };
        self.hot.insert(slab);
        let model = self.slabs.get_mut(&slab).unwrap();
        let offset = model.freed.pop().unwrap_or_else(|| {
            model.fresh += self.objsize;
            model.fresh - self.objsize
        });
        assert_eq!(object, slab + offset, "which object");
        if self.free_in(slab) == 0 {
            self.hot.remove(&slab);
        }
        self.live.push(object);
    }

    fn free(&mut self, object: usize) {
        let slab = object & !(SLAB - 1);
        self.slabs.get_mut(&slab).unwrap().freed.push(object - slab);
        let free = self.free_in(slab);
        if !self.hot.contains(&slab) && free >= self.objcount / 8 {
            self.cold.retain(|&cold| cold != slab);
            self.hot.insert(slab);
        } else if free == 1 {
            self.cold.push(slab);
        } else if free == self.objcount {
            self.hot.remove(&slab);
            let keep = self.spare.map_or(slab, |spare| spare.min(slab));
            if let Some(surplus) = self.spare.map(|spare| spare.max(slab)) {
                self.slabs.remove(&surplus);
            }
            self.spare = Some(keep);
        }
    }

    fn check(&self, pool: &Mempool) {
        let (used, total) = (self.live.len() * self.objsize, self.slabs.len() * SLAB);
        assert_eq!(pool.slabs.stats.used.get(), used);
        assert_eq!(pool.slabs.stats.total.get(), total);
        // SAFETY: the pool is alive.
        let (count, stats) = unsafe { (Mempool::count(pool), Mempool::stats(pool)) };
        assert_eq!(count, self.live.len());
        assert_eq!(stats.objsize as usize, self.objsize);
        assert_eq!(stats.objcount as usize, count);
        assert_eq!(stats.slabsize as usize, SLAB);
        assert_eq!(stats.slabcount as usize, self.slabs.len());
        assert_eq!(stats.totals.used.get(), used);
        assert_eq!(stats.totals.total.get(), total - HEADER * self.slabs.len());
    }
}

/// The pattern of an object depends on its address.
fn pattern(object: usize) -> u8 {
    (object >> 3) as u8 ^ (object >> 11) as u8
}

fn pointer(object: usize) -> *mut u8 {
    std::ptr::with_exposed_provenance_mut(object)
}

fn free(model: &mut Model, pool: &Mempool, number: usize) {
    if model.live.is_empty() {
        return;
    }
    let object = model.live.swap_remove(number % model.live.len());
    // SAFETY: an object of the pool, which nobody else uses.
    unsafe {
        let bytes = std::slice::from_raw_parts(pointer(object), model.objsize);
        assert!(
            bytes.iter().all(|&byte| byte == pattern(object)),
            "nobody else wrote to it"
        );
        Mempool::free(pool, pointer(object).cast());
    }
    model.free(object);
}

proptest! {
    #![proptest_config(cases(64))]

    /// Streaks, so that slabs become full and empty.
    #[test]
    fn serves_from_the_right_slab(
        words in prop_oneof![1..20_usize, 100..1000_usize, Just(8179_usize)],
        streaks in prop::collection::vec((any::<bool>(), 1..400_usize), 1..30),
        numbers in prop::collection::vec(any::<usize>(), 400),
    ) {
        let fixture = Fixture::new(SLAB as u32, SLABS);
        let cache: *const SlabCache = &*fixture.cache;
        let pool: Box<Mempool> = memory();
        let objsize = words * 8;
        // SAFETY: boxed, and dropped before the cache.
        unsafe { Mempool::create_with_order(&*pool, cache, objsize as u32, 4) };
        let mut model = Model {
            objsize,
            objcount: (SLAB - HEADER) / objsize,
            slabs: BTreeMap::new(),
            hot: Default::default(),
            cold: Vec::new(),
            spare: None,
            live: Vec::new(),
        };
        for (allocate, length) in streaks {
            for &number in &numbers[..length] {
                if allocate {
                    // SAFETY: the pool is alive and this is its thread.
                    let object: *mut c_void = unsafe { Mempool::alloc(&*pool) };
                    let address = object.expose_provenance();
                    model.alloc(address);
                    if !object.is_null() {
                        // SAFETY: an object that is ours.
                        unsafe { object.cast::<u8>().write_bytes(pattern(address), objsize) };
                    }
                } else {
                    free(&mut model, &pool, number);
                }
                model.check(&pool);
            }
        }
        while !model.live.is_empty() {
            free(&mut model, &pool, 0);
        }
        model.check(&pool);
        // SAFETY: nobody uses the objects.
        unsafe { Mempool::destroy(&*pool) };
    }
}
