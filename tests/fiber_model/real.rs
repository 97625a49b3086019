// SPDX-License-Identifier: BSD-2-Clause
//! Runs programs with the library, through its C interface only.

use super::{Event, Op, Outcome, Programs};
use cordage as _;
use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_double, c_int, c_uint, c_void};
use std::ptr;

/// Opaque: `struct fiber`, `struct fiber_channel`, `struct ev_loop`.
type Fiber = c_void;
type Channel = c_void;
type Loop = c_void;
/// `int (*)(va_list)`. On the supported machines a `va_list` parameter is a pointer.
type FiberFunc = unsafe extern "C-unwind" fn(*mut c_void) -> c_int;

unsafe extern "C-unwind" {
    fn memory_init();
    fn fiber_init(invoke: unsafe extern "C-unwind" fn(FiberFunc, *mut c_void) -> c_int);
    fn fiber_free();
    fn fiber_new(name: *const c_char, f: FiberFunc) -> *mut Fiber;
    fn fiber_self() -> *mut Fiber;
    fn fiber_set_joinable(f: *mut Fiber, yesno: bool);
    fn fiber_wakeup(f: *mut Fiber);
    fn fiber_cancel(f: *mut Fiber);
    fn fiber_yield();
    fn fiber_reschedule();
    fn fiber_start(f: *mut Fiber, ...);
    fn fiber_call(f: *mut Fiber);
    fn fiber_join(f: *mut Fiber) -> c_int;
    fn fiber_channel_new(size: u32) -> *mut Channel;
    fn fiber_channel_delete(channel: *mut Channel);
    fn fiber_channel_close(channel: *mut Channel);
    fn fiber_channel_put_timeout(
        channel: *mut Channel,
        data: *mut c_void,
        timeout: c_double,
    ) -> c_int;
    fn fiber_channel_get_timeout(
        channel: *mut Channel,
        data: *mut *mut c_void,
        timeout: c_double,
    ) -> c_int;
    fn box_error_last() -> *mut c_void;
    fn box_error_message(error: *const c_void) -> *const c_char;
    fn ev_default_loop(flags: c_uint) -> *mut Loop;
    fn ev_run(ev_loop: *mut Loop, flags: c_int) -> c_int;
}

const EVRUN_NOWAIT: c_int = 1;
const FOREVER: c_double = 1e9;

/// Offset of `flags` in `struct fiber` (spec fiber.md 3.3).
const FLAGS: usize = 104;
const IS_READY: u32 = 1 << 3;
const IS_DEAD: u32 = 1 << 4;
const IS_RUNNING: u32 = 1 << 6;

/// # Safety
/// The struct of a fiber, which lives as long as its cord.
unsafe fn flags(fiber: *mut Fiber) -> u32 {
    // SAFETY: as the caller says; the field is a u32.
    unsafe { fiber.cast::<u8>().add(FLAGS).cast::<u32>().read() }
}

