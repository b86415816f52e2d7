"""Tables: rows of typed records that polars, DuckDB and pyarrow read without a copy."""

from __future__ import annotations

import gc
import operator
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, SupportsIndex, TypeVar, overload

from . import _core, formats, notebook
from .errors import ConfigurationError
from .escapes import fitted, visible, width_of
from .frozen import Frozen, lists, part_of
from .records import RECORDS, Gap

if TYPE_CHECKING:
    import os
    from types import ModuleType

    import pandas
    import polars
    import pyarrow
    from typing_extensions import CapsuleType

    from .records import PermissionChange

__all__ = ["Table"]

R = TypeVar("R")

if TYPE_CHECKING:
    # A table is a sequence to a type checker and in all its behaviour. It is not registered as one: polars reads any
    # registered `Sequence` row by row and never looks at its Arrow stream.
    class _Rows(Sequence[R]): ...
else:

    class _Rows(Generic[R]):
        __slots__ = ()


_AT_ONCE = 8192
_SHOWN_IN_HTML = 20
_PROVENANCE = {"source", "raw"}
_SHOWN_AS_TEXT = 10
_NARROWEST_CELL = 16
_ENOUGH = 24
# Of these, whom a change is about says more.
_LEAST_READ = {"remote_address"}
_MAY_BE_CUT = {"text", "list of text", "list of lists of text"}
_WIDEST_LINE = 120


class Span(NamedTuple):
    """The part of a log that was asked for, in milliseconds since 1970."""

    since: int | None
    until: int | None
    part: str | None
    """What it was narrowed to, if it was."""


