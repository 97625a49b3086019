// SPDX-License-Identifier: BSD-2-Clause
//! Starting and joining cords (spec fiber.md 15, 16).
//!
//! The end of a cord is announced through `cord.on_exit`:
//!
//! ```text
//!   joiner:  NULL -> its handler        then it waits for the handler to be called
//!            its handler -> NULL        it has lost patience
//!   thread:  NULL -> NOTHING_TO_CALL    and the joiner need not wait at all
//!            handler -> CALLED handler  which it calls, so that must stay
//! ```
//!
//! The thread announces it when its thread-local values are destroyed, which happens in
//! whatever way it ends: also when it is cancelled on the stack of a fiber.

use super::ev::{self, ev_async, ev_loop};
use super::inbox::Inbox;
use super::{Cord, CordRef, current, tls};
use crate::abi::layout;
use crate::diag::{self, Diag};
use crate::fiber::Described;
use crate::fiber::attr::FiberAttr;
use crate::fiber::{FiberFunc, FiberRef, flag, life, sched};
use crate::say::fatal;
use crate::small::Rlist;
use crate::trigger::{self, Trigger};
use core::cell::{Cell, UnsafeCell};
use core::ffi::{CStr, c_int, c_void};
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

/// Ask the reference's libev to allocate the loop's descriptor at once; stock libev
/// reads the bit as `EVFLAG_NOTIMERFD`, which is as good.
const LOOP_FLAGS: u32 = ev::EVFLAG_AUTO | 0x0080_0000;

/// `struct cord_on_exit`: what the ending thread calls.
#[repr(C)]
pub struct OnExit {
    callback: Option<unsafe extern "C-unwind" fn(*mut c_void)>,
    argument: *mut c_void,
}

layout!(OnExit = "cord_on_exit", 16: callback 0, argument 8);

struct Sentinel(OnExit);

// SAFETY: only its address matters.
unsafe impl Sync for Sentinel {}

/// Left by a thread that has ended with nobody waiting.
static NOTHING_TO_CALL: Sentinel = Sentinel(OnExit {
    callback: None,
    argument: ptr::null_mut(),
});

fn nothing_to_call() -> *mut OnExit {
    (&raw const NOTHING_TO_CALL.0).cast_mut()
}

/// Marks a handler that the thread has begun to call.
const CALLED: usize = 1;

const _: () = assert!(align_of::<OnExit>() > CALLED);

/// What the thread of a cord runs.
pub type ThreadFunc = unsafe extern "C-unwind" fn(*mut c_void) -> *mut c_void;

/// Handed to the new thread; on the creator's stack, so the thread lets go of it
/// when it reports that it has started.
struct Start {
    cord: *mut Cord,
    name: *const core::ffi::c_char,
    f: ThreadFunc,
    argument: *mut c_void,
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    cond: UnsafeCell<libc::pthread_cond_t>,
    started: Cell<bool>,
}

/// `main_thread_id`: exported, declared nowhere.
#[unsafe(export_name = "main_thread_id")]
static MAIN_THREAD: AtomicUsize = AtomicUsize::new(0);

const _: () = assert!(size_of::<libc::pthread_t>() == size_of::<usize>());

/// `fiber_init`, after the arena: the calling thread becomes the main cord, with
/// libev's default loop.
///
/// # Safety
/// Once, before any other thread is a cord.
pub unsafe fn become_main() {
    let cord = super::main_cord();
    if crate::memory::runtime().slab_size.get() == 0 {
        fatal!("fiber_init: memory_init comes first");
    }
    // SAFETY: the main cord's memory is ours; plain calls into libev.
    unsafe {
        if CordRef::from_ptr(cord).is_created() {
            fatal!("fiber_init: called twice");
        }
        MAIN_THREAD.store(libc::pthread_self() as usize, Ordering::Relaxed);
        let ev_loop = ev::ev_default_loop(LOOP_FLAGS);
        if ev_loop.is_null() {
            fatal!("fiber_init: libev cannot make an event loop");
        }
        allocate_descriptor(ev_loop);
        (&raw mut (*cord).loop_).write(Cell::new(ev_loop));
        super::create(cord, c"main");
    }
}

