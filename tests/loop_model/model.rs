// SPDX-License-Identifier: BSD-2-Clause
//! The scheduler and libev's queue of pending events, as the specification describes them
//! (spec fiber.md 4): libev calls what was fed last first.

use super::{Event, Op, Programs};

/// What libev is to call.
#[derive(Clone, Copy, PartialEq)]
enum Pending {
    /// The ready list.
    Ready,
    /// The timer of a sleeper.
    Timer(usize),
    Callback(usize),
}

#[derive(Default)]
struct Fiber {
    step: usize,
    ready: bool,
    running: bool,
    dead: bool,
    /// Who gets control at its yield; `None` is the scheduler.
    caller: Option<usize>,
}

struct Model<'a> {
    programs: &'a Programs,
    fibers: Vec<Fiber>,
    /// How often each callback was called.
    calls: Vec<usize>,
    ready: Vec<usize>,
    pending: Vec<Pending>,
    /// Fibers whose timer the loop has not looked at yet.
    sleepers: Vec<usize>,
    events: Vec<Event>,
}

/// What happens until nothing is left to do.
pub fn run(programs: &Programs) -> Vec<Event> {
    let mut model = Model {
        programs,
        fibers: programs.fibers.iter().map(|_| Fiber::default()).collect(),
        calls: vec![0; programs.callbacks.len()],
        ready: Vec::new(),
        pending: Vec::new(),
        sleepers: Vec::new(),
        events: Vec::new(),
    };
    model.on_scheduler(&programs.start);
    loop {
        if model.pending.is_empty() {
            // The loop polls.
            let timers = model.sleepers.drain(..).rev().map(Pending::Timer);
            model.pending.extend(timers);
        }
        match model.pending.pop() {
            None => return model.events,
            Some(Pending::Ready) => model.run_batch(),
            Some(Pending::Timer(f)) => model.wake(f),
            Some(Pending::Callback(c)) => {
                model.events.push(Event::Callback(c));
                let call = model.calls[c];
                model.calls[c] += 1;
                if let Some(ops) = programs.callbacks[c].get(call) {
                    model.on_scheduler(ops);
                }
            }
        }
    }
}

impl Model<'_> {
    fn feed(&mut self, event: Pending) {
        if !self.pending.contains(&event) {
            self.pending.push(event);
        }
    }

    fn make_ready(&mut self, f: usize) {
        if self.ready.is_empty() {
            self.feed(Pending::Ready);
        }
        self.ready.push(f);
        self.fibers[f].ready = true;
    }

    fn wake(&mut self, f: usize) {
        if !self.is_busy(f) {
            self.forget_timer(f);
            self.make_ready(f);
        }
    }

    fn is_busy(&self, f: usize) -> bool {
        let fiber = &self.fibers[f];
        fiber.ready || fiber.running || fiber.dead
    }

    fn forget_timer(&mut self, f: usize) {
        self.sleepers.retain(|&sleeper| sleeper != f);
        self.pending.retain(|&event| event != Pending::Timer(f));
    }

    fn run_batch(&mut self) {
        let batch = std::mem::take(&mut self.ready);
        for pair in batch.windows(2) {
            self.fibers[pair[0]].caller = Some(pair[1]);
        }
        self.run_from_scheduler(batch.first().copied());
    }

    fn run_from_scheduler(&mut self, mut next: Option<usize>) {
        while let Some(f) = next {
            next = self.resume(f);
        }
    }

    fn on_scheduler(&mut self, ops: &[Op]) {
        for &op in ops {
            match op {
                Op::Wake(f) => self.wake(f),
                Op::Feed(c) => self.feed(Pending::Callback(c)),
                Op::Call(f) if !self.is_busy(f) => self.run_from_scheduler(Some(f)),
                _ => {}
            }
        }
    }

    /// The fiber loses control by a yield: to whom?
    fn leave(&mut self, f: usize) -> Option<usize> {
        self.fibers[f].running = false;
        self.fibers[f].caller.take()
    }

    /// The fiber gets control and keeps it as long as it can. Who is next?
    fn resume(&mut self, f: usize) -> Option<usize> {
        self.forget_timer(f);
        (self.fibers[f].ready, self.fibers[f].running) = (false, true);
        while let Some(&op) = self.programs.fibers[f].get(self.fibers[f].step) {
            let step = self.fibers[f].step;
            self.events.push(Event::Step { fiber: f, step });
            self.fibers[f].step += 1;
            match op {
                Op::Wake(other) => self.wake(other),
                Op::Feed(c) => self.feed(Pending::Callback(c)),
                Op::Call(other) => {
                    if !self.is_busy(other) {
                        self.fibers[other].caller = Some(f);
                        (self.fibers[f].running, self.fibers[f].ready) = (false, true);
                        return Some(other);
                    }
                }
                Op::Yield => return self.leave(f),
                Op::Reschedule => {
                    self.make_ready(f);
                    return self.leave(f);
                }
                Op::Sleep => {
                    self.sleepers.push(f);
                    return self.leave(f);
                }
            }
        }
        self.fibers[f].dead = true;
        self.leave(f)
    }
}
