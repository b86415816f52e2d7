//! What an answer says that is not what was asked for: the message of an error, the title of a login page.

use serde_json::Value;

/// Longest message passed on.
const LONGEST: usize = 240;
/// Longest word passed on: identifiers of accounts and groups fit, tokens and cookies do not.
const LONGEST_WORD: usize = 64;

/// The message of an error answer, on one line, from any of the shapes v1, v2 and the gateway use.
///
/// ```
/// use confluence_access::apis::errors::message;
/// assert_eq!(message(br#"{"code":401,"message":"Unauthorized; scope does not match"}"#).as_deref(),
///            Some("Unauthorized; scope does not match"));
/// ```
pub fn message(body: &[u8]) -> Option<String> {
    if is_html(body) {
        return Some(format!("a web page: {}", page_title(body)));
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => said(&value, 0).map(|text| plain(without_class(&text), LONGEST)).filter(|text| !text.is_empty()),
        Err(_) => {
            let text = plain(&String::from_utf8_lossy(body.get(..2048).unwrap_or(body)), 80);
            (!text.is_empty()).then_some(text)
        }
    }
}

/// Finds the message inside an error; a bare status text is the last resort.
fn said(value: &Value, depth: usize) -> Option<String> {
    if depth > 6 {
        return None;
    }
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Array(all) => {
            let texts: Vec<String> = all.iter().take(5).filter_map(|one| said(one, depth + 1)).collect();
            (!texts.is_empty()).then(|| texts.join("; "))
        }
        Value::Object(members) => {
            let of = |name: &str| members.get(name).and_then(|member| said(member, depth + 1));
            if let Some(title) = members.get("title").and_then(Value::as_str) {
                return Some(match members.get("detail").and_then(|detail| said(detail, depth + 1)) {
                    Some(detail) if detail != title => format!("{title}: {detail}"),
                    _ => title.to_owned(),
                });
            }
            of("message")
                .or_else(|| of("errorMessages"))
                .or_else(|| of("errors"))
                .or_else(|| of("translation"))
                .or_else(|| of("error_description"))
                .or_else(|| of("errorMessage"))
                .or_else(|| of("data"))
                .or_else(|| of("error"))
                .or_else(|| of("reason"))
                .or_else(|| of("key"))
        }
        _ => None,
    }
}

/// Takes the name of a Java class off the front of a message.
fn without_class(text: &str) -> &str {
    match text.split_once(": ") {
        Some((class, rest)) if class.contains('.') && !class.contains(' ') => rest,
        _ => text,
    }
}

/// Whether a text is a page for a browser.
pub fn is_html(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(body.get(..512).unwrap_or(body)).to_ascii_lowercase();
    let start = start.trim_start_matches('\u{feff}').trim_start();
    start.starts_with('<')
        && (start.starts_with("<!doctype")
            || start.contains("<html")
            || start.contains("<head")
            || start.contains("<body"))
}

/// The message of an error Data Center sends as XML, such as `null for uri` for a path it does not know. `None`: it is none.
pub(crate) fn xml_message(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body.get(..2048).unwrap_or(body));
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !(text.starts_with("<?xml") || text.starts_with("<status")) || is_html(body) {
        return None;
    }
    let (_, rest) = text.split_once("<status")?;
    let message =
        rest.split_once("<message>").and_then(|(_, rest)| rest.split_once("</message>")).map(|(text, _)| text);
    Some(plain(message.unwrap_or_default(), LONGEST))
}

/// Whether a page asks to log in, as a proxy or the product does when it does not accept the credentials.
pub fn asks_to_log_in(body: &[u8]) -> bool {
    if !is_html(body) {
        return false;
    }
    let text = String::from_utf8_lossy(body.get(..65_536).unwrap_or(body)).to_ascii_lowercase();
    ["log in", "login", "sign in", "signin", "single sign-on", "websudo"].iter().any(|word| text.contains(word))
}

