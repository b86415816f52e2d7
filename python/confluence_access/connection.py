"""The settings of a client, and what the sync and the async client share."""

from __future__ import annotations

import atexit
import difflib
import functools
import inspect
import numbers
import os
import weakref
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, TypedDict, TypeVar, Unpack, cast

from . import _core, arguments
from .errors import ConfigurationError
from .escapes import visible
from .naming import Directories, directories_of
from .server import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

# A certificate and its key, or one file with both.
ClientCertificate = str | os.PathLike[str] | tuple[str | os.PathLike[str], str | os.PathLike[str]]

F = TypeVar("F", bound="Callable[..., None]")
M = TypeVar("M", bound="Callable[..., Any]")


class Settings(TypedDict, total=False):
    """The settings of a client, as keywords: see `Confluence`."""

    url: str
    username: str | None
    token: str | Callable[[], str] | None
    password: str | None
    deployment: Literal["cloud", "datacenter"] | None
    org_id: str | None
    org_token: str | None
    org_url: str | None
    directories: Directories | None
    cloud_id: str | None
    gateway_url: str | None
    ca_bundle: str | os.PathLike[str] | None
    client_cert: ClientCertificate | None
    proxy: str | None
    timeout: float
    max_concurrency: int
    requests_per_second: float | None
    max_retries: int
    allow_http: bool


# Clients still open when the interpreter ends. Their threads must be joined before it goes away: one that hands over a
# result too late would abort the process.
_open: weakref.WeakSet[Connection] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    _core.leave()
    for connection in list(_open):
        connection._core.close()


# What other clients of Confluence call these settings.
_OTHER_WORDS = {
    "email": "username",
    "user": "username",
    "login": "username",
    "api_token": "token",
    "apitoken": "token",
    "pat": "token",
    "personal_token": "token",
    "personal_access_token": "token",
    "bearer": "token",
    "access_token": "token",
    "api_key": "token",
    "pass": "password",
    "passwd": "password",
    "base_url": "url",
    "server": "url",
    "host": "url",
    "site": "url",
    "cloud": "deployment",
    "verify_ssl": "ca_bundle",
    "verify": "ca_bundle",
    "ssl_verify": "ca_bundle",
    "cert_verify": "ca_bundle",
    "cert": "client_cert",
    "certificate": "client_cert",
    "client_certificate": "client_cert",
    "client_key": "client_cert",
    "proxies": "proxy",
    "retries": "max_retries",
    "max_workers": "max_concurrency",
    "concurrency": "max_concurrency",
    "rate_limit": "requests_per_second",
}


def _known_keywords(called: str, given: Iterable[str]) -> None:
    """Refuses an unknown setting and suggests the one that was probably meant."""
    known = Settings.__annotations__
    for name in given:
        if name in known:
            continue
        near = difflib.get_close_matches(name.lower(), known, n=1)
        meant = _OTHER_WORDS.get(name.lower()) or (near[0] if near else None)
        hint = f"did you mean `{meant}=`?" if meant else f"expected one of {', '.join(sorted(known))}"
        raise TypeError(f"`{called}` got an unexpected keyword argument `{name}`: {hint}")


def _named(init: F) -> F:
    """Makes the errors of a wrong call name the class and suggest what was probably meant."""

    @functools.wraps(init)
    def checked(self: Connection, *given: Any, **settings: Any) -> None:
        name = type(self).__name__
        _known_keywords(name, settings)
        if not given and "url" not in settings:
            raise TypeError(
                f'`{name}` needs the address of the site: `{name}("https://acme.atlassian.net", username=…, token=…)`, '
                f"or `{name}.from_env()`"
            )
        if len(given) > 1:
            raise TypeError(
                f"`{name}` takes only the address without a keyword: write `username=…, token=…` for the rest"
            )
        init(self, *given, **settings)

    return cast("F", checked)


