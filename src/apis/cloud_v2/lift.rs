//! What v2 says, as facts of the model.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{routes, wire};
use crate::apis::listing::{About, Listing};
use crate::apis::reading::{self, Context, Node, Page, Unreadable, parse};
use crate::apis::{Route, people, vocabulary};
use crate::model::{
    Content, ContentStatus, ContentType, Gap, GapCause, GapScope, Origin, Permission, RoleMode, SiteFact, Space,
    SpacePermission, Subject, SubjectKind, Timestamp, User, role_grants,
};

mod given;

use given::subject_of;
pub use given::{Assignment, Grant, assignments, grants};

/// Reads a listing of spaces.
///
/// # Errors
/// Where the answer is no such listing.
pub fn spaces(body: &[u8]) -> Result<Page<Space>, Unreadable> {
    let about = About::site(SiteFact::Spaces, &routes::SPACES);
    let origin = about.origin();
    Ok(Listing::read(body)?.rows(&about, |space| space_of(space, &origin)))
}

/// Reads one space.
///
/// # Errors
/// Where the answer is no space.
pub fn space(body: &[u8]) -> Result<Page<Space>, Unreadable> {
    Ok(Page::single(space_of(parse(body)?, &routes::SPACE.origin())))
}

fn space_of(space: wire::Space, source: &Origin) -> Space {
    Space {
        id: space.id,
        key: space.key,
        name: space.name,
        kind: space.kind,
        status: space.status,
        homepage_id: space.homepage_id,
        owner_id: space.space_owner_id,
        public_links_enabled: None,
        created_at: reading::time(space.created_at.as_deref()),
        source: source.clone(),
    }
}

/// Reads the permissions granted in the space `space_key`. A principal nobody named stays in its row as unknown; a row
/// for a role is kept as a subject of kind `role`: [`expand_roles`] puts the holders of the role in its place.
///
/// # Errors
/// Where the answer is no such listing.
pub fn space_permissions(body: &[u8], space_key: &str) -> Result<Page<SpacePermission>, Unreadable> {
    let about = About::new((GapScope::SpacePermissions, space_key), &routes::SPACE_PERMISSIONS);
    let origin = about.origin();
    Ok(Listing::read(body)?.each(&about, |row: wire::SpacePermissionAssignment, page: &mut Page<SpacePermission>| {
        let operation = row.operation.unwrap_or(wire::Operation { key: None, target: None });
        let raw = format!(
            "{}/{}",
            operation.key.as_deref().unwrap_or("unknown"),
            operation.target.as_deref().unwrap_or("unknown")
        );
        let permission = match (&operation.key, &operation.target) {
            (Some(key), Some(target)) => Permission::from_cloud(key, target),
            _ => {
                let message = format!("a permission in space `{space_key}` does not say what it allows");
                page.gaps.push(about.unreadable(message));
                Permission::Other(raw.clone())
            }
        };
        page.rows.push(SpacePermission {
            space_key: space_key.to_owned(),
            subject: subject_of(row.principal),
            subject_name: None,
            permission,
            raw: Some(raw),
            via_role: None,
            source: origin.clone(),
        });
    }))
}

/// Reads how the site grants access to spaces.
///
/// # Errors
/// Where the answer does not say it.
pub fn space_role_mode(body: &[u8]) -> Result<RoleMode, Unreadable> {
    let answer: wire::SpaceRoleMode = parse(body)?;
    Ok(RoleMode::from(answer.mode.trim().to_ascii_uppercase().replace('-', "_").as_str()))
}

/// Names of the permissions roles are made of, by their ids.
pub type Catalogue = HashMap<String, String>;

/// Reads the permissions roles are made of: pairs of id and name.
///
/// # Errors
/// Where the answer is no such listing.
pub fn space_permission_catalogue(body: &[u8]) -> Result<Page<(String, String)>, Unreadable> {
    let about = About::site(SiteFact::SpacePermissionCatalogue, &routes::SPACE_PERMISSION_CATALOGUE);
    Ok(Listing::read(body)?.rows(&about, |permission: wire::SpacePermission| {
        let name = permission.display_name.unwrap_or_else(|| permission.id.clone());
        (permission.id, name)
    }))
}

