// SPDX-License-Identifier: BSD-2-Clause
//! `TST_EXP_*`: a call was made by `TEST()`; was its result the one expected?
//! (spec ltp.md 16).

use core::ffi::{c_int, c_long, c_uint};

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
