// SPDX-License-Identifier: BSD-2-Clause
//! Calls on sockets that block one fiber (spec ipc.md 12).
//!
//! Each tries the system call first, waits if it would block, and tries again. A wake-up
//! without a reason is harmless. The watcher that carries the socket is the program's; its
//! callback wakes the fiber in its `data`, which is set while the fiber waits.

use super::evio;
use super::fio;
use super::resolve;
use super::sio::{self, Attempt, Failed, fail};
use super::sys;
use super::uri::{HostHint, Uri};
use super::wait::{self, READ, WRITE, Waiter};
use crate::cord::ev::ev_io;
use crate::cord::{CordRef, clock, current};
use crate::diag;
use crate::errno;
use crate::fiber::sched::FOREVER;
use crate::fiber::{flag, sched};
use crate::say::fatal;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::mem::MaybeUninit;
use core::ptr;
use libc::{addrinfo, iovec, sockaddr, sockaddr_storage, socklen_t};

/// When to give up: by the loop's monotonic clock.
#[derive(Clone, Copy)]
struct Deadline(f64);

impl Deadline {
    fn new(cord: CordRef, timeout: f64) -> Deadline {
        if timeout >= FOREVER {
            return Deadline(f64::INFINITY);
        }
        // SAFETY: the loop of this thread.
        Deadline(unsafe { clock::monotonic_now(cord.loop_.get()) } + timeout)
    }

    fn left(self, cord: CordRef) -> f64 {
        // SAFETY: as above.
        self.0 - unsafe { clock::monotonic_now(cord.loop_.get()) }
    }
}

/// Attempts until it is done or the time is over, waiting in between for one of `events`.
///
/// # Safety
/// A watcher made by `coio_create`, in a fiber (checked). `attempt` has no destructor.
unsafe fn cooperate<T>(
    watcher: *mut ev_io,
    events: c_int,
    timeout: f64,
    function: &str,
    mut attempt: impl FnMut(c_int) -> Attempt<T>,
) -> Result<T, Failed> {
    let cord = current(function);
    let fiber = sched::waiting_fiber(cord, function);
    // SAFETY: as the caller says. The waiter stays in this frame until it is stopped.
    unsafe {
        let fd = (*watcher).fd;
        if let Some(done) = attempt(fd)? {
            return Ok(done);
        }
        // The wait would end the same way, but perhaps only when the peer does something.
        test_cancel(fiber.has(flag::CANCELLED))?;
        if (*watcher).active != 0 {
            fatal!("{function}: another fiber waits with this watcher");
        }
        let deadline = Deadline::new(cord, timeout);
        let mut waiter = Waiter::new(watcher);
        let waiter = &raw mut waiter;
        Waiter::start(waiter, cord, events);
        let result = loop {
            (*watcher).data = fiber.as_ptr().cast();
            let is_over = sched::yield_timeout(cord, deadline.left(cord));
            (*watcher).data = ptr::null_mut();
            if let Err(failed) = test_cancel(fiber.has(flag::CANCELLED)) {
                break Err(failed);
            }
            if is_over {
                diag::set_timed_out();
                break Err(Failed);
            }
            if !(*waiter).is_open() {
                errno::set(libc::EBADF);
                break Err(fail(fd, format_args!("{function}: closed while waiting")));
            }
            match attempt(fd) {
                Ok(None) => {}
                Ok(Some(done)) => break Ok(done),
                Err(failed) => break Err(failed),
            }
        };
        Waiter::stop(waiter, cord);
        result
    }
}

fn test_cancel(is_cancelled: bool) -> Result<(), Failed> {
    if is_cancelled {
        diag::set_fiber_is_cancelled();
        return Err(Failed);
    }
    Ok(())
}

/// `coio_read_ahead_timeout`: at least `size` and up to `room` bytes; less only at the end of
/// the stream, with errno 0.
///
/// # Safety
/// A watcher made by `coio_create`, in a fiber (checked); `buf` has that room, which is not
/// less than `size` (checked).
pub unsafe fn read_ahead(
    watcher: *mut ev_io,
    buf: *mut c_void,
    size: usize,
    room: usize,
    timeout: f64,
) -> Result<usize, Failed> {
    if size > room {
        fatal!("coio_read_ahead: {size} bytes into a buffer of {room}");
    }
    let mut done = 0;
    // SAFETY: as the caller says.
    unsafe {
        cooperate(watcher, READ, timeout, "coio_read", |fd| {
            while done < size {
                match sio::read(fd, buf.byte_add(done), room - done)? {
                    None => return Ok(None),
                    Some(0) => {
                        errno::set(0);
                        break;
                    }
                    Some(number) => done += number,
                }
            }
            Ok(Some(done))
        })
    }
}