/// A role that can be given in spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// `SYSTEM` or `CUSTOM`.
    pub kind: Option<String>,
    /// What it brings, implied permissions included, with the server's word where it is listed.
    pub grants: BTreeMap<Permission, Option<String>>,
    /// Ids of permissions that are not understood; it may bring more than `grants`.
    pub not_understood: Vec<String>,
}

/// Reads the roles. `catalogue` helps where the ids of permissions say nothing.
///
/// # Errors
/// Where the answer is no such listing.
pub fn space_roles(body: &[u8], catalogue: &Catalogue) -> Result<Page<Role>, Unreadable> {
    let about = About::site(SiteFact::SpaceRoles, &routes::SPACE_ROLES);
    Ok(Listing::read(body)?.rows(&about, |role| role_of(role, catalogue)))
}

fn role_of(role: wire::SpaceRole, catalogue: &Catalogue) -> Role {
    let mut listed: BTreeMap<Permission, String> = BTreeMap::new();
    let mut not_understood = Vec::new();
    match role.space_permissions {
        // A role that brings nothing does not exist; one that does not say what it brings is not understood.
        None => not_understood.push("no list of permissions".to_owned()),
        Some(all) if all.is_empty() => not_understood.push("an empty list of permissions".to_owned()),
        Some(all) => {
            for permission in all {
                let id = match &permission {
                    serde_json::Value::String(id) => id.clone(),
                    serde_json::Value::Number(id) => id.to_string(),
                    serde_json::Value::Object(members) => match members.get("id") {
                        Some(serde_json::Value::String(id)) => id.clone(),
                        _ => "an object".to_owned(),
                    },
                    _ => "a value that is no id".to_owned(),
                };
                match vocabulary::role_permission(&id, catalogue.get(&id).map(String::as_str)) {
                    Some(permission) => {
                        listed.insert(permission, id);
                    }
                    None => {
                        // It counts as a permission all the same: any brings `view`.
                        listed.insert(Permission::Other(id.clone()), id.clone());
                        not_understood.push(id);
                    }
                }
            }
        }
    }
    let known: BTreeSet<Permission> = listed.keys().cloned().collect();
    let mut grants: BTreeMap<Permission, Option<String>> =
        role_grants(known).into_iter().map(|permission| (permission, None)).collect();
    for (permission, id) in listed {
        grants.insert(permission, Some(id));
    }
    Role { name: role.name.unwrap_or_else(|| role.id.clone()), id: role.id, kind: role.kind, grants, not_understood }
}

/// Reads who has which role in the space `space_key`, as one row per permission the role brings. A role that is not
/// among `roles` leaves a row that says so, and a gap.
///
/// # Errors
/// Where the answer is no such listing.
pub fn role_assignments(
    body: &[u8],
    space_key: &str,
    roles: &HashMap<String, Role>,
) -> Result<Page<SpacePermission>, Unreadable> {
    let about = About::new((GapScope::SpacePermissions, space_key), &routes::ROLE_ASSIGNMENTS);
    let origin = about.origin();
    Ok(Listing::read(body)?.each(&about, |assignment: wire::SpaceRoleAssignment, page: &mut Page<SpacePermission>| {
        let subject = subject_of(assignment.principal);
        let role_id = assignment.role_id.unwrap_or_else(|| "unknown".to_owned());
        let role = roles.get(&role_id);
        page.rows.extend(grants_of(&role_id, role).map(|(permission, raw)| SpacePermission {
            space_key: space_key.to_owned(),
            subject: subject.clone(),
            subject_name: None,
            permission,
            raw,
            via_role: Some(role.map_or_else(|| role_id.clone(), |role| role.name.clone())),
            source: origin.clone(),
        }));
        note_role(&mut page.gaps, &about, &role_id, role);
    }))
}

/// What an assignment of a role brings; of a role nobody knows one row that only names it.
fn grants_of(role_id: &str, role: Option<&Role>) -> impl Iterator<Item = (Permission, Option<String>)> {
    let known = role.map(|role| role.grants.clone()).unwrap_or_default();
    let opaque =
        known.is_empty().then(|| (Permission::Other(format!("role {role_id}")), Some(format!("role {role_id}"))));
    known.into_iter().chain(opaque)
}

