//! Who is asked about, and whether an entry of a list or a grant means them.

use super::answer::{Answer, PASS, doubt, note, stop};
use super::codes::Reason;
use super::site::{Class, IndexedSite, Licence, Principal, Traits};
use crate::model::{AccessClass, Decision, Subject, SubjectKind, User};

use Decision::{Allowed, Denied, Unknown};

/// Who is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// An account that occurs in the snapshot.
    Person(u32),
    /// An account that does not.
    UnknownUser,
    /// A group as itself: not the sum of its members.
    Group(u32),
    /// A group that does not occur in the snapshot.
    UnknownGroup,
    /// Anyone who is not logged in.
    Anonymous,
    /// Anyone who is not logged in and has a public link.
    PublicLink,
    /// A member of a class about whom nothing else is known.
    AnyMember(Option<Class>),
}

/// A subject with what rules look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Actor {
    pub(super) who: Who,
    pub(super) traits: Traits,
}

/// Facts of an account that a question supposes instead of what the snapshot says. Groups, grants and lists stay as they
/// are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AsIf {
    /// Whether the account is active.
    pub active: Option<bool>,
    /// Whether it has a licence.
    pub licensed: Option<bool>,
}

impl AsIf {
    /// The names of the facts.
    pub const NAMES: [&'static str; 2] = ["active", "licensed"];

    /// The same with one more fact; `None` for a name that is not in [`Self::NAMES`].
    pub fn with(self, name: &str, value: bool) -> Option<Self> {
        match name {
            "active" => Some(Self { active: Some(value), ..self }),
            "licensed" => Some(Self { licensed: Some(value), ..self }),
            _ => None,
        }
    }
}

impl IndexedSite {
    /// An account with supposed facts.
    pub(super) fn person_as_if(&self, at: u32, as_if: AsIf) -> Actor {
        let mut actor = self.person(at);
        let mut user = self.user(at).cloned().unwrap_or_else(|| User::new(self.person_id(at)));
        (user.active, user.licensed) = (as_if.active, as_if.licensed);
        let supposed = Traits::of(&user, &self.snapshot.site, &self.policy);
        if let Some(active) = as_if.active {
            actor.traits.active = supposed.active;
            // An active account is not a deleted one.
            actor.traits.gone &= !active;
        }
        if as_if.licensed.is_some() {
            actor.traits.licence = supposed.licence;
        }
        actor
    }

    /// The subject, where it can be matched to one.
    pub(super) fn actor(&self, subject: &Subject) -> Option<Actor> {
        let person = |at: u32| {
            let traits = self.people.get(at as usize).copied().unwrap_or(Traits::STRANGER);
            Actor { who: Who::Person(at), traits }
        };
        let nobody = |who| Actor { who, traits: Traits::STRANGER };
        match &subject.kind {
            SubjectKind::User => match self.find_person(&subject.id) {
                Some(at) => Some(person(at)),
                None => match self.people_named(&subject.id).as_slice() {
                    [] => Some(nobody(Who::UnknownUser)),
                    [only] => Some(person(*only)),
                    _ => None,
                },
            },
            SubjectKind::Group => Some(nobody(self.find_group(&subject.id).map_or(Who::UnknownGroup, Who::Group))),
            SubjectKind::Anonymous => Some(nobody(Who::Anonymous)),
            SubjectKind::Unlicensed => Some(self.any_member(Licence::Unlicensed, Denied, None)),
            SubjectKind::AccessClass => Some(match AccessClass::parse(&subject.id) {
                AccessClass::AnonymousUsers => nobody(Who::Anonymous),
                AccessClass::AllLicensedUsers => self.any_member(Licence::Licensed, Denied, Some(Class::AllLicensed)),
                AccessClass::AllProductAdmins => {
                    self.any_member(Licence::Licensed, Allowed, Some(Class::ProductAdmins))
                }
                AccessClass::AuthenticatedUsers => {
                    self.any_member(Licence::Unlicensed, Denied, Some(Class::Authenticated))
                }
                AccessClass::JsmProjectAdmins => {
                    self.any_member(Licence::Unknown, Unknown, Some(Class::JsmProjectAdmins))
                }
                AccessClass::Other(_) => {
                    let at = self.opaque.iter().position(|other| other == subject)?;
                    self.any_member(Licence::Unknown, Unknown, Some(Class::Other(u32::try_from(at).ok()?)))
                }
            }),
            SubjectKind::Other(kind) if kind == "anyone_with_link" => Some(nobody(Who::PublicLink)),
            SubjectKind::Other(kind) if kind == "email" => match self.people_with_email(&subject.id).as_slice() {
                [only] => Some(person(*only)),
                _ => None,
            },
            SubjectKind::Unknown | SubjectKind::Other(_) => None,
        }
    }

