"""Text for a terminal: aligned, fitted to its width, coloured only if colour is wanted."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, TextIO

from .escapes import fitted, visible, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}

DECISION_STYLE = {"allowed": "green", "denied": "red", "unknown": "yellow"}

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

    def paragraph(self, text: str, indent: str = "", *styles: str, hang: int = 0) -> None:
        """Writes text wrapped to the width; `hang` indents the lines after the first of each paragraph."""
        for line in text.splitlines():
            for wrapped in self._wrapped(line, indent, hang):
                self.line(wrapped, *styles)

    def explanation(self, text: str, indent: str = "") -> None:
        """Writes the text of an explanation, with its marks in their colours."""
        for line in text.splitlines():
            # A line that goes on is indented to the words behind the mark.
            mark = line.lstrip()[:1]
            first, *rest = self._wrapped(line, indent, 2 if mark in _MARKS else 4)
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
    ) -> None:
        """Writes aligned columns. If they are too wide, those in `give_way` shrink first, then the widest."""
        texts = [[_text(cell) for cell in row] for row in rows]
        widths = [max([width_of(name), *(width_of(row[at]) for row in texts)]) for at, name in enumerate(header)]
        room = sum(widths) if self.limit is None else self.limit - len(indent) - 2 * (len(header) - 1)
        soft = [at for at, name in enumerate(header) if name in give_way]
        while sum(widths) > room and max(widths) > 8:
            soft = [at for at in soft if widths[at] > 8]
            at = max(soft or range(len(widths)), key=widths.__getitem__)
            widths[at] -= 1
        right = {at for at, name in enumerate(header) if name in set(numbers)}

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


def _text(cell: object) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return visible(str(cell))
