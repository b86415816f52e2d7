"""Contents, spaces, subjects, words and paths, as people give them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from confluence_access import (
    AsyncConfluence,
    ConfigurationError,
    Confluence,
    Snapshot,
    arguments,
    read_audit_log,
)


class Site:
    """Something with an address."""

    def __init__(self, address: str | None) -> None:
        self.address = address

    def _address(self) -> str | None:
        return self.address


CLOUD = Site("https://acme.atlassian.net")
SERVER = Site("https://wiki.acme.com:8443/confluence")
OFFLINE = Site(None)


SIMULATOR = {"pages": 60}


@pytest.fixture(scope="module")
def wiki(simulator):
    with simulator.connect() as wiki:
        yield wiki


@pytest.fixture(scope="module")
def snapshot(wiki):
    return wiki.snapshot()


@pytest.mark.parametrize(
    ("site", "address", "content"),
    [
        (CLOUD, "https://acme.atlassian.net/wiki/spaces/ENG/pages/12345/A+Title", "12345"),
        (CLOUD, "HTTPS://ACME.atlassian.net:443/wiki/spaces/ENG/pages/12345", "12345"),
        (CLOUD, "http://acme.atlassian.net/wiki/spaces/ENG/pages/12345?focusedCommentId=7#top", "12345"),
        (CLOUD, "acme.atlassian.net/wiki/spaces/ENG/pages/12345", "12345"),
        (CLOUD, " https://acme.atlassian.net/wiki/spaces/ENG/pages/edit-v2/12345?draftShareId=1", "12345"),
        (CLOUD, "https://acme.atlassian.net/wiki/spaces/~5b10/blog/2026/11/21/12345/News", "12345"),
        (CLOUD, "https://acme.atlassian.net/wiki/spaces/ENG/folder/12345", "12345"),
        (CLOUD, "https://acme.atlassian.net/wiki/spaces/ENG/whiteboard/12345", "12345"),
        (CLOUD, "https://acme.atlassian.net/wiki/pages/viewpage.action?pageId=12345", "12345"),
        (CLOUD, "https://acme.atlassian.net/wiki/spaces/ENG/overview?homepageId=12345", "12345"),
        (CLOUD, "/wiki/spaces/ENG/pages/12345/A+Title", "12345"),
        (CLOUD, "/spaces/ENG/pages/12345/A+Title", "12345"),
        (SERVER, "https://wiki.acme.com:8443/confluence/pages/viewpage.action?pageId=12345", "12345"),
        (SERVER, "https://wiki.acme.com:8443/confluence/spaces/ENG/pages/12345/Title", "12345"),
        (OFFLINE, "https://anything.example/wiki/spaces/ENG/pages/12345", "12345"),
        (OFFLINE, "https://anything.example/confluence/pages/viewpage.action?pageId=12345", "12345"),
        (CLOUD, "12345", "12345"),
    ],
)
def test_an_address_of_the_own_site_means_its_content(site, address, content):
    assert arguments.content(address, site) == content


@pytest.mark.parametrize(
    ("site", "address", "key"),
    [
        (CLOUD, "https://acme.atlassian.net/wiki/spaces/ENG/overview", "ENG"),
        (CLOUD, "https://acme.atlassian.net/wiki/spaces/ENG", "ENG"),
        (CLOUD, "https://acme.atlassian.net/wiki/spaces/%7E5b10/pages/1/x", "~5b10"),
        (CLOUD, "/spaces/ENG/pages/1", "ENG"),
        (SERVER, "https://wiki.acme.com:8443/confluence/display/ENG/A+Title", "ENG"),
        (SERVER, "https://wiki.acme.com:8443/confluence/spaces/viewspace.action?key=ENG", "ENG"),
        (CLOUD, "ENG", "ENG"),
        (CLOUD, "~ann.lee", "~ann.lee"),
    ],
)
def test_an_address_of_the_own_site_means_its_space(site, address, key):
    assert arguments.space(address, site) == key


@pytest.mark.parametrize(
    ("site", "address"),
    [
        (CLOUD, "https://other.atlassian.net/wiki/spaces/ENG/pages/12345"),
        (CLOUD, "https://acme.atlassian.net.evil.example/wiki/spaces/ENG/pages/12345"),
        (CLOUD, "https://acme.atlassian.net:8443/wiki/spaces/ENG/pages/12345"),
        (CLOUD, "https://acme.atlassian.net@evil.example/wiki/spaces/ENG/pages/12345"),
        (CLOUD, "other.atlassian.net/wiki/spaces/ENG/pages/12345"),
        (CLOUD, "https://acme.atlassian.net/jira/spaces/ENG/pages/12345"),
        (SERVER, "https://wiki.acme.com:8443/spaces/ENG/pages/12345"),
        (SERVER, "https://wiki.acme.com:8443/other/spaces/ENG/pages/12345"),
        (SERVER, "https://wiki.acme.com:8443/confluence2/spaces/ENG/pages/12345"),
        (SERVER, "https://wiki.acme.com/confluence/spaces/ENG/pages/12345"),
    ],
)
def test_an_address_of_another_site_or_path_is_refused_and_both_are_named(site, address):
    for read in (arguments.content, arguments.space):
        with pytest.raises(ConfigurationError) as caught:
            read(address, site)
        assert address in str(caught.value)
        assert site.address in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://acme.atlassian.net/wiki/x/",
        "https://acme.atlassian.net/wiki/x/A",
        "https://acme.atlassian.net/wiki/spaces/ENG/overview",
        "https://acme.atlassian.net/wiki/display/ENG",
        "https://acme.atlassian.net/wiki/",
        "https://[acme/wiki/spaces/ENG/pages/1",
        "https://acme.atlassian.net:port/wiki/spaces/ENG/pages/1",
    ],
)
def test_an_address_without_an_id_or_a_title_is_refused_with_what_would_do(address):
    with pytest.raises(ConfigurationError):
        arguments.content(address, CLOUD)


def test_addresses_are_taken_wherever_a_content_or_a_space_is(wiki, simulator, snapshot):
    content = snapshot.restrictions[0].content_id
    space = next(row.space_key for row in snapshot.contents if row.id == content)
    page = f"{simulator.url}/wiki/spaces/{space}/pages/{content}/x"
    home = f"{simulator.url}/wiki/spaces/{space}/overview"
    access = snapshot.access()
    assert wiki.restrictions(page) == wiki.restrictions(content)
    assert wiki.contents(home) == wiki.contents(space)
    assert wiki.space_permissions(page) == wiki.space_permissions(space)
    assert access.who_can("view", page) == access.who_can("view", content)
    assert access.explain("anonymous", "view", page) == access.explain("anonymous", "view", content)
    assert access.can("anonymous", "view", page) == access.can("anonymous", "view", content)
    assert access.tree(page) == access.tree(content)
    before = wiki.usage().requests
    other = page.replace("127.0.0.1", "127.0.0.2")
    for ask in (
        lambda: wiki.restrictions(other),
        lambda: wiki.contents(other),
        lambda: wiki.check(other, "anonymous", "view"),
        lambda: wiki.restrict([content, other], "view", ["anonymous"], dry_run=True),
        lambda: wiki.grant(other, "anonymous", ["view"], dry_run=True),
        lambda: wiki.snapshot(spaces=[other]),
        lambda: wiki.permission_changes(content=other),
        lambda: access.can("anonymous", "view", other),
        lambda: access.who_can("view", other),
        lambda: access.tree(other),
    ):
        with pytest.raises(ConfigurationError, match="belongs to another site"):
            ask()
    assert wiki.usage().requests == before


def test_the_asyncio_client_refuses_them_too(simulator):
    async def ask() -> None:
        async with AsyncConfluence(simulator.url, username=simulator.username, token=simulator.token) as wiki:
            with pytest.raises(ConfigurationError, match="belongs to another site"):
                await wiki.restrictions("https://other.example/wiki/spaces/ENG/pages/1")

    asyncio.run(ask())


NUMBERS = [int, np.int64, np.int32, np.uint64, lambda n: pd.array([n], dtype="Int64")[0], lambda n: np.array(n)]


@pytest.mark.parametrize("number", NUMBERS)
def test_ids_may_be_numbers_of_any_kind(wiki, snapshot, number):
    content = snapshot.restrictions[0].content_id
    space = snapshot.spaces[0]
    access = snapshot.access()
    given = number(int(content))
    assert wiki.restrictions(given) == wiki.restrictions(content)
    assert access.who_can("view", given) == access.who_can("view", content)
    assert access.can("anonymous", "view", given) == access.can("anonymous", "view", content)
    assert wiki.contents(number(int(space.id))) == wiki.contents(space.id)
    assert [row.key for row in wiki.snapshot(spaces=[number(int(space.id))]).spaces] == [space.key]
    assert [row.key for row in wiki.snapshot(spaces=number(int(space.id))).spaces] == [space.key]


def test_lists_of_numbers_are_lists_of_ids(wiki, snapshot):
    ids = [row.id for row in snapshot.contents if row.type == "page"][:2]
    subject = f"user:{snapshot.users[0].id}"
    expected = wiki.restrict(ids, "view", [subject], dry_run=True, allow_lockout=True)
    numbers = [int(each) for each in ids]
    for given in (numbers, np.array(numbers), pd.Series(numbers), pd.Series(numbers, dtype="Int64"), tuple(numbers)):
        assert wiki.restrict(given, "view", [subject], dry_run=True, allow_lockout=True) == expected
    assert wiki.restrict(pd.Series(ids), "view", pd.Series([subject]), dry_run=True, allow_lockout=True) == expected


@pytest.mark.parametrize("missing", [None, pd.NA, pd.NaT, float("nan"), np.nan])
def test_a_missing_value_is_refused_as_one(wiki, snapshot, missing):
    before = wiki.usage().requests
    access = snapshot.access()
    for ask in (
        lambda: wiki.restrictions(missing),
        lambda: wiki.contents(missing),
        lambda: wiki.members(missing),
        lambda: wiki.find_user(missing),
        lambda: wiki.check(missing, "anonymous", "view"),
        lambda: wiki.check("1", missing, "view"),
        lambda: wiki.restrict(["1", missing], "view", ["anonymous"], dry_run=True),
        lambda: wiki.grant("ENG", missing, ["view"], dry_run=True),
        lambda: access.can(missing, "view", "1"),
        lambda: access.can("anonymous", "view", missing),
    ):
        with pytest.raises(ConfigurationError, match="is missing: expected"):
            ask()
    assert wiki.usage().requests == before


@pytest.mark.parametrize("wrong", [True, np.bool_(True), 12345.0, np.float64(7), b"12345", object(), -1, {"id": 1}])
def test_what_is_no_id_is_refused_before_anything_is_sent(wiki, snapshot, wrong):
    before = wiki.usage().requests
    access = snapshot.access()
    for ask in (
        lambda: wiki.restrictions(wrong),
        lambda: wiki.contents(wrong),
        lambda: wiki.snapshot(spaces=wrong),
        lambda: wiki.restrict([wrong], "view", ["anonymous"], dry_run=True),
        lambda: wiki.restrict(wrong, "view", ["anonymous"], dry_run=True),
        lambda: access.can("anonymous", "view", wrong),
        lambda: access.contents_for(wrong),
    ):
        with pytest.raises(ConfigurationError, match=r"given as|is not negative|or a list of them"):
            ask()
    assert wiki.usage().requests == before


def test_a_fraction_is_refused_with_the_way_out():
    with pytest.raises(ConfigurationError, match="read it as text or `Int64`"):
        arguments.identifier(12345.0, "a content", "its id")


def test_swapped_arguments_are_named(wiki, snapshot):
    access = snapshot.access()
    before = wiki.usage().requests
    for ask, order in (
        (lambda: access.can("view", cast("Any", "user:ann"), "1"), r"can\(subject, operation, content\)"),
        (lambda: access.explain("edit", cast("Any", "anonymous"), "1"), r"explain\(subject, operation, content\)"),
        (lambda: access.who_can(cast("Any", "user:ann"), "1"), r"who_can\(operation, content\)"),
        (lambda: access.contents_for("view", cast("Any", "user:ann")), r"contents_for\(subject, operation\)"),
        (lambda: wiki.check("1", "view", "user:ann"), r"check\(content, subject, operation\)"),
        (lambda: wiki.restrict(["1"], "group:eng", ["view"]), r"restrict\(contents, operation, subjects\)"),
        (lambda: access.can("anonymous", cast("Any", 7), "1"), r"can\(subject, operation, content\)"),
    ):
        with pytest.raises(ConfigurationError, match=order):
            ask()
    assert wiki.usage().requests == before


def test_a_word_of_another_type_is_refused(wiki):
    before = wiki.usage().requests
    for ask in (
        lambda: wiki.grant("ENG", "anonymous", [7], dry_run=True),
        lambda: wiki.grant("ENG", "anonymous", None, dry_run=True),
        lambda: wiki.set_permissions("ENG", ["group:eng"], dry_run=True),
        lambda: wiki.restrict(["1"], "view", None, dry_run=True),
        lambda: wiki.permission_changes(snapshot="folder"),
    ):
        with pytest.raises(ConfigurationError):
            ask()
    assert wiki.usage().requests == before


def test_a_tilde_is_the_home_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    snapshot = Snapshot.from_dict({"users": {"ann": {}}})
    assert snapshot.save("~/kept") == tmp_path / "kept"
    assert Snapshot.load("~/kept") == Snapshot.load(Path("~/kept")) == snapshot
    (tmp_path / "a.audit.log").write_text("")
    assert len(read_audit_log("~/a.audit.log")) == len(read_audit_log("~/*.audit.log")) == 0
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.audit.log", "kept"]


@pytest.mark.parametrize("wrong", [None, 7, b"folder", "", ["folder"]])
def test_what_is_no_path_is_refused(wrong):
    snapshot = Snapshot.from_dict({"users": {"ann": {}}})
    with pytest.raises(ConfigurationError):
        snapshot.save(wrong)
    with pytest.raises(ConfigurationError):
        Snapshot.load(wrong)


def test_an_unknown_column_is_refused_with_those_there_are():
    users = Snapshot.from_dict({"users": {"ann": {}}}).users
    with pytest.raises(KeyError, match="did you mean `display_name`") as caught:
        users.column("dispay_name")
    assert "`email`" in str(caught.value)


@pytest.mark.parametrize("kind", [Confluence, AsyncConfluence])
def test_a_keyword_of_another_method_is_answered_with_the_one_meant(kind):
    wiki = kind("http://127.0.0.1:9", username="u", token="t")
    with pytest.raises(TypeError, match=rf"`{kind.__name__}\.snapshot` .* `space`: did you mean `spaces=`"):
        wiki.snapshot(space="ENG")
    wiki._core.close()
