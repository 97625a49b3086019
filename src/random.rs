// SPDX-License-Identifier: BSD-2-Clause
//! Random bytes from the system (spec diag.md 14; random(4)).

use crate::clock;
use core::ffi::{CStr, c_int, c_uint};
use core::sync::atomic::{AtomicI32, Ordering::Relaxed};

/// The open device, or -1.
static DEVICE: AtomicI32 = AtomicI32::new(-1);

/// So many failed reads one after another mean that the device gives nothing.
const ATTEMPTS: u32 = 7;

/// `random_init`: opens the device and seeds libc's generators.
pub fn init() {
    free();
    DEVICE.store(open(), Relaxed);
    let mut seed = [0; size_of::<c_uint>()];
    let seed = match read_device(&mut seed) {
        // Half a seed from the device would be no better than this.
        filled if filled < seed.len() => seed_from_process(),
        _ => c_uint::from_ne_bytes(seed),
    };
    // SAFETY: a plain call. In glibc this is srandom() too.
    unsafe { libc::srand(seed) };
}

/// `random_free`: closes the device.
pub fn free() {
    let device = DEVICE.swap(-1, Relaxed);
    if device >= 0 {
        // SAFETY: `init` opened it, and nobody else has it any more.
        unsafe { libc::close(device) };
    }
}

/// `random_bytes`: from the device, and what that does not give from `rand()`.
pub fn fill(bytes: &mut [u8]) {
    let filled = read_device(bytes);
    for byte in bytes.iter_mut().skip(filled) {
        // SAFETY: a plain call.
        *byte = unsafe { libc::rand() } as u8;
    }
}

fn open() -> c_int {
    let open = |path: &CStr, flags| {
        // SAFETY: a C string.
        unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC | flags) }
    };
    match open(c"/dev/urandom", 0) {
        -1 => open(c"/dev/random", libc::O_NONBLOCK),
        device => device,
    }
}

/// Returns how many bytes were filled.
fn read_device(bytes: &mut [u8]) -> usize {
    let device = DEVICE.load(Relaxed);
    let mut filled = 0;
    let mut failures = 0;
    while device >= 0 && failures < ATTEMPTS {
        let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) else {
            break;
        };
        // SAFETY: the slice is writable.
        let n = unsafe { libc::read(device, rest.as_mut_ptr().cast(), rest.len()) };
        match usize::try_from(n) {
            Ok(n) if n > 0 => {
                filled += n;
                failures = 0;
            }
            _ => failures += 1,
        }
    }
    filled
}

fn seed_from_process() -> c_uint {
    let now = clock::nanoseconds(libc::CLOCK_REALTIME);
    // SAFETY: plain calls.
    let (pid, uid) = unsafe { (libc::getpid(), libc::getuid()) };
    (pid as c_uint).rotate_left(16) ^ uid ^ now as c_uint ^ (now >> 32) as c_uint
}
