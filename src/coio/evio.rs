// SPDX-License-Identifier: BSD-2-Clause
//! How sockets are set up, and services bound (spec ipc.md 10). Accepting is in C++
//! (`src/shim/fiber/evio.cc`), since what it calls may throw.

use super::address::{Address, NAME_SIZE};
use super::sio::{self, Failed, fail};
use super::uri::{HostHint, Uri};
use super::wait;
use crate::abi::layout;
use crate::cord::ev::{self, ev_io, ev_loop};
use crate::cord::{CordRef, tls};
use crate::diag;
use crate::errno;
use crate::say::{self, say};
use core::ffi::{CStr, c_char, c_int, c_void};
use core::mem::MaybeUninit;
use core::ptr;
use libc::{addrinfo, sockaddr, sockaddr_storage, sockaddr_un, socklen_t};
use std::ffi::CString;

/// `URI_MAXHOST`
const HOST_SIZE: usize = 1025;
/// `URI_MAXSERVICE`
const SERVICE_SIZE: usize = 256;

/// `struct evio_service`
#[repr(C)]
pub struct EvioService {
    /// Terminated.
    name: [c_char; NAME_SIZE],
    host: [c_char; HOST_SIZE],
    serv: [c_char; SERVICE_SIZE],
    /// Where it is bound.
    addr: sockaddr_storage,
    addr_len: socklen_t,
    on_accept: *const c_void,
    on_accept_param: *mut c_void,
    /// The socket; its descriptor is -1 without one.
    ev: ev_io,
    loop_: *mut ev_loop,
}

layout!(EvioService = "evio_service", 1696: name 0, host 200, serv 1225, addr 1488,
    addr_len 1616, on_accept 1624, on_accept_param 1632, ev 1640, loop_ 1688);

/// Seconds of silence before a connection is probed, and between probes, and how many probes.
const KEEPALIVE: [(c_int, c_int); 3] = [
    (libc::TCP_KEEPCNT, 5),
    (libc::TCP_KEEPIDLE, 30),
    (libc::TCP_KEEPINTVL, 60),
];

fn set_keepalive(fd: c_int) -> Result<(), Failed> {
    sio::set_int_option(fd, libc::SOL_SOCKET, libc::SO_KEEPALIVE, 1)?;
    for (option, value) in KEEPALIVE {
        sio::set_int_option(fd, libc::IPPROTO_TCP, option, value)?;
    }
    Ok(())
}

fn is_tcp(family: c_int, kind: c_int) -> bool {
    family != libc::AF_UNIX && kind == libc::SOCK_STREAM
}

/// `evio_setsockopt_client`
pub fn set_client_options(fd: c_int, family: c_int, kind: c_int) -> Result<(), Failed> {
    sio::set_file_flag(fd, libc::O_NONBLOCK, true)?;
    if is_tcp(family, kind) {
        set_keepalive(fd)?;
        sio::set_int_option(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1)?;
    }
    Ok(())
}

