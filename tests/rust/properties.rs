//! A second evaluator, as naive as can be, against thousands of random sites; and what must hold whatever the site.

use std::collections::BTreeSet;
use std::sync::Arc;

use confluence_access::model::{
    Decision, Deployment, Operation, Permission, Snapshot, SpacePermission, Subject, SubjectKind, Verdict,
};
use confluence_access::resolve::{
    Access, Acl, AsIf, Explanation, ExposureOptions, Outcome, Reach, SITE_USERS, UseKind, Way,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

// ---- the naive evaluator: per subject, straight from the plain data, sharing no code with the library. It stays short
// ---- enough to be read in one go beside the documents: some 150 lines --------------------------------------------------

const NO: u8 = 0;
const MAYBE: u8 = 1;
const YES: u8 = 2;

fn t(holds: bool) -> u8 {
    if holds { YES } else { NO }
}

fn is(value: &Value) -> bool {
    value == &json!(true)
}

fn items(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

// Laid out by hand: a table of rules to be read beside the documents, a line for each. It convinces by being read as a whole:
// 150 lines with its methods are enough.
#[rustfmt::skip]
struct Naive<'a> { site: &'a Value, cloud: bool, who: &'a str }

#[rustfmt::skip]
impl Naive<'_> {
    fn policy(&self, name: &str) -> &Value { &self.site["policy"][if self.cloud { "cloud" } else { "datacenter" }][name] }
    fn switch(&self, name: &str) -> u8 { self.policy(name).as_bool().map_or(MAYBE, t) }
    fn user(&self) -> &Value { &self.site["users"][self.who.strip_prefix("user:").unwrap_or("")] }
    fn person(&self) -> bool { self.who.starts_with("user:") }
    fn unlicensed(&self) -> bool { self.user()["licensed"] == json!(false) && !is(&self.user()["app"]) }
    fn app(&self) -> bool { is(&self.user()["app"]) && self.user()["licensed"] == json!(false) }
    fn anonymous_on(&self) -> bool { is(&self.site["anonymous_enabled"]) && !(self.cloud && self.site["plan"] == "free") }
    fn gap(&self, id: &str) -> bool { self.site["gaps"].as_array().is_some_and(|all| all.iter().any(|g| g["subject"] == id)) }
    fn in_group(&self, name: &str, seen: &[&str]) -> u8 {
        if self.who == "anonymous" || seen.contains(&name) { return NO; }
        let (group, nested, seen) = (&self.site["groups"][name], self.switch("nested_groups"), [seen, &[name]].concat());
        let open = if self.person() { MAYBE } else { MAYBE.min(nested) };
        let unlisted = group["listable"] == json!(false) || self.gap(name);
        items(&group["members"]).map(|member| match member.split_once(':') {
            _ if member == self.who => if self.person() { YES } else { nested },
            Some(("group", inner)) => nested.min(self.in_group(inner, &seen)),
            Some(("user", _)) => NO,
            _ => open,
        }).max().unwrap_or(NO).max(if unlisted { open } else { NO })
    }
    fn as_anonymous(&self) -> u8 {
        let (listed, on) = (!self.user().is_null(), self.anonymous_on());
        let off = t(!(self.cloud && is(&self.site["anonymous_enforced"])));
        if self.who == "anonymous" { return if on { YES } else { off }; }
        if !self.person() { return if on { MAYBE } else { off.min(MAYBE) }; }
        let site_off = self.switch("anonymous_applies_when_site_off");
        let licensed = if on { self.switch("anonymous_applies_to_logged_in") } else { off.min(site_off) };
        let other = if on { YES } else if self.cloud { off } else { NO };
        match (listed, self.unlicensed() || (self.cloud && is(&self.user()["guest"]))) {
            (true, true) => other,
            (true, false) => licensed,
            _ => if licensed == other { licensed } else { MAYBE },
        }
    }
    fn is(&self, principal: &str) -> u8 {
        let (kind, id) = principal.split_once(':').unwrap_or((principal, ""));
        let (user, listed, anonymous) = (self.user(), !self.user().is_null(), self.who == "anonymous");
        match kind {
            "user" | "group" if principal == self.who => YES,
            "user" => NO,
            "group" => self.in_group(id, &[]),
            _ if self.who == "user:gone" => NO,
            "anonymous" => self.as_anonymous(),
            _ if anonymous => if kind == "squad" || id == "newcomers" { MAYBE } else { NO },
            "unlicensed" => match self.switch("unlicensed_grant_covers_licensed") {
                _ if self.unlicensed() => YES,
                covers if listed => covers,
                covers => if self.person() == (covers == YES) { covers } else { MAYBE },
            },
            "class" if !listed || id == "newcomers" => MAYBE,
            "class" if id == "all-product-admins" => t(is(&user["product_admin"])),
            "class" if id == "authenticated-users" => if is(&user["guest"]) || self.app() { MAYBE } else { YES },
            "class" if self.unlicensed() => NO,
            "class" if self.app() => self.switch("apps_in_all_licensed_users"),
            "class" => if is(&user["guest"]) { self.switch("guests_in_all_licensed_users") } else { YES },
            _ => MAYBE,
        }
    }
    fn has(&self, space: &str, bare: &[&str], role: &[&str], open_only: bool) -> u8 {
        let row = &self.site["spaces"][space];
        let roles = self.cloud && self.site["role_mode"] != "PRE_ROLES";
        let rows = |key: &str| row[key].as_object().cloned().unwrap_or_default().into_iter().filter(move |(p, _)| {
            !open_only || ["anonymous", "unlicensed", "class:authenticated-users", "class:newcomers", "squad:x"].contains(&p.as_str())
        });
        let holds = |p: &str| role.contains(&p) || role.contains(&"view");
        let grants = rows("grants").filter(|(_, ps)| items(ps).any(|p| bare.contains(&p)));
        let assigned = rows("role_assignments").filter(|(_, names)| {
            roles && !role.is_empty() && items(names).any(|name| items(&self.site["roles"][name]).any(holds))
        });
        let unread = rows("vague").map(|(p, _)| self.is(&p)).fold(t(self.gap(space) || row.is_null()), u8::max).min(MAYBE);
        let best = grants.chain(assigned).map(|(p, _)| self.is(&p)).max().unwrap_or(NO).max(unread);
        let any = |key: &str| row[key].as_object().is_some_and(|m| m.values().any(|v| items(v).next().is_some()));
        if !self.cloud || self.site["plan"] != "free" || any("grants") || any("vague") || (roles && any("role_assignments")) { return best; }
        best.max(if self.who == "anonymous" || self.unlicensed() { NO } else if self.user().is_null() || self.app() { MAYBE } else { YES })
    }
    fn layer(&self, node: &str, key: &str, own: bool) -> u8 {
        let (row, unread) = (&self.site["contents"][node], self.site["unreadable"][node].as_str());
        let list: Vec<&str> = items(&self.site["restrictions"][node][key]).collect();
        let Some(mut value) = list.iter().map(|p| self.is(p)).max() else {
            let odd = items(self.policy("untrusted_empty_types")).any(|kind| row["type"] == kind);
            let believed = unread.is_none() && (!odd || is(&row["restrictions_verified"]));
            return if believed || (unread == Some("404") && !own) { YES } else { MAYBE };
        };
        let exists = |p: &str| p.strip_prefix("group:").is_none_or(|g| !self.site["groups"][g].is_null() || self.gap(g));
        if value == NO && !list.iter().any(|p| exists(p)) {
            value = match self.policy("only_vanished_groups").as_str() { Some("opens") => YES, Some("nobody") => NO, _ => MAYBE };
        }
        if key == "read" {
            let switch = if own { "update_implies_read_same_node" } else { "update_implies_read_inherited" };
            let edit = items(&self.site["restrictions"][node]["update"]).map(|p| self.is(p)).max().unwrap_or(NO);
            value = value.max(edit.min(self.switch(switch)));
        }
        value.max(MAYBE.min(t(unread.is_some())))
    }
    fn draft(&self, row: &Value) -> u8 {
        let listed = items(&row["shared_with"]).map(|p| self.is(p)).max().unwrap_or(NO);
        let shared = if row["shared_with"].is_null() { MAYBE.min(t(self.who != "anonymous")) } else { listed };
        let creator = row["creator"].as_str().map_or(if self.person() { MAYBE } else { NO }, |id| t(id == self.who));
        shared.max(creator)
    }
    // Every gate by its name and content, and what it comes to; `None` in the trash.
    fn gates(&self, edit: bool, id: &str) -> Option<Vec<(&'static str, String, u8)>> {
        let (contents, user, mut gates) = (&self.site["contents"], self.user(), vec![]);
        let attached = |id: &str| ["comment", "attachment"].iter().any(|kind| contents[id]["type"] == *kind);
        let (mut at, mut host, mut seen, mut above, mut floor) = (id, id, vec![], false, NO);
        let mut gate = |name, at: &str, value| gates.push((name, at.to_owned(), value));
        loop {
            if contents[at].is_null() || seen.contains(&at) { gate("view_list", "", MAYBE); break; }
            seen.push(at);
            gate("view_list", at, self.layer(at, "read", !above).max(floor));
            let not_inherited = if at == id { NO } else { YES - self.switch("edit_inherited") };
            if edit && !attached(id) { gate("edit_list", at, self.layer(at, "update", at == id).max(not_inherited)); }
            host = if above { host } else { at };
            if !above && !attached(at) && contents[at]["status"] == "archived" { floor = self.switch("archived_drops_inherited"); }
            above |= !attached(at);
            if floor == YES { break; }
            match contents[at]["parent"].as_str().filter(|_| contents[at]["type"] != "blogpost") {
                Some(parent) => at = parent,
                None => { if attached(at) { gate("view_list", "", MAYBE); } break; }
            }
        }
        if [id, host].iter().any(|at| contents[*at]["status"] == "trashed") { return None; }
        let (space, status) = (contents[id]["space"].as_str()?, contents[host]["status"].as_str().unwrap_or("current"));
        let open = self.has(space, &["view"], &["view"], true);
        let has = |bare: &[&str], role: &[&str]| self.has(space, bare, role, self.unlicensed() && open != NO);
        gate("site", "", match self.who {
            "anonymous" => t(self.anonymous_on()),
            _ if !self.person() => YES,
            _ if user.is_null() => MAYBE,
            _ if user["active"] == json!(false) => NO,
            _ => if self.unlicensed() { open } else { YES },
        });
        let state = if status == "draft" { self.draft(&contents[host]) } else { t(!edit || status != "archived") };
        gate("state", host, state.min(if attached(host) { MAYBE } else { YES }));
        gate("space", "", has(&["view"], &["view"]));
        if edit {
            gate("site_mode", "", t(!is(&self.site["read_only"])));
            gate("space_state", "", if is(&self.site["spaces"][space]["archived"]) { MAYBE } else { YES });
            let (blog, one, other) = (has(&["create_blogpost"], &[]), has(&[], &["create_blogpost"]), has(&[], &["edit_page"]));
            gate("space_operation", "", match contents[id]["type"].as_str()? {
                "page" => has(&["create_page"], &["edit_page"]),
                "blogpost" => blog.max(if one.min(other) == YES { YES } else { one.max(other).min(MAYBE) }),
                _ => MAYBE,
            });
        }
        Some(gates)
    }
    fn decide(&self, edit: bool, id: &str) -> Option<u8> {
        let (mut preconditions, mut answer) = (YES, YES);
        for (name, _, value) in self.gates(edit, id)? {
            let sum = if ["site", "site_mode", "space_state", "state"].contains(&name) { &mut preconditions } else { &mut answer };
            *sum = value.min(*sum);
        }
        let (name, all) = ("confluence-administrators", self.site["groups"].as_object());
        let unread = all.is_some_and(|all| all.contains_key(name)) && (self.site["groups"][name]["listable"] == json!(false) || self.gap(name));
        let root = if self.in_group(name, &[]) == YES { YES } else if unread { MAYBE } else { NO };
        let root = if self.cloud || !self.person() { t(self.cloud && is(&self.user()["admin_key"])) } else { root };
        let works = if self.cloud { root } else { root.min(self.switch(if edit { "super_group_edit" } else { "super_group_view" })) };
        Some(preconditions.min(answer.max(works)))
    }
}

// ---- random sites ------------------------------------------------------------------------------------------------------

pub(super) struct Dice(pub(super) fastrand::Rng);

impl Dice {
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.0.u32(0..100) < percent
    }
    pub(super) fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.0.usize(0..words.len())]
    }
    pub(super) fn some(&mut self, words: &[&str], most: usize) -> Value {
        let count = self.0.usize(0..=most);
        let chosen: BTreeSet<&str> = (0..count).map(|_| self.pick(words)).collect();
        let mut chosen: Vec<&str> = chosen.into_iter().collect();
        self.0.shuffle(&mut chosen);
        json!(chosen)
    }
    fn tri(&mut self) -> Value {
        match self.0.u32(0..3) {
            0 => json!(true),
            1 => json!(false),
            _ => json!("unknown"),
        }
    }
}

