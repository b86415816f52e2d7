"""JSON-RPC of Data Center and Server, method by method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from .answers import Answer, Answers, NamedSubject, checked, content_of, name_of, names_of, space_of, words_of
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from . import _core
    from .access import ContentLike
    from .records import Restriction, Space, SpacePermission

__all__ = ["AsyncJsonRpc", "JsonRpc", "PermissionSet", "PermissionSets"]

R = TypeVar("R")


class PermissionSets(Answers[Any], Generic[R]):
    """Permission sets as the server sent them; equal to the list of the document.

    Attributes:
        rows: The same as a table. Users have a name and no id, because JSON-RPC names them by username; an entry
            with neither
            user nor group is anonymous.
    """

    __slots__ = ("rows",)

    def __init__(self, answered: tuple[list[Any], _core.Table]) -> None:
        raw, rows = answered
        self.rows: Table[R] = Table(rows)
        super().__init__(raw, None, self.rows.gaps)


class PermissionSet(Answer):
    """All who have one type of permission in a space, as the server sent it.

    Attributes:
        rows: The same as a table.
    """

    __slots__ = ("rows",)

    def __init__(self, answered: tuple[dict[str, Any], _core.Table]) -> None:
        raw, rows = answered
        self.rows: Table[SpacePermission] = Table(rows)
        super().__init__(raw, self.rows.gaps)


def _space_sets(answered: tuple[list[Any], _core.Table], strict: bool) -> PermissionSets[SpacePermission]:
    sets: PermissionSets[SpacePermission] = PermissionSets(answered)
    return checked(sets, "space_permission_sets", strict)


def _content_sets(answered: tuple[list[Any], _core.Table], strict: bool) -> PermissionSets[Restriction]:
    sets: PermissionSets[Restriction] = PermissionSets(answered)
    return checked(sets, "content_permission_sets", strict)


def _one_set(answered: tuple[dict[str, Any], _core.Table], strict: bool) -> PermissionSet:
    return checked(PermissionSet(answered), "space_permission_set", strict)


class JsonRpc:
    """The older remote API of Data Center and Server, one method per method of the server, its name without `get`.

    From `wiki.json_rpc`. Arguments come in the order of the server's own methods. A user or a group is given as
    `user:<username>`, `group:<name>` or the bare name; the server keeps both in one namespace. Types of permission are
    the server's (`VIEWSPACE`); the words of this library (`view`, `create_page`) work as well.

    Calls use the light form (the method in the path, the parameters as the body); `wiki.json_rpc.envelope` is the same
    room with standard envelopes. Every change takes `dry_run=True`: nothing is sent, and the request that would be is
    returned as a dict with `method`, `path` and `body`.

    All calls raise, as it applies:
        UnavailableError: The remote API is off; the message says where it is turned on.
        SecureSessionError: Secure administrator sessions (WebSudo) stand in the way.
        ForbiddenError, NotFoundError, RequestError: The server told of an error, with whatever status.
        ConfigurationError: A word cannot be meant, or the site is on Cloud; nothing was sent.

    Source: https://developer.atlassian.com/server/confluence/confluence-json-rpc-apis/
    """

    __slots__ = ("_core",)

    def __init__(self, core: _core.JsonRpc) -> None:
        self._core = core

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    @property
    def envelope(self) -> JsonRpc:
        """The same room with standard envelopes: method, parameters and id in the body."""
        return type(self)(self._core.in_envelopes())

    def call(self, method: str, *params: Any, changes: bool = True, dry_run: bool = False) -> Any:
        """Any method of the server by its own name; its result as it comes.

        Args:
            method: Its name, such as `getSpaces`.
            *params: Its parameters, in order, without a token.
            changes: Whether it changes something; a call that only asks is repeated when its answer is lost.
            dry_run: Only shows the request.
        """
        return self._core.method(method, list(params), changes, dry_run).wait()

    def space_permission_sets(self, space: str | Space, *, strict: bool = False) -> PermissionSets[SpacePermission]:
        """All permissions in a space, type by type.

        Types nobody has may be missing. An entry with neither user nor group is anonymous.

        Source: `getSpacePermissionSets(spaceKey)`. Needs a Confluence administrator or an administrator of the space.

        Args:
            space: Key or record of the space.
            strict: Raises `IncompleteError` where something could not be read.
        """
        return _space_sets(self._core.space_permission_sets(space_of(space)).wait(), strict)

    def space_permission_set(self, space: str | Space, permission_type: str, *, strict: bool = False) -> PermissionSet:
        """All who have one type of permission in a space. Source: `getSpacePermissionSet(spaceKey, type)`."""
        return _one_set(self._core.space_permission_set(space_of(space), permission_type).wait(), strict)

    def space_level_permissions(self) -> tuple[str, ...]:
        """The types of permission a space knows, each once. Source: `getSpaceLevelPermissions()`."""
        return tuple(self._core.space_level_permissions().wait())

    def permissions(self, space: str | Space) -> Any:
        """What the caller may do in a space, in words of its own (`view`, `modify`, …), and not all of it.

        Source: `getPermissions(spaceKey)`; https://jira.atlassian.com/browse/CONFSERVER-21951
        """
        return self._core.named("permissions", [space_of(space)], [], False).wait()

    def permissions_for_user(self, space: str | Space, user: str) -> Any:
        """The same of another user. Source: `getPermissionsForUser(spaceKey, userName)`."""
        return self._core.named("permissions_for_user", [space_of(space), user], [], False).wait()

    def content_permission_sets(self, content: ContentLike, *, strict: bool = False) -> PermissionSets[Restriction]:
        """The restrictions of a content, list by list. Source: `getContentPermissionSets(contentId)`."""
        return _content_sets(self._core.content_permission_sets(content_of(content)).wait(), strict)

    def page_permissions(self, content: ContentLike) -> Any:
        """The restrictions that apply to a page, as the server answers. Source: `getPagePermissions(pageId)`."""
        return self._core.named("page_permissions", [content_of(content)], [], False).wait()

    def set_content_permissions(
        self,
        content: ContentLike,
        permission_type: Literal["View", "Edit"],
        subjects: NamedSubject | Iterable[NamedSubject],
        *,
        dry_run: bool = False,
    ) -> Any:
        """Lets one restriction list of a content hold these subjects and nobody else. The other list stays.

        An empty list opens the content, as far as this list goes. Nothing here guards against locking oneself out:
        `wiki.set_restrictions` does.

        Source: `setContentPermissions(contentId, type, permissions)`.

        Args:
            content: Id or record of the content.
            permission_type: `View` or `Edit`.
            subjects: `user:<username>`, `group:<name>`, or records.
            dry_run: Only shows the request.
        """
        names = names_of(subjects)
        words = [content_of(content), permission_type]
        return self._core.named("set_content_permissions", words, names, dry_run).wait()

    def add_permission_to_space(
        self, permission_type: str, subject: NamedSubject, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Gives a permission in a space. Source: `addPermissionToSpace(type, userOrGroup, spaceKey)`."""
        words = [permission_type, name_of(subject), space_of(space)]
        return self._core.named("add_permission_to_space", words, [], dry_run).wait()

    def add_permissions_to_space(
        self, permission_types: Iterable[str], subject: NamedSubject, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Gives permissions in a space. Source: `addPermissionsToSpace(types, userOrGroup, spaceKey)`."""
        words = [name_of(subject), space_of(space)]
        return self._core.named("add_permissions_to_space", words, words_of(permission_types), dry_run).wait()

    def remove_permission_from_space(
        self, permission_type: str, subject: NamedSubject, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Takes a permission in a space. Source: `removePermissionFromSpace(type, userOrGroup, spaceKey)`."""
        words = [permission_type, name_of(subject), space_of(space)]
        return self._core.named("remove_permission_from_space", words, [], dry_run).wait()

    def add_anonymous_permission_to_space(
        self, permission_type: str, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Gives a permission in a space to whoever is not logged in.

        Source: `addAnonymousPermissionToSpace(type, spaceKey)`.
        """
        words = [permission_type, space_of(space)]
        return self._core.named("add_anonymous_permission_to_space", words, [], dry_run).wait()

    def add_anonymous_permissions_to_space(
        self, permission_types: Iterable[str], space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Gives several of them. Source: `addAnonymousPermissionsToSpace(types, spaceKey)`."""
        words = [space_of(space)]
        return self._core.named("add_anonymous_permissions_to_space", words, words_of(permission_types), dry_run).wait()

    def remove_anonymous_permission_from_space(
        self, permission_type: str, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Takes one of them. Source: `removeAnonymousPermissionFromSpace(type, spaceKey)`."""
        words = [permission_type, space_of(space)]
        return self._core.named("remove_anonymous_permission_from_space", words, [], dry_run).wait()

    def add_global_permission(self, permission_type: str, subject: NamedSubject, *, dry_run: bool = False) -> Any:
        """Gives a permission of the site, such as `USECONFLUENCE`. Source: `addGlobalPermission(type, userOrGroup)`."""
        return self._core.named("add_global_permission", [permission_type, name_of(subject)], [], dry_run).wait()

    def add_global_permissions(
        self, permission_types: Iterable[str], subject: NamedSubject, *, dry_run: bool = False
    ) -> Any:
        """Gives several of them. Source: `addGlobalPermissions(types, userOrGroup)`."""
        words = [name_of(subject)]
        return self._core.named("add_global_permissions", words, words_of(permission_types), dry_run).wait()

    def remove_global_permission(self, permission_type: str, subject: NamedSubject, *, dry_run: bool = False) -> Any:
        """Takes one of them. Source: `removeGlobalPermission(type, userOrGroup)`."""
        return self._core.named("remove_global_permission", [permission_type, name_of(subject)], [], dry_run).wait()

    def add_anonymous_use_permission(self, *, dry_run: bool = False) -> Any:
        """Lets whoever is not logged in use the site. Source: `addAnonymousUsePermission()`."""
        return self._core.named("add_anonymous_use_permission", [], [], dry_run).wait()

    def add_anonymous_view_user_profile_permission(self, *, dry_run: bool = False) -> Any:
        """Lets whoever is not logged in see profiles. Source: `addAnonymousViewUserProfilePermission()`."""
        return self._core.named("add_anonymous_view_user_profile_permission", [], [], dry_run).wait()

    def spaces(self) -> Any:
        """The spaces the caller sees, as the server answers. Source: `getSpaces()`."""
        return self._core.named("spaces", [], [], False).wait()

    def pages(self, space: str | Space) -> Any:
        """The pages of a space the caller sees, as the server answers. Source: `getPages(spaceKey)`."""
        return self._core.named("pages", [space_of(space)], [], False).wait()

    def groups(self) -> Any:
        """The groups, by name. Source: `getGroups()`."""
        return self._core.named("groups", [], [], False).wait()

    def user_groups(self, user: str) -> Any:
        """The groups of a user, by name. Source: `getUserGroups(userName)`."""
        return self._core.named("user_groups", [user], [], False).wait()

    def add_group(self, group: str, *, dry_run: bool = False) -> Any:
        """Makes a group. Source: `addGroup(name)`."""
        return self._core.named("add_group", [group], [], dry_run).wait()

    def remove_group(self, group: str, move_to: str = "", *, dry_run: bool = False) -> Any:
        """Removes a group; its members go into `move_to`, where that is named. Source: `removeGroup(name, default)`."""
        return self._core.named("remove_group", [group, move_to], [], dry_run).wait()

    def add_user_to_group(self, user: str, group: str, *, dry_run: bool = False) -> Any:
        """Puts a user into a group. Source: `addUserToGroup(userName, groupName)`."""
        return self._core.named("add_user_to_group", [user, group], [], dry_run).wait()

    def remove_user_from_group(self, user: str, group: str, *, dry_run: bool = False) -> Any:
        """Takes a user out of a group. Source: `removeUserFromGroup(userName, groupName)`."""
        return self._core.named("remove_user_from_group", [user, group], [], dry_run).wait()

    def deactivate_user(self, user: str, *, dry_run: bool = False) -> Any:
        """Deactivates a user. Source: `deactivateUser(userName)`."""
        return self._core.named("deactivate_user", [user], [], dry_run).wait()

    def reactivate_user(self, user: str, *, dry_run: bool = False) -> Any:
        """Activates a user again. Source: `reactivateUser(userName)`."""
        return self._core.named("reactivate_user", [user], [], dry_run).wait()


class AsyncJsonRpc:
    """As `JsonRpc`, each method awaited. From `wiki.json_rpc` of an `AsyncConfluence`."""

    __slots__ = ("_core",)

    def __init__(self, core: _core.JsonRpc) -> None:
        self._core = core

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    @property
    def envelope(self) -> AsyncJsonRpc:
        """As `JsonRpc.envelope`."""
        return type(self)(self._core.in_envelopes())

    async def call(self, method: str, *params: Any, changes: bool = True, dry_run: bool = False) -> Any:
        """As `JsonRpc.call`."""
        return await self._core.method(method, list(params), changes, dry_run).future()

    async def space_permission_sets(
        self, space: str | Space, *, strict: bool = False
    ) -> PermissionSets[SpacePermission]:
        """As `JsonRpc.space_permission_sets`."""
        return _space_sets(await self._core.space_permission_sets(space_of(space)).future(), strict)

    async def space_permission_set(
        self, space: str | Space, permission_type: str, *, strict: bool = False
    ) -> PermissionSet:
        """As `JsonRpc.space_permission_set`."""
        return _one_set(await self._core.space_permission_set(space_of(space), permission_type).future(), strict)

    async def space_level_permissions(self) -> tuple[str, ...]:
        """As `JsonRpc.space_level_permissions`."""
        return tuple(await self._core.space_level_permissions().future())

    async def permissions(self, space: str | Space) -> Any:
        """As `JsonRpc.permissions`."""
        return await self._core.named("permissions", [space_of(space)], [], False).future()

    async def permissions_for_user(self, space: str | Space, user: str) -> Any:
        """As `JsonRpc.permissions_for_user`."""
        return await self._core.named("permissions_for_user", [space_of(space), user], [], False).future()

    async def content_permission_sets(
        self, content: ContentLike, *, strict: bool = False
    ) -> PermissionSets[Restriction]:
        """As `JsonRpc.content_permission_sets`."""
        return _content_sets(await self._core.content_permission_sets(content_of(content)).future(), strict)

    async def page_permissions(self, content: ContentLike) -> Any:
        """As `JsonRpc.page_permissions`."""
        return await self._core.named("page_permissions", [content_of(content)], [], False).future()

    async def set_content_permissions(
        self,
        content: ContentLike,
        permission_type: Literal["View", "Edit"],
        subjects: NamedSubject | Iterable[NamedSubject],
        *,
        dry_run: bool = False,
    ) -> Any:
        """As `JsonRpc.set_content_permissions`."""
        names = names_of(subjects)
        words = [content_of(content), permission_type]
        return await self._core.named("set_content_permissions", words, names, dry_run).future()

    async def add_permission_to_space(
        self, permission_type: str, subject: NamedSubject, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """As `JsonRpc.add_permission_to_space`."""
        words = [permission_type, name_of(subject), space_of(space)]
        return await self._core.named("add_permission_to_space", words, [], dry_run).future()

    async def add_permissions_to_space(
        self, permission_types: Iterable[str], subject: NamedSubject, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """As `JsonRpc.add_permissions_to_space`."""
        words = [name_of(subject), space_of(space)]
        return await self._core.named("add_permissions_to_space", words, words_of(permission_types), dry_run).future()

    async def remove_permission_from_space(
        self, permission_type: str, subject: NamedSubject, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """As `JsonRpc.remove_permission_from_space`."""
        words = [permission_type, name_of(subject), space_of(space)]
        return await self._core.named("remove_permission_from_space", words, [], dry_run).future()

    async def add_anonymous_permission_to_space(
        self, permission_type: str, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """As `JsonRpc.add_anonymous_permission_to_space`."""
        words = [permission_type, space_of(space)]
        return await self._core.named("add_anonymous_permission_to_space", words, [], dry_run).future()

    async def add_anonymous_permissions_to_space(
        self, permission_types: Iterable[str], space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """As `JsonRpc.add_anonymous_permissions_to_space`."""
        words = [space_of(space)]
        return await self._core.named(
            "add_anonymous_permissions_to_space", words, words_of(permission_types), dry_run
        ).future()

    async def remove_anonymous_permission_from_space(
        self, permission_type: str, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """As `JsonRpc.remove_anonymous_permission_from_space`."""
        words = [permission_type, space_of(space)]
        return await self._core.named("remove_anonymous_permission_from_space", words, [], dry_run).future()

    async def add_global_permission(self, permission_type: str, subject: NamedSubject, *, dry_run: bool = False) -> Any:
        """As `JsonRpc.add_global_permission`."""
        return await self._core.named(
            "add_global_permission", [permission_type, name_of(subject)], [], dry_run
        ).future()

    async def add_global_permissions(
        self, permission_types: Iterable[str], subject: NamedSubject, *, dry_run: bool = False
    ) -> Any:
        """As `JsonRpc.add_global_permissions`."""
        words = [name_of(subject)]
        return await self._core.named("add_global_permissions", words, words_of(permission_types), dry_run).future()

    async def remove_global_permission(
        self, permission_type: str, subject: NamedSubject, *, dry_run: bool = False
    ) -> Any:
        """As `JsonRpc.remove_global_permission`."""
        return await self._core.named(
            "remove_global_permission", [permission_type, name_of(subject)], [], dry_run
        ).future()

    async def add_anonymous_use_permission(self, *, dry_run: bool = False) -> Any:
        """As `JsonRpc.add_anonymous_use_permission`."""
        return await self._core.named("add_anonymous_use_permission", [], [], dry_run).future()

    async def add_anonymous_view_user_profile_permission(self, *, dry_run: bool = False) -> Any:
        """As `JsonRpc.add_anonymous_view_user_profile_permission`."""
        return await self._core.named("add_anonymous_view_user_profile_permission", [], [], dry_run).future()

    async def spaces(self) -> Any:
        """As `JsonRpc.spaces`."""
        return await self._core.named("spaces", [], [], False).future()

    async def pages(self, space: str | Space) -> Any:
        """As `JsonRpc.pages`."""
        return await self._core.named("pages", [space_of(space)], [], False).future()

    async def groups(self) -> Any:
        """As `JsonRpc.groups`."""
        return await self._core.named("groups", [], [], False).future()

    async def user_groups(self, user: str) -> Any:
        """As `JsonRpc.user_groups`."""
        return await self._core.named("user_groups", [user], [], False).future()

    async def add_group(self, group: str, *, dry_run: bool = False) -> Any:
        """As `JsonRpc.add_group`."""
        return await self._core.named("add_group", [group], [], dry_run).future()

    async def remove_group(self, group: str, move_to: str = "", *, dry_run: bool = False) -> Any:
        """As `JsonRpc.remove_group`."""
        return await self._core.named("remove_group", [group, move_to], [], dry_run).future()

    async def add_user_to_group(self, user: str, group: str, *, dry_run: bool = False) -> Any:
        """As `JsonRpc.add_user_to_group`."""
        return await self._core.named("add_user_to_group", [user, group], [], dry_run).future()

    async def remove_user_from_group(self, user: str, group: str, *, dry_run: bool = False) -> Any:
        """As `JsonRpc.remove_user_from_group`."""
        return await self._core.named("remove_user_from_group", [user, group], [], dry_run).future()

    async def deactivate_user(self, user: str, *, dry_run: bool = False) -> Any:
        """As `JsonRpc.deactivate_user`."""
        return await self._core.named("deactivate_user", [user], [], dry_run).future()

    async def reactivate_user(self, user: str, *, dry_run: bool = False) -> Any:
        """As `JsonRpc.reactivate_user`."""
        return await self._core.named("reactivate_user", [user], [], dry_run).future()
