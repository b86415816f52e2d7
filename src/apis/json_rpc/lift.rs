//! What JSON-RPC says, as facts of the model.

use serde_json::Value;

use super::{methods, wire};
use crate::apis::errors;
use crate::apis::listing::{About, texts};
use crate::apis::reading::{Page, Unreadable, object, parse_any};
use crate::model::{
    GapScope, Permission, Restriction, RestrictionOperation, SiteFact, SpacePermission, Subject, SubjectKind,
};

/// An error told inside an answer of status 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of error, as far as its words tell.
    pub kind: FaultKind,
    /// The server's words, on one line.
    pub message: String,
}

/// What kind of error a fault tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Secure administrator sessions stand in the way.
    SecureSession,
    /// The caller is not permitted.
    NotPermitted,
    /// What was asked for is not there, or there is no such method.
    NotFound,
    /// Whatever else.
    Other,
}

/// Reads an answer: its result in either form, or the error it tells of.
///
/// # Errors
/// Where it is no JSON.
pub fn result(body: &[u8]) -> Result<Result<Value, Fault>, Unreadable> {
    let answer = match parse_any(body) {
        Ok(answer) => answer,
        // The exception also comes as bare text.
        Err(_) if is_secure_session(&String::from_utf8_lossy(body)) && !errors::is_html(body) => {
            let message = errors::message(body).unwrap_or_default();
            return Ok(Err(Fault { kind: FaultKind::SecureSession, message }));
        }
        Err(problem) => return Err(problem),
    };
    Ok(match answer {
        Value::Object(mut members) => match members.get("error").filter(|error| !error.is_null()) {
            Some(error) => Err(fault(error)),
            None if members.contains_key("jsonrpc") && members.contains_key("result") => {
                Ok(members.remove("result").unwrap_or_default())
            }
            None => Ok(Value::Object(members)),
        },
        other => Ok(other),
    })
}

fn is_secure_session(text: &str) -> bool {
    text.to_ascii_lowercase().contains("websudo")
}

fn fault(error: &Value) -> Fault {
    let text = error.to_string();
    let message = errors::message(text.as_bytes()).unwrap_or_else(|| "an error without words".to_owned());
    let code = error.get("code").and_then(Value::as_i64);
    let plain = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    let kind = if is_secure_session(&text) {
        FaultKind::SecureSession
    } else if code == Some(-32_601)
        || says(&["does not exist", "no space", "not found", "no such", "no page", "no content", "cannot find"])
    {
        // An account that may not see something gets the answer that it may not exist: one word for both.
        FaultKind::NotFound
    } else if says(&["notpermitted", "not permitted", "permission to", "not authorized", "not allowed", "must be"]) {
        FaultKind::NotPermitted
    } else {
        FaultKind::Other
    };
    Fault { kind, message }
}

/// The result of an answer that is to be read: an error told in it is not what was asked for.
fn result_of(body: &[u8]) -> Result<Value, Unreadable> {
    result(body)?.map_err(|_| Unreadable::shape(body, "error", "an error where a result was expected"))
}

fn list_of(body: &[u8]) -> Result<Vec<Value>, Unreadable> {
    match result_of(body)? {
        Value::Array(list) => Ok(list),
        _ => Err(Unreadable::shape(body, ".", "a list was expected")),
    }
}

/// Reads all permissions in the space `space_key`. Users are named by username, so they have no id yet.
///
/// # Errors
/// Where the answer is no list of permission sets.
pub fn space_permission_sets(body: &[u8], space_key: &str) -> Result<Page<SpacePermission>, Unreadable> {
    let sets = list_of(body)?;
    let about = in_space(space_key);
    let mut page = Page { received: sets.len(), ..Page::default() };
    for set in about.elements(&sets, &mut page.gaps) {
        one_set(set, &about, &mut page);
    }
    Ok(page)
}

/// Reads who has one type of permission in the space `space_key`.
///
/// # Errors
/// Where the answer is no permission set.
pub fn space_permission_set(body: &[u8], space_key: &str) -> Result<Page<SpacePermission>, Unreadable> {
    let Some(set) = object(&result_of(body)?) else {
        return Err(Unreadable::shape(body, "spacePermissions", "no permission set"));
    };
    let mut page = Page { received: 1, ..Page::default() };
    one_set(set, &in_space(space_key), &mut page);
    Ok(page)
}

fn in_space(key: &str) -> About<'_> {
    About::new((GapScope::SpacePermissions, key), &methods::space_permission_sets.route)
}

