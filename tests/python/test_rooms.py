"""The declared methods of the add-on APIs, each called once: the simulator has every one of them."""

from __future__ import annotations

import asyncio
import inspect
import re
from typing import Any

import pytest
from rooms_site import rooms

from confluence_access import AsyncConfluence, Simulator, _core
from confluence_access.errors import ConfigurationError
from confluence_access.extender import AsyncExtender, Extender
from confluence_access.json_rpc import AsyncJsonRpc, JsonRpc

ROOMS = {"extender": (Extender, AsyncExtender), "json_rpc": (JsonRpc, AsyncJsonRpc)}

SAMPLES = {
    "space": "DOC",
    "content": "11",
    "place": ("Numbers", "DOC"),
    "places": ["12"],
    "subject": "user:bob",
    "subjects": ["user:ann", "group:staff"],
    "holder": "user:bob",
    "user": "eve",
    "users": ["eve"],
    "group": "staff",
    "groups": ["new"],
    "group_or_none": "",
    "space_type": "COMMENT",
    "space_types": ["view", "COMMENT"],
    "space_type_or_all": "VIEWSPACE",
    "global_type": "USECONFLUENCE",
    "global_types": ["PERSONALSPACE"],
    "restriction_list": "Edit",
    "operation": "view",
    "operation_or_both": "edit",
    "flag": True,
    "text": "yyyy-MM-dd",
    "start": 0,
    "most": 5,
}
"""A value for each kind of parameter."""

OTHERS = {"add_group": {"group": "new"}, "remove_group": {"group": "new"}}
DAYS = {"creation_date_from": "2001-01-01", "creation_date_to": "2099-01-01"}


def sample(row: dict[str, Any]) -> dict[str, Any]:
    """Arguments for a method."""
    given = {p["name"]: DAYS.get(p["name"], SAMPLES[p["kind"]]) for p in row["parameters"]}
    return {**given, **OTHERS.get(row["name"], {})}


def address(room: str, row: dict[str, Any]) -> str:
    """What the path of a call of a method looks like."""
    if room == "json_rpc":
        return f"/rpc/json-rpc/confluenceservice-v2/{row['server'].partition('(')[0]}"
    _, _, path = row["server"].partition("?")[0].partition(" ")
    pattern = re.sub(r"\\\[(.*?)\\\]", r"(?:\1)?", re.escape(path))
    return "/rest/extender/1.0/" + re.sub(r"\\\{\w+\\\}", ".+", pattern)


@pytest.mark.parametrize("room", ROOMS)
def test_every_declared_method_is_answered_at_its_address_blocking_and_awaited(room):
    rows = _core.methods()[room]
    assert len(rows) >= 25

    async def ask(server: Simulator) -> list[Any]:
        async with AsyncConfluence(server.url, token=server.token, deployment="datacenter") as wiki:
            return [await getattr(getattr(wiki, room), row["name"])(**sample(row)) for row in rows]

    blocking = []
    with rooms() as (server, wiki):
        for row in rows:
            server.clear_log()
            answer = getattr(getattr(wiki, room), row["name"])(**sample(row))
            # Addresses in an answer hold the port, which is another one next time.
            blocking.append(repr(answer).replace(server.url, ""))
            assert any(re.fullmatch(address(room, row), request.path) for request in server.requests), row["name"]
        assert server.unexpected == []
    with rooms() as (server, _):
        awaited = [repr(answer).replace(server.url, "") for answer in asyncio.run(ask(server))]
        assert server.unexpected == []
    for row, one, other in zip(rows, blocking, awaited, strict=True):
        assert one == other, row["name"]


@pytest.mark.parametrize("room", ROOMS)
def test_every_change_is_rehearsed_at_its_address_and_not_made(room):
    changes = [row for row in _core.methods()[room] if row["changes"]]
    assert len(changes) >= 8
    with rooms() as (server, wiki):
        for row in changes:
            shown = getattr(getattr(wiki, room), row["name"])(**sample(row), dry_run=True)
            assert re.fullmatch(address(room, row), shown["path"]), row["name"]
        assert {request.method for request in server.requests} == {"GET"}


@pytest.mark.parametrize("room", ROOMS)
def test_the_classes_have_the_declared_methods_with_every_parameter_described(room):
    for kind in ROOMS[room]:
        for row in _core.methods()[room]:
            method = getattr(kind, row["name"])
            taken = [name for name in inspect.signature(method).parameters if name != "self"]
            declared = [parameter["name"] for parameter in row["parameters"]]
            assert [name for name in taken if name not in ("dry_run", "strict")] == declared, row["name"]
            assert ("dry_run" in taken) == row["changes"], row["name"]
            for name in taken:
                assert re.search(rf"^ +{name}: \S", method.__doc__, re.MULTILINE), f"{row['name']}: {name}"


@pytest.mark.parametrize("room", ROOMS)
def test_the_awaited_class_has_the_same_methods_documented_too(room):
    blocking, awaited = ({n: m for n, m in vars(kind).items() if not n.startswith("_")} for kind in ROOMS[room])
    assert blocking.keys() == awaited.keys() >= {row["name"] for row in _core.methods()[room]}
    for name in blocking.keys() - {"envelope"}:
        assert inspect.signature(blocking[name]).parameters == inspect.signature(awaited[name]).parameters, name
        assert inspect.iscoroutinefunction(awaited[name]), name
        assert blocking[name].__doc__, name
        assert awaited[name].__doc__, name


@pytest.mark.parametrize("room", ROOMS)
def test_the_room_is_not_on_cloud(room):
    with Simulator(pages=5) as server, server.connect() as wiki:
        with pytest.raises(ConfigurationError, match="Data Center and Server only"):
            getattr(wiki, room).groups()
        assert not [request for request in server.requests if "rpc" in request.path or "extender" in request.path]


def test_what_no_method_takes_is_a_mistake_of_type():
    with rooms() as (server, wiki):
        others: list[Any] = [7, None, ["ann"], object()]
        for wrong in others:
            with pytest.raises(TypeError, match="user"):
                wiki.json_rpc.user_groups(wrong)
        with pytest.raises(TypeError, match="no_such"):
            wiki._core.json_rpc().call("no_such", {})
        with pytest.raises(TypeError, match="`nothing`"):
            wiki._core.extender().call("groups", {"nothing": 1})
        # Both kinds of mistakes are reported before anything is sent.
        with pytest.raises(ConfigurationError, match="`max_results` is at least 1"):
            wiki.extender.groups(max_results=0)
        assert server.requests == []


def test_a_user_is_named_with_and_without_its_kind_in_lists_too():
    with rooms() as (_, wiki):
        assert wiki.extender.add_users("group:staff", "user:eve")["usersAdded"] == ["eve"]
