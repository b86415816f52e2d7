//! The GraphQL gateway of a Cloud site, as far as its published schema speaks of public links. A query with another field,
//! argument or type than the schema has is refused, and remembered.
//!
//! No document says what the gateway shows to whom. Played is: the lists of administrators, which name links to contents the
//! caller may not view too; a link that is on and does not work has the state that says why.
//!
// Source: https://www.npmjs.com/package/@atlassian/forge-graphql-types (4.3.0, `src/graphql-types.ts`)

mod query;

use serde_json::{Map, Value, json};

use self::query::{Argument, Field};
use super::exchange::{Answer, Call, Refusal};
use super::state::{Node, Space, Status};

const ROUTE: &str = "POST /gateway/api/graphql";

/// Names, each with its type.
type Typed = &'static [(&'static str, &'static str)];

/// The fields of a query: name, arguments with their types, type.
const QUERIES: [(&str, Typed, &str); 3] = [
    ("publicLinkSiteStatus", &[], "PublicLinkSitePayload"),
    (
        "publicLinkSpacesByCriteria",
        &[
            ("after", "String"),
            ("first", "Int"),
            ("isAscending", "Boolean"),
            ("orderBy", "PublicLinkSpacesByCriteriaOrder"),
            ("spaceNamePattern", "String"),
            ("status", "[PublicLinkSpaceStatus!]"),
        ],
        "PublicLinkSpaceConnection",
    ),
    (
        "publicLinksByCriteria",
        &[
            ("after", "String"),
            ("first", "Int"),
            ("isAscending", "Boolean"),
            ("orderBy", "PublicLinksByCriteriaOrder"),
            ("spaceId", "ID!"),
            ("status", "[PublicLinkStatus]"),
            ("title", "String"),
            ("type", "[String]"),
        ],
        "PublicLinkConnection",
    ),
];

/// The fields of each type, and the type of those that are objects.
const TYPES: [(&str, Typed); 8] = [
    ("PublicLinkSitePayload", &[("status", "")]),
    ("PublicLinkSpaceConnection", &[("nodes", "PublicLinkSpace"), ("pageInfo", "PublicLinkPageInfo")]),
    (
        "PublicLinkSpace",
        &[("spaceId", ""), ("spaceKey", ""), ("name", ""), ("status", ""), ("stats", "PublicLinkSpaceStats")],
    ),
    ("PublicLinkSpaceStats", &[("publicLinks", "PublicLinkStats")]),
    ("PublicLinkStats", &[("active", "")]),
    ("PublicLinkConnection", &[("nodes", "PublicLink"), ("pageInfo", "PublicLinkPageInfo")]),
    ("PublicLink", &[("id", ""), ("title", ""), ("type", ""), ("status", ""), ("publicLinkUrlPath", "")]),
    ("PublicLinkPageInfo", &[("endPage", ""), ("hasNextPage", ""), ("startPage", "")]),
];

pub(super) fn answer(call: &Call<'_>) -> Answer {
    call.known(ROUTE, &[])?;
    let strange = |why: String| Refusal::Unknown(format!("GraphQL: {why}"));
    let Value::Object(body) = call.json()? else { return Err(Refusal::Bad("the body is an object".to_owned())) };
    if let Some(key) = body.keys().find(|key| !["query", "variables", "operationName"].contains(&key.as_str())) {
        return Err(strange(format!("unknown member `{key}`")));
    }
    let none = Map::new();
    let variables = body.get("variables").and_then(Value::as_object).unwrap_or(&none);
    let text =
        body.get("query").and_then(Value::as_str).ok_or_else(|| Refusal::Bad("`query` is required".to_owned()))?;
    let (name, fields) = query::read(text, variables).map_err(strange)?;
    if body.get("operationName").and_then(Value::as_str).is_some_and(|operation| operation != name) {
        return Err(strange(format!("no operation of the name in `operationName`; the query is `{name}`")));
    }
    let mut data = Map::new();
    for field in &fields {
        let (_, takes, kind) = QUERIES
            .iter()
            .find(|(known, ..)| *known == field.name)
            .ok_or_else(|| strange(format!("a query has no field `{}` that is played", field.name)))?;
        let given = Given::read(field, takes).map_err(strange)?;
        let whole = match field.name.as_str() {
            "publicLinkSiteStatus" => json!({"status": if works(call) { "ON" } else { "OFF" }}),
            "publicLinkSpacesByCriteria" => spaces(call, &given)?,
            _ => links(call, &given)?,
        };
        data.insert(field.name.clone(), selected(&whole, &field.fields, kind).map_err(strange)?);
    }
    Ok(json!({"data": data}).into())
}

/// The arguments of a field.
struct Given<'a>(Vec<(&'a str, &'a Value)>);

