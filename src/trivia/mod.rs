// SPDX-License-Identifier: BSD-2-Clause
//! The functions of `trivia/util.h` (spec diag.md 12.6, small.md 13.2). Those that are
//! variadic, and the thread-local buffers, are in `src/shim/fiber/util.c`.

pub mod bounded;
pub mod json;
pub mod names;
pub mod number;
pub mod path;
pub mod utf8;
