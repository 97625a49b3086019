// SPDX-License-Identifier: BSD-2-Clause
//! Who has which id: an index over the fibers of one cord.
//!
//! Few programs ever ask, so the index is made when somebody does, and kept up to date
//! from then on. It can be dropped at any time: where there is no memory for it, the
//! list of living fibers has the answer, too, only slower. So registering a fiber
//! never fails.

use super::FiberRef;
use std::collections::HashMap;
use std::collections::TryReserveError;
use std::hash::{BuildHasherDefault, Hasher};

type Index = HashMap<u32, FiberRef, BuildHasherDefault<FidHasher>>;

/// The index, if there is one.
#[derive(Default)]
pub struct Registry(Option<Index>);

impl Registry {
    /// The fiber of that id among `living`, all of them, newest first. After ids have
    /// wrapped around, that is the newer one of two.
    pub fn find(
        &mut self,
        fid: u32,
        mut living: impl Iterator<Item = FiberRef> + Clone,
    ) -> Option<FiberRef> {
        if self.0.is_none() {
            self.0 = Registry::index(living.clone()).ok();
        }
        match &self.0 {
            Some(index) => index.get(&fid).copied(),
            None => living.find(|fiber| fiber.fid.get() == fid),
        }
    }

    fn index(living: impl Iterator<Item = FiberRef>) -> Result<Index, TryReserveError> {
        let mut index = Index::default();
        for fiber in living {
            index.try_reserve(1)?;
            index.entry(fiber.fid.get()).or_insert(fiber);
        }
        Ok(index)
    }

    /// `fiber` has got its id.
    #[inline]
    pub fn insert(&mut self, fiber: FiberRef) {
        if self.0.is_some() {
            self.insert_into_index(fiber);
        }
    }

    #[cold]
    fn insert_into_index(&mut self, fiber: FiberRef) {
        if let Some(index) = &mut self.0
            && index.try_reserve(1).is_ok()
        {
            index.insert(fiber.fid.get(), fiber);
        } else {
            self.0 = None;
        }
    }

    /// `fiber` is about to lose its id. Nothing happens if a newer fiber has the same.
    #[inline]
    pub fn remove(&mut self, fiber: FiberRef) {
        if self.0.is_some() {
            self.remove_from_index(fiber);
        }
    }

    #[cold]
    fn remove_from_index(&mut self, fiber: FiberRef) {
        if let Some(index) = &mut self.0
            && index.get(&fiber.fid.get()) == Some(&fiber)
        {
            index.remove(&fiber.fid.get());
        }
    }
}

/// Ids count up: a multiplication spreads them well enough.
#[derive(Default)]
struct FidHasher(u64);

impl Hasher for FidHasher {
    fn write_u32(&mut self, fid: u32) {
        /// 2^64 divided by the golden ratio.
        const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
        let product = u64::from(fid).wrapping_mul(MULTIPLIER);
        // The table takes its bucket from the low bits.
        self.0 = product ^ product >> 32;
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(self.0 as u32 ^ u32::from(byte));
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::Fiber;
    use core::ptr::NonNull;
    use proptest::prelude::*;

    /// Zeroed structs: only their ids are looked at.
    struct Fibers(Box<[core::mem::MaybeUninit<Fiber>]>);

    impl Fibers {
        fn new(count: usize) -> Fibers {
            // SAFETY: memory that nobody reads before it is initialised is initialised.
            Fibers(unsafe { Box::new_zeroed_slice(count).assume_init() })
        }

        fn get(&self, at: usize) -> FiberRef {
            // SAFETY: all bytes zero is valid for a fiber.
            unsafe { FiberRef::new(NonNull::from(&self.0[at]).cast()) }
        }
    }

    proptest! {
        /// The list of the living is the model.
        #[test]
        fn finds_what_the_list_has(operations in prop::collection::vec((0..4, 1u32..40), 0..300)) {
            let fibers = Fibers::new(operations.len());
            let mut registry = Registry::default();
            let mut living: Vec<FiberRef> = Vec::new();
            for (at, (operation, fid)) in operations.into_iter().enumerate() {
                let taken = living.iter().position(|fiber| fiber.fid.get() == fid);
                match (operation, taken) {
                    (0 | 1, None) => {
                        fibers.get(at).fid.set(fid);
                        registry.insert(fibers.get(at));
                        living.insert(0, fibers.get(at));
                    }
                    (2, Some(position)) => {
                        registry.remove(living.remove(position));
                    }
                    (3, _) => {
                        let found = registry.find(fid, living.iter().copied());
                        prop_assert!(found == taken.map(|position| living[position]));
                    }
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn of_two_with_one_id_the_newer_is_found() {
        let fibers = Fibers::new(3);
        let [old, new, newest] = [0, 1, 2].map(|at| fibers.get(at));
        for fiber in [old, new, newest] {
            fiber.fid.set(101);
        }
        let mut registry = Registry::default();
        assert!(registry.find(101, [new, old].into_iter()) == Some(new));
        registry.insert(newest);
        registry.remove(old);
        assert!(registry.find(101, [newest, new].into_iter()) == Some(newest));
    }
}
