// SPDX-License-Identifier: BSD-2-Clause
//! `small/small_class.h`

use crate::small::{SmallClass, c_assert};

/// # Safety
/// See `small/small_class.h`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn small_class_create(
    sc: *mut SmallClass,
    granularity: u32,
    desired_factor: f32,
    min_alloc: u32,
    actual_factor: *mut f32,
) {
    c_assert!(!actual_factor.is_null());
    // SAFETY: memory for a struct of cells of integers, and for the result.
    unsafe { actual_factor.write((*sc).create(granularity, desired_factor, min_alloc)) }
}
