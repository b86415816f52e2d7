"""Access as data: audiences, rules for search indexes, and what changed between two snapshots."""

from __future__ import annotations

import copy
import pickle
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from plain_site import plain_site

from confluence_access import Acl, Snapshot, Table, errors
from confluence_access.access import Access
from confluence_access.types import RestrictionOperation

SITE: dict[str, Any] = {
    "users": {
        "ann": {"licensed": True},
        "bob": {"licensed": True},
        "gil": {"licensed": True, "guest": True},
        "old": {"licensed": True, "active": False},
        "cus": {"licensed": False},
    },
    "groups": {
        "eng": {"members": ["user:ann", "user:old", "user:cus"]},
        "ops": {"members": ["user:bob", "user:gil"]},
        "clean": {"members": ["user:ann"]},
    },
    "spaces": {
        "ENG": {"grants": {"group:eng": ["view", "create_page"], "group:ops": ["view"]}},
        "OPEN": {"grants": {"user:ann": ["view"], "user:bob": ["view"], "group:ops": ["view"]}},
        "TIDY": {"grants": {"group:clean": ["view"]}},
    },
    "contents": {
        "1": {"type": "page", "space": "ENG"},
        "2": {"type": "page", "space": "ENG", "parent": "1"},
        "3": {"type": "page", "space": "OPEN"},
        "4": {"type": "page", "space": "TIDY"},
        "5": {"type": "page", "space": "TIDY", "status": "trashed"},
    },
    "restrictions": {"1": {"view": ["group:eng", "user:gil"]}, "2": {"view": ["user:ann", "user:gil"]}},
}


@pytest.fixture(scope="module")
def access() -> Access:
    return Snapshot.from_dict(SITE).access()


def entries(snapshot: Snapshot) -> dict[str, set[str]]:
    """What each account is listed as, by the rows of the snapshot alone."""
    listed: dict[str, set[str]] = defaultdict(set)
    for user in snapshot.users:
        listed[user.id].add(f"user:{user.id}")
        if user.active is not False and user.licensed is not False:
            listed[user.id].add("class:site-users")
    for row in snapshot.memberships:
        listed[row.user_id].add(f"group:{row.group_id}")
    return listed


def passing(snapshot: Snapshot, row: Acl) -> set[str]:
    return {who for who, listed in entries(snapshot).items() if all(listed & set(one) for one in row.all_of)}


def test_rows_that_are_made_when_they_are_looked_at_are_the_same_in_streams_files_and_tables(
    access: Access, tmp_path: Path
) -> None:
    newer = Snapshot.from_dict(plain_site()).access()
    tables: list[Callable[[], Table[Any]]] = [
        lambda: access.acl("view"),
        lambda: access.audiences("edit"),
        lambda: access.space_access(),
        lambda: access.exposure(),
        lambda: newer.acl_changes(access),
    ]
    for number, table in enumerate(tables):
        made = table()
        expected = made[: len(made)].to_arrow()
        assert expected.num_rows > 0
        path = tmp_path / f"{number}.parquet"
        table().to_parquet(path)
        assert pq.read_table(path).equals(expected)
        assert pa.RecordBatchReader.from_stream(table()).read_all().equals(expected)
        rows = table()
        counted = duckdb.sql("select count(*) from rows")
        assert counted is not None
        assert counted.fetchall() == [(expected.num_rows,)]
        assert pickle.loads(pickle.dumps(table())) == made == table()
        assert (rows[0], rows.columns, rows.complete) == (made[0], made.columns, made.complete)


@pytest.mark.parametrize("operation", ["view", "edit"])
def test_the_rule_of_a_page_lets_in_whom_can_allows(access: Access, operation: RestrictionOperation) -> None:
    rows = access.acl(operation)
    assert [row.content_id for row in rows] == ["1", "2", "3", "4"]
    audiences = {row.audience_id: row for row in access.audiences(operation)}
    for row in rows:
        assert row.complete
        allowed = {user.id for user in access.snapshot.users if access.can(user, operation, row.content_id)}
        assert passing(access.snapshot, row) == allowed == set(audiences[row.audience_id].users)
        assert access.who_can(operation, row) == access.who_can(operation, row.content_id)
    assert sum(audience.contents for audience in audiences.values()) == 4


