// SPDX-License-Identifier: BSD-2-Clause
//! Client requests to Valgrind, as documented in its manual ("The Client
//! Request mechanism") and `valgrind.h`: a sequence of rotations that is a no-op
//! on a real processor. Cheap enough to be in every build, so that any program
//! can be run under Valgrind as it is.

use core::arch::asm;
use core::ffi::c_uint;
use core::sync::atomic::{AtomicU8, Ordering};

const RUNNING_ON_VALGRIND: usize = 0x1001;
const STACK_REGISTER: usize = 0x1501;
const STACK_DEREGISTER: usize = 0x1502;
/// Memcheck's requests are numbered from 'M', 'C'.
const MAKE_MEM_UNDEFINED: usize = 0x4d43_0001;
const MAKE_MEM_DEFINED: usize = 0x4d43_0002;

/// Whether it is there. Asking takes longer than some of what depends on the answer.
#[inline]
pub fn is_running() -> bool {
    /// 0 until the first answer.
    static ANSWER: AtomicU8 = AtomicU8::new(0);
    match ANSWER.load(Ordering::Relaxed) {
        0 => {
            let running = request([RUNNING_ON_VALGRIND, 0, 0, 0, 0, 0]) != 0;
            ANSWER.store(1 + u8::from(running), Ordering::Relaxed);
            running
        }
        answer => answer == 2,
    }
}

/// Tells Valgrind that `[start, end)` is a stack; without that it takes a
/// switch between neighbouring stacks for a huge frame. Returns Valgrind's id,
/// 0 when it is not there.
pub fn stack_register(start: *const u8, end: *const u8) -> c_uint {
    request([STACK_REGISTER, start as usize, end as usize, 0, 0, 0]) as c_uint
}

/// The opposite.
pub fn stack_deregister(id: c_uint) {
    request([STACK_DEREGISTER, id as usize, 0, 0, 0, 0]);
}

/// Memory that may be written, but not read before.
pub fn make_undefined(start: *const u8, size: usize) {
    request([MAKE_MEM_UNDEFINED, start as usize, size, 0, 0, 0]);
}

/// Memory that may be read, whatever Memcheck thinks of it: what lies below the stack
/// pointer it takes for inaccessible.
pub fn make_defined(start: *const u8, size: usize) {
    request([MAKE_MEM_DEFINED, start as usize, size, 0, 0, 0]);
}

#[cfg(target_arch = "x86_64")]
fn request(arguments: [usize; 6]) -> usize {
    let mut result = 0usize;
    // SAFETY: four rotations by 128 bits in all and an exchange of a register with
    // itself change nothing but the flags; Valgrind reads the array and
    // writes rdx.
    unsafe {
        asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            inout("rdx") result,
            in("rax") &raw const arguments,
            inout("rdi") 0usize => _,
            options(nostack),
        );
    }
    result
}
