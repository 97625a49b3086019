// SPDX-License-Identifier: BSD-2-Clause
//! What passes through a channel (spec ipc.md 3.1).

use super::channel::ChannelError;
use crate::abi::layout;
use crate::cord::current;
use crate::diag;
use crate::small::Mempool;
use core::ffi::c_void;
use core::ptr;

/// `struct ipc_msg`: the first word of every message.
#[repr(C)]
pub struct IpcMsg {
    /// How a message that nobody took is disposed of.
    pub destroy: Option<unsafe extern "C-unwind" fn(*mut IpcMsg)>,
}

/// `struct ipc_value`: a message that is one pointer or number.
#[repr(C)]
pub struct IpcValue {
    /// The message.
    pub base: IpcMsg,
    /// `data`, or `i` in its low half.
    pub data: *mut c_void,
}

layout!(IpcMsg = "ipc_msg", 8: destroy 0);
layout!(IpcValue = "ipc_value", 16: base 0, data 8);

impl IpcValue {
    /// A value from the cord's pool, or NULL with `OutOfMemory` in the diag.
    pub fn new() -> *mut IpcValue {
        let cord = current("ipc_value_new");
        // SAFETY: the pool gives out memory for one value.
        unsafe {
            let this = Mempool::alloc(cord.ipc_value_pool()).cast::<IpcValue>();
            if this.is_null() {
                diag::set_out_of_memory(
                    size_of::<IpcValue>(),
                    c"ipc_msg_pool",
                    c"struct ipc_value",
                );
            } else {
                let base = IpcMsg {
                    destroy: Some(IpcValue::delete),
                };
                this.write(IpcValue {
                    base,
                    data: ptr::null_mut(),
                });
            }
            this
        }
    }

    /// Gives a value back.
    ///
    /// # Safety
    /// It came from [`IpcValue::new`] in this cord.
    // Programs compare `destroy` with the exported function, so it is this one.
    #[unsafe(export_name = "ipc_value_delete")]
    pub unsafe extern "C-unwind" fn delete(this: *mut IpcMsg) {
        let cord = current("ipc_value_delete");
        // SAFETY: as the caller says.
        unsafe { Mempool::free(cord.ipc_value_pool(), this.cast()) };
    }
}

/// A message on its way.
///
/// A pointer that was put as such needs an [`IpcValue`] around it only where C code may
/// see the message: in the ring of a channel, or when it asks for messages. From a fiber
/// to one that waits for it, it passes bare.
#[derive(Clone, Copy)]
pub struct Message {
    /// A message, or the pointer itself.
    pub pointer: *mut IpcMsg,
    /// It is the pointer itself.
    pub bare: bool,
}

impl Message {
    /// A message of the program.
    #[inline]
    pub fn of(msg: *mut IpcMsg) -> Message {
        Message {
            pointer: msg,
            bare: false,
        }
    }

    /// A pointer.
    #[inline]
    pub fn bare(data: *mut c_void) -> Message {
        Message {
            pointer: data.cast(),
            bare: true,
        }
    }

    /// The message for everybody. `OutOfMemory` is in the diag if there is none.
    #[inline]
    pub fn wrapped(self) -> Result<Message, ChannelError> {
        if !self.bare {
            return Ok(self);
        }
        let value = IpcValue::new();
        if value.is_null() {
            return Err(ChannelError);
        }
        // SAFETY: a fresh value.
        unsafe { (*value).data = self.pointer.cast() };
        Ok(Message::of(value.cast()))
    }

    /// The pointer, of which the message was only the wrapping.
    ///
    /// # Safety
    /// It is bare, or the message is an [`IpcValue`] of this cord.
    #[inline]
    pub unsafe fn unwrapped(self) -> *mut c_void {
        if self.bare {
            return self.pointer.cast();
        }
        // SAFETY: as the caller says.
        unsafe {
            let data = (*self.pointer.cast::<IpcValue>()).data;
            IpcValue::delete(self.pointer);
            data
        }
    }

    /// What is left of `self`, which was not taken, when `wrapped` was made of it.
    ///
    /// # Safety
    /// Nobody has `wrapped`.
    pub unsafe fn take_back(self, wrapped: Message) {
        if self.bare && !wrapped.bare {
            // SAFETY: as the caller says.
            unsafe { IpcValue::delete(wrapped.pointer) };
        }
    }
}
