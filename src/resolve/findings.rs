//! What a report should point out. No finding decides access.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::chain::{Next, Position};
use super::engine::Engine;
use super::site::{Class, IndexedSite, NONE, Node, Principal, SpaceFacts, State, Unread};
use super::threads::shares;
use crate::model::{Decision, Operation, Permission, record, word, words};

words! {
    /// How much it matters.
    Severity {
        /// Outsiders may see it, or nobody can manage it.
        High = "high",
        /// Probably unintended.
        Medium = "medium",
        /// Worth knowing.
        Low = "low",
    }
}

word!(Severity as "Severity");

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingCode {
    /// The code.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What to do.
    pub advice: &'static str,
}

impl FindingCode {
    /// The code.
    pub fn as_str(&self) -> &'static str {
        self.code
    }
}

word!(FindingCode as "FindingCode");

/// Declares a finding as a constant and as a row of [`FINDINGS`].
macro_rules! findings {
    ($($name:ident = $code:literal, $severity:ident, $advice:literal;)+) => {
        $(const $name: FindingCode = FindingCode { code: $code, severity: Severity::$severity, advice: $advice };)+

        /// Every finding there is.
        pub const FINDINGS: &[FindingCode] = &[$($name),+];
    };
}

findings! {
    OPEN_TO_ANONYMOUS = "open_to_anonymous", High,
        "If it is not meant to be public, revoke the anonymous permission of the space or restrict the content.";
    PUBLIC_LINK = "public_link_on_restricted_content", High,
        "Turn the public link off: anyone who knows the address can open the content, despite its restrictions.";
    ANONYMOUS_MAY_EDIT = "anonymous_may_edit", High,
        "Revoke the anonymous permissions to create and edit: anyone who finds the site can change the content.";
    THROUGH_ANONYMOUS = "open_through_anonymous_grant", High,
        "Revoke the anonymous permissions of the space: anonymous access is off for the site, but everyone who can log in still gets in through them.";
    NOBODY_ACTIVE = "restricted_to_nobody_active", High,
        "Add an active account or group to the list; a space administrator can remove the restriction.";
    EDITABLE_BY_NOBODY = "editable_by_nobody", Medium,
        "Add someone who may edit in the space to the edit list.";
    LISTED_WITHOUT_VIEW = "listed_without_space_view", Medium,
        "Grant the subject view in the space, or remove it from the list: a restriction never grants access.";
    CHILD_FAILS_PARENT = "child_lists_who_fails_parent", Medium,
        "Add the subject to the view lists of the ancestors, or remove it from this one: a subject must pass every list.";
    EDIT_WITHOUT_VIEW = "edit_entry_without_view_entry", Medium,
        "Add everyone on the edit list to the view list too: whether an edit entry alone is enough differs between products.";
    STALE_GROUP = "stale_group", Medium,
        "Remove the entry: a new group with the same name would inherit it.";
    OPEN_CHILDREN = "edit_restricted_parent_with_open_children", Low,
        "If the descendants should be protected too, restrict editing on each: edit restrictions are not inherited.";
    ONLY_INHERITED = "restricted_only_by_inheritance", Low,
        "If it must stay closed when it is moved, archived or converted, add a view restriction to it.";
    REDUNDANT = "redundant_restriction", Low,
        "Remove the view list: it contains everyone who could see the content without it.";
    INDIVIDUALS = "individual_entries", Low,
        "List a group instead of single accounts: accounts come and go.";
    ALL_LICENSED = "open_to_all_licensed", Low,
        "Check that everyone with a licence, or beyond, should see the space.";
    INCOMPLETE = "inventory_incomplete", Medium,
        "Read the site with an account that sees everything, and check the gaps: missing does not mean closed.";
}

record! {
    /// One row is something a report should point out. It is not an access decision.
    ///
    /// From `access.findings()`.
    pub struct Finding {
        /// What, as a code.
        field code: &'static str,
        /// The finding as a code, such as `open_to_anonymous` or `editable_by_nobody`.
        column code: FindingCode = |finding| finding.code,
        /// `high`, `medium` or `low`.
        pub severity: Severity,
        /// Space it is in.
        pub space_key: Option<String>,
        /// The content item it is about.
        pub content_id: Option<String>,
        /// Title of that item.
        pub content_title: Option<String>,
        /// The subject it is about.
        pub subject: Option<String>,
        /// The facts that prove it, in one line.
        pub message: String,
        /// What to do.
        pub advice: &'static str,
        /// Name of that subject; null if unknown, as for a deleted account.
        pub subject_name: Option<String>,
    }
}

