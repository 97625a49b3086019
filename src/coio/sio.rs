// SPDX-License-Identifier: BSD-2-Clause
//! System calls on sockets whose failures are errors (spec ipc.md 11).
//!
//! "Would block" is no error: None, or false. A call that a signal has interrupted counts
//! as one that would block.

use super::address::{self, Address, NAME_SIZE};
use super::{fio, sys};
use crate::cord::thread::without_cancel;
use crate::diag;
use crate::errno;
use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::fmt;
use core::mem::MaybeUninit;
use libc::{iovec, sockaddr, sockaddr_storage, socklen_t};

/// Something has failed; the reason is in the diag.
#[derive(Debug)]
pub struct Failed;

/// What an attempt came to: None if it would block.
pub type Attempt<T> = Result<Option<T>, Failed>;

/// Room for two addresses and what is around them.
const SOCKET_NAME_SIZE: usize = 2 * NAME_SIZE + 64;

thread_local! {
    static SOCKET_NAME: UnsafeCell<[c_char; SOCKET_NAME_SIZE]> =
        const { UnsafeCell::new([0; SOCKET_NAME_SIZE]) };
    static ADDRESS: UnsafeCell<[c_char; NAME_SIZE]> =
        const { UnsafeCell::new([0; NAME_SIZE]) };
}

type GetName = unsafe extern "C" fn(c_int, *mut sockaddr, *mut socklen_t) -> c_int;

/// ", aka ADDRESS" or so.
struct NameOf(&'static str, c_int, GetName);

impl fmt::Display for NameOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &NameOf(what, fd, get) = self;
        let mut storage = MaybeUninit::<sockaddr_storage>::zeroed();
        let address = storage.as_mut_ptr().cast::<sockaddr>();
        let mut length = size_of::<sockaddr_storage>() as socklen_t;
        // SAFETY: room for any address.
        unsafe {
            if get(fd, address, &raw mut length) != 0 {
                return Ok(());
            }
            write!(f, ", {what} {}", Address::new(address, length))
        }
    }
}

/// `sio_socketname`: what the socket is, in the thread's buffer. errno stays as it is.
pub fn socket_name<'a>(fd: c_int) -> &'a CStr {
    let saved = errno::get();
    let local = NameOf("aka", fd, libc::getsockname);
    let remote = NameOf("peer of", fd, libc::getpeername);
    let text = if fd < 0 {
        address::format(format_args!("fd {fd}"))
    } else {
        address::format(format_args!("fd {fd}{local}{remote}"))
    };
    errno::set(saved);
    SOCKET_NAME.with(|buffer| {
        // SAFETY: the thread's own, and valid until it asks again.
        unsafe {
            buffer.get().write(text);
            CStr::from_ptr(buffer.get().cast())
        }
    })
}

/// `sio_strfaddr`: an address in the thread's other buffer.
///
/// # Safety
/// `address` has `length` bytes.
pub unsafe fn address_text<'a>(address: *const sockaddr, length: socklen_t) -> &'a CStr {
    // SAFETY: as the caller says.
    let address = unsafe { Address::new(address, length) };
    let text = address::format(format_args!("{address}"));
    ADDRESS.with(|buffer| {
        // SAFETY: as in `socket_name`.
        unsafe {
            buffer.get().write(text);
            CStr::from_ptr(buffer.get().cast())
        }
    })
}

/// Sets a `SocketError` with errno, which stays as it is.
#[track_caller]
pub fn fail(fd: c_int, message: fmt::Arguments) -> Failed {
    let text: [c_char; diag::MESSAGE_SIZE] = address::format(message);
    // SAFETY: terminated.
    let text = unsafe { CStr::from_ptr(text.as_ptr()) };
    let name = socket_name(fd);
    diag::set_socket_error(name, text);
    Failed
}

fn would_block() -> bool {
    matches!(errno::get(), libc::EAGAIN | libc::EINTR)
}

/// The number of bytes, None, or an error with that message.
#[track_caller]
fn transferred(fd: c_int, result: isize, message: fmt::Arguments) -> Attempt<usize> {
    match usize::try_from(result) {
        Ok(number) => Ok(Some(number)),
        Err(_) if would_block() => Ok(None),
        Err(_) => Err(fail(fd, message)),
    }
}

/// `sio_socket`
pub fn socket(domain: c_int, kind: c_int, protocol: c_int) -> Result<c_int, Failed> {
    // What getaddrinfo(3) says about TCP is wrong for a socket in the file system.
    let protocol = if domain == libc::AF_UNIX { 0 } else { protocol };
    // SAFETY: numbers.
    let fd = unsafe { libc::socket(domain, kind, protocol) };
    if fd < 0 {
        return Err(fail(fd, format_args!("socket")));
    }
    Ok(fd)
}

