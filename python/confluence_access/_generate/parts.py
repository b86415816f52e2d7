"""The parts of explanations and trees, `explanation.py`, and the fields of `Server` in `server.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _core
from .text import frozen, replaced

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '''"""The parts of explanations and trees, as frozen records."""

# Written by `python -m confluence_access._generate`: change the `part!`s in src/resolve instead.

from __future__ import annotations

from .frozen import Frozen

__all__ = [
{exports}
]


'''


SERVER = "# Written by `python -m confluence_access._generate`: change `Server` in src/fetch/answers.rs instead."
END = "    # From here on by hand."


def module() -> str:
    """The module of the parts of explanations and trees."""
    parts = [part for part in _core.parts() if part["name"] != "Server"]
    exports = "\n".join(f'    "{name}",' for name in sorted(part["name"] for part in parts))
    classes = [frozen(part["name"], part["doc"], part["fields"]) for part in parts]
    return HEAD.format(exports=exports) + "\n\n".join(classes)


def server(text: str) -> str:
    """The module of the client's answers about itself, with the fields of `Server`."""
    (part,) = (part for part in _core.parts() if part["name"] == "Server")
    written = frozen("Server", part["doc"], part["fields"], named=True).rstrip()
    return replaced(text, SERVER, END, written)


def files(root: Path) -> dict[Path, str]:
    """The modules."""
    package = root / "python" / "confluence_access"
    return {
        package / "explanation.py": module(),
        package / "server.py": server((package / "server.py").read_text(encoding="utf-8")),
    }
