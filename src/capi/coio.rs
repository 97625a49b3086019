// SPDX-License-Identifier: BSD-2-Clause
//! `coio.h`: waiting for descriptors (spec ipc.md 7).

use crate::coio::wait;
use crate::cord::current;
use core::ffi::c_int;

unsafe extern "C-unwind" {
    /// A cancellation point, which the libc crate's declaration hides.
    #[link_name = "close"]
    fn close_descriptor(fd: c_int) -> c_int;
}

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
        close_descriptor(fd)
    }
}
