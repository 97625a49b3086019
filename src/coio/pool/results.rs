// SPDX-License-Identifier: BSD-2-Clause
//! Where the requests of one thread go when they are done (spec ipc.md 8.2, 8.3).
//!
//! Each request in flight has a reference, so that the queue outlives the thread that
//! polls it. Once that thread is gone the queue is closed, and whoever has a request
//! destroys it.

use super::POOL;
use super::request::{EioReq, Fifo};
use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Called with `user`: `want_poll` in any thread, when there is something to poll,
/// `done_poll` in the polling one, when there is nothing more.
pub type PollHook = unsafe extern "C-unwind" fn(*mut c_void);

/// A queue of finished requests.
pub struct Results {
    state: Mutex<State>,
    user: *mut c_void,
    want_poll: Option<PollHook>,
    done_poll: Option<PollHook>,
}

// SAFETY: what is not under the lock does not change; `want_poll` may be called with `user` in
// any thread, as whoever gives it promises.
unsafe impl Send for Results {}
// SAFETY: as above.
unsafe impl Sync for Results {}

struct State {
    done: Fifo,
    /// Requests that are queued or that run.
    in_flight: usize,
    closed: bool,
}

thread_local! {
    /// The calling thread's queue, or NULL.
    static CURRENT: Cell<*const Results> = const { Cell::new(ptr::null()) };
}

impl Results {
    /// Gives the calling thread a queue. The one it had must have nothing in flight: false
    /// if it has.
    pub fn open(
        user: *mut c_void,
        want_poll: Option<PollHook>,
        done_poll: Option<PollHook>,
    ) -> bool {
        let old = Results::current();
        if let Some(old) = old {
            let state = old.lock();
            if state.in_flight > 0 || !state.done.is_empty() {
                return false;
            }
        }
        let this = Arc::into_raw(Arc::new(Results {
            state: Mutex::new(State {
                done: Fifo::EMPTY,
                in_flight: 0,
                closed: false,
            }),
            user,
            want_poll,
            done_poll,
        }));
        let old = CURRENT.replace(this);
        if !old.is_null() {
            // SAFETY: the thread's own reference.
            drop(unsafe { Arc::from_raw(old) });
        }
        true
    }

    /// The calling thread's queue.
    pub fn current<'a>() -> Option<&'a Results> {
        // SAFETY: alive as long as the thread does not close it.
        unsafe { CURRENT.get().as_ref() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request that the calling thread submits, and makes it one of this queue.
    ///
    /// # Safety
    /// `req` is the caller's.
    pub(super) unsafe fn expect(&self, req: *mut EioReq) {
        self.lock().in_flight += 1;
        // SAFETY: every queue is in an `Arc`.
        unsafe {
            Arc::increment_strong_count(ptr::from_ref(self));
            (*req).pool_user = self;
        }
    }

    /// In a worker: hands over a request that was executed.
    ///
    /// # Safety
    /// `req` is the caller's, who does not touch it any more.
    pub(super) unsafe fn deliver(req: *mut EioReq) {
        // SAFETY: as the caller says; a request in flight has a reference to its queue.
        unsafe {
            let this = (*req).pool_user;
            if this.is_null() {
                EioReq::destroy(req);
                return;
            }
            let this = &*this;
            let mut state = this.lock();
            state.in_flight -= 1;
            if state.closed {
                drop(state);
                this.discard(req);
                return;
            }
            let was_empty = state.done.is_empty();
            state.done.push(req);
            POOL.pending.fetch_add(1, Relaxed);
            // Under the lock: after `close` nobody calls it, and what it uses is gone.
            if was_empty && let Some(want_poll) = this.want_poll {
                want_poll(this.user);
            }
        }
    }

    /// The next finished request.
    fn take(&self) -> Option<*mut EioReq> {
        let mut state = self.lock();
        let req = state.done.pop()?;
        POOL.pending.fetch_sub(1, Relaxed);
        if state.done.is_empty()
            && let Some(done_poll) = self.done_poll
        {
            // SAFETY: the queue is open, so its user is there.
            unsafe { done_poll(self.user) };
        }
        Some(req)
    }

    /// Finishes the next request: what its callback returned, None if there is none.
    ///
    /// # Safety
    /// In the thread that the queue belongs to.
    pub(super) unsafe fn finish_one(&self) -> Option<c_int> {
        let req = self.take()?;
        POOL.unfinished.fetch_sub(1, Relaxed);
        // SAFETY: the request is ours, and has a reference to this queue until here. No
        // value with a destructor lives across the callback.
        unsafe {
            Arc::decrement_strong_count(ptr::from_ref(self));
            Some(EioReq::finish(req))
        }
    }

    /// Whether there is something to poll.
    pub(super) fn has_more(&self) -> bool {
        !self.lock().done.is_empty()
    }

    /// # Safety
    /// `req` is the caller's, who does not touch it any more, and of this queue.
    pub(super) unsafe fn discard(&self, req: *mut EioReq) {
        POOL.unfinished.fetch_sub(1, Relaxed);
        // SAFETY: as the caller says.
        unsafe {
            EioReq::destroy(req);
            Arc::decrement_strong_count(ptr::from_ref(self));
        }
    }

    /// The end of the queue: its requests that nobody has started never run, those that
    /// are done are not finished, only destroyed. Returns how many still run, which
    /// their workers will destroy.
    ///
    /// # Safety
    /// `this` came from [`Results::open`]. The thread that it belongs to is the calling one,
    /// or gone.
    pub unsafe fn close(this: *const Results) -> usize {
        // SAFETY: as the caller says.
        unsafe {
            let queue = &*this;
            let mut withdrawn = 0;
            let mut queued = POOL.withdraw(this);
            while let Some(req) = queued.pop() {
                withdrawn += 1;
                queue.discard(req);
            }
            let mut state = queue.lock();
            state.in_flight -= withdrawn;
            // From here on each worker destroys what it has.
            state.closed = true;
            let running = state.in_flight;
            let mut done = core::mem::replace(&mut state.done, Fifo::EMPTY);
            drop(state);
            while let Some(req) = done.pop() {
                POOL.pending.fetch_sub(1, Relaxed);
                queue.discard(req);
            }
            if CURRENT.get() == this {
                CURRENT.set(ptr::null());
            }
            drop(Arc::from_raw(this));
            running
        }
    }
}