/// `sio_shutdown`
pub fn shutdown(fd: c_int, how: c_int) -> Result<(), Failed> {
    // SAFETY: numbers.
    if unsafe { libc::shutdown(fd, how) } < 0 {
        return Err(fail(fd, format_args!("shutdown")));
    }
    Ok(())
}

/// `sio_getfl`
pub fn file_flags(fd: c_int) -> Result<c_int, Failed> {
    // SAFETY: numbers.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
    if flags < 0 {
        return Err(fail(fd, format_args!("fcntl(..., F_GETFL, ...)")));
    }
    Ok(flags)
}

/// `sio_setfl`
pub fn set_file_flag(fd: c_int, flag: c_int, on: bool) -> Result<(), Failed> {
    let flags = file_flags(fd)?;
    let flags = if on { flags | flag } else { flags & !flag };
    // SAFETY: numbers.
    if unsafe { libc::fcntl(fd, libc::F_SETFL, flags) } < 0 {
        return Err(fail(fd, format_args!("fcntl(..., F_SETFL, ...)")));
    }
    Ok(())
}

/// Options by the names that messages know.
const OPTIONS: [(c_int, c_int, &str); 8] = [
    (libc::SOL_SOCKET, libc::SO_KEEPALIVE, "SO_KEEPALIVE"),
    (libc::SOL_SOCKET, libc::SO_LINGER, "SO_LINGER"),
    (libc::SOL_SOCKET, libc::SO_ERROR, "SO_ERROR"),
    (libc::SOL_SOCKET, libc::SO_REUSEADDR, "SO_REUSEADDR"),
    (libc::IPPROTO_TCP, libc::TCP_NODELAY, "TCP_NODELAY"),
    (libc::IPPROTO_TCP, libc::TCP_KEEPCNT, "TCP_KEEPCNT"),
    (libc::IPPROTO_TCP, libc::TCP_KEEPIDLE, "TCP_KEEPIDLE"),
    (libc::IPPROTO_TCP, libc::TCP_KEEPINTVL, "TCP_KEEPINTVL"),
];

fn option_name(level: c_int, option: c_int) -> &'static str {
    OPTIONS
        .iter()
        .find(|known| (known.0, known.1) == (level, option))
        .map_or("undefined", |known| known.2)
}

/// `sio_setsockopt`
///
/// # Safety
/// As for setsockopt(2).
pub unsafe fn set_option(
    fd: c_int,
    level: c_int,
    option: c_int,
    value: *const c_void,
    length: socklen_t,
) -> Result<(), Failed> {
    // SAFETY: as the caller says.
    if unsafe { libc::setsockopt(fd, level, option, value, length) } != 0 {
        let name = option_name(level, option);
        return Err(fail(fd, format_args!("setsockopt({name})")));
    }
    Ok(())
}

/// The same for a value of type int.
pub fn set_int_option(
    fd: c_int,
    level: c_int,
    option: c_int,
    value: c_int,
) -> Result<(), Failed> {
    let length = size_of::<c_int>() as socklen_t;
    // SAFETY: a value of that length.
    unsafe { set_option(fd, level, option, (&raw const value).cast(), length) }
}

/// `sio_getsockopt`
///
/// # Safety
/// As for getsockopt(2).
pub unsafe fn option(
    fd: c_int,
    level: c_int,
    option: c_int,
    value: *mut c_void,
    length: *mut socklen_t,
) -> Result<(), Failed> {
    // SAFETY: as the caller says.
    if unsafe { libc::getsockopt(fd, level, option, value, length) } != 0 {
        let name = option_name(level, option);
        return Err(fail(fd, format_args!("getsockopt({name})")));
    }
    Ok(())
}

/// `sio_connect`: false if it is in progress.
///
/// # Safety
/// `address` has `length` bytes.
pub unsafe fn connect(
    fd: c_int,
    address: *const sockaddr,
    length: socklen_t,
) -> Result<bool, Failed> {
    // SAFETY: as the caller says.
    unsafe {
        if sys::connect(fd, address, length) == 0 {
            return Ok(true);
        }
        if errno::get() == libc::EINPROGRESS {
            return Ok(false);
        }
        let address = Address::new(address, length);
        Err(fail(fd, format_args!("connect to {address}")))
    }
}

/// `sio_bind`: false if the address is in use.
///
/// # Safety
/// `address` has `length` bytes.
pub unsafe fn bind(
    fd: c_int,
    address: *const sockaddr,
    length: socklen_t,
) -> Result<bool, Failed> {
    // SAFETY: as the caller says.
    let result = unsafe { libc::bind(fd, address, length) };
    unless_in_use(fd, result, "bind")
}

