"""Snapshots of several sites by the workers of a real cluster of two processes."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
from distributed import Client, LocalCluster

from confluence_access import Confluence, Simulator, Snapshot, _core, errors, slices
from confluence_access import dask as many

pytestmark = [
    # Warnings of Dask about itself: its own sockets at the end, and a busy machine.
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Client]:
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, Simulator]]:
    with (
        Simulator(pages=120) as acme,
        Simulator(pages=200, seed=7, latency=0.01) as slow,
        Simulator(deployment="datacenter", version="10.2.0", pages=80) as wiki,
    ):
        yield {"acme": acme, "slow": slow, "wiki": wiki}


def settings(simulator: Simulator) -> dict[str, Any]:
    if simulator._deployment == "cloud":
        return {"url": simulator.url, "username": simulator.username, "token": simulator.token}
    return {"url": simulator.url, "token": simulator.token}


def whole(simulator: Simulator) -> Snapshot:
    with simulator.connect() as wiki:
        return wiki.snapshot()


def assert_same(one: Snapshot, other: Snapshot) -> None:
    for noun in _core.nouns():
        assert getattr(one, noun) == getattr(other, noun), noun
    assert one.site == other.site


def test_several_sites_are_fetched_as_one_machine_fetches_them(
    cluster: Client, sites: dict[str, Simulator], tmp_path: Path
) -> None:
    del cluster
    given: dict[str, Any] = {name: settings(simulator) for name, simulator in sites.items()}
    given["acme"] = partial(Confluence, **given["acme"])
    given["gone"] = {"url": "http://127.0.0.1:9", "token": "x", "deployment": "datacenter"}
    fetched = many.snapshot_sites(given, tmp_path)
    assert [(one.site, one.address is not None) for one in fetched] == [
        ("acme", True),
        ("slow", True),
        ("wiki", True),
        ("gone", False),
    ]
    assert isinstance(fetched[3].error, errors.NoAnswerError)
    expected = {name: whole(simulator) for name, simulator in sites.items()}
    for one in fetched[:3]:
        assert one.address is not None
        snapshot = Snapshot.load(one.address)
        assert_same(snapshot, expected[one.site])
        assert (one.complete, one.gaps) == (snapshot.complete, len(snapshot.gaps))
        assert one.requests > 0
    everything = list(expected.values())
    for name in _core.nouns():
        assert len(many.table(tmp_path, name)) == sum(len(getattr(one, name)) for one in everything)
    rows = many.summary(tmp_path).compute()
    assert len(rows) == sum(len(one.contents) for one in everything)
    assert list(rows.columns[:2]) == ["site", "taken"]
    assert rows["site"].nunique() == 3
    assert len(many.findings(tmp_path)) == sum(len(one.access().findings()) for one in everything)
    assert len(many.pairs(tmp_path, "view")) == sum(len(one.access().pairs("view")) for one in everything)
    counted = many.table(tmp_path, "contents").groupby("site").id.count().compute()
    assert sorted(counted) == sorted(len(one.contents) for one in everything)


def test_a_worker_that_is_killed_loses_nothing(cluster: Client, sites: dict[str, Simulator], tmp_path: Path) -> None:
    slow = sites["slow"]
    expected = whole(slow)
    before = len(slow.requests)
    pids = cluster.run(os.getpid)
    killed = []

    def kill() -> None:
        while len(slow.requests) < before + 15:
            time.sleep(0.002)
        # Which worker it is, the cluster knows.
        busy = [worker for worker, keys in cluster.processing().items() if keys]
        killed.extend(busy)
        for worker in busy:
            os.kill(pids[worker], signal.SIGKILL)

    killing = threading.Thread(target=kill)
    killing.start()
    (fetched,) = many.snapshot_sites({"slow": settings(slow)}, tmp_path / "kept", checkpoints=tmp_path / "checkpoints")
    killing.join()
    assert len(killed) == 1
    assert fetched.address is not None
    assert_same(Snapshot.load(fetched.address), expected)
    # It went on where the other one was.
    with slow.connect() as wiki:
        wiki.snapshot()
        assert fetched.requests < wiki.usage().requests
    assert not list((tmp_path / "checkpoints").iterdir())


# Slices


def kill_one_that_reads(cluster: Client, simulator: Simulator, after: int) -> list[str]:
    """Kills the first worker that is busy once the simulator has answered so many more requests."""
    before = len(simulator.requests)
    pids = cluster.run(os.getpid)
    while len(simulator.requests) < before + after:
        time.sleep(0.002)
    busy = [worker for worker, keys in cluster.processing().items() if keys]
    for worker in busy[:1]:
        os.kill(pids[worker], signal.SIGKILL)
    return busy


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_site_in_slices_is_read_as_one_machine_reads_it(
    cluster: Client, tmp_path: Path, deployment: Literal["cloud", "datacenter"]
) -> None:
    del cluster
    version = None if deployment == "cloud" else "10.2.0"
    with Simulator(deployment=deployment, version=version, pages=600, spaces=24, latency=0.002) as simulator:
        # What no worker can read is a gap of the whole.
        hidden = whole(simulator).spaces[3]
        simulator.fail(
            f"/{hidden.id if deployment == 'cloud' else hidden.key}/permissions", effect="status", status=403
        )
        expected = whole(simulator)
        assert not expected.complete
        simulator.clear_log()
        with simulator.connect(max_concurrency=4) as wiki:
            wiki.snapshot()
            alone = wiki.usage().requests
        given = {"acme": {**settings(simulator), "max_concurrency": 4}}
        simulator.clear_log()
        (fetched,) = many.snapshot_sites(given, tmp_path / "kept", checkpoints=tmp_path / "checkpoints", slices=2)
        assert fetched.error is None
        assert fetched.address is not None
        assert_same(Snapshot.load(fetched.address), expected)
        assert (fetched.complete, fetched.gaps) == (False, len(expected.gaps))
        assert not list((tmp_path / "checkpoints").iterdir())
        # Each slice asks about the site as a whole too; the last step asks for little.
        assert alone < fetched.requests < 2 * alone
        assert simulator.max_in_flight <= 4, "the budget of a site is that of all its slices"
        assert simulator.unexpected == []


def test_the_whole_asks_only_for_what_no_slice_has(tmp_path: Path) -> None:
    with Simulator(pages=600, spaces=24) as simulator:
        given = slices.Hidden({**settings(simulator), "max_concurrency": 4})
        expected = whole(simulator)
        parts = slices.split("acme", given, str(tmp_path), 4, {})
        assert [len(part) for part in parts.parts] == [6, 6, 6, 6]
        assert sorted(key for part in parts.parts for key in part) == sorted(expected.spaces["key"])
        asked = [slices.read_slice(parts, at, given, {}) for at in range(4)]
        assert min(asked) > 10
        assert [slices.read_slice(parts, at, given, {}) for at in range(4)] == [0] * 4, "they are there"
        # One was cut off in the middle of a record, one is lost.
        cut = Path(parts.kept(2))
        cut.write_bytes(cut.read_bytes()[:-5])
        parts.join()
        with simulator.connect(max_concurrency=4) as wiki:
            assert_same(wiki.snapshot(resume=parts.whole), expected)
            assert wiki.usage().requests < 40
        with simulator.connect(max_concurrency=4) as wiki:
            wiki.snapshot()
            assert wiki.usage().requests > 100
        Path(parts.kept(3)).unlink()
        parts.join()
        with simulator.connect(max_concurrency=4) as wiki:
            assert_same(wiki.snapshot(resume=parts.whole), expected)
        parts.clear()
        assert list(tmp_path.iterdir()) == []


def test_named_spaces_are_split_too(cluster: Client, tmp_path: Path) -> None:
    del cluster
    with Simulator(pages=200, spaces=10) as simulator:
        with simulator.connect() as wiki:
            keys = wiki.spaces()["key"][:5]
            expected = wiki.snapshot(keys)
        options: dict[str, Any] = {"checkpoints": tmp_path / "checkpoints", "slices": 9, "spaces": keys}
        (fetched,) = many.snapshot_sites({"acme": settings(simulator)}, tmp_path / "kept", **options)
        assert fetched.address is not None
        assert_same(Snapshot.load(fetched.address), expected)


def test_a_worker_that_is_killed_loses_nothing_of_its_slice(cluster: Client, tmp_path: Path) -> None:
    with Simulator(pages=600, spaces=24, latency=0.01) as simulator:
        expected = whole(simulator)
        killed: list[str] = []
        killing = threading.Thread(target=lambda: killed.extend(kill_one_that_reads(cluster, simulator, 60)))
        killing.start()
        options: dict[str, Any] = {"checkpoints": tmp_path / "checkpoints", "slices": 2}
        (fetched,) = many.snapshot_sites({"acme": settings(simulator)}, tmp_path / "kept", **options)
        killing.join()
        assert killed
        assert fetched.address is not None
        assert_same(Snapshot.load(fetched.address), expected)
        assert not list((tmp_path / "checkpoints").iterdir())


def test_a_site_that_does_not_answer_is_an_error_in_slices_too(cluster: Client, tmp_path: Path) -> None:
    del cluster
    gone = {"gone": {"url": "http://127.0.0.1:9", "token": "x", "deployment": "datacenter", "max_retries": 0}}
    (fetched,) = many.snapshot_sites(gone, tmp_path / "kept", checkpoints=tmp_path / "checkpoints", slices=2)
    assert isinstance(fetched.error, errors.NoAnswerError)


def test_a_budget_is_divided_among_the_slices(tmp_path: Path) -> None:
    with Simulator(pages=20, spaces=8) as simulator:
        given = {**settings(simulator), "max_concurrency": 6, "requests_per_second": 90}
        for count, width, rate in ((1, 6, 90), (2, 3, 45), (4, 1, 22.5), (50, 1, 15)):
            parts = slices.split("acme", slices.Hidden(given), str(tmp_path), count, {})
            assert (parts.width, parts.rate) == (width, rate)
            assert parts.width * parts.count <= 6


def test_settings_are_not_shown_to_dask(sites: dict[str, Simulator]) -> None:
    assert sites["acme"].token not in repr(slices.Hidden(settings(sites["acme"])))


def test_what_is_no_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigurationError, match="the site `acme` is given as a dict of settings"):
        many.snapshot_sites({"acme": "https://acme.atlassian.net"}, tmp_path)  # type: ignore[dict-item]
    given: dict[str, Any] = {"acme": {"url": "https://acme.atlassian.net", "username": "ann", "token": "x"}}
    kept = tmp_path / "checkpoints"
    for options, message in (
        ({"slices": 0, "checkpoints": kept}, "`slices` is a number of 1 or more, not `0`"),
        ({"slices": 2}, "`slices` needs `checkpoints`"),
        ({"slices": 2, "checkpoints": kept, "admin_key": True}, "`slices` and `admin_key` exclude each other"),
    ):
        with pytest.raises(errors.ConfigurationError, match=message):
            many.snapshot_sites(given, tmp_path, **options)
    with pytest.raises(errors.ConfigurationError, match="the site `acme` is given as a function, and `slices` divides"):
        many.snapshot_sites({"acme": Confluence.from_env}, tmp_path, checkpoints=kept, slices=2)
    with pytest.raises(errors.ConfigurationError, match="no table `pages`"):
        many.table(tmp_path, "pages")
    with pytest.raises(errors.MissingSnapshotError, match="holds no snapshots by site"):
        many.summary(tmp_path)
