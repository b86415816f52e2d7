//! Two sites: which account, group, space and content of one is which of the other. What has no counterpart, or several, is
//! listed and not guessed.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::pair::{Match, Matches};
use crate::model::{Content, ContentType, record, word, words};
use crate::resolve::site::{IndexedSite, MISSING, ROOT};

words! {
    /// Which of the two sites.
    Side {
        /// The first.
        First = "first",
        /// The second.
        Second = "second",
    }
}

word!(Side as "Side");

words! {
    /// What has no counterpart.
    UnmatchedKind {
        /// An account.
        User = "user",
        /// A group.
        Group = "group",
        /// A space.
        Space = "space",
        /// A content item.
        Content = "content",
    }
}

word!(UnmatchedKind as "UnmatchedKind");

words! {
    /// Why something has no counterpart.
    UnmatchedReason {
        /// The other site has none.
        Missing = "missing",
        /// Several have the same name, on one side or the other.
        Ambiguous = "ambiguous",
        /// It has nothing to match by: no e-mail address, no name, an unknown place in the tree.
        NoKey = "no_key",
        /// The mapping that was given does not mention it.
        NotMapped = "not_mapped",
    }
}

word!(UnmatchedReason as "UnmatchedReason");

record! {
    /// One row is one thing of one site that has no counterpart in the other.
    ///
    /// No row of the comparison is about it. From `compare(first, second).unmatched`.
    pub struct Unmatched {
        /// `user`, `group`, `space` or `content`.
        pub kind: UnmatchedKind,
        /// The site that has it: `first` or `second`.
        pub side: Side,
        /// Its id; of a space the key.
        pub id: String,
        /// Its name or title.
        pub name: Option<String>,
        /// `missing`: the other site has none; `ambiguous`: several go by the same name; `no_key`: nothing to match by;
        /// `not_mapped`: the mapping does not mention it.
        pub reason: UnmatchedReason,
        /// What it was looked for by: an e-mail address, a name, a path; null if there is nothing.
        pub key: Option<String>,
    }
}

/// What accounts are matched by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum MatchBy {
    /// The usual: e-mail addresses of accounts, names of groups, space keys and titles of contents.
    #[default]
    Usual,
    /// Names of accounts.
    Name,
    /// Ids.
    Id,
    /// Pairs of ids, of the first and of the second site.
    Pairs(Vec<(String, String)>),
}

/// How the things of two sites are matched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CompareOptions {
    /// Accounts.
    pub users: MatchBy,
    /// Groups.
    pub groups: MatchBy,
    /// Contents.
    pub contents: MatchBy,
}

/// Keys of one kind of thing in the order of their numbers; `None`: nothing to match by.
type Keys<K> = Vec<Option<K>>;

/// The number in the second site of each thing of the first, and why the others have none.
struct Found {
    of_first: Vec<Option<u32>>,
    reasons: [Vec<(u32, UnmatchedReason)>; 2],
}

/// Matches by equal keys, each of which occurs once on either side.
fn by_key<K: Hash + Eq + Clone>(first: &Keys<K>, second: &Keys<K>, missing: UnmatchedReason) -> Found {
    let places = |keys: &Keys<K>| {
        let mut places: FxHashMap<K, Option<u32>> = FxHashMap::default();
        for (key, at) in keys.iter().zip(0u32..) {
            if let Some(key) = key {
                places.entry(key.clone()).and_modify(|place| *place = None).or_insert(Some(at));
            }
        }
        places
    };
    let (ours, theirs) = (places(first), places(second));
    let reason = |key: &Option<K>, own: &FxHashMap<K, Option<u32>>, other: &FxHashMap<K, Option<u32>>| {
        let Some(key) = key else { return Err(UnmatchedReason::NoKey) };
        match (own.get(key), other.get(key)) {
            (Some(Some(_)), Some(Some(at))) => Ok(*at),
            (_, None) => Err(missing),
            _ => Err(UnmatchedReason::Ambiguous),
        }
    };
    let found = |keys: &Keys<K>, own: &_, other: &_| -> Vec<Result<u32, UnmatchedReason>> {
        keys.iter().map(|key| reason(key, own, other)).collect()
    };
    let (of_first, of_second) = (found(first, &ours, &theirs), found(second, &theirs, &ours));
    let lost = |all: &[Result<u32, UnmatchedReason>]| {
        all.iter().zip(0u32..).filter_map(|(found, at)| Some((at, (*found).err()?))).collect()
    };
    Found { reasons: [lost(&of_first), lost(&of_second)], of_first: of_first.into_iter().map(Result::ok).collect() }
}

