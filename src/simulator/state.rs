//! The site that is served, indexed so that a page of a listing costs what is on it.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::sync::atomic::{self, AtomicBool, AtomicI64};

/// Whom a grant or a restriction names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Principal {
    User(String),
    Group(String),
    Anonymous,
    /// An access class, lower case with hyphens.
    Class(String),
    Unlicensed,
    /// A kind nobody here knows, and its id.
    Other(String, String),
}

impl Principal {
    /// Reads `user:ann`, `group:eng`, `anonymous`, `class:all-licensed-users`, `unlicensed`, `team:9f2c`.
    pub(super) fn read(text: &str) -> Option<Self> {
        match text {
            "anonymous" => return Some(Self::Anonymous),
            "unlicensed" => return Some(Self::Unlicensed),
            _ => {}
        }
        let (kind, id) = text.split_once(':').filter(|(kind, id)| !kind.is_empty() && !id.is_empty())?;
        Some(match kind {
            "user" => Self::User(id.to_owned()),
            "group" => Self::Group(id.to_owned()),
            "class" => Self::Class(id.to_owned()),
            other => Self::Other(other.to_owned(), id.to_owned()),
        })
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) name: String,
    /// What somebody logs in with on Data Center.
    pub(super) username: String,
    /// `None`: hidden by privacy settings.
    pub(super) email: Option<String>,
    pub(super) active: bool,
    /// When it last used Confluence (seconds since 1970); `None`: never.
    pub(super) last_active: Option<i64>,
    pub(super) licensed: bool,
    pub(super) guest: bool,
    pub(super) app: bool,
    pub(super) product_admin: bool,
    /// Data Center.
    pub(super) system_admin: bool,
    pub(super) admin_key: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) name: String,
    /// `EXTERNAL`, `ADMINS`, `TEAM_MEMBERS`, `OPEN`; `None`: an older answer without the field.
    pub(super) managed_by: Option<&'static str>,
    pub(super) members: Vec<Principal>,
    /// `false`: listing the members is refused.
    pub(super) listable: bool,
    /// Gives access to the product as `user`, `admin`, …
    pub(super) access: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(super) struct Role {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) system: bool,
    /// In the vocabulary of the plain data.
    pub(super) permissions: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Space {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) archived: bool,
    /// Public links do not work here.
    pub(super) links_blocked: bool,
    pub(super) homepage: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) author: String,
    pub(super) created: i64,
    /// Who, and which permission in the vocabulary of the plain data.
    pub(super) grants: Vec<(Principal, String)>,
    /// The ids of the grants, in the same order.
    pub(super) grant_ids: Vec<u64>,
    /// Who, and the name of a role.
    pub(super) assignments: Vec<(Principal, String)>,
    /// All its contents, and those of the two kinds that are listed; in the order of ids.
    pub(super) nodes: Vec<u32>,
    pub(super) pages: Vec<u32>,
    pub(super) blogposts: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Page,
    Blogpost,
    Comment,
    Attachment,
    Folder,
    Whiteboard,
    Database,
    Embed,
}

impl Kind {
    pub(super) const ALL: [Self; 8] = [
        Self::Page,
        Self::Blogpost,
        Self::Comment,
        Self::Attachment,
        Self::Folder,
        Self::Whiteboard,
        Self::Database,
        Self::Embed,
    ];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Blogpost => "blogpost",
            Self::Comment => "comment",
            Self::Attachment => "attachment",
            Self::Folder => "folder",
            Self::Whiteboard => "whiteboard",
            Self::Database => "database",
            Self::Embed => "embed",
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Current,
    Archived,
    Trashed,
    Draft,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Archived => "archived",
            Self::Trashed => "trashed",
            Self::Draft => "draft",
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        [Self::Current, Self::Archived, Self::Trashed, Self::Draft].into_iter().find(|s| s.word() == word)
    }
}

