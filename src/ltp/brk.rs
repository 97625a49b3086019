// SPDX-License-Identifier: BSD-2-Clause
//! `tst_brk`: a report after which its process cannot go on (spec ltp.md 8).

use core::ffi::c_int;
use core::sync::atomic::Ordering::SeqCst;

use super::report::{Site, TBROK, TINFO, TTYPE_MASK, TWARN, is_type, print, res};
use super::role::{self, Role};
use super::text::Text;
use super::{body, results, run};

/// Prints, counts, and ends what the caller's role says it ends. Comes back only in
/// a process that is cleaning up: there TBROK is a warning, because clean-up must
/// get to its end.
pub(crate) fn brk(site: Site<'_>, ttype: c_int, err: c_int, message: &Text) {
    if !is_type(ttype) {
        return;
    }
    match role::current() {
        Role::Library => {
            if run::is_cleaning() {
                return print(site, downgraded(ttype), err, message);
            }
            print(site, ttype, err, message);
            run::finish(ttype & TTYPE_MASK)
        }
        Role::Test => match body::claim_cleanup() {
            body::Claim::Granted => {
                note_broken(ttype);
                print(site, ttype, err, message);
                body::clean_up_and_exit(if super::is_2026() {
                    0
                } else {
                    ttype & TTYPE_MASK
                })
            }
            body::Claim::Running => print(site, downgraded(ttype), err, message),
            body::Claim::Done => print(site, ttype, err, message),
        },
        Role::Child => {
            print(site, ttype, err, message);
            leave_child(ttype & TTYPE_MASK)
        }
    }
}

fn downgraded(ttype: c_int) -> c_int {
    if ttype & TTYPE_MASK == TBROK {
        (ttype & !TTYPE_MASK) | TWARN
    } else {
        ttype
    }
}

fn note_broken(ttype: c_int) {
    if ttype & TTYPE_MASK == TBROK
        && let Some(page) = results::page()
    {
        page.broke.store(1, SeqCst);
    }
}

/// In 2023 a child's exit value tells its parent the type; since 2026 a broken child
/// takes the whole test with it, and anything else is only counted.
fn leave_child(ttype: c_int) -> ! {
    let code = match results::page() {
        Some(page) if super::is_2026() => {
            note_broken(ttype);
            let test = page.test_pid.load(SeqCst);
            if ttype == TBROK && test > 0 {
                res!(TINFO, "Child process reported TBROK killing the test");
                // SAFETY: the library process has not reaped the test process, or it
                // would have cleared the pid first.
                unsafe { libc::kill(test, libc::SIGKILL) };
            }
            0
        }
        _ => ttype,
    };
    // SAFETY: children leave through exit(3): atexit handlers run, stdio is flushed.
    unsafe { libc::exit(code) }
}
