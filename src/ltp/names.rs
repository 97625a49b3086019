// SPDX-License-Identifier: BSD-2-Clause
//! Symbolic names of errno values, signals and wait statuses (spec ltp.md 3.3).

use core::ffi::{CStr, c_int};
use core::fmt;

use super::text::Text;

macro_rules! table {
    ($function:ident: $($name:ident $(= $shown:literal)?),* $(,)?) => {
        /// The name, if the number has one.
        fn $function(number: c_int) -> Option<&'static CStr> {
            match number {
                $(libc::$name => Some(table!(@ $name $($shown)?)),)*
                _ => None,
            }
        }
    };
    (@ $name:ident $shown:literal) => { $shown };
    (@ $name:ident) => {
        // The literal below ends with the only NUL in it.
        match CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
            Ok(name) => name,
            Err(_) => c"",
        }
    };
}

table!(known_errno:
    EPERM, ENOENT, ESRCH, EINTR, EIO, ENXIO, E2BIG, ENOEXEC, EBADF, ECHILD,
    EAGAIN = c"EAGAIN/EWOULDBLOCK", ENOMEM, EACCES, EFAULT, ENOTBLK, EBUSY, EEXIST, EXDEV,
    ENODEV, ENOTDIR, EISDIR, EINVAL, ENFILE, EMFILE, ENOTTY, ETXTBSY, EFBIG, ENOSPC, ESPIPE,
    EROFS, EMLINK, EPIPE, EDOM, ERANGE, EDEADLK, ENAMETOOLONG, ENOLCK, ENOSYS, ENOTEMPTY,
    ELOOP, ENOMSG, EIDRM, ECHRNG, EL2NSYNC, EL3HLT, EL3RST, ELNRNG, EUNATCH, ENOCSI, EL2HLT,
    EBADE, EBADR, EXFULL, ENOANO, EBADRQC, EBADSLT, EBFONT, ENOSTR, ENODATA, ETIME, ENOSR,
    ENONET, ENOPKG, EREMOTE, ENOLINK, EADV, ESRMNT, ECOMM, EPROTO, EMULTIHOP, EDOTDOT,
    EBADMSG, EOVERFLOW, ENOTUNIQ, EBADFD, EREMCHG, ELIBACC, ELIBBAD, ELIBSCN, ELIBMAX,
    ELIBEXEC, EILSEQ, ERESTART, ESTRPIPE, EUSERS, ENOTSOCK, EDESTADDRREQ, EMSGSIZE,
    EPROTOTYPE, ENOPROTOOPT, EPROTONOSUPPORT, ESOCKTNOSUPPORT, EOPNOTSUPP, EPFNOSUPPORT,
    EAFNOSUPPORT, EADDRINUSE, EADDRNOTAVAIL, ENETDOWN, ENETUNREACH, ENETRESET, ECONNABORTED,
    ECONNRESET, ENOBUFS, EISCONN, ENOTCONN, ESHUTDOWN, ETOOMANYREFS, ETIMEDOUT, ECONNREFUSED,
    EHOSTDOWN, EHOSTUNREACH, EALREADY, EINPROGRESS, ESTALE, EUCLEAN, ENOTNAM, ENAVAIL, EISNAM,
    EREMOTEIO, EDQUOT, ENOMEDIUM, EMEDIUMTYPE, ECANCELED, ENOKEY, EKEYEXPIRED, EKEYREVOKED,
    EKEYREJECTED, EOWNERDEAD, ENOTRECOVERABLE, ERFKILL, EHWPOISON,
);

table!(known_signal:
    SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT = c"SIGIOT/SIGABRT", SIGBUS, SIGFPE,
    SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT,
    SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH,
    SIGIO = c"SIGIO/SIGPOLL", SIGPWR, SIGSYS = c"SIGSYS/SIGUNUSED",
);

/// `None` means the caller shows `???` or, since 2026, the number.
pub(crate) fn errno_name(err: c_int) -> Option<&'static CStr> {
    if err == 0 {
        Some(c"SUCCESS")
    } else {
        known_errno(err)
    }
}

/// As `errno_name`, for signals.
pub(crate) fn signal_name(signal: c_int) -> Option<&'static CStr> {
    known_signal(signal)
}

/// Shows an errno value by name.
pub(crate) struct Errno(pub(crate) c_int);

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, errno_name(self.0), self.0)
    }
}

/// Shows a signal by name.
pub(crate) struct Signal(pub(crate) c_int);

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, signal_name(self.0), self.0)
    }
}

fn show(f: &mut fmt::Formatter<'_>, name: Option<&CStr>, number: c_int) -> fmt::Result {
    match name.and_then(|name| name.to_str().ok()) {
        Some(name) => f.write_str(name),
        None if super::is_2026() => write!(f, "{number}"),
        None => f.write_str("???"),
    }
}

/// Shows a status of `waitpid(2)`.
pub(crate) struct Status(pub(crate) c_int);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.0;
        if libc::WIFEXITED(status) {
            write!(f, "exited with {}", libc::WEXITSTATUS(status))
        } else if libc::WIFSIGNALED(status) {
            write!(f, "killed by {}", Signal(libc::WTERMSIG(status)))
        } else if libc::WIFSTOPPED(status) {
            f.write_str("is stopped")
        } else if libc::WIFCONTINUED(status) {
            f.write_str("is resumed")
        } else {
            write!(f, "invalid status 0x{status:x}")
        }
    }
}

/// The size of the buffer behind `tst_strstatus` (spec ltp.md 3.3).
pub(crate) type StatusText = Text<32>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_two_meanings_show_both() {
        assert_eq!(Errno(0).to_string(), "SUCCESS");
        assert_eq!(Errno(11).to_string(), "EAGAIN/EWOULDBLOCK");
        assert_eq!(Errno(35).to_string(), "EDEADLK");
        assert_eq!(Errno(95).to_string(), "EOPNOTSUPP");
        assert_eq!(Errno(4095).to_string(), "???");
        assert_eq!(Signal(6).to_string(), "SIGIOT/SIGABRT");
        assert_eq!(Signal(29).to_string(), "SIGIO/SIGPOLL");
        assert_eq!(Signal(31).to_string(), "SIGSYS/SIGUNUSED");
        assert_eq!(Signal(40).to_string(), "???");
    }

    #[test]
    fn every_errno_and_signal_of_linux_has_a_name() {
        // 41 and 58 were never given out on x86 and the generic architectures.
        let nameless: Vec<_> = (1..134).filter(|e| errno_name(*e).is_none()).collect();
        assert_eq!(nameless, [41, 58]);
        assert!((1..32).all(|s| signal_name(s).is_some()));
    }

    #[test]
    fn statuses() {
        let shown =
            [0x0100, 0x0001, 0x137f, 0xffff, 0x1ff].map(|s| Status(s).to_string());
        let expected = [
            "exited with 1",
            "killed by SIGHUP",
            "is stopped",
            "is resumed",
            "invalid status 0x1ff",
        ];
        assert_eq!(shown, expected);
    }
}
