//! Groups, where they are kept, and who is in them.

use std::collections::{BTreeMap, BTreeSet};

use super::connect::UserRef;
use super::site::Site;
use crate::apis::datacenter::requests::NameForm;
use crate::apis::datacenter::{lift, requests};
use crate::fetch::answers::{Groups, Memberships};
use crate::fetch::lookup::Sought;
use crate::fetch::pages::{Walked, gap_of, gap_of_site};
use crate::fetch::progress::Step;
use crate::fetch::{Error, Result};
use crate::model::{
    DirectMembership, GapScope, Group, GroupSource, Listing, SUPER_GROUP, SiteFact, Subject, SubjectKind,
};

impl Site<'_> {
    /// Every group, with what is known about where it is kept.
    pub(in crate::fetch) async fn groups(&self, directories: &BTreeMap<String, String>) -> Result<Listing<Group>> {
        let mut listing = self.group_listing().await?;
        tell_provenance(&mut listing.rows, directories);
        self.tell_only_directory(&mut listing.rows).await;
        Ok(Listing { rows: listing.rows, gaps: listing.gaps })
    }

    /// Every group, with those the permissions of the site are given to, and the one that sees everything.
    pub(in crate::fetch) async fn known_groups(&self) -> Groups {
        let (listed, global) = futures::join!(self.group_listing(), self.global());
        let mut groups = Groups::default();
        match listed {
            Ok(walked) => {
                self.session.progress.add(Step::Groups, walked.rows.len());
                groups.all = walked.rows;
                groups.gaps = walked.gaps;
            }
            Err(error) => groups.gaps.push(gap_of_site(&error, SiteFact::Groups)),
        }
        self.session.progress.close(Step::Groups);
        if let Ok(Some(global)) = global {
            let holders = global.rows.iter().map(|row| &row.subject).filter(|s| s.kind == SubjectKind::Group);
            groups.wanted = holders.map(|subject| subject.id.clone()).collect();
            groups.wanted.insert(SUPER_GROUP.to_owned());
        }
        groups
    }

    pub(super) async fn group_listing(&self) -> Result<Walked<Group>> {
        let request = requests::groups(requests::PEOPLE_LIMIT);
        self.session.walk(request, lift::groups, |group: &Group| group.id.clone(), SiteFact::Groups.about()).await
    }

    fn form(&self, name: &str) -> NameForm {
        NameForm::of(name, self.installation.version)
    }

    async fn group(&self, name: &str) -> Result<Option<Group>> {
        let request = requests::group(name, self.form(name));
        let page = self.session.ask(&request, self.session.full(), &lift::group).await?;
        Ok(page.rows.into_iter().next())
    }

    /// The groups among which one of this name is sought: the one itself, else all.
    pub(in crate::fetch) async fn groups_called(&self, name: &str) -> Result<Sought<Group>> {
        let request = requests::groups(requests::PEOPLE_LIMIT);
        match self.group(name).await {
            Ok(Some(group)) => return Ok(Sought { listed: Listing { rows: vec![group], gaps: Vec::new() }, request }),
            // Older versions take no slash in a name; the list of all has every name.
            Ok(None) => {}
            Err(error) if matches!(error.status(), Some(400 | 404)) => {}
            Err(error) => return Err(error),
        }
        let walked = self.group_listing().await?;
        Ok(Sought { listed: Listing { rows: walked.rows, gaps: walked.gaps }, request })
    }

    /// The members of a group, and of the groups inside it; and where the group is kept.
    pub(in crate::fetch) async fn members_in(&self, group: &mut Group) -> Result<Memberships> {
        tell_provenance(std::slice::from_mut(group), self.directories);
        self.tell_only_directory(std::slice::from_mut(group)).await;
        let (entries, error) = self.group_entries(&group.id).await;
        if let Some(error) = error {
            return Err(error);
        }
        let mut all = Memberships { inner: inner_groups(&entries.rows), ..Memberships::default() };
        if entries.complete && entries.gaps.is_empty() {
            all.complete.insert(group.id.clone());
        }
        (all.rows, all.users, all.gaps) = (entries.rows, entries.users, entries.gaps);
        // Cycles end where every group was asked once.
        let mut seen = BTreeSet::from([group.id.clone()]);
        loop {
            let next: Vec<String> = std::mem::take(&mut all.inner).difference(&seen).cloned().collect();
            if next.is_empty() {
                return Ok(all);
            }
            seen.extend(next.iter().cloned());
            // Those found inside a group are there.
            for part in self.session.all(next.into_iter().map(|name| self.members_of(name, true))).await {
                all.absorb(part);
            }
        }
    }

    /// Groups an account is in.
    pub(in crate::fetch) async fn groups_with(&self, account: &str) -> Result<Walked<Group>> {
        let request = requests::member_of(account, requests::PEOPLE_LIMIT);
        self.session.walk(request, lift::member_of, |group: &Group| group.id.clone(), (GapScope::User, account)).await
    }

    /// Entries of one group, and the error where not even its accounts can be listed.
    async fn group_entries(&self, name: &str) -> (Walked<DirectMembership>, Option<Error>) {
        let form = self.form(name);
        let about = || (GapScope::Group, name);
        let key = |membership: &DirectMembership| membership.member.to_string();
        let accounts = self.session.walk(
            requests::group_members(name, form, requests::PEOPLE_LIMIT),
            |body| lift::group_members(body, name),
            key,
            about(),
        );
        let nested = async {
            if self.installation.nested.get() == Some(&false) {
                return None;
            }
            let walked = self.session.walk(
                requests::nested_groups(name, form, requests::PEOPLE_LIMIT),
                |body| lift::nested_groups(body, name),
                key,
                about(),
            );
            Some(walked.await)
        };
        let (accounts, nested) = futures::join!(accounts, nested);
        let mut failed = None;
        let mut walked = match accounts {
            Ok(walked) => walked,
            Err(error) => {
                let gaps = vec![gap_of(&error, GapScope::Group, name)];
                failed = Some(error);
                Walked { rows: Vec::new(), gaps, users: Vec::new(), groups: Vec::new(), base: None, complete: false }
            }
        };
        self.remember(&walked.users);
        match nested {
            Some(Ok(inner)) => {
                let _ = self.installation.nested.set(true);
                walked.complete &= inner.complete;
                walked.rows.extend(inner.rows);
                walked.groups.extend(inner.groups);
                walked.gaps.extend(inner.gaps);
            }
            Some(Err(error)) if error.is_missing_route() && form == NameForm::Path => {
                let _ = self.installation.nested.set(false);
            }
            // The group does not exist, or cannot be asked for: the error of its accounts says so already.
            Some(Err(_)) if failed.is_some() => {}
            Some(Err(error)) => {
                walked.complete = false;
                walked.gaps.push(gap_of(&error, GapScope::Group, name));
            }
            None => {}
        }
        // A username instead of a key is as good, once it is looked up.
        let wanted: BTreeSet<UserRef> =
            walked.rows.iter().filter_map(|row| row.member.unidentified_name()).map(UserRef::name).collect();
        if !wanted.is_empty() {
            let found = self.people(&wanted, false).await;
            walked.gaps.extend(found.gaps);
            for row in &mut walked.rows {
                if let Some(user) =
                    row.member.unidentified_name().and_then(|name| found.known.get(&UserRef::name(name)))
                {
                    row.member = Subject::user(user.id.as_str());
                    walked.users.push(user.clone());
                }
            }
        }
        (walked, failed)
    }

    /// Entries of one group. One that is not `listed` may be gone.
    pub(in crate::fetch) async fn members_of(&self, name: String, listed: bool) -> Memberships {
        let mut part = Memberships::default();
        let (entries, failed) = self.group_entries(&name).await;
        let gone = !listed
            && NameForm::finds(&name, self.installation.version)
            && failed.as_ref().is_some_and(|error| error.status() == Some(404) && !error.is_missing_route());
        if gone {
            part.vanished.insert(name);
            return part;
        }
        if entries.complete && entries.gaps.is_empty() {
            part.complete.insert(name.clone());
        }
        if !listed && failed.is_none() {
            part.groups.push(Group {
                name: Some(name.clone()),
                source: entries.rows.first().map(|row| row.source.clone()).unwrap_or_default(),
                ..Group::new(name)
            });
        }
        part.groups.extend(entries.groups);
        part.inner = inner_groups(&entries.rows);
        (part.rows, part.users, part.gaps) = (entries.rows, entries.users, entries.gaps);
        part
    }
}

