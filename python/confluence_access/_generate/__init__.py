"""What is written from declarations: parts of this package and of its documentation.

    python -m confluence_access._generate          writes all of it
    python -m confluence_access._generate --check  fails where a file differs
    python python/confluence_access/_generate      the same where the package cannot be imported before it is written

Each module here has a function that returns the text of its files; `FILES` lists them. This package is for a checkout:
it is not part of the wheel.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from . import awaited, methods, pages, parts, records, words

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]

FILES: tuple[Callable[[Path], dict[Path, str]], ...] = (
    awaited.files,
    methods.files,
    pages.files,
    parts.files,
    records.files,
    words.files,
)
"""What writes. Each takes the root of the checkout, and returns paths with the whole text each should have."""


def files(root: Path = ROOT) -> dict[Path, str]:
    """Every generated file with the text it should have."""
    written: dict[Path, str] = {}
    for write in FILES:
        for path, text in write(root).items():
            assert path not in written, f"{path} is written twice"
            written[path] = text
    return written


def outdated(root: Path = ROOT) -> list[Path]:
    """The generated files whose text differs from what the declarations say."""
    return [path for path, text in files(root).items() if not path.exists() or path.read_text(encoding="utf-8") != text]
