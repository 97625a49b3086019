// SPDX-License-Identifier: BSD-2-Clause
//! `TST_EXP_*`: a call was made by `TEST()`; was its result the one expected?
//! (spec ltp.md 16). And `TST_ASSERT_*`, which ask files.

use core::ffi::{CStr, c_int, c_long, c_uint};

use super::globals;
use super::names::Errno;
use super::report::{Site, TFAIL, TPASS, TTERRNO};
use super::text::{Bytes, Text};

/// `enum tst_exp_` of tst_test_macros.h.
const PASS: c_uint = 0;
const POSITIVE: c_uint = 1;
const FD: c_uint = 2;
const PID: c_uint = 3;
const VAL: c_uint = 4;
const FAIL: c_uint = 5;
const FAIL2: c_uint = 6;
const EXPR: c_uint = 7;
const PASS_PTR: c_uint = 8;
const FAIL_PTR: c_uint = 9;
/// Flag: print nothing if all is well.
const SILENT: c_uint = 0x100;

/// What was expected beyond the kind.
pub(crate) struct Expected<'a> {
    pub(crate) kind: c_uint,
    /// Of `VAL`; of `EXPR` whether it holds; of the pointer kinds what means failure.
    pub(crate) value: c_long,
    pub(crate) errors: &'a [c_int],
}

/// Judges `TST_RET`, `TST_RET_PTR` and `TST_ERR`, sets `TST_PASS`, and reports.
pub(crate) fn check(site: Site<'_>, expected: &Expected<'_>, description: &[u8]) {
    let d = Bytes(description);
    let verdict = Verdict {
        site,
        silent: expected.kind & SILENT != 0,
    };
    let ret = globals::ret();
    match expected.kind & !SILENT {
        PASS => match ret {
            0 => verdict.pass(TPASS, format_args!("{d} passed")),
            _ => verdict.bad_value(&d, ret),
        },
        kind @ (POSITIVE | FD | PID) => match (ret, kind) {
            (..=-1, _) => verdict.bad_value(&d, ret),
            (_, FD) => verdict.pass(TPASS, format_args!("{d} returned fd {ret}")),
            (_, PID) => verdict.pass(TPASS, format_args!("{d} returned pid {ret}")),
            _ => verdict.pass(TPASS, format_args!("{d} returned {ret}")),
        },
        VAL => match expected.value {
            value if value == ret => verdict.pass(TPASS, format_args!("{d} passed")),
            value => verdict.fail(TTERRNO, format_args!("{d} retval {ret} != {value}")),
        },
        kind @ (FAIL | FAIL2) => match ret {
            -1 => verdict.error(&d, expected.errors),
            0 => verdict.fail(0, format_args!("{d} succeeded")),
            1.. if kind == FAIL2 => verdict.fail(0, format_args!("{d} succeeded")),
            _ => verdict.fail(TTERRNO, format_args!("{d} invalid retval {ret}")),
        },
        EXPR => match expected.value {
            0 => verdict.fail(0, format_args!("Expect: {d}")),
            _ => verdict.pass(TPASS, format_args!("Expect: {d}")),
        },
        kind => {
            let failed =
                globals::ret_ptr().addr() == expected.value.cast_unsigned() as usize;
            match (kind, failed) {
                (PASS_PTR, true) => verdict.fail(TTERRNO, format_args!("{d} failed")),
                (FAIL_PTR, true) => verdict.error(&d, expected.errors),
                (FAIL_PTR, false) => verdict.fail(0, format_args!("{d} succeeded")),
                _ => verdict.pass(TPASS, format_args!("{d} passed")),
            }
        }
    }
}

struct Verdict<'a> {
    site: Site<'a>,
    silent: bool,
}

