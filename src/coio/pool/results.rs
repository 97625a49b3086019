// SPDX-License-Identifier: BSD-2-Clause
//! Where the requests of one thread go when they are done (spec ipc.md 8.2, 8.3).
//!
//! Each request in flight has a reference, so that the queue outlives the thread that
//! polls it. Once that thread is gone the queue is closed, and whoever has a request
//! destroys it.

use super::POOL;
use super::request::{EioReq, Fifo, Step};
use crate::tsan;
use core::cell::RefCell;
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

/// The thread that polls a queue. When it ends the queue is closed.
struct Owner(Arc<Results>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.close();
    }
}

thread_local! {
    /// The calling thread's queue.
    static CURRENT: RefCell<Option<Owner>> = const { RefCell::new(None) };
}

impl Results {
    /// Gives the calling thread a queue. None if it has one with something in it.
    pub fn open(
        user: *mut c_void,
        want_poll: Option<PollHook>,
        done_poll: Option<PollHook>,
    ) -> Option<Arc<Results>> {
        if Results::current().is_some_and(Results::is_busy) {
            return None;
        }
        let this = Arc::new(Results {
            state: Mutex::new(State {
                done: Fifo::EMPTY,
                in_flight: 0,
                closed: false,
            }),
            user,
            want_poll,
            done_poll,
        });
        CURRENT.set(Some(Owner(this.clone())));
        Some(this)
    }

    fn is_busy(&self) -> bool {
        let state = self.lock();
        state.in_flight > 0 || !state.done.is_empty()
    }

    /// The calling thread's queue.
    pub fn current<'a>() -> Option<&'a Results> {
        let current = CURRENT.try_with(|current| {
            let owner = current.borrow();
            owner.as_ref().map(|owner| Arc::as_ptr(&owner.0))
        });
        // SAFETY: alive until the thread closes it or opens another.
        current.ok().flatten().map(|queue| unsafe { &*queue })
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
            // Without this step there is nothing to be done with a request whose queue is
            // closed, and its memory may go as soon as it is not in flight.
            let destroy = (*req).destroy;
            if this.is_null() {
                run(destroy, req);
                return;
            }
            let this = &*this;
            tsan::release(req.cast());
            let mut state = this.lock();
            state.in_flight -= 1;
            if state.closed {
                drop(state);
                this.discard(destroy, req);
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
        tsan::acquire(req.cast());
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
    /// `req` is the caller's, who does not touch it any more, and of this queue; `destroy` is
    /// its step of that name.
    unsafe fn discard(&self, destroy: Option<Step>, req: *mut EioReq) {
        POOL.unfinished.fetch_sub(1, Relaxed);
        // SAFETY: as the caller says.
        unsafe {
            run(destroy, req);
            Arc::decrement_strong_count(ptr::from_ref(self));
        }
    }

    /// The thread that the queue belongs to is about to go, or gone. Requests that nobody has
    /// started never run, those that are done are not finished, only destroyed. Returns
    /// how many still run, which their workers will destroy. Again is harmless.
    pub fn close(self: &Arc<Results>) -> usize {
        let mut withdrawn = 0;
        let mut queued = POOL.withdraw(Arc::as_ptr(self));
        // SAFETY: what is taken out of a queue is the caller's.
        unsafe {
            while let Some(req) = queued.pop() {
                withdrawn += 1;
                self.discard((*req).destroy, req);
            }
        }
        let mut state = self.lock();
        state.in_flight -= withdrawn;
        state.closed = true;
        let running = state.in_flight;
        let mut done = core::mem::replace(&mut state.done, Fifo::EMPTY);
        drop(state);
        // SAFETY: as above.
        unsafe {
            while let Some(req) = done.pop() {
                tsan::acquire(req.cast());
                POOL.pending.fetch_sub(1, Relaxed);
                self.discard((*req).destroy, req);
            }
        }
        running
    }

    /// Takes a queue that was closed from the calling thread, if it is this one's.
    pub fn forget(self: &Arc<Results>) {
        // A thread that ends may have let go of it already.
        let _ = CURRENT.try_with(|current| {
            let mut current = current.borrow_mut();
            if current
                .as_ref()
                .is_some_and(|owner| Arc::ptr_eq(&owner.0, self))
            {
                *current = None;
            }
        });
    }
}

/// # Safety
/// `req` is the caller's, and `step` one of its.
unsafe fn run(step: Option<Step>, req: *mut EioReq) {
    if let Some(step) = step {
        // SAFETY: as the caller says.
        unsafe { step(req) };
    }
}
