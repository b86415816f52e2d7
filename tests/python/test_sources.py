"""`Source:` lines name the routes that are asked: read from the docstrings, compared with what a simulator received."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from confluence_access import Confluence, Simulator

Call = Callable[[Confluence, dict[str, Any]], Any]

ORGANIZATION = "organization"
SITE: dict[str, Any] = {"pages": 30, "users": 30, "groups": 6, "spaces": 4}
NEW: dict[str, Any] = {"version": "10.2.0", "extender": True}
OLD: dict[str, Any] = {"version": "7.4.0"}
RUNS: dict[str, list[tuple[str, dict[str, Any], Call]]] = {
    "spaces": [
        ("cloud", {}, lambda wiki, _: wiki.spaces()),
        ("datacenter", NEW, lambda wiki, _: wiki.spaces()),
    ],
    "contents": [
        ("cloud", {}, lambda wiki, known: wiki.contents(known["space"])),
        ("datacenter", NEW, lambda wiki, known: wiki.contents(known["space"])),
        ("datacenter", OLD, lambda wiki, known: wiki.contents(known["space"])),
    ],
    "groups": [
        (ORGANIZATION, {}, lambda wiki, _: wiki.groups()),
        ("datacenter", NEW, lambda wiki, _: wiki.groups()),
    ],
    "members": [
        ("cloud", {}, lambda wiki, known: (wiki.members(known["group"]), wiki.members(known["group_id"]))),
        ("datacenter", NEW, lambda wiki, known: wiki.members(known["group"])),
        ("datacenter", OLD, lambda wiki, known: wiki.members(known["group"])),
    ],
    "audit": [
        (ORGANIZATION, {}, lambda wiki, _: wiki.audit(source="both")),
        ("datacenter", NEW, lambda wiki, _: wiki.audit()),
        ("datacenter", OLD, lambda wiki, _: wiki.audit()),
    ],
    "find_user": [
        ("cloud", {}, lambda wiki, known: (wiki.find_user(known["name"]), wiki.find_user(known["user"]))),
        ("datacenter", NEW, lambda wiki, known: wiki.find_user(known["name"])),
    ],
    "directories": [(ORGANIZATION, {}, lambda wiki, _: wiki.directories())],
    "directory_links": [(ORGANIZATION, {}, lambda wiki, known: wiki.directory_links(known["user"]))],
    "global_permissions": [("datacenter", NEW, lambda wiki, _: wiki.global_permissions())],
}
# Asked by any method, to find out about the site before the question itself.
HOUSEKEEPING = {
    "GET /_edge/tenant_info": "which product this is",
    "GET /wiki/api/v2/spaces": "which product this is; the key of a space becomes its id",
    "GET /rest/applinks/1.0/manifest": "which version this is, where only it answers",
    "GET /rest/api/server-information": "which version this is",
    "GET /rest/api/user/current": "whether the credentials are believed",
    "GET /rest/api/space": "the key of a space becomes its record",
    "GET /wiki/rest/api/user/current": "who is asking",
    "GET /admin/v1/orgs": "the id of the organization",
}


def named(method: str) -> set[str]:
    """The routes of the `Source:` paragraph."""
    found = re.search(r"^ *Source: (.*?)\n\n", f"{getattr(Confluence, method).__doc__}\n\n", re.DOTALL | re.MULTILINE)
    assert found is not None, f"`{method}` names no source"
    assert "…" not in found[1], f"`{method}`: write routes out, so that they can be searched for and compared"
    words = re.sub(r"\s+", " ", found[1])
    return set(re.findall(r"`((?:GET|POST|PUT|DELETE) /[^`]*)`", words))


def is_route(template: str, request: str) -> bool:
    """Whether a request is one of a route."""
    return re.fullmatch(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template)), request) is not None


@pytest.mark.parametrize("method", RUNS)
def test_source_lines_name_what_is_asked_and_nothing_else(method: str) -> None:
    asked: set[str] = set()
    for deployment, options, call in RUNS[method]:
        product: Any = "cloud" if deployment == ORGANIZATION else deployment
        with Simulator(product, **SITE, **options) as simulator:
            key: Any = {"org_token": simulator.org_token, "org_url": simulator.url}
            # Before 7.9 there are no personal access tokens.
            own: Any = {"username": simulator.username} if options == OLD else {}
            with simulator.connect(**own) as wiki:
                group = wiki.groups()[0]
                user = wiki.find_user(wiki.members(group)[0].user_id)
                space = wiki.spaces()[0].key
                known: dict[str, Any] = {"space": space, "group": group.name, "group_id": group.id}
                known |= {"user": user.id, "name": user.display_name}
            simulator.clear_log()
            with simulator.connect(**(key if deployment == ORGANIZATION else own)) as wiki:
                call(wiki, known)
            asked |= {f"{request.method} {request.path}" for request in simulator.requests}
    routes = named(method)
    assert [route for route in routes if not any(is_route(route, request) for request in asked)] == [], "never asked"
    allowed = [*routes, *HOUSEKEEPING]
    assert [request for request in asked if not any(is_route(route, request) for route in allowed)] == [], "not named"
