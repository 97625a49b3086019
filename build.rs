//! Compiles the few lines that must be C or C++ (`src/shim/<feature>/`): the
//! variadic entry points, ELF TLS objects, weak references and C++ classes
//! that stable Rust cannot express.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=include");
    for feature in ["fiber", "unit", "ltp"] {
        if env::var_os(format!("CARGO_FEATURE_{}", feature.to_uppercase())).is_some() {
            shim(feature);
        }
    }
    if env::var_os("CARGO_FEATURE_FIBER").is_some() {
        println!("cargo:rustc-link-lib=dylib=ev");
    }
}

/// One static library for the C files of a feature and one for its C++ files:
/// the two need different language flags.
fn shim(feature: &str) {
    let dir = Path::new("src/shim").join(feature);
    println!("cargo:rerun-if-changed={}", dir.display());
    let c = sources(&dir, "c");
    if !c.is_empty() {
        compiler(feature)
            .std("c11")
            .files(&c)
            .compile(&format!("cordage_{feature}_c"));
    }
    let cxx = sources(&dir, "cc");
    if !cxx.is_empty() {
        compiler(feature)
            .cpp(true)
            .std("c++11")
            .files(&cxx)
            .compile(&format!("cordage_{feature}_cxx"));
    }
}

/// `-fexceptions`: C++ exceptions and `pthread_cancel` unwind through these
/// frames. `-fno-omit-frame-pointer`: backtraces walk them.
fn compiler(feature: &str) -> cc::Build {
    let mut build = cc::Build::new();
    // A kernel tester has the headers of the ltp harness and no others.
    build.include(if feature == "ltp" {
        "include/ltp"
    } else {
        "include"
    });
    build
        .include("src/shim")
        .define("_GNU_SOURCE", None)
        .flag("-fexceptions")
        .flag("-funwind-tables")
        .flag("-fno-omit-frame-pointer")
        .flag("-fno-stack-protector")
        .flag("-fno-common")
        .flag("-Wall")
        .flag("-Wextra")
        .warnings_into_errors(true);
    if env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_none() {
        build.define("NDEBUG", None);
    }
    build
}

fn sources(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = dir.read_dir() else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable shim directory").path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    files.sort();
    files
}
