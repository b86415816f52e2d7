"""The site as it was, and the history of an answer, read off the log of a simulated site."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import pytest

from confluence_access import Confluence, PermissionChange, Plan, Simulator, Snapshot, Table, errors

WHOLE = {"END_USER_ACTIVITY": "FULL"}
SITES: dict[str, dict[str, Any]] = {
    "cloud": {"pages": 60},
    "datacenter": {"deployment": "datacenter", "pages": 60, "coverage": WHOLE},
}


@pytest.fixture(params=sorted(SITES))
def site(request: pytest.FixtureRequest) -> Iterator[Confluence]:
    with Simulator(**SITES[request.param]) as simulator, simulator.connect() as wiki:
        yield wiki


class Changed:
    """A site on which a page is restricted, a permission given and a member taken, with what was before each."""

    def __init__(self, wiki: Confluence) -> None:
        self.wiki = wiki
        self.pictures = [wiki.snapshot()]
        older = self.pictures[0]
        access = older.access()
        self.own = f"user:{wiki.server().account_id}"
        self.page = next(
            row
            for row in older.contents
            if row.type == "page" and row.status == "current" and len(access.who_can("view", row)) > 2
        )
        readers = [row for row in access.who_can("view", self.page) if row.standing and row.via.startswith("group ")]
        self.reader = f"user:{readers[0].user_id}"
        # Somebody who sees less without this group, which no directory keeps.
        leaving = (
            Plan().remove_member("communications", f"user:{row.user_id}")
            for row in older.memberships.filter(group_name="communications")
        )
        leave = next(plan for plan in leaving if len(older.what_if(plan).diff(older, "view")))
        # The log of Cloud has names only.
        names = [row.display_name for row in older.users]
        self.stranger = next(
            row
            for row in older.users
            if names.count(row.display_name) == 1
            and row.active
            and row.type == "person"
            and access.can(row, "view", self.page).verdict == "denied"
        )
        self._then(lambda: wiki.restrict(self.page, "view", [self.reader, self.own]))
        self._then(lambda: wiki.grant(self.page.space_key, f"user:{self.stranger.id}", ["view"]))
        self._then(lambda: wiki.apply(leave))

    def _then(self, change: Callable[[], Iterable[Any]]) -> None:
        # The log of Cloud has milliseconds.
        time.sleep(0.02)
        assert {row.outcome for row in change()} <= {"added", "removed"}
        time.sleep(0.02)
        self.pictures.append(self.wiki.snapshot())

    @property
    def begin(self) -> datetime:
        taken = self.pictures[0].taken_at
        assert taken is not None
        return taken

    def changes(self) -> Table[PermissionChange]:
        return self.wiki.permission_changes(since=self.begin)


def test_the_cause_of_a_difference_is_dated_without_a_snapshot_for_its_names(site: Confluence):
    changed = Changed(site)
    older, newer = changed.pictures[0], changed.pictures[-1]
    rows = newer.diff(older, changes=changed.changes())
    assert {"restriction", "membership"} <= {row.cause_kind for row in rows}
    assert {row.cause_at is None for row in rows if "; " not in (row.cause or "")} == {False}
    assert {row.cause_author for row in rows} == {"Olga Petrova"}
    assert older.taken_at is not None
    assert all(row.cause_at is not None and row.cause_at > older.taken_at for row in rows)


def test_the_site_as_it_was_is_the_snapshot_of_then(site: Confluence):
    changed = Changed(site)
    newer, changes = changed.pictures[-1], changed.changes()
    assert changes.complete
    for then in changed.pictures:
        assert then.taken_at is not None
        before = newer.as_of(then.taken_at, changes)
        assert before.taken_at == then.taken_at
        found = before.diff(then)
        # Since when a page is in the trash, and on Data Center since when it is archived, is not in the log.
        states = {row.id for row in newer.contents if row.status != "current"}
        odd = [row for row in found if row.content_id not in states]
        assert [row for row in odd if "unknown" not in (row.before, row.after)] == []
        assert odd == []
    first = newer.as_of(changed.begin, changes).access()
    assert str(first.can(changed.reader, "view", changed.page)) == "allowed"
    assert str(newer.access().can(changed.stranger, "view", changed.page)) == "denied"


def test_a_history_says_since_when_and_who(site: Confluence):
    changed = Changed(site)
    newer = changed.pictures[-1]
    reader = next(
        row.user_id
        for row in changed.pictures[0].access().who_can("view", changed.page)
        if row.standing and f"user:{row.user_id}" not in (changed.reader, changed.own) and row.user_id != "anonymous"
    )
    rows = newer.access().history(f"user:{reader}", "view", changed.page, changed.changes())
    assert [row.decision for row in rows] == ["allowed", "denied"]
    before, after = rows
    assert (before.since, before.begun_by, after.until) == (None, None, None)
    assert before.until == after.since
    assert after.begun_change == "added"
    assert after.begun_author_name == before.ended_author_name == "Olga Petrova"
    assert after.begun_by is not None
    assert "restriction" in after.begun_by.lower()
    assert f"on `{changed.page.title}`" in after.begun_by


def test_a_log_that_is_not_whole_leaves_all_unknown(site: Confluence):
    changed = Changed(site)
    newer, then = changed.pictures[-1], changed.begin

    def own(snapshot: Snapshot) -> str:
        return str(snapshot.access().can(changed.own, "view", changed.page))

    assert own(newer) == "allowed"
    later = changed.pictures[1].taken_at
    for changes in (
        site.permission_changes(since=later),
        site.permission_changes(since=then, space=changed.page.space_key),
        site.permission_changes(since=then, until=later),
    ):
        before = newer.as_of(then, changes)
        assert own(before) == "unknown"
        assert any(gap.scope == "audit" for gap in before.gaps)
    assert own(newer.as_of(then, changed.changes())) == "allowed"
    assert own(newer.as_of(then, site.audit(since=then))) == "allowed"
    assert own(newer.as_of(then, list(site.audit(since=then)), since=then)) == "allowed"


SITE = {
    "users": {"ann": {}, "bob": {}},
    "spaces": {"ENG": {"grants": {"user:ann": ["view"], "user:bob": ["view"]}}},
    "contents": {"1": {"type": "page", "space": "ENG", "title": "Home"}},
}


def test_a_time_that_cannot_be_is_refused(site: Confluence):
    snap = site.snapshot()
    changes = site.permission_changes(since="1d")
    with pytest.raises(errors.ConfigurationError, match="is after the snapshot was taken"):
        snap.as_of("2999-01-01", changes)
    with pytest.raises(errors.ConfigurationError, match="has no time zone"):
        snap.as_of(copy.copy(snap.taken_at).replace(tzinfo=None), changes)  # type: ignore[union-attr]
    with pytest.raises(errors.ConfigurationError, match="`changes` is a table of `PermissionChange`"):
        snap.as_of("1h", snap.users)  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match="`since`"):
        snap.as_of("1h", changes, since="soon")


def test_without_changes_nothing_is_known_unless_they_are_said_to_be_all():
    snap = Snapshot.from_dict(SITE)
    before = snap.as_of("1d", [])
    assert str(before.access().can("user:ann", "view", "1")) == "unknown"
    assert [gap.message for gap in before.gaps if gap.scope == "audit"] == [
        "there are no changes, and how far back they would reach is not known: give `since`"
    ]
    assert str(snap.as_of("1d", [], since="2d").access().can("user:ann", "view", "1")) == "allowed"
    rows = snap.access().history("user:ann", "view", "1", [], since="2d")
    assert [(row.decision, row.since, row.until) for row in rows] == [("allowed", None, None)]
    with pytest.raises(errors.NotInSnapshotError):
        snap.access().history("user:ann", "view", "9", [], since="2d")
