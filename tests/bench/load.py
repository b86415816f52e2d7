"""How much memory a large site takes, and whether a client that runs for days grows.

    .venv/bin/python tests/bench/load.py                      # 100,000, 300,000 and 1,000,000 pages over HTTP
    .venv/bin/python tests/bench/load.py --pages 100000
    .venv/bin/python tests/bench/load.py --polls 1440         # a day of one poll a minute, without the minutes
    .venv/bin/python tests/bench/load.py --crowd              # 32 threads and 1,000 tasks on one client

The site is simulated by a process of its own on loopback. Each size is read by a fresh process, so that its peak is its
own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from machine import machine, peak

from confluence_access import AsyncConfluence, Confluence, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

# How many pages a space of the simulated sites has.
PAGES_PER_SPACE = 500


def held() -> float:
    """Memory this process holds now, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def serve(options: argparse.Namespace) -> None:
    """Simulates a site until the standard input ends, and says where."""
    sizes = {"pages": options.pages[0], "spaces": max(options.pages[0] // PAGES_PER_SPACE, 1), "users": options.users}
    with Simulator(options.deployment, **sizes, groups=max(options.users // 25, 20)) as simulator:
        print(json.dumps([simulator.url, simulator.username, simulator.token]), flush=True)
        sys.stdin.read()


@contextlib.contextmanager
def site(pages: int, users: int, deployment: str) -> Iterator[dict[str, Any]]:
    """How to connect to a site of this size, in a process of its own."""
    words = ["--serve", "--pages", str(pages), "--users", str(users), "--deployment", deployment]
    with subprocess.Popen(
        [sys.executable, __file__, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        url, username, token = json.loads(server.stdout.readline())
        try:
            yield {"url": url, "token": token, **({"username": username} if deployment == "cloud" else {})}
        finally:
            server.stdin.close()


def read(options: argparse.Namespace) -> None:
    """Reads, resolves and saves the site it is told about, and says what each took."""
    rows: dict[str, Any] = {"empty": held()}
    with Confluence(**json.loads(sys.stdin.read()), max_concurrency=16) as wiki:
        began = time.perf_counter()
        snapshot = wiki.snapshot()
        rows |= {"seconds": time.perf_counter() - began, "requests": wiki.usage().requests, "read": peak()}
    rows |= {"contents": len(snapshot.contents), "gaps": len(snapshot.gaps), "snapshot": held()}
    began = time.perf_counter()
    access = snapshot.access()
    assert len(access.summary()) == rows["contents"]
    rows |= {"resolve": time.perf_counter() - began, "resolved": peak()}
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        snapshot.save(Path(folder) / "site")
        rows |= {"save": time.perf_counter() - began, "saved": peak()}
        rows["file"] = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file()) / 2**20
    print(json.dumps(rows))


def sizes(options: argparse.Namespace) -> None:
    """A line for each size."""
    print("| pages | requests | read, s | resolve, s | save, s | snapshot, MiB | peak | resolving | saving | file |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    last: tuple[int, float] | None = None
    for pages in options.pages:
        with site(pages, options.users, options.deployment) as connect:
            done = subprocess.run(
                [sys.executable, __file__, "--read"],
                input=json.dumps(connect),
                capture_output=True,
                text=True,
                check=True,
            )
        row = json.loads(done.stdout)
        held_by = [row[part] - row["empty"] for part in ("snapshot", "read", "resolved", "saved")]
        print(
            f"| {row['contents']:,} | {row['requests']:,} | {row['seconds']:.1f} | {row['resolve']:.2f} "
            f"| {row['save']:.2f} | {' | '.join(f'{figure:.0f}' for figure in held_by)} "
            f"| {row['file']:.1f} |",
            flush=True,
        )
        if last:
            more = (row["snapshot"] - row["empty"] - last[1]) / (row["contents"] - last[0]) * 100_000
            print(f"  {more:.1f} MiB more for each 100,000 pages more")
        last = (row["contents"], row["snapshot"] - row["empty"])


def polls(options: argparse.Namespace) -> None:
    """Polls the log as a service does, and prints memory, threads and open files on the way."""
    print("| polls | memory, MiB | threads | open files |\n|--:|--:|--:|--:|")
    with site(2_000, 200, options.deployment) as connect, Confluence(**connect) as wiki:
        snapshot = wiki.snapshot()
        for number in range(1, options.polls + 1):
            since = snapshot.taken_at
            assert since is not None
            wiki.permission_changes(since=since)
            wiki.spaces()
            if number % 60 == 0:
                snapshot = snapshot.refresh(wiki)
                snapshot.access().summary()
            if number == 60 or number % (options.polls // 6) == 0:
                gc.collect()
                files = len(os.listdir("/proc/self/fd"))
                print(f"| {number:,} | {held():.0f} | {len(os.listdir('/proc/self/task'))} | {files} |", flush=True)


def crowd(options: argparse.Namespace) -> None:
    """Many callers of one client: every answer is right, and nothing is left behind."""
    with site(2_000, 200, options.deployment) as connect:
        with Confluence(**connect) as wiki:
            ids = [row.id for row in wiki.contents(wiki.spaces()[0]) if (row.type, row.status) == ("page", "current")]
            wanted = {one: wiki.restrictions(one).to_dicts() for one in ids[:50]}
            began = time.perf_counter()
            with ThreadPoolExecutor(32) as pool:
                asked = [ids[at % 50] for at in range(1_000)]
                answers = pool.map(lambda one: wiki.restrictions(one).to_dicts(), asked)
                assert all(answer == wanted[one] for one, answer in zip(asked, answers, strict=True))
            print(f"32 threads: 1,000 calls in {time.perf_counter() - began:.2f} s, {held():.0f} MiB")

        async def tasks() -> None:
            async with AsyncConfluence(**connect) as wiki:
                began = time.perf_counter()
                answers = await asyncio.gather(*(wiki.restrictions(one) for one in asked))
                assert all(answer.to_dicts() == wanted[one] for one, answer in zip(asked, answers, strict=True))
                print(f"1,000 tasks: {time.perf_counter() - began:.2f} s, {held():.0f} MiB")

        asyncio.run(tasks())
    print(f"threads of Python left: {threading.active_count()}")


def main() -> None:
    """Does what it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--users", type=int, default=5_000)
    parser.add_argument("--deployment", choices=["cloud", "datacenter"], default="cloud")
    parser.add_argument("--polls", type=int)
    parser.add_argument("--crowd", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options)
    elif options.read:
        read(options)
    else:
        print(machine())
        (polls if options.polls else crowd if options.crowd else sizes)(options)


if __name__ == "__main__":
    main()
