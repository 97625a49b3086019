// SPDX-License-Identifier: BSD-2-Clause
//! Fibers waiting for fibers of the same cord (spec ipc.md 2 to 4).
//!
//! Every queue here links `fiber.state`. A wake-up of any kind (signal, timer,
//! cancel, explicit) takes the fiber off the queue at that moment, before it runs,
//! so a second signal never finds it and the waiter never has to unlink
//! itself.
//!
//! The latch (`latch.h`) is inline C; `src/shim/fiber/latch.c` exports it for modules.

pub mod channel;
pub mod cond;
pub mod message;

use crate::cord::CordRef;
use crate::cord::clock::monotonic_now;

pub use crate::fiber::sched::FOREVER;

/// The clock that timeouts count by.
fn now(cord: CordRef) -> f64 {
    // SAFETY: the loop of the current cord.
    unsafe { monotonic_now(cord.loop_.get()) }
}
