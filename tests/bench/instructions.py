"""Instructions of the resolver, the page readers and the Arrow export, held against `instructions.json`.

Time depends on the machine and what else it does; instructions hardly do. Counted by callgrind in the build the tests
use, so that nothing more has to be compiled. `--write` takes today's counts over, with the compiler they hold for.

    python tests/bench/instructions.py
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
STORED = HERE / "instructions.json"
# Tables of hashes are seeded anew in every run.
TOLERANCE = 0.05
WORK = (
    "index and audiences",
    "findings",
    "explanations",
    "read pages",
    "read a search with restrictions",
    "read members",
    "arrow",
)


def binary() -> str:
    """The built bench."""
    build = ["cargo", "test", "--bench", "instructions", "--no-run", "--message-format=json"]
    lines = subprocess.run(
        build, cwd=HERE.parents[1], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.splitlines()
    found = [json.loads(line).get("executable") for line in lines if line.startswith("{")]
    return str(next(path for path in reversed(found) if path))


def count(path: str, work: str) -> int:
    """Instructions of a run."""
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", path, *([work] if work else [])]
    ran = subprocess.run(valgrind, capture_output=True, text=True, check=True)
    collected = re.search(r"Collected : (\d+)", ran.stderr)
    assert collected, ran.stderr
    return int(collected[1])


def main() -> int:
    """Counts, and compares or writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="take the counts over")
    chosen = parser.parse_args()
    compiler = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    path = binary()
    nothing = count(path, "")
    counts = {work: count(path, work) - nothing for work in WORK}
    stored = json.loads(STORED.read_text()) if STORED.exists() else {"compiler": "", "counts": {}}
    if chosen.write:
        STORED.write_text(json.dumps({"compiler": compiler, "counts": counts}, indent=1) + "\n")
    comparable = stored["compiler"] == compiler
    more = []
    for work, now in counts.items():
        before = stored["counts"].get(work)
        change = (now - before) / before if before else 0.0
        print(f"{work:<34} {now:>14,} instructions  {change:+.1%}")
        if change > TOLERANCE:
            more.append(work)
    if not comparable:
        print(f"not compared: counted with {compiler}, stored with {stored['compiler'] or 'none'}")
        return 0
    if more and not chosen.write:
        print(f"more instructions than stored: {', '.join(more)}; mend that, or run with --write and say why")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
