//! Dates as the add-on writes them: in a pattern of Java's, at the time of the server, which is two hours ahead of UTC as in the
//! published example.

use jiff::tz::{Offset, TimeZone};

/// The pattern where nobody gives one.
// Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/1508671517
pub(super) const USUAL: &str = "yyyy-MM-dd";
/// What details of users are written in.
pub(super) const WITH_TIME: &str = "yyyy-MM-dd HH:mm:ss";

/// A moment in a pattern; the error names what is in the pattern and not understood.
pub(super) fn written(milliseconds: i64, pattern: &str) -> Result<String, String> {
    let at = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    let at = at.to_zoned(TimeZone::fixed(Offset::constant(2)));
    let mut text = String::new();
    let mut rest = pattern.chars().peekable();
    while let Some(letter) = rest.next() {
        if letter == '\'' {
            text.extend(rest.by_ref().take_while(|letter| *letter != '\''));
            continue;
        }
        let mut width = 1;
        while letter.is_ascii_alphabetic() && rest.next_if_eq(&letter).is_some() {
            width += 1;
        }
        let number = match letter {
            'y' => i64::from(at.year()),
            'M' => i64::from(at.month()),
            'd' => i64::from(at.day()),
            'H' => i64::from(at.hour()),
            'm' => i64::from(at.minute()),
            's' => i64::from(at.second()),
            'S' => i64::from(at.millisecond()),
            other if other.is_ascii_alphabetic() => return Err(format!("`{other}` in `dateFormat` is not understood")),
            other => {
                text.push(other);
                continue;
            }
        };
        text.push_str(&format!("{number:0width$}"));
    }
    Ok(text)
}

/// The other way: the moment, or the start of the day, a text names.
pub(super) fn read(text: &str) -> Result<i64, String> {
    let at: jiff::civil::DateTime = text.parse().map_err(|_| format!("`{text}` is no date"))?;
    let zoned = at.to_zoned(TimeZone::fixed(Offset::constant(2))).map_err(|e| e.to_string())?;
    Ok(zoned.timestamp().as_millisecond())
}
