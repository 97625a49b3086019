// SPDX-License-Identifier: BSD-2-Clause
//! `sio.h`, `evio.h`, `uri.h` and the sockets of `coio.h` (spec ipc.md 10 to 12).
//!
//! Most have C++ linkage, and throw: the shims (`src/shim/fiber/*.cc`) have their names,
//! and throw when one of these returns [`FAILED`] or -1, with the error in the diag.

use crate::coio::evio::{self, EvioService};
use crate::coio::sio::{self, Attempt, Failed};
use crate::coio::socket;
use crate::coio::uri::Uri;
use crate::cord::ev::{ev_io, ev_loop};
use crate::cord::thread::without_cancel;
use core::ffi::{CStr, c_char, c_int, c_void};
use libc::{addrinfo, iovec, off_t, sockaddr, socklen_t};

/// An error is set. -1 says that the call would block, or that the address is in use.
const FAILED: isize = -2;

fn attempted(attempt: Attempt<usize>) -> isize {
    match attempt {
        Ok(Some(number)) => number as isize,
        Ok(None) => -1,
        Err(Failed) => FAILED,
    }
}

fn number(result: Result<usize, Failed>) -> isize {
    result.map_or(FAILED, |number| number as isize)
}

/// 0, or -1 with the error set.
fn done(result: Result<(), Failed>) -> c_int {
    if result.is_ok() { 0 } else { -1 }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn sio_addr_snprintf(
    buf: *mut c_char,
    size: usize,
    addr: *const sockaddr,
    addrlen: socklen_t,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { sio::print_address(buf, size, addr, addrlen) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn sio_strfaddr(
    addr: *mut sockaddr,
    addrlen: socklen_t,
) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { sio::address_text(addr, addrlen).as_ptr() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn sio_getpeername(
    fd: c_int,
    addr: *mut sockaddr,
    addrlen: *mut socklen_t,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { sio::peer_name(fd, addr, addrlen) }
}

#[unsafe(no_mangle)]
pub extern "C" fn cordage_sio_socketname(fd: c_int) -> *const c_char {
    sio::socket_name(fd).as_ptr()
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn cordage_sio_socket(
    domain: c_int,
    type_: c_int,
    protocol: c_int,
) -> c_int {
    sio::socket(domain, type_, protocol).unwrap_or(-1)
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn cordage_sio_shutdown(fd: c_int, how: c_int) -> c_int {
    done(sio::shutdown(fd, how))
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn cordage_sio_getfl(fd: c_int) -> c_int {
    sio::file_flags(fd).unwrap_or(-1)
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn cordage_sio_setfl(fd: c_int, flag: c_int, on: c_int) -> c_int {
    done(sio::set_file_flag(fd, flag, on != 0))
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_setsockopt(
    fd: c_int,
    level: c_int,
    optname: c_int,
    optval: *const c_void,
    optlen: socklen_t,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { done(sio::set_option(fd, level, optname, optval, optlen)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_getsockopt(
    fd: c_int,
    level: c_int,
    optname: c_int,
    optval: *mut c_void,
    optlen: *mut socklen_t,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { done(sio::option(fd, level, optname, optval, optlen)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_connect(
    fd: c_int,
    addr: *mut sockaddr,
    addrlen: socklen_t,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        match sio::connect(fd, addr, addrlen) {
            Ok(true) => 0,
            _ => -1,
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_bind(
    fd: c_int,
    addr: *mut sockaddr,
    addrlen: socklen_t,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        match sio::bind(fd, addr, addrlen) {
            Ok(true) => 0,
            _ => -1,
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn cordage_sio_listen(fd: c_int) -> isize {
    match sio::listen(fd) {
        Ok(true) => 0,
        Ok(false) => -1,
        Err(Failed) => FAILED,
    }
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn cordage_sio_listen_backlog() -> c_int {
    sio::listen_backlog()
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_accept(
    fd: c_int,
    addr: *mut sockaddr,
    addrlen: *mut socklen_t,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe {
        attempted(sio::accept(fd, addr, addrlen).map(|fd| fd.map(|fd| fd as usize)))
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_read(
    fd: c_int,
    buf: *mut c_void,
    count: usize,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { attempted(sio::read(fd, buf, count)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_write(
    fd: c_int,
    buf: *const c_void,
    count: usize,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { attempted(sio::write(fd, buf, count)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_writev(
    fd: c_int,
    iov: *const iovec,
    iovcnt: c_int,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { attempted(sio::writev(fd, iov, iovcnt)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_sendto(
    fd: c_int,
    buf: *const c_void,
    len: usize,
    flags: c_int,
    addr: *const sockaddr,
    addrlen: socklen_t,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { attempted(sio::send_to(fd, buf, len, flags, addr, addrlen)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_recvfrom(
    fd: c_int,
    buf: *mut c_void,
    len: usize,
    flags: c_int,
    addr: *mut sockaddr,
    addrlen: *mut socklen_t,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { attempted(sio::receive_from(fd, buf, len, flags, addr, addrlen)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_readn_ahead(
    fd: c_int,
    buf: *mut c_void,
    count: usize,
    buf_size: usize,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { number(sio::read_all(fd, buf, count, buf_size)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_writen(
    fd: c_int,
    buf: *const c_void,
    count: usize,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { number(sio::write_all(fd, buf, count).map(|()| count)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_writev_all(
    fd: c_int,
    iov: *mut iovec,
    iovcnt: c_int,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { number(sio::writev_all(fd, iov, iovcnt)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_sendfile(
    sock_fd: c_int,
    file_fd: c_int,
    offset: *mut off_t,
    size: usize,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { number(sio::send_file(sock_fd, file_fd, offset, size)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_sio_recvfile(
    sock_fd: c_int,
    file_fd: c_int,
    offset: *mut off_t,
    size: usize,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { number(sio::receive_file(sock_fd, file_fd, offset, size)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_evio_socket(
    watcher: *mut ev_io,
    domain: c_int,
    type_: c_int,
    protocol: c_int,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { done(evio::open(watcher, domain, type_, protocol)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_evio_close(
    loop_: *mut ev_loop,
    watcher: *mut ev_io,
) {
    // SAFETY: as the caller promises.
    unsafe { evio::close(loop_, watcher) }
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn cordage_evio_setsockopt_client(
    fd: c_int,
    family: c_int,
    type_: c_int,
) -> c_int {
    done(evio::set_client_options(fd, family, type_))
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_evio_service_bind(
    service: *mut EvioService,
    uri: *const c_char,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { without_cancel(|| done(EvioService::bind(service, uri))) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_evio_service_listen(
    service: *mut EvioService,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { done(EvioService::listen(service)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_evio_service_stop(service: *mut EvioService) {
    // SAFETY: as the caller promises.
    unsafe { without_cancel(|| EvioService::stop(service)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_coio_connect_timeout(
    coio: *mut ev_io,
    uri: *const Uri,
    addr: *mut sockaddr,
    addr_len: *mut socklen_t,
    timeout: f64,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { done(socket::connect(coio, uri.read(), addr, addr_len, timeout)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_coio_fill_addrinfo(
    ai: *mut addrinfo,
    host: *const c_char,
    service: *const c_char,
    host_hint: c_int,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { done(socket::fill_address(ai, host, service, host_hint)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_coio_accept(
    coio: *mut ev_io,
    addr: *mut sockaddr,
    addrlen: socklen_t,
    timeout: f64,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { socket::accept(coio, addr, addrlen, timeout).unwrap_or(-1) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_coio_read_ahead_timeout(
    coio: *mut ev_io,
    buf: *mut c_void,
    sz: usize,
    bufsiz: usize,
    timeout: f64,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { number(socket::read_ahead(coio, buf, sz, bufsiz, timeout)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_coio_readn_ahead_timeout(
    coio: *mut ev_io,
    buf: *mut c_void,
    sz: usize,
    bufsiz: usize,
    timeout: f64,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { number(socket::read_all_ahead(coio, buf, sz, bufsiz, timeout)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_coio_write_timeout(
    coio: *mut ev_io,
    buf: *const c_void,
    sz: usize,
    timeout: f64,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { number(socket::write(coio, buf, sz, timeout)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_coio_writev_timeout(
    coio: *mut ev_io,
    iov: *mut iovec,
    iovcnt: c_int,
    size_hint: usize,
    timeout: f64,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe { number(socket::writev(coio, iov, iovcnt, size_hint, timeout)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_coio_sendto_timeout(
    coio: *mut ev_io,
    buf: *const c_void,
    sz: usize,
    flags: c_int,
    dest_addr: *const sockaddr,
    addrlen: socklen_t,
    timeout: f64,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe {
        number(socket::send_to(
            coio, buf, sz, flags, dest_addr, addrlen, timeout,
        ))
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn cordage_coio_recvfrom_timeout(
    coio: *mut ev_io,
    buf: *mut c_void,
    sz: usize,
    flags: c_int,
    src_addr: *mut sockaddr,
    addrlen: socklen_t,
    timeout: f64,
) -> isize {
    // SAFETY: as the caller promises.
    unsafe {
        number(socket::receive_from(
            coio, buf, sz, flags, src_addr, addrlen, timeout,
        ))
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn uri_parse(uri: *mut Uri, text: *const c_char) -> c_int {
    // SAFETY: a C string, and a place to write to.
    unsafe {
        match Uri::parse(CStr::from_ptr(text)) {
            Some(parsed) => {
                uri.write(parsed);
                0
            }
            None => -1,
        }
    }
}
