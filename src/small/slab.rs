// SPDX-License-Identifier: BSD-2-Clause
//! `struct slab`: the 48 bytes at the start of every slab, and lists of slabs
//! that know how large they are (spec small.md 9.1).
//!
//! ```text
//!   slab                slab + 48                          slab + size
//!   v                   v                                            v
//!   [ header, 48 bytes ][ data ....................................  ]
//! ```
//!
//! A slab is either *ordered*, a power-of-two piece of an arena block aligned
//! to its size, or *huge*, a `malloc` of exactly what was asked for.

use super::Rlist;
use crate::abi::layout;
use core::cell::Cell;
use core::ffi::c_void;
use core::mem::offset_of;
use core::ptr;

/// In the header of every slab.
pub const SLAB_MAGIC: u32 = 0xeec0_ffee;

/// Bytes of a slab taken by its header.
#[inline]
pub const fn slab_sizeof() -> usize {
    size_of::<Slab>()
}

/// `struct slab`.
#[repr(C)]
#[derive(Debug)]
pub struct Slab {
    /// Link in [`super::SlabCache::allocated`]; used by huge slabs and by
    /// whatever slab lies at the start of an arena block.
    pub next_in_cache: Rlist,
    /// Link in the free list of an order, or, while handed out, for the use
    /// of whoever owns the slab.
    pub next_in_list: Rlist,
    /// Bytes, this header included.
    pub size: Cell<usize>,
    /// [`SLAB_MAGIC`].
    pub magic: Cell<u32>,
    /// `order_max + 1` if huge.
    pub order: Cell<u8>,
    /// 0 if free or huge, else `order + 1`.
    pub in_use: Cell<u8>,
    /// For the use of whoever owns the slab, like `next_in_list`; undefined when it is
    /// handed out. The C struct has padding here.
    pub owner_tag: Cell<u16>,
}

layout!(Slab = "slab", 48: next_in_cache 0, next_in_list 16, size 32, magic 40,
    order 44, in_use 45; owner_tag 46);

impl Slab {
    /// The memory after the header. Address arithmetic only.
    #[inline]
    pub fn data(slab: *mut Slab) -> *mut u8 {
        slab.cast::<u8>().wrapping_add(slab_sizeof())
    }

    /// The slab whose [`Slab::data`] is `data`.
    #[inline]
    pub fn from_data(data: *mut c_void) -> *mut Slab {
        data.wrapping_byte_sub(slab_sizeof()).cast()
    }

    /// The slab whose `next_in_cache` is `link`.
    #[inline]
    pub fn from_cache_link(link: *mut Rlist) -> *mut Slab {
        link.wrapping_byte_sub(offset_of!(Slab, next_in_cache))
            .cast()
    }

    /// The slab whose `next_in_list` is `link`.
    #[inline]
    pub fn from_list_link(link: *mut Rlist) -> *mut Slab {
        link.wrapping_byte_sub(offset_of!(Slab, next_in_list))
            .cast()
    }
}

/// `struct small_stats`: bytes in use, of bytes held.
#[repr(C)]
#[derive(Debug, Default)]
pub struct SmallStats {
    /// Bytes in use.
    pub used: Cell<usize>,
    /// Bytes held, used or not.
    pub total: Cell<usize>,
}

impl SmallStats {
    /// Both to 0.
    pub fn reset(&self) {
        self.used.set(0);
        self.total.set(0);
    }
}

/// `struct slab_list`: slabs, and their `size`s added up in `stats.total`.
/// What `stats.used` counts is up to the owner.
#[repr(C)]
#[derive(Debug)]
pub struct SlabList {
    /// Newest first.
    pub slabs: Rlist,
    /// See above.
    pub stats: SmallStats,
}

layout!(SlabList = "slab_list", 32: slabs 0, stats 16);

const _: () = {
    assert!(size_of::<SmallStats>() == 16);
    assert!(offset_of!(SmallStats, total) == 8);
};

impl SlabList {
    /// Makes the list empty and its statistics 0.
    ///
    /// # Safety
    /// The list is not moved as long as it is used.
    pub unsafe fn create(&self) {
        // SAFETY: a valid head, as it is borrowed.
        unsafe { Rlist::create(&self.slabs) };
        self.stats.reset();
    }

    /// Puts `slab` in front, by its `link`.
    ///
    /// # Safety
    /// `link` is one of the links of `slab` and in no list.
    #[inline]
    pub unsafe fn add(&self, slab: &Slab, link: &Rlist) {
        // SAFETY: the caller says so.
        unsafe { Rlist::add(&self.slabs, link) };
        self.stats.total.update(|total| total + slab.size.get());
    }

    /// The newest slab of a list that is linked by `next_in_list`.
    #[inline]
    pub(super) fn first(&self) -> Option<&Slab> {
        // SAFETY: the list was created, and its members are slabs, which leave
        // it before their memory is given back.
        unsafe {
            let link = Rlist::first(&self.slabs);
            (!ptr::eq(link, &self.slabs)).then(|| &*Slab::from_list_link(link))
        }
    }

    /// Takes `slab` out, by its `link`.
    ///
    /// # Safety
    /// `slab` was put into this list by `link`.
    #[inline]
    pub unsafe fn del(&self, slab: &Slab, link: &Rlist) {
        // SAFETY: the caller says so.
        unsafe { Rlist::del(link) };
        self.stats.total.update(|total| total - slab.size.get());
    }
}
