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
//! keeps its slab for as long as that lasts: see [`quarantine`].

pub mod guard;
pub mod quarantine;
pub mod watermark;

use super::switch::baggage;
use super::{Fiber, flag};
use crate::diag;
use crate::say;
use crate::small::{Slab, SlabCache, page_size, slab_sizeof};
use crate::valgrind;
use core::ptr;
use guard::Guard;
use quarantine::Quarantine;

/// Why a stack was not made. The diag of the current fiber says more.
#[derive(Debug, PartialEq, Eq)]
pub struct NoStack;

/// Gives `fiber` a stack carved from `requested` bytes of `slabc`.
///
/// Sets `stack_slab`, `stack`, `stack_size`, `stack_id` and `stack_watermark`;
/// on failure leaves `fiber` without a stack and takes nothing from the cache.
/// The diag of the current fiber then holds (spec 11.8, 11.9)
/// * `SystemError` "stack size is too small" (EINVAL): no whole page above the guard;
/// * `OutOfMemory` "runtime arena": no slab, or more than `UINT32_MAX` bytes;
/// * `SystemError` "fiber mprotect failed", logged as well: no guard.
///
/// # Safety
/// The calling thread is a cord and owns `slabc`; `fiber` has no stack and its
/// flags are set.
pub unsafe fn create(
    fiber: &Fiber,
    slabc: *mut SlabCache,
    requested: usize,
) -> Result<(), NoStack> {
    let page = page_size();
    // The first page goes to the header, the second to the guard.
    if requested < 3 * page {
        crate::errno::set(libc::EINVAL);
        diag::set_system_error(c"stack size is too small");
        return Err(NoStack);
    }
    let wanted = requested - slab_sizeof();
    let slab = if u32::try_from(requested).is_err() {
        ptr::null_mut()
    } else {
        // SAFETY: the caller owns the cache.
        unsafe { SlabCache::get(slabc, wanted) }
    };
    if slab.is_null() {
        diag::set_out_of_memory(wanted, c"runtime arena", c"fiber stack");
        return Err(NoStack);
    }
    let end = Slab::data(slab).wrapping_add(wanted);
    let guard = guard_page(slab);
    let stack = guard.wrapping_add(page);
    fiber.stack_slab.set(slab);
    fiber.stack.set(stack);
    fiber.stack_size.set(end as usize - stack as usize);
    fiber.stack_id.set(valgrind::stack_register(stack, end));
    // SAFETY: the guard page lies inside the slab, which is ours alone.
    match unsafe { Guard::set(guard) } {
        // SAFETY: a live slab.
        Ok(kind) => unsafe { (*slab).owner_tag.set(kind as u16) },
        Err(_) => {
            diag::log_last();
            // Lifting a guard that never was set succeeds, so this returns the
            // slab. SAFETY: the stack was just described above.
            unsafe { destroy(fiber, slabc, None) };
            return Err(NoStack);
        }
    }
    // SAFETY: the range is the stack, used by nobody yet.
    unsafe { watermark::create(fiber) };
    Ok(())
}

/// Takes the stack of `fiber` away and gives its slab back to `slabc`.
///
/// When the guard cannot be lifted the slab is not given back: the log gets
/// "fiber: Can't put guard page to slab. Leak N bytes" with the reason, the
/// diag of the current fiber holds it, and the slab goes to `quarantine`, or is
/// leaked where there is none. Harmless for a fiber without a stack.
///
/// # Safety
/// Nothing runs on the stack. The calling thread owns `slabc`, where the
/// stack came from; `quarantine` belongs to the same cord as `slabc`.
pub unsafe fn destroy(
    fiber: &Fiber,
    slabc: *mut SlabCache,
    quarantine: Option<&Quarantine>,
) {
    if fiber.stack.get().is_null() {
        return;
    }
    let slab = fiber.stack_slab.get();
    let size = fiber.stack_size.get();
    valgrind::stack_deregister(fiber.stack_id.get());
    valgrind::make_undefined(fiber.stack.get(), size);
    baggage::forget_stack(fiber.stack.get(), size);
    // SAFETY: `create` put a guard of that kind there.
    if unsafe { guard_of(slab).lift() }.is_ok() {
        // SAFETY: the slab came from this cache and is wholly accessible again.
        unsafe { SlabCache::put(slabc, slab) };
    } else {
        say::say_syserror!("fiber: Can't put guard page to slab. Leak {} bytes", size);
        if let Some(quarantine) = quarantine {
            // SAFETY: the slab is nobody's now; the caller vouches for the pair.
            unsafe { quarantine.admit(slab) };
        }
    }
    fiber.stack_slab.set(ptr::null_mut());
    fiber.stack.set(ptr::null_mut());
    fiber.stack_size.set(0);
    fiber.stack_watermark.set(ptr::null_mut());
}

/// What happens to the memory of a stack whose fiber was recycled with it.
///
/// # Safety
/// The fiber is parked, or it is the one that runs and stands above its
/// watermark for good.
pub unsafe fn recycle(fiber: &Fiber) {
    // SAFETY: the watermark lies inside the stack.
    unsafe { watermark::recycle(fiber) };
}

/// Whether the fiber's stack was made to order.
pub fn is_custom(fiber: &Fiber) -> bool {
    fiber.has(flag::CUSTOM_STACK)
}

/// Where the guard of a stack in `slab` lies. Slabs of the arena start on a page;
/// huge ones, from malloc, need not.
fn guard_page(slab: *mut Slab) -> *mut u8 {
    let data = Slab::data(slab);
    data.wrapping_add(data.align_offset(page_size()))
}

/// The guard of the stack in `slab`, as recorded when it was set.
///
/// # Safety
/// `slab` holds a stack made by [`create`].
unsafe fn guard_of(slab: *mut Slab) -> Guard {
    // SAFETY: a live slab, tagged by `create`.
    let tag = unsafe { (*slab).owner_tag.get() };
    Guard::of_tag(guard_page(slab), tag)
}
