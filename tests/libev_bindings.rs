// SPDX-License-Identifier: BSD-2-Clause
//! `src/cord/ev.rs` is what bindgen makes of the installed `<ev.h>`: checked in, so
//! that a build needs neither bindgen nor libclang, and compared here.
//!
//! `CORDAGE_BLESS=1 cargo test --test libev_bindings` writes it anew.

use std::path::Path;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cord/ev.rs");

#[test]
fn bindings_are_what_bindgen_makes() {
    if !libclang_is_installed() {
        eprintln!("skipped: no libclang (Debian: libclang1-14)");
        return;
    }
    let bindings = generate();
    if std::env::var_os("CORDAGE_BLESS").is_some() {
        std::fs::write(FILE, &bindings).expect("a writable checkout");
    }
    let checked_in = std::fs::read_to_string(FILE).expect("src/cord/ev.rs");
    assert!(
        checked_in == bindings,
        "src/cord/ev.rs differs from bindgen's output"
    );
}

fn generate() -> String {
    let watchers = "ev_(watcher|async|idle|timer|io|prepare|check|loop|tstamp)";
    let functions = "ev_(default_loop|loop_new|loop_destroy|run|break|now|feed_event\
        |pending_count|invoke_pending|ref|unref\
        |timer_start|timer_stop|idle_start|idle_stop\
        |prepare_start|prepare_stop|check_start|check_stop\
        |async_start|async_stop|async_send|io_start|io_stop)";
    bindgen::Builder::default()
        // As include/tarantool_ev.h includes it.
        .header_contents(
            "ev_as_tarantool.h",
            "#define EV_MULTIPLICITY 1\n#define EV_COMPAT3 0\n#include <ev.h>\n",
        )
        .allowlist_recursively(true)
        .allowlist_type(watchers)
        .allowlist_function(functions)
        .allowlist_var("EV_(READ|WRITE|CUSTOM|_IOFDSET)|EVFLAG_AUTO|EVBREAK_ALL")
        .raw_line("// SPDX-License-Identifier: BSD-2-Clause")
        .raw_line("// The part of libev that the library uses.")
        .rust_target(bindgen::RustTarget::stable(85, 0).unwrap_or_else(|e| panic!("{e}")))
        .rust_edition(bindgen::RustEdition::Edition2024)
        // stddef.h and its like: gcc's will do, clang itself need not be there.
        .clang_args(["-isystem", &gcc_headers()])
        // Callbacks and the functions that call them unwind: `pthread_cancel`.
        .override_abi(bindgen::Abi::CUnwind, ".*")
        .use_core()
        .merge_extern_blocks(true)
        .generate()
        .expect("libev's header (Debian: libev-dev)")
        .to_string()
}

fn gcc_headers() -> String {
    let output = std::process::Command::new("gcc")
        .arg("-print-file-name=include")
        .output()
        .expect("gcc");
    String::from_utf8(output.stdout)
        .expect("a path")
        .trim_end()
        .to_string()
}

fn libclang_is_installed() -> bool {
    if std::env::var_os("LIBCLANG_PATH").is_some() {
        return true;
    }
    let directories = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/llvm-14/lib"];
    directories
        .into_iter()
        .filter_map(|d| Path::new(d).read_dir().ok())
        .flatten()
        .any(|entry| {
            entry.is_ok_and(|e| {
                e.file_name()
                    .to_string_lossy()
                    .starts_with("libclang-14.so")
            })
        })
}
