// SPDX-License-Identifier: BSD-2-Clause
//! Small files of `/proc` and `/sys`: read in one go, written with one `write(2)`,
//! which is how a sysctl takes a value or refuses it.

use core::ffi::{CStr, c_int, c_long};

use super::report::{TBROK, brk};
use super::text::{Bytes, Text};
use crate::errno;

/// Which step failed, with its errno.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Error {
    Open(c_int),
    /// Reading or writing.
    Transfer(c_int),
    Close(c_int),
}

impl Error {
    pub(crate) fn errno(self) -> c_int {
        match self {
            Error::Open(err) | Error::Transfer(err) | Error::Close(err) => err,
        }
    }
}

/// The first `N - 1` bytes.
pub(crate) fn read<const N: usize>(path: &CStr) -> Result<Text<N>, Error> {
    // SAFETY: the path is NUL-terminated.
    let fd = unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    if fd < 0 {
        return Err(Error::Open(errno::get()));
    }
    let mut text = Text::new();
    let mut chunk = [0u8; 512];
    let result = loop {
        // SAFETY: the buffer is writable for its length.
        let n = unsafe { libc::read(fd, chunk.as_mut_ptr().cast(), chunk.len()) };
        match usize::try_from(n) {
            Ok(0) => break Ok(text),
            Ok(n) => text.push(chunk.get(..n).unwrap_or_default()),
            Err(_) if errno::get() == libc::EINTR => {}
            Err(_) => break Err(Error::Transfer(errno::get())),
        }
        if text.is_cut() {
            break Ok(text);
        }
    };
    // SAFETY: the descriptor is ours; nothing was written, so closing cannot lose data.
    unsafe { libc::close(fd) };
    result
}

/// The first line without its newline.
pub(crate) fn first_line<const N: usize>(path: &CStr) -> Result<Text<N>, Error> {
    let all: Text<N> = read(path)?;
    let mut line = Text::new();
    line.push(
        all.bytes()
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default(),
    );
    Ok(line)
}

/// A decimal number at the start of the file.
pub(crate) fn number(path: &CStr) -> Option<c_long> {
    let line: Text<64> = first_line(path).ok()?;
    core::str::from_utf8(line.bytes()).ok()?.trim().parse().ok()
}

/// Replaces the contents of an existing file.
pub(crate) fn write(path: &CStr, bytes: &[u8]) -> Result<(), Error> {
    put(path, 0, bytes)
}

/// As `fopen(path, "w")`: makes the file if need be.
pub(crate) fn create(path: &CStr, bytes: &[u8]) -> Result<(), Error> {
    put(path, libc::O_CREAT, bytes)
}

fn put(path: &CStr, flags: c_int, bytes: &[u8]) -> Result<(), Error> {
    let flags = flags | libc::O_WRONLY | libc::O_TRUNC | libc::O_CLOEXEC;
    // SAFETY: the path is NUL-terminated.
    let fd = unsafe { libc::open(path.as_ptr(), flags, 0o666) };
    if fd < 0 {
        return Err(Error::Open(errno::get()));
    }
    let written = loop {
        // SAFETY: the slice is readable for its length.
        let n = unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) };
        match usize::try_from(n) {
            Ok(n) if n == bytes.len() => break Ok(()),
            Ok(_) => break Err(Error::Transfer(libc::EIO)),
            Err(_) if errno::get() == libc::EINTR => {}
            Err(_) => break Err(Error::Transfer(errno::get())),
        }
    };
    // SAFETY: the descriptor is ours.
    let closed = unsafe { libc::close(fd) };
    written?;
    if closed == 0 {
        Ok(())
    } else {
        Err(Error::Close(errno::get()))
    }
}

/// The number behind `item` (with its colon) in the lines of a file.
fn item(path: &CStr, item: &[u8]) -> Option<c_long> {
    let text: Text<8192> = read(path).ok()?;
    text.bytes().split(|byte| *byte == b'\n').find_map(|line| {
        let rest = core::str::from_utf8(line.strip_prefix(item)?).ok()?;
        rest.split_ascii_whitespace().next()?.parse().ok()
    })
}

/// A line of `/proc/meminfo`; pages or KiB, as the line has it.
pub(crate) fn meminfo(name: &[u8]) -> Option<c_long> {
    item(c"/proc/meminfo", name)
}

/// The same for lines that every kernel has; 0 if it reported and came back.
pub(crate) fn need_meminfo(name: &[u8]) -> c_long {
    meminfo(name).unwrap_or_else(|| {
        brk!(TBROK, "No '{}' in /proc/meminfo", Bytes(name));
        0
    })
}

/// Does it exist?
pub(crate) fn exists(path: &CStr) -> bool {
    // SAFETY: the path is NUL-terminated.
    unsafe { libc::access(path.as_ptr(), libc::F_OK) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;

    #[test]
    fn meminfo_has_memory() {
        assert!(meminfo(b"MemTotal:").is_some_and(|kib| kib > 0));
        assert_eq!(meminfo(b"NoSuchThing:"), None);
    }

    #[test]
    fn errors_say_which_step_failed() {
        assert_eq!(
            read::<16>(c"/nonexistent").err(),
            Some(Error::Open(libc::ENOENT))
        );
        assert_eq!(
            write(c"/dev/full", b"x"),
            Err(Error::Transfer(libc::ENOSPC))
        );
    }

    #[test]
    fn what_is_written_is_read() {
        let path =
            std::env::temp_dir().join(format!("cordage-file-{}", std::process::id()));
        std::fs::write(&path, "old contents").expect("a temporary file");
        let c_path = CString::new(path.to_str().expect("UTF-8")).expect("no NUL");
        write(&c_path, b"12\nrest").expect("writable");
        assert_eq!(number(&c_path), Some(12));
        assert_eq!(first_line::<8>(&c_path).expect("readable").bytes(), b"12");
        assert_eq!(read::<5>(&c_path).expect("readable").bytes(), b"12\nr");
        std::fs::remove_file(&path).expect("ours");
    }
}
