// SPDX-License-Identifier: BSD-2-Clause
//! The shared page: counters that every process of a run increments, the time
//! limits, and the futexes of the checkpoints (spec ltp.md 7.2).

use core::ffi::{c_int, c_void};
use core::mem::size_of;
use core::ptr;
use core::sync::atomic::{
    AtomicI32, AtomicI64, AtomicPtr, AtomicU32,
    Ordering::{Relaxed, SeqCst},
};
use std::ffi::CString;
use std::sync::OnceLock;

use super::report::{TBROK, TERRNO, brk, variable};
use super::text::{Bytes, Text};
use super::{role, tmpdir};

#[derive(Clone, Copy)]
pub(crate) enum Counter {
    Passed,
    Failed,
    Broken,
    Skipped,
    Warnings,
}

/// "CORD": tells a page of ours from another file that `LTP_IPC_PATH` may name.
const MAGIC: u32 = 0x434f_5244;

/// The head of the page; futexes fill the rest.
#[repr(C)]
pub(crate) struct Page {
    magic: AtomicU32,
    /// For programs that joined through `tst_reinit` and so have no `main()` of ours.
    generation: AtomicU32,
    counters: [AtomicI32; 5],
    /// Set when a `tst_brk(TBROK)` ended the test process or a child ended it.
    pub(crate) broke: AtomicU32,
    /// Set when the test process got through all its iterations.
    pub(crate) completed: AtomicU32,
    /// Set by the test process, cleared by the library process before it is reaped.
    pub(crate) test_pid: AtomicI32,
    /// Seconds that one call of the test function may take; 0 is no limit.
    pub(crate) watchdog: AtomicU32,
    /// Seconds of these that the test asked for beyond its runtime; -1 unlimited.
    pub(crate) timeout: AtomicI32,
    /// Seconds the test body may use; -1 unlimited, 0 not set.
    pub(crate) runtime: AtomicI32,
    /// CLOCK_MONOTONIC in nanoseconds at the last heartbeat.
    pub(crate) started: AtomicI64,
}

static PAGE: AtomicPtr<Page> = AtomicPtr::new(ptr::null_mut());
static PATH: OnceLock<CString> = OnceLock::new();

/// The page, once there is one.
pub(crate) fn page() -> Option<&'static Page> {
    // SAFETY: the pointer is NULL or a mapping of ours that is never unmapped, all
    // of it atomics.
    unsafe { PAGE.load(Relaxed).as_ref() }
}

/// A report made while there is no page is printed and not counted.
pub(crate) fn count(counter: Counter) {
    if let Some(page) = page() {
        page.cell(counter).fetch_add(1, SeqCst);
    }
}

impl Page {
    fn cell(&self, counter: Counter) -> &AtomicI32 {
        let [passed, failed, broken, skipped, warnings] = &self.counters;
        match counter {
            Counter::Passed => passed,
            Counter::Failed => failed,
            Counter::Broken => broken,
            Counter::Skipped => skipped,
            Counter::Warnings => warnings,
        }
    }

    /// A page of its own for tests.
    #[cfg(test)]
    pub(crate) fn with_counters(counters: [c_int; 5]) -> Page {
        // SAFETY: all zero is a valid page.
        let mut page: Page = unsafe { core::mem::zeroed() };
        page.counters = counters.map(AtomicI32::new);
        page
    }

    pub(crate) fn get(&self, counter: Counter) -> c_int {
        self.cell(counter).load(SeqCst)
    }

    /// Changes whenever something was reported that counts as a result: a warning
    /// does not (spec ltp.md 7.3).
    pub(crate) fn reported(&self) -> u32 {
        [
            Counter::Passed,
            Counter::Failed,
            Counter::Broken,
            Counter::Skipped,
        ]
        .map(|counter| self.get(counter).cast_unsigned())
        .iter()
        .fold(0, |sum, n| sum.wrapping_add(*n))
    }
}

/// The futex of a checkpoint, `None` beyond the end of the page.
pub(crate) fn futex(id: u32) -> Option<&'static AtomicU32> {
    let base = PAGE.load(Relaxed);
    let count = (page_size() - size_of::<Page>()) / size_of::<AtomicU32>();
    let id = usize::try_from(id).ok()?;
    if base.is_null() || id >= count {
        return None;
    }
    // SAFETY: the mapping is `page_size` bytes long, `id` is below the number of
    // words behind the head, and all zero is a valid atomic.
    Some(unsafe { &*base.add(1).cast::<AtomicU32>().add(id) })
}

