// SPDX-License-Identifier: BSD-2-Clause
//! `cordage/guard.h` and `cordage/limits.h`: what the reference does not have.

use crate::cord::current;
use crate::diag;
use crate::fiber::attr::FiberAttr;
use crate::fiber::population;
use crate::fiber::stack::guard::Kind;
use crate::fiber::stack::quarantine::Report;
use crate::fiber::{Fiber, FiberRef};
use core::ffi::{c_char, c_int};

#[unsafe(no_mangle)]
pub extern "C" fn cordage_guard_backend() -> *const c_char {
    Kind::preferred().name().as_ptr()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cordage_fiber_attr_setguard(
    attr: *mut FiberAttr,
    guard: c_int,
) -> c_int {
    let kind = u8::try_from(guard).ok().and_then(Kind::from_tag);
    if kind.is_none() && guard != 0 {
        diag::set_illegal_params(c"unknown kind of guard");
        return -1;
    }
    // SAFETY: a live attribute.
    unsafe { (*attr).set_guard(kind) };
    0
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cordage_fiber_guard(fiber: *const Fiber) -> c_int {
    // SAFETY: a fiber of this cord.
    let fiber = unsafe { FiberRef::from_ptr(fiber.cast_mut()) };
    fiber
        .stack_make
        .get()
        .guard()
        .map_or(0, |kind| kind as c_int)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cordage_quarantine(report: *mut Report) {
    let cord = current("cordage_quarantine");
    // SAFETY: the caller's memory.
    unsafe { report.write(cord.stacks().quarantine.report()) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cordage_quarantine_retry() -> usize {
    let cord = current("cordage_quarantine_retry");
    // SAFETY: the cord's own cache.
    unsafe { cord.stacks().retry(cord.slabc.get()) };
    cord.stacks().quarantine.count()
}

#[unsafe(no_mangle)]
pub extern "C" fn cordage_fiber_count() -> usize {
    current("cordage_fiber_count").population().living()
}

#[unsafe(no_mangle)]
pub extern "C" fn cordage_fiber_set_max(max: usize) {
    current("cordage_fiber_set_max")
        .population()
        .set_max_living(max);
}

#[unsafe(no_mangle)]
pub extern "C" fn cordage_fiber_cache_count() -> usize {
    current("cordage_fiber_cache_count").population().cached()
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_fiber_cache_set_max(max: usize) -> usize {
    let cord = current("cordage_fiber_cache_set_max");
    cord.population().set_max_cached(max);
    population::trim(cord, max)
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_fiber_cache_trim(keep: usize) -> usize {
    population::trim(current("cordage_fiber_cache_trim"), keep)
}
