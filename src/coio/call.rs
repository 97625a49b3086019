// SPDX-License-Identifier: BSD-2-Clause
//! Calls that a worker makes while the fiber waits, come what may (spec ipc.md 8.4, 9).

use super::enable;
use super::pool;
use super::pool::request::EioReq;
use crate::cord::current;
use crate::diag::Diag;
use crate::errno;
use crate::fiber::{FiberRef, VaListTag, flag, sched};
use core::cell::Cell;
use core::ffi::c_int;

/// A request and what to do for it.
#[repr(C)]
pub struct Job<W> {
    /// What the pool sees.
    pub req: EioReq,
    work: W,
}

impl<W: Fn() -> isize + Copy> Job<W> {
    /// A request whose result is what `work` returns. `work` has no destructor: a
    /// request may end without being executed.
    pub fn new(work: W) -> Job<W> {
        Job {
            req: EioReq::new(Job::<W>::execute),
            work,
        }
    }

    unsafe extern "C-unwind" fn execute(req: *mut EioReq) {
        // SAFETY: the request is the first member of a job.
        unsafe {
            let work = (*req.cast::<Job<W>>()).work;
            (*req).result = work();
        }
    }
}

/// A job on the stack of the fiber that waits for it.
#[repr(C)]
struct Call<W> {
    job: Job<W>,
    waiting: Waiting,
}

struct Waiting {
    fiber: FiberRef,
    is_done: Cell<bool>,
}

/// Runs `work` in a worker and waits for it: neither a wake-up nor a cancel ends the wait.
/// Returns its result, with errno as it left it. `function` is who asks.
///
/// `work` may use the stack of the fiber. Nothing with a destructor may live across.
///
/// # Safety
/// In a fiber (checked). What `work` does is right in another thread.
pub unsafe fn in_worker<W: Fn() -> isize + Copy>(function: &str, work: W) -> isize {
    let cord = current(function);
    let fiber = sched::waiting_fiber(cord, function);
    let mut call = Call {
        job: Job::new(work),
        waiting: Waiting {
            fiber,
            is_done: Cell::new(false),
        },
    };
    let call = &raw mut call;
    let cancellable = fiber.flags.get() & flag::CANCELLABLE;
    fiber.lower(flag::CANCELLABLE);
    // SAFETY: the call stays in this frame until it is done; if the fiber is abandoned
    // instead, so is its stack (`enable::end`).
    unsafe {
        (*call).job.req.data = (&raw mut (*call).waiting).cast();
        (*call).job.req.finish = Some(finish);
        pool::submit(&raw mut (*call).job.req, function);
        enable::count_waiting(cord, true);
        while !(*call).waiting.is_done.get() {
            sched::wait(cord);
        }
        enable::count_waiting(cord, false);
        fiber.raise(cancellable);
        errno::set((*call).job.req.errorno);
        (*call).job.req.result
    }
}

unsafe extern "C-unwind" fn finish(req: *mut EioReq) -> c_int {
    // SAFETY: `in_worker` stored it there, and waits.
    unsafe {
        let waiting = (*req).data.cast::<Waiting>();
        (*waiting).is_done.set(true);
        sched::wakeup(current("coio_call"), (*waiting).fiber);
    }
    0
}

/// `coio_call_cb`
pub type CallFunc = unsafe extern "C-unwind" fn(*mut VaListTag) -> isize;

/// `coio_call`: runs `f(arguments)` in a worker, like [`in_worker`]. If the result is not 0
/// the error of `f`, or none, becomes the fiber's.
///
/// # Safety
/// As for [`in_worker`].
pub unsafe fn call(f: CallFunc, arguments: *mut VaListTag) -> isize {
    let error = Diag::default();
    let place = &raw const error;
    // SAFETY: as the caller says; the place is on this stack, and the fiber waits.
    unsafe {
        let result = in_worker("coio_call", move || {
            let result = f(arguments);
            take_error(result != 0, place);
            result
        });
        if result != 0 {
            Diag::move_to(&*place, &current("coio_call").fiber().diag);
        }
        result
    }
}

/// In a worker, after a function of the program: moves its error to `place`, if it failed,
/// and forgets what else is in the worker's area, or a later call would report it. A
/// worker without a cord has no area.
///
/// # Safety
/// `place` is nobody else's.
pub(super) unsafe fn take_error(has_failed: bool, place: *const Diag) {
    if let Some(area) = crate::cord::current_diag() {
        // SAFETY: the area of this thread; the place as the caller says.
        unsafe {
            if has_failed {
                Diag::move_to(area.as_ref(), &*place);
            } else {
                area.as_ref().clear();
            }
        }
    }
}
