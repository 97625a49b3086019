// SPDX-License-Identifier: BSD-2-Clause
//! Mounts and the temporary directory: `tst_device.h`, `tst_tmpdir.h`, and the `SAFE_*` of
//! mounts (spec ltp.md 11).

use core::ffi::{CStr, c_char, c_int, c_uint, c_ulong, c_void};
use core::ptr;

use crate::errno;
use crate::ltp::definition::string;
use crate::ltp::mount::{self, Mount};
use crate::ltp::report::{Site, TBROK, TERRNO, TINFO};
use crate::ltp::safe::OldCleanup;
use crate::ltp::text::Bytes;
use crate::ltp::{blocking, tmpdir};

/// mount(2), announced.
///
/// # Safety
/// The strings are strings or NULL, `data` is what the filesystem wants.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_mount(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: OldCleanup,
    source: *const c_char,
    target: *const c_char,
    fstype: *const c_char,
    flags: c_ulong,
    data: *const c_void,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe {
        let site = Site::new(file, lineno);
        site.refuse_cleanup(cleanup_fn);
        let call = Mount {
            source,
            target,
            fstype,
            flags,
            data,
        };
        let value = call.mount(site);
        if value != 0 {
            call.report(site, TBROK);
        }
        value
    }
}

/// `tst_umount`, announced; breaks if the mount stays.
///
/// # Safety
/// `target` and `file` are strings.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_umount(
    file: *const c_char,
    lineno: c_int,
    cleanup_fn: OldCleanup,
    target: *const c_char,
) -> c_int {
    // SAFETY: as the caller says.
    let (site, target) = unsafe { (Site::new(file, lineno), CStr::from_ptr(target)) };
    site.refuse_cleanup(cleanup_fn);
    let shown = Bytes(target.to_bytes());
    site.res(TINFO, format_args!("Umounting {shown}"));
    let value = mount::unmount(target);
    site.zero(value, format_args!("umount({shown})"))
}

/// Retries while the mount is busy. 0, or -1 after a TWARN.
///
/// # Safety
/// `path` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tst_umount(path: *const c_char) -> c_int {
    // SAFETY: as the caller says.
    mount::unmount(unsafe { CStr::from_ptr(path) })
}

/// 1 if the path is a mount point.
///
/// # Safety
/// `path` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_is_mounted(path: *const c_char) -> c_int {
    // SAFETY: as the caller says.
    mount::is_mounted(unsafe { CStr::from_ptr(path) }).into()
}

/// The same for a path below the temporary directory.
///
/// # Safety
/// `path` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_is_mounted_at_tmpdir(path: *const c_char) -> c_int {
    // SAFETY: as the caller says.
    mount::is_mounted_at_tmpdir(unsafe { CStr::from_ptr(path) }).into()
}

/// Creates a file with a random name in a directory, opens and unlinks it; the
/// descriptor, or -1 after a report.
///
/// # Safety
/// `path` and `file` are strings.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tst_creat_unlinked_(
    file: *const c_char,
    lineno: c_int,
    path: *const c_char,
    flags: c_int,
    mode: libc::mode_t,
) -> c_int {
    // SAFETY: as the caller says.
    let (site, dir) = unsafe { (Site::new(file, lineno), CStr::from_ptr(path)) };
    let flags = flags | libc::O_CREAT | libc::O_EXCL | libc::O_RDWR;
    loop {
        let name = match tmpdir::random_name(dir) {
            Ok(name) => name,
            Err(err) => {
                errno::set(err);
                let dir = Bytes(dir.to_bytes());
                site.brk(TBROK | TERRNO, format_args!("no file name in '{dir}'"));
                return -1;
            }
        };
        // SAFETY: the name is NUL-terminated.
        let fd = unsafe { blocking::open(name.c_str().as_ptr(), flags, mode as c_uint) };
        if fd == -1 && errno::get() == libc::EEXIST {
            continue;
        }
        let fd = site.at_least_zero(fd, format_args!("open({name},{flags},{mode:04o})"));
        if fd >= 0 {
            // SAFETY: as above.
            let value = unsafe { libc::unlink(name.c_str().as_ptr()) };
            site.zero(value, format_args!("unlink({name})"));
        }
        return fd;
    }
}

/// A copy of the temporary directory's path, to be freed by the caller.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_get_tmpdir() -> *mut c_char {
    match tmpdir::path() {
        // SAFETY: NUL-terminated.
        Some(path) => unsafe { libc::strdup(path.as_ptr()) },
        None => {
            Site::here().brk(TBROK, format_args!("you must call tst_tmpdir() first"));
            ptr::null_mut()
        }
    }
}

/// The temporary directory's path, the library's own.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_tmpdir_path() -> *mut c_char {
    match tmpdir::path() {
        Some(path) => path.as_ptr().cast_mut(),
        None => {
            Site::here().brk(TBROK, format_args!(".needs_tmpdir must be set!"));
            ptr::null_mut()
        }
    }
}

/// Where temporary directories are made.
#[unsafe(no_mangle)]
pub extern "C" fn tst_get_tmpdir_root() -> *const c_char {
    // Both are NUL-terminated: a value of the environment, or a literal.
    match crate::ltp::report::variable(c"TMPDIR") {
        Some(dir) if !dir.is_empty() => dir.as_ptr().cast(),
        _ => c"/tmp".as_ptr(),
    }
}

/// Where the program was started.
#[unsafe(no_mangle)]
pub extern "C" fn tst_get_startwd() -> *const c_char {
    tmpdir::start_path().as_ptr()
}

/// 1 if there is a temporary directory.
#[unsafe(no_mangle)]
pub extern "C" fn tst_tmpdir_created() -> c_int {
    tmpdir::path().is_some().into()
}

/// Empties a directory; a TWARN if something stays.
///
/// # Safety
/// `path` is a string or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_purge_dir(path: *const c_char) {
    // SAFETY: as the caller says.
    if let Some(path) = unsafe { string(path) } {
        tmpdir::purge(path);
    }
}
