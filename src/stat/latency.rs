// SPDX-License-Identifier: BSD-2-Clause
//! `latency`: a histogram of durations (spec ipc.md 15.3).

use super::histogram::Histogram;
use crate::abi::layout;

/// `struct latency`: in microseconds. One observation of 0 is always in it.
#[repr(C)]
#[derive(Debug)]
pub struct Latency {
    histogram: *mut Histogram,
}

layout!(Latency = "latency", 8: histogram 0);

const MICROSECONDS: f64 = 1e6;

/// 1 to 9 of each power of ten up to a second, and ten seconds.
const BOUNDS: [i64; 64] = {
    let mut bounds = [0; 64];
    let mut unit = 1;
    let mut i = 0;
    while i < bounds.len() {
        bounds[i] = (i as i64 % 9 + 1) * unit;
        i += 1;
        if i % 9 == 0 {
            unit *= 10;
        }
    }
    bounds
};

/// No memory.
#[derive(Debug)]
pub struct NoMemory;

impl Latency {
    /// A fresh one.
    ///
    /// # Safety
    /// `this` points to memory for one.
    pub unsafe fn create(this: *mut Latency) -> Result<(), NoMemory> {
        let histogram = Histogram::new(&BOUNDS);
        // SAFETY: as the caller says.
        unsafe {
            this.write(Latency { histogram });
            if histogram.is_null() {
                return Err(NoMemory);
            }
            Histogram::collect(histogram, 0);
        }
        Ok(())
    }

    /// Frees what it holds.
    ///
    /// # Safety
    /// `this` was created; this thread alone uses it. The same holds below.
    pub unsafe fn destroy(this: *mut Latency) {
        // SAFETY: as the caller says.
        unsafe { Histogram::delete((*this).histogram) };
    }

    /// Forgets all observations.
    ///
    /// # Safety
    /// See [`Latency::destroy`].
    pub unsafe fn reset(this: *mut Latency) {
        // SAFETY: as the caller says.
        unsafe {
            Histogram::reset((*this).histogram);
            Histogram::collect((*this).histogram, 0);
        }
    }

    /// Counts an observation of that many seconds.
    ///
    /// # Safety
    /// See [`Latency::destroy`].
    pub unsafe fn collect(this: *mut Latency, seconds: f64) {
        // SAFETY: as the caller says.
        unsafe { Histogram::collect((*this).histogram, (seconds * MICROSECONDS) as i64) };
    }

    /// A percentile in seconds.
    ///
    /// # Safety
    /// See [`Latency::destroy`].
    pub unsafe fn get(this: *mut Latency, percent: i32) -> f64 {
        // SAFETY: as the caller says.
        unsafe { Histogram::percentile((*this).histogram, percent) as f64 / MICROSECONDS }
    }
}
