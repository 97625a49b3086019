// SPDX-License-Identifier: BSD-2-Clause
//! What memory checkers are told about the allocators (spec small.md 15).
//!
//! To AddressSanitizer and Valgrind an arena is one large mapping in which
//! everything is allowed. The allocators tell them what is free:
//!
//! ```text
//!   block       [ slab ][ slab    ][ slab                ]
//!   slab        [ 16 forbidden │ header │ data ....      ]   the first of a
//!                                                            block has no 16
//!   free slab   [ 16 forbidden │ header │ forbidden      ]
//!   pool's slab [ header │ object │ forbidden │ object   ]
//! ```
//!
//! so that whoever uses a freed object or slab, or runs off the end of a slab,
//! is reported there and then. The 16 bytes are a link that only the slab at
//! the start of a block needs. What users of a region or of a buffer may touch
//! is decided inline in C; there whole slabs are watched, and `small/region.h`
//! adds the rest where it is compiled with AddressSanitizer.
//!
//! LeakSanitizer learns that blocks may hold pointers, ThreadSanitizer that the
//! return of a block comes before its next use: it does not see our atomics.
//!
//! All of this is decided when the first arena is created. Without a checker it
//! costs a comparison ([`on`]) where a slab is taken or given back, and nothing
//! where an object is: the pools of a watched program take their slow paths.

use super::{Lifo, Slab, slab_sizeof};
use crate::{tsan, valgrind};
use core::ffi::c_void;
use core::mem::offset_of;
use core::ptr;
use core::sync::atomic::{AtomicU8, Ordering};

type Range = unsafe extern "C" fn(*const c_void, usize);

/// `struct cordage_checkers` in `src/shim/fiber/checkers.c`.
#[repr(C)]
struct Runtime {
    asan_poison: Option<Range>,
    asan_unpoison: Option<Range>,
    asan_load: Option<Range>,
    lsan_register: Option<Range>,
    lsan_unregister: Option<Range>,
    region_watched: *const u8,
}

// SAFETY: addresses of functions, and one that nobody follows.
unsafe impl Sync for Runtime {}

unsafe extern "C" {
    static cordage_checkers: Runtime;
}

/// Who wants to know what memory may be touched.
const NOBODY: u8 = 0;
const ASAN: u8 = 1;
const MEMCHECK: u8 = 2;

/// How much of its header a slab does not need that is not the first of a block.
const NOT_NEEDED: usize = offset_of!(Slab, next_in_list);

/// Bytes of a free object that link it into a list.
const LINK: usize = size_of::<Lifo>();

/// In `owner_tag`: there may be objects in the slab that Memcheck knows.
const HOLDS_OBJECTS: u16 = u16::from_ne_bytes(*b"mp");

static LISTENER: AtomicU8 = AtomicU8::new(NOBODY);

/// Whether anybody is to be told which memory may be touched.
#[inline(always)]
pub fn on() -> bool {
    LISTENER.load(Ordering::Relaxed) != NOBODY
}

fn runtime() -> &'static Runtime {
    // SAFETY: a constant.
    unsafe { &cordage_checkers }
}

/// Finds out who is there. Every arena does it when it is created, since no
/// memory is handed out before.
pub fn look() {
    let listener = if runtime().asan_poison.is_some() {
        ASAN
    } else if valgrind::is_memcheck() {
        MEMCHECK
    } else {
        NOBODY
    };
    LISTENER.store(listener, Ordering::Relaxed);
}

/// Calls a function of a sanitizer's runtime, if it is there.
fn tell<T>(function: Option<Range>, start: *const T, size: usize) {
    if let Some(function) = function {
        // SAFETY: they only mark memory of ours, or stop the program with a
        // report.
        unsafe { function(start.cast(), size) };
    }
}

/// Nobody but us may touch these bytes.
#[cold]
pub fn forbid<T>(start: *const T, size: usize) {
    match LISTENER.load(Ordering::Relaxed) {
        ASAN => tell(runtime().asan_poison, start, size),
        MEMCHECK => valgrind::make_no_access(start.cast(), size),
        _ => (),
    }
}

/// Everybody may touch these bytes, whose contents are undefined.
#[cold]
pub fn allow<T>(start: *const T, size: usize) {
    match LISTENER.load(Ordering::Relaxed) {
        ASAN => tell(runtime().asan_unpoison, start, size),
        MEMCHECK => valgrind::make_undefined(start.cast(), size),
        _ => (),
    }
}

/// Whether LeakSanitizer looks for pointers in all blocks at the end.
pub fn leak_checker_reads_blocks() -> bool {
    runtime().lsan_register.is_some()
}

/// A block came from the kernel: leaks are not what pointers in it point to.
pub fn block_mapped(start: *const c_void, size: usize) {
    tell(runtime().lsan_register, start, size);
}

