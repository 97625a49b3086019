// SPDX-License-Identifier: BSD-2-Clause
//! The command line (spec ltp.md 6): the harness's own options and the test's.

use core::ffi::{CStr, c_char, c_int};
use std::ffi::CString;
use std::sync::OnceLock;

use super::definition::{Test, TestOption, elements, string};
use super::report::{self, Site, TBROK, TWARN, brk, res};
use super::text::Bytes;
use super::{help, parse, run};

unsafe extern "C" {
    // getopt(3)'s variables, which the libc crate does not declare for Linux.
    static optarg: *mut c_char;
    static optind: c_int;
}

/// What the command line said.
pub(crate) struct Options {
    /// `-i`: at least so many rounds.
    pub(crate) iterations: c_int,
    /// `-I` of a test without a runtime: rounds for so many seconds.
    pub(crate) duration: Option<f32>,
    /// `-I` of a test with one: replaces it, in seconds.
    pub(crate) runtime: Option<c_int>,
}

static OPTIONS: OnceLock<Options> = OnceLock::new();

/// What `parse` found.
pub(crate) fn get() -> &'static Options {
    OPTIONS.get_or_init(|| Options {
        iterations: 1,
        duration: None,
        runtime: None,
    })
}

/// An option of the harness: its getopt letters and its line in the help text. The
/// columns are part of the interface, and wider since 2026 (spec ltp.md 6.2).
pub(crate) struct BuiltIn {
    letters: &'static str,
    line_2023: &'static str,
    line_2026: &'static str,
}

const fn built_in(
    letters: &'static str,
    line_2023: &'static str,
    line_2026: &'static str,
) -> BuiltIn {
    BuiltIn {
        letters,
        line_2023,
        line_2026,
    }
}

/// In the order of the help text; an empty line means that the generation lacks it.
const BUILT_INS: [BuiltIn; 6] = [
    built_in(
        "h",
        "-h       Prints this help",
        "-h        Prints this help",
    ),
    built_in(
        "i:",
        "-i n     Execute test n times",
        "-i n      Execute test n times",
    ),
    built_in(
        "I:",
        "-I x     Execute test for n seconds",
        "-I x      Execute test for n seconds",
    ),
    built_in(
        "D::",
        "",
        "-D[1,2]  Prints debug information (can be overwritten by LTP_DEBUG)",
    ),
    built_in(
        "V",
        "-V       Prints LTP version",
        "-V        Prints LTP version",
    ),
    built_in("C:", "-C ARG   Accepted for compatibility and ignored", ""),
];

impl BuiltIn {
    /// The options of the test's generation.
    pub(crate) fn all() -> impl Iterator<Item = &'static BuiltIn> {
        BUILT_INS.iter().filter(|option| !option.line().is_empty())
    }

    pub(crate) fn line(&self) -> &'static str {
        if super::is_2026() {
            self.line_2026
        } else {
            self.line_2023
        }
    }
}

/// The test's own options.
pub(crate) fn of_test(test: &Test) -> impl Iterator<Item = &TestOption> {
    // SAFETY: the array belongs to the test and lives as long as the program.
    unsafe { elements(test.options) }
}

/// Fills `OPTIONS` and the test's variables. Ends the run on `-h`, `-V` and errors.
pub(crate) fn parse(test: &Test, argc: c_int, argv: *mut *mut c_char) {
    let letters = letters(test);
    let mut options = Options {
        iterations: 1,
        duration: None,
        runtime: None,
    };
    let mut debug = 0;
    loop {
        // SAFETY: argc and argv are main's; the letters are NUL-terminated.
        let option = unsafe { libc::getopt(argc, argv, letters.as_ptr()) };
        if option == -1 {
            break;
        }
        // SAFETY: getopt left NULL or a string of argv there.
        let argument = unsafe { string(optarg) };
        let text = argument.unwrap_or_default();
        let letter = u8::try_from(option).unwrap_or(b'?');
        match letter {
            b'?' => {
                help::print(test);
                brk!(TBROK, "Invalid option");
            }
            b'h' => {
                help::print(test);
                help::print_tags(test);
                run::leave(0);
            }
            b'V' => {
                report::plain(format_args!("{}\n", super::VERSION));
                run::leave(0);
            }
            b'i' => {
                let n = parse::safe_strtol(Site::here(), text, 0, c_int::MAX.into());
                options.iterations = c_int::try_from(n).unwrap_or(c_int::MAX);
            }
            b'I' if test.runtime != 0 => {
                let n = parse::safe_strtol(Site::here(), text, 1, c_int::MAX.into());
                options.runtime = Some(c_int::try_from(n).unwrap_or(c_int::MAX));
            }
            b'I' => {
                let seconds = parse::safe_strtof(Site::here(), text, 0.1, f32::INFINITY);
                options.duration = Some(seconds);
            }
            b'C' if !super::is_2026() => {}
            b'D' if super::is_2026() => {
                debug = match argument.map_or(&b"1"[..], CStr::to_bytes) {
                    b"1" => 1,
                    b"2" => 2,
                    other => {
                        brk!(TBROK, "Invalid debug level '{}'", Bytes(other));
                        0
                    }
                };
            }
            _ => set_test_option(test, letter, argument),
        }
    }
    // SAFETY: getopt has set optind to the first of the arguments it left over.
    let extra = unsafe { (optind < argc).then(|| *argv.offset(optind as isize)) };
    // SAFETY: an element of argv before argc is a string.
    if let Some(extra) = extra.and_then(|extra| unsafe { string(extra) }) {
        brk!(
            TBROK,
            "Unexpected argument(s) '{}'...",
            Bytes(extra.to_bytes())
        );
    }
    report::set_debug_level(debug_level(debug));
    let _ = OPTIONS.set(options);
}

