//! The Confluence Query Language, as far as it is spoken here.
// Source: https://developer.atlassian.com/cloud/confluence/advanced-searching-using-cql/

/// A text as CQL quotes it.
pub(super) fn text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The contents of these types in these spaces.
pub fn in_spaces(keys: &[impl AsRef<str>], types: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| text(key.as_ref())).collect();
    let spaces = match keys.as_slice() {
        [key] => format!("space={key}"),
        keys => format!("space in ({})", keys.join(",")),
    };
    if types.is_empty() { spaces } else { format!("{spaces} and type in ({})", types.join(",")) }
}

/// Pages and blog posts with this title, in a space or anywhere.
pub fn titled(title: &str, key: Option<&str>) -> String {
    let title = format!("type in (page,blogpost) and title = {}", text(title));
    key.map_or(title.clone(), |key| format!("space={} and {title}", text(key)))
}

/// Pages and blog posts whose titles contain these words.
pub fn titled_like(words: &str) -> String {
    format!("type in (page,blogpost) and title ~ {}", text(words))
}

/// The contents with these ids.
pub fn ids(ids: &[impl AsRef<str>]) -> String {
    let ids: Vec<String> = ids
        .iter()
        .map(AsRef::as_ref)
        .map(|id| if id.bytes().all(|b| b.is_ascii_digit()) { id.to_owned() } else { text(id) })
        .collect();
    format!("id in ({})", ids.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_is_quoted() {
        assert_eq!(in_spaces(&["A", "~b\"c"], &[]), "space in (\"A\",\"~b\\\"c\")");
        assert_eq!(ids(&["1", "2) or (1=1"]), "id in (1,\"2) or (1=1\")");
        assert_eq!(text("a\\"), "\"a\\\\\"");
        assert_eq!(titled("a\"", None), "type in (page,blogpost) and title = \"a\\\"\"");
        assert_eq!(titled("a", Some("B")), "space=\"B\" and type in (page,blogpost) and title = \"a\"");
    }
}
