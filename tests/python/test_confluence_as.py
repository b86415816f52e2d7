"""confluence-as 2.0.0, which calls every operation of Atlassian's documents by its id, reads and changes the simulator.

It checks parameters and bodies against the documents before it sends them, follows a listing by the paging contract it
declares for it, and refuses a listing whose position, size or link do not fit together.
"""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import confluence_as
import pytest
from as_engine.errors import SurfaceError
from as_engine.index import ProductIndexes
from as_engine.surface import Surface
from as_engine.transport import HTTPTransport
from click.testing import CliRunner
from confluence_as.error_handler import handle_confluence_error
from simulated import simulated
from test_simulator_contract import served

from confluence_access import Simulator

RESTRICTIONS = [f"restrictions.{o}.restrictions.{k}" for o in ("read", "update") for k in ("user", "group")]


class Other:
    """The client, pointed at a simulator, and which of its operations were called."""

    def __init__(self, simulator: Simulator) -> None:
        def transport(document: str, index: Any) -> HTTPTransport:
            base = f"{simulator.url}/wiki/api/v2" if document == "v2" else simulator.url
            credentials = (simulator.username, simulator.token)
            return HTTPTransport(base, auth=credentials, max_retries=0, error_handler=handle_confluence_error)

        self.indexes = ProductIndexes(Path(confluence_as.__file__).parent / "_generated")
        self.surface = Surface(self.indexes, transport, scope_enforcement="permissive")
        self.called: set[str] = set()

    def call(self, operation: str, body: Any = None, **parameters: Any) -> Any:
        """One request; the body is held against the document first."""
        self.called.add(operation)
        named = {name.replace("_", "-"): value for name, value in parameters.items()}
        return self.surface.call(operation, named, body, validate_body=body is not None).body

    def all(self, operation: str, **parameters: Any) -> list[Any]:
        """All pages of a listing, merged by the client."""
        self.called.add(operation)
        named = {name.replace("_", "-"): value for name, value in parameters.items()}
        rows = self.surface.call(operation, named, all_pages=True).body
        assert isinstance(rows, list)
        return rows

    def refused(self, operation: str, status: int | None, **parameters: Any) -> str:
        """A call that must fail with this status; None: before anything is sent."""
        with pytest.raises(SurfaceError) as caught:
            self.call(operation, **parameters)
        assert caught.value.status == status
        return " ".join(caught.value.messages)

    def operations(self) -> set[str]:
        """The operations whose routes the simulator serves."""
        routes = {re.sub(r"\{[^}]*\}", "{}", route) for route in served()}
        found = set()
        for document, prefix in (("v1", ""), ("v2", "/wiki/api/v2")):
            for operation in self.indexes.get(document).operations.values():
                if re.sub(r"\{[^}]*\}", "{}", f"{operation.method} {prefix}{operation.path}") in routes:
                    found.add(operation.operationId)
        return found


simulator = simulated(pages=120)


@pytest.fixture
def other(simulator: Simulator) -> Other:
    return Other(simulator)


