"""Every figure of this project in one run: `python tests/bench`.

Fetching beside the programs people have or would write, how near it comes to the limit of its requests, resolving,
tables and the audit log. Peers get environments of their own in `target/bench`. Writes `bench.md` and `bench.json`
there, and with `--readme` the short table of the README.

    .venv/bin/pip install . && .venv/bin/python tests/bench --quick
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grid import Case, Row, as_data, measure, site, table
from machine import machine
from places import CONTENDERS, HERE, PLACE, ROOT

SITES = {"1x500": (1, 500), "1x10000": (1, 10_000), "200x250": (200, 250)}
# What is measured beside fetching: a script of this folder or a bench of Cargo, and its arguments, in full and quick.
OTHERS: dict[str, tuple[list[str], list[str], list[str]]] = {
    "limit": (["cargo", "bench", "--bench", "fetch", "--"], [], ["--latency", "50", "--at-once", "16"]),
    "resolve": (
        ["cargo", "bench", "--bench", "resolve", "--"],
        ["10_000", "100_000", "1_000_000", "5_000_000"],
        ["10_000", "100_000"],
    ),
    "resolve-beside-python": ([sys.executable, str(HERE / "resolve_beside_python.py")], [], []),
    "datacenter": ([sys.executable, str(HERE / "datacenter.py")], [], ["--pages", "2000", "--spaces", "10"]),
    "tables": ([sys.executable, str(HERE / "tables.py")], [], ["--rows", "100000"]),
    "audit": ([sys.executable, str(HERE / "audit.py")], [], ["--records", "10000"]),
}


def options() -> argparse.Namespace:
    """What to measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one site, one depth, two latencies: a few minutes")
    parser.add_argument("--only", nargs="+", choices=["fetch", *OTHERS], help="these parts alone")
    parser.add_argument("--sites", nargs="+", choices=[*SITES], help="spaces x pages of each")
    parser.add_argument("--depths", nargs="+", type=int, help="levels of the page tree; 5 and 10")
    parser.add_argument("--latencies", nargs="+", type=float, help="of every answer, in milliseconds; 0, 5 and 50")
    parser.add_argument("--at-once", nargs="+", type=int, help="requests at once; 5, 16 and 32")
    parser.add_argument("--contenders", nargs="+", metavar="WORD", help="those whose name contains one of these words")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each, of which the shortest counts")
    parser.add_argument("--sample", type=int, default=200, help="most pages for those that ask page by page")
    parser.add_argument("--readme", action="store_true", help="write the short table of the README")
    chosen = parser.parse_args()
    chosen.sites = chosen.sites or (["1x500"] if chosen.quick else [*SITES])
    chosen.depths = chosen.depths or ([5] if chosen.quick else [5, 10])
    chosen.latencies = chosen.latencies or ([0.0, 50.0] if chosen.quick else [0.0, 5.0, 50.0])
    chosen.at_once = chosen.at_once or ([16] if chosen.quick else [5, 16, 32])
    return chosen


def fetch(chosen: argparse.Namespace, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Every contender in every case."""
    words = [word.lower() for word in chosen.contenders or [""]]
    names = [name for name in CONTENDERS if any(word in name.lower() for word in words)]
    data = []
    for name, depth in itertools.product(chosen.sites, chosen.depths):
        spaces, pages = SITES[name]
        described = site(Case(spaces, pages, depth, 0, 1))
        for latency, at_once in itertools.product(chosen.latencies, chosen.at_once):
            case = Case(spaces, pages, depth, latency / 1000, at_once)
            rows = [fastest(case, contender, described, chosen) for contender in names]
            say(table(case, rows))
            data.append(as_data(case, rows))
    return data


def fastest(case: Case, contender: str, described: dict[str, Any], chosen: argparse.Namespace) -> Row:
    """The shortest of several runs."""
    runs = [measure(case, contender, described, chosen.sample) for _ in range(chosen.repeat)]
    return min(runs, key=lambda row: row.seconds)


def other(name: str, quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """A part that prints its own figures; `resolve` takes one size at a time."""
    command, full, fast = OTHERS[name]
    arguments = fast if quick else full
    calls = [[*command, size] for size in arguments] if name == "resolve" else [[*command, *arguments]]
    text = ""
    for call in calls:
        ran = subprocess.run(call, cwd=ROOT, capture_output=True, text=True)
        text += ran.stdout if ran.returncode == 0 else f"failed: {ran.stderr[-500:]}"
    say(f"### {name}\n\n```\n{text.strip()}\n```")
    return {"part": name, "text": text}


def short(data: list[dict[str, Any]]) -> str:
    """The table of the README: the first case with latency, those who read it in full."""
    one = next(item for item in data if item["case"]["latency"] > 0)
    case = Case(**one["case"])
    rows = [row for row in one["rows"] if not row["sample"] and row["requests"]]
    ours = rows[0]
    lines = [
        f"{case}:",
        "",
        "| | requests | seconds | CPU s | peak MiB | pages, places and lists |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for row in rows:
        times = "" if row is ours else f" ({row['seconds'] / ours['seconds']:.1f} x)"
        figures = f"{row['seconds']:.2f}{times} | {row['cpu']:.2f} | {row['peak']:.0f}"
        lines.append(f"| {row['contender']} | {row['requests']:,} | {figures} | {row['rows']} |")
    return "\n".join(lines)


def into_readme(text: str) -> None:
    """Puts the text between its markers."""
    path, begin, end = ROOT / "README.md", "<!-- bench -->\n", "<!-- /bench -->"
    before, _, rest = path.read_text().partition(begin)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{begin}{text}\n{end}{after}")


def main() -> None:
    """Runs what is asked for and writes both files."""
    chosen, began = options(), time.time()
    PLACE.mkdir(parents=True, exist_ok=True)
    describe = ["git", "describe", "--always", "--dirty"]
    revision = subprocess.run(describe, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    head = f"{machine()}; revision {revision}"
    parts = [f"# Benchmarks\n\n{time.strftime('%Y-%m-%d')}, {head}"]
    print(parts[0], flush=True)

    def say(part: str) -> None:
        parts.append(part)
        print(f"\n{part}", flush=True)
        # What is measured so far stays if the run is ended early.
        Path(PLACE, "bench.md").write_text("\n\n".join(parts) + "\n")

    result: dict[str, Any] = {"machine": head, "date": time.strftime("%Y-%m-%d"), "fetch": [], "others": []}
    wanted = chosen.only or (["fetch"] if chosen.quick else ["fetch", *OTHERS])
    if "fetch" in wanted:
        result["fetch"] = fetch(chosen, say)
        versions = {row["contender"]: row["version"] for item in result["fetch"] for row in item["rows"]}
        say("\n".join(f"- {name}: {version}" for name, version in versions.items()))
    result["others"] = [other(name, chosen.quick, say) for name in wanted if name != "fetch"]
    result["seconds"] = time.time() - began
    Path(PLACE, "bench.json").write_text(json.dumps(result, indent=1))
    if chosen.readme and result["fetch"]:
        into_readme(f"{machine()}, {result['date']}; {short(result['fetch'])}")
    print(f"\nwritten: {PLACE / 'bench.md'} and bench.json")


if __name__ == "__main__":
    main()
