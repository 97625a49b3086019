// SPDX-License-Identifier: BSD-2-Clause
//! `fiber_yield`: a switch to the caller of the current fiber. If that is the scheduler, and
//! would only switch on to the first fiber of the next batch, to that.

use super::handover::{
    Switch, prepare, run_hooks, switch, transfer_with_baggage, wants_hooks,
};
use super::{
    Dispatch, Fiber, FiberRef, advance, announce, flag, make_ready,
    scheduler_cannot_wait, start_batch, would_start_batch,
};
use crate::cord::{CordRef, current_again};
use crate::fiber::switch::transfer_in_line;

/// `fiber_yield`: control goes to the current fiber's caller. It comes back
/// when somebody resumes the fiber, for whatever reason.
///
/// # Safety
/// `cord` is the current cord; the current fiber is not the scheduler (checked).
#[inline]
pub unsafe fn yield_now(cord: CordRef) {
    // SAFETY: as the caller says.
    unsafe { leave(cord, cord.dispatch(), cord.fiber()) };
}

/// # Safety
/// `from` is the current fiber of the current cord.
#[inline]
unsafe fn leave(cord: CordRef, dispatch: &Dispatch, from: FiberRef) {
    // SAFETY: as the caller says.
    unsafe {
        let to = from.caller.replace(cord.sched().as_ptr());
        if wants_hooks(dispatch, from) {
            return leave_with_hooks(dispatch, from, to);
        }
        pass(cord, dispatch, from, to);
    }
}

/// The same with what has to run before.
///
/// # Safety
/// As for [`to_caller`], and there is something to run.
#[inline(never)]
unsafe fn leave_with_hooks(dispatch: &Dispatch, from: FiberRef, to: *mut Fiber) {
    // SAFETY: as the caller says.
    unsafe {
        run_hooks(dispatch, from);
        let cord = current_again();
        pass(cord, cord.dispatch(), cord.fiber(), to);
    }
}

/// # Safety
/// As for [`to_caller`].
#[inline(always)]
unsafe fn pass(cord: CordRef, dispatch: &Dispatch, from: FiberRef, to: *mut Fiber) {
    // SAFETY: as the caller says; `caller` of a running fiber is a suspended fiber or the
    // scheduler.
    unsafe {
        if to == cord.sched().as_ptr() {
            return pass_to_sched(cord, dispatch, from);
        }
        switch(to_caller(cord, dispatch, from, to));
    }
}

/// # Safety
/// As for [`to_sched`].
#[inline(never)]
unsafe fn pass_to_sched(cord: CordRef, dispatch: &Dispatch, from: FiberRef) {
    // SAFETY: as the caller says.
    unsafe {
        let chosen = to_sched(cord, dispatch, from);
        if chosen.is_one() {
            switch(chosen);
        }
    }
}

/// `fiber_reschedule`: lets everything that is ready run first. The event loop does
/// not look at descriptors or timers in between.
///
/// # Safety
/// As for [`yield_now`].
#[inline]
pub unsafe fn reschedule(cord: CordRef) {
    let dispatch = cord.dispatch();
    let fiber = cord.fiber();
    let first = make_ready(cord, fiber);
    // SAFETY: as the caller says.
    unsafe {
        if first {
            return announce_and_leave(cord, fiber);
        }
        leave(cord, dispatch, fiber);
    }
}

/// # Safety
/// `from` is the current fiber of the current cord.
#[inline(never)]
unsafe fn announce_and_leave(cord: CordRef, from: FiberRef) {
    // SAFETY: as the caller says.
    unsafe {
        announce(cord, from);
        let cord = current_again();
        leave(cord, cord.dispatch(), cord.fiber());
    }
}

/// [`yield_now`] for a caller that has something left to do when it comes back. What it
/// calls has returned when the stacks are switched: see [`transfer_in_line`].
///
/// # Safety
/// As for [`yield_now`].
#[inline(always)]
pub unsafe fn wait(cord: CordRef) {
    let dispatch = cord.dispatch();
    let from = cord.fiber();
    let to = from.caller.replace(cord.sched().as_ptr());
    // SAFETY: `caller` of a running fiber is a suspended fiber or the scheduler, and who is
    // ready is suspended.
    unsafe {
        let is_usual = to == dispatch.ready.first() && to != cord.sched().as_ptr();
        let (from, to) = if is_usual && !wants_hooks(dispatch, from) {
            carry(to_caller(cord, dispatch, from, to))
        } else {
            choose(cord, dispatch, from, to)
        };
        if from != to {
            transfer_in_line(&from.ctx, &to.ctx);
        }
    }
}

