// SPDX-License-Identifier: BSD-2-Clause
//! `cord_buf`: a buffer for what a fiber does between two yields (spec ipc.md 14).
//!
//! One buffer is kept with its memory, in the main cord, so a fiber that needs a large
//! piece of memory for a moment allocates nothing. A fiber that yields or ends with
//! a buffer gives it back by that: triggers do it.

use super::{CordRef, current};
use crate::fiber::Described;
use crate::fiber::Fiber;
use crate::say::fatal;
use crate::small::{Ibuf, Rlist};
use crate::trigger::{self, Trigger};
use core::cell::Cell;
use core::ffi::c_void;
use core::ptr;

/// The least that a buffer allocates.
const START_CAPACITY: usize = 16384;

/// What programs see of it is the first field.
#[repr(C)]
pub struct CordBuf {
    ibuf: Ibuf,
    on_stop: Trigger,
    on_yield: Trigger,
    /// The fiber that has it; NULL when it is spare.
    owner: Cell<*mut Fiber>,
}

fn main_cord(function: &str) -> CordRef {
    let cord = current(function);
    if !cord.is_main() {
        fatal!(
            "{function}: called by cord '{}', not by the main one",
            cord.name().to_string_lossy()
        );
    }
    cord
}

/// `cord_ibuf_take`: an empty buffer of the current fiber's, until it is given back or
/// the fiber yields or ends.
pub fn take() -> *mut Ibuf {
    let cord = main_cord("cord_ibuf_take");
    let fiber = cord.fiber();
    let mut this = cord.spare_buf().replace(ptr::null_mut());
    // SAFETY: the spare buffer or memory for a new one. The lists are the current
    // fiber's, which never leaves them with the triggers in.
    unsafe {
        if this.is_null() {
            this = create(cord);
        }
        Ibuf::reset(&raw const (*this).ibuf);
        (*this).owner.set(fiber.as_ptr());
        trigger::add(fiber.on_stop(), &raw mut (*this).on_stop);
        trigger::add(fiber.on_yield(), &raw mut (*this).on_yield);
        (&raw mut (*this).ibuf).cast()
    }
}

/// # Safety
/// The cord is the current one.
unsafe fn create(cord: CordRef) -> *mut CordBuf {
    // SAFETY: all fields of fresh memory are set up.
    unsafe {
        let this = libc::malloc(size_of::<CordBuf>()).cast::<CordBuf>();
        if this.is_null() {
            fatal!("Couldn't allocate thread buffer");
        }
        Ibuf::create(&raw const (*this).ibuf, cord.slabc.get(), START_CAPACITY);
        for trigger in [&raw mut (*this).on_stop, &raw mut (*this).on_yield] {
            Trigger::create(trigger, give_back, None);
            (*trigger).data.set(this.cast());
        }
        this
    }
}

/// The owner yields, or ends.
unsafe extern "C-unwind" fn give_back(trigger: *mut Trigger, _event: *mut c_void) {
    // SAFETY: `create` stored the buffer there, which is in use.
    unsafe { put((*trigger).data.get().cast(), "cord_ibuf_put") };
}

/// `cord_ibuf_put`: the buffer becomes the spare one, with its memory, unless there
/// is one.
///
/// # Safety
/// `ibuf` came from [`take`].
pub unsafe fn put(ibuf: *mut Ibuf, function: &str) {
    let cord = main_cord(function);
    // SAFETY: as the caller says; `checked` sees to the rest.
    unsafe {
        let this = checked(cord, ibuf, function);
        Rlist::del(&raw const (*this).on_stop.link);
        Rlist::del(&raw const (*this).on_yield.link);
        (*this).owner.set(ptr::null_mut());
        if cord.spare_buf().get().is_null() {
            cord.spare_buf().set(this);
        } else {
            destroy(this);
        }
    }
}

/// `cord_ibuf_drop`: the same, without its memory.
///
/// # Safety
/// As for [`put`].
pub unsafe fn drop(ibuf: *mut Ibuf) {
    let function = "cord_ibuf_drop";
    // SAFETY: as the caller says.
    unsafe {
        checked(main_cord(function), ibuf, function);
        Ibuf::reinit(ibuf);
        put(ibuf, function);
    }
}

/// # Safety
/// As for [`put`].
unsafe fn checked(cord: CordRef, ibuf: *mut Ibuf, function: &str) -> *mut CordBuf {
    let this = ibuf.cast::<CordBuf>();
    // SAFETY: as the caller says.
    if unsafe { (*this).owner.get() } != cord.fiber().as_ptr() {
        fatal!(
            "{function}: the buffer is not taken by {}",
            Described(cord.fiber())
        );
    }
    this
}

/// # Safety
/// `this` is a spare buffer, or NULL.
pub unsafe fn destroy(this: *mut CordBuf) {
    if !this.is_null() {
        // SAFETY: as the caller says.
        unsafe {
            Ibuf::destroy(&raw const (*this).ibuf);
            libc::free(this.cast());
        }
    }
}
