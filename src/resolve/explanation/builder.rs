//! What every part of an explanation looks at, and the switches it rests on as they come up.

use super::records::{Gate, ListedPrincipal, SwitchUse};
use crate::model::{Decision, SwitchName};
use crate::resolve::engine::Engine;
use crate::resolve::rules::Target;
use crate::resolve::site::{IndexedSite, Principal};
use crate::resolve::who::{Actor, Who};

/// Explains one answer.
pub(super) struct ExplanationBuilder<'a> {
    pub(super) engine: &'a Engine,
    pub(super) site: &'a IndexedSite,
    pub(super) actor: Actor,
    /// The subject, as it is written.
    pub(super) asked: String,
    pub(super) target: Target<'a>,
    /// Switches the answer rests on, as they come up.
    pub(super) switches: Vec<SwitchName>,
}

impl ExplanationBuilder<'_> {
    pub(super) fn note(&mut self, switch: SwitchName) {
        if !self.switches.contains(&switch) {
            self.switches.push(switch);
        }
    }

    /// The switches that came up, as rows.
    pub(super) fn switches(&self) -> Vec<SwitchUse> {
        let used = SwitchName::ALL.iter().filter(|name| self.switches.contains(name));
        let used = used.map(|name| self.site.policy.row(*name)).map(|row| SwitchUse {
            name: row.name.as_str(),
            default: row.value == row.default,
            value: row.value,
            question: row.name.question(),
            source: row.name.source(),
        });
        used.collect()
    }

    /// The subject, for a sentence.
    pub(super) fn who(&self) -> String {
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

    pub(super) fn listed(&mut self, principal: Principal, role: u32, belongs: Decision) -> ListedPrincipal {
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

    pub(super) fn locate(&self, gate: &mut Gate, at: u32, levels: u32) {
        let content = self.site.content(at);
        gate.content_id = content.map(|content| content.id.clone());
        gate.content_title = content.and_then(|content| content.title.clone());
        gate.levels_up = Some(levels);
        gate.place = Some(where_it_is(self.site, at, levels));
    }
}

pub(super) fn where_it_is(site: &IndexedSite, at: u32, levels: u32) -> String {
    let title = site.title(at);
    match levels {
        0 => ["at *", title, "* itself"].concat(),
        1 => ["1 level up, at *", title, "*"].concat(),
        more => format!("{more} levels up, at *{title}*"),
    }
}
