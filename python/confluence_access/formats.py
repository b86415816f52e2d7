"""Rows as text and files that other programs read: CSV, TSV, JSON, Markdown, Excel."""

from __future__ import annotations

import csv
import io
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ConfigurationError
from .escapes import json_text, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["csv_text", "json_lines", "markdown", "to_excel", "written"]

# What makes a spreadsheet take text for a formula, also in its full-width form and behind white space it drops.
# Source: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_EXCEL_ROWS = 1_048_576
_EXCEL_TEXT = 32_767


def moment(value: datetime) -> str:
    """A time as ISO 8601 in UTC with microseconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(value: object) -> str:
    """A value as text: null is empty, the entries of a list are separated by `; `, lists in lists are in brackets."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, (list, tuple)):
        return "; ".join(f"[{plain(one)}]" if isinstance(one, (list, tuple)) else plain(one) for one in value)
    return str(value)


def _cell(value: object) -> str:
    text = plain(value)
    return f"'{text}" if isinstance(value, (str, list, tuple)) and text.startswith(_FORMULA) else text


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]], separator: str = ",") -> str:
    """Rows as CSV with a header. Text that a spreadsheet would take for a formula gets a leading `'`."""
    out = io.StringIO()
    # With lines that end in CR LF, the writer also quotes a lone CR.
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def tsv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as lines of fields between tabs, with a header. Tabs, line ends and control characters are escapes.

    For `cut`, `awk` and `sort`: nothing is quoted.
    """
    lines = ["\t".join(columns), *("\t".join(visible(plain(value)) for value in row) for row in rows)]
    return "\n".join(lines) + "\n"


def json_lines(rows: Iterable[dict[str, Any]]) -> str:
    """Each row as JSON on a line of its own."""
    return "".join(f"{json_text(_plain_times(row), None)}\n" for row in rows)


def json_rows(rows: Iterable[dict[str, Any]]) -> str:
    """The rows as a list in JSON."""
    return json_text([_plain_times(row) for row in rows]) + "\n"


def _plain_times(row: dict[str, Any]) -> dict[str, Any]:
    return {name: moment(value) if isinstance(value, datetime) else value for name, value in row.items()}


def markdown(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as a Markdown table. No text acts as markup."""

    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |"

    lines = [line(columns), line("---" for _ in columns)]
    lines += [line(_escaped(plain(value)) for value in row) for row in rows]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    text = visible(text)
    for mark in "\\`*_[]<>|~#":
        text = text.replace(mark, f"\\{mark}")
    return text


def to_excel(
    path: str | os.PathLike[str], name: str, columns: Sequence[str], rows: Iterable[Sequence[object]], count: int
) -> None:
    """Writes rows as an Excel file with one sheet.

    Raises:
        ConfigurationError: A sheet cannot hold so many rows, or a cell so long a text.
        ImportError: openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter
    except ImportError as error:
        raise ImportError("`to_excel` needs openpyxl: pip install 'confluence-access[excel]'") from error
    if count >= _EXCEL_ROWS:
        raise ConfigurationError(
            f"{count} rows do not fit a sheet of {_EXCEL_ROWS}: write `to_parquet` or `to_csv`, or filter the table"
        )
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count + 1}"
    for at, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(at)].width = 24 if column != "id" else 14

    def cell(value: object, *, bold: bool = False) -> Any:
        made = WriteOnlyCell(sheet)
        if isinstance(value, datetime):
            # A sheet has no time zones.
            made.value, made.number_format = value.astimezone(UTC).replace(tzinfo=None), "yyyy-mm-dd hh:mm:ss"
        elif isinstance(value, (bool, int)):
            made.value = value
        elif value is not None:
            text = visible(plain(value))
            if len(text) > _EXCEL_TEXT:
                raise ConfigurationError(
                    f"a text of {len(text)} characters does not fit a cell of {_EXCEL_TEXT}: "
                    "leave its column out with `select`, or write `to_parquet` or `to_csv`"
                )
            # As text, whatever it begins with: a title is no formula.
            made.value, made.data_type = text, "s"
        if bold:
            made.font = Font(bold=True)
        return made

    try:
        sheet.append([cell(column, bold=True) for column in columns])
        for row in rows:
            sheet.append([cell(value) for value in row])
    except BaseException:
        # Ends the half-written sheet; nothing is saved.
        sheet.close()
        raise
    book.save(path)


def written(text: str, path: str | os.PathLike[str] | None) -> str | None:
    """Writes text to a file in UTF-8, whole or not at all; without a path it is the answer."""
    if path is None:
        return text
    with whole(path) as beside, open(beside, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    return None


@contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A file to write that takes the place of `path` when it is complete, and leaves nothing behind if it is not."""
    target = Path(path)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield beside
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
