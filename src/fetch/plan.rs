//! What a snapshot asks next, decided from what has been read. Pure.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::apis::Node;
use crate::model::{
    AccessClass, Content, ContentType, Permission, Restriction, RestrictionOperation, Space, SpacePermission, Subject,
    SubjectKind,
};

/// Most spaces named in one search: their keys have to fit into an address.
pub(super) const SPACES_IN_SEARCH: usize = 25;

/// Splits `items` into at least `streams` batches where there are as many items, none larger than `most`.
///
/// Listings that span spaces take fewer requests than one per space, but a listing is read one page after another: as
/// many streams as requests are allowed at a time keep all of them busy.
pub(super) fn batches<T: Clone>(items: &[T], streams: usize, most: usize) -> Vec<Vec<T>> {
    if items.is_empty() {
        return Vec::new();
    }
    let size = items.len().div_ceil(streams.max(1)).clamp(1, most.max(1));
    items.chunks(size).map(<[T]>::to_vec).collect()
}

/// Ids in the order a person expects: shorter numbers first.
pub(super) fn by_id(a: &str, b: &str) -> Ordering {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    if number(a) && number(b) { a.len().cmp(&b.len()).then_with(|| a.cmp(b)) } else { a.cmp(b) }
}

/// A node that is named as the parent of others, and not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MissingParent {
    pub(super) id: String,
    /// Its kind, as a child reports it.
    pub(super) kind: Option<ContentType>,
    /// Key of the child's space.
    pub(super) space_key: String,
    /// One of its children.
    pub(super) child: (String, ContentType),
}

/// The way up to the roots: round by round the nodes that others name as their parent and that are not known.
#[derive(Debug, Default)]
pub(super) struct Ascent {
    /// Those of the rounds before: what could not be read is not tried again.
    tried: HashSet<String>,
}

impl Ascent {
    /// The next round; `None`: there is nothing left to ask for.
    pub(super) fn round(&mut self, contents: &HashMap<String, Content>) -> Option<Vec<MissingParent>> {
        let missing = missing_parents(contents, &self.tried);
        self.tried.extend(missing.iter().map(|parent| parent.id.clone()));
        (!missing.is_empty()).then_some(missing)
    }
}

/// Parents that are named but not known, without those that were tried.
fn missing_parents(contents: &HashMap<String, Content>, tried: &HashSet<String>) -> Vec<MissingParent> {
    let mut missing: HashMap<&str, &Content> = HashMap::new();
    for content in contents.values() {
        // Comments and attachments are not nodes of the tree.
        if matches!(content.kind, ContentType::Comment | ContentType::Attachment) {
            continue;
        }
        if let Some(parent) = content.parent_id.as_deref()
            && !contents.contains_key(parent)
            && !tried.contains(parent)
        {
            let told = missing.entry(parent).or_insert(content);
            // One that reports the kind, and of those the first by id: the same one in every run.
            let better = (content.parent_type.is_none(), content.id.as_str());
            if better < (told.parent_type.is_none(), told.id.as_str()) {
                *told = content;
            }
        }
    }
    let mut list: Vec<MissingParent> = missing
        .into_iter()
        .map(|(id, child)| MissingParent {
            id: id.to_owned(),
            kind: child.parent_type.clone(),
            space_key: child.space_key.clone(),
            child: (child.id.clone(), child.kind.clone()),
        })
        .collect();
    list.sort_by(|a, b| by_id(&a.id, &b.id));
    list
}

/// What lists of the nodes above others tell: of each node what stands right above it.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<String, Place>);

/// Where a node stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// What stands right above it; `None`: nothing.
    pub(super) parent: Option<Node>,
    /// Of which kind it is itself, where that was told.
    pub(super) kind: Option<ContentType>,
}

impl Places {
    /// Rows such a list has at most. A list of so many may be one that was cut.
    const USUAL: usize = 25;

    pub(super) fn of(&self, id: &str) -> Option<&Place> {
        self.0.get(id)
    }

    /// Learns from the nodes above `id`, the highest first. `cut`: the server says that there are more.
    ///
    /// What stands at the top of a long list is not known to be a root: then the nodes above it are asked for, and that
    /// there are none is what makes it one.
    // Source: https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-ancestors/
    pub(super) fn learn(&mut self, id: &str, above: &[Node], cut: bool) {
        let mut parent: Option<Node> = None;
        let long = cut || above.len() >= Self::USUAL;
        for (at, node) in above.iter().enumerate() {
            if at > 0 || !long {
                self.0.insert(node.id.clone(), Place { parent: parent.take(), kind: node.kind.clone() });
            }
            parent = Some(node.clone());
        }
        let kind = self.0.get(id).and_then(|place| place.kind.clone());
        self.0.insert(id.to_owned(), Place { parent, kind });
    }
}

