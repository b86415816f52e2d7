"""Search systems, as far as they decide who gets a document: one naive evaluator each, written from their documents."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from confluence_access.exports import AclExport


@dataclass(frozen=True)
class Person:
    """Someone who searches: by identity and groups, as the system knows them."""

    identity: str
    groups: frozenset[str]


Lets = Callable[[AclExport, dict[str, Any], Person], bool]


def microsoft_graph(export: AclExport, body: dict[str, Any], person: Person) -> bool:
    """A denial wins; without a grant there is no access."""

    def meant(entry: dict[str, str]) -> bool:
        if entry["type"] == "user":
            return entry["value"] == person.identity
        if entry["type"] in ("group", "externalGroup"):
            return entry["value"] in person.groups
        return entry["type"] == "everyone"

    access = {entry["accessType"] for entry in body["acl"] if meant(entry)}
    return access == {"grant"}


def elasticsearch(export: AclExport, body: dict[str, Any], person: Person) -> bool:
    query = export.filter_for(person.identity, person.groups)
    assert isinstance(query, dict)
    return _matches(query, body, "")


def _matches(query: dict[str, Any], document: dict[str, Any], path: str) -> bool:
    """Whether a document matches a query of the query DSL; fields of nested documents are written with their path."""
    ((kind, asked),) = query.items()

    def values(field: str) -> list[Any]:
        found = document.get(field.removeprefix(f"{path}.") if path else field)
        return found if isinstance(found, list) else [] if found is None else [found]

    if kind == "terms":
        ((field, names),) = asked.items()
        return bool(set(values(field)) & set(names))
    if kind == "exists":
        return bool(values(asked["field"]))
    if kind == "nested":
        return any(_matches(asked["query"], one, asked["path"]) for one in values(asked["path"]))
    assert kind == "bool", kind
    should = [_matches(one, document, path) for one in _clauses(asked, "should")]
    return (
        all(_matches(one, document, path) for one in _clauses(asked, "must"))
        and not any(_matches(one, document, path) for one in _clauses(asked, "must_not"))
        and sum(should) >= asked.get("minimum_should_match", 0)
    )


def _clauses(asked: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = asked.get(kind, [])
    return found if isinstance(found, list) else [found]


def elastic_connector(export: AclExport, body: dict[str, Any], person: Person) -> bool:
    """The query of Elastic's own connectors, which knows one field and lets everyone view a document without it."""
    allowed = body.get("_allow_access_control")
    return not allowed or bool(set(allowed) & set(export.tokens_for(person.identity, person.groups)))


def azure_ai_search(export: AclExport, body: dict[str, Any], person: Person) -> bool:
    expression = export.filter_for(person.identity, person.groups)
    assert isinstance(expression, str)
    read = re.fullmatch(r"(\w+)/any\(p: search\.in\(p, '((?:[^']|'')*)', '(.)'\)\)", expression)
    assert read, expression
    field, listed, separator = read.groups()
    return bool(set(body[field]) & set(listed.replace("''", "'").split(separator)))


def azure_ai_search_acl(export: AclExport, body: dict[str, Any], person: Person) -> bool:
    if "all" in body["UserIds"] or "all" in body["GroupIds"]:
        return True
    return person.identity in body["UserIds"] or bool(person.groups & set(body["GroupIds"]))


def amazon_q(export: AclExport, body: dict[str, Any], person: Person) -> bool:
    configuration = body.get("accessConfiguration")
    if not configuration or not configuration["accessControls"]:
        return True
    assert configuration["memberRelation"] == "AND"

    def meant(principal: dict[str, Any]) -> bool:
        ((kind, entry),) = principal.items()
        assert entry["access"] == "ALLOW"
        return entry["id"] == person.identity if kind == "user" else entry["name"] in person.groups

    lists = configuration["accessControls"]
    assert all(one["memberRelation"] == "OR" for one in lists)
    return all(not one["principals"] or any(map(meant, one["principals"])) for one in lists)


def kendra(export: AclExport, body: dict[str, Any], person: Person) -> bool:
    entries = body.get("AccessControlList")
    if not entries:
        return True
    return any(
        entry["Access"] == "ALLOW"
        and (entry["Name"] == person.identity if entry["Type"] == "USER" else entry["Name"] in person.groups)
        for entry in entries
    )


def bedrock(export: AclExport, body: dict[str, Any], person: Person) -> bool:
    entries = body["metadata"]["accessControlList"]
    return any(entry["access"] == "ALLOW" and entry["name"] == person.identity for entry in entries)


def onyx(export: AclExport, body: dict[str, Any], person: Person) -> bool:
    access = body["external_access"]
    return (
        access["is_public"]
        or person.identity in access["external_user_emails"]
        or bool(person.groups & set(access["external_user_group_ids"]))
    )


SYSTEMS: dict[str, Lets] = {
    "microsoft_graph": microsoft_graph,
    "elasticsearch": elasticsearch,
    "azure_ai_search": azure_ai_search,
    "azure_ai_search_acl": azure_ai_search_acl,
    "amazon_q": amazon_q,
    "kendra": kendra,
    "bedrock": bedrock,
    "onyx": onyx,
}
