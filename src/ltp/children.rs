// SPDX-License-Identifier: BSD-2-Clause
//! Making processes: `SAFE_FORK`, `SAFE_CLONE`, `ltp_clone`, `SAFE_CMD`.

use core::ffi::{CStr, c_char, c_int, c_ulong, c_void};
use core::ptr;

use super::buffers;
use super::definition::Test;
use super::names::Status;
use super::report::{Site, TBROK, TCONF, TERRNO};
use super::text::Bytes;
use crate::errno;

fn may_fork(site: Site<'_>) -> bool {
    let allowed = super::test().is_none_or(|test| test.has(Test::FORKS_CHILD));
    if !allowed {
        site.brk(TBROK, format_args!("test.forks_child must be set!"));
    }
    allowed
}

/// Output that waits in stdio would appear once for each process.
fn flush() {
    // SAFETY: NULL means all streams.
    unsafe { libc::fflush(ptr::null_mut()) };
}

/// `SAFE_FORK`.
pub(crate) fn fork(site: Site<'_>) -> libc::pid_t {
    if !may_fork(site) {
        errno::set(libc::EPERM);
        return -1;
    }
    flush();
    // SAFETY: the caller wants a copy of itself and knows about its threads.
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => site.brk(TBROK | TERRNO, format_args!("fork() failed")),
        0 => buffers::check_at_exit(),
        _ => {}
    }
    pid
}

/// `struct tst_clone_args`.
#[repr(C)]
pub struct CloneArgs {
    pub(crate) flags: u64,
    pub(crate) exit_signal: u64,
    pub(crate) cgroup: u64,
}

/// `struct clone_args` of clone3(2).
#[repr(C)]
#[derive(Default)]
struct KernelCloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

/// `SAFE_CLONE`: like `fork`, with flags. The child goes on on a copy of the stack.
pub(crate) fn clone(site: Site<'_>, wanted: &CloneArgs) -> libc::pid_t {
    if !may_fork(site) {
        errno::set(libc::EPERM);
        return -1;
    }
    flush();
    let arguments = KernelCloneArgs {
        flags: wanted.flags,
        exit_signal: wanted.exit_signal,
        cgroup: wanted.cgroup,
        ..KernelCloneArgs::default()
    };
    // SAFETY: the structure is complete and its size correct; without a stack the child
    // continues on a copy of ours.
    let pid = unsafe {
        libc::syscall(
            libc::SYS_clone3,
            &raw const arguments,
            size_of::<KernelCloneArgs>(),
        )
    };
    if pid == -1 && errno::get() == libc::ENOSYS && wanted.cgroup == 0 {
        // Kernels before 5.3.
        // SAFETY: as above; the four other arguments are not used without their flags.
        let pid = unsafe {
            libc::syscall(
                libc::SYS_clone,
                wanted.flags | wanted.exit_signal,
                0,
                0,
                0,
                0,
            )
        };
        return cloned(site, pid, "clone");
    }
    cloned(site, pid, "clone3")
}

fn cloned(site: Site<'_>, pid: libc::c_long, call: &str) -> libc::pid_t {
    match pid {
        -1 => site.brk(TBROK | TERRNO, format_args!("{call} failed")),
        0 => buffers::check_at_exit(),
        _ => {}
    }
    pid as libc::pid_t
}

/// `ltp_clone`: `stack` is the lowest address, whichever way stacks grow.
///
/// # Safety
/// As `clone(2)`: the stack stays the child's as long as it runs.
pub(crate) unsafe fn clone_on_stack(
    flags: c_ulong,
    function: extern "C" fn(*mut c_void) -> c_int,
    argument: *mut c_void,
    size: usize,
    stack: *mut c_void,
) -> c_int {
    // SAFETY: as the caller says; all architectures of this library grow down.
    unsafe {
        libc::clone(
            function,
            stack.cast::<u8>().add(size).cast(),
            flags as c_int,
            argument,
        )
    }
}

/// `TST_CMD_PASS_RETVAL` and `TST_CMD_TCONF_ON_MISSING`.
const PASS_RETVAL: c_int = 1;
const TCONF_ON_MISSING: c_int = 2;

/// What the child of `command` exits with if there is nothing to execute.
const NOT_FOUND: c_int = 255;
const CANNOT_RUN: c_int = 254;

/// `tst_cmd`: runs a command and returns its exit value, -1 after a report that came
/// back. What happens if it cannot be found or fails is up to the flags.
///
/// # Safety
/// `argv` ends with NULL and has a name; it and the paths, which may be NULL, hold
/// NUL-terminated strings.
pub(crate) unsafe fn command(
    site: Site<'_>,
    argv: *const *const c_char,
    out: *const c_char,
    err: *const c_char,
    flags: c_int,
) -> c_int {
    flush();
    // SAFETY: the child only makes system calls before exec or its end.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: as the caller says.
        unsafe { execute(argv, out, err) }
    }
    let mut status = 0;
    if pid == -1 || !reap(pid, &mut status) {
        site.brk(
            TBROK | TERRNO,
            format_args!("fork() or waitpid({pid}) failed"),
        );
        return -1;
    }
    // SAFETY: as the caller says.
    let name = Bytes(unsafe { CStr::from_ptr(*argv) }.to_bytes());
    if !libc::WIFEXITED(status) {
        site.brk(TBROK, format_args!("{name} {}", Status(status)));
        return -1;
    }
    let code = libc::WEXITSTATUS(status);
    if code == NOT_FOUND && flags & TCONF_ON_MISSING != 0 {
        site.brk(TCONF, format_args!("Couldn't find '{name}' in $PATH"));
    } else if code != 0 && flags & PASS_RETVAL == 0 {
        site.brk(TBROK, format_args!("{name} failed ({code})"));
    }
    code
}

/// # Safety
/// As `command`; the caller is a child made for this.
unsafe fn execute(
    argv: *const *const c_char,
    out: *const c_char,
    err: *const c_char,
) -> ! {
    // SAFETY: as the caller says.
    unsafe {
        if redirect(out, libc::STDOUT_FILENO) && redirect(err, libc::STDERR_FILENO) {
            libc::execvp(*argv, argv);
        }
        libc::_exit(if errno::get() == libc::ENOENT {
            NOT_FOUND
        } else {
            CANNOT_RUN
        })
    }
}

/// Output to a file; NULL leaves it alone.
///
/// # Safety
/// `path` is NULL or NUL-terminated.
unsafe fn redirect(path: *const c_char, to: c_int) -> bool {
    let flags = libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC | libc::O_CLOEXEC;
    // SAFETY: as the caller says.
    path.is_null()
        || unsafe {
            let fd = libc::open(path, flags, 0o666);
            fd >= 0 && libc::dup2(fd, to) >= 0
        }
}

fn reap(pid: libc::pid_t, status: &mut c_int) -> bool {
    loop {
        // SAFETY: the status is ours.
        if unsafe { libc::waitpid(pid, status, 0) } == pid {
            return true;
        }
        if errno::get() != libc::EINTR {
            return false;
        }
    }
}
