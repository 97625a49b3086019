// SPDX-License-Identifier: BSD-2-Clause
//! `fiber_channel`: messages in order, with a buffer of fixed size or none (spec
//! ipc.md 3).
//!
//! ```text
//!   writers wait           beg            beg+count       readers wait
//!   when it is full   ->  [ m m m m m m m m . . . . ]  ->  when it is empty
//! ```
//!
//! Readers and writers share one queue, which never holds both kinds: a
//! reader waits only when nothing is buffered and no writer waits, and the
//! other way round. A message passes directly from a fiber to a waiting one
//! through the waiter's pad, so a wake-up already carries the result and nothing is
//! lost to a timeout or cancel of the same moment.

use super::message::{IpcMsg, Message};
use super::{FOREVER, now};
use crate::abi::layout;
use crate::cord::{CordRef, current};
use crate::diag;
use crate::fiber::{FiberRef, flag, sched};
use crate::small::Rlist;
use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::ptr;

/// `struct ipc_wait_pad`: what a waiting fiber waits for, and what came of it.
#[repr(C)]
pub struct WaitPad {
    msg: Cell<*mut IpcMsg>,
    status: Cell<WaitStatus>,
}

/// A pad and where it is used; on the waiting fiber's stack, reached through
/// `fiber.wait_pad`.
#[repr(C)]
struct Place {
    pad: WaitPad,
    channel: *mut FiberChannel,
    /// The message is bare; until it is there: may be.
    bare: Cell<bool>,
    /// The fiber was in the queue before.
    queued: Cell<bool>,
}

/// `enum fiber_channel_wait_status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub enum WaitStatus {
    /// Waits for a message.
    Reader,
    /// Waits for room.
    Writer,
    /// Got or gave its message.
    Done,
    /// The channel is closed, or gone.
    Closed,
}

/// `struct fiber_channel`, followed by its ring of `size` pointers.
#[repr(C)]
pub struct FiberChannel {
    /// Capacity in messages.
    pub size: u32,
    /// Messages buffered.
    pub count: Cell<u32>,
    /// Readers or writers, linked by `fiber.state`.
    pub waiters: Rlist,
    /// Index of the oldest message.
    pub beg: Cell<u32>,
    /// No message passes any more.
    pub is_closed: Cell<bool>,
    /// The ring.
    pub buf: *mut *mut IpcMsg,
}

layout!(WaitPad = "ipc_wait_pad", 16: msg 0, status 8);
layout!(FiberChannel = "fiber_channel", 40: size 0, count 4, waiters 8, beg 24,
    is_closed 28, buf 32);

/// The attempt failed; the diag of the current fiber says why.
#[derive(Debug, PartialEq, Eq)]
pub struct ChannelError;

/// Where a message goes.
#[derive(Clone, Copy)]
pub enum Out {
    /// As it is.
    Message(*mut *mut IpcMsg),
    /// Only the pointer in it, which is an [`super::message::IpcValue`].
    Data(*mut *mut c_void),
}

impl Out {
    #[inline]
    fn is_bare(self) -> bool {
        matches!(self, Out::Data(_))
    }

    /// # Safety
    /// The caller's variable; the message is of the kind that belongs there.
    #[inline]
    unsafe fn write(self, message: Message) -> c_int {
        // SAFETY: as the caller says.
        unsafe {
            match self {
                Out::Message(msg) => msg.write(message.pointer),
                Out::Data(data) => data.write(message.unwrapped()),
            }
        }
        0
    }
}

impl FiberChannel {
    /// Bytes of a channel with its ring.
    pub const fn memsize(size: u32) -> usize {
        size_of::<FiberChannel>() + size_of::<*mut IpcMsg>() * size as usize
    }

    /// An open, empty channel.
    ///
    /// # Safety
    /// `this` points to [`FiberChannel::memsize`] bytes.
    pub unsafe fn create(this: *mut FiberChannel, size: u32) {
        // SAFETY: the ring follows the struct directly.
        unsafe {
            this.write(FiberChannel {
                size,
                count: Cell::new(0),
                waiters: Rlist::unlinked(),
                beg: Cell::new(0),
                is_closed: Cell::new(false),
                buf: this.add(1).cast(),
            });
            Rlist::create(&raw mut (*this).waiters);
        }
    }

