"""Text for a terminal: aligned, fitted to its width, coloured only if colour is wanted."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, TextIO

from .escapes import fitted, visible, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}

DECISION_STYLE = {"allowed": "green", "denied": "red", "unknown": "yellow"}

_SECOND_COLUMN = re.compile(r"\S+ \S.*?\s{2,}(?=\S)")

_MARKS = {"✓": "green", "✗": "red", "?": "yellow"}

# For a stream that cannot encode them. A question mark would say that a passed gate is unknown.
_PLAIN = str.maketrans(
    {"✓": "+", "✗": "x", "·": "-", "“": '"', "”": '"', "…": "...", "└": "`", "─": "-", "🔒": "[view]", "✎": "[edit]"}
)


# Longer lines of prose are hard to read; tables use the width there is.
_WIDEST_TEXT = 110


def _encodes(stream: TextIO) -> bool:
    """Whether a stream can show every character that is used."""
    try:
        "…·✓🔒".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


class Screen:
    """A stream to write to, with its width and whether it shows colour."""

    def __init__(self, stream: TextIO | None = None, *, width: int | None = None) -> None:
        self.stream: TextIO = stream or sys.stdout
        # Source: https://no-color.org
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        self.colour: bool = self.stream.isatty() and not plain
        self.width: int = width or (shutil.get_terminal_size((100, 24)).columns if self.stream.isatty() else 100)
        # Text that another program reads must not be cut; a person scrolls down, not sideways.
        self.limit: int | None = self.width if width or self.stream.isatty() else None
        self.unicode: bool = _encodes(self.stream)

    def style(self, text: str, *names: str) -> str:
        """The text in a style; unchanged without colour."""
        if not self.colour or not names or not text:
            return text
        return f"\x1b[{';'.join(_STYLES[name] for name in names)}m{text}\x1b[0m"

    def decision(self, decision: str) -> str:
        """A decision in its colour."""
        return self.style(decision, DECISION_STYLE.get(decision, "bold"))

    def line(self, text: str = "", *styles: str) -> None:
        """Writes one line in a style. Control characters are shown as escapes."""
        self._write(self.style(visible(text), *styles))

    def _write(self, text: str) -> None:
        """Writes one line that is already styled."""
        if not self.unicode:
            encoding = self.stream.encoding or "ascii"
            text = text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
        self.stream.write(text + "\n")

    def heading(self, text: str) -> None:
        """Writes an empty line and a heading."""
        self.line()
        self.line(text, "bold")

    def text(self, text: str, *styles: str, hang: int = 2) -> None:
        """Writes lines: on a terminal wrapped to its width, elsewhere as they are."""
        if self.limit is not None:
            self.paragraph(text, "", *styles, hang=hang)
            return
        for line in text.splitlines():
            self.line(line, *styles)

    def paragraph(self, text: str, indent: str = "", *styles: str, hang: int = 0) -> None:
        """Writes text wrapped to the width; `hang` indents the lines after the first of each paragraph."""
        for line in text.splitlines():
            for wrapped in self._wrapped(line, indent, hang):
                self.line(wrapped, *styles)

    def explanation(self, text: str, indent: str = "") -> None:
        """Writes the text of an explanation, with its marks in their colours."""
        for line in text.splitlines():
            # A line that goes on is indented to the words behind the mark, in a list with two columns to the second.
            mark = line.lstrip()[:1]
            column = _SECOND_COLUMN.match(line.lstrip()) if mark in _MARKS else None
            hang = len(column[0]) if column and len(column[0]) < self.width // 2 else 2 if mark in _MARKS else 4
            first, *rest = self._wrapped(line, indent, hang)
            if mark in _MARKS:
                lead, found, tail = first.partition(mark)
                first = lead + self.style(found, _MARKS[mark]) + tail
            for wrapped in (first, *rest):
                self._write(wrapped)

    def _wrapped(self, line: str, indent: str, hang: int) -> list[str]:
        lead = indent + line[: len(line) - len(line.lstrip())]
        return textwrap.wrap(
            line.strip(),
            min(self.width, _WIDEST_TEXT),
            initial_indent=lead,
            subsequent_indent=lead + " " * hang,
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        ) or [""]

    def table(
        self,
        header: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        indent: str = "  ",
        styles: Sequence[str | None] = (),
        numbers: Iterable[str] = (),
        give_way: Sequence[str] = (),
        spare: Sequence[str] = (),
    ) -> None:
        """Writes aligned columns.

        If they are too wide, those in `give_way` shrink as long as they can be read. Then columns that are empty and
        those in `spare`, in this order, are left out and named below. Then what is left shrinks, the widest first.
        """
        texts = [[_text(cell) for cell in row] for row in rows]
        shown = self._columns(header, texts, indent, give_way, spare)
        left_out = [name for at, name in enumerate(header) if at not in shown]
        header = [header[at] for at in shown]
        styles = [styles[at] if at < len(styles) else None for at in shown]
        texts = [[row[at] for at in shown] for row in texts]
        self._aligned(header, texts, indent, styles, set(numbers), give_way)
        if left_out:
            self.paragraph(f"{indent}not shown: {', '.join(left_out)}", "", "dim", hang=2)

    def _columns(
        self,
        header: Sequence[str],
        texts: Sequence[Sequence[str]],
        indent: str,
        give_way: Sequence[str],
        spare: Sequence[str],
    ) -> list[int]:
        """The columns that fit."""
        shown = list(range(len(header)))
        if self.limit is None:
            return shown
        widths = _widths(header, texts)
        least = [min(width, _READABLE) if header[at] in give_way else width for at, width in enumerate(widths)]
        empty = [at for at in shown if all(row[at] == "-" for row in texts)]
        for at in [*empty, *(header.index(name) for name in spare if header.index(name) not in empty)]:
            if len(indent) + sum(least[at] for at in shown) + 2 * (len(shown) - 1) <= self.limit or len(shown) == 1:
                break
            shown.remove(at)
        return shown

    def _aligned(
        self,
        header: Sequence[str],
        texts: Sequence[Sequence[str]],
        indent: str,
        styles: Sequence[str | None],
        numbers: set[str],
        give_way: Sequence[str],
    ) -> None:
        widths = _widths(header, texts)
        room = sum(widths) if self.limit is None else self.limit - len(indent) - 2 * (len(header) - 1)
        soft = [at for at, name in enumerate(header) if name in give_way]
        while sum(widths) > room and max(widths) > 8:
            soft = [at for at in soft if widths[at] > 8]
            at = max(soft or range(len(widths)), key=widths.__getitem__)
            widths[at] -= 1
        right = {at for at, name in enumerate(header) if name in numbers}

        def cells(row: Sequence[str]) -> list[str]:
            return [self._fit(cell, widths[at], right=at in right) for at, cell in enumerate(row)]

        self.line((indent + "  ".join(cells(header))).rstrip(), "dim")
        for row in texts:
            shown = cells(row)
            for at, style in enumerate(styles):
                if style == "decision":
                    shown[at] = self.style(shown[at], DECISION_STYLE.get(row[at], "bold"))
                elif style:
                    shown[at] = self.style(shown[at], style)
            self._write((indent + "  ".join(shown)).rstrip())

    def _fit(self, text: str, width: int, *, right: bool) -> str:
        return fitted(text, width, more="…" if self.unicode else ".", right=right)


# A column of fewer characters says little.
_READABLE = 16


def _widths(header: Sequence[str], texts: Sequence[Sequence[str]]) -> list[int]:
    return [max([width_of(name), *(width_of(row[at]) for row in texts)]) for at, name in enumerate(header)]


def _text(cell: object) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return visible(str(cell))
