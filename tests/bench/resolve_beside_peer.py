"""Viewers of every page: ours beside the resolution code of a package from PyPI, on the same site in one run.

Of the packages on PyPI that read Confluence, unstructured-ingest (Apache-2.0) has a function that turns the lists of a
page and the permissions of its space into who may read it. It is called here as its connector calls it, once a page,
without any request; it returns principals, so its groups are expanded afterwards, which is timed by itself. Correct is
what the resolver says, and what sets of people made by plain Python say, which must agree on every page first.

    .venv/bin/pip install '.[bench]' && .venv/bin/python tests/bench/resolve_beside_peer.py
"""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
from typing import Any

from resolve_beside_python import PlainSite, counts, make_site, ours, timed, viewers_of_every_page
from unstructured_ingest.processes.connectors import confluence as peer

from confluence_access import Snapshot

Principals = dict[str, list[str]]

# What its connector passes on unless told otherwise.
MOST = next(
    field.default
    for name, field in peer.ConfluenceIndexerConfig.model_fields.items()
    if name == "max_num_metadata_permissions"
)


def as_served(principals: list[str]) -> dict[str, Any]:
    """A list of principals as `content/{id}/restriction/byOperation` serves it."""
    users = [{"accountId": p.removeprefix("user:")} for p in principals if p.startswith("user:")]
    groups = [{"id": p.removeprefix("group:")} for p in principals if p.startswith("group:")]
    return {"restrictions": {"user": {"results": users}, "group": {"results": groups}}}


def as_stored(grants: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Grants as `spaces/{id}/permissions` serves them."""
    operations = {"view": ("read", "space"), "create_page": ("create", "page")}
    rows = []
    for principal, permissions in grants.items():
        kind, _, name = principal.partition(":")
        for key, target in (operations[permission] for permission in permissions):
            rows.append({"principal": {"type": kind, "id": name}, "operation": {"key": key, "targetType": target}})
    return rows


def main() -> None:
    """Run both and print the ratio, and how many pages each side has wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--users", type=int, default=50_000)
    arguments = parser.parse_args()
    site = make_site(arguments.pages, arguments.users)
    snapshot = Snapshot.from_dict(site, deployment="cloud")
    plain = PlainSite(site)
    expected = viewers_of_every_page(plain)
    answered, own = timed(lambda: ours(snapshot))
    disagreeing = [c for c, (viewers, _) in counts(answered).items() if viewers != len(expected[c])]
    assert not disagreeing, f"the resolver and plain sets disagree on {len(disagreeing)} pages"

    spaces = {key: as_stored(space["grants"]) for key, space in site["spaces"].items()}
    pages = [
        (c, {op: as_served(site["restrictions"].get(c, {}).get(op, [])) for op in ("read", "update")}, node["space"])
        for c, node in site["contents"].items()
    ]
    resolve = peer._parse_permissions
    found, theirs = timed(lambda: {c: resolve(lists, spaces[space], MOST)["read"] for c, lists, space in pages})

    def expanded() -> dict[str, frozenset[str]]:
        known: dict[tuple[str, ...], frozenset[str]] = {}
        people = {}
        for content, principals in found.items():
            names = [f"user:{u}" for u in principals["users"]] + [f"group:{g}" for g in principals["groups"]]
            key = tuple(names)
            if key not in known:
                known[key] = plain.expand(names)
            people[content] = known[key]
        return people

    people, expanding = timed(expanded)
    wrong = {c for c in people if people[c] != expected[c]}
    over = {c for c in wrong if people[c] - expected[c]}
    under = {c for c in wrong if expected[c] - people[c]}
    strangers = sum(len(people[c] - expected[c]) for c in over)

    version = importlib.metadata.version("unstructured-ingest")
    print(f"{platform.machine()}, {platform.python_implementation()} {platform.python_version()}, ", end="")
    print(f"{len(pages):,} pages, {arguments.users:,} users, unstructured-ingest {version}")
    for name, seconds, wrongs in (
        ("confluence-access: index, view and edit, one row per page", own, 0),
        (f"unstructured-ingest: {resolve.__name__}, principals only", theirs, len(wrong)),
        ("the same, groups expanded to people", theirs + expanding, len(wrong)),
    ):
        each = seconds / len(pages) * 1e6
        print(f"  {name:<60} {seconds:>8.3f} s {each:>9.2f} us/page {seconds / own:>6.1f} x  {wrongs:>7,} pages wrong")
    print(f"  shown to people who may not view them: {len(over):,} pages ({strangers:,} pairs); ", end="")
    print(f"hidden from people who may: {len(under):,} pages")


if __name__ == "__main__":
    main()
