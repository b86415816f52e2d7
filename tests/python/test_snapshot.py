from __future__ import annotations

import copy
import json
import os
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import duckdb
import numpy as np
import pandas as pd
import pytest
from plain_site import plain_site

from confluence_access import Snapshot, errors
from confluence_access.snapshot import Site
from confluence_access.types import Operation


def test_a_saved_snapshot_is_read_back_whole(snapshot: Snapshot, tmp_path: Path) -> None:
    folder = snapshot.save(tmp_path / "deep" / "acme")
    loaded = Snapshot.load(folder)
    # Equality is that of the model: every fact the resolver reads, not only the columns of the tables.
    assert loaded == snapshot
    for content in snapshot.contents:
        for user in snapshot.users:
            operations: list[Operation] = ["view", "edit"]
            for operation in operations:
                verdicts = [one.access().can(user, operation, content).verdict for one in (loaded, snapshot)]
                assert verdicts[0] == verdicts[1]


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("users", {"ann": {"admin_key": True}}),
        ("users", {"cat": {"guest": True, "org_admin": True}}),
        ("groups", {"platform": {"members": ["user:bob", "group:eng"]}}),
        ("contents", {"4": {"type": "page", "space": "ENG", "status": "draft", "shared_with": []}}),
        ("contents", {"5": {"type": "folder", "space": "ENG", "parent": "1"}}),
        ("restrictions", {"2": {"read": ["group:eng"], "update": ["user:ann"]}}),
        ("unreadable", {"3": "500"}),
        ("anonymous_enabled", False),
        ("policy", {"nested_groups": False}),
        ("roles", {"Viewer": ["view", "edit_page"]}),
    ],
)
def test_a_difference_of_one_fact_survives_saving(snapshot: Snapshot, tmp_path: Path, key: str, change: Any) -> None:
    site = plain_site()
    site[key] = {**site[key], **change} if isinstance(change, dict) and key != "policy" else change
    other = Snapshot.from_dict(site)
    assert other != snapshot
    loaded = Snapshot.load(other.save(tmp_path / "other"))
    assert loaded == other
    assert loaded != snapshot
    assert pickle.loads(pickle.dumps(other)) == other


def test_a_snapshot_can_be_pickled_and_copied(snapshot: Snapshot) -> None:
    for twin in (pickle.loads(pickle.dumps(snapshot)), copy.copy(snapshot), copy.deepcopy(snapshot)):
        assert twin == snapshot
        assert twin.contents == snapshot.contents
    assert snapshot != "a snapshot"


