// SPDX-License-Identifier: BSD-2-Clause
//! Log rotation (spec diag.md 9.8): somebody has renamed the files, so reopen them.
//!
//! Opening can block, so a worker does it; the descriptor keeps its number, and other
//! threads go on logging to it.

use super::logger::{FILE_FLAGS, FILE_MODE, Log};
use super::{INFO, SAY, SYSERROR, fatal, is_enabled, setup};
use crate::coio::pool;
use crate::coio::pool::request::EioReq;
use crate::cord;
use crate::cord::ev::{self, ev_async, ev_loop};
use crate::errinj;
use crate::errno;
use crate::small::Rlist;
use crate::sync::cond::FiberCond;
use core::ffi::{CStr, c_char, c_int};
use core::mem::offset_of;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The list of all file loggers.
struct Loggers(Mutex<Rlist>);

// SAFETY: the links, in the head and in the loggers, are only touched under the mutex.
unsafe impl Sync for Loggers {}

static LOGGERS: Loggers = Loggers(Mutex::new(Rlist::unlinked()));

impl Loggers {
    fn lock(&self) -> MutexGuard<'_, Rlist> {
        let head = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if head.next.get().is_null() {
            // SAFETY: a static, so it stays where it is.
            unsafe { Rlist::create(&raw const *head) };
        }
        head
    }
}

/// A watcher that is not in use. Its `data` counts the rotations that are done and
/// that the loop has not heard of.
pub(super) const WATCHER: ev_async = ev_async {
    active: 0,
    pending: 0,
    priority: 0,
    data: ptr::null_mut(),
    cb: Some(rotated),
    sent: 0,
};

/// # Safety
/// `log` is a live logger.
unsafe fn rotations_done<'a>(log: *mut Log) -> &'a AtomicUsize {
    // SAFETY: a word that is only used as this counter, by us.
    unsafe { AtomicUsize::from_ptr((&raw mut (*(*log).log_async.get()).data).cast()) }
}

/// Makes the logger's link one of no list.
///
/// # Safety
/// `log` is a logger that is being created.
pub(super) unsafe fn init_link(log: *mut Log) {
    // SAFETY: as the caller says.
    unsafe { Rlist::create(&raw const (*log).in_log_list) };
}

/// Makes the logger known to rotation.
///
/// # Safety
/// `log` was created, is in no list, and stays where it is until [`finish`].
pub(super) unsafe fn enlist(log: *mut Log) {
    let head = LOGGERS.lock();
    // SAFETY: as the caller says.
    unsafe { Rlist::add(&raw const *head, &raw const (*log).in_log_list) };
}

/// Waits for rotations under way, then makes the logger unknown to rotation.
///
/// # Safety
/// `log` was created; its rotations were asked for by this cord.
pub(super) unsafe fn finish(log: *mut Log) {
    // SAFETY: as the caller says. The callback that ends the wait runs in this cord.
    unsafe {
        while (*log).rotating_threads.get() > 0 {
            FiberCond::wait(&raw mut (*log).rotate_cond);
        }
        let _head = LOGGERS.lock();
        Rlist::del(&raw const (*log).in_log_list);
    }
}

/// `say_logrotate`: reopens the files of all file loggers.
pub fn rotate_all() {
    let cord = cord::current("say_logrotate");
    let ev_loop = cord.loop_.get();
    if ev_loop.is_null() {
        let name = cord.name().to_string_lossy();
        fatal!("say_logrotate: cord '{name}' has no event loop");
    }
    let saved = errno::get();
    let head = LOGGERS.lock();
    // SAFETY: all elements are created loggers of type file; they stay in the list, and so
    // alive, while rotations are under way.
    unsafe {
        for link in Rlist::iter(&raw const *head) {
            let log = link
                .wrapping_byte_sub(offset_of!(Log, in_log_list))
                .cast::<Log>();
            start(log, ev_loop);
        }
    }
    drop(head);
    errno::set(saved);
}

/// A rotation and the loop that waits for it.
#[repr(C)]
struct Job {
    req: EioReq,
    log: *mut Log,
    ev_loop: *mut ev_loop,
}

