"""Snapshot: everything about a site, read once. Save it, load it, ask it."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _core, arguments, notebook
from .access import Access
from .errors import ConfigurationError, MissingSnapshotError, OccupiedFolderError, UnreadableSnapshotError
from .escapes import visible
from .frozen import Frozen
from .naming import content_of, group_of, space_of, subject_of
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from .naming import ContentLike, SpaceLike, SubjectLike
    from .records import (
        Content,
        Gap,
        GlobalPermission,
        Group,
        Membership,
        PermissionChange,
        Restriction,
        Space,
        SpacePermission,
        User,
    )
    from .types import Dangling, Deployment, SiteDescription

__all__ = ["Site", "Snapshot"]

_MANIFEST = "manifest.json"
_KIND = "confluence-access snapshot"


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

    Created by `wiki.snapshot()`, `Snapshot.load(folder)` or `Snapshot.from_dict(site)`. A snapshot is immutable and
    fetches nothing. It can be compared and pickled, and contains no credentials.
    """

    __slots__ = ("_core",)

    __hash__ = None  # type: ignore[assignment]

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

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Writes a folder of Parquet files and a manifest, completely or not at all.

        One file per table (`spaces.parquet`, `contents.parquet` …) with its columns, for any tool that reads Parquet.
        `group_members.parquet` holds the direct entries of groups, `memberships.parquet` the same with nested groups
        followed. `manifest.json` holds the format, the site, the time of the snapshot, and what the files must contain.
        No credentials are written.

        Args:
            folder: Where to write. An existing snapshot there is replaced; missing parent folders are created.

        Returns:
            The folder.

        Raises:
            OccupiedFolderError: The folder holds something else.
            OSError: It cannot be written.
        """
        target = arguments.path(folder, "a folder")
        _refuse_occupied(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        facts, files = self._core.parts(True)
        beside = _beside(target, "new")
        beside.mkdir()
        try:
            self._write(beside, json.loads(facts), files)
            if target.exists():
                old = _beside(target, "old")
                target.rename(old)
                try:
                    beside.rename(target)
                except OSError:
                    old.rename(target)
                    raise
                shutil.rmtree(old, ignore_errors=True)
            else:
                beside.rename(target)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        return target

    def _write(self, folder: Path, facts: dict[str, Any], files: dict[str, bytes]) -> None:
        manifest = {
            "kind": _KIND,
            "format": facts.pop("format"),
            "written_by": f"confluence-access {_core.VERSION}",
            "deployment": facts["site"]["deployment"],
            "base_url": facts["site"]["base_url"],
            **facts,
            "files": {
                f"{name}.parquet": {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                for name, content in files.items()
            },
        }
        for name, content in files.items():
            _write(folder / f"{name}.parquet", content)
        _write(folder / _MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False).encode())

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Snapshot:
        """Reads a folder written by `save`.

        Raises:
            MissingSnapshotError: There is no such folder, or no snapshot in it.
            UnreadableSnapshotError: A file is missing, damaged, or not the one that was written.
            NewerSnapshotError: It was written by a newer version of this package.
        """
        source = arguments.path(folder, "a folder")
        manifest, text = _manifest(source)
        if manifest is None:
            missing = "does not exist" if not source.exists() else f"holds no snapshot: no `{_MANIFEST}` of one in it"
            raise MissingSnapshotError(f"`{source}` {missing}")
        # A newer manifest is not looked into: its layout is not known here.
        listed = manifest.get("files") if manifest.get("format") == _core.SNAPSHOT_FORMAT else {}
        if not isinstance(listed, dict):
            raise UnreadableSnapshotError(f"`{source / _MANIFEST}` is damaged: it lists no files")
        files = {}
        for name, known in listed.items():
            path = source / Path(name).name
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                raise UnreadableSnapshotError(f"`{path}` is missing: the snapshot is not complete") from None
            if hashlib.sha256(content).hexdigest() != known.get("sha256"):
                raise UnreadableSnapshotError(f"`{path}` is damaged: it is not the file that was written")
            files[path.stem] = content
        return cls(_core.Snapshot.from_parts(text, files))


def core_of(snapshot: Snapshot | None) -> _core.Snapshot | None:
    """The facts of what is given as `snapshot=`."""
    if snapshot is None:
        return None
    if not isinstance(snapshot, Snapshot):
        raise ConfigurationError(f"`snapshot` is given as a `Snapshot`, not as `{type(snapshot).__name__}`")
    return snapshot._core


def _beside(target: Path, what: str) -> Path:
    """A name in the same folder as `target`, where a rename is atomic."""
    return target.with_name(f".{target.name}.{what}-{secrets.token_hex(4)}")


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _manifest(folder: Path) -> tuple[dict[str, Any] | None, str]:
    """The manifest of a snapshot as data and as text; None if the folder is not a snapshot."""
    path = folder / _MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None, ""
    except UnicodeDecodeError as error:
        raise UnreadableSnapshotError(f"`{path}` is damaged: it is not text") from error
    try:
        manifest = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableSnapshotError(f"`{path}` is damaged: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("kind") != _KIND:
        return None, ""
    return manifest, text


def _refuse_occupied(target: Path) -> None:
    if not target.exists() and not target.is_symlink():
        return
    if not target.is_dir():
        raise OccupiedFolderError(f"`{target}` is a file: a snapshot is a folder")
    names = {entry.name for entry in target.iterdir()}
    if not names:
        return
    try:
        manifest, _text = _manifest(target)
    except UnreadableSnapshotError:
        manifest = None
    if manifest is None:
        raise OccupiedFolderError(f"`{target}` holds files that are not a snapshot: choose another folder")
    foreign = names - {_MANIFEST} - set(manifest.get("files") or ())
    if foreign:
        raise OccupiedFolderError(
            f"`{target}` holds a snapshot and also `{min(foreign)}`, which would be lost: choose another folder"
        )
