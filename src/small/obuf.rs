// SPDX-License-Identifier: BSD-2-Clause
//! `struct obuf`: an output buffer, a growing vector for `writev` (spec
//! small.md 14.4).
//!
//! ```text
//!   iov[0]        iov[1]               iov[2]              iov[3]
//!   [ data .... ] [ data ... │ free ]  [ free .......... ]  0 0
//!                            ^ pos = 1            n_iov = 3 ┘
//! ```
//!
//! * Data is appended to `iov[pos]`; entries before it may have a gap at the
//!   end, entries behind it are empty, those from `n_iov` on have no memory.
//! * `iov[n_iov]` and `capacity[n_iov]` are 0: an entry without memory is full,
//!   and ends searches.
//! * Entry p gets `start_capacity << p` bytes at least, so that 31 are enough.
//!
//! Data never moves, so savepoints and addresses stay good until rollback.

use super::ibuf::get_doubled;
use super::{Slab, SlabCache, slab_sizeof};
use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::mem::offset_of;
use core::ptr;

/// The most entries that can have data (`SMALL_OBUF_IOV_MAX`).
const IOV_MAX: usize = 31;

/// `struct obuf_svp`: where a buffer ended.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ObufSvp {
    /// Entry number.
    pub pos: usize,
    /// Bytes in that entry.
    pub iov_len: usize,
    /// Bytes in the buffer.
    pub used: usize,
}

/// `struct iovec`, in cells.
#[repr(C)]
#[derive(Debug)]
pub struct Iovec {
    /// Start of the memory; NULL without any.
    pub base: Cell<*mut u8>,
    /// Bytes of data.
    pub len: Cell<usize>,
}

/// `struct obuf`.
#[repr(C)]
#[derive(Debug)]
pub struct Obuf {
    slabc: Cell<*const SlabCache>,
    /// The entry that is appended to.
    pub pos: Cell<c_int>,
    /// Entries with memory.
    pub n_iov: Cell<c_int>,
    /// Bytes of data.
    pub used: Cell<usize>,
    /// The least to allocate for the first entry.
    start_capacity: Cell<usize>,
    /// Bytes of memory of each entry.
    pub capacity: [Cell<usize>; IOV_MAX + 1],
    /// What to give to `writev`.
    pub iov: [Iovec; IOV_MAX + 1],
}

const _: () = {
    assert!(size_of::<ObufSvp>() == 24);
    assert!(offset_of!(ObufSvp, iov_len) == 8);
    assert!(offset_of!(ObufSvp, used) == 16);

    assert!(size_of::<Iovec>() == size_of::<libc::iovec>());
    assert!(offset_of!(Iovec, len) == offset_of!(libc::iovec, iov_len));

    assert!(size_of::<Obuf>() == 800);
    assert!(offset_of!(Obuf, pos) == 8);
    assert!(offset_of!(Obuf, n_iov) == 12);
    assert!(offset_of!(Obuf, used) == 16);
    assert!(offset_of!(Obuf, start_capacity) == 24);
    assert!(offset_of!(Obuf, capacity) == 32);
    assert!(offset_of!(Obuf, iov) == 288);
};

/// In these functions `this` was created, its cache is alive, and the caller is
/// the cache's thread.
impl Obuf {
    /// Sets up an empty buffer. Allocates nothing. `start_capacity` is not 0.
    ///
    /// # Safety
    /// `this` is valid; `cache` was created and lives longer.
    pub unsafe fn create(
        this: *const Obuf,
        cache: *const SlabCache,
        start_capacity: usize,
    ) {
        // SAFETY: the caller says so.
        let buf = unsafe { &*this };
        buf.slabc.set(cache);
        buf.start_capacity.set(start_capacity);
        buf.pos.set(0);
        buf.n_iov.set(0);
        buf.used.set(0);
        buf.set_memory(0, ptr::null_mut(), 0);
    }

