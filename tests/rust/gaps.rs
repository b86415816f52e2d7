//! What gaps about the site mean to the resolver, and that every reader writes them in one way.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use confluence_access::apis::datacenter::lift;
use confluence_access::model::{Deployment, Gap, GapCause, GapScope, Missing, Operation, SiteFact, Snapshot, Subject};
use confluence_access::resolve::Access;
use serde_json::json;

fn site(gaps: Vec<Gap>) -> Access {
    let site = json!({
        "users": {"ann": {}, "bob": {}},
        "groups": {"eng": {"members": ["user:ann"]}},
        "spaces": {"DOC": {"grants": {"group:eng": ["view", "edit_page"]}}},
        "contents": {"1": {"type": "page", "space": "DOC"}, "2": {"type": "page", "space": "DOC"}},
        "restrictions": {"2": {"read": ["user:ann"]}},
    });
    let mut snapshot = Snapshot::from_plain(site, Deployment::DataCenter).unwrap();
    snapshot.gaps = gaps;
    Access::new(Arc::new(snapshot), None)
}

/// Whether ann and bob may view the open page: the first may, the second is refused by its space.
fn answers(gaps: Vec<Gap>) -> [&'static str; 2] {
    let access = site(gaps);
    ["user:ann", "user:bob"].map(|who| access.can(&Subject::parse(who).unwrap(), Operation::View, "1").as_str())
}

fn gap(scope: GapScope, subject: &str) -> Gap {
    Gap::new((scope, subject), GapCause::Forbidden, "not read")
}

#[test]
fn a_gap_nobody_knows_makes_every_answer_it_could_touch_unknown() {
    assert_eq!(answers(Vec::new()), ["allowed", "denied"]);
    for unknown in [gap(GapScope::Site, "something new"), gap(GapScope::from("planet"), "earth")] {
        assert_eq!(unknown.missing(), Missing::Unknown);
        assert_eq!(answers(vec![unknown]), ["unknown", "unknown"]);
    }
}

#[test]
fn what_each_fact_of_the_site_leaves_open_is_written_down() {
    for &fact in SiteFact::ALL {
        let expected = match fact {
            // An empty list may be one that was not read.
            SiteFact::Restrictions => ["unknown", "denied"],
            // A grant nobody read may let him in.
            SiteFact::SpacePermissions
            | SiteFact::SpacePermissionCatalogue
            | SiteFact::SpaceRoles
            | SiteFact::RoleMode
            // So may a group he may be in.
            | SiteFact::Memberships
            // The one that passes everything may be among those that were not listed.
            | SiteFact::Groups
            | SiteFact::NestedGroups => ["allowed", "unknown"],
            SiteFact::Spaces
            | SiteFact::Contents
            | SiteFact::Accounts
            | SiteFact::Users
            // Both are known to be licensed.
            | SiteFact::GlobalPermissions
            | SiteFact::Anonymous
            | SiteFact::PublicLinks
            | SiteFact::Plan
            | SiteFact::ReadOnly
            // Who is not known to be a product admin has null for it, and null is a doubt.
            | SiteFact::ProductAdmins
            | SiteFact::AdminKey
            | SiteFact::Organization
            | SiteFact::VerifiedDomains
            | SiteFact::Extender
            | SiteFact::JsonRpc => ["allowed", "denied"],
        };
        let (scope, subject) = fact.about();
        let missing = gap(scope, subject);
        assert_eq!(missing.missing(), Missing::Site(fact));
        assert_eq!(answers(vec![missing]), expected, "{}", fact.as_str());
    }
}

#[test]
fn one_unreadable_global_permission_is_a_gap_of_the_global_permissions() {
    let operation = r#"{"operationKey": "administer", "targetType": "application"}"#;
    let listed = format!(r#"[{{"operation": {operation}, "subject": 7}}, 7]"#);
    let page = lift::global_permissions(listed.as_bytes()).unwrap();
    assert!(page.gaps.len() >= 2, "{:#?}", page.gaps);
    assert!(
        page.gaps.iter().all(|gap| gap.missing() == Missing::Site(SiteFact::GlobalPermissions)),
        "{:#?}",
        page.gaps
    );
    // The permissions of spaces are others: they were read.
    assert_eq!(answers(page.gaps), ["allowed", "denied"]);
}

#[test]
fn what_a_gap_misses_is_not_assumed() {
    let gaps = json!(["anonymous", "public_links", "read_only"].map(|fact| json!({"scope": "site", "subject": fact})));
    let site = json!({"gaps": gaps, "read_only": true});
    let facts = Snapshot::from_plain(site, Deployment::Cloud).unwrap().site;
    assert_eq!((facts.anonymous_enabled, facts.public_links_enabled, facts.read_only), (None, None, Some(true)));
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn a_gap_about_the_site_is_only_made_of_a_fact_of_the_site() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    assert!(files.len() > 100, "it looks at the sources");
    let home = Path::new("src/model/gap.rs");
    let text = |path: &PathBuf| fs::read_to_string(path).unwrap();
    assert!(text(&home.to_owned()).contains("GapScope::Site"));
    let strays: Vec<_> = files.iter().filter(|path| *path != home && text(path).contains("GapScope::Site")).collect();
    assert_eq!(strays, Vec::<&PathBuf>::new());
}
