// SPDX-License-Identifier: BSD-2-Clause
//! Names of filesystems by the magic number of `statfs(2)` (linux/magic.h).

use core::ffi::CStr;
use core::mem;

/// "unknown" for one that is not in the table or cannot be asked.
pub(crate) fn name_of(path: &CStr) -> &'static str {
    // SAFETY: all zero is a valid statfs; the path is NUL-terminated.
    let magic = unsafe {
        let mut info: libc::statfs = mem::zeroed();
        if libc::statfs(path.as_ptr(), &mut info) != 0 {
            return "unknown";
        }
        info.f_type
    };
    // The type of the field differs between architectures; the magics are 32 bits.
    match magic as u32 {
        0x9123_683e => "btrfs",
        0x0027_e0eb => "cgroup",
        0x6367_7270 => "cgroup2",
        0xef53 => "ext2/ext3/ext4",
        0xf2f5_2010 => "f2fs",
        0x6573_5546 => "fuse",
        0x9584_58f6 => "hugetlbfs",
        0x6969 => "nfs",
        0x5346_544e => "ntfs",
        0x794c_7630 => "overlayfs",
        0x9fa0 => "proc",
        0x8584_58f6 => "ramfs",
        0x7371_7368 => "squashfs",
        0x6265_6572 => "sysfs",
        0x0102_1994 => "tmpfs",
        0x4d44 => "vfat",
        0x5846_5342 => "xfs",
        0xca45_1a4e => "bcachefs",
        0x2fc1_2fc1 => "zfs",
        _ => "unknown",
    }
}
