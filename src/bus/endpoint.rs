// SPDX-License-Identifier: BSD-2-Clause
//! Endpoints: where messages arrive (spec ipc.md 5.5).

use super::message::{Cmsg, CmsgHop, deliver};
use super::pipe::Cpipe;
use super::{Locked, lock, sleep_on};
use crate::abi::layout;
use crate::cord::current;
use crate::cord::ev::{self, ev_async, ev_loop, ev_watcher};
use crate::fiber::{flag, life, sched};
use crate::say::{fatal, fatal_syserror};
use crate::small::{Rlist, Stailq};
use crate::sync::cond::FiberCond;
use core::cell::{Cell, UnsafeCell};
use core::ffi::{CStr, c_char, c_int, c_void};
use core::mem::offset_of;
use core::sync::atomic::{AtomicI32, AtomicU32, Ordering::Relaxed};

/// Bytes of a name, the NUL included.
const NAME_SIZE: usize = 32;

/// What the loop calls when messages have arrived.
pub type FetchCallback =
    unsafe extern "C-unwind" fn(*mut ev_loop, *mut ev_watcher, c_int);

/// Fetches and delivers what has arrived: [`process`] or a replacement.
pub type Process = unsafe extern "C-unwind" fn(*mut CbusEndpoint);

/// `struct cbus_endpoint`.
#[repr(C)]
pub struct CbusEndpoint {
    /// NUL-terminated.
    name: [c_char; NAME_SIZE],
    /// In the bus, under its mutex.
    pub(super) in_cbus: Rlist,
    /// Protects `output`.
    pub(super) mutex: UnsafeCell<libc::pthread_mutex_t>,
    /// Messages that have arrived and were not fetched.
    pub(super) output: Stailq,
    /// The loop of the endpoint's cord.
    pub(super) consumer: Cell<*mut ev_loop>,
    /// Sent when messages arrive in an empty `output`.
    pub(super) arrival: UnsafeCell<ev_async>,
    /// Pipes that lead here. Changes under the bus's mutex, and does not grow any more
    /// when the name is gone.
    pub(super) n_pipes: AtomicU32,
    /// Signalled when a pipe is gone.
    pub(super) cond: FiberCond,
}

layout!(CbusEndpoint = "cbus_endpoint", 176: name 0, in_cbus 32, mutex 48, output 88,
    consumer 104, arrival 112, n_pipes 152, cond 160);

impl CbusEndpoint {
    /// The endpoint whose `in_cbus` the link is.
    pub(super) fn from_link(link: *mut Rlist) -> *mut CbusEndpoint {
        link.wrapping_byte_sub(offset_of!(CbusEndpoint, in_cbus))
            .cast()
    }

    /// Whether the endpoint is registered by what remains of `name` when it is cut.
    ///
    /// # Safety
    /// `this` is alive.
    pub(super) unsafe fn has_name(this: *mut CbusEndpoint, name: &CStr) -> bool {
        // SAFETY: as the caller says; names are terminated and do not change.
        unsafe { CbusEndpoint::name(this).to_bytes() == cut(name) }
    }

    /// The name, for log lines.
    ///
    /// # Safety
    /// `this` outlives the result.
    pub(super) unsafe fn name<'a>(this: *mut CbusEndpoint) -> &'a CStr {
        // SAFETY: as the caller says; terminated by `create`.
        unsafe { CStr::from_ptr((&raw const (*this).name).cast()) }
    }

    /// `cbus_endpoint_create`: false, with nothing touched, if the name is taken.
    ///
    /// # Safety
    /// `this` points to memory for an endpoint, which stays there until it is destroyed.
    pub unsafe fn create(
        this: *mut CbusEndpoint,
        name: &CStr,
        fetch: Option<FetchCallback>,
        data: *mut c_void,
    ) -> bool {
        let cord = current("cbus_endpoint_create");
        let consumer = cord.loop_.get();
        if consumer.is_null() {
            fatal!("cbus_endpoint_create: this cord has no event loop");
        }
        let bus = Locked::expect("cbus_endpoint_create");
        if bus.find(name).is_some() {
            bus.unlock();
            return false;
        }
        // SAFETY: the memory is the caller's; the loop is this thread's.
        unsafe {
            this.write_bytes(0, 1);
            let copy = (&raw mut (*this).name).cast::<u8>();
            copy.copy_from_nonoverlapping(name.as_ptr().cast(), cut(name).len());
            lock::create((*this).mutex.get());
            Stailq::create(&raw mut (*this).output);
            (*this).consumer.set(consumer);
            // Only the type of the watcher differs.
            let callback = fetch.map(|fetch| {
                core::mem::transmute::<
                    FetchCallback,
                    unsafe extern "C-unwind" fn(*mut ev_loop, *mut ev_async, c_int),
                >(fetch)
            });
            (*this).arrival.get().write(ev_async {
                active: 0,
                pending: 0,
                priority: 0,
                data,
                cb: callback,
                sent: 0,
            });
            ev::ev_async_start(consumer, (*this).arrival.get());
            FiberCond::create(&raw mut (*this).cond);
            bus.add(this);
            bus.unlock();
            cord.spin().add(this);
        }
        true
    }