/// Adds to groups where they are kept, as far as `directories` says it: REST does not.
pub(super) fn tell_provenance(groups: &mut [Group], directories: &BTreeMap<String, String>) {
    for group in groups.iter_mut().filter(|group| group.provenance == GroupSource::Unknown) {
        if let Some((rule, directory)) = directory_of(&group.id, directories) {
            let (source, name) = kept_in(directory);
            group.provenance = source;
            group.directory_name = Some(name.to_owned());
            group.evidence = Some(if rule.eq_ignore_ascii_case(&group.id) {
                format!("your table: `{directory}`")
            } else {
                format!("your naming rule `{rule}`: `{directory}`")
            });
        }
    }
}

/// Groups among the entries of a group.
fn inner_groups(rows: &[DirectMembership]) -> BTreeSet<String> {
    let groups = rows.iter().map(|row| &row.member).filter(|member| member.kind == SubjectKind::Group);
    groups.map(|member| member.id.clone()).filter(|name| !name.is_empty()).collect()
}

/// What a table of directories says about a group: the entry of its name, else the longest pattern it fits. `*` stands for
/// any characters.
fn directory_of<'t>(group: &str, table: &'t BTreeMap<String, String>) -> Option<(&'t str, &'t str)> {
    let same = |exact: bool| {
        table.iter().find(|(name, _)| if exact { *name == group } else { name.eq_ignore_ascii_case(group) })
    };
    if let Some((name, directory)) = same(true).or_else(|| same(false)) {
        return Some((name, directory));
    }
    let fitting = table.iter().filter(|(pattern, _)| pattern.contains('*') && fits(group, pattern));
    fitting.max_by_key(|(pattern, _)| pattern.len()).map(|(pattern, directory)| (pattern.as_str(), directory.as_str()))
}

