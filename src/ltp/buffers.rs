// SPDX-License-Identifier: BSD-2-Clause
//! Guarded buffers (spec ltp.md 14.4): each ends exactly at an inaccessible page, so
//! that one byte too many is a SIGSEGV; bytes in front of it are canaries.
//!
//! ```text
//!   | canaries .... | the buffer | inaccessible |
//!   ^ map           ^            ^ page boundary
//! ```

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use core::sync::atomic::{
    AtomicBool, AtomicPtr,
    Ordering::{AcqRel, Acquire, Relaxed},
};

use super::definition::{Test, elements};
use super::report::{TBROK, TERRNO, TINFO, TWARN, brk, res};
use super::text::Ptr;

const CANARY: u8 = 0xa5;

/// Lies at the start of its own mapping, before the canaries.
struct Header {
    next: *mut Header,
    /// Of the whole mapping.
    mapped: usize,
    buffer: *mut u8,
}

/// A stack of all buffers; pushed by any thread, taken as a whole.
static ALL: AtomicPtr<Header> = AtomicPtr::new(ptr::null_mut());

fn page_size() -> usize {
    // SAFETY: sysconf has no preconditions.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

/// `tst_alloc`: NULL only if it reported and came back.
pub(crate) fn allocate(size: usize) -> *mut c_void {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, Relaxed) {
        res!(TINFO, "Test is using guarded buffers");
    }
    let page = page_size();
    // One page at least in front, for the header and some canaries.
    let Some(mapped) = size
        .checked_next_multiple_of(page)
        .and_then(|usable| usable.checked_add(2 * page))
    else {
        brk!(TBROK, "tst_alloc({size}): too large");
        return ptr::null_mut();
    };
    // SAFETY: a fresh anonymous mapping.
    let map = unsafe {
        libc::mmap(
            ptr::null_mut(),
            mapped,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if map == libc::MAP_FAILED {
        brk!(TBROK | TERRNO, "mmap of {mapped} bytes failed");
        return ptr::null_mut();
    }
    let map = map.cast::<u8>();
    // SAFETY: the last page of the mapping, the `size` bytes before it, and everything
    // before those lie inside; `size` leaves at least a page for the header.
    unsafe {
        let end = map.add(mapped - page);
        libc::mprotect(end.cast(), page, libc::PROT_NONE);
        let buffer = end.sub(size);
        let header = map.cast::<Header>();
        let canaries = header.add(1).cast::<u8>();
        canaries.write_bytes(CANARY, buffer.addr() - canaries.addr());
        header.write(Header {
            next: ptr::null_mut(),
            mapped,
            buffer,
        });
        let mut next = ALL.load(Relaxed);
        loop {
            (*header).next = next;
            match ALL.compare_exchange_weak(next, header, AcqRel, Relaxed) {
                Ok(_) => return buffer.cast(),
                Err(newer) => next = newer,
            }
        }
    }
}

/// `tst_free_all`: checks the canaries and unmaps everything.
pub(crate) fn free_all() {
    let mut header = ALL.swap(ptr::null_mut(), Acquire);
    while !header.is_null() {
        // SAFETY: the swap made the list ours alone; each header starts its mapping.
        unsafe {
            let Header {
                next,
                mapped,
                buffer,
            } = header.read();
            check(header.add(1).cast(), buffer);
            libc::munmap(header.cast(), mapped);
            header = next;
        }
    }
}

/// # Safety
/// The bytes from `canaries` to `buffer` are readable.
unsafe fn check(canaries: *const u8, buffer: *const u8) {
    let count = buffer.addr() - canaries.addr();
    // SAFETY: as the caller says.
    let bytes = unsafe { core::slice::from_raw_parts(canaries, count) };
    for (n, byte) in bytes.iter().enumerate() {
        if *byte != CANARY {
            // SAFETY: getpid has no preconditions.
            let pid = unsafe { libc::getpid() };
            let offset = n.cast_signed() - count.cast_signed();
            res!(
                TWARN,
                "pid {pid}: buffer modified address {}[{offset}]",
                Ptr::new(buffer)
            );
            return;
        }
    }
}

/// In a child of `SAFE_FORK`: checks its copies when it exits.
pub(crate) fn check_at_exit() {
    extern "C" fn free() {
        free_all();
    }
    if !ALL.load(Relaxed).is_null() {
        // SAFETY: registers a function without arguments.
        unsafe { libc::atexit(free) };
    }
}

/// `tst_strdup`.
///
/// # Safety
/// `string` is NUL-terminated.
pub(crate) unsafe fn duplicate(string: *const c_char) -> *mut c_char {
    // SAFETY: as the caller says.
    let size = unsafe { libc::strlen(string) } + 1;
    let copy = allocate(size).cast::<c_char>();
    if !copy.is_null() {
        // SAFETY: both are `size` bytes long, and the copy is fresh.
        unsafe { copy.copy_from_nonoverlapping(string, size) };
    }
    copy
}

/// `tst_iovec_alloc`: a guarded array of guarded buffers.
///
/// # Safety
/// `sizes` ends with -1.
pub(crate) unsafe fn allocate_iovec(sizes: *const c_int) -> *mut libc::iovec {
    // SAFETY: elements before the -1 are readable.
    let count = (0..)
        .take_while(|n| unsafe { *sizes.add(*n) } != -1)
        .count();
    let array = allocate(count * size_of::<libc::iovec>()).cast::<libc::iovec>();
    if array.is_null() {
        return array;
    }
    for n in 0..count {
        // SAFETY: `n` is below the number of elements of both arrays. The array ends at a
        // page boundary, and its size is a multiple of its alignment.
        unsafe {
            let iov_len = usize::try_from(*sizes.add(n)).unwrap_or(0);
            let iov_base = if iov_len > 0 {
                allocate(iov_len)
            } else {
                ptr::null_mut()
            };
            array.add(n).write(libc::iovec { iov_base, iov_len });
        }
    }
    array
}

/// The test's `.bufs`.
pub(crate) fn allocate_for(test: &Test) {
    // SAFETY: the array belongs to the test, and its pointers are writable.
    unsafe {
        for wanted in elements(test.buffers) {
            *wanted.ptr = if wanted.size > 0 {
                allocate(wanted.size)
            } else if !wanted.iov_sizes.is_null() {
                allocate_iovec(wanted.iov_sizes).cast()
            } else if !wanted.str.is_null() {
                duplicate(wanted.str).cast()
            } else {
                continue;
            };
        }
    }
}
