"""A log of changes, as what undoes them takes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _core, arguments
from .errors import ConfigurationError
from .moments import Moment, milliseconds
from .records import AuditRecord, PermissionChange
from .tables import Table

if TYPE_CHECKING:
    from .snapshot import Snapshot

__all__ = ["ChangesLike", "log_of", "records_of"]

ChangesLike = Table[PermissionChange] | Table[AuditRecord] | Iterable[AuditRecord]
"""Changes of `permission_changes`, or records of an audit log."""


class Log(NamedTuple):
    """Changes, from when on they are complete, and what else they lack."""

    changes: _core.Table
    since: int | None
    missing: str | None


def records_of(records: Table[Any] | Iterable[AuditRecord]) -> tuple[_core.Table | None, list[tuple[str, str]]]:
    """The table of records, or else the text and the source of each.

    Raises:
        ConfigurationError: They are something else.
    """
    if not isinstance(records, Table):
        return None, [_loose(record) for record in arguments.several(records, "an `AuditRecord`")]
    if records.record is not AuditRecord:
        raise ConfigurationError(f"`records` is a table of `AuditRecord`, not of `{records.record.__name__}`")
    return records._core, []


def _loose(record: AuditRecord) -> tuple[str, str]:
    if not isinstance(record, AuditRecord):
        raise ConfigurationError(f"`records` holds `AuditRecord`s, not `{type(record).__name__}`")
    return record.raw, record.source


def log_of(changes: ChangesLike, snapshot: Snapshot, since: Moment | None) -> Log:
    """The changes, from when on they are complete, and what they lack.

    Args:
        changes: Changes, or records, which are read as changes with the names of the snapshot.
        snapshot: The snapshot on which they are undone.
        since: From when on they are complete; None for what the table knows.

    Raises:
        ConfigurationError: They are something else, or `since` is invalid.
    """
    first = milliseconds(since, "since")
    span = changes._span if isinstance(changes, Table) else None
    if not isinstance(changes, Table) or changes.record is AuditRecord:
        core = _core.permission_changes(*records_of(changes), (None, None), snapshot._core, False)
    elif changes.record is PermissionChange:
        core = changes._core
    else:
        raise ConfigurationError(
            f"`changes` is a table of `PermissionChange` or of `AuditRecord`, not of `{changes.record.__name__}`"
        )
    taken = milliseconds(snapshot.taken_at, "taken_at")
    if span is None:
        return Log(core, first, None)
    missing = None
    if span.part is not None:
        missing = f"they are narrowed by {span.part}: read them without"
    elif span.until is not None and taken is not None and span.until < taken:
        missing = "they end before the snapshot was taken: read them without `until`"
    return Log(core, first if first is not None else span.since, missing)
