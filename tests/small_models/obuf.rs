// SPDX-License-Identifier: BSD-2-Clause
//! The output buffer, as a string of bytes that grows and is cut off.

use crate::fixture::{Fixture, cases, memory};
use cordage::small::{Obuf, ObufSvp};
use proptest::prelude::*;

const BLOCK: u32 = 1 << 16;
const BLOCKS: usize = 8;
const SLAB_HEADER: usize = 48;

#[derive(Clone, Debug)]
enum Op {
    Alloc(usize),
    Dup(usize),
    Savepoint,
    /// Goes back to the savepoint of this number, modulo how many there are.
    Rollback(usize),
    Reset,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let size = || (0..16_u32).prop_flat_map(|bits| 0..1_usize << bits);
    let op = prop_oneof![
        8 => size().prop_map(Op::Alloc),
        8 => size().prop_map(Op::Dup),
        4 => Just(Op::Savepoint),
        2 => any::<usize>().prop_map(Op::Rollback),
        1 => Just(Op::Reset),
    ];
    prop::collection::vec(op, 1..200)
}

/// `obuf_alloc` of the C header.
///
/// # Safety
/// The buffer is alive and this is its thread.
unsafe fn alloc(obuf: &Obuf, size: usize) -> *mut u8 {
    let pos = || obuf.pos.get() as usize;
    let (iov, capacity) = (&obuf.iov[pos()], obuf.capacity[pos()].get());
    let start = if size <= capacity - iov.len.get() {
        iov.base.get().wrapping_add(iov.len.get())
    } else {
        // SAFETY: as ours.
        unsafe { Obuf::reserve_slow(obuf, size) }
    };
    if !start.is_null() {
        obuf.iov[pos()].len.update(|len| len + size);
        obuf.used.update(|used| used + size);
    }
    start
}

fn savepoint(obuf: &Obuf) -> ObufSvp {
    let pos = obuf.pos.get() as usize;
    ObufSvp {
        pos,
        iov_len: obuf.iov[pos].len.get(),
        used: obuf.used.get(),
    }
}

/// The entries hold the bytes of the model, and their slabs are all there is.
fn check(obuf: &Obuf, fixture: &Fixture, model: &[u8]) {
    let (pos, n_iov) = (obuf.pos.get() as usize, obuf.n_iov.get() as usize);
    let mut contents: Vec<u8> = Vec::new();
    let mut slabs = 0;
    for (number, iov) in obuf.iov[..n_iov].iter().enumerate() {
        let (len, capacity) = (iov.len.get(), obuf.capacity[number].get());
        assert!(len <= capacity);
        assert!(
            number <= pos || len == 0,
            "nothing behind the current entry"
        );
        // SAFETY: `len` bytes were appended there.
        contents.extend(unsafe { std::slice::from_raw_parts(iov.base.get(), len) });
        slabs += capacity + SLAB_HEADER;
    }
    assert_eq!(
        (obuf.capacity[n_iov].get(), obuf.iov[n_iov].len.get()),
        (0, 0),
        "terminated"
    );
    assert!(contents == model);
    assert_eq!(obuf.used.get(), model.len());
    assert_eq!(fixture.cache.used(), slabs);
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn holds_what_was_appended(start in 1..20_000_usize, ops in ops()) {
        let fixture = Fixture::new(BLOCK, BLOCKS);
        let obuf: Box<Obuf> = memory();
        let mut model: Vec<u8> = Vec::new();
        let mut savepoints: Vec<ObufSvp> = Vec::new();
        let mut next = 0_u8;
        let mut byte = || {
            next = next.wrapping_add(1);
            next
        };
        // SAFETY: boxed, and dropped before the cache. The operations are on a
        // live buffer in its thread.
        unsafe {
            Obuf::create(&*obuf, &*fixture.cache, start);
            for op in ops {
                match op {
                    Op::Alloc(size) => {
                        let bytes = alloc(&obuf, size);
                        if !bytes.is_null() {
                            let new: Vec<u8> = (0..size).map(|_| byte()).collect();
                            bytes.copy_from_nonoverlapping(new.as_ptr(), size);
                            model.extend(new);
                        }
                    }
                    Op::Dup(size) => {
                        let data: Vec<u8> = (0..size).map(|_| byte()).collect();
                        let n_iov = obuf.n_iov.get();
                        let done = Obuf::dup(&*obuf, data.as_ptr().cast(), size);
                        prop_assert!(done <= size);
                        // A new entry is sized for all that is left, so one is enough.
                        prop_assert!(obuf.n_iov.get() <= n_iov + 1);
                        model.extend(&data[..done]);
                    }
                    Op::Savepoint => savepoints.push(savepoint(&obuf)),
                    Op::Rollback(number) => {
                        if let Some(index) = number.checked_rem(savepoints.len()) {
                            savepoints.truncate(index + 1);
                            Obuf::rollback(&*obuf, savepoints[index]);
                            model.truncate(savepoints[index].used);
                        }
                    }
                    Op::Reset => {
                        Obuf::reset(&*obuf);
                        model.clear();
                        savepoints.clear();
                    }
                }
                check(&obuf, &fixture, &model);
            }
            Obuf::destroy(&*obuf);
        }
    }
}
