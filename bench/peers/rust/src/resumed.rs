// SPDX-License-Identifier: BSD-2-Clause
//! Rows of libraries without a scheduler, whose coroutines are resumed by hand.

use crate::{Run, Setting};

/// A coroutine that yields as often as it is resumed.
pub trait Resumed: Sized + 'static {
    /// Has been resumed once. `made` is how many there are already.
    fn parked(setting: Setting, made: usize) -> Self;
    fn resume(&mut self);
}

fn parked<C: Resumed>(setting: Setting) -> Vec<C> {
    (0..setting.n).map(|i| C::parked(setting, i)).collect()
}

/// The rows `create_parked` and `memory`.
pub fn create_parked<C: Resumed>(setting: Setting) -> Run {
    Box::new(move |_| {
        // Unwinding them all would take longer.
        std::mem::forget(parked::<C>(setting));
        setting.n as u64
    })
}

/// The row `call_yield`.
pub fn call_yield<C: Resumed>(setting: Setting) -> Run {
    let mut all = parked::<C>(setting);
    Box::new(move |rounds| {
        for _ in 0..rounds {
            for coroutine in &mut all {
                coroutine.resume();
            }
        }
        2 * rounds * all.len() as u64
    })
}
