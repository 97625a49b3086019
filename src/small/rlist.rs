// SPDX-License-Identifier: BSD-2-Clause
//! `struct rlist`: a circular doubly linked list whose links live in the
//! elements (spec small.md 4).
//!
//! ```text
//!            ┌───────────────────────────────────────────┐
//!            v                                           │
//!   head ──next──> a.link ──next──> b.link ──next──> (head again)
//!        <──prev──        <──prev──        <──prev──
//!
//!   empty head, detached element:   prev == next == itself
//! ```
//!
//! Head and element are one type. A detached element is self-linked, so that
//! deleting it again is harmless and [`Rlist::is_empty`] of it means "is in no
//! list". Everything is O(1), allocates nothing and cannot fail.
//!
//! C code relinks lists through the inlines of `rlist.h` at any time, so the
//! links are cells and the functions take pointers. They take `*const`, to
//! which both `*mut Rlist` and `&Rlist` coerce.

use crate::abi::layout;
use core::cell::Cell;

/// A list head, or the link inside an element.
#[repr(C)]
#[derive(Debug)]
pub struct Rlist {
    /// The element before this one; for a head the last element.
    pub prev: Cell<*mut Rlist>,
    /// The element after this one; for a head the first element.
    pub next: Cell<*mut Rlist>,
}

layout!(Rlist = "rlist", 16: prev 0, next 8);

/// Makes `next` the successor of `prev`.
///
/// # Safety
/// Both are valid.
#[inline]
unsafe fn join(prev: *mut Rlist, next: *mut Rlist) {
    // SAFETY: the caller says so.
    unsafe {
        (*prev).next.set(next);
        (*next).prev.set(prev);
    }
}

/// In all functions below a head, item or element given is valid and, unless
/// said otherwise, linked (`create` was called on it); so are all elements of
/// the lists concerned. Lists belong to one thread.
impl Rlist {
    /// A link that [`Rlist::create`] has not seen yet: both pointers NULL, as
    /// `RLIST_LINK_INITIALIZER`.
    pub const fn unlinked() -> Rlist {
        Rlist {
            prev: Cell::new(core::ptr::null_mut()),
            next: Cell::new(core::ptr::null_mut()),
        }
    }

    /// Makes an empty head or a detached element. Old links are ignored.
    ///
    /// # Safety
    /// `list` is valid.
    #[inline]
    pub unsafe fn create(list: *const Rlist) {
        // SAFETY: the caller says so.
        unsafe { join(list.cast_mut(), list.cast_mut()) }
    }

    /// Inserts `item` as the first of `head`. Its old links are ignored.
    ///
    /// # Safety
    /// See the head of this block; `item` is in no list.
    #[inline]
    pub unsafe fn add(head: *const Rlist, item: *const Rlist) {
        let (head, item) = (head.cast_mut(), item.cast_mut());
        // SAFETY: `head.next` is an element of the list or `head` itself.
        unsafe {
            join(item, (*head).next.get());
            join(head, item);
        }
    }

    /// Inserts `item` as the last of `head`. Its old links are ignored.
    ///
    /// # Safety
    /// See the head of this block; `item` is in no list.
    #[inline]
    pub unsafe fn add_tail(head: *const Rlist, item: *const Rlist) {
        // SAFETY: inserting after the last element is inserting before `head`.
        unsafe { Rlist::add((*head).prev.get(), item) }
    }

