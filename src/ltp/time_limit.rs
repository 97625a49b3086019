// SPDX-License-Identifier: BSD-2-Clause
//! How long the test may take (spec ltp.md 7.4): the watchdog's length, the runtime
//! of the test's body, and the heartbeats from which both count.

use core::ffi::{CStr, c_float, c_int, c_uint};
use core::fmt;
use core::sync::atomic::{
    AtomicU32,
    Ordering::{Relaxed, SeqCst},
};

use super::definition::Test;
use super::report::{TBROK, TFAIL, TINFO, brk, plain, res, variable};
use super::results::{self, Page};
use super::text::Text;
use super::{kconfig, options, parse, role};
use crate::errno;

/// Seconds that set-up, teardown and one call of a test function may take on their own.
const BASE_TIMEOUT: c_int = 30;
/// A kernel with debug options checks so much that it deserves more time.
const SLOW_KERNEL_FACTOR: c_float = 4.0;
/// `TST_UNLIMITED_RUNTIME` and `TST_UNLIMITED_TIMEOUT`.
const UNLIMITED: c_int = -1;

/// A multiplier from the environment; its bits, 0 while unknown.
struct Multiplier {
    name: &'static CStr,
    min: c_float,
    max: c_float,
    cached: AtomicU32,
}

impl Multiplier {
    fn get(&self) -> c_float {
        let known = self.cached.load(Relaxed);
        if known != 0 {
            return f32::from_bits(known);
        }
        let mut value = 1.0;
        if let Some(text) = variable(self.name) {
            let text: Text<256> = Text::of(format_args!("{}", super::text::Bytes(text)));
            match parse::float(text.c_str(), self.min, self.max) {
                Ok(parsed) => value = parsed,
                Err(error) => brk!(
                    TBROK,
                    "Failed to parse {}: {}",
                    super::text::Bytes(self.name.to_bytes()),
                    super::names::Errno(error.errno())
                ),
            }
        }
        self.cached.store(value.to_bits(), Relaxed);
        value
    }
}

static TIMEOUT_MUL: Multiplier = Multiplier {
    name: c"LTP_TIMEOUT_MUL",
    min: 0.099,
    max: 10000.0,
    cached: AtomicU32::new(0),
};
static RUNTIME_MUL: Multiplier = Multiplier {
    name: c"LTP_RUNTIME_MUL",
    min: 0.0099,
    max: 100.0,
    cached: AtomicU32::new(0),
};

/// `tst_multiply_timeout`. A cast of a float saturates, so no input is dangerous.
pub(crate) fn multiplied(timeout: c_uint) -> c_uint {
    if (timeout.cast_signed()) < 1 {
        brk!(
            TBROK,
            "timeout must to be >= 1! ({})",
            timeout.cast_signed()
        );
    }
    (timeout as c_float * timeout_factor()) as c_uint
}

fn timeout_factor() -> c_float {
    let slow = super::is_2026() && kconfig::is_slow_kernel();
    TIMEOUT_MUL.get() * if slow { SLOW_KERNEL_FACTOR } else { 1.0 }
}

/// Positive runtimes are scaled; -1 and 0 mean what they mean.
fn scaled_runtime(runtime: c_int, min_runtime: c_int) -> c_int {
    if runtime <= 0 {
        return runtime;
    }
    let scaled = (runtime as c_float * RUNTIME_MUL.get()) as c_int;
    if super::is_2026() {
        scaled.max(min_runtime).max(1)
    } else {
        scaled
    }
}

/// Seconds for the watchdog, 0 for none.
fn watchdog(timeout: c_int, runtime: c_int) -> c_uint {
    if timeout == UNLIMITED || runtime == UNLIMITED {
        return 0;
    }
    let base = BASE_TIMEOUT.saturating_add(timeout).max(1);
    let base = (base as c_float * timeout_factor()) as c_uint;
    // An alarm of 0 seconds would be none at all.
    base.saturating_add(runtime.max(0).cast_unsigned()).max(1)
}

/// `0h 00m 30s`, or without the zeros as in the help.
struct Length {
    seconds: c_uint,
    padded: bool,
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (h, m, s) = (
            self.seconds / 3600,
            self.seconds % 3600 / 60,
            self.seconds % 60,
        );
        if self.padded {
            write!(f, "{h}h {m:02}m {s:02}s")
        } else {
            write!(f, "{h}h {m}m {s}s")
        }
    }
}

fn padded(seconds: c_uint) -> Length {
    Length {
        seconds,
        padded: true,
    }
}

