//! What the organization says, as facts of the model.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{routes, wire};
use crate::apis::continuation::Continuation;
use crate::apis::listing::{About, Listing};
use crate::apis::reading::{self, Page, Unreadable, parse};
use crate::apis::{Route, provenance};
use crate::model::{
    AuditAuthor, AuditObject, AuditRecord, AuditValue, AuthorType, Directory, DirectoryLink, Gap, GapScope, Group,
    GroupSource, Origin, SiteFact, Timestamp, User,
};

/// What every gap of this API is about.
const ABOUT: &str = SiteFact::Organization.as_str();

/// An organization a key belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Id.
    pub id: String,
    /// Name.
    pub name: Option<String>,
}

/// A domain that an organization has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainRecord {
    /// Id.
    pub id: String,
    /// The domain, in lower case.
    pub name: String,
    /// Whether the claim is verified.
    pub verified: bool,
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

/// What the organization says about an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRecord {
    /// Account id.
    pub id: String,
    /// Display name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether its owner confirmed the address.
    pub email_verified: Option<bool>,
    /// `managed`, `unmanaged` or another word.
    pub claim_status: Option<String>,
    /// `invited`, `synced` or another word.
    pub management_source: Option<String>,
    /// The products it has used; `None`: the organization did not say.
    pub products: Option<Vec<ProductUse>>,
}

/// A product that an account has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductUse {
    /// The product, such as `confluence`.
    pub product: String,
    /// Id of its site.
    pub id: Option<String>,
    /// When it was used last.
    pub at: Option<Timestamp>,
}

fn rows<T: serde::de::DeserializeOwned, R>(
    body: &[u8],
    route: &'static Route,
    row: impl FnMut(T) -> R,
) -> Result<Page<R>, Unreadable> {
    Ok(listing(body)?.rows(&About::site(SiteFact::Organization, route), row))
}

fn listing<R>(body: &[u8]) -> Result<Listing<R>, Unreadable> {
    let envelope: wire::Envelope = parse(body)?;
    let next = envelope.links.unwrap_or_default().next;
    Ok(Listing::new(envelope.data, Continuation::from_cursor(next.as_ref())))
}

/// Reads the organizations of a key.
///
/// # Errors
/// Where the answer is no such listing.
pub fn organizations(body: &[u8]) -> Result<Page<Organization>, Unreadable> {
    rows(body, &routes::ORGANIZATIONS, |org: wire::Organization| Organization {
        id: org.id,
        name: org.attributes.and_then(|a| a.name),
    })
}

/// Reads the domains of an organization. One whose state it does not say is a gap.
///
/// # Errors
/// Where the answer is no such listing.
pub fn domains(body: &[u8]) -> Result<Page<DomainRecord>, Unreadable> {
    let about = About::site(SiteFact::VerifiedDomains, &routes::DOMAINS);
    Ok(listing(body)?.member("data").texts(&about, |found: wire::Domain, _, page| {
        let said = found.attributes.unwrap_or_default();
        let name = said.name.map(|name| name.trim().to_lowercase()).filter(|name| !name.is_empty());
        let Some(name) = name else { return Some("a domain has no name") };
        let Some(status) = said.claim.and_then(|claim| claim.status) else {
            return Some("whether a domain is verified is not said");
        };
        page.rows.push(DomainRecord { id: found.id, name, verified: status.eq_ignore_ascii_case("verified") });
        None
    }))
}

