// SPDX-License-Identifier: BSD-2-Clause
//! Cursors: positions in the tree that step in both directions.

use super::super::mempool::Mslab;
use super::{Link, MslabTree, Side, same, to_ptr};
use core::ptr;

/// The longest path from the root, `RB_MAX_TREE_HEIGHT`: enough for 2^23 slabs
/// in a tree of height 2 log2(n + 1).
const HEIGHT_MAX: usize = 48;

/// `struct mslab_tree_iterator`: the path from the root to the current node,
/// empty when exhausted. Any change of the tree invalidates it.
#[repr(C)]
#[derive(Debug)]
pub struct Cursor {
    path: [*mut Mslab; HEIGHT_MAX],
    count: u32,
}

const _: () = assert!(size_of::<Cursor>() == 48 * 8 + 8);

impl Default for Cursor {
    fn default() -> Cursor {
        Cursor {
            path: [ptr::null_mut(); HEIGHT_MAX],
            count: 0,
        }
    }
}

/// In these functions the nodes of the path are still in their tree.
impl Cursor {
    /// Goes to the node at `key`, else to the nearest one on the given side of
    /// it, else nowhere.
    ///
    /// # Safety
    /// The nodes of the tree outlive the cursor's use.
    pub unsafe fn search(&mut self, tree: &MslabTree, key: usize, or: Side) {
        self.count = 0;
        let found = to_ptr(tree.descend(key, or, |node| self.push(node)));
        while self.count > 0 && self.top() != found {
            self.count -= 1;
        }
    }

    /// Goes nowhere.
    pub fn clear(&mut self) {
        self.count = 0;
    }

    /// The current node.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn current<'t>(&self) -> Link<'t> {
        // SAFETY: NULL or a node of the path.
        unsafe { self.top().as_ref() }
    }

    /// Returns the current node, and steps to its neighbour on the given side.
    ///
    /// # Safety
    /// See the head of this block.
    pub unsafe fn step<'t>(&mut self, to: Side) -> Link<'t> {
        // SAFETY: as ours.
        let current = unsafe { self.current() }?;
        if let Some(mut node) = current.child(to) {
            // The neighbour is the node nearest to us in that subtree.
            self.push(node);
            while let Some(nearer) = node.child(to.other()) {
                self.push(nearer);
                node = nearer;
            }
        } else {
            // It is the first ancestor that has us on its other side.
            let mut below = current;
            self.count -= 1;
            // SAFETY: as ours.
            while let Some(node) = unsafe { self.current() } {
                if node
                    .child(to.other())
                    .is_some_and(|child| same(child, below))
                {
                    break;
                }
                below = node;
                self.count -= 1;
            }
        }
        Some(current)
    }

    fn push(&mut self, node: &Mslab) {
        self.path[self.count as usize] = to_ptr(Some(node));
        self.count += 1;
    }

    fn top(&self) -> *mut Mslab {
        match self.count {
            0 => ptr::null_mut(),
            count => self.path[count as usize - 1],
        }
    }
}
