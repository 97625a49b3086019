// SPDX-License-Identifier: BSD-2-Clause
//! `rmean`: events a second, as a mean over five seconds (spec ipc.md 15.1).
//!
//! ```text
//!   value:   [0]             [1]      [2]      [3]      [4]      [5]
//!            this second     -1 s     -2 s     -3 s     -4 s     -5 s     one tick: ─>
//! ```
//!
//! A tick comes late when the loop is busy; the rate of the time since the last one then
//! takes the places of all the seconds that have passed.

use crate::abi::layout;
use crate::cord::clock::monotonic_now;
use crate::cord::current;
use crate::cord::ev::{self, ev_loop, ev_timer};
use core::cell::{Cell, UnsafeCell};
use core::ffi::{c_char, c_int, c_uint, c_void};
use core::mem::offset_of;
use core::ptr;
use core::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// Seconds that a mean is taken over (`RMEAN_WINDOW`).
pub const WINDOW: usize = 5;

/// The second that is not over, and those before.
pub type Values = [AtomicI64; WINDOW + 1];

/// `rmean_cb`
pub type Visit =
    unsafe extern "C-unwind" fn(*const c_char, c_int, i64, *mut c_void) -> c_int;

/// `struct stats`: one counter.
#[repr(C)]
pub struct Stats {
    name: *const c_char,
    value: Values,
    total: AtomicI64,
}

/// `struct rmean`, followed by `stats_n` counters.
#[repr(C)]
pub struct Rmean {
    timer: UnsafeCell<ev_timer>,
    stats_n: c_uint,
    prev_ts: Cell<f64>,
    stats: [Stats; 0],
}

layout!(Stats = "stats", 64: name 0, value 8, total 56);
layout!(Rmean = "rmean", 64: timer 0, stats_n 48, prev_ts 56, stats 64);

/// Between two ticks, seconds.
const PERIOD: f64 = 1.0;

impl Rmean {
    /// `n` counters at 0 on the current cord's loop, or NULL.
    ///
    /// # Safety
    /// `names` points to `n` names that outlive the result.
    pub unsafe fn new(names: *const *const c_char, n: usize) -> *mut Rmean {
        let cord = current("rmean_new");
        let size = n
            .checked_mul(size_of::<Stats>())
            .and_then(|size| size.checked_add(size_of::<Rmean>()));
        let (Some(size), Ok(stats_n)) = (size, c_uint::try_from(n)) else {
            return ptr::null_mut();
        };
        // SAFETY: memory for a head and `n` counters, for which zeros are valid; the loop
        // of this thread, and a watcher that stays where it is.
        unsafe {
            let this = libc::calloc(1, size).cast::<Rmean>();
            if this.is_null() {
                return this;
            }
            this.write(Rmean {
                timer: UnsafeCell::new(ev_timer {
                    active: 0,
                    pending: 0,
                    priority: 0,
                    data: this.cast(),
                    cb: Some(tick),
                    at: PERIOD,
                    repeat: PERIOD,
                }),
                stats_n,
                prev_ts: Cell::new(monotonic_now(cord.loop_.get())),
                stats: [],
            });
            for (i, stats) in Rmean::stats(this).enumerate() {
                (&raw mut (*stats).name).write(names.add(i).read());
            }
            ev::ev_timer_start(cord.loop_.get(), (*this).timer.get());
            this
        }
    }

    /// Stops the timer and frees everything.
    ///
    /// # Safety
    /// `this` came from [`Rmean::new`] in this cord.
    pub unsafe fn delete(this: *mut Rmean) {
        let cord = current("rmean_delete");
        // SAFETY: as the caller says.
        unsafe {
            ev::ev_timer_stop(cord.loop_.get(), (*this).timer.get());
            libc::free(this.cast());
        }
    }

    /// The counters.
    ///
    /// # Safety
    /// `this` lives as long as the result is used.
    unsafe fn stats(this: *mut Rmean) -> impl Iterator<Item = *mut Stats> {
        // SAFETY: as the caller says.
        let n = unsafe { (*this).stats_n as usize };
        let first = this
            .wrapping_byte_add(offset_of!(Rmean, stats))
            .cast::<Stats>();
        (0..n).map(move |i| first.wrapping_add(i))
    }

