// SPDX-License-Identifier: BSD-2-Clause
//! Pipes: from a producer cord to an endpoint (spec ipc.md 5.6).

use super::endpoint::CbusEndpoint;
use super::lock::{self, uncancellable};
use super::message::{Cmsg, CmsgHop};
use super::{Locked, count_event};
use crate::abi::layout;
use crate::cord::current;
use crate::cord::ev::{self, ev_async, ev_loop};
use crate::say::{fatal, fatal_syserror};
use crate::small::{Rlist, Stailq};
use crate::sync::cond::FiberCond;
use crate::trigger;
use core::cell::{Cell, UnsafeCell};
use core::ffi::{CStr, c_int};
use core::sync::atomic::Ordering::Relaxed;

/// `struct cpipe`. The producer's alone; only `endpoint` is read by its consumer.
#[repr(C)]
pub struct Cpipe {
    /// Messages that were pushed, but not flushed.
    input: Stailq,
    /// What they weigh: C code may add to it.
    n_input: Cell<c_int>,
    /// When that much was pushed it is flushed at once.
    max_input: Cell<c_int>,
    /// Never started: fed to the loop, or invoked.
    flush_input: UnsafeCell<ev_async>,
    producer: Cell<*mut ev_loop>,
    endpoint: Cell<*mut CbusEndpoint>,
    /// Triggers.
    on_flush: Rlist,
}

layout!(Cpipe = "cpipe", 96: input 0, n_input 16, max_input 20, flush_input 24,
    producer 64, endpoint 72, on_flush 80);

impl Cpipe {
    /// `cpipe_create`: blocks the thread until there is an endpoint of that name.
    ///
    /// # Safety
    /// `this` points to memory for a pipe, which stays there until it is destroyed.
    pub unsafe fn create(this: *mut Cpipe, consumer: &CStr) {
        let cord = current("cpipe_create");
        let producer = cord.loop_.get();
        if producer.is_null() {
            fatal!("cpipe_create: this cord has no event loop");
        }
        let bus = Locked::expect("cpipe_create");
        let endpoint = loop {
            match bus.find(consumer) {
                Some(endpoint) => break endpoint,
                None => bus.wait_for_news(),
            }
        };
        // SAFETY: a registered endpoint is alive, and waits for its pipes before it is not.
        unsafe {
            let n_pipes = &(*endpoint).n_pipes;
            n_pipes.store(n_pipes.load(Relaxed) + 1, Relaxed);
        }
        bus.unlock();
        // SAFETY: the memory is the caller's.
        unsafe {
            this.write(Cpipe {
                input: Stailq::unlinked(),
                n_input: Cell::new(0),
                max_input: Cell::new(c_int::MAX),
                flush_input: UnsafeCell::new(ev_async {
                    active: 0,
                    pending: 0,
                    priority: 0,
                    data: this.cast(),
                    cb: Some(on_flush_event),
                    sent: 0,
                }),
                producer: Cell::new(producer),
                endpoint: Cell::new(endpoint),
                on_flush: Rlist::unlinked(),
            });
            Stailq::create(&raw mut (*this).input);
            Rlist::create(&raw const (*this).on_flush);
        }
    }

    /// `cpipe_destroy`: the endpoint gets what was pushed, and a notice behind it.
    ///
    /// # Safety
    /// A pipe of this cord.
    pub unsafe fn destroy(this: *mut Cpipe) {
        // SAFETY: as the caller says.
        uncancellable(|| unsafe {
            (*this).expect_producer("cpipe_destroy");
            let endpoint = (*this).endpoint.get();
            let mut rest = Stailq::unlinked();
            let rest = &raw mut rest;
            Stailq::create(rest);
            // A watcher that was not started is only taken off the pending ones.
            ev::ev_async_stop((*this).producer.get(), (*this).flush_input.get());
            trigger::destroy(&raw const (*this).on_flush);
            Stailq::concat(rest, &raw mut (*this).input);
            Stailq::add_tail(rest, Farewell::new(endpoint).cast());
            // The consumer may let somebody have the memory as soon as it hears of this.
            super::trash(this);

            lock::lock((*endpoint).mutex.get());
            Stailq::concat(&raw mut (*endpoint).output, rest);
            count_event();
            // Still locked: afterwards the endpoint may be gone.
            ev::ev_async_send((*endpoint).consumer.get(), (*endpoint).arrival.get());
            lock::unlock((*endpoint).mutex.get());
        });
    }

