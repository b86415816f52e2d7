//! The gates, each a function from a subject and a place to an answer and its reasons, and the one function that
//! combines them. It allocates nothing: a plain question takes well under a microsecond or a few.

use super::codes::{Reason, Reasons};
use super::policy::Vanished;
use super::site::{
    Class, Grant, IndexedSite, Kind, Licence, MISSING, Node, Principal, ROOT, SpaceFacts, State, Traits, Unread, yes,
};
use crate::model::{Decision, Operation, Subject, SubjectKind, Verdict};

use Decision::{Allowed, Denied, Unknown};

/// Who is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// An account the site names somewhere.
    Person(u32),
    /// An account it names nowhere.
    Stranger,
    /// A group as itself: not the sum of its members.
    Group(u32),
    /// A group the site names nowhere.
    StrangeGroup,
    /// Whoever is not logged in.
    Anonymous,
    /// Whoever is not logged in and knows a public link.
    LinkHolder,
    /// What everybody in a class has, and nothing more.
    Anybody(Option<Class>),
}

/// A subject with what rules look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Actor {
    pub(super) who: Who,
    pub(super) traits: Traits,
}

/// What an entry in a list, a grant or a gate comes to.
pub(super) type Answer = (Decision, Reasons);

const PASS: Answer = (Allowed, Reasons::NONE);

fn stop(reason: Reason) -> Answer {
    (Denied, reason.into())
}

fn doubt(reason: Reason) -> Answer {
    (Unknown, reason.into())
}

/// Adds gates up: what all of them come to, with the reasons of those that do not pass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sum {
    pub(super) decision: Decision,
    pub(super) reasons: Reasons,
}

impl Sum {
    pub(super) fn new() -> Self {
        Self { decision: Allowed, reasons: Reasons::NONE }
    }

    pub(super) fn add(&mut self, (decision, reasons): Answer) {
        self.decision = self.decision.and(decision);
        self.reasons.add(reasons);
    }
}

/// Whose list it is, seen from the content asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Position {
    /// Its own.
    Own,
    /// Of what a comment or an attachment belongs to.
    Container,
    /// Of a content above.
    Above,
}

/// A step of the walk from a content up to its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A content whose view list binds.
    Layer {
        /// The content.
        node: u32,
        /// Whose it is.
        position: Position,
        /// How many levels up.
        levels: u32,
        /// Whether it binds for certain; not where an archived page may have dropped it.
        binds: Decision,
    },
    /// The chain goes on, and nobody knows where.
    Broken,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ruling {
    pub(super) verdict: Verdict,
    /// Standing access alone; `None` where there is nothing to decide.
    pub(super) standing: Option<Decision>,
    pub(super) bypass: Option<&'static str>,
    pub(super) exposure: Option<&'static str>,
    pub(super) reasons: Reasons,
}

impl Ruling {
    fn without_decision(verdict: Verdict, reasons: Reasons) -> Self {
        Self { verdict, standing: None, bypass: None, exposure: None, reasons }
    }
}

/// A permission in a space that an operation needs beside view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Need {
    View,
    EditPage,
    EditBlogpost,
    CreatePage,
    Comment,
    DeletePage,
    DeleteBlogpost,
    DeleteComment,
    DeleteAttachment,
    DeleteOwn,
    Restrict,
    Administer,
    /// Nobody documented what it needs.
    Undocumented,
}

impl Need {
    /// Whether the free plan says who has it: who administers a space is not said.
    pub(super) fn documented_by_free_plan(self) -> Decision {
        if matches!(self, Self::Restrict | Self::Administer) { Unknown } else { Allowed }
    }

    /// Reason given where the permission is missing.
    fn missing(self) -> Reason {
        match self {
            Self::View => Reason::NoView,
            Self::EditPage | Self::EditBlogpost => Reason::NoEdit,
            Self::CreatePage => Reason::NoCreate,
            Self::Comment => Reason::NoComment,
            Self::DeletePage
            | Self::DeleteBlogpost
            | Self::DeleteComment
            | Self::DeleteAttachment
            | Self::DeleteOwn => Reason::NoDelete,
            Self::Restrict | Self::Administer => Reason::NoRestrict,
            Self::Undocumented => Reason::UnknownOperation,
        }
    }

    /// What to call it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::EditPage => "edit pages",
            Self::EditBlogpost => "edit blog posts",
            Self::CreatePage => "create pages",
            Self::Comment => "comment",
            Self::DeletePage => "delete pages",
            Self::DeleteBlogpost => "delete blog posts",
            Self::DeleteComment => "delete comments",
            Self::DeleteAttachment => "delete attachments",
            Self::DeleteOwn => "delete one's own content",
            Self::Restrict => "change restrictions",
            Self::Administer => "administer the space",
            Self::Undocumented => "do this",
        }
    }
}

/// Which grants count for a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    /// All.
    All,
    /// Only those that serve people without a licence.
    Open,
}

