"""The Extender add-on of Data Center and Server, endpoint by endpoint."""

# Written by `python -m confluence_access._generate`: change src/apis/extender/methods.rs instead.

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from .answers import (
    Answers,
    ContentList,
    ContentPermissions,
    ContentTree,
    ContentTreeLevel,
    ExtenderUser,
    NamedSubject,
    Place,
    SpaceGrants,
    SpacePermissionActors,
    SubjectContentLevel,
    SubjectContentPermission,
    UserDirectory,
    content_of,
    name_of,
    place_of,
    places_of,
    read_directories,
    read_grants,
    read_names,
    read_spaces,
    read_subject,
    read_users,
    space_of,
    words_of,
)
from .errors import checked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from . import _core
    from .naming import ContentLike
    from .records import Space

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


class Extender:
    """The add-on "Extender for Confluence" (Data Center and Server), one method per endpoint, its name without `get`.

    From `wiki.extender`. Give a content item by id or record, or as a pair of title and space where the endpoint has
    that form: `("Home", "ENG")`. A user is `user:<username>`, a group is `group:<name>`; `User`, `Group` and
    `Membership` records work too. Names may contain any character, but most servers refuse a slash in an address.

    If the vendor's documents show the shape of an answer, it has attributes (`Answer`) and equals the documented
    dict. Other answers are returned as received. Listings are read to their end; `start_at` requests one page instead,
    and `max_results` sets the page size.

    Every change takes `dry_run=True`: nothing is sent, and the request is returned as a dict with `method`, `path` and
    `body`.

    All calls raise, as it applies:
        UnavailableError: The add-on is not installed.
        ForbiddenError: The account may not do this; most endpoints require a Confluence or space administrator.
        NotFoundError: There is no such content item, space, group or user, or this version of the add-on has no such
            endpoint.
        ConfigurationError: An argument is invalid, or the site is on Cloud; nothing was sent.

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
        """Who can view and edit a content item, with inheritance and space permissions resolved by the add-on.

        Source: `GET /rest/extender/1.0/permission/content/{id}/getInheritedContentPermissions`, since 3.3. Needs a
        Confluence administrator or an administrator of the space.

        Args:
            content: Id or record of the content item.
            show_content_details: Also the names of space and content.
            permission_type: Only one of the two lists.
            people_who_can_view: List people instead of the groups they are in, as in "People who can view" (since
                3.13).
            date_format: Format of times as text, such as `yyyy-MM-dd` (since 4.19).
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "inherited_content_permissions",
            {
                "content": content_of(content),
                "show_content_details": show_content_details,
                "permission_type": permission_type,
                "people_who_can_view": people_who_can_view,
                "date_format": date_format,
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(ContentPermissions(*call.wait()), "inherited_content_permissions", strict)

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
        """Who can view and edit each item on the path from the root of the space to this one.

        Source: `GET /rest/extender/1.0/permission/content/{id}/getInheritedContentTreePermissions`, since 3.3. Needs a
        Confluence administrator or an administrator of the space.

        Args:
            content: Id or record of the content item.
            show_content_details: Also the names of space and content.
            permission_type: Only one of the two lists.
            people_who_can_view: List people instead of the groups they are in, as in "People who can view" (since
                3.13).
            date_format: Format of times as text, such as `yyyy-MM-dd` (since 4.19).
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "inherited_content_tree_permissions",
            {
                "content": content_of(content),
                "show_content_details": show_content_details,
                "permission_type": permission_type,
                "people_who_can_view": people_who_can_view,
                "date_format": date_format,
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(ContentTree(*call.wait()), "inherited_content_tree_permissions", strict)

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
        """The restrictions of each item on the path from the root of the space to this one.

        Source: `GET /rest/extender/1.0/permission/content/{id}/getContentTreeRestrictions`, since 3.3. Needs a
        Confluence administrator or an administrator of the space.

        Args:
            content: Id or record of the content item.
            show_content_details: Also the names of space and content.
            people_who_can_view: List people instead of the groups they are in, as in "People who can view" (since
                3.13).
            date_format: Format of times as text, such as `yyyy-MM-dd` (since 4.19).
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "content_tree_restrictions",
            {
                "content": content_of(content),
                "show_content_details": show_content_details,
                "people_who_can_view": people_who_can_view,
                "date_format": date_format,
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(ContentTree(*call.wait()), "content_tree_restrictions", strict)

    def inherited_content_permission(
        self,
        content: Place,
        subject: NamedSubject,
        *,
        show_content_details: bool = False,
        show_space_administrators: bool = False,
    ) -> SubjectContentPermission:
        """What a user or a group may do with a content item, including inheritance and the space.

        The attributes follow the document of version 2.14 of the add-on. What another version leaves out is None; what
        it adds is in `raw`.

        Source: `GET /rest/extender/1.0/permission/content/{id or title}/{user or
        group}/{name}[/space/{key}]/getInheritedContentPermission`. Needs a Confluence administrator.

        Args:
            content: Id or record of the item, or a pair of its title and its space.
            subject: `user:<username>`, `group:<name>`, or a record.
            show_content_details: Also the names of space and content.
            show_space_administrators: Also `spaceAdministrators` (since 3.4).
        """
        call = self._core.call(
            "inherited_content_permission",
            {
                "content": place_of(content),
                "subject": name_of(subject),
                "show_content_details": show_content_details,
                "show_space_administrators": show_space_administrators,
            },
        )
        return read_subject(call.wait())

    def content_permission(self, content: Place, subject: NamedSubject, *, show_content_details: bool = False) -> Any:
        """Whether a user or a group is on the restrictions of an item itself, without inheritance, as received.

        No document shows the answer.

        Source: `GET /rest/extender/1.0/permission/content/{id or title}/{user or
        group}/{name}[/space/{key}]/getContentPermission`.

        Args:
            content: Id or record of the item, or a pair of its title and its space.
            subject: `user:<username>`, `group:<name>`, or a record.
            show_content_details: Also the names of space and content.
        """
        call = self._core.call(
            "content_permission",
            {
                "content": place_of(content),
                "subject": name_of(subject),
                "show_content_details": show_content_details,
            },
        )
        return call.wait()

    def add_content_permission(
        self,
        contents: Place | Iterable[Place],
        subject: NamedSubject,
        permission_type: Literal["view", "edit"],
        *,
        dry_run: bool = False,
    ) -> Any:
        """Adds a user or a group to the view or edit restriction of content items.

        The first entry closes an item to everyone who is not listed. `wiki.restrict` guards against locking yourself
        out; this method does not. No document shows the answer.

        Source: `PUT /rest/extender/1.0/permission/content/{user or
        group}/{name}/permission/{type}[/space/{key}]/addContentPermission`.

        Args:
            contents: One or several: ids, or pairs of title and space, all of one space.
            subject: `user:<username>`, `group:<name>`, or a record.
            permission_type: `view` or `edit`.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_content_permission",
            {
                "contents": places_of(contents),
                "subject": name_of(subject),
                "permission_type": permission_type,
            },
            dry_run,
        )
        return call.wait()

    def remove_content_permission(
        self,
        contents: Place | Iterable[Place],
        subject: NamedSubject,
        permission_type: Literal["view", "edit"],
        *,
        dry_run: bool = False,
    ) -> Any:
        """Removes a user or a group from the view or edit restriction of content items.

        The items are sent in the body. No document shows the answer.

        Source: `DELETE /rest/extender/1.0/permission/content/{user or
        group}/{name}/permission/{type}[/space/{key}]/removeContentPermission`.

        Args:
            contents: One or several: ids, or pairs of title and space, all of one space.
            subject: `user:<username>`, `group:<name>`, or a record.
            permission_type: `view` or `edit`.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "remove_content_permission",
            {
                "contents": places_of(contents),
                "subject": name_of(subject),
                "permission_type": permission_type,
            },
            dry_run,
        )
        return call.wait()

    def remove_all_content_permission(self, subject: NamedSubject, *, dry_run: bool = False) -> Any:
        """Removes a user or a group from every restriction on the site.

        No document shows the answer.

        Source: `DELETE /rest/extender/1.0/permission/content/{user or group}/{name}/removeAllContentPermission`.

        Args:
            subject: `user:<username>`, `group:<name>`, or a record.
            dry_run: Only returns the request.
        """
        call = self._core.call("remove_all_content_permission", {"subject": name_of(subject)}, dry_run)
        return call.wait()

    def permission_types(self, *, strict: bool = False) -> Answers[str]:
        """The permission types of a space, such as `VIEWSPACE`. Anyone may call it.

        Source: `GET /rest/extender/1.0/permission/space/permissionTypes`, since 2.0.1.

        Args:
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("permission_types", {})
        return checked(read_names(call.wait()), "permission_types", strict)

    def space_permission_actors(
        self, space: str | Space, permission_type: str = "ALL", *, strict: bool = False
    ) -> SpacePermissionActors:
        """Who has a permission type in a space, or any type, with one request for the whole space.

        Source: `GET /rest/extender/1.0/permission/space/{key}/getSpacePermissionActors/{type or ALL}`, since 2.2.0.

        Args:
            space: Key or record of the space.
            permission_type: One permission type, or `ALL`.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "space_permission_actors",
            {
                "space": space_of(space),
                "permission_type": permission_type,
            },
        )
        return checked(SpacePermissionActors(call.wait()), "space_permission_actors", strict)

    def all_groups_with_any_permission(
        self, space: str | Space, *, start_at: int | None = None, max_results: int | None = None, strict: bool = False
    ) -> Answers[str]:
        """Groups with any permission in a space.

        Source: `GET /rest/extender/1.0/permission/space/{key}/allGroupsWithAnyPermission`, since 2.0.1.

        Args:
            space: Key or record of the space.
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "all_groups_with_any_permission",
            {
                "space": space_of(space),
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(read_names(call.wait()), "all_groups_with_any_permission", strict)

    def all_users_with_any_permission(
        self, space: str | Space, *, start_at: int | None = None, max_results: int | None = None, strict: bool = False
    ) -> Answers[str]:
        """Users with any direct permission in a space.

        Source: `GET /rest/extender/1.0/permission/space/{key}/allUsersWithAnyPermission`, since 2.1.0.

        Args:
            space: Key or record of the space.
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "all_users_with_any_permission",
            {
                "space": space_of(space),
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(read_names(call.wait()), "all_users_with_any_permission", strict)

    def permissions_for_space(self, subject: NamedSubject, space: str | Space) -> SpaceGrants:
        """What a user or a group may do in a space.

        Source: `GET /rest/extender/1.0/permission/{user or group}/{name}/getPermissionsForSpace/space/{key}`, since
        2.2.0.

        Args:
            subject: `user:<username>`, `group:<name>`, or a record.
            space: Key or record of the space.
        """
        call = self._core.call("permissions_for_space", {"subject": name_of(subject), "space": space_of(space)})
        return read_grants(call.wait())

    def all_spaces_with_permissions(
        self,
        subject: NamedSubject,
        *,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> Answers[SpaceGrants]:
        """The spaces a user or a group has permissions in, and which.

        Source: `GET /rest/extender/1.0/permission/{user or
        group}/{name}/getAllSpacesWithPermissions?spacesAsArray=true`.

        Args:
            subject: `user:<username>`, `group:<name>`, or a record.
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "all_spaces_with_permissions",
            {
                "subject": name_of(subject),
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(read_spaces(call.wait()), "all_spaces_with_permissions", strict)

    def add_space_permissions(
        self, space: str | Space, subject: NamedSubject, permissions: str | Iterable[str], *, dry_run: bool = False
    ) -> Any:
        """Grants permissions in a space; the add-on answers with `total`, `added` and `skipped`.

        Source: `PUT /rest/extender/1.0/permission/space/{key}/{user or group}/{name}/addSpacePermissions`.

        Args:
            space: Key or record of the space.
            subject: `user:<username>`, `group:<name>`, or a record.
            permissions: One or several permission types, such as `VIEWSPACE`; the words of this library (`view`,
                `create_page`) work too.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_space_permissions",
            {
                "space": space_of(space),
                "subject": name_of(subject),
                "permissions": words_of(permissions),
            },
            dry_run,
        )
        return call.wait()

    def spaces_with_anonymous_permissions(
        self,
        *,
        creation_date_from: str | None = None,
        creation_date_to: str | None = None,
        date_format: str | None = None,
        start_at: int | None = None,
        max_results: int | None = None,
    ) -> Any:
        """Spaces in which anonymous users have a permission, one page, as received.

        The documents do not show the whole answer.

        Source: `GET /rest/extender/1.0/permission/space/getSpacesWithAnonymousPermissions`, since 2.2.0. Needs a
        Confluence administrator.

        Args:
            creation_date_from: Only spaces created on this day or later, as `date_format` writes it.
            creation_date_to: Only spaces created on this day or earlier, as `date_format` writes it.
            date_format: Format of times as text, such as `yyyy-MM-dd` (since 4.19).
            start_at: Where the page starts; None: at the first space.
            max_results: Number of spaces on the page; None: the default of the add-on.
        """
        call = self._core.call(
            "spaces_with_anonymous_permissions",
            {
                "creation_date_from": creation_date_from,
                "creation_date_to": creation_date_to,
                "date_format": date_format,
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return call.wait()

    def groups(
        self, *, start_at: int | None = None, max_results: int | None = None, strict: bool = False
    ) -> Answers[str]:
        """The groups, by name.

        Source: `GET /rest/extender/1.0/group/getGroups`.

        Args:
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("groups", {"start_at": start_at, "max_results": max_results})
        return checked(read_names(call.wait()), "groups", strict)

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
        """The users in a group, including those without access to Confluence. Paged since 2.7.0.

        Source: `GET /rest/extender/1.0/group/getUsers/{group}`.

        Args:
            group: Name of the group; `group:<name>` works too.
            show_basic_details: Also full name, key and e-mail address.
            show_extended_details: Also profile, dates, and whether the account may use Confluence; includes the basic
                details.
            date_format: Format of times as text, such as `yyyy-MM-dd` (since 4.19).
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "users",
            {
                "group": group,
                "show_basic_details": show_basic_details,
                "show_extended_details": show_extended_details,
                "date_format": date_format,
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(read_users(call.wait()), "users", strict)

    def add_groups(self, groups: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """Creates groups.

        Source: `POST /rest/extender/1.0/group/addGroups`.

        Args:
            groups: Names of one or several groups.
            dry_run: Only returns the request.
        """
        call = self._core.call("add_groups", {"groups": words_of(groups)}, dry_run)
        return call.wait()

    def remove_groups(self, groups: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """Removes groups.

        Source: `POST /rest/extender/1.0/group/removeGroups`.

        Args:
            groups: Names of one or several groups.
            dry_run: Only returns the request.
        """
        call = self._core.call("remove_groups", {"groups": words_of(groups)}, dry_run)
        return call.wait()

    def add_users(self, group: str, users: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """Adds users to a group.

        Source: `POST /rest/extender/1.0/group/addUsers/{group}`.

        Args:
            group: Name of the group; `group:<name>` works too.
            users: One or several usernames.
            dry_run: Only returns the request.
        """
        call = self._core.call("add_users", {"group": group, "users": words_of(users)}, dry_run)
        return call.wait()

    def remove_users(self, group: str, users: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """Removes users from a group.

        Source: `POST /rest/extender/1.0/group/removeUsers/{group}`.

        Args:
            group: Name of the group; `group:<name>` works too.
            users: One or several usernames.
            dry_run: Only returns the request.
        """
        call = self._core.call("remove_users", {"group": group, "users": words_of(users)}, dry_run)
        return call.wait()

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

        Args:
            show_extended_details: Also profile, dates, and whether the account may use Confluence.
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "users_with_confluence_access",
            {
                "show_extended_details": show_extended_details,
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(read_users(call.wait()), "users_with_confluence_access", strict)

    def user_details(self, username: str) -> Any:
        """The details of a user, as received.

        No document shows the answer.

        Source: `GET /rest/extender/1.0/user/getUserDetails/{name}`.

        Args:
            username: Username; `user:<username>` works too.
        """
        call = self._core.call("user_details", {"username": username})
        return call.wait()

    def user_directories(self, *, strict: bool = False) -> Answers[UserDirectory]:
        """The user directories: their names, and whether they are synchronised.

        The add-on returns neither the type of a directory nor its groups, so this is evidence about directories but not
        about groups.

        Source: `GET /rest/extender/1.0/userDirectories/all`, since 2.19.0. Needs a Confluence administrator.

        Args:
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("user_directories", {})
        return checked(read_directories(call.wait()), "user_directories", strict)


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
        """Who can view and edit a content item, with inheritance and space permissions resolved by the add-on.

        Source: `GET /rest/extender/1.0/permission/content/{id}/getInheritedContentPermissions`, since 3.3. Needs a
        Confluence administrator or an administrator of the space.

        Args:
            content: Id or record of the content item.
            show_content_details: Also the names of space and content.
            permission_type: Only one of the two lists.
            people_who_can_view: List people instead of the groups they are in, as in "People who can view" (since
                3.13).
            date_format: Format of times as text, such as `yyyy-MM-dd` (since 4.19).
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "inherited_content_permissions",
            {
                "content": content_of(content),
                "show_content_details": show_content_details,
                "permission_type": permission_type,
                "people_who_can_view": people_who_can_view,
                "date_format": date_format,
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(ContentPermissions(*await call.future()), "inherited_content_permissions", strict)

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
        """Who can view and edit each item on the path from the root of the space to this one.

        Source: `GET /rest/extender/1.0/permission/content/{id}/getInheritedContentTreePermissions`, since 3.3. Needs a
        Confluence administrator or an administrator of the space.

        Args:
            content: Id or record of the content item.
            show_content_details: Also the names of space and content.
            permission_type: Only one of the two lists.
            people_who_can_view: List people instead of the groups they are in, as in "People who can view" (since
                3.13).
            date_format: Format of times as text, such as `yyyy-MM-dd` (since 4.19).
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "inherited_content_tree_permissions",
            {
                "content": content_of(content),
                "show_content_details": show_content_details,
                "permission_type": permission_type,
                "people_who_can_view": people_who_can_view,
                "date_format": date_format,
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(ContentTree(*await call.future()), "inherited_content_tree_permissions", strict)

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
        """The restrictions of each item on the path from the root of the space to this one.

        Source: `GET /rest/extender/1.0/permission/content/{id}/getContentTreeRestrictions`, since 3.3. Needs a
        Confluence administrator or an administrator of the space.

        Args:
            content: Id or record of the content item.
            show_content_details: Also the names of space and content.
            people_who_can_view: List people instead of the groups they are in, as in "People who can view" (since
                3.13).
            date_format: Format of times as text, such as `yyyy-MM-dd` (since 4.19).
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "content_tree_restrictions",
            {
                "content": content_of(content),
                "show_content_details": show_content_details,
                "people_who_can_view": people_who_can_view,
                "date_format": date_format,
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(ContentTree(*await call.future()), "content_tree_restrictions", strict)

    async def inherited_content_permission(
        self,
        content: Place,
        subject: NamedSubject,
        *,
        show_content_details: bool = False,
        show_space_administrators: bool = False,
    ) -> SubjectContentPermission:
        """What a user or a group may do with a content item, including inheritance and the space.

        The attributes follow the document of version 2.14 of the add-on. What another version leaves out is None; what
        it adds is in `raw`.

        Source: `GET /rest/extender/1.0/permission/content/{id or title}/{user or
        group}/{name}[/space/{key}]/getInheritedContentPermission`. Needs a Confluence administrator.

        Args:
            content: Id or record of the item, or a pair of its title and its space.
            subject: `user:<username>`, `group:<name>`, or a record.
            show_content_details: Also the names of space and content.
            show_space_administrators: Also `spaceAdministrators` (since 3.4).
        """
        call = self._core.call(
            "inherited_content_permission",
            {
                "content": place_of(content),
                "subject": name_of(subject),
                "show_content_details": show_content_details,
                "show_space_administrators": show_space_administrators,
            },
        )
        return read_subject(await call.future())

    async def content_permission(
        self, content: Place, subject: NamedSubject, *, show_content_details: bool = False
    ) -> Any:
        """Whether a user or a group is on the restrictions of an item itself, without inheritance, as received.

        No document shows the answer.

        Source: `GET /rest/extender/1.0/permission/content/{id or title}/{user or
        group}/{name}[/space/{key}]/getContentPermission`.

        Args:
            content: Id or record of the item, or a pair of its title and its space.
            subject: `user:<username>`, `group:<name>`, or a record.
            show_content_details: Also the names of space and content.
        """
        call = self._core.call(
            "content_permission",
            {
                "content": place_of(content),
                "subject": name_of(subject),
                "show_content_details": show_content_details,
            },
        )
        return await call.future()

    async def add_content_permission(
        self,
        contents: Place | Iterable[Place],
        subject: NamedSubject,
        permission_type: Literal["view", "edit"],
        *,
        dry_run: bool = False,
    ) -> Any:
        """Adds a user or a group to the view or edit restriction of content items.

        The first entry closes an item to everyone who is not listed. `wiki.restrict` guards against locking yourself
        out; this method does not. No document shows the answer.

        Source: `PUT /rest/extender/1.0/permission/content/{user or
        group}/{name}/permission/{type}[/space/{key}]/addContentPermission`.

        Args:
            contents: One or several: ids, or pairs of title and space, all of one space.
            subject: `user:<username>`, `group:<name>`, or a record.
            permission_type: `view` or `edit`.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_content_permission",
            {
                "contents": places_of(contents),
                "subject": name_of(subject),
                "permission_type": permission_type,
            },
            dry_run,
        )
        return await call.future()

    async def remove_content_permission(
        self,
        contents: Place | Iterable[Place],
        subject: NamedSubject,
        permission_type: Literal["view", "edit"],
        *,
        dry_run: bool = False,
    ) -> Any:
        """Removes a user or a group from the view or edit restriction of content items.

        The items are sent in the body. No document shows the answer.

        Source: `DELETE /rest/extender/1.0/permission/content/{user or
        group}/{name}/permission/{type}[/space/{key}]/removeContentPermission`.

        Args:
            contents: One or several: ids, or pairs of title and space, all of one space.
            subject: `user:<username>`, `group:<name>`, or a record.
            permission_type: `view` or `edit`.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "remove_content_permission",
            {
                "contents": places_of(contents),
                "subject": name_of(subject),
                "permission_type": permission_type,
            },
            dry_run,
        )
        return await call.future()

    async def remove_all_content_permission(self, subject: NamedSubject, *, dry_run: bool = False) -> Any:
        """Removes a user or a group from every restriction on the site.

        No document shows the answer.

        Source: `DELETE /rest/extender/1.0/permission/content/{user or group}/{name}/removeAllContentPermission`.

        Args:
            subject: `user:<username>`, `group:<name>`, or a record.
            dry_run: Only returns the request.
        """
        call = self._core.call("remove_all_content_permission", {"subject": name_of(subject)}, dry_run)
        return await call.future()

    async def permission_types(self, *, strict: bool = False) -> Answers[str]:
        """The permission types of a space, such as `VIEWSPACE`. Anyone may call it.

        Source: `GET /rest/extender/1.0/permission/space/permissionTypes`, since 2.0.1.

        Args:
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("permission_types", {})
        return checked(read_names(await call.future()), "permission_types", strict)

    async def space_permission_actors(
        self, space: str | Space, permission_type: str = "ALL", *, strict: bool = False
    ) -> SpacePermissionActors:
        """Who has a permission type in a space, or any type, with one request for the whole space.

        Source: `GET /rest/extender/1.0/permission/space/{key}/getSpacePermissionActors/{type or ALL}`, since 2.2.0.

        Args:
            space: Key or record of the space.
            permission_type: One permission type, or `ALL`.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "space_permission_actors",
            {
                "space": space_of(space),
                "permission_type": permission_type,
            },
        )
        return checked(SpacePermissionActors(await call.future()), "space_permission_actors", strict)

    async def all_groups_with_any_permission(
        self, space: str | Space, *, start_at: int | None = None, max_results: int | None = None, strict: bool = False
    ) -> Answers[str]:
        """Groups with any permission in a space.

        Source: `GET /rest/extender/1.0/permission/space/{key}/allGroupsWithAnyPermission`, since 2.0.1.

        Args:
            space: Key or record of the space.
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "all_groups_with_any_permission",
            {
                "space": space_of(space),
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(read_names(await call.future()), "all_groups_with_any_permission", strict)

    async def all_users_with_any_permission(
        self, space: str | Space, *, start_at: int | None = None, max_results: int | None = None, strict: bool = False
    ) -> Answers[str]:
        """Users with any direct permission in a space.

        Source: `GET /rest/extender/1.0/permission/space/{key}/allUsersWithAnyPermission`, since 2.1.0.

        Args:
            space: Key or record of the space.
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "all_users_with_any_permission",
            {
                "space": space_of(space),
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(read_names(await call.future()), "all_users_with_any_permission", strict)

    async def permissions_for_space(self, subject: NamedSubject, space: str | Space) -> SpaceGrants:
        """What a user or a group may do in a space.

        Source: `GET /rest/extender/1.0/permission/{user or group}/{name}/getPermissionsForSpace/space/{key}`, since
        2.2.0.

        Args:
            subject: `user:<username>`, `group:<name>`, or a record.
            space: Key or record of the space.
        """
        call = self._core.call("permissions_for_space", {"subject": name_of(subject), "space": space_of(space)})
        return read_grants(await call.future())

    async def all_spaces_with_permissions(
        self,
        subject: NamedSubject,
        *,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> Answers[SpaceGrants]:
        """The spaces a user or a group has permissions in, and which.

        Source: `GET /rest/extender/1.0/permission/{user or
        group}/{name}/getAllSpacesWithPermissions?spacesAsArray=true`.

        Args:
            subject: `user:<username>`, `group:<name>`, or a record.
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "all_spaces_with_permissions",
            {
                "subject": name_of(subject),
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(read_spaces(await call.future()), "all_spaces_with_permissions", strict)

    async def add_space_permissions(
        self, space: str | Space, subject: NamedSubject, permissions: str | Iterable[str], *, dry_run: bool = False
    ) -> Any:
        """Grants permissions in a space; the add-on answers with `total`, `added` and `skipped`.

        Source: `PUT /rest/extender/1.0/permission/space/{key}/{user or group}/{name}/addSpacePermissions`.

        Args:
            space: Key or record of the space.
            subject: `user:<username>`, `group:<name>`, or a record.
            permissions: One or several permission types, such as `VIEWSPACE`; the words of this library (`view`,
                `create_page`) work too.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_space_permissions",
            {
                "space": space_of(space),
                "subject": name_of(subject),
                "permissions": words_of(permissions),
            },
            dry_run,
        )
        return await call.future()

    async def spaces_with_anonymous_permissions(
        self,
        *,
        creation_date_from: str | None = None,
        creation_date_to: str | None = None,
        date_format: str | None = None,
        start_at: int | None = None,
        max_results: int | None = None,
    ) -> Any:
        """Spaces in which anonymous users have a permission, one page, as received.

        The documents do not show the whole answer.

        Source: `GET /rest/extender/1.0/permission/space/getSpacesWithAnonymousPermissions`, since 2.2.0. Needs a
        Confluence administrator.

        Args:
            creation_date_from: Only spaces created on this day or later, as `date_format` writes it.
            creation_date_to: Only spaces created on this day or earlier, as `date_format` writes it.
            date_format: Format of times as text, such as `yyyy-MM-dd` (since 4.19).
            start_at: Where the page starts; None: at the first space.
            max_results: Number of spaces on the page; None: the default of the add-on.
        """
        call = self._core.call(
            "spaces_with_anonymous_permissions",
            {
                "creation_date_from": creation_date_from,
                "creation_date_to": creation_date_to,
                "date_format": date_format,
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return await call.future()

    async def groups(
        self, *, start_at: int | None = None, max_results: int | None = None, strict: bool = False
    ) -> Answers[str]:
        """The groups, by name.

        Source: `GET /rest/extender/1.0/group/getGroups`.

        Args:
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("groups", {"start_at": start_at, "max_results": max_results})
        return checked(read_names(await call.future()), "groups", strict)

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
        """The users in a group, including those without access to Confluence. Paged since 2.7.0.

        Source: `GET /rest/extender/1.0/group/getUsers/{group}`.

        Args:
            group: Name of the group; `group:<name>` works too.
            show_basic_details: Also full name, key and e-mail address.
            show_extended_details: Also profile, dates, and whether the account may use Confluence; includes the basic
                details.
            date_format: Format of times as text, such as `yyyy-MM-dd` (since 4.19).
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "users",
            {
                "group": group,
                "show_basic_details": show_basic_details,
                "show_extended_details": show_extended_details,
                "date_format": date_format,
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(read_users(await call.future()), "users", strict)

    async def add_groups(self, groups: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """Creates groups.

        Source: `POST /rest/extender/1.0/group/addGroups`.

        Args:
            groups: Names of one or several groups.
            dry_run: Only returns the request.
        """
        call = self._core.call("add_groups", {"groups": words_of(groups)}, dry_run)
        return await call.future()

    async def remove_groups(self, groups: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """Removes groups.

        Source: `POST /rest/extender/1.0/group/removeGroups`.

        Args:
            groups: Names of one or several groups.
            dry_run: Only returns the request.
        """
        call = self._core.call("remove_groups", {"groups": words_of(groups)}, dry_run)
        return await call.future()

    async def add_users(self, group: str, users: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """Adds users to a group.

        Source: `POST /rest/extender/1.0/group/addUsers/{group}`.

        Args:
            group: Name of the group; `group:<name>` works too.
            users: One or several usernames.
            dry_run: Only returns the request.
        """
        call = self._core.call("add_users", {"group": group, "users": words_of(users)}, dry_run)
        return await call.future()

    async def remove_users(self, group: str, users: str | Iterable[str], *, dry_run: bool = False) -> Any:
        """Removes users from a group.

        Source: `POST /rest/extender/1.0/group/removeUsers/{group}`.

        Args:
            group: Name of the group; `group:<name>` works too.
            users: One or several usernames.
            dry_run: Only returns the request.
        """
        call = self._core.call("remove_users", {"group": group, "users": words_of(users)}, dry_run)
        return await call.future()

    async def users_with_confluence_access(
        self,
        *,
        show_extended_details: bool = False,
        start_at: int | None = None,
        max_results: int | None = None,
        strict: bool = False,
    ) -> Answers[ExtenderUser]:
        """The users who may use Confluence.

        Source: `GET /rest/extender/1.0/user/getUsersWithConfluenceAccess`.

        Args:
            show_extended_details: Also profile, dates, and whether the account may use Confluence.
            start_at: Start of one page; None reads all pages.
            max_results: Size of a page, for each list.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call(
            "users_with_confluence_access",
            {
                "show_extended_details": show_extended_details,
                "start_at": start_at,
                "max_results": max_results,
            },
        )
        return checked(read_users(await call.future()), "users_with_confluence_access", strict)

    async def user_details(self, username: str) -> Any:
        """The details of a user, as received.

        No document shows the answer.

        Source: `GET /rest/extender/1.0/user/getUserDetails/{name}`.

        Args:
            username: Username; `user:<username>` works too.
        """
        call = self._core.call("user_details", {"username": username})
        return await call.future()

    async def user_directories(self, *, strict: bool = False) -> Answers[UserDirectory]:
        """The user directories: their names, and whether they are synchronised.

        The add-on returns neither the type of a directory nor its groups, so this is evidence about directories but not
        about groups.

        Source: `GET /rest/extender/1.0/userDirectories/all`, since 2.19.0. Needs a Confluence administrator.

        Args:
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("user_directories", {})
        return checked(read_directories(await call.future()), "user_directories", strict)
