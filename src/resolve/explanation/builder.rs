//! Makes an explanation: the gates one by one, and what is known about each.

use std::collections::BTreeMap;

use super::records::{
    Explanation, Fix, Gate, GateName, IrrelevantRestriction, ListedPrincipal, Outcome, Place, SubjectState, SwitchUse,
    Way, WayIn,
};
use super::text::{reason_text, some_of};
use crate::model::{Decision, Operation, Subject, SwitchName, Verdict};
use crate::resolve::chain::{Position, Step};
use crate::resolve::codes::{Reason, Reasons, sentence};
use crate::resolve::engine::Engine;
use crate::resolve::lookup::MissingSubject;
use crate::resolve::needs::{Need, Rule};
use crate::resolve::rules::{Answer, Scope};
use crate::resolve::site::{Class, IndexedSite, Licence, NONE, Principal, SpaceFacts, State, Traits, Unread};
use crate::resolve::tri::Tri;
use crate::resolve::who::{Actor, Who};

/// Answers with every reason. The verdict and the codes are those of the plain answer; the gates are the same functions
/// asked one by one.
pub(in crate::resolve) fn explain(
    engine: &Engine,
    subject: &Subject,
    operation: Operation,
    content_id: &str,
) -> Explanation {
    let site = &engine.site;
    let actor = site.actor(subject);
    let content = site.find_content(content_id);
    let mut explanation = Explanation {
        verdict: Verdict::NotInInventory,
        decision: Decision::Unknown,
        operation,
        subject: site.subject_state(subject, actor.as_ref()),
        content: content.and_then(|at| site.place(at)),
        content_id: content_id.to_owned(),
        standing: None,
        bypass: None,
        exposure: None,
        codes: Vec::new(),
        doubts: Vec::new(),
        gates: Vec::new(),
        witnesses: BTreeMap::new(),
        ways_in: Vec::new(),
        fixes: Vec::new(),
        irrelevant: Vec::new(),
        gaps: Vec::new(),
        switches: Vec::new(),
        taken_at: site.snapshot.taken_at,
    };
    let Some(content) = content else { return explanation };
    let ruling = site.rule(actor.as_ref(), operation, content);
    explanation.verdict = ruling.verdict;
    explanation.decision = ruling.verdict.decision();
    explanation.standing = ruling.standing;
    explanation.bypass = ruling.bypass;
    explanation.exposure = ruling.exposure;
    explanation.codes = ruling.reasons.codes();
    explanation.gaps = engine.gaps_touching(content, Some(subject));
    if site.is_trashed(content) {
        return explanation;
    }
    let Some(actor) = actor else {
        explanation.doubts = vec![format!("not known which account `{subject}` is")];
        return explanation;
    };
    let Some(space) = site.space_of(content) else {
        explanation.doubts = vec!["not known to which space the content belongs".to_owned()];
        return explanation;
    };
    let asked = explanation.subject.subject.to_string();
    let mut builder =
        ExplanationBuilder { engine, site, actor, asked, operation, content, space, switches: Vec::new() };
    explanation.gates = builder.gates();
    for gate in &explanation.gates {
        let list = match gate.name {
            GateName::ViewList => "read",
            GateName::EditList => "update",
            _ => continue,
        };
        if let (Some(id), false) = (&gate.content_id, gate.principals.is_empty()) {
            let through = gate.principals.iter().filter(|listed| listed.outcome == Outcome::Pass);
            let through: Vec<_> = through.map(|listed| listed.subject.to_string()).collect();
            if !through.is_empty() {
                explanation.witnesses.insert(format!("{id}.{list}"), through);
            }
        }
    }
    explanation.ways_in = builder.ways_in();
    if ruling.verdict == Verdict::Unknown {
        explanation.doubts = doubts_of(&explanation.gates, ruling.reasons);
    }
    if ruling.verdict != Verdict::Allowed {
        explanation.fixes = builder.fixes(&explanation.gates);
    }
    explanation.irrelevant = builder.irrelevant();
    builder.bypass_switches(ruling.standing);
    let rows = site.policy.rows();
    explanation.switches = rows
        .into_iter()
        .filter(|row| builder.switches.contains(&row.name))
        .map(|row| SwitchUse {
            name: row.name.as_str(),
            default: row.value == row.default,
            value: row.value,
            question: row.name.question(),
            source: row.name.source(),
        })
        .collect();
    explanation
}

