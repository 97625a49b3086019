// SPDX-License-Identifier: BSD-2-Clause
//! Loggers that are commands: the record goes to their standard input (spec diag.md 9.7).

use super::logger::{Log, NotCreated, report};
use crate::diag;
use crate::errno;
use core::ffi::{CStr, c_char, c_int};
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

unsafe extern "C" {
    static environ: *const *mut c_char;
}

/// Starts `/bin/sh -c command`, in a process group of its own so that the terminal's
/// signals do not end it before the program.
pub(super) fn start(log: &Log, command: &CStr) -> Result<(), NotCreated> {
    let mut ends = [-1; 2];
    // Neither end may leak into programs that are started later: a logger ends when the
    // last writer is gone.
    // SAFETY: room for two descriptors.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
        diag::set_system_error(c"failed to create pipe");
        return Err(NotCreated);
    }
    let [read_end, write_end] = ends;
    let started = spawn(command, read_end);
    // SAFETY: the child has its own copy.
    unsafe { libc::close(read_end) };
    match started {
        Ok(pid) => {
            log.fd.store(write_end, Relaxed);
            log.pid.set(pid);
            Ok(())
        }
        Err(NotCreated) => {
            // SAFETY: nobody has it.
            unsafe { libc::close(write_end) };
            Err(NotCreated)
        }
    }
}

/// The child's id. SIGCHLD is blocked meanwhile: a handler of the program, or libev's, must
/// not wait for the child before we have looked whether it lives.
fn spawn(command: &CStr, stdin: c_int) -> Result<libc::pid_t, NotCreated> {
    let mut child_signal = MaybeUninit::<libc::sigset_t>::uninit();
    let mut saved = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the sets are filled before they are used.
    unsafe {
        libc::sigemptyset(child_signal.as_mut_ptr());
        libc::sigaddset(child_signal.as_mut_ptr(), libc::SIGCHLD);
        libc::pthread_sigmask(libc::SIG_BLOCK, child_signal.as_ptr(), saved.as_mut_ptr());
        let result = spawn_and_check(command, stdin, saved.assume_init_ref());
        libc::pthread_sigmask(libc::SIG_SETMASK, saved.as_ptr(), ptr::null_mut());
        result
    }
}

fn spawn_and_check(
    command: &CStr,
    stdin: c_int,
    mask: &libc::sigset_t,
) -> Result<libc::pid_t, NotCreated> {
    let (code, pid) = posix_spawn(command, stdin, mask);
    if code != 0 {
        errno::set(code);
        // The shell exists on every system; what fails is the process.
        if matches!(code, libc::EAGAIN | libc::ENOMEM) {
            diag::set_system_error(c"failed to create process");
        } else {
            let parts = [b"can't start logger: ", command.to_bytes()];
            report(diag::set_system_error, &parts);
        }
        return Err(NotCreated);
    }
    // SAFETY: our child; no status is wanted.
    if unsafe { libc::waitpid(pid, ptr::null_mut(), libc::WNOHANG) } == pid {
        diag::set_illegal_params(c"logger process died");
        return Err(NotCreated);
    }
    Ok(pid)
}

fn posix_spawn(
    command: &CStr,
    stdin: c_int,
    mask: &libc::sigset_t,
) -> (c_int, libc::pid_t) {
    let mut pid = 0;
    let mut actions = MaybeUninit::uninit();
    let mut attributes = MaybeUninit::uninit();
    let arguments = [
        c"/bin/sh".as_ptr().cast_mut(),
        c"-c".as_ptr().cast_mut(),
        command.as_ptr().cast_mut(),
        ptr::null_mut(),
    ];
    let flags = libc::POSIX_SPAWN_SETPGROUP | libc::POSIX_SPAWN_SETSIGMASK;
    // SAFETY: both objects are initialised before and destroyed after use (their
    // initialisation cannot fail in glibc); the arguments are C strings that nobody
    // writes to, and end with a NULL.
    let code = unsafe {
        libc::posix_spawn_file_actions_init(actions.as_mut_ptr());
        libc::posix_spawnattr_init(attributes.as_mut_ptr());
        libc::posix_spawnattr_setflags(attributes.as_mut_ptr(), flags as _);
        libc::posix_spawnattr_setpgroup(attributes.as_mut_ptr(), 0);
        libc::posix_spawnattr_setsigmask(attributes.as_mut_ptr(), mask);
        let mut code = libc::posix_spawn_file_actions_adddup2(
            actions.as_mut_ptr(),
            stdin,
            libc::STDIN_FILENO,
        );
        if code == 0 {
            code = libc::posix_spawn(
                &raw mut pid,
                c"/bin/sh".as_ptr(),
                actions.as_ptr(),
                attributes.as_ptr(),
                arguments.as_ptr(),
                environ,
            );
        }
        libc::posix_spawnattr_destroy(attributes.as_mut_ptr());
        libc::posix_spawn_file_actions_destroy(actions.as_mut_ptr());
        code
    };
    (code, pid)
}
