// SPDX-License-Identifier: BSD-2-Clause
//! Numbers from options and variables (spec ltp.md 6.3). The C library does the
//! reading, so that C programmers get the syntax they know; here are the rules
//! about what may follow and which values are allowed.

use core::ffi::{CStr, c_char, c_int, c_long, c_longlong, c_ulong};
use core::{fmt, ptr};

use super::report::{Site, TBROK, TERRNO};
use super::text::Bytes;
use crate::errno;

unsafe extern "C" {
    fn strtof(string: *const c_char, end: *mut *mut c_char) -> f32;
}

/// What is wrong with a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Error {
    /// EINVAL: not a number, or something behind it.
    Syntax,
    /// ERANGE: the C library's type or the caller's bounds exceeded.
    Range,
}

impl Error {
    pub(crate) fn errno(self) -> c_int {
        match self {
            Error::Syntax => libc::EINVAL,
            Error::Range => libc::ERANGE,
        }
    }
}

/// Runs one of the `strto*` functions; returns its value and what is left of the text.
fn convert<T>(
    text: &CStr,
    function: impl FnOnce(*const c_char, *mut *mut c_char) -> T,
) -> Result<(T, &CStr), Error> {
    let saved = errno::get();
    let mut end = ptr::null_mut();
    errno::set(0);
    let value = function(text.as_ptr(), &mut end);
    let err = errno::get();
    errno::set(saved);
    if end.cast_const() == text.as_ptr() {
        return Err(Error::Syntax);
    }
    // SAFETY: the function put `end` inside the same NUL-terminated string.
    let rest = unsafe { CStr::from_ptr(end) };
    match err {
        0 => Ok((value, rest)),
        libc::ERANGE => Err(Error::Range),
        _ => Err(Error::Syntax),
    }
}

fn whole<T: PartialOrd>((value, rest): (T, &CStr), min: T, max: T) -> Result<T, Error> {
    if !rest.is_empty() {
        Err(Error::Syntax)
    } else if value >= min && value <= max {
        Ok(value)
    } else {
        // NaN, too, is in no range.
        Err(Error::Range)
    }
}

/// `tst_parse_long`.
pub(crate) fn long(text: &CStr, min: c_long, max: c_long) -> Result<c_long, Error> {
    // SAFETY: the string is NUL-terminated and `end` writable.
    let number = convert(text, |s, end| unsafe { libc::strtol(s, end, 10) })?;
    whole(number, min, max)
}

/// `tst_parse_int`.
pub(crate) fn int(text: &CStr, min: c_int, max: c_int) -> Result<c_int, Error> {
    let value = long(text, c_long::from(min), c_long::from(max))?;
    c_int::try_from(value).map_err(|_| Error::Range)
}

/// `tst_parse_float`.
pub(crate) fn float(text: &CStr, min: f32, max: f32) -> Result<f32, Error> {
    // SAFETY: as in `long`.
    let number = convert(text, |s, end| unsafe { strtof(s, end) })?;
    whole(number, min, max)
}

/// `tst_parse_filesize`: one suffix of k, m, g in either case multiplies.
pub(crate) fn filesize(
    text: &CStr,
    min: c_longlong,
    max: c_longlong,
) -> Result<c_longlong, Error> {
    // SAFETY: as in `long`.
    let (value, rest) = convert(text, |s, end| unsafe { libc::strtoll(s, end, 0) })?;
    let (shift, rest) = match rest.to_bytes() {
        [] => (0, &[][..]),
        [b'k' | b'K', rest @ ..] => (10, rest),
        [b'm' | b'M', rest @ ..] => (20, rest),
        [b'g' | b'G', rest @ ..] => (30, rest),
        _ => return Err(Error::Syntax),
    };
    if !rest.is_empty() {
        return Err(Error::Syntax);
    }
    let value = value.checked_mul(1 << shift).ok_or(Error::Range)?;
    if value < min || value > max {
        Err(Error::Range)
    } else {
        Ok(value)
    }
}

/// The rule of the `SAFE_STRTO*` family: one newline may follow. `None` if it
/// reported and came back.
fn checked<T: PartialOrd + fmt::Display>(
    site: Site<'_>,
    call: fmt::Arguments<'_>,
    invalid: fmt::Arguments<'_>,
    parsed: Result<(T, &CStr), Error>,
    min: T,
    max: T,
) -> Option<T> {
    match parsed {
        Err(Error::Range) => {
            errno::set(libc::ERANGE);
            site.brk(TBROK | TERRNO, format_args!("{call} failed"));
        }
        Ok((value, rest)) if matches!(rest.to_bytes(), b"" | b"\n") => {
            if value >= min && value <= max {
                return Some(value);
            }
            site.brk(
                TBROK,
                format_args!("{call}: {value} is out of range {min} - {max}"),
            );
        }
        _ => site.brk(TBROK, invalid),
    }
    None
}

