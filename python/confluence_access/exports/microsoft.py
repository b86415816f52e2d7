"""Microsoft Graph connectors and Azure AI Search."""

from __future__ import annotations

import re
from typing import Any

from .rules import Principal, Rule
from .systems import Item, System, entries_of, named, tokens, without_none

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ALPHANUMERIC = re.compile(r"[0-9A-Za-z]{1,128}")
_ENTRA = "Entra object ids"


# ---- Microsoft Graph -------------------------------------------------------------------------------------------------


def _external_item(item: Item, rule: Rule, tenant: str | None) -> dict[str, Any]:
    if rule.public:
        acl = [_entry("everyone", tenant or "everyone", "grant")]
    elif rule.nobody:
        # A denial overrides every grant.
        acl = [_entry("everyone", tenant or "everyone", "deny")]
    else:
        acl = [_granted(entry, tenant) for entry in entries_of(rule)]
    properties = {"title": item.title, "url": item.url, "spaceKey": item.space_key}
    return {"id": item.id, "acl": acl, "properties": without_none(properties)}


# The value of such an entry is the id of the tenant; where that is not given, the word that Microsoft's exercises use.
def _entry(kind: str, value: str, access: str) -> dict[str, str]:
    return {"accessType": access, "type": kind, "value": value}


def _granted(entry: Principal, tenant: str | None) -> dict[str, str]:
    """A group of Entra has a GUID, one of the connection any other id; the tenant is a group if the caller says so."""
    if entry.kind == "user":
        return _entry("user", entry.id, "grant")
    if entry.id in ("everyone", "everyoneExceptGuests"):
        return _entry(entry.id, tenant or "everyone", "grant")
    return _entry("group" if _GUID.fullmatch(entry.id) else "externalGroup", entry.id, "grant")


def _external_group(group: str, members: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": group,
        "displayName": f"Confluence {group}",
        "members": [{"id": member, "type": "user"} for member in members],
    }


def _connection_schema() -> dict[str, Any]:
    return {
        "baseType": "microsoft.graph.externalItem",
        "properties": [
            {"name": "title", "type": "string", "isSearchable": True, "isRetrievable": True, "labels": ["title"]},
            {"name": "url", "type": "string", "isRetrievable": True, "labels": ["url"]},
            {"name": "spaceKey", "type": "string", "isQueryable": True, "isRetrievable": True, "isRefinable": True},
        ],
    }


# Source: https://learn.microsoft.com/en-us/graph/api/resources/externalconnectors-acl
# Source: https://learn.microsoft.com/en-us/graph/api/resources/externalconnectors-externalitem
# Source: https://learn.microsoft.com/en-us/graph/connecting-external-content-api-limits
MICROSOFT_GRAPH = System(
    title="Microsoft Graph",
    document=_external_item,
    identity=None,
    knows_accounts_by=_ENTRA,
    id=_ALPHANUMERIC,
    name_length=128,
    group_id=_ALPHANUMERIC,
    group=_external_group,
    size=4_000_000,
    setup=_connection_schema,
)


# ---- Azure AI Search -------------------------------------------------------------------------------------------------

PRINCIPALS = "allowed_principals"
# A character that no token may have: the filter lists tokens as one text.
_BETWEEN = "|"


def _fields(item: Item) -> dict[str, Any]:
    known = {"id": item.id, "title": item.title, "url": item.url, "space_key": item.space_key}
    return {"@search.action": "mergeOrUpload", **known}


def _index(*fields: dict[str, Any]) -> dict[str, Any]:
    text = {"type": "Edm.String", "retrievable": True}
    return {
        "name": "confluence",
        "fields": [
            {"name": "id", "key": True, **text},
            {"name": "title", "searchable": True, **text},
            {"name": "url", **text},
            {"name": "space_key", "filterable": True, **text},
            *fields,
        ],
    }


def _principals_field(name: str) -> dict[str, Any]:
    return {"name": name, "type": "Collection(Edm.String)", "filterable": True, "retrievable": False}


def _filtered_document(item: Item, rule: Rule, tenant: str | None) -> dict[str, Any]:
    (allowed,) = tokens(rule)
    return {**_fields(item), PRINCIPALS: allowed}


def _filtered_index() -> dict[str, Any]:
    return _index(_principals_field(PRINCIPALS))


def _security_filter(names: list[str]) -> str:
    # A name with the separator would be read as several.
    listed = _BETWEEN.join(name.replace("'", "''") for name in names if _BETWEEN not in name)
    return f"{PRINCIPALS}/any(p: search.in(p, '{listed}', '{_BETWEEN}'))"


_KEY = re.compile(r"[0-9A-Za-z\-=][0-9A-Za-z_\-=]{0,1023}")

# Source: https://learn.microsoft.com/en-us/azure/search/search-security-trimming-for-azure-search
AZURE_AI_SEARCH = System(
    title="Azure AI Search",
    document=_filtered_document,
    identity="account_id",
    knows_accounts_by="any text",
    id=_KEY,
    no=_BETWEEN,
    size=16_000_000,
    setup=_filtered_index,
    filter=_security_filter,
)


def _permitted_document(item: Item, rule: Rule, tenant: str | None) -> dict[str, Any]:
    entries = () if rule.public else entries_of(rule)
    users = ["all"] if rule.public else named(entries, "user")
    return {**_fields(item), "UserIds": users or ["none"], "GroupIds": named(entries, "group") or ["none"]}


def _permitted_index() -> dict[str, Any]:
    return {
        **_index(
            {**_principals_field("UserIds"), "permissionFilter": "userIds"},
            {**_principals_field("GroupIds"), "permissionFilter": "groupIds"},
        ),
        "permissionFilterOption": "enabled",
    }


# Source: https://learn.microsoft.com/en-us/azure/search/search-index-access-control-lists-and-rbac-push-api
AZURE_AI_SEARCH_ACL = System(
    title="Azure AI Search with permission filters",
    document=_permitted_document,
    identity=None,
    knows_accounts_by=_ENTRA,
    id=_KEY,
    entries=1000,
    setup=_permitted_index,
)
