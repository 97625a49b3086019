// SPDX-License-Identifier: BSD-2-Clause
//! How records look (spec diag.md 9.5): boot, plain, JSON, syslog.
//!
//! All are [`Formatter`](super::Formatter)s. `plain` and `json` are exported as they
//! stand, because C code passes their addresses and `log_set_format` compares one.

use super::logger::Log;
use super::{ERROR, SYSERROR, WARN};
use crate::cord;
use crate::stdio::VaArgs;
use crate::trivia::bounded::{Bounded, FormatError};
use crate::trivia::json;
use core::ffi::{CStr, c_char, c_int};
use core::fmt::Write;
use core::mem::MaybeUninit;

/// Letter, JSON name and syslog severity (syslog(3)) of each level.
const LEVELS: [(char, &str, u32); 8] = [
    ('F', "FATAL", 3),
    ('!', "SYSERROR", 3),
    ('E', "ERROR", 3),
    ('C', "CRIT", 3),
    ('W', "WARN", 4),
    ('I', "INFO", 6),
    ('V', "VERBOSE", 6),
    ('D', "DEBUG", 7),
];

fn describe(level: c_int) -> (char, &'static str, u32) {
    usize::try_from(level)
        .ok()
        .and_then(|level| LEVELS.get(level))
        .copied()
        .unwrap_or(('_', "UNKNOWN", 7))
}

/// What a caller of the log said, as C strings that may be NULL.
struct Record {
    level: c_int,
    file: *const c_char,
    line: c_int,
    error: *const c_char,
    format: *const c_char,
    ap: VaArgs,
}

impl Record {
    /// # Safety
    /// Pointers given to a formatter are NULL or C strings that outlive the call.
    unsafe fn bytes<'a>(string: *const c_char) -> Option<&'a [u8]> {
        // SAFETY: as the caller says.
        (!string.is_null()).then(|| unsafe { CStr::from_ptr(string) }.to_bytes())
    }

    fn file(&self) -> Option<&[u8]> {
        // SAFETY: part of a record.
        unsafe { Record::bytes(self.file) }
    }

    fn error(&self) -> Option<&[u8]> {
        // SAFETY: part of a record.
        unsafe { Record::bytes(self.error) }
    }

    /// The message, formatted; once only.
    fn message(&self, text: &mut Bounded) -> Result<(), FormatError> {
        // SAFETY: format and arguments are what the caller of the log gave.
        unsafe { text.push_format(self.format, self.ap) }
    }
}

/// The end of every formatter: what `write` makes of the record.
///
/// # Safety
/// `buf` is valid for writing `len` bytes.
unsafe fn finish(
    buf: *mut c_char,
    len: c_int,
    write: impl FnOnce(&mut Bounded) -> Result<(), FormatError>,
) -> c_int {
    let size = usize::try_from(len).unwrap_or(0);
    // SAFETY: as the caller says.
    let mut text = unsafe { Bounded::from_raw(buf, size) };
    match write(&mut text) {
        Ok(()) => text.c_length(),
        Err(FormatError) => -1,
    }
}

/// Writing to a bounded text cannot fail.
macro_rules! put {
    ($text:expr, $($message:tt)+) => {
        let _ = write!($text, $($message)+);
    };
}

/// `MESSAGE[: ERROR]`
pub(super) unsafe extern "C-unwind" fn boot(
    _log: *mut Log,
    buf: *mut c_char,
    len: c_int,
    level: c_int,
    file: *const c_char,
    line: c_int,
    error: *const c_char,
    format: *const c_char,
    ap: VaArgs,
) -> c_int {
    let record = Record {
        level,
        file,
        line,
        error,
        format,
        ap,
    };
    // SAFETY: as for all formatters.
    unsafe { finish(buf, len, |text| message_and_error(text, &record)) }
}

/// `say_format_plain`
///
/// # Safety
/// `buf` is valid for writing `len` bytes; `file` and `error` are NULL or C strings;
/// `format` and `ap` are as for vsnprintf(3).
#[unsafe(export_name = "say_format_plain")]
pub unsafe extern "C-unwind" fn plain(
    _log: *mut Log,
    buf: *mut c_char,
    len: c_int,
    level: c_int,
    file: *const c_char,
    line: c_int,
    error: *const c_char,
    format: *const c_char,
    ap: VaArgs,
) -> c_int {
    let record = Record {
        level,
        file,
        line,
        error,
        format,
        ap,
    };
    // SAFETY: as the caller says.
    unsafe {
        finish(buf, len, |text| {
            let now = Now::read();
            now.put(text, c"%Y-%m-%d %H:%M:");
            now.put_seconds(text);
            put!(text, " [{}]", libc::getpid());
            plain_tail(text, &record)
        })
    }
}

