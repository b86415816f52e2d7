"""Connections to a Confluence site."""

from __future__ import annotations

import asyncio
import atexit
import difflib
import functools
import inspect
import numbers
import os
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, TypedDict, TypeVar, Unpack, cast

from . import _core, arguments
from .access import ContentLike, Measurement, SubjectLike, _subject
from .access import _content as _node
from .errors import ConfigurationError, IncompleteError
from .escapes import visible
from .extender import AsyncExtender, Extender
from .json_rpc import AsyncJsonRpc, JsonRpc
from .moments import milliseconds
from .progress import Report, Ticker, display
from .records import (
    AuditRecord,
    CheckResult,
    Content,
    Directory,
    DirectoryLink,
    GlobalPermission,
    Group,
    Membership,
    PermissionChange,
    Restriction,
    Space,
    SpacePermission,
    User,
    WriteResult,
)
from .snapshot import Snapshot
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from .moments import Moment
    from .types import OperationLike, RestrictionOperationLike

__all__ = ["AsyncConfluence", "Confluence", "Server", "Usage"]

SpaceLike = str | int | Space
"""A space: its key, its id, its address, or the record."""

AuditSource = Literal["confluence", "organization", "both"]
# Names of directories: by what they are found by, or as rows of the query Atlassian documents for Data Center.
Directories = Mapping[str, str] | Iterable[Mapping[str, Any] | Sequence[str | None]]

# A certificate and its key, or one file with both.
ClientCertificate = str | os.PathLike[str] | tuple[str | os.PathLike[str], str | os.PathLike[str]]

