//! Changes on Data Center over real sockets: what is sent, what is not, and what is made of the answers.

use confluence_access::fetch::{ErrorKind, WriteOptions};
use confluence_access::model::{Deployment, WriteOutcome, WriteResult};
use confluence_access::simulator::{Effect, Fault, JsonRpc, Options};
use serde_json::{Value, json};

use crate::support::session::{PLAIN, REHEARSED, Session, outcomes};
use crate::support::words;

fn site() -> Value {
    json!({
        "caller": "k-ann",
        "users": {
            "k-ann": {"name": "ann", "product_admin": true},
            "k-bob": {"name": "bob"},
            "k-eng": {"name": "eng"},
        },
        "groups": {
            "leads": {"members": ["user:k-ann"]},
            "eng": {"members": ["user:k-ann", "user:k-bob"]},
            "ops": {"members": ["user:k-bob"]},
            "a/b & c+d%e#f \"g\"": {"members": ["user:k-bob"]},
        },
        "spaces": {"ENG": {"grants": {
            "group:leads": ["view", "administer", "create_page", "restrict"],
            "user:k-bob": ["view", "create_comment"],
        }}},
        "contents": {"1": {"space": "ENG"}, "2": {"space": "ENG", "parent": "1"}},
        "restrictions": {"2": {"read": ["group:leads", "user:k-bob"], "update": ["user:k-ann"]}},
    })
}

fn session_with(options: Options) -> Session {
    Session::with(Options {
        deployment: Deployment::DataCenter,
        site: options.site.clone().or_else(|| Some(site())),
        ..options
    })
}

fn session(version: &str) -> Session {
    session_with(Options { version: version.to_owned(), context: "/confluence".to_owned(), ..Options::default() })
}

fn said(list: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    list.iter().map(|(what, outcome)| ((*what).to_owned(), *outcome)).collect()
}

const VERSIONS: [&str; 4] = ["7.19.0", "8.5.4", "9.2.0", "10.2.0"];

#[test]
fn a_permission_is_given_and_taken_on_every_version() {
    for version in VERSIONS {
        let talk = session(version);
        let give = words(&["view", "EDITSPACE", "comment create"]);
        let rehearsed = talk.run(talk.client.grant("ENG", "group:ops", &give, REHEARSED)).unwrap();
        let would = said(&[
            ("group:ops view", "would_add"),
            ("group:ops create_page", "would_add"),
            ("group:ops create_comment", "would_add"),
        ]);
        assert_eq!(outcomes(&rehearsed), would, "{version}");
        assert_eq!(talk.writes(), Vec::<String>::new(), "{version}");

        let done = talk.run(talk.client.grant("ENG", "group:ops", &give, PLAIN)).unwrap();
        assert!(done.iter().all(|row| row.outcome == WriteOutcome::Added), "{version}: {done:?}");
        let again = talk.run(talk.client.grant("ENG", "group:ops", &give, PLAIN)).unwrap();
        assert!(again.iter().all(|row| row.outcome == WriteOutcome::Skipped), "{version}: {again:?}");
        let sent = talk.writes();
        assert_eq!(sent.len(), 1, "{version}: {sent:?}");
        let rest = version.starts_with("9") || version.starts_with("10");
        let expected = if rest {
            "PUT /confluence/rest/api/space/ENG/permissions/group/ops/grant"
        } else {
            "POST /confluence/rpc/json-rpc/confluenceservice-v2/addPermissionsToSpace"
        };
        assert_eq!(sent.first().map(String::as_str), Some(expected));

        let taken = talk.run(talk.client.revoke("ENG", "group:ops", &words(&["view", "delete_page"]), PLAIN)).unwrap();
        let expected = said(&[("group:ops delete_page", "skipped"), ("group:ops view", "removed")]);
        assert_eq!(outcomes(&taken), expected, "{version}");
        let left = talk.run(talk.client.space_permissions("ENG")).unwrap();
        let of_ops = left.rows.iter().filter(|row| row.subject.to_string() == "group:ops").count();
        assert_eq!(of_ops, 2, "{version}: the others stay, unlike on Cloud");
        talk.understood();
    }
}

