// SPDX-License-Identifier: BSD-2-Clause
//! Error injection: switches that make a Debug library fail where the system would not
//! (spec diag.md 8).
//!
//! The table is in every build, because C code lists it and sets it by name. Whether
//! anything looks at it is decided by `debug_assertions`.

use crate::abi::layout;
use crate::say::fatal;
use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int, c_uint, c_void};
use core::ptr;

/// Which field of [`Value`] is in use (`enum errinj_type`).
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `bparam`
    Bool = 0,
    /// `iparam`
    Int = 1,
    /// `dparam`
    Double = 2,
}

const _: () = assert!(size_of::<Type>() == size_of::<c_uint>());

/// The state of an injection.
#[repr(C)]
pub union Value {
    /// C's `bool`; anything but 0 counts as true.
    bparam: u8,
    iparam: i64,
    dparam: f64,
}

/// `struct errinj`
#[repr(C)]
pub struct Errinj {
    name: *const c_char,
    kind: Type,
    value: UnsafeCell<Value>,
}

layout!(Errinj = "errinj", 24: name 0, kind 8, value 16);

// SAFETY: names never change. States are written by tests, without synchronisation by
// contract: whoever sets one sees to it that nobody reads it meanwhile.
unsafe impl Sync for Errinj {}

impl Errinj {
    /// The full name, with its prefix.
    pub fn name(&self) -> &CStr {
        // SAFETY: the table below names every injection with a literal.
        unsafe { CStr::from_ptr(self.name) }
    }

    fn is_on(&self) -> bool {
        // SAFETY: see `Sync`; every bit pattern is a number.
        unsafe { (*self.value.get()).bparam != 0 }
    }

    fn int(&self) -> i64 {
        // SAFETY: as above.
        unsafe { (*self.value.get()).iparam }
    }

    fn set(&self, value: Value) {
        // SAFETY: as above.
        unsafe { self.value.get().write(value) };
    }
}

const fn bool(name: &'static CStr, on: bool) -> Errinj {
    let value = UnsafeCell::new(Value { bparam: on as u8 });
    Errinj {
        name: name.as_ptr(),
        kind: Type::Bool,
        value,
    }
}

const fn int(name: &'static CStr, value: i64) -> Errinj {
    let value = UnsafeCell::new(Value { iparam: value });
    Errinj {
        name: name.as_ptr(),
        kind: Type::Int,
        value,
    }
}

const fn double(name: &'static CStr, value: f64) -> Errinj {
    let value = UnsafeCell::new(Value { dparam: value });
    Errinj {
        name: name.as_ptr(),
        kind: Type::Double,
        value,
    }
}

const FIBER_MADVISE: usize = 4;
const FIBER_MPROTECT: usize = 5;
const LOG_ROTATE: usize = 13;

/// Whether the hint to the kernel about an unused stack shall fail.
#[inline]
pub fn fiber_madvise() -> bool {
    cfg!(debug_assertions) && TABLE[FIBER_MADVISE].is_on()
}

/// Whether giving a page of a stack this protection (`PROT_*`) shall fail.
#[inline]
pub fn fiber_mprotect(protection: c_int) -> bool {
    cfg!(debug_assertions) && TABLE[FIBER_MPROTECT].int() == i64::from(protection)
}

/// Whether log rotation shall be slow.
#[inline]
pub fn log_rotate() -> bool {
    cfg!(debug_assertions) && TABLE[LOG_ROTATE].is_on()
}

/// The injection of that name. Case counts.
pub fn by_name(name: &CStr) -> Option<&'static Errinj> {
    TABLE.iter().find(|injection| injection.name() == name)
}

/// What `errinj_foreach` calls; a result other than 0 ends the walk.
pub type Callback = unsafe extern "C-unwind" fn(*mut Errinj, *mut c_void) -> c_int;

/// Calls back for each injection in order; returns the last result.
///
/// # Safety
/// `callback` may be called with `context`.
pub unsafe fn for_each(callback: Callback, context: *mut c_void) -> c_int {
    for injection in &TABLE {
        // SAFETY: the state is in a cell; nothing else is written through the pointer.
        let result = unsafe { callback(ptr::from_ref(injection).cast_mut(), context) };
        if result != 0 {
            return result;
        }
    }
    0
}

