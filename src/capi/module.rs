// SPDX-License-Identifier: BSD-2-Clause
//! `module.h`: what later versions than the reference's, and we, have added to the API for
//! modules (spec ipc.md 16).

use crate::cord::inbox::{Inbox, Place, Work};
use crate::cord::thread::{self, Joined};
use crate::cord::{Cord, current, tls};
use crate::diag;
use crate::fiber::{Fiber, FiberRef, life};
use crate::say::fatal;
use crate::small::Ibuf;
use core::ffi::{c_char, c_int, c_void};
use core::slice;

/// # Safety
/// A fiber, or NULL for the current one.
unsafe fn fiber_or_current(function: &str, fiber: *mut Fiber) -> FiberRef {
    let cord = current(function);
    if fiber.is_null() {
        return cord.fiber();
    }
    // SAFETY: as the caller says.
    unsafe { FiberRef::from_ptr(fiber) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_join_timeout(
    fiber: *mut Fiber,
    timeout: f64,
) -> c_int {
    let cord = current("fiber_join_timeout");
    // SAFETY: a fiber of this cord.
    unsafe { life::join_timeout(cord, FiberRef::from_ptr(fiber), timeout) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_set_ctx(fiber: *mut Fiber, f_arg: *mut c_void) {
    // SAFETY: NULL or a fiber of this cord.
    let fiber = unsafe { fiber_or_current("fiber_set_ctx", fiber) };
    if fiber.fid.get() == 0 {
        fatal!("fiber_set_ctx: the fiber is finished and already recycled");
    }
    fiber.set_word(f_arg);
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_get_ctx(fiber: *mut Fiber) -> *mut c_void {
    // SAFETY: NULL or a fiber of this cord.
    unsafe { fiber_or_current("fiber_get_ctx", fiber) }.word()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_set_name_n(
    fiber: *mut Fiber,
    name: *const c_char,
    len: u32,
) {
    if name.is_null() && len != 0 {
        fatal!("fiber_set_name_n: name must not be NULL");
    }
    let name: &[u8] = match len {
        0 => &[],
        // SAFETY: the caller's bytes.
        _ => unsafe { slice::from_raw_parts(name.cast(), len as usize) },
    };
    // SAFETY: NULL or a fiber of this cord.
    unsafe { fiber_or_current("fiber_set_name_n", fiber) }.set_name_bytes(name);
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_name(fiber: *mut Fiber) -> *const c_char {
    // SAFETY: NULL or a fiber of this cord.
    unsafe { fiber_or_current("fiber_name", fiber) }
        .name
        .as_ptr()
        .cast()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_id(fiber: *mut Fiber) -> u64 {
    // SAFETY: NULL or a fiber of this cord.
    unsafe { fiber_or_current("fiber_id", fiber) }
        .fid
        .get()
        .into()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_csw(fiber: *mut Fiber) -> u64 {
    // SAFETY: NULL or a fiber of this cord.
    let csw = unsafe { fiber_or_current("fiber_csw", fiber) }.csw.get();
    u64::from(csw as u32)
}

/// `box/ibuf.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn box_ibuf_reserve(ibuf: *mut Ibuf, size: usize) -> *mut c_void {
    // SAFETY: the caller's buffer.
    let memory = unsafe { Ibuf::reserve(ibuf, size) };
    if memory.is_null() {
        diag::set_out_of_memory(size, c"ibuf_reserve", c"box_ibuf_reserve");
    }
    memory.cast()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn box_ibuf_read_range(
    ibuf: *mut Ibuf,
    rpos: *mut *mut *mut c_char,
    wpos: *mut *mut *mut c_char,
) {
    // SAFETY: the caller's buffer and memory.
    unsafe { tell_positions((*ibuf).rpos.as_ptr(), rpos, (*ibuf).wpos.as_ptr(), wpos) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn box_ibuf_write_range(
    ibuf: *mut Ibuf,
    wpos: *mut *mut *mut c_char,
    end: *mut *mut *mut c_char,
) {
    // SAFETY: the caller's buffer and memory.
    unsafe { tell_positions((*ibuf).wpos.as_ptr(), wpos, (*ibuf).end.as_ptr(), end) };
}

/// # Safety
/// `to_first` points to memory, `to_second` as well or is NULL.
unsafe fn tell_positions(
    first: *mut *mut u8,
    to_first: *mut *mut *mut c_char,
    second: *mut *mut u8,
    to_second: *mut *mut *mut c_char,
) {
    // SAFETY: as the caller says.
    unsafe {
        to_first.write(first.cast());
        if !to_second.is_null() {
            to_second.write(second.cast());
        }
    }
}

/// `cordage/cord.h`.
#[unsafe(no_mangle)]
pub extern "C" fn cordage_cord_self() -> *mut Cord {
    tls::get()
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_cord_cojoin(
    cord: *mut Cord,
    timeout: f64,
) -> c_int {
    // SAFETY: a started cord, not joined.
    match unsafe { thread::cojoin(cord, Some(timeout), "cordage_cord_cojoin") } {
        Joined::Well => 0,
        Joined::Failed => -1,
        Joined::NotYet => 1,
    }
}

/// # Safety
/// As for [`cordage_post`].
unsafe fn post(function: &str, cord: *mut Cord, work: *mut Work, place: Place) -> c_int {
    if cord.is_null() || work.is_null() {
        fatal!("{function}: cord and work must not be NULL");
    }
    // SAFETY: as the caller says.
    if unsafe { Inbox::post(cord, work, place) } {
        0
    } else {
        -1
    }
}

/// `cordage/post.h`.
///
/// # Safety
/// A cord that is not destroyed meanwhile, and work that is not posted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cordage_post(cord: *mut Cord, work: *mut Work) -> c_int {
    // SAFETY: as the caller says.
    unsafe { post("cordage_post", cord, work, Place::Scheduler) }
}

/// # Safety
/// As for [`cordage_post`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cordage_post_fiber(cord: *mut Cord, work: *mut Work) -> c_int {
    // SAFETY: as the caller says.
    unsafe { post("cordage_post_fiber", cord, work, Place::Fiber) }
}
