// SPDX-License-Identifier: BSD-2-Clause
//! Waiting for descriptors (spec ipc.md 7).
//!
//! Each waiting fiber has a watcher of its own. To let `coio_close` wake everybody who
//! waits on a descriptor, the cord knows its waiters: a hash table of doubly linked lists
//! through the waiters themselves, on the stacks of their fibers, so that waiting
//! allocates nothing and cannot fail.

use crate::cord::ev::{self, ev_io, ev_loop};
use crate::cord::{CordRef, current};
use crate::fiber::{FiberRef, flag, sched};
use crate::say::fatal;
use core::cell::Cell;
use core::ffi::c_int;
use core::ptr;

/// `COIO_READ`: readable, or at its end.
pub const READ: c_int = ev::EV_READ;
/// `COIO_WRITE`: writable.
pub const WRITE: c_int = ev::EV_WRITE;

/// libev's highest priority, in every build of it with priorities.
const MAXPRI: c_int = 2;

/// Somebody who waits, by a watcher whose callback wakes him.
pub(super) struct Waiter {
    watcher: *mut ev_io,
    /// That of the watcher, which its owner may change.
    fd: c_int,
    /// Neighbours in the list; `linked` says whether it is in one.
    prev: Cell<*mut Waiter>,
    next: Cell<*mut Waiter>,
    linked: Cell<bool>,
}

impl Waiter {
    /// # Safety
    /// An initialised watcher.
    pub(super) unsafe fn new(watcher: *mut ev_io) -> Waiter {
        Waiter {
            watcher,
            // SAFETY: as the caller says.
            fd: unsafe { (*watcher).fd },
            prev: Cell::new(ptr::null_mut()),
            next: Cell::new(ptr::null_mut()),
            linked: Cell::new(false),
        }
    }

    /// Starts the watcher, for `events`.
    ///
    /// # Safety
    /// `cord` is the current cord. The watcher is initialised and not active, its
    /// descriptor is open. Both stay where they are until [`Waiter::stop`]; an
    /// abandoned fiber's loop and table are destroyed without looking at them.
    pub(super) unsafe fn start(this: *mut Waiter, cord: CordRef, events: c_int) {
        // SAFETY: as the caller says.
        unsafe {
            let watcher = (*this).watcher;
            // libev's mark of a watcher that is new to its descriptor.
            (*watcher).events = events & (READ | WRITE) | ev::EV__IOFDSET;
            (*cord.waiters()).link(this);
            ev::ev_io_start(cord.loop_.get(), watcher);
        }
    }

    /// The end of [`Waiter::start`]. False if the descriptor was closed meanwhile.
    ///
    /// # Safety
    /// As there.
    pub(super) unsafe fn stop(this: *mut Waiter, cord: CordRef) -> bool {
        // SAFETY: as the caller says.
        unsafe {
            let is_open = (*this).linked.get();
            ev::ev_io_stop(cord.loop_.get(), (*this).watcher);
            (*cord.waiters()).unlink(this);
            is_open
        }
    }

    /// Whether the descriptor was not closed since the start.
    pub(super) fn is_open(&self) -> bool {
        self.linked.get()
    }
}

/// What the callback of [`wait`] needs.
struct Wait {
    fiber: FiberRef,
    revents: Cell<c_int>,
}

/// `coio_wait`: waits until `fd` is ready for one of `events`, for `timeout` seconds,
/// or until the fiber is woken for any reason. Returns the events that are
/// ready, 0 in all other cases, and at once if the fiber is cancelled.
///
/// # Safety
/// `cord` is the current cord.
pub unsafe fn wait(cord: CordRef, fd: c_int, events: c_int, timeout: f64) -> c_int {
    let fiber = cord.fiber();
    if fiber.has(flag::CANCELLED) {
        return 0;
    }
    sched::waiting_fiber(cord, "coio_wait");
    if fd < 0 {
        fatal!("coio_wait: descriptor {fd}");
    }
    // libev would find out at the next poll, where Debian's build of it asserts.
    // SAFETY: asks about a number.
    if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
        // SAFETY: as the caller says.
        unsafe { sched::sleep(cord, 0.0) };
        return READ | WRITE;
    }
    let mut wait = Wait {
        fiber,
        revents: Cell::new(0),
    };
    let mut watcher = ev_io {
        active: 0,
        pending: 0,
        // When both are due in one turn of the loop, the event is seen
        // before the timeout; that makes timeout 0 a poll.
        priority: MAXPRI,
        data: (&raw mut wait).cast(),
        cb: Some(on_event),
        next: ptr::null_mut(),
        fd,
        events: 0,
    };
    // SAFETY: all stay in this frame until the stop.
    unsafe {
        let mut waiter = Waiter::new(&raw mut watcher);
        let waiter = &raw mut waiter;
        Waiter::start(waiter, cord, events);
        sched::yield_timeout(cord, timeout);
        Waiter::stop(waiter, cord);
    }
    wait.revents.get() & (READ | WRITE)
}

