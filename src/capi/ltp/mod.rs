// SPDX-License-Identifier: BSD-2-Clause
//! `include/ltp`: the `tst_*` functions and what is behind the `SAFE_*` macros.
//!
//! Only source compatibility is promised (spec ltp.md 2.4), so names and signatures
//! here are those of our headers; the ones that spec ltp.md 15.1 lists are as listed.

mod checks;
mod places;
mod report;
mod run;
mod safe_files;
mod safe_ipc;
mod safe_memory;
mod safe_processes;
mod safe_pthread;
mod scan;
mod system;

/// Defines one `safe_*` function:
///
/// ```text
/// [cleanup] fn name(arguments) -> type = judge(call, "text", shown...)
/// ```
///
/// makes the call, lets `judge`, a method of `Site`, look at the result, report a bad
/// one as `text` says, and returns the result. With `cleanup` the function has the
/// callback argument of LTP's old interface.
///
/// errno is the call's when `judge` captures it: nothing happens in between.
macro_rules! safe_call {
    (
        $(#[$doc:meta])*
        cleanup fn $name:ident($($arg:ident: $type:ty),* $(,)?) -> $ret:ty
            = $judge:ident($call:expr, $format:literal $(, $shown:expr)* $(,)?)
    ) => {
        $(#[$doc])*
        ///
        /// # Safety
        /// Arguments are as the wrapped call wants them; `file` is a string.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $name(
            file: *const ::core::ffi::c_char,
            lineno: ::core::ffi::c_int,
            cleanup_fn: $crate::ltp::safe::OldCleanup,
            $($arg: $type),*
        ) -> $ret {
            // SAFETY: the caller passes what the wrapped call and the text want.
            unsafe {
                let site = $crate::ltp::report::Site::new(file, lineno);
                site.refuse_cleanup(cleanup_fn);
                let value = $call;
                site.$judge(value, format_args!($format $(, $shown)*))
            }
        }
    };
    (
        $(#[$doc:meta])*
        fn $name:ident($($arg:ident: $type:ty),* $(,)?) -> $ret:ty
            = $judge:ident($call:expr, $format:literal $(, $shown:expr)* $(,)?)
    ) => {
        $(#[$doc])*
        ///
        /// # Safety
        /// Arguments are as the wrapped call wants them; `file` is a string.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $name(
            file: *const ::core::ffi::c_char,
            lineno: ::core::ffi::c_int,
            $($arg: $type),*
        ) -> $ret {
            // SAFETY: the caller passes what the wrapped call and the text want.
            unsafe {
                let site = $crate::ltp::report::Site::new(file, lineno);
                let value = $call;
                site.$judge(value, format_args!($format $(, $shown)*))
            }
        }
    };
}

use safe_call;