/// The section of the help text.
pub(crate) fn describe(test: &Test) {
    let cap = || {
        let runtime = scaled_runtime(test.runtime, test.min_runtime);
        if runtime > 0 {
            let length = Length {
                seconds: runtime.cast_unsigned(),
                padded: false,
            };
            plain(format_args!("Test iteration runtime cap {length}\n"));
        } else if runtime == UNLIMITED {
            plain(format_args!("Test iteration runtime is not limited\n"));
        }
    };
    let timeout = || {
        if test.timeout == UNLIMITED {
            return plain(format_args!("Test timeout is not limited\n"));
        }
        let length = Length {
            seconds: watchdog(test.timeout, 0),
            padded: false,
        };
        plain(format_args!(
            "Test timeout (not including runtime) {length}\n"
        ));
    };
    if super::is_2026() {
        timeout();
        cap();
    } else {
        cap();
        timeout();
    }
}

/// Puts the limits into the shared page and prints the watchdog's length.
pub(crate) fn set_up(test: &Test) {
    let runtime = options::get().runtime.unwrap_or(test.runtime);
    set(test.timeout, scaled_runtime(runtime, test.min_runtime));
}

fn set(timeout: c_int, runtime: c_int) {
    let Some(page) = results::page() else { return };
    let watchdog = watchdog(timeout, runtime);
    page.runtime.store(runtime, SeqCst);
    page.timeout.store(timeout, SeqCst);
    page.watchdog.store(watchdog, SeqCst);
    match (watchdog, super::is_2026()) {
        (0, false) => res!(TINFO, "Timeout per run is disabled"),
        (0, true) => res!(TINFO, "Test timeout is not limited"),
        (n, false) => res!(TINFO, "Timeout per run is {}", padded(n)),
        (n, true) => res!(TINFO, "Overall timeout per run is {}", padded(n)),
    }
}

/// `tst_set_max_runtime` and `tst_set_runtime`.
pub(crate) fn set_runtime(runtime: c_int) {
    let Some(test) = super::test() else { return };
    let shown = padded(runtime.cast_unsigned());
    if super::is_2026() {
        res!(TINFO, "Updating runtime to {shown}");
    } else {
        res!(TINFO, "Updating max runtime to {shown}");
    }
    let timeout = results::page().map_or(0, |page| page.timeout.load(SeqCst));
    set(timeout, scaled_runtime(runtime, test.min_runtime));
    heartbeat();
}

/// `tst_set_timeout`.
pub(crate) fn set_timeout(timeout: c_int) {
    let runtime = results::page().map_or(0, |page| page.runtime.load(SeqCst));
    set(timeout, runtime);
    heartbeat();
}

/// Seconds and nanoseconds in one number.
fn monotonic() -> i64 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: fills the structure.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    now.tv_sec
        .saturating_mul(1_000_000_000)
        .saturating_add(now.tv_nsec)
}

/// Tells the library process that the test is alive: its watchdog starts anew. The
/// runtime, too, counts from here.
pub(crate) fn heartbeat() {
    let err = errno::get();
    let library = role::library_pid();
    if let Some(page) = results::page() {
        page.started.store(monotonic(), SeqCst);
    }
    if role::current() == role::Role::Test {
        // SAFETY: getppid has no preconditions.
        if unsafe { libc::getppid() } != library {
            res!(TFAIL, "Main test process might have exit!");
            // Nobody is left who could end the rest of the group.
            // SAFETY: the test process leads its group.
            unsafe {
                libc::kill(0, libc::SIGKILL);
                libc::_exit(TBROK)
            }
        }
    }
    if library > 0 {
        // SAFETY: the pid is that of our parent, or of our ancestor if a child set a
        // new limit; neither has been reaped.
        unsafe { libc::kill(library, libc::SIGUSR1) };
    }
    errno::set(err);
}

/// `tst_remaining_runtime`: whole seconds.
pub(crate) fn remaining() -> c_uint {
    let (runtime, started) = results::page().map_or((0, 0), |page: &Page| {
        (page.runtime.load(SeqCst), page.started.load(SeqCst))
    });
    if runtime == UNLIMITED {
        return c_uint::MAX;
    }
    if runtime == 0 {
        brk!(TBROK, "Runtime not set!");
        return 0;
    }
    let elapsed = monotonic().saturating_sub(started) / 1_000_000_000;
    c_uint::try_from(i64::from(runtime) - elapsed).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_is_base_and_runtime() {
        assert_eq!(watchdog(0, 0), 30);
        assert_eq!(watchdog(0, 20), 50);
        assert_eq!(watchdog(10, 20), 60);
        assert_eq!((watchdog(-1, 20), watchdog(0, -1)), (0, 0));
        assert_eq!(watchdog(c_int::MAX, c_int::MAX), c_uint::MAX);
    }

    #[test]
    fn only_positive_runtimes_are_scaled() {
        assert_eq!([-1, 0, 1, 7].map(|n| scaled_runtime(n, 0)), [-1, 0, 1, 7]);
        // A lower bound is new in 2026.
        assert_eq!(scaled_runtime(7, 100), 7);
    }

    #[test]
    fn lengths() {
        assert_eq!(padded(3661).to_string(), "1h 01m 01s");
        assert_eq!(
            Length {
                seconds: 3661,
                padded: false
            }
            .to_string(),
            "1h 1m 1s"
        );
    }
}
