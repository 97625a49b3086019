// SPDX-License-Identifier: BSD-2-Clause
//! Who runs next (spec fiber.md 4).
//!
//! There are three kinds of switch, each to exactly one place: a call goes to
//! the callee, a yield to the yielder's `caller`, and the scheduler to the
//! first fiber of a batch. A batch is what was on the ready list when the
//! scheduler looked. The fiber that runs has its successor as `caller`:
//!
//! ```text
//!   sched ──> f1 ─caller─> f2   f3   f4 ... fn   (cord.batch, linked by state)
//!             runs         next
//! ```
//!
//! so each yield passes control directly on, the last one to the scheduler, and
//! whoever inserts a fiber behind the last one (the fiber pool does) is
//! served, too. The reference links the whole batch through `caller` at once; here
//! each link is made when it is needed, while the fibers are in the cache anyway.
//!
//! Every function here may leave the current stack for any length of time, and
//! a `pthread_cancel` may unwind it: no value with a destructor lives across a
//! switch.

use super::switch::baggage::Baggage;
use super::switch::transfer;
use super::{Fiber, FiberRef, flag};
use crate::cord::ev::{self, ev_loop, ev_timer, ev_watcher};
use crate::cord::{CordRef, current};
use crate::say::fatal;
use crate::small::Rlist;
use crate::trigger;
use core::cell::Cell;
use core::ffi::c_int;
use core::mem::offset_of;
use core::ptr;

unsafe extern "C" {
    /// The program's hook on a switch, or NULL (`src/shim/fiber/program.c`).
    static cordage_on_yield: Option<unsafe extern "C-unwind" fn()>;
}

/// `fiber_wakeup`: `fiber` will run after everything that is ready already.
/// Nothing happens if it is ready, runs or is dead.
#[inline]
pub fn wakeup(cord: CordRef, fiber: FiberRef) {
    if !fiber.has(flag::READY | flag::RUNNING | flag::DEAD) {
        make_ready(cord, fiber);
    }
}

/// Appends `fiber` to the ready list, taking it off whatever queue it waits in: that
/// is how a wake-up ends every wait (spec 4.3).
#[inline]
fn make_ready(cord: CordRef, fiber: FiberRef) {
    // SAFETY: both lists belong to the current cord and are well formed.
    unsafe {
        if Rlist::is_empty(cord.ready()) {
            announce(cord);
        }
        Rlist::move_tail(cord.ready(), fiber.state());
    }
    fiber.raise(flag::READY);
}

/// Sees to it that the ready list runs before the event loop looks at anything else.
fn announce(cord: CordRef) {
    let ev_loop = cord.loop_.get();
    if ev_loop.is_null() {
        fatal!(
            "fiber_wakeup: cord '{}' has no event loop",
            cord.name().to_string_lossy()
        );
    }
    let drain = cord.drain();
    // SAFETY: the loop of this thread and a watcher that lives as long as the cord. The
    // watcher is never started: feeding it needs no descriptor and does not keep the
    // loop alive.
    unsafe {
        if drain.running.get() && ev::ev_pending_count(ev_loop) == 0 {
            // The scheduler looks at the list itself after this batch, which is when
            // libev would call it.
            return;
        }
        drain.fed.set(true);
        ev::ev_feed_event(ev_loop, cord.wakeup_event.get().cast(), ev::EV_CUSTOM);
    }
}

/// What [`run_ready`] and `announce` tell each other.
#[derive(Debug, Default)]
pub struct Drain {
    /// The scheduler is running batches.
    running: Cell<bool>,
    /// libev will call it again.
    fed: Cell<bool>,
}

/// The callback of `cord.wakeup_event`, on the scheduler: runs everything that is ready as
/// one batch, then what has become ready meanwhile, and so on.
///
/// libev calls what was fed last first, so in the reference the next batch, fed during
/// this one, runs before anything that was pending already, and after anything
/// that is fed later. Both are so here, without a turn through libev for each batch.
///
/// # Safety
/// Called by libev with the watcher of a cord of this thread.
pub unsafe extern "C-unwind" fn run_ready(
    ev_loop: *mut ev_loop,
    watcher: *mut ev::ev_async,
    _revents: c_int,
) {
    // SAFETY: `cord::create` stored the cord there.
    let cord = unsafe { CordRef::from_ptr((*watcher).data.cast()) };
    let drain = cord.drain();
    drain.running.set(true);
    drain.fed.set(false);
    // SAFETY: the lists link the `state` of fibers of this cord.
    unsafe {
        let mut first_round = true;
        while !Rlist::is_empty(cord.ready()) && !drain.fed.get() {
            // What pends in the first round was there before. Later it was fed after the
            // first of these fibers was made ready, or `announce` would have fed us.
            if !first_round && ev::ev_pending_count(ev_loop) != 0 {
                ev::ev_invoke_pending(ev_loop);
            }
            first_round = false;
            Rlist::splice_tail(cord.batch(), cord.ready());
            while !Rlist::is_empty(cord.batch()) {
                let first = FiberRef::from_state(Rlist::first(cord.batch()));
                advance(cord, first);
                switch(cord, cord.sched(), first);
            }
        }
    }
    drain.running.set(false);
}

