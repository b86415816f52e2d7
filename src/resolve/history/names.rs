//! Names of a record joined to the ids of a site.

use std::collections::{HashMap, HashSet};

use super::reading::Reading;
use super::things::Thing;
use super::values::{KeyCandidate, is_key, value_of};
use crate::model::{AuditRecord, AuditValue, ChangeScope, Confidence, Content, Snapshot, Subject, SubjectKind};

/// The ids and keys of a site by name.
pub(super) struct Names<'a> {
    spaces: HashMap<String, Vec<&'a str>>,
    keys: HashMap<String, &'a str>,
    /// Keys of spaces by id: of the known spaces, and of those the records give both of.
    space_ids: HashMap<String, String>,
    titles: HashMap<String, Vec<&'a Content>>,
    contents: HashMap<&'a str, &'a Content>,
    groups: HashMap<String, Vec<&'a str>>,
    group_names: HashMap<&'a str, &'a str>,
    users: HashMap<String, Vec<&'a str>>,
    user_names: HashMap<&'a str, &'a str>,
}

/// Where a change was made.
#[derive(Default)]
pub(super) struct Place {
    /// Keys of the spaces with the name.
    pub(super) spaces: Vec<String>,
    /// Ids of the contents with the title.
    pub(super) contents: Vec<String>,
    /// Whether the content was found without knowing its space.
    pub(super) guessed: bool,
}

/// What a record says about a space.
pub(super) struct NamedSpace<'r> {
    pub(super) name: Option<&'r str>,
    pub(super) key: Option<&'r KeyCandidate>,
    pub(super) id: Option<&'r str>,
}

/// A subject of a record with its id where that is known.
#[derive(Clone, Default)]
pub(super) struct NamedSubject {
    pub(super) subject: Option<Subject>,
    pub(super) name: Option<String>,
    /// Whether several accounts or groups have the name.
    pub(super) ambiguous: bool,
}

/// A content and its ancestors.
pub(super) struct Chain {
    ids: Vec<String>,
    /// Titles, in lower case, each with the key of its space.
    titles: HashSet<(String, String)>,
}

impl Chain {
    /// The content it was made for.
    pub(super) fn asked(&self) -> &str {
        self.ids.first().map(String::as_str).unwrap_or_default()
    }

    /// Whether a record is about one of them.
    pub(super) fn touched(&self, record: &AuditRecord, reading: &Reading, place: &Place) -> bool {
        if !place.contents.is_empty() {
            return place.contents.iter().any(|id| self.ids.contains(id));
        }
        if reading.confidence != Confidence::Unrecognised {
            return false;
        }
        if record.objects.iter().filter_map(|o| o.id.as_ref()).any(|id| self.ids.contains(id)) {
            return true;
        }
        // In a record that is not understood, any object may be the one it is about.
        record.objects.iter().filter_map(|o| o.name.as_deref()).any(|name| {
            let name = name.trim().to_lowercase();
            self.titles.iter().any(|(space, title)| {
                *title == name && (place.spaces.is_empty() || place.spaces.iter().any(|key| key == space))
            })
        })
    }
}

/// Which contents are looked up.
pub(super) struct Looked<'r> {
    /// Titles, in lower case.
    pub(super) titles: HashSet<String>,
    /// Ids.
    pub(super) ids: HashSet<&'r str>,
}

impl<'a> Names<'a> {
    pub(super) fn new(known: &'a Snapshot) -> Self {
        Self::of(known, None)
    }

    /// The same for some contents only; `None`: for all.
    pub(super) fn of(known: &'a Snapshot, looked: Option<&Looked<'_>>) -> Self {
        let mut names = Self {
            spaces: HashMap::new(),
            keys: HashMap::new(),
            space_ids: HashMap::new(),
            titles: HashMap::new(),
            contents: HashMap::new(),
            groups: HashMap::new(),
            group_names: HashMap::new(),
            users: HashMap::new(),
            user_names: HashMap::new(),
        };
        for space in &known.spaces {
            if let Some(name) = &space.name {
                names.spaces.entry(name.trim().to_lowercase()).or_default().push(&space.key);
            }
            names.keys.insert(space.key.to_lowercase(), &space.key);
            names.space_ids.insert(space.id.clone(), space.key.clone());
            names.keys.entry(space.id.to_lowercase()).or_insert(&space.key);
        }
        names.read_contents(known, looked);
        for group in &known.groups {
            // On Data Center the id is the name.
            let name = group.name.as_ref().unwrap_or(&group.id);
            names.groups.entry(name.trim().to_lowercase()).or_default().push(&group.id);
            names.group_names.insert(&group.id, name);
        }
        for user in &known.users {
            let mut called: Vec<&String> = [&user.display_name, &user.name].into_iter().flatten().collect();
            called.dedup();
            for name in &called {
                let ids = names.users.entry(name.trim().to_lowercase()).or_default();
                if !ids.contains(&user.id.as_str()) {
                    ids.push(&user.id);
                }
            }
            if let Some(name) = called.first() {
                names.user_names.insert(&user.id, name);
            }
        }
        names
    }