/// A loop for another thread, or NULL. libev would allocate its wake-up descriptor
/// at the first `ev_async_start` and retry for ever without one; so the
/// descriptor is had now, or not at all.
fn new_loop() -> *mut ev_loop {
    // SAFETY: plain system and libev calls; results are checked.
    unsafe {
        let ev_loop = ev::ev_loop_new(LOOP_FLAGS);
        if ev_loop.is_null() {
            return ev_loop;
        }
        let probe = libc::eventfd(0, libc::EFD_CLOEXEC);
        if probe < 0 {
            ev::ev_loop_destroy(ev_loop);
            return ptr::null_mut();
        }
        libc::close(probe);
        allocate_descriptor(ev_loop);
        ev_loop
    }
}

/// # Safety
/// The loop belongs to the calling thread, or to nobody yet.
unsafe fn allocate_descriptor(ev_loop: *mut ev_loop) {
    let mut watcher = new_async(on_nothing, ptr::null_mut());
    // SAFETY: started and stopped here; the descriptor stays with the loop.
    unsafe {
        ev::ev_async_start(ev_loop, &raw mut watcher);
        ev::ev_async_stop(ev_loop, &raw mut watcher);
    }
}

unsafe extern "C-unwind" fn on_nothing(_: *mut ev_loop, _: *mut ev_async, _: c_int) {}

fn new_async(
    callback: unsafe extern "C-unwind" fn(*mut ev_loop, *mut ev_async, c_int),
    data: *mut c_void,
) -> ev_async {
    ev_async {
        active: 0,
        pending: 0,
        priority: 0,
        data,
        cb: Some(callback),
        sent: 0,
    }
}

/// `cord_start`: a thread with a loop that runs `f(argument)` on its scheduler, all
/// signals blocked. Returns when the cord is created. False, with the diag
/// set: no loop, or no thread.
///
/// # Safety
/// `cord` is memory for a cord that lives until the cord is joined; the caller is
/// a cord.
pub unsafe fn start(
    cord: *mut Cord,
    name: &CStr,
    f: ThreadFunc,
    argument: *mut c_void,
) -> bool {
    let ev_loop = new_loop();
    // SAFETY: the memory is the caller's.
    unsafe { (&raw mut (*cord).loop_).write(Cell::new(ev_loop)) };
    if ev_loop.is_null() {
        diag::set_out_of_memory(0, c"ev_loop_new", c"ev_loop");
        return false;
    }
    let start = Start {
        cord,
        name: name.as_ptr(),
        f,
        argument,
        mutex: UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER),
        cond: UnsafeCell::new(libc::PTHREAD_COND_INITIALIZER),
        started: Cell::new(false),
    };
    let start = &raw const start;
    // SAFETY: the record lives until `started` is set, which the wait below sees. A
    // cancel of the calling thread is held off meanwhile, or the record would
    // be unwound under the new thread.
    let error = unsafe {
        let mut cancel_state = 0;
        set_cancel_state(PTHREAD_CANCEL_DISABLE, &raw mut cancel_state);
        let error = spawn(ptr::null(), thread_main, start.cast_mut().cast());
        if error == 0 {
            libc::pthread_mutex_lock((*start).mutex.get());
            while !(*start).started.get() {
                libc::pthread_cond_wait((*start).cond.get(), (*start).mutex.get());
            }
            libc::pthread_mutex_unlock((*start).mutex.get());
        }
        set_cancel_state(cancel_state, ptr::null_mut());
        error
    };
    if error == 0 {
        return true;
    }
    // SAFETY: nobody runs the loop.
    unsafe {
        (*cord).loop_.set(ptr::null_mut());
        ev::ev_loop_destroy(ev_loop);
    }
    crate::errno::set(error);
    diag::set_system_error(c"failed to create thread");
    false
}

