//! The rule book: which rules a question has to pass, what each comes to, and how they add up. It is written once, over
//! [`Asker`]: for one actor its answers are decisions with reasons, for the population sets of people. Explanations ask
//! the same rules one by one. For one actor it allocates nothing.

use serde::Serialize;

use super::answer::{Answer, PASS, doubt, note, stop};
use super::asker::Asker;
use super::chain::{Layer, Position};
use super::codes::{Reason, Reasons};
use super::needs::{GrantRows, Kinds, Need};
use super::site::{IndexedSite, NONE, Node, Principal, SpaceFacts, State, Unread};
use super::who::{Actor, Who};
use crate::model::{Decision, Operation, Subject, SubjectKind, VanishedGroups, Verdict};

use Decision::{Allowed, Denied, Unknown};

/// One of several ways to be allowed. A subject that passes all gates of one way, and those every way needs, is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By permission to edit the content and change restrictions.
    Editor,
    /// As an administrator of the space.
    SpaceAdmin,
    /// As a system administrator (Data Center).
    SystemAdmin,
}

impl Way {
    /// What it is called in a sentence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Editor => "as somebody who may edit it and change restrictions",
            Self::SpaceAdmin => "as an administrator of the space",
            Self::SystemAdmin => "as a system administrator",
        }
    }
}

/// A rule of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The subject may use the site.
    Site,
    /// The site accepts changes.
    SiteMode,
    /// The subject has a permission in the space.
    Permission(Need),
    /// The space accepts changes.
    SpaceState,
    /// The state of the content allows it.
    State,
    /// A view list.
    ViewList(Layer),
    /// The lists above the contents that are known.
    MissingAncestor,
    /// An edit list.
    EditList(Layer),
    /// The content's own edit list, for a deletion.
    DeleteList(Layer),
    SpaceAdmin,
    SystemAdmin,
}

impl Rule {
    /// The way it belongs to; `None`: a precondition of every way, and of every bypass.
    pub(super) fn way(self) -> Option<Way> {
        match self {
            Self::Site | Self::SiteMode | Self::SpaceState | Self::State => None,
            Self::Permission(_)
            | Self::ViewList(_)
            | Self::MissingAncestor
            | Self::EditList(_)
            | Self::DeleteList(_) => Some(Way::Editor),
            Self::SpaceAdmin => Some(Way::SpaceAdmin),
            Self::SystemAdmin => Some(Way::SystemAdmin),
        }
    }
}

/// What is asked about: an operation on a content that is not in the trash.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) operation: Operation,
    pub(super) content: u32,
    /// The content whose state decides.
    pub(super) host: u32,
    pub(super) node: &'a Node,
    pub(super) space: &'a SpaceFacts,
}

/// What the rules come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing<T> {
    /// What not even a bypass opens.
    pub(super) preconditions: T,
    /// All rules: standing access.
    pub(super) all: T,
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
    fn without_decision(verdict: Verdict, reason: Reason) -> Self {
        Self { verdict, standing: None, bypass: None, exposure: None, reasons: reason.into() }
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

/// Takes the rules of a question one by one.
pub(super) trait Visitor {
    fn visit(&mut self, rule: Rule);
}

/// Judges the rules of a question as they come and adds them up, a sum for each way.
pub(super) struct Sums<'a, A: Asker> {
    site: &'a IndexedSite,
    who: &'a A,
    target: &'a Target<'a>,
    preconditions: A::Answer,
    editor: A::Answer,
    admin: Option<A::Answer>,
}

impl<A: Asker> Visitor for Sums<'_, A> {
    // The rule is known where this is called: inlined, nothing is left of it but its own arm.
    #[inline(always)]
    fn visit(&mut self, rule: Rule) {
        let answer = self.judge(rule);
        self.add(rule, answer);
    }
}

impl<'a, A: Asker> Sums<'a, A> {
    pub(super) fn new(site: &'a IndexedSite, who: &'a A, target: &'a Target<'a>) -> Self {
        let (preconditions, editor) = (who.fixed(PASS), who.fixed(PASS));
        Self { site, who, target, preconditions, editor, admin: None }
    }

    #[inline(always)]
    pub(super) fn judge(&self, rule: Rule) -> A::Answer {
        self.site.judge(self.who, self.target, rule)
    }