#[test]
fn every_permission_of_the_product_is_given_to_a_user_a_group_and_anonymous() {
    const ALL: [&str; 14] = [
        "space read",
        "space administer",
        "space export",
        "space restrict",
        "space delete_own",
        "space delete_mail",
        "page create",
        "page delete",
        "blogpost create",
        "blogpost delete",
        "comment create",
        "comment delete",
        "attachment create",
        "attachment delete",
    ];
    for version in VERSIONS {
        let talk = session(version);
        for subject in ["user:bob", "group:ops", "anonymous", "group:a/b & c+d%e#f \"g\""] {
            let done = talk.run(talk.client.grant("ENG", subject, &words(&ALL), PLAIN)).unwrap();
            assert_eq!(done.len(), 14, "{version} {subject}");
            let failed: Vec<&WriteResult> = done.iter().filter(|r| r.outcome == WriteOutcome::Failed).collect();
            assert!(failed.is_empty(), "{version} {subject}: {failed:?}");
            let taken = talk.run(talk.client.revoke("ENG", subject, &words(&ALL), PLAIN)).unwrap();
            assert!(taken.iter().all(|r| r.outcome == WriteOutcome::Removed), "{version} {subject}: {taken:?}");
        }
        talk.understood();
    }
}

#[test]
fn permissions_are_set_for_more_than_forty_subjects_and_an_empty_list_takes_all() {
    let mut described = site();
    for n in 0..90 {
        described["users"][format!("k-{n}")] = json!({"name": format!("u{n}")});
    }
    for version in ["8.5.4", "9.2.0"] {
        let talk =
            session_with(Options { version: version.to_owned(), site: Some(described.clone()), ..Options::default() });
        let mut wanted: Vec<(String, Vec<String>)> =
            (0..90).map(|n| (format!("user:u{n}"), words(&["view", "create_page"]))).collect();
        wanted.push(("user:bob".to_owned(), Vec::new()));
        let done = talk.run(talk.client.set_permissions("ENG", &wanted, PLAIN)).unwrap();
        assert_eq!(done.iter().filter(|row| row.outcome == WriteOutcome::Added).count(), 180, "{version}");
        assert_eq!(done.iter().filter(|row| row.outcome == WriteOutcome::Removed).count(), 2, "{version}");
        let posts = talk
            .simulator
            .requests()
            .iter()
            .filter(|r| r.path.ends_with("/ENG/permissions") && r.method == "POST")
            .count();
        assert_eq!(posts, if version == "9.2.0" { 3 } else { 0 }, "forty at a time, where there is REST");
        let left = talk.run(talk.client.space_permissions("ENG")).unwrap();
        assert!(left.rows.iter().any(|row| row.subject.to_string() == "group:leads"), "who is not named keeps all");
        talk.understood();
    }
}

