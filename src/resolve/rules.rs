//! The gates, each a function from a subject and a place to an answer and its reasons, and the one function that
//! combines them. It allocates nothing: a plain question takes well under a microsecond or a few.

use super::chain::{Position, Step};
use super::codes::{Reason, Reasons};
use super::needs::{Kinds, Need, Rule};
use super::site::{Grant, IndexedSite, Kind, Licence, Node, Principal, SpaceFacts, State, Unread, yes};
use super::who::{Actor, Who};
use crate::model::{Decision, Operation, Subject, SubjectKind, VanishedGroups, Verdict};

use Decision::{Allowed, Denied, Unknown};

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

/// Which grants count for a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    /// All.
    All,
    /// Only those that serve people without a licence.
    Open,
}

impl IndexedSite {
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
        if space.any || self.conditions.free == Denied {
            return Denied;
        }
        let served = match (actor.who, actor.traits.licence) {
            (Who::Anonymous | Who::PublicLink, _) | (_, Licence::Unlicensed) => Denied,
            (Who::Group(_) | Who::UnknownGroup, _) | (_, Licence::Unknown | Licence::App) => Unknown,
            _ => Allowed,
        };
        self.conditions.free.and(served).and(need.documented_by_free_plan())
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
            Who::Anonymous | Who::PublicLink => match self.conditions.anonymous {
                Allowed => PASS,
                Denied => stop(Reason::AnonymousDisabled),
                // Where the space gives anonymous nothing, the question does not arise.
                Unknown if self.granted(actor, space, Need::View, Scope::All) == Denied => (Unknown, Reasons::NONE),
                Unknown => doubt(Reason::SiteAccess),
            },
            Who::Group(_) | Who::UnknownGroup => PASS,
            Who::UnknownUser => doubt(Reason::SiteAccess),
            Who::Person(_) | Who::AnyMember(_) => {
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
        match self.conditions.read_only {
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
            (Some(State::Unrecognized), _) => doubt(Reason::State),
            _ => PASS,
        };
        // What a comment or an attachment belongs to is not known, and with it whether that is a draft: not even a bypass
        // opens a draft.
        let attached = self.node(at).is_some_and(|node| matches!(node.kind, Kind::Comment | Kind::Attachment));
        if attached && own.0 != Denied { doubt(Reason::AncestorMissing) } else { own }
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
        let may_be_author = author.is_none() && matches!(actor.who, Who::Person(_) | Who::UnknownUser);
        let shared = match &content.shared_with {
            None if matches!(actor.who, Who::Anonymous | Who::PublicLink) => Denied,
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
                (Who::UnknownUser, None) => Unknown,
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
            Denied if list.iter().all(vanished) => match self.policy.only_vanished_groups {
                VanishedGroups::Nobody => (Denied, Reasons::NONE),
                VanishedGroups::Opens => PASS,
                VanishedGroups::Unknown => doubt(Reason::VanishedGroup),
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
                Position::Own | Position::Container => self.policy.update_implies_read_same_node,
                Position::Above => self.policy.update_implies_read_inherited,
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
            Step::Layer { node, position, .. } if self.policy.edit_inherited != Denied => {
                match self.edit_layer(actor, node, position) {
                    (Denied, _) if self.policy.edit_inherited == Unknown => doubt(Reason::EditListInherited),
                    (decision, reasons) => (decision, reasons),
                }
            }
            _ => PASS,
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
            (None, Who::Person(_) | Who::UnknownUser) => Unknown,
            // Neither is named anywhere else: they may be the same.
            (Some(id), Who::UnknownUser) if self.find_person(id).is_none() => Unknown,
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
        match (self.edit_layer(actor, content, Position::Own), self.policy.delete_needs_update_entry) {
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
        let attached = self.node(content).is_some_and(|node| matches!(node.kind, Kind::Comment | Kind::Attachment));
        self.walk(content, |step| {
            sum.add(self.view_step(actor, step));
            if edits && !attached {
                sum.add(self.edit_step(actor, step));
            }
        });
        if operation == Operation::Delete && !attached {
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
            Who::Person(_) | Who::UnknownUser if !self.conditions.cloud => actor.traits.system_admin,
            _ => Denied,
        }
    }

    /// Whether the subject passes restrictions and space permissions without being granted anything: the bypass, and
    /// whether it works for the operation.
    pub(super) fn bypass(&self, actor: &Actor, operation: Operation) -> Option<(&'static str, Reason, Decision)> {
        let Who::Person(person) = actor.who else { return None };
        if self.conditions.cloud {
            // Source: https://support.atlassian.com/confluence-cloud/docs/bypass-access-restrictions-on-a-page-with-admin-key
            return actor.traits.admin_key.then_some(("admin_key", Reason::AdminKey, Allowed));
        }
        // Source: https://support.atlassian.com/confluence/kb/unable-to-access-any-restricted-pages-as-administrator/
        let group = self.groups.get(self.super_group? as usize)?;
        if group.contains(person) != Allowed {
            return None;
        }
        let works =
            if operation == Operation::Edit { self.policy.super_group_edit } else { self.policy.super_group_view };
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
            Some(State::Unrecognized) => Unknown,
            _ => Denied,
        };
        on.and(space).and(current).and(self.conditions.public_links)
    }

    /// The answer to a question.
    pub(super) fn rule(&self, actor: Option<&Actor>, operation: Operation, content: u32) -> Ruling {
        let host = self.host(content);
        let trashed = |at: u32| self.node(at).is_some_and(|node| node.state == State::Trashed);
        if trashed(content) || trashed(host) {
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
        frame.add(self.state_gate(actor, host, operation));
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
        if actor.who == Who::PublicLink && operation == Operation::View {
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
