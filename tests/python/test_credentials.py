"""Who is asking: tokens from a function, bearer tokens, the gateway of a site."""

import asyncio
import threading
import time

import pytest
from simulated import simulated

from confluence_access import AsyncConfluence, AuthenticationError, ConfigurationError, Confluence, Simulator

simulator = simulated(pages=40)


class Tokens:
    """Gives these one after another, the last for ever; what is an exception is raised."""

    def __init__(self, *given):
        self.given, self.called, self.threads = given, 0, set()
        self._under_way = threading.Lock()

    def __call__(self):
        assert self._under_way.acquire(blocking=False), "called twice at the same time"
        try:
            time.sleep(0.02)
            self.threads.add(threading.get_ident())
            now = self.given[min(self.called, len(self.given) - 1)]
            self.called += 1
            if isinstance(now, BaseException):
                raise now
            return now
        finally:
            self._under_way.release()


def whole(snapshot):
    return [gap for gap in snapshot.gaps if gap.cause != "not_found"] == []


def test_a_token_alone_goes_through_the_gateway_of_the_site(simulator):
    with Confluence(simulator.url, token=simulator.token) as wiki:
        assert whole(wiki.snapshot())
        assert wiki.server().url == wiki.url == simulator.url
    paths = [request.path for request in simulator.requests]
    direct = [path for path in paths if not path.startswith(f"/ex/confluence/{simulator.cloud_id}/wiki/")]
    assert len(paths) > 20
    assert direct == ["/_edge/tenant_info"]


def test_a_function_gives_the_token_and_the_next_one_when_it_has_ended(simulator):
    tokens = Tokens(simulator.token, "the-second-token")
    with Confluence(simulator.url, token=tokens) as wiki:
        assert tokens.called == 0
        assert whole(wiki.snapshot())
        assert tokens.called == 1
        simulator.change_token("the-second-token")
        assert whole(wiki.snapshot())
        assert tokens.called == 2
        assert threading.get_ident() not in tokens.threads
        for secret in (simulator.token, "the-second-token", "Tokens"):
            assert secret not in repr(wiki)


