//! Listings: their elements, each read on its own, the page around them, and the gaps of what cannot be read.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::continuation::Continuation;
use super::lenient;
use super::reading::{Links, Page, Unreadable, parse, parse_list, web_address, without_values};
use super::route::Route;
use crate::model::{Gap, GapCause, GapScope, Origin, SiteFact};

/// What the gaps of a reader are about.
#[derive(Debug, Clone)]
pub(crate) struct About<'a> {
    scope: GapScope,
    subject: &'a str,
    route: &'static Route,
    each: Option<GapScope>,
}

impl<'a> About<'a> {
    /// One thing that was asked for along `route`.
    pub(crate) fn new((scope, subject): (GapScope, &'a str), route: &'static Route) -> Self {
        Self { scope, subject, route, each: None }
    }

    /// A fact of the site that was asked for along `route`.
    pub(crate) fn site(fact: SiteFact, route: &'static Route) -> Self {
        Self::new(fact.about(), route)
    }

    /// The same, but for elements whose id can be read: the gap of such an element is about that id, in this scope.
    #[must_use]
    pub(crate) fn each(self, scope: GapScope) -> Self {
        Self { each: Some(scope), ..self }
    }

    /// What was asked for.
    pub(crate) fn subject(&self) -> &'a str {
        self.subject
    }

    /// The route.
    pub(crate) fn route(&self) -> &'static Route {
        self.route
    }

    /// Where the rows come from.
    pub(crate) fn origin(&self) -> Origin {
        self.route.origin()
    }

    /// A gap.
    pub(crate) fn gap(&self, cause: GapCause, message: impl Into<String>) -> Gap {
        Gap::new((self.scope.clone(), self.subject), cause, message).at(self.route.to_string())
    }

    /// A gap of something that cannot be read.
    pub(crate) fn unreadable(&self, message: impl Into<String>) -> Gap {
        self.gap(GapCause::Unreadable, message)
    }

    /// The elements of a list inside an answer; each that cannot be read leaves a gap.
    pub(crate) fn elements<W: DeserializeOwned>(&self, list: &[Value], gaps: &mut Vec<Gap>) -> Vec<W> {
        let read = |(index, value): (usize, &Value)| match element(index, &value.to_string()) {
            Ok(read) => Some(read),
            Err(broken) => {
                gaps.push(self.broken(broken));
                None
            }
        };
        list.iter().enumerate().filter_map(read).collect()
    }

    /// The gap of an element.
    fn broken(&self, broken: Broken) -> Gap {
        match (&self.each, broken.id) {
            (Some(scope), Some(id)) => About::new((scope.clone(), &id), self.route).unreadable(broken.message),
            _ => self.unreadable(broken.message),
        }
    }
}

/// A listing that was answered.
pub(crate) struct Listing<T> {
    elements: Vec<Box<RawValue>>,
    page: Page<T>,
    /// Where in the answer the elements stand.
    member: &'static str,
}

/// What listings of v1 and v2 have around their rows.
#[derive(Debug, Deserialize)]
struct Envelope {
    results: Vec<Box<RawValue>>,
    #[serde(default, deserialize_with = "lenient::count")]
    start: Option<u64>,
    #[serde(default, deserialize_with = "lenient::count")]
    limit: Option<u64>,
    #[serde(default, rename = "totalSize", deserialize_with = "lenient::count")]
    total: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    cursor: Option<String>,
    /// Where the next page starts, beside or instead of its link (Data Center, listings by cursor).
    #[serde(default, rename = "nextCursor", deserialize_with = "lenient::text")]
    next_cursor: Option<String>,
    #[serde(default, rename = "_links", deserialize_with = "lenient::or_none")]
    links: Option<Links>,
}

impl<T> Listing<T> {
    /// These elements, and where the next page starts.
    pub(crate) fn new(elements: Vec<Box<RawValue>>, next: Option<Continuation>) -> Self {
        let page = Page { received: elements.len(), next, ..Page::default() };
        Self { elements, page, member: "results" }
    }

    /// The same, from a member of another name.
    pub(crate) fn member(self, member: &'static str) -> Self {
        Self { member, ..self }
    }

    /// A list inside an answer.
    pub(crate) fn of(elements: &[Value]) -> Self {
        let raw = elements.iter().filter_map(|element| RawValue::from_string(element.to_string()).ok());
        Self::new(raw.collect(), None)
    }

