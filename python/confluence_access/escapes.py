"""Makes text of a server safe to show: on a terminal, in a message, in HTML."""

from __future__ import annotations

import json
import re
import unicodedata
from html import escape
from typing import Any

# What moves a cursor, ends a line, or changes the direction of the text around it: C0, DEL and C1 controls, line and
# paragraph separators, bidirectional controls. Also unpaired surrogates, which no stream can encode.
# Source: https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
_STEERS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: str) -> str:
    r"""The text with every terminal or bidirectional control character written as an escape.

    The core applies the same rule to explanations.

    >>> print(visible("red \x1b[31m and \u202e backwards"))
    red \x1b[31m and \u202e backwards
    """
    return _STEERS.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def html(text: str) -> str:
    """Text of a server as HTML: nothing in it acts as markup, and its direction is isolated from its surroundings.

    >>> html("<b> & *star*")
    '<bdi>&lt;b&gt; &amp; *star*</bdi>'
    """
    return f"<bdi>{escape(visible(text))}</bdi>" if text else ""


def attribute(text: str) -> str:
    """Text of a server as the value of an HTML attribute, without the surrounding quotes."""
    return escape(visible(text), quote=True)


def wrapped(body: str) -> str:
    """HTML for a notebook. Without these classes it would render text between dollar signs as a formula.

    Source: https://docs.mathjax.org/en/latest/options/document.html (`ignoreHtmlClass`)
    """
    return f'<div class="tex2jax_ignore mathjax_ignore">{body}</div>'


def json_text(value: Any, indent: int | None = 2) -> str:
    """Plain data as JSON that is safe to print: JSON may hold DEL, C1 and bidi controls as they are."""

    def plain(value: Any) -> Any:
        return value.isoformat() if hasattr(value, "isoformat") else str(value)

    text = json.dumps(value, indent=indent, ensure_ascii=False, default=plain)
    # The only line feeds left are between values: inside strings the encoder has escaped them.
    return _STEERS.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def width_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def fitted(text: str, width: int, *, more: str = "…", right: bool = False) -> str:
    """A text in exactly `width` columns; `more` stands for what does not fit."""
    if width_of(text) > width:
        while text and width_of(text) > width - 1:
            text = text[:-1]
        text += more
    space = " " * (width - width_of(text))
    return space + text if right else text + space
