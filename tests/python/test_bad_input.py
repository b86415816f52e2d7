"""What goes wrong ends in its typed error, with a remedy, within a second, and without the token."""

import logging
import socket
import ssl
import subprocess
import sys
import time
import traceback
from contextlib import contextmanager
from typing import Any, cast

import pytest
import trustme
from tls_server import served

from confluence_access import (
    AsyncConfluence,
    AuthenticationError,
    CertificateError,
    ConfigurationError,
    Confluence,
    ConfluenceError,
    ForbiddenError,
    NoAnswerError,
    NotConfluenceError,
    NotFoundError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    Simulator,
    UnreadableAnswerError,
)

TOKEN = "ATATT-very-secret-token-0123456789"


@contextmanager
def ends(kind: type[ConfluenceError], *said: str, within: float = 1.0, secret: str = TOKEN):
    """The block raises this error within a second, its message says this much, and its traceback holds no token."""
    started = time.monotonic()
    with pytest.raises(kind) as caught:
        yield caught
    assert time.monotonic() - started < within
    error = caught.value
    message = str(error)
    assert type(error) is kind
    assert "\n" not in message
    for word in said:
        assert word.lower() in message.lower(), message
    cause: BaseException | None = error
    while cause is not None:
        assert secret not in str(cause)
        assert secret not in repr(cause)
        assert secret not in repr(vars(cause))
        cause = cause.__cause__
    # Only what the library says: the source lines of this test do not count.
    assert secret not in "".join(traceback.format_exception_only(error))


SIMULATOR = {"pages": 60, "token": TOKEN}
# Asked once as if it were a Data Center.
UNEXPECTED = ["GET /rest/api/server-information: no route GET /rest/api/server-information"]


@pytest.fixture
def broken(simulator):
    """A client of a site on which something is about to go wrong."""
    with simulator.connect(max_retries=0) as wiki:
        yield wiki
    simulator.heal()


@pytest.fixture(autouse=True)
def no_token_in_any_log(caplog, capfd):
    caplog.set_level(logging.DEBUG)
    yield
    assert TOKEN not in caplog.text
    shown = capfd.readouterr()
    assert TOKEN not in shown.out + shown.err


@pytest.mark.parametrize(
    "url",
    ["", "acme", "ftp://acme.atlassian.net", "https://", "http://[::1", "https://a b.example", "/wiki"],
)
def test_an_address_that_is_none_is_refused(url):
    with ends(ConfigurationError, "https://"):
        Confluence(url, username="ann@acme.example", token=TOKEN)


def test_credentials_inside_the_address_are_refused_and_not_repeated():
    with ends(ConfigurationError):
        Confluence(f"https://ann:{TOKEN}@acme.atlassian.net", username="ann@acme.example", token=TOKEN)


def test_plain_http_to_another_machine_is_refused():
    with ends(ConfigurationError, "http://", "allow_http"):
        Confluence("http://wiki.acme.example", username="ann@acme.example", token=TOKEN)
    Confluence("http://wiki.acme.example", username="ann@acme.example", token=TOKEN, allow_http=True).close()
    for loopback in ("http://localhost:8090", "http://127.0.0.1:8090", "http://[::1]:8090"):
        Confluence(loopback, username="ann@acme.example", token=TOKEN).close()


@pytest.mark.parametrize("given", [{}, {"username": "ann@acme.example"}], ids=["nothing", "only-a-name"])
def test_missing_credentials_are_named(given):
    with ends(ConfigurationError, "token"):
        Confluence("https://acme.atlassian.net", **given)


def test_a_host_nobody_knows_is_no_answer():
    with (
        Confluence(
            "https://no-such-host.invalid", username="a", token=TOKEN, deployment="cloud", max_retries=0
        ) as wiki,
        ends(NoAnswerError, "no-such-host.invalid", within=5.0) as caught,
    ):
        wiki.spaces()
    assert isinstance(caught.value, ConnectionError)
    assert caught.value.__cause__ is not None


