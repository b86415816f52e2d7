"""One space of 500 pages, five levels deep: requests and wall time beside atlassian-python-api 4.0.7.

Every contender does the same job on the same simulated site in the same run: list the pages of the space, learn each
page's place in the tree and the users and groups of both restriction lists. Ours resolves access on top of it.

    .venv/bin/pip install '.[bench]' && .venv/bin/python tests/bench/first_light.py
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from atlassian import Confluence as AtlassianPythonApi
from machine import machine

from confluence_access import Confluence
from confluence_access.simulator import Simulator

RESTRICTIONS = ",".join(
    f"restrictions.{operation}.restrictions.{kind}" for operation in ("read", "update") for kind in ("user", "group")
)


def site(pages: int, levels: int) -> dict[str, Any]:
    """A space of chains `levels` deep; every twentieth page is restricted, to a user, a group or both."""
    users = {f"u{n}": {"email": f"u{n}@example.org"} for n in range(50)}
    groups = {f"g{n}": {"members": [f"user:u{u}" for u in range(n, 50, 5)]} for n in range(5)}
    contents: dict[str, Any] = {"1000": {"type": "page", "space": "ENG", "title": "Home"}}
    restrictions: dict[str, Any] = {}
    for n in range(1, pages):
        parent = "1000" if n % (levels - 1) == 1 else str(1000 + n - 1)
        contents[str(1000 + n)] = {"type": "page", "space": "ENG", "title": f"Page {n}", "parent": parent}
        if n % 20 == 0:
            restrictions[str(1000 + n)] = {
                "read": [f"user:u{n % 50}", f"group:g{n % 5}"],
                "update": [f"group:g{n % 5}"] if n % 40 == 0 else [],
            }
    grants = {f"group:g{n}": ["view", "create_page"] for n in range(5)}
    return {
        "users": users,
        "groups": groups,
        "spaces": {"ENG": {"type": "global", "homepage": "1000", "grants": grants}},
        "contents": contents,
        "restrictions": restrictions,
    }


def ours(simulator: Simulator, concurrency: int) -> int:
    """The snapshot, resolved."""
    with Confluence(
        simulator.url, username=simulator.username, token=simulator.token, max_concurrency=concurrency
    ) as wiki:
        snapshot = wiki.snapshot(spaces=["ENG"], strict=True)
        assert len(snapshot.access().summary()) == len(snapshot.contents)
        return len(snapshot.contents)


def peer(simulator: Simulator) -> AtlassianPythonApi:
    """The peer, as its documentation connects it to Cloud."""
    return AtlassianPythonApi(
        url=simulator.url + "/wiki", username=simulator.username, password=simulator.token, cloud=True
    )


def restrictions_and_place(api: AtlassianPythonApi, page_id: str) -> None:
    """What most scripts ask for each page."""
    api.get_all_restrictions_for_content(page_id)
    api.get_page_by_id(page_id, expand="ancestors")


def per_page_loop(simulator: Simulator) -> int:
    """The loop most people have."""
    api = peer(simulator)
    pages = list(api.get_all_pages_from_space_as_generator("ENG", limit=100))
    for page in pages:
        restrictions_and_place(api, page["id"])
    return len(pages)


def sixteen_threads(simulator: Simulator) -> int:
    """The same with a pool."""
    api = peer(simulator)
    pages = list(api.get_all_pages_from_space_as_generator("ENG", limit=100))
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda page: restrictions_and_place(api, page["id"]), pages))
    return len(pages)


def bulk_expand(simulator: Simulator) -> int:
    """The most a user gets out of it: restrictions and ancestors expanded in the listing."""
    api = peer(simulator)
    expand = f"{RESTRICTIONS},ancestors"
    return len(list(api.get_all_pages_from_space_as_generator("ENG", limit=100, expand=expand)))


def main() -> None:
    """Run every contender at every latency and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--levels", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()

    contenders: dict[str, Callable[[Simulator], int]] = {
        "confluence-access, 5 at once (default)": lambda simulator: ours(simulator, 5),
        "confluence-access, 16 at once": lambda simulator: ours(simulator, 16),
        "atlassian-python-api, per-page loop": per_page_loop,
        "atlassian-python-api, 16 threads": sixteen_threads,
        "atlassian-python-api, bulk expand": bulk_expand,
    }
    print(machine())
    print(f"{arguments.pages} pages, {arguments.levels} levels, median of {arguments.repeat}")
    for latency in (0.005, 0.05):
        print(f"\n{latency * 1000:.0f} ms server latency")
        base = None
        for name, run in contenders.items():
            seconds = []
            routes: Counter[str] = Counter()
            for _ in range(1 if "loop" in name else arguments.repeat):
                with Simulator(site=site(arguments.pages, arguments.levels), latency=latency) as simulator:
                    started = time.perf_counter()
                    found = run(simulator)
                    seconds.append(time.perf_counter() - started)
                    assert found == arguments.pages, f"{name} found {found} of {arguments.pages} pages"
                    routes = Counter(f"{request.method} {request.path}" for request in simulator.requests)
            median = statistics.median(seconds)
            base = base or median
            print(f"  {name:<40} {routes.total():>5} requests  {median:>7.2f} s  {median / base:>6.1f} x")
            if latency == 0.005 and routes.total() < 40:
                for route, count in sorted(routes.items()):
                    print(f"      {count:>4}  {route}")


if __name__ == "__main__":
    main()
