"""Two sites side by side: what a migration did to access."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from . import arguments
from .errors import ConfigurationError
from .escapes import visible
from .naming import account_of, content_of, group_of
from .records import AccessChange, Unmatched
from .snapshot import Snapshot
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from . import _core
    from .naming import ContentLike
    from .records import Group, User
    from .types import DiffBy, RestrictionOperationLike

__all__ = ["Comparison", "compare"]


class Comparison(Table[AccessChange]):
    """What differs between two sites, as a table, with everything that has no counterpart.

    `before` is the answer in the first site, `after` the one in the second; ids and names are those of the second.

    Attributes:
        unmatched: Accounts, groups, spaces and content items of either site that no row is about, and why.
    """

    __slots__ = ("unmatched",)

    unmatched: Table[Unmatched]

    def __init__(self, core: _core.Table, unmatched: _core.Table) -> None:
        super().__init__(core)
        self.unmatched = Table(unmatched)

    @property
    def changes(self) -> Table[AccessChange]:
        """The rows as a plain table."""
        return Table(self._core)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Comparison) and self.unmatched != other.unmatched:
            return False
        return super().__eq__(other)

    __hash__ = None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._core, self.unmatched._core)

    def __repr__(self) -> str:
        return f"Comparison: {len(self.unmatched)} unmatched, see `unmatched`\n{super().__repr__()}"


def compare(
    first: Snapshot,
    second: Snapshot,
    operations: RestrictionOperationLike | Iterable[RestrictionOperationLike] = ("view", "edit"),
    *,
    users: str | Mapping[str | User, str | User] = "email",
    groups: str | Mapping[str | Group, str | Group] = "name",
    contents: str | Mapping[ContentLike, ContentLike] = "path",
    by: DiffBy = "user",
    policy: Mapping[str, bool | str | Sequence[str]] | None = None,
) -> Comparison:
    """Whose access differs between two sites, such as a Data Center and its copy on Cloud.

    One row per account, content item and operation whose answer is not the same, among those that both sites have;
    `before` is the answer in the first site, `after` the one in the second. What has no counterpart, or more than one,
    is in `unmatched` of the result; it is neither left out silently nor matched by a guess. `anonymous` is compared as
    well. Spaces are matched by their keys.

        >>> old = Snapshot.from_dict({
        ...     "users": {"ann": {"email": "ann@acme.com"}, "bob": {"email": "bob@acme.com"}},
        ...     "spaces": {"ENG": {"grants": {"user:ann": ["view"], "user:bob": ["view"]}}},
        ...     "contents": {"65": {"type": "page", "space": "ENG", "title": "Plan"}},
        ... }, deployment="datacenter")
        >>> new = Snapshot.from_dict({
        ...     "users": {"5b10": {"email": "Ann@acme.com"}},
        ...     "spaces": {"ENG": {"grants": {}}},
        ...     "contents": {"917": {"type": "page", "space": "ENG", "title": "Plan"}},
        ... })
        >>> result = compare(old, new, "view")
        >>> [(row.subject_id, row.before, row.after, row.cause) for row in result]
        [('5b10', 'allowed', 'denied', 'only the first site grants `view` in space ENG to 5b10')]
        >>> [(row.kind, row.side, row.id, row.reason) for row in result.unmatched]
        [('user', 'first', 'bob', 'missing')]

    Args:
        first: A snapshot of the first site.
        second: A snapshot of the second site.
        operations: `view`, `edit`, or both.
        users: How accounts are matched: `"email"`, `"name"` (the display name, else the name), `"id"`, or a mapping of
            ids, names or addresses of the first site to those of the second.
        groups: `"name"`, `"id"` or a mapping of names or ids. Case does not matter in names.
        contents: `"path"` (the key of the space and the titles from the root on), `"id"` or a mapping of ids.
        by: `"user"` or `"group"`, as in `newer.diff(older)`.
        policy: Switches that override those of both sites.

    Raises:
        ConfigurationError: Something else than a snapshot is given, or an argument has another value than these (a
            `ValueError`).
    """
    for snapshot in (first, second):
        if not isinstance(snapshot, Snapshot):
            raise ConfigurationError(f"`compare` takes two snapshots, not `{type(snapshot).__name__}`")
    words = arguments.compared(operations, "compare(first, second, operations)")
    matching = (
        _matching(users, "users", {"email": "email", "name": "display_name", "id": "id"}, account_of),
        _matching(groups, "groups", {"name": "name", "id": "id"}, group_of),
        _matching(contents, "contents", {"path": "path", "id": "id"}, content_of),
    )
    switches = dict(policy) if policy else None
    rows, unmatched = first._core.compare(second._core, matching, words, arguments.by(by) == "group", switches)
    return Comparison(rows, unmatched)


def _matching(
    given: object, name: str, words: Mapping[str, str], read: Callable[[Any], str]
) -> str | list[tuple[str, str]]:
    """What things are matched by, as the core takes it."""
    if isinstance(given, Mapping):
        return [(read(one).removeprefix("user:"), read(other).removeprefix("user:")) for one, other in given.items()]
    found = words.get(given) if isinstance(given, str) else None
    if found is None:
        expected = ", ".join(f"`{word}`" for word in words)
        shown = visible(given) if isinstance(given, str) else type(given).__name__
        raise ConfigurationError(f"invalid `{name}` `{shown}`: expected {expected} or a mapping")
    return found
