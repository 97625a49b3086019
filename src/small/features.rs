// SPDX-License-Identifier: BSD-2-Clause
//! What the library can do on the system it runs on (spec small.md 14.8).

use super::page_size;
use core::ptr;

/// Arenas can be left out of core dumps.
const DONTDUMP: u32 = 0;

/// Whether the system has the feature of this number; false for a number that
/// is no feature.
pub fn test(feature: u32) -> bool {
    feature == DONTDUMP && can_leave_out_of_core_dumps()
}

fn can_leave_out_of_core_dumps() -> bool {
    let size = page_size();
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a mapping at an address of the kernel's choice replaces nothing;
    // it is unmapped before anybody else could use it.
    unsafe {
        let page = libc::mmap(ptr::null_mut(), size, libc::PROT_READ, flags, -1, 0);
        if page == libc::MAP_FAILED {
            return false;
        }
        let can = libc::madvise(page, size, libc::MADV_DONTDUMP) == 0;
        libc::munmap(page, size);
        can
    }
}
