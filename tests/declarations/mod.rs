// SPDX-License-Identifier: BSD-2-Clause
//! C declarations from Rust signatures, for the tests that compile them behind the
//! headers' own.

use cbindgen::{Builder, Config, ItemType, Language, Style};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn prototypes(source: &Path) -> String {
    let mut config = Config {
        language: Language::C,
        style: Style::Tag,
        no_includes: true,
        usize_is_size_t: true,
        documentation: false,
        ..Config::default()
    };
    config.export.item_types = vec![ItemType::Functions];
    let mut code = Vec::new();
    Builder::new()
        .with_config(config)
        .with_src(source)
        .generate()
        .unwrap_or_else(|error| panic!("{}: {error}", source.display()))
        .write(&mut code);
    String::from_utf8(code).expect("C source is text")
}

/// Declarations of one source file, one a line.
pub fn of(source: &Path) -> Vec<String> {
    let code = prototypes(source).replace("Option<", "").replace('>', "");
    let statements = code.split(';').map(|statement| {
        // What a file declares for itself ("extern") is not ours to check.
        statement.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    statements
        .filter(|s| !s.is_empty() && !s.starts_with("extern "))
        .collect()
}

fn name(declaration: &str) -> &str {
    let head = declaration.split('(').next().expect("a name");
    head.rsplit([' ', '*']).next().expect("a name")
}

/// Compiles `headers`, C code that includes them, and the declarations. Returns the names
/// that no header declares: a declaration that repeats a header's is redundant, the
/// others were compared with nothing.
pub fn compile<'a>(
    file: &str,
    includes: &[&str],
    headers: &str,
    declarations: &'a [String],
) -> BTreeSet<&'a str> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    let code = format!("{headers}{};\n", declarations.join(";\n"));
    std::fs::write(&path, code).expect("a writable target directory");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("gcc")
        // Its messages are read below, quotes and all.
        .env("LC_ALL", "C")
        .args(["-std=c11", "-Wall", "-Wextra", "-Wredundant-decls"])
        .arg("-fsyntax-only")
        .args(includes.iter().flat_map(|i| ["-I".into(), root.join(i)]))
        .arg(&path)
        .output()
        .expect("gcc");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{messages}");
    declarations
        .iter()
        .map(|declaration| name(declaration))
        .filter(|name| {
            !messages.contains(&format!("redundant redeclaration of '{name}'"))
        })
        .collect()
}
