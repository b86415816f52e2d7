"""`Source:` lines name the routes that are asked: read from the docstrings, compared with what a simulator received."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from confluence_access import AsyncConfluence, Confluence, Plan, Simulator

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
    "last_active": [(ORGANIZATION, {}, lambda wiki, _: wiki.last_active())],
    "identities": [
        (ORGANIZATION, {}, lambda wiki, _: wiki.identities()),
        ("cloud", {}, lambda wiki, _: wiki.identities()),
        ("datacenter", NEW, lambda wiki, _: wiki.identities()),
    ],
    "global_permissions": [("datacenter", NEW, lambda wiki, _: wiki.global_permissions())],
}
MIDDLE: dict[str, Any] = {"version": "8.5.4"}


def both(call: Call, *others: dict[str, Any]) -> list[tuple[str, dict[str, Any], Call]]:
    """One call on Cloud and on the versions of Data Center where it takes another way."""
    return [("cloud", {}, call), *(("datacenter", options, call) for options in (NEW, *others))]


def regranted(wiki: Confluence, known: dict[str, Any]) -> None:
    """A permission given, so that there is one to take."""
    wiki.grant(known["space"], known["other"], ["view", "create_page"])
    wiki.revoke(known["space"], known["other"], ["create_page"])


def unrestricted(wiki: Confluence, known: dict[str, Any]) -> None:
    """Entries of both kinds put on a list, and taken off it."""
    for someone in (known["me"], known["other"], known["someone"]):
        wiki.restrict(known["page"], "edit", [someone])
    wiki.unrestrict(known["page"], "edit", [known["other"], known["someone"]])


def planned(wiki: Confluence, known: dict[str, Any]) -> None:
    """A plan with a change of each kind."""
    wiki.apply(Plan().remove_member(known["group"], known["someone"]), allow_lockout=True)
    plan = Plan().add_member(known["group"], known["someone"]).move(known["another"], known["page"])
    wiki.apply(plan.delete(known["other"]), allow_lockout=True)


def measured(wiki: Confluence, _: dict[str, Any]) -> None:
    """A snapshot, and what it leaves open."""
    wiki.measure(wiki.snapshot())


# A site where a switch is left open that Extender's lists can settle.
OPEN: dict[str, Any] = {
    "users": {"ann": {}, "bob": {}},
    "groups": {"eng": {"members": ["user:ann"]}},
    "spaces": {"OPEN": {"grants": {"anonymous": ["view"]}}},
    "contents": {"1": {"type": "page", "space": "OPEN"}, "2": {"type": "page", "space": "OPEN"}},
    "policy": {"anonymous_applies_when_site_off": True},
}
# What these ask besides is that of the methods their sources name, so only the routes named are looked for.
PARTLY: dict[str, list[tuple[str, dict[str, Any], Call]]] = {
    "server": both(lambda wiki, _: wiki.server()),
    "space_permissions": [
        *both(lambda wiki, known: wiki.space_permissions(known["space"]), MIDDLE),
        ("datacenter", NEW, lambda wiki, known: wiki.space_permissions(known["space"], source="extender")),
        ("datacenter", NEW, lambda wiki, known: wiki.space_permissions(known["space"], source="json_rpc")),
    ],
    "restrictions": both(
        lambda wiki, known: (wiki.restrictions(known["page"]), wiki.restrictions([known["page"], known["another"]]))
    ),
    "check": both(lambda wiki, known: wiki.check(known["page"], f"user:{known['user']}", "view")),
    "grant": both(lambda wiki, known: wiki.grant(known["space"], known["other"], ["view", "create_page"]), MIDDLE),
    "revoke": both(regranted, MIDDLE),
    "assign_role": [("cloud", {}, lambda wiki, known: wiki.assign_role(known["space"], known["other"], "Viewer"))],
    "restrict": both(lambda wiki, known: wiki.restrict(known["page"], "view", [known["other"], known["me"]]), MIDDLE),
    "unrestrict": both(unrestricted),
    "apply": both(planned),
    "unrestrict_all": both(lambda wiki, known: wiki.unrestrict_all(known["other"])),
    "snapshot": [
        *both(lambda wiki, _: wiki.snapshot()),
        (ORGANIZATION, {}, lambda wiki, _: wiki.snapshot(public_links=True, last_active=True)),
    ],
    "measure": [("cloud", {}, measured), ("datacenter", {**NEW, "site": OPEN}, measured)],
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


def named(method: str, kind: type = Confluence) -> set[str]:
    """The routes of the `Source:` paragraph."""
    found = re.search(r"^ *Source: (.*?)\n\n", f"{getattr(kind, method).__doc__}\n\n", re.DOTALL | re.MULTILINE)
    assert found is not None, f"`{method}` names no source"
    assert "…" not in found[1], f"`{method}`: write routes out, so that they can be searched for and compared"
    words = re.sub(r"\s+", " ", found[1])
    return set(re.findall(r"`((?:GET|POST|PUT|DELETE) /[^`]*)`", words))


def is_route(template: str, request: str) -> bool:
    """Whether a request is one of a route."""
    return re.fullmatch(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template)), request) is not None


def asked_by(runs: list[tuple[str, dict[str, Any], Call]]) -> set[str]:
    """What simulators received while a method ran on each of them."""
    asked: set[str] = set()
    for deployment, options, call in runs:
        product: Any = "cloud" if deployment == ORGANIZATION else deployment
        site: Any = options if "site" in options else {**SITE, **options}
        with Simulator(product, **site) as simulator:
            key: Any = {"org_token": simulator.org_token, "org_url": simulator.url}
            # Before 7.9 there are no personal access tokens.
            own: Any = {"username": simulator.username} if options == OLD else {}
            with simulator.connect(**own) as wiki:
                known = things(wiki)
            simulator.clear_log()
            with simulator.connect(**(key if deployment == ORGANIZATION else own)) as wiki:
                call(wiki, known)
            asked |= {f"{request.method} {request.path}" for request in simulator.requests}
    return asked


def things(wiki: Confluence) -> dict[str, Any]:
    """What the calls are about."""
    groups = wiki.groups()
    members = wiki.members(groups[0])
    user = wiki.find_user(members[0].user_id)
    space = wiki.spaces()[0].key
    pages = [content.id for content in wiki.contents(space) if content.type == "page" and content.status == "current"]
    return {
        "space": space,
        "group": groups[0].name,
        "group_id": groups[0].id,
        "other": f"group:{groups[-1].name}",
        "user": user.id,
        "name": user.display_name,
        "someone": f"user:{user.id}",
        "me": f"user:{wiki.server().account_id}",
        "page": pages[0],
        "another": pages[-1],
    }


def never_asked(method: str, asked: set[str]) -> list[str]:
    return sorted(route for route in named(method) if not any(is_route(route, request) for request in asked))


@pytest.mark.parametrize("method", RUNS)
def test_source_lines_name_what_is_asked_and_nothing_else(method: str) -> None:
    asked = asked_by(RUNS[method])
    assert never_asked(method, asked) == []
    allowed = [*named(method), *HOUSEKEEPING]
    assert [request for request in asked if not any(is_route(route, request) for route in allowed)] == [], "not named"


@pytest.mark.parametrize("method", PARTLY)
def test_source_lines_name_only_what_is_asked(method: str) -> None:
    assert never_asked(method, asked_by(PARTLY[method])) == []


def test_every_method_with_a_source_is_run() -> None:
    methods = {name for name, member in vars(Confluence).items() if callable(member) and not name.startswith("_")}
    sourced = {name for name in methods if "Source:" in (getattr(Confluence, name).__doc__ or "")}
    assert sourced == {*RUNS, *PARTLY}
    assert len(sourced) > 15
    # Those of the add-on APIs are written from the rows of their requests, those of the awaited client from these.
    for method in sourced:
        assert named(method, AsyncConfluence) == named(method), method