def test_confluence_as_calls_every_operation_the_simulator_serves(simulator: Simulator, other: Other) -> None:
    with simulator.connect() as wiki:
        snapshot = wiki.snapshot()

    spaces = other.all("getSpaces", limit=3)
    assert {space["key"] for space in spaces} == {space.key for space in snapshot.spaces}
    for space in spaces:
        number = int(space["id"])
        detail = other.call("getSpaceById", id=number, include_permissions=True, include_operations=True)
        permissions = other.all("getSpacePermissionsAssignments", id=number, limit=20)
        assert detail["permissions"]["results"] == permissions[:50]
        other.all("getSpaceRoleAssignments", id=number, limit=2)
        other.all("getPagesInSpace", id=number, limit=40, depth="all")
        other.all("getBlogPostsInSpace", id=number, limit=5)
    assert other.call("getSpaceRoleMode")["mode"] == "ROLES_TRANSITION"
    assert len(other.all("getAvailableSpacePermissions", limit=7)) == 23
    roles = other.all("getAvailableSpaceRoles", limit=2)
    assert {role["name"] for role in roles} >= {row.via_role for row in snapshot.space_permissions if row.via_role}
    # Atlassian's document calls the id of a role an integer; it is a UUID, and the client believes the document.
    assert "integer" in other.refused("getSpaceRolesById", None, id=roles[0]["id"])

    pages = other.all("getPages", limit=50)
    parents = {row.id: row.parent_id for row in snapshot.contents}
    kinds = {row.id: row.type for row in snapshot.contents}
    for page in pages[:30]:
        assert other.call("getPageById", id=int(page["id"]))["parentId"] == parents[page["id"]]
        walked: list[str] = []
        at = parents[page["id"]]
        while at is not None:
            walked.insert(0, at)
            at = parents[at]
        if all(kinds[node] == "page" for node in walked):
            # Two a request, so that the client has to ask again above the topmost one it got.
            above = other.all("getPageAncestors", id=int(page["id"]), limit=2)
        else:
            # It would go on at the route of pages with the id of a folder, which is no page.
            above = other.call("getPageAncestors", id=int(page["id"]))["results"]
        assert [node["id"] for node in above] == walked
        below = {child["id"] for child in other.all("getPageDirectChildren", id=int(page["id"]), limit=2)}
        listed = [row for row in snapshot.contents if row.status in {"current", "archived"}]
        assert below == {row.id for row in listed if row.parent_id == page["id"]}
        deeper = {child["id"] for child in other.all("getPageDescendants", id=int(page["id"]), limit=5, depth=2)}
        assert deeper == below | {row.id for row in listed if row.parent_id in below}
        pages_below = {child["id"] for child in other.all("getChildPages", id=int(page["id"]), limit=2)}
        assert pages_below == {child for child in below if kinds[child] == "page"}
    posts = other.all("getBlogPosts", limit=10)
    other.call("getBlogPostById", id=int(posts[0]["id"]))
    found = other.all("searchContentByCQL", cql="type in (folder, whiteboard, database, embed)", limit=1)
    assert {node["type"] for node in found} == {"folder", "whiteboard", "database", "embed"}
    for node in found:
        noun = "SmartLink" if node["type"] == "embed" else node["type"].capitalize()
        other.call(f"get{noun}ById", id=int(node["id"]))
        other.all(f"get{noun}Ancestors", id=int(node["id"]))
        other.all(f"get{noun}DirectChildren", id=int(node["id"]), limit=1)
        other.all(f"get{noun}Descendants", id=int(node["id"]), limit=1)
    ids = [pages[0]["id"], found[0]["id"]]
    types = other.call("convertContentIdsToContentTypes", {"contentIds": ids})["results"]
    assert types == {ids[0]: "page", ids[1]: found[0]["type"]}

    found = other.all("searchContentByCQL", cql="type = page", expand=[*RESTRICTIONS, "ancestors"], limit=50)
    lists = {
        (page["id"], {"read": "view", "update": "edit"}[operation], subject.get("accountId") or subject["id"])
        for page in found
        for operation in ("read", "update")
        for kind in ("user", "group")
        for subject in page["restrictions"][operation]["restrictions"][kind]["results"]
    }
    indexed = {page["id"] for page in found}
    everything = other.all("searchByCQL", cql="type = page", limit=50, expand=["content.space"])
    assert {row["content"]["id"] for row in everything} == indexed
    ours = [row for row in snapshot.restrictions if row.content_id in indexed]
    # A group that is gone keeps what was its id as its name.
    assert lists == {(row.content_id, row.operation, row.subject_id or row.subject_name) for row in ours}
    restricted = sorted({row.content_id for row in ours})
    assert len(restricted) >= 10
    me = other.call("getCurrentUser", expand=["operations"])["accountId"]
    for page_id in restricted[:10]:
        assert len(other.call("getRestrictions", id=page_id)["results"]) == 2
        assert {"read", "update"} <= set(other.call("getRestrictionsByOperation", id=page_id))
        assert other.call("getRestrictionsForOperation", id=page_id, operationKey="read")["operation"] == "read"
        asked = {"subject": {"type": "user", "identifier": me}, "operation": "read"}
        assert isinstance(other.call("checkContentPermission", asked, id=page_id)["hasPermission"], bool)

    groups = other.all("getGroups", limit=5)
    assert {group["id"] for group in groups} == {group.id for group in snapshot.groups}
    for group in groups:
        members = other.all("getGroupMembersByGroupId", groupId=group["id"], limit=7, expand=["operations"])
        direct = {row.user_id for row in snapshot.memberships if row.group_id == group["id"] and not row.path}
        assert {member["accountId"] for member in members} == direct
    assert other.call("getGroupByGroupId", id=groups[0]["id"])["name"] == groups[0]["name"]
    picked = other.all("searchGroups", query="e", limit=3, shouldReturnTotalSize=True)
    assert {group["name"] for group in picked} == {group["name"] for group in groups if "e" in group["name"]}
    assert other.call("getUser", accountId=me)["accountId"] == me
    assert other.call("getAnonymousUser")["type"] == "anonymous"
    mine = {row.group_id for row in snapshot.memberships if row.user_id == me}
    assert {group["id"] for group in other.all("getGroupMembershipsForUser", accountId=me, limit=1)} == mine
    # One account only: in the document this parameter is no list.
    assert len(other.call("getBulkUserLookup", accountId=me)["results"]) == 1
    people = [user.id for user in snapshot.users][:50]
    looked_up = other.call("createBulkUserLookup", {"accountIds": people})["results"]
    assert {user["accountId"] for user in looked_up} == set(people)
    assert other.all("searchUser", cql='type = user and user.fullname ~ "an"', limit=2)
    records = other.all("getAuditRecords", limit=100)
    assert len(records) >= 200
    assert "cloudId" in other.call("getSystemInfo")
    other.call("enableAdminKey", {"durationInMinutes": 10})
    assert other.call("getAdminKey")["accountId"] == me
    other.call("disableAdminKey")
    other.refused("getAdminKey", 404)
    other.refused("getDataPolicyMetadata", 401)

    group = next(group["id"] for group in groups if group["name"] == "archive-exporters")
    space = next(space for space in spaces if space["key"] == "ENG")
    change_permissions(other, space, group, roles[0]["id"])
    somebody = next(user.id for user in snapshot.users if user.id != me)
    change_restrictions(other, space["homepageId"], group, me, somebody)
    with simulator.connect() as wiki:
        held = {row.permission for row in wiki.space_permissions("ENG") if row.subject_id == group}
        left = {(row.operation, row.subject_id) for row in wiki.restrictions(space["homepageId"])}
    had = {row.permission for row in snapshot.space_permissions if (row.space_key, row.subject_id) == ("ENG", group)}
    assert held - had == {"view"}
    assert left == {("edit", me), ("edit", group)}
    crew = next(group["id"] for group in groups if group["name"] == "Book club")
    other.call("addUserToGroupByGroupId", {"accountId": me}, groupId=crew)
    other.call("removeMemberFromGroupByGroupId", groupId=crew, accountId=me)
    other.call("removeGroupById", id=crew)
    moved = snapshot.content("On-call Handbook").id
    other.call("movePage", pageId=moved, position="append", targetId=space["homepageId"])
    every = other.operations()
    assert len(every) >= 60
    assert other.called >= every, f"never called: {sorted(every - other.called)}"


