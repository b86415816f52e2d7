//! What the server itself says about a subject and a content.
//!
//! Data Center has no permission check. Newer versions list the view restrictions that apply to a content, its own and
//! inherited ones, and the groups of an account; whether a subject passes follows from these and the permissions of the
//! space. The inheritance, which is what a resolver can get wrong, is the server's own.

use std::collections::{BTreeSet, HashMap};

use futures::lock::Mutex;

use super::connect::UserRef;
use super::people::WORDS;
use super::site::Site;
use crate::apis::datacenter::{lift, requests};
use crate::apis::{ListState, Request};
use crate::fetch::lookup::{in_a_space, unchecked};
use crate::fetch::{Error, ErrorKind, Result};
use crate::model::{
    CheckResult, Decision, GapScope, Group, Operation, Permission, SUPER_GROUP, SitePermission, SpacePermission,
    Subject, SubjectKind,
};

/// Groups an account is in, directly or through others.
#[derive(Debug, Clone, Default)]
struct Groups {
    names: BTreeSet<String>,
    /// Whether there are no others.
    all: bool,
}

/// What several questions share.
#[derive(Default)]
struct Shared {
    /// Groups of an account, as far as they are known.
    groups: Mutex<HashMap<String, Groups>>,
    /// Permissions of a space; `None`: not known.
    spaces: Mutex<HashMap<String, Option<Vec<SpacePermission>>>>,
}

/// Whether a holder is of an unknown kind: it may include any account.
fn odd(subject: &Subject) -> bool {
    matches!(subject.kind, SubjectKind::AccessClass | SubjectKind::Unknown | SubjectKind::Other(_))
}

/// Whether a subject passes every list that applies to a content; messages name those it does not.
fn past_layers(layers: &[lift::Layer], own: &BTreeSet<Subject>, sure: bool, messages: &mut Vec<String>) -> Decision {
    let mut all = Decision::Allowed;
    for layer in layers {
        // A list without entries restricts nobody.
        if layer.subjects.is_empty() && layer.state == ListState::Complete {
            continue;
        }
        let passes = layer.subjects.iter().any(|row| own.contains(&row.subject));
        let told = layer.state == ListState::Complete && sure && !layer.subjects.iter().any(|row| odd(&row.subject));
        let here = match (passes, told) {
            (true, _) => Decision::Allowed,
            (false, true) => Decision::Denied,
            (false, false) => Decision::Unknown,
        };
        if here != Decision::Allowed {
            let at = layer.content_id.as_deref().map_or_else(String::new, |id| format!(" of content `{id}`"));
            messages.push(format!("not on the view restriction{at}"));
        }
        all = all.and(here);
    }
    all
}

/// Whether the permissions of a space let a subject view it.
fn views_space(rows: &[SpacePermission], subject: &Subject, own: &BTreeSet<Subject>, sure: bool) -> Decision {
    let view = |row: &&SpacePermission| row.permission == Permission::View;
    let open = |row: &SpacePermission| {
        matches!(row.subject.kind, SubjectKind::Anonymous | SubjectKind::Unlicensed)
            && subject.kind == SubjectKind::User
    };
    // An unknown permission or holder may include it.
    let vague = |row: &SpacePermission| {
        let permission = row.permission.is_vague() && (own.contains(&row.subject) || open(row));
        permission || (odd(&row.subject) && (view(&row) || row.permission.is_vague()))
    };
    if rows.iter().filter(view).any(|row| own.contains(&row.subject)) {
        Decision::Allowed
    } else if !sure || rows.iter().filter(view).any(open) || rows.iter().any(vague) {
        // Whether what anonymous may do serves people who log in too is a matter of the site.
        Decision::Unknown
    } else {
        Decision::Denied
    }
}

