"""A Data Center of 200 spaces and 50,000 pages, over each rung of the ladder: requests, seconds and memory.

A rung is chosen as a server chooses it, by its version and what is installed: REST from 9.1 on, the Extender add-on or
JSON-RPC below. Beside ours atlassian-python-api 4.0.7 doing the same reads: spaces, their permissions, all pages with
their ancestors and restrictions, groups and members; in bulk, which is the most a user gets out of it, and page by page
on a sample, whose line says that it is extrapolated. Every contender runs in a process of its own, so that the memory
is its alone. The audit log is measured by audit.py.

    .venv/bin/pip install '.[bench]' && .venv/bin/python tests/bench/datacenter.py
"""

from __future__ import annotations

import argparse
import contextlib
import io
import subprocess
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

from machine import machine, peak

from confluence_access import Confluence
from confluence_access.simulator import Simulator

sys.path.append(str(Path(__file__).parent / "peers"))
with warnings.catch_warnings():
    # Of its own making, not of ours.
    warnings.simplefilter("ignore")
    from atlassian import Confluence as AtlassianPythonApi
    from atlassian_python_api import PAGE, every_space, pages, restrictions_and_place
    from reading import LISTS

RUNGS: dict[str, dict[str, Any]] = {
    "rest": {"version": "9.2.0"},
    "extender": {"version": "8.5.4", "extender": True},
    "json_rpc": {"version": "8.5.4"},
}


def snapshot(url: str, username: str, password: str, _sample: int) -> str:
    """Ours: everything about the site."""
    with Confluence(url, username=username, password=password) as wiki:
        found = wiki.snapshot()
    sources = Counter(source.split()[0] for source in found.space_permissions.column("source"))
    return f"{found}, permissions from {dict(sources)}"


def permissions(url: str, username: str, password: str, _sample: int) -> str:
    """Ours: the permissions of every space, and nothing else."""
    with Confluence(url, username=username, password=password) as wiki:
        rows = sum(len(wiki.space_permissions(space)) for space in wiki.spaces())
    return f"{rows:,} space permissions"


def peer(url: str, username: str, password: str) -> AtlassianPythonApi:
    """The peer, as its documentation connects it to a server."""
    return AtlassianPythonApi(url=url, username=username, password=password, cloud=False)


def around(api: AtlassianPythonApi, keys: list[str], rung: str) -> str:
    """What stands around the pages: permissions of every space, groups, members."""
    read = api.get_all_space_permissions if rung == "rest" else api.get_space_permissions
    rows = sum(len(read(key)) for key in keys)
    groups = [group["name"] for group in api.get_all_groups()]
    # It does not escape names, and prints what it thinks of an empty group.
    with contextlib.redirect_stdout(io.StringIO()):
        members = sum(len(api.get_all_members(name)) for name in groups if not set(name) & set("/%#?+&"))
    return f"{rows:,} rows of permissions, {members:,} memberships of {len(groups)} groups"


def in_bulk(url: str, username: str, password: str, rung: str) -> str:
    """Theirs: everything, restrictions and ancestors expanded in the listing."""
    api = peer(url, username, password)
    keys = every_space(api)
    found = pages(api, keys, ",".join([*LISTS, "ancestors"]), PAGE)
    return f"{len(found):,} pages, {around(api, keys, rung)}"


def page_by_page(url: str, username: str, password: str, rung: str, sample: int) -> str:
    """Theirs: the loop most people have, on so many pages."""
    api = peer(url, username, password)
    keys = every_space(api)
    found = pages(api, keys)
    around(api, keys, rung)
    began = time.perf_counter()
    for page in found[:sample]:
        restrictions_and_place(api, page["id"])
    each = (time.perf_counter() - began) / sample
    left = len(found) - sample
    return f"{sample:,} of {len(found):,} pages; EXTRAPOLATED to all: {2 * left:,} requests, {each * left:,.0f} s more"


def child(what: str, url: str, username: str, password: str, rung: str, sample: int) -> None:
    """One contender, measured from inside."""
    ours = {"snapshot": snapshot, "permissions": permissions}
    idle, began = peak(), time.perf_counter()
    if what in ours:
        told = ours[what](url, username, password, sample)
    elif what == "in_bulk":
        told = in_bulk(url, username, password, rung)
    else:
        told = page_by_page(url, username, password, rung, sample)
    seconds, top = time.perf_counter() - began, peak()
    memory = f"peak {top:.0f} MiB ({top - idle:.0f} MiB above idle)"
    print(f"    {seconds:.2f} s, {time.process_time():.2f} s of processor, {memory}; {told}")


def run(title: str, what: str, rung: str, simulator: Simulator, sample: int) -> None:
    """Runs a contender against a simulator whose log is empty."""
    simulator.clear_log()
    print(f"\n{title}", flush=True)
    where, busy = [simulator.url, simulator.username, simulator.password], time.process_time()
    subprocess.run([sys.executable, __file__, "--child", what, *where, rung, "--sample", str(sample)], check=True)
    routes = Counter(f"{request.route}" for request in simulator.requests)
    print(f"    {routes.total():,} requests, {time.process_time() - busy:.2f} s of processor in the simulator:")
    for route, count in routes.most_common(12):
        print(f"    {count:>7,}  {route}")
    # Asking which product answers is a request no Data Center understands.
    for line in simulator.unexpected:
        print(f"    not understood: {line[:100]}")


def main() -> None:
    """Runs every contender over every rung."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spaces", type=int, default=200)
    parser.add_argument("--pages", type=int, default=50_000)
    parser.add_argument("--groups", type=int, default=200)
    parser.add_argument("--users", type=int, default=2_000)
    parser.add_argument("--latency", type=float, default=0.005, help="of every answer, in seconds")
    parser.add_argument("--sample", type=int, default=500, help="pages the loop of the peer is run on")
    parser.add_argument("--only", nargs="*", choices=["snapshot", "permissions", "peer"], help="what to run")
    parser.add_argument("--child", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(*options.child, sample=options.sample)
        return

    def wanted(what: str) -> bool:
        return not options.only or what in options.only

    sizes = {"spaces": options.spaces, "pages": options.pages, "groups": options.groups, "users": options.users}
    print(machine())
    print(", ".join(f"{number:,} {name}" for name, number in sizes.items()), end="")
    print(f", {options.latency * 1000:.0f} ms server latency")
    for rung, server in RUNGS.items():
        with Simulator("datacenter", **sizes, **server, context="/confluence", latency=options.latency) as simulator:
            for what in ("snapshot", "permissions"):
                if wanted(what):
                    run(f"confluence-access, {what}, {rung} ({server['version']})", what, rung, simulator, 0)
            # It has no methods for the add-on.
            if wanted("peer") and rung != "extender":
                title = f"atlassian-python-api, {rung} ({server['version']})"
                run(f"{title}, bulk expand", "in_bulk", rung, simulator, options.sample)
                run(f"{title}, page by page", "page_by_page", rung, simulator, options.sample)


if __name__ == "__main__":
    main()