fn fits(name: &str, pattern: &str) -> bool {
    let (name, pattern) = (name.to_lowercase(), pattern.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Where a directory of this name keeps its groups. The type of the directory may stand in parentheses behind its name, as
/// the column `directory_type` of `cwd_directory` spells it.
// Source: https://support.atlassian.com/confluence/kb/how-to-identify-the-source-of-confluence-groups/
fn kept_in(directory: &str) -> (GroupSource, &str) {
    let directory = directory.trim();
    let (name, kind) = match directory.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        Some((name, kind)) if !name.trim().is_empty() => (name.trim(), kind.trim()),
        _ => (directory, ""),
    };
    let internal = kind.eq_ignore_ascii_case("INTERNAL")
        || (kind.is_empty() && matches!(name.to_lowercase().as_str(), "internal" | "confluence internal directory"));
    (if internal { GroupSource::Local } else { GroupSource::Directory }, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_directories_names_groups_or_patterns_of_names() {
        let table: BTreeMap<String, String> = [
            ("ad-*", "Acme AD (CONNECTOR)"),
            ("ad-*-local", "Confluence Internal Directory"),
            ("staff", "Crowd"),
            ("*", "Other (INTERNAL)"),
        ]
        .map(|(name, directory)| (name.to_owned(), directory.to_owned()))
        .into();
        let of = |group| directory_of(group, &table).map(|(_, directory)| kept_in(directory)).unwrap();
        assert_eq!(of("ad-eng"), (GroupSource::Directory, "Acme AD"));
        assert_eq!(of("AD-eng-local"), (GroupSource::Local, "Confluence Internal Directory"));
        assert_eq!(of("Staff"), (GroupSource::Directory, "Crowd"));
        assert_eq!(of("confluence-users"), (GroupSource::Local, "Other"));
        assert_eq!(directory_of("x", &BTreeMap::from([("a*b".to_owned(), "D".to_owned())])), None);
        assert!(fits("team-a/b", "team*") && fits("abcb", "a*b*b") && !fits("ab", "a*b*b"));
    }
}