impl Verdict<'_> {
    fn pass(&self, ttype: c_int, message: core::fmt::Arguments<'_>) {
        globals::set_pass(true);
        if !self.silent {
            self.site.res(ttype, message);
        }
    }

    fn fail(&self, flags: c_int, message: core::fmt::Arguments<'_>) {
        globals::set_pass(false);
        self.site.res(TFAIL | flags, message);
    }

    fn bad_value(&self, d: &Bytes<'_>, ret: c_long) {
        match ret {
            -1 => self.fail(TTERRNO, format_args!("{d} failed")),
            _ => self.fail(TTERRNO, format_args!("{d} invalid retval {ret}")),
        }
    }

    /// The call failed, as it should; with the right errno?
    fn error(&self, d: &Bytes<'_>, wanted: &[c_int]) {
        if wanted.contains(&globals::err()) {
            self.pass(TPASS | TTERRNO, format_args!("{d} "));
        } else {
            self.fail(TTERRNO, format_args!("{d} expected {}", names(wanted)));
        }
    }
}

/// `tst_errno_names`.
pub(crate) fn names(errors: &[c_int]) -> Text {
    let mut text = Text::new();
    for (n, err) in errors.iter().enumerate() {
        let comma = if n > 0 { ", " } else { "" };
        text.add(format_args!("{comma}{}", Errno(*err)));
    }
    text
}

/// What `TST_ASSERT_*` compare: the contents of a file, or what follows a prefix in one
/// of its lines.
pub(crate) struct FileValue<'a> {
    pub(crate) path: &'a CStr,
    pub(crate) prefix: Option<&'a CStr>,
}

impl core::fmt::Display for FileValue<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", Bytes(self.path.to_bytes()))?;
        match self.prefix {
            Some(prefix) => write!(f, " {}", Bytes(prefix.to_bytes())),
            None => Ok(()),
        }
    }
}

impl FileValue<'_> {
    /// What the file has there; empty, after a report, if it has nothing.
    fn read(&self, site: Site<'_>) -> Text {
        use super::report::{TBROK, TERRNO};
        let all: Text<8192> = match super::file::read(self.path) {
            Ok(all) => all,
            Err(error) => {
                crate::errno::set(error.errno());
                let path = Bytes(self.path.to_bytes());
                site.brk(
                    TBROK | TERRNO,
                    format_args!("Failed to open FILE '{path}' for reading"),
                );
                return Text::new();
            }
        };
        let prefix = self.prefix.unwrap_or_default().to_bytes();
        let mut lines = all.bytes().split(|byte| *byte == b'\n');
        let found = lines.find_map(|line| line.strip_prefix(prefix));
        let mut text = Text::new();
        match found {
            Some(rest) => text.push(rest.trim_ascii()),
            None => site.brk(
                TBROK,
                format_args!(
                    "Expected 1 conversions got 0 FILE '{}'",
                    Bytes(self.path.to_bytes())
                ),
            ),
        }
        text
    }

    /// `TST_ASSERT_INT`, `_ULONG`, `_FILE_INT`.
    pub(crate) fn assert_number(&self, site: Site<'_>, wanted: i128) {
        let found = self.read(site);
        let number = core::str::from_utf8(found.bytes())
            .ok()
            .and_then(|t| t.parse().ok());
        if number == Some(wanted) {
            site.res(TPASS, format_args!("{self} = {wanted}"));
        } else {
            site.res(TFAIL, format_args!("{self} != {wanted} got {found}"));
        }
    }

    /// `TST_ASSERT_STR`, `_FILE_STR`.
    pub(crate) fn assert_text(&self, site: Site<'_>, wanted: &CStr) {
        let found = self.read(site);
        let shown = Bytes(wanted.to_bytes());
        if found.bytes() == wanted.to_bytes() {
            site.res(TPASS, format_args!("{self} = '{shown}'"));
        } else {
            site.res(TFAIL, format_args!("{self} != '{shown}' got '{found}'"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errno_sets() {
        assert_eq!(names(&[libc::EPERM]).bytes(), b"EPERM");
        assert_eq!(
            names(&[libc::EPERM, libc::EINVAL]).bytes(),
            b"EPERM, EINVAL"
        );
    }
}
