// SPDX-License-Identifier: BSD-2-Clause
//! The headers of `small` are fit for strangers: each one stands alone, without a
//! warning, in every language they are written for.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Every header, and something that it alone has to give (spec small.md 1.2).
const HEADERS: [(&str, &str); 18] = [
    (
        "pmatomic.h",
        "bool f(int *p) { int e = 1; return pm_atomic_compare_exchange_weak(p, &e, 2); }",
    ),
    (
        "salad/stailq.h",
        "void f(struct stailq *q) { stailq_create(q); }",
    ),
    (
        "cordage/arena.h",
        "size_t f(struct slab_arena *a) { return cordage_arena_trim(a); }",
    ),
    (
        "small/rlist.h",
        "int f(struct rlist *l) { return rlist_empty(l); } typedef typeof(1) number;",
    ),
    (
        "small/lifo.h",
        "bool f(struct lifo *l) { assert(l); return lifo_is_empty(l); }",
    ),
    (
        "small/lf_lifo.h",
        "bool f(struct lf_lifo *l) { assert(l); return lf_lifo_is_empty(l); }",
    ),
    (
        "small/quota.h",
        "bool f(struct quota *q) { return quota_use(q, getpid()) < 0 ? false : true; }",
    ),
    (
        "small/quota_lessor.h",
        "ssize_t f(struct quota_lessor *l) { return quota_lease(l, 1); }",
    ),
    (
        "small/slab_arena.h",
        "bool f(int flags) { return flags == MAP_PRIVATE; }",
    ),
    (
        "small/slab_cache.h",
        "unsigned f(void) { return UINT_MAX - INT_MAX - CHAR_MAX - slab_sizeof(); }",
    ),
    (
        "small/mempool.h",
        "void *f(struct mempool *p) { mempool_free(p, 0); return memset(p, 0, 1); }",
    ),
    (
        "small/region.h",
        "void *f(struct region *r) { puts(\"\"); return region_aligned_alloc(r, 1, 8); }",
    ),
    (
        "small/static.h",
        "void *f(void) { return static_aligned_alloc(1, 8); }",
    ),
    (
        "small/small_class.h",
        "unsigned f(struct small_class *c) { return small_class_calc_offset_by_size(c, UINT_MAX); }",
    ),
    (
        "small/small.h",
        "void *f(struct small_alloc *a) { return smalloc(a, mempool_objsize_max(65536)); }",
    ),
    (
        "small/ibuf.h",
        "void *f(struct ibuf *b) { assert(b); return ibuf_alloc(b, 1); }",
    ),
    (
        "small/obuf.h",
        "int f(struct obuf *b) { struct iovec *v = b->iov; return v && true && obuf_iovcnt(b); }",
    ),
    (
        "small/small_features.h",
        "bool f(void) { return small_test_feature(SMALL_FEATURE_DONTDUMP); }",
    ),
];

const LANGUAGES: [(&str, &str); 4] = [
    ("c", "-std=c11"),
    ("c", "-std=gnu11"),
    ("c", "-std=c99"),
    ("c++", "-std=c++11"),
];

fn compile(compiler: &str, options: &[&str], code: &str) -> Result<(), String> {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let mut child = Command::new(compiler)
        .args(options)
        .args([
            "-Wall",
            "-Wextra",
            "-Werror",
            "-fsyntax-only",
            "-D_GNU_SOURCE",
            "-I",
        ])
        .arg(&include)
        // For "../small/rlist.h" (spec small.md 1.1).
        .arg("-I")
        .arg(include.join("small"))
        .arg("-")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{compiler}: {error}"))?;
    child
        .stdin
        .take()
        .unwrap()
        .write_all(code.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    if output.status.success() {
        Ok(())
    } else {
        Err(format!(
            "{compiler} {options:?}\n{code}{}",
            String::from_utf8_lossy(&output.stderr)
        ))
    }
}

/// All headers in one language: alone, twice, and all together.
fn check(compiler: &str, language: &str, standard: &str, ndebug: bool) {
    let mut options = vec!["-x", language, standard];
    if ndebug {
        options.push("-DNDEBUG");
    }
    let mut all = String::new();
    for (header, use_it) in HEADERS {
        let include = format!("#include \"{header}\"\n");
        let code = format!(
            "{include}{include}{}\nextern int not_empty;\n",
            prototype(use_it)
        );
        if let Err(message) = compile(compiler, &options, &code) {
            panic!("{message}");
        }
        all += &include;
    }
    all += "#include \"../small/rlist.h\"\nextern int not_empty;\n";
    if let Err(message) = compile(compiler, &options, &all) {
        panic!("{message}");
    }
}

/// In C, too, a function without a prototype may be warned about.
fn prototype(definition: &str) -> String {
    let head = &definition[..definition.find('{').unwrap()];
    format!("{head};\n{definition}")
}

#[test]
fn gcc_takes_each_header_alone() {
    for (language, standard) in LANGUAGES {
        let compiler = if language == "c" { "gcc" } else { "g++" };
        check(compiler, language, standard, false);
        check(compiler, language, standard, true);
    }
}

#[test]
fn clang_takes_each_header_alone() {
    if compile("clang", &["-x", "c"], "extern int not_empty;\n").is_err() {
        eprintln!("skipped: no clang");
        return;
    }
    for (language, standard) in LANGUAGES {
        check("clang", language, standard, false);
        check("clang", language, standard, true);
    }
}

/// A type error in the user's code is still one: the macros check what they are
/// given.
#[test]
fn entry_macros_check_types() {
    let code = |member: &str| {
        format!(
            "#include \"small/rlist.h\"\n\
             struct other {{ int x; }};\n\
             struct item {{ struct rlist link; struct other other; }};\n\
             struct item *f(struct rlist *link) {{ return rlist_entry(link, struct item, {member}); }}\n"
        )
    };
    assert_eq!(compile("gcc", &["-x", "c"], &code("link")), Ok(()));
    assert!(compile("gcc", &["-x", "c"], &code("other")).is_err());
}
