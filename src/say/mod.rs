// SPDX-License-Identifier: BSD-2-Clause
//! The log (spec diag.md 9).
//!
//! ```text
//!   say_*() macros ──> _say ──> default_say (C) ──> vsay ─┐
//!   this crate's say!, fatal! ──^                          ├─> Log ──> write(2)
//!   log_say (C) ────────────────────────────────> Log::vsay┘
//! ```
//!
//! All of it preserves errno, works before any initialisation and in threads without
//! a cord, and never touches Rust's stdout and stderr.

mod format;
mod logger;
mod pipe;
mod rotate;
mod setup;
mod syslog;
mod target;

pub use format::{json, plain};
pub use logger::{Formatter, Log};
pub use rotate::rotate_all;
pub use setup::{
    default_logger, free_standard_logger, init_standard_logger, set_format, set_level,
};
pub use target::{
    SyslogOptions, facility_by_name, free_syslog_options, logger_type,
    parse_syslog_options, target_is_valid,
};

use crate::stdio::VaArgs;
use crate::trivia::bounded::Bounded;
use core::ffi::{CStr, c_char, c_int};
use core::fmt::{self, Write};
use core::panic::Location;
use core::ptr;
use core::sync::atomic::{AtomicI32, AtomicU32, Ordering::Relaxed};

/// The program ends.
pub const FATAL: c_int = 0;
/// A system call failed.
pub const SYSERROR: c_int = 1;
/// Something failed.
pub const ERROR: c_int = 2;
/// Critical.
pub const CRIT: c_int = 3;
/// Something may go wrong.
pub const WARN: c_int = 4;
/// What the operator wants to know.
pub const INFO: c_int = 5;
/// More of that.
pub const VERBOSE: c_int = 6;
/// For developers.
pub const DEBUG: c_int = 7;

/// `log_level`: what the macros let through.
#[unsafe(export_name = "log_level")]
pub static LOG_LEVEL: AtomicI32 = AtomicI32::new(INFO);

/// `log_format`: the format asked for the default logger.
#[unsafe(export_name = "log_format")]
pub static LOG_FORMAT: AtomicU32 = AtomicU32::new(FORMAT_PLAIN);

/// `SF_PLAIN`
pub const FORMAT_PLAIN: u32 = 0;
/// `SF_JSON`
pub const FORMAT_JSON: u32 = 1;
/// `say_format_MAX`: no format.
pub const FORMAT_MAX: u32 = 2;

/// `log_pid`: the process that a pipe logger writes to, else 0.
#[unsafe(export_name = "log_pid")]
pub static LOG_PID: AtomicI32 = AtomicI32::new(0);

/// `sayfunc_t`
pub type Say = unsafe extern "C-unwind" fn(
    level: c_int,
    file: *const c_char,
    line: c_int,
    error: *const c_char,
    format: *const c_char,
    ...
);

unsafe extern "C-unwind" {
    /// `_say`: what all records go through. In C, since its first value is variadic
    /// (`src/shim/fiber/say.c`). The program may assign to it.
    #[link_name = "_say"]
    static mut SAY: Say;
}

/// Whether records of this level are wanted.
#[inline]
pub fn is_enabled(level: c_int) -> bool {
    level <= LOG_LEVEL.load(Relaxed)
}

/// Bytes of a message of the library's own, its zero included; longer ones are cut.
const MESSAGE_SIZE: usize = 1024;

/// Writes one record through `_say`. Use the macros.
#[track_caller]
#[cold]
pub fn write(level: c_int, error: Option<&CStr>, message: fmt::Arguments) {
    let caller = Location::caller();
    let mut buffer: [c_char; MESSAGE_SIZE] = [0; MESSAGE_SIZE];
    let mut text = Bounded::new(&mut buffer);
    // Writing to a bounded text cannot fail; if a Display does, we print what there is.
    let _ = text.write_fmt(message);
    // SAFETY: `_say` is never NULL; the format takes one string; all strings are
    // terminated and outlive the call.
    unsafe {
        (SAY)(
            level,
            caller.file_as_c_str().as_ptr(),
            caller.line() as c_int,
            error.map_or(ptr::null(), CStr::as_ptr),
            c"%s".as_ptr(),
            text.c_str().as_ptr(),
        );
    }
}

/// The C library's text for the present errno. Valid until this thread asks again.
pub fn errno_text<'a>() -> &'a CStr {
    // SAFETY: glibc's strerror returns a constant, or a buffer of the thread.
    unsafe { CStr::from_ptr(libc::strerror(crate::errno::get())) }
}

/// Ends the program after a record at FATAL: atexit handlers run and stdio is flushed.
/// Use `fatal!` or `fatal_syserror!`.
#[track_caller]
#[cold]
pub fn panic(error: Option<&CStr>, message: fmt::Arguments) -> ! {
    if is_enabled(FATAL) {
        write(FATAL, error, message);
    }
    // SAFETY: a plain call.
    unsafe { libc::exit(libc::EXIT_FAILURE) }
}

/// A record of the given level: `say!(level, "format {}", arguments...)`.
macro_rules! say {
    ($level:expr, $($message:tt)+) => {
        if $crate::say::is_enabled($level) {
            $crate::say::write($level, None, format_args!($($message)+));
        }
    };
}

/// A record at SYSERROR that ends with the text of errno.
macro_rules! say_syserror {
    ($($message:tt)+) => {
        if $crate::say::is_enabled($crate::say::SYSERROR) {
            let error = $crate::say::errno_text();
            $crate::say::write(
                $crate::say::SYSERROR,
                Some(error),
                format_args!($($message)+),
            );
        }
    };
}

/// The reference's `panic`: a record at FATAL, then `exit(EXIT_FAILURE)`.
macro_rules! fatal {
    ($($message:tt)+) => {
        $crate::say::panic(None, format_args!($($message)+))
    };
}

/// The reference's `panic_syserror`: the same with the text of errno.
macro_rules! fatal_syserror {
    ($($message:tt)+) => {
        $crate::say::panic(Some($crate::say::errno_text()), format_args!($($message)+))
    };
}

pub(crate) use {fatal, fatal_syserror, say, say_syserror};

/// `_say`'s first value, behind its ellipsis: a record of the default logger.
///
/// # Safety
/// `file` and `error` are NULL or C strings; `format` and `ap` are as for vprintf(3).
pub unsafe fn vsay(
    level: c_int,
    file: *const c_char,
    line: c_int,
    error: *const c_char,
    format: *const c_char,
    ap: VaArgs,
) {
    // SAFETY: the default logger is always a live one; the rest is the caller's promise.
    unsafe { Log::vsay(default_logger(), level, file, line, error, format, ap) };
}

/// `say_format_by_name`: in any case; [`FORMAT_MAX`] if there is none.
pub fn format_by_name(name: &CStr) -> u32 {
    let is = |word: &str| name.to_bytes().eq_ignore_ascii_case(word.as_bytes());
    if is("plain") {
        FORMAT_PLAIN
    } else if is("json") {
        FORMAT_JSON
    } else {
        FORMAT_MAX
    }
}
