"""JSON-RPC of Data Center and Server, method by method."""

# Written by `python -m confluence_access._generate`: change src/apis/json_rpc/methods.rs instead.

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from .answers import (
    Answers,
    NamedSubject,
    PermissionSet,
    PermissionSets,
    content_of,
    name_of,
    names_of,
    read_content_sets,
    read_names,
    read_space_sets,
    space_of,
    words_of,
)
from .errors import checked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from . import _core
    from .naming import ContentLike
    from .records import Restriction, Space, SpacePermission

__all__ = ["AsyncJsonRpc", "JsonRpc", "PermissionSet", "PermissionSets"]


class JsonRpc:
    """The older remote API of Data Center and Server, one method per method of the server, its name without `get`.

    From `wiki.json_rpc`. Arguments come in the order of the server's own methods. A user or a group is
    `user:<username>`, `group:<name>` or the bare name; the server keeps both in one namespace. Permission types are the
    server's (`VIEWSPACE`); the words of this library (`view`, `create_page`) work too.

    Calls use the light form (the method in the path, the parameters as the body); `wiki.json_rpc.envelope` makes the
    same calls with standard envelopes. Every change takes `dry_run=True`: nothing is sent, and the request is returned
    as a dict with `method`, `path` and `body`.

    All calls raise, as it applies:
        UnavailableError: The remote API is off; the message says where to turn it on.
        SecureSessionError: Secure administrator sessions (WebSudo) ask for the password again.
        ForbiddenError, NotFoundError, RequestError: The server reported an error, with any status.
        ConfigurationError: An argument is invalid, or the site is on Cloud; nothing was sent.

    Source: https://developer.atlassian.com/server/confluence/confluence-json-rpc-apis/
    """

    __slots__ = ("_core",)

    def __init__(self, core: _core.JsonRpc) -> None:
        self._core = core

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    @property
    def envelope(self) -> JsonRpc:
        """The same calls with standard envelopes: method, parameters and id in the body."""
        return type(self)(self._core.in_envelopes())

    def call(self, method: str, *params: Any, changes: bool = True, dry_run: bool = False) -> Any:
        """Calls any method of the server by its own name; returns its result as received.

        Args:
            method: Its name, such as `getSpaces`.
            *params: Its parameters, in order, without a token.
            changes: Whether it changes something; a call that only reads is retried if its answer is lost.
            dry_run: Only returns the request.
        """
        call = self._core.method(method, list(params), changes, dry_run)
        return call.wait()

    def space_permission_sets(self, space: str | Space, *, strict: bool = False) -> PermissionSets[SpacePermission]:
        """All permissions in a space, by permission type.

        Types that nobody has may be missing. An entry with neither user nor group is anonymous.

        Source: `getSpacePermissionSets(spaceKey)`. Needs a Confluence administrator or an administrator of the space.

        Args:
            space: Key or record of the space.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("space_permission_sets", {"space": space_of(space)})
        return checked(read_space_sets(call.wait()), "space_permission_sets", strict)

    def space_permission_set(self, space: str | Space, permission_type: str, *, strict: bool = False) -> PermissionSet:
        """Who has one permission type in a space.

        Source: `getSpacePermissionSet(spaceKey, type)`.

        Args:
            space: Key or record of the space.
            permission_type: Permission type, such as `VIEWSPACE`; the words of this library (`view`, `create_page`)
                work too.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("space_permission_set", {"space": space_of(space), "permission_type": permission_type})
        return checked(PermissionSet(call.wait()), "space_permission_set", strict)

    def space_level_permissions(self, *, strict: bool = False) -> Answers[str]:
        """The permission types of a space, each once.

        Source: `getSpaceLevelPermissions()`.

        Args:
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("space_level_permissions", {})
        return checked(read_names(call.wait()), "space_level_permissions", strict)

    def permissions(self, space: str | Space) -> Any:
        """What the caller may do in a space, incomplete and in words of its own (`view`, `modify`, …).

        Source: `getPermissions(spaceKey)`; https://jira.atlassian.com/browse/CONFSERVER-21951

        Args:
            space: Key or record of the space.
        """
        call = self._core.call("permissions", {"space": space_of(space)})
        return call.wait()

    def permissions_for_user(self, space: str | Space, user: str) -> Any:
        """What another user may do in a space, in the words of `permissions`.

        Source: `getPermissionsForUser(spaceKey, userName)`.

        Args:
            space: Key or record of the space.
            user: Username; `user:<username>` works too.
        """
        call = self._core.call("permissions_for_user", {"space": space_of(space), "user": user})
        return call.wait()

    def content_permission_sets(self, content: ContentLike, *, strict: bool = False) -> PermissionSets[Restriction]:
        """The restrictions of a content item, by operation.

        Source: `getContentPermissionSets(contentId)`.

        Args:
            content: Id or record of the content item.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("content_permission_sets", {"content": content_of(content)})
        return checked(read_content_sets(call.wait()), "content_permission_sets", strict)

    def page_permissions(self, content: ContentLike) -> Any:
        """The restrictions that apply to a page, as received.

        Source: `getPagePermissions(pageId)`; https://jira.atlassian.com/browse/CONFSERVER-14162

        Args:
            content: Id or record of the content item.
        """
        call = self._core.call("page_permissions", {"content": content_of(content)})
        return call.wait()

    def set_content_permissions(
        self,
        content: ContentLike,
        permission_type: Literal["View", "Edit"],
        subjects: NamedSubject | Iterable[NamedSubject],
        *,
        dry_run: bool = False,
    ) -> Any:
        """Sets one restriction of a content item to exactly these subjects. The other is not changed.

        An empty list removes this restriction. This method does not guard against locking yourself out;
        `wiki.set_restrictions` does.

        Source: `setContentPermissions(contentId, type, permissions)`.

        Args:
            content: Id or record of the content item.
            permission_type: `View` or `Edit`.
            subjects: One or several: `user:<username>`, `group:<name>`, or a record.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "set_content_permissions",
            {
                "content": content_of(content),
                "permission_type": permission_type,
                "subjects": names_of(subjects),
            },
            dry_run,
        )
        return call.wait()

    def add_permission_to_space(
        self, permission_type: str, subject: NamedSubject, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Grants a permission in a space.

        Source: `addPermissionToSpace(type, userOrGroup, spaceKey)`.

        Args:
            permission_type: Permission type, such as `VIEWSPACE`; the words of this library (`view`, `create_page`)
                work too.
            subject: `user:<username>`, `group:<name>`, the bare name, or a record.
            space: Key or record of the space.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_permission_to_space",
            {
                "permission_type": permission_type,
                "subject": name_of(subject),
                "space": space_of(space),
            },
            dry_run,
        )
        return call.wait()

    def add_permissions_to_space(
        self, permission_types: str | Iterable[str], subject: NamedSubject, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Grants permissions in a space.

        Source: `addPermissionsToSpace(types, userOrGroup, spaceKey)`.

        Args:
            permission_types: One or several permission types, such as `VIEWSPACE`; the words of this library (`view`,
                `create_page`) work too.
            subject: `user:<username>`, `group:<name>`, the bare name, or a record.
            space: Key or record of the space.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_permissions_to_space",
            {
                "permission_types": words_of(permission_types),
                "subject": name_of(subject),
                "space": space_of(space),
            },
            dry_run,
        )
        return call.wait()

    def remove_permission_from_space(
        self, permission_type: str, subject: NamedSubject, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Revokes a permission in a space.

        Source: `removePermissionFromSpace(type, userOrGroup, spaceKey)`.

        Args:
            permission_type: Permission type, such as `VIEWSPACE`; the words of this library (`view`, `create_page`)
                work too.
            subject: `user:<username>`, `group:<name>`, the bare name, or a record.
            space: Key or record of the space.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "remove_permission_from_space",
            {
                "permission_type": permission_type,
                "subject": name_of(subject),
                "space": space_of(space),
            },
            dry_run,
        )
        return call.wait()

    def add_anonymous_permission_to_space(
        self, permission_type: str, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Grants anonymous users a permission in a space.

        Source: `addAnonymousPermissionToSpace(type, spaceKey)`.

        Args:
            permission_type: Permission type, such as `VIEWSPACE`; the words of this library (`view`, `create_page`)
                work too.
            space: Key or record of the space.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_anonymous_permission_to_space",
            {
                "permission_type": permission_type,
                "space": space_of(space),
            },
            dry_run,
        )
        return call.wait()

    def add_anonymous_permissions_to_space(
        self, permission_types: str | Iterable[str], space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Grants anonymous users permissions in a space.

        Source: `addAnonymousPermissionsToSpace(types, spaceKey)`.

        Args:
            permission_types: One or several permission types, such as `VIEWSPACE`; the words of this library (`view`,
                `create_page`) work too.
            space: Key or record of the space.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_anonymous_permissions_to_space",
            {
                "permission_types": words_of(permission_types),
                "space": space_of(space),
            },
            dry_run,
        )
        return call.wait()

    def remove_anonymous_permission_from_space(
        self, permission_type: str, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Revokes a permission of anonymous users in a space.

        Source: `removeAnonymousPermissionFromSpace(type, spaceKey)`.

        Args:
            permission_type: Permission type, such as `VIEWSPACE`; the words of this library (`view`, `create_page`)
                work too.
            space: Key or record of the space.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "remove_anonymous_permission_from_space",
            {
                "permission_type": permission_type,
                "space": space_of(space),
            },
            dry_run,
        )
        return call.wait()

    def add_global_permission(self, permission_type: str, subject: NamedSubject, *, dry_run: bool = False) -> Any:
        """Grants a global permission, such as `USECONFLUENCE`.

        Source: `addGlobalPermission(type, userOrGroup)`.

        Args:
            permission_type: Global permission, such as `USECONFLUENCE`.
            subject: `user:<username>`, `group:<name>`, the bare name, or a record.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_global_permission",
            {
                "permission_type": permission_type,
                "subject": name_of(subject),
            },
            dry_run,
        )
        return call.wait()

    def add_global_permissions(
        self, permission_types: str | Iterable[str], subject: NamedSubject, *, dry_run: bool = False
    ) -> Any:
        """Grants global permissions.

        Source: `addGlobalPermissions(types, userOrGroup)`.

        Args:
            permission_types: One or several global permissions, such as `USECONFLUENCE`.
            subject: `user:<username>`, `group:<name>`, the bare name, or a record.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_global_permissions",
            {
                "permission_types": words_of(permission_types),
                "subject": name_of(subject),
            },
            dry_run,
        )
        return call.wait()

    def remove_global_permission(self, permission_type: str, subject: NamedSubject, *, dry_run: bool = False) -> Any:
        """Revokes a global permission.

        Source: `removeGlobalPermission(type, userOrGroup)`.

        Args:
            permission_type: Global permission, such as `USECONFLUENCE`.
            subject: `user:<username>`, `group:<name>`, the bare name, or a record.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "remove_global_permission",
            {
                "permission_type": permission_type,
                "subject": name_of(subject),
            },
            dry_run,
        )
        return call.wait()

    def add_anonymous_use_permission(self, *, dry_run: bool = False) -> Any:
        """Lets anonymous users use the site.

        Source: `addAnonymousUsePermission()`.

        Args:
            dry_run: Only returns the request.
        """
        call = self._core.call("add_anonymous_use_permission", {}, dry_run)
        return call.wait()

    def add_anonymous_view_user_profile_permission(self, *, dry_run: bool = False) -> Any:
        """Lets anonymous users see user profiles.

        Source: `addAnonymousViewUserProfilePermission()`.

        Args:
            dry_run: Only returns the request.
        """
        call = self._core.call("add_anonymous_view_user_profile_permission", {}, dry_run)
        return call.wait()

    def spaces(self) -> Any:
        """The spaces the caller can see, as received.

        Source: `getSpaces()`.
        """
        call = self._core.call("spaces", {})
        return call.wait()

    def pages(self, space: str | Space) -> Any:
        """The pages of a space that the caller can see, as received.

        Source: `getPages(spaceKey)`.

        Args:
            space: Key or record of the space.
        """
        call = self._core.call("pages", {"space": space_of(space)})
        return call.wait()

    def groups(self) -> Any:
        """The groups, by name.

        Source: `getGroups()`.
        """
        call = self._core.call("groups", {})
        return call.wait()

    def user_groups(self, user: str) -> Any:
        """The groups of a user, by name.

        Source: `getUserGroups(userName)`.

        Args:
            user: Username; `user:<username>` works too.
        """
        call = self._core.call("user_groups", {"user": user})
        return call.wait()

    def add_group(self, group: str, *, dry_run: bool = False) -> Any:
        """Creates a group.

        Source: `addGroup(name)`.

        Args:
            group: Name of the group; `group:<name>` works too.
            dry_run: Only returns the request.
        """
        call = self._core.call("add_group", {"group": group}, dry_run)
        return call.wait()

    def remove_group(self, group: str, move_to: str = "", *, dry_run: bool = False) -> Any:
        """Removes a group.

        Source: `removeGroup(name, default)`.

        Args:
            group: Name of the group; `group:<name>` works too.
            move_to: Group that its members are moved to; empty: none.
            dry_run: Only returns the request.
        """
        call = self._core.call("remove_group", {"group": group, "move_to": move_to}, dry_run)
        return call.wait()

    def add_user_to_group(self, user: str, group: str, *, dry_run: bool = False) -> Any:
        """Adds a user to a group.

        Source: `addUserToGroup(userName, groupName)`.

        Args:
            user: Username; `user:<username>` works too.
            group: Name of the group; `group:<name>` works too.
            dry_run: Only returns the request.
        """
        call = self._core.call("add_user_to_group", {"user": user, "group": group}, dry_run)
        return call.wait()

    def remove_user_from_group(self, user: str, group: str, *, dry_run: bool = False) -> Any:
        """Removes a user from a group.

        Source: `removeUserFromGroup(userName, groupName)`.

        Args:
            user: Username; `user:<username>` works too.
            group: Name of the group; `group:<name>` works too.
            dry_run: Only returns the request.
        """
        call = self._core.call("remove_user_from_group", {"user": user, "group": group}, dry_run)
        return call.wait()

    def deactivate_user(self, user: str, *, dry_run: bool = False) -> Any:
        """Deactivates a user.

        Source: `deactivateUser(userName)`.

        Args:
            user: Username; `user:<username>` works too.
            dry_run: Only returns the request.
        """
        call = self._core.call("deactivate_user", {"user": user}, dry_run)
        return call.wait()

    def reactivate_user(self, user: str, *, dry_run: bool = False) -> Any:
        """Reactivates a user.

        Source: `reactivateUser(userName)`.

        Args:
            user: Username; `user:<username>` works too.
            dry_run: Only returns the request.
        """
        call = self._core.call("reactivate_user", {"user": user}, dry_run)
        return call.wait()