/// pthread_create(3) with every signal blocked, since the mask is inherited: 0 or an error.
/// Whoever needs the handle takes it in the thread.
///
/// # Safety
/// `attributes` is NULL or initialised; `f` may be called with `argument` in any thread.
pub unsafe fn spawn(
    attributes: *const libc::pthread_attr_t,
    f: ThreadFunc,
    argument: *mut c_void,
) -> c_int {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    let mut saved = MaybeUninit::<libc::sigset_t>::uninit();
    let mut thread = MaybeUninit::<libc::pthread_t>::uninit();
    // SAFETY: plain calls with memory of this frame; the rest is the caller's promise.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), saved.as_mut_ptr());
        let error = create_thread(thread.as_mut_ptr(), attributes, f, argument);
        libc::pthread_sigmask(libc::SIG_SETMASK, saved.as_ptr(), ptr::null_mut());
        error
    }
}

// Declared here, because the libc crate's declarations say that neither a start
// routine nor a function that blocks can unwind; `pthread_cancel` unwinds both.
unsafe extern "C-unwind" {
    #[link_name = "pthread_cancel"]
    fn cancel_thread(thread: libc::pthread_t) -> c_int;

    #[link_name = "pthread_create"]
    fn create_thread(
        thread: *mut libc::pthread_t,
        attributes: *const libc::pthread_attr_t,
        start: ThreadFunc,
        argument: *mut c_void,
    ) -> c_int;

    #[link_name = "pthread_join"]
    fn join_thread(thread: libc::pthread_t, result: *mut *mut c_void) -> c_int;

    #[link_name = "pthread_setcancelstate"]
    pub(crate) fn set_cancel_state(state: c_int, old: *mut c_int) -> c_int;
}

/// Calls `f`, in the middle of which the thread is not cancelled.
pub fn without_cancel<T>(f: impl FnOnce() -> T) -> T {
    let mut saved = PTHREAD_CANCEL_ENABLE;
    // SAFETY: of this thread.
    unsafe { set_cancel_state(PTHREAD_CANCEL_DISABLE, &raw mut saved) };
    let result = f();
    // SAFETY: as above.
    unsafe { set_cancel_state(saved, ptr::null_mut()) };
    result
}

const PTHREAD_CANCEL_ENABLE: c_int = 0;
pub(crate) const PTHREAD_CANCEL_DISABLE: c_int = 1;

/// `cord_thread_func`: the thread of a cord.
///
/// # Safety
/// `argument` is the `Start` of [`start`].
pub unsafe extern "C-unwind" fn thread_main(argument: *mut c_void) -> *mut c_void {
    let start = argument.cast::<Start>();
    // SAFETY: the record is valid until `started` is reported; until then the thread
    // cannot be cancelled, or its creator would wait for ever.
    unsafe {
        set_cancel_state(PTHREAD_CANCEL_DISABLE, ptr::null_mut());
        let cord = super::create((*start).cord, CStr::from_ptr((*start).name));
        let (f, argument) = ((*start).f, (*start).argument);
        libc::pthread_mutex_lock((*start).mutex.get());
        (*start).started.set(true);
        libc::pthread_cond_signal((*start).cond.get());
        libc::pthread_mutex_unlock((*start).mutex.get());
        END.with(|end| end.cord.set(Some(cord)));
        set_cancel_state(PTHREAD_CANCEL_ENABLE, ptr::null_mut());
        f(argument)
    }
}

/// Its destruction is the end of the thread's cord.
struct End {
    cord: Cell<Option<CordRef>>,
}

thread_local! {
    static END: End = const { End { cord: Cell::new(None) } };
}

