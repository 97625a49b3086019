// SPDX-License-Identifier: BSD-2-Clause
//! The library process from `main()` to `exit` (spec ltp.md 5, 7.5, 9): it changes
//! the host, forks the test process, and puts the host back whatever happened.

use core::ffi::{CStr, c_char, c_int};
use core::sync::atomic::{
    AtomicBool,
    Ordering::{Relaxed, SeqCst},
};

use super::definition::{Test, string};
use super::names::Signal;
use super::report::{TBROK, TCONF, TFAIL, TINFO, brk, res};
use super::results::{Counter, Page};
use super::text::Bytes;
use super::{
    buffers, globals, hugepages, kconfig, mount, oom, options, requirements, results,
    role, summary, sysconf, sysvipc, taint, time_limit, tmpdir, wallclock, watch,
};

/// Nothing but clean-up happens any more.
static CLEANING: AtomicBool = AtomicBool::new(false);
/// Hints are for tests that ran (spec ltp.md 0).
static STARTED: AtomicBool = AtomicBool::new(false);

pub(crate) fn is_cleaning() -> bool {
    CLEANING.load(Relaxed)
}

/// `tst_run_tcases`.
pub(crate) fn run(argc: c_int, argv: *mut *mut c_char, test: Option<&'static Test>) -> ! {
    role::become_library();
    watch::install();
    sysconf::share();
    sysvipc::share();
    let Some(test) = test else {
        brk!(TBROK, "No tests to run");
        leave(TBROK);
    };
    super::set_test(test);
    prepare(test, argc, argv);
    let code = run_variants(test);
    finish(code)
}

/// Does the steps in order; a signal that asked us to stop ends the run after the
/// step that it fell into.
macro_rules! steps {
    ($($step:expr;)*) => {
        $($step; watch::stop_if_interrupted();)*
    };
}

/// Everything before the first fork, in the order that decides which of several
/// missing requirements is reported and whether there is a Summary.
fn prepare(test: &Test, argc: c_int, argv: *mut *mut c_char) {
    let newer = super::is_2026();
    check_limits(test);
    // SAFETY: the test's string.
    if let Some(message) = unsafe { string(test.tconf_msg) } {
        brk!(TCONF, "{}", Bytes(message.to_bytes()));
    }
    if newer {
        requirements::check_arch(test);
    }
    test.check_functions();
    name_test(argc, argv);
    if newer {
        create_results(test);
    }
    options::parse(test, argc, argv);
    steps! {
        requirements::check_supported(test);
        kconfig::check(test);
        requirements::check_root(test);
        requirements::check_kernel(test);
        if !newer { requirements::check_arch(test) };
        requirements::check_security(test);
        requirements::check_commands(test);
        requirements::check_sizes(test);
        hugepages::reserve_for(test);
        if !newer { create_results(test) };
        buffers::allocate_for(test);
        tmpdir::create_for(test);
        sysconf::save_for(test);
        requirements::set_limits(test);
        mount::set_up(test);
        tmpdir::copy_resources(test);
        wallclock::save_for(test);
        taint::init_for(test);
        oom::protect(0);
    }
    res!(TINFO, "{}", super::VERSION);
    if newer {
        requirements::print_kernel();
    }
    time_limit::set_up(test);
}

fn check_limits(test: &Test) {
    for (name, value) in [("runtime", test.runtime), ("timeout", test.timeout)] {
        if value < -1 {
            brk!(TBROK, "Invalid {name} value {value}");
        }
    }
}

/// The test id names its files: the last component of `argv[0]`.
fn name_test(argc: c_int, argv: *mut *mut c_char) {
    // SAFETY: main's arguments.
    let name = unsafe { if argc > 0 { string(*argv) } else { None } }.unwrap_or_default();
    let bytes = name.to_bytes_with_nul();
    let start = bytes
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |slash| slash + 1);
    let id = bytes
        .get(start..)
        .and_then(|tail| CStr::from_bytes_with_nul(tail).ok())
        .unwrap_or_default();
    if id.is_empty() {
        res!(TINFO, "argv[0] is empty!");
        return super::set_test_id(c"ltp_empty_argv");
    }
    super::set_test_id(id);
}

