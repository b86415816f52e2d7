//! The ends of a snapshot: what is known beforehand, and what all the rest is needed for.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::connect::{UserRef, who_asks};
use super::groups::tell_provenance;
use super::people::{Found, stranger};
use super::site::Site;
use super::spaces::{own, owner_of};
use crate::apis::datacenter::routes;
use crate::fetch::accounts::Accounts;
use crate::fetch::answers::{Facts, Gathered};
use crate::fetch::pages::gap_of_site;
use crate::fetch::progress::Step;
use crate::fetch::{ErrorKind, Result, plan};
use crate::model::{
    self, BlindSpot, Deployment, Gap, GapCause, GapScope, GlobalPermission, Listing, Missing, Note, SUPER_GROUP,
    SiteFact, SitePermission, Snapshot, SpacePermission, Subject, SubjectKind, User,
};

impl Site<'_> {
    /// What is known of the installation as a whole.
    ///
    /// # Errors
    /// None: what fails is a gap.
    pub(in crate::fetch) async fn facts(&self) -> Result<Facts> {
        let ((read_only, gap), global) = futures::join!(self.read_only(), self.global());
        let mut site = model::Site::new(Deployment::DataCenter);
        site.version.clone_from(&self.installation.version_text);
        site.caller = self.installation.subject();
        site.read_only = read_only;
        let mut gaps: Vec<Gap> = gap.into_iter().collect();
        match global {
            Ok(global) => gaps.extend(global.iter().flat_map(|global| &global.gaps).cloned()),
            Err(error) => gaps.push(gap_of_site(error, SiteFact::GlobalPermissions)),
        }
        let caller = self.installation.caller.clone().map(|caller| User {
            // An account that is let in is not deactivated.
            active: caller.active.or(Some(true)),
            ..caller
        });
        Ok(Facts { site, caller, gaps })
    }

    /// Accounts with their rights, whom the site lets in, and where groups are kept.
    pub(in crate::fetch) async fn finish(&self, snapshot: &mut Snapshot, gathered: Gathered) {
        if self.installation.nested.get() == Some(&false) {
            snapshot.gaps.push(nested_gap());
        }
        tell_provenance(&mut snapshot.groups, self.directories);
        // Before the others: where the add-on is not there, nothing else is asked of it.
        self.tell_only_directory(&mut snapshot.groups).await;
        let global = self.global().await;
        if let Ok(None) = global {
            snapshot.site.add_note(
                BlindSpot::GlobalPermissions.note("this version does not list global permissions; later ones do"),
            );
        }
        let global = global.as_ref().ok().and_then(Option::as_ref);
        snapshot.site.global_permissions = global.map(|global| global.rows.clone());
        let closed = plan::anonymous_spaces(&snapshot.space_permissions).is_empty();
        let (_, anonymous) = futures::join!(self.users_of(snapshot, gathered, global), self.anonymous(closed, global));
        match anonymous {
            Ok(enabled) => snapshot.site.anonymous_enabled = enabled,
            Err(gap) => snapshot.gaps.push(*gap),
        }
        let notes = self.coverage(snapshot);
        notes.into_iter().for_each(|note| snapshot.site.add_note(note));
    }

    /// Makes sure that a token has not ended on the way: from then on a site that is open to anonymous shows what anonymous
    /// sees, and says nothing.
    ///
    /// # Errors
    /// Where it has. Where that cannot be asked, a gap says so.
    pub(in crate::fetch) async fn still_knows_us(&self, snapshot: &mut Snapshot) -> Result<()> {
        let transport = &self.session.transport;
        if !transport.bearer() || snapshot.site.anonymous_enabled == Some(false) {
            return Ok(());
        }
        match who_asks(transport).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Unauthorized => Err(error),
            Err(error) => {
                snapshot.gaps.push(gap_of_site(&error, SiteFact::Accounts));
                Ok(())
            }
        }
    }

    /// The accounts of a snapshot: those in rules and groups, with what is known of their state and rights.
    async fn users_of(&self, snapshot: &mut Snapshot, gathered: Gathered, global: Option<&Listing<GlobalPermission>>) {
        let Gathered { caller, listed, members, .. } = gathered;
        self.remember(&listed);
        self.remember(&members);
        let mut gaps = self.name_permissions(&mut snapshot.space_permissions, false).await;
        gaps.extend(self.name_restrictions(&mut snapshot.restrictions).await);

        // Accounts in rules and groups have to be known, and whether they are active.
        let mut wanted: BTreeSet<UserRef> = BTreeSet::new();
        let in_rules = plan::users_in_rules(&snapshot.space_permissions, &snapshot.restrictions);
        let members_of = snapshot.memberships.iter().map(|row| &row.member);
        let global_users = global.iter().flat_map(|global| &global.rows).map(|row| &row.subject);
        let ids = members_of.chain(global_users).filter_map(Subject::account_id);
        wanted.extend(in_rules.iter().map(String::as_str).chain(ids).map(|id| UserRef::Key(id.to_owned())));
        let mut people = Accounts::default();
        people.extend(listed);
        people.extend(members);
        people.extend(caller);
        wanted.extend(snapshot.spaces.iter().filter_map(owner_of));
        // Rules about everybody need everybody's names.
        let open = |row: &SpacePermission| row.subject.kind == SubjectKind::Unlicensed;
        let all = plan::names_everybody(&snapshot.space_permissions) || snapshot.space_permissions.iter().any(open);
        let everybody = async { if all { self.everybody().await } else { Listing::default() } };
        self.session.progress.expect(Step::Users, wanted.len());
        let (Found { known, gaps: failed, .. }, everybody) = futures::join!(self.people(&wanted, true), everybody);
        self.session.progress.add(Step::Users, wanted.len());
        self.session.progress.close(Step::Users);
        gaps.extend(failed);
        let doubtful: HashSet<String> = gaps.iter().map(|gap| gap.subject.clone()).collect();
        let gone: Vec<String> = wanted
            .iter()
            .filter(|name| !known.contains_key(name))
            .filter_map(|name| match name {
                UserRef::Key(key) if !doubtful.contains(key) => Some(key.clone()),
                _ => None,
            })
            .collect();
        own(&mut snapshot.spaces, &known);
        people.extend(known.into_values());
        gaps.extend(everybody.gaps);
        people.extend(everybody.rows);
        people.forget(&gone);
        let mut users = people.by_id();
        match global {
            Some(global) => rights(snapshot, &mut users, global),
            None => {
                let licensed = self.licensed_by_extender().await.unwrap_or_else(|error| {
                    // Nobody is assumed to be licensed because it could not be read who is.
                    gaps.push(gap_of_site(&error, SiteFact::GlobalPermissions));
                    None
                });
                if let Some(licensed) = licensed {
                    for user in users.values_mut() {
                        user.licensed =
                            if licensed.has(user) { Some(true) } else { licensed.complete.then_some(false) };
                    }
                    snapshot.site.licences_listed = licensed.complete;
                    if !licensed.complete {
                        let message = "the add-on Extender does not say of every account whether it may use the site";
                        gaps.push(Gap::new(SiteFact::GlobalPermissions.about(), GapCause::Truncated, message));
                    }
                }
            }
        }
        snapshot.users = users.into_values().collect();
        snapshot.name_subjects();
        snapshot.gaps.extend(gaps);
    }

    /// Whether anonymous may use the site: as its permissions say, else as a request without credentials is answered. Asked only
    /// where some space is open to them, because nothing else depends on it; `closed`: none is.
    async fn anonymous(
        &self,
        closed: bool,
        global: Option<&Listing<GlobalPermission>>,
    ) -> std::result::Result<Option<bool>, Box<Gap>> {
        if let Some(global) = global {
            let named = global
                .rows
                .iter()
                .any(|row| row.subject.kind == SubjectKind::Anonymous && row.permission == SitePermission::Use);
            if named || global.gaps.is_empty() {
                return Ok(Some(named));
            }
        }
        if closed {
            return Ok(None);
        }
        stranger(self).await.map(Some)
    }

    /// What this account cannot see.
    fn coverage(&self, snapshot: &Snapshot) -> Vec<Note> {
        let own = self.installation.subject();
        let group = snapshot.groups.iter().find(|group| group.id == SUPER_GROUP);
        let member = own
            .as_ref()
            .map(|own| snapshot.memberships.iter().any(|row| row.group_id == SUPER_GROUP && row.member == *own));
        let mut notes = Vec::new();
        match (member, group) {
            (Some(true), _) => {}
            (_, Some(group)) if !group.members_complete => notes.push(BlindSpot::Hidden.note(super::server::UNSURE)),
            _ => notes.push(BlindSpot::Hidden.note(super::server::NOT_SUPER)),
        }
        if self.installation.version.is_none() {
            notes.push(BlindSpot::Version.note("the server does not report its version"));
        }
        notes
    }
}

