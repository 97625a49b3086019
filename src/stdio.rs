// SPDX-License-Identifier: BSD-2-Clause
//! Declarations that the `libc` crate lacks: C's `va_list`, and the standard streams.

use core::ffi::{c_char, c_int, c_void};
use libc::FILE;

/// A C `va_list` on its way through Rust, which cannot look into it.
///
/// As a parameter it is a pointer in the ABIs we know: x86-64's type is an array, which
/// decays, and AArch64's a structure too large for registers, which is passed by
/// address. Whoever uses it consumes it: use it once.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct VaArgs(*mut c_void);

unsafe extern "C" {
    /// vsnprintf(3)
    #[cfg(feature = "fiber")]
    pub fn vsnprintf(
        buf: *mut c_char,
        size: usize,
        format: *const c_char,
        ap: VaArgs,
    ) -> c_int;

    /// vfprintf(3)
    #[cfg(feature = "unit")]
    pub fn vfprintf(stream: *mut FILE, format: *const c_char, ap: VaArgs) -> c_int;

    #[cfg(feature = "unit")]
    static stdout: *mut FILE;
    static stderr: *mut FILE;
}

/// C's `stdout`.
#[cfg(feature = "unit")]
pub fn out() -> *mut FILE {
    // SAFETY: libc initialises it before any of our code runs.
    unsafe { stdout }
}

/// C's `stderr`.
pub fn err() -> *mut FILE {
    // SAFETY: as above.
    unsafe { stderr }
}
