// SPDX-License-Identifier: BSD-2-Clause
//! Waiting for messages without going to sleep, for a moment.
//!
//! To put a thread to sleep and to wake it takes microseconds on both sides: with cords that
//! talk back and forth it is nearly all there is to do. So a loop that is about to
//! sleep may first look for messages for a while. libev makes that worth while: a
//! loop that does not sleep is not woken by a system call.
//!
//! Whether it helps depends on the machine, on what else it does, and on the other cord. So
//! it is measured: of both ways the one is taken that was faster lately, and the other is
//! tried again now and then. A loop that has slept for long just sleeps.

use super::endpoint::CbusEndpoint;
use crate::clock;
use crate::cord::CordRef;
use crate::cord::ev::{self, ev_check, ev_loop, ev_prepare};
use core::cell::{Cell, UnsafeCell};
use core::ffi::c_int;
use core::hint;
use core::ptr;

/// Nanoseconds.
type Duration = f64;

/// For how long a loop looks for messages. A wait that is longer is not for the next message
/// of a conversation.
const PATIENCE: Duration = 20_000.0;

/// Which way was faster.
struct Policy {
    /// The last wait was short, so the next one may be.
    short: Cell<bool>,
    /// Mean durations of short waits.
    asleep: Cell<Duration>,
    awake: Cell<Duration>,
}

impl Policy {
    /// Weight of the last wait in a mean.
    const LAST: f64 = 1.0 / 8.0;
    /// By how much the way not taken looks better each time.
    const HOPE: f64 = 1.0 / 512.0;

    /// Nothing is known.
    const fn new() -> Policy {
        Policy {
            short: Cell::new(false),
            asleep: Cell::new(PATIENCE),
            awake: Cell::new(0.0),
        }
    }

    /// Whether to stay awake.
    fn stays_awake(&self) -> bool {
        self.short.get() && self.awake.get() < self.asleep.get()
    }

    /// The loop has slept, and was woken by messages or by something else.
    fn slept(&self, waited: Duration, for_messages: bool) {
        let short = for_messages && waited < PATIENCE;
        self.short.set(short);
        if short {
            Policy::learn(&self.asleep, waited, &self.awake);
        }
    }

    /// The loop was awake, until messages came or it lost patience.
    fn stayed_awake(&self, waited: Duration, for_messages: bool) {
        self.short.set(for_messages);
        Policy::learn(&self.awake, waited, &self.asleep);
    }

    fn learn(taken: &Cell<Duration>, waited: Duration, other: &Cell<Duration>) {
        taken.set(taken.get() + (waited - taken.get()) * Policy::LAST);
        other.set(other.get() * (1.0 - Policy::HOPE));
    }
}

/// libev's highest priority: the check comes before libev looks at who has sent something.
const MAXPRI: c_int = 2;

/// What the loop of a cord does before and after it sleeps.
pub struct Spin {
    cord: CordRef,
    /// Those of the cord.
    endpoints: UnsafeCell<Vec<*mut CbusEndpoint>>,
    prepare: UnsafeCell<ev_prepare>,
    check: UnsafeCell<ev_check>,
    /// When the loop went to sleep, if it did.
    slept_since: Cell<Option<u64>>,
    policy: Policy,
}

impl Spin {
    /// For a cord that is being created.
    pub fn new(cord: CordRef) -> Spin {
        Spin {
            cord,
            endpoints: UnsafeCell::default(),
            prepare: UnsafeCell::new(ev_prepare {
                active: 0,
                pending: 0,
                priority: 0,
                data: ptr::null_mut(),
                cb: Some(before_sleep),
            }),
            check: UnsafeCell::new(ev_check {
                active: 0,
                pending: 0,
                priority: MAXPRI,
                data: ptr::null_mut(),
                cb: Some(after_sleep),
            }),
            slept_since: Cell::new(None),
            policy: Policy::new(),
        }
    }

    /// From now on messages to `endpoint` are looked for.
    ///
    /// # Safety
    /// The record is the current cord's and stays where it is; so does `endpoint` until it
    /// is removed.
    pub unsafe fn add(&self, endpoint: *mut CbusEndpoint) {
        let ev_loop = self.cord.loop_.get();
        // SAFETY: no borrow of the list outlives a method; the loop of this thread.
        unsafe {
            (*self.endpoints.get()).push(endpoint);
            if (*self.endpoints.get()).len() > 1 {
                return;
            }
            let data = ptr::from_ref(self).cast_mut().cast();
            (*self.prepare.get()).data = data;
            (*self.check.get()).data = data;
            ev::ev_prepare_start(ev_loop, self.prepare.get());
            ev::ev_check_start(ev_loop, self.check.get());
            // They are no reason for the loop to go on.
            ev::ev_unref(ev_loop);
            ev::ev_unref(ev_loop);
        }
    }

