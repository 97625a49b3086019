// SPDX-License-Identifier: BSD-2-Clause
//! Random work posted to a cord (`cordage/post.h`): what runs, in which order, and what is
//! dropped at its end is what the header says. Through the C interface only.

use cordage as _;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::VecDeque;
use std::ffi::{c_char, c_int, c_void};
use std::sync::Mutex;
use std::{mem, ptr, thread};

/// A piece of work and what it does.
#[derive(Debug, Clone)]
struct Work {
    id: usize,
    in_fiber: bool,
    /// It posts these when it runs.
    early: Vec<Work>,
    /// In a fiber it then lets others run, and posts these.
    late: Vec<Work>,
}

#[derive(Debug, Clone)]
enum Op {
    Post {
        work: Work,
        in_plain_thread: bool,
    },
    /// A turn of the cord's event loop.
    Turn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Run(usize),
    Resumed(usize),
    Dropped(usize),
}

fn work() -> impl Strategy<Value = Work> {
    let leaf = any::<bool>().prop_map(|in_fiber| Work {
        id: 0,
        in_fiber,
        early: Vec::new(),
        late: Vec::new(),
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        let some = prop::collection::vec(inner, 0..3);
        (any::<bool>(), some.clone(), some).prop_map(|(in_fiber, early, late)| Work {
            id: 0,
            in_fiber,
            early,
            late,
        })
    })
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        3 => (work(), any::<bool>())
            .prop_map(|(work, in_plain_thread)| Op::Post { work, in_plain_thread }),
        1 => Just(Op::Turn),
    ];
    prop::collection::vec(op, 0..20).prop_map(|mut ops| {
        let mut next = 0;
        for op in &mut ops {
            if let Op::Post { work, .. } = op {
                number(work, &mut next);
            }
        }
        ops
    })
}

fn number(work: &mut Work, next: &mut usize) {
    work.id = *next;
    *next += 1;
    for inner in work.early.iter_mut().chain(&mut work.late) {
        number(inner, next);
    }
}

fn model(ops: &[Op]) -> Vec<Event> {
    let mut queue = VecDeque::new();
    let mut events = Vec::new();
    for op in ops {
        match op {
            Op::Post { work, .. } => queue.push_back(work),
            Op::Turn => {
                let taken = mem::take(&mut queue);
                for work in &taken {
                    events.push(Event::Run(work.id));
                    queue.extend(&work.early);
                }
                for work in taken.iter().filter(|work| work.in_fiber) {
                    events.push(Event::Resumed(work.id));
                    queue.extend(&work.late);
                }
            }
        }
    }
    events.extend(queue.iter().map(|work| Event::Dropped(work.id)));
    events
}

/// Opaque: `struct cord`, `struct ev_loop`.
type Cord = c_void;
type Loop = c_void;
type FiberFunc = unsafe extern "C-unwind" fn(*mut c_void) -> c_int;
type ThreadFunc = unsafe extern "C-unwind" fn(*mut c_void) -> *mut c_void;

unsafe extern "C-unwind" {
    fn memory_init();
    fn fiber_init(invoke: unsafe extern "C-unwind" fn(FiberFunc, *mut c_void) -> c_int);
    fn fiber_free();
    fn fiber_reschedule();
    fn cord_start(
        cord: *mut Cord,
        name: *const c_char,
        f: ThreadFunc,
        arg: *mut c_void,
    ) -> c_int;
    fn cord_join(cord: *mut Cord) -> c_int;
    fn cordage_cord_self() -> *mut Cord;
    fn cordage_post(cord: *mut Cord, work: *mut c_void) -> c_int;
    fn cordage_post_fiber(cord: *mut Cord, work: *mut c_void) -> c_int;
    fn ev_run(ev_loop: *mut Loop, flags: c_int) -> c_int;
}

const EVRUN_NOWAIT: c_int = 1;

/// Words of `struct cord`, and which of them is the loop (spec fiber.md 3.4).
const CORD_WORDS: usize = 1264 / 8;
const LOOP: usize = 1;

/// `struct cordage_work` as the head of something larger.
#[repr(C)]
struct Posted {
    run: unsafe extern "C-unwind" fn(*mut Posted),
    drop: unsafe extern "C-unwind" fn(*mut Posted),
    next: *mut c_void,
    place: u32,
    work: Work,
    case: *const Case,
}

