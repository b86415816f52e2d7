"""What the sync and the async client share."""

from __future__ import annotations

import atexit
import functools
import weakref
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, TypeVar, Unpack, cast

from . import _core
from .escapes import visible
from .server import Usage
from .settings import for_core, from_environment, known_keywords

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from .naming import Directories
    from .settings import ClientCertificate, Settings

F = TypeVar("F", bound="Callable[..., None]")
M = TypeVar("M", bound="Callable[..., Any]")

# Clients still open when the interpreter ends. Their threads must be joined before it goes away: one that hands over a
# result too late would abort the process.
_open: weakref.WeakSet[Connection] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    _core.leave()
    for connection in list(_open):
        connection._core.close()


def _named(init: F) -> F:
    """Makes the errors of a wrong call name the class and suggest what was probably meant."""

    @functools.wraps(init)
    def checked(self: Connection, *given: Any, **settings: Any) -> None:
        name = type(self).__name__
        known_keywords(name, settings)
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
        settings = {name: value for name, value in locals().items() if name != "self"}
        self._username = username
        self._core = _core.Client(*for_core(settings))
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
        known_keywords(f"{cls.__name__}.from_env", settings)
        return cls(**{**from_environment(settings), **settings})

    @classmethod
    def from_profile(cls, name: str | None = None, **settings: Unpack[Settings]) -> Self:
        """A client of a profile, as `confluence-access login NAME` stores it.

        The profile is read from `~/.config/confluence-access/profiles.toml`, its token or password from the keyring of
        the operating system. Sends nothing.

        Args:
            name: Name of the profile; None takes `CONFLUENCE_PROFILE` from the environment, else `default`.
            **settings: Further settings, as for the class; they take precedence over those of the profile.

        Raises:
            ConfigurationError: There is no such profile, no keyring (extra `keyring`) or no secret in it, or `url` is
                another site than that of the profile. No message shows a secret.
        """
        known_keywords(f"{cls.__name__}.from_profile", settings)
        from . import profiles

        return cls(**profiles.settings_of(name or profiles.wanted() or profiles.DEFAULT, dict(settings)))

    @classmethod
    def from_atlassian(cls, client: object, **settings: Unpack[Settings]) -> Self:
        """A client for the site and the account of a client of atlassian-python-api.

        Takes over its address, its credentials (username with password or API token, personal access token, OAuth 2
        token, an `Authorization` header), its proxy, the file of certificates in `verify_ssl` and its client
        certificate. An OAuth 2 token is read again when the server refuses it, so a token refreshed there is used here.
        Logins by cookies, Kerberos and OAuth 1 cannot be taken over. Certificates are verified, also with
        `verify_ssl=False`. Pace, retries and timeouts are those of this class. Sends nothing; the other client stays as
        it is.

        Args:
            client: An `atlassian.Confluence`. The package itself is not needed: only attributes are read.
            **settings: Further settings, as for the class; they take precedence over those of the client.

        Raises:
            ConfigurationError: The client holds no credentials that can be taken over. No message shows any.

        Example:
            >>> import atlassian
            >>> from confluence_access import Confluence
            >>> theirs = atlassian.Confluence("https://acme.atlassian.net", username="ann@acme.com", password="secret")
            >>> Confluence.from_atlassian(theirs)
            <Confluence https://acme.atlassian.net as ann@acme.com, 0 requests>
        """
        known_keywords(f"{cls.__name__}.from_atlassian", settings)
        from .atlassian_client import settings_of

        return cls(**settings_of(client, settings))

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
            >>> wiki = Confluence.from_env()
            >>> _ = wiki.spaces()
            >>> wiki.usage().requests >= 1
            True
        """
        requests, routes, points, waited = self._core.usage()
        return Usage(requests, dict(routes), points, *waited)

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
