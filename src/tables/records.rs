//! The records and their columns. To add one: one `impl Record`, one line in [`declarations`].

use super::column::columns;
use super::{Column, Declaration, Record, Table};
use crate::model::{Gap, Space};

/// All declarations, in the order they are documented.
pub fn declarations() -> Vec<Declaration> {
    vec![Declaration::of::<Space>(), Declaration::of::<Gap>()]
}

/// The table of `rows`, whatever record they are.
pub fn table<R: Record>(rows: &[R], gaps: &[Gap]) -> Table {
    Table::new(rows, gaps)
}

/// `wiki.spaces()`.
pub fn spaces(rows: &[Space], gaps: &[Gap]) -> Table {
    Table::new(rows, gaps)
}

/// `table.gaps`: what is missing, as rows. It is complete itself.
pub fn gaps(rows: &[Gap]) -> Table {
    Table::new(rows, [])
}

impl Record for Space {
    const NAME: &'static str = "Space";
    const DOC: &'static str = "One row is one space.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, space =>
        text "id": "Id as the server spells it; the key where there is none." = &space.id,
        text "key": "Key, such as `ENG` or `~ann`." = &space.key,
        text "name" or null: "Display name." = &space.name,
        text "type" or null: "`global`, `personal`, `knowledge_base` or another word of the server." = &space.kind,
        text "status" or null: "`current` or `archived`." = &space.status,
        text "homepage_id" or null: "Content id of the home page." = &space.homepage_id,
        text "source": "API and route it was read from." = &space.source,
        text "owner_id" or null: "Account that owns a personal space." = &space.owner_id,
        flag "public_links_enabled" or null: "Whether public links work in this space." = space.public_links_enabled,
        time "created_at" or null: "When it was created." = space.created_at,
    );
}

impl Record for Gap {
    const NAME: &'static str = "Gap";
    const DOC: &'static str = "One row is one thing that could not be read.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, gap =>
        text "scope": "What it is about: `site`, `space`, `space_permissions`, `content`, `group`, `user` or `audit`."
            = &gap.scope,
        text "subject": "Its id; of a space its key." = &gap.subject,
        text "cause": "Why, as a code, such as `forbidden`, `timeout` or `truncated`." = &gap.cause,
        text "message": "One line for a person." = &gap.message,
        count "status" or null: "HTTP status, where there was one." = gap.status,
        text "route" or null: "Method and path asked, without query." = &gap.route,
    );
}