fn one_set(set: wire::SpacePermissionSet, about: &About<'_>, page: &mut Page<SpacePermission>) {
    let (space_key, source) = (about.subject(), about.origin());
    for entry in about.elements::<wire::Entry>(&set.space_permissions, &mut page.gaps) {
        let (subject, subject_name) = named(&entry, |message| {
            page.gaps.push(about.unreadable(format!("a permission in space `{space_key}` {message}")));
        });
        let raw = entry.kind.or_else(|| set.kind.clone());
        let permission = match &raw {
            Some(word) => Permission::from_constant(word),
            None => {
                let message = format!("a permission in space `{space_key}` does not say what it allows");
                page.gaps.push(about.unreadable(message));
                Permission::Other(String::new())
            }
        };
        page.rows.push(SpacePermission {
            space_key: space_key.to_owned(),
            subject,
            subject_name,
            permission,
            raw,
            via_role: None,
            source: source.clone(),
        });
    }
}

/// Who an entry is about. Where it names nobody in words that are understood, `note` is called and it is about an unknown
/// subject.
fn named(entry: &wire::Entry, mut note: impl FnMut(&str)) -> (Subject, Option<String>) {
    let unknown = || (Subject::new(SubjectKind::Unknown, ""), None);
    let name = |value: &Option<Value>| match value {
        Some(Value::String(name)) if !name.trim().is_empty() => Some(Some(name.clone())),
        Some(Value::Null) => Some(None),
        Some(Value::Number(number)) if !number.is_f64() => Some(Some(number.to_string())),
        Some(_) => None,
        None => Some(None),
    };
    let (Some(user), Some(group)) = (name(&entry.user_name), name(&entry.group_name)) else {
        note("names its holder in a way that is not readable");
        return unknown();
    };
    match (user, group) {
        (Some(user), None) => (Subject::unidentified(SubjectKind::User, &user), Some(user)),
        (None, Some(group)) => (Subject::group(group.as_str()), Some(group)),
        (None, None) if entry.user_name.is_some() || entry.group_name.is_some() => (Subject::anonymous(), None),
        (None, None) => {
            note("does not say whose it is");
            unknown()
        }
        (Some(_), Some(_)) => {
            note("names both a user and a group");
            unknown()
        }
    }
}

/// Reads the restrictions of the content `content_id`. Users are named by username, so they have no id yet.
///
/// # Errors
/// Where the answer is no list of restriction lists.
pub fn content_permission_sets(body: &[u8], content_id: &str) -> Result<Page<Restriction>, Unreadable> {
    let sets = list_of(body)?;
    let about = About::new((GapScope::Content, content_id), &methods::content_permission_sets.route);
    let source = about.origin();
    let mut page = Page { received: sets.len(), ..Page::default() };
    for set in about.elements::<wire::ContentPermissionSet>(&sets, &mut page.gaps) {
        for entry in about.elements::<wire::Entry>(&set.content_permissions, &mut page.gaps) {
            let word = entry.kind.as_deref().or(set.kind.as_deref()).unwrap_or_default();
            let Some(operation) = operation(word) else {
                let message =
                    format!("content `{content_id}` has a list `{}`, which is not known", errors::plain(word, 40));
                page.gaps.push(about.unreadable(message));
                continue;
            };
            let (mut subject, subject_name) = named(&entry, |message| {
                page.gaps.push(about.unreadable(format!("an entry of content `{content_id}` {message}")));
            });
            if subject.kind == SubjectKind::Anonymous {
                // A list cannot hold anonymous: a subject is there, and its name is missing.
                page.gaps
                    .push(about.unreadable(format!("an entry of content `{content_id}` does not say whose it is")));
                subject = Subject::new(SubjectKind::Unknown, "");
            }
            page.rows.push(Restriction {
                content_id: content_id.to_owned(),
                operation,
                subject,
                subject_name,
                source: source.clone(),
            });
        }
    }
    Ok(page)
}

fn operation(word: &str) -> Option<RestrictionOperation> {
    match word.to_ascii_lowercase().as_str() {
        "view" | "read" => Some(RestrictionOperation::View),
        "edit" | "update" => Some(RestrictionOperation::Edit),
        _ => None,
    }
}

