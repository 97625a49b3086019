// SPDX-License-Identifier: BSD-2-Clause
//! The variables that C tests see by name (spec ltp.md 4, 13, 16, 17).
//!
//! Each is an atomic with the layout of its C type, because C code writes it
//! whenever it likes.

#![allow(non_upper_case_globals)]

use core::ffi::{c_char, c_int, c_long, c_uint, c_ulong, c_void};
use core::ptr;
use core::sync::atomic::{
    AtomicI32, AtomicIsize, AtomicPtr, AtomicU32, AtomicUsize, Ordering::Relaxed,
};

/// What the last `TEST()` yielded.
#[unsafe(no_mangle)]
static TST_RET: AtomicIsize = AtomicIsize::new(0);
/// errno after the last `TEST()` or `TESTPTR()`.
#[unsafe(no_mangle)]
static TST_ERR: AtomicI32 = AtomicI32::new(0);
/// 1 if the last `TST_EXP_*` passed.
#[unsafe(no_mangle)]
static TST_PASS: AtomicI32 = AtomicI32::new(0);
/// What the last `TESTPTR()` yielded.
#[unsafe(no_mangle)]
static TST_RET_PTR: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());
/// Which of the test's variants runs.
#[unsafe(no_mangle)]
static tst_variant: AtomicU32 = AtomicU32::new(0);
/// Pages in the pool after the last reservation.
#[unsafe(no_mangle)]
static tst_hugepages: AtomicUsize = AtomicUsize::new(0);
/// The test's `-s`: how many huge pages to reserve.
#[unsafe(no_mangle)]
static nr_opt: AtomicPtr<c_char> = AtomicPtr::new(ptr::null_mut());
/// The test's `-H`: a directory where a hugetlbfs is mounted.
#[unsafe(no_mangle)]
static Hopt: AtomicPtr<c_char> = AtomicPtr::new(ptr::null_mut());
/// A System V key for the test's own use.
#[unsafe(no_mangle)]
static shmkey: AtomicI32 = AtomicI32::new(0);
/// Always NULL: this harness provides no block devices.
#[unsafe(no_mangle)]
static tst_device: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

const _: () = {
    assert!(size_of::<c_int>() == 4 && size_of::<c_uint>() == 4);
    assert!(size_of::<AtomicIsize>() == size_of::<c_long>());
    assert!(size_of::<AtomicUsize>() == size_of::<c_ulong>());
};

pub(crate) fn ret() -> c_long {
    TST_RET.load(Relaxed) as c_long
}

#[cfg(test)]
pub(crate) fn set_ret(value: isize) {
    TST_RET.store(value, Relaxed);
}

pub(crate) fn err() -> c_int {
    TST_ERR.load(Relaxed)
}

pub(crate) fn ret_ptr() -> *mut c_void {
    TST_RET_PTR.load(Relaxed)
}

pub(crate) fn set_pass(passed: bool) {
    TST_PASS.store(c_int::from(passed), Relaxed);
}

pub(crate) fn set_variant(variant: u32) {
    tst_variant.store(variant, Relaxed);
}

pub(crate) fn set_hugepages(pages: c_ulong) {
    tst_hugepages.store(pages as usize, Relaxed);
}

/// NULL, or a C string.
pub(crate) fn hugepages_option() -> *mut c_char {
    nr_opt.load(Relaxed)
}