/// `<PRI>Mon dd HH:MM:SS IDENT[PID]:` and the tail of the plain format.
pub(super) unsafe extern "C-unwind" fn syslog(
    log: *mut Log,
    buf: *mut c_char,
    len: c_int,
    level: c_int,
    file: *const c_char,
    line: c_int,
    error: *const c_char,
    format: *const c_char,
    ap: VaArgs,
) -> c_int {
    let record = Record {
        level,
        file,
        line,
        error,
        format,
        ap,
    };
    // SAFETY: as for all formatters; the logger is live and its identity never changes.
    unsafe {
        finish(buf, len, |text| {
            let (_, _, severity) = describe(level);
            // Facilities are below 24, severities below 8.
            put!(text, "<{}>", ((*log).syslog_facility.get() << 3) | severity);
            Now::read().put(text, c"%h %e %T ");
            text.push(Record::bytes((*log).syslog_ident.get()).unwrap_or_default());
            put!(text, "[{}]:", libc::getpid());
            plain_tail(text, &record)
        })
    }
}

/// ` CORD/FID/FIBER FILE:LINE L> MESSAGE: ERROR`; in a thread without a cord, only
/// ` L> MESSAGE: ERROR`.
fn plain_tail(text: &mut Bounded, record: &Record) -> Result<(), FormatError> {
    if let Some(place) = cord::whereabouts() {
        // SAFETY: names of the current cord and fiber.
        let (cord, fiber) = unsafe {
            (
                CStr::from_ptr(place.cord_name),
                CStr::from_ptr(place.fiber_name),
            )
        };
        text.push(b" ");
        text.push(cord.to_bytes());
        if place.fiber_id != SCHEDULER {
            put!(text, "/{}/", place.fiber_id);
            text.push(fiber.to_bytes());
        }
        if let (WARN | ERROR | SYSERROR, Some(file)) = (record.level, record.file()) {
            text.push(b" ");
            text.push(last_component(file));
            put!(text, ":{}", record.line);
        }
    }
    let (letter, _, _) = describe(record.level);
    put!(text, " {letter}> ");
    message_and_error(text, record)
}

fn message_and_error(text: &mut Bounded, record: &Record) -> Result<(), FormatError> {
    record.message(text)?;
    if let Some(error) = record.error() {
        text.push(b": ");
        text.push(error);
    }
    text.push(b"\n");
    Ok(())
}

/// The id of a cord's scheduler, which is no fiber worth naming.
const SCHEDULER: u32 = 1;

/// What follows the last slash that is not at the end.
fn last_component(path: &[u8]) -> &[u8] {
    let name = path.strip_suffix(b"/").unwrap_or(path);
    let start = name
        .iter()
        .rposition(|&byte| byte == b'/')
        .map_or(0, |slash| slash + 1);
    path.get(start..).unwrap_or(path)
}

/// Room for a JSON message before it is escaped, its zero included.
const JSON_MESSAGE_SIZE: usize = 1024;

/// `say_format_json`
///
/// # Safety
/// As [`plain`]; with the format "json" the argument is a C string.
#[unsafe(export_name = "say_format_json")]
pub unsafe extern "C-unwind" fn json(
    _log: *mut Log,
    buf: *mut c_char,
    len: c_int,
    level: c_int,
    file: *const c_char,
    line: c_int,
    error: *const c_char,
    format: *const c_char,
    ap: VaArgs,
) -> c_int {
    let record = Record {
        level,
        file,
        line,
        error,
        format,
        ap,
    };
    // SAFETY: as the caller says.
    unsafe { finish(buf, len, |text| json_record(text, &record)) }
}

