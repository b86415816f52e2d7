"""A client of atlassian-python-api is taken over; what its calls become, and in how many requests."""

from __future__ import annotations

import asyncio
import base64
import pickle
import warnings
from collections.abc import Callable, Iterator
from http.cookiejar import Cookie, CookieJar
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth, HTTPProxyAuth
from requests_oauthlib import OAuth2Session

from confluence_access import AsyncConfluence, ConfigurationError, Confluence, Simulator
from confluence_access.atlassian_client import settings_of

with warnings.catch_warnings():
    # Of its own making, not of ours.
    warnings.simplefilter("ignore")
    import atlassian

SECRET = "s3cr3t-" + "0" * 24
ACME = "https://acme.atlassian.net"
PAGE = Path(__file__).parents[2] / "docs" / "from-atlassian.md"


def held(url: str = "https://wiki.acme.com", given: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    return settings_of(atlassian.Confluence(url, **settings), given or {})


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def session(**attributes: Any) -> requests.Session:
    made = requests.Session()
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


@pytest.fixture(scope="module")
def cloud() -> Iterator[Simulator]:
    with Simulator(pages=200) as simulator:
        yield simulator
        assert simulator.unexpected == []


@pytest.fixture(scope="module")
def data_center() -> Iterator[Simulator]:
    with Simulator("datacenter", pages=200, context="/confluence") as simulator:
        yield simulator
        assert simulator.unexpected == []


def theirs_at(url: str, **settings: Any) -> Any:
    return atlassian.Confluence(url, **settings)


def theirs_of(simulator: Simulator) -> Any:
    """The client as its documentation connects it."""
    if simulator.url.endswith("/confluence"):
        return atlassian.Confluence(simulator.url, username=simulator.username, password=simulator.password)
    return atlassian.Confluence(
        f"{simulator.url}/wiki", username=simulator.username, password=simulator.token, cloud=True
    )


def account(simulator: Simulator, **settings: Any) -> str | None:
    """The account on which a client of theirs and ours agree. They send the same credentials to the same site."""
    theirs = atlassian.Confluence(**settings)
    with Confluence.from_atlassian(theirs) as wiki:
        mine = wiki.server().account_id
        # Archived spaces are in our list alone.
        listed = {space["key"] for space in theirs.get_all_spaces(limit=100)["results"]}
        assert len(listed) > 1
        assert {space.key for space in wiki.spaces() if space.status == "current" or space.key in listed} == listed
    theirs.close()
    return mine


def test_a_client_of_cloud_is_taken_over(cloud):
    assert account(
        cloud, url=f"{cloud.url}/wiki", username=cloud.username, password=cloud.token, cloud=True
    ) == account(
        cloud, url=f"{cloud.url}/wiki", cloud=True, header={"Authorization": basic(cloud.username, cloud.token)}
    )


def test_an_oauth_2_token_goes_through_the_gateway_and_is_read_again(cloud):
    gateway = f"{cloud.url}/ex/confluence/{cloud.cloud_id}/wiki"
    theirs = theirs_at(
        gateway,
        oauth2={"client_id": "c", "token": {"access_token": "expired-token", "token_type": "Bearer"}},
        cloud=True,
    )
    for url in (gateway, cloud.url):
        theirs._session.auth._client.access_token = "expired-token"
        with Confluence.from_atlassian(theirs, url=url) as wiki:
            # What the program does when its token has expired.
            theirs._session.auth._client.access_token = cloud.token
            assert len(wiki.spaces()) > 1
    theirs.close()


def test_a_client_of_data_center_is_taken_over_with_a_password_or_a_token(data_center):
    at = {"url": data_center.url}
    by_password = account(data_center, **at, username=data_center.username, password=data_center.password)
    by_token = account(data_center, **at, token=data_center.token)
    by_header = account(data_center, **at, header={"Authorization": f"Bearer {data_center.token}"})
    assert by_password == by_token == by_header is not None


def test_the_async_client_takes_one_over_too(cloud):
    async def spaces() -> int:
        async with AsyncConfluence.from_atlassian(theirs_of(cloud)) as wiki:
            return len(await wiki.spaces())

    assert asyncio.run(spaces()) > 1


@pytest.mark.parametrize(
    ("settings", "taken"),
    [
        ({"username": "ann", "password": SECRET}, {"username": "ann", "password": SECRET}),
        ({"username": "ann", "token": f" {SECRET}\n"}, {"token": SECRET}),
        ({"username": "ann", "password": SECRET, "token": "other"}, {"username": "ann", "password": SECRET}),
        ({"url": ACME, "username": "a@acme.com", "password": SECRET}, {"username": "a@acme.com", "token": SECRET}),
        ({"username": "a", "password": SECRET, "cloud": True}, {"username": "a", "token": SECRET}),
        ({"session": session(auth=HTTPBasicAuth("ann", SECRET))}, {"username": "ann", "password": SECRET}),
        ({"session": session(headers={"authorization": f"bearer {SECRET}"})}, {"token": SECRET}),
        ({"header": {"Authorization": basic("ann", f"{SECRET}:x")}}, {"username": "ann", "password": f"{SECRET}:x"}),
        ({"session": session(auth=("ann", SECRET.encode()))}, {"username": "ann", "password": SECRET}),
    ],
)
def test_what_its_session_sends_is_taken_over(settings, taken):
    found = held(**settings)
    assert {name: found[name] for name in found if name in ("username", "password", "token")} == taken
    assert found.get("deployment") == ("cloud" if "url" in settings or settings.get("cloud") else None)


def test_the_way_to_the_site_is_taken_over(tmp_path):
    found = held(
        token=SECRET,
        proxies={"http": "http://other:1", "https": "http://proxy:3128"},
        verify_ssl="company.pem",
        cert=("client.pem", "client.key"),
    )
    assert (found["proxy"], found["ca_bundle"]) == ("http://proxy:3128", "company.pem")
    assert found["client_cert"] == ("client.pem", "client.key")
    # Certificates are verified.
    assert held(token=SECRET, verify_ssl=False) == {"url": "https://wiki.acme.com", "token": SECRET}
    assert held(session=session(headers={"Authorization": f"Bearer {SECRET}"}, proxies={"all": "http://p:1"}))["proxy"]


def test_settings_given_win_over_the_client():
    found = held(given={"token": "mine", "url": ACME, "deployment": None, "timeout": 5}, cookies=jar(), cloud=True)
    assert found == {"token": "mine", "url": ACME, "deployment": None, "timeout": 5}
    # The address that counts decides what stands beside a username.
    assert held(given={"url": ACME}, username="ann", password=SECRET)["token"] == SECRET
    assert held(given={"deployment": "datacenter"}, username="ann", password=SECRET, cloud=True)["password"] == SECRET
    with pytest.raises(TypeError, match=r"`Confluence.from_atlassian` got an unexpected .* did you mean `ca_bundle=`"):
        Confluence.from_atlassian(object(), verify_ssl=False)  # type: ignore[call-arg]


def jar() -> CookieJar:
    made = CookieJar()
    made.set_cookie(
        Cookie(0, "JSESSIONID", SECRET, None, False, "h", True, False, "/", True, False, None, True, None, None, {})
    )
    return made


class Hooked(AuthBase):
    """As Kerberos, NTLM and digests do it: with hooks."""

    username, password = "ann", SECRET


MAC = {"client_id": "c", "token": {"access_token": SECRET, "token_type": "mac"}}
OAUTH1 = {"consumer_key": "c", "key_cert": SECRET, "access_token": SECRET, "access_token_secret": SECRET}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "the client holds no credentials"),
        ({"username": "ann"}, "the client holds no credentials"),
        ({"password": SECRET}, "the client holds no credentials"),
        ({"cookies": jar()}, "logs in with cookies"),
        ({"session": session(cookies=jar())}, "logs in with cookies"),
        ({"oauth": OAUTH1}, "logs in with `OAuth1`"),
        ({"oauth2": MAC}, "not a bearer token"),
        ({"session": session(auth=Hooked())}, "logs in with `Hooked`"),
        ({"session": session(auth=HTTPDigestAuth("ann", SECRET))}, "logs in with `HTTPDigestAuth`"),
        ({"session": session(auth=HTTPProxyAuth("ann", SECRET))}, "logs in with `HTTPProxyAuth`"),
        ({"session": session(auth=("ann", ""))}, "a username or a password, not both"),
        ({"session": OAuth2Session("c")}, "logs in with `function`"),
        ({"header": {"Authorization": SECRET}}, "neither `Basic` nor `Bearer`"),
        ({"header": {"Authorization": f"Negotiate {SECRET}"}}, "neither `Basic` nor `Bearer`"),
        ({"header": {"Authorization": f"Basic {SECRET}!"}}, "a username or a password, not both"),
        ({"header": {"X-Api-Key": SECRET}}, "the client holds no credentials"),
    ],
)
def test_a_client_without_credentials_for_us_is_refused_and_none_is_shown(settings, said):
    for kind in (Confluence, AsyncConfluence):
        with pytest.raises(ConfigurationError, match=said) as refused:
            kind.from_atlassian(atlassian.Confluence("https://wiki.acme.com", **settings))
        assert "`token=`" in str(refused.value)
        error: BaseException | None = refused.value
        while error is not None:
            assert SECRET not in f"{error!r} {pickle.dumps(error)!r}"
            error = error.__cause__ or error.__context__
    # Given beside it, they are not looked for.
    assert settings_of(atlassian.Confluence("https://wiki.acme.com", **settings), {"token": "t"})["token"] == "t"


