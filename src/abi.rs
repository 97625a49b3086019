// SPDX-License-Identifier: BSD-2-Clause
//! Layouts of structs that C shares with us.

/// Asserts at compile time the size of a `#[repr(C)]` struct and the offset of each of
/// its fields. `tests/abi.rs` reads these lines and compares the numbers with
/// `abi/layout.tsv`, so that the struct, the line and the reference agree:
///
/// ```text
/// layout!(Slab = "slab", 48: next_in_cache 0, next_in_list 16, ...);
/// ```
///
/// Fields behind a `;` are ours, in what is padding in the reference.
macro_rules! layout {
    (
        $type:ty = $name:literal, $size:literal:
        $($field:ident $offset:literal),+ $(; $($own:ident $own_offset:literal),+)?
    ) => {
        const _: () = {
            assert!(size_of::<$type>() == $size);
            $(assert!(core::mem::offset_of!($type, $field) == $offset);)+
            $($(assert!(core::mem::offset_of!($type, $own) == $own_offset);)+)?
        };
    };
}

pub(crate) use layout;