    /// `cbus_endpoint_destroy`.
    ///
    /// # Safety
    /// An endpoint of this cord; runs on a fiber.
    pub unsafe fn destroy(this: *mut CbusEndpoint, process: Option<Process>) {
        let cord = current("cbus_endpoint_destroy");
        let bus = Locked::lock();
        bus.remove(this);
        bus.unlock();
        // SAFETY: as the caller says. Without pipes nobody else touches the endpoint, once
        // the mutex is free: the last producer sends its wake-up under it.
        unsafe {
            let watcher = (*this).arrival.get();
            let mut arrival = Arrival {
                callback: (*watcher).cb.replace(arrived),
                data: (*watcher).data,
            };
            (*watcher).data = (&raw mut arrival).cast();
            loop {
                if let Some(process) = process {
                    process(this);
                }
                let no_pipes = (*this).n_pipes.load(Relaxed) == 0;
                if no_pipes && Stailq::is_empty(&raw const (*this).output) {
                    break;
                }
                sched::waiting_fiber(cord, "cbus_endpoint_destroy");
                sleep_on(&raw mut (*this).cond, cord);
            }
            lock::lock((*this).mutex.get());
            lock::unlock((*this).mutex.get());
            lock::destroy((*this).mutex.get());
            cord.spin().remove(this);
            ev::ev_async_stop((*this).consumer.get(), watcher);
            super::trash(this);
        }
    }

    /// Whether messages have arrived of which the loop has not been told yet.
    ///
    /// # Safety
    /// `this` is alive.
    #[inline]
    pub(super) unsafe fn has_news(this: *mut CbusEndpoint) -> bool {
        // SAFETY: as the caller says. Producers write to it at any time.
        unsafe {
            let sent = &raw mut (*(*this).arrival.get()).sent;
            AtomicI32::from_ptr(sent).load(Relaxed) != 0
        }
    }

    /// Appends everything that has arrived to `fetched`.
    ///
    /// # Safety
    /// An endpoint of this cord, and a queue of the caller's.
    #[inline]
    pub(super) unsafe fn fetch(this: *mut CbusEndpoint, fetched: *mut Stailq) {
        // SAFETY: as the caller says.
        unsafe {
            lock::lock((*this).mutex.get());
            Stailq::concat(fetched, &raw mut (*this).output);
            lock::unlock((*this).mutex.get());
        }
    }
}

/// `cbus_process`: one fetch, then all that was fetched is delivered in this fiber. If a
/// handler yields the rest waits.
///
/// # Safety
/// An endpoint of this cord.
pub unsafe fn process(endpoint: *mut CbusEndpoint) {
    let mut fetched = Stailq::unlinked();
    let fetched = &raw mut fetched;
    // SAFETY: as the caller says; what is fetched is this cord's.
    unsafe {
        Stailq::create(fetched);
        CbusEndpoint::fetch(endpoint, fetched);
        loop {
            let entry = Stailq::shift(fetched);
            if entry.is_null() {
                break;
            }
            deliver(Cmsg::from_entry(entry));
        }
    }
}

/// `cbus_loop`: [`process`] whenever the fiber is woken, until it is cancelled.
///
/// # Safety
/// An endpoint of this cord; runs on a fiber.
pub unsafe fn run(endpoint: *mut CbusEndpoint) {
    let cord = current("cbus_loop");
    let fiber = sched::waiting_fiber(cord, "cbus_loop");
    // SAFETY: as the caller says.
    unsafe {
        loop {
            process(endpoint);
            if fiber.has(flag::CANCELLED) {
                break;
            }
            sched::wait(cord);
        }
    }
}

static STOP: [CmsgHop; 1] = [CmsgHop::last(stop)];

/// `cbus_stop_loop`: cancels whoever delivers what this pipe leads to, at once.
///
/// # Safety
/// A pipe of this cord.
pub unsafe fn stop_loop(pipe: *mut Cpipe) {
    // SAFETY: memory for a message, whose handler frees it.
    unsafe {
        let msg = libc::malloc(size_of::<Cmsg>()).cast::<Cmsg>();
        if msg.is_null() {
            fatal_syserror!("cbus_stop_loop: no memory for a message");
        }
        msg.write(Cmsg::new(STOP.as_ptr()));
        Cpipe::push(pipe, msg);
        Cpipe::flush(pipe);
    }
}

unsafe extern "C-unwind" fn stop(msg: *mut Cmsg) {
    let cord = current("cbus_stop_loop");
    life::cancel(cord, cord.fiber());
    // SAFETY: from `stop_loop`.
    unsafe { libc::free(msg.cast()) };
}

/// The part of a name that counts.
fn cut(name: &CStr) -> &[u8] {
    let name = name.to_bytes();
    &name[..name.len().min(NAME_SIZE - 1)]
}

/// While an endpoint is being destroyed its arrivals wake two: whoever was to be woken
/// (who may have ended), and the fiber that destroys it.
struct Arrival {
    callback: Option<unsafe extern "C-unwind" fn(*mut ev_loop, *mut ev_async, c_int)>,
    data: *mut c_void,
}

unsafe extern "C-unwind" fn arrived(
    ev_loop: *mut ev_loop,
    watcher: *mut ev_async,
    revents: c_int,
) {
    // SAFETY: the record is on the stack of the fiber that destroys the endpoint, which
    // does not run before this returns.
    unsafe {
        let arrival = (*watcher).data.cast::<Arrival>();
        if let Some(callback) = (*arrival).callback {
            (*watcher).data = (*arrival).data;
            callback(ev_loop, watcher, revents);
            (*watcher).data = arrival.cast();
        }
        let endpoint = watcher.wrapping_byte_sub(offset_of!(CbusEndpoint, arrival));
        FiberCond::signal(&raw mut (*endpoint.cast::<CbusEndpoint>()).cond);
    }
}
