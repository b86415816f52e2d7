//! The organization behind a site: asked with its own key, at its own address.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use tokio::sync::OnceCell;

use super::audit::{AuditRange, holds};
use super::pages::{STALE_PAGES, Walked, ask, ask_one, gap_of, gap_of_site};
use super::session;
use super::transport::Transport;
use super::{Config, Error, ErrorKind, Result};
use crate::apis::org_admin::lift::{self, DomainRecord, GroupRecord};
use crate::apis::org_admin::requests;
use crate::apis::{Continuation, Page, Request, Unreadable, cloud_v1};
use crate::model::{AuditRecord, Directory, DirectoryLink, Gap, GapCause, GapScope, Group, Listing, SiteFact, User};

/// What its gaps are about.
const ABOUT: &str = SiteFact::Organization.as_str();

/// Empty pages of the stream of events before its end is taken for reached.
const EMPTY_PAGES: u32 = 3;

#[derive(Debug)]
pub(super) struct Organization {
    pub(super) transport: Transport,
    id: OnceCell<String>,
}

/// What it says about groups.
pub(super) struct GroupRecords {
    records: Vec<GroupRecord>,
    directories: Vec<Directory>,
    complete: bool,
    pub(super) gaps: Vec<Gap>,
}

/// What it says about who administers Confluence on one of its sites.
#[derive(Default)]
pub(super) struct ProductAdmins {
    /// The accounts: ids alone.
    pub(super) users: Vec<User>,
    /// Ids of groups that make their members product admins.
    pub(super) groups: BTreeSet<String>,
    pub(super) gaps: Vec<Gap>,
}

impl ProductAdmins {
    /// Lets go of what a server that ignores the filter for roles would answer: every group of the site, or everyone who is in a
    /// group, though in none of administrators (`others`). Then nothing is known, which is a gap.
    pub(super) fn believe(&mut self, groups: &[Group], others: &BTreeSet<&str>) {
        if groups.len() > 1 && groups.iter().all(|group| self.groups.contains(&group.id)) {
            self.groups.clear();
            self.gaps.push(unfiltered("group"));
        }
        let named: HashSet<&str> = self.users.iter().map(|user| user.id.as_str()).collect();
        if others.len() > 1 && others.iter().all(|id| named.contains(id)) {
            self.users.clear();
            self.gaps.push(unfiltered("account"));
        }
    }
}

fn unfiltered(what: &str) -> Gap {
    let message = format!(
        "the organization names every {what} of the site as an administrator of Confluence, as a server does that ignores \
         the filter for roles: who is one by role is not known"
    );
    Gap::new(SiteFact::ProductAdmins.about(), GapCause::NotTrusted, message)
}

impl GroupRecords {
    /// Adds it to `groups`. `named`: names of directories by their id.
    pub(super) fn join(&self, groups: &mut [Group], named: &BTreeMap<String, String>) {
        lift::join(groups, &self.records, &self.directories, named, self.complete);
    }
}

impl Organization {
    /// The organization of `config`; `None` where no key was given.
    pub(super) fn new(site: &Transport, config: &Config) -> Result<Option<Self>> {
        let id = config.org_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        let id = id.map_or_else(OnceCell::new, |id| OnceCell::new_with(Some(id.to_owned())));
        Ok(site.organization(config)?.map(|transport| Self { transport, id }))
    }

    pub(super) async fn walk<T>(
        &self,
        request: Request,
        read: impl Fn(&[u8]) -> std::result::Result<Page<T>, Unreadable> + Sync,
        key: impl Fn(&T) -> String + Sync,
    ) -> Result<Walked<T>> {
        self.walk_about(request, read, key, SiteFact::Organization).await
    }

    async fn walk_about<T>(
        &self,
        request: Request,
        read: impl Fn(&[u8]) -> std::result::Result<Page<T>, Unreadable> + Sync,
        key: impl Fn(&T) -> String + Sync,
        about: SiteFact,
    ) -> Result<Walked<T>> {
        session::walk(&self.transport, request, read, key, about.about()).await
    }

    /// Its id: what was given, else that of the one organization the key belongs to.
    pub(super) async fn id(&self) -> Result<&str> {
        let found = self.id.get_or_try_init(|| async {
            let request = requests::organizations();
            let mut found = self.walk(request.clone(), lift::organizations, |org| org.id.clone()).await?.rows;
            match (found.len(), found.pop()) {
                (1, Some(only)) => Ok(only.id),
                (_, None) => {
                    let text = "the key of the organization belongs to no organization: check `org_token`";
                    Err(self.transport.error(ErrorKind::NotFound, &request, text))
                }
                (_, Some(last)) => {
                    found.push(last);
                    let names: Vec<String> = found
                        .iter()
                        .map(|o| format!("{} (id {})", o.name.as_deref().unwrap_or_default(), o.id))
                        .collect();
                    let text = format!("the key belongs to several organizations: give `org_id`: {}", names.join(", "));
                    let mut error = self.transport.error(ErrorKind::Ambiguous, &request, self.transport.quote(&text));
                    error.parts_mut().candidates = names;
                    Err(error)
                }
            }
        });
        found.await.map(String::as_str)
    }

