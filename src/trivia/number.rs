// SPDX-License-Identifier: BSD-2-Clause
//! Numbers as text.

use super::bounded::Bounded;
use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char};
use core::fmt::Write;

/// Room for the longest 64-bit number, its sign and a zero, as the reference has it.
const INT_SIZE: usize = 22;

thread_local! {
    static INT: UnsafeCell<[c_char; INT_SIZE]> =
        const { UnsafeCell::new([0; INT_SIZE]) };
}

/// `int2str`: the number in decimal, in a buffer of this thread.
pub fn int_to_string(value: i64) -> *mut c_char {
    INT.with(|buffer| {
        let start = buffer.get().cast::<c_char>();
        // SAFETY: the buffer is this thread's, and no reference to it exists.
        let mut text = unsafe { Bounded::from_raw(start, INT_SIZE) };
        // Writing to a bounded text cannot fail.
        let _ = write!(text, "{value}");
        start
    })
}

/// Whether the C library, in the present locale, writes one half with a dot.
pub fn decimal_point_is_dot() -> bool {
    let mut buffer: [c_char; 8] = [0; 8];
    // SAFETY: the format takes one double; the buffer's size is given.
    unsafe {
        libc::snprintf(buffer.as_mut_ptr(), buffer.len(), c"%g".as_ptr(), 0.5f64);
        CStr::from_ptr(buffer.as_ptr()) == c"0.5"
    }
}

/// A pointer to constant text.
#[repr(transparent)]
pub struct Format(*const c_char);

// SAFETY: what it points to never changes.
unsafe impl Sync for Format {}

const fn format(text: &'static CStr) -> Format {
    Format(text.as_ptr())
}

/// printf's formats of a double with 0 to 14 significant digits.
#[unsafe(export_name = "precision_fmts")]
pub static PRECISION_FORMATS: [Format; 15] = [
    format(c"%.0lg"),
    format(c"%.1lg"),
    format(c"%.2lg"),
    format(c"%.3lg"),
    format(c"%.4lg"),
    format(c"%.5lg"),
    format(c"%.6lg"),
    format(c"%.7lg"),
    format(c"%.8lg"),
    format(c"%.9lg"),
    format(c"%.10lg"),
    format(c"%.11lg"),
    format(c"%.12lg"),
    format(c"%.13lg"),
    format(c"%.14lg"),
];
