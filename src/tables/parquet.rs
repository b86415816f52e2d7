//! Tables as Parquet, and a snapshot as a set of Parquet files. Bytes only; folders are the caller's.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use serde::{Deserialize, Serialize};

use super::{Cell, Declaration, Record, Table, expand};
use crate::model::{
    Content, DirectMembership, Gap, GapCause, Group, Origin, Permission, Restriction, RestrictionOperation, Site,
    Snapshot, Space, SpacePermission, Subject, SubjectKind, Timestamp, User,
};

/// Version of the layout of a saved snapshot. It grows when an older reader would misread a newer file.
pub const FORMAT: u32 = 1;

/// Why bytes are not the table they should be.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Not Parquet, or damaged.
    #[error("`{name}` is damaged or no Parquet file: {cause}")]
    Damaged {
        /// Which file.
        name: String,
        /// What the reader says.
        cause: ParquetError,
    },
    /// Rows that cannot be decoded.
    #[error("`{name}` is damaged: {cause}")]
    Rows {
        /// Which file.
        name: String,
        /// What the reader says.
        cause: ArrowError,
    },
    /// A column is missing, or of another type.
    #[error("`{name}` has no column `{column}` of type {expected}")]
    Column {
        /// Which file.
        name: String,
        /// Which column.
        column: String,
        /// Type it should have.
        expected: &'static str,
    },
    /// A value that cannot be.
    #[error("`{name}`: `{value}` is no value of column `{column}`")]
    Value {
        /// Which file.
        name: String,
        /// Which column.
        column: String,
        /// What stands there.
        value: String,
    },
    /// A file is missing.
    #[error("the file `{0}` is missing")]
    Missing(String),
    /// A count that does not agree with the manifest.
    #[error("`{name}` holds {found} rows where the manifest says {expected}")]
    Rowcount {
        /// Which file.
        name: String,
        /// Rows found.
        found: usize,
        /// Rows promised.
        expected: usize,
    },
    /// The facts of the site cannot be read.
    #[error("the facts of the site cannot be read: {0}")]
    Facts(serde_json::Error),
    /// The layout is newer than this version.
    #[error("the snapshot has format {0}, this version reads up to {FORMAT}: install a newer confluence-access")]
    Newer(u32),
}

impl Table {
    /// The rows as a Parquet file.
    ///
    /// # Errors
    /// Where the encoder refuses, which it does for no table made here.
    pub fn to_parquet(&self) -> Result<Vec<u8>, ParquetError> {
        let mut bytes = Vec::new();
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let mut writer = ArrowWriter::try_new(&mut bytes, self.schema(), Some(properties))?;
        for batch in self.batches() {
            writer.write(batch)?;
        }
        writer.close()?;
        Ok(bytes)
    }

    /// Reads a Parquet file as the record `declaration` declares. More columns than declared are left aside.
    ///
    /// # Errors
    /// Where the bytes are no such file.
    pub fn from_parquet(
        name: &str,
        declaration: Declaration,
        bytes: Vec<u8>,
        gaps: impl Into<Arc<[Gap]>>,
    ) -> Result<Self, Unreadable> {
        let damaged = |cause| Unreadable::Damaged { name: name.to_owned(), cause };
        let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).map_err(damaged)?;
        let reader = builder.with_batch_size(super::BATCH).build().map_err(damaged)?;
        let found = reader.schema();
        let mut at = Vec::with_capacity(declaration.columns.len());
        for column in &declaration.columns {
            let wrong = || Unreadable::Column {
                name: name.to_owned(),
                column: column.name.to_owned(),
                expected: column.kind.as_str(),
            };
            let index = found.index_of(column.name).map_err(|_| wrong())?;
            if found.field(index).data_type() != &column.kind.data_type() {
                return Err(wrong());
            }
            at.push(index);
        }
        let schema = Arc::new(declaration.schema());
        let mut batches = Vec::new();
        for batch in reader {
            let rows = |cause| Unreadable::Rows { name: name.to_owned(), cause };
            let batch = batch.and_then(|batch| batch.project(&at)).map_err(rows)?;
            let (_, arrays, _) = batch.into_parts();
            batches.push(RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(rows)?);
        }
        Ok(Self::from_batches(Arc::new(declaration), schema, batches, gaps.into()))
    }
}