pub(super) const USERS: [&str; 7] = ["ann", "bob", "cat", "dan", "guest", "uma", "bot"];
pub(super) const GROUPS: [&str; 6] = ["eng", "ops", "all", "ring", "secret", "confluence-administrators"];
pub(super) const LISTED: [&str; 13] = [
    "user:ann",
    "user:bob",
    "user:cat",
    "user:dan",
    "user:guest",
    "user:uma",
    "user:gone",
    "group:eng",
    "group:ops",
    "group:all",
    "group:ring",
    "group:secret",
    "group:ghost",
];
pub(super) const PERMISSIONS: [&str; 5] = ["view", "view", "create_page", "create_blogpost", "create_comment"];

pub fn random_site(seed: u64, word: &str) -> Value {
    let mut d = Dice(fastrand::Rng::with_seed(seed));
    let cloud = word == "cloud";
    let mut users = Map::new();
    for id in USERS {
        let mut user = json!({"active": !d.chance(8), "licensed": !(id == "uma" || d.chance(4))});
        if cloud && id == "guest" {
            user["guest"] = json!(true);
        }
        if id == "bot" {
            user["app"] = json!(true);
            user["licensed"] = json!(seed.is_multiple_of(2));
        }
        if d.chance(10) {
            user["product_admin"] = json!(true);
        }
        if cloud && d.chance(3) {
            user["admin_key"] = json!(true);
        }
        users.insert(id.to_owned(), user);
    }
    let people: Vec<String> = USERS.iter().map(|id| format!("user:{id}")).collect();
    let mut members: Vec<&str> = people.iter().map(String::as_str).collect();
    members.extend(["group:eng", "group:ring", "group:ops", "group:all"]);
    if d.chance(10) {
        members.push("team:x");
    }
    let mut groups = Map::new();
    for name in GROUPS {
        if name == "secret" && d.chance(30) {
            continue;
        }
        groups.insert(name.to_owned(), json!({"members": d.some(&members, 4), "listable": !d.chance(8)}));
    }
    let mut granted = LISTED.to_vec();
    granted.extend(["anonymous", "anonymous", "unlicensed", "group:confluence-administrators"]);
    if cloud {
        granted.extend(["class:all-licensed-users", "class:all-product-admins", "class:authenticated-users"]);
    }
    for odd in ["team:x", "squad:x", "class:newcomers"] {
        if d.chance(10) {
            granted.push(odd);
        }
    }
    let roles = json!({"viewer": ["view", "create_comment"], "editor": ["edit_page"], "writer": ["view", "create_page", "create_blogpost", "edit_page"], "boss": ["administer"], "people": ["manage_users"]});
    let mut spaces = Map::new();
    for key in ["DOC", "OPS"] {
        let (mut grants, mut assigned) = (Map::new(), Map::new());
        for _ in 0..d.0.usize(0..5) {
            grants.insert(d.pick(&granted).to_owned(), d.some(&PERMISSIONS, 4));
        }
        for _ in 0..d.0.usize(0..3) {
            assigned.insert(d.pick(&granted).to_owned(), d.some(&["viewer", "editor", "writer", "boss", "people"], 2));
        }
        let mut row = json!({"grants": grants, "role_assignments": assigned, "archived": d.chance(8)});
        // Of words this version does not know: see `read`.
        if d.chance(12) {
            row["vague"] = json!({d.pick(&granted): ["fly"]});
        }
        spaces.insert(key.to_owned(), row);
    }
    let (mut contents, mut restrictions, mut unreadable) = (Map::new(), Map::new(), Map::new());
    let types = ["page", "page", "page", "page", "page", "blogpost", "comment", "attachment", "folder", "whiteboard"];
    for at in 0..9 {
        let id = format!("c{at}");
        let kind = if at == 0 { "page" } else { d.pick(&types) };
        let mut row = json!({"type": kind, "space": if d.chance(85) { "DOC" } else { "OPS" }});
        if kind != "blogpost" && at > 0 && d.chance(85) {
            let parent = match d.0.u32(0..100) {
                0..4 => "nowhere".to_owned(),
                4..8 => format!("c{}", d.0.u32(0..9)),
                _ => format!("c{}", d.0.u32(0..at)),
            };
            row["parent"] = json!(parent);
        }
        match d.0.u32(0..100) {
            0..8 => row["status"] = json!("archived"),
            8..12 => row["status"] = json!("trashed"),
            12..18 => {
                row["status"] = json!("draft");
                if d.chance(70) {
                    row["creator"] = json!(d.pick(&["user:ann", "user:cat", "user:gone"]));
                }
                if d.chance(70) {
                    row["shared_with"] = d.some(&LISTED, 2);
                }
            }
            _ => {}
        }
        if d.chance(30) {
            row["restrictions_verified"] = json!(true);
        }
        contents.insert(id.clone(), row);
        let mut listed = LISTED.to_vec();
        if d.chance(10) {
            listed.push(d.pick(&["team:x", "squad:x", "class:newcomers"]));
        }
        if d.chance(15) {
            listed = vec!["group:ghost"];
        }
        if d.chance(35) {
            restrictions.insert(id.clone(), json!({"read": d.some(&listed, 4), "update": d.some(&listed, 3)}));
        }
        if d.chance(8) {
            unreadable.insert(id, json!(d.pick(&["403", "404", "timeout"])));
        }
    }
    // However the dice fall, somebody names the deleted account.
    contents.insert("named".to_owned(), json!({"type": "page", "space": "DOC", "shared_with": ["user:gone"]}));
    let mut policy = Map::new();
    for name in [
        "nested_groups",
        "anonymous_applies_to_logged_in",
        "anonymous_applies_when_site_off",
        "unlicensed_grant_covers_licensed",
        "guests_in_all_licensed_users",
        "update_implies_read_same_node",
        "update_implies_read_inherited",
        "edit_inherited",
        "archived_drops_inherited",
        "super_group_view",
        "super_group_edit",
    ] {
        policy.insert(name.to_owned(), d.tri());
    }
    let apps = [json!(true), json!(false), json!("unknown")][seed as usize % 3].clone();
    policy.insert("apps_in_all_licensed_users".to_owned(), apps);
    policy.insert("only_vanished_groups".to_owned(), json!(d.pick(&["nobody", "opens", "unknown"])));
    policy.insert("untrusted_empty_types".to_owned(), d.some(&["folder", "whiteboard"], 2));
    let mut gaps = Vec::new();
    if d.chance(8) {
        gaps.push(json!({"scope": "space_permissions", "subject": "DOC"}));
    }
    if d.chance(8) {
        gaps.push(json!({"scope": "group", "subject": d.pick(&["eng", "ghost"])}));
    }
    json!({
        "plan": if d.chance(10) { "free" } else { "paid" },
        "anonymous_enabled": d.chance(50), "anonymous_enforced": d.chance(30), "read_only": !cloud && d.chance(8),
        "role_mode": d.pick(&["PRE_ROLES", "ROLES_TRANSITION", "ROLES"]), "policy": {word: policy},
        "users": users, "groups": groups, "roles": roles, "spaces": spaces, "contents": contents,
        "restrictions": restrictions, "unreadable": unreadable, "gaps": gaps,
    })
}