#[test]
fn what_the_product_does_not_have_is_refused_before_anything_is_sent() {
    let talk = session("9.2.0");
    for word in ["veiw", "page read", "archive page", "space", ""] {
        let error = talk.run(talk.client.grant("ENG", "group:ops", &words(&[word]), PLAIN)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{word}: {error}");
        assert!(talk.simulator.requests().is_empty(), "{word}");
    }
    let error = talk.run(talk.client.grant("ENG", "class:all-licensed-users", &words(&["view"]), PLAIN)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let error = talk.run(talk.client.grant("ENG", "group:nobody", &words(&["view"]), PLAIN)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = talk.run(talk.client.grant("NONE", "group:ops", &words(&["view"]), PLAIN)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = talk.run(talk.client.assign_role("ENG", "group:ops", "Viewer", PLAIN)).unwrap_err();
    assert!(error.to_string().contains("Cloud only"), "{error}");
    assert_eq!(talk.writes(), Vec::<String>::new());
}

#[test]
fn a_username_that_is_a_group_as_well_is_not_written_by_json_rpc() {
    let talk = session("8.5.4");
    let done = talk.run(talk.client.grant("ENG", "user:eng", &words(&["view"]), PLAIN)).unwrap();
    assert_eq!(outcomes(&done), said(&[("user:k-eng view", "failed")]));
    assert!(
        done[0].message.as_deref().unwrap_or_default().contains("does not distinguish users from groups"),
        "{done:?}"
    );
    assert_eq!(talk.writes(), Vec::<String>::new());
    // REST names them apart.
    let talk = session("9.2.0");
    let done = talk.run(talk.client.grant("ENG", "user:eng", &words(&["view"]), PLAIN)).unwrap();
    assert_eq!(outcomes(&done), said(&[("user:k-eng view", "added")]));
}

#[test]
fn nobody_locks_himself_out_of_a_space_unasked() {
    for version in VERSIONS {
        let talk = session(version);
        let take = words(&["administer"]);
        let error = talk.run(talk.client.revoke("ENG", "group:leads", &take, PLAIN)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Lockout, "{version}: {error}");
        assert_eq!(talk.writes(), Vec::<String>::new(), "{version}");
    }
}

#[test]
fn where_no_way_of_writing_is_open_every_row_says_so() {
    let talk = session_with(Options { version: "8.5.4".to_owned(), json_rpc: JsonRpc::Off, ..Options::default() });
    let done = talk.run(talk.client.grant("ENG", "group:ops", &words(&["view"]), PLAIN)).unwrap();
    assert_eq!(outcomes(&done), said(&[("group:ops view", "failed")]));
    let why = done[0].message.as_deref().unwrap_or_default();
    assert!(why.contains("remote API"), "{why}");
}

#[test]
fn a_write_whose_answer_is_lost_is_read_back() {
    let talk = session("9.2.0");
    talk.simulator.inject(Fault::on("/grant", Effect::DropMidBody).once());
    let done = talk.run(talk.client.grant("ENG", "group:ops", &words(&["view"]), PLAIN)).unwrap();
    assert_eq!(outcomes(&done), said(&[("group:ops view", "added")]));
}

#[test]
fn a_list_is_written_whole_and_the_other_one_stays() {
    for version in VERSIONS {
        let talk = session(version);
        let ids = words(&["2"]);
        let done = talk.run(talk.client.restrict(&ids, "view", &words(&["group:ops"]), PLAIN)).unwrap();
        assert_eq!(outcomes(&done), said(&[("group:ops view", "added")]), "{version}");
        let gone = talk.run(talk.client.unrestrict(&ids, "read", Some(&words(&["user:bob"])), PLAIN)).unwrap();
        assert_eq!(outcomes(&gone), said(&[("user:k-bob view", "removed")]), "{version}");
        let now = talk.run(talk.client.restrictions("2")).unwrap();
        let mut left: Vec<String> =
            now.rows.iter().map(|r| format!("{} {}", r.operation.as_str(), r.subject)).collect();
        left.sort();
        assert_eq!(left, ["edit user:k-ann", "view group:leads", "view group:ops"], "{version}");
        let put = talk.writes();
        assert_eq!(put, vec![format!("PUT /confluence{}", list_route(version)); 2], "{version}");

        let error = talk
            .run(talk.client.set_restrictions(&ids, "view", &words(&["user:bob"]), PLAIN))
            .expect_err("the caller would be shut out");
        assert_eq!(error.kind(), ErrorKind::Lockout, "{version}");
        talk.understood();
    }
}

/// The route that writes a restriction list.
fn list_route(version: &str) -> &'static str {
    if version.starts_with("7.") || version.starts_with("8.5") {
        "/rest/experimental/content/2/restriction"
    } else {
        "/rest/api/content/2/restriction"
    }
}

const LIST_VERSIONS: [&str; 5] = ["7.19.0", "8.5.17", "8.8.0", "9.2.0", "10.2.0"];

#[test]
fn a_list_is_written_by_the_route_its_version_has_with_and_without_json_rpc() {
    for version in LIST_VERSIONS {
        for json_rpc in [JsonRpc::On, JsonRpc::Off] {
            let talk = session_with(Options { version: version.to_owned(), json_rpc, ..Options::default() });
            let wanted = words(&["group:ops", "group:leads"]);
            let done = talk.run(talk.client.set_restrictions(&words(&["2"]), "edit", &wanted, PLAIN)).unwrap();
            let expected =
                said(&[("group:ops edit", "added"), ("group:leads edit", "added"), ("user:k-ann edit", "removed")]);
            assert_eq!(outcomes(&done), expected, "{version}: {done:?}");
            assert_eq!(talk.writes(), [format!("PUT {}", list_route(version))], "{version}");
            let all = talk.run(talk.client.unrestrict(&words(&["2"]), "view", None, PLAIN)).unwrap();
            assert!(all.iter().all(|row| row.outcome == WriteOutcome::Removed), "{version}: {all:?}");
            talk.understood();
        }
    }
}

#[test]
fn where_a_route_for_lists_is_missing_the_other_is_taken_and_remembered() {
    for (version, status, missing) in [
        ("8.5.17", 404, "/rest/experimental"),
        ("9.2.0", 405, "/rest/api/content"),
        ("9.2.0", 500, "/rest/api/content"),
    ] {
        let talk = session(version);
        let body = Some("<status><message>null for uri</message></status>".to_owned());
        talk.simulator.inject(Fault::on(missing, Effect::Status { status, retry_after: None, body }).method("PUT"));
        let done =
            talk.run(talk.client.restrict(&words(&["1", "2"]), "edit", &words(&["group:leads"]), PLAIN)).unwrap();
        let failed = outcomes(&done).iter().filter(|(_, outcome)| *outcome == "failed").count();
        // A failing server is no missing route, and 8.5 has no other one: JSON-RPC writes there.
        assert_eq!(failed, if status == 500 { 2 } else { 0 }, "{version} {status}: {done:?}");
        let by_rpc = talk.writes().iter().filter(|line| line.contains("setContentPermissions")).count();
        assert_eq!(by_rpc, if version == "8.5.17" { 2 } else { 0 }, "{version} {status}: {:?}", talk.writes());
    }
}

#[test]
fn a_server_that_takes_the_other_form_of_a_list_is_written_to_in_that_form() {
    let talk = session("8.5.17");
    talk.simulator.inject(Fault::status("/rest/experimental", 500).method("PUT"));
    let done = talk.run(talk.client.restrict(&words(&["1"]), "edit", &words(&["group:leads"]), PLAIN)).unwrap();
    assert_eq!(outcomes(&done), said(&[("group:leads edit", "failed")]), "neither form: {done:?}");
    let talk = session("9.2.0");
    // A refusal of the first body, as a server of another form gives it.
    talk.simulator.inject(Fault::status("/rest/api/content/1/restriction", 400).method("PUT").once());
    let done = talk.run(talk.client.restrict(&words(&["1"]), "edit", &words(&["group:leads"]), PLAIN)).unwrap();
    assert_eq!(outcomes(&done), said(&[("group:leads edit", "added")]));
    assert_eq!(talk.writes().len(), 2, "{:?}", talk.writes());
    talk.understood();
}

#[test]
fn without_any_way_of_writing_a_list_the_row_names_both() {
    let talk = session_with(Options { version: "8.5.17".to_owned(), json_rpc: JsonRpc::Off, ..Options::default() });
    talk.simulator.inject(Fault::status("/rest/experimental", 405).method("PUT"));
    let done = talk.run(talk.client.restrict(&words(&["1"]), "edit", &words(&["group:leads"]), PLAIN)).unwrap();
    assert_eq!(outcomes(&done), said(&[("group:leads edit", "failed")]));
    let why = done[0].message.as_deref().unwrap_or_default();
    assert!(why.contains("no route of REST") && why.contains("remote API"), "{why}");
}

#[test]
fn a_subject_is_taken_off_every_list_but_no_content_is_opened() {
    let talk = session("9.2.0");
    let done = talk.run(talk.client.unrestrict_all("user:bob", None, PLAIN)).unwrap();
    assert!(done.gaps.is_empty(), "{:?}", done.gaps);
    assert_eq!(outcomes(&done.rows), said(&[("user:k-bob view", "removed")]));
    let kept = talk.run(talk.client.unrestrict_all("user:ann", None, WriteOptions { allow_lockout: true, ..PLAIN }));
    let kept = kept.unwrap();
    assert_eq!(outcomes(&kept.rows), said(&[("user:k-ann edit", "failed")]));
    assert!(kept.rows[0].message.as_deref().unwrap_or_default().contains("allow_open"), "{:?}", kept.rows);
}

#[test]
fn a_refused_list_says_why_and_is_read_back() {
    let talk = session("9.2.0");
    talk.simulator.inject(Fault::status("/content/1/restriction", 403).method("PUT"));
    let done = talk.run(talk.client.restrict(&words(&["1"]), "edit", &words(&["group:leads"]), PLAIN)).unwrap();
    assert_eq!(outcomes(&done), said(&[("group:leads edit", "failed")]));
    assert!(done[0].message.is_some());
}
