"""Plans through the public names: written, foretold, applied, taken back, saved."""

import asyncio
import copy
import json
import pickle
from typing import Any

import pytest
from random_site import random_site

from confluence_access import (
    AmbiguousError,
    AsyncConfluence,
    ConfigurationError,
    LockoutError,
    NotFoundError,
    NotInSnapshotError,
    OtherSiteError,
    Plan,
    PlanError,
    RolesOnlyError,
    Simulator,
    Snapshot,
    cli,
)

SITE: dict[str, Any] = {
    "users": {
        "ann": {"name": "ann", "display_name": "Ann Lee"},
        "zoe": {"name": "zoe", "active": False},
        "bob": {"name": "bob"},
    },
    "groups": {
        "eng": {"name": "eng", "members": ["user:ann", "user:zoe"]},
        "old": {"name": "old", "members": ["user:bob"]},
    },
    "spaces": {
        "ENG": {"grants": {"group:eng": ["view", "create_page"], "user:zoe": ["view"]}},
        "HR": {"grants": {"user:ann": ["view"]}},
    },
    "contents": {
        "1": {"type": "page", "space": "ENG", "title": "Home"},
        "2": {"type": "page", "space": "ENG", "parent": "1", "title": "Plan"},
        "3": {"type": "page", "space": "HR", "title": "Staff"},
    },
    "restrictions": {"2": {"read": ["user:ann", "user:zoe"]}},
}


@pytest.fixture(params=["cloud", "datacenter"])
def deployment(request):
    return request.param


@pytest.fixture
def snap(deployment):
    return Snapshot.from_dict(SITE, deployment=deployment)


def can(snapshot, who, content, operation="view"):
    return str(snapshot.access().can(who, operation, content))


def test_the_plan_of_the_documentation_reads_line_by_line(snap):
    plan = (
        Plan()
        .revoke("ENG", "user:zoe")
        .grant("ENG", "group:eng", ["view"])
        .replace("user:zoe", "group:eng")
        .delete("group:old")
        .restrict("2", "view", ["group:eng"])
    )
    assert str(plan).splitlines() == [
        "1. revoke every permission in ENG from user:zoe",
        "2. grant group:eng view in ENG",
        "3. replace user:zoe by group:eng",
        "4. delete group old",
        "5. restrict view of 2: add group:eng",
    ]
    assert repr(plan).startswith("<Plan of 5 lines>\n1. revoke")
    assert len(plan) == 5
    assert plan[3].step == "delete"
    assert plan[-1].line == 5
    assert [step.text for step in plan][3] == "delete group old"
    assert plan[0].arguments == {"space": "ENG", "subject": "user:zoe"}
    after = snap.what_if(plan)
    assert [row.subject for row in after.restrictions if row.content_id == "2"] == ["user:ann", "group:eng"]
    assert not [row for row in after.space_permissions if row.subject == "user:zoe"]
    assert can(after, "user:ann", "2") == "allowed"


def test_every_builder_adds_its_line(snap):
    plan = Plan(for_site="https://acme.example")
    assert plan.set("ENG", {"group:eng": ["view"], "user:bob": []}) is plan
    plan.unrestrict(["1", "2"], "read").set_restrictions("2", "edit", "user:ann")
    plan.assign_role("ENG", "class:all-licensed-users", "Viewer").remove_role("ENG", "user:ann")
    plan.add_member("eng", ["user:ann", "bob"]).remove_member("group:eng", "user:zoe")
    plan.move("https://acme.example/spaces/ENG/pages/2/Plan", 1)
    assert [step.step for step in plan] == [
        "set",
        "set",
        "unrestrict",
        "set_restrictions",
        "assign_role",
        "remove_role",
        "add_member",
        "add_member",
        "remove_member",
        "move",
    ]
    assert plan[2].arguments == {"contents": ["1", "2"], "operation": "view"}
    assert plan[9].arguments == {"content": "2", "parent": "1"}