/// A site with grants of words nobody knows, which plain data refuses and servers send.
pub fn read(site: &Value, word: &str) -> Option<Snapshot> {
    let deployment = if word == "cloud" { Deployment::Cloud } else { Deployment::DataCenter };
    let (mut plain, mut rows) = (site.clone(), Vec::new());
    for (key, space) in plain["spaces"].as_object_mut()? {
        let vague = space.as_object_mut().and_then(|space| space.remove("vague"));
        for (who, words) in vague.as_ref().and_then(Value::as_object).into_iter().flatten() {
            rows.extend(items(words).map(|word| SpacePermission {
                space_key: key.clone(),
                subject: Subject::parse(who).unwrap(),
                subject_name: None,
                permission: Permission::Other(word.to_owned()),
                raw: Some(word.to_owned()),
                via_role: None,
                source: Default::default(),
            }));
        }
    }
    let mut snapshot = Snapshot::from_plain(plain, deployment).ok()?;
    snapshot.space_permissions.extend(rows);
    Some(snapshot)
}

pub(super) fn resolve(site: &Value, word: &str) -> Access {
    Access::new(Arc::new(read(site, word).unwrap()), None)
}

pub fn subjects() -> Vec<String> {
    let people = USERS.iter().chain(&["gone", "stranger"]).map(|id| format!("user:{id}"));
    let groups = GROUPS.iter().chain(&["ghost"]).map(|id| format!("group:{id}"));
    people.chain(groups).chain(["anonymous".to_owned()]).collect()
}