/// All findings: those about the site, the spaces, then the contents in their order.
pub(super) fn findings(engine: &Engine) -> Vec<Finding> {
    let site = &engine.site;
    let above = nearest_above(site);
    let scanner = || FindingScanner { engine, site, above: &above, found: Vec::new(), outside: FxHashMap::default() };
    let mut whole = scanner();
    whole.inventory();
    whole.spaces();
    let wider = whole.wider_children();
    let shares = shares(site.nodes.len(), |range| {
        let mut share = scanner();
        for at in range.filter_map(|at| u32::try_from(at).ok()) {
            if !site.is_trashed(at) && !site.is_attached(at) {
                share.content(at, wider.get(&at).copied());
            }
        }
        share.found
    });
    let mut found = whole.found;
    shares.into_iter().for_each(|share| found.extend(share));
    found
}

/// For each content the first one from it up whose view list binds those below; [`NONE`] where there is none.
fn nearest_above(site: &IndexedSite) -> Vec<u32> {
    const NOT_YET: u32 = NONE - 1;
    let mut nearest = vec![NOT_YET; site.nodes.len()];
    let mut path = Vec::new();
    for start in (0u32..).take(nearest.len()) {
        let mut at = start;
        let found = loop {
            match (nearest.get(at as usize), site.node(at)) {
                (Some(&NOT_YET), Some(node)) if !node.cyclic => {
                    path.push(at);
                    if !site.view_list(at).is_empty() {
                        break at;
                    }
                    let Next::Content { at: parent, .. } = site.next(node, Position::Above) else { break NONE };
                    at = parent;
                }
                (Some(&known), _) if known != NOT_YET => break known,
                _ => break NONE,
            }
        };
        for at in path.drain(..) {
            if let Some(slot) = nearest.get_mut(at as usize) {
                *slot = found;
            }
        }
    }
    nearest
}

struct FindingScanner<'a> {
    engine: &'a Engine,
    site: &'a IndexedSite,
    /// See [`nearest_above`].
    above: &'a [u32],
    found: Vec<Finding>,
    /// Whether nobody of a group or class passes the entrance of a space: many contents ask the same.
    outside: FxHashMap<(u32, Principal), bool>,
}

