// SPDX-License-Identifier: BSD-2-Clause
//! `SAFE_*` for processes, users, signals and limits (spec ltp.md 15).

use core::ffi::{CStr, c_char, c_int, c_long, c_ulong, c_void};
use core::ptr;

use super::safe_call;
use crate::errno;
use crate::ltp::blocking;
use crate::ltp::children::{self, CloneArgs};
use crate::ltp::names::Signal;
use crate::ltp::report::{Site, TBROK, TCONF, TERRNO, TINFO};
use crate::ltp::text::{Bytes, Ptr, Str};

/// fork(2), for tests with `.forks_child`.
///
/// # Safety
/// `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_fork(
    file: *const c_char,
    lineno: core::ffi::c_uint,
) -> libc::pid_t {
    // SAFETY: as the caller says.
    children::fork(unsafe { Site::new(file, lineno.cast_signed()) })
}

/// clone3(2) without a stack, for tests with `.forks_child`.
///
/// # Safety
/// `file` is a string, `args` points to arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_clone(
    file: *const c_char,
    lineno: c_int,
    args: *const CloneArgs,
) -> libc::pid_t {
    // SAFETY: as the caller says.
    unsafe { children::clone(Site::new(file, lineno), &*args) }
}

/// clone(2) with the lowest address of the stack.
///
/// # Safety
/// As clone: the stack stays the child's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ltp_clone(
    flags: c_ulong,
    function: extern "C" fn(*mut c_void) -> c_int,
    arg: *mut c_void,
    stack_size: usize,
    stack: *mut c_void,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe { children::clone_on_stack(flags, function, arg, stack_size, stack) }
}

/// Runs a command; its exit value.
///
/// # Safety
/// `argv` ends with NULL; the paths are strings or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tst_cmd_(
    file: *const c_char,
    lineno: c_int,
    argv: *const *const c_char,
    stdout_path: *const c_char,
    stderr_path: *const c_char,
    flags: c_int,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe {
        children::command(
            Site::new(file, lineno),
            argv,
            stdout_path,
            stderr_path,
            flags,
        )
    }
}

safe_call! {
    /// kill(2)
    cleanup fn safe_kill(pid: libc::pid_t, sig: c_int) -> c_int
        = zero(libc::kill(pid, sig), "kill({},{})", pid, Signal(sig))
}

/// Repeats a call while signals interrupt it.
fn uninterrupted(mut call: impl FnMut() -> libc::pid_t) -> libc::pid_t {
    loop {
        let pid = call();
        if pid != -1 || errno::get() != libc::EINTR {
            return pid;
        }
    }
}

safe_call! {
    /// wait(2)
    cleanup fn safe_wait(status: *mut c_int) -> libc::pid_t
        = at_least_zero(uninterrupted(|| blocking::wait(status)), "wait({})", Ptr::new(status))
}

safe_call! {
    /// waitpid(2)
    cleanup fn safe_waitpid(pid: libc::pid_t, status: *mut c_int, opts: c_int) -> libc::pid_t
        = at_least_zero(
            uninterrupted(|| blocking::waitpid(pid, status, opts)),
            "waitpid({},{},{})", pid, Ptr::new(status), opts,
        )
}

safe_call! {
    /// setuid(2)
    cleanup fn safe_setuid(uid: libc::uid_t) -> c_int
        = zero(libc::setuid(uid), "setuid({})", uid)
}

safe_call! {
    /// setgid(2)
    cleanup fn safe_setgid(gid: libc::gid_t) -> c_int
        = zero(libc::setgid(gid), "setgid({})", gid)
}

safe_call! {
    /// seteuid(2)
    cleanup fn safe_seteuid(uid: libc::uid_t) -> c_int
        = zero(libc::seteuid(uid), "seteuid({})", uid)
}

safe_call! {
    /// setegid(2)
    cleanup fn safe_setegid(gid: libc::gid_t) -> c_int
        = zero(libc::setegid(gid), "setegid({})", gid)
}

safe_call! {
    /// setpgid(2)
    fn safe_setpgid(pid: libc::pid_t, pgid: libc::pid_t) -> c_int
        = zero(libc::setpgid(pid, pgid), "setpgid({}, {})", pid, pgid)
}

safe_call! {
    /// getpgid(2)
    fn safe_getpgid(pid: libc::pid_t) -> libc::pid_t
        = at_least_zero(libc::getpgid(pid), "getpgid({})", pid)
}

safe_call! {
    /// setsid(2)
    fn safe_setsid() -> libc::pid_t
        = at_least_zero(libc::setsid(), "setsid()")
}

safe_call! {
    /// setenv(3)
    fn safe_setenv(name: *const c_char, value: *const c_char, overwrite: c_int) -> c_int
        = zero(
            libc::setenv(name, value, overwrite),
            "setenv({}, {}, {})", Str::new(name), Str::new(value), overwrite,
        )
}

safe_call! {
    /// getpwnam(3)
    cleanup fn safe_getpwnam(name: *const c_char) -> *mut libc::passwd
        = not_null(libc::getpwnam(name), "getpwnam({})", Str::new(name))
}

safe_call! {
    /// getgrnam(3)
    cleanup fn safe_getgrnam(name: *const c_char) -> *mut libc::group
        = not_null(libc::getgrnam(name), "getgrnam({})", Str::new(name))
}

