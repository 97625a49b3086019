// SPDX-License-Identifier: BSD-2-Clause
//! An arena and a slab cache for a test.

use cordage::small::{Quota, SLAB_ARENA_PRIVATE, SlabArena, SlabCache};
use proptest::test_runner::Config;
use std::mem::MaybeUninit;

/// Memory for a struct of the C interface, which its `create` fills in. Boxed,
/// because it must not move.
pub fn memory<T>() -> Box<T> {
    // SAFETY: only used for structs of integers and pointers in cells, for which
    // all bytes 0 are valid.
    unsafe {
        Box::<MaybeUninit<T>>::new_zeroed()
            .assume_init()
            .assume_init()
    }
}

/// Everything has to be given back before it is dropped.
pub struct Fixture {
    pub quota: Box<Quota>,
    pub arena: Box<SlabArena>,
    pub cache: Box<SlabCache>,
}

impl Fixture {
    /// The quota is for `blocks` blocks of `block_size` bytes.
    pub fn new(block_size: u32, blocks: usize) -> Fixture {
        let fixture = Fixture {
            quota: Box::new(Quota::zeroed()),
            arena: Box::new(SlabArena::zeroed()),
            cache: memory(),
        };
        fixture.quota.init(block_size as usize * blocks);
        // SAFETY: the three are boxed and live equally long.
        unsafe {
            let rc = SlabArena::create(
                &*fixture.arena,
                &*fixture.quota,
                0,
                block_size,
                SLAB_ARENA_PRIVATE,
            );
            assert_eq!(rc, 0);
            SlabCache::create(&*fixture.cache, &*fixture.arena);
        }
        fixture
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        // SAFETY: nobody uses the memory any more.
        unsafe {
            SlabCache::check(&*self.cache);
            assert_eq!(self.cache.used(), 0, "everything was given back");
            SlabCache::destroy(&*self.cache);
            SlabArena::destroy(&*self.arena);
        }
    }
}

/// `default` cases, unless the environment says how many.
pub fn cases(default: u32) -> Config {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => Config::default(),
        None => Config::with_cases(default),
    }
}

/// What the quota counts for `size`.
pub fn units(size: usize) -> usize {
    size.next_multiple_of(1024)
}
