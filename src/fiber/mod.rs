// SPDX-License-Identifier: BSD-2-Clause
//! Fibers: stackful coroutines of one cord (spec fiber.md).
//!
//! A fiber is `struct fiber`, a stack, and a function. It lives through
//!
//! ```text
//!   create ──> start/wakeup ──> run <──> wait ──> die ──> recycle ──> cache ──┐
//!     ^                                            │                          │
//!     └──────────────── reuse (default stack) ─────┼──────────────────────────┘
//!                                                  └──> garbage ──> delete (custom stack)
//! ```
//!
//! [`life`] is that circle, [`sched`] decides who runs, [`wait`] waits for time,
//! [`stack`] makes and guards stacks, [`switch`] changes from one to another.

pub mod attr;
pub mod life;
pub mod population;
pub mod ready;
pub mod registry;
pub mod sched;
pub mod stack;
pub mod switch;
pub mod wait;

use crate::abi::layout;
use crate::diag::Diag;
use crate::small::{Region, Rlist, Slab};
use core::cell::{Cell, UnsafeCell};
use core::ffi::{CStr, c_char, c_int, c_uint, c_void};
use core::mem::offset_of;
use core::ops::Deref;
use core::ptr::NonNull;
use switch::Context;

/// Longest name, without the terminating NUL (`FIBER_NAME_MAX`).
pub const NAME_MAX: usize = 32;

/// Bits of `fiber.flags` (spec fiber.md 2.2; transitions in section 5).
pub mod flag {
    /// A cancel wakes the fiber.
    pub const CANCELLABLE: u32 = 1 << 0;
    /// Somebody cancelled the fiber.
    pub const CANCELLED: u32 = 1 << 1;
    /// Its result waits for `fiber_join`.
    pub const JOINABLE: u32 = 1 << 2;
    /// It certainly will run: it was woken, or is somebody's caller.
    pub const READY: u32 = 1 << 3;
    /// Its function has returned.
    pub const DEAD: u32 = 1 << 4;
    /// Its stack was made to order: it is deleted, not cached.
    pub const CUSTOM_STACK: u32 = 1 << 5;
    /// It is the one that runs.
    pub const RUNNING: u32 = 1 << 6;
    /// What a plain `fiber_new` gives.
    pub const DEFAULT: u32 = CANCELLABLE;
}

/// The one element of a `va_list` on x86-64: a pointer to it is what a
/// function with a `va_list` parameter receives.
pub type VaListTag = [u64; 3];

/// `fiber_func`: what a fiber runs. A value other than 0 is a failure, with
/// the reason in the fiber's diagnostics area.
pub type FiberFunc = unsafe extern "C-unwind" fn(*mut VaListTag) -> c_int;

/// `fiber_storage`: per-fiber words of the program's upper layers. The library
/// only clears them when a fiber is recycled.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Storage {
    /// `struct session *`.
    pub session: *mut c_void,
    /// `struct credentials *`.
    pub credentials: *mut c_void,
    /// `struct txn *`.
    pub txn: *mut c_void,
    /// `struct lua_State *`.
    pub lua_stack: *mut c_void,
    /// Reference to the Lua coroutine.
    pub lua_ref: c_int,
    /// Request id of the network layer.
    pub net_sync: u64,
}

impl Storage {
    const EMPTY: Storage = Storage {
        session: core::ptr::null_mut(),
        credentials: core::ptr::null_mut(),
        txn: core::ptr::null_mut(),
        lua_stack: core::ptr::null_mut(),
        lua_ref: 0,
        net_sync: 0,
    };
}

