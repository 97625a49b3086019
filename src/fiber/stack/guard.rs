// SPDX-License-Identifier: BSD-2-Clause
//! The inaccessible page below a stack.
//!
//! Three ways to make one, behind one type:
//!
//! * [`Kind::Madvise`]: `MADV_GUARD_INSTALL` (Linux 6.13). The guard is a mark
//!   in the page tables, so the mapping is not split and
//!   `vm.max_map_count` says nothing about how many there are. It survives
//!   `MADV_DONTNEED` and `fork`. The kernel refuses it (EINVAL) for locked
//!   memory; that stack then gets the next kind.
//! * [`Kind::Mprotect`]: `PROT_NONE`, the reference's way. Each guard splits a
//!   mapping in three, which ends with ENOMEM near 32,700 stacks.
//! * [`Kind::None`]: no guard, by choice.
//!
//! Whatever the kind, setting a guard answers to `ERRINJ_FIBER_MPROTECT` =
//! `PROT_NONE` and lifting it to `PROT_READ|PROT_WRITE`, and a failure is
//! `SystemError` "fiber mprotect failed" (spec fiber.md 11.5).

use super::{Make, guard_page};
use crate::diag;
use crate::errinj;
use crate::small::{Slab, page_size};
use core::ffi::{CStr, c_int};
use core::sync::atomic::{AtomicU8, Ordering};
use libc::{PROT_NONE, PROT_READ, PROT_WRITE};

/// Since Linux 6.13; not in the C library's headers yet.
const MADV_GUARD_INSTALL: c_int = 102;
const MADV_GUARD_REMOVE: c_int = 103;

/// Forces a kind for the whole process: "madvise", "mprotect" or "none".
const ENVIRONMENT: &CStr = c"CORDAGE_GUARD";

/// How a guard is made: `enum cordage_guard`. The values are recorded with each stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A guard region in the page tables.
    Madvise = 1,
    /// A page without access rights.
    Mprotect = 2,
    /// Nothing at all.
    None = 3,
}

/// The operation failed; errno and the diag of the current fiber say why.
#[derive(Debug, PartialEq, Eq)]
pub struct GuardError {
    /// A test wanted it to.
    pub injected: bool,
}

/// A guard that is set.
#[derive(Debug)]
pub struct Guard {
    page: *mut u8,
    kind: Kind,
}

impl Kind {
    /// The kind that new guards get, found out at the first call: the environment
    /// if it names one, else whatever the kernel can do.
    pub fn preferred() -> Kind {
        /// 0 until the first answer. Threads that race find the same answer.
        static PREFERRED: AtomicU8 = AtomicU8::new(0);
        if let Some(kind) = Kind::from_tag(PREFERRED.load(Ordering::Relaxed)) {
            return kind;
        }
        let kind = Kind::from_environment().unwrap_or_else(Kind::probe);
        PREFERRED.store(kind as u8, Ordering::Relaxed);
        kind
    }