/// `LTP_DEBUG` has the last word over `-D`.
fn debug_level(option: c_int) -> c_int {
    match report::variable(c"LTP_DEBUG") {
        None | Some(b"") => option,
        Some(b"n" | b"0") => 0,
        Some(b"y" | b"1") => 1,
        Some(b"2") => 2,
        Some(other) => {
            if super::is_2026() {
                res!(TWARN, "Invalid LTP_DEBUG value: '{}'", Bytes(other));
            }
            option
        }
    }
}

/// All option letters for getopt; a test's must not begin with one of ours.
fn letters(test: &Test) -> CString {
    let mut all: Vec<u8> = BuiltIn::all().flat_map(|own| own.letters.bytes()).collect();
    for option in of_test(test) {
        // SAFETY: the test's string.
        let letters = unsafe { CStr::from_ptr(option.optstr) }.to_bytes();
        let taken = |own: &&BuiltIn| own.letters.as_bytes().first() == letters.first();
        if let Some(own) = BuiltIn::all().find(taken) {
            brk!(TBROK, "Option collision '{}'", own.line());
        }
        all.extend_from_slice(letters);
    }
    // The parts were C strings, so nothing is lost.
    CString::new(all).unwrap_or_default()
}

fn set_test_option(test: &Test, letter: u8, argument: Option<&CStr>) {
    for option in of_test(test) {
        // SAFETY: the test's string.
        let letters = unsafe { CStr::from_ptr(option.optstr) }.to_bytes();
        if letters.first() != Some(&letter) || option.arg.is_null() {
            continue;
        }
        let value = argument.unwrap_or(c"");
        // SAFETY: the test's variable; nobody else runs yet. The value is part of argv
        // or a literal, so it lives as long as the program.
        unsafe {
            if !(*option.arg).is_null() {
                res!(
                    TWARN,
                    "Option -{} passed multiple times",
                    char::from(letter)
                );
            }
            *option.arg = value.as_ptr().cast_mut();
        }
        return;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::ptr;

    /// A test with these options, and nothing else.
    fn test_with(options: &mut [TestOption]) -> Test {
        // SAFETY: all zero is a valid definition: NULL pointers and no callbacks.
        let mut test: Test = unsafe { core::mem::zeroed() };
        test.options = options.as_mut_ptr();
        test
    }

    const END: TestOption = TestOption {
        optstr: ptr::null(),
        arg: ptr::null_mut(),
        help: ptr::null(),
    };

    fn option(letters: &'static CStr, arg: *mut *mut c_char) -> TestOption {
        TestOption {
            optstr: letters.as_ptr(),
            arg,
            help: ptr::null(),
        }
    }

    #[test]
    fn letters_of_both_are_getopts_string() {
        assert_eq!(letters(&test_with(&mut [END])).as_c_str(), c"hi:I:VC:");
        let mut own = [
            option(c"m:", ptr::null_mut()),
            option(c"f", ptr::null_mut()),
            END,
        ];
        assert_eq!(letters(&test_with(&mut own)).as_c_str(), c"hi:I:VC:m:f");
    }

    #[test]
    fn arguments_go_to_the_variable_of_their_letter() {
        let mut flag: *mut c_char = ptr::null_mut();
        let mut word: *mut c_char = ptr::null_mut();
        let mut own = [option(c"f", &mut flag), option(c"w:", &mut word), END];
        let test = test_with(&mut own);
        set_test_option(&test, b'f', None);
        set_test_option(&test, b'w', Some(c"text"));
        set_test_option(&test, b'x', Some(c"nobody's"));
        // SAFETY: both were set to literals.
        let (flag, word) = unsafe { (string(flag), string(word)) };
        assert_eq!((flag, word), (Some(c""), Some(c"text")));
    }
}
