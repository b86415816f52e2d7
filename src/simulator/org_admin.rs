//! The APIs of the organization: directories, groups, the entries behind accounts. Served on the same port under `/admin`,
//! for a key of their own.
//!
//! Source: <https://developer.atlassian.com/cloud/admin/organization/rest/intro/>

use serde_json::{Map, Value, json};

use super::exchange::{Answer, Call, Refusal, time};
use super::state::{Account, Group, uuid};

/// Answers a route under `/admin`; `None` where there is none.
pub(super) fn answer(call: &Call<'_>, path: &[&str]) -> Option<Answer> {
    let org = org_id(call);
    let of_this = |id: &str| {
        if id == org { Ok(()) } else { Err(Refusal::Forbidden("the key is not for this organization".to_owned())) }
    };
    Some(match (call.method, path) {
        ("GET", ["v1", "orgs"]) => organizations(call),
        ("GET", ["v1", "orgs", id, "domains"]) => of_this(id).and_then(|()| domains(call)),
        ("GET", ["v2", "orgs", id, "directories"]) => of_this(id).and_then(|()| directories(call)),
        ("POST", ["v2", "orgs", id, "directories", directory, "groups", "search"]) => {
            of_this(id).and_then(|()| groups(call, directory))
        }
        ("POST", ["v2", "orgs", id, "directories", "-", "users", "search"]) => of_this(id).and_then(|()| users(call)),
        ("GET", ["v1", "orgs", id, "events-stream"]) => of_this(id).and_then(|()| events(call)),
        // Stops on 2027-06-30: no new client should begin with it.
        ("GET", ["v2", "orgs", _, "directories", _, "groups" | "users"]) => Err(Refusal::Gone),
        ("GET", ["user-provisioning", "v1", "org", id, "user", account, "get-scim-links"]) => {
            of_this(id).and_then(|()| scim_links(call, account))
        }
        _ => return None,
    })
}

/// Id of the organization that a site of this title belongs to.
pub(super) fn id_of(title: &str) -> String {
    uuid(&format!("organization {title}"))
}

fn org_id(call: &Call<'_>) -> String {
    id_of(&call.site.facts.title)
}

/// Ids of its two directories: its own, and the one an identity provider keeps in step.
fn directory_ids(call: &Call<'_>) -> (String, String) {
    let title = &call.site.facts.title;
    (uuid(&format!("directory own {title}")), uuid(&format!("directory synced {title}")))
}

fn organizations(call: &Call<'_>) -> Answer {
    call.known("GET /admin/v1/orgs", &["cursor"])?;
    let itself = format!("{}/admin/v1/orgs/{}", call.base, org_id(call));
    let org = json!({
        "id": org_id(call),
        "type": "orgs",
        "attributes": {"name": call.site.facts.title},
        "relationships": {"domains": {"links": {"related": format!("{itself}/domains")}}, "users": {"links": {"related": format!("{itself}/users")}}},
        "links": {"self": itself},
    });
    Ok(json!({"data": [org], "links": {"self": format!("{}/admin/v1/orgs", call.base)}}).into())
}

/// A page of `all`: the way on is a bare cursor.
fn page(call: &Call<'_>, all: Vec<Value>, limit: u64, cursor: Option<&str>) -> Answer {
    let bad = |cursor: &str| Refusal::Bad(format!("the cursor `{cursor}` is not valid"));
    let read = |cursor: &str| -> Option<u64> { cursor.strip_prefix("c/")?.strip_suffix('=')?.parse().ok() };
    let from = match cursor {
        None | Some("") => 0,
        Some(cursor) => read(cursor).ok_or_else(|| bad(cursor))?,
    };
    let window = call.window(usize::try_from(limit).unwrap_or(100), 100, from);
    let total = all.len() as u64;
    let rows: Vec<Value> =
        all.into_iter().skip(usize::try_from(from).unwrap_or(usize::MAX)).take(window.limit).collect();
    let end = if call.loops { from } else { from + rows.len() as u64 };
    let mut links = Map::new();
    links.insert("self".to_owned(), json!(format!("c/{from}=")));
    if end < total || call.loops {
        links.insert("next".to_owned(), json!(format!("c/{end}=")));
    }
    Ok(json!({"data": rows, "links": links}).into())
}

