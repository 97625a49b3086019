// SPDX-License-Identifier: BSD-2-Clause
//! What `diag_set` and `diag_log` are for C, for the library's own code.
//!
//! The objects are C++, so the constructors of `diag.h` make them
//! (`src/shim/fiber/exception.cc`).

use super::{Error, current, message_of};
use crate::cord;
use crate::errno;
use crate::say;
use core::ffi::{CStr, c_char, c_uint};
use core::panic::Location;

// Not "C-unwind": they neither block nor call back.
unsafe extern "C" {
    fn BuildSystemError(
        file: *const c_char,
        line: c_uint,
        format: *const c_char,
        ...
    ) -> *mut Error;
    fn BuildIllegalParams(
        file: *const c_char,
        line: c_uint,
        format: *const c_char,
        ...
    ) -> *mut Error;
    fn BuildOutOfMemory(
        file: *const c_char,
        line: c_uint,
        amount: usize,
        allocator: *const c_char,
        object: *const c_char,
    ) -> *mut Error;
    fn BuildSocketError(
        file: *const c_char,
        line: c_uint,
        socketname: *const c_char,
        format: *const c_char,
        ...
    ) -> *mut Error;
    fn BuildTimedOut(file: *const c_char, line: c_uint) -> *mut Error;
    fn BuildFiberIsCancelled(file: *const c_char, line: c_uint) -> *mut Error;
    fn BuildChannelIsClosed(file: *const c_char, line: c_uint) -> *mut Error;
}

/// A failed system call, with errno, which stays as it is. `message` is not a format.
#[track_caller]
pub fn set_system_error(message: &CStr) {
    // SAFETY: the format takes one string.
    set("SystemError", |file, line| unsafe {
        BuildSystemError(file, line, c"%s".as_ptr(), message.as_ptr())
    });
}

/// A failed call on the socket of that name, with errno, which stays as it is. The texts are not
/// formats.
#[track_caller]
pub fn set_socket_error(socket: &CStr, message: &CStr) {
    // SAFETY: the format takes one string.
    set("SocketError", |file, line| unsafe {
        let (socket, message) = (socket.as_ptr(), message.as_ptr());
        BuildSocketError(file, line, socket, c"%s".as_ptr(), message)
    });
}

/// A bad argument. `message` is not a format.
#[track_caller]
pub fn set_illegal_params(message: &CStr) {
    // SAFETY: the format takes one string.
    set("IllegalParams", |file, line| unsafe {
        BuildIllegalParams(file, line, c"%s".as_ptr(), message.as_ptr())
    });
}

/// "Failed to allocate `amount` bytes in `allocator` for `object`"
#[track_caller]
pub fn set_out_of_memory(amount: usize, allocator: &CStr, object: &CStr) {
    // SAFETY: C strings.
    set("OutOfMemory", |file, line| unsafe {
        BuildOutOfMemory(file, line, amount, allocator.as_ptr(), object.as_ptr())
    });
}

/// "timed out"
#[track_caller]
pub fn set_timed_out() {
    // SAFETY: a C string and a number.
    set("TimedOut", |file, line| unsafe {
        BuildTimedOut(file, line)
    });
}

/// "fiber is cancelled"
#[track_caller]
pub fn set_fiber_is_cancelled() {
    // SAFETY: as above.
    set("FiberIsCancelled", |file, line| unsafe {
        BuildFiberIsCancelled(file, line)
    });
}

/// "channel is closed"
#[track_caller]
pub fn set_channel_is_closed() {
    // SAFETY: as above.
    set("ChannelIsClosed", |file, line| unsafe {
        BuildChannelIsClosed(file, line)
    });
}

/// In the order that can be observed: a line at DEBUG, the object, the area; errno as before.
#[track_caller]
fn set(class: &str, build: impl FnOnce(*const c_char, c_uint) -> *mut Error) {
    let saved = errno::get();
    let caller = Location::caller();
    say::say!(say::DEBUG, "{class} at {}:{}", caller.file(), caller.line());
    let error = build(caller.file_as_c_str().as_ptr(), caller.line());
    match cord::current_diag() {
        // SAFETY: the area of the running fiber; the object is new.
        Some(diag) => unsafe { diag.as_ref().add(error) },
        None => {
            // SAFETY: the object is new.
            let message = unsafe { message_of(error) };
            say::fatal!(
                "diag_set: this thread has no cord to keep the error {class}: {}",
                message.to_string_lossy()
            );
        }
    }
    errno::set(saved);
}

/// `diag_log`: logs the current fiber's error, if there is one.
pub fn log_last() {
    let last = current("diag_log").last();
    if !last.is_null() {
        // SAFETY: the area has a reference to it.
        unsafe { Error::log(last) };
    }
}
