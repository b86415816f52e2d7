//! An indexed site with the sets of people made from it: what every answer is computed from.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use super::audience_facts::AudienceFacts;
use super::audiences::Audiences;
use super::chain::Restricting;
use super::members::GroupFacts;
use super::needs::Need;
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
    /// Of view and of edit.
    audience_facts: [OnceLock<AudienceFacts>; 2],
    nearest_restricted: OnceLock<Vec<u32>>,
    could_pass: Mutex<FxHashMap<(u32, Need), CouldPass>>,
}

/// How many people a permission lets in, and the first of them: each explanation in a space asks again.
#[derive(Debug, Clone)]
pub(super) struct CouldPass {
    pub(super) count: u64,
    /// By display name, ten at most.
    pub(super) names: Arc<[Arc<str>]>,
}

impl Engine {
    pub(super) fn new(site: IndexedSite) -> Self {
        Self {
            site,
            population: OnceLock::new(),
            audiences: OnceLock::new(),
            audience_facts: Default::default(),
            nearest_restricted: OnceLock::new(),
            could_pass: Mutex::default(),
        }
    }

    pub(super) fn population(&self) -> &Population {
        self.population.get_or_init(|| self.site.population())
    }

    pub(super) fn audiences(&self) -> &Audiences {
        self.audiences.get_or_init(|| self.site.audiences(self.population()))
    }

    /// What is said about the audiences of view, or of edit.
    pub(super) fn audience_facts(&self, operation: Operation) -> &AudienceFacts {
        let [view, edit] = &self.audience_facts;
        let facts = if operation == Operation::View { view } else { edit };
        facts.get_or_init(|| self.site.audience_facts(self.audiences(), operation))
    }

    /// The contents whose view lists bind a content, its own first.
    pub(super) fn restricting(&self, content: u32) -> Restricting<'_> {
        self.site.restricting(self.nearest_restricted.get_or_init(|| self.site.nearest_restricted()), content)
    }

    /// How many of a set may use the site, and the first of them.
    pub(super) fn could_pass(&self, set: &Tri) -> CouldPass {
        let people = self.population().working(&set.yes);
        let name = |at| self.site.person_name(at).unwrap_or_else(|| self.site.person_id(at)).into();
        CouldPass { count: people.len(), names: people.iter().take(10).map(name).collect() }
    }

    /// How many of those who have a permission in a space may use the site; `None`: everyone has it.
    pub(super) fn could_have(&self, space: u32, need: Need) -> Option<CouldPass> {
        let (key, known) = ((space, need), || self.could_pass.lock().unwrap_or_else(PoisonError::into_inner));
        let found = known().get(&key).cloned();
        found.or_else(|| {
            let facts = self.site.spaces.get(space as usize)?;
            let found = self.could_pass(&self.site.permission(self.population(), facts, need)?);
            known().insert(key, found.clone());
            Some(found)
        })
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
        let mut incomplete: Vec<&GroupFacts> = Vec::new();
        let mut contents = Vec::new();
        let mut add = |principal: &Principal| {
            if let Principal::Group(at) = principal
                && let Some(group) = site.groups.get(*at as usize).filter(|group| group.incomplete)
                && !incomplete.iter().any(|other| std::ptr::eq(*other, group))
            {
                incomplete.push(group);
            }
        };
        for layer in site.layers(content) {
            if !site.snapshot.gaps.is_empty() {
                contents.push(layer.node);
            }
            site.view_list(layer.node).iter().chain(site.edit_list(layer.node)).for_each(&mut add);
        }
        if let Some(group) = site.super_group.filter(|_| site.super_group_unread) {
            add(&Principal::Group(group));
        }
        let space = site.space_of(content);
        if let Some(space) = space {
            space.all_grants().for_each(|grant| add(&grant.principal));
        }
        let missing_parent = contents.last().and_then(|at| site.content(*at)).and_then(|row| row.parent_id.as_deref());
        let touches = |gap: &&Gap| match gap.missing() {
            Missing::Site(_) | Missing::Unknown => true,
            Missing::Content(id) => {
                missing_parent == Some(id)
                    || contents.iter().any(|at| site.content(*at).is_some_and(|row| row.id == id))
            }
            Missing::Space(key) | Missing::SpacePermissions(key) => space.is_some_and(|space| {
                let row = site.snapshot.spaces.get(space.row as usize);
                *space.key == *key || row.is_some_and(|row| row.id == key)
            }),
            Missing::Group(id) => incomplete.iter().any(|group| group.id == id),
            Missing::User(id) => subject.is_some_and(|subject| subject.id == id),
            Missing::Operation(_) | Missing::Audit(_) => false,
        };
        let mut gaps: Vec<Gap> = site.snapshot.gaps.iter().filter(touches).cloned().collect();
        for group in incomplete {
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
