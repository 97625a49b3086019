// SPDX-License-Identifier: BSD-2-Clause
//! Target strings (spec diag.md 9.7): where a logger logs to.

use super::logger::report;
use crate::diag;
use core::ffi::{CStr, c_char};
use core::ptr;

/// `enum say_logger_type`
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoggerType {
    /// Descriptor 2, undecorated.
    Boot = 0,
    /// Descriptor 2.
    Stderr = 1,
    /// A file.
    File = 2,
    /// The standard input of a command.
    Pipe = 3,
    /// A syslog server.
    Syslog = 4,
}

impl LoggerType {
    /// From a field that only our own code writes.
    pub(super) fn from_c(value: u32) -> LoggerType {
        [
            LoggerType::Stderr,
            LoggerType::File,
            LoggerType::Pipe,
            LoggerType::Syslog,
        ]
        .into_iter()
        .find(|&kind| kind as u32 == value)
        .unwrap_or(LoggerType::Boot)
    }
}

/// `SAY_SYSLOG_DEFAULT`: the local server, at its usual addresses.
pub const SERVER_DEFAULT: u32 = 0;
/// `SAY_SYSLOG_UNIX`
pub const SERVER_UNIX: u32 = 1;
/// `SAY_SYSLOG_REMOTE`
pub const SERVER_REMOTE: u32 = 2;

/// `enum syslog_facility`, in order (syslog(3), RFC 5424 table 1).
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "intern", "lpr", "news", "uucp", "clock",
    "authpriv", "ftp", "ntp", "audit", "alert", "cron", "local0", "local1", "local2",
    "local3", "local4", "local5", "local6", "local7",
];

/// `syslog_facility_MAX`: none.
pub const FACILITY_MAX: u32 = FACILITIES.len() as u32;

/// `SYSLOG_LOCAL7`
pub(super) const FACILITY_DEFAULT: u32 = 23;

/// `say_syslog_facility_by_name`: in any case; `syslog_facility_MAX` if there is none.
pub fn facility_by_name(name: &CStr) -> u32 {
    FACILITIES
        .iter()
        .position(|facility| facility.as_bytes().eq_ignore_ascii_case(name.to_bytes()))
        .map_or(FACILITY_MAX, |index| index as u32)
}

/// What is wrong with a string of no known type.
pub(super) const EXPECTED: &CStr =
    c"expecting a file name or a prefix, such as '|', 'pipe:', 'syslog:'";

const PREFIXES: [(&CStr, LoggerType); 4] = [
    (c"|", LoggerType::Pipe),
    (c"pipe:", LoggerType::Pipe),
    (c"file:", LoggerType::File),
    (c"syslog:", LoggerType::Syslog),
];

/// `say_parse_logger_type`: the type and the length of its prefix.
pub fn logger_type(target: &CStr) -> Option<(LoggerType, usize)> {
    let bytes = target.to_bytes();
    PREFIXES
        .into_iter()
        .find(|(prefix, _)| bytes.starts_with(prefix.to_bytes()))
        .map(|(prefix, kind)| (kind, prefix.count_bytes()))
        .or_else(|| (!bytes.contains(&b':')).then_some((LoggerType::File, 0)))
}

/// The type, and what follows its prefix.
pub(super) fn split(target: &CStr) -> Option<(LoggerType, &CStr)> {
    let (kind, length) = logger_type(target)?;
    let rest = target.to_bytes_with_nul().get(length..)?;
    Some((kind, CStr::from_bytes_with_nul(rest).ok()?))
}

/// `say_check_init_str`; false with IllegalParams in the diag.
pub fn target_is_valid(target: &CStr) -> bool {
    match split(target) {
        None => {
            diag::set_illegal_params(EXPECTED);
            false
        }
        Some((LoggerType::Syslog, options)) => match parse_syslog_options(options) {
            Ok(mut options) => {
                free_syslog_options(&mut options);
                true
            }
            Err(BadOptions) => false,
        },
        Some(_) => true,
    }
}

/// `struct say_syslog_opts`: strings in one private copy of the text.
#[repr(C)]
#[derive(Debug)]
pub struct SyslogOptions {
    /// `SERVER_*`
    pub server_type: u32,
    /// NULL if not given.
    pub server_path: *const c_char,
    /// NULL if not given.
    pub identity: *const c_char,
    /// `syslog_facility_MAX` if not given.
    pub facility: u32,
    copy: *mut c_char,
}

