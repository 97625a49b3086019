// SPDX-License-Identifier: BSD-2-Clause
//! The LTP-compatible test harness: `tst_*` and `SAFE_*` for kernel tests in C
//! (spec ltp.md; docs/ltp.md is the page for its users).
//!
//! ```text
//!  main() of tst_test.h
//!    run            library process: set-up, watching, clean-up, exit code
//!      options help parse              the command line
//!      requirements kconfig            what the test demands
//!      hugepages sysconf mount tmpdir wallclock taint oom    what it gets, and
//!                                      what is put back
//!      watch        signals, watchdog, leftovers
//!        body       test process: setup, iterations, cleanup
//!      summary      hints, counters, exit code
//!  report brk       lines and counters, from any process
//!  results          the shared page: counters, time limits, checkpoints
//! ```
//!
//! Only the library process changes the host, and it alone puts it back: whatever
//! the test process does or suffers, clean-up is somebody else's.

use core::ffi::{CStr, c_char, c_uint};
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering::Relaxed};

pub(crate) mod blocking;
pub(crate) mod body;
pub(crate) mod brk;
pub(crate) mod buffers;
pub(crate) mod checkpoint;
pub(crate) mod children;
pub(crate) mod cpu;
pub(crate) mod definition;
pub(crate) mod expect;
pub(crate) mod file;
mod filesystem;
pub(crate) mod globals;
mod help;
pub(crate) mod hugepages;
mod kconfig;
pub(crate) mod kernel;
pub(crate) mod memory;
pub(crate) mod mount;
pub(crate) mod names;
pub(crate) mod oom;
mod options;
pub(crate) mod parse;
pub(crate) mod report;
mod requirements;
pub(crate) mod results;
mod role;
pub(crate) mod run;
pub(crate) mod safe;
pub(crate) mod scan;
mod shared;
mod summary;
pub(crate) mod sysconf;
pub(crate) mod sysvipc;
pub(crate) mod taint;
pub(crate) mod text;
pub(crate) mod time_limit;
pub(crate) mod timer;
pub(crate) mod tmpdir;
mod wallclock;
mod watch;

use definition::Test;

/// What `-V` and the line at the start of a run say.
pub(crate) const VERSION: &str = concat!(
    "Cordage ",
    env!("CARGO_PKG_VERSION"),
    ", LTP-compatible test harness"
);

/// `TST_API_GENERATION`: which year's behaviour the test was written for.
static GENERATION: AtomicU32 = AtomicU32::new(2023);
static TEST: AtomicPtr<Test> = AtomicPtr::new(ptr::null_mut());
static TEST_ID: AtomicPtr<c_char> = AtomicPtr::new(ptr::null_mut());

pub(crate) fn generation() -> c_uint {
    GENERATION.load(Relaxed)
}

pub(crate) fn set_generation(generation: c_uint) {
    GENERATION.store(generation, Relaxed);
}

/// Does the test want the behaviour of 2026?
pub(crate) fn is_2026() -> bool {
    generation() >= 2026
}

/// The running test; `None` in a program that is not one.
pub(crate) fn test() -> Option<&'static Test> {
    // SAFETY: NULL or what `set_test` was given.
    unsafe { TEST.load(Relaxed).as_ref() }
}

fn set_test(test: &'static Test) {
    set_generation(test.generation);
    TEST.store(ptr::from_ref(test).cast_mut(), Relaxed);
}

/// The test's name; it is part of the names of its files.
pub(crate) fn test_id() -> &'static CStr {
    let id = TEST_ID.load(Relaxed);
    if id.is_null() {
        return c"tst";
    }
    // SAFETY: a string of `set_test_id`.
    unsafe { CStr::from_ptr(id) }
}

fn set_test_id(id: &'static CStr) {
    TEST_ID.store(id.as_ptr().cast_mut(), Relaxed);
}
