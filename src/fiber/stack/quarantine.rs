// SPDX-License-Identifier: BSD-2-Clause
//! Stacks whose guard could not be lifted.
//!
//! A slab with an inaccessible page in it must never be handed out. The
//! reference leaks it; here it waits, still counted as used by its cache,
//! until a later attempt to lift the guard succeeds (spec fiber.md 11.8).
//! Attempts are silent and happen only when the owning cord makes or
//! destroys a stack anyway, when it is destroyed itself, and when the program asks.

use super::depot::Depot;
use super::guard::Guard;
use super::{Make, Stacks, put_slab};
use crate::small::{Rlist, Slab, SlabCache};
use core::cell::Cell;

/// The quarantine of one cord; only its thread touches it.
#[derive(Debug)]
pub struct Quarantine {
    /// Slabs, oldest first, linked by `next_in_list`, which is the owner's to use
    /// while a slab is handed out. The header is never in the dead page.
    slabs: Rlist,
    count: Cell<usize>,
    bytes: Cell<usize>,
    admitted: Cell<u64>,
}

/// `struct cordage_quarantine`.
#[repr(C)]
#[derive(Debug)]
pub struct Report {
    count: usize,
    bytes: usize,
    admitted: u64,
}

impl Quarantine {
    /// Makes an empty one in place: it may not move while it has inmates.
    ///
    /// # Safety
    /// `this` points to writable memory for one.
    pub unsafe fn create(this: *mut Quarantine) {
        // SAFETY: as the caller says.
        unsafe {
            Rlist::create(&raw mut (*this).slabs);
            (&raw mut (*this).count).write(Cell::new(0));
            (&raw mut (*this).bytes).write(Cell::new(0));
            (&raw mut (*this).admitted).write(Cell::new(0));
        }
    }

    /// How many are in.
    pub fn count(&self) -> usize {
        self.count.get()
    }

    /// How many are in, the sum of the sizes of their slabs, and how many ever were.
    pub fn report(&self) -> Report {
        Report {
            count: self.count.get(),
            bytes: self.bytes.get(),
            admitted: self.admitted.get(),
        }
    }

    /// Takes in a slab.
    ///
    /// # Safety
    /// `slab` is handed out by `slabc` or the cord's depot, holds a stack with its guard
    /// set as `make` says, and nobody else refers to it.
    pub unsafe fn admit(&self, slab: *mut Slab, slabc: *mut SlabCache, make: Make) {
        // SAFETY: a live slab, whose list link is free for us. One from the depot has
        // memory for a header, but whatever in it.
        unsafe {
            if make.cut {
                let (order, size) = Depot::order_and_size(slabc, slab);
                (*slab).order.set(order);
                (*slab).size.set(size);
            }
            (*slab).owner_tag.set(make.tag());
            Rlist::add_tail(self.head(), &raw const (*slab).next_in_list);
            self.bytes.set(self.bytes.get() + (*slab).size.get());
        }
        self.count.set(self.count.get() + 1);
        self.admitted.set(self.admitted.get() + 1);
    }

    fn oldest(&self) -> Option<*mut Slab> {
        // SAFETY: the list is well formed; links are embedded in slabs.
        unsafe {
            if Rlist::is_empty(self.head()) {
                return None;
            }
            Some(Slab::from_list_link(Rlist::first(self.head())))
        }
    }

    fn discharge(&self, slab: *mut Slab) {
        // SAFETY: an inmate of ours.
        unsafe {
            Rlist::del(&raw mut (*slab).next_in_list);
            self.bytes.set(self.bytes.get() - (*slab).size.get());
        }
        self.count.set(self.count.get() - 1);
    }

    fn head(&self) -> *const Rlist {
        &raw const self.slabs
    }
}

impl Stacks {
    /// Gives back to `slabc` what can be given back, oldest first, and stops at the
    /// first that still cannot: what fails for one fails for all, most of the
    /// time. errno and the diag are left alone.
    ///
    /// # Safety
    /// `slabc` is the cache the slabs came from, owned by the calling thread.
    #[inline]
    pub unsafe fn retry(&self, slabc: *mut SlabCache) {
        if self.quarantine.count.get() != 0 {
            // SAFETY: as the caller says.
            unsafe { self.release(slabc) };
        }
    }

    #[cold]
    unsafe fn release(&self, slabc: *mut SlabCache) {
        let errno = crate::errno::get();
        while let Some(slab) = self.quarantine.oldest() {
            // SAFETY: an inmate, as `admit` described it; wholly accessible when its guard
            // is lifted.
            unsafe {
                let make = Make::from_tag((*slab).owner_tag.get());
                if !Guard::of(slab, make).try_lift() {
                    break;
                }
                self.quarantine.discharge(slab);
                put_slab(slabc, Some(self), slab, make);
            }
        }
        crate::errno::set(errno);
    }

    /// The end of a cord: gives back what can be given back, and takes the rest out
    /// of the books of `slabc`, so that destroying the cache neither frees nor
    /// hands on memory with a dead page in it.
    ///
    /// # Safety
    /// As for [`Stacks::retry`]; the cache is about to be destroyed.
    pub unsafe fn close(&self, slabc: *mut SlabCache) {
        // SAFETY: as the caller says.
        unsafe { self.retry(slabc) };
        while let Some(slab) = self.quarantine.oldest() {
            self.quarantine.discharge(slab);
            // SAFETY: a slab of this cache that is handed out.
            unsafe { SlabCache::forsake(slabc, slab) };
        }
    }
}
