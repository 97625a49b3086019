// SPDX-License-Identifier: BSD-2-Clause
//! How many fibers a cord has, and how many it may have.
//!
//! The reference knows no limit but the kernel's, and keeps every finished fiber with a
//! stack of the default size for reuse until the cord ends. Both can be bounded here;
//! nothing is unless the program asks.

use super::{FiberRef, life};
use crate::cord::CordRef;
use crate::diag;
use crate::small::Rlist;
use crate::trivia::bounded::Bounded;
use core::cell::Cell;
use core::ffi::{CStr, c_char};
use core::fmt::Write;

/// The counts of one cord, and their limits.
pub struct Population {
    living: Cell<usize>,
    max_living: Cell<usize>,
    cached: Cell<usize>,
    max_cached: Cell<usize>,
}

impl Default for Population {
    fn default() -> Population {
        Population {
            living: Cell::new(0),
            max_living: Cell::new(usize::MAX),
            cached: Cell::new(0),
            max_cached: Cell::new(usize::MAX),
        }
    }
}

impl Population {
    /// Fibers that have not finished, and finished ones that wait for a join.
    pub fn living(&self) -> usize {
        self.living.get()
    }

    /// Finished fibers that wait to be used again.
    pub fn cached(&self) -> usize {
        self.cached.get()
    }

    /// From now on no fiber is created while there are so many.
    pub fn set_max_living(&self, max: usize) {
        self.max_living.set(max);
    }

    /// From now on no more are cached; [`trim`] sees to those that are.
    pub fn set_max_cached(&self, max: usize) {
        self.max_cached.set(max);
    }

    /// Whether there may be one more; if not, `SystemError` (EAGAIN) is in the diag.
    #[inline]
    pub fn may_grow(&self) -> bool {
        self.living.get() < self.max_living.get() || self.refuse()
    }

    #[cold]
    fn refuse(&self) -> bool {
        let mut text = [0 as c_char; 80];
        let mut bounded = Bounded::new(&mut text);
        // What does not fit is left out.
        let _ = write!(
            bounded,
            "the limit of {} fibers is reached",
            self.max_living.get()
        );
        crate::errno::set(libc::EAGAIN);
        // SAFETY: a bounded text is terminated.
        diag::set_system_error(unsafe { CStr::from_ptr(text.as_ptr()) });
        false
    }

    /// One was created.
    #[inline]
    pub fn born(&self) {
        self.living.set(self.living.get() + 1);
    }

    /// One has finished and nobody waits for it.
    #[inline]
    pub fn died(&self) {
        self.living.set(self.living.get() - 1);
    }

    /// Whether a finished one may be kept; it is counted then.
    #[inline]
    pub fn cache_one(&self) -> bool {
        let room = self.cached.get() < self.max_cached.get();
        self.cached.set(self.cached.get() + usize::from(room));
        room
    }

    /// A finished one is used again, or deleted.
    #[inline]
    pub fn uncache_one(&self) {
        self.cached.set(self.cached.get() - 1);
    }
}

/// Deletes finished fibers that are kept for reuse, coldest first, until there are at most
/// `keep`. Returns how many.
pub fn trim(cord: CordRef, keep: usize) -> usize {
    let mut deleted = 0;
    while cord.population().cached() > keep {
        // SAFETY: the list links as many fibers as are counted, none of which runs.
        unsafe {
            life::delete_cached(cord, FiberRef::from_link(Rlist::last(cord.dead())))
        };
        deleted += 1;
    }
    deleted
}
