// SPDX-License-Identifier: BSD-2-Clause
//! `fiber_cond.h` and `fiber_channel.h` (spec ipc.md 2, 3).

use crate::cord::clock::monotonic_now;
use crate::cord::current;
use crate::diag;
use crate::sync::FOREVER;
use crate::sync::channel::{self, FiberChannel, Out, WaitStatus};
use crate::sync::cond::FiberCond;
use crate::sync::message::{IpcMsg, IpcValue, Message};
use core::ffi::{c_int, c_void};

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_cond_create(cond: *mut FiberCond) {
    // SAFETY: the caller's memory.
    unsafe { FiberCond::create(cond) };
}

/// Frees nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_cond_destroy(cond: *mut FiberCond) {
    // SAFETY: a live condition.
    if unsafe { FiberCond::has_waiters(cond) } {
        crate::say::fatal!("fiber_cond_destroy: fibers wait");
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn fiber_cond_new() -> *mut FiberCond {
    FiberCond::new()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_cond_delete(cond: *mut FiberCond) {
    // SAFETY: from `fiber_cond_new` of this cord.
    unsafe { FiberCond::delete(cond) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_cond_signal(cond: *mut FiberCond) {
    // SAFETY: a condition of this cord.
    unsafe { FiberCond::signal(cond) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_cond_broadcast(cond: *mut FiberCond) {
    // SAFETY: a condition of this cord.
    unsafe { FiberCond::broadcast(cond) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_cond_wait_timeout(
    cond: *mut FiberCond,
    timeout: f64,
) -> c_int {
    // SAFETY: a condition of this cord.
    unsafe { FiberCond::wait_timeout(cond, timeout) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_cond_wait(cond: *mut FiberCond) -> c_int {
    // SAFETY: a condition of this cord.
    unsafe { FiberCond::wait_timeout(cond, FOREVER) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_cond_wait_deadline(
    cond: *mut FiberCond,
    deadline: f64,
) -> c_int {
    // SAFETY: a condition of this cord.
    unsafe { FiberCond::wait_deadline(cond, deadline) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_channel_create(channel: *mut FiberChannel, size: u32) {
    // SAFETY: memory of `fiber_channel_memsize(size)` bytes.
    unsafe { FiberChannel::create(channel, size) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_channel_destroy(channel: *mut FiberChannel) {
    // SAFETY: a channel of this cord.
    unsafe { FiberChannel::close(channel) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_channel_new(size: u32) -> *mut FiberChannel {
    // SAFETY: enough memory for one with its ring, if any.
    unsafe {
        let channel = libc::malloc(FiberChannel::memsize(size)).cast::<FiberChannel>();
        if channel.is_null() {
            diag::set_out_of_memory(size as usize, c"malloc", c"struct fiber_channel");
        } else {
            FiberChannel::create(channel, size);
        }
        channel
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_channel_delete(channel: *mut FiberChannel) {
    // SAFETY: from `fiber_channel_new`; after the close nobody looks at it.
    unsafe {
        FiberChannel::close(channel);
        libc::free(channel.cast());
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_channel_put_msg_timeout(
    channel: *mut FiberChannel,
    msg: *mut IpcMsg,
    timeout: f64,
) -> c_int {
    // SAFETY: a channel of this cord.
    unsafe { FiberChannel::put(channel, Message::of(msg), timeout) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_channel_put_timeout(
    channel: *mut FiberChannel,
    data: *mut c_void,
    timeout: f64,
) -> c_int {
    // SAFETY: a channel of this cord.
    unsafe { FiberChannel::put(channel, Message::bare(data), timeout) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_channel_get_msg_timeout(
    channel: *mut FiberChannel,
    msg: *mut *mut IpcMsg,
    timeout: f64,
) -> c_int {
    // SAFETY: a channel of this cord, and the caller's variable.
    unsafe { FiberChannel::get(channel, Out::Message(msg), timeout) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_channel_get_timeout(
    channel: *mut FiberChannel,
    data: *mut *mut c_void,
    timeout: f64,
) -> c_int {
    // SAFETY: as above; by contract the message is a value.
    unsafe { FiberChannel::get(channel, Out::Data(data), timeout) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_channel_has_readers(channel: *mut FiberChannel) -> bool {
    // SAFETY: a channel of this cord.
    unsafe { FiberChannel::has_waiter(channel, WaitStatus::Reader) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_channel_has_writers(channel: *mut FiberChannel) -> bool {
    // SAFETY: a channel of this cord.
    unsafe { FiberChannel::has_waiter(channel, WaitStatus::Writer) }
}

/// Not in the header; exported by the reference's object. `status` is an
/// `enum fiber_channel_wait_status`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_channel_has_waiter(
    channel: *mut FiberChannel,
    status: c_int,
) -> bool {
    // SAFETY: a channel of this cord.
    channel::wait_status(status)
        .is_some_and(|status| unsafe { FiberChannel::has_waiter(channel, status) })
}

/// Not in the header; exported by the reference's object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_channel_check_wait(
    channel: *mut FiberChannel,
    start_time: f64,
    timeout: f64,
) -> c_int {
    let cord = current("fiber_channel_check_wait");
    // SAFETY: a channel of this cord.
    let may = unsafe {
        let left = start_time + timeout - monotonic_now(cord.loop_.get());
        channel::check_wait(channel, cord, left)
    };
    if may.is_ok() { 0 } else { -1 }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_channel_close(channel: *mut FiberChannel) {
    // SAFETY: a channel of this cord.
    unsafe { FiberChannel::close(channel) };
}

#[unsafe(no_mangle)]
pub extern "C" fn ipc_value_new() -> *mut IpcValue {
    IpcValue::new()
}
