"""A company of 100 spaces, 10,000 pages, 300 groups and 5,000 users: requests, wall time and points.

Ours reads everything about it once and resolves access. Beside it what people have today: atlassian-python-api 4.0.7
reading what it can of the same (pages, ancestors, restrictions, space permissions and groups; on Cloud it has no
members, no roles and no access). What would take hours is run on a sample, and the line says so.

    .venv/bin/pip install '.[bench]' && .venv/bin/python tests/bench/company.py
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from atlassian import Confluence as AtlassianPythonApi
from first_light import RESTRICTIONS, peer, restrictions_and_place
from machine import machine

from confluence_access import Confluence
from confluence_access.simulator import Simulator

# Most pages with their restrictions the server gives at once.
PAGE = 200


def ours(simulator: Simulator, concurrency: int) -> None:
    """The snapshot, resolved; says what it cost."""
    with Confluence(
        simulator.url, username=simulator.username, token=simulator.token, max_concurrency=concurrency
    ) as wiki:
        began = time.perf_counter()
        snapshot = wiki.snapshot()
        read = time.perf_counter()
        rows = len(snapshot.access().summary())
        resolved = time.perf_counter()
        usage = wiki.usage()
    assert rows == len(snapshot.contents)
    print(f"\nconfluence-access, {concurrency} at once: {usage.requests} requests, {read - began:.2f} s", end="")
    print(f" and {resolved - read:.2f} s to resolve, {usage.points:,} points ({len(snapshot.gaps)} gaps)")
    print(f"  {snapshot}")
    for route, count in sorted(usage.routes.items(), key=lambda item: -item[1]):
        print(f"    {count:>5}  {route}")


def every_space(api: AtlassianPythonApi) -> list[str]:
    """The keys of all spaces."""
    keys: list[str] = []
    while page := api.get_all_spaces(start=len(keys), limit=PAGE)["results"]:
        keys += [space["key"] for space in page]
    return keys


def page_ids(api: AtlassianPythonApi, keys: list[str], expand: str | None = None, limit: int = 100) -> list[str]:
    """The ids of all current pages and blog posts."""
    return [
        page["id"]
        for key in keys
        for kind in ("page", "blogpost")
        for page in api.get_all_pages_from_space_as_generator(key, limit=limit, expand=expand, content_type=kind)
    ]


def bulk_expand(simulator: Simulator) -> None:
    """The most a user gets out of it: all pages, the bare permissions of each space, the names of the groups."""
    api, began = peer(simulator), time.perf_counter()
    keys = every_space(api)
    pages = page_ids(api, keys, f"{RESTRICTIONS},ancestors", PAGE)
    for key in keys:
        api.get_space_permissions(key)
    api.get_all_groups()
    told("bulk expand", simulator, time.perf_counter() - began, len(pages))


def loop(simulator: Simulator, threads: int, sample: int) -> None:
    """The loop most people have, on so many of the pages; what all of them would take is said beside it."""
    api, began = peer(simulator), time.perf_counter()
    pages = page_ids(api, every_space(api))
    listed, listing = time.perf_counter() - began, len(simulator.requests)
    some = pages[:sample]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda page: restrictions_and_place(api, page), some))
    seconds, requests = time.perf_counter() - began, len(simulator.requests)
    told(f"per page, {threads} at once", simulator, seconds, len(some))
    whole = listing + (requests - listing) * len(pages) / len(some)
    print(f"  EXTRAPOLATED from {len(some):,} to {len(pages):,} pages: {whole:,.0f} requests, ", end="")
    print(f"{listed + (seconds - listed) * len(pages) / len(some):,.0f} s")


def told(name: str, simulator: Simulator, seconds: float, pages: int) -> None:
    """What a contender of theirs took."""
    routes = Counter(f"{request.route}" for request in simulator.requests)
    print(f"\natlassian-python-api, {name}: {routes.total()} requests, {seconds:.2f} s for {pages:,} pages")
    for route, count in routes.most_common():
        print(f"    {count:>5}  {route}")


def main() -> None:
    """Runs ours and what people have today on the same site, each on a fresh one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spaces", type=int, default=100)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--groups", type=int, default=300)
    parser.add_argument("--users", type=int, default=5_000)
    parser.add_argument("--latency", type=float, default=0.05, help="of every answer, in seconds")
    parser.add_argument("--sample", type=int, default=200, help="pages the per-page loops are run on")
    options = parser.parse_args()

    def site() -> Simulator:
        sizes = {"spaces": options.spaces, "pages": options.pages, "groups": options.groups, "users": options.users}
        return Simulator(**sizes, latency=options.latency)

    print(machine())
    print(
        f"{options.spaces} spaces, {options.pages:,} pages, {options.groups} groups, {options.users:,} users, ", end=""
    )
    print(f"{options.latency * 1000:.0f} ms server latency")
    for concurrency in (5, 16):
        with site() as simulator:
            ours(simulator, concurrency)
            assert simulator.unexpected == []
    with site() as simulator:
        bulk_expand(simulator)
    for threads in (1, 16):
        with site() as simulator:
            loop(simulator, threads, options.sample)


if __name__ == "__main__":
    main()