/// `struct fiber` (spec fiber.md 3.3). C code reads and writes these fields
/// behind our back, so every one of them is a cell.
#[repr(C)]
pub struct Fiber {
    /// Where it stopped; valid only while it does not run.
    pub ctx: Context,
    /// The slab that holds the stack.
    pub stack_slab: Cell<*mut Slab>,
    /// Lowest usable stack byte; NULL without a stack.
    pub stack: Cell<*mut u8>,
    /// First poison word, or NULL: see [`stack::watermark`].
    pub stack_watermark: Cell<*mut u64>,
    /// Usable stack bytes.
    pub stack_size: Cell<usize>,
    /// Valgrind's name for the stack.
    pub stack_id: Cell<c_uint>,
    /// How the stack was made; the C struct has a hole here.
    pub stack_make: Cell<stack::Make>,
    /// The fiber's region.
    pub gc: UnsafeCell<Region>,
    /// Who gets control when this fiber yields.
    pub caller: Cell<*mut Fiber>,
    /// How often it was switched to.
    pub csw: Cell<c_int>,
    /// Id in its cord, 0 when recycled.
    pub fid: Cell<u32>,
    /// See [`flag`].
    pub flags: Cell<u32>,
    /// Half of [`Fiber::word`], for whose halves the reference's struct has holes.
    word_high: Cell<u32>,
    /// In `cord.alive` or `cord.dead`.
    pub link: Rlist,
    /// In the queue of whatever it waits for.
    pub state: Rlist,
    /// Triggers.
    pub on_yield: Rlist,
    /// Triggers.
    pub on_stop: Rlist,
    /// Fibers (linked by their `state`) to wake when this one dies.
    pub wake: Rlist,
    /// NULL when parked.
    pub f: Cell<Option<FiberFunc>>,
    /// Arguments of `fiber_start`, valid until the first yield.
    pub f_data: UnsafeCell<VaListTag>,
    /// What `f` returned.
    pub f_ret: Cell<c_int>,
    /// The other half.
    word_low: Cell<u32>,
    /// Words of the upper layers.
    pub storage: Cell<Storage>,
    /// A channel's note about what this fiber waits for.
    pub wait_pad: Cell<*mut c_void>,
    /// The diagnostics area.
    pub diag: Diag,
    /// NUL-terminated.
    pub name: Cell<[c_char; NAME_MAX + 1]>,
    /// Id of the fiber that joins this one; padding in the reference.
    pub joiner: Cell<u32>,
}

layout!(Fiber = "fiber", 336: ctx 0, stack_slab 8, stack 16, stack_watermark 24,
    stack_size 32, stack_id 40, gc 48, caller 88, csw 96, fid 100, flags 104, link 112,
    state 128, on_yield 144, on_stop 160, wake 176, f 192, f_data 200, f_ret 224,
    storage 232, wait_pad 280, diag 288, name 296; stack_make 44, word_high 108,
    word_low 228, joiner 332);

impl Fiber {
    /// The name, as C and log lines see it.
    pub fn name(&self) -> &CStr {
        // SAFETY: `set_name` always terminates the array, and a zeroed name is
        // terminated, too.
        unsafe { CStr::from_ptr(self.name.as_ptr().cast()) }
    }

    /// Copies at most [`NAME_MAX`] bytes; longer names are cut.
    #[inline]
    pub fn set_name(&self, name: &CStr) {
        // SAFETY: the text is terminated.
        unsafe { self.copy_name(name.as_ptr()) };
    }

    /// Makes the name empty.
    #[inline]
    pub fn clear_name(&self) {
        // SAFETY: the first byte of the array.
        unsafe { self.name.as_ptr().cast::<c_char>().write(0) };
    }

    /// [`Fiber::set_name`] that does not look for the end of the text first.
    ///
    /// # Safety
    /// `name` is terminated.
    #[inline]
    pub unsafe fn copy_name(&self, name: *const c_char) {
        let to = self.name.as_ptr().cast::<c_char>();
        // SAFETY: at most NAME_MAX bytes and the terminator; of `name` nothing behind its
        // terminator is read.
        unsafe {
            let mut i = 0;
            while i < NAME_MAX && *name.add(i) != 0 {
                *to.add(i) = *name.add(i);
                i += 1;
            }
            *to.add(i) = 0;
        }
    }

    /// [`Fiber::set_name`] for a text that ends at `len` bytes, or at a NUL.
    pub fn set_name_bytes(&self, name: &[u8]) {
        let mut copy = [0; NAME_MAX + 1];
        for (to, &from) in copy.iter_mut().zip(name.iter().take(NAME_MAX)) {
            *to = from as c_char;
        }
        // SAFETY: the last byte is 0.
        unsafe { self.copy_name(copy.as_ptr()) };
    }

    /// What `fiber_set_ctx` gave it; NULL in every new fiber.
    pub fn word(&self) -> *mut c_void {
        let high = (self.word_high.get() as usize) << u32::BITS;
        core::ptr::with_exposed_provenance_mut(high | self.word_low.get() as usize)
    }

    /// Gives it one.
    pub fn set_word(&self, word: *mut c_void) {
        let word = word.expose_provenance();
        self.word_low.set(word as u32);
        self.word_high.set((word >> u32::BITS) as u32);
    }

    /// Whether any of the `flag` bits is set.
    #[inline]
    pub fn has(&self, flag: u32) -> bool {
        self.flags.get() & flag != 0
    }

