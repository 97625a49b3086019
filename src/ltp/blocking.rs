// SPDX-License-Identifier: BSD-2-Clause
//! C library calls that are cancellation points (pthreads(7)): `pthread_cancel` may
//! unwind out of them, through our callers, so they must not be declared as the
//! libc crate does, as never unwinding.

use core::ffi::{c_char, c_int, c_long, c_uint, c_void};

unsafe extern "C-unwind" {
    pub(crate) fn close(fd: c_int) -> c_int;
    pub(crate) fn creat(path: *const c_char, mode: libc::mode_t) -> c_int;
    pub(crate) fn fclose(stream: *mut libc::FILE) -> c_int;
    pub(crate) fn fopen(path: *const c_char, mode: *const c_char) -> *mut libc::FILE;
    pub(crate) fn fsync(fd: c_int) -> c_int;
    pub(crate) fn msgrcv(
        id: c_int,
        message: *mut c_void,
        size: usize,
        mtype: c_long,
        flags: c_int,
    ) -> isize;
    pub(crate) fn msgsnd(
        id: c_int,
        message: *const c_void,
        size: usize,
        flags: c_int,
    ) -> c_int;
    pub(crate) fn msync(addr: *mut c_void, len: usize, flags: c_int) -> c_int;
    pub(crate) fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    pub(crate) fn pause() -> c_int;
    pub(crate) fn popen(command: *const c_char, mode: *const c_char) -> *mut libc::FILE;
    pub(crate) fn pthread_join(thread: libc::pthread_t, value: *mut *mut c_void)
    -> c_int;
    pub(crate) fn read(fd: c_int, buf: *mut c_void, count: usize) -> isize;
    pub(crate) fn usleep(microseconds: c_uint) -> c_int;
    pub(crate) fn wait(status: *mut c_int) -> libc::pid_t;
    pub(crate) fn waitpid(
        pid: libc::pid_t,
        status: *mut c_int,
        options: c_int,
    ) -> libc::pid_t;
    pub(crate) fn write(fd: c_int, buf: *const c_void, count: usize) -> isize;
}
