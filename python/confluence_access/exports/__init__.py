"""Rules of content items in the form that search and assistant systems take: what `Access.export_acl` returns."""

from __future__ import annotations

import json
import os
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from .. import arguments
from ..errors import ConfigurationError, IncompleteError
from ..escapes import visible
from .accounts import Accounts, Identities
from .amazon import AMAZON_Q, BEDROCK, KENDRA
from .elastic import ELASTICSEARCH
from .groups import ConfluenceGroups, GroupsLike, known_groups
from .microsoft import AZURE_AI_SEARCH, AZURE_AI_SEARCH_ACL, MICROSOFT_GRAPH
from .onyx import ONYX
from .rules import Audiences, Translator, denied
from .systems import EVERYONE, Item, System

if TYPE_CHECKING:
    from ..access import Access
    from ..records import Acl, AclChange, Content
    from ..tables import Table
    from ..types import ExportTarget, RestrictionOperationLike

__all__ = ["AclExport", "ExportSummary", "ExportedAcl", "ExportedGroup", "GroupsLike", "Identities"]

SYSTEMS: dict[str, System] = {
    "microsoft_graph": MICROSOFT_GRAPH,
    "elasticsearch": ELASTICSEARCH,
    "azure_ai_search": AZURE_AI_SEARCH,
    "azure_ai_search_acl": AZURE_AI_SEARCH_ACL,
    "amazon_q": AMAZON_Q,
    "kendra": KENDRA,
    "bedrock": BEDROCK,
    "onyx": ONYX,
}
"""Every target of `Access.export_acl`."""


