"""The client: settings, nouns, progress, strictness, secrets."""

import copy
import inspect
import pickle
import types

import pytest

import confluence_access
from confluence_access import (
    AsyncConfluence,
    ConfigurationError,
    Confluence,
    ConfluenceError,
    IncompleteError,
    Simulator,
    Snapshot,
    Table,
)
from confluence_access.records import Content, Group, Membership, Restriction, Space, SpacePermission

VARIABLES = (
    "CONFLUENCE_URL",
    "CONFLUENCE_USERNAME",
    "CONFLUENCE_API_TOKEN",
    "CONFLUENCE_PERSONAL_TOKEN",
    "CONFLUENCE_PASSWORD",
    "ATLASSIAN_ORG_ID",
    "ATLASSIAN_ORG_TOKEN",
)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def a_restricted_content(snapshot: Snapshot) -> Content:
    restricted = {row.content_id for row in snapshot.restrictions}
    return next(content for content in snapshot.contents if content.id in restricted)


def test_every_noun_is_a_table_of_its_record(wiki):
    snapshot = wiki.snapshot()
    space = next(s for s in snapshot.spaces if s.key == "HR")
    content = a_restricted_content(snapshot)
    group = next(g for g in snapshot.groups if any(m.group_id == g.id for m in snapshot.memberships))
    for table, record in (
        (wiki.spaces(), Space),
        (wiki.contents(space.key), Content),
        (wiki.space_permissions(space.key), SpacePermission),
        (wiki.restrictions(content.id), Restriction),
        (wiki.groups(), Group),
        (wiki.members(group.name), Membership),
    ):
        assert isinstance(table, Table)
        assert len(table) > 0, record
        assert {type(row) for row in table} == {record}
        assert all(row.source for row in table), record
        assert table.complete, list(table.gaps)


def test_things_may_be_named_by_record_id_or_key(wiki):
    space = next(s for s in wiki.spaces() if s.type == "global")
    by_record = wiki.contents(space).to_dicts()
    assert by_record == wiki.contents(space.key).to_dicts() == wiki.contents(space.id).to_dicts()
    assert wiki.space_permissions(space).to_dicts() == wiki.space_permissions(space.id).to_dicts()
    content = a_restricted_content(wiki.snapshot(spaces=None))
    by_record = wiki.restrictions(content).to_dicts()
    assert by_record == wiki.restrictions(content.id).to_dicts() == wiki.restrictions(int(content.id)).to_dicts()
    group = wiki.groups()[0]
    by_record = wiki.members(group).to_dicts()
    assert by_record == wiki.members(group.id).to_dicts() == wiki.members(f"group:{group.name}").to_dicts()
    one = wiki.snapshot(spaces=space)
    assert [s.key for s in one.spaces] == [space.key]
    assert [s.key for s in wiki.snapshot(spaces=[space.id]).spaces] == [space.key]


@pytest.mark.parametrize("wrong", [None, 3.5, b"ENG", True])
def test_an_argument_of_another_type_is_refused_by_name(wiki, wrong):
    with pytest.raises(ConfigurationError, match="its id, its title, its address or a `Content`"):
        wiki.restrictions(wrong)


def test_an_empty_name_is_refused_before_anything_is_sent(wiki):
    with pytest.raises(ConfigurationError, match="a space is empty: expected its key"):
        wiki.contents(" ")
    assert wiki.usage().requests == 0


def test_a_snapshot_of_some_spaces_holds_these_and_no_others(wiki):
    keys = ["HR", "FIN"]
    snapshot = wiki.snapshot(spaces=keys)
    assert sorted(s.key for s in snapshot.spaces) == sorted(keys)
    assert {c.space_key for c in snapshot.contents} == set(keys)
    assert snapshot.complete


def test_the_server_says_who_one_is(wiki, simulator):
    server = wiki.server()
    assert server.deployment == "cloud"
    assert server.account_id
    assert simulator.url in server.url
    assert server.account_name in str(server)


def test_usage_counts_requests_by_route(wiki, simulator):
    before = len(simulator.requests)
    wiki.spaces()
    wiki.groups()
    usage = wiki.usage()
    assert usage.requests == len(simulator.requests) - before > 1
    assert sum(usage.routes.values()) == usage.requests
    assert any("/spaces" in route for route in usage.routes)


def test_progress_calls_a_function_with_stage_done_and_total(wiki):
    calls = []
    wiki.snapshot(progress=lambda stage, done, total: calls.append((stage, done, total)))
    assert {stage for stage, _, _ in calls} >= {"spaces", "contents", "restrictions", "groups", "members"}
    last = {stage: (done, total) for stage, done, total in calls}
    assert all(done == total for done, total in last.values()), last
    for stage in last:
        counts = [done for name, done, _ in calls if name == stage]
        assert counts == sorted(counts)


def test_progress_shows_nothing_where_nobody_looks(wiki, capsys):
    wiki.snapshot(progress=True)
    assert capsys.readouterr() == ("", "")


