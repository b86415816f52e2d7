"""Onyx, and systems with the same three facts of a document: e-mail addresses, groups, whether it is public."""

from __future__ import annotations

from typing import Any

from .rules import Rule
from .systems import Item, System, entries_of, named


def _document(item: Item, rule: Rule, tenant: str | None) -> dict[str, Any]:
    entries = () if rule.public else entries_of(rule)
    return {
        # Its Confluence connector uses the address of a page as the id of the document.
        "doc_id": item.url or item.id,
        "external_access": {
            "external_user_emails": named(entries, "user"),
            "external_user_group_ids": named(entries, "group"),
            "is_public": rule.public,
        },
    }


def _group(group: str, members: tuple[str, ...]) -> dict[str, Any]:
    return {"id": group, "user_emails": list(members), "gives_anyone_access": False}


# Onyx publishes no package; these are `ExternalAccess` and `DocExternalAccess` of its source.
# Source: https://github.com/onyx-dot-app/onyx/blob/main/backend/onyx/access/models.py
ONYX = System(
    title="Onyx",
    document=_document,
    identity="email",
    knows_accounts_by="e-mail address",
    group=_group,
    # `ExternalAccess.MAX_NUM_ENTRIES`
    entries=5000,
)