@dataclass(frozen=True, slots=True)
class ExportedAcl:
    """One row is one content item as a document of the other system, with the list of those who may view it.

    Attributes:
        content_id: The content item.
        space_key: Key of its space.
        action: `put` to write the document, `delete` to remove it from the index. A deleted document lets nobody in, so
            writing it instead does no harm.
        body: The document, as the system takes it. It has no text: add that where the system expects it.
        exact: Whether it lets in everyone whom the rule lets in. It never lets in anyone else.
        resolved: Whether groups were replaced by the accounts that pass, because the system has no such groups or
            cannot require several at once. Such a document has to be written again when members change.
        dropped: Who may and is not let in, as subjects: accounts without an identity there, and `anonymous`.
        reason: Why something was resolved, dropped or denied, in words; None if nothing was.
    """

    content_id: str
    space_key: str
    action: Literal["put", "delete"]
    body: dict[str, Any]
    exact: bool
    resolved: bool
    dropped: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class ExportedGroup:
    """One row is one group to create in the other system, and its members: an audience, or a group of Confluence.

    Attributes:
        id: Its id there: the `audience_id`; the id of the group, or a hash of it where the system cannot have such an
            id; `class:site-users` for all who may use the site.
        members: Its members, by their identities there.
        dropped: Members without an identity there, as subjects.
        body: The call or record that creates the group, as the system takes it; None if the system has no such call and
            the caller passes the groups of a person with each query.
    """

    id: str
    members: tuple[str, ...]
    dropped: tuple[str, ...]
    body: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What was written: counts of documents.

    Attributes:
        documents: All documents.
        exact: Those that let in everyone whom the rule lets in.
        resolved: Those in which groups were replaced by accounts.
        denied: Those that let nobody in, although it is unknown who may or because the system cannot hold the list.
        deleted: Those to remove from the index.
    """

    documents: int
    exact: int
    resolved: int
    denied: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Settings:
    """The arguments of `Access.export_acl`, without the target."""

    operation: RestrictionOperationLike
    identities: Identities | None
    groups: GroupsLike | None
    public: bool
    tenant: str | None
    since: Access | None
    allow_incomplete: bool
    too_large: Literal["error", "deny"]


class AclExport:
    """The content items of a site as documents of another system, generated while they are read.

    Iterating yields `ExportedAcl` rows, from the first one each time. `groups()` yields the groups to create first,
    `setup` is what the index needs before that. `write(file)` writes JSON lines.
    """

    __slots__ = ("_access", "_created", "_settings", "_system", "_translator")

    def __init__(self, access: Access, target: ExportTarget, settings: Settings) -> None:
        self._access, self._settings = access, settings
        self._system = system = _system(target)
        if settings.too_large not in ("error", "deny"):
            raise ConfigurationError(f"unknown `too_large`: `{settings.too_large}`; expected `error` or `deny`")
        self._created = groups = _known(access, settings.groups, target)
        if settings.public and not system.public:
            raise ConfigurationError(f"{system.title} has no documents that are open to everyone: leave out `public`")
        if not settings.allow_incomplete:
            self._refuse_incomplete()
        accounts = Accounts(access.snapshot, settings.identities, system)
        audiences = Audiences(access.audiences(settings.operation))
        self._translator = Translator(system, accounts, groups, audiences, settings.public)

    def _rows(self) -> Table[Acl] | Table[AclChange]:
        operation, since = self._settings.operation, self._settings.since
        return self._access.acl(operation) if since is None else self._access.acl_changes(since, operation)

    def _refuse_incomplete(self) -> None:
        rows, operation = self._rows(), self._settings.operation
        complete = rows.column("complete")
        if all(complete):
            return
        first = rows[complete.index(False)].content_id
        who = self._access.who_can(operation, first, decision="unknown")
        why = f" ({who[0].via})" if len(who) else ""
        raise IncompleteError(
            f"{complete.count(False)} of {len(rows)} content items are not exported, because it is unknown for some "
            f"accounts whether they may {operation} them, first: `{first}`{why}; see `gaps` of this error and "
            "`access.who_can`, settle open switches with `wiki.measure`, or pass `allow_incomplete=True`, then nobody "
            "is let in to these",
            gaps=self._access.snapshot.gaps,
        )

    @property
    def setup(self) -> dict[str, Any] | None:
        """What the index needs before documents come in; None if nothing.

        Microsoft Graph: the schema of the connection. Azure AI Search: the index. Elasticsearch: `mappings` of the
        index and a `role` that reads the tokens of a person from the list `confluence_access` in the user's metadata.
        """
        return self._system.setup()

    def groups(self) -> Iterator[ExportedGroup]:
        """The groups to create in the other system, with their members.

        With `groups="audiences"` one for each audience. With `groups="confluence"` those of Confluence, with the
        members that may use the site, and one of all who may. Otherwise none.

        Raises:
            ConfigurationError: A group has more members than the system takes in one call (a `ValueError`).
        """
        system = self._system
        for group, accounts in self._groups():
            members, dropped = self._translator.members(accounts)
            if not members:
                continue
            if system.members is not None and len(members) > system.members:
                raise ConfigurationError(
                    f"group `{group}` has {len(members)} members, and a call of {system.title} takes {system.members}: "
                    "upload the list of members to S3"
                )
            yield ExportedGroup(group, members, dropped, system.group(group, members) if system.group else None)

    def _groups(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        """The groups to create, by their ids there, with their accounts."""
        if isinstance(self._created, ConfluenceGroups):
            return self._created
        if self._created != "audiences":
            return ()
        # Nothing names an audience that is not known completely.
        rows = self._access.audiences(self._settings.operation)
        return ((row.audience_id, row.users) for row in rows if not row.unknown)

    def tokens_for(self, identity: str, groups: Iterable[str] = ()) -> list[str]:
        """The tokens of a person, where lists hold tokens: Elasticsearch, Azure AI Search without permission filters.

        Args:
            identity: The person, by the identity used in the export.
            groups: The groups of the person, by their ids in the export.

        Raises:
            ConfigurationError: The system knows by itself who asks (a `ValueError`).
        """
        if self._system.filter is None:
            raise ConfigurationError(f"{self._system.title} knows who asks: its lists hold no tokens")
        return [f"user:{identity}", *(f"group:{group}" for group in groups), EVERYONE]

    def filter_for(self, identity: str, groups: Iterable[str] = ()) -> dict[str, Any] | str:
        """The filter to add to each query of a person, where the index does not know who asks.

        Elasticsearch: a query, as data. Azure AI Search without permission filters: an OData expression.

        Args:
            identity: The person, by the identity used in the export.
            groups: The groups of the person, by their ids in the export.

        Raises:
            ConfigurationError: The system knows by itself who asks (a `ValueError`).
        """
        tokens = self.tokens_for(identity, groups)
        made = self._system.filter
        return made(tokens) if made is not None else ""

    def __iter__(self) -> Iterator[ExportedAcl]:
        items = _Items(iter(self._access.snapshot.contents))
        for row in self._rows():
            self._system.holds_id(row.content_id)
            yield self._exported(row, items.find(row))

    def _exported(self, row: Acl | AclChange, item: Item) -> ExportedAcl:
        system = self._system
        rule = self._translator.rule(row)
        document = system.document(item, rule, self._settings.tenant)
        excess = system.excess(rule, document)
        if excess is not None:
            if self._settings.too_large == "error":
                raise ConfigurationError(
                    f'content `{row.content_id}` does not fit: {excess}; pass `groups=`, or `too_large="deny"`, then '
                    "nobody is let in to it"
                )
            rule = denied(f"{excess}: nobody is let in")
            document = system.document(item, rule, self._settings.tenant)
        removed = getattr(row, "change", None) == "removed"
        return ExportedAcl(
            row.content_id,
            row.space_key,
            "delete" if removed else "put",
            document,
            exact=not rule.dropped and row.complete and excess is None,
            resolved=rule.resolved,
            dropped=rule.dropped,
            reason=rule.reason,
        )

    def write(self, file: str | os.PathLike[str]) -> ExportSummary:
        """Writes the rows as JSON lines: on each line an object with the attributes of `ExportedAcl`.

        The file appears when it is complete, not before.

        Args:
            file: Where to write. An existing file is replaced.

        Returns:
            How many rows there are of each kind.

        Raises:
            ConfigurationError: A content item does not fit (a `ValueError`).
            OSError: The file cannot be written.
        """
        path = arguments.path(file, "a file")
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        counts: Counter[str] = Counter()
        try:
            with beside.open("w", encoding="utf-8") as lines:
                for row in self:
                    values = {field.name: getattr(row, field.name) for field in fields(row)}
                    lines.write(json.dumps(values, ensure_ascii=False) + "\n")
                    counts.update(_kinds(row))
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        kinds = ("documents", "exact", "resolved", "denied", "deleted")
        return ExportSummary(**{kind: counts[kind] for kind in kinds})

    def __repr__(self) -> str:
        return visible(f"<AclExport of {self._access!r} for {self._system.title}>")


def _kinds(row: ExportedAcl) -> list[str]:
    facts = {
        "documents": True,
        "exact": row.exact,
        "resolved": row.resolved,
        "denied": not row.exact and not row.dropped,
        "deleted": row.action == "delete",
    }
    return [kind for kind, holds in facts.items() if holds]


def _system(target: str) -> System:
    system = SYSTEMS.get(target) if isinstance(target, str) else None
    if system is None:
        known = ", ".join(f"`{name}`" for name in SYSTEMS)
        raise ConfigurationError(f"unknown target `{target}`: expected {known}")
    return system


def _known(
    access: Access, groups: GroupsLike | None, target: str
) -> Mapping[str, str] | ConfluenceGroups | Literal["audiences"] | None:
    system = SYSTEMS[target]
    if groups is None:
        return None
    if not system.groups:
        raise ConfigurationError(f"the lists of {system.title} have no groups: leave out `groups`")
    if isinstance(groups, Mapping):
        return known_groups(access.snapshot, groups, system)
    if groups not in ("audiences", "confluence"):
        raise ConfigurationError(
            "`groups` is a mapping from groups of Confluence to those of the index, `confluence` or `audiences`"
        )
    if target == "azure_ai_search_acl":
        raise ConfigurationError(f"{system.title} takes groups of Entra only: give `groups` as a mapping")
    return ConfluenceGroups(access, system) if groups == "confluence" else "audiences"


class _Items:
    """What is known about the content items of rows, which come in the order of the snapshot."""

    def __init__(self, contents: Iterator[Content]) -> None:
        self._contents = contents

    def find(self, row: Acl | AclChange) -> Item:
        if getattr(row, "change", None) != "removed":
            for content in self._contents:
                if content.id == row.content_id:
                    return Item(content.id, row.space_key, content.title, content.url)
        return Item(row.content_id, row.space_key, None, None)