/// Notes, once per space and role, that a role brings more than is known.
fn note_role(gaps: &mut Vec<Gap>, about: &About<'_>, role_id: &str, role: Option<&Role>) {
    let space_key = about.subject();
    let (cause, message) = match role {
        None => (
            GapCause::NotListed,
            format!("role `{role_id}` is given in space `{space_key}`, and its permissions are not known"),
        ),
        Some(role) if !role.not_understood.is_empty() => (
            GapCause::Unsupported,
            format!(
                "role `{}` in space `{space_key}` holds what is not understood: `{}`",
                role.name,
                role.not_understood.join("`, `")
            ),
        ),
        Some(_) => return,
    };
    if !gaps.iter().any(|gap| gap.message == message) {
        gaps.push(about.gap(cause, message));
    }
}

/// Puts the holders of a role in the place of the role, in rows of [`space_permissions`] whose principal is a role.
/// `assigned` are the rows [`role_assignments`] read for the same spaces, completely: only then may a role without a
/// holder be left out.
pub fn expand_roles(
    granted: Vec<SpacePermission>,
    assigned: &[SpacePermission],
    roles: &HashMap<String, Role>,
) -> Vec<SpacePermission> {
    let mut expanded = Vec::with_capacity(granted.len());
    for row in granted {
        if row.subject.kind != SubjectKind::Other("role".to_owned()) {
            expanded.push(row);
            continue;
        }
        let Some(role) = roles.get(&row.subject.id) else {
            expanded.push(row);
            continue;
        };
        let holders: BTreeSet<&Subject> = assigned
            .iter()
            .filter(|other| other.space_key == row.space_key && other.via_role.as_deref() == Some(role.name.as_str()))
            .map(|other| &other.subject)
            .collect();
        expanded.extend(holders.into_iter().map(|holder| SpacePermission {
            subject: holder.clone(),
            via_role: Some(role.name.clone()),
            ..row.clone()
        }));
    }
    expanded
}

/// Reads a listing of pages, of one space or of several.
///
/// # Errors
/// Where the answer is no such listing.
pub fn pages(body: &[u8], context: &Context) -> Result<Page<Content>, Unreadable> {
    contents(body, &ContentType::Page, context, &routes::PAGES)
}

/// Reads a listing of blog posts, of one space or of several.
///
/// # Errors
/// Where the answer is no such listing.
pub fn blogposts(body: &[u8], context: &Context) -> Result<Page<Content>, Unreadable> {
    contents(body, &ContentType::Blogpost, context, &routes::BLOGPOSTS)
}

fn contents(
    body: &[u8],
    kind: &ContentType,
    context: &Context,
    route: &'static Route,
) -> Result<Page<Content>, Unreadable> {
    let about = About::new((GapScope::Space, context.space_key.as_deref().unwrap_or_default()), route);
    let listing = Listing::read(body)?;
    let around = Around { context, base: listing.base(), route, origin: route.origin() };
    Ok(listing.each(&about, |content, page: &mut Page<Content>| {
        let content = content_of(content, kind, &around, &mut page.gaps);
        page.rows.push(content);
    }))
}

/// What the contents of one answer have in common.
struct Around<'a> {
    context: &'a Context,
    base: Option<String>,
    route: &'static Route,
    origin: Origin,
}

fn content_of(content: wire::Content, kind: &ContentType, around: &Around<'_>, gaps: &mut Vec<Gap>) -> Content {
    let Around { context, base, route, origin } = around;
    let links = content.links.unwrap_or_default();
    let base = links.base.as_deref().or(base.as_deref()).or(context.base.as_deref());
    // A live doc is a page of another subtype; only a `type` would make it something else.
    let kind = content.kind.as_deref().map_or_else(|| kind.clone(), ContentType::from);
    Content {
        space_key: reading::space_key(&content.id, content.space_id.as_deref(), None, context, route, gaps),
        url: reading::address(base, links.webui.as_deref()),
        title: content.title,
        // A row without a status came from a listing of what is published.
        status: content.status.as_deref().map_or(ContentStatus::Current, ContentStatus::from),
        parent_type: content.parent_id.as_ref().and(content.parent_type.as_deref()).map(ContentType::from),
        parent_id: content.parent_id,
        author_id: content.author_id,
        created_at: reading::time(content.created_at.as_deref()),
        modified_at: reading::time(content.version.and_then(|version| version.created_at).as_deref()),
        source: origin.clone(),
        ..Content::new(content.id, kind, "")
    }
}

