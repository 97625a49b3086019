// SPDX-License-Identifier: BSD-2-Clause
//! System calls that are cancellation points: `pthread_cancel` unwinds them, which the
//! declarations of the libc crate exclude.

use core::ffi::{c_int, c_void};
use libc::{iovec, nfds_t, off_t, pollfd, sockaddr, socklen_t};

unsafe extern "C-unwind" {
    pub fn accept(fd: c_int, address: *mut sockaddr, length: *mut socklen_t) -> c_int;
    pub fn close(fd: c_int) -> c_int;
    pub fn connect(fd: c_int, address: *const sockaddr, length: socklen_t) -> c_int;
    pub fn poll(fds: *mut pollfd, number: nfds_t, timeout: c_int) -> c_int;
    pub fn pread(fd: c_int, buf: *mut c_void, count: usize, offset: off_t) -> isize;
    pub fn read(fd: c_int, buf: *mut c_void, count: usize) -> isize;
    pub fn recvfrom(
        fd: c_int,
        buf: *mut c_void,
        count: usize,
        flags: c_int,
        address: *mut sockaddr,
        length: *mut socklen_t,
    ) -> isize;
    pub fn sendto(
        fd: c_int,
        buf: *const c_void,
        count: usize,
        flags: c_int,
        address: *const sockaddr,
        length: socklen_t,
    ) -> isize;
    pub fn write(fd: c_int, buf: *const c_void, count: usize) -> isize;
    pub fn writev(fd: c_int, iov: *const iovec, iovcnt: c_int) -> isize;
}