/// `coio_readn_ahead_timeout`: the same, but the end of the stream is an error.
///
/// # Safety
/// As for [`read_ahead`].
pub unsafe fn read_all_ahead(
    watcher: *mut ev_io,
    buf: *mut c_void,
    size: usize,
    room: usize,
    timeout: f64,
) -> Result<usize, Failed> {
    // SAFETY: as the caller says.
    unsafe {
        let number = read_ahead(watcher, buf, size, room, timeout)?;
        if number < size {
            errno::set(libc::EPIPE);
            let text = format_args!("unexpected EOF when reading from socket");
            return Err(fail((*watcher).fd, text));
        }
        Ok(number)
    }
}

/// `coio_write_timeout`: all of it.
///
/// # Safety
/// A watcher as for [`read_ahead`]; `buf` has `size` bytes.
pub unsafe fn write(
    watcher: *mut ev_io,
    buf: *const c_void,
    size: usize,
    timeout: f64,
) -> Result<usize, Failed> {
    let mut done = 0;
    // SAFETY: as the caller says.
    unsafe {
        cooperate(watcher, WRITE, timeout, "coio_write", |fd| {
            while done < size {
                match sio::write(fd, buf.byte_add(done), size - done)? {
                    None => return Ok(None),
                    Some(number) => done += number,
                }
            }
            Ok(Some(done))
        })
    }
}

/// `coio_writev_timeout`: all vectors, or until `enough` bytes are written, if that is not 0.
/// The vectors change meanwhile, but not while the fiber waits, nor in the end.
///
/// # Safety
/// A watcher as for [`read_ahead`], and as for writev(2).
pub unsafe fn writev(
    watcher: *mut ev_io,
    iov: *mut iovec,
    iovcnt: c_int,
    enough: usize,
    timeout: f64,
) -> Result<usize, Failed> {
    let (mut iov, mut left) = (iov, iovcnt.max(0) as usize);
    let (mut total, mut offset) = (0, 0);
    // SAFETY: as the caller says; the first `left` vectors are the caller's.
    unsafe {
        cooperate(watcher, WRITE, timeout, "coio_writev", |fd| {
            while left > 0 && (enough == 0 || total < enough) {
                let shorten = |bytes: isize| {
                    (*iov).iov_base = (*iov).iov_base.byte_offset(bytes);
                    (*iov).iov_len = (*iov).iov_len.wrapping_add_signed(-bytes);
                };
                shorten(offset);
                let written = sio::writev(fd, iov, left as c_int);
                shorten(-offset);
                let Some(written) = written? else {
                    return Ok(None);
                };
                total += written;
                offset += written as isize;
                while left > 0 && offset as usize >= (*iov).iov_len {
                    offset -= (*iov).iov_len as isize;
                    iov = iov.add(1);
                    left -= 1;
                }
            }
            Ok(Some(total))
        })
    }
}

/// `coio_sendto_timeout`
///
/// # Safety
/// A watcher as for [`read_ahead`], and as for sendto(2).
pub unsafe fn send_to(
    watcher: *mut ev_io,
    buf: *const c_void,
    size: usize,
    flags: c_int,
    address: *const sockaddr,
    length: socklen_t,
    timeout: f64,
) -> Result<usize, Failed> {
    // SAFETY: as the caller says.
    unsafe {
        cooperate(watcher, WRITE, timeout, "coio_sendto", |fd| {
            sio::send_to(fd, buf, size, flags, address, length)
        })
    }
}

/// `coio_recvfrom_timeout`: `length` is the room for the address, whose real length is not
/// told.
///
/// # Safety
/// A watcher as for [`read_ahead`], and as for recvfrom(2).
pub unsafe fn receive_from(
    watcher: *mut ev_io,
    buf: *mut c_void,
    size: usize,
    flags: c_int,
    address: *mut sockaddr,
    length: socklen_t,
    timeout: f64,
) -> Result<usize, Failed> {
    // SAFETY: as the caller says.
    unsafe {
        cooperate(watcher, READ, timeout, "coio_recvfrom", |fd| {
            let mut length = length;
            sio::receive_from(fd, buf, size, flags, address, &raw mut length)
        })
    }
}

/// `coio_accept`: a connection with client options. `length` is the room for the address.
///
/// # Safety
/// A watcher as for [`read_ahead`]; `address` is NULL or has that room.
pub unsafe fn accept(
    watcher: *mut ev_io,
    address: *mut sockaddr,
    length: socklen_t,
    timeout: f64,
) -> Result<c_int, Failed> {
    let mut peer = MaybeUninit::<sockaddr_storage>::zeroed();
    let peer = peer.as_mut_ptr();
    // SAFETY: as the caller says.
    unsafe {
        let fd = cooperate(watcher, READ, timeout, "coio_accept", |fd| {
            let mut length = size_of::<sockaddr_storage>() as socklen_t;
            sio::accept(fd, peer.cast(), &raw mut length)
        })?;
        let family = c_int::from((*peer).ss_family);
        evio::set_client_options(fd, family, libc::SOCK_STREAM)
            .inspect_err(|_| sio::discard(fd))?;
        if !address.is_null() {
            let length = (length as usize).min(size_of::<sockaddr_storage>());
            let address = address.cast::<u8>();
            address.copy_from_nonoverlapping(peer.cast(), length);
        }
        Ok(fd)
    }
}

