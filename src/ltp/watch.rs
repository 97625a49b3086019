// SPDX-License-Identifier: BSD-2-Clause
//! The library process while a test process runs: the watchdog, the signals that end
//! a run early, and everything that outlives the test (spec ltp.md 7.4, 7.5).
//!
//! From its first moment the library process survives SIGINT, SIGTERM, SIGHUP and
//! SIGQUIT: they end the test, or the set-up at its next step, and then the host is
//! put back. Only SIGKILL can prevent that; the test process at least dies with it.

use core::ffi::c_int;
use core::sync::atomic::{
    AtomicBool, AtomicI32,
    Ordering::{Relaxed, SeqCst},
};
use core::{mem, ptr};
use std::fs;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::definition::Test;
use super::names::Signal;
use super::report::{self, TBROK, TERRNO, TINFO, TWARN, brk, res};
use super::{body, results, role};
use crate::errno;

/// The test process while it exists and has not been reaped, else 0: the handlers
/// must never signal a pid that may belong to somebody else.
static RUNNING: AtomicI32 = AtomicI32::new(0);

/// The signal that asks us to stop, 0 while none did.
static INTERRUPTED: AtomicI32 = AtomicI32::new(0);

/// The signal has been passed on to the present test process.
static PASSED_ON: AtomicBool = AtomicBool::new(false);

/// How often the watchdog has gone off in vain.
static ALARMS: AtomicI32 = AtomicI32::new(0);

const MAX_ALARMS: c_int = 10;
const SECONDS_BETWEEN_ALARMS: u32 = 5;

/// What the program inherited, for the test process.
struct Inherited {
    mask: libc::sigset_t,
    /// Of `RESTORED`, in that order.
    actions: [libc::sigaction; 4],
}

static INHERITED: OnceLock<Inherited> = OnceLock::new();

/// Signals whose inherited disposition the test process gets back (a run under
/// nohup ignores SIGHUP); the others it gets as default.
const RESTORED: [c_int; 4] = [libc::SIGHUP, libc::SIGQUIT, libc::SIGPIPE, libc::SIGXFSZ];
const DEFAULTED: [c_int; 4] = [libc::SIGALRM, libc::SIGUSR1, libc::SIGTERM, libc::SIGINT];

/// Children that the program had before it became this process (`cmd & exec test`):
/// none of our business.
static HAD_CHILDREN: OnceLock<bool> = OnceLock::new();

fn set_handler(signal: c_int, handler: libc::sighandler_t) -> libc::sigaction {
    // SAFETY: all zero is a valid sigaction; the handlers below are async-signal-safe
    // and have the type that sa_flags announces.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        let mut old: libc::sigaction = mem::zeroed();
        action.sa_sigaction = handler;
        // Waiting for the test process and writing to /proc are never interrupted.
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(signal, &action, &mut old);
        old
    }
}

/// Called before anything on the host is changed.
pub(crate) fn install() {
    let interrupt = on_interrupt as extern "C" fn(c_int) as libc::sighandler_t;
    let alarm = on_alarm as extern "C" fn(c_int) as libc::sighandler_t;
    let heartbeat = on_heartbeat as extern "C" fn(c_int) as libc::sighandler_t;
    // SAFETY: all zero is a valid set, filled below.
    let mut ours: libc::sigset_t = unsafe { mem::zeroed() };
    // SAFETY: as above.
    let mut mask: libc::sigset_t = unsafe { mem::zeroed() };
    for (signal, handler) in [
        (libc::SIGINT, interrupt),
        (libc::SIGTERM, interrupt),
        (libc::SIGALRM, alarm),
        (libc::SIGUSR1, heartbeat),
        // An ignored SIGCHLD would make waiting fail.
        (libc::SIGCHLD, libc::SIG_DFL),
    ] {
        set_handler(signal, handler);
        // SAFETY: the set is ours.
        unsafe { libc::sigaddset(&mut ours, signal) };
    }
    let actions = RESTORED.map(|signal| {
        // A closed pipe or a limit on the size of files is an error of the call, and
        // must not stop the clean-up.
        let handler = match signal {
            libc::SIGPIPE | libc::SIGXFSZ => libc::SIG_IGN,
            _ => interrupt,
        };
        let old = set_handler(signal, handler);
        if old.sa_sigaction == libc::SIG_IGN {
            set_handler(signal, libc::SIG_IGN);
        }
        old
    });
    // SAFETY: both sets are ours. A parent may have left these signals blocked.
    unsafe { libc::sigprocmask(libc::SIG_UNBLOCK, &ours, &mut mask) };
    let _ = INHERITED.set(Inherited { mask, actions });
    // Orphans of the test come to us instead of init, so none can outlive the run. A
    // program that already had children could not tell theirs from the test's.
    let had_children = *HAD_CHILDREN.get_or_init(|| !children().is_empty());
    if !had_children {
        // SAFETY: no pointers; older kernels refuse, and orphans go to init.
        unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
    }
}