impl IndexedSite {
    pub(in crate::resolve) fn subject_state(&self, subject: &Subject, actor: Option<&Actor>) -> SubjectState {
        let state = |actor: &Actor| match actor.who {
            Who::Anonymous => "anonymous",
            Who::PublicLink => "anyone with the link",
            Who::Group(_) => "group",
            Who::UnknownGroup => "unknown group",
            Who::AnyMember(_) => "class",
            Who::UnknownUser => "unknown account",
            Who::Person(_) => person_state(&actor.traits),
        };
        let (subject, name) = match actor.map(|actor| actor.who) {
            Some(Who::Person(at)) => (Subject::user(self.person_id(at)), self.person_name(at).map(str::to_owned)),
            Some(Who::Group(at)) => {
                let group = self.groups.get(at as usize);
                let id = group.map_or(subject.id.as_str(), |group| &group.id);
                (Subject::group(id), group.and_then(|group| group.name.clone()))
            }
            _ => (subject.clone(), None),
        };
        let missing = self.missing(&subject);
        SubjectState {
            subject,
            name,
            state: actor.map_or("not matched to an account", state).to_owned(),
            note: missing.as_ref().map(MissingSubject::note),
            nearest: missing.map(|missing| missing.nearest).unwrap_or_default(),
        }
    }

    fn place(&self, at: u32) -> Option<Place> {
        let content = self.content(at)?;
        let space = self.space_of(at).and_then(|space| self.snapshot.spaces.get(space.row as usize));
        Some(Place {
            id: content.id.clone(),
            title: content.title.clone(),
            kind: content.kind.as_str().to_owned(),
            status: content.status.as_str().to_owned(),
            space_key: content.space_key.clone(),
            space_name: space.and_then(|space| space.name.clone()),
            url: content.url.clone(),
        })
    }
}

fn person_state(traits: &Traits) -> &'static str {
    match (traits.listed, traits.active, traits.guest, traits.licence) {
        (false, ..) => "unknown account",
        (_, Decision::Denied, ..) => "deactivated",
        (_, Decision::Unknown, ..) => "unknown",
        (.., Licence::Unlicensed) => "unlicensed",
        (_, _, Decision::Allowed, _) => "guest",
        (.., Licence::App) => "app",
        _ => "active",
    }
}

/// Tells one question.
struct ExplanationBuilder<'a> {
    engine: &'a Engine,
    site: &'a IndexedSite,
    actor: Actor,
    /// The subject, as it is written.
    asked: String,
    operation: Operation,
    content: u32,
    space: &'a SpaceFacts,
    /// Switches the answer rests on, as they come up.
    switches: Vec<SwitchName>,
}