/// Why the restrictions of a content cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    Status(u16),
    TimesOut,
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) status: Status,
    pub(super) title: String,
    /// Index of its space.
    pub(super) space: u32,
    /// Id of the node above, whether or not there is such a node.
    pub(super) parent: Option<String>,
    /// Index of that node.
    pub(super) above: Option<u32>,
    pub(super) below: Vec<u32>,
    pub(super) position: u32,
    pub(super) author: String,
    pub(super) created: i64,
    pub(super) modified: i64,
    pub(super) version: u32,
    pub(super) live: bool,
    /// Who else may see a draft.
    pub(super) shared_with: Vec<Principal>,
    pub(super) read: Vec<Principal>,
    pub(super) update: Vec<Principal>,
    pub(super) unreadable: Option<Unreadable>,
    /// Somebody made a public link to it.
    pub(super) public_link: bool,
    /// When its lists were last changed (milliseconds since 1970), where that is known.
    pub(super) restricted: Option<i64>,
}

impl Node {
    pub(super) fn new(id: impl Into<String>, kind: Kind, space: u32, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            kind,
            status: Status::Current,
            title: title.into(),
            space,
            parent: None,
            above: None,
            below: Vec::new(),
            position: 0,
            author: String::new(),
            created: 0,
            modified: 0,
            version: 1,
            live: false,
            shared_with: Vec::new(),
            read: Vec::new(),
            update: Vec::new(),
            unreadable: None,
            public_link: false,
            restricted: None,
        }
    }
}

/// A site as a source of sites describes it: nothing is indexed yet.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) title: String,
    pub(super) free: bool,
    pub(super) anonymous_enabled: bool,
    pub(super) anonymous_enforced: bool,
    /// Whether public links work.
    pub(super) public_links: bool,
    pub(super) role_mode: String,
    /// Data Center: no changes are taken.
    pub(super) read_only: bool,
    /// Data Center: who may do what on the whole site, in the words of `datacenter::permissions`.
    pub(super) globals: Vec<(Principal, String)>,
    pub(super) users: Vec<Account>,
    pub(super) groups: Vec<Group>,
    pub(super) roles: Vec<Role>,
    pub(super) spaces: Vec<Space>,
    pub(super) nodes: Vec<Node>,
    /// Domains that the organization has verified.
    pub(super) verified_domains: Vec<String>,
    /// Account id.
    pub(super) caller: Option<String>,
    /// How this site behaves where the documents leave it open, by the names of the policy switches.
    pub(super) behaviour: HashMap<String, String>,
}

impl Facts {
    /// Whether the site behaves as `switch` says; `None` where the plain data does not say.
    pub(super) fn behaves(&self, switch: &str) -> Option<bool> {
        match self.behaviour.get(switch).map(String::as_str) {
            Some("true" | "opens") => Some(true),
            Some("false" | "nobody") => Some(false),
            _ => None,
        }
    }
}

/// The site.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) facts: Facts,
    pub(super) cloud_id: String,
    pub(super) users: HashMap<String, u32>,
    pub(super) groups: HashMap<String, u32>,
    spaces_by_id: HashMap<String, u32>,
    spaces_by_key: HashMap<String, u32>,
    nodes: HashMap<String, u32>,
    /// Groups each account is a direct member of.
    memberships: HashMap<String, Vec<u32>>,
    /// Groups each group is directly inside of.
    around: HashMap<String, Vec<u32>>,
    /// The caller, where it is not an administrator who sees everything.
    pub(super) caller: Option<String>,
    /// What that caller may view, contents and spaces: decided anew whenever the site has changed.
    pub(super) visible: Option<(Vec<bool>, Vec<bool>)>,
    /// When the admin key of the caller ends (seconds since 1970); 0: there is none.
    pub(super) key_ends: AtomicI64,
    /// Whether the request under way uses it. One thread answers everything.
    pub(super) keyed: AtomicBool,
    /// Id of the next permission that is given.
    pub(super) next_grant: u64,
}

