// SPDX-License-Identifier: BSD-2-Clause
//! Mounts: the test's, and the hugetlbfs that the library mounts for it
//! (spec ltp.md 11.2, 11.3).

use core::ffi::{CStr, c_char, c_int, c_ulong, c_void};
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::ffi::CString;
use std::fs;

use super::definition::{Test, string};
use super::names::Errno;
use super::report::{Site, TBROK, TCONF, TERRNO, TINFO, TWARN, brk, res};
use super::text::{Bytes, Ptr, Str, Text};
use super::{blocking, hugepages, tmpdir};
use crate::errno;

/// The library has mounted something at `.mntpoint`.
static MOUNTED: AtomicBool = AtomicBool::new(false);

/// `.mntpoint` and what is to be mounted there. Relative to the temporary directory,
/// which is the working directory by now.
pub(crate) fn set_up(test: &Test) {
    // SAFETY: the test's string.
    if let Some(mntpoint) = unsafe { string(test.mntpoint) } {
        // SAFETY: NUL-terminated; the mode is for children of other users.
        if unsafe { libc::mkdir(mntpoint.as_ptr(), 0o777) } != 0 {
            let shown = Bytes(mntpoint.to_bytes());
            brk!(TBROK | TERRNO, "mkdir({shown}, 0777) failed");
        }
    }
    test.check_mounts();
    if test.has(Test::NEEDS_HUGETLBFS) {
        mount_hugetlbfs(test.mntpoint);
    }
}

fn mount_hugetlbfs(mntpoint: *const c_char) {
    if !hugepages::supported() {
        brk!(TCONF, "hugetlbfs is not supported");
    }
    let call = Mount {
        source: c"none".as_ptr(),
        target: mntpoint,
        fstype: c"hugetlbfs".as_ptr(),
        flags: 0,
        data: ptr::null(),
    };
    // SAFETY: NUL-terminated strings; hugetlbfs needs no data.
    if unsafe { call.mount(Site::here()) } == 0 {
        return MOUNTED.store(true, Relaxed);
    }
    // Root in a container may lack the right, which says nothing about the test.
    let refused = matches!(errno::get(), libc::EPERM | libc::EACCES | libc::ENODEV);
    call.report(Site::here(), if refused { TCONF } else { TBROK });
}

/// Unmounts what the library mounted.
pub(crate) fn clean_up() {
    if MOUNTED.swap(false, Relaxed)
        && let Some(test) = super::test()
    {
        // SAFETY: the test's string, which was mounted.
        unmount(unsafe { string(test.mntpoint) }.unwrap_or_default());
    }
}

/// The arguments of a `mount(2)` that is reported as it is made.
pub(crate) struct Mount {
    pub(crate) source: *const c_char,
    pub(crate) target: *const c_char,
    pub(crate) fstype: *const c_char,
    pub(crate) flags: c_ulong,
    pub(crate) data: *const c_void,
}

impl Mount {
    /// Prints what it is going to do and does it; -1 and errno if it fails.
    ///
    /// # Safety
    /// The strings are NULL or NUL-terminated, `data` is what the filesystem wants.
    pub(crate) unsafe fn mount(&self, site: Site<'_>) -> c_int {
        let mut real = [0 as c_char; libc::PATH_MAX as usize];
        // SAFETY: the buffer has the size that realpath wants.
        let resolved = !self.target.is_null()
            && !unsafe { libc::realpath(self.target, real.as_mut_ptr()) }.is_null();
        // SAFETY: strings as the caller says, or realpath's.
        let (source, target, fstype) = unsafe {
            (
                Str::new(self.source),
                Str::new(real.as_ptr()),
                Str::new(self.fstype),
            )
        };
        if resolved {
            site.res(
                TINFO,
                format_args!(
                    "Mounting {source} to {target} fstyp={fstype} flags={:x}",
                    self.flags
                ),
            );
        } else {
            // SAFETY: as above.
            let target = unsafe { Str::new(self.target) };
            site.res(
                TINFO | TERRNO,
                format_args!("Cannot resolve the absolute path of {target}"),
            );
        }
        // SAFETY: as the caller says.
        unsafe {
            libc::mount(self.source, self.target, self.fstype, self.flags, self.data)
        }
    }

    /// The failure, with errno.
    pub(crate) fn report(&self, site: Site<'_>, ttype: c_int) {
        // SAFETY: the strings that `mount` was called with.
        let (source, target, fstype) = unsafe {
            (
                Str::new(self.source),
                Str::new(self.target),
                Str::new(self.fstype),
            )
        };
        site.brk(
            ttype | TERRNO,
            format_args!(
                "mount({source}, {target}, {fstype}, {}, {}) failed",
                self.flags,
                Ptr::new(self.data)
            ),
        );
    }
}

