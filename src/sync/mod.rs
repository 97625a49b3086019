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

pub use crate::fiber::sched::{FOREVER, now};
