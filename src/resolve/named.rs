//! Contents and spaces of a snapshot, by what people call them.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::answers::UnknownSpace;
use super::lookup::{Candidate, MissingSubject, Near, SubjectLookup};
use crate::model::{Content, ContentStatus, Snapshot, id, nearest};

/// The contents of a snapshot by their titles in lower case.
#[derive(Debug)]
pub(super) struct Titles {
    places: FxHashMap<Box<str>, Vec<u32>>,
    /// Whether every content has an id as servers give them: then no other text is an id.
    numbered: bool,
}

impl Titles {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let mut places: FxHashMap<Box<str>, Vec<u32>> = FxHashMap::default();
        for (at, content) in (0u32..).zip(&snapshot.contents) {
            if let Some(title) = &content.title {
                places.entry(title.to_lowercase().into()).or_default().push(at);
            }
        }
        Self { places, numbered: snapshot.contents.iter().all(|content| id::is_content_id(&content.id)) }
    }

    /// The id of the content a text means, which is not the id of a content of the snapshot. A text that may be the id of
    /// an unlisted content is returned as it is.
    ///
    /// # Errors
    /// Where several contents have the title, or none has, and the text cannot be an id.
    pub(super) fn id<'t>(&self, snapshot: &Snapshot, text: &'t str) -> Result<Cow<'t, str>, SubjectLookup> {
        let title = text.trim();
        if title.is_empty() || id::is_content_id(title) {
            return Ok(Cow::Borrowed(text));
        }
        let mut found = self.titled(snapshot, title, None);
        if found.is_empty()
            && let Some((key, title)) = id::key_and_title(title)
        {
            found = self.titled(snapshot, title, Some(key));
        }
        match found.as_slice() {
            [only] => Ok(Cow::Owned(only.id.clone())),
            [] if !self.numbered && !title.contains(char::is_whitespace) => Ok(Cow::Borrowed(text)),
            [] => {
                Err(MissingSubject { kind: "content", text: title.to_owned(), nearest: self.near(snapshot, title) }
                    .into())
            }
            several => Err(SubjectLookup::AmbiguousTitle {
                text: title.to_owned(),
                candidates: several.iter().map(|content| candidate(content)).collect(),
            }),
        }
    }

    /// The contents with a title, in a space or anywhere. Those that are current come before all others.
    fn titled<'s>(&self, snapshot: &'s Snapshot, title: &str, key: Option<&str>) -> Vec<&'s Content> {
        let places = self.places.get(title.to_lowercase().as_str()).into_iter().flatten();
        let contents = places.filter_map(|at| snapshot.contents.get(*at as usize));
        let all: Vec<&Content> =
            contents.filter(|content| key.is_none_or(|key| content.space_key.eq_ignore_ascii_case(key))).collect();
        let current: Vec<&Content> =
            all.iter().filter(|content| content.status == ContentStatus::Current).copied().collect();
        if current.is_empty() { all } else { current }
    }

    fn near(&self, snapshot: &Snapshot, title: &str) -> Vec<String> {
        let mut near = Near::to(title);
        for content in &snapshot.contents {
            if let Some(title) = &content.title {
                near.offer(title, || title.clone());
            }
        }
        near.best()
    }
}

fn candidate(content: &Content) -> Candidate {
    Candidate {
        subject: content.id.clone(),
        name: Some(format!("{} in {}", content.kind.as_str(), content.space_key)),
        email: None,
    }
}

/// The id of the content a text means, as [`Access::content_id`](super::Access::content_id) gives it.
///
/// # Errors
/// As there.
pub fn content_id<'t>(snapshot: &Snapshot, text: &'t str) -> Result<Cow<'t, str>, SubjectLookup> {
    if snapshot.contents.iter().any(|content| content.id == text) {
        return Ok(Cow::Borrowed(text));
    }
    Titles::of(snapshot).id(snapshot, text)
}

/// The key of the space a text means: its key, its id or its name.
///
/// # Errors
/// Where the snapshot has no such space, or several of this name.
pub fn space_key(snapshot: &Snapshot, text: &str) -> Result<String, UnknownSpace> {
    let spaces = &snapshot.spaces;
    let text = text.trim();
    let lower = text.to_lowercase();
    let named = || spaces.iter().filter(|space| space.name.as_ref().is_some_and(|name| name.to_lowercase() == lower));
    let exact = spaces.iter().find(|space| space.key == text).or_else(|| spaces.iter().find(|space| space.id == text));
    if let Some(space) = exact.or_else(|| spaces.iter().find(|space| space.key.eq_ignore_ascii_case(text))) {
        return Ok(space.key.clone());
    }
    let keys: Vec<&str> = named().map(|space| space.key.as_str()).collect();
    let remedy = match keys.as_slice() {
        [only] => return Ok((*only).to_owned()),
        [] => {
            let known = spaces.iter().flat_map(|space| [Some(space.key.as_str()), space.name.as_deref()]).flatten();
            match nearest(text, known) {
                Some(known) => format!("did you mean `{known}`?"),
                None => "give the key, the id or the name of a space in `snapshot.spaces`".to_owned(),
            }
        }
        several => format!("several have this name: give the key of one, `{}`", several.join("`, `")),
    };
    let candidates = keys.into_iter().map(str::to_owned).collect();
    Err(UnknownSpace { text: text.to_owned(), remedy, candidates })
}