    /// Adds what a rule comes to.
    #[inline(always)]
    pub(super) fn add(&mut self, rule: Rule, answer: A::Answer) {
        let narrow = |sum: &mut A::Answer, answer| {
            let so_far = std::mem::replace(sum, self.who.fixed(PASS));
            *sum = self.who.and(so_far, answer);
        };
        match rule.way() {
            None => narrow(&mut self.preconditions, answer),
            Some(Way::Editor) => narrow(&mut self.editor, answer),
            Some(Way::SpaceAdmin | Way::SystemAdmin) => {
                self.admin = Some(match self.admin.take() {
                    None => answer,
                    Some(other) => self.who.or(other, || answer),
                });
            }
        }
    }

    pub(super) fn standing(self) -> Standing<A::Answer> {
        let editor = self.who.and(self.preconditions.clone(), self.editor);
        let all = match self.admin {
            Some(admin) => self.who.or(self.who.and(self.preconditions.clone(), admin), || editor),
            None => editor,
        };
        Standing { preconditions: self.preconditions, all }
    }
}

// ---- which rules apply, and how they add up --------------------------------------------------------------------------

impl IndexedSite {
    /// What an operation on a content has to pass.
    ///
    /// # Errors
    /// The ruling, where there is nothing to decide.
    pub(super) fn target(&self, operation: Operation, content: u32) -> Result<Target<'_>, Ruling> {
        let host = self.host(content);
        let trashed = |at: u32| self.node(at).is_some_and(|node| node.state == State::Trashed);
        if trashed(content) || trashed(host) {
            return Err(Ruling::without_decision(Verdict::NotCurrent, Reason::NotCurrent));
        }
        match self.node(content).zip(self.space_of(content)) {
            Some((node, space)) => Ok(Target { operation, content, host, node, space }),
            None => Err(Ruling::without_decision(Verdict::Unknown, Reason::UnknownSpace)),
        }
    }

    /// Visits every rule that applies: view = site ∧ view in the space ∧ every view list of the chain; what changes a
    /// content needs a permission beside view, what edits or deletes it passes its edit list.
    #[inline(always)]
    pub(super) fn rules(&self, target: &Target<'_>, visitor: &mut impl Visitor) {
        let operation = target.operation;
        visitor.visit(Rule::Site);
        if operation != Operation::View {
            visitor.visit(Rule::SiteMode);
        }
        visitor.visit(Rule::Permission(Need::View));
        if let Some(need) = target.need() {
            visitor.visit(Rule::Permission(need));
        }
        if operation != Operation::View {
            visitor.visit(Rule::SpaceState);
        }
        visitor.visit(Rule::State);
        let edits = matches!(operation, Operation::Edit | Operation::RemoveRestrictions) && !target.node.is_attached();
        let deletes = operation == Operation::Delete && !target.node.is_attached();
        let mut layers = self.layers(target.content);
        for layer in &mut layers {
            visitor.visit(Rule::ViewList(layer));
            if edits && self.edit_list_binds(layer.position) != Denied {
                visitor.visit(Rule::EditList(layer));
            }
            if deletes && layer.position == Position::Own {
                visitor.visit(Rule::DeleteList(layer));
            }
        }
        if layers.broken {
            visitor.visit(Rule::MissingAncestor);
        }
        if operation == Operation::RemoveRestrictions {
            // Source: https://support.atlassian.com/confluence/kb/confluence-admin-permission-levels-explained/
            visitor.visit(Rule::Permission(Need::Restrict));
            visitor.visit(Rule::SpaceAdmin);
            visitor.visit(Rule::SystemAdmin);
        }
    }

    /// What one rule comes to.
    #[inline(always)]
    pub(super) fn judge<A: Asker>(&self, who: &A, target: &Target<'_>, rule: Rule) -> A::Answer {
        let Target { operation, space, .. } = *target;
        match rule {
            Rule::Site => self.site_rule(who, space),
            Rule::SiteMode => who.fixed(self.mode_rule()),
            Rule::Permission(need) => self.permission_rule(who, target, need),
            Rule::SpaceState => who.fixed(if space.archived { doubt(Reason::ArchivedSpace) } else { PASS }),
            Rule::State => self.state_rule(who, target.host, operation),
            Rule::ViewList(layer) => self.view_rule(who, layer),
            Rule::MissingAncestor => who.fixed(doubt(Reason::AncestorMissing)),
            Rule::EditList(layer) => self.edit_rule(who, layer.node, layer.position),
            Rule::DeleteList(layer) => self.delete_rule(who, layer.node),
            Rule::SpaceAdmin => self.space_admin_rule(who, space),
            Rule::SystemAdmin => who.because(who.is_system_admin(self), Unknown, Reason::UnknownSpace),
        }
    }

    /// What all rules come to.
    pub(super) fn standing<A: Asker>(&self, who: &A, target: &Target<'_>) -> Standing<A::Answer> {
        let mut sums = Sums::new(self, who, target);
        self.rules(target, &mut sums);
        sums.standing()
    }

    /// The answer to a question; `None`: it is not known about whom.
    pub(super) fn rule(&self, actor: Option<&Actor>, operation: Operation, content: u32) -> Ruling {
        let target = match self.target(operation, content) {
            Ok(target) => target,
            Err(ruling) => return ruling,
        };
        let Some(actor) = actor else {
            return Ruling::without_decision(Verdict::Unknown, Reason::Identity);
        };
        self.ruling(actor, &target, self.standing(actor, &target))
    }

    /// The answer to a question, by what its rules come to.
    pub(super) fn ruling(&self, actor: &Actor, target: &Target<'_>, standing: Standing<Answer>) -> Ruling {
        let Target { operation, content, .. } = *target;
        let Standing { preconditions, all } = standing;
        let mut ruling = Ruling {
            verdict: all.decision.into(),
            standing: Some(all.decision),
            bypass: None,
            exposure: None,
            reasons: all.reasons,
        };
        if all.decision == Allowed {
            return ruling;
        }
        if let Some((name, reason, works)) = self.bypass(actor, operation) {
            // A bypass opens space and restrictions, never the site gate, read-only mode or the state of the content.
            match preconditions.decision.and(works) {
                Allowed => {
                    return Ruling { verdict: Verdict::Allowed, bypass: Some(name), reasons: reason.into(), ..ruling };
                }
                Unknown => {
                    ruling.verdict = Verdict::Unknown;
                    if works == Unknown {
                        ruling.reasons.add(doubt_of_bypass(reason).into());
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

impl Target<'_> {
    /// The permission in the space that is needed beside view.
    pub(super) fn need(&self) -> Option<Need> {
        Need::of(self.node.kind, self.operation)
    }
}

// ---- site and space --------------------------------------------------------------------------------------------------

impl IndexedSite {
    /// May the subject use the site. For people without a licence that depends on the space.
    pub(super) fn site_rule<A: Asker>(&self, who: &A, space: &SpaceFacts) -> A::Answer {
        let granted = |scope| self.granted(who, space, Need::View, scope);
        let whatever = who.unless_moot(who.may_use_site(self), || granted(Scope::All));
        let Some(unlicensed) = who.needs_open_space() else { return whatever };
        let answer = who.or(whatever, || who.and(unlicensed, granted(Scope::Open)));
        let answer = who.because(answer, Unknown, Reason::SiteAccess);
        who.because(answer, Denied, Reason::NotLicensed)
    }

    /// Does the site accept changes.
    pub(super) fn mode_rule(&self) -> Answer {
        match self.conditions.read_only {
            Denied => PASS,
            Allowed => stop(Reason::ReadOnly),
            Unknown => doubt(Reason::UnknownReadOnly),
        }
    }

    /// Whether the stored permissions of a space, and the gaps in them, give a permission.
    fn granted<A: Asker>(&self, who: &A, space: &SpaceFacts, need: Need, scope: Scope) -> A::Answer {
        let counts = move |principal: &Principal| scope == Scope::All || self.open(*principal);
        let any = |rows: &[(usize, Kinds)]| {
            let of = |(row, kinds): &(usize, Kinds)| {
                let kinds = *kinds;
                let grants = space.grants.get(*row).map_or(&[][..], Vec::as_slice);
                grants.iter().filter(move |grant| kinds.counts(**grant)).map(|grant| grant.principal).filter(counts)
            };
            who.any(self, rows.iter().map(of))
        };
        let stored = match need.rows() {
            GrantRows::AnyOf(rows) => any(rows),
            // Both are enough; one alone leaves it open.
            GrantRows::OrBoth(rows, one, other) => {
                let (one, other) = (any(&[one]), any(&[other]));
                let either = || who.doubted(who.or(one.clone(), || other.clone()), Reasons::NONE);
                who.or(who.or(any(rows), || who.and(one.clone(), other.clone())), either)
            }
            GrantRows::Undocumented => return who.fixed(Unknown.into()),
        };
        let stored = if space.unread {
            who.relaxed(stored, Reasons::NONE)
        } else if space.vague.is_empty() {
            stored
        } else {
            // What they bring is not known.
            who.or(stored, || {
                let vague = space.vague.iter().map(|grant| grant.principal).filter(counts);
                who.doubted(who.any(self, [vague]), Reasons::NONE)
            })
        };
        if self.serves_free_plan(space) { who.or(stored, || self.granted_by_free_plan(who, need)) } else { stored }
    }

    /// On the free plan a space without any stored grant serves every licensed user.
    // Source: https://support.atlassian.com/confluence-cloud/docs/manage-permissions-in-the-free-edition-of-confluence-cloud
    pub(super) fn serves_free_plan(&self, space: &SpaceFacts) -> bool {
        !space.any && self.conditions.free != Denied
    }

    pub(super) fn granted_by_free_plan<A: Asker>(&self, who: &A, need: Need) -> A::Answer {
        let granted = who.has_free_plan(self);
        if need.documented_by_free_plan() { granted } else { who.doubted(granted, Reasons::NONE) }
    }

    /// Whether the subject has a permission in the space. Of people without a licence only what the space opens to such
    /// people counts, where it opens anything to them.
    pub(super) fn permission<A: Asker>(&self, who: &A, space: &SpaceFacts, need: Need) -> A::Answer {
        let all = || self.granted(who, space, need, Scope::All);
        match self.narrowed(who, space) {
            Some(narrowed) => who.choose(narrowed, self.granted(who, space, need, Scope::Open), all),
            None => all(),
        }
    }

    /// Has no licence, in a space that opens something to such people; `None`: everyone asked about has a licence.
    pub(super) fn narrowed<A: Asker>(&self, who: &A, space: &SpaceFacts) -> Option<A::Answer> {
        let unlicensed = who.is_unlicensed()?;
        Some(who.and(unlicensed, self.granted(who, space, Need::View, Scope::Open)))
    }

    /// A permission an operation needs; what one created oneself there is another permission to delete.
    fn permission_rule<A: Asker>(&self, who: &A, target: &Target<'_>, need: Need) -> A::Answer {
        let mut answer = self.permission(who, target.space, need);
        if target.operation == Operation::Delete && !matches!(need, Need::View | Need::Undocumented) {
            answer = who.or(answer, || {
                let author = self.content(target.content).and_then(|content| content.author_id.as_deref());
                who.and(who.is_account(self, author), self.permission(who, target.space, Need::DeleteOwn))
            });
        }
        self.why_missing(who, answer, need)
    }

    /// Why a permission is missing or in doubt.
    pub(super) fn why_missing<A: Asker>(&self, who: &A, answer: A::Answer, need: Need) -> A::Answer {
        who.because(who.because(answer, Unknown, need.doubtful()), Denied, need.missing())
    }

    /// Whether the subject administers the space. View is the guard permission: without it no other one counts.
    pub(super) fn space_admin_rule<A: Asker>(&self, who: &A, space: &SpaceFacts) -> A::Answer {
        let view = self.permission(who, space, Need::View);
        let answer = who.and(view, self.permission(who, space, Need::Administer));
        who.because(answer, Unknown, Reason::UnknownSpace)
    }
}

// ---- the content: its state and the lists of its chain ---------------------------------------------------------------

impl IndexedSite {
    /// Does the state of the content allow it.
    pub(super) fn state_rule<A: Asker>(&self, who: &A, host: u32, operation: Operation) -> A::Answer {
        let own = match (self.node(host).map(|node| node.state), operation) {
            (Some(State::Draft), _) => self.draft_rule(who, host),
            (Some(State::Archived), Operation::View) => who.fixed(PASS),
            (Some(State::Archived), Operation::Edit) => who.fixed(stop(Reason::Archived)),
            (Some(State::Archived), _) => who.fixed(doubt(Reason::ArchivedContent)),
            (Some(State::Unrecognized), _) => who.fixed(doubt(Reason::State)),
            _ => who.fixed(PASS),
        };
        // What a comment or an attachment belongs to is not known, and with it whether that is a draft: not even a bypass
        // opens a draft.
        if self.is_attached(host) { who.doubted(own, Reason::AncestorMissing) } else { own }
    }

    /// A draft is for its creator and those it was shared with.
    fn draft_rule<A: Asker>(&self, who: &A, at: u32) -> A::Answer {
        let Some(content) = self.content(at) else { return who.fixed(doubt(Reason::DraftSharing)) };
        let author = who.is_account(self, content.author_id.as_deref());
        let answer = who.or(author, || match &content.shared_with {
            None => who.doubted(who.is_logged_in(), Reason::DraftSharing),
            Some(list) => list
                .iter()
                .fold(who.fixed(Denied.into()), |best, subject| who.or(best, || self.is_subject(who, subject))),
        });
        who.because(who.because(answer, Unknown, Reason::DraftSharing), Denied, Reason::Draft)
    }

    /// Is, or belongs to, a subject that is in no table.
    fn is_subject<A: Asker>(&self, who: &A, subject: &Subject) -> A::Answer {
        match &subject.kind {
            SubjectKind::User => who.is_account(self, Some(&subject.id)),
            SubjectKind::Group => who.any(self, [self.find_group(&subject.id).map(Principal::Group)]),
            SubjectKind::Anonymous => who.any(self, [[Principal::Anonymous]]),
            _ => who.fixed(Unknown.into()),
        }
    }

    /// Whether all entries of a list are groups that no longer exist.
    pub(super) fn all_vanished(&self, list: &[Principal]) -> bool {
        list.iter().all(|principal| match principal {
            Principal::Group(at) => self.groups.get(*at as usize).is_none_or(|group| !group.exists),
            _ => false,
        })
    }

    /// A list with at least one entry: the subject passes as one of them. Vanished groups keep it closed, open it or leave
    /// that open.
    // Source: https://confluence.atlassian.com/security/confluence-groups-for-administrators-1409093160.html
    fn listed<A: Asker>(&self, who: &A, list: &[Principal]) -> A::Answer {
        let answer = who.because(who.any(self, [list.iter().copied()]), Unknown, Reason::Principal);
        match self.policy.only_vanished_groups {
            VanishedGroups::Opens if self.all_vanished(list) => who.fixed(PASS),
            VanishedGroups::Unknown if self.all_vanished(list) => who.relaxed(answer, Reason::VanishedGroup),
            _ => answer,
        }
    }

    /// A list and what is known about it: an empty one is open, one that was not read is not.
    fn list_rule<A: Asker>(&self, who: &A, node: &Node, list: &[Principal], position: Position) -> A::Answer {
        if list.is_empty() {
            return who.fixed(empty_list(node, position));
        }
        let answer = self.listed(who, list);
        if node.unread == Unread::No { answer } else { who.relaxed(answer, Reason::Unreadable) }
    }

    /// The view list of a layer.
    #[inline(always)]
    fn view_rule<A: Asker>(&self, who: &A, layer: Layer) -> A::Answer {
        let answer = match self.node(layer.node) {
            // Most contents have no list at all.
            Some(node) if node.lists == NONE => who.fixed(empty_list(node, layer.position)),
            _ => self.view_list_rule(who, layer.node, layer.position),
        };
        if layer.binds == Allowed {
            return answer;
        }
        who.because(who.relaxed(answer, Reason::ArchivedContent), Unknown, Reason::ArchivedContent)
    }

    /// One view list. The policy says whether an entry of the edit list passes it too.
    pub(super) fn view_list_rule<A: Asker>(&self, who: &A, at: u32, position: Position) -> A::Answer {
        let Some(node) = self.node(at) else { return who.fixed(doubt(Reason::AncestorMissing)) };
        let view = self.view_list(at);
        if view.is_empty() {
            return who.fixed(empty_list(node, position));
        }
        let edit = self.edit_list(at);
        let mut answer = self.list_rule(who, node, view, position);
        let (passes, reason) = match position {
            Position::Own => (self.policy.update_implies_read_same_node, Reason::OwnView),
            Position::Container => (self.policy.update_implies_read_same_node, Reason::InheritedView),
            Position::Above => (self.policy.update_implies_read_inherited, Reason::InheritedView),
        };
        if !edit.is_empty() && passes != Denied {
            answer = who.or(answer, || {
                let on_edit_list = who.because(who.any(self, [edit.iter().copied()]), Unknown, Reason::Principal);
                if passes == Allowed { on_edit_list } else { who.doubted(on_edit_list, Reason::EditEntry) }
            });
        }
        who.because(answer, Denied, reason)
    }

    /// Whether the edit list of a content binds the one asked about: its own, and those above where the policy says so.
    pub(super) fn edit_list_binds(&self, position: Position) -> Decision {
        if position == Position::Own { Allowed } else { self.policy.edit_inherited }
    }

    /// One edit list.
    pub(super) fn edit_rule<A: Asker>(&self, who: &A, at: u32, position: Position) -> A::Answer {
        let Some(node) = self.node(at) else { return who.fixed(doubt(Reason::AncestorMissing)) };
        let answer = self.list_rule(who, node, self.edit_list(at), position);
        match self.edit_list_binds(position) {
            Unknown => who.relaxed(answer, Reason::EditListInherited),
            _ if position == Position::Own => who.because(answer, Denied, Reason::OwnEdit),
            _ => who.because(answer, Denied, Reason::InheritedEdit),
        }
    }

    /// The edit list beside a deletion.
    fn delete_rule<A: Asker>(&self, who: &A, at: u32) -> A::Answer {
        let answer = self.edit_rule(who, at, Position::Own);
        match self.policy.delete_needs_update_entry {
            Denied => who.fixed(PASS),
            Unknown => who.because(who.relaxed(answer, Reason::DeleteUnderEdit), Unknown, Reason::DeleteUnderEdit),
            Allowed => answer,
        }
    }
}

/// An empty list: open, unless it was not read or is not to be believed.
#[inline]
pub(super) fn empty_list(node: &Node, position: Position) -> Answer {
    if node.unread == Unread::No && !node.untrusted {
        return PASS;
    }
    match node.unread {
        // Source: https://jira.atlassian.com/browse/CONFCLOUD-77618
        Unread::NotFound if position == Position::Above => note(Reason::AncestorNotFound),
        Unread::NotFound | Unread::Failed => doubt(Reason::Unreadable),
        Unread::NotTrusted | Unread::No => doubt(Reason::EmptyNotTrusted),
    }
}

/// Why it is unknown whether a bypass works.
pub(super) fn doubt_of_bypass(reason: Reason) -> Reason {
    if reason == Reason::UnknownSuperGroup { reason } else { Reason::UnknownBypass }
}

// ---- beside standing access ------------------------------------------------------------------------------------------

impl IndexedSite {
    /// Whether the subject passes restrictions and space permissions without being granted anything: the bypass, and
    /// whether it works for the operation.
    pub(super) fn bypass(&self, actor: &Actor, operation: Operation) -> Option<(&'static str, Reason, Decision)> {
        let person = match actor.who {
            Who::Person(person) => Some(person),
            // An account of the site that was not read may be in anything that was not read.
            Who::UnknownUser => None,
            _ => return None,
        };
        if self.conditions.cloud {
            // Source: https://support.atlassian.com/confluence-cloud/docs/bypass-access-restrictions-on-a-page-with-admin-key
            return actor.traits.admin_key.then_some(("admin_key", Reason::AdminKey, Allowed));
        }
        // Source: https://support.atlassian.com/confluence/kb/unable-to-access-any-restricted-pages-as-administrator/
        let group = self.super_group.and_then(|at| self.groups.get(at as usize));
        let works =
            if operation == Operation::Edit { self.policy.super_group_edit } else { self.policy.super_group_view };
        if person.zip(group).is_some_and(|(person, group)| group.contains(person) == Allowed) {
            return Some(("super_group", Reason::SuperGroup, works));
        }
        self.super_group_unread.then_some(("super_group", Reason::UnknownSuperGroup, works.and(Unknown)))
    }

    /// Whether a public link opens the content to anyone who has it.
    // Source: https://support.atlassian.com/confluence-cloud/docs/how-secure-are-public-links
    pub(super) fn public_link(&self, content: u32) -> Decision {
        let Some(row) = self.content(content) else { return Denied };
        let space = self.space_of(content).and_then(|space| self.snapshot.spaces.get(space.row as usize));
        let in_space = space.is_none_or(|space| space.public_links_enabled != Some(false));
        let on = row.public_link.map_or(Unknown, Decision::from);
        let current = match self.node(content).map(|node| node.state) {
            Some(State::Current) => Allowed,
            Some(State::Unrecognized) => Unknown,
            _ => Denied,
        };
        on.and(in_space.into()).and(current).and(self.conditions.public_links)
    }
}
