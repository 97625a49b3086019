// SPDX-License-Identifier: BSD-2-Clause
//! The buddy allocator, with free lists as plain vectors of addresses.

use crate::fixture::{Fixture, cases, units};
use cordage::small::{Slab, SlabCache, slab_sizeof};
use proptest::prelude::*;

const BLOCK: usize = 256 * 1024;
const BLOCKS: usize = 6;
const ORDER0: usize = 4096;
const ORDER_MAX: usize = 6;

#[derive(Clone, Debug)]
enum Op {
    Get(usize),
    GetWithOrder(usize),
    GetLarge(usize),
    /// Puts back the slab of this number, modulo how many there are.
    Put(usize),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        // As likely small as large.
        4 => (0..19_u32).prop_flat_map(|bits| 0..1_usize << bits).prop_map(Op::Get),
        1 => (0..=ORDER_MAX).prop_map(Op::GetWithOrder),
        1 => (0..BLOCK).prop_map(Op::GetLarge),
        6 => any::<usize>().prop_map(Op::Put),
    ];
    prop::collection::vec(op, 1..200)
}

/// A slab that is handed out.
#[derive(Clone, Copy)]
enum Live {
    Ordered { address: usize, order: usize },
    Huge { address: usize, size: usize },
}

#[derive(Default)]
struct Model {
    /// Addresses by order; the one to be reused next comes last.
    free: [Vec<usize>; ORDER_MAX + 1],
    live: Vec<Live>,
    /// Blocks in the cache of the arena; the one to be reused next comes last.
    returned: Vec<usize>,
    /// Blocks that the cache holds, and that the arena has ever mapped.
    held: usize,
    mapped: usize,
}

/// What a request must give.
#[derive(Debug, PartialEq)]
enum Expected {
    Nothing,
    At(usize),
    /// The start of a block, which the arena has to map.
    NewBlock,
    Huge,
}

impl Model {
    fn huge_sizes(&self) -> impl Iterator<Item = usize> {
        self.live.iter().filter_map(|live| match live {
            Live::Huge { size, .. } => Some(*size),
            Live::Ordered { .. } => None,
        })
    }

    fn quota_used(&self) -> usize {
        self.mapped * BLOCK + self.huge_sizes().map(units).sum::<usize>()
    }

    fn expect_order(&self, order: usize) -> Expected {
        if let Some(address) = self.free[order..].iter().find_map(|list| list.last()) {
            Expected::At(*address)
        } else if let Some(block) = self.returned.last() {
            Expected::At(*block)
        } else if self.quota_used() + BLOCK <= BLOCKS * BLOCK {
            Expected::NewBlock
        } else {
            Expected::Nothing
        }
    }

    fn expect_huge(&self, size: usize) -> Expected {
        if self.quota_used() + units(size) <= BLOCKS * BLOCK {
            Expected::Huge
        } else {
            Expected::Nothing
        }
    }

    /// `address` was handed out as `expect_order` said.
    fn got_order(&mut self, address: usize, order: usize) {
        let mut from = (order..=ORDER_MAX).find(|&order| !self.free[order].is_empty());
        if let Some(from) = from {
            self.free[from].pop();
        } else {
            if self.returned.pop().is_none() {
                self.mapped += 1;
            }
            self.held += 1;
            from = Some(ORDER_MAX);
        }
        for split in (order..from.unwrap()).rev() {
            self.free[split].push(address + (ORDER0 << split));
        }
        self.live.push(Live::Ordered { address, order });
    }

    fn put(&mut self, mut address: usize, mut order: usize) {
        while order < ORDER_MAX {
            let buddy = address ^ (ORDER0 << order);
            let Some(position) = self.free[order].iter().position(|&free| free == buddy)
            else {
                break;
            };
            self.free[order].remove(position);
            address = address.min(buddy);
            order += 1;
        }
        if order == ORDER_MAX && !self.free[ORDER_MAX].is_empty() {
            self.returned.push(address);
            self.held -= 1;
        } else {
            self.free[order].push(address);
        }
    }

