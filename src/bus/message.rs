// SPDX-License-Identifier: BSD-2-Clause
//! Messages and their routes (spec ipc.md 5.7).

use super::pipe::Cpipe;
use crate::abi::layout;
use crate::small::StailqEntry;
use core::cell::Cell;
use core::ptr;

/// `cmsg_f`: runs where a message has arrived.
pub type Handler = unsafe extern "C-unwind" fn(*mut Cmsg);

/// `struct cmsg_hop`: one stop of a message.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct CmsgHop {
    /// Runs in the cord where the message has arrived.
    pub f: Handler,
    /// Where the message goes when `f` has returned, or NULL.
    pub pipe: *mut Cpipe,
}

impl CmsgHop {
    /// The last hop of a route: `f` disposes of the message.
    pub const fn last(f: Handler) -> CmsgHop {
        CmsgHop {
            f,
            pipe: ptr::null_mut(),
        }
    }
}

// SAFETY: a hop is read by whichever cord has the message; the pipe is used by its own.
unsafe impl Sync for CmsgHop {}

/// `struct cmsg`: the head of every message.
#[repr(C)]
#[derive(Debug)]
pub struct Cmsg {
    /// Link in a pipe or an endpoint.
    pub fifo: StailqEntry,
    route: Cell<*const CmsgHop>,
    hop: Cell<*const CmsgHop>,
}

layout!(CmsgHop = "cmsg_hop", 16: f 0, pipe 8);
layout!(Cmsg = "cmsg", 24: fifo 0, route 8, hop 16);

impl Cmsg {
    /// A message at the beginning of `route`.
    pub const fn new(route: *const CmsgHop) -> Cmsg {
        Cmsg {
            fifo: StailqEntry {
                next: Cell::new(ptr::null_mut()),
            },
            route: Cell::new(route),
            hop: Cell::new(route),
        }
    }

    /// The message whose link `entry` is.
    #[inline]
    pub fn from_entry(entry: *mut StailqEntry) -> *mut Cmsg {
        const { assert!(core::mem::offset_of!(Cmsg, fifo) == 0) };
        entry.cast()
    }
}

/// `cmsg_deliver`: runs the hop that comes next, then sends the message on if the hop has a
/// pipe. Without one the message is not touched after `f`, which may have freed it.
///
/// # Safety
/// This cord has the message.
#[inline]
pub unsafe fn deliver(msg: *mut Cmsg) {
    // SAFETY: a message's route outlives it; the pipe of a hop is one of this cord.
    unsafe {
        let hop = (*msg).hop.get();
        // `f` may change the message.
        let pipe = (*hop).pipe;
        ((*hop).f)(msg);
        if !pipe.is_null() {
            (*msg).hop.set((*msg).hop.get().add(1));
            Cpipe::push(pipe, msg);
        }
    }
}

/// A hop where nothing is to be done.
///
/// # Safety
/// None of its own.
pub unsafe extern "C-unwind" fn pass(_msg: *mut Cmsg) {}
