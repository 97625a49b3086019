// SPDX-License-Identifier: BSD-2-Clause
//! `small/region.h`

use crate::small::Region;
use core::ffi::c_void;

/// # Safety
/// See `small/region.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn region_reserve_slow(
    region: *mut Region,
    size: usize,
) -> *mut c_void {
    // SAFETY: the caller's region.
    unsafe { Region::reserve_slow(region, size) }
}

/// # Safety
/// See `small/region.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn region_free(region: *mut Region) {
    // SAFETY: the caller's region.
    unsafe { Region::free(region) }
}

/// # Safety
/// See `small/region.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn region_truncate(region: *mut Region, size: usize) {
    // SAFETY: the caller's region.
    unsafe { Region::truncate(region, size) }
}

/// # Safety
/// See `small/region.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn region_join(region: *mut Region, size: usize) -> *mut c_void {
    // SAFETY: the caller's region.
    unsafe { Region::join(region, size) }
}
