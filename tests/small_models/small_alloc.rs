// SPDX-License-Identifier: BSD-2-Clause
//! The general allocator: objects do not overlap, and the statistics know what
//! is used, huge and delayed objects included.

use crate::fixture::{Fixture, cases, memory};
use cordage::small::{SmallAlloc, SmallClass, slab_sizeof};
use proptest::prelude::*;
use std::collections::BTreeMap;

const BLOCK: u32 = 1 << 20;
const BLOCKS: usize = 8;
const OBJSIZE_MIN: u32 = 16;
/// 1/16 of a block less its header, in words.
const OBJSIZE_MAX: usize = (BLOCK as usize - 104) / 16 / 8 * 8;
/// Delayed objects that an allocation frees.
const BATCH: usize = 100;

#[derive(Clone, Debug)]
enum Op {
    Alloc(usize),
    /// Frees the object of this number, modulo how many there are.
    Free(usize),
    FreeDelayed(usize),
    SetDelayed(bool),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        12 => (0..18_u32).prop_flat_map(|bits| 1..=1_usize << bits).prop_map(Op::Alloc),
        3 => any::<usize>().prop_map(Op::Free),
        6 => any::<usize>().prop_map(Op::FreeDelayed),
        1 => any::<bool>().prop_map(Op::SetDelayed),
    ];
    prop::collection::vec(op, 1..400)
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Free,
    Collect,
    Delayed,
}

struct Model {
    class: Box<SmallClass>,
    /// Address to size as asked for.
    live: BTreeMap<usize, usize>,
    mode: Mode,
    /// Sizes of delayed huge objects.
    delayed_huge: Vec<usize>,
    /// Classes with delayed objects, and how many; the last one is emptied first.
    delayed: Vec<(u32, usize)>,
}

impl Model {
    /// None if objects of this size are huge.
    fn class_of(&self, size: usize) -> Option<u32> {
        (size <= OBJSIZE_MAX).then(|| self.class.class_of(size as u32))
    }

    fn size_of_class(&self, class: u32) -> usize {
        (self.class.size_of_class(class) as usize).min(OBJSIZE_MAX)
    }

    /// What an allocation does before it allocates.
    fn collect(&mut self) {
        if self.mode != Mode::Collect {
            return;
        }
        if !self.delayed_huge.is_empty() {
            let left = self.delayed_huge.len().saturating_sub(BATCH);
            self.delayed_huge.truncate(left);
        } else if !self.delayed.is_empty() {
            for _ in 0..BATCH {
                match self.delayed.last_mut() {
                    None => break,
                    Some((_, 0)) => drop(self.delayed.pop()),
                    Some((_, count)) => *count -= 1,
                }
            }
        } else {
            self.mode = Mode::Free;
        }
    }

    fn free_delayed(&mut self, size: usize) {
        if self.mode != Mode::Delayed {
            return;
        }
        let Some(class) = self.class_of(size) else {
            // The queue is a stack, but it is only ever emptied from its end.
            self.delayed_huge.push(size);
            return;
        };
        match self.delayed.iter_mut().find(|(queued, _)| *queued == class) {
            Some((_, count)) => *count += 1,
            None => self.delayed.push((class, 1)),
        }
    }

    fn alloc(&mut self, address: usize, size: usize) {
        assert!(address.is_multiple_of(8));
        if let Some((&below, &size_below)) = self.live.range(..=address).next_back() {
            assert!(below + size_below <= address, "no overlap");
        }
        if let Some((&above, _)) = self.live.range(address..).next() {
            assert!(address + size <= above, "no overlap");
        }
        self.live.insert(address, size);
    }

    fn check(&self, fixture: &Fixture, alloc: &SmallAlloc) {
        let pooled: usize = self
            .live
            .values()
            .filter_map(|&size| self.class_of(size))
            .chain(
                self.delayed
                    .iter()
                    .flat_map(|&(class, n)| std::iter::repeat_n(class, n)),
            )
            .map(|class| self.size_of_class(class))
            .sum();
        let huge: usize = self
            .live
            .values()
            .filter(|&&size| self.class_of(size).is_none())
            .chain(&self.delayed_huge)
            .map(|size| size + slab_sizeof())
            .sum();
        let mut slabs = 0;
        // SAFETY: the allocator is alive and this is its thread.
        let totals = unsafe {
            SmallAlloc::stats(alloc, |stats| {
                slabs += (stats.slabsize * stats.slabcount) as usize;
                true
            })
        };
        assert_eq!(totals.used.get(), pooled);
        assert_eq!(fixture.cache.used(), slabs + huge);
    }
}

fn pattern(address: usize) -> u8 {
    (address >> 3) as u8 ^ (address >> 11) as u8
}

fn pointer(address: usize) -> *mut u8 {
    std::ptr::with_exposed_provenance_mut(address)
}

/// Takes an object out of the model, after looking at its contents.
fn take(model: &mut Model, number: usize) -> Option<(usize, usize)> {
    let index = number.checked_rem(model.live.len())?;
    let address = *model.live.keys().nth(index)?;
    let size = model.live.remove(&address)?;
    // SAFETY: an object that is ours.
    let bytes = unsafe { std::slice::from_raw_parts(pointer(address), size) };
    assert!(
        bytes.iter().all(|&byte| byte == pattern(address)),
        "nobody else wrote to it"
    );
    Some((address, size))
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn accounts_for_every_object(factor in 1.05_f32..2.0, ops in ops()) {
        let fixture = Fixture::new(BLOCK, BLOCKS);
        let alloc: Box<SmallAlloc> = memory();
        let alloc: *const SmallAlloc = &*alloc;
        let class: Box<SmallClass> = memory();
        class.create(8, factor, OBJSIZE_MIN);
        let mut model = Model {
            class,
            live: BTreeMap::new(),
            mode: Mode::Free,
            delayed_huge: Vec::new(),
            delayed: Vec::new(),
        };
        // SAFETY: boxed, and dropped before the cache. The operations are on a
        // live allocator in its thread; objects are freed once.
        unsafe {
            SmallAlloc::create(alloc, &*fixture.cache, OBJSIZE_MIN, factor);
            for op in ops {
                match op {
                    Op::Alloc(size) => {
                        let quota_left = BLOCK as usize * BLOCKS - fixture.quota.used();
                        let object = SmallAlloc::alloc(alloc, size);
                        model.collect();
                        if object.is_null() {
                            prop_assert!(quota_left < (BLOCK as usize).max(size + 1024));
                        } else {
                            let address = object.expose_provenance();
                            model.alloc(address, size);
                            pointer(address).write_bytes(pattern(address), size);
                        }
                    }
                    Op::Free(number) => {
                        if let Some((address, size)) = take(&mut model, number) {
                            SmallAlloc::free(alloc, pointer(address).cast(), size);
                        }
                    }
                    Op::FreeDelayed(number) => {
                        if let Some((address, size)) = take(&mut model, number) {
                            SmallAlloc::free_delayed(alloc, pointer(address).cast(), size);
                            model.free_delayed(size);
                        }
                    }
                    Op::SetDelayed(delayed) => {
                        SmallAlloc::set_delayed_free(alloc, delayed);
                        model.mode = if delayed { Mode::Delayed } else { Mode::Collect };
                    }
                }
                model.check(&fixture, &*alloc);
            }
            while let Some((address, size)) = take(&mut model, 0) {
                SmallAlloc::free(alloc, pointer(address).cast(), size);
            }
            model.check(&fixture, &*alloc);
            SmallAlloc::destroy(alloc);
        }
    }
}
