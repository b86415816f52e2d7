"""The Extender add-on of Data Center and Server, endpoint by endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from .access import ContentLike
from .answers import (
    Answer,
    Answers,
    NamedSubject,
    checked,
    content_of,
    gaps_of,
    name_of,
    place_of,
    places_of,
    space_of,
    window_of,
    words_of,
)
from .records import Space
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from . import _core
    from .records import SpacePermission

__all__ = [
    "AsyncExtender",
    "ContentList",
    "ContentPermissions",
    "ContentTree",
    "ContentTreeLevel",
    "Extender",
    "ExtenderUser",
    "SpaceGrants",
    "SpacePermissionActors",
    "SubjectContentLevel",
    "SubjectContentPermission",
    "UserDirectory",
]

Place = ContentLike | tuple[str, str | Space]
"""A content: its id, a record, or a pair of its title and its space."""


@dataclass(frozen=True, slots=True)
class ContentList:
    """Who may view or edit a content, or is on that list of it, by the names people know.

    Attributes:
        groups: Groups.
        users: Users, by username.
        groups_total: How many groups there are; None where the add-on did not count them.
        users_total: How many users there are; None where the add-on did not count them.
    """

    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    groups_total: int | None = None
    users_total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentTreeLevel:
    """One level from the root of a space to a content.

    Attributes:
        level: 1 is the root.
        content_id: Id of the content.
        content_type: Its kind.
        content_name: Its title.
        content_creator_name: Who made it; None where the add-on says `not exist`.
        last_permission_modification: When its permissions changed last; None: never.
        last_permission_modification_text: The same as the add-on writes it.
        view: Who may view it; of restrictions: who is on its view list.
        edit: Who may edit it; of restrictions: who is on its edit list.
        everyone: Of restrictions: what everybody else can do, `can view` or `has no access`; None where the content is
            not restricted.
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
    """What is said about the content itself."""

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
        """Its kind."""
        return self._known["content_type"]  # type: ignore[no-any-return]

    @property
    def content_name(self) -> str | None:
        """Its title."""
        return self._known["content_name"]  # type: ignore[no-any-return]

    @property
    def content_creator_name(self) -> str | None:
        """Who made it; None where the add-on says `not exist`."""
        return self._known["content_creator_name"]  # type: ignore[no-any-return]

    @property
    def last_permission_modification(self) -> datetime | None:
        """When its permissions changed last; None: never."""
        return _moment(self._known["last_permission_modification"])


class ContentPermissions(_ContentAnswer):
    """Who can view and edit a content, inheritance and space resolved by the add-on."""

    __slots__ = ()

    @property
    def level(self) -> int | None:
        """How deep it is; 1 is the root of the space."""
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
    """The same, or the restrictions, level by level from the root of the space to a content."""

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
    """One level from the root of a space to a content, as far as one user or group may go there."""

    __slots__ = ()

    @property
    def level(self) -> int | None:
        """1 is the root."""
        level = self.raw.get("level")
        return level if isinstance(level, int) and not isinstance(level, bool) else None

    @property
    def content_id(self) -> str | None:
        """Id of the content."""
        return _id(self.raw)

    @property
    def has_content_view_permission(self) -> bool | None:
        """Whether the subject may view it; None where the add-on does not say."""
        return _told(self.raw, "hasContentViewPermission")

    @property
    def has_content_edit_permission(self) -> bool | None:
        """Whether the subject may edit it; None where the add-on does not say."""
        return _told(self.raw, "hasContentEditPermission")


