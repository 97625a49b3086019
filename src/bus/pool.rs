// SPDX-License-Identifier: BSD-2-Clause
//! `fiber_pool`: each message of an endpoint in a fiber of its own (spec ipc.md 6).
//!
//! ```text
//!   endpoint ──fetch──> output ──> idle worker, or a new one, or whoever is done first
//!
//!   idle:  newest ... oldest       work goes to the newest; the timer looks at the oldest
//! ```

use super::endpoint::CbusEndpoint;
use super::message::{Cmsg, deliver};
use super::sleep_on;
use crate::abi::layout;
use crate::cord::clock::monotonic_now;
use crate::cord::ev::{self, ev_loop, ev_timer, ev_watcher};
use crate::cord::{CordRef, current};
use crate::diag;
use crate::fiber::attr::FiberAttr;
use crate::fiber::{FiberRef, VaListTag, flag, life, sched};
use crate::say::{self, fatal, say};
use crate::small::{Rlist, Stailq};
use crate::sync::cond::FiberCond;
use core::cell::{Cell, UnsafeCell};
use core::ffi::{CStr, c_int};

/// `struct fiber_pool`. In C it is aligned to a cache line, but programs that get it from
/// malloc get away with less.
#[repr(C)]
pub struct FiberPool {
    /// Workers that wait for work, linked by `fiber.state`.
    idle: Rlist,
    /// Workers.
    size: Cell<c_int>,
    max_size: Cell<c_int>,
    /// Seconds; 0 when nobody is to wait for work.
    idle_timeout: Cell<f32>,
    /// Messages that were fetched, but not started.
    output: Stailq,
    idle_timer: UnsafeCell<ev_timer>,
    /// Signalled when a worker ends.
    worker_cond: FiberCond,
    /// So that what producers write to is on cache lines of its own.
    _padding: [u8; 16],
    /// The loop of the pool's cord.
    consumer: Cell<*mut ev_loop>,
    endpoint: CbusEndpoint,
    _tail: [u8; 8],
}

layout!(FiberPool = "fiber_pool", 320: idle 0, size 16, max_size 20, idle_timeout 24,
    output 32, idle_timer 48, worker_cond 96, consumer 128, endpoint 136);

impl FiberPool {
    /// `fiber_pool_create`.
    ///
    /// # Safety
    /// `this` points to memory for a pool, which stays there until it is destroyed.
    pub unsafe fn create(
        this: *mut FiberPool,
        name: &CStr,
        max_size: c_int,
        idle_timeout: f32,
    ) {
        let cord = current("fiber_pool_create");
        let ev_loop = cord.loop_.get();
        // SAFETY: the memory is the caller's; zeros are valid for every field.
        unsafe {
            this.write_bytes(0, 1);
            Rlist::create(&raw const (*this).idle);
            (*this).max_size.set(max_size);
            (*this).idle_timeout.set(idle_timeout);
            Stailq::create(&raw mut (*this).output);
            FiberCond::create(&raw mut (*this).worker_cond);
            (*this).consumer.set(ev_loop);
            let endpoint = &raw mut (*this).endpoint;
            if !CbusEndpoint::create(endpoint, name, Some(fetch), this.cast()) {
                let name = name.to_string_lossy();
                fatal!("fiber_pool_create: there is an endpoint '{name}' already");
            }
            let period = f64::from(idle_timeout);
            (*this).idle_timer.get().write(ev_timer {
                active: 0,
                pending: 0,
                priority: 0,
                data: this.cast(),
                cb: Some(tick),
                at: period,
                repeat: period,
            });
            if period > 0.0 {
                ev::ev_timer_start(ev_loop, (*this).idle_timer.get());
            }
        }
    }

    /// `fiber_pool_set_max_size`.
    pub fn set_max_size(&self, max_size: c_int) {
        self.max_size.set(max_size);
    }

    /// `fiber_pool_destroy`: waits until all messages are run and all workers have ended.
    ///
    /// # Safety
    /// A pool of this cord; runs on a fiber that is none of its workers.
    pub unsafe fn destroy(this: *mut FiberPool) {
        let cord = current("fiber_pool_destroy");
        // SAFETY: as the caller says.
        unsafe {
            CbusEndpoint::destroy(&raw mut (*this).endpoint, None);
            // From here on a worker ends when it has nothing to do.
            (*this).idle_timeout.set(0.0);
            let idle = &raw const (*this).idle;
            while !Rlist::is_empty(idle) {
                // A wake-up takes the fiber off the list.
                sched::wakeup(cord, FiberRef::from_state(Rlist::first(idle)));
            }
            while (*this).size.get() > 0 {
                sleep_on(&raw mut (*this).worker_cond, cord);
            }
            // Workers that were cancelled, or could not be made, have left work behind.
            loop {
                let entry = Stailq::shift(&raw mut (*this).output);
                if entry.is_null() {
                    break;
                }
                deliver(Cmsg::from_entry(entry));
            }
            ev::ev_timer_stop((*this).consumer.get(), (*this).idle_timer.get());
            super::trash(this);
        }
    }

    fn has_work(&self) -> bool {
        // SAFETY: a live queue.
        unsafe { !Stailq::is_empty(&raw const self.output) }
    }