def test_a_function_serves_many_threads_and_many_tasks(simulator):
    tokens = Tokens(simulator.token, "the-second-token")
    with Confluence(simulator.url, token=tokens) as wiki:
        threads = [threading.Thread(target=wiki.spaces) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert tokens.called == 1

    async def many():
        tokens = Tokens(simulator.token, "the-second-token")
        async with AsyncConfluence(simulator.url, token=tokens) as wiki:
            before = await asyncio.gather(*(wiki.spaces() for _ in range(8)))
            simulator.change_token("the-second-token")
            after = await asyncio.gather(*(wiki.spaces() for _ in range(8)))
            assert {len(spaces) for spaces in before} == {len(spaces) for spaces in after}
        return tokens.called

    assert asyncio.run(many()) == 2


class ProviderAway(Exception):
    pass


def test_what_a_function_raises_the_call_raises(simulator):
    failure = ProviderAway("away")
    tokens = Tokens(failure, simulator.token, failure)
    with Confluence(simulator.url, token=tokens) as wiki:
        with pytest.raises(ProviderAway) as raised:
            wiki.snapshot()
        assert raised.value is failure
        assert tokens.called == 1
        assert whole(wiki.snapshot())
        simulator.change_token("another-token")
        with pytest.raises(ProviderAway):
            wiki.snapshot()
        assert tokens.called == 3

    async def awaited():
        async with AsyncConfluence(simulator.url, token=Tokens(failure)) as wiki:
            with pytest.raises(ProviderAway):
                await wiki.snapshot()
            results = await asyncio.gather(*(wiki.spaces() for _ in range(4)), return_exceptions=True)
            assert results == [failure] * 4

    asyncio.run(awaited())


@pytest.mark.parametrize("given", [None, 7, b"bytes", ["a list"]])
def test_what_is_no_text_is_refused_and_not_shown(simulator, given):
    with (
        Confluence(simulator.url, token=lambda: given) as wiki,
        pytest.raises(TypeError, match=f"`token` returns a `str`, not a `{type(given).__name__}`"),
    ):
        wiki.spaces()


@pytest.mark.parametrize("given", ["", " ", "s3cr3t token", "s3cr3t\n"])
def test_a_text_that_is_no_token_is_refused_and_not_shown(simulator, given):
    with Confluence(simulator.url, token=lambda: given) as wiki, pytest.raises(ConfigurationError) as raised:
        wiki.spaces()
    assert "function given as `token`" in str(raised.value)
    assert "s3cr3t" not in str(raised.value)


def test_an_async_function_is_refused_before_anything_is_sent(simulator):
    async def token():
        return simulator.token

    with pytest.raises(ConfigurationError, match="`async` function: give a plain one"):
        AsyncConfluence(simulator.url, token=token)  # type: ignore[arg-type]  # what a type checker would say
    assert simulator.requests == []


def test_a_function_that_uses_the_client_is_told_instead_of_waiting_for_itself(simulator):
    def token():
        return wiki.server().account_id

    with Confluence(simulator.url, token=token) as wiki, pytest.raises(RuntimeError, match="wait for itself"):
        wiki.spaces()


def test_a_refused_token_is_an_error_like_any_other(simulator):
    tokens = Tokens("not-the-token", "nor-this-one")
    with Confluence(simulator.url, token=tokens) as wiki:
        with pytest.raises(AuthenticationError) as raised:
            wiki.spaces()
        assert tokens.called == 2
        assert "not-the-token" not in str(raised.value)


def test_ctrl_c_does_not_wait_for_the_function(simulator):
    import _thread

    entered, leave = threading.Event(), threading.Event()

    def token():
        entered.set()
        leave.wait(10)
        return simulator.token

    def interrupt():
        entered.wait(10)
        _thread.interrupt_main()

    with Confluence(simulator.url, token=token) as wiki:
        watcher = threading.Thread(target=interrupt)
        watcher.start()
        with pytest.raises(KeyboardInterrupt):
            wiki.spaces()
        leave.set()
        watcher.join()
        assert len(wiki.spaces()) > 0


def test_the_environment_may_name_everything_but_the_function(simulator, monkeypatch):
    monkeypatch.setenv("CONFLUENCE_URL", simulator.url)
    tokens = Tokens(simulator.token)
    with Confluence.from_env(token=tokens) as wiki:
        assert len(wiki.spaces()) > 0
    assert tokens.called == 1


def test_a_token_with_scopes_is_let_in_at_the_gateway():
    with Simulator(pages=20, token_has_scopes=True) as simulator:
        with simulator.connect() as wiki, pytest.raises(AuthenticationError, match="through the gateway"):
            wiki.spaces()
        with simulator.connect(cloud_id=simulator.cloud_id) as wiki:
            assert len(wiki.spaces()) > 0


ANONYMOUS = '{"type": "anonymous", "displayName": "Anonymous"}'


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_token_served_as_anonymous_writes_nothing_and_asks_nothing_awaited_or_not(deployment):
    with Simulator(deployment, pages=30) as simulator:
        simulator.fail("user/current", effect="body", body=ANONYMOUS)
        username = simulator.username if deployment == "cloud" else None
        with simulator.connect() as wiki:
            for call in (
                lambda: wiki.grant("ENG", "group:engineering", ["view"]),
                lambda: wiki.restrict("1310721", "view", ["group:engineering"]),
                lambda: wiki.check("1310721", "anonymous", "view"),
                wiki.audit,
            ):
                with pytest.raises(AuthenticationError):
                    call()
            if deployment == "datacenter":
                for asked in (
                    lambda: wiki.extender.permission_types(),
                    lambda: wiki.json_rpc.space_permission_sets("ENG"),
                    lambda: wiki.json_rpc.add_permission_to_space("VIEWSPACE", "group:engineering", "ENG"),
                ):
                    with pytest.raises(AuthenticationError):
                        asked()

        async def awaited() -> None:
            async with AsyncConfluence(simulator.url, username=username, token=simulator.token) as wiki:
                with pytest.raises(AuthenticationError):
                    await wiki.spaces()
                with pytest.raises(AuthenticationError):
                    await wiki.grant("ENG", "group:engineering", ["view"])

        asyncio.run(awaited())
        assert {request.method for request in simulator.requests} == {"GET"}