fn verdict(value: Option<u8>) -> Verdict {
    match value {
        None => Verdict::NotCurrent,
        Some(YES) => Verdict::Allowed,
        Some(MAYBE) => Verdict::Unknown,
        Some(_) => Verdict::Denied,
    }
}

/// The first disagreement on a site, if any, and how many questions were asked.
fn disagreement(site: &Value, word: &str, thorough: bool) -> Result<usize, String> {
    let access = resolve(site, word);
    let mut asked = 0;
    for id in site["contents"].as_object().unwrap().keys() {
        for operation in [Operation::View, Operation::Edit] {
            let mut by_rows = BTreeSet::new();
            for row in access.who_can(operation, id).unwrap().rows {
                if &*row.user_id != "anyone_with_link"
                    && !by_rows.insert((row.user_id.to_string(), row.decision.as_str()))
                {
                    return Err(format!("{} has two rows for {operation} {id}", row.user_id));
                }
            }
            let mut by_questions = BTreeSet::new();
            for who in subjects() {
                let subject = Subject::parse(&who).unwrap();
                let expected =
                    verdict(Naive { site, cloud: word == "cloud", who: &who }.decide(operation == Operation::Edit, id));
                let can = access.can(&subject, operation, id);
                asked += 1;
                if can != expected {
                    let why = access.explain(&subject, operation, id);
                    return Err(format!("{who} {operation} {id}: naive {expected}, library {can}\n{why}"));
                }
                if thorough {
                    let explained = access.explain(&subject, operation, id);
                    if explained.verdict != can {
                        return Err(format!("{who} {operation} {id}: can {can}, explain {}", explained.verdict));
                    }
                    let naive = Naive { site, cloud: word == "cloud", who: &who };
                    gates_agree(&explained, &naive.gates(operation == Operation::Edit, id).unwrap_or_default())
                        .map_err(|gate| format!("{who} {operation} {id}: {gate}\n{explained}"))?;
                }
                let name = who.strip_prefix("user:").unwrap_or(&who);
                let counted = who == "anonymous" || access.user_ids().contains(&name);
                if matches!(can, Verdict::Allowed | Verdict::Unknown) && counted && !who.starts_with("group:") {
                    by_questions.insert((name.to_owned(), can.as_str()));
                }
            }
            if by_rows != by_questions {
                return Err(format!("{operation} {id}: who_can {by_rows:?}, can {by_questions:?}"));
            }
        }
    }
    if thorough { in_bulk(&access).map(|()| asked) } else { Ok(asked) }
}

/// Every gate an explanation shows comes to what the naive evaluator says, and it shows every gate that is not passed.
fn gates_agree(explained: &Explanation, naive: &[(&'static str, String, u8)]) -> Result<(), String> {
    let shown = explained.gates.iter().map(|gate| {
        let value = match gate.outcome {
            Outcome::Pass | Outcome::NotApplicable => YES,
            Outcome::Unknown => MAYBE,
            Outcome::Fail => NO,
        };
        (gate.name.as_str(), gate.content_id.clone().unwrap_or_default(), value)
    });
    let shown: Vec<_> = shown.collect();
    if let Some(gate) = shown.iter().find(|gate| !naive.contains(gate)) {
        return Err(format!("{gate:?} is shown, naive {naive:?}"));
    }
    match naive.iter().find(|gate| gate.2 != YES && !shown.contains(gate)) {
        Some(gate) => Err(format!("{gate:?} is not shown")),
        None => Ok(()),
    }
}

/// Sets made for the whole site at once say what single questions say.
fn in_bulk(access: &Access) -> Result<(), String> {
    let contents = &access.snapshot().contents;
    let standing = |who: &Subject, operation, id: &str| access.explain(who, operation, id).standing;
    for row in access.summary().rows {
        for (operation, certain, unknown) in
            [(Operation::View, row.viewers, row.unknown_viewers), (Operation::Edit, row.editors, row.unknown_editors)]
        {
            let count = |wanted: Decision| {
                let people = access.user_ids();
                people
                    .iter()
                    .filter(|id| standing(&Subject::user(**id), operation, &row.content_id) == Some(wanted))
                    .count() as u64
            };
            if certain.is_some()
                && (certain, unknown) != (Some(count(Decision::Allowed)), Some(count(Decision::Unknown)))
            {
                return Err(format!("summary of {operation} {}: {certain:?} {unknown:?}", row.content_id));
            }
        }
        let anonymous = standing(&Subject::anonymous(), Operation::View, &row.content_id);
        if row.anonymous != anonymous {
            return Err(format!("summary of anonymous at {}: {:?} not {anonymous:?}", row.content_id, row.anonymous));
        }
    }
    exposed(access)?;
    for operation in [Operation::View, Operation::Edit] {
        let ids = access.user_ids();
        let mut pairs = BTreeSet::new();
        for batch in access.pairs(operation) {
            for (person, content) in batch.users.iter().zip(&batch.contents) {
                pairs.insert((ids[*person as usize].to_owned(), contents[*content as usize].id.clone()));
            }
        }
        let mut expected = BTreeSet::new();
        for id in &ids {
            for content in contents {
                if standing(&Subject::user(*id), operation, &content.id) == Some(Decision::Allowed) {
                    expected.insert(((*id).to_owned(), content.id.clone()));
                }
            }
            let subject = Subject::user(*id);
            for row in access.contents_for(&subject, operation).rows {
                if access.can(&subject, operation, &row.content_id).decision() != row.decision {
                    return Err(format!("contents_for {id} {operation}: {row:?}"));
                }
            }
        }
        if pairs != expected || access.pair_count(operation) != pairs.len() as u64 {
            return Err(format!("pairs of {operation}: {pairs:?} not {expected:?}"));
        }
    }
    Ok(())
}

/// Exposure counts those `who_can` lists, and nothing reaches farther than its space.
fn exposed(access: &Access) -> Result<(), String> {
    let rows: Vec<_> = access.exposure(&ExposureOptions::default()).flatten().collect();
    let (spaces, contents): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.content_id.is_none());
    for row in contents {
        let id = row.content_id.as_deref().unwrap_or_default();
        let count = |operation, wanted: Decision| {
            let rows = access.who_can(operation, id).unwrap().rows.into_iter();
            let people = rows.filter(|row| !["anonymous", "anyone_with_link"].contains(&&*row.user_id) && row.standing);
            people.filter(|row| row.decision == wanted).count() as u64
        };
        let found = (row.viewers, row.editors);
        if found != (count(Operation::View, Decision::Allowed), count(Operation::Edit, Decision::Allowed)) {
            return Err(format!("exposure of {id}: {row:?}"));
        }
        let space = spaces.iter().find(|space| space.space_key == row.space_key).unwrap();
        let anonymous = access.can(&Subject::anonymous(), Operation::View, id) == Verdict::Allowed;
        if anonymous != (row.reach == Some(Reach::Internet)) || row.viewers > space.viewers {
            return Err(format!("exposure of {id}: {row:?} in {space:?}"));
        }
        let certain = row.reach.filter(|reach| *reach != Reach::Nobody);
        if certain.is_some_and(|reach| space.reach.is_none_or(|whole| reach < whole)) {
            return Err(format!("{id} reaches farther than its space: {row:?} in {space:?}"));
        }
    }
    Ok(())
}

/// Takes away whatever is not needed for the disagreement.
fn shrink(mut site: Value, word: &str) -> Value {
    fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
        let mut below = |key: String, value: &Value| {
            let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
            found.push(path.clone());
            paths(value, &path, found);
        };
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| below(key.clone(), value)),
            Value::Array(list) => list.iter().enumerate().for_each(|(at, value)| below(at.to_string(), value)),
            _ => {}
        }
    }
    fn without(site: &Value, path: &str) -> Option<Value> {
        let (parent, key) = path.rsplit_once('/')?;
        let mut smaller = site.clone();
        match smaller.pointer_mut(parent)? {
            Value::Object(map) => map.remove(&key.replace("~1", "/").replace("~0", "~")).map(|_| ())?,
            Value::Array(list) => drop(list.remove(key.parse::<usize>().ok().filter(|at| *at < list.len())?)),
            _ => return None,
        }
        Some(smaller)
    }
    let still_fails = |site: &Value| {
        site["contents"]["named"].is_object() && read(site, word).is_some() && disagreement(site, word, true).is_err()
    };
    loop {
        let mut all = Vec::new();
        paths(&site, "", &mut all);
        // A switch that is not set has a default here and none in the naive evaluator.
        let smaller = all
            .iter()
            .filter(|path| !path.contains("/policy") && !path.contains("/named"))
            .filter_map(|path| without(&site, path));
        match smaller.into_iter().find(still_fails) {
            Some(smaller) => site = smaller,
            None => return site,
        }
    }
}

