// SPDX-License-Identifier: BSD-2-Clause
//! Blocking calls that block one fiber only.

pub mod call;
pub mod enable;
pub mod file;
pub mod pool;
pub mod resolve;
pub mod task;
pub mod wait;
