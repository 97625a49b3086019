// SPDX-License-Identifier: BSD-2-Clause
//! The main cord and its fibers, for tests that see the library through its C interface only.

use cordage as _;
use std::ffi::{c_char, c_int, c_uint, c_void};

/// Opaque: `struct fiber`, `struct ev_loop`.
pub type Fiber = c_void;
pub type Loop = c_void;
/// `int (*)(va_list)`. On the supported machines a `va_list` parameter is a pointer.
pub type FiberFunc = unsafe extern "C-unwind" fn(*mut c_void) -> c_int;

unsafe extern "C-unwind" {
    fn memory_init();
    fn fiber_init(invoke: unsafe extern "C-unwind" fn(FiberFunc, *mut c_void) -> c_int);
    fn fiber_free();
    fn fiber_new(name: *const c_char, f: FiberFunc) -> *mut Fiber;
    fn fiber_set_joinable(f: *mut Fiber, yesno: bool);
    pub fn fiber_self() -> *mut Fiber;
    pub fn fiber_wakeup(f: *mut Fiber);
    pub fn fiber_yield();
    pub fn fiber_reschedule();
    pub fn fiber_call(f: *mut Fiber);
    pub fn fiber_join(f: *mut Fiber) -> c_int;
    pub fn ev_default_loop(flags: c_uint) -> *mut Loop;
    pub fn ev_run(ev_loop: *mut Loop, flags: c_int) -> c_int;
}

/// Offset of `flags` in `struct fiber` (spec fiber.md 3.3).
const FLAGS: usize = 104;
pub const IS_READY: u32 = 1 << 3;
pub const IS_DEAD: u32 = 1 << 4;
pub const IS_RUNNING: u32 = 1 << 6;

/// # Safety
/// The struct of a fiber, which lives as long as its cord.
pub unsafe fn flags(fiber: *mut Fiber) -> u32 {
    // SAFETY: as the caller says; the field is a u32.
    unsafe { fiber.cast::<u8>().add(FLAGS).cast::<u32>().read() }
}

/// # Safety
/// On the scheduler of the main cord.
pub unsafe fn new_joinable(f: FiberFunc) -> *mut Fiber {
    // SAFETY: as the caller says.
    unsafe {
        let fiber = fiber_new(c"model".as_ptr(), f);
        fiber_set_joinable(fiber, true);
        fiber
    }
}

unsafe extern "C-unwind" fn invoke(f: FiberFunc, ap: *mut c_void) -> c_int {
    // SAFETY: what fiber_init() asks for.
    unsafe { f(ap) }
}

/// The main cord, on the thread that made it.
pub struct MainCord {
    pub ev_loop: *mut Loop,
}

impl MainCord {
    /// Once in a process.
    pub fn new() -> MainCord {
        // SAFETY: the first calls of all.
        unsafe {
            memory_init();
            fiber_init(invoke);
            MainCord {
                ev_loop: ev_default_loop(0),
            }
        }
    }
}

impl Drop for MainCord {
    fn drop(&mut self) {
        // A failed test ends the process anyway.
        if !std::thread::panicking() {
            // SAFETY: on the scheduler, which made the cord.
            unsafe { fiber_free() };
        }
    }
}
