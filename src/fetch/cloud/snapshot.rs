//! The ends of a snapshot: what is known beforehand, and what all the rest is needed for.

use std::collections::{BTreeSet, HashSet};

use super::site::Site;
use crate::apis::Route;
use crate::apis::cloud_v1::routes as v1;
use crate::apis::org_admin::routes as org_admin;
use crate::fetch::accounts::Accounts;
use crate::fetch::answers::{Facts, Gathered, Groups};
use crate::fetch::pages::{gap_of_site, gap_of_stranger};
use crate::fetch::progress::Step;
use crate::fetch::{Result, plan};
use crate::model::{
    self, BlindSpot, Deployment, Gap, GapCause, GapScope, GlobalPermission, Missing, Plan, SiteFact, SitePermission,
    Snapshot, Subject, SubjectKind, User,
};

impl Site<'_> {
    /// What is known of the site as a whole.
    ///
    /// # Errors
    /// Where the site answers as if nobody had logged in. What else fails is a gap.
    pub(in crate::fetch) async fn facts(&self) -> Result<Facts> {
        let domains = async {
            match self.organization {
                Some(organization) => organization.verified_domains().await,
                None => (None, Vec::new()),
            }
        };
        let (roles, caller, plan, (domains, lost)) =
            futures::join!(self.space_roles(), self.current_user(), self.plan(), domains);
        let mut facts = Facts { site: model::Site::new(Deployment::Cloud), caller: None, gaps: roles.gaps.clone() };
        facts.site.verified_domains = domains;
        facts.gaps.extend(lost);
        facts.site.role_mode.clone_from(&roles.mode);
        match plan {
            Ok(plan) => facts.site.plan = plan,
            Err(error) => facts.gaps.push(gap_of_site(&error, SiteFact::Plan)),
        }
        let mut administers = None;
        match caller {
            Ok(caller) => {
                administers = caller.administers();
                let licensed = caller.uses().filter(|uses| *uses);
                // An account that is let in is not deactivated.
                facts.caller = caller.user.map(|user| User {
                    licensed: user.licensed.or(licensed),
                    active: user.active.or(Some(true)),
                    ..user
                });
                facts.site.caller = Some(caller.subject);
            }
            // Answered as anonymous: everything read would be what anonymous sees.
            Err(error) if error.is_of_stranger() => return Err(error),
            // The resolver does not need the own account, but it may be missing from the users.
            Err(error) => facts.gaps.push(gap_of_site(&error, SiteFact::Accounts)),
        }
        let notes = self.coverage(administers, facts.site.plan.as_ref()).await;
        notes.into_iter().for_each(|note| facts.site.add_note(note));
        Ok(facts)
    }

    /// Accounts, whom the site lets in, and where groups are kept.
    pub(in crate::fetch) async fn finish(&self, snapshot: &mut Snapshot, gathered: Gathered) {
        let Gathered { caller, listed, mut groups, members, complete, vanished } = gathered;
        forget_ids(snapshot, &vanished);
        let mut accounts = Accounts::default();
        accounts.extend(caller);
        accounts.extend(listed);
        accounts.extend(members);
        // Rules about everybody need everybody's names. Where the groups that open the product are known, their members are
        // just that; otherwise the accounts are searched for.
        let named = !groups.access.is_empty() && groups.access.is_subset(&complete);
        snapshot.site.licences_listed = named && groups.access_complete;
        let cut = |gap: &&Gap| matches!(gap.missing(), Missing::Group(id) if groups.access.contains(id));
        if let Some(gap) = snapshot.gaps.iter().find(cut) {
            // Who is not seen in a group that opens the product may be in this one.
            let message = format!("who may use the product is not all known: {}", gap.message);
            let (scope, subject) = SiteFact::GlobalPermissions.about();
            let gap = Gap { scope, subject: subject.to_owned(), message, ..gap.clone() };
            snapshot.gaps.push(gap);
        }
        snapshot.site.product_admins_listed = groups.admin_complete && groups.admin.is_subset(&complete);
        let unnamed = plan::names_everybody(&snapshot.space_permissions) || snapshot.site.plan == Some(Plan::Free);
        let people_in = |wanted: &dyn Fn(&str) -> bool| -> BTreeSet<&str> {
            let rows =
                snapshot.memberships.iter().filter(|m| m.member.kind == SubjectKind::User && wanted(&m.group_id));
            rows.map(|m| m.member.id.as_str()).collect()
        };
        let others = &people_in(&|_| true) - &people_in(&|group| groups.admin.contains(group));
        groups.admins.believe(&[], &others);
        snapshot.gaps.append(&mut groups.admins.gaps);
        snapshot.site.global_permissions = Some(product_access(&groups));
        snapshot.site.add_note(BlindSpot::GlobalPermissions.note(
            "no API of Cloud lists global permissions: only who is given access to Confluence by a group or administers it is known",
        ));
        // Spaces may grant something to product admins, even if no rule names their accounts.
        let mut searched: BTreeSet<String> = groups.admins.users.iter().map(|user| user.id.clone()).collect();
        accounts.extend(std::mem::take(&mut groups.admins.users));
        if unnamed && !named {
            let everybody = self.everybody().await;
            snapshot.gaps.extend(everybody.gaps);
            searched.extend(everybody.rows.iter().map(|user| user.id.clone()));
            accounts.extend(everybody.rows);
        }
        let mut ids = named_accounts(snapshot, searched);
        // Accounts that the lists of members describe in full are not asked for again.
        let users: HashSet<&str> = snapshot
            .memberships
            .iter()
            .filter(|m| m.member.kind == SubjectKind::User && groups.access.contains(&m.group_id))
            .map(|m| m.member.id.as_str())
            .collect();
        ids.retain(|id| !(users.contains(id.as_str()) && accounts.is_fully_known(id)));
        self.session.progress.expect(Step::Users, ids.len());
        let ((looked_up, unknown, _), anonymous) = futures::join!(self.accounts(&ids), self.anonymous(snapshot));
        self.session.progress.close(Step::Users);
        snapshot.gaps.extend(looked_up.gaps);
        accounts.extend(looked_up.rows);
        accounts.forget(&unknown);
        let mut users = accounts.by_id();
        // An account outside the groups that open the product may still be licensed.
        for membership in snapshot.memberships.iter().filter(|m| m.member.kind == SubjectKind::User) {
            if let Some(user) = users.get_mut(&membership.member.id) {
                if groups.access.contains(&membership.group_id) {
                    user.licensed = Some(true);
                }
                if groups.admin.contains(&membership.group_id) {
                    user.product_admin = Some(true);
                }
            }
        }
        snapshot.users = users.into_values().collect();
        match anonymous {
            Ok(enabled) => snapshot.site.anonymous_enabled = enabled,
            Err(gap) => snapshot.gaps.push(*gap),
        }
        snapshot.name_subjects();
        if let Some(records) = groups.records {
            records.join(&mut snapshot.groups, self.directories);
            snapshot.gaps.extend(records.gaps);
        }
    }

    /// Whether anonymous may use the site; asked only where some space is open to them, because nothing else depends on it.
    async fn anonymous(&self, snapshot: &Snapshot) -> std::result::Result<Option<bool>, Box<Gap>> {
        let open = plan::anonymous_spaces(&snapshot.space_permissions);
        if open.is_empty() {
            return Ok(None);
        }
        let unread: HashSet<&str> =
            snapshot.gaps.iter().filter(|g| g.scope == GapScope::Content).map(|g| g.subject.as_str()).collect();
        let content = plan::open_content(&snapshot.contents, &snapshot.restrictions, &snapshot.spaces, &open, &unread);
        let Some(content) = content else {
            // Nothing is there that the answer would open.
            if !snapshot.contents.iter().any(|c| open.contains(c.space_key.as_str())) {
                return Ok(None);
            }
            return Err(Box::new(Gap::new(
                SiteFact::Anonymous.about(),
                GapCause::Unsupported,
                "whether anonymous may use the site could not be asked: no content is open to them in all other respects",
            )));
        };
        self.anonymous_may_view(content).await.map_err(|error| Box::new(gap_of_stranger(&error)))
    }
}