/// One row while it is read back into its record.
struct Row<'a> {
    name: &'a str,
    schema: &'a Schema,
    cells: Vec<Cell<'a>>,
    origins: &'a mut HashMap<String, Origin>,
}

impl Row<'_> {
    fn take(&mut self, column: &str) -> Cell<'_> {
        let at = self.schema.index_of(column).ok();
        at.and_then(|at| self.cells.get_mut(at)).map_or(Cell::Null, |cell| std::mem::replace(cell, Cell::Null))
    }

    fn text(&mut self, column: &str) -> String {
        self.text_or_null(column).unwrap_or_default()
    }

    fn text_or_null(&mut self, column: &str) -> Option<String> {
        match self.take(column) {
            Cell::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    }

    fn flag(&mut self, column: &str) -> Option<bool> {
        match self.take(column) {
            Cell::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    fn time(&mut self, column: &str) -> Result<Option<Timestamp>, Unreadable> {
        let Cell::Time(micros) = self.take(column) else { return Ok(None) };
        Timestamp::from_microsecond(micros).map(Some).map_err(|_| self.wrong(column, &micros.to_string()))
    }

    fn origin(&mut self, column: &str) -> Origin {
        let text = self.text(column);
        self.origins.entry(text).or_insert_with_key(|text| Origin::new(text.as_str())).clone()
    }

    /// A subject. An account or a group without an id is a deleted one, kept under its name.
    fn subject(&mut self, kind: &str, id: &str, name: Option<&str>) -> Subject {
        let kind = SubjectKind::from(self.text(kind).as_str());
        match self.text_or_null(id) {
            None if matches!(kind, SubjectKind::User | SubjectKind::Group) => {
                Subject::without_id(kind, name.unwrap_or_default())
            }
            id => Subject::new(kind, id.unwrap_or_default()),
        }
    }

    fn wrong(&self, column: &str, value: &str) -> Unreadable {
        Unreadable::Value { name: self.name.to_owned(), column: column.to_owned(), value: value.to_owned() }
    }
}

/// A record that can be read back from its columns.
trait Stored: Record {
    fn read(row: &mut Row<'_>) -> Result<Self, Unreadable>;
}

impl Stored for Space {
    fn read(row: &mut Row<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            id: row.text("id"),
            key: row.text("key"),
            name: row.text_or_null("name"),
            kind: row.text_or_null("type"),
            status: row.text_or_null("status"),
            homepage_id: row.text_or_null("homepage_id"),
            owner_id: row.text_or_null("owner_id"),
            public_links_enabled: row.flag("public_links_enabled"),
            created_at: row.time("created_at")?,
            source: row.origin("source"),
        })
    }
}

/// Reads a subject as it is written in a list: a kind known by itself, or kind and id.
fn listed_subject(text: &str) -> Subject {
    match text.split_once(':') {
        Some(("class", id)) => Subject::new(SubjectKind::AccessClass, id),
        Some((kind, id)) => Subject::new(SubjectKind::from(kind), id),
        None => Subject::new(SubjectKind::from(text), ""),
    }
}

impl Stored for Content {
    fn read(row: &mut Row<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            id: row.text("id"),
            kind: row.text("type").as_str().into(),
            title: row.text_or_null("title"),
            status: row.text("status").as_str().into(),
            space_key: row.text("space_key"),
            parent_id: row.text_or_null("parent_id"),
            parent_type: row.text_or_null("parent_type").map(|word| word.as_str().into()),
            author_id: row.text_or_null("author_id"),
            created_at: row.time("created_at")?,
            modified_at: row.time("modified_at")?,
            url: row.text_or_null("url"),
            shared_with: match row.take("shared_with") {
                Cell::Texts(texts) => Some(texts.iter().map(|text| listed_subject(text)).collect()),
                _ => None,
            },
            public_link: row.flag("public_link"),
            restrictions_verified: row.flag("restrictions_verified").unwrap_or_default(),
            parent_unknown: row.flag("parent_unknown").unwrap_or_default(),
            source: row.origin("source"),
        })
    }
}