def test_what_cannot_be_meant_is_refused_at_once():
    # A type checker refuses these as well.
    plan: Any = Plan()
    made: Any = Plan
    for call, text in [
        (lambda: plan.grant("ENG", "user:a", ["veiw"]), "did you mean `view`"),
        (lambda: plan.grant("ENG", "user:a", []), "no permission is named"),
        (lambda: plan.grant(" ", "user:a", "view"), "empty"),
        (lambda: plan.grant("ENG", "", "view"), "empty"),
        (lambda: plan.grant("ENG", "class:all-licensed-users", "view"), "use `assign_role`"),
        (lambda: plan.revoke("ENG"), "no subject is named"),
        (lambda: plan.set("ENG", {}), "no subject is named"),
        (lambda: plan.restrict("1", "view", []), "no subject is named"),
        (lambda: plan.restrict([], "view", "user:a"), "no content is named"),
        (lambda: plan.restrict("1", "view", "anonymous"), "expected a user or a group"),
        (lambda: plan.restrict("1", "export", "user:a"), "no list restricts `export`"),
        (lambda: plan.add_member("eng", "group:ops"), "members of groups are accounts"),
        (lambda: plan.add_member("eng", []), "no account is named"),
        (lambda: plan.replace("user:a", "user:a"), "cannot replace itself"),
        (lambda: plan.replace("anonymous", "user:a"), "expected a user or a group"),
        (lambda: plan.delete("user:a"), "expected a group"),
        (lambda: plan.move("1", "1"), "below itself"),
        (lambda: plan.move("https://x.example/pages/1", "2"), "not the address"),
        (lambda: plan.assign_role("ENG", "user:a", None), "a role is given by its name"),
        (lambda: made(for_site=7), "`for_site`"),
        (lambda: made.from_findings(["x"]), "expected rows of `access.findings"),
    ]:
        with pytest.raises(ConfigurationError, match=text):
            call()
    assert len(plan) == 0
    assert str(plan) == ""
    assert repr(plan) == "<Plan of 0 lines>"


def test_records_become_lines(snap):
    plan = Plan()
    for row in snap.space_permissions:
        if row.subject == "user:zoe":
            plan.revoke(row)
    for row in snap.restrictions:
        if row.subject == "user:zoe":
            plan.revoke(row)
    assert str(plan) == "1. revoke view in ENG from user:zoe\n2. unrestrict view of 2: remove user:zoe"
    with pytest.raises(ConfigurationError, match="give it alone"):
        plan.revoke(snap.restrictions[0], "user:ann")


def test_findings_become_lines_and_the_fix_ends_them(snap):
    findings = snap.access().findings(codes=["inactive_entry", "individual_entries"])
    plan = Plan.from_findings(findings, for_site=snap)
    assert str(plan) == "1. revoke view in ENG from user:zoe\n2. unrestrict view of 2: remove user:zoe"
    assert not len(snap.what_if(plan).access().findings(codes=["inactive_entry"]))


def test_a_plan_is_saved_loaded_copied_pickled_and_compared(tmp_path):
    plan = Plan(for_site="https://acme.example").revoke("ENG", "user:zoe").move("2", "1")
    path = plan.save(tmp_path / "plan.json")
    assert Plan.load(path) == plan == pickle.loads(pickle.dumps(plan))
    assert json.loads(path.read_text())["steps"][0] == {"step": "revoke", "space": "ENG", "subject": "user:zoe"}
    other = copy.copy(plan).delete("old")
    assert len(plan) == 2
    assert other != plan
    assert plan != Plan().revoke("ENG", "user:zoe").move("2", "1")
    with pytest.raises(TypeError):
        hash(plan)
    for text, message, line in [
        ("[]", "not a plan", None),
        ("\udcff", "not a plan", None),
        (path.read_text().replace('"format": 1', '"format": 9'), "newer than this version", None),
        (path.read_text().replace('"revoke"', '"revok"'), "line 1: unknown variant `revok`", 1),
    ]:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(PlanError, match=message) as raised:
            Plan.load(path)
        assert raised.value.line == line
        assert pickle.loads(pickle.dumps(raised.value)).line == line
    with pytest.raises(FileNotFoundError):
        Plan.load(tmp_path / "none.json")


