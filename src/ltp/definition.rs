// SPDX-License-Identifier: BSD-2-Clause
//! What a test says about itself. The header's `main()` copies the fields of the
//! test's `struct tst_test` into this flat form (`struct tst_run_` of `tst_test.h`),
//! so nothing here depends on how C packs bit-fields.

use core::ffi::{CStr, c_char, c_int, c_uint, c_ulong, c_void};
use core::mem::size_of;

use super::report::{TBROK, brk};

/// A callback of the test; it may fork, exit, or be unwound by `pthread_cancel`.
pub type Callback = unsafe extern "C-unwind" fn();

/// `.test`.
pub type CaseCallback = unsafe extern "C-unwind" fn(c_uint);

/// `struct tst_run_`. Arrays are owned by the test and end with a zero entry.
#[repr(C)]
pub struct Test {
    /// 2023 or 2026: `TST_API_GENERATION`.
    pub(crate) generation: c_uint,
    /// `Test::NEEDS_*`.
    pub(crate) flags: c_uint,
    pub(crate) tcnt: c_uint,
    pub(crate) variants: c_uint,
    pub(crate) taint_check: c_uint,
    /// Seconds; -1 is no limit.
    pub(crate) runtime: c_int,
    /// Seconds; at least this much runtime is left by `LTP_RUNTIME_MUL`.
    pub(crate) min_runtime: c_int,
    /// Seconds added to the time limit; -1 is no limit.
    pub(crate) timeout: c_int,
    /// 32, 64, or 0 for either.
    pub(crate) needs_abi_bits: c_int,
    pub(crate) min_cpus: c_ulong,
    /// MiB.
    pub(crate) min_mem_avail: c_ulong,
    /// MiB.
    pub(crate) min_swap_avail: c_ulong,
    pub(crate) hugepages: Hugepages,
    pub(crate) options: *mut TestOption,
    pub(crate) min_kver: *const c_char,
    pub(crate) tconf_msg: *const c_char,
    pub(crate) mntpoint: *const c_char,
    /// The first field that was set and that this harness does not offer.
    pub(crate) unsupported: *const c_char,
    pub(crate) supported_archs: *const *const c_char,
    pub(crate) needs_kconfigs: *const *const c_char,
    pub(crate) resource_files: *const *const c_char,
    /// The form of 2023: names.
    pub(crate) needs_cmds: *const *const c_char,
    /// The form of 2026.
    pub(crate) needs_cmd_structs: *mut Command,
    pub(crate) save_restore: *const PathValue,
    pub(crate) ulimits: *const Ulimit,
    pub(crate) tags: *const Tag,
    pub(crate) buffers: *const Buffers,
    pub(crate) setup: Option<Callback>,
    pub(crate) cleanup: Option<Callback>,
    pub(crate) test_all: Option<Callback>,
    pub(crate) test: Option<CaseCallback>,
}

/// `struct tst_hugepage`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Hugepages {
    pub(crate) number: c_ulong,
    /// 0 `TST_REQUEST`, 1 `TST_NEEDS`.
    pub(crate) policy: c_uint,
}

/// `struct tst_option`.
#[repr(C)]
pub struct TestOption {
    pub(crate) optstr: *const c_char,
    pub(crate) arg: *mut *mut c_char,
    pub(crate) help: *const c_char,
}

/// `struct tst_cmd`.
#[repr(C)]
pub struct Command {
    pub(crate) cmd: *const c_char,
    /// `optional` and `present`, the only bit-fields that the library sees: the
    /// psABIs fill a word from its low end, or its high one on big-endian machines.
    pub(crate) bits: c_uint,
}

impl Command {
    pub(crate) const OPTIONAL: c_uint = if cfg!(target_endian = "little") {
        1
    } else {
        1 << 31
    };
    pub(crate) const PRESENT: c_uint = if cfg!(target_endian = "little") {
        2
    } else {
        1 << 30
    };
}

/// `struct tst_path_val`.
#[repr(C)]
pub struct PathValue {
    pub(crate) path: *const c_char,
    pub(crate) val: *const c_char,
    pub(crate) flags: c_uint,
}

