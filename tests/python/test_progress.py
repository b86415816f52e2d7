"""The progress display and the lines of `-v`, on a real terminal."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time

import pytest

from confluence_access import Simulator

TOKEN = "ATATT-very-secret-token-0123456789"


def on_a_terminal(columns: int, *arguments: str, simulator: Simulator) -> str:
    """Everything that a command writes to its standard error, a terminal of this width."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    known = {"CONFLUENCE_URL": simulator.url, "CONFLUENCE_USERNAME": simulator.username, "CONFLUENCE_API_TOKEN": TOKEN}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CONFLUENCE_", "ATLASSIAN_"))}
    kept.pop("COLUMNS", None)
    command = [sys.executable, "-m", "confluence_access", *arguments]
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs, env={**kept, **known, "PYTHONUTF8": "1"}
    ) as process:
        os.close(theirs)
        shown = b""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                part = os.read(ours, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
        os.close(ours)
        assert process.wait(10) == 0, shown
    text = shown.decode()
    assert TOKEN not in text
    return text


def screen(text: str) -> list[str]:
    """What is left on the screen."""
    rows = []
    for row in text.replace("\r\n", "\n").split("\n"):
        cells: list[str] = []
        for part in row.split("\r"):
            if part.startswith("\x1b[K"):
                cells, part = [], part.removeprefix("\x1b[K")
            cells[: len(part)] = part
        rows.append("".join(cells).rstrip())
    return rows


@pytest.mark.parametrize("columns", [80, 120])
def test_a_slow_call_names_the_stage_and_leaves_nothing_behind(columns):
    with Simulator(pages=120, latency=0.08, token=TOKEN) as simulator:
        text = on_a_terminal(columns, "summary", "--format", "csv", simulator=simulator)
    frames = [frame.strip() for frame in text.split("\r") if frame.strip()]
    assert any(re.match(r"reading (\w+ [\d,]+)", frame) for frame in frames), text
    assert all(len(frame) < columns for frame in frames if not frame.startswith("note: "))
    assert [row for row in screen(text) if row and not row.startswith(("note: ", "  "))] == []


def test_what_is_over_soon_shows_nothing():
    with Simulator(pages=20, token=TOKEN) as simulator:
        assert on_a_terminal(80, "summary", "-q", simulator=simulator) == ""


@pytest.mark.parametrize("columns", [80, 120])
def test_a_rate_limit_is_said(columns):
    with Simulator(pages=60, token=TOKEN) as simulator:
        simulator.fail("/wiki/api/v2/spaces", status=429, retry_after=2, times=1)
        text = on_a_terminal(columns, "summary", "--format", "csv", simulator=simulator)
        assert "rate limited, waiting 2 s" in text
        assert "rate limited, waiting 1 s" in text
        assert [row for row in screen(text) if "rate limited" in row] == []
        simulator.fail("/wiki/api/v2/spaces", status=429, retry_after=1, times=1)
        text = on_a_terminal(columns, "summary", "-v", "--format", "csv", simulator=simulator)
    lines = [row for row in screen(text) if "rate_limited (429), attempt 1, no request is sent for 1.0 s" in row]
    assert len(lines) == 1, text
    assert "reading" not in lines[0]


def test_quiet_is_quiet():
    with Simulator(pages=60, latency=0.08, token=TOKEN) as simulator:
        assert on_a_terminal(80, "summary", "-q", simulator=simulator) == ""
