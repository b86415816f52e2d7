"""The audit log: moments, records, who changed which permission."""

from __future__ import annotations

import asyncio
import inspect
import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from confluence_access import (
    AsyncConfluence,
    AuditRecord,
    ConfigurationError,
    ForbiddenError,
    IncompleteError,
    NotFoundError,
    NotInSnapshotError,
    PermissionChange,
    Simulator,
    Snapshot,
    Table,
)
from confluence_access.cli import main
from confluence_access.moments import milliseconds

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 11, 1, 8, 0, 0, 123_999, tzinfo=UTC), datetime(2026, 11, 1, 8, 0, 0, 123_000, tzinfo=UTC)),
        (datetime(2026, 11, 1, 8, tzinfo=timezone(timedelta(hours=5))), datetime(2026, 11, 1, 3, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T08:00:00Z", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ("2026-11-01 08:00+02:00", datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("30d", NOW - timedelta(days=30)),
        (" 2W ", NOW - timedelta(weeks=2)),
        ("12h", NOW - timedelta(hours=12)),
        ("90 m", NOW - timedelta(minutes=90)),
        ("now", NOW),
        (timedelta(days=1), NOW - timedelta(days=1)),
    ],
)
def test_a_moment_may_be_written_in_many_ways(value, expected):
    assert milliseconds(value, "since", now=NOW) == round(expected.timestamp() * 1000)


def test_a_day_is_its_beginning_or_its_end():
    day = 24 * 60 * 60 * 1000
    for form in (date(2026, 11, 1), "2026-11-01"):
        first, last = milliseconds(form, "since"), milliseconds(form, "until", end=True)
        assert first is not None
        assert last == first + day - 1
    assert milliseconds(None, "since") is None


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (datetime(2026, 11, 1), "`since` has no time zone"),
        ("2026-11-01T08:00:00", "write `2026-11-01T08:00:00Z` for UTC"),
        ("yesterday", "not `yesterday`"),
        ("-3d", "not `-3d`"),
        ("", "`since` is a `datetime`"),
        ("999999w", "further back"),
        (timedelta(days=-1), "how long ago"),
    ],
)
def test_a_moment_nobody_can_place_is_refused_before_anything_is_sent(wiki, value, said):
    with pytest.raises(ConfigurationError) as caught:
        wiki.audit(value)
    assert said in str(caught.value)
    assert wiki.usage().requests == 0
    with pytest.raises(ConfigurationError, match="not `int`"):
        wiki.audit(1_700_000_000)


def test_a_range_that_ends_before_it_begins_is_refused(wiki):
    with pytest.raises(ConfigurationError, match=r"`since` .* is after `until`"):
        wiki.audit("1d", "2d")
    with pytest.raises(ConfigurationError, match=r"is after `until` \(now"):
        wiki.permission_changes(date(2999, 1, 1))


def test_records_keep_what_the_server_sent(wiki):
    log = wiki.audit()
    assert isinstance(log, Table)
    assert log.complete
    assert len(log) == 240
    assert {type(record) for record in log} == {AuditRecord}
    for record in log:
        assert record.raw_json == json.loads(record.raw)
        assert record.raw_json["summary"] == record.action
        assert record.source == "cloud_v1 GET /wiki/rest/api/audit"
        assert record.author_type in {"user", "system"}
        assert (record.author_id is None) == (record.author_type == "system")
    times = [record.at for record in log]
    assert times == sorted(times, reverse=True)
    assert log.to_pandas()["at"].is_monotonic_decreasing
    assert {record.category for record in wiki.audit(search="Public link")} == {"Public links"}


def test_a_change_says_when_who_what_where_and_on_whom(wiki):
    changes = wiki.permission_changes("30d")
    assert {type(change) for change in changes} == {PermissionChange}
    assert changes.complete
    assert {change.scope for change in changes} == {"space", "content", "group", "public_link"}
    assert {change.confidence for change in changes} == {"certain", "likely"}
    link = next(change for change in changes if change.scope == "public_link")
    assert (link.change, link.permission, link.old, link.new) == ("removed", "public_link", "on", "off")
    assert (link.subject, link.author_name, link.space_key) == (None, "Cat Moreau", "PUB")
    anonymous = next(change for change in changes if change.subject_type == "anonymous")
    assert (anonymous.subject, anonymous.permission, anonymous.space_key) == ("anonymous", "view", "PUB")
    synchronised = next(change for change in changes if change.author_type == "system")
    assert (synchronised.author_id, synchronised.group_name) == (None, "engineering")
    assert all(change.raw_json["summary"] == change.action for change in changes)


