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

use super::now;
use crate::abi::layout;
use crate::cord::{CordRef, current};
use crate::diag;
use crate::fiber::{FiberRef, flag, sched};
use crate::small::{Mempool, Rlist};
use core::cell::Cell;
use core::ffi::{c_int, c_void};
use core::ptr;

/// `struct ipc_msg`: the first word of every message.
#[repr(C)]
pub struct IpcMsg {
    /// How a message that nobody took is disposed of.
    pub destroy: Option<unsafe extern "C-unwind" fn(*mut IpcMsg)>,
}

/// `struct ipc_value`: a message that is one pointer or number.
#[repr(C)]
pub struct IpcValue {
    /// The message.
    pub base: IpcMsg,
    /// `data`, or `i` in its low half.
    pub data: *mut c_void,
}

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

layout!(IpcMsg = "ipc_msg", 8: destroy 0);
layout!(IpcValue = "ipc_value", 16: base 0, data 8);
layout!(WaitPad = "ipc_wait_pad", 16: msg 0, status 8);
layout!(FiberChannel = "fiber_channel", 40: size 0, count 4, waiters 8, beg 24,
    is_closed 28, buf 32);

/// The attempt failed; the diag of the current fiber says why.
#[derive(Debug, PartialEq, Eq)]
pub struct ChannelError;

impl IpcValue {
    /// A value from the cord's pool, or NULL with `OutOfMemory` in the diag.
    pub fn new() -> *mut IpcValue {
        let cord = current("ipc_value_new");
        // SAFETY: the pool gives out memory for one value.
        unsafe {
            let this = Mempool::alloc(cord.ipc_value_pool()).cast::<IpcValue>();
            if this.is_null() {
                diag::set_out_of_memory(
                    size_of::<IpcValue>(),
                    c"ipc_msg_pool",
                    c"struct ipc_value",
                );
            } else {
                let base = IpcMsg {
                    destroy: Some(IpcValue::delete),
                };
                this.write(IpcValue {
                    base,
                    data: ptr::null_mut(),
                });
            }
            this
        }
    }