    /// Sets `flag` bits.
    #[inline]
    pub fn raise(&self, flag: u32) {
        self.set_flags(self.flags.get() | flag);
    }

    /// Clears `flag` bits.
    #[inline]
    pub fn lower(&self, flag: u32) {
        self.set_flags(self.flags.get() & !flag);
    }

    /// Inverts `flag` bits.
    #[inline]
    pub fn flip(&self, flag: u32) {
        self.set_flags(self.flags.get() ^ flag);
    }

    /// Replaces all flags, by a store of the whole word: the compiler likes to narrow
    /// "set a bit" to a byte, and the next switch, which reads the word, would then
    /// wait for the store to leave the processor's store buffer.
    #[inline]
    pub fn set_flags(&self, flags: u32) {
        // SAFETY: the cell's own memory; its value is only copied in and out.
        unsafe { self.flags.as_ptr().write_volatile(flags) };
    }
}

/// A fiber of the current cord.
///
/// It is a pointer that may be read: the memory of a fiber belongs to the pool
/// of its cord and stays mapped until the cord is destroyed, so a stale
/// reference reads a wrong fiber at worst. C code changes the fields at any
/// time, therefore all of them are cells.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct FiberRef(NonNull<Fiber>);

impl FiberRef {
    /// # Safety
    /// `fiber` is a fiber of the current cord, or its scheduler, or freshly
    /// allocated from its pool with all bytes zero.
    #[inline]
    pub unsafe fn new(fiber: NonNull<Fiber>) -> FiberRef {
        FiberRef(fiber)
    }

    /// # Safety
    /// As [`FiberRef::new`], and `fiber` is not NULL.
    #[inline]
    pub unsafe fn from_ptr(fiber: *mut Fiber) -> FiberRef {
        // SAFETY: the caller says so.
        FiberRef(unsafe { NonNull::new_unchecked(fiber) })
    }

    /// The fiber whose `state` link `link` is.
    ///
    /// # Safety
    /// `link` is the `state` of a fiber of the current cord.
    #[inline]
    pub unsafe fn from_state(link: *mut Rlist) -> FiberRef {
        // SAFETY: the link is embedded at a fixed offset of a fiber.
        unsafe { FiberRef::from_ptr(link.byte_sub(offset_of!(Fiber, state)).cast()) }
    }

    /// The fiber whose `link` link `link` is.
    ///
    /// # Safety
    /// `link` is the `link` of a fiber of the current cord.
    #[inline]
    pub unsafe fn from_link(link: *mut Rlist) -> FiberRef {
        // SAFETY: as in `from_state`.
        unsafe { FiberRef::from_ptr(link.byte_sub(offset_of!(Fiber, link)).cast()) }
    }

    /// The C pointer.
    #[inline]
    pub fn as_ptr(self) -> *mut Fiber {
        self.0.as_ptr()
    }

    /// The link by which it waits or is ready.
    #[inline]
    pub fn state(self) -> *mut Rlist {
        self.field(offset_of!(Fiber, state))
    }

    /// The link in the cord's alive or dead list.
    #[inline]
    pub fn link(self) -> *mut Rlist {
        self.field(offset_of!(Fiber, link))
    }

    /// Triggers to run before it loses control.
    #[inline]
    pub fn on_yield(self) -> *mut Rlist {
        self.field(offset_of!(Fiber, on_yield))
    }

    /// Triggers to run at its death.
    #[inline]
    pub fn on_stop(self) -> *mut Rlist {
        self.field(offset_of!(Fiber, on_stop))
    }

    /// Who waits for its death.
    #[inline]
    pub fn wake(self) -> *mut Rlist {
        self.field(offset_of!(Fiber, wake))
    }

    /// A list head or link of the fiber. Lists refer to each other by address, so
    /// they are always named by the address inside the fiber, never by a
    /// reference.
    #[inline]
    fn field(self, offset: usize) -> *mut Rlist {
        self.as_ptr().wrapping_byte_add(offset).cast()
    }
}

impl Deref for FiberRef {
    type Target = Fiber;

    #[inline]
    fn deref(&self) -> &Fiber {
        // SAFETY: by construction the memory is a fiber's, aligned and mapped;
        // all fields are cells, so shared access from C is fine.
        unsafe { self.0.as_ref() }
    }
}

/// A fiber in an error message.
pub struct Described(pub FiberRef);

impl core::fmt::Display for Described {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "fiber '{}' ({})",
            self.0.name().to_string_lossy(),
            self.0.fid.get()
        )
    }
}
