"""The lines of `logging`: retries, waits and gaps, never a secret."""

import asyncio
import logging
import os
import subprocess
import sys
import threading
from typing import Any

import pytest

from confluence_access import AsyncConfluence, RateLimitError, Simulator

TOKEN = "ATATT-very-secret-token-0123456789"


@pytest.fixture
def site():
    with Simulator(pages=60, token=TOKEN) as simulator:
        yield simulator


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, logger="confluence_access")

    def lines(name: str = "requests") -> list[logging.LogRecord]:
        assert TOKEN not in caplog.text
        found = [record for record in caplog.records if record.name == f"confluence_access.{name}"]
        assert all(TOKEN not in str(vars(record)) for record in found)
        return found

    return lines


def test_a_rate_limit_and_a_retry_are_one_line_each(site, lines):
    site.fail("/wiki/api/v2/spaces", status=429, retry_after=1, times=1)
    site.fail("/wiki/rest/api/group", status=503, times=1)
    with site.connect() as wiki:
        wiki.spaces()
        wiki.groups()
        usage = wiki.usage()
    limited, failed = lines()
    assert limited.getMessage().startswith(
        "GET /wiki/api/v2/spaces: rate_limited (429), attempt 1, no request is sent for 1.0 s"
    )
    assert (limited.levelname, limited.event, limited.status, limited.attempt) == ("INFO", "rate_limit", 429, 1)
    assert (failed.event, failed.status, failed.route.startswith("GET /wiki/rest/api/group")) == ("retry", 503, True)
    assert failed.seconds > 0
    assert limited.thread == threading.get_ident()
    assert usage.waited_for_rate_limits >= 1
    assert usage.waited_for_retries == pytest.approx(failed.seconds, abs=0.01)
    assert usage.waited_for_slots >= 0


def test_the_request_id_of_the_server_is_in_the_line(site, lines):
    site.fail("/wiki/api/v2/spaces", status=503, times=1)
    with site.connect() as wiki:
        wiki.spaces()
    (line,) = lines()
    assert line.request_id
    assert line.getMessage().endswith(f"(request id {line.request_id})")


def test_a_wait_that_is_too_long_is_a_warning(site, lines):
    site.fail("/wiki/api/v2/spaces", status=429, retry_after=3600)
    with site.connect() as wiki, pytest.raises(RateLimitError):
        wiki.spaces()
    (line,) = lines()
    assert (line.levelname, line.event, line.seconds) == ("WARNING", "too_long", 3600)


def test_a_gap_is_one_line(site, lines):
    site.fail("/permissions", status=403)
    with site.connect() as wiki:
        snapshot = wiki.snapshot()
    found = lines("gaps")
    assert [record.subject for record in found] == [gap.subject for gap in snapshot.gaps][:100]
    assert found[0].levelname == "WARNING"
    assert found[0].getMessage().startswith("snapshot: ")
    assert {record.status for record in found} >= {403}


def test_a_secret_that_the_server_repeats_is_not_logged(site, lines):
    site.fail("/permissions", status=403, body=f'{{"message": "who is {TOKEN}?"}}')
    site.fail("/wiki/rest/api/group", status=503, body=TOKEN, times=1)
    with site.connect() as wiki:
        wiki.snapshot()
    assert lines("gaps")
    assert lines()


def test_lines_of_awaited_calls_come_from_the_thread_of_the_loop(site, lines):
    site.fail("/wiki/api/v2/spaces", status=503, times=1)

    async def ask():
        async with AsyncConfluence(site.url, username=site.username, token=TOKEN) as wiki:
            await asyncio.gather(wiki.spaces(), wiki.groups())

    asyncio.run(ask())
    (line,) = lines()
    assert line.thread == threading.get_ident()


def test_a_handler_that_fails_takes_no_answer_away(site, lines, recwarn):
    class Broken(logging.Filter):
        def filter(self, record):
            raise RuntimeError("broken")

    logger, broken = logging.getLogger("confluence_access.requests"), Broken()
    logger.addFilter(broken)
    seen: list[Any] = []
    old, sys.unraisablehook = sys.unraisablehook, seen.append
    try:
        site.fail("/wiki/api/v2/spaces", status=503, times=1)
        with site.connect() as wiki:
            assert len(wiki.spaces()) > 3
    finally:
        logger.removeFilter(broken)
        sys.unraisablehook = old
    assert [str(problem.exc_value) for problem in seen] == ["broken"]


def test_many_threads_lose_no_line_and_wait_for_nobody(site, lines):
    with site.connect(max_retries=8, max_concurrency=8) as wiki:
        # What every call needs is read once; then each thread meets one refusal.
        wiki.spaces()
        site.fail("/wiki/api/v2/spaces", status=503, times=8)
        threads = [threading.Thread(target=wiki.spaces) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
    assert len(lines()) == 8


SCRIPT = """
import logging, os, sys, threading
from confluence_access import Confluence, Simulator
with Simulator(pages=20) as simulator:
    simulator.fail("/wiki/api/v2/spaces", status=429, retry_after=30)
    wiki = simulator.connect()
    {what}
"""


@pytest.mark.parametrize(
    ("what", "shown"),
    [
        # A program that configures nothing sees nothing.
        ("simulator.heal(); simulator.fail('/wiki/api/v2/spaces', status=503, times=1); wiki.spaces()", ""),
        # The interpreter ends while a thread waits.
        ("threading.Thread(target=wiki.spaces, daemon=True).start(); import time; time.sleep(0.3)", ""),
    ],
)
def test_a_program_ends_and_shows_nothing_it_did_not_ask_for(what, shown):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(what=what)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, shown)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_logs_what_its_own_client_does(site, lines):
    with site.connect() as wiki:
        wiki.groups()
        site.fail("/wiki/api/v2/spaces", status=503, times=1)
        child = os.fork()
        if child == 0:
            os._exit(_in_the_child(site, wiki))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert lines() == [], "what the child does is not logged here"


def _in_the_child(site, wiki):
    seen: list[Any] = []

    class Keep(logging.Handler):
        def emit(self, record):
            seen.append(record.getMessage())

    logging.getLogger("confluence_access.requests").addHandler(Keep())
    try:
        assert wiki._core.paused() is None
        with site.connect() as own:
            own.spaces()
        return 0 if len(seen) == 1 else 2
    except BaseException:
        return 3