fn set_server_options(fd: c_int, family: c_int, kind: c_int) -> Result<(), Failed> {
    sio::set_file_flag(fd, libc::O_NONBLOCK, true)?;
    sio::set_int_option(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
    let linger = libc::linger {
        l_onoff: 0,
        l_linger: 0,
    };
    let length = size_of::<libc::linger>() as socklen_t;
    // SAFETY: a value of that length.
    unsafe {
        let value = (&raw const linger).cast();
        sio::set_option(fd, libc::SOL_SOCKET, libc::SO_LINGER, value, length)?;
    }
    if is_tcp(family, kind) {
        set_keepalive(fd)?;
    }
    Ok(())
}

/// `evio_socket`: a socket with client options; without them it stays, too.
///
/// # Safety
/// A watcher without a descriptor (checked).
pub unsafe fn open(
    watcher: *mut ev_io,
    domain: c_int,
    kind: c_int,
    protocol: c_int,
) -> Result<(), Failed> {
    // SAFETY: as the caller says.
    unsafe {
        if (*watcher).fd != -1 {
            say::fatal!("evio_socket: the watcher has descriptor {}", (*watcher).fd);
        }
        (*watcher).fd = sio::socket(domain, kind, protocol)?;
        set_client_options((*watcher).fd, domain, kind)
    }
}

/// `evio_close`: fibers that wait for it hear of it, as from `coio_close`.
///
/// # Safety
/// A watcher of the loop.
pub unsafe fn close(ev_loop: *mut ev_loop, watcher: *mut ev_io) {
    // SAFETY: as the caller says.
    unsafe {
        ev::ev_io_stop(ev_loop, watcher);
        let fd = core::mem::replace(&mut (*watcher).fd, -1);
        if fd < 0 {
            return;
        }
        let cord = tls::get();
        if !cord.is_null() && (*cord).loop_.get() == ev_loop {
            wait::dismiss(CordRef::from_ptr(cord), fd);
        }
        sio::discard(fd);
    }
}

/// A part of a URI as a C string.
fn text(part: Option<&[u8]>) -> Option<CString> {
    CString::new(part?).ok()
}

/// As much of a text as fits, or nothing.
fn stored<const N: usize>(text: Option<&CStr>) -> [c_char; N] {
    let mut place = [0; N];
    let bytes = text.map_or(&[][..], CStr::to_bytes).iter().take(N - 1);
    for (to, &from) in place.iter_mut().zip(bytes) {
        *to = from as c_char;
    }
    place
}

// What is behind the pointers belongs to C: nothing here keeps a reference to it.
impl EvioService {
    /// # Safety
    /// An initialised service.
    unsafe fn name(this: *mut EvioService) -> String {
        // SAFETY: terminated by whoever has initialised it.
        let name = unsafe { CStr::from_ptr((&raw const (*this).name).cast()) };
        name.to_string_lossy().into_owned()
    }

    /// Its address, where it is or will be bound.
    ///
    /// # Safety
    /// As for [`EvioService::name`].
    unsafe fn address(this: *mut EvioService) -> Address {
        // SAFETY: of that length.
        unsafe { Address::new((&raw const (*this).addr).cast(), (*this).addr_len) }
    }

    /// # Safety
    /// As for [`EvioService::name`].
    unsafe fn family(this: *mut EvioService) -> c_int {
        // SAFETY: as the caller says.
        c_int::from(unsafe { (*this).addr.ss_family })
    }

    /// `evio_service_bind`
    ///
    /// # Safety
    /// An initialised service that is not bound; a C string.
    pub unsafe fn bind(this: *mut EvioService, uri: *const c_char) -> Result<(), Failed> {
        // SAFETY: as the caller says; the parts are used while the text is there.
        unsafe {
            let uri_text = CStr::from_ptr(uri);
            let parsed = Uri::parse(uri_text);
            let Some((uri, serv)) =
                parsed.and_then(|uri| text(uri.service.get()).map(|serv| (uri, serv)))
            else {
                let uri = uri_text.to_string_lossy();
                return Err(fail(-1, format_args!("invalid uri for bind: {uri}")));
            };
            let host = text(uri.host.get().filter(|&host| host != b"*"));
            (&raw mut (*this).host).write(stored(host.as_deref()));
            (&raw mut (*this).serv).write(stored(Some(&serv)));
            if uri.host_hint == HostHint::Unix as c_int {
                let (address, length) = unix_address(serv.as_bytes());
                EvioService::set_address(this, (&raw const address).cast(), length);
                return EvioService::bind_address(this);
            }
            EvioService::bind_any(this, host.as_deref(), &serv)
        }
    }

    /// # Safety
    /// The address has that length.
    unsafe fn set_address(
        this: *mut EvioService,
        address: *const sockaddr,
        length: socklen_t,
    ) {
        let length = (length as usize).min(size_of::<sockaddr_storage>());
        // SAFETY: as the caller says.
        unsafe {
            let place = (&raw mut (*this).addr).cast::<u8>();
            place.copy_from_nonoverlapping(address.cast(), length);
            (*this).addr_len = length as socklen_t;
        }
    }

    /// Binds to the first address of the host that can be had.
    ///
    /// # Safety
    /// As for [`EvioService::bind`].
    unsafe fn bind_any(
        this: *mut EvioService,
        host: Option<&CStr>,
        serv: &CStr,
    ) -> Result<(), Failed> {
        // SAFETY: zeros are hints; the list is freed when it was read.
        unsafe {
            let mut hints: addrinfo = MaybeUninit::zeroed().assume_init();
            hints.ai_socktype = libc::SOCK_STREAM;
            hints.ai_flags = libc::AI_PASSIVE | libc::AI_ADDRCONFIG;
            let host = host.map_or(ptr::null(), CStr::as_ptr);
            let mut list = ptr::null_mut();
            let code =
                libc::getaddrinfo(host, serv.as_ptr(), &raw const hints, &raw mut list);
            if code != 0 {
                return Err(fail(-1, format_args!("can't resolve uri for bind")));
            }
            let mut result = Err(Failed);
            let mut item = list;
            while !item.is_null() && result.is_err() {
                EvioService::set_address(this, (*item).ai_addr, (*item).ai_addrlen);
                result = EvioService::bind_address(this)
                    .inspect_err(|_| EvioService::log_failure(this));
                item = (*item).ai_next;
            }
            libc::freeaddrinfo(list);
            let name = EvioService::name(this);
            result.map_err(|_| fail(-1, format_args!("{name}: failed to bind")))
        }
    }

    /// # Safety
    /// As for [`EvioService::name`]; there is an error in the diag.
    unsafe fn log_failure(this: *mut EvioService) {
        let error = diag::current("evio_service_bind").last();
        // SAFETY: as the caller says.
        unsafe {
            let message = CStr::from_ptr(diag::Error::message(error));
            let (name, address) = (EvioService::name(this), EvioService::address(this));
            let message = message.to_string_lossy();
            say!(say::ERROR, "{name}: failed to bind on {address}: {message}");
        }
    }

    /// Binds to its address.
    ///
    /// # Safety
    /// As for [`EvioService::bind`].
    unsafe fn bind_address(this: *mut EvioService) -> Result<(), Failed> {
        // SAFETY: as the caller says.
        unsafe {
            let fd = new_server_socket(EvioService::family(this))?;
            EvioService::bind_socket(this, fd).inspect_err(|_| sio::discard(fd))?;
            let (name, address) = (EvioService::name(this), EvioService::address(this));
            say!(say::INFO, "{name}: bound to {address}");
            (*this).ev.fd = fd;
        }
        Ok(())
    }

    /// # Safety
    /// As for [`EvioService::bind`].
    unsafe fn bind_socket(this: *mut EvioService, fd: c_int) -> Result<(), Failed> {
        // SAFETY: an address of that length.
        unsafe {
            let (address, length) = ((&raw const (*this).addr).cast(), (*this).addr_len);
            if sio::bind(fd, address, length)? {
                return Ok(());
            }
            if EvioService::family(this) != libc::AF_UNIX {
                return Err(fail(fd, format_args!("evio_service_reuse_addr")));
            }
            unlink_stale(address, length, fd)?;
            if !sio::bind(fd, address, length)? {
                return Err(fail(fd, format_args!("bind")));
            }
        }
        Ok(())
    }

    /// `evio_service_listen`: the watcher tells of connections from now on.
    ///
    /// # Safety
    /// A service that is bound, and stays where it is until it is stopped.
    pub unsafe fn listen(this: *mut EvioService) -> Result<(), Failed> {
        // SAFETY: as the caller says.
        unsafe {
            let watcher = &raw mut (*this).ev;
            if !sio::listen((*watcher).fd)? {
                return Err(fail((*watcher).fd, format_args!("listen")));
            }
            (*watcher).events = ev::EV_READ | ev::EV__IOFDSET;
            ev::ev_io_start((*this).loop_, watcher);
        }
        Ok(())
    }

    /// `evio_service_stop`
    ///
    /// # Safety
    /// An initialised service.
    pub unsafe fn stop(this: *mut EvioService) {
        // SAFETY: as the caller says.
        unsafe {
            say!(say::INFO, "{}: stopped", EvioService::name(this));
            let is_bound = (*this).ev.fd >= 0;
            close((*this).loop_, &raw mut (*this).ev);
            if is_bound && EvioService::family(this) == libc::AF_UNIX {
                libc::unlink(unix_path((&raw const (*this).addr).cast()));
            }
        }
    }
}

/// The path of a socket is in use. If nobody listens there any more, it goes.
///
/// # Safety
/// The address of a socket in the file system, with its length.
unsafe fn unlink_stale(
    address: *const sockaddr,
    length: socklen_t,
    fd: c_int,
) -> Result<(), Failed> {
    let probe = sio::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0)?;
    // SAFETY: as the caller says.
    unsafe {
        let path = unix_path(address.cast());
        // Other files refuse, too, and are not ours to remove.
        let is_stale = libc::connect(probe, address, length) != 0
            && errno::get() == libc::ECONNREFUSED
            && is_socket(path);
        sio::discard(probe);
        if !is_stale {
            errno::set(libc::EADDRINUSE);
        }
        if !is_stale || libc::unlink(path) != 0 {
            return Err(fail(fd, format_args!("unlink")));
        }
    }
    Ok(())
}