R = TypeVar("R")
T = TypeVar("T")
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
_open: weakref.WeakSet[_Connection] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    _core.leave()
    for connection in list(_open):
        connection._core.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What answers at the address, who one is there, and what that account cannot see.

    Attributes:
        url: Address people open.
        deployment: `cloud` or `datacenter`.
        version: Version of the product; None on Cloud, which has none.
        account_id: Id of the account the credentials belong to (Data Center: the key of the user); None where the
            server did not say.
        username: Its username; None on Cloud.
        account_name: Its display name; None where the server did not say.
        account_email: Its e-mail address; None where it is hidden.
        admin: Whether it is a Confluence administrator; None where that could not be found out. What an account
            that is not an administrator reads may be less than there is.
        role_mode: How a Cloud site grants access to spaces: `PRE_ROLES`, `ROLES_TRANSITION`, `ROLES`; None where the
            site did not say.
        capabilities: What an installation of Data Center can do for this account, by name: `space_permissions` is who
            tells them (`rest`, `extender`, `json_rpc` or `none`), the others are `yes`, `no` or `unknown`: `rest`,
            `extender`, `json_rpc`, `global_permissions`, `content_scan`, `relevant_view_restrictions`. Empty on Cloud.
        notes: What this account cannot see, one sentence each.
    """

    url: str
    deployment: Literal["cloud", "datacenter"]
    version: str | None = None
    account_id: str | None = None
    username: str | None = None
    account_name: str | None = None
    account_email: str | None = None
    admin: bool | None = None
    role_mode: str | None = None
    capabilities: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = {"cloud": "Confluence Cloud", "datacenter": "Confluence Data Center"}.get(self.deployment, "Confluence")
        rank = (
            {True: "a Confluence administrator", False: "not a Confluence administrator"}.get(bool(self.admin), "")
            if self.admin is not None
            else "perhaps not an administrator: the server does not say"
        )
        who = self.account_name or self.account_id or "an unknown account"
        lines = [f"{name} {self.version or ''}".strip() + f" at {self.url}", f"as {who}, {rank}"]
        return "\n".join(visible(line) for line in [*lines, *(f"- {note}" for note in self.notes)])


@dataclass(frozen=True, slots=True)
class Usage:
    """What a client has asked so far.

    Attributes:
        requests: Requests sent, repetitions included.
        routes: The same per route: method and path, ids written as `{id}`.
        points: An estimate of what Atlassian's published price list charges an app for this: one point for each
            request, and for each object in its answer one, or two for people, groups and permissions. API tokens are
            not charged; requests to the organization are not counted.
    """

    requests: int
    routes: Mapping[str, int]
    points: int = 0


def _space(space: SpaceLike, site: arguments.Addressed | None = None) -> str:
    if isinstance(space, Space):
        return space.key
    return arguments.space(arguments.identifier(space, "a space", "its key, its id, its address or a `Space`"), site)


def _content(content: ContentLike, site: arguments.Addressed | None = None) -> str:
    return _node(content, site)


def _restrictions(
    core: _core.Client, content: ContentLike | Iterable[ContentLike], site: arguments.Addressed
) -> _core.Call[_core.Table]:
    if _is_one(content):
        return core.restrictions(_content(cast("ContentLike", content), site))
    return core.restrictions_of(_nodes(content, site))


def _group(group: str | int | Group) -> str:
    if isinstance(group, Group):
        return group.id
    return _text(group, "a group", "its name, its id or a `Group`").removeprefix("group:")


_PERSON = "its name, its e-mail address or its id"


def _user(user: str | int | User) -> str:
    return user.id if isinstance(user, User) else _text(user, "an account", "its id or a `User`")


def _text(value: object, what: str, forms: str) -> str:
    return arguments.identifier(value, what, forms)


def _range(since: Moment | None, until: Moment | None) -> tuple[int | None, int | None]:
    # One "now" for both: `since="1h", until="1h"` is a moment, not a contradiction.
    now = datetime.now(UTC)
    first, last = milliseconds(since, "since", now=now), milliseconds(until, "until", end=True, now=now)
    if first is not None and (last if last is not None else milliseconds(now, "now") or 0) < first:
        raise ConfigurationError(f"`since` ({since}) is after `until` ({'now' if until is None else until})")
    return first, last


def _asked(
    space: SpaceLike | None,
    content: ContentLike | None,
    snapshot: Snapshot | None,
    site: arguments.Addressed | None,
) -> tuple[str | None, str | None, _core.Snapshot | None]:
    if snapshot is not None and not isinstance(snapshot, Snapshot):
        raise ConfigurationError(f"`snapshot` is given as a `Snapshot`, not as `{type(snapshot).__name__}`")
    return (
        None if space is None else _space(space, site),
        None if content is None else _content(content, site),
        None if snapshot is None else snapshot._core,
    )


def _wording(wording: Mapping[str, str] | None) -> dict[str, str]:
    words = dict(wording or {})
    for word, meaning in words.items():
        if not isinstance(word, str) or not isinstance(meaning, str):
            raise ConfigurationError(f"`wording` maps texts of the log to texts, not `{word!r}` to `{meaning!r}`")
    return words


def _spaces(spaces: SpaceLike | Iterable[SpaceLike] | None, site: arguments.Addressed) -> list[str] | None:
    if spaces is None:
        return None
    if isinstance(spaces, str | Space) or arguments.whole_number(spaces) is not None:
        # A single key would otherwise be read as one key per letter.
        return [_space(cast("SpaceLike", spaces), site)]
    return [_space(space, site) for space in arguments.several(spaces, "a space")]


def _words(words: str | Iterable[str]) -> list[str]:
    return arguments.words(words, "a permission")


def _subjects(subjects: SubjectLike | Iterable[SubjectLike]) -> list[str]:
    if isinstance(subjects, str) or hasattr(subjects, "subject"):
        return [_subject(cast("SubjectLike", subjects))]
    return [_subject(subject) for subject in arguments.several(subjects, "a subject")]


def _wanted(permissions: Mapping[SubjectLike, str | Iterable[str]]) -> list[tuple[str, list[str]]]:
    if not isinstance(permissions, Mapping):
        raise ConfigurationError(
            f"`permissions` maps subjects to lists of permissions, not `{type(permissions).__name__}`"
        )
    return [(_subject(subject), _words(words)) for subject, words in permissions.items()]


def _is_one(contents: object) -> bool:
    if isinstance(contents, str | bytes | Content) or hasattr(contents, "content_id"):
        return True
    # Anything that cannot hold several is one, and judged as one.
    return arguments.whole_number(contents) is not None or not isinstance(contents, Iterable)


def _nodes(contents: ContentLike | Iterable[ContentLike], site: arguments.Addressed) -> list[str]:
    if _is_one(contents):
        return [_node(cast("ContentLike", contents), site)]
    return [_node(content, site) for content in arguments.several(contents, "a content")]


_CHECK = "check(content, subject, operation)"
_RESTRICT = "restrict(contents, operation, subjects)"
_UNRESTRICT = "unrestrict(contents, operation, subjects)"
_SET_RESTRICTIONS = "set_restrictions(contents, operation, subjects)"


def _checked(table: Table[R], what: str, strict: bool) -> Table[R]:
    if strict:
        _complete(table.gaps, what)
    return table


def _complete(gaps: Table[Any], what: str) -> None:
    if len(gaps):
        raise IncompleteError(
            f"{what}: {len(gaps)} part(s) could not be read, first: {gaps[0].message}; see `gaps` of this error",
            gaps=gaps,
        )


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
    """Refuses a keyword that is no setting, and names the one that was likely meant."""
    known = Settings.__annotations__
    for name in given:
        if name in known:
            continue
        near = difflib.get_close_matches(name.lower(), known, n=1)
        meant = _OTHER_WORDS.get(name.lower()) or (near[0] if near else None)
        hint = f"did you mean `{meant}=`?" if meant else f"expected one of {', '.join(sorted(known))}"
        raise TypeError(f"`{called}` got an unexpected keyword argument `{name}`: {hint}")


def _named(init: F) -> F:
    """Lets the errors of a wrong call name the class that was called, and what was likely meant."""

    @functools.wraps(init)
    def checked(self: _Connection, *given: Any, **settings: Any) -> None:
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


def _meaning(**meant: str) -> Callable[[M], M]:
    """Names the argument that was likely meant where a method is called with another word for it."""

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


class _Connection:
    """What both faces of a client share."""

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
        """Judges the settings; sends nothing.

        Args:
            url: Address of the site: `https://acme.atlassian.net`, with or without `/wiki`; of Data Center with its
                context path, such as `https://docs.acme.com/confluence`.
            username: E-mail address of the account; on Data Center the username.
            token: Its API token; or alone, without a username, an OAuth access token (Cloud) or a personal access token
                (Data Center). Or a function that returns one, for tokens that end within the hour: it is called when
                the first request needs a token, and again when a request is answered with 401, once for each token and
                never twice at the same time. It may wait; it runs in a thread of the client and must not use this
                client. What it raises, the call that needed the token raises; what it returns is shown nowhere.
            password: Password, where a site takes one instead of a token.
            deployment: `"cloud"` or `"datacenter"`; None finds out.
            org_id: Id of the Atlassian organization.
            org_token: API key of the organization. It is sent to `https://api.atlassian.com` only, never to the site.
                Scopes: read:groups:admin and read:directories:admin for where groups come from, read:users:admin as
                well for product admins in a snapshot, read:events:admin for its audit log.
            org_url: Where the organization is asked instead: for tests against a simulator on this machine.
            directories: Names of directories by their id, such as `{"9f2c…": "Entra ID"}`: no API says which identity
                provider stands behind a directory. `directories()` lists the ids. On Data Center by the name of the
                group, as `groups` describes.
            cloud_id: Sends the requests for this Cloud site through its gateway,
                `https://api.atlassian.com/ex/confluence/{cloud_id}`, as API tokens with scopes need. A bearer token
                alone goes there by itself: the site is asked for its id, without credentials.
            gateway_url: Where that gateway is instead of `https://api.atlassian.com`: for tests on this machine. A
                simulated site is its own gateway.
            ca_bundle: File with certificates (PEM) to trust beside those of the operating system.
            client_cert: Certificate to show to a server that asks for one (mutual TLS): `(certificate, key)`, the paths
                of two files (PEM), or the path of one file with both. The key must not be protected by a passphrase.
            proxy: Proxy to use instead of what the environment names.
            timeout: Longest silence of the server, in seconds.
            max_concurrency: Most requests at the same time.
            requests_per_second: Most requests in a second; None leaves the pace to the server.
            max_retries: How often a request is repeated after 429, 5xx and broken connections.
            allow_http: Allows `http://` to other machines: credentials then travel in the clear.

        Raises:
            ConfigurationError: A setting cannot be used; the message says what would be right.
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
            directories=_directories(directories),
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
        `CONFLUENCE_PASSWORD`, or `CONFLUENCE_PERSONAL_TOKEN` alone, say who asks. `CONFLUENCE_CLIENT_CERT` and
        `CONFLUENCE_CLIENT_KEY` (files, for `client_cert`), `ATLASSIAN_ORG_ID` and `ATLASSIAN_ORG_TOKEN` are taken along
        where they are set.

        Args:
            **settings: Further settings, as for the class; they win over the environment.

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
        """What this client has asked so far. Sends nothing.

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


class Confluence(_Connection):
    """A connection to a Confluence site.

    Every noun is a method that returns a `Table` of typed records. A table knows what could not be read (`gaps`);
    `strict=True` raises `IncompleteError` instead of returning a table with gaps. A content or a space may be given as
    its record or its id, a space also by its key.

    Calls block, and Ctrl-C ends them at once. Threads may share a client. Inside a running asyncio loop they work, but
    hold the loop up: use `AsyncConfluence` there. A forked child process needs a client of its own.

    Example:
        >>> with connect() as wiki:
        ...     [space.key for space in wiki.spaces()][:2]
        ['ENG', 'OPS']

    All calls raise, as it applies:
        AuthenticationError: The credentials are not accepted.
        ForbiddenError, NotFoundError: The account may not read this, or it does not exist.
        RateLimitError, ServerError, NoAnswerError, RequestTimeoutError: Still, after all repetitions.
        CertificateError: The server's certificate is not trusted (`ca_bundle=` names a company's own authority), or it
            asks for one (`client_cert=`).
        NotConfluenceError: A login page or another product answers at the address.
        ClosedError, ForkedError: This client cannot ask any more.
    """

    @property
    def extender(self) -> Extender:
        """The Extender add-on of Data Center, endpoint by endpoint."""
        return Extender(self._core.extender())

    @property
    def json_rpc(self) -> JsonRpc:
        """JSON-RPC of Data Center, method by method."""
        return JsonRpc(self._core.json_rpc())

    def server(self) -> Server:
        """What answers, who one is there, and what that account cannot see.

        Says at once when the account is not an administrator's. Any account may ask.

        On Data Center a token the server does not accept raises `AuthenticationError`, although the server would serve
        what anonymous sees.

        Source: Cloud `GET /wiki/rest/api/user/current`, `GET /wiki/api/v2/space-role-mode`,
        `GET /wiki/api/v2/admin-key` and `GET /wiki/rest/api/settings/systemInfo`. Data Center
        `GET /rest/api/user/current` first of all, `GET /rest/api/server-information` (else the manifest of application
        links), and one question for each capability.

        Example:
            >>> connect().server().deployment
            'cloud'
        """
        return _server(self._core.server().wait())

    def spaces(self, *, strict: bool = False) -> Table[Space]:
        """All spaces the account can see, archived and personal ones included.

        One row per space. `homepage_id` and `name` are null where the server did not say.

        Source: Cloud `GET /wiki/api/v2/spaces`. Data Center `GET /rest/api/space`, once for current and once for
        archived spaces, and `GET /rest/api/user` for the owners of personal ones. Any account may ask; it sees the
        spaces it may view.

        Args:
            strict: Raises `IncompleteError` where something could not be read.

        Example:
            >>> connect().spaces()[0].key
            'ENG'
        """
        return _checked(Table(self._core.spaces().wait()), "spaces", strict)

    def contents(self, space: SpaceLike, *, strict: bool = False) -> Table[Content]:
        """Pages, blog posts and the other nodes of the tree of a space.

        One row per content. `parent_id` is null at the root of a space; times are UTC.

        Source: Cloud `GET /wiki/api/v2/pages` and `GET /wiki/api/v2/blogposts`, `GET /wiki/rest/api/content/search` for
        the other nodes, and `GET /wiki/api/v2/{type}/{id}` and `GET /wiki/api/v2/pages/{id}/ancestors` for parents that
        no listing has. Data Center `GET /rest/api/content/scan` (7.18 and later), else `GET /rest/api/content`; and
        `GET /rest/api/content/{id}` for such parents. Shows what the account may view:
        pages restricted to others are missing, and nothing in the answer says so; on Data Center members of
        `confluence-administrators` see all.

        Args:
            space: Key, id or record of the space.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            NotFoundError: There is no such space, or the account may not view it.

        Example:
            >>> connect().contents("ENG")[0].space_key
            'ENG'
        """
        return _checked(Table(self._core.contents(_space(space, self)).wait()), "contents", strict)

    def space_permissions(
        self,
        space: SpaceLike,
        *,
        subject: SubjectLike | None = None,
        source: Literal["rest", "extender", "json_rpc"] | None = None,
        strict: bool = False,
    ) -> Table[SpacePermission]:
        """Who has which permission in a space.

        One row per subject and permission. Roles are expanded into the permissions they bring; `via_role` names the
        role and is null for a grant of its own. `raw` keeps the server's own words.

        On Data Center the first that tells is asked: REST (9.1 and later), the Extender add-on, JSON-RPC where the
        remote API is on. The column `source` begins with `datacenter`, `extender` or `json_rpc`. What a space grants
        to people without a licence is told by the older form of REST only, which is asked where the site lets such
        people in.

        On Cloud the answer has ids only: `subject_name` is filled with at most two requests for accounts and one for
        groups, and null where these do not bring a name; `snapshot` knows all names.

        Source: Cloud `GET /wiki/api/v2/spaces/{id}/permissions` and `GET /wiki/api/v2/spaces/{id}/role-assignments`,
        which `GET /wiki/api/v2/space-role-mode`, `GET /wiki/api/v2/space-roles` and
        `GET /wiki/api/v2/space-permissions` explain; needs to view the space. Names from `GET /wiki/rest/api/group` and
        `POST /wiki/api/v2/users-bulk`. Data Center `GET /rest/api/space/{key}/permissions` and
        `GET /rest/api/space/{key}/permissions/anonymous`,
        `GET /rest/extender/1.0/permission/space/{key}/getSpacePermissionActors/{type}`, or
        `POST /rpc/json-rpc/confluenceservice-v2/getSpacePermissionSets`; needs to administer Confluence or the space.
        Without these rights a server answers 403 or 500 (CONFSERVER-99908).

        Args:
            space: Key, id or record of the space.
            subject: Only what this user, this group or `anonymous` has itself; what groups bring it is not looked for.
            source: Data Center: asks this one and no other.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            NotFoundError: There is no such space, or the account may not view it; or no such subject.
            ForbiddenError: Data Center: the account administers neither Confluence nor the space.
            UnavailableError: Data Center: nobody tells them here, or not the one that was named.

        Example:
            >>> {row.space_key for row in connect().space_permissions("ENG")}
            {'ENG'}
        """
        who = None if subject is None else _subject(subject)
        found: Table[SpacePermission] = Table(self._core.space_permissions(_space(space, self), who, source).wait())
        return _checked(found, "space_permissions", strict)

    def global_permissions(self, *, strict: bool = False) -> Table[GlobalPermission]:
        """Who may use, administer and extend the site as a whole (Data Center).

        One row per subject and permission. They gate everything: without `use` no permission of a space helps.

        Source: `GET /rest/api/permissions`, `GET /rest/api/permissions/anonymous` and
        `GET /rest/api/permissions/unlicensed`, 9.3 and later and the last versions of
        9.2. Needs a Confluence administrator.

        Args:
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            ConfigurationError: This is Cloud.
            UnavailableError: The version does not tell them.
            ForbiddenError: The account does not administer Confluence.
        """
        return _checked(Table(self._core.global_permissions().wait()), "global_permissions", strict)

    def restrictions(self, content: ContentLike | Iterable[ContentLike], *, strict: bool = False) -> Table[Restriction]:
        """The restrictions stored on a content itself, for both operations, with all their subjects.

        One row per operation and subject; no row where the content is not restricted. Restrictions of the pages above
        are theirs: `Access.explain` puts the chain together.

        Several contents (a list, a table of contents, a pandas column, a numpy array) are read two hundred to a
        request; rows come in the order of the contents, and a content that is named twice is there once. What the
        search does not bring, such as contents of archived spaces and drafts, takes a request of its own. A content
        that cannot be read is a gap then, not an error.

        Source: Cloud `GET /wiki/rest/api/content/{id}/restriction`. Data Center
        `GET /rest/api/content/{id}/restriction/byOperation`, and one operation at a time for what does not fit.
        Several: `GET /wiki/rest/api/content/search`, on Data Center `GET /rest/api/content/search`, by their ids.
        Needs to view the content.

        Args:
            content: Id or record of the content, or several of them.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            NotFoundError: The one content that is named is not there, or the account may not view it.

        Example:
            >>> wiki = connect()
            >>> home = wiki.spaces()[0].homepage_id
            >>> len(wiki.restrictions(home))
            0
            >>> restricted = wiki.restrictions(wiki.contents("ENG"))
            >>> {row.operation for row in restricted} == {"view", "edit"}
            True
        """
        return _checked(Table(_restrictions(self._core, content, self).wait()), "restrictions", strict)

    def groups(self, *, directories: Directories | None = None, strict: bool = False) -> Table[Group]:
        """All groups, and where each is kept.

        One row per group. `source` is `directory`, `local`, `team` or `unknown`, `evidence` what that rests on. With
        `org_token` each group also has the id and name of its directory and the organization's word about it; where
        that differs from Confluence's, the organization's counts and the evidence says so. A key that is refused leaves
        a gap about `organization`, and the groups are what Confluence says.

        Data Center does not tell where a group is kept, so `source` is `unknown` unless you say so: `directories` maps
        names of groups, or patterns with `*`, to the name of their directory, with its type behind it where you know
        it: `{"ad-*": "Acme AD (CONNECTOR)", "staff": "Confluence Internal Directory"}`. The rows of Atlassian's
        documented query of `cwd_group` and `cwd_directory` do as well: `(group_name, directory_name,
        directory_type)`, or mappings with these columns. Where the Extender add-on shows a single active directory,
        that is the one.

        Source: Cloud `GET /wiki/rest/api/group`; any account may ask. With a key
        `POST /admin/v2/orgs/{orgId}/directories/-/groups/search` and `GET /admin/v2/orgs/{orgId}/directories`; scopes
        read:groups:admin and read:directories:admin. Data Center `GET /rest/api/group`; where it is installed
        `GET /rest/extender/1.0/userDirectories/all`.

        Args:
            directories: Names of directories by their id, on Data Center by name or pattern of the group, beside
                those of the connection.
            strict: Raises `IncompleteError` where something could not be read.

        Example:
            >>> "directory" in {group.source for group in connect().groups()}
            True
        """
        return _checked(Table(self._core.groups(_directories(directories)).wait()), "groups", strict)

    def directories(self, *, strict: bool = False) -> Table[Directory]:
        """The directories of the organization.

        One row per directory. `name` is that of `directories=`, else the organization's own.

        Source: `GET /admin/v2/orgs/{orgId}/directories` at `api.atlassian.com`; needs `org_token` with the scope
        read:directories:admin.

        Args:
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            ConfigurationError: The connection has no `org_token`.
        """
        return _checked(Table(self._core.directories().wait()), "directories", strict)

    def directory_links(self, user: str | int | User, *, strict: bool = False) -> Table[DirectoryLink]:
        """Which synchronised directories stand behind an account.

        One row per entry of a directory (SCIM); none for an account nobody provisioned.

        Source: `GET /admin/user-provisioning/v1/org/{orgId}/user/{accountId}/get-scim-links` and
        `GET /admin/v2/orgs/{orgId}/directories` at `api.atlassian.com`; needs `org_token`.

        Args:
            user: Account id or record of the account.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            ConfigurationError: The connection has no `org_token`.
            NotFoundError: The organization does not know the account.
        """
        return _checked(Table(self._core.directory_links(_user(user)).wait()), "directory_links", strict)

    def find_user(self, text: str) -> User:
        """The one account with this name, e-mail address or id.

        A name fits where it is the whole name, else where all its words are words of the name. Most accounts hide their
        e-mail address; such an account is found by its name only. Accounts that were closed are called `Former user`.

        Source: Cloud `GET /wiki/rest/api/search/user` and `POST /wiki/api/v2/users-bulk`. Data Center
        `GET /rest/api/user` by username and by key, and `GET /rest/api/search`. Any account may ask.

        Args:
            text: Name, e-mail address or account id; on Data Center also username or key.

        Raises:
            NotFoundError: Nobody is found.
            AmbiguousError: Several are; `candidates` lists them with their ids.

        Example:
            >>> connect().find_user("Ann Berg").display_name
            'Ann Berg'
        """
        found: Table[User] = Table(self._core.find_user(_text(text, "an account", _PERSON)).wait())
        return found[0]

    def members(self, group: str | int | Group, *, strict: bool = False) -> Table[Membership]:
        """Who is in a group.

        One row per user. Nested groups are followed; `path` names the groups between and is empty for a member of the
        group itself.

        Source: Cloud `GET /wiki/rest/api/group/{id}/membersByGroupId`, after `GET /wiki/rest/api/group` for a name or
        `GET /wiki/rest/api/group/by-id` for an id; any account may ask. Data Center `GET /rest/api/group/{name}`,
        `GET /rest/api/group/{name}/member` and `GET /rest/api/group/{name}/groupmember`, or
        `GET /rest/api/group/info`, `GET /rest/api/group/member` and `GET /rest/api/group/groupmember`, which 10.2 has
        and a name with a slash needs; newer versions answer administrators only. Where it is installed
        `GET /rest/extender/1.0/userDirectories/all`.

        Args:
            group: Name, id or record of the group; `group:<name>` works as well.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            NotFoundError: There is no such group.
            AmbiguousError: The name fits several groups; `candidates` lists them.

        Example:
            >>> wiki = connect()
            >>> all(row.user_id for row in wiki.members(wiki.groups()[0]))
            True
        """
        return _checked(Table(self._core.members(_group(group)).wait()), "members", strict)

    def check(self, content: ContentLike, subject: SubjectLike, operation: OperationLike) -> CheckResult:
        """Confluence's own answer: may a subject do something with a content?

        A denial is an answer. `reasons` says why as codes, `messages` in Confluence's own words; where a message is not
        understood the code is `unrecognised`.

        Data Center has no such check. There the answer, about `view` only, is put together from the view restrictions
        the server says bind the content, from the groups of the account and from the permissions of the space: the
        inheritance is the server's own. Licences and what anonymous may do are not part of it.

        Source: Cloud `POST /wiki/rest/api/content/{id}/permission/check`. About others than oneself only a Confluence
        administrator may ask. Data Center `GET /rest/api/content/{id}/restriction/relevantViewRestrictions`,
        `GET /rest/api/user/memberof` and, for the gates before them, `GET /rest/api/content/{id}` and
        `GET /rest/api/space/{key}/permissions`.

        Args:
            content: Id or record of the content.
            subject: `user:<id>`, `group:<id or name>`, `anonymous`, or a record; a name or an e-mail address of an
                account is looked up.
            operation: `view`, `edit` or `delete`; `read` and `update` work as well.

        Raises:
            ForbiddenError: The account may not ask about others.
            NotFoundError: There is no such content or group, or the account may not view it.
            ConfigurationError: Confluence does not check this subject or operation.

        Example:
            >>> wiki = connect()
            >>> wiki.check(wiki.spaces()[0].homepage_id, "user:" + wiki.server().account_id, "view").decision
            'allowed'
        """
        row: CheckResult = Table(
            self._core.check(_node(content, self), _subject(subject), arguments.operation(operation, _CHECK)).wait()
        )[0]
        return row

    def grant(
        self,
        space: SpaceLike,
        subject: SubjectLike,
        permissions: str | Iterable[str],
        *,
        dry_run: bool = False,
    ) -> Table[WriteResult]:
        """Gives permissions in a space to a subject. What it has already is skipped.

        On Cloud `view` goes first; any other permission without it is refused before anything is sent. Data Center
        gives each permission by itself. A call that was cut off is simply made again.

        Source: Cloud `POST /wiki/rest/api/space/{key}/permission`. Data Center
        `PUT /rest/api/space/{key}/permissions/{group,user}/{name}/grant` (9.1 and later), before that
        `POST /rpc/json-rpc/confluenceservice-v2/addPermissionsToSpace`, which knows users and groups by one name: one
        that is both is refused. What is there is read as by `space_permissions`. Needs to administer the space.

        Args:
            space: Key, id or record of the space.
            subject: `user:<id>`, `group:<id or name>`, `anonymous`, or a record.
            permissions: Words such as `view` and `create_page`; the server's own (`create/page`, on Data Center
                `page create` or `EDITSPACE`) work as well.
            dry_run: Only says what would be done.

        Raises:
            ConfigurationError: A permission that does not exist or is not given by itself, or lacks `view`.
            NotFoundError: There is no such space or subject.
            RolesOnlyError: The site gives access by roles only.

        Example:
            >>> [row.outcome for row in connect().grant("ENG", "group:finance", ["view"], dry_run=True)]
            ['would_add']
        """
        call = self._core.grant(_space(space, self), _subject(subject), _words(permissions), (dry_run, False, False))
        return Table(call.wait())

    def revoke(
        self,
        space: SpaceLike,
        subject: SubjectLike,
        permissions: str | Iterable[str],
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """Takes permissions in a space from a subject. What it does not have is skipped.

        Without `view` there are no others: taking it takes all, each with a row of its own, `view` last.

        Source: Cloud `DELETE /wiki/rest/api/space/{key}/permission/{id}`. Data Center
        `PUT /rest/api/space/{key}/permissions/{group,user}/{name}/revoke`, before 9.1
        `POST /rpc/json-rpc/confluenceservice-v2/removePermissionFromSpace`; there `view` takes nothing else with it.
        What is there is read as by `space_permissions`. Needs to administer the space.

        Args:
            space: Key, id or record of the space.
            subject: As for `grant`.
            permissions: As for `grant`.
            dry_run: Only says what would be done.
            allow_lockout: Goes ahead where the caller loses the space by it.

        Raises:
            LockoutError: The caller would lose the space, or nobody would administer it; nothing was written.
            ConfigurationError, NotFoundError, RolesOnlyError: As for `grant`.

        Example:
            >>> [row.outcome for row in connect().revoke("ENG", "group:finance", ["view"], dry_run=True)]
            ['skipped']
        """
        options = (dry_run, allow_lockout, False)
        return Table(self._core.revoke(_space(space, self), _subject(subject), _words(permissions), options).wait())

    def set_permissions(
        self,
        space: SpaceLike,
        permissions: Mapping[SubjectLike, str | Iterable[str]],
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """Lets each of these subjects have these permissions in a space, and no others.

        Subjects that are not named keep what they have; an empty list takes everything. Everything is given before
        anything is taken.

        Source and rights: as for `grant` and `revoke`.

        Args:
            space: Key, id or record of the space.
            permissions: Subject to permissions, such as `{"group:eng": ["view"], "user:5b10…": []}`.
            dry_run: Only says what would be done.
            allow_lockout: Goes ahead where the caller loses the space by it.

        Raises:
            LockoutError, ConfigurationError, NotFoundError, RolesOnlyError: As for `revoke`.

        Example:
            >>> rows = connect().set_permissions("ENG", {"group:finance": ["view", "create_comment"]}, dry_run=True)
            >>> [(row.permission, row.outcome) for row in rows]
            [('view', 'would_add'), ('create_comment', 'would_add')]
        """
        wanted = _wanted(permissions)
        return Table(self._core.set_permissions(_space(space, self), wanted, (dry_run, allow_lockout, False)).wait())

    def assign_role(
        self,
        space: SpaceLike,
        subject: SubjectLike,
        role: str,
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """Gives a subject a role in a space. A subject has one: the role it had goes, with a row of its own.

        Source: Cloud `POST /wiki/api/v2/spaces/{id}/role-assignments`, on sites with roles, after
        `GET /wiki/api/v2/spaces/{id}/role-assignments` and `GET /wiki/api/v2/space-roles`. Needs to manage the users of
        the space.

        Args:
            space: Key, id or record of the space.
            subject: `user:<id>`, `group:<id or name>`, `anonymous`, `class:<access class>`, or a record.
            role: Name or id of the role.
            dry_run: Only says what would be done.
            allow_lockout: Goes ahead where the caller loses the space by it.

        Raises:
            LockoutError: The caller would lose the space, or nobody would administer it; nothing was written.
            NotFoundError: There is no such space, subject or role, or the site has no roles.
            AmbiguousError: Several roles have the name.

        Example:
            >>> rows = connect().assign_role("ENG", "group:finance", "Viewer", dry_run=True)
            >>> [(row.permission, row.outcome) for row in rows]
            [('role Viewer', 'would_add')]
        """
        options = (dry_run, allow_lockout, False)
        return Table(self._core.assign_role(_space(space, self), _subject(subject), role, options).wait())

    def remove_role(
        self, space: SpaceLike, subject: SubjectLike, *, dry_run: bool = False, allow_lockout: bool = False
    ) -> Table[WriteResult]:
        """Takes the role a subject has in a space away.

        Source, rights, arguments and errors: as for `assign_role`.

        Example:
            >>> [row.outcome for row in connect().remove_role("ENG", "group:finance", dry_run=True)]
            ['skipped']
        """
        options = (dry_run, allow_lockout, False)
        return Table(self._core.remove_role(_space(space, self), _subject(subject), options).wait())

    def restrict(
        self,
        contents: ContentLike | Iterable[ContentLike],
        operation: RestrictionOperationLike,
        subjects: SubjectLike | Iterable[SubjectLike],
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """Puts subjects on the view or the edit list of contents. The other list is not touched.

        Whoever is on a list already is skipped. The first entry closes a content to everybody who is not listed, so a
        list that would not hold the caller or one of their groups is refused before anything is sent.

        Source: Cloud `POST /wiki/rest/api/content/{id}/restriction`. Data Center
        `PUT /rest/api/content/{id}/restriction` (8.8 and later), before that
        `PUT /rest/experimental/content/{id}/restriction`, and JSON-RPC where neither is there. They replace the list
        they name: an entry that somebody else adds in the same moment is lost, so the list is read back. The lists
        are read as by `restrictions`. Needs to edit the content and to set restrictions in its space. Confluence does
        not return the restrictions of folders, so theirs cannot be read back.

        Args:
            contents: Ids or records of the contents.
            operation: `view` or `edit`; `read` and `update` work as well.
            subjects: Users and groups: `user:<id>`, `group:<id or name>`, or records.
            dry_run: Only says what would be done.
            allow_lockout: Goes ahead where the caller is shut out by it.

        Raises:
            LockoutError: The caller would be shut out; nothing was written.
            NotFoundError: There is no such subject. A content that is not there is a row that `failed`.
            ConfigurationError: A list does not hold such a subject, or there is no such list.

        Example:
            >>> wiki = connect()
            >>> me = "user:" + wiki.server().account_id
            >>> rows = wiki.restrict(wiki.spaces()[0].homepage_id, "edit", ["group:engineering", me], dry_run=True)
            >>> [row.outcome for row in rows]
            ['would_add', 'would_add']
        """
        options = (dry_run, allow_lockout, False)
        return Table(
            self._core.restrict(
                _nodes(contents, self), arguments.operation(operation, _RESTRICT), _subjects(subjects), options
            ).wait()
        )

    def unrestrict(
        self,
        contents: ContentLike | Iterable[ContentLike],
        operation: RestrictionOperationLike,
        subjects: SubjectLike | Iterable[SubjectLike] | None = None,
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """Takes subjects off the view or the edit list of contents. The other list is not touched.

        A list nobody is left on restricts nothing: the message of the row says so.

        Source: Cloud `DELETE /wiki/rest/api/content/{id}/restriction/byOperation/{operation}/byGroupId/{id}` and
        `DELETE /wiki/rest/api/content/{id}/restriction/byOperation/{operation}/user`, Data Center as `restrict`.
        Rights: as for `restrict`.

        Args:
            contents: Ids or records of the contents.
            operation: `view` or `edit`.
            subjects: As for `restrict`; None takes everybody off. An account that is gone is named by its id.
            dry_run: Only says what would be done.
            allow_lockout: Goes ahead where the caller is shut out by it.

        Raises:
            LockoutError, ConfigurationError: As for `restrict`.

        Example:
            >>> wiki = connect()
            >>> len(wiki.unrestrict(wiki.spaces()[0].homepage_id, "view", dry_run=True))
            0
        """
        options = (dry_run, allow_lockout, False)
        who = None if subjects is None else _subjects(subjects)
        return Table(
            self._core.unrestrict(
                _nodes(contents, self), arguments.operation(operation, _UNRESTRICT), who, options
            ).wait()
        )

    def set_restrictions(
        self,
        contents: ContentLike | Iterable[ContentLike],
        operation: RestrictionOperationLike,
        subjects: SubjectLike | Iterable[SubjectLike],
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """Lets the view or the edit list of contents hold these subjects and nobody else. The other is not touched.

        Whoever is new is added before anybody is taken off, so the content is not open in between.

        Source, rights, arguments and errors: as for `restrict`.

        Example:
            >>> wiki = connect()
            >>> me = "user:" + wiki.server().account_id
            >>> [row.outcome for row in wiki.set_restrictions(wiki.spaces()[0].homepage_id, "view", me, dry_run=True)]
            ['would_add']
        """
        options = (dry_run, allow_lockout, False)
        return Table(
            self._core.set_restrictions(
                _nodes(contents, self), arguments.operation(operation, _SET_RESTRICTIONS), _subjects(subjects), options
            ).wait()
        )

    def unrestrict_all(
        self,
        subject: SubjectLike,
        spaces: SpaceLike | Iterable[SpaceLike] | None = None,
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
        allow_open: bool = False,
    ) -> Table[WriteResult]:
        """Takes a subject off every restriction list.

        Where nobody else is on a list the content would be open to the space: it is left as it is, and its row `failed`
        says so, unless `allow_open`. What could not be searched is in `gaps`.

        Source: Cloud `GET /wiki/rest/api/content/search` to find the lists, Data Center the listings of contents; then
        as `unrestrict`.

        Args:
            subject: A user or a group; an account that is gone is named by its id.
            spaces: Keys, ids or records of the spaces to look in; None looks in every space the account can see.
            dry_run: Only says what would be done.
            allow_lockout: Goes ahead where the caller is shut out by it.
            allow_open: Takes the last entry of a list as well.

        Raises:
            LockoutError, ConfigurationError: As for `restrict`.
            NotFoundError: There is no such space.

        Example:
            >>> rows = connect().unrestrict_all("group:finance", spaces=["ENG"], dry_run=True)
            >>> {row.outcome for row in rows} <= {"would_remove", "failed"}
            True
        """
        options = (dry_run, allow_lockout, allow_open)
        return Table(self._core.unrestrict_all(_subject(subject), _spaces(spaces, self), options).wait())

    def audit(
        self,
        since: Moment | None = None,
        until: Moment | None = None,
        search: str | None = None,
        *,
        source: AuditSource = "confluence",
        strict: bool = False,
    ) -> Table[AuditRecord]:
        """The records of the audit log, newest first.

        One row per record. `objects` and `changes` are texts for people; `raw` is the whole record as JSON, and
        `record.raw_json` the same as a dict. Cloud names things and gives no ids: `permission_changes` joins them.
        The end of the range is fixed when reading begins, and a record that was moved to another page meanwhile is
        there once. Cloud keeps its records for a year at most.

        Data Center records what it is set up to: where that leaves out changes of restrictions, of permissions or of
        groups, or where it is not told, a gap of scope `audit` says so (`cause="not_recorded"`), and `strict` refuses
        such a log. Restrictions of pages are recorded from the coverage `Advanced` of end user activity on.

        Source: Cloud `GET /wiki/rest/api/audit`; needs a Confluence administrator, and the Free plan has no audit log.
        Of the organization `GET /admin/v1/orgs/{orgId}/events-stream`, with `org_token` and its scope
        `read:events:admin`; it keeps 180 days, of all its sites and products. Data Center
        `GET /rest/auditing/1.0/events`, `GET /rest/auditing/1.0/configuration/coverage` and
        `GET /rest/auditing/1.0/configuration/denylist`, before 7.5 `GET /rest/api/audit`; needs an administrator.

        Args:
            since: From when on: a `datetime` with a time zone, a `date` (UTC), ISO text, or how long ago (`"30d"`,
                a `timedelta`). None: everything the site still has.
            until: Until when, in the same forms; a date means its last moment. None: now.
            search: Only records in which this text stands, as the server searches; of the organization, those that have
                it in any value.
            source: `"confluence"`, `"organization"`, or `"both"`: what both logs noted is then there twice, and
                `record.source` says where it is from.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            ForbiddenError: The account is no administrator, or the plan has no audit log.
            ConfigurationError: A moment has no time zone, or cannot be understood; or the organization is asked for
                and there is no `org_token`.

        Example:
            >>> [record.action for record in connect().audit(since="5d")][-1]
            'Page viewed with admin key'
        """
        return _checked(Table(self._core.audit(*_range(since, until), search, source).wait()), "audit", strict)

    def permission_changes(
        self,
        since: Moment | None = None,
        until: Moment | None = None,
        *,
        space: SpaceLike | None = None,
        content: ContentLike | None = None,
        snapshot: Snapshot | None = None,
        source: AuditSource = "confluence",
        wording: Mapping[str, str] | None = None,
        merge_bursts: bool = False,
        strict: bool = False,
    ) -> Table[PermissionChange]:
        """Who changed who may do what, and when: permissions, restrictions, groups, roles, public links, admin keys.

        One row per permission and subject, newest first. `confidence` says how sure the reading of a record is; what is
        not understood is a row of scope `other` with its `raw`. Cloud gives names only: `space_key`, `content_id` and
        the ids of users are found by name, in `snapshot` where one is given, else in what has to be read (the spaces;
        of `content` what stands above it). A title that fits several contents gives `confidence="ambiguous"`, no
        `content_id`, and `candidates`. A thing that was renamed since is not found by its old name. Data Center gives
        ids, and its gaps are those of `audit`. `confluence_access.permission_changes` says the same of records that are
        there, such as those of log files.

        Source and rights: as for `audit`. Atlassian does not promise that every change of a restriction is noted.

        Args:
            since: As for `audit`.
            until: As for `audit`.
            space: Only changes in this space: its key, id or record.
            content: Only changes on this content and on what stands above it: its id or record. `attributed_to` is
                this content where the change binds it.
            snapshot: Where names are looked up, instead of reading the site.
            source: As for `audit`. The organization notes who is put into which group; the names of its actions are not
                documented, so what is not understood is a row of scope `other`. It gives ids of accounts and groups
                only; without `snapshot` their names are looked up with two requests for accounts and one for groups.
            wording: What the words of the log mean where they are not the known ones, for a site in another language:
                from a word to a change (`{"Berechtigung hinzugefügt": "space_permission_added"}`), a kind of thing
                (`"Bereich": "space"`), a permission (`"Anzeigen": "view"`) or `"unrelated"`. The
                error about a wrong meaning lists all there are.
            merge_bursts: Makes one row of what one author did to one subject in one place within ten seconds, such as
                the fourteen permissions of a new space: `permission` is then a list in words (`view, create_page`),
                `old` and `new` likewise, and `raw` a JSON list of the records.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            ForbiddenError: The account is no administrator, or the plan has no audit log.
            NotFoundError: There is no such space or content, or the account may not view it.
            NotInSnapshotError: `content` is not in `snapshot`.
            ConfigurationError: A moment has no time zone, or cannot be understood; a meaning in `wording` is none; the
                organization is asked for and there is no `org_token`. Nothing was sent.

        Example:
            >>> wiki = connect()
            >>> [(row.author_name, row.change, row.permission, row.subject_name)
            ...  for row in wiki.permission_changes(since="3d", space="ENG")]
            [('Olga Petrova', 'removed', 'create_page', 'product')]
        """
        first, last = _range(since, until)
        call = self._core.permission_changes(
            first, last, *_asked(space, content, snapshot, self), source, _wording(wording), merge_bursts
        )
        return _checked(Table(call.wait()), "permission_changes", strict)

    @_meaning(space="spaces")
    def snapshot(
        self,
        spaces: SpaceLike | Iterable[SpaceLike] | None = None,
        *,
        progress: bool | Report = False,
        admin_key: bool = False,
        strict: bool = False,
    ) -> Snapshot:
        """Everything about some spaces or the whole site, once: the picture that access is resolved from.

        Restrictions come with the content listings, not page by page. What could not be read is in `Snapshot.gaps`, and
        makes the answers it touches `unknown`. Members are read of every group where the whole site is read, else of
        the groups that the rules of the named spaces name and of those that open the product.

        Source: Cloud, the routes of `spaces`, `contents`, `space_permissions`, `restrictions`, `groups` and `members`;
        restrictions in bulk from `GET /wiki/rest/api/content/search`, accounts from `POST /wiki/api/v2/users-bulk`,
        whether anonymous may use the site from `POST /wiki/rest/api/content/{id}/permission/check`. It shows what the
        account may view; an administrator's shows most. Data Center, the routes of the same methods: restrictions come
        with the listing of contents, accounts from `GET /rest/api/user/list`. Use a member of
        `confluence-administrators` there.

        Args:
            spaces: Keys, ids or records of the spaces; None reads every space the account can see.
            progress: True shows a bar (tqdm where it is installed, a line on standard error otherwise); a function is
                called with the stage, how many are done, and of how many (None while that is not known).
            admin_key: Asks for an admin key and reads what is restricted to others too. Needs a Premium or Enterprise
                site and an organization or site administrator. Its use is written to the site's audit log; the key is
                given back however the call ends, also by an error or Ctrl-C.
            strict: Raises `IncompleteError` where something could not be read.

        Raises:
            NotFoundError: One of the spaces does not exist, or the account may not view it.
            ForbiddenError: `admin_key`: the plan of the site or the rights of the account lack it.

        Example:
            >>> snap = connect().snapshot(spaces=["HR"])
            >>> snap.complete
            True
        """
        counters = _core.Progress()
        call = self._core.snapshot(_spaces(spaces, self), counters, admin_key)
        ticker = Ticker(counters, display(progress))
        try:
            snapshot = Snapshot(call.wait(ticker))
        finally:
            ticker.close()
        if strict:
            _complete(snapshot.gaps, "snapshot")
        return snapshot

    def measure(self, snapshot: Snapshot, *, strict: bool = False) -> Measurement:
        """The open switches of the policy, settled on this site by at most ten questions.

        A switch is open where no document says how Confluence behaves: its value is `unknown`, or assumed. Each
        question is about an account and a content of the snapshot for which only that switch decides: its answer is
        certain under either value, differs between the two, and stays the same whatever the other open switches are.
        Where there are two such questions both are asked, and answers that contradict each other settle nothing. A
        switch that nothing on the site depends on, or that was not answered, has the value `unknown` and a `reason`.

        `policy` has the settled ones, for `snap.access(policy=…)`. A site that changed since the snapshot was taken may
        answer for other reasons.

        Source: Cloud `POST /wiki/rest/api/content/{id}/permission/check`; needs a Confluence administrator. Data Center
        `GET /rest/extender/1.0/permission/content/{id}/getInheritedContentPermissions` of the Extender add-on: the
        server itself only says what is stored.

        Args:
            snapshot: A snapshot of this site.
            strict: Raises `IncompleteError` where a question was not answered.

        Raises:
            ConfigurationError: The snapshot is of another site (a `ValueError`).
            ForbiddenError: The account is no Confluence administrator (a `PermissionError`).
            UnavailableError: Data Center: the add-on is not installed.

        Example:
            >>> site = {
            ...     "users": {"ann": {}},
            ...     "spaces": {"DOC": {"grants": {"user:ann": ["view"]}}},
            ...     "contents": {"1": {"type": "page", "space": "DOC", "title": "Plan"}},
            ...     "restrictions": {"1": {"read": ["group:deleted"]}},
            ...     "policy": {"only_vanished_groups": "opens"},
            ... }
            >>> from confluence_access import Simulator
            >>> with Simulator(site=site) as simulator, simulator.connect() as wiki:
            ...     wiki.measure(wiki.snapshot()).policy
            {'only_vanished_groups': 'opens'}
        """
        measured = Measurement(self._core.measure(snapshot._core).wait())
        if strict:
            _complete(measured.gaps, "measure")
        return measured

    def close(self) -> None:
        """Ends every call under way and closes the connections. Closing twice is fine."""
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncConfluence(_Connection):
    """A connection to a Confluence site for asyncio: the methods of `Confluence`, awaited.

    Cancelling a call, or its running into `asyncio.timeout`, aborts what it does on the network. Settings, arguments,
    results, sources and errors are those of `Confluence`.

    Example:
        >>> async def keys():
        ...     async with connect(AsyncConfluence) as wiki:
        ...         return [space.key for space in await wiki.spaces()]
        >>> asyncio.run(keys())[:2]
        ['ENG', 'OPS']
    """

    @property
    def extender(self) -> AsyncExtender:
        """As `Confluence.extender`."""
        return AsyncExtender(self._core.extender())

    @property
    def json_rpc(self) -> AsyncJsonRpc:
        """As `Confluence.json_rpc`."""
        return AsyncJsonRpc(self._core.json_rpc())

    async def server(self) -> Server:
        """As `Confluence.server`."""
        return _server(await self._core.server().future())

    async def spaces(self, *, strict: bool = False) -> Table[Space]:
        """As `Confluence.spaces`."""
        return _checked(Table(await self._core.spaces().future()), "spaces", strict)

    async def contents(self, space: SpaceLike, *, strict: bool = False) -> Table[Content]:
        """As `Confluence.contents`."""
        return _checked(Table(await self._core.contents(_space(space, self)).future()), "contents", strict)

    async def space_permissions(
        self,
        space: SpaceLike,
        *,
        subject: SubjectLike | None = None,
        source: Literal["rest", "extender", "json_rpc"] | None = None,
        strict: bool = False,
    ) -> Table[SpacePermission]:
        """As `Confluence.space_permissions`."""
        who = None if subject is None else _subject(subject)
        found: Table[SpacePermission] = Table(
            await self._core.space_permissions(_space(space, self), who, source).future()
        )
        return _checked(found, "space_permissions", strict)

    async def global_permissions(self, *, strict: bool = False) -> Table[GlobalPermission]:
        """As `Confluence.global_permissions`."""
        found: Table[GlobalPermission] = Table(await self._core.global_permissions().future())
        return _checked(found, "global_permissions", strict)

    async def restrictions(
        self, content: ContentLike | Iterable[ContentLike], *, strict: bool = False
    ) -> Table[Restriction]:
        """As `Confluence.restrictions`."""
        return _checked(Table(await _restrictions(self._core, content, self).future()), "restrictions", strict)

    async def groups(self, *, directories: Directories | None = None, strict: bool = False) -> Table[Group]:
        """As `Confluence.groups`."""
        return _checked(Table(await self._core.groups(_directories(directories)).future()), "groups", strict)

    async def directories(self, *, strict: bool = False) -> Table[Directory]:
        """As `Confluence.directories`."""
        return _checked(Table(await self._core.directories().future()), "directories", strict)

    async def directory_links(self, user: str | int | User, *, strict: bool = False) -> Table[DirectoryLink]:
        """As `Confluence.directory_links`."""
        found: Table[DirectoryLink] = Table(await self._core.directory_links(_user(user)).future())
        return _checked(found, "directory_links", strict)

    async def find_user(self, text: str) -> User:
        """As `Confluence.find_user`."""
        found: Table[User] = Table(await self._core.find_user(_text(text, "an account", _PERSON)).future())
        return found[0]

    async def members(self, group: str | int | Group, *, strict: bool = False) -> Table[Membership]:
        """As `Confluence.members`."""
        return _checked(Table(await self._core.members(_group(group)).future()), "members", strict)

    async def check(self, content: ContentLike, subject: SubjectLike, operation: OperationLike) -> CheckResult:
        """As `Confluence.check`."""
        row: CheckResult = Table(
            await self._core.check(
                _node(content, self), _subject(subject), arguments.operation(operation, _CHECK)
            ).future()
        )[0]
        return row

    async def grant(
        self,
        space: SpaceLike,
        subject: SubjectLike,
        permissions: str | Iterable[str],
        *,
        dry_run: bool = False,
    ) -> Table[WriteResult]:
        """As `Confluence.grant`."""
        call = self._core.grant(_space(space, self), _subject(subject), _words(permissions), (dry_run, False, False))
        return Table(await call.future())

    async def revoke(
        self,
        space: SpaceLike,
        subject: SubjectLike,
        permissions: str | Iterable[str],
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """As `Confluence.revoke`."""
        options = (dry_run, allow_lockout, False)
        return Table(
            await self._core.revoke(_space(space, self), _subject(subject), _words(permissions), options).future()
        )

    async def set_permissions(
        self,
        space: SpaceLike,
        permissions: Mapping[SubjectLike, str | Iterable[str]],
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """As `Confluence.set_permissions`."""
        wanted = _wanted(permissions)
        return Table(
            await self._core.set_permissions(_space(space, self), wanted, (dry_run, allow_lockout, False)).future()
        )

    async def assign_role(
        self,
        space: SpaceLike,
        subject: SubjectLike,
        role: str,
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """As `Confluence.assign_role`."""
        options = (dry_run, allow_lockout, False)
        return Table(await self._core.assign_role(_space(space, self), _subject(subject), role, options).future())

    async def remove_role(
        self, space: SpaceLike, subject: SubjectLike, *, dry_run: bool = False, allow_lockout: bool = False
    ) -> Table[WriteResult]:
        """As `Confluence.remove_role`."""
        options = (dry_run, allow_lockout, False)
        return Table(await self._core.remove_role(_space(space, self), _subject(subject), options).future())

    async def restrict(
        self,
        contents: ContentLike | Iterable[ContentLike],
        operation: RestrictionOperationLike,
        subjects: SubjectLike | Iterable[SubjectLike],
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """As `Confluence.restrict`."""
        options = (dry_run, allow_lockout, False)
        return Table(
            await self._core.restrict(
                _nodes(contents, self), arguments.operation(operation, _RESTRICT), _subjects(subjects), options
            ).future()
        )

    async def unrestrict(
        self,
        contents: ContentLike | Iterable[ContentLike],
        operation: RestrictionOperationLike,
        subjects: SubjectLike | Iterable[SubjectLike] | None = None,
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """As `Confluence.unrestrict`."""
        options = (dry_run, allow_lockout, False)
        who = None if subjects is None else _subjects(subjects)
        return Table(
            await self._core.unrestrict(
                _nodes(contents, self), arguments.operation(operation, _UNRESTRICT), who, options
            ).future()
        )

    async def set_restrictions(
        self,
        contents: ContentLike | Iterable[ContentLike],
        operation: RestrictionOperationLike,
        subjects: SubjectLike | Iterable[SubjectLike],
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
    ) -> Table[WriteResult]:
        """As `Confluence.set_restrictions`."""
        options = (dry_run, allow_lockout, False)
        return Table(
            await self._core.set_restrictions(
                _nodes(contents, self), arguments.operation(operation, _SET_RESTRICTIONS), _subjects(subjects), options
            ).future()
        )

    async def unrestrict_all(
        self,
        subject: SubjectLike,
        spaces: SpaceLike | Iterable[SpaceLike] | None = None,
        *,
        dry_run: bool = False,
        allow_lockout: bool = False,
        allow_open: bool = False,
    ) -> Table[WriteResult]:
        """As `Confluence.unrestrict_all`."""
        options = (dry_run, allow_lockout, allow_open)
        return Table(await self._core.unrestrict_all(_subject(subject), _spaces(spaces, self), options).future())

    async def audit(
        self,
        since: Moment | None = None,
        until: Moment | None = None,
        search: str | None = None,
        *,
        source: AuditSource = "confluence",
        strict: bool = False,
    ) -> Table[AuditRecord]:
        """As `Confluence.audit`."""
        return _checked(Table(await self._core.audit(*_range(since, until), search, source).future()), "audit", strict)

    async def permission_changes(
        self,
        since: Moment | None = None,
        until: Moment | None = None,
        *,
        space: SpaceLike | None = None,
        content: ContentLike | None = None,
        snapshot: Snapshot | None = None,
        source: AuditSource = "confluence",
        wording: Mapping[str, str] | None = None,
        merge_bursts: bool = False,
        strict: bool = False,
    ) -> Table[PermissionChange]:
        """As `Confluence.permission_changes`."""
        first, last = _range(since, until)
        call = self._core.permission_changes(
            first, last, *_asked(space, content, snapshot, self), source, _wording(wording), merge_bursts
        )
        return _checked(Table(await call.future()), "permission_changes", strict)

    @_meaning(space="spaces")
    async def snapshot(
        self,
        spaces: SpaceLike | Iterable[SpaceLike] | None = None,
        *,
        progress: bool | Report = False,
        admin_key: bool = False,
        strict: bool = False,
    ) -> Snapshot:
        """As `Confluence.snapshot`; a function given as `progress` is called in the thread of the loop."""
        counters = _core.Progress()
        call = self._core.snapshot(_spaces(spaces, self), counters, admin_key)
        ticker = Ticker(counters, display(progress))
        try:
            snapshot = Snapshot(await _ticking(call.future(), ticker))
        finally:
            ticker.close()
        if strict:
            _complete(snapshot.gaps, "snapshot")
        return snapshot

    async def measure(self, snapshot: Snapshot, *, strict: bool = False) -> Measurement:
        """As `Confluence.measure`."""
        measured = Measurement(await self._core.measure(snapshot._core).future())
        if strict:
            _complete(measured.gaps, "measure")
        return measured

    async def close(self) -> None:
        """Ends every call under way and closes the connections. Closing twice is fine."""
        await asyncio.to_thread(self._core.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


async def _ticking(future: asyncio.Future[T], ticker: Ticker) -> T:
    try:
        while not future.done():
            # Does not cancel the future when the time is over.
            await asyncio.wait((future,), timeout=0.05)
            ticker()
        return future.result()
    finally:
        future.cancel()


def _directories(given: Directories | None) -> dict[str, str]:
    """Names of directories by what they are found by, from a mapping or from rows of the documented query."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        for name, directory in given.items():
            if not isinstance(name, str) or not isinstance(directory, str):
                raise ConfigurationError("`directories` maps text to the name of a directory, as text")
        return dict(given)
    columns = ("group_name", "directory_name", "directory_type")
    table: dict[str, str] = {}
    for row in given:
        values = [row.get(column) for column in columns] if isinstance(row, Mapping) else list(row)
        if len(values) not in (2, 3) or not all(isinstance(value, str) and value for value in values[:2]):
            raise ConfigurationError(
                "a row of `directories` is `(group_name, directory_name, directory_type)`, the type may be missing"
            )
        kind = f" ({values[2]})" if len(values) == 3 and values[2] else ""
        # Of groups that are in several directories the first one counts, as it does in Confluence.
        table.setdefault(str(values[0]), f"{values[1]}{kind}")
    return table


def _server(answered: dict[str, Any]) -> Server:
    known = {"capabilities": dict(answered["capabilities"]), "notes": tuple(answered["notes"])}
    return Server(**{**answered, **known})