/// Takes `fiber`, which runs next, off the batch and makes the one behind it its
/// `caller`. Nothing happens if `fiber` is not of the batch.
#[inline]
fn advance(cord: CordRef, fiber: FiberRef) {
    // SAFETY: the links of a batch are the `state` of its fibers.
    unsafe {
        if Rlist::is_empty(fiber.state()) {
            return;
        }
        let link = Rlist::next(fiber.state());
        Rlist::del(fiber.state());
        if link == cord.batch() {
            fiber.caller.set(cord.sched().as_ptr());
        } else {
            let next = FiberRef::from_state(link);
            fiber.caller.set(next.as_ptr());
            prefetch(next);
        }
    }
}

/// With more fibers than the cache holds, a switch waits for memory: for the fiber, then
/// for its stack, then for the next fiber. Asked for in time, they arrive while others
/// run: the stack of the next fiber, and the one after that.
#[inline]
fn prefetch(next: FiberRef) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: prefetching has no effect that could be wrong, whatever the address.
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        const LINE: usize = 64;
        let stack = next.ctx.sp.get().cast::<i8>();
        _mm_prefetch::<_MM_HINT_T0>(stack);
        _mm_prefetch::<_MM_HINT_T0>(stack.wrapping_add(LINE));
        let after = Rlist::next(next.state()).cast::<i8>();
        let after = after.wrapping_sub(offset_of!(Fiber, state));
        _mm_prefetch::<_MM_HINT_T0>(after);
        _mm_prefetch::<_MM_HINT_T0>(after.wrapping_add(offset_of!(Fiber, caller)));
        _mm_prefetch::<_MM_HINT_T0>(after.wrapping_add(offset_of!(Fiber, state)));
    }
}

/// Calls `visit` for every fiber that was woken and has not run yet: those that wait as
/// callers, the rest of the batch, the ready list.
pub fn for_each_ready(cord: CordRef, visit: impl Fn(FiberRef)) {
    let sched = cord.sched();
    let mut next = cord.fiber().caller.get();
    while !next.is_null() && next != sched.as_ptr() {
        // SAFETY: the chain links fibers of this cord.
        let fiber = unsafe { FiberRef::from_ptr(next) };
        visit(fiber);
        next = fiber.caller.get();
    }
    for list in [cord.batch(), cord.ready()] {
        // SAFETY: the lists link the `state` of fibers.
        unsafe {
            let mut link = Rlist::first(list);
            while link != list {
                visit(FiberRef::from_state(link));
                link = Rlist::next(link);
            }
        }
    }
}

/// `fiber_call`: runs `callee` now; it returns here when it yields or dies.
///
/// # Safety
/// `callee` is a fiber of the current cord `cord`; `function` is who asks.
#[inline]
pub unsafe fn call(cord: CordRef, callee: FiberRef, function: &str) {
    let caller = cord.fiber();
    if !callable(callee) || wants_hooks(cord, caller) {
        // SAFETY: as the caller says.
        return unsafe { call_slowly(cord, callee, function) };
    }
    // SAFETY: the callee is suspended.
    unsafe { enter(cord, caller, callee) };
}

/// The same with whatever is rare. Apart, so that the usual path makes no calls but
/// the last, and keeps nothing on the stack across it.
///
/// # Safety
/// As for [`call`].
#[cold]
unsafe fn call_slowly(cord: CordRef, callee: FiberRef, function: &str) {
    let caller = cord.fiber();
    if !callable(callee) {
        take_from_queue(cord, callee, function);
    }
    // SAFETY: as the caller says.
    unsafe {
        run_hooks(cord, caller);
        enter(cord, caller, callee);
    }
}

/// Whether it waits there, and not in the batch or as a caller.
fn is_on_ready_list(cord: CordRef, fiber: FiberRef) -> bool {
    // SAFETY: the list is well formed.
    unsafe {
        let mut link = Rlist::first(cord.ready());
        while link != cord.ready() && link != fiber.state() {
            link = Rlist::next(link);
        }
        link == fiber.state()
    }
}

