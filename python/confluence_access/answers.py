"""Answers of upstream APIs: as they came, with what was read of them beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from . import arguments
from .access import _content
from .errors import ConfigurationError, IncompleteError
from .records import Content, Group, Membership, Space, User
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from . import _core
    from .access import ContentLike
    from .records import Gap

__all__ = ["Answer", "Answers"]

T = TypeVar("T", covariant=True)

NamedSubject = str | User | Group | Membership
"""A user or a group by name: `user:<username>`, `group:<name>`, or a record that names one."""


class Answer(Mapping[str, Any]):
    """An answer as the server sent it, as a read-only mapping with the server's own names.

    It equals the dict the document shows. What this library reads of it are attributes, with ids as text and moments as
    `datetime`.

    Attributes:
        raw: The answer, as a dict.
        gaps: What could not be read, one row for each.
    """

    __slots__ = ("gaps", "raw")

    def __init__(self, raw: Mapping[str, Any], gaps: Table[Gap] | None = None) -> None:
        self.raw = dict(raw)
        self.gaps: Sequence[Gap] = () if gaps is None else gaps

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not len(self.gaps)

    def __getitem__(self, key: str) -> Any:
        return self.raw[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def __repr__(self) -> str:
        state = "" if self.complete else f", {len(self.gaps)} gaps"
        return f"<{type(self).__name__} {self.raw!r}{state}>"


class Answers(Sequence[T], Generic[T]):
    """A list the server sent, all its pages together. It equals a list of the same elements.

    Attributes:
        total: How many there are, as the server counts; None where it does not.
        gaps: What could not be read, one row for each.
    """

    __slots__ = ("_rows", "gaps", "total")

    def __init__(self, rows: Iterable[T], total: int | None = None, gaps: Table[Gap] | None = None) -> None:
        self._rows = tuple(rows)
        self.total = total
        self.gaps: Sequence[Gap] = () if gaps is None else gaps

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not len(self.gaps)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[T, ...]: ...
    def __getitem__(self, at: int | slice) -> T | tuple[T, ...]:
        return self._rows[at]

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Answers | list | tuple):
            return self._rows == tuple(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        state = "" if self.complete else f", {len(self.gaps)} gaps"
        return f"<{type(self).__name__} {list(self._rows)!r}{state}>"


A = TypeVar("A", bound="Answer | Answers[Any]")


def checked(answer: A, what: str, strict: bool) -> A:
    """The answer, or an error that carries its gaps."""
    if strict and not answer.complete:
        raise IncompleteError(
            f"{what}: {len(answer.gaps)} part(s) could not be read, first: {answer.gaps[0].message}; "
            "see `gaps` of this error",
            gaps=answer.gaps,
        )
    return answer


def gaps_of(core: _core.Table) -> Table[Gap]:
    """The gaps of an answer."""
    table: Table[Gap] = Table(core)
    return table


def space_of(space: str | int | Space) -> str:
    """The key of a space."""
    if isinstance(space, Space):
        return space.key
    return arguments.space(arguments.identifier(space, "the key of a space", "text or a `Space`"), None)


def content_of(content: ContentLike) -> str:
    """The id of a content."""
    if isinstance(content, str) and not content.strip():
        raise ConfigurationError("the id of a content is empty: give the id or a `Content`")
    return _content(content)


def place_of(content: Any) -> tuple[str, str | None]:
    """A content by its id, or by title and space."""
    if isinstance(content, tuple):
        if len(content) != 2 or not isinstance(content[0], str):
            raise ConfigurationError(
                "a content by name is a pair of its title and its space, such as `('Home', 'ENG')`"
            )
        return content[0], space_of(content[1])
    return _content(content), None


def places_of(contents: Any) -> list[tuple[str, str | None]]:
    """Contents, one or several."""
    several = isinstance(contents, Sequence) and not isinstance(contents, str | tuple)
    if several or (hasattr(contents, "__iter__") and not isinstance(contents, str | tuple | Content | Mapping)):
        return [place_of(content) for content in contents]
    return [place_of(contents)]


def name_of(subject: NamedSubject) -> str:
    """A user or a group as text with its name: these APIs do not know users by their keys."""
    if isinstance(subject, str):
        return subject
    if isinstance(subject, User):
        kind, name = "user", subject.name
    elif isinstance(subject, Group):
        kind, name = "group", subject.name or subject.id
    elif isinstance(subject, Membership):
        kind, name = "user", subject.user_name
    else:
        raise ConfigurationError(
            f"a {type(subject).__name__} names no user or group: write `user:<username>` or `group:<name>`, or give a "
            "User, Group or Membership"
        )
    if not name:
        raise ConfigurationError(f"`{subject.subject}` has no name: write `user:<username>` or `group:<name>`")
    return f"{kind}:{name}"


def names_of(subjects: NamedSubject | Iterable[NamedSubject]) -> list[str]:
    """Users and groups, one or several, as text with their names."""
    if isinstance(subjects, str | User | Group | Membership):
        return [name_of(subjects)]
    return [name_of(subject) for subject in subjects]


def words_of(words: str | Iterable[str]) -> list[str]:
    """Words, one or several. A single one would otherwise be read letter by letter."""
    return [words] if isinstance(words, str) else list(words)


def window_of(start_at: int | None, max_results: int | None) -> tuple[int | None, int | None]:
    """A page that was asked for, or all of them."""
    for name, value, least in (("start_at", start_at, 0), ("max_results", max_results, 1)):
        if value is not None and value < least:
            raise ConfigurationError(f"`{name}` is at least {least}, not `{value}`")
    return start_at, max_results
