// SPDX-License-Identifier: BSD-2-Clause
//! Runs programs with the library and libev, through their C interfaces only.

use super::main_cord::*;
use super::{Event, Op, Programs};
use std::cell::RefCell;
use std::ffi::{c_double, c_int, c_void};
use std::ptr;

/// `ev_prepare`, never started: good for nothing but to be fed.
#[repr(C)]
struct Watcher {
    active: c_int,
    pending: c_int,
    priority: c_int,
    data: *mut c_void,
    callback: unsafe extern "C-unwind" fn(*mut Loop, *mut Watcher, c_int),
}

unsafe extern "C-unwind" {
    fn fiber_sleep(seconds: c_double);
    fn ev_feed_event(ev_loop: *mut Loop, watcher: *mut c_void, events: c_int);
}

const EV_CUSTOM: c_int = 0x0100_0000;

#[derive(Default)]
struct State {
    programs: Option<Programs>,
    fibers: Vec<*mut Fiber>,
    watchers: Vec<*mut Watcher>,
    calls: Vec<usize>,
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

/// # Safety
/// In the main cord. What only a fiber may do is only done there.
unsafe fn perform(op: Op) {
    // SAFETY: the rules of the interface are kept; no borrow of the state lasts across a
    // call.
    unsafe {
        match op {
            Op::Wake(f) => fiber_wakeup(with(|state| state.fibers[f])),
            Op::Feed(c) => {
                let watcher = with(|state| state.watchers[c]);
                ev_feed_event(ev_default_loop(0), watcher.cast(), EV_CUSTOM);
            }
            Op::Call(f) => {
                let fiber = with(|state| state.fibers[f]);
                if flags(fiber) & (IS_READY | IS_RUNNING | IS_DEAD) == 0 {
                    fiber_call(fiber);
                }
            }
            Op::Yield => fiber_yield(),
            Op::Reschedule => fiber_reschedule(),
            Op::Sleep => fiber_sleep(0.0),
        }
    }
}

unsafe extern "C-unwind" fn interpret(_: *mut c_void) -> c_int {
    // SAFETY: on a fiber.
    let this = unsafe { fiber_self() };
    let (fiber, program) = with(|state| {
        let index = state.fibers.iter().position(|&f| f == this);
        let index = index.expect("one of ours");
        let programs = state.programs.as_ref().expect("the test runs");
        (index, programs.fibers[index].clone())
    });
    for (step, &op) in program.iter().enumerate() {
        if with(|state| state.quit) {
            break;
        }
        with(|state| state.events.push(Event::Step { fiber, step }));
        // SAFETY: on a fiber of the main cord.
        unsafe { perform(op) };
    }
    0
}

unsafe extern "C-unwind" fn called(_: *mut Loop, watcher: *mut Watcher, _: c_int) {
    // SAFETY: one of ours, whose data is its number.
    let callback = unsafe { (*watcher).data.addr() };
    let ops = with(|state| {
        state.events.push(Event::Callback(callback));
        let call = state.calls[callback];
        state.calls[callback] += 1;
        let programs = state.programs.as_ref().expect("the test runs");
        programs.callbacks[callback]
            .get(call)
            .cloned()
            .unwrap_or_default()
    });
    for op in ops {
        // SAFETY: in the main cord; nothing in it yields.
        unsafe { perform(op) };
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

    /// Runs until nothing is left to do, then ends all fibers.
    pub fn run(&self, programs: &Programs) -> Vec<Event> {
        let mut watchers: Vec<Watcher> = (0..programs.callbacks.len())
            .map(|number| Watcher {
                active: 0,
                pending: 0,
                priority: 0,
                data: ptr::without_provenance_mut(number),
                callback: called,
            })
            .collect();
        // SAFETY: on the scheduler of the main cord; the watchers outlive the loop's use.
        unsafe {
            let new = |_| new_joinable(interpret);
            let fibers: Vec<*mut Fiber> = programs.fibers.iter().map(new).collect();
            STATE.set(State {
                programs: Some(programs.clone()),
                fibers: fibers.clone(),
                watchers: watchers.iter_mut().map(ptr::from_mut).collect(),
                calls: vec![0; programs.callbacks.len()],
                ..State::default()
            });
            for &op in &programs.start {
                perform(op);
            }
            ev_run(self.cord.ev_loop, 0);
            let events = with(|state| {
                state.quit = true;
                std::mem::take(&mut state.events)
            });
            for &fiber in &fibers {
                fiber_wakeup(fiber);
            }
            ev_run(self.cord.ev_loop, 0);
            for fiber in fibers {
                fiber_join(fiber);
            }
            events
        }
    }
}
