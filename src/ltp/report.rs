// SPDX-License-Identifier: BSD-2-Clause
//! One report: a line on stderr and a counter in the shared page (spec ltp.md 3).
//!
//! Everything here may run in a signal handler, in any thread, and in the child
//! of a threaded process: stack buffers, `write(2)` and atomics only.

use core::ffi::{CStr, c_char, c_int};
use core::fmt;
use core::panic::Location;
use core::sync::atomic::{AtomicI32, Ordering::Relaxed};

use super::names::Errno;
use super::results::{self, Counter};
use super::text::{LINE_MAX, Text};
use super::{blocking, globals};
use crate::errno;

pub(crate) const TPASS: c_int = 0;
pub(crate) const TFAIL: c_int = 1;
pub(crate) const TBROK: c_int = 2;
pub(crate) const TWARN: c_int = 4;
pub(crate) const TDEBUG: c_int = 8;
pub(crate) const TINFO: c_int = 16;
pub(crate) const TCONF: c_int = 32;
pub(crate) const TTYPE_MASK: c_int = 0x3f;
/// Flag: the line ends with errno.
pub(crate) const TERRNO: c_int = 0x100;
/// Flag: the line ends with `TST_ERR`.
pub(crate) const TTERRNO: c_int = 0x200;
/// Flag: the line ends with `TST_RET`, a negated errno.
pub(crate) const TRERRNO: c_int = 0x400;

/// Longer paths of source files are cut at their beginning.
const FILE_MAX: usize = LINE_MAX / 2;

/// How a type is shown and counted.
struct Kind {
    name: &'static str,
    colour: &'static str,
    counter: Option<Counter>,
}

impl Kind {
    fn of(ttype: c_int) -> Option<Kind> {
        let (name, colour, counter) = match ttype & TTYPE_MASK {
            TPASS => ("TPASS", "\x1b[1;32m", Some(Counter::Passed)),
            TFAIL => ("TFAIL", "\x1b[1;31m", Some(Counter::Failed)),
            TBROK => ("TBROK", "\x1b[1;31m", Some(Counter::Broken)),
            TWARN => ("TWARN", "\x1b[1;35m", Some(Counter::Warnings)),
            TDEBUG => ("TDEBUG", "\x1b[1;37m", None),
            TINFO => ("TINFO", "\x1b[1;34m", None),
            TCONF => ("TCONF", "\x1b[1;33m", Some(Counter::Skipped)),
            _ => return None,
        };
        Some(Kind {
            name,
            colour,
            counter,
        })
    }
}

/// The place in a source file that a line names.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    file: &'a [u8],
    line: c_int,
}

impl Site<'static> {
    /// The caller's place: for lines that the library itself issues.
    #[track_caller]
    pub(crate) fn here() -> Self {
        let location = Location::caller();
        Site {
            file: location.file().as_bytes(),
            line: location.line().cast_signed(),
        }
    }
}

impl<'a> Site<'a> {
    /// `__FILE__` and `__LINE__` of a C caller.
    ///
    /// # Safety
    /// `file` is NULL or a string that lives as long as the value.
    pub(crate) unsafe fn new(file: *const c_char, line: c_int) -> Site<'a> {
        let file = if file.is_null() {
            &b"?"[..]
        } else {
            // SAFETY: the caller vouches for the string.
            unsafe { CStr::from_ptr(file) }.to_bytes()
        };
        Site { file, line }
    }

    /// `tst_res`. errno is what it was, for the suffix and afterwards.
    pub(crate) fn res(self, ttype: c_int, message: fmt::Arguments<'_>) {
        let err = errno::get();
        let text = Text::of(message);
        report(self, ttype, err, &text);
        errno::set(err);
    }

    /// `tst_brk`: comes back only while a clean-up runs (spec ltp.md 8).
    pub(crate) fn brk(self, ttype: c_int, message: fmt::Arguments<'_>) {
        let err = errno::get();
        let text = Text::of(message);
        super::brk::brk(self, ttype, err, &text);
        errno::set(err);
    }
}

/// `res!(TINFO, "...", ...)`: `tst_res` at this line of the library.
macro_rules! res {
    ($ttype:expr, $($message:tt)+) => {
        $crate::ltp::report::Site::here().res($ttype, format_args!($($message)+))
    };
}

/// `brk!(TBROK, "...", ...)`: `tst_brk` at this line of the library. It may come back.
macro_rules! brk {
    ($ttype:expr, $($message:tt)+) => {
        $crate::ltp::report::Site::here().brk($ttype, format_args!($($message)+))
    };
}

pub(crate) use {brk, res};

/// What `tst_res` does once its message is text; `err` is errno at its entry.
pub(crate) fn report(site: Site<'_>, ttype: c_int, err: c_int, message: &Text) {
    if is_type(ttype) {
        print(site, ttype, err, message);
    }
}

/// False, after a TBROK, for a number that is no type.
pub(crate) fn is_type(ttype: c_int) -> bool {
    let known = Kind::of(ttype).is_some();
    if !known {
        brk!(TBROK, "Invalid ttype value {ttype}");
    }
    known
}

/// Prints and counts; a type that does not exist prints nothing.
pub(crate) fn print(site: Site<'_>, ttype: c_int, err: c_int, message: &Text) {
    let Some(kind) = Kind::of(ttype) else { return };
    if ttype & TTYPE_MASK == TDEBUG && !debug_wanted() {
        return;
    }
    if let Some(counter) = kind.counter {
        results::count(counter);
    }
    let terse = reproducible();
    if terse && kind.counter.is_none() {
        return;
    }
    let suffix = if terse {
        Text::new()
    } else {
        suffix(ttype, err)
    };
    let body = if terse { &b""[..] } else { message.bytes() };
    let (mut line, room) = start_line(site, &kind, colours());
    if message.is_cut() && !terse || body.len() + suffix.bytes().len() > room {
        let warning = Text::of(format_args!("Next message is too long and truncated:"));
        print(site, TWARN, 0, &warning);
        line.push(body.get(..room).unwrap_or(body));
    } else {
        line.push(body);
        line.push(suffix.bytes());
    }
    line.push(b"\n");
    write_all(line.bytes());
}

