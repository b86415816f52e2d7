//! The gates of an explanation: the rules of the book one by one, each with its outcome, its principals and a sentence.

use std::sync::Arc;

use super::builder::ExplanationBuilder;
use super::doubts::say_doubts;
use super::records::{Gate, GateName, ListedPrincipal, Outcome, of_way};
use super::text::reason_text;
use crate::model::{Decision, Operation, SwitchName};
use crate::resolve::answer::Answer;
use crate::resolve::chain::{Layer, Position};
use crate::resolve::codes::{Reason, Reasons};
use crate::resolve::engine::CouldPass;
use crate::resolve::needs::{GrantRows, Need};
use crate::resolve::rules::{Rule, Standing, Sums, Target, Visitor, Way};
use crate::resolve::site::{Class, IndexedSite, Licence, NONE, Principal, State, Unread};
use crate::resolve::who::{Actor, Who};

/// The rules of a question, judged and added up, in the order of an explanation.
pub(super) struct Judged<'a> {
    sums: Sums<'a, Actor>,
    first: Vec<(Rule, Answer)>,
    /// From the content up to the root.
    view: Vec<(Rule, Answer)>,
    edit: Vec<(Rule, Answer)>,
    /// What the ways to remove restrictions need beside.
    ways: Vec<(Rule, Answer)>,
}

impl Visitor for Judged<'_> {
    fn visit(&mut self, rule: Rule) {
        let answer = self.sums.judge(rule);
        self.sums.add(rule, answer);
        let group = match rule {
            Rule::ViewList(_) | Rule::MissingAncestor => &mut self.view,
            Rule::EditList(_) | Rule::DeleteList(_) => &mut self.edit,
            Rule::Permission(Need::Restrict) | Rule::SpaceAdmin | Rule::SystemAdmin => &mut self.ways,
            Rule::Site | Rule::SiteMode | Rule::Permission(_) | Rule::SpaceState | Rule::State => &mut self.first,
        };
        group.push((rule, answer));
    }
}

impl<'a> Judged<'a> {
    pub(super) fn new(site: &'a IndexedSite, actor: &'a Actor, target: &'a Target<'a>) -> Self {
        let (first, view, edit, ways) = (Vec::with_capacity(8), Vec::with_capacity(16), Vec::new(), Vec::new());
        let mut judged = Self { sums: Sums::new(site, actor, target), first, view, edit, ways };
        site.rules(target, &mut judged);
        judged
    }

    /// What they come to, and each with its answer.
    pub(super) fn finish(self) -> (Standing<Answer>, Vec<(Rule, Answer)>) {
        let mut rules = self.first;
        rules.extend(self.view.into_iter().rev().chain(self.edit.into_iter().rev()).chain(self.ways));
        (self.sums.standing(), rules)
    }
}

