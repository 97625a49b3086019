// SPDX-License-Identifier: BSD-2-Clause
//! Memory of the process and of the machine: mappings, protections, core files, limits
//! of shared memory (spec ltp.md 14.2).

use core::ffi::{c_int, c_ulong};
use core::ops::Range;
use std::fs::File;
use std::io::{self, BufRead, BufReader};

use super::file;
use super::report::{TBROK, TERRNO, TINFO, brk, res};
use super::text::Text;
use crate::errno;

/// `range_is_mapped` and `tst_mapping_in_range`: does a mapping start or end in
/// `[low, high)`?
pub(crate) fn is_mapped(low: c_ulong, high: c_ulong) -> bool {
    // Reported only when the file is closed again: a report may never come back.
    match mapping_in(&(low..high)) {
        Ok(found) => found,
        Err(err) => {
            errno::set(err);
            if err == 0 {
                brk!(TBROK, "Couldn't parse /proc/self/maps line.");
            } else {
                brk!(
                    TBROK | TERRNO,
                    "Failed to open FILE '/proc/self/maps' for reading"
                );
            }
            false
        }
    }
}

/// errno if the file cannot be read, 0 if it cannot be understood.
fn mapping_in(range: &Range<c_ulong>) -> Result<bool, c_int> {
    let err = |error: io::Error| error.raw_os_error().unwrap_or(libc::EIO);
    for line in BufReader::new(File::open("/proc/self/maps").map_err(err)?).lines() {
        let (start, end) = bounds(&line.map_err(err)?).ok_or(0)?;
        if range.contains(&start) || range.contains(&end) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn bounds(line: &str) -> Option<(c_ulong, c_ulong)> {
    let (start, end) = line.split_once(' ')?.0.split_once('-')?;
    let number = |text| c_ulong::from_str_radix(text, 16).ok();
    Some((number(start)?, number(end)?))
}

/// `tst_prot_to_str`.
pub(crate) fn protection(prot: c_int) -> Text<128> {
    const NAMES: [(c_int, &str); 6] = [
        (libc::PROT_READ, "PROT_READ"),
        (libc::PROT_WRITE, "PROT_WRITE"),
        (libc::PROT_EXEC, "PROT_EXEC"),
        // linux/mman.h; an arm64 protection shares no bit with the others.
        (0x20, "PROT_MTE"),
        (libc::PROT_GROWSDOWN, "PROT_GROWSDOWN"),
        (libc::PROT_GROWSUP, "PROT_GROWSUP"),
    ];
    let mut text = Text::new();
    if prot == 0 {
        text.push(b"PROT_NONE");
    }
    for (_, name) in NAMES.iter().filter(|(bit, _)| prot & bit != 0) {
        if !text.bytes().is_empty() {
            text.push(b" | ");
        }
        text.push(name.as_bytes());
    }
    text
}

/// `tst_no_corefile`. A limit of 0 would still allow piping to a handler; one byte does
/// not (core(5)). Where the limit is 0 already, raising it may not be allowed.
pub(crate) fn no_core_file(verbose: bool) {
    let limit = libc::rlimit {
        rlim_cur: 1,
        rlim_max: 1,
    };
    // SAFETY: the structure is valid; getpid has no preconditions.
    unsafe {
        if libc::setrlimit(libc::RLIMIT_CORE, &limit) != 0 && errno::get() != libc::EPERM
        {
            brk!(TBROK | TERRNO, "setrlimit(RLIMIT_CORE) failed");
        }
        if verbose {
            res!(
                TINFO,
                "Avoid dumping corefile for process(pid={})",
                libc::getpid()
            );
        }
    }
}

/// `update_shm_size`: no more than the kernel allows in one segment.
pub(crate) fn limit_shm_size(size: &mut usize) {
    let Ok(text) = file::first_line::<64>(c"/proc/sys/kernel/shmmax") else {
        return brk!(TBROK, "Cannot read /proc/sys/kernel/shmmax");
    };
    let limit: Option<u64> = core::str::from_utf8(text.bytes())
        .ok()
        .and_then(|t| t.parse().ok());
    // The default is just below 2^64, more than any size.
    if let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok())
        && *size > limit
    {
        res!(TINFO, "Set shm_size to shmmax: {limit}");
        *size = limit;
    }
}

/// `tst_pollute_memory`: fills free memory, so that pages handed out later are not
/// zero by accident. A reserve stays free for the rest of the machine.
pub(crate) fn pollute(max: usize, fill: c_int) {
    const BLOCK: usize = 4 << 20;
    let kib = super::cpu::available_memory();
    let reserve = 64 << 20;
    let free = usize::try_from(kib).unwrap_or(0).saturating_mul(1024) / 8 * 7;
    let mut left = free.saturating_sub(reserve);
    if max != 0 {
        left = left.min(max);
    }
    // Each block keeps the address of the one before it at its start.
    let mut last: *mut *mut core::ffi::c_void = core::ptr::null_mut();
    while left >= BLOCK {
        // SAFETY: malloc has no preconditions.
        let block = unsafe { libc::malloc(BLOCK) };
        if block.is_null() {
            break;
        }
        // SAFETY: the block is BLOCK bytes long and aligned for a pointer.
        unsafe {
            libc::memset(block, fill, BLOCK);
            block.cast::<*mut core::ffi::c_void>().write(last.cast());
        }
        last = block.cast();
        left -= BLOCK;
    }
    while !last.is_null() {
        // SAFETY: each block is ours and starts with the address of the one before.
        unsafe {
            let before = last.read();
            libc::free(last.cast());
            last = before.cast();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protections() {
        assert_eq!(protection(0).bytes(), b"PROT_NONE");
        assert_eq!(protection(3).bytes(), b"PROT_READ | PROT_WRITE");
        assert_eq!(protection(libc::PROT_EXEC).bytes(), b"PROT_EXEC");
    }

    #[test]
    fn lines_of_maps() {
        let line = "7f00-7fff r--p 00000000 fd:00 1234   /a b";
        assert_eq!(bounds(line), Some((0x7f00, 0x7fff)));
        assert_eq!(bounds("7f00"), None);
    }

    #[test]
    fn a_mapping_is_found_from_its_bounds() {
        let here = 0u8;
        let address = (&raw const here).addr() as c_ulong;
        assert!(is_mapped(0, c_ulong::MAX));
        // Inside the stack neither its start nor its end is near.
        assert!(!is_mapped(address, address + 1));
    }
}
