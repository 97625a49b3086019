// SPDX-License-Identifier: BSD-2-Clause
//! `eio.h`: the pool under libeio's names (spec ipc.md 8.3, 19).

use crate::coio::call::Job;
use crate::coio::file;
use crate::coio::pool::request::{EioReq, Finish, PRIORITY_MAX, PRIORITY_MIN, Step};
use crate::coio::pool::results::{PollHook, Results};
use crate::coio::pool::{self, ThreadHook};
use crate::say::fatal;
use core::ffi::{c_char, c_int, c_uint, c_void};
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use libc::{gid_t, mode_t, off_t, uid_t};

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_init(
    user: *mut c_void,
    want_poll: Option<PollHook>,
    done_poll: Option<PollHook>,
) -> c_int {
    if Results::open(user, want_poll, done_poll).is_some() {
        0
    } else {
        crate::errno::set(libc::EBUSY);
        -1
    }
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn eio_poll() -> c_int {
    // SAFETY: callbacks may run here, as whoever submitted them promises.
    unsafe { pool::poll() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn eio_submit(req: *mut EioReq) {
    // SAFETY: a request of the caller's.
    unsafe { pool::submit(req, "eio_submit") };
}

/// A request that runs is not interrupted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_cancel(req: *mut EioReq) {
    // SAFETY: a live request.
    unsafe { (*req).cancelled.store(1, Relaxed) };
}

#[unsafe(no_mangle)]
pub extern "C" fn eio_set_max_poll_time(nseconds: f64) {
    pool::set_poll_time(Duration::try_from_secs_f64(nseconds).unwrap_or_default());
}

#[unsafe(no_mangle)]
pub extern "C" fn eio_set_max_poll_reqs(nreqs: c_uint) {
    pool::set_poll_requests(nreqs as usize);
}

#[unsafe(no_mangle)]
pub extern "C" fn eio_set_min_parallel(nthreads: c_uint) {
    pool::set_min_threads(nthreads as usize);
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn eio_set_max_parallel(nthreads: c_uint) {
    pool::set_max_threads(nthreads as usize);
}

#[unsafe(no_mangle)]
pub extern "C" fn eio_set_max_idle(nthreads: c_uint) {
    pool::set_max_idle(nthreads as usize);
}

#[unsafe(no_mangle)]
pub extern "C" fn eio_set_idle_timeout(seconds: c_uint) {
    pool::set_idle_timeout(seconds.into());
}

#[unsafe(no_mangle)]
pub extern "C" fn eio_set_thread_on_start(
    on_start_cb: Option<ThreadHook>,
    data: *mut c_void,
) {
    pool::set_on_start(on_start_cb, data);
}

#[unsafe(no_mangle)]
pub extern "C" fn eio_set_thread_on_stop(
    on_stop_cb: Option<ThreadHook>,
    data: *mut c_void,
) {
    pool::set_on_stop(on_stop_cb, data);
}

#[unsafe(no_mangle)]
pub extern "C" fn eio_nreqs() -> c_uint {
    pool::unfinished() as c_uint
}

#[unsafe(no_mangle)]
pub extern "C" fn eio_nready() -> c_uint {
    pool::queued() as c_uint
}

#[unsafe(no_mangle)]
pub extern "C" fn eio_npending() -> c_uint {
    pool::pending() as c_uint
}

#[unsafe(no_mangle)]
pub extern "C" fn eio_nthreads() -> c_uint {
    pool::threads() as c_uint
}

/// How a request is to be submitted.
struct How {
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
}

/// Submits a request that does what `make` says, given copies of the paths, which live as long
/// as the request. NULL with errno without memory.
///
/// # Safety
/// C strings. What the request does is right in another thread.
unsafe fn submit<const N: usize, W: Fn() -> isize + Copy>(
    how: How,
    paths: [*const c_char; N],
    make: impl FnOnce([*mut c_char; N]) -> W,
) -> *mut EioReq {
    const { assert!(N <= 2) };
    // SAFETY: as the caller says; the memory is enough for a job, whose first member is the
    // request.
    unsafe {
        let copies = paths.map(|path| libc::strdup(path));
        let job = libc::malloc(size_of::<Job<W>>()).cast::<Job<W>>();
        if job.is_null() || copies.iter().any(|copy| copy.is_null()) {
            for copy in copies {
                libc::free(copy.cast());
            }
            libc::free(job.cast());
            crate::errno::set(libc::ENOMEM);
            return ptr::null_mut();
        }
        job.write(Job::new(make(copies)));
        let req = &raw mut (*job).req;
        let mut copies = copies.into_iter();
        (*req).ptr1 = copies.next().map_or(ptr::null_mut(), <*mut c_char>::cast);
        (*req).ptr2 = copies.next().map_or(ptr::null_mut(), <*mut c_char>::cast);
        (*req).pri = how.pri.clamp(PRIORITY_MIN.into(), PRIORITY_MAX.into()) as i8;
        (*req).finish = how.cb;
        (*req).data = how.data;
        (*req).destroy = Some(free);
        pool::submit(req, "eio_submit");
        req
    }
}

unsafe extern "C-unwind" fn free(req: *mut EioReq) {
    // SAFETY: made by `submit`.
    unsafe {
        libc::free((*req).ptr1);
        libc::free((*req).ptr2);
        libc::free(req.cast());
    }
}

/// `execute` stores the result itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_custom(
    execute: Option<Step>,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    let Some(execute) = execute else {
        fatal!("eio_custom: execute must not be NULL");
    };
    // SAFETY: memory for a request.
    unsafe {
        let req = libc::malloc(size_of::<EioReq>()).cast::<EioReq>();
        if req.is_null() {
            return req;
        }
        req.write(EioReq::new(execute));
        (*req).pri = pri.clamp(PRIORITY_MIN.into(), PRIORITY_MAX.into()) as i8;
        (*req).finish = cb;
        (*req).data = data;
        (*req).destroy = Some(free);
        pool::submit(req, "eio_custom");
        req
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_open(
    path: *const c_char,
    flags: c_int,
    mode: mode_t,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(How { pri, cb, data }, [path], |[path]| {
            move || libc::open(path, flags, mode) as isize
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_close(
    fd: c_int,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(How { pri, cb, data }, [], |[]| {
            move || libc::close(fd) as isize
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_read(
    fd: c_int,
    buf: *mut c_void,
    length: usize,
    offset: off_t,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(How { pri, cb, data }, [], |[]| {
            move || file::read_at(fd, buf, length, offset)
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_write(
    fd: c_int,
    buf: *mut c_void,
    length: usize,
    offset: off_t,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(How { pri, cb, data }, [], |[]| {
            move || file::write_at(fd, buf, length, offset)
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_rename(
    path: *const c_char,
    new_path: *const c_char,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(
            How { pri, cb, data },
            [path, new_path],
            |[path, new_path]| move || libc::rename(path, new_path) as isize,
        )
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_unlink(
    path: *const c_char,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(How { pri, cb, data }, [path], |[path]| {
            move || libc::unlink(path) as isize
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_mkdir(
    path: *const c_char,
    mode: mode_t,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(How { pri, cb, data }, [path], |[path]| {
            move || libc::mkdir(path, mode) as isize
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_rmdir(
    path: *const c_char,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(How { pri, cb, data }, [path], |[path]| {
            move || libc::rmdir(path) as isize
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_truncate(
    path: *const c_char,
    offset: off_t,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(How { pri, cb, data }, [path], |[path]| {
            move || libc::truncate(path, offset) as isize
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_ftruncate(
    fd: c_int,
    offset: off_t,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(How { pri, cb, data }, [], |[]| {
            move || libc::ftruncate(fd, offset) as isize
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_chown(
    path: *const c_char,
    uid: uid_t,
    gid: gid_t,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(How { pri, cb, data }, [path], |[path]| {
            move || libc::chown(path, uid, gid) as isize
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_chmod(
    path: *const c_char,
    mode: mode_t,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(How { pri, cb, data }, [path], |[path]| {
            move || libc::chmod(path, mode) as isize
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_link(
    path: *const c_char,
    new_path: *const c_char,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(
            How { pri, cb, data },
            [path, new_path],
            |[path, new_path]| move || libc::link(path, new_path) as isize,
        )
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_symlink(
    path: *const c_char,
    new_path: *const c_char,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(
            How { pri, cb, data },
            [path, new_path],
            |[path, new_path]| move || libc::symlink(path, new_path) as isize,
        )
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_fsync(
    fd: c_int,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(How { pri, cb, data }, [], |[]| {
            move || libc::fsync(fd) as isize
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_fdatasync(
    fd: c_int,
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    // SAFETY: as the caller promises.
    unsafe {
        submit(How { pri, cb, data }, [], |[]| {
            move || libc::fdatasync(fd) as isize
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn eio_sync(
    pri: c_int,
    cb: Option<Finish>,
    data: *mut c_void,
) -> *mut EioReq {
    let work = || {
        // SAFETY: no arguments.
        unsafe { libc::sync() };
        0
    };
    // SAFETY: as above.
    unsafe { submit(How { pri, cb, data }, [], |[]| work) }
}
