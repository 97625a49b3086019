// SPDX-License-Identifier: BSD-2-Clause
//! The default logger: the boot logger first, the standard one once it is set up.

use super::logger::{Log, NotCreated};
use super::target::LoggerType;
use super::{
    ERROR, FORMAT_JSON, FORMAT_PLAIN, LOG_FORMAT, LOG_LEVEL, LOG_PID, fatal, format,
    format_by_name, say,
};
use crate::diag;
use crate::stdio;
use core::cell::UnsafeCell;
use core::ffi::{CStr, c_int};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering::Relaxed};

/// A logger that always exists.
struct Static(UnsafeCell<Log>);

// SAFETY: what several threads may touch at a time in a logger is atomic; setting one up
// is for one thread, before the others log.
unsafe impl Sync for Static {}

static BOOT: Static = Static(UnsafeCell::new(Log::stderr(
    LoggerType::Boot,
    Some(format::boot),
)));

static STANDARD: Static = Static(UnsafeCell::new(Log::stderr(
    LoggerType::Boot,
    Some(format::boot),
)));

static DEFAULT: AtomicPtr<Log> = AtomicPtr::new(BOOT.0.get());

/// Whether the program's own stdout and stderr go where the standard logger logs to.
static IN_BACKGROUND: AtomicBool = AtomicBool::new(false);

/// What `_say` writes to. Always a live logger.
#[inline]
pub fn default_logger() -> *mut Log {
    DEFAULT.load(Relaxed)
}

/// Whether rotation of this logger has to redirect stdout and stderr too.
pub(super) fn owns_standard_streams(log: *mut Log) -> bool {
    IN_BACKGROUND.load(Relaxed) && log == default_logger()
}

/// `say_logger_init`
///
/// # Safety
/// The standard logger is not in use.
pub unsafe fn init_standard_logger(
    init: Option<&CStr>,
    level: c_int,
    nonblock: bool,
    format: &CStr,
    background: bool,
) {
    let log = STANDARD.0.get();
    let format_id = format_by_name(format);
    if format_id != FORMAT_PLAIN && format_id != FORMAT_JSON {
        fatal!(
            "say_logger_init: no log format '{}': plain or json",
            format.to_string_lossy()
        );
    }
    // SAFETY: a static logger, of which the caller vouches that it is not in use.
    if let Err(NotCreated) = unsafe { Log::create(log, init, nonblock) } {
        diag::log_last();
        fatal!("failed to initialize logging subsystem");
    }
    // SAFETY: just created.
    let this = unsafe { &*log };
    // Before it is the default: a logger to stderr has no format yet.
    if this.kind() == LoggerType::Stderr {
        this.set_formatter(format::plain);
    }
    DEFAULT.store(log, Relaxed);
    set_level(level);
    set_format(format_id);
    LOG_PID.store(this.pid.get(), Relaxed);
    match this.kind() {
        LoggerType::Pipe => announce(c"pipe"),
        LoggerType::Syslog => announce(c"syslog"),
        LoggerType::Boot | LoggerType::Stderr | LoggerType::File => {}
    }
    IN_BACKGROUND.store(background, Relaxed);
    if background {
        redirect_standard_streams(this);
    }
}

fn announce(kind: &CStr) {
    // SAFETY: the format takes one string.
    unsafe {
        libc::fprintf(
            stdio::err(),
            c"started logging into a %s, SIGHUP log rotation disabled\n".as_ptr(),
            kind.as_ptr(),
        );
    }
}

/// Points descriptors 1 and 2 to the log's, or to nowhere if the log itself is
/// descriptor 2.
fn redirect_standard_streams(log: &Log) {
    // SAFETY: plain calls; NULL flushes all streams.
    unsafe {
        libc::fflush(ptr::null_mut());
        let log_fd = log.fd.load(Relaxed);
        if log_fd != libc::STDERR_FILENO {
            libc::dup2(log_fd, libc::STDOUT_FILENO);
            libc::dup2(log_fd, libc::STDERR_FILENO);
            return;
        }
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
        if null < 0 {
            super::fatal_syserror!("open /dev/null");
        }
        libc::dup2(null, libc::STDOUT_FILENO);
        libc::dup2(null, libc::STDERR_FILENO);
        if null > libc::STDERR_FILENO {
            libc::close(null);
        }
    }
}

/// `say_logger_free`
///
/// # Safety
/// No other thread logs.
pub unsafe fn free_standard_logger() {
    let log = STANDARD.0.get();
    if default_logger() == log {
        // SAFETY: it was created, or it would not be the default.
        unsafe { Log::destroy(log) };
    }
}

/// `say_set_log_level`
pub fn set_level(level: c_int) {
    LOG_LEVEL.store(level, Relaxed);
    // SAFETY: always a live logger.
    unsafe { (*default_logger()).set_level(level) };
}

/// `say_set_log_format`: loggers that have a format of their own keep it.
pub fn set_format(format: u32) {
    // SAFETY: always a live logger.
    let log = unsafe { &*default_logger() };
    let (formatter, is_json): (super::Formatter, _) = match format {
        FORMAT_PLAIN => (format::plain, false),
        FORMAT_JSON => (format::json, true),
        _ => fatal!("say_set_log_format: no log format {format}"),
    };
    let output = match log.kind() {
        LoggerType::Stderr | LoggerType::File | LoggerType::Pipe => {
            log.set_formatter(formatter);
            LOG_FORMAT.store(format, Relaxed);
            return;
        }
        LoggerType::Boot => "stdout",
        LoggerType::Syslog => "syslog",
    };
    if is_json {
        say!(
            ERROR,
            "json log format is not supported when output is '{output}'"
        );
    }
}
