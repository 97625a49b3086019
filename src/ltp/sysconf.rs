// SPDX-License-Identifier: BSD-2-Clause
//! Sysctls that a run changes and puts back (spec ltp.md 12).
//!
//! The list lies in memory shared with the test process and its children, so the
//! library process also restores what they saved, even if they are killed. (In the
//! reference their lists die with them.)

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_int, c_uint};
use core::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

use super::definition::{Test, elements, string};
use super::file::{self, Error};
use super::report::{TBROK, TCONF, TERRNO, TINFO, brk, res};
use super::shared::{Shareable, Shared};
use super::text::{Bytes, Text};
use crate::errno;

pub(crate) const TBROK_MISSING: c_uint = 0x1;
pub(crate) const SKIP_MISSING: c_uint = 0x2;
pub(crate) const TBROK_RO: c_uint = 0x4;
pub(crate) const SKIP_RO: c_uint = 0x8;
pub(crate) const IGNORE_ERR: c_uint = 0x10;

const SLOTS: usize = 64;
const PATH_MAX: usize = 1024;
const VALUE_MAX: usize = 3000;

/// One saved value. A slot is written once, by the process that drew it, before
/// `ready` is set.
struct Slot {
    ready: AtomicU32,
    path: UnsafeCell<Text<PATH_MAX>>,
    value: UnsafeCell<Text<VALUE_MAX>>,
}

struct List {
    drawn: AtomicU32,
    slots: [Slot; SLOTS],
}

// SAFETY: a slot is written by the process that drew it, and read by others only when
// it says that it is ready.
unsafe impl Sync for List {}
// SAFETY: as above; all zero is an empty list.
unsafe impl Shareable for List {}

static LIST: Shared<List> = Shared::new();

/// Maps the list. The library process does so before it forks; a program without one
/// gets its own at the first use.
pub(crate) fn share() {
    LIST.map();
}

fn list() -> Option<&'static List> {
    if LIST.get().is_none() {
        share();
    }
    LIST.get()
}

impl List {
    fn push(&self, path: Text<PATH_MAX>, value: Text<VALUE_MAX>) -> bool {
        let n = self.drawn.fetch_add(1, Relaxed);
        let slot = usize::try_from(n).ok().and_then(|n| self.slots.get(n));
        let Some(slot) = slot else { return false };
        // SAFETY: the counter gave the slot to this caller alone, and nobody reads it
        // before `ready`.
        unsafe {
            *slot.path.get() = path;
            *slot.value.get() = value;
        }
        slot.ready.store(1, Release);
        true
    }

    /// Path and value, newest first.
    fn saved(&self) -> impl Iterator<Item = (&Text<PATH_MAX>, &Text<VALUE_MAX>)> {
        self.slots
            .iter()
            .rev()
            .filter(|slot| slot.ready.load(Acquire) != 0)
            // SAFETY: a slot that is ready is not written any more.
            .map(|slot| unsafe { (&*slot.path.get(), &*slot.value.get()) })
    }
}

/// The test's `.save_restore`, in the order of the array.
pub(crate) fn save_for(test: &Test) {
    // SAFETY: the array belongs to the test.
    for entry in unsafe { elements(test.save_restore) } {
        // SAFETY: its strings, too.
        let (path, value) = unsafe { (string(entry.path), string(entry.val)) };
        save(path, value, entry.flags);
    }
}

/// `tst_sys_conf_save`: remembers the first line of `path` and then writes `value`, if
/// there is one. False if the entry was skipped.
pub(crate) fn save(path: Option<&CStr>, value: Option<&CStr>, flags: c_uint) -> bool {
    let Some(path) = path else {
        brk!(TBROK, "path is empty");
        return false;
    };
    let shown = Bytes(path.to_bytes());
    if !file::exists(path) {
        let kind = kind(flags, SKIP_MISSING, TBROK_MISSING);
        report(kind, format_args!("Path not found: {shown}"));
        return false;
    }
    // SAFETY: the path is NUL-terminated.
    if unsafe { libc::access(path.as_ptr(), libc::W_OK) } != 0 {
        report(
            kind(flags, SKIP_RO, TBROK_RO),
            format_args!("Path is not writable: {shown}"),
        );
        return false;
    }
    let failed = if flags & IGNORE_ERR != 0 {
        TINFO
    } else {
        TBROK
    };
    match file::first_line::<VALUE_MAX>(path) {
        Err(error) => {
            errno::set(error.errno());
            match error {
                Error::Open(_) => {
                    report(failed, format_args!("Failed to open '{shown}' for reading"));
                }
                _ => report(
                    failed,
                    format_args!("Failed to read anything from '{shown}'"),
                ),
            }
            return false;
        }
        Ok(line) if line.bytes().is_empty() && is_empty_file(path) => {
            errno::set(0);
            report(
                failed,
                format_args!("Failed to read anything from '{shown}'"),
            );
            return false;
        }
        Ok(line) => remember(path, line.bytes()),
    }
    if let Some(value) = value
        && let Err(error) = file::write(path, value.to_bytes())
    {
        report_write(failed, path, error);
    }
    true
}