impl ExplanationBuilder<'_> {
    fn gates(&mut self) -> Vec<Gate> {
        let site = self.site;
        let scope = site.scope(&self.actor, self.space);
        let mut gates = vec![self.site_gate()];
        let mode = site.mode_gate(self.operation);
        if mode.0 != Decision::Allowed {
            gates.push(plain_gate(GateName::SiteMode, mode, "accepts changes"));
        }
        gates.push(self.space_gate(GateName::Space, Need::View, scope));
        if let Some(need) = site.node(self.content).and_then(|node| site.need(node.kind, self.operation)) {
            let mut gate = self.space_gate(GateName::SpaceOperation, need, scope);
            let answer = site.need_gate(&self.actor, self.space, self.content, self.operation, scope);
            if Outcome::from(answer.0) != gate.outcome {
                // The right to delete one's own made the difference.
                gate.outcome = answer.0.into();
                gate.codes = answer.1.codes();
                gate.text = if answer.0 == Decision::Allowed {
                    "may delete what it created itself".to_owned()
                } else {
                    gate.doubts = vec![format!(
                        "not known whether {} created it and may delete what it created itself",
                        self.who()
                    )];
                    gate.doubts.join("; ")
                };
            }
            gates.push(gate);
        }
        let archived = site.space_state_gate(self.space, self.operation);
        if archived.0 != Decision::Allowed {
            gates.push(plain_gate(GateName::SpaceState, archived, "the space is in use"));
        }
        let host = site.host(self.content);
        let answer = site.state_gate(&self.actor, host, self.operation);
        if answer.0 != Decision::Allowed || site.node(host).is_some_and(|node| node.state != State::Current) {
            let mut gate = plain_gate(GateName::State, answer, "the state of the content allows it");
            self.locate(&mut gate, host, 0);
            gates.push(gate);
        }
        let mut steps = Vec::new();
        site.walk(self.content, |step| steps.push(step));
        if matches!(steps.last(), Some(Step::Layer { .. }))
            && site.node(host).is_some_and(|n| n.state == State::Archived)
        {
            self.note(SwitchName::ArchivedDropsInherited);
        }
        for step in steps.iter().rev() {
            gates.push(self.view_gate(*step));
        }
        let edits = matches!(self.operation, Operation::Edit | Operation::RemoveRestrictions);
        if !site.is_attached(self.content) {
            if edits {
                for step in steps.iter().rev() {
                    gates.extend(self.edit_gate(*step));
                }
            } else if self.operation == Operation::Delete {
                gates.push(self.delete_gate());
            }
        }
        if self.operation == Operation::RemoveRestrictions {
            self.part_ways(&mut gates, scope);
        }
        gates
    }

    /// Restrictions may be removed in several ways. Where one of them is open, the others are left out: what they would
    /// need does not matter.
    fn part_ways(&mut self, gates: &mut Vec<Gate>, scope: Scope) {
        let site = self.site;
        gates.push(self.space_gate(GateName::SpaceOperation, Need::Restrict, scope));
        for gate in gates.iter_mut() {
            let always = [GateName::Site, GateName::SiteMode, GateName::SpaceState, GateName::State];
            gate.way = (!always.contains(&gate.name)).then_some(Way::Editor);
        }
        let mut admin = self.space_gate(GateName::SpaceOperation, Need::Administer, scope);
        let administers = site.administers(&self.actor, self.space, scope);
        if Outcome::from(administers) != admin.outcome {
            let view = self.space_gate(GateName::Space, Need::View, scope);
            admin = Gate { outcome: administers.into(), name: GateName::SpaceOperation, ..view };
        }
        admin.way = Some(Way::SpaceAdmin);
        gates.push(admin);
        let system = site.administers_system(&self.actor);
        if !site.conditions.cloud {
            let mut gate = plain_gate(GateName::SystemAdmin, (system, Reasons::NONE), "a system administrator");
            gate.way = Some(Way::SystemAdmin);
            if system == Decision::Unknown {
                gate.doubts = vec![format!("not known whether {} is a system administrator", self.who())];
            }
            if system != Decision::Allowed {
                gate.text = gate.doubts.first().cloned().unwrap_or_else(|| "not a system administrator".to_owned());
            }
            gates.push(gate);
        }
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

    fn note(&mut self, switch: SwitchName) {
        if !self.switches.contains(&switch) {
            self.switches.push(switch);
        }
    }

    fn site_gate(&mut self) -> Gate {
        let answer = self.site.site_gate(&self.actor, self.space);
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
        if answer.1.has(Reason::SiteAccess) {
            let who = self.who();
            gate.doubts = vec![match self.actor.who {
                Who::Anonymous | Who::PublicLink => "not known whether anonymous access is on for the site".to_owned(),
                Who::UnknownUser => format!("not known whether there is an account {who} that may use Confluence"),
                _ if self.actor.traits.active == Decision::Unknown => {
                    format!("not known whether {who} is deactivated, and so whether it may use Confluence")
                }
                _ if self.actor.traits.licence == Licence::Unlicensed => {
                    format!("not known whether space {} is open to {who}, who has no licence", self.space.key)
                }
                _ => format!("not known whether {who} is licensed to use Confluence"),
            }];
            gate.text = gate.doubts.join("; ");
        }
        gate
    }

    fn space_gate(&mut self, name: GateName, need: Need, scope: Scope) -> Gate {
        let site = self.site;
        let answer = site.space_gate(&self.actor, self.space, need, scope);
        let mut gate = plain_gate(name, answer, "");
        gate.place = Some(format!("space {}", self.space.key));
        let mut decided = false;
        let grants = site.grants(self.space, need);
        for (principal, role) in &grants {
            let counts = scope == Scope::All || site.open(*principal);
            let belongs = if counts { site.belongs(&self.actor, *principal) } else { Decision::Denied };
            decided |= belongs == Decision::Allowed && !needs_a_switch(*principal);
            gate.principals.push(self.listed(*principal, *role, belongs));
            if gate.outcome == Outcome::Unknown && belongs == Decision::Unknown {
                self.doubt(&mut gate, *principal);
            }
        }
        if gate.outcome == Outcome::Unknown && need != Need::Undocumented {
            if self.space.unread {
                gate.doubts.push(format!("not all permissions of space {} were read", self.space.key));
            }
            if site.granted_by_free_plan(&self.actor, self.space, need) == Decision::Unknown {
                gate.doubts.push(format!("not known what the free plan lets {} do", self.who()));
            }
            // What they bring is not known: whoever has one may have the permission.
            for grant in &self.space.vague {
                let counts = scope == Scope::All || site.open(grant.principal);
                if counts && site.belongs(&self.actor, grant.principal) != Decision::Denied {
                    gate.principals.push(self.listed(grant.principal, grant.role, Decision::Unknown));
                    let subject = site.subject_of(grant.principal);
                    let text = format!(
                        "not known what a permission of `{subject}` in space {} brings, a word this version does not know",
                        self.space.key
                    );
                    if !gate.doubts.contains(&text) {
                        gate.doubts.push(text);
                    }
                }
            }
            if gate.doubts.is_empty() && matches!(need.rule(), Rule::OrBoth(..)) {
                let what = "not known whether a role with one of the two permissions, to create blog posts and to edit pages, is enough to edit blog posts";
                gate.doubts.push(what.to_owned());
            }
        }
        if !decided {
            for (principal, _) in &grants {
                self.note_class_switches(*principal);
            }
        }
        gate.witnesses = witness_lines(&gate.principals);
        let what = need.as_str();
        gate.text = match (gate.outcome, gate.witnesses.first()) {
            (Outcome::Pass, Some(first)) => format!("may {what} through {first}"),
            (Outcome::Pass, None) => {
                format!("every licensed user may {what}: a space of the free plan without any grant")
            }
            _ => reason_text(&gate.codes),
        };
        say_doubts(&mut gate);
        if gate.outcome != Outcome::Pass && need != Need::Undocumented {
            let population = self.engine.population();
            let set = site.needed(population, self.space, need);
            self.count(&mut gate, &set);
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
            Principal::Class(Class::ProductAdmins) if site.unlisted_admin(&self.actor) => {
                self.note(SwitchName::UnlistedAreProductAdmins);
            }
            _ => {}
        }
    }

    fn listed(&mut self, principal: Principal, role: u32, belongs: Decision) -> ListedPrincipal {
        let site = self.site;
        if let (Principal::Group(at), Who::Person(_)) = (principal, self.actor.who)
            && site.groups.get(at as usize).is_some_and(|group| !group.inner.is_empty())
        {
            self.note(SwitchName::NestedGroups);
        }
        ListedPrincipal {
            subject: site.subject_of(principal),
            name: site.principal_name(principal),
            via_role: site.roles.get(role as usize).cloned(),
            outcome: belongs.into(),
            via: if belongs == Decision::Allowed { site.label(principal, role) } else { String::new() },
        }
    }

    /// Says of an entry that it is not known whether the subject is, or belongs to, it.
    fn doubt(&self, gate: &mut Gate, principal: Principal) {
        let site = self.site;
        let (who, label) = (self.who(), site.label(principal, NONE));
        let asked_for_group = matches!(self.actor.who, Who::Group(_) | Who::UnknownGroup);
        let text = match principal {
            Principal::Group(at) => match (self.actor.who, site.groups.get(at as usize)) {
                (Who::Person(_) | Who::UnknownUser, Some(group)) if !group.incomplete => {
                    format!("not known whether {who}, in a group inside {label}, counts as a member of it")
                }
                (Who::Person(_) | Who::UnknownUser, _) => {
                    format!("not known whether {who} is in {label}, whose members are not all known")
                }
                _ => format!("not known whether {who} stands inside {label}"),
            },
            Principal::Class(_) if asked_for_group => {
                format!("not known whether {who}, asked about as itself, has what everybody in `class:{label}` has")
            }
            Principal::Class(Class::ProductAdmins) => {
                let why = if site.admins_listed { "" } else { ": not all product admins are known" };
                format!("not known whether {who} is a product admin (`class:{label}`){why}")
            }
            Principal::Class(Class::AllLicensed) if self.actor.traits.guest == Decision::Allowed => {
                format!("not known whether guests such as {who} are among all licensed users (`class:{label}`)")
            }
            Principal::Class(Class::AllLicensed) => {
                format!("not known whether {who} is a licensed user (`class:{label}`)")
            }
            Principal::Class(Class::JsmProjectAdmins) => {
                format!("not known whether {who} administers a service project (`class:{label}`)")
            }
            Principal::Class(Class::Authenticated) => {
                format!("not known whether {who} is meant by everybody who is logged in (`class:{label}`)")
            }
            Principal::Class(Class::Other(_)) => {
                format!("not known whether {who} is in `class:{label}`, a class this version does not know")
            }
            Principal::Anonymous => format!("not known whether what anonymous may do serves {who} too"),
            Principal::Unlicensed => {
                format!("not known whether what people without a licence may do serves {who} too")
            }
            Principal::Opaque(_) => {
                format!(
                    "not known whether {who} is or belongs to `{label}`, an entry of a kind this version does not know"
                )
            }
            // Decided by the id.
            Principal::User(_) => return,
        };
        if !gate.doubts.contains(&text) {
            gate.doubts.push(text);
        }
    }

    fn locate(&self, gate: &mut Gate, at: u32, levels: u32) {
        let content = self.site.content(at);
        gate.content_id = content.map(|content| content.id.clone());
        gate.content_title = content.and_then(|content| content.title.clone());
        gate.levels_up = Some(levels);
        gate.place = Some(where_it_is(self.site, at, levels));
    }

    fn list(&mut self, gate: &mut Gate, list: &[Principal]) {
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
        let vanished = list.iter().all(|principal| match principal {
            Principal::Group(at) => self.site.groups.get(*at as usize).is_none_or(|group| !group.exists),
            _ => false,
        });
        if vanished && !list.is_empty() {
            self.note(SwitchName::OnlyVanishedGroups);
        }
    }

    fn count(&self, gate: &mut Gate, set: &Tri) {
        let population = self.engine.population();
        let set = population.working(&set.yes);
        gate.could_pass = Some(set.len());
        gate.could_pass_names = set
            .iter()
            .take(10)
            .map(|at| self.site.person_name(at).unwrap_or_else(|| self.site.person_id(at)).to_owned())
            .collect();
    }

    fn view_gate(&mut self, step: Step) -> Gate {
        let site = self.site;
        let answer = site.view_step(&self.actor, step);
        let mut gate = plain_gate(GateName::ViewList, answer, "");
        let Step::Layer { node: at, position, levels, .. } = step else {
            gate.place = Some("above the contents that are known".to_owned());
            gate.text = reason_text(&gate.codes);
            self.doubt_list(&mut gate, "restrictions", None);
            return gate;
        };
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
            (Outcome::Pass, Some(_)) => format!("passes through {}", gate.witnesses.join(" and ")),
            (Outcome::Pass, None) => "passes as the policy says".to_owned(),
            _ => reason_text(&gate.codes),
        };
        self.doubt_list(&mut gate, "view list", Some(at));
        if gate.outcome != Outcome::Pass
            && let Some(set) = site.view_set(self.engine.population(), at, position)
        {
            self.count(&mut gate, &set);
        }
        gate
    }

    fn edit_gate(&mut self, step: Step) -> Option<Gate> {
        let site = self.site;
        let Step::Layer { node: at, position, levels, .. } = step else { return None };
        let list = site.edit_list(at);
        if position != Position::Own {
            let passes = list.is_empty() && site.edit_step(&self.actor, step).0 == Decision::Allowed;
            if passes || site.policy.edit_inherited == Decision::Denied {
                return None;
            }
            self.note(SwitchName::EditInherited);
        }
        let mut gate = plain_gate(GateName::EditList, site.edit_step(&self.actor, step), "");
        self.locate(&mut gate, at, levels);
        self.list(&mut gate, list);
        if list.is_empty() && gate.outcome == Outcome::Pass {
            gate.outcome = Outcome::NotApplicable;
            gate.text = "no edit restriction".to_owned();
            return Some(gate);
        }
        gate.text = match gate.outcome {
            Outcome::Pass if !gate.witnesses.is_empty() => format!("passes through {}", gate.witnesses.join(" and ")),
            Outcome::Pass => "passes as the policy says".to_owned(),
            _ => reason_text(&gate.codes),
        };
        self.doubt_list(&mut gate, "edit list", Some(at));
        if gate.outcome != Outcome::Pass
            && let Some(set) = site.edit_set(self.engine.population(), at, position)
        {
            self.count(&mut gate, &set);
        }
        Some(gate)
    }

    fn delete_gate(&mut self) -> Gate {
        let site = self.site;
        let mut gate = plain_gate(GateName::EditList, site.delete_gate(&self.actor, self.content), "");
        self.locate(&mut gate, self.content, 0);
        let list = site.edit_list(self.content);
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
            self.doubt_list(&mut gate, "edit list", Some(self.content));
        }
        gate
    }

    /// What is not known about a list, beside its doubtful entries.
    fn doubt_list(&self, gate: &mut Gate, list: &str, at: Option<u32>) {
        if gate.outcome != Outcome::Unknown {
            return;
        }
        let starred = at.map_or_else(String::new, |at| self.site.starred(at));
        for code in gate.codes.iter().filter(|code| **code != Reason::Principal.code()) {
            gate.doubts.push(if *code == Reason::Unreadable.code() {
                format!("not known whether the {list} of {starred} stops {}: it could not be read", self.who())
            } else if *code == Reason::EmptyNotTrusted.code() {
                format!(
                    "not known whether {starred} is restricted: Confluence reports no restriction for this type of content even where there is one"
                )
            } else if *code == Reason::VanishedGroup.code() {
                format!("not known whether the {list} of {starred}, which holds only groups that no longer exist, still restricts")
            } else if *code == Reason::EditEntry.code() {
                format!("not known whether an entry of the edit list of {starred} passes its view list")
            } else if *code == Reason::AncestorMissing.code() {
                "not known what stands above it, and whom that lets pass".to_owned()
            } else {
                match sentence(code) {
                    Some(sentence) => sentence.trim_end_matches('.').to_owned(),
                    None => continue,
                }
            });
        }
        say_doubts(gate);
    }

    fn ways_in(&self) -> Vec<WayIn> {
        let site = self.site;
        let mut ways = Vec::new();
        let mut add = |reason: Reason, open: bool, text: &str| {
            ways.push(WayIn { code: reason.code(), open, text: text.to_owned() });
        };
        if let Some((_, reason, works)) = site.bypass(&self.actor, self.operation) {
            let text = match (reason, works) {
                (Reason::AdminKey, _) => {
                    "an admin key is active: it opens every content, ends by itself and is audited"
                }
                (_, Decision::Allowed) => "a member of confluence-administrators passes space and restrictions",
                (_, Decision::Unknown) => "whether confluence-administrators passes here is not confirmed",
                (_, Decision::Denied) => "confluence-administrators does not pass here, but can grant itself",
            };
            add(reason, works == Decision::Allowed, text);
        } else if site.conditions.cloud && self.actor.traits.org_admin {
            add(Reason::AdminKey, false, "an organization administrator can ask for an admin key, for a short time");
        }
        match site.public_link(self.content) {
            Decision::Allowed => add(
                Reason::PublicLink,
                true,
                "a public link is on: whoever knows it can view this one content, whatever restricts it",
            ),
            Decision::Unknown if self.actor.who == Who::PublicLink => {
                add(Reason::UnknownPublicLink, false, "whether a public link is on is not known");
            }
            _ => {}
        }
        ways
    }

    /// Changes that together open the content: one for each gate that stops the subject.
    fn fixes(&self, gates: &[Gate]) -> Vec<Fix> {
        let who = self.who();
        let space = &self.space.key;
        let mut fixes: Vec<Fix> = Vec::new();
        let mut add = |change: String, by: &str| {
            if !fixes.iter().any(|fix| fix.change == change) {
                fixes.push(Fix { change, by: by.to_owned() });
            }
        };
        const SPACE_ADMIN: &str = "an administrator of the space";
        // Of several ways the one that makes nobody an administrator.
        let in_the_way = |gate: &&Gate| gate.outcome == Outcome::Fail && gate.way.is_none_or(|way| way == Way::Editor);
        for gate in gates.iter().filter(in_the_way) {
            let place = gate.content_id.as_deref().and_then(|id| self.site.find_content(id));
            let starred = place.map_or_else(String::new, |at| self.site.starred(at));
            let has = |reason: Reason| gate.codes.contains(&reason.code());
            match gate.name {
                GateName::Site if has(Reason::Deactivated) => {
                    add(format!("reactivate {who}"), "a site administrator");
                }
                GateName::Site if has(Reason::AnonymousDisabled) => {
                    add("allow anonymous access for the site".to_owned(), "a site administrator");
                }
                GateName::Site => add(format!("give {who} access to Confluence"), "a site administrator"),
                GateName::SiteMode => add("end the read-only mode of the site".to_owned(), "a system administrator"),
                GateName::SpaceState => add(format!("take space {space} out of the archive"), SPACE_ADMIN),
                GateName::State if has(Reason::Archived) => {
                    add(format!("restore {starred} from the archive"), SPACE_ADMIN);
                }
                GateName::State => add(format!("share or publish the draft {starred}"), "its creator"),
                GateName::Space => add(format!("grant {who} view in space {space}"), SPACE_ADMIN),
                GateName::SystemAdmin => {}
                GateName::SpaceOperation => {
                    let need = self.site.node(self.content).and_then(|n| self.site.need(n.kind, self.operation));
                    let what = if has(Reason::NoRestrict) { Need::Restrict } else { need.unwrap_or(Need::View) };
                    add(format!("grant {who} the permission to {} in space {space}", what.as_str()), SPACE_ADMIN);
                }
                GateName::ViewList | GateName::EditList => {
                    let list = if gate.name == GateName::ViewList { "view" } else { "edit" };
                    add(
                        format!("add {who} to the {list} list of {starred}"),
                        "whoever may edit it and change restrictions; an administrator of the space can only remove the list",
                    );
                }
            }
        }
        fixes
    }

    fn who(&self) -> String {
        match self.actor.who {
            Who::Person(at) => match self.site.person_name(at) {
                Some(name) => name.to_owned(),
                None => format!("user:{}", self.site.person_id(at)),
            },
            Who::Group(at) => match self.site.groups.get(at as usize) {
                Some(group) => format!("group {}", group.name.as_deref().unwrap_or(&group.id)),
                None => "the group".to_owned(),
            },
            Who::Anonymous | Who::PublicLink => "anonymous".to_owned(),
            _ => self.asked.clone(),
        }
    }

    fn irrelevant(&mut self) -> Vec<IrrelevantRestriction> {
        let site = self.site;
        let mut rows = Vec::new();
        let mut add = |at: u32, levels_up: u32, text: String| {
            let content = site.content(at);
            rows.push(IrrelevantRestriction {
                content_id: content.map_or_else(String::new, |content| content.id.clone()),
                content_title: content.and_then(|content| content.title.clone()),
                levels_up,
                text,
            });
        };
        let edits = matches!(self.operation, Operation::Edit | Operation::RemoveRestrictions | Operation::Delete);
        let mut last = None;
        let mut edit_lists_above = false;
        site.walk(self.content, |step| {
            let Step::Layer { node, position, levels, .. } = step else { return };
            last = Some((node, levels));
            if site.edit_list(node).is_empty() {
                return;
            }
            let place = where_it_is(site, node, levels);
            if position == Position::Own {
                if !edits {
                    add(node, levels, format!("the edit list {place} does not matter for this operation"));
                }
            } else if site.policy.edit_inherited == Decision::Denied || !edits {
                edit_lists_above = true;
                add(node, levels, format!("the edit list {place} does not apply: edit lists are not inherited"));
            }
        });
        // What an archived page has lost.
        if let Some((top, levels)) = last.filter(|(top, _)| site.node(*top).is_some_and(|n| n.state == State::Archived))
        {
            let mut first = true;
            let mut above = Vec::new();
            if let Some(parent) = site.node(top).map(|node| node.parent).filter(|parent| site.node(*parent).is_some()) {
                site.walk(parent, |step| {
                    if let Step::Layer { node, levels: further, .. } = step
                        && !site.view_list(node).is_empty()
                    {
                        above.push((node, levels + 1 + further));
                    }
                    first = false;
                });
            }
            for (node, levels) in above {
                let place = where_it_is(site, node, levels);
                add(node, levels, format!("the view list {place} does not apply: an archived page keeps only its own"));
            }
        }
        if edit_lists_above && edits {
            self.note(SwitchName::EditInherited);
        }
        rows
    }

    fn bypass_switches(&mut self, standing: Option<Decision>) {
        if standing != Some(Decision::Allowed)
            && !self.site.conditions.cloud
            && self.site.bypass(&self.actor, self.operation).is_some()
        {
            let edit = self.operation == Operation::Edit;
            self.note(if edit { SwitchName::SuperGroupEdit } else { SwitchName::SuperGroupView });
        }
    }
}