fn unless_in_use(fd: c_int, result: c_int, call: &str) -> Result<bool, Failed> {
    if result == 0 {
        return Ok(true);
    }
    if errno::get() == libc::EADDRINUSE {
        return Ok(false);
    }
    Err(fail(fd, format_args!("{call}")))
}

/// `sio_listen`: false if the address is in use.
pub fn listen(fd: c_int) -> Result<bool, Failed> {
    // SAFETY: numbers.
    let result = unsafe { libc::listen(fd, listen_backlog()) };
    unless_in_use(fd, result, "listen")
}

/// `sio_listen_backlog`: the most that the system allows.
pub fn listen_backlog() -> c_int {
    without_cancel(|| {
        std::fs::read_to_string("/proc/sys/net/core/somaxconn")
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(libc::SOMAXCONN)
    })
}

/// `sio_accept`
///
/// # Safety
/// As for accept(2).
pub unsafe fn accept(
    fd: c_int,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> Attempt<c_int> {
    // SAFETY: as the caller says.
    let accepted = unsafe { sys::accept(fd, address, length) } as isize;
    let accepted = transferred(fd, accepted, format_args!("accept"))?;
    Ok(accepted.map(|fd| fd as c_int))
}

/// `sio_read`. A connection that was reset counts as one that has ended: 0, and errno is 0.
/// If it would block, errno is EINTR.
///
/// # Safety
/// `buf` has room for `count` bytes.
pub unsafe fn read(fd: c_int, buf: *mut c_void, count: usize) -> Attempt<usize> {
    // SAFETY: as the caller says.
    let result = unsafe { sys::read(fd, buf, count) };
    if result < 0 && errno::get() == libc::ECONNRESET {
        errno::set(0);
        return Ok(Some(0));
    }
    let number = transferred(fd, result, format_args!("read({count})"))?;
    if number.is_none() {
        errno::set(libc::EINTR);
    }
    Ok(number)
}

/// `sio_write`
///
/// # Safety
/// `buf` has `count` bytes.
pub unsafe fn write(fd: c_int, buf: *const c_void, count: usize) -> Attempt<usize> {
    // SAFETY: as the caller says.
    let result = unsafe { sys::write(fd, buf, count) };
    transferred(fd, result, format_args!("write({count})"))
}

/// `sio_writev`
///
/// # Safety
/// As for writev(2).
pub unsafe fn writev(fd: c_int, iov: *const iovec, iovcnt: c_int) -> Attempt<usize> {
    let number = iovcnt.min(fio::IOV_MAX);
    // SAFETY: as the caller says.
    let result = unsafe { sys::writev(fd, iov, number) };
    transferred(fd, result, format_args!("writev({number})"))
}

/// `sio_sendto`
///
/// # Safety
/// As for sendto(2).
pub unsafe fn send_to(
    fd: c_int,
    buf: *const c_void,
    count: usize,
    flags: c_int,
    address: *const sockaddr,
    length: socklen_t,
) -> Attempt<usize> {
    // SAFETY: as the caller says.
    let result = unsafe { sys::sendto(fd, buf, count, flags, address, length) };
    transferred(fd, result, format_args!("sendto({count})"))
}

/// `sio_recvfrom`
///
/// # Safety
/// As for recvfrom(2).
pub unsafe fn receive_from(
    fd: c_int,
    buf: *mut c_void,
    count: usize,
    flags: c_int,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> Attempt<usize> {
    // SAFETY: as the caller says.
    let result = unsafe { sys::recvfrom(fd, buf, count, flags, address, length) };
    transferred(fd, result, format_args!("recvfrom({count})"))
}

/// Blocks the thread until a descriptor that would block is ready.
fn block(fd: c_int, events: libc::c_short) {
    let mut pollfd = libc::pollfd {
        fd,
        events,
        revents: 0,
    };
    // SAFETY: one descriptor. Whatever comes of it, the call is repeated.
    unsafe { sys::poll(&raw mut pollfd, 1, -1) };
}

/// `sio_readn_ahead`: at least `count` bytes of up to `room`; an early end is an error. Blocks
/// the thread.
///
/// # Safety
/// `buf` has room for `room` bytes, which is not less than `count`.
pub unsafe fn read_all(
    fd: c_int,
    buf: *mut c_void,
    count: usize,
    room: usize,
) -> Result<usize, Failed> {
    let mut done = 0;
    while done < count {
        // SAFETY: as the caller says.
        let result = unsafe { sys::read(fd, buf.byte_add(done), room - done) };
        if result > 0 {
            done += result as usize;
        } else if result < 0 && would_block() {
            block(fd, libc::POLLIN);
        } else {
            if result == 0 {
                errno::set(libc::EPIPE);
            }
            return Err(fail(fd, format_args!("read ({count})")));
        }
    }
    Ok(done)
}

/// `sio_writen`: all of it. Blocks the thread.
///
/// # Safety
/// `buf` has `count` bytes.
pub unsafe fn write_all(
    fd: c_int,
    buf: *const c_void,
    count: usize,
) -> Result<(), Failed> {
    let mut done = 0;
    while done < count {
        // SAFETY: as the caller says.
        let result = unsafe { sys::write(fd, buf.byte_add(done), count - done) };
        if result >= 0 {
            done += result as usize;
        } else if would_block() {
            block(fd, libc::POLLOUT);
        } else {
            return Err(fail(fd, format_args!("write ({count})")));
        }
    }
    Ok(())
}

/// `sio_writev_all`: all vectors, which it changes; how many bytes that was. Blocks the thread.
///
/// # Safety
/// As for writev(2).
pub unsafe fn writev_all(
    fd: c_int,
    iov: *mut iovec,
    iovcnt: c_int,
) -> Result<usize, Failed> {
    let (mut iov, mut left) = (iov, iovcnt.max(0) as usize);
    let mut total = 0;
    while left > 0 {
        // SAFETY: the first `left` vectors are the caller's.
        unsafe {
            match writev(fd, iov, left as c_int)? {
                None => block(fd, libc::POLLOUT),
                Some(written) => {
                    total += written;
                    let whole = fio::advance(iov, left, written);
                    iov = iov.add(whole);
                    left -= whole;
                }
            }
        }
    }
    Ok(total)
}

/// `sio_sendfile`: all of it at once, or an error.
///
/// # Safety
/// `offset` is NULL or the caller's.
pub unsafe fn send_file(
    socket: c_int,
    file: c_int,
    offset: *mut libc::off_t,
    size: usize,
) -> Result<usize, Failed> {
    // SAFETY: as the caller says.
    let sent = unsafe { libc::sendfile(socket, file, offset, size) };
    if sent < 0 || sent as usize != size {
        return Err(fail(socket, format_args!("sendfile")));
    }
    Ok(size)
}

/// `sio_recvfile`: `size` bytes, to `offset` and on. Blocks the thread.
///
/// # Safety
/// `offset` is NULL or the caller's.
pub unsafe fn receive_file(
    socket: c_int,
    file: c_int,
    offset: *mut libc::off_t,
    size: usize,
) -> Result<usize, Failed> {
    const BLOCK: usize = 8 * 1024;
    let mut block = [0u8; BLOCK];
    // SAFETY: the caller's offset, and within the block.
    unsafe {
        if !offset.is_null() && libc::lseek(file, *offset, libc::SEEK_SET) < 0 {
            return Err(fail(file, format_args!("lseek")));
        }
        let mut done = 0;
        while done < size {
            let want = (size - done).min(BLOCK);
            read_all(socket, block.as_mut_ptr().cast(), want, want)?;
            write_all(file, block.as_ptr().cast(), want)?;
            done += want;
        }
        if !offset.is_null() {
            *offset += size as libc::off_t;
        }
    }
    Ok(size)
}

/// `sio_getpeername`: 0, or -1 with a line in the log.
///
/// # Safety
/// As for getpeername(2).
pub unsafe fn peer_name(
    fd: c_int,
    address: *mut sockaddr,
    length: *mut socklen_t,
) -> c_int {
    // SAFETY: as the caller says.
    if unsafe { libc::getpeername(fd, address, length) } < 0 {
        crate::say::say_syserror!("getpeername");
        return -1;
    }
    0
}

/// `sio_addr_snprintf`: as snprintf(3).
///
/// # Safety
/// `buf` has room for `size` bytes, `address` has `length`.
pub unsafe fn print_address(
    buf: *mut c_char,
    size: usize,
    address: *const sockaddr,
    length: socklen_t,
) -> c_int {
    use core::fmt::Write;
    // SAFETY: as the caller says.
    unsafe {
        let mut text = crate::trivia::bounded::Bounded::from_raw(buf, size);
        // A bounded text takes everything.
        let _ = write!(text, "{}", Address::new(address, length));
        text.c_length()
    }
}

/// Closes a descriptor that is of no use any more; errno stays as it is.
pub fn discard(fd: c_int) {
    let saved = errno::get();
    // SAFETY: a number. A failure leaves nothing to be done.
    unsafe { sys::close(fd) };
    errno::set(saved);
}

const _: () = assert!(libc::EAGAIN == libc::EWOULDBLOCK);
