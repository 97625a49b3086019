// SPDX-License-Identifier: BSD-2-Clause
//! Switching between stacks: one file for each architecture.
//!
//! A suspended context is one word, its stack pointer; everything else lies in
//! a frame on its own stack (spec fiber.md 13). The mask of blocked signals,
//! errno, MXCSR and the x87 control word are not part of a context: a switch
//! makes no system call and touches no floating-point state.

#[cfg(target_arch = "x86_64")]
mod x86_64;
#[cfg(target_arch = "x86_64")]
pub use x86_64::{prepare, transfer, transfer_in_line};

#[cfg(not(target_arch = "x86_64"))]
compile_error!(
    "no context switch for this architecture yet: add src/fiber/switch/<arch>.rs"
);

pub mod alloc;
pub mod baggage;

use crate::abi::layout;
use core::cell::Cell;
use core::ffi::c_void;

/// What runs on a fresh context; it must never return (the process aborts).
pub type Entry = unsafe extern "C-unwind" fn(*mut c_void);

/// `struct coro_context`: where a suspended context's frame lies. Valid only
/// while the context is suspended, and only in the thread that suspended it.
#[repr(C)]
#[derive(Debug)]
pub struct Context {
    /// The saved stack pointer.
    pub sp: Cell<*mut c_void>,
}

layout!(Context = "coro_context", 8: sp 0);
