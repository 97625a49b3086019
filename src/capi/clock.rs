// SPDX-License-Identifier: BSD-2-Clause
//! `clock.h`

use crate::clock::{nanoseconds, seconds};

#[unsafe(no_mangle)]
pub extern "C" fn clock_realtime() -> f64 {
    seconds(libc::CLOCK_REALTIME)
}

#[unsafe(no_mangle)]
pub extern "C" fn clock_monotonic() -> f64 {
    seconds(libc::CLOCK_MONOTONIC)
}

#[unsafe(no_mangle)]
pub extern "C" fn clock_process() -> f64 {
    seconds(libc::CLOCK_PROCESS_CPUTIME_ID)
}

#[unsafe(no_mangle)]
pub extern "C" fn clock_thread() -> f64 {
    seconds(libc::CLOCK_THREAD_CPUTIME_ID)
}

#[unsafe(no_mangle)]
pub extern "C" fn clock_realtime64() -> u64 {
    nanoseconds(libc::CLOCK_REALTIME)
}

#[unsafe(no_mangle)]
pub extern "C" fn clock_monotonic64() -> u64 {
    nanoseconds(libc::CLOCK_MONOTONIC)
}

#[unsafe(no_mangle)]
pub extern "C" fn clock_process64() -> u64 {
    nanoseconds(libc::CLOCK_PROCESS_CPUTIME_ID)
}

#[unsafe(no_mangle)]
pub extern "C" fn clock_thread64() -> u64 {
    nanoseconds(libc::CLOCK_THREAD_CPUTIME_ID)
}