    /// Its directories; `named` gives them other names.
    pub(super) async fn directories(&self, named: &BTreeMap<String, String>) -> Result<Listing<Directory>> {
        let id = self.id().await?;
        let walked = self
            .walk(
                requests::directories(id, requests::LIMIT),
                |body| lift::directories(body, id),
                |d: &Directory| d.id.clone(),
            )
            .await?;
        let mut rows = walked.rows;
        for row in &mut rows {
            let mapped = named.iter().find(|(known, _)| known.eq_ignore_ascii_case(&row.id));
            row.name = mapped.map(|(_, name)| name.clone()).or(row.name.take());
        }
        Ok(Listing { rows, gaps: walked.gaps })
    }

    /// The domains it has verified. What cannot be read of them is a gap, and then `None`: an address of a domain that was
    /// not read would look like that of an outsider.
    pub(super) async fn verified_domains(&self) -> (Option<Vec<String>>, Vec<Gap>) {
        let about = SiteFact::VerifiedDomains;
        let walk = async {
            let request = requests::domains(self.id().await?);
            self.walk_about(request, lift::domains, |domain: &DomainRecord| domain.id.clone(), about).await
        };
        match walk.await {
            Ok(walked) if walked.complete && walked.gaps.is_empty() => {
                let verified = walked.rows.into_iter().filter(|domain| domain.verified).map(|domain| domain.name);
                (Some(verified.collect::<BTreeSet<_>>().into_iter().collect()), Vec::new())
            }
            Ok(walked) => (None, walked.gaps),
            Err(error) => (None, vec![gap_of_site(&error, about)]),
        }
    }

    /// What it says about groups. What cannot be read is a gap: Confluence has an answer of its own.
    pub(super) async fn groups(&self) -> GroupRecords {
        let mut said = GroupRecords { records: Vec::new(), directories: Vec::new(), complete: false, gaps: Vec::new() };
        let lost = |error: &Error| gap_of_site(error, SiteFact::Organization);
        let id = match self.id().await {
            Ok(id) => id,
            Err(error) => {
                said.gaps.push(lost(&error));
                return said;
            }
        };
        let none = BTreeMap::new();
        let (groups, directories) = futures::join!(
            self.walk(requests::groups(id, requests::LIMIT), lift::groups, |g: &GroupRecord| {
                format!("{}|{}", g.id, g.directory_id.as_deref().unwrap_or_default())
            }),
            self.directories(&none),
        );
        match groups {
            Ok(walked) => {
                said.complete = walked.complete && walked.gaps.is_empty();
                said.records = walked.rows;
                said.gaps.extend(walked.gaps);
            }
            Err(error) => said.gaps.push(lost(&error)),
        }
        match directories {
            Ok(listing) => {
                said.directories = listing.rows;
                said.gaps.extend(listing.gaps);
            }
            Err(error) => said.gaps.push(lost(&error)),
        }
        said
    }

    /// The id of the site of `site`, which is asked for it where it is not known.
    pub(super) async fn site_id(site: &Transport) -> Result<String> {
        match site.known_cloud_id() {
            Some(id) => Ok(id),
            None => {
                let request = cloud_v1::requests::tenant_info();
                Ok(ask_one(site, &request, site.full(), cloud_v1::lift::tenant_info).await?.cloud_id)
            }
        }
    }

    /// Who administers Confluence by role on the site of `site`, which is asked for its id where that is not known. That an
    /// account is not among them is no evidence: a key sees the directories of its owner alone.
    pub(super) async fn product_admins(&self, site: &Transport) -> ProductAdmins {
        let mut admins = ProductAdmins::default();
        let lost = |error: &Error| gap_of_site(error, SiteFact::ProductAdmins);
        let known = async { Ok((self.id().await?, Self::site_id(site).await?)) };
        let (id, cloud_id) = match known.await {
            Ok(known) => known,
            Err(error) => {
                admins.gaps.push(lost(&error));
                return admins;
            }
        };
        let about = SiteFact::ProductAdmins;
        let (users, groups) = futures::join!(
            self.walk_about(
                requests::product_admins(id, &cloud_id, requests::LIMIT),
                lift::product_admins,
                |user: &User| user.id.clone(),
                about,
            ),
            self.walk_about(
                requests::product_admin_groups(id, &cloud_id, requests::LIMIT),
                lift::product_admin_groups,
                |g: &GroupRecord| format!("{}|{}", g.id, g.directory_id.as_deref().unwrap_or_default()),
                about,
            ),
        );
        match users {
            Ok(walked) => {
                admins.users = walked.rows;
                admins.gaps.extend(walked.gaps);
            }
            Err(error) => admins.gaps.push(lost(&error)),
        }
        match groups {
            Ok(walked) => {
                admins.groups = walked.rows.into_iter().map(|group| group.id).collect();
                admins.gaps.extend(walked.gaps);
            }
            Err(error) => admins.gaps.push(lost(&error)),
        }
        admins
    }

