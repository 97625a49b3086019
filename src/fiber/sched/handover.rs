// SPDX-License-Identifier: BSD-2-Clause
//! What goes with every switch: hooks before it, flags and counters, and, between the stacks,
//! what a language runtime keeps for each thread.

use super::{Described, Dispatch, FiberRef, flag};
use crate::cord::CordRef;
use crate::fiber::switch::baggage::Baggage;
use crate::fiber::switch::transfer;
use crate::say::fatal;
use crate::small::Rlist;
use crate::trigger;
use core::ptr;

#[inline]
pub(super) fn wants_hooks(dispatch: &Dispatch, fiber: FiberRef) -> bool {
    // SAFETY: reads a well-formed list head.
    dispatch.on_yield.is_some() | unsafe { !Rlist::is_empty(fiber.on_yield()) }
}

/// What happens on the fiber that is about to lose control (spec 4.6).
///
/// # Safety
/// `fiber` is the current fiber of the cord, and [`wants_hooks`] said so.
#[inline]
pub(super) unsafe fn run_hooks(dispatch: &Dispatch, fiber: FiberRef) {
    // SAFETY: as the caller says.
    unsafe {
        if Rlist::is_empty(fiber.on_yield()) {
            // Every program that was written for the reference has it, and what else could
            // there be to run.
            dispatch.on_yield.unwrap_unchecked()();
        } else {
            run_triggers(dispatch, fiber);
        }
    }
}

/// # Safety
/// As for [`run_hooks`].
#[cold]
#[inline(never)]
unsafe fn run_triggers(dispatch: &Dispatch, fiber: FiberRef) {
    // SAFETY: the list is well formed; triggers run in this thread. The result is
    // ignored by contract: these triggers must not fail.
    unsafe {
        trigger::run(fiber.on_yield(), ptr::null_mut());
        if let Some(hook) = dispatch.on_yield {
            hook();
        }
    }
}

/// A switch that only has to be carried out, unless it goes from a fiber to itself.
pub(super) struct Switch<'d> {
    pub dispatch: &'d Dispatch,
    pub from: FiberRef,
    pub to: FiberRef,
}

impl Switch<'_> {
    #[inline]
    pub fn is_one(&self) -> bool {
        self.from != self.to
    }
}

/// `from`, which runs, gives control to `to`, which is ready.
#[inline(always)]
pub(super) fn prepare<'d>(
    cord: CordRef,
    dispatch: &'d Dispatch,
    from: FiberRef,
    to: FiberRef,
) -> Switch<'d> {
    debug_switch(cord, from, to);
    to.flip(flag::READY | flag::RUNNING);
    from.lower(flag::RUNNING);
    arrive(cord, to);
    Switch { dispatch, from, to }
}

/// `to` is the current fiber.
#[inline]
pub(super) fn arrive(cord: CordRef, to: FiberRef) {
    cord.fiber.set(to.as_ptr());
    to.csw.set(to.csw.get().wrapping_add(1));
}

/// # Safety
/// `from` was the current fiber of the current cord; `to` is suspended.
#[inline(always)]
pub(super) unsafe fn switch(Switch { dispatch, from, to }: Switch<'_>) {
    // SAFETY: as the caller says.
    unsafe {
        if dispatch.has_baggage() {
            return transfer_with_baggage(from, to);
        }
        transfer(&from.ctx, &to.ctx);
    }
}

/// # Safety
/// As for [`switch`].
#[cold]
pub(super) unsafe fn transfer_with_baggage(from: FiberRef, to: FiberRef) {
    let baggage = Baggage::take(&from, &to);
    // SAFETY: as the caller says. Whoever comes back here comes back as `from`.
    unsafe { transfer(&from.ctx, &to.ctx) };
    baggage.restore();
}

/// The invariants of spec 5, in debug builds.
#[inline]
fn debug_switch(cord: CordRef, from: FiberRef, to: FiberRef) {
    if !cfg!(debug_assertions) {
        return;
    }
    let to_sched = to == cord.sched();
    let why = if from == to || to.has(flag::RUNNING) {
        "runs already"
    } else if !to_sched && to.has(flag::DEAD) {
        "is dead"
    } else if !to_sched && (to.f.get().is_none() || to.fid.get() == 0) {
        "has no function to run"
    } else if !to.has(flag::READY) {
        "was not made ready"
    // SAFETY: reads a well-formed link.
    } else if !unsafe { Rlist::is_empty(to.state()) } {
        "still waits in a queue"
    } else {
        return;
    };
    fatal!(
        "switch from {} to {}, which {why}",
        Described(from),
        Described(to)
    );
}