impl Stored for User {
    fn read(row: &mut Row<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            id: row.text("id"),
            name: row.text_or_null("name"),
            display_name: row.text_or_null("display_name"),
            email: row.text_or_null("email"),
            kind: row.text("type").as_str().into(),
            active: row.flag("active"),
            guest: row.flag("guest"),
            licensed: row.flag("licensed"),
            product_admin: row.flag("product_admin"),
            org_admin: row.flag("org_admin"),
            system_admin: row.flag("system_admin"),
            admin_key: row.flag("admin_key"),
            source: row.origin("source"),
        })
    }
}

impl Stored for Group {
    fn read(row: &mut Row<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            id: row.text("id"),
            name: row.text_or_null("name"),
            provenance: row.text("source").as_str().into(),
            directory_id: row.text_or_null("directory_id"),
            directory_name: row.text_or_null("directory_name"),
            evidence: row.text_or_null("evidence"),
            members_complete: row.flag("members_complete").unwrap_or_default(),
            source: row.origin("origin"),
        })
    }
}

impl Stored for DirectMembership {
    fn read(row: &mut Row<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            group_id: row.text("group_id"),
            member: row.subject("member_type", "member_id", None),
            source: row.origin("source"),
        })
    }
}

impl Stored for SpacePermission {
    fn read(row: &mut Row<'_>) -> Result<Self, Unreadable> {
        let subject_name = row.text_or_null("subject_name");
        Ok(Self {
            space_key: row.text("space_key"),
            subject: row.subject("subject_type", "subject_id", subject_name.as_deref()),
            subject_name,
            permission: Permission::from(row.text("permission").as_str()),
            raw: row.text_or_null("raw"),
            via_role: row.text_or_null("via_role"),
            source: row.origin("source"),
        })
    }
}

impl Stored for Restriction {
    fn read(row: &mut Row<'_>) -> Result<Self, Unreadable> {
        let operation = match row.text("operation").as_str() {
            "view" => RestrictionOperation::View,
            "edit" => RestrictionOperation::Edit,
            other => return Err(row.wrong("operation", other)),
        };
        let subject_name = row.text_or_null("subject_name");
        Ok(Self {
            content_id: row.text("content_id"),
            operation,
            subject: row.subject("subject_type", "subject_id", subject_name.as_deref()),
            subject_name,
            source: row.origin("source"),
        })
    }
}

impl Stored for Gap {
    fn read(row: &mut Row<'_>) -> Result<Self, Unreadable> {
        let status = match row.take("status") {
            Cell::Count(status) => Some(u16::try_from(status).map_err(|_| row.wrong("status", &status.to_string()))?),
            _ => None,
        };
        Ok(Self {
            scope: row.text("scope").as_str().into(),
            subject: row.text("subject"),
            cause: GapCause::from(row.text("cause").as_str()),
            message: row.text("message"),
            status,
            route: row.text_or_null("route"),
        })
    }
}

/// What a saved snapshot knows beside its rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Facts {
    /// Version of the layout.
    pub format: u32,
    /// The site as a whole.
    pub site: Site,
    /// When reading began.
    pub taken_at: Option<Timestamp>,
    /// Whether nothing is missing.
    pub complete: bool,
    /// Rows of each file that is read back.
    pub counts: BTreeMap<String, usize>,
}

