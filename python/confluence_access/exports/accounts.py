"""What accounts are called in another system."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from ..errors import ConfigurationError
from ..records import Identity

if TYPE_CHECKING:
    from ..snapshot import Snapshot
    from .systems import System

Identities = Mapping[str, str] | Iterable[Identity] | Literal["account_id", "email"]
"""How accounts are called in the other system: what `Access.export_acl` takes as `identities`."""


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
        self._alone = {account: name for account, name in self._known.items() if self._is_alone(name)}

    def name(self, account: str, passing: frozenset[str]) -> str | None:
        """What an account is called; None if it has no name there, or shares it with an account that does not pass."""
        if (name := self._alone.get(account)) is not None:
            return name if account in passing else None
        name = self._known.get(account)
        return None if name is None or not self._shared[name.casefold()] <= passing else name

    def _is_alone(self, name: str) -> bool:
        return len(self._shared[name.casefold()]) == 1

    def with_name(self, accounts: Iterable[str], passing: frozenset[str]) -> frozenset[str]:
        """Those accounts that have a name."""
        return frozenset(account for account in accounts if self.name(account, passing) is not None)

    def why_not(self, account: str) -> str:
        """Why an account is left out."""
        name = self._known.get(account)
        if name is None:
            return "has no identity there"
        others = self._shared[name.casefold()] - {account}
        return f"has the same identity as user:{min(others)}" if others else "may not"


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