def test_a_dead_port_is_no_answer():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with (
        Confluence(f"http://127.0.0.1:{port}", username="a", token=TOKEN, max_retries=0) as wiki,
        ends(NoAnswerError, str(port)) as caught,
    ):
        wiki.spaces()
    assert caught.value.attempts == 1
    assert caught.value.status is None
    assert caught.value.__cause__ is not None


def test_a_dead_port_is_not_tried_for_long_with_the_usual_settings():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with (
        Confluence(f"http://127.0.0.1:{port}", username="a", token=TOKEN) as wiki,
        ends(NoAnswerError, str(port), within=1.0),
    ):
        wiki.spaces()


def test_a_bad_token_is_an_authentication_error(simulator):
    with (
        simulator.connect(token="ATATT-another-secret") as wiki,
        ends(AuthenticationError, "token", secret="ATATT-another-secret") as caught,
    ):
        wiki.spaces()
    assert caught.value.status == 401
    assert caught.value.url.startswith(simulator.url)
    assert isinstance(caught.value, PermissionError)


def test_a_token_without_rights_is_forbidden(simulator, broken):
    simulator.fail("", status=403)
    with ends(ForbiddenError) as caught:
        broken.spaces()
    assert caught.value.status == 403
    assert isinstance(caught.value, PermissionError)


def test_a_site_that_hides_everything_is_not_found(simulator, broken):
    simulator.fail("", status=404)
    with ends(NotFoundError):
        broken.spaces()


@pytest.mark.parametrize("noun", ["contents", "space_permissions", "snapshot"])
def test_an_unknown_space_is_not_found_and_named(broken, noun):
    with ends(NotFoundError, "NOPE") as caught:
        getattr(broken, noun)("NOPE")
    assert isinstance(caught.value, LookupError)


def test_an_unknown_content_is_not_found_and_named(broken):
    with ends(NotFoundError, "999999999"):
        broken.restrictions("999999999")


def test_an_unknown_group_is_not_found_and_named(broken):
    with ends(NotFoundError, "no such group"):
        broken.members("no such group")


def test_an_unknown_content_has_no_list_of_people(broken):
    access = broken.snapshot().access()
    with pytest.raises(LookupError, match="999999999"):
        access.who_can("view", "999999999")
    assert str(access.can("anonymous", "view", "999999999")) == "unknown"


def test_an_unknown_user_is_named_and_never_allowed(broken):
    snapshot = broken.snapshot()
    access = snapshot.access()
    content = snapshot.contents[0].id
    with pytest.raises((LookupError, ValueError), match="nobody@acme"):
        access.can("nobody@acme.example", "view", content)
    assert str(access.can("user:712020:nobody", "view", content)) != "allowed"


def test_a_login_page_where_json_should_be_is_not_confluence(simulator, broken):
    simulator.fail("", effect="login_page")
    with ends(NotConfluenceError, "login page", "`url`"):
        broken.spaces()


def test_a_redirect_to_another_host_is_not_followed_with_the_token(simulator, broken):
    simulator.fail("", effect="redirect", location="https://login.example/sso")
    with ends(NotConfluenceError, "login.example"):
        broken.spaces()


def test_half_an_answer_is_unreadable(simulator, broken):
    simulator.fail("", effect="truncated")
    with pytest.raises((UnreadableAnswerError, NoAnswerError)):
        broken.groups(strict=True)


def test_a_server_in_trouble_is_a_server_error_with_its_status(simulator, broken):
    simulator.fail("", status=503)
    with ends(ServerError, "503") as caught:
        broken.spaces()
    assert (caught.value.status, caught.value.attempts) == (503, 1)


def test_too_many_requests_is_a_rate_limit_error_with_the_wait(simulator, broken):
    simulator.fail("", status=429, retry_after=7)
    with ends(RateLimitError, "7") as caught:
        broken.spaces()
    assert (caught.value.status, caught.value.retry_after) == (429, 7.0)


def test_a_silent_server_is_a_timeout(simulator):
    simulator.fail("", effect="stall", seconds=30)
    try:
        with (
            simulator.connect(timeout=0.3, max_retries=0) as wiki,
            ends(RequestTimeoutError, "timeout", within=1.3) as caught,
        ):
            wiki.spaces()
    finally:
        simulator.heal()
    assert isinstance(caught.value, TimeoutError)


