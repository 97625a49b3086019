// SPDX-License-Identifier: BSD-2-Clause
//! Fiber attributes (spec fiber.md 3.2, 6). No cord is needed, except to
//! report a failure.

use super::flag;
use super::stack::guard::Kind;
use crate::abi::layout;
use crate::diag;
use core::cell::Cell;

/// Stack of a fiber made without attributes.
pub const STACK_SIZE_DEFAULT: usize = 512 * 1024;

/// Least that [`FiberAttr::set_stack_size`] accepts.
pub const STACK_SIZE_MIN: usize = 16 * 1024;

/// `struct fiber_attr`. Programs also fill it by hand.
#[repr(C)]
#[derive(Debug, Clone)]
pub struct FiberAttr {
    /// Bytes taken from the arena, the slab header and the guard included.
    pub stack_size: Cell<usize>,
    /// Initial `fiber.flags`, and the guard of the stack.
    pub flags: Cell<u32>,
}

layout!(FiberAttr = "fiber_attr", 16: stack_size 0, flags 8);

impl Default for FiberAttr {
    fn default() -> FiberAttr {
        FiberAttr {
            stack_size: Cell::new(STACK_SIZE_DEFAULT),
            flags: Cell::new(flag::DEFAULT),
        }
    }
}

/// Where in the flags the guard of the stack is chosen: two bits, a [`Kind`] or 0.
const GUARD_SHIFT: u32 = 28;
const GUARD_MASK: u32 = 3 << GUARD_SHIFT;

impl FiberAttr {
    /// Whether a finished fiber of the default kind will do as well as a new one.
    #[inline]
    pub fn takes_any_stack(&self) -> bool {
        self.flags.get() & (flag::CUSTOM_STACK | GUARD_MASK) == 0
    }

    /// The guard that was asked for, if any.
    pub fn guard(&self) -> Option<Kind> {
        Kind::from_tag(((self.flags.get() & GUARD_MASK) >> GUARD_SHIFT) as u8)
    }

    /// `cordage_fiber_attr_setguard`; None takes the choice back.
    pub fn set_guard(&self, kind: Option<Kind>) {
        let kind = kind.map_or(0, |kind| kind as u32);
        self.flags
            .set(self.flags.get() & !GUARD_MASK | kind << GUARD_SHIFT);
    }

    /// The initial `fiber.flags`: a stack that differs in any way is a custom one.
    pub fn fiber_flags(&self) -> u32 {
        let flags = self.flags.get() & !GUARD_MASK;
        if self.takes_any_stack() {
            flags
        } else {
            flags | flag::CUSTOM_STACK
        }
    }

    /// Stores `size` and whether it is a custom one. Less than
    /// [`STACK_SIZE_MIN`]: false, with EINVAL and `SystemError` in the diag.
    pub fn set_stack_size(&self, size: usize) -> bool {
        if size < STACK_SIZE_MIN {
            crate::errno::set(libc::EINVAL);
            diag::set_system_error(c"stack size is too small");
            return false;
        }
        self.stack_size.set(size);
        let plain = self.flags.get() & !flag::CUSTOM_STACK;
        let custom = if size == STACK_SIZE_DEFAULT {
            0
        } else {
            flag::CUSTOM_STACK
        };
        self.flags.set(plain | custom);
        true
    }
}
