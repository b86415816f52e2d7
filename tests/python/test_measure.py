"""Open switches, settled by questions that only they decide."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from confluence_access import (
    AsyncConfluence,
    ConfigurationError,
    ForbiddenError,
    IncompleteError,
    Measurement,
    Simulator,
    Snapshot,
    UnavailableError,
)


def site(**policy: bool | str) -> dict[str, Any]:
    """A site on which every open switch of Cloud decides something."""
    page = {"type": "page", "space": "DOC"}
    return {
        "users": {
            "ann": {},
            "bob": {},
            "guest": {"guest": True},
            "bot": {"app": True},
        },
        "groups": {"eng": {"members": ["user:ann"]}},
        "spaces": {
            "DOC": {
                "grants": {
                    "user:ann": ["view", "create_page", "delete_page"],
                    "user:bob": ["view", "create_page", "delete_page"],
                    "user:guest": ["view"],
                    "user:bot": ["view"],
                }
            },
            "OPEN": {"grants": {"anonymous": ["view"], "user:bob": ["view"]}},
            "ALL": {"grants": {"class:all-licensed-users": ["view"]}},
        },
        "contents": {
            "1": {"type": "page", "space": "ALL", "title": "For all with a licence"},
            "2": {**page, "title": "Editors read it"},
            "3": {**page, "title": "Below it", "parent": "2"},
            "4": {**page, "title": "For a group that is gone"},
            "5": {**page, "title": "Guarded"},
            "6": {"type": "page", "space": "OPEN", "title": "Open"},
        },
        "restrictions": {
            "2": {"read": ["user:ann"], "update": ["user:ann", "user:bob"]},
            "4": {"read": ["group:gone"]},
            "5": {"update": ["user:ann"]},
        },
        "policy": dict(policy),
    }


VALUES: list[tuple[str, bool | str]] = [
    ("guests_in_all_licensed_users", True),
    ("guests_in_all_licensed_users", False),
    ("apps_in_all_licensed_users", True),
    ("apps_in_all_licensed_users", False),
    ("update_implies_read_same_node", True),
    ("update_implies_read_same_node", False),
    ("update_implies_read_inherited", True),
    ("update_implies_read_inherited", False),
    ("only_vanished_groups", "opens"),
    ("only_vanished_groups", "nobody"),
    ("delete_needs_update_entry", True),
    ("delete_needs_update_entry", False),
]


@pytest.mark.parametrize(("switch", "value"), VALUES)
def test_what_a_switch_is_on_the_server_is_what_is_measured(switch: str, value: bool | str) -> None:
    with Simulator(site=site(**{switch: value})) as simulator, simulator.connect() as wiki:
        snap = wiki.snapshot()
        before = len(simulator.requests)
        measured = wiki.measure(snap)
        checks = [request for request in simulator.requests[before:] if "permission/check" in request.path]
        assert 0 < len(checks) == sum(row.requests for row in measured) <= 12
        row = next(row for row in measured if row.switch == switch)
        assert (row.value, row.reason) == (str(value).lower(), None)
        assert row.question is not None
        assert row.question.startswith("may ")
        assert row.answer in ("allowed", "denied")
        assert row.source == "cloud_v1 POST /wiki/rest/api/content/{id}/permission/check"
        # What was measured is what the resolver then says.
        assert measured.policy[switch] == value
        access = snap.access(policy=measured.policy)
        operation: Any = row.question.split(") ")[1].split(" ")[0]
        assert str(access.can(str(row.subject), operation, str(row.content_id))) == row.answer
        assert simulator.unexpected == []


def test_a_switch_that_decides_nothing_here_says_so() -> None:
    plain = {
        "users": {"ann": {}},
        "spaces": {"DOC": {"grants": {"user:ann": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "DOC"}},
    }
    with Simulator(site=plain) as simulator, simulator.connect() as wiki:
        measured = wiki.measure(wiki.snapshot())
        assert len(measured) > 0
        assert {row.value for row in measured} == {"unknown"}
        assert {row.requests for row in measured} == {0}
        assert all(row.question is None and "only this switch decides" in str(row.reason) for row in measured)
        assert measured.policy == {}
        assert not [request for request in simulator.requests if "permission/check" in request.path]


def test_answers_that_contradict_each_other_settle_nothing() -> None:
    described = site(only_vanished_groups="opens")
    described["contents"]["7"] = {"type": "page", "space": "DOC", "title": "Another"}
    described["restrictions"]["7"] = {"read": ["group:gone"]}
    with Simulator(site=described) as simulator, simulator.connect() as wiki:
        snap = wiki.snapshot()
        assert wiki.measure(snap).policy["only_vanished_groups"] == "opens"
        # Meanwhile one of the two lists gets somebody who is there.
        wiki.restrict("7", "view", ["user:guest"])
        row = next(row for row in wiki.measure(snap) if row.switch == "only_vanished_groups")
        assert row.value == "unknown"
        assert "contradict" in str(row.reason)


def test_the_snapshot_of_another_site_is_refused_before_a_question_is_asked() -> None:
    with Simulator(site=site()) as here, Simulator(site=site()) as there:
        with here.connect() as wiki:
            snap = wiki.snapshot()
        with there.connect() as wiki:
            with pytest.raises(ConfigurationError, match="give a snapshot of the same site"):
                wiki.measure(snap)
            assert not [request for request in there.requests if "permission/check" in request.path]


def test_who_may_not_ask_is_told_and_one_lost_answer_is_a_gap() -> None:
    with Simulator(site=site()) as simulator, simulator.connect() as wiki:
        snap = wiki.snapshot()
        simulator.fail("permission/check", effect="status", status=403)
        with pytest.raises(ForbiddenError, match="administrator"):
            wiki.measure(snap)
        simulator.heal()
        simulator.fail("permission/check", effect="status", status=403, times=1)
        measured = wiki.measure(snap)
        assert [gap.cause for gap in measured.gaps] == ["forbidden"]
        simulator.heal()
        simulator.fail("permission/check", effect="status", status=403, times=1)
        with pytest.raises(IncompleteError):
            wiki.measure(snap, strict=True)


def test_data_center_is_asked_by_the_lists_of_the_add_on() -> None:
    described = {
        "users": {"ann": {}, "bob": {}},
        "spaces": {"OPEN": {"grants": {"anonymous": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "OPEN"}},
    }
    for value in (True, False):
        served = {**described, "policy": {"anonymous_applies_when_site_off": value}}
        with (
            Simulator("datacenter", site=served, version="10.2.0", extender=True) as simulator,
            simulator.connect() as wiki,
        ):
            measured = wiki.measure(wiki.snapshot())
            assert measured.policy == {"anonymous_applies_when_site_off": value}
            # The questions that find out which product this is are nothing unexpected.
            assert simulator.unexpected == []
    with Simulator("datacenter", site=described, version="10.2.0") as simulator, simulator.connect() as wiki:
        snap = wiki.snapshot()
        with pytest.raises(UnavailableError):
            wiki.measure(snap)


def test_asyncio_measures_the_same() -> None:
    with Simulator(site=site(guests_in_all_licensed_users=True)) as simulator:

        async def measured() -> Measurement:
            async with AsyncConfluence(simulator.url, username=simulator.username, token=simulator.token) as wiki:
                return await wiki.measure(await wiki.snapshot())

        with simulator.connect() as wiki:
            assert asyncio.run(measured()).policy == wiki.measure(wiki.snapshot()).policy


def test_a_snapshot_from_plain_data_can_be_measured() -> None:
    described = site(only_vanished_groups="opens")
    offline = Snapshot.from_dict({**described, "policy": {}}, dangling="keep")
    with Simulator(site=described) as simulator, simulator.connect() as wiki:
        assert wiki.measure(offline).policy["only_vanished_groups"] == "opens"


@pytest.mark.parametrize("guests", [True, False])
def test_a_measured_policy_completes_the_rules_of_an_index(guests: bool) -> None:
    with Simulator(site=site(guests_in_all_licensed_users=guests)) as simulator, simulator.connect() as wiki:
        snap = wiki.snapshot()
        measured = wiki.measure(snap)
    assert measured.policy["guests_in_all_licensed_users"] is guests
    rows = {row.content_id: row for row in snap.access().acl("view")}
    assert not rows["1"].complete
    settled = {row.content_id: row for row in snap.access(policy=measured.policy).acl("view")}
    assert settled["1"].complete
    audience = {row.audience_id: row.users for row in snap.access(policy=measured.policy).audiences("view")}
    assert ("guest" in audience[settled["1"].audience_id]) is guests
