"""Snapshots and changes loaded by dlt into a real DuckDB."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pyarrow as pa
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from confluence_access import Confluence, Simulator, Snapshot, errors
from confluence_access import dlt as source
from confluence_access.dlt import TABLES, access_source

# dlt itself, about its future.
pytestmark = pytest.mark.filterwarnings("default")


class Warehouse:
    """A pipeline into a file of DuckDB, and questions to it."""

    def __init__(self, folder: Path) -> None:
        self._file = str(folder / "warehouse.duckdb")
        self._pipeline = dlt.pipeline(
            "confluence",
            pipelines_dir=str(folder / "pipelines"),
            destination=dlt.destinations.duckdb(self._file),
            dataset_name="access",
        )

    def load(self, made: Any) -> None:
        self._pipeline.run(made).raise_on_failed_jobs()

    def refuse(self, made: Any) -> BaseException:
        """The error of a load, from which nothing arrives."""
        before = self.counts()
        with pytest.raises(PipelineStepFailed) as caught:
            self.load(made)
        assert self.counts() == before
        self._pipeline.abort_packages()
        error: BaseException | None = caught.value
        while error is not None and not isinstance(error, errors.ConfluenceError):
            error = error.__cause__ or error.__context__
        assert error is not None
        return error

    def counts(self) -> dict[str, int]:
        if not Path(self._file).exists():
            return {}
        return {name: self.ask(f"select count(*) from {name}")[0][0] for name in self.tables()}

    def tables(self) -> list[str]:
        found = self.ask("select table_name from information_schema.tables where table_schema = 'access'")
        return sorted(name for (name,) in found if not name.startswith("_dlt"))

    def ask(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(self._file) as connection:
            connection.execute("use access").execute("set timezone = 'UTC'")
            return connection.execute(question, list(values)).fetchall()

    def rows(self, name: str, columns: list[str], where: str = "true", *values: Any) -> list[tuple[Any, ...]]:
        quoted = ", ".join(f'"{column}"' for column in columns)
        return _sorted(self.ask(f"select {quoted} from {name} where {where}", *values))


def _sorted(rows: Any) -> list[tuple[Any, ...]]:
    return sorted((tuple(_plain(value) for value in row) for row in rows), key=repr)


def _plain(value: Any) -> Any:
    """Lists arrive as JSON, times in the zone of the reader."""
    if isinstance(value, list | tuple):
        return json.loads(json.dumps(value))
    if isinstance(value, str) and value.startswith("["):
        return json.loads(value)
    return value.astimezone(UTC).replace(tzinfo=UTC) if isinstance(value, datetime) else value


def expected(snapshot: Snapshot, name: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of a table, as the package itself returns them."""
    access = snapshot.access()
    if name == "pairs":
        found = [(row.user_id, row.content_id, word) for word in ("view", "edit") for row in access.pairs(word)]
        return ["user_id", "content_id", "operation"], _sorted(found)
    if name in ("acl", "audiences"):
        tables = [getattr(access, name)(word) for word in ("view", "edit")]
    else:
        tables = [getattr(access, name)() if name in ("space_access", "findings") else getattr(snapshot, name)]
    columns = [column for column in tables[0].columns if column != "source"]
    return columns, _sorted(
        row for table in tables for row in zip(*(table.column(column) for column in columns), strict=True)
    )


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(pages=60, spaces=4, page_cap=50) as simulator:
        yield simulator


@pytest.fixture
def wiki(simulator: Simulator) -> Iterator[Confluence]:
    with simulator.connect() as wiki:
        yield wiki


