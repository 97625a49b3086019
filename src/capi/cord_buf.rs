// SPDX-License-Identifier: BSD-2-Clause
//! `cord_buf.h` (spec ipc.md 14).

use crate::cord::buf;
use crate::small::Ibuf;

#[unsafe(no_mangle)]
pub extern "C" fn cord_ibuf_take() -> *mut Ibuf {
    buf::take()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cord_ibuf_put(ibuf: *mut Ibuf) {
    // SAFETY: a buffer that was taken.
    unsafe { buf::put(ibuf, "cord_ibuf_put") };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cord_ibuf_drop(ibuf: *mut Ibuf) {
    // SAFETY: as above.
    unsafe { buf::drop(ibuf) };
}
