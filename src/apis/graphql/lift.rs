//! What the gateway says about public links, as facts of the model.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{routes, wire};
use crate::apis::continuation::Continuation;
use crate::apis::errors::plain;
use crate::apis::listing::{About, Listing};
use crate::apis::reading::{Page, Unreadable, parse};
use crate::model::{Gap, GapCause, SiteFact};

/// Public links in a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpaceLinks {
    /// Id of the space.
    pub space_id: String,
    /// Whether public links work there; `None`: unknown.
    pub enabled: Option<bool>,
    /// How many are on; `None`: the gateway did not say.
    pub active: Option<u64>,
}

/// A public link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicLink {
    /// Id of its content.
    pub content_id: String,
    /// Whether it is on; `None`: unknown.
    pub on: Option<bool>,
}

/// What every gap of this API is about.
fn about() -> About<'static> {
    About::site(SiteFact::PublicLinks, &routes::QUERY)
}

/// Reads whether public links work on the site: one row.
///
/// # Errors
/// Where the answer is no answer to that.
pub fn public_link_site(body: &[u8]) -> Result<Page<bool>, Unreadable> {
    let (found, gaps) = answered(body, "data.publicLinkSiteStatus", |data: wire::SiteData| data.site)?;
    let mut page = Page { received: 1, gaps, ..Page::default() };
    if let Some(site) = found {
        page.rows.extend(is_on("the site", Some(&site.status), &mut page.gaps));
    }
    Ok(page)
}

/// Reads the public links of each space.
///
/// # Errors
/// Where the answer is no such listing.
pub fn public_link_spaces(body: &[u8]) -> Result<Page<SpaceLinks>, Unreadable> {
    let name = "data.publicLinkSpacesByCriteria";
    let (found, gaps) = answered(body, name, |data: wire::SpacesData| data.spaces)?;
    Ok(rows(found, gaps, |space: wire::Space, gaps| SpaceLinks {
        enabled: is_on(&format!("space `{}`", plain(&space.space_id, 40)), space.status.as_deref(), gaps),
        active: space.stats.and_then(|stats| stats.public_links).and_then(|links| links.active),
        space_id: space.space_id,
    }))
}

/// Reads public links.
///
/// # Errors
/// Where the answer is no such listing.
pub fn public_links(body: &[u8]) -> Result<Page<PublicLink>, Unreadable> {
    let (found, gaps) = answered(body, "data.publicLinksByCriteria", |data: wire::LinksData| data.links)?;
    Ok(rows(found, gaps, |link: wire::Link, gaps| PublicLink {
        on: is_on(&format!("the link to content `{}`", plain(&link.id, 40)), link.status.as_deref(), gaps),
        content_id: link.id,
    }))
}

/// What an operation returned, with a gap for each error beside it. An answer with neither cannot be read.
fn answered<D: DeserializeOwned, F>(
    body: &[u8],
    member: &str,
    field: impl FnOnce(D) -> Option<F>,
) -> Result<(Option<F>, Vec<Gap>), Unreadable> {
    let answer: wire::Answer<D> = parse(body)?;
    let gaps: Vec<Gap> = answer.errors.unwrap_or_default().iter().map(refusal).collect();
    match answer.data.and_then(field) {
        None if gaps.is_empty() => Err(Unreadable::shape(body, member, "neither data nor an error")),
        found => Ok((found, gaps)),
    }
}

/// An error of the gateway, which comes with the status 200.
fn refusal(error: &Value) -> Gap {
    let text = |place: &str| error.pointer(place).and_then(Value::as_str).unwrap_or_default();
    let status = error.pointer("/extensions/statusCode").and_then(Value::as_u64);
    let word = [text("/extensions/errorType"), text("/extensions/classification"), text("/extensions/code")]
        .join(" ")
        .to_uppercase();
    let says = |words: &[&str]| words.iter().any(|known| word.contains(known));
    let cause = match status {
        Some(401) => GapCause::Unauthorized,
        Some(403) => GapCause::Forbidden,
        Some(404) => GapCause::NotFound,
        Some(429) => GapCause::RateLimited,
        _ if says(&["UNAUTHENTICATED", "UNAUTHORIZED"]) => GapCause::Unauthorized,
        _ if says(&["FORBIDDEN", "INSUFFICIENT", "PERMISSION"]) => GapCause::Forbidden,
        _ => GapCause::ServerError,
    };
    let message = match plain(text("/message"), 200) {
        empty if empty.is_empty() => "without a reason".to_owned(),
        message => message,
    };
    let status = status.and_then(|status| u16::try_from(status).ok());
    about()
        .gap(cause, format!("public links are unknown: the GraphQL gateway refuses them: {message}"))
        .answered(status)
}