    /// Puts a message; 0, or -1, when the caller still owns it.
    ///
    /// What waits returns what the C caller gets, so that its call can be a jump: see
    /// [`sched::wait`].
    ///
    /// # Safety
    /// `this` is a channel of the current cord.
    #[inline]
    pub unsafe fn put(this: *mut FiberChannel, message: Message, timeout: f64) -> c_int {
        // SAFETY: as the caller says.
        unsafe {
            if (*this).size == 0 {
                return FiberChannel::put_wrapped(this, message, timeout);
            }
            // The ring is for everybody, and a writer that waits must find its place in
            // it whatever happens.
            let Ok(wrapped) = message.wrapped() else {
                return -1;
            };
            let status = FiberChannel::put_wrapped(this, wrapped, timeout);
            if status != 0 {
                message.take_back(wrapped);
            }
            status
        }
    }

    /// # Safety
    /// As for [`FiberChannel::put`]; `message` is bare only where there is no ring.
    #[inline(always)]
    unsafe fn put_wrapped(
        this: *mut FiberChannel,
        message: Message,
        timeout: f64,
    ) -> c_int {
        let cord = current("fiber_channel_put");
        // SAFETY: as the caller says.
        unsafe {
            match (*this).try_put(cord, message) {
                Ok(true) => 0,
                Ok(false) => FiberChannel::wait_to_put(this, cord, message, timeout),
                Err(_) => -1,
            }
        }
    }

    /// # Safety
    /// As for [`FiberChannel::put_wrapped`], and there is no room.
    #[inline(never)]
    unsafe fn wait_to_put(
        this: *mut FiberChannel,
        cord: CordRef,
        message: Message,
        timeout: f64,
    ) -> c_int {
        let wait = Wait::new("fiber_channel_put", cord, timeout);
        let place = Place::new(this, WaitStatus::Writer, message);
        loop {
            // SAFETY: as the caller says; after a wait the channel is there unless the
            // wait said otherwise.
            let done = unsafe {
                match wait.until_done(&place) {
                    Ok(false) => (*this).try_put(cord, message),
                    done => done,
                }
            };
            match done {
                Ok(true) => return 0,
                Ok(false) => {}
                Err(_) => return -1,
            }
        }
    }

    /// Puts `message` without a wait; false if there is no room.
    ///
    /// # Safety
    /// The queue is well formed.
    #[inline(always)]
    unsafe fn try_put(
        &self,
        cord: CordRef,
        message: Message,
    ) -> Result<bool, ChannelError> {
        // SAFETY: as the caller says.
        unsafe {
            if let Some(reader) = self.first_waiter(WaitStatus::Reader) {
                let message = if reader.place().bare.get() {
                    message
                } else {
                    message.wrapped()?
                };
                reader.complete(cord, message);
                return Ok(true);
            }
            if self.count.get() >= self.size {
                return Ok(false);
            }
            if self.is_closed.get() {
                diag::set_channel_is_closed();
                return Err(ChannelError);
            }
            self.push(message.pointer);
        }
        Ok(true)
    }

    /// Takes the oldest message, which then is the caller's. 0, or -1 with `out` untouched.
    ///
    /// # Safety
    /// `this` is a channel of the current cord; `out` says where C wants it.
    #[inline]
    pub unsafe fn get(this: *mut FiberChannel, out: Out, timeout: f64) -> c_int {
        let cord = current("fiber_channel_get");
        // SAFETY: as the caller says.
        unsafe {
            match (*this).try_get(cord, out.is_bare()) {
                Ok(Some(message)) => out.write(message),
                Ok(None) => FiberChannel::wait_to_get(this, cord, out, timeout),
                Err(_) => -1,
            }
        }
    }

    /// # Safety
    /// As for [`FiberChannel::get`], and there is nothing.
    #[inline(never)]
    unsafe fn wait_to_get(
        this: *mut FiberChannel,
        cord: CordRef,
        out: Out,
        timeout: f64,
    ) -> c_int {
        let wait = Wait::new("fiber_channel_get", cord, timeout);
        let nothing = Message {
            pointer: ptr::null_mut(),
            bare: out.is_bare(),
        };
        let place = Place::new(this, WaitStatus::Reader, nothing);
        loop {
            // SAFETY: as in `wait_to_put`; the message fits `out`.
            unsafe {
                let got = match wait.until_done(&place) {
                    Ok(true) => Ok(Some(place.message())),
                    Ok(false) => (*this).try_get(cord, out.is_bare()),
                    Err(error) => Err(error),
                };
                match got {
                    Ok(Some(message)) => return out.write(message),
                    Ok(None) => {}
                    Err(_) => return -1,
                }
            }
        }
    }