/// # Safety
/// `log` is a live file logger, `ev_loop` the loop of this cord.
unsafe fn start(log: *mut Log, ev_loop: *mut ev_loop) {
    // SAFETY: as the caller says. The job goes to the thread, or is freed here.
    unsafe {
        let job = libc::malloc(size_of::<Job>()).cast::<Job>();
        if job.is_null() {
            log_failure(log, c"no memory to rotate");
            return;
        }
        let mut req = EioReq::new(run);
        req.destroy = Some(free_job);
        job.write(Job { req, log, ev_loop });
        // Before the worker can send anything.
        ev::ev_async_start(ev_loop, (*log).log_async.get());
        add_rotations(log, ev_loop, 1);
        if !pool::post(job.cast()) {
            libc::free(job.cast());
            errno::set(libc::ESHUTDOWN);
            log_failure(log, c"no worker to rotate");
            add_rotations(log, ev_loop, -1);
        }
    }
}

/// Counts rotations under way. After the last, the watcher must not go on keeping the loop
/// busy, and who waits in [`finish`] may go on.
///
/// # Safety
/// `log` is a live logger, `ev_loop` the loop of this cord.
unsafe fn add_rotations(log: *mut Log, ev_loop: *mut ev_loop, number: c_int) {
    // SAFETY: as the caller says.
    unsafe {
        let count = (*log).rotating_threads.get().wrapping_add(number);
        (*log).rotating_threads.set(count);
        if count == 0 {
            ev::ev_async_stop(ev_loop, (*log).log_async.get());
            FiberCond::broadcast(&raw mut (*log).rotate_cond);
        }
    }
}

unsafe extern "C-unwind" fn free_job(job: *mut EioReq) {
    // SAFETY: made by `start`.
    unsafe { libc::free(job.cast()) };
}

/// In a worker.
unsafe extern "C-unwind" fn run(job: *mut EioReq) {
    let job = job.cast::<Job>();
    // SAFETY: the job is the worker's; its logger and its loop wait for it.
    unsafe {
        let (log, ev_loop) = ((*job).log, (*job).ev_loop);
        if errinj::log_rotate() {
            libc::usleep(10);
        }
        reopen(log);
        // The loop may see the count before it is sent anything, because of another
        // rotation, and end the wait of `finish`: that then waits for the lock.
        let _head = LOGGERS.lock();
        rotations_done(log).fetch_add(1, Ordering::Relaxed);
        ev::ev_async_send(ev_loop, (*log).log_async.get());
    }
}

/// # Safety
/// `log` is a live file logger.
unsafe fn reopen(log: *mut Log) {
    // SAFETY: as the caller says; neither the path nor the descriptor's number changes
    // while a rotation is under way.
    unsafe {
        let fd = (*log).fd.load(Ordering::Relaxed);
        let new = libc::open((*log).path.get(), FILE_FLAGS, FILE_MODE);
        if new < 0 {
            log_failure(log, c"logrotate can't open");
            return;
        }
        libc::dup2(new, fd);
        libc::close(new);
        (*log).apply_nonblock();
        if setup::owns_standard_streams(log) {
            libc::dup2(fd, libc::STDOUT_FILENO);
            libc::dup2(fd, libc::STDERR_FILENO);
        }
        let text = c"log file has been reopened".as_ptr();
        log_say(log, INFO, ptr::null(), 0, ptr::null(), text);
    }
}

unsafe extern "C-unwind" {
    /// `src/shim/fiber/say.c`
    fn log_say(
        log: *mut Log,
        level: c_int,
        file: *const c_char,
        line: c_int,
        error: *const c_char,
        format: *const c_char,
        ...
    ) -> c_int;
}

/// What logging a SystemError of this text and the logger's path would write: to the default
/// logger. The worker may have no diagnostics area.
///
/// # Safety
/// `log` is a live file logger.
unsafe fn log_failure(log: *mut Log, what: &CStr) {
    if !is_enabled(SYSERROR) {
        return;
    }
    let error = super::errno_text().as_ptr();
    let format = c"SystemError %s %s".as_ptr();
    // SAFETY: the format takes two strings; a file logger has a path.
    unsafe {
        let path = (*log).path.get();
        (SAY)(SYSERROR, ptr::null(), 0, error, format, what.as_ptr(), path);
    }
}

/// The watcher's callback: in the loop that asked. One event may stand for several
/// rotations.
unsafe extern "C-unwind" fn rotated(
    ev_loop: *mut ev_loop,
    watcher: *mut ev_async,
    _events: c_int,
) {
    // SAFETY: the watcher is the one in a live logger.
    unsafe {
        let log = watcher
            .wrapping_byte_sub(offset_of!(Log, log_async))
            .cast::<Log>();
        let done = rotations_done(log).swap(0, Ordering::Relaxed);
        add_rotations(log, ev_loop, (done as c_int).wrapping_neg());
    }
}
