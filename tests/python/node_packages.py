"""Packages of npm that tests use, in `tests/node`: installed when they are not there in the version that is wanted."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parents[1] / "node"
OLDEST_NODE = 20
REMEDY = "install Node.js 20 or newer with npm (https://nodejs.org); the tests need it, see README.md"


def install() -> str:
    """Puts the packages in place; returns the path of Node.js."""
    node, npm = shutil.which("node"), shutil.which("npm")
    assert node, f"there is no `node` on this machine: {REMEDY}"
    assert npm, f"there is no `npm` on this machine: {REMEDY}"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    assert int(version.lstrip("v").split(".")[0]) >= OLDEST_NODE, f"`node` is {version}: {REMEDY}"
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]
    if any(_installed(name) != exact for name, exact in wanted.items()):
        made = subprocess.run([npm, "install"], cwd=HERE, capture_output=True, text=True)
        assert made.returncode == 0, f"`npm install` in tests/node failed: {made.stderr or made.stdout}"
    assert {name: _installed(name) for name in wanted} == wanted
    return node


def _installed(name: str) -> str | None:
    """The version that is there."""
    package = HERE / "node_modules" / name / "package.json"
    return json.loads(package.read_text())["version"] if package.is_file() else None
