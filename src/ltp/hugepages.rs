// SPDX-License-Identifier: BSD-2-Clause
//! The pool of huge pages of the default size (spec ltp.md 13).

use core::ffi::{CStr, c_long, c_ulong};

use super::definition::{Hugepages, Test, string};
use super::file;
use super::report::{Site, TBROK, TCONF, TERRNO, TINFO, brk, res};
use super::text::{Bytes, Text};
use super::{globals, parse, sysconf};
use crate::errno;

const SYSFS: &CStr = c"/sys/kernel/mm/hugepages";
const NR_HUGEPAGES: &CStr = c"/proc/sys/vm/nr_hugepages";
const DROP_CACHES: &CStr = c"/proc/sys/vm/drop_caches";
const COMPACT_MEMORY: &CStr = c"/proc/sys/vm/compact_memory";

/// `TST_NEEDS`: the test cannot do with less, and the pool keeps what it has.
const NEEDS: u32 = 1;
/// `TST_NO_HUGEPAGES`: the test wants an empty pool.
const NONE: c_ulong = c_ulong::MAX;

/// Does the kernel have huge pages?
pub(crate) fn supported() -> bool {
    file::exists(SYSFS)
}

/// `tst_get_hugepage_size`: bytes, 0 without kernel support.
pub(crate) fn size() -> usize {
    if !supported() {
        return 0;
    }
    usize::try_from(file::need_meminfo(b"Hugepagesize:")).unwrap_or(0) * 1024
}

/// The test's `.hugepages`.
pub(crate) fn reserve_for(test: &Test) {
    if test.hugepages.number != 0 {
        reserve(test.hugepages);
    }
}

/// `tst_reserve_hugepages`: makes the pool what the request says and returns its size.
/// The library process puts the pool back at the end.
pub(crate) fn reserve(request: Hugepages) -> c_ulong {
    let needs = request.policy == NEEDS;
    if !supported() {
        if needs {
            brk!(TCONF, "hugetlbfs is not supported");
        }
        globals::set_hugepages(0);
        return 0;
    }
    // First of all, so that a pool which cannot be written costs nothing but a TCONF.
    sysconf::save(Some(NR_HUGEPAGES), None, sysconf::SKIP_MISSING);
    let wanted = if request.number == NONE {
        0
    } else {
        defragment();
        let wanted = option().unwrap_or(request.number);
        if needs {
            wanted.saturating_add(unsigned(file::need_meminfo(b"HugePages_Total:")))
        } else {
            match limited(wanted) {
                0 => return 0,
                wanted => wanted,
            }
        }
    };
    set_pool(wanted);
    if needs {
        let free = unsigned(file::need_meminfo(b"HugePages_Free:"));
        // The reference compares without the reserved pages, too, and results have
        // to agree (spec ltp.md 22).
        if request.number > free {
            brk!(
                TCONF,
                "free_hpages = {free}, but expect {}. Not enough hugepages for testing.",
                request.number
            );
        }
    }
    globals::set_hugepages(wanted);
    res!(TINFO, "{wanted} hugepage(s) reserved");
    wanted
}

fn unsigned(pages: c_long) -> c_ulong {
    c_ulong::try_from(pages).unwrap_or(0)
}

/// `-s` of the test.
fn option() -> Option<c_ulong> {
    // SAFETY: the option parser left NULL or a string of argv there.
    let text = unsafe { string(globals::hugepages_option()) }?;
    Some(unsigned(parse::safe_strtol(
        Site::here(),
        text,
        1,
        c_long::MAX,
    )))
}

/// Makes it likely that free memory has the pieces that huge pages are made of.
fn defragment() {
    write(DROP_CACHES, b"3", TBROK);
    if super::is_2026() {
        write(COMPACT_MEMORY, b"1", TINFO);
    } else if file::exists(COMPACT_MEMORY) {
        write(COMPACT_MEMORY, b"1", TBROK);
    }
}

fn write(path: &CStr, value: &[u8], failure: i32) {
    if let Err(error) = file::write(path, value) {
        errno::set(error.errno());
        let shown = Bytes(path.to_bytes());
        if failure == TINFO {
            res!(TINFO | TERRNO, "Failed to print to FILE '{shown}'");
        } else {
            brk!(TBROK | TERRNO, "Failed to print to FILE '{shown}'");
        }
    }
}

/// A request may be cut to four fifths of what free memory holds.
fn limited(wanted: c_ulong) -> c_ulong {
    let free = unsigned(file::need_meminfo(b"MemFree:"));
    let page = unsigned(file::need_meminfo(b"Hugepagesize:"));
    let most = free / page.max(1);
    let allowed = allowed(wanted, most);
    if allowed != wanted {
        res!(
            TINFO,
            "Requested number({wanted}) of hugepages is too large, limiting to 80% of the \
             max hugepage count {most}"
        );
    }
    allowed
}

/// `wanted`, or if `most` is less four fifths of that, rounded down without overflow.
fn allowed(wanted: c_ulong, most: c_ulong) -> c_ulong {
    if wanted <= most {
        wanted
    } else {
        most / 5 * 4 + most % 5 * 4 / 5
    }
}

fn set_pool(wanted: c_ulong) {
    let value: Text<32> = Text::of(format_args!("{wanted}"));
    write(NR_HUGEPAGES, value.bytes(), TBROK);
    let got = unsigned(file::number(NR_HUGEPAGES).unwrap_or(0));
    if got != wanted {
        brk!(
            TCONF,
            "nr_hugepages = {got}, but expect {wanted}. Not enough hugepages for testing."
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_beyond_free_memory_get_four_fifths_of_it() {
        assert_eq!([allowed(0, 0), allowed(3, 3), allowed(3, 1000)], [0, 3, 3]);
        // The reference's own example (spec ltp.md 13).
        assert_eq!(allowed(1_000_000, 11735), 9388);
        for most in 0..20 {
            assert_eq!(allowed(c_ulong::MAX, most), (most as f64 * 0.8) as c_ulong);
        }
    }
}