/// `<file>:<line>: <TYPE>: `, and how many bytes may follow before the newline.
fn start_line(site: Site<'_>, kind: &Kind, colours: bool) -> (Text, usize) {
    let mut line = Text::new();
    // Of a path that would fill the line the end says most.
    let hidden = site.file.len().saturating_sub(FILE_MAX);
    line.push(site.file.get(hidden..).unwrap_or_default());
    line.add(format_args!(":{}: ", site.line));
    if colours {
        line.add(format_args!("{}{}: \x1b[0m", kind.colour, kind.name));
    } else {
        line.add(format_args!("{}: ", kind.name));
    }
    let room = line.room().saturating_sub(1);
    (line, room)
}

/// `: NAME (number)`, or nothing. The last flag wins.
fn suffix(ttype: c_int, err: c_int) -> Text<64> {
    let shown = if ttype & TRERRNO != 0 {
        globals::ret()
            .unsigned_abs()
            .try_into()
            .unwrap_or(c_int::MAX)
    } else if ttype & TTERRNO != 0 {
        globals::err()
    } else if ttype & TERRNO != 0 {
        err
    } else {
        return Text::new();
    };
    Text::of(format_args!(": {} ({shown})", Errno(shown)))
}

/// Text without prefix and counter, straight to stderr.
pub(crate) fn plain(text: fmt::Arguments<'_>) {
    write_all(Text::<LINE_MAX>::of(text).bytes());
}

/// A report that cannot be written has nowhere to be reported; its counter stands.
pub(crate) fn write_all(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        // SAFETY: the slice is readable for its length.
        let n = unsafe {
            blocking::write(libc::STDERR_FILENO, bytes.as_ptr().cast(), bytes.len())
        };
        match usize::try_from(n) {
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(_) if errno::get() == libc::EINTR => {}
            Err(_) => return,
        }
    }
}

/// What is decided at the first use and kept: 0 not yet, 1 no, 2 yes.
struct Once(AtomicI32);

impl Once {
    fn get(&self, decide: impl FnOnce() -> bool) -> bool {
        match self.0.load(Relaxed) {
            0 => {
                let yes = decide();
                self.0.store(1 + c_int::from(yes), Relaxed);
                yes
            }
            known => known == 2,
        }
    }
}

pub(crate) fn colours() -> bool {
    static COLOURS: Once = Once(AtomicI32::new(0));
    COLOURS.get(|| match variable(c"LTP_COLORIZE_OUTPUT") {
        Some(b"y" | b"1") => true,
        Some(b"n" | b"0") => false,
        // SAFETY: asks about a descriptor number only.
        _ => unsafe { libc::isatty(libc::STDERR_FILENO) == 1 },
    })
}

fn reproducible() -> bool {
    static REPRODUCIBLE: Once = Once(AtomicI32::new(0));
    REPRODUCIBLE.get(|| matches!(variable(c"LTP_REPRODUCIBLE_OUTPUT"), Some(b"y" | b"1")))
}

/// 0 off, 1 in the test process and below, 2 also in the library process.
static DEBUG_LEVEL: AtomicI32 = AtomicI32::new(0);

pub(crate) fn set_debug_level(level: c_int) {
    DEBUG_LEVEL.store(level, Relaxed);
}

fn debug_wanted() -> bool {
    let needed = if super::role::current() == super::role::Role::Library {
        2
    } else {
        1
    };
    DEBUG_LEVEL.load(Relaxed) >= needed
}

/// An environment variable. `getenv` is safe in a handler as long as nobody
/// changes the environment meanwhile, which only `SAFE_SETENV` in a test could.
pub(crate) fn variable(name: &CStr) -> Option<&'static [u8]> {
    // SAFETY: both strings are NUL-terminated; the C library keeps the value alive.
    unsafe {
        let value = libc::getenv(name.as_ptr());
        (!value.is_null()).then(|| CStr::from_ptr(value).to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_errno_flag_wins() {
        assert_eq!(suffix(TPASS, 2).bytes(), b"");
        assert_eq!(suffix(TFAIL | TERRNO, 2).bytes(), b": ENOENT (2)");
        globals::set_ret(-22);
        assert_eq!(
            suffix(TERRNO | TTERRNO | TRERRNO, 2).bytes(),
            b": EINVAL (22)"
        );
    }

    #[test]
    fn lines_begin_with_their_place_and_type() {
        let site = Site {
            file: b"dir/test.c",
            line: 17,
        };
        let kind = Kind::of(TPASS | TTERRNO).expect("a type");
        let (line, room) = start_line(site, &kind, false);
        assert_eq!(line.bytes(), b"dir/test.c:17: TPASS: ");
        assert_eq!(line.bytes().len() + room + 2, LINE_MAX);
        let endless = Site {
            file: &[b'x'; 2 * LINE_MAX],
            line: 1,
        };
        assert!(start_line(endless, &kind, false).1 > LINE_MAX / 4);
        let (line, _) = start_line(site, &kind, true);
        assert_eq!(line.bytes(), b"dir/test.c:17: \x1b[1;32mTPASS: \x1b[0m");
    }

    #[test]
    fn types_that_do_not_exist() {
        assert!(Kind::of(TINFO | TERRNO).is_some());
        assert!([3, 5, 33, 63].iter().all(|t| Kind::of(*t).is_none()));
    }
}
