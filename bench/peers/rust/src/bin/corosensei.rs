// SPDX-License-Identifier: BSD-2-Clause
//! corosensei: stackful coroutines without a scheduler. Every stack is a mapping of its
//! own with a guard; a program may reuse one by hand, as `start_end` does.

use cordage_bench_peers::resumed::{Resumed, call_yield, create_parked};
use cordage_bench_peers::{Row, Run, Setting, limit, main as bench_main};
use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, Yielder};

type Plain = Coroutine<(), (), ()>;

struct Parked(Plain);

fn stack(size: usize, made: usize) -> DefaultStack {
    DefaultStack::new(size).unwrap_or_else(|_| limit(made))
}

impl Resumed for Parked {
    fn parked(setting: Setting, made: usize) -> Self {
        let stack = stack(setting.stack, made);
        let mut coroutine =
            Coroutine::with_stack(stack, |yielder: &Yielder<(), ()>, ()| {
                loop {
                    yielder.suspend(());
                }
            });
        coroutine.resume(());
        Parked(coroutine)
    }

    fn resume(&mut self) {
        self.0.resume(());
    }
}

fn live(stack: DefaultStack) -> DefaultStack {
    let mut coroutine: Plain = Coroutine::with_stack(stack, |_: &Yielder<(), ()>, ()| {});
    coroutine.resume(());
    coroutine.into_stack()
}

fn start_end(setting: Setting) -> Run {
    create_parked::<Parked>(setting)(1);
    let mut cached = Some(stack(setting.stack, 0));
    Box::new(move |rounds| {
        for _ in 0..rounds {
            cached = cached.take().map(live);
        }
        rounds
    })
}

fn start_join_fresh(setting: Setting) -> Run {
    Box::new(move |rounds| {
        for _ in 0..rounds {
            live(stack(setting.stack, 0));
        }
        rounds
    })
}

fn main() {
    bench_main(&[
        Row::repeated("call_yield", call_yield::<Parked>),
        Row::repeated("start_end", start_end),
        Row::repeated("start_join_fresh", start_join_fresh),
        Row::once("create_parked", create_parked::<Parked>),
        Row::memory("memory", create_parked::<Parked>),
    ])
}