#[test]
fn a_naive_evaluator_agrees_on_thousands_of_random_sites() {
    let sites = std::env::var("RANDOM_SITES").ok().and_then(|count| count.parse().ok()).unwrap_or(1000u64);
    let mut asked = 0;
    for seed in 0..sites {
        for word in ["cloud", "datacenter"] {
            let site = random_site(seed, word);
            // Sets made for the whole site, and explanations, are compared on every eighth.
            match disagreement(&site, word, seed % 8 == 0) {
                Ok(count) => asked += count,
                Err(first) => {
                    let small = shrink(site, word);
                    let why = disagreement(&small, word, true).unwrap_err();
                    panic!(
                        "seed {seed} on {word}: {first}\nshrunk: {why}\n{}",
                        serde_json::to_string_pretty(&small).unwrap()
                    );
                }
            }
        }
    }
    println!("{sites} seeds, both deployments: {asked} questions agree");
    assert!(asked as u64 > sites * 100);
}

// ---- access as data ----------------------------------------------------------------------------------------------------

const OPERATIONS: [Operation; 2] = [Operation::View, Operation::Edit];

/// Whether a subject passes the lists of a rule, by what the entries say and nothing else.
fn passes(naive: &Naive<'_>, all_of: &[Vec<String>]) -> bool {
    let user = naive.user();
    let active = !user.is_null() && user["active"] != json!(false);
    let holds = |entry: &String| match entry.split_once(':') {
        Some(("user" | "group", _)) => naive.is(entry) == YES,
        _ if entry == SITE_USERS => active && !naive.unlicensed(),
        _ => (active || naive.who == "anonymous") && naive.is(entry) == YES,
    };
    all_of.iter().all(|list| list.iter().any(holds))
}

/// Who may for certain and for whom it is unknown, by standing access; `None` in the trash.
fn standing(site: &Value, word: &str, people: &[String], edit: bool, id: &str) -> Option<[BTreeSet<String>; 2]> {
    let mut sets = [BTreeSet::new(), BTreeSet::new()];
    for who in people {
        let gates = Naive { site, cloud: word == "cloud", who }.gates(edit, id)?;
        match gates.iter().map(|gate| gate.2).min() {
            Some(YES) => sets[0].insert(who.clone()),
            Some(MAYBE) => sets[1].insert(who.clone()),
            _ => false,
        };
    }
    Some(sets)
}

fn rules(access: &Access, operation: Operation) -> Vec<Acl> {
    access.acl(operation).flatten().collect()
}

/// Accounts of the snapshot, as subjects, and anonymous.
fn everyone(access: &Access) -> Vec<String> {
    let accounts = access.user_ids();
    accounts.iter().map(|id| format!("user:{id}")).chain(["anonymous".to_owned()]).collect()
}

#[test]
fn the_lists_of_a_rule_let_in_exactly_who_may_for_certain() {
    let (mut asked, mut complete, mut short) = (0, 0, 0);
    for seed in 0..250 {
        for word in ["cloud", "datacenter"] {
            let site = random_site(seed, word);
            let access = resolve(&site, word);
            let people = everyone(&access);
            for operation in OPERATIONS {
                let edit = operation == Operation::Edit;
                let rows = rules(&access, operation);
                let audiences: Vec<_> = access.audiences(operation).flatten().collect();
                let mut listed = 0;
                for content in &access.snapshot().contents {
                    let row = rows.iter().find(|row| row.content_id == content.id);
                    let Some([certain, unknown]) = standing(&site, word, &people, edit, &content.id) else {
                        assert!(row.is_none(), "seed {seed} {word}: {} is in the trash", content.id);
                        continue;
                    };
                    let row = row.unwrap();
                    listed += 1;
                    let at = format!("seed {seed} {word} {operation} {}: {row:?}", content.id);
                    for who in &people {
                        let naive = Naive { site: &site, cloud: word == "cloud", who };
                        assert_eq!(passes(&naive, &row.all_of), certain.contains(who), "{who} {at}");
                        asked += 1;
                    }
                    assert_eq!(row.complete, unknown.is_empty(), "{at}");
                    assert_eq!(row.anonymous, certain.contains("anonymous"), "{at}");
                    let one =
                        |row: &&confluence_access::resolve::Audience| row.audience_id == rows[listed - 1].audience_id;
                    let audience = audiences.iter().find(one).unwrap();
                    let users: BTreeSet<String> = audience.users.iter().map(|id| format!("user:{id}")).collect();
                    let accounts =
                        |set: &BTreeSet<String>| set.iter().filter(|who| *who != "anonymous").cloned().collect();
                    let expected: BTreeSet<String> = accounts(&certain);
                    assert_eq!(users, expected, "{at}");
                    let doubtful: BTreeSet<String> = accounts(&unknown);
                    assert_eq!((audience.size, audience.unknown), (users.len() as u64, doubtful.len() as u64), "{at}");
                    assert_eq!((audience.anonymous, audience.everyone), (row.anonymous, row.everyone), "{at}");
                    let members = USERS.iter().filter(|id| {
                        let user = &site["users"][**id];
                        let out = is(&user["guest"]) || is(&user["app"]) || user["active"] == json!(false);
                        !out && user["licensed"] != json!(false)
                    });
                    let mut members = members.map(|id| format!("user:{id}")).peekable();
                    assert_eq!(
                        row.everyone,
                        members.peek().is_some() && members.all(|who| certain.contains(&who)),
                        "{at}"
                    );
                    let named = row.all_of.iter().flatten().filter(|entry| entry.starts_with("user:")).count();
                    complete += usize::from(row.complete);
                    short += usize::from(row.complete && (named == 0 || row.all_of.len() > 1));
                }
                assert_eq!(rows.len(), listed);
                assert_eq!(audiences.iter().map(|row| row.contents).sum::<u64>(), listed as u64);
            }
        }
    }
    println!("{asked} questions agree; {complete} rows are complete, {short} of them with the lists of the site");
    assert!(asked > 50_000 && complete > 1_000 && short * 2 > complete);
}

