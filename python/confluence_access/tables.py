"""Tables: rows of typed records that polars, DuckDB and pyarrow read without a copy."""

from __future__ import annotations

import difflib
import operator
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, SupportsIndex, TypeVar, overload

from . import _core
from .escapes import attribute, html, visible, wrapped
from .records import RECORDS, Gap

if TYPE_CHECKING:
    from types import ModuleType

    import pandas
    import polars
    import pyarrow
    from typing_extensions import CapsuleType

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
_SHOWN_AS_TEXT = 10
# An account id of Cloud has 43 characters, and a truncated id is useless.
_WIDEST_CELL = 44
_WIDEST_LINE = 120


class Table(_Rows[R]):
    """Rows of one record type, and the gaps among them.

    A table behaves like an immutable list: `len`, index, slice, iteration, `in`, `==`. Slices are tables and share the
    memory. `gaps` is a table of what could not be read; a table without gaps is `complete`.

    It exports the Arrow C stream (`__arrow_c_stream__`), any number of times: `polars.DataFrame(rows)`,
    `pyarrow.table(rows)`, `pandas.DataFrame.from_arrow(rows)` and `duckdb.sql("select * from rows")` read it. Text is
    UTF-8, times are `timestamp[us, UTC]`, and null means "the server did not say".

    Tables can be pickled and compared. Two tables are equal if they have the same record type, rows and gaps.
    """

    __slots__ = ("_core", "_record")

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, core: _core.Table) -> None:
        self._core = core
        self._record: type[R] = RECORDS[core.record]

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
    def __getitem__(self, index: SupportsIndex | slice) -> R | Table[R]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                raise ValueError(f"a slice of a table takes every row: step `{step}` is not supported, use a list")
            return Table(self._core.slice(start, max(0, stop - start)))
        if isinstance(index, str):
            raise TypeError(f"a table is indexed by row: for the values of a column write `.column({index!r})`")
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

    def to_dicts(self) -> list[dict[str, Any]]:
        """The rows as dicts; lists of text are lists."""
        columns = self.columns
        return [
            {name: _lists(value) for name, value in zip(columns, row, strict=True)}
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
        frame: pandas.DataFrame = pa.table(self).to_pandas(types_mapper=nullable.get)
        for name, kind, null, _meaning in self._core.about:
            if kind in _LISTS:
                frame[name] = [_lists(value) for value in self._core.column(name)]
                frame[name] = frame[name].astype(object)
            elif not null and kind in _PLAIN:
                frame[name] = frame[name].astype(_PLAIN[kind])
        return frame

    def _pandas_from_columns(self, pd: ModuleType) -> pandas.DataFrame:
        text = pd.Series(["text"]).dtype
        series = {}
        for name, kind, null, _meaning in self._core.about:
            values = self._core.column(name)
            if kind in _LISTS:
                series[name] = pd.Series([_lists(value) for value in values], dtype=object)
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
        rows = [[_cell(value) for value in row] for row in self._core.rows(0, _SHOWN_AS_TEXT)]
        names = self.columns
        widths = [max(len(line[at]) for line in [names, *rows]) for at in range(len(names))]
        shown = 0
        while shown < len(widths) and sum(widths[: shown + 1]) + 2 * shown <= _WIDEST_LINE:
            shown += 1
        lines = [
            "  ".join(text.ljust(width) for text, width in zip(line[:shown], widths, strict=False)).rstrip()
            for line in [names, *rows]
        ]
        if shown < len(widths):
            lines[0] += " …"
        if not rows:
            lines = []
        if len(self) > len(rows):
            lines.append(f"… {len(self) - len(rows)} more")
        return "\n".join([self._title(), *lines])

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th title="{attribute(meaning)}">{attribute(name)}</th>'
            for name, _kind, _null, meaning in self._core.about
        )
        body = "".join(
            f"<tr>{''.join(_html_cell(value) for value in row)}</tr>" for row in self._core.rows(0, _SHOWN_IN_HTML)
        )
        first = f", the first {_SHOWN_IN_HTML} shown" if len(self) > _SHOWN_IN_HTML else ""
        return wrapped(
            f"<table><caption>{attribute(self._core.meaning)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            f"<p>{attribute(self._counted())}{first}; {attribute(self._missing())}</p>"
        )


def _no_column(name: object, columns: Sequence[str]) -> str:
    near = difflib.get_close_matches(str(name), columns, n=1)
    meant = f"did you mean `{near[0]}`? " if near else ""
    return visible(f"no column `{name}`: {meant}the columns are {', '.join(f'`{column}`' for column in columns)}")


_LISTS = ("list of text", "list of lists of text")
_TIME = "UTC time, microseconds"
_PLAIN = {"true or false": "bool", "whole number": "int64"}
_NULLABLE = {"true or false": "boolean", "whole number": "Int64"}


def _lists(value: object) -> object:
    """A value with lists for tuples."""
    return [_lists(one) for one in value] if isinstance(value, tuple) else value


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


def _cell(value: object) -> str:
    text = visible(_text(value))
    return text if len(text) <= _WIDEST_CELL else text[: _WIDEST_CELL - 1] + "…"


def _html_cell(value: object) -> str:
    return f"<td>{html(_text(value))}</td>"
