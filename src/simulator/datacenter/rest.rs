//! `rest/api` and what else of REST the product has: which address is there at which version.
//!
//! Versions come from the documentation's own navigation, one page per version, where it tells them; the rest are guesses and
//! say so.
// Source: https://developer.atlassian.com/server/confluence/rest/

use serde_json::{Value, json};

use super::super::exchange::{Answer, Refusal, Reply};
use super::{Version, Visit, auditing, content, people, restrictions, spaces};

/// Answers a route under `/rest`.
pub(super) fn answer(visit: &Visit<'_>, path: &[&str]) -> Option<Answer> {
    if let Some(broken) = broken(visit) {
        return Some(Ok(broken));
    }
    match path {
        ["api", rest @ ..] => api(visit, rest),
        ["experimental", rest @ ..] => restrictions::experimental(visit, rest),
        ["mobile", "1.0", "profile", name] if visit.call.method == "GET" => Some(people::profile(visit, name)),
        _ => None,
    }
}

/// A slash in a name breaks the address: Tomcat refuses it before anybody looks. That it is 400 is a guess.
pub(super) fn broken(visit: &Visit<'_>) -> Option<Reply> {
    visit.call.path.to_ascii_lowercase().contains("%2f").then(|| {
        let text = "<!doctype html><html lang=\"en\"><head><title>HTTP Status 400 - Bad Request</title></head></html>";
        let text = Some(("text/html;charset=utf-8", text.to_owned()));
        Reply { status: 400, text, ..Value::Null.into() }
    })
}

/// A route that is there from a version on.
pub(super) fn since(visit: &Visit<'_>, first: u32, second: u32, answer: impl FnOnce() -> Answer) -> Answer {
    if visit.from(first, second) { answer() } else { Err(Refusal::NoAddress { strange: false }) }
}

fn api(visit: &Visit<'_>, path: &[&str]) -> Option<Answer> {
    let call = visit.call;
    Some(match (call.method, path) {
        (_, ["audit", rest @ ..]) => return auditing::legacy(visit, rest),
        // In the documents from 9.2 on; whether an older version has it is not known.
        ("GET", ["server-information"]) => since(visit, 9, 2, || server_information(visit)),
        ("GET", ["accessmode"]) => access_mode(visit),
        ("GET", ["search"]) => people::search(visit),
        (_, ["user" | "group", ..] | ["admin", "group", ..] | ["admin", "users", ..]) => {
            return people::answer(visit, path);
        }
        (_, ["space", _, "permissions", rest @ ..]) => {
            let known = rest.len() < 4;
            return known.then(|| since(visit, 9, 1, || super::grants::in_space(visit, path)));
        }
        // As late as in 9.2.18 of the line of 9.2: the exact patch is a guess.
        (_, ["permissions", rest @ ..]) => {
            let there = visit.from(9, 3) || visit.product.version >= Version(9, 2, 18);
            if !there {
                return Some(Err(Refusal::NoAddress { strange: false }));
            }
            return super::grants::global(visit, rest);
        }
        ("GET", ["space"]) => spaces::all(visit),
        ("GET", ["space", key]) => spaces::one(visit, key),
        ("GET", ["space", key, "content"]) => content::of_space(visit, key),
        ("GET", ["space", key, "content", kind]) => content::of_space_by_kind(visit, key, kind),
        (_, ["content", _, "restriction", ..]) => return restrictions::answer(visit, path),
        ("GET", ["content"]) => content::listing(visit),
        ("GET", ["content", "scan"]) => since(visit, 7, 18, || content::scan(visit)),
        ("GET", ["content", "search"]) => content::search(visit),
        ("GET", ["content", id]) => content::one(visit, id),
        ("GET", ["content", id, "child"]) => content::children(visit, id, false),
        ("GET", ["content", id, "child", kind]) => content::children_by_kind(visit, id, kind),
        ("GET", ["content", id, "descendant"]) => content::children(visit, id, true),
        ("GET", ["content", id, "descendant", kind]) => content::descendants_by_kind(visit, id, kind),
        _ => return None,
    })
}

/// A number that grows with the version, as build numbers do.
fn build_number(version: Version) -> u32 {
    match version {
        Version(7, 19, _) => 8804 + version.2,
        Version(8, 5, _) => 9012 + version.2,
        Version(9, 2, _) => 9212 + version.2,
        Version(10, 2, _) => 10_208 + version.2,
        Version(first, second, third) => first * 1000 + second * 20 + third,
    }
}

fn server_information(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/server-information", &[])?;
    let version = visit.product.version;
    let mut body = json!({
        "baseUrl": visit.base(),
        "version": version.to_string(),
        "buildNumber": build_number(version),
        "marketplaceBuildNumber": build_number(version),
        "buildDate": "2025-01-20T00:00:00.000+0000",
    });
    // Seen on some servers, absent on some of 10.x.
    if let Some(map) = body.as_object_mut().filter(|_| !visit.from(10, 0)) {
        map.insert("versionNumbers".to_owned(), json!([version.0, version.1, version.2]));
    }
    Ok(body.into())
}

fn access_mode(visit: &Visit<'_>) -> Answer {
    visit.call.known("GET /rest/api/accessmode", &[])?;
    Ok(json!(if visit.site().facts.read_only { "READ_ONLY" } else { "READ_WRITE" }).into())
}

/// `GET /rest/applinks/1.0/manifest`, which asks for no credentials: XML, or JSON for those who ask for it.
pub(super) fn manifest(version: Version, base: &str, json: bool) -> Reply {
    let (id, build) = ("4f5a1c9e-7d6b-3c2a-9b8d-0e1f2a3b4c5d", build_number(version));
    if json {
        return json!({
            "id": id,
            "name": "Confluence",
            "typeId": "confluence",
            "version": version.to_string(),
            "buildNumber": build,
            "applinksVersion": "9.1.0",
            "inboundAuthenticationTypes": [],
            "outboundAuthenticationTypes": [],
            "publicSignup": false,
            "url": base,
        })
        .into();
    }
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><manifest><id>{id}</id><name>Confluence</name>\
         <typeId>confluence</typeId><version>{version}</version><buildNumber>{build}</buildNumber>\
         <applinksVersion>9.1.0</applinksVersion><publicSignup>false</publicSignup><url>{base}</url></manifest>"
    );
    Reply { text: Some(("application/xml", text)), ..Value::Null.into() }
}