#[test]
fn ids_and_hashes_are_equal_where_and_only_where_access_is() {
    let (mut changed, mut same) = (0, 0);
    let mut by_id = std::collections::BTreeMap::new();
    for seed in 0..120u64 {
        let word = if seed % 2 == 0 { "cloud" } else { "datacenter" };
        let before = random_site(seed, word);
        let mut after = before.clone();
        let id = format!("c{}", seed % 9);
        after["restrictions"][&id]["read"] = json!([LISTED[seed as usize % LISTED.len()]]);
        let (older, newer) = (resolve(&before, word), resolve(&after, word));
        // The same facts in another order.
        let mut shuffled = (**newer.snapshot()).clone();
        let mut dice = fastrand::Rng::with_seed(seed);
        dice.shuffle(&mut shuffled.contents);
        dice.shuffle(&mut shuffled.users);
        dice.shuffle(&mut shuffled.memberships);
        dice.shuffle(&mut shuffled.space_permissions);
        dice.shuffle(&mut shuffled.restrictions);
        let shuffled = Access::new(Arc::new(shuffled), None);
        for operation in OPERATIONS {
            let sorted = |access: &Access| {
                let mut rows = rules(access, operation);
                rows.sort_by(|one, other| one.content_id.cmp(&other.content_id));
                rows
            };
            let (old, new) = (sorted(&older), sorted(&newer));
            assert_eq!(new, sorted(&shuffled), "seed {seed} {word}");
            let changes: Vec<_> = newer.acl_changes(&older, operation).flatten().collect();
            for (one, other) in old.iter().zip(&new) {
                assert_eq!(one.content_id, other.content_id);
                let equal = (&one.audience_id, &one.all_of, one.everyone)
                    == (&other.audience_id, &other.all_of, other.everyone);
                assert_eq!(equal, one.hash == other.hash, "seed {seed}: {one:?} {other:?}");
                assert_eq!(equal, !changes.iter().any(|row| row.now == *other), "seed {seed}: {other:?}");
                *(if equal { &mut same } else { &mut changed }) += 1;
            }
            for (site, access, rows) in [(&before, &older, &old), (&after, &newer, &new)] {
                let people = everyone(access);
                for row in rows {
                    let sets = standing(site, word, &people, operation == Operation::Edit, &row.content_id).unwrap();
                    let known = by_id.entry(row.audience_id.to_string()).or_insert_with(|| sets.clone());
                    assert_eq!(*known, sets, "seed {seed}: one id for two audiences");
                }
            }
        }
    }
    let sets: BTreeSet<_> = by_id.values().collect();
    assert_eq!(sets.len(), by_id.len(), "two ids for one audience");
    assert!(changed > 50 && same > 50, "{changed} {same}");
}

/// What an account holds in a space, and how far that goes.
fn reach(naive: &Naive<'_>, space: &str) -> (Vec<String>, &'static str) {
    let open_only = naive.unlicensed() && naive.has(space, &["view"], &["view"], true) != NO;
    let has = |bare: &[&str], role: &[&str]| naive.has(space, bare, role, open_only) == YES;
    let mut words =
        ["view", "create_page", "create_blogpost", "create_comment", "edit_page", "administer", "manage_users"]
            .map(str::to_owned)
            .to_vec();
    // In the naive evaluator a role that gives view gives every word it is asked for.
    let roles = naive.cloud && naive.site["role_mode"] != "PRE_ROLES";
    let by_role = |word: &str| {
        let assigned = naive.site["spaces"][space]["role_assignments"].as_object().cloned().unwrap_or_default();
        let counts = |who: &str| {
            !open_only
                || ["anonymous", "unlicensed", "class:authenticated-users", "class:newcomers", "squad:x"].contains(&who)
        };
        roles
            && assigned.iter().any(|(who, names)| {
                let gives =
                    items(names).any(|name| word == "view" || items(&naive.site["roles"][name]).any(|one| one == word));
                counts(who) && gives && naive.is(who) == YES
            })
    };
    words.retain(|word| has(&[word], &[]) || by_role(word));
    let edits =
        has(&["create_page"], &[]) || by_role("edit_page") || has(&["create_blogpost"], &[]) || by_role("create_page");
    let level = if has(&["administer"], &[]) || by_role("administer") {
        "admin"
    } else if edits {
        "edit"
    } else {
        "view"
    };
    (words, level)
}

#[test]
fn everyone_who_reaches_a_space_may_view_a_page_of_it_that_nothing_restricts() {
    let (mut compared, mut held) = (0, 0);
    for seed in 0..400 {
        for word in ["cloud", "datacenter"] {
            let mut site = random_site(seed, word);
            for key in ["DOC", "OPS"] {
                site["contents"][format!("open-{key}")] = json!({"type": "page", "space": key});
            }
            let access = resolve(&site, word);
            let rows: Vec<_> = access.space_access(None).flatten().collect();
            for key in ["DOC", "OPS"] {
                let in_space: Vec<_> = rows.iter().filter(|row| &*row.space_key == key).collect();
                let page = access.who_can(Operation::View, &format!("open-{key}")).unwrap().rows;
                let pages = page.iter().filter(|row| &*row.user_id != "anyone_with_link");
                let mut expected: Vec<_> = pages
                    .map(|row| (row.user_id.clone(), row.decision, row.via.clone(), row.standing, row.name.clone()))
                    .collect();
                let of = |row: &&confluence_access::resolve::SpaceAccess| {
                    (row.user_id.clone(), row.decision, row.via.clone(), row.standing, row.user_name.clone())
                };
                let mut found: Vec<_> = in_space.iter().map(of).collect();
                let by_id = |one: &(Arc<str>, _, _, _, _), other: &(Arc<str>, _, _, _, _)| one.0.cmp(&other.0);
                expected.sort_by(by_id);
                found.sort_by(by_id);
                assert_eq!(found, expected, "seed {seed} {word} {key}");
                compared += found.len();
                // On the free plan everybody has everything where nothing is stored.
                for row in in_space.iter().filter(|_| site["plan"] != "free") {
                    if !row.standing || row.decision != Decision::Allowed {
                        continue;
                    }
                    let who = if &*row.user_id == "anonymous" {
                        "anonymous".to_owned()
                    } else {
                        format!("user:{}", row.user_id)
                    };
                    let naive = Naive { site: &site, cloud: word == "cloud", who: &who };
                    let (words, level) = reach(&naive, key);
                    let found: BTreeSet<&str> = row.permissions.iter().map(|word| &**word).collect();
                    assert_eq!(found, words.iter().map(String::as_str).collect(), "seed {seed} {word} {key} {who}");
                    assert_eq!(row.level.as_str(), level, "seed {seed} {word} {key} {who}: {words:?}");
                    held += 1;
                }
            }
        }
    }
    println!("{compared} rows agree, {held} of them with their permissions");
    assert!(compared > 2_000 && held > 500, "{compared} {held}");
}

