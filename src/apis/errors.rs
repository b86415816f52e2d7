//! What an answer says that is not what was asked for: the message of an error, the title of a login page.

use serde_json::Value;

use super::characters;

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
        return Some(match page_title(body) {
            Some(title) => format!("a web page titled `{title}`"),
            None => "a web page without a title".to_owned(),
        });
    }
    match serde_json::from_str::<Value>(&characters::whole(body).unwrap_or_default()) {
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

/// What to do where a proxy wants to know who is asking.
pub(crate) const PROXY_LOGIN: &str =
    "the proxy asks for a login: give it in `proxy`, such as `http://name:password@proxy.acme.com:3128`";

/// What answered where a web page came instead of Confluence, and what to do.
pub(crate) fn instead_of_confluence(status: u16, body: &[u8]) -> String {
    const FILTERS: [&str; 17] = [
        "zscaler",
        "akamai",
        "cloudflare",
        "netskope",
        "forcepoint",
        "fortinet",
        "fortigate",
        "blue coat",
        "bluecoat",
        "squid",
        "incapsula",
        "imperva",
        "access denied",
        "request rejected",
        "blocked",
        "firewall",
        "captcha",
    ];
    let text = String::from_utf8_lossy(body.get(..65_536).unwrap_or(body)).to_ascii_lowercase();
    let remedy = if status == 407 {
        PROXY_LOGIN
    } else if status == 400 && text.contains("ssl certificate") {
        // nginx: "No required SSL certificate was sent", and "The SSL certificate error" for one it does not accept.
        // Source: https://nginx.org/en/docs/http/ngx_http_ssl_module.html#errors
        "the server asks for a client certificate: give one it accepts, `client_cert=(certificate, key)`"
    } else if FILTERS.iter().any(|word| text.contains(word)) {
        "a proxy or a firewall stands in between: have it let requests of programs through to this address, or give `proxy`"
    } else if asks_to_log_in(body) {
        "this is a login page: check `url`, and have what stands in front of the site let requests with credentials through"
    } else if matches!(status, 502..=504) || text.contains("maintenance") {
        "try again later; if it stays, look at what stands in front of the site"
    } else {
        "check `url`, and whether a proxy or a login stands in front of the site"
    };
    let page = match page_title(body) {
        Some(title) => format!("a web page titled `{title}`"),
        None => "a web page without a title".to_owned(),
    };
    format!("{page} answered, not Confluence ({status}): {remedy}")
}

/// The title of a web page. Nothing else of the page is passed on: forms hold tokens.
pub(crate) fn page_title(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body.get(..65_536).unwrap_or(body));
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let from = at + lower.get(at..)?.find('>')? + 1;
        let to = from + lower.get(from..)?.find("</title")?;
        text.get(from..to)
    });
    title.map(|title| plain(&without_entities(title), 80)).filter(|title| !title.is_empty())
}

/// The commonest characters HTML spells out.
fn without_entities(text: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&ndash;", "-"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

/// Characters that show nothing, or turn the direction of what follows.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text on one line, cut to `longest` characters, without control characters and without words so long that they may
/// be a token.
pub(crate) fn plain(text: &str, longest: usize) -> String {
    let words: Vec<String> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .map(|word| word.chars().filter(|c| !is_invisible(*c)).collect::<String>())
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
                "a web page titled `Log in with Atlassian account`",
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
    fn a_web_page_is_named_by_its_title_and_says_what_to_do() {
        let page = |status, title: &str, body: &str| {
            let html = format!("<html><head><title>{title}</title></head><body>{body}</body></html>");
            instead_of_confluence(status, html.as_bytes())
        };
        for (status, title, body, expected) in [
            (
                403,
                "Zscaler - Access Denied",
                "",
                "a web page titled `Zscaler - Access Denied` answered, not Confluence (403): a proxy or a firewall",
            ),
            (
                403,
                "Access Denied",
                "Reference #18.2f AkamaiGHost",
                "a web page titled `Access Denied` answered, not Confluence (403): a proxy or a firewall",
            ),
            (
                401,
                "Sign in &ndash; Acme &amp; Co",
                "",
                "a web page titled `Sign in - Acme & Co` answered, not Confluence (401): this is a login page",
            ),
            (
                503,
                "Scheduled maintenance",
                "",
                "a web page titled `Scheduled maintenance` answered, not Confluence (503): try again later",
            ),
            (407, "ERR", "", "a web page titled `ERR` answered, not Confluence (407): the proxy asks for a login"),
            (
                400,
                "400 No required SSL certificate was sent",
                "nginx",
                "a web page titled `400 No required SSL certificate was sent` answered, not Confluence (400): the server asks for a client certificate: give",
            ),
            (
                200,
                "Welcome to nginx!",
                "",
                "a web page titled `Welcome to nginx!` answered, not Confluence (200): check `url`",
            ),
            (200, " ", "", "a web page without a title answered, not Confluence (200): check `url`"),
            (
                200,
                "a\u{202e}b\u{1b}[2J\n`c`",
                "",
                "a web page titled `ab [2J 'c'` answered, not Confluence (200): check `url`",
            ),
        ] {
            let told = page(status, title, body);
            assert!(told.starts_with(expected), "{told}");
        }
        assert!(page(200, &"long ".repeat(400), "").chars().count() < 240);
    }

    #[test]
    fn a_login_page_is_told_from_other_pages() {
        assert!(asks_to_log_in(b"\n<html><body><form>Log in</form></body></html>"));
        assert!(!asks_to_log_in(b"<html><body>502 Bad Gateway</body></html>"));
        assert!(!asks_to_log_in(b"{\"message\":\"log in\"}"));
    }
}