def test_a_notebook_gets_a_bar(simulator, capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ipykernel", types.ModuleType("ipykernel"))
    with Simulator(pages=60, latency=0.15) as slow, slow.connect() as wiki:
        wiki.snapshot(progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "snapshot" in shown.err
    monkeypatch.setitem(__import__("sys").modules, "tqdm.auto", None)
    with simulator.connect() as wiki:
        wiki.snapshot(progress=True)
    assert capsys.readouterr() == ("", "")


def test_no_progress_prints_nothing(wiki, capsys):
    wiki.snapshot()
    assert capsys.readouterr() == ("", "")


def test_what_cannot_be_read_is_a_gap_and_with_strict_an_error():
    with Simulator(pages=60) as simulator, simulator.connect(max_retries=0) as wiki:
        space = "ENG"
        group = next(group for group in wiki.groups() if group.name == "engineering")
        simulator.fail(f"/group/{group.id}/membersByGroupId", status=403)
        snapshot = wiki.snapshot(spaces=[space])
        assert not snapshot.complete
        gap = next(gap for gap in snapshot.gaps if gap.scope == "group")
        assert (gap.subject, gap.cause, gap.status) == (group.id, "forbidden", 403)
        with pytest.raises(IncompleteError) as caught:
            wiki.snapshot(spaces=[space], strict=True)
        assert group.id in {gap.subject for gap in caught.value.gaps}
        assert pickle.loads(pickle.dumps(caught.value)).gaps[0] == caught.value.gaps[0]
        with pytest.raises(ConfluenceError):
            wiki.members(group, strict=True)


def test_from_env_reads_the_environment(simulator, monkeypatch):
    monkeypatch.setenv("CONFLUENCE_URL", simulator.url)
    monkeypatch.setenv("CONFLUENCE_USERNAME", simulator.username)
    monkeypatch.setenv("CONFLUENCE_API_TOKEN", simulator.token)
    monkeypatch.setenv("ATLASSIAN_ORG_ID", "org-1")
    monkeypatch.setenv("ATLASSIAN_ORG_TOKEN", "org-secret")
    with Confluence.from_env(timeout=5) as wiki:
        assert len(wiki.spaces()) > 0
        assert simulator.username in repr(wiki)


@pytest.mark.parametrize("missing", ["CONFLUENCE_URL", "CONFLUENCE_USERNAME", "CONFLUENCE_API_TOKEN"])
def test_from_env_names_the_variable_that_is_missing(monkeypatch, missing):
    values = {
        "CONFLUENCE_URL": "https://acme.atlassian.net",
        "CONFLUENCE_USERNAME": "ann@acme.example",
        "CONFLUENCE_API_TOKEN": "very-secret",
    }
    for name, value in values.items():
        if name != missing:
            monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        Confluence.from_env()
    assert missing in str(caught.value)
    assert "very-secret" not in str(caught.value)


def test_settings_given_win_over_the_environment(simulator, monkeypatch):
    monkeypatch.setenv("CONFLUENCE_URL", "https://elsewhere.example")
    monkeypatch.setenv("CONFLUENCE_USERNAME", "somebody")
    monkeypatch.setenv("CONFLUENCE_API_TOKEN", "something")
    with Confluence.from_env(url=simulator.url, username=simulator.username, token=simulator.token) as wiki:
        assert wiki.url.startswith(simulator.url)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"timeout": 0}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"max_concurrency": 0}, "max_concurrency"),
        ({"max_retries": -1}, "max_retries"),
        ({"requests_per_second": 0.0}, "requests_per_second"),
        ({"deployment": "server"}, "deployment"),
        ({"ca_bundle": "/nowhere/ca.pem"}, "/nowhere/ca.pem"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_setting_that_cannot_work_is_refused_by_name(settings, named):
    with pytest.raises(ConfigurationError, match=named):
        Confluence("https://acme.atlassian.net", username="ann@acme.example", token="t", **settings)


def test_a_client_shows_no_secret_and_is_not_pickled_or_copied(simulator):
    for kind in (Confluence, AsyncConfluence):
        wiki = kind(
            simulator.url, username=simulator.username, token=simulator.token, org_id="o", org_token="org-secret"
        )
        assert simulator.token not in repr(wiki)
        assert simulator.token not in str(vars(wiki))
        assert "org-secret" not in repr(wiki) + str(vars(wiki))
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match=f"{kind.__name__}.from_env"):
                attempt(wiki)


def test_both_faces_have_the_same_methods_with_the_same_signatures():
    def public(kind: type) -> dict[str, inspect.Signature]:
        return {
            name: inspect.signature(member)
            for name, member in inspect.getmembers(kind, callable)
            if not name.startswith("_") and name not in ("from_env", "from_atlassian")
        }

    one, other = public(Confluence), public(AsyncConfluence)
    assert sorted(one) == sorted(other)
    assert len(one) >= 10
    for name, signature in one.items():
        assert signature.parameters == other[name].parameters, name


def test_public_names_are_importable_and_say_where_they_live():
    assert len(confluence_access.__all__) > 30
    for name in confluence_access.__all__:
        value = getattr(confluence_access, name)
        if isinstance(value, type):
            assert value.__module__.startswith("confluence_access."), name
            assert "._core" not in value.__module__, name
            assert value.__doc__, name


def test_classes_of_the_extension_say_where_they_live():
    from confluence_access import _core

    classes = [value for value in vars(_core).values() if isinstance(value, type)]
    assert len(classes) >= 5
    assert {kind.__module__ for kind in classes} == {"confluence_access._core"}
