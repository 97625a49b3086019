// SPDX-License-Identifier: BSD-2-Clause
//! `tst_report.h`: reports and names. The variadic `tst_res_` and `tst_brk_` are in
//! the shim, which formats and calls the two `cordage_ltp_*` functions.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int, c_void};

use crate::errno;
use crate::ltp::brk;
use crate::ltp::names::{self, Status, StatusText};
use crate::ltp::report::{self, Site, TBROK, TERRNO};
use crate::ltp::text::Text;

/// A message of the shim; `cut` says that it had more to say.
///
/// # Safety
/// The text is NUL-terminated.
unsafe fn message(text: *const c_char, cut: c_int) -> Text {
    let mut message = Text::new();
    // SAFETY: as the caller says.
    message.push(unsafe { CStr::from_ptr(text) }.to_bytes());
    if cut != 0 {
        message.mark_cut();
    }
    message
}

/// `tst_res_` with its message formatted; `err` is errno at its entry.
///
/// # Safety
/// `file` and `text` are strings.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_ltp_res(
    file: *const c_char,
    lineno: c_int,
    ttype: c_int,
    err: c_int,
    text: *const c_char,
    cut: c_int,
) {
    // SAFETY: as the caller says.
    let (site, message) = unsafe { (Site::new(file, lineno), message(text, cut)) };
    report::report(site, ttype, err, &message);
}

/// `tst_brk_`, likewise.
///
/// # Safety
/// As `cordage_ltp_res`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_ltp_brk(
    file: *const c_char,
    lineno: c_int,
    ttype: c_int,
    err: c_int,
    text: *const c_char,
    cut: c_int,
) {
    // SAFETY: as the caller says.
    let (site, message) = unsafe { (Site::new(file, lineno), message(text, cut)) };
    brk::brk(site, ttype, err, &message);
}

/// `tst_res_hexd`, likewise. Up to 16 bytes follow the message, more get lines of
/// their own; each line is a result.
///
/// # Safety
/// As `cordage_ltp_res`; `buf` has `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_ltp_hexd(
    file: *const c_char,
    lineno: c_int,
    ttype: c_int,
    buf: *const c_void,
    size: usize,
    text: *const c_char,
    cut: c_int,
) {
    const PER_LINE: usize = 16;
    let err = errno::get();
    // SAFETY: as the caller says.
    let (site, mut line, bytes) = unsafe {
        let bytes = if size == 0 {
            &[]
        } else {
            core::slice::from_raw_parts(buf.cast::<u8>(), size)
        };
        (Site::new(file, lineno), message(text, cut), bytes)
    };
    if size > PER_LINE {
        report::report(site, ttype, err, &line);
        line = Text::new();
    } else if size > 0 && !matches!(line.bytes().last(), None | Some(b' ')) {
        line.push(b" ");
    }
    for (n, byte) in bytes.iter().enumerate() {
        if n > 0 && n % PER_LINE == 0 {
            report::report(site, ttype, err, &line);
            line = Text::new();
        }
        let blank = if n % PER_LINE > 0 { " " } else { "" };
        line.add(format_args!("{blank}{byte:02x}"));
    }
    report::report(site, ttype, err, &line);
    errno::set(err);
}

/// Both streams of stdio, TBROK if one cannot be written.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn tst_flush() {
    // SAFETY: the C library's streams are always valid.
    unsafe {
        if libc::fflush(stderr) != 0 {
            Site::here().brk(TBROK | TERRNO, format_args!("fflush(stderr) failed"));
        }
        if libc::fflush(stdout) != 0 {
            Site::here().brk(TBROK | TERRNO, format_args!("fflush(stdout) failed"));
        }
    }
}

unsafe extern "C" {
    static stdout: *mut libc::FILE;
    static stderr: *mut libc::FILE;
}

/// A name, or in a buffer of the calling thread what stands for an unknown one.
fn name(known: Option<&'static CStr>, number: c_int) -> *const c_char {
    thread_local! {
        static BUFFER: UnsafeCell<Text<16>> = const { UnsafeCell::new(Text::new()) };
    }
    match known {
        Some(name) => name.as_ptr(),
        None if !crate::ltp::is_2026() => c"???".as_ptr(),
        None => BUFFER.with(|buffer| {
            // SAFETY: the buffer is this thread's alone, and no reference outlives this.
            unsafe {
                *buffer.get() = Text::of(format_args!("{number}"));
                (*buffer.get()).c_str().as_ptr()
            }
        }),
    }
}

/// The name of an errno value; static, or valid until the thread's next unknown one.
#[unsafe(no_mangle)]
pub extern "C" fn tst_strerrno(err: c_int) -> *const c_char {
    name(names::errno_name(err), err)
}

/// The name of a signal, as `tst_strerrno`.
#[unsafe(no_mangle)]
pub extern "C" fn tst_strsig(signal: c_int) -> *const c_char {
    name(names::signal_name(signal), signal)
}

/// What a wait status says, in a buffer that all threads share.
#[unsafe(no_mangle)]
pub extern "C" fn tst_strstatus(status: c_int) -> *const c_char {
    struct Shared(UnsafeCell<StatusText>);
    // SAFETY: the interface is documented as not thread-safe (spec ltp.md 3.3).
    unsafe impl Sync for Shared {}
    static BUFFER: Shared = Shared(UnsafeCell::new(StatusText::new()));
    // SAFETY: as above.
    unsafe {
        *BUFFER.0.get() = Text::of(format_args!("{}", Status(status)));
        (*BUFFER.0.get()).c_str().as_ptr()
    }
}
