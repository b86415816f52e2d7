"""atlassian-python-api 4.0.7 (`cloud=False`) reads and changes a simulated Data Center, at the root or below a path.

What it reads through one vocabulary is held against what it reads through another: REST, JSON-RPC and the permissions a
space expands to. Six of its methods that should write space permissions by REST send what Atlassian does not document;
`test_its_own_methods_for_rest_writes_are_refused` says for each what is wrong, and the writes are done with its `put`
and `post` instead.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from confluence_access import Simulator

with warnings.catch_warnings():
    # Of its own making, not of ours.
    warnings.simplefilter("ignore")
    import atlassian

# Target and operation in REST, by the type in JSON-RPC.
# Source: https://developer.atlassian.com/server/confluence/rest/v1010/api-group-space-permissions/
PAIRS = {
    "VIEWSPACE": ("space", "read"),
    "REMOVEOWNCONTENT": ("space", "delete_own"),
    "EDITSPACE": ("page", "create"),
    "REMOVEPAGE": ("page", "delete"),
    "EDITBLOG": ("blogpost", "create"),
    "REMOVEBLOG": ("blogpost", "delete"),
    "CREATEATTACHMENT": ("attachment", "create"),
    "REMOVEATTACHMENT": ("attachment", "delete"),
    "COMMENT": ("comment", "create"),
    "REMOVECOMMENT": ("comment", "delete"),
    "SETPAGEPERMISSIONS": ("space", "restrict"),
    "REMOVEMAIL": ("space", "delete_mail"),
    "EXPORTSPACE": ("space", "export"),
    "SETSPACEPERMISSIONS": ("space", "administer"),
}
# Who has what: kind of subject, its name, target, operation.
Row = tuple[str, str, str, str]

every = pytest.mark.parametrize(
    ("version", "context"), [("8.5.4", "/confluence"), ("8.5.4", ""), ("9.2.0", "/confluence")]
)
with_rest = pytest.mark.parametrize(
    ("version", "context"), [("9.2.0", "/confluence"), ("9.2.0", ""), ("10.2.0", "/wiki")]
)


@pytest.fixture
def simulator(version: str, context: str) -> Iterator[Simulator]:
    with Simulator("datacenter", pages=80, version=version, context=context) as simulator:
        yield simulator
        assert simulator.unexpected == []


@pytest.fixture
def other(simulator: Simulator) -> Iterator[Any]:
    session = atlassian.Confluence(
        url=simulator.url, username=simulator.username, password=simulator.password, cloud=False
    )
    yield session
    session.close()


def spaces(other: Any) -> list[str]:
    return [space["key"] for space in other.get_all_spaces(limit=50)["results"]]


def by_json_rpc(other: Any, key: str) -> set[Row]:
    found: set[Row] = set()
    for one in other.get_space_permissions(key):
        for entry in one["spacePermissions"]:
            assert entry["type"] == one["type"]
            kind = "user" if entry["userName"] else "group" if entry["groupName"] else "anonymous"
            found.add((kind, entry["userName"] or entry["groupName"] or "", *PAIRS[one["type"]]))
    return found


def by_expansion(other: Any, key: str) -> set[Row]:
    found: set[Row] = set()
    for row in other.get_space(key, expand="permissions")["permissions"]:
        pair = (row["operation"]["targetType"], row["operation"]["operation"])
        if row["anonymousAccess"]:
            found.add(("anonymous", "", *pair))
        for kind, named in (("user", "username"), ("group", "name")):
            for subject in row["subjects"].get(kind, {}).get("results", []):
                found.add((kind, subject[named], *pair))
    return found


def by_rest(other: Any, listed: list[Any]) -> set[Row]:
    found: set[Row] = set()
    for row in listed:
        subject = row.get("subject") or {"type": "anonymous"}
        # A row has the key of a user and nothing else.
        name = subject.get("name", "")
        if subject["type"] == "user":
            name = other.get_user_details_by_userkey(subject["userKey"])["username"]
        found.add((subject["type"], name, row["operation"]["targetType"], row["operation"]["operationKey"]))
    return found


@every
def test_json_rpc_and_the_expanded_space_tell_the_same_permissions(simulator, other):
    told = {key: by_json_rpc(other, key) for key in spaces(other)}
    assert told == {key: by_expansion(other, key) for key in told}
    assert sum(map(len, told.values())) > 60


@with_rest
def test_rest_tells_the_same_permissions_as_json_rpc(simulator, other):
    kinds = set()
    for key in spaces(other):
        told = by_json_rpc(other, key)
        # What is anonymous stands in a list of its own as well.
        anonymous = by_rest(other, other.get_permissions_granted_to_anonymous_for_space(key))
        assert anonymous == {row for row in told if row[0] == "anonymous"}
        assert by_rest(other, other.get_all_space_permissions(key)) == told
        for name in {row[1] for row in told if row[0] == "group"}:
            # Its address is not escaped, which a name with a slash would need.
            if "/" not in name:
                own = by_rest(other, other.get_permissions_granted_to_group_for_space(key, name))
                assert own == {row for row in told if row[:2] == ("group", name)}
        for name in {row[1] for row in told if row[0] == "user"}:
            user_key = other.get_user_details_by_username(name)["userKey"]
            own = by_rest(other, other.get_permissions_granted_to_user_for_space(key, user_key))
            assert own == {row for row in told if row[:2] == ("user", name)}
        kinds |= {row[0] for row in told}
    assert kinds == {"user", "group", "anonymous"}


@pytest.mark.parametrize(("version", "context"), [("8.5.4", "/confluence"), ("9.0.1", "")])
def test_rest_has_no_space_permissions_below_9_1(simulator, other):
    for ask in (other.get_all_space_permissions, other.get_permissions_granted_to_anonymous_for_space):
        with pytest.raises(requests.HTTPError) as missing:
            ask("ENG")
        assert getattr(missing.value.response, "status_code", None) == 404


@every
def test_json_rpc_gives_and_takes_permissions(simulator, other):
    before = by_json_rpc(other, "OPS")
    for name, kind in (("ann.berg", "user"), ("interns", "group")):
        given = {(kind, name, "space", "export"), (kind, name, "page", "create")}
        for word in ("EXPORTSPACE", "EDITSPACE"):
            assert other.add_space_permission_json_rpc("OPS", name, word) is True
            # Once more is as good.
            assert other.add_space_permission_json_rpc("OPS", name, word) is True
        assert by_json_rpc(other, "OPS") - before == given - before
        assert by_json_rpc(other, "OPS") == by_expansion(other, "OPS")
        for word in ("EXPORTSPACE", "EDITSPACE"):
            assert other.remove_space_permission("OPS", name, word) is True
        assert by_json_rpc(other, "OPS") == before - given


def pair(word: str) -> dict[str, str]:
    target, operation = PAIRS[word]
    return {"targetType": target, "operationKey": operation}


@with_rest
def test_rest_gives_takes_and_sets_permissions(simulator, other):
    ann = other.get_user_details_by_username("ann.berg")["userKey"]
    base = "rest/api/space/OPS/permissions"
    words = ["VIEWSPACE", "COMMENT"]
    for part, kind, name in (("anonymous", "anonymous", ""), ("group/interns", "group", "interns")):
        before = by_json_rpc(other, "OPS")
        given = {(kind, name, *PAIRS[word]) for word in words}
        other.put(f"{base}/{part}/grant", data=[pair(word) for word in words])
        assert by_json_rpc(other, "OPS") == before | given
        other.put(f"{base}/{part}/revoke", data=[pair(word) for word in words])
        assert by_json_rpc(other, "OPS") == before - given
    other.put(f"{base}/user/{ann}/grant", data=[pair(word) for word in words])
    assert {row for row in by_json_rpc(other, "OPS") if row[:2] == ("user", "ann.berg")} >= {
        ("user", "ann.berg", *PAIRS[word]) for word in words
    }
    # Setting replaces per subject and leaves the others alone; an empty list takes everything.
    before = by_json_rpc(other, "OPS")
    other.post(
        base,
        data=[
            {"userKey": ann, "operations": [pair("VIEWSPACE")]},
            {"groupName": "interns", "operations": [pair("VIEWSPACE"), pair("EXPORTSPACE")]},
            {"operations": []},
        ],
    )
    mentioned = {("user", "ann.berg"), ("group", "interns"), ("anonymous", "")}
    kept = {row for row in before if row[:2] not in mentioned}
    assert by_json_rpc(other, "OPS") == kept | {
        ("user", "ann.berg", "space", "read"),
        ("group", "interns", "space", "read"),
        ("group", "interns", "space", "export"),
    }
    assert by_rest(other, other.get_all_space_permissions("OPS")) == by_json_rpc(other, "OPS")


@pytest.mark.parametrize(("version", "context"), [("9.2.0", "/confluence")])
def test_its_own_methods_for_rest_writes_are_refused(simulator, other):
    before = by_json_rpc(other, "OPS")
    ann = other.get_user_details_by_username("ann.berg")["userKey"]
    read = [pair("VIEWSPACE")]
    writes = {
        # The list is turned into JSON twice, so that the server gets a text.
        "is no list": lambda: other.set_permissions_to_multiple_items_for_space("OPS", user_key=ann, operations=read),
        # The document writes `/grant` behind the subject.
        "OPS/permissions/anonymous": lambda: other.set_permissions_to_anonymous_for_space("OPS", read),
        "permissions/group/interns": lambda: other.set_permissions_to_group_for_space("OPS", "interns", read),
        f"permissions/user/{ann}": lambda: other.set_permissions_to_user_for_space("OPS", ann, read),
        # The document has the list itself as the body, not an object around it.
        "operations are no list": lambda: other.remove_permissions_from_group_for_space("OPS", "interns", read),
        # The operations stand in the address.
        "query parameter `operations`": lambda: other.remove_permissions_from_user_for_space("OPS", ann, read),
    }
    for reason, write in writes.items():
        with pytest.raises(requests.HTTPError):
            write()
        assert len(simulator.unexpected) == 1
        assert reason in simulator.unexpected[0]
        simulator.clear_log()
    assert by_json_rpc(other, "OPS") == before


def rows(lists: Any) -> set[tuple[str, str, str]]:
    """Operation, kind of subject, name; of what has the lists of both operations."""
    return {
        (operation, kind, subject["username" if kind == "user" else "name"])
        for operation in ("read", "update")
        for kind in ("user", "group")
        for subject in lists[operation]["restrictions"].get(kind, {}).get("results", [])
    }


def both(lists: Any) -> Any:
    """Newer versions have an object around the lists."""
    return lists.get("restrictions", lists)


def restrictions(other: Any, page: str) -> set[tuple[str, str, str]]:
    expand = ",".join(f"{o}.restrictions.{k}" for o in ("read", "update") for k in ("user", "group"))
    whole = rows(both(other.get(f"rest/api/content/{page}/restriction/byOperation", params={"expand": expand})))
    # Its own method asks for no expansion, which means groups only.
    groups = rows(both(other.get_all_restrictions_for_content(page)))
    assert groups == {row for row in whole if row[1] == "group"}
    return whole


def restrictions_by_json_rpc(other: Any, page: str) -> set[tuple[str, str, str]]:
    return {
        (
            {"View": "read", "Edit": "update"}[one["type"]],
            "user" if entry["userName"] else "group",
            entry["userName"] or entry["groupName"],
        )
        for one in other.get_all_restrictions_from_page_json_rpc(page)
        for entry in one["contentPermissions"]
    }


def pages(other: Any) -> list[str]:
    expand = ",".join(f"restrictions.{o}.restrictions.{k}" for o in ("read", "update") for k in ("user", "group"))
    listed = other.get_all_pages_from_space_as_generator("ENG", limit=10, expand=expand)
    found = {page["id"]: rows(page["restrictions"]) for page in listed}
    assert len(found) > 10
    for page, inline in found.items():
        assert restrictions(other, page) == inline
    return [page for page, inline in found.items() if inline]


@every
def test_restrictions_are_the_same_in_bulk_singly_and_by_json_rpc(simulator, other):
    restricted = pages(other)
    assert len(restricted) >= 5
    for page in restricted:
        assert restrictions_by_json_rpc(other, page) == restrictions(other, page)


@every
def test_restrictions_are_changed_by_json_rpc_and_by_rest(simulator, other, version, capsys):
    page = other.get_page_by_title("ENG", "Roadmap 2027")["id"]
    assert restrictions(other, page) == {("read", "group", "engineering")}
    edit = [{"type": "Edit", "userName": "ann.berg", "groupName": None}]
    assert other.update_restrictions_for_page_json_rpc(page, "Edit", edit) is True
    expected = {("read", "group", "engineering"), ("update", "user", "ann.berg")}
    assert restrictions(other, page) == restrictions_by_json_rpc(other, page) == expected
    # Its own words for the same, which read before they write.
    other.add_user_in_restricted_page("bob.lind", page, "View")
    assert restrictions(other, page) == {*expected, ("read", "user", "bob.lind")}
    viewers = other.get_users_from_restricts_in_page_by_type(page, "View")
    assert {entry["userName"] or entry["groupName"] for entry in viewers} == {"engineering", "bob.lind"}
    other.remove_user_from_restricted_page("bob.lind", page)
    assert restrictions(other, page) == expected

    # The PUT of the version; the older one takes pages for lists. What is not named stays as it is.
    older = version.startswith("8.5")
    route = f"rest/{'experimental' if older else 'api'}/content/{page}/restriction"

    def lists(users: list[Any], groups: list[Any]) -> dict[str, Any]:
        return {"user": {"results": users}, "group": {"results": groups}} if older else {"user": users, "group": groups}

    interns = {"type": "group", "name": "interns"}
    ann = {"type": "known", "username": "ann.berg"}
    other.put(route, data=[{"operation": "read", "restrictions": lists([ann], [interns])}])
    replaced = {("read", "group", "interns"), ("read", "user", "ann.berg"), ("update", "user", "ann.berg")}
    assert restrictions(other, page) == restrictions_by_json_rpc(other, page) == replaced
    other.put(route, data=[{"operation": word, "restrictions": lists([], [])} for word in ("read", "update")])
    assert restrictions(other, page) == restrictions_by_json_rpc(other, page) == set()
    assert "deleted from restrictions" in capsys.readouterr().out


@every
def test_groups_members_and_users_are_read(simulator, other):
    groups = [group["name"] for group in other.get_all_groups()]
    assert {"engineering", "interns", "R&D / Platform+Core"} <= set(groups)
    members = {}
    for name in groups:
        # Its address is not escaped, which these would need.
        if not set(name) & set("/%#?+"):
            listed = other.get_all_members(name)
            members[name] = {member["username"] for member in listed}
            assert len(members[name]) == len(listed)
    assert {"ann.berg", "bob.lind"} <= members["engineering"]
    for name in members["engineering"]:
        user = other.get_user_details_by_username(name, expand="status")
        assert other.get_user_details_by_userkey(user["userKey"])["username"] == name
    with pytest.raises(atlassian.errors.ApiNotFoundError):
        other.get_user_details_by_username("nobody")


@pytest.mark.parametrize(("version", "context"), [("9.2.0", "/confluence")])
def test_with_the_remote_api_off_it_says_so(version, context):
    with Simulator("datacenter", version=version, context=context, json_rpc="off") as simulator:
        session: Any = atlassian.Confluence(
            url=simulator.url, username=simulator.username, password=simulator.password, cloud=False
        )
        with pytest.raises(requests.HTTPError):
            session.get_space_permissions("ENG")
        assert session.get_all_space_permissions("ENG")
        session.close()