/// # Safety
/// A C string.
unsafe fn is_socket(path: *const c_char) -> bool {
    let mut status = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: as the caller says; the status is read if it was written.
    unsafe {
        libc::lstat(path, status.as_mut_ptr()) == 0
            && status.assume_init().st_mode & libc::S_IFMT == libc::S_IFSOCK
    }
}

fn unix_path(address: *const sockaddr_un) -> *const c_char {
    // Terminated: see `unix_address`.
    address
        .wrapping_byte_add(core::mem::offset_of!(sockaddr_un, sun_path))
        .cast()
}

fn new_server_socket(family: c_int) -> Result<c_int, Failed> {
    let fd = sio::socket(family, libc::SOCK_STREAM, 0)?;
    set_server_options(fd, family, libc::SOCK_STREAM)
        .inspect_err(|_| sio::discard(fd))?;
    Ok(fd)
}

/// The address of a socket in the file system; a longer path is cut.
pub fn unix_address(path: &[u8]) -> (sockaddr_un, socklen_t) {
    // SAFETY: zeros are an address.
    let mut address: sockaddr_un = unsafe { MaybeUninit::zeroed().assume_init() };
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    // The last byte stays zero.
    let room = address.sun_path.len() - 1;
    for (to, &from) in address.sun_path.iter_mut().zip(path.iter().take(room)) {
        *to = from as c_char;
    }
    (address, size_of::<sockaddr_un>() as socklen_t)
}
