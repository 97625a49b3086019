// SPDX-License-Identifier: BSD-2-Clause
//! The lock-free headers under ThreadSanitizer: C programs of `c_tests/small` that
//! need nothing but headers, compiled with `-fsanitize=thread`.
//!
//! The archive's own atomics are Rust's and cannot be instrumented on a stable
//! compiler; `small_lf_lifo` checks those. Programs that link the archive, which
//! tells the sanitizer what it does, are in `c_tests/bus/tsan.sh`.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compilers for C and C++, in order of preference.
const COMPILERS: [(&str, &str); 2] = [("gcc", "g++"), ("clang", "clang++")];

fn build(compiler: &str, standard: &str, source: &Path) -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let name = source.file_stem().unwrap().to_str().unwrap();
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.tsan"));
    let output = Command::new(compiler)
        .args([
            standard,
            "-O1",
            "-g",
            "-fsanitize=thread",
            "-D_GNU_SOURCE",
            "-I",
        ])
        .arg(root.join("include"))
        .arg(source)
        .arg("-lpthread")
        .arg("-o")
        .arg(&program)
        .output()
        .map_err(|error| format!("{compiler}: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "{compiler}: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    Ok(program)
}

/// The sanitizer's shadow has fixed addresses, which the kernel may put something
/// else at if it randomises more bits than the sanitizer was made for.
fn run(program: &Path) {
    let mut command = Command::new(program);
    // SAFETY: personality is a system call and nothing else.
    unsafe {
        command.pre_exec(|| {
            libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong);
            Ok(())
        });
    }
    let output = command
        .env("TSAN_OPTIONS", "halt_on_error=1")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{program:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Skips the check if no compiler here has the sanitizer's runtime.
fn check(name: &str) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("c_tests/small")
        .join(name);
    let mut errors = String::new();
    for (c, cxx) in COMPILERS {
        let built = match source.extension().unwrap().to_str() {
            Some("cc") => build(cxx, "-std=c++11", &source),
            _ => build(c, "-std=c11", &source),
        };
        match built {
            Ok(program) => {
                run(&program);
                return;
            }
            Err(error) => errors += &error,
        }
    }
    let no_runtime = errors.contains("tsan") || errors.contains("No such file");
    assert!(no_runtime, "{errors}");
    eprintln!("skipped: {errors}");
}

#[test]
fn lf_lifo_has_no_race() {
    check("lf_lifo_mt.c");
}

#[test]
fn quota_has_no_race() {
    check("quota.cc");
}
