// SPDX-License-Identifier: BSD-2-Clause
//! The scheduler and channels as the specification describes them (spec fiber.md 4, 5, 8;
//! ipc.md 3.4, 3.5), with fibers as positions in a program.

use super::{Event, Op, Outcome, Programs};
use std::collections::VecDeque;

/// Where the `state` link of a fiber is, besides the ready list.
#[derive(Clone, Copy)]
enum Queue {
    Joiners(usize),
    Channel(usize),
}

/// What a message on its way looks like to the fiber that waits.
#[derive(Clone, Copy, PartialEq)]
enum Pad {
    Reader,
    Writer(usize),
    Taken,
    Handed(usize),
    Closed,
}

#[derive(Default)]
struct Fiber {
    step: usize,
    /// It waits inside the current step.
    inside: bool,
    started: bool,
    running: bool,
    ready: bool,
    dead: bool,
    cancelled: bool,
    claimed: bool,
    /// Who gets control at its yield; `None` is the scheduler.
    caller: Option<usize>,
    queue: Option<Queue>,
    pad: Option<Pad>,
    joiners: VecDeque<usize>,
}

#[derive(Default)]
struct Channel {
    size: usize,
    buffer: VecDeque<usize>,
    waiters: VecDeque<usize>,
    closed: bool,
}

/// What a step leads to.
enum Next {
    Complete(Outcome),
    Skip,
    /// The fiber waits in the step, or after it if the outcome is there.
    Switch(Option<Outcome>, Option<usize>),
}

struct Model<'a> {
    programs: &'a Programs,
    fibers: Vec<Fiber>,
    channels: Vec<Channel>,
    ready: VecDeque<usize>,
    events: Vec<Event>,
}

/// What happens until nothing is ready any more.
pub fn run(programs: &Programs) -> Vec<Event> {
    let mut model = Model {
        programs,
        fibers: programs.fibers.iter().map(|_| Fiber::default()).collect(),
        channels: programs
            .channels
            .iter()
            .map(|&size| Channel {
                size,
                ..Channel::default()
            })
            .collect(),
        ready: VecDeque::new(),
        events: Vec::new(),
    };
    for &f in &programs.woken {
        model.wake(f);
    }
    while !model.ready.is_empty() {
        model.dispatch();
    }
    model.events
}

