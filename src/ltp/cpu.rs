// SPDX-License-Identifier: BSD-2-Clause
//! How many CPUs, and how much memory (spec ltp.md 14.2).

use core::ffi::{c_int, c_long, c_longlong};

use super::file;
use super::report::{TERRNO, TWARN, res};

fn sysconf(name: c_int) -> c_long {
    // SAFETY: sysconf has no preconditions.
    unsafe { libc::sysconf(name) }
}

/// `tst_ncpus`.
pub(crate) fn online() -> c_long {
    sysconf(libc::_SC_NPROCESSORS_ONLN)
}

/// `tst_ncpus_conf`.
pub(crate) fn configured() -> c_long {
    sysconf(libc::_SC_NPROCESSORS_CONF)
}

/// `tst_ncpus_max`: what the kernel's masks hold, so the size for affinity masks.
pub(crate) fn max() -> c_long {
    match file::number(c"/sys/devices/system/cpu/kernel_max") {
        Some(last) if last >= 0 => last.saturating_add(1),
        _ => configured(),
    }
}

/// `tst_ncpus_available`: the CPUs in the caller's mask.
pub(crate) fn available() -> c_long {
    const WORD: usize = c_long::BITS as usize;
    // CONFIG_NR_CPUS goes up to 8192.
    let mut mask = [0u64; 8192 / 64];
    let most = max();
    let bytes = usize::try_from(most).unwrap_or(0).div_ceil(WORD) * (WORD / 8);
    let bytes = bytes.clamp(WORD / 8, size_of_val(&mask));
    // SAFETY: the mask is writable for the length.
    if unsafe { libc::sched_getaffinity(0, bytes, mask.as_mut_ptr().cast()) } != 0 {
        res!(TWARN | TERRNO, "sched_getaffinity() failed");
        return most;
    }
    mask.iter()
        .map(|word| c_long::from(word.count_ones()))
        .sum()
}

/// `tst_available_mem` in KiB; kernels before 3.14 do not estimate it.
pub(crate) fn available_memory() -> c_longlong {
    let kib = file::meminfo(b"MemAvailable:").unwrap_or_else(|| {
        file::need_meminfo(b"MemFree:").saturating_add(file::need_meminfo(b"Cached:"))
    });
    c_longlong::from(kib)
}

/// `tst_available_swap` in KiB.
pub(crate) fn available_swap() -> c_longlong {
    c_longlong::from(file::need_meminfo(b"SwapFree:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_agree() {
        assert!(1 <= available() && available() <= online());
        assert!(online() <= configured() && configured() <= max());
    }
}
