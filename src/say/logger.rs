// SPDX-License-Identifier: BSD-2-Clause
//! One logger: `struct log`, its creation from a target string, and writing records.

use super::target::{self, LoggerType, SERVER_DEFAULT};
use super::{FATAL, INFO, default_logger, format, pipe, rotate, syslog};
use crate::abi::layout;
use crate::cord::ev::ev_async;
use crate::diag;
use crate::errno;
use crate::small::Rlist;
use crate::stdio::{self, VaArgs};
use crate::sync::cond::FiberCond;
use crate::trivia::bounded::Bounded;
use crate::trivia::path;
use core::cell::{Cell, UnsafeCell};
use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicI32, AtomicU32, Ordering::Relaxed};

/// `log_format_func_t`: formats a record like vsnprintf(3).
pub type Formatter = unsafe extern "C-unwind" fn(
    log: *mut Log,
    buf: *mut c_char,
    len: c_int,
    level: c_int,
    filename: *const c_char,
    line: c_int,
    error: *const c_char,
    format: *const c_char,
    ap: VaArgs,
) -> c_int;

/// `struct log`. Set up by one thread, then written to by any: what may change meanwhile
/// is atomic. C code only passes pointers, and puts its own descriptor into `fd`.
#[repr(C)]
pub struct Log {
    pub(super) fd: AtomicI32,
    pub(super) level: AtomicI32,
    kind: AtomicU32,
    pub(super) syslog_server_type: Cell<u32>,
    pub(super) path: Cell<*mut c_char>,
    pub(super) nonblock: Cell<bool>,
    formatter: Cell<Option<Formatter>>,
    pub(super) pid: Cell<libc::pid_t>,
    pub(super) syslog_ident: Cell<*mut c_char>,
    pub(super) log_async: UnsafeCell<ev_async>,
    pub(super) rotate_cond: FiberCond,
    pub(super) rotating_threads: Cell<c_int>,
    pub(super) syslog_facility: Cell<u32>,
    pub(super) in_log_list: Rlist,
}

layout!(Log = "log", 136: fd 0, level 4, kind 8, syslog_server_type 12, path 16,
    nonblock 24, formatter 32, pid 40, syslog_ident 48, log_async 56, rotate_cond 96,
    rotating_threads 112, syslog_facility 116, in_log_list 120);

/// Room for a record and its zero.
const RECORD_SIZE: usize = 16384;

thread_local! {
    /// Not on the stack: fibers may have no more than that.
    static RECORD: UnsafeCell<[c_char; RECORD_SIZE]> =
        const { UnsafeCell::new([0; RECORD_SIZE]) };
}

// write(2) is a cancellation point; the declaration in the libc crate promises not to unwind.
unsafe extern "C-unwind" {
    fn write(fd: c_int, buf: *const c_void, count: usize) -> isize;
}

/// Writes the whole record at once. A signal that came before anything was written is no
/// reason to lose it. False if it was not written.
pub(super) fn emit(fd: c_int, record: &[u8]) -> bool {
    loop {
        // SAFETY: a slice.
        let written = unsafe { write(fd, record.as_ptr().cast(), record.len()) };
        if written >= 0 {
            return true;
        }
        if errno::get() != libc::EINTR {
            return false;
        }
    }
}

/// `log_create` failed; the reason is in the diag.
#[derive(Debug)]
pub struct NotCreated;

impl Log {
    /// A logger to stderr, with every other field as the reference's `log_create` leaves it.
    pub(super) const fn stderr(kind: LoggerType, formatter: Option<Formatter>) -> Log {
        Log {
            fd: AtomicI32::new(libc::STDERR_FILENO),
            level: AtomicI32::new(INFO),
            kind: AtomicU32::new(kind as u32),
            syslog_server_type: Cell::new(SERVER_DEFAULT),
            path: Cell::new(ptr::null_mut()),
            nonblock: Cell::new(false),
            formatter: Cell::new(formatter),
            pid: Cell::new(0),
            syslog_ident: Cell::new(ptr::null_mut()),
            log_async: UnsafeCell::new(rotate::WATCHER),
            rotate_cond: FiberCond {
                waiters: Rlist::unlinked(),
            },
            rotating_threads: Cell::new(0),
            syslog_facility: Cell::new(target::FACILITY_MAX),
            in_log_list: Rlist::unlinked(),
        }
    }

