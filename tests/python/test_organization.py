"""Where groups come from, who somebody is, and what an account cannot see."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from typing import Any

import pytest

from confluence_access import (
    AmbiguousError,
    AsyncConfluence,
    ConfigurationError,
    ForbiddenError,
    IncompleteError,
    NotFoundError,
    Simulator,
)

HIDDEN: dict[str, Any] = {
    "caller": "user:root",
    "users": {"root": {"product_admin": True}, "ann": {}},
    "groups": {"staff": {"members": ["user:root", "user:ann"]}},
    "spaces": {"ENG": {"grants": {"group:staff": ["view"]}}},
    "contents": {"1": {"type": "page", "space": "ENG"}, "2": {"type": "page", "space": "ENG", "parent": "1"}},
    "restrictions": {"2": {"read": ["user:ann"]}},
}


def test_groups_have_directory_and_evidence_with_a_key() -> None:
    with (
        Simulator(pages=20) as simulator,
        simulator.connect(org_token=simulator.org_token, org_url=simulator.url) as wiki,
    ):
        synced = next(row for row in wiki.directories() if row.name and row.name.endswith("synced"))
        assert synced.organization_id == simulator.org_id
        groups = wiki.groups(directories={synced.id: "Entra ID"}, strict=True)
        from_directory = [group for group in groups if group.source == "directory"]
        assert from_directory
        for group in from_directory:
            assert (group.directory_id, group.directory_name) == (synced.id, "Entra ID")
            assert group.evidence is not None
            assert "managedBy=EXTERNAL" in group.evidence
            assert "externalSynced=true" in group.evidence
        ann = wiki.find_user("Ann Berg")
        links = wiki.directory_links(ann)
        assert [link.directory_id for link in links] == [synced.id]
        assert simulator.org_token not in repr(wiki) + repr(list(groups))
    assert simulator.org_token not in repr(simulator)


def test_names_of_directories_belong_to_the_connection_too() -> None:
    with Simulator(pages=20) as simulator:
        keys: dict[str, Any] = {"org_token": simulator.org_token, "org_url": simulator.url}
        with simulator.connect(**keys) as wiki:
            ids = [row.id for row in wiki.directories()]
        with simulator.connect(**keys, org_id=simulator.org_id, directories=dict.fromkeys(ids, "Okta")) as wiki:
            assert {row.name for row in wiki.directories()} == {"Okta"}
            snap = wiki.snapshot(spaces=["HR"])
            assert {group.directory_name for group in snap.groups} == {"Okta"}


def test_without_a_key_groups_answer_what_confluence_says() -> None:
    with Simulator(pages=20) as simulator, simulator.connect() as wiki:
        groups = wiki.groups(strict=True)
        assert {"directory", "local"} <= {group.source for group in groups}
        assert {group.directory_id for group in groups} == {None}
        with pytest.raises(ConfigurationError, match="org_token"):
            wiki.directories()


def test_a_refused_key_is_a_gap_and_with_strict_an_error() -> None:
    with (
        Simulator(pages=20) as simulator,
        simulator.connect(org_token="wrong-key-s3cr3t", org_url=simulator.url) as wiki,
    ):
        groups = wiki.groups()
        assert len(groups)
        assert {(gap.scope, gap.subject, gap.cause) for gap in groups.gaps} == {
            ("site", "organization", "unauthorized")
        }
        assert "org_token" in groups.gaps[0].message
        with pytest.raises(IncompleteError) as caught:
            wiki.groups(strict=True)
        assert "wrong-key-s3cr3t" not in str(caught.value) + repr(list(groups.gaps))


def test_a_user_is_found_or_the_candidates_are_listed() -> None:
    site = {
        **HIDDEN,
        "users": {"u1": {"name": "Ann Berg", "email": "ann@acme.com"}, "u2": {"name": "Ann Berg"}, "root": {}},
        "groups": {},
        "restrictions": {},
        "spaces": {"ENG": {"grants": {"user:root": ["view"]}}},
    }
    with Simulator(site=site) as simulator, simulator.connect() as wiki:
        assert wiki.find_user("ANN@acme.com").id == "u1"
        assert wiki.find_user("u2").display_name == "Ann Berg"
        with pytest.raises(AmbiguousError) as caught:
            wiki.find_user("Ann Berg")
        assert len(caught.value.candidates) == 2
        with pytest.raises(NotFoundError, match="hide their address"):
            wiki.find_user("nobody@acme.com")
        with pytest.raises(ConfigurationError):
            wiki.find_user(" ")
        assert simulator.unexpected == []


def test_async_has_the_same() -> None:
    async def ask(simulator: Simulator) -> tuple[int, str]:
        async with AsyncConfluence(
            simulator.url,
            username=simulator.username,
            token=simulator.token,
            org_token=simulator.org_token,
            org_url=simulator.url,
        ) as wiki:
            user = await wiki.find_user("Ann Berg")
            assert len(await wiki.directory_links(user)) == 1
            assert all(group.directory_id for group in await wiki.groups())
            return len(await wiki.directories()), user.id

    with Simulator(pages=20) as simulator:
        assert asyncio.run(ask(simulator))[0] == 2


def test_a_snapshot_says_what_its_account_cannot_see_and_keeps_it(tmp_path: Any) -> None:
    with Simulator(site=HIDDEN) as simulator, simulator.connect() as wiki:
        snap = wiki.snapshot()
        assert any("restricted to others" in note for note in snap.site.coverage)
        snap.save(tmp_path / "snap")
        assert type(snap).load(tmp_path / "snap").site.coverage == snap.site.coverage
        assert any("admin_key=True" in note for note in wiki.server().notes)


def test_an_admin_key_opens_what_is_hidden_and_is_given_back() -> None:
    with Simulator(site=HIDDEN) as simulator, simulator.connect() as wiki:
        assert len(wiki.snapshot().contents) == 1
        snap = wiki.snapshot(admin_key=True)
        assert len(snap.contents) == 2
        assert str(snap.access().can("user:ann", "view", "2")) == "allowed"
        assert not simulator.admin_key_active
        assert simulator.unexpected == []


def test_without_the_right_to_a_key_the_error_says_what_it_takes() -> None:
    site = {**HIDDEN, "users": {"root": {}, "ann": {}}}
    with (
        Simulator(site=site) as simulator,
        simulator.connect() as wiki,
        pytest.raises(ForbiddenError, match="Premium or Enterprise"),
    ):
        wiki.snapshot(admin_key=True)


def test_ctrl_c_gives_the_key_back() -> None:
    with Simulator(site=HIDDEN) as simulator, simulator.connect() as wiki:
        simulator.fail("/api/v2/pages", effect="stall", seconds=60)

        def interrupt() -> None:
            deadline = time.monotonic() + 10
            while not simulator.admin_key_active and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(0.2)
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=interrupt, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            wiki.snapshot(admin_key=True)
        deadline = time.monotonic() + 3
        while simulator.admin_key_active and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not simulator.admin_key_active


def test_usage_estimates_the_cost_in_points() -> None:
    with Simulator(pages=20) as simulator, simulator.connect() as wiki:
        spaces = wiki.spaces()
        usage = wiki.usage()
        assert usage.points >= usage.requests + len(spaces)


def test_verified_domains_say_who_is_external_and_are_saved(tmp_path: Any) -> None:
    site: dict[str, Any] = {
        **HIDDEN,
        "verified_domains": ["acme.com"],
        "users": {"root": {"email": "root@acme.com"}, "ann": {"email": "ann@partner.org"}},
        "restrictions": {},
    }
    with Simulator(site=site) as simulator:
        with simulator.connect(org_token=simulator.org_token, org_url=simulator.url) as wiki:
            snap = wiki.snapshot()
        with simulator.connect() as wiki:
            assert wiki.snapshot().site.verified_domains is None
        assert simulator.unexpected == []
    snap.save(tmp_path / "snap")
    loaded = type(snap).load(tmp_path / "snap")
    assert loaded.site.verified_domains == ["acme.com"]
    (found,) = loaded.access().findings(codes="external_may_view")
    assert "ann" in found.message
    assert {row.external for row in loaded.access().exposure()} == {1}
    assert {row.external for row in loaded.access().exposure(internal_domains="partner.org")} == {1}
    assert {row.external for row in loaded.access().exposure(internal_domains=["partner.org", "acme.com"])} == {0}
    described = type(snap).from_dict(site)
    assert described.site.verified_domains == ["acme.com"]
    with pytest.raises(ConfigurationError, match="verified_domains"):
        type(snap).from_dict({**site, "verified_domains": ["acme"]})
