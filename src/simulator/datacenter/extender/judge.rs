//! Who is listed as somebody who may, by what is stored: grants, lists, and groups inside groups.

use std::collections::{HashMap, HashSet};

use super::super::evaluate;
use crate::simulator::state::{Kind, Node, Principal, Site, Space};

/// The site, prepared for questions about many subjects.
pub(super) struct Judge<'a> {
    site: &'a Site,
    /// The groups a group is in.
    around: HashMap<&'a str, Vec<&'a str>>,
    anonymous: bool,
}

/// A user or a group, with all the groups it is in.
pub(super) struct Subject<'a> {
    user: Option<&'a str>,
    groups: HashSet<&'a str>,
    /// May use Confluence as itself and not only as everybody.
    licensed: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(site: &'a Site) -> Self {
        let mut around: HashMap<&str, Vec<&str>> = HashMap::new();
        for group in &site.facts.groups {
            for member in &group.members {
                if let Principal::Group(inner) = member {
                    around.entry(inner).or_default().push(&group.id);
                }
            }
        }
        Self { site, around, anonymous: evaluate::anonymous_enters(site) }
    }

    fn reach(&self, mut open: Vec<&'a str>) -> HashSet<&'a str> {
        let mut found = HashSet::new();
        while let Some(group) = open.pop() {
            if found.insert(group) {
                open.extend(self.around.get(group).into_iter().flatten());
            }
        }
        found
    }

    /// `None`: somebody who gets in nowhere.
    pub(super) fn subject(&self, who: &'a Principal) -> Option<Subject<'a>> {
        match who {
            Principal::User(id) => self.user(id),
            Principal::Group(id) => Some(Subject { user: None, groups: self.reach(vec![id.as_str()]), licensed: true }),
            _ => None,
        }
    }

    pub(super) fn user(&self, id: &'a str) -> Option<Subject<'a>> {
        self.site.user(id).filter(|user| user.active)?;
        let groups = self.reach(self.site.groups_of(id).map(|group| group.id.as_str()).collect());
        let mut subject = Subject { user: Some(id), groups, licensed: true };
        let mut using =
            self.site.facts.globals.iter().filter(|(who, word)| word == "use" && *who != Principal::Anonymous);
        subject.licensed = using.any(|(who, _)| self.is(&subject, who));
        Some(subject)
    }

    fn is(&self, subject: &Subject<'_>, principal: &Principal) -> bool {
        match principal {
            Principal::User(id) => subject.licensed && subject.user == Some(id.as_str()),
            Principal::Group(id) => subject.licensed && subject.groups.contains(id.as_str()),
            // Whether a group has what everybody has is not documented.
            Principal::Anonymous => {
                let off = self.site.facts.behaves("anonymous_applies_when_site_off") == Some(true);
                subject.user.is_some() && (self.anonymous || (off && subject.licensed))
            }
            Principal::Unlicensed => subject.user.is_some(),
            _ => false,
        }
    }

    /// Whether a user may log in and use Confluence.
    pub(super) fn licensed(&self, id: &'a str) -> bool {
        self.user(id).is_some_and(|subject| subject.licensed)
    }

    /// Whether somebody on a list stands for the subject.
    pub(super) fn listed(&self, list: &[&Principal], subject: &Subject<'_>) -> bool {
        list.iter().any(|who| self.is(subject, who))
    }

    pub(super) fn has(&self, space: &Space, subject: &Subject<'_>, word: &str) -> bool {
        space.grants.iter().any(|(who, held)| held == word && self.is(subject, who))
    }

    fn passes(&self, list: &[Principal], subject: &Subject<'_>) -> bool {
        list.is_empty() || list.iter().any(|who| self.is(subject, who))
    }

    /// Whether a subject may view the last content of a chain that begins at the root.
    pub(super) fn views(&self, space: &Space, chain: &[&Node], subject: &Subject<'_>) -> bool {
        self.has(space, subject, "view") && chain.iter().all(|node| self.passes(&node.read, subject))
    }

    pub(super) fn edits(&self, space: &Space, chain: &[&Node], subject: &Subject<'_>) -> bool {
        let Some(node) = chain.last() else { return false };
        let word = if node.kind == Kind::Blogpost { "create_blogpost" } else { "create_page" };
        self.views(space, chain, subject) && self.has(space, subject, word) && self.passes(&node.update, subject)
    }
}
