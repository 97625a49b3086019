// SPDX-License-Identifier: BSD-2-Clause
//! `coio_file.h`: system calls on files, made by a worker (spec ipc.md 9).
//!
//! Every argument is the caller's, who waits until the worker is through.

use crate::coio::call::in_worker;
use crate::coio::file;
use core::ffi::{c_char, c_int, c_void};
use libc::{gid_t, glob_t, mode_t, off_t, uid_t};

/// `struct stat`
type Status = libc::stat;

/// What `glob` calls for a directory that it cannot read: in the worker.
type GlobError = extern "C" fn(*const c_char, c_int) -> c_int;

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_file_open(
    path: *const c_char,
    flags: c_int,
    mode: mode_t,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_file_open", move || {
            libc::open(path, flags, mode) as isize
        }) as c_int
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_file_close(fd: c_int) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { in_worker("coio_file_close", move || libc::close(fd) as isize) as c_int }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_pwrite(
    fd: c_int,
    buf: *const c_void,
    count: usize,
    offset: off_t,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_pwrite", move || {
            file::write_at(fd, buf, count, offset)
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_pread(
    fd: c_int,
    buf: *mut c_void,
    count: usize,
    offset: off_t,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { in_worker("coio_pread", move || file::read_at(fd, buf, count, offset)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_preadn(
    fd: c_int,
    buf: *mut c_void,
    count: usize,
    offset: off_t,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_preadn", move || {
            file::read_all_at(fd, buf, count, offset)
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_read(
    fd: c_int,
    buf: *mut c_void,
    count: usize,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { in_worker("coio_read", move || libc::read(fd, buf, count)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_write(
    fd: c_int,
    buf: *const c_void,
    count: usize,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { in_worker("coio_write", move || libc::write(fd, buf, count)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_lseek(
    fd: c_int,
    offset: off_t,
    whence: c_int,
) -> off_t {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_lseek", move || {
            libc::lseek(fd, offset, whence) as isize
        }) as off_t
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_stat(
    pathname: *const c_char,
    buf: *mut Status,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { in_worker("coio_stat", move || libc::stat(pathname, buf) as isize) as c_int }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_lstat(
    pathname: *const c_char,
    buf: *mut Status,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_lstat", move || libc::lstat(pathname, buf) as isize) as c_int
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_fstat(fd: c_int, buf: *mut Status) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { in_worker("coio_fstat", move || libc::fstat(fd, buf) as isize) as c_int }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_rename(
    oldpath: *const c_char,
    newpath: *const c_char,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_rename", move || {
            libc::rename(oldpath, newpath) as isize
        }) as c_int
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_unlink(pathname: *const c_char) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { in_worker("coio_unlink", move || libc::unlink(pathname) as isize) as c_int }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_mkdir(
    pathname: *const c_char,
    mode: mode_t,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_mkdir", move || libc::mkdir(pathname, mode) as isize) as c_int
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_rmdir(pathname: *const c_char) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { in_worker("coio_rmdir", move || libc::rmdir(pathname) as isize) as c_int }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_ftruncate(fd: c_int, length: off_t) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_ftruncate", move || {
            libc::ftruncate(fd, length) as isize
        }) as c_int
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_truncate(
    path: *const c_char,
    length: off_t,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_truncate", move || {
            libc::truncate(path, length) as isize
        }) as c_int
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_glob(
    pattern: *const c_char,
    flags: c_int,
    errfunc: Option<GlobError>,
    pglob: *mut glob_t,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_glob", move || {
            libc::glob(pattern, flags, errfunc, pglob) as isize
        }) as c_int
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_chown(
    path: *const c_char,
    owner: uid_t,
    group: gid_t,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_chown", move || {
            libc::chown(path, owner, group) as isize
        }) as c_int
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_chmod(path: *const c_char, mode: mode_t) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { in_worker("coio_chmod", move || libc::chmod(path, mode) as isize) as c_int }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_link(
    oldpath: *const c_char,
    newpath: *const c_char,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_link", move || libc::link(oldpath, newpath) as isize) as c_int
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_symlink(
    target: *const c_char,
    linkpath: *const c_char,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_symlink", move || {
            libc::symlink(target, linkpath) as isize
        }) as c_int
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_readlink(
    pathname: *const c_char,
    buf: *mut c_char,
    bufsiz: usize,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_readlink", move || {
            libc::readlink(pathname, buf, bufsiz)
        }) as c_int
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_sync() -> c_int {
    let work = || {
        // SAFETY: no arguments.
        unsafe { libc::sync() };
        0
    };
    // SAFETY: as above.
    unsafe { in_worker("coio_sync", work) as c_int }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_fsync(fd: c_int) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { in_worker("coio_fsync", move || libc::fsync(fd) as isize) as c_int }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_fdatasync(fd: c_int) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { in_worker("coio_fdatasync", move || libc::fdatasync(fd) as isize) as c_int }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_tempdir(
    path: *mut c_char,
    path_len: usize,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_tempdir", move || {
            file::make_temporary_directory(path, path_len) as isize
        }) as c_int
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_readdir(
    path: *const c_char,
    buf: *mut *mut c_char,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { in_worker("coio_readdir", move || file::list_directory(path, buf)) as c_int }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn coio_copyfile(
    source: *const c_char,
    dest: *const c_char,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        in_worker("coio_copyfile", move || {
            file::copy_file(source, dest) as isize
        }) as c_int
    }
}
