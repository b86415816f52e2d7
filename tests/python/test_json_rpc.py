"""JSON-RPC over a socket, through its public names."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from rooms_site import ODD, answering, recorded, rooms

from confluence_access import AsyncConfluence, Confluence
from confluence_access.errors import (
    ConfigurationError,
    ForbiddenError,
    IncompleteError,
    NotFoundError,
    RequestError,
    SecureSessionError,
    UnavailableError,
    UnreadableAnswerError,
)


@pytest.fixture
def rpc(served):
    return served[1].json_rpc


def answered_with(body: Any) -> Any:
    """A server that answers every method with `body`."""
    return rooms(faults=[answering("/rpc/json-rpc", body)])


@pytest.mark.parametrize("envelope", [False, True])
def test_the_published_answer_reads_back_exactly(envelope):
    published = recorded("json_rpc/space_permission_sets")
    body = {"jsonrpc": "2.0", "id": 1, "result": published} if envelope else published
    with answered_with(body) as (_, wiki):
        room = wiki.json_rpc.envelope if envelope else wiki.json_rpc
        found = room.space_permission_sets("ds")
        assert found == published
        assert found.complete
        assert len(found.rows) == sum(len(kind["spacePermissions"]) for kind in published) == 39
        view = {(row.subject_type, row.subject_name) for row in found.rows if row.permission == "view"}
        assert view == {("group", "confluence-administrators"), ("anonymous", None), ("group", "confluence-users")}
        assert [row.subject_name for row in found.rows if row.permission == "administer"] == [
            "confluence-administrators"
        ]
        legacy = {row.permission for row in found.rows if row.raw == "EXPORTPAGE"}
        assert legacy == {"EXPORTPAGE"}
        words = {row.permission for row in found.rows} - legacy
        assert words == {
            "administer", "export", "restrict", "delete_mail", "delete_blogpost", "delete_attachment",
            "create_attachment", "view", "create_blogpost", "delete_page", "delete_comment", "create_page",
            "create_comment",
        }  # fmt: skip
        assert all(row.space_key == "ds" and row.source.startswith("json_rpc ") for row in found.rows)


@pytest.mark.parametrize("envelope", [False, True])
def test_both_forms_of_a_call_answer_the_same(served, envelope):
    simulator, wiki = served
    room = wiki.json_rpc.envelope if envelope else wiki.json_rpc
    found = room.space_permission_sets("DOC")
    asked = simulator.requests[-1]
    assert asked.method == "POST"
    tail = "" if envelope else "/getSpacePermissionSets"
    assert asked.path.endswith("/confluence/rpc/json-rpc/confluenceservice-v2" + tail)
    rows = {(row.subject_type, row.subject_name, row.permission) for row in found.rows}
    assert rows == {
        ("group", "everybody", "view"),
        ("group", "everybody", "create_page"),
        ("group", "staff", "view"),
        ("user", "ann", "administer"),
        ("user", "ann", "view"),
        ("anonymous", None, "view"),
    }


def test_one_type_and_all_types_are_asked_for(rpc):
    one = rpc.space_permission_set("DOC", "view")
    assert one["type"] == "VIEWSPACE"
    assert {row.subject_name for row in one.rows} == {"everybody", "staff", "ann", None}
    types = rpc.space_level_permissions()
    assert len(types) == len(set(types)) >= 14
    assert types.complete
    assert "view" in rpc.permissions("DOC")
    assert "view" in rpc.permissions_for_user("DOC", "user:bob")


def test_a_type_that_cannot_be_read_is_a_gap():
    with answered_with(["VIEWSPACE", 7, "VIEWSPACE"]) as (_, wiki):
        types = wiki.json_rpc.space_level_permissions()
        assert types == ["VIEWSPACE"]
        assert [gap.cause for gap in types.gaps] == ["unreadable"]
        with pytest.raises(IncompleteError):
            wiki.json_rpc.space_level_permissions(strict=True)


def test_permissions_in_a_space_are_given_and_taken(rpc):
    def held() -> set[tuple[str | None, str]]:
        return {(row.subject_name, row.permission) for row in rpc.space_permission_sets("DOC").rows}

    assert rpc.add_permission_to_space("COMMENT", f"group:{ODD}", "DOC") is True
    assert rpc.add_permissions_to_space(["VIEWSPACE", "export"], ODD, "DOC") is True
    assert rpc.add_anonymous_permission_to_space("COMMENT", "DOC") is True
    assert rpc.add_anonymous_permissions_to_space(["EDITSPACE"], "DOC") is True
    assert held() >= {
        (ODD, "create_comment"),
        (ODD, "view"),
        (ODD, "export"),
        (None, "create_comment"),
        (None, "create_page"),
    }
    assert rpc.remove_permission_from_space("export", f"group:{ODD}", "DOC") is True
    assert rpc.remove_anonymous_permission_from_space("EDITSPACE", "DOC") is True
    assert not held() & {(ODD, "export"), (None, "create_page")}
    assert rpc.add_global_permission("USECONFLUENCE", "group:staff") is True
    assert rpc.add_global_permissions(["PERSONALSPACE"], "group:staff") is True
    assert rpc.add_anonymous_use_permission() is True
    assert rpc.add_anonymous_view_user_profile_permission() is True


def test_restriction_lists_are_read_and_replaced_one_by_one(rpc):
    found = rpc.content_permission_sets("11")
    assert {(row.operation, row.subject_type, row.subject_name) for row in found.rows} == {
        ("view", "group", "staff"),
        ("edit", "user", "bob"),
    }
    assert rpc.set_content_permissions("11", "Edit", ["user:ann", f"group:{ODD}"]) is True
    rows = rpc.content_permission_sets("11").rows
    assert {(row.operation, row.subject_name) for row in rows} == {("view", "staff"), ("edit", "ann"), ("edit", ODD)}
    assert rpc.set_content_permissions("11", "Edit", []) is True
    assert [row.operation for row in rpc.content_permission_sets("11").rows] == ["view"]
    assert rpc.page_permissions("11")


def test_groups_and_spaces_are_there_too(rpc):
    assert {space["key"] for space in rpc.spaces()} == {"DOC", "~ann"}
    assert len(rpc.pages("DOC")) == 3
    assert rpc.add_group("new & odd") is True
    assert rpc.add_user_to_group("user:eve", "new & odd") is True
    assert "new & odd" in rpc.user_groups("eve")
    assert rpc.remove_user_from_group("eve", "new & odd") is True
    assert rpc.remove_group("new & odd") is True
    assert "new & odd" not in rpc.groups()
    assert rpc.call("getSpaces", changes=False) == rpc.spaces()


def test_a_change_can_be_rehearsed(served):
    simulator, wiki = served
    shown = wiki.json_rpc.add_permissions_to_space(["view", "COMMENT"], "user:ann", "DOC", dry_run=True)
    assert shown["method"] == "POST"
    assert shown["path"] == "/rpc/json-rpc/confluenceservice-v2/addPermissionsToSpace"
    assert shown["body"] == [["VIEWSPACE", "COMMENT"], "ann", "DOC"]
    shown = wiki.json_rpc.envelope.add_group("x", dry_run=True)
    assert shown["body"] == {"jsonrpc": "2.0", "method": "addGroup", "params": ["x"], "id": 1}
    assert not [request for request in simulator.requests if "json-rpc" in request.path]


@pytest.mark.parametrize(
    ("ask", "named"),
    [
        (lambda r: r.space_permission_sets(""), "key of a space"),
        (lambda r: r.space_permission_set("DOC", "VEIWSPACE"), "invalid permission type `VEIWSPACE`"),
        (lambda r: r.add_permission_to_space("fly", "ann", "DOC"), "invalid permission type `fly`"),
        (lambda r: r.add_permission_to_space("VIEWSPACE", "anonymous", "DOC"), "add_anonymous_permission_to_space"),
        (lambda r: r.add_permission_to_space("VIEWSPACE", "user:", "DOC"), "user or group"),
        (lambda r: r.add_permissions_to_space([], "ann", "DOC"), "at least one"),
        (lambda r: r.add_global_permission("VIEWSPACE", "ann"), "`USECONFLUENCE`"),
        (lambda r: r.set_content_permissions("11", "Share", ["user:ann"]), "`View` or `Edit`"),
        (lambda r: r.set_content_permissions("11", "View", ["ann"]), "user:<username>"),
        (lambda r: r.content_permission_sets(" "), "id of a content"),
        (lambda r: r.add_group(""), "group"),
        (lambda r: r.call(""), "method"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(ask, named):
    with rooms() as (simulator, wiki):
        with pytest.raises(ConfigurationError, match=re.escape(named)):
            ask(wiki.json_rpc)
        assert simulator.requests == []


def test_a_remote_api_that_is_off_is_told_with_its_switch():
    with rooms(json_rpc="off") as (simulator, wiki):
        with pytest.raises(UnavailableError, match=r"Remote API \(XML-RPC & SOAP\)"):
            wiki.json_rpc.space_permission_sets("DOC")
        for status in (401, 403, 404):
            simulator.fail("/rpc/json-rpc", effect="status", status=status, times=1)
            with pytest.raises(UnavailableError, match=str(status)):
                wiki.json_rpc.spaces()


@pytest.mark.parametrize(
    "body",
    [
        "<html><head><title>Administrator Access</title></head><body>password</body></html>",
        "com.atlassian.confluence.WebSudoRequiredException: please",
        json.dumps({"error": {"code": 500, "message": "java.lang.Exception: WebSudoRequiredException"}}),
    ],
)
def test_secure_administrator_sessions_are_told_in_every_form(body):
    with answered_with(body) as (_, wiki):
        with pytest.raises(SecureSessionError, match="WebSudo") as caught:
            wiki.json_rpc.space_permission_sets("DOC")
        assert isinstance(caught.value, ForbiddenError)
    with rooms(json_rpc="websudo") as (_, wiki), pytest.raises(SecureSessionError):
        wiki.json_rpc.space_permission_sets("DOC")


@pytest.mark.parametrize("envelope", [False, True])
def test_errors_in_an_answer_of_200_are_errors(served, envelope):
    simulator, wiki = served
    room = wiki.json_rpc.envelope if envelope else wiki.json_rpc
    with pytest.raises(NotFoundError):
        room.space_permission_sets("NOPE")
    with Confluence(simulator.url, username="bob", password=simulator.password, deployment="datacenter") as other:
        asked = other.json_rpc.envelope if envelope else other.json_rpc
        with pytest.raises(ForbiddenError, match="administrator"):
            asked.space_permission_sets("DOC")


def test_an_error_without_known_words_keeps_the_words_of_the_server():
    with (
        answered_with({"error": {"code": 500, "message": "a.b.C: the moon is full"}}) as (_, wiki),
        pytest.raises(RequestError, match="the moon is full"),
    ):
        wiki.json_rpc.space_permission_sets("DOC")


def test_what_cannot_be_read_is_a_gap_and_the_rest_stays():
    body = [
        {"type": "VIEWSPACE", "spacePermissions": [{"type": "VIEWSPACE", "userName": {}, "groupName": None}]},
        {"type": "FLYSPACE", "spacePermissions": [{"type": "FLYSPACE", "userName": "ann", "groupName": None}]},
        7,
    ]
    with answered_with(body) as (_, wiki):
        found = wiki.json_rpc.space_permission_sets("DOC")
        assert [(row.subject_type, row.subject_name, row.raw) for row in found.rows] == [
            ("unknown", None, "VIEWSPACE"),
            ("user", "ann", "FLYSPACE"),
        ]
        assert len(found.gaps) == 2
        with pytest.raises(IncompleteError):
            wiki.json_rpc.space_permission_sets("DOC", strict=True)
    with (
        answered_with({"results": []}) as (_, wiki),
        pytest.raises(UnreadableAnswerError),
    ):
        wiki.json_rpc.space_permission_sets("DOC")


def test_awaited_calls_answer_the_same(served):
    simulator, wiki = served

    async def ask() -> Any:
        async with AsyncConfluence(simulator.url, token=simulator.token, deployment="datacenter") as other:
            room = other.json_rpc
            return await room.space_permission_sets("DOC"), await room.envelope.groups()

    sets, groups = asyncio.run(ask())
    assert sets == wiki.json_rpc.space_permission_sets("DOC")
    assert groups == wiki.json_rpc.groups()