    /// Reads a listing of v1 or v2.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Unreadable> {
        let envelope: Envelope = parse(body).map_err(|problem| problem.inside("results"))?;
        let links = envelope.links.unwrap_or_default();
        let named = envelope.next_cursor.filter(|next| envelope.cursor.as_ref() != Some(next));
        let further = named.filter(|_| !envelope.results.is_empty()).map(Continuation::Cursor);
        let page = Page {
            next: Continuation::from_member(links.next.as_ref()).or(further),
            received: envelope.results.len(),
            start: envelope.start,
            limit: envelope.limit,
            total: envelope.total,
            base: links.base.and_then(|base| web_address(&base)),
            ..Page::default()
        };
        Ok(Self { elements: envelope.results, page, member: "results" })
    }

    /// Reads a listing by offset, whose next link is not to be trusted: the next page starts after the rows that came, and
    /// only a total or an empty page is the end. One that ends before its total leaves a gap.
    // Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-group/
    pub(crate) fn by_offset(body: &[u8], about: &About<'_>) -> Result<Self, Unreadable> {
        let mut listing = Self::read(body)?;
        let page = &mut listing.page;
        let received = page.received as u64;
        // A total of 0 beside rows is the default of a server that was not asked to count.
        let total = page.total.filter(|total| *total > 0);
        if received > 0 {
            let reached = page.start.map(|start| start.saturating_add(received));
            let done = page.next.is_none() && total.zip(reached).is_some_and(|(total, reached)| reached >= total);
            page.next = (!done).then_some(Continuation::Skip(received));
        }
        if let (Some(total), Some(start)) = (page.total, page.start)
            && page.received == 0
            && page.next.is_none()
            && total > start
        {
            page.gaps.push(about.gap(GapCause::Truncated, format!("the listing ends after {start} of {total} rows")));
        }
        Ok(listing)
    }

    /// Reads a list that may come bare, as Data Center sends permissions, or as any other listing.
    pub(crate) fn bare(body: &[u8]) -> Result<Self, Unreadable> {
        match parse_list(body)? {
            Some(rows) => Ok(Self::new(rows, None)),
            None => Self::read(body),
        }
    }

    /// Address of the site as the answer gives it.
    pub(crate) fn base(&self) -> Option<String> {
        self.page.base.clone()
    }

    /// Reads each element into the page; one that cannot be read leaves a gap.
    pub(crate) fn each<W: DeserializeOwned>(self, about: &About<'_>, mut take: impl FnMut(W, &mut Page<T>)) -> Page<T> {
        self.texts(about, |element, _, page| {
            take(element, page);
            None
        })
    }

    /// Reads each element as a row.
    pub(crate) fn rows<W: DeserializeOwned>(self, about: &About<'_>, mut row: impl FnMut(W) -> T) -> Page<T> {
        self.each(about, |element, page| page.rows.push(row(element)))
    }

    /// Reads each element into the page, with its text as it came. What `take` finds wrong with an element is a gap that
    /// says where in the answer it stands.
    pub(crate) fn texts<W: DeserializeOwned>(
        self,
        about: &About<'_>,
        mut take: impl FnMut(W, &str, &mut Page<T>) -> Option<&'static str>,
    ) -> Page<T> {
        let Self { elements, mut page, member } = self;
        for (index, raw) in elements.iter().enumerate() {
            match element(index, raw.get()) {
                Ok(found) => {
                    if let Some(wrong) = take(found, raw.get(), &mut page) {
                        page.gaps.push(about.unreadable(format!("{wrong}, at `{member}[{index}]`")));
                    }
                }
                Err(broken) => page.gaps.push(about.broken(broken)),
            }
        }
        page
    }
}

/// An element of a list that cannot be read. The rest of the list can.
#[derive(Debug)]
struct Broken {
    /// Its id, where at least that much was readable.
    id: Option<String>,
    message: String,
}

/// Reads one element of a list.
fn element<T: DeserializeOwned>(index: usize, text: &str) -> Result<T, Broken> {
    if !text.trim_start().starts_with('{') {
        return Err(Broken {
            id: None,
            message: format!("one element cannot be read at `results[{index}]`: no object"),
        });
    }
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text)).map_err(|error| {
        #[derive(Deserialize)]
        struct Named {
            #[serde(default, deserialize_with = "lenient::text", alias = "accountId")]
            id: Option<String>,
        }
        let id = serde_json::from_str::<Named>(text).ok().and_then(|named| named.id);
        let path = error.path().to_string();
        let place = if path == "." { format!("results[{index}]") } else { format!("results[{index}].{path}") };
        let message = without_values(&error.into_inner().to_string());
        Broken { id, message: format!("one element cannot be read at `{place}`: {message}") }
    })
}

/// A list of texts, each once; what is no text is a gap.
pub(crate) fn texts(list: Vec<Value>, about: &About<'_>) -> Page<String> {
    let mut page = Page { received: list.len(), ..Page::default() };
    for (at, element) in list.into_iter().enumerate() {
        match element {
            Value::String(text) if page.rows.contains(&text) => {}
            Value::String(text) => page.rows.push(text),
            _ => page.gaps.push(about.unreadable(format!("one element cannot be read at `[{at}]`: no text"))),
        }
    }
    page
}