#[inline]
fn callable(callee: FiberRef) -> bool {
    !callee.has(flag::READY | flag::RUNNING | flag::DEAD)
        && callee.f.get().is_some()
        // SAFETY: reads a well-formed link.
        && unsafe { Rlist::is_empty(callee.state()) }
}

/// # Safety
/// `callee` is suspended.
#[inline]
unsafe fn enter(cord: CordRef, caller: FiberRef, callee: FiberRef) {
    // A caller certainly will run again, so nobody needs to wake it.
    callee.raise(flag::READY);
    caller.raise(flag::READY);
    callee.caller.set(caller.as_ptr());
    // SAFETY: as the caller says.
    unsafe { switch(cord, caller, callee) };
}

/// A fiber that is on the ready list may be called: it runs now instead of then. So may one
/// that waits: its wait ends, as by a wake-up. Everything else that cannot be called ends
/// here.
#[cold]
fn take_from_queue(cord: CordRef, callee: FiberRef, function: &str) {
    let why = if callee.has(flag::DEAD) || callee.f.get().is_none() {
        "is finished"
    } else if callee.has(flag::RUNNING) {
        "is the current fiber"
    } else if callee.has(flag::READY) && !is_on_ready_list(cord, callee) {
        "is about to run as somebody's caller"
    } else {
        // SAFETY: the link is well formed.
        unsafe { Rlist::del(callee.state()) };
        return;
    };
    fatal!("{function}: {} {why}", Described(callee));
}

/// `fiber_yield`: control goes to the current fiber's caller. It comes back
/// when somebody resumes the fiber, for whatever reason.
///
/// # Safety
/// `cord` is the current cord; the current fiber is not the scheduler (checked).
#[inline]
pub unsafe fn yield_now(cord: CordRef) {
    let from = cord.fiber();
    let to = from.caller.replace(cord.sched().as_ptr());
    if to.is_null() || wants_hooks(cord, from) {
        // SAFETY: as the caller says.
        return unsafe { yield_slowly(cord, to) };
    }
    // SAFETY: `caller` of a running fiber is a suspended fiber or the scheduler.
    unsafe { pass(cord, from, FiberRef::from_ptr(to)) };
}

/// # Safety
/// `to` was the caller of `from`, which is current.
#[inline]
unsafe fn pass(cord: CordRef, from: FiberRef, to: FiberRef) {
    advance(cord, to);
    // SAFETY: as the caller says.
    unsafe { switch(cord, from, to) };
}

/// The same with whatever is rare, as in [`call_slowly`].
///
/// # Safety
/// `to` was the caller of the current fiber.
#[cold]
unsafe fn yield_slowly(cord: CordRef, to: *mut Fiber) {
    if to.is_null() {
        scheduler_cannot_wait("fiber_yield");
    }
    let from = cord.fiber();
    // SAFETY: as above.
    unsafe {
        run_hooks(cord, from);
        pass(cord, from, FiberRef::from_ptr(to));
    }
}

/// The current fiber, for `function`, which waits. The scheduler stands for the thread's
/// own stack, on which the event loop and all its callbacks run: there is nobody it
/// could yield to.
#[inline]
pub fn waiting_fiber(cord: CordRef, function: &str) -> FiberRef {
    let fiber = cord.fiber();
    if fiber == cord.sched() {
        scheduler_cannot_wait(function);
    }
    fiber
}

#[cold]
fn scheduler_cannot_wait(function: &str) -> ! {
    fatal!("{function}: called on the scheduler, outside of a fiber");
}

#[inline]
fn wants_hooks(cord: CordRef, fiber: FiberRef) -> bool {
    // SAFETY: reads a well-formed list head, and a constant.
    unsafe {
        !Rlist::is_empty(fiber.on_yield()) || cord.is_main() && cordage_on_yield.is_some()
    }
}

/// What happens on the fiber that is about to lose control (spec 4.6).
///
/// # Safety
/// `fiber` is the current fiber of `cord`.
unsafe fn run_hooks(cord: CordRef, fiber: FiberRef) {
    // SAFETY: the list is well formed; triggers run in this thread. The result is
    // ignored by contract: these triggers must not fail.
    unsafe {
        if !Rlist::is_empty(fiber.on_yield()) {
            trigger::run(fiber.on_yield(), ptr::null_mut());
        }
        if cord.is_main()
            && let Some(hook) = cordage_on_yield
        {
            hook();
        }
    }
}

/// # Safety
/// `from` is the current fiber of the current cord; `to` is suspended.
#[inline]
unsafe fn switch(cord: CordRef, from: FiberRef, to: FiberRef) {
    debug_switch(cord, from, to);
    cord.fiber.set(to.as_ptr());
    to.set_flags(to.flags.get() & !flag::READY | flag::RUNNING);
    to.csw.set(to.csw.get().wrapping_add(1));
    from.lower(flag::RUNNING);
    if Baggage::is_there(cord.exceptions()) {
        // SAFETY: as the caller says.
        return unsafe { transfer_with_baggage(cord, from, to) };
    }
    // SAFETY: as the caller says.
    unsafe { transfer(&from.ctx, &to.ctx) };
}

