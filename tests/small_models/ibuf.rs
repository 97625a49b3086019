// SPDX-License-Identifier: BSD-2-Clause
//! The input buffer, as a queue of bytes.

use crate::fixture::{Fixture, cases, memory};
use cordage::small::Ibuf;
use proptest::prelude::*;
use std::collections::VecDeque;

const BLOCK: u32 = 1 << 16;
const BLOCKS: usize = 8;
const SLAB_HEADER: usize = 48;

#[derive(Clone, Debug)]
enum Op {
    Write(usize),
    /// Reads this part of what there is, in 1/256.
    Read(usize),
    Reset,
    Reinit,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        8 => (0..18_u32).prop_flat_map(|bits| 0..1_usize << bits).prop_map(Op::Write),
        8 => (0..=256_usize).prop_map(Op::Read),
        1 => Just(Op::Reset),
        1 => Just(Op::Reinit),
    ];
    prop::collection::vec(op, 1..200)
}

/// `ibuf_alloc` of the C header.
///
/// # Safety
/// The buffer is alive and this is its thread.
unsafe fn alloc(ibuf: &Ibuf, size: usize) -> *mut u8 {
    let mut start = ibuf.wpos.get();
    if size > ibuf.end.get().addr() - start.addr() {
        // SAFETY: as ours.
        start = unsafe { Ibuf::reserve_slow(ibuf, size) };
    }
    if !start.is_null() {
        ibuf.wpos.set(start.wrapping_add(size));
    }
    start
}

/// Bytes of memory after `used` + `size` had to fit `capacity`.
fn grown(capacity: usize, start: usize, needed: usize) -> usize {
    if needed <= capacity {
        return capacity;
    }
    let mut wanted = (2 * capacity).max(start);
    while wanted < needed {
        wanted *= 2;
    }
    match wanted + SLAB_HEADER {
        full if full <= 4096 => 4096 - SLAB_HEADER,
        full if full <= BLOCK as usize => full.next_power_of_two() - SLAB_HEADER,
        _ => wanted,
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn bytes_come_out_as_they_went_in(start in 1..40_000_usize, ops in ops()) {
        let fixture = Fixture::new(BLOCK, BLOCKS);
        let ibuf: Box<Ibuf> = memory();
        let mut model = VecDeque::new();
        let (mut next, mut capacity) = (0_u8, 0);
        // SAFETY: boxed, and dropped before the cache. The operations are on a
        // live buffer in its thread; rpos stays between buf and wpos.
        unsafe {
            Ibuf::create(&*ibuf, &*fixture.cache, start);
            for op in ops {
                match op {
                    Op::Write(size) => {
                        let fits = size <= ibuf.end.get().addr() - ibuf.wpos.get().addr();
                        let bytes = alloc(&ibuf, size);
                        if bytes.is_null() {
                            // Nothing was wanted of no memory, or there is none.
                            let grown = grown(capacity, start, model.len() + size);
                            prop_assert!(size == 0 || capacity + grown > BLOCK as usize);
                        } else {
                            if !fits {
                                capacity = grown(capacity, start, model.len() + size);
                            }
                            for offset in 0..size {
                                bytes.add(offset).write(next);
                                model.push_back(next);
                                next = next.wrapping_add(1);
                            }
                        }
                    }
                    Op::Read(part) => {
                        for _ in 0..model.len() * part / 256 {
                            prop_assert_eq!(Some(ibuf.rpos.get().read()), model.pop_front());
                            ibuf.rpos.set(ibuf.rpos.get().add(1));
                        }
                    }
                    Op::Reset => {
                        ibuf.rpos.set(ibuf.buf.get());
                        ibuf.wpos.set(ibuf.buf.get());
                        model.clear();
                    }
                    Op::Reinit => {
                        Ibuf::reinit(&*ibuf);
                        model.clear();
                        capacity = 0;
                    }
                }
                prop_assert_eq!(ibuf.wpos.get().addr() - ibuf.rpos.get().addr(), model.len());
                prop_assert_eq!(ibuf.end.get().addr() - ibuf.buf.get().addr(), capacity);
                let slab = if capacity == 0 { 0 } else { capacity + SLAB_HEADER };
                prop_assert_eq!(fixture.cache.used(), slab);
            }
            Ibuf::destroy(&*ibuf);
        }
    }
}