class SubjectContentPermission(SubjectContentLevel):
    """What one user or group may do with a content, with the space and the contents above it."""

    __slots__ = ()

    @property
    def has_space_view_permission(self) -> bool | None:
        """Whether the subject may view the space; None where the add-on does not say."""
        return _told(self.raw, "hasSpaceViewPermission")

    @property
    def has_space_edit_permission(self) -> bool | None:
        """Whether the subject may add pages to the space; None where the add-on does not say."""
        return _told(self.raw, "hasSpaceEditPermission")

    @property
    def levels(self) -> tuple[SubjectContentLevel, ...]:
        """The contents of the tree in the order of the add-on, root first."""
        tree = self.raw.get("contentTree")
        return (
            tuple(SubjectContentLevel(row) for row in tree if isinstance(row, dict)) if isinstance(tree, list) else ()
        )


def _of_subject(answered: Any) -> SubjectContentPermission:
    # Other versions may answer otherwise: what comes stays in `raw`.
    return SubjectContentPermission(answered if isinstance(answered, dict) else {"answer": answered})


class SpacePermissionActors(Answer):
    """All who have which permission in a space.

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
        """Types of permission, such as `VIEWSPACE`."""
        words = self.raw.get("permissions")
        return tuple(word for word in words if isinstance(word, str)) if isinstance(words, list) else ()


class ExtenderUser(Answer):
    """A user, with as much as was asked for."""

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
        """When it was made."""
        return _moment(self.raw.get("createdDate"))

    @property
    def updated_at(self) -> datetime | None:
        """When it was changed last."""
        return _moment(self.raw.get("updatedDate"))

    @property
    def last_login_at(self) -> datetime | None:
        """When it logged in last; None: never."""
        return _moment(self.raw.get("lastSuccessfulLoginDate"))

    @property
    def last_failed_login_at(self) -> datetime | None:
        """When it failed to log in last; None: never."""
        return _moment(self.raw.get("lastFailedLoginDate"))


class UserDirectory(Answer):
    """A user directory. The add-on says neither its type nor its groups."""

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
        """Whether the add-on tells of a synchronisation, which only external directories have."""
        return any(name.startswith("lastSync") and value not in (None, "") for name, value in self.raw.items())


def _tuple(answered: Any) -> tuple[str, ...]:
    return tuple(answered)


def _names(answered: tuple[list[Any], int | None, _core.Table], what: str, strict: bool) -> Answers[str]:
    rows, total, gaps = answered
    names = (row if isinstance(row, str) else str(row.get("name", "")) for row in rows)
    return checked(Answers(names, total, gaps_of(gaps)), what, strict)


def _users(answered: tuple[list[Any], int | None, _core.Table], what: str, strict: bool) -> Answers[ExtenderUser]:
    rows, total, gaps = answered
    users = (ExtenderUser(row if isinstance(row, dict) else {"name": row}) for row in rows)
    return checked(Answers(users, total, gaps_of(gaps)), what, strict)


def _spaces(answered: tuple[list[Any], int | None, _core.Table], what: str, strict: bool) -> Answers[SpaceGrants]:
    rows, total, gaps = answered
    spaces = (SpaceGrants(row if isinstance(row, dict) else {"key": row}) for row in rows)
    return checked(Answers(spaces, total, gaps_of(gaps)), what, strict)


def _directories(
    answered: tuple[list[Any], int | None, _core.Table], what: str, strict: bool
) -> Answers[UserDirectory]:
    rows, total, gaps = answered
    directories = (UserDirectory(row if isinstance(row, dict) else {"name": row}) for row in rows)
    return checked(Answers(directories, total, gaps_of(gaps)), what, strict)


def _permissions(answered: tuple[dict[str, Any], dict[str, Any], _core.Table], strict: bool) -> ContentPermissions:
    return checked(ContentPermissions(*answered), "inherited_content_permissions", strict)


def _tree(answered: tuple[dict[str, Any], dict[str, Any], _core.Table], what: str, strict: bool) -> ContentTree:
    return checked(ContentTree(*answered), what, strict)


def _grants(answered: Any) -> SpaceGrants:
    return SpaceGrants(answered if isinstance(answered, dict) else {"permissions": answered})


def _actors(answered: tuple[dict[str, Any], _core.Table], strict: bool) -> SpacePermissionActors:
    return checked(SpacePermissionActors(answered), "space_permission_actors", strict)


class Extender:
    """The add-on "Extender for Confluence" (Data Center and Server), one method per endpoint, its name without `get`.

    From `wiki.extender`. A content is given by its id or its record, or as a pair of title and space, where the
    endpoint has that form: `("Home", "ENG")`. A user is `user:<username>`, a group `group:<name>`; `User`, `Group` and
    `Membership` records work as well. Names may hold any character; those with a slash most servers refuse in an
    address.

    An answer whose shape the vendor's documents show has attributes of its own (`Answer`) and still equals the
    documented dict. An answer no document shows is returned as it comes. Listings are read to their end; `start_at`
    asks for one page instead, and `max_results` sets the size of a page.

    Every change takes `dry_run=True`: nothing is sent, and the request that would be is returned as a dict with
    `method`, `path` and `body`.

    All calls raise, as it applies:
        UnavailableError: The add-on is not installed.
        ForbiddenError: The account may not ask this; most endpoints need a Confluence administrator, or one of
            the space.
        NotFoundError: There is no such content, space, group or user, or this version of the add-on has no such
            endpoint.
        ConfigurationError: A word cannot be meant, or the site is on Cloud; nothing was sent.

    Source: https://it-lab.atlassian.net/wiki/spaces/RAEC
    """

    __slots__ = ("_core",)

    def __init__(self, core: _core.Extender) -> None:
        self._core = core

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def inherited_content_permissions(
        self,
        content: ContentLike,
        *,
        show_content_details: bool = False,
        permission_type: Literal["view", "edit"] | None = None,
        people_who_can_view: bool = False,
        date_format: str | None = None,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> ContentPermissions:
        """Who can view and edit a content, with inheritance and space permissions resolved by the add-on.

        Source: `GET /rest/extender/1.0/permission/content/{id}/getInheritedContentPermissions`, since 3.3. Needs a
        Confluence administrator or an administrator of the space.

        Args:
            content: Id or record of the content.
            show_content_details: Also what space and content are called.
            permission_type: Only one of the two lists.
            people_who_can_view: People stand for the groups they are in, as in "People who can view" (since 3.13).
            date_format: How the add-on writes moments as text, such as `yyyy-MM-dd` (since 4.19).
            start_at: One page of each list from here; None reads all of them.
            max_results: Names of each list on a page.
            strict: Raises `IncompleteError` where a list is shorter than its total.
        """
        call = self._core.content(
            "permissions",
            content_of(content),
            show_content_details,
            permission_type,
            people_who_can_view,
            date_format,
            window_of(start_at, max_results),
        )
        return _permissions(call.wait(), strict)

    def inherited_content_tree_permissions(
        self,
        content: ContentLike,
        *,
        show_content_details: bool = False,
        permission_type: Literal["view", "edit"] | None = None,
        people_who_can_view: bool = False,
        date_format: str | None = None,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> ContentTree:
        """Who can view and edit each content from the root of the space to this one.

        Source: `GET /rest/extender/1.0/permission/content/{id}/getInheritedContentTreePermissions`, since 3.3.
            Rights and
        arguments: as for `inherited_content_permissions`.
        """
        call = self._core.content(
            "tree_permissions",
            content_of(content),
            show_content_details,
            permission_type,
            people_who_can_view,
            date_format,
            window_of(start_at, max_results),
        )
        return _tree(call.wait(), "inherited_content_tree_permissions", strict)

    def content_tree_restrictions(
        self,
        content: ContentLike,
        *,
        show_content_details: bool = False,
        people_who_can_view: bool = False,
        date_format: str | None = None,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> ContentTree:
        """The restrictions of each content from the root of the space to this one.

        Source: `GET /rest/extender/1.0/permission/content/{id}/getContentTreeRestrictions`, since 3.3. Rights and
        arguments: as for `inherited_content_permissions`.
        """
        call = self._core.content(
            "tree_restrictions",
            content_of(content),
            show_content_details,
            None,
            people_who_can_view,
            date_format,
            window_of(start_at, max_results),
        )
        return _tree(call.wait(), "content_tree_restrictions", strict)

    def inherited_content_permission(
        self,
        content: Place,
        subject: NamedSubject,
        *,
        show_content_details: bool = False,
        show_space_administrators: bool = False,
    ) -> SubjectContentPermission:
        """What a user or a group may do with a content, inheritance and space included.

        The answer is typed as the vendor published it for version 2.14 of the add-on. What another version leaves out
        is None, and what it adds is in `raw`. It is for Confluence administrators.

        Source: `GET /rest/extender/1.0/permission/content/{id}/{user|group}/{name}/getInheritedContentPermission` and
        `…/content/{title}/{user|group}/{name}/space/{key}/getInheritedContentPermission`.

        Args:
            content: Id or record of the content, or a pair of its title and its space.
            subject: `user:<username>`, `group:<name>`, or a record.
            show_content_details: Also what space and content are called.
            show_space_administrators: Also `spaceAdministrators` (since 3.4).
        """
        title, space = place_of(content)
        call = self._core.inherited_content_permission(
            title, space, name_of(subject), show_content_details, show_space_administrators
        )
        return _of_subject(call.wait())

    def content_permission(self, content: Place, subject: NamedSubject, *, show_content_details: bool = False) -> Any:
        """Whether a user or a group is on the lists of a content itself, without inheritance, as the add-on answers.

        Source: `GET /rest/extender/1.0/permission/content/{id}/{user|group}/{name}/getContentPermission` and
        `…/space/{key}/getContentPermission`; arguments as for `inherited_content_permission`. No document shows the
        answer.
        """
        title, space = place_of(content)
        return self._core.content_permission(title, space, name_of(subject), show_content_details).wait()

    def add_content_permission(
        self,
        contents: Place | Iterable[Place],
        subject: NamedSubject,
        permission_type: Literal["view", "edit"],
        *,
        dry_run: bool = False,
    ) -> Any:
        """Puts a user or a group on the view or the edit list of contents.

        The first entry closes a content to everybody who is not listed: `wiki.restrict` guards against locking oneself
        out, this does not.

        Source: `PUT /rest/extender/1.0/permission/content/{user|group}/{name}/permission/{type}/addContentPermission`,
        with `/space/{key}` before the last part where contents are named by title. No document shows the answer.

        Args:
            contents: One or several: ids, or pairs of title and space, all of one space.
            subject: As for `inherited_content_permission`.
            permission_type: `view` or `edit`.
            dry_run: Only shows the request.
        """
        return self._core.change_content_permission(
            True, places_of(contents), name_of(subject), permission_type, dry_run
        ).wait()

    def remove_content_permission(
        self,
        contents: Place | Iterable[Place],
        subject: NamedSubject,
        permission_type: Literal["view", "edit"],
        *,
        dry_run: bool = False,
    ) -> Any:
        """Takes a user or a group off the view or the edit list of contents.

        Source: `DELETE
        /rest/extender/1.0/permission/content/{user|group}/{name}/permission/{type}/removeContentPermission` with the
        contents in the body, and arguments as for `add_content_permission`. No document shows the answer.
        """
        return self._core.change_content_permission(
            False, places_of(contents), name_of(subject), permission_type, dry_run
        ).wait()

    def remove_all_content_permission(self, subject: NamedSubject, *, dry_run: bool = False) -> Any:
        """Takes a user or a group off every list of every content of the site.

        Source: `DELETE /rest/extender/1.0/permission/content/{user|group}/{name}/removeAllContentPermission`. No
        document shows the answer.
        """
        return self._core.remove_all_content_permission(name_of(subject), dry_run).wait()

    def permission_types(self) -> tuple[str, ...]:
        """The types of permission a space knows, such as `VIEWSPACE`. Anybody may ask.

        Source: `GET /rest/extender/1.0/permission/space/permissionTypes`, since 2.0.1.
        """
        return _tuple(self._core.permission_types().wait())

    def space_permission_actors(
        self, space: str | Space, permission_type: str = "ALL", *, strict: bool = False
    ) -> SpacePermissionActors:
        """All who have a type of permission in a space, or all types: one request for the whole space.

        Source: `GET /rest/extender/1.0/permission/space/{key}/getSpacePermissionActors/{type}`, since 2.2.0.

        Args:
            space: Key or record of the space.
            permission_type: One type, or `ALL`.
            strict: Raises `IncompleteError` where something could not be read.
        """
        return _actors(self._core.space_permission_actors(space_of(space), permission_type).wait(), strict)

    def all_groups_with_any_permission(
        self,
        space: str | Space,
        *,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> Answers[str]:
        """Groups with any permission in a space.

        Source: `GET /rest/extender/1.0/permission/space/{key}/allGroupsWithAnyPermission`, since 2.0.1.
        """
        call = self._core.all_with_any_permission(True, space_of(space), window_of(start_at, max_results))
        return _names(call.wait(), "all_groups_with_any_permission", strict)

    def all_users_with_any_permission(
        self,
        space: str | Space,
        *,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> Answers[str]:
        """Users with any permission in a space that was given to themselves.

        Source: `GET /rest/extender/1.0/permission/space/{key}/allUsersWithAnyPermission`, since 2.1.0.
        """
        call = self._core.all_with_any_permission(False, space_of(space), window_of(start_at, max_results))
        return _names(call.wait(), "all_users_with_any_permission", strict)

    def permissions_for_space(self, subject: NamedSubject, space: str | Space) -> SpaceGrants:
        """What a user or a group may do in a space.

        Source: `GET /rest/extender/1.0/permission/{user|group}/{name}/getPermissionsForSpace/space/{key}`, since 2.2.0.
        """
        return _grants(self._core.permissions_for_space(name_of(subject), space_of(space)).wait())

    def all_spaces_with_permissions(
        self,
        subject: NamedSubject,
        *,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> Answers[SpaceGrants]:
        """The spaces a user or a group has permissions in, and which.

        Source: `GET /rest/extender/1.0/permission/{user|group}/{name}/getAllSpacesWithPermissions?spacesAsArray=true`.
        """
        call = self._core.all_spaces_with_permissions(name_of(subject), window_of(start_at, max_results))
        return _spaces(call.wait(), "all_spaces_with_permissions", strict)

    def add_space_permissions(
        self, space: str | Space, subject: NamedSubject, permissions: str | Iterable[str], *, dry_run: bool = False
    ) -> Any:
        """Gives permissions in a space; the add-on answers with `total`, `added` and `skipped`.

        Source: `PUT /rest/extender/1.0/permission/space/{key}/{user|group}/{name}/addSpacePermissions`.

        Args:
            space: Key or record of the space.
            subject: As for `inherited_content_permission`.
            permissions: Types such as `VIEWSPACE`; the words of this library (`view`, `create_page`) work as well.
            dry_run: Only shows the request.
        """
        return self._core.add_space_permissions(
            space_of(space), name_of(subject), words_of(permissions), dry_run
        ).wait()

    def spaces_with_anonymous_permissions(
        self,
        *,
        creation_date_from: str | None = None,
        creation_date_to: str | None = None,
        date_format: str | None = None,
        start_at: int | None = None,
        max_results: int | None = None,
    ) -> Any:
        """Spaces whoever is not logged in has a permission in, one page, as the add-on answers.

        Source: `GET /rest/extender/1.0/permission/space/getSpacesWithAnonymousPermissions`, since 2.2.0. Needs a
        Confluence administrator. The documents do not show the whole answer.
        """
        window_of(start_at, max_results)
        return self._core.spaces_with_anonymous_permissions(
            creation_date_from, creation_date_to, date_format, start_at, max_results
        ).wait()

    def groups(
        self, *, start_at: int | None = None, max_results: int | None = None, strict: bool = False
    ) -> Answers[str]:
        """The groups, by name.

        Source: `GET /rest/extender/1.0/group/getGroups`.
        """
        return _names(self._core.groups(window_of(start_at, max_results)).wait(), "groups", strict)

    def users(
        self,
        group: str,
        *,
        show_basic_details: bool = False,
        show_extended_details: bool = False,
        date_format: str | None = None,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> Answers[ExtenderUser]:
        """The users in a group, those without access to Confluence included.

        Source: `GET /rest/extender/1.0/group/getUsers/{group}`, paged since 2.7.0.

        Args:
            group: Its name; `group:<name>` works as well.
            show_basic_details: Also full name, key and e-mail address.
            show_extended_details: Also profile, dates, and whether the account may use Confluence.
            date_format: How the add-on writes moments as text.
            start_at: One page from here; None reads all of them.
            max_results: Users on a page.
            strict: Raises `IncompleteError` where something could not be read.
        """
        call = self._core.users(
            group.removeprefix("group:"),
            show_basic_details,
            show_extended_details,
            date_format,
            window_of(start_at, max_results),
        )
        return _users(call.wait(), "users", strict)

    def add_groups(self, groups: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """Makes groups. Source: `POST /rest/extender/1.0/group/addGroups`."""
        return self._core.change_groups(True, words_of(groups), dry_run).wait()

    def remove_groups(self, groups: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """Removes groups. Source: `POST /rest/extender/1.0/group/removeGroups`."""
        return self._core.change_groups(False, words_of(groups), dry_run).wait()

    def add_users(self, group: str, users: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """Puts users into a group. Source: `POST /rest/extender/1.0/group/addUsers/{group}`."""
        return self._core.change_users(True, group.removeprefix("group:"), words_of(users), dry_run).wait()

    def remove_users(self, group: str, users: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """Takes users out of a group. Source: `POST /rest/extender/1.0/group/removeUsers/{group}`."""
        return self._core.change_users(False, group.removeprefix("group:"), words_of(users), dry_run).wait()

    def users_with_confluence_access(
        self,
        *,
        show_extended_details: bool = False,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> Answers[ExtenderUser]:
        """The users who may use Confluence.

        Source: `GET /rest/extender/1.0/user/getUsersWithConfluenceAccess`.
        """
        call = self._core.users_with_confluence_access(show_extended_details, window_of(start_at, max_results))
        return _users(call.wait(), "users_with_confluence_access", strict)

    def user_details(self, username: str) -> Any:
        """What is known about a user, as the add-on answers.

        Source: `GET /rest/extender/1.0/user/getUserDetails/{name}`. No document shows the answer.
        """
        return self._core.user_details(username.removeprefix("user:")).wait()

    def user_directories(self, *, strict: bool = False) -> Answers[UserDirectory]:
        """The user directories: their names, and whether they are synchronised.

        The add-on says neither the type of a directory nor which groups it keeps, so this is evidence about directories
        and none about groups.

        Source: `GET /rest/extender/1.0/userDirectories/all`, since 2.19.0. Needs a Confluence administrator.
        """
        return _directories(self._core.user_directories().wait(), "user_directories", strict)


class AsyncExtender:
    """As `Extender`, each method awaited. From `wiki.extender` of an `AsyncConfluence`."""

    __slots__ = ("_core",)

    def __init__(self, core: _core.Extender) -> None:
        self._core = core

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    async def inherited_content_permissions(
        self,
        content: ContentLike,
        *,
        show_content_details: bool = False,
        permission_type: Literal["view", "edit"] | None = None,
        people_who_can_view: bool = False,
        date_format: str | None = None,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> ContentPermissions:
        """As `Extender.inherited_content_permissions`."""
        call = self._core.content(
            "permissions",
            content_of(content),
            show_content_details,
            permission_type,
            people_who_can_view,
            date_format,
            window_of(start_at, max_results),
        )
        return _permissions(await call.future(), strict)

    async def inherited_content_tree_permissions(
        self,
        content: ContentLike,
        *,
        show_content_details: bool = False,
        permission_type: Literal["view", "edit"] | None = None,
        people_who_can_view: bool = False,
        date_format: str | None = None,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> ContentTree:
        """As `Extender.inherited_content_tree_permissions`."""
        call = self._core.content(
            "tree_permissions",
            content_of(content),
            show_content_details,
            permission_type,
            people_who_can_view,
            date_format,
            window_of(start_at, max_results),
        )
        return _tree(await call.future(), "inherited_content_tree_permissions", strict)

    async def content_tree_restrictions(
        self,
        content: ContentLike,
        *,
        show_content_details: bool = False,
        people_who_can_view: bool = False,
        date_format: str | None = None,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> ContentTree:
        """As `Extender.content_tree_restrictions`."""
        call = self._core.content(
            "tree_restrictions",
            content_of(content),
            show_content_details,
            None,
            people_who_can_view,
            date_format,
            window_of(start_at, max_results),
        )
        return _tree(await call.future(), "content_tree_restrictions", strict)

    async def inherited_content_permission(
        self,
        content: Place,
        subject: NamedSubject,
        *,
        show_content_details: bool = False,
        show_space_administrators: bool = False,
    ) -> SubjectContentPermission:
        """As `Extender.inherited_content_permission`."""
        title, space = place_of(content)
        call = self._core.inherited_content_permission(
            title, space, name_of(subject), show_content_details, show_space_administrators
        )
        return _of_subject(await call.future())

    async def content_permission(
        self, content: Place, subject: NamedSubject, *, show_content_details: bool = False
    ) -> Any:
        """As `Extender.content_permission`."""
        title, space = place_of(content)
        return await self._core.content_permission(title, space, name_of(subject), show_content_details).future()

    async def add_content_permission(
        self,
        contents: Place | Iterable[Place],
        subject: NamedSubject,
        permission_type: Literal["view", "edit"],
        *,
        dry_run: bool = False,
    ) -> Any:
        """As `Extender.add_content_permission`."""
        return await self._core.change_content_permission(
            True, places_of(contents), name_of(subject), permission_type, dry_run
        ).future()

    async def remove_content_permission(
        self,
        contents: Place | Iterable[Place],
        subject: NamedSubject,
        permission_type: Literal["view", "edit"],
        *,
        dry_run: bool = False,
    ) -> Any:
        """As `Extender.remove_content_permission`."""
        return await self._core.change_content_permission(
            False, places_of(contents), name_of(subject), permission_type, dry_run
        ).future()

    async def remove_all_content_permission(self, subject: NamedSubject, *, dry_run: bool = False) -> Any:
        """As `Extender.remove_all_content_permission`."""
        return await self._core.remove_all_content_permission(name_of(subject), dry_run).future()

    async def permission_types(self) -> tuple[str, ...]:
        """As `Extender.permission_types`."""
        return _tuple(await self._core.permission_types().future())

    async def space_permission_actors(
        self, space: str | Space, permission_type: str = "ALL", *, strict: bool = False
    ) -> SpacePermissionActors:
        """As `Extender.space_permission_actors`."""
        return _actors(await self._core.space_permission_actors(space_of(space), permission_type).future(), strict)

    async def all_groups_with_any_permission(
        self,
        space: str | Space,
        *,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> Answers[str]:
        """As `Extender.all_groups_with_any_permission`."""
        call = self._core.all_with_any_permission(True, space_of(space), window_of(start_at, max_results))
        return _names(await call.future(), "all_groups_with_any_permission", strict)

    async def all_users_with_any_permission(
        self,
        space: str | Space,
        *,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> Answers[str]:
        """As `Extender.all_users_with_any_permission`."""
        call = self._core.all_with_any_permission(False, space_of(space), window_of(start_at, max_results))
        return _names(await call.future(), "all_users_with_any_permission", strict)

    async def permissions_for_space(self, subject: NamedSubject, space: str | Space) -> SpaceGrants:
        """As `Extender.permissions_for_space`."""
        return _grants(await self._core.permissions_for_space(name_of(subject), space_of(space)).future())

    async def all_spaces_with_permissions(
        self,
        subject: NamedSubject,
        *,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> Answers[SpaceGrants]:
        """As `Extender.all_spaces_with_permissions`."""
        call = self._core.all_spaces_with_permissions(name_of(subject), window_of(start_at, max_results))
        return _spaces(await call.future(), "all_spaces_with_permissions", strict)

    async def add_space_permissions(
        self, space: str | Space, subject: NamedSubject, permissions: str | Iterable[str], *, dry_run: bool = False
    ) -> Any:
        """As `Extender.add_space_permissions`."""
        return await self._core.add_space_permissions(
            space_of(space), name_of(subject), words_of(permissions), dry_run
        ).future()

    async def spaces_with_anonymous_permissions(
        self,
        *,
        creation_date_from: str | None = None,
        creation_date_to: str | None = None,
        date_format: str | None = None,
        start_at: int | None = None,
        max_results: int | None = None,
    ) -> Any:
        """As `Extender.spaces_with_anonymous_permissions`."""
        window_of(start_at, max_results)
        return await self._core.spaces_with_anonymous_permissions(
            creation_date_from, creation_date_to, date_format, start_at, max_results
        ).future()

    async def groups(
        self, *, start_at: int | None = None, max_results: int | None = None, strict: bool = False
    ) -> Answers[str]:
        """As `Extender.groups`."""
        return _names(await self._core.groups(window_of(start_at, max_results)).future(), "groups", strict)

    async def users(
        self,
        group: str,
        *,
        show_basic_details: bool = False,
        show_extended_details: bool = False,
        date_format: str | None = None,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> Answers[ExtenderUser]:
        """As `Extender.users`."""
        call = self._core.users(
            group.removeprefix("group:"),
            show_basic_details,
            show_extended_details,
            date_format,
            window_of(start_at, max_results),
        )
        return _users(await call.future(), "users", strict)

    async def add_groups(self, groups: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """As `Extender.add_groups`."""
        return await self._core.change_groups(True, words_of(groups), dry_run).future()

    async def remove_groups(self, groups: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """As `Extender.remove_groups`."""
        return await self._core.change_groups(False, words_of(groups), dry_run).future()

    async def add_users(self, group: str, users: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """As `Extender.add_users`."""
        return await self._core.change_users(True, group.removeprefix("group:"), words_of(users), dry_run).future()

    async def remove_users(self, group: str, users: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """As `Extender.remove_users`."""
        return await self._core.change_users(False, group.removeprefix("group:"), words_of(users), dry_run).future()

    async def users_with_confluence_access(
        self,
        *,
        show_extended_details: bool = False,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> Answers[ExtenderUser]:
        """As `Extender.users_with_confluence_access`."""
        call = self._core.users_with_confluence_access(show_extended_details, window_of(start_at, max_results))
        return _users(await call.future(), "users_with_confluence_access", strict)

    async def user_details(self, username: str) -> Any:
        """As `Extender.user_details`."""
        return await self._core.user_details(username.removeprefix("user:")).future()

    async def user_directories(self, *, strict: bool = False) -> Answers[UserDirectory]:
        """As `Extender.user_directories`."""
        return _directories(await self._core.user_directories().future(), "user_directories", strict)
