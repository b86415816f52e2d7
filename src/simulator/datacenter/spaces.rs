//! Spaces.
// Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-space/

use serde_json::Value;

use super::super::exchange::{Answer, Refusal};
use super::super::expand::Expand;
use super::super::state::Space;
use super::bodies::{space_body, space_type};
use super::guards;
use super::visit::Visit;

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
    // Without a status the answer contains spaces that are not archived.
    let archived = visit.call.words("status", &["current", "archived"])?.contains(&"archived");
    let window = visit.call.offset_page(25, MOST)?;
    let seen = (0_u32..).zip(&visit.site().facts.spaces).filter(|(at, space)| {
        visit.sees_space(*at)
            && space.archived == archived
            && (keys.is_empty() || keys.iter().any(|key| space.key.eq_ignore_ascii_case(key)))
            && (ids.is_empty() || ids.contains(&space.id.as_str()))
            && (kinds.is_empty() || kinds.contains(&space_type(space)))
    });
    let all: Vec<&Space> = seen.map(|(_, space)| space).collect();
    let row = |space: &Space| space_body(visit, space, &expand);
    Ok(Value::Object(visit.call.offset_listing_by(all, &window, row)?).into())
}

pub(super) fn one(visit: &Visit<'_>, key: &str) -> Answer {
    visit.call.known("GET /rest/api/space/{spaceKey}", &["expand"])?;
    let expand = Expand::read(visit.call, &EXPANDS)?;
    Ok(space_body(visit, guards::space(visit, key)?, &expand)?.into())
}