    /// Gives back the memory. The buffer is empty afterwards.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn destroy(this: *const Obuf) {
        // SAFETY: the caller says so.
        let buf = unsafe { &*this };
        for iov in &buf.iov[..buf.n_iov.get() as usize] {
            // SAFETY: the memory of an entry is the data of a slab of ours.
            unsafe {
                SlabCache::put(buf.slabc.get(), Slab::from_data(iov.base.get().cast()))
            };
        }
        // SAFETY: as ours.
        unsafe { Obuf::create(this, buf.slabc.get(), buf.start_capacity.get()) };
    }

    /// Forgets the contents; keeps the memory.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn reset(this: *const Obuf) {
        // SAFETY: as ours.
        unsafe {
            Obuf::rollback(
                this,
                ObufSvp {
                    pos: 0,
                    iov_len: 0,
                    used: 0,
                },
            )
        };
    }

    /// Goes back to where the buffer ended when `svp` was made; keeps the
    /// memory.
    ///
    /// # Safety
    /// See the head of this block; the buffer has not been shorter since.
    pub unsafe fn rollback(this: *const Obuf, svp: ObufSvp) {
        // SAFETY: the caller says so.
        let buf = unsafe { &*this };
        buf.iov[svp.pos].len.set(svp.iov_len);
        buf.iov[svp.pos + 1..]
            .iter()
            .take(buf.n_iov.get() as usize)
            .for_each(|iov| iov.len.set(0));
        buf.pos.set(svp.pos as c_int);
        buf.used.set(svp.used);
    }

    /// Makes room for `size` contiguous bytes, where they do not fit the
    /// current entry, and returns where to append; NULL with the contents
    /// unchanged if there is no memory or no entry.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn reserve_slow(this: *const Obuf, size: usize) -> *mut u8 {
        // SAFETY: the caller says so.
        let buf = unsafe { &*this };
        let mut pos = buf.pos.get() as usize;
        if buf.iov[pos].len.get() > 0 {
            pos += 1;
            if pos >= IOV_MAX {
                return ptr::null_mut();
            }
            // Also without memory: the reference goes on there, and leaves the gap.
            buf.pos.set(pos as c_int);
        }
        if buf.capacity[pos].get() < size && !buf.allocate(pos, size) {
            return ptr::null_mut();
        }
        buf.iov[pos].base.get()
    }

    /// Appends a copy of `size` bytes, filling every entry on the way. Returns
    /// how many bytes were appended: fewer if memory or entries ran out.
    ///
    /// # Safety
    /// See the head of this block; `data` points to `size` bytes that are not
    /// memory of this buffer.
    pub unsafe fn dup(this: *const Obuf, data: *const c_void, size: usize) -> usize {
        // SAFETY: the caller says so.
        let buf = unsafe { &*this };
        let mut done = 0;
        while done < size {
            let mut pos = buf.pos.get() as usize;
            if buf.iov[pos].len.get() == buf.capacity[pos].get()
                && buf.capacity[pos].get() > 0
            {
                pos += 1;
                if pos >= IOV_MAX {
                    break;
                }
            }
            if buf.capacity[pos].get() == 0 && !buf.allocate(pos, size - done) {
                break;
            }
            buf.pos.set(pos as c_int);
            let (iov, len) = (&buf.iov[pos], buf.iov[pos].len.get());
            let piece = (size - done).min(buf.capacity[pos].get() - len);
            // SAFETY: `piece` bytes are left there, and free here.
            unsafe {
                let from = data.cast::<u8>().add(done);
                ptr::copy_nonoverlapping(from, iov.base.get().add(len), piece);
            }
            iov.len.set(len + piece);
            buf.used.update(|used| used + piece);
            done += piece;
        }
        done
    }

    /// Gives the empty entry `pos` memory for `size` bytes: the first entry
    /// without memory, or one with too little of it. False if there is none to
    /// be had.
    fn allocate(&self, pos: usize, size: usize) -> bool {
        let (old, old_capacity) = (self.iov[pos].base.get(), self.capacity[pos].get());
        let first = match old_capacity {
            0 => self.start_capacity.get() << pos,
            capacity => capacity,
        };
        // SAFETY: the cache is alive and this is its thread.
        let slab = unsafe { get_doubled(self.slabc.get(), first, size) };
        // SAFETY: NULL or a slab.
        let Some(header) = (unsafe { slab.as_ref() }) else {
            return false;
        };
        self.set_memory(pos, Slab::data(slab), header.size.get() - slab_sizeof());
        if old_capacity > 0 {
            // SAFETY: the former slab of an empty entry.
            unsafe { SlabCache::put(self.slabc.get(), Slab::from_data(old.cast())) };
        } else {
            self.set_memory(pos + 1, ptr::null_mut(), 0);
            self.n_iov.set(pos as c_int + 1);
        }
        true
    }

    /// Makes `pos` an empty entry with `capacity` bytes at `base`.
    fn set_memory(&self, pos: usize, base: *mut u8, capacity: usize) {
        self.capacity[pos].set(capacity);
        self.iov[pos].base.set(base);
        self.iov[pos].len.set(0);
    }
}
