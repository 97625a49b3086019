// SPDX-License-Identifier: BSD-2-Clause
//! Every allocator against a simple model of it, under random operations.
//!
//! The models say what each operation must return, to the address where the
//! specification does, and what the statistics must be afterwards. Quotas are
//! small, so running out of memory is part of every run.
//!
//! By default a run is short enough for every build. `PROPTEST_CASES` makes it
//! longer, a case being a hundred operations or so:
//!
//! ```text
//! PROPTEST_CASES=10000 cargo test --release --test small_models
//! ```
//!
//! is a million operations on each allocator.

mod fixture;
mod ibuf;
mod mempool;
mod obuf;
mod region;
mod slab_cache;
mod small_alloc;
