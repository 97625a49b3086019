// SPDX-License-Identifier: BSD-2-Clause
//! What a language runtime keeps for each thread although it belongs to each stack.
//!
//! * C++ keeps the exceptions that are caught or on their way (`__cxa_eh_globals`, Itanium
//!   C++ ABI 2.2.2). A fiber that yields inside a catch block takes them along, or
//!   another fiber's handlers would end them.
//! * AddressSanitizer keeps the bounds of the stack and its "fake stack" (spec fiber.md
//!   11.10; sanitizer/common_interface_defs.h).
//!
//! Both are rare, so a switch only asks [`Baggage::is_there`].

use crate::fiber::Fiber;
use core::cell::Cell;
use core::ffi::{c_uint, c_void};
use core::ptr;

/// `__cxa_eh_globals` of one thread.
#[repr(C)]
pub struct Exceptions {
    caught: Cell<*mut c_void>,
    uncaught: Cell<c_uint>,
}

type Start = unsafe extern "C" fn(*mut *mut c_void, *const c_void, usize);
type Finish = unsafe extern "C" fn(*mut c_void, *mut *const c_void, *mut usize);
type Unpoison = unsafe extern "C" fn(*const c_void, usize);

unsafe extern "C" {
    fn __cxa_get_globals() -> *mut Exceptions;
    // NULL in a program without the sanitizer (`src/shim/fiber/program.c`).
    static cordage_asan_start: Option<Start>;
    static cordage_asan_finish: Option<Finish>;
    static cordage_asan_unpoison: Option<Unpoison>;
}

/// The calling thread's exceptions; the address stays the same for its life.
pub fn exceptions() -> *const Exceptions {
    // SAFETY: allocates on first use, and cannot fail after that.
    unsafe { __cxa_get_globals() }
}

/// What the leaving fiber keeps in its frame while it is away.
pub struct Baggage {
    caught: *mut c_void,
    uncaught: c_uint,
    fake_stack: *mut c_void,
}

impl Baggage {
    /// Whether a switch has to take care.
    #[inline]
    pub fn is_there(exceptions: &Exceptions) -> bool {
        // One branch for all: there is next to never any.
        // SAFETY: a constant.
        !exceptions.caught.get().is_null()
            | (exceptions.uncaught.get() != 0)
            | unsafe { cordage_asan_start.is_some() }
    }

    /// Takes everything from the thread: `from` leaves for `to`.
    pub fn take(exceptions: &Exceptions, from: &Fiber, to: &Fiber) -> Baggage {
        let mut baggage = Baggage {
            caught: exceptions.caught.replace(ptr::null_mut()),
            uncaught: exceptions.uncaught.replace(0),
            fake_stack: ptr::null_mut(),
        };
        // A finished fiber does not come back as the same life: no place to save to
        // tells the sanitizer that this stack's frames are gone.
        let save = if from.has(super::super::flag::DEAD) {
            ptr::null_mut()
        } else {
            &raw mut baggage.fake_stack
        };
        // SAFETY: the stack that is switched to next.
        unsafe {
            if let Some(start) = cordage_asan_start {
                start(save, to.stack.get().cast(), to.stack_size.get());
            }
        }
        baggage
    }

    /// Gives it back: the fiber has returned to its frame.
    pub fn restore(&self, exceptions: &Exceptions) {
        finish(self.fake_stack);
        exceptions.caught.set(self.caught);
        exceptions.uncaught.set(self.uncaught);
    }
}

/// A fiber runs on its stack for the first time.
pub fn arrive() {
    finish(ptr::null_mut());
}

fn finish(fake_stack: *mut c_void) {
    // SAFETY: completes the switch that was announced.
    unsafe {
        if let Some(finish) = cordage_asan_finish {
            finish(fake_stack, ptr::null_mut(), ptr::null_mut());
        }
    }
}

/// Abandoned frames leave poisoned memory behind, which is not a stack any more.
pub fn forget_stack(start: *const u8, size: usize) {
    // SAFETY: memory of ours.
    unsafe {
        if let Some(unpoison) = cordage_asan_unpoison {
            unpoison(start.cast(), size);
        }
    }
}

/// The bounds of the thread's own stack, which the scheduler stands for; the sanitizer
/// wants to know them, nobody else does.
pub fn thread_stack() -> Option<(*mut u8, usize)> {
    // SAFETY: a constant; then plain calls with memory of this frame.
    unsafe {
        cordage_asan_start?;
        let mut attributes = core::mem::zeroed::<libc::pthread_attr_t>();
        if libc::pthread_getattr_np(libc::pthread_self(), &raw mut attributes) != 0 {
            return None;
        }
        let (mut start, mut size) = (ptr::null_mut(), 0);
        let found = libc::pthread_attr_getstack(
            &raw const attributes,
            &raw mut start,
            &raw mut size,
        );
        libc::pthread_attr_destroy(&raw mut attributes);
        (found == 0).then_some((start.cast(), size))
    }
}