def test_what_a_snapshot_does_not_have_is_an_error_with_the_line(snap):
    with pytest.raises(NotFoundError, match=r"line 1, .*no account `zoee`") as raised:
        snap.what_if(Plan().revoke("ENG", "user:zoee"))
    assert raised.value.nearest == ("zoe",)
    with pytest.raises(NotInSnapshotError, match=r"`ENGG`.* did you mean `ENG`"):
        snap.what_if(Plan().revoke("ENGG", "user:zoe"))
    with pytest.raises(NotInSnapshotError, match="no content `9`"):
        snap.what_if(Plan().restrict("9", "view", "user:ann"))
    contents = {**SITE["contents"], "4": {"type": "page", "space": "HR", "title": "Plan"}}
    twins = Snapshot.from_dict({**SITE, "contents": contents})
    with pytest.raises(AmbiguousError) as ambiguous:
        twins.what_if(Plan().restrict("Plan", "view", "user:ann"))
    assert ambiguous.value.candidates == ("2", "4")
    with pytest.raises(PlanError, match="line 1") as refused:
        snap.what_if(Plan().move("1", "2"))
    assert refused.value.line == 1
    with pytest.raises(ConfigurationError, match="expected a `Plan`"):
        snap.what_if([])
    roles = Snapshot.from_dict({**SITE, "role_mode": "ROLES"})
    with pytest.raises(RolesOnlyError):
        roles.what_if(Plan().grant("ENG", "user:bob", "view"))


def test_an_added_row_says_which_line_added_it(snap):
    after = snap.what_if(Plan().grant("ENG", "Ann Lee", "view"))
    row = after.space_permissions[-1]
    assert (row.subject_name, row.source) == ("Ann Lee", "plan line 1: grant Ann Lee view in ENG")
    assert snap.what_if(Plan()) == snap


@pytest.fixture
def served(deployment):
    with Simulator(site=SITE, deployment=deployment) as simulator, simulator.connect() as wiki:
        yield simulator, wiki
        assert simulator.unexpected == []


def test_a_plan_is_rehearsed_applied_and_taken_back(served):
    _, wiki = served
    before = wiki.snapshot()
    plan = Plan(for_site=wiki).replace("user:zoe", "user:bob").restrict("1", "edit", "group:eng").move("2", "3")
    foretold = before.what_if(plan)
    rehearsed = wiki.apply(plan, dry_run=True, allow_lockout=True)
    assert {row.outcome for row in rehearsed} == {"would_add", "would_remove"}
    assert wiki.snapshot().restrictions == before.restrictions
    done = wiki.apply(plan, allow_lockout=True)
    assert {row.outcome for row in done} == {"added", "removed"}, done
    assert [row.line for row in done] == sorted(row.line for row in done)
    assert {row.kind for row in done} == {"permission", "restriction", "member", "parent"}
    now = wiki.snapshot()
    for who in ("user:ann", "user:bob", "user:zoe"):
        for content in ("1", "2", "3"):
            assert can(now, who, content) == can(foretold, who, content), (who, content)
    assert done.undo() == rehearsed.undo()
    assert done.irreversible == ()
    again = pickle.loads(pickle.dumps(done))
    assert again == done
    assert again.undo() == done.undo()
    back = wiki.apply(done.undo())
    assert {row.outcome for row in back} == {"added", "removed"}
    for who in ("user:ann", "user:bob", "user:zoe"):
        for content in ("1", "2", "3"):
            assert can(wiki.snapshot(), who, content) == can(before, who, content), (who, content)


