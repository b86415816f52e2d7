"""What changed between two snapshots, and how two sites differ, through the public names."""

from __future__ import annotations

import copy
import pickle
import re
import typing
from pathlib import Path

import pytest
from random_site import random_site

from confluence_access import Comparison, Confluence, Snapshot, Table, compare, errors, types

SITE = {
    "users": {"ann": {}, "bob": {}, "cat": {}},
    "groups": {"eng": {"members": ["user:ann", "user:bob"]}},
    "spaces": {"ENG": {"grants": {"group:eng": ["view"]}}},
    "contents": {
        "1": {"type": "page", "space": "ENG", "title": "Home"},
        "2": {"type": "page", "space": "ENG", "title": "Plan", "parent": "1"},
    },
}


def changed(**parts: object) -> Snapshot:
    site = copy.deepcopy(SITE)
    site.update(parts)
    return Snapshot.from_dict(site)


OLDER = Snapshot.from_dict(SITE)


def test_the_rows_are_the_answers_of_can_that_differ():
    compared = 0
    for seed in range(60):
        (one, deployment), (other, second) = random_site(seed), random_site(seed + 1_000)
        if deployment != second:
            continue
        older, newer = (Snapshot.from_dict(site, deployment, dangling="keep") for site in (one, other))
        rows = {(row.subject, row.content_id, row.operation): (row.before, row.after) for row in newer.diff(older)}
        before, after = older.access(), newer.access()
        people = {f"user:{row.id}" for snapshot in (older, newer) for row in snapshot.users} | {"anonymous"}
        for user in people:
            for content in {row.id for row in older.contents} & {row.id for row in newer.contents}:
                for operation in ("view", "edit"):
                    asked = [access.can(user, operation, content) for access in (before, after)]
                    if any(answer.verdict == "not_current" for answer in asked):
                        continue
                    answers = tuple(str(answer) for answer in asked)
                    found = rows.get((user, content, operation))
                    assert found == (answers if answers[0] != answers[1] else None), (seed, user, content, operation)
                    compared += found is not None
    assert compared > 200


def test_a_snapshot_does_not_differ_from_itself():
    assert len(OLDER.diff(OLDER)) == 0
    assert OLDER.diff(OLDER).record.__name__ == "AccessChange"


def test_a_row_names_the_cause_its_kind_and_where_it_is():
    newer = changed(restrictions={"1": {"view": ["user:ann"]}})
    rows = newer.diff(OLDER, "view")
    assert [(row.subject, row.content_id, row.cause_content) for row in rows] == [
        ("user:bob", "1", "1"),
        ("user:bob", "2", "1"),
    ]
    assert {row.cause_kind for row in rows} == {"restriction"}
    assert {row.cause for row in rows} == {"the view restriction of `Home` was set: ann"}
    assert {(row.before, row.after) for row in rows} == {("allowed", "denied")}
    revoked = changed(spaces={"ENG": {"grants": {}}}).diff(OLDER, ["view"], by="group")
    assert [(row.subject_type, row.subject_id, row.cause_subject) for row in revoked] == [
        ("group", "eng", "group:eng"),
        ("group", "eng", "group:eng"),
    ]


def test_the_table_carries_the_gaps_of_both_snapshots():
    newer = changed(unreadable={"1": "403"})
    assert len(newer.diff(OLDER).gaps) == len(OLDER.diff(newer).gaps) == 1
    assert {row.after for row in newer.diff(OLDER, "view")} == {"unknown"}