/// Ends the run if a signal asked for it. Called between the steps of the set-up.
pub(crate) fn stop_if_interrupted() {
    let signal = INTERRUPTED.load(SeqCst);
    if signal != 0 {
        brk!(TBROK, "Interrupted by {}", Signal(signal));
    }
}

/// Kills the group of the test process; its leader by pid, too, as it may not have
/// become one yet.
fn kill_test(pid: c_int) {
    if pid > 0 {
        // SAFETY: RUNNING is cleared before the test process is reaped, so the pid is
        // not reused.
        unsafe {
            libc::kill(-pid, libc::SIGKILL);
            libc::kill(pid, libc::SIGKILL);
        }
    }
}

extern "C" fn on_interrupt(signal: c_int) {
    let err = errno::get();
    INTERRUPTED.store(signal, SeqCst);
    pass_on_interrupt();
    errno::set(err);
}

/// Ends the test process if a signal asked for it. Called by the handler, which may come
/// before `RUNNING` is set, and after that.
fn pass_on_interrupt() {
    let pid = RUNNING.load(SeqCst);
    if pid > 0 && INTERRUPTED.load(SeqCst) != 0 && !PASSED_ON.swap(true, SeqCst) {
        report::write_all(b"Sending SIGKILL to test process...\n");
        kill_test(pid);
    }
}

extern "C" fn on_alarm(_: c_int) {
    let err = errno::get();
    let pid = RUNNING.load(SeqCst);
    if pid > 0 {
        report::write_all(b"Test timeouted, sending SIGKILL!\n");
        kill_test(pid);
        // SAFETY: alarm has no preconditions.
        unsafe { libc::alarm(SECONDS_BETWEEN_ALARMS) };
        if ALARMS.fetch_add(1, Relaxed) >= MAX_ALARMS {
            report::write_all(
                b"Cannot kill test processes!\n\
                  Congratulation, likely test hit a kernel bug.\n\
                  Exiting uncleanly...\n",
            );
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(1) };
        }
    }
    errno::set(err);
}

extern "C" fn on_heartbeat(_: c_int) {
    restart_watchdog();
}

/// A length of 0 turns the watchdog off.
fn restart_watchdog() {
    let length = results::page().map_or(0, |page| page.watchdog.load(SeqCst));
    // SAFETY: alarm has no preconditions.
    unsafe { libc::alarm(length) };
}

/// In the test process: the signals of an ordinary process, and an end when the
/// library process ends.
pub(crate) fn become_test() {
    for signal in DEFAULTED {
        set_handler(signal, libc::SIG_DFL);
    }
    // SAFETY: setpgid and prctl take no pointers; the actions and the mask are those
    // that sigaction and sigprocmask gave us.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        if libc::getppid() != role::library_pid() {
            libc::_exit(TBROK);
        }
        if let Some(inherited) = INHERITED.get() {
            for (signal, action) in RESTORED.iter().zip(&inherited.actions) {
                libc::sigaction(*signal, action, ptr::null_mut());
            }
            libc::sigprocmask(libc::SIG_SETMASK, &inherited.mask, ptr::null_mut());
        }
        if libc::setpgid(0, 0) != 0 {
            brk!(TBROK | TERRNO, "setpgid(0, 0) failed");
        }
    }
}

