"""A refreshed snapshot is what a full one would be, and says what was read again."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from random_site import random_site

from confluence_access import AsyncConfluence, Confluence, Plan, Simulator, Snapshot, _core, cli, errors

WHOLE = {"END_USER_ACTIVITY": "ADVANCED"}
SITES: dict[str, dict[str, Any]] = {
    "cloud": {"spaces": 6, "pages": 90, "users": 20, "groups": 8},
    "datacenter": {
        "deployment": "datacenter",
        "version": "10.2.0",
        "spaces": 6,
        "pages": 90,
        "users": 20,
        "groups": 8,
        "coverage": WHOLE,
    },
}
SETTINGS: Any = SITES
LOG = {"cloud": "/rest/api/audit", "datacenter": "/rest/auditing/1.0/events"}


@pytest.fixture(params=list(SITES))
def product(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def simulator(product: str) -> Iterator[Simulator]:
    with Simulator(**SETTINGS[product]) as simulator:
        yield simulator
        assert simulator.unexpected == []


@pytest.fixture
def wiki(simulator: Simulator) -> Iterator[Confluence]:
    with simulator.connect() as wiki:
        recorded(wiki)
        yield wiki


def recorded(wiki: Confluence) -> None:
    """Lets the audit log hold a record from before the snapshot."""
    space = wiki.spaces()[0].key
    wiki.grant(space, "group:" + wiki.groups()[0].id, ["view"])


def served(site: dict[str, Any], deployment: str) -> dict[str, Any]:
    """The site in the words of the simulator, which are those of the servers. Data Center has no folders."""
    for content in site["contents"].values():
        if deployment == "datacenter" and content["type"] == "folder":
            content["type"] = "page"
    words = {"view": "read", "edit": "update"}
    lists = {page: {words[word]: who for word, who in both.items()} for page, both in site["restrictions"].items()}
    return {**site, "restrictions": lists}


def assert_same(one: Snapshot, other: Snapshot) -> None:
    for noun in _core.nouns():
        assert getattr(one, noun).to_dicts() == getattr(other, noun).to_dicts(), noun
    assert one.global_permissions.to_dicts() == other.global_permissions.to_dicts()
    assert one.site == other.site
    for operation in ("view", "edit"):
        ours, theirs = (sorted(map(str, each.access().pairs(operation))) for each in (one, other))
        assert ours == theirs


def outcomes(snapshot: Snapshot) -> dict[str | None, tuple[str, str]]:
    """What became of the permissions of each space."""
    rows = snapshot.refreshed
    return {row.subject: (row.outcome, row.reason) for row in rows if row.scope == "space_permissions"}


def change(wiki: Confluence, known: Snapshot, chance: random.Random) -> None:
    """One random change; the product may refuse it."""
    spaces = [space.key for space in known.spaces]
    users = [f"user:{user.id}" for user in known.users]
    groups = [f"group:{group.id}" for group in known.groups]
    pages = [content.id for content in known.contents if content.type == "page"]
    if not (spaces and users and groups and pages):
        return
    space, subject, page = chance.choice(spaces), chance.choice([*users, *groups]), chance.choice(pages)
    group, operation = chance.choice(groups), chance.choice(["view", "edit"])
    permissions = ["view", *chance.sample(["create_page", "administer", "delete_page"], chance.randint(0, 2))]
    held = [row for row in known.space_permissions if row.subject_type in ("user", "group", "anonymous")]
    with suppress(errors.ConfluenceError):
        plan = Plan()
        match chance.randint(0, 9):
            case 0 | 1:
                plan.grant(space, subject, permissions)
            case 2 | 3 if held:
                plan.revoke(chance.choice(held))
            case 4:
                plan.restrict(page, "view" if operation == "view" else "edit", [subject])
            case 5 if len(known.restrictions):
                plan.revoke(chance.choice(list(known.restrictions)))
            case 6:
                plan.add_member(group.removeprefix("group:"), chance.choice(users))
            case 7 if len(known.memberships):
                row = chance.choice(list(known.memberships))
                plan.remove_member(row.group_id, f"user:{row.user_id}")
            case 8 if chance.random() < 0.4:
                plan.delete(group.removeprefix("group:"))
            case 9 if known.site.deployment == "cloud":
                plan.assign_role(space, subject, "Viewer")
            case _:
                plan.move(page, chance.choice([other for other in pages if other != page] or ["0"]))
        wiki.apply(plan, on_error="continue", allow_lockout=True)


@pytest.mark.parametrize("seed", range(6))
def test_a_full_snapshot_afterwards_shows_no_difference(product: str, seed: int) -> None:
    chance = random.Random(seed)
    with Simulator(**{**SETTINGS[product], "seed": seed + 1}) as simulator, simulator.connect() as wiki:
        recorded(wiki)
        snap = wiki.snapshot()
        kept = 0
        for _ in range(3):
            for _ in range(chance.randint(0, 4)):
                change(wiki, snap, chance)
            snap = snap.refresh(wiki)
            assert_same(snap, wiki.snapshot())
            kept += Counter(outcome for outcome, _ in outcomes(snap).values())["kept"]
            assert {row.key for row in snap.spaces} == set(outcomes(snap))
        assert kept
        assert simulator.unexpected == []


@pytest.mark.parametrize("seed", range(24))
def test_so_it_is_on_sites_of_every_kind(seed: int) -> None:
    site, deployment = random_site(seed)
    chance = random.Random(seed)
    if deployment == "cloud":
        site["role_mode"] = chance.choice(["PRE_ROLES", "ROLES_TRANSITION", "ROLES"])
        site["roles"] = {"Viewer": ["view"], "Maker": ["view", "create_page"]}
    with Simulator(deployment, site=served(site, deployment), coverage=WHOLE) as simulator, simulator.connect() as wiki:
        for _ in range(3):
            change(wiki, wiki.snapshot(), chance)
        snap = wiki.snapshot()
        for _ in range(3):
            for _ in range(chance.randint(0, 3)):
                change(wiki, snap, chance)
            snap = snap.refresh(wiki)
            assert_same(snap, wiki.snapshot())


def test_it_sends_fewer_requests_and_says_why(wiki: Confluence, simulator: Simulator) -> None:
    keys = [space.key for space in wiki.spaces()]
    before = wiki.usage().requests
    snap = wiki.snapshot()
    full = wiki.usage().requests - before
    someone = next(user for user in snap.users if user.active)
    wiki.grant(keys[2], f"user:{someone.id}", ["view", "create_page"])
    before = wiki.usage().requests
    newer = snap.refresh(wiki)
    assert wiki.usage().requests - before < full
    found = outcomes(newer)
    assert found[keys[2]] == ("read", "changed")
    # The first was granted something within the last day.
    assert found[keys[0]] == ("read", "changed")
    unchanged = ["unchanged"] * (len(keys) - 3)
    assert sorted(reason for _, reason in found.values()) == ["changed"] * 2 + ["sample", *unchanged]
    message = next(row.message for row in newer.refreshed if row.subject == keys[2])
    assert message.startswith("the audit log records `Space permission added` at 20")
    always = {row.scope for row in newer.refreshed if row.reason == "not_recorded"}
    assert always == {"site", "spaces", "contents", "groups", "users"}
    assert len(snap.refreshed) == 0
    assert snap.taken_at is not None
    assert newer.taken_at is not None
    assert snap.taken_at < newer.taken_at
    assert_same(newer, wiki.snapshot())


def test_a_saved_snapshot_is_refreshed_like_the_one_that_was_saved(wiki: Confluence, tmp_path: Path) -> None:
    wiki.snapshot().save(tmp_path / "kept")
    newer = Snapshot.load(tmp_path / "kept").refresh(wiki)
    assert Counter(outcomes(newer).values())["kept", "unchanged"] == len(newer.spaces) - 2
    assert_same(newer, wiki.snapshot())


def test_it_can_be_awaited(simulator: Simulator, wiki: Confluence) -> None:
    snap = wiki.snapshot()
    secret: dict[str, Any] = {"token": simulator.token}
    if snap.site.deployment == "cloud":
        secret["username"] = simulator.username

    async def refresh() -> Snapshot:
        stages: list[str] = []
        async with AsyncConfluence(simulator.url, **secret) as client:
            newer = await snap.refresh_async(client, progress=lambda stage, *_: stages.append(stage))
        assert "permissions" in stages
        return newer

    newer = asyncio.run(refresh())
    assert Counter(outcomes(newer).values())["kept", "unchanged"] == len(newer.spaces) - 2
    assert_same(newer, wiki.snapshot())


@pytest.mark.parametrize("fault", [{"status": 403}, {"status": 500}, {"effect": "login_page"}, {"effect": "truncated"}])
def test_without_the_audit_log_everything_is_read_again(
    product: str, simulator: Simulator, fault: dict[str, Any]
) -> None:
    with simulator.connect(max_retries=0) as wiki:
        recorded(wiki)
        snap = wiki.snapshot()
        simulator.fail(LOG[product], **fault)
        newer = snap.refresh(wiki)
        assert set(outcomes(newer).values()) == {("read", "log")}
        assert_same(newer, wiki.snapshot())


def test_a_log_that_may_have_expired_proves_nothing(product: str) -> None:
    # Its records are of months ago, or there are none at all.
    with Simulator(**{**SETTINGS[product], "audit_records": 0}) as simulator, simulator.connect() as wiki:
        snap = wiki.snapshot()
        simulator.fail(LOG[product], **empty(product))
        newer = snap.refresh(wiki)
        assert set(outcomes(newer).values()) == {("read", "log")}
        assert "has no record from before" in newer.refreshed[-1].message


def empty(product: str) -> dict[str, Any]:
    body = {"results": [], "start": 0, "limit": 1000, "size": 0, "_links": {}}
    if product == "datacenter":
        body = {"entities": [], "pagingInfo": {"lastPage": True, "size": 0}}
    return {"effect": "body", "body": json.dumps(body)}


def test_a_log_that_misses_a_change_is_found_out(product: str, simulator: Simulator, wiki: Confluence) -> None:
    snap = wiki.snapshot()
    someone = next(user for user in snap.users if user.active)
    for space in snap.spaces:
        wiki.grant(space, f"user:{someone.id}", ["view", "create_page", "delete_page"])
    # As if these records had never been written: they become known to be about something else.
    for text in ("Space permission added", "Space permission removed"):
        simulator.fail(LOG[product], effect="replace", **{"from": text, "to": "Page created"})
    if product == "datacenter":
        simulator.heal()
        simulator.fail(
            LOG[product], effect="replace", **{"from": "audit.logging.summary.space.permission.added", "to": "x"}
        )
    newer = snap.refresh(wiki)
    simulator.heal()
    assert all(outcome == "read" for outcome, _ in outcomes(newer).values())
    assert_same(newer, wiki.snapshot())


@pytest.mark.parametrize(
    ("coverage", "kept"),
    [({"PERMISSIONS": "OFF"}, False), ({"USER_MANAGEMENT": "OFF"}, False), ({"END_USER_ACTIVITY": "BASE"}, True)],
)
def test_a_server_that_does_not_record_permissions_is_read_whole(coverage: dict[str, str], kept: bool) -> None:
    settings = {**SETTINGS["datacenter"], "coverage": coverage}
    with Simulator(**settings) as simulator, simulator.connect() as wiki:
        recorded(wiki)
        snap = wiki.snapshot()
        newer = snap.refresh(wiki)
        assert (("kept", "unchanged") in outcomes(newer).values()) == kept
        if not kept:
            assert "not recorded" in newer.refreshed[-1].message
        assert_same(newer, wiki.snapshot())


def test_a_site_that_changed_without_any_log_is_read_whole(product: str) -> None:
    """The site is set up anew at the same address, with other permissions, members, spaces and contents."""
    deployment: Any = product
    for seed in range(8):
        older, newer = (random_site(number)[0] for number in (seed, seed + 100))
        for site in (older, newer):
            site.pop("policy", None)
            if product == "datacenter":
                for space in site["spaces"].values():
                    space["grants"] = {
                        who: what for who, what in space["grants"].items() if not who.startswith("class")
                    }
            else:
                for space in site["spaces"].values():
                    space["grants"].pop("unlicensed", None)
        with (
            Simulator(deployment, site=served(older, deployment), coverage=WHOLE) as simulator,
            simulator.connect() as wiki,
        ):
            recorded_somehow(wiki)
            snap = wiki.snapshot()
            port = port_of(simulator)
        with (
            Simulator(deployment, site=served(newer, deployment), port=port, coverage=WHOLE) as simulator,
            simulator.connect() as wiki,
        ):
            refreshed = snap.refresh(wiki)
            assert_same(refreshed, wiki.snapshot())
            gone = {row.subject for row in refreshed.refreshed if row.outcome == "gone"}
            assert gone == {space.key for space in snap.spaces} - {
                now.key for now in refreshed.spaces for was in snap.spaces if now.id == was.id and now.key == was.key
            }
            assert "kept" not in {outcome for outcome, _ in outcomes(refreshed).values()}


def port_of(simulator: Simulator) -> int:
    return int(simulator.url.rsplit(":", 1)[1].split("/")[0])


def recorded_somehow(wiki: Confluence) -> None:
    with suppress(errors.ConfluenceError, IndexError):
        recorded(wiki)


def test_another_account_gets_its_own_view() -> None:
    site = {
        "users": {"ann": {"product_admin": True}, "bob": {"product_admin": True}},
        "groups": {"g": {"members": ["user:ann", "user:bob"]}},
        "spaces": {"A": {"grants": {"group:g": ["view"]}}, "B": {"grants": {"group:g": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "A"}},
    }
    with Simulator(site={**site, "caller": "user:ann"}) as simulator, simulator.connect() as wiki:
        recorded(wiki)
        snap = wiki.snapshot()
        port = port_of(simulator)
    with Simulator(site={**site, "caller": "user:bob"}, port=port) as simulator, simulator.connect() as wiki:
        assert set(outcomes(snap.refresh(wiki)).values()) == {("read", "view")}


def test_the_selection_of_spaces_stays_as_it_was(wiki: Confluence) -> None:
    keys = [space.key for space in wiki.spaces()]
    snap = wiki.snapshot(spaces=keys[1:4])
    newer = snap.refresh(wiki)
    assert sorted(space.key for space in newer.spaces) == sorted(keys[1:4])
    assert Counter(outcome for outcome, _ in outcomes(newer).values()) == {"kept": 2, "read": 1}
    assert_same(newer, wiki.snapshot(spaces=keys[1:4]))


def test_selected_spaces_that_are_gone_are_left_out() -> None:
    grants = {"grants": {"user:ann": ["view"]}}
    contents = {"1": {"type": "page", "space": "A"}}
    site = {"users": {"ann": {}}, "spaces": {"A": grants, "B": grants, "Z": grants}, "contents": contents}
    with Simulator(site=site) as simulator, simulator.connect() as wiki:
        snap, other = wiki.snapshot(spaces=["A", "Z"]), wiki.snapshot(spaces=["Z"])
        port = port_of(simulator)
    left = {**site, "spaces": {"A": grants, "B": grants}}
    with Simulator(site=left, port=port) as simulator, simulator.connect() as wiki:
        newer = snap.refresh(wiki)
        assert [space.key for space in newer.spaces] == ["A"]
        assert ("spaces", "Z", "gone", "gone") in {
            (row.scope, row.subject, row.outcome, row.reason) for row in newer.refreshed
        }
        with pytest.raises(errors.NotFoundError, match="none of the spaces of the snapshot"):
            other.refresh(wiki)


def test_what_was_asked_for_is_asked_for_again() -> None:
    with Simulator(**SETTINGS["cloud"]) as simulator:
        with simulator.connect(org_token=simulator.org_token, org_url=simulator.url) as wiki:
            recorded(wiki)
            snap = wiki.snapshot(public_links=True, last_active=True, admin_key=True)
            newer = snap.refresh(wiki)
            assert newer.site.admin_key
            assert newer.site.public_links_enabled is not None
            assert any(user.last_active_at for user in newer.users)
            assert_same(newer, wiki.snapshot(public_links=True, last_active=True, admin_key=True))
            assert not simulator.admin_key_active
        with simulator.connect() as wiki, pytest.raises(errors.ConfigurationError, match="org_token"):
            snap.refresh(wiki)


def test_a_gap_of_the_earlier_snapshot_is_read_again(product: str, simulator: Simulator) -> None:
    with simulator.connect(max_retries=0) as wiki:
        recorded(wiki)
        space = wiki.spaces()[3]
        part = f"spaces/{space.id}/permissions" if product == "cloud" else f"space/{space.key}/permissions"
        simulator.fail(part, status=403)
        if product == "datacenter":
            simulator.fail(f"space/{space.key}?", status=403)
            simulator.fail("json-rpc", status=403)
        snap = wiki.snapshot()
        assert any(gap.scope == "space_permissions" for gap in snap.gaps)
        simulator.heal()
        newer = snap.refresh(wiki)
        assert outcomes(newer)[space.key] == ("read", "gap")
        assert_same(newer, wiki.snapshot())


def test_a_snapshot_of_nothing_that_can_be_asked_is_refused(wiki: Confluence, simulator: Simulator) -> None:
    described = Snapshot.from_dict({"spaces": {"A": {}}}, wiki.snapshot().site.deployment)  # type: ignore[arg-type]
    simulator.clear_log()
    with pytest.raises(errors.ConfigurationError, match="was not read from a site"):
        described.refresh(wiki)
    with Simulator(spaces=1, pages=3) as other, other.connect() as elsewhere:
        foreign = elsewhere.snapshot()
    with pytest.raises(errors.OtherSiteError, match="nothing was sent") as caught:
        foreign.refresh(wiki)
    assert isinstance(caught.value, ValueError)
    assert simulator.requests == []


def test_what_a_plan_would_make_is_never_taken_for_what_is(wiki: Confluence, tmp_path: Path) -> None:
    snap = wiki.snapshot()
    plan = Plan().revoke(next(row for row in snap.space_permissions if row.subject_type == "group"))
    snap.what_if(plan).save(tmp_path / "imagined")
    for imagined in (snap.what_if(plan), Snapshot.load(tmp_path / "imagined")):
        newer = imagined.refresh(wiki)
        assert set(outcomes(newer).values()) == {("read", "view")}
        assert_same(newer, wiki.snapshot())


def test_a_fault_leaves_a_gap_or_an_error_and_never_a_wrong_answer(product: str) -> None:
    grants = {"group:g": ["view", "create_page", "edit_page"], "user:cat": ["view"]}
    site = {
        "users": {name: {} for name in ("ann", "bob", "cat", "dan")},
        "groups": {"g": {"members": ["user:ann", "user:bob"]}, "h": {"members": ["user:dan"]}},
        "spaces": {key: {"grants": grants} for key in ("A", "B", "C", "D")},
        "contents": {
            str(number): {"type": "page", "space": key, "title": f"Page {number}"}
            for number, key in enumerate(["A", "A", "B", "C", "D"], start=1)
        },
        "restrictions": {"2": {"read": ["user:ann"]}, "3": {"update": ["group:g"]}},
    }
    deployment: Any = product
    settings: Any = {"site": site, "coverage": WHOLE, "version": "10.2.0"}
    with Simulator(deployment, **settings) as simulator, simulator.connect(max_retries=0) as wiki:
        wiki.grant("A", "group:h", ["view"])
        snap = wiki.snapshot()
        wiki.grant("B", "group:h", ["view", "create_page"])
        wiki.revoke("C", "user:cat", ["view"])
        wiki.restrict(["5"], "view", ["group:g"], allow_lockout=True)
        wiki.apply(Plan().remove_member("g", "user:bob"))
        truth = wiki.snapshot()
        expected = answers(truth)
        simulator.clear_log()
        assert answers(snap.refresh(wiki)) == expected
        paths = sorted({re.sub(r"/(?:\d+|[A-D])(?=/|$)", "/", request.path) for request in simulator.requests})
        assert len(paths) > 8
        places = sorted({piece for path in paths for piece in [path.rsplit("/", 1)[-1] or path] if piece})
        seen = Counter[str]()
        for place in places:
            for fault in ({"status": 500}, {"status": 403}, {"effect": "truncated"}, {"effect": "drop"}):
                simulator.fail(place, **fault)
                with suppress(errors.ConfluenceError), simulator.connect(max_retries=0) as other:
                    newer = snap.refresh(other)
                    seen["answered"] += 1
                    seen["incomplete"] += not newer.complete
                    for question, answer in answers(newer).items():
                        assert answer in ("unknown", expected[question]), (place, fault, question)
                simulator.heal()
        assert seen["incomplete"] > 5, seen


def test_the_command_refreshes_a_saved_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with Simulator(**SETTINGS["cloud"]) as simulator, simulator.connect() as wiki:
        monkeypatch.setenv("CONFLUENCE_URL", simulator.url)
        monkeypatch.setenv("CONFLUENCE_USERNAME", simulator.username)
        monkeypatch.setenv("CONFLUENCE_API_TOKEN", simulator.token)
        recorded(wiki)
        taken = wiki.snapshot()
        taken.save("acme")
        assert cli.main(["refresh", "acme", "--out", "later"]) == 0
        assert "in 6 of 8 spaces had not changed" in capsys.readouterr().out
        assert Snapshot.load("acme") == taken
        assert_same(Snapshot.load("later"), wiki.snapshot())
        simulator.fail(LOG["cloud"], status=403)
        assert cli.main(["refresh", "acme"]) == 0
        assert "all were read again: " in capsys.readouterr().out
        assert Snapshot.load("acme").taken_at != taken.taken_at
        assert cli.main(["refresh", "missing"]) == 1
        assert cli.main(["refresh", "acme", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["spaces"] == 8


def answers(snapshot: Snapshot) -> dict[tuple[str, str, str], str]:
    access = snapshot.access()
    known = {content.id for content in snapshot.contents}
    people = {user.id for user in snapshot.users}
    found = {}
    for name in ("ann", "bob", "cat", "dan"):
        for number in range(1, 6):
            for operation in ("view", "edit"):
                page = str(number)
                there = page in known and name in people
                asked = (name, page, operation)
                found[asked] = str(access.can(f"user:{name}", operation, page)) if there else "unknown"
    return found
