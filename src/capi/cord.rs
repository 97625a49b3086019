// SPDX-License-Identifier: BSD-2-Clause
//! `fiber.h`: cords (spec fiber.md 15).

use crate::cord::thread::{self, Joined, ThreadFunc};
use crate::cord::{self, Cord, CordRef, current};
use crate::fiber::{FiberFunc, life};
use crate::say::fatal;
use crate::small::SlabCache;
use crate::trigger::Trigger;
use core::ffi::{CStr, c_char, c_int, c_void};

fn result(good: bool) -> c_int {
    if good { 0 } else { -1 }
}

/// # Safety
/// A terminated string, or NULL, which ends the program.
pub(super) unsafe fn checked_name<'a>(function: &str, name: *const c_char) -> &'a CStr {
    if name.is_null() {
        fatal!("{function}: name must not be NULL");
    }
    // SAFETY: as the caller says.
    unsafe { CStr::from_ptr(name) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cord_create(cord: *mut Cord, name: *const c_char) {
    // SAFETY: memory for a cord.
    unsafe { cord::create(cord, checked_name("cord_create", name)) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cord_destroy(cord: *mut Cord) {
    // SAFETY: a created cord whose thread is over or this one.
    unsafe { cord::destroy(CordRef::from_ptr(cord)) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cord_start(
    cord: *mut Cord,
    name: *const c_char,
    f: ThreadFunc,
    arg: *mut c_void,
) -> c_int {
    // SAFETY: memory for a cord that lives until it is joined.
    result(unsafe { thread::start(cord, checked_name("cord_start", name), f, arg) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cord_costart(
    cord: *mut Cord,
    name: *const c_char,
    f: FiberFunc,
    arg: *mut c_void,
) -> c_int {
    // SAFETY: as above.
    result(unsafe { thread::costart(cord, checked_name("cord_costart", name), f, arg) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cord_join(cord: *mut Cord) -> c_int {
    // SAFETY: a started cord, joined once.
    result(unsafe { thread::join(cord) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cord_cojoin(cord: *mut Cord) -> c_int {
    // SAFETY: as above.
    let joined = unsafe { thread::cojoin(cord, None, "cord_cojoin") };
    result(joined == Joined::Well)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cord_cancel(cord: *mut Cord) {
    // SAFETY: a started cord, not joined.
    unsafe { thread::cancel(cord, "cord_cancel") };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cord_cancel_and_join(cord: *mut Cord) -> c_int {
    // SAFETY: a started cord, joined once.
    unsafe {
        thread::cancel(cord, "cord_cancel_and_join");
        result(thread::join(cord))
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cord_thread_func(p: *mut c_void) -> *mut c_void {
    // SAFETY: only `cord_start` calls it.
    unsafe { thread::thread_main(p) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cord_set_name(name: *const c_char) {
    // SAFETY: a terminated name.
    let name = unsafe { checked_name("cord_set_name", name) };
    cord::set_name(current("cord_set_name"), name);
}

#[unsafe(no_mangle)]
pub extern "C" fn cord_is_main() -> bool {
    thread::is_main()
}

#[unsafe(no_mangle)]
pub extern "C" fn cord_slab_cache() -> *mut SlabCache {
    current("cord_slab_cache").slabc.get()
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cord_collect_garbage(cord: *mut Cord) {
    // SAFETY: a cord of this thread.
    life::collect_garbage(unsafe { CordRef::from_ptr(cord) });
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn break_ev_loop_f(
    trigger: *mut Trigger,
    event: *mut c_void,
) {
    // SAFETY: called by `trigger_run`.
    unsafe { thread::break_loop(trigger, event) };
}
