// SPDX-License-Identifier: BSD-2-Clause
//! The threads that may block (spec ipc.md 8.3): what libeio is to the reference.
//!
//! ```text
//!   submit ──> queue by priority ──> worker ──> the submitter's Results ──> poll
//!    cord            POOL            executes        cord is told           cord
//! ```
//!
//! One pool serves all threads of the process. A worker is started when there is more
//! to do than there are workers, up to a limit; a few stay when they are idle. A limit of
//! 0 is how the pool is stopped: the workers do what is queued and leave.
//!
//! The locks are Rust's, of which ThreadSanitizer knows nothing, so it is told of every
//! request that changes hands.

mod fork;
pub mod request;
pub mod results;
mod worker;

use crate::say::fatal;
use crate::tsan;
use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::time::Duration;
use request::{EioReq, Fifo, PRIORITY_MAX, PRIORITY_MIN};
use results::Results;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

const PRIORITIES: usize = (PRIORITY_MAX - PRIORITY_MIN) as usize + 1;

/// Threads wanted, and idle threads that stay, unless the program says something else.
const DEFAULT_THREADS: usize = 4;
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// What a worker calls when it starts and before it leaves.
pub type ThreadHook = unsafe extern "C-unwind" fn(*mut c_void) -> c_int;

#[derive(Clone, Copy)]
struct Hook {
    call: Option<ThreadHook>,
    data: *mut c_void,
}

impl Hook {
    const NONE: Hook = Hook {
        call: None,
        data: core::ptr::null_mut(),
    };

    /// # Safety
    /// By whoever has set it.
    unsafe fn run(self) -> c_int {
        // SAFETY: as the caller says.
        self.call.map_or(0, |call| unsafe { call(self.data) })
    }
}

struct Pool {
    state: Mutex<State>,
    /// There is something to do, or a limit has changed.
    work: Condvar,
    /// A worker has left.
    left: Condvar,
    /// Requests that were submitted and not finished.
    unfinished: AtomicUsize,
    /// Of these, the ones that are executed.
    pending: AtomicUsize,
    /// How many requests, and for how many microseconds, one poll goes on; 0 is no limit.
    poll_requests: AtomicUsize,
    poll_microseconds: AtomicUsize,
}

struct State {
    queues: [Fifo; PRIORITIES],
    queued: usize,
    running: usize,
    /// Workers, from the decision to start one to the decision to leave.
    started: usize,
    /// Workers that have decided to leave and are not gone.
    leaving: usize,
    /// The last one that left, until it is joined.
    last_left: Option<libc::pthread_t>,
    idle: usize,
    /// The limit that the program has set.
    wanted: usize,
    /// How many want the pool to be stopped meanwhile.
    stops: usize,
    max_idle: usize,
    idle_timeout: Duration,
    on_start: Hook,
    on_stop: Hook,
    /// Counts how often workers were left to themselves: see [`disown`].
    generation: usize,
}

// SAFETY: hooks may be called in any thread, as whoever sets them promises.
unsafe impl Send for State {}

static POOL: Pool = Pool {
    state: Mutex::new(State {
        queues: [const { Fifo::EMPTY }; PRIORITIES],
        queued: 0,
        running: 0,
        started: 0,
        leaving: 0,
        last_left: None,
        idle: 0,
        wanted: DEFAULT_THREADS,
        stops: 0,
        max_idle: DEFAULT_THREADS,
        idle_timeout: DEFAULT_IDLE_TIMEOUT,
        on_start: Hook::NONE,
        on_stop: Hook::NONE,
        generation: 0,
    }),
    work: Condvar::new(),
    left: Condvar::new(),
    unfinished: AtomicUsize::new(0),
    pending: AtomicUsize::new(0),
    poll_requests: AtomicUsize::new(0),
    poll_microseconds: AtomicUsize::new(0),
};

type Locked = MutexGuard<'static, State>;