/// Domains the organization has claimed: those it has verified, and one more.
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-domains/
fn domains(call: &Call<'_>) -> Answer {
    call.known("GET /admin/v1/orgs/{orgId}/domains", &["cursor"])?;
    let row = |name: &str, status: &str| {
        let id = uuid(&format!("domain {name}"));
        json!({
            "id": id,
            "type": "domains",
            "attributes": {"name": name, "claim": {"type": "dns", "status": status}},
            "links": {"self": format!("{}{}/{id}", call.base, call.path)},
        })
    };
    let verified = call.site.facts.verified_domains.iter().map(|name| row(name, "verified"));
    let all = verified.chain([row("unverified.example", "unverified")]);
    let mut reply = page(call, all.collect(), 100, call.one("cursor"))?;
    // This version gives addresses where the next one gives bare cursors.
    let next = reply.body.pointer("/links/next").and_then(Value::as_str).map(escaped);
    if let Some(body) = reply.body.as_object_mut() {
        let mut links = json!({"self": call.itself()});
        if let (Some(next), Some(links)) = (next, links.as_object_mut()) {
            links.insert("next".to_owned(), json!(format!("{}{}?cursor={next}", call.base, call.path)));
        }
        body.insert("links".to_owned(), links);
    }
    Ok(reply)
}

/// A cursor in an address.
fn escaped(cursor: &str) -> String {
    cursor.replace('/', "%2F").replace('=', "%3D")
}

fn directories(call: &Call<'_>) -> Answer {
    const ROUTE: &str = "GET /admin/v2/orgs/{orgId}/directories";
    call.known(ROUTE, &["accountId", "directoryIds", "searchTerm", "cursor", "limit"])?;
    let (own, synced) = directory_ids(call);
    let row = |id: &str, name: String| json!({"directoryId": id, "name": name, "icon": "https://example.org/icon.png"});
    let title = &call.site.facts.title;
    let all = vec![row(&own, title.clone()), row(&synced, format!("{title} synced"))];
    page(call, all, call.whole("limit")?.unwrap_or(20), call.one("cursor"))
}

fn groups(call: &Call<'_>, directory: &str) -> Answer {
    const ROUTE: &str = "POST /admin/v2/orgs/{orgId}/directories/{directoryId}/groups/search";
    const KEYS: [&str; 11] = [
        "cursor",
        "limit",
        "sortBy",
        "accountIds",
        "directoryIds",
        "roleIds",
        "resourceOwners",
        "resourceIds",
        "searchTerm",
        "groupIds",
        "groupNames",
    ];
    call.known(ROUTE, &[])?;
    let empty = json!({});
    let body = call.body.as_ref().unwrap_or(&empty);
    let Value::Object(asked) = body else { return Err(Refusal::Bad("the body is an object".to_owned())) };
    if let Some(unknown) = asked.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(Refusal::Unknown(format!("unknown member `{unknown}` of {ROUTE}")));
    }
    let administering = administering(call, asked, ROUTE)?;
    let (own, synced) = directory_ids(call);
    let row = |group: &Group| {
        let external = group.managed_by == Some("EXTERNAL");
        let mut row = json!({
            "id": group.id,
            "name": group.name,
            "description": null,
            "directoryId": if external { &synced } else { &own },
            "managementAccess": {"deletable": !external, "modifiable": !external, "readable": true},
            "externalSynced": external,
            "links": {"self": format!("g/{}", group.id)},
        });
        // Lower case and hyphens here, upper case and underscores in Confluence.
        if let (Some(word), Some(row)) = (group.managed_by, row.as_object_mut()) {
            row.insert("managedBy".to_owned(), json!(word.to_lowercase().replace('_', "-")));
        }
        row
    };
    let all = call
        .site
        .facts
        .groups
        .iter()
        .filter(|group| administering.is_none_or(|here| here && group.access == Some("admin")))
        .map(row)
        .filter(|row| directory == "-" || row.get("directoryId").and_then(Value::as_str) == Some(directory));
    let limit = body.get("limit").and_then(Value::as_u64).unwrap_or(20);
    page(call, all.collect(), limit, body.get("cursor").and_then(Value::as_str))
}

/// Whether a search is narrowed to who administers a product, and whether that product is this site; other filters are
/// not played.
fn administering(call: &Call<'_>, asked: &Map<String, Value>, route: &str) -> Result<Option<bool>, Refusal> {
    const PLAYED: [&str; 5] = ["cursor", "limit", "roleIds", "resourceIds", "expand"];
    if let Some(unplayed) = asked.keys().find(|key| !PLAYED.contains(&key.as_str())) {
        return Err(Refusal::Unknown(format!("the filter `{unplayed}` of {route} is not played")));
    }
    let here = json!([format!("ari:cloud:confluence::site/{}", call.site.cloud_id)]);
    match (asked.get("roleIds"), asked.get("resourceIds")) {
        (None, None) => Ok(None),
        (Some(roles), Some(resources)) if *roles == json!(["atlassian/admin"]) => Ok(Some(*resources == here)),
        _ => Err(Refusal::Unknown(format!("only the product admins of one product are played by {route}"))),
    }
}