    /// Where the pipe leads to. Does not change, so both cords may ask.
    pub(super) fn endpoint(&self) -> *mut CbusEndpoint {
        self.endpoint.get()
    }

    /// `cpipe_push`: as in `cbus.h`.
    ///
    /// # Safety
    /// A pipe of this cord, and a message that is in none.
    #[inline]
    pub unsafe fn push(this: *mut Cpipe, msg: *mut Cmsg) {
        // SAFETY: as the caller says.
        unsafe {
            (*this).expect_producer("cpipe_push");
            Stailq::add_tail(&raw mut (*this).input, &raw mut (*msg).fifo);
            let n_input = (*this).n_input.get().wrapping_add(1);
            (*this).n_input.set(n_input);
            if n_input >= (*this).max_input.get() {
                Cpipe::flush(this);
            } else if n_input == 1 {
                let event = (*this).flush_input.get().cast();
                ev::ev_feed_event((*this).producer.get(), event, ev::EV_CUSTOM);
            }
        }
    }

    /// Hands everything that was pushed to the endpoint, and wakes its cord if it had
    /// taken all there was before.
    ///
    /// # Safety
    /// A pipe of this cord.
    pub unsafe fn flush(this: *mut Cpipe) {
        // SAFETY: as the caller says. The pipe keeps the endpoint alive.
        unsafe {
            if (*this).n_input.get() == 0 {
                return;
            }
            if !Rlist::is_empty(&raw const (*this).on_flush) {
                trigger::run(&raw const (*this).on_flush, this.cast());
            }
            // A thread that was cancelled half-way would leave messages that nobody is
            // woken for.
            uncancellable(|| {
                let endpoint = (*this).endpoint.get();
                lock::lock((*endpoint).mutex.get());
                let was_empty = Stailq::is_empty(&raw const (*endpoint).output);
                Stailq::concat(&raw mut (*endpoint).output, &raw mut (*this).input);
                lock::unlock((*endpoint).mutex.get());
                (*this).n_input.set(0);
                if was_empty {
                    count_event();
                    let arrival = (*endpoint).arrival.get();
                    ev::ev_async_send((*endpoint).consumer.get(), arrival);
                }
            });
        }
    }

    /// A rule that is checked in debug builds.
    #[inline]
    fn expect_producer(&self, function: &str) {
        if cfg!(debug_assertions) && self.producer.get() != current(function).loop_.get()
        {
            fatal!("{function}: the pipe belongs to another cord");
        }
    }
}

unsafe extern "C-unwind" fn on_flush_event(
    _: *mut ev_loop,
    watcher: *mut ev_async,
    _: c_int,
) {
    // SAFETY: `create` stored the pipe there.
    unsafe { Cpipe::flush((*watcher).data.cast()) };
}

/// The last message of a pipe; from malloc.
#[repr(C)]
struct Farewell {
    msg: Cmsg,
    endpoint: *mut CbusEndpoint,
}

static FAREWELL: [CmsgHop; 1] = [CmsgHop::last(say_farewell)];

impl Farewell {
    fn new(endpoint: *mut CbusEndpoint) -> *mut Farewell {
        // SAFETY: memory for one, if any.
        unsafe {
            let this = libc::malloc(size_of::<Farewell>()).cast::<Farewell>();
            if this.is_null() {
                fatal_syserror!("cpipe_destroy: no memory for a message");
            }
            let msg = Cmsg::new(FAREWELL.as_ptr());
            this.write(Farewell { msg, endpoint });
            this
        }
    }
}

/// In the consumer's cord: a pipe is gone, and everything before was taken.
unsafe extern "C-unwind" fn say_farewell(msg: *mut Cmsg) {
    // SAFETY: from `Farewell::new`; the endpoint waits for this.
    unsafe {
        let endpoint = (*msg.cast::<Farewell>()).endpoint;
        let bus = Locked::lock();
        let n_pipes = &(*endpoint).n_pipes;
        n_pipes.store(n_pipes.load(Relaxed) - 1, Relaxed);
        bus.unlock();
        FiberCond::signal(&raw mut (*endpoint).cond);
        libc::free(msg.cast());
    }
}
