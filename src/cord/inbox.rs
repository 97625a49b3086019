// SPDX-License-Identifier: BSD-2-Clause
//! What other threads want done in a cord (`cordage/post.h`).
//!
//! ```text
//!   any thread: post ──> queue ── async event ──> the cord: taken ──> run, run, run
//!                          │                         │
//!                          └────── the cord ends ────┴──> drop, drop
//! ```
//!
//! The lock is held while a poster sends the event, because behind it the cord may end
//! and take its loop along: once [`Inbox::close`] has had the lock, nobody is in
//! there any more, and nobody gets in.

use super::ev::{self, ev_async, ev_loop};
use super::thread::{PTHREAD_CANCEL_DISABLE, set_cancel_state};
use super::{Cord, CordRef};
use crate::diag;
use crate::fiber::attr::FiberAttr;
use crate::fiber::{VaListTag, life, sched};
use crate::small::{Stailq, StailqEntry};
use core::cell::{Cell, UnsafeCell};
use core::ffi::c_int;
use core::mem::offset_of;
use core::ptr;
use libc::pthread_mutex_t;

/// What a piece of work has done to it.
type Action = unsafe extern "C-unwind" fn(*mut Work);

/// `struct cordage_work`, in memory of the poster's.
#[repr(C)]
pub struct Work {
    run: Action,
    drop: Option<Action>,
    link: StailqEntry,
    place: Cell<Place>,
}

/// Where a piece of work runs.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Straight from the event loop: it must not wait.
    Scheduler,
    /// In a fiber of its own.
    Fiber,
}

/// A cord's queue of work from other threads.
pub struct Inbox {
    /// Of pthread's, which ThreadSanitizer knows.
    mutex: UnsafeCell<pthread_mutex_t>,
    /// Under the mutex.
    queue: UnsafeCell<Stailq>,
    /// Under the mutex: there is a loop to wake, and the cord has not ended.
    open: Cell<bool>,
    /// The cord's: no poster looks at it. Not a local variable of the delivery, which a
    /// cancel of the thread may end half way through.
    taken: UnsafeCell<Stailq>,
    arrival: UnsafeCell<ev_async>,
}

