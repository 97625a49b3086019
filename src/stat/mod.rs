// SPDX-License-Identifier: BSD-2-Clause
//! Statistics of programs about themselves (spec ipc.md 15). `ratelimit.h` is inline C.
//!
//! The objects are from malloc, with their counters behind a head, as C sees them.

pub mod histogram;
pub mod latency;
pub mod rmean;