/// Reads a list of words or names, each once: types of permission, groups.
///
/// # Errors
/// Where the answer is no list.
pub fn words(body: &[u8]) -> Result<Page<String>, Unreadable> {
    Ok(texts(list_of(body)?, &About::site(SiteFact::JsonRpc, &methods::space_level_permissions.route)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sets(value: &Value) -> Page<SpacePermission> {
        space_permission_sets(value.to_string().as_bytes(), "ds").unwrap()
    }

    fn entry(user: Value, group: Value) -> Value {
        json!([{"type": "EDITSPACE", "spacePermissions": [{"type": "EDITSPACE", "userName": user, "groupName": group}]}])
    }

    #[test]
    fn a_user_a_group_and_neither() {
        let of = |user, group| {
            let page = sets(&entry(user, group));
            let row = page.rows[0].clone();
            (row.subject.to_string(), row.subject_name, row.permission.to_string(), page.gaps.len())
        };
        let name = |name: &str| Some(name.to_owned());
        assert_eq!(of(json!("ann"), json!(null)), ("user:unknown:ann".into(), name("ann"), "create_page".into(), 0));
        assert_eq!(of(json!(null), json!("eng")), ("group:eng".into(), name("eng"), "create_page".into(), 0));
        assert_eq!(of(json!(null), json!(null)), ("anonymous".into(), None, "create_page".into(), 0));
        assert_eq!(of(json!("ann"), json!("eng")), ("unknown".into(), None, "create_page".into(), 1));
        assert_eq!(of(json!({}), json!(null)), ("unknown".into(), None, "create_page".into(), 1));
        assert_eq!(of(json!(""), json!(null)), ("unknown".into(), None, "create_page".into(), 1));
    }

    #[test]
    fn an_entry_that_names_nobody_at_all_is_not_anonymous() {
        let page = sets(&json!([{"type": "VIEWSPACE", "spacePermissions": [{"type": "VIEWSPACE"}]}]));
        assert_eq!((page.rows[0].subject.kind.clone(), page.gaps.len()), (SubjectKind::Unknown, 1));
    }

    #[test]
    fn an_envelope_is_opened() {
        let inner = entry(json!(null), json!("eng"));
        let page = sets(&json!({"jsonrpc": "2.0", "id": 7, "result": inner, "error": null}));
        assert_eq!(page.rows, sets(&inner).rows);
    }

    #[test]
    fn an_error_in_an_answer_of_200_is_told_by_its_words() {
        let kind = |body: &str| result(body.as_bytes()).unwrap().unwrap_err();
        let told = kind(
            r#"{"error":{"code":500,"message":"com.atlassian.confluence.rpc.NotPermittedException: You do not have permission to view that space's permissions"}}"#,
        );
        assert_eq!(told.kind, FaultKind::NotPermitted);
        assert_eq!(told.message, "You do not have permission to view that space's permissions");
        for (body, expected) in [
            (r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method x"}}"#, FaultKind::NotFound),
            (
                r#"{"error":"java.lang.Exception: com.atlassian.confluence.rpc.RemoteException: No space found for space key: QQ"}"#,
                FaultKind::NotFound,
            ),
            (
                r#"{"error":{"message":"com.atlassian.sal.api.websudo.WebSudoSessionException"}}"#,
                FaultKind::SecureSession,
            ),
            ("WebSudoRequiredException: please", FaultKind::SecureSession),
            (r#"{"error":{"code":500}}"#, FaultKind::Other),
        ] {
            assert_eq!(kind(body).kind, expected, "{body}");
        }
        assert!(space_permission_sets(br#"{"error":{"message":"x"}}"#, "ds").is_err());
        assert_eq!(result(b"true").unwrap(), Ok(json!(true)));
    }

    #[test]
    fn restriction_lists_are_rows() {
        let body = json!([
            {"type": "View", "contentPermissions": [{"type": "View", "userName": "ann", "groupName": null}]},
            {"type": "Edit", "contentPermissions": [{"type": "Edit", "userName": null, "groupName": "eng"}]},
            {"type": "Share", "contentPermissions": [{"type": "Share", "userName": null, "groupName": "eng"}]},
            {"type": "Edit", "contentPermissions": [{"type": "Edit", "userName": null, "groupName": null}]}
        ]);
        let page = content_permission_sets(body.to_string().as_bytes(), "7").unwrap();
        let rows: Vec<_> = page.rows.iter().map(|r| (r.operation.as_str(), r.subject.to_string())).collect();
        assert_eq!(
            rows,
            [("view", "user:unknown:ann".into()), ("edit", "group:eng".into()), ("edit", "unknown".to_owned())]
        );
        assert_eq!(page.gaps.len(), 2);
    }

    #[test]
    fn a_word_said_twice_is_one_word() {
        let page = words(br#"["VIEWSPACE","COMMENT","VIEWSPACE",7]"#).unwrap();
        assert_eq!((page.rows.join(" ").as_str(), page.gaps.len()), ("VIEWSPACE COMMENT", 1));
    }
}