/// Sets every injection whose name is an environment variable that is not empty. A
/// value that does not parse is a panic.
pub fn set_from_environment() {
    for injection in &TABLE {
        // SAFETY: getenv returns NULL or a C string; nobody changes the environment
        // while a program starts.
        let text = unsafe {
            let text = libc::getenv(injection.name);
            if text.is_null() || *text == 0 {
                continue;
            }
            CStr::from_ptr(text)
        };
        let (type_name, value) = match injection.kind {
            Type::Bool => ("boolean", parse_bool(text).map(|bparam| Value { bparam })),
            Type::Int => ("integer", parse_int(text).map(|iparam| Value { iparam })),
            Type::Double => ("double", parse_double(text).map(|dparam| Value { dparam })),
        };
        match value {
            Some(value) => injection.set(value),
            None => fatal!(
                "Incorrect value for {type_name} {}: {}",
                injection.name().to_string_lossy(),
                text.to_string_lossy()
            ),
        }
    }
}

fn parse_bool(text: &CStr) -> Option<u8> {
    let is = |word: &str| text.to_bytes().eq_ignore_ascii_case(word.as_bytes());
    if is("true") {
        Some(1)
    } else if is("false") {
        Some(0)
    } else {
        None
    }
}

/// As strtoll(3) in base 10: blanks and a sign in front, saturation.
fn parse_int(text: &CStr) -> Option<i64> {
    // SAFETY: a C string; `end` points into it.
    unsafe {
        let mut end = ptr::null_mut();
        let value = libc::strtoll(text.as_ptr(), &raw mut end, 10);
        (end.cast_const() != text.as_ptr() && *end == 0).then_some(value)
    }
}

/// As strtod(3).
fn parse_double(text: &CStr) -> Option<f64> {
    // SAFETY: as above.
    unsafe {
        let mut end = ptr::null_mut();
        let value = libc::strtod(text.as_ptr(), &raw mut end);
        (end.cast_const() != text.as_ptr() && *end == 0).then_some(value)
    }
}

