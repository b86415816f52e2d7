"""Other people's clients, pointed at the simulator, get what they understand."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from confluence_access import Simulator

with warnings.catch_warnings():
    # Of its own making, not of ours.
    warnings.simplefilter("ignore")
    import atlassian


@pytest.fixture
def simulator():
    with Simulator(pages=80) as simulator:
        yield simulator
        assert simulator.unexpected == []


@pytest.fixture
def other(simulator) -> Any:
    session = atlassian.Confluence(
        url=f"{simulator.url}/wiki", username=simulator.username, password=simulator.token, cloud=True
    )
    yield session
    session.close()


def test_atlassian_python_api_reads_restrictions(simulator, other):
    with simulator.connect() as wiki:
        snapshot = wiki.snapshot()
    restricted = next(row.content_id for row in snapshot.restrictions if row.operation == "view")
    lists = other.get_all_restrictions_for_content(restricted)
    groups = {group["id"] for group in lists["read"]["restrictions"]["group"]["results"]}
    users = {user["accountId"] for user in lists["read"]["restrictions"]["user"]["results"]}
    ours = {row.subject_id for row in snapshot.restrictions if (row.content_id, row.operation) == (restricted, "view")}
    assert groups | users == ours


def test_atlassian_python_api_reads_and_gives_permissions(simulator, other):
    with simulator.connect() as wiki:
        group = next(group for group in wiki.groups() if group.name == "archive-exporters")
        made = other.add_space_permissions("OPS", "group", group.id, "read", "space")
        assert made["operation"] == {"key": "read", "target": "space"}
        read = other.get_space_permissions("OPS")["permissions"]
        row = next(row for row in read if row["id"] == made["id"])
        assert row["subjects"]["group"]["results"][0]["id"] == group.id
        assert "view" in {row.permission for row in wiki.space_permissions("OPS") if row.subject_id == group.id}
