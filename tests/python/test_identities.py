"""When accounts were last active, and the names they have elsewhere."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from confluence_access import AsyncConfluence, ConfigurationError, Confluence, Simulator, Snapshot, User


def with_key(simulator: Simulator) -> Confluence:
    return simulator.connect(org_token=simulator.org_token, org_url=simulator.url)


def named(snap: Snapshot, name: str) -> User:
    return next(user for user in snap.users if user.display_name == name)


def test_last_active_dates_are_a_table_and_a_column_of_users(tmp_path: Path) -> None:
    with Simulator(pages=20) as simulator, with_key(simulator) as wiki:
        active = {row.user_name: row for row in wiki.last_active(strict=True)}
        assert active["Hana Sato"].product is None
        assert active["Hana Sato"].last_active_at is None
        assert active["Ann Berg"].product == "confluence"
        assert active["Ann Berg"].email == "ann.berg@acme.example"
        assert all(user.last_active_at is None for user in wiki.snapshot(["HR"]).users)
        snap = wiki.snapshot(last_active=True)
    ann = named(snap, "Ann Berg")
    assert ann.last_active_at == active["Ann Berg"].last_active_at
    assert snap.users.to_pandas()["last_active_at"].notna().sum() > 5
    snap.save(tmp_path / "saved")
    assert named(Snapshot.load(tmp_path / "saved"), "Ann Berg") == ann


def test_identities_name_addresses_and_directories() -> None:
    with Simulator(pages=20) as simulator, with_key(simulator) as wiki:
        rows = {row.display_name: row for row in wiki.identities(strict=True)}
        ann = rows["Ann Berg"]
        link = wiki.directory_links(ann.user_id)[0]
        assert (ann.external_id, ann.directory_id, ann.directory_name) == (
            link.scim_user_id,
            link.directory_id,
            "Acme synced",
        )
        assert ann.evidence == "organization: claimStatus=managed, managementSource=synced; scim link"
        assert rows["Gus Ferro"].external_id is None
        assert all(row.external_id is None for row in wiki.identities(external_ids=False))


def test_without_a_key_identities_are_what_confluence_shows() -> None:
    async def read(simulator: Simulator) -> set[str | None]:
        async with AsyncConfluence(simulator.url, username=simulator.username, token=simulator.token) as wiki:
            return {row.email for row in await wiki.identities()}

    with Simulator(pages=20) as simulator:
        with simulator.connect() as wiki:
            emails = {row.email for row in wiki.identities()}
            for call in (wiki.last_active, lambda: wiki.snapshot(last_active=True)):
                with pytest.raises(ConfigurationError, match="org_token"):
                    call()
        assert "ann.berg@acme.example" in emails
        assert asyncio.run(read(simulator)) == emails
