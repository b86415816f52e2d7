//! What every kind of finding is reported with: the row, its subjects in a sentence, and its fix.

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use super::codes::{Finding, FindingCode, FindingOptions};
use crate::model::{Decision, Permission, RestrictionOperation, RoleMode};
use crate::resolve::engine::Engine;
use crate::resolve::site::{IndexedSite, Principal, SpaceFacts};

/// How many subjects a sentence names.
const SHOWN: usize = 5;

/// Subjects in a sentence.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// By their names; cut where there are many.
    pub(super) text: String,
    /// The subject, where there is one only.
    pub(super) only: Option<String>,
}

/// Looks for findings in a part of the site.
pub(super) struct FindingScanner<'a> {
    pub(super) engine: &'a Engine,
    pub(super) site: &'a IndexedSite,
    pub(super) options: &'a FindingOptions,
    pub(super) found: Vec<Finding>,
    /// Whether nobody of a group or class passes the entrance of a space: many contents ask the same.
    pub(super) outside: FxHashMap<(u32, Principal), bool>,
}

impl<'a> FindingScanner<'a> {
    pub(super) fn new(engine: &'a Engine, options: &'a FindingOptions) -> Self {
        let (found, outside) = (Vec::new(), FxHashMap::default());
        Self { engine, site: &engine.site, options, found, outside }
    }

    /// Reports a finding about a content, or about the site. `None`: it is not asked for.
    pub(super) fn add(
        &mut self,
        kind: FindingCode,
        at: Option<u32>,
        named: &Named,
        message: String,
    ) -> Option<&mut Finding> {
        if !self.options.wants(kind) {
            return None;
        }
        let content = at.and_then(|at| self.site.content(at));
        let subject = named.only.clone();
        self.found.push(Finding {
            code: kind.code,
            severity: kind.severity,
            space_key: content.map(|content| content.space_key.clone()),
            content_id: content.map(|content| content.id.clone()),
            content_title: content.and_then(|content| content.title.clone()),
            subject_name: subject.as_deref().and_then(|subject| self.name(subject)),
            subject,
            message,
            advice: kind.advice,
            fix: None,
        });
        self.found.last_mut()
    }

    /// Reports a finding about a space.
    pub(super) fn add_space(
        &mut self,
        kind: FindingCode,
        space: &SpaceFacts,
        named: &Named,
        message: String,
    ) -> Option<&mut Finding> {
        let row = self.add(kind, None, named, message)?;
        row.space_key = Some(space.key.to_string());
        Some(row)
    }

    pub(super) fn vanished(&self, group: u32) -> bool {
        self.site.groups.get(group as usize).is_none_or(|group| !group.exists)
    }

    /// Whether an account is known to be deactivated or deleted.
    pub(super) fn is_inactive(&self, principal: Principal) -> bool {
        let Principal::User(at) = principal else { return false };
        self.site.people.get(at as usize).is_some_and(|traits| traits.gone || traits.active == Decision::Denied)
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

    /// One subject for a sentence.
    pub(super) fn one(&self, subject: String) -> Named {
        Named { text: self.shown(&subject), only: Some(subject) }
    }

    fn named(&self, count: u64, first: impl Iterator<Item = String>) -> Named {
        let first: Vec<String> = first.take(SHOWN).collect();
        let shown: Vec<String> = first.iter().map(|subject| self.shown(subject)).collect();
        let mut text = shown.join(", ");
        if let Some(more) = count.checked_sub(shown.len() as u64).filter(|more| *more > 0) {
            text = format!("{text} and {more} more");
        }
        Named { text, only: first.into_iter().next().filter(|_| count == 1) }
    }

    /// A list for a sentence.
    pub(super) fn principals(&self, list: &[Principal]) -> Named {
        self.named(list.len() as u64, list.iter().map(|principal| self.site.subject_of(*principal).to_string()))
    }

    /// Accounts for a sentence.
    pub(super) fn accounts(&self, people: &RoaringBitmap) -> Named {
        self.named(people.len(), people.iter().map(|at| format!("user:{}", self.site.person_id(at))))
    }

    /// The calls that revoke everything a subject was granted in a space; `None` where a role grants some of it, because a
    /// role is taken away by its name.
    pub(super) fn revocation(&self, space: &SpaceFacts, principal: Principal) -> Option<String> {
        if self.site.snapshot.site.role_mode == Some(RoleMode::Roles) {
            return None;
        }
        if space.all_grants().any(|grant| grant.principal == principal && grant.by_role()) {
            return None;
        }
        let words: Vec<&str> = Permission::KNOWN
            .iter()
            .zip(&space.grants)
            .filter(|(_, grants)| grants.iter().any(|grant| grant.principal == principal))
            .map(|(word, _)| *word)
            .collect();
        let subject = self.site.subject_of(principal).to_string();
        let arguments = json!({"space": space.key, "subject": subject, "permissions": words});
        (!words.is_empty()).then(|| calls(&[("revoke", arguments)]))
    }

    /// The calls that take subjects off the lists of a content; `None` where that could empty a list, because an empty list
    /// restricts nothing.
    pub(super) fn removal(&self, at: u32, gone: &[Principal]) -> Option<String> {
        let id = &self.site.content(at)?.id;
        let mut all = Vec::new();
        let lists = [
            (RestrictionOperation::View, self.site.view_list(at)),
            (RestrictionOperation::Edit, self.site.edit_list(at)),
        ];
        for (operation, list) in lists {
            let off: Vec<String> = gone
                .iter()
                .filter(|principal| list.contains(principal))
                .map(|principal| self.site.subject_of(*principal).to_string())
                .collect();
            if off.is_empty() {
                continue;
            }
            let stays = |principal: &Principal| {
                let vanished = matches!(principal, Principal::Group(group) if self.vanished(*group));
                !vanished && !gone.contains(principal)
            };
            if !list.iter().any(stays) {
                return None;
            }
            let arguments = json!({"contents": [id], "operation": operation.as_str(), "subjects": off});
            all.push(("unrestrict", arguments));
        }
        (!all.is_empty()).then(|| calls(&all))
    }
}

/// Calls of the client as JSON.
pub(super) fn calls(calls: &[(&str, Value)]) -> String {
    let calls = calls.iter().map(|(call, arguments)| json!({"call": call, "arguments": arguments}));
    Value::Array(calls.collect()).to_string()
}