def test_a_snapshot_gives_names_their_ids(wiki):
    snapshot = wiki.snapshot()
    before = wiki.usage().requests
    changes = wiki.permission_changes("30d", snapshot=snapshot)
    assert wiki.usage().requests - before <= 2, "nothing but the log is read"
    titles = {content.id: content.title for content in snapshot.contents}
    on_contents = [change for change in changes if change.scope == "content"]
    assert len(on_contents) >= 8
    assert all(titles[change.content_id] == change.content_title for change in on_contents)
    people = {user.id: user.display_name for user in snapshot.users}
    named = [change for change in changes if change.subject_type == "user" and change.subject_name in people.values()]
    assert named
    assert all(people[change.subject_id] == change.subject_name for change in named)


def test_a_change_above_a_content_is_attributed_to_it(wiki):
    snapshot = wiki.snapshot(spaces=["ENG"])
    page = next(content for content in snapshot.contents if content.title == "Remediation Plan")
    read = wiki.permission_changes("30d", content=page.id)
    joined = wiki.permission_changes("30d", content=page, snapshot=snapshot)
    for changes in (read, joined):
        assert {change.content_title for change in changes} == {
            "Roadmap 2027",
            "Security Hardening",
            "Penetration Test Findings",
        }
        assert {change.attributed_to for change in changes} == {page.id}
        assert page.id not in {change.content_id for change in changes}
    assert [change.raw for change in read] == [change.raw for change in joined]
    elsewhere = next(content for content in wiki.contents("HR") if content.type == "page")
    with pytest.raises(NotInSnapshotError, match=elsewhere.id):
        wiki.permission_changes(content=elsewhere, snapshot=snapshot)
    with pytest.raises(NotFoundError):
        wiki.permission_changes(content="999999999999")


def test_changes_in_a_space_are_those_of_its_own(wiki):
    space = next(space for space in wiki.spaces() if space.key == "FIN")
    by_key = wiki.permission_changes("30d", space="FIN")
    assert [(row.change, row.permission, row.subject_name) for row in by_key] == [
        ("removed", "view", "interns"),
        ("added", "view", "interns"),
    ]
    assert by_key == wiki.permission_changes("30d", space=space) == wiki.permission_changes("30d", space=space.id)
    with pytest.raises(NotFoundError, match="NOPE"):
        wiki.permission_changes(space="NOPE")
    with pytest.raises(NotFoundError, match="NOPE"):
        wiki.permission_changes(space="NOPE", snapshot=Snapshot.from_dict({"spaces": {"ENG": {}}}))


def test_a_log_that_breaks_off_is_a_gap_and_with_strict_an_error():
    with Simulator(pages=30, page_cap=50) as simulator, simulator.connect(max_retries=0) as wiki:
        simulator.fail("start=98", effect="status", status=500)
        log = wiki.audit()
        assert len(log) == 99
        assert [(gap.scope, gap.status) for gap in log.gaps] == [("audit", 500)]
        assert not wiki.permission_changes().complete
        with pytest.raises(IncompleteError):
            wiki.audit(strict=True)


def test_who_may_not_read_the_log_is_told_what_to_do():
    with Simulator(site={"plan": "free", "spaces": {"ENG": {}}}) as simulator, simulator.connect() as wiki:
        for ask in (wiki.audit, wiki.permission_changes):
            with pytest.raises(
                ForbiddenError, match="Confluence administrators only, and the Free plan has none"
            ) as caught:
                ask("30d")
            assert caught.value.status == 403


def test_both_faces_read_the_same(simulator, wiki):
    async def read():
        async with AsyncConfluence(simulator.url, username=simulator.username, token=simulator.token) as other:
            return await other.audit("40d", "1h"), await other.permission_changes("40d", "1h", space="ENG")

    log, changes = asyncio.run(read())
    assert log.to_dicts() == wiki.audit("40d", "1h").to_dicts()
    assert changes.to_dicts() == wiki.permission_changes("40d", "1h", space="ENG").to_dicts()
    for name in ("audit", "permission_changes"):
        first, second = (inspect.signature(getattr(kind, name)) for kind in (type(wiki), AsyncConfluence))
        assert list(first.parameters) == list(second.parameters)


