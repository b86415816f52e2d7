//! What a plan makes of a site: against a second editor, as naive as can be, that changes the plain data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use confluence_access::model::plan::{ChangePlan, Fact, Step, undo};
use confluence_access::model::{
    Deployment, GlobalPermission, GroupSource, Operation, Permission, RestrictionOperation, SitePermission, Snapshot,
    SpacePermission, Subject, Verdict,
};
use confluence_access::resolve::{Access, CauseKind, DiffOptions, Difference, PlanFailure, what_if};
use serde_json::{Map, Value, json};

use crate::properties::{random_site, read, subjects};

pub(super) fn plan(steps: Value) -> ChangePlan {
    let document = json!({"kind": "confluence-access plan", "format": 1, "site": null, "steps": steps});
    ChangePlan::from_json(&document.to_string()).unwrap()
}

pub(super) type Answers = BTreeMap<(String, &'static str, String), Verdict>;

pub(super) fn answers(snapshot: &Snapshot) -> Answers {
    let access = Access::new(Arc::new(snapshot.clone()), None);
    let contents: Vec<String> = snapshot.contents.iter().map(|content| content.id.clone()).collect();
    let mut found = Answers::new();
    for who in subjects() {
        for (word, operation) in [("view", Operation::View), ("edit", Operation::Edit)] {
            for id in &contents {
                found
                    .insert((who.clone(), word, id.clone()), access.can(&Subject::parse(&who).unwrap(), operation, id));
            }
        }
    }
    found
}

// ---- the naive editor --------------------------------------------------------------------------------------------------

fn words(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn map(value: &mut Value) -> &mut Map<String, Value> {
    if value.is_null() {
        *value = json!({});
    }
    value.as_object_mut().unwrap()
}

fn without(value: &mut Value, gone: &[String]) {
    let left: Vec<String> = words(value).into_iter().filter(|word| !gone.contains(word)).collect();
    *value = json!(left);
}

fn with(value: &mut Value, new: &[String]) {
    let mut all = words(value);
    all.extend(new.iter().cloned());
    let all: BTreeSet<String> = all.into_iter().collect();
    *value = json!(all);
}

/// Removes permissions; on Cloud all others go with `view`.
fn take(space: &mut Value, who: &str, gone: &[String], cloud: bool) {
    let sees = words(&space["grants"][who]).contains(&"view".to_owned());
    if cloud && sees && gone.contains(&"view".to_owned()) {
        map(&mut space["grants"]).remove(who);
        map(&mut space["vague"]).remove(who);
    } else if space["grants"].get(who).is_some() {
        without(&mut space["grants"][who], gone);
    }
}

fn list_key(operation: RestrictionOperation) -> &'static str {
    if operation == RestrictionOperation::View { "read" } else { "update" }
}

fn edit(site: &mut Value, step: &Step, cloud: bool) {
    match step {
        Step::Grant { space, subject, permissions } => {
            with(map(&mut site["spaces"][space]["grants"]).entry(subject).or_insert(json!([])), permissions);
        }
        Step::Revoke { space, subject, permissions } => {
            let held = words(&site["spaces"][space]["grants"][subject]);
            take(&mut site["spaces"][space], subject, permissions.as_ref().unwrap_or(&held), cloud);
        }
        Step::Set { space, subject, permissions } => {
            let extra: Vec<String> = words(&site["spaces"][space]["grants"][subject])
                .into_iter()
                .filter(|p| !permissions.contains(p))
                .collect();
            take(&mut site["spaces"][space], subject, &extra, cloud);
            with(map(&mut site["spaces"][space]["grants"]).entry(subject).or_insert(json!([])), permissions);
        }
        Step::Restrict { contents, operation, subjects } => {
            for id in contents {
                let lists = map(&mut site["restrictions"]).entry(id).or_insert(json!({}));
                with(map(lists).entry(list_key(*operation)).or_insert(json!([])), subjects);
            }
        }
        Step::Unrestrict { contents, operation, subjects } => {
            for id in contents {
                let lists = map(&mut site["restrictions"]).entry(id).or_insert(json!({}));
                let list = map(lists).entry(list_key(*operation)).or_insert(json!([]));
                let gone = subjects.clone().unwrap_or_else(|| words(list));
                without(list, &gone);
            }
        }
        Step::SetRestrictions { contents, operation, subjects } => {
            for id in contents {
                let lists = map(&mut site["restrictions"]).entry(id).or_insert(json!({}));
                map(lists).insert(list_key(*operation).to_owned(), json!(subjects));
            }
        }
        Step::AssignRole { space, subject, role } => {
            map(&mut site["spaces"][space]["role_assignments"]).insert(subject.clone(), json!([role]));
        }
        Step::RemoveRole { space, subject } => {
            map(&mut site["spaces"][space]["role_assignments"]).remove(subject);
        }
        Step::AddMember { group, user } => {
            with(&mut site["groups"][group]["members"], std::slice::from_ref(user));
        }
        Step::RemoveMember { group, user } => {
            without(&mut site["groups"][group]["members"], std::slice::from_ref(user));
        }
        Step::Replace { subject, by } => replace(site, subject, by, cloud),
        Step::Delete { group } => {
            let gone = format!("group:{group}");
            map(&mut site["groups"]).remove(group);
            for (_, row) in map(&mut site["groups"]) {
                without(&mut row["members"], std::slice::from_ref(&gone));
            }
            site["gaps"].as_array_mut().unwrap().retain(|gap| gap["subject"] != json!(group));
            if cloud {
                return;
            }
            for (_, space) in map(&mut site["spaces"]) {
                map(&mut space["grants"]).remove(&gone);
                map(&mut space["vague"]).remove(&gone);
            }
            for (_, lists) in map(&mut site["restrictions"]) {
                for (_, list) in map(lists) {
                    without(list, std::slice::from_ref(&gone));
                }
            }
        }
        Step::Move { content, parent } => {
            // Nothing moves to where it is, although a random site has children in other spaces than their parents.
            if site["contents"][content]["parent"] == json!(parent) {
                return;
            }
            site["contents"][content]["parent"] = json!(parent);
            let space = site["contents"][parent]["space"].clone();
            if space == site["contents"][content]["space"] {
                return;
            }
            let mut open = vec![content.clone()];
            let mut seen = BTreeSet::from([content.clone()]);
            while let Some(id) = open.pop() {
                site["contents"][&id]["space"] = space.clone();
                let below = map(&mut site["contents"]).iter().filter(|(_, row)| row["parent"] == json!(id));
                let below: Vec<String> = below.map(|(id, _)| id.clone()).filter(|id| !seen.contains(id)).collect();
                seen.extend(below.iter().cloned());
                open.extend(below);
            }
        }
    }
}

fn replace(site: &mut Value, subject: &str, by: &str, cloud: bool) {
    let swap = |list: &mut Value| {
        let mut all = words(list);
        if all.contains(&subject.to_owned()) {
            all.retain(|word| word != subject && word != by);
            all.push(by.to_owned());
            *list = json!(all);
        }
    };
    let roles_only = cloud && site["role_mode"] == "ROLES";
    for (_, space) in map(&mut site["spaces"]) {
        if !roles_only {
            let held = words(&space["grants"][subject]);
            let new = words(&space["grants"][by]);
            let sees = !cloud || held.contains(&"view".to_owned()) || new.contains(&"view".to_owned());
            if sees && !held.is_empty() {
                with(map(&mut space["grants"]).entry(by).or_insert(json!([])), &held);
            }
            take(space, subject, &held, cloud);
            if !cloud {
                map(&mut space["vague"]).remove(subject);
            }
        }
        if let Some(roles) = map(&mut space["role_assignments"]).remove(subject) {
            map(&mut space["role_assignments"]).insert(by.to_owned(), roles);
        }
    }
    for (_, lists) in map(&mut site["restrictions"]) {
        map(lists).values_mut().for_each(swap);
    }
    if by.starts_with("user:") {
        for (_, group) in map(&mut site["groups"]) {
            swap(&mut group["members"]);
        }
    }
}

// ---- random plans ------------------------------------------------------------------------------------------------------

const WHO: [&str; 9] = [
    "user:ann",
    "user:bob",
    "user:cat",
    "user:guest",
    "user:uma",
    "group:eng",
    "group:ops",
    "group:all",
    "group:confluence-administrators",
];
const ROLES: [&str; 5] = ["viewer", "editor", "writer", "boss", "people"];

pub(super) fn random_steps(site: &Value, seed: u64) -> Value {
    let mut dice = fastrand::Rng::with_seed(seed.wrapping_mul(7919));
    let pages: Vec<&String> = site["contents"].as_object().unwrap().keys().collect();
    let mut steps = Vec::new();
    for _ in 0..dice.usize(1..=4) {
        let mut pick = |from: &[&str]| from[dice.usize(0..from.len())].to_owned();
        let (who, other) = (pick(&WHO), pick(&WHO));
        let space = pick(&["DOC", "OPS"]);
        let operation = pick(&["view", "edit"]);
        let (user, group) = (pick(&["user:ann", "user:bob", "user:uma"]), pick(&["eng", "ops", "all"]));
        let role = pick(&ROLES);
        let permission = pick(&["create_page", "view", "create_blogpost"]);
        let some = [who.clone(), pick(&WHO)];
        let content = pages[dice.usize(0..pages.len())];
        let parent = pages[dice.usize(0..pages.len())];
        steps.push(match dice.u32(0..13) {
            0 => json!({"step": "grant", "space": space, "subject": who, "permissions": ["view", permission]}),
            1 => json!({"step": "revoke", "space": space, "subject": who, "permissions": [permission]}),
            2 => json!({"step": "revoke", "space": space, "subject": who}),
            3 => json!({"step": "set", "space": space, "subject": who, "permissions": ["view"]}),
            4 => json!({"step": "restrict", "contents": [content], "operation": operation, "subjects": some}),
            5 => json!({"step": "unrestrict", "contents": [content, parent], "operation": operation, "subjects": some}),
            6 => json!({"step": "unrestrict", "contents": [content], "operation": operation}),
            7 => json!({"step": "set_restrictions", "contents": [content], "operation": operation, "subjects": some}),
            8 => json!({"step": "assign_role", "space": space, "subject": who, "role": role}),
            9 => json!({"step": "add_member", "group": group, "user": user}),
            10 => json!({"step": "remove_member", "group": group, "user": user}),
            11 if who != other => json!({"step": "replace", "subject": who, "by": other}),
            12 if dice.bool() => json!({"step": "delete", "group": group}),
            _ => json!({"step": "move", "content": content, "parent": parent}),
        });
        steps.retain(|step| step["step"] != "move" || step["content"] != step["parent"]);
    }
    json!(steps)
}

#[test]
fn a_plan_on_a_snapshot_is_what_the_same_edits_of_the_plain_data_are() {
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    let (mut refused, mut differing, mut undone, mut explained) = (0, 0, 0, 0);
    for word in ["cloud", "datacenter"] {
        for seed in 0..700 {
            let site = random_site(seed, word);
            let before = Arc::new(read(&site, word).unwrap());
            let steps = random_steps(&site, seed);
            let plan = plan(steps.clone());
            let after = match what_if(&before, &plan) {
                Ok(after) => after,
                Err(PlanFailure::Refused(_) | PlanFailure::Lookup(_)) => {
                    refused += 1;
                    continue;
                }
                Err(other) => panic!("{word} {seed} {steps}: {other}"),
            };
            let mut edited = site.clone();
            plan.steps.iter().for_each(|step| edit(&mut edited, step, word == "cloud"));
            let expected = answers(&read(&edited, word).unwrap());
            let found = answers(&after);
            let assigns = plan.steps.iter().any(|step| matches!(step, Step::AssignRole { .. }));
            for (question, decision) in &expected {
                let own = found[question];
                // What a role brings that nobody has is unknown.
                let open = assigns && own == Verdict::Unknown;
                assert!(
                    own == *decision || open,
                    "{word} {seed} {question:?}: {own:?} instead of {decision:?}\n{plan}"
                );
            }
            differing += usize::from(found != answers(&before));
            if seed < 200 {
                explained += explained_by_the_plan(&before, &after, &plan, &format!("{word} {seed}\n{plan}"));
            }
            plan.steps.iter().for_each(|step| {
                let kind = json!(step)["step"].as_str().unwrap().to_owned();
                *done.entry(kind).or_default() += 1;
            });
            undone += usize::from(taken_back(&before, &after, &format!("{word} {seed}\n{plan}")));
        }
    }
    assert!(done.len() == 12 && done.values().all(|count| *count > 40), "{done:?}");
    assert!(refused > 50 && differing > 300 && undone > 300, "{refused} {differing} {undone}");
    assert!(explained > 1_000, "{explained}");
}

/// Every row of the difference names lines of the plan as its cause; how many rows there are.
fn explained_by_the_plan(before: &Snapshot, after: &Snapshot, plan: &ChangePlan, about: &str) -> usize {
    let access = |snapshot: &Snapshot| Access::new(Arc::new(snapshot.clone()), None);
    let mut count = 0;
    let difference = Difference::between(access(after), access(before), DiffOptions::default()).unwrap();
    difference.each(&mut |rows| {
        for row in &rows {
            assert_eq!(row.cause_kind, CauseKind::Plan, "{about}\n{row:?}");
            for cause in row.cause.as_deref().unwrap().split("; plan line ") {
                let (line, step) = cause.trim_start_matches("plan line ").split_once(": ").unwrap();
                assert_eq!(plan.steps[line.parse::<usize>().unwrap() - 1].to_string(), step, "{about}");
            }
        }
        count += rows.len();
        true
    });
    count
}

/// Takes a plan back, where it can be taken back whole: everything is as before.
fn taken_back(before: &Snapshot, after: &Snapshot, about: &str) -> bool {
    let facts: Vec<(Fact, bool)> = after.planned.iter().map(|row| (row.fact.clone(), row.added)).collect();
    let (back, left) = undo(None, before.site.deployment, &facts);
    if !left.is_empty() || back.steps.is_empty() {
        return false;
    }
    for step in &back.steps {
        assert_eq!(step.clone().checked().as_ref(), Ok(step), "{about}");
    }
    // A random site has what no real one has: pages below blog posts or below pages of another space, where nothing moves
    // back to, and on Cloud permissions without `view`, which go when a `view` that was given is taken back. What a role
    // allows is known by its holders: once nobody holds it, that is unknown.
    let bare = |space: &str, subject: &Subject| {
        let own = |row: &&SpacePermission| row.space_key == space && row.subject == *subject && row.via_role.is_none();
        let mut rows = before.space_permissions.iter().filter(own).peekable();
        rows.peek().is_some() && rows.all(|row| row.permission != Permission::View)
    };
    let space = |id: &String| before.contents.iter().find(|row| row.id == *id).map(|row| &row.space_key);
    let unreal = |(fact, added): &(Fact, bool)| match fact {
        Fact::Permission { space, subject, permission } => {
            *added
                && *permission == Permission::View
                && before.site.deployment == Deployment::Cloud
                && bare(space, subject)
        }
        Fact::Parent { content, parent } => !*added && space(content) != space(parent),
        Fact::Role { role, .. } => {
            !*added && !after.space_permissions.iter().any(|row| row.via_role.as_ref() == Some(role))
        }
        _ => false,
    };
    if facts.iter().any(unreal) {
        return false;
    }
    let again = match what_if(&Arc::new(after.clone()), &back) {
        Err(PlanFailure::Refused(_) | PlanFailure::Lookup(_)) => return false,
        again => again.unwrap_or_else(|error| panic!("{about}\nback\n{back}\n{error}")),
    };
    assert_eq!(answers(&again), answers(before), "{about}\nback:\n{back}");
    true
}

// ---- single steps ------------------------------------------------------------------------------------------------------

fn small(word: &str) -> (Arc<Snapshot>, Deployment) {
    let deployment = if word == "cloud" { Deployment::Cloud } else { Deployment::DataCenter };
    let site = json!({
        "base_url": "https://acme.example", "role_mode": if word == "cloud" { "ROLES_TRANSITION" } else { "PRE_ROLES" },
        "users": {"ann": {"display_name": "Ann Lee"}, "bob": {}, "zoe": {}},
        "groups": {"eng": {"members": ["user:ann", "user:bob"]}, "old": {"members": ["user:zoe"]}},
        "roles": {"Viewer": ["view"]},
        "spaces": {"ENG": {
            "grants": {"group:eng": ["view", "create_page"], "user:zoe": ["view"]},
            "role_assignments": {"user:ann": ["Viewer"]},
        }, "HR": {"grants": {"user:ann": ["view"]}}},
        "contents": {
            "1": {"type": "page", "space": "ENG", "title": "Home"},
            "2": {"type": "page", "space": "ENG", "parent": "1", "title": "Secret"},
            "3": {"type": "page", "space": "HR", "title": "Staff"},
            "4": {"type": "blogpost", "space": "ENG", "title": "News"},
        },
        "restrictions": {"2": {"view": ["group:old"]}},
    });
    (Arc::new(Snapshot::from_plain(site, deployment).unwrap()), deployment)
}

fn can(snapshot: &Snapshot, who: &str, content: &str) -> Verdict {
    let subject = Subject::parse(who).unwrap();
    Access::new(Arc::new(snapshot.clone()), None).can(&subject, Operation::View, content)
}

#[test]
fn every_change_remembers_the_line_that_made_it() {
    let (before, _) = small("cloud");
    let plan = plan(json!([
        {"step": "grant", "space": "eng", "subject": "Ann Lee", "permissions": ["VIEWSPACE", "create page"]},
        {"step": "restrict", "contents": ["Home"], "operation": "edit", "subjects": ["group:eng"]},
        {"step": "revoke", "space": "ENG", "subject": "user:ann", "permissions": ["create_page"]},
    ]));
    let after = what_if(&before, &plan).unwrap();
    let planned: Vec<String> = after
        .planned
        .iter()
        .map(|row| format!("{} {} {}", row.line, if row.added { "+" } else { "-" }, row.fact))
        .collect();
    assert_eq!(planned, ["1 + view in ENG for user:ann", "2 + group:eng on the edit list of 1"]);
    let row = after.space_permissions.last().unwrap();
    assert_eq!(row.source.as_str(), "plan line 1: grant Ann Lee view, create_page in eng");
    assert_eq!(row.subject_name.as_deref(), Some("Ann Lee"));
    assert!(before.planned.is_empty());
}

#[test]
fn a_deleted_group_opens_pages_on_data_center_and_is_left_to_the_policy_on_cloud() {
    let delete = plan(json!([{"step": "delete", "group": "group:old"}]));
    let (before, _) = small("datacenter");
    assert_eq!(can(&before, "user:ann", "2"), Verdict::Denied);
    let after = what_if(&before, &delete).unwrap();
    assert_eq!(can(&after, "user:ann", "2"), Verdict::Allowed);
    assert!(after.groups.iter().all(|group| group.id != "old"));
    let mut kept = Snapshot::clone(&before);
    kept.groups.iter_mut().for_each(|group| group.provenance = GroupSource::Directory);
    let after = what_if(&Arc::new(kept), &delete).unwrap();
    assert_eq!(can(&after, "user:ann", "2"), Verdict::Denied, "the entries of a group of a directory stay");
    let (before, _) = small("cloud");
    assert_eq!(can(&what_if(&before, &delete).unwrap(), "user:ann", "2"), Verdict::Unknown);
}

#[test]
fn what_the_product_cannot_do_is_refused_with_the_line() {
    let refused = |word: &str, step: Value| {
        let steps = json!([{"step": "grant", "space": "ENG", "subject": "user:bob", "permissions": ["view"]}, step]);
        what_if(&small(word).0, &plan(steps)).unwrap_err().to_string()
    };
    let edit = json!({"step": "grant", "space": "ENG", "subject": "user:bob", "permissions": ["edit_page"]});
    assert!(refused("cloud", edit).starts_with(
        "line 2, `grant user:bob edit_page in ENG`: `edit_page` is not given by itself on Cloud: `create_page` also lets"
    ));
    let archive = json!({"step": "grant", "space": "ENG", "subject": "user:bob", "permissions": ["archive_page"]});
    assert!(refused("datacenter", archive).contains("Data Center does not give `archive_page` by itself"));
    let role = json!({"step": "assign_role", "space": "ENG", "subject": "user:bob", "role": "Viewer"});
    assert!(refused("datacenter", role).contains("this site has no roles in spaces: use `grant`"));
    let blind = json!({"step": "grant", "space": "HR", "subject": "user:bob", "permissions": ["create_page"]});
    assert!(refused("cloud", blind).contains("`create_page` needs `view`, which `user:bob` does not have"));
    let news = json!({"step": "move", "content": "4", "parent": "1"});
    assert!(refused("cloud", news).contains("`4` is a blogpost: only pages are moved by an API"));
    let circle = json!({"step": "move", "content": "1", "parent": "2"});
    assert!(refused("cloud", circle).contains("`2` is below `1`"));
    let nobody = json!({"step": "revoke", "space": "ENG", "subject": "user:zeo"});
    assert!(refused("cloud", nobody).contains("no account `zeo` in this snapshot: did you mean `zoe`?"));
    let unseen = json!({"step": "grant", "space": "ENG", "subject": "user:712020:9f2c", "permissions": ["view"]});
    let text = refused("cloud", unseen);
    assert!(
        text.contains("no account `712020:9f2c` in this snapshot; the site may have it: a snapshot holds"),
        "{text}"
    );
    let nowhere = json!({"step": "revoke", "space": "ENGG", "subject": "user:zoe"});
    let text = refused("cloud", nowhere);
    assert!(text.contains("`ENGG`") && text.contains("did you mean `ENG`?"), "{text}");
}

#[test]
fn a_plan_for_another_site_is_refused() {
    let (before, _) = small("cloud");
    let mut plan = plan(json!([]));
    for (site, fits) in [
        ("https://acme.example/wiki", true),
        ("https://ACME.example/", true),
        ("https://other.example", false),
        ("https://acme.example/confluence", false),
    ] {
        plan.site = Some(site.to_owned());
        assert_eq!(what_if(&before, &plan).is_ok(), fits, "{site}");
    }
    let text = what_if(&before, &plan).unwrap_err().to_string();
    assert!(text.starts_with("the plan was made for `https://acme.example/confluence`, and this is"), "{text}");
}

#[test]
fn an_unknown_role_leaves_its_holder_unknown_and_nobody_else() {
    let (before, _) = small("cloud");
    let assign = plan(json!([{"step": "assign_role", "space": "HR", "subject": "user:bob", "role": "Boss"}]));
    let after = what_if(&before, &assign).unwrap();
    assert_eq!([can(&after, "user:bob", "3"), can(&after, "user:zoe", "3")], [Verdict::Unknown, Verdict::Denied]);
    let known = plan(json!([{"step": "assign_role", "space": "HR", "subject": "user:bob", "role": "viewer"}]));
    assert_eq!(can(&what_if(&before, &known).unwrap(), "user:bob", "3"), Verdict::Allowed);
}

#[test]
fn a_group_that_opens_the_product_takes_the_licence_along() {
    let (before, deployment) = small("datacenter");
    let mut before = Snapshot::clone(&before);
    before.site.global_permissions = Some(vec![GlobalPermission {
        subject: Subject::group("eng"),
        subject_name: None,
        permission: SitePermission::Use,
        raw: None,
        source: Default::default(),
    }]);
    let before = Arc::new(before);
    assert_eq!(deployment, Deployment::DataCenter);
    let remove = plan(json!([
        {"step": "grant", "space": "HR", "subject": "user:bob", "permissions": ["view"]},
        {"step": "remove_member", "group": "eng", "user": "user:bob"},
    ]));
    assert_eq!(can(&what_if(&before, &remove).unwrap(), "user:bob", "3"), Verdict::Denied);
    let mut unknown = Snapshot::clone(&before);
    unknown.site.global_permissions = None;
    let after = what_if(&Arc::new(unknown), &remove).unwrap();
    assert_eq!(after.users.iter().map(|user| user.licensed).collect::<Vec<_>>(), [Some(true), None, Some(true)]);
}

#[test]
fn a_plan_is_read_back_from_its_file_and_a_damaged_one_is_not() {
    let steps = json!([
        {"step": "revoke", "space": "ENG", "subject": "user:zoe"},
        {"step": "unrestrict", "contents": ["1"], "operation": "view"},
        {"step": "move", "content": "2", "parent": "1"},
    ]);
    let plan = plan(steps);
    let text = plan.to_json().unwrap();
    assert_eq!(ChangePlan::from_json(&text).unwrap(), plan);
    assert!(!text.contains("permissions") && text.contains("\"step\": \"revoke\""), "{text}");
    let wrong = |text: &str| ChangePlan::from_json(text).unwrap_err().to_string();
    assert!(wrong("[]").starts_with("it is not a plan: `kind` must be"));
    assert!(wrong("{").starts_with("it is not a plan: "));
    assert!(wrong(&text.replace("\"format\": 1", "\"format\": 2")).contains("newer than this version"));
    assert!(
        wrong(&text.replace("\"revoke\"", "\"revok\"")).starts_with("line 1: unknown variant `revok`, expected one of")
    );
    assert!(wrong(&text.replace("\"view\"", "\"fly\"")).starts_with("line 2: unknown variant `fly`"));
    assert!(
        wrong(&text.replace("\"parent\": \"1\"", "\"parent\": \" \""))
            .starts_with("line 3: the id of a content is empty")
    );
    assert!(
        wrong(&text.replace("\"parent\": \"1\"", "\"parent\": \"1\", \"at\": 3"))
            .starts_with("line 3: unknown field `at`")
    );
}