impl Pool {
    fn lock(&'static self) -> Locked {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets workers notice a lower limit, and waits until `is_so`, and until those that have
    /// left are gone.
    fn wait_for_leaving(
        &'static self,
        mut state: Locked,
        is_so: impl Fn(&State) -> bool,
    ) -> Locked {
        self.work.notify_all();
        loop {
            let waited = self.left.wait_while(state, |state| !is_so(state));
            state = waited.unwrap_or_else(PoisonError::into_inner);
            let Some(thread) = state.last_left.take() else {
                return state;
            };
            drop(state);
            worker::join(thread);
            state = self.lock();
        }
    }

    /// Takes the requests of `results` off the queues.
    fn withdraw(&'static self, results: *const Results) -> Fifo {
        let mut withdrawn = Fifo::EMPTY;
        let mut state = self.lock();
        for priority in 0..PRIORITIES {
            let mut all = core::mem::replace(&mut state.queues[priority], Fifo::EMPTY);
            while let Some(req) = all.pop() {
                // SAFETY: a queued request is the pool's.
                unsafe {
                    if (*req).pool_user == results {
                        state.queued -= 1;
                        withdrawn.push(req);
                    } else {
                        state.queues[priority].push(req);
                    }
                }
            }
        }
        withdrawn
    }
}

impl State {
    /// # Safety
    /// `req` is the caller's.
    unsafe fn push(&mut self, req: *mut EioReq) {
        // SAFETY: as the caller says.
        unsafe {
            let priority = (*req).pri.clamp(PRIORITY_MIN, PRIORITY_MAX);
            self.queues[(priority - PRIORITY_MIN) as usize].push(req);
        }
        tsan::release(req.cast());
        self.queued += 1;
    }

    /// What comes next, now running.
    fn take(&mut self) -> Option<*mut EioReq> {
        let req = self.queues.iter_mut().rev().find_map(Fifo::pop)?;
        tsan::acquire(req.cast());
        self.queued -= 1;
        self.running += 1;
        Some(req)
    }

    /// A worker of that generation has executed what it took. True if it is not of the pool
    /// any more.
    fn has_ended(&mut self, generation: usize) -> bool {
        if self.generation != generation {
            return true;
        }
        self.running -= 1;
        false
    }

    /// How many workers there may be.
    fn limit(&self) -> usize {
        if self.stops > 0 { 0 } else { self.wanted }
    }

    fn needs_worker(&self) -> bool {
        self.started < self.limit() && self.queued + self.running > self.started
    }

