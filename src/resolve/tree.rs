//! Root to content, with the lists of every level.

use serde::Serialize;

use crate::model::Decision;

/// How to write a tree as a dict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeStyle {
    /// Our own column names.
    Plain,
    /// The three answers of the Extender add-on.
    Extender,
}

/// A list of groups and users.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TreeList {
    /// Groups, by name.
    pub groups: Vec<String>,
    /// Users, by name.
    pub users: Vec<String>,
}

/// One level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TreeLevel {
    /// 1 is the root.
    pub level: u32,
    /// The content.
    pub content_id: String,
    /// Its title.
    pub title: Option<String>,
    /// Its kind.
    pub kind: String,
    /// Its creator.
    pub author: Option<String>,
    /// Who may view it, as the principals left by every layer down to here.
    pub view: TreeList,
    /// Who may edit it.
    pub edit: TreeList,
    /// Its own view list.
    pub view_restriction: TreeList,
    /// Its own edit list.
    pub edit_restriction: TreeList,
    /// Whether everybody who sees the space may view it.
    pub everyone_view: Decision,
}

/// Root to content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// The content.
    pub content_id: String,
    /// Key of its space.
    pub space_key: String,
    /// Name of its space.
    pub space_name: Option<String>,
    /// Levels, root first.
    pub levels: Vec<TreeLevel>,
}

pub(super) fn tree(_access: &super::Access, content_id: &str) -> Result<Tree, super::UnknownContent> {
    Err(super::UnknownContent(content_id.to_owned()))
}
