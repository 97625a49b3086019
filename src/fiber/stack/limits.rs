// SPDX-License-Identifier: BSD-2-Clause
//! Why the kernel had no memory for a stack.
//!
//! ENOMEM has many reasons, and the one that a program with many fibers meets first, the
//! number of mappings, has nothing to do with memory. So when a stack cannot be made,
//! a line in the log names the limit that is reached, if it is one of those that can be
//! looked up (proc(5), getrlimit(2)).
//!
//! There is no memory to work with, and the stack may be a small one: files are read
//! through a small buffer, and not again and again.

use crate::say::{self, say};
use core::ffi::CStr;
use core::sync::atomic::{AtomicU64, Ordering};

/// Counting mappings takes milliseconds when there are many: not more often than this.
const SECONDS_BETWEEN: u64 = 5;

/// Says in the log which limit a request for `size` bytes has met, if any is known. errno
/// stays as it is.
#[cold]
pub fn explain(size: usize) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let now = (crate::clock::nanoseconds(libc::CLOCK_MONOTONIC) / 1_000_000_000).max(1);
    let next = NEXT.load(Ordering::Relaxed);
    let turn = now >= next
        && NEXT
            .compare_exchange(
                next,
                now + SECONDS_BETWEEN,
                Ordering::Relaxed,
                Ordering::Relaxed,
            )
            .is_ok();
    if turn {
        let errno = crate::errno::get();
        for limit in [mappings, address_space, data, overcommit] {
            limit(size as u64);
        }
        crate::errno::set(errno);
    }
}

/// A guard by mprotect(2) in the middle of a mapping makes three of one.
fn mappings(_size: u64) {
    /// A split that fails needs two, and the count changes a little while it is taken.
    const CLOSE: u64 = 8;
    let Some(allowed) = number(c"/proc/sys/vm/max_map_count", b"") else {
        return;
    };
    let mut used = 0;
    read(c"/proc/self/maps", |text| {
        used += text.iter().filter(|&&byte| byte == b'\n').count() as u64;
    });
    if used + CLOSE >= allowed {
        say!(
            say::WARN,
            "fiber: {used} of {allowed} memory mappings are in use (vm.max_map_count)"
        );
    }
}

fn address_space(size: u64) {
    resource(
        libc::RLIMIT_AS,
        b"VmSize:",
        size,
        "of address space",
        "RLIMIT_AS",
    );
}

/// Since Linux 4.7 private mappings count.
fn data(size: u64) {
    resource(
        libc::RLIMIT_DATA,
        b"VmData:",
        size,
        "of private memory",
        "RLIMIT_DATA",
    );
}

fn resource(
    resource: libc::__rlimit_resource_t,
    field: &[u8],
    size: u64,
    what: &str,
    name: &str,
) {
    /// Memory is had in blocks of this size.
    const BLOCK: u64 = 4 << 20;
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: fills in the struct.
    if unsafe { libc::getrlimit(resource, &raw mut limit) } != 0
        || limit.rlim_cur == libc::RLIM_INFINITY
    {
        return;
    }
    let Some(used) = number(c"/proc/self/status", field) else {
        return;
    };
    let (used, allowed) = (used, limit.rlim_cur >> 10);
    // A block is aligned, so twice its size may be asked for.
    if used + ((size.max(BLOCK) * 2) >> 10) >= allowed {
        say!(
            say::WARN,
            "fiber: {used} of {allowed} KiB {what} are in use ({name})"
        );
    }
}

/// With `vm.overcommit_memory` = 2 the kernel promises no more than it has.
fn overcommit(size: u64) {
    const STRICT: u64 = 2;
    if number(c"/proc/sys/vm/overcommit_memory", b"") != Some(STRICT) {
        return;
    }
    let committed = number(c"/proc/meminfo", b"Committed_AS:");
    let allowed = number(c"/proc/meminfo", b"CommitLimit:");
    if let (Some(committed), Some(allowed)) = (committed, allowed)
        && committed + (size >> 10) >= allowed
    {
        say!(
            say::WARN,
            "fiber: {committed} of {allowed} KiB are committed (vm.overcommit_memory is 2)"
        );
    }
}

/// The number that follows `field` at the start of a line.
fn number(path: &CStr, field: &[u8]) -> Option<u64> {
    let mut scan = Scan::new(field);
    read(path, |text| text.iter().for_each(|&byte| scan.feed(byte)));
    scan.found
}

/// Looks for a field byte by byte: a line may be cut by the end of a buffer.
struct Scan<'a> {
    field: &'a [u8],
    /// How much of the field was there; None in a line of another one.
    matched: Option<usize>,
    found: Option<u64>,
}

impl<'a> Scan<'a> {
    fn new(field: &'a [u8]) -> Scan<'a> {
        Scan {
            field,
            matched: Some(0),
            found: None,
        }
    }

    fn feed(&mut self, byte: u8) {
        if byte == b'\n' {
            // The first one counts.
            self.matched = self.found.is_none().then_some(0);
            return;
        }
        let Some(matched) = self.matched else {
            return;
        };
        if let Some(&expected) = self.field.get(matched) {
            self.matched = (byte == expected).then_some(matched + 1);
        } else if byte.is_ascii_digit() {
            let digit = u64::from(byte - b'0');
            let before = self.found.unwrap_or(0);
            self.found = Some(before.saturating_mul(10).saturating_add(digit));
        } else if self.found.is_some() {
            self.matched = None;
        }
    }
}

/// Hands the contents of a file over, piece by piece.
fn read(path: &CStr, mut visit: impl FnMut(&[u8])) {
    let mut buffer = [0u8; 1024];
    // SAFETY: plain system calls with a path and a buffer of this frame.
    unsafe {
        let fd = libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        if fd < 0 {
            return;
        }
        loop {
            let length = libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len());
            let Some(text) = usize::try_from(length).ok().and_then(|n| buffer.get(..n))
            else {
                break;
            };
            if text.is_empty() {
                break;
            }
            visit(text);
        }
        libc::close(fd);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(field: &[u8], text: &[u8]) -> Option<u64> {
        let mut scan = Scan::new(field);
        text.iter().for_each(|&byte| scan.feed(byte));
        scan.found
    }

    #[test]
    fn numbers_are_found() {
        let status = b"VmPeak:\t 12 kB\nVmSize:\t 345 kB\nVmSizes: 6\nVmSize: 7\n";
        assert_eq!(scan(b"VmSize:", status), Some(345));
        assert_eq!(scan(b"VmPeak:", status), Some(12));
        assert_eq!(scan(b"VmData:", status), None);
        assert_eq!(scan(b"", b"65530\n"), Some(65530));
        assert_eq!(scan(b"", b"1\n2\n"), Some(1));
        assert_eq!(scan(b"", b""), None);
    }

    #[test]
    fn this_process_has_a_size() {
        assert!(number(c"/proc/self/status", b"VmSize:").is_some_and(|kib| kib > 1000));
        assert!(number(c"/proc/sys/vm/max_map_count", b"").is_some());
        assert_eq!(number(c"/nowhere", b""), None);
    }
}
