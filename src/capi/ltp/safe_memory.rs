// SPDX-License-Identifier: BSD-2-Clause
//! `SAFE_*` for memory, and guarded buffers (spec ltp.md 14.4, 15).

use core::ffi::{c_char, c_int, c_uchar, c_ulong, c_void};

use super::safe_call;
use crate::ltp::report::{Site, TBROK, TDEBUG, TERRNO};
use crate::ltp::text::Ptr;
use crate::ltp::{blocking, buffers, memory};

safe_call! {
    /// malloc(3)
    cleanup fn safe_malloc(size: usize) -> *mut c_void
        = not_null(libc::malloc(size), "malloc({})", size)
}

safe_call! {
    /// calloc(3)
    cleanup fn safe_calloc(nmemb: usize, size: usize) -> *mut c_void
        = not_null(libc::calloc(nmemb, size), "calloc({}, {})", nmemb, size)
}

safe_call! {
    /// realloc(3)
    fn safe_realloc(ptr: *mut c_void, size: usize) -> *mut c_void
        = not_null(libc::realloc(ptr, size), "realloc({}, {})", Ptr::new(ptr), size)
}

safe_call! {
    /// mlock(2)
    fn safe_mlock(addr: *const c_void, len: usize) -> c_int
        = zero(libc::mlock(addr, len), "mlock()")
}

safe_call! {
    /// munlock(2)
    fn safe_munlock(addr: *const c_void, len: usize) -> c_int
        = zero(libc::munlock(addr, len), "munlock()")
}

safe_call! {
    /// mincore(2)
    fn safe_mincore(addr: *mut c_void, len: usize, vec: *mut c_uchar) -> c_int
        = zero(libc::mincore(addr, len, vec), "mincore()")
}

safe_call! {
    /// munmap(2)
    cleanup fn safe_munmap(addr: *mut c_void, len: usize) -> c_int
        = zero(libc::munmap(addr, len), "munmap({},{})", Ptr::new(addr), len)
}

safe_call! {
    /// msync(2)
    fn safe_msync(addr: *mut c_void, len: usize, flags: c_int) -> c_int
        = zero(blocking::msync(addr, len, flags), "msync({}, {}, {})", Ptr::new(addr), len, flags)
}

/// mprotect(2)
///
/// # Safety
/// As mprotect; `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_mprotect(
    file: *const c_char,
    lineno: c_int,
    addr: *mut c_void,
    len: usize,
    prot: c_int,
) -> c_int {
    // SAFETY: as the caller says.
    unsafe {
        let site = Site::new(file, lineno);
        let names = memory::protection(prot);
        let address = Ptr::new(addr);
        let call = format_args!(
            "mprotect({address}, {}, {names}({prot:x}))",
            len.cast_signed()
        );
        site.res(TDEBUG, call);
        let value = libc::mprotect(addr, len, prot);
        if value != 0 {
            site.brk(TBROK | TERRNO, call);
        }
        value
    }
}

/// The names of protection bits; `buf` has room for them, 512 bytes by contract.
///
/// # Safety
/// As above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tst_prot_to_str(prot: c_int, buf: *mut c_char) {
    let names = memory::protection(prot);
    let bytes = names.c_str().to_bytes_with_nul();
    // SAFETY: the names are shorter than what the caller has room for.
    unsafe {
        buf.cast::<u8>()
            .copy_from_nonoverlapping(bytes.as_ptr(), bytes.len())
    };
}

/// 1 if a mapping of this process starts or ends in `[low, high)`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_mapping_in_range(low: c_ulong, high: c_ulong) -> c_int {
    memory::is_mapped(low, high).into()
}

/// The name of the same in 2023.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn range_is_mapped(low: c_ulong, high: c_ulong) -> c_int {
    memory::is_mapped(low, high).into()
}

/// Fills up to `maxsize` bytes of free memory (0: as much as is reasonable).
#[unsafe(no_mangle)]
pub extern "C" fn tst_pollute_memory(maxsize: usize, fillchar: c_int) {
    memory::pollute(maxsize, fillchar);
}

/// At most SHMMAX bytes.
///
/// # Safety
/// `size` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn update_shm_size(size: *mut usize) {
    // SAFETY: as the caller says.
    memory::limit_shm_size(unsafe { &mut *size });
}

/// No core file from here on.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_no_corefile(verbose: c_int) {
    memory::no_core_file(verbose != 0);
}

/// A guarded buffer; the library frees it.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_alloc(size: usize) -> *mut c_void {
    buffers::allocate(size)
}

/// A copy of a string in a guarded buffer.
///
/// # Safety
/// `string` is one.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tst_strdup(string: *const c_char) -> *mut c_char {
    // SAFETY: as the caller says.
    unsafe { buffers::duplicate(string) }
}

/// Guarded buffers of the given sizes, up to -1.
///
/// # Safety
/// The array ends with -1.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tst_iovec_alloc(sizes: *mut c_int) -> *mut libc::iovec {
    // SAFETY: as the caller says.
    unsafe { buffers::allocate_iovec(sizes) }
}

/// Checks and frees all guarded buffers.
#[unsafe(no_mangle)]
pub extern "C" fn tst_free_all() {
    buffers::free_all();
}
