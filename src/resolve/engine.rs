//! An indexed site with the sets of people made from it: what every answer is computed from.

use std::sync::OnceLock;

use super::audiences::Audiences;
use super::population::Population;
use super::rules::Ruling;
use super::site::{IndexedSite, Principal};
use super::tri::Tri;
use crate::model::{Gap, GapCause, GapScope, Missing, Operation, Subject};

/// A site and its sets of people, which are made when they are first asked for.
#[derive(Debug)]
pub(super) struct Engine {
    pub(super) site: IndexedSite,
    population: OnceLock<Population>,
    audiences: OnceLock<Audiences>,
}

impl Engine {
    pub(super) fn new(site: IndexedSite) -> Self {
        Self { site, population: OnceLock::new(), audiences: OnceLock::new() }
    }

    pub(super) fn population(&self) -> &Population {
        self.population.get_or_init(|| self.site.population())
    }

    pub(super) fn audiences(&self) -> &Audiences {
        self.audiences.get_or_init(|| self.site.audiences(self.population()))
    }

    /// The answer to a question; `None` for a content that was not listed.
    pub(super) fn ruling(&self, subject: &Subject, operation: Operation, content_id: &str) -> Option<Ruling> {
        let content = self.site.find_content(content_id)?;
        Some(self.site.rule(self.site.actor(subject).as_ref(), operation, content))
    }

    /// Everyone with standing access; `None` where the content is in the trash.
    pub(super) fn standing_set(&self, operation: Operation, content: u32) -> Option<Tri> {
        let target = self.site.target(operation, content).ok()?;
        let population = self.population();
        Some(population.people(self.site.standing(population, &target).all))
    }

    /// Gaps that touch what can be said about a content, and about a subject.
    pub(super) fn gaps_touching(&self, content: u32, subject: Option<&Subject>) -> Vec<Gap> {
        let site = &self.site;
        let mut groups = Vec::new();
        let mut contents = Vec::new();
        let mut add = |principal: &Principal| {
            if let Principal::Group(at) = principal
                && !groups.contains(at)
            {
                groups.push(*at);
            }
        };
        for layer in site.layers(content) {
            contents.push(layer.node);
            site.view_list(layer.node).iter().chain(site.edit_list(layer.node)).for_each(&mut add);
        }
        let space = site.space_of(content);
        if let Some(space) = space {
            space.all_grants().for_each(|grant| add(&grant.principal));
        }
        let incomplete =
            || groups.iter().filter_map(|at| site.groups.get(*at as usize)).filter(|group| group.incomplete);
        let missing_parent = contents.last().and_then(|at| site.content(*at)).and_then(|row| row.parent_id.as_deref());
        let touches = |gap: &&Gap| match gap.missing() {
            Missing::Site(_) | Missing::Unknown => true,
            Missing::Content(id) => {
                missing_parent == Some(id)
                    || contents.iter().any(|at| site.content(*at).is_some_and(|row| row.id == id))
            }
            Missing::Space(key) | Missing::SpacePermissions(key) => space.is_some_and(|space| {
                let row = site.snapshot.spaces.get(space.row as usize);
                space.key == key || row.is_some_and(|row| row.id == key)
            }),
            Missing::Group(id) => incomplete().any(|group| group.id == id),
            Missing::User(id) => subject.is_some_and(|subject| subject.id == id),
            Missing::Operation(_) | Missing::Audit(_) => false,
        };
        let mut gaps: Vec<Gap> = site.snapshot.gaps.iter().filter(touches).cloned().collect();
        for group in incomplete() {
            if !gaps.iter().any(|gap| gap.scope == GapScope::Group && gap.subject == group.id) {
                let name = group.name.as_deref().unwrap_or(&group.id);
                gaps.push(Gap::new(
                    (GapScope::Group, &group.id),
                    GapCause::NotListed,
                    format!("the members of group `{name}` are not all listed"),
                ));
            }
        }
        gaps
    }
}