    /// Takes a message without a wait.
    ///
    /// # Safety
    /// The queue is well formed.
    #[inline(always)]
    unsafe fn try_get(
        &self,
        cord: CordRef,
        bare: bool,
    ) -> Result<Option<Message>, ChannelError> {
        // SAFETY: as the caller says.
        unsafe {
            let writer = self.first_waiter(WaitStatus::Writer);
            if self.count.get() > 0 {
                let msg = self.pop();
                // The place goes to the writer who waits longest, so that messages stay in
                // order.
                if let Some(writer) = writer {
                    self.push(writer.place().message().pointer);
                    writer.complete(cord, Message::bare(ptr::null_mut()));
                }
                return Ok(Some(Message::of(msg)));
            }
            let Some(writer) = writer else {
                return Ok(None);
            };
            let message = writer.place().message();
            let message = if bare { message } else { message.wrapped()? };
            writer.complete(cord, Message::bare(ptr::null_mut()));
            Ok(Some(message))
        }
    }

    /// Disposes of what is buffered, sends everybody who waits away and lets nothing
    /// pass any more. Does not yield; again is harmless.
    ///
    /// # Safety
    /// `this` is a channel of the current cord.
    pub unsafe fn close(this: *mut FiberChannel) {
        let cord = current("fiber_channel_close");
        // SAFETY: as the caller says. Messages held by blocked writers stay theirs.
        unsafe {
            if (*this).is_closed.get() {
                return;
            }
            while (*this).count.get() > 0 {
                let msg = (*this).pop();
                if let Some(destroy) = (*msg).destroy {
                    destroy(msg);
                }
            }
            let queue = &raw mut (*this).waiters;
            while !Rlist::is_empty(queue) {
                let fiber = FiberRef::from_state(Rlist::first(queue));
                Place::of(fiber).pad.status.set(WaitStatus::Closed);
                sched::wakeup(cord, fiber);
            }
            // Some may have been woken by a timer or a cancel and not have run yet.
            // They must not touch a channel that is freed next.
            sched::for_each_ready(cord, |fiber| {
                if !fiber.wait_pad.get().is_null() {
                    Place::of(fiber).leave(this);
                }
            });
            (*this).is_closed.set(true);
        }
    }

    /// Whether the first waiter is of that kind.
    ///
    /// # Safety
    /// `this` is a channel of the current cord.
    pub unsafe fn has_waiter(this: *mut FiberChannel, kind: WaitStatus) -> bool {
        // SAFETY: as the caller says.
        unsafe { (*this).first_waiter(kind).is_some() }
    }

    /// # Safety
    /// The queue is well formed.
    #[inline]
    unsafe fn first_waiter(&self, kind: WaitStatus) -> Option<Waiting> {
        let queue = (&raw const self.waiters).cast_mut();
        // SAFETY: as the caller says; who waits here has a pad on its stack.
        unsafe {
            if Rlist::is_empty(queue) {
                return None;
            }
            let fiber = FiberRef::from_state(Rlist::first(queue));
            let status = Place::of(fiber).pad.status.get();
            (status == kind).then_some(Waiting(fiber))
        }
    }

    /// # Safety
    /// There is room.
    unsafe fn push(&self, msg: *mut IpcMsg) {
        let (size, beg) = (self.size as usize, self.beg.get() as usize);
        let at = beg + self.count.get() as usize;
        let at = if at < size { at } else { at - size };
        // SAFETY: an index below `size`.
        unsafe { self.buf.add(at).write(msg) };
        self.count.set(self.count.get() + 1);
    }

    /// # Safety
    /// There is a message.
    unsafe fn pop(&self) -> *mut IpcMsg {
        let beg = self.beg.get();
        self.beg.set(if beg + 1 < self.size { beg + 1 } else { 0 });
        self.count.set(self.count.get() - 1);
        // SAFETY: `beg` is below `size`.
        unsafe { self.buf.add(beg as usize).read() }
    }
}

impl Place {
    #[inline]
    fn new(channel: *mut FiberChannel, status: WaitStatus, message: Message) -> Place {
        Place {
            pad: WaitPad {
                msg: Cell::new(message.pointer),
                status: Cell::new(status),
            },
            channel,
            bare: Cell::new(message.bare),
            queued: Cell::new(false),
        }
    }