/// Matches by pairs of ids or names: each pair is a key of its own. What two pairs name is matched by the first.
fn by_pairs([first, second]: [&Things<'_>; 2], pairs: &[(String, String)]) -> Found {
    let keys = |things: &Things<'_>, pick: fn(&(String, String)) -> &String| -> Keys<usize> {
        let mut keys = vec![None; things.keys.len()];
        for (number, pair) in pairs.iter().enumerate() {
            let found = (things.find)(pick(pair));
            if let Some(key) = found.and_then(|at| keys.get_mut(at as usize)).filter(|key| key.is_none()) {
                *key = Some(number);
            }
        }
        keys
    };
    let mut found = by_key(&keys(first, |pair| &pair.0), &keys(second, |pair| &pair.1), UnmatchedReason::Missing);
    for reason in found.reasons.iter_mut().flatten().filter(|(_, reason)| *reason == UnmatchedReason::NoKey) {
        reason.1 = UnmatchedReason::NotMapped;
    }
    found
}

fn lower(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_lowercase)
}

/// E-mail addresses of the accounts; `by_name`: their names.
fn people_keys(site: &IndexedSite, by: &MatchBy) -> Keys<String> {
    let key = |at: u32| match by {
        MatchBy::Id => Some(site.person_id(at).to_owned()),
        MatchBy::Name => lower(site.person_name(at)),
        _ => lower(site.user(at).and_then(|user| user.email.as_deref())),
    };
    (0..site.anonymous_bit()).map(key).collect()
}

fn group_keys(site: &IndexedSite, by: &MatchBy) -> Keys<String> {
    let key =
        |id: &str, name: Option<&str>| if *by == MatchBy::Id { Some(id.to_owned()) } else { lower(name.or(Some(id))) };
    site.groups.iter().map(|group| key(&group.id, group.name.as_deref())).collect()
}

/// Space key, type and titles from the root on, of contents whose place is known. A blog post has the day it was written on,
/// as its title need not be the only one.
fn paths(site: &IndexedSite) -> Keys<String> {
    let contents = &site.snapshot.contents;
    let mut paths: Keys<String> = vec![None; contents.len()];
    let mut done = vec![false; contents.len()];
    let mut stack = Vec::new();
    for start in 0..contents.len() {
        stack.push(start);
        while let Some(&at) = stack.last() {
            let (Some(node), Some(content)) =
                (site.nodes.get(at).filter(|_| done.get(at) == Some(&false)), contents.get(at))
            else {
                stack.pop();
                continue;
            };
            let above = match node.parent {
                ROOT => Some(content.space_key.clone()),
                MISSING => None,
                _ if node.cyclic => None,
                parent if done.get(parent as usize) == Some(&false) => {
                    stack.push(parent as usize);
                    continue;
                }
                parent => paths.get(parent as usize).cloned().flatten(),
            };
            if let (Some(path), Some(done)) = (paths.get_mut(at), done.get_mut(at)) {
                *path = above.zip(content.title.as_deref()).map(|(above, title)| step(&above, title, content));
                *done = true;
            }
            stack.pop();
        }
    }
    paths
}

fn step(above: &str, title: &str, content: &Content) -> String {
    match &content.kind {
        ContentType::Page => format!("{above} > {}", title.trim()),
        kind => format!("{above} > {} ({kind})", title.trim()),
    }
}

/// What is matched of one kind: how many there are, what each is looked for by, and its id and name for people.
struct Things<'a> {
    keys: Keys<String>,
    row: Row<'a>,
    find: Find<'a>,
}

/// The id and the name of one thing.
type Row<'a> = Box<dyn Fn(u32) -> Option<(&'a str, Option<&'a str>)> + 'a>;

/// The thing a text of a mapping means.
type Find<'a> = Box<dyn Fn(&str) -> Option<u32> + 'a>;

