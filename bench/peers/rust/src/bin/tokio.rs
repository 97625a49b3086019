// SPDX-License-Identifier: BSD-2-Clause
//! tokio's current-thread scheduler: tasks without stacks, for comparison. The driver of a
//! row is a task. A channel of size 0 does not exist.

use cordage_bench_peers::{Row, Run, Setting, main as bench_main};
use std::future::{Future, pending};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Mutex, Notify, mpsc};
use tokio::task::yield_now;

fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

/// The rounds run in a task.
fn driven<F>(runtime: Runtime, mut drive: impl FnMut(u64) -> F + 'static) -> Run
where
    F: Future<Output = u64> + Send + 'static,
{
    Box::new(move |rounds| {
        let driver = runtime.spawn(drive(rounds));
        runtime.block_on(driver).expect("the driver")
    })
}

async fn park(n: usize) {
    for _ in 0..n {
        tokio::spawn(pending::<()>());
    }
    // Behind them in the queue.
    yield_now().await;
}

fn create_parked(setting: Setting) -> Run {
    driven(runtime(), move |_| async move {
        park(setting.n).await;
        setting.n as u64
    })
}

fn reschedule(setting: Setting) -> Run {
    let runtime = runtime();
    for _ in 1..setting.n {
        runtime.spawn(async {
            loop {
                yield_now().await;
            }
        });
    }
    driven(runtime, move |rounds| async move {
        for _ in 0..rounds {
            yield_now().await;
        }
        rounds * setting.n as u64
    })
}

fn start_join(setting: Setting) -> Run {
    let runtime = runtime();
    let parked = runtime.spawn(park(setting.n));
    runtime.block_on(parked).expect("they are parked");
    driven(runtime, |rounds| async move {
        for _ in 0..rounds {
            tokio::spawn(async {}).await.expect("it ends");
        }
        rounds
    })
}

fn cond(setting: Setting) -> Run {
    let runtime = runtime();
    let n = setting.n;
    let turns: Arc<Vec<Notify>> = Arc::new((0..n).map(|_| Notify::new()).collect());
    for i in 1..n {
        let turns = turns.clone();
        runtime.spawn(async move {
            loop {
                turns[i].notified().await;
                turns[(i + 1) % n].notify_one();
            }
        });
    }
    driven(runtime, move |rounds| {
        let turns = turns.clone();
        async move {
            for _ in 0..rounds {
                turns[1].notify_one();
                turns[0].notified().await;
            }
            rounds * n as u64
        }
    })
}

fn channel_128(_: Setting) -> Run {
    const ROUND: u64 = 128;
    let runtime = runtime();
    let (sender, receiver) = mpsc::channel(ROUND as usize);
    runtime.spawn(async move { while sender.send(1).await.is_ok() {} });
    let receiver = Arc::new(Mutex::new(receiver));
    driven(runtime, move |rounds| {
        let receiver = receiver.clone();
        async move {
            let mut receiver = receiver.lock().await;
            for _ in 0..rounds * ROUND {
                std::hint::black_box(receiver.recv().await);
            }
            rounds * ROUND
        }
    })
}

fn main() {
    bench_main(&[
        Row::repeated("reschedule", reschedule),
        Row::repeated("start_join", start_join),
        Row::once("create_parked", create_parked),
        Row::repeated("cond", cond),
        Row::repeated("channel_128", channel_128),
        Row::memory("memory", create_parked),
    ])
}
