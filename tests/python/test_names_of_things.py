"""Content items and spaces by title, name and address: offline, and asked of a site."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from confluence_access import (
    AmbiguousError,
    AsyncConfluence,
    ConfigurationError,
    Confluence,
    NotFoundError,
    NotInSnapshotError,
    Simulator,
    Snapshot,
)


def site() -> dict[str, Any]:
    page = {"type": "page", "space": "ENG"}
    return {
        "users": {"ann": {"display_name": "Ann Lee", "email": "ann@acme.com"}, "bob": {"name": "bob"}},
        "groups": {"g1": {"name": "eng", "members": ["user:ann"]}},
        "spaces": {
            "ENG": {"name": "Engineering", "grants": {"group:g1": ["view", "create_page"]}},
            "HR": {"name": "People", "grants": {"user:ann": ["view"]}},
        },
        "contents": {
            "101": {**page, "title": "Roadmap"},
            "102": {**page, "title": "Remediation Plan", "parent": "101"},
            "103": {**page, "title": "Plan: B", "parent": "101"},
            "104": {"type": "page", "space": "HR", "title": "Roadmap"},
            "105": {"type": "blogpost", "space": "HR", "title": "HR:News"},
        },
        "restrictions": {"102": {"read": ["user:ann"]}},
    }


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return Snapshot.from_dict(site())


@pytest.fixture(scope="module", params=["cloud", "datacenter"])
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    with Simulator(site=site(), deployment=request.param) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def wiki(simulator: Simulator) -> Iterator[Confluence]:
    with simulator.connect() as wiki:
        yield wiki


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("102", "102"),
        ("Remediation Plan", "102"),
        ("  remediation plan ", "102"),
        ("ENG:Remediation Plan", "102"),
        ("Plan: B", "103"),
        ("eng:plan: b", "103"),
        ("ENG:Roadmap", "101"),
        ("HR:Roadmap", "104"),
        ("HR:News", "105"),
        ("/display/ENG/Remediation+Plan", "102"),
        ("/display/HR/2026/11/21/HR%3ANews", "105"),
        ("/pages/viewpage.action?spaceKey=HR&title=Roadmap", "104"),
    ],
)
def test_a_content_item_is_found_by_what_people_call_it(
    snapshot: Snapshot, wiki: Confluence, text: str, id: str
) -> None:
    assert snapshot.content(text).id == id
    restricted = [row.content_id for row in wiki.restrictions(text)]
    assert restricted == (["102"] if id == "102" else [])


def test_a_tiny_link_is_its_id(snapshot: Snapshot) -> None:
    code = base64.b64encode((102).to_bytes(8, "little")).decode().rstrip("A=").replace("/", "-").replace("+", "_")
    assert snapshot.content(f"/x/{code}").id == "102"
    # From Atlassian's own page about tiny links: the id of a page, and its link.
    with Simulator(site=site()) as simulator, simulator.connect() as wiki:
        assert wiki.restrictions(f"{simulator.url}/wiki/x/{code}")[0].content_id == "102"
    with pytest.raises(ConfigurationError, match="invalid tiny link"):
        snapshot.content("/x/A")


def test_every_question_takes_the_same_texts(snapshot: Snapshot) -> None:
    access = snapshot.access()
    title = "Remediation Plan"
    assert access.can("user:ann", "view", title) == "allowed"
    assert access.can("user:bob", "view", title) == "denied"
    assert access.who_can("view", title) == access.who_can("view", "102")
    assert access.explain("user:bob", "view", title) == access.explain("user:bob", "view", "102")
    assert access.tree(title) == access.tree("102")
    assert access.space_access("Engineering") == access.space_access("ENG")
    assert access.findings(space="engineering") == access.findings(space="ENG")


def test_a_title_of_several_items_lists_them(snapshot: Snapshot, wiki: Confluence) -> None:
    for ask in (snapshot.content, lambda text: snapshot.access().can("user:ann", "view", text), wiki.restrictions):
        with pytest.raises(AmbiguousError, match="Roadmap") as caught:
            ask("Roadmap")
        assert set(caught.value.candidates) == {"101", "104"}


def test_a_title_nobody_used_is_an_error_with_the_nearest(snapshot: Snapshot, wiki: Confluence) -> None:
    with pytest.raises(NotFoundError, match="did you mean `Remediation Plan`") as caught:
        snapshot.content("Remediation Plann")
    assert caught.value.nearest == ("Remediation Plan",)
    with pytest.raises(NotFoundError):
        snapshot.access().can("user:ann", "view", "Remediation Plann")
    with pytest.raises(NotFoundError, match="no page or blog post is titled `Remediation Plann`"):
        wiki.restrictions("Remediation Plann")
    with pytest.raises(NotFoundError, match="did you mean `ENG:Remediation Plan`"):
        wiki.restrictions("Remediation")


def test_an_id_that_was_not_listed_stays_unknown(snapshot: Snapshot) -> None:
    decision = snapshot.access().can("user:ann", "view", "999")
    assert (decision, decision.verdict) == ("unknown", "not_in_inventory")
    with pytest.raises(NotInSnapshotError):
        snapshot.access().who_can("view", "999")
    with pytest.raises(NotFoundError):
        snapshot.content("999")


def test_where_ids_are_words_a_word_may_be_an_unlisted_id() -> None:
    described = Snapshot.from_dict(
        {"spaces": {"S": {}}, "contents": {"home": {"type": "page", "space": "S", "title": "Start"}}}
    )
    access = described.access()
    assert access.can("anonymous", "view", "plans").verdict == "not_in_inventory"
    assert described.content("start").id == "home"
    with pytest.raises(NotFoundError):
        access.can("anonymous", "view", "no such title")


def test_a_current_item_comes_before_an_archived_one_of_the_same_title() -> None:
    page = {"type": "page", "space": "S", "title": "Plan"}
    contents = {"1": {**page, "status": "archived"}, "2": page, "3": {**page, "title": "Old", "status": "archived"}}
    described = Snapshot.from_dict({"spaces": {"S": {}}, "contents": contents})
    assert described.content("Plan").id == "2"
    assert described.content("Old").id == "3"


def test_spaces_users_and_groups_are_one_record_each(snapshot: Snapshot) -> None:
    assert [snapshot.space(text).key for text in ("ENG", "eng", "Engineering", "/display/HR")] == ["ENG"] * 3 + ["HR"]
    assert {snapshot.user(text).id for text in ("ann", "user:ann", "Ann Lee", "ann@acme.com", "ANN@ACME.COM")} == {
        "ann"
    }
    assert {snapshot.group(text).id for text in ("g1", "eng", "group:eng", "group:g1")} == {"g1"}
    for ask in (snapshot.space, snapshot.user, snapshot.group):
        with pytest.raises(NotFoundError):
            ask("nothing like it")
    with pytest.raises(NotFoundError, match="did you mean"):
        snapshot.space("Enginering")


def test_a_space_is_asked_for_by_its_name(wiki: Confluence) -> None:
    assert {row.space_key for row in wiki.space_permissions("Engineering")} == {"ENG"}
    assert {row.id for row in wiki.contents("people")} == {"104", "105"}
    assert [space.key for space in wiki.snapshot(spaces="Engineering").spaces] == ["ENG"]
    with pytest.raises(NotFoundError, match="no space `Enginering`"):
        wiki.contents("Enginering")


def test_what_is_changed_may_be_named_by_its_title(wiki: Confluence) -> None:
    planned = wiki.restrict("Remediation Plan", "edit", ["user:ann"], dry_run=True, allow_lockout=True)
    assert [row.target for row in planned] == ["102"]
    assert wiki.check("Remediation Plan", "user:ann", "view").decision == "allowed"


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_an_awaited_client_takes_the_same_texts(deployment: Literal["cloud", "datacenter"]) -> None:
    async def restricted(simulator: Simulator) -> list[str]:
        username = simulator.username if deployment == "cloud" else None
        async with AsyncConfluence(simulator.url, username=username, token=simulator.token) as wiki:
            return [row.content_id for row in await wiki.restrictions("ENG:Remediation Plan")]

    with Simulator(site=site(), deployment=deployment) as simulator:
        assert asyncio.run(restricted(simulator)) == ["102"]


def test_changes_are_found_by_title() -> None:
    with Simulator() as simulator, simulator.connect() as wiki:
        snapshot = wiki.snapshot()
        page = snapshot.content("Remediation Plan")
        by_id = wiki.permission_changes("30d", content=page)
        assert len(by_id)
        assert wiki.permission_changes("30d", content="Remediation Plan") == by_id
        assert wiki.permission_changes("30d", content="remediation plan", snapshot=snapshot) == wiki.permission_changes(
            "30d", content=page, snapshot=snapshot
        )
