// SPDX-License-Identifier: BSD-2-Clause
//! The fibers of a cord that were made ready, in the order in which they will run.
//!
//! ```text
//!               head      batch    tail
//!                v          v       v
//!   ring     . . f3 f4 f5 | f7 f8 . . .
//!                the rest   became ready since, after f6:
//!                of the     the next batch but for its first
//!                batch
//!   cord.ready        f6
//! ```
//!
//! The first fiber of the next batch is not here but in the list of the cord, where C code
//! sees whether anybody is ready. Often it is the only one.
//!
//! A ring of pointers and not a list through the fibers: who comes next is known
//! without looking at any fiber, so the memory of those who run soon can be asked for
//! in time. With more fibers than the cache holds that is most of the cost of a
//! switch.
//!
//! A fiber is in the ring at most once ([`flag::READY`] says so), and every fiber that
//! exists has reserved a place: making one ready never allocates and cannot fail.

use super::{Fiber, FiberRef};
use core::cell::{Cell, UnsafeCell};
use core::mem::offset_of;
use core::ptr;
use std::collections::TryReserveError;

#[cfg(doc)]
use super::flag;

const INITIAL: usize = 64;

/// How many switches ahead memory is asked for. A switch takes a few nanoseconds, memory
/// a hundred.
const FIBERS_AHEAD: usize = 8;
const STACKS_AHEAD: usize = 4;

type Slot = Cell<*mut Fiber>;

/// The ring. Its first field says most of what a switch wants to know.
#[repr(C)]
pub struct Ready {
    /// The first fiber of the batch. When that is over, who follows a batch: the scheduler,
    /// `end` in the methods.
    first: Cell<*mut Fiber>,
    /// As many as a power of two, more than there are fibers: full is not empty.
    slots: UnsafeCell<Box<[Slot]>>,
    /// Their number less one.
    mask: Cell<usize>,
    head: Cell<usize>,
    batch: Cell<usize>,
    tail: Cell<usize>,
    /// In how many switches of the batch there still is memory to ask for, if positive.
    far: Cell<isize>,
    /// Places that were reserved.
    reserved: Cell<usize>,
}

impl Ready {
    /// Nobody is ready. `end` is the scheduler.
    pub fn new(end: *mut Fiber) -> Ready {
        Ready {
            first: Cell::new(end),
            slots: UnsafeCell::new(vec![Cell::new(end); INITIAL].into()),
            mask: Cell::new(INITIAL - 1),
            head: Cell::new(0),
            batch: Cell::new(0),
            tail: Cell::new(0),
            far: Cell::new(0),
            reserved: Cell::new(0),
        }
    }

    /// Makes sure that one fiber more has a place.
    pub fn reserve_one(&self) -> Result<(), TryReserveError> {
        if self.reserved.get() == self.mask.get() {
            self.grow()?;
        }
        self.reserved.set(self.reserved.get() + 1);
        Ok(())
    }

    /// Gives a place back: a fiber was deleted, or not made after all.
    pub fn release_one(&self) {
        self.reserved.set(self.reserved.get() - 1);
    }

    #[cold]
    fn grow(&self) -> Result<(), TryReserveError> {
        let size = (self.mask.get() + 1) * 2;
        let mut larger: Vec<Slot> = Vec::new();
        larger.try_reserve_exact(size)?;
        larger.extend(self.iter().map(|fiber| Cell::new(fiber.as_ptr())));
        let ready = larger.len();
        larger.resize(size, Cell::new(ptr::null_mut()));
        let batch = self.count(self.head.get(), self.batch.get());
        // SAFETY: a cord has one thread, and no borrow of the slots outlives a method.
        unsafe { *self.slots.get() = larger.into() };
        self.mask.set(size - 1);
        self.head.set(0);
        self.batch.set(batch);
        self.tail.set(ready);
        Ok(())
    }

    /// Takes the first of those who follow the first of the next batch.
    pub fn take_follower(&self) -> Option<FiberRef> {
        if self.batch.get() == self.tail.get() {
            return None;
        }
        // SAFETY: between batch and tail there are only fibers.
        let first = unsafe { FiberRef::from_ptr(self.slot(self.batch.get()).get()) };
        self.remove(first);
        Some(first)
    }