def test_a_session_of_oauth_2_is_read_at_the_moment():
    signed_in = OAuth2Session("c", token={"access_token": "first", "token_type": "Bearer"})
    token = held(session=signed_in)["token"]
    assert token() == "first"
    signed_in.token = {"access_token": "second", "token_type": "Bearer"}
    assert token() == "second"


def test_what_only_looks_like_it_will_do():
    own = SimpleNamespace(url=ACME, username="ann@acme.com", password=SECRET)
    assert settings_of(own, {}) == {"url": ACME, "username": "ann@acme.com", "token": SECRET}
    assert settings_of(SimpleNamespace(url=ACME, token=SECRET), {}) == {"url": ACME, "token": SECRET}
    for other in (None, ACME, SimpleNamespace(), SimpleNamespace(url=7)):
        with pytest.raises(ConfigurationError, match="takes a `Confluence` client of atlassian-python-api"):
            Confluence.from_atlassian(other)


def test_it_shows_no_secret_and_leaves_the_other_client_as_it_is(data_center):
    theirs = theirs_of(data_center)
    before = (theirs.url, dict(theirs._session.headers), theirs._session.auth)
    with Confluence.from_atlassian(theirs) as wiki:
        assert data_center.password not in repr(wiki) + str(vars(wiki))
        wiki.spaces()
    assert (theirs.url, dict(theirs._session.headers), theirs._session.auth) == before
    assert len(theirs.get_all_spaces()["results"]) > 1