    /// As `cordage_guard_backend()` reports it and the environment spells it.
    pub fn name(self) -> &'static CStr {
        match self {
            Kind::Madvise => c"madvise",
            Kind::Mprotect => c"mprotect",
            Kind::None => c"none",
        }
    }

    /// The kind of that number.
    pub fn from_tag(tag: u8) -> Option<Kind> {
        [Kind::Madvise, Kind::Mprotect, Kind::None]
            .into_iter()
            .find(|&kind| kind as u8 == tag)
    }

    fn from_environment() -> Option<Kind> {
        // SAFETY: the name is terminated; nobody may change the environment while
        // threads start, as everywhere in C.
        let value = unsafe { libc::getenv(ENVIRONMENT.as_ptr()) };
        if value.is_null() {
            return None;
        }
        // SAFETY: getenv returns terminated strings.
        let value = unsafe { CStr::from_ptr(value) };
        let known = [Kind::Madvise, Kind::Mprotect, Kind::None]
            .into_iter()
            .find(|kind| kind.name() == value);
        if known.is_none() {
            crate::say::fatal!(
                "CORDAGE_GUARD={}: expected madvise, mprotect or none",
                value.to_string_lossy()
            );
        }
        known
    }

    /// Tries the better way on a page of its own.
    fn probe() -> Kind {
        let size = page_size();
        // SAFETY: an anonymous mapping replaces nothing.
        let page = unsafe {
            libc::mmap(
                core::ptr::null_mut(),
                size,
                PROT_READ | PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if page == libc::MAP_FAILED {
            return Kind::Mprotect;
        }
        // SAFETY: the page just mapped. After `mlockall(MCL_FUTURE)` it is locked
        // and refused, and so would every stack be.
        let works = unsafe { libc::madvise(page, size, MADV_GUARD_INSTALL) } == 0;
        // SAFETY: as above; nobody else knows the page.
        unsafe { libc::munmap(page, size) };
        if works { Kind::Madvise } else { Kind::Mprotect }
    }
}

impl Guard {
    /// Makes the page at `page` inaccessible, if it can be in the given way; the kind it
    /// has got is returned.
    ///
    /// # Safety
    /// `page` starts a page of private anonymous memory that the caller owns and
    /// whose contents are not needed.
    pub unsafe fn set(page: *mut u8, mut kind: Kind) -> Result<Kind, GuardError> {
        if errinj::fiber_mprotect(PROT_NONE) {
            crate::errno::set(libc::ENOMEM);
            return Err(failed(true));
        }
        let errno = crate::errno::get();
        // SAFETY: as the caller says.
        let mut done = unsafe { apply(kind, page, PROT_NONE) };
        if !done && kind == Kind::Madvise && crate::errno::get() == libc::EINVAL {
            crate::errno::set(errno);
            kind = Kind::Mprotect;
            // SAFETY: as above.
            done = unsafe { apply(kind, page, PROT_NONE) };
        }
        if done { Ok(kind) } else { Err(failed(false)) }
    }

    /// The guard of the stack in `slab`, made as `make` says. One that was never set any
    /// way of lifting leaves accessible.
    pub fn of(slab: *mut Slab, make: Make) -> Guard {
        Guard {
            page: guard_page(slab),
            kind: make.guard().unwrap_or(Kind::Mprotect),
        }
    }

    /// Makes the page readable and writable again.
    ///
    /// # Safety
    /// The page is the caller's, as for [`Guard::set`].
    pub unsafe fn lift(&self) -> Result<(), GuardError> {
        // SAFETY: as the caller says.
        if unsafe { self.try_lift() } {
            Ok(())
        } else {
            Err(failed(errinj::fiber_mprotect(PROT_READ | PROT_WRITE)))
        }
    }

    /// [`Guard::lift`] that keeps silent about a failure: the diag is left alone,
    /// errno says why.
    ///
    /// # Safety
    /// As for [`Guard::lift`].
    pub unsafe fn try_lift(&self) -> bool {
        if errinj::fiber_mprotect(PROT_READ | PROT_WRITE) {
            crate::errno::set(libc::ENOMEM);
            return false;
        }
        // SAFETY: as the caller says.
        unsafe { apply(self.kind, self.page, PROT_READ | PROT_WRITE) }
    }
}

fn failed(injected: bool) -> GuardError {
    diag::set_system_error(c"fiber mprotect failed");
    GuardError { injected }
}

/// # Safety
/// As for [`Guard::set`].
unsafe fn apply(kind: Kind, page: *mut u8, protection: c_int) -> bool {
    let (page, size) = (page.cast(), page_size());
    let result = match kind {
        Kind::Madvise => {
            let advice = if protection == PROT_NONE {
                MADV_GUARD_INSTALL
            } else {
                MADV_GUARD_REMOVE
            };
            // SAFETY: as the caller says.
            unsafe { libc::madvise(page, size, advice) }
        }
        // SAFETY: as the caller says.
        Kind::Mprotect => unsafe { libc::mprotect(page, size, protection) },
        Kind::None => 0,
    };
    result == 0
}
