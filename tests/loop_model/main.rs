// SPDX-License-Identifier: BSD-2-Clause
//! Random programs of fibers and callbacks of the event loop: the order in which the
//! specification lets them run (`model`) is the order in which they run (`real`). One
//! test a process, because a process has one main cord.

#[path = "../main_cord/mod.rs"]
mod main_cord;
mod model;
mod real;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::process::Command;

/// One step. Fibers and callbacks are numbered from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    /// `fiber_wakeup`.
    Wake(usize),
    /// `ev_feed_event`: libev shall call the callback.
    Feed(usize),
    /// `fiber_call` of a fiber that is not ready, does not run and has not ended.
    Call(usize),
    /// `fiber_yield`; as the following two, only in a fiber.
    Yield,
    /// `fiber_reschedule`.
    Reschedule,
    /// `fiber_sleep(0)`.
    Sleep,
}

#[derive(Debug, Clone)]
struct Programs {
    /// The steps of each fiber.
    fibers: Vec<Vec<Op>>,
    /// The steps of each call of each callback. Later calls have none.
    callbacks: Vec<Vec<Vec<Op>>>,
    /// What happens before the event loop runs.
    start: Vec<Op>,
}

/// What runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Step { fiber: usize, step: usize },
    Callback(usize),
}

const FIBERS: usize = 6;
const CALLBACKS: usize = 3;

fn programs() -> impl Strategy<Value = Programs> {
    let anywhere = || {
        prop_oneof![
            4 => (0..FIBERS).prop_map(Op::Wake),
            2 => (0..CALLBACKS).prop_map(Op::Feed),
            1 => (0..FIBERS).prop_map(Op::Call),
        ]
    };
    let in_fiber = prop_oneof![
        5 => anywhere(),
        2 => Just(Op::Yield),
        1 => Just(Op::Reschedule),
        2 => Just(Op::Sleep),
    ];
    let fibers =
        prop::collection::vec(prop::collection::vec(in_fiber, 0..16), FIBERS..=FIBERS);
    let calls = prop::collection::vec(prop::collection::vec(anywhere(), 0..5), 0..4);
    let callbacks = prop::collection::vec(calls, CALLBACKS..=CALLBACKS);
    let start = prop::collection::vec(anywhere(), 1..8);
    (fibers, callbacks, start).prop_map(|(fibers, callbacks, start)| Programs {
        fibers,
        callbacks,
        start,
    })
}

/// Where the scheduler cannot look into libev, nothing is different but the time it takes.
#[test]
fn take_turns_through_an_opaque_libev() {
    let this = std::env::current_exe().expect("a test program");
    let status = Command::new(this)
        .arg("fibers_and_callbacks_take_turns")
        .env("CORDAGE_LIBEV", "opaque")
        .status()
        .expect("the same again");
    assert!(status.success());
}

#[test]
fn fibers_and_callbacks_take_turns() {
    let seed: u64 = match std::env::var("CORDAGE_SEED") {
        Ok(text) => text.parse().expect("CORDAGE_SEED is a number"),
        Err(_) => 1,
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: 4000,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let machine = real::Machine::new();
    TestRunner::new_with_rng(config, rng)
        .run(&programs(), |programs| {
            prop_assert_eq!(model::run(&programs), machine.run(&programs));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
}