def cloud(url: str, **settings: Any) -> Confluence:
    return Confluence(url, username="ann@acme.example", token=TOKEN, deployment="cloud", max_retries=0, **settings)


def secured(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def test_a_certificate_nobody_signed_is_a_certificate_error_and_its_authority_cures_it(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with served(secured(authority.issue_cert("localhost"))) as url:
        with cloud(url) as wiki, ends(CertificateError, "ca_bundle") as caught:
            wiki.spaces()
        assert caught.value.__cause__ is not None
        with cloud(url, ca_bundle=tmp_path / "ca.pem") as wiki:
            assert len(wiki.spaces()) == 0


def test_a_certificate_for_another_host_is_a_certificate_error(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with (
        served(secured(authority.issue_cert("elsewhere.example"))) as url,
        cloud(url, ca_bundle=tmp_path / "ca.pem") as wiki,
        ends(CertificateError),
    ):
        wiki.spaces()


def test_https_to_a_port_that_speaks_plain_http_is_no_answer(simulator):
    url = simulator.url.replace("http://", "https://")
    with Confluence(url, username="a", token=TOKEN, max_retries=0) as wiki, pytest.raises(NoAnswerError) as caught:
        wiki.spaces()
    assert TOKEN not in str(caught.value)


def test_an_uncaught_error_prints_no_token():
    program = """
import sys
from confluence_access import Confluence
Confluence("http://127.0.0.1:9", username="ann@acme.example", token=sys.argv[1], max_retries=0).snapshot()
"""
    done = subprocess.run([sys.executable, "-c", program, TOKEN], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "NoAnswerError" in done.stderr
    assert TOKEN not in done.stderr + done.stdout


def test_an_empty_setting_is_not_taken_for_a_missing_one():
    for name in ("username", "token", "password"):
        with pytest.raises(ConfigurationError, match=f"`{name}` is empty"):
            Confluence("https://acme.atlassian.net", **cast("Any", {"username": "ann", "token": "secret", name: " "}))
    with pytest.raises(ConfigurationError, match="`url`"):
        Confluence(cast("str", None))


def test_a_client_whose_settings_were_refused_can_be_shown():
    wiki = Confluence.__new__(Confluence)
    assert repr(wiki) == "<Confluence, not connected>"


@pytest.mark.parametrize(
    ("settings", "meant"),
    [
        ({"email": "a"}, "username"),
        ({"api_token": "a"}, "token"),
        ({"pat": "a"}, "token"),
        ({"verify_ssl": 0}, "ca_bundle"),
        ({"tiemout": 3}, "timeout"),
    ],
)
def test_a_keyword_that_is_no_setting_names_the_class_and_the_likely_one(settings: dict[str, Any], meant: str):
    for kind in (Confluence, AsyncConfluence):
        with pytest.raises(TypeError, match=rf"`{kind.__name__}` got .* did you mean `{meant}=`"):
            kind("https://acme.atlassian.net", **settings)
        with pytest.raises(TypeError, match=f"`{kind.__name__}` needs the address"):
            cast("Any", kind)()


@pytest.mark.parametrize(
    "settings",
    [
        {"token": 123},
        {"timeout": "30"},
        {"max_concurrency": "5"},
        {"max_retries": True},
        {"proxy": 1},
        {"allow_http": "yes"},
    ],
)
def test_a_setting_of_a_wrong_type_is_named(settings: dict[str, Any]):
    (name,) = settings
    with pytest.raises(ConfigurationError, match=f"`{name}` is .*, not `"):
        Confluence("https://acme.atlassian.net", **{"username": "a", "token": TOKEN, **settings})


@pytest.mark.parametrize("options", [{"pages": -1}, {"port": 80000}, {"users": 1.5}])
def test_an_option_of_the_simulator_that_cannot_be_is_named(options: dict[str, Any]):
    with pytest.raises(ConfigurationError, match=f"`{next(iter(options))}` is a whole number"):
        Simulator(**options)