def test_the_command_lists_changes(simulator, monkeypatch, capsys):
    monkeypatch.setenv("CONFLUENCE_URL", simulator.url)
    monkeypatch.setenv("CONFLUENCE_USERNAME", simulator.username)
    monkeypatch.setenv("CONFLUENCE_API_TOKEN", simulator.token)
    assert main(["changes", "--since", "30d", "--space", "FIN", "--format", "table"]) == 0
    shown = capsys.readouterr().out
    assert [line.split()[2:4] for line in shown.splitlines()[1:]] == [["Finn", "Hale"], ["Finn", "Hale"]]
    assert "removed" in shown
    assert "interns" in shown
    assert main(["changes", "--space", "ENG", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows
    assert {row["space_key"] for row in rows} == {"ENG"}
    assert main(["changes", "--since", "1m", "--format", "table"]) == 0
    assert capsys.readouterr().out == "no permission was changed in that time\n"
    assert main(["changes", "--since", "2026-11-01T08:00:00"]) == 1
    assert "time zone" in capsys.readouterr().err


def test_the_log_of_the_organization_is_a_second_source(simulator):
    with simulator.connect(org_token=simulator.org_token, org_url=simulator.url) as wiki:
        log = wiki.audit("30d", source="organization")
        assert {record.source.split()[0] for record in log} == {"org_admin"}
        assert log[0].raw_json["attributes"]["action"] == log[0].action_key == log[0].action
        changes = wiki.permission_changes("30d", source="organization")
        assert [(row.scope, row.change, row.permission, row.confidence) for row in changes] == [
            ("group", "removed", "member", "certain"),
            ("group", "added", "member", "certain"),
        ]
        assert all(row.subject_id and row.group_id for row in changes)
        both = wiki.permission_changes("30d", source="both")
        assert len(both) == len(changes) + len(wiki.permission_changes("30d"))
        assert len(wiki.audit(search="engineering", source="organization")) > 0

    async def read():
        keys = {"org_token": simulator.org_token, "org_url": simulator.url}
        who = {"username": simulator.username, "token": simulator.token}
        async with AsyncConfluence(simulator.url, **who, **keys) as other:
            return (
                await other.audit("30d", source="organization"),
                await other.permission_changes("30d", source="organization"),
            )

    again, changed = asyncio.run(read())
    assert again.to_dicts() == log.to_dicts()
    assert changed.to_dicts() == changes.to_dicts()


@pytest.mark.parametrize("source", ["organization", "both"])
def test_without_a_key_of_the_organization_nothing_is_asked(simulator, source):
    with simulator.connect() as wiki:
        before = wiki.usage().requests
        for ask in (wiki.audit, wiki.permission_changes):
            with pytest.raises(ConfigurationError, match="org_token"):
                ask("1d", source=source)
        with pytest.raises(ConfigurationError, match='invalid audit log source `jira`: expected "confluence"'):
            wiki.audit(source="jira")
        assert wiki.usage().requests == before


def test_words_of_another_language_are_given_their_meaning():
    record = {
        "author": {"type": "user", "displayName": "Olga", "accountId": "olga"},
        "creationDate": 1764074955065,
        "summary": "Berechtigung für Bereich entfernt",
        "category": "Berechtigungen",
        "affectedObject": {"name": "Ann Berg", "objectType": "Benutzer"},
        "changedValues": [{"name": "Typ", "oldValue": "Exportieren", "newValue": ""}],
        "associatedObjects": [{"name": "Finance", "objectType": "Bereich"}],
    }
    body = json.dumps({"results": [record], "start": 0, "limit": 1000, "size": 1, "_links": {}})
    words = {
        "Berechtigung für Bereich entfernt": "space_permission_removed",
        "Benutzer": "user",
        "Bereich": "space",
        "exportieren": "export",
    }
    with Simulator(pages=20) as own, own.connect() as wiki:
        own.fail("/rest/api/audit", effect="body", body=body)
        (row,) = wiki.permission_changes(wording=words)
        assert (row.scope, row.change, row.permission, row.old) == ("space", "removed", "export", "Exportieren")
        assert (row.confidence, row.subject_name, row.action) == (
            "certain",
            "Ann Berg",
            "Berechtigung für Bereich entfernt",
        )
        (plain,) = wiki.permission_changes()
        assert plain.confidence != "certain"
        assert plain.raw == row.raw


@pytest.mark.parametrize(
    ("wording", "error", "words"),
    [
        ({"Recht": "space_permission_aded"}, ConfigurationError, "invalid meaning `space_permission_aded` of `Recht`"),
        ({" ": "view"}, ConfigurationError, "empty key"),
        ({"Recht": 7}, ConfigurationError, "maps texts"),
    ],
)
def test_a_meaning_that_is_none_is_refused_before_anything_is_sent(simulator, wording, error, words):
    with simulator.connect() as wiki:
        with pytest.raises(error, match=words):
            wiki.permission_changes(wording=wording)
        assert wiki.usage().requests == 0
