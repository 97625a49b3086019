// SPDX-License-Identifier: BSD-2-Clause
//! `assert()` as C programs know it.
//!
//! The reference reports a misused allocator with the C library's `assert`:
//! one line on stderr, then SIGABRT, whatever the caller. A Rust panic would
//! say it in other words and could unwind through somebody's C frames first.

use core::ffi::{CStr, c_char, c_uint};

unsafe extern "C" {
    /// The C library's half of `assert()` (LSB; glibc and musl have it).
    fn __assert_fail(
        assertion: *const c_char,
        file: *const c_char,
        line: c_uint,
        function: *const c_char,
    ) -> !;
}

/// What [`c_assert!`] calls when its condition is false.
#[cold]
pub(crate) fn failed(assertion: &'static CStr, file: &'static CStr, line: u32) -> ! {
    // SAFETY: the strings are terminated and static; a NULL function name is
    // left out of the message.
    unsafe { __assert_fail(assertion.as_ptr(), file.as_ptr(), line, core::ptr::null()) }
}

/// Checks a contract of the C interface in debug builds (spec small.md 0);
/// nothing in release builds.
macro_rules! c_assert {
    ($condition:expr) => {
        if cfg!(debug_assertions) {
            let holds: bool = $condition;
            if !holds {
                $crate::small::assert::failed(
                    $crate::small::assert::text(concat!(stringify!($condition), "\0")),
                    $crate::small::assert::text(concat!(file!(), "\0")),
                    line!(),
                )
            }
        }
    };
}

pub(crate) use c_assert;

/// A literal that ends with NUL as a C string.
pub(crate) fn text(literal: &'static str) -> &'static CStr {
    CStr::from_bytes_with_nul(literal.as_bytes()).unwrap_or(c"?")
}
