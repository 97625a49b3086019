// SPDX-License-Identifier: BSD-2-Clause
//! `tst_test.h`: the run as a whole.

use core::ffi::{c_char, c_int, c_uint};

use crate::ltp::definition::{Hugepages, Test};
use crate::ltp::report::Site;
use crate::ltp::safe::OldCleanup;
use crate::ltp::{body, checkpoint, hugepages, results, run, time_limit};

/// Runs a test and exits.
///
/// # Safety
/// `argc` and `argv` are main's; `test` is NULL or a definition that outlives the
/// process, with everything it points to.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tst_run_(
    argc: c_int,
    argv: *mut *mut c_char,
    test: *const Test,
) -> ! {
    // SAFETY: as the caller says.
    run::run(argc, argv, unsafe { test.as_ref() })
}

/// Joins the results of the run that executed this program.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_reinit() {
    results::join();
}

/// Waits for all children; each must have exited well.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_reap_children() {
    body::reap_children();
}

/// Waits for `count` children; 1 after a TFAIL for one that did not exit with 0.
///
/// # Safety
/// `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tst_validate_children_(
    file: *const c_char,
    lineno: c_int,
    count: c_uint,
) -> c_int {
    // SAFETY: as the caller says.
    body::validate_children(unsafe { Site::new(file, lineno) }, count)
}

/// Seconds left to the test's body; UINT_MAX without a limit.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_remaining_runtime() -> c_uint {
    time_limit::remaining()
}

/// A timeout for this machine.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_multiply_timeout(timeout: c_uint) -> c_uint {
    time_limit::multiplied(timeout)
}

/// Seconds for the test's body from now on.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_set_max_runtime(runtime: c_int) {
    time_limit::set_runtime(runtime);
}

/// The name of the same in 2026.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_set_runtime(runtime: c_int) {
    time_limit::set_runtime(runtime);
}

/// Seconds beyond the runtime from now on.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_set_timeout(timeout: c_int) {
    time_limit::set_timeout(timeout);
}

/// 0, or -1 and errno.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_checkpoint_wait(id: c_uint, msec_timeout: c_uint) -> c_int {
    checkpoint::wait(id, msec_timeout)
}

/// 0, or -1 and errno.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_checkpoint_wake(
    id: c_uint,
    nr_wake: c_uint,
    msec_timeout: c_uint,
) -> c_int {
    checkpoint::wake(id, nr_wake, msec_timeout)
}

/// Breaks if the wait fails.
///
/// # Safety
/// `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tst_safe_checkpoint_wait(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: OldCleanup,
    id: c_uint,
    msec_timeout: c_uint,
) {
    // SAFETY: as the caller says.
    let site = unsafe { Site::new(file, lineno) };
    site.refuse_cleanup(cleanup_fn);
    checkpoint::safe_wait(site, id, msec_timeout);
}

/// Breaks if not enough waiters come.
///
/// # Safety
/// `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tst_safe_checkpoint_wake(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: OldCleanup,
    id: c_uint,
    nr_wake: c_uint,
) {
    // SAFETY: as the caller says.
    let site = unsafe { Site::new(file, lineno) };
    site.refuse_cleanup(cleanup_fn);
    checkpoint::safe_wake(site, id, nr_wake);
}

/// Makes the pool of huge pages what the request says; its size, 0 without kernel
/// support.
///
/// # Safety
/// `hp` points to a request.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tst_reserve_hugepages(
    hp: *mut Hugepages,
) -> core::ffi::c_ulong {
    // SAFETY: as the caller says.
    hugepages::reserve(unsafe { *hp })
}

/// Bytes, 0 without kernel support.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_get_hugepage_size() -> usize {
    hugepages::size()
}
