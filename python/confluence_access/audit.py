"""Audit records that are not asked of a site: log files of Data Center, and tables that were kept."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path

from . import _core, arguments
from .access import ContentLike
from .client import SpaceLike, _asked, _checked, _range
from .errors import ConfigurationError
from .moments import Moment
from .records import AuditRecord, PermissionChange
from .snapshot import Snapshot
from .tables import Table

__all__ = ["permission_changes", "read_audit_log"]

PathLike = str | os.PathLike[str]


def _files(paths: PathLike | Iterable[PathLike]) -> list[Path]:
    named = [paths] if isinstance(paths, str | os.PathLike) else list(arguments.several(paths, "a path"))
    found: list[Path] = []
    for name in named:
        text = os.fspath(arguments.path(name, "an audit log"))
        # A file may have a bracket in its name.
        if any(mark in text for mark in "*?[") and not os.path.exists(text):
            fitting = sorted(glob.glob(text, recursive=True))
            if not fitting:
                raise ConfigurationError(f"no file fits `{text}`")
            found.extend(map(Path, fitting))
        else:
            found.append(Path(text))
    return found


def read_audit_log(
    paths: PathLike | Iterable[PathLike],
    since: Moment | None = None,
    until: Moment | None = None,
    search: str | None = None,
    *,
    strict: bool = False,
) -> Table[AuditRecord]:
    """The records in audit log files, newest first, without asking a server: logs of a node, saved answers, exports.

    A node writes them to `<home>/log/audit/*.audit.log`, one JSON text a line, plain or gzip; in a cluster each node
    has its own. What people save and export is read too: an answer of the API (`{"entities": […]}`, on Cloud
    `{"results": […]}`), a JSON list, records over several lines, the CSV by its columns, the ZIP. What a file is, its
    content decides. What is none of these, such as an image, a web page or an empty file, is one gap that says so.

    A record that stands in several files is there once. A line that cannot be read is a gap that names file and line,
    and the rest is kept. What the server was set up not to write down is not in its files either, and nothing in them
    says so.

    Args:
        paths: A file, a folder (the files in it and below with `.audit.log` in their names), a pattern such as
            `logs/*.audit.log*`, or several of these.
        since: From when on: a `datetime` with a time zone, a `date` (UTC), ISO text, or how long ago (`"30d"`, a
            `timedelta`). None: from the first record on.
        until: Until when, in the same forms; a date means its last moment.
        search: Only records in whose text this stands, in any case.
        strict: Raises `IncompleteError` where something could not be read.

    Raises:
        ConfigurationError: There is no such file, no file fits a pattern, or a folder holds none.

    Example:
        >>> from confluence_access import permission_changes, read_audit_log
        >>> records = read_audit_log("/srv/confluence/log/audit", since="90d")         # doctest: +SKIP
        >>> permission_changes(records, space="ENG", merge_bursts=True).to_pandas()    # doctest: +SKIP
    """
    first, last = _range(since, until)
    return _checked(Table(_core.read_audit_log(_files(paths), first, last, search)), "read_audit_log", strict)


def permission_changes(
    records: Table[AuditRecord] | Iterable[AuditRecord],
    *,
    space: SpaceLike | None = None,
    content: ContentLike | None = None,
    snapshot: Snapshot | None = None,
    merge_bursts: bool = False,
    strict: bool = False,
) -> Table[PermissionChange]:
    """What `Confluence.permission_changes` says, of records that are there.

    They may come from files, from `wiki.audit()` or from a table that was kept. The gaps of a table of records are gaps
    of the changes too.

    Args:
        records: Records of `read_audit_log` or `wiki.audit()`, from Cloud or Data Center, all or some.
        space: Only changes in this space: its key or record; its id where `snapshot` is given.
        content: Only changes on this content and on what stands above it: its id or record. Needs `snapshot`.
        snapshot: Where names are joined to ids. Without one the ids are those of the records: Data Center gives them,
            Cloud does not.
        merge_bursts: As for `Confluence.permission_changes`.
        strict: Raises `IncompleteError` where something could not be read.

    Raises:
        ConfigurationError: `content` is asked for without `snapshot`.
        NotInSnapshotError: `content` is not in `snapshot`.

    Example:
        >>> from confluence_access import permission_changes
        >>> log = connect().audit(since="3d")
        >>> [(row.change, row.permission) for row in permission_changes(log)]
        [('removed', 'create_page')]
    """
    if content is not None and snapshot is None:
        raise ConfigurationError("`content` needs `snapshot`: what stands above it is not in the log")
    key, node, known = _asked(space, content, snapshot, snapshot)
    table, loose = None, []
    if isinstance(records, Table):
        if records.record is not AuditRecord:
            raise ConfigurationError(f"`records` is a table of `AuditRecord`, not of `{records.record.__name__}`")
        table = records._core
    else:
        loose = [_loose(record) for record in arguments.several(records, "an `AuditRecord`")]
    changes = _core.permission_changes(table, loose, (key, node), known, merge_bursts)
    return _checked(Table(changes), "permission_changes", strict)


def _loose(record: AuditRecord) -> tuple[str, str]:
    if not isinstance(record, AuditRecord):
        raise ConfigurationError(f"`records` holds `AuditRecord`s, not `{type(record).__name__}`")
    return record.raw, record.source
