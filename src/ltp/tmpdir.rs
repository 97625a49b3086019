// SPDX-License-Identifier: BSD-2-Clause
//! The temporary directory of a run (spec ltp.md 11.1).

use core::ffi::{CStr, c_char, c_int};
use std::ffi::{CString, OsStr};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::definition::{Test, elements};
use super::report::{TBROK, TERRNO, TINFO, TWARN, brk, res, variable};
use super::text::{Bytes, Text};
use super::{filesystem, mount};

/// The directory, and where the program was before.
struct Place {
    dir: CString,
    start: CString,
}

static PLACE: OnceLock<Place> = OnceLock::new();

/// Where temporary directories go.
pub(crate) fn base() -> &'static [u8] {
    variable(c"TMPDIR")
        .filter(|dir| !dir.is_empty())
        .unwrap_or(b"/tmp")
}

/// The directory of this run, if it has one.
pub(crate) fn path() -> Option<&'static CStr> {
    PLACE.get().map(|place| place.dir.as_c_str())
}

/// The working directory before; empty without a temporary directory.
pub(crate) fn start_path() -> &'static CStr {
    PLACE.get().map_or(c"", |place| place.start.as_c_str())
}

/// The same as bytes.
pub(crate) fn start_dir() -> &'static [u8] {
    start_path().to_bytes()
}

/// Creates it and enters it, if the test wants one.
pub(crate) fn create_for(test: &Test) {
    if !test.wants_tmpdir() {
        return;
    }
    if base().first() != Some(&b'/') {
        brk!(
            TBROK,
            "You must specify an absolute pathname for environment variable TMPDIR"
        );
        return;
    }
    let id = super::test_id().to_bytes();
    let id = id.get(..3).unwrap_or(id);
    let mut template: Text<4096> =
        Text::of(format_args!("{}/LTP_{}XXXXXX", Bytes(base()), Bytes(id)));
    let shown: Text<4096> = Text::of(format_args!("{template}"));
    // SAFETY: mkdtemp changes the last six characters of a NUL-terminated buffer.
    if unsafe { libc::mkdtemp(template.as_mut_ptr()) }.is_null() {
        brk!(TBROK | TERRNO, "tst_tmpdir: mkdtemp({shown}) failed");
        return;
    }
    let dir = template.c_str().to_owned();
    let start = current_dir();
    let place = PLACE.get_or_init(|| Place { dir, start });
    let dir = place.dir.as_ptr();
    // SAFETY: the paths are NUL-terminated. The mode lets children of other users in.
    let entered = unsafe {
        libc::chown(dir, libc::uid_t::MAX, libc::getgid()) == 0
            && libc::chmod(dir, 0o777) == 0
            && libc::chdir(dir) == 0
    };
    if !entered {
        brk!(
            TBROK | TERRNO,
            "tst_tmpdir: cannot enter {}",
            Bytes(place.dir.to_bytes())
        );
    }
    if super::is_2026() {
        res!(
            TINFO,
            "Using {} as tmpdir ({} filesystem)",
            Bytes(place.dir.to_bytes()),
            filesystem::name_of(&place.dir)
        );
    }
}

/// Empty if it was removed under us.
fn current_dir() -> CString {
    let mut buffer = [0 as c_char; 4096];
    // SAFETY: the buffer is writable for its length, and getcwd terminates it.
    unsafe {
        let found = libc::getcwd(buffer.as_mut_ptr(), buffer.len());
        if found.is_null() {
            CString::default()
        } else {
            CStr::from_ptr(found).to_owned()
        }
    }
}

/// The test's `.resource_files`, relative to the start directory.
pub(crate) fn copy_resources(test: &Test) {
    // SAFETY: the array belongs to the test.
    for name in unsafe { elements(test.resource_files) } {
        // SAFETY: its strings, too.
        let name = OsStr::from_bytes(unsafe { CStr::from_ptr(*name) }.to_bytes());
        let source = Path::new(OsStr::from_bytes(start_dir())).join(name);
        let target = source.file_name().map(PathBuf::from).unwrap_or_default();
        if let Err(error) = fs::copy(&source, &target) {
            crate::errno::set(error.raw_os_error().unwrap_or(libc::EIO));
            brk!(
                TBROK | TERRNO,
                "Failed to copy resource '{}'",
                source.display()
            );
        }
    }
}

/// Leaves the directory and removes it, after unmounting what a killed test may have
/// left mounted inside: removing must never reach into another filesystem.
pub(crate) fn remove() {
    let Some(place) = PLACE.get() else { return };
    let dir = place.dir.to_bytes();
    let start = if place.start.is_empty() {
        c"/"
    } else {
        place.start.as_c_str()
    };
    // SAFETY: NUL-terminated paths; without the start directory anywhere will do.
    if unsafe { libc::chdir(start.as_ptr()) } != 0 {
        // SAFETY: as above.
        unsafe { libc::chdir(c"/".as_ptr()) };
    }
    if !mount::unmount_below(dir) {
        res!(
            TWARN,
            "tst_rmdir: rmobj({}) failed: still mounted inside",
            Bytes(dir)
        );
        return;
    }
    if let Err(error) = fs::remove_dir_all(OsStr::from_bytes(dir)) {
        res!(TWARN, "tst_rmdir: rmobj({}) failed: {error}", Bytes(dir));
    }
}

/// `tst_purge_dir`: removes what is in it. Mount points inside are refused.
pub(crate) fn purge(path: &CStr) {
    let shown = Bytes(path.to_bytes());
    let path = Path::new(OsStr::from_bytes(path.to_bytes()));
    if path.canonicalize().is_ok_and(|path| path == Path::new("/")) {
        return res!(
            TWARN,
            "tst_rmdir: rmobj({shown}) failed: it is the root directory"
        );
    }
    let remove = || -> std::io::Result<()> {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    };
    if let Err(error) = remove() {
        res!(TWARN, "tst_rmdir: rmobj({shown}) failed: {error}");
    }
}

/// `tst_creat_unlinked`'s names: the first characters of the test id and six random
/// ones. 0 on success, else errno.
pub(crate) fn random_name(dir: &CStr) -> Result<Text<4096>, c_int> {
    const LETTERS: &[u8; 62] =
        b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let id = super::test_id().to_bytes();
    let mut name = Text::of(format_args!(
        "{}/ltp_{}",
        Bytes(dir.to_bytes()),
        Bytes(id.get(..3).unwrap_or(id))
    ));
    let mut random = [0u8; 6];
    // SAFETY: the buffer is writable for its length.
    let n = unsafe { libc::getrandom(random.as_mut_ptr().cast(), random.len(), 0) };
    if n != random.len().cast_signed() {
        return Err(libc::EAGAIN);
    }
    for byte in random {
        let letter = LETTERS.get(usize::from(byte) % LETTERS.len()).copied();
        name.push(&[letter.unwrap_or(b'0')]);
    }
    if name.is_cut() {
        Err(libc::ENAMETOOLONG)
    } else {
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_random_and_fit() {
        let name = |dir| random_name(dir).map(|name| name.to_string());
        let one = name(c"dir").expect("a name");
        assert_ne!(name(c"dir").as_ref(), Ok(&one));
        let random = one
            .strip_prefix("dir/ltp_tst")
            .expect("directory and test id");
        assert_eq!(random.len(), 6);
        assert!(random.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let long = CString::new(vec![b'd'; 4096]).expect("no NUL");
        assert_eq!(name(&long), Err(libc::ENAMETOOLONG));
    }
}