    fn any_member(&self, licence: Licence, product_admin: Decision, class: Option<Class>) -> Actor {
        let traits = Traits {
            listed: true,
            gone: false,
            active: Allowed,
            licence,
            guest: Denied,
            product_admin,
            org_admin: false,
            system_admin: Denied,
            admin_key: false,
        };
        Actor { who: Who::AnyMember(class), traits }
    }

    /// Accounts of this name: a username on Data Center, a public name on Cloud, an e-mail address, a display name.
    pub(super) fn people_named(&self, name: &str) -> Vec<u32> {
        let is = |text: &Option<String>| text.as_deref() == Some(name);
        let exact = self.people_where(|user| is(&user.name) || is(&user.email));
        if !exact.is_empty() {
            return exact;
        }
        let wanted = name.to_lowercase();
        let like = |text: &Option<String>| text.as_ref().is_some_and(|text| text.to_lowercase() == wanted);
        self.people_where(|user| like(&user.name) || like(&user.email) || like(&user.display_name))
    }

    /// Accounts with this e-mail address.
    pub(super) fn people_with_email(&self, address: &str) -> Vec<u32> {
        self.people_where(|user| user.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(address)))
    }

    fn people_where(&self, matches: impl Fn(&crate::model::User) -> bool) -> Vec<u32> {
        (0u32..).zip(&self.snapshot.users).filter(|(_, user)| matches(user)).map(|(at, _)| at).collect()
    }

    /// Whether the subject is, or belongs to, a principal.
    #[inline]
    pub(super) fn belongs(&self, actor: &Actor, principal: Principal) -> Decision {
        // Nearly all entries are accounts and groups, and nearly all questions are about accounts.
        match (principal, actor.who) {
            (Principal::User(at), who) => Decision::from(who == Who::Person(at)),
            (Principal::Group(at), Who::Person(person)) => match self.memberships().contains(person, at) {
                Some(known) => known,
                None => self.groups.get(at as usize).map_or(Denied, |group| group.contains(person)),
            },
            _ => self.belongs_otherwise(actor, principal),
        }
    }

    fn belongs_otherwise(&self, actor: &Actor, principal: Principal) -> Decision {
        match principal {
            Principal::User(_) => Denied,
            Principal::Group(at) => self.group_belongs(actor, at),
            _ if actor.traits.gone => Denied,
            Principal::Anonymous => self.served_as_anonymous(actor),
            Principal::Unlicensed => self.served_as_unlicensed(actor),
            Principal::Class(class) => self.belongs_to_class(actor, class),
            Principal::Opaque(at) => match actor.who {
                // Whatever a team is, neither anonymous nor everybody of a class is in one.
                Who::Anonymous | Who::PublicLink | Who::AnyMember(_) if self.is_team(at) => Denied,
                _ => Unknown,
            },
        }
    }

    /// Whether a principal of a kind without rules of its own is a team.
    fn is_team(&self, at: u32) -> bool {
        self.opaque.get(at as usize).is_some_and(|subject| subject.kind.as_str() == "team")
    }

