//! Confluence Cloud REST API v1.

use super::exchange::{Answer, Call};
use super::state::{Kind, Node};

pub(super) fn answer(_call: &Call<'_>, _path: &[&str]) -> Option<Answer> {
    None
}

/// Address of a content for people, below `/wiki`.
pub(super) fn web_link(node: &Node, space_key: &str) -> String {
    let slug: String = node.title.chars().map(|c| if c.is_alphanumeric() { c } else { '+' }).collect();
    match node.kind {
        Kind::Blogpost => format!("/spaces/{space_key}/blog/2026/01/01/{}/{slug}", node.id),
        Kind::Page => format!("/spaces/{space_key}/pages/{}/{slug}", node.id),
        kind => format!("/spaces/{space_key}/{}/{}", kind.word(), node.id),
    }
}
