//! Findings about contents.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::json;

use super::codes::{
    ANONYMOUS_MAY_EDIT, CHILD_FAILS_PARENT, EDIT_WITHOUT_VIEW, EDITABLE_BY_NOBODY, INACTIVE_ENTRY, INDIVIDUALS,
    LISTED_WITHOUT_VIEW, NOBODY_ACTIVE, ONLY_INHERITED, OPEN_CHILDREN, OPEN_TO_ANONYMOUS, PUBLIC_LINK, PUBLIC_LINK_ON,
    REDUNDANT, STALE_GROUP, Severity, TOO_MANY,
};
use super::scanner::{FindingScanner, Named, calls};
use crate::model::Decision;
use crate::resolve::engine::Engine;
use crate::resolve::site::{Node, Principal, State, Unread};
use crate::resolve::tri::Tri;

/// Contents with an edit list, and how many open contents directly below are edited by more people.
pub(super) fn wider_children(engine: &Engine) -> BTreeMap<u32, u64> {
    let site = &engine.site;
    let audiences = engine.audiences();
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

impl FindingScanner<'_> {
    pub(super) fn content(&mut self, at: u32, wider_children: Option<u64>) {
        let site = self.site;
        let Some(node) = site.node(at).copied() else { return };
        self.anonymous(at);
        self.links_and_inheritance(at, &node);
        let (view_list, edit_list) = (site.view_list(at), site.edit_list(at));
        if view_list.is_empty() && edit_list.is_empty() {
            return;
        }
        self.entries(at, &node);
        self.people(at, &node);
        if let Some(count) = wider_children {
            let message = format!(
                "only {} may edit it, and {count} open contents directly below can be edited by more people",
                self.principals(edit_list).text
            );
            self.add(OPEN_CHILDREN, Some(at), &Named::default(), message);
        }
        let audiences = self.engine.audiences();
        let edit = audiences.edit.get(at as usize).and_then(|id| audiences.set(*id));
        if !edit_list.is_empty() && node.state == State::Current && edit.is_some_and(|set| set.maybe().is_empty()) {
            let message = format!("on its edit list: {}; none of them may edit", self.principals(edit_list).text);
            self.add(EDITABLE_BY_NOBODY, Some(at), &Named::default(), message);
        }
    }

    fn anonymous(&mut self, at: u32) {
        let audiences = self.engine.audiences();
        let may = |ids: &[u32]| {
            let anonymous = ids.get(at as usize).and_then(|id| audiences.anonymous(*id));
            anonymous == Some(Decision::Allowed)
        };
        for (ids, kind, message) in [
            (&audiences.view, OPEN_TO_ANONYMOUS, "anonymous can view it"),
            (&audiences.edit, ANONYMOUS_MAY_EDIT, "anonymous can edit it"),
        ] {
            if may(ids) {
                self.add(kind, Some(at), &self.one("anonymous".to_owned()), message.to_owned());
            }
        }
    }

    fn links_and_inheritance(&mut self, at: u32, node: &Node) {
        let site = self.site;
        let nearest = self.engine.restricting(at).next().map(|(layer, _)| layer);
        if site.public_link(at) == Decision::Allowed {
            match nearest {
                Some(layer) => {
                    let message = format!("a public link is on, and {} restricts who may view it", site.starred(layer));
                    self.add(PUBLIC_LINK, Some(at), &Named::default(), message);
                }
                None => {
                    self.add(PUBLIC_LINK_ON, Some(at), &Named::default(), "a public link is on".to_owned());
                }
            }
        }
        if !site.view_list(at).is_empty() || node.cyclic {
            return;
        }
        if let Some(layer) = nearest {
            let message = format!("no view list of its own; {} above it is restricted", site.starred(layer));
            self.add(ONLY_INHERITED, Some(at), &Named::default(), message);
        } else if node.state == State::Archived
            && let Some((layer, _)) = self.engine.restricting(node.parent).next()
        {
            let message =
                format!("archived, and with that no longer closed by the view list of {}", site.starred(layer));
            if let Some(row) = self.add(ONLY_INHERITED, Some(at), &Named::default(), message) {
                row.severity = Severity::High;
            }
        }
    }

    /// Findings about single entries of the lists of a content.
    fn entries(&mut self, at: u32, node: &Node) {
        let site = self.site;
        let (view_list, edit_list) = (site.view_list(at), site.edit_list(at));
        let population = self.engine.population();
        let entrance = self.engine.audiences().entrance(node.space);
        let mut seen = FxHashSet::default();
        let (mut stale, mut outside, mut single, mut inactive) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for principal in view_list.iter().chain(edit_list).copied().filter(|principal| seen.insert(*principal)) {
            match principal {
                Principal::Group(group) if self.vanished(group) => stale.push(principal),
                Principal::User(_) => single.push(principal),
                _ => {}
            }
            if self.is_inactive(principal) {
                inactive.push(principal);
            }
            let stopped = || {
                let people = population.alive(&population.set_of(site, [principal]).yes);
                !people.is_empty() && entrance.is_some_and(|entrance| people.is_disjoint(entrance.maybe()))
            };
            if *self.outside.entry((node.space, principal)).or_insert_with(stopped) {
                outside.push(principal);
            }
        }
        let without_view = if outside.is_empty() {
            String::new()
        } else {
            format!("listed, but without view in space {}", site.space_of(at).map_or("", |space| &*space.key))
        };
        for (kind, subjects, what) in [
            (STALE_GROUP, stale, "listed, but no longer existing"),
            (LISTED_WITHOUT_VIEW, outside, &*without_view),
            (INACTIVE_ENTRY, inactive, "listed, but deactivated or deleted"),
            (INDIVIDUALS, single, "listed as single accounts"),
        ] {
            if subjects.is_empty() {
                continue;
            }
            let named = self.principals(&subjects);
            let removed = matches!(kind, STALE_GROUP | INACTIVE_ENTRY).then(|| self.removal(at, &subjects)).flatten();
            let message = format!("{what}: {}", named.text);
            if let Some(row) = self.add(kind, Some(at), &named, message) {
                row.fix = removed;
            }
        }
        let entries = view_list.len() + edit_list.len();
        if entries > self.options.too_many_restrictions {
            let message = format!("{} entries on its view list, {} on its edit list", view_list.len(), edit_list.len());
            self.add(TOO_MANY, Some(at), &Named::default(), message);
        }
    }

    /// Findings about the people of the lists of a content.
    fn people(&mut self, at: u32, node: &Node) {
        let site = self.site;
        let (view_list, edit_list) = (site.view_list(at), site.edit_list(at));
        if view_list.is_empty() {
            return;
        }
        let (population, audiences) = (self.engine.population(), self.engine.audiences());
        let viewers = population.set_of(site, view_list.iter().copied());
        let entrance = audiences.entrance(node.space);
        // Who is on the view list, has view in the space, and fails a layer above.
        let above = audiences.above(node).filter(|_| node.state != State::Archived && !node.cyclic);
        if let (Some(above), Some(entrance)) = (above, entrance) {
            let failing = population.alive(&viewers.yes) & &entrance.yes;
            let failing = failing - above.maybe();
            if !failing.is_empty() {
                let named = self.accounts(&failing);
                let message = format!("on the view list, but stopped by a list above: {}", named.text);
                self.add(CHILD_FAILS_PARENT, Some(at), &named, message);
            }
        }
        if !edit_list.is_empty() {
            let editors = population.set_of(site, edit_list.iter().copied());
            let missing = population.alive(&editors.yes) - viewers.maybe();
            if !missing.is_empty() {
                let named = self.accounts(&missing);
                let message = format!("on the edit list, not on the view list: {}", named.text);
                self.add(EDIT_WITHOUT_VIEW, Some(at), &named, message);
            }
        }
        if node.unread != Unread::No {
            return;
        }
        let nobody = !population.any_alive(viewers.maybe()) && !viewers.maybe().contains(site.anonymous_bit());
        if nobody {
            let message =
                format!("on its view list: {}; none of them is an active account", self.principals(view_list).text);
            self.add(NOBODY_ACTIVE, Some(at), &Named::default(), message);
        }
        let view = audiences.view.get(at as usize).and_then(|id| audiences.set(*id));
        let redundant = || {
            let (without, view) = (entrance?, view?);
            // The viewers are among those: they are the same where they are as many.
            let among = |one: &RoaringBitmap, other: Option<&RoaringBitmap>| match other {
                Some(other) => one.intersection_len(other),
                None => one.len(),
            };
            let same = among(&without.yes, above.map(|above| &above.yes)) == view.yes.len()
                && among(without.maybe(), above.map(Tri::maybe)) == view.maybe().len();
            Some(same && !view.yes.is_empty())
        };
        if node.state == State::Current && !node.cyclic && redundant() == Some(true) {
            let message = format!(
                "on its view list: {}; everybody who could view it without the list",
                self.principals(view_list).text
            );
            let fix = site
                .content(at)
                .map(|content| calls(&[("unrestrict", json!({"contents": [content.id], "operation": "view"}))]));
            if let Some(row) = self.add(REDUNDANT, Some(at), &Named::default(), message) {
                row.fix = fix;
            }
        }
    }
}
