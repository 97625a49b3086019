// SPDX-License-Identifier: BSD-2-Clause
//! `fiber_call`: a switch to the callee, which has the caller as its `caller`.

use super::handover::{Switch, arrive, run_hooks, switch, wants_hooks};
use super::{Described, Dispatch, FiberRef, flag};
use crate::cord::{CordRef, current_again};
use crate::say::fatal;
use crate::small::Rlist;

/// `fiber_call`: runs `callee` now; it returns here when it yields or dies.
///
/// # Safety
/// `callee` is a fiber of the current cord `cord`; `function` is who asks.
#[inline]
pub unsafe fn call(cord: CordRef, callee: FiberRef, function: &str) {
    // SAFETY: as the caller says.
    unsafe {
        if !callable(callee) {
            return call_out_of_turn(cord, callee, function);
        }
        start(cord, callee);
    }
}

/// # Safety
/// As for [`call`].
#[cold]
unsafe fn call_out_of_turn(cord: CordRef, callee: FiberRef, function: &str) {
    take_out_of_turn(cord, callee, function);
    // SAFETY: as the caller says.
    unsafe { start(cord, callee) };
}

/// # Safety
/// `cord` is the current cord; `callee` is suspended, in no queue and not ready.
#[inline]
unsafe fn start(cord: CordRef, callee: FiberRef) {
    let dispatch = cord.dispatch();
    let caller = cord.fiber();
    // SAFETY: as the caller says.
    unsafe {
        if wants_hooks(dispatch, caller) {
            return start_with_hooks(dispatch, caller, callee);
        }
        enter(cord, dispatch, caller, callee);
    }
}

/// The same with what has to run before.
///
/// # Safety
/// As for [`enter`], and there is something to run.
#[inline(never)]
unsafe fn start_with_hooks(dispatch: &Dispatch, caller: FiberRef, callee: FiberRef) {
    // SAFETY: as the caller says.
    unsafe {
        run_hooks(dispatch, caller);
        let cord = current_again();
        if callee.has(flag::READY) {
            return enter_out_of_turn(cord, callee);
        }
        enter(cord, cord.dispatch(), cord.fiber(), callee);
    }
}

/// The hook has made the callee ready, of all fibers.
///
/// # Safety
/// As for [`enter`], but for that.
#[cold]
unsafe fn enter_out_of_turn(cord: CordRef, callee: FiberRef) {
    take_out_of_turn(cord, callee, "cord_on_yield");
    // SAFETY: as the caller says.
    unsafe { enter(cord, cord.dispatch(), cord.fiber(), callee) };
}

#[inline]
fn callable(callee: FiberRef) -> bool {
    !callee.has(flag::READY | flag::RUNNING | flag::DEAD)
        && callee.f.get().is_some()
        // SAFETY: reads a well-formed link.
        && unsafe { Rlist::is_empty(callee.state()) }
}

/// # Safety
/// `caller` is the current fiber of the current cord; `callee` is suspended, in no queue and
/// not ready.
#[inline]
unsafe fn enter(cord: CordRef, dispatch: &Dispatch, caller: FiberRef, callee: FiberRef) {
    callee.caller.set(caller.as_ptr());
    // A caller certainly will run again, so nobody needs to wake it.
    caller.flip(flag::RUNNING | flag::READY);
    callee.flip(flag::RUNNING);
    arrive(cord, callee);
    let (from, to) = (caller, callee);
    // SAFETY: as the caller says.
    unsafe { switch(Switch { dispatch, from, to }) };
}

/// A fiber that is ready may be called: it runs now instead of then. So may one that waits:
/// its wait ends, as by a wake-up. Everything else that cannot be called ends here.
#[cold]
fn take_out_of_turn(cord: CordRef, callee: FiberRef, function: &str) {
    let dispatch = cord.dispatch();
    let is_ready = callee.has(flag::READY);
    // SAFETY: reads a well-formed list head.
    let is_first = is_ready && unsafe { Rlist::first(cord.ready()) == callee.state() };
    let why = if callee.has(flag::DEAD) || callee.f.get().is_none() {
        "is finished"
    } else if callee.has(flag::RUNNING) {
        "is the current fiber"
    } else if is_ready && !is_first && !dispatch.ready.remove(callee) {
        "is about to run as somebody's caller"
    } else {
        // SAFETY: well-formed links.
        unsafe {
            Rlist::del(callee.state());
            if is_first && let Some(second) = dispatch.ready.take_follower() {
                Rlist::add_only(cord.ready(), second.state());
            }
        }
        callee.lower(flag::READY);
        return;
    };
    fatal!("{function}: {} {why}", Described(callee));
}
