// SPDX-License-Identifier: BSD-2-Clause
//! `histogram`: how often values fell into which range (spec ipc.md 15.2).

use crate::abi::layout;
use crate::say::fatal;
use crate::trivia::bounded::Bounded;
use core::fmt::Write;
use core::ptr;

/// `struct histogram_bucket`: a range, which ends at `max` and begins behind the range
/// before.
#[repr(C)]
#[derive(Debug)]
pub struct Bucket {
    max: i64,
    count: usize,
}

/// `struct histogram`, followed by its buckets, of which there is at least one.
#[repr(C)]
#[derive(Debug)]
pub struct Histogram {
    max: i64,
    total: usize,
    n_buckets: usize,
    buckets: [Bucket; 0],
}

layout!(Bucket = "histogram_bucket", 16: max 0, count 8);
layout!(Histogram = "histogram", 24: max 0, total 8, n_buckets 16, buckets 24);

impl Histogram {
    /// An empty histogram with those bounds, or NULL.
    pub fn new(bounds: &[i64]) -> *mut Histogram {
        if cfg!(debug_assertions) && !bounds.is_sorted_by(|a, b| a < b) {
            fatal!("histogram_new: the buckets are not in strictly ascending order");
        }
        let Some(&last) = bounds.last() else {
            fatal!("histogram_new: there must be a bucket");
        };
        let size = size_of::<Histogram>() + bounds.len() * size_of::<Bucket>();
        // SAFETY: memory for a head and all buckets, written before it is used.
        unsafe {
            let this = libc::malloc(size).cast::<Histogram>();
            if this.is_null() {
                return ptr::null_mut();
            }
            this.write(Histogram {
                max: last,
                total: 0,
                n_buckets: bounds.len(),
                buckets: [],
            });
            let buckets = (&raw mut (*this).buckets).cast::<Bucket>();
            for (i, &max) in bounds.iter().enumerate() {
                buckets.add(i).write(Bucket { max, count: 0 });
            }
            this
        }
    }

    /// Frees it.
    ///
    /// # Safety
    /// It came from [`Histogram::new`], or is NULL.
    pub unsafe fn delete(this: *mut Histogram) {
        // SAFETY: as the caller says.
        unsafe { libc::free(this.cast()) };
    }

    /// The buckets.
    ///
    /// # Safety
    /// `this` is a histogram, which nobody else uses as long as the result is used.
    unsafe fn buckets<'a>(this: *mut Histogram) -> &'a mut [Bucket] {
        // SAFETY: they lie behind the head.
        unsafe {
            let first = (&raw mut (*this).buckets).cast::<Bucket>();
            core::slice::from_raw_parts_mut(first, (*this).n_buckets)
        }
    }

    /// Forgets all values.
    ///
    /// # Safety
    /// `this` is a histogram; this thread alone uses it. The same holds below.
    pub unsafe fn reset(this: *mut Histogram) {
        // SAFETY: as the caller says.
        unsafe {
            let buckets = Histogram::buckets(this);
            for bucket in &mut *buckets {
                bucket.count = 0;
            }
            (*this).total = 0;
            (*this).max = buckets.last().map_or(0, |last| last.max);
        }
    }

    /// Counts `value`. One above all bounds counts only in the total, and as a maximum.
    ///
    /// # Safety
    /// See [`Histogram::reset`].
    pub unsafe fn collect(this: *mut Histogram, value: i64) {
        // SAFETY: as the caller says.
        unsafe {
            if let Some(bucket) = bucket_of(Histogram::buckets(this), value) {
                bucket.count += 1;
            }
            (*this).total += 1;
            (*this).max = (*this).max.max(value);
        }
    }

    /// Takes back `value`, which was counted (checked in debug builds).
    ///
    /// # Safety
    /// See [`Histogram::reset`].
    pub unsafe fn discard(this: *mut Histogram, value: i64) {
        // SAFETY: as the caller says.
        unsafe {
            let bucket = bucket_of(Histogram::buckets(this), value);
            let counted = bucket.as_ref().is_none_or(|bucket| bucket.count > 0);
            if cfg!(debug_assertions) && !(counted && (*this).total > 0) {
                fatal!("histogram_discard: {value} was not collected");
            }
            if let Some(bucket) = bucket {
                bucket.count = bucket.count.wrapping_sub(1);
            }
            (*this).total = (*this).total.wrapping_sub(1);
        }
    }

    /// The index of the first bucket up to which lie more than `percent` of all values.
    ///
    /// # Safety
    /// See [`Histogram::reset`].
    unsafe fn percentile_bucket(this: *mut Histogram, percent: i32) -> Option<usize> {
        // SAFETY: as the caller says.
        let (buckets, total) = unsafe { (Histogram::buckets(this), (*this).total) };
        let mut seen = 0;
        buckets.iter().position(|bucket| {
            seen += bucket.count as i128;
            seen * 100 > total as i128 * i128::from(percent)
        })
    }

    /// The upper bound of that bucket, or the maximum.
    ///
    /// # Safety
    /// See [`Histogram::reset`].
    pub unsafe fn percentile(this: *mut Histogram, percent: i32) -> i64 {
        // SAFETY: as the caller says.
        unsafe {
            match Histogram::percentile_bucket(this, percent) {
                Some(i) => Histogram::buckets(this)[i].max,
                None => (*this).max,
            }
        }
    }

    /// The upper bound of the bucket before that one (of the first bucket, its own), or
    /// the maximum.
    ///
    /// # Safety
    /// See [`Histogram::reset`].
    pub unsafe fn percentile_lower(this: *mut Histogram, percent: i32) -> i64 {
        // SAFETY: as the caller says.
        unsafe {
            match Histogram::percentile_bucket(this, percent) {
                Some(i) => Histogram::buckets(this)[i.saturating_sub(1)].max,
                None => (*this).max,
            }
        }
    }

    /// The buckets that are not empty: `[lowest-highest]:count`, with blanks between.
    ///
    /// # Safety
    /// See [`Histogram::reset`].
    pub unsafe fn print(this: *mut Histogram, text: &mut Bounded) {
        // SAFETY: as the caller says.
        let buckets = unsafe { Histogram::buckets(this) };
        let mut separator = "";
        let mut low = 0;
        for &Bucket { max, count } in &*buckets {
            if count > 0 {
                // Writing to a bounded text cannot fail.
                let _ = if low == max {
                    write!(text, "{separator}[{low}]:{count}")
                } else {
                    write!(text, "{separator}[{low}-{max}]:{count}")
                };
                separator = " ";
            }
            low = max.wrapping_add(1);
        }
    }
}

/// The first bucket whose bound is not below `value`.
fn bucket_of(buckets: &mut [Bucket], value: i64) -> Option<&mut Bucket> {
    let i = buckets.partition_point(|bucket| bucket.max < value);
    buckets.get_mut(i)
}
