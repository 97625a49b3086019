// SPDX-License-Identifier: BSD-2-Clause
//! `fiber_pool.h` (spec ipc.md 6).

use super::cord::checked_name;
use crate::bus::pool::FiberPool;
use core::ffi::{c_char, c_int};

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_pool_create(
    pool: *mut FiberPool,
    name: *const c_char,
    max_pool_size: c_int,
    idle_timeout: f32,
) {
    // SAFETY: memory for a pool, and a name.
    unsafe {
        let name = checked_name("fiber_pool_create", name);
        FiberPool::create(pool, name, max_pool_size, idle_timeout);
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fiber_pool_set_max_size(
    pool: *mut FiberPool,
    new_max_size: c_int,
) {
    // SAFETY: a pool of this cord.
    unsafe { (*pool).set_max_size(new_max_size) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fiber_pool_destroy(pool: *mut FiberPool) {
    // SAFETY: a pool of this cord.
    unsafe { FiberPool::destroy(pool) };
}