    /// What kind of logger it is.
    pub(super) fn kind(&self) -> LoggerType {
        LoggerType::from_c(self.kind.load(Relaxed))
    }

    /// `log_create`
    ///
    /// # Safety
    /// `this` points to memory for a logger that is not in use.
    pub unsafe fn create(
        this: *mut Log,
        init: Option<&CStr>,
        nonblock: bool,
    ) -> Result<(), NotCreated> {
        // SAFETY: as the caller says. Rotation follows the pointer, so the lists are
        // initialised in place.
        unsafe {
            libc::setvbuf(stdio::err(), ptr::null_mut(), libc::_IONBF, 0);
            this.write(Log::stderr(LoggerType::Stderr, None));
            FiberCond::create(&raw mut (*this).rotate_cond);
            rotate::init_link(this);
            (*this).nonblock.set(nonblock);
        }
        let Some(init) = init else {
            return Ok(());
        };
        let Some((kind, rest)) = target::split(init) else {
            diag::set_illegal_params(target::EXPECTED);
            return Err(NotCreated);
        };
        // SAFETY: created above.
        let log = unsafe { &*this };
        log.fd.store(-1, Relaxed);
        log.kind.store(kind as u32, Relaxed);
        log.formatter.set(Some(format::plain));
        match kind {
            LoggerType::File => open_file(log, rest)?,
            LoggerType::Pipe => pipe::start(log, rest)?,
            LoggerType::Syslog => {
                log.formatter.set(Some(format::syslog));
                syslog::open(log, rest)?;
            }
            LoggerType::Boot | LoggerType::Stderr => {}
        }
        log.apply_nonblock();
        if kind == LoggerType::File {
            // SAFETY: a created logger, in no list.
            unsafe { rotate::enlist(this) };
        }
        Ok(())
    }

    /// `log_destroy`
    ///
    /// # Safety
    /// `this` was created, nobody uses it any more, and no other thread than the one that
    /// calls has asked to rotate it.
    pub unsafe fn destroy(this: *mut Log) {
        // SAFETY: as the caller says.
        unsafe {
            rotate::finish(this);
            let log = &*this;
            log.kind.store(LoggerType::Boot as u32, Relaxed);
            let fd = log.fd.swap(-1, Relaxed);
            if fd != -1 {
                libc::close(fd);
            }
            libc::free(log.path.replace(ptr::null_mut()).cast());
            libc::free(log.syslog_ident.replace(ptr::null_mut()).cast());
        }
    }

    /// Makes the descriptor non-blocking if that was asked for.
    pub(super) fn apply_nonblock(&self) {
        let fd = self.fd.load(Relaxed);
        if !self.nonblock.get() || fd < 0 {
            return;
        }
        // SAFETY: plain calls on a descriptor of ours.
        unsafe {
            let flags = libc::fcntl(fd, libc::F_GETFL);
            if flags < 0 || libc::fcntl(fd, libc::F_SETFL, flags | libc::O_NONBLOCK) < 0 {
                super::say_syserror!("fcntl, fd={fd}");
            }
        }
    }

    /// `log_set_level`
    pub fn set_level(&self, level: c_int) {
        self.level.store(level, Relaxed);
    }

    /// `log_set_format`: the boot logger and one to syslog can only be made plain.
    pub fn set_formatter(&self, formatter: Formatter) {
        match self.kind() {
            LoggerType::Stderr | LoggerType::File | LoggerType::Pipe => {}
            LoggerType::Boot | LoggerType::Syslog => {
                if !ptr::fn_addr_eq(formatter, format::plain as Formatter) {
                    super::fatal!(
                        "log_set_format: a logger of this type is always plain"
                    );
                }
            }
        }
        self.formatter.set(Some(formatter));
    }

