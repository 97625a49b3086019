// SPDX-License-Identifier: BSD-2-Clause
//! The life of a fiber: creation, run, death, recycling, deletion (spec
//! fiber.md 10).

use super::attr::FiberAttr;
use super::sched;
use super::switch::baggage;
use super::{
    Described, Fiber, FiberFunc, FiberRef, Storage, VaListTag, flag, stack, switch,
};
use crate::cord::{CordRef, current};
use crate::diag::{self, Diag};
use crate::say::fatal;
use crate::small::{Mempool, Region, Rlist};
use crate::trigger;
use core::ffi::{c_char, c_int, c_void};
use core::mem::transmute;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

/// Ids below are for schedulers (1) and for nobody.
const FIRST_FID: u32 = 101;

/// A region with less than this is emptied in place by `fiber_gc`.
const GC_RESET_THRESHOLD: usize = 128 * 1024;

/// What debug builds fill deleted objects with.
pub(crate) const TRASH: u8 = b'#';

/// How fiber functions are called: it decides what happens to C++ exceptions.
pub type Invoke = unsafe extern "C-unwind" fn(FiberFunc, *mut VaListTag) -> c_int;

static INVOKE: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

/// The function given to `fiber_init`, for all cords.
pub fn set_invoke(invoke: Invoke) {
    INVOKE.store(invoke as *mut c_void, Ordering::Relaxed);
}

/// `fiber_new_ex`: a fiber that does not run yet. None with the diag set: no memory
/// for the struct, or no stack.
///
/// # Safety
/// `cord` is the current cord; `attr` is valid and `name` terminated.
#[inline]
pub unsafe fn create(
    cord: CordRef,
    name: *const c_char,
    attr: &FiberAttr,
    f: FiberFunc,
) -> Option<FiberRef> {
    collect_garbage(cord);
    let population = cord.population();
    if !population.may_grow() {
        return None;
    }
    // SAFETY: the lists link fibers of this cord.
    let fiber = unsafe {
        if attr.takes_any_stack() && !Rlist::is_empty(cord.dead()) {
            let fiber = FiberRef::from_link(Rlist::first(cord.dead()));
            Rlist::move_to(cord.alive(), fiber.link());
            fiber.flags.set(attr.flags.get());
            population.uncache_one();
            fiber
        } else {
            let fiber = make(cord, attr)?;
            Rlist::add(cord.alive(), fiber.link());
            fiber
        }
    };
    population.born();
    fiber.f.set(Some(f));
    let next = cord.max_fid.get().wrapping_add(1);
    let fid = if next < FIRST_FID - 1 {
        FIRST_FID
    } else {
        next
    };
    cord.max_fid.set(fid);
    fiber.fid.set(fid);
    // SAFETY: as the caller says.
    unsafe { fiber.copy_name(name) };
    cord.register(fiber);
    Some(fiber)
}

/// Struct, stack, context and region, all or nothing.
///
/// # Safety
/// `cord` is the current cord.
#[cold]
unsafe fn make(cord: CordRef, attr: &FiberAttr) -> Option<FiberRef> {
    let pool = cord.fiber_mempool.get();
    if cord.dispatch().ready.reserve_one().is_err() {
        diag::set_out_of_memory(size_of::<Fiber>(), c"fiber pool", c"fiber");
        return None;
    }
    // SAFETY: the pool belongs to this thread and gives out memory for one fiber,
    // for which all zeros is a valid value.
    unsafe {
        let memory = Mempool::alloc(pool).cast::<Fiber>();
        if memory.is_null() {
            cord.dispatch().ready.release_one();
            diag::set_out_of_memory(size_of::<Fiber>(), c"fiber pool", c"fiber");
            return None;
        }
        memory.write_bytes(0, 1);
        let fiber = FiberRef::from_ptr(memory);
        // The stack depends on them.
        fiber.flags.set(attr.fiber_flags());
        let (slabc, stacks) = (cord.slabc.get(), cord.stacks());
        // Every creation is an occasion to win a stack back.
        stacks.retry(slabc);
        let size = attr.stack_size.get();
        if stack::create(&fiber, slabc, Some(stacks), size, attr.guard()).is_err() {
            cord.dispatch().ready.release_one();
            Mempool::free(pool, memory.cast());
            return None;
        }
        let top = stack::first_frame(&fiber);
        switch::prepare(&fiber.ctx, fiber_loop, ptr::null_mut(), top);
        Region::create(fiber.gc.get(), cord.slabc.get());
        for list in [
            fiber.state(),
            fiber.wake(),
            fiber.on_yield(),
            fiber.on_stop(),
        ] {
            Rlist::create(list);
        }
        Some(fiber)
    }
}

