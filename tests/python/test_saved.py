"""Snapshots in folders and object stores: one or many, older formats, and what happens when writing fails."""

from __future__ import annotations

import errno
import itertools
import json
import os
import pickle
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import duckdb
import moto
import obstore
import obstore.exceptions
import polars as pl
import pyarrow.dataset
import pyarrow.parquet
import pytest
from moto.core.authorization import ActionAuthenticatorMixin
from moto.server import ThreadedMotoServer
from obstore.store import S3Store
from plain_site import plain_site

from confluence_access import Confluence, Simulator, Snapshot, _core, errors, mcp_server, saved

SECRET = "a-very-secret-access-key"
FIXTURES = Path(__file__).parents[1] / "fixtures" / "snapshots"
TABLES = ("spaces", "contents", "users", "groups", "memberships", "space_permissions", "restrictions", "gaps")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """An S3 server on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def options(server: str) -> dict[str, Any]:
    return {
        "aws_endpoint": server,
        "aws_access_key_id": "AKIAEXAMPLE",
        "aws_secret_access_key": SECRET,
        "allow_http": True,
    }


_BUCKETS = itertools.count(1)


@pytest.fixture
def bucket(server: str) -> str:
    name = f"bucket-{next(_BUCKETS)}"
    # The one request of S3 that obstore does not have.
    import urllib.request

    with urllib.request.urlopen(urllib.request.Request(f"{server}/{name}", method="PUT")) as answer:
        assert answer.status == 200
    return name


def keys(bucket: str, options: dict[str, Any]) -> list[str]:
    config: Any = {name: value for name, value in options.items() if name != "allow_http"}
    store = S3Store(bucket, client_options={"allow_http": True}, config=config)
    return sorted(one["path"] for part in obstore.list(store) for one in part)


def at(snapshot: Snapshot, taken: str, site: str = "https://acme.atlassian.net/wiki") -> Snapshot:
    """The same snapshot of another time and site."""
    facts, files = snapshot._core.parts(False)
    known = json.loads(facts)
    known["taken_at"] = taken
    known["site"]["base_url"] = site
    return Snapshot(type(snapshot._core).from_parts(json.dumps(known), files))


# Formats


def test_a_snapshot_of_the_first_format_is_read() -> None:
    assert json.loads((FIXTURES / "format_1" / "manifest.json").read_text())["format"] == 1
    loaded, described = Snapshot.load(FIXTURES / "format_1"), Snapshot.from_dict(plain_site())
    assert loaded.site == described.site
    for noun in _core.nouns():
        if noun != "global_permissions":
            assert getattr(loaded, noun) == getattr(described, noun), noun
    # The first format did not hold them, which is not the same as none.
    assert [gap.subject for gap in loaded.global_permissions.gaps] == ["global_permissions"]


def test_the_manifest_says_what_is_there(snapshot: Snapshot, tmp_path: Path) -> None:
    manifest = json.loads((Path(snapshot.save(tmp_path / "one")) / "manifest.json").read_text())
    assert manifest["format"] == 2
    assert manifest["gaps"] == {"forbidden": 2}
    assert manifest["counts"]["gaps"] == 2
    assert manifest["site"]["coverage"] == []
    again = json.loads((Path(snapshot.save(tmp_path / "two")) / "manifest.json").read_text())
    assert manifest == again, "the same snapshot is the same bytes"
    other = json.loads((Path(Snapshot.from_dict({}).save(tmp_path / "two")) / "manifest.json").read_text())
    assert other["content_hash"] != manifest["content_hash"]


def test_files_are_compressed_with_zstd_and_ids_are_a_dictionary(simulator: Simulator, tmp_path: Path) -> None:
    with simulator.connect() as wiki:
        folder = wiki.snapshot().save(tmp_path / "acme")
    file = pyarrow.parquet.ParquetFile(folder / "space_permissions.parquet")
    column = file.metadata.row_group(0).column(file.schema_arrow.names.index("subject_id"))
    assert column.compression == "ZSTD"
    assert "RLE_DICTIONARY" in column.encodings
    assert column.statistics.min <= column.statistics.max
    contents = pl.read_parquet(folder / "contents.parquet")
    assert contents["space_key"].is_sorted()


# Writing fails


def test_a_full_disk_leaves_the_old_snapshot(snapshot: Snapshot, tmp_path: Path) -> None:
    folder = Snapshot.from_dict({}).save(tmp_path / "acme")
    code = """
        import resource, signal, sys
        sys.path.insert(0, sys.argv[2])
        from plain_site import plain_site
        from confluence_access import Snapshot, StoreError
        snapshot = Snapshot.from_dict(plain_site())
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
        try:
            snapshot.save(sys.argv[1])
        except StoreError as error:
            print(error.errno, error)
    """
    found = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(folder), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.startswith(f"{errno.EFBIG} cannot write `{folder}`: File too large"), found.stdout
    assert os.listdir(tmp_path) == ["acme"]
    assert Snapshot.load(folder) == Snapshot.from_dict({})
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_process_that_is_killed_leaves_one_of_the_two_snapshots(tmp_path: Path) -> None:
    code = """
        import sys
        sys.path.insert(0, sys.argv[2])
        from plain_site import plain_site
        from confluence_access import Snapshot
        two = Snapshot.from_dict({}), Snapshot.from_dict(plain_site())
        for turn in range(1_000_000):
            two[turn % 2].save(sys.argv[1])
            if turn == 1:
                print("saved", flush=True)
    """
    folder = tmp_path / "acme"
    both = [Snapshot.from_dict({}), Snapshot.from_dict(plain_site())]
    for turn in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), str(folder), str(Path(__file__).parent)],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"saved\n"
        time.sleep(0.017 * turn)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert Snapshot.load(folder) in both
    both[1].save(folder)
    assert Snapshot.load(folder) == both[1]
    assert not [name for name in os.listdir(tmp_path) if ".old-" in name]


def test_what_a_kill_between_the_two_renames_leaves_is_found(snapshot: Snapshot, tmp_path: Path) -> None:
    folder = snapshot.save(tmp_path / "acme")
    abandoned = tmp_path / ".acme.new-0123abcd"
    abandoned.mkdir()
    folder.rename(tmp_path / ".acme.old-0123abcd")
    assert Snapshot.load(folder) == snapshot
    Snapshot.from_dict({}).save(folder)
    assert Snapshot.load(folder) == Snapshot.from_dict({})
    assert sorted(os.listdir(tmp_path)) == [".acme.new-0123abcd", "acme"], "another process may be writing it"
    os.utime(abandoned, (0, 0))
    snapshot.save(folder)
    assert os.listdir(tmp_path) == ["acme"]


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EIO])
def test_a_folder_that_refuses_is_a_typed_error(
    snapshot: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(errors.StoreError) as caught:
        snapshot.save(tmp_path / "acme")
    assert os.strerror(number) in str(caught.value)
    assert isinstance(caught.value, PermissionError) is (number not in (errno.ENOSPC, errno.EIO))
    assert caught.value.errno == number
    assert pickle.loads(pickle.dumps(caught.value)).errno == number
    assert os.listdir(tmp_path) == []


def test_a_folder_below_a_file_cannot_be_written(snapshot: Snapshot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.StoreError, match="cannot write"):
        snapshot.save(tmp_path / "file" / "acme")
    with pytest.raises(errors.MissingSnapshotError):
        Snapshot.load(tmp_path / "file" / "acme")


# Object stores


def test_a_snapshot_in_an_object_store_is_read_back(snapshot: Snapshot, bucket: str, options: dict[str, Any]) -> None:
    url = f"s3://{bucket}/deep/acme"
    assert snapshot.save(f"{url}/", storage_options=options) == url
    assert Snapshot.load(url, storage_options=options) == snapshot
    Snapshot.from_dict({}).save(url, storage_options=options)
    assert Snapshot.load(url, storage_options=options) == Snapshot.from_dict({})
    # What was replaced is deleted.
    assert len(keys(bucket, options)) == len(TABLES) + 2


def test_settings_of_the_environment_are_used(
    snapshot: Snapshot, bucket: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in options.items():
        monkeypatch.setenv(name.upper(), str(value))
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    snapshot.save(f"s3://{bucket}/acme")
    assert Snapshot.load(f"s3://{bucket}/acme") == snapshot


def test_an_assistant_is_answered_from_an_object_store(
    snapshot: Snapshot, bucket: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in options.items():
        monkeypatch.setenv(name.upper(), str(value))
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    url = f"s3://{bucket}/acme"
    snapshot.save(url)
    with pytest.raises(errors.NotFoundError, match=f"--snapshot {url} --json` to `{url}/changes.json`"):
        mcp_server.Tools(saved.place(url), Snapshot.load(url)).changes()
    config: Any = {name: value for name, value in options.items() if name != "allow_http"}
    store = S3Store(bucket, client_options={"allow_http": True}, config=config)
    obstore.put(store, "acme/changes.json", json.dumps([{"at": "2026-11-01T08:00:00Z", "change": "added"}]).encode())
    found = mcp_server.Tools(saved.place(url), Snapshot.load(url)).changes()
    assert found.structured_content is not None
    assert found.structured_content["total"] == 1
    assert mcp_server.server(url).name == "confluence-access"


@pytest.mark.parametrize("after", [0, 3, len(TABLES) + 1])
def test_a_save_that_fails_leaves_the_old_snapshot_in_the_store(
    snapshot: Snapshot, bucket: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    url = f"s3://{bucket}/acme"
    put, turns = obstore.put, itertools.count()

    def fail(*arguments: Any, **known: Any) -> Any:
        if next(turns) >= after:
            raise obstore.exceptions.GenericError(f"connection reset while sending {SECRET}")
        return put(*arguments, **known)

    with monkeypatch.context() as patched:
        patched.setattr(obstore, "put", fail)
        with pytest.raises(errors.StoreError, match="connection reset while sending …"):
            snapshot.save(url, storage_options=options)
    with pytest.raises(errors.MissingSnapshotError):
        Snapshot.load(url, storage_options=options)
    snapshot.save(url, storage_options=options)
    turns = itertools.count()
    with monkeypatch.context() as patched:
        patched.setattr(obstore, "put", fail)
        with pytest.raises(OSError, match="connection reset"):
            Snapshot.from_dict({}).save(url, storage_options=options)
    assert Snapshot.load(url, storage_options=options) == snapshot
    # A later save deletes what is certainly abandoned.
    monkeypatch.setattr(saved, "_ABANDONED_OBJECTS", timedelta(0))
    snapshot.save(url, storage_options=options)
    assert len(keys(bucket, options)) == len(TABLES) + 2


def test_a_snapshot_that_is_replaced_while_it_is_read_is_read_again(
    snapshot: Snapshot, bucket: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"s3://{bucket}/acme"
    snapshot.save(url, storage_options=options)
    get, turns = obstore.get, itertools.count()

    def replaced(*arguments: Any, **known: Any) -> Any:
        if next(turns) == 4:
            Snapshot.from_dict({}).save(url, storage_options=options)
        return get(*arguments, **known)

    monkeypatch.setattr(obstore, "get", replaced)
    assert Snapshot.load(url, storage_options=options) == Snapshot.from_dict({})


def test_a_store_that_refuses_says_so_without_secrets(
    snapshot: Snapshot, bucket: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"s3://{bucket}/acme"
    monkeypatch.setattr(ActionAuthenticatorMixin, "request_count", 0)
    monkeypatch.setattr(moto.settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)
    for call in (
        lambda: snapshot.save(url, storage_options=options),
        lambda: Snapshot.load(url, storage_options=options),
    ):
        with pytest.raises(errors.StoreForbiddenError, match="refuses to") as caught:
            call()
        assert isinstance(caught.value, PermissionError)
        shown = "".join(traceback.format_exception(caught.value))
        assert SECRET not in shown
        assert "AKIAEXAMPLE" not in shown


def test_a_bucket_or_a_server_that_is_not_there_is_a_typed_error(snapshot: Snapshot, options: dict[str, Any]) -> None:
    with pytest.raises(errors.StoreError, match="NoSuchBucket"):
        snapshot.save("s3://no-such-bucket/acme", storage_options=options)
    nowhere = {**options, "aws_endpoint": "http://127.0.0.1:9"}
    with pytest.raises(errors.StoreError, match="cannot read"):
        Snapshot.load("s3://bucket/acme", storage_options=nowhere)


@pytest.mark.parametrize("damage", ["missing", "other"])
def test_a_damaged_object_is_named(snapshot: Snapshot, bucket: str, options: dict[str, Any], damage: str) -> None:
    snapshot.save(f"s3://{bucket}/acme", storage_options=options)
    (name,) = [name for name in keys(bucket, options) if name.endswith("/users.parquet")]
    config: Any = {name: value for name, value in options.items() if name != "allow_http"}
    store = S3Store(bucket, client_options={"allow_http": True}, config=config)
    if damage == "missing":
        obstore.delete(store, name)
    else:
        obstore.put(store, name, b"PAR1")
    with pytest.raises(errors.UnreadableSnapshotError, match=r"users\.parquet` is (missing|damaged)"):
        Snapshot.load(f"s3://{bucket}/acme", storage_options=options)


def test_a_prefix_of_something_else_is_not_written_into(
    snapshot: Snapshot, bucket: str, options: dict[str, Any]
) -> None:
    snapshot.save(f"s3://{bucket}/acme/inner", storage_options=options)
    with pytest.raises(errors.OccupiedFolderError, match="holds `inner`"):
        snapshot.save(f"s3://{bucket}/acme", storage_options=options)
    with pytest.raises(errors.MissingSnapshotError, match="holds no snapshot"):
        Snapshot.load(f"s3://{bucket}/acme", storage_options=options)


@pytest.mark.parametrize(
    ("url", "given", "said"),
    [
        ("ftp://host/folder", None, "unsupported scheme `ftp://`"),
        ("https://host/folder", None, "unsupported scheme"),
        (f"s3://key:{SECRET}@bucket/x", None, "storage_options="),
        (f"s3://bucket/x?sig={SECRET}", None, "storage_options="),
        ("s3://", None, "names no bucket"),
        ("s3://[bucket/x", None, "names no bucket"),
        ("s3://bucket/x", {"nonsense": SECRET}, "nonsense"),
        ("s3://bucket/x", {"timeout": "soon"}, "cannot be opened"),
        ("s3://bucket/x", {"aws_region": ["x"]}, "`aws_region` is given as text"),
        ("s3://bucket/x", ["aws_region"], "given as a dict"),
        ("s3://bucket/x", {1: "x"}, "text for keys"),
        ("gs://bucket/x", {"google_service_account_key": SECRET}, "cannot be opened"),
        ("az://container/x", {"azure_storage_account_key": SECRET}, "cannot be opened"),
        ("folder", {"aws_region": "x"}, "local folder takes none"),
    ],
)
def test_an_address_or_option_that_cannot_be_used_is_refused(
    snapshot: Snapshot, url: str, given: Any, said: str
) -> None:
    for call in (snapshot.save, snapshot.save_to, Snapshot.load):
        with pytest.raises(errors.ConfigurationError, match=said) as caught:
            cast("Any", call)(url, storage_options=given)
        assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_google_and_azure_are_opened() -> None:
    account = {"azure_storage_account_name": "acme", "azure_storage_account_key": "c2VjcmV0"}
    assert saved.place("az://container/x", account).address == "az://container/x"
    assert str(saved.place("abfss://c@acme.dfs.core.windows.net/x", account).address).startswith("abfss://")
    assert saved.place("gs://bucket/x", {"google_skip_signature": True}).address == "gs://bucket/x"


def test_without_obstore_the_error_names_the_extra(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(ImportError, match=r"pip install 'confluence-access\[remote\]'"):
        snapshot.save("s3://bucket/acme")


# Many


def test_many_snapshots_are_kept_by_site_and_time(
    snapshot: Snapshot, tmp_path: Path, bucket: str, options: dict[str, Any]
) -> None:
    first, second = at(snapshot, "2026-11-20T08:00:00Z"), at(Snapshot.from_dict({}), "2026-11-21T09:30:00.123456Z")
    other = at(snapshot, "2026-11-20T08:00:00Z", "https://wiki.acme.com:8443/confluence/")
    for root, given in ((str(tmp_path / "kept"), None), (f"s3://{bucket}/kept", options)):
        saved_at = [one.save_to(root, storage_options=given) for one in (first, second, first)]
        assert str(saved_at[1]).endswith("kept/site=acme.atlassian.net/taken=20261121T093000.123456Z")
        load: Any = lambda **known: Snapshot.load(root, storage_options=given, **known)  # noqa: B023, E731
        # Of one site, no name is needed.
        assert load() == load(taken="latest") == second
        other.save_to(root, storage_options=given)
        with pytest.raises(errors.AmbiguousError, match="snapshots of 2 sites") as caught:
            load()
        assert caught.value.candidates == ("acme.atlassian.net", "wiki.acme.com_8443_confluence")
        for site in ("acme.atlassian.net", "https://acme.atlassian.net/wiki", "https://ACME.atlassian.net/"):
            assert load(site=site) == second
        assert load(site="wiki.acme.com:8443/confluence") == other
        acme = "acme.atlassian.net"
        for taken in ("2026-11-20", "2026-11-21T09:30:00.123455Z", datetime(2026, 11, 20, 8, tzinfo=UTC)):
            assert load(site=acme, taken=taken) == first
        assert load(site=acme, taken="20261121T093000.123456Z") == second
        with pytest.raises(errors.MissingSnapshotError, match=r"the first is `20261120T080000\.000000Z`"):
            load(site=acme, taken="2026-11-19")
        with pytest.raises(errors.MissingSnapshotError, match="it holds `acme"):
            load(site="else.atlassian.net")
        with pytest.raises(errors.ConfigurationError, match="`taken`"):
            load(site=acme, taken="yesterday")
        with pytest.raises(errors.ConfigurationError, match="`site`"):
            load(site=7)
        # One that was never written to its end is not the latest.
        if given is None:
            (Path(root) / "site=acme.atlassian.net" / "taken=20261122T000000.000000Z").mkdir()
            assert load(site=acme) == second
    with pytest.raises(errors.OccupiedFolderError, match="another snapshot of the same time"):
        at(Snapshot.from_dict({}), "2026-11-20T08:00:00Z").save_to(f"s3://{bucket}/kept", storage_options=options)


def test_an_upload_among_many_that_failed_is_not_the_latest(
    snapshot: Snapshot, bucket: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = f"s3://{bucket}/kept"
    first, second = at(snapshot, "2026-11-20T08:00:00Z"), at(snapshot, "2026-11-21T08:00:00Z")
    first.save_to(root, storage_options=options)
    put, turns = obstore.put, itertools.count()

    def fail(*arguments: Any, **known: Any) -> Any:
        if next(turns) >= 4:
            raise obstore.exceptions.GenericError("connection reset")
        return put(*arguments, **known)

    with monkeypatch.context() as patched:
        patched.setattr(obstore, "put", fail)
        with pytest.raises(errors.StoreError):
            second.save_to(root, storage_options=options)
    assert Snapshot.load(root, storage_options=options) == first
    second.save_to(root, storage_options=options)
    assert Snapshot.load(root, storage_options=options) == second


def test_a_snapshot_without_site_or_time_is_not_kept_among_many(snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigurationError, match=r"does not say the site it is of: .* `save`"):
        snapshot.save_to(tmp_path)
    with pytest.raises(errors.ConfigurationError, match="does not say the time it was taken"):
        Snapshot.from_dict({"base_url": "https://acme.atlassian.net"}).save_to(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_folder_of_one_snapshot_has_no_sites(snapshot: Snapshot, tmp_path: Path) -> None:
    snapshot.save(tmp_path / "acme")
    with pytest.raises(errors.MissingSnapshotError, match="holds no snapshots by site"):
        Snapshot.load(tmp_path / "acme", site="acme.atlassian.net")


def test_other_readers_see_many_snapshots_as_one_table(wiki: Confluence, tmp_path: Path) -> None:
    snap = wiki.snapshot()
    root = tmp_path / "kept"
    one = Path(snap.save_to(root))
    late = at(snap, "2030-01-01T00:00:00Z", "https://late.atlassian.net")
    shutil.rmtree(one)
    snap.save_to(root)
    late.save_to(root)
    for name in TABLES:
        rows = len(getattr(snap, name))
        files = f"{root}/site=*/taken=*/{name}.parquet"
        found = duckdb.sql(
            f"select site, taken, count(*) from read_parquet('{files}', hive_partitioning=true) group by all"
        )
        assert found is not None
        assert {row[2] for row in found.fetchall()} == ({rows} if rows else set())
        frame = pl.scan_parquet(files, hive_partitioning=True).collect()
        assert len(frame) == 2 * rows
        assert {"site", "taken"} < set(frame.columns)
        listed = [str(path) for path in sorted(root.glob(f"site=*/taken=*/{name}.parquet"))]
        table = pyarrow.dataset.dataset(listed, partitioning="hive").to_table()
        assert table.num_rows == 2 * rows
        assert rows == 0 or set(table["site"].to_pylist()) == {saved.site_name(wiki.url), "late.atlassian.net"}
