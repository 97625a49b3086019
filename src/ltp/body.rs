// SPDX-License-Identifier: BSD-2-Clause
//! The test process: setup, iterations, cleanup (spec ltp.md 7.1, 7.3).

use core::ffi::{c_int, c_uint};
use core::sync::atomic::{
    AtomicI32,
    Ordering::{Relaxed, SeqCst},
};
use std::time::Instant;

use super::definition::Test;
use super::names::{Signal, Status};
use super::options::{self, Options};
use super::report::{Site, TBROK, TERRNO, TFAIL, brk};
use super::role::{self, Role};
use super::text::{Bytes, Ptr, Text};
use super::{blocking, buffers, oom, results, time_limit, tmpdir, watch};
use crate::errno;

/// Runs the callbacks and ends the process. The caller has just forked.
///
/// No value here has a destructor: a callback may be unwound by `pthread_cancel`,
/// and `exit` never returns.
pub(crate) fn run(test: &'static Test) -> ! {
    role::become_test();
    watch::become_test();
    if let Some(page) = results::page() {
        // SAFETY: getpid has no preconditions.
        page.test_pid.store(unsafe { libc::getpid() }, SeqCst);
    }
    oom::unprotect_self();
    time_limit::heartbeat();
    extend_path();
    if let Some(setup) = test.setup {
        // SAFETY: the test's own callback, in the process it is meant for.
        unsafe { setup() };
        if role::current() != Role::Test {
            brk!(TBROK, "Runaway child in setup()!");
        }
    }
    iterate(test, options::get());
    if let Some(page) = results::page() {
        page.completed.store(1, SeqCst);
    }
    match claim_cleanup() {
        Claim::Granted => clean_up_and_exit(0),
        // Another thread is ending the process.
        _ => loop {
            // SAFETY: pause has no preconditions.
            unsafe { blocking::pause() };
        },
    }
}

fn iterate(test: &Test, options: &Options) {
    let begun = Instant::now();
    let mut done = 0;
    loop {
        let wanted_more = options
            .duration
            .is_some_and(|seconds| begun.elapsed().as_secs_f32() < seconds);
        if done >= options.iterations && !wanted_more {
            return;
        }
        if let Some(test_all) = test.test_all {
            // SAFETY: the test's own callback.
            call(None, || unsafe { test_all() });
        } else if let Some(function) = test.test {
            for case in 0..test.tcnt {
                // SAFETY: the test's own callback.
                call(Some(case), || unsafe { function(case) });
            }
        }
        time_limit::heartbeat();
        done = done.saturating_add(1);
    }
}

/// One call of the test function, and what must have come of it.
fn call(case: Option<c_uint>, function: impl FnOnce()) {
    let before = results::page().map(results::Page::reported);
    time_limit::heartbeat();
    function();
    if role::current() != Role::Test {
        // A child came back from the test function.
        // SAFETY: exit has no preconditions.
        unsafe { libc::exit(0) };
    }
    reap_children();
    if results::page().map(results::Page::reported) == before {
        match case {
            None => brk!(TBROK, "Test haven't reported results!"),
            Some(case) => brk!(TBROK, "Test {case} haven't reported results!"),
        }
    }
}

/// `tst_reap_children`: waits until there are none.
pub(crate) fn reap_children() {
    loop {
        let mut status = 0;
        // SAFETY: the status is ours.
        let pid = unsafe { blocking::wait(&mut status) };
        if pid > 0 {
            check_child(pid, status);
            continue;
        }
        match errno::get() {
            libc::EINTR => {}
            libc::ECHILD => return,
            _ => return brk!(TBROK | TERRNO, "wait() failed"),
        }
    }
}

fn check_child(pid: libc::pid_t, status: c_int) {
    if libc::WIFSIGNALED(status) {
        let signal = Signal(libc::WTERMSIG(status));
        return brk!(TBROK, "Child ({pid}) killed by signal {signal}");
    }
    if !libc::WIFEXITED(status) {
        return brk!(TBROK, "Child ({pid}) exited abnormally");
    }
    match libc::WEXITSTATUS(status) {
        0 => {}
        // In 2023 these are what tst_brk in a child exits with.
        2 | 32 if !super::is_2026() => {}
        value => brk!(TBROK, "Invalid child ({pid}) exit value {value}"),
    }
}

/// `tst_validate_children`.
pub(crate) fn validate_children(site: Site<'_>, count: c_uint) -> c_int {
    for _ in 0..count {
        let mut status = 0;
        let pid = loop {
            // SAFETY: the status is ours.
            let pid = unsafe { blocking::wait(&mut status) };
            if pid >= 0 || errno::get() != libc::EINTR {
                break pid;
            }
        };
        if pid < 0 {
            let address = Ptr::new(&status);
            site.brk(TBROK | TERRNO, format_args!("wait({address}) failed"));
            return 1;
        }
        if !libc::WIFEXITED(status) || libc::WEXITSTATUS(status) != 0 {
            site.res(TFAIL, format_args!("Child {pid}: {}", Status(status)));
            return 1;
        }
    }
    0
}

/// The executables that a test runs may lie beside it: the start directory joins PATH.
fn extend_path() {
    let path = super::report::variable(c"PATH").unwrap_or_default();
    let longer: Text<8192> = Text::of(format_args!(
        "{}::{}",
        Bytes(path),
        Bytes(tmpdir::start_dir())
    ));
    // A PATH that does not fit is left alone rather than cut in the middle.
    if !longer.is_cut() {
        // SAFETY: strings; the process has one thread yet.
        unsafe { libc::setenv(c"PATH".as_ptr(), longer.c_str().as_ptr(), 1) };
    }
}

/// The thread that cleans up: 0 nobody yet, its id while it does, negated afterwards.
static CLEANER: AtomicI32 = AtomicI32::new(0);

pub(crate) enum Claim {
    /// The caller, and nobody else ever, must call `clean_up_and_exit`.
    Granted,
    /// Somebody is cleaning up, or another thread has done so and is exiting.
    Running,
    /// The caller itself has cleaned up; it is in an exit handler now.
    Done,
}

/// Clean-up happens once in a test process, whoever gets there first.
pub(crate) fn claim_cleanup() -> Claim {
    // SAFETY: gettid has no preconditions.
    let me = unsafe { libc::gettid() };
    match CLEANER.compare_exchange(0, me, SeqCst, SeqCst) {
        Ok(_) => Claim::Granted,
        Err(done) if done == -me => Claim::Done,
        Err(_) => Claim::Running,
    }
}

/// The caller's claim was granted.
pub(crate) fn clean_up_and_exit(code: c_int) -> ! {
    if let Some(cleanup) = super::test().and_then(|test| test.cleanup) {
        // SAFETY: the test's own callback; `tst_brk` returns inside it.
        unsafe { cleanup() };
    }
    buffers::free_all();
    CLEANER.store(-CLEANER.load(Relaxed), SeqCst);
    // SAFETY: only the thread with the claim gets here, so exit runs once.
    unsafe { libc::exit(code) }
}