def change_permissions(other: Other, space: dict[str, Any], group: str, role: str) -> None:
    subject = {"type": "group", "identifier": group}
    made = []
    for key, target in (("read", "space"), ("delete", "comment")):
        body = {"subject": subject, "operation": {"key": key, "target": target}}
        made.append(other.call("addPermissionToSpace", body, spaceKey=space["key"])["id"])
    again = {"subject": subject, "operation": {"key": "read", "target": "space"}}
    assert "already exists" in other.refused("addPermissionToSpace", 400, body=again, spaceKey=space["key"])
    other.call("removePermission", spaceKey=space["key"], id=made[1])
    principal = {"principalType": "GROUP", "principalId": group}
    for assignment in ({"principal": principal, "roleId": role}, {"principal": principal}):
        other.call("setSpaceRoleAssignments", [assignment], id=int(space["id"]))


def change_restrictions(other: Other, page: str, group: str, me: str, somebody: str) -> None:
    subjects = {"user": [{"type": "known", "accountId": me}], "group": [{"type": "group", "id": group}]}
    both = [{"operation": operation, "restrictions": subjects} for operation in ("read", "update")]
    assert len(other.call("addRestrictions", {"results": both[:1]}, id=page)["results"]) == 2
    other.call("updateRestrictions", {"results": both}, id=page)
    entry = {"id": page, "operationKey": "update"}
    other.call("getIndividualGroupRestrictionStatusByGroupId", **entry, groupId=group)
    other.call("removeGroupFromContentRestriction", **entry, groupId=group)
    other.refused("getIndividualGroupRestrictionStatusByGroupId", 404, **entry, groupId=group)
    other.call("deleteRestrictions", id=page)
    other.call("addUserToContentRestriction", **entry, accountId=me)
    other.call("getContentRestrictionStatusForUser", **entry, accountId=me)
    other.call("addGroupToContentRestrictionByGroupId", **entry, groupId=group)
    other.call("addUserToContentRestriction", **entry, accountId=somebody)
    other.call("removeUserFromContentRestriction", **entry, accountId=somebody)


