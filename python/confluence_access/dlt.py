"""A source for dlt: what a snapshot says and what follows from it, as tables of a warehouse that are kept up to date.

Needs the extra `dlt`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import _core, arguments
from .client import Confluence
from .errors import ConfigurationError, IncompleteError, OtherSiteError, checked
from .escapes import visible
from .moments import moment
from .records import PermissionChange
from .snapshot import Snapshot
from .tables import Table

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import pyarrow
    from dlt.extract import DltResource, DltSource

    from .access import Access
    from .moments import Moment
    from .results import Pairs
    from .saved import StorageOptions
    from .types import RestrictionOperationLike

__all__ = ["TABLES", "access_source"]

_RESOLVED = ("space_access", "acl", "audiences", "findings", "pairs")

TABLES = (*_core.nouns(), *_RESOLVED)
"""The tables that can have a history, in the order in which they are read."""

# Gaps for which a later call can have no other answer. All others are of the moment: the network, the pace, a server
# that failed.
_LASTING = frozenset(
    (
        "ambiguous",
        "contradicted",
        "forbidden",
        "gone",
        "not_current",
        "not_described",
        "not_found",
        "not_listed",
        "not_recorded",
        "not_trusted",
        "secure_session",
        "unavailable",
        "unreadable",
        "unsupported",
    )
)

# What is not part of what a row says: by which route it was read.
_PROVENANCE = frozenset(("source",))

_VERSION = "row_hash"
_RECORD = "record_id"
_CHANGES = "permission_changes"
_CHANGE_GAPS = "permission_change_gaps"


def access_source(
    snapshot: Snapshot | str | os.PathLike[str] | None = None,
    *,
    wiki: Confluence | None = None,
    profile: str | None = None,
    operations: RestrictionOperationLike | Iterable[RestrictionOperationLike] = ("view", "edit"),
    history: bool | str | Iterable[str] = False,
    pairs: bool = False,
    changes: bool | Table[PermissionChange] = True,
    since: Moment | None = None,
    overlap: timedelta = timedelta(hours=1),
    policy: Mapping[str, bool | str | Sequence[str]] | None = None,
    strict: bool = False,
    storage_options: StorageOptions | None = None,
    **options: Any,
) -> DltSource:
    """A dlt source with one resource per table: `dlt.pipeline(…).run(access_source())`.

    Resources are `snapshots` (one row per snapshot: when, of which site, whether it is complete), the tables of a
    snapshot (`spaces`, `contents`, `users`, `groups`, `memberships`, `space_permissions`, `restrictions`, `gaps`), what
    is resolved from it (`space_access`, `acl`, `audiences`, `findings`, `pairs`), and `permission_changes`. Choose with
    `with_resources`. Rows go to dlt as Arrow tables; lists arrive as JSON.

    Nothing is read before dlt asks for the first row, and the site is read once for all tables. A source is for one
    load: make a new one for the next.

    A load can fail with these causes of dlt's own error, and nothing of it arrives. `IncompleteError`: with `strict`
    something could not be read; or, with `history`, a part failed that may succeed later, since the history would say
    that its rows have ended. `OtherSiteError`: the pipeline has loaded another site; a dataset is for one.
    `ConfigurationError`: with `history`, a later snapshot or one of other spaces was loaded before.

    >>> source = access_source(Snapshot.from_dict({"spaces": {"ENG": {}}}), history=["acl", "space_access"])
    >>> [name for name in source.resources if "space" in name]
    ['spaces', 'space_permissions', 'space_access']

    Args:
        snapshot: The snapshot, or where it was saved. None takes one of `wiki`.
        wiki: The site. None connects by `profile`, else as `Confluence.from_env`, unless `snapshot` is given.
        profile: Name of a profile, as for `Confluence.from_profile`.
        operations: `view`, `edit`, or both: for `acl`, `audiences` and `pairs`.
        history: True keeps what is no longer so, for all tables; or the names of tables. They are loaded by the
            strategy `scd2`, where `valid_from` and `valid_to` are the times of snapshots, and `valid_to` is null for
            what is so. Without it a table holds the last snapshot.
        pairs: Also loads `pairs`, one row per account and content item. There may be many millions.
        changes: Whether to load `permission_changes` from the audit log, if there is a site; or changes that you have,
            such as those from log files. Each load reads what is new.
        since: Start of the first load of changes; None: the first record of the log.
        overlap: How far before the last change known the next load begins. A log may list a record late. What is read
            twice is stored once.
        policy: As for `Snapshot.access`.
        strict: Raises `IncompleteError` if something could not be read; nothing is loaded.
        storage_options: As for `Snapshot.load`.
        options: Arguments of `Confluence.snapshot`, if the snapshot is taken here.

    Returns:
        The source, named `confluence_access`.

    Raises:
        ConfigurationError: Arguments that do not go together, or an unknown table.
        ImportError: The extra `dlt` is not installed.
    """
    try:
        import dlt
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise ImportError("`access_source` needs dlt: pip install 'confluence-access[dlt]'") from error
    words = arguments.compared(operations, "access_source(operations=…)")
    for word in words:
        if word not in ("view", "edit"):
            raise ConfigurationError(f"`{visible(word)}` is not an operation of tables: expected `view` or `edit`")
    kept = _histories(history)
    if isinstance(changes, Table) and changes.record is not PermissionChange:
        raise ConfigurationError(f"`changes` is a table of `PermissionChange`, not of `{changes.record.__name__}`")
    if not isinstance(overlap, timedelta) or overlap < timedelta(0):
        raise ConfigurationError(f"`overlap` is a `timedelta` of zero or more, not `{overlap}`")
    first = None if since is None else moment(since, "since").astimezone(UTC)
    connect = _connection(wiki, profile, offline=snapshot is not None)
    if snapshot is not None and options:
        raise ConfigurationError(f"`{next(iter(options))}` is for taking a snapshot, and one is given")
    if snapshot is not None and not isinstance(snapshot, Snapshot):
        snapshot = Snapshot.load(snapshot, storage_options=storage_options)
    site = _Site(snapshot, connect, options, policy, changes, strict=strict, history=bool(kept))
    names = [name for name in TABLES if name != "pairs" or pairs]

    @dlt.source(name="confluence_access", max_table_nesting=0)
    def confluence_access() -> Iterator[DltResource]:
        yield _snapshots(site)
        for name in names:
            yield _table(name, site, words, name in kept)
        if isinstance(changes, Table) or (changes and connect is not None):
            yield _changes(site, first, overlap)

    made: DltSource = confluence_access()
    return made


def _histories(history: object) -> frozenset[str]:
    if isinstance(history, bool):
        return frozenset(TABLES if history else ())
    names = arguments.words(history, "a table of `history`")
    for name in names:
        if name not in TABLES:
            known = ", ".join(f"`{table}`" for table in TABLES)
            raise ConfigurationError(f"no table `{visible(name)}` that can have a history: expected {known}")
    return frozenset(names)


_Connect = Callable[[], AbstractContextManager[Confluence]]


def _connection(wiki: Confluence | None, profile: str | None, *, offline: bool) -> _Connect | None:
    """How to reach the site; None if there is none."""
    if wiki is not None and profile is not None:
        raise ConfigurationError("`wiki` and `profile` both name the site: give one")
    if wiki is not None:
        if not isinstance(wiki, Confluence):
            raise ConfigurationError(f"`wiki` is a `Confluence`, not `{type(wiki).__name__}`")
        # Who opened it closes it.
        return lambda: nullcontext(wiki)
    if profile is not None:
        return lambda: Confluence.from_profile(profile)
    return None if offline else Confluence.from_env


class _Site:
    """What one load reads, each part once and when it is first asked for."""

    def __init__(
        self,
        snapshot: Snapshot | None,
        connect: _Connect | None,
        options: Mapping[str, Any],
        policy: Mapping[str, bool | str | Sequence[str]] | None,
        changes: bool | Table[PermissionChange],
        *,
        strict: bool,
        history: bool,
    ) -> None:
        self._given = snapshot
        self._connect = connect
        self._options = options
        self._policy = policy
        self._changes = changes
        self._strict = strict
        self._history = history

    @cached_property
    def snapshot(self) -> Snapshot:
        """The snapshot.

        Raises:
            IncompleteError: Parts are missing that must not be.
            OtherSiteError: The pipeline has loaded another site.
            ConfigurationError: It has loaded a later snapshot.
        """
        found = self._given
        if found is None:
            with self._connected() as wiki:
                found = wiki.snapshot(**self._options)
        if self._strict:
            checked(found, "access_source", True)
        passing = _passing(found.gaps)
        if self._history and passing:
            raise IncompleteError(
                f"{len(passing)} part(s) could not be read this time, and a history would say that they have ended; "
                f"load again later, or without `history`; first: {passing[0].message}; see `gaps` of this error",
                gaps=found.gaps,
            )
        return found

    @cached_property
    def taken_at(self) -> datetime:
        """When the snapshot was taken; for a site described offline, now."""
        return self.snapshot.taken_at or datetime.now(UTC)

    @cached_property
    def access(self) -> Access:
        """What follows from the snapshot."""
        return self.snapshot.access(self._policy)

    def _connected(self) -> AbstractContextManager[Confluence]:
        return Confluence.from_env() if self._connect is None else self._connect()

    def remember(self) -> None:
        """Keeps in the state of the pipeline what it loads, and refuses what does not follow what it has loaded."""
        import dlt

        known = dlt.current.source_state()
        address, taken = self.snapshot.site.base_url, self.taken_at.isoformat()
        before = known.get("site")
        if address is not None and before is not None and before != address:
            raise OtherSiteError(
                f"this pipeline has loaded `{before}`, and the snapshot is of `{address}`: give each site a pipeline "
                "and a dataset of its own"
            )
        last = known.get("taken_at")
        if self._history and last is not None and datetime.fromisoformat(last) > self.taken_at:
            raise ConfigurationError(
                f"the snapshot was taken at {taken}, and one of {last} is loaded: a history goes forward"
            )
        # The spaces it was limited to, in words.
        named = zip(self.snapshot.site.blind_spots, self.snapshot.site.coverage, strict=True)
        spaces = " ".join(text for word, text in named if word == "other_spaces") or "all spaces were read"
        if self._history and known.get("spaces", spaces) != spaces:
            raise ConfigurationError(
                f"`{known['spaces']}` in the last load, and `{spaces}` in this one: a history would say that the rest "
                "has begun or ended; load the same spaces, or into another dataset"
            )
        if address is not None:
            known["site"] = address
        known["taken_at"], known["spaces"] = taken, spaces

    def about(self) -> pyarrow.Table:
        """One row about the snapshot."""
        import pyarrow as pa

        site = self.snapshot.site
        row = {
            "taken_at": self.taken_at,
            "site": site.base_url,
            "deployment": site.deployment,
            "complete": self.snapshot.complete,
            "gaps": len(self.snapshot.gaps),
            "coverage": list(site.coverage),
            "policy": sorted(f"{name}={value}" for name, value in site.policy.items()),
        }
        kinds = [
            pa.field("taken_at", pa.timestamp("us", "UTC"), nullable=False),
            pa.field("site", pa.string()),
            pa.field("deployment", pa.string()),
            pa.field("complete", pa.bool_()),
            pa.field("gaps", pa.int64()),
            pa.field("coverage", pa.list_(pa.string())),
            pa.field("policy", pa.list_(pa.string())),
        ]
        return pa.Table.from_pylist([row], schema=pa.schema(kinds))

    def rows(self, name: str, operations: Sequence[str]) -> Iterator[pyarrow.Table]:
        """The rows of a table, in parts. At least one part, so that a table without rows is known to have none."""
        parts: list[tuple[Table[Any] | Pairs, str | None]]
        if name in ("acl", "audiences"):
            parts = [(getattr(self.access, name)(operation), None) for operation in operations]
        elif name == "pairs":
            # The operation is in no row of them.
            parts = [(self.access.pairs(operation), operation) for operation in operations]  # type: ignore[arg-type]
        elif name in _RESOLVED:
            parts = [(getattr(self.access, name)(), None)]
        else:
            parts = [(getattr(self.snapshot, name), None)]
        for rows, operation in parts:
            for part in _parts(rows):
                yield part if operation is None else _with_text(part, "operation", [operation] * len(part))

    def log(self, since: datetime | None, until: datetime | None) -> Table[PermissionChange]:
        """The changes in a range, with the ids that the snapshot knows."""
        if isinstance(self._changes, Table):
            found = self._changes
        else:
            with self._connected() as wiki:
                found = wiki.permission_changes(since, until, snapshot=self.snapshot)
        return checked(found, "access_source", True) if self._strict else found


def _snapshots(site: _Site) -> DltResource:
    import dlt

    def snapshots() -> Iterator[pyarrow.Table]:
        site.remember()
        yield site.about()

    return dlt.resource(snapshots, write_disposition="merge", primary_key="taken_at", columns=_required("taken_at"))


def _table(name: str, site: _Site, operations: Sequence[str], history: bool) -> DltResource:
    import dlt

    def rows() -> Iterator[Any]:
        site.remember()
        # When it was taken is known only now.
        hints = dlt.mark.make_hints(write_disposition=_scd2(site.taken_at)) if history else None
        for part in site.rows(name, operations):
            yield dlt.mark.with_hints(_versioned(part), hints) if hints is not None else part

    return dlt.resource(
        rows,
        name=name,
        write_disposition=_scd2(None) if history else "replace",
        columns=_required(_VERSION) if history else {},
    )


def _scd2(at: datetime | None) -> Any:
    known: dict[str, Any] = {
        "disposition": "merge",
        "strategy": "scd2",
        "row_version_column_name": _VERSION,
        "validity_column_names": ["valid_from", "valid_to"],
    }
    if at is not None:
        known["boundary_timestamp"] = at.isoformat()
    return known


def _changes(site: _Site, first: datetime | None, overlap: timedelta) -> DltResource:
    import dlt

    # A range begins before the last record known, so which records are new is for the destination to find: all rows of
    # a record that was read again replace those there.
    cursor: Any = dlt.sources.incremental(
        "at",
        initial_value=first,
        lag=overlap.total_seconds(),
        on_cursor_value_missing="include",
        primary_key=(),
    )

    def permission_changes(at: Any = cursor) -> Iterator[Any]:
        site.remember()
        found = site.log(at.start_value, at.end_value)
        # If the rows were loaded, the next load would begin after those that are missing.
        whole = not _passing(found.gaps)
        hints = dlt.mark.make_hints(_CHANGES, write_disposition="merge", merge_key=_RECORD, columns=_required(_RECORD))
        for part in _parts(found if whole else found[:0]):
            rows = _with_text(part, _RECORD, _hashes(part.select(["at", "raw"])))
            yield dlt.mark.with_hints(rows, hints, create_table_variant=True)
        hints = dlt.mark.make_hints(_CHANGE_GAPS, write_disposition="append")
        gaps = _gaps(found.gaps, at.start_value, whole)
        yield dlt.mark.with_hints(gaps, hints, create_table_variant=True)

    # The hints are with the rows: those of the resource would be those of both tables.
    return dlt.resource(permission_changes, name=_CHANGES)


def _gaps(gaps: Table[Any], since: datetime | None, whole: bool) -> pyarrow.Table:
    """The gaps of a reading of the log, with when that began (`at`), and whether what was read is loaded."""
    import pyarrow as pa

    rows = pa.table(gaps)
    at = pa.array([since] * len(rows), pa.timestamp("us", "UTC"))
    read_at = pa.array([datetime.now(UTC)] * len(rows), pa.timestamp("us", "UTC"))
    loaded = pa.array([whole] * len(rows), pa.bool_())
    return rows.append_column("at", at).append_column("read_at", read_at).append_column("loaded", loaded)


def _passing(gaps: Table[Any]) -> list[Any]:
    return [gap for gap in gaps if gap.cause not in _LASTING]


def _parts(rows: Any) -> Iterator[pyarrow.Table]:
    import pyarrow as pa

    reader = pa.RecordBatchReader.from_stream(rows)
    some = False
    for batch in reader:
        some = True
        yield pa.Table.from_batches([batch])
    if not some:
        yield reader.schema.empty_table()


def _with_text(rows: pyarrow.Table, name: str, values: list[str]) -> pyarrow.Table:
    import pyarrow as pa

    return rows.append_column(pa.field(name, pa.string(), nullable=False), pa.array(values, pa.string()))


def _required(name: str) -> Any:
    return {name: {"name": name, "nullable": False}}


def _versioned(rows: pyarrow.Table) -> pyarrow.Table:
    """The rows with a hash of what each says."""
    said = [name for name in rows.column_names if name not in _PROVENANCE]
    return _with_text(rows, _VERSION, _hashes(rows.select(said)))


def _hashes(rows: pyarrow.Table) -> list[str]:
    import pyarrow as pa

    # How a time is written in Python depends on its time zone database; a number is the same everywhere.
    columns = [
        (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_pylist()
        for column in rows.columns
    ]
    return [hashlib.sha256(repr(row).encode(errors="surrogatepass")).hexdigest() for row in zip(*columns, strict=True)]
