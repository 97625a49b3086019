// SPDX-License-Identifier: BSD-2-Clause
//! Syslog servers: datagrams to a socket in the file system, or UDP (spec diag.md 9.7).

use super::logger::{Log, NotCreated, emit, report};
use super::target::{
    self, BadOptions, FACILITY_DEFAULT, FACILITY_MAX, SERVER_DEFAULT, SERVER_UNIX,
};
use crate::diag;
use crate::errno;
use core::ffi::{CStr, c_char, c_int};
use core::mem::{self, MaybeUninit};
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

const IDENTITY_DEFAULT: &CStr = c"tarantool";

/// Where the local server listens, on Linux and elsewhere.
const LOCAL_SERVERS: [&CStr; 2] = [c"/dev/log", c"/var/run/syslog"];

/// The reference's default, not syslog's 514.
const PORT_DEFAULT: &CStr = c"512";

/// Fills in the logger and connects. What the options say stays in the logger when the
/// server cannot be reached; a program may then put in a descriptor of its own.
pub(super) fn open(log: &Log, options: &CStr) -> Result<(), NotCreated> {
    let mut options =
        target::parse_syslog_options(options).map_err(|BadOptions| NotCreated)?;
    let copy = |string: *const c_char| match string.is_null() {
        true => ptr::null_mut(),
        // SAFETY: a C string of the options; the logger owns the copy.
        false => unsafe { libc::strdup(string) },
    };
    let identity = match options.identity.is_null() {
        true => IDENTITY_DEFAULT.as_ptr(),
        false => options.identity,
    };
    log.syslog_ident.set(copy(identity));
    log.path.set(copy(options.server_path));
    log.syslog_server_type.set(options.server_type);
    log.syslog_facility.set(match options.facility {
        FACILITY_MAX => FACILITY_DEFAULT,
        facility => facility,
    });
    let is_copied = !log.syslog_ident.get().is_null()
        && log.path.get().is_null() == options.server_path.is_null();
    target::free_syslog_options(&mut options);
    if !is_copied {
        diag::set_out_of_memory(0, c"malloc", c"syslog options");
        return Err(NotCreated);
    }
    match connect(log) {
        -1 => {
            // SAFETY: a plain call.
            let reason = super::errno_text().to_bytes();
            report(diag::set_system_error, &[b"syslog logger: ", reason]);
            Err(NotCreated)
        }
        fd => {
            log.fd.store(fd, Relaxed);
            Ok(())
        }
    }
}

unsafe extern "C-unwind" {
    fn pthread_setcancelstate(state: c_int, old: *mut c_int) -> c_int;
}

/// glibc's value.
const PTHREAD_CANCEL_DISABLE: c_int = 1;

/// Writes a record; if that fails, once more over a new connection.
pub(super) fn send(log: &Log, record: &[u8]) {
    let old = log.fd.load(Relaxed);
    if old >= 0 && emit(old, record) {
        return;
    }
    // A connection that is half made must not be lost by a pthread_cancel.
    let mut state = 0;
    // SAFETY: room for the old state, which is restored.
    let fd = unsafe {
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &raw mut state);
        let fd = reconnect(log, old);
        pthread_setcancelstate(state, ptr::null_mut());
        fd
    };
    if fd >= 0 {
        emit(fd, record);
    }
}

/// The descriptor of a new connection, or -1.
fn reconnect(log: &Log, old: c_int) -> c_int {
    let new = connect(log);
    if new < 0 {
        return new;
    }
    // SAFETY: plain calls on descriptors of ours.
    let fd = unsafe {
        if old >= 0 {
            // The new socket takes the number of the old one: another thread may be
            // writing to it, and must not find it closed, or open to something else.
            libc::dup3(new, old, libc::O_CLOEXEC);
            libc::close(new);
            old
        } else {
            match log.fd.compare_exchange(old, new, Relaxed, Relaxed) {
                Ok(_) => new,
                Err(others) => {
                    libc::close(new);
                    others
                }
            }
        }
    };
    log.apply_nonblock();
    fd
}

/// A connected socket, or -1 with errno.
fn connect(log: &Log) -> c_int {
    let kind = log.syslog_server_type.get();
    if kind == SERVER_DEFAULT {
        return LOCAL_SERVERS
            .into_iter()
            .map(connect_unix)
            .find(|&fd| fd >= 0)
            .unwrap_or(-1);
    }
    // SAFETY: `open` has set it; it never changes.
    let address = unsafe { CStr::from_ptr(log.path.get()) };
    match kind {
        SERVER_UNIX => connect_unix(address),
        _ => connect_remote(address),
    }
}

fn connect_unix(path: &CStr) -> c_int {
    // SAFETY: zero is valid for every field.
    let mut address: libc::sockaddr_un = unsafe { mem::zeroed() };
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    let bytes = path.to_bytes();
    if bytes.len() >= address.sun_path.len() {
        errno::set(libc::ENAMETOOLONG);
        return -1;
    }
    for (to, &from) in address.sun_path.iter_mut().zip(bytes) {
        *to = from as c_char;
    }
    let length = size_of::<libc::sockaddr_un>() as libc::socklen_t;
    // SAFETY: a complete address of that length.
    unsafe { connect_to(libc::AF_UNIX, (&raw const address).cast(), length) }
}

/// `HOST`, `HOST:PORT`, `[IPV6]:PORT`, or an IPv6 address, which has several colons.
fn connect_remote(address: &CStr) -> c_int {
    let text = address.to_string_lossy();
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']'))
    {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None if text.matches(':').count() == 1 => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (&*text, None),
        },
        None => (&*text, None),
    };
    let Ok(host) = std::ffi::CString::new(host) else {
        return -1;
    };
    let port = port.and_then(|port| std::ffi::CString::new(port).ok());
    let port = port.as_deref().unwrap_or(PORT_DEFAULT);
    // SAFETY: zero is valid for every field.
    let mut hints: libc::addrinfo = unsafe { mem::zeroed() };
    hints.ai_socktype = libc::SOCK_DGRAM;
    let mut list = MaybeUninit::<*mut libc::addrinfo>::uninit();
    // SAFETY: C strings; on success the list is ours to walk and to free.
    unsafe {
        let code =
            libc::getaddrinfo(host.as_ptr(), port.as_ptr(), &hints, list.as_mut_ptr());
        if code != 0 {
            // getaddrinfo has codes of its own; "host unreachable" is the nearest errno.
            if code != libc::EAI_SYSTEM {
                errno::set(libc::EHOSTUNREACH);
            }
            return -1;
        }
        let list = list.assume_init();
        let mut fd = -1;
        let mut next = list;
        while fd < 0 && !next.is_null() {
            fd = connect_to((*next).ai_family, (*next).ai_addr, (*next).ai_addrlen);
            next = (*next).ai_next;
        }
        let saved = errno::get();
        libc::freeaddrinfo(list);
        errno::set(saved);
        fd
    }
}

/// # Safety
/// `address` is a complete address of the family.
unsafe fn connect_to(
    family: c_int,
    address: *const libc::sockaddr,
    length: libc::socklen_t,
) -> c_int {
    // SAFETY: as the caller says; the descriptor is ours.
    unsafe {
        let fd = libc::socket(family, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        if fd >= 0 && libc::connect(fd, address, length) != 0 {
            let saved = errno::get();
            libc::close(fd);
            errno::set(saved);
            return -1;
        }
        fd
    }
}
