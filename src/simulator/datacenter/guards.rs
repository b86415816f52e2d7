//! What a request must pass before it is answered, and what it is about.

use super::super::exchange::Refusal;
use super::super::state::{Node, Space, Status, Unreadable};
use super::visit::Visit;

/// Refuses anonymous and accounts that may not use Confluence.
pub(super) fn licensed(visit: &Visit<'_>) -> Result<(), Refusal> {
    if visit.is_licensed() {
        return Ok(());
    }
    Err(Refusal::Forbidden(
        "com.atlassian.confluence.api.service.exceptions.PermissionException: Not permitted to use confluence"
            .to_owned(),
    ))
}

pub(super) fn admin(visit: &Visit<'_>) -> Result<(), Refusal> {
    if visit.is_admin() {
        return Ok(());
    }
    Err(Refusal::Forbidden(
        "com.atlassian.confluence.api.service.exceptions.PermissionException: You need admin permissions".to_owned(),
    ))
}

/// Refuses a change while the site takes none. The status is a guess.
pub(super) fn writable(visit: &Visit<'_>) -> Result<(), Refusal> {
    if visit.site().facts.read_only {
        return Err(Refusal::Status(405, "Read-only mode is enabled. You cannot make changes.".to_owned()));
    }
    Ok(())
}

/// Whether the site lets anybody read the restrictions of this content.
pub(super) fn readable(node: &Node) -> Result<(), Refusal> {
    match node.unreadable {
        Some(Unreadable::Status(status)) => Err(Refusal::Unreadable(status)),
        Some(Unreadable::TimesOut) => Err(Refusal::TimesOut),
        None => Ok(()),
    }
}

/// The content, where the caller may view it and it is published.
pub(super) fn content<'a>(visit: &Visit<'a>, id: &str) -> Result<(u32, &'a Node), Refusal> {
    let published = |node: &Node| matches!(node.status, Status::Current | Status::Archived);
    visit.node(id).filter(|(_, node)| published(node)).ok_or_else(|| Refusal::no_content(id))
}

/// The space, where the caller may view it.
pub(super) fn space<'a>(visit: &Visit<'a>, key: &str) -> Result<&'a Space, Refusal> {
    visit.space(key).ok_or_else(|| no_space(key))
}

pub(super) fn no_space(key: &str) -> Refusal {
    Refusal::NotFound(format!(
        "com.atlassian.confluence.api.service.exceptions.NotFoundException: No space with key : {key}"
    ))
}