/// sigaction(2)
///
/// # Safety
/// As sigaction; `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_sigaction(
    file: *const c_char,
    lineno: c_int,
    signum: c_int,
    act: *const libc::sigaction,
    oldact: *mut libc::sigaction,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe {
        let site = Site::new(file, lineno);
        let value = libc::sigaction(signum, act, oldact);
        let (act, oldact) = (Ptr::new(act), Ptr::new(oldact));
        let name = Signal(signum);
        site.zero(
            value,
            format_args!("sigaction({name} ({signum}), {act}, {oldact})"),
        )
    }
}

/// signal(2): the handler before.
///
/// # Safety
/// As signal; `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_signal(
    file: *const c_char,
    lineno: c_int,
    signum: c_int,
    handler: libc::sighandler_t,
) -> libc::sighandler_t {
    // SAFETY: as the caller says.
    let (site, old) = unsafe { (Site::new(file, lineno), libc::signal(signum, handler)) };
    if old == libc::SIG_ERR {
        let handler = Ptr::new(ptr::without_provenance::<u8>(handler));
        site.brk(
            TBROK | TERRNO,
            format_args!("signal({signum},{handler}) failed"),
        );
    }
    old
}

safe_call! {
    /// sigemptyset(3)
    fn safe_sigemptyset(set: *mut libc::sigset_t) -> c_int
        = zero(libc::sigemptyset(set), "sigemptyset()")
}

safe_call! {
    /// sigfillset(3)
    fn safe_sigfillset(set: *mut libc::sigset_t) -> c_int
        = zero(libc::sigfillset(set), "sigfillset()")
}

/// sigaddset(3)
///
/// # Safety
/// `set` is a set, `file` a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_sigaddset(
    file: *const c_char,
    lineno: c_int,
    set: *mut libc::sigset_t,
    signo: c_int,
) -> c_int {
    // SAFETY: as the caller says.
    let (site, value) = unsafe { (Site::new(file, lineno), libc::sigaddset(set, signo)) };
    site.zero(
        value,
        format_args!("sigaddset() {} ({signo})", Signal(signo)),
    )
}

/// sigdelset(3)
///
/// # Safety
/// `set` is a set, `file` a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_sigdelset(
    file: *const c_char,
    lineno: c_int,
    set: *mut libc::sigset_t,
    signo: c_int,
) -> c_int {
    // SAFETY: as the caller says.
    let (site, value) = unsafe { (Site::new(file, lineno), libc::sigdelset(set, signo)) };
    site.zero(
        value,
        format_args!("sigdelset() {} ({signo})", Signal(signo)),
    )
}

/// The name of the first argument of sigprocmask.
fn how_name(how: c_int) -> &'static str {
    match how {
        libc::SIG_BLOCK => "SIG_BLOCK",
        libc::SIG_UNBLOCK => "SIG_UNBLOCK",
        libc::SIG_SETMASK => "SIG_SETMASK",
        _ => "???",
    }
}

safe_call! {
    /// sigprocmask(2)
    fn safe_sigprocmask(
        how: c_int,
        set: *const libc::sigset_t,
        oldset: *mut libc::sigset_t,
    ) -> c_int
        = zero(
            libc::sigprocmask(how, set, oldset),
            "sigprocmask({}, {}, {})", how_name(how), Ptr::new(set), Ptr::new(oldset),
        )
}

/// sysconf(3): -1 without errno is an answer, not an error.
///
/// # Safety
/// `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_sysconf(
    file: *const c_char,
    lineno: c_int,
    name: c_int,
) -> c_long {
    errno::set(0);
    // SAFETY: as the caller says.
    let (site, value) = unsafe { (Site::new(file, lineno), libc::sysconf(name)) };
    if value == -1 {
        if errno::get() == 0 {
            site.res(
                TINFO,
                format_args!("queried option is not available or there is no limit"),
            );
        } else {
            site.brk(TBROK | TERRNO, format_args!("sysconf({name}) failed"));
        }
    }
    value
}

/// unshare(2): what the kernel does not know is a TCONF.
///
/// # Safety
/// `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_unshare(
    file: *const c_char,
    lineno: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: as the caller says.
    let (site, value) = unsafe { (Site::new(file, lineno), libc::unshare(flags)) };
    if value == -1 && errno::get() == libc::EINVAL {
        site.brk(TCONF, format_args!("unshare({flags}) unsupported"));
    } else if value == -1 {
        site.brk(TBROK | TERRNO, format_args!("unshare({flags}) failed"));
    }
    value
}

/// personality(2): the one before.
///
/// # Safety
/// `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_personality(
    file: *const c_char,
    lineno: c_int,
    persona: c_ulong,
) -> c_int {
    // SAFETY: as the caller says.
    let (site, value) = unsafe { (Site::new(file, lineno), libc::personality(persona)) };
    if value == -1 {
        site.brk(
            TBROK | TERRNO,
            format_args!("persona({}) failed", persona.cast_signed()),
        );
    }
    value
}

/// The uid of a user.
///
/// # Safety
/// `user` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn getuserid(user: *mut c_char) -> c_int {
    // SAFETY: as the caller says; the entry is valid until the next look-up.
    unsafe {
        match libc::getpwnam(user).as_ref() {
            Some(entry) => entry.pw_uid.cast_signed(),
            None => {
                let user = Bytes(CStr::from_ptr(user).to_bytes());
                Site::here().brk(TBROK | TERRNO, format_args!("getpwnam({user}) failed"));
                -1
            }
        }
    }
}
