// SPDX-License-Identifier: BSD-2-Clause
//! `coio_task.h`: the thread pool (spec ipc.md 8). `coio_call` itself is variadic
//! (`src/shim/fiber/coio_call.c`).

use crate::coio::call::{self, CallFunc};
use crate::coio::task::{CoioTask, TaskFunc};
use crate::coio::{enable, pool, resolve};
use crate::fiber::VaListTag;
use crate::say::fatal;
use core::ffi::{c_char, c_int};
use libc::addrinfo;

fn result(good: bool) -> c_int {
    if good { 0 } else { -1 }
}

#[unsafe(no_mangle)]
pub extern "C" fn coio_init() {
    enable::init();
}

#[unsafe(no_mangle)]
pub extern "C" fn coio_enable() {
    enable::enable();
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn coio_shutdown() {
    pool::set_max_threads(0);
}

/// `coio_call` behind its ellipsis.
///
/// # Safety
/// `func` may run in a worker with these arguments, which stay valid.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_coio_call(
    func: Option<CallFunc>,
    ap: *mut VaListTag,
) -> isize {
    let Some(func) = func else {
        fatal!("coio_call: func must not be NULL");
    };
    // SAFETY: as the caller says.
    unsafe { call::call(func, ap) }
}

/// # Safety
/// `task` points to memory for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coio_task_create(
    task: *mut CoioTask,
    func: Option<TaskFunc>,
    on_timeout: Option<TaskFunc>,
) {
    let (Some(func), Some(on_timeout)) = (func, on_timeout) else {
        fatal!("coio_task_create: func and on_timeout must not be NULL");
    };
    // SAFETY: as the caller says.
    unsafe { CoioTask::create(task, func, on_timeout) };
}

/// # Safety
/// `task` was created, and is the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coio_task_destroy(task: *mut CoioTask) {
    // SAFETY: as the caller says.
    unsafe { (*task).diag.clear() };
}

/// # Safety
/// `task` was created by this fiber.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_task_execute(
    task: *mut CoioTask,
    timeout: f64,
) -> c_int {
    // SAFETY: as the caller says.
    result(unsafe { CoioTask::run(task, timeout, "coio_task_execute") })
}

/// # Safety
/// `task` was created by this fiber.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn coio_task_post(task: *mut CoioTask) {
    // SAFETY: as the caller says.
    unsafe { CoioTask::post(task) };
}

/// # Safety
/// `host`, `port` and `hints` are NULL or readable; `res` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_getaddrinfo(
    host: *const c_char,
    port: *const c_char,
    hints: *const addrinfo,
    res: *mut *mut addrinfo,
    timeout: f64,
) -> c_int {
    // SAFETY: as the caller says.
    result(unsafe { resolve::resolve(host, port, hints, res, timeout) })
}