/// Forks the test process and waits until it and all of its descendants are gone.
/// Returns its pid and wait status.
pub(crate) fn run_test(test: &'static Test) -> (libc::pid_t, c_int) {
    // SAFETY: flushes what constructors may have printed, so it is not printed twice.
    unsafe { libc::fflush(ptr::null_mut()) };
    restart_watchdog();
    // SAFETY: this process has one thread.
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => brk!(TBROK | TERRNO, "fork() failed"),
        0 => body::run(test),
        _ => {}
    }
    // SAFETY: the child does the same; whoever comes first makes it the leader.
    unsafe { libc::setpgid(pid, pid) };
    PASSED_ON.store(false, SeqCst);
    RUNNING.store(pid, SeqCst);
    pass_on_interrupt();
    let status = wait_for(pid);
    // SAFETY: alarm has no preconditions.
    unsafe { libc::alarm(0) };
    kill_leftovers(pid, test.has(Test::FORKS_CHILD));
    (pid, status)
}

/// Reaps the test process, and orphans that died before it.
fn wait_for(pid: libc::pid_t) -> c_int {
    loop {
        // SAFETY: all zero is a valid siginfo.
        let mut info: libc::siginfo_t = unsafe { mem::zeroed() };
        // Looking before reaping: once reaped the pid may belong to somebody else.
        // SAFETY: the structure is ours.
        let found = unsafe {
            libc::waitid(libc::P_ALL, 0, &mut info, libc::WEXITED | libc::WNOWAIT)
        };
        if found != 0 && errno::get() != libc::EINTR {
            brk!(TBROK | TERRNO, "waitid() failed");
            return 0;
        }
        let dead = if found == 0 {
            // SAFETY: waitid filled it for a child.
            unsafe { info.si_pid() }
        } else {
            0
        };
        if dead == pid {
            if let Some(page) = results::page() {
                page.test_pid.store(0, SeqCst);
            }
            RUNNING.store(0, SeqCst);
        }
        if dead > 0 {
            let mut status = 0;
            // SAFETY: the status is ours.
            unsafe { libc::waitpid(dead, &mut status, 0) };
            if dead == pid {
                return status;
            }
        }
    }
}

/// Reaps what is dead already.
fn reap_orphans() {
    // SAFETY: a NULL status is allowed.
    while unsafe { libc::waitpid(-1, ptr::null_mut(), libc::WNOHANG) } > 0 {}
}

/// The group of the test process, and descendants that left it but have come to us.
fn kill_leftovers(group: libc::pid_t, announce: bool) {
    reap_orphans();
    // SAFETY: as long as the group has a member its number is not given to a process.
    let mut killed = unsafe { libc::kill(-group, libc::SIGKILL) } == 0;
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let left = if HAD_CHILDREN.get() == Some(&false) {
            children()
        } else {
            Vec::new()
        };
        for pid in &left {
            // SAFETY: a child of ours that has not been reaped.
            unsafe { libc::kill(*pid, libc::SIGKILL) };
        }
        killed |= !left.is_empty();
        reap_orphans();
        if left.is_empty() {
            break;
        }
        if Instant::now() > deadline {
            res!(TWARN, "{} leftover processes cannot be killed", left.len());
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    if killed && announce {
        res!(TINFO, "Killed the leftover descendant processes");
    }
}

/// Our children, dead ones included, from `/proc/<pid>/stat`.
fn children() -> Vec<libc::pid_t> {
    // Nearly always there are none, and the kernel says so at once.
    // SAFETY: all zero is a valid siginfo.
    let mut info: libc::siginfo_t = unsafe { mem::zeroed() };
    let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: the structure is ours.
    if unsafe { libc::waitid(libc::P_ALL, 0, &mut info, flags) } != 0 {
        return Vec::new();
    }
    // SAFETY: getpid has no preconditions.
    let me = unsafe { libc::getpid() };
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid: &libc::pid_t| {
            let stat = fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
            parent_in(&stat) == Some(me)
        })
        .collect()
}

/// The fourth field; the second one is in parentheses and may contain anything.
fn parent_in(stat: &[u8]) -> Option<libc::pid_t> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = core::str::from_utf8(stat.get(end + 1..)?).ok()?;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_is_behind_the_last_parenthesis() {
        assert_eq!(parent_in(b"12 (a) S 7 12 12 0"), Some(7));
        assert_eq!(parent_in(b"12 (a) S 9) R 7 12 12 0"), Some(7));
        assert_eq!(parent_in(b"12 (a"), None);
    }
}
