//! `rest/api` and what else of REST the product has: which address is there at which version.
//!
//! Versions come from the documentation's own navigation, one page per version, where it tells them; the rest are guesses and
//! say so.
// Source: https://developer.atlassian.com/server/confluence/rest/

use super::super::exchange::{Answer, Refusal};
use super::version::Version;
use super::visit::Visit;
use super::{about, auditing, content, grants, people, restrictions, spaces};

/// Answers a route under `/rest`.
pub(super) fn answer(visit: &Visit<'_>, path: &[&str]) -> Option<Answer> {
    if let Some(broken) = visit.broken_address() {
        return Some(Ok(broken));
    }
    match path {
        ["api", rest @ ..] => api(visit, rest),
        ["experimental", rest @ ..] => restrictions::experimental(visit, rest),
        ["mobile", "1.0", "profile", name] if visit.call.method == "GET" => Some(people::profile(visit, name)),
        _ => None,
    }
}

fn api(visit: &Visit<'_>, path: &[&str]) -> Option<Answer> {
    let call = visit.call;
    Some(match (call.method, path) {
        (_, ["audit", rest @ ..]) => return auditing::legacy(visit, rest),
        // In the documents from 9.2 on; whether an older version has it is not known.
        ("GET", ["server-information"]) => visit.since(9, 2, || about::server_information(visit)),
        ("GET", ["accessmode"]) => about::access_mode(visit),
        ("GET", ["search"]) => people::search_users(visit),
        (_, ["user" | "group", ..] | ["admin", "group", ..] | ["admin", "users", ..]) => {
            return people::answer(visit, path);
        }
        (_, ["space", _, "permissions", rest @ ..]) => {
            let known = rest.len() < 4;
            return known.then(|| visit.since(9, 1, || grants::in_space(visit, path)));
        }
        // As late as in 9.2.18 of the line of 9.2: the exact patch is a guess.
        (_, ["permissions", rest @ ..]) => {
            let there = visit.from(9, 3) || visit.version >= Version(9, 2, 18);
            if !there {
                return Some(Err(Refusal::NoAddress { strange: false }));
            }
            return grants::global(visit, rest);
        }
        ("GET", ["space"]) => spaces::all(visit),
        ("GET", ["space", key]) => spaces::one(visit, key),
        ("GET", ["space", key, "content"]) => content::of_space(visit, key),
        ("GET", ["space", key, "content", kind]) => content::of_space_by_kind(visit, key, kind),
        (_, ["content", _, "restriction", ..]) => return restrictions::answer(visit, path),
        ("GET", ["content"]) => content::listing(visit),
        ("GET", ["content", "scan"]) => visit.since(7, 18, || content::scan(visit)),
        ("GET", ["content", "search"]) => content::search(visit),
        ("GET", ["content", id]) => content::one(visit, id),
        ("GET", ["content", id, "child"]) => content::children(visit, id, false),
        ("GET", ["content", id, "child", kind]) => content::children_by_kind(visit, id, kind),
        ("GET", ["content", id, "descendant"]) => content::children(visit, id, true),
        ("GET", ["content", id, "descendant", kind]) => content::descendants_by_kind(visit, id, kind),
        _ => return None,
    })
}