/// The title of a web page, in backticks. Nothing else of the page is passed on: forms hold tokens.
pub(crate) fn page_title(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..65_536).unwrap_or(body));
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let from = at + lower.get(at..)?.find('>')? + 1;
        let to = from + lower.get(from..)?.find("</title")?;
        text.get(from..to)
    });
    match title.map(|title| plain(title, 80)).filter(|title| !title.is_empty()) {
        Some(title) => format!("`{title}`"),
        None => "without a title".to_owned(),
    }
}

/// A text on one line, cut to `longest` characters, without control characters and without words so long that they may
/// be a token.
pub(crate) fn plain(text: &str, longest: usize) -> String {
    let words: Vec<String> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .map(|word| if word.chars().count() > LONGEST_WORD { "…".to_owned() } else { word.replace('`', "'") })
        .collect();
    let mut line = words.join(" ");
    if let Some((end, _)) = line.char_indices().nth(longest) {
        line.truncate(end);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Option<String> {
        message(body.as_bytes())
    }

    #[test]
    fn the_message_is_found_in_every_shape() {
        for (body, expected) in [
            (r#"{"errors":[{"status":404,"code":"NOT_FOUND","title":"Not Found","detail":null}]}"#, "Not Found"),
            (
                r#"{"errors":[{"status":400,"code":"INVALID","title":"Bad","detail":"`limit` is too large"}]}"#,
                "Bad: 'limit' is too large",
            ),
            (
                r#"{"statusCode":403,"data":{"authorized":false,"valid":true,"errors":[],"successful":false},"message":"Current user not permitted to use Confluence"}"#,
                "Current user not permitted to use Confluence",
            ),
            (
                r#"{"statusCode":400,"data":{"errors":[{"message":{"key":"k","translation":"No such field","args":[]}}]}}"#,
                "No such field",
            ),
            (
                r#"{"statusCode":410,"message":"com.atlassian.confluence.api.service.exceptions.GoneException: This deprecated endpoint has been removed."}"#,
                "This deprecated endpoint has been removed.",
            ),
            (r#"{"timestamp":"2026","status":404,"error":"Not Found","path":"/x"}"#, "Not Found"),
            (r#"{"error":"invalid_token","error_description":"The token is expired"}"#, "The token is expired"),
            (r#"{"errorMessages":["a","b"],"errors":{}}"#, "a; b"),
            (
                r#""Basic authentication with passwords is deprecated""#,
                "Basic authentication with passwords is deprecated",
            ),
            ("upstream connect error\nor disconnect", "upstream connect error or disconnect"),
            (
                "<!DOCTYPE html><html><head><title>Log in with\n Atlassian account</title></head></html>",
                "a web page: `Log in with Atlassian account`",
            ),
        ] {
            assert_eq!(of(body).as_deref(), Some(expected), "{body}");
        }
    }

    #[test]
    fn an_answer_that_says_nothing_has_no_message() {
        for body in ["", "{}", "[]", "null", "{\"message\":null}", "  \n"] {
            assert_eq!(of(body), None, "{body}");
        }
    }

    #[test]
    fn a_long_word_is_not_passed_on() {
        let token = "A".repeat(190);
        let told = of(&format!("{{\"message\":\"bad token {token} given\"}}")).unwrap();
        assert_eq!(told, "bad token … given");
    }

    #[test]
    fn an_error_in_xml_has_its_message() {
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><status><status-code>404</status-code>\
                   <message>null for uri: http://host/rest/api/nowhere</message></status>";
        assert_eq!(xml_message(xml.as_bytes()).as_deref(), Some("null for uri: http://host/rest/api/nowhere"));
        assert_eq!(xml_message(b"<html><body>no</body></html>"), None);
        assert_eq!(xml_message(b"{}"), None);
    }

    #[test]
    fn a_login_page_is_told_from_other_pages() {
        assert!(asks_to_log_in(b"\n<html><body><form>Log in</form></body></html>"));
        assert!(!asks_to_log_in(b"<html><body>502 Bad Gateway</body></html>"));
        assert!(!asks_to_log_in(b"{\"message\":\"log in\"}"));
    }
}
