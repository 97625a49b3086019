// SPDX-License-Identifier: BSD-2-Clause
//! Errors as objects and the area where a fiber keeps the last one (spec diag.md 3, 4).
//!
//! C and C++ create errors; Rust code sees the `struct error` in them, counts
//! references and passes them on. The library's own errors come from the `set_*`
//! functions.

mod set;

pub use set::{
    log_last, set_channel_is_closed, set_fiber_is_cancelled, set_illegal_params,
    set_out_of_memory, set_socket_error, set_system_error, set_timed_out,
};

use crate::abi::layout;
use crate::cord;
use crate::say::fatal;
use core::cell::Cell;
use core::ffi::{CStr, c_char, c_int, c_uint};
use core::mem::offset_of;
use core::ptr;

/// Size of an error's text with its zero (`DIAG_ERRMSG_MAX`).
pub const MESSAGE_SIZE: usize = 512;
/// Size of an error's file name with its zero (`DIAG_FILENAME_MAX`).
pub const FILE_SIZE: usize = 256;

/// What an error can do. All may unwind: `raise` always does.
pub type Operation = unsafe extern "C-unwind" fn(*mut Error);

/// `struct type_info`, which only C and C++ look into.
#[repr(C)]
#[derive(Debug)]
pub struct TypeInfo([u8; 0]);

/// `struct error`. Belongs to one thread at a time.
#[repr(C)]
pub struct Error {
    destroy: Option<Operation>,
    raise: Option<Operation>,
    log: Option<Operation>,
    type_info: *const TypeInfo,
    refs: Cell<c_int>,
    line: c_uint,
    file: [c_char; FILE_SIZE],
    message: [c_char; MESSAGE_SIZE],
}

layout!(Error = "error", 808: destroy 0, raise 8, log 16, type_info 24, refs 32,
    line 36, file 40, message 296);

impl Error {
    /// `error_create`: an error without references and text.
    ///
    /// # Safety
    /// `this` points to memory for one; `file` is NULL or a C string.
    pub unsafe fn create(
        this: *mut Error,
        [destroy, raise, log]: [Option<Operation>; 3],
        type_info: *const TypeInfo,
        file: *const c_char,
        line: c_uint,
    ) {
        // SAFETY: every field but the rest of the two texts is written; a text ends
        // at its first zero.
        unsafe {
            (&raw mut (*this).destroy).write(destroy);
            (&raw mut (*this).raise).write(raise);
            (&raw mut (*this).log).write(log);
            (&raw mut (*this).type_info).write(type_info);
            (&raw mut (*this).refs).write(Cell::new(0));
            (&raw mut (*this).line).write(if file.is_null() { 0 } else { line });
            let copy = Error::file(this);
            copy.write(0);
            if !file.is_null() {
                let length = libc::strnlen(file, FILE_SIZE - 1);
                copy.copy_from_nonoverlapping(file, length);
                copy.add(length).write(0);
            }
            Error::message(this).write(0);
        }
    }

    fn file(this: *mut Error) -> *mut c_char {
        this.wrapping_byte_add(offset_of!(Error, file)).cast()
    }

    /// The text: [`MESSAGE_SIZE`] bytes, zero-terminated.
    pub fn message(this: *mut Error) -> *mut c_char {
        this.wrapping_byte_add(offset_of!(Error, message)).cast()
    }

    /// Drops a reference; the last one takes the object with it.
    ///
    /// # Safety
    /// The reference is the caller's.
    unsafe fn unref(this: *mut Error) {
        // SAFETY: the object lives as long as it has references.
        unsafe {
            let refs = (*this).refs.get().wrapping_sub(1);
            (*this).refs.set(refs);
            if let (0, Some(destroy)) = (refs, (*this).destroy) {
                destroy(this);
            }
        }
    }

    /// Writes the error to the log, the way its class does.
    ///
    /// # Safety
    /// `this` is an error.
    pub unsafe fn log(this: *mut Error) {
        // SAFETY: as the caller says.
        unsafe {
            if let Some(log) = (*this).log {
                log(this);
            }
        }
    }
}

/// `struct diag`: a place for one error, which it has a reference to. Zeroed memory is an
/// empty one.
#[repr(C)]
#[derive(Debug)]
pub struct Diag {
    last: Cell<*mut Error>,
}

layout!(Diag = "diag", 8: last 0);

impl Default for Diag {
    fn default() -> Diag {
        Diag {
            last: Cell::new(ptr::null_mut()),
        }
    }
}

impl Diag {
    /// The error, or NULL. Borrowed.
    pub fn last(&self) -> *mut Error {
        self.last.get()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.last.get().is_null()
    }

    /// Forgets the error.
    pub fn clear(&self) {
        let last = self.last.replace(ptr::null_mut());
        if !last.is_null() {
            // SAFETY: the area had a reference.
            unsafe { Error::unref(last) };
        }
    }

    /// Makes `error` the area's error, in place of what was there, which may be the same.
    ///
    /// # Safety
    /// `error` is an error, and belongs to this thread.
    pub unsafe fn add(&self, error: *mut Error) {
        // SAFETY: as the caller says.
        let refs = unsafe { &(*error).refs };
        refs.set(refs.get().wrapping_add(1));
        self.clear();
        self.last.set(error);
    }

    /// Clears `to`, then hands it the error of `from`, if there is one.
    pub fn move_to(from: &Diag, to: &Diag) {
        to.clear();
        to.last.set(from.last.replace(ptr::null_mut()));
    }
}

/// `diag_get`: the area of the current fiber. Without a cord, a panic that names the
/// `function`.
pub fn current<'a>(function: &str) -> &'a Diag {
    match cord::current_diag() {
        // SAFETY: it lives as long as the current fiber, which outlives the call that
        // it is looked up for.
        Some(diag) => unsafe { diag.as_ref() },
        None => fatal!(
            "{function}: this thread has no cord (fiber_init or cord_create comes first)"
        ),
    }
}

/// The text of an error that nobody changes meanwhile.
///
/// # Safety
/// `error` is an error; the result is not used for longer than it lives.
unsafe fn message_of<'a>(error: *mut Error) -> &'a CStr {
    // SAFETY: as the caller says; the text is always terminated.
    unsafe { CStr::from_ptr(Error::message(error)) }
}
