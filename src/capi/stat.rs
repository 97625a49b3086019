// SPDX-License-Identifier: BSD-2-Clause
//! `rmean.h`, `histogram.h` and `latency.h` (spec ipc.md 15).

use crate::say::fatal;
use crate::stat::histogram::Histogram;
use crate::stat::latency::Latency;
use crate::stat::rmean::{self, Rmean, Values, Visit};
use crate::trivia::bounded::Bounded;
use core::ffi::{c_char, c_int, c_void};

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rmean_new(name: *mut *const c_char, n: usize) -> *mut Rmean {
    // SAFETY: `n` names.
    unsafe { Rmean::new(name, n) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rmean_delete(rmean: *mut Rmean) {
    // SAFETY: from `rmean_new` in this cord.
    unsafe { Rmean::delete(rmean) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rmean_cleanup(rmean: *mut Rmean) {
    // SAFETY: live counters.
    unsafe { Rmean::cleanup(rmean) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rmean_collect(rmean: *mut Rmean, name: usize, value: i64) {
    // SAFETY: live counters.
    unsafe { Rmean::collect(rmean, name, value) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rmean_mean(rmean: *mut Rmean, name: usize) -> i64 {
    // SAFETY: live counters.
    unsafe { Rmean::mean(rmean, name) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rmean_roll(value: *mut i64, dt: f64) {
    // SAFETY: `RMEAN_WINDOW + 1` values, which are as good as atomic ones.
    rmean::roll(unsafe { &*value.cast::<Values>() }, dt);
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn rmean_foreach(
    rmean: *mut Rmean,
    cb: Visit,
    cb_ctx: *mut c_void,
) -> c_int {
    // SAFETY: live counters.
    unsafe { Rmean::for_each(rmean, cb, cb_ctx) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn histogram_new(
    buckets: *const i64,
    n_buckets: usize,
) -> *mut Histogram {
    if buckets.is_null() || n_buckets == 0 {
        fatal!("histogram_new: there must be a bucket");
    }
    // SAFETY: that many bounds.
    Histogram::new(unsafe { core::slice::from_raw_parts(buckets, n_buckets) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn histogram_delete(hist: *mut Histogram) {
    // SAFETY: from `histogram_new`.
    unsafe { Histogram::delete(hist) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn histogram_reset(hist: *mut Histogram) {
    // SAFETY: a live histogram.
    unsafe { Histogram::reset(hist) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn histogram_collect(hist: *mut Histogram, val: i64) {
    // SAFETY: a live histogram.
    unsafe { Histogram::collect(hist, val) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn histogram_discard(hist: *mut Histogram, val: i64) {
    // SAFETY: a live histogram.
    unsafe { Histogram::discard(hist, val) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn histogram_percentile(hist: *mut Histogram, pct: c_int) -> i64 {
    // SAFETY: a live histogram.
    unsafe { Histogram::percentile(hist, pct) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn histogram_percentile_lower(
    hist: *mut Histogram,
    pct: c_int,
) -> i64 {
    // SAFETY: a live histogram.
    unsafe { Histogram::percentile_lower(hist, pct) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn histogram_snprint(
    buf: *mut c_char,
    size: c_int,
    hist: *mut Histogram,
) -> c_int {
    let size = usize::try_from(size).unwrap_or(0);
    // SAFETY: a buffer of that size and a live histogram.
    unsafe {
        let mut text = Bounded::from_raw(buf, size);
        Histogram::print(hist, &mut text);
        text.c_length()
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn latency_create(latency: *mut Latency) -> c_int {
    // SAFETY: memory for one.
    match unsafe { Latency::create(latency) } {
        Ok(()) => 0,
        Err(_) => -1,
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn latency_destroy(latency: *mut Latency) {
    // SAFETY: a live one.
    unsafe { Latency::destroy(latency) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn latency_reset(latency: *mut Latency) {
    // SAFETY: a live one.
    unsafe { Latency::reset(latency) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn latency_collect(latency: *mut Latency, value: f64) {
    // SAFETY: a live one.
    unsafe { Latency::collect(latency, value) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn latency_get(latency: *mut Latency, pct: c_int) -> f64 {
    // SAFETY: a live one.
    unsafe { Latency::get(latency, pct) }
}
