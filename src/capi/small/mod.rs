// SPDX-License-Identifier: BSD-2-Clause
//! The exports of `small/*.h` and `cordage/arena.h`, one file for each header.
//! Contracts are in the headers; what a function needs to be safe is what the
//! header asks of C callers.

mod arena;
mod ibuf;
mod mempool;
mod mslab_tree;
mod obuf;
mod region;
mod slab_arena;
mod slab_cache;
mod small_alloc;
mod small_class;
mod small_features;
