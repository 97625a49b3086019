// SPDX-License-Identifier: BSD-2-Clause
//! `SAFE_*` for files and directories (spec ltp.md 15).

use core::ffi::{c_char, c_int, c_uint, c_void};

use super::safe_call;
use crate::errno;
use crate::ltp::report::{Site, TBROK, TERRNO, TINFO};
use crate::ltp::safe::OldCleanup;
use crate::ltp::text::{Ptr, Str};
use crate::ltp::{blocking, is_2026};

safe_call! {
    /// access(2)
    fn safe_access(path: *const c_char, mode: c_int) -> c_int
        = zero(libc::access(path, mode), "access({},{})", Str::new(path), mode)
}

safe_call! {
    /// chdir(2)
    cleanup fn safe_chdir(path: *const c_char) -> c_int
        = zero(libc::chdir(path), "chdir({})", Str::new(path))
}

safe_call! {
    /// chmod(2)
    fn safe_chmod(path: *const c_char, mode: libc::mode_t) -> c_int
        = zero(libc::chmod(path, mode), "chmod({},{:04o})", Str::new(path), mode)
}

safe_call! {
    /// fchmod(2)
    fn safe_fchmod(fd: c_int, mode: libc::mode_t) -> c_int
        = zero(libc::fchmod(fd, mode), "fchmod({},{:04o})", fd, mode)
}

safe_call! {
    /// chown(2)
    fn safe_chown(path: *const c_char, owner: libc::uid_t, group: libc::gid_t) -> c_int
        = zero(
            libc::chown(path, owner, group),
            "chown({},{},{})", Str::new(path), owner.cast_signed(), group.cast_signed(),
        )
}

safe_call! {
    /// fchown(2)
    fn safe_fchown(fd: c_int, owner: libc::uid_t, group: libc::gid_t) -> c_int
        = zero(
            libc::fchown(fd, owner, group),
            "fchown({},{},{})", fd, owner.cast_signed(), group.cast_signed(),
        )
}

safe_call! {
    /// close(2)
    cleanup fn safe_close(fd: c_int) -> c_int
        = zero(blocking::close(fd), "close({})", fd)
}

safe_call! {
    /// creat(2)
    cleanup fn safe_creat(path: *const c_char, mode: libc::mode_t) -> c_int
        = at_least_zero(blocking::creat(path, mode), "creat({},{:04o})", Str::new(path), mode)
}

safe_call! {
    /// open(2); the shim fetches the mode, 0 if there is none.
    cleanup fn cordage_ltp_open(path: *const c_char, oflags: c_int, mode: libc::mode_t) -> c_int
        = at_least_zero(
            blocking::open(path, oflags, mode as c_uint),
            "open({},{},{:04o})", Str::new(path), oflags, mode,
        )
}

safe_call! {
    /// opendir(3)
    cleanup fn safe_opendir(path: *const c_char) -> *mut libc::DIR
        = not_null(libc::opendir(path), "opendir({})", Str::new(path))
}

safe_call! {
    /// closedir(3)
    cleanup fn safe_closedir(dirp: *mut libc::DIR) -> c_int
        = zero(libc::closedir(dirp), "closedir({})", Ptr::new(dirp))
}

/// readdir(3): NULL is the end of the directory, and errno stays what it was.
///
/// # Safety
/// `dirp` is open, `file` a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_readdir(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: OldCleanup,
    dirp: *mut libc::DIR,
) -> *mut libc::dirent {
    // SAFETY: as the caller says.
    let site = unsafe { Site::new(file, lineno) };
    site.refuse_cleanup(cleanup_fn);
    let err = errno::get();
    errno::set(0);
    // SAFETY: as the caller says.
    let entry = unsafe { libc::readdir(dirp) };
    if entry.is_null() && errno::get() != 0 {
        site.brk(
            TBROK | TERRNO,
            format_args!("readdir({}) failed", Ptr::new(dirp)),
        );
    }
    errno::set(err);
    entry
}

