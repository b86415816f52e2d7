//! Who may do what on the served site: one straightforward evaluation, two-valued, subject by subject.
//!
//! It follows the order Atlassian's permission check states: site, space, content. Where Confluence's behaviour is not
//! documented it denies.

use super::state::{Kind, Node, Principal, Site, Space, Status};

/// Whom a check is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Who<'a> {
    User(&'a str),
    Group(&'a str),
    Anonymous,
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Read,
    Update,
    Delete,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    Site,
    Space,
    Content,
}

fn enters(site: &Site, who: Who<'_>) -> bool {
    match who {
        Who::Anonymous => site.anonymous_enters(),
        Who::Group(id) => site.group(id).is_some(),
        Who::User(id) => site.user(id).is_some_and(|user| user.active),
    }
}

/// Whether a principal of a grant or a list stands for the subject.
fn covers(site: &Site, principal: &Principal, who: Who<'_>) -> bool {
    match (principal, who) {
        (Principal::User(id), Who::User(user)) => id == user,
        (Principal::Group(id), Who::Group(group)) => id == group,
        (Principal::Group(id), Who::User(user)) => {
            // A guest or somebody without a licence is in no group that serves the product.
            site.user(user).is_some_and(|u| u.licensed || u.guest) && site.groups_of(user).any(|group| &group.id == id)
        }
        (Principal::Class(class), Who::User(user)) => {
            let Some(account) = site.user(user) else { return false };
            match class.to_ascii_lowercase().replace('_', "-").as_str() {
                "all-licensed-users" => {
                    let guests = site.facts.behaves("guests_in_all_licensed_users") == Some(true);
                    let apps = site.facts.behaves("apps_in_all_licensed_users");
                    match apps {
                        _ if account.guest => guests,
                        Some(apps) if account.app => apps,
                        _ => account.licensed,
                    }
                }
                "all-product-admins" => account.licensed && account.product_admin,
                "authenticated-users" => true,
                "anonymous-users" => anonymous_serves(site, who),
                _ => false,
            }
        }
        (Principal::Class(class), Who::Anonymous) => {
            class.to_ascii_lowercase().replace('_', "-") == "anonymous-users" && anonymous_serves(site, who)
        }
        (Principal::Anonymous, Who::Anonymous | Who::User(_)) => anonymous_serves(site, who),
        (Principal::Unlicensed, Who::User(user)) => site.user(user).is_some_and(|u| !u.licensed),
        _ => false,
    }
}

/// Anonymous grants serve everybody while anonymous is on; while it is off but not enforced, everybody who is logged in
/// still gets in through them.
// Source: https://support.atlassian.com/confluence/kb/users-can-view-a-space-regardless-of-its-permissions/
fn anonymous_serves(site: &Site, who: Who<'_>) -> bool {
    match who {
        _ if site.anonymous_enters() => true,
        Who::User(id) => {
            let licensed = site.facts.behaves("anonymous_applies_when_site_off") != Some(false);
            !site.facts.anonymous_enforced && site.user(id).is_some_and(|u| licensed || u.guest || !u.licensed)
        }
        _ => false,
    }
}

/// A role has what it lists, and lets view.
// Source: https://support.atlassian.com/confluence-cloud/docs/create-and-manage-custom-roles
fn role_has(listed: &[String], permission: &str) -> bool {
    listed.iter().any(|word| word == permission) || (permission == "view" && !listed.is_empty())
}

/// Whether the subject has one of `granted` by a grant, or `by_role` by a role.
pub(super) fn has(site: &Site, space: &Space, who: Who<'_>, granted: &str, by_role: &str) -> bool {
    if site.facts.free && space.grants.is_empty() && space.assignments.is_empty() {
        return matches!(who, Who::User(id) if site.user(id).is_some_and(|u| u.licensed && !u.guest));
    }
    let by_grant = space.grants.iter().any(|(principal, p)| p == granted && covers(site, principal, who));
    by_grant
        || (site.facts.role_mode != "PRE_ROLES"
            && space.assignments.iter().any(|(principal, name)| {
                site.role(name).is_some_and(|role| role_has(&role.permissions, by_role)) && covers(site, principal, who)
            }))
}

pub(super) fn views_space(site: &Site, space: &Space, who: Who<'_>) -> bool {
    enters(site, who) && has(site, space, who, "view", "view")
}

/// Whether somebody on the list stands for the subject.
pub(super) fn listed(site: &Site, list: &[Principal], who: Who<'_>) -> bool {
    list.iter().any(|principal| covers(site, principal, who))
}

fn passes(site: &Site, list: &[Principal], who: Who<'_>) -> bool {
    let vanished = |principal: &Principal| matches!(principal, Principal::Group(id) if site.group(id).is_none());
    let opens = site.facts.behaves("only_vanished_groups") == Some(true);
    list.is_empty() || listed(site, list, who) || (opens && list.iter().all(vanished))
}

/// Whether the view list of a content lets the subject pass: of the content that is asked about, or of one above it.
fn passes_view(site: &Site, node: &Node, who: Who<'_>, own: bool) -> bool {
    let switch = if own { "update_implies_read_same_node" } else { "update_implies_read_inherited" };
    passes(site, &node.read, who) || (site.facts.behaves(switch) == Some(true) && listed(site, &node.update, who))
}

fn passes_chain(site: &Site, node: &Node, who: Who<'_>) -> bool {
    let admin_key = matches!(who, Who::User(id) if site.user(id).is_some_and(|u| u.admin_key));
    if admin_key {
        return true;
    }
    let node = site.holder(node);
    match node.status {
        Status::Trashed => return false,
        Status::Draft => {
            let own = matches!(who, Who::User(id) if node.author == id);
            return own || node.shared_with.iter().any(|principal| covers(site, principal, who));
        }
        Status::Current | Status::Archived => {}
    }
    // An archived page keeps its own list only, and a blog post has no parent.
    // Source: https://jira.atlassian.com/browse/CONFCLOUD-83913
    let own_only = node.status == Status::Archived || node.kind == Kind::Blogpost;
    passes_view(site, node, who, true)
        && (own_only
            || site
                .above(node)
                .filter(|above| above.status != Status::Draft)
                .all(|above| passes_view(site, above, who, false)))
}

/// The answer, and all reasons against it.
pub(super) fn check(site: &Site, who: Who<'_>, action: Action, node: &Node) -> Vec<Denied> {
    let mut reasons = Vec::new();
    if !enters(site, who) {
        reasons.push(Denied::Site);
        return reasons;
    }
    let Some(space) = site.space_of(node) else { return vec![Denied::Space] };
    let (granted, by_role) = match (action, node.kind) {
        (Action::Read, _) => ("view", "view"),
        (Action::Update, Kind::Blogpost) => ("create_blogpost", "create_blogpost"),
        (Action::Update, Kind::Comment) => ("create_comment", "create_comment"),
        (Action::Update, Kind::Attachment) => ("create_attachment", "create_attachment"),
        (Action::Update, _) => ("create_page", "edit_page"),
        (Action::Delete, Kind::Blogpost) => ("delete_blogpost", "delete_blogpost"),
        (Action::Delete, Kind::Comment) => ("delete_comment", "delete_comment"),
        (Action::Delete, Kind::Attachment) => ("delete_attachment", "delete_attachment"),
        (Action::Delete, _) => ("delete_page", "delete_page"),
    };
    if !has(site, space, who, "view", "view") || !has(site, space, who, granted, by_role) {
        reasons.push(Denied::Space);
    }
    let held = site.holder(node);
    let changes = action != Action::Read;
    let fixed = changes && (held.status == Status::Archived || space.archived);
    // Whether an edit list also guards deletion is not documented.
    let guarded = match action {
        Action::Read => false,
        Action::Update => true,
        Action::Delete => site.facts.behaves("delete_needs_update_entry") != Some(false),
    };
    if !passes_chain(site, node, who) || fixed || (guarded && !passes(site, &held.update, who)) {
        reasons.push(Denied::Content);
    }
    reasons
}

/// Decides what the caller may view from now on.
pub(super) fn look(site: &mut Site) {
    site.visible = site.caller.as_ref().map(|id| visible(site, id));
}

/// What an account may view: contents, spaces.
fn visible(site: &Site, user: &str) -> (Vec<bool>, Vec<bool>) {
    let who = Who::User(user);
    let spaces: Vec<bool> = site.facts.spaces.iter().map(|space| views_space(site, space, who)).collect();
    let nodes = site
        .facts
        .nodes
        .iter()
        .map(|node| spaces.get(node.space as usize).copied().unwrap_or(false) && passes_chain(site, node, who))
        .collect();
    (nodes, spaces)
}