/// Reads one page.
///
/// # Errors
/// Where the answer is no page.
pub fn page(body: &[u8], context: &Context) -> Result<Page<Content>, Unreadable> {
    node(body, &ContentType::Page, context)
}

/// Reads one blog post.
///
/// # Errors
/// Where the answer is no blog post.
pub fn blogpost(body: &[u8], context: &Context) -> Result<Page<Content>, Unreadable> {
    node(body, &ContentType::Blogpost, context)
}

/// Reads one content that was asked for as a content of kind `kind`.
///
/// # Errors
/// Where the answer is no content.
pub fn node(body: &[u8], kind: &ContentType, context: &Context) -> Result<Page<Content>, Unreadable> {
    let route = super::requests::node_route(kind).unwrap_or(&routes::PAGE);
    let around = Around { context, base: None, route, origin: route.origin() };
    let mut gaps = Vec::new();
    let content = content_of(parse(body)?, kind, &around, &mut gaps);
    Ok(Page { gaps, ..Page::single(content) })
}

/// Reads the nodes above a content, from the top down. There is no next page: where there are as many as were asked
/// for, ask again for the first of them.
///
/// # Errors
/// Where the answer is no such listing.
pub fn ancestors(body: &[u8], content_id: &str) -> Result<Page<Node>, Unreadable> {
    let about = About::new((GapScope::Content, content_id), &routes::ANCESTORS);
    let kind = |node: &wire::Ancestor| node.kind.as_deref().map(ContentType::from);
    Ok(Listing::read(body)?.rows(&about, |node| Node { kind: kind(&node), id: node.id }))
}

/// Reads the nodes below a content, the highest first. They come without author and times, and without the kind of what is
/// right above them.
///
/// # Errors
/// Where the answer is no such listing.
pub fn descendants(body: &[u8], context: &Context) -> Result<Page<Content>, Unreadable> {
    // A node of an unknown type is not taken for a page.
    contents(body, &ContentType::Other("unknown".to_owned()), context, &routes::DESCENDANTS)
}

/// Reads accounts. Ids that were asked for and do not come are not known to the site.
///
/// # Errors
/// Where the answer is no such listing.
pub fn users_bulk(body: &[u8]) -> Result<Page<User>, Unreadable> {
    let about = About::new((GapScope::User, ""), &routes::USERS_BULK).each(GapScope::User);
    let origin = about.origin();
    Ok(Listing::read(body)?.rows(&about, |user: wire::User| User {
        name: user.public_name,
        display_name: user.display_name,
        email: user.email,
        kind: people::kind(user.account_type.as_deref()),
        active: people::active(user.account_status.as_deref()),
        guest: user.is_guest.or(user.is_external_collaborator),
        source: origin.clone(),
        ..User::new(user.account_id)
    }))
}

/// Reads the types of contents; no type: this account cannot view that content.
///
/// # Errors
/// Where the answer does not say it.
pub fn content_types(body: &[u8]) -> Result<Page<Node>, Unreadable> {
    let answer: wire::ContentTypes = parse(body)?;
    let mut page = Page { received: answer.results.len(), ..Page::default() };
    for (id, kind) in answer.results {
        match kind {
            serde_json::Value::Null => page.rows.push(Node { id, kind: None }),
            serde_json::Value::String(kind) => {
                page.rows.push(Node { id, kind: Some(ContentType::from(kind.as_str())) });
            }
            _ => {
                let about = About::new((GapScope::Content, &id), &routes::CONTENT_TYPES);
                page.gaps.push(about.unreadable(format!("the type of content `{id}` is no word")));
            }
        }
    }
    Ok(page)
}

/// An active admin key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminKey {
    /// Whose it is.
    pub account_id: String,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// Reads whether an admin key is active.
///
/// # Errors
/// Where the answer is no admin key.
pub fn admin_key(body: &[u8]) -> Result<AdminKey, Unreadable> {
    let key: wire::AdminKey = parse(body)?;
    Ok(AdminKey { account_id: key.account_id, expires_at: reading::time(key.expiration_time.as_deref()) })
}

/// Reads whether app access rules keep any content from the caller.
///
/// # Errors
/// Where the answer does not say.
pub fn data_policies(body: &[u8]) -> Result<bool, Unreadable> {
    Ok(parse::<wire::DataPolicies>(body)?.any_content_blocked)
}

#[cfg(test)]
mod tests;