/// Numbers by value, other ids behind them as text.
fn id_order(a: &str, b: &str) -> Ordering {
    match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(x), Ok(y)) => x.cmp(&y).then_with(|| a.cmp(b)),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}

fn index<'a>(ids: impl Iterator<Item = &'a String>, what: &str) -> Result<HashMap<String, u32>, String> {
    let mut found = HashMap::new();
    for (at, id) in (0_u32..).zip(ids) {
        if found.insert(id.clone(), at).is_some() {
            return Err(format!("the {what} `{id}` is there twice"));
        }
    }
    Ok(found)
}

/// The groups each account, and each group, is a direct member of.
fn memberships(groups: &[Group]) -> (HashMap<String, Vec<u32>>, HashMap<String, Vec<u32>>) {
    let (mut memberships, mut around) = (HashMap::<String, Vec<u32>>::new(), HashMap::<String, Vec<u32>>::new());
    for (at, group) in (0_u32..).zip(groups) {
        for member in &group.members {
            match member {
                Principal::User(id) => memberships.entry(id.clone()).or_default().push(at),
                Principal::Group(id) => around.entry(id.clone()).or_default().push(at),
                _ => {}
            }
        }
    }
    (memberships, around)
}

/// Lists the contents of each space.
fn fill(facts: &mut Facts) {
    for space in &mut facts.spaces {
        space.nodes.clear();
        space.pages.clear();
        space.blogposts.clear();
    }
    for (at, node) in (0_u32..).zip(&facts.nodes) {
        let Some(space) = facts.spaces.get_mut(node.space as usize) else { continue };
        space.nodes.push(at);
        match node.kind {
            Kind::Page => space.pages.push(at),
            Kind::Blogpost => space.blogposts.push(at),
            _ => {}
        }
    }
}

impl Site {
    pub(super) fn build(mut facts: Facts, caller: Option<&str>) -> Result<Self, String> {
        facts.groups.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
        facts.nodes.sort_by(|a, b| id_order(&a.id, &b.id));
        let users = index(facts.users.iter().map(|u| &u.id), "user")?;
        let groups = index(facts.groups.iter().map(|g| &g.id), "group")?;
        let spaces_by_id = index(facts.spaces.iter().map(|s| &s.id), "space id")?;
        let spaces_by_key = index(facts.spaces.iter().map(|s| &s.key), "space")?;
        let nodes = index(facts.nodes.iter().map(|n| &n.id), "content")?;

        let mut below: HashMap<u32, Vec<u32>> = HashMap::new();
        for (at, node) in (0_u32..).zip(&mut facts.nodes) {
            node.above = node.parent.as_ref().and_then(|id| nodes.get(id).copied());
            if let Some(above) = node.above {
                below.entry(above).or_default().push(at);
            }
            if node.space as usize >= facts.spaces.len() {
                return Err(format!("the content `{}` is in no space", node.id));
            }
        }
        fill(&mut facts);
        for (above, children) in below {
            let mut children: Vec<(u32, u32)> = children
                .into_iter()
                .filter_map(|at| facts.nodes.get(at as usize).map(|node| (node.position, at)))
                .collect();
            children.sort_unstable();
            if let Some(node) = facts.nodes.get_mut(above as usize) {
                node.below = children.into_iter().map(|(_, at)| at).collect();
            }
        }
        let (memberships, around) = memberships(&facts.groups);
        let caller = caller.map(str::to_owned).or_else(|| facts.caller.clone());
        if let Some(id) = caller.as_ref().filter(|id| !users.contains_key(id.as_str())) {
            return Err(format!("the caller `{id}` is none of the users"));
        }
        for space in &mut facts.spaces {
            let number = space.id.bytes().fold(7_u64, |n, b| (n.wrapping_mul(31) + u64::from(b)) % 1_000_000);
            space.grant_ids = (0_u64..).take(space.grants.len()).map(|at| number * 1000 + at).collect();
        }
        let cloud_id = uuid(&format!("cloud {}", facts.title));
        Ok(Self {
            facts,
            cloud_id,
            users,
            groups,
            spaces_by_id,
            spaces_by_key,
            nodes,
            memberships,
            around,
            caller,
            visible: None,
            key_ends: AtomicI64::new(0),
            keyed: AtomicBool::new(false),
            // Above every id that is there.
            next_grant: 2_000_000_000,
        })
    }