@pytest.fixture
def run(other: Other, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs one of its commands. They insist on https, which a loopback port has not: they get their surface here."""
    for room in ("admin", "permission", "bulk"):
        module = import_module(f"confluence_as.cli.commands.{room}_cmds")
        monkeypatch.setattr(module, "create_surface", lambda: other.surface)
    main = import_module("confluence_as.cli.main")

    def run(*arguments: str) -> Any:
        ran = CliRunner().invoke(main.cli, list(arguments))
        assert ran.exit_code == 0, ran.output
        return json.loads(ran.stdout)

    return run


def test_its_commands_check_and_remove_permissions(simulator: Simulator, run: Any) -> None:
    checked = run("admin", "permissions", "check", "--space", "ENG", "--output", "json")
    with simulator.connect() as wiki:
        me = wiki.server().account_id
        mine = {row.group_id for row in wiki.snapshot(spaces=["ENG"]).memberships if row.user_id == me}
        given = {
            row.permission
            for row in wiki.space_permissions("ENG")
            if not row.via_role and row.subject_id in {me, *mine}
        }
        group = next(group for group in wiki.groups() if group.name == "engineering")
        page = next(row.content_id for row in wiki.snapshot(spaces=["ENG"]).restrictions if row.subject_id == group.id)
        was = {(row.operation, row.subject_id) for row in wiki.restrictions(page)}
    said = {row["operation"] for row in checked["permissions"] if row["has_permission"]}
    words = {"read": "view", "create": "create_page", "delete": "delete_page", "export": "export"}
    assert {words[word] for word in said & set(words)} == given & set(words.values())

    removed = run("permission", "space", "remove", "ENG", "--group", "engineering", "--operation", "read", "-o", "json")
    assert removed["count"] == 1
    taken = run("permission", "page", "remove", page, "--group", "engineering", "--operation", "read", "-o", "json")
    assert taken["removed"] == [group.id]
    with simulator.connect() as wiki:
        left = [row for row in wiki.space_permissions("ENG") if row.subject_id == group.id and not row.via_role]
        assert left == []
        assert was - {(row.operation, row.subject_id) for row in wiki.restrictions(page)} == {("view", group.id)}


def test_its_bulk_command_restricts_what_a_query_finds(simulator: Simulator, run: Any) -> None:
    with simulator.connect() as wiki:
        me = wiki.server().account_id
        pages = {row.id for row in wiki.contents("OPS") if row.type == "page" and row.status == "current"}
        was = {(row.content_id, row.operation, row.subject_id) for row in wiki.snapshot(spaces=["OPS"]).restrictions}
    assert pages
    query = 'space = "OPS" and type = page'
    run("bulk", "permission", "--cql", query, "--add-user", me, "--yes", "--max-pages", "200")
    with simulator.connect() as wiki:
        now = {(row.content_id, row.operation, row.subject_id) for row in wiki.snapshot(spaces=["OPS"]).restrictions}
    assert was <= now
    assert now - was <= {(page, "view", me) for page in pages}
    assert {page for page, operation, subject in now if (operation, subject) == ("view", me)} >= pages
