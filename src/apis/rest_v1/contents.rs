//! Contents, each with its own restrictions.

use std::collections::HashSet;

use serde::de::DeserializeOwned;

use super::lists::{ContentRestrictions, Lists, SubjectList, both_lists, one_list};
use super::{Dialect, wire};
use crate::apis::listing::{About, Listing};
use crate::apis::reading::{self, Context, Node, Page, Unreadable, parse};
use crate::apis::route::Route;
use crate::model::{Content, ContentStatus, ContentType, GapScope, Origin, RestrictionOperation};

/// A content as a listing or a search brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The content.
    pub content: Content,
    /// The nodes above it from the top down; `None`: they were not sent.
    pub ancestors: Option<Vec<Node>>,
    /// Its own restrictions.
    pub restrictions: ContentRestrictions,
}

/// What the contents of one answer have in common.
struct Around<'a> {
    context: &'a Context,
    base: Option<String>,
    route: &'static Route,
    origin: Origin,
    /// Accounts and groups the page already has the records of.
    seen: HashSet<String>,
}

impl<A: DeserializeOwned, G> Dialect<A, G> {
    /// Reads contents with their restrictions. Accounts and groups that stand in the lists come with the page.
    ///
    /// # Errors
    /// Where the answer is no such listing.
    pub(crate) fn contents(
        &self,
        body: &[u8],
        context: &Context,
        route: &'static Route,
    ) -> Result<Page<Found>, Unreadable> {
        let listing = Listing::read(body)?;
        let space = context.space_key.as_deref().unwrap_or_default();
        let about = About::new((GapScope::Space, space), route).each(GapScope::Content);
        let base = listing.base();
        let mut around = Around { context, base, route, origin: route.origin(), seen: HashSet::new() };
        Ok(listing.each(&about, |content, page| self.found(content, &mut around, page)))
    }

    /// Reads one content.
    ///
    /// # Errors
    /// Where the answer is no content.
    pub(crate) fn content(
        &self,
        body: &[u8],
        context: &Context,
        route: &'static Route,
    ) -> Result<Page<Found>, Unreadable> {
        let content: wire::Content<A> = parse(body)?;
        let mut page = Page { received: 1, ..Page::default() };
        let mut around = Around { context, base: None, route, origin: route.origin(), seen: HashSet::new() };
        self.found(content, &mut around, &mut page);
        Ok(page)
    }

    fn found(&self, content: wire::Content<A>, around: &mut Around<'_>, page: &mut Page<Found>) {
        let (context, route, origin, seen) = (around.context, around.route, &around.origin, &mut around.seen);
        let mut lists = Lists {
            names: &self.names,
            content_id: &content.id,
            origin,
            route,
            start: 0,
            page: &mut *page,
            seen: &mut *seen,
        };
        let restrictions = lists.both(content.restrictions.as_ref());
        let links = content.links.unwrap_or_default();
        let base = links.base.as_deref().or(around.base.as_deref()).or(context.base.as_deref());
        let space = content.space.unwrap_or_default();
        // A space that was not expanded is still named by the address it could be read from.
        let key = space.key.or_else(|| key_in(content.expandable.and_then(|parts| parts.space).as_deref()));
        let kind = |kind: Option<&str>| kind.map(ContentType::from);
        let ancestors: Option<Vec<Node>> = content.ancestors.map(|nodes| {
            nodes.into_iter().map(|node| Node { kind: kind(node.kind.as_deref()), id: node.id }).collect()
        });
        let parent = ancestors.as_ref().and_then(|nodes| nodes.last());
        let kind = kind(content.kind.as_deref()).unwrap_or_else(|| ContentType::Other("unknown".to_owned()));
        let status = content
            .status
            .map_or(ContentStatus::Current, |word| ContentStatus::from(word.to_ascii_lowercase().as_str()));
        let (created, author) =
            content.history.map_or((None, None), |history| (history.created_date, history.created_by));
        if let Some(user) =
            author.as_ref().filter(|_| self.describes_authors).and_then(|author| (self.user)(author, origin))
            && seen.insert(format!("user:{}", user.id))
        {
            page.users.push(user);
        }
        let found = Content {
            space_key: reading::space_key(
                &content.id,
                space.id.as_deref(),
                key.as_deref(),
                context,
                route,
                &mut page.gaps,
            ),
            url: reading::address(base, links.webui.as_deref()),
            title: content.title,
            status,
            parent_id: parent.map(|node| node.id.clone()),
            parent_type: parent.and_then(|node| node.kind.clone().or(self.is_the_tree.then_some(ContentType::Page))),
            // Nothing is above a blog post; of a page it has to be said.
            parent_unknown: self.is_the_tree && ancestors.is_none() && kind != ContentType::Blogpost,
            author_id: author.as_ref().and_then(self.account_id).map(str::to_owned),
            created_at: reading::time(created.as_deref()),
            modified_at: reading::time(content.version.and_then(|version| version.when).as_deref()),
            source: origin.clone(),
            ..Content::new(content.id, kind, "")
        };
        page.rows.push(Found { content: found, ancestors, restrictions });
    }

    /// Reads both restriction lists of one content, from a list or a map by operation. An operation the answer does not
    /// name is not fetched, not open.
    ///
    /// # Errors
    /// Where the answer holds no restrictions.
    pub(crate) fn both_lists(
        &self,
        body: &[u8],
        content_id: &str,
        route: &'static Route,
    ) -> Result<Page<ContentRestrictions>, Unreadable> {
        both_lists(body, content_id, route, &self.names)
    }

    /// Reads one restriction list of one content that was asked for from its `start`-th subject.
    ///
    /// # Errors
    /// Where the answer is no restriction.
    pub(crate) fn one_list(
        &self,
        body: &[u8],
        about: (&str, RestrictionOperation, u64),
        route: &'static Route,
    ) -> Result<Page<SubjectList>, Unreadable> {
        one_list(body, about, route, &self.names)
    }
}

/// The key in the address of a space.
fn key_in(address: Option<&str>) -> Option<String> {
    let tail = address?.rsplit_once("/space/")?.1;
    let key = tail.split(['?', '/', '#']).next().filter(|key| !key.is_empty())?;
    Some(percent_encoding::percent_decode_str(key).decode_utf8_lossy().into_owned())
}
