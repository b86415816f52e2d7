"""The audit log of a year: requests, seconds and memory.

.venv/bin/python tests/bench/audit.py --records 100000
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from machine import machine, peak

from confluence_access import Confluence
from confluence_access.simulator import Simulator


def read(what: str, url: str, username: str, token: str) -> None:
    """Reads the log in a process of its own, so that the memory is the client's alone."""
    with Confluence(url, username=username, token=token) as wiki:
        wiki.server()
        idle, asked = peak(), wiki.usage().requests
        began = time.perf_counter()
        found = wiki.audit(strict=True) if what == "audit" else wiki.permission_changes(strict=True)
        took, requests, top = time.perf_counter() - began, wiki.usage().requests - asked, peak()
        size = sum(len(raw) for raw in found.column("raw")) / 2**20
        print(
            f"{what}: {len(found)} rows ({size:.0f} MiB of JSON), {requests} requests, {took:.2f} s, "
            f"peak {top:.0f} MiB ({top - idle:.0f} MiB above idle)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--latency", type=float, default=0.0, help="of every answer, in seconds")
    parser.add_argument("--read", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        read(*options.read)
        return
    print(machine())
    with Simulator(audit_records=options.records, latency=options.latency) as simulator:
        for what in ("audit", "permission_changes"):
            arguments = [what, simulator.url, simulator.username, simulator.token]
            subprocess.run([sys.executable, __file__, "--read", *arguments], check=True)


if __name__ == "__main__":
    main()
