"""From the rule of a content item to lists of principals that another system knows.

Whatever a system cannot express, or does not know, narrows the result: it never lets in anyone whom the rule keeps out.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..errors import AmbiguousError, ConfigurationError
from ..records import Identity

if TYPE_CHECKING:
    from ..records import Acl, AclChange, Audience
    from ..snapshot import Snapshot
    from ..tables import Table
    from .systems import System

Identities = Mapping[str, str] | Iterable[Identity] | Literal["account_id", "email"]
"""How accounts are called in the other system: what `Access.export_acl` takes as `identities`."""

GroupsLike = Mapping[str, str] | Literal["audiences"]
"""Which groups the other system has: what `Access.export_acl` takes as `groups`."""

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


class Accounts:
    """What each account is called in the other system."""

    def __init__(self, snapshot: Snapshot, given: Identities | None, system: System) -> None:
        self._known = _known_accounts(snapshot, given, system)
        if not self._known and len(snapshot.users):
            raise ConfigurationError(
                f"no account would have an identity in {system.title}, which knows accounts by "
                f"{system.knows_accounts_by}: give `identities`, a mapping from account ids or e-mail addresses"
            )
        self._shared: dict[str, set[str]] = defaultdict(set)
        for account, name in self._known.items():
            self._shared[name.casefold()].add(account)

    def name(self, account: str, passing: frozenset[str]) -> str | None:
        """What an account is called; None if it has no name there, or shares it with an account that does not pass."""
        name = self._known.get(account)
        if name is None or not self._shared[name.casefold()] <= passing:
            return None
        return name

    def why_not(self, account: str) -> str:
        """Why an account is left out."""
        name = self._known.get(account)
        if name is None:
            return "has no identity there"
        others = self._shared[name.casefold()] - {account}
        return f"shares its identity with user:{min(others)}, which may not" if others else "may not"


def _known_accounts(snapshot: Snapshot, given: Identities | None, system: System) -> dict[str, str]:
    if given is None:
        given = system.identity
    if given is None:
        raise ConfigurationError(
            f"{system.title} knows accounts by {system.knows_accounts_by}, which Confluence does not have: "
            "give `identities`, a mapping from account ids or e-mail addresses"
        )
    named: dict[str, str] = {}
    if given == "account_id":
        named = {user.id: user.id for user in snapshot.users}
    elif given == "email":
        named = {user.id: user.email for user in snapshot.users if user.email}
    elif isinstance(given, str):
        raise ConfigurationError(f"unknown `identities`: `{given}`; expected `account_id`, `email` or a mapping")
    elif isinstance(given, Mapping):
        for key, name in given.items():
            if not isinstance(key, str) or not isinstance(name, str):
                raise ConfigurationError(f"`identities` maps texts to texts, not `{key!r}` to `{name!r}`")
        by_email = {key.casefold(): name for key, name in given.items()}
        for user in snapshot.users:
            email = by_email.get(user.email.casefold()) if user.email else None
            name = given.get(user.id) or given.get(f"user:{user.id}") or email
            if name:
                named[user.id] = name
    else:
        for row in given:
            if not isinstance(row, Identity):
                raise ConfigurationError(
                    f"`identities` is a mapping or rows of `wiki.identities()`, not `{type(row).__name__}`"
                )
            if row.email:
                named[row.user_id] = row.email
    refused = next((name for name in named.values() if system.refuses(name)), None)
    if refused is not None:
        raise ConfigurationError(f"{system.title} knows accounts by {system.knows_accounts_by}, not by `{refused}`")
    return {account: name for account, name in named.items() if system.holds_name(name)}


def known_groups(snapshot: Snapshot, given: Mapping[str, str], system: System) -> dict[str, str]:
    """The groups of the other system, by the entry of a rule that they stand for.

    Raises:
        AmbiguousError: A name matches several groups.
        ConfigurationError: Groups with different members would become one.
    """
    by_name: dict[str, list[str]] = defaultdict(list)
    ids = set()
    for group in snapshot.groups:
        ids.add(group.id)
        by_name[group.name or ""].append(group.id)
    found: dict[str, str] = {}
    for key, name in given.items():
        if not isinstance(key, str) or not isinstance(name, str) or not name:
            raise ConfigurationError(f"`groups` maps texts to texts, not `{key!r}` to `{name!r}`")
        if key in ("anonymous", "unlicensed"):
            raise ConfigurationError(f"`{key}` is no group: write `public=True` for what anyone may view")
        if not system.holds_name(name):
            raise ConfigurationError(f"{system.title} cannot have a group named `{name}`")
        if key.startswith("class:"):
            found[key] = name
            continue
        text = key.removeprefix("group:")
        matches = [text] if text in ids else by_name[text]
        if len(matches) > 1:
            raise AmbiguousError(
                f"`{key}` of `groups` is the name of several groups: use an id",
                candidates=[f"group:{match}" for match in matches],
            )
        found.update((f"group:{match}", name) for match in matches)
    _refuse_merged(snapshot, found)
    return found


def _refuse_merged(snapshot: Snapshot, found: Mapping[str, str]) -> None:
    """Refuses one group of the other system for several of Confluence, unless these have the same members."""
    alike: dict[str, list[str]] = defaultdict(list)
    for entry, name in found.items():
        alike[name].append(entry)
    merged = {entry for entries in alike.values() if len(entries) > 1 for entry in entries}
    if not merged:
        return
    members: dict[str, set[str]] = {entry: set() for entry in merged}
    for row in snapshot.memberships:
        if (entry := f"group:{row.group_id}") in merged:
            members[entry].add(row.user_id)
    for name, entries in alike.items():
        first, *others = entries
        for other in others:
            if "class:" in first + other or members[first] != members[other]:
                raise ConfigurationError(
                    f"`groups` maps `{first}` and `{other}` to `{name}`, but they do not have the same members"
                )


class Audiences:
    """The members of audiences, the last used ones kept."""

    def __init__(self, table: Table[Audience]) -> None:
        self._table = table
        self._at = {audience: index for index, audience in enumerate(table.column("audience_id"))}
        self._kept: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    def __iter__(self) -> Iterator[Audience]:
        return iter(self._table)

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
        groups: Mapping[str, str] | Literal["audiences"] | None,
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
        strangers = ("anonymous",) if row.anonymous else ()
        if not users:
            return Rule(((),), dropped=strangers, reason=self._reason("", strangers))
        if self._groups == "audiences":
            dropped = self._unnamed(users, passing)
            audience = (Principal("group", row.audience_id),) if len(dropped) < len(users) else ()
            return Rule((audience,), dropped=strangers + dropped, reason=self._reason("", strangers + dropped))
        why = self._obstacle(row)
        return self._resolved(users, passing, strangers, why) if why else self._listed(row, passing, strangers)

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

    def _listed(self, row: Acl | AclChange, passing: frozenset[str], strangers: tuple[str, ...]) -> Rule:
        groups = self._groups if isinstance(self._groups, Mapping) else {}
        dropped: set[str] = set()
        lists = []
        for one in minimal(row.all_of):
            entries = []
            for entry in one:
                if not entry.startswith("user:"):
                    entries.append(Principal("group", groups[entry]))
                    continue
                account = entry.removeprefix("user:")
                # Those who fail another list need no entry in this one.
                if account not in passing:
                    continue
                name = self._accounts.name(account, passing)
                if name is None:
                    dropped.add(entry)
                else:
                    entries.append(Principal("user", name))
            lists.append(unique(entries))
        left = strangers + tuple(sorted(dropped))
        return Rule(tuple(lists), dropped=left, reason=self._reason("", left))

    def _resolved(self, users: tuple[str, ...], passing: frozenset[str], strangers: tuple[str, ...], why: str) -> Rule:
        names = [self._accounts.name(account, passing) for account in users]
        dropped = strangers + tuple(
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
            reasons.append(f"left out: user:{first} {self._accounts.why_not(first)}{more}")
        return "; ".join(reasons) or None


def unique(principals: Iterable[Principal]) -> tuple[Principal, ...]:
    """Principals without repetition."""
    return tuple(dict.fromkeys(principals))


def minimal(lists: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The lists without those that another one implies: what passes `a` also passes `a or b`."""
    kept: list[tuple[str, ...]] = []
    for one in sorted(set(lists), key=lambda one: (len(one), one)):
        if not any(set(other) <= set(one) for other in kept):
            kept.append(one)
    return kept


def _several(lists: list[tuple[str, ...]], system: System) -> str | None:
    if len(lists) > 1 and not system.all_of:
        return f"{system.title} cannot require {len(lists)} lists at once"
    return None


def _some(entries: list[str]) -> str:
    shown = ", ".join(f"`{entry}`" for entry in entries[:_SHOWN])
    return shown if len(entries) <= _SHOWN else f"{shown} and {len(entries) - _SHOWN} more"
