"""Audit records without a site: log files of Data Center, and tables kept from earlier calls."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path

from . import _core, arguments
from .errors import ConfigurationError, checked
from .moments import Moment, span
from .naming import ContentLike, SpaceLike, content_of, space_of
from .past import records_of
from .records import AuditRecord, PermissionChange
from .snapshot import Snapshot, core_of
from .tables import Table, of_span

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
    """The records in audit log files, newest first, without a server: logs of a node, saved answers, exports.

    A node writes them to `<home>/log/audit/*.audit.log`, one JSON text per line, plain or gzip; in a cluster each node
    writes its own. Files that people save and export are read too: an answer of the API (`{"entities": […]}`, on Cloud
    `{"results": […]}`), a JSON list, records over several lines, the CSV by its columns, the ZIP. The content of a file
    decides how it is read. Any other file, such as an image, a web page or an empty file, is one gap that says so.

    A record that is in several files is returned once. A line that cannot be read is a gap that names file and line;
    the rest is kept. What the server is configured not to record is missing from its files too, and nothing in them
    says so.

    Args:
        paths: A file, a folder (the files in it and its subfolders with `.audit.log` in their names), a pattern such as
            `logs/*.audit.log*`, or several of these.
        since: Start of the range: a `datetime` with a time zone, a `date` (UTC), ISO text, or a time span before now
            (`"30d"`, a `timedelta`). None: from the first record on.
        until: End of the range, in the same forms; a date means its last moment.
        search: Only records whose text contains this, ignoring case.
        strict: Raises `IncompleteError` if something could not be read.

    Raises:
        ConfigurationError: A file does not exist, no file matches a pattern, or a folder contains none.

    Example:
        >>> from confluence_access import permission_changes, read_audit_log
        >>> records = read_audit_log("/srv/confluence/log/audit", since="90d")         # doctest: +SKIP
        >>> permission_changes(records, space="ENG", merge_bursts=True).to_pandas()    # doctest: +SKIP
    """
    first, last = span(since, until)
    return checked(Table(_core.read_audit_log(_files(paths), first, last, search)), "read_audit_log", strict)


def permission_changes(
    records: Table[AuditRecord] | Iterable[AuditRecord],
    *,
    space: SpaceLike | None = None,
    content: ContentLike | None = None,
    snapshot: Snapshot | None = None,
    merge_bursts: bool = False,
    strict: bool = False,
) -> Table[PermissionChange]:
    """The same as `Confluence.permission_changes`, from records you already have.

    The records may come from files, from `wiki.audit()` or from a saved table. The gaps of a table of records are also
    gaps of the changes.

    Args:
        records: Records of `read_audit_log` or `wiki.audit()`, from Cloud or Data Center, all or some.
        space: Only changes in this space: its key or record; its id where `snapshot` is given.
        content: Only changes to this content item and its ancestors: its id or record. Needs `snapshot`.
        snapshot: Joins names to ids. Without it the ids are those in the records: Data Center records have ids, Cloud
            records do not.
        merge_bursts: As for `Confluence.permission_changes`.
        strict: Raises `IncompleteError` if something could not be read.

    Raises:
        ConfigurationError: `content` was given without `snapshot`.
        NotInSnapshotError: `content` is not in `snapshot`.

    Example:
        >>> from confluence_access import permission_changes
        >>> log = Confluence.from_env().audit(since="3d")
        >>> [(row.change, row.permission) for row in permission_changes(log)]
        [('removed', 'create_page')]
    """
    if content is not None and snapshot is None:
        raise ConfigurationError("`content` needs `snapshot`: its ancestors are not in the log")
    known = core_of(snapshot)
    key = None if space is None else space_of(space, snapshot)
    node = None if content is None else content_of(content, snapshot)
    table, loose = records_of(records)
    changes = _core.permission_changes(table, loose, (key, node), known, merge_bursts)
    found: Table[PermissionChange] = Table(changes)
    if isinstance(records, Table) and records._span is not None and records._span.part is None:
        of_span(found, records._span[:2], space=space, content=content)
    return checked(found, "permission_changes", strict)
