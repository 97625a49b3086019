// SPDX-License-Identifier: BSD-2-Clause
//! Escaping for JSON strings (RFC 8259, section 7; which characters: spec diag.md 12.6).

use super::bounded::Bounded;

/// Appends `data` escaped, without the quotes around it.
pub fn escape(text: &mut Bounded, data: &[u8]) {
    for &byte in data {
        let short = match byte {
            b'"' | b'\\' | b'/' => byte,
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0c => b'f',
            b'\r' => b'r',
            ..0x20 | 0x7f => {
                let digit = |value: u8| match value {
                    0..=9 => b'0' + value,
                    _ => b'a' + (value - 10),
                };
                text.push(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
                continue;
            }
            _ => {
                text.push(&[byte]);
                continue;
            }
        };
        text.push(&[b'\\', short]);
    }
}