def test_what_cannot_be_taken_back_is_named(served):
    _, wiki = served
    done = wiki.apply(Plan().delete("old").grant("ENG", "user:bob", "view"), allow_lockout=True)
    assert [row.kind for row in done] == ["group", "permission"]
    assert done.irreversible == ("group old: a deleted group cannot be restored",)
    assert "cannot be taken back: group old: a deleted group cannot be restored" in done._repr_html_()
    with pytest.raises(PlanError, match="a deleted group cannot be restored"):
        done.undo()
    assert str(done.undo(partial=True)) == "1. revoke view in ENG from user:bob"


def test_a_failure_stops_or_is_passed_over_and_the_plan_resumes(served):
    simulator, wiki = served
    plan = Plan().grant("ENG", "user:bob", "view").unrestrict("2", "view", "user:zoe")
    method = "POST" if simulator._deployment == "cloud" else "PUT"
    simulator.fail("/permission", method=method, status=403, times=1)
    stopped = wiki.apply(plan)
    assert [row.outcome for row in stopped] == ["failed", "failed"]
    resumed = wiki.apply(plan, resume=stopped, on_error="continue")
    assert [row.outcome for row in resumed] == ["added", "removed"]
    assert [row.outcome for row in wiki.apply(plan, resume=resumed)] == ["added", "removed"]
    assert [row.outcome for row in wiki.apply(plan)] == ["skipped", "skipped"]
    with pytest.raises(ConfigurationError, match="`resume`"):
        wiki.apply(plan, resume=wiki.spaces())
    with pytest.raises(ConfigurationError, match="`on_error`"):
        wiki.apply(plan, on_error="ignore")


def test_a_plan_that_must_not_be_applied_is_refused(served):
    _, wiki = served
    with pytest.raises(ConfigurationError, match="no lines"):
        wiki.apply(Plan())
    with pytest.raises(OtherSiteError, match=r"made for `https://other\.example`"):
        wiki.apply(Plan(for_site="https://other.example").delete("old"))
    with pytest.raises(NotFoundError, match="line 1"):
        wiki.apply(Plan().delete("nobody"))
    with pytest.raises(PlanError, match="line 1, `move 1 below 2`") as raised:
        wiki.apply(Plan().move("1", "2"))
    assert raised.value.line == 1
    own = wiki.snapshot()
    with pytest.raises(OtherSiteError):
        own.what_if(Plan(for_site="https://other.example").delete("old"))


def test_a_plan_does_not_lock_its_author_out():
    site = {**SITE, "caller": "user:ann"}
    with Simulator(site=site) as simulator, simulator.connect() as wiki, pytest.raises(LockoutError):
        wiki.apply(Plan().set_restrictions("2", "view", "user:bob"))


def test_a_plan_is_awaited(served):
    simulator, _ = served

    async def apply():
        settings: dict[str, Any] = {"deployment": "datacenter"} if simulator._deployment == "datacenter" else {}
        names: dict[str, Any] = {} if settings else {"username": simulator.username}
        async with AsyncConfluence(simulator.url, token=simulator.token, **settings, **names) as own:
            return await own.apply(Plan().grant("ENG", "user:bob", "view"), dry_run=True)

    assert [row.outcome for row in asyncio.run(apply())] == ["would_add"]


