// SPDX-License-Identifier: BSD-2-Clause
//! Waiting for time to pass (spec fiber.md 8).

use super::FiberRef;
use super::sched::{waiting_fiber, wakeup, yield_now};
use crate::cord::ev::{self, ev_loop, ev_timer};
use crate::cord::{CordRef, current};
use crate::small::Rlist;
use core::cell::Cell;
use core::ffi::c_int;
use core::ptr;

#[cfg(doc)]
use super::sched::run_ready;

/// From here on a timeout is none: `TIMEOUT_INFINITY`, a hundred years.
pub const FOREVER: f64 = 365.0 * 86400.0 * 100.0;

/// A timed wait, on the waiting fiber's stack.
struct Alarm {
    timer: ev_timer,
    fiber: FiberRef,
    rang: Cell<bool>,
}

/// Fibers that wait without a limit. In the reference each has a timer that never rings,
/// and these keep the loop alive; here they need none, and the loop is told only
/// whether there are any.
#[derive(Default)]
pub struct Waiting {
    count: Cell<u32>,
    /// The loop counts them as one active watcher.
    told: Cell<bool>,
}

/// One more waits (`change` is 1) or one less (-1).
#[inline]
fn count_waiting(cord: CordRef, change: i32) {
    let waiting = cord.waiting();
    let count = waiting.count.get().wrapping_add_signed(change);
    waiting.count.set(count);
    // While a batch runs the loop does not care; `settle` comes after it.
    if !cord.dispatch().is_running() {
        settle(cord);
    }
}

/// Tells the loop, before it decides whether to go on, whether anybody waits.
#[inline]
pub fn settle(cord: CordRef) {
    let waiting = cord.waiting();
    let wanted = waiting.count.get() != 0;
    if waiting.told.replace(wanted) != wanted {
        // SAFETY: the loop of the current cord; the two alternate.
        unsafe {
            if wanted {
                ev::ev_ref(cord.loop_.get());
            } else {
                ev::ev_unref(cord.loop_.get());
            }
        }
    }
}

/// `fiber_yield_timeout`: true if the timer ran out before the fiber got control back.
/// `delay` counts from the loop's cached time; 0 or less ends at the loop's
/// next turn.
///
/// # Safety
/// As for [`yield_now`].
pub unsafe fn yield_timeout(cord: CordRef, delay: f64) -> bool {
    if delay >= FOREVER {
        count_waiting(cord, 1);
        // SAFETY: as the caller says.
        unsafe { yield_now(cord) };
        count_waiting(cord, -1);
        return false;
    }
    let mut alarm = Alarm {
        timer: ev_timer {
            active: 0,
            pending: 0,
            priority: 0,
            data: ptr::null_mut(),
            cb: Some(ring),
            at: delay,
            repeat: 0.0,
        },
        fiber: cord.fiber(),
        rang: Cell::new(false),
    };
    let alarm = &raw mut alarm;
    // SAFETY: the watcher stays in this frame until it is stopped; when the fiber is
    // abandoned instead, its loop is destroyed first, which does not touch
    // watchers.
    unsafe {
        (*alarm).timer.data = alarm.cast();
        ev::ev_timer_start(cord.loop_.get(), &raw mut (*alarm).timer);
        yield_now(cord);
        ev::ev_timer_stop(cord.loop_.get(), &raw mut (*alarm).timer);
        (*alarm).rang.get()
    }
}

unsafe extern "C-unwind" fn ring(
    _loop: *mut ev_loop,
    timer: *mut ev_timer,
    _revents: c_int,
) {
    // SAFETY: `yield_timeout` stored the alarm, whose fiber waits.
    unsafe {
        let alarm = (*timer).data.cast::<Alarm>();
        (*alarm).rang.set(true);
        wakeup(current("timer"), (*alarm).fiber);
    }
}

/// `fiber_sleep`: [`yield_timeout`], except that 0 means "poll once and go on".
///
/// # Safety
/// As for [`yield_now`].
pub unsafe fn sleep(cord: CordRef, delay: f64) {
    let fiber = waiting_fiber(cord, "fiber_sleep");
    if delay != 0.0 {
        // SAFETY: as the caller says.
        unsafe { yield_timeout(cord, delay) };
        return;
    }
    // All who poll share one timer. libev would wait its least time for it; an active
    // idle watcher makes it poll without waiting.
    // SAFETY: the watchers belong to the cord; starting one twice does nothing.
    unsafe {
        if Rlist::is_empty(cord.pollers()) {
            ev::ev_idle_start(cord.loop_.get(), cord.idle_event.get());
            (*cord.poll_event()).at = 0.0;
            ev::ev_timer_start(cord.loop_.get(), cord.poll_event());
        }
        Rlist::add_tail(cord.pollers(), fiber.state());
        yield_now(cord);
    }
}

/// The loop has polled.
///
/// # Safety
/// Called by libev with the watcher of a cord of this thread.
pub unsafe extern "C-unwind" fn polled(
    ev_loop: *mut ev_loop,
    timer: *mut ev_timer,
    _revents: c_int,
) {
    // SAFETY: `cord::create` stored the cord there; the queue links fibers that wait.
    unsafe {
        let cord = CordRef::from_ptr((*timer).data.cast());
        while !Rlist::is_empty(cord.pollers()) {
            wakeup(cord, FiberRef::from_state(Rlist::first(cord.pollers())));
        }
        ev::ev_idle_stop(ev_loop, cord.idle_event.get());
    }
}
