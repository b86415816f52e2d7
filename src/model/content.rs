//! Content: the nodes of the tree, and what hangs on them.

use serde::Serialize;

use super::open_enum::open_enum;
use super::{Origin, Subject, Timestamp, record};

open_enum! {
    /// Kind of a content.
    ContentType {
        /// A page; live docs are pages.
        Page = "page",
        /// A blog post: it has no parent.
        Blogpost = "blogpost",
        /// A comment.
        Comment = "comment",
        /// An attachment.
        Attachment = "attachment",
        /// A folder (Cloud).
        Folder = "folder",
        /// A whiteboard (Cloud).
        Whiteboard = "whiteboard",
        /// A database (Cloud).
        Database = "database",
        /// A smart link in the tree (Cloud).
        Embed = "embed",
    }
}

open_enum! {
    /// State of a content.
    ContentStatus {
        /// Published.
        Current = "current",
        /// Archived.
        Archived = "archived",
        /// In the trash.
        Trashed = "trashed",
        /// Never published.
        Draft = "draft",
    }
}

record! {
    /// One row is one content item: a node of the content tree, or a comment or an attachment of one.
    ///
    /// Nodes are pages, blog posts, folders, whiteboards, databases and embeds. From `wiki.contents(space)` and
    /// `snapshot.contents`. Content the account cannot view is not listed.
    #[derive(Serialize)]
    pub struct Content: stored {
        /// Id as the server spells it.
        pub id: String,
        /// `page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`, `comment`, `attachment` or another word of
        /// the server.
        pub kind as "type": ContentType,
        /// Title.
        pub title: Option<String>,
        /// `current`, `archived`, `trashed`, `draft` or another word of the server.
        pub status: ContentStatus,
        /// Key of its space.
        pub space_key: String,
        /// The parent; for a comment or an attachment, the content item it belongs to. Null at the root of a space, and
        /// if `parent_unknown` is true.
        pub parent_id: Option<String>,
        /// Type of the parent.
        pub parent_type: Option<ContentType>,
        /// Account that created it.
        pub author_id: Option<String>,
        /// When it was created.
        pub created_at: Option<Timestamp>,
        /// When its newest version was created. Changes of restrictions do not count.
        pub modified_at: Option<Timestamp>,
        /// The address people open.
        pub url: Option<String>,
        /// API and route it was read from.
        pub source: Origin,
        /// Subjects a draft was shared with.
        pub shared_with: Option<Vec<Subject>>,
        /// Whether a public link is on and works (Cloud); null unless public links were read: `snapshot(public_links=True)`.
        pub public_link: Option<bool>,
        /// Whether an empty answer about its restrictions was confirmed by another route.
        pub restrictions_verified: bool,
        /// Whether its place in the tree could not be read: it may inherit unknown restrictions.
        pub parent_unknown: bool,
    }
}

impl Content {
    /// A published content with its place and kind only.
    pub fn new(id: impl Into<String>, kind: ContentType, space_key: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            kind,
            title: None,
            status: ContentStatus::Current,
            space_key: space_key.into(),
            parent_id: None,
            parent_type: None,
            author_id: None,
            created_at: None,
            modified_at: None,
            url: None,
            shared_with: None,
            public_link: None,
            restrictions_verified: false,
            parent_unknown: false,
            source: Origin::default(),
        }
    }
}