# What the page says ---------------------------------------------------------------------------------------------------


def tried(ask: Callable[[str], Any], about: str) -> Any:
    """As a loop has to ask that is not to end at the first page it may not read."""
    try:
        return ask(about)
    except requests.HTTPError:
        return None


def pages(theirs: Any) -> list[str]:
    return [page["id"] for page in theirs.get_all_pages_from_space_as_generator("ENG", limit=100)]


def with_ancestors(theirs: Any) -> None:
    for page in pages(theirs):
        theirs.get_all_restrictions_for_content(page)
        for above in theirs.get_page_by_id(page, expand="ancestors")["ancestors"]:
            tried(theirs.get_all_restrictions_for_content, above["id"])


def whole_log(theirs: Any) -> list[Any]:
    records: list[Any] = []
    while some := theirs.audit(limit=100, start=len(records))["results"]:
        records += some
    return records


def members(theirs: Any) -> None:
    for group in theirs.get_all_groups():
        # It does not escape a name, so some are not found.
        tried(theirs.get_all_members, group["name"])


# By what is asked: how a script asks today, and how it asks us.
QUESTIONS: dict[str, tuple[Callable[[Any, str], Any], Callable[[Confluence, str], Any]]] = {
    "The restrictions of one page": (
        lambda theirs, page: theirs.get_all_restrictions_for_content(page),
        lambda wiki, page: wiki.restrictions(page),
    ),
    "… of every page of a space": (
        lambda theirs, _: [theirs.get_all_restrictions_for_content(page) for page in pages(theirs)],
        lambda wiki, _: wiki.restrictions(wiki.contents("ENG")),
    ),
    "… with those it inherits": (
        lambda theirs, _: with_ancestors(theirs),
        lambda wiki, _: wiki.snapshot(spaces=["ENG"]).access().summary(),
    ),
    "The permissions of a space": (
        lambda theirs, _: theirs.get_space_permissions("ENG"),
        lambda wiki, _: wiki.space_permissions("ENG"),
    ),
    "The groups": (lambda theirs, _: theirs.get_all_groups(), lambda wiki, _: wiki.groups()),
    "The members of every group": (
        lambda theirs, _: members(theirs),
        lambda wiki, _: [wiki.members(group) for group in wiki.groups() if "/" not in str(group.name)],
    ),
    "The audit log": (lambda theirs, _: whole_log(theirs), lambda wiki, _: wiki.audit()),
}


def documented() -> dict[str, list[str]]:
    rows = (
        line.strip("|").split(" | ")
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and " → " in line
    )
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows if row[0].strip() != "question"}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_page_says_how_many_requests_each_question_takes(question, cloud, data_center):
    ask_theirs, ask_ours = QUESTIONS[question]
    counted = []
    for simulator in (cloud, data_center):
        theirs = theirs_of(simulator)
        page = pages(theirs)[-1]
        simulator.clear_log()
        ask_theirs(theirs, page)
        before = len(simulator.requests)
        simulator.clear_log()
        with Confluence.from_atlassian(theirs) as wiki:
            ask_ours(wiki, page)
        counted.append(f"{before:,} → {len(simulator.requests)}")
        theirs.close()
    assert documented()[question] == counted


def test_the_page_has_every_question_and_no_other():
    assert list(documented()) == list(QUESTIONS)


def test_what_the_page_says_about_its_lists_holds(cloud, data_center):
    """What its documents do not say: lists that end early, and calls that Cloud no longer answers."""
    for simulator in (cloud, data_center):
        theirs = theirs_of(simulator)
        assert len(theirs.get_all_pages_from_space("ENG", limit=50)) == 50 < len(pages(theirs))
        theirs.close()
    theirs = theirs_of(cloud)
    with pytest.raises(requests.HTTPError, match="GoneException"):
        theirs.get_group_members("interns")
    assert theirs.get_all_restrictions_from_page_json_rpc("1") == {}
    theirs.close()