/// Groups some rule speaks about.
pub(super) fn groups_in_rules(permissions: &[SpacePermission], restrictions: &[Restriction]) -> BTreeSet<String> {
    ids_in_rules(SubjectKind::Group, permissions, restrictions)
}

/// Accounts some rule speaks about.
pub(super) fn users_in_rules(permissions: &[SpacePermission], restrictions: &[Restriction]) -> BTreeSet<String> {
    ids_in_rules(SubjectKind::User, permissions, restrictions)
}

fn ids_in_rules(kind: SubjectKind, permissions: &[SpacePermission], restrictions: &[Restriction]) -> BTreeSet<String> {
    let granted = permissions.iter().map(|p| &p.subject);
    let subjects = granted.chain(restrictions.iter().map(|r| &r.subject)).filter(|subject| subject.kind == kind);
    subjects.filter_map(Subject::given_id).map(str::to_owned).collect()
}

/// Whether some rule speaks about everybody who may log in, without naming them. A grant to people without a licence is
/// not one: no route lists service desk customers, and a search for accounts does not say who is one.
pub(super) fn names_everybody(permissions: &[SpacePermission]) -> bool {
    permissions.iter().any(|p| match p.subject.kind {
        SubjectKind::Anonymous => true,
        SubjectKind::AccessClass => p.subject.access_class() != Some(AccessClass::JsmProjectAdmins),
        _ => false,
    })
}

/// Keys of the spaces anonymous may view, as far as the spaces themselves say.
pub(super) fn anonymous_spaces(permissions: &[SpacePermission]) -> BTreeSet<&str> {
    permissions
        .iter()
        .filter(|p| p.permission == Permission::View)
        .filter(|p| {
            p.subject.kind == SubjectKind::Anonymous || p.subject.access_class() == Some(AccessClass::AnonymousUsers)
        })
        .map(|p| p.space_key.as_str())
        .collect()
}

/// A content in a space open to anonymous which only the site itself can close to them: published, and nothing on its
/// way up restricts viewing or is unknown. Its answer says whether anonymous may use the site.
pub(super) fn open_content<'a>(
    contents: &'a [Content],
    restrictions: &[Restriction],
    spaces: &[Space],
    open: &BTreeSet<&str>,
    unread: &HashSet<&str>,
) -> Option<&'a Content> {
    let by_id: HashMap<&str, &Content> = contents.iter().map(|c| (c.id.as_str(), c)).collect();
    let closed: HashSet<&str> = restrictions
        .iter()
        .filter(|r| r.operation == RestrictionOperation::View)
        .map(|r| r.content_id.as_str())
        .collect();
    let archived: HashSet<&str> = spaces.iter().filter(|s| s.archived()).map(|s| s.key.as_str()).collect();
    contents.iter().find(|content| {
        let asked = matches!(content.kind, ContentType::Page | ContentType::Blogpost)
            && content.status == crate::model::ContentStatus::Current
            && open.contains(content.space_key.as_str())
            && !archived.contains(content.space_key.as_str());
        if !asked {
            return false;
        }
        let mut node = *content;
        // Deeper than any tree: a circle of parents ends here too.
        for _ in 0..1000 {
            if closed.contains(node.id.as_str()) || unread.contains(node.id.as_str()) {
                return false;
            }
            match node.parent_id.as_deref() {
                None => return !node.parent_unknown,
                Some(parent) => match by_id.get(parent) {
                    Some(next) => node = next,
                    None => return false,
                },
            }
        }
        false
    })
}

/// Stops a series of single requests that all fail the same way: a server that went away, or a right that is missing
/// altogether, is not asked ten thousand times.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    succeeded: bool,
    in_a_row: u32,
    /// Failures since the last answer, whatever they say about others.
    failures: u32,
}

impl Breaker {
    const PATIENCE: u32 = 25;
    const TIRED: u32 = 3;

    /// Whether there is no point in asking again.
    pub(super) fn open(&self) -> bool {
        self.in_a_row >= Self::PATIENCE
    }

