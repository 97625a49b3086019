// SPDX-License-Identifier: BSD-2-Clause
//! `cord_ptr`: which cord the calling thread is.
//!
//! C code accesses it as an ELF thread-local variable, so it is defined in C
//! (`src/shim/fiber/cord_ptr.c`), and stable Rust reads it with the instructions
//! the compiler would use: the initial-exec model, right in an executable and
//! in a shared object loaded at start.

use super::Cord;
use core::arch::asm;

/// The calling thread's cord, or NULL.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub fn get() -> *mut Cord {
    let cord: *mut Cord;
    // SAFETY: reads a word of thread-local storage that exists in every thread.
    // A fiber never leaves its thread, so the value stays right across a switch.
    unsafe {
        asm!(
            "mov {cord}, qword ptr [rip + cord_ptr@GOTTPOFF]",
            "mov {cord}, qword ptr fs:[{cord}]",
            cord = out(reg) cord,
            options(pure, readonly, nostack, preserves_flags),
        );
    }
    cord
}

/// Makes the calling thread `cord`.
#[cfg(target_arch = "x86_64")]
pub fn set(cord: *mut Cord) {
    // SAFETY: writes the same word.
    unsafe {
        asm!(
            "mov {offset}, qword ptr [rip + cord_ptr@GOTTPOFF]",
            "mov qword ptr fs:[{offset}], {cord}",
            offset = out(reg) _,
            cord = in(reg) cord,
            options(nostack, preserves_flags),
        );
    }
}
