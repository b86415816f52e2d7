//! Spaces.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-space/

use serde_json::{Map, Value, json};

use super::super::cloud_v1::Expand;
use super::super::exchange::{Answer, Refusal};
use super::super::state::{Principal, Space};
use super::people::{group_body, user_body};
use super::permissions::SPACE;
use super::{Visit, content};

const EXPANDS: [&str; 8] =
    ["permissions", "homepage", "metadata", "metadata.labels", "description", "icon", "retentionPolicy", "operations"];

/// Most spaces on a page: a guess.
const MOST: usize = 500;

pub(super) fn all(visit: &Visit<'_>) -> Answer {
    let words = [
        "spaceKey",
        "spaceKeys",
        "spaceIds",
        "spaceId",
        "type",
        "status",
        "label",
        "favourite",
        "start",
        "limit",
        "expand",
    ];
    visit.call.known("GET /rest/api/space", &words)?;
    let expand = Expand::read(visit.call, &EXPANDS)?;
    if visit.call.one("label").is_some() || visit.call.one("favourite").is_some() {
        return Err(Refusal::Unknown("this simulator has no labels and no favourites".to_owned()));
    }
    let mut keys = visit.call.many("spaceKey", 1000)?;
    keys.extend(visit.call.many("spaceKeys", 1000)?);
    let mut ids = visit.call.many("spaceId", 1000)?;
    ids.extend(visit.call.many("spaceIds", 1000)?);
    let kinds = visit.call.words("type", &["global", "personal"])?;
    // Without a status only spaces that are not archived are told.
    let archived = visit.call.words("status", &["current", "archived"])?.contains(&"archived");
    let window = visit.call.offset_page(25, MOST)?;
    let seen = (0_u32..).zip(&visit.site().facts.spaces).filter(|(at, space)| {
        visit.sees_space(*at)
            && space.archived == archived
            && (keys.is_empty() || keys.iter().any(|key| space.key.eq_ignore_ascii_case(key)))
            && (ids.is_empty() || ids.contains(&space.id.as_str()))
            && (kinds.is_empty() || kinds.contains(&kind(space)))
    });
    let all: Vec<&Space> = seen.map(|(_, space)| space).collect();
    let from = usize::try_from(window.from).unwrap_or(usize::MAX);
    let page: Vec<&Space> = all.iter().copied().skip(from).take(window.limit).collect();
    let more = from.saturating_add(page.len()) < all.len();
    let rows = page.into_iter().map(|space| body(visit, space, &expand)).collect::<Result<_, _>>()?;
    Ok(Value::Object(visit.call.offset_listing(rows, &window, more)).into())
}

pub(super) fn one(visit: &Visit<'_>, key: &str) -> Answer {
    visit.call.known("GET /rest/api/space/{spaceKey}", &["expand"])?;
    let expand = Expand::read(visit.call, &EXPANDS)?;
    Ok(body(visit, find(visit, key)?, &expand)?.into())
}

/// The space, where the caller may view it.
pub(super) fn find<'a>(visit: &Visit<'a>, key: &str) -> Result<&'a Space, Refusal> {
    visit.space(key).ok_or_else(|| missing(key))
}

pub(super) fn missing(key: &str) -> Refusal {
    Refusal::NotFound(format!(
        "com.atlassian.confluence.api.service.exceptions.NotFoundException: No space with key : {key}"
    ))
}

fn kind(space: &Space) -> &str {
    if space.kind == "personal" { "personal" } else { "global" }
}

pub(super) fn number(space: &Space) -> Value {
    space.id.parse::<u64>().map_or_else(|_| json!(space.id), |id| json!(id))
}

/// A space with what is expanded. Whoever asks for permissions it may not see gets an error of the server.
// Source: https://jira.atlassian.com/browse/CONFSERVER-99908
pub(super) fn body(visit: &Visit<'_>, space: &Space, expand: &Expand) -> Result<Value, Refusal> {
    let webui = match kind(space) {
        "personal" => format!("/spaces/viewspace.action?key={}", space.key),
        _ => format!("/display/{}", space.key),
    };
    let mut body = json!({
        "id": number(space),
        "key": space.key,
        "name": space.name,
        "type": kind(space),
        "_links": {"webui": webui, "self": format!("{}/rest/api/space/{}", visit.base(), space.key)},
    });
    let Some(map) = body.as_object_mut() else { return Ok(body) };
    if visit.from(8, 0) {
        // From when on it stands there is a guess.
        map.insert("status".to_owned(), json!(if space.archived { "ARCHIVED" } else { "CURRENT" }));
    }
    let mut expandable = Map::new();
    for name in ["metadata", "icon", "description", "retentionPolicy"] {
        if expand.has(name) {
            map.insert(name.to_owned(), json!({}));
        } else {
            expandable.insert(name.to_owned(), json!(""));
        }
    }
    if let Some(home) = &space.homepage {
        match visit.node(home).filter(|_| expand.has("homepage")) {
            Some((_, node)) => {
                map.insert("homepage".to_owned(), content::body(visit, node, &expand.below("homepage"))?);
            }
            None => {
                expandable.insert("homepage".to_owned(), json!(format!("/rest/api/content/{home}")));
            }
        }
    }
    if expand.has("permissions") {
        if !visit.administers(space) {
            return Err(Refusal::Status(500, String::new()));
        }
        map.insert("permissions".to_owned(), permissions(visit, space));
    }
    map.insert("_expandable".to_owned(), Value::Object(expandable));
    Ok(body)
}

/// One entry per operation and subject, in the form that is older than the routes for permissions.
fn permissions(visit: &Visit<'_>, space: &Space) -> Value {
    let mut rows = Vec::new();
    for pair in &SPACE {
        for (who, _) in space.grants.iter().filter(|(_, word)| word == pair.word) {
            let list = |row: Value| json!({"results": [row], "size": 1});
            let none = Expand::none();
            let subjects = match who {
                Principal::User(id) => json!({"user": list(user_body(visit, id, &none)), "_expandable": {"group": ""}}),
                Principal::Group(id) => {
                    json!({"group": list(group_body(visit, visit.group_name(id))), "_expandable": {"user": ""}})
                }
                _ => json!({"_expandable": {"user": "", "group": ""}}),
            };
            rows.push(json!({
                "subjects": subjects,
                "operation": {"operation": pair.operation, "targetType": pair.target},
                "anonymousAccess": *who == Principal::Anonymous,
                "unlicensedAccess": *who == Principal::Unlicensed,
            }));
        }
    }
    Value::Array(rows)
}
