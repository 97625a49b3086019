// SPDX-License-Identifier: BSD-2-Clause
//! Flushing pipes, and connecting and disconnecting two cords (spec ipc.md 5.9).
//!
//! Each sends messages that are in the caller's frame, where it stays until the last of them
//! is back, however long that takes.

use super::Locked;
use super::endpoint::{CbusEndpoint, Process};
use super::message::{Cmsg, CmsgHop, pass};
use super::pipe::Cpipe;
use crate::cord::current;
use crate::fiber::{FiberRef, sched};
use crate::say::fatal;
use core::cell::Cell;
use core::ffi::{CStr, c_void};
use core::mem::offset_of;

/// What runs in the other cord, and its argument.
pub type Callback = (
    Option<unsafe extern "C-unwind" fn(*mut c_void)>,
    *mut c_void,
);

/// # Safety
/// The program's promise.
unsafe fn run((callback, argument): Callback) {
    if let Some(callback) = callback {
        // SAFETY: as the caller says.
        unsafe { callback(argument) };
    }
}

/// A message that a fiber waits for.
#[repr(C)]
struct Return {
    msg: Cmsg,
    back: Cell<bool>,
    fiber: FiberRef,
}

impl Return {
    /// For the current fiber. The message takes `route`, which ends with [`come_back`].
    fn new(route: *const CmsgHop, function: &str) -> Return {
        Return {
            msg: Cmsg::new(route),
            back: Cell::new(false),
            fiber: sched::waiting_fiber(current(function), function),
        }
    }

    /// Waits for the message, processing `home` if the caller is to.
    ///
    /// # Safety
    /// The message was sent and comes back to `home`, an endpoint of this cord.
    unsafe fn wait(&self, home: *mut CbusEndpoint, process: Option<Process>) {
        let cord = current("cbus");
        loop {
            if let Some(process) = process {
                // SAFETY: as the caller says.
                unsafe { process(home) };
            }
            if self.back.get() {
                break;
            }
            // SAFETY: the current cord, on a fiber.
            unsafe { sched::wait(cord) };
        }
    }
}

const _: () = assert!(offset_of!(Return, msg) == 0);

/// The hop at home.
unsafe extern "C-unwind" fn come_back(msg: *mut Cmsg) {
    let this = msg.cast::<Return>();
    // SAFETY: the message of a `Return`, whose fiber waits or has not yet looked.
    unsafe {
        (*this).back.set(true);
        sched::wakeup(current("cbus"), (*this).fiber);
    }
}

/// `cbus_flush`.
///
/// # Safety
/// `callee` is a pipe of this cord and `caller` one that leads back to it; runs on a fiber.
pub unsafe fn flush(callee: *mut Cpipe, caller: *mut Cpipe, process: Option<Process>) {
    let there = CmsgHop {
        f: pass,
        pipe: caller,
    };
    let route = [there, CmsgHop::last(come_back)];
    let mut errand = Return::new(route.as_ptr(), "cbus_flush");
    let errand = &raw mut errand;
    // SAFETY: as the caller says; the errand and its route stay until it is back.
    unsafe {
        Cpipe::push(callee, &raw mut (*errand).msg);
        (*errand).wait((*caller).endpoint(), process);
    }
}

#[repr(C)]
struct Pair<'a> {
    errand: Return,
    src_name: &'a CStr,
    src_pipe: *mut Cpipe,
    callback: Callback,
}

const _: () = assert!(offset_of!(Pair, errand) == 0);

/// `cbus_pair`.
///
/// # Safety
/// Memory for two pipes, which stays there until they are destroyed; runs on a fiber.
pub unsafe fn pair(
    dest_name: &CStr,
    src_name: &CStr,
    dest_pipe: *mut Cpipe,
    src_pipe: *mut Cpipe,
    callback: Callback,
    process: Option<Process>,
) {
    let bus = Locked::expect("cbus_pair");
    let home = bus.find(src_name);
    bus.unlock();
    let Some(home) = home else {
        let name = src_name.to_string_lossy();
        fatal!("cbus_pair: there is no endpoint '{name}'");
    };
    let there = CmsgHop {
        f: make_src_pipe,
        pipe: src_pipe,
    };
    let route = [there, CmsgHop::last(come_back)];
    let mut pair = Pair {
        errand: Return::new(route.as_ptr(), "cbus_pair"),
        src_name,
        src_pipe,
        callback,
    };
    let pair = &raw mut pair;
    // SAFETY: as the caller says; the record and its route stay until the message is back.
    unsafe {
        Cpipe::create(dest_pipe, dest_name);
        Cpipe::push(dest_pipe, &raw mut (*pair).errand.msg);
        (*pair).errand.wait(home, process);
    }
}

/// In the other cord; the message then takes the new pipe.
unsafe extern "C-unwind" fn make_src_pipe(msg: *mut Cmsg) {
    let pair = msg.cast::<Pair>();
    // SAFETY: sent by `pair`, which waits.
    unsafe {
        Cpipe::create((*pair).src_pipe, (*pair).src_name);
        run((*pair).callback);
    }
}

#[repr(C)]
struct Unpair {
    /// Goes there, back, and there again. When it has arrived, everything that either side
    /// had pushed before it passed has been delivered.
    sweep: Cmsg,
    /// The last message from there.
    errand: Return,
    src_pipe: *mut Cpipe,
    callback: Callback,
}

const _: () = assert!(offset_of!(Unpair, sweep) == 0);

/// `cbus_unpair`.
///
/// # Safety
/// The pipes that `cbus_pair` has made, of this cord and of the other; runs on a fiber.
pub unsafe fn unpair(
    dest_pipe: *mut Cpipe,
    src_pipe: *mut Cpipe,
    callback: Callback,
    process: Option<Process>,
) {
    let there = CmsgHop {
        f: call_back,
        pipe: src_pipe,
    };
    let back = CmsgHop {
        f: pass,
        pipe: dest_pipe,
    };
    let route = [there, back, CmsgHop::last(destroy_src_pipe)];
    let last = CmsgHop::last(come_back);
    let mut unpair = Unpair {
        sweep: Cmsg::new(route.as_ptr()),
        errand: Return::new(&raw const last, "cbus_unpair"),
        src_pipe,
        callback,
    };
    let unpair = &raw mut unpair;
    // SAFETY: as the caller says; the record and the routes stay until the last message is
    // here.
    unsafe {
        let home = (*src_pipe).endpoint();
        Cpipe::push(dest_pipe, &raw mut (*unpair).sweep);
        (*unpair).errand.wait(home, process);
        Cpipe::destroy(dest_pipe);
    }
}

/// In the other cord, the first time.
unsafe extern "C-unwind" fn call_back(msg: *mut Cmsg) {
    // SAFETY: sent by `unpair`, which waits.
    unsafe { run((*msg.cast::<Unpair>()).callback) };
}

/// In the other cord, the second time. As the pipe is destroyed it hands over the last
/// message, and the record is not ours any more.
unsafe extern "C-unwind" fn destroy_src_pipe(msg: *mut Cmsg) {
    let unpair = msg.cast::<Unpair>();
    // SAFETY: sent by `unpair`, which waits until the last message arrives.
    unsafe {
        let src_pipe = (*unpair).src_pipe;
        Cpipe::push(src_pipe, &raw mut (*unpair).errand.msg);
        Cpipe::destroy(src_pipe);
    }
}
