// SPDX-License-Identifier: BSD-2-Clause
//! `struct fio_batch`: vectors that are written together, as far as one call takes them.

use super::fio;
use crate::diag;
use core::ffi::c_int;
use core::mem::offset_of;
use core::ptr;
use libc::iovec;

/// A batch in front of its vectors. Inlines of `fio.h` read and reset it.
#[repr(C)]
pub struct FioBatch {
    bytes: usize,
    iovcnt: c_int,
    max_iov: c_int,
    iov: [iovec; 0],
}

impl FioBatch {
    /// An empty batch in memory of malloc, or NULL with `OutOfMemory` in the diag.
    pub fn new() -> *mut FioBatch {
        let size = size_of::<FioBatch>() + fio::IOV_MAX as usize * size_of::<iovec>();
        // SAFETY: memory of that size, if any.
        unsafe {
            let this = libc::malloc(size).cast::<FioBatch>();
            if this.is_null() {
                diag::set_out_of_memory(size, c"malloc", c"struct fio_batch");
                return ptr::null_mut();
            }
            this.write(FioBatch {
                bytes: 0,
                iovcnt: 0,
                max_iov: fio::IOV_MAX,
                iov: [],
            });
            this
        }
    }

    fn vectors(this: *mut FioBatch) -> *mut iovec {
        this.wrapping_byte_add(offset_of!(FioBatch, iov)).cast()
    }

    /// Appends vectors: their bytes, or 0 with nothing appended if they do not fit.
    ///
    /// # Safety
    /// A live batch; `iov` has `iovcnt` vectors.
    pub unsafe fn add(this: *mut FioBatch, iov: *const iovec, iovcnt: c_int) -> usize {
        // SAFETY: as the caller says; there is room.
        unsafe {
            if iovcnt <= 0 || iovcnt > (*this).max_iov - (*this).iovcnt {
                return 0;
            }
            let count = iovcnt as usize;
            let free = FioBatch::vectors(this).add((*this).iovcnt as usize);
            free.copy_from_nonoverlapping(iov, count);
            let added = (0..count).map(|i| (*iov.add(i)).iov_len).sum();
            (*this).iovcnt += iovcnt;
            (*this).bytes += added;
            added
        }
    }

    /// Writes as much as one call takes, and keeps the rest: how much, or -1.
    ///
    /// # Safety
    /// A live batch, whose vectors are good.
    pub unsafe fn write(this: *mut FioBatch, fd: c_int) -> isize {
        // SAFETY: as the caller says.
        unsafe {
            let vectors = FioBatch::vectors(this);
            let count = (*this).iovcnt as usize;
            if count == 0 {
                return 0;
            }
            let written = fio::writev(fd, vectors, (*this).iovcnt);
            if written >= 0 {
                let whole = fio::advance(vectors, count, written as usize);
                vectors.copy_from(vectors.add(whole), count - whole);
                (*this).iovcnt -= whole as c_int;
                (*this).bytes -= written as usize;
            }
            written
        }
    }
}
