// SPDX-License-Identifier: BSD-2-Clause
//! may: stackful coroutines with a scheduler, here of one worker thread. The driver of a
//! row is a coroutine. Stacks are guarded and go to a pool.

use cordage_bench_peers::{Row, Run, Setting, main as bench_main, or_limit};
use may::coroutine::{self, Builder, JoinHandle, yield_now};
use may::sync::{Condvar, Mutex, spsc};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn configure(setting: Setting, pool: usize) {
    let config = may::config();
    config.set_workers(1).set_pool_capacity(pool);
    config.set_stack_size(setting.stack / size_of::<usize>());
    // The whole process is pinned already.
    config.set_worker_pin(false);
}

fn spawn<T: Send + 'static>(
    made: usize,
    f: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    or_limit(made, || {
        // SAFETY: nothing here needs more than the smallest stack, or blocks the thread.
        unsafe { Builder::new().spawn(f) }.expect("a coroutine")
    })
}

/// The rounds run in a coroutine.
fn driven(drive: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Run {
    let drive = Arc::new(drive);
    Box::new(move |rounds| {
        let drive = drive.clone();
        spawn(0, move || drive(rounds)).join().expect("the driver")
    })
}

/// `n` coroutines that have run once and wait.
fn park(n: usize) {
    let parked = Arc::new(AtomicUsize::new(0));
    for i in 0..n {
        let parked = parked.clone();
        spawn(i, move || {
            parked.fetch_add(1, Ordering::Relaxed);
            loop {
                coroutine::park();
            }
        });
    }
    while parked.load(Ordering::Relaxed) < n {
        std::thread::yield_now();
    }
}

fn create_parked(setting: Setting) -> Run {
    // One that is not counted starts the scheduler.
    configure(setting, 1);
    park(1);
    Box::new(move |_| {
        park(setting.n);
        setting.n as u64
    })
}

/// A coroutine that yields is not queued behind those that other threads make, so a driver
/// would never get a turn among coroutines that yield for ever. They are made by the
/// driver, for many rounds each time, and end.
fn reschedule(setting: Setting) -> Run {
    const MANY: u64 = 100;
    configure(setting, 1);
    let yield_often = |rounds: u64| {
        for _ in 0..rounds * MANY {
            yield_now();
        }
    };
    driven(move |rounds| {
        let others: Vec<_> = (1..setting.n)
            .map(|i| spawn(i, move || yield_often(rounds)))
            .collect();
        yield_often(rounds);
        others
            .into_iter()
            .for_each(|other| other.join().expect("it ends"));
        rounds * MANY * setting.n as u64
    })
}

fn start_join(setting: Setting) -> Run {
    configure(setting, 16);
    park(setting.n);
    driven(|rounds| {
        for _ in 0..rounds {
            spawn(0, || {}).join().expect("it ends");
        }
        rounds
    })
}

#[derive(Default)]
struct Turn {
    mine: Mutex<bool>,
    ready: Condvar,
}

impl Turn {
    fn wait(&self) {
        let mut mine = self.mine.lock().unwrap();
        while !*mine {
            mine = self.ready.wait(mine).unwrap();
        }
        *mine = false;
    }

    fn give(&self) {
        *self.mine.lock().unwrap() = true;
        self.ready.notify_one();
    }
}

fn cond(setting: Setting) -> Run {
    configure(setting, 1);
    let n = setting.n;
    let turns: Arc<Vec<Turn>> = Arc::new((0..n).map(|_| Turn::default()).collect());
    for i in 1..n {
        let turns = turns.clone();
        spawn(i, move || {
            loop {
                turns[i].wait();
                turns[(i + 1) % n].give();
            }
        });
    }
    driven(move |rounds| {
        for _ in 0..rounds {
            turns[1].give();
            turns[0].wait();
        }
        rounds * n as u64
    })
}

/// may's channels have no bounds, so there is neither size 0 nor 128.
fn channel_ring(setting: Setting) -> Run {
    configure(setting, 1);
    let n = setting.n;
    let (first, mut receiver) = spsc::channel::<usize>();
    for i in 1..n {
        let (sender, next) = spsc::channel();
        let own = std::mem::replace(&mut receiver, next);
        spawn(i, move || {
            while let Ok(message) = own.recv() {
                sender.send(message).expect("a reader");
            }
        });
    }
    // The ends are used by one driver after another.
    let ends = Mutex::new((first, receiver));
    driven(move |rounds| {
        let ends = ends.lock().unwrap();
        for _ in 0..rounds {
            ends.0.send(1).expect("a reader");
            ends.1.recv().expect("a message");
        }
        rounds * n as u64
    })
}

fn main() {
    bench_main(&[
        Row::repeated("reschedule", reschedule),
        Row::repeated("start_join", start_join),
        Row::once("create_parked", create_parked),
        Row::repeated("cond", cond),
        Row::repeated("channel_ring", channel_ring),
        Row::memory("memory", create_parked),
    ])
}