impl Drop for End {
    fn drop(&mut self) {
        let Some(cord) = self.cord.get() else {
            return;
        };
        // Cancelled on the stack of a fiber, which is gone.
        let fiber = cord.fiber.replace(cord.sched().as_ptr());
        // SAFETY: this is the cord's thread, which nothing cancels any more.
        unsafe {
            Inbox::close(cord);
            cord.fiber.set(fiber);
            announce_end(cord);
        }
    }
}

/// The thread's side of the protocol above.
///
/// # Safety
/// A handler that is there is valid until it was called or taken back.
unsafe fn announce_end(cord: CordRef) {
    let found = cord
        .on_exit
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |found| {
            Some(match found.is_null() {
                true => nothing_to_call(),
                false => found.map_addr(|address| address | CALLED),
            })
        });
    let handler = found.unwrap_or_else(|found| found);
    if handler.is_null() {
        return;
    }
    // SAFETY: as the caller says.
    unsafe {
        if let Some(callback) = (*handler).callback {
            callback((*handler).argument);
        }
    }
}

/// What `cord_costart` hands to its thread; from malloc.
#[repr(C)]
struct Costart {
    f: FiberFunc,
    argument: *mut c_void,
}

/// `cord_costart`: [`start`] with a fiber "main" that runs `f` with the one
/// argument, and a loop that runs until that fiber ends.
///
/// # Safety
/// As for [`start`].
pub unsafe fn costart(
    cord: *mut Cord,
    name: &CStr,
    f: FiberFunc,
    argument: *mut c_void,
) -> bool {
    // SAFETY: the record goes to the thread, or is freed here.
    unsafe {
        let costart = libc::malloc(size_of::<Costart>()).cast::<Costart>();
        if costart.is_null() {
            diag::set_out_of_memory(size_of::<Costart>(), c"malloc", c"costart_ctx");
            return false;
        }
        costart.write(Costart { f, argument });
        let started = start(cord, name, run_main_fiber, costart.cast());
        if !started {
            libc::free(costart.cast());
        }
        started
    }
}

unsafe extern "C-unwind" {
    /// The one call of ours that needs a `va_list`.
    fn fiber_start(fiber: *mut crate::fiber::Fiber, ...);
}

/// The thread of [`costart`]. What its fiber returned ends up in the scheduler, where
/// [`join`] finds it.
unsafe extern "C-unwind" fn run_main_fiber(argument: *mut c_void) -> *mut c_void {
    let cord = current("cord_costart");
    let sched = cord.sched();
    // SAFETY: the record is ours to free. The trigger is not in this frame, which a
    // cancel of the thread ends before the fiber: it is freed with the fiber.
    unsafe {
        let record = argument.cast::<Costart>();
        let Costart { f, argument } = record.read();
        libc::free(record.cast());
        let Some(fiber) = life::create(cord, c"main".as_ptr(), &FiberAttr::default(), f)
        else {
            // The reason is in the scheduler's diag already.
            sched.f_ret.set(-1);
            return ptr::null_mut();
        };
        let stop = libc::malloc(size_of::<Trigger>()).cast::<Trigger>();
        if stop.is_null() {
            diag::set_out_of_memory(size_of::<Trigger>(), c"malloc", c"struct trigger");
            sched.f_ret.set(-1);
            return ptr::null_mut();
        }
        Trigger::create(stop, stop_cord, Some(free_trigger));
        trigger::add(fiber.on_stop(), stop);
        life::set_joinable(fiber, true);
        fiber_start(fiber.as_ptr(), argument);
        if !fiber.has(flag::DEAD) {
            ev::ev_run(cord.loop_.get(), 0);
            if !fiber.has(flag::DEAD) {
                fatal!(
                    "cord_costart: the event loop of cord '{}' has ended before its {}",
                    cord.name().to_string_lossy(),
                    Described(fiber)
                );
            }
        }
        sched.f_ret.set(life::join(cord, fiber));
    }
    ptr::null_mut()
}