    /// Gives a value back.
    ///
    /// # Safety
    /// It came from [`IpcValue::new`] in this cord.
    // Programs compare `destroy` with the exported function, so it is this one.
    #[unsafe(export_name = "ipc_value_delete")]
    pub unsafe extern "C-unwind" fn delete(this: *mut IpcMsg) {
        let cord = current("ipc_value_delete");
        // SAFETY: as the caller says.
        unsafe { Mempool::free(cord.ipc_value_pool(), this.cast()) };
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

    /// Puts `msg`; on failure the caller still owns it.
    ///
    /// # Safety
    /// `this` is a channel of the current cord.
    pub unsafe fn put(
        this: *mut FiberChannel,
        msg: *mut IpcMsg,
        timeout: f64,
    ) -> Result<(), ChannelError> {
        let wait = Wait::new("fiber_channel_put", timeout);
        let mut requeued = false;
        loop {
            // SAFETY: as the caller says; after a wait the channel is there unless the
            // wait said otherwise.
            unsafe {
                if let Some(reader) = (*this).first_waiter(WaitStatus::Reader) {
                    reader.complete(wait.cord, msg);
                    return Ok(());
                }
                if (*this).count.get() < (*this).size {
                    if (*this).is_closed.get() {
                        diag::set_channel_is_closed();
                        return Err(ChannelError);
                    }
                    (*this).push(msg);
                    return Ok(());
                }
                let place = Place::new(this, WaitStatus::Writer, msg);
                if wait.until_done(&place, requeued)? {
                    return Ok(());
                }
            }
            requeued = true;
        }
    }

    /// Takes the oldest message, which then is the caller's.
    ///
    /// # Safety
    /// `this` is a channel of the current cord.
    pub unsafe fn get(
        this: *mut FiberChannel,
        timeout: f64,
    ) -> Result<*mut IpcMsg, ChannelError> {
        let wait = Wait::new("fiber_channel_get", timeout);
        let mut requeued = false;
        loop {
            // SAFETY: as in `put`.
            unsafe {
                let writer = (*this).first_waiter(WaitStatus::Writer);
                if (*this).count.get() > 0 {
                    let msg = (*this).pop();
                    // The place goes to the writer who waits longest, so that messages
                    // stay in order.
                    if let Some(writer) = writer {
                        (*this).push(writer.message());
                        writer.complete(wait.cord, ptr::null_mut());
                    }
                    return Ok(msg);
                }
                if let Some(writer) = writer {
                    let msg = writer.message();
                    writer.complete(wait.cord, ptr::null_mut());
                    return Ok(msg);
                }
                let place = Place::new(this, WaitStatus::Reader, ptr::null_mut());
                if wait.until_done(&place, requeued)? {
                    return Ok(place.pad.msg.get());
                }
            }
            requeued = true;
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
        let (beg, count) = (u64::from(self.beg.get()), u64::from(self.count.get()));
        let at = (beg + count) % u64::from(self.size.max(1));
        // SAFETY: an index below `size`.
        unsafe { self.buf.add(at as usize).write(msg) };
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
    fn new(channel: *mut FiberChannel, status: WaitStatus, msg: *mut IpcMsg) -> Place {
        let pad = WaitPad {
            msg: Cell::new(msg),
            status: Cell::new(status),
        };
        Place { pad, channel }
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
    fn message(&self) -> *mut IpcMsg {
        // SAFETY: it waits.
        unsafe { Place::of(self.0).pad.msg.get() }
    }

    fn complete(&self, cord: CordRef, msg: *mut IpcMsg) {
        // SAFETY: it waits.
        let pad = unsafe { &Place::of(self.0).pad };
        pad.msg.set(msg);
        pad.status.set(WaitStatus::Done);
        sched::wakeup(cord, self.0);
    }
}

/// The patience of one call.
struct Wait {
    function: &'static str,
    cord: CordRef,
    start: f64,
    timeout: f64,
}

impl Wait {
    fn new(function: &'static str, timeout: f64) -> Wait {
        let cord = current(function);
        Wait {
            function,
            cord,
            start: now(cord),
            timeout,
        }
    }

    /// Queues the current fiber and yields. True when it got what it waits for, false when
    /// it is worth another attempt.
    ///
    /// # Safety
    /// The channel of `place` can give nothing now.
    unsafe fn until_done(
        &self,
        place: &Place,
        requeued: bool,
    ) -> Result<bool, ChannelError> {
        let channel = place.channel;
        // SAFETY: as the caller says; a running fiber's link is free.
        unsafe {
            check_wait(channel, self.cord, self.start, self.timeout)?;
            let fiber = sched::waiting_fiber(self.cord, self.function);
            let queue = &raw mut (*channel).waiters;
            if requeued {
                // It keeps its turn.
                Rlist::add(queue, fiber.state());
            } else {
                Rlist::add_tail(queue, fiber.state());
            }
            fiber.wait_pad.set((&raw const *place).cast_mut().cast());
            let left = self.start + self.timeout - now(self.cord);
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

/// `fiber_channel_check_wait`: whether a call that began at `start` may wait, with the
/// reason in the diag if not.
///
/// # Safety
/// `channel` is a channel of the current cord.
pub unsafe fn check_wait(
    channel: *mut FiberChannel,
    cord: CordRef,
    start: f64,
    timeout: f64,
) -> Result<(), ChannelError> {
    // SAFETY: as the caller says.
    if unsafe { (*channel).is_closed.get() } {
        diag::set_channel_is_closed();
    } else if cord.fiber().has(flag::CANCELLED) {
        diag::set_fiber_is_cancelled();
    } else if now(cord) >= start + timeout {
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
