"""Names beside ids, many contents in one question, and what people keep of an audit log."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pandas as pd
import pytest

from confluence_access import (
    AsyncConfluence,
    ConfigurationError,
    Confluence,
    IncompleteError,
    NotFoundError,
    Simulator,
    Snapshot,
    permission_changes,
    read_audit_log,
)

SITE = {
    "caller": "k-ann",
    "users": {
        "k-ann": {"display_name": "Ann Berg", "product_admin": True},
        "k-bob": {"display_name": "Bob Lind"},
    },
    "groups": {"eng": {"members": ["user:k-ann", "user:k-bob"]}},
    "spaces": {"ENG": {"name": "Engineering", "grants": {"group:eng": ["view", "administer", "restrict"]}}},
    "contents": {str(1000 + n): {"type": "page", "space": "ENG", "title": f"Page {n}"} for n in range(30)},
    "restrictions": {str(1000 + n): {"read": ["user:k-ann", "user:k-bob"]} for n in range(30)},
}


@pytest.fixture(params=["cloud", "datacenter"])
def wiki(request):
    with (
        Simulator(request.param, site=SITE) as simulator,
        Confluence(simulator.url, username=simulator.username, token=simulator.token)
        if request.param == "cloud"
        else Confluence(simulator.url, token=simulator.token, deployment="datacenter") as wiki,
    ):
        yield wiki
        assert simulator.unexpected == []


def rows(table):
    return [(row.content_id, row.subject_id) for row in table]


def test_restrictions_of_many_contents_are_asked_for_in_every_form(wiki):
    pages = wiki.contents("ENG")
    one = [(page.id, subject) for page in pages for subject in ("k-ann", "k-bob")]
    assert rows(wiki.restrictions(pages)) == one
    numbers = [int(page.id) for page in pages]
    for ids in [numbers, np.array(numbers), pd.Series(numbers), (str(n) for n in numbers), pages.to_pandas()["id"]]:
        assert rows(wiki.restrictions(ids)) == one
    assert rows(wiki.restrictions(np.int64(1000))) == one[:2]
    assert len(wiki.restrictions([])) == 0


def test_a_content_that_is_not_there_is_a_gap_among_others_and_an_error_alone(wiki):
    found = wiki.restrictions(["1001", "4242", "1000", "1001"])
    assert [row.content_id for row in found] == ["1001", "1001", "1000", "1000"]
    assert [(gap.subject, gap.cause) for gap in found.gaps] == [("4242", "not_found")]
    with pytest.raises(IncompleteError):
        wiki.restrictions(["4242"], strict=True)
    with pytest.raises(NotFoundError):
        wiki.restrictions("4242")
    with pytest.raises(ConfigurationError):
        wiki.restrictions([1000, True])


def test_the_async_client_asks_the_same():
    async def ask(simulator):
        async with AsyncConfluence(simulator.url, username=simulator.username, token=simulator.token) as wiki:
            return await wiki.restrictions(range(1000, 1030))

    with Simulator(site=SITE) as simulator:
        assert len(asyncio.run(ask(simulator))) == 60


def test_permissions_findings_and_changes_have_names(wiki):
    assert {row.subject_name for row in wiki.space_permissions("ENG")} == {"eng"}
    snapshot = wiki.snapshot()
    assert {row.subject_name for row in snapshot.restrictions} == {"Ann Berg", "Bob Lind"}
    assert all(row.subject_name for row in snapshot.space_permissions)
    (finding, *_) = [row for row in snapshot.access().findings() if row.code == "individual_entries"]
    assert "Ann Berg, Bob Lind" in finding.message
    (row,) = wiki.grant("ENG", "group:eng", ["view"], dry_run=True)
    assert row.title == "Engineering"


def test_a_described_site_has_names_too():
    snapshot = Snapshot.from_dict({**SITE, "caller": "user:k-ann"}, deployment="cloud")
    assert {row.subject_name for row in snapshot.restrictions} == {"Ann Berg", "Bob Lind"}


def test_a_saved_answer_a_table_and_something_else_are_told_apart(tmp_path):
    record = {
        "author": {"displayName": "Ann Berg", "accountId": "k-ann"},
        "creationDate": 1764074955065,
        "summary": "Space permission added",
        "category": "Permissions",
        "affectedObject": {"name": "eng", "objectType": "Group"},
        "changedValues": [{"name": "Type", "oldValue": "", "newValue": "VIEWSPACE"}],
        "associatedObjects": [{"name": "Engineering", "objectType": "Space"}],
    }
    saved = tmp_path / "answer.json"
    saved.write_text(json.dumps({"results": [record], "_links": {}}, indent=2), encoding="utf-8")
    table = tmp_path / "export.csv"
    table.write_text(
        "Time (UTC),User,Event type,Change,Item affected\n"
        "2025-11-25 12:49:15,Ann Berg,Permissions,Space permission added,Group: eng; Space: Engineering\n",
        encoding="utf-8",
    )
    for file in (saved, table):
        log = read_audit_log(file, strict=True)
        assert [(row.author_name, row.action) for row in log] == [("Ann Berg", "Space permission added")]
        assert [row.change for row in permission_changes(log)] == ["added"]
    picture = tmp_path / "picture.audit.log"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert "is a PNG image" in read_audit_log(picture).gaps[0].message
