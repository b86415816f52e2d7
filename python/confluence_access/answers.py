"""Answers of upstream APIs, as received, with typed attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

from . import arguments, naming
from .errors import ConfigurationError
from .frozen import Frozen
from .naming import ContentLike
from .records import Content, Group, Membership, Space, User
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from . import _core
    from .records import Gap, Restriction, SpacePermission

__all__ = [
    "Answer",
    "Answers",
    "ContentList",
    "ContentPermissions",
    "ContentTree",
    "ContentTreeLevel",
    "ExtenderUser",
    "PermissionSet",
    "PermissionSets",
    "SpaceGrants",
    "SpacePermissionActors",
    "SubjectContentLevel",
    "SubjectContentPermission",
    "UserDirectory",
]

T = TypeVar("T", covariant=True)
R = TypeVar("R")

NamedSubject = str | User | Group | Membership
"""A user or a group by name: `user:<username>`, `group:<name>`, or a record that names one."""

Place = ContentLike | tuple[str, str | Space]
"""A content item: its id, a record, or a pair of its title and its space."""


class Answer(Mapping[str, Any]):
    """An answer as the server sent it, as a read-only mapping with the server's own names.

    It equals the dict shown in the document. What this library reads from it are attributes, with ids as text and times
    as `datetime`.

    Attributes:
        raw: The answer, as a dict.
        gaps: What could not be read, one row each.
    """

    __slots__ = ("gaps", "raw")

    def __init__(self, raw: Mapping[str, Any], gaps: Table[Gap] | None = None) -> None:
        self.raw: dict[str, Any] = dict(raw)
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
    """A list the server sent, with all its pages combined. It equals a list of the same elements.

    Attributes:
        total: The number of elements as counted by the server; None if it does not count them.
        gaps: What could not be read, one row each.
    """

    __slots__ = ("_rows", "gaps", "total")

    def __init__(self, rows: Iterable[T], total: int | None = None, gaps: Table[Gap] | None = None) -> None:
        self._rows = tuple(rows)
        self.total: int | None = total
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

    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        state = "" if self.complete else f", {len(self.gaps)} gaps"
        return f"<{type(self).__name__} {list(self._rows)!r}{state}>"


def gaps_of(core: _core.Table) -> Table[Gap]:
    """The gaps of an answer."""
    table: Table[Gap] = Table(core)
    return table


class PermissionSets(Answers[Any], Generic[R]):
    """Permission sets as the server sent them; equal to the list in the document.

    Attributes:
        rows: The same as a table. Users have a name and no id, because JSON-RPC names them by username; an entry with
            neither user nor group is anonymous.
    """

    __slots__ = ("rows",)

    def __init__(self, answered: tuple[list[Any], _core.Table]) -> None:
        raw, rows = answered
        self.rows: Table[R] = Table(rows)
        super().__init__(raw, None, self.rows.gaps)


class PermissionSet(Answer):
    """Everyone with one permission type in a space, as the server sent it.

    Attributes:
        rows: The same as a table.
    """

    __slots__ = ("rows",)

    def __init__(self, answered: tuple[dict[str, Any], _core.Table]) -> None:
        raw, rows = answered
        self.rows: Table[SpacePermission] = Table(rows)
        super().__init__(raw, self.rows.gaps)


class ContentList(Frozen):
    """Who may view or edit a content item, or is on its restriction, by username or group name.

    Attributes:
        groups: Groups.
        users: Users, by username.
        groups_total: How many groups there are; None if the add-on did not count them.
        users_total: How many users there are; None if the add-on did not count them.
    """

    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    groups_total: int | None = None
    users_total: int | None = None


class ContentTreeLevel(Frozen, kw_only=True):
    """One level on the path from the root of a space to a content item.

    Attributes:
        level: 1 is the root.
        content_id: Its id.
        content_type: Its type.
        content_name: Its title.
        content_creator_name: Who created it; None if the add-on says `not exist`.
        last_permission_modification: When its permissions were last changed; None: never.
        last_permission_modification_text: The same, as the add-on writes it.
        view: Who may view it; for restrictions, who is on its view restriction.
        edit: Who may edit it; for restrictions, who is on its edit restriction.
        everyone: For restrictions, what everyone else can do, `can view` or `has no access`; None if the item is not
            restricted.
    """

    level: int | None
    content_id: str | None
    content_type: str | None
    content_name: str | None
    content_creator_name: str | None
    last_permission_modification: datetime | None
    last_permission_modification_text: str | None
    view: ContentList
    edit: ContentList
    everyone: str | None


def _moment(milliseconds: Any) -> datetime | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int):
        return None
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def _level(known: dict[str, Any]) -> ContentTreeLevel:
    def one(operation: str) -> ContentList:
        return ContentList(
            tuple(known[f"{operation}_groups"]),
            tuple(known[f"{operation}_users"]),
            known[f"{operation}_groups_total"],
            known[f"{operation}_users_total"],
        )

    return ContentTreeLevel(
        level=known["level"],
        content_id=known["content_id"],
        content_type=known["content_type"],
        content_name=known["content_name"],
        content_creator_name=known["content_creator_name"],
        last_permission_modification=_moment(known["last_permission_modification"]),
        last_permission_modification_text=known["last_permission_modification_text"],
        view=one("view"),
        edit=one("edit"),
        everyone=known["everyone"],
    )


class _ContentAnswer(Answer):
    """The attributes of the content item itself."""

    __slots__ = ("_known", "_levels")

    def __init__(self, raw: dict[str, Any], known: dict[str, Any], gaps: _core.Table) -> None:
        super().__init__(raw, gaps_of(gaps))
        self._known = known
        self._levels = tuple(_level(level) for level in known["levels"])

    @property
    def space_key(self) -> str | None:
        """Key of its space."""
        return self._known["space_key"]  # type: ignore[no-any-return]

    @property
    def space_name(self) -> str | None:
        """Name of its space."""
        return self._known["space_name"]  # type: ignore[no-any-return]

    @property
    def content_id(self) -> str | None:
        """Its id."""
        return self._known["content_id"]  # type: ignore[no-any-return]

    @property
    def content_type(self) -> str | None:
        """Its type."""
        return self._known["content_type"]  # type: ignore[no-any-return]

    @property
    def content_name(self) -> str | None:
        """Its title."""
        return self._known["content_name"]  # type: ignore[no-any-return]

    @property
    def content_creator_name(self) -> str | None:
        """Who created it; None if the add-on says `not exist`."""
        return self._known["content_creator_name"]  # type: ignore[no-any-return]

    @property
    def last_permission_modification(self) -> datetime | None:
        """When its permissions were last changed; None: never."""
        return _moment(self._known["last_permission_modification"])


class ContentPermissions(_ContentAnswer):
    """Who can view and edit a content item, with inheritance and space permissions resolved by the add-on."""

    __slots__ = ()

    @property
    def level(self) -> int | None:
        """Its depth; 1 is the root of the space."""
        return self._known["level"]  # type: ignore[no-any-return]

    @property
    def view(self) -> ContentList:
        """Who may view it."""
        return self._levels[0].view

    @property
    def edit(self) -> ContentList:
        """Who may edit it."""
        return self._levels[0].edit


class ContentTree(_ContentAnswer):
    """The same, or the restrictions, level by level from the root of the space to a content item."""

    __slots__ = ()

    @property
    def levels(self) -> tuple[ContentTreeLevel, ...]:
        """Levels, root first."""
        return self._levels


def _told(raw: dict[str, Any], name: str) -> bool | None:
    value = raw.get(name)
    return value if isinstance(value, bool) else None


def _id(raw: dict[str, Any]) -> str | None:
    known = raw.get("contentId")
    return str(known) if isinstance(known, int | str) and not isinstance(known, bool) else None


class SubjectContentLevel(Answer):
    """One level on the path from the root of a space to a content item, for one user or group."""

    __slots__ = ()

    @property
    def level(self) -> int | None:
        """1 is the root."""
        level = self.raw.get("level")
        return level if isinstance(level, int) and not isinstance(level, bool) else None

    @property
    def content_id(self) -> str | None:
        """Id of the content item."""
        return _id(self.raw)

    @property
    def has_content_view_permission(self) -> bool | None:
        """Whether the subject may view it; None if the add-on does not say."""
        return _told(self.raw, "hasContentViewPermission")

    @property
    def has_content_edit_permission(self) -> bool | None:
        """Whether the subject may edit it; None if the add-on does not say."""
        return _told(self.raw, "hasContentEditPermission")


class SubjectContentPermission(SubjectContentLevel):
    """What one user or group may do with a content item, its space and its ancestors."""

    __slots__ = ()

    @property
    def has_space_view_permission(self) -> bool | None:
        """Whether the subject may view the space; None if the add-on does not say."""
        return _told(self.raw, "hasSpaceViewPermission")

    @property
    def has_space_edit_permission(self) -> bool | None:
        """Whether the subject may add pages to the space; None if the add-on does not say."""
        return _told(self.raw, "hasSpaceEditPermission")

    @property
    def levels(self) -> tuple[SubjectContentLevel, ...]:
        """The levels in the order of the add-on, root first."""
        tree = self.raw.get("contentTree")
        return (
            tuple(SubjectContentLevel(row) for row in tree if isinstance(row, dict)) if isinstance(tree, list) else ()
        )


class SpacePermissionActors(Answer):
    """Who has which permission in a space.

    Attributes:
        rows: The same as a table: one row per subject and permission. Users have a name and no id, because the add-on
            names them by username.
    """

    __slots__ = ("rows",)

    def __init__(self, answered: tuple[dict[str, Any], _core.Table]) -> None:
        raw, rows = answered
        self.rows: Table[SpacePermission] = Table(rows)
        super().__init__(raw, self.rows.gaps)

    @property
    def key(self) -> str | None:
        """Key of the space."""
        return self.raw.get("key")

    @property
    def name(self) -> str | None:
        """Name of the space."""
        return self.raw.get("name")


class SpaceGrants(Answer):
    """A space, and what a user or a group may do there."""

    __slots__ = ()

    @property
    def key(self) -> str | None:
        """Key of the space."""
        return self.raw.get("key")

    @property
    def name(self) -> str | None:
        """Name of the space."""
        return self.raw.get("name")

    @property
    def permissions(self) -> tuple[str, ...]:
        """Permission types, such as `VIEWSPACE`."""
        words = self.raw.get("permissions")
        return tuple(word for word in words if isinstance(word, str)) if isinstance(words, list) else ()


class ExtenderUser(Answer):
    """A user, with the requested attributes."""

    __slots__ = ()

    @property
    def name(self) -> str | None:
        """Username."""
        return self.raw.get("name")

    @property
    def full_name(self) -> str | None:
        """Full name."""
        return self.raw.get("fullName")

    @property
    def key(self) -> str | None:
        """Key of the account: its id everywhere else in this library."""
        return self.raw.get("key")

    @property
    def email(self) -> str | None:
        """E-mail address."""
        return self.raw.get("email")

    @property
    def has_access_to_use_confluence(self) -> bool | None:
        """Whether it may use Confluence."""
        value = self.raw.get("hasAccessToUseConfluence")
        return value if isinstance(value, bool) else None

    @property
    def created_at(self) -> datetime | None:
        """When it was created."""
        return _moment(self.raw.get("createdDate"))

    @property
    def updated_at(self) -> datetime | None:
        """When it was last changed."""
        return _moment(self.raw.get("updatedDate"))

    @property
    def last_login_at(self) -> datetime | None:
        """When it last logged in; None: never."""
        return _moment(self.raw.get("lastSuccessfulLoginDate"))

    @property
    def last_failed_login_at(self) -> datetime | None:
        """When it last failed to log in; None: never."""
        return _moment(self.raw.get("lastFailedLoginDate"))


class UserDirectory(Answer):
    """A user directory. The add-on returns neither its type nor its groups."""

    __slots__ = ()

    @property
    def id(self) -> str | None:
        """Id."""
        value = self.raw.get("id")
        return None if value is None else str(value)

    @property
    def name(self) -> str | None:
        """Name."""
        return self.raw.get("name")

    @property
    def active(self) -> bool | None:
        """Whether it is in use."""
        value = self.raw.get("active")
        return value if isinstance(value, bool) else None

    @property
    def synchronised(self) -> bool:
        """Whether the add-on reports a synchronisation, which only external directories have."""
        return any(name.startswith("lastSync") and value not in (None, "") for name, value in self.raw.items())


def read_space_sets(answered: tuple[list[Any], _core.Table]) -> PermissionSets[SpacePermission]:
    """Permission sets of a space."""
    return PermissionSets(answered)


def read_content_sets(answered: tuple[list[Any], _core.Table]) -> PermissionSets[Restriction]:
    """Restrictions of a content item."""
    return PermissionSets(answered)


def read_subject(answered: Any) -> SubjectContentPermission:
    """What a user or a group may do with a content item. Answers of other versions stay in `raw`."""
    return SubjectContentPermission(answered if isinstance(answered, dict) else {"answer": answered})


def read_grants(answered: Any) -> SpaceGrants:
    """What a user or a group may do in a space."""
    return SpaceGrants(answered if isinstance(answered, dict) else {"permissions": answered})


_Listed = tuple[list[Any], int | None, "_core.Table"]


def _listed(answered: _Listed, read: Callable[[Any], T]) -> Answers[T]:
    rows, total, gaps = answered
    return Answers(map(read, rows), total, gaps_of(gaps))


def read_names(answered: _Listed) -> Answers[str]:
    """A listing of names; a record with a name counts as one."""
    return _listed(answered, lambda row: row if isinstance(row, str) else str(row.get("name", "")))


def read_users(answered: _Listed) -> Answers[ExtenderUser]:
    """A listing of users."""
    return _listed(answered, lambda row: ExtenderUser(row if isinstance(row, dict) else {"name": row}))


def read_spaces(answered: _Listed) -> Answers[SpaceGrants]:
    """A listing of spaces, and what a user or a group may do in each."""
    return _listed(answered, lambda row: SpaceGrants(row if isinstance(row, dict) else {"key": row}))


def read_directories(answered: _Listed) -> Answers[UserDirectory]:
    """A listing of user directories."""
    return _listed(answered, lambda row: UserDirectory(row if isinstance(row, dict) else {"name": row}))


def space_of(space: str | int | Space) -> str:
    """The key of a space."""
    if isinstance(space, Space):
        return space.key
    return arguments.space(arguments.identifier(space, "the key of a space", "text or a `Space`"), None)


def content_of(content: ContentLike) -> str:
    """The id of a content item."""
    if isinstance(content, str) and not content.strip():
        raise ConfigurationError("the id of a content is empty: give the id or a `Content`")
    return naming.content_of(content)


def place_of(content: Any) -> tuple[str, str | None]:
    """A content item by its id, or by title and space."""
    if isinstance(content, tuple):
        if len(content) != 2 or not isinstance(content[0], str):
            raise ConfigurationError(
                "a content by name is a pair of its title and its space, such as `('Home', 'ENG')`"
            )
        return content[0], space_of(content[1])
    return naming.content_of(content), None


def places_of(contents: Any) -> list[tuple[str, str | None]]:
    """Content items, one or several."""
    several = isinstance(contents, Sequence) and not isinstance(contents, str | tuple)
    if several or (hasattr(contents, "__iter__") and not isinstance(contents, str | tuple | Content | Mapping)):
        return [place_of(content) for content in contents]
    return [place_of(contents)]


def name_of(subject: NamedSubject) -> str:
    """A user or a group as text with its name, because these APIs do not accept user keys."""
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
    """Words, one or several. A single one would otherwise be iterated letter by letter."""
    return [words] if isinstance(words, str) else list(words)
