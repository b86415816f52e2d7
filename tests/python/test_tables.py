from __future__ import annotations

import copy
import csv
import io
import json
import pickle
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from plain_site import plain_site

from confluence_access import ConfigurationError, Snapshot, records
from confluence_access.escapes import width_of
from confluence_access.tables import Table

NOUNS = ["spaces", "contents", "users", "groups", "memberships", "space_permissions", "restrictions", "gaps"]


@pytest.fixture(scope="module")
def many() -> Snapshot:
    """More rows than one Arrow batch holds."""
    contents = {f"{number:06}": {"type": "page", "space": "S", "title": f"Page {number}"} for number in range(150_000)}
    return Snapshot.from_dict({"spaces": {"S": {}}, "contents": contents})


def test_a_table_is_read_like_a_list(snapshot: Snapshot) -> None:
    contents = snapshot.contents
    rows = list(contents)
    assert len(contents) == len(rows) == 6
    assert contents[0] == rows[0]
    assert contents[-1] == rows[-1]
    assert isinstance(contents[0], records.Content)
    assert [row.id for row in reversed(contents)] == [row.id for row in reversed(rows)]
    assert rows[2] in contents
    other: object = snapshot.users[0]
    assert other not in contents
    assert contents.index(rows[3]) == 3
    assert contents.count(rows[3]) == 1
    assert next(row for row in contents if row.type == "folder").id == "5"


@pytest.mark.parametrize("index", [6, -7, 10**30])
def test_an_index_past_the_end_is_an_index_error(snapshot: Snapshot, index: int) -> None:
    with pytest.raises(IndexError):
        snapshot.contents[index]


@pytest.mark.parametrize(
    "cut", [slice(None, 2), slice(2, None), slice(-2, None), slice(1, -1), slice(4, 2), slice(0, 99), slice(9, 12)]
)
def test_a_slice_is_a_table_of_the_same_rows(snapshot: Snapshot, cut: slice) -> None:
    part = snapshot.contents[cut]
    assert isinstance(part, Table)
    assert list(part) == list(snapshot.contents)[cut]
    assert part.gaps == snapshot.contents.gaps
    assert part.to_polars().height == len(part)


@pytest.mark.parametrize("cut", [slice(None, None, 2), slice(None, None, -1), slice(5, 1, -3), slice(1, 0, 2)])
def test_a_slice_with_a_step_is_a_table(snapshot: Snapshot, cut: slice) -> None:
    part = snapshot.contents[cut]
    assert list(part) == list(snapshot.contents)[cut]
    assert part.gaps == snapshot.contents.gaps


def test_rows_are_filtered_by_values_lists_of_values_and_functions(snapshot: Snapshot) -> None:
    contents = snapshot.contents

    def ids(table: Table[records.Content]) -> list[str]:
        return [row.id for row in table]

    assert ids(contents.filter(space_key="~ann")) == ["6"]
    assert ids(contents.filter(type=["folder", "database"])) == ["5"]
    assert ids(contents.filter(title=None, type="page")) == ["3", "4", "6"]
    assert ids(contents.filter(lambda row: row.parent_id == "1", type="page")) == ["2"]
    assert ids(contents.filter(created_at=lambda at: at is not None)) == ["1"]
    assert ids(contents.filter(restrictions_verified=True)) == ["5"]
    assert ids(contents.filter(shared_with="group:eng")) == ["4"]
    assert ids(contents.filter(shared_with=["group:none", "user:bob"])) == ["4"]
    assert ids(contents.filter(shared_with=None)) == ["1", "2", "3", "5", "6"]
    assert contents.filter() == contents
    assert contents.filter(id="none").gaps == contents.gaps


def test_a_condition_that_could_never_be_met_is_an_error(snapshot: Snapshot) -> None:
    with pytest.raises(KeyError, match="did you mean `space_key`"):
        snapshot.contents.filter(space_keys="ENG")
    with pytest.raises(TypeError, match="`restrictions_verified` is true or false, not `str`"):
        snapshot.contents.filter(restrictions_verified="yes")
    with pytest.raises(TypeError, match="`id` is text, not `int`"):
        snapshot.contents.filter(id=[1, 2])