/// # Safety
/// As for [`switch`].
#[cold]
unsafe fn transfer_with_baggage(cord: CordRef, from: FiberRef, to: FiberRef) {
    let baggage = Baggage::take(cord.exceptions(), &from, &to);
    // SAFETY: as the caller says. Whoever comes back here comes back as `from`.
    unsafe { transfer(&from.ctx, &to.ctx) };
    baggage.restore(cord.exceptions());
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
    } else if !to_sched && !to.has(flag::READY) {
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

/// `fiber_reschedule`: lets everything that is ready run first. The event loop does
/// not look at descriptors or timers in between.
///
/// # Safety
/// As for [`yield_now`].
pub unsafe fn reschedule(cord: CordRef) {
    make_ready(cord, waiting_fiber(cord, "fiber_reschedule"));
    // SAFETY: as the caller says.
    unsafe { yield_now(cord) };
}

/// From here on a timeout is none: `TIMEOUT_INFINITY`, a hundred years.
pub const FOREVER: f64 = 365.0 * 86400.0 * 100.0;

/// A timed wait, on the waiting fiber's stack.
struct Alarm {
    timer: ev_timer,
    fiber: *mut Fiber,
    rang: Cell<bool>,
}

/// `fiber_yield_timeout`: true if the timer ran out before the fiber got control back.
/// `delay` counts from the loop's cached time; 0 or less ends at the loop's
/// next turn.
///
/// # Safety
/// As for [`yield_now`].
pub unsafe fn yield_timeout(cord: CordRef, delay: f64) -> bool {
    if delay >= FOREVER {
        // No timer, but the loop must live on as if there were one.
        // SAFETY: the loop of the current cord.
        unsafe {
            ev::ev_ref(cord.loop_.get());
            yield_now(cord);
            ev::ev_unref(cord.loop_.get());
        }
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
        fiber: cord.fiber.get(),
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
        wakeup(current("timer"), FiberRef::from_ptr((*alarm).fiber));
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
            // It still runs if all who polled with it were woken early.
            if (*cord.poll_event()).active == 0 {
                (*cord.poll_event()).at = 0.0;
                ev::ev_timer_start(cord.loop_.get(), cord.poll_event());
            }
        }
        Rlist::add_tail(cord.pollers(), fiber.state());
        yield_now(cord);
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
            let fiber = FiberRef::from_state(Rlist::shift(due));
            fiber.raise(flag::READY);
            fiber.caller.set(cord.sched().as_ptr());
            switch(cord, cord.sched(), fiber);
        }
    }
}

/// `fiber_schedule_cb`: a libev callback for any watcher that wakes the fiber in
/// its `data`.
///
/// # Safety
/// `data` is a fiber of the current cord.
pub unsafe fn wake_data(cord: CordRef, watcher: *mut ev_watcher) {
    // SAFETY: as the caller says.
    unsafe { wakeup(cord, FiberRef::from_ptr((*watcher).data.cast())) };
}

/// A fiber in an error message.
pub struct Described(pub FiberRef);

impl core::fmt::Display for Described {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "fiber '{}' ({})",
            self.0.name().to_string_lossy(),
            self.0.fid.get()
        )
    }
}

impl FiberRef {
    /// The link by which it waits or is ready.
    #[inline]
    pub fn state(self) -> *mut Rlist {
        self.field(offset_of!(Fiber, state))
    }

    /// The link in the cord's alive or dead list.
    #[inline]
    pub fn link(self) -> *mut Rlist {
        self.field(offset_of!(Fiber, link))
    }

    /// Triggers to run before it loses control.
    #[inline]
    pub fn on_yield(self) -> *mut Rlist {
        self.field(offset_of!(Fiber, on_yield))
    }

    /// Triggers to run at its death.
    #[inline]
    pub fn on_stop(self) -> *mut Rlist {
        self.field(offset_of!(Fiber, on_stop))
    }

    /// Who waits for its death.
    #[inline]
    pub fn wake(self) -> *mut Rlist {
        self.field(offset_of!(Fiber, wake))
    }

    /// A list head or link of the fiber. Lists refer to each other by address, so
    /// they are always named by the address inside the fiber, never by a
    /// reference.
    #[inline]
    fn field(self, offset: usize) -> *mut Rlist {
        self.as_ptr().wrapping_byte_add(offset).cast()
    }
}