const RETRIES: c_int = 50;

/// `tst_umount`: retries while something, often a desktop daemon, looks at the mount.
pub(crate) fn unmount(path: &CStr) -> c_int {
    let shown = Bytes(path.to_bytes());
    let mut err = 0;
    for n in 1..=RETRIES {
        // SAFETY: NUL-terminated.
        if unsafe { libc::umount(path.as_ptr()) } == 0 {
            return 0;
        }
        err = errno::get();
        if err != libc::EBUSY {
            res!(TWARN, "umount('{shown}') failed with {}", Errno(err));
            errno::set(err);
            return -1;
        }
        res!(
            TINFO,
            "umount('{shown}') failed with {}, try {n:2}...",
            Errno(err)
        );
        if n == 1 {
            res!(
                TINFO,
                "Likely a desktop daemon that looks into every new mount"
            );
        }
        // SAFETY: usleep has no preconditions.
        unsafe { blocking::usleep(100_000) };
    }
    res!(TWARN, "Failed to umount('{shown}') after {RETRIES} retries");
    errno::set(err);
    -1
}

/// The mount points, in the order in which they were mounted.
fn mount_points() -> Vec<Vec<u8>> {
    let mounts = fs::read("/proc/self/mountinfo").unwrap_or_default();
    mounts
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.split(|byte| *byte == b' ').nth(4))
        .map(unescape)
        .collect()
}

/// The kernel writes blanks, tabs, newlines and backslashes as `\ooo`.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, tail @ ..] = rest {
        if let (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..]) =
            (first, tail)
        {
            plain.push(((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'));
            rest = tail;
        } else {
            plain.push(*first);
            rest = tail;
        }
    }
    plain
}

/// `tst_is_mounted`: is it a mount point? (The reference looks for the text anywhere
/// in `/proc/mounts`.)
pub(crate) fn is_mounted(path: &CStr) -> bool {
    let mut real = [0 as c_char; libc::PATH_MAX as usize];
    // SAFETY: the buffer has the size that realpath wants.
    let resolved = unsafe { libc::realpath(path.as_ptr(), real.as_mut_ptr()) };
    let wanted = if resolved.is_null() {
        path
    } else {
        // SAFETY: realpath's result is a string.
        unsafe { CStr::from_ptr(resolved) }
    };
    let found = mount_points()
        .iter()
        .any(|point| point == wanted.to_bytes());
    if !found {
        res!(TINFO, "No device is mounted at {}", Bytes(path.to_bytes()));
    }
    found
}

/// `tst_is_mounted_at_tmpdir`.
pub(crate) fn is_mounted_at_tmpdir(path: &CStr) -> bool {
    let dir = tmpdir::path().unwrap_or_default();
    let full: Text<8192> = Text::of(format_args!(
        "{}/{}",
        Bytes(dir.to_bytes()),
        Bytes(path.to_bytes())
    ));
    is_mounted(full.c_str())
}

/// Unmounts whatever is mounted in a directory, the newest first. False if
/// something stays.
pub(crate) fn unmount_below(dir: &[u8]) -> bool {
    // Paths in mountinfo are resolved; TMPDIR may be a symbolic link.
    let real = fs::canonicalize(
        <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(dir),
    );
    let real = real.map(|path| path.into_os_string().into_encoded_bytes());
    let dir = real.unwrap_or_else(|_| dir.to_vec());
    let inside = |point: &Vec<u8>| {
        point
            .strip_prefix(dir.as_slice())
            .is_some_and(|rest| rest.first() == Some(&b'/'))
    };
    for point in mount_points()
        .into_iter()
        .rev()
        .filter(|point| inside(point))
    {
        let Ok(path) = CString::new(point) else {
            continue;
        };
        res!(TINFO, "Umounting leftover {}", Bytes(path.as_bytes()));
        // SAFETY: NUL-terminated. Lazily, should somebody still look at it.
        unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH | libc::UMOUNT_NOFOLLOW) };
    }
    !mount_points().iter().any(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_mountinfo() {
        assert_eq!(unescape(b"/a\\040b\\134c"), b"/a b\\c");
        assert_eq!(unescape(b"/plain\\"), b"/plain\\");
    }

    #[test]
    fn the_root_is_a_mount_point_and_a_file_is_not() {
        assert!(mount_points().contains(&b"/".to_vec()));
        assert!(is_mounted(c"/"));
        assert!(!is_mounted(c"/proc/self"));
    }
}
