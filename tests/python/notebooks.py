"""Runs the notebooks of docs and writes their outputs into them: `python tests/python/notebooks.py`."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs").glob("*.ipynb"))

# What differs between two runs: the port of the simulator, and the time.
UNSTABLE = (
    (re.compile(r"http://127\.0\.0\.1:\d+"), "http://127.0.0.1:8090"),
    (re.compile(r"\b20\d\d-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d+)?)? UTC"), "2026-11-28 09:00 UTC"),
)


def stable(value: Any) -> Any:
    """The same text in every run."""
    if isinstance(value, dict):
        return {key: stable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [stable(part) for part in value]
    if isinstance(value, str):
        for pattern, instead in UNSTABLE:
            value = pattern.sub(instead, value)
    return value


def executed(path: Path, folder: Path) -> Any:
    """The notebook after a run in `folder`, without what differs between two runs."""
    notebook = nbformat.read(path, as_version=4)
    settings = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, record_timing=False, store_widget_state=False, resources=settings).execute()
    notebook.metadata.language_info = {"name": "python"}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            # Progress is written to standard error, or is a widget where a call takes longer than half a second.
            kept = [
                part
                for part in cell.outputs
                if part.get("name") != "stderr"
                and "application/vnd.jupyter.widget-view+json" not in part.get("data", {})
            ]
            cell.outputs = [nbformat.from_dict(stable(part)) for part in kept]
    return notebook


def main() -> None:
    """Writes every notebook."""
    for path in NOTEBOOKS:
        with tempfile.TemporaryDirectory() as folder:
            text = nbformat.writes(executed(path, Path(folder)), indent=1)
        path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
