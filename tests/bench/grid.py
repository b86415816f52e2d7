"""Fetching: every contender reads the same simulated site, each in a process and on a simulator of its own."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass
from typing import Any

from places import CONTENDERS

from confluence_access.simulator import Simulator


@dataclass(frozen=True)
class Case:
    """A site and how it answers."""

    spaces: int
    pages: int
    depth: int
    latency: float
    at_once: int

    def __str__(self) -> str:
        each = f"{self.pages:,} pages" if self.spaces == 1 else f"{self.spaces} x {self.pages} pages"
        return f"{each}, depth {self.depth}, {self.latency * 1000:.0f} ms, {self.at_once} at once"


def site(case: Case) -> dict[str, Any]:
    """Spaces of chains as deep as asked; every twentieth page is restricted, to a user and a group, to edit or view."""
    users = {f"u{n}": {"email": f"u{n}@example.org"} for n in range(50)}
    groups = {f"g{n}": {"members": [f"user:u{u}" for u in range(n, 50, 5)]} for n in range(5)}
    spaces, contents, restrictions = {}, {}, {}
    for space in range(case.spaces):
        key, home = f"S{space}", 1000 + space * case.pages
        spaces[key] = {
            "type": "global",
            "homepage": str(home),
            "grants": {f"group:g{n}": ["view", "create_page"] for n in range(5)},
        }
        for n in range(case.pages):
            page: dict[str, Any] = {"type": "page", "space": key, "title": f"Page {n}"}
            if n > 0:
                page["parent"] = str(home if n % (case.depth - 1) == 1 % (case.depth - 1) else home + n - 1)
            contents[str(home + n)] = page
            if n % 20 == 19:
                restrictions[str(home + n)] = {
                    "read": [f"user:u{n % 50}", f"group:g{n % 5}"],
                    "update": [f"group:g{n % 5}"] if n % 40 == 19 else [],
                }
    return {
        "users": users,
        "groups": groups,
        "spaces": spaces,
        "contents": contents,
        "restrictions": restrictions,
    }


def truth(site: dict[str, Any]) -> dict[str, int]:
    """How many of each fact the site has."""
    lists = site["restrictions"].values()
    return {
        "contents": len(site["contents"]),
        "placed": sum("parent" in page for page in site["contents"].values()),
        "restrictions": sum(len(subjects) for both in lists for subjects in both.values()),
        "members": sum(len(group["members"]) for group in site["groups"].values()),
    }


@dataclass
class Row:
    """What a contender took."""

    contender: str
    version: str
    requests: int
    seconds: float
    cpu: float
    peak: float
    in_flight: int
    rows: str
    # Pages a contender that asks page by page was run on, where it was not run on all.
    sample: int | None = None


def measure(case: Case, name: str, described: dict[str, Any], sample: int) -> Row:
    """Runs one contender on a fresh simulator."""
    contender, pages = CONTENDERS[name], case.spaces * case.pages
    some = sample if contender.per_page and pages > sample else 0
    command = contender.command()
    with Simulator(site=described, latency=case.latency) as simulator:
        where = [simulator.url, simulator.username, simulator.token, str(case.at_once), contender.mode, str(some)]
        ran = subprocess.run([*command, *where], capture_output=True, text=True, timeout=1800)
        if ran.returncode != 0:
            last = (ran.stderr.strip().splitlines() or ["nothing"])[-1]
            return Row(name, "", 0, 0.0, 0.0, 0.0, 0, f"failed: {last[:120]}")
        said = json.loads(ran.stdout.strip().splitlines()[-1])
        log, in_flight = len(simulator.requests), simulator.max_in_flight
    expected, found = truth(described), said["facts"]
    if some:
        rows = f"{found['contents']:,} of {pages:,} pages"
    else:
        wrong = [
            f"{found[fact]:,} of {count:,} {fact}"
            for fact, count in expected.items()
            if found[fact] is not None and found[fact] != count
        ]
        unread = [fact for fact, count in found.items() if count is None]
        rows = "; ".join(wrong) or ("right" if not unread else f"right, without {', '.join(unread)}")
    return Row(name, said["version"], log, said["seconds"], said["cpu"], said["peak"], in_flight, rows, some or None)


def table(case: Case, rows: list[Row]) -> str:
    """A case in Markdown; ratios are to ours."""
    ours = next((row for row in rows if row.contender == "confluence-access"), rows[0])
    limit = ours.requests * case.latency / case.at_once
    lines = [
        f"### {case}",
        "",
        "| contender | requests | seconds | x ours | CPU s | peak MiB | in flight | rows |",
        "|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for row in rows:
        ratio = f"{row.seconds / ours.seconds:.1f}" if ours.seconds and not row.sample else ""
        lines.append(
            f"| {row.contender} | {row.requests:,} | {row.seconds:.2f} | {ratio} | {row.cpu:.2f} | {row.peak:.0f} "
            f"| {row.in_flight} | {row.rows} |"
        )
    if limit:
        lines += [
            "",
            f"The limit of our {ours.requests} requests is {limit:.2f} s; we take {ours.seconds / limit:.2f} x.",
        ]
    return "\n".join(lines)


def as_data(case: Case, rows: list[Row]) -> dict[str, Any]:
    """The same for a program."""
    return {"case": asdict(case), "rows": [asdict(row) for row in rows]}