/// Why there is no connection.
enum NotConnected {
    /// This address cannot be reached; the next may be.
    Unreachable,
    /// Time is over, or the fiber is cancelled.
    GaveUp,
}

/// `coio_connect_timeout`. The whole timeout is for resolving, and again for connecting.
///
/// # Safety
/// A watcher without a descriptor. `address` is NULL, or has `*length` bytes, which then
/// becomes how many of them are used.
pub unsafe fn connect(
    watcher: *mut ev_io,
    uri: Uri,
    address: *mut sockaddr,
    length: *mut socklen_t,
    timeout: f64,
) -> Result<(), Failed> {
    // SAFETY: as the caller says; the list is freed by whoever has made it.
    unsafe {
        let service = uri.service.get().unwrap_or_default();
        if uri.host_hint == HostHint::Unix as c_int {
            let (unix, unix_length) = evio::unix_address(service);
            let mut item: addrinfo = MaybeUninit::zeroed().assume_init();
            item.ai_family = libc::AF_UNIX;
            item.ai_socktype = libc::SOCK_STREAM;
            item.ai_addr = (&raw const unix).cast_mut().cast();
            item.ai_addrlen = unix_length;
            return connect_any(watcher, &raw const item, address, length, timeout);
        }
        let host = TextBuffer::new(uri.host.get().unwrap_or_default());
        let service = TextBuffer::new(service);
        if uri.host_hint != HostHint::Name as c_int {
            let mut item: addrinfo = MaybeUninit::zeroed().assume_init();
            fill_address(
                &raw mut item,
                host.as_ptr(),
                service.as_ptr(),
                uri.host_hint,
            )?;
            item.ai_socktype = libc::SOCK_STREAM;
            let result = connect_any(watcher, &raw const item, address, length, timeout);
            libc::free(item.ai_addr.cast());
            return result;
        }
        let mut hints: addrinfo = MaybeUninit::zeroed().assume_init();
        hints.ai_family = libc::AF_UNSPEC;
        hints.ai_socktype = libc::SOCK_STREAM;
        hints.ai_flags = libc::AI_ADDRCONFIG | libc::AI_NUMERICSERV | libc::AI_PASSIVE;
        let mut list = ptr::null_mut();
        let is_resolved = resolve::resolve(
            host.as_ptr(),
            service.as_ptr(),
            &raw const hints,
            &raw mut list,
            timeout,
        );
        if !is_resolved {
            return Err(Failed);
        }
        let result = connect_any(watcher, list, address, length, timeout);
        libc::freeaddrinfo(list);
        result
    }
}

/// A part of a URI as a C string, in place: a fiber that waits may be abandoned with its
/// stack, and then nothing that it has allocated would be freed.
struct TextBuffer([u8; TextBuffer::SIZE]);

impl TextBuffer {
    /// As much as a host name may have (`NI_MAXHOST`).
    const SIZE: usize = 1025;

    fn new(text: &[u8]) -> TextBuffer {
        let mut buffer = [0; TextBuffer::SIZE];
        let length = text.len().min(TextBuffer::SIZE - 1);
        buffer[..length].copy_from_slice(&text[..length]);
        TextBuffer(buffer)
    }

    fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }
}

/// Connects to the first address of the list that can be reached.
///
/// # Safety
/// As for [`connect`]; a list.
unsafe fn connect_any(
    watcher: *mut ev_io,
    list: *const addrinfo,
    address: *mut sockaddr,
    length: *mut socklen_t,
    timeout: f64,
) -> Result<(), Failed> {
    let cord = current("coio_connect");
    let deadline = Deadline::new(cord, timeout);
    let mut item = list;
    // SAFETY: as the caller says.
    unsafe {
        while !item.is_null() {
            match connect_one(watcher, item, deadline.left(cord)) {
                Ok(()) => {
                    if !address.is_null() {
                        let used = (*item).ai_addrlen.min(*length);
                        address.cast::<u8>().copy_from_nonoverlapping(
                            (*item).ai_addr.cast(),
                            used as usize,
                        );
                        *length = used;
                    }
                    return Ok(());
                }
                Err(why) => {
                    evio::close(cord.loop_.get(), watcher);
                    if let NotConnected::GaveUp = why {
                        return Err(Failed);
                    }
                }
            }
            item = (*item).ai_next;
        }
    }
    Err(Failed)
}