impl ExplanationBuilder<'_> {
    /// Every gate, whether or not an earlier one failed: first those of the site, the space and the state of the content,
    /// then view lists and edit lists, each from the root down.
    pub(super) fn gates(&mut self, rules: Vec<(Rule, Answer)>) -> Vec<Gate> {
        let site = self.site;
        let target = self.target;
        let broken = rules.iter().any(|(rule, _)| *rule == Rule::MissingAncestor);
        if !broken && site.node(target.host).is_some_and(|host| host.state == State::Archived) {
            self.note(SwitchName::ArchivedDropsInherited);
        }
        let several = target.operation == Operation::RemoveRestrictions;
        let mut gates = Vec::with_capacity(rules.len());
        for (rule, answer) in rules {
            if let Some(mut gate) = self.gate(rule, answer) {
                gate.way = rule.way().filter(|_| several);
                gates.push(gate);
            }
        }
        if several {
            part_ways(&mut gates);
        }
        gates
    }

    /// The gate of a rule; `None` where it goes without saying.
    fn gate(&mut self, rule: Rule, answer: Answer) -> Option<Gate> {
        let passes = answer.decision == Decision::Allowed;
        Some(match rule {
            Rule::Site => self.site_gate(answer),
            Rule::SiteMode | Rule::SpaceState if passes => return None,
            Rule::SiteMode => plain_gate(GateName::SiteMode, answer, ""),
            Rule::SpaceState => plain_gate(GateName::SpaceState, answer, ""),
            Rule::Permission(Need::View) => self.permission_gate(GateName::Space, Need::View, answer),
            Rule::Permission(need) => self.operation_gate(need, answer),
            Rule::State => return self.state_gate(answer),
            Rule::ViewList(layer) => self.view_gate(layer, answer),
            Rule::MissingAncestor => {
                let mut gate = plain_gate(GateName::ViewList, answer, "");
                gate.place = Some("above the contents that are known".to_owned());
                self.doubt_list(&mut gate, "restrictions", None);
                gate
            }
            Rule::EditList(layer) => return self.edit_gate(layer, answer),
            Rule::DeleteList(layer) => self.delete_gate(layer, answer),
            Rule::SpaceAdmin => {
                let mut gate = self.held_gate(GateName::SpaceOperation, Need::Administer);
                if Outcome::from(answer.decision) != gate.outcome {
                    // View is the guard permission: the answer is about that.
                    gate = self.held_gate(GateName::SpaceOperation, Need::View);
                    gate.outcome = answer.decision.into();
                }
                gate
            }
            Rule::SystemAdmin if self.site.conditions.cloud => return None,
            Rule::SystemAdmin => self.system_admin_gate(answer),
        })
    }

    fn site_gate(&mut self, answer: Answer) -> Gate {
        let unstated = match self.actor.who {
            Who::Person(at) => self.site.user(at).is_some_and(|user| user.licensed.is_none()),
            _ => false,
        };
        if unstated && self.actor.traits.licence != Licence::App && self.actor.traits.active != Decision::Denied {
            self.note(SwitchName::AssumeLicensed);
        }
        let text = match (self.actor.who, self.actor.traits.licence) {
            (Who::Anonymous | Who::PublicLink, _) => "anonymous may use the site",
            (Who::Group(_) | Who::UnknownGroup, _) => "a group is asked about as itself",
            (_, Licence::Assumed) => "may use the site: nothing says so, the policy assumes it",
            (_, Licence::App) => "an app needs no licence",
            (_, Licence::Unlicensed) => "without a licence, but the space is opened to such people",
            _ => "may use the site",
        };
        let mut gate = plain_gate(GateName::Site, answer, text);
        if answer.reasons.has(Reason::SiteAccess) {
            let who = self.who();
            gate.doubts = vec![match self.actor.who {
                Who::Anonymous | Who::PublicLink => "not known whether anonymous access is on for the site".to_owned(),
                Who::UnknownUser => format!("not known whether there is an account {who} that may use Confluence"),
                _ if self.actor.traits.active == Decision::Unknown => {
                    format!("not known whether {who} is deactivated, and so whether it may use Confluence")
                }
                _ if self.actor.traits.licence == Licence::Unlicensed => {
                    format!("not known whether space {} is open to {who}, who has no licence", self.target.space.key)
                }
                _ => format!("not known whether {who} is licensed to use Confluence"),
            }];
            gate.text = gate.doubts.join("; ");
        }
        gate
    }

    /// A permission in the space, by what is stored there.
    fn held_gate(&mut self, name: GateName, need: Need) -> Gate {
        let (site, space) = (self.site, self.target.space);
        let answer = site.why_missing(&self.actor, site.permission(&self.actor, space, need), need);
        self.permission_gate(name, need, answer)
    }

    /// A permission in the space: the grants that give it, and what is not known about them.
    fn permission_gate(&mut self, name: GateName, need: Need, answer: Answer) -> Gate {
        let (site, space) = (self.site, self.target.space);
        let mut gate = plain_gate(name, answer, "");
        gate.place = Some(format!("space {}", space.key));
        let narrowed = site.narrowed(&self.actor, space).is_some_and(|answer| answer.decision != Decision::Denied);
        let counts = |principal: Principal| !narrowed || site.open(principal);
        let mut decided = false;
        let grants = site.grants(space, need);
        gate.principals.reserve_exact(grants.len());
        for (principal, role) in &grants {
            let belongs = if counts(*principal) { site.belongs(&self.actor, *principal) } else { Decision::Denied };
            decided |= belongs == Decision::Allowed && !needs_a_switch(*principal);
            gate.principals.push(self.listed(*principal, *role, belongs));
            if gate.outcome == Outcome::Unknown && belongs == Decision::Unknown {
                self.doubt(&mut gate, *principal);
            }
        }
        if gate.outcome == Outcome::Unknown && need != Need::Undocumented {
            self.permission_doubts(&mut gate, need, counts);
        }
        if !decided {
            for (principal, _) in &grants {
                self.note_class_switches(*principal);
            }
        }
        gate.witnesses = witness_lines(&gate.principals);
        let what = need.as_str();
        gate.text = match (gate.outcome, gate.witnesses.first()) {
            (Outcome::Pass, Some(first)) => format!("may {what} {}", through(first)),
            (Outcome::Pass, None) => {
                format!("every licensed user may {what}: a space of the free plan without any grant")
            }
            _ => reason_text(&gate.codes),
        };
        say_doubts(&mut gate);
        if gate.outcome != Outcome::Pass && need != Need::Undocumented {
            gate.counted(self.engine.could_have(self.target.node.space, need));
        }
        gate
    }

    fn permission_doubts(&mut self, gate: &mut Gate, need: Need, counts: impl Fn(Principal) -> bool) {
        let (site, space) = (self.site, self.target.space);
        if space.unread {
            gate.doubts.push(format!("not all permissions of space {} were read", space.key));
        }
        if site.serves_free_plan(space) && site.granted_by_free_plan(&self.actor, need).decision == Decision::Unknown {
            gate.doubts.push(format!("not known what the free plan lets {} do", self.who()));
        }
        // What they bring is not known: anyone who has one may have the permission.
        for grant in &space.vague {
            if counts(grant.principal) && site.belongs(&self.actor, grant.principal) != Decision::Denied {
                gate.principals.push(self.listed(grant.principal, grant.role, Decision::Unknown));
                let subject = site.subject_of(grant.principal);
                let text = format!(
                    "not known what a permission of `{subject}` in space {} brings, a word this version does not know",
                    space.key
                );
                if !gate.doubts.contains(&text) {
                    gate.doubts.push(text);
                }
            }
        }
        if gate.doubts.is_empty() && matches!(need.rows(), GrantRows::OrBoth(..)) {
            let what = "not known whether a role with one of the two permissions, to create blog posts and to edit pages, is enough to edit blog posts";
            gate.doubts.push(what.to_owned());
        }
    }

    /// The permission an operation needs; the right to delete one's own may make the difference.
    fn operation_gate(&mut self, need: Need, answer: Answer) -> Gate {
        let mut gate = if self.target.operation == Operation::Delete {
            self.held_gate(GateName::SpaceOperation, need)
        } else {
            self.permission_gate(GateName::SpaceOperation, need, answer)
        };
        if Outcome::from(answer.decision) != gate.outcome {
            gate.outcome = answer.decision.into();
            gate.codes = answer.reasons.codes();
            gate.text = if answer.decision == Decision::Allowed {
                "may delete what it created itself".to_owned()
            } else {
                let text = format!("not known whether {} created it and may delete what it created itself", self.who());
                gate.doubts = vec![text.clone()];
                text
            };
        }
        gate
    }

    fn state_gate(&mut self, answer: Answer) -> Option<Gate> {
        let host = self.target.host;
        let current = self.site.node(host).is_some_and(|node| node.state == State::Current);
        if current && answer.decision == Decision::Allowed {
            return None;
        }
        let mut gate = plain_gate(GateName::State, answer, "the state of the content allows it");
        self.locate(&mut gate, host, 0);
        Some(gate)
    }

    fn system_admin_gate(&self, answer: Answer) -> Gate {
        let mut gate = plain_gate(GateName::SystemAdmin, answer.decision.into(), "a system administrator");
        match answer.decision {
            Decision::Allowed => {}
            Decision::Denied => gate.text = "not a system administrator".to_owned(),
            Decision::Unknown => {
                gate.text = format!("not known whether {} is a system administrator", self.who());
                gate.doubts = vec![gate.text.clone()];
            }
        }
        gate
    }

    fn note_class_switches(&mut self, principal: Principal) {
        let site = self.site;
        match principal {
            Principal::Anonymous if !matches!(self.actor.who, Who::Anonymous | Who::PublicLink) => {
                let licensed = self.actor.traits.licence != Licence::Unlicensed;
                if site.conditions.anonymous != Decision::Denied && licensed {
                    self.note(SwitchName::AnonymousAppliesToLoggedIn);
                }
                if site.conditions.anonymous != Decision::Allowed && licensed {
                    self.note(SwitchName::AnonymousAppliesWhenSiteOff);
                }
                let told = site.snapshot.site.anonymous_enforced.is_some();
                if site.conditions.anonymous != Decision::Allowed && site.conditions.cloud && !told {
                    self.note(SwitchName::AssumeAnonymousEnforced);
                }
            }
            Principal::Unlicensed
                if !matches!(self.actor.who, Who::Anonymous | Who::PublicLink)
                    && self.actor.traits.licence != Licence::Unlicensed =>
            {
                self.note(SwitchName::UnlicensedGrantCoversLicensed);
            }
            Principal::Class(Class::AllLicensed) if self.actor.traits.guest == Decision::Allowed => {
                self.note(SwitchName::GuestsInAllLicensedUsers);
            }
            Principal::Class(Class::AllLicensed) if self.actor.traits.licence == Licence::App => {
                self.note(SwitchName::AppsInAllLicensedUsers);
            }
            Principal::Class(Class::ProductAdmins) if site.unlisted_admin(&self.actor) => {
                self.note(SwitchName::UnlistedAreProductAdmins);
            }
            _ => {}
        }
    }

    fn list(&mut self, gate: &mut Gate, list: &[Principal]) {
        gate.principals.reserve_exact(list.len());
        for principal in list {
            let belongs = self.site.belongs(&self.actor, *principal);
            let listed = self.listed(*principal, NONE, belongs);
            gate.principals.push(listed);
            if gate.outcome == Outcome::Unknown && belongs == Decision::Unknown {
                self.doubt(gate, *principal);
            }
            if let Principal::Class(Class::ProductAdmins) = principal
                && self.site.unlisted_admin(&self.actor)
            {
                self.note(SwitchName::UnlistedAreProductAdmins);
            }
        }
        gate.witnesses = witness_lines(&gate.principals);
        if !list.is_empty() && self.site.all_vanished(list) {
            self.note(SwitchName::OnlyVanishedGroups);
        }
    }

    fn view_gate(&mut self, layer: Layer, answer: Answer) -> Gate {
        let site = self.site;
        let Layer { node: at, position, levels, .. } = layer;
        let mut gate = plain_gate(GateName::ViewList, answer, "");
        self.locate(&mut gate, at, levels);
        let list = site.view_list(at);
        self.list(&mut gate, list);
        let node = site.node(at);
        if list.is_empty() {
            if node.is_some_and(|node| node.untrusted && node.unread == Unread::No) {
                self.note(SwitchName::UntrustedEmptyTypes);
            }
            if gate.outcome == Outcome::Pass {
                gate.outcome = Outcome::NotApplicable;
                gate.text =
                    if gate.codes.is_empty() { "no view restriction".to_owned() } else { reason_text(&gate.codes) };
            } else {
                gate.text = reason_text(&gate.codes);
                self.doubt_list(&mut gate, "view list", Some(at));
            }
            return gate;
        }
        let edit = site.edit_list(at);
        if gate.outcome == Outcome::Unknown && gate.doubts.is_empty() && gate.codes.contains(&Reason::Principal.code())
        {
            // The doubt is about an entry of the edit list, which passes the view list too.
            for entry in edit.iter().filter(|entry| site.belongs(&self.actor, **entry) == Decision::Unknown) {
                self.doubt(&mut gate, *entry);
            }
        }
        if gate.witnesses.is_empty() && !edit.is_empty() {
            let on_edit_list = edit.iter().any(|entry| site.belongs(&self.actor, *entry) != Decision::Denied);
            if on_edit_list {
                self.note(match position {
                    Position::Above => SwitchName::UpdateImpliesReadInherited,
                    _ => SwitchName::UpdateImpliesReadSameNode,
                });
            }
        }
        gate.text = match (gate.outcome, gate.witnesses.first()) {
            (Outcome::Pass, Some(_)) => passes(&gate.witnesses),
            (Outcome::Pass, None) => "passes as the policy says".to_owned(),
            _ => reason_text(&gate.codes),
        };
        self.doubt_list(&mut gate, "view list", Some(at));
        if gate.outcome != Outcome::Pass {
            let people = site.view_list_rule(self.engine.population(), at, position);
            gate.counted(people.map(|people| self.engine.could_pass(&people)));
        }
        gate
    }

    fn edit_gate(&mut self, layer: Layer, answer: Answer) -> Option<Gate> {
        let site = self.site;
        let Layer { node: at, position, levels, .. } = layer;
        let list = site.edit_list(at);
        if position != Position::Own {
            if list.is_empty() && answer.decision == Decision::Allowed {
                return None;
            }
            self.note(SwitchName::EditInherited);
        }
        let mut gate = plain_gate(GateName::EditList, answer, "");
        self.locate(&mut gate, at, levels);
        self.list(&mut gate, list);
        if list.is_empty() && gate.outcome == Outcome::Pass {
            gate.outcome = Outcome::NotApplicable;
            gate.text = "no edit restriction".to_owned();
            return Some(gate);
        }
        gate.text = match gate.outcome {
            Outcome::Pass if !gate.witnesses.is_empty() => passes(&gate.witnesses),
            Outcome::Pass => "passes as the policy says".to_owned(),
            _ => reason_text(&gate.codes),
        };
        self.doubt_list(&mut gate, "edit list", Some(at));
        if gate.outcome != Outcome::Pass && !list.is_empty() {
            let people = site.edit_rule(self.engine.population(), at, position);
            gate.counted(people.map(|people| self.engine.could_pass(&people)));
        }
        Some(gate)
    }

    fn delete_gate(&mut self, layer: Layer, answer: Answer) -> Gate {
        let mut gate = plain_gate(GateName::EditList, answer, "");
        self.locate(&mut gate, layer.node, layer.levels);
        let list = self.site.edit_list(layer.node);
        self.list(&mut gate, list);
        if list.is_empty() && gate.outcome == Outcome::Pass {
            gate.outcome = Outcome::NotApplicable;
            gate.text = "no edit restriction".to_owned();
        } else {
            self.note(SwitchName::DeleteNeedsUpdateEntry);
            gate.text = match gate.outcome {
                Outcome::Pass => "the edit list does not stop it".to_owned(),
                _ => reason_text(&gate.codes),
            };
            self.doubt_list(&mut gate, "edit list", Some(layer.node));
        }
        gate
    }
}