/// Who may use and administer the site, where its permissions were told.
fn rights(snapshot: &mut Snapshot, users: &mut HashMap<String, User>, global: &Listing<GlobalPermission>) {
    let mut entries: HashMap<&str, Vec<&Subject>> = HashMap::new();
    for row in &snapshot.memberships {
        entries.entry(&row.group_id).or_default().push(&row.member);
    }
    // A group that could neither be listed nor read stands nowhere but in its gap.
    let unread = snapshot.gaps.iter().filter(|gap| gap.scope == GapScope::Group).map(|gap| gap.subject.as_str());
    let incomplete: HashSet<&str> = snapshot
        .groups
        .iter()
        .filter(|group| !group.members_complete)
        .map(|group| group.id.as_str())
        .chain(unread)
        .collect();
    let listed_groups = !snapshot.gaps.iter().any(|gap| gap.missing() == Missing::Site(SiteFact::NestedGroups));
    let holders = |permission: SitePermission| {
        let mut people: HashSet<String> = HashSet::new();
        let mut open: Vec<&Subject> =
            global.rows.iter().filter(|row| row.permission == permission).map(|row| &row.subject).collect();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut complete = global.gaps.is_empty() && listed_groups;
        while let Some(subject) = open.pop() {
            match subject.kind {
                SubjectKind::User => {
                    complete &= !subject.is_unidentified();
                    people.insert(subject.id.clone());
                }
                SubjectKind::Group if seen.insert(&subject.id) => {
                    complete &= !incomplete.contains(subject.id.as_str());
                    open.extend(entries.get(subject.id.as_str()).into_iter().flatten().copied());
                }
                SubjectKind::Group | SubjectKind::Anonymous | SubjectKind::Unlicensed => {}
                _ => complete = false,
            }
        }
        (people, complete)
    };
    let (uses, uses_complete) = holders(SitePermission::Use);
    let (system, system_complete) = holders(SitePermission::AdministerSystem);
    let (administers, administers_complete) = holders(SitePermission::Administer);
    for user in users.values_mut() {
        let id = &user.id;
        // An administrator who was not given the use of the site is left open: documents do not say which comes first.
        let powerful = system.contains(id) || administers.contains(id);
        user.licensed = match uses.contains(id) {
            true => Some(true),
            false if uses_complete && !powerful => Some(false),
            false => None,
        };
        user.system_admin = if system.contains(id) { Some(true) } else { system_complete.then_some(false) };
        user.product_admin = if administers.contains(id) { Some(true) } else { administers_complete.then_some(false) };
    }
    // An account in none of the groups that were read may be in one that was not.
    snapshot.site.licences_listed = true;
}

/// That groups inside groups are not told. Their members may be listed as members of the outer group, or not.
fn nested_gap() -> Gap {
    let route = routes::NESTED_GROUPS.to_string();
    let message = format!(
        "{route}: this version does not list groups inside groups; if there are none, say so with the policy switch `nested_groups`"
    );
    Gap::new(SiteFact::NestedGroups.about(), GapCause::Unsupported, message).at(route).answered(Some(404))
}