/// # Safety
/// As for [`connect_any`]; `item` is of the list.
unsafe fn connect_one(
    watcher: *mut ev_io,
    item: *const addrinfo,
    timeout: f64,
) -> Result<(), NotConnected> {
    // SAFETY: as the caller says.
    unsafe {
        let &addrinfo {
            ai_family,
            ai_socktype,
            ai_protocol,
            ai_addr,
            ai_addrlen,
            ..
        } = &*item;
        evio::open(watcher, ai_family, ai_socktype, ai_protocol)
            .map_err(|_| NotConnected::Unreachable)?;
        let fd = (*watcher).fd;
        match sio::connect(fd, ai_addr, ai_addrlen) {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(Failed) => return Err(NotConnected::Unreachable),
        }
        // The first attempt would find no error in a socket that is still connecting.
        let mut is_ready = false;
        cooperate(watcher, WRITE, timeout, "coio_connect", |_| {
            Ok(core::mem::replace(&mut is_ready, true).then_some(()))
        })
        .map_err(|_| NotConnected::GaveUp)?;
        connection_error(fd)
    }
}

/// How the connecting has ended.
fn connection_error(fd: c_int) -> Result<(), NotConnected> {
    let mut error: c_int = 0;
    let mut length = size_of::<c_int>() as socklen_t;
    // SAFETY: a place of that length.
    unsafe {
        let place = (&raw mut error).cast();
        let length = &raw mut length;
        sio::option(fd, libc::SOL_SOCKET, libc::SO_ERROR, place, length)
            .map_err(|_| NotConnected::Unreachable)?;
    }
    if error != 0 {
        errno::set(error);
        fail(fd, format_args!("connect"));
        return Err(NotConnected::Unreachable);
    }
    Ok(())
}

/// `coio_fill_addrinfo`: a numeric address, in memory of malloc.
///
/// # Safety
/// C strings, and a place to write to.
pub unsafe fn fill_address(
    item: *mut addrinfo,
    host: *const c_char,
    service: *const c_char,
    host_hint: c_int,
) -> Result<(), Failed> {
    let (family, size) = if host_hint == HostHint::Ipv4 as c_int {
        (libc::AF_INET, size_of::<libc::sockaddr_in>())
    } else {
        (libc::AF_INET6, size_of::<libc::sockaddr_in6>())
    };
    // SAFETY: as the caller says; zeroed memory of that size is an address of the family.
    unsafe {
        let address = libc::calloc(1, size).cast::<sockaddr>();
        if address.is_null() {
            diag::set_out_of_memory(size, c"malloc", c"getaddrinfo");
            return Err(Failed);
        }
        let port = (libc::atoi(service) as u16).to_be();
        (*address).sa_family = family as libc::sa_family_t;
        let place: *mut c_void = if family == libc::AF_INET {
            let address = address.cast::<libc::sockaddr_in>();
            (*address).sin_port = port;
            (&raw mut (*address).sin_addr).cast()
        } else {
            let address = address.cast::<libc::sockaddr_in6>();
            (*address).sin6_port = port;
            (&raw mut (*address).sin6_addr).cast()
        };
        if inet_pton(family, host, place) != 1 {
            libc::free(address.cast());
            errno::set(libc::EINVAL);
            let host = CStr::from_ptr(host).to_string_lossy();
            return Err(fail(-1, format_args!("not a numeric address: {host}")));
        }
        (*item).ai_family = family;
        (*item).ai_addr = address;
        (*item).ai_addrlen = size as socklen_t;
    }
    Ok(())
}

unsafe extern "C" {
    fn inet_pton(family: c_int, text: *const c_char, address: *mut c_void) -> c_int;
}

/// `coio_write_fd_timeout`: all of it, to any descriptor that does not block.
///
/// # Safety
/// In a fiber (checked); `data` has `size` bytes.
pub unsafe fn write_fd(
    fd: c_int,
    data: *const c_void,
    size: usize,
    timeout: f64,
) -> Result<(), Failed> {
    let cord = current("coio_write_fd_timeout");
    let deadline = Deadline::new(cord, timeout);
    let mut done = 0;
    while done < size {
        // SAFETY: as the caller says.
        unsafe {
            let number = fio::retry(|| sys::write(fd, data.byte_add(done), size - done));
            if number >= 0 {
                done += number as usize;
                continue;
            }
            if errno::get() != libc::EAGAIN {
                return Err(fail(fd, format_args!("write")));
            }
            // Or it would be woken again and again.
            test_cancel(cord.fiber().has(flag::CANCELLED))?;
            let left = deadline.left(cord);
            if left <= 0.0 {
                diag::set_timed_out();
                return Err(Failed);
            }
            wait::wait(cord, fd, WRITE, left);
        }
    }
    Ok(())
}
