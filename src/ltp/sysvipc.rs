// SPDX-License-Identifier: BSD-2-Clause
//! System V shared memory outlives its creator. A killed test that had huge pages in
//! a segment would keep them from the pool for ever, so what a test process created
//! and did not remove is removed after it.

use core::ffi::c_int;
use core::mem;

use super::report::{TINFO, res};

/// `SHM_STAT` and `SHM_INFO` of linux/shm.h: walk the kernel's table by index.
const SHM_STAT: c_int = 13;
const SHM_INFO: c_int = 14;

/// Removes the segments that `creator` made at or after `since`, in seconds of the wall
/// clock: an older segment with the same number is that of another process.
pub(crate) fn remove_leftovers(creator: libc::pid_t, since: libc::time_t) {
    // SAFETY: all zero is a valid shmid_ds, which is larger than the shm_info that
    // SHM_INFO writes (spec: shmctl(2)).
    let mut info: libc::shmid_ds = unsafe { mem::zeroed() };
    // SAFETY: as above.
    let last = unsafe { libc::shmctl(0, SHM_INFO, &mut info) };
    for index in 0..=last {
        // SAFETY: all zero is valid, and SHM_STAT fills it.
        let mut segment: libc::shmid_ds = unsafe { mem::zeroed() };
        // SAFETY: as above.
        let id = unsafe { libc::shmctl(index, SHM_STAT, &mut segment) };
        if id < 0 || segment.shm_cpid != creator || segment.shm_ctime < since {
            continue;
        }
        // SAFETY: removing takes no structure.
        if unsafe { libc::shmctl(id, libc::IPC_RMID, core::ptr::null_mut()) } == 0 {
            res!(TINFO, "Removed leftover shared memory segment {id}");
        }
    }
}

/// The wall clock in seconds.
pub(crate) fn now() -> libc::time_t {
    // SAFETY: a NULL result pointer is allowed.
    unsafe { libc::time(core::ptr::null_mut()) }
}

const _: () = {
    // struct shm_info: an int and five unsigned longs.
    assert!(size_of::<libc::shmid_ds>() >= 6 * size_of::<libc::c_ulong>());
};
