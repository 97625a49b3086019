// SPDX-License-Identifier: BSD-2-Clause
//! `small/small_features.h`

use core::ffi::c_uint;

#[unsafe(no_mangle)]
pub extern "C" fn small_test_feature(feature: c_uint) -> bool {
    crate::small::features::test(feature)
}