def meaning(**meant: str) -> Callable[[M], M]:
    """Suggests the argument that was probably meant if a method is called with another word for it."""

    def of(method: M) -> M:
        @functools.wraps(method)
        def checked(self: Any, *given: Any, **named: Any) -> Any:
            for word in named:
                if word in meant:
                    called = f"{type(self).__name__}.{method.__name__}"
                    raise TypeError(
                        f"`{called}` got an unexpected keyword argument `{word}`: did you mean `{meant[word]}=`?"
                    )
            return method(self, *given, **named)

        return cast("M", checked)

    return of


def _judge_types(settings: Mapping[str, object]) -> None:
    """Refuses settings of a wrong type by name. Their values are not shown: they may be secrets."""
    for name, value in settings.items():
        if value is None or name in ("url", "directories"):
            continue
        # `bool` is a number to Python, and never one here.
        number = not isinstance(value, bool)
        match name:
            case "timeout" | "requests_per_second":
                fits, wanted = number and isinstance(value, numbers.Real), "a number"
            case "max_concurrency" | "max_retries":
                fits, wanted = number and isinstance(value, numbers.Integral), "a whole number"
            case "allow_http":
                fits, wanted = isinstance(value, bool), "True or False"
            case "ca_bundle":
                fits, wanted = isinstance(value, str | os.PathLike), "the path of a file with certificates (PEM)"
            case "client_cert":
                fits = isinstance(value, str | os.PathLike) or (
                    isinstance(value, tuple | list)
                    and len(value) == 2
                    and all(isinstance(part, str | os.PathLike) for part in value)
                )
                wanted = "`(certificate, key)`, the paths of two files (PEM), or the path of one file with both"
            case "token":
                fits, wanted = isinstance(value, str) or callable(value), "a text, or a function that returns one"
            case _:
                fits, wanted = isinstance(value, str), "a text"
        if not fits:
            raise ConfigurationError(f"`{name}` is {wanted}, not `{type(value).__name__}`")


