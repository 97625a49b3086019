// SPDX-License-Identifier: BSD-2-Clause
//! `say.h`. The formatters are exported by `crate::say::format` itself.

use crate::cord::EvSignal;
use crate::cord::ev::ev_loop;
use crate::say::{self, Formatter, Log, SyslogOptions, fatal};
use crate::stdio::VaArgs;
use core::ffi::{CStr, c_char, c_int, c_uint};

/// # Safety
/// The string is NULL or a C string that outlives the call.
unsafe fn optional<'a>(string: *const c_char) -> Option<&'a CStr> {
    // SAFETY: as the caller says.
    (!string.is_null()).then(|| unsafe { CStr::from_ptr(string) })
}

fn status(is_ok: bool) -> c_int {
    if is_ok { 0 } else { -1 }
}

/// What is behind `_say`'s ellipsis at first.
///
/// # Safety
/// See [`say::vsay`].
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_vsay(
    level: c_int,
    file: *const c_char,
    line: c_int,
    error: *const c_char,
    format: *const c_char,
    ap: VaArgs,
) {
    // SAFETY: as the caller says.
    unsafe { say::vsay(level, file, line, error, format, ap) };
}

/// `log_say` behind its ellipsis.
///
/// # Safety
/// See [`Log::vsay`].
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_log_vsay(
    log: *mut Log,
    level: c_int,
    file: *const c_char,
    line: c_int,
    error: *const c_char,
    format: *const c_char,
    ap: VaArgs,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe { Log::vsay(log, level, file, line, error, format, ap) }
}

/// # Safety
/// `log` points to memory for a logger that is not in use; `init_str` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn log_create(
    log: *mut Log,
    init_str: *const c_char,
    nonblock: bool,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe { status(Log::create(log, optional(init_str), nonblock).is_ok()) }
}

/// # Safety
/// `log` was created and nobody uses it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn log_destroy(log: *mut Log) {
    // SAFETY: as the caller says.
    unsafe { Log::destroy(log) };
}

/// # Safety
/// `log` was created.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn log_set_level(log: *mut Log, level: c_uint) {
    // SAFETY: as the caller says.
    unsafe { (*log).set_level(level as c_int) };
}

/// # Safety
/// `log` was created; no other thread writes to it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn log_set_format(
    log: *mut Log,
    format_func: Option<Formatter>,
) {
    let Some(format_func) = format_func else {
        fatal!("log_set_format: no function")
    };
    // SAFETY: as the caller says.
    unsafe { (*log).set_formatter(format_func) };
}

/// # Safety
/// `init_str` is NULL or a C string, `format` is one; the standard logger is not in use.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn say_logger_init(
    init_str: *const c_char,
    level: c_int,
    nonblock: c_int,
    format: *const c_char,
    background: c_int,
) {
    // SAFETY: as the caller says.
    unsafe {
        let (init, format) = (optional(init_str), CStr::from_ptr(format));
        say::init_standard_logger(init, level, nonblock != 0, format, background != 0);
    }
}

/// # Safety
/// No other thread logs.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn say_logger_free() {
    // SAFETY: as the caller says.
    unsafe { say::free_standard_logger() };
}

#[unsafe(no_mangle)]
pub extern "C" fn say_set_log_level(new_level: c_int) {
    say::set_level(new_level);
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn say_set_log_format(format: c_uint) {
    say::set_format(format);
}

/// # Safety
/// `format` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn say_format_by_name(format: *const c_char) -> c_uint {
    // SAFETY: as the caller says.
    say::format_by_name(unsafe { CStr::from_ptr(format) })
}

/// A libev callback; nothing of what it is given matters.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn say_logrotate(
    _loop: *mut ev_loop,
    _signal: *mut EvSignal,
    _revents: c_int,
) {
    say::rotate_all();
}

/// # Safety
/// `str` points to a C string; `kind` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn say_parse_logger_type(
    str: *mut *const c_char,
    kind: *mut c_uint,
) -> c_int {
    // SAFETY: as the caller says; the prefix is a part of the string.
    unsafe {
        let found = say::logger_type(CStr::from_ptr(*str));
        if let Some((found, prefix)) = found {
            *kind = found as c_uint;
            *str = (*str).add(prefix);
        }
        status(found.is_some())
    }
}

/// # Safety
/// `str` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn say_check_init_str(str: *const c_char) -> c_int {
    // SAFETY: as the caller says.
    status(say::target_is_valid(unsafe { CStr::from_ptr(str) }))
}

/// # Safety
/// `init_str` is a C string; `opts` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn say_parse_syslog_opts(
    init_str: *const c_char,
    opts: *mut SyslogOptions,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe {
        let parsed = say::parse_syslog_options(CStr::from_ptr(init_str));
        let is_ok = parsed.is_ok();
        opts.write(parsed.unwrap_or_else(|_| SyslogOptions::none()));
        status(is_ok)
    }
}

/// # Safety
/// `opts` was filled in by `say_parse_syslog_opts`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn say_free_syslog_opts(opts: *mut SyslogOptions) {
    // SAFETY: as the caller says.
    say::free_syslog_options(unsafe { &mut *opts });
}

/// # Safety
/// `facility` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn say_syslog_facility_by_name(facility: *const c_char) -> c_uint {
    // SAFETY: as the caller says.
    say::facility_by_name(unsafe { CStr::from_ptr(facility) })
}
