// SPDX-License-Identifier: BSD-2-Clause
//! A thread of the pool.

use super::request::EioReq;
use super::results::Results;
use super::{Hook, Locked, POOL, fork};
use crate::cord::thread::spawn;
use core::cell::Cell;
use core::ffi::c_void;
use core::ptr;
use std::sync::PoisonError;

thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Whether the calling thread is a worker.
pub fn is_one() -> bool {
    IS_WORKER.get()
}

/// Starts a thread that `started` counts already. False if there are others but there will be
/// no more; without any the program cannot go on.
pub fn start(generation: usize) -> bool {
    fork::prepare_once();
    let argument = ptr::without_provenance_mut(generation);
    // SAFETY: a function of ours, for any thread.
    if unsafe { spawn(ptr::null(), run, argument) } != 0 {
        could_not_start(POOL.lock());
        return false;
    }
    true
}

fn could_not_start(mut state: Locked) {
    state.started -= 1;
    if state.started == 0 {
        let text = c"failed to start thread in ETP pool\n";
        // SAFETY: a constant. Neither the log nor an allocation: there is no telling what
        // has run out.
        unsafe {
            libc::write(
                libc::STDERR_FILENO,
                text.as_ptr().cast(),
                text.count_bytes(),
            );
            libc::abort();
        }
    }
    POOL.left.notify_all();
}

unsafe extern "C-unwind" fn run(generation: *mut c_void) -> *mut c_void {
    let generation = generation.addr();
    IS_WORKER.set(true);
    // SAFETY: a terminated name, of this thread.
    unsafe { libc::pthread_setname_np(libc::pthread_self(), c"coio".as_ptr()) };
    let on_start = POOL.lock().on_start;
    // SAFETY: hooks may run in any thread.
    if unsafe { on_start.run() } != 0 {
        could_not_start(POOL.lock());
    } else if let Some(on_stop) = work(generation) {
        // SAFETY: as above.
        unsafe { on_stop.run() };
        leave();
        return ptr::null_mut();
    }
    // Nobody waits for it.
    // SAFETY: the calling thread, which nobody joins.
    unsafe { libc::pthread_detach(libc::pthread_self()) };
    ptr::null_mut()
}

/// The last thing a worker does. It is joined by the next one that leaves, or by whoever
/// waits for that: a thread that is detached may still be there when the program ends, or
/// forks.
fn leave() {
    // SAFETY: the calling thread.
    let this = unsafe { libc::pthread_self() };
    let predecessor = POOL.lock().last_left.replace(this);
    if let Some(predecessor) = predecessor {
        join(predecessor);
    }
    POOL.lock().leaving -= 1;
    POOL.left.notify_all();
}

/// Waits for the end of a thread that has left.
pub fn join(left: libc::pthread_t) {
    // SAFETY: whoever took the handle out of `last_left` is the only one to have it.
    unsafe { libc::pthread_join(left, ptr::null_mut()) };
}

/// Executes requests until the thread is one too many; what to do before it leaves. None if
/// it was disowned.
///
/// Between the locks only `execute` and `deliver` run, which call out: nothing with a
/// destructor lives across them.
fn work(generation: usize) -> Option<Hook> {
    let mut state = POOL.lock();
    loop {
        if state.has_surplus() {
            break;
        }
        if let Some(req) = state.take() {
            drop(state);
            // SAFETY: the request is ours now.
            unsafe { EioReq::execute(req) };
            // First, or who hears of the result would find this thread still busy, and
            // another one would be started for what comes next.
            let is_disowned = POOL.lock().has_ended(generation);
            // SAFETY: as above.
            unsafe { Results::deliver(req) };
            if is_disowned {
                return None;
            }
            state = POOL.lock();
            continue;
        }
        let is_over;
        (state, is_over) = wait(state);
        if is_over && state.queued == 0 {
            break;
        }
    }
    state.started -= 1;
    state.leaving += 1;
    Some(state.on_stop)
}

/// Waits for something to do. True if the thread has waited for as long as it may.
fn wait(mut state: Locked) -> (Locked, bool) {
    state.idle += 1;
    let (mut state, is_over) = if state.idle <= state.max_idle {
        let state = POOL.work.wait(state);
        (state.unwrap_or_else(PoisonError::into_inner), false)
    } else {
        let timeout = state.idle_timeout;
        let (state, waited) = POOL
            .work
            .wait_timeout(state, timeout)
            .unwrap_or_else(PoisonError::into_inner);
        (state, waited.timed_out())
    };
    state.idle -= 1;
    (state, is_over)
}
