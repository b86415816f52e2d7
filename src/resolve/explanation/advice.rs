//! What would open the content, what opens it beside standing access, and which restrictions do not matter.

use super::builder::{ExplanationBuilder, where_it_is};
use super::records::{Fix, Gate, GateName, IrrelevantRestriction, Outcome, WayIn};
use crate::model::{Decision, Operation, SwitchName};
use crate::resolve::chain::{Layer, Position};
use crate::resolve::codes::Reason;
use crate::resolve::needs::Need;
use crate::resolve::rules::Way;
use crate::resolve::site::State;
use crate::resolve::who::Who;

impl ExplanationBuilder<'_> {
    pub(super) fn ways_in(&self) -> Vec<WayIn> {
        let site = self.site;
        let mut ways = Vec::new();
        let mut add = |reason: Reason, open: bool, text: &str| {
            ways.push(WayIn { code: reason.code(), open, text: text.to_owned() });
        };
        if let Some((_, reason, works)) =
            site.bypass(&self.actor, self.target.operation).filter(|(_, reason, works)| {
                *reason == Reason::SuperGroup || *works != Decision::Denied || site.conditions.cloud
            })
        {
            let text = match (reason, works) {
                (Reason::AdminKey, _) => {
                    "an admin key is active: it opens every content, ends by itself and is audited"
                }
                (Reason::UnknownSuperGroup, _) => {
                    "confluence-administrators passes, and whether this account is in it could not be read"
                }
                (_, Decision::Allowed) => "a member of confluence-administrators passes space and restrictions",
                (_, Decision::Unknown) => "whether confluence-administrators passes here is not confirmed",
                (_, Decision::Denied) => "confluence-administrators does not pass here, but can grant itself",
            };
            add(reason, works == Decision::Allowed, text);
        } else if site.conditions.cloud && self.actor.traits.org_admin {
            add(Reason::AdminKey, false, "an organization administrator can ask for an admin key, for a short time");
        }
        match site.public_link(self.target.content) {
            Decision::Allowed => add(
                Reason::PublicLink,
                true,
                "a public link is on: anyone who knows it can view this one content, whatever restricts it",
            ),
            Decision::Unknown if self.actor.who == Who::PublicLink => {
                add(Reason::UnknownPublicLink, false, "whether a public link is on is not known");
            }
            _ => {}
        }
        ways
    }

    /// Changes that together open the content: one for each gate that stops the subject.
    pub(super) fn fixes(&self, gates: &[Gate]) -> Vec<Fix> {
        let who = self.who();
        let space = &self.target.space.key;
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
                    let need = self.target.need();
                    let what = if has(Reason::NoRestrict) { Need::Restrict } else { need.unwrap_or(Need::View) };
                    add(format!("grant {who} the permission to {} in space {space}", what.as_str()), SPACE_ADMIN);
                }
                GateName::ViewList | GateName::EditList => {
                    let list = if gate.name == GateName::ViewList { "view" } else { "edit" };
                    add(
                        format!("add {who} to the {list} list of {starred}"),
                        "anyone who may edit it and change restrictions; an administrator of the space can only remove the list",
                    );
                }
            }
        }
        fixes
    }

    pub(super) fn irrelevant(&mut self) -> Vec<IrrelevantRestriction> {
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
        let edits =
            matches!(self.target.operation, Operation::Edit | Operation::RemoveRestrictions | Operation::Delete);
        let mut last = None;
        let mut edit_lists_above = false;
        for Layer { node, position, levels, .. } in site.layers(self.target.content) {
            last = Some((node, levels));
            if site.edit_list(node).is_empty() {
                continue;
            }
            let place = where_it_is(site, node, levels);
            if position == Position::Own {
                if !edits {
                    add(node, levels, format!("the edit list {place} does not matter for this operation"));
                }
            } else if site.edit_list_binds(position) == Decision::Denied || !edits {
                edit_lists_above = true;
                add(node, levels, format!("the edit list {place} does not apply: edit lists are not inherited"));
            }
        }
        // What an archived page has lost.
        if let Some((top, levels)) = last.filter(|(top, _)| site.node(*top).is_some_and(|n| n.state == State::Archived))
        {
            let parent = site.node(top).map(|node| node.parent).filter(|parent| site.node(*parent).is_some());
            for layer in parent.into_iter().flat_map(|parent| site.layers(parent)) {
                let (node, levels) = (layer.node, levels + 1 + layer.levels);
                if site.view_list(node).is_empty() {
                    continue;
                }
                let place = where_it_is(site, node, levels);
                add(node, levels, format!("the view list {place} does not apply: an archived page keeps only its own"));
            }
        }
        if edit_lists_above && edits {
            self.note(SwitchName::EditInherited);
        }
        rows
    }

    /// The switch that decides whether the bypass works.
    pub(super) fn bypass_switches(&mut self, standing: Option<Decision>) {
        if standing != Some(Decision::Allowed)
            && !self.site.conditions.cloud
            && self
                .site
                .bypass(&self.actor, self.target.operation)
                .is_some_and(|(_, reason, _)| reason == Reason::SuperGroup)
        {
            let edit = self.target.operation == Operation::Edit;
            self.note(if edit { SwitchName::SuperGroupEdit } else { SwitchName::SuperGroupView });
        }
    }
}