/// `struct tst_ulimit_val`.
#[repr(C)]
pub struct Ulimit {
    pub(crate) resource: c_int,
    pub(crate) rlim_cur: libc::rlim_t,
}

/// `struct tst_tag`.
#[repr(C)]
pub struct Tag {
    pub(crate) name: *const c_char,
    pub(crate) value: *const c_char,
}

/// `struct tst_buffers`.
#[repr(C)]
pub struct Buffers {
    /// Where the test keeps its pointer.
    pub(crate) ptr: *mut *mut c_void,
    pub(crate) size: usize,
    pub(crate) iov_sizes: *const c_int,
    pub(crate) str: *const c_char,
}

/// What ends an array of `T` in C.
pub(crate) trait Sentinel {
    fn is_end(&self) -> bool;
}

macro_rules! ends_with_null {
    ($($type:ty: $field:tt),*) => {
        $(impl Sentinel for $type {
            fn is_end(&self) -> bool {
                self.$field.is_null()
            }
        })*
    };
}

ends_with_null!(TestOption: optstr, Command: cmd, PathValue: path, Tag: name, Buffers: ptr);

impl Sentinel for *const c_char {
    fn is_end(&self) -> bool {
        self.is_null()
    }
}

/// RLIMIT_CPU is 0, so the value is what ends this one.
impl Sentinel for Ulimit {
    fn is_end(&self) -> bool {
        self.resource == 0 && self.rlim_cur == 0
    }
}

/// The elements before the end; none if the pointer is NULL.
///
/// # Safety
/// `array` is NULL or points to elements of which the last is a sentinel, all
/// of them alive and unchanged for `'a`.
pub(crate) unsafe fn elements<'a, T: Sentinel + 'a>(
    array: *const T,
) -> impl Iterator<Item = &'a T> {
    // SAFETY: the caller vouches for a readable element at least up to the sentinel,
    // beyond which `take_while` stops asking.
    let at = move |n: usize| (!array.is_null()).then(|| unsafe { &*array.add(n) });
    (0..).map_while(at).take_while(|element| !element.is_end())
}

/// A C string that may be NULL.
///
/// # Safety
/// `string` is NULL or NUL-terminated and alive for `'a`.
pub(crate) unsafe fn string<'a>(string: *const c_char) -> Option<&'a CStr> {
    // SAFETY: as the caller says.
    (!string.is_null()).then(|| unsafe { CStr::from_ptr(string) })
}

impl Test {
    pub(crate) const NEEDS_ROOT: c_uint = 1 << 0;
    pub(crate) const NEEDS_TMPDIR: c_uint = 1 << 1;
    pub(crate) const FORKS_CHILD: c_uint = 1 << 2;
    pub(crate) const NEEDS_CHECKPOINTS: c_uint = 1 << 3;
    pub(crate) const CHILD_NEEDS_REINIT: c_uint = 1 << 4;
    pub(crate) const RESTORE_WALLCLOCK: c_uint = 1 << 5;
    pub(crate) const SKIP_IN_LOCKDOWN: c_uint = 1 << 6;
    pub(crate) const SKIP_IN_SECUREBOOT: c_uint = 1 << 7;
    pub(crate) const SKIP_IN_COMPAT: c_uint = 1 << 8;
    pub(crate) const NEEDS_HUGETLBFS: c_uint = 1 << 9;
    pub(crate) const NEEDS_DEVICE: c_uint = 1 << 10;
    pub(crate) const NEEDS_ROFS: c_uint = 1 << 11;
    pub(crate) const NEEDS_DEVFS: c_uint = 1 << 12;
    /// `.sample` is set.
    pub(crate) const HAS_SAMPLE: c_uint = 1 << 13;

    pub(crate) fn has(&self, flag: c_uint) -> bool {
        self.flags & flag != 0
    }

    /// The page of results has to be found by exec'ed programs.
    pub(crate) fn exports_results(&self) -> bool {
        self.has(Test::NEEDS_CHECKPOINTS | Test::CHILD_NEEDS_REINIT)
    }