def test_rows_are_sorted_and_null_comes_last(snapshot: Snapshot) -> None:
    def titles(table: Table[records.Content]) -> list[str | None]:
        return [row.title for row in table]

    by_title = snapshot.contents.sort("title")
    assert titles(by_title)[:3] == ["Home", "Plans & <i>dates</i>", None]
    assert titles(snapshot.contents.sort("title", descending=True))[:3] == ["Plans & <i>dates</i>", "Home", None]
    assert [row.id for row in by_title][2:] == ["3", "4", "5", "6"]
    by_space = snapshot.contents.sort("space_key", "id", descending=True)
    assert [row.id for row in by_space] == ["6", "5", "4", "3", "2", "1"]
    assert by_space.gaps == snapshot.contents.gaps
    with pytest.raises(KeyError, match="no column `nope`"):
        snapshot.contents.sort("nope")
    with pytest.raises(TypeError, match="needs the name of a column"):
        snapshot.contents.sort()


def test_head_and_tail_are_the_ends(snapshot: Snapshot) -> None:
    rows = list(snapshot.contents)
    assert list(snapshot.contents.head(2)) == rows[:2]
    assert list(snapshot.contents.head(-2)) == rows[:-2]
    assert list(snapshot.contents.tail(2)) == rows[-2:]
    assert list(snapshot.contents.tail(-2)) == rows[2:]
    assert list(snapshot.contents.tail(0)) == []
    assert len(snapshot.contents.head()) == 5


def test_some_columns_are_a_table_of_smaller_records(snapshot: Snapshot) -> None:
    some = snapshot.contents.select("title", "id")
    assert some.columns == ["title", "id"]
    assert some == snapshot.contents[["title", "id"]]
    assert some[0].to_dict() == {"title": "Home", "id": "1"}
    assert some[0] != snapshot.contents[0]
    assert some[0] == snapshot.contents.select("title", "id")[0]
    assert pickle.loads(pickle.dumps(some)) == some
    assert pickle.loads(pickle.dumps(some[0])) == some[0]
    assert list(some.to_pandas().columns) == some.to_polars().columns == ["title", "id"]
    assert some.filter(id="2").sort("title")["title"] == ["Plans & <i>dates</i>"]
    with pytest.raises(AttributeError):
        some[0].space_key  # noqa: B018
    with pytest.raises(KeyError, match="did you mean `title`"):
        snapshot.contents.select("titel")
    with pytest.raises(ValueError, match="selected twice"):
        snapshot.contents.select("id", "id")


HOSTILE = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "\uff1d1", "plain", 'quo"te, and comma', "\x1b[2J"]


def _hostile() -> Snapshot:
    contents = {f"{at:02}": {"type": "page", "space": "S", "title": title} for at, title in enumerate(HOSTILE)}
    return Snapshot.from_dict({"spaces": {"S": {}}, "contents": contents})


def test_a_csv_has_every_value_and_no_formula(snapshot: Snapshot, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(_hostile().contents.to_csv(), newline="")))
    for title, row in zip(HOSTILE, rows, strict=True):
        assert row["title"].removeprefix("'") == title
        assert not row["title"].startswith(tuple("=+-@\t\r\n\uff1d"))
    path = tmp_path / "contents.csv"
    assert snapshot.contents.to_csv(path, separator=";") is None
    read = list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline=""), delimiter=";"))
    assert read[0]["created_at"] == "2026-01-02T03:04:05.678901Z"
    assert read[3]["shared_with"] == "user:bob; group:eng"
    assert (read[1]["public_link"], read[0]["author_id"]) == ("true", "")


def test_json_is_what_to_dicts_returns(snapshot: Snapshot, tmp_path: Path) -> None:
    rows = json.loads(snapshot.contents.to_json())
    expected = snapshot.contents.to_dicts()
    expected[0]["created_at"] = "2026-01-02T03:04:05.678901Z"
    assert rows == expected
    path = tmp_path / "contents.jsonl"
    snapshot.contents.to_json(path, lines=True)
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == rows


