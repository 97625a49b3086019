// SPDX-License-Identifier: BSD-2-Clause
//! `-h` (spec ltp.md 6.2): the environment, the time limits, the options, the tags.

use core::ffi::CStr;

use super::definition::{Tag, Test, elements, string};
use super::options::{self, BuiltIn};
use super::report::plain;
use super::text::Bytes;
use super::time_limit;

const VARIABLES: [(&str, &str); 10] = [
    (
        "KCONFIG_PATH",
        "Kernel configuration file (default: found by itself)",
    ),
    (
        "KCONFIG_SKIP_CHECK",
        "Set it to skip all checks of the kernel configuration",
    ),
    (
        "LTPROOT",
        "Installation prefix for data files (default: none)",
    ),
    (
        "LTP_COLORIZE_OUTPUT",
        "y or 1 always, n or 0 never (default: on a terminal)",
    ),
    (
        "LTP_DEBUG",
        "1 or y: debug lines of the test, 2: of the library, too (default: 0)",
    ),
    (
        "LTP_IPC_PATH",
        "Set by the library for programs that the test executes",
    ),
    (
        "LTP_REPRODUCIBLE_OUTPUT",
        "y or 1: print neither messages nor TINFO (default: n)",
    ),
    ("LTP_RUNTIME_MUL", "Multiplies the runtime (default: 1)"),
    ("LTP_TIMEOUT_MUL", "Multiplies the timeout (default: 1)"),
    (
        "TMPDIR",
        "Absolute path under which temporary directories go (default: /tmp)",
    ),
];

fn title(text: &str) {
    plain(format_args!(
        "{text}\n{:-<width$}\n",
        "",
        width = text.len()
    ));
}

/// Everything but the tags.
pub(crate) fn print(test: &Test) {
    title("Environment Variables");
    for (name, text) in VARIABLES {
        plain(format_args!("{name:24} {text}\n"));
    }
    plain(format_args!("\n"));
    title("Timeout and runtime");
    time_limit::describe(test);
    plain(format_args!("\n"));
    title("Options");
    for option in BuiltIn::all() {
        plain(format_args!("{}\n", option.line()));
    }
    for option in options::of_test(test) {
        // SAFETY: strings of the test; the help text may be missing.
        let (letters, text) = unsafe {
            (
                CStr::from_ptr(option.optstr),
                string(option.help).unwrap_or_default(),
            )
        };
        let letter = letters.to_bytes().first().copied().unwrap_or(b'?');
        plain(format_args!(
            "-{}\t {}\n",
            char::from(letter),
            Bytes(text.to_bytes())
        ));
    }
    plain(format_args!("\n"));
}

/// The tags, if there are any.
pub(crate) fn print_tags(test: &Test) {
    let mut tags = of_test(test).peekable();
    if tags.peek().is_none() {
        return;
    }
    plain(format_args!("\n"));
    title("Tags");
    for (name, value) in tags {
        let value = Bytes(value.to_bytes());
        match HINTS
            .iter()
            .find(|hint| hint.tag == name && !hint.prefix.is_empty())
        {
            Some(hint) => plain(format_args!("{}{value}\n", hint.prefix)),
            None => plain(format_args!("{}: {value}\n", Bytes(name.to_bytes()))),
        }
    }
    plain(format_args!("\n"));
}

/// Name and value of each tag.
pub(crate) fn of_test(
    test: &Test,
) -> impl Iterator<Item = (&'static CStr, &'static CStr)> {
    // SAFETY: the array and its strings belong to the test and outlive the run.
    unsafe { elements(test.tags) }.map(|tag: &Tag| unsafe {
        (
            CStr::from_ptr(tag.name),
            string(tag.value).unwrap_or_default(),
        )
    })
}

/// What a tag means to somebody whose test failed (spec ltp.md 9.2).
pub(crate) struct Hint {
    pub(crate) tag: &'static CStr,
    pub(crate) text: &'static str,
    pub(crate) prefix: &'static str,
}

/// In the order in which they are printed.
pub(crate) const HINTS: [Hint; 6] = [
    Hint {
        tag: c"linux-git",
        text: "missing kernel fixes",
        prefix: "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/commit/?id=",
    },
    Hint {
        tag: c"linux-stable-git",
        text: "missing stable kernel fixes",
        prefix: "https://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git/commit/?id=",
    },
    Hint {
        tag: c"glibc-git",
        text: "missing glibc fixes",
        prefix: "https://sourceware.org/git/?p=glibc.git;a=commit;h=",
    },
    Hint {
        tag: c"musl-git",
        text: "missing musl fixes",
        prefix: "https://git.musl-libc.org/cgit/musl/commit/?id=",
    },
    Hint {
        tag: c"CVE",
        text: "vulnerable to CVE(s)",
        prefix: "https://cve.mitre.org/cgi-bin/cvename.cgi?name=CVE-",
    },
    Hint {
        tag: c"known-fail",
        text: "hit by known kernel failures",
        prefix: "",
    },
];
