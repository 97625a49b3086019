// SPDX-License-Identifier: BSD-2-Clause
//! The running kernel: version, word size, architecture (spec ltp.md 4, 14.2).

use core::ffi::{CStr, c_char, c_int, c_uint};
use core::mem;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::definition::elements;
use super::report::{TBROK, TINFO, brk, res};
use super::text::{Bytes, Text};

/// A field of `uname(2)`.
type Field = Text<65>;

pub(crate) struct Uname {
    pub(crate) release: Field,
    pub(crate) version: Field,
    pub(crate) machine: Field,
}

pub(crate) fn uname() -> Uname {
    // SAFETY: all zero is a valid utsname; uname fills it with strings.
    let name = unsafe {
        let mut name: libc::utsname = mem::zeroed();
        libc::uname(&mut name);
        name
    };
    let field = |chars: &[c_char]| {
        let mut text = Field::new();
        for c in chars.iter().take_while(|c| **c != 0) {
            text.push(&c.to_ne_bytes());
        }
        text
    };
    Uname {
        release: field(&name.release),
        version: field(&name.version),
        machine: field(&name.machine),
    }
}

/// Two or three numbers with dots between them; what follows them is ignored.
pub(crate) fn parse_version(text: &[u8]) -> Option<[c_int; 3]> {
    let mut numbers = [0; 3];
    let mut rest = text;
    for (n, number) in numbers.iter_mut().enumerate() {
        if n > 0 {
            match rest.strip_prefix(b".") {
                Some(tail) => rest = tail,
                None => return (n == 2).then_some(numbers),
            }
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (head, tail) = rest.split_at_checked(digits)?;
        *number = core::str::from_utf8(head).ok()?.parse().ok()?;
        rest = tail;
    }
    Some(numbers)
}

/// `tst_kvercmp`: below 0 if the running kernel is older, above 0 if it is newer.
pub(crate) fn compare_version(wanted: [c_int; 3]) -> c_int {
    let running = parse_version(uname().release.bytes()).unwrap_or_default();
    running.cmp(&wanted) as c_int
}

/// `tst_kernel_bits`: a 32-bit program may run on a 64-bit kernel.
pub(crate) fn bits() -> c_int {
    static TOLD: AtomicBool = AtomicBool::new(false);
    let machine = uname().machine;
    let bits = bits_of(machine.bytes());
    if !TOLD.swap(true, Relaxed) {
        res!(TINFO, "uname.machine={machine} kernel is {bits}bit");
    }
    bits
}

fn bits_of(machine: &[u8]) -> c_int {
    let is_64 = machine.windows(2).any(|pair| pair == b"64")
        || [&b"s390x"[..], b"armv8l", b"armv8b"].contains(&machine);
    if is_64 { 64 } else { 32 }
}

/// `enum tst_arch_type`, in the order of the names.
const ARCHS: [&CStr; 10] = [
    c"x86", c"x86_64", c"ia64", c"ppc", c"ppc64", c"s390", c"s390x", c"arm", c"aarch64",
    c"sparc",
];

/// What the program was built for, as LTP calls it; 0 if it has no name there.
const ARCH_TYPE: c_uint = if cfg!(target_arch = "x86") {
    1
} else if cfg!(target_arch = "x86_64") {
    2
} else if cfg!(target_arch = "powerpc") {
    4
} else if cfg!(target_arch = "powerpc64") {
    5
} else if cfg!(target_arch = "s390x") {
    7
} else if cfg!(target_arch = "arm") {
    8
} else if cfg!(target_arch = "aarch64") {
    9
} else if cfg!(any(target_arch = "sparc", target_arch = "sparc64")) {
    10
} else {
    0
};

/// `struct tst_arch`.
#[repr(C)]
struct Arch {
    name: [u8; 16],
    arch_type: c_uint,
}

/// The variable of that name.
#[unsafe(export_name = "tst_arch")]
static TST_ARCH: Arch = Arch {
    name: arch_name(),
    arch_type: ARCH_TYPE,
};

const fn arch_name() -> [u8; 16] {
    let name = match ARCH_TYPE {
        0 => c"unknown",
        n => ARCHS[n as usize - 1],
    }
    .to_bytes();
    let mut padded = [0; 16];
    let mut n = 0;
    while n < name.len() {
        padded[n] = name[n];
        n += 1;
    }
    padded
}

/// The name of the architecture.
pub(crate) fn arch() -> &'static CStr {
    CStr::from_bytes_until_nul(&TST_ARCH.name).unwrap_or_default()
}

/// `tst_is_on_arch`: is it one of these? NULL allows all.
///
/// # Safety
/// The array is NULL or ends with NULL; its strings are NUL-terminated.
pub(crate) unsafe fn is_on(archs: *const *const c_char) -> bool {
    let mut found = archs.is_null();
    // SAFETY: as the caller says.
    for name in unsafe { elements(archs) } {
        // SAFETY: as the caller says.
        let name = unsafe { CStr::from_ptr(*name) };
        if !ARCHS.contains(&name) {
            brk!(
                TBROK,
                "{} is invalid arch, please reset!",
                Bytes(name.to_bytes())
            );
        }
        found |= name == arch();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(parse_version(b"6.18.44-fc-v445"), Some([6, 18, 44]));
        assert_eq!(parse_version(b"5.10"), Some([5, 10, 0]));
        assert_eq!(parse_version(b"6.1-rc3"), Some([6, 1, 0]));
        for bad in [&b""[..], b"6", b"x.1.2", b"6..1", b"6.1."] {
            assert_eq!(parse_version(bad), None, "{}", Bytes(bad));
        }
    }

    #[test]
    fn the_running_kernel_is_newer_than_the_first() {
        assert!(
            compare_version([1, 0, 0]) > 0 && compare_version([c_int::MAX, 0, 0]) < 0
        );
        let running = parse_version(uname().release.bytes()).expect("a version");
        assert_eq!(compare_version(running), 0);
    }

    #[test]
    fn word_sizes() {
        let wide = [&b"x86_64"[..], b"aarch64", b"ppc64le", b"s390x", b"armv8l"];
        assert!(wide.iter().all(|machine| bits_of(machine) == 64));
        assert!(
            [&b"i686"[..], b"armv7l", b"s390"]
                .iter()
                .all(|m| bits_of(m) == 32)
        );
    }
}