#[test]
fn a_content_that_is_gone_is_removed_from_the_index() {
    let site = json!({
        "users": {"ann": {"licensed": true}, "bob": {"licensed": true}},
        "spaces": {"DOC": {"grants": {"user:ann": ["view"], "user:bob": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "DOC"}, "2": {"type": "page", "space": "DOC"}},
    });
    let mut later = site.clone();
    later["contents"]["2"]["status"] = json!("trashed");
    later["contents"]["3"] = json!({"type": "page", "space": "DOC"});
    let (newer, older) = (resolve(&later, "cloud"), resolve(&site, "cloud"));
    let changes: Vec<_> = newer.acl_changes(&older, Operation::View).flatten().collect();
    let seen: Vec<_> = changes.iter().map(|row| (row.change.as_str(), row.now.content_id.as_str())).collect();
    assert_eq!(seen, [("added", "3"), ("removed", "2")]);
    assert_eq!(*changes[1].now.all_of, [Vec::<String>::new()]);
    assert_eq!(*changes[0].now.all_of, [vec!["user:ann".to_owned(), "user:bob".to_owned()]]);
    // Of a content that is listed twice the first row counts, and the second is no removal.
    let mut twice = (**older.snapshot()).clone();
    twice.contents.extend(twice.contents.clone());
    let twice = Access::new(Arc::new(twice), None);
    for (newer, older) in [(&twice, &older), (&older, &twice)] {
        assert_eq!(newer.acl_changes(older, Operation::View).count(), 0);
    }
}

// ---- what must hold whatever the site ----------------------------------------------------------------------------------

fn everything(access: &Access) -> Vec<(String, Operation, String, Verdict)> {
    let mut all = Vec::new();
    for content in &access.snapshot().contents {
        for operation in [Operation::View, Operation::Edit] {
            for who in subjects() {
                let verdict = access.can(&Subject::parse(&who).unwrap(), operation, &content.id);
                all.push((who, operation, content.id.clone(), verdict));
            }
        }
    }
    all
}

fn deployment() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("cloud"), Just("datacenter")]
}

#[test]
fn what_a_leaver_had_is_what_an_active_account_has() {
    let facts: [(&str, bool); 4] = [("active", true), ("active", false), ("licensed", true), ("licensed", false)];
    let (mut asked, mut changed) = (0, 0);
    for seed in 0..100 {
        for word in ["cloud", "datacenter"] {
            let site = random_site(seed, word);
            let access = resolve(&site, word);
            for id in site["users"].as_object().unwrap().keys() {
                for (fact, value) in facts {
                    let mut other = site.clone();
                    other["users"][id][fact] = json!(value);
                    let other = resolve(&other, word);
                    for operation in [Operation::View, Operation::Edit] {
                        let subject = Subject::user(id);
                        let as_if = AsIf::default().with(fact, value).unwrap();
                        let supposed = access.contents_as_if(&subject, operation, as_if).unwrap();
                        let real = other.contents_for(&subject, operation);
                        assert_eq!(supposed.rows, real.rows, "seed {seed} on {word}: {id} {operation} {fact} {value}");
                        asked += real.rows.len();
                        changed += usize::from(real.rows != access.contents_for(&subject, operation).rows);
                    }
                }
            }
        }
    }
    assert!(asked > 2_000 && changed > 100, "{asked} rows, {changed} answers changed");
}

#[test]
fn whatever_names_a_subject_is_a_use_of_it() {
    let mut looked_at = 0;
    for seed in 0..200 {
        for word in ["cloud", "datacenter"] {
            let site = random_site(seed, word);
            let access = resolve(&site, word);
            let snapshot = access.snapshot();
            for name in subjects() {
                let subject = Subject::parse(&name).unwrap();
                let Ok(found) = access.used_by(&subject) else { continue };
                let count = |kind: UseKind| found.rows.iter().filter(|row| row.kind == kind).count();
                let same = |other: &Subject| {
                    let anonymous = |one: &Subject| *one == Subject::anonymous() || one.id == "anonymous-users";
                    *other == subject || (anonymous(other) && anonymous(&subject))
                };
                let granted = snapshot.space_permissions.iter().filter(|row| same(&row.subject)).count();
                let listed = snapshot.restrictions.iter().filter(|row| same(&row.subject)).count();
                assert_eq!(count(UseKind::GlobalPermission), 0);
                assert_eq!((count(UseKind::SpacePermission), count(UseKind::Restriction)), (granted, listed), "{name}");
                // Groups around it, until nothing is added.
                let mut around = BTreeSet::new();
                let mut inside = BTreeSet::new();
                loop {
                    let before = (around.len(), inside.len());
                    for entry in &snapshot.memberships {
                        let group = Subject::group(&entry.group_id);
                        if entry.member == subject || around.contains(&entry.member) {
                            around.insert(group.clone());
                        }
                        if (group == subject || inside.contains(&group)) && entry.member.kind == SubjectKind::Group {
                            inside.insert(entry.member.clone());
                        }
                    }
                    if before == (around.len(), inside.len()) {
                        break;
                    }
                }
                around.remove(&subject);
                inside.remove(&subject);
                assert_eq!(
                    (count(UseKind::MemberOf), count(UseKind::Contains)),
                    (around.len(), inside.len()),
                    "{name}"
                );
                looked_at += found.rows.len();
            }
        }
    }
    assert!(looked_at > 5_000, "{looked_at}");
}

