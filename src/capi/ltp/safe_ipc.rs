// SPDX-License-Identifier: BSD-2-Clause
//! `SAFE_*` for System V IPC, and the helpers of `hugetlb.h` that make it
//! (spec ltp.md 15, 17).

use core::ffi::{c_char, c_int, c_long, c_uint, c_ulong, c_void};
use core::ptr;

use super::safe_call;
use crate::ltp::blocking;
use crate::ltp::report::{Site, TBROK, TERRNO, TFAIL, TINFO};
use crate::ltp::sysvipc;
use crate::ltp::text::{Ptr, Str};

safe_call! {
    /// shmget(2)
    fn safe_shmget(key: libc::key_t, size: usize, shmflg: c_int) -> c_int
        = at_least_zero(
            noted(libc::shmget(key, size, shmflg)),
            "shmget({}, {}, {:x})", key, size, shmflg,
        )
}

/// The library process removes the segment if nobody else does.
fn noted(id: c_int) -> c_int {
    if id >= 0 {
        sysvipc::note(id);
    }
    id
}

safe_call! {
    /// shmat(2)
    fn safe_shmat(shmid: c_int, shmaddr: *const c_void, shmflg: c_int) -> *mut c_void
        = not_minus_one(
            libc::shmat(shmid, shmaddr, shmflg),
            "shmat({}, {}, {:x})", shmid, Ptr::new(shmaddr), shmflg,
        )
}

safe_call! {
    /// shmdt(2)
    fn safe_shmdt(shmaddr: *const c_void) -> c_int
        = zero(libc::shmdt(shmaddr), "shmdt({})", Ptr::new(shmaddr))
}

/// `SHM_LOCK`, `SHM_UNLOCK` of linux/shm.h.
const SHM_LOCK: c_int = 11;
const SHM_UNLOCK: c_int = 12;

/// Some commands return 0, the others an index, an id or a value.
fn returns_zero(cmd: c_int, more: &[c_int]) -> bool {
    matches!(cmd, libc::IPC_STAT | libc::IPC_SET | libc::IPC_RMID) || more.contains(&cmd)
}

/// shmctl(2)
///
/// # Safety
/// As shmctl; `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_shmctl(
    file: *const c_char,
    lineno: c_int,
    shmid: c_int,
    cmd: c_int,
    buf: *mut libc::shmid_ds,
) -> c_int {
    // SAFETY: as the caller says.
    let (site, value) =
        unsafe { (Site::new(file, lineno), libc::shmctl(shmid, cmd, buf)) };
    let call = format_args!("shmctl({shmid}, {cmd}, {})", Ptr::new(buf));
    if returns_zero(cmd, &[SHM_LOCK, SHM_UNLOCK]) {
        site.zero(value, call)
    } else {
        site.at_least_zero(value, call)
    }
}

safe_call! {
    /// msgget(2)
    fn safe_msgget(key: libc::key_t, msgflg: c_int) -> c_int
        = at_least_zero(libc::msgget(key, msgflg), "msgget({}, {:x})", key, msgflg)
}

safe_call! {
    /// msgsnd(2)
    fn safe_msgsnd(msqid: c_int, msgp: *const c_void, msgsz: usize, msgflg: c_int) -> c_int
        = zero(
            blocking::msgsnd(msqid, msgp, msgsz, msgflg),
            "msgsnd({}, {}, {}, {:x})", msqid, Ptr::new(msgp), msgsz, msgflg,
        )
}

safe_call! {
    /// msgrcv(2)
    fn safe_msgrcv(
        msqid: c_int,
        msgp: *mut c_void,
        msgsz: usize,
        msgtyp: c_long,
        msgflg: c_int,
    ) -> isize
        = at_least_zero(
            blocking::msgrcv(msqid, msgp, msgsz, msgtyp, msgflg),
            "msgrcv({}, {}, {}, {}, {:x})", msqid, Ptr::new(msgp), msgsz, msgtyp, msgflg,
        )
}

