//! Text of a server, made safe to show.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with what would steer a terminal, break a line or turn the direction of the text around it written as an
/// escape: controls (C0, DEL, C1), separators of lines and paragraphs, bidirectional controls. `escapes.py` does the same
/// for text that does not pass through here.
///
/// ```
/// use confluence_access::model::visible;
/// assert_eq!(visible("red \u{1b}[31m and \u{202e} backwards"), r"red \x1b[31m and \u202e backwards");
/// ```
// Source: https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        // Writing to a text cannot fail.
        let _ = match (c, u32::from(c)) {
            ('\n', _) => shown.write_str("\\n"),
            ('\r', _) => shown.write_str("\\r"),
            ('\t', _) => shown.write_str("\\t"),
            (c, code) if steers(c) && code < 0x100 => write!(shown, "\\x{code:02x}"),
            (c, code) if steers(c) => write!(shown, "\\u{code:04x}"),
            (c, _) => shown.write_char(c),
        };
    }
    Cow::Owned(shown)
}

fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
