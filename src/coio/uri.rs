// SPDX-License-Identifier: BSD-2-Clause
//! `struct uri`: where a server is, as text (spec ipc.md 10.1).
//!
//! ```text
//! [scheme://] [login[:password]@] host[:service] [/path] [?query] [#fragment]
//! [scheme://] [login[:password]@] unix/:/path/of/socket [:/path] [?query] [#fragment]
//! ```
//!
//! A lone number is a service, and an absolute path alone is that of a socket. An IPv6
//! address stands in brackets.

use core::ffi::{CStr, c_char, c_int};
use core::net::{Ipv4Addr, Ipv6Addr};
use core::ptr;

/// The host of a socket in the file system (`URI_HOST_UNIX`).
pub const HOST_UNIX: &[u8] = b"unix/";

/// A part of the text, or a constant; NULL if it is not there.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Part {
    start: *const c_char,
    length: usize,
}

impl Part {
    const NONE: Part = Part {
        start: ptr::null(),
        length: 0,
    };

    fn some(bytes: &[u8]) -> Part {
        Part {
            start: bytes.as_ptr().cast(),
            length: bytes.len(),
        }
    }

    /// Its bytes, if it is there.
    ///
    /// # Safety
    /// The text is alive for as long as the result is used.
    pub unsafe fn get<'a>(&self) -> Option<&'a [u8]> {
        if self.start.is_null() {
            return None;
        }
        // SAFETY: a part of the text.
        Some(unsafe { core::slice::from_raw_parts(self.start.cast(), self.length) })
    }
}

/// What kind of host it is (`uri.host_hint`).
#[repr(i32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HostHint {
    /// A name to be resolved, or none.
    Name = 0,
    /// A numeric address.
    Ipv4 = 1,
    /// A numeric address, without its brackets.
    Ipv6 = 2,
    /// The service is the path of a socket.
    Unix = 3,
}

/// `struct uri`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Uri {
    /// Before `://`.
    pub scheme: Part,
    /// Before `@`.
    pub login: Part,
    /// Behind the login's colon.
    pub password: Part,
    /// A name, an address, or [`HOST_UNIX`].
    pub host: Part,
    /// A port, or a path if the host is [`HOST_UNIX`].
    pub service: Part,
    /// With its slash.
    pub path: Part,
    /// Behind `?`.
    pub query: Part,
    /// Behind `#`.
    pub fragment: Part,
    /// What the host is: a [`HostHint`]. A number, since C writes it.
    pub host_hint: c_int,
}

crate::abi::layout!(Uri = "uri", 136: scheme 0, login 16, password 32, host 48, service 64,
    path 80, query 96, fragment 112, host_hint 128);

impl Uri {
    const EMPTY: Uri = Uri {
        scheme: Part::NONE,
        login: Part::NONE,
        password: Part::NONE,
        host: Part::NONE,
        service: Part::NONE,
        path: Part::NONE,
        query: Part::NONE,
        fragment: Part::NONE,
        host_hint: HostHint::Name as c_int,
    };

    /// `uri_parse`: the parts point into `text`.
    pub fn parse(text: &CStr) -> Option<Uri> {
        let mut uri = Uri::EMPTY;
        let mut rest = text.to_bytes();
        if let Some((scheme, behind)) = split_at(rest, b"://")
            && is_scheme(scheme)
        {
            uri.scheme = Part::some(scheme);
            rest = behind;
        }
        if let Some((before, fragment)) = split_at(rest, b"#") {
            uri.fragment = Part::some(fragment);
            rest = before;
        }
        if let Some((before, query)) = split_at(rest, b"?") {
            uri.query = Part::some(query);
            rest = before;
        }
        rest = uri.take_user(rest)?;
        if rest.starts_with(b"unix/:") {
            uri.host = Part::some(&rest[..HOST_UNIX.len()]);
            uri.take_socket(&rest[HOST_UNIX.len() + 1..])?;
        } else if rest.starts_with(b"/") && uri.scheme.start.is_null() {
            uri.host = Part::some(HOST_UNIX);
            uri.take_socket(rest)?;
        } else {
            uri.take_host(rest)?;
        }
        Some(uri)
    }

    /// Takes `login:password@` off.
    fn take_user<'a>(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let end = text.iter().position(|&byte| byte == b'/');
        let end = end.unwrap_or(text.len());
        let Some(at) = text[..end].iter().rposition(|&byte| byte == b'@') else {
            return Some(text);
        };
        let user = &text[..at];
        let (login, password) = match split_at(user, b":") {
            Some((login, password)) => (login, Some(password)),
            None => (user, None),
        };
        if !is_word(login) || !password.is_none_or(|p| p.iter().all(|&b| is_plain(b))) {
            return None;
        }
        self.login = Part::some(login);
        self.password = password.map_or(Part::NONE, Part::some);
        Some(&text[at + 1..])
    }

    /// `/path/of/socket:/path`
    fn take_socket(&mut self, text: &[u8]) -> Option<()> {
        let socket = match split_at(text, b":") {
            Some((socket, path)) => {
                self.path = Part::some(path);
                socket
            }
            None => text,
        };
        if socket.is_empty() {
            return None;
        }
        self.service = Part::some(socket);
        self.host_hint = HostHint::Unix as c_int;
        Some(())
    }

    /// `host:service/path`
    fn take_host(&mut self, text: &[u8]) -> Option<()> {
        let end = text.iter().position(|&byte| byte == b'/');
        let (authority, path) = text.split_at(end.unwrap_or(text.len()));
        if !path.is_empty() {
            self.path = Part::some(path);
        }
        if authority.is_empty() {
            return (!path.is_empty()).then_some(());
        }
        let host;
        let mut service = None;
        if authority.starts_with(b"[") {
            let (address, behind) = split_at(&authority[1..], b"]")?;
            core::str::from_utf8(address)
                .ok()?
                .parse::<Ipv6Addr>()
                .ok()?;
            self.host_hint = HostHint::Ipv6 as c_int;
            host = address;
            match behind {
                [] => {}
                [b':', port @ ..] => service = Some(port),
                _ => return None,
            }
        } else if authority.iter().all(u8::is_ascii_digit) {
            host = b"";
            service = Some(authority);
        } else if let Some((name, port)) = split_at(authority, b":") {
            host = name;
            service = Some(port);
        } else {
            host = authority;
        }
        if let Some(service) = service {
            if !is_word(service) {
                return None;
            }
            self.service = Part::some(service);
        }
        if host.is_empty() {
            return Some(());
        }
        if self.host_hint == HostHint::Name as c_int {
            if !is_word(host) {
                return None;
            }
            let text = core::str::from_utf8(host);
            if text.is_ok_and(|text| text.parse::<Ipv4Addr>().is_ok()) {
                self.host_hint = HostHint::Ipv4 as c_int;
            }
        }
        self.host = Part::some(host);
        Some(())
    }
}

/// What is before and behind the first `separator`.
fn split_at<'a>(text: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text
        .windows(separator.len())
        .position(|window| window == separator)?;
    Some((&text[..at], &text[at + separator.len()..]))
}

fn is_scheme(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphabetic)
        && text
            .iter()
            .all(|&byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// What needs no separator around it (RFC 3986, 2.2 and 2.3), and anything but ASCII.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || b"-._~%!$&'()*+,;=".contains(&byte)
        || !byte.is_ascii()
}

fn is_word(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&byte| is_plain(byte))
}