def test_a_parquet_file_is_the_table_and_is_written_whole_or_not_at_all(snapshot: Snapshot, tmp_path: Path) -> None:
    path = tmp_path / "contents.parquet"
    path.write_bytes(b"before")
    snapshot.contents.to_parquet(path)
    assert pq.read_table(path).equals(snapshot.contents.to_arrow())
    missing = tmp_path / "missing"
    with pytest.raises(FileNotFoundError):
        snapshot.contents.to_parquet(missing / "contents.parquet")
    with pytest.raises(OSError):
        snapshot.contents.to_parquet(tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_an_excel_file_has_every_value_and_no_formula(snapshot: Snapshot, tmp_path: Path) -> None:
    path = tmp_path / "contents.xlsx"
    _hostile().contents.to_excel(path)
    sheet = openpyxl.load_workbook(path)["Content"]
    titles = [sheet.cell(row, 3) for row in range(2, len(HOSTILE) + 2)]
    assert sheet.cell(1, 3).value == "title"
    assert {cell.data_type for cell in titles} == {"s"}
    assert [cell.value for cell in titles][:4] == HOSTILE[:4]
    assert titles[-1].value == r"\x1b[2J"
    snapshot.contents.to_excel(path)
    assert openpyxl.load_workbook(path)["Content"].cell(2, 9).value == datetime(2026, 1, 2, 3, 4, 5, 679000)


def test_an_excel_file_that_cannot_hold_the_rows_is_refused(tmp_path: Path) -> None:
    contents = {"1": {"type": "page", "space": "S", "title": "x" * 40_000}}
    long = Snapshot.from_dict({"spaces": {"S": {}}, "contents": contents}).contents
    with pytest.raises(ConfigurationError, match="does not fit a cell"):
        long.to_excel(tmp_path / "long.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_slices_cross_the_seams_of_batches(many: Snapshot) -> None:
    contents = many.contents
    assert len(contents) == 150_000
    for start in (0, 65_535, 65_536, 131_071, 149_999):
        part = contents[start : start + 3]
        assert [row.id for row in part] == [f"{number:06}" for number in range(start, min(start + 3, 150_000))]
        assert contents[start].id == f"{start:06}"
    middle = contents[60_000:140_000]
    assert middle[100].id == "060100"
    assert middle == contents[60_000:140_000]
    assert middle != contents[60_001:140_001]
    # The same rows cut into other batches.
    assert pickle.loads(pickle.dumps(middle)) == middle
    assert middle.to_polars()["id"].to_list() == [f"{number:06}" for number in range(60_000, 140_000)]


@pytest.mark.parametrize("noun", NOUNS)
def test_a_table_can_be_pickled_copied_and_compared(snapshot: Snapshot, noun: str) -> None:
    table = getattr(snapshot, noun)
    for twin in (pickle.loads(pickle.dumps(table)), copy.copy(table), copy.deepcopy(table)):
        assert twin == table
        assert list(twin) == list(table)
        assert twin.gaps == table.gaps
    assert table != list(table)
    assert table != table[1:]
    with pytest.raises(TypeError, match="unhashable"):
        hash(table)


def test_tables_of_different_records_are_not_equal(snapshot: Snapshot) -> None:
    assert snapshot.users[:0] != snapshot.groups[:0]


def test_a_table_that_misses_something_is_not_equal_to_one_that_does_not(snapshot: Snapshot) -> None:
    site = plain_site()
    del site["gaps"]
    assert list(Snapshot.from_dict(site).contents) == list(snapshot.contents)
    assert Snapshot.from_dict(site).contents != snapshot.contents


def test_a_table_knows_its_gaps(snapshot: Snapshot) -> None:
    assert not snapshot.contents.complete
    assert [(gap.scope, gap.subject, gap.status) for gap in snapshot.contents.gaps] == [("space", "HR", 403)]
    # The contents of a space that were not listed may have restrictions.
    assert {gap.subject for gap in snapshot.restrictions.gaps} == {"3", "HR"}
    assert snapshot.spaces.complete
    assert len(snapshot.spaces.gaps) == 0
    assert snapshot.contents.gaps.complete


@pytest.mark.parametrize(
    ("scope", "subject", "tables"),
    [
        ("site", "spaces", {"spaces", "contents", "space_permissions", "restrictions"}),
        ("site", "groups", {"groups", "memberships"}),
        ("site", "accounts", {"users"}),
        ("site", "anonymous", set()),
        ("site", "role_mode", {"space_permissions"}),
        ("site", "nested_groups", {"memberships"}),
        ("site", "global_permissions", set()),
        ("site", "something new", set(NOUNS) - {"gaps"}),
        ("space", "HR", {"contents", "restrictions"}),
        ("space_permissions", "HR", {"space_permissions"}),
        ("content", "7", {"restrictions"}),
        ("group", "eng", {"memberships"}),
        ("user", "ann", {"users"}),
    ],
)
def test_a_gap_stands_in_the_tables_whose_rows_may_be_missing(scope: str, subject: str, tables: set[str]) -> None:
    gaps = [{"scope": scope, "subject": subject, "cause": "forbidden", "message": "not readable"}]
    snapshot = Snapshot.from_dict({"gaps": gaps})
    assert {noun for noun in NOUNS if not getattr(snapshot, noun).complete} == tables
    assert len(snapshot.gaps) == 1


def test_times_are_in_utc_to_the_microsecond(snapshot: Snapshot) -> None:
    created = snapshot.contents[0].created_at
    assert created == datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    assert created is not None
    assert created.utcoffset() == timedelta(0)
    assert snapshot.contents[1].created_at is None


def test_nested_groups_are_followed_with_the_way(snapshot: Snapshot) -> None:
    ways = {(row.group_id, row.user_id): row.path for row in snapshot.memberships}
    assert ways[("all", "cat")] is None
    assert ways[("all", "ann")] == "eng"
    assert ways[("all", "bob")] == "eng > platform"
    assert ways[("platform", "ann")] == "eng"
    assert len(ways) == len(snapshot.memberships) == 7


def test_to_dicts_gives_plain_data(snapshot: Snapshot) -> None:
    dicts = snapshot.contents.to_dicts()
    assert len(dicts) == 6
    assert list(dicts[0]) == snapshot.contents.columns
    assert dicts[3]["shared_with"] == ["user:bob", "group:eng"]
    json.dumps(snapshot.users.to_dicts())


@pytest.mark.parametrize("noun", NOUNS)
def test_polars_pyarrow_and_duckdb_read_what_the_rows_say(snapshot: Snapshot, noun: str) -> None:
    rows = getattr(snapshot, noun)
    expected = rows.to_dicts()
    assert expected
    for frame in (pl.DataFrame(rows), rows.to_polars()):
        assert frame.to_dicts() == expected
    arrow = rows.to_arrow()
    assert isinstance(arrow, pa.Table)
    assert arrow.to_pylist() == expected
    relation = duckdb.sql("select * from rows")
    assert relation is not None
    assert relation.columns == rows.columns
    assert relation.to_arrow_table().to_pylist() == expected
    # Not a reader that is used up: the same object is read twice in one query.
    assert duckdb.execute("select count(*) from rows a, rows b").fetchall() == [(len(rows) ** 2,)]


def test_the_arrow_types_are_as_documented(snapshot: Snapshot) -> None:
    schema = snapshot.contents.to_arrow().schema
    assert schema.field("id").type == pa.string()
    assert schema.field("created_at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("shared_with").type == pa.list_(pa.string())
    assert schema.field("public_link").type == pa.bool_()
    assert snapshot.gaps.to_arrow().schema.field("status").type == pa.int64()
    assert not schema.field("id").nullable
    assert schema.field("title").nullable


DTYPES = {
    "contents": {
        "id": "str",
        "created_at": "datetime64[us, UTC]",
        "public_link": "boolean",
        "restrictions_verified": "bool",
        "parent_unknown": "bool",
    },
    "users": {"email": "str", "active": "boolean"},
    "gaps": {"status": "Int64", "message": "str"},
}


@pytest.mark.parametrize("noun", NOUNS)
def test_pandas_reads_what_the_rows_say(snapshot: Snapshot, noun: str) -> None:
    table = getattr(snapshot, noun)
    frame = table.to_pandas()
    assert list(frame.columns) == table.columns
    assert plain(frame) == table.to_dicts()
    for column, dtype in DTYPES.get(noun, {}).items():
        assert str(frame[column].dtype) == dtype
    assert plain(pd.DataFrame.from_arrow(table)) == table.to_dicts()


def test_a_column_of_flags_filters_even_where_nothing_is_known(snapshot: Snapshot) -> None:
    contents = snapshot.contents.to_pandas()
    assert contents[contents.public_link]["id"].to_list() == ["2"]


def plain(frame: Any) -> list[dict[str, Any]]:
    """A frame as `to_dicts` gives rows."""

    def value(cell: Any) -> Any:
        if isinstance(cell, pd.Timestamp):
            return cell.to_pydatetime()
        if isinstance(cell, (list, tuple, np.ndarray)):
            return list(cell)
        if pd.isna(cell):
            return None
        return cell.item() if hasattr(cell, "item") else cell

    return [{name: value(cell) for name, cell in row.items()} for row in frame.to_dict("records")]


WITHOUT = textwrap.dedent(
    """
    import sys, json
    from importlib.machinery import PathFinder

    class Without(PathFinder):
        @classmethod
        def find_spec(cls, name, path=None, target=None):
            if name.split(".")[0] in {blocked!r}:
                return None
            return super().find_spec(name, path, target)

    sys.meta_path[sys.meta_path.index(PathFinder)] = Without
    sys.path.insert(0, {here!r})
    from plain_site import plain_site
    from confluence_access import Snapshot
    snapshot = Snapshot.from_dict(plain_site())
    """
)


def without(blocked: list[str], code: str) -> Any:
    """Runs code in an interpreter where some packages cannot be found, and gives what it prints as JSON.

    The packages stay installed; the finder of modules does not find them, which is how their absence looks from inside.
    """
    start = WITHOUT.format(blocked=blocked, here=str(Path(__file__).parent))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", start + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("noun", NOUNS)
def test_pandas_is_the_same_without_pyarrow(snapshot: Snapshot, noun: str, tmp_path: Path) -> None:
    path = tmp_path / "frame.pickle"
    told = without(
        ["pyarrow"],
        f"""
        frame = snapshot.{noun}.to_pandas()
        assert "pyarrow" not in sys.modules
        frame.astype(object).to_pickle({str(path)!r})
        empty = snapshot.{noun}[:0].to_pandas()
        print(json.dumps([[str(t) for t in frame.dtypes], [str(t) for t in empty.dtypes], list(empty.columns)]))
        """,
    )
    table = getattr(snapshot, noun)
    expected = table.to_pandas()
    types = [str(dtype) for dtype in expected.dtypes]
    assert told == [types, types, table.columns]
    assert [str(dtype) for dtype in table[:0].to_pandas().dtypes] == types
    assert plain(pd.read_pickle(path)) == plain(expected) == table.to_dicts()


def test_polars_and_duckdb_read_tables_without_pyarrow(snapshot: Snapshot) -> None:
    told = without(
        ["pyarrow", "pandas"],
        """
        import polars, duckdb
        contents = snapshot.contents
        print(json.dumps([
            polars.DataFrame(contents)["title"].to_list(),
            [title for title, in duckdb.sql("select title from contents").fetchall()],
            contents.to_polars().height,
        ]))
        """,
    )
    titles = [row.title for row in snapshot.contents]
    assert told == [titles, titles, len(titles)]


def test_what_is_not_installed_is_named_with_the_remedy() -> None:
    told = without(
        ["pyarrow", "pandas", "polars"],
        """
        said = []
        for way in ("to_arrow", "to_pandas", "to_polars"):
            try:
                getattr(snapshot.spaces, way)()
            except ImportError as error:
                said.append(str(error))
        print(json.dumps(said))
        """,
    )
    assert told == [
        "`to_arrow` needs pyarrow: pip install pyarrow",
        "`to_pandas` needs pandas: pip install 'confluence-access[pandas]'",
        "`to_polars` needs polars: pip install 'confluence-access[polars]'",
    ]


def test_threads_can_read_the_same_tables_at_once() -> None:
    for _ in range(5):
        fresh = Snapshot.from_dict(plain_site())

        def read(number: int, fresh: Snapshot = fresh) -> tuple[list[Any], list[str]]:
            nouns = NOUNS[number % len(NOUNS) :] + NOUNS[: number % len(NOUNS)]
            rows = {noun: list(getattr(fresh, noun)) for noun in nouns}
            access = fresh.access()
            answers = [access.can(user, "view", content) for user in fresh.users for content in fresh.contents]
            return [rows[noun] for noun in NOUNS], [str(answer) for answer in answers]

        with ThreadPoolExecutor(8) as pool:
            seen = list(pool.map(read, range(16)))
        assert all(one == seen[0] for one in seen)


def test_a_table_reads_well_as_text(snapshot: Snapshot) -> None:
    text = repr(snapshot.contents)
    lines = text.splitlines()
    assert lines[0] == "Table[Content]: 6 rows, 1 gap: see .gaps"
    assert lines[1].split()[:4] == ["title", "id", "type", "status"]
    assert lines[-1].startswith("not shown: ")
    assert {"modified_at", "source"} <= set(lines[-1].removeprefix("not shown: ").split(", "))
    assert len(lines) == 9
    assert max(map(len, lines)) <= 120
    assert repr(snapshot.groups[:1]).startswith("Table[Group]: 1 row, complete")
    assert repr(snapshot.spaces[:0]) == "Table[Space]: 0 rows, complete"


def test_a_long_sentence_gives_way_before_a_column_is_dropped() -> None:
    site: dict[str, Any] = {
        "users": {"ann": {"name": "安娜"}, "bob": {"name": "Bob Lindqvist-Abernathy of Stockholm"}},
        "groups": {"an-engineering-group-with-a-long-name": {"members": ["user:ann", "user:bob"]}},
        "spaces": {"ENG": {"grants": {"group:an-engineering-group-with-a-long-name": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "ENG", "title": "The remediation plan of the third quarter"}},
    }
    older = Snapshot.from_dict(site)
    site["groups"]["an-engineering-group-with-a-long-name"]["members"].clear()
    changes = Snapshot.from_dict(site).diff(older, "view")
    _, head, *rows, hidden = repr(changes).splitlines()
    assert head.split()[-1] == "cause"
    assert "subject_id" in hidden
    assert len(rows) == 2
    for row in rows:
        assert row.endswith("…")
        assert width_of(row) == 120
        at = width_of(row[: row.index("denied")])
        assert head.index("after") == at


def test_a_long_table_is_cut_in_text_and_html(many: Snapshot) -> None:
    assert repr(many.contents).splitlines()[-1] == "… 149990 more"
    html = many.contents._repr_html_()
    assert html.count("<tr>") == 21
    assert "150000 rows, the first 20 shown; complete" in html


def test_html_is_escaped_and_says_what_is_missing(snapshot: Snapshot) -> None:
    html = snapshot.contents._repr_html_()
    assert "Plans &amp; &lt;i&gt;dates&lt;/i&gt;" in html
    assert "<i>" not in html
    assert "6 rows; 1 gap: see .gaps" in html
    assert "Bob &lt;b&gt;Bold&lt;/b&gt;" in snapshot.users._repr_html_()


@pytest.mark.parametrize("make", [lambda t: t.column("colour"), lambda t: t[object()]], ids=["column", "index"])
def test_asking_for_what_is_not_there_is_an_error(snapshot: Snapshot, make: Callable[[Any], Any]) -> None:
    with pytest.raises((KeyError, AttributeError, TypeError)):
        make(snapshot.contents)


def test_core_classes_name_the_module_they_live_in(snapshot: Snapshot) -> None:
    for thing in (snapshot._core, snapshot.spaces._core, snapshot.access()._core):
        assert type(thing).__module__ == "confluence_access._core"


def test_a_column_is_asked_for_by_its_name(snapshot: Snapshot) -> None:
    assert snapshot.contents["title"] == snapshot.contents.column("title")
    with pytest.raises(KeyError, match="did you mean `title`"):
        snapshot.contents["titel"]


def test_html_shows_one_line_a_row_names_first_and_folds_what_is_empty(snapshot: Snapshot) -> None:
    html = snapshot.contents._repr_html_()
    assert html.index("<bdi>title</bdi>") < html.index("<bdi>id</bdi>")
    assert "<bdi>author_id</bdi>" in html
    assert "<bdi>source</bdi>" not in html
    assert "not shown: modified_at, url, source" in html
    decided = snapshot.access().who_can("view", "1")._repr_html_()
    assert '<td class="allowed">' in decided
