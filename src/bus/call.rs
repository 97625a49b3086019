// SPDX-License-Identifier: BSD-2-Clause
//! Calling a function in another cord (spec ipc.md 5.8).
//!
//! ```text
//!   caller's cord                                          other cord
//!   call: push, wait ──callee──────────────────────────>   perform: rc = func(msg)
//!   done: wake the caller, or free the message  <──caller──
//! ```
//!
//! `msg.caller` says whether anybody waits. It is the caller's cord's alone: the other cord
//! looks at `func`, `rc` and `diag` only.

use super::message::{Cmsg, CmsgHop};
use super::pipe::Cpipe;
use crate::abi::layout;
use crate::cord::clock::monotonic_now;
use crate::cord::{CordRef, current};
use crate::diag::{self, Diag};
use crate::fiber::{Fiber, FiberRef, flag, sched};
use core::cell::Cell;
use core::ffi::c_int;
use core::ptr;

/// `cbus_call_f`
pub type CallFunc = unsafe extern "C-unwind" fn(*mut CbusCallMsg) -> c_int;

/// `struct cbus_call_msg`.
#[repr(C)]
pub struct CbusCallMsg {
    msg: Cmsg,
    diag: Diag,
    /// NULL when nobody waits any more.
    caller: Cell<*mut Fiber>,
    route: [CmsgHop; 2],
    complete: Cell<bool>,
    rc: Cell<c_int>,
    func: CallFunc,
    free_cb: Option<CallFunc>,
}

layout!(CbusCallMsg = "cbus_call_msg", 96: msg 0, diag 24, caller 32, route 40,
    complete 72, rc 76, func 80, free_cb 88);

/// `cbus_call`: what `func` returned, with its error in the diag if that is not 0; or -1
/// with `TimedOut` or `FiberIsCancelled`, and then the message is given to `free_cb`
/// when it is back.
///
/// # Safety
/// `callee` is a pipe of this cord and `caller` one that leads back to it; `msg` is memory
/// for a message that lives until the call is over. Runs on a fiber.
pub unsafe fn call(
    callee: *mut Cpipe,
    caller: *mut Cpipe,
    msg: *mut CbusCallMsg,
    func: CallFunc,
    free_cb: Option<CallFunc>,
    timeout: f64,
) -> c_int {
    let cord = current("cbus_call");
    let fiber = sched::waiting_fiber(cord, "cbus_call");
    // SAFETY: as the caller says.
    unsafe {
        let route = (&raw const (*msg).route).cast::<CmsgHop>();
        msg.write(CbusCallMsg {
            msg: Cmsg::new(route),
            diag: Diag::empty(),
            caller: Cell::new(fiber.as_ptr()),
            route: [
                CmsgHop {
                    f: perform,
                    pipe: caller,
                },
                CmsgHop::last(done),
            ],
            complete: Cell::new(false),
            rc: Cell::new(0),
            func,
            free_cb,
        });
        Cpipe::push(callee, &raw mut (*msg).msg);
        if wait(cord, fiber, &(*msg).complete, timeout) {
            let rc = (*msg).rc.get();
            if rc != 0 {
                Diag::move_to(&(*msg).diag, &fiber.diag);
            }
            return rc;
        }
        (*msg).caller.set(ptr::null_mut());
    }
    if fiber.has(flag::CANCELLED) {
        diag::set_fiber_is_cancelled();
    } else {
        diag::set_timed_out();
    }
    -1
}

/// Yields at least once. False if the time is over or the fiber was cancelled first; a
/// fiber that is woken for no reason, or forbids to be cancelled, waits on.
///
/// # Safety
/// `fiber` runs, on `cord`.
unsafe fn wait(
    cord: CordRef,
    fiber: FiberRef,
    complete: &Cell<bool>,
    timeout: f64,
) -> bool {
    let mut remains = timeout;
    // SAFETY: the loop of this cord.
    let deadline = timeout + unsafe { monotonic_now(cord.loop_.get()) };
    loop {
        // SAFETY: as the caller says.
        let timed_out = unsafe { sched::yield_timeout(cord, remains) };
        if complete.get() {
            return true;
        }
        let cancelled = flag::CANCELLED | flag::CANCELLABLE;
        if timed_out || fiber.flags.get() & cancelled == cancelled {
            return false;
        }
        if timeout < sched::FOREVER {
            // SAFETY: as above.
            remains = deadline - unsafe { monotonic_now(cord.loop_.get()) };
        }
    }
}

/// `cbus_call_perform`: the hop there.
// Exported as it is: programs find it in routes.
#[unsafe(export_name = "cbus_call_perform")]
unsafe extern "C-unwind" fn perform(msg: *mut Cmsg) {
    let msg = msg.cast::<CbusCallMsg>();
    // SAFETY: a call's message, and this cord has it.
    unsafe {
        let rc = ((*msg).func)(msg);
        (*msg).rc.set(rc);
        if rc != 0 {
            Diag::move_to(&current("cbus_call").fiber().diag, &(*msg).diag);
        }
    }
}

/// `cbus_call_done`: the hop back.
#[unsafe(export_name = "cbus_call_done")]
unsafe extern "C-unwind" fn done(msg: *mut Cmsg) {
    let msg = msg.cast::<CbusCallMsg>();
    // SAFETY: as above. A caller that is set waits.
    unsafe {
        let caller = (*msg).caller.get();
        if !caller.is_null() {
            (*msg).complete.set(true);
            sched::wakeup(current("cbus_call"), FiberRef::from_ptr(caller));
            return;
        }
        (*msg).diag.clear();
        if let Some(free_cb) = (*msg).free_cb {
            free_cb(msg);
        }
    }
}