    /// Everybody in the batch has had a turn.
    #[inline]
    pub fn batch_is_over(&self, end: *mut Fiber) -> bool {
        self.first.get() == end
    }

    /// The first fiber of the batch; when that is over, the scheduler.
    #[inline]
    pub fn first(&self) -> *mut Fiber {
        self.first.get()
    }

    /// Everybody who is ready now becomes the batch. Returns who follows its first fiber, if
    /// only the scheduler.
    ///
    /// # Safety
    /// The batch is over.
    #[inline]
    pub unsafe fn start_batch(&self, end: *mut Fiber) -> *mut Fiber {
        let (head, tail) = (self.head.get(), self.tail.get());
        self.batch.set(tail);
        let far = self.count(head, tail) as isize - FIBERS_AHEAD as isize - 1;
        self.far.set(far);
        self.look(head, end)
    }

    /// Appends `fiber`, which has no place in the ring yet.
    #[inline]
    pub fn push(&self, fiber: FiberRef) {
        let tail = self.tail.get();
        self.slot(tail).set(fiber.as_ptr());
        self.tail.set(self.after(tail));
    }

    /// Takes out the first fiber of the batch and returns who follows it, if only the
    /// scheduler.
    ///
    /// # Safety
    /// The batch is not over.
    #[inline]
    pub unsafe fn advance(&self, end: *mut Fiber) -> *mut Fiber {
        let head = self.after(self.head.get());
        self.head.set(head);
        if self.far.get() > 0 {
            self.far.set(self.far.get() - 1);
            self.prefetch(head);
        }
        self.look(head, end)
    }

    /// The batch goes on at `head`.
    #[inline]
    fn look(&self, head: usize, end: *mut Fiber) -> *mut Fiber {
        let first = if head == self.batch.get() {
            end
        } else {
            self.slot(head).get()
        };
        self.first.set(first);
        first
    }

