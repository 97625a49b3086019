// SPDX-License-Identifier: BSD-2-Clause
//! Anonymous memory that the processes of a run share because they inherit it: what the
//! library process must know even if they are killed.

use core::ptr;
use core::sync::atomic::{
    AtomicPtr,
    Ordering::{Acquire, Release},
};

use super::report::{TBROK, TERRNO, brk};

/// Types that are valid when all zero, and safe to use from several processes.
///
/// # Safety
/// That is so.
pub(crate) unsafe trait Shareable: Sync + 'static {}

/// A `T` that is mapped once, before anybody forks, and never unmapped. Pages that are
/// not used cost nothing.
pub(crate) struct Shared<T>(AtomicPtr<T>);

impl<T: Shareable> Shared<T> {
    pub(crate) const fn new() -> Self {
        Shared(AtomicPtr::new(ptr::null_mut()))
    }

    /// Maps it, zeroed.
    pub(crate) fn map(&self) {
        // SAFETY: a fresh anonymous mapping.
        let map = unsafe {
            libc::mmap(
                ptr::null_mut(),
                size_of::<T>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if map == libc::MAP_FAILED {
            return brk!(TBROK | TERRNO, "mmap of shared memory failed");
        }
        self.0.store(map.cast(), Release);
    }

    /// `None` until it is mapped.
    pub(crate) fn get(&self) -> Option<&'static T> {
        // SAFETY: NULL or a mapping that stays, page aligned and zeroed, which
        // `Shareable` says is a valid T.
        unsafe { self.0.load(Acquire).as_ref() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::sync::atomic::AtomicU32;

    // SAFETY: an atomic.
    unsafe impl Shareable for AtomicU32 {}

    #[test]
    fn children_write_to_the_same_memory() {
        static SHARED: Shared<AtomicU32> = Shared::new();
        assert!(SHARED.get().is_none());
        SHARED.map();
        let value = SHARED.get().expect("mapped");
        assert_eq!(value.load(Acquire), 0);
        // SAFETY: the child only stores and exits.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            value.store(17, Release);
            // SAFETY: ends the child without running the test's exit handlers.
            unsafe { libc::_exit(0) };
        }
        let mut status = 0;
        // SAFETY: our child.
        assert_eq!(unsafe { libc::waitpid(pid, &mut status, 0) }, pid);
        assert_eq!((status, value.load(Acquire)), (0, 17));
    }
}