/// The end of a cord's main fiber.
unsafe extern "C-unwind" fn stop_cord(this: *mut Trigger, event: *mut c_void) {
    // SAFETY: made by `run_main_fiber`, and unlinked by `break_loop`.
    unsafe {
        break_loop(this, event);
        free_trigger(this);
    }
}

unsafe extern "C-unwind" fn free_trigger(this: *mut Trigger) {
    // SAFETY: from malloc, and in no list.
    unsafe { libc::free(this.cast()) };
}

/// `break_ev_loop_f`: a trigger that ends the current loop, once.
///
/// # Safety
/// Run by `trigger_run`.
pub unsafe extern "C-unwind" fn break_loop(this: *mut Trigger, _event: *mut c_void) {
    // SAFETY: a linked trigger; the loop of this thread.
    unsafe {
        Rlist::del(&raw mut (*this).link);
        ev::ev_break(
            current("break_ev_loop_f").loop_.get(),
            ev::EVBREAK_ALL as c_int,
        );
    }
}

/// `cord_join`: waits for the thread, takes its error over and destroys the cord.
/// False with the diag set: the thread failed, or could not be joined.
///
/// # Safety
/// The cord was started and not joined; the caller is another cord.
pub unsafe fn join(cord: *mut Cord) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        let cord = not_joined("cord_join", cord);
        let error = join_thread(cord.id.get(), ptr::null_mut());
        let joiner = current("cord_join").fiber();
        let mut good = error == 0;
        if !good {
            crate::errno::set(error);
            diag::set_system_error(c"failed to join with thread");
        } else if cord.sched().f_ret.get() != 0 {
            Diag::move_to(&cord.sched().diag, &joiner.diag);
            good = false;
        }
        super::destroy(cord);
        good
    }
}

/// A second join would wait for whichever thread has got the same handle since.
///
/// # Safety
/// `cord` was started, or all its bytes are zero.
unsafe fn not_joined(function: &str, cord: *mut Cord) -> CordRef {
    // SAFETY: as the caller says; the name of either is terminated.
    let cord = unsafe { CordRef::from_ptr(cord) };
    if !cord.is_created() {
        fatal!(
            "{function}: cord '{}' was not started, or is joined already",
            cord.name().to_string_lossy()
        );
    }
    cord
}

/// `cord_cancel`: the thread ends at its next cancellation point.
///
/// # Safety
/// The cord was started and not joined.
pub unsafe fn cancel(cord: *mut Cord, function: &str) {
    // SAFETY: as the caller says. A thread that has ended cannot be cancelled, and need not.
    unsafe { cancel_thread(not_joined(function, cord).id.get()) };
}

/// What [`cojoin`] waits with, on the joiner's stack.
struct Waiter {
    on_exit: OnExit,
    finished: ev_async,
    ev_loop: *mut ev_loop,
    fiber: FiberRef,
    complete: Cell<bool>,
}

/// How a wait for a cord can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// The cord ended well.
    Well,
    /// The cord failed, and its error is in the diag; or it could not be joined.
    Failed,
    /// The time was up, or the joiner was cancelled, which the diag tells.
    NotYet,
}

