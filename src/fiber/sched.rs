// SPDX-License-Identifier: BSD-2-Clause
//! Who runs next (spec fiber.md 4).
//!
//! There are three kinds of switch, each to exactly one place: a call goes to
//! the callee, a yield to the yielder's `caller`, and the scheduler to the
//! first fiber of a batch. A batch is what was ready when the one before it had
//! ended ([`Ready`]). The fiber that runs has its successor as `caller`:
//!
//! ```text
//!   sched ──> f1 ─caller─> f2   f3   f4 ... fn   (the rest of the batch)
//!             runs         next
//! ```
//!
//! so each yield passes control directly on, the last one to the scheduler, and
//! whoever inserts a fiber behind the last one (the fiber pool does) is
//! served, too. The reference links the whole batch through `caller` at once; here
//! each link is made when it is needed, while the fibers are in the cache anyway.
//!
//! A batch that ends while the scheduler has nothing to do but start the next one is
//! followed by that at once.
//!
//! Every function here may leave the current stack for any length of time, and
//! a `pthread_cancel` may unwind it: no value with a destructor lives across a
//! switch.

use super::ready::Ready;
use super::switch::baggage::{Baggage, Exceptions};
use super::switch::{transfer, transfer_in_line};
use super::{Fiber, FiberRef, flag, wait};
use crate::cord::ev::{self, ev_async, ev_loop, ev_watcher};
use crate::cord::{CordRef, current_again};
use crate::say::fatal;
use crate::small::Rlist;
use crate::trigger;
use core::cell::Cell;
use core::ffi::c_int;
use core::mem::offset_of;
use core::ptr;

pub use wait::{FOREVER, now, sleep, yield_timeout};

unsafe extern "C" {
    /// The program's hook on a switch, or NULL (`src/shim/fiber/program.c`).
    static cordage_on_yield: Option<OnYield>;
}

/// The program's hook.
type OnYield = unsafe extern "C-unwind" fn();

/// What a cord knows about who runs. Every switch looks at it, so it lies in few cache
/// lines, and the functions here pass it on instead of looking it up again.
#[repr(C)]
pub struct Dispatch {
    /// Who runs next.
    pub ready: Ready,
    /// Says whether a switch has to take care of anything else.
    watched: *const Exceptions,
    /// Called before each switch; only the main cord has it.
    on_yield: Option<OnYield>,
    state: Cell<State>,
}

/// What the scheduler is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Something else, or nothing: libev has to be told who is ready.
    Away,
    /// It waits for the end of a batch, to start the next one.
    Running,
    /// libev was told and will call [`run_ready`].
    Fed,
}

impl Dispatch {
    /// For a cord of the calling thread.
    pub fn new(cord: CordRef) -> Dispatch {
        Dispatch {
            ready: Ready::new(cord.sched().as_ptr()),
            watched: Baggage::watched(),
            // SAFETY: a constant.
            on_yield: unsafe { cordage_on_yield }.filter(|_| cord.is_main()),
            state: Cell::new(State::Away),
        }
    }

    /// Whether the scheduler will look after the batch that runs now.
    #[inline]
    pub fn is_running(&self) -> bool {
        self.state.get() == State::Running
    }

    #[inline]
    fn has_baggage(&self) -> bool {
        // SAFETY: lives as long as the thread; its fields are cells.
        Baggage::is_there(unsafe { &*self.watched })
    }
}

/// `fiber_wakeup`: `fiber` will run after everything that is ready already.
/// Nothing happens if it is ready, runs or is dead.
#[inline]
pub fn wakeup(cord: CordRef, fiber: FiberRef) {
    if !fiber.has(flag::READY | flag::RUNNING | flag::DEAD) && make_ready(cord, fiber) {
        // SAFETY: the current cord; that is what was asked.
        unsafe { announce(cord, fiber) };
    }
}

/// Appends `fiber` to those who are ready, taking it off whatever queue it waits in: that
/// is how a wake-up ends every wait (spec 4.3). True if nobody was ready for the next
/// batch as yet: it has to be announced.
#[inline]
fn make_ready(cord: CordRef, fiber: FiberRef) -> bool {
    // SAFETY: well-formed links.
    unsafe {
        if !Rlist::is_empty(fiber.state()) {
            Rlist::del(fiber.state());
        }
        fiber.raise(flag::READY);
        let first = Rlist::is_empty(cord.ready());
        if !first {
            cord.dispatch().ready.push(fiber);
        }
        first
    }
}