/// The bottom of every fiber's stack: one life after the other. The last yield of
/// a life returns when the fiber is reused.
unsafe extern "C-unwind" fn fiber_loop(_argument: *mut c_void) {
    let cord = current("fiber");
    baggage::arrive();
    loop {
        let fiber = cord.fiber();
        let invoke = INVOKE.load(Ordering::Relaxed);
        let (Some(f), false) = (fiber.f.get(), invoke.is_null()) else {
            fatal!("{} was resumed, but has nothing to run", Described(fiber));
        };
        // SAFETY: only `set_invoke` stores here.
        let invoke = unsafe { transmute::<*mut c_void, Invoke>(invoke) };
        // SAFETY: the function and its arguments are the program's.
        fiber.f_ret.set(unsafe { invoke(f, fiber.f_data.get()) });
        // SAFETY: `fiber` is current and has returned.
        unsafe {
            die(cord, fiber);
            sched::wait(cord);
        }
    }
}

/// Death, in the order of spec 10.3.
///
/// # Safety
/// `fiber` is the current fiber of `cord` and its function has returned.
unsafe fn die(cord: CordRef, fiber: FiberRef) {
    settle_error(fiber);
    fiber.raise(flag::DEAD);
    // SAFETY: the lists are well formed and link fibers of this cord.
    unsafe {
        while !Rlist::is_empty(fiber.wake()) {
            sched::wakeup(cord, FiberRef::from_state(Rlist::shift(fiber.wake())));
        }
        on_stop(fiber);
        Rlist::del(fiber.state());
    }
    if !fiber.has(flag::JOINABLE) {
        // SAFETY: dead, and nobody will ask for its result.
        unsafe { recycle(cord, fiber) };
    }
    fiber.f.set(None);
}

/// An error nobody will join for is logged; one of a cancelled fiber is not.
fn settle_error(fiber: FiberRef) {
    let failed = fiber.f_ret.get() != 0;
    if failed && fiber.has(flag::JOINABLE) {
        return;
    }
    if failed && !fiber.has(flag::CANCELLED) && !fiber.diag.is_empty() {
        diag::log_last();
    }
    Diag::clear(&fiber.diag);
}

/// `fiber_on_stop`: the triggers must succeed and remove themselves.
///
/// # Safety
/// `fiber` is a fiber of the current cord.
pub unsafe fn on_stop(fiber: FiberRef) {
    // SAFETY: the list is well formed.
    unsafe {
        if Rlist::is_empty(fiber.on_stop()) {
            return;
        }
        if trigger::run(fiber.on_stop(), fiber.as_ptr().cast()) != 0 {
            fatal!("On_stop triggers can't fail");
        }
        if cfg!(debug_assertions) && !Rlist::is_empty(fiber.on_stop()) {
            fatal!(
                "on_stop triggers of {} did not remove themselves",
                Described(fiber)
            );
        }
    }
}

/// Makes a dead fiber ready for another life, or for deletion (spec 10.4).
///
/// # Safety
/// `fiber` is dead, and either current or suspended for good.
unsafe fn recycle(cord: CordRef, fiber: FiberRef) {
    // SAFETY: no frame of the dead fiber below its watermark is alive: the current
    // one stands near the top.
    unsafe {
        stack::recycle(&fiber);
        Rlist::create(fiber.on_yield());
        Rlist::create(fiber.on_stop());
        Region::free(fiber.gc.get());
    }
    fiber.clear_name();
    fiber.f.set(None);
    fiber.wait_pad.set(ptr::null_mut());
    fiber.storage.set(Storage::EMPTY);
    fiber.set_word(ptr::null_mut());
    // A failed hint may have armed it; the next life starts clean.
    Diag::clear(&fiber.diag);
    cord.unregister(fiber);
    fiber.fid.set(0);
    cord.population().died();
    if stack::is_custom(&fiber) || !cord.population().cache_one() {
        add_garbage(cord, fiber);
    } else {
        // SAFETY: from the alive list to the head of the cache: the warmest stack
        // is reused first.
        unsafe { Rlist::move_to(cord.dead(), fiber.link()) };
    }
}