fn is_empty_file(path: &CStr) -> bool {
    file::read::<2>(path).is_ok_and(|text| text.bytes().is_empty())
}

/// What the flags say about a condition.
fn kind(flags: c_uint, skip: c_uint, broken: c_uint) -> c_int {
    if flags & skip != 0 {
        TINFO
    } else if flags & broken != 0 {
        TBROK
    } else {
        TCONF
    }
}

/// With errno; a TINFO goes on, the others end their process.
fn report(kind: c_int, message: core::fmt::Arguments<'_>) {
    if kind == TINFO {
        res!(TINFO | TERRNO, "{message}");
    } else {
        brk!(kind | TERRNO, "{message}");
    }
}

fn report_write(kind: c_int, path: &CStr, error: Error) {
    let shown = Bytes(path.to_bytes());
    errno::set(error.errno());
    match error {
        Error::Open(_) => {
            report(kind, format_args!("Failed to open '{shown}' for writing"))
        }
        Error::Transfer(_) => {
            report(kind, format_args!("Failed to write into '{shown}'"))
        }
        Error::Close(_) => report(kind, format_args!("Failed to close '{shown}'")),
    }
}

/// `tst_sys_conf_save_str`. Of several values of a path only the oldest matters in the
/// end, so the others are not kept: a test may save in every iteration.
pub(crate) fn remember(path: &CStr, value: &[u8]) {
    let Some(list) = list() else { return };
    if list
        .saved()
        .any(|(saved, _)| saved.bytes() == path.to_bytes())
    {
        return;
    }
    let (mut path_text, mut value_text) = (Text::new(), Text::new());
    path_text.push(path.to_bytes());
    value_text.push(value);
    let fits = !path_text.is_cut() && !value_text.is_cut();
    if !fits || !list.push(path_text, value_text) {
        brk!(
            TBROK,
            "No room to save the value of '{}'",
            Bytes(path.to_bytes())
        );
    }
}

/// `tst_sys_conf_restore`: newest first. Errors do not stop it.
pub(crate) fn restore(verbose: bool) {
    for (path, value) in list().into_iter().flat_map(List::saved) {
        if verbose {
            res!(TINFO, "Restoring conf.: {path} -> {value}");
        }
        if let Err(error) = file::write(path.c_str(), value.bytes()) {
            report_write(TINFO, path.c_str(), error);
        }
    }
}

/// `tst_sys_conf_dump`.
pub(crate) fn dump() {
    for (path, value) in list().into_iter().flat_map(List::saved) {
        res!(TINFO, "{path} = {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<const N: usize>(value: &str) -> Text<N> {
        Text::of(format_args!("{value}"))
    }

    #[test]
    fn the_newest_value_comes_first_and_a_full_list_says_so() {
        // SAFETY: all zero is an empty list.
        let list: Box<List> = unsafe { Box::new_zeroed().assume_init() };
        for n in 0..SLOTS {
            assert!(list.push(text(&format!("/path/{n}")), text("value")));
        }
        assert!(!list.push(text("/one/too/many"), text("value")));
        let saved: Vec<String> = list.saved().map(|(path, _)| path.to_string()).collect();
        assert_eq!(saved.len(), SLOTS);
        assert_eq!(saved.first().map(String::as_str), Some("/path/63"));
        assert_eq!(saved.last().map(String::as_str), Some("/path/0"));
    }

    #[test]
    fn flags_choose_what_a_condition_means() {
        let missing = |flags| kind(flags, SKIP_MISSING, TBROK_MISSING);
        assert_eq!(missing(0), TCONF);
        assert_eq!(missing(TBROK_MISSING | SKIP_RO), TBROK);
        assert_eq!(missing(SKIP_MISSING | TBROK_RO), TINFO);
    }
}
