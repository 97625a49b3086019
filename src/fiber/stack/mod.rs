// SPDX-License-Identifier: BSD-2-Clause
//! Fiber stacks: one slab each, with a guard (spec fiber.md 11).
//!
//! ```text
//! slab      slab+48        guard        stack                  end       slab end
//!  | header |   unused      |  no access |   usable stack       |  unused  |
//!  +--------+---------------+------------+----------------------+----------+
//!                           ^            ^ guard + page         ^ slab + requested size
//!                first page boundary at or above slab + 48
//! ```
//!
//! Nothing outside `[stack, end)` is ever written through the fiber, and the
//! library itself keeps to the same bytes. A stack whose guard cannot be lifted
//! keeps its slab for as long as that lasts: see [`quarantine`]. Most slabs come from
//! the [`depot`] and have no header.

pub mod depot;
pub mod guard;
pub mod limits;
pub mod quarantine;
pub mod watermark;

use super::switch::baggage;
use super::{Fiber, flag};
use crate::diag;
use crate::say;
use crate::small::{Slab, SlabCache, page_size, slab_sizeof};
use crate::valgrind;
use core::ptr;
use depot::Depot;
use guard::{Guard, Kind};
use quarantine::Quarantine;

/// Why a stack was not made. The diag of the current fiber says more.
#[derive(Debug, PartialEq, Eq)]
pub struct NoStack;

/// What a cord keeps for its stacks.
pub struct Stacks {
    /// Where most come from.
    pub depot: Depot,
    /// Where those wait that cannot go back.
    pub quarantine: Quarantine,
}

impl Stacks {
    /// Makes an empty one in place: it may not move.
    ///
    /// # Safety
    /// `this` points to writable memory for one.
    pub unsafe fn create(this: *mut Stacks) {
        // SAFETY: as the caller says.
        unsafe {
            Depot::create(&raw mut (*this).depot);
            Quarantine::create(&raw mut (*this).quarantine);
        }
    }
}

/// How a stack was made; zeroed memory is none yet.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub struct Make {
    /// A [`Kind`], or 0.
    guard: u8,
    /// The slab came from the depot.
    cut: bool,
    /// The words of the watermark are in place.
    planted: bool,
}

impl Make {
    /// The way the guard was made.
    pub fn guard(self) -> Option<Kind> {
        Kind::from_tag(self.guard)
    }

    /// In the header of a slab.
    fn tag(self) -> u16 {
        u16::from_ne_bytes([self.guard, self.cut.into()])
    }

    fn from_tag(tag: u16) -> Make {
        let [guard, cut] = tag.to_ne_bytes();
        Make {
            guard,
            cut: cut != 0,
            planted: false,
        }
    }
}

/// Gives `fiber` a stack carved from `requested` bytes of `slabc`, with a guard made as
/// `forced` says, or else as usual.
///
/// Sets `stack_slab`, `stack`, `stack_size`, `stack_id` and `stack_watermark`;
/// on failure leaves `fiber` without a stack and takes nothing from the cache.
/// The diag of the current fiber then holds (spec 11.8, 11.9)
/// * `SystemError` "stack size is too small" (EINVAL): no whole page above the guard;
/// * `OutOfMemory` "runtime arena": no slab, or more than `UINT32_MAX` bytes;
/// * `SystemError` "fiber mprotect failed", logged as well: no guard.
///
/// If a limit of the kernel is the reason, another line of the log names it.
///
/// # Safety
/// The calling thread is a cord and owns `slabc`; `stacks` belongs to the same cord;
/// `fiber` has no stack and its flags are set.
pub unsafe fn create(
    fiber: &Fiber,
    slabc: *mut SlabCache,
    stacks: Option<&Stacks>,
    requested: usize,
    forced: Option<Kind>,
) -> Result<(), NoStack> {
    let page = page_size();
    // The first page goes to the header, the second to the guard.
    if requested < 3 * page {
        crate::errno::set(libc::EINVAL);
        diag::set_system_error(c"stack size is too small");
        return Err(NoStack);
    }
    let wanted = requested - slab_sizeof();
    // SAFETY: as the caller says.
    let Some((slab, cut)) = (unsafe { get_slab(slabc, stacks, requested) }) else {
        diag::set_out_of_memory(wanted, c"runtime arena", c"fiber stack");
        limits::explain(requested);
        return Err(NoStack);
    };
    let end = Slab::data(slab).wrapping_add(wanted);
    let guard = guard_page(slab);
    let stack = guard.wrapping_add(page);
    fiber.stack_slab.set(slab);
    fiber.stack.set(stack);
    fiber.stack_size.set(end as usize - stack as usize);
    fiber.stack_id.set(valgrind::stack_register(stack, end));
    // SAFETY: the guard page lies inside the slab, which is ours alone.
    let guarded = unsafe { Guard::set(guard, forced.unwrap_or_else(Kind::preferred)) };
    fiber.stack_make.set(Make {
        guard: guarded.as_ref().map_or(0, |&kind| kind as u8),
        cut,
        planted: false,
    });
    if let Err(error) = guarded {
        diag::log_last();
        if !error.injected {
            limits::explain(requested);
        }
        // Lifting a guard that never was set succeeds, so this returns the slab.
        // SAFETY: the stack was just described above.
        unsafe { destroy(fiber, slabc, stacks) };
        return Err(NoStack);
    }
    // SAFETY: the range is the stack, used by nobody yet.
    unsafe { watermark::create(fiber) };
    Ok(())
}

