"""What a system can hold, in the words of this package."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from .rules import Principal, Rule

NOBODY = "confluence-access:nobody"
"""A user that no system has: the only entry of a list that lets nobody in, where an empty list lets in everyone."""


@dataclass(frozen=True, slots=True)
class Item:
    """A content item, as far as a document of an index describes it."""

    id: str
    space_key: str
    title: str | None
    url: str | None


def _no_setup() -> None:
    return None


@dataclass(frozen=True, slots=True)
class System:
    """A system with an index, and what its access control lists can hold.

    Attributes:
        title: Its name.
        document: Makes the document of a content item from its rule and the tenant.
        identity: What it knows accounts by unless the caller says; None if Confluence has no such name.
        knows_accounts_by: The same in words.
        id: What the id of a document may be.
        name_length: Longest name of a user or group.
        group_id: What the id of a group that is created there may be.
        no: Characters that a name cannot have.
        all_of: Whether a document may require one entry of each of several lists.
        groups: Whether it has groups.
        group: Makes the call or record that creates a group from its id and members; None if there is no such call.
        public: Whether a document can be open to everyone.
        entries: Most entries of a list, or of all lists together.
        size: Most bytes of a document, as JSON.
        members: Most members of a group in one call.
        setup: What the index needs before documents come in.
        filter: The filter for the queries of a person, from their names; None if the system knows who asks.
    """

    title: str
    document: Callable[[Item, Rule, str | None], dict[str, Any]]
    identity: Literal["account_id", "email"] | None
    knows_accounts_by: str
    id: re.Pattern[str] = re.compile(r".{1,1024}", re.DOTALL)
    name_length: int = 1024
    group_id: re.Pattern[str] = re.compile(r".+")
    no: str = ""
    all_of: bool = False
    groups: bool = True
    group: Callable[[str, tuple[str, ...]], dict[str, Any]] | None = None
    public: bool = True
    entries: int | None = None
    size: int | None = None
    members: int | None = None
    setup: Callable[[], dict[str, Any] | None] = _no_setup
    filter: Callable[[list[str]], dict[str, Any] | str] | None = None

    def refuses(self, name: str) -> bool:
        """Whether a name of an account is an e-mail address where it has to be an id of the system."""
        return self.identity is None and "@" in name

    def holds_name(self, name: str) -> bool:
        """Whether a user or group can have this name."""
        fits = 0 < len(name) <= self.name_length and name.isprintable() and name != NOBODY
        return fits and not any(character in name for character in self.no)

    def holds_group(self, group: str) -> bool:
        """Whether a group that is created there can have this id."""
        return self.holds_name(group) and self.group_id.fullmatch(group) is not None

    def holds_id(self, content: str) -> None:
        """Checks the id of a document.

        Raises:
            ConfigurationError: The system cannot have a document with this id.
        """
        if not self.id.fullmatch(content):
            raise ConfigurationError(f"{self.title} cannot have a document with the id `{content}`")

    def excess(self, rule: Rule, document: dict[str, Any]) -> str | None:
        """Why a document does not fit; None if it does."""
        if self.entries is not None and rule.count > self.entries:
            return f"its list has {rule.count} entries, and {self.title} takes {self.entries}"
        if self.size is not None and rule.count > _FEW:
            size = len(json.dumps(document, ensure_ascii=False).encode())
            if size > self.size:
                return f"it has {size} bytes, and {self.title} takes {self.size}"
        return None


# Documents with fewer entries are far below the limit of any system.
_FEW = 1000


def entries_of(rule: Rule) -> tuple[Principal, ...]:
    """The entries of a rule of one list."""
    (entries,) = rule.lists
    return entries


def named(principals: Iterable[Principal], kind: Literal["user", "group"]) -> list[str]:
    """The ids of the users, or of the groups."""
    return [principal.id for principal in principals if principal.kind == kind]


EVERYONE = "everyone"
"""The token of documents that are open to everyone, where a list holds tokens."""


def tokens(rule: Rule) -> list[list[str]]:
    """The lists of a rule as tokens, for systems where an entry is any text: `user:…`, `group:…`, `everyone`."""
    if rule.public:
        return [[EVERYONE]]
    return [[f"{principal.kind}:{principal.id}" for principal in one] for one in rule.lists]


def without_none(document: dict[str, Any]) -> dict[str, Any]:
    """A document without the keys whose value is unknown."""
    return {key: value for key, value in document.items() if value is not None}
