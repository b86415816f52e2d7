//! The whole picture of a site, once.

use std::collections::HashMap;

use serde::Serialize;

use super::plan::Planned;
use super::{
    BlindSpot, Content, Deployment, DirectMembership, Gap, GapCause, GlobalPermission, Group, Listing, Missing,
    Restriction, Site, SiteFact, Space, SpacePermission, SubjectKind, Timestamp, User,
};

/// Everything that was read about a site, and what could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// The site.
    pub site: Site,
    /// When reading began; `None` for a site described offline.
    pub taken_at: Option<Timestamp>,
    /// Spaces.
    pub spaces: Vec<Space>,
    /// Contents.
    pub contents: Vec<Content>,
    /// Accounts.
    pub users: Vec<User>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Entries of the groups' member lists: of all groups where the whole site was read, else of those some rule of the
    /// named spaces speaks about and those that open the product.
    pub memberships: Vec<DirectMembership>,
    /// Permissions in spaces, roles expanded.
    pub space_permissions: Vec<SpacePermission>,
    /// Restrictions, each on the content it is stored on.
    pub restrictions: Vec<Restriction>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// The facts that a plan changed, where this is what a plan would make of a snapshot. It is not saved.
    #[serde(skip)]
    pub planned: Vec<Planned>,
}

impl Snapshot {
    /// An empty snapshot of a site.
    pub fn new(deployment: Deployment) -> Self {
        Self {
            site: Site::new(deployment),
            taken_at: None,
            spaces: Vec::new(),
            contents: Vec::new(),
            users: Vec::new(),
            groups: Vec::new(),
            memberships: Vec::new(),
            space_permissions: Vec::new(),
            restrictions: Vec::new(),
            gaps: Vec::new(),
            planned: Vec::new(),
        }
    }

    /// Gives subjects of rules the name of the account or group they mean, where the rule came without one.
    pub fn name_subjects(&mut self) {
        let known = self
            .users
            .iter()
            .map(|user| (SubjectKind::User, &user.id, user.display_name.as_ref().or(user.name.as_ref())));
        let groups = self.groups.iter().map(|group| (SubjectKind::Group, &group.id, group.name.as_ref()));
        let names: HashMap<(SubjectKind, &str), &String> =
            known.chain(groups).filter_map(|(kind, id, name)| Some(((kind, id.as_str()), name?))).collect();
        let rules = self.space_permissions.iter_mut().map(|row| (&row.subject, &mut row.subject_name));
        let rules = rules.chain(self.restrictions.iter_mut().map(|row| (&row.subject, &mut row.subject_name)));
        let site = self.site.global_permissions.iter_mut().flatten();
        let rules = rules.chain(site.map(|row| (&row.subject, &mut row.subject_name)));
        for (subject, name) in rules.filter(|(_, name)| name.is_none()) {
            *name = names.get(&(subject.kind.clone(), subject.id.as_str())).map(|known| (*known).clone());
        }
    }

    /// Permissions of the site as a whole, with what is not known of them.
    pub fn global_permissions(&self) -> Listing<GlobalPermission> {
        let about = SiteFact::GlobalPermissions;
        let mut gaps: Vec<Gap> =
            self.gaps.iter().filter(|gap| gap.missing() == Missing::Site(about)).cloned().collect();
        let noted = self.site.noted(&BlindSpot::GlobalPermissions);
        let unread = || self.site.global_permissions.is_none() && gaps.is_empty();
        if let Some(text) = noted.or_else(|| unread().then_some("the snapshot holds no global permissions")) {
            gaps.push(Gap::new(about.about(), GapCause::Unsupported, text));
        }
        Listing { rows: self.site.global_permissions.clone().unwrap_or_default(), gaps }
    }

    /// Whether nothing is missing that was asked for.
    pub fn complete(&self) -> bool {
        self.gaps.is_empty()
    }
}
