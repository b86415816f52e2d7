"""What notebooks show: one style for tables, trees and everything else, in light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .escapes import attribute, html, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["STYLE", "error", "facts", "page", "table"]

# Colours with a contrast of at least 4.5:1 on the backgrounds of Jupyter, VS Code and GitHub. A notebook says by an
# attribute or a class which theme it shows; a plain page follows the system.
_LIGHT = "--ca-yes:#1a7f37;--ca-no:#cf222e;--ca-open:#8a5a00;--ca-dim:#59636e;--ca-line:#d1d9e0;--ca-head:#f6f8fa"
_DARK = "--ca-yes:#3fb950;--ca-no:#ff7b72;--ca-open:#d29922;--ca-dim:#9aa4af;--ca-line:#3d444d;--ca-head:#1f242b"
_DARK += ";color-scheme:dark"
STYLE = f"""<style>
.ca{{{_LIGHT}}}
[data-jp-theme-light=false] .ca,.vscode-dark .ca,.vscode-high-contrast .ca{{{_DARK}}}
@media (prefers-color-scheme:dark){{:root:not(:has([data-jp-theme-light],.vscode-light)) .ca{{{_DARK}}}}}
.ca .box{{overflow:auto;max-height:36em;max-width:100%;width:fit-content;border:1px solid var(--ca-line)}}
.ca table{{border-collapse:collapse;margin:0;font-size:12px;table-layout:auto}}
.ca :is(th,td){{text-align:left!important;white-space:nowrap!important;max-width:26em;overflow:hidden;
text-overflow:ellipsis;padding:2px 8px;line-height:20px;border:0;border-bottom:1px solid var(--ca-line)}}
.ca th{{position:sticky;top:0;background:var(--ca-head);font-weight:600}}
.ca .prose{{max-width:70em}}
.ca .number{{text-align:right!important;font-variant-numeric:tabular-nums}}
.ca :is(.allowed,.pass,.added,.would_add){{color:var(--ca-yes)}}
.ca :is(.denied,.fail,.failed,.high,.removed,.would_remove){{color:var(--ca-no)}}
.ca :is(.unknown,.medium){{color:var(--ca-open)}}
.ca :is(.dim,.not_applicable){{color:var(--ca-dim)}}
.ca :is(p,ul,ol){{margin:.25em 0;font-size:13px}}
.ca ol,.ca ul.tree{{list-style:none;padding-left:1em}}
.ca .facts th{{position:static;background:none;color:var(--ca-dim);font-weight:400}}
.ca .facts :is(td,th){{border:0;white-space:normal!important;max-width:60em}}
</style>"""

_COLOURED = {"decision", "before", "after", "severity", "outcome", "verdict"}


def page(*parts: str) -> str:
    """Parts of HTML as one output of a notebook."""
    return wrapped(f'{STYLE}<div class="ca">{"".join(parts)}</div>')


def table(
    columns: Sequence[tuple[str, str, str]], rows: Iterable[Sequence[str]], title: str = "", notes: Sequence[str] = ()
) -> str:
    """A table in its own scroll box, one line a row.

    Args:
        columns: Name, meaning, and the kind of value of each column. `prose` has more room.
        rows: The cells as text.
        title: What the rows are.
        notes: What is said below it.
    """
    head = "".join(
        f'<th{_class(kind)} title="{attribute(meaning)}">{html(name)}</th>' for name, meaning, kind in columns
    )
    body = "".join(
        f"<tr>{''.join(_cell(column, cell) for column, cell in zip(columns, row, strict=True))}</tr>" for row in rows
    )
    lead = f"<p><b>{html(title)}</b></p>" if title else ""
    tail = "".join(f'<p class="dim">{html(note)}</p>' for note in notes)
    grid = f'<div class="box"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>' if body else ""
    return f"{lead}{grid}{tail}"


def _class(kind: str) -> str:
    known = {"whole number": "number", "prose": "prose"}.get(kind)
    return f' class="{known}"' if known else ""


def _cell(column: tuple[str, str, str], text: str) -> str:
    name, _meaning, kind = column
    if name in _COLOURED and text.isidentifier():
        return f'<td class="{text}">{html(text)}</td>'
    tip = f' title="{attribute(text)}"' if len(text) > _UNCUT else ""
    return f"<td{_class(kind)}{tip}>{html(text)}</td>"


# A shorter text is never cut by the width of a cell.
_UNCUT = 20


def error(kind: str, message: str) -> str:
    """What went wrong, as the first line."""
    return f'<p><b class="failed">{html(kind)}</b> {html(message)}</p>'


def facts(title: str, known: Iterable[tuple[str, str]], notes: Sequence[str] = ()) -> str:
    """Names and values, one pair a line, with notes below them."""
    lead = f"<p><b>{html(title)}</b></p>" if title else ""
    rows = "".join(f"<tr><th>{html(name)}</th><td>{html(value)}</td></tr>" for name, value in known)
    tail = "".join(f"<li>{html(note)}</li>" for note in notes)
    grid = f'<table class="facts">{rows}</table>' if rows else ""
    return f"{lead}{grid}{f'<ul>{tail}</ul>' if tail else ''}"
