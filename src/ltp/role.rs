// SPDX-License-Identifier: BSD-2-Clause
//! Which process of the model is this one (spec ltp.md 7.1)?
//!
//! ```text
//! shell -- library process -- test process -- children ...
//! ```
//!
//! The library process changes the host and puts it back; callbacks run in the
//! test process; whatever that forks is a child. A program without our `main()`,
//! for instance one that a child executed, counts as a child.

use core::ffi::c_int;
use core::sync::atomic::{AtomicI32, Ordering::Relaxed};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Library,
    Test,
    Child,
}

/// 0 until `become_library`; inherited by everything below.
static LIBRARY: AtomicI32 = AtomicI32::new(0);

/// Set by the test process in itself, so the library process never matches it;
/// inherited by the children, whose own pid differs.
static TEST: AtomicI32 = AtomicI32::new(0);

pub(crate) fn current() -> Role {
    // SAFETY: getpid has no preconditions.
    let pid = unsafe { libc::getpid() };
    match (LIBRARY.load(Relaxed), TEST.load(Relaxed)) {
        (library, 0) if library == pid => Role::Library,
        (_, test) if test == pid => Role::Test,
        _ => Role::Child,
    }
}

pub(crate) fn become_library() {
    // SAFETY: as above.
    LIBRARY.store(unsafe { libc::getpid() }, Relaxed);
}

pub(crate) fn become_test() {
    // SAFETY: as above.
    TEST.store(unsafe { libc::getpid() }, Relaxed);
}

/// The pid of the library process, 0 in a program without one.
pub(crate) fn library_pid() -> c_int {
    LIBRARY.load(Relaxed)
}
