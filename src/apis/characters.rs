//! Texts of which a server cut a character in half.

use std::borrow::Cow;
use std::str::Utf8Error;

/// The text of `body`, with U+FFFD for every half of a character in it.
///
/// # Errors
/// Where it is no UTF-8 but for that.
pub(crate) fn whole(body: &[u8]) -> Result<Cow<'_, str>, Utf8Error> {
    match std::str::from_utf8(body) {
        Ok(text) => Ok(whole_characters(text)),
        Err(_) => {
            let text = String::from_utf8(without_surrogate_bytes(body)).map_err(|error| error.utf8_error())?;
            Ok(Cow::Owned(whole_characters(&text).into_owned()))
        }
    }
}

/// `text` with U+FFFD for every half of a surrogate pair that is spelled as an escape. Java and JavaScript count a
/// character outside the basic plane as two, so that a title cut to a length may end in half of one; such a text is legal
/// JSON by its grammar and no text at all.
// Source: https://www.rfc-editor.org/rfc/rfc8259#section-8.2
fn whole_characters(text: &str) -> Cow<'_, str> {
    // `\uXXXX` at `at`, as its number.
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let mut mended: Option<String> = None;
    let (mut kept, mut at) = (0, 0);
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += found;
        match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                let out = mended.get_or_insert_with(|| String::with_capacity(text.len()));
                out.push_str(text.get(kept..at).unwrap_or_default());
                out.push_str("\\ufffd");
                at += 6;
                kept = at;
            }
            // Any other escape: what stands behind the backslash is not the beginning of one.
            _ => at += 2,
        }
    }
    match mended {
        Some(mut out) => {
            out.push_str(text.get(kept..).unwrap_or_default());
            Cow::Owned(out)
        }
        None => Cow::Borrowed(text),
    }
}

/// `body` with U+FFFD for halves of surrogate pairs that were encoded as if they were characters.
fn without_surrogate_bytes(body: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((first, behind)) = rest.split_first() {
        match rest {
            [0xed, 0xa0..=0xbf, 0x80..=0xbf, after @ ..] => {
                mended.extend_from_slice("\u{fffd}".as_bytes());
                rest = after;
            }
            _ => {
                mended.push(*first);
                rest = behind;
            }
        }
    }
    mended
}

#[cfg(test)]
mod tests {
    use crate::apis::reading::parse_any;

    #[test]
    fn half_a_character_is_shown_as_one_that_is_missing() {
        for (text, expected) in [
            (r#""plain""#, "plain"),
            (r#""\ud83d\ude00!""#, "\u{1f600}!"),
            (r#""cut \ud83d""#, "cut \u{fffd}"),
            (r#""\uDE00 cut""#, "\u{fffd} cut"),
            (r#""\ud83d\ud83d\ude00\n""#, "\u{fffd}\u{1f600}\n"),
            (r#""\ud83dx\u0041""#, "\u{fffd}xA"),
            (r#""\\ud83d""#, "\\ud83d"),
            (r#""\\\ud83d""#, "\\\u{fffd}"),
            (r#""\ud83d\\""#, "\u{fffd}\\"),
        ] {
            assert_eq!(parse_any(text.as_bytes()), Ok(expected.into()), "{text}");
        }
        let bytes = [b"\"a\xed\xa0\xbdb".as_slice(), "\u{d7ff}\"".as_bytes()].concat();
        assert_eq!(parse_any(&bytes), Ok("a\u{fffd}b\u{d7ff}".into()));
        for broken in [r#""\ud83"#, r#""\u"#, r#""\"#, r#""\ud83d\"#, "\"\\ud8\u{e9}\""] {
            assert!(parse_any(broken.as_bytes()).is_err(), "{broken}");
        }
        assert!(parse_any(b"\"\xff\"").is_err(), "no UTF-8 of any kind");
    }

    proptest::proptest! {
        #[test]
        fn what_is_whole_is_left_as_it_is(text in ".*") {
            let json = serde_json::to_string(&text).unwrap();
            proptest::prop_assert_eq!(parse_any(json.as_bytes()).unwrap(), serde_json::Value::from(text));
        }

        #[test]
        fn any_sequence_of_units_is_read(units in proptest::collection::vec(proptest::num::u16::ANY, 0..20)) {
            let json: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let read = parse_any(format!("\"{json}\"").as_bytes()).unwrap();
            proptest::prop_assert_eq!(read.as_str().unwrap(), String::from_utf16_lossy(&units));
        }
    }
}