    /// What happened in a range, each event once, oldest first.
    ///
    /// # Errors
    /// Where the first page cannot be read. What fails later is a gap beside the events read until then.
    pub(super) async fn events(&self, range: &AuditRange, now: i64) -> Result<Listing<AuditRecord>> {
        let until = range.until.unwrap_or(now);
        let mut request = requests::events(self.id().await?, range.since, Some(until), requests::LIMIT);
        let search = range.search.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_lowercase);
        let wanted = |record: &AuditRecord| {
            // The stream is sorted by when an event was processed, and what its limits speak of is not said.
            let at = record.at.map(|at| at.as_millisecond());
            at.is_none_or(|at| at <= until && range.since.is_none_or(|since| since <= at))
                && search.as_deref().is_none_or(|text| holds(&record.raw, text))
        };
        let mut log = Listing::default();
        let mut seen = HashSet::new();
        let (mut stale, mut empty) = (0, 0);
        let mut first = true;
        loop {
            let page = match ask(&self.transport, &request, self.transport.full(), &lift::events).await {
                Ok(page) => page,
                Err(error) if first => return Err(error),
                Err(error) => {
                    log.gaps.push(gap_of(&error, GapScope::Audit, ABOUT));
                    return Ok(log);
                }
            };
            first = false;
            log.gaps.extend(page.gaps);
            let before = seen.len();
            for event in page.rows {
                if seen.insert(event.id) && wanted(&event.record) {
                    log.rows.push(event.record);
                }
            }
            let Some(next) = page.next else { return Ok(log) };
            // The last page names a next one all the same, where events to come will stand: the end is an empty page, and
            // some more of them where the place has moved meanwhile.
            empty = if page.received == 0 { empty + 1 } else { 0 };
            let waiting = matches!(&next, Continuation::Cursor(cursor) if request.cursor() == Some(cursor));
            if empty > 0 && (waiting || empty > EMPTY_PAGES) {
                return Ok(log);
            }
            stale = if seen.len() == before && page.received > 0 { stale + 1 } else { 0 };
            let onwards = request.continued(&next);
            let stopped = match onwards {
                Ok(onwards) if stale <= STALE_PAGES => {
                    request = onwards;
                    continue;
                }
                Ok(_) => (GapCause::Loop, "pages brought nothing new; stopped there".to_owned()),
                Err(problem) => (problem.cause(), format!("{problem}; stopped there")),
            };
            let message = self.transport.quote(&format!("{}: {}", request.line(), stopped.1));
            log.gaps.push(Gap::new((GapScope::Audit, ABOUT), stopped.0, message).at(request.line()));
            return Ok(log);
        }
    }

    /// The entries of synchronised directories behind an account; none where it is in none.
    pub(super) async fn links(
        &self,
        account: &str,
        named: &BTreeMap<String, String>,
    ) -> Result<Listing<DirectoryLink>> {
        let id = self.id().await?;
        let request = requests::scim_links(id, account);
        let read = |body: &[u8]| lift::scim_links(body, account);
        let (page, directories) =
            futures::join!(ask(&self.transport, &request, self.transport.full(), &read), self.directories(named));
        let page = page?;
        let mut listing = Listing { rows: page.rows, gaps: page.gaps };
        match directories {
            Ok(known) => {
                for row in &mut listing.rows {
                    row.directory_name = known
                        .rows
                        .iter()
                        .find(|d| d.id.eq_ignore_ascii_case(&row.directory_id))
                        .and_then(|d| d.name.clone());
                }
                listing.gaps.extend(known.gaps);
            }
            Err(error) => listing.gaps.push(gap_of_site(&error, SiteFact::Organization)),
        }
        for row in &mut listing.rows {
            if row.directory_name.is_none() {
                let mapped = named.iter().find(|(known, _)| known.eq_ignore_ascii_case(&row.directory_id));
                row.directory_name = mapped.map(|(_, name)| name.clone());
            }
        }
        Ok(listing)
    }
}