fn json_record(text: &mut Bounded, record: &Record) -> Result<(), FormatError> {
    let now = Now::read();
    text.push(b"{\"time\": \"");
    now.put(text, c"%Y-%m-%dT%H:%M:");
    now.put_seconds(text);
    now.put(text, c"%z");
    let (_, name, _) = describe(record.level);
    put!(text, "\", \"level\": \"{name}\", ");
    json_message(text, record)?;
    if let Some(error) = record.error() {
        json_string(text, "error", error);
        text.push(b", ");
    }
    // SAFETY: a plain call.
    put!(text, "\"pid\": {} ", unsafe { libc::getpid() });
    if let Some(place) = cord::whereabouts() {
        // SAFETY: names of the current cord and fiber.
        let (cord, fiber) = unsafe {
            (
                CStr::from_ptr(place.cord_name),
                CStr::from_ptr(place.fiber_name),
            )
        };
        text.push(b", ");
        json_string(text, "cord_name", cord.to_bytes());
        if place.fiber_id != SCHEDULER {
            put!(text, ", \"fiber_id\": {}, ", place.fiber_id);
            json_string(text, "fiber_name", fiber.to_bytes());
        }
    }
    if let Some(file) = record.file() {
        text.push(b", ");
        json_string(text, "file", file);
        put!(text, ", \"line\": {}", record.line);
    }
    text.push(b"}\n");
    Ok(())
}

fn json_string(text: &mut Bounded, key: &str, value: &[u8]) {
    put!(text, "\"{key}\": \"");
    json::escape(text, value);
    text.push(b"\"");
}

/// `"message": "...", `, or the members of the object that a caller with the format "json"
/// has made itself.
fn json_message(text: &mut Bounded, record: &Record) -> Result<(), FormatError> {
    // SAFETY: the format is a C string.
    if unsafe { CStr::from_ptr(record.format) } == c"json" {
        // SAFETY: that is what the arguments are with this format.
        let object = unsafe { first_string(record.ap) };
        if let Some(members) = object.and_then(members_of) {
            if !members.is_empty() {
                text.push(members);
                text.push(b", ");
            }
            return Ok(());
        }
        json_string(text, "message", object.unwrap_or_default());
    } else {
        let mut buffer: [c_char; JSON_MESSAGE_SIZE] = [0; JSON_MESSAGE_SIZE];
        let mut message = Bounded::new(&mut buffer);
        record.message(&mut message)?;
        json_string(text, "message", message.kept());
    }
    text.push(b", ");
    Ok(())
}

unsafe extern "C" {
    /// `va_arg(ap, const char *)` (`src/shim/fiber/say.c`)
    fn cordage_first_string(ap: VaArgs) -> *const c_char;
}

/// # Safety
/// The first argument is NULL or a C string.
unsafe fn first_string<'a>(ap: VaArgs) -> Option<&'a [u8]> {
    // SAFETY: as the caller says.
    unsafe { Record::bytes(cordage_first_string(ap)) }
}

/// What is between the outer braces.
fn members_of(object: &[u8]) -> Option<&[u8]> {
    let start = object.iter().position(|&byte| byte == b'{')? + 1;
    let end = object.iter().rposition(|&byte| byte == b'}')?;
    object.get(start..end)
}

/// The moment of a record, in local time.
struct Now {
    calendar: libc::tm,
    nanoseconds: i64,
}

impl Now {
    fn read() -> Now {
        let now = crate::clock::read(libc::CLOCK_REALTIME);
        let mut calendar = MaybeUninit::zeroed();
        // SAFETY: fills the structure from a valid time; zero is valid for every field
        // should the year not fit.
        let calendar = unsafe {
            libc::localtime_r(&raw const now.tv_sec, calendar.as_mut_ptr());
            calendar.assume_init()
        };
        Now {
            calendar,
            nanoseconds: now.tv_nsec,
        }
    }

    /// Appends what strftime(3) makes of it.
    fn put(&self, text: &mut Bounded, format: &CStr) {
        const SIZE: usize = 64;
        let mut buffer = [0u8; SIZE];
        // SAFETY: the buffer's size is given; the result is at most that long.
        let length = unsafe {
            libc::strftime(
                buffer.as_mut_ptr().cast(),
                SIZE,
                format.as_ptr(),
                &raw const self.calendar,
            )
        };
        text.push(buffer.get(..length).unwrap_or_default());
    }

    /// Seconds and milliseconds, rounded like a floating-point number: the last
    /// half millisecond of a minute is 60.000.
    fn put_seconds(&self, text: &mut Bounded) {
        let seconds = i64::from(self.calendar.tm_sec);
        let milliseconds = seconds * 1000 + (self.nanoseconds + 500_000) / 1_000_000;
        put!(
            text,
            "{:02}.{:03}",
            milliseconds / 1000,
            milliseconds % 1000
        );
    }
}
