// SPDX-License-Identifier: BSD-2-Clause
//! Cordage: the fiber core of Tarantool 1.10 at its C ABI.
//!
//! The contract is the C headers in `include/`; ARCHITECTURE.md is the map.
//! Rust code uses this crate only through its own tests.

#[cfg(feature = "fiber")]
mod abi;
mod capi;

#[cfg(feature = "fiber")]
pub mod bus;
#[cfg(feature = "fiber")]
pub mod clock;
#[cfg(feature = "fiber")]
pub mod coio;
#[cfg(feature = "fiber")]
pub mod cord;
#[cfg(feature = "fiber")]
pub mod diag;
#[cfg(feature = "fiber")]
pub mod errinj;
#[cfg(any(feature = "fiber", feature = "ltp"))]
mod errno;
#[cfg(feature = "fiber")]
pub mod fiber;
#[cfg(feature = "fiber")]
pub mod memory;
#[cfg(feature = "fiber")]
pub mod random;
#[cfg(feature = "fiber")]
pub mod say;
#[cfg(feature = "fiber")]
pub mod small;
#[cfg(feature = "fiber")]
pub mod stat;
#[cfg(any(feature = "fiber", feature = "unit"))]
mod stdio;
#[cfg(feature = "fiber")]
pub mod sync;
#[cfg(feature = "fiber")]
pub mod trigger;
#[cfg(feature = "fiber")]
pub mod trivia;
#[cfg(feature = "fiber")]
mod tsan;
#[cfg(feature = "fiber")]
mod valgrind;

#[cfg(feature = "unit")]
pub mod unit;

#[cfg(feature = "ltp")]
pub mod ltp;