/// A snapshot as files: name without ending, and the bytes of a Parquet file.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The facts of a snapshot.
pub fn facts(snapshot: &Snapshot) -> Facts {
    let counts = [
        ("spaces", snapshot.spaces.len()),
        ("contents", snapshot.contents.len()),
        ("users", snapshot.users.len()),
        ("groups", snapshot.groups.len()),
        ("group_members", snapshot.memberships.len()),
        ("space_permissions", snapshot.space_permissions.len()),
        ("restrictions", snapshot.restrictions.len()),
        ("gaps", snapshot.gaps.len()),
    ];
    Facts {
        format: FORMAT,
        site: snapshot.site.clone(),
        taken_at: snapshot.taken_at,
        complete: snapshot.complete(),
        counts: counts.into_iter().map(|(name, rows)| (name.to_owned(), rows)).collect(),
    }
}

/// The rows of a snapshot. `memberships` is for readers of the folder; what is read back is `group_members`, the
/// entries as they stand in the groups' lists.
///
/// # Errors
/// Where the encoder refuses.
pub fn write(snapshot: &Snapshot, with_memberships: bool) -> Result<Files, ParquetError> {
    fn file<R: Record>(rows: &[R]) -> Result<Vec<u8>, ParquetError> {
        Table::new(rows, []).to_parquet()
    }
    let mut files = BTreeMap::from([
        ("spaces".to_owned(), file(&snapshot.spaces)?),
        ("contents".to_owned(), file(&snapshot.contents)?),
        ("users".to_owned(), file(&snapshot.users)?),
        ("groups".to_owned(), file(&snapshot.groups)?),
        ("group_members".to_owned(), file(&snapshot.memberships)?),
        ("space_permissions".to_owned(), file(&snapshot.space_permissions)?),
        ("restrictions".to_owned(), file(&snapshot.restrictions)?),
        ("gaps".to_owned(), file(&snapshot.gaps)?),
    ]);
    if with_memberships {
        let rows = expand(&snapshot.groups, &snapshot.users, &snapshot.memberships, None);
        files.insert("memberships".to_owned(), file(&rows)?);
    }
    Ok(files)
}

/// Reads the facts.
///
/// # Errors
/// Where they are newer than this version, or not readable.
pub fn read_facts(json: &str) -> Result<Facts, Unreadable> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let Format { format } = serde_json::from_str(json).map_err(Unreadable::Facts)?;
    if format > FORMAT {
        return Err(Unreadable::Newer(format));
    }
    serde_json::from_str(json).map_err(Unreadable::Facts)
}

/// Reads a snapshot back.
///
/// # Errors
/// Where a file is missing, damaged, of another shape, or shorter or longer than the facts say.
pub fn read(facts: Facts, mut files: Files) -> Result<Snapshot, Unreadable> {
    let mut origins = HashMap::new();
    Ok(Snapshot {
        site: facts.site,
        taken_at: facts.taken_at,
        spaces: rows("spaces", &mut files, &facts.counts, &mut origins)?,
        contents: rows("contents", &mut files, &facts.counts, &mut origins)?,
        users: rows("users", &mut files, &facts.counts, &mut origins)?,
        groups: rows("groups", &mut files, &facts.counts, &mut origins)?,
        memberships: rows("group_members", &mut files, &facts.counts, &mut origins)?,
        space_permissions: rows("space_permissions", &mut files, &facts.counts, &mut origins)?,
        restrictions: rows("restrictions", &mut files, &facts.counts, &mut origins)?,
        gaps: rows("gaps", &mut files, &facts.counts, &mut origins)?,
    })
}

/// Reads gaps back.
///
/// # Errors
/// Where the bytes are no file of gaps.
pub fn read_gaps(bytes: Vec<u8>) -> Result<Vec<Gap>, Unreadable> {
    rows("gaps", &mut BTreeMap::from([("gaps".to_owned(), bytes)]), &BTreeMap::new(), &mut HashMap::new())
}

