// SPDX-License-Identifier: BSD-2-Clause
//! The exported C functions, one file for each header. They check arguments,
//! call the Rust below and translate errors; they hold no logic.

#[cfg(feature = "fiber")]
mod clock;
#[cfg(feature = "fiber")]
mod coio;
#[cfg(feature = "fiber")]
mod cord;
#[cfg(feature = "fiber")]
mod coro;
#[cfg(feature = "fiber")]
mod diag;
#[cfg(feature = "fiber")]
mod errinj;
#[cfg(feature = "fiber")]
mod fiber;
#[cfg(feature = "fiber")]
mod fiber_start;
#[cfg(feature = "fiber")]
mod random;
#[cfg(feature = "fiber")]
mod say;
#[cfg(feature = "fiber")]
mod small;
#[cfg(feature = "fiber")]
mod stacks;
#[cfg(feature = "fiber")]
mod sync;
#[cfg(feature = "fiber")]
mod trivia;

#[cfg(feature = "unit")]
mod unit;

#[cfg(feature = "ltp")]
mod ltp;