class Table(_Rows[R]):
    """Rows of one record type, and the gaps among them.

    A table behaves like an immutable list: `len`, index, slice, iteration, `in`, `==`. Slices are tables and share the
    memory. `filter`, `sort`, `head`, `tail` and `select` return tables as well. `table["title"]` is the list of a
    column's values, `table[["id", "title"]]` a table of these columns. `gaps` is a table of what could not be read; a
    table without gaps is `complete`.

    It exports the Arrow C stream (`__arrow_c_stream__`), any number of times: `polars.DataFrame(rows)`,
    `pyarrow.table(rows)`, `pandas.DataFrame.from_arrow(rows)` and `duckdb.sql("select * from rows")` read it. Text is
    UTF-8, times are `timestamp[us, UTC]`, and null means "the server did not say".

    Tables can be pickled and compared. Two tables are equal if they have the same record type, rows and gaps.
    """

    __slots__ = ("_core", "_record", "_span")

    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __init__(self, core: _core.Table) -> None:
        self._core = core
        self._record: type[R] = _record(core.record, tuple(core.columns))
        # What part of a log it is, as it came from a site. A part of the table does not have it.
        self._span: Span | None = None

    @property
    def record(self) -> type[R]:
        """The class of the rows."""
        return self._record

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return self._core.columns

    @property
    def gaps(self) -> Table[Gap]:
        """What could not be read, and why."""
        return Table(self._core.gaps)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self._core.complete

    def __len__(self) -> int:
        return len(self._core)

    def _row(self, values: Sequence[Any]) -> R:
        return self._record(*values)

    @overload
    def __getitem__(self, index: SupportsIndex) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Table[R]: ...
    @overload
    def __getitem__(self, index: str) -> list[Any]: ...
    @overload
    def __getitem__(self, index: list[str]) -> Table[Any]: ...
    def __getitem__(self, index: SupportsIndex | slice | str | list[str]) -> R | Table[R] | list[Any] | Table[Any]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                return self._take(range(start, stop, step))
            return Table(self._core.slice(start, max(0, stop - start)))
        if isinstance(index, str):
            return self.column(index)
        if isinstance(index, list):
            return self.select(*index)
        at = operator.index(index)
        if at < 0:
            at += len(self)
        if not 0 <= at < len(self):
            raise IndexError(f"row `{index}` of a table with {len(self)} rows")
        return self._row(self._core.row(at))

    def __iter__(self) -> Iterator[R]:
        for start in range(0, len(self), _AT_ONCE):
            for values in self._core.rows(start, start + _AT_ONCE):
                yield self._row(values)

    def __reversed__(self) -> Iterator[R]:
        for index in range(len(self) - 1, -1, -1):
            yield self[index]

    def __contains__(self, value: object) -> bool:
        return isinstance(value, self._record) and any(row == value for row in self)

    def index(self, value: object, start: int = 0, stop: int | None = None) -> int:
        """Index of the first row equal to `value`.

        Raises:
            ValueError: No row is equal to it.
        """
        rows = range(*slice(start, stop).indices(len(self)))
        for index, row in zip(rows, self[rows.start : rows.stop], strict=True):
            if row == value:
                return index
        raise ValueError(f"`{value!r}` is not in the table")

    def count(self, value: object) -> int:
        """Number of rows equal to `value`."""
        return sum(row == value for row in self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        return self._core == other._core

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._core,)

    def __copy__(self) -> Table[R]:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Table[R]:
        # A table is immutable.
        return self

    def __arrow_c_stream__(self, requested_schema: CapsuleType | None = None) -> CapsuleType:
        """The Arrow C stream. A requested schema is ignored, as the interface allows."""
        return self._core.__arrow_c_stream__(requested_schema)

    def column(self, name: str) -> list[Any]:
        """The values of one column.

        Raises:
            KeyError: There is no such column; the message lists the columns.
        """
        if name not in self.columns:
            raise KeyError(_no_column(name, self.columns))
        return self._core.column(name)

    def filter(self, *conditions: Callable[[R], object], **columns: Any) -> Table[R]:
        """The rows that fulfil every condition; the gaps stay.

        Args:
            conditions: Functions of a row.
            columns: For a column, a value, several values of which one must be met, or a function of the value. None is
                null. In a column of lists, a text must be among the entries.

        Raises:
            KeyError: There is no such column; the message lists the columns.
            TypeError: A value is not of the type of its column: it would never be met.

        >>> from confluence_access import Snapshot
        >>> page = {"type": "page", "space": "ENG"}
        >>> pages = {"1": {**page, "title": "Roadmap"}, "2": {**page, "title": "Plan", "parent": "1"}}
        >>> snapshot = Snapshot.from_dict({"spaces": {"ENG": {}}, "contents": pages})
        >>> [page.title for page in snapshot.contents.filter(space_key=["ENG", "HR"], parent_id="1")]
        ['Plan']
        >>> [page.title for page in snapshot.contents.filter(lambda page: page.parent_id is None)]
        ['Roadmap']
        """
        rows: Iterable[int] = range(len(self))
        kinds = {name: kind for name, kind, _null, _meaning in self._core.about}
        for name, wanted in columns.items():
            values = self.column(name)
            met = _met(name, kinds[name], wanted)
            rows = [at for at in rows if met(values[at])]
        for condition in conditions:
            rows = [at for at, row in zip(rows, self._take(rows), strict=True) if condition(row)]
        return self._take(rows)

    def sort(self, *columns: str, descending: bool = False) -> Table[R]:
        """The rows in the order of columns: the first decides, among equals the next. Null comes last.

        Raises:
            KeyError: There is no such column; the message lists the columns.
            TypeError: No column is given.

        >>> from confluence_access import Snapshot
        >>> snapshot = Snapshot.from_dict({"users": {"1": {"name": "zoe"}, "2": {}, "3": {"name": "ann"}}})
        >>> [user.name for user in snapshot.users.sort("name")]
        ['ann', 'zoe', None]
        """
        if not columns:
            raise TypeError('`sort` needs the name of a column, such as `.sort("title")`')
        rows: Sequence[int] = range(len(self))
        for name in reversed(columns):
            keys = [((value is None) != descending, () if value is None else value) for value in self.column(name)]
            rows = sorted(rows, key=keys.__getitem__, reverse=descending)
        return self._take(rows)

    def head(self, rows: int = 5) -> Table[R]:
        """The first rows; a negative number leaves out so many at the end."""
        return self[:rows]

    def tail(self, rows: int = 5) -> Table[R]:
        """The last rows; a negative number leaves out so many at the start."""
        return self[-rows:] if rows > 0 else self[len(self) :] if rows == 0 else self[-rows:]

    def select(self, *columns: str) -> Table[Any]:
        """The rows with some columns, in this order. Its records have these fields only.

        Raises:
            KeyError: There is no such column; the message lists the columns.

        >>> from confluence_access import Snapshot
        >>> Snapshot.from_dict({"users": {"1": {"name": "zoe"}}}).users.select("name", "id")[0]
        User(name='zoe', id='1')
        """
        if not columns:
            raise TypeError('`select` needs the name of a column, such as `.select("id", "title")`')
        for at, name in enumerate(columns):
            if name not in self.columns:
                raise KeyError(_no_column(name, self.columns))
            if name in columns[:at]:
                raise ValueError(f"column `{name}` is selected twice")
        return Table(self._core.select(columns))

    def _take(self, rows: Iterable[int]) -> Table[R]:
        return Table(self._core.take(list(rows)))

    def _values(self) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(self), _AT_ONCE):
            yield from self._core.rows(start, start + _AT_ONCE)

    @overload
    def to_csv(self, path: None = None, *, separator: str = ",") -> str: ...
    @overload
    def to_csv(self, path: str | os.PathLike[str], *, separator: str = ",") -> None: ...
    def to_csv(self, path: str | os.PathLike[str] | None = None, *, separator: str = ",") -> str | None:
        """The rows as CSV in UTF-8, with a header: written to a file, or returned without a path.

        Times are ISO 8601 in UTC. Null is empty, and the entries of a list are separated by `; `. Text that a
        spreadsheet would take for a formula, such as a title that begins with `=`, gets a leading `'`.
        """
        return formats.written(formats.csv_text(self.columns, self._values(), separator), path)

    @overload
    def to_json(self, path: None = None, *, lines: bool = False) -> str: ...
    @overload
    def to_json(self, path: str | os.PathLike[str], *, lines: bool = False) -> None: ...
    def to_json(self, path: str | os.PathLike[str] | None = None, *, lines: bool = False) -> str | None:
        """The rows as JSON: written to a file in UTF-8, or returned without a path.

        Times are ISO 8601 in UTC.

        Args:
            path: The file.
            lines: One object per line (JSON Lines) instead of a list.
        """
        rows = self.to_dicts()
        return formats.written(formats.json_lines(rows) if lines else formats.json_rows(rows), path)

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Writes the rows as a Parquet file, completely or not at all.

        Tables of many rows, such as `access.acl()`, `access.space_access()` and `access.exposure()`, are written while
        they are generated: a part of the rows is in memory at a time. Gaps are not written.

        Raises:
            OSError: The file cannot be written.
        """
        with formats.whole(path) as file:
            self._core.write_parquet(str(file))

    def to_excel(self, path: str | os.PathLike[str]) -> None:
        """Writes the rows as an Excel file with one sheet. Times are UTC; no text acts as a formula.

        Raises:
            ConfigurationError: A sheet cannot hold so many rows, or a cell so long a text.
            ImportError: openpyxl is not installed.
        """
        formats.to_excel(path, self._core.record, self.columns, self._values(), len(self))

    def to_dicts(self) -> list[dict[str, Any]]:
        """The rows as dicts; lists of text are lists."""
        columns = self.columns
        with _uncollected():
            return [
                {name: lists(value) for name, value in zip(columns, row, strict=True)}
                for start in range(0, len(self), _AT_ONCE)
                for row in self._core.rows(start, start + _AT_ONCE)
            ]

    def to_arrow(self) -> pyarrow.Table:
        """The rows as a pyarrow table, without a copy.

        Raises:
            ImportError: pyarrow is not installed.
        """
        try:
            import pyarrow as pa
        except ImportError as error:
            raise ImportError("`to_arrow` needs pyarrow: pip install pyarrow") from error
        return pa.table(self)

    def to_polars(self) -> polars.DataFrame:
        """The rows as a polars DataFrame, without a copy.

        Raises:
            ImportError: polars is not installed.
        """
        try:
            import polars as pl
        except ImportError as error:
            raise ImportError("`to_polars` needs polars: pip install 'confluence-access[polars]'") from error
        return pl.DataFrame(self)

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a pandas DataFrame.

        Text has pandas' own text type, times are `datetime64[us, UTC]`. True or false is `bool`, or `boolean` if the
        column may hold null; likewise `int64` and `Int64` for whole numbers. Lists of text are lists. The result is the
        same with and without pyarrow, but faster with it.

        Raises:
            ImportError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("`to_pandas` needs pandas: pip install 'confluence-access[pandas]'") from error
        try:
            import pyarrow as pa
        except ImportError:
            return self._pandas_from_columns(pd)
        nullable = {pa.bool_(): pd.BooleanDtype(), pa.int64(): pd.Int64Dtype()}
        table, about = pa.table(self), self._core.about
        listed = [name for name, kind, _null, _meaning in about if kind in _LISTS]
        frame: pandas.DataFrame = table.drop_columns(listed).to_pandas(types_mapper=nullable.get)
        for at, (name, kind, null, _meaning) in enumerate(about):
            if kind in _LISTS:
                with _uncollected():
                    rows = [row for chunk in table[name].chunks for row in _rows_of_lists(chunk)]
                frame.insert(at, name, pd.Series(rows, dtype=object, index=frame.index))
            elif not null and kind in _PLAIN:
                frame[name] = frame[name].astype(_PLAIN[kind])
        return frame

    def _pandas_from_columns(self, pd: ModuleType) -> pandas.DataFrame:
        text = pd.Series(["text"]).dtype
        series = {}
        for name, kind, null, _meaning in self._core.about:
            values = self._core.column(name)
            if kind in _LISTS:
                series[name] = pd.Series([lists(value) for value in values], dtype=object)
            elif kind in _PLAIN:
                series[name] = pd.Series(values, dtype=_NULLABLE[kind] if null else _PLAIN[kind])
            elif kind == _TIME:
                series[name] = pd.Series(values, dtype="datetime64[us, UTC]")
            else:
                series[name] = pd.Series(values, dtype=text)
        return pd.DataFrame(series, columns=self.columns)

    def _missing(self) -> str:
        gaps = len(self.gaps)
        return "complete" if not gaps else f"{gaps} gap{'s' if gaps > 1 else ''}: see .gaps"

    def _counted(self) -> str:
        """The number of rows, counted by decision, because `unknown` is not access."""
        rows = f"{len(self)} row{'' if len(self) == 1 else 's'}"
        if "decision" not in self.columns or not len(self):
            return rows
        decisions = Counter(self._core.column("decision"))
        return f"{rows}: {', '.join(f'{count} {word}' for word, count in sorted(decisions.items()))}"

    def _title(self) -> str:
        separator = ";" if ":" in self._counted() else ","
        return f"Table[{self._core.record}]: {self._counted()}{separator} {self._missing()}"

    def __repr__(self) -> str:
        order, folded = self._shown()
        names = [self.columns[at] for at in order]
        rows = [[visible(_text(row[at])) for at in order] for row in self._core.rows(0, _SHOWN_AS_TEXT)]
        widest = _widest_line()
        widths = [max(width_of(line[at]) for line in [names, *rows]) for at in range(len(names))]
        shown = list(range(len(names)))
        # A name says more than the id behind it; what identifies the row itself stays.
        spare = [at for at in shown if names[at] != "id" and names[at - 1] in _names_of(names[at])]
        seldom = [at for at in shown if names[at] in _LEAST_READ]
        for at in [*reversed([at for at in spare if all(row[at - 1] for row in rows)]), *seldom]:
            if _line(widths[at] for at in shown) <= widest:
                break
            shown.remove(at)
        # Half of a sentence says more than a column that is not shown; a part of an id or a time is useless.
        kinds = [self._core.about[at][1] for at in order]
        least = [
            min(width, max(_NARROWEST_CELL, len(name), min(width // 2, _ENOUGH)))
            if kind in _MAY_BE_CUT and not _names_of(name)
            else width
            for name, kind, width in zip(names, kinds, widths, strict=True)
        ]
        while _line(narrowed := _narrowed(least, widths, shown, widest)) > widest and len(shown) > 1:
            shown.pop()
        lines = [
            "  ".join(fitted(line[at], width) for at, width in zip(shown, narrowed, strict=True)).rstrip()
            for line in [names, *rows]
        ]
        hidden = [*(name for at, name in enumerate(names) if at not in shown), *folded]
        if hidden:
            lines.append(textwrap.shorten(f"not shown: {', '.join(hidden)}", widest, placeholder=" …"))
        if not rows:
            lines = []
        if len(self) > len(rows):
            lines.append(f"… {len(self) - len(rows)} more")
        return "\n".join([self._title(), *lines])

    def _repr_html_(self) -> str:
        return notebook.page(self._as_html())

    def _as_html(self, notes: Sequence[str] = ()) -> str:
        """The table as a part of what a notebook shows, with notes below it."""
        shown, folded = self._shown()
        about = self._core.about
        columns = [(about[at][0], about[at][3], about[at][1]) for at in shown]
        rows = [[_text(row[at]) for at in shown] for row in self._core.rows(0, _SHOWN_IN_HTML)]
        first = f", the first {_SHOWN_IN_HTML} shown" if len(self) > _SHOWN_IN_HTML else ""
        title = f"{self._core.record}: {self._counted()}{first}; {self._missing()}"
        hidden = [f"not shown: {', '.join(folded)}"] if folded and rows else []
        return notebook.table(columns, rows, title, [*notes, *hidden])

    def _shown(self) -> tuple[list[int], list[str]]:
        """The columns a person reads, names before ids, and those that are empty or only say where a row is from."""
        columns = self.columns
        folded = [name for name in columns if name in _PROVENANCE or name in self._core.empty]
        if len(folded) == len(columns):
            folded = []
        shown = [name for name in columns if name not in folded]
        for name in shown.copy():
            for named in _names_of(name):
                at = shown.index(name)
                if named in shown[at:]:
                    shown.remove(named)
                    shown.insert(at, named)
        return [columns.index(name) for name in shown], folded


def _names_of(column: str) -> list[str]:
    """The columns that may name what a column identifies."""
    if column not in ("id", "subject") and not column.endswith("_id"):
        return []
    stem = "subject_" if column == "subject" else column.removesuffix("id")
    return [f"{stem}{word}" for word in ("display_name", "name", "title", "key")]


def _record(name: str, columns: tuple[str, ...]) -> type[Any]:
    """The class of the rows: of all columns, the one in `records`."""
    whole: type[Frozen] = RECORDS[name]
    if columns == whole.__slots__:
        return whole
    return part_of(whole, columns)


_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "list of text": (str,),
    "list of lists of text": (),
    "true or false": (bool,),
    "whole number": (int,),
    "UTC time, microseconds": (datetime,),
}


def _met(name: str, kind: str, wanted: Any) -> Callable[[Any], object]:
    """The condition on a column's value."""
    if callable(wanted):
        condition: Callable[[Any], object] = wanted
        return condition
    several = isinstance(wanted, (list, tuple, set, frozenset))
    values = set(wanted) if several else {wanted}
    for value in values:
        fits = value is None or isinstance(value, _TYPES[kind])
        if not fits or (isinstance(value, bool) and kind == "whole number"):
            given = type(value).__name__
            raise TypeError(f"column `{name}` is {kind}, not `{given}`: give another value, or a function")
    if kind in _LISTS:
        return lambda value: None in values if value is None else not values.isdisjoint(value)
    return values.__contains__


