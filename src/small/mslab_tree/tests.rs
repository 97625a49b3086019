// SPDX-License-Identifier: BSD-2-Clause
use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Slabs to make nodes of, and a tree that may hold some of them.
struct Forest {
    slabs: Vec<Mslab>,
    tree: Box<MslabTree>,
}

impl Forest {
    fn new(count: usize) -> Forest {
        // SAFETY: cells of integers and pointers: all zero is valid.
        let slab = || unsafe { core::mem::zeroed() };
        // SAFETY: as above.
        let tree = Box::new(unsafe { core::mem::zeroed::<MslabTree>() });
        tree.create();
        Forest {
            slabs: (0..count).map(|_| slab()).collect(),
            tree,
        }
    }

    fn index(&self, node: Link) -> Option<usize> {
        node.map(|node| (address(node) - self.slabs.as_ptr().addr()) / size_of::<Mslab>())
    }

    /// Adds the slab, or removes it if it is there; `model` alike.
    fn toggle(&self, index: usize, model: &mut BTreeSet<usize>) {
        // SAFETY: the model knows whether it is in the tree; slabs do not move.
        unsafe {
            if model.remove(&index) {
                self.tree.remove(&self.slabs[index]);
            } else {
                self.tree.insert(&self.slabs[index]);
                model.insert(index);
            }
        }
    }
}

/// Checks the invariants of the module's head; returns the black height.
fn black_height(link: Link, low: usize, high: usize) -> usize {
    let Some(node) = link else { return 1 };
    assert!(
        low < address(node) && address(node) < high,
        "ordered by address"
    );
    assert!(!is_red(node.right()), "no red link leans right");
    assert!(
        !(node.is_red() && is_red(node.left())),
        "no two red links in a row"
    );
    let left = black_height(node.left(), low, address(node));
    let right = black_height(node.right(), address(node), high);
    assert_eq!(left, right, "the same number of black links everywhere");
    left + usize::from(!node.is_red())
}

proptest! {
    #[test]
    fn behaves_as_an_ordered_set(toggles in prop::collection::vec(0..200_usize, 1..600)) {
        let forest = Forest::new(200);
        let mut model = BTreeSet::new();
        for index in toggles {
            forest.toggle(index, &mut model);
            let tree = &forest.tree;
            assert!(!is_red(tree.root()));
            black_height(tree.root(), 0, usize::MAX);

            prop_assert_eq!(tree.is_empty(), model.is_empty());
            prop_assert_eq!(forest.index(tree.first()), model.first().copied());
            prop_assert_eq!(forest.index(tree.last()), model.last().copied());
            let (node, key) = (&forest.slabs[index], address(&forest.slabs[index]));
            prop_assert_eq!(forest.index(tree.next(node)), model.range(index + 1..).next().copied());
            prop_assert_eq!(forest.index(tree.prev(node)), model.range(..index).next_back().copied());
            let after = model.range(index..).next().copied();
            prop_assert_eq!(forest.index(tree.search(key, Side::Right)), after);
            let before = model.range(..=index).next_back().copied();
            prop_assert_eq!(forest.index(tree.search(key, Side::Left)), before);
        }
    }

    #[test]
    fn cursors_and_visits_see_all_nodes_in_order(
        members in prop::collection::btree_set(0..200_usize, 0..200),
        start in 0..200_usize,
    ) {
        let forest = Forest::new(200);
        let mut model = BTreeSet::new();
        members.iter().for_each(|&index| forest.toggle(index, &mut model));
        let key = address(&forest.slabs[start]);

        for (side, expected) in [
            (Side::Right, members.range(start..).copied().collect::<Vec<_>>()),
            (Side::Left, members.range(..=start).rev().copied().collect()),
        ] {
            let mut cursor = Cursor::default();
            // SAFETY: the forest outlives the cursor and does not change.
            let stepped: Vec<_> = unsafe {
                cursor.search(&forest.tree, key, side);
                core::iter::from_fn(|| forest.index(cursor.step(side))).collect()
            };
            prop_assert_eq!(&stepped, &expected);

            let mut visited = Vec::new();
            visit(forest.tree.root(), Some(key), side, &mut |node| {
                // SAFETY: a node of the forest.
                visited.extend(forest.index(unsafe { node.as_ref() }));
                ptr::null_mut()
            });
            prop_assert_eq!(&visited, &expected);
        }
    }

    #[test]
    fn a_cursor_can_turn_around(
        members in prop::collection::btree_set(0..50_usize, 2..50),
        turns in prop::collection::vec(any::<bool>(), 1..100),
    ) {
        let forest = Forest::new(50);
        let mut model = BTreeSet::new();
        members.iter().for_each(|&index| forest.toggle(index, &mut model));
        let order: Vec<_> = members.into_iter().collect();
        let mut cursor = Cursor::default();
        let mut position = 0;
        // SAFETY: the forest outlives the cursor and does not change.
        unsafe { cursor.search(&forest.tree, 0, Side::Right) };
        for forward in turns {
            let side = if forward { Side::Right } else { Side::Left };
            // SAFETY: as above.
            let returned = forest.index(unsafe { cursor.step(side) });
            prop_assert_eq!(returned, Some(order[position]));
            let next = if forward { position.checked_add(1) } else { position.checked_sub(1) };
            // SAFETY: as above.
            let current = forest.index(unsafe { cursor.current() });
            prop_assert_eq!(current, next.and_then(|next| order.get(next).copied()));
            match current {
                Some(_) => position = next.unwrap(),
                None => break,
            }
        }
    }
}

#[test]
fn a_walk_goes_where_it_may() {
    let forest = Forest::new(100);
    let mut model = BTreeSet::new();
    (0..100).for_each(|index| forest.toggle(index, &mut model));

    let mut walk = Walk::new(&forest.tree);
    let mut seen = BTreeSet::new();
    // SAFETY: the forest does not change.
    while let Some(node) = unsafe { walk.next(true, true) } {
        if seen.is_empty() {
            assert!(same(node, forest.tree.root().unwrap()));
        }
        assert!(seen.insert(forest.index(Some(node))), "each node once");
    }
    assert_eq!(seen.len(), 100);

    let mut walk = Walk::new(&forest.tree);
    let mut last = None;
    // SAFETY: as above.
    while let Some(node) = unsafe { walk.next(false, true) } {
        last = forest.index(Some(node));
    }
    assert_eq!(last, Some(99));

    let mut walk = Walk::new(&forest.tree);
    // SAFETY: as above.
    unsafe {
        assert!(walk.next(false, false).is_some(), "the root");
        assert!(walk.next(false, false).is_none(), "and nowhere else");
    }
}