// Every question about every content, explained: few sites are many questions.
proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_explanation_implies_its_decision(seed in any::<u64>(), word in deployment()) {
        let site = random_site(seed, word);
        let access = resolve(&site, word);
        for id in site["contents"].as_object().unwrap().keys() {
            for operation in Operation::ALL.iter().copied() {
                for who in subjects() {
                    let why = access.explain(&Subject::parse(&who).unwrap(), operation, id);
                    prop_assert_eq!(why.verdict, access.can(&Subject::parse(&who).unwrap(), operation, id));
                    let Some(standing) = why.standing else {
                        prop_assert!(why.gates.is_empty());
                        continue;
                    };
                    // All gates every way needs, and all of one way where there are several.
                    let all = |way: Option<Way>| {
                        let gates = why.gates.iter().filter(|gate| gate.way == way);
                        gates.fold(Decision::Allowed, |all, gate| all.and(match gate.outcome {
                            Outcome::Pass | Outcome::NotApplicable => Decision::Allowed,
                            Outcome::Unknown => Decision::Unknown,
                            Outcome::Fail => Decision::Denied,
                        }))
                    };
                    let ways = why.gates.iter().filter_map(|gate| gate.way).map(|way| all(Some(way)));
                    let shown = all(None).and(ways.reduce(Decision::or).unwrap_or(Decision::Allowed));
                    prop_assert_eq!(shown, standing, "{} {} {}\n{}", who, operation, id, why);
                    if standing == Decision::Allowed {
                        prop_assert!(why.gates.iter().all(|gate| gate.outcome != Outcome::Fail), "{why}");
                    }
                    if why.decision != standing {
                        prop_assert!(!why.ways_in.is_empty(), "{why}");
                    }
                    prop_assert_eq!(why.doubts.is_empty(), why.decision != Decision::Unknown, "{}", why);
                    for gate in &why.gates {
                        let first = gate.principals.first().map(|listed| listed.outcome);
                        let some = gate.principals.iter().any(|listed| listed.outcome == Outcome::Unknown);
                        let doubtful = gate.outcome == Outcome::Unknown && some && !gate.doubts.is_empty();
                        prop_assert!(!doubtful || first == Some(Outcome::Unknown), "{why}");
                        prop_assert!(gate.doubts.is_empty() || gate.outcome == Outcome::Unknown, "{why}");
                    }
                    prop_assert!(why.to_string().lines().all(|line| line.len() < 400), "{why}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_global_rejects: 100_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adding_a_restriction_never_widens(seed in any::<u64>(), word in deployment(), at in 0..9u8, read in any::<bool>(), who in 0..LISTED.len()) {
        let mut site = random_site(seed, word);
        // An edit entry may pass a view list where the policy says so: that is not what is asked here.
        for switch in ["update_implies_read_same_node", "update_implies_read_inherited"] {
            site["policy"][word][switch] = json!(false);
        }
        let id = format!("c{at}");
        let key = if read { "read" } else { "update" };
        // A new list; a further entry in a list that is there widens it, as it should.
        prop_assume!(site["restrictions"][&id][key].as_array().is_none_or(Vec::is_empty));
        // An entry on a content whose empty answer is not believed says more, not less.
        prop_assume!(site["unreadable"][&id].is_null() && is(&site["contents"][&id]["restrictions_verified"]));
        prop_assume!(LISTED[who] != "group:ghost");
        let before = everything(&resolve(&site, word));
        site["restrictions"][&id][key] = json!([LISTED[who]]);
        for (old, new) in before.iter().zip(everything(&resolve(&site, word))) {
            prop_assert!(new.3.decision() >= old.3.decision(), "{old:?} became {new:?}");
        }
    }

    #[test]
    fn removing_knowledge_never_turns_denied_or_unknown_into_allowed(seed in any::<u64>(), word in deployment(), what in 0..5u8, at in 0..10u8) {
        let site = random_site(seed, word);
        let id = format!("c{}", at % 9);
        let mut less = site.clone();
        match what {
            // The lists of a content are not read any more.
            0 => {
                less["restrictions"].as_object_mut().unwrap().remove(&id);
                less["unreadable"][&id] = json!("403");
            }
            1 => less["groups"][GROUPS[usize::from(at) % GROUPS.len()]] = json!({"members": [], "listable": false}),
            2 => {
                less["spaces"]["DOC"]["grants"] = json!({});
                less["spaces"]["DOC"]["role_assignments"] = json!({});
                less["gaps"].as_array_mut().unwrap().push(json!({"scope": "space_permissions", "subject": "DOC"}));
                // Whether the space is one nobody ever touched is part of what is not known.
                less["plan"] = json!("paid");
                prop_assume!(site["plan"] == "paid");
            }
            // A content is missing from the listing, with what hangs on it.
            3 => {
                less["contents"].as_object_mut().unwrap().remove(&id);
                less["restrictions"].as_object_mut().unwrap().remove(&id);
            }
            _ => { less["policy"][word][["nested_groups", "edit_inherited", "archived_drops_inherited", "super_group_view", "guests_in_all_licensed_users", "anonymous_applies_to_logged_in", "update_implies_read_inherited", "unlicensed_grant_covers_licensed", "anonymous_applies_when_site_off", "apps_in_all_licensed_users"][usize::from(at)]] = json!("unknown"); }
        }
        let (more, less) = (resolve(&site, word), resolve(&less, word));
        for (who, operation, id, verdict) in everything(&less) {
            let before = more.can(&Subject::parse(&who).unwrap(), operation, &id);
            if verdict == Verdict::Allowed {
                prop_assert!(before == Verdict::Allowed, "{who} {operation} {id}: {before} became allowed");
            }
        }
    }

    #[test]
    fn a_word_nobody_knows_lets_nobody_in_and_is_a_doubt_where_it_could(seed in any::<u64>(), word in deployment(), what in 0..4u8, at in 0..9u8, who in 0..LISTED.len()) {
        let mut site = random_site(seed, word);
        // Whether the space is one nobody ever touched is not what is asked here.
        site["plan"] = json!("paid");
        let id = format!("c{at}");
        let everything_granted = json!(["view", "create_page", "create_blogpost"]);
        let mut odd = site.clone();
        match what {
            0 => odd["spaces"]["DOC"]["vague"][LISTED[who]] = json!(["fly"]),
            1 => odd["spaces"]["DOC"]["grants"]["class:newcomers"] = everything_granted.clone(),
            2 => odd["spaces"]["DOC"]["grants"]["squad:x"] = everything_granted.clone(),
            _ => {
                let list = odd["restrictions"][&id]["read"].as_array_mut();
                prop_assume!(list.as_ref().is_some_and(|list| !list.is_empty()));
                list.unwrap().push(json!("squad:x"));
            }
        }
        let (before, after) = (resolve(&site, word), resolve(&odd, word));
        for name in subjects() {
            let subject = Subject::parse(&name).unwrap();
            // The same with a word that is known, and for the subject itself.
            let mut known = site.clone();
            match what {
                0 => known["spaces"]["DOC"]["grants"][LISTED[who]] = everything_granted.clone(),
                1 | 2 => known["spaces"]["DOC"]["grants"][&name] = everything_granted.clone(),
                _ => known["restrictions"][&id]["read"].as_array_mut().unwrap().push(json!(name)),
            }
            let known = resolve(&known, word);
            for content in &before.snapshot().contents {
                for operation in [Operation::View, Operation::Edit] {
                    let [before, after, known] =
                        [&before, &after, &known].map(|access| access.can(&subject, operation, &content.id));
                    let at = &content.id;
                    if after == Verdict::Allowed {
                        prop_assert_eq!(before, Verdict::Allowed, "{} {} {} became allowed", name, operation, at);
                    }
                    if known == Verdict::Allowed {
                        prop_assert_ne!(after, Verdict::Denied, "{} {} {} stays denied", name, operation, at);
                    }
                }
            }
        }
    }

    #[test]
    fn the_order_of_facts_does_not_matter(seed in any::<u64>(), word in deployment()) {
        let site = random_site(seed, word);
        let access = resolve(&site, word);
        let mut shuffled = (**access.snapshot()).clone();
        let mut dice = fastrand::Rng::with_seed(seed ^ 1);
        dice.shuffle(&mut shuffled.spaces);
        dice.shuffle(&mut shuffled.contents);
        dice.shuffle(&mut shuffled.users);
        dice.shuffle(&mut shuffled.groups);
        dice.shuffle(&mut shuffled.memberships);
        dice.shuffle(&mut shuffled.space_permissions);
        dice.shuffle(&mut shuffled.restrictions);
        dice.shuffle(&mut shuffled.gaps);
        let other = Access::new(Arc::new(shuffled), None);
        for (who, operation, id, verdict) in everything(&access) {
            let subject = Subject::parse(&who).unwrap();
            prop_assert_eq!(other.can(&subject, operation, &id), verdict, "{} {} {}", who, operation, id);
            let codes = (access.explain(&subject, operation, &id).codes, other.explain(&subject, operation, &id).codes);
            prop_assert_eq!(codes.0, codes.1);
        }
    }
}
