// SPDX-License-Identifier: BSD-2-Clause
//! What a test may demand of the machine it runs on (spec ltp.md 4, 5).

use core::ffi::{CStr, c_ulong};
use std::env;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::definition::{Command, Sentinel, Test, elements, string};
use super::report::{TBROK, TCONF, TERRNO, TINFO, TWARN, brk, res};
use super::text::{Bytes, Text};
use super::{cpu, file, kernel};

/// Fields whose machinery this harness does not have.
pub(crate) fn check_supported(test: &Test) {
    // SAFETY: a literal of the header.
    if let Some(field) = unsafe { string(test.unsupported) } {
        // A definition that makes no sense is the worse news.
        test.check_mounts();
        brk!(
            TCONF,
            "{} not supported by this harness",
            Bytes(field.to_bytes())
        );
    }
}

pub(crate) fn check_root(test: &Test) {
    // SAFETY: geteuid has no preconditions.
    if test.has(Test::NEEDS_ROOT) && unsafe { libc::geteuid() } != 0 {
        brk!(TCONF, "Test needs to be run as root");
    }
}

pub(crate) fn check_kernel(test: &Test) {
    // SAFETY: the test's string.
    let Some(text) = (unsafe { string(test.min_kver) }) else {
        return;
    };
    let shown = Bytes(text.to_bytes());
    match kernel::parse_version(text.to_bytes()) {
        None => res!(TWARN, "Invalid kernel version {shown}, expected %d.%d.%d"),
        Some(wanted) if kernel::compare_version(wanted) < 0 => {
            brk!(TCONF, "The test requires kernel {shown} or newer");
        }
        Some(_) => {}
    }
}

pub(crate) fn check_arch(test: &Test) {
    // SAFETY: the test's array.
    if !unsafe { kernel::is_on(test.supported_archs) } {
        let arch = Bytes(kernel::arch().to_bytes());
        brk!(TCONF, "This arch '{arch}' is not supported for test!");
    }
}

/// Lockdown, secure boot, and a 32-bit program on a 64-bit kernel.
pub(crate) fn check_security(test: &Test) {
    if test.has(Test::SKIP_IN_LOCKDOWN) && is_locked_down() {
        brk!(TCONF, "Kernel is locked down, skipping test");
    }
    if test.has(Test::SKIP_IN_SECUREBOOT) && is_secure_boot() {
        brk!(TCONF, "SecureBoot enabled, skipping test");
    }
    let abi = isize::BITS.cast_signed();
    if test.has(Test::SKIP_IN_COMPAT) && abi == 32 && kernel::bits() == 64 {
        brk!(TCONF, "Not supported in 32-bit compat mode");
    }
    if test.needs_abi_bits != 0 && test.needs_abi_bits != abi {
        brk!(TCONF, "{}-bit ABI is not supported by this test", abi);
    }
}

/// The mode in force is in brackets.
fn is_locked_down() -> bool {
    file::read::<256>(c"/sys/kernel/security/lockdown")
        .is_ok_and(|modes| !modes.bytes().windows(6).any(|part| part == b"[none]"))
}

/// An EFI variable: four bytes of attributes, then its value.
fn is_secure_boot() -> bool {
    let path =
        c"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    file::read::<16>(path).is_ok_and(|value| value.bytes().get(4) == Some(&1))
}

/// Commands in PATH.
pub(crate) fn check_commands(test: &Test) {
    // SAFETY: the test's array.
    for name in unsafe { elements(test.needs_cmds) } {
        // SAFETY: its strings, too.
        need_command(unsafe { CStr::from_ptr(*name) });
    }
    let mut command = test.needs_cmd_structs;
    // SAFETY: the test's array, which ends with a NULL name. It is written, so no shared
    // reference to it may be held.
    unsafe {
        while let Some(entry) = command.as_mut().filter(|entry| !entry.is_end()) {
            let name = CStr::from_ptr(entry.cmd);
            if has_command(name) {
                entry.bits |= Command::PRESENT;
            } else if entry.bits & Command::OPTIONAL == 0 {
                need_command(name);
            }
            command = command.add(1);
        }
    }
}

fn need_command(name: &CStr) {
    if !has_command(name) {
        brk!(TCONF, "Couldn't find '{}' in $PATH", Bytes(name.to_bytes()));
    }
}

/// The name may be followed by a version to check, which this harness does not.
fn has_command(name: &CStr) -> bool {
    let word = name
        .to_bytes()
        .split(|byte| *byte == b' ')
        .next()
        .unwrap_or_default();
    let word = Path::new(OsStr::from_bytes(word));
    let is_executable = |path: &Path| {
        let path: Text<4096> =
            Text::of(format_args!("{}", Bytes(path.as_os_str().as_bytes())));
        // SAFETY: NUL-terminated.
        unsafe { libc::access(path.c_str().as_ptr(), libc::X_OK) == 0 }
    };
    if word.components().count() > 1 {
        return is_executable(word);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|dir| is_executable(&dir.join(word)))
}

/// CPUs, memory, swap; memory in MiB.
pub(crate) fn check_sizes(test: &Test) {
    let cpus = c_ulong::try_from(cpu::online()).unwrap_or(0);
    if cpus < test.min_cpus {
        brk!(TCONF, "Test needs at least {} CPUs online", test.min_cpus);
    }
    let mib = |kib: i64| c_ulong::try_from(kib / 1024).unwrap_or(0);
    if test.min_mem_avail > 0 && mib(cpu::available_memory()) < test.min_mem_avail {
        brk!(
            TCONF,
            "Test needs at least {}MB MemAvailable",
            test.min_mem_avail
        );
    }
    if test.min_swap_avail > 0 && mib(cpu::available_swap()) < test.min_swap_avail {
        brk!(
            TCONF,
            "Test needs at least {}MB SwapFree",
            test.min_swap_avail
        );
    }
}

/// The test's `.ulimit`: soft limits.
pub(crate) fn set_limits(test: &Test) {
    // SAFETY: the test's array.
    for wanted in unsafe { elements(test.ulimits) } {
        let resource = wanted.resource.cast_unsigned();
        let mut limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: the structure is ours.
        let set = unsafe {
            libc::getrlimit(resource, &mut limit) == 0 && {
                limit.rlim_cur = wanted.rlim_cur;
                limit.rlim_max = limit.rlim_max.max(limit.rlim_cur);
                libc::setrlimit(resource, &limit) == 0
            }
        };
        if !set {
            brk!(TBROK | TERRNO, "setrlimit({resource}) failed");
        }
        res!(
            TINFO,
            "Set ulimit resource: {resource} rlim_cur: {}",
            wanted.rlim_cur
        );
    }
}

/// Since 2026 a run says what it tests.
pub(crate) fn print_kernel() {
    let name = kernel::uname();
    res!(
        TINFO,
        "Tested kernel: {} {} {}",
        name.release,
        name.version,
        name.machine
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_looked_for_as_a_shell_does() {
        assert!(
            [c"sh", c"/bin/sh", c"sh >= 5"]
                .iter()
                .all(|name| has_command(name))
        );
        let missing = [c"no-such-command", c"/no/such/command", c"./sh"];
        assert!(!missing.iter().any(|name| has_command(name)));
    }
}
