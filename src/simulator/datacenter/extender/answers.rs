//! How the add-on says no, pages and names things: what all its rooms do alike.

use serde_json::{Map, Value, json};

use crate::simulator::datacenter::permissions::SPACE;
use crate::simulator::datacenter::visit::Visit;
use crate::simulator::exchange::Refusal;
use crate::simulator::paging::Window;
use crate::simulator::state::{Principal, Site, Space};

/// Most rows on a page, and how many where nobody says.
const MOST: usize = 1000;
pub(super) const USUAL: usize = 50;

/// Why there is no answer.
pub(super) enum Stop {
    /// The add-on says so.
    Said(u16, String),
    /// The request makes no sense.
    Refused(Refusal),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

pub(super) type Told = Result<Value, Stop>;

pub(super) fn missing(what: &str, name: &str) -> Stop {
    Stop::Said(404, format!("{what} '{name}' does not exist"))
}

pub(super) fn forbidden() -> Stop {
    Stop::Said(403, "You do not have permission to perform this operation".to_owned())
}

pub(super) fn bad(message: impl Into<String>) -> Stop {
    Stop::Refused(Refusal::Bad(message.into()))
}

pub(super) fn administrator(visit: &Visit<'_>) -> Result<(), Stop> {
    if visit.is_admin() { Ok(()) } else { Err(forbidden()) }
}

pub(super) fn writable(visit: &Visit<'_>) -> Result<(), Stop> {
    if visit.site().facts.read_only {
        return Err(Stop::Said(403, "Confluence is in read-only mode".to_owned()));
    }
    Ok(())
}

/// The space, where the caller administers it or Confluence.
pub(super) fn administered<'a>(visit: &Visit<'a>, key: &str) -> Result<&'a Space, Stop> {
    let (_, space) = visit.any_space(key).ok_or_else(|| missing("Space", key))?;
    if visit.administers(space) { Ok(space) } else { Err(forbidden()) }
}

/// The user or the group with a name, as the address says which.
pub(super) fn named(visit: &Visit<'_>, kind: &str, name: &str) -> Result<Principal, Stop> {
    match kind {
        "user" => {
            let user = visit.user_named(name).ok_or_else(|| missing("User", name))?;
            Ok(Principal::User(user.id.clone()))
        }
        _ => {
            let group = visit.group_named(name).ok_or_else(|| missing("Group", name))?;
            Ok(Principal::Group(group.id.clone()))
        }
    }
}

/// The name people know a user by, also of one that is gone.
pub(super) fn username<'a>(site: &'a Site, id: &'a str) -> &'a str {
    site.user(id).map_or(id, |user| user.username.as_str())
}

/// The page asked for: `startAt`, `maxResults`.
pub(super) fn page(visit: &Visit<'_>, usual: usize) -> Result<Window, Stop> {
    let asked = visit.call.whole("maxResults")?.and_then(|most| usize::try_from(most).ok()).unwrap_or(usual);
    let from = if visit.call.loops { 0 } else { visit.call.whole("startAt")?.unwrap_or(0) };
    Ok(visit.call.window(asked, MOST, from))
}

/// What is on a page of a list.
pub(super) fn on_page<T: Clone>(list: &[T], window: &Window) -> Vec<T> {
    list.iter().skip(window.skipped()).take(window.limit).cloned().collect()
}

/// A listing with its total.
pub(super) fn listing<T: Clone>(key: &str, list: &[T], window: &Window) -> Map<String, Value>
where
    Value: From<Vec<T>>,
{
    let mut told = Map::new();
    told.insert("total".to_owned(), json!(list.len()));
    told.insert("maxResults".to_owned(), json!(window.said));
    told.insert("startAt".to_owned(), json!(window.from));
    told.insert(key.to_owned(), Value::from(on_page(list, window)));
    told
}

/// The types a principal itself holds in a space, in the order of the add-on.
pub(super) fn held(space: &Space, who: &Principal) -> Vec<&'static str> {
    let holds = |word: &str| space.grants.iter().any(|(p, held)| p == who && held == word);
    types().filter(|(word, _)| holds(word)).map(|(_, constant)| constant).collect()
}

/// Word of the plain data and type of all permissions, in the order of the add-on.
pub(super) fn types() -> impl Iterator<Item = (&'static str, &'static str)> {
    // Source: https://it-lab.atlassian.net/wiki/spaces/RAEC/pages/559743018
    const ORDER: [&str; 14] = [
        "VIEWSPACE",
        "REMOVEOWNCONTENT",
        "COMMENT",
        "EDITSPACE",
        "SETSPACEPERMISSIONS",
        "REMOVEPAGE",
        "REMOVECOMMENT",
        "REMOVEBLOG",
        "CREATEATTACHMENT",
        "REMOVEATTACHMENT",
        "EDITBLOG",
        "EXPORTSPACE",
        "REMOVEMAIL",
        "SETPAGEPERMISSIONS",
    ];
    ORDER.iter().filter_map(|constant| {
        SPACE.iter().find(|pair| pair.constant == *constant).map(|pair| (pair.word, pair.constant))
    })
}

/// An array of texts in the body under a key, each once.
pub(super) fn texts(visit: &Visit<'_>, key: &str) -> Result<Vec<String>, Stop> {
    let wrong = || bad(format!("the body is no `{{\"{key}\": [text]}}`"));
    let list = visit.call.json()?.get(key).and_then(Value::as_array).ok_or_else(wrong)?;
    let mut found = Vec::new();
    for entry in list {
        let text = entry.as_str().ok_or_else(wrong)?.to_owned();
        if !found.contains(&text) {
            found.push(text);
        }
    }
    Ok(found)
}
