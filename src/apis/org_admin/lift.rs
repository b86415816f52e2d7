//! What the organization says, as facts of the model.

use std::collections::{BTreeMap, HashMap};

use super::wire;
use crate::apis::continuation::Continuation;
use crate::apis::provenance;
use crate::apis::reading::{Elements, Page, Unreadable, element, gap, parse};
use crate::model::{Directory, DirectoryLink, GapScope, Group, GroupSource, Origin};

/// What every gap of this API is about.
const ABOUT: &str = "organization";

fn origin(route: &str) -> Origin {
    Origin::new(format!("org_admin {route}"))
}

/// An organization a key belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Option<String>,
}

/// What the organization says about a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRecord {
    /// Id: the UUID Confluence has for it too.
    pub id: String,
    /// Name.
    pub name: Option<String>,
    /// The directory it is kept in.
    pub directory_id: Option<String>,
    /// Whether an identity provider keeps it in step.
    pub external_synced: Option<bool>,
    /// `external`, `admins`, `team-members`, `open` or another word.
    pub managed_by: Option<String>,
}

fn listing<T: serde::de::DeserializeOwned, R>(body: &[u8]) -> Result<(Elements<T>, Page<R>), Unreadable> {
    let envelope: wire::Envelope = parse(body)?;
    let elements: Elements<T> = envelope.data.iter().enumerate().map(|(at, raw)| element(at, raw.get())).collect();
    let next = envelope.links.unwrap_or_default().next;
    let page = Page { next: Continuation::from_cursor(next.as_ref()), received: elements.len(), ..Page::default() };
    Ok((elements, page))
}

fn rows<T: serde::de::DeserializeOwned, R>(
    body: &[u8],
    route: &str,
    row: impl Fn(T) -> R,
) -> Result<Page<R>, Unreadable> {
    let (elements, mut page) = listing::<T, R>(body)?;
    for element in elements {
        match element {
            Ok(found) => page.rows.push(row(found)),
            Err(broken) => page.gaps.push(broken.gap(GapScope::Site, ABOUT, route)),
        }
    }
    Ok(page)
}

/// Reads the organizations of a key.
///
/// # Errors
/// Where the answer is no such listing.
pub fn organizations(body: &[u8]) -> Result<Page<Organization>, Unreadable> {
    rows(body, "GET /admin/v1/orgs", |org: wire::Organization| Organization {
        id: org.id,
        name: org.attributes.and_then(|a| a.name),
    })
}

/// Reads the directories of the organization `org_id`.
///
/// # Errors
/// Where the answer is no such listing.
pub fn directories(body: &[u8], org_id: &str) -> Result<Page<Directory>, Unreadable> {
    const ROUTE: &str = "GET /admin/v2/orgs/{orgId}/directories";
    let source = origin(ROUTE);
    rows(body, ROUTE, |found: wire::Directory| Directory {
        id: found.directory_id,
        name: found.name,
        organization_id: org_id.to_owned(),
        source: source.clone(),
    })
}

/// Reads the groups of an organization.
///
/// # Errors
/// Where the answer is no such listing.
pub fn groups(body: &[u8]) -> Result<Page<GroupRecord>, Unreadable> {
    rows(body, "POST /admin/v2/orgs/{orgId}/directories/-/groups/search", |found: wire::Group| GroupRecord {
        id: found.id,
        name: found.name,
        directory_id: found.directory_id,
        external_synced: found.external_synced,
        managed_by: found.managed_by,
    })
}

/// Reads the entries of directories behind the account `account_id`.
///
/// # Errors
/// Where the answer is no such list.
pub fn scim_links(body: &[u8], account_id: &str) -> Result<Page<DirectoryLink>, Unreadable> {
    const ROUTE: &str = "GET /admin/user-provisioning/v1/org/{orgId}/user/{accountId}/get-scim-links";
    let answer: wire::ScimLinks = parse(body)?;
    let source = origin(ROUTE);
    let mut page = Page { received: answer.scim_links.len(), ..Page::default() };
    for (at, raw) in answer.scim_links.iter().enumerate() {
        match element::<wire::ScimLink>(at, raw.get()) {
            Ok(link) => {
                let directory_id = directory_in(&link.directory_id);
                if directory_id.is_empty() {
                    page.gaps.push(gap(GapScope::User, account_id, "unreadable", "a link without a directory", ROUTE));
                    continue;
                }
                page.rows.push(DirectoryLink {
                    user_id: account_id.to_owned(),
                    directory_id,
                    directory_name: None,
                    scim_user_id: link.scim_user_id,
                    source: source.clone(),
                });
            }
            Err(broken) => page.gaps.push(broken.gap(GapScope::User, account_id, ROUTE)),
        }
    }
    Ok(page)
}

