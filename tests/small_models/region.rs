// SPDX-License-Identifier: BSD-2-Clause
//! The region, as a sequence of bytes that is cut into slabs.

use crate::fixture::{Fixture, cases, memory, units};
use cordage::small::{Region, Rlist, Slab, SlabCache};
use proptest::prelude::*;

const BLOCK: usize = 64 * 1024;
const BLOCKS: usize = 4;
const HEADER: usize = 56;

#[derive(Clone, Debug)]
enum Op {
    Alloc(usize),
    AlignedAlloc(usize, usize),
    Reserve(usize),
    /// Truncates to this part of what is used, in 1/256.
    Truncate(usize),
    Reset,
    Free,
    /// Joins this part of what is used, in 1/256.
    Join(usize),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let size = || (0..18_u32).prop_flat_map(|bits| 0..1_usize << bits);
    let op = prop_oneof![
        8 => size().prop_map(Op::Alloc),
        4 => (size(), 0..8_u32).prop_map(|(size, bits)| Op::AlignedAlloc(size, 1 << bits)),
        2 => size().prop_map(Op::Reserve),
        3 => (0..=256_usize).prop_map(Op::Truncate),
        1 => Just(Op::Reset),
        1 => Just(Op::Free),
        3 => (0..=256_usize).prop_map(Op::Join),
    ];
    prop::collection::vec(op, 1..150)
}

/// A slab, with the bytes that were allocated from it. Padding is None.
struct SlabModel {
    size: usize,
    data: usize,
    bytes: Vec<Option<u8>>,
}

struct Model {
    /// The newest comes last.
    slabs: Vec<SlabModel>,
    /// What the next byte written will be.
    next: u8,
}

impl Model {
    fn used(&self) -> usize {
        self.slabs.iter().map(|slab| slab.bytes.len()).sum()
    }

    fn total(&self) -> usize {
        self.slabs.iter().map(|slab| slab.size).sum()
    }

    /// `address` was returned for a reservation of `size` bytes.
    fn reserved(&mut self, address: usize, size: usize) {
        match self.slabs.last() {
            Some(slab) if slab.bytes.len() + size <= slab.size - HEADER => {
                assert_eq!(address, slab.data + slab.bytes.len(), "behind the last");
            }
            _ => {
                let full = size + HEADER;
                let size = match full {
                    ..=4096 => 4096,
                    4097..=BLOCK => full.next_power_of_two(),
                    _ => full,
                };
                self.slabs.push(SlabModel {
                    size,
                    data: address,
                    bytes: Vec::new(),
                });
            }
        }
    }

    /// Consumes what was reserved, after padding it, and writes to it.
    fn consume(&mut self, padding: usize, size: usize) {
        let slab = self.slabs.last_mut().unwrap();
        slab.bytes.extend(std::iter::repeat_n(None, padding));
        let start: *mut u8 =
            std::ptr::with_exposed_provenance_mut(slab.data + slab.bytes.len());
        for offset in 0..size {
            // SAFETY: the bytes were allocated.
            unsafe { start.add(offset).write(self.next) };
            slab.bytes.push(Some(self.next));
            self.next = self.next.wrapping_add(1);
        }
    }

    fn truncate(&mut self, size: usize) {
        let mut cut = self.used() - size;
        while let Some(slab) = self.slabs.last_mut() {
            let used = slab.bytes.len();
            if used > cut {
                slab.bytes.truncate(used - cut);
                return;
            }
            cut -= used;
            self.slabs.pop();
        }
    }

    /// The last `size` bytes.
    fn tail(&self, size: usize) -> Vec<Option<u8>> {
        let all: Vec<_> = self
            .slabs
            .iter()
            .flat_map(|slab| &slab.bytes)
            .copied()
            .collect();
        all[all.len() - size..].to_vec()
    }

    fn check(&self, region: &Region) {
        // SAFETY: the region is alive.
        unsafe {
            assert_eq!(Region::used(region), self.used());
            assert_eq!(Region::total(region), self.total());
        }
        for slab in &self.slabs {
            compare(std::ptr::with_exposed_provenance(slab.data), &slab.bytes);
        }
    }
}

