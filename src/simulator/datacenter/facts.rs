//! The site of a Data Center: plain data, or the company in another flavour.

use std::collections::HashMap;

use super::super::state::{Facts, Group, Kind, Node, Principal, Space, Status};
use super::super::{Cast, Options, Person, Titled, company, plain};

pub(super) fn facts(options: &Options) -> Result<Facts, String> {
    match &options.site {
        Some(site) => described(plain::facts(site)?),
        None => Ok(made_up(options)),
    }
}

/// A site from plain data. Who may use it is a permission like others here, and given to each user by itself.
fn described(mut facts: Facts) -> Result<Facts, String> {
    for node in &facts.nodes {
        if !matches!(node.kind, Kind::Page | Kind::Blogpost | Kind::Comment | Kind::Attachment) {
            let kind = node.kind.word();
            return Err(format!("`contents.{}.type` is `{kind}`, which Data Center does not have", node.id));
        }
    }
    let mut globals = Vec::new();
    for user in &facts.users {
        let who = Principal::User(user.id.clone());
        for (held, word) in
            [(user.licensed, "use"), (user.product_admin, "administer"), (user.system_admin, "system_administer")]
        {
            if held {
                globals.push((who.clone(), word.to_owned()));
            }
        }
    }
    if facts.users.iter().any(|user| !user.licensed) {
        globals.push((Principal::Unlicensed, "use_unlicensed".to_owned()));
    }
    if facts.anonymous_enabled {
        globals.push((Principal::Anonymous, "use".to_owned()));
    }
    facts.globals = globals;
    Ok(facts)
}

// The company -------------------------------------------------------------------------------------------------------

const USERS: &str = "confluence-users";
const ADMINISTRATORS: &str = "confluence-administrators";
/// Groups that only a Data Center has: their names are hard to write, or other groups are in them.
const PLATFORM: &str = "R&D / Platform+Core";
const REMOTE: &str = "100% remote";
const STAFF: &str = "all staff";
const EXTRA: usize = 3;

/// `712020:…` of Cloud as the key of a user.
fn key(account_id: &str) -> String {
    let digits: String = account_id.chars().skip_while(|c| *c != ':').filter(char::is_ascii_hexdigit).collect();
    if digits.len() == 32 { format!("4028{}", digits.get(4..).unwrap_or_default()) } else { account_id.to_owned() }
}

fn group_name(name: &str) -> &str {
    match name {
        "confluence-users-acme" => USERS,
        "site-admins" => ADMINISTRATORS,
        other => other,
    }
}

/// A permission of Cloud, where Data Center has it.
fn word(permission: &str) -> Option<&str> {
    match permission {
        "archive_page" | "manage_users" | "delete_space" => None,
        "edit_page" => Some("create_page"),
        "edit_blogpost" => Some("create_blogpost"),
        other => Some(other),
    }
}

