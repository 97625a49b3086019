// SPDX-License-Identifier: BSD-2-Clause
//! The kernel's taint flags (spec ltp.md 14.2; kernel: admin-guide/tainted-kernels).

use core::ffi::c_uint;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use super::definition::Test;
use super::file;
use super::report::{TBROK, TCONF, TINFO, brk, res};

/// Letter and meaning of each bit.
const FLAGS: [(char, &str); 19] = [
    ('G', "proprietary module was loaded"),
    ('F', "module was force loaded"),
    ('S', "kernel running on an out of specification system"),
    ('R', "module was force unloaded"),
    ('M', "processor reported a Machine Check Exception"),
    ('B', "bad page referenced or unexpected page flags"),
    ('U', "taint requested by userspace application"),
    ('D', "kernel died recently, there was an OOPS or BUG"),
    ('A', "ACPI table overridden by user"),
    ('W', "kernel issued warning"),
    ('C', "staging driver was loaded"),
    ('I', "workaround for bug in platform firmware applied"),
    ('O', "externally-built module was loaded"),
    ('E', "unsigned module was loaded"),
    ('L', "soft lockup occurred"),
    ('K', "kernel has been live patched"),
    ('X', "auxiliary taint, defined for and used by distros"),
    ('T', "kernel was built with the struct randomization plugin"),
    ('N', "an in-kernel test has been run"),
];

/// `TST_TAINT_W`.
const WARNING: c_uint = 1 << 9;

/// The bits that are checked. None may be left of what a test asked for.
static MASK: AtomicU32 = AtomicU32::new(0);
/// `init` has been called.
static READY: AtomicBool = AtomicBool::new(false);

fn now() -> c_uint {
    match file::number(c"/proc/sys/kernel/tainted") {
        Some(bits) => bits as c_uint,
        None => {
            brk!(TBROK, "Cannot read /proc/sys/kernel/tainted");
            0
        }
    }
}

/// The test's `.taint_check`.
pub(crate) fn init_for(test: &Test) {
    if test.taint_check != 0 {
        init(test.taint_check);
    }
}

/// `tst_taint_init`.
pub(crate) fn init(mut mask: c_uint) {
    if mask == 0 {
        return brk!(TBROK, "mask is not allowed to be 0");
    }
    let tainted = now();
    if tainted & mask & WARNING != 0 {
        // A warning long before the test says nothing about it, and is common.
        res!(TCONF, "Ignoring already set kernel warning taint");
        mask &= !WARNING;
    }
    if tainted & mask != 0 {
        for (bit, (letter, meaning)) in FLAGS.iter().enumerate() {
            if tainted & (1 << bit) != 0 {
                res!(TINFO, "tainted: {letter} ({meaning})");
            }
        }
        return brk!(TBROK, "Kernel is already tainted");
    }
    MASK.store(mask, Relaxed);
    READY.store(true, Relaxed);
}

/// `tst_taint_check`: the bits of the mask that are set now.
pub(crate) fn check() -> c_uint {
    if !READY.load(Relaxed) {
        brk!(TBROK, "need to call tst_taint_init() first");
        return 0;
    }
    now() & MASK.load(Relaxed)
}
