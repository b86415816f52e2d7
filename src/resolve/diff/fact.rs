//! What two sites may differ in, as far as answers rest on it.

use super::pair::Age;
use crate::model::{RestrictionOperation, Site, SwitchName, User, word, words};
use crate::resolve::site::Principal;

words! {
    /// What changed an answer.
    CauseKind {
        /// A permission in the space was granted or revoked.
        Grant = "grant",
        /// A role in the space was assigned, removed, or redefined.
        Role = "role",
        /// A restriction of the content item or of an ancestor was added, removed or changed.
        Restriction = "restriction",
        /// The account was added to a group or removed from one, or a group to or from another group.
        Membership = "membership",
        /// A group was created or deleted.
        Group = "group",
        /// The account: created, deleted, deactivated, reactivated, licensed, or given other rights.
        Account = "account",
        /// The content item or an ancestor was moved.
        Move = "move",
        /// The content item or an ancestor was archived, restored, trashed or published.
        Status = "status",
        /// The content item or an ancestor is not in the older snapshot, and `before` is null if it is the item itself.
        ContentAdded = "content_added",
        /// The content item or an ancestor is not in the newer snapshot, and `after` is null if it is the item itself.
        ContentRemoved = "content_removed",
        /// A draft was shared, or is no longer shared.
        Sharing = "sharing",
        /// The space was archived or restored.
        Space = "space",
        /// A public link was switched on or off.
        PublicLink = "public_link",
        /// A setting of the site changed.
        Site = "site",
        /// A switch of the policy has another value.
        Policy = "policy",
        /// Something was read in one snapshot and could not be read in the other.
        Gap = "gap",
        /// A line of a plan.
        Plan = "plan",
        /// No single difference explains it.
        Unknown = "unknown",
    }
}

word!(CauseKind as "CauseKind");

/// A flag, for people.
fn flag(value: Option<bool>) -> &'static str {
    match value {
        Some(true) => "true",
        Some(false) => "false",
        None => "unknown",
    }
}

/// Declares facts that rules read of a record: each with its name, its field, and its value as text.
macro_rules! facts {
    ($(#[$outer:meta])* $name:ident of $record:ident { $($variant:ident $word:literal = $field:ident: $text:expr;)+ }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(super) enum $name {
            $($variant,)+
        }

        impl $name {
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Its value. Values that differ have different texts.
            pub(super) fn text(self, record: &$record) -> String {
                match self {
                    $(Self::$variant => {
                        let text: fn(&$record) -> &str = $text;
                        text(record).to_owned()
                    })+
                }
            }

            pub(super) fn copy(self, from: &$record, to: &mut $record) {
                match self {
                    $(Self::$variant => to.$field.clone_from(&from.$field),)+
                }
            }
        }
    };
}

facts! {
    /// A setting of the site.
    Setting of Site {
        Deployment "deployment" = deployment: |site| site.deployment.as_str();
        Plan "plan" = plan: |site| site.plan.as_ref().map_or("unknown", |plan| plan.as_str());
        Anonymous "anonymous_enabled" = anonymous_enabled: |site| flag(site.anonymous_enabled);
        AnonymousEnforced "anonymous_enforced" = anonymous_enforced: |site| flag(site.anonymous_enforced);
        PublicLinks "public_links_enabled" = public_links_enabled: |site| flag(site.public_links_enabled);
        ReadOnly "read_only" = read_only: |site| flag(site.read_only);
        LicencesListed "licences_listed" = licences_listed: |site| flag(Some(site.licences_listed));
        ProductAdminsListed "product_admins_listed" = product_admins_listed: |site| flag(Some(site.product_admins_listed));
    }
}

facts! {
    /// A fact of an account.
    Trait of User {
        Active "active" = active: |user| flag(user.active);
        Licensed "licensed" = licensed: |user| flag(user.licensed);
        Type "type" = kind: |user| user.kind.as_str();
        Guest "guest" = guest: |user| flag(user.guest);
        ProductAdmin "product_admin" = product_admin: |user| flag(user.product_admin);
        OrgAdmin "org_admin" = org_admin: |user| flag(user.org_admin);
        SystemAdmin "system_admin" = system_admin: |user| flag(user.system_admin);
        AdminKey "admin_key" = admin_key: |user| flag(user.admin_key);
    }
}

/// One thing the two sites differ in. Numbers are those both sites share. Their order is the order in which they are tried as
/// the cause: what was done to the account or the content first, then rules, then settings, then what was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Fact {
    /// Only one site lists the account.
    Listed,
    Trait(Trait),
    Status(u32),
    /// Its parent or its space.
    Moved(u32),
    /// Only one site lists it.
    Content(u32),
    /// A list that only one site has.
    List(u32, RestrictionOperation),
    Entry(u32, RestrictionOperation, Principal),
    Sharing(u32),
    /// The account is in the group.
    Member(u32),
    /// The second group is in the first.
    Inner(u32, u32),
    /// Only one site has the group.
    Group(u32),
    /// In a space, a permission of its own; the row is [`VAGUE`] for one that this version does not know.
    Grant(u32, usize, Principal),
    /// In a space, a role with what it brings.
    Role(u32, usize, Principal),
    SpaceStatus(u32),
    PublicLink(u32),
    SpaceLinks(u32),
    Setting(Setting),
    Switch(SwitchName),
    /// Whether the account could be looked up.
    LookedUp,
    /// Whether the restrictions of a content were read.
    RestrictionsRead(u32),
    /// Whether all members of a group are listed.
    MembersRead(u32),
    /// Whether the permissions of a space were read.
    PermissionsRead(u32),
}

/// The row of a permission that this version does not know.
pub(super) const VAGUE: usize = usize::MAX;

impl Fact {
    /// What kind of cause it is.
    pub(super) fn kind(self, has: impl Fn(Age) -> bool) -> CauseKind {
        match self {
            Self::Listed | Self::Trait(_) => CauseKind::Account,
            Self::Status(_) => CauseKind::Status,
            Self::Moved(_) => CauseKind::Move,
            Self::Content(_) if has(Age::Newer) => CauseKind::ContentAdded,
            Self::Content(_) => CauseKind::ContentRemoved,
            Self::List(..) | Self::Entry(..) => CauseKind::Restriction,
            Self::Sharing(_) => CauseKind::Sharing,
            Self::Member(_) | Self::Inner(..) => CauseKind::Membership,
            Self::Group(_) => CauseKind::Group,
            Self::Grant(..) => CauseKind::Grant,
            Self::Role(..) => CauseKind::Role,
            Self::SpaceStatus(_) => CauseKind::Space,
            Self::PublicLink(_) | Self::SpaceLinks(_) => CauseKind::PublicLink,
            Self::Setting(_) => CauseKind::Site,
            Self::Switch(_) => CauseKind::Policy,
            Self::LookedUp | Self::RestrictionsRead(_) | Self::MembersRead(_) | Self::PermissionsRead(_) => {
                CauseKind::Gap
            }
        }
    }
}
