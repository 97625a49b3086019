// SPDX-License-Identifier: BSD-2-Clause
//! The system's clocks (spec diag.md 14; clock_gettime(2)). They exist on every Linux
//! that we run on, so reading them cannot fail.

use core::mem::MaybeUninit;
use libc::{clockid_t, timespec};

/// Reads a clock, one of the `CLOCK_*` constants.
pub fn read(clock: clockid_t) -> timespec {
    let mut now = MaybeUninit::uninit();
    // SAFETY: the kernel fills the structure; it fails only for a clock it does not know.
    unsafe {
        libc::clock_gettime(clock, now.as_mut_ptr());
        now.assume_init()
    }
}

/// Seconds.
pub fn seconds(clock: clockid_t) -> f64 {
    let now = read(clock);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// Nanoseconds.
pub fn nanoseconds(clock: clockid_t) -> u64 {
    let now = read(clock);
    (now.tv_sec as u64)
        .wrapping_mul(1_000_000_000)
        .wrapping_add(now.tv_nsec as u64)
}