    /// The counter with that index, for `function`.
    ///
    /// # Safety
    /// `this` outlives the result.
    unsafe fn counter<'a>(this: *mut Rmean, index: usize, function: &str) -> &'a Stats {
        // SAFETY: as the caller says.
        unsafe {
            let n = (*this).stats_n as usize;
            if index >= n {
                crate::say::fatal!("{function}: counter {index} of {n}");
            }
            let stats = this.wrapping_byte_add(offset_of!(Rmean, stats));
            &*stats.cast::<Stats>().wrapping_add(index)
        }
    }

    /// Counts `value` events. From any thread, but then an event may be lost: not worth
    /// a locked instruction.
    ///
    /// # Safety
    /// `this` is alive.
    #[inline]
    pub unsafe fn collect(this: *mut Rmean, index: usize, value: i64) {
        // SAFETY: as the caller says.
        let stats = unsafe { Rmean::counter(this, index, "rmean_collect") };
        for counter in [&stats.value[0], &stats.total] {
            counter.store(counter.load(Relaxed).wrapping_add(value), Relaxed);
        }
    }

    /// Events a second over the window.
    ///
    /// # Safety
    /// `this` is alive.
    pub unsafe fn mean(this: *mut Rmean, index: usize) -> i64 {
        // SAFETY: as the caller says.
        mean(unsafe { Rmean::counter(this, index, "rmean_mean") })
    }

    /// Sets all counters to 0.
    ///
    /// # Safety
    /// `this` is alive.
    pub unsafe fn cleanup(this: *mut Rmean) {
        // SAFETY: as the caller says.
        for stats in unsafe { Rmean::stats(this) } {
            // SAFETY: a counter of `this`.
            let stats = unsafe { &*stats };
            for value in stats.value.iter().chain([&stats.total]) {
                value.store(0, Relaxed);
            }
        }
    }

    /// Calls `visit` for each counter with a name until it returns something else than
    /// 0, which then is the result.
    ///
    /// # Safety
    /// `this` is alive, and `visit` leaves it so.
    pub unsafe fn for_each(
        this: *mut Rmean,
        visit: Visit,
        context: *mut c_void,
    ) -> c_int {
        // SAFETY: as the caller says.
        unsafe {
            for stats in Rmean::stats(this) {
                let stats = &*stats;
                if stats.name.is_null() {
                    continue;
                }
                let total = stats.total.load(Relaxed);
                let result = visit(stats.name, mean(stats) as c_int, total, context);
                if result != 0 {
                    return result;
                }
            }
        }
        0
    }
}

fn mean(stats: &Stats) -> i64 {
    let values = stats.value[1..].iter().map(|value| value.load(Relaxed));
    values.fold(0, i64::wrapping_add) / WINDOW as i64
}

/// `rmean_roll`: ages a counter by `dt` seconds. Whatever that is, older rates move by one
/// place only.
pub fn roll(values: &Values, dt: f64) {
    // A tick that comes a little early is whole, too.
    let seconds = (dt + 0.1) as i64;
    let rate = (values[0].load(Relaxed) as f64 / dt) as i64;
    let filled = seconds.clamp(1, WINDOW as i64) as usize;
    for place in (filled + 1..=WINDOW).rev() {
        values[place].store(values[place - 1].load(Relaxed), Relaxed);
    }
    for place in &values[1..=filled] {
        place.store(rate, Relaxed);
    }
    values[0].store(0, Relaxed);
}

/// A second, or more, has passed.
unsafe extern "C-unwind" fn tick(ev_loop: *mut ev_loop, timer: *mut ev_timer, _: c_int) {
    // SAFETY: `new` stored the counters there; the loop of this thread.
    unsafe {
        let this = (*timer).data.cast::<Rmean>();
        let now = monotonic_now(ev_loop);
        let dt = now - (*this).prev_ts.replace(now);
        for stats in Rmean::stats(this) {
            if !(*stats).name.is_null() {
                roll(&(*stats).value, dt);
            }
        }
    }
}
