// SPDX-License-Identifier: BSD-2-Clause
//! `coro/coro.h`: bare contexts (spec fiber.md 13.1). `coro_transfer` is a label in
//! `src/fiber/switch`, without a frame in between.

use crate::fiber::switch::alloc::CoroStack;
use crate::fiber::switch::{Context, Entry, prepare};
use core::ffi::{c_int, c_uint, c_void};

#[unsafe(no_mangle)]
pub unsafe extern "C" fn coro_create(
    context: *mut Context,
    f: Option<Entry>,
    argument: *mut c_void,
    sptr: *mut c_void,
    ssize: usize,
) {
    let Some(f) = f else {
        return;
    };
    let top = sptr.cast::<u8>().wrapping_add(ssize);
    // SAFETY: the caller's context and stack.
    unsafe { prepare(&*context, f, argument, top.wrapping_sub(top as usize % 16)) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn coro_stack_alloc(stack: *mut CoroStack, size: c_uint) -> c_int {
    let mapped = CoroStack::map(size);
    let good = mapped.is_some();
    // SAFETY: the caller's memory.
    unsafe {
        stack.write(mapped.unwrap_or(CoroStack {
            sptr: core::ptr::null_mut(),
            ssze: 0,
        }))
    };
    good.into()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn coro_stack_free(stack: *mut CoroStack) {
    // SAFETY: nothing runs on it.
    unsafe { (*stack).unmap() };
}
