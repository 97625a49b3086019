// SPDX-License-Identifier: BSD-2-Clause
//! The kernel's configuration: `.needs_kconfigs`, and whether the kernel is one of the
//! slow ones that get more time.

use core::ffi::CStr;
use core::iter::Peekable;
use core::str::Chars;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{env, fs};

use super::definition::{Test, elements};
use super::report::{TCONF, TINFO, brk, res};
use super::text::Bytes;

/// Options that make a kernel several times slower.
const SLOW: [&str; 13] = [
    "CONFIG_DEBUG_KMEMLEAK",
    "CONFIG_DEBUG_MUTEXES",
    "CONFIG_DEBUG_OBJECTS",
    "CONFIG_DEBUG_PAGEALLOC",
    "CONFIG_DEBUG_RT_MUTEXES",
    "CONFIG_DEBUG_SPINLOCK",
    "CONFIG_FAULT_INJECTION",
    "CONFIG_KASAN",
    "CONFIG_KCSAN",
    "CONFIG_LATENCYTOP",
    "CONFIG_LOCKDEP",
    "CONFIG_PROVE_LOCKING",
    "CONFIG_TRACE_IRQFLAGS",
];

/// The configuration as text; empty if there is none to be found.
fn config() -> &'static str {
    static CONFIG: OnceLock<String> = OnceLock::new();
    CONFIG.get_or_init(|| find().and_then(|path| read(&path)).unwrap_or_default())
}

fn find() -> Option<PathBuf> {
    if let Some(path) = env::var_os("KCONFIG_PATH") {
        return Some(path.into());
    }
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let release = release.trim();
    [
        "/proc/config.gz".to_owned(),
        format!("/lib/modules/{release}/config"),
        format!("/lib/modules/{release}/build/.config"),
        format!("/boot/config-{release}"),
    ]
    .map(PathBuf::from)
    .into_iter()
    .find(|path| path.exists())
}

fn read(path: &Path) -> Option<String> {
    if path.extension().is_none_or(|extension| extension != "gz") {
        return fs::read_to_string(path).ok();
    }
    let mut zcat = Command::new("zcat")
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut text = String::new();
    let complete = zcat.stdout.take()?.read_to_string(&mut text).is_ok();
    let succeeded = zcat.wait().is_ok_and(|status| status.success());
    (complete && succeeded).then_some(text)
}

/// What follows `name=`.
fn value<'a>(config: &'a str, name: &str) -> Option<&'a str> {
    config
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
}

/// Is one of the slow options built in?
pub(crate) fn is_slow_kernel() -> bool {
    !skip_checks() && SLOW.iter().any(|name| value(config(), name) == Some("y"))
}

fn skip_checks() -> bool {
    env::var_os("KCONFIG_SKIP_CHECK").is_some()
}

/// The test's `.needs_kconfigs`: expressions that must all be true.
pub(crate) fn check(test: &Test) {
    if test.needs_kconfigs.is_null() || skip_checks() {
        return;
    }
    if config().is_empty() {
        return brk!(TCONF, "Cannot find the kernel configuration");
    }
    let mut unsuitable = false;
    // SAFETY: the array belongs to the test.
    for text in unsafe { elements(test.needs_kconfigs) } {
        // SAFETY: its strings, too.
        let text = unsafe { CStr::from_ptr(*text) };
        let holds = text.to_str().ok().and_then(|text| evaluate(text, config()));
        match holds {
            Some(true) => continue,
            Some(false) => {
                res!(
                    TINFO,
                    "Constraint '{}' not satisfied!",
                    Bytes(text.to_bytes())
                );
            }
            None => res!(
                TINFO,
                "Constraint '{}' is malformed",
                Bytes(text.to_bytes())
            ),
        }
        unsuitable = true;
    }
    if unsuitable {
        brk!(
            TCONF,
            "Aborting due to unsuitable kernel config, see above!"
        );
    }
}

/// `CONFIG_A`, `CONFIG_A=y`, combined with `! & | ( )`; `None` if it is malformed.
fn evaluate(text: &str, config: &str) -> Option<bool> {
    let mut input = Expression {
        rest: text.chars().peekable(),
        config,
    };
    let holds = input.any()?;
    input.skip_blanks();
    input.rest.next().is_none().then_some(holds)
}

/// Recursive descent; `&` binds tighter than `|`.
struct Expression<'a> {
    rest: Peekable<Chars<'a>>,
    config: &'a str,
}

impl Expression<'_> {
    fn skip_blanks(&mut self) {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.skip_blanks();
        self.rest.next_if_eq(&wanted).is_some()
    }

    fn any(&mut self) -> Option<bool> {
        let mut holds = self.all()?;
        while self.eat('|') {
            holds |= self.all()?;
        }
        Some(holds)
    }

    fn all(&mut self) -> Option<bool> {
        let mut holds = self.one()?;
        while self.eat('&') {
            holds &= self.one()?;
        }
        Some(holds)
    }

    fn one(&mut self) -> Option<bool> {
        if self.eat('!') {
            return Some(!self.one()?);
        }
        if self.eat('(') {
            let holds = self.any()?;
            return self.eat(')').then_some(holds);
        }
        let mut word = String::new();
        while let Some(c) = self.rest.next_if(|c| !"!&|() \t\n".contains(*c)) {
            word.push(c);
        }
        let (name, wanted) = match word.split_once('=') {
            Some((name, wanted)) => (name, Some(wanted)),
            None => (word.as_str(), None),
        };
        if name.is_empty() {
            return None;
        }
        let found = value(self.config, name);
        Some(match wanted {
            Some("n") => found.is_none(),
            Some(wanted) => found == Some(wanted),
            None => matches!(found, Some("y" | "m")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D=14\n";

    #[test]
    fn expressions() {
        for (text, holds) in [
            ("CONFIG_A", true),
            ("CONFIG_B", true),
            ("CONFIG_C", false),
            ("CONFIG_B=y", false),
            ("CONFIG_C=n", true),
            ("CONFIG_D=14", true),
            ("!CONFIG_C & CONFIG_A=y", true),
            ("CONFIG_C | CONFIG_C & CONFIG_A", false),
            ("(CONFIG_A|CONFIG_C)&!(CONFIG_B)", false),
        ] {
            assert_eq!(evaluate(text, CONFIG), Some(holds), "{text}");
        }
        for text in ["", "CONFIG_A &", "(CONFIG_A", "CONFIG_A)", "| CONFIG_A"] {
            assert_eq!(evaluate(text, CONFIG), None, "{text}");
        }
    }
}