    fn read_contents(&mut self, known: &'a Snapshot, looked: Option<&Looked<'_>>) {
        if looked.is_some_and(|looked| looked.titles.is_empty() && looked.ids.is_empty()) {
            return;
        }
        for content in &known.contents {
            if looked.is_none_or(|looked| looked.ids.contains(content.id.as_str())) {
                self.contents.insert(&content.id, content);
            }
            let title = content.title.as_ref().map(|title| title.trim().to_lowercase());
            if let Some(title) = title.filter(|title| looked.is_none_or(|looked| looked.titles.contains(title))) {
                self.contents.insert(&content.id, content);
                self.titles.entry(title).or_default().push(content);
            }
        }
    }

    /// Learns the keys of spaces from records that give both key and id, for records that give the id alone.
    pub(super) fn learn(&mut self, records: &[AuditRecord]) {
        for record in records {
            let space =
                record.objects.iter().find(|o| o.kind.as_deref().is_some_and(|k| k.eq_ignore_ascii_case("space")));
            let Some((space, id)) = space.and_then(|space| Some((space, space.id.as_ref()?))) else { continue };
            if self.space_ids.contains_key(id) {
                continue;
            }
            let named =
                |value: &&AuditValue| value.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("space"));
            let value = record.changes.iter().find(named).map(value_of).filter(|key| !key.is_empty());
            if let Some(key) = space.key.as_deref().or(value) {
                self.space_ids.insert(id.clone(), key.to_owned());
            }
        }
    }

    /// A content and its ancestors; `None`: it is unknown.
    pub(super) fn chain(&self, id: &str) -> Option<Chain> {
        let mut chain = Chain { ids: Vec::new(), titles: HashSet::new() };
        let mut next = Some(*self.contents.get(id)?);
        while let Some(content) = next {
            if chain.ids.contains(&content.id) {
                break;
            }
            chain.ids.push(content.id.clone());
            if let Some(title) = &content.title {
                chain.titles.insert((content.space_key.clone(), title.trim().to_lowercase()));
            }
            next = content.parent_id.as_deref().and_then(|id| self.contents.get(id)).copied();
        }
        Some(chain)
    }

    /// The spaces and contents with the names in a record.
    pub(super) fn place(&self, reading: &Reading) -> Place {
        let space = NamedSpace {
            name: reading.space.as_deref(),
            key: reading.space_key.as_ref(),
            id: reading.space_id.as_deref(),
        };
        self.located(&space, reading.content.as_ref())
    }

    /// The spaces and contents with these names.
    pub(super) fn located(&self, space: &NamedSpace<'_>, content: Option<&Thing>) -> Place {
        let mut place = Place::default();
        let name = space.name.map(|name| name.trim().to_lowercase());
        let key = space.key;
        let known = |key: &str| self.keys.get(&key.to_lowercase()).map(|key| (*key).to_owned());
        let named = |name: &str| -> Vec<String> {
            self.spaces.get(name).into_iter().flatten().map(|key| (*key).to_owned()).collect()
        };
        // An id outlives every name.
        let by_id = space.id.and_then(|id| self.space_ids.get(id)).cloned();
        place.spaces = match (by_id.or_else(|| key.and_then(|key| known(&key.text))), &name) {
            (Some(key), _) => vec![key],
            (None, Some(name)) if !named(name).is_empty() => named(name),
            (None, Some(name)) if known(name).is_some() => known(name).into_iter().collect(),
            // The name of a space where its key was expected, or the key of a space this account does not see.
            _ => match key.filter(|key| key.labelled).map(|key| &key.text) {
                Some(text) if !named(&text.to_lowercase()).is_empty() => named(&text.to_lowercase()),
                // Data Center, which gives ids, always gives the key, in capitals or not.
                Some(text) if is_key(text) || space.id.is_some() => vec![text.clone()],
                _ => Vec::new(),
            },
        };
        let Some(Thing::Content { id, title, kind }) = content else { return place };
        if let Some(id) = id {
            place.contents = vec![id.clone()];
            return place;
        }
        let titled: Vec<&Content> =
            self.titles.get(&title.trim().to_lowercase()).into_iter().flatten().copied().collect();
        let mut fitting: Vec<&Content> = titled
            .into_iter()
            .filter(|content| match (place.spaces.is_empty(), name.is_some() || key.is_some()) {
                (false, _) => place.spaces.contains(&content.space_key),
                // The record names an unknown space: a content elsewhere is a different one.
                (true, named) => !named || self.keys.is_empty(),
            })
            .collect();
        place.guessed = place.spaces.is_empty();
        if let Some(kind) = kind
            && fitting.iter().any(|content| content.kind == *kind)
        {
            fitting.retain(|content| content.kind == *kind);
        }
        place.contents = fitting.into_iter().map(|content| content.id.clone()).collect();
        place
    }

    /// Keys of the spaces with this name, key or id.
    pub(super) fn spaces_called(&self, text: &str) -> Vec<String> {
        let lower = text.trim().to_lowercase();
        let named = self.spaces.get(&lower).into_iter().flatten().chain(self.keys.get(&lower));
        named.map(|key| (*key).to_owned()).collect()
    }

    /// The key of the space of a content.
    pub(super) fn space_of(&self, content_id: &str) -> Option<String> {
        self.contents.get(content_id).map(|content| content.space_key.clone())
    }

    pub(super) fn in_space(&self, record: &AuditRecord, reading: &Reading, place: &Place, key: &str) -> bool {
        if !place.spaces.is_empty() {
            return place.spaces.iter().any(|other| other.eq_ignore_ascii_case(key));
        }
        if place
            .contents
            .iter()
            .filter_map(|id| self.contents.get(id.as_str()))
            .any(|c| c.space_key.eq_ignore_ascii_case(key))
        {
            return true;
        }
        // In a record that is not understood, any object may be the one it is about.
        reading.confidence == Confidence::Unrecognised
            && (record.objects.iter().filter_map(|o| o.name.as_deref()).chain(record.changes.iter().map(value_of)))
                .map(|name| name.trim().to_lowercase())
                .any(|name| {
                    name == key.to_lowercase()
                        || self.spaces.get(&name).is_some_and(|keys| keys.iter().any(|k| k.eq_ignore_ascii_case(key)))
                })
    }

    /// A subject with its id and name.
    pub(super) fn subject(&self, thing: &Thing) -> NamedSubject {
        let plain = |subject| NamedSubject { subject: Some(subject), ..NamedSubject::default() };
        match thing {
            Thing::Anonymous => plain(Subject::anonymous()),
            Thing::Unlicensed => plain(Subject::unlicensed()),
            Thing::Class(class) => NamedSubject { name: Some(class.clone()), ..plain(Subject::class(class)) },
            Thing::Account { id, name } => Self::identified(Subject::user, id, name, &self.users, &self.user_names),
            Thing::Group { id, name, .. } => {
                Self::identified(Subject::group, id, name, &self.groups, &self.group_names)
            }
            _ => plain(Subject::new(SubjectKind::Unknown, "")),
        }
    }

    /// An account or a group: by its id where that is given, else by its name where only one has it.
    fn identified(
        of_id: fn(String) -> Subject,
        id: &Option<String>,
        name: &Option<String>,
        ids: &HashMap<String, Vec<&'a str>>,
        names: &HashMap<&'a str, &'a str>,
    ) -> NamedSubject {
        if let Some(id) = id {
            let name = name.clone().or_else(|| names.get(id.as_str()).map(|name| (*name).to_owned()));
            return NamedSubject { subject: Some(of_id(id.clone())), name, ambiguous: false };
        }
        let fitting = name.as_ref().and_then(|name| ids.get(&name.trim().to_lowercase()));
        let (id, ambiguous) = match fitting.map(Vec::as_slice).unwrap_or_default() {
            [only] => ((*only).to_owned(), false),
            several => (String::new(), several.len() > 1),
        };
        NamedSubject { subject: Some(of_id(id)), name: name.clone(), ambiguous }
    }

    /// The one account or group a value names, where the words around it are in another language.
    pub(super) fn named_loosely(&self, reading: &Reading) -> Option<Thing> {
        let asked = [ChangeScope::Content, ChangeScope::Space, ChangeScope::Site].contains(&reading.scope);
        if !asked || !reading.subjects.is_empty() {
            return None;
        }
        let mut found = reading.loose.iter().filter_map(|text| {
            let name = text.trim().to_lowercase();
            match (self.users.get(&name), self.groups.get(&name)) {
                (Some(_), None) => Some(Thing::Account { id: None, name: Some(text.clone()) }),
                (None, Some(_)) => Some(Thing::Group { id: None, name: Some(text.clone()), member: None }),
                _ => None,
            }
        });
        found.next().filter(|_| found.next().is_none())
    }
}
