// SPDX-License-Identifier: BSD-2-Clause
//! The headers against the reference's layouts (`abi/layout.tsv`, made from its debug
//! information): a translation unit of static assertions, as C and as C++.
//!
//! The same table is compared with what `layout!` asserts of the Rust structs. The
//! symbols of the archive are compared by `c_tests/abi/symbols.py`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const TABLE: &str = include_str!("../abi/layout.tsv");

/// Private to objects of the reference.
const NOT_IN_HEADERS: [&str; 4] = [
    "cord_on_exit",
    "ipc_wait_pad",
    "mh_i32ptr_t",
    "mh_i32ptr_node_t",
];

/// Classes: their members are protected, and C does not know them.
const CLASSES: [&str; 2] = ["SystemError", "OutOfMemory"];

const INCLUDES: [&str; 15] = [
    "fiber.h",
    "cbus.h",
    "fiber_pool.h",
    "fiber_cond.h",
    "fiber_channel.h",
    "latch.h",
    "memory.h",
    "diag.h",
    "reflection.h",
    "exception.h",
    "errinj.h",
    "trigger.h",
    "say.h",
    "small/quota.h",
    "small/lf_lifo.h",
];

struct Row {
    name: &'static str,
    field: &'static str,
    offset: usize,
    size: usize,
}

fn rows() -> impl Iterator<Item = Row> {
    TABLE.lines().map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[name, field, offset, size] = columns.as_slice() else {
            panic!("not four columns: {line}");
        };
        let number = |text: &str| text.parse().expect("a number");
        Row {
            name,
            field,
            offset: number(offset),
            size: number(size),
        }
    })
}

/// The assertions, in the common subset of C11 and C++11 after the prelude.
fn assertions(cxx: bool) -> String {
    let mut code = String::new();
    for header in INCLUDES {
        writeln!(code, "#include \"{header}\"").unwrap();
    }
    if !cxx {
        code.push_str("#define static_assert _Static_assert\n#define alignof _Alignof\n");
    }
    let mut assert = |condition: String, row: &Row| {
        writeln!(
            code,
            "static_assert({condition}, \"{} {}\");",
            row.name, row.field
        )
        .unwrap();
    };
    for row in rows() {
        let (name, field, size) = (row.name, row.field, row.size);
        if NOT_IN_HEADERS.contains(&name) {
            continue;
        }
        if CLASSES.contains(&name) {
            if cxx && field == "." {
                assert(format!("sizeof(class {name}) == {size}"), &row);
            }
            continue;
        }
        // In C++ a member function pointer stands beside it.
        if field == "thiscall" && !cxx {
            continue;
        }
        match field {
            "." => assert(format!("sizeof(struct {name}) == {size}"), &row),
            ".align" => assert(format!("alignof(struct {name}) == {size}"), &row),
            _ => {
                let offset = row.offset;
                assert(
                    format!("offsetof(struct {name}, {field}) == {offset}"),
                    &row,
                );
                assert(
                    format!("sizeof(((struct {name} *)0)->{field}) == {size}"),
                    &row,
                );
            }
        }
    }
    code
}

fn compile(compiler: &str, arguments: &[&str], code: &str, file: &str) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    std::fs::write(&path, code).expect("a writable target directory");
    let output = Command::new(compiler)
        .args(arguments)
        .args([
            "-Wall",
            "-Wextra",
            "-Werror",
            "-Wno-undef",
            "-D_GNU_SOURCE",
            "-fsyntax-only",
        ])
        .args(["-I", concat!(env!("CARGO_MANIFEST_DIR"), "/include")])
        .arg(&path)
        .output()
        .expect(compiler);
    assert!(
        output.status.success(),
        "{compiler} {}:\n{}",
        path.display(),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_table_is_not_empty() {
    assert!(rows().count() > 500);
    for name in NOT_IN_HEADERS.into_iter().chain(CLASSES) {
        assert!(
            rows().any(|row| row.name == name),
            "{name} is not in the table"
        );
    }
}

#[test]
fn headers_agree_as_c() {
    let arguments = ["-std=c11", "-x", "c"];
    compile("gcc", &arguments, &assertions(false), "layout.c");
}

#[test]
fn headers_agree_as_cxx() {
    let arguments = ["-std=c++11", "-x", "c++", "-Wno-invalid-offsetof"];
    compile("g++", &arguments, &assertions(true), "layout.cc");
}

/// A `layout!` line of the sources: see `src/abi.rs`.
struct Layout {
    name: String,
    size: usize,
    offsets: Vec<usize>,
}

fn layouts() -> Vec<Layout> {
    let mut found = Vec::new();
    for file in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let code = std::fs::read_to_string(&file).expect("a readable source");
        for line in code.split("\nlayout!(").skip(1) {
            let line = &line[..line.find(");").expect("the end of layout!")];
            found.push(
                parse_layout(line)
                    .unwrap_or_else(|| panic!("{}: {line}", file.display())),
            );
        }
    }
    found
}

/// `Slab = "slab", 48: next_in_cache 0, next_in_list 16; own 46`
fn parse_layout(line: &str) -> Option<Layout> {
    let (head, fields) = line.split_once(':')?;
    let mut head = head.split('"').skip(1);
    let name = head.next()?.to_string();
    let size = head.next()?.trim_matches([',', ' ']).parse().ok()?;
    let fields = fields.split(';').next()?;
    let offset = |field: &str| field.split_whitespace().nth(1)?.parse().ok();
    let offsets = fields.split(',').map(offset).collect::<Option<_>>()?;
    Some(Layout {
        name,
        size,
        offsets,
    })
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in directory.read_dir().expect("a readable directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.append(&mut rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

/// Structs of the table that Rust code does not see: C and C++ classes and inlines, and
/// libev's (checked by bindgen).
const NOT_IN_RUST: [&str; 12] = [
    "type_info",
    "method_info",
    "SystemError",
    "OutOfMemory",
    "latch",
    "mh_i32ptr_t",
    "mh_i32ptr_node_t",
    "ev_watcher",
    "ev_async",
    "ev_idle",
    "ev_timer",
    "ev_io",
];

#[test]
fn rust_structs_agree() {
    let layouts = layouts();
    let names: BTreeSet<&str> = rows().map(|row| row.name).collect();
    for name in names {
        if NOT_IN_RUST.contains(&name) {
            continue;
        }
        let layout = layouts
            .iter()
            .find(|layout| layout.name == name)
            .unwrap_or_else(|| panic!("no layout! for struct {name}"));
        let of_struct = || rows().filter(|row| row.name == name);
        let size = of_struct().find(|row| row.field == ".").map(|row| row.size);
        assert_eq!(size, Some(layout.size), "size of struct {name}");
        // Members of a union share an offset.
        let mut offsets: Vec<usize> = of_struct()
            .filter(|row| !row.field.contains('.'))
            .map(|row| row.offset)
            .collect();
        offsets.dedup();
        assert_eq!(layout.offsets, offsets, "fields of struct {name}");
    }
}
