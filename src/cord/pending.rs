// SPDX-License-Identifier: BSD-2-Clause
//! Whether libev has callbacks to call, without a call to libev.
//!
//! The scheduler wants to know that twice for each batch of fibers, which often is a single
//! one. `ev_pending_count` adds five counters, one for each priority, but a call into a shared
//! library takes 2.4 ns: of a wake-up and a yield, a third (measured: 13.8 ns with the calls,
//! 9.1 ns without).
//!
//! So the counters are read where they are. That is libev's business and in no header: where
//! it is, is found by an experiment, once in a process, on a loop made for it. If that does
//! not find them, or with `CORDAGE_LIBEV=opaque` in the environment, something is taken to
//! pend always. Then every batch goes through libev: right as well, and slower.

use super::ev::{self, ev_loop, ev_prepare};
use core::ffi::c_int;
use std::sync::OnceLock;

/// libev's, unless it was built otherwise; then they are not found.
const PRIORITIES: usize = 5;
const LOWEST: c_int = -2;

type Counters = [c_int; PRIORITIES];

/// For who does not know.
static ALWAYS: Counters = [1; PRIORITIES];

/// A loop's counters of callbacks to call.
#[derive(Clone, Copy)]
pub struct Pending(*const Counters);

impl Pending {
    /// Something pends.
    pub const UNKNOWN: Pending = Pending(&raw const ALWAYS);

    /// Of that loop; nothing is read yet.
    #[inline]
    pub fn of(ev_loop: *mut ev_loop) -> Pending {
        static PLACE: OnceLock<Option<usize>> = OnceLock::new();
        match *PLACE.get_or_init(find) {
            Some(offset) => Pending(ev_loop.wrapping_byte_add(offset).cast()),
            None => Pending::UNKNOWN,
        }
    }

    /// Whether there is anything to call.
    ///
    /// # Safety
    /// The loop exists and is the calling thread's.
    #[inline]
    pub unsafe fn is_any(self) -> bool {
        // SAFETY: as the caller says. C code changes them between two calls, but not now.
        let counters = unsafe { self.0.read() };
        counters.iter().fold(0, |any, counter| any | counter) != 0
    }
}

/// Where in a loop the counters are, in bytes.
fn find() -> Option<usize> {
    if std::env::var_os("CORDAGE_LIBEV").is_some_and(|how| how == "opaque") {
        return None;
    }
    // SAFETY: a loop of its own.
    unsafe {
        let ev_loop = ev::ev_loop_new(ev::EVFLAG_AUTO);
        if ev_loop.is_null() {
            return None;
        }
        let place = find_in(ev_loop);
        ev::ev_loop_destroy(ev_loop);
        place
    }
}

/// How many words of a loop are looked at: less than it has.
const WORDS: usize = 64;

/// Makes callbacks pend, one of each priority, lowest first, and looks which five words in a
/// row count them.
///
/// # Safety
/// `ev_loop` is new.
unsafe fn find_in(ev_loop: *mut ev_loop) -> Option<usize> {
    let mut watchers = [ev_prepare {
        active: 0,
        pending: 0,
        priority: 0,
        data: core::ptr::null_mut(),
        cb: Some(nothing),
    }; PRIORITIES];
    let mut states = [[0; WORDS]; PRIORITIES + 2];
    // SAFETY: the watchers are here until the loop has called and stopped them. The loop is
    // zeroed when it is allocated, and larger than what is read.
    unsafe {
        let look = || ev_loop.cast::<[c_int; WORDS]>().read();
        for (i, watcher) in watchers.iter_mut().enumerate() {
            states[i] = look();
            watcher.priority = LOWEST + i as c_int;
            // Corrects a priority that it has not.
            ev::ev_prepare_start(ev_loop, watcher);
            if watcher.priority != LOWEST + i as c_int {
                return None;
            }
            ev::ev_feed_event(ev_loop, (&raw mut *watcher).cast(), ev::EV_CUSTOM);
        }
        states[PRIORITIES] = look();
        ev::ev_invoke_pending(ev_loop);
        states[PRIORITIES + 1] = look();
        for watcher in &mut watchers {
            ev::ev_prepare_stop(ev_loop, watcher);
        }
    }
    // What they count in each state.
    let expected = |state: usize, priority: usize| {
        c_int::from(state <= PRIORITIES && priority < state)
    };
    let mut places = (0..=WORDS - PRIORITIES).filter(|start| {
        states.iter().enumerate().all(|(state, words)| {
            (0..PRIORITIES).all(|i| words[start + i] == expected(state, i))
        })
    });
    match (places.next(), places.next()) {
        (Some(start), None) => Some(start * size_of::<c_int>()),
        _ => None,
    }
}

unsafe extern "C-unwind" fn nothing(_: *mut ev_loop, _: *mut ev_prepare, _: c_int) {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn debians_libev_has_counters() {
        assert!(find().is_some());
    }

    proptest! {
        /// They say what libev says, whatever was fed and called.
        #[test]
        fn agrees_with_libev(feeds in prop::collection::vec(0..=PRIORITIES, 1..20)) {
            // SAFETY: a loop of its own, which goes before the watchers.
            unsafe {
                let ev_loop = ev::ev_loop_new(ev::EVFLAG_AUTO);
                let pending = Pending::of(ev_loop);
                prop_assert!(!pending.is_any());
                let mut watchers = [const { None }; 20];
                for (watcher, feed) in watchers.iter_mut().zip(feeds) {
                    if feed == PRIORITIES {
                        ev::ev_invoke_pending(ev_loop);
                    } else {
                        let watcher = watcher.insert(ev_prepare {
                            active: 0,
                            pending: 0,
                            priority: LOWEST + feed as c_int,
                            data: core::ptr::null_mut(),
                            cb: Some(nothing),
                        });
                        ev::ev_feed_event(ev_loop, (&raw mut *watcher).cast(), 1);
                    }
                    let count = ev::ev_pending_count(ev_loop);
                    prop_assert_eq!(pending.is_any(), count != 0);
                }
                ev::ev_loop_destroy(ev_loop);
            }
        }
    }
}
