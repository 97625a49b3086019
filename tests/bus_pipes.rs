// SPDX-License-Identifier: BSD-2-Clause
//! Random use of pipes that lead to one endpoint, against queues: what is delivered, in
//! which order and when (spec ipc.md 5.3, 5.6). Everything in one cord, on its scheduler.

use cordage::bus;
use cordage::bus::endpoint::{self, CbusEndpoint};
use cordage::bus::message::{Cmsg, CmsgHop};
use cordage::bus::pipe::Cpipe;
use cordage::cord::{self, ev};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::{c_int, c_void};
use std::mem::{MaybeUninit, offset_of};
use std::ptr;

const PIPES: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Op {
    /// `cpipe_push`.
    Push(usize),
    /// C code adds to `n_input`.
    AddWeight(usize, c_int),
    /// `cpipe_set_max_input`.
    SetMax(usize, c_int),
    /// The flush event is invoked.
    Flush(usize),
    /// `cpipe_destroy`, and a new pipe in its place.
    Replace(usize),
    /// A turn of the loop.
    Turn,
    /// `cbus_process`.
    Process,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let pipe = 0..PIPES;
    let op = prop_oneof![
        8 => pipe.clone().prop_map(Op::Push),
        1 => (pipe.clone(), 1..5).prop_map(|(pipe, weight)| Op::AddWeight(pipe, weight)),
        1 => (pipe.clone(), 1..6).prop_map(|(pipe, max)| Op::SetMax(pipe, max)),
        1 => pipe.clone().prop_map(Op::Flush),
        1 => pipe.prop_map(Op::Replace),
        3 => Just(Op::Turn),
        2 => Just(Op::Process),
    ];
    prop::collection::vec(op, 0..100)
}

// ------------------------------------------------------------------------- the model

#[derive(Default)]
struct Pipe {
    input: VecDeque<usize>,
    weight: c_int,
    max: Option<c_int>,
}

#[derive(Default)]
struct Model {
    pipes: [Pipe; PIPES],
    /// Whose flush the loop is to run, last fed last.
    fed: Vec<usize>,
    output: Vec<usize>,
    delivered: Vec<usize>,
    pushed: usize,
    /// Of pipes that are gone, and of those whose end was noticed.
    ended: usize,
    noticed: usize,
}

impl Model {
    fn flush(&mut self, pipe: usize) {
        self.output.extend(self.pipes[pipe].input.drain(..));
        self.pipes[pipe].weight = 0;
    }

    fn step(&mut self, op: Op) {
        match op {
            Op::Push(i) => {
                let pipe = &mut self.pipes[i];
                pipe.input.push_back(self.pushed);
                self.pushed += 1;
                pipe.weight += 1;
                if pipe.max.is_some_and(|max| pipe.weight >= max) {
                    self.flush(i);
                } else if pipe.weight == 1 && !self.fed.contains(&i) {
                    self.fed.push(i);
                }
            }
            Op::AddWeight(i, weight) => self.pipes[i].weight += weight,
            Op::SetMax(i, max) => self.pipes[i].max = Some(max),
            Op::Flush(i) => self.flush(i),
            Op::Replace(i) => {
                self.flush(i);
                self.fed.retain(|&fed| fed != i);
                self.pipes[i] = Pipe::default();
                self.ended += 1;
            }
            // libev runs first what was fed last.
            Op::Turn => {
                while let Some(i) = self.fed.pop() {
                    self.flush(i);
                }
            }
            Op::Process => {
                self.delivered.append(&mut self.output);
                self.noticed = self.ended;
            }
        }
    }
}

// ----------------------------------------------------------------------- the real thing

thread_local! {
    static DELIVERED: RefCell<Vec<usize>> = RefCell::default();
}

#[repr(C)]
struct Numbered {
    msg: Cmsg,
    number: usize,
}

unsafe extern "C-unwind" fn deliver(msg: *mut Cmsg) {
    // SAFETY: made by `Real::step`, and not used after the last hop.
    let message = unsafe { Box::from_raw(msg.cast::<Numbered>()) };
    DELIVERED.with_borrow_mut(|delivered| delivered.push(message.number));
}

static ROUTE: [CmsgHop; 1] = [CmsgHop::last(deliver)];

unsafe extern "C-unwind" fn on_arrival(
    _: *mut ev::ev_loop,
    _: *mut ev::ev_watcher,
    _: c_int,
) {
}

/// Offsets of fields that C writes (spec ipc.md 5.2).
const N_INPUT: usize = 16;
const MAX_INPUT: usize = 20;
const N_PIPES: usize = 152;

