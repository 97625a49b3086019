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
//! `call.rs` and `leave.rs` are the switches that fibers ask for, `handover.rs` what all have in
//! common. Every function there may leave the current stack for any length of time, and
//! a `pthread_cancel` may unwind it: no value with a destructor lives across a
//! switch. What is rare is apart, so that the usual path makes no calls but the last one,
//! a jump, and keeps nothing on the stack across it.

mod call;
mod handover;
mod leave;

use super::ready::Ready;
use super::switch::baggage::{Baggage, Exceptions};
use super::{Described, Fiber, FiberRef, flag, wait};
use crate::cord::CordRef;
use crate::cord::ev::{self, ev_async, ev_loop, ev_watcher};
use crate::cord::pending::Pending;
use crate::say::fatal;
use crate::small::Rlist;
use core::cell::Cell;
use core::ffi::c_int;

pub use call::call;
pub use leave::{reschedule, wait, yield_now};
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
    /// Of the loop that called [`run_ready`].
    pending: Cell<Pending>,
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
            pending: Cell::new(Pending::UNKNOWN),
        }
    }

    /// Whether the scheduler will look after the batch that runs now.
    #[inline]
    pub fn is_running(&self) -> bool {
        self.state.get() == State::Running
    }

    /// Whether the event loop has callbacks to call.
    ///
    /// # Safety
    /// The loop that called [`run_ready`] exists.
    #[inline]
    unsafe fn something_pends(&self) -> bool {
        // SAFETY: as the caller says.
        unsafe { self.pending.get().is_any() }
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
        let dispatch = cord.dispatch();
        // If nothing pends, the scheduler looks by itself after the batch, which is when libev
        // would call it.
        if !dispatch.is_running() || dispatch.something_pends() {
            tell_loop(cord);
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
    dispatch.pending.set(Pending::of(ev_loop));
    let mut first_round = true;
    while somebody_is_ready(cord) && dispatch.state.get() != State::Fed {
        // What pends in the first round was there before. Later it was fed after the
        // first of these fibers was made ready, or `announce` would have fed us.
        // SAFETY: the loop that calls us.
        unsafe {
            if !first_round && dispatch.something_pends() {
                ev::ev_invoke_pending(ev_loop);
            }
        }
        first_round = false;
        dispatch.state.set(State::Running);
        // SAFETY: somebody is ready; fibers of a batch are suspended.
        unsafe {
            let mut first = start_batch(cord, dispatch);
            loop {
                handover::switch(handover::prepare(cord, dispatch, cord.sched(), first));
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

/// Whether the scheduler would do nothing but start the next batch if it got control now.
#[inline]
fn would_start_batch(cord: CordRef, dispatch: &Dispatch) -> bool {
    dispatch.is_running()
        && dispatch.ready.batch_is_over(cord.sched().as_ptr())
        && somebody_is_ready(cord)
        // SAFETY: the loop waits for the end of the batch.
        && unsafe { !dispatch.something_pends() }
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

/// Runs `fiber`, in a callback of the event loop, until it yields: what a wake-up comes to
/// when nobody else is ready.
///
/// # Safety
/// `fiber` is suspended and in no list; the scheduler of the current cord runs.
pub unsafe fn run_from_loop(cord: CordRef, fiber: FiberRef) {
    fiber.raise(flag::READY);
    fiber.caller.set(cord.sched().as_ptr());
    // SAFETY: as the caller says.
    unsafe {
        let sched = cord.sched();
        handover::switch(handover::prepare(cord, cord.dispatch(), sched, fiber));
    }
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

/// `fiber_schedule_cb`: a libev callback for any watcher that wakes the fiber in
/// its `data`.
///
/// # Safety
/// `data` is a fiber of the current cord.
pub unsafe fn wake_data(cord: CordRef, watcher: *mut ev_watcher) {
    // SAFETY: as the caller says.
    unsafe { wakeup(cord, FiberRef::from_ptr((*watcher).data.cast())) };
}
