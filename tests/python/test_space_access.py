"""Who reaches which space, resolved."""

from __future__ import annotations

from typing import Any

import pytest

from confluence_access import Snapshot, errors
from confluence_access.access import Access

SITE: dict[str, Any] = {
    "anonymous_enabled": True,
    "role_mode": "ROLES",
    "users": {
        "ann": {"licensed": True, "display_name": "Ann"},
        "bob": {"licensed": True, "name": "bob"},
        "old": {"licensed": True, "active": False},
        "cus": {"licensed": False},
        "ada": {"licensed": True, "admin_key": True},
    },
    "groups": {"eng": {"members": ["user:ann", "user:old", "user:cus"]}},
    "roles": {"Boss": ["view", "administer"]},
    "spaces": {
        "ENG": {"grants": {"group:eng": ["view", "create_page"]}, "role_assignments": {"user:bob": ["Boss"]}},
        "PUB": {"grants": {"anonymous": ["view"], "user:ann": ["view"]}},
        "NO": {},
    },
    "contents": {key: {"type": "page", "space": key} for key in ("ENG", "PUB", "NO")},
}


@pytest.fixture(scope="module")
def access() -> Access:
    return Snapshot.from_dict(SITE).access()


def test_who_reaches_a_space_is_resolved(access: Access) -> None:
    rows = [
        (row.space_key, row.user_id, row.level, row.permissions, row.via, row.standing)
        for row in access.space_access("ENG")
    ]
    assert rows == [
        ("ENG", "ann", "edit", ("view", "create_page"), "group eng", True),
        ("ENG", "bob", "admin", ("view", "administer"), "role Boss", True),
        ("ENG", "ada", "edit", (), "admin key", False),
    ]
    ann, bob, _ = access.space_access("ENG")
    assert (ann.display_name, bob.user_name) == ("Ann", "bob")


def test_anonymous_has_a_row_of_its_own_and_opens_the_space_to_others(access: Access) -> None:
    rows = {row.user_id: row for row in access.space_access("PUB")}
    assert set(rows) == {"anonymous", "ann", "bob", "cus", "ada"}
    assert rows["anonymous"].permissions == rows["cus"].permissions == ("view",)
    assert {row.level for row in rows.values()} == {"view"}


def test_the_rows_are_those_of_a_page_that_nothing_restricts(access: Access) -> None:
    for row in access.space_access():
        assert row.decision == "allowed"
    for space in access.snapshot.spaces:
        page = {(row.user_id, row.decision, row.via, row.standing) for row in access.who_can("view", space.key)}
        rows = access.space_access(space)
        assert {(row.user_id, row.decision, row.via, row.standing) for row in rows} == page
    standing = {(row.user_id, row.space_key) for row in access.space_access() if row.standing}
    pairs = {(row.user_id, row.content_id) for row in access.pairs("view")}
    assert standing - {("anonymous", "PUB")} == pairs


def test_unknown_is_a_row_and_no_permission(snapshot: Snapshot) -> None:
    access = snapshot.access()
    rows = access.space_access("ENG")
    unknown = [row for row in rows if row.decision == "unknown"]
    assert {row.user_id for row in unknown} == {row.user_id for row in access.who_can("view", "1", decision="unknown")}
    assert all(row.via.startswith("unknown.") for row in unknown)


def test_a_space_that_is_not_there_is_refused(access: Access) -> None:
    for spaces in ("HR", ["ENG", "HR"]):
        with pytest.raises(errors.NotInSnapshotError, match="space `HR` is not in the snapshot"):
            access.space_access(spaces)
    assert access.space_access(["ENG", "PUB", "NO"]) == access.space_access()