const _: () = assert!(size_of::<SyslogOptions>() == 40);

impl SyslogOptions {
    /// Nothing given, nothing to free.
    pub const fn none() -> SyslogOptions {
        SyslogOptions {
            server_type: SERVER_DEFAULT,
            server_path: ptr::null(),
            identity: ptr::null(),
            facility: FACILITY_MAX,
            copy: ptr::null_mut(),
        }
    }
}

/// The options do not parse; the reason is in the diag.
#[derive(Debug)]
pub struct BadOptions;

/// `say_parse_syslog_opts`
pub fn parse_syslog_options(text: &CStr) -> Result<SyslogOptions, BadOptions> {
    // SAFETY: a C string; the copy is freed with the options.
    let copy = unsafe { libc::strdup(text.as_ptr()) };
    let mut options = SyslogOptions {
        copy,
        ..SyslogOptions::none()
    };
    if copy.is_null() {
        diag::set_out_of_memory(text.count_bytes() + 1, c"malloc", c"syslog options");
        return Err(BadOptions);
    }
    let mut rest = copy;
    while !rest.is_null() {
        let option = rest;
        // SAFETY: a C string inside the copy.
        rest = unsafe { cut(option, b',') };
        // SAFETY: as above.
        if unsafe { *option } == 0 {
            break;
        }
        // SAFETY: as above.
        if unsafe { set_option(&mut options, option) }.is_err() {
            free_syslog_options(&mut options);
            return Err(BadOptions);
        }
    }
    Ok(options)
}

/// Ends `text` at the first `separator`. Returns what follows, or NULL if there is none.
///
/// # Safety
/// `text` is a C string that may be written to.
unsafe fn cut(text: *mut c_char, separator: u8) -> *mut c_char {
    // SAFETY: as the caller says; a separator is followed by at least a zero.
    unsafe {
        let end = libc::strchr(text, separator.into());
        if end.is_null() {
            return end;
        }
        end.write(0);
        end.add(1)
    }
}

/// Takes `NAME=VALUE`, each name once.
///
/// # Safety
/// `option` is a part of the options' copy.
unsafe fn set_option(
    options: &mut SyslogOptions,
    option: *mut c_char,
) -> Result<(), BadOptions> {
    // SAFETY: as the caller says; both parts are then C strings in the copy, which
    // lives longer than these references.
    let (name, value) = unsafe {
        let value = cut(option, b'=');
        let value = (!value.is_null()).then(|| CStr::from_ptr(value));
        (CStr::from_ptr(option), value)
    };
    let bad = |before: &str, what: &CStr| {
        let parts = [before.as_bytes(), b" '", what.to_bytes(), b"'"];
        report(diag::set_illegal_params, &parts);
        Err(BadOptions)
    };
    let is_given = match name.to_bytes() {
        b"server" => !options.server_path.is_null(),
        b"identity" => !options.identity.is_null(),
        b"facility" => options.facility != FACILITY_MAX,
        _ => return bad("bad option", name),
    };
    if is_given {
        return bad("duplicate option", name);
    }
    let Some(value) = value else {
        return bad("bad option", name);
    };
    match name.to_bytes() {
        b"server" => set_server(options, value),
        b"identity" => options.identity = value.as_ptr(),
        _ => {
            options.facility = facility_by_name(value);
            if options.facility == FACILITY_MAX {
                return bad("bad syslog facility option", value);
            }
        }
    }
    Ok(())
}

fn set_server(options: &mut SyslogOptions, address: &CStr) {
    const UNIX: &[u8] = b"unix:";
    if address.to_bytes().starts_with(UNIX) {
        options.server_type = SERVER_UNIX;
        options.server_path = address.as_ptr().wrapping_add(UNIX.len());
    } else {
        options.server_type = SERVER_REMOTE;
        options.server_path = address.as_ptr();
    }
}

/// `say_free_syslog_opts`
pub fn free_syslog_options(options: &mut SyslogOptions) {
    // SAFETY: from strdup, or NULL.
    unsafe { libc::free(options.copy.cast()) };
    options.copy = ptr::null_mut();
}
