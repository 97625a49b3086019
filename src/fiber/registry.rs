// SPDX-License-Identifier: BSD-2-Clause
//! Who has which id: the fibers of one cord by `fid`.
//!
//! An open-addressing table. Ids are given out in sequence, so their low bits
//! are a perfect hash for as long as the live ids span less than the table;
//! linear probing does the rest. Half of the slots are kept empty, and a
//! removal closes its gap, so searches stay short for ever.

use super::FiberRef;
use std::collections::TryReserveError;

/// `fid` 0 marks an empty slot: no registered fiber has it.
#[derive(Clone, Copy)]
struct Slot {
    fid: u32,
    fiber: Option<FiberRef>,
}

const EMPTY: Slot = Slot {
    fid: 0,
    fiber: None,
};
const INITIAL: usize = 64;

/// The table; its length is zero or a power of two.
#[derive(Default)]
pub struct Registry {
    slots: Vec<Slot>,
    /// Occupied slots.
    len: usize,
    /// How many fibers there is room for.
    reserved: usize,
}

impl Registry {
    /// Makes room for one fiber more in all. [`Registry::insert`] never allocates; it
    /// relies on one reservation for each fiber that exists, parked or not.
    pub fn reserve_one(&mut self) -> Result<(), TryReserveError> {
        let needed = (self.reserved + 1) * 2;
        if needed > self.slots.len() {
            let size = needed.next_power_of_two().max(INITIAL);
            let mut larger = Vec::new();
            larger.try_reserve_exact(size)?;
            larger.resize(size, EMPTY);
            let old = std::mem::replace(&mut self.slots, larger);
            self.len = 0;
            for slot in old {
                if let Some(fiber) = slot.fiber {
                    self.insert(slot.fid, fiber);
                }
            }
        }
        self.reserved += 1;
        Ok(())
    }

    /// Gives a reservation back: a fiber was deleted, or not made after all.
    pub fn release_one(&mut self) {
        self.reserved -= 1;
    }

    /// Registers `fiber`. After ids have wrapped around, a newcomer takes the entry
    /// of an old fiber of the same id.
    pub fn insert(&mut self, fid: u32, fiber: FiberRef) {
        let Some(mut at) = self.home(fid) else {
            return;
        };
        while let Some(slot) = self.slots.get_mut(at) {
            if slot.fid == 0 || slot.fid == fid {
                self.len += usize::from(slot.fid == 0);
                *slot = Slot {
                    fid,
                    fiber: Some(fiber),
                };
                return;
            }
            at = self.after(at);
        }
    }

    /// The fiber of that id.
    pub fn find(&self, fid: u32) -> Option<FiberRef> {
        self.slots.get(self.position(fid)?)?.fiber
    }

    /// Forgets `fiber`; nothing happens if its id has passed to another one.
    pub fn remove(&mut self, fid: u32, fiber: FiberRef) {
        let Some(mut gap) = self.position(fid) else {
            return;
        };
        if self
            .slots
            .get(gap)
            .is_none_or(|slot| slot.fiber != Some(fiber))
        {
            return;
        }
        self.len -= 1;
        // Pull back every follower that the gap would cut off from its home.
        let mut at = gap;
        loop {
            at = self.after(at);
            let Some(&slot) = self.slots.get(at) else {
                break;
            };
            let Some(home) = self.home(slot.fid).filter(|_| slot.fid != 0) else {
                break;
            };
            if self.distance(home, at) >= self.distance(gap, at) {
                self.slots[gap] = slot;
                gap = at;
            }
        }
        self.slots[gap] = EMPTY;
    }

    /// Registered fibers.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nobody is registered.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn position(&self, fid: u32) -> Option<usize> {
        let mut at = self.home(fid).filter(|_| fid != 0)?;
        loop {
            match self.slots.get(at)?.fid {
                0 => return None,
                found if found == fid => return Some(at),
                _ => at = self.after(at),
            }
        }
    }

    /// None while the table has no slots at all.
    fn home(&self, fid: u32) -> Option<usize> {
        Some(fid as usize & self.slots.len().checked_sub(1)?)
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }

    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;
    use std::ptr::NonNull;

    fn fake(n: usize) -> FiberRef {
        let address = NonNull::new((n * 336 + 336) as *mut _).unwrap();
        // SAFETY: never dereferenced; the registry only compares.
        unsafe { FiberRef::new(address) }
    }

    proptest! {
        #[test]
        fn behaves_like_a_map(
            operations in prop::collection::vec((0u8..3, 1u32..400, 0usize..8), 0..600)
        ) {
            let mut registry = Registry::default();
            let mut model = HashMap::new();
            for _ in 0..400 {
                registry.reserve_one().unwrap();
            }
            for (operation, fid, fiber) in operations {
                // Far apart and close together: long probe sequences in both.
                let fid = if fid % 2 == 0 { fid * 1024 } else { fid };
                match operation {
                    0 => {
                        registry.insert(fid, fake(fiber));
                        model.insert(fid, fake(fiber));
                    }
                    1 => {
                        registry.remove(fid, fake(fiber));
                        if model.get(&fid) == Some(&fake(fiber)) {
                            model.remove(&fid);
                        }
                    }
                    _ => prop_assert!(registry.find(fid) == model.get(&fid).copied()),
                }
                prop_assert_eq!(registry.len(), model.len());
            }
            for (fid, fiber) in model {
                prop_assert!(registry.find(fid) == Some(fiber));
            }
        }
    }

    #[test]
    fn grows_by_reservation_only() {
        let mut registry = Registry::default();
        assert!(registry.find(101).is_none());
        for fid in 101..5000u32 {
            registry.reserve_one().unwrap();
            registry.insert(fid, fake(fid as usize));
        }
        assert!(registry.slots.len() <= 4 * 4899);
        for fid in 101..5000u32 {
            assert!(registry.find(fid) == Some(fake(fid as usize)));
        }
    }
}
