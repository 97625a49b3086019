// SPDX-License-Identifier: BSD-2-Clause
//! Waiting for time to pass (spec fiber.md 8).

use super::FiberRef;
use super::sched::{self, run_from_loop, waiting_fiber, wakeup};
use crate::cord::clock::monotonic_now;
use crate::cord::ev::{self, ev_loop, ev_timer};
use crate::cord::{CordRef, current, current_again};
use crate::small::Rlist;
use core::cell::Cell;
use core::ffi::c_int;
use core::ptr;

#[cfg(doc)]
use super::sched::run_ready;

/// From here on a timeout is none: `TIMEOUT_INFINITY`, a hundred years.
pub const FOREVER: f64 = 365.0 * 86400.0 * 100.0;

/// The clock that limits count by.
pub fn now(cord: CordRef) -> f64 {
    // SAFETY: the loop of the current cord.
    unsafe { monotonic_now(cord.loop_.get()) }
}

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
/// As for [`sched::yield_now`].
#[inline(always)]
pub unsafe fn yield_timeout(cord: CordRef, delay: f64) -> bool {
    if delay >= FOREVER {
        count_waiting(cord, 1);
        // SAFETY: as the caller says.
        unsafe {
            sched::wait(cord);
            count_waiting(current_again(), -1);
        }
        return false;
    }
    // SAFETY: as the caller says.
    unsafe { yield_with_alarm(cord, delay) }
}

/// # Safety
/// As for [`yield_timeout`].
#[inline(never)]
unsafe fn yield_with_alarm(cord: CordRef, delay: f64) -> bool {
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
        sched::wait(cord);
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
/// As for [`sched::yield_now`].
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
            // It still runs if all who polled with it were woken early.
            if (*cord.poll_event()).active == 0 {
                (*cord.poll_event()).at = 0.0;
                ev::ev_timer_start(cord.loop_.get(), cord.poll_event());
            }
        }
        Rlist::add_tail(cord.pollers(), fiber.state());
        sched::wait(cord);
    }
}

/// The loop has polled. Lets the sleepers run one after the other: with timers of their
/// own, each would run, and so would what it wakes, before the next one's timer is looked
/// at.
///
/// # Safety
/// Called by libev with the watcher of a cord of this thread.
pub unsafe extern "C-unwind" fn polled(
    ev_loop: *mut ev_loop,
    timer: *mut ev_timer,
    revents: c_int,
) {
    // SAFETY: `cord::create` stored the cord there; the queues link fibers that wait.
    unsafe {
        let cord = CordRef::from_ptr((*timer).data.cast());
        let due = cord.polled();
        if revents & ev::EV_TIMER != 0 {
            Rlist::splice_tail(due, cord.pollers());
            ev::ev_idle_stop(ev_loop, cord.idle_event.get());
        }
        if Rlist::is_empty(due) {
            return;
        }
        let first = Rlist::first(due);
        let more = Rlist::next(first) != due;
        if more {
            // libev calls what was fed last first: it comes back here after all that is
            // fed from now on.
            ev::ev_feed_event(ev_loop, timer.cast(), ev::EV_CUSTOM);
        }
        if !more || !Rlist::is_empty(cord.ready()) {
            wakeup(cord, FiberRef::from_state(first));
            return;
        }
        // Until somebody feeds something, libev is not needed.
        let pending = ev::ev_pending_count(ev_loop);
        while !Rlist::is_empty(due) && ev::ev_pending_count(ev_loop) == pending {
            run_from_loop(cord, FiberRef::from_state(Rlist::shift(due)));
        }
    }
}
