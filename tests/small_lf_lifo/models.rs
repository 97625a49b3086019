// SPDX-License-Identifier: BSD-2-Clause
//! Threads that take blocks off a stack and put them back.

use super::atomic::{AtomicUsize, Ordering};
use super::lf_lifo::{ALIGNMENT, LfLifo, Node};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use std::alloc::Layout;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::ptr::NonNull;

/// What a thread does next.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Takes a block, if there is one.
    Take,
    /// Puts back the block that it took first, if it holds one.
    Put,
}

/// One thread takes a block; meanwhile the other one takes both and puts that
/// block back. If the first does not notice, the second block is back on the
/// stack, although it is held.
pub const ABA: &[&[Step]] = &[
    &[Step::Take, Step::Take],
    &[Step::Take, Step::Take, Step::Put],
];

#[repr(C)]
struct Block {
    node: Node,
    /// What the owner of the block writes to. Loom fails if two threads do at a
    /// time, or one does not see what the other did.
    contents: UnsafeCell<u32>,
}

struct Shared {
    stack: LfLifo,
    blocks: Vec<NonNull<Block>>,
}

// SAFETY: blocks are atomics, and cells that loom watches.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

/// Of a whole block, of which only the start is used.
fn layout() -> Layout {
    Layout::from_size_align(ALIGNMENT, ALIGNMENT).unwrap()
}

fn new_block() -> NonNull<Block> {
    // SAFETY: the size is not 0, and enough for a `Block`.
    unsafe {
        let block = NonNull::new(std::alloc::alloc(layout()))
            .unwrap()
            .cast::<Block>();
        block.write(Block {
            node: Node {
                next: AtomicUsize::new(0),
                depth: AtomicUsize::new(0),
            },
            contents: UnsafeCell::new(0),
        });
        block
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for block in &self.blocks {
            // SAFETY: made by `new_block`, and the threads are gone.
            unsafe {
                block.drop_in_place();
                std::alloc::dealloc(block.as_ptr().cast(), layout());
            }
        }
    }
}

impl Shared {
    fn new(count: usize) -> Shared {
        let shared = Shared {
            stack: LfLifo {
                next: AtomicUsize::new(0),
            },
            blocks: (0..count).map(|_| new_block()).collect(),
        };
        (0..count).for_each(|number| shared.put(number));
        shared
    }

    fn put(&self, number: usize) {
        // SAFETY: a block, which lives as long as the stack.
        unsafe { self.stack.push(self.blocks[number].cast()) }
    }

    fn take(&self) -> Option<usize> {
        let taken = self.stack.pop()?.cast();
        let number = self
            .blocks
            .iter()
            .position(|&block| block == taken)
            .unwrap();
        // SAFETY: a block, which lives as long as the stack.
        let block = unsafe { taken.as_ref() };
        // The words are the owner's now. What it writes must mislead nobody.
        block
            .node
            .next
            .store(taken.addr().get() | 7, Ordering::Relaxed);
        block.node.depth.store(usize::MAX, Ordering::Relaxed);
        // SAFETY: loom checks that nobody else accesses the contents.
        block
            .contents
            .with_mut(|contents| unsafe { *contents += 1 });
        Some(number)
    }

    /// Returns the blocks that are held at the end.
    fn run(&self, steps: &[Step]) -> Vec<usize> {
        let mut held = Vec::new();
        for step in steps {
            match step {
                Step::Take => held.extend(self.take()),
                Step::Put if held.is_empty() => (),
                Step::Put => self.put(held.remove(0)),
            }
        }
        held
    }
}

/// Runs `body` in every interleaving, or in every one that forces no more than
/// `preemptions` switches of threads.
fn model(preemptions: Option<usize>, body: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(preemptions);
    builder.check(body);
}

/// Runs each of `threads`, then looks for all the blocks.
pub fn check(
    preemptions: Option<usize>,
    blocks: usize,
    threads: &'static [&'static [Step]],
) {
    model(preemptions, move || {
        let shared = Arc::new(Shared::new(blocks));
        let handles: Vec<_> = threads[1..]
            .iter()
            .map(|steps| {
                let shared = shared.clone();
                loom::thread::spawn(move || shared.run(steps))
            })
            .collect();
        let mut found = shared.run(threads[0]);
        for handle in handles {
            found.extend(handle.join().unwrap());
        }
        while let Some(number) = shared.take() {
            found.push(number);
            assert!(found.len() <= blocks, "every block is somewhere, once");
        }
        let distinct: BTreeSet<_> = found.iter().copied().collect();
        assert_eq!(
            (found.len(), distinct.len()),
            (blocks, blocks),
            "every block is somewhere, once"
        );
    });
}

/// Asks for the length while another thread takes `steps`.
pub fn check_len(blocks: usize, steps: &'static [Step], expected: RangeInclusive<usize>) {
    model(None, move || {
        let shared = Arc::new(Shared::new(blocks));
        let other = shared.clone();
        let handle = loom::thread::spawn(move || other.run(steps).len());
        let len = shared.stack.len();
        assert!(expected.contains(&len), "{len} blocks");
        let held = handle.join().unwrap();
        assert_eq!(shared.stack.len() + held, blocks);
    });
}
