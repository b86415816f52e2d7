"""A snapshot that was interrupted goes on where it was, and ends as an uninterrupted one."""

from __future__ import annotations

import base64
import errno
import os
import subprocess
import sys
import textwrap
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from confluence_access import Simulator, Snapshot, _core, cli, errors
from confluence_access.console.read import checkpoint

SETTINGS: Any = {
    "cloud": {"pages": 400, "spaces": 4, "latency": 0.002},
    "datacenter": {"deployment": "datacenter", "version": "10.2.0", "pages": 400, "spaces": 4, "latency": 0.002},
}


@pytest.fixture(params=["cloud", "datacenter"])
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    with Simulator(**SETTINGS[request.param]) as simulator:
        yield simulator
        assert simulator.unexpected == []


def assert_same(one: Snapshot, other: Snapshot) -> None:
    for noun in _core.nouns():
        assert getattr(one, noun) == getattr(other, noun), noun
    assert one.site == other.site


def interrupted(simulator: Simulator, after: int, **arguments: Any) -> None:
    """Closes the client after so many requests."""
    before = len(simulator.requests)
    with simulator.connect(max_concurrency=2) as wiki:

        def close() -> None:
            while len(simulator.requests) < before + after and not done.is_set():
                time.sleep(0.001)
            wiki.close()

        done = threading.Event()
        closing = threading.Thread(target=close)
        closing.start()
        with suppress(errors.ClosedError):
            wiki.snapshot(**arguments)
        done.set()
        closing.join()


def test_an_interrupted_snapshot_goes_on_and_ends_as_an_uninterrupted_one(simulator: Simulator, tmp_path: Path) -> None:
    with simulator.connect() as wiki:
        whole = wiki.snapshot()
        needed = wiki.usage().requests
    folder = tmp_path / "kept"
    began = datetime.now(UTC)
    for turn in range(1, 4):
        interrupted(simulator, needed * turn // 8, resume=folder)
    assert (folder / "answers").exists()
    before = datetime.now(UTC)
    with simulator.connect() as wiki:
        continued = wiki.snapshot(resume=str(folder))
        assert wiki.usage().requests < needed
    assert_same(continued, whole)
    assert continued.taken_at is not None
    assert began <= continued.taken_at <= before
    assert not folder.exists()


def test_a_process_that_is_killed_goes_on(simulator: Simulator, tmp_path: Path) -> None:
    code = """
        import sys
        from confluence_access import Confluence
        with Confluence.from_env() as wiki:
            wiki.snapshot(resume=sys.argv[1])
    """
    names = {"CONFLUENCE_URL": simulator.url}
    if simulator._deployment == "cloud":
        names |= {"CONFLUENCE_USERNAME": simulator.username, "CONFLUENCE_API_TOKEN": simulator.token}
    else:
        names |= {"CONFLUENCE_PERSONAL_TOKEN": simulator.token}
    before = len(simulator.requests)
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "kept")], env={**os.environ, **names}
    )
    while len(simulator.requests) < before + 12 and process.poll() is None:
        time.sleep(0.002)
    process.kill()
    process.wait()
    with simulator.connect() as wiki:
        assert_same(wiki.snapshot(resume=tmp_path / "kept"), wiki.snapshot())


def test_what_failed_is_asked_again_and_nothing_else(tmp_path: Path) -> None:
    with Simulator(**SETTINGS["cloud"]) as simulator, simulator.connect(max_retries=0) as wiki:
        whole = wiki.snapshot()
        needed = len(simulator.requests)
        simulator.fail("/permissions", status=500)
        partial = wiki.snapshot(resume=tmp_path / "kept")
        assert {gap.cause for gap in partial.gaps} - {gap.cause for gap in whole.gaps} == {"server_error"}
        simulator.heal()
        simulator.clear_log()
        assert_same(wiki.snapshot(resume=tmp_path / "kept"), whole)
        assert len(simulator.requests) < needed / 2
        assert os.listdir(tmp_path) == []


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    with Simulator(**SETTINGS["cloud"]) as simulator, Simulator(**SETTINGS["cloud"]) as other:
        interrupted(simulator, 12, resume=tmp_path)
        with simulator.connect() as wiki:
            with pytest.raises(errors.ConfigurationError, match=r"is of another snapshot \(spaces null instead of"):
                wiki.snapshot(spaces=["HR"], resume=tmp_path)
            with pytest.raises(errors.ConfigurationError, match="public_links false instead of true"):
                wiki.snapshot(public_links=True, resume=tmp_path)
        with other.connect() as wiki, pytest.raises(errors.ConfigurationError, match="site "):
            wiki.snapshot(resume=tmp_path)
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "answers").write_text("my answers\n")
        with simulator.connect() as wiki:
            with pytest.raises(errors.ConfigurationError, match="is not a checkpoint"):
                wiki.snapshot(resume=tmp_path / "other")
            with pytest.raises(errors.ConfigurationError, match="folder of `resume`"):
                wiki.snapshot(resume=" ")
            with pytest.raises(errors.StoreError, match="cannot be used"):
                wiki.snapshot(resume=tmp_path / "other" / "answers")


def test_a_checkpoint_holds_no_credentials(simulator: Simulator, tmp_path: Path) -> None:
    interrupted(simulator, 20, resume=tmp_path)
    raw = (tmp_path / "answers").read_bytes()
    # Each answer is compressed by itself.
    parts = [raw, *(_unpacked(raw[at:]) for at in range(len(raw)) if raw[at : at + 3] == b"\x1f\x8b\x08")]
    assert len(parts) > 5
    both = f"{simulator.username}:{simulator.token}".encode()
    for secret in (simulator.token.encode(), base64.b64encode(both)):
        assert not any(secret in part for part in parts)


def _unpacked(packed: bytes) -> bytes:
    with suppress(zlib.error):
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(packed)
    return b""


def test_a_full_disk_keeps_what_was_read(tmp_path: Path) -> None:
    code = """
        import resource, signal, sys
        from confluence_access import Confluence, StoreError
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
        try:
            with Confluence.from_env() as wiki:
                wiki.snapshot(resume=sys.argv[1])
        except StoreError as error:
            print(error)
    """
    with Simulator(**SETTINGS["cloud"]) as simulator:
        names = {
            "CONFLUENCE_URL": simulator.url,
            "CONFLUENCE_USERNAME": simulator.username,
            "CONFLUENCE_API_TOKEN": simulator.token,
        }
        found = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)],
            env={**os.environ, **names},
            capture_output=True,
            text=True,
            check=True,
        )
        assert os.strerror(errno.EFBIG) in found.stdout
        assert "goes on from there" in found.stdout
        with simulator.connect() as wiki:
            assert_same(wiki.snapshot(resume=tmp_path), wiki.snapshot())


def test_the_command_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with Simulator(**SETTINGS["cloud"]) as simulator:
        monkeypatch.setenv("CONFLUENCE_URL", simulator.url)
        monkeypatch.setenv("CONFLUENCE_USERNAME", simulator.username)
        monkeypatch.setenv("CONFLUENCE_API_TOKEN", simulator.token)
        interrupted(simulator, 20, resume="acme.checkpoint")
        needed = len(simulator.requests)
        assert cli.main(["snapshot", "--out", "acme", "--resume"]) == 0
        assert len(simulator.requests) > needed
        with simulator.connect() as wiki:
            assert_same(Snapshot.load("acme"), wiki.snapshot())
    assert os.listdir(tmp_path) == ["acme"]
    assert "saved to acme" in capsys.readouterr().out
    assert checkpoint("s3://bucket/kept/acme/") == Path("acme.checkpoint")