impl Site<'_> {
    /// Whether `subject`, an account by its key or a group, may view a content, by what the server says binds it.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for another operation, [`ErrorKind::Unavailable`] where the version lists no such
    /// restrictions, [`ErrorKind::NotFound`] for a content this account cannot see.
    pub(in crate::fetch) async fn check(
        &self,
        content: &str,
        subject: &Subject,
        operation: Operation,
    ) -> Result<CheckResult> {
        self.asked(content, subject, operation, &Shared::default()).await
    }

    /// The same for many questions, in their order.
    pub(in crate::fetch) async fn checks(
        &self,
        questions: &[(String, Subject, Operation)],
    ) -> Vec<Result<CheckResult>> {
        let shared = &Shared::default();
        let asked =
            questions.iter().map(|(content, subject, operation)| self.asked(content, subject, *operation, shared));
        self.session.in_order(asked).await
    }

    async fn asked(
        &self,
        content: &str,
        subject: &Subject,
        operation: Operation,
        shared: &Shared,
    ) -> Result<CheckResult> {
        if operation != Operation::View {
            return Err(Error::configuration(format!("Data Center does not check `{operation}`: ask about `view`")));
        }
        let (own, sure) = self.identities(subject, shared).await?;
        let (layers, key) = futures::join!(self.layers(content), self.space_key_of(content));
        let (layers, key) = (layers?, in_a_space(content, key?)?);
        let mut result = CheckResult {
            decision: Decision::Allowed,
            reasons: Vec::new(),
            messages: Vec::new(),
            content_id: content.to_owned(),
            subject: subject.clone(),
            operation,
        };
        let gate = self.site_gate(subject, &own, sure).await;
        if let Some(reason) = gate.1 {
            result.reasons.push(reason.to_owned());
        }
        let everything = own.contains(&Subject::group(SUPER_GROUP)) && subject.kind == SubjectKind::User;
        if everything {
            result.decision = gate.0;
            result.messages.push(format!("a member of `{SUPER_GROUP}` views everything"));
            return Ok(result);
        }
        let restricted = past_layers(&layers, &own, sure, &mut result.messages);
        if restricted == Decision::Denied {
            result.reasons.push("content.restricted".to_owned());
        }
        let space = match self.permissions_in(&key, shared).await {
            None => Decision::Unknown,
            Some(rows) => views_space(&rows, subject, &own, sure),
        };
        match space {
            Decision::Denied => result.reasons.push("space.no_permission".to_owned()),
            Decision::Unknown => {
                result.messages.push(format!("the permissions of space `{key}` do not say whether they may view it"));
            }
            Decision::Allowed => {}
        }
        result.decision = restricted.and(space).and(gate.0);
        Ok(result)
    }

    /// Who a subject is on lists: itself and the groups it is in, and whether those are all.
    async fn identities(&self, subject: &Subject, shared: &Shared) -> Result<(BTreeSet<Subject>, bool)> {
        let groups = match subject.kind {
            SubjectKind::User => self.groups_of(&subject.id, shared).await,
            SubjectKind::Group => self.with_outer(BTreeSet::from([subject.id.clone()])).await,
            SubjectKind::Anonymous => Groups { names: BTreeSet::new(), all: true },
            _ => return Err(unchecked(subject, &WORDS)),
        };
        let mut own = BTreeSet::from([subject.clone()]);
        own.extend(groups.names.into_iter().map(Subject::group));
        Ok((own, groups.all))
    }

    /// Whether they may use the site, as far as its permissions say, and why not.
    async fn site_gate(
        &self,
        subject: &Subject,
        own: &BTreeSet<Subject>,
        sure: bool,
    ) -> (Decision, Option<&'static str>) {
        if subject.kind == SubjectKind::User {
            let name = UserRef::Key(subject.id.clone());
            let found = self.people(&BTreeSet::from([name.clone()]), true).await;
            match found.known.get(&name) {
                Some(user) if user.active == Some(false) => return (Decision::Denied, Some("site.user_deactivated")),
                Some(_) => {}
                None if found.failed.is_none() => return (Decision::Denied, Some("site.user_unknown")),
                None => return (Decision::Unknown, None),
            }
        }
        if subject.kind == SubjectKind::Group {
            return (Decision::Allowed, None);
        }
        let global = self.global().await.as_ref().ok().and_then(Option::as_ref);
        let uses = match global.filter(|listing| listing.gaps.is_empty()) {
            // Unknown: an account is taken to be let in, and anonymous where it is shown a space.
            None if subject.kind != SubjectKind::Anonymous => return (Decision::Allowed, None),
            None => {
                let shown = super::people::stranger(self).await.is_ok_and(|shown| shown);
                return (if shown { Decision::Allowed } else { Decision::Unknown }, None);
            }
            Some(listing) => {
                listing.rows.iter().any(|row| row.permission == SitePermission::Use && own.contains(&row.subject))
            }
        };
        match (uses, subject.kind == SubjectKind::Anonymous) {
            (true, _) => (Decision::Allowed, None),
            (false, true) => (Decision::Denied, Some("site.anonymous_disabled")),
            // What is open to everybody may be open to them.
            (false, false) if sure => (Decision::Unknown, Some("site.user_not_licensed")),
            (false, false) => (Decision::Unknown, None),
        }
    }

    /// The lists that have to be passed to see a content.
    async fn layers(&self, content: &str) -> Result<Vec<lift::Layer>> {
        let request = requests::relevant_view_restrictions(content);
        let absent = |reader: &Self, request: &Request| {
            let text =
                "this version does not list the restrictions that apply to a content: compare with the screens instead";
            reader.session.transport.error(ErrorKind::Unavailable, request, text)
        };
        if self.installation.relevant.get() == Some(&false) {
            return Err(absent(self, &request));
        }
        let walked = self
            .session
            .walk(
                request.clone(),
                |body| {
                    let mut page = lift::relevant_view_restrictions(body, content)?;
                    // Each row of a page is its own: two layers may hold the same subjects.
                    page.gaps.retain(|gap| gap.scope == GapScope::Content);
                    Ok(page)
                },
                |layer: &lift::Layer| {
                    let names: Vec<String> = layer.subjects.iter().map(|row| row.subject.to_string()).collect();
                    format!("{}|{}", layer.content_id.as_deref().unwrap_or_default(), names.join("|"))
                },
                (GapScope::Content, content),
            )
            .await;
        let walked = match walked {
            Ok(walked) => walked,
            Err(error) if error.is_missing_route() => {
                let _ = self.installation.relevant.set(false);
                return Err(absent(self, &request));
            }
            Err(error) => return Err(error),
        };
        let _ = self.installation.relevant.set(true);
        if let Some(gap) = walked.gaps.first() {
            let text = format!("not all restrictions that apply to it could be read: {}", gap.message);
            return Err(self.session.transport.error(ErrorKind::Unreadable, &request, text));
        }
        let mut layers = walked.rows;
        for layer in &mut layers {
            self.name_restrictions(&mut layer.subjects).await;
        }
        Ok(layers)
    }

    /// The groups of an account, those around its groups included.
    async fn groups_of(&self, key: &str, shared: &Shared) -> Groups {
        if let Some(known) = shared.groups.lock().await.get(key) {
            return known.clone();
        }
        let walked = self.groups_with(key).await;
        let groups = match walked.ok().filter(|w| w.complete && w.gaps.is_empty()) {
            Some(walked) => self.with_outer(walked.rows.into_iter().map(|group| group.id).collect()).await,
            None => Groups::default(),
        };
        shared.groups.lock().await.insert(key.to_owned(), groups.clone());
        groups
    }

    /// These groups and those around them, as far as the version lists them.
    async fn with_outer(&self, names: BTreeSet<String>) -> Groups {
        let mut open: Vec<String> = names.iter().cloned().collect();
        let mut groups = Groups { names, all: true };
        while let Some(name) = open.pop() {
            let form = requests::NameForm::of(&name, self.installation.version);
            let walked = self
                .session
                .walk(
                    requests::outer_groups(&name, form, requests::PEOPLE_LIMIT),
                    lift::groups,
                    |group: &Group| group.id.clone(),
                    (GapScope::Group, &name),
                )
                .await;
            match walked {
                Ok(walked) if walked.complete && walked.gaps.is_empty() => {
                    for group in walked.rows {
                        if groups.names.insert(group.id.clone()) {
                            open.push(group.id);
                        }
                    }
                }
                // Where the version does not list them, there may be others.
                _ => groups.all = false,
            }
        }
        groups
    }

    async fn permissions_in(&self, key: &str, shared: &Shared) -> Option<Vec<SpacePermission>> {
        if let Some(known) = shared.spaces.lock().await.get(key) {
            return known.clone();
        }
        let mut told = self.space_permissions_from(key, None).await.ok().filter(|listing| listing.gaps.is_empty());
        if let Some(listing) = &mut told {
            let gaps = self.name_permissions(&mut listing.rows, false).await;
            listing.gaps.extend(gaps);
        }
        let rows = told.filter(|listing| listing.gaps.is_empty()).map(|listing| listing.rows);
        shared.spaces.lock().await.insert(key.to_owned(), rows.clone());
        rows
    }
}
