// SPDX-License-Identifier: BSD-2-Clause
//! What the `SAFE_*` wrappers have in common (spec ltp.md 15): a call, its result,
//! and the text that names the call if the result is bad.

use core::ffi::{c_int, c_void};
use core::fmt;

use super::report::{Site, TBROK, TERRNO};

/// The cleanup callback of LTP's old interface. Tests with a `struct tst_test` have
/// theirs in there, and must pass NULL.
pub type OldCleanup = Option<unsafe extern "C-unwind" fn()>;

impl Site<'_> {
    pub(crate) fn refuse_cleanup(self, cleanup: OldCleanup) {
        if cleanup.is_some() {
            self.brk(TBROK, format_args!("Non-NULL cleanup in newlib!"));
        }
    }

    fn failed(self, call: fmt::Arguments<'_>) {
        self.brk(TBROK | TERRNO, format_args!("{call} failed"));
    }

    fn invalid(self, call: fmt::Arguments<'_>, value: i64) {
        self.brk(
            TBROK | TERRNO,
            format_args!("Invalid {call} return value {value}"),
        );
    }

    /// 0 is success, -1 failure, anything else a broken kernel or C library.
    pub(crate) fn zero(self, value: c_int, call: fmt::Arguments<'_>) -> c_int {
        match value {
            0 => {}
            -1 => self.failed(call),
            other => self.invalid(call, other.into()),
        }
        value
    }

    /// Anything from 0 is success.
    pub(crate) fn at_least_zero<T: Copy + TryInto<i64>>(
        self,
        value: T,
        call: fmt::Arguments<'_>,
    ) -> T {
        match value.try_into() {
            Ok(0..) | Err(_) => {}
            Ok(-1) => self.failed(call),
            Ok(other) => self.invalid(call, other),
        }
        value
    }

    /// NULL is failure.
    pub(crate) fn not_null<T>(self, value: *mut T, call: fmt::Arguments<'_>) -> *mut T {
        if value.is_null() {
            self.failed(call);
        }
        value
    }

    /// `(void *)-1` is failure.
    pub(crate) fn not_minus_one(
        self,
        value: *mut c_void,
        call: fmt::Arguments<'_>,
    ) -> *mut c_void {
        if value.addr() == usize::MAX {
            self.failed(call);
        }
        value
    }
}