    /// Takes the worker that got work last, or that waits longest, off the idle ones.
    fn take_idle(&self, newest: bool) -> Option<FiberRef> {
        let idle = &raw const self.idle;
        // SAFETY: the list links the `state` of workers.
        unsafe {
            if Rlist::is_empty(idle) {
                return None;
            }
            let link = if newest {
                Rlist::shift(idle)
            } else {
                Rlist::shift_tail(idle)
            };
            Some(FiberRef::from_state(link))
        }
    }

    /// A worker that has not run yet. None if there are enough, or it cannot be made, which
    /// the log says.
    ///
    /// # Safety
    /// A pool of `cord`, which is current.
    unsafe fn new_worker(this: *mut FiberPool, cord: CordRef) -> Option<FiberRef> {
        // SAFETY: as the caller says; nobody but the worker looks at its arguments.
        unsafe {
            if (*this).size.get() >= (*this).max_size.get() {
                say!(
                    say::WARN,
                    "fiber pool size {} reached on endpoint {}",
                    (*this).max_size.get(),
                    CbusEndpoint::name(&raw mut (*this).endpoint).to_string_lossy()
                );
                return None;
            }
            let worker =
                life::create(cord, cord.name().as_ptr(), &FiberAttr::default(), work);
            match worker {
                Some(worker) => (*worker.f_data.get())[0] = this as u64,
                None => diag::log_last(),
            }
            worker
        }
    }

    /// Gives work to workers as long as there are both.
    ///
    /// # Safety
    /// As for [`FiberPool::new_worker`]; runs on the scheduler.
    unsafe fn assign(this: *mut FiberPool, cord: CordRef) {
        // SAFETY: as the caller says. Workers come back here when they yield.
        unsafe {
            while (*this).has_work() {
                let worker = (*this).take_idle(true);
                let Some(worker) = worker.or_else(|| FiberPool::new_worker(this, cord))
                else {
                    return;
                };
                sched::call(cord, worker, "fiber_pool");
            }
        }
    }

    /// Runs messages, oldest first, until there are no more or the worker is cancelled.
    ///
    /// # Safety
    /// As for [`FiberPool::new_worker`]; `worker` is current.
    unsafe fn run_messages(
        this: *mut FiberPool,
        cord: CordRef,
        worker: FiberRef,
    ) -> bool {
        let mut worked = false;
        // SAFETY: as the caller says.
        unsafe {
            while (*this).has_work() && !worker.has(flag::CANCELLED) {
                let entry = Stailq::shift(&raw mut (*this).output);
                // Should the handler yield, the next worker runs at once.
                if worker.caller.get() == cord.sched().as_ptr()
                    && (*this).has_work()
                    && let Some(next) = (*this).take_idle(true)
                {
                    next.raise(flag::READY);
                    worker.caller.set(next.as_ptr());
                }
                deliver(Cmsg::from_entry(entry));
                life::on_stop(worker);
                worked = true;
            }
        }
        worked
    }
}

/// Messages have arrived.
unsafe extern "C-unwind" fn fetch(_: *mut ev_loop, watcher: *mut ev_watcher, _: c_int) {
    // SAFETY: `create` stored the pool there; on the scheduler.
    unsafe {
        let this = (*watcher).data.cast::<FiberPool>();
        let endpoint = &raw mut (*this).endpoint;
        CbusEndpoint::fetch(endpoint, &raw mut (*this).output);
        FiberPool::assign(this, current("fiber_pool"));
    }
}

/// `idle_timeout` has passed, or a worker has ended although there is work.
unsafe extern "C-unwind" fn tick(_: *mut ev_loop, timer: *mut ev_timer, _: c_int) {
    let cord = current("fiber_pool");
    // SAFETY: as above.
    unsafe {
        let this = (*timer).data.cast::<FiberPool>();
        if (*this).has_work() && (*this).size.get() < (*this).max_size.get() {
            FiberPool::assign(this, cord);
        } else if let Some(oldest) = (*this).take_idle(false) {
            sched::call(cord, oldest, "fiber_pool");
        }
    }
}

/// A worker.
unsafe extern "C-unwind" fn work(ap: *mut VaListTag) -> c_int {
    let cord = current("fiber_pool");
    let worker = cord.fiber();
    // SAFETY: `new_worker` stored the pool there; it is not destroyed while it has workers.
    unsafe {
        let this = (*ap)[0] as *mut FiberPool;
        let ev_loop = cord.loop_.get();
        (*this).size.set((*this).size.get() + 1);
        let mut active = monotonic_now(ev_loop);
        loop {
            if FiberPool::run_messages(this, cord, worker) {
                active = monotonic_now(ev_loop);
            }
            let idle_for = monotonic_now(ev_loop) - active;
            let patience = f64::from((*this).idle_timeout.get());
            if worker.has(flag::CANCELLED) || idle_for >= patience {
                break;
            }
            Rlist::add(&raw const (*this).idle, worker.state());
            sched::wait(cord);
        }
        (*this).size.set((*this).size.get() - 1);
        if (*this).has_work() {
            ev::ev_feed_event(ev_loop, (*this).idle_timer.get().cast(), ev::EV_CUSTOM);
        }
        FiberCond::signal(&raw mut (*this).worker_cond);
    }
    0
}