/// Accounts of all directories.
// Source: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-users/
fn users(call: &Call<'_>) -> Answer {
    const ROUTE: &str = "POST /admin/v2/orgs/{orgId}/directories/{directoryId}/users/search";
    call.known(ROUTE, &[])?;
    let empty = json!({});
    let body = call.body.as_ref().unwrap_or(&empty);
    let Value::Object(asked) = body else { return Err(Refusal::Bad("the body is an object".to_owned())) };
    let administering = administering(call, asked, ROUTE)?;
    let administers =
        |id: &str, by_role: bool| by_role || call.site.groups_of(id).any(|group| group.access == Some("admin"));
    let all = call
        .site
        .facts
        .users
        .iter()
        .filter(|user| administering.is_none_or(|here| here && administers(&user.id, user.product_admin)));
    let with_products = match asked.get("expand") {
        None => false,
        Some(expand) if *expand == json!(["productAccess"]) => true,
        Some(_) => return Err(Refusal::Unknown(format!("only `productAccess` is played of `expand` of {ROUTE}"))),
    };
    let row = |user: &Account| {
        let status = if user.active { "active" } else { "inactive" };
        let managed = !user.guest && user.email.is_some();
        let mut row = json!({
            "accountId": user.id,
            "accountType": if user.app { "app" } else { "atlassian" },
            "status": if user.active { "active" } else { "deactivated" },
            "accountStatus": status,
            "membershipStatus": "active",
            "name": user.name,
            "email": user.email,
            "emailVerified": user.email.is_some(),
            "claimStatus": if managed { "managed" } else { "unmanaged" },
            "managementSource": match (managed, is_provisioned(call, &user.id)) {
                (false, _) => None,
                (_, true) => Some("synced"),
                _ => Some("invited"),
            },
        });
        if let Some(row) = row.as_object_mut().filter(|_| with_products) {
            let used = user
                .last_active
                .map(|at| json!({"key": "confluence", "id": call.site.cloud_id, "lastActiveTimestamp": time(at)}));
            row.insert("productAccess".to_owned(), used.into_iter().collect());
        }
        row
    };
    let limit = body.get("limit").and_then(Value::as_u64).unwrap_or(50);
    page(call, all.map(row).collect(), limit, body.get("cursor").and_then(Value::as_str))
}

/// The last page names a next one too, which later returns what has happened since.
fn events(call: &Call<'_>) -> Answer {
    call.known("GET /admin/v1/orgs/{orgId}/events-stream", &["cursor", "from", "to", "limit", "sortOrder"])?;
    if call.words("sortOrder", &["asc", "desc"])?.contains(&"desc") {
        return Err(Refusal::Unknown("the order `desc` of the stream of events is not played".to_owned()));
    }
    let moment = |key: &str| -> Result<Option<i64>, Refusal> {
        let wrong = |v: &str| Refusal::Bad(format!("`{v}` is no value of `{key}`: milliseconds since 1970"));
        call.one(key).map(|v| v.parse().map_err(|_| wrong(v))).transpose()
    };
    let (since, until) = (moment("from")?.unwrap_or(i64::MIN), moment("to")?.unwrap_or(i64::MAX));
    let all: Vec<Value> = call.history.of_organization(call.site, &org_id(call), call.base, since, until);
    let limit = call.whole("limit")?.unwrap_or(25);
    let mut reply = page(call, all, limit, call.one("cursor"))?;
    let from = |link: Option<&Value>| link.and_then(Value::as_str).map(str::to_owned);
    let size = reply.body.get("data").and_then(Value::as_array).map_or(0, Vec::len);
    let itself = from(reply.body.pointer("/links/self")).unwrap_or_default();
    let position: usize = itself.trim_start_matches("c/").trim_end_matches('=').parse().unwrap_or_default();
    let next = from(reply.body.pointer("/links/next")).unwrap_or_else(|| format!("c/{}=", position + size));
    if let Some(body) = reply.body.as_object_mut() {
        body.insert("meta".to_owned(), json!({"next": next, "page_size": size}));
        let address = format!("{}{}?cursor={}", call.base, call.path, escaped(&next));
        body.insert("links".to_owned(), json!({"self": call.itself(), "next": address}));
    }
    Ok(reply)
}

/// Members of a synchronised group came with it.
fn is_provisioned(call: &Call<'_>, account: &str) -> bool {
    call.site.groups_of(account).any(|group| group.managed_by == Some("EXTERNAL"))
}

fn scim_links(call: &Call<'_>, account: &str) -> Answer {
    call.known("GET /admin/user-provisioning/v1/org/{orgId}/user/{accountId}/get-scim-links", &[])?;
    if call.site.user(account).is_none() {
        return Err(Refusal::NotFound("no such account".to_owned()));
    }
    let provisioned = is_provisioned(call, account);
    let link = json!({
        "scimUserId": uuid(&format!("scim {account}")),
        "atlassianAccountId": account,
        "orgId": org_id(call),
        "directoryId": directory_ids(call).1,
    });
    let links: Vec<Value> = provisioned.then_some(link).into_iter().collect();
    Ok(json!({"scimLinks": links}).into())
}