/// A slab of `size` bytes in all, and whether the depot has it.
///
/// # Safety
/// As for [`create`].
unsafe fn get_slab(
    slabc: *mut SlabCache,
    stacks: Option<&Stacks>,
    size: usize,
) -> Option<(*mut Slab, bool)> {
    u32::try_from(size).ok()?;
    // SAFETY: as the caller says.
    unsafe {
        let order = (*slabc).order_of(size);
        if let Some(slab) = stacks.and_then(|stacks| stacks.depot.take(slabc, order)) {
            return Some((slab, true));
        }
        let slab = SlabCache::get(slabc, size - slab_sizeof());
        (!slab.is_null()).then_some((slab, false))
    }
}

/// Where [`get_slab`] had it from.
///
/// # Safety
/// As for [`create`]; nobody uses the slab, and all of it is accessible.
unsafe fn put_slab(
    slabc: *mut SlabCache,
    stacks: Option<&Stacks>,
    slab: *mut Slab,
    make: Make,
) {
    // SAFETY: as the caller says; only a cord with a depot gets slabs from it.
    unsafe {
        match stacks {
            Some(stacks) if make.cut => stacks.depot.give(slabc, slab),
            _ => SlabCache::put(slabc, slab),
        }
    }
}

/// Takes the stack of `fiber` away and gives its slab back to `slabc`.
///
/// When the guard cannot be lifted the slab is not given back: the log gets
/// "fiber: Can't put guard page to slab. Leak N bytes" with the reason, the
/// diag of the current fiber holds it, and the slab goes to the quarantine, or is
/// leaked where there is none. Harmless for a fiber without a stack.
///
/// # Safety
/// Nothing runs on the stack. The calling thread owns `slabc`, where the
/// stack came from; `stacks` is what [`create`] was given.
pub unsafe fn destroy(fiber: &Fiber, slabc: *mut SlabCache, stacks: Option<&Stacks>) {
    if fiber.stack.get().is_null() {
        return;
    }
    let slab = fiber.stack_slab.get();
    let size = fiber.stack_size.get();
    let make = fiber.stack_make.get();
    valgrind::stack_deregister(fiber.stack_id.get());
    valgrind::make_undefined(fiber.stack.get(), size);
    baggage::forget_stack(fiber.stack.get(), size);
    // SAFETY: `create` put a guard of that kind there.
    if unsafe { Guard::of(slab, make).lift() }.is_ok() {
        // SAFETY: the slab came from this cache and is wholly accessible again.
        unsafe { put_slab(slabc, stacks, slab, make) };
    } else {
        say::say_syserror!("fiber: Can't put guard page to slab. Leak {} bytes", size);
        if let Some(stacks) = stacks {
            // SAFETY: the slab is nobody's now; the caller vouches for the pair.
            unsafe { stacks.quarantine.admit(slab, slabc, make) };
        }
    }
    fiber.stack_slab.set(ptr::null_mut());
    fiber.stack.set(ptr::null_mut());
    fiber.stack_size.set(0);
    fiber.stack_watermark.set(ptr::null_mut());
    fiber.stack_make.set(Make::default());
}

/// What happens to the memory of a stack whose fiber was recycled with it.
///
/// # Safety
/// The fiber is parked, or it is the one that runs and stands above its
/// watermark for good.
#[inline]
pub unsafe fn recycle(fiber: &Fiber) {
    // SAFETY: the watermark lies inside the stack.
    unsafe { watermark::recycle(fiber) };
}

/// Whether the fiber's stack was made to order.
#[inline]
pub fn is_custom(fiber: &Fiber) -> bool {
    fiber.has(flag::CUSTOM_STACK)
}

/// Where the first frame of `fiber` goes: at the end of its stack, rounded down to 16
/// bytes, or a little below.
///
/// Stacks lie at one distance, a power of two, so with all their ends at the same place
/// in a page, the frames of all waiting fibers would share a few sets of every cache
/// (measured with 1,000 fibers: twice the time for a switch). Where there is room, the
/// first frame therefore starts on one of several cache lines.
pub fn first_frame(fiber: &Fiber) -> *mut u8 {
    const LINE: usize = 64;
    const COLOURS: usize = 16;
    /// No more than a sixteenth of a stack.
    const ROOM: usize = 16 * LINE * COLOURS;
    let (stack, size) = (fiber.stack.get(), fiber.stack_size.get());
    let top = stack.wrapping_add(size - (stack.addr() + size) % 16);
    if size < ROOM {
        return top;
    }
    let index = fiber.stack_slab.get().addr() / size.next_power_of_two();
    top.wrapping_sub(index % COLOURS * LINE)
}

/// Where the guard of a stack in `slab` lies. Slabs of the arena start on a page;
/// huge ones, from malloc, need not.
fn guard_page(slab: *mut Slab) -> *mut u8 {
    let data = Slab::data(slab);
    data.wrapping_add(data.align_offset(page_size()))
}
