// SPDX-License-Identifier: BSD-2-Clause
//! `struct lifo`: a stack of free memory, linked through the first word of
//! each element (spec small.md 6.1). For one thread.

use core::cell::Cell;
use core::ffi::c_void;
use core::ptr;

/// The head: the address of the newest element, or NULL. The first word of an
/// element holds the address of the next older one.
#[repr(C)]
#[derive(Debug)]
pub struct Lifo {
    next: Cell<*mut c_void>,
}

const _: () = assert!(size_of::<Lifo>() == 8);

impl Lifo {
    /// Forgets all elements.
    pub fn init(&self) {
        self.next.set(ptr::null_mut());
    }

    /// Puts `elem` on the stack, overwriting its first word.
    ///
    /// # Safety
    /// `elem` is at least a word of memory, word-aligned, and belongs to the
    /// stack until it is popped.
    #[inline]
    pub unsafe fn push(&self, elem: *mut c_void) {
        // SAFETY: the caller gives the word away.
        unsafe { elem.cast::<*mut c_void>().write(self.next.get()) };
        self.next.set(elem);
    }

    /// Takes the newest element off the stack; NULL when empty.
    #[inline]
    pub fn pop(&self) -> *mut c_void {
        let elem = self.next.get();
        if !elem.is_null() {
            // SAFETY: `push` wrote the word and nobody has touched it since.
            self.next.set(unsafe { elem.cast::<*mut c_void>().read() });
        }
        elem
    }

    /// The newest element; NULL when empty.
    #[inline]
    pub fn peek(&self) -> *mut c_void {
        self.next.get()
    }

    /// Whether there is no element.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.next.get().is_null()
    }
}