/// Who uses and who administers the product by what the site and its organization say of groups and roles.
fn product_access(groups: &Groups) -> Vec<GlobalPermission> {
    let row = |subject: Subject, permission: SitePermission, route: &'static Route| GlobalPermission {
        subject,
        subject_name: None,
        permission,
        raw: None,
        source: route.origin(),
    };
    let using = groups.access.iter().map(|id| row(Subject::group(id.as_str()), SitePermission::Use, &v1::GROUPS));
    let administering = groups.admin.iter().map(|id| {
        let route = if groups.admins.groups.contains(id) { &org_admin::GROUPS } else { &v1::GROUPS };
        row(Subject::group(id.as_str()), SitePermission::Administer, route)
    });
    let admins = groups.admins.users.iter();
    let admins = admins.map(|user| row(Subject::user(user.id.as_str()), SitePermission::Administer, &org_admin::USERS));
    using.chain(administering).chain(admins).collect()
}

/// A group that restrictions name by its name alone, and the site does not know, has no id any more.
fn forget_ids(snapshot: &mut Snapshot, vanished: &BTreeSet<String>) {
    let names: HashSet<&str> = snapshot.groups.iter().filter_map(|group| group.name.as_deref()).collect();
    for row in &mut snapshot.restrictions {
        if row.subject.kind == SubjectKind::Group
            && vanished.contains(&row.subject.id)
            && row.subject_name.as_deref() == Some(row.subject.id.as_str())
            && !names.contains(row.subject.id.as_str())
        {
            row.subject = Subject::unidentified(SubjectKind::Group, &row.subject.id);
        }
    }
}

/// Ids of all accounts that stand anywhere in what was read, in order.
fn named_accounts(snapshot: &Snapshot, mut ids: BTreeSet<String>) -> Vec<String> {
    ids.extend(plan::users_in_rules(&snapshot.space_permissions, &snapshot.restrictions));
    let member = snapshot.memberships.iter().map(|m| &m.member).chain(&snapshot.site.caller);
    ids.extend(member.filter_map(Subject::account_id).map(str::to_owned));
    ids.extend(snapshot.contents.iter().filter_map(|c| c.author_id.clone()));
    ids.extend(snapshot.spaces.iter().filter_map(|s| s.owner_id.clone()));
    ids.retain(|id| !id.is_empty());
    ids.into_iter().collect()
}
