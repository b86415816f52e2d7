"""What is written from declarations says what the library declares."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import confluence_access
from confluence_access import _generate
from confluence_access._generate.__main__ import main


def test_every_generated_file_is_written_from_the_declarations() -> None:
    names = {path.name for path in _generate.files()}
    modules = {"_async.py", "explanation.py", "extender.py", "json_rpc.py", "records.py", "server.py", "types.py"}
    assert names == {*modules, "upstream.md", "decisions.md", "codes.md", "records.md", "permissions.md"}
    assert _generate.outdated() == [], "run: python -m confluence_access._generate"


def test_a_check_names_the_files_that_differ(monkeypatch, capsys) -> None:
    path = _generate.ROOT / "docs" / "codes.md"
    monkeypatch.setattr(_generate, "FILES", (lambda root: {root / "docs" / "codes.md": "another text"},))
    before = path.read_text(encoding="utf-8")
    assert main(["--check"]) == 1
    assert "docs/codes.md" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == before


def test_a_check_of_what_is_up_to_date_says_nothing(capsys) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr() == ("", "")


def test_the_generator_starts_where_the_package_cannot_be_imported(tmp_path) -> None:
    package = tmp_path / "python" / "confluence_access"
    shutil.copytree(Path(confluence_access.__file__).parent, package)
    with (package / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("from .records import NotWrittenYet\n")
    run = [sys.executable, "-P", str(package / "_generate"), "--check"]
    done = subprocess.run(run, capture_output=True, text=True, check=False, cwd=tmp_path)
    # It stops at the missing Cargo.toml, not at the import.
    assert (done.returncode, done.stderr) == (
        2,
        "this needs a checkout of confluence-access with an editable install\n",
    )