    /// Formats and writes one record: the length of the whole, 0 if it is not wanted,
    /// negative if it cannot be formatted.
    ///
    /// # Safety
    /// `this` was created; `file` and `error` are NULL or C strings; `format` and `ap` are
    /// as for vprintf(3).
    pub unsafe fn vsay(
        this: *mut Log,
        level: c_int,
        file: *const c_char,
        line: c_int,
        error: *const c_char,
        format: *const c_char,
        ap: VaArgs,
    ) -> c_int {
        // SAFETY: created.
        let log = unsafe { &*this };
        if level > log.level.load(Relaxed) {
            return 0;
        }
        let saved = errno::get();
        let formatter = log.formatter.get().unwrap_or(format::plain);
        let record = RECORD.with(UnsafeCell::get).cast::<c_char>();
        let size = RECORD_SIZE as c_int;
        // SAFETY: the buffer is this thread's, and nobody holds a reference to it; the
        // rest is the caller's promise.
        let length = unsafe {
            formatter(this, record, size, level, file, line, error, format, ap)
        };
        if let Ok(length) = usize::try_from(length) {
            // SAFETY: the formatter has written as many bytes as it says, or filled the
            // buffer but for the zero.
            let record = unsafe {
                core::slice::from_raw_parts(record.cast(), length.min(RECORD_SIZE - 1))
            };
            log.emit(level, record);
        }
        errno::set(saved);
        length
    }

    /// Sends a record where it belongs; FATAL ones to stderr too, for whoever starts the
    /// program by hand, unless the default logger logs there. (Through a syslog logger
    /// they get there twice, as in the reference.)
    fn emit(&self, level: c_int, record: &[u8]) {
        match self.kind() {
            LoggerType::Boot => {
                emit(libc::STDERR_FILENO, record);
                return;
            }
            LoggerType::Stderr | LoggerType::File | LoggerType::Pipe => {
                emit(self.fd.load(Relaxed), record);
            }
            LoggerType::Syslog => syslog::send(self, record),
        }
        // SAFETY: the default logger is always a live one.
        let default_fd = unsafe { (*default_logger()).fd.load(Relaxed) };
        if level == FATAL && default_fd != libc::STDERR_FILENO {
            let copies = if self.kind() == LoggerType::Syslog {
                2
            } else {
                1
            };
            for _ in 0..copies {
                emit(libc::STDERR_FILENO, record);
            }
        }
    }
}

/// How log files are opened, also when they are reopened.
pub(super) const FILE_FLAGS: c_int = libc::O_WRONLY | libc::O_APPEND | libc::O_CREAT;
pub(super) const FILE_MODE: libc::mode_t = 0o640;

fn open_file(log: &Log, path: &CStr) -> Result<(), NotCreated> {
    let absolute = path::absolute(path);
    if absolute.is_null() {
        cannot_open(path);
        return Err(NotCreated);
    }
    // SAFETY: a C string from malloc, which goes to the logger or is freed.
    unsafe {
        let fd = libc::open(absolute, FILE_FLAGS, FILE_MODE);
        if fd < 0 {
            cannot_open(CStr::from_ptr(absolute));
            libc::free(absolute.cast());
            return Err(NotCreated);
        }
        log.fd.store(fd, Relaxed);
        log.path.set(absolute);
    }
    Ok(())
}

fn cannot_open(path: &CStr) {
    report(
        diag::set_system_error,
        &[b"can't open log file: ", path.to_bytes()],
    );
}

/// Sets an error whose text is made of these parts.
pub(super) fn report(set: fn(&CStr), parts: &[&[u8]]) {
    let mut buffer: [c_char; diag::MESSAGE_SIZE] = [0; diag::MESSAGE_SIZE];
    let mut text = Bounded::new(&mut buffer);
    for part in parts {
        text.push(part);
    }
    set(text.c_str());
}
