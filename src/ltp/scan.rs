// SPDX-License-Identifier: BSD-2-Clause
//! `*_SCANF` and `*_PRINTF` on files (spec ltp.md 14.1). The C shim does what needs a
//! `va_list`, which includes reading; writing and the verdict are here.

use core::ffi::{CStr, c_int};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use super::file::{self, Error};
use super::report::{Site, TBROK, TERRNO, TINFO};
use super::text::Bytes;
use crate::errno;

/// What a failure does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// The `SAFE_` form: TBROK.
    Safe,
    /// The plain form: a TINFO and a result of 1.
    Plain,
}

/// `tst_count_scanf_conversions`: `%%` and `%*x` assign nothing.
pub(crate) fn conversions(format: &CStr) -> c_int {
    let mut count = 0;
    let mut rest = format.to_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        rest = rest.get(at + 1..).unwrap_or_default();
        match rest.first() {
            Some(b'%' | b'*') => rest = rest.get(1..).unwrap_or_default(),
            Some(_) => count += 1,
            None => {}
        }
    }
    count
}

/// The file could not be read.
pub(crate) fn cannot_read(site: Site<'_>, strictness: Strictness, path: &CStr) {
    let path = Bytes(path.to_bytes());
    match strictness {
        Strictness::Safe => site.brk(
            TBROK | TERRNO,
            format_args!("Failed to open FILE '{path}' for reading"),
        ),
        Strictness::Plain => {
            site.res(TINFO | TERRNO, format_args!("Failed to open FILE '{path}'"));
        }
    }
}

/// The file was scanned; `got` is what `vsscanf` returned. 0 if that was enough.
pub(crate) fn scanned(
    site: Site<'_>,
    strictness: Strictness,
    path: &CStr,
    expected: c_int,
    got: c_int,
) -> c_int {
    if got == expected {
        return 0;
    }
    let path = Bytes(path.to_bytes());
    let ended = format_args!("The FILE '{path}' ended prematurely");
    let short = format_args!("Expected {expected} conversions got {got} FILE '{path}'");
    let message = if got < 0 { ended } else { short };
    match strictness {
        Strictness::Safe => site.brk(TBROK, message),
        Strictness::Plain => site.res(TINFO, message),
    }
    1
}

/// Writes what the shim has printed. 0, or 1 after a report.
pub(crate) fn print(
    site: Site<'_>,
    strictness: Strictness,
    path: &CStr,
    text: &[u8],
) -> c_int {
    let Err(error) = file::create(path, text) else {
        return 0;
    };
    errno::set(error.errno());
    let shown = Bytes(path.to_bytes());
    let safe = strictness == Strictness::Safe;
    let message = match error {
        Error::Open(_) if safe => {
            format_args!("Failed to open FILE '{shown}' for writing")
        }
        Error::Open(_) => format_args!("Failed to open FILE '{shown}'"),
        // A sysctl refuses a value here, or at the close.
        Error::Transfer(_) => format_args!("Failed to print to FILE '{shown}'"),
        Error::Close(_) => format_args!("Failed to close FILE '{shown}'"),
    };
    if safe {
        site.brk(TBROK | TERRNO, message);
    } else {
        site.res(TINFO | TERRNO, message);
    }
    1
}

/// `SAFE_CP`: contents and mode; errno if it fails.
pub(crate) fn copy(source: &CStr, target: &CStr) -> Result<(), c_int> {
    let (source, target) = (
        OsStr::from_bytes(source.to_bytes()),
        OsStr::from_bytes(target.to_bytes()),
    );
    match fs::copy(source, target) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.raw_os_error().unwrap_or(libc::EINVAL)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_that_assign() {
        for (format, count) in [
            (c"", 0),
            (c"%d", 1),
            (c" %ld %s", 2),
            (c"%*d %5d%%", 1),
            (c"100%% %[^\n]", 1),
            (c"%", 0),
            (c"%lx-%lx %*s %*s", 2),
        ] {
            assert_eq!(conversions(format), count, "{format:?}");
        }
    }
}