def test_the_console_prints_checks_and_applies_a_plan(tmp_path, capsys, monkeypatch):
    path = str(Plan().replace("user:zoe", "user:bob").delete("old").save(tmp_path / "plan.json"))
    folder = str(Snapshot.from_dict(SITE, deployment="datacenter").save(tmp_path / "snap"))
    assert cli.main(["plan", path]) == 0
    assert capsys.readouterr().out == "1. replace user:zoe by user:bob\n2. delete group old\n"
    assert cli.main(["plan", path, "--snapshot", folder]) == 0
    assert "1  removed  view in ENG for user:zoe" in capsys.readouterr().out
    assert cli.main(["plan", path, "--snapshot", folder, "--json"]) == 0
    assert {"line": 2, "added": False, "fact": "group old"} in json.loads(capsys.readouterr().out)["changes"]
    with Simulator(site=SITE) as simulator:
        monkeypatch.setenv("CONFLUENCE_URL", simulator.url)
        monkeypatch.setenv("CONFLUENCE_USERNAME", simulator.username)
        monkeypatch.setenv("CONFLUENCE_API_TOKEN", simulator.token)
        assert cli.main(["apply", path, "--dry-run"]) == 0
        assert "would_add" in capsys.readouterr().out
        undo = tmp_path / "undo.json"
        assert cli.main(["apply", path, "--undo", str(undo), "--json"]) == 0
        rows = json.loads(capsys.readouterr().out)
        assert {row["outcome"] for row in rows if row["kind"] == "group"} == {"removed"}
        assert "replace" not in undo.read_text()
        assert len(Plan.load(undo)) > 2
    (tmp_path / "plan.json").write_text("{}")
    assert cli.main(["plan", path]) == 1
    assert "not a plan" in capsys.readouterr().err


LEAVING: dict[str, Any] = {
    "users": {"ann": {"name": "ann"}, "zoe": {"name": "zoe"}, "bob": {"name": "bob"}},
    "groups": {
        "eng": {"name": "eng", "members": ["user:ann", "user:zoe", "user:bob"]},
        "all": {"name": "all", "members": ["group:eng"]},
    },
    "spaces": {
        "ENG": {"grants": {"group:eng": ["view", "create_page", "administer"], "user:zoe": ["view", "create_page"]}},
        "OWN": {"grants": {"user:zoe": ["view", "administer"]}},
    },
    "contents": {
        "1": {"type": "page", "space": "ENG", "title": "Plan"},
        "2": {"type": "page", "space": "ENG", "title": "Only hers"},
    },
    "restrictions": {"1": {"read": ["user:ann", "user:zoe"]}, "2": {"read": ["user:zoe"], "update": ["user:zoe"]}},
}


def still_named(snapshot, who):
    try:
        rows = snapshot.access().used_by(who)
    except NotFoundError:
        # An account that nothing names is not in a snapshot.
        return set()
    return {row.content_id or row.space_key or row.group_name for row in rows if row.path is None}


def test_offboarding_takes_what_can_be_taken_and_names_the_rest(deployment):
    with Simulator(site=LEAVING, deployment=deployment) as simulator, simulator.connect() as wiki:
        before = wiki.snapshot()
        plan = Plan.offboard(before, "zoe")
        assert plan.site == before.site.base_url
        assert [step.step for step in plan][:2] == ["revoke", "unrestrict"]
        assert "remove_member" in {step.step for step in plan}
        by_hand = "\n".join(plan.by_hand)
        assert "view restriction of `Only hers` (2): zoe stays as the last entry" in by_hand
        assert "edit restriction of `Only hers` (2): zoe stays as the last entry" in by_hand
        assert "space OWN: what zoe has stays, as nobody else administers it" in by_hand
        assert "account zoe: no API of Confluence deactivates it" in by_hand
        assert {row.outcome for row in wiki.apply(plan, dry_run=True)} == {"would_remove"}
        assert {row.outcome for row in wiki.apply(plan)} == {"removed"}
        after = wiki.snapshot()
        left = still_named(after, "user:zoe")
        assert left == {"2", "OWN"}
        assert all(any(name in text for text in plan.by_hand) for name in left)
        assert can(after, "user:bob", "2") == can(before, "user:bob", "2") == "denied"
        assert simulator.unexpected == []