/// The id in what the documents call "the SCIM base URL" and show as an id.
fn directory_in(text: &str) -> String {
    text.split(['?', '#'])
        .next()
        .unwrap_or_default()
        .rsplit('/')
        .find(|part| !part.is_empty())
        .unwrap_or_default()
        .to_owned()
}

/// Adds what the organization says to what Confluence says about its groups. The organization keeps the directories, so
/// its word decides where the two differ, and the evidence tells that they do. `named` gives directories the names
/// their organization does not use, such as "Entra ID". `complete`: all groups of the organization are among `records`.
pub fn join(
    groups: &mut [Group],
    records: &[GroupRecord],
    directories: &[Directory],
    named: &BTreeMap<String, String>,
    complete: bool,
) {
    let by_id: HashMap<String, &GroupRecord> = records.iter().map(|r| (r.id.to_ascii_lowercase(), r)).collect();
    let mut by_name: HashMap<String, Vec<&GroupRecord>> = HashMap::new();
    for record in records {
        if let Some(name) = &record.name {
            by_name.entry(name.to_lowercase()).or_default().push(record);
        }
    }
    for group in groups {
        let same_name = group.name.as_ref().and_then(|name| by_name.get(&name.to_lowercase()));
        let (record, way) = match (by_id.get(&group.id.to_ascii_lowercase()), same_name.map(Vec::as_slice)) {
            (Some(record), _) => (*record, ""),
            // Another id and the same name: one of the two renumbered it, or these are two groups.
            (None, Some([only])) => (*only, " (joined by name, the ids differ)"),
            (None, Some(several)) => {
                note(group, &format!("organization: {} groups have this name, none this id", several.len()));
                continue;
            }
            (None, None) if complete => {
                note(group, "organization: not among its groups");
                continue;
            }
            (None, None) => continue,
        };
        let mut said = Vec::new();
        if let Some(id) = &record.directory_id {
            let own = directories.iter().find(|d| d.id == *id).and_then(|d| d.name.as_deref());
            let mapped = named.iter().find(|(known, _)| known.eq_ignore_ascii_case(id)).map(|(_, name)| name.as_str());
            group.directory_name = mapped.or(own).map(str::to_owned);
            group.directory_id = Some(id.clone());
            said.push(format!("directory={id}"));
            if let (Some(mapped), Some(own)) = (mapped, own)
                && mapped != own
            {
                said.push(format!("named {mapped} by the caller, {own} by the organization"));
            }
        }
        if let Some(synced) = record.external_synced {
            said.push(format!("externalSynced={synced}"));
        }
        if let Some(by) = &record.managed_by {
            said.push(format!("managedBy={by}"));
        }
        let (source, _) = provenance::of(record.managed_by.as_deref(), None);
        let source = if record.external_synced == Some(true) { GroupSource::Directory } else { source };
        note(
            group,
            &format!("organization{way}: {}", if said.is_empty() { "nothing".to_owned() } else { said.join(", ") }),
        );
        // Of a group joined by its name alone it is not certain that it is the same one.
        let certain = way.is_empty() || group.provenance == GroupSource::Unknown;
        if source == GroupSource::Unknown || source == group.provenance {
            continue;
        }
        if group.provenance != GroupSource::Unknown {
            let (kept, other) = if certain { (&source, &group.provenance) } else { (&group.provenance, &source) };
            let whose = if certain { "Confluence" } else { "the organization" };
            let text = format!("conflict: {whose} says {other}, {kept} is kept");
            note(group, &text);
        }
        if certain {
            group.provenance = source;
        }
    }
}

