// SPDX-License-Identifier: BSD-2-Clause
//! Text built on the stack. Reports are made in signal handlers and in freshly
//! forked children of threaded processes, where an allocator may be locked for
//! ever, so nothing here allocates; and nothing here panics, because an unwinding
//! report would cross C frames.

use core::ffi::{CStr, c_char, c_void};
use core::fmt::{self, Write};

/// The longest line a report may be, its newline and a NUL included
/// (spec ltp.md 3.3).
pub(crate) const LINE_MAX: usize = 1024;

/// Bytes and a final NUL in a fixed buffer. What does not fit is dropped, and
/// `is_cut` remembers it.
pub(crate) struct Text<const N: usize = LINE_MAX> {
    bytes: [u8; N],
    len: usize,
    cut: bool,
}

impl<const N: usize> Text<N> {
    pub(crate) const fn new() -> Self {
        Text {
            bytes: [0; N],
            len: 0,
            cut: false,
        }
    }

    /// `Text::of(format_args!(...))` is `format!` without the allocation.
    pub(crate) fn of(arguments: fmt::Arguments<'_>) -> Self {
        let mut text = Text::new();
        text.add(arguments);
        text
    }

    pub(crate) fn add(&mut self, arguments: fmt::Arguments<'_>) {
        // A `Display` of ours never fails, and `write_str` below does not either.
        let _ = self.write_fmt(arguments);
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let room = self.room();
        let free = self.bytes.iter_mut().skip(self.len);
        for (to, from) in free.zip(bytes.iter().take(room)) {
            *to = *from;
        }
        self.len += bytes.len().min(room);
        self.cut |= bytes.len() > room;
    }

    /// Bytes that still fit before the NUL.
    pub(crate) fn room(&self) -> usize {
        N.saturating_sub(1).saturating_sub(self.len)
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    /// Something was dropped before it got here.
    pub(crate) fn mark_cut(&mut self) {
        self.cut = true;
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// The same, NUL-terminated; an embedded NUL ends it earlier.
    pub(crate) fn c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or_default()
    }

    /// For calls that change the text in place and keep its length.
    pub(crate) fn as_mut_ptr(&mut self) -> *mut c_char {
        self.bytes.as_mut_ptr().cast()
    }
}

impl<const N: usize> Write for Text<N> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.push(s.as_bytes());
        Ok(())
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Bytes(self.bytes()).fmt(f)
    }
}

/// Shows bytes that are nearly always UTF-8 (paths, names); others become U+FFFD.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

/// A C string as glibc's `%s` shows it.
pub(crate) struct Str(*const c_char);

impl Str {
    /// # Safety
    /// `string` is NULL or a NUL-terminated string that outlives the value.
    pub(crate) unsafe fn new(string: *const c_char) -> Str {
        Str(string)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_null() {
            return f.write_str("(null)");
        }
        // SAFETY: `new` demanded a string, and NULL was sorted out.
        Bytes(unsafe { CStr::from_ptr(self.0) }.to_bytes()).fmt(f)
    }
}

/// A pointer as glibc's `%p` shows it.
pub(crate) struct Ptr(*const c_void);

impl Ptr {
    pub(crate) fn new<T>(pointer: *const T) -> Ptr {
        Ptr(pointer.cast())
    }
}

impl fmt::Display for Ptr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_null() {
            f.write_str("(nil)")
        } else {
            write!(f, "{:#x}", self.0.addr())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_what_fits_and_says_so() {
        let mut text = Text::<8>::new();
        text.push(b"12345");
        assert!(!text.is_cut());
        text.add(format_args!("{}{}", 6, 7));
        assert_eq!(
            (text.bytes(), text.is_cut(), text.room()),
            (&b"1234567"[..], false, 0)
        );
        text.push(b"8");
        assert_eq!((text.c_str(), text.is_cut()), (c"1234567", true));
    }

    #[test]
    fn pointers_and_strings_look_as_in_printf() {
        let null: *const c_char = core::ptr::null();
        // SAFETY: NULL is allowed, the other one is a literal.
        let (none, some) = unsafe { (Str::new(null), Str::new(c"a\xffb".as_ptr())) };
        assert_eq!(format!("{none} {some}"), "(null) a\u{fffd}b");
        let address = core::ptr::without_provenance::<u8>(0x7f10);
        assert_eq!(
            format!("{} {}", Ptr::new(null), Ptr::new(address)),
            "(nil) 0x7f10"
        );
    }
}
