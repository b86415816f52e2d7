"""From the rule of a content item to lists of principals that another system knows.

Whatever a system cannot express, or does not know, narrows the result: it never lets in anyone whom the rule keeps out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .accounts import Accounts
from .groups import ConfluenceGroups, minimal

if TYPE_CHECKING:
    from ..records import Acl, AclChange, Audience
    from ..tables import Table
    from .systems import System

# How many audiences, and how many translated rules, are kept while rows stream by.
_KEPT = 1024
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone the other system knows: a user or a group, by the id it has there."""

    kind: Literal["user", "group"]
    id: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Lists of principals, of which a person needs one entry each, and how they came about.

    Attributes:
        lists: The lists. There is at least one; an empty one lets nobody in.
        public: Anyone may, also people without an account; then the lists say nothing.
        resolved: Whether groups were replaced by the accounts that pass.
        dropped: Who passes the original rule and not this one, as subjects.
        reason: Why something was resolved, dropped or denied; None if nothing was.
    """

    lists: tuple[tuple[Principal, ...], ...]
    public: bool = False
    resolved: bool = False
    dropped: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def nobody(self) -> bool:
        """Whether nobody passes."""
        return not self.public and not all(self.lists)

    @property
    def count(self) -> int:
        """How many entries it has."""
        return sum(map(len, self.lists))


def denied(reason: str | None) -> Rule:
    """The rule that lets nobody in."""
    return Rule(((),), reason=reason)


class Audiences:
    """The members of audiences, the last used ones kept."""

    def __init__(self, table: Table[Audience]) -> None:
        self._table = table
        self._at = {audience: index for index, audience in enumerate(table.column("audience_id"))}
        self._kept: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    def users(self, audience: str) -> tuple[str, ...]:
        """Ids of the accounts that may for certain, sorted. An audience without a row has none."""
        if audience not in self._kept:
            at = self._at.get(audience)
            self._kept[audience] = () if at is None else self._table[at].users
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[audience]


class Translator:
    """Makes the rules of content items into lists of principals of one system."""

    def __init__(
        self,
        system: System,
        accounts: Accounts,
        groups: Mapping[str, str] | ConfluenceGroups | Literal["audiences"] | None,
        audiences: Audiences,
        public: bool,
    ) -> None:
        self._system = system
        self._accounts = accounts
        self._groups = groups
        self._audiences = audiences
        self._public = public
        self._kept: OrderedDict[str, Rule] = OrderedDict()

    def rule(self, row: Acl | AclChange) -> Rule:
        """The rule of a content item. Equal rules are translated once, while they are kept."""
        if row.hash not in self._kept:
            self._kept[row.hash] = self._made(row)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[row.hash]

    def _made(self, row: Acl | AclChange) -> Rule:
        if not row.complete:
            return denied("it is unknown for some accounts whether they may: nobody is let in")
        if self._public and row.anonymous:
            return Rule((), public=True)
        users = self._audiences.users(row.audience_id)
        passing = frozenset(users)
        # The lists let in accounts; people who are not logged in are no account.
        logged_out = ("anonymous",) if row.anonymous else ()
        if not users:
            return Rule(((),), dropped=logged_out, reason=self._reason("", logged_out))
        if self._groups == "audiences":
            dropped = self._unnamed(users, passing)
            audience = (Principal("group", row.audience_id),) if len(dropped) < len(users) else ()
            return Rule((audience,), dropped=logged_out + dropped, reason=self._reason("", logged_out + dropped))
        if isinstance(self._groups, ConfluenceGroups):
            return self._pushed(row, users, passing, logged_out, self._groups)
        why = self._obstacle(row)
        return self._resolved(users, passing, logged_out, why) if why else self._listed(row, passing, logged_out)

    def _obstacle(self, row: Acl | AclChange) -> str | None:
        """Why the lists of a rule cannot be kept; None if they can."""
        groups = self._groups
        lists = minimal(row.all_of)
        others = sorted({entry for one in lists for entry in one if not entry.startswith("user:")})
        if not isinstance(groups, Mapping):
            return "the groups of the index are not given" if others else _several(lists, self._system)
        unknown = [entry for entry in others if entry not in groups]
        if unknown:
            return f"the index has no group for {_some(unknown)}"
        return _several(lists, self._system)

    def _listed(self, row: Acl | AclChange, passing: frozenset[str], logged_out: tuple[str, ...]) -> Rule:
        groups = self._groups if isinstance(self._groups, Mapping) else {}
        lists = minimal(row.all_of)
        listed = {entry.removeprefix("user:") for one in lists for entry in one if entry.startswith("user:")} & passing
        dropped = logged_out + self._unnamed(tuple(sorted(listed)), passing)
        entries = tuple(self._principals(one, groups, passing) for one in lists)
        return Rule(entries, dropped=dropped, reason=self._reason("", dropped))

    def _principals(
        self, entries: Iterable[str], groups: Mapping[str, str], passing: frozenset[str]
    ) -> tuple[Principal, ...]:
        """The entries of a list, by their ids there."""
        found = []
        for entry in entries:
            if not entry.startswith("user:"):
                found.append(Principal("group", groups[entry]))
                continue
            account = entry.removeprefix("user:")
            # Those who fail another list need no entry in this one.
            name = self._accounts.name(account, passing) if account in passing else None
            if name is not None:
                found.append(Principal("user", name))
        return unique(found)

    def _pushed(
        self,
        row: Acl | AclChange,
        users: tuple[str, ...],
        passing: frozenset[str],
        logged_out: tuple[str, ...],
        groups: ConfluenceGroups,
    ) -> Rule:
        """The rule with the groups of Confluence, if they let in exactly those who pass."""
        lists = groups.lists(row.all_of, passing)
        everyone = [groups.everyone(one) for one in lists]
        why = _several(lists, self._system)
        if why is None and frozenset.intersection(*everyone) != passing:
            why = "its groups let in others than the rule"
        if why:
            return self._resolved(users, passing, logged_out, why)
        let_in = frozenset.intersection(*(groups.named(one, self._accounts, passing) for one in lists))
        dropped = logged_out + tuple(f"user:{account}" for account in users if account not in let_in)
        entries = [self._principals(one, groups.ids, passing) for one in lists]
        return Rule(tuple(entries), dropped=dropped, reason=self._reason("", dropped))

    def _resolved(self, users: tuple[str, ...], passing: frozenset[str], logged_out: tuple[str, ...], why: str) -> Rule:
        names = [self._accounts.name(account, passing) for account in users]
        dropped = logged_out + tuple(
            f"user:{account}" for account, name in zip(users, names, strict=True) if name is None
        )
        entries = unique(Principal("user", name) for name in names if name is not None)
        reason = self._reason(f"{why}: resolved to {len(users)} account{'s' if len(users) > 1 else ''}", dropped)
        return Rule((entries,), resolved=True, dropped=dropped, reason=reason)

    def _unnamed(self, users: tuple[str, ...], passing: frozenset[str]) -> tuple[str, ...]:
        return tuple(f"user:{account}" for account in users if self._accounts.name(account, passing) is None)

    def members(self, users: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The members of a group that is an audience, by their names, and those who have none, as subjects."""
        passing = frozenset(users)
        names = (self._accounts.name(account, passing) for account in users)
        return tuple(dict.fromkeys(name for name in names if name is not None)), self._unnamed(users, passing)

    def _reason(self, why: str, dropped: tuple[str, ...]) -> str | None:
        reasons = [why] if why else []
        if "anonymous" in dropped:
            reasons.append("people who are not logged in are left out")
        accounts = [subject.removeprefix("user:") for subject in dropped if subject != "anonymous"]
        if accounts:
            first = accounts[0]
            more = f" and {len(accounts) - 1} more" if len(accounts) > 1 else ""
            reasons.append(f"left out: user:{first} ({self._accounts.why_not(first)}){more}")
        return "; ".join(reasons) or None


def unique(principals: Iterable[Principal]) -> tuple[Principal, ...]:
    """Principals without repetition."""
    return tuple(dict.fromkeys(principals))


def _several(lists: list[tuple[str, ...]], system: System) -> str | None:
    if len(lists) > 1 and not system.all_of:
        return f"{system.title} cannot require {len(lists)} lists at once"
    return None


def _some(entries: list[str]) -> str:
    shown = ", ".join(f"`{entry}`" for entry in entries[:_SHOWN])
    return shown if len(entries) <= _SHOWN else f"{shown} and {len(entries) - _SHOWN} more"