/// msgctl(2)
///
/// # Safety
/// As msgctl; `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_msgctl(
    file: *const c_char,
    lineno: c_int,
    msqid: c_int,
    cmd: c_int,
    buf: *mut libc::msqid_ds,
) -> c_int {
    // SAFETY: as the caller says.
    let (site, value) =
        unsafe { (Site::new(file, lineno), libc::msgctl(msqid, cmd, buf)) };
    let call = format_args!("msgctl({msqid}, {cmd}, {})", Ptr::new(buf));
    if returns_zero(cmd, &[]) {
        site.zero(value, call)
    } else {
        site.at_least_zero(value, call)
    }
}

safe_call! {
    /// semget(2)
    fn safe_semget(key: libc::key_t, nsems: c_int, semflg: c_int) -> c_int
        = at_least_zero(
            libc::semget(key, nsems, semflg),
            "semget({}, {}, {:x})", key, nsems, semflg,
        )
}

safe_call! {
    /// semop(2)
    fn safe_semop(semid: c_int, sops: *mut libc::sembuf, nsops: usize) -> c_int
        = zero(libc::semop(semid, sops, nsops), "semop({}, {}, {})", semid, Ptr::new(sops), nsops)
}

/// `SETVAL`, `SETALL` of linux/sem.h.
const SETVAL: c_int = 16;
const SETALL: c_int = 17;

/// semctl(2); the header makes the union one word.
///
/// # Safety
/// As semctl; `file` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn safe_semctl_(
    file: *const c_char,
    lineno: c_int,
    semid: c_int,
    semnum: c_int,
    cmd: c_int,
    argument: c_ulong,
) -> c_int {
    // SAFETY: as the caller says.
    let (site, value) = unsafe {
        (
            Site::new(file, lineno),
            libc::semctl(semid, semnum, cmd, argument),
        )
    };
    let call = format_args!("semctl({semid}, {semnum}, {cmd},...)");
    if returns_zero(cmd, &[SETVAL, SETALL]) {
        site.zero(value, call)
    } else {
        site.at_least_zero(value, call)
    }
}

/// A key from the current directory and a random letter; -1 after a report.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn getipckey() -> libc::key_t {
    const LETTERS: u8 = 26;
    let mut random = [0u8; 1];
    // SAFETY: the buffer is writable; without randomness it is always the letter a.
    unsafe { libc::getrandom(random.as_mut_ptr().cast(), random.len(), 0) };
    let project = c_int::from(b'a' + random[0] % LETTERS);
    // SAFETY: NUL-terminated.
    let key = unsafe { libc::ftok(c".".as_ptr(), project) };
    if key == -1 {
        Site::here().brk(TBROK | TERRNO, format_args!("ftok(., {project}) failed"));
    }
    key
}

/// Removes a segment; -1 is none.
#[unsafe(no_mangle)]
pub extern "C" fn rm_shm(shm_id: c_int) {
    if shm_id == -1 {
        return;
    }
    // SAFETY: removing takes no structure.
    if unsafe { libc::shmctl(shm_id, libc::IPC_RMID, ptr::null_mut()) } == -1 {
        let site = Site::here();
        site.res(
            TINFO,
            format_args!("WARNING: shared memory deletion failed."),
        );
        site.res(
            TINFO,
            format_args!("This could lead to IPC resource problems."),
        );
        site.res(TINFO, format_args!("id = {shm_id}"));
    }
}

/// Fills memory with a pattern and reads it back; -1 after a TFAIL.
///
/// # Safety
/// `p` has `size` writable bytes and is aligned for an int; `desc` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn do_readback(
    p: *mut c_void,
    size: usize,
    desc: *mut c_char,
) -> c_int {
    const PATTERN: c_uint = 0x1234_abcd;
    let words = p.cast::<c_uint>();
    let count = size / size_of::<c_uint>();
    // SAFETY: as the caller says. Volatile, so that memory is really written and read.
    unsafe {
        for n in 0..count {
            words.add(n).write_volatile(PATTERN ^ n as c_uint);
        }
        for n in 0..count {
            let (wanted, found) = (PATTERN ^ n as c_uint, words.add(n).read_volatile());
            if found != wanted {
                let desc = Str::new(desc);
                Site::here().res(
                    TFAIL,
                    format_args!(
                        "At \"{desc}\": Mismatch at offset 0x{n:x}: 0x{found:x} instead of \
                         0x{wanted:x}"
                    ),
                );
                return -1;
            }
        }
    }
    0
}