fn rows<R: Stored>(
    name: &str,
    files: &mut Files,
    counts: &BTreeMap<String, usize>,
    origins: &mut HashMap<String, Origin>,
) -> Result<Vec<R>, Unreadable> {
    let bytes = files.remove(name).ok_or_else(|| Unreadable::Missing(name.to_owned()))?;
    let table = Table::from_parquet(name, Declaration::of::<R>(), bytes, [])?;
    if let Some(expected) = counts.get(name).copied().filter(|expected| *expected != table.len()) {
        return Err(Unreadable::Rowcount { name: name.to_owned(), found: table.len(), expected });
    }
    let schema = table.schema();
    let mut rows = Vec::with_capacity(table.len());
    for at in 0..table.len() {
        let cells = table.row(at).unwrap_or_default();
        rows.push(R::read(&mut Row { name, schema: &schema, cells, origins })?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;
    use crate::model::{
        ContentStatus, ContentType, Deployment, GapScope, GroupSource, Plan, RoleMode, Switch, UserType,
    };

    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().expect("a moment"))
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    /// Every field set, none to its default; written out in full, so that a new field has to be decided about here.
    fn full() -> Snapshot {
        let source = Origin::new("cloud_v2 GET /wiki/api/v2/things");
        Snapshot {
            site: Site {
                deployment: Deployment::DataCenter,
                base_url: some("https://wiki.example.org/confluence"),
                version: some("9.2.1"),
                plan: Some(Plan::Other("trial".to_owned())),
                role_mode: Some(RoleMode::Roles),
                anonymous_enabled: Some(true),
                anonymous_enforced: Some(true),
                public_links_enabled: Some(false),
                read_only: Some(true),
                licences_listed: true,
                product_admins_listed: true,
                caller: Some(Subject::user("ann")),
                coverage: vec!["not a Confluence administrator".to_owned()],
                policy: IndexMap::from([
                    ("z".to_owned(), Switch::Flag(true)),
                    ("a".to_owned(), Switch::Word("nobody".to_owned())),
                    ("m".to_owned(), Switch::Words(vec!["folder".to_owned()])),
                ]),
            },
            taken_at: at("2026-11-21T09:30:00.123456789Z"),
            spaces: vec![Space {
                id: "1".to_owned(),
                key: "~ann".to_owned(),
                name: some(""),
                kind: some("personal"),
                status: some("archived"),
                homepage_id: some("10"),
                owner_id: some("ann"),
                public_links_enabled: Some(false),
                created_at: at("1969-12-31T23:59:59.999999Z"),
                source: source.clone(),
            }],
            contents: vec![Content {
                id: "10".to_owned(),
                kind: ContentType::Other("canvas".to_owned()),
                title: some("Ünïcode 🗂 \u{0} title"),
                status: ContentStatus::Other("purged".to_owned()),
                space_key: "~ann".to_owned(),
                parent_id: some("9"),
                parent_type: Some(ContentType::Folder),
                author_id: some("ann"),
                created_at: at("2026-01-01T00:00:00Z"),
                modified_at: at("2026-01-01T00:00:00.000001Z"),
                url: some("https://wiki.example.org/x"),
                shared_with: Some(vec![
                    Subject::user("557058:ann"),
                    Subject::anonymous(),
                    Subject::class("all-licensed-users"),
                    Subject::new(SubjectKind::Unknown, "x"),
                    Subject::new(SubjectKind::Unknown, ""),
                    Subject::new(SubjectKind::Other("team".to_owned()), "a:b"),
                ]),
                public_link: Some(true),
                restrictions_verified: true,
                parent_unknown: true,
                source: source.clone(),
            }],
            users: vec![User {
                id: "ann".to_owned(),
                name: some("ann"),
                display_name: some("Ann"),
                email: some("ann@example.org"),
                kind: UserType::Customer,
                active: Some(false),
                guest: Some(true),
                licensed: Some(false),
                product_admin: Some(true),
                org_admin: Some(true),
                system_admin: Some(true),
                admin_key: Some(true),
                source: source.clone(),
            }],
            groups: vec![Group {
                id: "g".to_owned(),
                name: some("eng"),
                provenance: GroupSource::Directory,
                directory_id: some("d"),
                directory_name: some("Entra ID"),
                evidence: some("managedBy=EXTERNAL"),
                members_complete: false,
                source: source.clone(),
            }],
            memberships: vec![
                DirectMembership { group_id: "g".to_owned(), member: Subject::user("ann"), source: source.clone() },
                DirectMembership { group_id: "g".to_owned(), member: Subject::group("g"), source: source.clone() },
                DirectMembership {
                    group_id: "g".to_owned(),
                    member: Subject::new(SubjectKind::Unknown, ""),
                    source: Origin::default(),
                },
            ],
            space_permissions: vec![SpacePermission {
                space_key: "~ann".to_owned(),
                subject: Subject::new(SubjectKind::AccessClass, "all-licensed-users"),
                subject_name: some("All licensed users"),
                permission: Permission::Other("fly".to_owned()),
                raw: some("fly/page"),
                via_role: some("Pilot"),
                source: source.clone(),
            }],
            restrictions: vec![Restriction {
                content_id: "10".to_owned(),
                operation: RestrictionOperation::Edit,
                subject: Subject::new(SubjectKind::Unlicensed, ""),
                subject_name: some("who"),
                source,
            }],
            gaps: vec![Gap {
                scope: GapScope::Other("elsewhere".to_owned()),
                subject: "10".to_owned(),
                cause: GapCause::Forbidden,
                message: "not readable".to_owned(),
                status: Some(403),
                route: some("GET /wiki/api/v2/things"),
            }],
        }
    }

    fn round_trip(snapshot: &Snapshot) -> Snapshot {
        let json = serde_json::to_string(&facts(snapshot)).expect("facts");
        read(read_facts(&json).expect("facts"), write(snapshot, true).expect("files")).expect("a snapshot")
    }

    #[test]
    fn every_fact_of_a_snapshot_is_read_back() {
        assert_eq!(round_trip(&full()), full());
        let switches = round_trip(&full()).site.policy;
        assert_eq!(switches.keys().collect::<Vec<_>>(), ["z", "a", "m"], "the order of switches is kept");
    }

    #[test]
    fn what_is_not_known_stays_not_known() {
        let mut bare = Snapshot::new(Deployment::Cloud);
        bare.spaces.push(Space { key: "S".to_owned(), ..Space::default() });
        bare.contents.push(Content::new("1", ContentType::Page, "S"));
        bare.contents.push(Content { shared_with: Some(Vec::new()), ..Content::new("2", ContentType::Page, "S") });
        bare.users.push(User::new("ann"));
        bare.groups.push(Group::new("g"));
        assert_eq!(round_trip(&bare), bare);
    }

    #[test]
    fn records_of_one_route_share_its_name() {
        let mut snapshot = Snapshot::new(Deployment::Cloud);
        snapshot.users = vec![User::new("ann"), User::new("bob")];
        let read = round_trip(&snapshot);
        assert!(std::ptr::eq(read.users[0].source.as_str(), read.users[1].source.as_str()));
    }

    #[test]
    fn bytes_that_are_no_table_are_refused() {
        let declaration = Declaration::of::<Gap>;
        assert!(matches!(
            Table::from_parquet("gaps", declaration(), b"PAR1".to_vec(), []),
            Err(Unreadable::Damaged { .. })
        ));
        let spaces = Table::new(&full().spaces, []).to_parquet().expect("a file");
        let refused = Table::from_parquet("gaps", declaration(), spaces, []).expect_err("no gaps");
        assert_eq!(refused.to_string(), "`gaps` has no column `scope` of type text");
    }

    #[test]
    fn a_newer_layout_is_told_from_a_damaged_one() {
        assert!(matches!(read_facts(r#"{"format": 2, "elsewhere": []}"#), Err(Unreadable::Newer(2))));
        assert!(matches!(read_facts(r#"{"format": 1}"#), Err(Unreadable::Facts(_))));
    }
}
