// SPDX-License-Identifier: BSD-2-Clause
//! Blocking calls that block one fiber only.

pub mod wait;