safe_call! {
    /// dup(2)
    fn safe_dup(oldfd: c_int) -> c_int
        = at_least_zero(libc::dup(oldfd), "dup({})", oldfd)
}

safe_call! {
    /// dup2(2)
    fn safe_dup2(oldfd: c_int, newfd: c_int) -> c_int
        = at_least_zero(libc::dup2(oldfd, newfd), "dup2({}, {})", oldfd, newfd)
}

safe_call! {
    /// fopen(3)
    cleanup fn safe_fopen(path: *const c_char, mode: *const c_char) -> *mut libc::FILE
        = not_null(blocking::fopen(path, mode), "fopen({},{})", Str::new(path), Str::new(mode))
}

safe_call! {
    /// fclose(3)
    cleanup fn safe_fclose(stream: *mut libc::FILE) -> c_int
        = zero(blocking::fclose(stream), "fclose({})", Ptr::new(stream))
}

safe_call! {
    /// popen(3)
    fn safe_popen(command: *const c_char, mode: *const c_char) -> *mut libc::FILE
        = not_null(
            blocking::popen(command, mode),
            "popen({},{})", Str::new(command), Str::new(mode),
        )
}

safe_call! {
    /// fsync(2)
    fn safe_fsync(fd: c_int) -> c_int
        = zero(blocking::fsync(fd), "fsync({})", fd)
}

safe_call! {
    /// getcwd(3)
    cleanup fn safe_getcwd(buf: *mut c_char, size: usize) -> *mut c_char
        = not_null(libc::getcwd(buf, size), "getcwd({},{})", Ptr::new(buf), size)
}

safe_call! {
    /// link(2)
    cleanup fn safe_link(old: *const c_char, new: *const c_char) -> c_int
        = zero(libc::link(old, new), "link({},{})", Str::new(old), Str::new(new))
}

safe_call! {
    /// symlink(2)
    cleanup fn safe_symlink(old: *const c_char, new: *const c_char) -> c_int
        = zero(libc::symlink(old, new), "symlink({},{})", Str::new(old), Str::new(new))
}

safe_call! {
    /// mkdir(2)
    cleanup fn safe_mkdir(path: *const c_char, mode: libc::mode_t) -> c_int
        = zero(libc::mkdir(path, mode), "mkdir({}, {:04o})", Str::new(path), mode)
}

safe_call! {
    /// rmdir(2)
    cleanup fn safe_rmdir(path: *const c_char) -> c_int
        = zero(libc::rmdir(path), "rmdir({})", Str::new(path))
}

safe_call! {
    /// mkfifo(3)
    cleanup fn safe_mkfifo(path: *const c_char, mode: libc::mode_t) -> c_int
        = zero(libc::mkfifo(path, mode), "mkfifo({}, {:04o})", Str::new(path), mode)
}

safe_call! {
    /// mknod(2)
    fn safe_mknod(path: *const c_char, mode: libc::mode_t, dev: libc::dev_t) -> c_int
        = zero(libc::mknod(path, mode, dev), "mknod()")
}

safe_call! {
    /// pipe(2)
    cleanup fn safe_pipe(fds: *mut c_int) -> c_int
        = zero(libc::pipe(fds), "pipe({{{},{}}})", *fds, *fds.add(1))
}

/// pipe2(2)
///
/// # Safety
/// `fds` has two elements, `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_pipe2(
    file: *const c_char,
    lineno: c_int,
    fds: *mut c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe {
        let site = Site::new(file, lineno);
        let value = libc::pipe2(fds, flags);
        if value != 0 {
            let (a, b) = (*fds, *fds.add(1));
            site.brk(
                TBROK | TERRNO,
                format_args!("pipe2({{{a},{b}}}) failed with flag({flags})"),
            );
        }
        value
    }
}

/// `SAFE_READ_ALL` and `SAFE_READ_ANY_EAGAIN` of `enum safe_read_opts`.
const READ_ALL: c_int = 1;
const READ_ANY_EAGAIN: c_int = 2;

