// SPDX-License-Identifier: BSD-2-Clause
//! `struct lf_lifo`: a lock-free stack of 64 KiB aligned blocks, shared by all
//! threads (spec small.md 6.2).
//!
//! The low 16 bits of a block's address are always 0, so the head has room for
//! a counter of pushes beside the address of the top block:
//!
//! ```text
//!   head    [ address of top ............... | pushes mod 65536 ]
//!                  │
//!                  v
//!   top     [ head word found by its push     ]   word 0
//!           [ blocks from here to the bottom  ]   word 1
//!           ...
//! ```
//!
//! Both operations are compare-and-swap loops on the head. A popping thread
//! may read word 0 of a block that another thread has just taken and writes
//! to. It gets nonsense, and discards it: the head has changed, so its swap
//! fails. Two things make that true.
//!
//! * Blocks stay mapped while the stack is in use, so the read cannot fault.
//! * The same block cannot come back under the same head word: every push
//!   counts, and only after 65536 of them, all within one stalled pop, the word
//!   would repeat (the ABA problem). Pops leave the counter alone.
//!
//! Word 1 makes [`LfLifo::len`] O(1): whoever reads it and then finds the head
//! unchanged has read it while the block was the top.
//!
//! This file depends on nothing but `super::atomic`, so that the model checker
//! can compile it with its own atomics (`tests/small_lf_lifo.rs`).

use super::atomic::{AtomicUsize, Ordering};
use core::ffi::c_void;
use core::ptr::NonNull;

/// Alignment of the blocks: 1 + the largest counter.
pub const ALIGNMENT: usize = 1 << 16;

/// The counter's bits of a head word.
const COUNTER: usize = ALIGNMENT - 1;

/// The head of the stack; 0 is an empty one with a fresh counter.
#[repr(C)]
#[derive(Debug)]
pub struct LfLifo {
    /// Address of the top block, or 0, and the counter.
    pub next: AtomicUsize,
}

/// The two words that a block lends to the stack while it is on it.
#[repr(C)]
#[derive(Debug)]
pub struct Node {
    /// The head word that its push found.
    pub next: AtomicUsize,
    /// How many blocks are on the stack from this one down.
    pub depth: AtomicUsize,
}

/// The block of a head word; None when it has no block.
///
/// Another thread may have taken it by now. Then its words are nonsense, and
/// nothing follows from them, because the head word has changed.
fn top<'a>(head: usize) -> Option<&'a Node> {
    let block = NonNull::new(core::ptr::with_exposed_provenance_mut::<Node>(
        head & !COUNTER,
    ))?;
    // SAFETY: only `push` puts addresses into head words: those of blocks that
    // stay mapped while the stack is in use.
    Some(unsafe { block.as_ref() })
}

impl LfLifo {
    /// Puts a block on the stack.
    ///
    /// # Safety
    /// `elem` is aligned to `ALIGNMENT`, at least a `Node` large, and stays
    /// mapped while any thread uses the stack. Its contents belong to the stack
    /// until it is popped.
    pub unsafe fn push(&self, elem: NonNull<c_void>) {
        let address = elem.as_ptr().expose_provenance();
        // SAFETY: the caller lends the block's first words.
        let node = unsafe { elem.cast::<Node>().as_ref() };
        let mut head = self.next.load(Ordering::SeqCst);
        loop {
            let below = top(head).map_or(0, |top| top.depth.load(Ordering::Relaxed));
            node.next.store(head, Ordering::Relaxed);
            node.depth.store(below.wrapping_add(1), Ordering::Release);
            let pushes = head.wrapping_add(1) & COUNTER;
            match self.swap(head, address | pushes) {
                Ok(_) => return,
                Err(seen) => head = seen,
            }
        }
    }

    /// Takes the newest block off the stack.
    pub fn pop(&self) -> Option<NonNull<c_void>> {
        let mut head = self.next.load(Ordering::SeqCst);
        loop {
            let top = top(head)?;
            let below = top.next.load(Ordering::Relaxed);
            match self.swap(head, (below & !COUNTER) | (head & COUNTER)) {
                Ok(_) => return Some(NonNull::from(top).cast()),
                Err(seen) => head = seen,
            }
        }
    }

    /// How many blocks there were at some moment during the call.
    pub fn len(&self) -> usize {
        let mut head = self.next.load(Ordering::SeqCst);
        loop {
            let Some(top) = top(head) else { return 0 };
            // With the release in `push` this keeps the second look at the head
            // behind whatever was read here.
            let depth = top.depth.load(Ordering::Acquire);
            let seen = self.next.load(Ordering::SeqCst);
            if seen == head {
                return depth;
            }
            head = seen;
        }
    }

    /// Changes the head word from what it was to what it shall be, or says what
    /// it is now.
    fn swap(&self, from: usize, to: usize) -> Result<usize, usize> {
        self.next
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst)
    }

    /// Whether the head word is 0: no block *and* a counter of 0. Seldom the
    /// right question; `lf_lifo_is_empty` asks it.
    pub fn is_empty(&self) -> bool {
        self.next.load(Ordering::SeqCst) == 0
    }
}
