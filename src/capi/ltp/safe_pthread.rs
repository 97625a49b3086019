// SPDX-License-Identifier: BSD-2-Clause
//! `tst_safe_pthread.h` (spec ltp.md 18): these calls return their error.

use core::ffi::{c_char, c_int, c_uint, c_void};

use crate::ltp::blocking;
use crate::ltp::names::Errno;
use crate::ltp::report::{Site, TBROK};
use crate::ltp::text::Ptr;

/// `pthread_create`, whose callback libc declares as never unwinding; cancellation does.
type Start = unsafe extern "C-unwind" fn(*mut c_void) -> *mut c_void;

unsafe extern "C-unwind" {
    fn pthread_create(
        thread: *mut libc::pthread_t,
        attr: *const libc::pthread_attr_t,
        start: Start,
        arg: *mut c_void,
    ) -> c_int;
}

/// Defines one `safe_pthread_*` function: the call, the results that are no errors
/// besides 0, and the text for the others.
macro_rules! pthread_call {
    (
        fn $name:ident($($arg:ident: $type:ty),*) =
            $call:expr, $($also:pat)?, $format:literal $(, $shown:expr)*
    ) => {
        /// The pthread function of the same name; returns its result.
        ///
        /// # Safety
        /// Arguments are as that function wants them; `file` is a string.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $name(
            file: *const c_char,
            lineno: c_int,
            $($arg: $type),*
        ) -> c_int {
            // SAFETY: as the caller says.
            unsafe {
                let value = $call;
                match value {
                    0 => {}
                    $($also => {})?
                    _ => Site::new(file, lineno).brk(
                        TBROK,
                        format_args!(concat!($format, "failed: {}"), $($shown,)* Errno(value)),
                    ),
                }
                value
            }
        }
    };
}

pthread_call!(fn safe_pthread_create(
    thread: *mut libc::pthread_t,
    attr: *const libc::pthread_attr_t,
    start: Start,
    arg: *mut c_void
) = pthread_create(thread, attr, start, arg), ,
    "pthread_create({},{},{},{}) ",
    Ptr::new(thread), Ptr::new(attr), Ptr::new(start as *const c_void), Ptr::new(arg));

pthread_call!(fn safe_pthread_join(thread: libc::pthread_t, retval: *mut *mut c_void) =
    blocking::pthread_join(thread, retval), , "pthread_join(..., {}) ", Ptr::new(retval));

pthread_call!(fn safe_pthread_cancel(thread: libc::pthread_t) =
    libc::pthread_cancel(thread), , "pthread_cancel(...) ");

pthread_call!(fn safe_pthread_kill(thread: libc::pthread_t, sig: c_int) =
    libc::pthread_kill(thread, sig), , "pthread_kill(..., {}) ", sig);

pthread_call!(fn safe_pthread_barrier_init(
    barrier: *mut libc::pthread_barrier_t,
    attr: *const libc::pthread_barrierattr_t,
    count: c_uint
) = libc::pthread_barrier_init(barrier, attr, count), ,
    // The reference has no blank here, and its text is the interface.
    "pthread_barrier_init({}, {}, {})", Ptr::new(barrier), Ptr::new(attr), count);

pthread_call!(fn safe_pthread_barrier_wait(barrier: *mut libc::pthread_barrier_t) =
    libc::pthread_barrier_wait(barrier), libc::PTHREAD_BARRIER_SERIAL_THREAD,
    "pthread_barrier_wait({}) ", Ptr::new(barrier));

pthread_call!(fn safe_pthread_barrier_destroy(barrier: *mut libc::pthread_barrier_t) =
    libc::pthread_barrier_destroy(barrier), ,
    "pthread_barrier_destroy({}) ", Ptr::new(barrier));

pthread_call!(fn safe_pthread_mutexattr_init(attr: *mut libc::pthread_mutexattr_t) =
    libc::pthread_mutexattr_init(attr), , "pthread_mutexattr_init({}) ", Ptr::new(attr));

pthread_call!(fn safe_pthread_mutexattr_destroy(attr: *mut libc::pthread_mutexattr_t) =
    libc::pthread_mutexattr_destroy(attr), ,
    "pthread_mutexattr_destroy({}) ", Ptr::new(attr));

pthread_call!(fn safe_pthread_mutexattr_settype(
    attr: *mut libc::pthread_mutexattr_t,
    kind: c_int
) = libc::pthread_mutexattr_settype(attr, kind), ,
    "pthread_mutexattr_settype({}, {}) ", Ptr::new(attr), kind);

pthread_call!(fn safe_pthread_mutex_init(
    mutex: *mut libc::pthread_mutex_t,
    attr: *const libc::pthread_mutexattr_t
) = libc::pthread_mutex_init(mutex, attr), ,
    "pthread_mutex_init({}, {}) ", Ptr::new(mutex), Ptr::new(attr));

pthread_call!(fn safe_pthread_mutex_destroy(mutex: *mut libc::pthread_mutex_t) =
    libc::pthread_mutex_destroy(mutex), , "pthread_mutex_destroy({}) ", Ptr::new(mutex));

pthread_call!(fn safe_pthread_mutex_lock(mutex: *mut libc::pthread_mutex_t) =
    libc::pthread_mutex_lock(mutex), , "pthread_mutex_lock({}) ", Ptr::new(mutex));

pthread_call!(fn safe_pthread_mutex_trylock(mutex: *mut libc::pthread_mutex_t) =
    libc::pthread_mutex_trylock(mutex), libc::EBUSY,
    "pthread_mutex_trylock({}) ", Ptr::new(mutex));

pthread_call!(fn safe_pthread_mutex_timedlock(
    mutex: *mut libc::pthread_mutex_t,
    abstime: *const libc::timespec
) = libc::pthread_mutex_timedlock(mutex, abstime), libc::ETIMEDOUT,
    "pthread_mutex_timedlock({}, {{{}, {}}}) ",
    Ptr::new(mutex), (*abstime).tv_sec, (*abstime).tv_nsec);

pthread_call!(fn safe_pthread_mutex_unlock(mutex: *mut libc::pthread_mutex_t) =
    libc::pthread_mutex_unlock(mutex), , "pthread_mutex_unlock({}) ", Ptr::new(mutex));
