// SPDX-License-Identifier: BSD-2-Clause
//! Stacks for programs that use `coro/coro.h` without fibers (spec fiber.md
//! 13.1): a mapping with inaccessible pages below it.

use core::ffi::c_void;
use core::ptr;

/// `struct coro_stack`.
#[repr(C)]
#[derive(Debug)]
pub struct CoroStack {
    /// Lowest usable byte, NULL without a stack.
    pub sptr: *mut c_void,
    /// Usable bytes.
    pub ssze: usize,
}

const GUARD_PAGES: usize = 4;
/// In words, as callers count.
const DEFAULT_WORDS: usize = 256 * 1024;

impl CoroStack {
    /// Maps a stack of `words` pointers, rounded up to whole pages; 0 asks for
    /// the default of 2 MiB. None (errno from the kernel) when there is no
    /// memory.
    pub fn map(words: u32) -> Option<CoroStack> {
        let words = if words == 0 {
            DEFAULT_WORDS
        } else {
            words as usize
        };
        let page = crate::small::page_size();
        let size = (words * size_of::<*mut c_void>()).next_multiple_of(page);
        let guard = GUARD_PAGES * page;
        // SAFETY: an anonymous mapping at an address of the kernel's choice
        // replaces nothing.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                size + guard,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return None;
        }
        // SAFETY: the first pages of the mapping made above.
        if unsafe { libc::mprotect(base, guard, libc::PROT_NONE) } != 0 {
            let errno = std::io::Error::last_os_error();
            // SAFETY: the whole mapping made above, used by nobody yet.
            unsafe { libc::munmap(base, size + guard) };
            crate::errno::set(errno.raw_os_error().unwrap_or(libc::ENOMEM));
            return None;
        }
        // SAFETY: inside the mapping.
        let sptr = unsafe { base.byte_add(guard) };
        Some(CoroStack { sptr, ssze: size })
    }

    /// Unmaps the stack; harmless without one.
    ///
    /// # Safety
    /// Nothing runs on the stack and nobody refers to it.
    pub unsafe fn unmap(&self) {
        if !self.sptr.is_null() {
            let guard = GUARD_PAGES * crate::small::page_size();
            // SAFETY: undoes `map`: the guard lies directly below `sptr`.
            unsafe { libc::munmap(self.sptr.byte_sub(guard), self.ssze + guard) };
        }
    }
}