def test_changes_say_when_and_by_whom(wiki: Confluence):
    older = wiki.snapshot()
    access = older.access()
    page = next(row for row in older.contents if row.type == "page" and len(access.who_can("view", row)) > 1)
    reader = next(row for row in access.who_can("view", page) if row.standing and row.user_id != "anonymous")
    own = f"user:{wiki.server().account_id}"
    done = wiki.restrict(page, "view", [f"user:{reader.user_id}", own])
    assert {row.outcome for row in done} == {"added"}
    newer = wiki.snapshot()
    rows = newer.diff(older, "view", changes=wiki.permission_changes(since=older.taken_at, snapshot=newer))
    assert len(rows) > 0
    assert {row.cause_kind for row in rows} == {"restriction"}
    assert older.taken_at is not None
    assert all(row.cause_at is not None and row.cause_at >= older.taken_at for row in rows)
    assert len({row.cause_author for row in rows}) == 1
    assert {row.cause_at for row in newer.diff(older, "view")} == {None}
    with pytest.raises(errors.ConfigurationError, match="`changes` is a table of `PermissionChange`"):
        newer.diff(older, changes=newer.users)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"operations": "fly"}, "invalid operation `fly`"),
        ({"operations": "comment"}, "compared by `view` and `edit`, not by `comment`"),
        ({"operations": ()}, "no operation is given"),
        ({"by": "team"}, "invalid `by` `team`: expected `user` or `group`"),
        ({"policy": {"fly": True}}, "`fly`"),
    ],
)
def test_what_cannot_be_compared_by_is_refused(arguments: dict[str, object], message: str):
    with pytest.raises(errors.ConfigurationError, match=re.escape(message)):
        OLDER.diff(OLDER, **arguments)  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match=re.escape(message)):
        compare(OLDER, OLDER, **arguments)  # type: ignore[arg-type]


def test_something_that_is_no_snapshot_is_refused():
    with pytest.raises(errors.ConfigurationError, match=r"write `newer.diff\(older\)`"):
        OLDER.diff(OLDER.access())  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match="`compare` takes two snapshots"):
        compare(OLDER, "old")  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match="invalid `users` `address`: expected `email`, `name`, `id`"):
        compare(OLDER, OLDER, users="address")


def test_snapshots_of_two_sites_are_refused_by_name():
    cloud, datacenter = Snapshot.from_dict(SITE), Snapshot.from_dict(SITE, deployment="datacenter")
    with pytest.raises(errors.DifferentSitesError, match="`datacenter` and `cloud`: use `compare`") as raised:
        datacenter.diff(cloud)
    assert isinstance(raised.value, ValueError)
    assert isinstance(pickle.loads(pickle.dumps(raised.value)), errors.DifferentSitesError)


def test_two_sites_are_matched_by_what_was_asked_for():
    other = {
        "users": {"u1": {"name": "ann"}, "u2": {"name": "bob"}, "u3": {"name": "dan"}},
        "groups": {"g1": {"name": "Engineers", "members": ["user:u1"]}},
        "spaces": {"ENG": {"grants": {"group:g1": ["view"]}}},
        "contents": {"9": {"type": "page", "space": "ENG", "title": "Home"}},
    }
    second = Snapshot.from_dict(other)
    first = changed(users={"ann": {"name": "Ann"}, "bob": {"name": "bob"}, "cat": {"name": "cat"}})
    result = compare(first, second, "view", users="name", groups={"eng": "engineers"})
    assert isinstance(result, Comparison)
    assert [(row.subject_id, row.content_id, row.before, row.after) for row in result] == [
        ("u2", "9", "allowed", "denied")
    ]
    assert result[0].cause == "only in the first site is the account a member of group Engineers"
    assert [(row.kind, row.side, row.id, row.reason) for row in result.unmatched] == [
        ("user", "first", "cat", "missing"),
        ("user", "second", "u3", "missing"),
        ("content", "first", "2", "missing"),
    ]
    assert result.changes == Table(result._core)
    assert len(result.to_pandas()) == len(result.changes) == 1
    again = pickle.loads(pickle.dumps(result))
    assert again == result
    assert again.unmatched == result.unmatched
    mapped = compare(first, second, users={"user:ann": "u1"}, groups={"eng": "g1"}, contents={"2": "9"})
    assert {row.reason for row in mapped.unmatched} == {"not_mapped"}
    assert len(mapped) == 0
    nothing = compare(first, second)
    assert {row.reason for row in nothing.unmatched if row.kind == "user"} == {"no_key"}


def test_a_site_compared_with_itself_differs_in_nothing(wiki: Confluence):
    snap = wiki.snapshot()
    result = compare(snap, snap, users="id", contents="id")
    assert len(result) == 0
    assert not [row for row in result.unmatched if row.kind in {"user", "content", "space"}]
    assert len(snap.diff(snap)) == 0


def test_the_page_lists_every_kind_of_cause():
    page = (Path(__file__).parents[2] / "docs" / "diff.md").read_text(encoding="utf-8")
    listed = re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `")))
    assert listed == list(typing.get_args(types.CauseKind))