/// Whether a switch decides whom the principal serves.
fn needs_a_switch(principal: Principal) -> bool {
    !matches!(principal, Principal::User(_) | Principal::Group(_))
}

fn where_it_is(site: &IndexedSite, at: u32, levels: u32) -> String {
    let starred = site.starred(at);
    match levels {
        0 => format!("at {starred} itself"),
        1 => format!("1 level up, at {starred}"),
        more => format!("{more} levels up, at {starred}"),
    }
}

fn witness_lines(principals: &[ListedPrincipal]) -> Vec<String> {
    principals.iter().filter(|listed| listed.outcome == Outcome::Pass).map(|listed| listed.via.clone()).collect()
}

fn plain_gate(name: GateName, (decision, reasons): Answer, passing: &str) -> Gate {
    let codes = reasons.codes();
    let text = if decision == Decision::Allowed { passing.to_owned() } else { reason_text(&codes) };
    let text = if text.is_empty() && reasons == Reasons::NONE && decision != Decision::Allowed {
        "not known, and it does not matter here".to_owned()
    } else {
        text
    };
    Gate {
        name,
        outcome: decision.into(),
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
        could_pass_names: Vec::new(),
    }
}

/// What the gates of a way come to; `None`: those every way needs.
fn of_way(gates: &[Gate], way: Option<Way>) -> Decision {
    gates.iter().filter(|gate| gate.way == way).fold(Decision::Allowed, |all, gate| all.and(gate.outcome.decision()))
}

