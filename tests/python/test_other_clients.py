"""Other people's clients, pointed at the simulator, get what they understand."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import requests
from simulated import simulated

with warnings.catch_warnings():
    # Of its own making, not of ours.
    warnings.simplefilter("ignore")
    import atlassian


simulator = simulated(pages=80)


@pytest.fixture
def other(simulator) -> Any:
    session = atlassian.Confluence(
        url=f"{simulator.url}/wiki", username=simulator.username, password=simulator.token, cloud=True
    )
    yield session
    session.close()


def rows(listed: Any, kind: str) -> list[Any]:
    """The subjects of a kind, in a restriction or in a permission."""
    found: list[Any] = listed.get(kind, {}).get("results", [])
    return found


def test_atlassian_python_api_reads_spaces_pages_groups_and_users(simulator, other):
    with simulator.connect() as wiki:
        snapshot = wiki.snapshot()
    spaces = other.get_all_spaces(limit=3, expand="homepage")
    more = other.get_all_spaces(start=3, limit=50, expand="homepage")
    listed = [*spaces["results"], *more["results"]]
    assert {space["key"] for space in listed} == {space.key for space in snapshot.spaces}
    ours = {
        kind: {row.id: row for row in snapshot.contents if row.type == kind and row.status in {"current", "archived"}}
        for kind in ("page", "blogpost")
    }
    by_id = other.get_all_pages_by_space_ids_confluence_cloud([str(space["id"]) for space in listed], batch_size=20)
    assert {page["id"] for page in by_id} == set(ours["page"])
    for space in snapshot.spaces:
        current = {row.id for row in ours["page"].values() if (row.space_key, row.status) == (space.key, "current")}
        walked = [page["id"] for page in other.get_all_pages_from_space_as_generator(space.key, limit=7)]
        assert sorted(walked) == sorted(current)
        assert {page["id"] for page in other.get_space_content(space.key)["page"]["results"]} == current
        assert other.get_space(space.key)["key"] == space.key
        assert other.get_home_page_of_space(space.key)["id"] == space.homepage_id
    for page in list(ours["page"].values())[:20]:
        above = other.get_page_by_id(page.id, expand="ancestors,space")
        assert above["space"]["key"] == page.space_key
        assert (above["ancestors"][-1]["id"] if above["ancestors"] else None) == page.parent_id
        assert [node["id"] for node in other.get_page_ancestors(page.id)] == [node["id"] for node in above["ancestors"]]
        below = {row.id for row in ours["page"].values() if (row.parent_id, row.status) == (page.id, "current")}
        assert {child["id"] for child in other.get_child_pages(page.id)} == below
    found = other.cql('type = page and space = "ENG"', limit=200, expand="content.space")
    assert {row["content"]["space"]["key"] for row in found["results"]} == {"ENG"}
    assert found["totalSize"] == len(found["results"])

    groups = other.get_all_groups()
    assert {group["id"]: group["name"] for group in groups} == {group.id: group.name for group in snapshot.groups}
    for user in list(snapshot.users)[:10]:
        assert other.get_user_details_by_accountid(user.id)["displayName"] == user.display_name
    with pytest.raises(atlassian.errors.ApiNotFoundError):
        other.get_user_details_by_accountid("712020:nobody")
    assert len(other.audit(limit=100)["results"]) == 100
    assert other.audit(limit=100, start=100, search_string="group")["start"] == 100


def test_atlassian_python_api_reads_the_restrictions_of_every_content(simulator, other):
    with simulator.connect() as wiki:
        snapshot = wiki.snapshot()
    restricted = {row.content_id for row in snapshot.restrictions}
    assert len(restricted) > 10
    for content in restricted:
        lists = other.get_all_restrictions_for_content(content)
        for word, operation in (("read", "view"), ("update", "edit")):
            groups = {group["id"] for group in rows(lists[word]["restrictions"], "group")}
            users = {user["accountId"] for user in rows(lists[word]["restrictions"], "user")}
            mine = [row for row in snapshot.restrictions if (row.content_id, row.operation) == (content, operation)]
            # A group that is gone keeps what was its id as its name.
            assert groups | users == {row.subject_id or row.subject_name for row in mine}


def test_atlassian_python_api_reads_and_gives_permissions(simulator, other):
    with simulator.connect() as wiki:
        before = {space.key: list(wiki.space_permissions(space.key)) for space in wiki.spaces()}
        group = next(group for group in wiki.groups() if group.name == "archive-exporters")
        user = wiki.server().account_id
    subjects = 0
    for key, mine in before.items():
        for kind, named in (("group", "id"), ("user", "accountId")):
            theirs = {
                subject[named]
                for row in other.get_space_permissions(key)["permissions"]
                for subject in rows(row["subjects"], kind)
            }
            assert theirs == {row.subject_id for row in mine if row.subject_type == kind and not row.via_role}
            subjects += len(theirs)
        open_to_all = any(row["anonymousAccess"] for row in other.get_space_permissions(key)["permissions"])
        assert open_to_all == any(row.subject_type == "anonymous" and not row.via_role for row in mine)
    assert subjects > 15

    for kind, identifier in (("group", group.id), ("user", user), ("user", "anonymous")):
        made = other.add_space_permissions("OPS", kind, identifier, "read", "space")
        assert made["operation"] == {"key": "read", "target": "space"}
        read = other.get_space_permissions("OPS")["permissions"]
        row = next(row for row in read if row["id"] == made["id"])
        assert row["operation"] == {"operation": "read", "targetType": "space"}
        held = [rows(row["subjects"], word) for word in ("group", "user")]
        found = [subject.get("id") or subject["accountId"] for one in held for subject in one]
        assert found == ([] if identifier == "anonymous" else [identifier])
        assert row["anonymousAccess"] == (identifier == "anonymous")
        with pytest.raises(requests.HTTPError, match="already exists"):
            other.add_space_permissions("OPS", kind, identifier, "read", "space")
    with simulator.connect() as wiki:
        after = {
            (row.subject_type, row.subject_id) for row in wiki.space_permissions("OPS") if row.permission == "view"
        }
    assert {("group", group.id), ("user", user), ("anonymous", None)} <= after


def test_what_atlassian_python_api_has_for_data_center_only_is_gone_or_silent_on_cloud(simulator, other):
    asked = len(simulator.requests)
    assert other.get_all_restrictions_from_page_json_rpc("1") == {}
    assert other.add_space_permission_json_rpc("ENG", "ann", "VIEWSPACE") == {}
    assert other.remove_space_permission("ENG", "ann", "VIEWSPACE") == {}
    assert len(simulator.requests) == asked
    # Groups are not asked for by name any more.
    for ask in (other.get_group_members, other.get_all_members):
        with pytest.raises(requests.HTTPError) as gone:
            ask("engineering")
        assert getattr(gone.value.response, "status_code", None) == 410
