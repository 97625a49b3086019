// SPDX-License-Identifier: BSD-2-Clause
//! The event loop's idea of time (spec fiber.md 8, 14.2). Cached values: libev
//! refreshes them once an iteration.

use super::ev::ev_loop;

unsafe extern "C" {
    /// Ours (`src/shim/fiber/tarantool_ev.c`), or that of the reference's libev if the
    /// program links it.
    fn ev_monotonic_now(ev_loop: *mut ev_loop) -> f64;
}

/// Seconds of the monotonic clock, the base of the loop's timers.
///
/// # Safety
/// `ev_loop` is the calling thread's loop.
pub unsafe fn monotonic_now(ev_loop: *mut ev_loop) -> f64 {
    // SAFETY: as the caller says.
    unsafe { ev_monotonic_now(ev_loop) }
}

/// Seconds as whole microseconds, rounded half up.
pub fn to_microseconds(seconds: f64) -> u64 {
    (seconds * 1_000_000.0 + 0.5) as u64
}
