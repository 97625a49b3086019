// SPDX-License-Identifier: BSD-2-Clause
//! Keeping resident memory low (spec fiber.md 11.6).
//!
//! A fiber that once went deep should not keep those pages while it waits in
//! the cache, but one that did not should cost no system call. So a few poison
//! words stand 64 KiB below the top of a default stack:
//!
//! ```text
//!   stack                         watermark                          top
//!    |  dropped when the words changed |  w  w  w  w  w  w  w  w ...  |
//!                                      |<--------- 64 KiB ----------->|
//! ```
//!
//! When all of them are intact at recycling, nothing was below. It is a sample:
//! a deep frame that skips all eight words goes unnoticed, and only costs memory.
//!
//! Planting them costs a page, which a fiber that never ends does not need: it is done
//! at the first recycling. Until then the memory was never touched, and the kernel knows
//! whether it still is so.
//!
//! A custom stack is never cached, and one below 64 KiB has no room for the
//! words, so neither has a watermark.

use super::super::{Fiber, flag};
use super::Make;
use crate::diag;
use crate::errinj;
use crate::small::page_size;
use crate::valgrind;
use core::ffi::c_int;
use core::ptr;

const WORDS: usize = 8;
/// Distance between words, in words: no two share a cache line.
const STRIDE: usize = 16;
/// Distance of the first word from the top of the stack, in bytes.
const DEPTH: usize = 64 * 1024;

/// Unlikely on a stack: no pointer, no small number, no text.
const POISON: [u64; WORDS] = [
    0x9d5b_e1c7_03f2_6a84,
    0xe24c_7d10_b58f_3963,
    0xb6f0_29d8_4ce1_7a95,
    0xcb83_f54e_1926_d07a,
    0xa07d_16b9_e3c4_582f,
    0xf31e_8ac5_60d7_9b42,
    0xd852_47fb_9e0a_c163,
    0x8fc6_b034_d7e5_219b,
];

/// Advises the kernel that the whole stack is unused, and chooses the place of the words
/// where the rules of the module allow them. A failed advice leaves
/// `SystemError` "fiber madvise failed" in the diag and nothing else.
///
/// # Safety
/// `stack` and `stack_size` describe memory of the fiber that nobody uses.
pub unsafe fn create(fiber: &Fiber) {
    let stack = fiber.stack.get();
    let size = fiber.stack_size.get();
    // The kernel rounds the length up: never hand it a page that is only
    // partly ours.
    // SAFETY: the caller owns the range.
    let dropped = unsafe { drop_pages(stack, size - size % page_size()) };
    fiber.stack_watermark.set(ptr::null_mut());
    if fiber.has(flag::CUSTOM_STACK) || size < DEPTH {
        return;
    }
    // Stacks lie at one stride; the words should not all meet in the same
    // cache set.
    let shift = (stack as usize / page_size() / 8) % STRIDE;
    let depth = DEPTH - shift * size_of::<u64>();
    let top = stack as usize + size;
    // `size >= DEPTH`, so the words, which span less than 1 KiB from there upwards, lie
    // inside the stack; the address is a multiple of 8.
    let watermark = stack.wrapping_add((top - depth) / 8 * 8 - stack as usize);
    fiber.stack_watermark.set(watermark.cast());
    if !dropped {
        // What is in memory (locked memory always is) will say nothing about the fiber.
        // SAFETY: inside the stack, as above.
        unsafe { plant(fiber, watermark.cast()) };
    }
}

/// Drops the pages below the watermark if the fiber was there. A failed advice is treated
/// as in [`create`]. Only the first time, a system call is needed to find out.
///
/// # Safety
/// No live frame lies below the watermark.
#[inline]
pub unsafe fn recycle(fiber: &Fiber) {
    let watermark = fiber.stack_watermark.get();
    if watermark.is_null() {
        return;
    }
    if fiber.stack_make.get().planted {
        if valgrind::is_running() {
            valgrind::make_defined(watermark.cast(), WORDS * STRIDE * size_of::<u64>());
        }
        // SAFETY: the words were planted, inside the stack.
        if unsafe { intact(watermark) } {
            return;
        }
    }
    // SAFETY: as the caller says.
    unsafe { renew(fiber, watermark) };
}

/// # Safety
/// As for [`recycle`], whose watermark it is.
#[cold]
unsafe fn renew(fiber: &Fiber, watermark: *mut u64) {
    let stack = fiber.stack.get();
    let below = watermark as usize - stack as usize;
    let below = below - below % page_size();
    // SAFETY: whole pages of the stack that hold no live frame.
    unsafe {
        if fiber.stack_make.get().planted || is_resident(stack, below) {
            drop_pages(stack, below);
        }
        plant(fiber, watermark);
    }
}

/// Whether any page of the range is in memory. mincore(2) says so of private memory that
/// was touched; pages that were swapped out do not matter.
///
/// # Safety
/// The pages are mapped.
unsafe fn is_resident(start: *mut u8, length: usize) -> bool {
    const PAGES: usize = 128;
    let mut state = [0u8; PAGES];
    let step = PAGES * page_size();
    (0..length).step_by(step).any(|offset| {
        let part = step.min(length - offset);
        let start = start.wrapping_add(offset);
        // SAFETY: as the caller says, and there is a byte for each page.
        let known = unsafe { libc::mincore(start.cast(), part, state.as_mut_ptr()) } == 0;
        let pages = &state[..part.div_ceil(page_size())];
        !known || pages.iter().any(|page| page & 1 != 0)
    })
}

/// # Safety
/// The words are inside the stack.
unsafe fn plant(fiber: &Fiber, watermark: *mut u64) {
    for (i, &word) in POISON.iter().enumerate() {
        // SAFETY: as the caller says.
        unsafe { watermark.add(i * STRIDE).write(word) };
    }
    let make = fiber.stack_make.get();
    fiber.stack_make.set(Make {
        planted: true,
        ..make
    });
}

/// # Safety
/// The words are inside the stack.
unsafe fn intact(watermark: *const u64) -> bool {
    POISON.iter().enumerate().all(|(i, &word)| {
        // SAFETY: as the caller says.
        unsafe { watermark.add(i * STRIDE).read() == word }
    })
}

/// `MADV_DONTNEED`, a hint. Its failure (locked memory, `ERRINJ_FIBER_MADVISE`) only
/// arms the diag of the current fiber; false then.
///
/// # Safety
/// The pages are the caller's and their contents are not needed.
unsafe fn drop_pages(start: *mut u8, length: usize) -> bool {
    const ADVICE: c_int = libc::MADV_DONTNEED;
    let failed = if errinj::fiber_madvise() {
        crate::errno::set(libc::ENOMEM);
        true
    } else {
        // SAFETY: as the caller says.
        unsafe { libc::madvise(start.cast(), length, ADVICE) != 0 }
    };
    if failed {
        diag::set_system_error(c"fiber madvise failed");
    }
    !failed
}
