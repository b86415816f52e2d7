"""The choices of words in `types.py`, one for each closed vocabulary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .. import _core
from .text import WIDTH

if TYPE_CHECKING:
    from pathlib import Path


def choice(name: str, words: list[str]) -> str:
    """A type as a choice of words, laid out as the formatter does."""
    quoted = [f'"{word}"' for word in words]
    line = f"{name} = Literal[{', '.join(quoted)}]"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name} = Literal[", *(f"    {word}," for word in quoted), "]"])


def module(text: str) -> str:
    """The module with the words of each type as declared."""
    for name, words in _core.words():
        text, found = re.subn(rf"^{name} = Literal\[[^]]*\]$", choice(name, words), text, flags=re.MULTILINE)
        if found != 1:
            raise ValueError(f"expected one type `{name}`, found {found}")
    return text


def files(root: Path) -> dict[Path, str]:
    """The module."""
    path = root / "python" / "confluence_access" / "types.py"
    return {path: module(path.read_text(encoding="utf-8"))}
