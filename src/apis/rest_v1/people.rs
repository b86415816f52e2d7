//! Accounts, groups and members.

use serde::de::DeserializeOwned;

use super::{Dialect, wire};
use crate::apis::listing::{About, Listing};
use crate::apis::reading::{Page, Unreadable, parse};
use crate::apis::route::Route;
use crate::model::{DirectMembership, GapScope, Group, SiteFact, SubjectKind, User};

impl<A: DeserializeOwned, G: DeserializeOwned> Dialect<A, G> {
    fn listing<T>(&self, body: &[u8], about: &About<'_>) -> Result<Listing<T>, Unreadable> {
        if self.counts_rows { Listing::by_offset(body, about) } else { Listing::read(body) }
    }

    /// Reads a listing of groups.
    ///
    /// # Errors
    /// Where the answer is no such listing.
    pub(crate) fn groups(&self, body: &[u8], route: &'static Route) -> Result<Page<Group>, Unreadable> {
        let about = About::site(SiteFact::Groups, route).each(GapScope::Group);
        let origin = route.origin();
        Ok(self.listing(body, &about)?.each(&about, |group: G, page| match (self.group)(&group, &origin) {
            Some(group) => page.rows.push(group),
            None => page.gaps.push(about.unreadable(self.words.listed_group)),
        }))
    }

    /// Reads one group.
    ///
    /// # Errors
    /// Where the answer is no group.
    pub(crate) fn group(&self, body: &[u8], route: &'static Route) -> Result<Page<Group>, Unreadable> {
        let group = (self.group)(&parse(body)?, &route.origin());
        group.map(Page::single).ok_or_else(|| Unreadable::shape(body, self.words.group_member, self.words.group))
    }

    /// Reads the accounts in a group. Their records come with the page.
    ///
    /// # Errors
    /// Where the answer is no such listing.
    pub(crate) fn members(
        &self,
        body: &[u8],
        group: &str,
        route: &'static Route,
    ) -> Result<Page<DirectMembership>, Unreadable> {
        let about = About::new((GapScope::Group, group), route);
        let origin = route.origin();
        Ok(self.listing(body, &about)?.each(&about, |account: A, page| {
            let (member, _) = (self.named)(&account);
            if member.kind == SubjectKind::Unknown || member.id.is_empty() {
                page.gaps.push(about.unreadable(format!("a member of group `{group}` has no {}", self.words.lacking)));
            }
            page.users.extend((self.user)(&account, &origin));
            page.rows.push(DirectMembership { group_id: group.to_owned(), member, source: origin.clone() });
        }))
    }

    /// Reads one account.
    ///
    /// # Errors
    /// Where the answer is no account with an id.
    pub(crate) fn user(&self, body: &[u8], route: &'static Route) -> Result<Page<User>, Unreadable> {
        let user = (self.user)(&parse(body)?, &route.origin());
        user.map(Page::single).ok_or_else(|| Unreadable::shape(body, self.words.account_member, self.words.account))
    }

    /// Reads accounts a search found.
    ///
    /// # Errors
    /// Where the answer is no such listing.
    pub(crate) fn found_users(&self, body: &[u8], route: &'static Route) -> Result<Page<User>, Unreadable> {
        let about = About::new((GapScope::User, ""), route);
        let origin = route.origin();
        let listing = self.listing(body, &about)?;
        Ok(listing.each(&about, |hit: wire::SearchResult<A>, page| match (self.user)(&hit.user, &origin) {
            Some(user) => page.rows.push(user),
            None => page.gaps.push(about.unreadable(self.words.found_account)),
        }))
    }
}
