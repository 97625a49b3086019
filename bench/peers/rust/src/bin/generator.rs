// SPDX-License-Identifier: BSD-2-Clause
//! generator: stackful coroutines without a scheduler. Every stack is a mapping of its
//! own with a guard; one that has ended can be given another function.

use cordage_bench_peers::resumed::{Resumed, call_yield, create_parked};
use cordage_bench_peers::{Row, Run, Setting, main as bench_main, or_limit};
use generator::{Generator, Gn};

type Plain = Generator<'static, (), ()>;

struct Parked(Plain);

fn words(setting: Setting) -> usize {
    setting.stack / size_of::<usize>()
}

impl Resumed for Parked {
    fn parked(setting: Setting, made: usize) -> Self {
        let mut coroutine: Plain = or_limit(made, || {
            Gn::new_scoped_opt(words(setting), |mut scope| {
                loop {
                    scope.yield_(());
                }
            })
        });
        coroutine.resume();
        Parked(coroutine)
    }

    fn resume(&mut self) {
        self.0.resume();
    }
}

fn start_end(setting: Setting) -> Run {
    create_parked::<Parked>(setting)(1);
    let mut coroutine: Plain = Gn::new_scoped_opt(words(setting), |_| ());
    coroutine.resume();
    Box::new(move |rounds| {
        for _ in 0..rounds {
            coroutine.scoped_init(|_| ());
            coroutine.resume();
        }
        rounds
    })
}

fn start_join_fresh(setting: Setting) -> Run {
    Box::new(move |rounds| {
        for _ in 0..rounds {
            let mut coroutine: Plain = Gn::new_scoped_opt(words(setting), |_| ());
            coroutine.resume();
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
