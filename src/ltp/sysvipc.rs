// SPDX-License-Identifier: BSD-2-Clause
//! System V shared memory outlives its creator. A killed test that had huge pages in
//! a segment would keep them from the pool for ever, so what a test created and did not
//! remove is removed after it: all that the test process made itself, and what its
//! children made with `SAFE_SHMGET`.

use core::ffi::c_int;
use core::sync::atomic::{
    AtomicI32, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use core::{mem, ptr};

use super::report::{TINFO, res};
use super::shared::{Shareable, Shared};
use crate::errno;

/// `SHM_STAT` and `SHM_INFO` of linux/shm.h: walk the kernel's table by index.
const SHM_STAT: c_int = 13;
const SHM_INFO: c_int = 14;

/// A test that creates more segments in children loses sight of the oldest.
const NOTED: usize = 1024;

/// Ids of segments; 0 is both a valid id and an empty slot, which does no harm, since
/// whose a segment is the kernel says.
struct Notes {
    drawn: AtomicUsize,
    ids: [AtomicI32; NOTED],
    creators: [AtomicI32; NOTED],
}

// SAFETY: atomics only.
unsafe impl Shareable for Notes {}

/// A program without a library process has nobody to clean up after it, and no notes.
static NOTES: Shared<Notes> = Shared::new();

pub(crate) fn share() {
    NOTES.map();
}

/// `SAFE_SHMGET` has made or found a segment. errno stays what it is.
pub(crate) fn note(id: c_int) {
    let err = errno::get();
    // SAFETY: getpid has no preconditions.
    let me = unsafe { libc::getpid() };
    if let (Some(notes), Some((_, segment))) = (NOTES.get(), stat(id, libc::IPC_STAT))
        && segment.shm_cpid == me
    {
        let n = notes.drawn.fetch_add(1, Relaxed) % NOTED;
        if let (Some(noted), Some(creator)) = (notes.ids.get(n), notes.creators.get(n)) {
            noted.store(id, Relaxed);
            creator.store(me, Release);
        }
    }
    errno::set(err);
}

/// Id and description of a segment, by id or with `SHM_STAT` by index.
fn stat(id: c_int, command: c_int) -> Option<(c_int, libc::shmid_ds)> {
    // SAFETY: all zero is a valid shmid_ds, and the call fills it.
    let (found, segment) = unsafe {
        let mut segment: libc::shmid_ds = mem::zeroed();
        (libc::shmctl(id, command, &mut segment), segment)
    };
    match (found, command) {
        (..0, _) => None,
        (found, SHM_STAT) => Some((found, segment)),
        _ => Some((id, segment)),
    }
}

/// Removes what the test process `test`, and the processes that took notes, made at or
/// after `since`, in seconds of the wall clock: an older segment with the same creator
/// is that of another process with this pid.
pub(crate) fn remove_leftovers(test: libc::pid_t, since: libc::time_t) {
    let remove = |id: c_int, creator: libc::pid_t, segment: &libc::shmid_ds| {
        if segment.shm_cpid != creator || segment.shm_ctime < since {
            return;
        }
        // SAFETY: removing takes no structure.
        if unsafe { libc::shmctl(id, libc::IPC_RMID, ptr::null_mut()) } == 0 {
            res!(TINFO, "Removed leftover shared memory segment {id}");
        }
    };
    // SAFETY: all zero is a valid shmid_ds, which is larger than the shm_info that
    // SHM_INFO writes (shmctl(2)).
    let last = unsafe {
        let mut info: libc::shmid_ds = mem::zeroed();
        libc::shmctl(0, SHM_INFO, &mut info)
    };
    for (id, segment) in (0..=last).filter_map(|index| stat(index, SHM_STAT)) {
        remove(id, test, &segment);
    }
    let Some(notes) = NOTES.get() else { return };
    for (id, creator) in notes.ids.iter().zip(&notes.creators) {
        let creator = creator.swap(0, Acquire);
        let id = id.load(Relaxed);
        if creator != 0
            && let Some((_, segment)) = stat(id, libc::IPC_STAT)
        {
            remove(id, creator, &segment);
        }
    }
}

/// The wall clock in seconds.
pub(crate) fn now() -> libc::time_t {
    // SAFETY: a NULL result pointer is allowed.
    unsafe { libc::time(ptr::null_mut()) }
}

const _: () = {
    // struct shm_info: an int and five unsigned longs.
    assert!(size_of::<libc::shmid_ds>() >= 6 * size_of::<libc::c_ulong>());
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_young_segments_of_the_run_are_removed() {
        share();
        let flags = libc::IPC_CREAT | 0o600;
        // SAFETY: makes a segment that is removed below.
        let id = unsafe { libc::shmget(libc::IPC_PRIVATE, 4096, flags) };
        assert!(id >= 0);
        note(id);
        // A creator of which there is none, and a time to come.
        remove_leftovers(0, libc::time_t::MAX);
        assert!(stat(id, libc::IPC_STAT).is_some(), "it was made too early");
        note(id);
        remove_leftovers(0, now() - 1);
        assert!(stat(id, libc::IPC_STAT).is_none());
    }
}
