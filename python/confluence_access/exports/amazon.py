"""Amazon Q Business, Kendra and Bedrock."""

from __future__ import annotations

import re
from typing import Any

from .rules import Principal, Rule
from .systems import NOBODY, Item, System, entries_of, without_none

_ALLOW = "ALLOW"
_NOBODY = Principal("user", NOBODY)


def _lists(rule: Rule) -> tuple[tuple[Principal, ...], ...]:
    """The lists of a rule, none of them empty: a document without a list is open to everyone."""
    return ((_NOBODY,),) if rule.nobody else rule.lists


# ---- Amazon Q Business -----------------------------------------------------------------------------------------------


def _q_document(item: Item, rule: Rule, tenant: str | None) -> dict[str, Any]:
    controls = [
        {"principals": [_q_principal(entry) for entry in entries], "memberRelation": "OR"} for entries in _lists(rule)
    ]
    return without_none(
        {
            "id": item.id,
            "title": item.title or None,
            "accessConfiguration": {"accessControls": controls, "memberRelation": "AND"},
        }
    )


def _q_principal(entry: Principal) -> dict[str, Any]:
    if entry.kind == "user":
        return {"user": {"id": entry.id, "access": _ALLOW}}
    return {"group": {"name": entry.id, "access": _ALLOW, "membershipType": "INDEX"}}


def _q_group(group: str, members: tuple[str, ...]) -> dict[str, Any]:
    return {
        "groupName": group,
        "type": "INDEX",
        "groupMembers": {"memberUsers": [{"userId": member, "type": "INDEX"} for member in members]},
    }


# Source: https://docs.aws.amazon.com/amazonq/latest/api-reference/API_AccessConfiguration.html
AMAZON_Q = System(
    title="Amazon Q Business",
    document=_q_document,
    identity="email",
    knows_accounts_by="e-mail address",
    id=re.compile(r"[^\x00-\x1f\x7f]{1,1825}"),
    all_of=True,
    group=_q_group,
    public=False,
)


# ---- Kendra ----------------------------------------------------------------------------------------------------------


def _kendra_document(item: Item, rule: Rule, tenant: str | None) -> dict[str, Any]:
    document = without_none({"Id": item.id, "Title": item.title})
    if rule.public:
        # A document without a list is public.
        return document
    (entries,) = _lists(rule)
    document["AccessControlList"] = [
        {"Name": entry.id, "Type": "USER" if entry.kind == "user" else "GROUP", "Access": _ALLOW} for entry in entries
    ]
    return document


def _kendra_group(group: str, members: tuple[str, ...]) -> dict[str, Any]:
    return {"GroupId": group, "GroupMembers": {"MemberUsers": [{"UserId": member} for member in members]}}


# Kendra has lists of lists too. Its documents do not say whether a person needs an entry of every list or of one.
# Source: https://docs.aws.amazon.com/kendra/latest/dg/user-context-filter.html
# Source: https://docs.aws.amazon.com/kendra/latest/APIReference/API_Document.html
KENDRA = System(
    title="Amazon Kendra",
    document=_kendra_document,
    identity="email",
    knows_accounts_by="e-mail address",
    id=re.compile(r".{1,2048}", re.DOTALL),
    name_length=200,
    group=_kendra_group,
    members=1000,
)


# ---- Bedrock ---------------------------------------------------------------------------------------------------------


def _bedrock_document(item: Item, rule: Rule, tenant: str | None) -> dict[str, Any]:
    entries = (_NOBODY,) if rule.nobody else entries_of(rule)
    described = {"title": item.title, "url": item.url, "space_key": item.space_key}
    return {
        "metadata": {
            "type": "IN_LINE_ATTRIBUTE",
            "inlineAttributes": [
                {"key": key, "value": {"type": "STRING", "stringValue": value}}
                for key, value in described.items()
                if value
            ],
            "accessControlList": [{"name": entry.id, "type": "USER", "access": _ALLOW} for entry in entries],
        },
        "content": {
            "dataSourceType": "CUSTOM",
            "custom": {"customDocumentIdentifier": {"id": item.id}, "sourceType": "IN_LINE"},
        },
    }


# Source: https://docs.aws.amazon.com/bedrock/latest/userguide/kb-managed-ds-custom-acl.html
# Source: https://docs.aws.amazon.com/bedrock/latest/userguide/kb-test-retrieve-acl.html
BEDROCK = System(
    title="Amazon Bedrock",
    document=_bedrock_document,
    identity="email",
    knows_accounts_by="e-mail address",
    id=re.compile(r".{1,2048}", re.DOTALL),
    name_length=256,
    groups=False,
    public=False,
)
