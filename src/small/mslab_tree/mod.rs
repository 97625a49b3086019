// SPDX-License-Identifier: BSD-2-Clause
//! The pool's tree of slabs with free objects, ordered by address
//! (`mslab_tree_t`; semantics of spec small.md 14.7).
//!
//! A left-leaning red-black tree (Sedgewick 2008): a red link glues a node to
//! its parent as one node of a 2-3 tree, and only left links are red.
//!
//! ```text
//!         d                    2-3 tree:      [ b d ]
//!       //  \                                /   |   \
//!      b     e                             a     c     e
//!     / \
//!    a   c
//! ```
//!
//! * No red link leans right, and no two follow each other.
//! * Every path from the root to a missing child has the same number of black
//!   links. Hence the height is at most 2 log2(n + 1), and the recursion as
//!   deep.
//!
//! The node is two words inside the slab; the colour of the link to a node is
//! the lowest bit of its right pointer. There is no pointer to the parent, so
//! insertion and removal recurse from the root and repair on the way back.
//!
//! Invariant behind the safe references here: the links of a node in a tree
//! are NULL or lead to nodes of the same tree, which live until they are
//! removed.

mod cursor;
mod visit;

pub use cursor::Cursor;
pub use visit::{Callback, Walk, visit};

use super::assert::{self, c_assert};
use super::mempool::Mslab;
use core::cell::Cell;
use core::cmp::Ordering;
use core::ptr;

/// `mslab_tree_t`.
#[repr(C)]
#[derive(Debug)]
pub struct MslabTree {
    root: Cell<*mut Mslab>,
}

/// The node inside a slab.
#[repr(C)]
#[derive(Debug)]
pub struct MslabNode {
    left: Cell<*mut Mslab>,
    /// The lowest bit is set if the link from the parent is red.
    right_red: Cell<*mut Mslab>,
}

const _: () = {
    assert!(size_of::<MslabTree>() == 8);
    assert!(size_of::<MslabNode>() == 16);
    assert!(align_of::<Mslab>() > 1);
};

/// A node, or the place where one is missing.
pub type Link<'t> = Option<&'t Mslab>;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Towards lower addresses.
    Left,
    /// Towards higher addresses.
    Right,
}

impl Side {
    fn other(self) -> Side {
        match self {
            Side::Left => Side::Right,
            Side::Right => Side::Left,
        }
    }
}

/// NULL if there is none.
pub fn to_ptr(link: Link) -> *mut Mslab {
    link.map_or(ptr::null_mut(), |node| ptr::from_ref(node).cast_mut())
}

fn same(node: &Mslab, other: &Mslab) -> bool {
    ptr::eq(node, other)
}

fn address(node: &Mslab) -> usize {
    ptr::from_ref(node).addr()
}

impl Mslab {
    fn left(&self) -> Link<'_> {
        // SAFETY: the invariant of the module.
        unsafe { self.next_in_hot.left.get().as_ref() }
    }

    fn right(&self) -> Link<'_> {
        let link = self.next_in_hot.right_red.get();
        // SAFETY: the invariant of the module.
        unsafe { link.map_addr(|address| address & !1).as_ref() }
    }

    /// The root of the subtree on a side; the node is in a tree.
    pub fn child(&self, side: Side) -> Link<'_> {
        match side {
            Side::Left => self.left(),
            Side::Right => self.right(),
        }
    }

    fn is_red(&self) -> bool {
        self.next_in_hot.right_red.get().addr() & 1 != 0
    }

    fn set_left(&self, left: Link) {
        self.next_in_hot.left.set(to_ptr(left));
    }

    fn set_right(&self, right: Link) {
        self.set_right_red(right, self.is_red());
    }

    fn set_red(&self, red: bool) {
        self.set_right_red(self.right(), red);
    }

    fn set_right_red(&self, right: Link, red: bool) {
        self.next_in_hot
            .right_red
            .set(to_ptr(right).map_addr(|address| address | usize::from(red)));
    }
}

impl MslabTree {
    /// Makes the tree empty.
    pub fn create(&self) {
        self.root.set(ptr::null_mut());
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.root.get().is_null()
    }

    /// The node that all others are reached from.
    pub fn root(&self) -> Link<'_> {
        // SAFETY: the invariant of the module.
        unsafe { self.root.get().as_ref() }
    }

    /// The node of lowest address.
    pub fn first(&self) -> Link<'_> {
        self.search(0, Side::Right)
    }

    /// The node of highest address.
    pub fn last(&self) -> Link<'_> {
        self.search(usize::MAX, Side::Left)
    }

    /// The node above `node`, which need not be in the tree.
    pub fn next(&self, node: &Mslab) -> Link<'_> {
        self.search(address(node) + 1, Side::Right)
    }

    /// The node below `node`, which need not be in the tree.
    pub fn prev(&self, node: &Mslab) -> Link<'_> {
        self.search(address(node) - 1, Side::Left)
    }

    /// The node at `key`, else the nearest one on the given side of it.
    pub fn search(&self, key: usize, or: Side) -> Link<'_> {
        self.descend(key, or, |_| ())
    }

    /// [`MslabTree::search`], showing the nodes on the way down.
    fn descend<'t>(
        &'t self,
        key: usize,
        or: Side,
        mut pass: impl FnMut(&'t Mslab),
    ) -> Link<'t> {
        let (mut found, mut next) = (None, self.root());
        while let Some(node) = next {
            pass(node);
            let (side, nearest) = match address(node).cmp(&key) {
                Ordering::Equal => return Some(node),
                Ordering::Less => (Side::Right, Side::Left),
                Ordering::Greater => (Side::Left, Side::Right),
            };
            if or == nearest {
                found = Some(node);
            }
            next = node.child(side);
        }
        found
    }

    /// Puts `node` into the tree.
    ///
    /// # Safety
    /// It is in no tree, and lives until it is removed from this one.
    #[inline]
    pub unsafe fn insert(&self, node: &Mslab) {
        c_assert!(!self.contains(node));
        node.set_left(None);
        node.set_right_red(None, true);
        let root = match self.root() {
            None => node,
            Some(root) => insert(root, node),
        };
        self.set_root(Some(root));
    }

    /// Takes `node` out of the tree.
    ///
    /// # Safety
    /// It is in this tree.
    #[inline]
    pub unsafe fn remove(&self, node: &Mslab) {
        c_assert!(self.contains(node));
        let Some(root) = self.root() else { return };
        if root.left().is_none() && root.right().is_none() {
            return self.create();
        }
        // `remove` wants a red link at or below the node where it starts.
        root.set_red(true);
        self.set_root(remove(root, node));
    }

    fn contains(&self, node: &Mslab) -> bool {
        self.search(address(node), Side::Right)
            .is_some_and(|found| same(found, node))
    }

    fn set_root(&self, root: Link) {
        if let Some(root) = root {
            root.set_red(false);
        }
        self.root.set(to_ptr(root));
    }
}

