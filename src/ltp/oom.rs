// SPDX-License-Identifier: BSD-2-Clause
//! The library process must outlive a test that eats all memory, or nobody would
//! put the host back: the OOM killer is told to leave it alone (spec ltp.md 14.2).

use core::ffi::{CStr, c_int};

use super::file;
use super::report::{TBROK, TERRNO, brk};
use super::text::Text;
use crate::errno;

/// `tst_enable_oom_protection`: pid 0 is the caller.
pub(crate) fn protect(pid: libc::pid_t) {
    set(pid, -1000);
}

/// `tst_disable_oom_protection`.
pub(crate) fn unprotect(pid: libc::pid_t) {
    set(pid, 0);
}

/// For a process that has just inherited the protection.
pub(crate) fn unprotect_self() {
    unprotect(0);
}

fn set(pid: libc::pid_t, score: c_int) {
    let path: Text<64> = if pid == 0 {
        Text::of(format_args!("/proc/self/oom_score_adj"))
    } else {
        Text::of(format_args!("/proc/{pid}/oom_score_adj"))
    };
    let value: Text<16> = Text::of(format_args!("{score}"));
    if let Err(error) = file::write(path.c_str(), value.bytes()) {
        // Without CAP_SYS_RESOURCE there is no protection, which is no error; nor is
        // a missing /proc for ourselves.
        let err = error.errno();
        if pid != 0 && matches!(err, libc::ENOENT | libc::ESRCH) {
            errno::set(err);
            brk!(
                TBROK | TERRNO,
                "Failed to open FILE '{}' for writing",
                PathOf(path.c_str())
            );
        }
    }
}

struct PathOf<'a>(&'a CStr);

impl core::fmt::Display for PathOf<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        super::text::Bytes(self.0.to_bytes()).fmt(f)
    }
}