    pub(crate) fn wants_tmpdir(&self) -> bool {
        self.has(Test::NEEDS_TMPDIR | Test::NEEDS_CHECKPOINTS | Test::NEEDS_DEVICE)
            || !self.mntpoint.is_null()
            || !self.resource_files.is_null()
    }

    /// Exactly one test function, and a case count if and only if it takes one.
    pub(crate) fn check_functions(&self) {
        let functions = [
            self.test.is_some(),
            self.test_all.is_some(),
            self.has(Test::HAS_SAMPLE),
        ];
        match functions.iter().filter(|set| **set).count() {
            0 => brk!(TBROK, "No test function specified"),
            1 => {}
            _ => brk!(TBROK, "You can define only one test function"),
        }
        if self.test.is_some() && self.tcnt == 0 {
            brk!(TBROK, "Number of tests (tcnt) must be > 0");
        }
        if self.test.is_none() && self.tcnt != 0 {
            brk!(TBROK, "You can define tcnt only for test()");
        }
    }

    /// `.mntpoint` and the mounts that want it.
    pub(crate) fn check_mounts(&self) {
        let mounts = [
            Test::NEEDS_ROFS,
            Test::NEEDS_DEVFS,
            Test::NEEDS_DEVICE,
            Test::NEEDS_HUGETLBFS,
        ]
        .iter()
        .filter(|flag| self.has(**flag))
        .count();
        if self.has(Test::NEEDS_ROFS | Test::NEEDS_DEVFS | Test::NEEDS_HUGETLBFS)
            && self.mntpoint.is_null()
        {
            brk!(TBROK, "tst_test->mntpoint must be set!");
        }
        if mounts > 1 {
            brk!(
                TBROK,
                "Two or more of needs_{{rofs, devfs, device, hugetlbfs}} are set"
            );
        }
    }
}

const _: () = {
    // Where C puts the first pointer after nine ints, and the end of everything.
    assert!(core::mem::offset_of!(Test, min_cpus) == 40);
    assert!(core::mem::offset_of!(Test, options) == 80);
    assert!(size_of::<Test>() == 80 + 18 * size_of::<*const c_void>());
    assert!(size_of::<TestOption>() == 24 && size_of::<PathValue>() == 24);
    assert!(
        size_of::<Tag>() == 16 && size_of::<Buffers>() == 32 && size_of::<Ulimit>() == 16
    );
};

#[cfg(test)]
mod tests {
    use super::*;
    use core::ptr;

    #[test]
    fn arrays_end_with_their_sentinel() {
        let names = [
            c"a".as_ptr(),
            c"b".as_ptr(),
            ptr::null(),
            c"beyond".as_ptr(),
        ];
        // SAFETY: the array ends with NULL.
        assert_eq!(unsafe { elements(names.as_ptr()) }.count(), 2);
        // SAFETY: NULL is an empty array.
        assert_eq!(unsafe { elements::<Tag>(ptr::null()) }.count(), 0);
    }

    #[test]
    fn a_limit_of_cpu_time_does_not_end_an_array() {
        let limit = |resource, rlim_cur| Ulimit { resource, rlim_cur };
        let limits = [limit(0, 10), limit(7, 0), limit(0, 0)];
        // SAFETY: the array ends with zeros.
        assert_eq!(unsafe { elements(limits.as_ptr()) }.count(), 2);
    }

    #[test]
    fn what_implies_a_temporary_directory() {
        // SAFETY: all zero is a valid definition: NULL pointers and no callbacks.
        let mut test: Test = unsafe { core::mem::zeroed() };
        assert!(!test.wants_tmpdir());
        test.mntpoint = c"mnt".as_ptr();
        assert!(test.wants_tmpdir() && !test.exports_results());
        test.mntpoint = ptr::null();
        test.flags = Test::NEEDS_CHECKPOINTS;
        assert!(test.wants_tmpdir() && test.exports_results());
        test.flags = Test::CHILD_NEEDS_REINIT;
        assert!(!test.wants_tmpdir() && test.exports_results());
    }
}
