//! What both deployments promise: one suite, run against a simulator of each over real sockets.

use std::collections::BTreeSet;
use std::sync::Arc;

use confluence_access::fetch::{Error, ErrorKind};
use confluence_access::model::{
    Decision, Deployment, GapScope, Operation, RestrictionOperation, Snapshot, Subject, Verdict, WriteResult,
};
use confluence_access::resolve::Access;
use confluence_access::simulator::{Fault, Options};
use serde_json::{Value, json};

use crate::support::session::{PLAIN, REHEARSED, Session};
use crate::support::{BOTH, words};

fn site() -> Value {
    json!({
        "role_mode": "PRE_ROLES",
        "caller": "k-ann",
        "users": {
            "k-ann": {"name": "ann", "display_name": "Ann Lee", "product_admin": true},
            "k-bob": {"name": "bob", "display_name": "Bob Ray"},
            "k-cat": {"name": "cat", "display_name": "Cat Poe"},
        },
        "groups": {
            "leads": {"members": ["user:k-ann"]},
            "eng": {"members": ["user:k-ann", "user:k-bob"]},
        },
        "spaces": {
            "ENG": {"grants": {
                "group:leads": ["view", "administer", "create_page", "restrict"],
                "group:eng": ["view", "create_page"],
                "user:k-cat": ["view", "create_comment"],
            }},
            "OLD": {"archived": true, "grants": {"group:leads": ["view", "administer"]}},
        },
        "contents": {
            "1": {"space": "ENG", "title": "Top"},
            "2": {"space": "ENG", "parent": "1", "title": "Plan"},
            "3": {"space": "ENG", "parent": "2", "title": "Detail"},
            "4": {"space": "ENG", "type": "blogpost", "title": "News"},
            "9": {"space": "OLD", "title": "Past"},
        },
        "restrictions": {"2": {"read": ["group:leads", "user:k-cat"], "update": ["user:k-ann"]}},
    })
}

/// A deployment under test.
struct Talk {
    deployment: Deployment,
    session: Session,
}

impl std::ops::Deref for Talk {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl Talk {
    fn with(deployment: Deployment) -> Self {
        Self { deployment, session: Session::with(Options { deployment, site: Some(site()), ..Options::default() }) }
    }

    fn snapshot(&self, spaces: Option<&[&str]>) -> Result<Snapshot, Error> {
        self.run(self.client.snapshot(spaces.map(words), Default::default()))
    }

    /// Who holds what in a space.
    fn held(&self, space: &str) -> BTreeSet<String> {
        let listed = self.run(self.client.space_permissions(space)).unwrap();
        assert_eq!(listed.gaps, []);
        listed.rows.iter().map(|row| format!("{} {}", row.subject, row.permission)).collect()
    }

