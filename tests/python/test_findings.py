"""Findings chosen, proven and mended; how far content reaches."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from confluence_access import ConfigurationError, Confluence, NotInSnapshotError, Snapshot
from confluence_access.access import Access


def site() -> dict[str, object]:
    return {
        "users": {
            "ann": {"email": "ann@acme.com"},
            "kim": {"email": "kim@partner.org"},
            "zoe": {"active": False},
            "gus": {"guest": True},
        },
        "groups": {"staff": {"members": ["user:ann", "user:kim"]}},
        "spaces": {
            "ENG": {"grants": {"group:staff": ["view", "create_page"], "user:gus": ["view", "create_page"]}},
            "HR": {"grants": {"user:ann": ["view", "administer"]}},
        },
        "contents": {
            "1": {"type": "page", "space": "ENG"},
            "2": {"type": "page", "space": "ENG", "parent": "1"},
            "3": {"type": "page", "space": "HR"},
        },
        "restrictions": {"2": {"view": ["user:ann", "user:zoe"]}},
    }


@pytest.fixture(scope="module")
def described() -> Access:
    return Snapshot.from_dict(site(), deployment="cloud").access()


def test_findings_are_chosen_by_code_severity_and_space(described: Access) -> None:
    every = described.findings()
    for chosen, keep in [
        (described.findings(codes="inactive_entry"), lambda row: row.code == "inactive_entry"),
        (
            described.findings(codes=["guest_may_edit", "no_active_admin"]),
            lambda row: "_admin" in row.code or "guest" in row.code,
        ),
        (described.findings(severity="medium"), lambda row: row.severity == "medium"),
        (described.findings(space="HR"), lambda row: row.space_key == "HR"),
        (described.findings(space=["ENG", "HR"], severity=["high"]), lambda row: row.severity == "high"),
    ]:
        assert [row for row in every if keep(row)] == list(chosen)
        assert len(chosen) > 0


def test_people_of_other_domains_are_found_where_the_own_domains_are_given(described: Access) -> None:
    assert "external_may_view" not in {row.code for row in described.findings()}
    (found,) = described.findings(codes="external_may_view", internal_domains=["@ACME.com"])
    assert (found.space_key, found.subject) == ("ENG", "user:kim")
    assert {row.external for row in described.exposure()} == {None}
    counts = {(row.space_key, row.content_id): row.external for row in described.exposure(internal_domains="acme.com")}
    assert counts == {("ENG", None): 1, ("HR", None): 0, ("ENG", "1"): 1, ("ENG", "2"): 0, ("HR", "3"): 0}


def test_thresholds_are_arguments(described: Access) -> None:
    assert not described.findings(codes=["huge_group", "too_many_restrictions"])
    found = described.findings(codes=["huge_group", "too_many_restrictions"], huge_group=1, too_many_restrictions=1)
    assert [(row.code, row.subject, row.content_id) for row in found] == [
        ("huge_group", "group:staff", None),
        ("too_many_restrictions", None, "2"),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"codes": "guest_may_edti"}, "unknown finding `guest_may_edti`: did you mean `guest_may_edit`?"),
        ({"codes": ["nothing"]}, "unknown finding `nothing`"),
        ({"codes": 7}, "a finding"),
        ({"severity": "severe"}, "unknown severity `severe`: expected `high`, `medium` or `low`"),
        ({"internal_domains": "ann@acme.com"}, "invalid domain `ann@acme.com`"),
        ({"huge_group": -1}, "`huge_group` is a number of 0 or more, not `-1`"),
        ({"too_many_restrictions": "many"}, "`too_many_restrictions` is a number"),
        ({"space": ""}, "a space is empty"),
    ],
)
def test_a_choice_that_means_nothing_is_refused(described: Access, arguments, message) -> None:
    with pytest.raises(ConfigurationError, match=message.replace("?", r"\?")):
        described.findings(**arguments)


def test_a_space_that_is_not_in_the_snapshot_is_refused(described: Access) -> None:
    with pytest.raises(NotInSnapshotError, match="space `ENGG` is not in the snapshot: did you mean `ENG`"):
        described.findings(space="ENGG")
    with pytest.raises(ConfigurationError, match="invalid domain"):
        described.exposure(internal_domains=["acme"])


def test_a_fix_is_a_call_of_the_client(wiki: Confluence) -> None:
    fixed: Counter[str] = Counter()
    for finding in wiki.snapshot().access().findings():
        for call in json.loads(finding.fix or "[]"):
            rows = getattr(wiki, call["call"])(**call["arguments"], dry_run=True, allow_lockout=True)
            assert [row.outcome for row in rows if row.outcome != "would_remove"] == [], (finding, list(rows))
            fixed[finding.code] += len(rows)
    assert fixed, "some finding of the simulated site has a fix"


def test_exposure_counts_as_the_summary_does(wiki: Confluence) -> None:
    snapshot = wiki.snapshot()
    access = snapshot.access()
    found = {row.content_id: row for row in access.exposure() if row.kind == "content"}
    rows = [row for row in access.summary() if row.viewers is not None]
    assert len(rows) > 100
    for row in rows:
        exposed = found[row.content_id]
        assert (exposed.viewers, exposed.editors, exposed.unknown) == (row.viewers, row.editors, row.unknown_viewers)
        assert (exposed.reach == "internet") == (row.anonymous == "allowed")
        assert ("own_restriction" in exposed.because) <= row.own_restriction
        assert ("inherited_restriction" in exposed.because) == row.inherited_restriction
    assert len(found) == len(rows)
    assert {row.space_key for row in access.exposure() if row.kind == "space"} == {s.key for s in snapshot.spaces}
