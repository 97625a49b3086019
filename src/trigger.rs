// SPDX-License-Identifier: BSD-2-Clause
//! Callbacks on an event, run from the one added last (spec diag.md 7).
//!
//! The walk over them is in C++ (`src/shim/fiber/trigger.cc`): a callback fails by
//! throwing.

use crate::abi::layout;
use crate::small::Rlist;
use core::cell::Cell;
use core::ffi::{c_int, c_void};

/// Called with the trigger and what [`run`] was given.
pub type Run = unsafe extern "C-unwind" fn(*mut Trigger, *mut c_void);

/// Called by [`destroy`]; may free the trigger.
pub type Destroy = unsafe extern "C-unwind" fn(*mut Trigger);

/// `struct trigger`
#[repr(C)]
pub struct Trigger {
    /// In the list of the event.
    pub link: Rlist,
    run: Cell<Option<Run>>,
    /// The owner's.
    pub data: Cell<*mut c_void>,
    destroy: Cell<Option<Destroy>>,
}

layout!(Trigger = "trigger", 40: link 0, run 16, data 24, destroy 32);

impl Trigger {
    /// A trigger without data and in no list.
    ///
    /// # Safety
    /// `this` points to memory for one, which is not moved while it is in a list.
    pub unsafe fn create(this: *mut Trigger, run: Run, destroy: Option<Destroy>) {
        // SAFETY: as the caller says.
        unsafe {
            Rlist::create(&raw const (*this).link);
            (&raw mut (*this).run).write(Cell::new(Some(run)));
            (&raw mut (*this).data).write(Cell::new(core::ptr::null_mut()));
            (&raw mut (*this).destroy).write(Cell::new(destroy));
        }
    }
}

/// Puts the trigger first.
///
/// # Safety
/// The list is valid and the trigger is in none.
pub unsafe fn add(list: *const Rlist, trigger: *mut Trigger) {
    // SAFETY: as the caller says.
    unsafe { Rlist::add(list, &raw const (*trigger).link) };
}

/// Takes all triggers out and destroys them.
///
/// # Safety
/// `list` is a valid list of triggers; their `destroy` does not change it.
pub unsafe fn destroy(list: *const Rlist) {
    // SAFETY: the link is the first field of a trigger, and the trigger is not looked at
    // after its `destroy`, which may have freed it.
    unsafe {
        while !Rlist::is_empty(list) {
            let trigger = Rlist::shift(list).cast::<Trigger>();
            if let Some(destroy) = (*trigger).destroy.get() {
                destroy(trigger);
            }
        }
    }
}

unsafe extern "C-unwind" {
    fn trigger_run(list: *const Rlist, event: *mut c_void) -> c_int;
}

/// Calls all triggers. -1 if one has thrown, with the error in the diag of the current
/// fiber; else 0.
///
/// # Safety
/// `list` is a valid list of triggers that may be called with `event`.
pub unsafe fn run(list: *const Rlist, event: *mut c_void) -> c_int {
    // SAFETY: as the caller says.
    unsafe { trigger_run(list, event) }
}
