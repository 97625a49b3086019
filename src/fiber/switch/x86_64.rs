// SPDX-License-Identifier: BSD-2-Clause
//! The context switch on x86-64, System V ABI.
//!
//! ```text
//!             a suspended stack              a fresh stack
//!   higher  | ...                 |        | top: multiple of 16  |
//!     48    | return address      |        | `enter`              |
//!     40    | rbp                 |        | 0                    |
//!     32    | rbx                 |        | 0                    |
//!     24    | r12                 |        | entry function       |
//!     16    | r13                 |        | its argument         |
//!      8    | r14                 |        | 0                    |
//!   sp ->   | r15                 |        | 0                    |
//! ```
//!
//! The order of the registers is a contract: backtrace code reads them from
//! `fiber.ctx.sp` without resuming the fiber (spec fiber.md 13.2, 13.3).

use super::{Context, Entry};
use core::arch::{asm, naked_asm};
use core::ffi::c_void;
use core::ptr;

/// Words in the frame of a suspended stack: six registers and the address to
/// continue at.
const FRAME_WORDS: usize = 7;

/// Suspends the caller in `prev` and resumes `next`.
///
/// The switch ends in `pop; jmp`, not `ret`: the processor predicts a `ret` by
/// the call that was made last, which was made on the other stack, so it
/// would mispredict every time.
///
/// # Safety
/// `prev` is writable. `next` was suspended by this function or made by
/// [`prepare`], in this thread, and its stack is still alive.
#[unsafe(naked)]
pub unsafe extern "C-unwind" fn transfer(prev: *const Context, next: *const Context) {
    // C knows it as coro_transfer (`coro/coro.h`). That name is only a label here:
    // calls to an exported Rust function would go through the global offset table.
    //
    // The unwind information describes both halves with the same rules: up to
    // `mov rsp` they refer to the old stack, after it to the new one, and the
    // two frames have the same shape.
    naked_asm!(
        ".globl coro_transfer",
        ".type coro_transfer, @function",
        "coro_transfer:",
        ".cfi_startproc",
        "push rbp",
        ".cfi_adjust_cfa_offset 8",
        ".cfi_rel_offset rbp, 0",
        "push rbx",
        ".cfi_adjust_cfa_offset 8",
        ".cfi_rel_offset rbx, 0",
        "push r12",
        ".cfi_adjust_cfa_offset 8",
        ".cfi_rel_offset r12, 0",
        "push r13",
        ".cfi_adjust_cfa_offset 8",
        ".cfi_rel_offset r13, 0",
        "push r14",
        ".cfi_adjust_cfa_offset 8",
        ".cfi_rel_offset r14, 0",
        "push r15",
        ".cfi_adjust_cfa_offset 8",
        ".cfi_rel_offset r15, 0",
        "mov [rdi], rsp",
        "mov rsp, [rsi]",
        "pop r15",
        ".cfi_adjust_cfa_offset -8",
        ".cfi_restore r15",
        "pop r14",
        ".cfi_adjust_cfa_offset -8",
        ".cfi_restore r14",
        "pop r13",
        ".cfi_adjust_cfa_offset -8",
        ".cfi_restore r13",
        "pop r12",
        ".cfi_adjust_cfa_offset -8",
        ".cfi_restore r12",
        "pop rbx",
        ".cfi_adjust_cfa_offset -8",
        ".cfi_restore rbx",
        "pop rbp",
        ".cfi_adjust_cfa_offset -8",
        ".cfi_restore rbp",
        "pop rcx",
        ".cfi_adjust_cfa_offset -8",
        ".cfi_register rip, rcx",
        "jmp rcx",
        ".cfi_endproc",
        ".size coro_transfer, . - coro_transfer",
    )
}

/// [`transfer`] in line, for a caller that has something left to do when it comes back.
///
/// The processor keeps the addresses that calls pushed, to predict where returns go.
/// Whoever calls [`transfer`] and comes back by its `jmp` leaves one too many behind, and
/// every later return is mispredicted (measured: 20 cycles each). Where nothing is called,
/// as here or where the call is a jump, there is none.
///
/// # Safety
/// As for [`transfer`].
#[inline(always)]
pub unsafe fn transfer_in_line(prev: &Context, next: &Context) {
    // The frame is that of `transfer`, with an address in our caller as its return
    // address: unwinders of a suspended stack see no difference.
    // SAFETY: as the caller says. All registers that a call preserves are preserved.
    unsafe {
        asm!(
            "lea rcx, [rip + 2f]",
            "push rcx",
            "push rbp",
            "push rbx",
            "push r12",
            "push r13",
            "push r14",
            "push r15",
            "mov [rdi], rsp",
            "mov rsp, [rsi]",
            "pop r15",
            "pop r14",
            "pop r13",
            "pop r12",
            "pop rbx",
            "pop rbp",
            "pop rcx",
            "jmp rcx",
            "2:",
            inout("rdi") ptr::from_ref(prev) => _,
            inout("rsi") ptr::from_ref(next) => _,
            out("rcx") _,
            clobber_abi("C"),
        );
    }
}

/// The bottom frame of every fresh stack.
///
/// `.cfi_undefined rip` tells every unwinder that the stack ends here: a
/// forced unwind (`pthread_cancel` on a fiber) reports "end of stack" and the
/// thread ends, and a debugger does not walk into garbage (spec fiber.md 13.4,
/// 16).
#[unsafe(naked)]
unsafe extern "C-unwind" fn enter() {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined rip",
        "mov rax, r12",
        "mov rdi, r13",
        "xor r12d, r12d",
        "xor r13d, r13d",
        "call rax",
        "call {abort}",
        ".cfi_endproc",
        abort = sym libc::abort,
    )
}

/// Makes `context` run `entry(argument)` on the stack that ends at `top`
/// when it is resumed for the first time. All callee-saved registers start at
/// zero, so that a walk along saved rbp ends, too.
///
/// # Safety
/// The bytes below `top`, which is a multiple of 16, are a stack nobody else
/// uses, with room for the first frame.
pub unsafe fn prepare(
    context: &Context,
    entry: Entry,
    argument: *mut c_void,
    top: *mut u8,
) {
    let frame: [usize; FRAME_WORDS] = [
        0,
        0,
        argument as usize,
        entry as usize,
        0,
        0,
        enter as *const () as usize,
    ];
    // SAFETY: the caller hands over the memory below `top`; a multiple of 16
    // minus whole words is aligned for words.
    unsafe {
        let sp = top.cast::<usize>().sub(FRAME_WORDS);
        sp.cast::<[usize; FRAME_WORDS]>().write(frame);
        context.sp.set(sp.cast());
    }
}