/// All of [`wait`] but the switch. The result is `from`, and who runs instead; `from` again if
/// there is nothing left to do.
///
/// # Safety
/// `to` was the caller of `from`, which is current.
#[inline(never)]
unsafe fn choose(
    cord: CordRef,
    dispatch: &Dispatch,
    from: FiberRef,
    to: *mut Fiber,
) -> (FiberRef, FiberRef) {
    // SAFETY: as the caller says.
    unsafe {
        if wants_hooks(dispatch, from) {
            return choose_with_hooks(dispatch, from, to);
        }
        choose_now(cord, dispatch, from, to)
    }
}

/// # Safety
/// As for [`choose`], and there is something to run.
#[inline(never)]
unsafe fn choose_with_hooks(
    dispatch: &Dispatch,
    from: FiberRef,
    to: *mut Fiber,
) -> (FiberRef, FiberRef) {
    // SAFETY: as the caller says.
    unsafe {
        run_hooks(dispatch, from);
        let cord = current_again();
        choose_now(cord, cord.dispatch(), cord.fiber(), to)
    }
}

/// # Safety
/// As for [`choose`].
#[inline(always)]
unsafe fn choose_now(
    cord: CordRef,
    dispatch: &Dispatch,
    from: FiberRef,
    to: *mut Fiber,
) -> (FiberRef, FiberRef) {
    // SAFETY: as the caller says.
    unsafe {
        if to == cord.sched().as_ptr() {
            let switch = to_sched(cord, dispatch, from);
            return if switch.is_one() {
                carry(switch)
            } else {
                (from, from)
            };
        }
        carry(to_caller(cord, dispatch, from, to))
    }
}

/// Carries out a switch that is not as usual. There is nothing left to do then: the result
/// is the same fiber twice.
///
/// # Safety
/// As for [`switch`].
#[inline(always)]
unsafe fn carry(Switch { dispatch, from, to }: Switch<'_>) -> (FiberRef, FiberRef) {
    if dispatch.has_baggage() {
        // SAFETY: as the caller says.
        unsafe { transfer_with_baggage(from, to) };
        return (from, from);
    }
    (from, to)
}

/// To the caller, which is not the scheduler.
///
/// # Safety
/// `to` was the caller of `from`, which is current.
#[inline(always)]
unsafe fn to_caller<'d>(
    cord: CordRef,
    dispatch: &'d Dispatch,
    from: FiberRef,
    to: *mut Fiber,
) -> Switch<'d> {
    // SAFETY: as the caller says; who is ready is suspended.
    unsafe {
        if to == dispatch.ready.first() {
            advance(cord, dispatch, FiberRef::from_ptr(to));
        } else if to.is_null() {
            scheduler_cannot_leave(from);
        }
        prepare(cord, dispatch, from, FiberRef::from_ptr(to))
    }
}

/// To the scheduler, or to whom that would switch.
///
/// # Safety
/// The scheduler was the caller of `from`, which is current.
#[inline(always)]
unsafe fn to_sched<'d>(
    cord: CordRef,
    dispatch: &'d Dispatch,
    from: FiberRef,
) -> Switch<'d> {
    // SAFETY: as the caller says; who is ready is suspended.
    unsafe {
        if !would_start_batch(cord, dispatch) {
            return prepare(cord, dispatch, from, ready_sched(cord));
        }
        let to = start_batch(cord, dispatch);
        if to == from {
            // Alone, it has nobody to give way to.
            from.lower(flag::READY);
            from.csw.set(from.csw.get().wrapping_add(1));
            return Switch { dispatch, from, to };
        }
        prepare(cord, dispatch, from, to)
    }
}

/// The scheduler, which is always ready.
fn ready_sched(cord: CordRef) -> FiberRef {
    cord.sched().raise(flag::READY);
    cord.sched()
}

/// It called `fiber_yield`, or `fiber_reschedule`, which makes its caller ready.
#[cold]
fn scheduler_cannot_leave(sched: FiberRef) -> ! {
    let is_ready = sched.has(flag::READY);
    let function = if is_ready {
        "fiber_reschedule"
    } else {
        "fiber_yield"
    };
    scheduler_cannot_wait(function);
}
