"""The audit log of Data Center: what is recorded, what is not, and files."""

from __future__ import annotations

import asyncio
import gzip
import json
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from confluence_access import (
    AsyncConfluence,
    AuditRecord,
    ConfigurationError,
    ForbiddenError,
    IncompleteError,
    NotInSnapshotError,
    PermissionChange,
    Simulator,
    Snapshot,
    Table,
    permission_changes,
    read_audit_log,
)
from confluence_access.cli import main

WHOLE = {"END_USER_ACTIVITY": "FULL"}


@pytest.fixture(scope="module")
def simulator():
    with Simulator("datacenter", pages=120, context="/confluence", coverage=WHOLE) as simulator:
        yield simulator
        # Other rooms have tests of their own.
        assert [line for line in simulator.unexpected if "audit" in line] == []


@pytest.fixture
def folder(wiki, tmp_path):
    """The log of the server as files: two days, one of them packed, and a copy of a part."""
    lines = wiki.audit().column("raw")
    half = len(lines) // 2
    (tmp_path / "20261101.00000.audit.log").write_text("\r\n".join(lines[:half]) + "\r\n", encoding="utf-8-sig")
    (tmp_path / "20261031.00000.audit.log.gz").write_bytes(gzip.compress("\n".join(lines[half:]).encode()))
    (tmp_path / "copy.audit.log.1").write_text("\n".join(lines[:20]), encoding="utf-8")
    (tmp_path / "atlassian-confluence.log").write_text("2026-11-01 something else\n", encoding="utf-8")
    return tmp_path


def test_records_keep_what_the_server_sent(wiki):
    log = wiki.audit(strict=True)
    assert len(log) >= 200
    assert {type(record) for record in log} == {AuditRecord}
    for record in log:
        assert record.raw_json["type"]["action"] == record.action
        assert record.raw_json["type"]["actionI18nKey"] == record.action_key
        assert record.raw_json["type"]["categoryI18nKey"] == record.category_key
        assert record.source == "auditing GET /rest/auditing/1.0/events"
    times = [record.at for record in log]
    assert times == sorted(times, reverse=True)
    some = wiki.audit(since="10d", search="restriction", strict=True)
    assert 0 < len(some) < len(log)
    assert all(record.at > datetime.now(UTC) - timedelta(days=10, minutes=5) for record in some)


def test_changes_have_the_ids_of_the_log(wiki):
    changes = wiki.permission_changes("30d", strict=True)
    assert {type(change) for change in changes} == {PermissionChange}
    assert {change.scope for change in changes} == {"space", "content", "group", "site"}
    assert {change.confidence for change in changes} == {"certain"}
    assert all(change.content_id for change in changes if change.scope == "content")
    removed = next(change for change in changes if change.scope == "space")
    assert (removed.change, removed.permission, removed.old) == ("removed", "create_page", "EDITSPACE")
    assert (removed.space_key, removed.subject, removed.author_name) == ("ENG", "group:product", "Olga Petrova")
    people = {user.id for user in wiki.snapshot(spaces=["ENG"]).users}
    assert {change.subject_id for change in changes if change.subject_type == "user"} & people


def test_a_change_above_a_content_is_attributed_to_it(wiki):
    page = next(content for content in wiki.contents("ENG") if content.title == "Remediation Plan")
    changes = wiki.permission_changes("30d", content=page)
    titles = {change.content_title for change in changes}
    assert titles == {"Roadmap 2027", "Security Hardening", "Penetration Test Findings"}
    assert {change.attributed_to for change in changes} == {page.id}
    assert [row.permission for row in wiki.permission_changes("30d", space="FIN")] == ["view", "view"]


def test_what_is_not_recorded_is_a_gap_and_with_strict_an_error():
    with Simulator("datacenter", pages=30) as simulator, simulator.connect() as wiki:
        for table in (wiki.audit(), wiki.permission_changes()):
            assert [(gap.scope, gap.subject, gap.cause) for gap in table.gaps] == [
                ("audit", "END_USER_ACTIVITY", "not_recorded")
            ]
        with pytest.raises(IncompleteError, match="page restrictions are not recorded"):
            wiki.audit(strict=True)
        simulator.fail("/configuration/", effect="status", status=403)
        assert [gap.cause for gap in wiki.audit().gaps] == ["forbidden"]


def test_before_7_5_the_other_log_is_read():
    # Tokens came with 7.9.
    with (
        Simulator("datacenter", pages=30, version="7.4.0") as simulator,
        simulator.connect(username=simulator.username) as wiki,
    ):
        log = wiki.audit(strict=True)
        assert {record.source for record in log} == {"auditing GET /rest/api/audit"}
        assert len(permission_changes(log)) > 10


def test_who_may_not_read_the_log_is_told_what_to_do(simulator, wiki):
    bob = next(user.name for user in wiki.snapshot(["ENG"]).users if user.display_name == "Bob Lind")
    with simulator.connect(username=bob) as other:
        for ask in (other.audit, other.permission_changes):
            with pytest.raises(ForbiddenError, match="administrators only"):
                ask()