    /// The opposite.
    ///
    /// # Safety
    /// As for [`Spin::add`].
    pub unsafe fn remove(&self, endpoint: *mut CbusEndpoint) {
        let ev_loop = self.cord.loop_.get();
        // SAFETY: as above.
        unsafe {
            (*self.endpoints.get()).retain(|&other| other != endpoint);
            if !(*self.endpoints.get()).is_empty() {
                return;
            }
            ev::ev_ref(ev_loop);
            ev::ev_ref(ev_loop);
            ev::ev_prepare_stop(ev_loop, self.prepare.get());
            ev::ev_check_stop(ev_loop, self.check.get());
        }
    }

    fn is_news(&self) -> bool {
        // SAFETY: endpoints are in the list as long as they are alive.
        unsafe {
            let endpoints = &*self.endpoints.get();
            endpoints.iter().any(|&e| CbusEndpoint::has_news(e))
        }
    }

    fn before_sleep(&self) {
        self.slept_since.set(None);
        // SAFETY: a watcher of the cord. While it is active the loop does not sleep.
        let polls = unsafe { (*self.cord.idle_event.get()).active != 0 };
        if polls || self.is_news() {
            return;
        }
        let began = now();
        if !self.policy.stays_awake() {
            self.slept_since.set(Some(began));
            return;
        }
        loop {
            hint::spin_loop();
            let waited = since(began);
            let for_messages = self.is_news();
            if for_messages || waited >= PATIENCE {
                return self.policy.stayed_awake(waited, for_messages);
            }
        }
    }

    fn after_sleep(&self) {
        if let Some(began) = self.slept_since.get() {
            self.policy.slept(since(began), self.is_news());
        }
    }
}

fn now() -> u64 {
    clock::nanoseconds(libc::CLOCK_MONOTONIC)
}

fn since(began: u64) -> Duration {
    now().wrapping_sub(began) as Duration
}

unsafe extern "C-unwind" fn before_sleep(
    _: *mut ev_loop,
    watcher: *mut ev_prepare,
    _: c_int,
) {
    // SAFETY: `add` stored it there.
    unsafe { (*(*watcher).data.cast::<Spin>()).before_sleep() };
}

unsafe extern "C-unwind" fn after_sleep(
    _: *mut ev_loop,
    watcher: *mut ev_check,
    _: c_int,
) {
    // SAFETY: as above.
    unsafe { (*(*watcher).data.cast::<Spin>()).after_sleep() };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often it stays awake in 10000 waits that would last so long in either way, with
    /// every tenth one longer than that. The last ones of them count.
    fn awake_share(asleep: Duration, awake: Duration) -> f64 {
        let policy = Policy::new();
        let mut count = 0;
        for wait in 0..10_000 {
            let pause = if wait % 10 == 0 { 1e6 } else { 0.0 };
            if policy.stays_awake() {
                count += 1;
                let waited = (awake + pause).min(PATIENCE);
                policy.stayed_awake(waited, waited < PATIENCE);
            } else {
                policy.slept(asleep + pause, true);
            }
        }
        f64::from(count) / 10_000.0
    }

    #[test]
    fn takes_the_faster_way() {
        // Two processors, and two threads that answer at once.
        assert!(awake_share(12_000.0, 1_000.0) > 0.75);
        // One for both: nobody can answer who is not let run.
        assert!(awake_share(4_000.0, 1e9) < 0.01);
        // Others keep the processors busy.
        assert!(awake_share(4_000.0, 15_000.0) < 0.01);
    }

    #[test]
    fn sleeps_when_there_is_no_conversation() {
        assert_eq!(awake_share(1e6, 0.0), 0.0);
        let policy = Policy::new();
        for _ in 0..100 {
            // Something else wakes the loop often.
            policy.slept(1_000.0, false);
            assert!(!policy.stays_awake());
        }
    }

    #[test]
    fn changes_its_mind() {
        let policy = Policy::new();
        let wait = |asleep: Duration, awake: Duration| {
            let stays_awake = policy.stays_awake();
            if stays_awake {
                policy.stayed_awake(awake.min(PATIENCE), awake < PATIENCE);
            } else {
                policy.slept(asleep, true);
            }
            stays_awake
        };
        let count = |asleep, awake| (0..5_000).filter(|_| wait(asleep, awake)).count();
        assert!(count(12_000.0, 1_000.0) > 4_500);
        assert!(count(2_000.0, 1e9) < 100);
        assert!(count(12_000.0, 1_000.0) > 2_500);
    }
}