    /// Finds the contents of each space again after one was moved.
    pub(super) fn refill(&mut self) {
        fill(&mut self.facts);
    }

    /// Finds the groups again after one came, went or changed.
    pub(super) fn regroup(&mut self) {
        self.groups = (0_u32..).zip(&self.facts.groups).map(|(at, group)| (group.id.clone(), at)).collect();
        (self.memberships, self.around) = memberships(&self.facts.groups);
    }

    pub(super) fn space_mut(&mut self, id: &str) -> Option<&mut Space> {
        let at = *self.spaces_by_id.get(id)?;
        self.facts.spaces.get_mut(at as usize)
    }

    pub(super) fn user(&self, id: &str) -> Option<&Account> {
        self.users.get(id).and_then(|at| self.facts.users.get(*at as usize))
    }

    pub(super) fn group(&self, id: &str) -> Option<&Group> {
        self.groups.get(id).and_then(|at| self.facts.groups.get(*at as usize))
    }

    /// Ids of the groups with exactly this name.
    pub(super) fn groups_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.facts.groups.iter().filter(move |group| group.name == name).map(|group| group.id.as_str())
    }

    pub(super) fn groups_of(&self, user: &str) -> impl Iterator<Item = &Group> {
        let at = self.memberships.get(user).map(Vec::as_slice).unwrap_or_default();
        at.iter().filter_map(|at| self.facts.groups.get(*at as usize))
    }

    /// The groups a group is directly inside of.
    pub(super) fn groups_around(&self, group: &str) -> impl Iterator<Item = &Group> {
        let at = self.around.get(group).map(Vec::as_slice).unwrap_or_default();
        at.iter().filter_map(|at| self.facts.groups.get(*at as usize))
    }

    /// Whether people who are not logged in may use the site: the free plan has no such thing.
    pub(super) fn anonymous_enters(&self) -> bool {
        self.facts.anonymous_enabled && !self.facts.free
    }

    pub(super) fn node_at(&self, at: u32) -> Option<&Node> {
        self.facts.nodes.get(at as usize)
    }

    pub(super) fn find(&self, id: &str) -> Option<u32> {
        self.nodes.get(id).copied()
    }

    /// The content, where the caller may view it.
    pub(super) fn node(&self, id: &str) -> Option<(u32, &Node)> {
        let at = self.find(id).filter(|at| self.sees(*at))?;
        self.node_at(at).map(|node| (at, node))
    }

    pub(super) fn space_of(&self, node: &Node) -> Option<&Space> {
        self.facts.spaces.get(node.space as usize)
    }

    /// The space, where the caller may view it.
    pub(super) fn space(&self, id: &str) -> Option<&Space> {
        self.visible_space(*self.spaces_by_id.get(id)?)
    }

    /// The space, where the caller may view it.
    pub(super) fn space_by_key(&self, key: &str) -> Option<&Space> {
        self.visible_space(*self.spaces_by_key.get(key)?)
    }

    fn visible_space(&self, at: u32) -> Option<&Space> {
        self.facts.spaces.get(at as usize).filter(|_| self.sees_space(at))
    }

    /// Spaces the caller may view.
    pub(super) fn spaces(&self) -> impl Iterator<Item = &Space> {
        (0_u32..).zip(&self.facts.spaces).filter(|(at, _)| self.sees_space(*at)).map(|(_, space)| space)
    }

    pub(super) fn role(&self, name: &str) -> Option<&Role> {
        self.facts.roles.iter().find(|role| role.name == name)
    }

    fn is_keyed(&self) -> bool {
        self.keyed.load(atomic::Ordering::Relaxed)
    }

    /// Whether the caller has an admin key at this moment.
    pub(super) fn has_key(&self) -> bool {
        self.key_ends.load(atomic::Ordering::Relaxed) > jiff::Timestamp::now().as_second()
    }

    pub(super) fn sees(&self, at: u32) -> bool {
        self.is_keyed()
            || self.visible.as_ref().is_none_or(|(nodes, _)| nodes.get(at as usize).copied().unwrap_or(false))
    }

    fn sees_space(&self, at: u32) -> bool {
        self.is_keyed()
            || self.visible.as_ref().is_none_or(|(_, spaces)| spaces.get(at as usize).copied().unwrap_or(false))
    }

    /// The caller as an account: else the account with this e-mail or id, else an administrator nobody knows.
    pub(super) fn current_account(&self, username: &str) -> Account {
        let known = match &self.caller {
            Some(id) => self.user(id),
            None => {
                let named = |user: &&Account| user.email.as_deref() == Some(username) || user.id == username;
                self.facts.users.iter().find(named)
            }
        };
        known.cloned().unwrap_or_else(|| Account {
            id: "557058:00000000-0000-4000-a000-000000000000".to_owned(),
            name: "Site Administrator".to_owned(),
            email: Some(username.to_owned()),
            active: true,
            licensed: true,
            product_admin: true,
            ..Account::default()
        })
    }

    /// The content whose restrictions and chain count: of a comment or an attachment the one it belongs to.
    pub(super) fn holder<'a>(&'a self, node: &'a Node) -> &'a Node {
        match node.kind {
            Kind::Comment | Kind::Attachment => node.above.and_then(|at| self.node_at(at)).unwrap_or(node),
            _ => node,
        }
    }

    /// The nodes above, nearest first. Ends where the tree bites its tail.
    pub(super) fn above<'a>(&'a self, node: &'a Node) -> impl Iterator<Item = &'a Node> {
        let mut left = 1000;
        std::iter::successors(node.above.and_then(|at| self.node_at(at)), move |node| {
            left -= 1;
            node.above.filter(|_| left > 0).and_then(|at| self.node_at(at))
        })
    }

    /// Everything below, in the order of ids.
    pub(super) fn descendants(&self, at: u32) -> Vec<u32> {
        let mut found = vec![];
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            let below = self.node_at(at).map(|node| node.below.as_slice()).unwrap_or_default();
            found.extend_from_slice(below);
            open.extend_from_slice(below);
            if found.len() > self.facts.nodes.len() {
                break;
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Merges lists that are in the order of ids, from behind `after` on (`after` counts nodes; 0 is the start).
pub(super) fn merged<'a>(lists: &[&'a [u32]], after: u64) -> impl Iterator<Item = u32> + use<'a> {
    let mut heads: BinaryHeap<std::cmp::Reverse<(u32, usize)>> = BinaryHeap::new();
    let mut rest: Vec<&'a [u32]> = Vec::with_capacity(lists.len());
    for (list_at, list) in lists.iter().enumerate() {
        let begin = list.partition_point(|node| u64::from(*node) < after);
        let tail = list.get(begin..).unwrap_or_default();
        match tail.split_first() {
            Some((first, tail)) => {
                heads.push(std::cmp::Reverse((*first, list_at)));
                rest.push(tail);
            }
            None => rest.push(&[]),
        }
    }
    std::iter::from_fn(move || {
        let std::cmp::Reverse((node, list_at)) = heads.pop()?;
        if let Some(list) = rest.get_mut(list_at)
            && let Some((first, tail)) = list.split_first()
        {
            heads.push(std::cmp::Reverse((*first, list_at)));
            *list = tail;
        }
        Some(node)
    })
}

/// A UUID that is always the same for the same text.
pub(super) fn uuid(text: &str) -> String {
    let mut random =
        fastrand::Rng::with_seed(text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        }));
    let mut part = |bits: u32| random.u64(..) & ((1 << bits) - 1);
    format!("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", part(32), part(16), part(12), part(12), part(48))
}