fn page_size() -> usize {
    // SAFETY: sysconf has no preconditions.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

/// Creates the page and its file in `/dev/shm`, or in TMPDIR where that cannot be
/// written. Unless exec'ed programs are to find the file it is unlinked at once, so
/// that nothing of it can be left behind.
pub(crate) fn create(test_id: &[u8], keep: bool) {
    let dirs = [&b"/dev/shm"[..], tmpdir::base()];
    for (n, dir) in dirs.into_iter().enumerate() {
        let path: Text<4096> = Text::of(format_args!(
            "{}/ltp_{}_{}",
            Bytes(dir),
            Bytes(test_id),
            role::library_pid()
        ));
        // SAFETY: the path is NUL-terminated.
        let fd = unsafe {
            libc::open(
                path.c_str().as_ptr(),
                libc::O_CREAT | libc::O_EXCL | libc::O_RDWR | libc::O_CLOEXEC,
                0o600,
            )
        };
        if fd >= 0 {
            let path = PATH.get_or_init(|| path.c_str().to_owned());
            return fill(fd, path, keep);
        }
        if n + 1 == dirs.len() {
            brk!(TBROK | TERRNO, "open({path})");
        }
    }
}

fn fill(fd: c_int, path: &CString, keep: bool) {
    // SAFETY: the descriptor is ours and the path is a string; the children may
    // have changed their user, hence the mode.
    let ready = unsafe {
        libc::fchmod(fd, 0o666) == 0
            && libc::ftruncate(fd, page_size().cast_signed() as libc::off_t) == 0
    };
    let shared = if ready { map(fd) } else { ptr::null_mut() };
    if shared.is_null() {
        brk!(TBROK | TERRNO, "mmap({})", Bytes(path.as_bytes()));
        return;
    }
    // SAFETY: the descriptor is ours and not used any more.
    unsafe { libc::close(fd) };
    PAGE.store(shared, Relaxed);
    if let Some(page) = page() {
        page.magic.store(MAGIC, Relaxed);
        page.generation.store(super::generation(), Relaxed);
    }
    if keep {
        // SAFETY: strings; no other thread exists that could read the environment.
        unsafe { libc::setenv(c"LTP_IPC_PATH".as_ptr(), path.as_ptr(), 1) };
    } else {
        remove();
    }
}

fn map(fd: c_int) -> *mut Page {
    // SAFETY: a fresh shared mapping of a descriptor that the caller owns.
    let shared = unsafe {
        libc::mmap(
            ptr::null_mut::<c_void>(),
            page_size(),
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED,
            fd,
            0,
        )
    };
    if shared == libc::MAP_FAILED {
        ptr::null_mut()
    } else {
        shared.cast()
    }
}

/// Removes the file; removing it twice is harmless.
pub(crate) fn remove() {
    if let Some(path) = PATH.get() {
        // SAFETY: a NUL-terminated path.
        unsafe { libc::unlink(path.as_ptr()) };
    }
}

/// `tst_reinit`: joins the page of the run that executed this program.
pub(crate) fn join() {
    if page().is_some() {
        if super::is_2026() {
            brk!(TBROK, "Test library already initialized!");
        }
        return;
    }
    let Some(value) = variable(c"LTP_IPC_PATH") else {
        brk!(TBROK, "LTP_IPC_PATH is not defined");
        return;
    };
    let path: Text<4096> = Text::of(format_args!("{}", Bytes(value)));
    // SAFETY: a NUL-terminated path.
    if unsafe { libc::access(path.c_str().as_ptr(), libc::F_OK) } != 0 {
        brk!(TBROK, "File {path} does not exist!");
        return;
    }
    // SAFETY: as above.
    let fd = unsafe { libc::open(path.c_str().as_ptr(), libc::O_RDWR | libc::O_CLOEXEC) };
    if fd < 0 {
        brk!(TBROK | TERRNO, "open({path})");
        return;
    }
    // A file shorter than the page would raise SIGBUS at the first look.
    let long_enough = {
        // SAFETY: all zero is a valid stat, and fstat only fills it.
        let mut stat: libc::stat = unsafe { core::mem::zeroed() };
        // SAFETY: the descriptor is ours.
        (unsafe { libc::fstat(fd, &mut stat) }) == 0
            && stat.st_size >= page_size().cast_signed() as libc::off_t
    };
    let shared = if long_enough {
        map(fd)
    } else {
        ptr::null_mut()
    };
    // SAFETY: the descriptor is ours and not used any more.
    unsafe { libc::close(fd) };
    // SAFETY: NULL or a mapping at least as large as the head.
    match unsafe { shared.as_ref() } {
        Some(page) if page.magic.load(Relaxed) == MAGIC => {
            super::set_generation(page.generation.load(Relaxed));
            PAGE.store(shared, Relaxed);
        }
        _ => brk!(TBROK, "Invalid shared memory region (bad magic)"),
    }
}

const _: () = {
    // Even with the smallest page there are far more than 100 futexes.
    assert!((4096 - size_of::<Page>()) / size_of::<AtomicU32>() > 1000);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_no_results() {
        assert_eq!(Page::with_counters([1, 2, 3, 4, 0]).reported(), 10);
        assert_eq!(Page::with_counters([0, 0, 0, 0, 5]).reported(), 0);
    }
}
