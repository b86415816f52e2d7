"""Snapshots of several sites by the workers of a real cluster of two processes."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from confluence_access import Confluence, Simulator, Snapshot, _core, errors
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


def test_settings_are_not_shown_to_dask(sites: dict[str, Simulator]) -> None:
    assert sites["acme"].token not in repr(many._Hidden(settings(sites["acme"])))


def test_what_is_no_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigurationError, match="the site `acme` is given as a dict of settings"):
        many.snapshot_sites({"acme": "https://acme.atlassian.net"}, tmp_path)  # type: ignore[dict-item]
    with pytest.raises(errors.ConfigurationError, match="no table `pages`"):
        many.table(tmp_path, "pages")
    with pytest.raises(errors.MissingSnapshotError, match="holds no snapshots by site"):
        many.summary(tmp_path)