impl FindingScanner<'_> {
    fn add(&mut self, kind: FindingCode, at: Option<u32>, subjects: &[String], message: String) {
        let content = at.and_then(|at| self.site.content(at));
        let only = if let [only] = subjects { Some(only) } else { None };
        self.found.push(Finding {
            code: kind.code,
            severity: kind.severity,
            space_key: content.map(|content| content.space_key.clone()),
            content_id: content.map(|content| content.id.clone()),
            content_title: content.and_then(|content| content.title.clone()),
            subject: only.cloned(),
            subject_name: only.and_then(|subject| self.name(subject)),
            message,
            advice: kind.advice,
        });
    }

    /// Pages the caller cannot see are missing from every list.
    // Source: https://jira.atlassian.com/browse/CONFCLOUD-76815
    fn inventory(&mut self) {
        let site = self.site;
        let caller = site.snapshot.site.caller.as_ref();
        let sees_all = caller.and_then(|caller| site.actor(caller)).is_some_and(|actor| {
            site.bypass(&actor, Operation::View).is_some_and(|(_, _, works)| works == Decision::Allowed)
        });
        let gaps = site.snapshot.gaps.len();
        if let Some(caller) = caller.filter(|_| !sees_all) {
            let message = format!(
                "read as `{}`, which passes no restriction by itself: contents it cannot see are missing; {gaps} gaps",
                self.shown(&caller.to_string())
            );
            self.add(INCOMPLETE, None, &[caller.to_string()], message);
        } else if gaps > 0 {
            self.add(INCOMPLETE, None, &[], format!("{gaps} gaps: not everything could be read"));
        }
    }

    fn spaces(&mut self) {
        let site = self.site;
        for space in &site.spaces {
            self.through_anonymous(space);
            let mut wide = Vec::new();
            let mut stale = Vec::new();
            for grant in space.grants.iter().flatten() {
                let list = match grant.principal {
                    Principal::Class(Class::AllLicensed | Class::Authenticated) | Principal::Unlicensed => &mut wide,
                    Principal::Group(at) if self.vanished(at) => &mut stale,
                    _ => continue,
                };
                let subject = site.subject_of(grant.principal).to_string();
                if !list.contains(&subject) {
                    list.push(subject);
                }
            }
            for (kind, subjects, what) in
                [(ALL_LICENSED, wide, "has permissions"), (STALE_GROUP, stale, "no longer exists, but has permissions")]
            {
                if !subjects.is_empty() {
                    let message = format!("{} {what} in space {}", self.several(&subjects), space.key);
                    self.add(kind, None, &subjects, message);
                    if let Some(row) = self.found.last_mut() {
                        row.space_key = Some(space.key.clone());
                    }
                }
            }
        }
    }

    /// An anonymous grant that stayed behind when anonymous was switched off for the site.
    // Source: https://support.atlassian.com/confluence/kb/users-can-view-a-space-regardless-of-its-permissions/
    fn through_anonymous(&mut self, space: &SpaceFacts) {
        let (conditions, policy) = (&self.site.conditions, &self.site.policy);
        let ended = if conditions.cloud { conditions.enforced } else { Decision::Denied };
        let serves = match (conditions.anonymous, ended, policy.anonymous_applies_when_site_off) {
            (Decision::Denied, Decision::Denied, Decision::Allowed) => "which serves everybody who is logged in",
            // Guests and people without a licence are served whatever the switch says.
            (Decision::Denied, Decision::Denied, Decision::Denied) if conditions.cloud => {
                "which serves guests and people without a licence"
            }
            (Decision::Allowed | Decision::Unknown, ..)
            | (_, Decision::Allowed, _)
            | (_, Decision::Denied, Decision::Denied) => return,
            _ => "which may serve everybody who is logged in",
        };
        let given: Vec<&str> = Permission::KNOWN
            .iter()
            .zip(&space.grants)
            .filter(|(_, grants)| grants.iter().any(|grant| grant.principal == Principal::Anonymous))
            .map(|(word, _)| *word)
            .collect();
        // Without view no other permission counts.
        if !given.contains(&Permission::View.as_str()) {
            return;
        }
        let message =
            format!("anonymous is off for the site, and has {} in space {}, {serves}", given.join(", "), space.key);
        self.add(THROUGH_ANONYMOUS, None, &["anonymous".to_owned()], message);
        if let Some(row) = self.found.last_mut() {
            row.space_key = Some(space.key.clone());
        }
    }

    fn vanished(&self, group: u32) -> bool {
        self.site.groups.get(group as usize).is_none_or(|group| !group.exists)
    }

    /// Contents with an edit list, and how many open contents directly below are edited by more people.
    fn wider_children(&self) -> BTreeMap<u32, u64> {
        let site = self.site;
        let audiences = self.engine.audiences();
        let mut wider = BTreeMap::new();
        let mut known: FxHashMap<(u32, u32), bool> = FxHashMap::default();
        for (at, node) in (0u32..).zip(&site.nodes) {
            if site.edit_list(node.parent).is_empty() || !site.edit_list(at).is_empty() || site.is_attached(at) {
                continue;
            }
            let id = |at: u32| audiences.edit.get(at as usize).copied();
            let Some((child, parent)) = id(at).zip(id(node.parent)) else { continue };
            let more = *known.entry((child, parent)).or_insert_with(|| {
                let sets = audiences.set(child).zip(audiences.set(parent));
                sets.is_some_and(|(child, parent)| !child.yes.is_subset(parent.maybe()))
            });
            if more {
                *wider.entry(node.parent).or_default() += 1;
            }
        }
        wider
    }

    fn content(&mut self, at: u32, wider_children: Option<u64>) {
        let site = self.site;
        let Some(node) = site.node(at).copied() else { return };
        let audiences = self.engine.audiences();
        let bit = site.anonymous_bit();
        let view = audiences.view.get(at as usize).and_then(|id| audiences.set(*id));
        if view.is_some_and(|view| view.decision(bit) == Decision::Allowed) {
            self.add(OPEN_TO_ANONYMOUS, Some(at), &["anonymous".to_owned()], "anonymous can view it".to_owned());
        }
        let edit = audiences.edit.get(at as usize).and_then(|id| audiences.set(*id));
        if edit.is_some_and(|edit| edit.decision(bit) == Decision::Allowed) {
            self.add(ANONYMOUS_MAY_EDIT, Some(at), &["anonymous".to_owned()], "anonymous can edit it".to_owned());
        }
        self.links_and_inheritance(at, &node);
        let (view_list, edit_list) = (site.view_list(at), site.edit_list(at));
        if view_list.is_empty() && edit_list.is_empty() {
            return;
        }
        self.entries(at, &node, view_list, edit_list);
        if let Some(count) = wider_children {
            let message = format!(
                "only {} may edit it, and {count} open contents directly below can be edited by more people",
                self.several(&self.written(edit_list))
            );
            self.add(OPEN_CHILDREN, Some(at), &[], message);
        }
        if !edit_list.is_empty() && node.state == State::Current && edit.is_some_and(|set| set.maybe().is_empty()) {
            let message =
                format!("on its edit list: {}; none of them may edit", self.several(&self.written(edit_list)));
            self.add(EDITABLE_BY_NOBODY, Some(at), &[], message);
        }
        if view_list.is_empty() || node.unread != Unread::No {
            return;
        }
        let population = self.engine.population();
        let through = population.set_of(site, view_list.iter().copied());
        if population.alive(through.maybe()).is_empty() && !through.maybe().contains(bit) {
            let message = format!(
                "on its view list: {}; none of them is an active account",
                self.several(&self.written(view_list))
            );
            self.add(NOBODY_ACTIVE, Some(at), &[], message);
        }
        let redundant = || {
            let without = audiences.entrance(node.space)?;
            let without = match audiences.above(&node) {
                Some(above) if node.state != State::Archived => without.meet(above),
                _ => without.clone(),
            };
            Some(!without.yes.is_empty() && without == *view?)
        };
        if node.state == State::Current && !node.cyclic && redundant() == Some(true) {
            let message = format!(
                "on its view list: {}; everybody who could view it without the list",
                self.several(&self.written(view_list))
            );
            self.add(REDUNDANT, Some(at), &[], message);
        }
    }

    /// The first content from this one up whose view list binds it.
    fn nearest(&self, content: u32) -> Option<u32> {
        let (mut at, mut position) = (content, Position::Own);
        loop {
            let node = self.site.node(at).filter(|node| !node.cyclic)?;
            if !self.site.view_list(at).is_empty() {
                return Some(at);
            }
            match self.site.next(node, position) {
                Next::Content { at: above, position: Position::Above, .. } => {
                    return self.above.get(above as usize).copied().filter(|at| *at != NONE);
                }
                Next::Content { at: host, position: further, .. } => (at, position) = (host, further),
                Next::End | Next::Broken => return None,
            }
        }
    }

    fn links_and_inheritance(&mut self, at: u32, node: &Node) {
        let site = self.site;
        let nearest = self.nearest(at);
        if site.public_link(at) == Decision::Allowed
            && let Some(layer) = nearest
        {
            let message = format!("a public link is on, and {} restricts who may view it", site.starred(layer));
            self.add(PUBLIC_LINK, Some(at), &[], message);
        }
        if !site.view_list(at).is_empty() || node.cyclic {
            return;
        }
        if let Some(layer) = nearest {
            let message = format!("no view list of its own; {} above it is restricted", site.starred(layer));
            self.add(ONLY_INHERITED, Some(at), &[], message);
        } else if node.state == State::Archived
            && let Some(layer) = self.nearest(node.parent)
        {
            let message =
                format!("archived, and with that no longer closed by the view list of {}", site.starred(layer));
            self.add(ONLY_INHERITED, Some(at), &[], message);
            if let Some(row) = self.found.last_mut() {
                row.severity = Severity::High;
            }
        }
    }

    /// Findings about single entries of the lists of a content.
    fn entries(&mut self, at: u32, node: &Node, view_list: &[Principal], edit_list: &[Principal]) {
        let site = self.site;
        let population = self.engine.population();
        let audiences = self.engine.audiences();
        let both = || view_list.iter().chain(edit_list).copied();
        let mut seen = rustc_hash::FxHashSet::default();
        let (mut stale, mut outside, mut single) = (Vec::new(), Vec::new(), Vec::new());
        let entrance = audiences.entrance(node.space);
        for principal in both().filter(|principal| seen.insert(*principal)) {
            match principal {
                Principal::Group(group) if self.vanished(group) => stale.push(site.subject_of(principal).to_string()),
                Principal::User(_) => single.push(site.subject_of(principal).to_string()),
                _ => {}
            }
            let stopped = || {
                let people = population.alive(&population.set_of(site, [principal]).yes);
                !people.is_empty() && entrance.is_some_and(|entrance| people.is_disjoint(entrance.maybe()))
            };
            if *self.outside.entry((node.space, principal)).or_insert_with(stopped) {
                outside.push(site.subject_of(principal).to_string());
            }
        }
        let space = site.space_of(at).map_or("", |space| &space.key);
        if !stale.is_empty() {
            self.add(
                STALE_GROUP,
                Some(at),
                &stale,
                format!("listed, but no longer existing: {}", self.several(&stale)),
            );
        }
        if !outside.is_empty() {
            let message = format!("listed, but without view in space {space}: {}", self.several(&outside));
            self.add(LISTED_WITHOUT_VIEW, Some(at), &outside, message);
        }
        if !single.is_empty() {
            self.add(INDIVIDUALS, Some(at), &single, format!("listed as single accounts: {}", self.several(&single)));
        }
        // Who is on the view list, has view in the space, and fails a layer above.
        if let (Some(above), Some(entrance)) = (audiences.above(node), entrance)
            && node.state != State::Archived
            && !node.cyclic
        {
            let listed = population.alive(&population.set_of(site, view_list.iter().copied()).yes) & &entrance.yes;
            let failing = listed - above.maybe();
            if !failing.is_empty() {
                let names = self.accounts(&failing);
                let message = format!("on the view list, but stopped by a list above: {}", self.several(&names));
                self.add(CHILD_FAILS_PARENT, Some(at), &names, message);
            }
        }
        if !view_list.is_empty() && !edit_list.is_empty() {
            let on = |list: &[Principal]| population.set_of(site, list.iter().copied());
            let missing = population.alive(&on(edit_list).yes) - on(view_list).maybe();
            if !missing.is_empty() {
                let names = self.accounts(&missing);
                let message = format!("on the edit list, not on the view list: {}", self.several(&names));
                self.add(EDIT_WITHOUT_VIEW, Some(at), &names, message);
            }
        }
    }

    /// Name of a subject that is written as text.
    fn name(&self, subject: &str) -> Option<String> {
        let (kind, id) = subject.split_once(':')?;
        match kind {
            "user" => self.site.principal_name(Principal::User(self.site.find_person(id)?)),
            "group" => self.site.principal_name(Principal::Group(self.site.find_group(id)?)),
            _ => None,
        }
    }

    /// A subject for a sentence: by its name, where that says more than its id.
    fn shown(&self, subject: &str) -> String {
        match (subject.split_once(':'), self.name(subject)) {
            (Some(("user", id)), Some(name)) if name != id => name,
            (Some(("group", id)), Some(name)) if name != id => format!("group {name}"),
            _ => subject.to_owned(),
        }
    }

    /// A list for a sentence.
    fn several(&self, subjects: &[String]) -> String {
        several(&subjects.iter().map(|subject| self.shown(subject)).collect::<Vec<_>>())
    }

    fn written(&self, list: &[Principal]) -> Vec<String> {
        list.iter().map(|principal| self.site.subject_of(*principal).to_string()).collect()
    }

    fn accounts(&self, people: &RoaringBitmap) -> Vec<String> {
        people.iter().map(|at| format!("user:{}", self.site.person_id(at))).collect()
    }
}

/// A list for a sentence, cut where it becomes long.
fn several(subjects: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = subjects.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match subjects.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_is_declared_once_with_advice() {
        for (at, row) in FINDINGS.iter().enumerate() {
            assert!(FINDINGS[..at].iter().all(|other| other.code != row.code), "{} twice", row.code);
            assert!(row.advice.ends_with('.'), "{}", row.code);
        }
        assert!(FINDINGS.len() >= 12);
    }
}