def _path(name: str, path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else os.fspath(arguments.path(path, f"`{name}`"))


class Connection:
    """What the sync and the async client share."""

    _core: _core.Client

    @_named
    def __init__(
        self,
        url: str,
        *,
        username: str | None = None,
        token: str | Callable[[], str] | None = None,
        password: str | None = None,
        deployment: Literal["cloud", "datacenter"] | None = None,
        org_id: str | None = None,
        org_token: str | None = None,
        org_url: str | None = None,
        directories: Directories | None = None,
        cloud_id: str | None = None,
        gateway_url: str | None = None,
        ca_bundle: str | os.PathLike[str] | None = None,
        client_cert: ClientCertificate | None = None,
        proxy: str | None = None,
        timeout: float = 30.0,
        max_concurrency: int = 5,
        requests_per_second: float | None = None,
        max_retries: int = 4,
        allow_http: bool = False,
    ) -> None:
        """Validates the settings; sends nothing.

        Args:
            url: Address of the site: `https://acme.atlassian.net`, with or without `/wiki`; for Data Center with its
                context path, such as `https://docs.acme.com/confluence`.
            username: E-mail address of the account; on Data Center its username.
            token: The API token of the account; or, without a username, an OAuth access token (Cloud) or a personal
                access token (Data Center). For short-lived tokens, a function that returns one. It is called when the
                first request needs a token, and again when a request is answered with 401, once per token and never
                twice at the same time. It may block; it runs in a thread of the client and must not use this client. An
                exception it raises is raised by the call that needed the token. The token is never shown.
            password: Password, for sites that accept one instead of a token.
            deployment: `"cloud"` or `"datacenter"`; None detects it.
            org_id: Id of the Atlassian organization.
            org_token: API key of the organization. It is sent only to `https://api.atlassian.com`, never to the site.
                Scopes: read:groups:admin and read:directories:admin for the directories of groups, also
                read:users:admin for product admins in a snapshot, read:events:admin for its audit log.
            org_url: Address of the organization API instead of `https://api.atlassian.com`: for tests against a
                simulator on this machine.
            directories: Names of directories by their id, such as `{"9f2c…": "Entra ID"}`, because no API names the
                identity provider behind a directory. `directories()` lists the ids. On Data Center by group name, see
                `groups`.
            cloud_id: Sends the requests for this Cloud site through its gateway,
                `https://api.atlassian.com/ex/confluence/{cloud_id}`, as API tokens with scopes require. For a bearer
                token alone this is automatic: the client asks the site for its id, without credentials.
            gateway_url: Address of that gateway instead of `https://api.atlassian.com`: for tests on this machine. A
                simulated site is its own gateway.
            ca_bundle: File with certificates (PEM) to trust in addition to those of the operating system.
            client_cert: Client certificate for a server that asks for one (mutual TLS): `(certificate, key)`, the paths
                of two files (PEM), or the path of one file with both. The key must not be protected by a passphrase.
            proxy: Proxy to use instead of the one in the environment.
            timeout: Longest time without data from the server, in seconds.
            max_concurrency: Largest number of requests at the same time.
            requests_per_second: Largest number of requests per second; None lets the server set the pace.
            max_retries: How often a request is retried after 429, 5xx and broken connections.
            allow_http: Allows `http://` to other machines; credentials are then sent unencrypted.

        Raises:
            ConfigurationError: A setting cannot be used; the message gives the remedy.
        """
        if not isinstance(url, str):
            raise ConfigurationError(f"`url` is the address of a site, as text, not a {type(url).__name__}")
        _judge_types(
            {
                "username": username,
                "token": token,
                "password": password,
                "deployment": deployment,
                "org_id": org_id,
                "org_token": org_token,
                "org_url": org_url,
                "cloud_id": cloud_id,
                "gateway_url": gateway_url,
                "ca_bundle": ca_bundle,
                "client_cert": client_cert,
                "proxy": proxy,
                "timeout": timeout,
                "max_concurrency": max_concurrency,
                "requests_per_second": requests_per_second,
                "max_retries": max_retries,
                "allow_http": allow_http,
            }
        )
        for name, needed in (("timeout", timeout), ("max_concurrency", max_concurrency), ("max_retries", max_retries)):
            if needed is None:
                raise ConfigurationError(f"`{name}` is a number, not None: leave it out for the usual one")
        source, token = (token, None) if callable(token) else (None, token)
        if inspect.iscoroutinefunction(source):
            raise ConfigurationError("`token` is an `async` function: give a plain one, it may wait")
        for name, secret in (("username", username), ("token", token), ("password", password)):
            if secret is not None and not secret.strip():
                raise ConfigurationError(f"`{name}` is empty: leave it out or give it a value")
        for name, value, least in (("max_concurrency", max_concurrency, 1), ("max_retries", max_retries, 0)):
            if value < least:
                raise ConfigurationError(f"`{name}` is at least {least}, not `{value}`")
        if requests_per_second is not None and not requests_per_second > 0:
            raise ConfigurationError(f"`requests_per_second` is greater than 0, not `{requests_per_second}`")
        if isinstance(client_cert, tuple | list):
            certificate, key = (_path("client_cert", part) for part in client_cert)
        else:
            certificate, key = _path("client_cert", client_cert), None
        self._username = username
        self._core = _core.Client(
            url,
            username=username,
            token=token,
            token_source=source,
            password=password,
            deployment=deployment,
            org_id=org_id,
            org_token=org_token,
            org_url=org_url,
            directories=directories_of(directories),
            cloud_id=cloud_id,
            gateway_url=gateway_url,
            ca_bundle=_path("ca_bundle", ca_bundle),
            client_cert=certificate,
            client_key=key,
            proxy=proxy,
            timeout=timeout,
            max_concurrency=max_concurrency,
            requests_per_second=requests_per_second,
            max_retries=max_retries,
            allow_http=allow_http,
        )
        _open.add(self)

    @classmethod
    def from_env(cls, **settings: Unpack[Settings]) -> Self:
        """A client from the environment.

        `CONFLUENCE_URL` names the site. `CONFLUENCE_USERNAME` with `CONFLUENCE_API_TOKEN` (Cloud) or
        `CONFLUENCE_PASSWORD`, or `CONFLUENCE_PERSONAL_TOKEN` alone, are the credentials. `CONFLUENCE_CLIENT_CERT` and
        `CONFLUENCE_CLIENT_KEY` (files, for `client_cert`), `ATLASSIAN_ORG_ID` and `ATLASSIAN_ORG_TOKEN` are used if
        they are set.

        Args:
            **settings: Further settings, as for the class; they take precedence over the environment.

        Raises:
            ConfigurationError: A variable is missing; the message names it.
        """
        _known_keywords(f"{cls.__name__}.from_env", settings)
        return cls(**{**_environment(settings), **settings})

    @property
    def url(self) -> str:
        """Address of the site, without secrets."""
        return self._core.url

    def _address(self) -> str:
        return self.url

    @property
    def closed(self) -> bool:
        """Whether the client was closed."""
        return self._core.closed

    def usage(self) -> Usage:
        """The requests this client has sent so far. Sends nothing itself.

        Example:
            >>> wiki = connect()
            >>> _ = wiki.spaces()
            >>> wiki.usage().requests >= 1
            True
        """
        requests, routes, points = self._core.usage()
        return Usage(requests, dict(routes), points)

    def __repr__(self) -> str:
        if not hasattr(self, "_core"):
            # Its settings were refused; a traceback that shows local variables asks all the same.
            return f"<{type(self).__name__}, not connected>"
        who = f" as {self._username}" if self._username else ""
        state = ", closed" if self.closed else ""
        return visible(f"<{type(self).__name__} {self.url}{who}, {self._core.usage()[0]} requests{state}>")

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a `{type(self).__name__}` holds credentials and connections and is not pickled or copied: "
            f"make a new one there, for example with `{type(self).__name__}.from_env()`"
        )


