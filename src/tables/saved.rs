//! A snapshot as a set of Parquet files, and back.

use std::collections::BTreeMap;

use parquet::errors::ParquetError;
use serde::{Deserialize, Serialize};

use super::membership::expand;
use super::parquet::{FORMAT, Unreadable};
use super::table::Table;
use crate::model::{Declaration, Gap, Origins, Record, Row, Site, Snapshot, StoredRecord, Timestamp, WrongCell};

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

/// Declares the files of a saved snapshot that are read back, each with the rows it holds.
macro_rules! files {
    ($($name:literal = $rows:ident),+ $(,)?) => {
        /// Number of rows in each file that is read back.
        pub fn counts(snapshot: &Snapshot) -> Vec<(&'static str, usize)> {
            vec![$(($name, snapshot.$rows.len())),+]
        }

        /// The rows of a snapshot. `memberships` is for readers of the folder; what is read back is `group_members`, the
        /// entries as they are in the groups' lists.
        ///
        /// # Errors
        /// Where the encoder refuses.
        pub fn write(snapshot: &Snapshot, with_memberships: bool) -> Result<Files, ParquetError> {
            let mut files = BTreeMap::from([$(($name.to_owned(), file(&snapshot.$rows)?)),+]);
            if with_memberships {
                let rows = expand(&snapshot.groups, &snapshot.users, &snapshot.memberships, None);
                files.insert("memberships".to_owned(), file(&rows)?);
            }
            Ok(files)
        }

        /// Reads a snapshot back.
        ///
        /// # Errors
        /// Where a file is missing, damaged, of another shape, or shorter or longer than the facts say.
        pub fn read(facts: Facts, mut files: Files) -> Result<Snapshot, Unreadable> {
            let mut origins = Origins::new();
            Ok(Snapshot {
                site: facts.site,
                taken_at: facts.taken_at,
                $($rows: rows($name, &mut files, &facts.counts, &mut origins)?,)+
                planned: Vec::new(),
            })
        }
    };
}

files! {
    "spaces" = spaces,
    "contents" = contents,
    "users" = users,
    "groups" = groups,
    "group_members" = memberships,
    "space_permissions" = space_permissions,
    "restrictions" = restrictions,
    "gaps" = gaps,
}

fn file<R: Record>(rows: &[R]) -> Result<Vec<u8>, ParquetError> {
    Table::new(rows, []).to_parquet()
}

/// The facts of a snapshot.
pub fn facts(snapshot: &Snapshot) -> Facts {
    Facts {
        format: FORMAT,
        site: snapshot.site.clone(),
        taken_at: snapshot.taken_at,
        complete: snapshot.complete(),
        counts: counts(snapshot).into_iter().map(|(name, rows)| (name.to_owned(), rows)).collect(),
    }
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

/// Reads gaps back.
///
/// # Errors
/// The bytes are not a file of gaps.
pub fn read_gaps(bytes: Vec<u8>) -> Result<Vec<Gap>, Unreadable> {
    rows("gaps", &mut BTreeMap::from([("gaps".to_owned(), bytes)]), &BTreeMap::new(), &mut Origins::new())
}

fn rows<R: StoredRecord>(
    name: &str,
    files: &mut Files,
    counts: &BTreeMap<String, usize>,
    origins: &mut Origins,
) -> Result<Vec<R>, Unreadable> {
    let bytes = files.remove(name).ok_or_else(|| Unreadable::Missing(name.to_owned()))?;
    let declaration = Declaration::of::<R>();
    let columns = declaration.columns.clone();
    let table = Table::from_parquet(name, declaration, bytes, [])?;
    if let Some(expected) = counts.get(name).copied().filter(|expected| *expected != table.len()) {
        return Err(Unreadable::Rowcount { name: name.to_owned(), found: table.len(), expected });
    }
    let wrong =
        |WrongCell { column, value }| Unreadable::Value { name: name.to_owned(), column: column.to_owned(), value };
    let cells = (0..table.len()).filter_map(|at| table.row(at));
    cells.map(|cells| R::read(&mut Row { columns: &columns, cells, origins }).map_err(wrong)).collect()
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;
    use crate::model::{
        Asked, BlindSpot, Content, ContentStatus, ContentType, Deployment, DirectMembership, GapCause, GapScope,
        GlobalPermission, Group, GroupSource, Origin, Permission, Plan, Restriction, RestrictionOperation, RoleMode,
        SitePermission, Space, SpacePermission, Subject, SubjectKind, Switch, User, UserType,
    };

    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().expect("a moment"))
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    /// Every field is set, none to its default, so that each column type occurs.
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
                verified_domains: Some(vec!["example.org".to_owned()]),
                caller: Some(Subject::user("ann")),
                admin_key: true,
                coverage: vec!["not a Confluence administrator".to_owned()],
                blind_spots: vec![BlindSpot::Hidden],
                asked: Some(Asked { public_links: true, last_active: false }),
                global_permissions: Some(vec![GlobalPermission {
                    subject: Subject::new(SubjectKind::Unknown, ""),
                    subject_name: some("who"),
                    permission: SitePermission::Other("fly".to_owned()),
                    raw: some("fly/site"),
                    source: source.clone(),
                }]),
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
                ..Space::default()
            }],
            contents: vec![Content {
                title: some("Ünïcode 🗂 \u{0} title"),
                status: ContentStatus::Other("purged".to_owned()),
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
                ..Content::new("10", ContentType::Other("canvas".to_owned()), "~ann")
            }],
            users: vec![User {
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
                last_active_at: at("2026-01-02T00:00:00Z"),
                source: source.clone(),
                ..User::new("ann")
            }],
            groups: vec![Group {
                name: some("eng"),
                provenance: GroupSource::Directory,
                directory_id: some("d"),
                directory_name: some("Entra ID"),
                evidence: some("managedBy=EXTERNAL"),
                members_complete: false,
                source: source.clone(),
                ..Group::new("g")
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
                subject: Subject::unlicensed(),
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
            planned: Vec::new(),
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
        assert!(matches!(read_facts(r#"{"format": 3, "elsewhere": []}"#), Err(Unreadable::Newer(3))));
        assert!(matches!(read_facts(r#"{"format": 1}"#), Err(Unreadable::Facts(_))));
    }
}