/// A fiber cannot delete itself while it stands on its own stack: it waits until
/// the next one needs the place.
fn add_garbage(cord: CordRef, fiber: FiberRef) {
    collect_garbage(cord);
    if fiber == cord.fiber() {
        cord.garbage.set(fiber.as_ptr());
    } else {
        // SAFETY: dead and not current.
        unsafe { delete(cord, fiber) };
    }
}

/// `cord_collect_garbage`: safe from any fiber but the garbage itself, which has
/// given control away for good.
pub fn collect_garbage(cord: CordRef) {
    let garbage = cord.garbage.replace(ptr::null_mut());
    if !garbage.is_null() {
        // SAFETY: only `add_garbage` stores here.
        unsafe { delete(cord, FiberRef::from_ptr(garbage)) };
    }
}

/// Gives everything of a fiber back (spec 10.6). An unfinished function is
/// abandoned where it stands; nothing on its stack is unwound.
///
/// # Safety
/// `fiber` belongs to `cord`, whose slab cache the calling thread owns, and it
/// is not the one that runs.
unsafe fn delete(cord: CordRef, fiber: FiberRef) {
    // SAFETY: as the caller says; the lists are well formed.
    unsafe {
        trigger::destroy(fiber.on_yield());
        trigger::destroy(fiber.on_stop());
        Rlist::del(fiber.state());
        Rlist::del(fiber.link());
        Region::free(fiber.gc.get());
        cord.stacks().retry(cord.slabc.get());
        stack::destroy(&fiber, cord.slabc.get(), Some(cord.stacks()));
        Diag::clear(&fiber.diag);
        cord.unregister(fiber);
        cord.dispatch().ready.release_one();
        if cfg!(debug_assertions) {
            fiber.as_ptr().write_bytes(TRASH, 1);
        }
        // Until the memory is used again, a stale pointer denotes a dead fiber, of which a
        // message can speak.
        fiber.flags.set(flag::DEAD);
        fiber.f.set(None);
        fiber.fid.set(0);
        fiber.set_name(c"");
        Mempool::free_as_is(cord.fiber_mempool.get(), fiber.as_ptr().cast());
    }
}

/// Deletes a fiber that is kept for reuse.
///
/// # Safety
/// `fiber` is in the cache of `cord`, the current cord.
pub unsafe fn delete_cached(cord: CordRef, fiber: FiberRef) {
    cord.population().uncache_one();
    // SAFETY: a cached fiber is parked for good.
    unsafe { delete(cord, fiber) };
}

/// `fiber_delete_all`: garbage, the living, the cache.
///
/// # Safety
/// None of the cord's fibers runs, and the calling thread owns its slab cache.
pub unsafe fn delete_all(cord: CordRef) {
    collect_garbage(cord);
    sched::forget_all(cord);
    for list in [cord.alive(), cord.dead()] {
        // SAFETY: the lists link fibers of this cord; `delete` unlinks.
        unsafe {
            while !Rlist::is_empty(list) {
                delete(cord, FiberRef::from_link(Rlist::first(list)));
            }
        }
    }
}

/// `fiber_cancel`: marks, and wakes unless the fiber forbade that. Does not
/// wait.
pub fn cancel(cord: CordRef, fiber: FiberRef) {
    if fiber.has(flag::DEAD) {
        if !fiber.has(flag::JOINABLE) {
            fatal!("Cancel of a finished and already recycled fiber");
        }
        // Its error must survive for the joiner.
        return;
    }
    fiber.raise(flag::CANCELLED);
    if fiber.has(flag::CANCELLABLE) {
        sched::wakeup(cord, fiber);
    }
}

/// `fiber_set_joinable`. A fiber that is finished and recycled has no result left
/// to wait for.
pub fn set_joinable(fiber: FiberRef, yes: bool) {
    if yes && fiber.has(flag::DEAD) && !fiber.has(flag::JOINABLE) {
        fatal!("fiber_set_joinable: the fiber is finished and already recycled");
    }
    if !yes && fiber.joiner.get() != 0 {
        fatal!(
            "fiber_set_joinable: {} is being joined by fiber {}",
            Described(fiber),
            fiber.joiner.get()
        );
    }
    if yes {
        fiber.raise(flag::JOINABLE)
    } else {
        fiber.lower(flag::JOINABLE)
    }
}