fn is_red(link: Link) -> bool {
    link.is_some_and(Mslab::is_red)
}

/// A child that the shape of the tree says is there.
fn child(link: Link<'_>) -> &Mslab {
    match link {
        Some(child) => child,
        // Somebody wrote to the header of a slab.
        None => assert::failed(c"a balanced tree", c"mslab_tree", line!()),
    }
}

/// `h` and its right child `x` change places; order is kept.
///
/// ```text
///     h               x
///    / \             / \
///   a   x    ──>    h   c
///      / \         / \
///     b   c       a   b
/// ```
fn rotate_left(h: &Mslab) -> &Mslab {
    let x = child(h.right());
    h.set_right(x.left());
    x.set_left(Some(h));
    x.set_red(h.is_red());
    h.set_red(true);
    x
}

/// The mirror image of [`rotate_left`].
fn rotate_right(h: &Mslab) -> &Mslab {
    let x = child(h.left());
    h.set_left(x.right());
    x.set_right(Some(h));
    x.set_red(h.is_red());
    h.set_red(true);
    x
}

/// Splits a node of the 2-3 tree that has become too large, or joins it again.
fn flip_colours(h: &Mslab) {
    for node in [h, child(h.left()), child(h.right())] {
        node.set_red(!node.is_red());
    }
}

/// Restores the invariants at `h`, whose subtrees have them.
fn fix_up(mut h: &Mslab) -> &Mslab {
    if is_red(h.right()) && !is_red(h.left()) {
        h = rotate_left(h);
    }
    if is_red(h.left()) && is_red(child(h.left()).left()) {
        h = rotate_right(h);
    }
    if is_red(h.left()) && is_red(h.right()) {
        flip_colours(h);
    }
    h
}

/// The subtree `h` with `node` added.
fn insert<'t>(h: &'t Mslab, node: &'t Mslab) -> &'t Mslab {
    let below = |link: Link<'t>| link.map_or(node, |h| insert(h, node));
    if address(node) < address(h) {
        h.set_left(Some(below(h.left())));
    } else {
        h.set_right(Some(below(h.right())));
    }
    fix_up(h)
}

/// Makes the left child of the red `h`, or a child of that, red.
fn move_red_left(mut h: &Mslab) -> &Mslab {
    flip_colours(h);
    let right = child(h.right());
    if is_red(right.left()) {
        h.set_right(Some(rotate_right(right)));
        h = rotate_left(h);
        flip_colours(h);
    }
    h
}

/// Makes the right child of the red `h`, or a child of that, red.
fn move_red_right(mut h: &Mslab) -> &Mslab {
    flip_colours(h);
    if is_red(child(h.left()).left()) {
        h = rotate_right(h);
        flip_colours(h);
    }
    h
}

/// Whether to go left from `h` needs [`move_red_left`]: the way down must keep
/// a red link at hand, so that what is removed at the end is red.
fn left_is_black(h: &Mslab) -> bool {
    !is_red(h.left()) && !h.left().is_some_and(|left| is_red(left.left()))
}

/// The same for the right.
fn right_is_black(h: &Mslab) -> bool {
    !is_red(h.right()) && !h.right().is_some_and(|right| is_red(right.left()))
}

/// The subtree `h` without its first node, and that node.
fn remove_first(mut h: &Mslab) -> (Link<'_>, &Mslab) {
    let Some(mut left) = h.left() else {
        return (None, h);
    };
    if left_is_black(h) {
        h = move_red_left(h);
        left = child(h.left());
    }
    let (rest, first) = remove_first(left);
    h.set_left(rest);
    (Some(fix_up(h)), first)
}

/// The subtree `h` without `node`, which is in it. `h` or its left child is
/// red.
fn remove<'t>(mut h: &'t Mslab, node: &Mslab) -> Link<'t> {
    if address(node) < address(h) {
        if left_is_black(h) {
            h = move_red_left(h);
        }
        h.set_left(remove(child(h.left()), node));
        return Some(fix_up(h));
    }
    if is_red(h.left()) {
        h = rotate_right(h);
    }
    h.right()?;
    if right_is_black(h) {
        h = move_red_right(h);
    }
    if same(h, node) {
        // Its successor takes its place.
        let (rest, successor) = remove_first(child(h.right()));
        successor.set_left(h.left());
        successor.set_right_red(rest, h.is_red());
        h = successor;
    } else {
        h.set_right(remove(child(h.right()), node));
    }
    Some(fix_up(h))
}

#[cfg(test)]
mod tests;