impl Inbox {
    /// One that accepts nothing yet.
    ///
    /// # Safety
    /// `this` points to memory for one, where it stays.
    pub unsafe fn create(this: *mut Inbox) {
        // SAFETY: as the caller says; nobody else knows of it.
        unsafe {
            this.write(Inbox {
                mutex: UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER),
                queue: UnsafeCell::new(Stailq::unlinked()),
                open: Cell::new(false),
                taken: UnsafeCell::new(Stailq::unlinked()),
                arrival: UnsafeCell::new(ev_async {
                    active: 0,
                    pending: 0,
                    priority: 0,
                    data: ptr::null_mut(),
                    cb: Some(deliver),
                    sent: 0,
                }),
            });
            Stailq::create((*this).queue.get());
            Stailq::create((*this).taken.get());
        }
    }

    /// Runs `f`, which is no place to be cancelled in, with the mutex held.
    fn locked<T>(&self, f: impl FnOnce() -> T) -> T {
        // SAFETY: locked and unlocked in turn; such a mutex cannot fail.
        unsafe {
            libc::pthread_mutex_lock(self.mutex.get());
            let result = f();
            libc::pthread_mutex_unlock(self.mutex.get());
            result
        }
    }

    /// Accepts work from now on, if the cord has a loop.
    ///
    /// # Safety
    /// `cord` is being created by this thread.
    pub unsafe fn open(cord: CordRef) {
        let ev_loop = cord.loop_.get();
        if ev_loop.is_null() {
            return;
        }
        // SAFETY: the watcher lives as long as the cord. It must not count: a loop ends
        // when nothing else is active.
        unsafe {
            let this = &*cord.inbox();
            (*this.arrival.get()).data = cord.as_ptr().cast();
            ev::ev_async_start(ev_loop, this.arrival.get());
            ev::ev_unref(ev_loop);
            this.locked(|| this.open.set(true));
        }
    }

    /// Gives `work` to the cord. False if the cord takes no more, because it has ended, or
    /// none, because it has no loop. In any thread.
    ///
    /// # Safety
    /// `cord` was created, and is not destroyed before this returns. `work` is live and not
    /// posted, until one of its functions was called.
    pub unsafe fn post(cord: *mut Cord, work: *mut Work, place: Place) -> bool {
        let mut cancel_state = 0;
        // SAFETY: as the caller says. Nobody writes to the fields of a created cord that
        // are read here. ev_async_send is for any thread, and a cancellation point.
        unsafe {
            let cord = CordRef::from_ptr(cord);
            if !cord.is_created() {
                return false;
            }
            let this = &*cord.inbox();
            set_cancel_state(PTHREAD_CANCEL_DISABLE, &raw mut cancel_state);
            let open = this.locked(|| {
                if this.open.get() {
                    let first = Stailq::is_empty(this.queue.get());
                    (*work).place.set(place);
                    Stailq::add_tail(this.queue.get(), &raw mut (*work).link);
                    if first {
                        ev::ev_async_send(cord.loop_.get(), this.arrival.get());
                    }
                }
                this.open.get()
            });
            set_cancel_state(cancel_state, ptr::null_mut());
            open
        }
    }

    /// Accepts no more, and drops what has not run. Again is harmless.
    ///
    /// # Safety
    /// The calling thread is the cord's, or has joined it.
    pub unsafe fn close(cord: CordRef) {
        // SAFETY: as the caller says: `taken` is ours.
        unsafe {
            let this = &*cord.inbox();
            this.locked(|| this.open.set(false));
            this.take_over();
            while let Some(work) = this.next() {
                abandon(work);
            }
        }
    }

    /// Moves what was posted where posters do not get at it.
    ///
    /// # Safety
    /// As for [`Inbox::close`].
    unsafe fn take_over(&self) {
        // SAFETY: as the caller says.
        self.locked(|| unsafe { Stailq::concat(self.taken.get(), self.queue.get()) });
    }

    /// Takes out the next of it.
    ///
    /// # Safety
    /// As for [`Inbox::close`].
    unsafe fn next(&self) -> Option<*mut Work> {
        // SAFETY: as the caller says.
        let link = unsafe { Stailq::shift(self.taken.get()) };
        let work = link
            .wrapping_byte_sub(offset_of!(Work, link))
            .cast::<Work>();
        (!link.is_null()).then_some(work)
    }
}

/// The cord's turn: runs what was there when it came. What comes meanwhile waits for the
/// next turn of the loop, so that nobody can keep the loop from everything else.
unsafe extern "C-unwind" fn deliver(_: *mut ev_loop, watcher: *mut ev_async, _: c_int) {
    // SAFETY: `open` stored the cord there; this is its thread. Between two pieces of work
    // `taken` is whole: the work may post, run the loop, or be cancelled.
    unsafe {
        let cord = CordRef::from_ptr((*watcher).data.cast());
        let this = &*cord.inbox();
        this.take_over();
        while let Some(work) = this.next() {
            match (*work).place.get() {
                Place::Scheduler => ((*work).run)(work),
                Place::Fiber => start_fiber(cord, work),
            }
        }
    }
}

/// # Safety
/// On the scheduler of `cord`; `work` was taken out.
unsafe fn start_fiber(cord: CordRef, work: *mut Work) {
    // SAFETY: as the caller says.
    unsafe {
        let attr = FiberAttr::default();
        let Some(fiber) = life::create(cord, c"post".as_ptr(), &attr, run_in_fiber)
        else {
            diag::log_last();
            abandon(work);
            return;
        };
        fiber.set_word(work.cast());
        sched::call(cord, fiber, "cordage_post_fiber");
    }
}

unsafe extern "C-unwind" fn run_in_fiber(_: *mut VaListTag) -> c_int {
    let fiber = super::current("cordage_post_fiber").fiber();
    let work = fiber.word().cast::<Work>();
    fiber.set_word(ptr::null_mut());
    // SAFETY: `start_fiber` put it there.
    unsafe { ((*work).run)(work) };
    0
}

/// # Safety
/// `work` was taken out, and will not run.
unsafe fn abandon(work: *mut Work) {
    // SAFETY: as the caller says.
    unsafe {
        if let Some(drop) = (*work).drop {
            drop(work);
        }
    }
}
