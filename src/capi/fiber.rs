// SPDX-License-Identifier: BSD-2-Clause
//! `fiber.h`: fibers (spec fiber.md 6 to 11).

use crate::cord::ev::{ev_loop, ev_watcher};
use crate::cord::{CordRef, clock, current};
use crate::diag;
use crate::fiber::attr::{FiberAttr, STACK_SIZE_DEFAULT};
use crate::fiber::life::Invoke;
use crate::fiber::stack::{self, Stacks};
use crate::fiber::{Fiber, FiberFunc, FiberRef, flag, life, sched};
use crate::memory;
use crate::say::fatal;
use crate::small::{Region, SlabCache};
use core::ffi::{c_char, c_int, c_void};
use core::ptr;

/// `fiber_stat_cb`.
type StatCallback = unsafe extern "C-unwind" fn(*mut Fiber, *mut c_void) -> c_int;

#[unsafe(no_mangle)]
pub unsafe extern "C" fn memory_init() {
    // SAFETY: by contract nothing uses the arena yet.
    unsafe { memory::init() };
}

/// The caller may stand on memory of the arena, so it stays.
#[unsafe(no_mangle)]
pub extern "C" fn memory_free() {}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_attr_create(attr: *mut FiberAttr) {
    // SAFETY: the caller's memory.
    unsafe { attr.write(FiberAttr::default()) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_attr_new() -> *mut FiberAttr {
    // SAFETY: enough memory for one, if any.
    unsafe {
        let attr = libc::malloc(size_of::<FiberAttr>()).cast::<FiberAttr>();
        if attr.is_null() {
            diag::set_out_of_memory(size_of::<FiberAttr>(), c"runtime", c"fiber attr");
        } else {
            attr.write(FiberAttr::default());
        }
        attr
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_attr_delete(attr: *mut FiberAttr) {
    // SAFETY: NULL, or from `fiber_attr_new`.
    unsafe { libc::free(attr.cast()) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_attr_setstacksize(
    attr: *mut FiberAttr,
    size: usize,
) -> c_int {
    // SAFETY: a live attribute.
    if unsafe { (*attr).set_stack_size(size) } {
        0
    } else {
        -1
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_attr_getstacksize(attr: *mut FiberAttr) -> usize {
    // SAFETY: NULL, or a live attribute.
    unsafe { attr.as_ref() }.map_or(STACK_SIZE_DEFAULT, |attr| attr.stack_size.get())
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_new_ex(
    name: *const c_char,
    attr: *const FiberAttr,
    f: Option<FiberFunc>,
) -> *mut Fiber {
    // SAFETY: NULL, or a live attribute.
    unsafe { create("fiber_new_ex", name, attr.as_ref(), f) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_new(
    name: *const c_char,
    f: Option<FiberFunc>,
) -> *mut Fiber {
    let attr = FiberAttr::default();
    // SAFETY: as the caller says; the attribute is only read.
    unsafe { create("fiber_new", name, Some(&attr), f) }
}

/// # Safety
/// `name` is NULL or terminated.
#[inline]
unsafe fn create(
    function: &str,
    name: *const c_char,
    attr: Option<&FiberAttr>,
    f: Option<FiberFunc>,
) -> *mut Fiber {
    let cord = current(function);
    let (Some(attr), Some(f), false) = (attr, f, name.is_null()) else {
        fatal!("{function}: name, attributes and function must not be NULL");
    };
    // SAFETY: a terminated name.
    let fiber = unsafe { life::create(cord, name, attr, f) };
    fiber.map_or(ptr::null_mut(), FiberRef::as_ptr)
}

#[unsafe(no_mangle)]
pub extern "C" fn fiber_self() -> *mut Fiber {
    current("fiber_self").fiber().as_ptr()
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_call(callee: *mut Fiber) {
    // SAFETY: a fiber of this cord.
    unsafe {
        sched::call(
            current("fiber_call"),
            FiberRef::from_ptr(callee),
            "fiber_call",
        )
    };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_yield() {
    // SAFETY: the current cord.
    unsafe { sched::yield_now(current("fiber_yield")) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_reschedule() {
    // SAFETY: the current cord.
    unsafe { sched::reschedule(current("fiber_reschedule")) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_yield_timeout(delay: f64) -> bool {
    // SAFETY: the current cord.
    unsafe {
        let cord = current("fiber_yield_timeout");
        sched::waiting_fiber(cord, "fiber_yield_timeout");
        sched::yield_timeout(cord, delay)
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_sleep(delay: f64) {
    // SAFETY: the current cord.
    unsafe { sched::sleep(current("fiber_sleep"), delay) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_wakeup(fiber: *mut Fiber) {
    // SAFETY: a fiber of this cord.
    unsafe { sched::wakeup(current("fiber_wakeup"), FiberRef::from_ptr(fiber)) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_schedule_cb(
    _loop: *mut ev_loop,
    watcher: *mut ev_watcher,
    _revents: c_int,
) {
    // SAFETY: the watcher's data is a fiber of this cord.
    unsafe { sched::wake_data(current("fiber_schedule_cb"), watcher) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_cancel(fiber: *mut Fiber) {
    // SAFETY: a fiber of this cord.
    unsafe { life::cancel(current("fiber_cancel"), FiberRef::from_ptr(fiber)) };
}

#[unsafe(no_mangle)]
pub extern "C" fn fiber_is_cancelled() -> bool {
    current("fiber_is_cancelled").fiber().has(flag::CANCELLED)
}

#[unsafe(no_mangle)]
pub extern "C" fn fiber_set_cancellable(yesno: bool) -> bool {
    let fiber = current("fiber_set_cancellable").fiber();
    let before = fiber.has(flag::CANCELLABLE);
    if yesno {
        fiber.raise(flag::CANCELLABLE);
    } else {
        fiber.lower(flag::CANCELLABLE);
    }
    before
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_set_joinable(fiber: *mut Fiber, yesno: bool) {
    // SAFETY: a fiber of this cord.
    unsafe { life::set_joinable(FiberRef::from_ptr(fiber), yesno) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_join(fiber: *mut Fiber) -> c_int {
    // SAFETY: a fiber of this cord.
    unsafe { life::join(current("fiber_join"), FiberRef::from_ptr(fiber)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_on_stop(fiber: *mut Fiber) {
    // SAFETY: a fiber of this cord.
    unsafe { life::on_stop(FiberRef::from_ptr(fiber)) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_set_name(fiber: *mut Fiber, name: *const c_char) {
    if name.is_null() {
        fatal!("fiber_set_name: name must not be NULL");
    }
    // SAFETY: a fiber of this cord and a terminated name.
    unsafe { FiberRef::from_ptr(fiber).copy_name(name) };
}

#[unsafe(no_mangle)]
pub extern "C" fn fiber_find(fid: u32) -> *mut Fiber {
    current("fiber_find")
        .find(fid)
        .map_or(ptr::null_mut(), FiberRef::as_ptr)
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_stat(
    callback: StatCallback,
    context: *mut c_void,
) -> c_int {
    let cord = current("fiber_stat");
    // SAFETY: by contract the callback leaves the set of fibers alone.
    unsafe { life::for_each(cord, |fiber| callback(fiber.as_ptr(), context)) }
}

/// Its only caller turns true into an error of the scripting layer.
#[unsafe(no_mangle)]
pub extern "C" fn fiber_checkstack() -> bool {
    false
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_gc() {
    // SAFETY: the current fiber.
    unsafe { life::gc(current("fiber_gc").fiber()) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_delete_all(cord: *mut crate::cord::Cord) {
    // SAFETY: by contract none of its fibers runs.
    unsafe { life::delete_all(CordRef::from_ptr(cord)) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_time() -> f64 {
    // SAFETY: the loop of the current cord.
    unsafe { crate::cord::ev::ev_now(current("fiber_time").loop_.get()) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_time64() -> u64 {
    // SAFETY: as above.
    clock::to_microseconds(unsafe { fiber_time() })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_clock() -> f64 {
    // SAFETY: the loop of the current cord.
    unsafe { clock::monotonic_now(current("fiber_clock").loop_.get()) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_clock64() -> u64 {
    // SAFETY: as above.
    clock::to_microseconds(unsafe { fiber_clock() })
}

/// Exported for tests; static in the reference.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_stack_create(
    fiber: *mut Fiber,
    slabc: *mut SlabCache,
    stack_size: usize,
) -> c_int {
    let stacks = stacks_of("fiber_stack_create", slabc);
    // SAFETY: a fiber without a stack and a cache of this thread.
    let made = unsafe {
        if let Some(stacks) = stacks {
            stacks.retry(slabc);
        }
        stack::create(&*fiber, slabc, stacks, stack_size, None)
    };
    if made.is_ok() { 0 } else { -1 }
}

/// Exported for tests; static in the reference.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_stack_destroy(
    fiber: *mut Fiber,
    slabc: *mut SlabCache,
) {
    let stacks = stacks_of("fiber_stack_destroy", slabc);
    // SAFETY: nothing runs on the stack, which came from that cache.
    unsafe {
        if let Some(stacks) = stacks {
            stacks.retry(slabc);
        }
        stack::destroy(&*fiber, slabc, stacks);
    }
}

/// What the current cord keeps for its stacks. Slabs of a foreign cache have nothing of
/// the kind: nobody would come back for them.
fn stacks_of(function: &str, slabc: *mut SlabCache) -> Option<&'static Stacks> {
    let cord = current(function);
    (slabc == cord.slabc.get()).then(|| {
        // SAFETY: lives as long as the cord, which the caller runs in.
        unsafe { &*ptr::from_ref(cord.stacks()) }
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn box_region_used() -> usize {
    // SAFETY: the region of the current fiber.
    unsafe { Region::used(current("box_region_used").fiber().gc.get()) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn box_region_alloc(size: usize) -> *mut c_void {
    let region = current("box_region_alloc").fiber().gc.get();
    // SAFETY: as above.
    let memory = unsafe { Region::alloc(region, size) };
    if memory.is_null() {
        diag::set_out_of_memory(size, c"region_alloc", c"data");
    }
    memory.cast()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn box_region_aligned_alloc(
    size: usize,
    alignment: usize,
) -> *mut c_void {
    let region = current("box_region_aligned_alloc").fiber().gc.get();
    // SAFETY: as above.
    let memory = unsafe { Region::aligned_alloc(region, size, alignment) };
    if memory.is_null() {
        diag::set_out_of_memory(size, c"region_alloc", c"aligned data");
    }
    memory.cast()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn box_region_truncate(used: usize) {
    // SAFETY: as above.
    unsafe { Region::truncate(current("box_region_truncate").fiber().gc.get(), used) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_init(invoke: Invoke) {
    life::set_invoke(invoke);
    // SAFETY: once, by the first thread, before any other cord.
    unsafe { crate::cord::thread::become_main() };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_free() {
    let cord = current("fiber_free");
    if !cord.is_main() {
        fatal!(
            "fiber_free: called by cord '{}'",
            cord.name().to_string_lossy()
        );
    }
    if !cord.is_created() {
        fatal!("fiber_free: called twice");
    }
    // SAFETY: the main cord, which runs nothing (checked).
    unsafe { crate::cord::destroy(cord) };
}
