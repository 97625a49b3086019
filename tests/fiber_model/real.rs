// SPDX-License-Identifier: BSD-2-Clause
//! Runs programs with the library, through its C interface only.

use super::main_cord::*;
use super::{Event, Op, Outcome, Programs};
use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_double, c_int, c_void};
use std::ptr;

/// Opaque: `struct fiber_channel`.
type Channel = c_void;

unsafe extern "C-unwind" {
    fn fiber_cancel(f: *mut Fiber);
    fn fiber_start(f: *mut Fiber, ...);
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
}

const EVRUN_NOWAIT: c_int = 1;
const FOREVER: c_double = 1e9;

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

/// Runs programs in the main cord.
pub struct Machine {
    cord: MainCord,
}

impl Machine {
    /// Once in a process.
    pub fn new() -> Machine {
        Machine {
            cord: MainCord::new(),
        }
    }

    /// Runs fibers until none is ready, then ends them all.
    pub fn run(&self, programs: &Programs) -> Vec<Event> {
        let count = programs.fibers.len();
        // SAFETY: on the scheduler of the main cord.
        unsafe {
            let fibers: Vec<*mut Fiber> =
                (0..count).map(|_| new_joinable(interpret)).collect();
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
            ev_run(self.cord.ev_loop, EVRUN_NOWAIT);
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
                ev_run(self.cord.ev_loop, EVRUN_NOWAIT);
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
