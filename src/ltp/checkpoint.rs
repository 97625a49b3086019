// SPDX-License-Identifier: BSD-2-Clause
//! Checkpoints: processes of a run that wait for each other (spec ltp.md 10). They are
//! futexes in the shared page; their value never changes, only their queues do.

use core::ffi::{c_int, c_uint};
use core::sync::atomic::AtomicU32;
use core::time::Duration;
use std::time::Instant;

use super::definition::Test;
use super::report::{Site, TBROK, TERRNO, brk};
use super::{blocking, results, time_limit};
use crate::errno;

/// Milliseconds that both sides wait unless told otherwise.
const DEFAULT: c_uint = 10_000;

/// Since 2026 a slow machine gets more time.
fn limit(msec: c_uint) -> Duration {
    let msec = if msec == 0 { DEFAULT } else { msec };
    let msec = if super::is_2026() {
        time_limit::multiplied(msec)
    } else {
        msec
    };
    Duration::from_millis(msec.into())
}

/// The queue of a checkpoint; `None` and errno if there is none.
fn queue(id: c_uint) -> Option<&'static AtomicU32> {
    // A program that joined through tst_reinit has no definition, and it could only
    // join because the page was exported.
    let allowed = super::test().is_none_or(|test| test.has(Test::NEEDS_CHECKPOINTS));
    if !allowed || results::page().is_none() {
        brk!(TBROK, "Set test.needs_checkpoints = 1");
        errno::set(libc::EINVAL);
        return None;
    }
    let queue = results::futex(id);
    if queue.is_none() {
        errno::set(libc::EOVERFLOW);
    }
    queue
}

/// `tst_checkpoint_wait`: 0, or -1 and errno.
pub(crate) fn wait(id: c_uint, msec: c_uint) -> c_int {
    let Some(queue) = queue(id) else { return -1 };
    let deadline = Instant::now() + limit(msec);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = libc::timespec {
            tv_sec: left.as_secs() as libc::time_t,
            tv_nsec: left.subsec_nanos().into(),
        };
        // SAFETY: the futex is shared memory that is never unmapped; nobody changes its
        // value, so the kernel always finds the one it is given.
        let woken = unsafe {
            libc::syscall(
                libc::SYS_futex,
                queue.as_ptr(),
                libc::FUTEX_WAIT,
                0,
                &raw const timeout,
            )
        };
        if woken == 0 {
            return 0;
        }
        if errno::get() != libc::EINTR {
            return -1;
        }
    }
}

/// `tst_checkpoint_wake`: wakes at least `count` waiters, those that come later
/// included. 0, or -1 and ETIMEDOUT.
pub(crate) fn wake(id: c_uint, count: c_uint, msec: c_uint) -> c_int {
    let Some(queue) = queue(id) else { return -1 };
    let deadline = Instant::now() + limit(msec);
    let mut woken = 0;
    loop {
        // SAFETY: as above.
        let now = unsafe {
            libc::syscall(
                libc::SYS_futex,
                queue.as_ptr(),
                libc::FUTEX_WAKE,
                c_int::MAX,
            )
        };
        if now < 0 {
            return -1;
        }
        woken += c_uint::try_from(now).unwrap_or(0);
        if woken >= count {
            return 0;
        }
        if Instant::now() >= deadline {
            errno::set(libc::ETIMEDOUT);
            return -1;
        }
        // SAFETY: usleep has no preconditions.
        unsafe { blocking::usleep(1000) };
    }
}

/// `tst_safe_checkpoint_wait`.
pub(crate) fn safe_wait(site: Site<'_>, id: c_uint, msec: c_uint) {
    let msec = if msec == 0 { DEFAULT } else { msec };
    if wait(id, msec) != 0 {
        site.brk(
            TBROK | TERRNO,
            format_args!("tst_checkpoint_wait({id}, {msec}) failed"),
        );
    }
}

/// `tst_safe_checkpoint_wake`.
pub(crate) fn safe_wake(site: Site<'_>, id: c_uint, count: c_uint) {
    if wake(id, count, DEFAULT) != 0 {
        site.brk(
            TBROK | TERRNO,
            format_args!("tst_checkpoint_wake({id}, {count}, {DEFAULT}) failed"),
        );
    }
}
