// SPDX-License-Identifier: BSD-2-Clause
//! Unit tests in the Test Anything Protocol (spec testing.md 1): plans within plans, and
//! numbered checks.
//!
//! Checks go to C's stdout, explanations to C's stderr, through stdio: that is where the
//! tests' own output goes, and the order must stay. One state for the process, without
//! any lock.

use crate::stdio::{self, VaArgs};
use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int};
use core::panic::Location;
use libc::FILE;

/// So many plans can be open at a time.
const DEPTH: usize = 10;

/// One plan.
#[derive(Clone, Copy)]
struct Plan {
    planned: c_int,
    done: c_int,
    failed: c_int,
}

/// The open plans, outermost first.
struct Plans {
    open: usize,
    plans: [Plan; DEPTH],
}

struct State(UnsafeCell<Plans>);

// SAFETY: tests run in one thread, by contract of the harness.
unsafe impl Sync for State {}

static STATE: State = State(UnsafeCell::new(Plans {
    open: 0,
    plans: [Plan {
        planned: 0,
        done: 0,
        failed: 0,
    }; DEPTH],
}));

impl State {
    /// Looks at the plans, or changes them. Nothing in here calls back.
    fn with<R>(&self, f: impl FnOnce(&mut Plans) -> R) -> R {
        // SAFETY: see `Sync`; the reference ends with the call.
        f(unsafe { &mut *self.0.get() })
    }
}

impl Plans {
    fn current(&mut self) -> Option<&mut Plan> {
        self.plans.get_mut(self.open.checked_sub(1)?)
    }
}

/// `fprintf` with literal formats.
macro_rules! print {
    ($stream:expr, $format:literal $(, $argument:expr)*) => {
        // SAFETY: the format matches the arguments.
        unsafe { libc::fprintf($stream, $format.as_ptr() $(, $argument)*) };
    };
}

/// `_space`: four spaces for each plan that the present one is in.
///
/// # Safety
/// `stream` is an open stream.
pub unsafe fn indent(stream: *mut FILE) {
    let level = STATE.with(|plans| plans.open.saturating_sub(1));
    let width = level.saturating_mul(4);
    print!(stream, c"%*s", width as c_int, c"".as_ptr());
}

/// `plan`
pub fn plan(count: c_int) {
    let is_open = STATE.with(|plans| {
        let Some(plan) = plans.plans.get_mut(plans.open) else {
            return false;
        };
        *plan = Plan {
            planned: count,
            done: 0,
            failed: 0,
        };
        plans.open = plans.open.saturating_add(1);
        true
    });
    if !is_open {
        print!(
            stdio::err(),
            c"# More than %d plans within each other.\n", DEPTH as c_int
        );
        // SAFETY: a plain call.
        unsafe { libc::exit(libc::EXIT_FAILURE) };
    }
    // SAFETY: an open stream.
    unsafe { indent(stdio::out()) };
    print!(stdio::out(), c"1..%d\n", count);
}

/// `check_plan`: 0, or -1 if the number of checks is not the planned one, or the number of
/// those that failed.
pub fn check_plan() -> c_int {
    let Some(Plan {
        planned,
        done,
        failed,
    }) = STATE.with(|plans| plans.current().copied())
    else {
        print!(stdio::err(), c"# There is no plan to check.\n");
        return -1;
    };
    let mut result = 0;
    if done != planned {
        // SAFETY: an open stream.
        unsafe { indent(stdio::err()) };
        print!(
            stdio::err(),
            c"# Looks like you planned %d tests but ran %d.\n", planned, done
        );
        result = -1;
    }
    if failed != 0 {
        // SAFETY: an open stream.
        unsafe { indent(stdio::err()) };
        print!(
            stdio::err(),
            c"# Looks like you failed %d test of %d run.\n", failed, done
        );
        result = failed;
    }
    let is_inner = STATE.with(|plans| {
        plans.open = plans.open.saturating_sub(1);
        plans.open > 0
    });
    if is_inner {
        check(result == 0, c"subtests");
    }
    result
}

/// A check of the harness itself.
#[track_caller]
fn check(condition: bool, description: &CStr) {
    begin_check(condition);
    print!(stdio::out(), c"%s\n", description.as_ptr());
    if !condition {
        let here = Location::caller();
        // SAFETY: an open stream.
        unsafe { indent(stdio::err()) };
        print!(
            stdio::err(),
            c"#   Failed test '%s'\n",
            description.as_ptr()
        );
        // SAFETY: as above.
        unsafe { indent(stdio::err()) };
        print!(
            stdio::err(),
            c"#   in %s at line %u\n",
            here.file_as_c_str().as_ptr(),
            here.line()
        );
    }
}

/// `_ok` behind its ellipsis: the line of a check, on stdout only.
///
/// # Safety
/// As for vprintf(3).
pub unsafe fn vok(condition: bool, format: *const c_char, ap: VaArgs) {
    begin_check(condition);
    // SAFETY: as the caller says.
    unsafe { stdio::vfprintf(stdio::out(), format, ap) };
    print!(stdio::out(), c"\n");
}

/// Counts the check, and prints its line up to the description.
fn begin_check(condition: bool) {
    let number = STATE.with(|plans| {
        plans.current().map_or(0, |plan| {
            plan.done = plan.done.saturating_add(1);
            plan.failed = plan.failed.saturating_add(c_int::from(!condition));
            plan.done
        })
    });
    // SAFETY: an open stream.
    unsafe { indent(stdio::out()) };
    let verdict = if condition { c"ok" } else { c"not ok" };
    print!(stdio::out(), c"%s %d - ", verdict.as_ptr(), number);
}
