// SPDX-License-Identifier: BSD-2-Clause
//! `cbus.h` (spec ipc.md 5). `cbus_call_perform`, `cbus_call_done` and `cbus_stat_strings`
//! are where they are used, in `src/bus/`.

use super::cord::checked_name;
use crate::bus::call::{self, CallFunc, CbusCallMsg};
use crate::bus::endpoint::{self, CbusEndpoint, FetchCallback, Process};
use crate::bus::message::{self, Cmsg};
use crate::bus::pipe::Cpipe;
use crate::bus::{self, pair};
use crate::say::fatal;
use core::ffi::{c_char, c_int, c_void};

/// What `cbus_pair` and `cbus_unpair` call.
type PairCallback = unsafe extern "C-unwind" fn(*mut c_void);

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cbus_init() {
    // SAFETY: by contract nobody uses the bus yet.
    unsafe { bus::init() };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cbus_free() {
    // SAFETY: by contract nobody uses the bus any more.
    unsafe { bus::free() };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cbus_endpoint_create(
    endpoint: *mut CbusEndpoint,
    name: *const c_char,
    fetch_cb: Option<FetchCallback>,
    fetch_data: *mut c_void,
) -> c_int {
    // SAFETY: memory for an endpoint, and a name.
    unsafe {
        let name = checked_name("cbus_endpoint_create", name);
        let created = CbusEndpoint::create(endpoint, name, fetch_cb, fetch_data);
        c_int::from(!created)
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cbus_endpoint_destroy(
    endpoint: *mut CbusEndpoint,
    process_cb: Option<Process>,
) -> c_int {
    // SAFETY: an endpoint of this cord.
    unsafe { CbusEndpoint::destroy(endpoint, process_cb) };
    0
}

/// Exported as it is: programs pass it around.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cbus_process(endpoint: *mut CbusEndpoint) {
    // SAFETY: an endpoint of this cord.
    unsafe { endpoint::process(endpoint) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cbus_loop(endpoint: *mut CbusEndpoint) {
    // SAFETY: an endpoint of this cord.
    unsafe { endpoint::run(endpoint) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cbus_stop_loop(pipe: *mut Cpipe) {
    // SAFETY: a pipe of this cord.
    unsafe { endpoint::stop_loop(pipe) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cmsg_deliver(msg: *mut Cmsg) {
    // SAFETY: a message that this cord has.
    unsafe { message::deliver(msg) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cpipe_create(pipe: *mut Cpipe, consumer: *const c_char) {
    // SAFETY: memory for a pipe, and a name.
    unsafe { Cpipe::create(pipe, checked_name("cpipe_create", consumer)) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cpipe_destroy(pipe: *mut Cpipe) {
    // SAFETY: a pipe of this cord.
    unsafe { Cpipe::destroy(pipe) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cbus_call(
    callee: *mut Cpipe,
    caller: *mut Cpipe,
    msg: *mut CbusCallMsg,
    func: Option<CallFunc>,
    free_cb: Option<CallFunc>,
    timeout: f64,
) -> c_int {
    let Some(func) = func else {
        fatal!("cbus_call: func must not be NULL");
    };
    // SAFETY: pipes there and back, and memory for a message.
    unsafe { call::call(callee, caller, msg, func, free_cb, timeout) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cbus_flush(
    callee: *mut Cpipe,
    caller: *mut Cpipe,
    process_cb: Option<Process>,
) {
    // SAFETY: pipes there and back.
    unsafe { pair::flush(callee, caller, process_cb) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cbus_pair(
    dest_name: *const c_char,
    src_name: *const c_char,
    dest_pipe: *mut Cpipe,
    src_pipe: *mut Cpipe,
    pair_cb: Option<PairCallback>,
    pair_arg: *mut c_void,
    process_cb: Option<Process>,
) {
    // SAFETY: memory for two pipes, and names.
    unsafe {
        let dest_name = checked_name("cbus_pair", dest_name);
        let src_name = checked_name("cbus_pair", src_name);
        let callback = (pair_cb, pair_arg);
        pair::pair(
            dest_name, src_name, dest_pipe, src_pipe, callback, process_cb,
        );
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cbus_unpair(
    dest_pipe: *mut Cpipe,
    src_pipe: *mut Cpipe,
    unpair_cb: Option<PairCallback>,
    unpair_arg: *mut c_void,
    process_cb: Option<Process>,
) {
    // SAFETY: the pipes of `cbus_pair`.
    unsafe { pair::unpair(dest_pipe, src_pipe, (unpair_cb, unpair_arg), process_cb) };
}