    /// Whether what is not an account belongs to a group.
    fn group_belongs(&self, actor: &Actor, at: u32) -> Decision {
        let Some(group) = self.groups.get(at as usize) else { return Denied };
        match actor.who {
            Who::UnknownUser if group.incomplete => Unknown,
            Who::Group(other) if other == at => Allowed,
            // A group inside the group passes as its members do.
            Who::Group(other) if group.reach.contains(other) => self.policy.nested_groups,
            Who::Group(_) | Who::UnknownGroup if group.incomplete && self.policy.nested_groups != Denied => Unknown,
            _ => Denied,
        }
    }

    // Source: https://support.atlassian.com/confluence-cloud/docs/what-are-user-classes
    fn belongs_to_class(&self, actor: &Actor, class: Class) -> Decision {
        match actor.who {
            Who::Anonymous | Who::PublicLink => return if matches!(class, Class::Other(_)) { Unknown } else { Denied },
            // Whether a question about a group counts what everybody has is not documented.
            Who::Group(_) | Who::UnknownGroup => return Unknown,
            Who::AnyMember(Some(own)) if own == class => return Allowed,
            _ => {}
        }
        let traits = &actor.traits;
        match class {
            Class::AllLicensed => match (traits.guest, traits.licence) {
                (_, Licence::Unlicensed) => Denied,
                (Allowed, _) => self.policy.guests_in_all_licensed_users,
                (Denied, Licence::Licensed | Licence::Assumed) => Allowed,
                (Denied, Licence::App) => self.policy.apps_in_all_licensed_users,
                _ => Unknown,
            },
            Class::ProductAdmins => traits.product_admin,
            Class::Authenticated => match (traits.listed, traits.guest, traits.licence) {
                (true, Denied, Licence::App) => Unknown,
                (true, Denied, _) => Allowed,
                // A guest is said to have one space only; whether this class is meant to go beyond it is not.
                _ => Unknown,
            },
            // Not everybody of another class runs a service desk.
            Class::JsmProjectAdmins if matches!(actor.who, Who::AnyMember(_)) => Denied,
            Class::JsmProjectAdmins | Class::Other(_) => Unknown,
        }
    }

    /// Whether an anonymous grant serves the subject.
    // Source: https://confluence.atlassian.com/x/WCUCLg
    // Source: https://support.atlassian.com/confluence-cloud/docs/what-can-guests-see-and-do-on-confluence/
    fn served_as_anonymous(&self, actor: &Actor) -> Decision {
        let (site, policy) = (&self.conditions, &self.policy);
        let licensed = || {
            let off = match site.enforced {
                Allowed => Denied,
                Denied => policy.anonymous_applies_when_site_off,
                Unknown => policy.anonymous_applies_when_site_off.and(Unknown),
            };
            choose(site.anonymous, policy.anonymous_applies_to_logged_in, off)
        };
        // Guests and people without a licence keep what anonymous has, even while anonymous is off for the site, until
        // the site enforces it. Said of Cloud only: on Data Center nothing lets them into the site then.
        // Source: https://confluence.atlassian.com/display/CONF615/Global+Permissions+Overview
        let unlicensed = || {
            let off = match (site.cloud, site.enforced) {
                (false, _) | (true, Allowed) => Denied,
                (true, Denied) => Allowed,
                (true, Unknown) => Unknown,
            };
            choose(site.anonymous, Allowed, off)
        };
        match actor.who {
            Who::Anonymous | Who::PublicLink => {
                // Off and enforced, the grant serves nobody. Merely off, the site gate stops anonymous.
                if site.anonymous == Denied && site.enforced == Allowed { Denied } else { Allowed }
            }
            Who::Group(_) | Who::UnknownGroup => {
                if site.anonymous == Denied && site.enforced == Allowed {
                    Denied
                } else {
                    Unknown
                }
            }
            _ => match (actor.traits.guest, actor.traits.licence) {
                (_, Licence::Unlicensed) => unlicensed(),
                (Allowed, _) if site.cloud => unlicensed(),
                (Unknown, _) | (_, Licence::Unknown) => {
                    let (a, b) = (licensed(), unlicensed());
                    if a == b { a } else { Unknown }
                }
                _ => licensed(),
            },
        }
    }

