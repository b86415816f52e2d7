"""Write what follows from declarations, or check that it is written.

Run by its path, it does not import the package around it, whose `__init__` may name records that are not written yet.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from types import ModuleType

if not __package__:
    package = Path(__file__).resolve().parents[1]
    # The modules of the package can be imported, its `__init__` is not run.
    sys.modules[package.name] = ModuleType(package.name)
    sys.modules[package.name].__path__ = [str(package)]

from confluence_access._generate import ROOT, files, outdated


def main(arguments: list[str] | None = None) -> int:
    """Writes all files, or with `--check` names those that differ and returns 1."""
    parser = argparse.ArgumentParser(
        prog="python -m confluence_access._generate", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--check", action="store_true", help="only say which files differ, and fail if any does")
    asked = parser.parse_args(arguments)
    if not (ROOT / "Cargo.toml").exists():
        print("this needs a checkout of confluence-access with an editable install", file=sys.stderr)
        return 2
    differing = outdated()
    texts = files() if differing and not asked.check else {}
    for path in differing:
        name = path.relative_to(ROOT)
        if asked.check:
            print(f"{name} is outdated: run `python -m confluence_access._generate`", file=sys.stderr)
        else:
            path.write_text(texts[path], encoding="utf-8")
            print(f"wrote {name}")
    return 1 if asked.check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
