"""Groups of another system: those that it has, and those of Confluence that are created there."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from ..errors import AmbiguousError, ConfigurationError

if TYPE_CHECKING:
    from ..access import Access
    from ..snapshot import Snapshot
    from .accounts import Accounts
    from .systems import System

GroupsLike = Mapping[str, str] | Literal["audiences", "confluence"]
"""Which groups the other system has: what `Access.export_acl` takes as `groups`."""

SITE_USERS = "class:site-users"
"""The entry of a rule that stands for the accounts that may use the site."""


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


class ConfluenceGroups:
    """The groups of Confluence as they are created in the other system, with those members that may use the site.

    Without the others, such as deactivated accounts, a rule needs no list of those who may use the site. Whether such
    groups express a rule is found by evaluating them, so nothing depends on this class knowing every rule.

    Attributes:
        ids: Their ids there, by the entry of a rule.
    """

    def __init__(self, access: Access, system: System) -> None:
        nested = any(switch.name == "nested_groups" and switch.value is True for switch in access.policy)
        snapshot = access.snapshot
        usable = frozenset(
            user.id for user in snapshot.users if user.active is True and (user.licensed is True or user.type == "app")
        )
        members: dict[str, set[str]] = {f"group:{group.id}": set() for group in snapshot.groups}
        for row in snapshot.memberships:
            if (nested or row.path is None) and row.user_id in usable:
                members.setdefault(f"group:{row.group_id}", set()).add(row.user_id)
        self._members = {entry: frozenset(accounts) for entry, accounts in members.items()}
        self._members[SITE_USERS] = usable
        self._named: dict[str, frozenset[str]] = {}
        self.ids: dict[str, str] = {entry: _id_of(entry, system) for entry in self._members}

    def lists(self, all_of: Iterable[tuple[str, ...]], passing: frozenset[str]) -> list[tuple[str, ...]]:
        """The lists of a rule over these groups: who may use the site stands for every class."""
        lists = []
        for one in all_of:
            entries = {
                entry if entry.startswith(("user:", "group:")) else SITE_USERS
                for entry in one
                # Those who fail another list need no entry in this one.
                if not entry.startswith("user:") or entry.removeprefix("user:") in passing
            }
            lists.append(tuple(sorted(entries)))
        # Members of these groups may use the site, and so may those who are listed by name or they would not pass.
        narrower = [one for one in lists if SITE_USERS not in one]
        return minimal(narrower or lists)

    def everyone(self, entries: Iterable[str]) -> frozenset[str]:
        """The accounts that a list lets in."""
        return frozenset(account for entry in entries for account in self._inside(entry))

    def named(self, entries: Iterable[str], accounts: Accounts, passing: frozenset[str]) -> frozenset[str]:
        """The same without the accounts that have no name in the other system."""
        found: set[str] = set()
        for entry in entries:
            # A name that several share is in a list if all of them pass, and in a group if all of them are.
            if entry.startswith("user:"):
                found |= accounts.with_name(self._inside(entry), passing)
                continue
            if entry not in self._named:
                inside = self._inside(entry)
                self._named[entry] = accounts.with_name(inside, inside)
            found |= self._named[entry]
        return frozenset(found)

    def _inside(self, entry: str) -> frozenset[str]:
        if entry.startswith("user:"):
            return frozenset((entry.removeprefix("user:"),))
        return self._members.get(entry, frozenset())

    def __iter__(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each group by its id there, with its accounts."""
        for entry, accounts in self._members.items():
            yield self.ids[entry], tuple(sorted(accounts))


def _id_of(entry: str, system: System) -> str:
    """The id of a group of Confluence in the other system: its own, or a hash of it where that is not possible."""
    text = entry.removeprefix("group:")
    taken = entry != SITE_USERS and text.startswith("class:")
    if taken or not system.holds_group(text):
        return hashlib.sha256(entry.encode()).hexdigest()[:32]
    return text


def minimal(lists: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The lists without those that another one implies: what passes `a` also passes `a or b`."""
    kept: list[tuple[str, ...]] = []
    for one in sorted(set(lists), key=lambda one: (len(one), one)):
        if not any(set(other) <= set(one) for other in kept):
            kept.append(one)
    return kept
