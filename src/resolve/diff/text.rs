//! Differences in words.

use super::desk::{Asked, BOTH, Desk};
use super::fact::{Fact, Trait};
use super::pair::{Age, Pair};
use crate::model::{Content, Permission, RestrictionOperation, User, UserType};
use crate::resolve::site::Principal;

use Age::{Newer, Older};

impl Pair<'_> {
    /// A principal as people call it.
    pub(super) fn label(&self, principal: Principal) -> String {
        let Some((age, known)) = self.known_principal(principal) else { return "someone unknown".to_owned() };
        let site = self.site(age);
        match known {
            Principal::User(at) => site.person_name(at).unwrap_or_else(|| site.person_id(at)).to_owned(),
            other => site.label(other, u32::MAX),
        }
    }

    fn group(&self, group: u32) -> String {
        self.label(Principal::Group(group))
    }

    pub(super) fn space_key(&self, space: u32) -> &str {
        let found = self.where_is(&self.matches.spaces, space);
        found.and_then(|(age, at)| self.site(age).spaces.get(at as usize)).map_or("?", |space| &*space.key)
    }

    pub(super) fn content(&self, age: Age, one: u32) -> Option<&Content> {
        self.site(age).content(self.matches.contents.at(age, one)?)
    }

    pub(super) fn either_content(&self, one: u32) -> Option<&Content> {
        self.content(Newer, one).or_else(|| self.content(Older, one))
    }

    /// Title of a content, else its id.
    fn title(&self, one: u32) -> String {
        let content = self.either_content(one);
        content.map_or("?", |content| content.title.as_deref().unwrap_or(&content.id)).to_owned()
    }
}

/// Something that is not the same in two sites.
fn differs(what: &str, first: &str, second: &str) -> String {
    format!("{what} is {first} in the first site and {second} in the second")
}

fn trait_change(older: &User, newer: &User, one: Trait) -> String {
    let (was, is) = (one.text(older), one.text(newer));
    let name = one.name();
    match (one, was.as_str(), is.as_str()) {
        (Trait::Active, _, "false") => "the account was deactivated".to_owned(),
        (Trait::Active, "false", "true") => "the account was reactivated".to_owned(),
        (Trait::Licensed, _, "false") => "the account lost its licence".to_owned(),
        (Trait::Licensed, "false", "true") => "the account was given a licence".to_owned(),
        (Trait::Guest, "false", "true") => "the account became a guest".to_owned(),
        (Trait::Guest, "true", "false") => "the account is no longer a guest".to_owned(),
        (Trait::ProductAdmin, "false", "true") => "the account became a product admin".to_owned(),
        (Trait::ProductAdmin, "true", "false") => "the account is no longer a product admin".to_owned(),
        (Trait::SystemAdmin, "false", "true") => "the account became a system administrator".to_owned(),
        (Trait::SystemAdmin, "true", "false") => "the account is no longer a system administrator".to_owned(),
        (Trait::AdminKey, _, "true") => "the account has an active admin key".to_owned(),
        (Trait::AdminKey, "true", _) => "the account no longer has an active admin key".to_owned(),
        (Trait::Type, ..) if newer.kind == UserType::App => "the account is now an app".to_owned(),
        _ => format!("`{name}` of the account changed from {was} to {is}"),
    }
}

fn permission_word(row: usize) -> String {
    Permission::ALL
        .get(row)
        .map_or_else(|| "an unrecognised permission".to_owned(), |permission| format!("`{permission}`"))
}

