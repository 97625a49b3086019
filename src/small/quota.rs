// SPDX-License-Identifier: BSD-2-Clause
//! `struct quota`: a byte budget in units of 1 KiB, shared by all threads
//! (spec small.md 7.1).
//!
//! Limit and use lie in one word, so that every change is one
//! compare-and-swap and no reader ever sees more used than allowed:
//!
//! ```text
//!   63          32 31           0
//!   [ limit, KiB ][ in use, KiB ]
//! ```

use super::assert::c_assert;
use crate::abi::layout;
use core::sync::atomic::{AtomicU64, Ordering};

/// Granularity in bytes (`QUOTA_UNIT_SIZE`).
const UNIT: u64 = 1024;

/// The largest limit, 4 TiB - 1 KiB (`QUOTA_MAX`).
pub const QUOTA_MAX: usize = (UNIT * u32::MAX as u64) as usize;

/// The budget.
#[repr(C)]
#[derive(Debug)]
pub struct Quota {
    value: AtomicU64,
}

layout!(Quota = "quota", 8: value 0);

/// Both halves of the word, in units.
#[derive(Clone, Copy)]
struct Units {
    limit: u64,
    used: u64,
}

impl Units {
    fn unpack(word: u64) -> Units {
        Units {
            limit: word >> 32,
            used: word & u64::from(u32::MAX),
        }
    }

    fn pack(self) -> u64 {
        self.limit << 32 | self.used
    }
}

/// `size` in units, rounded up. At most `u32::MAX` for sizes up to
/// [`QUOTA_MAX`].
fn units(size: usize) -> u64 {
    (size as u64).div_ceil(UNIT)
}

/// Units as a successful result of the C functions.
fn bytes(units: u64) -> isize {
    (units * UNIT) as isize
}

impl Quota {
    /// A budget of nothing; see [`Quota::init`].
    pub const fn zeroed() -> Quota {
        Quota {
            value: AtomicU64::new(0),
        }
    }

    /// Limit `total` bytes, rounded up and at most [`QUOTA_MAX`]; nothing used.
    pub fn init(&self, total: usize) {
        let limit = units(total.min(QUOTA_MAX));
        self.value
            .store(Units { limit, used: 0 }.pack(), Ordering::SeqCst);
    }

    /// The limit in bytes.
    pub fn total(&self) -> usize {
        (Units::unpack(self.value.load(Ordering::SeqCst)).limit * UNIT) as usize
    }

    /// Bytes in use.
    pub fn used(&self) -> usize {
        (Units::unpack(self.value.load(Ordering::SeqCst)).used * UNIT) as usize
    }

    /// Takes `size` bytes, rounded up. Returns what was taken, or -1 with
    /// nothing changed when the limit would be exceeded.
    pub fn use_bytes(&self, size: usize) -> isize {
        c_assert!(size != 0);
        if size > QUOTA_MAX {
            return -1;
        }
        let size = units(size);
        let take = |word| {
            let now = Units::unpack(word);
            let used = now.used + size;
            (used <= now.limit).then(|| Units { used, ..now }.pack())
        };
        match self
            .value
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
        {
            Ok(_) => bytes(size),
            Err(_) => -1,
        }
    }

    /// Gives back `size` bytes, rounded up, which must be in use. Returns what
    /// was given back.
    pub fn release(&self, size: usize) -> isize {
        c_assert!(size != 0);
        c_assert!(size < QUOTA_MAX);
        let size = units(size);
        // More than `u32::MAX` units are never in use, so the subtraction
        // borrows nothing from the limit.
        let before = self.value.fetch_sub(size, Ordering::SeqCst);
        c_assert!(size <= Units::unpack(before).used);
        bytes(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_up_refuses_and_restores() {
        let quota = Quota::zeroed();
        quota.init(2_000_000);
        assert_eq!(quota.total(), 2_000_896);
        assert_eq!(quota.use_bytes(1), 1024);
        assert_eq!(quota.use_bytes(2_000_896), -1);
        assert_eq!(quota.use_bytes(usize::MAX), -1);
        assert_eq!(quota.used(), 1024);
        assert_eq!(quota.use_bytes(2_000_896 - 1024), 2_000_896 - 1024);
        assert_eq!(quota.use_bytes(1), -1);
        assert_eq!(quota.release(2_000_000), 2_000_896);
        assert_eq!(quota.used(), 0);
    }

    #[test]
    fn the_largest_limit_does_not_wrap() {
        let quota = Quota::zeroed();
        quota.init(QUOTA_MAX);
        assert_eq!(quota.use_bytes(QUOTA_MAX), QUOTA_MAX as isize);
        assert_eq!(quota.use_bytes(1), -1);
        assert_eq!((quota.total(), quota.used()), (QUOTA_MAX, QUOTA_MAX));
    }
}
