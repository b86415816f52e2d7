"""A tree as text and as HTML: the path from the root, the restrictions on it, and who is let through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import notebook
from .escapes import attribute, html, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .explanation import TreeLevel, TreeList
    from .results import Tree

__all__ = ["as_html", "as_text"]

_LISTED = 12
_LOCK, _PEN, _DOUBT = "🔒", "✎", "?"


def _names(listed: TreeList) -> list[str]:
    return [*listed.groups, *listed.users]


def _joined(names: Sequence[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _title(level: TreeLevel) -> str:
    return level.title or f"untitled {level.kind} {level.content_id}"


def _restrictions(level: TreeLevel) -> list[tuple[str, str]]:
    """The restrictions of a level, each with its mark."""
    found = []
    if level.everyone == "unknown":
        found.append((_DOUBT, "restrictions unknown"))
    for mark, verb, listed in (
        (_LOCK, "viewing", level.view_restriction),
        (_PEN, "editing", level.edit_restriction),
    ):
        if names := _names(listed):
            found.append((mark, f"{verb} restricted to {_joined(names)}"))
    return found


def _let_through(level: TreeLevel) -> list[tuple[str, str]]:
    """Who may view and who may edit, of those the space and the restrictions name."""
    lines = []
    for verb, known, unknown in (
        ("view", level.view, level.unknown_view),
        ("edit", level.edit, level.unknown_edit),
    ):
        sure, open_ = _names(known), _names(unknown)
        text = _joined(sure) if sure else "" if open_ else "none of those named"
        doubt = f"unknown: {_joined(open_)}" if open_ else ""
        lines.append((verb, "; ".join(part for part in (text, doubt) if part)))
    return lines


def _steps(tree: Tree) -> list[tuple[TreeLevel, list[tuple[str, str]], list[tuple[str, str]]]]:
    """Each level with its restrictions, and with who is let through where that differs from the level above."""
    steps = []
    above: list[tuple[str, str]] = []
    for level in tree.levels:
        let = _let_through(level)
        steps.append((level, _restrictions(level), [line for line in let if line not in above]))
        above = let
    return steps


def as_text(tree: Tree) -> str:
    """A tree as text, one level further in for each step down."""
    lines = [f"{tree.space_name or tree.space_key} ({tree.space_key})"]
    for depth, (level, restrictions, let) in enumerate(_steps(tree)):
        lead = "   " * depth
        lines.append(f"{lead}└─ {_title(level)}")
        lines += [f"{lead}   {mark} {text}" for mark, text in restrictions]
        lines += [f"{lead}     can {verb}: {text}" for verb, text in let]
    return "\n".join(visible(line) for line in lines)


def as_html(tree: Tree) -> str:
    """A tree as HTML, as Jupyter shows it."""
    steps = []
    for depth, (level, restrictions, let) in enumerate(_steps(tree), 1):
        rows = [f"<b>{html(_title(level))}</b> <span class=dim>{html(level.kind)} {html(level.content_id)}</span>"]
        rows += [f'<span class="{_CLASS[mark]}">{_DRAWN[mark]} {html(text)}</span>' for mark, text in restrictions]
        rows += [f"<span class=dim>can {attribute(verb)}:</span> {html(text)}" for verb, text in let]
        inner = "".join(f"<div>{row}</div>" for row in rows)
        steps.append(f'<li style="padding-left:{1.6 * depth:.1f}em">{inner}</li>')
    head = f"<p><b>{html(tree.space_name or tree.space_key)}</b> <span class=dim>{html(tree.space_key)}</span></p>"
    return notebook.page(f'{head}<ul class="tree">{"".join(steps)}</ul>')


_CLASS = {_LOCK: "denied", _PEN: "unknown", _DOUBT: "unknown"}
# Not every system has a font with a padlock.
_PADLOCK = (
    '<svg viewBox="0 0 16 16" width="12" height="12" fill="currentColor" aria-hidden="true">'
    '<path d="M4 7V5a4 4 0 0 1 8 0v2h1v8H3V7zm2 0h4V5a2 2 0 0 0-4 0z"/></svg>'
)
_DRAWN = {_LOCK: _PADLOCK, _PEN: _PEN, _DOUBT: _DOUBT}
