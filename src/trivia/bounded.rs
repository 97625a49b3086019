// SPDX-License-Identifier: BSD-2-Clause
//! Writing text into a buffer of the caller's, the way `snprintf` does.

use crate::stdio::{VaArgs, vsnprintf};
use core::ffi::{CStr, c_char, c_int};
use core::fmt;
use core::marker::PhantomData;
use core::slice;

/// The C library could not format (for instance a wide character that has no multibyte
/// form).
#[derive(Debug)]
pub struct FormatError;

/// A text of which a part is kept and the whole is counted.
///
/// What is kept is always terminated by a zero byte, if there is room for any byte.
pub struct Bounded<'a> {
    start: *mut c_char,
    size: usize,
    length: usize,
    buffer: PhantomData<&'a mut [c_char]>,
}

impl<'a> Bounded<'a> {
    /// An empty text.
    pub fn new(buffer: &'a mut [c_char]) -> Bounded<'a> {
        // SAFETY: the slice is writable for as long as the text lives.
        unsafe { Bounded::from_raw(buffer.as_mut_ptr(), buffer.len()) }
    }

    /// An empty text in memory that need not be initialised.
    ///
    /// # Safety
    /// `start` is valid for writing `size` bytes for the lifetime `'a`; it may be
    /// NULL if `size` is 0.
    pub unsafe fn from_raw(start: *mut c_char, size: usize) -> Bounded<'a> {
        let text = Bounded {
            start,
            size,
            length: 0,
            buffer: PhantomData,
        };
        text.terminate();
        text
    }

    /// Bytes of the whole text, those that did not fit included.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The same as C functions return it; -1 if it does not fit an `int`.
    pub fn c_length(&self) -> c_int {
        c_int::try_from(self.length).unwrap_or(-1)
    }

    /// The bytes that were kept.
    pub fn kept(&self) -> &[u8] {
        match self.kept_length() {
            0 => &[],
            // SAFETY: `push` has initialised them, and `start` is not NULL if there are any.
            length => unsafe { slice::from_raw_parts(self.start.cast(), length) },
        }
    }

    /// The kept bytes as a C string, which ends at the first zero among them.
    pub fn c_str(&self) -> &CStr {
        if self.size == 0 {
            return c"";
        }
        // SAFETY: the kept bytes are initialised and followed by a zero.
        unsafe { CStr::from_ptr(self.start) }
    }

    fn kept_length(&self) -> usize {
        self.length.min(self.size.saturating_sub(1))
    }

    fn terminate(&self) {
        if self.size > 0 {
            // SAFETY: within the buffer, as `kept_length` is less than `size`.
            unsafe { self.start.add(self.kept_length()).write(0) };
        }
    }

    /// Appends bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = self.size.saturating_sub(1).saturating_sub(self.length);
        if room > 0 {
            // SAFETY: `room` bytes from `length` on are inside of the buffer, which is
            // exclusively ours.
            unsafe {
                self.start
                    .add(self.length)
                    .cast::<u8>()
                    .copy_from_nonoverlapping(bytes.as_ptr(), bytes.len().min(room));
            }
        }
        self.length = self.length.saturating_add(bytes.len());
        self.terminate();
    }

    /// Appends what C's printf makes of the arguments.
    ///
    /// # Safety
    /// As for vsnprintf(3); `ap` is consumed.
    pub unsafe fn push_format(
        &mut self,
        format: *const c_char,
        ap: VaArgs,
    ) -> Result<(), FormatError> {
        let room = self.size.saturating_sub(self.length);
        let end = match room {
            0 => core::ptr::null_mut(),
            _ => self.start.wrapping_add(self.length),
        };
        // SAFETY: `room` bytes at `end` are ours; the rest is the caller's promise.
        let length = unsafe { vsnprintf(end, room, format, ap) };
        let length = usize::try_from(length).map_err(|_| FormatError)?;
        self.length = self.length.saturating_add(length);
        Ok(())
    }
}

impl fmt::Write for Bounded<'_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.push(s.as_bytes());
        Ok(())
    }
}