def test_a_successor_gets_what_the_leaver_had(deployment):
    with Simulator(site=LEAVING, deployment=deployment) as simulator, simulator.connect() as wiki:
        before = wiki.snapshot()
        plan = Plan.offboard(before, "zoe", "bob")
        assert not [text for text in plan.by_hand if "stays" in text]
        done = wiki.apply(plan, on_error="continue")
        assert not [row for row in done if row.outcome == "failed"]
        after = wiki.snapshot()
        assert not still_named(after, "user:zoe")
        for content in ("1", "2"):
            assert can(after, "user:bob", content) == "allowed"
            assert can(after, "user:ann", content) == can(before, "user:ann", content)
        assert can(after, "user:bob", "2", "edit") == can(before, "user:zoe", "2", "edit")
        back = wiki.apply(done.undo(partial=True), allow_lockout=True)
        assert not [row for row in back if row.outcome == "failed"]
        assert still_named(wiki.snapshot(), "user:zoe") == still_named(before, "user:zoe")
        group = Plan.offboard(before, "zoe", "group:eng")
        assert "add_member" not in {step.step for step in group}
        assert "group:eng" in str(group)


def test_offboarding_on_random_sites_opens_nothing_and_forgets_nothing():
    seen = 0
    for seed in range(120):
        site, deployment = random_site(seed)
        before = Snapshot.from_dict(site, deployment=deployment, dangling="keep")
        access = before.access()
        for user in before.users:
            plan = Plan.offboard(before, user)
            after = before.what_if(plan)
            by_hand = "\n".join(plan.by_hand)
            for use in after.access().used_by(user):
                if use.path is None:
                    named = use.content_id or use.space_key or use.group_name or use.permission
                    assert f"({named})" in by_hand or f" {named}" in by_hand, (seed, user.id, use)
            for operation in ("view", "edit"):
                for content in before.contents:
                    old = {row.user_id for row in access.who_can(operation, content)}
                    new = {row.user_id for row in after.access().who_can(operation, content)}
                    assert new <= old, (seed, user.id, operation, content.id)
            seen += len(plan)
    assert seen > 200


def test_groups_of_a_directory_and_of_a_team_are_left_to_people():
    with Simulator(pages=60) as simulator, simulator.connect() as wiki:
        before = wiki.snapshot()
        plan = Plan.offboard(before, "Bob Lind")
        assert "group engineering: a directory manages it: remove Bob Lind there" in plan.by_hand
        assert "group Falcon crew: it follows a team: remove Bob Lind from the team" in plan.by_hand
        page = plan._repr_html_()
        assert page.count("<tr><td") == len(plan)
        assert "by hand: group Falcon crew: it follows a team" in page
        assert {row.outcome for row in wiki.apply(plan)} == {"removed"}
        assert still_named(wiki.snapshot(), "Bob Lind") == {"engineering", "Falcon crew", "operations"}
        # It is her own personal space: nobody else administers it.
        alone = Plan.offboard(before, "Ann Berg")
        assert [text for text in alone.by_hand if text.startswith("personal space ~")]
        assert [text for text in alone.by_hand if text.startswith("space ~")]
        assert {row.outcome for row in wiki.apply(alone, dry_run=True)} <= {"would_remove", "skipped"}


def test_a_role_goes_and_one_that_the_successor_has_stays():
    described: Any = {
        "users": {"ann": {}, "zoe": {}, "bob": {}},
        "role_mode": "ROLES",
        "roles": {"Viewer": ["view"], "Collaborator": ["view", "create_page"], "Admin": ["view", "administer"]},
        "spaces": {
            "ENG": {"role_assignments": {"user:zoe": ["Collaborator"], "user:ann": ["Viewer"], "user:bob": ["Admin"]}},
            "HR": {"role_assignments": {"user:zoe": ["Viewer"], "user:bob": ["Admin"]}},
        },
    }
    snapshot = Snapshot.from_dict(described)
    plan = Plan.offboard(snapshot, "user:zoe", "user:ann")
    assert str(plan).splitlines() == [
        "1. remove the role of user:zoe in ENG",
        "2. assign user:ann the role Viewer in HR",
        "3. remove the role of user:zoe in HR",
    ]
    assert "space ENG: user:ann keeps the role Viewer, as a subject has one role" in plan.by_hand[0]
    assert [row for row in snapshot.what_if(plan).space_permissions if row.subject == "user:zoe"] == []


