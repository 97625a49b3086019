// SPDX-License-Identifier: BSD-2-Clause
//! What a language runtime keeps for each thread although it belongs to each stack.
//!
//! * C++ keeps the exceptions that are caught or on their way (`__cxa_eh_globals`, Itanium
//!   C++ ABI 2.2.2). A fiber that yields inside a catch block takes them along, or
//!   another fiber's handlers would end them.
//! * AddressSanitizer keeps the bounds of the stack and its "fake stack" (spec fiber.md
//!   11.10; sanitizer/common_interface_defs.h).
//! * ThreadSanitizer keeps a context for each stack (`src/tsan.rs`).
//!
//! All are rare, so a switch only asks [`Baggage::is_there`].

use crate::fiber::Fiber;
use crate::{tsan, valgrind};
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
    // NULL in a program without a sanitizer (`src/shim/fiber/program.c`).
    static cordage_sanitizer: Option<unsafe extern "C" fn()>;
    // NULL in a program without that one.
    static cordage_asan_start: Option<Start>;
    static cordage_asan_finish: Option<Finish>;
    static cordage_asan_unpoison: Option<Unpoison>;
}

/// The calling thread's exceptions; the address stays the same for its life.
fn exceptions() -> &'static Exceptions {
    // SAFETY: allocates on first use, and cannot fail after that. No caller keeps it.
    unsafe { &*__cxa_get_globals() }
}

/// What a thread with a sanitizer looks at instead, which wants to hear of every switch.
struct Always(Exceptions);

// SAFETY: nobody writes to it.
unsafe impl Sync for Always {}

static ALWAYS: Always = Always(Exceptions {
    caught: Cell::new(ptr::null_mut()),
    uncaught: Cell::new(1),
});

/// What the leaving fiber keeps in its frame while it is away.
pub struct Baggage {
    caught: *mut c_void,
    uncaught: c_uint,
    fake_stack: *mut c_void,
}

impl Baggage {
    /// Where the calling thread's switches see whether they have to take care.
    pub fn watched() -> *const Exceptions {
        // SAFETY: a constant.
        if unsafe { cordage_sanitizer.is_some() } {
            &ALWAYS.0
        } else {
            exceptions()
        }
    }

    /// Whether a switch has to take care.
    #[inline]
    pub fn is_there(watched: &Exceptions) -> bool {
        !watched.caught.get().is_null() | (watched.uncaught.get() != 0)
    }

    /// Takes everything from the thread: `from` leaves for `to`.
    pub fn take(from: &Fiber, to: &Fiber) -> Baggage {
        let exceptions = exceptions();
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
            tsan::switch_context(to.stack.get().wrapping_add(to.stack_size.get()));
        }
        baggage
    }

    /// Gives it back: the fiber has returned to its frame.
    pub fn restore(&self) {
        finish(self.fake_stack);
        let exceptions = exceptions();
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

/// Bytes that a tool needs behind the end of each stack.
pub fn room() -> usize {
    tsan::room()
}

/// Tells the tools that watch stacks of a new one. The result is for [`forget_stack`].
///
/// # Safety
/// There is [`room`] behind the end.
pub unsafe fn announce_stack(start: *const u8, end: *mut u8) -> c_uint {
    // SAFETY: as the caller says.
    unsafe { tsan::create_context(end) };
    valgrind::stack_register(start, end)
}

/// The memory is not a stack any more. Abandoned frames may have left it poisoned.
///
/// # Safety
/// It was announced; nothing runs there, or will.
pub unsafe fn forget_stack(id: c_uint, start: *mut u8, size: usize) {
    valgrind::stack_deregister(id);
    valgrind::make_undefined(start, size);
    // SAFETY: memory of ours; as the caller says.
    unsafe {
        if let Some(unpoison) = cordage_asan_unpoison {
            unpoison(start.cast(), size);
        }
        tsan::destroy_context(start.wrapping_add(size));
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