/// Memory holds the bytes expected; padding may be anything.
fn compare(start: *const u8, expected: &[Option<u8>]) {
    for (offset, expected) in expected.iter().enumerate() {
        if let Some(expected) = expected {
            // SAFETY: the caller's memory is as long as `expected`.
            assert_eq!(unsafe { start.add(offset).read() }, *expected, "contents");
        }
    }
}

/// Where the data of the newest slab starts.
///
/// # Safety
/// The region is not empty.
unsafe fn newest_data(region: *const Region) -> usize {
    // SAFETY: the caller says so.
    let link = unsafe { Rlist::first(&(*region).slabs.slabs) };
    Slab::from_list_link(link).addr() + HEADER
}

/// Whether the memory for a new slab was not there: checked afterwards, with
/// nothing changed.
fn could_not_grow(fixture: &Fixture, size: usize) -> bool {
    let full = size + HEADER;
    let quota_left = BLOCKS * BLOCK - fixture.quota.used();
    if full > BLOCK {
        return units(full) > quota_left;
    }
    let order = (0..5).find(|order| full <= 4096 << order).unwrap();
    let free = fixture.cache.orders[order..5]
        .iter()
        .any(|list| list.stats.total.get() > list.stats.used.get());
    !free && fixture.arena.stats().cached == 0 && quota_left < BLOCK
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn keeps_every_byte_until_it_is_freed(ops in ops()) {
        let fixture = Fixture::new(BLOCK as u32, BLOCKS);
        let cache: *const SlabCache = &*fixture.cache;
        let region: Box<Region> = memory();
        let region: *const Region = &*region;
        // SAFETY: boxed, and dropped before the cache. The operations are on a
        // live region in its thread, and memory is used only while it is ours.
        unsafe {
            Region::create(region, cache);
            let mut model = Model { slabs: Vec::new(), next: 0 };
            for op in ops {
                match op {
                    Op::Alloc(size) => {
                        let start = Region::alloc(region, size).expose_provenance();
                        if start != 0 {
                            model.reserved(start, size);
                            model.consume(0, size);
                        } else {
                            prop_assert!(could_not_grow(&fixture, size));
                        }
                    }
                    Op::AlignedAlloc(size, alignment) => {
                        let reserve = size + alignment - 1;
                        let start = Region::aligned_alloc(region, size, alignment);
                        let start = start.expose_provenance();
                        if start != 0 {
                            prop_assert!(start.is_multiple_of(alignment));
                            // Where the padding starts.
                            let unaligned = match model.slabs.last() {
                                Some(slab) if reserve <= slab.size - HEADER - slab.bytes.len() => {
                                    slab.data + slab.bytes.len()
                                }
                                _ => newest_data(region),
                            };
                            model.reserved(unaligned, reserve);
                            model.consume(start - unaligned, size);
                        } else {
                            prop_assert!(could_not_grow(&fixture, reserve));
                        }
                    }
                    Op::Reserve(size) => {
                        let start = Region::reserve(region, size).expose_provenance();
                        if start != 0 {
                            model.reserved(start, size);
                        } else {
                            prop_assert!(could_not_grow(&fixture, size));
                        }
                    }
                    Op::Truncate(part) => {
                        let size = model.used() * part / 256;
                        Region::truncate(region, size);
                        model.truncate(size);
                    }
                    Op::Reset => {
                        Region::reset(region);
                        if let Some(slab) = model.slabs.last_mut() {
                            slab.bytes.clear();
                        }
                    }
                    Op::Free => {
                        Region::free(region);
                        model.slabs.clear();
                    }
                    Op::Join(part) => {
                        let size = model.used() * part / 256;
                        let tail = model.tail(size);
                        let in_place =
                            model.slabs.last().is_none_or(|slab| size <= slab.bytes.len());
                        let start = Region::join(region, size);
                        if start.is_null() {
                            prop_assert!(could_not_grow(&fixture, size));
                        } else if in_place {
                            if model.slabs.is_empty() {
                                model.reserved(start.expose_provenance(), 0);
                            }
                            compare(start.cast(), &tail);
                        } else {
                            compare(start.cast(), &tail);
                            model.reserved(start.expose_provenance(), size);
                            model.slabs.last_mut().unwrap().bytes.extend(tail);
                        }
                    }
                }
                model.check(&*region);
            }
            Region::destroy(region);
        }
    }
}
