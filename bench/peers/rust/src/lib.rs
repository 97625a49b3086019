// SPDX-License-Identifier: BSD-2-Clause
//! The rules of `bench/harness/bench.h`, in Rust.

pub mod resumed;

use std::io::Write;
use std::process::exit;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What a row is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Number of coroutines.
    pub n: usize,
    /// Bytes of their stacks.
    pub stack: usize,
}

/// Does so many rounds and returns how many operations those were.
pub type Run = Box<dyn FnMut(u64) -> u64>;

/// How a row is measured.
#[derive(Clone, Copy)]
enum Kind {
    Repeated,
    Once,
    Memory,
}

/// A line of the table.
pub struct Row {
    name: &'static str,
    kind: Kind,
    /// Makes what the row needs.
    prepare: fn(Setting) -> Run,
}

impl Row {
    /// Time of an operation in many repetitions.
    pub fn repeated(name: &'static str, prepare: fn(Setting) -> Run) -> Row {
        Row {
            name,
            kind: Kind::Repeated,
            prepare,
        }
    }

    /// The same, in a single call.
    pub fn once(name: &'static str, prepare: fn(Setting) -> Run) -> Row {
        Row {
            name,
            kind: Kind::Once,
            prepare,
        }
    }

    /// Memory that an operation of a single call leaves behind.
    pub fn memory(name: &'static str, prepare: fn(Setting) -> Run) -> Row {
        Row {
            name,
            kind: Kind::Memory,
            prepare,
        }
    }
}

/// The row and what it is asked for, once the command line is read.
static ASKED: OnceLock<(&'static str, Setting)> = OnceLock::new();

/// The coroutine that is being made; `usize::MAX` while none is.
static MAKING: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Prints the line of the table and ends the process without cleaning up. Allocates nothing:
/// at the limit of mappings there is no memory either.
fn print(unit: &str, value: f64) -> ! {
    let (row, Setting { n, stack }) = ASKED.get().expect("a row");
    let stack = stack / 1024;
    let mut line = [0u8; 256];
    let mut rest = &mut line[..];
    writeln!(rest, "{row}\t{n}\t{stack}\t{unit}\t{value:.2}").expect("a short line");
    let length = 256 - rest.len();
    // SAFETY: the bytes written above. Ending here skips destructors of coroutines
    // that never end.
    unsafe {
        libc::write(1, line.as_ptr().cast(), length);
        libc::_exit(0)
    }
}

/// Reports that coroutine number `made` could not be had.
pub fn limit(made: usize) -> ! {
    print("limit", made as f64)
}

/// `make()`, where a panic means that coroutine number `made` cannot be had.
pub fn or_limit<T>(made: usize, make: impl FnOnce() -> T) -> T {
    MAKING.store(made, Ordering::Relaxed);
    let value = make();
    MAKING.store(usize::MAX, Ordering::Relaxed);
    value
}

fn end_panics_of_makers() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let made = MAKING.load(Ordering::Relaxed);
        if made != usize::MAX {
            limit(made);
        }
        default(info);
    }));
}

fn proc_bytes(path: &str, key: &str) -> u64 {
    let text = std::fs::read_to_string(path).expect("a file of /proc");
    let line = text.lines().find(|line| line.starts_with(key));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.expect("a number").parse::<u64>().expect("a number") * 1024
}

fn memory() -> u64 {
    proc_bytes("/proc/self/smaps_rollup", "Rss:")
        + proc_bytes("/proc/self/status", "VmPTE:")
}

fn time_of_rounds(run: &mut Run, rounds: u64) -> (Duration, f64) {
    let start = Instant::now();
    let operations = run(rounds);
    let elapsed = start.elapsed();
    (elapsed, elapsed.as_nanos() as f64 / operations as f64)
}

fn measure(
    row: &Row,
    setting: Setting,
    target: Duration,
    exact_rounds: u64,
) -> (&'static str, f64) {
    let mut run = (row.prepare)(setting);
    match row.kind {
        Kind::Memory => {
            let before = memory();
            let operations = run(1);
            ("bytes", (memory() - before) as f64 / operations as f64)
        }
        Kind::Once => ("ns", time_of_rounds(&mut run, 1).1),
        Kind::Repeated if exact_rounds > 0 => ("operations", run(exact_rounds) as f64),
        Kind::Repeated => {
            let mut rounds = 1;
            let mut elapsed = time_of_rounds(&mut run, rounds).0;
            while elapsed < target / 4 {
                rounds *= 2;
                elapsed = time_of_rounds(&mut run, rounds).0;
            }
            let rounds =
                (rounds as f64 * target.as_secs_f64() / elapsed.as_secs_f64()) as u64;
            ("ns", time_of_rounds(&mut run, rounds.max(1)).1)
        }
    }
}

/// Obeys the command line and ends the process.
pub fn main(rows: &[Row]) -> ! {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["rows"] {
        for row in rows {
            println!("{}", row.name);
        }
        exit(0);
    }
    let mut row = None;
    let mut setting = Setting {
        n: 2,
        stack: 512 << 10,
    };
    let mut target = Duration::from_millis(100);
    let mut exact_rounds = 0;
    for argument in &arguments {
        let (key, value) = argument.split_once('=').expect("KEY=VALUE");
        let number = || value.parse::<u64>().expect("a number");
        match key {
            "row" => row = rows.iter().find(|row| row.name == value),
            "n" => setting.n = number() as usize,
            "stack" if number() == 0 => {}
            "stack" => setting.stack = number() as usize * 1024,
            "ms" => target = Duration::from_millis(number()),
            "rounds" => exact_rounds = number(),
            _ => panic!("no argument {key}"),
        }
    }
    let row = row.expect("no such row");
    end_panics_of_makers();
    ASKED.set((row.name, setting)).expect("asked once");
    let (unit, value) = measure(row, setting, target, exact_rounds);
    print(unit, value)
}
