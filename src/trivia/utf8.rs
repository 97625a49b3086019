// SPDX-License-Identifier: BSD-2-Clause
//! Which text can be shown as it is.

/// `utf8_check_printable`: valid UTF-8 (which excludes surrogates) without C1 controls,
/// byte order marks and non-characters at the end of the basic plane, and without
/// anything beyond that plane. ASCII passes, its control characters too.
pub fn is_printable(bytes: &[u8]) -> bool {
    core::str::from_utf8(bytes).is_ok_and(|text| {
        text.chars()
            .all(|c| !matches!(c, '\u{80}'..='\u{9f}' | '\u{feff}' | '\u{fffe}'.. ))
    })
}