def test_bursts_are_one_row_where_that_is_asked_for(wiki):
    events = wiki.permission_changes(space="ENG")
    acts = wiki.permission_changes(space="ENG", merge_bursts=True)
    assert len(acts) < len(events)
    assert sum(len((row.permission or "-").split(", ")) for row in acts) == len(events)
    burst = max(acts, key=lambda row: len(row.permission or ""))
    assert len(burst.raw_json) == len(burst.permission.split(", ")) > 3
    assert acts == permission_changes(wiki.audit(), space="ENG", merge_bursts=True, snapshot=wiki.snapshot(["ENG"]))


def test_files_say_what_the_server_says(wiki, folder):
    # Every reading of the log is written to it.
    asked = wiki.audit(until="1h")
    log = read_audit_log(folder, until="1h", strict=True)
    assert isinstance(log, Table)
    assert sorted(log.column("raw")) == sorted(asked.column("raw"))
    assert all(record.source.startswith(f"auditing file {folder}") for record in log)
    for paths in (str(folder), [folder], str(folder / "*.audit.log*"), sorted(folder.glob("*.audit.log*"))):
        assert read_audit_log(paths, until="1h") == log
    day = read_audit_log(folder, since="3d", search="SPACE PERMISSION")
    assert 0 < len(day) < len(log)
    assert pickle.loads(pickle.dumps(log)) == log
    said = [
        [(row.at, row.scope, row.change, row.permission, row.subject, row.content_id, row.space_key) for row in table]
        for table in (permission_changes(log), permission_changes(asked))
    ]
    assert sorted(said[0], key=str) == sorted(said[1], key=str)


def test_changes_of_files_are_joined_with_a_snapshot(wiki, folder):
    snapshot = wiki.snapshot()
    log = read_audit_log(folder)
    page = next(content for content in snapshot.contents if content.title == "Remediation Plan")
    on_page = permission_changes(log, content=page, snapshot=snapshot)
    assert {row.attributed_to for row in on_page} == {page.id}
    assert len(on_page) >= 5
    space = next(space for space in snapshot.spaces if space.key == "ENG")
    assert permission_changes(log, space=space.id, snapshot=snapshot) == permission_changes(
        log, space="ENG", snapshot=snapshot
    )
    chosen = [record for record in log if record.author_name == "Olga Petrova"]
    assert {row.author_name for row in permission_changes(chosen)} == {"Olga Petrova"}
    assert len(permission_changes([])) == 0
    with pytest.raises(ConfigurationError, match="`content` needs `snapshot`"):
        permission_changes(log, content=page)
    with pytest.raises(NotInSnapshotError):
        permission_changes(log, content=page, snapshot=Snapshot.from_dict({"spaces": {"X": {}}}, "datacenter"))
    with pytest.raises(ConfigurationError, match="not of `Space`"):
        permission_changes(snapshot.spaces)


def test_a_broken_line_is_a_gap_of_the_records_and_of_the_changes(folder):
    file = folder / "20261101.00000.audit.log"
    file.write_bytes(file.read_bytes() + b"nonsense\n" + b'{"auditType": {"action"')
    log = read_audit_log(folder)
    said = [(gap.subject, gap.cause) for gap in log.gaps]
    assert said == [(str(file), "not_json"), (str(file), "truncated")]
    assert permission_changes(log).gaps == log.gaps
    with pytest.raises(IncompleteError, match="is no JSON"):
        read_audit_log(file, strict=True)
    with pytest.raises(IncompleteError):
        permission_changes(log, strict=True)


def test_a_path_that_leads_nowhere_is_refused(tmp_path):
    for path, said in [
        (tmp_path / "gone.audit.log", "there is no file"),
        (str(tmp_path / "*.audit.log"), "no file fits"),
        (tmp_path, r"has `\.audit\.log` in its name"),
        ([], "no audit log file is named"),
    ]:
        with pytest.raises(ConfigurationError, match=said):
            read_audit_log(path)
    odd = tmp_path / "a[1].audit.log"
    odd.write_text(json.dumps({"timestamp": 1, "type": {"action": "x"}}), encoding="utf-8")
    assert [record.action for record in read_audit_log(str(odd))] == ["x"]


def test_the_async_client_reads_the_same(simulator, wiki):
    async def read():
        async with AsyncConfluence(simulator.url, token=simulator.token) as wiki:
            return await wiki.permission_changes("30d", merge_bursts=True)

    assert asyncio.run(read()) == wiki.permission_changes("30d", merge_bursts=True)


def test_the_command_line_shows_changes(simulator, capsys, monkeypatch):
    monkeypatch.setenv("CONFLUENCE_PASSWORD", simulator.password)
    here = ["--url", simulator.url, "--username", simulator.username]
    assert main(["changes", "--since", "3d", "--space", "ENG", "--merge-bursts", "--json", *here]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["change"], row["permission"], row["subject_name"]) for row in rows] == [
        ("removed", "create_page", "product")
    ]