class AsyncJsonRpc:
    """As `JsonRpc`, each method awaited. From `wiki.json_rpc` of an `AsyncConfluence`."""

    __slots__ = ("_core",)

    def __init__(self, core: _core.JsonRpc) -> None:
        self._core = core

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    @property
    def envelope(self) -> AsyncJsonRpc:
        """The same calls with standard envelopes: method, parameters and id in the body."""
        return type(self)(self._core.in_envelopes())

    async def call(self, method: str, *params: Any, changes: bool = True, dry_run: bool = False) -> Any:
        """Calls any method of the server by its own name; returns its result as received.

        Args:
            method: Its name, such as `getSpaces`.
            *params: Its parameters, in order, without a token.
            changes: Whether it changes something; a call that only reads is retried if its answer is lost.
            dry_run: Only returns the request.
        """
        call = self._core.method(method, list(params), changes, dry_run)
        return await call.future()

    async def space_permission_sets(
        self, space: str | Space, *, strict: bool = False
    ) -> PermissionSets[SpacePermission]:
        """All permissions in a space, by permission type.

        Types that nobody has may be missing. An entry with neither user nor group is anonymous.

        Source: `getSpacePermissionSets(spaceKey)`. Needs a Confluence administrator or an administrator of the space.

        Args:
            space: Key or record of the space.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("space_permission_sets", {"space": space_of(space)})
        return checked(read_space_sets(await call.future()), "space_permission_sets", strict)

    async def space_permission_set(
        self, space: str | Space, permission_type: str, *, strict: bool = False
    ) -> PermissionSet:
        """Who has one permission type in a space.

        Source: `getSpacePermissionSet(spaceKey, type)`.

        Args:
            space: Key or record of the space.
            permission_type: Permission type, such as `VIEWSPACE`; the words of this library (`view`, `create_page`)
                work too.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("space_permission_set", {"space": space_of(space), "permission_type": permission_type})
        return checked(PermissionSet(await call.future()), "space_permission_set", strict)

    async def space_level_permissions(self, *, strict: bool = False) -> Answers[str]:
        """The permission types of a space, each once.

        Source: `getSpaceLevelPermissions()`.

        Args:
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("space_level_permissions", {})
        return checked(read_names(await call.future()), "space_level_permissions", strict)

    async def permissions(self, space: str | Space) -> Any:
        """What the caller may do in a space, incomplete and in words of its own (`view`, `modify`, …).

        Source: `getPermissions(spaceKey)`; https://jira.atlassian.com/browse/CONFSERVER-21951

        Args:
            space: Key or record of the space.
        """
        call = self._core.call("permissions", {"space": space_of(space)})
        return await call.future()

    async def permissions_for_user(self, space: str | Space, user: str) -> Any:
        """What another user may do in a space, in the words of `permissions`.

        Source: `getPermissionsForUser(spaceKey, userName)`.

        Args:
            space: Key or record of the space.
            user: Username; `user:<username>` works too.
        """
        call = self._core.call("permissions_for_user", {"space": space_of(space), "user": user})
        return await call.future()

    async def content_permission_sets(
        self, content: ContentLike, *, strict: bool = False
    ) -> PermissionSets[Restriction]:
        """The restrictions of a content item, by operation.

        Source: `getContentPermissionSets(contentId)`.

        Args:
            content: Id or record of the content item.
            strict: Raises `IncompleteError` if something could not be read or a list is shorter than its total.
        """
        call = self._core.call("content_permission_sets", {"content": content_of(content)})
        return checked(read_content_sets(await call.future()), "content_permission_sets", strict)

    async def page_permissions(self, content: ContentLike) -> Any:
        """The restrictions that apply to a page, as received.

        Source: `getPagePermissions(pageId)`; https://jira.atlassian.com/browse/CONFSERVER-14162

        Args:
            content: Id or record of the content item.
        """
        call = self._core.call("page_permissions", {"content": content_of(content)})
        return await call.future()

    async def set_content_permissions(
        self,
        content: ContentLike,
        permission_type: Literal["View", "Edit"],
        subjects: NamedSubject | Iterable[NamedSubject],
        *,
        dry_run: bool = False,
    ) -> Any:
        """Sets one restriction of a content item to exactly these subjects. The other is not changed.

        An empty list removes this restriction. This method does not guard against locking yourself out;
        `wiki.set_restrictions` does.

        Source: `setContentPermissions(contentId, type, permissions)`.

        Args:
            content: Id or record of the content item.
            permission_type: `View` or `Edit`.
            subjects: One or several: `user:<username>`, `group:<name>`, or a record.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "set_content_permissions",
            {
                "content": content_of(content),
                "permission_type": permission_type,
                "subjects": names_of(subjects),
            },
            dry_run,
        )
        return await call.future()

    async def add_permission_to_space(
        self, permission_type: str, subject: NamedSubject, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Grants a permission in a space.

        Source: `addPermissionToSpace(type, userOrGroup, spaceKey)`.

        Args:
            permission_type: Permission type, such as `VIEWSPACE`; the words of this library (`view`, `create_page`)
                work too.
            subject: `user:<username>`, `group:<name>`, the bare name, or a record.
            space: Key or record of the space.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_permission_to_space",
            {
                "permission_type": permission_type,
                "subject": name_of(subject),
                "space": space_of(space),
            },
            dry_run,
        )
        return await call.future()

    async def add_permissions_to_space(
        self, permission_types: str | Iterable[str], subject: NamedSubject, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Grants permissions in a space.

        Source: `addPermissionsToSpace(types, userOrGroup, spaceKey)`.

        Args:
            permission_types: One or several permission types, such as `VIEWSPACE`; the words of this library (`view`,
                `create_page`) work too.
            subject: `user:<username>`, `group:<name>`, the bare name, or a record.
            space: Key or record of the space.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_permissions_to_space",
            {
                "permission_types": words_of(permission_types),
                "subject": name_of(subject),
                "space": space_of(space),
            },
            dry_run,
        )
        return await call.future()

    async def remove_permission_from_space(
        self, permission_type: str, subject: NamedSubject, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Revokes a permission in a space.

        Source: `removePermissionFromSpace(type, userOrGroup, spaceKey)`.

        Args:
            permission_type: Permission type, such as `VIEWSPACE`; the words of this library (`view`, `create_page`)
                work too.
            subject: `user:<username>`, `group:<name>`, the bare name, or a record.
            space: Key or record of the space.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "remove_permission_from_space",
            {
                "permission_type": permission_type,
                "subject": name_of(subject),
                "space": space_of(space),
            },
            dry_run,
        )
        return await call.future()

    async def add_anonymous_permission_to_space(
        self, permission_type: str, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Grants anonymous users a permission in a space.

        Source: `addAnonymousPermissionToSpace(type, spaceKey)`.

        Args:
            permission_type: Permission type, such as `VIEWSPACE`; the words of this library (`view`, `create_page`)
                work too.
            space: Key or record of the space.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_anonymous_permission_to_space",
            {
                "permission_type": permission_type,
                "space": space_of(space),
            },
            dry_run,
        )
        return await call.future()

    async def add_anonymous_permissions_to_space(
        self, permission_types: str | Iterable[str], space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Grants anonymous users permissions in a space.

        Source: `addAnonymousPermissionsToSpace(types, spaceKey)`.

        Args:
            permission_types: One or several permission types, such as `VIEWSPACE`; the words of this library (`view`,
                `create_page`) work too.
            space: Key or record of the space.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_anonymous_permissions_to_space",
            {
                "permission_types": words_of(permission_types),
                "space": space_of(space),
            },
            dry_run,
        )
        return await call.future()

    async def remove_anonymous_permission_from_space(
        self, permission_type: str, space: str | Space, *, dry_run: bool = False
    ) -> Any:
        """Revokes a permission of anonymous users in a space.

        Source: `removeAnonymousPermissionFromSpace(type, spaceKey)`.

        Args:
            permission_type: Permission type, such as `VIEWSPACE`; the words of this library (`view`, `create_page`)
                work too.
            space: Key or record of the space.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "remove_anonymous_permission_from_space",
            {
                "permission_type": permission_type,
                "space": space_of(space),
            },
            dry_run,
        )
        return await call.future()

    async def add_global_permission(self, permission_type: str, subject: NamedSubject, *, dry_run: bool = False) -> Any:
        """Grants a global permission, such as `USECONFLUENCE`.

        Source: `addGlobalPermission(type, userOrGroup)`.

        Args:
            permission_type: Global permission, such as `USECONFLUENCE`.
            subject: `user:<username>`, `group:<name>`, the bare name, or a record.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_global_permission",
            {
                "permission_type": permission_type,
                "subject": name_of(subject),
            },
            dry_run,
        )
        return await call.future()

    async def add_global_permissions(
        self, permission_types: str | Iterable[str], subject: NamedSubject, *, dry_run: bool = False
    ) -> Any:
        """Grants global permissions.

        Source: `addGlobalPermissions(types, userOrGroup)`.

        Args:
            permission_types: One or several global permissions, such as `USECONFLUENCE`.
            subject: `user:<username>`, `group:<name>`, the bare name, or a record.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "add_global_permissions",
            {
                "permission_types": words_of(permission_types),
                "subject": name_of(subject),
            },
            dry_run,
        )
        return await call.future()

    async def remove_global_permission(
        self, permission_type: str, subject: NamedSubject, *, dry_run: bool = False
    ) -> Any:
        """Revokes a global permission.

        Source: `removeGlobalPermission(type, userOrGroup)`.

        Args:
            permission_type: Global permission, such as `USECONFLUENCE`.
            subject: `user:<username>`, `group:<name>`, the bare name, or a record.
            dry_run: Only returns the request.
        """
        call = self._core.call(
            "remove_global_permission",
            {
                "permission_type": permission_type,
                "subject": name_of(subject),
            },
            dry_run,
        )
        return await call.future()

    async def add_anonymous_use_permission(self, *, dry_run: bool = False) -> Any:
        """Lets anonymous users use the site.

        Source: `addAnonymousUsePermission()`.

        Args:
            dry_run: Only returns the request.
        """
        call = self._core.call("add_anonymous_use_permission", {}, dry_run)
        return await call.future()

    async def add_anonymous_view_user_profile_permission(self, *, dry_run: bool = False) -> Any:
        """Lets anonymous users see user profiles.

        Source: `addAnonymousViewUserProfilePermission()`.

        Args:
            dry_run: Only returns the request.
        """
        call = self._core.call("add_anonymous_view_user_profile_permission", {}, dry_run)
        return await call.future()

    async def spaces(self) -> Any:
        """The spaces the caller can see, as received.

        Source: `getSpaces()`.
        """
        call = self._core.call("spaces", {})
        return await call.future()

    async def pages(self, space: str | Space) -> Any:
        """The pages of a space that the caller can see, as received.

        Source: `getPages(spaceKey)`.

        Args:
            space: Key or record of the space.
        """
        call = self._core.call("pages", {"space": space_of(space)})
        return await call.future()

    async def groups(self) -> Any:
        """The groups, by name.

        Source: `getGroups()`.
        """
        call = self._core.call("groups", {})
        return await call.future()

    async def user_groups(self, user: str) -> Any:
        """The groups of a user, by name.

        Source: `getUserGroups(userName)`.

        Args:
            user: Username; `user:<username>` works too.
        """
        call = self._core.call("user_groups", {"user": user})
        return await call.future()

    async def add_group(self, group: str, *, dry_run: bool = False) -> Any:
        """Creates a group.

        Source: `addGroup(name)`.

        Args:
            group: Name of the group; `group:<name>` works too.
            dry_run: Only returns the request.
        """
        call = self._core.call("add_group", {"group": group}, dry_run)
        return await call.future()

    async def remove_group(self, group: str, move_to: str = "", *, dry_run: bool = False) -> Any:
        """Removes a group.

        Source: `removeGroup(name, default)`.

        Args:
            group: Name of the group; `group:<name>` works too.
            move_to: Group that its members are moved to; empty: none.
            dry_run: Only returns the request.
        """
        call = self._core.call("remove_group", {"group": group, "move_to": move_to}, dry_run)
        return await call.future()

    async def add_user_to_group(self, user: str, group: str, *, dry_run: bool = False) -> Any:
        """Adds a user to a group.

        Source: `addUserToGroup(userName, groupName)`.

        Args:
            user: Username; `user:<username>` works too.
            group: Name of the group; `group:<name>` works too.
            dry_run: Only returns the request.
        """
        call = self._core.call("add_user_to_group", {"user": user, "group": group}, dry_run)
        return await call.future()

    async def remove_user_from_group(self, user: str, group: str, *, dry_run: bool = False) -> Any:
        """Removes a user from a group.

        Source: `removeUserFromGroup(userName, groupName)`.

        Args:
            user: Username; `user:<username>` works too.
            group: Name of the group; `group:<name>` works too.
            dry_run: Only returns the request.
        """
        call = self._core.call("remove_user_from_group", {"user": user, "group": group}, dry_run)
        return await call.future()

    async def deactivate_user(self, user: str, *, dry_run: bool = False) -> Any:
        """Deactivates a user.

        Source: `deactivateUser(userName)`.

        Args:
            user: Username; `user:<username>` works too.
            dry_run: Only returns the request.
        """
        call = self._core.call("deactivate_user", {"user": user}, dry_run)
        return await call.future()

    async def reactivate_user(self, user: str, *, dry_run: bool = False) -> Any:
        """Reactivates a user.

        Source: `reactivateUser(userName)`.

        Args:
            user: Username; `user:<username>` works too.
            dry_run: Only returns the request.
        """
        call = self._core.call("reactivate_user", {"user": user}, dry_run)
        return await call.future()
