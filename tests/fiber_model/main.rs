// SPDX-License-Identifier: BSD-2-Clause
//! Random programs of fibers: what the specification says they do (`model`) is what they
//! do (`real`). One test, because a process has one main cord.

#[path = "../main_cord/mod.rs"]
mod main_cord;
mod model;
mod real;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

/// One step of a fiber. Fibers and channels are numbered from 0. A step that would
/// break a rule of the interface is skipped, by the same test on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    /// `fiber_wakeup`.
    Wake(usize),
    /// `fiber_cancel`, unless the fiber has ended.
    Cancel(usize),
    /// `fiber_yield`.
    Yield,
    /// `fiber_reschedule`.
    Reschedule,
    /// `fiber_start` of a fiber that is neither started nor ready.
    Start(usize),
    /// `fiber_call` of a fiber that has yielded and is neither ready nor in a queue.
    Call(usize),
    /// `fiber_join` of a fiber with a greater number that nobody joins.
    Join(usize),
    /// `fiber_channel_put_timeout`, with a timeout of 0 or none.
    Put {
        channel: usize,
        value: usize,
        wait: bool,
    },
    /// `fiber_channel_get_timeout`.
    Get { channel: usize, wait: bool },
    /// `fiber_channel_close`.
    Close(usize),
}

/// What the fibers of a test do.
#[derive(Debug, Clone)]
struct Programs {
    /// The steps of each fiber.
    fibers: Vec<Vec<Op>>,
    /// The capacity of each channel.
    channels: Vec<usize>,
    /// Who is woken before the event loop runs.
    woken: Vec<usize>,
}

/// The result of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Got(usize),
    Closed,
    Cancelled,
    TimedOut,
}

/// The completion of step `step` of fiber `fiber`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Event {
    fiber: usize,
    step: usize,
    outcome: Outcome,
}

const CHANNELS: usize = 2;

/// Wakeups, yields, starts, cancels and joins (spec fiber.md 4, 5, 8).
fn scheduling() -> impl Strategy<Value = Programs> {
    (1_usize..7).prop_flat_map(|count| {
        let op = prop_oneof![
            4 => (0..count).prop_map(Op::Wake),
            3 => Just(Op::Yield),
            2 => Just(Op::Reschedule),
            2 => (0..count).prop_map(Op::Start),
            2 => (0..count).prop_map(Op::Call),
            1 => (0..count).prop_map(Op::Cancel),
            2 => (0..count).prop_map(Op::Join),
        ];
        let fibers = prop::collection::vec(prop::collection::vec(op, 0..12), count);
        let woken = prop::collection::vec(0..count, 1..=count);
        (fibers, woken).prop_map(|(fibers, woken)| Programs {
            fibers,
            channels: Vec::new(),
            woken,
        })
    })
}

/// Readers, writers, cancels and closing (spec ipc.md 3).
fn channels() -> impl Strategy<Value = Programs> {
    (2_usize..7).prop_flat_map(|count| {
        let op = prop_oneof![
            6 => (0..CHANNELS, 0..1000_usize, prop::bool::weighted(0.8))
                .prop_map(|(channel, value, wait)| Op::Put { channel, value, wait }),
            6 => (0..CHANNELS, prop::bool::weighted(0.8))
                .prop_map(|(channel, wait)| Op::Get { channel, wait }),
            2 => (0..count).prop_map(Op::Wake),
            2 => Just(Op::Reschedule),
            1 => Just(Op::Yield),
            1 => (0..count).prop_map(Op::Cancel),
            1 => (0..CHANNELS).prop_map(Op::Close),
        ];
        let fibers = prop::collection::vec(prop::collection::vec(op, 0..12), count);
        let channels = prop::collection::vec(0..4_usize, CHANNELS);
        (fibers, channels).prop_map(move |(fibers, channels)| Programs {
            fibers,
            channels,
            woken: (0..count).collect(),
        })
    })
}

/// Compares programs generated from a fixed seed, or from that in `CORDAGE_SEED`. A
/// failure shows the smallest program found.
fn check(machine: &real::Machine, strategy: impl Strategy<Value = Programs>) {
    let seed: u64 = match std::env::var("CORDAGE_SEED") {
        Ok(text) => text.parse().expect("CORDAGE_SEED is a number"),
        Err(_) => 1,
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config {
        cases: 3000,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new_with_rng(config, rng).run(&strategy, |programs| {
        prop_assert_eq!(model::run(&programs), machine.run(&programs));
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, programs)) => {
            panic!("seed {seed}: {reason}\n{programs:#?}")
        }
        Err(error) => panic!("seed {seed}: {error}"),
    }
}

#[test]
fn fibers_do_what_the_model_does() {
    let machine = real::Machine::new();
    check(&machine, scheduling());
    check(&machine, channels());
}
