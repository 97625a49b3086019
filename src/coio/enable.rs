// SPDX-License-Identifier: BSD-2-Clause
//! The pool and the cords (spec ipc.md 8.2): cords that submit work have a watcher that
//! tells them of results, workers have a cord without an event loop.

use super::pool::{self, results::Results};

use crate::cord::ev::{self, ev_async, ev_idle, ev_loop};
use crate::cord::{self, Cord, CordRef, current, tls};
use crate::say::fatal;
use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::ptr;
use std::sync::Arc;

/// What a cord has to do with the pool.
pub struct Poller {
    results: Option<Arc<Results>>,
    ev_loop: *mut ev_loop,
    /// Sent by workers. Started, so it keeps the loop alive.
    event: ev_async,
    /// Active while a poll was cut short: the rest follows in the next turns of the loop.
    more: ev_idle,
    /// Fibers that wait for a request which may be on their stack.
    waiting: Cell<usize>,
}

/// `coio_init`: workers that start from now on are cords.
pub fn init() {
    pool::set_on_start(Some(create_cord), ptr::null_mut());
    pool::set_on_stop(Some(destroy_cord), ptr::null_mut());
}

/// `coio_enable`: the current cord may submit work. Again is harmless.
pub fn enable() {
    let cord = current("coio_enable");
    let ev_loop = cord.loop_.get();
    if ev_loop.is_null() {
        let name = cord.name().to_string_lossy();
        fatal!("coio_enable: cord '{name}' has no event loop");
    }
    if !cord.poller().get().is_null() {
        return;
    }
    let poller = Box::into_raw(Box::new(Poller {
        results: None,
        ev_loop,
        event: ev_async {
            active: 0,
            pending: 0,
            priority: 0,
            data: ptr::null_mut(),
            cb: Some(on_results),
            sent: 0,
        },
        more: ev_idle {
            active: 0,
            pending: 0,
            priority: 0,
            data: ptr::null_mut(),
            cb: Some(on_idle),
        },
        waiting: Cell::new(0),
    }));
    let Some(results) = Results::open(poller.cast(), Some(send), None) else {
        fatal!("coio_enable: this thread has requests in flight");
    };
    // SAFETY: the poller lives until `end`, which is before the end of the loop.
    unsafe {
        (*poller).results = Some(results);
        (*poller).event.data = poller.cast();
        (*poller).more.data = poller.cast();
        ev::ev_async_start(ev_loop, &raw mut (*poller).event);
    }
    cord.poller().set(poller);
}

/// In any thread.
unsafe extern "C-unwind" fn send(poller: *mut c_void) {
    let poller = poller.cast::<Poller>();
    // SAFETY: `Results` calls nobody after `end`.
    unsafe { ev::ev_async_send((*poller).ev_loop, &raw mut (*poller).event) };
}

unsafe extern "C-unwind" fn on_results(_: *mut ev_loop, event: *mut ev_async, _: c_int) {
    // SAFETY: `enable` stored the poller there.
    unsafe { poll((*event).data.cast()) };
}

unsafe extern "C-unwind" fn on_idle(_: *mut ev_loop, more: *mut ev_idle, _: c_int) {
    // SAFETY: as above.
    unsafe { poll((*more).data.cast()) };
}

/// # Safety
/// A poller of the current cord.
unsafe fn poll(poller: *mut Poller) {
    // SAFETY: as the caller says; callbacks run on the scheduler.
    unsafe {
        if pool::poll() == -1 {
            ev::ev_idle_start((*poller).ev_loop, &raw mut (*poller).more);
        } else {
            ev::ev_idle_stop((*poller).ev_loop, &raw mut (*poller).more);
        }
    }
}

/// A fiber starts to wait for a request, or has ended waiting.
pub(super) fn count_waiting(cord: CordRef, begins: bool) {
    let poller = cord.poller().get();
    if poller.is_null() {
        // `eio_init` without `coio_enable`.
        return;
    }
    // SAFETY: alive as long as the cord.
    let waiting = unsafe { &(*poller).waiting };
    waiting.set(if begins {
        waiting.get() + 1
    } else {
        waiting.get() - 1
    });
}

/// The cord ends. What it has submitted and no worker has started will not run; results
/// go nowhere. False if a worker runs something that may use the stack of one of the
/// cord's fibers.
///
/// # Safety
/// The cord's thread has ended, or is the calling one; its loop still exists.
pub unsafe fn end(cord: CordRef) -> bool {
    let poller = cord.poller().replace(ptr::null_mut());
    let mut is_done = true;
    if !poller.is_null() {
        // SAFETY: made by `enable`. Nobody calls `send` after the close.
        let poller = unsafe { Box::from_raw(poller) };
        let running = poller.results.as_ref().map_or(0, |results| {
            let running = results.close();
            results.forget();
            running
        });
        is_done = running == 0 || poller.waiting.get() == 0;
    }
    if cord.is_main() {
        pool::disown();
    }
    is_done
}

const _: () = assert!(align_of::<Cord>() <= align_of::<libc::max_align_t>());

/// Called by a new worker.
unsafe extern "C-unwind" fn create_cord(_: *mut c_void) -> c_int {
    // SAFETY: zeroed memory is a cord without a loop.
    unsafe {
        let cord = libc::calloc(1, size_of::<Cord>()).cast::<Cord>();
        if cord.is_null() {
            return -1;
        }
        cord::create(cord, c"coio");
    }
    0
}

/// Called by a worker that leaves.
unsafe extern "C-unwind" fn destroy_cord(_: *mut c_void) -> c_int {
    let cord = tls::get();
    if cord.is_null() {
        // It started before `coio_init`.
        return 0;
    }
    // SAFETY: made above, and nothing of it runs.
    unsafe {
        cord::destroy(CordRef::from_ptr(cord));
        tls::set(ptr::null_mut());
        libc::free(cord.cast());
    }
    0
}