/// Words of [`Permission::KNOWN`] as rows of the table of grants.
mod row {
    pub(super) const VIEW: usize = 0;
    pub(super) const CREATE_PAGE: usize = 1;
    pub(super) const EDIT_PAGE: usize = 2;
    pub(super) const CREATE_BLOGPOST: usize = 3;
    pub(super) const EDIT_BLOGPOST: usize = 4;
    pub(super) const COMMENT: usize = 5;
    pub(super) const DELETE_PAGE: usize = 7;
    pub(super) const DELETE_BLOGPOST: usize = 8;
    pub(super) const DELETE_COMMENT: usize = 9;
    pub(super) const DELETE_ATTACHMENT: usize = 10;
    pub(super) const DELETE_OWN: usize = 11;
    pub(super) const RESTRICT: usize = 13;
    pub(super) const ADMINISTER: usize = 15;
}

/// Which grants of a row count: all, grants of their own, or roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    Any,
    Bare,
    Roles,
}

impl Kinds {
    pub(super) fn counts(self, grant: Grant) -> bool {
        match self {
            Self::Any => true,
            Self::Bare => !grant.by_role(),
            Self::Roles => grant.by_role(),
        }
    }
}

/// How the rows of the table of grants answer a need.
pub(super) enum Rule {
    /// Any of these.
    AnyOf(&'static [(usize, Kinds)]),
    /// Any of the first; or both of the others, of which one alone leaves it open.
    OrBoth(&'static [(usize, Kinds)], (usize, Kinds), (usize, Kinds)),
    /// Nobody documented it.
    Open,
}

impl Need {
    /// A bare grant of create also edits; in roles the permission to edit alone does.
    // Source: https://confluence.atlassian.com/doc/space-permissions-overview-139521.html
    // Source: https://support.atlassian.com/confluence-cloud/docs/create-and-manage-custom-roles
    pub(super) fn rule(self) -> Rule {
        match self {
            Self::View => Rule::AnyOf(&[(row::VIEW, Kinds::Any)]),
            Self::EditPage => Rule::AnyOf(&[(row::CREATE_PAGE, Kinds::Bare), (row::EDIT_PAGE, Kinds::Any)]),
            Self::EditBlogpost => Rule::OrBoth(
                &[(row::CREATE_BLOGPOST, Kinds::Bare), (row::EDIT_BLOGPOST, Kinds::Any)],
                (row::CREATE_BLOGPOST, Kinds::Roles),
                (row::EDIT_PAGE, Kinds::Roles),
            ),
            Self::CreatePage => Rule::AnyOf(&[(row::CREATE_PAGE, Kinds::Any)]),
            Self::Comment => Rule::AnyOf(&[(row::COMMENT, Kinds::Any)]),
            Self::DeletePage => Rule::AnyOf(&[(row::DELETE_PAGE, Kinds::Any)]),
            Self::DeleteBlogpost => Rule::AnyOf(&[(row::DELETE_BLOGPOST, Kinds::Any)]),
            Self::DeleteComment => Rule::AnyOf(&[(row::DELETE_COMMENT, Kinds::Any)]),
            Self::DeleteAttachment => Rule::AnyOf(&[(row::DELETE_ATTACHMENT, Kinds::Any)]),
            Self::DeleteOwn => Rule::AnyOf(&[(row::DELETE_OWN, Kinds::Any)]),
            Self::Restrict => Rule::AnyOf(&[(row::RESTRICT, Kinds::Any)]),
            Self::Administer => Rule::AnyOf(&[(row::ADMINISTER, Kinds::Any)]),
            Self::Undocumented => Rule::Open,
        }
    }
}

impl IndexedSite {
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
                    [] => Some(nobody(Who::Stranger)),
                    [only] => Some(person(*only)),
                    _ => None,
                },
            },
            SubjectKind::Group => Some(nobody(self.find_group(&subject.id).map_or(Who::StrangeGroup, Who::Group))),
            SubjectKind::Anonymous => Some(nobody(Who::Anonymous)),
            SubjectKind::Unlicensed => Some(self.anybody(Licence::Unlicensed, Denied, None)),
            SubjectKind::AccessClass => Some(match Subject::class(&subject.id).id.as_str() {
                "anonymous-users" => nobody(Who::Anonymous),
                "all-licensed-users" => self.anybody(Licence::Licensed, Denied, Some(Class::AllLicensed)),
                "all-product-admins" => self.anybody(Licence::Licensed, Allowed, Some(Class::ProductAdmins)),
                "authenticated-users" => self.anybody(Licence::Unlicensed, Denied, Some(Class::Authenticated)),
                "jsm-project-admins" => self.anybody(Licence::Unknown, Unknown, Some(Class::JsmProjectAdmins)),
                _ => {
                    let at = self.opaque.iter().position(|other| other == subject)?;
                    self.anybody(Licence::Unknown, Unknown, Some(Class::Other(u32::try_from(at).ok()?)))
                }
            }),
            SubjectKind::Other(kind) if kind == "anyone_with_link" => Some(nobody(Who::LinkHolder)),
            SubjectKind::Other(kind) if kind == "email" => match self.people_with_email(&subject.id).as_slice() {
                [only] => Some(person(*only)),
                _ => None,
            },
            SubjectKind::Unknown | SubjectKind::Other(_) => None,
        }
    }

    fn anybody(&self, licence: Licence, product_admin: Decision, class: Option<Class>) -> Actor {
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
        Actor { who: Who::Anybody(class), traits }
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
    pub(super) fn belongs(&self, actor: &Actor, principal: Principal) -> Decision {
        match principal {
            Principal::User(at) => yes(actor.who == Who::Person(at)),
            _ if actor.traits.gone && !matches!(principal, Principal::Group(_)) => Denied,
            Principal::Group(at) => self.belongs_to_group(actor, at),
            Principal::Anonymous => self.served_as_anonymous(actor),
            Principal::Unlicensed => self.served_as_unlicensed(actor),
            Principal::Class(class) => self.belongs_to_class(actor, class),
            Principal::Opaque(at) => match actor.who {
                // Whatever a team is, neither anonymous nor everybody of a class is in one.
                Who::Anonymous | Who::LinkHolder | Who::Anybody(_) if self.is_team(at) => Denied,
                _ => Unknown,
            },
        }
    }

    /// Whether a principal of a kind without rules of its own is a team.
    fn is_team(&self, at: u32) -> bool {
        self.opaque.get(at as usize).is_some_and(|subject| subject.kind.as_str() == "team")
    }

    fn belongs_to_group(&self, actor: &Actor, at: u32) -> Decision {
        let Some(group) = self.groups.get(at as usize) else { return Denied };
        match actor.who {
            Who::Person(person) => group.contains(person),
            Who::Stranger if group.incomplete => Unknown,
            Who::Group(other) if other == at => Allowed,
            // A group inside the group passes as its members do.
            Who::Group(other) if group.reach.contains(other) => self.switches.nested,
            Who::Group(_) | Who::StrangeGroup if group.incomplete && self.switches.nested != Denied => Unknown,
            _ => Denied,
        }
    }

    // Source: https://support.atlassian.com/confluence-cloud/docs/what-are-user-classes
    fn belongs_to_class(&self, actor: &Actor, class: Class) -> Decision {
        match actor.who {
            Who::Anonymous | Who::LinkHolder => return if matches!(class, Class::Other(_)) { Unknown } else { Denied },
            // Whether a question about a group counts what everybody has is not documented.
            Who::Group(_) | Who::StrangeGroup => return Unknown,
            Who::Anybody(Some(own)) if own == class => return Allowed,
            _ => {}
        }
        let traits = &actor.traits;
        match class {
            Class::AllLicensed => match (traits.guest, traits.licence) {
                (_, Licence::Unlicensed) => Denied,
                (Allowed, _) => self.switches.guests_licensed,
                (Denied, Licence::Licensed | Licence::Assumed) => Allowed,
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
            Class::JsmProjectAdmins if matches!(actor.who, Who::Anybody(_)) => Denied,
            Class::JsmProjectAdmins | Class::Other(_) => Unknown,
        }
    }

    /// Whether an anonymous grant serves the subject.
    // Source: https://confluence.atlassian.com/x/WCUCLg
    // Source: https://support.atlassian.com/confluence-cloud/docs/what-can-guests-see-and-do-on-confluence/
    fn served_as_anonymous(&self, actor: &Actor) -> Decision {
        let site = &self.switches;
        let licensed = || {
            let off = match site.enforced {
                Allowed => Denied,
                Denied => site.anonymous_site_off,
                Unknown => site.anonymous_site_off.and(Unknown),
            };
            choose(site.anonymous, site.anonymous_logged_in, off)
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
            Who::Anonymous | Who::LinkHolder => {
                // Off and enforced, the grant serves nobody. Merely off, the site gate stops anonymous.
                if site.anonymous == Denied && site.enforced == Allowed { Denied } else { Allowed }
            }
            Who::Group(_) | Who::StrangeGroup => {
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
            (Who::Anonymous | Who::LinkHolder, _) => Denied,
            (Who::Group(_) | Who::StrangeGroup, _) => {
                if self.switches.unlicensed_covers == Denied {
                    Denied
                } else {
                    Unknown
                }
            }
            (_, Licence::Unlicensed) => Allowed,
            (_, Licence::Unknown) => {
                if self.switches.unlicensed_covers == Allowed {
                    Allowed
                } else {
                    Unknown
                }
            }
            _ => self.switches.unlicensed_covers,
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

    fn row(&self, actor: &Actor, space: &SpaceFacts, (row, kinds): (usize, Kinds), scope: Scope) -> Decision {
        let grants = space.grants.get(row).map_or(&[][..], Vec::as_slice);
        self.any_of(actor, grants.iter().filter(|grant| kinds.counts(**grant)), scope)
    }

    fn any_of<'a>(&self, actor: &Actor, grants: impl Iterator<Item = &'a Grant>, scope: Scope) -> Decision {
        let mut best = Denied;
        for grant in grants {
            if scope == Scope::All || self.open(grant.principal) {
                best = best.or(self.belongs(actor, grant.principal));
                if best == Allowed {
                    break;
                }
            }
        }
        best
    }

    /// Whether the stored grants of a space, and the gaps in them, give a permission.
    pub(super) fn granted(&self, actor: &Actor, space: &SpaceFacts, need: Need, scope: Scope) -> Decision {
        let any = |rows: &[(usize, Kinds)]| {
            rows.iter().fold(Denied, |best, row| best.or(self.row(actor, space, *row, scope)))
        };
        let stored = match need.rule() {
            Rule::AnyOf(rows) => any(rows),
            Rule::OrBoth(rows, one, other) => {
                let (one, other) = (self.row(actor, space, one, scope), self.row(actor, space, other, scope));
                any(rows).or(both_or_open(one, other))
            }
            Rule::Open => Unknown,
        };
        let perhaps = stored != Allowed && (space.unread || self.any_of(actor, space.vague.iter(), scope) != Denied);
        stored.or(if perhaps { Unknown } else { Denied }).or(self.granted_by_free_plan(actor, space, need))
    }

    /// On the Free plan a space without any stored grant serves every licensed user.
    // Source: https://support.atlassian.com/confluence-cloud/docs/manage-permissions-in-the-free-edition-of-confluence-cloud
    pub(super) fn granted_by_free_plan(&self, actor: &Actor, space: &SpaceFacts, need: Need) -> Decision {
        if space.any || self.switches.free == Denied {
            return Denied;
        }
        let served = match (actor.who, actor.traits.licence) {
            (Who::Anonymous | Who::LinkHolder, _) | (_, Licence::Unlicensed) => Denied,
            (Who::Group(_) | Who::StrangeGroup, _) | (_, Licence::Unknown | Licence::App) => Unknown,
            _ => Allowed,
        };
        self.switches.free.and(served).and(need.documented_by_free_plan())
    }

    /// Which grants count for the subject in a space.
    pub(super) fn scope(&self, actor: &Actor, space: &SpaceFacts) -> Scope {
        let unlicensed = actor.traits.licence == Licence::Unlicensed && !matches!(actor.who, Who::Anonymous);
        if unlicensed && self.granted(actor, space, Need::View, Scope::Open) != Denied {
            Scope::Open
        } else {
            Scope::All
        }
    }

    /// May the subject use the site. For people without a licence, and for anonymous, that depends on the space.
    pub(super) fn site_gate(&self, actor: &Actor, space: &SpaceFacts) -> Answer {
        match actor.who {
            Who::Anonymous | Who::LinkHolder => match self.switches.anonymous {
                Allowed => PASS,
                Denied => stop(Reason::AnonymousDisabled),
                // Where the space gives anonymous nothing, the question does not arise.
                Unknown if self.granted(actor, space, Need::View, Scope::All) == Denied => (Unknown, Reasons::NONE),
                Unknown => doubt(Reason::SiteAccess),
            },
            Who::Group(_) | Who::StrangeGroup => PASS,
            Who::Stranger => doubt(Reason::SiteAccess),
            Who::Person(_) | Who::Anybody(_) => {
                let traits = &actor.traits;
                if traits.active == Denied {
                    return stop(Reason::Deactivated);
                }
                match traits.licence {
                    _ if traits.active == Unknown => doubt(Reason::SiteAccess),
                    Licence::Licensed | Licence::App => PASS,
                    Licence::Assumed => (Allowed, Reason::LicenceAssumed.into()),
                    Licence::Unknown => doubt(Reason::SiteAccess),
                    Licence::Unlicensed => match self.granted(actor, space, Need::View, Scope::Open) {
                        Allowed => PASS,
                        Unknown => doubt(Reason::SiteAccess),
                        Denied => stop(Reason::NotLicensed),
                    },
                }
            }
        }
    }

    /// Does the site accept changes.
    pub(super) fn mode_gate(&self, operation: Operation) -> Answer {
        match self.switches.read_only {
            _ if operation == Operation::View => PASS,
            Denied => PASS,
            Allowed => stop(Reason::ReadOnly),
            Unknown => doubt(Reason::UnknownReadOnly),
        }
    }

    /// Does the space accept changes.
    pub(super) fn space_state_gate(&self, space: &SpaceFacts, operation: Operation) -> Answer {
        if space.archived && operation != Operation::View { doubt(Reason::ArchivedSpace) } else { PASS }
    }

    /// Does the state of the content allow it.
    pub(super) fn state_gate(&self, actor: &Actor, at: u32, operation: Operation) -> Answer {
        let own = match (self.node(at).map(|node| node.state), operation) {
            (Some(State::Draft), _) => self.draft_gate(actor, at),
            (Some(State::Archived), Operation::View) => PASS,
            (Some(State::Archived), Operation::Edit) => stop(Reason::Archived),
            (Some(State::Archived), _) => doubt(Reason::ArchivedContent),
            (Some(State::Odd), _) => doubt(Reason::State),
            _ => PASS,
        };
        // What a comment or an attachment belongs to is not known, and with it whether that is a draft: not even a bypass
        // opens a draft.
        let carried = self.node(at).is_some_and(|node| matches!(node.kind, Kind::Comment | Kind::Attachment));
        if carried && own.0 != Denied { doubt(Reason::AncestorMissing) } else { own }
    }

    /// A draft is for its creator and those it was shared with.
    fn draft_gate(&self, actor: &Actor, at: u32) -> Answer {
        let Some(content) = self.content(at) else { return doubt(Reason::DraftSharing) };
        let author = content.author_id.as_deref().map(|id| self.find_person(id));
        if let (Some(Some(author)), Who::Person(person)) = (author, actor.who)
            && author == person
        {
            return PASS;
        }
        let may_be_author = author.is_none() && matches!(actor.who, Who::Person(_) | Who::Stranger);
        let shared = match &content.shared_with {
            None if matches!(actor.who, Who::Anonymous | Who::LinkHolder) => Denied,
            None => Unknown,
            Some(list) => list.iter().fold(Denied, |best, subject| best.or(self.belongs_to_subject(actor, subject))),
        };
        match shared.or(if may_be_author { Unknown } else { Denied }) {
            Allowed => PASS,
            Unknown => doubt(Reason::DraftSharing),
            Denied => stop(Reason::Draft),
        }
    }

    /// As [`Self::belongs`], for a principal that is in no table.
    pub(super) fn belongs_to_subject(&self, actor: &Actor, subject: &Subject) -> Decision {
        match &subject.kind {
            SubjectKind::User => match (actor.who, self.find_person(&subject.id)) {
                (Who::Person(person), Some(at)) => yes(person == at),
                // Neither is named anywhere else: they may be the same.
                (Who::Stranger, None) => Unknown,
                _ => Denied,
            },
            SubjectKind::Group => {
                self.find_group(&subject.id).map_or(Denied, |at| self.belongs(actor, Principal::Group(at)))
            }
            SubjectKind::Anonymous => self.belongs(actor, Principal::Anonymous),
            _ => Unknown,
        }
    }

    /// View, or another permission, in a space.
    pub(super) fn space_gate(&self, actor: &Actor, space: &SpaceFacts, need: Need, scope: Scope) -> Answer {
        if need == Need::Undocumented {
            return doubt(Reason::UnknownOperation);
        }
        match self.granted(actor, space, need, scope) {
            Allowed => PASS,
            Unknown => doubt(Reason::UnknownSpace),
            Denied => stop(need.missing()),
        }
    }

    /// A list with at least one entry: who is on it passes. Vanished groups keep it closed, open it or leave it open.
    fn listed(&self, actor: &Actor, list: &[Principal]) -> Answer {
        let vanished = |principal: &Principal| match principal {
            Principal::Group(at) => self.groups.get(*at as usize).is_none_or(|group| !group.exists),
            _ => false,
        };
        let best = list.iter().fold(Denied, |best, principal| best.or(self.belongs(actor, *principal)));
        match best {
            Allowed => PASS,
            Unknown => doubt(Reason::Principal),
            // Source: https://confluence.atlassian.com/security/confluence-groups-for-administrators-1409093160.html
            Denied if list.iter().all(vanished) => match self.switches.vanished {
                Vanished::Nobody => (Denied, Reasons::NONE),
                Vanished::Opens => PASS,
                Vanished::Unknown => doubt(Reason::VanishedGroup),
            },
            Denied => (Denied, Reasons::NONE),
        }
    }

    /// One view list. An empty list means open, an unread one does not.
    pub(super) fn view_layer(&self, actor: &Actor, at: u32, position: Position) -> Answer {
        let Some(node) = self.node(at) else { return doubt(Reason::AncestorMissing) };
        let list = self.view_list(at);
        if list.is_empty() {
            return empty_layer(node, position);
        }
        let (mut decision, mut reasons) = self.listed(actor, list);
        if decision == Denied && node.unread != Unread::No {
            (decision, reasons) = doubt(Reason::Unreadable);
        }
        let edit = self.edit_list(at);
        if decision != Allowed && !edit.is_empty() {
            let passes = match position {
                Position::Own | Position::Container => self.switches.edit_passes_own,
                Position::Above => self.switches.edit_passes_below,
            };
            let on_edit_list = edit.iter().fold(Denied, |best, entry| best.or(self.belongs(actor, *entry)));
            let through = on_edit_list.and(passes);
            if through == Allowed {
                return PASS;
            }
            if through == Unknown {
                decision = Unknown;
                let cause = if passes == Unknown { Reason::EditEntry } else { Reason::Principal };
                reasons.add(cause.into());
            }
        }
        if decision == Denied {
            reasons = match position {
                Position::Own => Reason::OwnView,
                Position::Container | Position::Above => Reason::InheritedView,
            }
            .into();
        }
        (decision, reasons)
    }

    /// One edit list.
    pub(super) fn edit_layer(&self, actor: &Actor, at: u32, position: Position) -> Answer {
        let Some(node) = self.node(at) else { return doubt(Reason::AncestorMissing) };
        let list = self.edit_list(at);
        if list.is_empty() {
            return empty_layer(node, position);
        }
        match self.listed(actor, list) {
            (Denied, _) if node.unread != Unread::No => doubt(Reason::Unreadable),
            (Denied, _) if position == Position::Own => stop(Reason::OwnEdit),
            (Denied, _) => stop(Reason::InheritedEdit),
            other => other,
        }
    }

    /// Visits the layers of a content, its own first, up to the root of its tree.
    pub(super) fn walk(&self, content: u32, mut visit: impl FnMut(Step)) {
        let mut position = Position::Own;
        let mut binds = Allowed;
        let mut at = content;
        let mut levels = 0;
        // Only a chain that is known to run in a circle has to be watched.
        let mut seen: Vec<u32> = Vec::new();
        while let Some(node) = self.node(at) {
            if node.cyclic {
                if seen.contains(&at) {
                    visit(Step::Broken);
                    return;
                }
                seen.push(at);
            }
            visit(Step::Layer { node: at, position, levels, binds });
            let carried = matches!(node.kind, Kind::Comment | Kind::Attachment);
            if !carried && position != Position::Above {
                // Here ends what the content is or belongs to; above it begins what it inherits.
                if node.state == State::Archived {
                    // Source: https://jira.atlassian.com/browse/CONFCLOUD-83913
                    match self.switches.archived_drops {
                        Allowed => return,
                        Unknown => binds = Unknown,
                        Denied => {}
                    }
                }
                position = Position::Above;
            } else if carried && position == Position::Own {
                position = Position::Container;
            }
            levels += 1;
            match node.parent {
                ROOT => return,
                MISSING => {
                    visit(Step::Broken);
                    return;
                }
                parent => at = parent,
            }
        }
    }

    /// The content whose state decides: of a comment or an attachment what it belongs to, as far as that is known.
    pub(super) fn bearer(&self, content: u32) -> u32 {
        let mut bearer = content;
        if self.node(content).is_some_and(|node| matches!(node.kind, Kind::Comment | Kind::Attachment)) {
            self.walk(content, |step| {
                if let Step::Layer { node, position: Position::Own | Position::Container, .. } = step {
                    bearer = node;
                }
            });
        }
        bearer
    }

    /// What one step of the walk comes to for viewing.
    pub(super) fn view_step(&self, actor: &Actor, step: Step) -> Answer {
        match step {
            Step::Broken => doubt(Reason::AncestorMissing),
            Step::Layer { node, position, binds, .. } => match self.view_layer(actor, node, position) {
                (Allowed, reasons) => (Allowed, reasons),
                (_, _) if binds == Unknown => doubt(Reason::ArchivedContent),
                other => other,
            },
        }
    }

    /// What one step of the walk comes to for editing: the content's own list, and those above only where the policy
    /// inherits them.
    pub(super) fn edit_step(&self, actor: &Actor, step: Step) -> Answer {
        match step {
            Step::Layer { node, position: Position::Own, .. } => self.edit_layer(actor, node, Position::Own),
            Step::Layer { node, position, .. } if self.switches.edit_inherited != Denied => {
                match self.edit_layer(actor, node, position) {
                    (Denied, _) if self.switches.edit_inherited == Unknown => doubt(Reason::EditListInherited),
                    (decision, reasons) => (decision, reasons),
                }
            }
            _ => PASS,
        }
    }

    /// The permission in the space an operation on a type needs beside view.
    pub(super) fn need(&self, kind: Kind, operation: Operation) -> Option<Need> {
        match (operation, kind) {
            (Operation::View, _) => None,
            (Operation::Edit | Operation::RemoveRestrictions, Kind::Page) => Some(Need::EditPage),
            (Operation::Edit | Operation::RemoveRestrictions, Kind::Blogpost) => Some(Need::EditBlogpost),
            (Operation::Edit | Operation::RemoveRestrictions, _) => Some(Need::Undocumented),
            (Operation::Comment, _) => Some(Need::Comment),
            (Operation::Delete, Kind::Page) => Some(Need::DeletePage),
            (Operation::Delete, Kind::Blogpost) => Some(Need::DeleteBlogpost),
            (Operation::Delete, Kind::Comment) => Some(Need::DeleteComment),
            (Operation::Delete, Kind::Attachment) => Some(Need::DeleteAttachment),
            (Operation::Delete, Kind::Other) => Some(Need::Undocumented),
            (Operation::CreatePage, Kind::Page | Kind::Other) => Some(Need::CreatePage),
            (Operation::CreatePage, _) => Some(Need::Undocumented),
        }
    }

    /// The permission an operation needs, with the right to delete one's own.
    pub(super) fn need_gate(
        &self,
        actor: &Actor,
        space: &SpaceFacts,
        content: u32,
        operation: Operation,
        scope: Scope,
    ) -> Answer {
        let Some(need) = self.node(content).and_then(|node| self.need(node.kind, operation)) else { return PASS };
        let answer = self.space_gate(actor, space, need, scope);
        if operation != Operation::Delete || answer.0 == Allowed || need == Need::Undocumented {
            return answer;
        }
        let author = self.content(content).and_then(|content| content.author_id.as_deref());
        let own = match (author, actor.who) {
            (Some(id), Who::Person(person)) => yes(self.find_person(id) == Some(person)),
            (None, Who::Person(_) | Who::Stranger) => Unknown,
            // Neither is named anywhere else: they may be the same.
            (Some(id), Who::Stranger) if self.find_person(id).is_none() => Unknown,
            _ => Denied,
        };
        match own.and(self.granted(actor, space, Need::DeleteOwn, scope)) {
            Allowed => PASS,
            Unknown => doubt(Reason::UnknownSpace),
            Denied => answer,
        }
    }

    /// The edit list beside a deletion.
    pub(super) fn delete_gate(&self, actor: &Actor, content: u32) -> Answer {
        match (self.edit_layer(actor, content, Position::Own), self.switches.delete_needs_entry) {
            ((Allowed, reasons), _) => (Allowed, reasons),
            (_, Denied) => PASS,
            (_, Unknown) => doubt(Reason::DeleteUnderEdit),
            (other, Allowed) => other,
        }
    }

    /// Everything but bypass and exposure.
    fn standing(&self, actor: &Actor, operation: Operation, content: u32, space: &SpaceFacts, frame: Sum) -> Sum {
        let scope = self.scope(actor, space);
        let mut sum = frame;
        sum.add(self.space_gate(actor, space, Need::View, scope));
        sum.add(self.need_gate(actor, space, content, operation, scope));
        let edits = matches!(operation, Operation::Edit | Operation::RemoveRestrictions);
        let carried = self.node(content).is_some_and(|node| matches!(node.kind, Kind::Comment | Kind::Attachment));
        self.walk(content, |step| {
            sum.add(self.view_step(actor, step));
            if edits && !carried {
                sum.add(self.edit_step(actor, step));
            }
        });
        if operation == Operation::Delete && !carried {
            sum.add(self.delete_gate(actor, content));
        }
        if operation == Operation::RemoveRestrictions {
            return self.may_remove_restrictions(actor, space, scope, frame, sum);
        }
        sum
    }

    /// Restrictions may be removed by an administrator of the space, on Data Center by a system administrator, and by
    /// whoever may edit and change restrictions.
    // Source: https://support.atlassian.com/confluence/kb/confluence-admin-permission-levels-explained/
    fn may_remove_restrictions(
        &self,
        actor: &Actor,
        space: &SpaceFacts,
        scope: Scope,
        frame: Sum,
        mut editing: Sum,
    ) -> Sum {
        let admin = self.administers(actor, space, scope).or(self.administers_system(actor));
        if frame.decision.and(admin) == Allowed {
            return frame;
        }
        editing.add(self.space_gate(actor, space, Need::Restrict, scope));
        if admin == Unknown {
            editing.reasons.add(Reason::UnknownSpace.into());
        }
        Sum { decision: editing.decision.or(frame.decision.and(admin)), reasons: editing.reasons }
    }

    /// Whether the subject administers the space. View is the guard permission: without it no other one counts.
    pub(super) fn administers(&self, actor: &Actor, space: &SpaceFacts, scope: Scope) -> Decision {
        let view = self.granted(actor, space, Need::View, scope);
        view.and(self.granted(actor, space, Need::Administer, scope))
    }

    /// Whether the subject is a system administrator (Data Center).
    pub(super) fn administers_system(&self, actor: &Actor) -> Decision {
        match actor.who {
            Who::Person(_) | Who::Stranger if !self.switches.cloud => actor.traits.system_admin,
            _ => Denied,
        }
    }

    /// Whether the subject passes restrictions and space permissions without being granted anything: the bypass, and
    /// whether it works for the operation.
    pub(super) fn bypass(&self, actor: &Actor, operation: Operation) -> Option<(&'static str, Reason, Decision)> {
        let Who::Person(person) = actor.who else { return None };
        if self.switches.cloud {
            // Source: https://support.atlassian.com/confluence-cloud/docs/bypass-access-restrictions-on-a-page-with-admin-key
            return actor.traits.admin_key.then_some(("admin_key", Reason::AdminKey, Allowed));
        }
        // Source: https://support.atlassian.com/confluence/kb/unable-to-access-any-restricted-pages-as-administrator/
        let group = self.groups.get(self.super_group? as usize)?;
        if group.contains(person) != Allowed {
            return None;
        }
        let works = if operation == Operation::Edit { self.switches.super_edit } else { self.switches.super_view };
        Some(("super_group", Reason::SuperGroup, works))
    }

    /// Whether a public link opens the content to whoever knows it.
    // Source: https://support.atlassian.com/confluence-cloud/docs/how-secure-are-public-links
    pub(super) fn public_link(&self, content: u32) -> Decision {
        let Some(row) = self.content(content) else { return Denied };
        let space = self
            .space_of(content)
            .and_then(|space| self.snapshot.spaces.get(space.row as usize))
            .map_or(Allowed, |space| yes(space.public_links_enabled != Some(false)));
        let on = row.public_link.map_or(Unknown, yes);
        let current = match self.node(content).map(|node| node.state) {
            Some(State::Current) => Allowed,
            Some(State::Odd) => Unknown,
            _ => Denied,
        };
        on.and(space).and(current).and(self.switches.public_links)
    }

    /// The answer to a question.
    pub(super) fn rule(&self, actor: Option<&Actor>, operation: Operation, content: u32) -> Ruling {
        let bearer = self.bearer(content);
        let trashed = |at: u32| self.node(at).is_some_and(|node| node.state == State::Trashed);
        if trashed(content) || trashed(bearer) {
            return Ruling::without_decision(Verdict::NotCurrent, Reason::NotCurrent.into());
        }
        let Some(space) = self.space_of(content) else {
            return Ruling::without_decision(Verdict::Unknown, Reason::UnknownSpace.into());
        };
        let Some(actor) = actor else {
            return Ruling::without_decision(Verdict::Unknown, Reason::Identity.into());
        };
        let mut frame = Sum::new();
        frame.add(self.site_gate(actor, space));
        frame.add(self.mode_gate(operation));
        frame.add(self.space_state_gate(space, operation));
        frame.add(self.state_gate(actor, bearer, operation));
        let standing = self.standing(actor, operation, content, space, frame);
        let mut ruling = Ruling {
            verdict: standing.decision.into(),
            standing: Some(standing.decision),
            bypass: None,
            exposure: None,
            reasons: standing.reasons,
        };
        if standing.decision == Allowed {
            return ruling;
        }
        if let Some((name, reason, works)) = self.bypass(actor, operation) {
            // A bypass opens space and restrictions, never the site gate, read-only mode or the state of the content.
            match frame.decision.and(works) {
                Allowed => {
                    return Ruling { verdict: Verdict::Allowed, bypass: Some(name), reasons: reason.into(), ..ruling };
                }
                Unknown => {
                    ruling.verdict = Verdict::Unknown;
                    if works == Unknown {
                        ruling.reasons.add(Reason::UnknownBypass.into());
                    }
                }
                Denied => {}
            }
        }
        if actor.who == Who::LinkHolder && operation == Operation::View {
            match self.public_link(content) {
                Allowed => {
                    return Ruling {
                        verdict: Verdict::Allowed,
                        exposure: Some("public_link"),
                        reasons: Reason::PublicLink.into(),
                        ..ruling
                    };
                }
                Unknown => {
                    ruling.verdict = Verdict::Unknown;
                    ruling.reasons.add(Reason::UnknownPublicLink.into());
                }
                Denied => {}
            }
        }
        ruling
    }
}

/// An empty list: open, unless it was not read or is not to be believed.
fn empty_layer(node: &Node, position: Position) -> Answer {
    match node.unread {
        // Source: https://jira.atlassian.com/browse/CONFCLOUD-77618
        Unread::NotFound if position == Position::Above => (Allowed, Reason::AncestorNotFound.into()),
        Unread::NotFound | Unread::Failed => doubt(Reason::Unreadable),
        Unread::NotTrusted => doubt(Reason::EmptyNotTrusted),
        Unread::No if node.untrusted => doubt(Reason::EmptyNotTrusted),
        Unread::No => PASS,
    }
}

/// Both are enough; one alone leaves it open.
pub(super) fn both_or_open(one: Decision, other: Decision) -> Decision {
    match (one.and(other), one.or(other)) {
        (Allowed, _) => Allowed,
        (_, Denied) => Denied,
        _ => Unknown,
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

#[cfg(test)]
mod tests {
    use super::super::site::permission_row;
    use super::*;
    use crate::model::Permission;

    #[test]
    fn the_rows_of_the_table_of_grants_are_those_of_the_vocabulary() {
        let rows = [
            (Permission::View, row::VIEW),
            (Permission::CreatePage, row::CREATE_PAGE),
            (Permission::EditPage, row::EDIT_PAGE),
            (Permission::CreateBlogpost, row::CREATE_BLOGPOST),
            (Permission::EditBlogpost, row::EDIT_BLOGPOST),
            (Permission::CreateComment, row::COMMENT),
            (Permission::DeletePage, row::DELETE_PAGE),
            (Permission::DeleteBlogpost, row::DELETE_BLOGPOST),
            (Permission::DeleteComment, row::DELETE_COMMENT),
            (Permission::DeleteAttachment, row::DELETE_ATTACHMENT),
            (Permission::DeleteOwn, row::DELETE_OWN),
            (Permission::Restrict, row::RESTRICT),
            (Permission::Administer, row::ADMINISTER),
        ];
        for (permission, row) in rows {
            assert_eq!(permission_row(&permission), Some(row), "{permission}");
        }
    }
}
