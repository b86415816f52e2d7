//! What is asked about many things at once: restrictions of contents by their ids, names of subjects.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::datacenter;
use super::halves;
use super::lists::Restricted;
use super::pages::{Walk, Walked, ask};
use super::reader::Reader;
use super::transport::Transport;
use super::{Error, ErrorKind, Result};
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::apis::cloud_v2::requests as v2;
use crate::apis::datacenter::{lift as dc_lift, requests as dc};
use crate::apis::{ContentRestrictions, Context, Page, Request, Unreadable, fitting};
use crate::model::{Gap, GapScope, SiteFact, Subject, SubjectKind};

/// Contents in one search: as many as a page of it brings.
const IDS: usize = 200;
const LIMIT: u32 = 200;

/// A content a search brought.
struct Row {
    id: String,
    restrictions: ContentRestrictions,
}

/// Reads one page of rows a search brought.
type ReadRows<'a> = &'a (dyn Fn(&[u8]) -> std::result::Result<Page<Row>, Unreadable> + Sync);

/// How a search by ids is written and read.
struct Search<'a> {
    transport: &'a Transport,
    request: fn(&[String]) -> Request,
    read: ReadRows<'a>,
}

impl Search<'_> {
    async fn walk(&self, ids: &[String]) -> Result<Walked<Row>> {
        let walk = Walk {
            request: (self.request)(ids),
            read: self.read,
            key: &|row: &Row| row.id.clone(),
            scope: SiteFact::Contents.about().0,
            subject: SiteFact::Contents.as_str().to_owned(),
            shrink: true,
            tell: &|_| {},
        };
        walk.run(self.transport).await
    }

    /// What searches bring of these contents. A part that is refused is halved until what spoils it stands alone; what no
    /// search brings is left for single questions.
    ///
    /// # Errors
    /// Where nobody answers, or the credentials are not accepted.
    async fn run(&self, ids: &[String]) -> Result<Restricted> {
        let mut all = Restricted::default();
        // Another id than a number is no word of the search.
        let numbers: Vec<String> = ids.iter().filter(|id| id.bytes().all(|b| b.is_ascii_digit())).cloned().collect();
        for chunk in fitting(&numbers, IDS, self.request) {
            let question = |part: Vec<String>| async move { self.walk(&part).await };
            for (part, answer) in halves::ask(&chunk, halves::one_of_them, question).await {
                match answer {
                    Ok(walked) => absorb(&mut all, walked, &part),
                    Err(error) if hopeless(&error) => return Err(error),
                    Err(error) => {
                        tracing::debug!(error = %error, contents = part.len(), "a search by ids was refused");
                    }
                }
            }
        }
        Ok(all)
    }
}

fn hopeless(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NoAnswer | ErrorKind::Timeout | ErrorKind::Unauthorized | ErrorKind::Closed | ErrorKind::RateLimited
    )
}

fn absorb(all: &mut Restricted, walked: Walked<Row>, asked: &[String]) {
    let asked: HashSet<&str> = asked.iter().map(String::as_str).collect();
    let doubtful: HashSet<&str> =
        walked.gaps.iter().filter(|gap| gap.scope == GapScope::Content).map(|gap| gap.subject.as_str()).collect();
    // A server that does not know the filter lists other contents too. What is not read to its end is asked for again.
    for row in walked.rows {
        let whole = row.restrictions.to_complete().is_empty() && !doubtful.contains(row.id.as_str());
        if whole && asked.contains(row.id.as_str()) {
            all.rows.extend(row.restrictions.into_rows());
            all.covered.insert(row.id);
        }
    }
    all.users.extend(walked.users);
    all.groups.extend(walked.groups);
}

/// Contents no search brought.
fn missing(ids: &[String], found: &Restricted) -> Vec<String> {
    ids.iter().filter(|id| !found.covered.contains(*id)).cloned().collect()
}

fn page_of<T>(page: Page<T>, row: impl Fn(T) -> Row) -> Page<Row> {
    Page {
        rows: page.rows.into_iter().map(row).collect(),
        users: page.users,
        groups: page.groups,
        gaps: page.gaps,
        next: page.next,
        received: page.received,
        ..Page::default()
    }
}

impl Reader<'_> {
    /// Restrictions of these contents: by search, and singly what that does not bring.
    ///
    /// # Errors
    /// Where nobody answers, or the credentials are not accepted. A content that cannot be read is a gap.
    pub(super) async fn restrictions_in_bulk(&self, ids: &[String]) -> Result<Restricted> {
        let context = Context { base: Some(self.transport.target.site.clone()), ..Context::default() };
        let search = Search {
            transport: self.transport,
            request: |ids| v1::content_search(&v1::cql_ids(ids), &["space"], LIMIT),
            read: &|body| {
                let page = v1_lift::content_search(body, &context)?;
                Ok(page_of(page, |found| Row { id: found.content.id, restrictions: found.restrictions }))
            },
        };
        let mut found = search.run(ids).await?;
        found.absorb(self.restrictions_of(missing(ids, &found)).await);
        Ok(found)
    }

    /// Names of accounts and groups: at most two requests for accounts, and one for groups. A name that does not come
    /// with these is not looked for.
    pub(super) async fn names_of<'s>(&self, subjects: impl Iterator<Item = &'s Subject>) -> HashMap<Subject, String> {
        let (mut users, mut groups) = (BTreeSet::new(), false);
        for subject in subjects.filter(|subject| Subject::is_given(&subject.id)) {
            match subject.kind {
                SubjectKind::User => drop(users.insert(subject.id.clone())),
                SubjectKind::Group => groups = true,
                _ => {}
            }
        }
        let users: Vec<String> = users.into_iter().take(2 * v2::MAX_USERS).collect();
        let mut names = HashMap::new();
        let listed = async {
            if groups {
                let request = v1::groups(v1::MAX_LIMIT);
                ask(self.transport, &request, self.transport.brief(), &v1_lift::groups).await.ok()
            } else {
                None
            }
        };
        let accounts = async { if users.is_empty() { Vec::new() } else { self.users(&users).await.0.rows } };
        let (accounts, listed) = futures::join!(accounts, listed);
        for user in accounts {
            if let Some(name) = user.display_name.or(user.name) {
                names.insert(Subject::user(user.id), name);
            }
        }
        for group in listed.map(|page| page.rows).unwrap_or_default() {
            if let Some(name) = group.name {
                names.insert(Subject::group(group.id), name);
            }
        }
        names
    }
}

impl datacenter::Reader<'_> {
    /// Restrictions of these contents: by search, and singly what that does not bring.
    ///
    /// # Errors
    /// Where nobody answers, or the credentials are not accepted. A content that cannot be read is a gap.
    pub(super) async fn restrictions_in_bulk(&self, ids: &[String]) -> Result<Restricted> {
        let context = Context { base: Some(self.transport.target.site.clone()), ..Context::default() };
        let search = Search {
            transport: self.transport,
            request: |ids| dc::search_by_id(ids, LIMIT),
            read: &|body| {
                let page = dc_lift::search(body, &context)?;
                Ok(page_of(page, |found| Row { id: found.content.id, restrictions: found.restrictions }))
            },
        };
        let mut found = search.run(ids).await?;
        found.absorb(self.restrictions_singly(missing(ids, &found)).await);
        let gaps: Vec<Gap> = self.name_found(&mut found).await;
        found.gaps.extend(gaps);
        Ok(found)
    }
}
