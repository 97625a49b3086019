// SPDX-License-Identifier: BSD-2-Clause
//! The functions of the LTP-compatible harness against `include/ltp`, as
//! `tests/prototypes.rs` does it for the others. The macros that define the simple
//! `safe_*` functions, which cbindgen does not see through, are expanded here.

mod declarations;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const HEADERS: [&str; 6] = [
    "hugetlb.h",
    "tst_fuzzy_sync.h",
    "tst_safe_pthread.h",
    "tst_safe_stdio.h",
    "tst_safe_sysv_ipc.h",
    "tst_timer.h",
];

/// The types as the headers spell them.
const TYPES: &str = "
typedef struct dirent dirent;
typedef struct group group;
typedef struct iovec iovec;
typedef struct msqid_ds msqid_ds;
typedef struct passwd passwd;
typedef struct sembuf sembuf;
typedef struct shmid_ds shmid_ds;
typedef struct timespec timespec;
typedef struct tst_clone_args CloneArgs;
typedef struct tst_hugepage Hugepages;
typedef struct tst_path_val PathValue;
typedef struct tst_run_ Test;
typedef void (*OldCleanup)(void);
typedef void (*sighandler)(int);
typedef void *(*Start)(void *);
";

/// The numbers that `src/ltp/definition.rs` asserts about its side.
const LAYOUTS: &str = "
_Static_assert(offsetof(struct tst_run_, min_cpus) == 40, \"before it nine ints\");
_Static_assert(offsetof(struct tst_run_, options) == 80, \"the first pointer\");
_Static_assert(sizeof(struct tst_run_) == 80 + 18 * sizeof(void *), \"all of it\");
_Static_assert(sizeof(struct tst_option) == 24, \"\");
_Static_assert(sizeof(struct tst_path_val) == 24, \"\");
_Static_assert(sizeof(struct tst_tag) == 16, \"\");
_Static_assert(sizeof(struct tst_buffers) == 32, \"\");
_Static_assert(sizeof(struct tst_ulimit_val) == 16, \"\");
";

/// What the shims call; not exported, and declared there.
const UNDECLARED: [&str; 10] = [
    "cordage_ltp_brk",
    "cordage_ltp_cannot_read",
    "cordage_ltp_expect",
    "cordage_ltp_hexd",
    "cordage_ltp_missing_breaks",
    "cordage_ltp_open",
    "cordage_ltp_refuse_cleanup",
    "cordage_ltp_res",
    "cordage_ltp_scanned",
    "cordage_ltp_write_file",
];

#[test]
fn the_harness_matches_its_headers() {
    let mut headers = String::from("#define _GNU_SOURCE\n#define TST_NO_DEFAULT_MAIN\n");
    for header in HEADERS {
        writeln!(headers, "#include \"{header}\"").unwrap();
    }
    headers.push_str(TYPES);
    headers.push_str(LAYOUTS);
    let all: Vec<String> = sources()
        .iter()
        .flat_map(|source| declarations::of(&expanded(source)))
        // A function has the name of this structure.
        .map(|declaration| declaration.replace("sigaction *", "struct sigaction *"))
        .collect();
    assert!(
        all.len() > 180,
        "cbindgen found only {} functions",
        all.len()
    );
    let undeclared =
        declarations::compile("ltp_prototypes.c", &["include/ltp"], &headers, &all);
    assert_eq!(undeclared, BTreeSet::from(UNDECLARED));
}

fn sources() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/capi/ltp");
    let mut files: Vec<PathBuf> = directory
        .read_dir()
        .expect("a readable directory")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| !path.ends_with("mod.rs"))
        .collect();
    files.sort();
    files
}

/// A copy of the source in which macros have become functions without bodies.
fn expanded(source: &Path) -> PathBuf {
    let mut code = String::new();
    let text = std::fs::read_to_string(source).expect("a source file");
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_call!") {
        let start = rest[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let macro_name = &rest[start..at];
        let body = &rest[at..];
        let end = body.find(if body.starts_with("_call! {") {
            "\n}"
        } else {
            ");\n"
        });
        let end = end.expect("the end of a macro") + 2;
        code.push_str(&rest[..start]);
        match macro_name {
            "safe" | "pthread" => code.push_str(&function(&body[..end])),
            // The definition of a macro, or a use of its name.
            _ => code.push_str(&rest[start..at + end]),
        }
        rest = &body[end..];
    }
    code.push_str(rest);
    let name = source.file_name().expect("a name");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, code).expect("a writable target directory");
    path
}

/// `fn name(arguments) [-> type] = ...` with the arguments that the macros add.
fn function(body: &str) -> String {
    let (before, signature) = body.split_once("fn ").expect("a function");
    let (signature, _) = signature
        .split_once("\n        = ")
        .unwrap_or_else(|| signature.split_once(" =").expect("what it calls"));
    let (name, arguments) = signature.split_once('(').expect("arguments");
    let (arguments, ret) = arguments.rsplit_once(')').expect("their end");
    let ret = if ret.is_empty() { "-> c_int" } else { ret };
    let cleanup = if before.contains("cleanup") {
        "cleanup_fn: OldCleanup, "
    } else {
        ""
    };
    format!(
        "#[unsafe(no_mangle)] pub unsafe extern \"C\" fn {name}(file: *const c_char, \
         lineno: c_int, {cleanup}{arguments}) {ret} {{}}\n"
    )
}
