// SPDX-License-Identifier: BSD-2-Clause
//! Socket addresses as text (spec ipc.md 11).

use crate::trivia::bounded::Bounded;
use core::ffi::{CStr, c_char};
use core::fmt::{self, Write};
use core::mem::offset_of;
use core::slice;
use libc::{AF_INET, AF_UNIX, sa_family_t, sockaddr, sockaddr_un, socklen_t};

/// `SERVICE_NAME_MAXLEN`: bytes of an address as text, with its zero.
pub const NAME_SIZE: usize = 200;

/// An address that is written as `unix/:PATH`, `HOST:PORT` or `[HOST]:PORT`, with numbers
/// only.
pub struct Address {
    address: *const sockaddr,
    length: socklen_t,
}

impl Address {
    /// # Safety
    /// `address` has `length` bytes, for as long as the result is used.
    pub unsafe fn new(address: *const sockaddr, length: socklen_t) -> Address {
        Address { address, length }
    }

    fn is(&self, family: i32) -> bool {
        // SAFETY: as promised in `new`.
        self.length as usize >= size_of::<sa_family_t>()
            && i32::from(unsafe { (*self.address).sa_family }) == family
    }

    fn write_unix(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if (self.length as usize) < size_of::<sockaddr_un>() {
            return f.write_str("unix/:(socket)");
        }
        let path_size = size_of::<sockaddr_un>() - offset_of!(sockaddr_un, sun_path);
        let path = self
            .address
            .wrapping_byte_add(offset_of!(sockaddr_un, sun_path));
        // SAFETY: inside of the address.
        let path = unsafe { slice::from_raw_parts(path.cast::<u8>(), path_size) };
        let path = path.split(|&byte| byte == 0).next().unwrap_or_default();
        write!(f, "unix/:{}", String::from_utf8_lossy(path))
    }

    fn write_internet(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut host: [c_char; libc::NI_MAXHOST as usize] = [0; _];
        let mut port: [c_char; 32] = [0; _];
        // SAFETY: as promised in `new`; both texts are terminated on success.
        unsafe {
            let code = libc::getnameinfo(
                self.address,
                self.length,
                host.as_mut_ptr(),
                host.len() as socklen_t,
                port.as_mut_ptr(),
                port.len() as socklen_t,
                libc::NI_NUMERICHOST | libc::NI_NUMERICSERV,
            );
            if code != 0 {
                return f.write_str("(host):(port)");
            }
            let host = CStr::from_ptr(host.as_ptr()).to_string_lossy();
            let port = CStr::from_ptr(port.as_ptr()).to_string_lossy();
            if self.is(AF_INET) {
                write!(f, "{host}:{port}")
            } else {
                write!(f, "[{host}]:{port}")
            }
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is(AF_UNIX) {
            self.write_unix(f)
        } else {
            self.write_internet(f)
        }
    }
}

/// The text that is written last, terminated, cut to what fits.
pub fn format<const N: usize>(text: fmt::Arguments) -> [c_char; N] {
    let mut buffer = [0; N];
    // A bounded text takes everything.
    let _ = Bounded::new(&mut buffer).write_fmt(text);
    buffer
}