/// Makes the doubts of a gate its text, and puts its doubtful entries first.
fn say_doubts(gate: &mut Gate) {
    if gate.outcome != Outcome::Unknown || gate.doubts.is_empty() {
        return;
    }
    gate.principals.sort_by_key(|listed| listed.outcome != Outcome::Unknown);
    let doubtful = gate.principals.iter().filter(|listed| listed.outcome == Outcome::Unknown).count();
    gate.text = some_of(&gate.doubts);
    if doubtful > 0 && doubtful < gate.principals.len() {
        gate.text.push_str("; no other entry applies");
    }
}

/// Why the answer is unknown: what the gates say that leave it so.
fn doubts_of(gates: &[Gate], reasons: Reasons) -> Vec<String> {
    let mut doubts: Vec<String> = Vec::new();
    let decisive = |gate: &&Gate| {
        gate.outcome == Outcome::Unknown && gate.way.is_none_or(|way| of_way(gates, Some(way)) == Decision::Unknown)
    };
    for gate in gates.iter().filter(decisive) {
        if gate.doubts.is_empty() {
            doubts.push(gate.text.trim_end_matches('.').to_owned());
        }
        doubts.extend(gate.doubts.iter().cloned());
    }
    for reason in [Reason::UnknownBypass, Reason::UnknownPublicLink] {
        let sentence = sentence(reason.code()).filter(|_| reasons.has(reason));
        doubts.extend(sentence.map(|sentence| sentence.trim_end_matches('.').to_owned()));
    }
    let mut seen = std::collections::HashSet::new();
    doubts.retain(|doubt| !doubt.is_empty() && seen.insert(doubt.clone()));
    doubts
}
