// SPDX-License-Identifier: BSD-2-Clause
//! `coio.h`: descriptors (spec ipc.md 7). Its sockets are in `sio.rs`.

use crate::coio::{socket, sys, wait};
use crate::cord::current;
use core::ffi::{c_int, c_void};

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_wait(
    fd: c_int,
    event: c_int,
    timeout: f64,
) -> c_int {
    // SAFETY: the current cord.
    unsafe { wait::wait(current("coio_wait"), fd, event, timeout) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_close(fd: c_int) -> c_int {
    // SAFETY: the current cord; closing any number is harmless.
    unsafe {
        wait::dismiss(current("coio_close"), fd);
        sys::close(fd)
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_write_fd_timeout(
    fd: c_int,
    data: *const c_void,
    size: usize,
    timeout: f64,
) -> c_int {
    // SAFETY: the caller's data.
    match unsafe { socket::write_fd(fd, data, size, timeout) } {
        Ok(()) => 0,
        Err(_) => -1,
    }
}