/// `cord_cojoin`: [`join`] that lets other fibers run meanwhile; with a limit in seconds
/// `cordage_cord_cojoin`, which a cancel ends, too.
///
/// # Safety
/// As for [`join`]; on a fiber, not on a scheduler (checked).
pub unsafe fn cojoin(cord: *mut Cord, limit: Option<f64>, function: &str) -> Joined {
    let this = current(function);
    let fiber = sched::waiting_fiber(this, function);
    // SAFETY: as the caller says.
    unsafe { not_joined(function, cord) };
    let mut waiter = Waiter {
        on_exit: OnExit {
            callback: Some(send),
            argument: ptr::null_mut(),
        },
        finished: new_async(on_finished, ptr::null_mut()),
        ev_loop: this.loop_.get(),
        fiber,
        complete: Cell::new(false),
    };
    let waiter = &raw mut waiter;
    // SAFETY: the waiter stays in this frame until the thread has called its handler, or
    // will not; the watcher keeps this loop alive for as long.
    unsafe {
        (*waiter).on_exit.argument = waiter.cast();
        (*waiter).finished.data = waiter.cast();
        ev::ev_async_start((*waiter).ev_loop, &raw mut (*waiter).finished);
        let installed = (*cord).on_exit.compare_exchange(
            ptr::null_mut(),
            &raw mut (*waiter).on_exit,
            Ordering::SeqCst,
            Ordering::SeqCst,
        );
        let ended = match (installed, limit) {
            (Ok(_), None) => {
                wait_for_end(this, waiter);
                true
            }
            (Ok(_), Some(limit)) => wait_for_end_until(this, cord, waiter, limit),
            (Err(found), _) if found == nothing_to_call() => true,
            (Err(_), _) => fatal!(
                "{function}: cord '{}' is being joined already",
                CordRef::from_ptr(cord).name().to_string_lossy()
            ),
        };
        ev::ev_async_stop((*waiter).ev_loop, &raw mut (*waiter).finished);
        match ended && join(cord) {
            true => Joined::Well,
            false if ended => Joined::Failed,
            false => Joined::NotYet,
        }
    }
}

/// # Safety
/// As for [`cojoin`], with the handler installed.
unsafe fn wait_for_end(this: CordRef, waiter: *mut Waiter) {
    // SAFETY: as the caller says.
    unsafe {
        let fiber = (*waiter).fiber;
        let cancellable = fiber.flags.get() & flag::CANCELLABLE;
        fiber.lower(flag::CANCELLABLE);
        sched::wait(this);
        if !(*waiter).complete.get() {
            fatal!("Wrong fiber woken");
        }
        fiber.raise(cancellable);
    }
}

/// False, with the diag set and the handler taken back, if the cord runs on.
///
/// # Safety
/// As for [`cojoin`], with the handler installed.
unsafe fn wait_for_end_until(
    this: CordRef,
    cord: *mut Cord,
    waiter: *mut Waiter,
    limit: f64,
) -> bool {
    let deadline = sched::now(this) + limit;
    // SAFETY: as the caller says.
    unsafe {
        let fiber = (*waiter).fiber;
        let mut timed_out = false;
        while !(*waiter).complete.get() && !timed_out && !fiber.has(flag::CANCELLED) {
            timed_out = sched::yield_timeout(this, deadline - sched::now(this));
        }
        if (*waiter).complete.get() {
            return true;
        }
        let taken_back = (*cord).on_exit.compare_exchange(
            &raw mut (*waiter).on_exit,
            ptr::null_mut(),
            Ordering::SeqCst,
            Ordering::SeqCst,
        );
        if taken_back.is_err() {
            // The thread is calling it, and ends: joining waits for that.
            return true;
        }
        if fiber.has(flag::CANCELLED) {
            diag::set_fiber_is_cancelled();
        } else {
            diag::set_timed_out();
        }
        false
    }
}

/// In the ending thread: `ev_async_send` is the one call libev allows from there.
unsafe extern "C-unwind" fn send(argument: *mut c_void) {
    let waiter = argument.cast::<Waiter>();
    // SAFETY: the joiner waits for exactly this.
    unsafe { ev::ev_async_send((*waiter).ev_loop, &raw mut (*waiter).finished) };
}

/// In the joiner's thread.
unsafe extern "C-unwind" fn on_finished(
    _: *mut ev_loop,
    watcher: *mut ev_async,
    _: c_int,
) {
    // SAFETY: `cojoin` stored the waiter there.
    unsafe {
        let waiter = (*watcher).data.cast::<Waiter>();
        (*waiter).complete.set(true);
        sched::wakeup(current("cord_cojoin"), (*waiter).fiber);
    }
}

/// Whether the calling thread is the main cord; false without a cord.
pub fn is_main() -> bool {
    tls::get() == super::main_cord()
}
