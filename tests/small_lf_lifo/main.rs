// SPDX-License-Identifier: BSD-2-Clause
//! The lock-free stack of the arena under every interleaving of a few threads.
//!
//! `loom` runs a model once for every order in which the threads' atomic
//! operations can happen, and for every value that the memory model lets them
//! read. What it runs here is the file of the library itself, compiled with
//! loom's atomics in place of the processor's.
//!
//! The larger models are cut off: they are complete up to a number of switches
//! that are forced upon a thread. Bugs of such stacks need two or three.
//! `LOOM_MAX_PREEMPTIONS` sets another number; 8 takes minutes.

#![allow(
    clippy::duplicate_mod,
    reason = "the same code with two kinds of atomics is the point"
)]

/// What `lf_lifo.rs` is made of.
mod atomic {
    pub use loom::sync::atomic::{AtomicUsize, Ordering};
}

#[allow(dead_code)]
#[path = "../../src/small/lf_lifo.rs"]
mod lf_lifo;

#[allow(dead_code)]
mod models;

mod uncounted;

use models::Step::{Put, Take};
use models::{check, check_len};

#[test]
fn two_threads_take_and_put_twice() {
    check(
        Some(4),
        2,
        &[&[Take, Put, Take, Put], &[Take, Put, Take, Put]],
    );
}

#[test]
fn three_threads_share_two_blocks() {
    check(Some(4), 2, &[&[Take, Put], &[Take, Put], &[Take]]);
}

#[test]
fn a_block_that_comes_back_is_not_mistaken() {
    check(None, 2, models::ABA);
}

#[test]
fn length_is_that_of_some_moment() {
    check_len(2, &[Take, Put], 1..=2);
    check_len(2, &[Take, Take, Put], 0..=2);
    check_len(0, &[], 0..=0);
}

/// Without the counter in the head word the same model must fail, or it proves
/// nothing.
#[test]
#[should_panic(expected = "every block is somewhere, once")]
fn without_the_counter_it_is_mistaken() {
    uncounted::check_aba();
}
