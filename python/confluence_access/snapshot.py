"""Snapshot: everything about a site, read once. Save it, load it, ask it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar, overload

from . import _core, arguments, notebook, saved
from .access import Access
from .errors import ConfigurationError, checked
from .escapes import visible
from .frozen import Frozen
from .moments import microseconds
from .naming import content_of, group_of, space_of, subject_of
from .past import ChangesLike, log_of
from .plans import Plan, plan_of
from .progress import Ticker, display
from .tables import Table, changes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from ._async import AsyncConfluence
    from .client import Confluence
    from .moments import Moment
    from .naming import ContentLike, SpaceLike, SubjectLike
    from .progress import Report
    from .records import (
        AccessChange,
        Content,
        Gap,
        GlobalPermission,
        Group,
        Membership,
        PermissionChange,
        Refreshed,
        Restriction,
        Space,
        SpacePermission,
        User,
    )
    from .saved import StorageOptions
    from .types import Dangling, Deployment, DiffBy, RestrictionOperationLike, SiteDescription

__all__ = ["Site", "Snapshot"]


class Site(Frozen):
    """Facts about a site as a whole. None means unknown.

    Attributes:
        deployment: `cloud` or `datacenter`.
        base_url: The address people open; None for a site described offline.
        version: Version (Data Center).
        plan: `paid` or `free` (Cloud).
        role_mode: `PRE_ROLES`, `ROLES_TRANSITION` or `ROLES` (Cloud).
        anonymous_enabled: Whether anonymous users may use the site.
        anonymous_enforced: Cloud: whether anonymous grants of spaces apply to nobody while anonymous access is off for
            the site. No API returns it; if it is None, the policy switch `assume_anonymous_enforced` decides.
        public_links_enabled: Whether public links work (Cloud); None unless they were read.
        read_only: Whether the site accepts no changes (Data Center).
        verified_domains: Domains that the organization has verified (Cloud), read with `org_token`; None if unknown.
            `exposure` and `findings` take them for internal unless `internal_domains` is given.
        caller: The account whose view this is, as a subject.
        coverage: Known blind spots of the account that took the snapshot, one sentence each. Unlike with a gap, no
            request failed, and no answer says what was left out.
        blind_spots: The same as words, in the same order: `hidden_content`, `other_spaces`, `app_access_rules`,
            `childless_nodes`, `global_permissions`, `audit_log` or `version`.
        admin_key: Whether an admin key was used to read it (Cloud).
        policy: Switches of the policy in which this site differs from the defaults of its deployment.
        licences_listed: Whether the groups that open the product were identified and all their members read (Cloud):
            then an account in none of them is not licensed by a group.
        product_admins_listed: Whether the groups of product admins were listed and all their members read (Cloud): then
            the switch `unlisted_are_product_admins` decides about an account in none of them.
    """

    deployment: str
    base_url: str | None
    version: str | None
    plan: str | None
    role_mode: str | None
    anonymous_enabled: bool | None
    anonymous_enforced: bool | None
    public_links_enabled: bool | None
    read_only: bool | None
    verified_domains: Sequence[str] | None
    caller: str | None
    coverage: Sequence[str]
    blind_spots: Sequence[str]
    admin_key: bool
    policy: Mapping[str, bool | str | Sequence[str]]
    licences_listed: bool
    product_admins_listed: bool


class Snapshot:
    """Everything that was read about a site, and what could not be read.

    Created by `wiki.snapshot()`, `Snapshot.load(folder)` or `Snapshot.from_dict(site)`. A snapshot is immutable, and
    only `refresh` fetches anything. It can be compared and pickled, and contains no credentials.
    """

    __slots__ = ("_core",)

    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __init__(self, core: _core.Snapshot) -> None:
        self._core = core

    @classmethod
    def from_dict(
        cls,
        site: SiteDescription | Mapping[str, Any],
        deployment: Deployment = "cloud",
        *,
        dangling: Dangling = "refuse",
    ) -> Snapshot:
        """A snapshot of a site described in plain data, for tests, what-if questions and exports.

        Ids are used as given; nothing is fetched. Subjects are written `user:<id>`, `group:<id or name>`, `anonymous`,
        `class:<access class>` or `unlicensed`. Ids may be numbers, also those of numpy and pandas.

        Args:
            site: The site: `users`, `groups`, `spaces`, `contents`, `restrictions` and so on, each by id.
                `types.SiteDescription` lists all keys with their meanings and defaults.
            deployment: `cloud` or `datacenter`.
            dangling: How to treat a reference to a user, group, space or content item that is not described: an error
                (`"refuse"`), because a mistyped id would get a confident wrong answer; a gap (`"gap"`), so that the
                answers it affects are `unknown`; or kept (`"keep"`), as a server keeps the entries of deleted accounts,
                which match nobody.

        Raises:
            ConfigurationError: A key is unknown, a value has the wrong type, or a reference leads nowhere; the message
                names the path to it.

        >>> snapshot = Snapshot.from_dict({
        ...     "users": {"ann": {}},
        ...     "spaces": {"ENG": {"grants": {"user:ann": ["view"]}}},
        ...     "contents": {"1": {"type": "page", "space": "ENG"}},
        ... })
        >>> print(snapshot.access().can("user:ann", "view", "1"))
        allowed
        """
        for name, word in (("deployment", deployment), ("dangling", dangling)):
            if not isinstance(word, str):
                raise ConfigurationError(f"`{name}` is a word, not `{type(word).__name__}`")
        return cls(_core.Snapshot.from_plain(arguments.plain(site), deployment, dangling))

    @property
    def spaces(self) -> Table[Space]:
        """Spaces."""
        return Table(self._core.table("spaces"))

    @property
    def contents(self) -> Table[Content]:
        """Content items: the content tree."""
        return Table(self._core.table("contents"))

    @property
    def users(self) -> Table[User]:
        """Accounts."""
        return Table(self._core.table("users"))

    @property
    def groups(self) -> Table[Group]:
        """Groups."""
        return Table(self._core.table("groups"))

    @property
    def memberships(self) -> Table[Membership]:
        """Members of groups, with nested groups followed.

        One row per account and group. A snapshot of the whole site lists the members of every group; one of named
        spaces lists only those of the groups that appear in their permissions and restrictions, and of the groups that
        open the product. The column `members_complete` of `groups` says whether all members of a group are listed.
        """
        return Table(self._core.table("memberships"))

    @property
    def space_permissions(self) -> Table[SpacePermission]:
        """Permissions in spaces, with roles expanded."""
        return Table(self._core.table("space_permissions"))

    @property
    def restrictions(self) -> Table[Restriction]:
        """Restrictions, each on the content item it is set on."""
        return Table(self._core.table("restrictions"))

    @property
    def global_permissions(self) -> Table[GlobalPermission]:
        """Permissions of the site as a whole, with a gap if some may be missing.

        Data Center: all of them, from about 9.3 on. Cloud: no API lists them. There are rows for the groups that give
        access to Confluence (`use`), and for the groups and accounts that administer it (`administer`).
        """
        return Table(self._core.global_permissions())

    @property
    def gaps(self) -> Table[Gap]:
        """What could not be read, and why."""
        return Table(self._core.table("gaps"))

    def content(self, content: ContentLike) -> Content:
        """The one content item with an id, a title or an address.

        Every argument that takes a content item takes the same texts.

        Args:
            content: Its id, its title in any case (`ENG:Roadmap` for one of several), or its address, also `/x/…`.

        Raises:
            NotFoundError: The snapshot has none; `nearest` lists similar titles.
            AmbiguousError: Several have this title; `candidates` lists their ids. Archived items count only if no
                current one has it.

        >>> page = {"type": "page", "space": "ENG", "title": "Roadmap"}
        >>> snapshot = Snapshot.from_dict({"spaces": {"ENG": {}}, "contents": {"42": page}})
        >>> snapshot.content("roadmap").id
        '42'
        """
        found: Table[Content] = Table(self._core.content(content_of(content, self)))
        return found[0]

    def space(self, space: SpaceLike) -> Space:
        """The one space with a key, an id, a name or an address.

        Raises:
            NotFoundError: The snapshot has none.
            AmbiguousError: Several have this name; `candidates` lists their keys.
        """
        found: Table[Space] = Table(self._core.space(space_of(space, self)))
        return found[0]

    def user(self, user: SubjectLike) -> User:
        """The one account with an id, a name, a display name or an e-mail address.

        Raises:
            NotFoundError: The snapshot has none; `nearest` lists similar names.
            AmbiguousError: Several have this name; `candidates` lists them.
        """
        found: Table[User] = Table(self._core.user(subject_of(user)))
        return found[0]

    def group(self, group: str | int | Group) -> Group:
        """The one group with an id or a name.

        Raises:
            NotFoundError: The snapshot has none; `nearest` lists similar names.
            AmbiguousError: Several have this name; `candidates` lists them.
        """
        found: Table[Group] = Table(self._core.group(group_of(group)))
        return found[0]

    @property
    def complete(self) -> bool:
        """Whether everything requested was read."""
        return self._core.complete

    @property
    def taken_at(self) -> datetime | None:
        """When reading began; None for a site described offline."""
        return self._core.taken_at

    @property
    def site(self) -> Site:
        """Facts about the site as a whole."""
        known = self._core.site
        facts: dict[str, Any] = {field: known.get(field) for field in Site.__slots__}
        return Site(**facts)

    def _address(self) -> str | None:
        address: str | None = self._core.site.get("base_url")
        return address

    def access(
        self,
        policy: Mapping[str, bool | str | Sequence[str]] | None = None,
        *,
        product_admins: SubjectLike | Iterable[SubjectLike] | None = None,
    ) -> Access:
        """Resolves inheritance for every content, offline.

        Args:
            policy: Switches that override those of the site and its deployment, such as `{"nested_groups": True}`. Each
                takes True, False or `"unknown"`; `access.policy` lists them all.

            product_admins: Product admins (Cloud) in addition to those in the snapshot, as accounts or as groups of
                accounts, such as `["group:site-admins", "user:ann"]`: spaces may grant something to the class
                `all-product-admins`. For everyone else the switch `unlisted_are_product_admins` decides.

        Raises:
            ConfigurationError: There is no such switch, it does not take this value, or a product admin is neither an
                account nor a group.
            NotFoundError: The snapshot has no such product admin; `nearest` lists similar names.
            AmbiguousError: The name of a product admin matches several; `candidates` lists them.
        """
        return Access(self, policy, product_admins)

    def what_if(self, plan: Plan) -> Snapshot:
        """The snapshot as a plan would leave it, offline.

        Ask it what you would ask any snapshot: `after.access()`, its tables, its findings. What could not be read stays
        unknown. A row that a line of the plan added names that line in `source`. If nobody in the snapshot has a role
        that a line assigns, what it brings is unknown, and so is the access of its holder.

        The last entry of a restriction that is removed opens the item to everyone who passes the levels above. A group
        deleted on Data Center takes every entry about it along, unless a directory keeps it; on Cloud its entries stay,
        and the switch `only_vanished_groups` says what a restriction to deleted groups does.

        Args:
            plan: The changes. Its texts are looked up in this snapshot; a content item may also be named by its title.

        Raises:
            NotFoundError, NotInSnapshotError, AmbiguousError: The snapshot has no such subject, space or content item,
                or several.
            PlanError: The product cannot do what a line says; `line` is its number.
            RolesOnlyError: The site gives access to spaces by roles only, and a line names permissions.
            OtherSiteError: The plan was made for another site.

        >>> snapshot = Snapshot.from_dict({
        ...     "users": {"ann": {}, "bob": {}},
        ...     "spaces": {"ENG": {"grants": {"user:ann": ["view"]}}},
        ...     "contents": {"1": {"type": "page", "space": "ENG"}},
        ... })
        >>> after = snapshot.what_if(Plan().replace("user:ann", "user:bob"))
        >>> [str(after.access().can(who, "view", "1")) for who in ("user:ann", "user:bob")]
        ['denied', 'allowed']
        """
        return Snapshot(self._core.what_if(plan_of(plan)))

    def refresh(self, wiki: Confluence, *, progress: bool | Report = False, strict: bool = False) -> Snapshot:
        """The snapshot brought up to date: a new one, as `wiki.snapshot()` would read it now, with fewer requests.

        Taken from this snapshot are the permissions in spaces for which Confluence's audit log proves that nothing has
        changed since `taken_at`: it is read from before this snapshot until now without a gap, all its records are
        understood, and none is about the space. Everything else is read again, because a log does not record every
        change of it. Restrictions come with the listing of the contents, so that costs few requests. `refreshed` of
        the new snapshot says for each part what was done and why.

        What cannot be read now is a gap, as in any snapshot; nothing from this snapshot takes its place. A change in
        the last minutes that is not in the audit log yet is found by the next refresh. One space that could be kept is
        read anyway and compared; if it differs, nothing is kept.

        The selection of spaces, `public_links`, `last_active` and `admin_key` are those of this snapshot. Spaces that
        are gone are left out. A snapshot that was saved and loaded can be refreshed too.

        Source: the routes of `wiki.snapshot()`, and of `wiki.audit()` since three days before `taken_at`. Cloud: `GET
        /wiki/rest/api/audit`, which requires a Confluence administrator and a paid plan. The assigned roles of a space
        are read again (`GET /wiki/api/v2/spaces/{id}/role-assignments`), its permissions only if those differ. Data
        Center: `GET /rest/auditing/1.0/events` from 7.5 on, where the areas *Permissions* and *User management* are
        recorded at *Base* or above and no event is excluded. If the log cannot be read, is not complete, or would take
        more requests than the permissions, all of them are read again.

        Args:
            wiki: The site of the snapshot.
            progress: As in `wiki.snapshot()`.
            strict: Raises `IncompleteError` if something could not be read.

        Raises:
            OtherSiteError: The snapshot is of another site (a `ValueError`); nothing was sent.
            ConfigurationError: The snapshot was described offline, not read from a site; or it has `last_active`, and
                `wiki` has no `org_token`.
            NotFoundError: The snapshot is of named spaces, and none of them is there any more.

        Example:
            >>> from confluence_access import Simulator
            >>> with Simulator(spaces=5, pages=50) as simulator, simulator.connect() as wiki:
            ...     written = wiki.grant("HR", "group:engineering", ["view"])
            ...     snap = wiki.snapshot()
            ...     written = wiki.revoke("HR", "group:engineering", ["view"])
            ...     newer = snap.refresh(wiki)
            >>> [(row.subject, row.outcome) for row in newer.refreshed if row.reason == "changed"]
            [('HR', 'read')]
        """
        counters = _core.Progress()
        call = wiki._core.refresh(self._core, counters)
        ticker = Ticker(counters, wiki._core, display(progress))
        try:
            snapshot = Snapshot(ticker.wait(call))
        finally:
            ticker.close()
        return checked(snapshot, "refresh", strict)

    async def refresh_async(
        self, wiki: AsyncConfluence, *, progress: bool | Report = False, strict: bool = False
    ) -> Snapshot:
        """As `refresh`, awaited, with an `AsyncConfluence`."""
        counters = _core.Progress()
        call = wiki._core.refresh(self._core, counters)
        ticker = Ticker(counters, wiki._core, display(progress))
        try:
            snapshot = Snapshot(await ticker.future(call))
        finally:
            ticker.close()
        return checked(snapshot, "refresh", strict)

    @property
    def refreshed(self) -> Table[Refreshed]:
        """What `refresh` read again, kept and dropped, and why; empty for a snapshot that `refresh` did not return.

        It is not saved or pickled with the snapshot.
        """
        return Table(self._core.refreshed_rows())

    @property
    def _planned(self) -> list[tuple[int, bool, str]]:
        """What a plan changed: the line, whether the fact was added, and the fact."""
        return self._core.planned

    def diff(
        self,
        older: Snapshot,
        operations: RestrictionOperationLike | Iterable[RestrictionOperationLike] = ("view", "edit"),
        *,
        by: DiffBy = "user",
        changes: Table[PermissionChange] | None = None,
        policy: Mapping[str, bool | str | Sequence[str]] | None = None,
    ) -> Table[AccessChange]:
        """Who gained or lost access since an older snapshot of the same site, and what changed it.

        One row per account (and `anonymous`), content item and operation whose answer is not the same in both
        snapshots, as `access.can` answers in each. Answers that became unknown, or known, are rows too. A content item
        that only one snapshot has is null on the other side, with a row for everyone who may, or for whom it is
        unknown.

        The cause is found by undoing each difference on the newer snapshot: the one that alone brings the old answer
        back, else all that are needed together. If the newer snapshot is one of `what_if(plan)`, lines of the plan are
        the causes.

        A change of one group can be a row for each of its members on each content item. The rows are made when they are
        first looked at; `to_parquet`, and streams to Arrow and DuckDB before that, hold a part of them at a time.

            >>> site = {
            ...     "users": {"ann": {}, "bob": {}},
            ...     "groups": {"eng": {"members": ["user:ann", "user:bob"]}},
            ...     "spaces": {"ENG": {"grants": {"group:eng": ["view"]}}},
            ...     "contents": {"1": {"type": "page", "space": "ENG", "title": "Plan"}},
            ... }
            >>> older = Snapshot.from_dict(site)
            >>> site["restrictions"] = {"1": {"view": ["user:ann"]}}
            >>> for row in Snapshot.from_dict(site).diff(older):
            ...     print(row.subject_id, row.operation, row.before, row.after, row.cause)
            bob view allowed denied the view restriction of `Plan` was set: ann

        Args:
            older: The older snapshot.
            operations: `view`, `edit`, or both.
            by: `"user"`: every account has its rows. `"group"`: where all members of a group that may use the site
                changed alike because of the group, the group has one row instead.
            changes: Changes between the two snapshots, from `wiki.permission_changes(since=older.taken_at)`. They fill
                `cause_at` and `cause_author`; the last change that fits a cause is taken.
            policy: Switches that override those of both sites.

        Raises:
            DifferentSitesError: The snapshots are of two sites (a `ValueError`).
            ConfigurationError: `older` is no `Snapshot`, or an operation is neither `view` nor `edit` (a `ValueError`).
        """
        if not isinstance(older, Snapshot):
            raise ConfigurationError(
                f"`older` is a `Snapshot`, not `{type(older).__name__}`: write `newer.diff(older)`"
            )
        words = arguments.compared(operations, "newer.diff(older, operations)")
        switches = dict(policy) if policy else None
        grouped = arguments.by(by) == "group"
        made = None if changes is None else changes_of(changes)
        return Table(self._core.diff(older._core, words, grouped, made, switches))

    def as_of(self, when: Moment, changes: ChangesLike, *, since: Moment | None = None) -> Snapshot:
        """The site as it was: permission changes after `when` are undone, newest first.

        Every question can be asked of it. What a log does not say is a gap, and answers that rest on it are unknown:

        - Before the changes begin, and where they are not complete, everything is unknown.
        - A name that fits nothing here, or several things, leaves open what it may be about; so does a record that is
          not understood.
        - A content item that was moved since: no log says where it was.
        - What is archived or in the trash now: since when is not recorded. Whom a draft was shared with neither.
        - A group that was deleted since: who was in it, unless the log says when they joined.

        Content created after `when` is not in it. Item names, titles and accounts are as they are today.

            >>> wiki = Confluence.from_env()
            >>> snap = wiki.snapshot()
            >>> before = snap.as_of("2d", wiki.permission_changes(since="3d"))
            >>> before.taken_at < snap.taken_at
            True

        Args:
            when: A `datetime` with a time zone, a `date` (UTC), ISO text, or how long ago (`"30d"`, a `timedelta`).
            changes: All changes since then, from `wiki.permission_changes(since=…)`; or records, from `wiki.audit` or
                `read_audit_log`. Names without ids are looked up in this snapshot.
            since: From when on `changes` is complete. By default that is the `since` it was read with, else the time of
                the first row.

        Raises:
            ConfigurationError: `when` is after the snapshot was taken, has no time zone or is invalid; `changes` is
                something else (a `ValueError`).
        """
        log = log_of(changes, self, since)
        return Snapshot(self._core.as_of(microseconds(when, "when"), *log))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Snapshot):
            return NotImplemented
        return self._core == other._core

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._core,)

    def __copy__(self) -> Snapshot:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Snapshot:
        # Nothing in it can change.
        return self

    def __repr__(self) -> str:
        site = self.site
        taken = self.taken_at
        when = f" taken {taken:%Y-%m-%d %H:%M} UTC" if taken else ""
        counts = self._core.counts
        gaps = counts.pop("gaps")
        known = ", ".join(f"{rows} {noun.replace('_', ' ')}" for noun, rows in counts.items())
        missing = "complete" if not gaps else f"{gaps} gap{'s' if gaps > 1 else ''}"
        return visible(f"<Snapshot of {site.base_url or site.deployment}{when}: {known}; {missing}>")

    def _repr_html_(self) -> str:
        known, notes = self._facts()
        return notebook.page(notebook.facts("Snapshot", known, notes))

    def report(
        self,
        path: str | os.PathLike[str],
        *,
        changes: Table[PermissionChange] | None = None,
        policy: Mapping[str, bool | str | Sequence[str]] | None = None,
        title: str | None = None,
    ) -> Path:
        """Writes a report: one page of HTML that loads nothing from any network.

        It shows how far content reaches, the findings with their proof, the content tree with who can view each item,
        and searchable tables of content, accounts, groups with their origin, permissions, restrictions and gaps. It
        prints, and works with a keyboard. It contains names, titles and e-mail addresses, but no credentials.

        Args:
            path: The file, such as `report.html`. An existing one is replaced.
            changes: Recent changes, from `wiki.permission_changes(…)`.
            policy: Switches of the policy, as for `access`.
            title: Its heading.

        Returns:
            The file.

        Raises:
            OSError: It cannot be written.

        >>> snapshot = Snapshot.from_dict({"spaces": {"ENG": {"name": "Engineering"}}})
        >>> snapshot.report("report.html").name
        'report.html'
        """
        from . import formats, report

        target = arguments.path(path, "a file")
        formats.written(report.page(self, self.access(policy), changes, title), target)
        return target

    def _facts(self) -> tuple[list[tuple[str, str]], Sequence[str]]:
        """What a notebook shows of it."""
        site, taken, counts = self.site, self.taken_at, self._core.counts
        gaps = counts.pop("gaps")
        known = [("site", site.base_url or f"{site.deployment}, described offline")]
        known += [("taken", f"{taken:%Y-%m-%d %H:%M} UTC")] if taken else []
        known += [(noun.replace("_", " "), f"{rows:,}") for noun, rows in counts.items()]
        known.append(("complete", "yes" if not gaps else f"no, {gaps} gap{'s' if gaps > 1 else ''}: see .gaps"))
        return known, site.coverage

    @overload
    def save(self, folder: os.PathLike[str], *, storage_options: StorageOptions | None = None) -> Path: ...
    @overload
    def save(self, folder: str, *, storage_options: StorageOptions | None = None) -> Path | str: ...
    def save(self, folder: str | os.PathLike[str], *, storage_options: StorageOptions | None = None) -> Path | str:
        """Writes Parquet files and a manifest to a folder or an object store, completely or not at all.

        One file per table (`spaces.parquet`, `contents.parquet` …) with its columns, for any tool that reads Parquet.
        `group_members.parquet` holds the direct entries of groups, `memberships.parquet` the same with nested groups
        followed. `manifest.json`, written last, holds the format, the site, the time of the snapshot, and what the
        files must contain. No credentials are written.

        Args:
            folder: A local folder, or an address `s3://bucket/folder`, `gs://…` or `az://…` (extra `remote`). A
                snapshot there is replaced; missing parent folders are created.
            storage_options: Settings and credentials of the object store by the names of obstore, such as
                `aws_access_key_id`. What is left out comes from the environment.

        Returns:
            The folder, or the address.

        Raises:
            OccupiedFolderError: The folder holds something else.
            StoreError: It cannot be written: the disk is full, the store refuses or does not answer. It is an
                `OSError`, and a `PermissionError` if access is refused. What was there before is still there.
            ConfigurationError: The address or an option cannot be used.
            ImportError: The extra `remote` is not installed.
        """
        target = saved.place(folder, storage_options)
        saved.write(self._core, target)
        return target.address

    def save_to(self, root: str | os.PathLike[str], *, storage_options: StorageOptions | None = None) -> Path | str:
        """Adds the snapshot to a place that holds many, in `site=<address>/taken=<time>/` below `root`.

        `Snapshot.load(root, site=…, taken=…)` reads one back. DuckDB, polars, pyarrow, Dask and Spark read all of them
        as one table, with `site` and `taken` as columns. Times are UTC, written as `20261121T093000.000000Z`.

        Args:
            root: A local folder, or the address of a place in an object store.
            storage_options: As in `save`.

        Returns:
            The folder of this snapshot, or its address.

        Raises:
            ConfigurationError: The snapshot does not say of which site it is, or when it was taken.
            OccupiedFolderError: Another snapshot with this site and time is there (object stores).
            StoreError: It cannot be written.
        """
        many = saved.place(root, storage_options)
        site, taken = saved.folder_of(self._core)
        target = many.child(site).child(taken)
        saved.write(self._core, target, once=True)
        return target.address

    @classmethod
    def load(
        cls,
        folder: str | os.PathLike[str],
        *,
        site: str | None = None,
        taken: Moment | None = None,
        storage_options: StorageOptions | None = None,
    ) -> Snapshot:
        """Reads what `save` or `save_to` wrote.

        Args:
            folder: A local folder, or an address in an object store.
            site: If the folder holds many snapshots: the address of the site, such as `acme.atlassian.net`. May be left
                out if all are of one site.
            taken: If the folder holds many snapshots: the last one taken at or before this time. None and `"latest"`
                mean the last one.
            storage_options: As in `save`.

        Raises:
            MissingSnapshotError: There is no such folder, or no such snapshot in it.
            AmbiguousError: The folder holds snapshots of several sites; `candidates` lists them.
            UnreadableSnapshotError: A file is missing, damaged, or not the one that was written.
            NewerSnapshotError: It was written by a newer version of this package.
            StoreError: It cannot be read: the store refuses or does not answer.
            ConfigurationError: The address, an option or the time cannot be used.
            ImportError: The extra `remote` is not installed.
        """
        return cls(saved.read(saved.one_of(saved.place(folder, storage_options), site, taken)))


def core_of(snapshot: Snapshot | None) -> _core.Snapshot | None:
    """The facts of what is given as `snapshot=`."""
    if snapshot is None:
        return None
    if not isinstance(snapshot, Snapshot):
        raise ConfigurationError(f"`snapshot` is given as a `Snapshot`, not as `{type(snapshot).__name__}`")
    return snapshot._core
