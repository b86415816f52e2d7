"""The parts of explanations and trees, `explanation.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _core
from .text import frozen

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '''"""The parts of explanations and trees, as frozen records."""

# Written by `python -m confluence_access._generate`: change the `part!`s in src/resolve instead.

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
{exports}
]


'''


def module() -> str:
    """The module of the parts."""
    parts = _core.parts()
    exports = "\n".join(f'    "{name}",' for name in sorted(part["name"] for part in parts))
    classes = [frozen(part["name"], part["doc"], part["fields"]) for part in parts]
    return HEAD.format(exports=exports) + "\n\n".join(classes)


def files(root: Path) -> dict[Path, str]:
    """The module."""
    return {root / "python" / "confluence_access" / "explanation.py": module()}
