"""The commands about time: `diff`, `compare`, `history` and `--as-of`."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from confluence_access import Confluence, Simulator, Snapshot
from confluence_access.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Simulator, Path, str]]:
    """A site, the folder with its snapshots before and after a page was restricted, and a reader who lost it."""
    folder = tmp_path_factory.mktemp("past")
    with Simulator(pages=60) as simulator, simulator.connect() as wiki:
        older = wiki.snapshot()
        older.save(folder / "older")
        page = older.content("On-call Handbook")
        time.sleep(0.02)
        wiki.restrict(page, "view", [f"user:{wiki.server().account_id}"])
        time.sleep(0.02)
        newer = wiki.snapshot()
        newer.save(folder / "newer")
        reader = next(
            row
            for row in newer.diff(older, "view")
            if row.content_id == page.id and row.subject_type == "user" and row.after == "denied"
        )
        yield simulator, folder, f"user:{reader.subject_id}"


@pytest.fixture
def run(site: tuple[Simulator, Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    simulator, folder, _ = site
    monkeypatch.setenv("CONFLUENCE_URL", simulator.url)
    monkeypatch.setenv("CONFLUENCE_USERNAME", simulator.username)
    monkeypatch.setenv("CONFLUENCE_API_TOKEN", simulator.token)
    monkeypatch.chdir(folder)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def records(wiki: Confluence, path: Path) -> str:
    path.write_text("\n".join(row.raw for row in wiki.audit()), encoding="utf-8")
    return str(path)


def test_diff_prints_who_lost_what_and_with_a_log_when(run: Run, site: tuple[Simulator, Path, str]):
    simulator, folder, _ = site
    code, out, _ = run("diff", "older", "newer", "--operation", "view", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert ("allowed", "denied") in {(row["before"], row["after"]) for row in rows}
    assert {(row["before"], row["cause_kind"]) for row in rows} == {("allowed", "restriction")}
    assert {row["cause_at"] for row in rows} == {""}
    with simulator.connect() as wiki:
        log = records(wiki, folder / "log.jsonl")
    code, out, _ = run("diff", "older", "newer", "--by", "group", "--log", log, "--format", "table")
    assert code == 0
    assert "the view restriction of" in out
    assert "Olga Petrova" in out
    assert run("diff", "newer", "newer", "--format", "table")[1] == "nobody's access changed\n"


def test_compare_takes_words_and_files_of_pairs(run: Run, site: tuple[Simulator, Path, str]):
    _, folder, _ = site
    code, out, err = run("compare", "older", "newer", "--users", "id", "--contents", "id", "--format", "json")
    assert code == 0
    assert json.loads(out)
    users = {row.id: row.id for row in Snapshot.load(folder / "older").users}
    (folder / "users.json").write_text(json.dumps(users), encoding="utf-8")
    (folder / "users.csv").write_text("\n".join(f"{id},{id}" for id in users), encoding="utf-8")
    for file in ("users.json", "users.csv"):
        assert run("compare", "older", "newer", "--users", file, "--contents", "id", "--format", "json")[1] == out
    code, out, _ = run("compare", "older", "newer", "--users", "email", "--unmatched", "--format", "json")
    assert code == 0
    assert {row["kind"] for row in json.loads(out)} >= {"user"}
    (folder / "wrong.csv").write_text("a,b,c", encoding="utf-8")
    code, _, err = run("compare", "older", "newer", "--users", "wrong.csv")
    assert code == 1
    assert "`wrong.csv` is not a CSV of two columns: `a,b,c`" in err
    code, _, err = run("compare", "older", "newer", "--users", "nowhere.csv")
    assert code == 1
    assert "invalid `users` `nowhere.csv`" in err


def test_history_and_as_of_ask_the_site_or_files(run: Run, site: tuple[Simulator, Path, str]):
    simulator, folder, reader = site
    asked = (reader, "view", "On-call Handbook")
    code, out, _ = run("history", *asked, "--since", "30d", "--format", "json")
    assert code == 0
    assert [row["decision"] for row in json.loads(out)][-2:] == ["allowed", "denied"]
    before = Snapshot.load(folder / "older").taken_at
    assert before is not None
    assert run("can", *asked)[0] == 1
    assert run("can", *asked, "--as-of", before.isoformat())[0] == 0
    with simulator.connect() as wiki:
        log = records(wiki, folder / "all.jsonl")
    saved = ("--snapshot", "newer", "--log", log)
    assert json.loads(run("history", *asked, *saved, "--format", "json")[1])[-1]["begun_change"] == "added"
    assert run("can", *asked, *saved, "--as-of", before.isoformat())[0] == 0
    assert run("can", *asked, *saved, "--as-of", "2001-01-01")[0] == 2
    code, _, err = run("who-can", "view", "On-call Handbook", *saved, "--as-of", "2999-01-01")
    assert code == 1
    assert "is after the snapshot was taken" in err


def test_what_is_no_snapshot_is_refused_as_everywhere(run: Run, site: tuple[Simulator, Path, str]):
    _, folder, reader = site
    (folder / "empty").mkdir()
    for arguments in (("diff", "empty", "newer"), ("diff", "older", "nothing"), ("compare", "older", "empty")):
        code, out, err = run(*arguments)
        assert (code, out) == (1, ""), arguments
        assert "empty" in err or "nothing" in err
    code, _, err = run("history", reader, "view", "On-call Handbook", "--as-of", "1d")
    assert code == 1
    assert "takes no `--as-of`" in err