    /// Who stands on a list of a content.
    fn listed(&self, content: &str, operation: RestrictionOperation) -> BTreeSet<String> {
        let listed = self.run(self.client.restrictions(content)).unwrap();
        assert_eq!(listed.gaps, []);
        listed.rows.iter().filter(|row| row.operation == operation).map(|row| row.subject.to_string()).collect()
    }
}

/// Runs a promise against Cloud and against Data Center.
fn on_both(promise: impl Fn(&Talk)) {
    for deployment in BOTH {
        println!("{}", deployment.as_str());
        let talk = Talk::with(deployment);
        promise(&talk);
        talk.understood();
    }
}

fn set(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

fn outcomes(rows: &[WriteResult]) -> Vec<String> {
    rows.iter().map(|row| format!("{} {} {}", row.subject, row.permission, row.outcome.as_str())).collect()
}

#[test]
fn spaces_are_listed_archived_ones_too() {
    on_both(|talk| {
        let spaces = talk.run(talk.client.spaces()).unwrap();
        let keys: BTreeSet<_> = spaces.rows.iter().map(|space| (space.key.as_str(), space.archived())).collect();
        assert_eq!(keys, BTreeSet::from([("ENG", false), ("OLD", true)]));
        assert_eq!(spaces.gaps, []);
    });
}

#[test]
fn contents_come_with_their_places_and_a_missing_space_is_named() {
    on_both(|talk| {
        let contents = talk.run(talk.client.contents("eng")).unwrap();
        let rows: Vec<_> = contents.rows.iter().map(|c| (c.id.as_str(), c.parent_id.as_deref())).collect();
        assert_eq!(rows, [("1", None), ("2", Some("1")), ("3", Some("2")), ("4", None)]);
        assert_eq!(contents.gaps, []);
        let error = talk.run(talk.client.contents("NONE")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("`NONE`"), "{error}");
        assert_eq!(talk.run(talk.client.contents(" \n")).unwrap_err().kind(), ErrorKind::Configuration);
    });
}

#[test]
fn permissions_of_a_space_are_told_in_the_same_words() {
    on_both(|talk| {
        let held = talk.held("ENG");
        for expected in [
            "group:leads administer",
            "group:leads restrict",
            "group:eng view",
            "group:eng create_page",
            "user:k-cat view",
            "user:k-cat create_comment",
        ] {
            assert!(held.contains(expected), "{expected} is not in {held:#?}");
        }
        let error = talk.run(talk.client.space_permissions("NONE")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    });
}

#[test]
fn restrictions_are_read_singly_and_in_bulk() {
    on_both(|talk| {
        assert_eq!(talk.listed("2", RestrictionOperation::View), set(&["group:leads", "user:k-cat"]));
        assert_eq!(talk.listed("2", RestrictionOperation::Edit), set(&["user:k-ann"]));
        assert_eq!(talk.listed("1", RestrictionOperation::View), set(&[]));
        let bulk = talk.run(talk.client.restrictions_of(&words(&["3", "2", "1"]))).unwrap();
        assert_eq!((bulk.rows.len(), bulk.gaps.len()), (3, 0));
        assert!(bulk.rows.iter().all(|row| row.content_id == "2"));
        let missing = talk.run(talk.client.restrictions_of(&words(&["2", "77"]))).unwrap();
        assert_eq!(missing.rows.len(), 3);
        assert_eq!(missing.gaps.iter().map(|gap| gap.subject.as_str()).collect::<Vec<_>>(), ["77"]);
        assert_eq!(talk.run(talk.client.restrictions("77")).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(talk.run(talk.client.restrictions("\u{7}")).unwrap_err().kind(), ErrorKind::Configuration);
    });
}

#[test]
fn groups_and_accounts_are_found_by_name() {
    on_both(|talk| {
        let groups = talk.run(talk.client.groups()).unwrap();
        let names: BTreeSet<_> = groups.rows.iter().filter_map(|group| group.name.clone()).collect();
        assert!(names.is_superset(&set(&["leads", "eng"])), "{names:?}");
        let eng = talk.run(talk.client.members("ENG")).unwrap();
        assert_eq!(eng.group.name.as_deref(), Some("eng"));
        assert!(eng.group.members_complete);
        let members: BTreeSet<_> = eng.memberships.iter().map(|row| row.member.to_string()).collect();
        assert_eq!(members, set(&["user:k-ann", "user:k-bob"]));
        assert_eq!(talk.run(talk.client.members("nobody")).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(talk.run(talk.client.find_user("Bob Ray")).unwrap().id, "k-bob");
        assert_eq!(talk.run(talk.client.find_user("No One")).unwrap_err().kind(), ErrorKind::NotFound);
        let users = talk.run(talk.client.users(&words(&["k-cat", "k-none"]))).unwrap();
        assert_eq!(users.rows.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), ["k-cat"]);
    });
}

#[test]
fn words_of_a_name_find_an_account_but_access_is_given_and_checked_by_the_whole_name() {
    on_both(|talk| {
        let refused = [
            talk.run(talk.client.grant("ENG", "ray", &words(&["view"]), REHEARSED)).unwrap_err(),
            talk.run(talk.client.check("3", "ray", "view")).unwrap_err(),
        ];
        for error in refused {
            assert_eq!(error.kind(), ErrorKind::NotFound);
            assert!(error.to_string().contains("did you mean Bob Ray (id k-bob"), "{error}");
        }
        assert_eq!(talk.run(talk.client.find_user("ray")).unwrap().id, "k-bob");
        let checked = talk.run(talk.client.check("3", "bob ray", "view")).unwrap();
        assert_eq!(checked.subject, Subject::user("k-bob"));
        let rows = talk.run(talk.client.grant("ENG", "Bob Ray", &words(&["view"]), REHEARSED)).unwrap();
        assert_eq!(outcomes(&rows), ["user:k-bob view would_add"]);
    });
}

#[test]
fn a_group_that_is_not_there_is_named_with_those_like_it() {
    on_both(|talk| {
        let failed = [
            talk.run(talk.client.members("lead")).unwrap_err(),
            talk.run(talk.client.check("3", "group:lead", "view")).unwrap_err(),
            talk.run(talk.client.restrict(&words(&["1"]), "view", &words(&["group:lead"]), PLAIN)).unwrap_err(),
        ];
        for error in failed {
            assert_eq!(error.kind(), ErrorKind::NotFound);
            assert!(error.to_string().contains("did you mean `leads`?"), "{error}");
        }
        assert_eq!(talk.writes(), [""; 0]);
    });
}

#[test]
fn a_snapshot_of_a_healthy_site_has_everything_once_and_no_gap() {
    on_both(|talk| {
        let snapshot = talk.snapshot(None).unwrap();
        assert_eq!(snapshot.site.deployment, talk.deployment);
        assert_eq!(snapshot.gaps, []);
        let ids: Vec<_> = snapshot.contents.iter().map(|content| content.id.as_str()).collect();
        assert_eq!(ids, ["1", "2", "3", "4", "9"]);
        assert_eq!(snapshot.restrictions.len(), 3);
        assert_eq!(snapshot.site.caller, Some(Subject::user("k-ann")));
        let members = snapshot.memberships.iter().filter(|row| row.group_id == "eng").count();
        assert_eq!(members, 2);
        assert!(snapshot.groups.iter().filter(|group| group.id == "eng").all(|group| group.members_complete));
        let again = talk.snapshot(None).unwrap();
        assert_eq!(
            again,
            Snapshot { taken_at: again.taken_at, ..snapshot.clone() },
            "the order depends on the network"
        );
        let access = Access::new(Arc::new(snapshot), None);
        let may = |who: &str, id: &str| access.can(&Subject::user(who), Operation::View, id);
        assert_eq!(may("k-cat", "3"), Verdict::Allowed);
        assert_eq!(may("k-bob", "3"), Verdict::Denied);
    });
}

#[test]
fn a_snapshot_of_some_spaces_holds_no_others_and_a_missing_one_ends_it() {
    on_both(|talk| {
        let snapshot = talk.snapshot(Some(&["OLD"])).unwrap();
        assert_eq!(snapshot.spaces.iter().map(|space| space.key.as_str()).collect::<Vec<_>>(), ["OLD"]);
        assert_eq!(snapshot.contents.iter().map(|content| content.id.as_str()).collect::<Vec<_>>(), ["9"]);
        let error = talk.snapshot(Some(&["OLD", "NONE"])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("`NONE`") && !error.to_string().contains("`OLD`"), "{error}");
    });
}

#[test]
fn what_cannot_be_read_is_a_gap_in_its_place_and_the_rest_is_there() {
    on_both(|talk| {
        talk.simulator.inject(Fault::status("/group/eng/member", 403));
        let snapshot = talk.snapshot(None).unwrap();
        let gaps: BTreeSet<_> = snapshot.gaps.iter().map(|gap| (gap.scope.clone(), gap.subject.as_str())).collect();
        assert_eq!(gaps, BTreeSet::from([(GapScope::Group, "eng")]), "{:#?}", snapshot.gaps);
        assert_eq!(snapshot.gaps[0].status, Some(403));
        assert!(snapshot.groups.iter().filter(|group| group.id == "eng").all(|group| !group.members_complete));
        assert!(snapshot.groups.iter().filter(|group| group.id == "leads").all(|group| group.members_complete));
        assert_eq!(snapshot.contents.len(), 5);
    });
}

#[test]
fn where_not_even_the_spaces_can_be_read_there_is_no_snapshot() {
    on_both(|talk| {
        // Which product answers is asked by a listing of spaces.
        talk.run(talk.client.deployment()).unwrap();
        talk.simulator.inject(Fault::status("/space", 403));
        assert_eq!(talk.snapshot(None).unwrap_err().kind(), ErrorKind::Forbidden);
    });
}

#[test]
fn a_dry_run_says_what_would_be_done_and_sends_nothing() {
    on_both(|talk| {
        let rows =
            talk.run(talk.client.grant("ENG", "user:k-bob", &words(&["view", "create_comment"]), REHEARSED)).unwrap();
        let mut said = outcomes(&rows);
        said.sort();
        assert_eq!(said, ["user:k-bob create_comment would_add", "user:k-bob view would_add"]);
        let rows = talk.run(talk.client.restrict(&words(&["1"]), "edit", &words(&["group:leads"]), REHEARSED)).unwrap();
        assert_eq!(outcomes(&rows), ["group:leads edit would_add"]);
        assert_eq!(talk.writes(), [""; 0]);
    });
}

#[test]
fn a_grant_is_written_once_and_taken_again() {
    on_both(|talk| {
        let grant = || talk.run(talk.client.grant("ENG", "user:k-bob", &words(&["view"]), PLAIN)).unwrap();
        assert_eq!(outcomes(&grant()), ["user:k-bob view added"]);
        assert!(talk.held("ENG").contains("user:k-bob view"));
        let sent = talk.writes();
        assert_eq!(outcomes(&grant()), ["user:k-bob view skipped"]);
        assert_eq!(talk.writes(), sent, "what is as wanted already is not written");
        let rows = talk.run(talk.client.revoke("ENG", "user:k-bob", &words(&["view"]), PLAIN)).unwrap();
        assert_eq!(outcomes(&rows), ["user:k-bob view removed"]);
        assert!(!talk.held("ENG").contains("user:k-bob view"));
    });
}

#[test]
fn a_list_is_changed_without_touching_the_other() {
    on_both(|talk| {
        let rows = talk.run(talk.client.restrict(&words(&["2"]), "view", &words(&["user:k-bob"]), PLAIN)).unwrap();
        assert_eq!(outcomes(&rows), ["user:k-bob view added"]);
        assert_eq!(talk.listed("2", RestrictionOperation::View), set(&["group:leads", "user:k-bob", "user:k-cat"]));
        assert_eq!(talk.listed("2", RestrictionOperation::Edit), set(&["user:k-ann"]));
        let gone = words(&["user:k-bob", "user:k-cat"]);
        let rows = talk.run(talk.client.unrestrict(&words(&["2"]), "view", Some(&gone), PLAIN)).unwrap();
        assert_eq!(outcomes(&rows), ["user:k-bob view removed", "user:k-cat view removed"]);
        assert_eq!(talk.listed("2", RestrictionOperation::View), set(&["group:leads"]));
        let set_to = words(&["group:leads", "group:eng"]);
        let rows = talk.run(talk.client.set_restrictions(&words(&["2"]), "view", &set_to, PLAIN)).unwrap();
        assert_eq!(outcomes(&rows), ["group:leads view skipped", "group:eng view added"]);
    });
}

#[test]
fn a_subject_is_taken_off_every_list_but_not_off_one_it_stands_on_alone() {
    on_both(|talk| {
        let rows = talk.run(talk.client.unrestrict_all("user:k-cat", None, PLAIN)).unwrap();
        assert_eq!(outcomes(&rows.rows), ["user:k-cat view removed"]);
        assert_eq!(rows.rows[0].title.as_deref(), Some("Plan"));
        assert_eq!(rows.gaps, []);
        let rows = talk.run(talk.client.unrestrict_all("group:leads", None, PLAIN)).unwrap();
        assert_eq!(outcomes(&rows.rows), ["group:leads view failed"]);
        assert_eq!(talk.listed("2", RestrictionOperation::View), set(&["group:leads"]));
    });
}

#[test]
fn nobody_locks_itself_out_unasked() {
    on_both(|talk| {
        let kinds = [
            talk.run(talk.client.revoke("ENG", "group:leads", &words(&["administer"]), PLAIN)).unwrap_err().kind(),
            talk.run(talk.client.restrict(&words(&["1"]), "view", &words(&["user:k-bob"]), PLAIN)).unwrap_err().kind(),
        ];
        assert_eq!(kinds, [ErrorKind::Lockout; 2]);
        assert_eq!(talk.writes(), [""; 0]);
    });
}

#[test]
fn a_write_that_is_refused_says_so_in_its_row() {
    on_both(|talk| {
        for method in ["PUT", "POST"] {
            talk.simulator.inject(Fault::restriction_of("1", 403).method(method));
        }
        let rows = talk.run(talk.client.restrict(&words(&["1"]), "view", &words(&["group:leads"]), PLAIN)).unwrap();
        assert_eq!(outcomes(&rows), ["group:leads view failed"]);
        assert!(rows[0].message.as_deref().is_some_and(|message| message.contains("403")), "{rows:?}");
        assert_eq!(talk.listed("1", RestrictionOperation::View), set(&[]));
    });
}

#[test]
fn nothing_is_written_about_somebody_who_is_not_there() {
    on_both(|talk| {
        let error = talk.run(talk.client.grant("ENG", "group:none", &words(&["view"]), PLAIN)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let twice = [("group:eng".to_owned(), words(&["view"])), ("group:ENG".to_owned(), words(&["view"]))];
        let error = talk.run(talk.client.set_permissions("ENG", &twice, PLAIN)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("named twice"), "{error}");
        assert_eq!(talk.writes(), [""; 0]);
    });
}

#[test]
fn the_site_itself_answers_a_question() {
    on_both(|talk| {
        let answer = |who: &str| talk.run(talk.client.check("3", who, "view")).unwrap().decision;
        assert_eq!(answer("user:k-cat"), Decision::Allowed);
        assert_ne!(answer("user:k-bob"), Decision::Allowed);
        let error = talk.run(talk.client.check("3", "user:k-cat", "like")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    });
}

#[test]
fn a_closed_client_asks_nothing() {
    on_both(|talk| {
        talk.run(talk.client.spaces()).unwrap();
        let sent = talk.simulator.requests().len();
        talk.client.close();
        assert_eq!(talk.run(talk.client.groups()).unwrap_err().kind(), ErrorKind::Closed);
        assert_eq!(talk.snapshot(None).unwrap_err().kind(), ErrorKind::Closed);
        assert_eq!(talk.simulator.requests().len(), sent);
    });
}
