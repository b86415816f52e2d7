"""A long audit log: requests, seconds and memory.

.venv/bin/python tests/bench/audit.py --records 100000
.venv/bin/python tests/bench/audit.py --records 100000 --deployment datacenter
"""

from __future__ import annotations

import argparse
import gzip
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import machine, peak

from confluence_access import AuditRecord, Confluence, PermissionChange, Table, permission_changes, read_audit_log
from confluence_access.simulator import Simulator

# What a server has to be set up to record, so that the log is complete.
COVERAGE = {"END_USER_ACTIVITY": "FULL"}


def report(
    what: str, found: Table[AuditRecord] | Table[PermissionChange], requests: int, took: float, idle: float
) -> None:
    top = peak()
    size = sum(len(raw) for raw in found.column("raw")) / 2**20
    print(
        f"{what}: {len(found)} rows ({size:.0f} MiB of JSON), {requests} requests, {took:.2f} s, "
        f"peak {top:.0f} MiB ({top - idle:.0f} MiB above idle)"
    )


def read(what: str, place: str, username: str, token: str) -> None:
    """Reads the log in a process of its own, so that the memory is the client's alone."""
    if what.startswith("file"):
        idle, began = peak(), time.perf_counter()
        records = read_audit_log(place, strict=True)
        report(what, records, 0, time.perf_counter() - began, idle)
        began = time.perf_counter()
        changes = permission_changes(records, strict=True)
        report(f"{what}, changes", changes, 0, time.perf_counter() - began, idle)
        return
    with Confluence(place, username=username or None, token=token) as wiki:
        wiki.spaces()
        idle, asked, began = peak(), wiki.usage().requests, time.perf_counter()
        found = wiki.audit(strict=True) if what == "audit" else wiki.permission_changes(strict=True)
        report(what, found, wiki.usage().requests - asked, time.perf_counter() - began, idle)


def apart(*arguments: str) -> None:
    subprocess.run([sys.executable, __file__, "--read", *arguments], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--latency", type=float, default=0.0, help="of every answer, in seconds")
    parser.add_argument("--deployment", choices=("cloud", "datacenter"), default="cloud")
    parser.add_argument("--read", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        read(*options.read)
        return
    print(machine())
    cloud = options.deployment == "cloud"
    with Simulator(
        options.deployment,
        audit_records=options.records,
        latency=options.latency,
        coverage=None if cloud else COVERAGE,
    ) as simulator:
        for what in ("audit", "permission_changes"):
            apart(what, simulator.url, simulator.username if cloud else "", simulator.token)
        if cloud:
            return
        with simulator.connect() as wiki, tempfile.TemporaryDirectory() as folder:
            lines = "\n".join(wiki.audit().column("raw")).encode()
            plain, packed = Path(folder, "a.audit.log"), Path(folder, "b.audit.log.gz")
            plain.write_bytes(lines)
            packed.write_bytes(gzip.compress(lines))
            for what, path in (("file", plain), ("file, gzip", packed)):
                apart(what, str(path), "", "")


if __name__ == "__main__":
    main()
