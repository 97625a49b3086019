// SPDX-License-Identifier: BSD-2-Clause
//! The text functions under the log and `trivia/util.h`, against simple models.
#![cfg(feature = "fiber")]

use cordage::say::logger_type;
use cordage::trivia::bounded::Bounded;
use cordage::trivia::{json, names, number, utf8};
use proptest::prelude::*;
use std::ffi::{CStr, CString, c_char};

fn bytes(text: &[c_char]) -> Vec<u8> {
    text.iter().map(|&c| c as u8).collect()
}

/// Escapes into a buffer that is large enough.
fn escaped(data: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0; data.len() * 6 + 1];
    let mut text = Bounded::new(&mut buffer);
    json::escape(&mut text, data);
    assert_eq!(text.length(), text.kept().len());
    text.kept().to_vec()
}

/// The opposite, as a JSON parser does it.
fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' => match rest.next()? {
                b'b' => data.push(8),
                b't' => data.push(b'\t'),
                b'n' => data.push(b'\n'),
                b'f' => data.push(12),
                b'r' => data.push(b'\r'),
                b'u' => {
                    let digits: Vec<u8> = rest.by_ref().take(4).collect();
                    let digits = std::str::from_utf8(&digits).ok()?;
                    data.push(u8::from_str_radix(digits, 16).ok()?);
                }
                itself @ (b'"' | b'\\' | b'/') => data.push(itself),
                _ => return None,
            },
            0..0x20 | 0x7f | b'"' => return None,
            _ => data.push(byte),
        }
    }
    Some(data)
}

proptest! {
    /// What is kept is a prefix of the whole, and terminated; nothing else is written.
    #[test]
    fn bounded_is_a_cut_of_the_whole(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..9),
        size in 0usize..40,
    ) {
        const UNTOUCHED: c_char = 0x55;
        let mut buffer = [UNTOUCHED; 41];
        let mut text = Bounded::new(&mut buffer[..size]);
        for piece in &pieces {
            text.push(piece);
        }
        let whole = pieces.concat();
        let kept = whole.len().min(size.saturating_sub(1));
        prop_assert_eq!(text.length(), whole.len());
        prop_assert_eq!(text.kept(), &whole[..kept]);
        let kept_bytes = bytes(&buffer[..kept]);
        prop_assert_eq!(&kept_bytes[..], &whole[..kept]);
        if size > 0 {
            prop_assert_eq!(buffer[kept], 0);
        }
        prop_assert!(buffer[size..].iter().all(|&c| c == UNTOUCHED));
    }

    #[test]
    fn escaping_can_be_undone(data in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert_eq!(unescaped(&escaped(&data)), Some(data));
    }

    /// Any mixture of valid and broken UTF-8, against a decoder written out.
    #[test]
    fn printable_as_specified(data in prop::collection::vec(
        prop_oneof![
            Just(vec![0xc2, 0x80]), Just(vec![0xc2, 0xa0]), Just(vec![0xef, 0xbb, 0xbf]),
            Just(vec![0xef, 0xbf, 0xbd]), Just(vec![0xef, 0xbf, 0xbe]),
            Just(vec![0xed, 0x9f, 0xbf]), Just(vec![0xed, 0xa0, 0x80]),
            Just(vec![0xf0, 0x90, 0x80, 0x80]), Just(vec![0xe0, 0xa0, 0x80]),
            any::<char>().prop_map(|c| c.to_string().into_bytes()),
            any::<u8>().prop_map(|byte| vec![byte]),
        ],
        0..4,
    )) {
        let data = data.concat();
        prop_assert_eq!(utf8::is_printable(&data), is_printable(&data), "{:x?}", data);
    }

    #[test]
    fn numbers_are_decimal(value: i64) {
        // SAFETY: a C string of this thread, which nobody changes before the next call.
        let text = unsafe { CStr::from_ptr(number::int_to_string(value)) };
        prop_assert_eq!(text.to_str().unwrap(), value.to_string());
    }

    #[test]
    fn names_are_found_in_any_case(
        table in prop::collection::vec("[a-c]{0,2}", 0..6),
        needle in "[A-C]{0,3}",
    ) {
        let strings: Vec<CString> =
            table.iter().map(|name| CString::new(name.as_str()).unwrap()).collect();
        let pointers: Vec<_> = strings.iter().map(|name| name.as_ptr()).collect();
        let count = table.len() as u32;
        let expected = |needle: &str| {
            table
                .iter()
                .position(|name| name.eq_ignore_ascii_case(needle))
                .map_or(count, |index| index as u32)
        };
        let terminated = CString::new(needle.as_str()).unwrap();
        // SAFETY: `count` C strings and a C string, of which at most the length is read.
        unsafe {
            prop_assert_eq!(
                names::index_of(pointers.as_ptr(), terminated.as_ptr(), count),
                expected(&needle)
            );
            for length in 0..=needle.len() {
                let found = names::index_of_bytes(
                    pointers.as_ptr(),
                    terminated.as_ptr(),
                    length as u32,
                    count,
                );
                let part = &needle[..length];
                prop_assert_eq!(found, if length == 0 { count } else { expected(part) });
            }
        }
    }

    /// A target without a prefix is a file if there is no colon in it.
    #[test]
    fn targets(text in "[|:a-c/]{0,6}") {
        let target = CString::new(text.as_str()).unwrap();
        let found = logger_type(&target);
        let expected = match text.as_bytes() {
            [b'|', ..] => Some(("Pipe", 1)),
            _ if text.contains(':') => None,
            _ => Some(("File", 0)),
        };
        let found = found.map(|(kind, length)| (format!("{kind:?}"), length));
        prop_assert_eq!(found, expected.map(|(kind, length)| (kind.to_owned(), length)));
    }
}

/// RFC 3629 by its table, without what the specification excludes.
fn is_printable(mut data: &[u8]) -> bool {
    while let Some(&first) = data.first() {
        let (length, low, high) = match first {
            0..=0x7f => (1, 0, 0),
            0xc2..=0xdf => (2, 0x80, 0xbf),
            0xe0 => (3, 0xa0, 0xbf),
            0xed => (3, 0x80, 0x9f),
            0xe1..=0xef => (3, 0x80, 0xbf),
            _ => return false,
        };
        let Some(character) = data.get(..length) else {
            return false;
        };
        let is_valid = character[1..].iter().enumerate().all(|(index, &byte)| {
            let range = if index == 0 { low..=high } else { 0x80..=0xbf };
            range.contains(&byte)
        });
        let is_excluded = matches!(
            character,
            [0xc2, 0x80..=0x9f] | [0xef, 0xbb, 0xbf] | [0xef, 0xbf, 0xbe | 0xbf]
        );
        if !is_valid || is_excluded {
            return false;
        }
        data = &data[length..];
    }
    true
}

#[test]
fn a_text_without_a_buffer_is_counted() {
    // SAFETY: no byte is written.
    let mut text = unsafe { Bounded::from_raw(std::ptr::null_mut(), 0) };
    text.push(b"abc");
    assert_eq!(
        (text.length(), text.kept(), text.c_str()),
        (3, &b""[..], c"")
    );
}