impl Model<'_> {
    /// One batch (spec fiber.md 4.4).
    fn dispatch(&mut self) {
        let batch: Vec<usize> = self.ready.drain(..).collect();
        for pair in batch.windows(2) {
            self.fibers[pair[0]].caller = Some(pair[1]);
        }
        self.fibers[batch[batch.len() - 1]].caller = None;
        let mut next = Some(batch[0]);
        while let Some(f) = next {
            next = self.resume(f);
        }
    }

    fn make_ready(&mut self, f: usize) {
        match self.fibers[f].queue.take() {
            Some(Queue::Joiners(of)) => self.fibers[of].joiners.retain(|&j| j != f),
            Some(Queue::Channel(c)) => self.channels[c].waiters.retain(|&w| w != f),
            None => {}
        }
        self.ready.push_back(f);
        self.fibers[f].ready = true;
    }

    fn wake(&mut self, f: usize) {
        let fiber = &self.fibers[f];
        if !(fiber.ready || fiber.dead || fiber.running) {
            self.make_ready(f);
        }
    }

    /// The fiber loses control by a yield: to whom?
    fn leave(&mut self, f: usize) -> Option<usize> {
        self.fibers[f].running = false;
        self.fibers[f].caller.take()
    }

    fn call(&mut self, f: usize, callee: usize) -> Next {
        self.fibers[callee].caller = Some(f);
        self.fibers[f].running = false;
        self.fibers[f].ready = true;
        Next::Switch(Some(Outcome::Done), Some(callee))
    }

    /// The fiber gets control and keeps it as long as it can. Who is next?
    fn resume(&mut self, f: usize) -> Option<usize> {
        let fiber = &mut self.fibers[f];
        (fiber.ready, fiber.running, fiber.started) = (false, true, true);
        while let Some(&op) = self.programs.fibers[f].get(self.fibers[f].step) {
            let next = match op {
                Op::Join(_) | Op::Put { .. } | Op::Get { .. }
                    if self.fibers[f].inside =>
                {
                    self.go_on(f, op)
                }
                _ => self.begin(f, op),
            };
            let step = self.fibers[f].step;
            if !matches!(next, Next::Switch(None, _)) {
                self.fibers[f].inside = false;
                self.fibers[f].step += 1;
            }
            match next {
                Next::Skip => {}
                Next::Complete(outcome) => self.events.push(Event {
                    fiber: f,
                    step,
                    outcome,
                }),
                Next::Switch(outcome, to) => {
                    if let Some(outcome) = outcome {
                        self.events.push(Event {
                            fiber: f,
                            step,
                            outcome,
                        });
                    }
                    return to;
                }
            }
        }
        self.fibers[f].dead = true;
        while let Some(&joiner) = self.fibers[f].joiners.front() {
            self.make_ready(joiner);
        }
        self.leave(f)
    }

    fn begin(&mut self, f: usize, op: Op) -> Next {
        match op {
            Op::Wake(other) => {
                self.wake(other);
                Next::Complete(Outcome::Done)
            }
            Op::Cancel(other) => {
                if self.fibers[other].dead {
                    return Next::Skip;
                }
                self.fibers[other].cancelled = true;
                self.wake(other);
                Next::Complete(Outcome::Done)
            }
            // Recorded before the switch, as the other side has to.
            Op::Yield => Next::Switch(Some(Outcome::Done), self.leave(f)),
            Op::Reschedule => {
                self.make_ready(f);
                Next::Switch(Some(Outcome::Done), self.leave(f))
            }
            Op::Start(other) => {
                if self.fibers[other].started || self.fibers[other].ready {
                    return Next::Skip;
                }
                self.call(f, other)
            }
            Op::Call(other) => {
                let callee = &self.fibers[other];
                let parked = callee.started && !callee.inside;
                if !parked || callee.ready || callee.dead || callee.running {
                    return Next::Skip;
                }
                self.call(f, other)
            }
            Op::Join(other) => {
                if other <= f || self.fibers[other].claimed {
                    return Next::Skip;
                }
                self.fibers[other].claimed = true;
                self.go_on(f, op)
            }
            Op::Put { .. } | Op::Get { .. } => self.attempt(f, op, false),
            Op::Close(channel) => {
                self.close(channel);
                Next::Complete(Outcome::Done)
            }
        }
    }

    /// Again after a wakeup, whatever it was.
    fn go_on(&mut self, f: usize, op: Op) -> Next {
        if let Op::Join(other) = op {
            if self.fibers[other].dead {
                return Next::Complete(Outcome::Done);
            }
            self.fibers[other].joiners.push_back(f);
            self.fibers[f].queue = Some(Queue::Joiners(other));
            self.fibers[f].inside = true;
            return Next::Switch(None, self.leave(f));
        }
        match self.fibers[f].pad.take() {
            Some(Pad::Closed) => Next::Complete(Outcome::Closed),
            Some(Pad::Taken) => Next::Complete(Outcome::Done),
            Some(Pad::Handed(value)) => Next::Complete(Outcome::Got(value)),
            _ => self.attempt(f, op, true),
        }
    }

    /// One attempt to put or get (spec ipc.md 3.4).
    fn attempt(&mut self, f: usize, op: Op, again: bool) -> Next {
        let (channel, wait, pad) = match op {
            Op::Put {
                channel,
                value,
                wait,
            } => (channel, wait, Pad::Writer(value)),
            Op::Get { channel, wait } => (channel, wait, Pad::Reader),
            _ => unreachable!("{op:?} uses no channel"),
        };
        let first = self.channels[channel].waiters.front().copied();
        let first_pad = first.and_then(|w| self.fibers[w].pad);
        let ch = &mut self.channels[channel];
        match (pad, first, first_pad) {
            (Pad::Writer(value), Some(reader), Some(Pad::Reader)) => {
                self.fibers[reader].pad = Some(Pad::Handed(value));
                self.make_ready(reader);
                return Next::Complete(Outcome::Done);
            }
            (Pad::Writer(value), ..) if ch.buffer.len() < ch.size => {
                if ch.closed {
                    return Next::Complete(Outcome::Closed);
                }
                ch.buffer.push_back(value);
                return Next::Complete(Outcome::Done);
            }
            (Pad::Reader, first, first_pad) => {
                let mut value = ch.buffer.pop_front();
                if let (Some(writer), Some(Pad::Writer(theirs))) = (first, first_pad) {
                    match value {
                        Some(_) => ch.buffer.push_back(theirs),
                        None => value = Some(theirs),
                    }
                    self.fibers[writer].pad = Some(Pad::Taken);
                    self.make_ready(writer);
                }
                if let Some(value) = value {
                    return Next::Complete(Outcome::Got(value));
                }
            }
            _ => {}
        }
        if self.channels[channel].closed {
            return Next::Complete(Outcome::Closed);
        }
        if self.fibers[f].cancelled {
            return Next::Complete(Outcome::Cancelled);
        }
        if !wait {
            return Next::Complete(Outcome::TimedOut);
        }
        let waiters = &mut self.channels[channel].waiters;
        if again {
            waiters.push_front(f);
        } else {
            waiters.push_back(f);
        }
        self.fibers[f].queue = Some(Queue::Channel(channel));
        self.fibers[f].pad = Some(pad);
        self.fibers[f].inside = true;
        Next::Switch(None, self.leave(f))
    }

    fn close(&mut self, channel: usize) {
        let ch = &mut self.channels[channel];
        ch.buffer.clear();
        ch.closed = true;
        while let Some(&waiter) = self.channels[channel].waiters.front() {
            self.fibers[waiter].pad = Some(Pad::Closed);
            self.make_ready(waiter);
        }
    }
}
