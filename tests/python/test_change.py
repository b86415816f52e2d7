"""Confluence's own answers, and changes: what they do, skip and refuse."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest
from simulated import simulated

from confluence_access import (
    AsyncConfluence,
    ConfigurationError,
    Confluence,
    ForbiddenError,
    LockoutError,
    NotFoundError,
    RequestError,
    RolesOnlyError,
    Simulator,
    Snapshot,
    Verification,
)


def site(**more: Any) -> dict[str, Any]:
    """Ann administers ENG through her group, Bob writes, Cat only looks on, Root administers the product."""
    return {
        "role_mode": "PRE_ROLES",
        "caller": "ann",
        "users": {
            "ann": {"product_admin": True, "name": "Ann Berg", "email": "ann@acme.example"},
            "bob": {"name": "Bob Lind"},
            "cat": {"name": "Cat Moreau"},
            "gone": {"active": False},
        },
        "groups": {
            "leads": {"name": "Leads", "members": ["user:ann"]},
            "eng": {"name": "Engineers", "members": ["user:ann", "user:bob"]},
            "idle": {"name": "Idle", "members": ["user:cat"]},
        },
        "spaces": {
            "ENG": {
                "grants": {
                    "group:leads": ["view", "administer", "create_page", "restrict"],
                    "group:eng": ["view", "create_page", "restrict"],
                    "user:cat": ["view", "create_comment"],
                }
            }
        },
        "contents": {
            "1": {"space": "ENG", "title": "Home"},
            "2": {"space": "ENG", "title": "Plans", "parent": "1"},
            "3": {"space": "ENG", "title": "Secret", "parent": "2"},
            "9": {"space": "ENG", "title": "Notes", "parent": "1"},
        },
        "restrictions": {"3": {"read": ["group:leads", "user:bob"], "update": ["user:ann"]}},
        **more,
    }


simulator = simulated(site=site())


def outcomes(rows: Any) -> list[tuple[str, str, str, str]]:
    return [(row.target, row.subject, row.permission, row.outcome) for row in rows]


def changes(simulator: Simulator) -> list[str]:
    """Requests that change something."""
    return [
        f"{r.method} {r.path}"
        for r in simulator.requests
        if r.method in ("PUT", "DELETE") or (r.method == "POST" and r.path.endswith(("/permission", "/restriction")))
    ]


def held(wiki: Confluence, subject: str, space: str = "ENG") -> set[str]:
    return {row.permission for row in wiki.space_permissions(space) if row.subject == subject}


def listed(wiki: Confluence, content: str) -> dict[str, set[str]]:
    lists: dict[str, set[str]] = {"view": set(), "edit": set()}
    for row in wiki.restrictions(content):
        lists[row.operation].add(row.subject)
    return lists


# Confluence's own answers ---------------------------------------------------------------------------------------------


def test_a_denial_is_an_answer_with_its_reasons(wiki):
    answer = wiki.check("3", "user:cat", "view")
    assert (answer.decision, answer.reasons) == ("denied", ("content.restricted",))
    assert answer.messages == ("User does not have permission to the content",)
    assert wiki.check("3", "user:bob", "view").decision == "allowed"
    assert wiki.check(3, "user:bob", "update").decision == "denied"
    assert wiki.check("1", "anonymous", "view").reasons == ("site.anonymous_disabled",)
    assert wiki.check("1", "user:gone", "view").reasons == ("site.user_not_licensed",)
    assert wiki.check("1", "user:cat", "delete").reasons == ("space.no_permission",)
    assert wiki.check(wiki.contents("ENG")[0], wiki.groups()[0], "read").operation == "view"


def test_the_subject_of_a_check_is_found_by_its_name(wiki):
    assert wiki.check("3", "group:Engineers", "view").subject == "group:eng"
    assert wiki.check("3", "Bob Lind", "view").subject == "user:bob"
    with pytest.raises(NotFoundError, match="no group has the id or name `nobody`"):
        wiki.check("3", "group:nobody", "view")


def test_a_question_confluence_does_not_answer_is_refused_with_what_it_does(wiki, simulator):
    for subject, operation in [("class:all-licensed-users", "view"), ("user:bob", "comment"), ("", "view")]:
        with pytest.raises(ConfigurationError):
            wiki.check("3", subject, operation)
    with pytest.raises(ConfigurationError, match="`view`, `edit` or `delete`"):
        wiki.check("3", "user:bob", "comment")
    with pytest.raises(NotFoundError):
        wiki.check("404", "user:bob", "view")


def test_who_may_not_ask_about_others_is_told_who_may():
    with Simulator(site=site(), caller="bob") as simulator, simulator.connect() as wiki:
        assert wiki.check("3", "user:bob", "view").decision == "allowed"
        with pytest.raises(ForbiddenError, match="administrator's token"):
            wiki.check("3", "user:cat", "view")
        assert isinstance(wiki.snapshot(), Snapshot)
        access = wiki.snapshot().access()
        assert access.verify(wiki, sample=30).failed > 0


def test_a_message_nobody_knows_is_kept(wiki, simulator):
    body = '{"hasPermission": false, "errors": [{"translation": "Nutzer darf das nicht", "args": []}]}'
    simulator.fail("/permission/check", effect="body", body=body)
    answer = wiki.check("3", "user:bob", "view")
    assert answer.decision == "denied"
    assert (answer.reasons, answer.messages) == (("unrecognised",), ("Nutzer darf das nicht",))


def test_checks_are_awaited_too(simulator):
    async def ask() -> tuple[str, int]:
        async with AsyncConfluence(simulator.url, username=simulator.username, token=simulator.token) as wiki:
            access = (await wiki.snapshot()).access()
            verified = await access.verify_async(wiki, sample=20, seed=3)
            return (await wiki.check("3", "user:cat", "view")).decision, verified.agreed

    decision, agreed = asyncio.run(ask())
    assert decision == "denied"
    assert agreed > 5


# Verification ---------------------------------------------------------------------------------------------------------


def test_the_company_agrees_with_its_snapshot():
    with Simulator(pages=120) as simulator, simulator.connect() as wiki:
        access = wiki.snapshot().access()
        simulator.clear_log()
        verified = access.verify(wiki, sample=200, seed=7)
        asked = [r for r in simulator.requests if r.path.endswith("/permission/check")]
        assert len(asked) == verified.asked == verified.agreed + len(verified) + verified.failed
        assert verified.asked + verified.unknown <= 200
        assert verified.asked > 150
        assert list(verified) == []
        assert verified.complete
        assert simulator.max_in_flight <= 5
        assert simulator.unexpected == []
        again = access.verify(wiki, sample=200, seed=7)
        assert (again.asked, again.agreed) == (verified.asked, verified.agreed)
        mine = [r.path for r in asked]
        simulator.clear_log()
        access.verify(wiki, sample=200, seed=8)
        assert sorted(mine) != sorted(r.path for r in simulator.requests if r.path.endswith("/permission/check"))


def test_a_site_that_changed_disagrees_and_both_sides_say_why(wiki):
    access = wiki.snapshot().access()
    wiki.revoke("ENG", "user:cat", ["view"])
    verified = access.verify(wiki, sample=200)
    assert verified.agreed > 0
    cat = [row for row in verified if row.subject == "user:cat"]
    assert cat
    assert len(cat) == len(verified)
    row = cat[0]
    assert (row.ours, row.theirs, row.subject_name) == ("allowed", "denied", "Cat Moreau")
    assert row.their_codes == ("space.no_permission",)
    assert row.their_messages == ("User does not have permission to the space",)
    assert "Cat Moreau" in row.explanation
    assert f"{verified.agreed} of {verified.asked} agree" in repr(verified)
    back = pickle.loads(pickle.dumps(verified))
    assert isinstance(back, Verification)
    assert (back.agreed, list(back)) == (verified.agreed, list(verified))


def test_questions_confluence_does_not_answer_are_gaps(wiki, simulator):
    access = wiki.snapshot().access()
    simulator.fail("/content/3/permission/check", status=403)
    verified = access.verify(wiki, sample=100)
    assert verified.failed > 0
    assert not verified.complete
    assert {gap.subject for gap in verified.gaps} == {"3"}
    simulator.fail("/permission/check", status=403)
    with pytest.raises(ForbiddenError, match="administrator"):
        access.verify(wiki, sample=10)
    with pytest.raises(ConfigurationError):
        access.verify(wiki, sample=0)


# Permissions in spaces ------------------------------------------------------------------------------------------------


def test_what_is_given_shows_in_the_next_read_and_twice_is_skipped(wiki, simulator):
    words = ["create_page", "view", "VIEWSPACE"]
    rehearsed = wiki.grant("ENG", "group:Idle", words, dry_run=True)
    assert changes(simulator) == []
    assert outcomes(rehearsed) == [
        ("ENG", "group:idle", "view", "would_add"),
        ("ENG", "group:idle", "create_page", "would_add"),
    ]
    given = wiki.grant("ENG", "group:Idle", words)
    assert [row.outcome for row in given] == ["added", "added"]
    assert given[0].subject_name == "Idle"
    assert held(wiki, "group:idle") == {"view", "create_page"}
    assert wiki.check("9", "user:cat", "edit").decision == "allowed"
    sent = changes(simulator)
    assert [row.outcome for row in wiki.grant("ENG", "group:idle", words)] == ["skipped", "skipped"]
    assert changes(simulator) == sent


def test_view_is_taken_last_and_takes_the_others_along(wiki, simulator):
    rehearsed = wiki.revoke("ENG", "user:cat", ["view"], dry_run=True)
    assert [(row.permission, row.outcome) for row in rehearsed] == [
        ("create_comment", "would_remove"),
        ("view", "would_remove"),
    ]
    assert rehearsed[0].message == "goes with `view`"
    assert changes(simulator) == []
    assert [row.outcome for row in wiki.revoke("ENG", "user:cat", "view")] == ["removed", "removed"]
    assert held(wiki, "user:cat") == set()
    assert [row.outcome for row in wiki.revoke("ENG", "user:cat", ["view"])] == ["skipped"]
    assert wiki.check("9", "user:cat", "view").reasons == ("space.no_permission",)


def test_permissions_are_replaced_subject_by_subject(wiki):
    wanted = {"group:eng": ["view", "export"], "user:cat": [], "anonymous": ["view"]}
    rows = wiki.set_permissions("ENG", wanted)
    assert {(row.subject, row.permission, row.outcome) for row in rows} == {
        ("group:eng", "view", "skipped"),
        ("group:eng", "export", "added"),
        ("group:eng", "create_page", "removed"),
        ("group:eng", "restrict", "removed"),
        ("user:cat", "create_comment", "removed"),
        ("user:cat", "view", "removed"),
        ("anonymous", "view", "added"),
    }
    assert held(wiki, "group:eng") == {"view", "export"}
    assert held(wiki, "anonymous") == {"view"}
    assert held(wiki, "group:leads") == {"view", "administer", "create_page", "restrict"}
    assert {row.outcome for row in wiki.set_permissions("ENG", wanted)} == {"skipped"}


@pytest.mark.parametrize(
    ("permissions", "message"),
    [
        (["veiw"], "invalid permission `veiw`: use one of `view`"),
        (["edit_page"], "`create_page` also lets people edit"),
        (["export/page"], "invalid permission `export/page`"),
        (["create_page"], "`create_page` needs `view`"),
        ([], "no permission is named"),
    ],
)
def test_what_cannot_be_given_is_refused_before_anything_is_sent(wiki, simulator, permissions, message):
    with pytest.raises(ConfigurationError, match=message):
        wiki.grant("ENG", "group:idle", permissions)
    assert changes(simulator) == []


def test_nobody_and_nowhere_are_refused_before_anything_is_sent(wiki, simulator):
    with pytest.raises(NotFoundError, match="`NOPE`"):
        wiki.grant("NOPE", "group:idle", ["view"])
    with pytest.raises(NotFoundError, match="no group has the id or name `nope`"):
        wiki.grant("ENG", "group:nope", ["view"])
    with pytest.raises(NotFoundError, match="no account has the id, name or e-mail address `nope`"):
        wiki.set_permissions("ENG", {"group:idle": ["view"], "user:nope": ["view"]})
    with pytest.raises(ConfigurationError, match="assign_role"):
        wiki.grant("ENG", "class:all-licensed-users", ["view"])
    with pytest.raises(ConfigurationError, match="named twice"):
        wiki.set_permissions("ENG", {"group:idle": ["view"], "group:Idle": []})
    assert changes(simulator) == []


def test_nobody_locks_himself_out_of_a_space_by_accident(wiki, simulator):
    for attempt in (
        lambda **more: wiki.revoke("ENG", "group:leads", ["administer"], **more),
        lambda **more: wiki.set_permissions("ENG", {"group:leads": ["view"]}, **more),
        lambda **more: wiki.revoke("ENG", "group:leads", ["view"], dry_run=True, **more),
    ):
        with pytest.raises(LockoutError, match="allow_lockout"):
            attempt()
    assert changes(simulator) == []
    # An account that keeps it another way is not locked out.
    wiki.grant("ENG", "user:ann", ["view", "administer"])
    assert [row.outcome for row in wiki.revoke("ENG", "group:leads", ["administer"])] == ["removed"]
    # And Confluence has the last word: somebody has to administer a space.
    (row,) = wiki.revoke("ENG", "user:ann", ["administer"], allow_lockout=True)
    assert row.outcome == "failed"
    assert "admin permissions cannot be removed" in row.message


def test_a_lost_answer_is_read_back_and_not_sent_again(wiki, simulator):
    simulator.fail("/space/ENG/permission", method="POST", effect="drop", times=1)
    (row,) = wiki.grant("ENG", "group:idle", ["view"])
    assert (row.outcome, row.message) == ("added", "the answer was lost, and it is there")
    assert len(changes(simulator)) == 1
    assert held(wiki, "group:idle") == {"view"}
    simulator.fail("/space/ENG/permission", method="DELETE", effect="drop", times=1)
    (row,) = wiki.revoke("ENG", "group:idle", ["view"])
    assert row.outcome == "removed"
    assert held(wiki, "group:idle") == set()


def test_a_write_that_did_not_arrive_is_sent_once_more(wiki, simulator):
    simulator.fail("/space/ENG/permission", method="POST", status=503, times=1)
    assert [row.outcome for row in wiki.grant("ENG", "group:idle", ["view"])] == ["added"]
    assert held(wiki, "group:idle") == {"view"}


def test_a_refusal_in_the_middle_leaves_a_row_for_everything(wiki, simulator):
    simulator.fail("/space/ENG/permission", method="POST", status=403, skip=1)
    rows = wiki.grant("ENG", "group:idle", ["view", "create_page", "export"])
    assert [row.outcome for row in rows] == ["added", "failed", "failed"]
    assert "not permitted (403)" in rows[1].message
    simulator.heal()
    rows = wiki.grant("ENG", "group:idle", ["view", "create_page", "export"])
    assert [row.outcome for row in rows] == ["skipped", "added", "added"]
    simulator.fail("/space/ENG/permission", method="POST", status=403)
    rows = wiki.grant("ENG", "user:bob", ["view", "export"])
    assert [row.outcome for row in rows] == ["failed", "failed"]
    assert rows[1].message == "not sent: `view` could not be given"


def test_half_a_list_is_no_ground_to_write_on(wiki, simulator):
    simulator.fail("/permissions", status=500)
    with pytest.raises(Exception, match="server failed"):
        wiki.grant("ENG", "group:idle", ["view"])
    assert changes(simulator) == []


def test_many_threads_may_write_at_once(wiki):
    import concurrent.futures

    words = ["view", "create_page", "create_comment", "export"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        rows = [row for done in pool.map(lambda _: wiki.grant("ENG", "group:idle", words), range(8)) for row in done]
    assert {row.outcome for row in rows} <= {"added", "skipped"}
    assert sum(row.outcome == "added" for row in rows) >= 4
    assert held(wiki, "group:idle") == set(words)
    duplicates = [row for row in wiki.space_permissions("ENG") if row.subject == "group:idle"]
    assert len(duplicates) == 4


# Roles ----------------------------------------------------------------------------------------------------------------


def roles_site(mode: str) -> dict[str, Any]:
    return site(
        role_mode=mode,
        roles={
            "Admin": ["administer", "manage_users"],
            "Viewer": ["view", "create_comment"],
        },
        spaces={
            "ENG": {
                "grants": {},
                "role_assignments": {"user:ann": ["Admin"], "group:eng": ["Viewer"]},
            }
        },
    )


def test_a_site_with_roles_only_says_so_before_anything_is_sent():
    with Simulator(site=roles_site("ROLES")) as simulator, simulator.connect() as wiki:
        for attempt in (
            lambda: wiki.grant("ENG", "group:idle", ["view"]),
            lambda: wiki.revoke("ENG", "group:eng", ["view"]),
            lambda: wiki.set_permissions("ENG", {"group:eng": []}),
        ):
            with pytest.raises(RolesOnlyError, match="assign_role"):
                attempt()
        assert changes(simulator) == []
        # The same where the site does not tell its mode: Confluence's own refusal is understood.
        simulator.fail("/space-role-mode", status=404)
        with pytest.raises(RolesOnlyError, match="assign_role"):
            wiki.grant("ENG", "group:idle", ["view"])
        assert simulator.unexpected == []


@pytest.mark.parametrize("mode", ["ROLES", "ROLES_TRANSITION"])
def test_roles_are_given_replaced_and_taken(mode):
    with Simulator(site=roles_site(mode)) as simulator, simulator.connect() as wiki:
        assert [r.outcome for r in wiki.assign_role("ENG", "group:idle", "viewer", dry_run=True)] == ["would_add"]
        assert {row.via_role for row in wiki.space_permissions("ENG") if row.subject == "group:idle"} == set()
        rows = wiki.assign_role("ENG", "group:idle", "viewer")
        assert [(row.permission, row.outcome) for row in rows] == [("role Viewer", "added")]
        assert {row.via_role for row in wiki.space_permissions("ENG") if row.subject == "group:idle"} == {"Viewer"}
        assert [row.outcome for row in wiki.assign_role("ENG", "group:idle", "Viewer")] == ["skipped"]
        rows = wiki.assign_role("ENG", "group:idle", "Admin")
        assert [(row.permission, row.outcome) for row in rows] == [("role Viewer", "removed"), ("role Admin", "added")]
        assert [row.outcome for row in wiki.remove_role("ENG", "group:idle")] == ["removed"]
        assert [row.outcome for row in wiki.remove_role("ENG", "group:idle")] == ["skipped"]
        assert [row.outcome for row in wiki.assign_role("ENG", "class:all-licensed-users", "Viewer")] == ["added"]
        assert wiki.check("1", "user:cat", "view").decision == "allowed"
        assert [row.outcome for row in wiki.assign_role("ENG", "anonymous", "Viewer")] == ["added"]
        with pytest.raises(LockoutError):
            wiki.remove_role("ENG", "user:ann")
        with pytest.raises(LockoutError):
            wiki.assign_role("ENG", "user:ann", "Viewer")
        with pytest.raises(NotFoundError, match="this site has `Admin`, `Viewer`"):
            wiki.assign_role("ENG", "group:idle", "Boss")
        assert simulator.unexpected == []


def test_a_site_without_roles_says_what_to_use_instead(wiki):
    with pytest.raises(NotFoundError, match="`grant`"):
        wiki.assign_role("ENG", "group:idle", "Viewer")


# Restrictions ---------------------------------------------------------------------------------------------------------


def test_a_restriction_shows_in_the_next_read_and_leaves_the_other_list_alone(wiki, simulator):
    before = listed(wiki, "3")
    rehearsed = wiki.restrict(["3", "9"], "view", ["group:Idle", "user:ann"], dry_run=True)
    assert changes(simulator) == []
    assert [row.outcome for row in rehearsed] == ["would_add"] * 4
    rows = wiki.restrict(["3", "9"], "view", ["group:Idle", "user:ann"])
    assert outcomes(rows) == [
        ("3", "group:idle", "view", "added"),
        ("3", "user:ann", "view", "added"),
        ("9", "group:idle", "view", "added"),
        ("9", "user:ann", "view", "added"),
    ]
    assert listed(wiki, "3") == {"view": before["view"] | {"group:idle", "user:ann"}, "edit": before["edit"]}
    assert listed(wiki, "9") == {"view": {"group:idle", "user:ann"}, "edit": set()}
    assert wiki.check("9", "user:bob", "view").reasons == ("content.restricted",)
    assert {row.outcome for row in wiki.restrict(["3", "9"], "read", ["group:idle", "user:ann"])} == {"skipped"}


def test_a_restriction_is_taken_off_again(wiki, simulator):
    rows = wiki.unrestrict("3", "view", ["user:bob", "user:cat", "user:long-gone"])
    assert [row.outcome for row in rows] == ["removed", "skipped", "skipped"]
    assert listed(wiki, "3") == {"view": {"group:leads"}, "edit": {"user:ann"}}
    rows = wiki.unrestrict("3", "view")
    assert [row.outcome for row in rows] == ["removed"]
    assert "nobody is left on the list" in rows[0].message
    assert listed(wiki, "3") == {"view": set(), "edit": {"user:ann"}}
    assert len(wiki.unrestrict("3", "view")) == 0


def test_a_list_is_replaced_without_being_empty_in_between(wiki, simulator):
    rows = wiki.set_restrictions("3", "view", ["user:ann", "group:eng"])
    assert {(row.subject, row.outcome) for row in rows} == {
        ("user:ann", "added"),
        ("group:eng", "added"),
        ("group:leads", "removed"),
        ("user:bob", "removed"),
    }
    assert listed(wiki, "3") == {"view": {"user:ann", "group:eng"}, "edit": {"user:ann"}}
    methods = [line.split()[0] for line in changes(simulator)]
    assert methods == ["POST", "DELETE", "DELETE"]
    assert {row.outcome for row in wiki.set_restrictions("3", "view", ["user:ann", "group:eng"])} == {"skipped"}


def test_nobody_shuts_himself_out_of_a_page_by_accident(wiki, simulator):
    for attempt in (
        lambda **more: wiki.restrict("9", "view", ["user:bob"], **more),
        lambda **more: wiki.restrict("9", "edit", ["user:bob"], dry_run=True, **more),
        lambda **more: wiki.set_restrictions(["1", "3"], "edit", ["user:bob"], **more),
        lambda **more: wiki.unrestrict("3", "view", ["group:leads"], **more),
    ):
        with pytest.raises(LockoutError, match="allow_lockout"):
            attempt()
    assert changes(simulator) == []
    assert [row.outcome for row in wiki.restrict("9", "view", ["user:bob", "user:ann"])] == ["added", "added"]
    # Confluence has the last word, and its refusal is a row.
    (row,) = wiki.restrict("1", "edit", ["user:bob"], allow_lockout=True)
    assert row.outcome == "failed"
    assert "your own access" in row.message


def test_what_is_wrong_with_a_restriction_is_told_before_anything_is_sent(wiki, simulator):
    with pytest.raises(ConfigurationError, match="use `view` or `edit`"):
        wiki.restrict("3", "delete", ["user:bob"])
    with pytest.raises(ConfigurationError, match="users and groups"):
        wiki.restrict("3", "view", ["anonymous"])
    with pytest.raises(ConfigurationError, match="no subject is named"):
        wiki.restrict("3", "view", [])
    with pytest.raises(ConfigurationError, match="no content is named"):
        wiki.restrict([], "view", ["user:bob"])
    with pytest.raises(NotFoundError, match="`nope`"):
        wiki.restrict("3", "view", ["user:bob", "group:nope"])
    assert changes(simulator) == []


def test_a_content_that_is_not_there_does_not_stop_the_others(wiki):
    rows = wiki.restrict(["404", "9"], "view", ["user:ann"])
    assert [row.outcome for row in rows] == ["failed", "added"]
    assert "could not be read" in rows[0].message


def test_a_lost_answer_about_a_restriction_is_read_back(wiki, simulator):
    simulator.fail("/content/9/restriction", method="POST", effect="drop", times=1)
    assert [row.outcome for row in wiki.restrict("9", "view", ["user:ann"])] == ["added"]
    assert len(changes(simulator)) == 1
    simulator.fail("/content/9/restriction", method="POST", status=403)
    rows = wiki.set_restrictions("9", "view", ["user:bob", "group:leads"])
    assert {row.outcome for row in rows} == {"failed"}
    assert listed(wiki, "9")["view"] == {"user:ann"}


def test_a_subject_is_taken_off_every_list_except_where_that_would_open_a_page(wiki):
    wiki.restrict("2", "edit", ["user:bob", "user:ann"])
    with (
        Simulator(
            site=site(
                caller=None,  # an administrator who may change what the caller of the other tests may not
                restrictions={
                    "3": {"read": ["group:leads", "user:bob"], "update": ["user:ann", "user:bob"]},
                    "9": {"read": [], "update": ["user:gone"]},
                    "2": {"read": ["user:gone", "user:ann"]},
                },
            )
        ) as simulator,
        simulator.connect() as other,
    ):
        rows = other.unrestrict_all("user:bob", dry_run=True)
        assert outcomes(rows) == [
            ("3", "user:bob", "view", "would_remove"),
            ("3", "user:bob", "edit", "would_remove"),
        ]
        assert changes(simulator) == []
        assert [row.outcome for row in other.unrestrict_all("user:bob")] == ["removed", "removed"]
        assert len(other.unrestrict_all("user:bob")) == 0
        rows = other.unrestrict_all("user:gone", spaces=["ENG"])
        assert outcomes(rows) == [("2", "user:gone", "view", "removed"), ("9", "user:gone", "edit", "failed")]
        assert "allow_open" in (rows[1].message or "")
        rows = other.unrestrict_all("user:gone", allow_open=True)
        assert outcomes(rows) == [("9", "user:gone", "edit", "removed")]
        assert listed(other, "9") == {"view": set(), "edit": set()}
        with pytest.raises(NotFoundError, match="`NOPE`"):
            other.unrestrict_all("user:bob", spaces=["NOPE"])
        assert simulator.unexpected == []


def test_every_change_stands_in_the_audit_log(wiki):
    before = len(wiki.audit())
    wiki.grant("ENG", "group:idle", ["view"])
    wiki.revoke("ENG", "user:cat", ["view"])
    wiki.restrict("9", "view", ["user:ann"])
    wiki.unrestrict("3", "view", ["user:bob"])
    wiki.grant("ENG", "group:idle", ["view"])
    seen = [(row.scope, row.change, row.permission) for row in reversed(wiki.permission_changes(space="ENG"))]
    assert sorted(seen[-5:]) == sorted(
        [
            ("space", "added", "view"),
            ("space", "removed", "create_comment"),
            ("space", "removed", "view"),
            ("content", "added", "view"),
            ("content", "removed", "view"),
        ]
    )
    assert len(wiki.audit()) == before + 5


def test_changes_are_awaited_too(simulator):
    async def change() -> list[str]:
        async with AsyncConfluence(simulator.url, username=simulator.username, token=simulator.token) as wiki:
            done = [
                await wiki.grant("ENG", "group:idle", "view"),
                await wiki.set_permissions("ENG", {"group:idle": ["view", "export"]}),
                await wiki.revoke("ENG", "group:idle", ["view"]),
                await wiki.restrict("9", "view", "user:ann"),
                await wiki.set_restrictions("9", "view", ["group:leads"]),
                await wiki.unrestrict("9", "view"),
                await wiki.unrestrict_all("user:bob"),
            ]
            with pytest.raises(NotFoundError):
                await wiki.assign_role("ENG", "group:idle", "Viewer")
            with pytest.raises(NotFoundError):
                await wiki.remove_role("ENG", "group:idle")
            return [row.outcome for table in done for row in table]

    assert set(asyncio.run(change())) == {"added", "removed", "skipped"}


def test_a_pair_that_does_not_exist_fails_loudly_in_the_simulator():
    import base64
    import json
    import urllib.error
    import urllib.request

    with Simulator(site=site()) as simulator:
        pair = base64.b64encode(f"{simulator.username}:{simulator.token}".encode()).decode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        def post(operation: dict[str, str], group: str = "idle") -> int:
            body = json.dumps({"subject": {"type": "group", "identifier": group}, "operation": operation}).encode()
            headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}
            request = urllib.request.Request(f"{simulator.url}/wiki/rest/api/space/ENG/permission", body, headers)
            try:
                with opener.open(request) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as error:
                with error:
                    return error.code

        assert post({"key": "export", "target": "page"}) == 400
        assert "there is no permission `export` on `page`" in simulator.unexpected[0]
        assert post({"key": "create", "target": "page"}) == 400
        assert "read space" in simulator.unexpected[1]
        assert post({"key": "read", "target": "space"}) == 200
        assert post({"key": "read", "target": "space"}) == 400
        assert len(simulator.unexpected) == 2


def test_errors_of_changes_are_of_their_builtin_kind():
    assert issubclass(LockoutError, PermissionError)
    assert issubclass(RolesOnlyError, ValueError)
    assert not issubclass(RolesOnlyError, RequestError)
