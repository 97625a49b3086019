// SPDX-License-Identifier: BSD-2-Clause
//! `fiber_cond`: a condition variable (spec ipc.md 2).
//!
//! A signal wakes the oldest waiter and is not remembered. A wait also ends by
//! chance, so callers test what they wait for in a loop.

use super::{FOREVER, now};
use crate::abi::layout;
use crate::cord::{current, current_again};
use crate::diag;
use crate::fiber::{FiberRef, flag, sched};
use crate::small::{Mempool, Rlist};
use core::ffi::c_int;

/// `struct fiber_cond`: the queue of waiting fibers, linked by `fiber.state`.
#[repr(C)]
pub struct FiberCond {
    /// Waiters, oldest first.
    pub waiters: Rlist,
}

layout!(FiberCond = "fiber_cond", 16: waiters 0);

impl FiberCond {
    /// An empty condition.
    ///
    /// # Safety
    /// `this` points to memory for one condition.
    pub unsafe fn create(this: *mut FiberCond) {
        // SAFETY: as the caller says.
        unsafe { Rlist::create(&raw mut (*this).waiters) };
    }

    /// Whether anybody waits.
    ///
    /// # Safety
    /// `this` is a live condition of the current cord.
    pub unsafe fn has_waiters(this: *mut FiberCond) -> bool {
        // SAFETY: as the caller says.
        unsafe { !Rlist::is_empty(&raw mut (*this).waiters) }
    }

    /// A condition from the cord's pool, or NULL with `OutOfMemory` in the diag.
    pub fn new() -> *mut FiberCond {
        let cord = current("fiber_cond_new");
        // SAFETY: the pool gives out memory for one condition.
        unsafe {
            let this = Mempool::alloc(cord.cond_pool()).cast::<FiberCond>();
            if this.is_null() {
                diag::set_out_of_memory(
                    size_of::<FiberCond>(),
                    c"fiber_cond_pool",
                    c"struct fiber_cond",
                );
            } else {
                FiberCond::create(this);
            }
            this
        }
    }

    /// Gives a condition back.
    ///
    /// # Safety
    /// It came from [`FiberCond::new`] in this cord and nobody waits.
    pub unsafe fn delete(this: *mut FiberCond) {
        let cord = current("fiber_cond_delete");
        // SAFETY: as the caller says.
        unsafe { Mempool::free(cord.cond_pool(), this.cast()) };
    }

    /// Wakes the oldest waiter, if any; does not yield.
    ///
    /// # Safety
    /// `this` is a live condition of the current cord.
    pub unsafe fn signal(this: *mut FiberCond) {
        let cord = current("fiber_cond_signal");
        // SAFETY: the queue links the `state` of fibers of this cord.
        unsafe {
            let queue = &raw mut (*this).waiters;
            if !Rlist::is_empty(queue) {
                sched::wakeup(cord, FiberRef::from_state(Rlist::first(queue)));
            }
        }
    }

    /// Wakes all waiters in order; does not yield.
    ///
    /// # Safety
    /// `this` is a live condition of the current cord.
    pub unsafe fn broadcast(this: *mut FiberCond) {
        let cord = current("fiber_cond_broadcast");
        // SAFETY: as above; a wake-up takes the fiber off the queue.
        unsafe {
            let queue = &raw mut (*this).waiters;
            while !Rlist::is_empty(queue) {
                sched::wakeup(cord, FiberRef::from_state(Rlist::first(queue)));
            }
        }
    }

    /// Waits for at most `timeout` seconds, always yielding once. -1 with `TimedOut` or
    /// `FiberIsCancelled` in the diag, else 0. A cancelled fiber fails even if it was
    /// signalled, and that signal is spent.
    ///
    /// # Safety
    /// `this` is a live condition of the current cord; runs on a fiber.
    #[inline(always)]
    pub unsafe fn wait_timeout(this: *mut FiberCond, timeout: f64) -> c_int {
        let cord = current("fiber_cond_wait_timeout");
        let fiber = sched::waiting_fiber(cord, "fiber_cond_wait_timeout");
        // SAFETY: a running fiber's link is free.
        let timed_out = unsafe {
            Rlist::add_tail(&raw mut (*this).waiters, fiber.state());
            sched::yield_timeout(cord, timeout)
        };
        if timed_out {
            diag::set_timed_out();
            return -1;
        }
        // SAFETY: the same cord and fiber as before.
        if unsafe { current_again() }.fiber().has(flag::CANCELLED) {
            diag::set_fiber_is_cancelled();
            return -1;
        }
        0
    }

    /// [`FiberCond::wait_timeout`] without a limit.
    ///
    /// # Safety
    /// As there.
    pub unsafe fn wait(this: *mut FiberCond) -> c_int {
        // SAFETY: as the caller says.
        unsafe { FiberCond::wait_timeout(this, FOREVER) }
    }

    /// [`FiberCond::wait_timeout`] until the loop's monotonic clock reaches `deadline`.
    ///
    /// # Safety
    /// As there.
    pub unsafe fn wait_deadline(this: *mut FiberCond, deadline: f64) -> c_int {
        let timeout = deadline - now(current("fiber_cond_wait_deadline"));
        // SAFETY: as the caller says.
        unsafe { FiberCond::wait_timeout(this, timeout) }
    }
}