fn made_up(options: &Options) -> Facts {
    let groups = options.groups.saturating_sub(EXTRA);
    let mut facts = company::facts(&Options { groups, ..options.clone() });
    let names: HashMap<String, String> =
        facts.groups.iter().map(|group| (group.id.clone(), group_name(&group.name).to_owned())).collect();
    let principal = |who: &Principal| match who {
        Principal::User(id) => Principal::User(key(id)),
        Principal::Group(id) => {
            Principal::Group(names.get(id).cloned().unwrap_or_else(|| "former-contractors".to_owned()))
        }
        Principal::Class(class) if class == "all-product-admins" => Principal::Group(ADMINISTRATORS.to_owned()),
        Principal::Class(_) => Principal::Group(USERS.to_owned()),
        other => other.clone(),
    };

    facts.role_mode = "PRE_ROLES".to_owned();
    for user in &mut facts.users {
        user.id = key(&user.id);
        user.email = Some(format!("{}@acme.example", user.username));
        (user.guest, user.app) = (false, false);
    }
    for group in &mut facts.groups {
        group.name = group_name(&group.name).to_owned();
        group.id.clone_from(&group.name);
        group.members = group.members.iter().map(&principal).collect();
    }
    let roles: HashMap<&str, &[String]> =
        facts.roles.iter().map(|role| (role.name.as_str(), role.permissions.as_slice())).collect();
    for space in &mut facts.spaces {
        let mut grants: Vec<(Principal, String)> = Vec::new();
        let mut give = |who: &Principal, permission: &str| {
            let Some(permission) = word(permission) else { return };
            let grant = (principal(who), permission.to_owned());
            if !grants.contains(&grant) {
                grants.push(grant);
            }
        };
        for (who, permission) in &space.grants {
            give(who, permission);
            if permission == "administer" {
                give(who, "delete_mail");
            }
        }
        for (who, role) in &space.assignments {
            for permission in roles.get(role.as_str()).copied().unwrap_or_default() {
                give(who, permission);
            }
        }
        space.grants = grants;
        space.assignments.clear();
        space.author = key(&space.author);
        if matches!(space.kind.as_str(), "knowledge_base" | "collaboration") {
            "global".clone_into(&mut space.kind);
        }
        if let Some(owner) = &space.owner {
            space.owner = Some(key(owner));
            "~ann.berg".clone_into(&mut space.key);
        }
    }
    facts.roles.clear();
    for node in &mut facts.nodes {
        node.author = key(&node.author);
        node.read = node.read.iter().map(&principal).collect();
        node.update = node.update.iter().map(&principal).collect();
        node.live = false;
        // Every other list is from before the add-on kept dates.
        let lists = !node.read.is_empty() || !node.update.is_empty();
        node.restricted = (lists && node.position % 2 == 0).then_some(node.modified * 1000);
        if !matches!(node.kind, Kind::Page | Kind::Blogpost) {
            node.kind = Kind::Page;
        }
        if node.status == Status::Archived {
            node.status = Status::Current;
        }
    }
    only_here(&mut facts);
    facts.caller = Some(cast().olga.account_id);
    facts
}

/// What only a Data Center has.
fn only_here(facts: &mut Facts) {
    let cast = cast();
    let group = |name: &str| Principal::Group(name.to_owned());
    let user = |person: &Person| Principal::User(person.account_id.clone());
    for (name, members) in [
        (PLATFORM, vec![group("engineering"), user(&cast.dan)]),
        (REMOTE, vec![user(&cast.bob), user(&cast.finn)]),
        (STAFF, vec![group(PLATFORM), group("finance"), group("people-and-culture")]),
    ] {
        facts.groups.push(Group {
            id: name.to_owned(),
            name: name.to_owned(),
            managed_by: None,
            members,
            listable: true,
            access: None,
        });
    }
    let named = |facts: &mut Facts, key: &str, who: &str, words: &[&str]| {
        if let Some(space) = facts.spaces.iter_mut().find(|space: &&mut Space| space.key == key) {
            space.grants.extend(words.iter().map(|word| (group(who), (*word).to_owned())));
        }
    };
    named(facts, "OPS", PLATFORM, &["view", "create_comment"]);
    named(facts, "FIN", REMOTE, &["view"]);
    let titled = |facts: &mut Facts, title: &str, who: &str| {
        if let Some(node) = facts.nodes.iter_mut().find(|node: &&mut Node| node.title == title) {
            node.read = vec![group(who)];
        }
    };
    titled(facts, "Parental Leave", STAFF);
    titled(facts, "Restore a Backup", PLATFORM);
    facts.globals = [
        (group(USERS), "use"),
        (group(USERS), "create_personal_space"),
        (group(USERS), "create_space"),
        (group(ADMINISTRATORS), "use"),
        (group(ADMINISTRATORS), "administer"),
        (group(ADMINISTRATORS), "system_administer"),
        (Principal::Anonymous, "use"),
        (Principal::Unlicensed, "use_unlicensed"),
    ]
    .map(|(who, word)| (who, word.to_owned()))
    .into();
}

/// Who and what is always there in the company of a Data Center: the people and pages of [`cast`](super::super::cast), with
/// the key of a user as its id and the name of a group as its id.
pub fn cast() -> Cast {
    let mut cast = company::cast();
    let people = [
        &mut cast.olga,
        &mut cast.ann,
        &mut cast.bob,
        &mut cast.cat,
        &mut cast.dan,
        &mut cast.eve,
        &mut cast.finn,
        &mut cast.gus,
        &mut cast.ivan,
        &mut cast.bot,
    ];
    for person in people {
        person.account_id = key(&person.account_id);
    }
    for group in [&mut cast.engineering, &mut cast.security] {
        *group = Titled { id: group.title.to_owned(), title: group.title };
    }
    cast
}