/// A block goes back to the kernel, which may put something else there.
pub fn block_unmapped(start: *const c_void, size: usize) {
    tell(runtime().lsan_unregister, start, size);
    allow(start, size);
}

/// A block is about to be returned to the arena. `kept` bytes of it are still
/// used by the arena.
pub fn block_returned(start: *const c_void, size: usize, kept: usize) {
    tsan::release(start.cast_mut());
    if on() {
        allow(start, kept);
        forbid(start.wrapping_byte_add(kept), size - kept);
    }
}

/// A block was taken out of the arena, perhaps one that was returned before.
pub fn block_taken(start: *const c_void, size: usize) {
    tsan::acquire(start.cast_mut());
    if on() {
        allow(start, size);
    }
}

/// The data of a slab may be used from now on.
#[cold]
pub fn slab_handed_out(slab: &Slab, size: usize) {
    slab.owner_tag.set(0);
    allow(data(slab), size - slab_sizeof());
}

/// A block was handed out as a whole, to become slabs most of which have no header. We
/// shall look for those, so nothing in it counts as undefined.
#[cold]
pub fn block_cut(block: &Slab, size: usize) {
    slab_handed_out(block, size);
    if LISTENER.load(Ordering::Relaxed) == MEMCHECK {
        valgrind::make_defined(data(block).cast(), size - slab_sizeof());
    }
}

/// A slab that was handed out will hold objects, behind a header of so many bytes.
/// None is allocated yet.
#[cold]
pub fn objects_begin(slab: &Slab, header: usize) {
    slab.owner_tag.set(HOLDS_OBJECTS);
    let start = ptr::from_ref(slab).wrapping_byte_add(header);
    forbid(start, slab.size.get() - header);
}

/// All objects in a slab were freed.
#[cold]
pub fn objects_end(slab: &Slab) {
    slab.owner_tag.set(0);
}

/// The data of a slab is not used any more, and neither are objects in it.
#[cold]
pub fn slab_given_back(slab: &Slab, size: usize) {
    let memcheck = LISTENER.load(Ordering::Relaxed) == MEMCHECK;
    if memcheck && slab.owner_tag.get() == HOLDS_OBJECTS {
        forget_objects(data(slab).cast(), size - slab_sizeof());
    }
    slab_free(slab, size);
}

/// A slab is free, whatever was in it: its data must not be touched.
#[cold]
pub fn slab_free(slab: &Slab, size: usize) {
    forbid(data(slab), size - slab_sizeof());
}

/// A free slab of `size` bytes is about to be halved until it has `rest` bytes:
/// the upper halves get headers.
#[cold]
pub fn slab_split(slab: &Slab, mut size: usize, rest: usize) {
    while size > rest {
        size /= 2;
        let header = ptr::from_ref(slab).wrapping_byte_add(size);
        allow(
            header.wrapping_byte_add(NOT_NEEDED),
            slab_sizeof() - NOT_NEEDED,
        );
    }
}

/// Whether what is free in a region may not be touched: where code inline in C
/// says what is allocated again (`small/region.h`).
#[inline]
pub fn regions_on() -> bool {
    on() && !runtime().region_watched.is_null()
}

/// An object of `size` bytes may be used from now on.
#[cold]
pub fn object_allocated(object: *const c_void, size: usize) {
    if LISTENER.load(Ordering::Relaxed) == MEMCHECK {
        // It watches us, too, and we shall link the object into a list.
        let size = size.max(LINK);
        valgrind::malloc_like(object.cast(), size);
    } else {
        // There is a byte in each, for `object_freed` to look at.
        allow(object, size.max(1));
    }
}

/// An object of `size` bytes was freed, and its first word links it into a list.
/// Freed it must not have been before: that is reported.
#[cold]
pub fn object_freed(object: *const c_void, size: usize) {
    if LISTENER.load(Ordering::Relaxed) == MEMCHECK {
        valgrind::free_like(object.cast());
        forbid(object, size);
        valgrind::make_defined(object.cast(), LINK);
    } else {
        tell(runtime().asan_load, object, 1);
        // We are not instrumented: the link may be forbidden as well.
        forbid(object, size);
    }
}

fn data(slab: *const Slab) -> *const c_void {
    slab.wrapping_byte_add(slab_sizeof()).cast()
}

/// Objects that were not freed are gone with their slab. Where they are is not known, so
/// all places are tried; where none is, Memcheck would complain.
fn forget_objects(start: *const u8, size: usize) {
    valgrind::report_errors(false);
    for offset in (0..size).step_by(size_of::<usize>()) {
        valgrind::free_like(start.wrapping_add(offset));
    }
    valgrind::report_errors(true);
}