def test_saving_twice_replaces_the_first(snapshot: Snapshot, tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    Snapshot.from_dict({}).save(folder)
    snapshot.save(str(folder))
    assert Snapshot.load(str(folder)) == snapshot
    assert os.listdir(tmp_path) == ["acme"]


def test_an_empty_folder_may_be_used(snapshot: Snapshot, tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    assert Snapshot.load(snapshot.save(tmp_path / "acme")) == snapshot


@pytest.mark.parametrize("name", ["notes.txt", "manifest.json", "spaces.parquet"])
def test_a_folder_of_something_else_is_not_written_over(snapshot: Snapshot, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")
    with pytest.raises(errors.OccupiedFolderError, match="choose another folder"):
        snapshot.save(tmp_path)
    assert os.listdir(tmp_path) == [name]


def test_a_file_put_beside_a_snapshot_is_not_lost(snapshot: Snapshot, tmp_path: Path) -> None:
    folder = snapshot.save(tmp_path / "acme")
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match=r"`notes\.txt`, which would be lost"):
        snapshot.save(folder)
    assert (folder / "notes.txt").read_text() == "mine"
    assert Snapshot.load(folder) == snapshot


def test_a_file_is_no_folder(snapshot: Snapshot, tmp_path: Path) -> None:
    (tmp_path / "acme").write_text("")
    with pytest.raises(errors.OccupiedFolderError, match="is a file"):
        snapshot.save(tmp_path / "acme")
    with pytest.raises(errors.MissingSnapshotError):
        Snapshot.load(tmp_path / "acme")


def test_a_save_that_fails_leaves_the_old_snapshot(
    snapshot: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = snapshot.save(tmp_path / "acme")

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        Snapshot.from_dict({}).save(folder)
    with pytest.raises(OSError, match="no space left"):
        Snapshot.from_dict({}).save(tmp_path / "new")
    assert os.listdir(tmp_path) == ["acme"]
    assert Snapshot.load(folder) == snapshot


def test_loading_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(errors.MissingSnapshotError, match=r"does not exist"):
        Snapshot.load(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=r"no `manifest\.json`"):
        Snapshot.load(tmp_path)


@pytest.mark.parametrize("name", ["spaces", "contents", "users", "groups", "group_members", "restrictions", "gaps"])
@pytest.mark.parametrize("damage", ["missing", "short", "other"])
def test_a_damaged_file_is_named(snapshot: Snapshot, tmp_path: Path, name: str, damage: str) -> None:
    folder = snapshot.save(tmp_path / "acme")
    path = folder / f"{name}.parquet"
    if damage == "missing":
        path.unlink()
    elif damage == "short":
        path.write_bytes(path.read_bytes()[:-7])
    else:
        path.write_bytes((folder / "space_permissions.parquet").read_bytes())
    with pytest.raises(errors.UnreadableSnapshotError, match=rf"{name}\.parquet` is (missing|damaged)"):
        Snapshot.load(folder)


def rewritten(folder: Path, **changes: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"files": {}}, "`spaces` is missing"),
        ({"files": []}, "lists no files"),
        ({"site": {}}, "facts of the site"),
        ({"format": "one"}, "facts of the site"),
        ({"counts": {"spaces": 7}}, "`spaces` holds 2 rows where the manifest says 7"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    snapshot: Snapshot, tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    folder = snapshot.save(tmp_path / "acme")
    rewritten(folder, **changes)
    with pytest.raises(errors.UnreadableSnapshotError, match=said):
        Snapshot.load(folder)


@pytest.mark.parametrize("text", [b"{", b"\xff\xfe", b""])
def test_a_damaged_manifest_is_named(snapshot: Snapshot, tmp_path: Path, text: bytes) -> None:
    folder = snapshot.save(tmp_path / "acme")
    (folder / "manifest.json").write_bytes(text)
    with pytest.raises(errors.UnreadableSnapshotError, match=r"manifest\.json` is damaged"):
        Snapshot.load(folder)


def test_a_newer_snapshot_asks_for_a_newer_version(snapshot: Snapshot, tmp_path: Path) -> None:
    folder = snapshot.save(tmp_path / "acme")
    rewritten(folder, format=3, files={"spaces.arrow": {}}, site="elsewhere")
    with pytest.raises(errors.NewerSnapshotError, match="format 3, this version reads up to 2: install a newer"):
        Snapshot.load(folder)


def test_a_manifest_cannot_reach_out_of_its_folder(snapshot: Snapshot, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = snapshot.save(tmp_path / "acme")
    rewritten(folder, files={"../secret": {"sha256": ""}})
    with pytest.raises(errors.UnreadableSnapshotError, match=r"acme/secret` is missing"):
        Snapshot.load(folder)


def test_the_folder_is_for_other_readers_too(snapshot: Snapshot, tmp_path: Path) -> None:
    folder = snapshot.save(tmp_path / "acme")
    for noun in ("spaces", "contents", "users", "groups", "memberships", "space_permissions", "restrictions", "gaps"):
        table = getattr(snapshot, noun)
        read = duckdb.sql(f"select * from read_parquet('{folder}/{noun}.parquet')")
        assert read is not None
        assert read.columns == table.columns
        assert read.to_arrow_table().to_pylist() == table.to_dicts()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["deployment"] == "cloud"
    assert manifest["format"] == 2
    assert manifest["complete"] is False
    assert manifest["counts"]["contents"] == 6
    assert set(manifest["files"]) == {path.name for path in folder.glob("*.parquet")}


def test_a_snapshot_tells_what_it_holds(snapshot: Snapshot) -> None:
    assert repr(snapshot) == (
        "<Snapshot of cloud: 2 spaces, 6 contents, 6 users, 3 groups, 7 space permissions, 3 restrictions; 2 gaps>"
    )
    assert not snapshot.complete
    assert [gap.scope for gap in snapshot.gaps] == ["content", "space"]
    assert snapshot.taken_at is None
    assert Snapshot.from_dict({}).complete


def test_the_site_is_typed(snapshot: Snapshot) -> None:
    site = snapshot.site
    assert isinstance(site, Site)
    assert (site.deployment, site.anonymous_enabled, site.role_mode, site.caller) == (
        "cloud",
        True,
        "ROLES_TRANSITION",
        "user:ann",
    )
    assert site.policy["nested_groups"] is True
    assert site.to_dict()["policy"] == {"nested_groups": True, "untrusted_empty_types": ["folder", "database"]}
    # Nothing the core knows about the site is left out.
    assert set(site.to_dict()) == set(snapshot._core.site)


def test_the_time_it_was_taken_survives(tmp_path: Path) -> None:
    folder = Snapshot.from_dict({}).save(tmp_path / "acme")
    rewritten(folder, taken_at="2026-11-21T09:30:00.123456789Z")
    loaded = Snapshot.load(folder)
    assert loaded.taken_at == datetime(2026, 11, 21, 9, 30, 0, 123456, tzinfo=UTC)
    assert "taken 2026-11-21 09:30 UTC" in repr(loaded)
    assert Snapshot.load(loaded.save(tmp_path / "again")) == loaded


HOLDS_ITSELF: dict[str, Any] = {"users": {}}
HOLDS_ITSELF["users"]["ann"] = HOLDS_ITSELF


@pytest.mark.parametrize(
    ("site", "named"),
    [
        ({"user": {}}, "`user`"),
        ({"users": {"ann": {"activ": True}}}, r"`users\.ann\.activ`"),
        ({"users": {"ann": {"active": "yes"}}}, r"`users\.ann\.active`"),
        ({"contents": {"1": {"space": "ENG"}}}, r"`contents\.1`"),
        ({"policy": {"nested_group": True}}, "nested_group"),
        ({"users": {"ann": {"active": object()}}}, r"`users\.ann\.active`: expected plain dicts"),
        ({"users": {"ann": {"name": pd.NA}}}, r"`users\.ann\.name`: .* missing value"),
        ({"users": {"ann": 7}}, r"`users\.ann`: expected an object, not a number"),
        ({"contents": {1: 7}}, r"`contents\.1`: expected an object, not a number"),
        ({"contents": {1.5: {}}}, "`contents`: expected text for a key, not `float`"),
        ({"contents": {"1": {"type": "page", "space": "ENG", "created_at": datetime(2026, 1, 1)}}}, "time zone"),
        (HOLDS_ITSELF, "nested too deeply"),
        ([], "site"),
        ({"contents": {"1": {"type": "page", "space": "ENG", "created_at": "yesterday"}}}, "created_at"),
    ],
)
def test_plain_data_that_is_not_understood_is_refused_by_name(site: Any, named: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=named):
        Snapshot.from_dict(site)
    with pytest.raises(ValueError, match=named):
        Snapshot.from_dict(site)


@pytest.mark.parametrize("number", [int, np.int64, np.uint8])
def test_ids_in_plain_data_may_be_numbers(number: Any) -> None:
    def site(one: Any, two: Any) -> dict[str, Any]:
        return {
            "users": {"ann": {}},
            "spaces": {"ENG": {"grants": {"user:ann": ("view",)}, "homepage": one}},
            "contents": {
                one: {"type": "page", "space": "ENG", "created_at": datetime(2026, 1, 1, tzinfo=UTC)},
                two: {"type": "page", "space": "ENG", "parent": one},
            },
            "restrictions": {two: {"view": {"user:ann"}}},
        }

    snapshot = Snapshot.from_dict(site(number(1), number(2)))
    assert snapshot == Snapshot.from_dict(site("1", "2"))
    assert snapshot.contents[1].parent_id == "1"
    assert snapshot.contents[0].created_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert snapshot.access().can("user:ann", "view", number(2)) == "allowed"


def test_restrictions_in_plain_data_have_the_words_of_the_product_and_of_the_servers() -> None:
    def restricted(lists: Any) -> Snapshot:
        page = {"1": {"type": "page", "space": "ENG"}}
        return Snapshot.from_dict(
            {"users": {"ann": {}}, "spaces": {"ENG": {}}, "contents": page, "restrictions": {"1": lists}}
        )

    assert restricted({"view": ["user:ann"], "edit": []}) == restricted({"read": ["user:ann"], "update": []})
    with pytest.raises(errors.ConfigurationError, match="`view` and `read` are the same list"):
        restricted({"view": ["user:ann"], "read": ["user:ann"]})


def test_a_reference_to_nobody_is_refused_a_gap_or_kept() -> None:
    site: Any = {
        "users": {"ann": {}, "bob": {}},
        "groups": {"eng": {"members": ["user:ann"]}},
        "spaces": {"ENG": {"grants": {"user:ann": ["view"], "user:bob": ["view"]}}},
        "contents": {
            "1": {"type": "page", "space": "ENG"},
            "2": {"type": "page", "space": "ENG"},
            "3": {"type": "page", "space": "ENG", "parent": "99"},
        },
        "restrictions": {"1": {"view": ["user:bbo"]}, "2": {"view": ["group:egn"]}},
    }
    with pytest.raises(errors.ConfigurationError) as caught:
        Snapshot.from_dict(site)
    assert "`contents.3.parent`: `99` is not described under `contents`" in str(caught.value)
    del site["contents"]["3"]["parent"]
    with pytest.raises(errors.ConfigurationError, match=r"`restrictions\.1\.view\[0\]`.* did you mean `user:bob`\?"):
        Snapshot.from_dict(site)
    site["contents"]["3"]["parent"] = "99"

    doubtful = Snapshot.from_dict(site, dangling="gap")
    assert not doubtful.complete
    assert {(gap.scope, gap.subject, gap.cause) for gap in doubtful.gaps} == {
        ("user", "bbo", "not_described"),
        ("group", "egn", "not_described"),
        ("content", "99", "not_described"),
    }
    access = doubtful.access()
    assert access.can("user:bob", "view", "2") == "unknown"
    assert access.can("user:bob", "view", "3") == "unknown"

    kept = Snapshot.from_dict(site, dangling="keep")
    assert kept.access().can("user:bob", "view", "1") == "denied"
    for wrong in ("ignore", "", None, 7):
        with pytest.raises(errors.ConfigurationError, match="dangling"):
            Snapshot.from_dict(site, dangling=cast("Any", wrong))


def test_a_deployment_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid deployment `server`: expected `cloud` or `datacenter`"):
        Snapshot.from_dict({}, deployment=cast("Any", "server"))
    assert Snapshot.from_dict({}, deployment="datacenter").site.deployment == "datacenter"
