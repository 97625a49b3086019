// SPDX-License-Identifier: BSD-2-Clause
//! `fiber_start`, which takes a variable number of arguments and makes a `va_list` of
//! them (System V ABI for x86-64, 3.5.7).
//!
//! ```text
//!              | arguments that did not fit | <- overflow_arg_area = rbp + 16
//!              | return address             |
//!   rbp ->     | rbp of the caller          |
//!              | xmm7 ... xmm0              |
//!   rsp ->     | r9 r8 rcx rdx rsi (callee) | <- reg_save_area
//! ```
//!
//! The list lies in this frame, which lives until the callee yields or dies: the callee
//! must have read its arguments by then, and may be gone.
//!
//! In assembly because stable Rust cannot define such a function, and because a C
//! compiler would end it in a `ret`, which the processor mispredicts: see
//! [`transfer_in_line`].

use crate::cord::current;
use crate::fiber::{Fiber, FiberRef, sched};
use core::arch::naked_asm;
use core::mem::offset_of;

#[cfg(doc)]
use crate::fiber::switch::transfer_in_line;

/// Its prototype cannot be written in Rust.
///
/// cbindgen:ignore
#[cfg(target_arch = "x86_64")]
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C-unwind" fn fiber_start() {
    naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset rbp, -16",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "sub rsp, 176",
        "mov [rsp + 8], rsi",
        "mov [rsp + 16], rdx",
        "mov [rsp + 24], rcx",
        "mov [rsp + 32], r8",
        "mov [rsp + 40], r9",
        // al: whether there may be any.
        "test al, al",
        "jz 2f",
        "movaps [rsp + 48], xmm0",
        "movaps [rsp + 64], xmm1",
        "movaps [rsp + 80], xmm2",
        "movaps [rsp + 96], xmm3",
        "movaps [rsp + 112], xmm4",
        "movaps [rsp + 128], xmm5",
        "movaps [rsp + 144], xmm6",
        "movaps [rsp + 160], xmm7",
        "2:",
        // gp_offset: the callee is consumed; fp_offset.
        "mov dword ptr [rdi + {list}], 8",
        "mov dword ptr [rdi + {list} + 4], 48",
        "lea rax, [rbp + 16]",
        "mov [rdi + {list} + 8], rax",
        "mov [rdi + {list} + 16], rsp",
        // A call whose return address the processor does not learn.
        "lea rax, [rip + 3f]",
        "push rax",
        "jmp {started}",
        "3:",
        "mov rsp, rbp",
        "pop rbp",
        ".cfi_def_cfa rsp, 8",
        ".cfi_restore rbp",
        "pop rcx",
        ".cfi_adjust_cfa_offset -8",
        ".cfi_register rip, rcx",
        "jmp rcx",
        ".cfi_endproc",
        list = const offset_of!(Fiber, f_data),
        started = sym started,
    )
}

/// The rest of it: `fiber_call` in the name of `fiber_start`.
unsafe extern "C-unwind" fn started(callee: *mut Fiber) {
    let cord = current("fiber_start");
    // SAFETY: a fiber of this cord.
    unsafe { sched::call(cord, FiberRef::from_ptr(callee), "fiber_start") };
}
