// SPDX-License-Identifier: BSD-2-Clause
//! `struct eio_req`: something that a thread of the pool does (spec ipc.md 8.1).
//!
//! A request belongs to one thread at a time: to the one that submits it, then to the
//! pool, then to the worker that takes it, and at last to the thread that polls. Each
//! hands it on under a lock, so its fields are plain.

use super::results::Results;
use crate::abi::layout;
use crate::errno;
use core::ffi::{c_int, c_long, c_void};
use core::ptr;
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// A step in the life of a request.
pub type Step = unsafe extern "C-unwind" fn(*mut EioReq);

/// `eio_cb`: what the submitting thread does with a finished request. A value other than
/// 0 ends the poll, which returns it.
pub type Finish = unsafe extern "C-unwind" fn(*mut EioReq) -> c_int;

/// `EIO_CUSTOM`, the only type: `feed` says what to do.
pub const CUSTOM: i8 = 0;

/// `EIO_PRI_MIN`
pub const PRIORITY_MIN: i8 = -4;
/// `EIO_PRI_DEFAULT`
pub const PRIORITY_DEFAULT: i8 = 0;
/// `EIO_PRI_MAX`
pub const PRIORITY_MAX: i8 = 4;

/// `struct eio_req`. What is not named here the program may use as it likes.
#[repr(C)]
pub struct EioReq {
    /// In whatever queue it is.
    pub(super) next: *mut EioReq,
    /// Where it goes when it is done; NULL if nobody waits for it. A reference.
    pub(super) pool_user: *const Results,
    /// Unused.
    pub wd: *mut c_void,
    /// What came of it: usually -1 for a failure.
    pub result: isize,
    /// Position in a file.
    pub offs: i64,
    /// Bytes.
    pub size: usize,
    /// A path.
    pub ptr1: *mut c_void,
    /// A second path, or a buffer.
    pub ptr2: *mut c_void,
    /// Unused.
    pub nv1: f64,
    /// Unused.
    pub nv2: f64,
    /// A descriptor.
    pub int1: c_int,
    /// Arguments.
    pub int2: c_long,
    /// Arguments.
    pub int3: c_long,
    /// The worker's errno afterwards.
    pub errorno: c_int,
    /// Ours.
    pub flags: u8,
    /// [`CUSTOM`]
    pub kind: i8,
    /// [`PRIORITY_MIN`] to [`PRIORITY_MAX`]
    pub pri: i8,
    /// Not 0: not to be executed any more. Any thread may set it.
    pub cancelled: AtomicU8,
    /// The program's.
    pub data: *mut c_void,
    /// First in the submitting thread when it is done, unless it was cancelled.
    pub finish: Option<Finish>,
    /// Then; and the only one, in a worker, if the submitting thread has gone.
    pub destroy: Option<Step>,
    /// In a worker: does it and stores `result`.
    pub feed: Option<Step>,
    /// Unused.
    pub grp: *mut EioReq,
    /// Unused.
    pub grp_prev: *mut EioReq,
    /// Unused.
    pub grp_next: *mut EioReq,
    /// Unused.
    pub grp_first: *mut EioReq,
}

layout!(EioReq = "eio_req", 176: next 0, pool_user 8, wd 16, result 24, offs 32, size 40,
    ptr1 48, ptr2 56, nv1 64, nv2 72, int1 80, int2 88, int3 96, errorno 104, flags 108,
    kind 109, pri 110, cancelled 111, data 112, finish 120, destroy 128, feed 136,
    grp 144, grp_prev 152, grp_next 160, grp_first 168);

impl EioReq {
    /// A request of priority 0 that nobody waits for.
    pub const fn new(feed: Step) -> EioReq {
        EioReq {
            next: ptr::null_mut(),
            pool_user: ptr::null(),
            wd: ptr::null_mut(),
            result: 0,
            offs: 0,
            size: 0,
            ptr1: ptr::null_mut(),
            ptr2: ptr::null_mut(),
            nv1: 0.0,
            nv2: 0.0,
            int1: 0,
            int2: 0,
            int3: 0,
            errorno: 0,
            flags: 0,
            kind: CUSTOM,
            pri: PRIORITY_DEFAULT,
            cancelled: AtomicU8::new(0),
            data: ptr::null_mut(),
            finish: None,
            destroy: None,
            feed: Some(feed),
            grp: ptr::null_mut(),
            grp_prev: ptr::null_mut(),
            grp_next: ptr::null_mut(),
            grp_first: ptr::null_mut(),
        }
    }

    /// In a worker: does what it is for. The function may leave the thread's errno as it
    /// likes, which is why it starts from 0.
    ///
    /// # Safety
    /// The request is the worker's.
    pub(super) unsafe fn execute(this: *mut EioReq) {
        // SAFETY: as the caller says.
        unsafe {
            if (*this).cancelled.load(Relaxed) != 0 {
                (*this).result = -1;
                (*this).errorno = libc::ECANCELED;
                return;
            }
            errno::set(0);
            match (*this).feed {
                Some(feed) if (*this).kind == CUSTOM => feed(this),
                _ => {
                    (*this).result = -1;
                    errno::set(libc::ENOSYS);
                }
            }
            (*this).errorno = errno::get();
        }
    }

    /// The end of a finished request in the submitting thread.
    ///
    /// # Safety
    /// The request is the caller's, who does not touch it any more.
    pub(super) unsafe fn finish(this: *mut EioReq) -> c_int {
        // SAFETY: as the caller says. A request without `destroy` may be freed by `finish`.
        unsafe {
            let destroy = (*this).destroy;
            let mut result = 0;
            if let Some(finish) = (*this).finish
                && (*this).cancelled.load(Relaxed) == 0
            {
                result = finish(this);
            }
            if let Some(destroy) = destroy {
                destroy(this);
            }
            result
        }
    }
}

/// Requests in order, linked by `next`.
pub(super) struct Fifo {
    first: *mut EioReq,
    last: *mut EioReq,
}

// SAFETY: whoever has the queue has its requests.
unsafe impl Send for Fifo {}

impl Fifo {
    pub(super) const EMPTY: Fifo = Fifo {
        first: ptr::null_mut(),
        last: ptr::null_mut(),
    };

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_null()
    }

    /// # Safety
    /// `req` is the caller's, and in no queue.
    pub(super) unsafe fn push(&mut self, req: *mut EioReq) {
        // SAFETY: as the caller says; `last` is in this queue.
        unsafe {
            (*req).next = ptr::null_mut();
            if self.first.is_null() {
                self.first = req;
            } else {
                (*self.last).next = req;
            }
            self.last = req;
        }
    }

    pub(super) fn pop(&mut self) -> Option<*mut EioReq> {
        let req = self.first;
        if req.is_null() {
            return None;
        }
        // SAFETY: a request in this queue.
        self.first = unsafe { (*req).next };
        Some(req)
    }
}
