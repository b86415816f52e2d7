"""Viewers and editors of every page: ours beside the Python a good engineer would write, on the same site in one run.

No package on PyPI resolves stacked restrictions (`resolve_beside_peer.py` runs the one that comes closest), so the
contenders are written here: once straightforwardly (walk up from every page, intersect sets) and once memoised (a page
starts from its parent's set). Both know only the plain rules - no roles, no doubts, no reasons - and every contender
must count the same viewers and editors.

    .venv/bin/pip install . && .venv/bin/python tests/bench/resolve_beside_python.py
"""

from __future__ import annotations

import argparse
import platform
import random
import time
from collections.abc import Callable
from typing import Any

from confluence_access import Snapshot, SummaryRow, Table

Counts = dict[str, tuple[int, int]]


def make_site(pages: int, users: int, seed: int = 1) -> dict[str, Any]:
    """Spaces of 500 pages up to twelve levels deep, 5 % restricted, users and groups mixed."""
    rng = random.Random(seed)
    names = [f"u{n}" for n in range(users)]
    groups = {
        f"g{n}": {"members": [f"user:{u}" for u in rng.sample(names, min(users, int(rng.paretovariate(1.0) * 5)))]}
        for n in range(max(10, users // 25))
    }
    everyone = "everyone"
    groups[everyone] = {"members": [f"user:{u}" for u in names]}
    group_names = list(groups)
    spaces: dict[str, Any] = {}
    contents: dict[str, Any] = {}
    restrictions: dict[str, Any] = {}
    for s in range(max(1, pages // 500)):
        key = f"S{s}"
        grants = {f"group:{rng.choice(group_names)}": ["view", "create_page"] for _ in range(5)}
        if s % 3 != 0:
            # Most spaces of a company are open to everybody in it.
            grants[f"group:{everyone}"] = ["view", "create_page"]
        spaces[key] = {"type": "global", "grants": grants}
        depths: list[tuple[str, int]] = []
        for p in range(min(500, pages)):
            node = f"{s}-{p}"
            contents[node] = {"type": "page", "space": key}
            depth = 1
            if depths and rng.random() > 0.02:
                parent, above = depths[rng.randrange(max(0, len(depths) - 40), len(depths))]
                if above < 12:
                    contents[node]["parent"] = parent
                    depth = above + 1
            depths.append((node, depth))
            if rng.random() < 0.05:
                listed = [f"group:{rng.choice(group_names)}" for _ in range(rng.randint(1, 3))]
                listed += [f"user:{rng.choice(names)}" for _ in range(rng.randint(0, 3))]
                restrictions[node] = {"read": listed} if rng.random() < 0.7 else {"update": listed}
    return {
        "users": {u: {} for u in names},
        "groups": groups,
        "spaces": spaces,
        "contents": contents,
        "restrictions": restrictions,
    }


class PlainSite:
    """The same facts as Python sets."""

    def __init__(self, site: dict[str, Any]) -> None:
        groups = site["groups"].items()
        self.members = {g: frozenset(m.removeprefix("user:") for m in v["members"]) for g, v in groups}
        expand = self.expand
        self.contents: dict[str, Any] = site["contents"]
        grants = {key: space["grants"] for key, space in site["spaces"].items()}
        self.view = {k: expand([p for p, has in g.items() if "view" in has]) for k, g in grants.items()}
        self.edit = {k: expand([p for p, has in g.items() if "create_page" in has]) for k, g in grants.items()}
        self.read = {c: expand(r["read"]) for c, r in site["restrictions"].items() if r.get("read")}
        self.update = {c: expand(r["update"]) for c, r in site["restrictions"].items() if r.get("update")}

    def expand(self, principals: list[str]) -> frozenset[str]:
        """The people a list lets through."""
        found: set[str] = set()
        for principal in principals:
            kind, _, name = principal.partition(":")
            found |= self.members[name] if kind == "group" else {name}
        return frozenset(found)

    def editors(self, content: str, viewers: frozenset[str]) -> int:
        """Viewers who may also edit the space and stand in the page's own list."""
        able = viewers & self.edit[self.contents[content]["space"]]
        return len(able & self.update[content]) if content in self.update else len(able)


def straightforward(plain: PlainSite) -> Counts:
    """From every page up to the root."""
    counts: Counts = {}
    for content, node in plain.contents.items():
        viewers = plain.view[node["space"]]
        at: str | None = content
        while at is not None:
            if at in plain.read:
                viewers = viewers & plain.read[at]
            at = plain.contents[at].get("parent")
        counts[content] = (len(viewers), plain.editors(content, viewers))
    return counts


def viewers_of_every_page(plain: PlainSite) -> dict[str, frozenset[str]]:
    """From the parent's set down."""
    known: dict[str, frozenset[str]] = {}

    def viewers_of(content: str) -> frozenset[str]:
        if content not in known:
            node = plain.contents[content]
            above = viewers_of(node["parent"]) if "parent" in node else plain.view[node["space"]]
            known[content] = above & plain.read[content] if content in plain.read else above
        return known[content]

    return {c: viewers_of(c) for c in plain.contents}


def memoised(plain: PlainSite) -> Counts:
    """Each page by the set of its parent."""
    return {c: (len(viewers), plain.editors(c, viewers)) for c, viewers in viewers_of_every_page(plain).items()}


def ours(snapshot: Snapshot) -> Table[SummaryRow]:
    """All rules, three values, a table with a row per page."""
    return snapshot.access().summary()


def counts(table: Table[SummaryRow]) -> Counts:
    """The table as the others answer."""
    columns = (table.column(name) for name in ("content_id", "viewers", "editors"))
    return {content: (viewers, editors) for content, viewers, editors in zip(*columns, strict=True)}


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """What it returns and how long it took."""
    started = time.perf_counter()
    result = run()
    return result, time.perf_counter() - started


def main() -> None:
    """Run all three and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--users", type=int, default=50_000)
    arguments = parser.parse_args()
    site = make_site(arguments.pages, arguments.users)
    snapshot = Snapshot.from_dict(site, deployment="cloud")
    plain, building = timed(lambda: PlainSite(site))
    expected, naive = timed(lambda: straightforward(plain))
    again, memo = timed(lambda: memoised(plain))
    answered, own = timed(lambda: ours(snapshot))
    assert expected == again == counts(answered), "the contenders do not agree"
    print(f"{platform.machine()}, {platform.python_implementation()} {platform.python_version()}, ", end="")
    print(f"{len(site['contents']):,} pages, {arguments.users:,} users; all three agree on every page")
    for name, seconds in (
        ("confluence-access: index, resolve, one row per page", own),
        ("Python, per page: build sets, walk up", building + naive),
        ("Python, memoised: build sets, walk down", building + memo),
    ):
        print(f"  {name:<58} {seconds:>8.3f} s  {seconds / own:>7.1f} x")


if __name__ == "__main__":
    main()
