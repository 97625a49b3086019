// SPDX-License-Identifier: BSD-2-Clause
//! `tst_timer_*`: a stopwatch for tests (spec ltp.md 14.4). One for the process.

use core::ffi::{c_int, c_longlong};
use core::sync::atomic::{
    AtomicI32, AtomicI64,
    Ordering::{Relaxed, SeqCst},
};

use super::report::{TBROK, TCONF, TERRNO, brk};
use crate::errno;

const NANOSECONDS: i64 = 1_000_000_000;

static CLOCK: AtomicI32 = AtomicI32::new(libc::CLOCK_MONOTONIC);
static STARTED: AtomicI64 = AtomicI64::new(0);
static STOPPED: AtomicI64 = AtomicI64::new(0);

fn nanoseconds(clock: c_int) -> i64 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: fills the structure.
    if unsafe { libc::clock_gettime(clock, &mut now) } != 0 {
        brk!(TBROK | TERRNO, "tst_clock_gettime() failed");
    }
    now.tv_sec
        .saturating_mul(NANOSECONDS)
        .saturating_add(now.tv_nsec)
}

/// `tst_timer_check`.
pub(crate) fn check(clock: c_int) {
    let mut resolution = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: fills the structure.
    if unsafe { libc::clock_gettime(clock, &mut resolution) } == 0 {
        return;
    }
    if errno::get() == libc::EINVAL {
        brk!(TCONF, "Clock id {clock} not supported by kernel");
    } else {
        brk!(TBROK | TERRNO, "tst_clock_gettime() failed");
    }
}

/// `tst_timer_start`.
pub(crate) fn start(clock: c_int) {
    CLOCK.store(clock, Relaxed);
    STARTED.store(nanoseconds(clock), SeqCst);
}

fn since_start() -> i64 {
    nanoseconds(CLOCK.load(Relaxed)).saturating_sub(STARTED.load(SeqCst))
}

/// `tst_timer_stop`.
pub(crate) fn stop() {
    STOPPED.store(since_start(), SeqCst);
}

/// `tst_timer_expired_ms`: have so many milliseconds passed since the start?
pub(crate) fn expired_ms(ms: c_longlong) -> bool {
    since_start() >= ms.saturating_mul(1_000_000)
}

/// `tst_timer_elapsed`: from start to stop.
pub(crate) fn elapsed() -> libc::timespec {
    let ns = STOPPED.load(SeqCst);
    libc::timespec {
        tv_sec: ns.div_euclid(NANOSECONDS),
        tv_nsec: ns.rem_euclid(NANOSECONDS),
    }
}
