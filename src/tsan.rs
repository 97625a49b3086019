// SPDX-License-Identifier: BSD-2-Clause
//! ThreadSanitizer, for programs that are built with it (sanitizer/tsan_interface.h). The
//! library itself is not, so the sanitizer sees neither its switches nor its atomic
//! operations, nor Rust's locks, and has to be told. What goes through a mutex of pthread's, a
//! thread's start or its end it sees by itself.

use core::cell::Cell;
use core::ffi::{c_uint, c_void};
use core::ptr;

// NULL in a program without the sanitizer (`src/shim/fiber/program.c`).
unsafe extern "C" {
    static cordage_tsan_current: Option<unsafe extern "C" fn() -> *mut c_void>;
    static cordage_tsan_create: Option<unsafe extern "C" fn(c_uint) -> *mut c_void>;
    static cordage_tsan_destroy: Option<unsafe extern "C" fn(*mut c_void)>;
    static cordage_tsan_switch: Option<unsafe extern "C" fn(*mut c_void, c_uint)>;
    static cordage_tsan_acquire: Option<unsafe extern "C" fn(*mut c_void)>;
    static cordage_tsan_release: Option<unsafe extern "C" fn(*mut c_void)>;
}

/// What the sanitizer keeps for a stack. It lies behind the end of the stack.
type Context = *mut c_void;

/// Bytes for a context.
pub fn room() -> usize {
    // SAFETY: a constant.
    if unsafe { cordage_tsan_create.is_some() } {
        size_of::<Context>()
    } else {
        0
    }
}

/// Makes a context for a stack that nothing has run on yet.
///
/// # Safety
/// There is [`room`] at `end`.
pub unsafe fn create_context(end: *mut u8) {
    // SAFETY: as the caller says. Flags: none are defined.
    unsafe {
        if let Some(create) = cordage_tsan_create {
            end.cast::<Context>().write_unaligned(create(0));
        }
    }
}

/// Forgets a context.
///
/// # Safety
/// From [`create_context`]; no thread stands on that stack, or will.
pub unsafe fn destroy_context(end: *mut u8) {
    // SAFETY: as the caller says.
    unsafe {
        if let Some(destroy) = cordage_tsan_destroy {
            destroy(end.cast::<Context>().read_unaligned());
        }
    }
}

/// The calling thread leaves its stack for the one with that end, or for its own with
/// NULL: the last thing before it does.
///
/// # Safety
/// The context there is alive, and no other thread stands on the stack.
pub unsafe fn switch_context(end: *mut u8) {
    // SAFETY: as the caller says. Flags: what happened before happens before what comes.
    unsafe {
        if let Some(switch) = cordage_tsan_switch {
            let context = if end.is_null() {
                OWN.with(|own| own.0.get())
            } else {
                end.cast::<Context>().read_unaligned()
            };
            switch(context, 0);
        }
    }
}

/// The calling thread, which stands on its own stack, will leave it.
pub fn enter_thread() {
    // SAFETY: a constant; asks for a pointer.
    unsafe {
        if let Some(current) = cordage_tsan_current {
            OWN.with(|own| own.0.set(current()));
        }
    }
}

/// Of the thread's own stack. The sanitizer wants to be told, too, that a thread that is
/// cancelled on another one ends there.
struct Own(Cell<Context>);

thread_local! {
    static OWN: Own = const { Own(Cell::new(ptr::null_mut())) };
}

impl Drop for Own {
    fn drop(&mut self) {
        // SAFETY: that is where the thread runs its destructors.
        unsafe {
            if let Some(switch) = cordage_tsan_switch {
                switch(self.0.get(), 0);
            }
        }
    }
}

/// Memory is given to another thread by means that the sanitizer does not see.
#[inline]
pub fn release(memory: *mut c_void) {
    // SAFETY: the address is only a name.
    unsafe {
        if let Some(release) = cordage_tsan_release {
            release(memory);
        }
    }
}

/// The other thread has it.
#[inline]
pub fn acquire(memory: *mut c_void) {
    // SAFETY: as above.
    unsafe {
        if let Some(acquire) = cordage_tsan_acquire {
            acquire(memory);
        }
    }
}
