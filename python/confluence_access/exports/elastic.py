"""Elasticsearch, with document-level security."""

from __future__ import annotations

import json
import re
from typing import Any

from .rules import Rule
from .systems import NOBODY, Item, System, tokens

# The field of Elastic's own connectors. Their query lets everyone view a document without it, so it is never empty.
# Source: https://www.elastic.co/docs/reference/search-connectors/document-level-security
ALLOWED = "_allow_access_control"
ALL_OF = "_allow_access_control_all_of"
ANY_OF = f"{ALL_OF}.any_of"
# The tokens of a person, in the metadata of the user.
METADATA = "confluence_access"


def _document(item: Item, rule: Rule, tenant: str | None) -> dict[str, Any]:
    lists = tokens(rule)
    known = {"_id": item.id, "title": item.title, "url": item.url, "space_key": item.space_key}
    if len(lists) == 1 or rule.nobody:
        return {**known, ALLOWED: [NOBODY] if rule.nobody else lists[0]}
    return {**known, ALLOWED: [NOBODY], ALL_OF: [{"any_of": entries} for entries in lists]}


def _query(names: Any) -> dict[str, Any]:
    """Documents with one list that has a name, and documents that have no list without one."""
    listed = {"terms": {ANY_OF: names}}
    every = {
        "must": [{"nested": {"path": ALL_OF, "query": {"exists": {"field": ANY_OF}}}}],
        "must_not": [{"nested": {"path": ALL_OF, "query": {"bool": {"must_not": [listed]}}}}],
    }
    return {"bool": {"should": [{"terms": {ALLOWED: names}}, {"bool": every}], "minimum_should_match": 1}}


def _setup() -> dict[str, Any]:
    # Nested queries are allowed in the query of a role, and `toJson` writes a list of the user's metadata.
    # Source: https://www.elastic.co/docs/deploy-manage/users-roles/cluster-or-deployment-auth/controlling-access-at-document-field-level
    placeholder = "<tokens>"
    written = "{{#toJson}}_user.metadata." + METADATA + "{{/toJson}}"
    source = json.dumps(_query(placeholder)).replace(json.dumps(placeholder), written)
    keyword = {"type": "keyword"}
    return {
        "mappings": {
            "properties": {
                # The connectors ask `.enum` or `.keyword`, depending on their version.
                ALLOWED: {**keyword, "fields": {"enum": keyword, "keyword": keyword}},
                ALL_OF: {"type": "nested", "properties": {"any_of": keyword}},
                "title": {"type": "text"},
                "url": keyword,
                "space_key": keyword,
            }
        },
        "role": {
            "indices": [{"names": ["confluence"], "privileges": ["read"], "query": {"template": {"source": source}}}]
        },
    }


ELASTICSEARCH = System(
    title="Elasticsearch",
    document=_document,
    identity="account_id",
    knows_accounts_by="any text",
    # Source: https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-id-field
    id=re.compile(r".{1,128}", re.DOTALL),
    all_of=True,
    size=100_000_000,
    setup=_setup,
    filter=_query,
)
