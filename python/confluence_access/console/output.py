"""What a command prints: a table for people, or rows for other programs."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .. import formats
from ..errors import ConfigurationError
from ..escapes import json_text, visible
from ..tables import Table
from ..terminal import Screen

__all__ = ["FORMATS", "gaps_note", "is_for_people", "listing", "note", "options", "rows", "value", "verbose", "write"]

FORMATS = ("table", "csv", "tsv", "jsonl", "json", "parquet", "md")


def options(command: argparse.ArgumentParser, *, out: bool = True) -> None:
    """How the answer is written; `out`: also to a file."""
    group = command.add_argument_group("output")
    group.add_argument(
        "--format",
        choices=FORMATS,
        metavar="FORMAT",
        help=f"{', '.join(FORMATS)} (table on a terminal, else tsv)",
    )
    group.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    if out:
        group.add_argument("--out", metavar="FILE", help="write to a file instead of standard output")
    group.add_argument("-q", "--quiet", action="store_true", help="no notes and no progress")


def wanted(options: argparse.Namespace) -> str:
    """The format that is asked for."""
    given: str | None = getattr(options, "format", None)
    if given is not None:
        return given
    return "table" if sys.stdout.isatty() and not getattr(options, "out", None) else "tsv"


def is_for_people(options: argparse.Namespace) -> bool:
    """Whether a person reads the answer on a terminal or in a file of text."""
    return wanted(options) == "table"


@contextlib.contextmanager
def verbose(options: argparse.Namespace) -> Iterator[None]:
    """Shows the lines of the package's log on standard error, if they are asked for."""
    if not getattr(options, "verbose", False):
        yield
        return
    import logging

    logger = logging.getLogger("confluence_access")
    handler, level = logging.StreamHandler(sys.stderr), logger.level
    # The line of the progress display makes way.
    clear = "\r\x1b[K" if sys.stderr.isatty() else ""
    handler.setFormatter(logging.Formatter(f"{clear}%(asctime)s %(message)s", "%H:%M:%S"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def note(options: argparse.Namespace, text: str) -> None:
    """A note beside the answer."""
    if not getattr(options, "quiet", False):
        Screen(sys.stderr).text(visible(f"note: {text}"))


def gaps_note(options: argparse.Namespace, table: Table[Any]) -> None:
    """Says what could not be read."""
    if missing := len(table.gaps):
        parts = "1 part" if missing == 1 else f"{missing} parts"
        note(options, f"{parts} could not be read, first: {table.gaps[0].message}")


def write(options: argparse.Namespace, screen: Screen, table: Table[Any], show: Callable[[Screen], None]) -> int:
    """Writes rows in the format that is asked for; `show` writes them for people."""
    kind = wanted(options)
    if kind == "table":
        _to(options, screen, show)
    elif kind == "parquet":
        _bytes(options, table._core.to_parquet())
    else:
        _text(options, _formatted(kind, table.columns, table._values, table.to_dicts))
    gaps_note(options, table)
    return 0


def rows(
    options: argparse.Namespace,
    screen: Screen,
    columns: Sequence[str],
    found: Sequence[Sequence[object]],
    show: Callable[[Screen], None],
) -> int:
    """Writes rows that are no table of the library, such as those of several; `show` writes them for people."""
    kind = wanted(options)
    if kind == "table":
        _to(options, screen, show)
    elif kind == "parquet":
        raise ConfigurationError("this answer has no `--format parquet`: use `csv` or `json`")
    else:
        _text(
            options,
            _formatted(kind, columns, lambda: found, lambda: [dict(zip(columns, row, strict=True)) for row in found]),
        )
    return 0


def _formatted(
    kind: str,
    columns: Sequence[str],
    rows: Callable[[], Iterable[Sequence[object]]],
    dicts: Callable[[], Iterable[dict[str, Any]]],
) -> str:
    return {
        "csv": lambda: formats.csv_text(columns, rows()),
        "tsv": lambda: formats.tsv_text(columns, rows()),
        "md": lambda: formats.markdown(columns, rows()),
        "json": lambda: formats.json_rows(dicts()),
        "jsonl": lambda: formats.json_lines(dicts()),
    }[kind]()


def listing(
    options: argparse.Namespace,
    screen: Screen,
    table: Table[Any],
    columns: Sequence[tuple[str, Callable[[Any], object]]],
    *,
    styles: Sequence[str | None] = (),
    give_way: Sequence[str] = (),
    spare: Sequence[str] = (),
    empty: str = "nothing found",
) -> int:
    """Writes a table whose columns for people are given as heading and value."""

    def show(screen: Screen) -> None:
        if not len(table):
            screen.line(empty)
            return
        rows: Iterable[Sequence[object]] = ([read(row) for _, read in columns] for row in table)
        names = [name for name, _ in columns]
        screen.table(names, rows, indent="", styles=styles, give_way=give_way, spare=spare)
        screen.line(table._counted(), "dim")

    return write(options, screen, table, show)


def value(options: argparse.Namespace, screen: Screen, known: Any, show: Callable[[Screen], None]) -> int:
    """Writes an answer that is not a table: for people, or as JSON."""
    kind = wanted(options)
    if kind in ("json", "jsonl"):
        _text(options, json_text(known, None if kind == "jsonl" else 2) + "\n")
    elif kind in ("table", "tsv", "md") and (options.format is None or kind == "table"):
        _to(options, screen, show)
    else:
        raise ConfigurationError(
            f"this answer is not a table: `--format {kind}` is not possible, use `json` or `table`"
        )
    return 0


def _to(options: argparse.Namespace, screen: Screen, show: Callable[[Screen], None]) -> None:
    if not getattr(options, "out", None):
        show(screen)
        return
    with Path(options.out).open("w", encoding="utf-8") as file:
        show(Screen(file))


def _text(options: argparse.Namespace, text: str) -> None:
    if getattr(options, "out", None):
        formats.written(text, options.out)
    else:
        sys.stdout.write(text)


def _bytes(options: argparse.Namespace, content: bytes) -> None:
    if getattr(options, "out", None):
        Path(options.out).write_bytes(content)
    elif sys.stdout.isatty():
        raise ConfigurationError("a Parquet file is not for a terminal: give `--out FILE`")
    else:
        sys.stdout.buffer.write(content)