/// read(2); `option` says whether fewer bytes will do, or none yet.
///
/// # Safety
/// `buf` has `nbyte` bytes, `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_read(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: OldCleanup,
    option: c_int,
    fd: c_int,
    buf: *mut c_void,
    nbyte: usize,
) -> isize {
    // SAFETY: as the caller says.
    let site = unsafe { Site::new(file, lineno) };
    site.refuse_cleanup(cleanup_fn);
    // SAFETY: as the caller says.
    let n = unsafe { blocking::read(fd, buf, nbyte) };
    if n == -1 && option == READ_ANY_EAGAIN && errno::get() == libc::EAGAIN {
        return 0;
    }
    let short = option == READ_ALL && n.cast_unsigned() != nbyte;
    let call = format_args!("({fd},{},{nbyte})", Ptr::new(buf));
    if n >= 0 && short {
        // A short read leaves errno alone, so it says nothing about this one.
        errno::set(0);
    }
    if n >= 0 && short && is_2026() {
        site.brk(
            TBROK | TERRNO,
            format_args!("Short read{call} returned only {n}"),
        );
    } else if n < 0 || short {
        site.brk(
            TBROK | TERRNO,
            format_args!("read{call} failed, returned {n}"),
        );
    }
    n
}

/// `SAFE_WRITE_ALL` and `SAFE_WRITE_RETRY` of `enum safe_write_opts`.
const WRITE_ALL: c_int = 1;
const WRITE_RETRY: c_int = 2;

/// write(2); `option` says what to do about a short write.
///
/// # Safety
/// `buf` has `nbyte` bytes, `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_write(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: OldCleanup,
    option: c_int,
    fd: c_int,
    buf: *const c_void,
    nbyte: usize,
) -> isize {
    // SAFETY: as the caller says.
    let site = unsafe { Site::new(file, lineno) };
    site.refuse_cleanup(cleanup_fn);
    let call = format_args!("write({fd},{},{nbyte})", Ptr::new(buf));
    let (mut written, mut calls) = (0usize, 0);
    loop {
        // SAFETY: `written` is at most `nbyte`.
        let n = unsafe {
            blocking::write(fd, buf.cast::<u8>().add(written).cast(), nbyte - written)
        };
        calls += 1;
        if n < 0 {
            if option == WRITE_RETRY {
                site.res(
                    TINFO,
                    format_args!("write() wrote {written} bytes in {calls} calls"),
                );
            }
            site.brk(TBROK | TERRNO, format_args!("{call} failed"));
            return n;
        }
        written += n.cast_unsigned();
        if written >= nbyte || option != WRITE_RETRY {
            if option == WRITE_ALL && written != nbyte {
                errno::set(0);
                site.brk(
                    TBROK | TERRNO,
                    format_args!("short {call} return value {n}"),
                );
            }
            return written.cast_signed();
        }
    }
}

/// readlink(2), with a NUL behind the text.
///
/// # Safety
/// `path` and `file` are strings, `buf` has `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_readlink(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: OldCleanup,
    path: *const c_char,
    buf: *mut c_char,
    size: usize,
) -> isize {
    // SAFETY: as the caller says; one byte is kept for the NUL if there is any.
    unsafe {
        let site = Site::new(file, lineno);
        site.refuse_cleanup(cleanup_fn);
        let n = libc::readlink(path, buf, size);
        if n == -1 {
            let path = Str::new(path);
            site.brk(
                TBROK | TERRNO,
                format_args!("readlink({path},{},{size}) failed", Ptr::new(buf)),
            );
        } else if size > 0 {
            buf.add(n.cast_unsigned().min(size - 1)).write(0);
        }
        n
    }
}

safe_call! {
    /// rename(2)
    cleanup fn safe_rename(old: *const c_char, new: *const c_char) -> c_int
        = zero(libc::rename(old, new), "rename({}, {})", Str::new(old), Str::new(new))
}

safe_call! {
    /// unlink(2)
    cleanup fn safe_unlink(path: *const c_char) -> c_int
        = zero(libc::unlink(path), "unlink({})", Str::new(path))
}
