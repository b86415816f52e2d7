"""Data Center through the public names."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from confluence_access import (
    AsyncConfluence,
    AuthenticationError,
    ConfigurationError,
    Confluence,
    ConfluenceError,
    ForbiddenError,
    IncompleteError,
    NotFoundError,
    Simulator,
    UnavailableError,
)

VERSIONS = ["7.19.0", "8.5.4", "9.2.0", "10.2.0"]


def connect(simulator: Simulator, **settings: Any) -> Confluence:
    return Confluence(simulator.url, **{"token": simulator.token, **settings})


@pytest.fixture(params=VERSIONS, scope="module")
def each(request: pytest.FixtureRequest) -> Iterator[tuple[Simulator, Confluence]]:
    with (
        Simulator("datacenter", pages=60, version=request.param, context="/confluence") as simulator,
        connect(simulator) as wiki,
    ):
        yield simulator, wiki


@pytest.fixture(scope="module")
def newest() -> Iterator[tuple[Simulator, Confluence]]:
    with (
        Simulator("datacenter", pages=60, version="10.2.0", context="/confluence") as simulator,
        connect(simulator) as wiki,
    ):
        yield simulator, wiki


def test_every_version_says_what_it_is_and_what_it_can_do(each: tuple[Simulator, Confluence]) -> None:
    simulator, wiki = each
    server = wiki.server()
    assert (server.deployment, server.url) == ("datacenter", simulator.url)
    assert server.version in VERSIONS
    assert server.username == simulator.username
    assert server.account_id
    assert server.admin is True
    newer = server.version in ("9.2.0", "10.2.0")
    assert server.capabilities["space_permissions"] == ("rest" if newer else "json_rpc")
    assert server.capabilities["content_scan"] == "yes"
    assert str(server).startswith(f"Confluence Data Center {server.version} at ")


def test_every_noun_is_a_table_of_every_version(each: tuple[Simulator, Confluence]) -> None:
    simulator, wiki = each
    spaces = wiki.spaces(strict=True)
    assert {space.type for space in spaces} >= {"global", "personal"}
    assert {space.status for space in spaces} == {"current", "archived"}
    personal = next(space for space in spaces if space.type == "personal")
    assert personal.key.startswith("~")
    for space in spaces:
        assert all(content.space_key == space.key for content in wiki.contents(space))
    rows = wiki.space_permissions(personal, strict=True)
    assert {row.source.split(" ")[0] for row in rows} <= {"datacenter", "json_rpc"}
    assert all(row.subject_id for row in rows if row.subject_type == "user")
    user = next(row for row in rows if row.subject_type == "user")
    assert wiki.find_user(f"user:{user.subject_id}").id == user.subject_id
    groups = wiki.groups(strict=True)
    assert {group.source for group in groups} == {"unknown"}
    members = wiki.members("confluence-administrators")
    assert simulator.username in {row.user_name for row in members}


def test_a_snapshot_of_every_version_answers_for_every_content(each: tuple[Simulator, Confluence]) -> None:
    _, wiki = each
    snap = wiki.snapshot()
    assert snap.site.deployment == "datacenter"
    assert snap.site.read_only is False
    assert len(snap.contents) >= 60
    access = snap.access()
    own = wiki.server().account_id
    answers = {str(access.can(f"user:{own}", "view", content)) for content in snap.contents}
    assert "denied" not in answers
    # What a version does not tell is a gap, and nothing else is.
    allowed = {"nested_groups", "anonymous"} if wiki.server().version in ("7.19.0", "8.5.4") else {"anonymous"}
    strange = [gap for gap in snap.gaps if gap.scope == "site" and gap.subject not in allowed]
    assert strange == []


def test_a_snapshot_of_the_newest_version_takes_few_requests_and_agrees_with_the_server(
    newest: tuple[Simulator, Confluence],
) -> None:
    simulator, wiki = newest
    before = wiki.usage().requests
    snap = wiki.snapshot()
    assert wiki.usage().requests - before < 40 + 6 * len(snap.spaces) + 2 * len(snap.groups)
    assert not any("{id}/restriction" in route for route in wiki.usage().routes)
    result = snap.access().verify(wiki, sample=80, seed=3)
    assert (len(result), result.failed) == (0, 0)
    assert result.agreed > 20
    # The question which product answers is the only address this one does not have.
    assert all("/wiki/api/v2/spaces" in entry for entry in simulator.unexpected)


def test_progress_is_told(newest: tuple[Simulator, Confluence]) -> None:
    seen: set[str] = set()
    newest[1].snapshot(spaces=["ENG"], progress=lambda stage, _done, _total: seen.add(stage))
    assert {"spaces", "contents", "restrictions", "members"} <= seen


def test_the_same_is_awaited(newest: tuple[Simulator, Confluence]) -> None:
    simulator, _ = newest

    async def ask() -> tuple[str, int, int]:
        async with AsyncConfluence(simulator.url, token=simulator.token, deployment="datacenter") as wiki:
            server, rows, held = await asyncio.gather(
                wiki.server(), wiki.space_permissions("ENG", source="rest"), wiki.global_permissions()
            )
            return server.deployment, len(rows), len(held)

    deployment, rows, held = asyncio.run(ask())
    assert deployment == "datacenter"
    assert rows > 0
    assert held > 0


def test_a_token_that_is_served_as_anonymous_is_refused(newest: tuple[Simulator, Confluence]) -> None:
    simulator, _ = newest
    with connect(simulator, token="expired") as wiki, pytest.raises(AuthenticationError, match="CONFSERVER-98199"):
        wiki.spaces()
    with (
        connect(simulator, token=None, username="ann.berg", password="wrong") as wiki,
        pytest.raises(AuthenticationError),
    ):
        wiki.spaces()


def test_a_username_and_a_password_are_let_in(newest: tuple[Simulator, Confluence]) -> None:
    simulator, _ = newest
    with connect(simulator, token=None, username="ann.berg", password=simulator.password) as wiki:
        server = wiki.server()
        assert (server.username, server.account_name) == ("ann.berg", "Ann Berg")
        assert server.admin is not True
        assert any("confluence-administrators" in note for note in server.notes)
        with pytest.raises(ForbiddenError):
            wiki.global_permissions()
        snap = wiki.snapshot()
        assert not snap.complete
        with pytest.raises(IncompleteError):
            wiki.snapshot(strict=True)


def test_a_page_that_cannot_be_served_is_missed_by_name_of_its_space() -> None:
    site = {
        "caller": "ann",
        "users": {"ann": {"system_admin": True}},
        "spaces": {"ENG": {"homepage": "101", "grants": {"user:ann": ["view"]}}},
        "contents": {str(n): {"type": "page", "space": "ENG"} for n in range(101, 120)},
    }
    faults = [{"path": f"/rest/api/content{way}", "effect": "unservable", "id": "110"} for way in ("/scan", "?")]
    with Simulator("datacenter", site=site, version="9.2.0", faults=faults) as simulator, connect(simulator) as wiki:
        contents = wiki.contents("ENG")
        assert len(contents) == 18
        assert [(gap.scope, gap.subject, gap.status) for gap in contents.gaps] == [("space", "ENG", 500)]
        with pytest.raises(IncompleteError):
            wiki.contents("ENG", strict=True)


def test_an_account_that_administers_nothing_learns_why_permissions_are_missing() -> None:
    site = {
        "caller": "bob",
        "users": {"ann": {}, "bob": {}},
        "groups": {"staff": {"members": ["user:ann", "user:bob"]}},
        "spaces": {"DOC": {"grants": {"group:staff": ["view"], "user:ann": ["view", "administer"]}}},
        "contents": {"1": {"type": "page", "space": "DOC"}},
    }
    with Simulator("datacenter", site=site, version="9.2.0") as simulator, connect(simulator) as wiki:
        with pytest.raises(ForbiddenError, match="CONFSERVER-99908"):
            wiki.space_permissions("DOC")
        assert {(gap.scope, gap.subject) for gap in wiki.snapshot().gaps} >= {("space_permissions", "DOC")}


def test_a_wrong_address_is_told_with_the_right_one(newest: tuple[Simulator, Confluence]) -> None:
    simulator, _ = newest
    host = simulator.url.removesuffix("/confluence")
    deployments: list[Literal["datacenter"] | None] = [None, "datacenter"]
    for deployment in deployments:
        with (
            Confluence(host, token=simulator.token, deployment=deployment) as wiki,
            pytest.raises(ConfluenceError, match=f"{simulator.url}`"),
        ):
            wiki.spaces()
    with pytest.raises(ConfigurationError, match="Cloud site"):
        Confluence("https://acme.atlassian.net", token="x", deployment="datacenter")


def test_a_source_of_space_permissions_is_one_of_three(newest: tuple[Simulator, Confluence]) -> None:
    _, wiki = newest
    before = wiki.usage().requests
    with pytest.raises(ConfigurationError, match="json_rpc"):
        wiki.space_permissions("ENG", source="soap")  # type: ignore[arg-type]
    assert wiki.usage().requests == before
    with pytest.raises(UnavailableError):
        wiki.space_permissions("ENG", source="extender")
    by_rest = {(row.subject, row.permission) for row in wiki.space_permissions("ENG")}
    by_rpc = {(row.subject, row.permission) for row in wiki.space_permissions("ENG", source="json_rpc")}
    # JSON-RPC does not tell what people without a licence may do.
    assert {row for row in by_rest if row[0] != "unlicensed"} == {row for row in by_rpc if row[0] != "unlicensed"}


def test_permissions_of_the_site_are_there_or_said_to_be_missing(each: tuple[Simulator, Confluence]) -> None:
    _, wiki = each
    if wiki.server().version == "10.2.0":
        held = wiki.global_permissions(strict=True)
        assert {"use", "administer", "administer_system"} <= {row.permission for row in held}
        assert "group:confluence-users" in {row.subject for row in held if row.permission == "use"}
    else:
        with pytest.raises(UnavailableError, match=r"9\.3"):
            wiki.global_permissions()


def test_where_groups_are_kept_is_what_one_says(newest: tuple[Simulator, Confluence]) -> None:
    simulator, wiki = newest
    rows: list[Any] = [
        ("confluence-users", "Confluence Internal Directory", "INTERNAL"),
        {"group_name": "engineering", "directory_name": "Acme AD", "directory_type": "CONNECTOR"},
        ("engineering", "Another", "CROWD"),
    ]
    told = {group.id: group for group in wiki.groups(directories=rows)}
    assert (told["confluence-users"].source, told["engineering"].source) == ("local", "directory")
    assert told["engineering"].directory_name == "Acme AD"
    assert "Acme AD" in (told["engineering"].evidence or "")
    assert told["confluence-administrators"].source == "unknown"
    with connect(simulator, directories={"conf*": "Acme AD"}) as other:
        assert {g.id: g.source for g in other.snapshot(spaces=["ENG"]).groups}["confluence-users"] == "directory"
    with pytest.raises(ConfigurationError, match="directory_type"):
        wiki.groups(directories=[("only one",)])


def test_what_is_not_there_is_not_found(newest: tuple[Simulator, Confluence]) -> None:
    _, wiki = newest
    for ask in (
        lambda: wiki.contents("NOPE"),
        lambda: wiki.space_permissions("NO/PE"),
        lambda: wiki.restrictions("999999999"),
        lambda: wiki.members("no / such & group + 100%"),
        lambda: wiki.find_user("nobody.at.all"),
        lambda: wiki.snapshot(spaces=["ENG", "NOPE"]),
    ):
        with pytest.raises(NotFoundError):
            ask()


def test_names_with_every_sign_are_carried(newest: tuple[Simulator, Confluence]) -> None:
    _, wiki = newest
    names = [group.id for group in wiki.groups()]
    hard = [name for name in names if any(sign in name for sign in "/&+%#")]
    assert hard
    for name in hard:
        assert wiki.members(name, strict=True).complete


def test_the_server_checks_viewing_only(newest: tuple[Simulator, Confluence]) -> None:
    _, wiki = newest
    page = wiki.contents("ENG")[0]
    assert wiki.check(page, "ann.berg", "view").decision in ("allowed", "denied", "unknown")
    with pytest.raises(ConfigurationError, match="view"):
        wiki.check(page, "ann.berg", "edit")


def test_cloud_has_no_permissions_of_the_site_and_one_source() -> None:
    with (
        Simulator(pages=30) as simulator,
        Confluence(simulator.url, username=simulator.username, token=simulator.token) as wiki,
    ):
        with pytest.raises(ConfigurationError, match="Data Center"):
            wiki.global_permissions()
        with pytest.raises(ConfigurationError, match="Data Center"):
            wiki.space_permissions("ENG", source="rest")
        assert wiki.server().capabilities == {}
