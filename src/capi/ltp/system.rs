// SPDX-License-Identifier: BSD-2-Clause
//! What tests ask the machine, and sysctls (spec ltp.md 12, 14.2, 14.4).

use core::ffi::{CStr, c_char, c_int, c_long, c_longlong, c_uint};
use core::time::Duration;
use std::time::Instant;

use crate::errno;
use crate::ltp::blocking;
use crate::ltp::definition::{PathValue, string};
use crate::ltp::text::Text;
use crate::ltp::{cpu, file, kernel, oom, sysconf, taint, timer};

/// CPUs online.
#[unsafe(no_mangle)]
pub extern "C" fn tst_ncpus() -> c_long {
    cpu::online()
}

/// CPUs configured.
#[unsafe(no_mangle)]
pub extern "C" fn tst_ncpus_conf() -> c_long {
    cpu::configured()
}

/// CPUs that the kernel's masks have room for.
#[unsafe(no_mangle)]
pub extern "C" fn tst_ncpus_max() -> c_long {
    cpu::max()
}

/// CPUs in the caller's affinity mask.
#[unsafe(no_mangle)]
pub extern "C" fn tst_ncpus_available() -> c_long {
    cpu::available()
}

/// KiB of memory that can be had without swapping.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_available_mem() -> c_longlong {
    cpu::available_memory()
}

/// KiB of free swap.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_available_swap() -> c_longlong {
    cpu::available_swap()
}

/// Hides a process, 0 the caller, from the OOM killer.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_enable_oom_protection(pid: libc::pid_t) {
    oom::protect(pid);
}

/// Shows it again.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_disable_oom_protection(pid: libc::pid_t) {
    oom::unprotect(pid);
}

/// 32 or 64.
#[unsafe(no_mangle)]
pub extern "C" fn tst_kernel_bits() -> c_int {
    kernel::bits()
}

/// The running kernel compared with a version: below, equal to, above 0.
#[unsafe(no_mangle)]
pub extern "C" fn tst_kvercmp(k1: c_int, k2: c_int, k3: c_int) -> c_int {
    kernel::compare_version([k1, k2, k3])
}

/// 1 if the program was built for one of the architectures.
///
/// # Safety
/// The array is NULL or ends with NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tst_is_on_arch(archlist: *const *const c_char) -> c_int {
    // SAFETY: as the caller says.
    unsafe { kernel::is_on(archlist) }.into()
}

/// The process id, from the kernel.
#[unsafe(no_mangle)]
pub extern "C" fn tst_getpid() -> libc::pid_t {
    // SAFETY: the call has no arguments. Its result is a pid_t.
    unsafe { libc::syscall(libc::SYS_getpid) as libc::pid_t }
}

/// Waits until a process is in a state of `/proc/<pid>/stat`. 0, or -1 and ETIMEDOUT;
/// -1 and ESRCH if there is no such process.
#[unsafe(no_mangle)]
pub extern "C" fn tst_process_state_wait(
    pid: libc::pid_t,
    state: c_char,
    msec_timeout: c_uint,
) -> c_int {
    let deadline = (msec_timeout > 0)
        .then(|| Instant::now() + Duration::from_millis(msec_timeout.into()));
    let path: Text<64> = Text::of(format_args!("/proc/{pid}/stat"));
    loop {
        let Ok(stat) = file::read::<512>(path.c_str()) else {
            errno::set(libc::ESRCH);
            return -1;
        };
        let bytes = stat.bytes();
        let name_end = bytes.iter().rposition(|byte| *byte == b')');
        let found = name_end.and_then(|end| bytes.get(end + 2));
        if found.map(|byte| [*byte]) == Some(state.to_ne_bytes()) {
            return 0;
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            errno::set(libc::ETIMEDOUT);
            return -1;
        }
        // SAFETY: usleep has no preconditions.
        unsafe { blocking::usleep(1000) };
    }
}

/// Remembers a sysctl's value and may set another. 0, or 1 if it was skipped.
///
/// # Safety
/// `conf` points to an entry whose strings are strings or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tst_sys_conf_save(conf: *const PathValue) -> c_int {
    // SAFETY: as the caller says.
    let (path, value, flags) =
        unsafe { (string((*conf).path), string((*conf).val), (*conf).flags) };
    (!sysconf::save(path, value, flags)).into()
}

/// Remembers a value for a path.
///
/// # Safety
/// Both are strings.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tst_sys_conf_save_str(
    path: *const c_char,
    value: *const c_char,
) {
    // SAFETY: as the caller says.
    let (path, value) = unsafe { (CStr::from_ptr(path), CStr::from_ptr(value)) };
    sysconf::remember(path, value.to_bytes());
}

/// Puts everything back now.
#[unsafe(no_mangle)]
pub extern "C" fn tst_sys_conf_restore(verbose: c_int) {
    sysconf::restore(verbose != 0);
}

/// Shows what has been saved.
#[unsafe(no_mangle)]
pub extern "C" fn tst_sys_conf_dump() {
    sysconf::dump();
}

/// Watches these taint flags from now on.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_taint_init(mask: c_uint) {
    taint::init(mask);
}

/// The watched flags that are set.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_taint_check() -> c_uint {
    taint::check()
}

/// clock_getres(2) by system call. 0, or -1 and errno.
///
/// # Safety
/// `res` is writable or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_clock_getres(
    clk_id: libc::clockid_t,
    res: *mut libc::timespec,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe { libc::syscall(libc::SYS_clock_getres, clk_id, res) as c_int }
}

/// clock_gettime(2) by system call. 0, or -1 and errno.
///
/// # Safety
/// `ts` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_clock_gettime(
    clk_id: libc::clockid_t,
    ts: *mut libc::timespec,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe { libc::syscall(libc::SYS_clock_gettime, clk_id, ts) as c_int }
}

/// clock_settime(2) by system call. 0, or -1 and errno.
///
/// # Safety
/// `ts` is readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_clock_settime(
    clk_id: libc::clockid_t,
    ts: *mut libc::timespec,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe { libc::syscall(libc::SYS_clock_settime, clk_id, ts) as c_int }
}

/// TCONF if there is no such clock.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_timer_check(clk_id: libc::clockid_t) {
    timer::check(clk_id);
}

/// Starts the stopwatch on a clock.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_timer_start(clk_id: libc::clockid_t) {
    timer::start(clk_id);
}

/// Stops it.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_timer_stop() {
    timer::stop();
}

/// 1 if so many milliseconds have passed since the start.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_timer_expired_ms(ms: c_longlong) -> c_int {
    timer::expired_ms(ms).into()
}

/// From start to stop.
#[unsafe(no_mangle)]
pub extern "C" fn tst_timer_elapsed() -> libc::timespec {
    timer::elapsed()
}
