//! Groups and who is in them.

use std::collections::{BTreeMap, BTreeSet};

use super::site::Site;
use crate::apis::Request;
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::fetch::answers::{Groups, Memberships};
use crate::fetch::lookup::Sought;
use crate::fetch::organization::{GroupRecords, ProductAdmins};
use crate::fetch::pages::{Walked, gap_of, gap_of_site};
use crate::fetch::progress::Step;
use crate::fetch::{ErrorKind, Result};
use crate::model::{DirectMembership, Gap, GapScope, Group, Listing, SiteFact, id};

impl Site<'_> {
    /// Every group.
    async fn all_groups(&self) -> Result<Listing<Group>> {
        let walked = self.group_listing(v1::groups(v1::MAX_LIMIT)).await?;
        Ok(Listing { rows: walked.rows, gaps: walked.gaps })
    }

    async fn group_listing(&self, request: Request) -> Result<Walked<Group>> {
        self.session.walk(request, v1_lift::groups, |g: &Group| g.id.clone(), SiteFact::Groups.about()).await
    }

    /// Every group, with what the organization says about where it is kept.
    pub(in crate::fetch) async fn groups(&self, directories: &BTreeMap<String, String>) -> Result<Listing<Group>> {
        let (listed, records) = futures::join!(self.all_groups(), self.group_records());
        let mut listed = listed?;
        if let Some(records) = records {
            records.join(&mut listed.rows, directories);
            listed.gaps.extend(records.gaps);
        }
        Ok(listed)
    }

    /// What the organization says about groups; nothing without a key of it.
    pub(super) async fn group_records(&self) -> Option<GroupRecords> {
        match self.organization {
            Some(organization) => Some(organization.groups().await),
            None => None,
        }
    }

    /// Every group, with those that open the product and those that administer it, by their grants or by role.
    pub(in crate::fetch) async fn known_groups(&self) -> Groups {
        let by_role = async {
            match self.organization {
                Some(organization) => organization.product_admins(self.session.transport).await,
                None => ProductAdmins::default(),
            }
        };
        let (mut groups, mut admins, records) = futures::join!(self.by_access(), by_role, self.group_records());
        admins.believe(&groups.all, &BTreeSet::new());
        let by_role = admins.groups.iter().filter(|id| groups.all.iter().any(|group| group.id == **id));
        groups.admin.extend(by_role.cloned());
        groups.wanted = groups.access.union(&groups.admin).cloned().collect();
        Groups { admins, records, ..groups }
    }

    /// Every group, and which of them open the product.
    async fn by_access(&self) -> Groups {
        let of = |access: &str| v1::groups(v1::MAX_LIMIT).with("accessType", access);
        let (all, access, admin) = futures::join!(
            self.group_listing(v1::groups(v1::MAX_LIMIT)),
            self.group_listing(of("user")),
            self.group_listing(of("admin")),
        );
        let about = |gaps: &[Gap], fact: SiteFact| -> Vec<Gap> {
            gaps.iter().map(|gap| Gap { subject: fact.as_str().to_owned(), ..gap.clone() }).collect()
        };
        let mut groups = Groups::default();
        match all {
            Ok(walked) => {
                self.session.progress.add(Step::Groups, walked.rows.len());
                self.session.progress.close(Step::Groups);
                groups.gaps = walked.gaps;
                // A server that does not know the filter lists all groups, and that says nothing.
                let told = |narrowed: Result<Walked<Group>>| -> BTreeSet<String> {
                    let ids: BTreeSet<String> =
                        narrowed.map(|w| w.rows.into_iter().map(|g| g.id).collect()).unwrap_or_default();
                    if walked.complete && ids.len() < walked.rows.len() { ids } else { BTreeSet::new() }
                };
                groups.access_complete =
                    access.as_ref().is_ok_and(|narrowed| narrowed.complete && narrowed.gaps.is_empty());
                match &access {
                    Ok(narrowed) => groups.gaps.extend(about(&narrowed.gaps, SiteFact::GlobalPermissions)),
                    Err(error) => groups.gaps.push(gap_of_site(error, SiteFact::GlobalPermissions)),
                }
                groups.access = told(access);
                let whole = admin.as_ref().is_ok_and(|narrowed| narrowed.complete && narrowed.gaps.is_empty());
                match &admin {
                    Ok(narrowed) => groups.gaps.extend(about(&narrowed.gaps, SiteFact::ProductAdmins)),
                    Err(error) => groups.gaps.push(gap_of_site(error, SiteFact::ProductAdmins)),
                }
                groups.admin = told(admin);
                groups.admin_complete = whole && !groups.admin.is_empty();
                groups.all = walked.rows;
            }
            Err(error) => groups.gaps.push(gap_of_site(&error, SiteFact::Groups)),
        }
        groups
    }

    async fn group_by_id(&self, id: &str) -> Result<Option<Group>> {
        let request = v1::group_by_id(id);
        match self.session.ask(&request, self.session.full(), &v1_lift::group_by_id).await {
            Ok(page) => Ok(page.rows.into_iter().next()),
            Err(error) => Err(error),
        }
    }

    /// Members of one group.
    async fn group_members(&self, id: &str) -> Result<Walked<DirectMembership>> {
        self.session
            .walk(
                v1::group_members(id, v1::MAX_LIMIT),
                |body| v1_lift::group_members(body, id),
                |m: &DirectMembership| m.member.to_string(),
                (GapScope::Group, id),
            )
            .await
    }

    /// Members of one group. One that is not `listed` is looked up first, because the members of a group that is gone are
    /// an empty list.
    pub(in crate::fetch) async fn members_of(&self, id: String, listed: bool) -> Memberships {
        let mut part = Memberships::default();
        let mut sure = true;
        if !listed {
            match self.group_by_id(&id).await {
                Ok(group) => part.groups.extend(group),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    part.vanished.insert(id);
                    return part;
                }
                Err(error) => {
                    sure = false;
                    part.gaps.push(gap_of(&error, GapScope::Group, &id));
                }
            }
        }
        match self.group_members(&id).await {
            Ok(walked) => {
                if sure && walked.complete && walked.gaps.is_empty() {
                    part.complete.insert(id);
                }
                part.rows = walked.rows;
                part.users = walked.users;
                part.gaps.extend(walked.gaps);
            }
            Err(error) => part.gaps.push(gap_of(&error, GapScope::Group, &id)),
        }
        part
    }

    /// The groups among which one with this id or name is sought: the one with this id, else all.
    pub(in crate::fetch) async fn groups_called(&self, name: &str) -> Result<Sought<Group>> {
        let request = v1::groups(v1::MAX_LIMIT);
        if id::is_uuid(name) {
            match self.group_by_id(name).await {
                Ok(Some(group)) => {
                    return Ok(Sought { listed: Listing { rows: vec![group], gaps: Vec::new() }, request });
                }
                Ok(None) => {}
                Err(error) if matches!(error.status(), Some(400 | 404)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Sought { listed: self.all_groups().await?, request })
    }

    /// The members of a group.
    pub(in crate::fetch) async fn members_in(&self, group: &mut Group) -> Result<Memberships> {
        let walked = self.group_members(&group.id).await?;
        let whole = walked.complete && walked.gaps.is_empty();
        Ok(Memberships {
            complete: whole.then(|| group.id.clone()).into_iter().collect(),
            rows: walked.rows,
            users: walked.users,
            gaps: walked.gaps,
            ..Memberships::default()
        })
    }
}