/// `SAFE_STRTOL`; 0 if it reported and came back, as the others.
pub(crate) fn safe_strtol(
    site: Site<'_>,
    text: &CStr,
    min: c_long,
    max: c_long,
) -> c_long {
    let shown = Bytes(text.to_bytes());
    // SAFETY: as in `long`.
    let parsed = convert(text, |s, end| unsafe { libc::strtol(s, end, 10) });
    let call = format_args!("strtol({shown})");
    let invalid = format_args!("{call}: Invalid value");
    checked(site, call, invalid, parsed, min, max).unwrap_or(0)
}

/// `SAFE_STRTOUL`.
pub(crate) fn safe_strtoul(
    site: Site<'_>,
    text: &CStr,
    min: c_ulong,
    max: c_ulong,
) -> c_ulong {
    let shown = Bytes(text.to_bytes());
    // SAFETY: as in `long`.
    let parsed = convert(text, |s, end| unsafe { libc::strtoul(s, end, 10) });
    let call = format_args!("strtoul({shown})");
    let invalid = format_args!("Invalid value: '{shown}'");
    checked(site, call, invalid, parsed, min, max).unwrap_or(0)
}

/// `SAFE_STRTOF`.
pub(crate) fn safe_strtof(site: Site<'_>, text: &CStr, min: f32, max: f32) -> f32 {
    let shown = Bytes(text.to_bytes());
    // SAFETY: as in `long`.
    let parsed = convert(text, |s, end| Fixed(unsafe { strtof(s, end) }));
    let call = format_args!("strtof({shown})");
    let invalid = format_args!("{call}: Invalid value");
    checked(site, call, invalid, parsed, Fixed(min), Fixed(max))
        .map_or(0.0, |number| number.0)
}

/// A float as `%f` shows it.
#[derive(PartialEq, PartialOrd)]
struct Fixed(f32);

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        assert_eq!(int(c"12", 0, 100), Ok(12));
        assert_eq!(int(c"-1", 0, 100), Err(Error::Range));
        assert_eq!(int(c"101", 0, 100), Err(Error::Range));
        assert_eq!(int(c"4294967297", 0, c_int::MAX), Err(Error::Range));
        assert_eq!(int(c"99999999999999999999", 0, 100), Err(Error::Range));
        for bad in [c"", c"x", c"1x", c"1 ", c"0x10"] {
            assert_eq!(int(bad, 0, 100), Err(Error::Syntax), "{bad:?}");
        }
    }

    #[test]
    fn floats() {
        assert_eq!(float(c"0.5", 0.1, 10.0), Ok(0.5));
        assert_eq!(float(c"0.01", 0.1, 10.0), Err(Error::Range));
        assert_eq!(float(c"nan", 0.1, 10.0), Err(Error::Range));
        assert_eq!(float(c"1e999", 0.1, 10.0), Err(Error::Range));
        assert_eq!(float(c"1,5", 0.1, 10.0), Err(Error::Syntax));
    }

    #[test]
    fn file_sizes() {
        let any = |text| filesize(text, c_longlong::MIN, c_longlong::MAX);
        assert_eq!(any(c"1"), Ok(1));
        assert_eq!((any(c"1k"), any(c"1K")), (Ok(1024), Ok(1024)));
        assert_eq!((any(c"1m"), any(c"1M")), (Ok(1 << 20), Ok(1 << 20)));
        assert_eq!((any(c"1g"), any(c"1G")), (Ok(1 << 30), Ok(1 << 30)));
        assert_eq!(any(c"0x10k"), Ok(16 << 10));
        for bad in [c"k", c"1kk", c"1t", c""] {
            assert_eq!(any(bad), Err(Error::Syntax), "{bad:?}");
        }
        assert_eq!(any(c"9223372036854775807k"), Err(Error::Range));
        assert_eq!(filesize(c"1k", 0, 1023), Err(Error::Range));
        assert_eq!(filesize(c"1k", 1025, 4096), Err(Error::Range));
    }
}
