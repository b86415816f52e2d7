"""Connections to a Confluence site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from . import _core, arguments
from ._async import AsyncConfluence
from .access import Measurement
from .connection import Connection, meaning
from .errors import checked
from .moments import span
from .naming import (
    account_of,
    content_of,
    contents_of,
    directories_of,
    group_of,
    is_one_content,
    permissions_by_subject,
    permissions_of,
    person_of,
    space_of,
    spaces_of,
    subject_of,
    subjects_of,
    wording_of,
)
from .plans import Applied, Plan, attempt_of, plan_of
from .progress import Ticker, display
from .server import Server, Usage
from .snapshot import Snapshot, core_of
from .tables import Table, of_span

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from .extender import Extender
    from .json_rpc import JsonRpc
    from .moments import Moment
    from .naming import AuditSource, ContentLike, Directories, SpaceLike, SubjectLike
    from .plans import OnError
    from .progress import Report
    from .records import (
        AuditRecord,
        CheckResult,
        Content,
        Directory,
        DirectoryLink,
        GlobalPermission,
        Group,
        Identity,
        LastActive,
        Membership,
        PermissionChange,
        Restriction,
        Space,
        SpacePermission,
        User,
        WriteResult,
    )
    from .types import OperationLike, RestrictionOperationLike

__all__ = ["AsyncConfluence", "Confluence", "Server", "Usage"]


class Confluence(Connection):
    """A connection to a Confluence site.

    Every listing method returns a `Table` of typed records. `gaps` of a table is what could not be read; `strict=True`
    raises `IncompleteError` instead of returning a table with gaps. Give a content item or a space as its record or its
    id, a space also by its key.

    Calls block; Ctrl-C interrupts them at once. Threads may share a client. Calls work inside a running asyncio loop
    but block it: use `AsyncConfluence` there. A forked process needs a client of its own.

    Example:
        >>> with Confluence.from_env() as wiki:
        ...     [space.key for space in wiki.spaces()][:2]
        ['ENG', 'OPS']

    All calls raise, as it applies:
        AuthenticationError: The credentials are rejected.
        ForbiddenError, NotFoundError: The account may not read this, or it does not exist.
        RateLimitError, ServerError, NoAnswerError, RequestTimeoutError: The error remains after all retries.
        CertificateError: The server's certificate is not trusted (`ca_bundle=` adds a company's own authority), or the
            server asks for a client certificate (`client_cert=`).
        NotConfluenceError: A login page or another product answers at the address.
        ClosedError, ForkedError: This client can no longer send requests.
    """

    @property
    def extender(self) -> Extender:
        """The Extender add-on of Data Center, endpoint by endpoint."""
        # Half of what this package would take to import, and few use it.
        from .extender import Extender

        return Extender(self._core.extender())

    @property
    def json_rpc(self) -> JsonRpc:
        """JSON-RPC of Data Center, method by method."""
        from .json_rpc import JsonRpc

        return JsonRpc(self._core.json_rpc())

    def server(self) -> Server:
        """The server, your account on it, and what that account cannot see.

        Says at once if the account is not an administrator. Any account may call it.

        On Data Center a rejected token raises `AuthenticationError`, although the server itself would silently treat
        the caller as anonymous.

        Source: Cloud `GET /wiki/rest/api/user/current`, `GET /wiki/api/v2/space-role-mode`,
        `GET /wiki/api/v2/admin-key` and `GET /wiki/rest/api/settings/systemInfo`. Data Center
        `GET /rest/api/user/current` first of all, `GET /rest/api/server-information` (else the manifest of application
        links), and one request for each capability.

        Example:
            >>> Confluence.from_env().server().deployment
            'cloud'
        """
        return Server._of(self._core.server().wait())

    def spaces(self, *, strict: bool = False) -> Table[Space]:
        """All spaces the account can see, including archived and personal ones.

        One row per space. `homepage_id` and `name` are null if the server did not say.

        Source: Cloud `GET /wiki/api/v2/spaces`. Data Center `GET /rest/api/space`, once for current and once for
        archived spaces, and `GET /rest/api/user` for the owners of personal ones. Any account may call it and gets the
        spaces it may view.

        Args:
            strict: Raises `IncompleteError` if something could not be read.

        Example:
            >>> Confluence.from_env().spaces()[0].key
            'ENG'
        """
        return checked(Table(self._core.spaces().wait()), "spaces", strict)

    def contents(self, space: SpaceLike, *, strict: bool = False) -> Table[Content]:
        """The content tree of a space: pages, blog posts and the other types.

        One row per content item. `parent_id` is null at the root of a space; times are UTC.

        Source: Cloud `GET /wiki/api/v2/pages` and `GET /wiki/api/v2/blogposts`, `GET /wiki/rest/api/content/search` for
        the other types, and `GET /wiki/api/v2/{type}/{id}` and `GET /wiki/api/v2/pages/{id}/ancestors` for parents that
        no listing contains. Data Center `GET /rest/api/content/scan` (7.18 and later), else `GET /rest/api/content`;
        and `GET /rest/api/content/{id}` for such parents. Returns what the account may view: pages restricted to others
        are missing, and nothing in the answer says so. On Data Center members of `confluence-administrators` see
        everything.

        Args:
            space: Key, id or record of the space.
            strict: Raises `IncompleteError` if something could not be read.

        Raises:
            NotFoundError: There is no such space, or the account may not view it.

        Example:
            >>> Confluence.from_env().contents("ENG")[0].space_key
            'ENG'
        """
        return checked(Table(self._core.contents(space_of(space, self)).wait()), "contents", strict)

    def space_permissions(
        self,
        space: SpaceLike,
        *,
        subject: SubjectLike | None = None,
        source: Literal["rest", "extender", "json_rpc"] | None = None,
        strict: bool = False,
    ) -> Table[SpacePermission]:
        """Who has which permission in a space.

        One row per subject and permission. Roles are expanded into the permissions they give; `via_role` names the role
        and is null for a direct grant. `raw` keeps the server's own words.

        On Data Center the first available API is used: REST (9.1 and later), the Extender add-on, or JSON-RPC if the
        remote API is on. The column `source` begins with `datacenter`, `extender` or `json_rpc`. Only a legacy form of
        REST returns grants to unlicensed users; it is queried if the site admits such users.

        On Cloud the answer contains only ids. `subject_name` is filled with at most two requests for accounts and one
        for groups, and is null if these return no name; a `snapshot` has all names.

        Source: Cloud `GET /wiki/api/v2/spaces/{id}/permissions` and `GET /wiki/api/v2/spaces/{id}/role-assignments`,
        interpreted with `GET /wiki/api/v2/space-role-mode`, `GET /wiki/api/v2/space-roles` and
        `GET /wiki/api/v2/space-permissions`; requires view permission in the space. Names from
        `GET /wiki/rest/api/group` and `POST /wiki/api/v2/users-bulk`. Data Center
        `GET /rest/api/space/{key}/permissions` and `GET /rest/api/space/{key}/permissions/anonymous`,
        `GET /rest/extender/1.0/permission/space/{key}/getSpacePermissionActors/{type}`, or
        `POST /rpc/json-rpc/confluenceservice-v2/getSpacePermissionSets`; requires Confluence or space administration.
        Without these rights a server answers 403 or 500 (CONFSERVER-99908).

        Args:
            space: Key, id or record of the space.
            subject: Only what this user, group or `anonymous` has directly, without what its groups give it.
            source: Data Center: uses only this API.
            strict: Raises `IncompleteError` if something could not be read.

        Raises:
            NotFoundError: There is no such space, or the account may not view it; or no such subject.
            ForbiddenError: Data Center: the account administers neither Confluence nor the space.
            UnavailableError: Data Center: no API returns them here, or the named one does not.

        Example:
            >>> {row.space_key for row in Confluence.from_env().space_permissions("ENG")}
            {'ENG'}
        """
        who = None if subject is None else subject_of(subject)
        call = self._core.space_permissions(space_of(space, self), who, source)
        return checked(Table(call.wait()), "space_permissions", strict)

    def global_permissions(self, *, strict: bool = False) -> Table[GlobalPermission]:
        """Who may use, administer and extend the site as a whole (Data Center).

        One row per subject and permission. They come before everything else: without `use` no space permission has an
        effect.

        Source: `GET /rest/api/permissions`, `GET /rest/api/permissions/anonymous` and
        `GET /rest/api/permissions/unlicensed`, 9.3 and later and the last versions of 9.2. Requires a Confluence
        administrator.

        Args:
            strict: Raises `IncompleteError` if something could not be read.

        Raises:
            ConfigurationError: This is Cloud.
            UnavailableError: This version does not return them.
            ForbiddenError: The account does not administer Confluence.
        """
        return checked(Table(self._core.global_permissions().wait()), "global_permissions", strict)

    def restrictions(self, content: ContentLike | Iterable[ContentLike], *, strict: bool = False) -> Table[Restriction]:
        """The restrictions of a content item itself, for both operations, with all their subjects.

        One row per operation and subject; no rows if the item is not restricted. Restrictions of its ancestors are not
        included: `Access.explain` combines them.

        Several items (a list, a table of contents, a pandas column, a numpy array) are read two hundred per request.
        Rows come in the order of the items, and an item named twice is returned once. What search does not cover, such
        as archived spaces and drafts, costs one request per item. Among several, an item that cannot be read is a gap,
        not an error.

        Source: Cloud `GET /wiki/rest/api/content/{id}/restriction`. Data Center
        `GET /rest/api/content/{id}/restriction/byOperation`, and one operation at a time for longer lists. Several:
        `GET /wiki/rest/api/content/search`, on Data Center `GET /rest/api/content/search`, by their ids. Requires view
        access to the content.

        Args:
            content: Id or record of the content item, or several of them.
            strict: Raises `IncompleteError` if something could not be read.

        Raises:
            NotFoundError: A single item was given and does not exist, or the account may not view it.

        Example:
            >>> wiki = Confluence.from_env()
            >>> home = wiki.spaces()[0].homepage_id
            >>> len(wiki.restrictions(home))
            0
            >>> restricted = wiki.restrictions(wiki.contents("ENG"))
            >>> {row.operation for row in restricted} == {"view", "edit"}
            True
        """
        if is_one_content(content):
            call = self._core.restrictions(content_of(content, self))
        else:
            call = self._core.restrictions_of(contents_of(content, self))
        return checked(Table(call.wait()), "restrictions", strict)

    def groups(self, *, directories: Directories | None = None, strict: bool = False) -> Table[Group]:
        """All groups, and where each is managed.

        One row per group. `source` is `directory`, `local`, `team` or `unknown`; `evidence` is what that is based on.
        With `org_token` each group also has the id and name of its directory, and what the organization says about it.
        If that differs from Confluence, the organization's value wins and `evidence` records the conflict. A rejected
        key leaves a gap about `organization`, and the groups hold only what Confluence returns.

        Data Center does not return the directory of a group, so `source` is `unknown` unless you name it: `directories`
        maps group names, or patterns with `*`, to the name of their directory, followed by its type if you know it:
        `{"ad-*": "Acme AD (CONNECTOR)", "staff": "Confluence Internal Directory"}`. The rows of Atlassian's documented
        query of `cwd_group` and `cwd_directory` work too: `(group_name, directory_name, directory_type)`, or mappings
        with these columns. If the Extender add-on shows a single active directory, that one is used.

        Source: Cloud `GET /wiki/rest/api/group`; any account may call it. With a key
        `POST /admin/v2/orgs/{orgId}/directories/-/groups/search` and `GET /admin/v2/orgs/{orgId}/directories`; scopes
        read:groups:admin and read:directories:admin. Data Center `GET /rest/api/group`; if the add-on is installed
        `GET /rest/extender/1.0/userDirectories/all`.

        Args:
            directories: Names of directories by their id, on Data Center by name or pattern of the group, in addition
                to those of the connection.
            strict: Raises `IncompleteError` if something could not be read.

        Example:
            >>> "directory" in {group.source for group in Confluence.from_env().groups()}
            True
        """
        return checked(Table(self._core.groups(directories_of(directories)).wait()), "groups", strict)

    def directories(self, *, strict: bool = False) -> Table[Directory]:
        """The directories of the organization.

        One row per directory. `name` comes from `directories=`, else from the organization.

        Source: `GET /admin/v2/orgs/{orgId}/directories` at `api.atlassian.com`; requires `org_token` with the scope
        read:directories:admin.

        Args:
            strict: Raises `IncompleteError` if something could not be read.

        Raises:
            ConfigurationError: The connection has no `org_token`.
        """
        return checked(Table(self._core.directories().wait()), "directories", strict)

    def directory_links(self, user: str | int | User, *, strict: bool = False) -> Table[DirectoryLink]:
        """The synchronised directories behind an account.

        One row per directory entry (SCIM); none for an account that was not provisioned.

        Source: `GET /admin/user-provisioning/v1/org/{orgId}/user/{accountId}/get-scim-links` and
        `GET /admin/v2/orgs/{orgId}/directories` at `api.atlassian.com`; requires `org_token`.

        Args:
            user: Account id or record of the account.
            strict: Raises `IncompleteError` if something could not be read.

        Raises:
            ConfigurationError: The connection has no `org_token`.
            NotFoundError: The organization does not know the account.
        """
        call = self._core.directory_links(account_of(user))
        return checked(Table(call.wait()), "directory_links", strict)

    def last_active(self, *, strict: bool = False) -> Table[LastActive]:
        """When each account of the organization last used each product.

        One row per account and product; an account that has used none has one row with `product` None. Covers all
        sites of the organization and all directories the key shows. The dates lag up to 24 hours behind; a page counts
        after 2 seconds. To use them with the accounts of a site, take a snapshot with `last_active=True`.

        Source: `POST /admin/v2/orgs/{orgId}/directories/-/users/search` with `productAccess`, 100 accounts per request,
        at `api.atlassian.com`; requires `org_token` with the scope read:users:admin.

        Args:
            strict: Raises `IncompleteError` if something could not be read.

        Raises:
            ConfigurationError: The connection has no `org_token`.
            ForbiddenError: The key lacks the scope.
        """
        return checked(Table(self._core.last_active().wait()), "last_active", strict)

    def identities(self, *, external_ids: bool = True, strict: bool = False) -> Table[Identity]:
        """The e-mail address of each account, and its id in the directory that provisions it.

        One row per account; an account that several directories provision has a row for each. `evidence` says how the
        row is known. With `org_token` these are the accounts of the organization's directories; the organization
        returns addresses that profiles hide. Otherwise they are the accounts Confluence lists, with the addresses it
        shows and no external ids. On Data Center a row has the username, and no address.

        `external_id` is the id in Atlassian's SCIM directory (`scim_user_id` of `directory_links`). The id that the
        identity provider itself uses is behind a key of that directory.

        Source: With a key `POST /admin/v2/orgs/{orgId}/directories/-/users/search`, 100 accounts per request, and with
        `external_ids` `GET /admin/v2/orgs/{orgId}/directories` and
        `GET /admin/user-provisioning/v1/org/{orgId}/user/{accountId}/get-scim-links`, one request for each account a
        directory may provision; scopes read:users:admin and read:directories:admin. Otherwise Cloud
        `GET /wiki/rest/api/search/user`, Data Center `GET /rest/api/user/list`.

        Args:
            external_ids: Whether to read external ids.
            strict: Raises `IncompleteError` if something could not be read.

        Raises:
            ForbiddenError: The key of the organization lacks a scope.

        Example:
            >>> {row.email for row in Confluence.from_env().identities() if row.display_name == "Ann Berg"}
            {'ann.berg@acme.example'}
        """
        return checked(Table(self._core.identities(external_ids).wait()), "identities", strict)

    def find_user(self, text: str) -> User:
        """The one account with this name, e-mail address or id.

        A text matches the account whose whole name it is, else the accounts whose names contain all its words. Most
        accounts hide their e-mail address and are found only by name. Closed accounts are called `Former user`.

        Source: Cloud `GET /wiki/rest/api/search/user` and `POST /wiki/api/v2/users-bulk`. Data Center
        `GET /rest/api/user` by username and by key, and `GET /rest/api/search`. Any account may call it.

        Args:
            text: Name, e-mail address or account id; on Data Center also username or key.

        Raises:
            NotFoundError: Nobody was found.
            AmbiguousError: Several were found; `candidates` lists them with their ids.

        Example:
            >>> Confluence.from_env().find_user("Ann Berg").display_name
            'Ann Berg'
        """
        found: Table[User] = Table(self._core.find_user(person_of(text)).wait())
        return found[0]

    def members(self, group: str | int | Group, *, strict: bool = False) -> Table[Membership]:
        """The members of a group.

        One row per user. Nested groups are followed; `path` names the groups in between and is empty for a direct
        member.

        Source: Cloud `GET /wiki/rest/api/group/{id}/membersByGroupId`, after `GET /wiki/rest/api/group` for a name or
        `GET /wiki/rest/api/group/by-id` for an id; any account may call it. Data Center `GET /rest/api/group/{name}`,
        `GET /rest/api/group/{name}/member` and `GET /rest/api/group/{name}/groupmember`, or `GET /rest/api/group/info`,
        `GET /rest/api/group/member` and `GET /rest/api/group/groupmember`, which 10.2 has and a name with a slash
        needs; newer versions answer administrators only. If the add-on is installed,
        `GET /rest/extender/1.0/userDirectories/all`.

        Args:
            group: Name, id or record of the group; `group:<name>` works too.
            strict: Raises `IncompleteError` if something could not be read.

        Raises:
            NotFoundError: There is no such group.
            AmbiguousError: The name matches several groups; `candidates` lists them.

        Example:
            >>> wiki = Confluence.from_env()
            >>> all(row.user_id for row in wiki.members(wiki.groups()[0]))
            True
        """
        return checked(Table(self._core.members(group_of(group)).wait()), "members", strict)

    def check(self, content: ContentLike, subject: SubjectLike, operation: OperationLike) -> CheckResult:
        """Confluence's own answer: may a subject do something with a content item?

        A denial is an answer, not an error. `reasons` holds the reasons as codes, `messages` in Confluence's own words;
        a message that is not understood has the code `unrecognised`.

        Data Center has no such check. There the answer, for `view` only, is derived from the view restrictions that the
        server returns for the item, the groups of the account, and the permissions of the space: the inheritance is
        computed by the server. Licences and anonymous access are not part of it.

        Source: Cloud `POST /wiki/rest/api/content/{id}/permission/check`. Only a Confluence administrator may ask about
        other people. Data Center `GET /rest/api/content/{id}/restriction/relevantViewRestrictions`,
        `GET /rest/api/user/memberof` and, for the gates before them, `GET /rest/api/content/{id}` and
        `GET /rest/api/space/{key}/permissions`.

        Args:
            content: Id or record of the content item.
            subject: `user:<id>`, `group:<id or name>`, `anonymous`, or a record; an account is looked up by its name or
                e-mail address.
            operation: `view`, `edit` or `delete`; `read` and `update` work too.

        Raises:
            ForbiddenError: The account may not ask about others.
            NotFoundError: There is no such content item or group, or the account may not view it.
            ConfigurationError: Confluence does not check this subject or operation.

        Example:
            >>> wiki = Confluence.from_env()
            >>> me = "user:" + wiki.server().account_id
            >>> wiki.check(wiki.spaces()[0].homepage_id, me, "view").decision
            'allowed'
        """
        word = arguments.operation(operation, "check(content, subject, operation)")
        answered: Table[CheckResult] = Table(
            self._core.check(content_of(content, self), subject_of(subject), word).wait()
        )
        return answered[0]

    def grant(
        self,
        space: SpaceLike,
        subject: SubjectLike,
        permissions: str | Iterable[str],
        *,
        dry_run: bool = False,
    ) -> Table[WriteResult]:
        """Grants a subject permissions in a space. What it already has is skipped.

        On Cloud `view` comes first; any other permission without it is refused before anything is sent. Data Center
        grants each permission by itself. After an interrupted call simply make the call again.

        Source: Cloud `POST /wiki/rest/api/space/{key}/permission`. Data Center
        `PUT /rest/api/space/{key}/permissions/{group,user}/{name}/grant` (9.1 and later), before that
        `POST /rpc/json-rpc/confluenceservice-v2/addPermissionsToSpace`, which uses one name for users and groups: a
        name that is both is refused. The current permissions are read as by `space_permissions`. Requires space
        administration.

        Args:
            space: Key, id or record of the space.
            subject: `user:<id>`, `group:<id or name>`, `anonymous`, or a record.
            permissions: Words such as `view` and `create_page`; the server's own (`create/page`, on Data Center
                `page create` or `EDITSPACE`) work too.
            dry_run: Only returns what would be done.

        Raises:
            ConfigurationError: A permission does not exist, cannot be granted by itself, or lacks `view`.
            NotFoundError: There is no such space or subject.
            RolesOnlyError: The site gives access by roles only.

        Example:
            >>> rows = Confluence.from_env().grant("ENG", "group:finance", ["view"], dry_run=True)
            >>> [row.outcome for row in rows]
            ['would_add']
        """
        words = permissions_of(permissions)
        call = self._core.grant(space_of(space, self), subject_of(subject), words, dry_run=dry_run)
        return Table(call.wait())

    def revoke(
        self,
        space: SpaceLike,
        subject: SubjectLike,
        permissions: str | Iterable[str],
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """Revokes permissions of a subject in a space. What it does not have is skipped.

        No other permission exists without `view`: revoking it revokes all, each with a row of its own, `view` last.

        Source: Cloud `DELETE /wiki/rest/api/space/{key}/permission/{id}`. Data Center
        `PUT /rest/api/space/{key}/permissions/{group,user}/{name}/revoke`, before 9.1
        `POST /rpc/json-rpc/confluenceservice-v2/removePermissionFromSpace`; there revoking `view` revokes nothing else.
        The current permissions are read as by `space_permissions`. Requires space administration.

        Args:
            space: Key, id or record of the space.
            subject: As for `grant`.
            permissions: As for `grant`.
            dry_run: Only returns what would be done.
            allow_lockout: Makes the change even if the caller loses access to the space.

        Raises:
            LockoutError: The caller would lose access to the space, or nobody would administer it; nothing was written.
            ConfigurationError, NotFoundError, RolesOnlyError: As for `grant`.

        Example:
            >>> rows = Confluence.from_env().revoke("ENG", "group:finance", ["view"], dry_run=True)
            >>> [row.outcome for row in rows]
            ['skipped']
        """
        words = permissions_of(permissions)
        call = self._core.revoke(
            space_of(space, self), subject_of(subject), words, dry_run=dry_run, allow_lockout=allow_lockout
        )
        return Table(call.wait())

    def set_permissions(
        self,
        space: SpaceLike,
        permissions: Mapping[SubjectLike, str | Iterable[str]],
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """Gives each of these subjects exactly these permissions in a space.

        Other subjects keep what they have; an empty list revokes everything. All grants are made before any revocation.

        Source and rights: as for `grant` and `revoke`.

        Args:
            space: Key, id or record of the space.
            permissions: A dict from subject to permissions, such as `{"group:eng": ["view"], "user:5b10…": []}`.
            dry_run: Only returns what would be done.
            allow_lockout: Makes the change even if the caller loses access to the space.

        Raises:
            LockoutError, ConfigurationError, NotFoundError, RolesOnlyError: As for `revoke`.

        Example:
            >>> wanted = {"group:finance": ["view", "create_comment"]}
            >>> rows = Confluence.from_env().set_permissions("ENG", wanted, dry_run=True)
            >>> [(row.permission, row.outcome) for row in rows]
            [('view', 'would_add'), ('create_comment', 'would_add')]
        """
        wanted = permissions_by_subject(permissions)
        call = self._core.set_permissions(space_of(space, self), wanted, dry_run=dry_run, allow_lockout=allow_lockout)
        return Table(call.wait())

    def assign_role(
        self,
        space: SpaceLike,
        subject: SubjectLike,
        role: str,
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """Gives a subject a role in a space. It replaces the role the subject had, which has a row of its own.

        Source: Cloud `POST /wiki/api/v2/spaces/{id}/role-assignments`, on sites with roles, after
        `GET /wiki/api/v2/spaces/{id}/role-assignments` and `GET /wiki/api/v2/space-roles`. Requires the right to manage
        the users of the space.

        Args:
            space: Key, id or record of the space.
            subject: `user:<id>`, `group:<id or name>`, `anonymous`, `class:<access class>`, or a record.
            role: Name or id of the role.
            dry_run: Only returns what would be done.
            allow_lockout: Makes the change even if the caller loses access to the space.

        Raises:
            LockoutError: The caller would lose access to the space, or nobody would administer it; nothing was written.
            NotFoundError: There is no such space, subject or role, or the site has no roles.
            AmbiguousError: Several roles have the name.

        Example:
            >>> rows = Confluence.from_env().assign_role("ENG", "group:finance", "Viewer", dry_run=True)
            >>> [(row.permission, row.outcome) for row in rows]
            [('role Viewer', 'would_add')]
        """
        call = self._core.assign_role(
            space_of(space, self), subject_of(subject), role, dry_run=dry_run, allow_lockout=allow_lockout
        )
        return Table(call.wait())

    def remove_role(
        self, space: SpaceLike, subject: SubjectLike, *, dry_run: bool = False, allow_lockout: bool = False
    ) -> Table[WriteResult]:
        """Removes the role of a subject in a space.

        Source, rights, arguments and errors: as for `assign_role`.

        Example:
            >>> rows = Confluence.from_env().remove_role("ENG", "group:finance", dry_run=True)
            >>> [row.outcome for row in rows]
            ['skipped']
        """
        call = self._core.remove_role(
            space_of(space, self), subject_of(subject), dry_run=dry_run, allow_lockout=allow_lockout
        )
        return Table(call.wait())

    def restrict(
        self,
        contents: ContentLike | Iterable[ContentLike],
        operation: RestrictionOperationLike,
        subjects: SubjectLike | Iterable[SubjectLike],
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """Adds subjects to the view or edit restriction of content items. The other restriction is not changed.

        Subjects already on the restriction are skipped. The first entry closes an item to everyone who is not listed,
        so a restriction without the caller or one of their groups is refused before anything is sent.

        Source: Cloud `POST /wiki/rest/api/content/{id}/restriction`. Data Center
        `PUT /rest/api/content/{id}/restriction` (8.8 and later), before that
        `PUT /rest/experimental/content/{id}/restriction`, and JSON-RPC if neither exists. These replace the whole
        restriction: an entry that somebody else adds at the same moment is lost, so the restriction is read back.
        Restrictions are read as by `restrictions`. Requires edit access to the content and the right to set
        restrictions in its space. Confluence does not return the restrictions of folders, so they cannot be read back.

        Args:
            contents: Ids or records of the content items.
            operation: `view` or `edit`; `read` and `update` work too.
            subjects: Users and groups: `user:<id>`, `group:<id or name>`, or records.
            dry_run: Only returns what would be done.
            allow_lockout: Makes the change even if the caller loses access to the content.

        Raises:
            LockoutError: The caller would lose access to the content; nothing was written.
            NotFoundError: There is no such subject. A content item that does not exist is a row with outcome `failed`.
            ConfigurationError: A restriction cannot hold such a subject, or there is no such operation.

        Example:
            >>> wiki = Confluence.from_env()
            >>> home = wiki.spaces()[0].homepage_id
            >>> me = "user:" + wiki.server().account_id
            >>> rows = wiki.restrict(home, "edit", ["group:engineering", me], dry_run=True)
            >>> [row.outcome for row in rows]
            ['would_add', 'would_add']
        """
        word = arguments.operation(operation, "restrict(contents, operation, subjects)")
        call = self._core.restrict(
            contents_of(contents, self), word, subjects_of(subjects), dry_run=dry_run, allow_lockout=allow_lockout
        )
        return Table(call.wait())

    def unrestrict(
        self,
        contents: ContentLike | Iterable[ContentLike],
        operation: RestrictionOperationLike,
        subjects: SubjectLike | Iterable[SubjectLike] | None = None,
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """Removes subjects from the view or edit restriction of content items. The other restriction is not changed.

        An empty restriction restricts nothing: the message of the row says so.

        Source: Cloud `DELETE /wiki/rest/api/content/{id}/restriction/byOperation/{operation}/byGroupId/{id}` and
        `DELETE /wiki/rest/api/content/{id}/restriction/byOperation/{operation}/user`, Data Center as `restrict`.
        Rights: as for `restrict`.

        Args:
            contents: Ids or records of the content items.
            operation: `view` or `edit`.
            subjects: As for `restrict`; None removes everyone. Give an account that no longer exists by its id.
            dry_run: Only returns what would be done.
            allow_lockout: Makes the change even if the caller loses access to the content.

        Raises:
            LockoutError, ConfigurationError: As for `restrict`.

        Example:
            >>> wiki = Confluence.from_env()
            >>> home = wiki.spaces()[0].homepage_id
            >>> len(wiki.unrestrict(home, "view", dry_run=True))
            0
        """
        word = arguments.operation(operation, "unrestrict(contents, operation, subjects)")
        who = None if subjects is None else subjects_of(subjects)
        call = self._core.unrestrict(
            contents_of(contents, self), word, who, dry_run=dry_run, allow_lockout=allow_lockout
        )
        return Table(call.wait())

    def set_restrictions(
        self,
        contents: ContentLike | Iterable[ContentLike],
        operation: RestrictionOperationLike,
        subjects: SubjectLike | Iterable[SubjectLike],
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """Sets the view or edit restriction of content items to exactly these subjects. The other is not changed.

        New subjects are added before others are removed, so the content is not open in between.

        Source, rights, arguments and errors: as for `restrict`.

        Example:
            >>> wiki = Confluence.from_env()
            >>> home = wiki.spaces()[0].homepage_id
            >>> me = "user:" + wiki.server().account_id
            >>> rows = wiki.set_restrictions(home, "view", me, dry_run=True)
            >>> [row.outcome for row in rows]
            ['would_add']
        """
        word = arguments.operation(operation, "set_restrictions(contents, operation, subjects)")
        call = self._core.set_restrictions(
            contents_of(contents, self), word, subjects_of(subjects), dry_run=dry_run, allow_lockout=allow_lockout
        )
        return Table(call.wait())

    def unrestrict_all(
        self,
        subject: SubjectLike,
        spaces: SpaceLike | Iterable[SpaceLike] | None = None,
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
        allow_open: bool = False,
    ) -> Table[WriteResult]:
        """Removes a subject from every restriction.

        If nobody else is on a restriction, removing the subject would open the item to the space: the entry stays and
        its row is `failed`, unless `allow_open`. What could not be searched is in `gaps`.

        Source: Cloud `GET /wiki/rest/api/content/search` to find the restrictions, Data Center the listings of
        contents; then as `unrestrict`.

        Args:
            subject: A user or a group; give an account that no longer exists by its id.
            spaces: Keys, ids or records of the spaces to look in; None looks in every space the account can see.
            dry_run: Only returns what would be done.
            allow_lockout: Makes the change even if the caller loses access to the content.
            allow_open: Also removes the last entry of a restriction.

        Raises:
            LockoutError, ConfigurationError: As for `restrict`.
            NotFoundError: There is no such space.

        Example:
            >>> rows = Confluence.from_env().unrestrict_all("group:finance", spaces=["ENG"], dry_run=True)
            >>> {row.outcome for row in rows} <= {"would_remove", "failed"}
            True
        """
        call = self._core.unrestrict_all(
            subject_of(subject),
            spaces_of(spaces, self),
            dry_run=dry_run,
            allow_lockout=allow_lockout,
            allow_open=allow_open,
        )
        return Table(call.wait())

    def apply(
        self,
        plan: Plan,
        *,
        dry_run: bool = False,
        on_error: OnError = "stop",
        resume: Table[WriteResult] | None = None,
        allow_lockout: bool = False,
    ) -> Applied:
        """Makes the changes of a plan. One row per change, in the order of its lines.

        First everything the plan names is looked up and read as it is now. What the product cannot do is refused, and
        what would lock you out. Then the changes are written: memberships that are added, permissions, roles,
        restrictions, moved pages, memberships that are removed, and deleted groups last. In each place additions come
        before removals, and what takes your own access comes last. Every change is read back.

        What is as wanted already is skipped, so a plan that was cut off can be applied again. Better, give what was
        done as `resume`: then exactly what failed is tried again, and `undo` takes back both attempts. To find the
        entries of a replaced subject or a deleted group, all spaces are read; what could not be searched is in `gaps`.

        Source: Cloud and Data Center as `grant`, `revoke`, `assign_role`, `restrict` and `unrestrict`. Memberships and
        groups: Cloud `POST /wiki/rest/api/group/userByGroupId`, `DELETE /wiki/rest/api/group/userByGroupId` and
        `DELETE /wiki/rest/api/group/by-id`; Data Center `PUT /rest/api/user/{username}/group/{groupName}`,
        `DELETE /rest/api/user/{username}/group/{groupName}` and `DELETE /rest/api/admin/group/{groupName}` (8.2 and
        later), before that JSON-RPC; they require an administrator. Moves: Cloud
        `PUT /wiki/rest/api/content/{id}/move/append/{targetId}`, Data Center JSON-RPC `movePage`.

        Args:
            plan: The changes. Names, titles and addresses are looked up on the site.
            dry_run: Only returns what would be done.
            on_error: `"stop"`: after a change that failed, nothing more is sent; its row and the rows after it are
                `failed`. `"continue"`: everything else is still tried.
            resume: What an earlier `apply` of the same plan returned.
            allow_lockout: Makes the changes even if the caller loses access.

        Returns:
            The rows; `done.undo()` is the plan that takes them back.

        Raises:
            OtherSiteError: The plan was made for another site; nothing was sent.
            PlanError: The product cannot do what a line says, or a directory keeps the group; nothing was written.
            NotFoundError, AmbiguousError: A line names nothing, or several things; nothing was written.
            LockoutError: The caller would lose access; nothing was written.
            RolesOnlyError: The site gives access to spaces by roles only, and a line names permissions.
            ConfigurationError: The plan has no lines.

        Example:
            >>> plan = Plan().grant("ENG", "group:finance", ["view"])
            >>> done = Confluence.from_env().apply(plan, dry_run=True)
            >>> [(row.line, row.permission, row.outcome) for row in done]
            [(1, 'view', 'would_add')]
            >>> print(done.undo())
            1. revoke view in ENG from group:...
        """
        go_on, earlier = attempt_of(on_error, resume)
        call = self._core.apply(
            plan_of(plan), dry_run=dry_run, go_on=go_on, allow_lockout=allow_lockout, earlier=earlier
        )
        return Applied._of(call.wait())

    def audit(
        self,
        since: Moment | None = None,
        until: Moment | None = None,
        search: str | None = None,
        *,
        source: AuditSource = "confluence",
        strict: bool = False,
    ) -> Table[AuditRecord]:
        """The records of the audit log, newest first.

        One row per record. `objects` and `changes` are texts for people; `raw` is the whole record as JSON, and
        `record.raw_json` the same as a dict. Cloud records have names without ids: `permission_changes` joins them. The
        end of the range is fixed when reading begins, and a record that moves to another page meanwhile is returned
        once. Cloud keeps its records for a year at most.

        Data Center records what it is configured to. If that excludes changes of restrictions, permissions or groups,
        or cannot be read, a gap of scope `audit` says so (`cause="not_recorded"`), and `strict` raises. Page
        restrictions are recorded from coverage `Advanced` of end user activity on.

        Source: Cloud `GET /wiki/rest/api/audit`; requires a Confluence administrator, and the Free plan has no audit
        log. Organization `GET /admin/v1/orgs/{orgId}/events-stream`, with `org_token` and its scope
        `read:events:admin`; it keeps 180 days, for all its sites and products. Data Center
        `GET /rest/auditing/1.0/events`, `GET /rest/auditing/1.0/configuration/coverage` and
        `GET /rest/auditing/1.0/configuration/denylist`, before 7.5 `GET /rest/api/audit`; requires an administrator.

        Args:
            since: Start of the range: a `datetime` with a time zone, a `date` (UTC), ISO text, or a time span before
                now (`"30d"`, a `timedelta`). None: everything the site still has.
            until: End of the range, in the same forms; a date means its last moment. None: now.
            search: Only records that contain this text, as the server searches; for the organization, in any value.
            source: `"confluence"`, `"organization"`, or `"both"`: an event recorded in both logs then appears twice,
                and `record.source` names its log.
            strict: Raises `IncompleteError` if something could not be read.

        Raises:
            ForbiddenError: The account is not an administrator, or the plan has no audit log.
            ConfigurationError: A time has no time zone or is invalid; or the organization is requested without
                `org_token`.

        Example:
            >>> [record.action for record in Confluence.from_env().audit(since="5d")][-1]
            'Page viewed with admin key'
        """
        first, last = span(since, until)
        found: Table[AuditRecord] = Table(self._core.audit(first, last, search, source).wait())
        other = source if source == "organization" else None
        return checked(of_span(found, (first, last), search=search, source=other), "audit", strict)

    def permission_changes(
        self,
        since: Moment | None = None,
        until: Moment | None = None,
        *,
        space: SpaceLike | None = None,
        content: ContentLike | None = None,
        snapshot: Snapshot | None = None,
        source: AuditSource = "confluence",
        wording: Mapping[str, str] | None = None,
        merge_bursts: bool = False,
        strict: bool = False,
    ) -> Table[PermissionChange]:
        """Who changed who may do what, and when: permissions, restrictions, groups, roles, public links, admin keys.

        One row per permission and subject, newest first. `confidence` says how certain the interpretation of a record
        is. Unrecognised records become rows with scope `other`; the original is in `raw`. Cloud records have only
        names: `space_key`, `content_id` and user ids are found by name, in `snapshot` if given, else in what has to be
        read (the spaces; the ancestors of `content`). A title that matches several items gives
        `confidence="ambiguous"`, no `content_id`, and `candidates`. Something renamed since is not found by its old
        name. Data Center records have ids, and their gaps are those of `audit`. `confluence_access.permission_changes`
        does the same for records you already have, such as those of log files.

        Source and rights: as for `audit`. Atlassian does not promise that every change of a restriction is recorded.

        Args:
            since: As for `audit`.
            until: As for `audit`.
            space: Only changes in this space: its key, id or record.
            content: Only changes to this content item and its ancestors: its id or record. `attributed_to` is this item
                for each change that affects it.
            snapshot: Looks names up here instead of reading the site.
            source: As for `audit`. The organization records who is added to which group. The names of its actions are
                not documented, so unrecognised events become rows with scope `other`. Its records have only the ids of
                accounts and groups; without `snapshot` their names are looked up with two requests for accounts and one
                for groups.
            wording: The meaning of the terms of a log in another language: maps a term to a change
                (`{"Berechtigung hinzugefügt": "space_permission_added"}`), a kind of thing (`"Bereich": "space"`), a
                permission (`"Anzeigen": "view"`) or `"unrelated"`. The error about an unknown meaning lists all
                meanings.
            merge_bursts: Merges what one author did to one subject in one place within ten seconds into one row, such
                as the fourteen permissions of a new space: `permission` is then a list in words (`view, create_page`),
                `old` and `new` likewise, and `raw` a JSON list of the records.
            strict: Raises `IncompleteError` if something could not be read.

        Raises:
            ForbiddenError: The account is not an administrator, or the plan has no audit log.
            NotFoundError: There is no such space or content item, or the account may not view it.
            NotInSnapshotError: `content` is not in `snapshot`.
            ConfigurationError: A time has no time zone or is invalid; a meaning in `wording` is unknown; the
                organization is requested without `org_token`. Nothing was sent.

        Example:
            >>> wiki = Confluence.from_env()
            >>> [(row.author_name, row.change, row.permission, row.subject_name)
            ...  for row in wiki.permission_changes(since="3d", space="ENG")]
            [('Olga Petrova', 'removed', 'create_page', 'product')]
        """
        first, last = span(since, until)
        call = self._core.permission_changes(
            since=first,
            until=last,
            space=None if space is None else space_of(space, self),
            content=None if content is None else content_of(content, self),
            snapshot=core_of(snapshot),
            source=source,
            wording=wording_of(wording),
            merge_bursts=merge_bursts,
        )
        found: Table[PermissionChange] = Table(call.wait())
        other = source if source == "organization" else None
        return checked(
            of_span(found, (first, last), space=space, content=content, source=other), "permission_changes", strict
        )

    @meaning(space="spaces")
    def snapshot(
        self,
        spaces: SpaceLike | Iterable[SpaceLike] | None = None,
        *,
        progress: bool | Report = False,
        admin_key: bool = False,
        public_links: bool = False,
        last_active: bool = False,
        resume: str | os.PathLike[str] | None = None,
        strict: bool = False,
    ) -> Snapshot:
        """Reads everything about some spaces or the whole site once, to resolve access from.

        Restrictions come with the content listings, not page by page. What could not be read is in `Snapshot.gaps`, and
        the answers it affects are `unknown`. For the whole site, the members of every group are read; for named spaces,
        only those of the groups that appear in their permissions and restrictions and of the groups that open the
        product.

        Source: Cloud, the routes of `spaces`, `contents`, `space_permissions`, `restrictions`, `groups` and `members`;
        restrictions in bulk from `GET /wiki/rest/api/content/search`, accounts from `POST /wiki/api/v2/users-bulk`,
        whether anonymous users may use the site from `POST /wiki/rest/api/content/{id}/permission/check`, public links
        from `POST /gateway/api/graphql`, last active dates from
        `POST /admin/v2/orgs/{orgId}/directories/-/users/search`; with `org_token` verified domains from
        `GET /admin/v1/orgs/{orgId}/domains` (scope read:domains:admin). It contains what the account may view; an
        administrator sees most. Data Center, the routes of the same methods: restrictions come with the listing of
        contents, accounts from `GET /rest/api/user/list`. Use a member of `confluence-administrators` there.

        Args:
            spaces: Keys, ids or records of the spaces; None reads every space the account can see.
            progress: True shows, after half a second, a line on a terminal, or a bar of tqdm in a notebook, and erases
                it at the end; a function is called in this thread with the stage, the number done, and the total (None
                while unknown).
            admin_key: Requests an admin key and also reads content restricted to others. Requires a Premium or
                Enterprise site and an organization or site administrator. Its use is recorded in the site's audit log;
                the key is released however the call ends, also by an error or Ctrl-C.
            public_links: Cloud: also reads public links, into `Content.public_link`, `Space.public_links_enabled` and
                `Site.public_links_enabled`: one request for the site, one per 100 spaces and one per 100 links of a
                space that has any. Requires an API token without scopes; a refusal is a gap about `public_links`, and
                the columns stay None.
            last_active: Cloud: also reads when each account last used the site, into `User.last_active_at`: one request
                per 100 accounts of the organization. Requires `org_token` with the scope read:users:admin.
            resume: A local folder in which all answers are kept until the snapshot is complete. If the call is
                interrupted, the next one with the same folder and arguments goes on from there; `taken_at` is when the
                first one began. The folder holds what the server sent, no credentials, and is removed at the end,
                unless parts failed that may succeed later.
            strict: Raises `IncompleteError` if something could not be read.

        Raises:
            NotFoundError: One of the spaces does not exist, or the account may not view it.
            ForbiddenError: `admin_key`: the plan of the site or the rights of the account do not include it.
            ConfigurationError: `admin_key`, `public_links` or `last_active` on Data Center, which has none of them;
                `last_active` without `org_token`; `resume`: the folder is that of another site, account, selection or
                version, or is in use.
            StoreError: `resume`: the folder cannot be read or written.

        Example:
            >>> snap = Confluence.from_env().snapshot(spaces=["HR"])
            >>> snap.complete
            True
        """
        counters = _core.Progress()
        call = self._core.snapshot(
            spaces_of(spaces, self),
            counters,
            admin_key=admin_key,
            public_links=public_links,
            last_active=last_active,
            resume=None if resume is None else str(arguments.path(resume, "the folder of `resume`")),
        )
        ticker = Ticker(counters, self._core, display(progress))
        try:
            snapshot = Snapshot(ticker.wait(call))
        finally:
            ticker.close()
        return checked(snapshot, "snapshot", strict)

    def measure(self, snapshot: Snapshot, *, strict: bool = False) -> Measurement:
        """Settles the open switches of the policy on this site with at most twelve questions.

        A switch is open if no document says how Confluence behaves: its value is `unknown`, or assumed. Each question
        is about an account and a content item of the snapshot for which only that switch decides: the answer is certain
        under either value, differs between the two, and does not depend on the other open switches. If there are two
        such questions, both are asked; contradictory answers settle nothing. A switch that nothing on the site depends
        on, or that was not answered, has the value `unknown` and a `reason`.

        `policy` holds the settled switches, for `snap.access(policy=…)`. If the site has changed since the snapshot, an
        answer may have other reasons.

        Source: Cloud `POST /wiki/rest/api/content/{id}/permission/check`; requires a Confluence administrator. Data
        Center `GET /rest/extender/1.0/permission/content/{id}/getInheritedContentPermissions` of the Extender add-on:
        the server itself only returns what is stored.

        Args:
            snapshot: A snapshot of this site.
            strict: Raises `IncompleteError` if a question was not answered.

        Raises:
            ConfigurationError: The snapshot belongs to another site (a `ValueError`).
            ForbiddenError: The account is not a Confluence administrator (a `PermissionError`).
            UnavailableError: Data Center: the add-on is not installed.

        Example:
            >>> site = {
            ...     "users": {"ann": {}},
            ...     "spaces": {"DOC": {"grants": {"user:ann": ["view"]}}},
            ...     "contents": {"1": {"type": "page", "space": "DOC", "title": "Plan"}},
            ...     "restrictions": {"1": {"read": ["group:deleted"]}},
            ...     "policy": {"only_vanished_groups": "opens"},
            ... }
            >>> from confluence_access import Simulator
            >>> with Simulator(site=site) as simulator:
            ...     wiki = Confluence(simulator.url, username=simulator.username, token=simulator.token)
            ...     wiki.measure(wiki.snapshot()).policy
            {'only_vanished_groups': 'opens'}
        """
        return checked(Measurement(self._core.measure(snapshot._core).wait()), "measure", strict)

    def close(self) -> None:
        """Aborts every running call and closes the connections. Closing twice is fine."""
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