impl Desk<'_> {
    /// A difference in one sentence, without its full stop.
    pub(super) fn sentence(&self, fact: Fact, asked: Asked) -> String {
        if self.pair.one_site { self.change(fact, asked) } else { self.difference(fact, asked) }
    }

    /// What was done between two snapshots of a site.
    fn change(&self, fact: Fact, asked: Asked) -> String {
        let pair = self.pair;
        let added = self.has_of(Newer, fact, asked);
        let chosen = |yes: &'static str, no: &'static str| if added { yes } else { no };
        let which = |readable: bool| if readable { "older" } else { "newer" };
        match fact {
            Fact::Listed => format!("the account is not in the {} snapshot", which(added)),
            Fact::Trait(one) => match (self.user(Older, asked), self.user(Newer, asked)) {
                (Some(older), Some(newer)) => trait_change(older, newer, one),
                _ => "the account changed".to_owned(),
            },
            Fact::Status(one) => self.status(one),
            Fact::Moved(one) => self.moved(one),
            Fact::Content(one) => format!("`{}` is not in the {} snapshot", pair.title(one), which(added)),
            Fact::List(one, operation) if added => {
                let entries = self.entries(Newer, one, operation);
                format!("the {operation} restriction of `{}` was set: {entries}", pair.title(one))
            }
            Fact::List(one, operation) => {
                let entries = self.entries(Older, one, operation);
                format!("the {operation} restriction of `{}` was removed: {entries}", pair.title(one))
            }
            Fact::Entry(one, operation, entry) => {
                let (change, way) = (chosen("added", "removed"), chosen("to", "from"));
                let (entry, title) = (pair.label(entry), pair.title(one));
                format!("{entry} was {change} {way} the {operation} restriction of `{title}`")
            }
            Fact::Sharing(one) => format!("the draft `{}` is shared with others than before", pair.title(one)),
            Fact::Member(group) => {
                format!("the account was {} {}", chosen("added to", "removed from"), pair.group(group))
            }
            Fact::Inner(group, inner) => {
                let change = chosen("added to", "removed from");
                format!("{} was {change} {}", pair.group(inner), pair.group(group))
            }
            Fact::Group(group) => format!("{} {}", pair.group(group), chosen("was created", "no longer exists")),
            Fact::Grant(space, row, principal) => {
                let change = chosen("granted to", "revoked from");
                let (permission, key) = (permission_word(row), pair.space_key(space));
                format!("{permission} in space {key} was {change} {}", pair.label(principal))
            }
            Fact::Role(space, role, principal) => self.role(fact, space, role, principal),
            Fact::SpaceStatus(space) => {
                format!("space {} was {}", pair.space_key(space), chosen("archived", "restored from the archive"))
            }
            Fact::PublicLink(one) => {
                format!("the public link of `{}` was switched {}", pair.title(one), chosen("on", "off"))
            }
            Fact::SpaceLinks(space) => {
                format!("public links were switched {} in space {}", chosen("on", "off"), pair.space_key(space))
            }
            Fact::Setting(one) => {
                let [was, is] = [Older, Newer].map(|age| one.text(&pair.site(age).snapshot.site));
                format!("`{}` of the site changed from {was} to {is}", one.name())
            }
            Fact::Switch(name) => {
                let [was, is] = [Older, Newer].map(|age| pair.site(age).policy.value(name));
                format!("policy switch `{name}` changed from {was} to {is}")
            }
            Fact::LookedUp => format!("the account could not be looked up for the {} snapshot", which(added)),
            Fact::RestrictionsRead(one) if self.has(Older, fact) == added => {
                format!("it was confirmed in one snapshot only that `{}` has no restriction", pair.title(one))
            }
            Fact::RestrictionsRead(one) => {
                let title = pair.title(one);
                format!("the restrictions of `{title}` could not be read for the {} snapshot", which(added))
            }
            Fact::MembersRead(group) => {
                format!("the members of {} are not all listed in the {} snapshot", pair.group(group), which(added))
            }
            Fact::PermissionsRead(space) => {
                let key = pair.space_key(space);
                format!("the permissions of space {key} could not all be read for the {} snapshot", which(added))
            }
        }
    }

    fn role(&self, fact: Fact, space: u32, role: usize, principal: Principal) -> String {
        let name = self.pair.roles.get(role).copied().unwrap_or("?");
        let (key, label) = (self.pair.space_key(space), self.pair.label(principal));
        match (self.has(Older, fact), self.has(Newer, fact)) {
            (true, true) => format!("role {name}, which {label} has in space {key}, brings other permissions"),
            (_, true) => format!("role {name} in space {key} was assigned to {label}"),
            _ => format!("role {name} in space {key} was taken from {label}"),
        }
    }

    /// What is different in two sites.
    fn difference(&self, fact: Fact, asked: Asked) -> String {
        let pair = self.pair;
        let has = BOTH.map(|age| self.has_of(age, fact, asked));
        let site = if has == [true, false] { "the first site" } else { "the second site" };
        let other = if has == [true, false] { "the second site" } else { "the first site" };
        match fact {
            Fact::Listed => format!("only {site} lists the account"),
            Fact::Trait(one) => {
                let [first, second] = BOTH.map(|age| self.user(age, asked));
                let text = |user: Option<&User>| user.map_or_else(|| "unknown".to_owned(), |user| one.text(user));
                differs(&format!("`{}` of the account", one.name()), &text(first), &text(second))
            }
            Fact::Status(one) => {
                let [first, second] = BOTH.map(|age| pair.content(age, one));
                let text = |content: Option<&Content>| {
                    content.map_or_else(String::new, |content| format!("{} ({})", content.status, content.kind))
                };
                differs(&format!("`{}`", pair.title(one)), &text(first), &text(second))
            }
            Fact::Moved(one) => {
                let place = |age: Age| {
                    let key = pair.content(age, one).map_or("?", |content| content.space_key.as_str());
                    format!("{} in space {key}", self.parent(age, one))
                };
                differs(&format!("`{}`", pair.title(one)), &place(Older), &place(Newer))
            }
            Fact::Content(one) => format!("only {site} has `{}`", pair.title(one)),
            Fact::List(one, operation) => {
                let age = if has == [true, false] { Older } else { Newer };
                let entries = self.entries(age, one, operation);
                format!("only {site} has a {operation} restriction on `{}`: {entries}", pair.title(one))
            }
            Fact::Entry(one, operation, entry) => {
                let (entry, title) = (pair.label(entry), pair.title(one));
                format!("only {site} has {entry} in the {operation} restriction of `{title}`")
            }
            Fact::Sharing(one) => format!("the draft `{}` is shared with others", pair.title(one)),
            Fact::Member(group) => format!("only in {site} is the account a member of {}", pair.group(group)),
            Fact::Inner(group, inner) => {
                format!("only in {site} is {} inside {}", pair.group(inner), pair.group(group))
            }
            Fact::Group(group) => format!("only {site} has {}", pair.group(group)),
            Fact::Grant(space, row, principal) => {
                let (permission, key) = (permission_word(row), pair.space_key(space));
                format!("only {site} grants {permission} in space {key} to {}", pair.label(principal))
            }
            Fact::Role(space, role, principal) => {
                let name = pair.roles.get(role).copied().unwrap_or("?");
                let (key, label) = (pair.space_key(space), pair.label(principal));
                if has == [true, true] {
                    format!("role {name}, which {label} has in space {key}, brings other permissions")
                } else {
                    format!("only {site} assigns role {name} in space {key} to {label}")
                }
            }
            Fact::SpaceStatus(space) => format!("space {} is archived only in {site}", pair.space_key(space)),
            Fact::PublicLink(one) => format!("only in {site} is the public link of `{}` on", pair.title(one)),
            Fact::SpaceLinks(space) => format!("public links are on in space {} only in {site}", pair.space_key(space)),
            Fact::Setting(one) => {
                let [first, second] = BOTH.map(|age| one.text(&pair.site(age).snapshot.site));
                differs(&format!("`{}` of the site", one.name()), &first, &second)
            }
            Fact::Switch(name) => {
                let [first, second] = BOTH.map(|age| pair.site(age).policy.value(name).to_string());
                differs(&format!("policy switch `{name}`"), &first, &second)
            }
            Fact::LookedUp => format!("the account could not be looked up in {other}"),
            Fact::RestrictionsRead(one) => {
                format!("the restrictions of `{}` could not be read in {other}", pair.title(one))
            }
            Fact::MembersRead(group) => format!("the members of {} are not all listed in {other}", pair.group(group)),
            Fact::PermissionsRead(space) => {
                format!("the permissions of space {} could not all be read in {other}", pair.space_key(space))
            }
        }
    }

    fn user(&self, age: Age, asked: Asked) -> Option<&User> {
        let Asked::Account(person) = asked else { return None };
        self.pair.site(age).user(self.pair.matches.people.at(age, person)?)
    }

    fn entries(&self, age: Age, one: u32, operation: RestrictionOperation) -> String {
        /// More would be no sentence any more.
        const MOST: usize = 5;
        let list = self.listed(age, one, operation);
        let names: Vec<String> = list.iter().take(MOST).map(|entry| self.pair.label(*entry)).collect();
        let more = list.len().saturating_sub(MOST);
        if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
    }

    fn status(&self, one: u32) -> String {
        let title = self.pair.title(one);
        let [was, is] = [Older, Newer].map(|age| self.pair.content(age, one));
        let status =
            |content: Option<&Content>| content.map_or("unknown", |content| content.status.as_str()).to_owned();
        match (status(was), status(is)) {
            (was, is) if was == is => format!("the type of `{title}` changed"),
            (_, is) if is == "trashed" => format!("`{title}` was moved to the trash"),
            (_, is) if is == "archived" => format!("`{title}` was archived"),
            (was, is) if is == "current" && was == "draft" => format!("`{title}` was published"),
            (was, is) if is == "current" => format!("`{title}`, which was {was}, was restored"),
            (was, is) => format!("the status of `{title}` changed from {was} to {is}"),
        }
    }

    fn moved(&self, one: u32) -> String {
        let pair = self.pair;
        let title = pair.title(one);
        let [was, is] = [Older, Newer].map(|age| pair.content(age, one));
        if let (Some(was), Some(is)) = (was, is)
            && was.space_key != is.space_key
        {
            return format!("`{title}` was moved from space {} to space {}", was.space_key, is.space_key);
        }
        let place = |age: Age| self.parent(age, one);
        format!("`{title}` was moved from {} to {}", place(Older), place(Newer))
    }

    fn parent(&self, age: Age, one: u32) -> String {
        match self.above(age, one) {
            Some(Some(parent)) => format!("below `{}`", self.pair.title(parent)),
            Some(None) => "the root".to_owned(),
            None => "an unknown place".to_owned(),
        }
    }
}