/// Reads the directories of the organization `org_id`.
///
/// # Errors
/// Where the answer is no such listing.
pub fn directories(body: &[u8], org_id: &str) -> Result<Page<Directory>, Unreadable> {
    let source = routes::DIRECTORIES.origin();
    rows(body, &routes::DIRECTORIES, |found: wire::Directory| Directory {
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
    rows(body, &routes::GROUPS, |found: wire::Group| GroupRecord {
        id: found.id,
        name: found.name,
        directory_id: found.directory_id,
        external_synced: found.external_synced,
        managed_by: found.managed_by,
    })
}

/// Reads the accounts of an organization.
///
/// # Errors
/// Where the answer is no such listing.
pub fn accounts(body: &[u8]) -> Result<Page<AccountRecord>, Unreadable> {
    let about = About::site(SiteFact::Organization, &routes::USERS);
    Ok(listing(body)?.each(&about, |found: wire::Account, page| {
        let products = found.product_access.map(|list| {
            let read: Vec<wire::ProductAccess> = about.elements(&list, &mut page.gaps);
            read.into_iter().map(|used| product_use(used, &found.account_id, &about, &mut page.gaps)).collect()
        });
        page.rows.push(AccountRecord {
            id: found.account_id,
            name: found.name,
            email: found.email,
            email_verified: found.email_verified,
            claim_status: found.claim_status,
            management_source: found.management_source,
            products,
        });
    }))
}

fn product_use(used: wire::ProductAccess, account: &str, about: &About<'_>, gaps: &mut Vec<Gap>) -> ProductUse {
    let at = reading::time(used.last_active_timestamp.as_deref());
    if at.is_none() && used.last_active_timestamp.is_some() {
        gaps.push(about.unreadable(format!("when the account `{account}` last used a product is not a moment")));
    }
    ProductUse { product: used.key, id: used.id, at }
}

/// Reads the accounts that administer the product: their ids, and that they do.
///
/// # Errors
/// Where the answer is no such listing.
pub fn product_admins(body: &[u8]) -> Result<Page<User>, Unreadable> {
    let source = routes::USERS.origin();
    let page = rows(body, &routes::USERS, |found: wire::Account| User {
        product_admin: Some(true),
        source: source.clone(),
        ..User::new(found.account_id)
    })?;
    Ok(about_product_admins(page))
}

/// Reads the groups that make their members product admins.
///
/// # Errors
/// Where the answer is no such listing.
pub fn product_admin_groups(body: &[u8]) -> Result<Page<GroupRecord>, Unreadable> {
    groups(body).map(about_product_admins)
}

/// What cannot be read of such a page is missing among the product admins.
fn about_product_admins<T>(mut page: Page<T>) -> Page<T> {
    for gap in &mut page.gaps {
        SiteFact::ProductAdmins.as_str().clone_into(&mut gap.subject);
    }
    page
}

/// Reads the entries of directories behind the account `account_id`.
///
/// # Errors
/// Where the answer is no such list.
pub fn scim_links(body: &[u8], account_id: &str) -> Result<Page<DirectoryLink>, Unreadable> {
    let answer: wire::ScimLinks = parse(body)?;
    let about = About::new((GapScope::User, account_id), &routes::SCIM_LINKS);
    let source = about.origin();
    let links = Listing::new(answer.scim_links, None);
    Ok(links.each(&about, |link: wire::ScimLink, page: &mut Page<DirectoryLink>| {
        let directory_id = directory_in(&link.directory_id);
        if directory_id.is_empty() {
            page.gaps.push(about.unreadable("a link without a directory"));
            return;
        }
        page.rows.push(DirectoryLink {
            user_id: account_id.to_owned(),
            directory_id,
            directory_name: None,
            scim_user_id: link.scim_user_id,
            source: source.clone(),
        });
    }))
}

/// An event of the organization, with the id that tells it from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Id.
    pub id: String,
    /// The same as any record of an audit log.
    pub record: AuditRecord,
}

/// Reads events of an organization. The text of each is kept as it came.
///
/// # Errors
/// Where the answer is no such listing.
pub fn events(body: &[u8]) -> Result<Page<Event>, Unreadable> {
    let envelope: wire::Events = parse(body)?;
    let next = |links: Option<wire::Links>| Continuation::from_cursor(links.unwrap_or_default().next.as_ref());
    let listing = Listing::new(envelope.data, next(envelope.meta).or_else(|| next(envelope.links))).member("data");
    let about = About::new((GapScope::Audit, ABOUT), &routes::EVENTS);
    let source = about.origin();
    Ok(listing.texts(&about, |event, raw, page| {
        let event = event_of(event, raw, &source);
        let wrong = event.is_none().then_some("an event says neither when nor what");
        page.rows.extend(event);
        wrong
    }))
}

/// `None`: it says neither when nor what.
fn event_of(event: wire::Event, raw: &str, source: &Origin) -> Option<Event> {
    let said = event.attributes.unwrap_or_default();
    let moment = reading::time(said.time.as_deref()).or_else(|| reading::time(said.processed_at.as_deref()));
    if moment.is_none() && said.action.is_none() {
        return None;
    }
    let (context, container) = (said.context.unwrap_or_default(), said.container.unwrap_or_default());
    let objects = context.iter().map(|thing| (thing, true)).chain(container.iter().map(|thing| (thing, false)));
    let author = said.actor.map_or_else(AuditAuthor::default, |actor| AuditAuthor {
        kind: if actor.id.is_some() { AuthorType::User } else { AuthorType::Unknown },
        id: actor.id.as_deref().map(|id| resource(id).1.to_owned()),
        name: actor.name.or(actor.email),
    });
    let record = AuditRecord {
        at: moment,
        author,
        action: said.action.clone(),
        // The words people read are elsewhere: these no language changes.
        action_key: said.action,
        remote_address: said.location.and_then(|location| location.ip),
        description: event.message.and_then(|message| message.content),
        objects: objects.filter_map(|(thing, affected)| object(thing, affected)).collect(),
        changes: context.iter().flat_map(values).collect(),
        raw: raw.to_owned(),
        source: source.clone(),
        ..AuditRecord::default()
    };
    Some(Event { id: event.id, record })
}

/// Type and id in a name such as `ari:cloud:identity::group/9f2c`; of an id that stands alone no type.
// Source: https://developer.atlassian.com/platform/atlassian-resource-identifier/
fn resource(id: &str) -> (Option<&str>, &str) {
    match id.strip_prefix("ari:").and_then(|rest| rest.rsplit_once(':')) {
        // An account id holds a colon too: `ari:cloud:identity::user/712020:9f2c`.
        Some(_) => match id.split_once('/') {
            Some((before, own)) => (before.rsplit(':').next(), own.rsplit('/').next().unwrap_or(own)),
            None => (None, id),
        },
        None => (None, id),
    }
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// What an event is about. The documents leave open what the types are called, so words for the same thing are one word.
fn object(thing: &Value, affected: bool) -> Option<AuditObject> {
    let full = text(thing.get("id"));
    let (of_id, id) = full.map_or((None, None), |id| (resource(id).0, Some(resource(id).1)));
    let word = text(thing.get("type"));
    let kind = [of_id, word].into_iter().flatten().find_map(kind).or_else(|| word.or(of_id).map(str::to_owned));
    let attributes = thing.get("attributes");
    let name = ["name", "displayName", "title", "label", "key", "email"]
        .into_iter()
        .find_map(|key| text(attributes.and_then(|all| all.get(key))));
    if kind.is_none() && id.is_none() && name.is_none() {
        return None;
    }
    Some(AuditObject { kind, name: name.map(str::to_owned), id: id.map(str::to_owned), key: None, affected })
}

/// Our word for the type of a thing; `None`: it is none of those that have to do with access.
fn kind(word: &str) -> Option<String> {
    let word = resource(word).0.unwrap_or(word).to_lowercase();
    let last = word.rsplit(['/', ':', '.']).next().unwrap_or_default();
    let last = last.rsplit(['-', '_', ' ']).next().unwrap_or_default();
    let last = last.strip_suffix('s').unwrap_or(last);
    ["user", "group", "space", "page", "blogpost", "folder", "whiteboard", "database", "role"]
        .into_iter()
        .find(|known| *known == last)
        .or(match last {
            "account" | "member" => Some("user"),
            "blog" => Some("blogpost"),
            _ => None,
        })
        .map(str::to_owned)
}

/// What an event says was changed.
fn values(thing: &Value) -> Vec<AuditValue> {
    let text = |key: &str| text(thing.get("attributes")?.get(key)).map(str::to_owned);
    let said = [("Role", "role"), ("Role", "roleName"), ("Permission", "permission"), ("Operation", "operation")];
    let mut found: Vec<AuditValue> = said
        .into_iter()
        .filter_map(|(name, key)| Some(AuditValue { name: Some(name.to_owned()), old: None, new: Some(text(key)?) }))
        .collect();
    let (old, new) = (text("oldValue"), text("newValue"));
    if old.is_some() || new.is_some() {
        found.push(AuditValue { name: text("field").or_else(|| text("name")), old, new });
    }
    found
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
    fn things_in_events_are_told_by_their_type_or_by_their_name_as_a_resource() {
        let thing = |text: &str| {
            let found = object(&serde_json::from_str(text).unwrap(), true).unwrap();
            (found.kind.unwrap_or_default(), found.id.unwrap_or_default(), found.name.unwrap_or_default())
        };
        let of = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        for (text, expected) in [
            (r#"{"id":"712020:9f","type":"users","attributes":{"name":"Ann"}}"#, of("user", "712020:9f", "Ann")),
            (r#"{"id":"ari:cloud:identity::user/712020:9f","type":"x"}"#, of("user", "712020:9f", "")),
            (
                r#"{"id":"ari:cloud:identity::group/9f-2c","attributes":{"displayName":"eng"}}"#,
                of("group", "9f-2c", "eng"),
            ),
            (r#"{"id":"1","type":"atlassian-group"}"#, of("group", "1", "")),
            (r#"{"id":"ari:cloud:confluence:1f:space/98306","type":"space"}"#, of("space", "98306", "")),
            (r#"{"id":"7","type":"policies","attributes":{"name":7}}"#, of("policies", "7", "")),
        ] {
            assert_eq!(thing(text), expected, "{text}");
        }
        assert_eq!(object(&serde_json::json!(7), true), None);
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
        assert!(page.gaps.iter().all(|gap| gap.missing() == crate::model::Missing::Site(SiteFact::Organization)));
    }

    #[test]
    fn product_admins_are_read_and_what_is_not_read_is_a_gap_about_them() {
        let page = product_admins(br#"{"data":[{"accountId":"712020:9f"},{"name":"x"}]}"#).unwrap();
        assert_eq!(
            page.rows.iter().map(|u| (u.id.as_str(), u.product_admin)).collect::<Vec<_>>(),
            [("712020:9f", Some(true))]
        );
        let groups = product_admin_groups(br#"{"data":[{"id":"1"},{"name":"x"}]}"#).unwrap();
        assert_eq!(groups.rows.len(), 1);
        let missing = crate::model::Missing::Site(SiteFact::ProductAdmins);
        let gaps: Vec<_> = page.gaps.iter().chain(&groups.gaps).map(crate::model::Gap::missing).collect();
        assert_eq!(gaps, [missing, missing]);
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