fn note(group: &mut Group, text: &str) {
    group.evidence = Some(match group.evidence.take() {
        Some(before) => format!("{before}; {text}"),
        None => text.to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_on_is_a_bare_cursor_or_an_address() {
        let page = groups(br#"{"data":[{"id":"1"}],"links":{"next":"a/b+c="}}"#).unwrap();
        assert_eq!(page.next, Some(Continuation::Cursor("a/b+c=".into())));
        let page =
            organizations(br#"{"data":[],"links":{"next":"https://api.atlassian.com/admin/v1/orgs?cursor=x%3D"}}"#);
        assert_eq!(page.unwrap().next, Some(Continuation::Cursor("x=".into())));
        assert_eq!(groups(br#"{"data":[],"links":{"next":""}}"#).unwrap().next, None);
        assert_eq!(groups(br#"{"data":[]}"#).unwrap().next, None);
    }

    #[test]
    fn a_directory_may_be_told_by_its_address() {
        assert_eq!(directory_in("https://api.atlassian.com/scim/directory/9f-2c/"), "9f-2c");
        assert_eq!(directory_in("9f-2c"), "9f-2c");
    }

    #[test]
    fn one_bad_group_does_not_take_the_others_with_it() {
        let page = groups(br#"{"data":[{"id":"1","externalSynced":true},{"name":"x"},7]}"#).unwrap();
        assert_eq!((page.rows.len(), page.gaps.len()), (1, 2));
        assert!(page.gaps.iter().all(|gap| gap.scope == GapScope::Site && gap.subject == "organization"));
    }

    fn group(id: &str, name: &str, provenance: GroupSource) -> Group {
        let evidence = (provenance != GroupSource::Unknown).then(|| "said by Confluence".to_owned());
        Group { name: Some(name.to_owned()), provenance, evidence, ..Group::new(id) }
    }

    fn record(id: &str, name: &str, synced: Option<bool>, by: Option<&str>) -> GroupRecord {
        GroupRecord {
            id: id.to_owned(),
            name: Some(name.to_owned()),
            directory_id: Some("d1".to_owned()),
            external_synced: synced,
            managed_by: by.map(str::to_owned),
        }
    }

    fn joined(group: Group, records: &[GroupRecord], complete: bool) -> Group {
        let directory = |id: &str, name: &str| Directory {
            id: id.to_owned(),
            name: Some(name.to_owned()),
            organization_id: "o".to_owned(),
            source: Origin::default(),
        };
        let named = BTreeMap::from([("D1".to_owned(), "Entra ID".to_owned())]);
        let mut groups = [group];
        join(&mut groups, records, &[directory("d1", "Acme"), directory("d2", "Other")], &named, complete);
        let [group] = groups;
        group
    }

    #[test]
    fn the_organization_adds_its_directory_and_its_word() {
        let found =
            joined(group("A-1", "eng", GroupSource::Directory), &[record("a-1", "Eng", Some(true), None)], true);
        assert_eq!(found.provenance, GroupSource::Directory);
        assert_eq!((found.directory_id.as_deref(), found.directory_name.as_deref()), (Some("d1"), Some("Entra ID")));
        assert_eq!(
            found.evidence.as_deref(),
            Some(
                "said by Confluence; organization: directory=d1, named Entra ID by the caller, Acme by the organization, \
                 externalSynced=true"
            )
        );
    }

    #[test]
    fn where_the_two_differ_the_evidence_says_so() {
        let found =
            joined(group("1", "eng", GroupSource::Local), &[record("1", "eng", Some(true), Some("external"))], true);
        assert_eq!(found.provenance, GroupSource::Directory);
        assert!(found.evidence.unwrap().ends_with("; conflict: Confluence says local, directory is kept"));
        let silent = joined(group("1", "eng", GroupSource::Local), &[record("1", "eng", None, None)], true);
        assert_eq!(silent.provenance, GroupSource::Local);
        assert!(!silent.evidence.unwrap().contains("conflict"));
    }

    #[test]
    fn a_name_joins_only_where_it_fits_one_group_and_never_overrules() {
        let by_name = joined(group("1", "eng", GroupSource::Local), &[record("9", "ENG", Some(true), None)], true);
        assert_eq!(by_name.provenance, GroupSource::Local);
        let evidence = by_name.evidence.unwrap();
        assert!(evidence.contains("joined by name") && evidence.contains("conflict: the organization says directory"));
        let unknown = joined(group("1", "eng", GroupSource::Unknown), &[record("9", "eng", Some(true), None)], true);
        assert_eq!(unknown.provenance, GroupSource::Directory);
        let two = [record("8", "eng", Some(true), None), record("9", "eng", Some(false), None)];
        let several = joined(group("1", "eng", GroupSource::Unknown), &two, true);
        assert_eq!((several.provenance, several.directory_id), (GroupSource::Unknown, None));
        assert_eq!(several.evidence.as_deref(), Some("organization: 2 groups have this name, none this id"));
    }

    #[test]
    fn not_found_is_only_said_of_a_listing_that_was_read_to_its_end() {
        let absent = joined(group("1", "eng", GroupSource::Unknown), &[], true);
        assert_eq!(absent.evidence.as_deref(), Some("organization: not among its groups"));
        assert_eq!(joined(group("1", "eng", GroupSource::Unknown), &[], false).evidence, None);
    }
}
