// SPDX-License-Identifier: BSD-2-Clause
//! Messages between cords (spec ipc.md 5, 6).
//!
//! ```text
//!   producer cord                                  consumer cord
//!   push ──> pipe.input ──flush, once a turn──> endpoint.output ──fetch──> deliver
//!             (its own)    one lock, at most     (under a mutex)  one lock
//!                          one wake-up
//! ```
//!
//! Everything that two cords touch passes through two kinds of mutex, never held
//! together: the bus's own, for the names of endpoints and the number of their pipes, and
//! that of each endpoint, for its output. A message is one cord's at a time.
//!
//! C programs push and fetch through the inlines of `cbus.h`, so all of it is at the C ABI,
//! field by field.

pub mod call;
pub mod endpoint;
mod lock;
pub mod message;
pub mod pair;
pub mod pipe;
pub mod pool;
pub mod spin;

use crate::cord::CordRef;
use crate::fiber::{life, sched};
use crate::say::{fatal, fatal_syserror};
use crate::small::Rlist;
use crate::stat::rmean::Rmean;
use crate::sync::cond::FiberCond;
use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};
use endpoint::CbusEndpoint;

/// Wake-ups sent to consumers, among the bus's statistics (`CBUS_STAT_EVENTS`).
const STAT_EVENTS: usize = 0;

/// How many statistics there are (`CBUS_STAT_LAST`).
const STATS: usize = 2;

/// `cbus_stat_strings`
#[unsafe(export_name = "cbus_stat_strings")]
static mut STAT_NAMES: [*const c_char; STATS] = [c"EVENTS".as_ptr(), c"LOCKS".as_ptr()];

/// What all cords share.
struct Bus {
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    /// Broadcast when an endpoint is registered.
    cond: UnsafeCell<libc::pthread_cond_t>,
    /// Registered endpoints, linked by `in_cbus`.
    endpoints: Rlist,
    /// NULL while there is no bus.
    stats: AtomicPtr<Rmean>,
}

// SAFETY: the list is used under the mutex.
unsafe impl Sync for Bus {}

/// The mutex and the condition are there before the bus and after it: a pipe may be
/// destroyed later.
static BUS: Bus = Bus {
    mutex: UnsafeCell::new(lock::INITIALIZER),
    cond: UnsafeCell::new(libc::PTHREAD_COND_INITIALIZER),
    endpoints: Rlist::unlinked(),
    stats: AtomicPtr::new(ptr::null_mut()),
};

unsafe extern "C-unwind" {
    /// `pthread_cond_wait`, except that a thread that is cancelled in it unlocks the mutex
    /// as it leaves (`src/shim/fiber/cond_wait.c`).
    fn cordage_cond_wait(
        cond: *mut libc::pthread_cond_t,
        mutex: *mut libc::pthread_mutex_t,
    );
}

/// `cbus_init`.
///
/// # Safety
/// Nobody else uses the bus yet; in a cord with a loop.
pub unsafe fn init() {
    if !BUS.stats.load(Relaxed).is_null() {
        fatal!("cbus_init: called twice");
    }
    // SAFETY: as the caller says; the names are constants.
    unsafe {
        let names = (&raw const STAT_NAMES).cast::<*const c_char>();
        let stats = Rmean::new(names, STATS);
        if stats.is_null() {
            fatal_syserror!("cbus_create");
        }
        Rlist::create(&raw const BUS.endpoints);
        BUS.stats.store(stats, Relaxed);
    }
}

/// `cbus_free`.
///
/// # Safety
/// Nobody uses the bus any more; in the cord that made it.
pub unsafe fn free() {
    let stats = BUS.stats.swap(ptr::null_mut(), Relaxed);
    if !stats.is_null() {
        // Somebody may be about to leave.
        Locked::lock().unlock();
        // SAFETY: as the caller says.
        unsafe { Rmean::delete(stats) };
    }
}

/// The bus, locked.
struct Locked;

impl Locked {
    fn lock() -> Locked {
        // SAFETY: initialised statically.
        unsafe { lock::lock(BUS.mutex.get()) };
        Locked
    }

    /// For `function`, which needs a bus; without one the program ends.
    fn expect(function: &str) -> Locked {
        if BUS.stats.load(Relaxed).is_null() {
            fatal!("{function}: there is no bus (cbus_init comes first)");
        }
        Locked::lock()
    }

    fn unlock(self) {
        // SAFETY: locked by this thread.
        unsafe { lock::unlock(BUS.mutex.get()) };
    }

    fn find(&self, name: &CStr) -> Option<*mut CbusEndpoint> {
        // SAFETY: registered endpoints are alive.
        unsafe {
            Rlist::iter(&raw const BUS.endpoints)
                .map(CbusEndpoint::from_link)
                .find(|&endpoint| CbusEndpoint::has_name(endpoint, name))
        }
    }

    /// Waits until somebody has registered an endpoint. A cancelled thread does not come
    /// back, and leaves the bus unlocked.
    fn wait_for_news(&self) {
        // SAFETY: locked by this thread.
        unsafe { cordage_cond_wait(BUS.cond.get(), BUS.mutex.get()) };
    }

    fn add(&self, endpoint: *mut CbusEndpoint) {
        // SAFETY: a created endpoint, which is registered until it is taken out.
        unsafe {
            Rlist::add_tail(&raw const BUS.endpoints, &raw const (*endpoint).in_cbus);
            libc::pthread_cond_broadcast(BUS.cond.get());
        }
    }

    fn remove(&self, endpoint: *mut CbusEndpoint) {
        // SAFETY: a registered endpoint.
        unsafe { Rlist::del(&raw const (*endpoint).in_cbus) };
    }
}

/// Counts a wake-up. Approximate: see [`Rmean::collect`].
fn count_event() {
    let stats = BUS.stats.load(Relaxed);
    if !stats.is_null() {
        // SAFETY: lives as long as the bus.
        unsafe { Rmean::collect(stats, STAT_EVENTS, 1) };
    }
}

/// Queues the current fiber and yields; comes back for any reason, a cancel among them, of
/// which nothing is said in the diag.
///
/// # Safety
/// `cond` is a condition of `cord`, which is current; runs on a fiber.
unsafe fn sleep_on(cond: *mut FiberCond, cord: CordRef) {
    // SAFETY: the link of a running fiber is free.
    unsafe {
        Rlist::add_tail(&raw mut (*cond).waiters, cord.fiber().state());
        sched::yield_now(cord);
    }
}

/// Debug builds fill what is destroyed with a pattern, so that a use of it shows.
///
/// # Safety
/// Nobody uses `object` any more.
unsafe fn trash<T>(object: *mut T) {
    if cfg!(debug_assertions) {
        // SAFETY: as the caller says.
        unsafe { object.write_bytes(life::TRASH, 1) };
    }
}