#[derive(Default)]
struct State {
    programs: Vec<Vec<Op>>,
    fibers: Vec<*mut Fiber>,
    channels: Vec<*mut Channel>,
    started: Vec<bool>,
    /// Whether the fiber is in a function that may put it in a queue.
    inside: Vec<bool>,
    claimed: Vec<bool>,
    events: Vec<Event>,
    /// The test is over: fibers end as soon as they run.
    quit: bool,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

fn with<T>(f: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(f)
}

unsafe extern "C-unwind" fn invoke(f: FiberFunc, ap: *mut c_void) -> c_int {
    // SAFETY: what fiber_init() asks for.
    unsafe { f(ap) }
}

unsafe extern "C-unwind" fn interpret(_: *mut c_void) -> c_int {
    // SAFETY: on a fiber.
    let this = unsafe { fiber_self() };
    let (index, program) = with(|state| {
        let index = state
            .fibers
            .iter()
            .position(|&f| f == this)
            .expect("one of ours");
        state.started[index] = true;
        (index, state.programs[index].clone())
    });
    for (step, &op) in program.iter().enumerate() {
        if with(|state| state.quit) {
            break;
        }
        let record = |outcome| {
            with(|state| {
                if !state.quit {
                    state.events.push(Event {
                        fiber: index,
                        step,
                        outcome,
                    });
                }
            })
        };
        let waits = matches!(op, Op::Join(_) | Op::Put { .. } | Op::Get { .. });
        with(|state| state.inside[index] = waits);
        // SAFETY: the rules of the interface are kept; no borrow of the state lasts
        // across a call.
        unsafe {
            match op {
                Op::Wake(other) => {
                    fiber_wakeup(with(|state| state.fibers[other]));
                    record(Outcome::Done);
                }
                Op::Cancel(other) => {
                    let other = with(|state| state.fibers[other]);
                    if flags(other) & IS_DEAD == 0 {
                        fiber_cancel(other);
                        record(Outcome::Done);
                    }
                }
                Op::Yield => {
                    record(Outcome::Done);
                    fiber_yield();
                }
                Op::Reschedule => {
                    record(Outcome::Done);
                    fiber_reschedule();
                }
                Op::Start(other) => {
                    let (started, other) =
                        with(|state| (state.started[other], state.fibers[other]));
                    if !started && flags(other) & IS_READY == 0 {
                        record(Outcome::Done);
                        fiber_start(other);
                    }
                }
                Op::Call(other) => {
                    let (parked, other) = with(|state| {
                        (
                            state.started[other] && !state.inside[other],
                            state.fibers[other],
                        )
                    });
                    if parked && flags(other) & (IS_READY | IS_DEAD | IS_RUNNING) == 0 {
                        record(Outcome::Done);
                        fiber_call(other);
                    }
                }
                Op::Join(other) => {
                    let target = with(|state| {
                        let free = other > index && !state.claimed[other];
                        free.then(|| {
                            state.claimed[other] = true;
                            state.fibers[other]
                        })
                    });
                    if let Some(target) = target {
                        fiber_join(target);
                        record(Outcome::Done);
                    }
                }
                Op::Put {
                    channel,
                    value,
                    wait,
                } => {
                    let channel = with(|state| state.channels[channel]);
                    let data = ptr::without_provenance_mut(value);
                    let timeout = if wait { FOREVER } else { 0.0 };
                    let result = fiber_channel_put_timeout(channel, data, timeout);
                    record(if result == 0 {
                        Outcome::Done
                    } else {
                        failure()
                    });
                }
                Op::Get { channel, wait } => {
                    let channel = with(|state| state.channels[channel]);
                    let mut data = ptr::null_mut();
                    let timeout = if wait { FOREVER } else { 0.0 };
                    let result =
                        fiber_channel_get_timeout(channel, &raw mut data, timeout);
                    record(if result == 0 {
                        Outcome::Got(data.addr())
                    } else {
                        failure()
                    });
                }
                Op::Close(channel) => {
                    fiber_channel_close(with(|state| state.channels[channel]));
                    record(Outcome::Done);
                }
            }
        }
    }
    0
}

/// # Safety
/// There is an error in the current fiber's diagnostics area.
unsafe fn failure() -> Outcome {
    // SAFETY: as the caller says.
    let message = unsafe { CStr::from_ptr(box_error_message(box_error_last())) };
    match message.to_bytes() {
        b"channel is closed" => Outcome::Closed,
        b"fiber is cancelled" => Outcome::Cancelled,
        b"timed out" => Outcome::TimedOut,
        _ => panic!("unexpected: {message:?}"),
    }
}

/// The main cord, on the thread that made it.
pub struct Machine {
    ev_loop: *mut Loop,
}

impl Machine {
    /// Once in a process.
    pub fn new() -> Machine {
        // SAFETY: the first calls of all.
        unsafe {
            memory_init();
            fiber_init(invoke);
            Machine {
                ev_loop: ev_default_loop(0),
            }
        }
    }

    /// Runs fibers until none is ready, then ends them all.
    pub fn run(&self, programs: &Programs) -> Vec<Event> {
        let count = programs.fibers.len();
        // SAFETY: on the scheduler of the main cord.
        unsafe {
            let mut fibers = Vec::new();
            for _ in 0..count {
                let fiber = fiber_new(c"model".as_ptr(), interpret);
                fiber_set_joinable(fiber, true);
                fibers.push(fiber);
            }
            let channels = programs
                .channels
                .iter()
                .map(|&size| fiber_channel_new(size as u32))
                .collect();
            STATE.set(State {
                programs: programs.fibers.clone(),
                fibers: fibers.clone(),
                channels,
                started: vec![false; count],
                inside: vec![false; count],
                claimed: vec![false; count],
                events: Vec::new(),
                quit: false,
            });
            for &f in &programs.woken {
                fiber_wakeup(fibers[f]);
            }
            ev_run(self.ev_loop, EVRUN_NOWAIT);
            let events = with(|state| {
                state.quit = true;
                std::mem::take(&mut state.events)
            });
            self.end(&fibers);
            events
        }
    }

    /// # Safety
    /// On the scheduler; the fibers of the state.
    unsafe fn end(&self, fibers: &[*mut Fiber]) {
        // SAFETY: as the caller says. Only fibers that nobody has joined are joined.
        unsafe {
            for channel in with(|state| std::mem::take(&mut state.channels)) {
                fiber_channel_delete(channel);
            }
            let alive = |fiber: &&*mut Fiber| flags(**fiber) & IS_DEAD == 0;
            while fibers.iter().any(|fiber| alive(&fiber)) {
                for &fiber in fibers.iter().filter(alive) {
                    fiber_wakeup(fiber);
                }
                ev_run(self.ev_loop, EVRUN_NOWAIT);
            }
            let claimed = with(|state| std::mem::take(&mut state.claimed));
            for (&fiber, claimed) in fibers.iter().zip(claimed) {
                if !claimed {
                    fiber_join(fiber);
                }
            }
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // A failed test ends the process anyway.
        if !std::thread::panicking() {
            // SAFETY: on the scheduler, which made the cord.
            unsafe { fiber_free() };
        }
    }
}