unsafe extern "C-unwind" fn on_event(
    _: *mut ev_loop,
    watcher: *mut ev_io,
    revents: c_int,
) {
    // SAFETY: `wait` stored it there, and its fiber waits.
    unsafe {
        let wait = (*watcher).data.cast::<Wait>();
        (*wait).revents.set((*wait).revents.get() | revents);
        sched::wakeup(current("coio_wait"), (*wait).fiber);
    }
}

/// The first half of `coio_close`: everybody in this cord who waits on `fd` wakes up
/// with no event.
///
/// # Safety
/// `cord` is the current cord.
pub unsafe fn dismiss(cord: CordRef, fd: c_int) {
    // SAFETY: linked waiters are alive; stopping and feeding calls nobody back.
    unsafe {
        while let Some(waiter) = (*cord.waiters()).find(fd) {
            (*cord.waiters()).unlink(waiter);
            let watcher = (*waiter).watcher;
            ev::ev_io_stop(cord.loop_.get(), watcher);
            ev::ev_feed_event(cord.loop_.get(), watcher.cast(), ev::EV_CUSTOM);
        }
    }
}

const INITIAL_BUCKETS: usize = 64;

/// The waiting fibers of one cord by descriptor.
pub struct Waiters {
    /// Heads of lists; the length is a power of two.
    buckets: Vec<*mut Waiter>,
    count: usize,
}

impl Default for Waiters {
    fn default() -> Waiters {
        Waiters {
            buckets: vec![ptr::null_mut(); INITIAL_BUCKETS],
            count: 0,
        }
    }
}

impl Waiters {
    fn bucket(&mut self, fd: c_int) -> &mut *mut Waiter {
        let mask = self.buckets.len() - 1;
        &mut self.buckets[fd as usize & mask]
    }

    /// # Safety
    /// `waiter` stays where it is until it is unlinked.
    unsafe fn link(&mut self, waiter: *mut Waiter) {
        self.count += 1;
        if self.count > self.buckets.len() {
            self.grow();
        }
        // SAFETY: as the caller says; heads point to linked waiters.
        unsafe {
            let head = self.bucket((*waiter).fd);
            let first = core::mem::replace(head, waiter);
            (*waiter).prev.set(ptr::null_mut());
            (*waiter).next.set(first);
            (*waiter).linked.set(true);
            if !first.is_null() {
                (*first).prev.set(waiter);
            }
        }
    }

    /// # Safety
    /// `waiter` was linked here; again is harmless.
    unsafe fn unlink(&mut self, waiter: *mut Waiter) {
        // SAFETY: neighbours of a linked waiter are linked and alive.
        unsafe {
            if !(*waiter).linked.replace(false) {
                return;
            }
            self.count -= 1;
            let (prev, next) = ((*waiter).prev.get(), (*waiter).next.get());
            if prev.is_null() {
                *self.bucket((*waiter).fd) = next;
            } else {
                (*prev).next.set(next);
            }
            if !next.is_null() {
                (*next).prev.set(prev);
            }
        }
    }

    /// Somebody who waits on `fd`.
    fn find(&mut self, fd: c_int) -> Option<*mut Waiter> {
        if fd < 0 {
            return None;
        }
        let mut waiter = *self.bucket(fd);
        // SAFETY: linked waiters are alive.
        unsafe {
            while !waiter.is_null() && (*waiter).fd != fd {
                waiter = (*waiter).next.get();
            }
        }
        (!waiter.is_null()).then_some(waiter)
    }

    /// Twice the buckets. Without memory for them the lists just get longer.
    fn grow(&mut self) {
        let mut larger = Vec::new();
        let size = self.buckets.len() * 2;
        if larger.try_reserve_exact(size).is_err() {
            return;
        }
        larger.resize(size, ptr::null_mut());
        let old = core::mem::replace(&mut self.buckets, larger);
        for mut waiter in old {
            while !waiter.is_null() {
                // SAFETY: linked waiters are alive; `link` counts and overwrites the
                // links.
                unsafe {
                    let next = (*waiter).next.get();
                    self.count -= 1;
                    self.link(waiter);
                    waiter = next;
                }
            }
        }
    }
}