fn create_results(test: &Test) {
    results::create(super::test_id().to_bytes(), test.exports_results());
}

/// Runs the test process once for each variant; returns the bits of the exit code
/// that do not come from the counters.
fn run_variants(test: &'static Test) -> c_int {
    let mut collected = 0;
    let Some(page) = results::page() else {
        return TBROK;
    };
    for variant in 0..test.variants.max(1) {
        watch::stop_if_interrupted();
        globals::set_variant(variant);
        page.completed.store(0, SeqCst);
        let before = page.reported();
        STARTED.store(true, Relaxed);
        let since = sysvipc::now();
        let (pid, status) = watch::run_test(test);
        sysvipc::remove_leftovers(pid, since);
        if taint_appeared(test) {
            break;
        }
        let code = judge(page, status, before);
        collected |= code;
        let stop = if super::is_2026() {
            page.broke.load(SeqCst) != 0
        } else {
            collected & !TCONF != 0
        };
        if stop {
            break;
        }
    }
    collected
}

fn taint_appeared(test: &Test) -> bool {
    if test.taint_check == 0 || taint::check() == 0 {
        return false;
    }
    if super::is_2026() {
        res!(TFAIL, "Kernel is now tainted");
    } else {
        res!(TFAIL, "Kernel is now tainted.");
    }
    true
}

/// What the end of the test process means. `before` is what had been reported when
/// it started.
fn judge(page: &Page, status: c_int, before: u32) -> c_int {
    if libc::WIFSIGNALED(status) {
        let signal = libc::WTERMSIG(status);
        if signal != libc::SIGKILL {
            brk!(TBROK, "Test killed by {}!", Signal(signal));
        } else if !super::is_2026() || page.broke.load(SeqCst) == 0 {
            res!(
                TINFO,
                "If you are running on slow machine, try exporting LTP_TIMEOUT_MUL > 1"
            );
            brk!(TBROK, "Test killed! (timeout?)");
        }
        return 0;
    }
    let code = libc::WEXITSTATUS(status);
    let silent = page.reported() == before;
    if code == 0 {
        if silent && page.completed.load(SeqCst) == 0 {
            brk!(TBROK, "Test haven't reported results!");
        }
        return 0;
    }
    if super::is_2026() {
        brk!(TBROK, "Child returned with {code}");
    } else if silent || code >= 64 {
        // An exit value that no report explains would otherwise pass for one.
        res!(TBROK, "Test process exited with {code}");
    }
    code
}

/// Puts the host back, in the reverse order of `prepare`.
fn clean_up() {
    CLEANING.store(true, SeqCst);
    mount::clean_up();
    tmpdir::remove();
    sysconf::restore(false);
    wallclock::restore();
    results::remove();
}

/// Ends the run with the Summary, if there is anything to sum up.
pub(crate) fn finish(collected: c_int) -> ! {
    clean_up();
    let mut code = collected;
    if let (Some(page), Some(test)) = (results::page(), super::test()) {
        let hint = if super::is_2026() {
            let unhappy = page.get(Counter::Failed) + page.get(Counter::Broken) > 0;
            unhappy && STARTED.load(Relaxed)
        } else {
            page.get(Counter::Failed) > 0
        };
        if hint {
            summary::print_hints(test);
        }
        summary::print(page);
        code = summary::exit_code(page, collected);
    }
    // SAFETY: the only place, with `leave`, where the library process exits.
    unsafe { libc::exit(code) }
}

/// Ends the run without one: `-h` and `-V`.
pub(crate) fn leave(code: c_int) -> ! {
    clean_up();
    // SAFETY: as in `finish`.
    unsafe { libc::exit(code) }
}
