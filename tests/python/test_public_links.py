"""Public links, read with a snapshot on request."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from confluence_access import AsyncConfluence, ConfigurationError, IncompleteError, Simulator, Snapshot

SITE: dict[str, Any] = {
    "users": {"ann": {"product_admin": True}},
    "spaces": {
        "OFF": {"grants": {"user:ann": ["view"]}, "public_links_enabled": False},
        "ON": {"grants": {"user:ann": ["view"]}},
    },
    "contents": {
        "1": {"type": "page", "space": "ON", "public_link": True},
        "2": {"type": "page", "space": "ON"},
        "3": {"type": "page", "space": "OFF", "public_link": True},
    },
    "restrictions": {"1": {"read": ["user:ann"]}},
}


def links(snap: Snapshot) -> dict[str, bool | None]:
    return {content.id: content.public_link for content in snap.contents}


def codes(snap: Snapshot) -> list[str]:
    return [f"{row.code} {row.content_id}" for row in snap.access().findings() if row.code.startswith("public_link")]


def test_public_links_are_read_on_request_and_saved(tmp_path: Path) -> None:
    with Simulator(site=SITE) as simulator, simulator.connect() as wiki:
        plain = wiki.snapshot()
        assert links(plain) == {"1": None, "2": None, "3": None}
        assert codes(plain) == []
        assert not [request for request in simulator.requests if "graphql" in request.path]
        snap = wiki.snapshot(public_links=True, strict=True)
        assert len([request for request in simulator.requests if "graphql" in request.path]) == 3
    assert links(snap) == {"1": True, "2": False, "3": False}
    assert {space.key: space.public_links_enabled for space in snap.spaces} == {"OFF": False, "ON": True}
    assert snap.site.public_links_enabled is True
    assert codes(snap) == ["public_link_on_restricted_content 1"]
    snap.save(tmp_path / "saved")
    saved = Snapshot.load(tmp_path / "saved")
    assert (links(saved), saved.site.public_links_enabled, codes(saved)) == (links(snap), True, codes(snap))


def test_the_awaited_client_reads_the_same() -> None:
    async def read(simulator: Simulator) -> Snapshot:
        async with AsyncConfluence(simulator.url, username=simulator.username, token=simulator.token) as wiki:
            return await wiki.snapshot(["ON"], public_links=True)

    with Simulator(site=SITE) as simulator:
        assert links(asyncio.run(read(simulator))) == {"1": True, "2": False}


def test_a_refusal_is_a_gap_and_strict_raises() -> None:
    with Simulator(site=SITE) as simulator, simulator.connect(max_retries=0) as wiki:
        simulator.fail("/gateway/api/graphql", status=403)
        snap = wiki.snapshot(public_links=True)
        assert [(gap.subject, gap.cause, gap.status) for gap in snap.gaps] == [("public_links", "forbidden", 403)]
        assert set(links(snap).values()) == {None}
        with pytest.raises(IncompleteError):
            wiki.snapshot(public_links=True, strict=True)


def test_data_center_has_none_and_is_not_asked() -> None:
    with Simulator("datacenter", pages=10) as simulator, simulator.connect(deployment="datacenter") as wiki:
        with pytest.raises(ConfigurationError, match="Data Center has no public links"):
            wiki.snapshot(public_links=True)
        assert simulator.requests == []