def test_offboarding_refuses_what_is_not_an_account(snap):
    for arguments, error, text in [
        (("group:eng",), ConfigurationError, "only an account leaves"),
        (("anonymous",), ConfigurationError, "only an account leaves"),
        (("nobody",), NotFoundError, "nobody"),
        (("zoe", "zoe"), ConfigurationError, "cannot replace itself"),
        (("zoe", "anonymous"), ConfigurationError, "expected a user or a group"),
    ]:
        with pytest.raises(error, match=text):
            Plan.offboard(snap, *arguments)
    plan = Plan.offboard(snap, "zoe")
    assert pickle.loads(pickle.dumps(plan)).by_hand == copy.copy(plan).by_hand == plan.by_hand
    assert Plan().by_hand == ()


def test_the_console_offboards(tmp_path, capsys, monkeypatch, deployment):
    with Simulator(site=LEAVING, deployment=deployment) as simulator:
        for name in ("CONFLUENCE_USERNAME", "CONFLUENCE_API_TOKEN", "CONFLUENCE_PERSONAL_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("CONFLUENCE_URL", simulator.url)
        if deployment == "cloud":
            monkeypatch.setenv("CONFLUENCE_USERNAME", simulator.username)
            monkeypatch.setenv("CONFLUENCE_API_TOKEN", simulator.token)
        else:
            monkeypatch.setenv("CONFLUENCE_PERSONAL_TOKEN", simulator.token)
        assert cli.main(["offboard", "zoe", "--dry-run", "--json"]) == 0
        shown = capsys.readouterr()
        assert {row["outcome"] for row in json.loads(shown.out)} == {"would_remove"}
        assert "note: by hand: account zoe" in shown.err
        file = tmp_path / "plan.json"
        assert cli.main(["offboard", "zoe", "--replace-with", "bob", "--out", str(file)]) == 0
        shown = capsys.readouterr()
        assert "1. grant" in shown.out
        assert "“Only hers”" in shown.out
        assert len(Plan.load(file)) > 5
        undo = tmp_path / "undo.json"
        assert cli.main(["offboard", "zoe", "--undo", str(undo)]) == 0
        assert "removed" in capsys.readouterr().out
        assert len(Plan.load(undo)) > 2
        assert cli.main(["offboard", "zoe", "-q"]) == 0
        assert "nothing that an API can take away" in capsys.readouterr().out
        assert cli.main(["offboard", "nobody", "--dry-run"]) == 1
        assert "nobody" in capsys.readouterr().err


def test_a_restriction_that_was_there_before_the_plan_is_not_its_doing():
    site = {
        "users": {"ann": {}, "bob": {}, "cat": {}},
        "groups": {"eng": {"members": ["user:ann", "user:bob", "user:cat"]}},
        "spaces": {"ENG": {"grants": {"group:eng": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "ENG", "title": "Plans"}},
    }
    older = Snapshot.from_dict(site)
    newer = Snapshot.from_dict({**site, "restrictions": {"1": {"view": ["user:ann"]}}})
    after = newer.what_if(Plan().restrict("1", "view", ["user:bob"]))
    assert [(row.subject_id, row.cause) for row in after.diff(newer)] == [
        ("bob", "plan line 1: restrict view of 1: add user:bob")
    ]
    ((who, kind, cause),) = {(row.subject_id, row.cause_kind, row.cause) for row in after.diff(older)}
    assert (who, kind) == ("cat", "restriction")
    assert cause is not None
    assert cause.startswith("the view restriction of `Plans` was set: ")
    # Its doing it is where nobody else is on the list.
    alone = older.what_if(Plan().restrict("1", "view", ["user:ann"]))
    assert {row.cause for row in alone.diff(older)} == {"plan line 1: restrict view of 1: add user:ann"}
    open_again = newer.what_if(Plan().unrestrict("1", "view", ["user:ann"]))
    assert {row.cause_kind for row in open_again.diff(newer)} == {"plan"}
