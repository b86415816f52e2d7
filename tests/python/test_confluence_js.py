"""confluence.js 3.2.0, which validates every answer against its own schemas, reads and changes the simulator.

Its schemas were repaired against live sites where Atlassian's documents are wrong, so they know what the documents do
not. They run in the strict mode of the package's own audits: they also report an unknown property or word.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

import pytest
from node_packages import HERE, install
from test_simulator_contract import served

from confluence_access import Simulator


@dataclass(frozen=True)
class Drift:
    """What the schemas of confluence.js do not know: on these routes, at this place."""

    route: str
    place: str
    key: str
    reason: str


DRIFT = [
    Drift("GET /wiki/api/v2/space-roles/*", "", "_links", "Atlassian's document has it, confluence.js does not"),
    Drift("GET /wiki/api/v2/pages/*", "", "subtype", "as in the listing of pages, where both know it"),
    Drift("* /wiki/rest/api/content/*", "*restrictions.group", "_links", "as in the list of users, where both know it"),
]


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js, with the package in place."""
    return install()


def told(node: str, simulator: Simulator, path: str = "") -> dict[str, Any]:
    """Everything confluence.js says about the simulator."""
    program = [node, "confluence_js.js", simulator.url + path, simulator.username, simulator.token]
    environment = os.environ | {"NO_PROXY": "127.0.0.1"}
    ran = subprocess.run(program, cwd=HERE, capture_output=True, text=True, env=environment)
    assert ran.returncode == 0, ran.stderr
    report: dict[str, Any] = json.loads(ran.stdout)
    return report


def judged(report: dict[str, Any]) -> tuple[list[str], set[Drift]]:
    """Everything that is wrong, and the known drift that was met."""
    wrong = [f"{call['name']}: {call['problem']}" for call in report["calls"] if call["problem"]]
    met: set[Drift] = set()
    for found in report["drift"]:
        where = f"{found['endpoint']}: {found['path']}"
        if found["kind"] == "value":
            wrong.append(f"{where}: {found['value']} is none of {found['documented']}")
        for key in found.get("keys", []):
            known = {
                drift
                for drift in DRIFT
                if key == drift.key and fnmatch(found["endpoint"], drift.route) and fnmatch(found["path"], drift.place)
            }
            met |= known
            wrong += [] if known else [f"{where}: {key} is not known"]
    return wrong, met


def braces(route: str) -> str:
    """A route whatever its parameters are called."""
    return re.sub(r"\{[^}]*\}", "{}", route)


@pytest.mark.parametrize("gateway", [False, True], ids=["site", "gateway"])
def test_confluence_js_validates_every_answer_and_understands_it(node, gateway):
    with Simulator(pages=300) as simulator:
        with simulator.connect() as wiki:
            before = wiki.snapshot()
        simulator.clear_log()
        report = told(node, simulator, f"/ex/confluence/{simulator.cloud_id}" if gateway else "")
        asked = {braces(request.route) for request in simulator.requests if request.route}
        assert simulator.unexpected == []
        with simulator.connect() as wiki:
            after = wiki.snapshot()

    wrong, known = judged(report)
    assert not wrong, "\n".join(wrong[:20])
    assert known == set(DRIFT), "a drift that does not happen any more"
    assert len(report["calls"]) >= 290
    assert max(Counter(call["name"] for call in report["calls"]).values()) < len(report["calls"]) / 5

    # What it has a method for and the simulator serves, it asked.
    methods = {braces(route) for route in report["routes"]}
    both = {route for route in map(braces, served()) if route in methods}
    assert len(both) >= 60
    assert asked >= both, f"tests/node/confluence_js.js calls nothing for {sorted(both - asked)}"
    # These want a file before they say where they would send it.
    assert all("Attachment" in method for method in report["unknown"]), report["unknown"]

    same_reads(report["read"], before)
    same_writes(report["wrote"], before, after)


def same_reads(read: dict[str, Any], snapshot: Any) -> None:
    """What it read is what we read."""
    ids = {row.id: row.key for row in snapshot.spaces}
    assert set(read["spaces"]) == set(ids.values())
    listed = {row.id for row in snapshot.contents if row.status in {"current", "archived"}}
    assert set(read["pages"]) == {row.id for row in snapshot.contents if row.type == "page"} & listed
    assert set(read["blogposts"]) == {row.id for row in snapshot.contents if row.type == "blogpost"} & listed
    members: dict[str, list[str]] = {group.name: [] for group in snapshot.groups}
    for row in snapshot.memberships:
        if not row.path:
            members[row.group_name].append(row.user_id)
    assert read["groups"] == {name: sorted(ids) for name, ids in members.items()}
    lists: dict[str, dict[str, list[str]]] = {}
    for row in snapshot.restrictions:
        both = lists.setdefault(row.content_id, {"read": [], "update": []})
        # A group that is gone keeps what was its id as its name.
        both["read" if row.operation == "view" else "update"].append(row.subject_id or row.subject_name)
    # The index, which it asked, holds no page of an archived space.
    archived = {space.key for space in snapshot.spaces if space.status == "archived"}
    pages = {row.id for row in snapshot.contents if row.type == "page" and row.space_key not in archived}
    ours = {page: {word: sorted(ids) for word, ids in both.items()} for page, both in lists.items() if page in pages}
    assert len(ours) >= 10
    assert read["restrictions"] == ours
    for space in snapshot.spaces:
        mine = [row for row in snapshot.space_permissions if row.space_key == space.key and row.subject_type == "group"]
        theirs = {subject for subject, _, _ in read["spaces"][space.key]["permissions"]}
        assert {row.subject_id for row in mine if not row.via_role} <= theirs
        assigned = {subject for subject, _ in read["spaces"][space.key]["assignments"]}
        assert {row.subject_id for row in mine if row.via_role} <= assigned


def same_writes(wrote: dict[str, Any], before: Any, after: Any) -> None:
    """What it wrote is what we read afterwards, and nothing else is."""
    held = {(row.space_key, row.subject_id, row.permission) for row in before.space_permissions}
    holds = {(row.space_key, row.subject_id, row.permission) for row in after.space_permissions}
    assert holds ^ held == {(wrote["space"], wrote["group"], "view")}
    was = {(row.content_id, row.operation, row.subject_id) for row in before.restrictions}
    restricted = {(row.content_id, row.operation, row.subject_id) for row in after.restrictions}
    # A deleted group stays on the lists it was on, without its name.
    changed = {row for row in restricted ^ was if row[2] not in (wrote["gone"], None)}
    assert changed == {(wrote["page"], "edit", subject) for subject in (wrote["user"], wrote["group"])}


def test_an_answer_that_is_wrong_does_not_pass(node):
    with Simulator(pages=40) as simulator:
        simulator.fail("/space-role-mode", effect="body", body='{"mode": "SOME_ROLES"}')
        simulator.fail("/settings/systemInfo", effect="body", body="<html></html>")
        simulator.fail("/user/anonymous", effect="body", body='{"type": "anonymous", "shoe": 44}')
        simulator.fail("/group/by-id", effect="body", body='{"type": "group", "name": 7, "id": "1"}')
        wrong, _ = judged(told(node, simulator))
    for expected in (
        "space-role-mode: mode: SOME_ROLES is none of",
        "getSystemInfo: SchemaMismatchError",
        "getAnonymousUser: SchemaMismatchError",
        "getGroupByGroupId: SchemaMismatchError",
    ):
        assert any(expected in line for line in wrong), wrong
    assert len(wrong) == 4
