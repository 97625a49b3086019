// SPDX-License-Identifier: BSD-2-Clause
//! The end of a run: hints, the five counters, the exit code (spec ltp.md 9).

use core::ffi::c_int;

use super::definition::Test;
use super::help::{self, HINTS};
use super::report::{TBROK, TCONF, TFAIL, TWARN, colours, plain};
use super::results::{Counter, Page};
use super::text::Bytes;

/// One group for each name among the tags.
pub(crate) fn print_hints(test: &Test) {
    let (yellow, normal) = if colours() {
        ("\x1b[1;33m", "\x1b[0m")
    } else {
        ("", "")
    };
    for hint in &HINTS {
        let mut tags = help::of_test(test)
            .filter(|(name, _)| *name == hint.tag)
            .peekable();
        if tags.peek().is_none() {
            continue;
        }
        plain(format_args!(
            "\n{yellow}HINT: {normal}You _MAY_ be {}:\n\n",
            hint.text
        ));
        for (_, value) in tags {
            plain(format_args!("{}{}\n", hint.prefix, Bytes(value.to_bytes())));
        }
    }
}

pub(crate) fn print(page: &Page) {
    let n = |counter| page.get(counter);
    plain(format_args!(
        "\nSummary:\npassed   {}\nfailed   {}\nbroken   {}\nskipped  {}\nwarnings {}\n",
        n(Counter::Passed),
        n(Counter::Failed),
        n(Counter::Broken),
        n(Counter::Skipped),
        n(Counter::Warnings),
    ));
}

/// What the program exits with; `collected` is what was collected on the way.
pub(crate) fn exit_code(page: &Page, collected: c_int) -> c_int {
    let is = |counter| page.get(counter) > 0;
    let mut code = collected;
    if is(Counter::Passed) && code == TCONF {
        code = 0;
    }
    if is(Counter::Failed) {
        code |= TFAIL;
    }
    if is(Counter::Skipped) && !is(Counter::Passed) {
        code |= TCONF;
    }
    if is(Counter::Warnings) {
        code |= TWARN;
    }
    if is(Counter::Broken) {
        code |= TBROK;
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ltp::results::Page;

    /// Exit code for passed, failed, broken, skipped, warnings and what was collected.
    fn code(counters: [c_int; 5], collected: c_int) -> c_int {
        exit_code(&Page::with_counters(counters), collected)
    }

    #[test]
    fn exit_codes_of_the_specification() {
        // spec ltp.md 9.3
        assert_eq!(code([1, 0, 0, 0, 0], 0), 0);
        assert_eq!(code([1, 0, 0, 1, 0], 0), 0);
        assert_eq!(code([0, 0, 0, 1, 0], TCONF), 32);
        assert_eq!(code([1, 0, 0, 1, 0], TCONF), 0);
        assert_eq!(code([1, 1, 0, 0, 0], 0), 1);
        assert_eq!(code([0, 0, 1, 0, 0], TBROK), 2);
        assert_eq!(code([1, 0, 0, 0, 1], 0), 4);
        assert_eq!(code([0, 1, 0, 0, 1], 0), 5);
        assert_eq!(code([0, 0, 1, 0, 1], 0), 6);
        assert_eq!(code([1, 0, 1, 1, 0], TCONF | TBROK), 34);
        assert_eq!(code([1, 0, 0, 0, 0], 9), 9);
        assert_eq!(code([1, 2, 0, 1, 0], 0), 1);
        assert_eq!(code([0, 0, 0, 0, 0], 0), 0);
    }
}
