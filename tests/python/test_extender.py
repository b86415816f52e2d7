"""The Extender add-on over a socket, through its public names."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from rooms_site import ODD, answering, recorded, rooms, site

from confluence_access import AsyncConfluence, Confluence, Simulator, Snapshot
from confluence_access.errors import (
    ConfigurationError,
    ForbiddenError,
    IncompleteError,
    NotFoundError,
    UnavailableError,
    UnreadableAnswerError,
)


@pytest.fixture
def wiki(served):
    return served[1]


@pytest.fixture
def published():
    """A server that gives the published answers."""
    faults = [
        answering(f"/{endpoint}", recorded(f"extender/{name}"))
        for endpoint, name in (
            ("getInheritedContentPermissions", "inherited_content_permissions"),
            ("getInheritedContentTreePermissions", "inherited_content_tree_permissions"),
            ("getContentTreeRestrictions", "content_tree_restrictions"),
            ("getSpacePermissionActors/ALL", "space_permission_actors"),
            ("getUsers/confluence-users", "users"),
            ("userDirectories/all", "user_directories"),
            ("getGroups", "groups"),
            ("getAllSpacesWithPermissions", "all_spaces_with_permissions"),
            ("getPermissionsForSpace", "permissions_for_space"),
        )
    ]
    with rooms(faults=faults) as (_, wiki):
        yield wiki


def last(simulator: Simulator) -> Any:
    return simulator.requests[-1]


def test_the_published_answer_about_one_content_reads_back_exactly(published):
    found = published.extender.inherited_content_permissions("65564")
    assert found == recorded("extender/inherited_content_permissions")
    assert (found.space_key, found.space_name, found.level) == ("ds", "Demonstration Space", 6)
    assert (found.content_id, found.content_type) == ("65564", "page")
    assert found.content_name == "Get serious with a table (step 5 of 9)"
    assert found.content_creator_name is None
    assert found.last_permission_modification == datetime(2024, 8, 23, 15, 5, 10, 813_000, UTC)
    assert found.view.groups == ("group_po", "confluence-administrators", "confluence-users")
    assert found.edit.users == ("admin", "user")
    assert (found.view.groups_total, found.edit.users_total) == (3, 2)
    assert found.complete
    assert len(found.gaps) == 0


def test_the_published_trees_read_back_exactly(published):
    found = published.extender.inherited_content_tree_permissions("65564")
    assert found == recorded("extender/inherited_content_tree_permissions")
    assert [level.level for level in found.levels] == [1, 2, 3, 4, 5, 6]
    assert [level.content_id for level in found.levels][:2] == ["65551", "65552"]
    assert found.levels[0].last_permission_modification is None
    assert all(len(level.view.groups) == 3 for level in found.levels)

    found = published.extender.content_tree_restrictions("65564")
    assert found == recorded("extender/content_tree_restrictions")
    assert [level.everyone for level in found.levels] == [None, "can view", None, "can view", None, "has no access"]
    assert found.levels[1].edit.groups == ("confluence-administrators", "confluence-users")
    assert found.levels[1].view.users == ()
    assert found.levels[5].view.users == ("admin", "user")
    assert found.complete


def test_recorded_answers_about_spaces_users_and_directories_read_back(published):
    extender = published.extender
    actors = extender.space_permission_actors("ds")
    assert actors == recorded("extender/space_permission_actors")
    assert (actors.key, actors.name) == ("ds", "Demonstration Space")
    rows = {(row.subject_type, row.subject_name, row.permission, row.raw) for row in actors.rows}
    assert ("anonymous", None, "view", "VIEWSPACE") in rows
    assert ("user", "ann", "view", "VIEWSPACE") in rows
    assert ("group", "confluence-users", "EXPORTPAGE", "EXPORTPAGE") in rows
    assert all(row.source.startswith("extender ") for row in actors.rows)
    (user,) = extender.users("confluence-users", show_extended_details=True)
    assert (user.name, user.full_name, user.email) == ("ann", "Ann Berg", "ann@example.com")
    assert user.key == "2c9180828119b577018119b726960000"
    assert user.has_access_to_use_confluence is True
    assert user.last_login_at == datetime(2022, 6, 1, 14, 21, 12, 686_000, UTC)
    assert user.last_failed_login_at is None
    directories = extender.user_directories()
    assert [(d.id, d.active, d.synchronised) for d in directories] == [
        ("32769", True, False),
        ("360449", True, True),
        ("360450", False, False),
    ]
    assert directories.total == 3
    assert extender.groups() == ["confluence-administrators", "confluence-users"]
    spaces = extender.all_spaces_with_permissions("user:ann")
    assert [(space.key, len(space.permissions)) for space in spaces] == [("ds", 2), ("~ann", 14)]
    assert extender.permissions_for_space("user:ann", "~ann").permissions[0] == "VIEWSPACE"


def test_who_can_view_and_edit_comes_from_the_add_on(wiki):
    found = wiki.extender.inherited_content_permissions("12", show_content_details=True)
    assert found.level == 3
    assert found.view.groups == ("staff",)
    assert set(found.edit.users) == {"bob", "ann"}
    people = wiki.extender.inherited_content_permissions(12, people_who_can_view=True)
    assert set(people.view.users) == {"ann", "bob"}
    only = wiki.extender.inherited_content_permissions("11", permission_type="edit")
    assert only.view.users == ()
    assert only.view.users_total is None
    assert only.edit.users == ("bob",)
    tree = wiki.extender.content_tree_restrictions("12")
    assert [level.everyone for level in tree.levels] == [None, "has no access", "can view"]


def test_every_parameter_goes_out_under_its_own_name(served):
    simulator, wiki = served
    wiki.extender.inherited_content_tree_permissions(
        "12",
        show_content_details=True,
        permission_type="view",
        people_who_can_view=True,
        date_format="yyyy-MM-dd HH:mm",
        start_at=1,
        max_results=7,
    )
    asked = last(simulator)
    assert asked.path.endswith("/rest/extender/1.0/permission/content/12/getInheritedContentTreePermissions")
    assert sorted(asked.query.split("&")) == [
        "dateFormat=yyyy-MM-dd+HH%3Amm",
        "maxResults=7",
        "peopleWhoCanView=true",
        "permissionType=view",
        "showContentDetails=true",
        "startAt=1",
    ]


def crowd(number: int) -> dict[str, Any]:
    users = {f"k{n:03}": {"name": f"u{n:03}"} for n in range(number)}
    grants = {f"user:k{n:03}": ["view"] for n in range(number)}
    groups = {f"g{n:03}": {"members": [f"user:k{n:03}"]} for n in range(number)}
    return {
        "users": users,
        "groups": groups,
        "spaces": {"DOC": {"grants": grants, "homepage": "1"}},
        "contents": {"1": {"space": "DOC"}, "2": {"space": "DOC", "parent": "1"}},
    }


def test_lists_are_read_until_each_reaches_its_total():
    with rooms(site=crowd(230)) as (simulator, wiki):
        extender = wiki.extender
        found = extender.inherited_content_tree_permissions("2", max_results=50)
        assert [len(level.view.users) for level in found.levels] == [230, 230]
        assert len(found["contentTree"][1]["permissions"]["view"]["users"]) == 230
        assert found.complete
        one = extender.inherited_content_permissions("2", start_at=200, max_results=50)
        assert (len(one.view.users), one.view.users_total, one.complete) == (30, 230, True)
        before = len(simulator.requests)
        assert len(extender.all_users_with_any_permission("DOC")) == 230
        assert len(simulator.requests) - before == 2
        assert len(extender.groups(max_results=100)) == 230
        assert len(extender.groups(start_at=200, max_results=100)) == 30
        assert len(extender.users("group:g007")) == 1
        assert simulator.unexpected == []


def test_a_listing_that_stops_early_is_a_gap_and_with_strict_an_error():
    short = {"permissions": {"view": {"users": ["a"], "groups": []}, "viewUsersTotal": 3, "viewGroupsTotal": 0}}
    faults = [answering("getInheritedContentPermissions", short), answering("getGroups", {"total": 9, "groups": ["a"]})]
    with rooms(faults=faults) as (_, wiki):
        found = wiki.extender.inherited_content_permissions("12")
        assert (found.view.users, found.complete) == (("a",), False)
        assert found.gaps[0].cause == "truncated"
        with pytest.raises(IncompleteError) as caught:
            wiki.extender.inherited_content_permissions("12", strict=True)
        assert len(caught.value.gaps) == 1
        assert not wiki.extender.groups().complete


def test_a_content_is_addressed_by_id_and_by_title_and_space(wiki):
    extender = wiki.extender
    by_id = extender.inherited_content_permission("12", "user:ann", show_space_administrators=True)
    assert by_id["spaceAdministrators"]["users"] == ["ann"]
    by_title = extender.inherited_content_permission(("Numbers", "DOC"), "user:ann", show_space_administrators=True)
    assert by_title == by_id
    assert by_id.content_id == "12"
    assert (by_id.has_content_view_permission, by_id.has_content_edit_permission) == (True, True)
    assert (by_id.has_space_view_permission, by_id.has_space_edit_permission) == (True, True)
    levels = [
        (level.level, level.has_content_view_permission, level.has_content_edit_permission) for level in by_id.levels
    ]
    assert levels[1] == (2, True, False)
    assert by_id.levels[-1].content_id == "12"
    nobody = extender.inherited_content_permission("12", "group:everybody")
    assert nobody.has_content_view_permission is False
    assert extender.content_permission(("Plans & costs: 100%?", "DOC"), "group:staff") == extender.content_permission(
        "11", "group:staff"
    )
    assert extender.content_permission(("Ann's home", "~ann"), f"group:{ODD}")["permissions"] == []


def test_records_stand_for_their_names(wiki):
    (actor,) = [user for user in wiki.extender.users("staff", show_basic_details=True) if user.name == "ann"]
    assert actor.key == "k-ann"
    by_text = wiki.extender.permissions_for_space("group:everybody", "DOC")
    assert by_text.permissions == ("VIEWSPACE", "EDITSPACE")


def test_changes_are_made_rehearsed_and_answered_as_they_come(served):
    simulator, wiki = served
    extender = wiki.extender
    shown = extender.add_content_permission(["10", 12], f"group:{ODD}", "view", dry_run=True)
    assert shown["method"] == "PUT"
    assert shown["body"] == [10, 12]
    assert shown["path"].endswith(
        "/group/R%26D%20%2B%20100%25%20%231%20%27x%27%20%22y%22/permission/view/addContentPermission"
    )
    assert extender.content_permission("12", f"group:{ODD}")["permissions"] == []
    extender.add_content_permission(["10", 12], f"group:{ODD}", "view")
    assert extender.content_permission("12", f"group:{ODD}")["permissions"] == ["view"]
    extender.remove_content_permission([("Numbers", "DOC")], f"group:{ODD}", "view")
    assert last(simulator).method == "DELETE"
    assert extender.content_permission("12", f"group:{ODD}")["permissions"] == []
    extender.remove_all_content_permission(f"group:{ODD}")
    assert extender.content_permission("10", f"group:{ODD}")["permissions"] == []
    done = extender.add_space_permissions("DOC", "group:staff", ["view", "COMMENT"])
    assert (done["added"], done["skipped"]) == (["COMMENT"], ["VIEWSPACE"])
    assert set(extender.permissions_for_space("group:staff", "DOC").permissions) == {"VIEWSPACE", "COMMENT"}
    assert extender.add_groups("new & odd")["groupsAdded"] == ["new & odd"]
    assert extender.add_users("new & odd", ["eve"])["usersAdded"] == ["eve"]
    assert [user.name for user in extender.users("new & odd")] == ["eve"]
    assert extender.remove_users("new & odd", "eve")["usersRemoved"] == ["eve"]
    extender.remove_groups(["new & odd"])
    assert "new & odd" not in extender.groups()


def test_the_remaining_questions_are_answered(wiki):
    extender = wiki.extender
    assert len(extender.permission_types()) == 14
    assert "everybody" in extender.all_groups_with_any_permission("DOC")
    assert extender.spaces_with_anonymous_permissions(max_results=10)["total"] == 1
    assert extender.user_details("ann")["name"] == "ann"
    assert {user.name for user in extender.users_with_confluence_access(show_extended_details=True)} >= {"ann", "bob"}
    assert extender.space_permission_actors("DOC", "VIEWSPACE")["permissions"].keys() == {"VIEWSPACE"}


@pytest.mark.parametrize(
    ("ask", "named"),
    [
        (lambda e: e.inherited_content_permissions(""), "empty"),
        (lambda e: e.inherited_content_permissions("1", permission_type="delete"), "`delete`"),
        (lambda e: e.inherited_content_permissions("1", max_results=0), "`max_results`"),
        (lambda e: e.inherited_content_permission("1", "ann"), "user:<username>"),
        (lambda e: e.content_permission("1", "anonymous"), "`anonymous`"),
        (lambda e: e.content_permission(("Home",), "user:ann"), "pair"),
        (lambda e: e.content_permission(("Home", ""), "user:ann"), "a space is empty"),
        (lambda e: e.content_permission("1", "user: "), "a user is empty"),
        (lambda e: e.add_content_permission([], "user:ann", "view"), "no content"),
        (lambda e: e.add_content_permission(["1"], "user:ann", "read"), "`read`"),
        (lambda e: e.add_content_permission(["1", ("A", "DOC")], "user:ann", "view"), "all by id or all by title"),
        (lambda e: e.remove_content_permission([("A", "X"), ("A", "Y")], "user:ann", "view"), "one space"),
        (lambda e: e.space_permission_actors("DOC", "VEIWSPACE"), "invalid permission type `VEIWSPACE`"),
        (lambda e: e.add_space_permissions("DOC", "group:staff", ["fly"]), "`fly`"),
        (lambda e: e.add_space_permissions("DOC", "group:staff", []), "at least one"),
        (lambda e: e.add_groups([]), "at least one"),
        (lambda e: e.users("group:"), "empty"),
        (lambda e: e.groups(start_at=-1), "`start_at`"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(ask, named):
    with rooms() as (simulator, wiki):
        with pytest.raises(ConfigurationError, match=re.escape(named)):
            ask(wiki.extender)
        assert simulator.requests == []


def test_a_missing_add_on_is_told_by_its_name():
    with rooms(extender=False) as (_, wiki):
        with pytest.raises(UnavailableError, match="Extender for Confluence") as caught:
            wiki.extender.inherited_content_permissions("12")
        assert caught.value.status == 404
        assert isinstance(caught.value, NotFoundError | LookupError)
        with pytest.raises(UnavailableError, match="Marketplace"):
            wiki.extender.permission_types()


def test_what_is_not_there_or_not_permitted_says_so(served):
    simulator, wiki = served
    with pytest.raises(NotFoundError) as caught:
        wiki.extender.inherited_content_permissions("999")
    assert not isinstance(caught.value, UnavailableError)
    with (
        Confluence(simulator.url, username="bob", password=simulator.password, deployment="datacenter") as other,
        pytest.raises(ForbiddenError),
    ):
        other.extender.inherited_content_permissions("12")


def test_an_answer_of_another_shape_is_unreadable_and_a_login_page_is_none():
    faults = [answering("getInheritedContentPermissions", {"results": []})]
    with rooms(faults=faults) as (simulator, wiki):
        with pytest.raises(UnreadableAnswerError, match="permissions"):
            wiki.extender.inherited_content_permissions("12")
        simulator.fail("getContentTreeRestrictions", effect="login_page")
        with pytest.raises(UnreadableAnswerError, match="web page"):
            wiki.extender.content_tree_restrictions("12")


def test_awaited_calls_answer_the_same(served):
    simulator, wiki = served

    async def ask() -> Any:
        async with AsyncConfluence(simulator.url, token=simulator.token, deployment="datacenter") as other:
            found = await other.extender.inherited_content_permissions("12")
            groups, types = await asyncio.gather(other.extender.groups(), other.extender.permission_types())
            return found, groups, types

    found, groups, types = asyncio.run(ask())
    assert found == wiki.extender.inherited_content_permissions("12")
    assert groups == wiki.extender.groups()
    assert types == wiki.extender.permission_types()


def verified(simulator: Simulator, wiki: Confluence, described: dict[str, Any], **asked: Any) -> Any:
    return Snapshot.from_dict(described, deployment="datacenter").access().verify(wiki, oracle="extender", **asked)


def test_who_can_view_and_edit_agrees_with_the_add_on(served):
    simulator, wiki = served
    simulator.clear_log()
    found = verified(simulator, wiki, site())
    assert (len(found), found.failed, found.unknown) == (0, 0, 0)
    # Three accounts, two operations, four contents.
    assert found.agreed == found.asked == 24
    asked = [request for request in simulator.requests if "getInheritedContentPermissions" in request.path]
    assert len(asked) == 4
    assert all("peopleWhoCanView=true" in request.query for request in asked)
    assert len(verified(simulator, wiki, site(), sample=1)) == 0


def test_a_disagreement_with_the_add_on_names_both_sides(served):
    simulator, wiki = served
    other = site()
    other["restrictions"]["12"] = {"read": ["user:k-eve"]}
    found = verified(simulator, wiki, other)
    rows = {(row.subject_name, row.operation, row.content_id, row.ours, row.theirs) for row in found}
    assert rows == {
        ("Ann Berg", "view", "12", "denied", "allowed"),
        ("Bob Iver", "view", "12", "denied", "allowed"),
        ("Ann Berg", "edit", "12", "denied", "allowed"),
        ("Bob Iver", "edit", "12", "denied", "allowed"),
    }
    assert {code for row in found for code in row.their_codes} == {"extender.listed"}
    assert found.asked == found.agreed + len(found)


def test_lists_that_stop_early_are_no_disagreement(served):
    simulator, wiki = served
    short = {"permissions": {"view": {"users": []}, "viewUsersTotal": 3}}
    simulator.fail("content/12/getInheritedContentPermissions", effect="body", body=json.dumps(short))
    found = verified(simulator, wiki, site())
    assert (len(found), found.failed) == (0, 1)
    assert found.gaps[0].subject == "12"
    with pytest.raises(ConfigurationError, match="unknown oracle"):
        Snapshot.from_dict(site(), deployment="datacenter").access().verify(wiki, oracle="nobody")  # type: ignore[arg-type]


def test_a_missing_add_on_cannot_verify():
    with rooms(extender=False) as (simulator, wiki), pytest.raises(UnavailableError):
        verified(simulator, wiki, site())


def test_the_awaited_comparison_is_the_same(served):
    simulator, wiki = served
    access = Snapshot.from_dict(site(), deployment="datacenter").access()

    async def ask() -> Any:
        async with AsyncConfluence(simulator.url, token=simulator.token, deployment="datacenter") as other:
            return await access.verify_async(other, oracle="extender")

    assert asyncio.run(ask()).asked == access.verify(wiki, oracle="extender").asked


def test_passing_by_a_bypass_only_is_not_a_disagreement():
    described = site()
    described["groups"]["confluence-administrators"] = {"members": ["user:k-eve"]}
    with rooms(site=described) as (simulator, wiki):
        access = Snapshot.from_dict(described, deployment="datacenter").access()
        assert access.can("user:k-eve", "view", "11") == "allowed"
        found = verified(simulator, wiki, described)
        assert (len(found), found.agreed) == (0, 24)


def test_a_whole_company_agrees_with_the_add_on_and_with_every_source_of_permissions():
    with rooms(site=None, pages=200) as (_, wiki):
        snap = wiki.snapshot()
        found = snap.access().verify(wiki, oracle="extender", sample=60)
        assert (len(found), found.failed) == (0, 0)
        assert found.agreed > 1000
        key = snap.spaces[0].key
        told = [
            {(row.subject, row.permission) for row in wiki.space_permissions(key, source=source)}
            for source in ("rest", "extender", "json_rpc")
        ]
        assert told[0] == told[1] == told[2]
        assert told[0]


@pytest.mark.parametrize("again", [False, True], ids=["cut", "knows-no-pages"])
def test_a_listing_without_a_total_ends_where_nobody_comes_any_more(again: bool) -> None:
    two: dict[str, Any] = {"users": [{"name": "ann"}, {"name": "bob"}], "status": "success"}
    pages: list[dict[str, Any]] = [two, two if again else {"users": [{"name": "zoe"}]}, {"users": []}]
    faults = [answering(f"startAt={start}&", body) for start, body in zip((0, 2, 3), pages, strict=True)]
    with rooms(faults=faults) as (_, wiki):
        listed = wiki.extender.users("staff")
        assert [user.name for user in listed] == ["ann", "bob"] + ([] if again else ["zoe"])
        assert listed.complete