    #[inline]
    fn message(&self) -> Message {
        Message {
            pointer: self.pad.msg.get(),
            bare: self.bare.get(),
        }
    }

    /// # Safety
    /// `fiber` waits, or waited and has not run yet: its pad is alive.
    unsafe fn of<'a>(fiber: FiberRef) -> &'a Place {
        // SAFETY: as the caller says; only `until_done` sets the pointer.
        unsafe { &*fiber.wait_pad.get().cast::<Place>() }
    }

    /// Notes that `channel` is closed, unless the fiber has its result already.
    fn leave(&self, channel: *mut FiberChannel) {
        let status = self.pad.status.get();
        let waits = status == WaitStatus::Reader || status == WaitStatus::Writer;
        if waits && self.channel == channel {
            self.pad.status.set(WaitStatus::Closed);
        }
    }
}

/// Somebody in the queue.
struct Waiting(FiberRef);

impl Waiting {
    #[inline]
    fn place(&self) -> &Place {
        // SAFETY: it waits.
        unsafe { Place::of(self.0) }
    }

    #[inline]
    fn complete(&self, cord: CordRef, message: Message) {
        let place = self.place();
        place.pad.msg.set(message.pointer);
        place.bare.set(message.bare);
        place.pad.status.set(WaitStatus::Done);
        sched::wakeup(cord, self.0);
    }
}

/// The patience of one call.
struct Wait {
    function: &'static str,
    cord: CordRef,
    timeout: f64,
    /// When the first wait began, by the loop's clock, which stood still until then.
    start: Cell<Option<f64>>,
}

impl Wait {
    #[inline]
    fn new(function: &'static str, cord: CordRef, timeout: f64) -> Wait {
        Wait {
            function,
            cord,
            timeout,
            start: Cell::new(None),
        }
    }

    /// What is left of the timeout.
    #[cold]
    fn left(&self) -> f64 {
        let now = now(self.cord);
        let start = self.start.get().unwrap_or(now);
        self.start.set(Some(start));
        start + self.timeout - now
    }

    /// Queues the current fiber and yields. True when it got what it waits for, false when
    /// it is worth another attempt, for which it keeps its turn.
    ///
    /// # Safety
    /// The channel of `place` can give nothing now.
    #[inline(always)]
    unsafe fn until_done(&self, place: &Place) -> Result<bool, ChannelError> {
        let channel = place.channel;
        let left = if self.timeout < FOREVER {
            self.left()
        } else {
            self.timeout
        };
        // SAFETY: as the caller says; a running fiber's link is free.
        unsafe {
            check_wait(channel, self.cord, left)?;
            let fiber = sched::waiting_fiber(self.cord, self.function);
            let queue = &raw mut (*channel).waiters;
            if place.queued.replace(true) {
                Rlist::add(queue, fiber.state());
            } else {
                Rlist::add_tail(queue, fiber.state());
            }
            fiber.wait_pad.set((&raw const *place).cast_mut().cast());
            sched::yield_timeout(self.cord, left);
            fiber.wait_pad.set(ptr::null_mut());
        }
        match place.pad.status.get() {
            WaitStatus::Done => Ok(true),
            WaitStatus::Closed => {
                diag::set_channel_is_closed();
                Err(ChannelError)
            }
            WaitStatus::Reader | WaitStatus::Writer => Ok(false),
        }
    }
}

/// Whether a call may wait that has `left` seconds for it, with the reason in the diag if
/// not.
///
/// # Safety
/// `channel` is a channel of the current cord.
#[inline]
pub unsafe fn check_wait(
    channel: *mut FiberChannel,
    cord: CordRef,
    left: f64,
) -> Result<(), ChannelError> {
    // SAFETY: as the caller says.
    if unsafe { (*channel).is_closed.get() } {
        diag::set_channel_is_closed();
    } else if cord.fiber().has(flag::CANCELLED) {
        diag::set_fiber_is_cancelled();
    } else if left <= 0.0 {
        diag::set_timed_out();
    } else {
        return Ok(());
    }
    Err(ChannelError)
}

/// The wait status of a C caller, if it is one.
pub fn wait_status(value: c_int) -> Option<WaitStatus> {
    [
        WaitStatus::Reader,
        WaitStatus::Writer,
        WaitStatus::Done,
        WaitStatus::Closed,
    ]
    .into_iter()
    .find(|&status| status as c_int == value)
}
