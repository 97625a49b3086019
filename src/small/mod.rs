// SPDX-License-Identifier: BSD-2-Clause
//! The allocators under the fibers: `small` at its C ABI (spec small.md).
//!
//! ```text
//!   kernel ── mmap ──> SlabArena      blocks for all threads, lock-free
//!                          │          (LfLifo, Quota)
//!                          v
//!                      SlabCache      a thread's: slabs of 2^n, by buddies
//!                  ┌───────┼───────────────┐
//!                  v       v               v
//!              Mempool   Region         Ibuf, Obuf
//!             one size   all at once    I/O buffers
//!                  │
//!                  v
//!             SmallAlloc  any size: one pool for each size class
//! ```
//!
//! The structs are those of the C headers in `include/small/`, byte for byte.
//! C code holds pointers to them, reads them and runs its own inlines on them,
//! so all fields are cells, and the functions take raw pointers. Everything but
//! [`SlabArena`], [`Quota`] and [`LfLifo`] belongs to one thread: the one that
//! owns the slab cache below it.
//!
//! None of these allocators uses Rust's or C's heap, except for huge slabs,
//! which are `malloc`ed. Without memory they return NULL and change nothing.

pub(crate) mod assert;
pub(crate) use assert::c_assert;

mod arena;
pub mod features;
mod ibuf;
mod lf_lifo;
mod lifo;
mod mempool;
pub mod mslab_tree;
mod obuf;
mod quota;
mod region;
mod rlist;
mod slab;
mod slab_cache;
mod small_alloc;
mod small_class;

use crate::abi::layout;

/// What [`LfLifo`] is made of; the model checker brings its own.
mod atomic {
    pub use core::sync::atomic::{AtomicUsize, Ordering};
}

pub use arena::{
    ArenaStats, SLAB_ARENA_DONTDUMP, SLAB_ARENA_PRIVATE, SLAB_ARENA_SHARED,
    SLAB_MIN_SIZE, SlabArena,
};
pub use ibuf::Ibuf;
pub use lf_lifo::LfLifo;
pub use lifo::Lifo;
pub use mempool::{Mempool, MempoolStats, Mslab, mempool_objsize_max};
pub use obuf::{Iovec, Obuf, ObufSvp};
pub use quota::{QUOTA_MAX, Quota};
pub use region::{Region, Rslab};
pub use rlist::Rlist;
pub use slab::{SLAB_MAGIC, Slab, SlabList, SmallStats, slab_sizeof};
pub use slab_cache::{ORDER_MAX, SlabCache};
pub use small_alloc::{MempoolIterator, SmallAlloc};
pub use small_class::SmallClass;

// Here, because the model checker compiles the file of the list alone.
layout!(LfLifo = "lf_lifo", 8: next 0);

/// Bytes of a page. x86-64 has one size (apart from huge pages); elsewhere the kernel
/// would have to be asked, once.
#[inline]
pub const fn page_size() -> usize {
    4096
}