impl<'a> Given<'a> {
    fn read(field: &'a Field, takes: &[(&str, &str)]) -> Result<Self, String> {
        let mut given = Vec::new();
        for Argument { name, value, declared } in &field.arguments {
            let Some((_, kind)) = takes.iter().find(|(known, _)| known == name) else {
                return Err(format!("`{}` has no argument `{name}`", field.name));
            };
            if declared.as_ref().is_some_and(|declared| declared != kind && declared.strip_suffix('!') != Some(kind)) {
                return Err(format!("`{name}` of `{}` is of the type `{kind}`, the variable is not", field.name));
            }
            if let Some(value) = value {
                let fits = match kind.trim_end_matches('!') {
                    "Int" => value.is_i64(),
                    "Boolean" => value.is_boolean(),
                    list if list.starts_with('[') => value.is_array(),
                    _ => value.is_string(),
                };
                if !fits {
                    return Err(format!("`{value}` is no `{kind}`, which `{name}` of `{}` is", field.name));
                }
                given.push((name.as_str(), value));
            }
        }
        match takes.iter().find(|(name, kind)| kind.ends_with('!') && !given.iter().any(|(known, _)| known == name)) {
            Some((missing, _)) => Err(format!("`{}` needs the argument `{missing}`", field.name)),
            None => Ok(Self(given)),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// Refuses filters that are in the schema and not played.
    fn only(&self, played: &[&str]) -> Result<(), Refusal> {
        match self.0.iter().find(|(name, _)| !played.contains(name)) {
            Some((name, _)) => Err(Refusal::Unknown(format!("GraphQL: the argument `{name}` is not played"))),
            None => Ok(()),
        }
    }

    /// Whether a row in this state is wanted.
    fn wants(&self, status: &str) -> bool {
        let wanted = self.get("status").and_then(Value::as_array);
        wanted.is_none_or(|words| words.iter().any(|word| word == status))
    }
}

/// The fields of `whole`, of the type `kind`, that were asked for.
fn selected(whole: &Value, fields: &[Field], kind: &str) -> Result<Value, String> {
    if let Value::Array(rows) = whole {
        return rows.iter().map(|row| selected(row, fields, kind)).collect();
    }
    let (_, known) = TYPES.iter().find(|(name, _)| *name == kind).ok_or_else(|| format!("no type `{kind}`"))?;
    if fields.is_empty() {
        return Err(format!("of a `{kind}` fields have to be selected"));
    }
    let mut object = Map::new();
    for field in fields {
        let (_, inner) = known
            .iter()
            .find(|(name, _)| *name == field.name)
            .ok_or_else(|| format!("a `{kind}` has no field `{}` that is played", field.name))?;
        if let Some(argument) = field.arguments.first() {
            return Err(format!("`{}` has no argument `{}`", field.name, argument.name));
        }
        let value = whole.get(&field.name).unwrap_or(&Value::Null);
        let value = match (inner.is_empty(), field.fields.is_empty()) {
            (true, true) => value.clone(),
            (true, false) => return Err(format!("`{}` has no fields", field.name)),
            (false, _) => selected(value, &field.fields, inner)?,
        };
        object.insert(field.name.clone(), value);
    }
    Ok(Value::Object(object))
}

/// Whether public links work on the site: the plan Free has none.
fn works(call: &Call<'_>) -> bool {
    call.site.facts.public_links && !call.site.facts.free
}

fn state_of_space(call: &Call<'_>, space: &Space) -> &'static str {
    match (works(call), space.links_blocked) {
        (false, _) => "BLOCKED_BY_PRODUCT",
        (_, true) => "OFF",
        _ => "ON",
    }
}

fn state_of_link(call: &Call<'_>, space: &Space) -> &'static str {
    match (works(call), space.links_blocked) {
        (false, _) => "SITE_DISABLED",
        (_, true) => "SPACE_DISABLED",
        _ => "ON",
    }
}

/// The contents of a space with a link.
fn linked<'a>(call: &'a Call<'_>, space: &Space) -> Vec<&'a Node> {
    let nodes = space.nodes.iter().filter_map(|at| call.site.node_at(*at));
    nodes.filter(|node| node.public_link && node.status == Status::Current).collect()
}

fn spaces(call: &Call<'_>, given: &Given<'_>) -> Result<Value, Refusal> {
    given.only(&["after", "first", "status"])?;
    let row = |space: &Space| {
        let active = if state_of_link(call, space) == "ON" { linked(call, space).len() } else { 0 };
        json!({
            "spaceId": space.id,
            "spaceKey": space.key,
            "name": space.name,
            "status": state_of_space(call, space),
            "stats": {"publicLinks": {"active": active}},
        })
    };
    let all = call.site.spaces().filter(|space| given.wants(state_of_space(call, space)));
    page(call, given, all.map(row).collect())
}

fn links(call: &Call<'_>, given: &Given<'_>) -> Result<Value, Refusal> {
    given.only(&["after", "first", "spaceId", "status"])?;
    let id = given.text("spaceId").unwrap_or_default();
    let space = call.site.space(id).ok_or_else(|| Refusal::NotFound(format!("no space with the id {id}")))?;
    let state = state_of_link(call, space);
    let row = |node: &Node| {
        json!({
            "id": node.id,
            "title": node.title,
            "type": node.kind.word(),
            "status": state,
            "publicLinkUrlPath": format!("/external/{}", node.id),
        })
    };
    let all = if given.wants(state) { linked(call, space) } else { Vec::new() };
    page(call, given, all.into_iter().map(row).collect())
}

/// A page: `after` takes the `endPage` of the one before.
fn page(call: &Call<'_>, given: &Given<'_>, all: Vec<Value>) -> Result<Value, Refusal> {
    let from = match given.text("after") {
        None => 0,
        Some(cursor) => cursor
            .strip_prefix("p/")
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| Refusal::Bad(format!("the cursor `{cursor}` is not valid")))?,
    };
    let first = given.get("first").and_then(Value::as_u64).unwrap_or(25);
    let window = call.window(usize::try_from(first).unwrap_or(100), 100, from);
    let total = all.len();
    let rows = window.of(all);
    let more = window.leaves(rows.len(), total) || call.loops;
    let end = if call.loops { from } else { from + rows.len() as u64 };
    let info = json!({"startPage": format!("p/{from}"), "endPage": format!("p/{end}"), "hasNextPage": more});
    Ok(json!({"nodes": rows, "pageInfo": info}))
}