struct Case {
    ops: Vec<Op>,
    events: Mutex<Vec<Event>>,
}

impl Case {
    fn note(&self, event: Event) {
        self.events.lock().unwrap().push(event);
    }
}

fn post(case: *const Case, cord: *mut Cord, work: &Work) {
    let posted = Box::into_raw(Box::new(Posted {
        run,
        drop: dropped,
        next: ptr::null_mut(),
        place: u32::MAX,
        work: work.clone(),
        case,
    }))
    .cast();
    // SAFETY: the memory is freed by `run` or `dropped`; the cord lives.
    let result = unsafe {
        match work.in_fiber {
            true => cordage_post_fiber(cord, posted),
            false => cordage_post(cord, posted),
        }
    };
    assert_eq!(result, 0);
}

unsafe extern "C-unwind" fn run(posted: *mut Posted) {
    // SAFETY: from `post`; the case outlives the cord. Nothing that must be dropped is
    // held across the switch but this fiber's own, and nobody cancels it.
    unsafe {
        let Posted { work, case, .. } = *Box::from_raw(posted);
        (*case).note(Event::Run(work.id));
        for inner in &work.early {
            post(case, cordage_cord_self(), inner);
        }
        if work.in_fiber {
            fiber_reschedule();
            (*case).note(Event::Resumed(work.id));
            for inner in &work.late {
                post(case, cordage_cord_self(), inner);
            }
        }
    }
}

unsafe extern "C-unwind" fn dropped(posted: *mut Posted) {
    // SAFETY: as in `run`.
    unsafe {
        let Posted { work, case, .. } = *Box::from_raw(posted);
        (*case).note(Event::Dropped(work.id));
    }
}

/// The function of the cord.
unsafe extern "C-unwind" fn interpret(case: *mut c_void) -> *mut c_void {
    let case = case.cast::<Case>().cast_const();
    // SAFETY: `real` passes it, and waits.
    unsafe {
        let cord = cordage_cord_self();
        for op in &(*case).ops {
            match op {
                Op::Post {
                    work,
                    in_plain_thread: false,
                } => post(case, cord, work),
                Op::Post { work, .. } => {
                    let (case, cord) =
                        (case.expose_provenance(), cord.expose_provenance());
                    thread::scope(|scope| {
                        scope.spawn(|| {
                            post(
                                ptr::with_exposed_provenance(case),
                                ptr::with_exposed_provenance_mut(cord),
                                work,
                            );
                        });
                    });
                }
                Op::Turn => {
                    let ev_loop = cord.cast::<*mut Loop>().add(LOOP).read();
                    ev_run(ev_loop, EVRUN_NOWAIT);
                }
            }
        }
    }
    ptr::null_mut()
}

fn real(ops: &[Op]) -> Vec<Event> {
    let case = Case {
        ops: ops.to_vec(),
        events: Mutex::default(),
    };
    let mut cord = Box::new([0_u64; CORD_WORDS]);
    let cord = cord.as_mut_ptr().cast::<Cord>();
    // SAFETY: memory for a cord, and a case, that live until it is joined.
    unsafe {
        let argument = (&raw const case).cast_mut().cast();
        assert_eq!(cord_start(cord, c"model".as_ptr(), interpret, argument), 0);
        assert_eq!(cord_join(cord), 0);
    }
    case.events.into_inner().unwrap()
}

unsafe extern "C-unwind" fn invoke(f: FiberFunc, ap: *mut c_void) -> c_int {
    // SAFETY: what fiber_init() asks for.
    unsafe { f(ap) }
}

#[test]
fn posts_do_what_the_model_does() {
    // SAFETY: once, in this order.
    unsafe {
        memory_init();
        fiber_init(invoke);
    }
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[1; 32]);
    let config = Config {
        cases: 2000,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new_with_rng(config, rng).run(&ops(), |ops| {
        prop_assert_eq!(model(&ops), real(&ops));
        Ok(())
    });
    // SAFETY: on the scheduler of the main cord, and no other cord is left.
    unsafe { fiber_free() };
    if let Err(error) = result {
        panic!("{error}");
    }
}