/// `first` is the first one ready. Sees to it that it and those who follow run before the
/// event loop looks at anything else.
///
/// # Safety
/// `cord` is the current cord; nobody else became ready since the batch was started.
#[inline(never)]
unsafe fn announce(cord: CordRef, first: FiberRef) {
    // SAFETY: nobody is in that list, and the fiber in none. A batch was started by a loop.
    unsafe {
        Rlist::add_only(cord.ready(), first.state());
        if !cord.dispatch().is_running() {
            return tell_loop(cord);
        }
        // If nothing pends, the scheduler looks by itself after the batch, which is when libev
        // would call it.
        if something_pends(cord) {
            tell_loop(current_again());
        }
    }
}

/// Makes libev call [`run_ready`].
#[inline(never)]
fn tell_loop(cord: CordRef) {
    let ev_loop = cord.loop_.get();
    if ev_loop.is_null() {
        fatal!(
            "fiber_wakeup: cord '{}' has no event loop",
            cord.name().to_string_lossy()
        );
    }
    cord.dispatch().state.set(State::Fed);
    // SAFETY: the loop of this thread and a watcher that lives as long as the cord. The
    // watcher is never started: feeding it needs no descriptor and does not keep the
    // loop alive.
    unsafe { ev::ev_feed_event(ev_loop, cord.wakeup_event.get().cast(), ev::EV_CUSTOM) };
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
    watcher: *mut ev_async,
    _revents: c_int,
) {
    // SAFETY: `cord::create` stored the cord there.
    let cord = unsafe { CordRef::from_ptr((*watcher).data.cast()) };
    if cord.fiber() != cord.sched() {
        fatal!("ev_run: called in {}", Described(cord.fiber()));
    }
    let dispatch = cord.dispatch();
    dispatch.state.set(State::Away);
    let mut first_round = true;
    while somebody_is_ready(cord) && dispatch.state.get() != State::Fed {
        // What pends in the first round was there before. Later it was fed after the
        // first of these fibers was made ready, or `announce` would have fed us.
        // SAFETY: the loop that calls us.
        unsafe {
            if !first_round && ev::ev_pending_count(ev_loop) != 0 {
                ev::ev_invoke_pending(ev_loop);
            }
        }
        first_round = false;
        dispatch.state.set(State::Running);
        // SAFETY: somebody is ready; fibers of a batch are suspended.
        unsafe {
            let mut first = start_batch(cord, dispatch);
            loop {
                switch(prepare(cord, dispatch, cord.sched(), first));
                // Usually that was all of it.
                if dispatch.ready.batch_is_over(cord.sched().as_ptr()) {
                    break;
                }
                first =
                    advance(cord, dispatch, FiberRef::from_ptr(dispatch.ready.first()));
            }
        }
        if dispatch.is_running() {
            dispatch.state.set(State::Away);
        }
    }
    wait::settle(cord);
}

/// Whether there is a next batch.
#[inline]
fn somebody_is_ready(cord: CordRef) -> bool {
    // SAFETY: reads a well-formed list head.
    unsafe { !Rlist::is_empty(cord.ready()) }
}

/// Everybody who is ready becomes the batch, and its first fiber runs next.
///
/// # Safety
/// The batch is over and somebody is ready.
#[inline(always)]
unsafe fn start_batch(cord: CordRef, dispatch: &Dispatch) -> FiberRef {
    // SAFETY: as the caller says; there is only one in that list.
    unsafe {
        let first = FiberRef::from_state(Rlist::first(cord.ready()));
        Rlist::del_only(cord.ready(), first.state());
        first
            .caller
            .set(dispatch.ready.start_batch(cord.sched().as_ptr()));
        first
    }
}

/// `fiber`, the first of the batch, runs next: whoever follows it becomes its caller.
///
/// # Safety
/// As it says.
#[inline]
unsafe fn advance(cord: CordRef, dispatch: &Dispatch, fiber: FiberRef) -> FiberRef {
    // SAFETY: there is a first one.
    let next = unsafe { dispatch.ready.advance(cord.sched().as_ptr()) };
    fiber.caller.set(next);
    fiber
}

