// SPDX-License-Identifier: BSD-2-Clause
//! Visiting the whole tree: in order with a callback, and from the root down
//! with a [`Walk`].

use super::super::mempool::Mslab;
use super::{Link, MslabTree, Side, address, to_ptr};
use core::ffi::c_void;
use core::ptr;

/// What is called for each node; a result other than NULL ends the visit.
pub type Callback =
    unsafe extern "C-unwind" fn(*mut MslabTree, *mut Mslab, *mut c_void) -> *mut Mslab;

/// Calls `f` on the nodes of the subtree `node` in order towards a side, from
/// the address `start` on if there is one. Returns the first result that is
/// not NULL.
pub fn visit<F: FnMut(*mut Mslab) -> *mut Mslab>(
    node: Link,
    start: Option<usize>,
    towards: Side,
    f: &mut F,
) -> *mut Mslab {
    let Some(node) = node else {
        return ptr::null_mut();
    };
    let before_start = start.is_some_and(|start| match towards {
        Side::Right => address(node) < start,
        Side::Left => address(node) > start,
    });
    if before_start {
        return visit(node.child(towards), start, towards, f);
    }
    let mut result = visit(node.child(towards.other()), start, towards, f);
    if result.is_null() {
        result = f(to_ptr(Some(node)));
    }
    if result.is_null() {
        result = visit(node.child(towards), None, towards, f);
    }
    result
}

/// `struct mslab_tree_walk`: a descent from the root in which the caller says
/// at each node which children to go to.
#[repr(C)]
#[derive(Debug)]
pub struct Walk {
    current: *mut Mslab,
    /// Nodes to go to when there is no way further down; the last one first.
    pending: [*mut Mslab; 48],
    count: u32,
}

impl Walk {
    /// A walk whose first node will be the root.
    pub fn new(tree: &MslabTree) -> Walk {
        let mut walk = Walk {
            current: ptr::null_mut(),
            pending: [ptr::null_mut(); 48],
            count: 0,
        };
        walk.defer(tree.root());
        walk
    }

    /// The next node: a child of the current one on one of the sides allowed,
    /// the left one first; else the right child of the nearest ancestor where
    /// that was allowed and has not been visited; else None.
    ///
    /// # Safety
    /// The tree has not changed since the walk began, and its nodes live.
    pub unsafe fn next<'t>(&mut self, left: bool, right: bool) -> Link<'t> {
        // SAFETY: NULL or a node of the tree.
        if let Some(node) = unsafe { self.current.as_ref() } {
            self.defer(node.right().filter(|_| right));
            self.defer(node.left().filter(|_| left));
        }
        self.current = match self.count {
            0 => ptr::null_mut(),
            count => {
                self.count -= 1;
                self.pending[count as usize - 1]
            }
        };
        // SAFETY: as above.
        unsafe { self.current.as_ref() }
    }

    fn defer(&mut self, node: Link) {
        if node.is_some() {
            self.pending[self.count as usize] = to_ptr(node);
            self.count += 1;
        }
    }
}
