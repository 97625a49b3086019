// SPDX-License-Identifier: BSD-2-Clause
//! Resolving names without blocking (spec ipc.md 8.6).

use super::pool::request::EioReq;
use super::task::CoioTask;
use crate::diag;
use crate::errno;
use core::ffi::{CStr, c_char, c_int};
use core::fmt::Write;
use core::ptr;
use libc::addrinfo;

/// What a worker needs: copies, since the fiber may give up waiting.
#[repr(C)]
struct Lookup {
    task: CoioTask,
    host: *mut c_char,
    port: *mut c_char,
    hints: addrinfo,
    found: *mut addrinfo,
    /// What getaddrinfo(3) returned.
    code: c_int,
}

/// `coio_getaddrinfo`: false with the diag set; then `found` is untouched.
///
/// # Safety
/// In a fiber (checked). `host`, `port` and `hints` are NULL or readable, `found` is
/// writable.
pub unsafe fn resolve(
    host: *const c_char,
    port: *const c_char,
    hints: *const addrinfo,
    found: *mut *mut addrinfo,
    timeout: f64,
) -> bool {
    // SAFETY: as the caller says. The lookup is ours until the task is somebody else's.
    unsafe {
        let Some(lookup) = Lookup::new(host, port, hints) else {
            diag::set_out_of_memory(size_of::<Lookup>(), c"malloc", c"getaddrinfo");
            return false;
        };
        if !CoioTask::run(lookup.cast(), timeout, "coio_getaddrinfo") {
            return false;
        }
        let code = (*lookup).code;
        if code == 0 {
            found.write((*lookup).found);
            (*lookup).found = ptr::null_mut();
        } else {
            errno::set(libc::EIO);
            set_error(code);
        }
        Lookup::free(lookup);
        code == 0
    }
}

fn set_error(code: c_int) {
    let mut buffer = [0; 256];
    let mut text = crate::trivia::bounded::Bounded::new(&mut buffer);
    // SAFETY: a constant text of the C library.
    let reason = unsafe { CStr::from_ptr(libc::gai_strerror(code)) };
    // What does not fit is cut.
    let _ = write!(text, "getaddrinfo: {}", reason.to_string_lossy());
    diag::set_system_error(text.c_str());
}

impl Lookup {
    /// None without memory.
    ///
    /// # Safety
    /// As for [`resolve`].
    unsafe fn new(
        host: *const c_char,
        port: *const c_char,
        hints: *const addrinfo,
    ) -> Option<*mut Lookup> {
        // SAFETY: as the caller says; zeroed memory is a lookup of nothing.
        unsafe {
            let this = libc::calloc(1, size_of::<Lookup>()).cast::<Lookup>();
            if this.is_null() {
                return None;
            }
            CoioTask::create(this.cast(), look_up, nobody_waits);
            (*this).task.base.destroy = Some(free_abandoned);
            if !hints.is_null() {
                (*this).hints = hints.read();
            }
            let is_complete =
                copy(host, &raw mut (*this).host) && copy(port, &raw mut (*this).port);
            if !is_complete {
                Lookup::free(this);
                return None;
            }
            Some(this)
        }
    }

    /// # Safety
    /// Nobody else has it.
    unsafe fn free(this: *mut Lookup) {
        // SAFETY: as the caller says.
        unsafe {
            if !(*this).found.is_null() {
                libc::freeaddrinfo((*this).found);
            }
            (*this).task.diag.clear();
            libc::free((*this).host.cast());
            libc::free((*this).port.cast());
            libc::free(this.cast());
        }
    }
}

/// A copy of a text that says something. False without memory.
///
/// # Safety
/// `text` is NULL or a C string.
unsafe fn copy(text: *const c_char, place: *mut *mut c_char) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        if text.is_null() || *text == 0 {
            return true;
        }
        place.write(libc::strdup(text));
        !(*place).is_null()
    }
}

/// In a worker.
unsafe extern "C-unwind" fn look_up(task: *mut CoioTask) -> c_int {
    let this = task.cast::<Lookup>();
    // SAFETY: the task is the first member of a lookup, which is the worker's now.
    unsafe {
        let (host, port) = ((*this).host, (*this).port);
        let (hints, found) = (&raw mut (*this).hints, &raw mut (*this).found);
        let mut code = libc::getaddrinfo(host, port, hints, found);
        // A machine without a configured address still knows its own names.
        if matches!(code, libc::EAI_BADFLAGS | EAI_ADDRFAMILY)
            && (*hints).ai_flags & libc::AI_ADDRCONFIG != 0
        {
            (*hints).ai_flags &= !libc::AI_ADDRCONFIG;
            code = libc::getaddrinfo(host, port, hints, found);
        }
        (*this).code = code;
    }
    0
}

/// glibc's, in `<netdb.h>` with `_GNU_SOURCE`; the libc crate lacks it.
const EAI_ADDRFAMILY: c_int = -9;

unsafe extern "C-unwind" fn nobody_waits(_: *mut CoioTask) -> c_int {
    0
}

/// In the cord that has asked, after the task is finished; or in a worker, if that cord is
/// gone.
unsafe extern "C-unwind" fn free_abandoned(req: *mut EioReq) {
    // SAFETY: the request is the first member of a task, which is that of a lookup.
    unsafe {
        if !(*req.cast::<CoioTask>()).is_complete() {
            Lookup::free(req.cast());
        }
    }
}