    /// Takes `item` out of its list and self-links it; nothing happens to a
    /// detached one.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn del(item: *const Rlist) {
        // SAFETY: as ours.
        unsafe {
            Rlist::cut(item);
            Rlist::create(item);
        }
    }

    /// Takes `item` out of its list and leaves its links as they were, for who
    /// will overwrite them.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn cut(item: *const Rlist) {
        // SAFETY: the neighbours of a linked element are linked, or itself.
        unsafe { join((*item).prev.get(), (*item).next.get()) }
    }

    /// Makes `item` the only element of `head`, which is empty. Links are written and not
    /// read: nothing has to wait for what was written a moment ago.
    ///
    /// # Safety
    /// See the head of this block; `item` is in no list.
    #[inline]
    pub unsafe fn add_only(head: *const Rlist, item: *const Rlist) {
        let (head, item) = (head.cast_mut(), item.cast_mut());
        // SAFETY: the caller says so.
        unsafe {
            join(head, item);
            join(item, head);
        }
    }

    /// Takes out the only element, likewise.
    ///
    /// # Safety
    /// See the head of this block; there is nothing but `item` in the list of `head`.
    #[inline]
    pub unsafe fn del_only(head: *const Rlist, item: *const Rlist) {
        // SAFETY: the caller says so.
        unsafe {
            Rlist::create(head);
            Rlist::create(item);
        }
    }

    /// Takes out the first element and returns it, self-linked. An empty head
    /// returns itself.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn shift(head: *const Rlist) -> *mut Rlist {
        // SAFETY: the caller's list. What precedes the first element is known, so
        // nothing has to wait until its link is read.
        unsafe {
            let first = (*head).next.get();
            join(head.cast_mut(), (*first).next.get());
            Rlist::create(first);
            first
        }
    }

    /// Takes out the last element and returns it, self-linked. An empty head
    /// returns itself.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn shift_tail(head: *const Rlist) -> *mut Rlist {
        // SAFETY: the caller's list.
        unsafe {
            let last = (*head).prev.get();
            Rlist::del(last);
            last
        }
    }

    /// The first element; `head` itself when empty.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn first(head: *const Rlist) -> *mut Rlist {
        // SAFETY: the caller's list.
        unsafe { (*head).next.get() }
    }

    /// The last element; `head` itself when empty.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn last(head: *const Rlist) -> *mut Rlist {
        // SAFETY: the caller's list.
        unsafe { (*head).prev.get() }
    }

    /// The element after `item`; the head after the last one.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn next(item: *const Rlist) -> *mut Rlist {
        // SAFETY: the caller's list.
        unsafe { (*item).next.get() }
    }

    /// The element before `item`; the head before the first one.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn prev(item: *const Rlist) -> *mut Rlist {
        // SAFETY: the caller's list.
        unsafe { (*item).prev.get() }
    }

    /// Whether a head has no elements, or an element is in no list.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn is_empty(list: *const Rlist) -> bool {
        // SAFETY: the caller's list.
        unsafe { core::ptr::eq((*list).next.get(), list) }
    }

    /// Moves `item` from its list to the front of `to`.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn move_to(to: *const Rlist, item: *const Rlist) {
        // SAFETY: `del` detaches the item, so `add` may take it.
        unsafe {
            Rlist::del(item);
            Rlist::add(to, item);
        }
    }

    /// Moves `item` from its list, if it is in one, to the end of `to`.
    ///
    /// # Safety
    /// See the head of this block.
    #[inline]
    pub unsafe fn move_tail(to: *const Rlist, item: *const Rlist) {
        // SAFETY: as in `move_to`.
        unsafe {
            Rlist::del(item);
            Rlist::add_tail(to, item);
        }
    }

    /// Appends all elements of `from` to `to`, in order; `from` becomes empty.
    ///
    /// # Safety
    /// See the head of this block; the two heads differ.
    #[inline]
    pub unsafe fn splice_tail(to: *const Rlist, from: *const Rlist) {
        // SAFETY: the ends of a non-empty list are its elements.
        unsafe {
            if Rlist::is_empty(from) {
                return;
            }
            let (first, last) = (Rlist::first(from), Rlist::last(from));
            join((*to).prev.get(), first);
            join(last, to.cast_mut());
            Rlist::create(from);
        }
    }

    /// Moves all elements of `from` in front of those of `to`, in order;
    /// `from` becomes empty.
    ///
    /// # Safety
    /// See the head of this block; the two heads differ.
    #[inline]
    pub unsafe fn splice(to: *const Rlist, from: *const Rlist) {
        // SAFETY: as in `splice_tail`.
        unsafe {
            if Rlist::is_empty(from) {
                return;
            }
            let (first, last) = (Rlist::first(from), Rlist::last(from));
            join(last, (*to).next.get());
            join(to.cast_mut(), first);
            Rlist::create(from);
        }
    }

    /// The elements from first to last. The successor is fetched before an
    /// element is handed out, so that one may be deleted or freed.
    ///
    /// # Safety
    /// See the head of this block. Between two steps of the iterator no
    /// element other than the one handed out last leaves the list.
    pub unsafe fn iter(head: *const Rlist) -> impl Iterator<Item = *mut Rlist> + Clone {
        // SAFETY: the caller's list.
        let mut next = unsafe { Rlist::first(head) };
        core::iter::from_fn(move || {
            if core::ptr::eq(next, head) {
                return None;
            }
            let item = next;
            // SAFETY: not the head, hence an element that is still linked.
            next = unsafe { Rlist::next(item) };
            Some(item)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A head and five detached elements; boxed, because links are addresses.
    fn fixture() -> (Box<Rlist>, Box<[Rlist; 5]>) {
        let head = Box::new(Rlist::unlinked());
        let items = Box::new([const { Rlist::unlinked() }; 5]);
        // SAFETY: both outlive the test body that uses them.
        unsafe {
            Rlist::create(&*head);
            items.iter().for_each(|item| Rlist::create(item));
        }
        (head, items)
    }

    fn order(head: &Rlist, items: &[Rlist]) -> Vec<usize> {
        let index =
            |link: *mut Rlist| items.iter().position(|i| core::ptr::eq(i, link)).unwrap();
        // SAFETY: the fixture's list.
        let forward: Vec<_> = unsafe { Rlist::iter(head) }.map(index).collect();
        let mut backward = Vec::new();
        // SAFETY: the fixture's list.
        let mut link = unsafe { Rlist::last(head) };
        while !core::ptr::eq(link, head) {
            backward.insert(0, index(link));
            // SAFETY: the fixture's list.
            link = unsafe { Rlist::prev(link) };
        }
        assert_eq!(forward, backward, "both directions agree");
        forward
    }

    #[test]
    fn order_of_insertion_and_moves() {
        let (head, items) = fixture();
        // SAFETY: the fixture's lists.
        unsafe {
            Rlist::add(&*head, &items[1]);
            Rlist::add(&*head, &items[0]);
            Rlist::add_tail(&*head, &items[2]);
            assert_eq!(order(&head, &*items), [0, 1, 2]);
            Rlist::move_to(&*head, &items[2]);
            Rlist::move_tail(&*head, &items[0]);
            Rlist::move_tail(&*head, &items[3]);
            assert_eq!(order(&head, &*items), [2, 1, 0, 3]);
            assert!(core::ptr::eq(Rlist::shift(&*head), &items[2]));
            assert!(core::ptr::eq(Rlist::shift_tail(&*head), &items[3]));
            assert!(Rlist::is_empty(&items[2]) && Rlist::is_empty(&items[3]));
            Rlist::del(&items[2]);
            assert_eq!(order(&head, &*items), [1, 0]);
        }
    }

    #[test]
    fn splicing_keeps_order_and_empties_the_source() {
        let (head, items) = fixture();
        let other = Box::new(Rlist::unlinked());
        // SAFETY: the fixture's lists.
        unsafe {
            Rlist::create(&*other);
            Rlist::add_tail(&*head, &items[0]);
            Rlist::splice_tail(&*head, &*other);
            Rlist::splice(&*head, &*other);
            assert_eq!(order(&head, &*items), [0]);
            Rlist::add_tail(&*other, &items[1]);
            Rlist::add_tail(&*other, &items[2]);
            Rlist::splice_tail(&*head, &*other);
            Rlist::add_tail(&*other, &items[3]);
            Rlist::add_tail(&*other, &items[4]);
            Rlist::splice(&*head, &*other);
            assert_eq!(order(&head, &*items), [3, 4, 0, 1, 2]);
            assert!(Rlist::is_empty(&*other));
        }
    }

    #[test]
    fn iteration_survives_deletion_of_the_current_element() {
        let (head, items) = fixture();
        // SAFETY: the fixture's lists.
        unsafe {
            items.iter().for_each(|item| Rlist::add_tail(&*head, item));
            let seen = Rlist::iter(&*head)
                .inspect(|&item| Rlist::del(item))
                .count();
            assert_eq!(seen, 5);
            assert!(Rlist::is_empty(&*head));
        }
    }
}
