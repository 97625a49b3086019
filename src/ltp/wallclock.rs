// SPDX-License-Identifier: BSD-2-Clause
//! `.restore_wallclock`: after a test that sets the time, the wall clock shows what it
//! would have shown: its value before, plus what a clock that nobody can set has
//! counted since.

use core::ffi::c_int;
use std::sync::OnceLock;

use super::definition::Test;
use super::report::{TBROK, TERRNO, TWARN, brk, res};

/// Wall clock and monotonic clock at the same moment, in nanoseconds.
static SAVED: OnceLock<(i128, i128)> = OnceLock::new();

const NANOSECONDS: i128 = 1_000_000_000;

fn now(clock: c_int) -> i128 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: fills the structure.
    if unsafe { libc::clock_gettime(clock, &mut time) } != 0 {
        brk!(TBROK | TERRNO, "clock_gettime({clock}) failed");
    }
    i128::from(time.tv_sec) * NANOSECONDS + i128::from(time.tv_nsec)
}

pub(crate) fn save_for(test: &Test) {
    if test.has(Test::RESTORE_WALLCLOCK) {
        let _ = SAVED.set((now(libc::CLOCK_REALTIME), now(libc::CLOCK_MONOTONIC_RAW)));
    }
}

pub(crate) fn restore() {
    let Some((wall, monotonic)) = SAVED.get() else {
        return;
    };
    let then = wall + now(libc::CLOCK_MONOTONIC_RAW) - monotonic;
    let time = libc::timespec {
        tv_sec: then.div_euclid(NANOSECONDS) as libc::time_t,
        tv_nsec: then.rem_euclid(NANOSECONDS) as libc::c_long,
    };
    // SAFETY: a valid time.
    if unsafe { libc::clock_settime(libc::CLOCK_REALTIME, &time) } != 0 {
        res!(TWARN | TERRNO, "clock_settime(CLOCK_REALTIME) failed");
    }
}
