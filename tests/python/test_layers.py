"""No circle of files in the package: what a file needs when it is imported, and when it runs, lies below it."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "python" / "confluence_access"

Arrows = dict[str, set[str]]


def name_of(path: Path, package: Path) -> str:
    """A file as a module: `confluence_access._generate.text`."""
    parts = [package.name, *path.relative_to(package).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(node: ast.AST):
    """Every import, those inside functions too; not those that only a type checker follows."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node
    below = ast.iter_child_nodes(node)
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        below = iter(node.orelse)
    for child in below:
        yield from imports(child)


def arrows_of(package: Path) -> Arrows:
    """For each module of a package, the modules of it that it imports. The extension has a stub for a file."""
    files = {name_of(path, package): path for path in sorted(package.rglob("*.py*")) if path.suffix in (".py", ".pyi")}
    arrows: Arrows = {name: set() for name in files}
    for name, path in files.items():
        inside = name if path.stem == "__init__" else name.rpartition(".")[0]
        for node in imports(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                named = [alias.name for alias in node.names]
            else:
                above = inside.split(".")
                start = above[: len(above) - node.level + 1] if node.level else []
                module = ".".join([*start, *([node.module] if node.module else [])])
                # `from . import text` names a module, `from . import ROOT` what a module has.
                named = [
                    f"{module}.{alias.name}" if f"{module}.{alias.name}" in files else module for alias in node.names
                ]
            arrows[name] |= {module for module in named if module in files and module != name}
    return arrows


def circles(arrows: Arrows) -> list[list[str]]:
    """Sets of modules that need one another."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        ahead = [start]
        while ahead:
            new = arrows[ahead.pop()] - found
            found |= new
            ahead += new
        return found

    reach = {name: reached(name) for name in arrows}
    inside = {name: sorted(other for other in there if name in reach[other]) for name, there in reach.items()}
    return sorted({tuple(names): names for name, names in inside.items() if name in names}.values())


def test_no_file_of_the_package_needs_itself_by_way_of_others():
    arrows = arrows_of(PACKAGE)
    assert "confluence_access.client" in arrows["confluence_access"]
    assert sum(map(len, arrows.values())) > len(arrows) > 20, "hardly anything was looked at"
    drawn = [[f"{name} -> {', '.join(sorted(arrows[name]))}" for name in circle] for circle in circles(arrows)]
    assert drawn == []


def test_a_circle_is_found_however_it_is_written(tmp_path: Path):
    def found(**files: str) -> list[list[str]]:
        package = tmp_path / str(len(list(tmp_path.iterdir()))) / "house"
        package.mkdir(parents=True)
        for name, text in {"__init__": "from .a import A", **files}.items():
            (package / f"{name}.py").write_text(text)
        return circles(arrows_of(package))

    assert found(a="from .b import B", b="import json") == []
    circle = [["house.a", "house.b"]]
    assert found(a="from .b import B", b="from .a import A") == circle
    assert found(a="from . import b", b="def f():\n    from house.a import A") == circle
    assert found(a="try:\n    import house.b\nexcept ImportError:\n    pass", b="from house import a") == circle
    only = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .a import A"
    assert found(a="from .b import B", b=only) == []
    assert found(a="from .b import B", b=f"{only}\nelse:\n    from .a import A") == circle
    assert found(a="import house", b="") == [["house", "house.a"]]
