"""Connections to a Confluence site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from . import _core, arguments
from ._async import AsyncConfluence
from .access import Measurement
from .connection import Connection, meaning
from .errors import checked
from .extender import Extender
from .json_rpc import JsonRpc
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
from .progress import Ticker, display
from .server import Server, Usage
from .snapshot import Snapshot, core_of
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from .moments import Moment
    from .naming import AuditSource, ContentLike, Directories, SpaceLike, SubjectLike
    from .progress import Report
    from .records import (
        AuditRecord,
        CheckResult,
        Content,
        Directory,
        DirectoryLink,
        GlobalPermission,
        Group,
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

    Every noun is a method that returns a `Table` of typed records. A table knows what could not be read (`gaps`);
    `strict=True` raises `IncompleteError` instead of returning a table with gaps. A content or a space may be given as
    its record or its id, a space also by its key.

    Calls block, and Ctrl-C ends them at once. Threads may share a client. Inside a running asyncio loop they work, but
    hold the loop up: use `AsyncConfluence` there. A forked child process needs a client of its own.

    Example:
        >>> with connect() as wiki:
        ...     [space.key for space in wiki.spaces()][:2]
        ['ENG', 'OPS']

    All calls raise, as it applies:
        AuthenticationError: The credentials are not accepted.
        ForbiddenError, NotFoundError: The account may not read this, or it does not exist.
        RateLimitError, ServerError, NoAnswerError, RequestTimeoutError: Still, after all repetitions.
        CertificateError: The server's certificate is not trusted (`ca_bundle=` names a company's own authority), or it
            asks for one (`client_cert=`).
        NotConfluenceError: A login page or another product answers at the address.
        ClosedError, ForkedError: This client cannot ask any more.
    """

    @property
    def extender(self) -> Extender:
        """The Extender add-on of Data Center, endpoint by endpoint."""
        return Extender(self._core.extender())

    @property
    def json_rpc(self) -> JsonRpc:
        """JSON-RPC of Data Center, method by method."""
        return JsonRpc(self._core.json_rpc())

    def server(self) -> Server:
        """What answers, who one is there, and what that account cannot see.

        Says at once when the account is not an administrator's. Any account may ask.

        On Data Center a token the server does not accept raises `AuthenticationError`, although the server would serve
        what anonymous sees.

        Source: Cloud `GET /wiki/rest/api/user/current`, `GET /wiki/api/v2/space-role-mode`,
        `GET /wiki/api/v2/admin-key` and `GET /wiki/rest/api/settings/systemInfo`. Data Center
        `GET /rest/api/user/current` first of all, `GET /rest/api/server-information` (else the manifest of application
        links), and one question for each capability.

        Example:
            >>> connect().server().deployment
            'cloud'
        """
        return Server._of(self._core.server().wait())

    def spaces(self, *, strict: bool = False) -> Table[Space]:
        """All spaces the account can see, archived and personal ones included.

        One row per space. `homepage_id` and `name` are null where the server did not say.

        Source: Cloud `GET /wiki/api/v2/spaces`. Data Center `GET /rest/api/space`, once for current and once for
        archived spaces, and `GET /rest/api/user` for the owners of personal ones. Any account may ask; it sees the
        spaces it may view.

        Args:
            strict: Raises `IncompleteError` where something could not be read.

        Example:
            >>> connect().spaces()[0].key
            'ENG'
        """
        return checked(Table(self._core.spaces().wait()), "spaces", strict)

    def contents(self, space: SpaceLike, *, strict: bool = False) -> Table[Content]:
        """Pages, blog posts and the other nodes of the tree of a space.

        One row per content. `parent_id` is null at the root of a space; times are UTC.

        Source: Cloud `GET /wiki/api/v2/pages` and `GET /wiki/api/v2/blogposts`, `GET /wiki/rest/api/content/search` for
        the other nodes, and `GET /wiki/api/v2/{type}/{id}` and `GET /wiki/api/v2/pages/{id}/ancestors` for parents that
        no listing has. Data Center `GET /rest/api/content/scan` (7.18 and later), else `GET /rest/api/content`; and
        `GET /rest/api/content/{id}` for such parents. Shows what the account may view:
        pages restricted to others are missing, and nothing in the answer says so; on Data Center members of
        `confluence-administrators` see all.

        Args:
            space: Key, id or record of the space.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            NotFoundError: There is no such space, or the account may not view it.

        Example:
            >>> connect().contents("ENG")[0].space_key
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

        One row per subject and permission. Roles are expanded into the permissions they bring; `via_role` names the
        role and is null for a grant of its own. `raw` keeps the server's own words.

        On Data Center the first that tells is asked: REST (9.1 and later), the Extender add-on, JSON-RPC where the
        remote API is on. The column `source` begins with `datacenter`, `extender` or `json_rpc`. What a space grants
        to people without a licence is told by the older form of REST only, which is asked where the site lets such
        people in.

        On Cloud the answer has ids only: `subject_name` is filled with at most two requests for accounts and one for
        groups, and null where these do not bring a name; `snapshot` knows all names.

        Source: Cloud `GET /wiki/api/v2/spaces/{id}/permissions` and `GET /wiki/api/v2/spaces/{id}/role-assignments`,
        which `GET /wiki/api/v2/space-role-mode`, `GET /wiki/api/v2/space-roles` and
        `GET /wiki/api/v2/space-permissions` explain; needs to view the space. Names from `GET /wiki/rest/api/group` and
        `POST /wiki/api/v2/users-bulk`. Data Center `GET /rest/api/space/{key}/permissions` and
        `GET /rest/api/space/{key}/permissions/anonymous`,
        `GET /rest/extender/1.0/permission/space/{key}/getSpacePermissionActors/{type}`, or
        `POST /rpc/json-rpc/confluenceservice-v2/getSpacePermissionSets`; needs to administer Confluence or the space.
        Without these rights a server answers 403 or 500 (CONFSERVER-99908).

        Args:
            space: Key, id or record of the space.
            subject: Only what this user, this group or `anonymous` has itself; what groups bring it is not looked for.
            source: Data Center: asks this one and no other.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            NotFoundError: There is no such space, or the account may not view it; or no such subject.
            ForbiddenError: Data Center: the account administers neither Confluence nor the space.
            UnavailableError: Data Center: nobody tells them here, or not the one that was named.

        Example:
            >>> {row.space_key for row in connect().space_permissions("ENG")}
            {'ENG'}
        """
        who = None if subject is None else subject_of(subject)
        call = self._core.space_permissions(space_of(space, self), who, source)
        return checked(Table(call.wait()), "space_permissions", strict)

    def global_permissions(self, *, strict: bool = False) -> Table[GlobalPermission]:
        """Who may use, administer and extend the site as a whole (Data Center).

        One row per subject and permission. They gate everything: without `use` no permission of a space helps.

        Source: `GET /rest/api/permissions`, `GET /rest/api/permissions/anonymous` and
        `GET /rest/api/permissions/unlicensed`, 9.3 and later and the last versions of
        9.2. Needs a Confluence administrator.

        Args:
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            ConfigurationError: This is Cloud.
            UnavailableError: The version does not tell them.
            ForbiddenError: The account does not administer Confluence.
        """
        return checked(Table(self._core.global_permissions().wait()), "global_permissions", strict)

    def restrictions(self, content: ContentLike | Iterable[ContentLike], *, strict: bool = False) -> Table[Restriction]:
        """The restrictions stored on a content itself, for both operations, with all their subjects.

        One row per operation and subject; no row where the content is not restricted. Restrictions of the pages above
        are theirs: `Access.explain` puts the chain together.

        Several contents (a list, a table of contents, a pandas column, a numpy array) are read two hundred to a
        request; rows come in the order of the contents, and a content that is named twice is there once. What the
        search does not bring, such as contents of archived spaces and drafts, takes a request of its own. A content
        that cannot be read is a gap then, not an error.

        Source: Cloud `GET /wiki/rest/api/content/{id}/restriction`. Data Center
        `GET /rest/api/content/{id}/restriction/byOperation`, and one operation at a time for what does not fit.
        Several: `GET /wiki/rest/api/content/search`, on Data Center `GET /rest/api/content/search`, by their ids.
        Needs to view the content.

        Args:
            content: Id or record of the content, or several of them.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            NotFoundError: The one content that is named is not there, or the account may not view it.

        Example:
            >>> wiki = connect()
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
        """All groups, and where each is kept.

        One row per group. `source` is `directory`, `local`, `team` or `unknown`, `evidence` what that rests on. With
        `org_token` each group also has the id and name of its directory and the organization's word about it; where
        that differs from Confluence's, the organization's counts and the evidence says so. A key that is refused leaves
        a gap about `organization`, and the groups are what Confluence says.

        Data Center does not tell where a group is kept, so `source` is `unknown` unless you say so: `directories` maps
        names of groups, or patterns with `*`, to the name of their directory, with its type behind it where you know
        it: `{"ad-*": "Acme AD (CONNECTOR)", "staff": "Confluence Internal Directory"}`. The rows of Atlassian's
        documented query of `cwd_group` and `cwd_directory` do as well: `(group_name, directory_name,
        directory_type)`, or mappings with these columns. Where the Extender add-on shows a single active directory,
        that is the one.

        Source: Cloud `GET /wiki/rest/api/group`; any account may ask. With a key
        `POST /admin/v2/orgs/{orgId}/directories/-/groups/search` and `GET /admin/v2/orgs/{orgId}/directories`; scopes
        read:groups:admin and read:directories:admin. Data Center `GET /rest/api/group`; where it is installed
        `GET /rest/extender/1.0/userDirectories/all`.

        Args:
            directories: Names of directories by their id, on Data Center by name or pattern of the group, beside
                those of the connection.
            strict: Raises `IncompleteError` where something could not be read.

        Example:
            >>> "directory" in {group.source for group in connect().groups()}
            True
        """
        return checked(Table(self._core.groups(directories_of(directories)).wait()), "groups", strict)

    def directories(self, *, strict: bool = False) -> Table[Directory]:
        """The directories of the organization.

        One row per directory. `name` is that of `directories=`, else the organization's own.

        Source: `GET /admin/v2/orgs/{orgId}/directories` at `api.atlassian.com`; needs `org_token` with the scope
        read:directories:admin.

        Args:
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            ConfigurationError: The connection has no `org_token`.
        """
        return checked(Table(self._core.directories().wait()), "directories", strict)

    def directory_links(self, user: str | int | User, *, strict: bool = False) -> Table[DirectoryLink]:
        """Which synchronised directories stand behind an account.

        One row per entry of a directory (SCIM); none for an account nobody provisioned.

        Source: `GET /admin/user-provisioning/v1/org/{orgId}/user/{accountId}/get-scim-links` and
        `GET /admin/v2/orgs/{orgId}/directories` at `api.atlassian.com`; needs `org_token`.

        Args:
            user: Account id or record of the account.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            ConfigurationError: The connection has no `org_token`.
            NotFoundError: The organization does not know the account.
        """
        call = self._core.directory_links(account_of(user))
        return checked(Table(call.wait()), "directory_links", strict)

    def find_user(self, text: str) -> User:
        """The one account with this name, e-mail address or id.

        A name fits where it is the whole name, else where all its words are words of the name. Most accounts hide their
        e-mail address; such an account is found by its name only. Accounts that were closed are called `Former user`.

        Source: Cloud `GET /wiki/rest/api/search/user` and `POST /wiki/api/v2/users-bulk`. Data Center
        `GET /rest/api/user` by username and by key, and `GET /rest/api/search`. Any account may ask.

        Args:
            text: Name, e-mail address or account id; on Data Center also username or key.

        Raises:
            NotFoundError: Nobody is found.
            AmbiguousError: Several are; `candidates` lists them with their ids.

        Example:
            >>> connect().find_user("Ann Berg").display_name
            'Ann Berg'
        """
        found: Table[User] = Table(self._core.find_user(person_of(text)).wait())
        return found[0]

    def members(self, group: str | int | Group, *, strict: bool = False) -> Table[Membership]:
        """Who is in a group.

        One row per user. Nested groups are followed; `path` names the groups between and is empty for a member of the
        group itself.

        Source: Cloud `GET /wiki/rest/api/group/{id}/membersByGroupId`, after `GET /wiki/rest/api/group` for a name or
        `GET /wiki/rest/api/group/by-id` for an id; any account may ask. Data Center `GET /rest/api/group/{name}`,
        `GET /rest/api/group/{name}/member` and `GET /rest/api/group/{name}/groupmember`, or
        `GET /rest/api/group/info`, `GET /rest/api/group/member` and `GET /rest/api/group/groupmember`, which 10.2 has
        and a name with a slash needs; newer versions answer administrators only. Where it is installed
        `GET /rest/extender/1.0/userDirectories/all`.

        Args:
            group: Name, id or record of the group; `group:<name>` works as well.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            NotFoundError: There is no such group.
            AmbiguousError: The name fits several groups; `candidates` lists them.

        Example:
            >>> wiki = connect()
            >>> all(row.user_id for row in wiki.members(wiki.groups()[0]))
            True
        """
        return checked(Table(self._core.members(group_of(group)).wait()), "members", strict)

    def check(self, content: ContentLike, subject: SubjectLike, operation: OperationLike) -> CheckResult:
        """Confluence's own answer: may a subject do something with a content?

        A denial is an answer. `reasons` says why as codes, `messages` in Confluence's own words; where a message is not
        understood the code is `unrecognised`.

        Data Center has no such check. There the answer, about `view` only, is put together from the view restrictions
        the server says bind the content, from the groups of the account and from the permissions of the space: the
        inheritance is the server's own. Licences and what anonymous may do are not part of it.

        Source: Cloud `POST /wiki/rest/api/content/{id}/permission/check`. About others than oneself only a Confluence
        administrator may ask. Data Center `GET /rest/api/content/{id}/restriction/relevantViewRestrictions`,
        `GET /rest/api/user/memberof` and, for the gates before them, `GET /rest/api/content/{id}` and
        `GET /rest/api/space/{key}/permissions`.

        Args:
            content: Id or record of the content.
            subject: `user:<id>`, `group:<id or name>`, `anonymous`, or a record; a name or an e-mail address of an
                account is looked up.
            operation: `view`, `edit` or `delete`; `read` and `update` work as well.

        Raises:
            ForbiddenError: The account may not ask about others.
            NotFoundError: There is no such content or group, or the account may not view it.
            ConfigurationError: Confluence does not check this subject or operation.

        Example:
            >>> wiki = connect()
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
        """Gives permissions in a space to a subject. What it has already is skipped.

        On Cloud `view` goes first; any other permission without it is refused before anything is sent. Data Center
        gives each permission by itself. A call that was cut off is simply made again.

        Source: Cloud `POST /wiki/rest/api/space/{key}/permission`. Data Center
        `PUT /rest/api/space/{key}/permissions/{group,user}/{name}/grant` (9.1 and later), before that
        `POST /rpc/json-rpc/confluenceservice-v2/addPermissionsToSpace`, which knows users and groups by one name: one
        that is both is refused. What is there is read as by `space_permissions`. Needs to administer the space.

        Args:
            space: Key, id or record of the space.
            subject: `user:<id>`, `group:<id or name>`, `anonymous`, or a record.
            permissions: Words such as `view` and `create_page`; the server's own (`create/page`, on Data Center
                `page create` or `EDITSPACE`) work as well.
            dry_run: Only says what would be done.

        Raises:
            ConfigurationError: A permission that does not exist or is not given by itself, or lacks `view`.
            NotFoundError: There is no such space or subject.
            RolesOnlyError: The site gives access by roles only.

        Example:
            >>> rows = connect().grant("ENG", "group:finance", ["view"], dry_run=True)
            >>> [row.outcome for row in rows]
            ['would_add']
        """
        words = permissions_of(permissions)
        call = self._core.grant(space_of(space, self), subject_of(subject), words, (dry_run, False, False))
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
        """Takes permissions in a space from a subject. What it does not have is skipped.

        Without `view` there are no others: taking it takes all, each with a row of its own, `view` last.

        Source: Cloud `DELETE /wiki/rest/api/space/{key}/permission/{id}`. Data Center
        `PUT /rest/api/space/{key}/permissions/{group,user}/{name}/revoke`, before 9.1
        `POST /rpc/json-rpc/confluenceservice-v2/removePermissionFromSpace`; there `view` takes nothing else with it.
        What is there is read as by `space_permissions`. Needs to administer the space.

        Args:
            space: Key, id or record of the space.
            subject: As for `grant`.
            permissions: As for `grant`.
            dry_run: Only says what would be done.
            allow_lockout: Goes ahead where the caller loses the space by it.

        Raises:
            LockoutError: The caller would lose the space, or nobody would administer it; nothing was written.
            ConfigurationError, NotFoundError, RolesOnlyError: As for `grant`.

        Example:
            >>> rows = connect().revoke("ENG", "group:finance", ["view"], dry_run=True)
            >>> [row.outcome for row in rows]
            ['skipped']
        """
        words = permissions_of(permissions)
        call = self._core.revoke(space_of(space, self), subject_of(subject), words, (dry_run, allow_lockout, False))
        return Table(call.wait())

    def set_permissions(
        self,
        space: SpaceLike,
        permissions: Mapping[SubjectLike, str | Iterable[str]],
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """Lets each of these subjects have these permissions in a space, and no others.

        Subjects that are not named keep what they have; an empty list takes everything. Everything is given before
        anything is taken.

        Source and rights: as for `grant` and `revoke`.

        Args:
            space: Key, id or record of the space.
            permissions: Subject to permissions, such as `{"group:eng": ["view"], "user:5b10…": []}`.
            dry_run: Only says what would be done.
            allow_lockout: Goes ahead where the caller loses the space by it.

        Raises:
            LockoutError, ConfigurationError, NotFoundError, RolesOnlyError: As for `revoke`.

        Example:
            >>> wanted = {"group:finance": ["view", "create_comment"]}
            >>> rows = connect().set_permissions("ENG", wanted, dry_run=True)
            >>> [(row.permission, row.outcome) for row in rows]
            [('view', 'would_add'), ('create_comment', 'would_add')]
        """
        wanted = permissions_by_subject(permissions)
        call = self._core.set_permissions(space_of(space, self), wanted, (dry_run, allow_lockout, False))
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
        """Gives a subject a role in a space. A subject has one: the role it had goes, with a row of its own.

        Source: Cloud `POST /wiki/api/v2/spaces/{id}/role-assignments`, on sites with roles, after
        `GET /wiki/api/v2/spaces/{id}/role-assignments` and `GET /wiki/api/v2/space-roles`. Needs to manage the users of
        the space.

        Args:
            space: Key, id or record of the space.
            subject: `user:<id>`, `group:<id or name>`, `anonymous`, `class:<access class>`, or a record.
            role: Name or id of the role.
            dry_run: Only says what would be done.
            allow_lockout: Goes ahead where the caller loses the space by it.

        Raises:
            LockoutError: The caller would lose the space, or nobody would administer it; nothing was written.
            NotFoundError: There is no such space, subject or role, or the site has no roles.
            AmbiguousError: Several roles have the name.

        Example:
            >>> rows = connect().assign_role("ENG", "group:finance", "Viewer", dry_run=True)
            >>> [(row.permission, row.outcome) for row in rows]
            [('role Viewer', 'would_add')]
        """
        options = (dry_run, allow_lockout, False)
        call = self._core.assign_role(space_of(space, self), subject_of(subject), role, options)
        return Table(call.wait())

    def remove_role(
        self, space: SpaceLike, subject: SubjectLike, *, dry_run: bool = False, allow_lockout: bool = False
    ) -> Table[WriteResult]:
        """Takes the role a subject has in a space away.

        Source, rights, arguments and errors: as for `assign_role`.

        Example:
            >>> rows = connect().remove_role("ENG", "group:finance", dry_run=True)
            >>> [row.outcome for row in rows]
            ['skipped']
        """
        call = self._core.remove_role(space_of(space, self), subject_of(subject), (dry_run, allow_lockout, False))
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
        """Puts subjects on the view or the edit list of contents. The other list is not touched.

        Whoever is on a list already is skipped. The first entry closes a content to everybody who is not listed, so a
        list that would not hold the caller or one of their groups is refused before anything is sent.

        Source: Cloud `POST /wiki/rest/api/content/{id}/restriction`. Data Center
        `PUT /rest/api/content/{id}/restriction` (8.8 and later), before that
        `PUT /rest/experimental/content/{id}/restriction`, and JSON-RPC where neither is there. They replace the list
        they name: an entry that somebody else adds in the same moment is lost, so the list is read back. The lists
        are read as by `restrictions`. Needs to edit the content and to set restrictions in its space. Confluence does
        not return the restrictions of folders, so theirs cannot be read back.

        Args:
            contents: Ids or records of the contents.
            operation: `view` or `edit`; `read` and `update` work as well.
            subjects: Users and groups: `user:<id>`, `group:<id or name>`, or records.
            dry_run: Only says what would be done.
            allow_lockout: Goes ahead where the caller is shut out by it.

        Raises:
            LockoutError: The caller would be shut out; nothing was written.
            NotFoundError: There is no such subject. A content that is not there is a row that `failed`.
            ConfigurationError: A list does not hold such a subject, or there is no such list.

        Example:
            >>> wiki = connect()
            >>> home = wiki.spaces()[0].homepage_id
            >>> me = "user:" + wiki.server().account_id
            >>> rows = wiki.restrict(home, "edit", ["group:engineering", me], dry_run=True)
            >>> [row.outcome for row in rows]
            ['would_add', 'would_add']
        """
        word = arguments.operation(operation, "restrict(contents, operation, subjects)")
        options = (dry_run, allow_lockout, False)
        call = self._core.restrict(contents_of(contents, self), word, subjects_of(subjects), options)
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
        """Takes subjects off the view or the edit list of contents. The other list is not touched.

        A list nobody is left on restricts nothing: the message of the row says so.

        Source: Cloud `DELETE /wiki/rest/api/content/{id}/restriction/byOperation/{operation}/byGroupId/{id}` and
        `DELETE /wiki/rest/api/content/{id}/restriction/byOperation/{operation}/user`, Data Center as `restrict`.
        Rights: as for `restrict`.

        Args:
            contents: Ids or records of the contents.
            operation: `view` or `edit`.
            subjects: As for `restrict`; None takes everybody off. An account that is gone is named by its id.
            dry_run: Only says what would be done.
            allow_lockout: Goes ahead where the caller is shut out by it.

        Raises:
            LockoutError, ConfigurationError: As for `restrict`.

        Example:
            >>> wiki = connect()
            >>> home = wiki.spaces()[0].homepage_id
            >>> len(wiki.unrestrict(home, "view", dry_run=True))
            0
        """
        word = arguments.operation(operation, "unrestrict(contents, operation, subjects)")
        who = None if subjects is None else subjects_of(subjects)
        call = self._core.unrestrict(contents_of(contents, self), word, who, (dry_run, allow_lockout, False))
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
        """Lets the view or the edit list of contents hold these subjects and nobody else. The other is not touched.

        Whoever is new is added before anybody is taken off, so the content is not open in between.

        Source, rights, arguments and errors: as for `restrict`.

        Example:
            >>> wiki = connect()
            >>> home = wiki.spaces()[0].homepage_id
            >>> me = "user:" + wiki.server().account_id
            >>> rows = wiki.set_restrictions(home, "view", me, dry_run=True)
            >>> [row.outcome for row in rows]
            ['would_add']
        """
        word = arguments.operation(operation, "set_restrictions(contents, operation, subjects)")
        options = (dry_run, allow_lockout, False)
        call = self._core.set_restrictions(contents_of(contents, self), word, subjects_of(subjects), options)
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
        """Takes a subject off every restriction list.

        Where nobody else is on a list the content would be open to the space: it is left as it is, and its row `failed`
        says so, unless `allow_open`. What could not be searched is in `gaps`.

        Source: Cloud `GET /wiki/rest/api/content/search` to find the lists, Data Center the listings of contents; then
        as `unrestrict`.

        Args:
            subject: A user or a group; an account that is gone is named by its id.
            spaces: Keys, ids or records of the spaces to look in; None looks in every space the account can see.
            dry_run: Only says what would be done.
            allow_lockout: Goes ahead where the caller is shut out by it.
            allow_open: Takes the last entry of a list as well.

        Raises:
            LockoutError, ConfigurationError: As for `restrict`.
            NotFoundError: There is no such space.

        Example:
            >>> rows = connect().unrestrict_all("group:finance", spaces=["ENG"], dry_run=True)
            >>> {row.outcome for row in rows} <= {"would_remove", "failed"}
            True
        """
        options = (dry_run, allow_lockout, allow_open)
        call = self._core.unrestrict_all(subject_of(subject), spaces_of(spaces, self), options)
        return Table(call.wait())

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
        `record.raw_json` the same as a dict. Cloud names things and gives no ids: `permission_changes` joins them.
        The end of the range is fixed when reading begins, and a record that was moved to another page meanwhile is
        there once. Cloud keeps its records for a year at most.

        Data Center records what it is set up to: where that leaves out changes of restrictions, of permissions or of
        groups, or where it is not told, a gap of scope `audit` says so (`cause="not_recorded"`), and `strict` refuses
        such a log. Restrictions of pages are recorded from the coverage `Advanced` of end user activity on.

        Source: Cloud `GET /wiki/rest/api/audit`; needs a Confluence administrator, and the Free plan has no audit log.
        Of the organization `GET /admin/v1/orgs/{orgId}/events-stream`, with `org_token` and its scope
        `read:events:admin`; it keeps 180 days, of all its sites and products. Data Center
        `GET /rest/auditing/1.0/events`, `GET /rest/auditing/1.0/configuration/coverage` and
        `GET /rest/auditing/1.0/configuration/denylist`, before 7.5 `GET /rest/api/audit`; needs an administrator.

        Args:
            since: From when on: a `datetime` with a time zone, a `date` (UTC), ISO text, or how long ago (`"30d"`,
                a `timedelta`). None: everything the site still has.
            until: Until when, in the same forms; a date means its last moment. None: now.
            search: Only records in which this text stands, as the server searches; of the organization, those that have
                it in any value.
            source: `"confluence"`, `"organization"`, or `"both"`: what both logs noted is then there twice, and
                `record.source` says where it is from.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            ForbiddenError: The account is no administrator, or the plan has no audit log.
            ConfigurationError: A moment has no time zone, or cannot be understood; or the organization is asked for
                and there is no `org_token`.

        Example:
            >>> [record.action for record in connect().audit(since="5d")][-1]
            'Page viewed with admin key'
        """
        first, last = span(since, until)
        return checked(Table(self._core.audit(first, last, search, source).wait()), "audit", strict)

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

        One row per permission and subject, newest first. `confidence` says how sure the reading of a record is; what is
        not understood is a row of scope `other` with its `raw`. Cloud gives names only: `space_key`, `content_id` and
        the ids of users are found by name, in `snapshot` where one is given, else in what has to be read (the spaces;
        of `content` what stands above it). A title that fits several contents gives `confidence="ambiguous"`, no
        `content_id`, and `candidates`. A thing that was renamed since is not found by its old name. Data Center gives
        ids, and its gaps are those of `audit`. `confluence_access.permission_changes` says the same of records that are
        there, such as those of log files.

        Source and rights: as for `audit`. Atlassian does not promise that every change of a restriction is noted.

        Args:
            since: As for `audit`.
            until: As for `audit`.
            space: Only changes in this space: its key, id or record.
            content: Only changes on this content and on what stands above it: its id or record. `attributed_to` is
                this content where the change binds it.
            snapshot: Where names are looked up, instead of reading the site.
            source: As for `audit`. The organization notes who is put into which group; the names of its actions are not
                documented, so what is not understood is a row of scope `other`. It gives ids of accounts and groups
                only; without `snapshot` their names are looked up with two requests for accounts and one for groups.
            wording: What the words of the log mean where they are not the known ones, for a site in another language:
                from a word to a change (`{"Berechtigung hinzugefügt": "space_permission_added"}`), a kind of thing
                (`"Bereich": "space"`), a permission (`"Anzeigen": "view"`) or `"unrelated"`. The
                error about a wrong meaning lists all there are.
            merge_bursts: Makes one row of what one author did to one subject in one place within ten seconds, such as
                the fourteen permissions of a new space: `permission` is then a list in words (`view, create_page`),
                `old` and `new` likewise, and `raw` a JSON list of the records.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            ForbiddenError: The account is no administrator, or the plan has no audit log.
            NotFoundError: There is no such space or content, or the account may not view it.
            NotInSnapshotError: `content` is not in `snapshot`.
            ConfigurationError: A moment has no time zone, or cannot be understood; a meaning in `wording` is none; the
                organization is asked for and there is no `org_token`. Nothing was sent.

        Example:
            >>> wiki = connect()
            >>> [(row.author_name, row.change, row.permission, row.subject_name)
            ...  for row in wiki.permission_changes(since="3d", space="ENG")]
            [('Olga Petrova', 'removed', 'create_page', 'product')]
        """
        first, last = span(since, until)
        key = None if space is None else space_of(space, self)
        node = None if content is None else content_of(content, self)
        call = self._core.permission_changes(
            first, last, key, node, core_of(snapshot), source, wording_of(wording), merge_bursts
        )
        return checked(Table(call.wait()), "permission_changes", strict)

    @meaning(space="spaces")
    def snapshot(
        self,
        spaces: SpaceLike | Iterable[SpaceLike] | None = None,
        *,
        progress: bool | Report = False,
        admin_key: bool = False,
        strict: bool = False,
    ) -> Snapshot:
        """Everything about some spaces or the whole site, once: the picture that access is resolved from.

        Restrictions come with the content listings, not page by page. What could not be read is in `Snapshot.gaps`, and
        makes the answers it touches `unknown`. Members are read of every group where the whole site is read, else of
        the groups that the rules of the named spaces name and of those that open the product.

        Source: Cloud, the routes of `spaces`, `contents`, `space_permissions`, `restrictions`, `groups` and `members`;
        restrictions in bulk from `GET /wiki/rest/api/content/search`, accounts from `POST /wiki/api/v2/users-bulk`,
        whether anonymous may use the site from `POST /wiki/rest/api/content/{id}/permission/check`. It shows what the
        account may view; an administrator's shows most. Data Center, the routes of the same methods: restrictions come
        with the listing of contents, accounts from `GET /rest/api/user/list`. Use a member of
        `confluence-administrators` there.

        Args:
            spaces: Keys, ids or records of the spaces; None reads every space the account can see.
            progress: True shows a bar (tqdm where it is installed, a line on standard error otherwise); a function is
                called in this thread with the stage, how many are done, and of how many (None while that is not
                known).
            admin_key: Asks for an admin key and reads what is restricted to others too. Needs a Premium or Enterprise
                site and an organization or site administrator. Its use is written to the site's audit log; the key is
                given back however the call ends, also by an error or Ctrl-C.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            NotFoundError: One of the spaces does not exist, or the account may not view it.
            ForbiddenError: `admin_key`: the plan of the site or the rights of the account lack it.

        Example:
            >>> snap = connect().snapshot(spaces=["HR"])
            >>> snap.complete
            True
        """
        counters = _core.Progress()
        call = self._core.snapshot(spaces_of(spaces, self), counters, admin_key)
        ticker = Ticker(counters, display(progress))
        try:
            snapshot = Snapshot(ticker.wait(call))
        finally:
            ticker.close()
        return checked(snapshot, "snapshot", strict)

    def measure(self, snapshot: Snapshot, *, strict: bool = False) -> Measurement:
        """The open switches of the policy, settled on this site by at most ten questions.

        A switch is open where no document says how Confluence behaves: its value is `unknown`, or assumed. Each
        question is about an account and a content of the snapshot for which only that switch decides: its answer is
        certain under either value, differs between the two, and stays the same whatever the other open switches are.
        Where there are two such questions both are asked, and answers that contradict each other settle nothing. A
        switch that nothing on the site depends on, or that was not answered, has the value `unknown` and a `reason`.

        `policy` has the settled ones, for `snap.access(policy=…)`. A site that changed since the snapshot was taken may
        answer for other reasons.

        Source: Cloud `POST /wiki/rest/api/content/{id}/permission/check`; needs a Confluence administrator. Data Center
        `GET /rest/extender/1.0/permission/content/{id}/getInheritedContentPermissions` of the Extender add-on: the
        server itself only says what is stored.

        Args:
            snapshot: A snapshot of this site.
            strict: Raises `IncompleteError` where a question was not answered.

        Raises:
            ConfigurationError: The snapshot is of another site (a `ValueError`).
            ForbiddenError: The account is no Confluence administrator (a `PermissionError`).
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
        """Ends every call under way and closes the connections. Closing twice is fine."""
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