    /// Asks for the memory of those who run soon: for the fiber, whose saved stack
    /// pointer then says where its stack is needed. Few fibers are in the cache anyway.
    #[inline]
    fn prefetch(&self, head: usize) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: so far ahead there are fibers of the batch. Prefetching has no effect that
        // could be wrong, whatever the address.
        unsafe {
            use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            const LINE: usize = 64;
            let fiber = self.ahead(head, FIBERS_AHEAD).cast::<i8>();
            _mm_prefetch::<_MM_HINT_T0>(fiber);
            _mm_prefetch::<_MM_HINT_T0>(fiber.wrapping_add(offset_of!(Fiber, caller)));
            _mm_prefetch::<_MM_HINT_T0>(fiber.wrapping_add(offset_of!(Fiber, on_yield)));
            let stack = (*self.ahead(head, STACKS_AHEAD)).ctx.sp.get();
            let stack = stack.cast::<i8>();
            _mm_prefetch::<_MM_HINT_T0>(stack);
            _mm_prefetch::<_MM_HINT_T0>(stack.wrapping_add(LINE));
        }
    }

    /// Takes `fiber` out of turn, if it is ready and not part of the batch, whose members
    /// are linked already.
    pub fn remove(&self, fiber: FiberRef) -> bool {
        let mut found = false;
        let mut at = self.batch.get();
        while at != self.tail.get() {
            let next = self.after(at);
            found = found || self.slot(at).get() == fiber.as_ptr();
            if found && next != self.tail.get() {
                self.slot(at).set(self.slot(next).get());
            }
            at = next;
        }
        if found {
            self.tail
                .set(self.tail.get().wrapping_sub(1) & self.mask.get());
        }
        found
    }

    /// Everybody leaves.
    pub fn clear(&self, end: *mut Fiber) {
        self.head.set(self.tail.get());
        self.batch.set(self.tail.get());
        self.first.set(end);
    }

    /// Everybody, in order.
    pub fn iter(&self) -> impl Iterator<Item = FiberRef> {
        let count = self.count(self.head.get(), self.tail.get());
        // SAFETY: between head and tail there are only fibers.
        (0..count).map(|i| unsafe { FiberRef::from_ptr(self.ahead(self.head.get(), i)) })
    }

    /// Positions from `from` up to `to`.
    #[inline]
    fn count(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & self.mask.get()
    }

    #[inline]
    fn after(&self, position: usize) -> usize {
        (position + 1) & self.mask.get()
    }

    #[inline]
    fn ahead(&self, position: usize, distance: usize) -> *mut Fiber {
        self.slot((position + distance) & self.mask.get()).get()
    }

    /// `position` is head, batch, tail, or masked.
    #[inline]
    fn slot(&self, position: usize) -> &Slot {
        // SAFETY: positions are at most the mask, which is less than the number of slots;
        // only `grow` changes the box, and no borrow outlives a method.
        unsafe { (&*self.slots.get()).get_unchecked(position) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::mem::MaybeUninit;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    /// Zeroed memory: nothing of a fiber is looked at but its stack pointer.
    struct Fakes(UnsafeCell<[MaybeUninit<Fiber>; 5 * INITIAL]>);
    // SAFETY: nobody writes to it.
    unsafe impl Sync for Fakes {}
    static FAKES: Fakes = Fakes(UnsafeCell::new(
        [const { MaybeUninit::zeroed() }; 5 * INITIAL],
    ));

    fn fake(number: usize) -> FiberRef {
        let start = FAKES.0.get().cast::<Fiber>();
        // SAFETY: inside the array. Tests have fewer fibers at a time.
        unsafe { FiberRef::from_ptr(start.add(number % (5 * INITIAL))) }
    }

    /// The scheduler: nobody looks at it.
    const END: *mut Fiber = core::ptr::dangling_mut();

    fn pointer(fiber: Option<&FiberRef>) -> *mut Fiber {
        fiber.map_or(END, |fiber| fiber.as_ptr())
    }

    proptest! {
        /// A queue with a mark in it.
        #[test]
        fn behaves_like_two_queues(operations in prop::collection::vec(0..7, 0..400)) {
            let ready = Ready::new(END);
            let (mut batch, mut next) = (VecDeque::new(), VecDeque::new());
            let mut number = 0;
            for operation in operations {
                match operation {
                    0 | 1 if batch.len() + next.len() <= 2 * FIBERS_AHEAD => {
                        number += 1;
                        ready.push(fake(number));
                        next.push_back(fake(number));
                    }
                    2 if batch.is_empty() => {
                        batch.append(&mut next);
                        // SAFETY: the batch is over.
                        let second = unsafe { ready.start_batch(END) };
                        prop_assert_eq!(second, pointer(batch.front()));
                    }
                    3 if batch.pop_front().is_some() => {
                        // SAFETY: the batch is not over.
                        let next = unsafe { ready.advance(END) };
                        prop_assert_eq!(next, pointer(batch.front()));
                    }
                    4 if !next.is_empty() => {
                        let middle = next.remove(next.len() / 2).unwrap();
                        prop_assert!(ready.remove(middle));
                        prop_assert!(!ready.remove(middle));
                    }
                    5 => if let Some(&first) = batch.front() {
                        prop_assert!(!ready.remove(first));
                    }
                    6 => prop_assert!(ready.take_follower() == next.pop_front()),
                    _ => {}
                }
                prop_assert_eq!(ready.batch_is_over(END), batch.is_empty());
                prop_assert_eq!(ready.first(), pointer(batch.front()));
                prop_assert!(ready.iter().eq(batch.iter().chain(&next).copied()));
            }
        }
    }

    #[test]
    fn grows_by_reservation_only() {
        let ready = Ready::new(END);
        let fibers = 5 * INITIAL;
        for i in 0..fibers {
            ready.reserve_one().unwrap();
            ready.push(fake(i));
            if i + 1 == FIBERS_AHEAD {
                // SAFETY: the batch is over.
                assert_eq!(unsafe { ready.start_batch(END) }, fake(0).as_ptr());
            }
        }
        assert!(ready.iter().eq((0..fibers).map(fake)));
        assert_eq!(ready.mask.get(), 8 * INITIAL - 1);
        for i in 0..FIBERS_AHEAD {
            assert_eq!(ready.first(), fake(i).as_ptr());
            // SAFETY: the batch is not over.
            unsafe { ready.advance(END) };
        }
        assert!(ready.batch_is_over(END));
        for _ in 0..fibers {
            ready.release_one();
        }
        assert_eq!(ready.reserved.get(), 0);
    }
}