def at(when: int, *, restrictions: dict[str, Any] | None = None, base: str = "https://acme.example") -> Snapshot:
    """A small site as it was read at some hour of a day."""
    from confluence_access._core import Snapshot as Core

    site = {
        "users": {"ann": {}, "bob": {}},
        "groups": {"eng": {"members": ["user:ann", "user:bob"]}},
        "spaces": {"ENG": {"grants": {"group:eng": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "ENG", "title": "Plan"}},
        "restrictions": restrictions or {},
    }
    facts, files = Snapshot.from_dict(site)._core.parts(False)
    known = json.loads(facts)
    known["taken_at"] = f"2026-11-21T{when:02}:00:00Z"
    known["site"]["base_url"] = base
    return Snapshot(Core.from_parts(json.dumps(known), files))


# Tables


def test_every_table_arrives_as_the_package_returns_it(warehouse: Warehouse, wiki: Confluence) -> None:
    snapshot = wiki.snapshot()
    warehouse.load(access_source(snapshot, pairs=True))
    assert warehouse.tables() == sorted([*TABLES, "snapshots"])
    for name in TABLES:
        columns, rows = expected(snapshot, name)
        assert len(rows) > 0, name
        assert warehouse.rows(name, columns) == rows, name
    (about,) = warehouse.ask("select taken_at, site, deployment, complete, gaps from snapshots")
    assert about[0].astimezone(UTC) == snapshot.taken_at
    assert about[1:] == (snapshot.site.base_url, "cloud", snapshot.complete, len(snapshot.gaps))


def test_a_later_load_replaces_the_tables_and_adds_a_snapshot(warehouse: Warehouse) -> None:
    warehouse.load(access_source(at(8, restrictions={"1": {"view": ["user:ann"]}})))
    assert warehouse.counts()["restrictions"] == 1
    # A table that has become empty is empty there too.
    warehouse.load(access_source(at(9)))
    assert warehouse.counts()["restrictions"] == 0
    assert warehouse.counts()["contents"] == 1
    assert warehouse.counts()["snapshots"] == 2
    warehouse.load(access_source(at(9)))
    assert warehouse.counts()["snapshots"] == 2


def test_only_the_resources_that_are_chosen_are_read(
    warehouse: Warehouse, simulator: Simulator, wiki: Confluence
) -> None:
    made = access_source(wiki=wiki, spaces=["ENG"])
    assert not simulator.requests, "making a source reads nothing"
    assert "pairs" not in made.resources
    assert "permission_changes" in made.resources
    warehouse.load(made.with_resources("acl", "findings"))
    assert warehouse.tables() == ["acl", "findings"]
    assert {key for (key,) in warehouse.ask("select distinct space_key from acl")} == {"ENG"}


def test_a_site_is_read_once_for_all_tables(warehouse: Warehouse, simulator: Simulator, wiki: Confluence) -> None:
    warehouse.load(access_source(wiki=wiki, changes=False))
    loaded = len(simulator.requests)
    with simulator.connect() as other:
        other.snapshot()
        assert loaded <= other.usage().requests + 2
    assert not wiki.closed


def test_the_environment_names_the_site(
    warehouse: Warehouse, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("URL", simulator.url), ("USERNAME", simulator.username), ("API_TOKEN", simulator.token)):
        monkeypatch.setenv(f"CONFLUENCE_{name}", value)
    warehouse.load(access_source())
    assert warehouse.counts()["contents"] >= 60
    assert warehouse.counts()["permission_changes"] > 0
    assert simulator.unexpected == []


def test_a_profile_names_the_site(warehouse: Warehouse, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def from_profile(name: str) -> Confluence:
        asked.append(name)
        return simulator.connect()

    monkeypatch.setattr(Confluence, "from_profile", from_profile)
    warehouse.load(access_source(profile="acme").with_resources("spaces"))
    assert asked == ["acme"]
    assert warehouse.counts()["spaces"] >= 4


def test_a_saved_snapshot_is_loaded_by_its_folder(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.load(access_source(at(8).save(tmp_path / "kept")))
    assert warehouse.counts()["users"] == 2


# History


def test_the_history_gives_back_every_snapshot_as_it_was(warehouse: Warehouse, wiki: Confluence) -> None:
    taken = [wiki.snapshot()]
    page = taken[0].content("Hiring Plan").id
    ada = taken[0].users[0]
    warehouse.load(access_source(taken[0], history=True, pairs=True))
    steps: list[Callable[[], Any]] = [
        lambda: wiki.restrict(page, "view", [ada]),
        lambda: wiki.revoke("ENG", "group:engineering", ["create_page"]),
        lambda: wiki.unrestrict(page, "view", [ada]),
    ]
    for step in steps:
        assert {row.outcome for row in step()} <= {"added", "removed"}
        taken.append(wiki.snapshot())
        warehouse.load(access_source(taken[-1], history=True, pairs=True))
    assert len({one.taken_at for one in taken}) == len(steps) + 1
    changed = set()
    for name in TABLES:
        for snapshot in taken:
            columns, rows = expected(snapshot, name)
            then = "valid_from <= $1 and (valid_to is null or valid_to > $1)"
            assert warehouse.rows(name, columns, then, snapshot.taken_at) == rows, name
        if warehouse.ask(f"select count(*) from {name} where valid_to is not null") != [(0,)]:
            changed.add(name)
    assert {"restrictions", "space_permissions", "space_access", "acl", "pairs"} <= changed
    assert not changed & {"users", "groups", "memberships", "spaces"}
    # The restriction that came and went.
    (row,) = warehouse.ask(
        "select valid_from, valid_to from restrictions where content_id = $1 and subject_id = $2", page, ada.id
    )
    assert [_plain(when) for when in row] == [taken[1].taken_at, taken[3].taken_at]


def test_a_row_that_ends_and_comes_back_has_two_periods(warehouse: Warehouse) -> None:
    listed = {"1": {"view": ["user:ann"]}}
    for hour, restrictions in ((8, listed), (9, None), (10, None), (11, listed)):
        warehouse.load(access_source(at(hour, restrictions=restrictions), history=["restrictions"]))
    found = warehouse.ask("select hour(valid_from), hour(valid_to) from restrictions order by 1")
    assert found == [(8, 9), (11, None)]
    # The other tables hold the last snapshot.
    assert "valid_to" not in [name for (name, *_) in warehouse.ask("describe contents")]


def test_the_same_snapshot_again_changes_nothing(warehouse: Warehouse) -> None:
    for _ in range(2):
        warehouse.load(access_source(at(8, restrictions={"1": {"view": ["user:ann"]}}), history=True))
        assert warehouse.ask("select count(*), count(valid_to) from restrictions") == [(1, 0)]


def test_a_history_goes_forward(warehouse: Warehouse) -> None:
    warehouse.load(access_source(at(9), history=True))
    error = warehouse.refuse(access_source(at(8), history=True))
    assert isinstance(error, errors.ConfigurationError)
    assert "a history goes forward" in str(error)


def test_another_site_is_refused(warehouse: Warehouse) -> None:
    warehouse.load(access_source(at(8)))
    error = warehouse.refuse(access_source(at(9, base="https://other.example")))
    assert isinstance(error, errors.OtherSiteError)
    assert "this pipeline has loaded `https://acme.example`" in str(error)


def test_a_history_of_other_spaces_is_refused(warehouse: Warehouse, wiki: Confluence) -> None:
    warehouse.load(access_source(wiki=wiki, history=True, changes=False, spaces=["ENG"]))
    warehouse.load(access_source(wiki=wiki, history=True, changes=False, spaces=["ENG"]))
    error = warehouse.refuse(access_source(wiki=wiki, history=True, changes=False, spaces=["HR"]))
    assert isinstance(error, errors.ConfigurationError)
    assert "only these spaces were read: ENG` in the last load, and `only these spaces were read: HR`" in str(error)
    warehouse.refuse(access_source(wiki=wiki, history=True, changes=False))
    # Without a history the tables hold what was read last.
    warehouse.load(access_source(wiki=wiki, changes=False, spaces=["HR"]).with_resources("snapshots"))


# Gaps


def test_what_could_not_be_read_is_a_table(warehouse: Warehouse, simulator: Simulator, wiki: Confluence) -> None:
    space = wiki.spaces()[0]
    simulator.fail(f"/spaces/{space.id}/permissions", effect="status", status=403)
    snapshot = wiki.snapshot()
    assert not snapshot.complete
    warehouse.load(access_source(snapshot, history=True))
    columns, rows = expected(snapshot, "gaps")
    assert warehouse.rows("gaps", columns) == rows
    assert warehouse.ask("select complete, gaps from snapshots") == [(False, len(snapshot.gaps))]
    error = warehouse.refuse(access_source(snapshot, strict=True))
    assert isinstance(error, errors.IncompleteError)
    assert len(error.gaps) == len(snapshot.gaps)


def test_a_history_does_not_end_what_could_not_be_read_just_now(
    warehouse: Warehouse, simulator: Simulator, wiki: Confluence
) -> None:
    warehouse.load(access_source(wiki=wiki, history=True, changes=False))
    space = wiki.spaces()[0]
    simulator.fail(f"/spaces/{space.id}/permissions", effect="status", status=503)
    with simulator.connect(max_retries=0) as hasty:
        error = warehouse.refuse(access_source(wiki=hasty, history=True, changes=False))
        assert isinstance(error, errors.IncompleteError)
        assert "a history would say that they have ended" in str(error)
    simulator.heal()
    warehouse.load(access_source(wiki=wiki, history=True, changes=False))
    assert warehouse.ask("select count(*) from space_permissions where valid_to is not null") == [(0,)]


# Changes


def _log_requests(simulator: Simulator, after: int) -> list[Any]:
    return [one for one in simulator.requests[after:] if "audit" in one.path]


def test_a_later_load_reads_only_what_is_new_of_the_log(
    warehouse: Warehouse, simulator: Simulator, wiki: Confluence
) -> None:
    warehouse.load(access_source(wiki=wiki).with_resources("permission_changes"))
    everything = wiki.permission_changes()
    columns = [name for name in everything.columns if name not in ("source", "raw")]
    assert len(everything) > 20
    (before,) = warehouse.ask('select count(*), max("at") from permission_changes')
    assert before[0] == len(everything)
    for _ in range(2):
        # Also where there is nothing new, the next load begins where this one did.
        seen = len(simulator.requests)
        warehouse.load(access_source(wiki=wiki).with_resources("permission_changes"))
        (begin,) = {one.query.split("startDate=")[1].split("&")[0] for one in _log_requests(simulator, seen)}
        assert int(begin) == int((_plain(before[1]) - timedelta(hours=1)).timestamp() * 1000)
        assert warehouse.ask('select count(*), max("at") from permission_changes') == [before]
    wiki.grant("ENG", "group:engineering", ["delete_page"])
    wiki.revoke("ENG", "group:engineering", ["delete_page"])
    warehouse.load(access_source(wiki=wiki).with_resources("permission_changes"))
    now = wiki.permission_changes(snapshot=wiki.snapshot())
    assert len(now) > len(everything)
    rows = _sorted(zip(*(now.column(name) for name in columns), strict=True))
    assert warehouse.rows("permission_changes", columns) == rows


def test_records_of_one_moment_and_late_ones_are_each_stored_once(warehouse: Warehouse, tmp_path: Path) -> None:
    def record(at: str, who: str) -> dict[str, Any]:
        return {
            "timestamp": at,
            "author": {"name": "Ann", "id": "ann", "type": "user"},
            "type": {
                "category": "Permissions",
                "categoryI18nKey": "audit.logging.category.permissions",
                "action": "Space permission added",
                "actionI18nKey": "audit.logging.summary.space.permission.added",
            },
            "affectedObjects": [{"name": "Engineering", "type": "Space", "id": "1"}, {"name": who, "type": "Group"}],
            "changedValues": [{"key": "Type", "to": "VIEWSPACE"}],
            "extraAttributes": [],
        }

    from confluence_access import permission_changes, read_audit_log

    def changes(*records: dict[str, Any]) -> Any:
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.audit.log"
        file.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
        return permission_changes(read_audit_log(file))

    one, two = record("2026-11-20T08:00:00.000Z", "one"), record("2026-11-20T08:00:00.000Z", "two")
    late = record("2026-11-20T07:30:00.000Z", "late")
    old = record("2026-11-20T06:30:00.000Z", "old")
    first, second = changes(one), changes(old, late, one, two)
    assert [len(first), len(second)] == [1, 4]
    snapshot = at(9)
    warehouse.load(access_source(snapshot, changes=first))
    assert warehouse.counts()["permission_changes"] == 1
    for _ in range(2):
        warehouse.load(access_source(snapshot, changes=second))
        moments = warehouse.ask(
            'select hour("at"), minute("at"), count(*) from permission_changes group by all order by all'
        )
        assert moments == [(7, 30, 1), (8, 0, 2)], "what is older than the overlap was there to be read before"


def test_a_log_that_could_be_read_only_in_part_is_read_again(warehouse: Warehouse, simulator: Simulator) -> None:
    wiki = simulator.connect(max_retries=0)
    everything = wiki.permission_changes()
    snapshot = wiki.snapshot()
    simulator.fail("start=98", effect="status", status=500)
    partial = wiki.permission_changes(snapshot=snapshot)
    assert not partial.complete
    warehouse.load(access_source(snapshot, wiki=wiki).with_resources("permission_changes"))
    assert warehouse.counts()["permission_changes"] == 0
    assert warehouse.ask("select distinct loaded from permission_change_gaps") == [(False,)]
    error = warehouse.refuse(access_source(snapshot, wiki=wiki, strict=True).with_resources("permission_changes"))
    assert isinstance(error, errors.IncompleteError)
    simulator.heal()
    warehouse.load(access_source(snapshot, wiki=wiki).with_resources("permission_changes"))
    assert warehouse.counts()["permission_changes"] == len(everything)


def test_what_a_server_does_not_record_is_a_gap_beside_the_changes(warehouse: Warehouse) -> None:
    with (
        Simulator(deployment="datacenter", version="10.2.0", pages=30, coverage={"PERMISSIONS": "OFF"}) as simulator,
        simulator.connect() as wiki,
    ):
        found = wiki.permission_changes()
        assert len(found) > 0
        lasting = [gap for gap in found.gaps if gap.cause == "not_recorded"]
        assert lasting
        for turn in (1, 2):
            warehouse.load(access_source(wiki=wiki).with_resources("permission_changes"))
            assert warehouse.counts()["permission_changes"] == len(found)
            causes = warehouse.ask("select cause, loaded, count(*) from permission_change_gaps group by all")
            assert ("not_recorded", True, turn * len(lasting)) in causes


def test_changes_since_a_time_are_the_first_that_are_loaded(warehouse: Warehouse, wiki: Confluence) -> None:
    recent = wiki.permission_changes("3d")
    assert 0 < len(recent) < len(wiki.permission_changes())
    warehouse.load(access_source(wiki=wiki, since="3d").with_resources("permission_changes"))
    assert warehouse.counts()["permission_changes"] == len(recent)


# What cannot be meant


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"history": ["pages"]}, "no table `pages` that can have a history: expected `spaces`"),
        ({"history": 5}, "a table of `history`"),
        ({"operations": ["delete"]}, "`delete` is not an operation of tables: expected `view` or `edit`"),
        ({"operations": []}, "no operation is given"),
        ({"overlap": timedelta(seconds=-1)}, "`overlap` is a `timedelta` of zero or more"),
        ({"overlap": "1h"}, "`overlap` is a `timedelta` of zero or more"),
        ({"since": "yesterday"}, "`since` is a `datetime`"),
        ({"wiki": "https://acme.example"}, "`wiki` is a `Confluence`, not `str`"),
        ({"profile": "acme", "wiki": object()}, "`wiki` and `profile` both name the site"),
        ({"spaces": ["ENG"]}, "`spaces` is for taking a snapshot, and one is given"),
        ({"snapshot": 5}, "folder"),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused_at_once(given: dict[str, Any], message: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        access_source(**{"snapshot": at(8), **given})
    assert message in str(caught.value)


def test_changes_are_a_table_of_changes() -> None:
    with pytest.raises(errors.ConfigurationError, match="`changes` is a table of `PermissionChange`, not of `User`"):
        access_source(at(8), changes=at(8).users)  # type: ignore[arg-type]


def test_a_folder_that_holds_no_snapshot_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(errors.MissingSnapshotError):
        access_source(tmp_path / "none")


def test_without_dlt_the_message_says_how_to_install_it(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['dlt'] = None\nfrom confluence_access.dlt import access_source\naccess_source('none')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "pip install 'confluence-access[dlt]'" in done.stderr
    assert dlt is not source


# How rows are told apart


def test_a_row_is_the_same_row_by_whatever_route_and_zone_it_was_read() -> None:
    when = datetime(2026, 11, 21, 8, tzinfo=UTC)
    columns = {"id": ["1", None], "at": pa.array([when, None], pa.timestamp("us", "UTC")), "source": ["a", "b"]}
    rows = pa.table(columns)
    moved = rows.set_column(2, "source", pa.array(["c", "d"]))
    elsewhere = rows.set_column(1, "at", rows["at"].cast(pa.timestamp("us", "Europe/Berlin")))
    hashes = source._versioned(rows)["row_hash"]
    assert hashes[0] != hashes[1]
    assert source._versioned(moved)["row_hash"] == hashes
    assert source._versioned(elsewhere)["row_hash"] == hashes


def test_a_null_and_a_text_that_looks_like_one_are_two_rows() -> None:
    rows = pa.table({"a": ["None", None, "", "'"], "b": ["x", "x", "x", "', 'x"]})
    assert len(set(source._hashes(rows))) == 4
