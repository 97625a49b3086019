// SPDX-License-Identifier: BSD-2-Clause
//! The pthread mutexes of the bus. C code locks those of endpoints, too.

use crate::cord::thread::{PTHREAD_CANCEL_DISABLE, set_cancel_state};
use crate::say::fatal;
use core::ffi::c_int;
use core::ptr;
use libc::{pthread_mutex_t, pthread_mutexattr_t};

/// A mutex as [`create`] makes it.
pub const INITIALIZER: pthread_mutex_t = if cfg!(debug_assertions) {
    libc::PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP
} else {
    libc::PTHREAD_MUTEX_INITIALIZER
};

/// Of the default type; in debug builds one that finds wrong use (spec ipc.md 5.2).
///
/// # Safety
/// `mutex` points to memory for one.
pub unsafe fn create(mutex: *mut pthread_mutex_t) {
    // SAFETY: as the caller says; the attributes are initialised before use.
    unsafe {
        if cfg!(debug_assertions) {
            let mut attributes = core::mem::zeroed::<pthread_mutexattr_t>();
            let attributes = &raw mut attributes;
            check(libc::pthread_mutexattr_init(attributes), "create");
            libc::pthread_mutexattr_settype(attributes, libc::PTHREAD_MUTEX_ERRORCHECK);
            check(libc::pthread_mutex_init(mutex, attributes), "create");
            libc::pthread_mutexattr_destroy(attributes);
        } else {
            check(libc::pthread_mutex_init(mutex, ptr::null()), "create");
        }
    }
}

/// # Safety
/// A created mutex that this thread does not hold.
#[inline]
pub unsafe fn lock(mutex: *mut pthread_mutex_t) {
    // SAFETY: as the caller says.
    check(unsafe { libc::pthread_mutex_lock(mutex) }, "lock");
}

/// # Safety
/// This thread holds it.
#[inline]
pub unsafe fn unlock(mutex: *mut pthread_mutex_t) {
    // SAFETY: as the caller says.
    check(unsafe { libc::pthread_mutex_unlock(mutex) }, "unlock");
}

/// # Safety
/// Nobody holds it or will.
pub unsafe fn destroy(mutex: *mut pthread_mutex_t) {
    // SAFETY: as the caller says.
    check(unsafe { libc::pthread_mutex_destroy(mutex) }, "destroy");
}

#[inline]
fn check(code: c_int, operation: &str) {
    if code != 0 {
        fatal!("cbus: cannot {operation} a mutex: error {code}");
    }
}

/// Runs `f`, during which `pthread_cancel` does not end the thread.
#[inline]
pub fn uncancellable<T>(f: impl FnOnce() -> T) -> T {
    let mut state = 0;
    // SAFETY: plain calls; what the state was is restored.
    unsafe { set_cancel_state(PTHREAD_CANCEL_DISABLE, &raw mut state) };
    let result = f();
    // SAFETY: as above.
    unsafe { set_cancel_state(state, ptr::null_mut()) };
    result
}