struct Real {
    endpoint: Box<MaybeUninit<CbusEndpoint>>,
    pipes: [Box<MaybeUninit<Cpipe>>; PIPES],
    pushed: usize,
}

impl Real {
    fn new() -> Real {
        let mut real = Real {
            endpoint: Box::new(MaybeUninit::uninit()),
            pipes: std::array::from_fn(|_| Box::new(MaybeUninit::uninit())),
            pushed: 0,
        };
        DELIVERED.with_borrow_mut(Vec::clear);
        // SAFETY: memory that stays where it is.
        unsafe {
            let endpoint = real.endpoint.as_mut_ptr();
            let fetch = Some(on_arrival as _);
            assert!(CbusEndpoint::create(endpoint, c"e", fetch, ptr::null_mut()));
            for pipe in &mut real.pipes {
                Cpipe::create(pipe.as_mut_ptr(), c"e");
            }
        }
        real
    }

    fn field(&mut self, pipe: usize, offset: usize) -> &mut c_int {
        // SAFETY: an `int` of a live pipe, which nobody else uses.
        unsafe { &mut *self.pipes[pipe].as_mut_ptr().byte_add(offset).cast() }
    }

    fn n_pipes(&self) -> u32 {
        // SAFETY: a live endpoint.
        unsafe {
            self.endpoint
                .as_ptr()
                .byte_add(N_PIPES)
                .cast::<u32>()
                .read()
        }
    }

    fn step(&mut self, op: Op) {
        // SAFETY: live pipes and a live endpoint of this cord.
        unsafe {
            match op {
                Op::Push(i) => {
                    let message = Box::new(Numbered {
                        msg: Cmsg::new(ROUTE.as_ptr()),
                        number: self.pushed,
                    });
                    self.pushed += 1;
                    let msg = Box::into_raw(message).cast();
                    Cpipe::push(self.pipes[i].as_mut_ptr(), msg);
                }
                Op::AddWeight(i, weight) => *self.field(i, N_INPUT) += weight,
                Op::SetMax(i, max) => *self.field(i, MAX_INPUT) = max,
                Op::Flush(i) => Cpipe::flush(self.pipes[i].as_mut_ptr()),
                Op::Replace(i) => {
                    Cpipe::destroy(self.pipes[i].as_mut_ptr());
                    Cpipe::create(self.pipes[i].as_mut_ptr(), c"e");
                }
                Op::Turn => turn(),
                Op::Process => endpoint::process(self.endpoint.as_mut_ptr()),
            }
        }
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        // SAFETY: as above; on the scheduler there is no waiting, and nothing to wait for.
        unsafe {
            for pipe in &mut self.pipes {
                Cpipe::destroy(pipe.as_mut_ptr());
            }
            CbusEndpoint::destroy(self.endpoint.as_mut_ptr(), Some(process_all));
        }
        turn();
    }
}

unsafe extern "C-unwind" fn process_all(this: *mut CbusEndpoint) {
    // SAFETY: a live endpoint of this cord.
    unsafe { endpoint::process(this) };
}

const EVRUN_NOWAIT: c_int = 1;

fn turn() {
    // SAFETY: the loop of this thread.
    unsafe { ev::ev_run(cord::current("test").loop_.get(), EVRUN_NOWAIT) };
}

unsafe extern "C-unwind" {
    fn memory_init();
    fn fiber_init(invoke: unsafe extern "C-unwind" fn(*mut c_void, *mut c_void) -> c_int);
}

unsafe extern "C-unwind" fn no_fibers(_: *mut c_void, _: *mut c_void) -> c_int {
    unreachable!()
}

#[test]
fn pipes_do_what_queues_do() {
    assert_eq!(offset_of!(Numbered, msg), 0);
    // SAFETY: once, in the only thread that uses the library.
    unsafe {
        memory_init();
        fiber_init(no_fibers);
        bus::init();
    }
    let config = ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::with_cases(2000)
    };
    proptest!(config, |(ops in ops())| {
        let mut model = Model::default();
        let mut real = Real::new();
        for (i, &op) in ops.iter().enumerate() {
            model.step(op);
            real.step(op);
            let delivered = DELIVERED.with_borrow(Clone::clone);
            prop_assert_eq!(&delivered, &model.delivered, "after step {}", i);
            for (j, pipe) in model.pipes.iter().enumerate() {
                prop_assert_eq!(*real.field(j, N_INPUT), pipe.weight);
            }
            let unnoticed = (model.ended - model.noticed) as u32;
            prop_assert_eq!(real.n_pipes(), PIPES as u32 + unnoticed);
        }
        drop(real);
        prop_assert_eq!(DELIVERED.with_borrow(Vec::len), model.pushed);
    });
}