    /// Whether a worker that has nothing in hand is one too many.
    fn has_surplus(&self) -> bool {
        self.started > self.limit() && (self.limit() > 0 || self.queued == 0)
    }
}

/// Queues a request of the calling thread, which finishes it in [`poll`]. `function` is who
/// asks: without a queue of results the program ends with a message that names it.
///
/// # Safety
/// `req` is the caller's until now, and stays where it is until it is destroyed.
pub unsafe fn submit(req: *mut EioReq, function: &str) {
    let Some(results) = Results::current() else {
        fatal!(
            "{function}: this thread has no coio_enable() behind it. \
             Please initialize libeio in this thread."
        );
    };
    // SAFETY: as the caller says.
    unsafe {
        results.expect(req);
        POOL.unfinished.fetch_add(1, Relaxed);
        enqueue(req);
    }
}

/// Queues a request that nobody waits for: the worker destroys it. False, with nothing
/// done, if there will be no worker.
///
/// # Safety
/// As for [`submit`].
pub unsafe fn post(req: *mut EioReq) -> bool {
    if POOL.lock().wanted == 0 {
        return false;
    }
    // SAFETY: as the caller says.
    unsafe { enqueue(req) };
    true
}

/// # Safety
/// As for [`submit`].
unsafe fn enqueue(req: *mut EioReq) {
    let mut state = POOL.lock();
    // SAFETY: as the caller says.
    unsafe { state.push(req) };
    start_workers(state);
    POOL.work.notify_one();
}

/// Starts as many as are needed.
fn start_workers(mut state: Locked) {
    while state.needs_worker() {
        state.started += 1;
        let generation = state.generation;
        drop(state);
        if !worker::start(generation) {
            return;
        }
        state = POOL.lock();
    }
}

/// `eio_poll`: finishes what is done of the calling thread's requests. 0 when that is all,
/// -1 when a limit was reached first, or what a callback returned, if it is not 0.
///
/// # Safety
/// Callbacks run here.
pub unsafe fn poll() -> c_int {
    let Some(results) = Results::current() else {
        fatal!("eio_poll: no eio_init() in this thread");
    };
    let most = POOL.poll_requests.load(Relaxed);
    let time = Duration::from_micros(POOL.poll_microseconds.load(Relaxed) as u64);
    let start = (!time.is_zero()).then(Instant::now);
    let mut finished = 0;
    // SAFETY: the calling thread's queue.
    while let Some(result) = unsafe { results.finish_one() } {
        if result != 0 {
            return result;
        }
        finished += 1;
        let enough =
            finished == most || start.is_some_and(|start| start.elapsed() >= time);
        if enough && results.has_more() {
            return -1;
        }
    }
    0
}

/// `eio_set_min_parallel`: at least so many threads, when there is work.
pub fn set_min_threads(number: usize) {
    let mut state = POOL.lock();
    state.wanted = state.wanted.max(number);
    start_workers(state);
}

/// `eio_set_max_parallel`: at most so many threads. Blocks until those too many have left.
/// With 0 they do first what is queued.
pub fn set_max_threads(number: usize) {
    let mut state = POOL.lock();
    state.wanted = state.wanted.min(number);
    // A worker would wait for itself.
    if !worker::is_one() {
        drop(POOL.wait_for_leaving(state, |state| {
            state.started <= state.wanted && state.leaving == 0
        }));
    }
}

/// `eio_set_max_idle`: so many threads stay idle for ever.
pub fn set_max_idle(number: usize) {
    POOL.lock().max_idle = number;
    POOL.work.notify_all();
}

/// `eio_set_idle_timeout`: how long the others stay.
pub fn set_idle_timeout(seconds: u64) {
    POOL.lock().idle_timeout = Duration::from_secs(seconds);
    POOL.work.notify_all();
}

/// `eio_set_max_poll_reqs`
pub fn set_poll_requests(number: usize) {
    POOL.poll_requests.store(number, Relaxed);
}

/// `eio_set_max_poll_time`
pub fn set_poll_time(time: Duration) {
    POOL.poll_microseconds
        .store(time.as_micros() as usize, Relaxed);
}

/// `eio_set_thread_on_start`: for threads that start from now on. If it does not return 0
/// the thread does not become a worker.
pub fn set_on_start(call: Option<ThreadHook>, data: *mut c_void) {
    POOL.lock().on_start = Hook { call, data };
}

/// `eio_set_thread_on_stop`
pub fn set_on_stop(call: Option<ThreadHook>, data: *mut c_void) {
    POOL.lock().on_stop = Hook { call, data };
}

/// `eio_nthreads`: workers.
pub fn threads() -> usize {
    POOL.lock().started
}

/// `eio_nready`: requests that wait for a worker.
pub fn queued() -> usize {
    POOL.lock().queued
}

/// `eio_nreqs`: requests that were submitted and not finished.
pub fn unfinished() -> usize {
    POOL.unfinished.load(Relaxed)
}

/// `eio_npending`: requests that wait for a poll.
pub fn pending() -> usize {
    POOL.pending.load(Relaxed)
}

/// The memory that workers have from their start hook is about to go: those that are idle
/// leave now; those that are in the middle of something are not of the pool any
/// more, and end without another look at that memory.
pub fn disown() {
    let mut state = POOL.lock();
    state.stops += 1;
    let mut state = POOL.wait_for_leaving(state, |state| {
        state.started == state.running && state.leaving == 0
    });
    state.stops -= 1;
    state.generation += 1;
    state.started = 0;
    state.running = 0;
    start_workers(state);
}
