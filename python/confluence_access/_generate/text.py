"""Small tools for writing text."""

from __future__ import annotations

import re
import textwrap

WIDTH = 120


def between(text: str, mark: str, body: str) -> str:
    """`text` with `body` between the comments `<!-- mark -->` and `<!-- /mark -->`."""
    start, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    text, found = pattern.subn(lambda _: f"{start}\n{body}\n{end}", text)
    if found != 1:
        raise ValueError(f"expected one place `{start}`, found {found}")
    return text


def wrapped(text: str, indent: int, hanging: int = 0) -> str:
    """`text` in lines of at most 120 characters; those after the first are indented by `hanging` more."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )


def awaited(source: str) -> str:
    """A blocking class as the awaited one: methods are `async`, and a `Call` is awaited instead of waited for."""
    source = re.sub(r"^    def (?!_|envelope)", "    async def ", source, flags=re.MULTILINE)
    return source.replace("call.wait()", "await call.future()")