def _environment(given: Settings) -> dict[str, Any]:
    def read(name: str) -> str | None:
        return os.environ.get(name, "").strip() or None

    settings: dict[str, Any] = {}
    url = given.get("url") or read("CONFLUENCE_URL")
    username = given.get("username") or read("CONFLUENCE_USERNAME")
    missing = [] if url else ["`CONFLUENCE_URL`"]
    if not given.get("token") and not given.get("password"):
        # A personal token stands for the account by itself; a name beside it would make it a password.
        if token := read("CONFLUENCE_API_TOKEN"):
            settings["token"] = token
            if not username and not given.get("cloud_id") and ".atlassian.net" in (url or ""):
                missing.append("`CONFLUENCE_USERNAME` (a token that stands alone is a `CONFLUENCE_PERSONAL_TOKEN`)")
        elif token := read("CONFLUENCE_PERSONAL_TOKEN"):
            settings["token"], username = token, given.get("username")
        elif password := read("CONFLUENCE_PASSWORD"):
            settings["password"] = password
            missing += [] if username else ["`CONFLUENCE_USERNAME` (for `CONFLUENCE_PASSWORD`)"]
        else:
            missing += [] if username else ["`CONFLUENCE_USERNAME`"]
            missing.append("`CONFLUENCE_API_TOKEN` (or `CONFLUENCE_PERSONAL_TOKEN`, or `CONFLUENCE_PASSWORD`)")
    if not given.get("client_cert"):
        certificate, key = read("CONFLUENCE_CLIENT_CERT"), read("CONFLUENCE_CLIENT_KEY")
        if certificate:
            settings["client_cert"] = (certificate, key) if key else certificate
        elif key:
            missing.append("`CONFLUENCE_CLIENT_CERT` (for `CONFLUENCE_CLIENT_KEY`)")
    if missing:
        raise ConfigurationError(f"not set in the environment: {', '.join(missing)}")
    settings |= {"url": url, "username": username}
    for name, variable in (("org_id", "ATLASSIAN_ORG_ID"), ("org_token", "ATLASSIAN_ORG_TOKEN")):
        if value := read(variable):
            settings[name] = value
    return settings
