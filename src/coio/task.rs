// SPDX-License-Identifier: BSD-2-Clause
//! `struct coio_task`: work for the pool with a limit to the waiting (spec ipc.md 8.5).
//!
//! The submitting fiber has a task until it gives up waiting, or from the start does not
//! wait; from then on `timeout_cb` has it, in the submitting cord, after the worker is
//! through.

use super::call::take_error;
use super::enable;
use super::pool;
use super::pool::request::{CUSTOM, EioReq};
use crate::abi::layout;
use crate::cord::{clock, current};
use crate::diag::{self, Diag};
use crate::fiber::sched::FOREVER;
use crate::fiber::{Fiber, FiberRef, flag, sched};
use crate::say::fatal;
use core::cell::Cell;
use core::ffi::c_int;
use core::ptr;

/// `coio_task_cb`
pub type TaskFunc = unsafe extern "C-unwind" fn(*mut CoioTask) -> c_int;

/// `struct coio_task`
#[repr(C)]
pub struct CoioTask {
    /// Its result is what the task's function returned.
    pub base: EioReq,
    /// Who waits; NULL: nobody.
    fiber: Cell<*mut Fiber>,
    task_cb: Option<TaskFunc>,
    timeout_cb: Option<TaskFunc>,
    /// In C a `va_list` shares this place with `timeout_cb`.
    unused: [usize; 2],
    /// The result was delivered to the waiting fiber.
    complete: Cell<c_int>,
    /// The error of a function that did not return 0.
    pub diag: Diag,
}

layout!(CoioTask = "coio_task", 232: base 0, fiber 176, task_cb 184, timeout_cb 192,
    complete 216, diag 224; unused 200);

impl CoioTask {
    /// `coio_task_create`: a task of the current fiber.
    ///
    /// # Safety
    /// `this` points to memory for one.
    pub unsafe fn create(this: *mut CoioTask, work: TaskFunc, on_timeout: TaskFunc) {
        let mut base = EioReq::new(execute);
        base.finish = Some(finish);
        // SAFETY: as the caller says.
        unsafe {
            this.write(CoioTask {
                base,
                fiber: Cell::new(current("coio_task_create").fiber.get()),
                task_cb: Some(work),
                timeout_cb: Some(on_timeout),
                unused: [0; 2],
                complete: Cell::new(0),
                diag: Diag::default(),
            });
        }
    }

    /// Whether the fiber that waits has the task, not `timeout_cb`.
    pub fn is_complete(&self) -> bool {
        self.complete.get() != 0
    }

    /// `coio_task_execute`: submits the task and waits for it, for at most `timeout` seconds.
    /// False, with the reason in the diag: the task is somebody else's now.
    ///
    /// # Safety
    /// A task that the current fiber has created (checked), not submitted before.
    pub unsafe fn run(this: *mut CoioTask, timeout: f64, function: &str) -> bool {
        let cord = current(function);
        let fiber = sched::waiting_fiber(cord, function);
        // SAFETY: as the caller says. The task is this fiber's as long as it waits.
        unsafe {
            check(this, fiber, function);
            let deadline = clock::monotonic_now(cord.loop_.get()) + timeout;
            pool::submit(&raw mut (*this).base, function);
            enable::count_waiting(cord, true);
            let mut left = timeout;
            let is_complete = loop {
                let is_over = sched::yield_timeout(cord, left);
                // Whatever else has happened, too.
                if (*this).is_complete() {
                    break true;
                }
                if is_over || fiber.has(flag::CANCELLED) {
                    break false;
                }
                // A wake-up without a reason. For ever does not become less.
                if timeout < FOREVER {
                    left = deadline - clock::monotonic_now(cord.loop_.get());
                }
            };
            enable::count_waiting(cord, false);
            if is_complete {
                return true;
            }
            (*this).fiber.set(ptr::null_mut());
        }
        if fiber.has(flag::CANCELLED) {
            diag::set_fiber_is_cancelled();
        } else {
            diag::set_timed_out();
        }
        false
    }

    /// `coio_task_post`: submits the task for `timeout_cb` to have the result.
    ///
    /// # Safety
    /// As for [`CoioTask::run`]; in a cord with an event loop.
    pub unsafe fn post(this: *mut CoioTask) {
        let function = "coio_task_post";
        // SAFETY: as the caller says.
        unsafe {
            check(this, current(function).fiber(), function);
            (*this).fiber.set(ptr::null_mut());
            pool::submit(&raw mut (*this).base, function);
        }
    }
}

/// # Safety
/// `this` is a task.
unsafe fn check(this: *mut CoioTask, fiber: FiberRef, function: &str) {
    // SAFETY: as the caller says.
    unsafe {
        if (*this).fiber.get() != fiber.as_ptr() {
            fatal!("{function}: not the fiber that has created the task");
        }
        if (*this).base.kind != CUSTOM {
            fatal!("{function}: not a task");
        }
    }
}

/// In a worker.
unsafe extern "C-unwind" fn execute(req: *mut EioReq) {
    let this = req.cast::<CoioTask>();
    // SAFETY: the request is the first member of a task, which is the worker's now.
    unsafe {
        let result = (*this).task_cb.map_or(0, |work| work(this));
        (*this).base.result = result as isize;
        take_error(result != 0, &raw const (*this).diag);
    }
}

/// In the cord that has submitted the task.
unsafe extern "C-unwind" fn finish(req: *mut EioReq) -> c_int {
    let this = req.cast::<CoioTask>();
    // SAFETY: the task was the worker's and is this cord's again.
    unsafe {
        let fiber = (*this).fiber.get();
        if !fiber.is_null() {
            (*this).complete.set(1);
            sched::wakeup(current("coio_task"), FiberRef::from_ptr(fiber));
        } else if let Some(on_timeout) = (*this).timeout_cb {
            on_timeout(this);
        }
    }
    0
}