/// `fiber_join`: waits for the death of `fiber`, takes its error over, recycles it
/// and returns what its function returned. Cancelling the joiner does not end
/// the wait.
///
/// # Safety
/// `cord` is the current cord; `fiber` is one of its fibers.
pub unsafe fn join(cord: CordRef, fiber: FiberRef) -> c_int {
    // SAFETY: as the caller says.
    unsafe {
        wait_for_death(cord, fiber, None, "fiber_join");
        take_result(cord, fiber)
    }
}

/// `fiber_join_timeout`: the same within `timeout` seconds; -1 with `TimedOut` in the diag
/// if the fiber still lives then.
///
/// # Safety
/// As for [`join`].
pub unsafe fn join_timeout(cord: CordRef, fiber: FiberRef, timeout: f64) -> c_int {
    // SAFETY: as the caller says.
    unsafe {
        if wait_for_death(cord, fiber, Some(timeout), "fiber_join_timeout") {
            return take_result(cord, fiber);
        }
    }
    diag::set_timed_out();
    -1
}

/// False if the limit, in seconds, was reached first.
///
/// # Safety
/// As for [`join`].
unsafe fn wait_for_death(
    cord: CordRef,
    fiber: FiberRef,
    limit: Option<f64>,
    function: &str,
) -> bool {
    let joiner = cord.fiber();
    if !fiber.has(flag::JOINABLE) {
        fatal!("{function}: {} is not joinable", Described(fiber));
    }
    if fiber == joiner {
        fatal!("{function}: {} joins itself", Described(fiber));
    }
    if fiber.joiner.get() != 0 {
        fatal!(
            "{function}: {} is being joined by fiber {} already",
            Described(fiber),
            fiber.joiner.get()
        );
    }
    if fiber.has(flag::DEAD) {
        return true;
    }
    sched::waiting_fiber(cord, function);
    fiber.joiner.set(joiner.fid.get());
    let deadline = limit.map(|limit| sched::now(cord) + limit);
    let mut timed_out = false;
    while !fiber.has(flag::DEAD) && !timed_out {
        // Whatever woke the joiner took it off the queue.
        // SAFETY: the running joiner's link is free.
        unsafe {
            Rlist::move_tail(fiber.wake(), joiner.state());
            match deadline {
                Some(deadline) => {
                    timed_out = sched::yield_timeout(cord, deadline - sched::now(cord));
                }
                None => sched::wait(cord),
            }
        }
    }
    fiber.joiner.set(0);
    fiber.has(flag::DEAD)
}

/// # Safety
/// `fiber` is dead and joinable.
unsafe fn take_result(cord: CordRef, fiber: FiberRef) -> c_int {
    fiber.lower(flag::JOINABLE);
    let result = fiber.f_ret.get();
    if result != 0 {
        Diag::move_to(&fiber.diag, &cord.fiber().diag);
    }
    // SAFETY: dead and suspended for good.
    unsafe { recycle(cord, fiber) };
    result
}

/// `fiber_stat`: calls `visit` for every living fiber, newest first, until it returns
/// something other than 0. The fiber that only waits to be deleted is not shown.
///
/// # Safety
/// `visit` neither creates, deletes nor switches fibers.
pub unsafe fn for_each(cord: CordRef, mut visit: impl FnMut(FiberRef) -> c_int) -> c_int {
    // SAFETY: the list links fibers of this cord and does not change meanwhile.
    unsafe {
        let mut link = Rlist::first(cord.alive());
        while link != cord.alive() {
            let fiber = FiberRef::from_link(link);
            link = Rlist::next(link);
            if fiber.fid.get() != 0 {
                let result = visit(fiber);
                if result != 0 {
                    return result;
                }
            }
        }
    }
    0
}

/// `fiber_gc`: empties the current fiber's region; a small one keeps its memory.
///
/// # Safety
/// `fiber` is the current fiber of this thread.
pub unsafe fn gc(fiber: FiberRef) {
    let region = fiber.gc.get();
    // SAFETY: as the caller says.
    unsafe {
        if Region::used(region) < GC_RESET_THRESHOLD {
            Region::reset(region);
        } else {
            Region::free(region);
        }
    }
}
