// SPDX-License-Identifier: BSD-2-Clause
//! `struct small_class`: size classes that grow by about a constant factor,
//! and the class of a size without a table or a logarithm (spec small.md 14.1).
//!
//! Sizes are cut off like floating-point numbers with n bits of mantissa. So
//! classes come in groups of 2^n, and each group's step is twice that of the
//! group before, but for the first two:
//!
//! ```text
//!   n = 1, granularity 8, min_alloc 16:
//!   16  24 │ 32  40 │ 56  72 │ 104  136 │ 200  264 │ ...
//!        +8       +8      +16        +32        +64
//! ```
//!
//! `size_shift` is what makes the first class come out as `min_alloc`.

use super::assert::c_assert;
use core::cell::Cell;
use core::f32::consts::LN_2;
use core::mem::offset_of;

/// `struct small_class`. Written by [`SmallClass::create`] alone.
#[repr(C)]
#[derive(Debug)]
pub struct SmallClass {
    /// A power of two; every class is `min_alloc` plus a multiple of it.
    granularity: Cell<u32>,
    /// Its binary logarithm.
    ignore_bits_count: Cell<u32>,
    /// n.
    effective_bits: Cell<u32>,
    /// 2^n.
    effective_size: Cell<u32>,
    /// 2^n - 1.
    effective_mask: Cell<u32>,
    /// `min_alloc - granularity`, modulo 2^32.
    size_shift: Cell<u32>,
    size_shift_plus_1: Cell<u32>,
    /// 2^(1 / 2^n).
    actual_factor: Cell<f32>,
}

const _: () = {
    assert!(size_of::<SmallClass>() == 32);
    assert!(offset_of!(SmallClass, ignore_bits_count) == 4);
    assert!(offset_of!(SmallClass, effective_bits) == 8);
    assert!(offset_of!(SmallClass, effective_size) == 12);
    assert!(offset_of!(SmallClass, effective_mask) == 16);
    assert!(offset_of!(SmallClass, size_shift) == 20);
    assert!(offset_of!(SmallClass, size_shift_plus_1) == 24);
    assert!(offset_of!(SmallClass, actual_factor) == 28);
};

impl SmallClass {
    /// Chooses n so that classes grow by about `desired_factor`, above 1 and up
    /// to 2; returns what they do grow by, which is off by its square root at
    /// most. `granularity` is a power of two, `min_alloc` not 0.
    pub fn create(&self, granularity: u32, desired_factor: f32, min_alloc: u32) -> f32 {
        c_assert!(granularity.is_power_of_two());
        c_assert!(desired_factor > 1.0);
        c_assert!(desired_factor <= 2.0);
        c_assert!(min_alloc > 0);
        let exact = (LN_2 / desired_factor.ln()).ln() / LN_2;
        let bits = (exact + 0.5) as u32;
        let size = 1_u32.wrapping_shl(bits);
        let factor = 2_f32.powf(1.0 / size as f32);
        let shift = min_alloc.wrapping_sub(granularity);
        self.granularity.set(granularity);
        self.ignore_bits_count.set(granularity.trailing_zeros());
        self.effective_bits.set(bits);
        self.effective_size.set(size);
        self.effective_mask.set(size.wrapping_sub(1));
        self.size_shift.set(shift);
        self.size_shift_plus_1.set(shift.wrapping_add(1));
        self.actual_factor.set(factor);
        factor
    }

    /// The number, from 0, of the smallest class that holds `size` bytes.
    #[inline]
    pub fn class_of(&self, size: u32) -> u32 {
        // Negative below the first class; the shift may be negative, too.
        let beyond = i64::from(size) - i64::from(self.size_shift_plus_1.get() as i32);
        self.class_of_steps(beyond.max(0) as u32 >> self.ignore_bits_count.get())
    }

    /// [`SmallClass::class_of`] where `create` was given a `granularity` of this,
    /// and no smaller `min_alloc`.
    #[inline]
    pub fn class_of_multiples<const GRANULARITY: u32>(&self, size: u32) -> u32 {
        c_assert!(self.granularity.get() == GRANULARITY);
        c_assert!(self.size_shift.get() as i32 >= 0);
        self.class_of_steps(
            size.saturating_sub(self.size_shift_plus_1.get()) / GRANULARITY,
        )
    }

    /// The class that is `s` steps of `granularity` above the first.
    #[inline]
    fn class_of_steps(&self, s: u32) -> u32 {
        let bits = self.effective_bits.get();
        // `| 1`: both of the first two groups have step 1. A branch instead would
        // be guessed wrong, as sizes come in any order, and that costs more than
        // all the rest.
        let l = (s >> bits | 1).ilog2();
        (s >> l) + (l << bits)
    }

    /// The size of class number `class`.
    #[inline]
    pub fn size_of_class(&self, class: u32) -> u32 {
        let c = class + 1;
        let mut low = c & self.effective_mask.get();
        let mut l = c >> self.effective_bits.get();
        if l > 0 {
            low += self.effective_size.get();
            l -= 1;
        }
        self.size_shift
            .get()
            .wrapping_add(low << l << self.ignore_bits_count.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::f32::consts::SQRT_2;
    use proptest::prelude::*;

    fn class(granularity: u32, factor: f32, min_alloc: u32) -> SmallClass {
        // SAFETY: integers and a float: all zero is valid.
        let class: SmallClass = unsafe { core::mem::zeroed() };
        class.create(granularity, factor, min_alloc);
        class
    }

    #[test]
    fn factors_of_the_specification() {
        for (factor, bits, actual) in [
            (1.05, 4, 1.044_274),
            (1.1, 3, 1.090_508),
            (1.3, 1, SQRT_2),
            (2.0, 0, 2.0),
        ] {
            let class = class(8, factor, 16);
            assert_eq!(class.effective_bits.get(), bits);
            assert!((class.actual_factor.get() - actual).abs() < 1e-6);
        }
    }

    proptest! {
        /// The defining property: `class_of` finds the first class that is
        /// large enough, whatever the parameters.
        #[test]
        fn class_of_is_the_smallest_that_fits(
            granularity in (0..5_u32).prop_map(|bits| 1 << bits),
            factor in 1.01_f32..2.0,
            min_alloc in 1..5000_u32,
            size in 0..3_000_000_u32,
        ) {
            let class = class(granularity, factor, min_alloc);
            let number = class.class_of(size);
            prop_assert!(class.size_of_class(number) >= size);
            if number > 0 {
                prop_assert!(class.size_of_class(number - 1) < size);
            }
            prop_assert_eq!(class.size_of_class(0), min_alloc);
            if granularity == 8 && min_alloc >= 8 {
                prop_assert_eq!(class.class_of_multiples::<8>(size), number);
            }
        }
    }
}
