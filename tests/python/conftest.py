"""What several modules of tests use: a simulator, a client of it, a snapshot from plain data."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from plain_site import plain_site
from rooms_site import rooms

from confluence_access import Confluence, Simulator, Snapshot

# A shell starts what runs in its background with Ctrl-C ignored, and the programs that tests start inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


# dlt would report each pipeline to its makers.
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    return Snapshot.from_dict(plain_site())


@pytest.fixture(scope="module")
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """One per module, with the settings in its `SIMULATOR` and the expected unknown requests in its `UNEXPECTED`."""
    with Simulator(**getattr(request.module, "SIMULATOR", {"pages": 120})) as simulator:
        yield simulator
        assert simulator.unexpected == getattr(request.module, "UNEXPECTED", [])


@pytest.fixture
def wiki(simulator: Simulator) -> Iterator[Confluence]:
    with simulator.connect() as wiki:
        yield wiki


@pytest.fixture
def served() -> Iterator[tuple[Simulator, Confluence]]:
    """A Data Center with every room, and a client of it."""
    with rooms(context="/confluence") as (simulator, wiki):
        yield simulator, wiki
        assert simulator.unexpected == []