def _widest_line() -> int:
    """The width of the terminal, if that is where it is shown."""
    if not sys.stdout.isatty():
        return _WIDEST_LINE
    import shutil

    return shutil.get_terminal_size((_WIDEST_LINE, 24)).columns


def _no_column(name: object, columns: Sequence[str]) -> str:
    import difflib

    near = difflib.get_close_matches(str(name), columns, n=1)
    meant = f"did you mean `{near[0]}`? " if near else ""
    return visible(f"no column `{name}`: {meant}the columns are {', '.join(f'`{column}`' for column in columns)}")


_LISTS = ("list of text", "list of lists of text")
_TIME = "UTC time, microseconds"
_PLAIN = {"true or false": "bool", "whole number": "int64"}
_NULLABLE = {"true or false": "boolean", "whole number": "Int64"}


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pauses the cyclic garbage collector, which would walk a million new lists many times and find no cycle."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _rows_of_lists(array: pyarrow.ListArray) -> list[list[Any] | None]:
    """The lists of an Arrow array: all items at once, cut by the lengths. Equal texts are one object."""
    items = array.flatten()
    if hasattr(items, "flatten") and hasattr(items, "offsets"):
        flat: list[Any] = _rows_of_lists(items)
    else:
        words = items.dictionary_encode()
        flat = words.dictionary.to_numpy(zero_copy_only=False)[words.indices.to_numpy()].tolist()
    ends = array.value_lengths().fill_null(0).to_numpy().cumsum().tolist()
    rows: list[list[Any] | None] = [flat[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    if array.null_count:
        for at in array.is_null().to_numpy(zero_copy_only=False).nonzero()[0].tolist():
            rows[at] = None
    return rows


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        if any(isinstance(one, tuple) for one in value):
            return " and ".join(f"({' or '.join(one)})" for one in value)
        return ", ".join(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def _line(widths: Iterable[int]) -> int:
    """The width of a line of cells."""
    return sum(width + 2 for width in widths) - 2


def _narrowed(least: Sequence[int], widths: Sequence[int], shown: Sequence[int], widest: int) -> list[int]:
    """Widths of the columns shown: where the line is too long, the widest give way."""
    narrowed = [widths[at] for at in shown]
    while _line(narrowed) > widest:
        wide = [at for at, width in enumerate(narrowed) if width > least[shown[at]]]
        if not wide:
            break
        narrowed[max(wide, key=narrowed.__getitem__)] -= 1
    return narrowed


def changes_of(changes: Table[PermissionChange]) -> _core.Table:
    """The table of what is given as `changes`.

    Raises:
        ConfigurationError: It is something else.
    """
    if not isinstance(changes, Table) or changes._core.record != "PermissionChange":
        raise ConfigurationError("`changes` is a table of `PermissionChange`: give that of `permission_changes`")
    return changes._core


def of_span(table: Table[R], span: tuple[int | None, int | None], **narrowed: object) -> Table[R]:
    """The table, with what part of a log it is."""
    asked = [f"`{name}`" for name, value in narrowed.items() if value is not None]
    table._span = Span(*span, " and ".join(asked) or None)
    return table