/// Calls `visit` for every fiber that was woken and has not run yet: those that wait as
/// callers, the rest of the batch, and who became ready since.
pub fn for_each_ready(cord: CordRef, visit: impl Fn(FiberRef)) {
    let sched = cord.sched();
    let mut next = cord.fiber().caller.get();
    while !next.is_null() && next != sched.as_ptr() {
        // SAFETY: the chain links fibers of this cord.
        let fiber = unsafe { FiberRef::from_ptr(next) };
        visit(fiber);
        next = fiber.caller.get();
    }
    cord.dispatch().ready.iter().for_each(&visit);
    // SAFETY: a well-formed list of fibers.
    unsafe {
        Rlist::iter(cord.ready()).for_each(|link| visit(FiberRef::from_state(link)))
    };
}

/// Nobody is ready any more: all fibers of the cord are about to be deleted.
pub fn forget_all(cord: CordRef) {
    cord.dispatch().ready.clear(cord.sched().as_ptr());
    // SAFETY: the fiber that leaves the list is alive yet.
    unsafe { Rlist::shift(cord.ready()) };
}

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

/// The same with what has to run before. Apart, so that the usual path makes no calls but
/// the last, and keeps nothing on the stack across it.
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
            let to = advance(cord, dispatch, FiberRef::from_ptr(to));
            carry(prepare(cord, dispatch, from, to))
        } else {
            choose(cord, dispatch, from, to)
        };
        if from != to {
            transfer_in_line(&from.ctx, &to.ctx);
        }
    }
}

/// A switch that only has to be carried out, unless it goes from a fiber to itself.
struct Switch<'d> {
    dispatch: &'d Dispatch,
    from: FiberRef,
    to: FiberRef,
}

impl Switch<'_> {
    #[inline]
    fn is_one(&self) -> bool {
        self.from != self.to
    }
}

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
        let is_clear = !something_pends(cord);
        let cord = current_again();
        let (dispatch, from) = (cord.dispatch(), cord.fiber());
        if !is_clear {
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

/// `from`, which runs, gives control to `to`, which is ready.
#[inline(always)]
fn prepare<'d>(
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

/// The same with what has to run before, as in [`start_with_hooks`].
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

/// The scheduler, which is always ready.
fn ready_sched(cord: CordRef) -> FiberRef {
    cord.sched().raise(flag::READY);
    cord.sched()
}

/// Whether the scheduler would start the next batch if it got control now and nothing
/// pended.
#[inline]
fn would_start_batch(cord: CordRef, dispatch: &Dispatch) -> bool {
    dispatch.is_running()
        && dispatch.ready.batch_is_over(cord.sched().as_ptr())
        && somebody_is_ready(cord)
}

/// Whether the event loop has callbacks to call.
///
/// # Safety
/// The cord has a loop.
#[inline]
unsafe fn something_pends(cord: CordRef) -> bool {
    // SAFETY: the loop of the current cord.
    unsafe { ev::ev_pending_count(cord.loop_.get()) != 0 }
}

/// Runs `fiber`, in a callback of the event loop, until it yields: what a wake-up comes to
/// when nobody else is ready.
///
/// # Safety
/// `fiber` is suspended and in no list; the scheduler of the current cord runs.
pub unsafe fn run_from_loop(cord: CordRef, fiber: FiberRef) {
    fiber.raise(flag::READY);
    fiber.caller.set(cord.sched().as_ptr());
    // SAFETY: as the caller says.
    unsafe { switch(prepare(cord, cord.dispatch(), cord.sched(), fiber)) };
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

#[inline]
fn wants_hooks(dispatch: &Dispatch, fiber: FiberRef) -> bool {
    // SAFETY: reads a well-formed list head.
    dispatch.on_yield.is_some() | unsafe { !Rlist::is_empty(fiber.on_yield()) }
}

/// What happens on the fiber that is about to lose control (spec 4.6).
///
/// # Safety
/// `fiber` is the current fiber of the cord, and [`wants_hooks`] said so.
#[inline]
unsafe fn run_hooks(dispatch: &Dispatch, fiber: FiberRef) {
    // SAFETY: as the caller says.
    unsafe {
        match dispatch.on_yield {
            // Every program that was written for the reference has it.
            Some(hook) if Rlist::is_empty(fiber.on_yield()) => hook(),
            _ => run_triggers(dispatch, fiber),
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

/// `to` is the current fiber.
#[inline]
fn arrive(cord: CordRef, to: FiberRef) {
    cord.fiber.set(to.as_ptr());
    to.csw.set(to.csw.get().wrapping_add(1));
}

/// # Safety
/// `from` was the current fiber of the current cord; `to` is suspended.
#[inline(always)]
unsafe fn switch(Switch { dispatch, from, to }: Switch<'_>) {
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
unsafe fn transfer_with_baggage(from: FiberRef, to: FiberRef) {
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