fn rows<W: DeserializeOwned, T>(
    found: Option<wire::Connection>,
    gaps: Vec<Gap>,
    mut row: impl FnMut(W, &mut Vec<Gap>) -> T,
) -> Page<T> {
    let Some(found) = found else { return Page { gaps, ..Page::default() } };
    let mut page = Listing::new(found.nodes, next(found.page_info)).member("nodes").each(&about(), |read, page| {
        let row = row(read, &mut page.gaps);
        page.rows.push(row);
    });
    page.gaps.splice(..0, gaps);
    page
}

/// Where the next page starts. A page that does not say whether it is the last one may not be.
fn next(info: Option<wire::PageInfo>) -> Option<Continuation> {
    let unusable = || Some(Continuation::Unusable("pageInfo".to_owned()));
    match info {
        Some(wire::PageInfo { has_next_page: Some(false), .. }) => None,
        Some(wire::PageInfo { has_next_page: Some(true), end_page: Some(end) }) => Some(Continuation::Cursor(end)),
        _ => unusable(),
    }
}

/// The states in which a link does not work.
const OFF: [&str; 10] = [
    "OFF",
    "BLOCKED_BY_CLASSIFICATION_LEVEL",
    "BLOCKED_BY_CONTAINER_POLICY",
    "BLOCKED_BY_ORG",
    "BLOCKED_BY_PRODUCT",
    "BLOCKED_BY_SPACE",
    "SITE_BLOCKED",
    "SITE_DISABLED",
    "SPACE_BLOCKED",
    "SPACE_DISABLED",
];

/// Whether links are on; a word nobody knows leaves a gap.
fn is_on(what: &str, status: Option<&str>, gaps: &mut Vec<Gap>) -> Option<bool> {
    match status {
        Some("ON") => return Some(true),
        Some(word) if OFF.contains(&word) => return Some(false),
        Some(word) => {
            let message = format!("public links: the state of {what} is the unknown word `{}`", plain(word, 40));
            gaps.push(about().unreadable(message));
        }
        None => gaps.push(about().unreadable(format!("public links: the state of {what} is missing"))),
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn links(body: Value) -> Page<PublicLink> {
        public_links(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn an_error_beside_the_status_200_is_a_gap_with_its_cause() {
        for (extensions, cause) in [
            (json!({"statusCode": 401}), GapCause::Unauthorized),
            (json!({"statusCode": 403}), GapCause::Forbidden),
            (json!({"errorType": "UNAUTHENTICATED"}), GapCause::Unauthorized),
            (json!({"classification": "FORBIDDEN"}), GapCause::Forbidden),
            (json!(null), GapCause::ServerError),
        ] {
            let error = json!({"message": "not\nallowed", "extensions": extensions});
            let page = links(json!({"errors": [error], "data": null}));
            let [gap] = page.gaps.as_slice() else { panic!("{:?}", page.gaps) };
            assert_eq!((&gap.cause, gap.subject.as_str()), (&cause, "public_links"));
            assert!(gap.message.ends_with("refuses them: not allowed"), "{}", gap.message);
            assert_eq!((page.rows.len(), page.next), (0, None));
        }
    }

    #[test]
    fn what_came_beside_an_error_is_kept() {
        let nodes = json!([{"id": "7", "status": "ON"}, null]);
        let data = json!({"publicLinksByCriteria": {"nodes": nodes, "pageInfo": {"hasNextPage": false}}});
        let page = links(json!({"errors": [{}], "data": data}));
        assert_eq!(page.rows, [PublicLink { content_id: "7".to_owned(), on: Some(true) }]);
        assert_eq!(page.gaps.len(), 2, "the error and the row without an id: {:?}", page.gaps);
    }

    #[test]
    fn a_link_is_on_if_its_state_says_so_and_unknown_for_a_new_word() {
        let nodes: Vec<Value> = ["ON", "SITE_DISABLED", "BLOCKED_BY_NEWS"]
            .iter()
            .map(|status| json!({"id": status, "status": status}))
            .collect();
        let data =
            json!({"publicLinksByCriteria": {"nodes": nodes, "pageInfo": {"hasNextPage": true, "endPage": "c"}}});
        let page = links(json!({"data": data}));
        assert_eq!(page.rows.iter().map(|link| link.on).collect::<Vec<_>>(), [Some(true), Some(false), None]);
        assert_eq!(page.gaps.len(), 1);
        assert_eq!(page.next, Some(Continuation::Cursor("c".to_owned())));
    }

    #[test]
    fn a_page_that_does_not_say_whether_it_is_the_last_is_not_the_end() {
        for info in [json!(null), json!({}), json!({"hasNextPage": true}), json!({"hasNextPage": true, "endPage": ""})]
        {
            let page = links(json!({"data": {"publicLinksByCriteria": {"nodes": [], "pageInfo": info}}}));
            assert!(matches!(page.next, Some(Continuation::Unusable(_))), "{info}");
        }
    }
}
