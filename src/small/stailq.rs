// SPDX-License-Identifier: BSD-2-Clause
//! `struct stailq`: a singly linked queue whose links live in the entries (spec small.md
//! 5).
//!
//! ```text
//!   head:  first ──> a.next ──> b.next ──> NULL         empty:  first ──> NULL
//!          last ───────────────────^                            last ──> first
//! ```
//!
//! C code appends and concatenates through the inlines of `stailq.h`, so the links are
//! cells and the functions take pointers. A head refers to itself when it is empty, so
//! it is not moved.

use crate::abi::layout;
use core::cell::Cell;
use core::ptr;

/// The link in an entry.
#[repr(C)]
#[derive(Debug)]
pub struct StailqEntry {
    /// The entry behind, or NULL.
    pub next: Cell<*mut StailqEntry>,
}

/// The head of a queue.
#[repr(C)]
#[derive(Debug)]
pub struct Stailq {
    first: Cell<*mut StailqEntry>,
    /// Where the next entry is to be linked: `next` of the last one, or `first`.
    last: Cell<*mut Cell<*mut StailqEntry>>,
}

layout!(StailqEntry = "stailq_entry", 8: next 0);
layout!(Stailq = "stailq", 16: first 0, last 8);

/// In all functions below a head is valid and created, and its entries are valid; a queue
/// belongs to one thread, or to whoever holds its lock.
impl Stailq {
    /// A head that [`Stailq::create`] has not seen yet.
    pub const fn unlinked() -> Stailq {
        Stailq {
            first: Cell::new(ptr::null_mut()),
            last: Cell::new(ptr::null_mut()),
        }
    }

    /// An empty queue.
    ///
    /// # Safety
    /// `this` points to memory for a head.
    #[inline]
    pub unsafe fn create(this: *mut Stailq) {
        // SAFETY: as the caller says.
        unsafe {
            (*this).first.set(ptr::null_mut());
            (*this).last.set(&raw mut (*this).first);
        }
    }

    /// Whether there is no entry.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn is_empty(this: *const Stailq) -> bool {
        // SAFETY: the caller's queue.
        unsafe { (*this).first.get().is_null() }
    }

    /// The first entry, or NULL.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn first(this: *const Stailq) -> *mut StailqEntry {
        // SAFETY: the caller's queue.
        unsafe { (*this).first.get() }
    }

    /// Appends `entry`, which is in no queue.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn add_tail(this: *mut Stailq, entry: *mut StailqEntry) {
        // SAFETY: `last` is inside the head or inside its last entry.
        unsafe {
            (*entry).next.set(ptr::null_mut());
            (*(*this).last.get()).set(entry);
            (*this).last.set(&raw mut (*entry).next);
        }
    }

    /// Takes out the first entry, or NULL.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn shift(this: *mut Stailq) -> *mut StailqEntry {
        // SAFETY: the caller's queue.
        unsafe {
            let entry = (*this).first.get();
            if !entry.is_null() {
                let next = (*entry).next.get();
                (*this).first.set(next);
                if next.is_null() {
                    (*this).last.set(&raw mut (*this).first);
                }
            }
            entry
        }
    }

    /// Moves all entries of `from` behind those of `to`.
    ///
    /// # Safety
    /// See the head of this block; the two heads differ.
    #[inline]
    pub unsafe fn concat(to: *mut Stailq, from: *mut Stailq) {
        // SAFETY: the callers' queues.
        unsafe {
            if Stailq::is_empty(from) {
                return;
            }
            (*(*to).last.get()).set((*from).first.get());
            (*to).last.set((*from).last.get());
            Stailq::create(from);
        }
    }
}
