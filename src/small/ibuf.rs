// SPDX-License-Identifier: BSD-2-Clause
//! `struct ibuf`: an input buffer, one contiguous slab that is written at one
//! end and read at the other (spec small.md 14.3).
//!
//! ```text
//!   buf            rpos           wpos           end
//!    [ read already ][ to be read ][ to be written ]
//! ```
//!
//! buf <= rpos <= wpos <= end. C code moves rpos and wpos. When there is no
//! room behind wpos, the unread data moves: to the start of the slab if it fits
//! there, else to a slab twice as large. So a byte is copied O(1) times on
//! average.

use super::assert::c_assert;
use super::{Slab, SlabCache, slab_sizeof};
use core::cell::Cell;
use core::mem::offset_of;
use core::ptr;

/// `struct ibuf`.
#[repr(C)]
#[derive(Debug)]
pub struct Ibuf {
    slabc: Cell<*const SlabCache>,
    /// Start of the memory; NULL without any.
    pub buf: Cell<*mut u8>,
    /// Where to read.
    pub rpos: Cell<*mut u8>,
    /// Where to write.
    pub wpos: Cell<*mut u8>,
    /// End of the memory.
    pub end: Cell<*mut u8>,
    /// The least to allocate at once.
    start_capacity: Cell<usize>,
}

const _: () = {
    assert!(size_of::<Ibuf>() == 48);
    assert!(offset_of!(Ibuf, buf) == 8);
    assert!(offset_of!(Ibuf, rpos) == 16);
    assert!(offset_of!(Ibuf, wpos) == 24);
    assert!(offset_of!(Ibuf, end) == 32);
    assert!(offset_of!(Ibuf, start_capacity) == 40);
};

/// In these functions `this` was created, its cache is alive, and the caller is
/// the cache's thread.
impl Ibuf {
    /// Sets up an empty buffer. Allocates nothing. `start_capacity` is not 0.
    ///
    /// # Safety
    /// `this` is valid; `cache` was created and lives longer.
    pub unsafe fn create(
        this: *const Ibuf,
        cache: *const SlabCache,
        start_capacity: usize,
    ) {
        c_assert!(start_capacity > 0);
        // SAFETY: the caller says so.
        let ibuf = unsafe { &*this };
        ibuf.slabc.set(cache);
        ibuf.start_capacity.set(start_capacity);
        ibuf.set_memory(ptr::null_mut(), 0, 0);
    }

    /// Gives back the memory.
    ///
    /// # Safety
    /// See the head of this block; `this` is created again before it is used.
    pub unsafe fn destroy(this: *const Ibuf) {
        // SAFETY: the caller says so.
        let ibuf = unsafe { &*this };
        if !ibuf.buf.get().is_null() {
            // SAFETY: `buf` is the data of a slab of ours.
            unsafe {
                SlabCache::put(ibuf.slabc.get(), Slab::from_data(ibuf.buf.get().cast()))
            };
        }
    }

    /// Gives back the memory, and sets up the buffer again.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn reinit(this: *const Ibuf) {
        // SAFETY: as ours.
        unsafe {
            Ibuf::destroy(this);
            Ibuf::create(this, (*this).slabc.get(), (*this).start_capacity.get());
        }
    }

    /// Forgets the contents; keeps the memory.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn reset(this: *const Ibuf) {
        // SAFETY: the caller says so.
        let ibuf = unsafe { &*this };
        ibuf.rpos.set(ibuf.buf.get());
        ibuf.wpos.set(ibuf.buf.get());
    }

    /// `ibuf_reserve`: wpos, with at least `size` bytes to write behind it; NULL with
    /// nothing changed on failure.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn reserve(this: *const Ibuf, size: usize) -> *mut u8 {
        // SAFETY: the caller says so.
        let ibuf = unsafe { &*this };
        if size <= ibuf.end.get().addr() - ibuf.wpos.get().addr() {
            return ibuf.wpos.get();
        }
        // SAFETY: as ours.
        unsafe { Ibuf::reserve_slow(this, size) }
    }

    /// Makes room for `size` bytes behind wpos, where they do not fit, and
    /// returns wpos; NULL with nothing changed on failure. The data to be read
    /// may move.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn reserve_slow(this: *const Ibuf, size: usize) -> *mut u8 {
        // SAFETY: the caller says so.
        let ibuf = unsafe { &*this };
        c_assert!(ibuf.end.get().addr() - ibuf.wpos.get().addr() < size);
        let (old, unread) = (ibuf.buf.get(), ibuf.rpos.get());
        let used = ibuf.wpos.get().addr() - unread.addr();
        let capacity = ibuf.end.get().addr() - old.addr();
        let Some(needed) = used.checked_add(size) else {
            return ptr::null_mut();
        };
        if needed <= capacity {
            // SAFETY: both lie in our memory, and may overlap.
            unsafe { ptr::copy(unread, old, used) };
            ibuf.set_memory(old, used, capacity);
            return ibuf.wpos.get();
        }
        let first = (2 * capacity).max(ibuf.start_capacity.get());
        // SAFETY: the cache is alive and this is its thread.
        let slab = unsafe { get_doubled(ibuf.slabc.get(), first, needed) };
        // SAFETY: NULL or a slab.
        let Some(header) = (unsafe { slab.as_ref() }) else {
            return ptr::null_mut();
        };
        let new = Slab::data(slab);
        // SAFETY: a fresh slab with room for `needed` bytes; the old one is not
        // used any more.
        unsafe {
            if used > 0 {
                ptr::copy_nonoverlapping(unread, new, used);
            }
            Ibuf::destroy(this);
        }
        ibuf.set_memory(new, used, header.size.get() - slab_sizeof());
        ibuf.wpos.get()
    }

    /// `used` bytes to be read at the start of `capacity` bytes at `buf`.
    fn set_memory(&self, buf: *mut u8, used: usize, capacity: usize) {
        self.buf.set(buf);
        self.rpos.set(buf);
        self.wpos.set(buf.wrapping_add(used));
        self.end.set(buf.wrapping_add(capacity));
    }
}

/// A slab of `first` bytes, doubled until there are `needed`; NULL without
/// memory, or if that makes 4 GiB or more (spec small.md 20, quirk 10).
///
/// # Safety
/// As [`SlabCache::get`].
pub(super) unsafe fn get_doubled(
    cache: *const SlabCache,
    first: usize,
    needed: usize,
) -> *mut Slab {
    const MAX: usize = u32::MAX as usize - slab_sizeof();
    let mut capacity = first.max(1);
    while capacity < needed && capacity <= MAX {
        capacity *= 2;
    }
    if capacity > MAX {
        return ptr::null_mut();
    }
    // SAFETY: as ours.
    unsafe { SlabCache::get(cache, capacity) }
}