    /// Whether so many failed in a row that each further one is not worth a long wait.
    pub(super) fn tired(&self) -> bool {
        self.failures >= Self::TIRED
    }

    /// An answer came.
    pub(super) fn answered(&mut self) {
        self.failures = 0;
        self.succeeded = true;
        self.in_a_row = 0;
    }

    /// None came; `lasting` where the server is away, rather than refusing this one.
    pub(super) fn failed(&mut self, lasting: bool) {
        self.failures += 1;
        // Where others were answered, a refusal is about the one that was asked for.
        if lasting || !self.succeeded {
            self.in_a_row += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_spread_over_the_streams_but_not_too_many_in_one() {
        let items: Vec<u32> = (0..100).collect();
        let sizes = |streams, most| batches(&items, streams, most).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(5, 100), [20; 5]);
        assert_eq!(sizes(1, 30), [30, 30, 30, 10]);
        assert_eq!(sizes(200, 100), [1; 100]);
        assert!(batches::<u32>(&[], 5, 5).is_empty());
    }

    #[test]
    fn numbers_sort_as_numbers() {
        let mut ids = ["10", "9", "a", "100"];
        ids.sort_by(|a, b| by_id(a, b));
        assert_eq!(ids, ["9", "10", "100", "a"]);
    }

    #[test]
    fn a_parent_that_was_tried_is_not_asked_for_again() {
        let mut page = Content::new("1", ContentType::Page, "ENG");
        page.parent_id = Some("9".into());
        page.parent_type = Some(ContentType::Folder);
        let contents = HashMap::from([("1".to_owned(), page)]);
        let missing = missing_parents(&contents, &HashSet::new());
        let [folder] = missing.as_slice() else { panic!("{missing:?}") };
        assert_eq!((folder.id.as_str(), folder.kind.as_ref()), ("9", Some(&ContentType::Folder)));
        assert!(missing_parents(&contents, &HashSet::from(["9".to_owned()])).is_empty());
    }

    #[test]
    fn a_list_of_the_nodes_above_tells_the_place_of_each_but_a_long_one_not_of_the_first() {
        let node = |n: usize| Node { id: n.to_string(), kind: Some(ContentType::Page) };
        let mut places = Places::default();
        places.learn("9", &[node(1), node(2)], false);
        assert_eq!(places.of("9").unwrap().parent, Some(node(2)));
        assert_eq!(places.of("2").unwrap().parent, Some(node(1)));
        assert_eq!(places.of("1").unwrap().parent, None);
        for (count, cut) in [(25, false), (3, true)] {
            let mut places = Places::default();
            places.learn("99", &(1..=count).map(node).collect::<Vec<_>>(), cut);
            assert_eq!(places.of("1"), None, "there may be more above it");
            assert_eq!(places.of("2").unwrap().parent, Some(node(1)));
            places.learn("1", &[], false);
            assert_eq!(places.of("1").unwrap().parent, None, "now it is known that there is nothing");
        }
    }

    #[test]
    fn the_page_to_ask_about_anonymous_has_nothing_closed_above_it() {
        let mut child = Content::new("2", ContentType::Page, "ENG");
        child.parent_id = Some("1".into());
        let contents =
            [Content::new("1", ContentType::Page, "ENG"), child, Content::new("3", ContentType::Page, "ENG")];
        let closed = [Restriction {
            content_id: "1".into(),
            operation: RestrictionOperation::View,
            subject: Subject::user("a"),
            subject_name: None,
            source: Default::default(),
        }];
        let open = BTreeSet::from(["ENG"]);
        let found = open_content(&contents, &closed, &[], &open, &HashSet::new());
        assert_eq!(found.map(|c| c.id.as_str()), Some("3"));
        assert!(open_content(&contents, &closed, &[], &open, &HashSet::from(["3"])).is_none());
    }

    #[test]
    fn a_series_of_failures_ends_but_a_few_refusals_among_answers_do_not() {
        let mut breaker = Breaker::default();
        (0..24).for_each(|_| breaker.failed(false));
        assert!(!breaker.open());
        breaker.failed(false);
        assert!(breaker.open());
        assert!(breaker.tired());
        let mut mixed = Breaker::default();
        mixed.failed(false);
        mixed.failed(false);
        assert!(!mixed.tired());
        mixed.answered();
        (0..100).for_each(|_| mixed.failed(false));
        assert!(!mixed.open());
        (0..25).for_each(|_| mixed.failed(true));
        assert!(mixed.open());
    }
}
