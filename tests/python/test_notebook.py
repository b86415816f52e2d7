"""The notebook runs from the first cell to the last."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs").glob("*.ipynb"))


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) >= 5
    assert all(not cell.outputs and cell.execution_count is None for cell in code), "outputs are not committed"
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    shown = [output for cell in code for output in cell.outputs]
    assert not [output for output in shown if output.output_type == "error"]
    html = [output for output in shown if "text/html" in output.get("data", {})]
    assert len(html) >= 3
    assert "not-a-real-token" not in nbformat.writes(notebook)


def test_there_are_notebooks():
    assert [path.stem for path in NOTEBOOKS] == [
        "before-an-assistant",
        "feed-a-search-index",
        "what-did-a-leaver-have",
        "who-can-see-what",
    ]