/// The only one of several.
fn only<T: Copy>(found: &[T]) -> Option<T> {
    match found {
        [only] => Some(*only),
        _ => None,
    }
}

fn people<'a>(site: &'a IndexedSite, by: &MatchBy) -> Things<'a> {
    Things {
        keys: people_keys(site, by),
        row: Box::new(|at| Some((site.person_id(at), site.person_name(at)))),
        find: Box::new(|text| site.find_person(text).or_else(|| only(&site.people_named(text)))),
    }
}

fn groups<'a>(site: &'a IndexedSite, by: &MatchBy) -> Things<'a> {
    let row = |at: u32| site.groups.get(at as usize).map(|group| (group.id.as_str(), group.name.as_deref()));
    let find = |text: &str| only(&site.groups_named(text)).and_then(|id| site.find_group(id));
    Things { keys: group_keys(site, by), row: Box::new(row), find: Box::new(find) }
}

fn spaces(site: &IndexedSite) -> Things<'_> {
    let name = |row: u32| site.snapshot.spaces.get(row as usize).and_then(|space| space.name.as_deref());
    let row = move |at: u32| site.spaces.get(at as usize).map(|space| (&*space.key, name(space.row)));
    let keys = site.spaces.iter().map(|space| Some(space.key.to_string())).collect();
    Things { keys, row: Box::new(row), find: Box::new(|_| None) }
}

fn contents<'a>(site: &'a IndexedSite, by: &MatchBy) -> Things<'a> {
    // A content that is listed twice is one content.
    let twice = |at: u32, id: &str| site.find_content(id) != Some(at);
    let mut keys = match by {
        MatchBy::Id => site.snapshot.contents.iter().map(|content| Some(content.id.clone())).collect(),
        _ => paths(site),
    };
    for ((key, content), at) in keys.iter_mut().zip(&site.snapshot.contents).zip(0u32..) {
        if twice(at, &content.id) {
            *key = None;
        }
    }
    let row = move |at: u32| {
        let content = site.content(at).filter(|content| !twice(at, &content.id))?;
        Some((content.id.as_str(), content.title.as_deref()))
    };
    Things { keys, row: Box::new(row), find: Box::new(|id| site.find_content(id)) }
}

/// Matches the things of one kind and lists those without a counterpart.
fn matched(
    kind: UnmatchedKind,
    [first, second]: [Things<'_>; 2],
    by: &MatchBy,
    spare: usize,
    unmatched: &mut Vec<Unmatched>,
) -> Match {
    let found = match by {
        MatchBy::Pairs(pairs) => by_pairs([&first, &second], pairs),
        _ => by_key(&first.keys, &second.keys, UnmatchedReason::Missing),
    };
    for ((side, things), lost) in [(Side::First, &first), (Side::Second, &second)].into_iter().zip(&found.reasons) {
        unmatched.extend(lost.iter().filter_map(|(at, reason)| {
            let (id, name) = (things.row)(*at)?;
            let key = things.keys.get(*at as usize).cloned().flatten();
            Some(Unmatched { kind, side, id: id.to_owned(), name: name.map(str::to_owned), reason: *reason, key })
        }));
    }
    Match::new(second.keys.len(), spare, found.of_first.into_iter())
}

/// The matches of two sites, and what has none.
pub(super) fn matches(
    first: &IndexedSite,
    second: &IndexedSite,
    options: &CompareOptions,
) -> (Matches, Vec<Unmatched>) {
    let sites = [first, second];
    let mut lost = Vec::new();
    let (users, by_name) = (&options.users, &options.groups);
    let matches = Matches {
        people: matched(UnmatchedKind::User, sites.map(|site| people(site, users)), users, 1, &mut lost),
        groups: matched(UnmatchedKind::Group, sites.map(|site| groups(site, by_name)), by_name, 0, &mut lost),
        spaces: matched(UnmatchedKind::Space, sites.map(spaces), &MatchBy::Usual, 0, &mut lost),
        contents: matched(
            UnmatchedKind::Content,
            sites.map(|site| contents(site, &options.contents)),
            &options.contents,
            0,
            &mut lost,
        ),
    };
    (matches, lost)
}
