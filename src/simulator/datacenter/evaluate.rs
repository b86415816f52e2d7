//! Who may do what on a Data Center: one straightforward evaluation, two-valued, subject by subject.
//!
//! Where Confluence's behaviour is not documented it denies.

use std::collections::HashSet;

use super::super::state::{Kind, Node, Principal, Site, Space, Status};
use super::caller::Caller;

/// What a caller may view.
#[derive(Debug)]
pub(super) struct View {
    pub(super) nodes: Vec<bool>,
    pub(super) spaces: Vec<bool>,
}

/// Whose members everything is open to: exactly this name.
// Source: https://support.atlassian.com/confluence/kb/unable-to-access-any-restricted-pages-as-administrator/
const SUPER_GROUP: &str = "confluence-administrators";

/// The groups a user is in, those around them included.
pub(super) fn groups<'a>(site: &'a Site, user: &str) -> HashSet<&'a str> {
    let mut found: HashSet<&str> = HashSet::new();
    let mut open: Vec<&str> = site.groups_of(user).map(|group| group.id.as_str()).collect();
    while let Some(id) = open.pop() {
        if !found.insert(id) {
            continue;
        }
        open.extend(site.groups_around(id).map(|group| group.id.as_str()));
    }
    found
}

fn stands_for(principal: &Principal, user: &str, groups: &HashSet<&str>) -> bool {
    match principal {
        Principal::User(id) => id == user,
        Principal::Group(id) => groups.contains(id.as_str()),
        _ => false,
    }
}

/// A caller with what is looked up once.
struct Subject<'a> {
    caller: &'a Caller,
    groups: HashSet<&'a str>,
    /// Logged in, active, and may use Confluence.
    licensed: bool,
    /// Gets in at all.
    enters: bool,
    super_user: bool,
    anonymous_on: bool,
}

pub(super) fn anonymous_enters(site: &Site) -> bool {
    site.facts.globals.iter().any(|(who, word)| *who == Principal::Anonymous && word == "use")
}

impl<'a> Subject<'a> {
    fn new(site: &'a Site, caller: &'a Caller) -> Self {
        let anonymous_on = anonymous_enters(site);
        let mut subject =
            Self { caller, groups: HashSet::new(), licensed: false, enters: false, super_user: false, anonymous_on };
        match caller {
            Caller::Administrator => {
                (subject.licensed, subject.enters, subject.super_user) = (true, true, true);
            }
            Caller::Anonymous => subject.enters = anonymous_on,
            Caller::User(id) if site.user(id).is_some_and(|user| user.active) => {
                let all = groups(site, id);
                let uses = |(who, word): &(Principal, String)| word == "use" && stands_for(who, id, &all);
                subject.licensed = site.facts.globals.iter().any(uses);
                let customers = site.facts.globals.iter().any(|(who, _)| *who == Principal::Unlicensed);
                subject.enters = subject.licensed || customers || anonymous_on;
                subject.super_user = subject.licensed && site.groups_named(SUPER_GROUP).any(|id| all.contains(id));
                subject.groups = all;
            }
            Caller::User(_) => {}
        }
        subject
    }

    /// Whether a principal of a grant or a list stands for the subject.
    fn is(&self, principal: &Principal) -> bool {
        match (principal, self.caller) {
            // While anonymous is on, what it may everybody may.
            // Source: https://confluence.atlassian.com/x/WCUCLg
            (Principal::Anonymous, _) => self.anonymous_on,
            // Opened to customers of a service desk it is open to everybody who is logged in.
            // Source: https://confluence.atlassian.com/conf89/confluence-groups-1387595692.html
            (Principal::Unlicensed, Caller::User(_)) => true,
            (other, Caller::User(id)) => self.licensed && stands_for(other, id, &self.groups),
            _ => false,
        }
    }

    fn has(&self, space: &Space, permission: &str) -> bool {
        self.enters && (self.super_user || space.grants.iter().any(|(who, word)| word == permission && self.is(who)))
    }

    fn passes(&self, list: &[Principal]) -> bool {
        list.is_empty() || list.iter().any(|who| self.is(who))
    }

    fn views_space(&self, space: &Space) -> bool {
        self.has(space, "view")
    }

    fn passes_chain(&self, site: &Site, node: &Node) -> bool {
        let held = site.holder(node);
        match held.status {
            // Trash is for administrators of the space.
            Status::Trashed => {
                return site.space_of(held).is_some_and(|space| self.has(space, "administer"));
            }
            Status::Draft => {
                let own = matches!(self.caller, Caller::User(id) if held.author == *id);
                return own || *self.caller == Caller::Administrator || held.shared_with.iter().any(|p| self.is(p));
            }
            Status::Current | Status::Archived => {}
        }
        self.super_user
            || (self.passes(&held.read)
                && (held.kind == Kind::Blogpost
                    || site
                        .above(held)
                        .filter(|above| above.status != Status::Draft)
                        .all(|above| self.passes(&above.read))))
    }

    fn views(&self, site: &Site, node: &Node) -> bool {
        site.space_of(node).is_some_and(|space| self.views_space(space)) && self.passes_chain(site, node)
    }
}

/// Whether a caller has a permission on the whole site.
pub(super) fn holds_global(site: &Site, caller: &Caller, permission: &str) -> bool {
    match caller {
        Caller::Administrator => true,
        Caller::Anonymous => {
            site.facts.globals.iter().any(|(who, word)| *who == Principal::Anonymous && word == permission)
        }
        Caller::User(id) => {
            let all = groups(site, id);
            site.facts.globals.iter().any(|(who, word)| word == permission && stands_for(who, id, &all))
        }
    }
}

pub(super) fn is_super(site: &Site, caller: &Caller) -> bool {
    Subject::new(site, caller).super_user
}

pub(super) fn is_licensed(site: &Site, caller: &Caller) -> bool {
    Subject::new(site, caller).licensed
}

pub(super) fn has(site: &Site, space: &Space, caller: &Caller, permission: &str) -> bool {
    Subject::new(site, caller).has(space, permission)
}

/// Whether a list is open to a caller: empty, or one of its principals stands for it.
pub(super) fn passes(site: &Site, list: &[Principal], caller: &Caller) -> bool {
    let subject = Subject::new(site, caller);
    subject.super_user || subject.passes(list)
}

/// Whether a caller may edit a content. The super group does everything but edit.
// Source: https://confluence.atlassian.com/security/confluence-groups-for-administrators-1409093160.html
pub(super) fn edits(site: &Site, node: &Node, caller: &Caller) -> bool {
    if *caller == Caller::Administrator {
        return true;
    }
    let subject = Subject::new(site, caller);
    let needed = match node.kind {
        Kind::Blogpost => "create_blogpost",
        Kind::Comment => "create_comment",
        Kind::Attachment => "create_attachment",
        _ => "create_page",
    };
    let held = site.holder(node);
    let granted = site.space_of(node).is_some_and(|space| {
        space.grants.iter().any(|(who, word)| word == needed && subject.is(who)) && !space.archived
    });
    !site.facts.read_only && subject.views(site, node) && granted && subject.passes(&held.update)
}

/// Decides what a caller may view.
pub(super) fn view(site: &Site, caller: &Caller) -> View {
    let subject = Subject::new(site, caller);
    let spaces: Vec<bool> = site.facts.spaces.iter().map(|space| subject.views_space(space)).collect();
    let nodes = site
        .facts
        .nodes
        .iter()
        .map(|node| spaces.get(node.space as usize).copied().unwrap_or(false) && subject.passes_chain(site, node))
        .collect();
    View { nodes, spaces }
}