    /// Whether a grant for people without a licence serves the subject.
    // Source: https://confluence.atlassian.com/conf89/confluence-groups-1387595692.html
    fn served_as_unlicensed(&self, actor: &Actor) -> Decision {
        match (actor.who, actor.traits.licence) {
            (Who::Anonymous | Who::PublicLink, _) => Denied,
            (Who::Group(_) | Who::UnknownGroup, _) => {
                if self.policy.unlicensed_grant_covers_licensed == Denied {
                    Denied
                } else {
                    Unknown
                }
            }
            (_, Licence::Unlicensed) => Allowed,
            (_, Licence::Unknown) => {
                if self.policy.unlicensed_grant_covers_licensed == Allowed {
                    Allowed
                } else {
                    Unknown
                }
            }
            _ => self.policy.unlicensed_grant_covers_licensed,
        }
    }

    /// May the subject use the site. Where it has no licence the space decides.
    pub(super) fn site_access(&self, actor: &Actor) -> Answer {
        let traits = &actor.traits;
        match (actor.who, traits.licence) {
            (Who::Anonymous | Who::PublicLink, _) => match self.conditions.anonymous {
                Allowed => PASS,
                Denied => stop(Reason::AnonymousDisabled),
                Unknown => doubt(Reason::SiteAccess),
            },
            (Who::Group(_) | Who::UnknownGroup, _) => PASS,
            (Who::UnknownUser, _) => doubt(Reason::SiteAccess),
            _ if traits.active == Denied => stop(Reason::Deactivated),
            _ if traits.active == Unknown => doubt(Reason::SiteAccess),
            (_, Licence::Licensed | Licence::App) => PASS,
            (_, Licence::Assumed) => note(Reason::LicenceAssumed),
            (_, Licence::Unknown) => doubt(Reason::SiteAccess),
            (_, Licence::Unlicensed) => stop(Reason::NotLicensed),
        }
    }

    /// Whether the free plan serves the subject in a space without any stored grant.
    pub(super) fn free_plan(&self, actor: &Actor) -> Decision {
        self.conditions.free.and(match (actor.who, actor.traits.licence) {
            (Who::Anonymous | Who::PublicLink, _) | (_, Licence::Unlicensed) => Denied,
            (Who::Group(_) | Who::UnknownGroup, _) | (_, Licence::Unknown | Licence::App) => Unknown,
            _ => Allowed,
        })
    }

    /// Whether the subject is a system administrator (Data Center).
    pub(super) fn system_admin(&self, actor: &Actor) -> Decision {
        match actor.who {
            Who::Person(_) | Who::UnknownUser if !self.conditions.cloud => actor.traits.system_admin,
            _ => Denied,
        }
    }

    /// Whether a grant is one of those that serve people without a licence, or may be.
    pub(super) fn open(&self, principal: Principal) -> bool {
        match principal {
            Principal::Anonymous | Principal::Unlicensed => true,
            Principal::Class(class) => matches!(class, Class::Authenticated | Class::Other(_)),
            Principal::Opaque(at) => !self.is_team(at),
            Principal::User(_) | Principal::Group(_) => false,
        }
    }

    pub(super) fn person(&self, at: u32) -> Actor {
        let traits = self.people.get(at as usize).copied().unwrap_or(Traits::STRANGER);
        Actor { who: Who::Person(at), traits }
    }

    pub(super) fn anonymous(&self) -> Actor {
        Actor { who: Who::Anonymous, traits: Traits::STRANGER }
    }
}

/// One of two answers, by a fact that may be unknown.
fn choose(fact: Decision, when_true: Decision, when_false: Decision) -> Decision {
    match fact {
        Allowed => when_true,
        Denied => when_false,
        Unknown if when_true == when_false => when_true,
        Unknown => Unknown,
    }
}
