"""Where each contender runs: an environment of its own, made once in `target/bench`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PLACE = ROOT / "target" / "bench"


@dataclass(frozen=True)
class Contender:
    """A script of `peers`, with what it needs and how it is run."""

    script: str
    mode: str = ""
    packages: tuple[str, ...] = ()
    # How many requests it sends for each page: a site of many pages is read in part, and the line says so.
    per_page: bool = False

    def command(self) -> list[str]:
        """How it is started, after its environment was made where it was not there."""
        if self.script.endswith(".js"):
            return [_node(self.packages), str(PLACE / "node" / self.script)]
        python = _python(self.packages) if self.packages else sys.executable
        return [python, str(HERE / "peers" / self.script)]


NODE = json.loads((HERE.parent / "node" / "package.json").read_text())["dependencies"]
API = ("atlassian-python-api==4.0.7",)
CONTENDERS: dict[str, Contender] = {
    "confluence-access": Contender("ours.py"),
    "aiohttp + orjson, by hand": Contender("by_aiohttp.py", packages=("aiohttp>=3.13,<4", "orjson>=3.11,<4")),
    "httpx, by hand": Contender("by_httpx.py", packages=("httpx>=0.28,<1",)),
    "confluence.js": Contender("confluence_js.js", packages=tuple(f"{n}@{NODE[n]}" for n in ("confluence.js", "zod"))),
    "atlassian-python-api 4.0.7, bulk expand": Contender("atlassian_python_api.py", "bulk", API),
    "atlassian-python-api 5.0.5, bulk expand": Contender(
        "atlassian_python_api.py", "bulk", ("atlassian-python-api==5.0.5",)
    ),
    "atlassian-python-api 4.0.7, threads": Contender("atlassian_python_api.py", "threads", API, per_page=True),
    "atlassian-python-api 4.0.7, loop": Contender("atlassian_python_api.py", "loop", API, per_page=True),
    "unstructured-ingest": Contender(
        "by_unstructured.py", packages=("unstructured-ingest[confluence]>=1.11.23,<2", *API), per_page=True
    ),
}


def _python(packages: tuple[str, ...]) -> str:
    """The interpreter of an environment that holds these packages and nothing else."""
    name = "".join(c if c.isalnum() or c in ".-" else "_" for c in "+".join(packages))
    place = PLACE / name
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        print(f"making an environment for {', '.join(packages)}", file=sys.stderr)
        venv.create(place, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        (place / "ready").touch()
    return str(python)


def _node(packages: tuple[str, ...]) -> str:
    """Node.js, after the packages were put beside a copy of the script: it looks for them there."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise FileNotFoundError("install Node.js 20 or newer with npm")
    place = PLACE / "node"
    place.mkdir(parents=True, exist_ok=True)
    if not (place / "ready").exists():
        (place / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
        subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund", *packages], cwd=place, check=True)
        (place / "ready").touch()
    shutil.copy(HERE / "peers" / "confluence_js.js", place)
    return node