impl Gate {
    /// How many people pass; `None`: everyone does.
    fn counted(&mut self, people: Option<CouldPass>) {
        if let Some(CouldPass { count, names }) = people {
            (self.could_pass, self.could_pass_names) = (Some(count), names);
        }
    }
}

/// Restrictions may be removed in several ways. Where one of them is open, the others are left out: what they would need
/// does not matter.
fn part_ways(gates: &mut Vec<Gate>) {
    gates.sort_by_key(|gate| gate.way);
    let open: Vec<Way> = [Way::Editor, Way::SpaceAdmin, Way::SystemAdmin]
        .into_iter()
        .filter(|way| gates.iter().any(|gate| gate.way == Some(*way)))
        .filter(|way| of_way(gates, Some(*way)) == Decision::Allowed)
        .collect();
    if !open.is_empty() && of_way(gates, None) == Decision::Allowed {
        gates.retain(|gate| gate.way.is_none_or(|way| open.contains(&way)));
    }
}

/// Whether a switch decides whom the principal serves.
fn needs_a_switch(principal: Principal) -> bool {
    !matches!(principal, Principal::User(_) | Principal::Group(_))
}

fn witness_lines(principals: &[ListedPrincipal]) -> Vec<String> {
    principals.iter().filter(|listed| listed.outcome == Outcome::Pass).map(|listed| listed.via.clone()).collect()
}

fn plain_gate(name: GateName, answer: Answer, passing: &str) -> Gate {
    let codes = answer.reasons.codes();
    let text = if answer.decision == Decision::Allowed { passing.to_owned() } else { reason_text(&codes) };
    let text = if text.is_empty() && answer.reasons == Reasons::NONE && answer.decision != Decision::Allowed {
        "not known, and it does not matter here".to_owned()
    } else {
        text
    };
    Gate {
        name,
        outcome: answer.decision.into(),
        codes,
        text,
        way: None,
        doubts: Vec::new(),
        content_id: None,
        content_title: None,
        levels_up: None,
        place: None,
        principals: Vec::new(),
        witnesses: Vec::new(),
        could_pass: None,
        could_pass_names: Arc::default(),
    }
}

/// How a witness lets the subject in.
fn through(witness: &str) -> String {
    if witness == "direct" { "directly".to_owned() } else { format!("through {witness}") }
}

fn passes(witnesses: &[String]) -> String {
    format!("passes {}", witnesses.iter().map(|witness| through(witness)).collect::<Vec<_>>().join(" and "))
}
