"""Changes on Data Center through the public names."""

from __future__ import annotations

import asyncio

import pytest

from confluence_access import AsyncConfluence, Confluence
from confluence_access.errors import AmbiguousError, ConfigurationError, LockoutError, NotFoundError
from confluence_access.simulator import Simulator

SITE = {
    "caller": "k-ann",
    "users": {"k-ann": {"name": "ann", "product_admin": True}, "k-bob": {"name": "bob"}, "k-cat": {"name": "cat"}},
    "groups": {"leads": {"members": ["user:k-ann"]}, "a/b & c+d%": {"members": ["user:k-bob"]}},
    "spaces": {
        "ENG": {"grants": {"group:leads": ["view", "administer", "create_page", "restrict"], "user:k-bob": ["view"]}},
        "~ann": {"grants": {"user:k-ann": ["view", "administer"]}},
    },
    "contents": {"1": {"space": "ENG"}, "2": {"space": "ENG", "parent": "1"}},
    "restrictions": {"2": {"read": ["group:leads"]}},
}


@pytest.fixture(params=["8.5.4", "9.2.0", "10.2.0"])
def wiki(request):
    with (
        Simulator("datacenter", site=SITE, version=request.param, context="/confluence") as simulator,
        Confluence(simulator.url, token=simulator.token, deployment="datacenter") as wiki,
    ):
        yield wiki
        assert simulator.unexpected == []


def outcomes(rows):
    return [(row.subject_name, row.permission, row.outcome) for row in rows]


def test_permissions_of_a_space_are_given_set_and_taken(wiki):
    would = wiki.grant("ENG", "group:a/b & c+d%", ["view", "page create"], dry_run=True)
    assert {row.outcome for row in would} == {"would_add"}
    given = wiki.grant("ENG", "group:a/b & c+d%", ["view", "page create"])
    assert {row.outcome for row in given} == {"added"}
    own = wiki.space_permissions("ENG", subject="group:a/b & c+d%")
    assert {row.permission for row in own} == {"view", "create_page"}
    rows = wiki.set_permissions("ENG", {"user:cat": ["view"], "user:bob": []})
    assert sorted((row.permission, row.outcome) for row in rows) == [("view", "added"), ("view", "removed")]
    assert {row.outcome for row in wiki.revoke("ENG", "anonymous", ["view"])} == {"skipped"}
    assert len(wiki.space_permissions("ENG", subject="user:bob")) == 0
    assert {row.outcome for row in wiki.grant("~ann", "anonymous", "view")} == {"added"}


def test_a_restriction_list_is_changed_and_the_page_stays_open_to_its_author(wiki):
    assert outcomes(wiki.restrict("2", "view", ["user:bob"])) == [("bob", "view", "added")]
    assert {(row.operation, row.subject_id) for row in wiki.restrictions("2")} == {
        ("view", "leads"),
        ("view", "k-bob"),
    }
    with pytest.raises(LockoutError):
        wiki.set_restrictions("2", "view", ["user:bob"])
    assert outcomes(wiki.unrestrict("2", "view", ["user:bob"])) == [("bob", "view", "removed")]
    [kept] = wiki.unrestrict_all("group:leads", allow_lockout=True)
    assert kept.outcome == "failed"
    assert "allow_open" in kept.message


def test_what_cannot_be_is_refused_with_what_would_be_right(wiki):
    with pytest.raises(ConfigurationError, match="`view`"):
        wiki.grant("ENG", "group:leads", ["veiw"])
    with pytest.raises(ConfigurationError, match="one of"):
        wiki.grant("ENG", "group:leads", ["archive_page"])
    with pytest.raises(NotFoundError):
        wiki.grant("ENG", "user:nobody", ["view"])
    with pytest.raises(NotFoundError):
        wiki.space_permissions("ENG", subject="group:nobody")
    with pytest.raises(LockoutError):
        wiki.revoke("ENG", "group:leads", ["administer"])


def test_the_asynchronous_face_writes_too():
    async def story(simulator):
        async with AsyncConfluence(simulator.url, token=simulator.token, deployment="datacenter") as wiki:
            given = await wiki.grant("ENG", "user:cat", ["view"])
            own = await wiki.space_permissions("ENG", subject="user:cat")
            return [row.outcome for row in given], [row.permission for row in own]

    with Simulator("datacenter", site=SITE) as simulator:
        assert asyncio.run(story(simulator)) == (["added"], ["view"])


def test_json_rpc_is_not_told_a_user_that_is_a_group_as_well():
    groups = {"leads": {"members": ["user:k-ann"]}, "bob": {"members": []}}
    with (
        Simulator("datacenter", site={**SITE, "groups": groups}, version="8.5.4") as simulator,
        Confluence(simulator.url, token=simulator.token, deployment="datacenter") as wiki,
    ):
        with pytest.raises(AmbiguousError, match="a group is named `bob` too"):
            wiki.json_rpc.add_permission_to_space("COMMENT", "user:bob", "ENG")
        [row] = wiki.grant("ENG", "user:bob", "create_comment")
        assert row.outcome == "failed"
        # A bare name is the server's to understand.
        assert wiki.json_rpc.add_permission_to_space("COMMENT", "cat", "ENG") is True