    fn check(&self, fixture: &Fixture) {
        let huge: usize = self.huge_sizes().sum();
        let mut used = huge;
        for (order, free) in self.free.iter().enumerate() {
            let size = ORDER0 << order;
            let live = self
                .live
                .iter()
                .filter(
                    |live| matches!(live, Live::Ordered { order: o, .. } if *o == order),
                )
                .count();
            let stats = &fixture.cache.orders[order].stats;
            assert_eq!(stats.used.get(), live * size, "used of order {order}");
            assert_eq!(
                stats.total.get(),
                (live + free.len()) * size,
                "total of order {order}"
            );
            used += live * size;
        }
        assert_eq!(fixture.cache.used(), used);
        assert_eq!(
            fixture.cache.allocated.stats.total.get(),
            self.held * BLOCK + huge
        );
        assert_eq!(fixture.arena.stats().in_use, self.held * BLOCK);
        assert_eq!(fixture.arena.stats().cached, self.returned.len() * BLOCK);
        assert_eq!(fixture.quota.used(), self.quota_used());
        // SAFETY: the cache is alive and this is its thread.
        unsafe { SlabCache::check(&*fixture.cache) };
    }
}

/// Runs a request for an ordered or a huge slab, and checks what it returns.
fn request(
    model: &mut Model,
    order: Option<usize>,
    size: usize,
    get: impl Fn() -> *mut Slab,
) {
    let expected = match order {
        Some(order) => model.expect_order(order),
        None => model.expect_huge(size),
    };
    let slab = get();
    let address = slab.addr();
    match expected {
        Expected::Nothing => assert!(slab.is_null(), "no memory"),
        Expected::At(expected) => assert_eq!(address, expected, "reuse"),
        Expected::NewBlock => {
            assert!(
                !slab.is_null() && address.is_multiple_of(BLOCK),
                "a new block"
            );
        }
        Expected::Huge => {
            assert!(!slab.is_null() && address.is_multiple_of(16), "malloc")
        }
    }
    // SAFETY: NULL or a slab.
    let Some(slab) = (unsafe { slab.as_ref() }) else {
        return;
    };
    if let Some(order) = order {
        model.got_order(address, order);
        assert_eq!(slab.order.get() as usize, order);
        assert_eq!(slab.size.get(), ORDER0 << order);
    } else {
        model.live.push(Live::Huge { address, size });
        assert_eq!(slab.order.get() as usize, ORDER_MAX + 1);
        assert_eq!(slab.size.get(), size);
    }
    // SAFETY: the slab is ours; only its header matters to the cache.
    unsafe {
        Slab::data((&raw const *slab).cast_mut()).write_bytes(0xa5, slab.size.get() - 48)
    };
}

fn put(model: &mut Model, fixture: &Fixture, number: usize) {
    if model.live.is_empty() {
        return;
    }
    let live = model.live.swap_remove(number % model.live.len());
    let address = match live {
        Live::Ordered { address, order } => {
            model.put(address, order);
            address
        }
        Live::Huge { address, .. } => address,
    };
    // SAFETY: it was got from this cache and not put since.
    unsafe {
        SlabCache::put(
            &*fixture.cache,
            std::ptr::with_exposed_provenance_mut(address),
        )
    };
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn hands_out_what_the_buddy_system_says(ops in ops()) {
        let fixture = Fixture::new(BLOCK as u32, BLOCKS);
        let cache: *const SlabCache = &*fixture.cache;
        let mut model = Model::default();
        for op in ops {
            match op {
                Op::Get(size) => {
                    let full = size + slab_sizeof();
                    let order = (0..=ORDER_MAX).find(|order| full <= ORDER0 << order);
                    // SAFETY: the cache is alive and this is its thread.
                    let get = || unsafe { SlabCache::get(cache, size) };
                    request(&mut model, order, full, get);
                }
                Op::GetWithOrder(order) => {
                    // SAFETY: as above.
                    let get = || unsafe { SlabCache::get_with_order(cache, order as u8) };
                    request(&mut model, Some(order), 0, get);
                }
                Op::GetLarge(size) => {
                    // SAFETY: as above.
                    let get = || unsafe { SlabCache::get_large(cache, size) };
                    request(&mut model, None, size + slab_sizeof(), get);
                }
                Op::Put(number) => put(&mut model, &fixture, number),
            }
            model.check(&fixture);
        }
        while !model.live.is_empty() {
            put(&mut model, &fixture, 0);
        }
        model.check(&fixture);
        prop_assert!(model.held <= 1, "one free block is kept at most");
    }
}
