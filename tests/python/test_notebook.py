"""The notebooks run from the first cell to the last, and hold the outputs of such a run."""

import re
import tempfile
from pathlib import Path

import nbformat
import notebooks
import pytest


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text(cell):
    """What a cell shows, as text. HTML is left to the version of pandas; ours is in the text too."""
    return [part.get("text") or part.get("data", {}).get("text/plain") for part in cell.outputs]


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", notebooks.NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_holds_the_outputs_of_a_run(path, tmp_path):
    kept, run = nbformat.read(path, as_version=4), notebooks.executed(path, tmp_path)
    assert len(code(run)) >= 5
    shown = [part for cell in code(run) for part in cell.outputs]
    assert not [part for part in shown if part.output_type == "error"]
    assert len([part for part in shown if "text/html" in part.get("data", {})]) >= 3
    for now, before in zip(code(run), code(kept), strict=True):
        assert text(now) == text(before), "run: python tests/python/notebooks.py"
        assert [set(part.get("data", {})) for part in now.outputs] == [
            set(part.get("data", {})) for part in before.outputs
        ]


@pytest.mark.parametrize("path", notebooks.NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_holds_no_secret_and_nothing_of_the_machine_it_ran_on(path, simulator):
    written = path.read_text(encoding="utf-8")
    assert simulator.token not in written
    assert "not-a-real-token" not in written
    for folder in (Path.home(), Path(__file__).parents[2], Path(tempfile.gettempdir())):
        assert str(folder) not in written or folder == Path("/")
    assert set(re.findall(r"127\.0\.0\.1:(\d+)", written)) <= {"8090"}
    assert '"iopub' not in written


def test_what_differs_between_two_runs_is_replaced():
    said = {"text": ["at http://127.0.0.1:40931", "data of 2026-11-28 20:14 UTC"]}
    assert notebooks.stable(said) == {"text": ["at http://127.0.0.1:8090", "data of 2026-11-28 09:00 UTC"]}


def test_there_are_notebooks():
    assert [path.stem for path in notebooks.NOTEBOOKS] == [
        "before-an-assistant",
        "feed-a-search-index",
        "what-did-a-leaver-have",
        "who-can-see-what",
        "who-lost-access",
    ]