/// All injections, in the order of `ERRINJ_LIST` in `errinj.h`.
#[unsafe(export_name = "errinjs")]
pub static TABLE: [Errinj; 70] = [
    bool(c"ERRINJ_APPLIER_READ_TX_ROW_DELAY", false),
    bool(c"ERRINJ_AUTO_UPGRADE", false),
    int(c"ERRINJ_BUILD_INDEX", -1),
    int(c"ERRINJ_DYN_MODULE_COUNT", 0),
    bool(c"ERRINJ_FIBER_MADVISE", false),
    int(c"ERRINJ_FIBER_MPROTECT", -1),
    bool(c"ERRINJ_HTTPC_EXECUTE", false),
    bool(c"ERRINJ_HTTP_RESPONSE_ADD_WAIT", false),
    bool(c"ERRINJ_INDEX_ALLOC", false),
    bool(c"ERRINJ_INDEX_RESERVE", false),
    int(c"ERRINJ_IPROTO_CFG_LISTEN", 0),
    bool(c"ERRINJ_IPROTO_TX_DELAY", false),
    bool(c"ERRINJ_IPROTO_WRITE_ERROR_DELAY", false),
    bool(c"ERRINJ_LOG_ROTATE", false),
    bool(c"ERRINJ_NETBOX_IO_DELAY", false),
    bool(c"ERRINJ_PORT_DUMP", false),
    int(c"ERRINJ_RELAY_BREAK_LSN", -1),
    double(c"ERRINJ_RELAY_EXIT_DELAY", 0.0),
    bool(c"ERRINJ_RELAY_FINAL_JOIN", false),
    bool(c"ERRINJ_RELAY_FINAL_SLEEP", false),
    double(c"ERRINJ_RELAY_REPORT_INTERVAL", 0.0),
    bool(c"ERRINJ_RELAY_SEND_DELAY", false),
    double(c"ERRINJ_RELAY_TIMEOUT", 0.0),
    bool(c"ERRINJ_SNAP_COMMIT_DELAY", false),
    bool(c"ERRINJ_SNAP_COMMIT_FAIL", false),
    double(c"ERRINJ_SNAP_WRITE_ROW_TIMEOUT", 0.0),
    int(c"ERRINJ_STDIN_ISATTY", -1),
    bool(c"ERRINJ_TESTING", false),
    bool(c"ERRINJ_TUPLE_ALLOC", false),
    bool(c"ERRINJ_TUPLE_FIELD", false),
    bool(c"ERRINJ_VYRUN_DATA_READ", false),
    bool(c"ERRINJ_VYRUN_INDEX_GARBAGE", false),
    bool(c"ERRINJ_VY_COMPACTION_DELAY", false),
    bool(c"ERRINJ_VY_DELAY_PK_LOOKUP", false),
    bool(c"ERRINJ_VY_DUMP_DELAY", false),
    bool(c"ERRINJ_VY_GC", false),
    int(c"ERRINJ_VY_INDEX_DUMP", -1),
    bool(c"ERRINJ_VY_INDEX_FILE_RENAME", false),
    bool(c"ERRINJ_VY_LOG_FILE_RENAME", false),
    bool(c"ERRINJ_VY_LOG_FLUSH", false),
    bool(c"ERRINJ_VY_LOG_FLUSH_DELAY", false),
    bool(c"ERRINJ_VY_POINT_ITER_WAIT", false),
    bool(c"ERRINJ_VY_QUOTA_DELAY", false),
    bool(c"ERRINJ_VY_READ_PAGE", false),
    bool(c"ERRINJ_VY_READ_PAGE_DELAY", false),
    double(c"ERRINJ_VY_READ_PAGE_TIMEOUT", 0.0),
    bool(c"ERRINJ_VY_READ_VIEW_MERGE_FAIL", false),
    bool(c"ERRINJ_VY_RUN_DISCARD", false),
    bool(c"ERRINJ_VY_RUN_FILE_RENAME", false),
    int(c"ERRINJ_VY_RUN_OPEN", -1),
    bool(c"ERRINJ_VY_RUN_WRITE", false),
    bool(c"ERRINJ_VY_RUN_WRITE_DELAY", false),
    double(c"ERRINJ_VY_RUN_WRITE_STMT_TIMEOUT", 0.0),
    double(c"ERRINJ_VY_SCHED_TIMEOUT", 0.0),
    double(c"ERRINJ_VY_SQUASH_TIMEOUT", 0.0),
    int(c"ERRINJ_VY_STMT_ALLOC", -1),
    bool(c"ERRINJ_VY_TASK_COMPLETE", false),
    bool(c"ERRINJ_VY_WRITE_ITERATOR_START_FAIL", false),
    int(c"ERRINJ_WAL_BREAK_LSN", -1),
    bool(c"ERRINJ_WAL_DELAY", false),
    int(c"ERRINJ_WAL_FALLOCATE", 0),
    bool(c"ERRINJ_WAL_IO", false),
    bool(c"ERRINJ_WAL_ROTATE", false),
    bool(c"ERRINJ_WAL_WRITE", false),
    bool(c"ERRINJ_WAL_WRITE_DISK", false),
    bool(c"ERRINJ_WAL_WRITE_EOF", false),
    int(c"ERRINJ_WAL_WRITE_PARTIAL", -1),
    bool(c"ERRINJ_XLOG_GARBAGE", false),
    bool(c"ERRINJ_XLOG_META", false),
    int(c"ERRINJ_XLOG_READ", -1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_of_the_librarys_own() {
        assert_eq!(TABLE[FIBER_MADVISE].name(), c"ERRINJ_FIBER_MADVISE");
        assert_eq!(TABLE[FIBER_MPROTECT].name(), c"ERRINJ_FIBER_MPROTECT");
        assert_eq!(TABLE[LOG_ROTATE].name(), c"ERRINJ_LOG_ROTATE");
    }

    #[test]
    fn numbers_as_in_c() {
        assert_eq!(parse_int(c" -12"), Some(-12));
        assert_eq!(parse_int(c"9223372036854775808"), Some(i64::MAX));
        assert_eq!(parse_int(c"0x5"), None);
        assert_eq!(parse_int(c"5 "), None);
        assert_eq!(parse_int(c" "), None);
        assert_eq!(parse_double(c"1.5e1"), Some(15.0));
        assert_eq!(parse_double(c"1,5"), None);
        assert_eq!(parse_bool(c"TRUE"), Some(1));
        assert_eq!(parse_bool(c"False"), Some(0));
        assert_eq!(parse_bool(c"1"), None);
    }
}