def test_a_layer_of_site_users_stands_only_where_it_is_needed(access: Access) -> None:
    rows = {row.content_id: row for row in access.acl()}
    assert ("class:site-users",) in rows["1"].all_of
    assert rows["2"].all_of == (("group:eng", "group:ops"), ("group:eng", "user:gil"), ("user:ann", "user:gil"))
    assert rows["4"].all_of == (("group:clean",),)
    assert (rows["3"].everyone, rows["1"].everyone) == (True, False)


def test_a_page_with_an_unknown_reader_is_not_complete(snapshot: Snapshot) -> None:
    rows = {row.content_id: row for row in snapshot.access().acl("view")}
    assert not rows["3"].complete
    assert rows["6"].complete
    assert rows["1"].anonymous
    unknown = {row.audience_id: row.unknown for row in snapshot.access().audiences()}
    assert unknown[rows["6"].audience_id] == 0
    assert unknown[rows["3"].audience_id] > 0


def test_ids_and_hashes_are_those_of_every_machine(access: Access) -> None:
    other = copy.deepcopy(SITE)
    for table in ("users", "groups", "spaces", "contents"):
        other[table] = dict(reversed(other[table].items()))
    shuffled = Snapshot.from_dict(other).access()
    assert sorted(access.acl(), key=lambda row: row.content_id) == sorted(
        shuffled.acl(), key=lambda row: row.content_id
    )
    assert access.audiences() == shuffled.audiences()
    one = Snapshot.from_dict(
        {
            "users": {"ann": {}},
            "spaces": {"S": {"grants": {"user:ann": ["view"]}}},
            "contents": {"1": {"type": "page", "space": "S"}},
        }
    )
    row = one.access().acl()[0]
    assert (row.audience_id, row.hash) == ("006986179d7a661bd025dec712d0fe3b", "a08afd52f48770ca47b07bb945c98e94")


def test_only_what_changed_is_written_again(access: Access) -> None:
    later = copy.deepcopy(SITE)
    later["groups"]["clean"]["members"] = ["user:ann", "user:bob"]
    later["contents"]["3"]["status"] = "trashed"
    later["contents"]["6"] = {"type": "page", "space": "OPEN"}
    newer = Snapshot.from_dict(later).access()
    rows = newer.acl_changes(access)
    assert [(row.change, row.content_id) for row in rows] == [("changed", "4"), ("added", "6"), ("removed", "3")]
    assert rows[2].all_of == ((),)
    assert len(newer.acl_changes(newer)) == len(access.acl_changes(access, "edit")) == 0
    with pytest.raises(errors.ConfigurationError, match=r"write `newer.acl_changes\(older\)`"):
        newer.acl_changes(access.snapshot)  # type: ignore[arg-type]


def test_lists_of_lists_reach_every_reader(access: Access) -> None:
    rows = access.acl()
    expected = [[list(one) for one in row.all_of] for row in rows]
    assert [row["all_of"] for row in rows.to_dicts()] == expected
    assert pa.table(rows).column("all_of").to_pylist() == expected
    assert pl.DataFrame(rows)["all_of"].to_list() == expected
    assert rows.to_pandas()["all_of"].tolist() == expected
    assert rows._pandas_from_columns(__import__("pandas"))["all_of"].tolist() == expected
    assert [value for (value,) in duckdb.execute("select all_of from rows").fetchall()] == expected
    assert pickle.loads(pickle.dumps(rows)) == rows
    assert hash(rows[0]) == hash(pickle.loads(pickle.dumps(rows[0])))
    assert "(group:eng or group:ops) and" in rows._repr_html_()


@pytest.mark.parametrize("word", ["comment", "reed"])
def test_other_operations_are_refused(access: Access, word: Any) -> None:
    for ask in (access.acl, access.audiences, lambda word: access.acl_changes(access, word)):
        with pytest.raises(errors.ConfigurationError, match=f"`{word}`"):
            ask(word)


def test_a_small_site_has_a_row_for_every_content_outside_the_trash() -> None:
    access = Snapshot.from_dict(plain_site()).access()
    assert len(access.acl("view")) == len(access.acl("edit")) == len(access.snapshot.contents)
