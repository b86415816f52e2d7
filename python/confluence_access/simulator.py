"""A simulated Confluence site on a loopback port: for your own tests, and to try things without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

from . import _core
from .client import Confluence
from .errors import ConfigurationError
from .frozen import Frozen
from .settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

__all__ = ["LoggedRequest", "Simulator"]


_COUNTS = (
    "pages",
    "spaces",
    "users",
    "groups",
    "seed",
    "page_cap",
    "subject_cap",
    "audit_records",
    "audit_arrivals",
)
_WORDS = {"deployment": ("cloud", "datacenter"), "json_rpc": ("on", "off", "websudo")}


def _judge_number(name: str, value: object, most: int | None = None) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigurationError(f"`{name}` is a whole number, not `{type(value).__name__}`")
    if value < 0 or (most is not None and value > most):
        span = "0 or more" if most is None else f"from 0 to {most}"
        raise ConfigurationError(f"`{name}` is a whole number, {span}, not {value}")


class LoggedRequest(Frozen):
    """One request the simulator received.

    Attributes:
        method: `GET`, `POST`.
        path: Path as sent, without the query.
        query: Query as sent; empty if there was none.
        route: Name of the route that answered; None if no route did.
        status: Status of the answer; 0 if the exchange ended before there was one.
        fault: What a fault did to the answer; None if no fault applied.
        seconds: How long the answer took; None while there is none.
        in_flight: Requests in progress at that moment, including this one.
    """

    method: str
    path: str
    query: str
    route: str | None
    status: int
    fault: str | None
    seconds: float | None
    in_flight: int


class Simulator:
    """A simulated Confluence site on a free port of this machine: real HTTP, no Confluence needed.

    Without `site` the simulator generates a company: several kinds of spaces, restricted subtrees, groups from a
    directory and local groups; the same arguments give the same company. With `site` you describe your own, in the
    vocabulary of `Snapshot.from_dict`; its `policy` sets the behaviour that the documents leave open. A request the
    simulator does not know is answered with 501, an unknown address on Data Center with 404, and both are kept in
    `unexpected`. A route that the `version` of a Data Center does not have is answered with 404 and is not unexpected.

    A fault is a dict: `path` (part of the path or query of the requests it applies to), `effect` (`status`,
    `login_page`, `body`, `truncated`, `drop`, `drop_mid_body`, `stall`, `empty_page`, `looping_next`, `short_page`,
    `jumping_next`, `foreign_next`, `unservable`, `long_address`, `spoilt`, `redirect`, `headers`, `replace`, `dribble`,
    `endless`, `announce`, `deep`, `bomb`, `restart`, `expire`, `quota`, `shift`), the settings of the effect (`status`,
    `retry_after`, `body`, `seconds`, `rows`, `host`, `id`, `location`, `headers`, `from`, `to`), and optionally
    `method`, `exact` (`path` is the whole path with its query), `skip` (how many requests pass first) and `times` (how
    often the fault applies).

    Example:
        >>> from confluence_access import Simulator
        >>> with Simulator(pages=20) as simulator:
        ...     with simulator.connect() as wiki:
        ...         spaces = wiki.spaces()
        ...     simulator.requests[0].status, simulator.unexpected
        (200, [])
    """

    def __init__(
        self,
        deployment: Literal["cloud", "datacenter"] = "cloud",
        *,
        pages: int | None = None,
        spaces: int | None = None,
        users: int | None = None,
        groups: int | None = None,
        seed: int = 1,
        latency: float = 0.0,
        page_cap: int | None = None,
        subject_cap: int | None = None,
        site: Mapping[str, Any] | None = None,
        caller: str | None = None,
        port: int = 0,
        username: str | None = None,
        token: str | None = None,
        token_has_scopes: bool = False,
        require_auth: bool = True,
        legacy_v1: bool = True,
        audit_records: int | None = None,
        audit_arrivals: int = 0,
        version: str | None = None,
        context: str = "",
        password: str | None = None,
        extender: bool = False,
        json_rpc: Literal["on", "off", "websudo"] = "on",
        coverage: Mapping[str, str] | None = None,
        language: Literal["en", "de"] = "en",
        faults: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Builds the site and starts to serve it.

        Args:
            deployment: The product to simulate.
            pages: Number of pages and blog posts of the company, in all spaces together.
            spaces: Number of spaces of the company.
            users: Number of users of the company.
            groups: Number of groups of the company.
            seed: Seed of the random company.
            latency: How long every answer takes, in seconds.
            page_cap: Largest number of rows on a page of any listing, below Confluence's own caps.
            subject_cap: Largest number of users, and of groups, in one restriction before its list is paged.
            site: A site in plain data, instead of the company.
            caller: Id of the user whose view is served; None: an administrator who sees everything.
            port: Port on 127.0.0.1; 0 takes a free one.
            username: The accepted username.
            token: The accepted token: with the username, and alone at the gateway, `/ex/confluence/{cloud_id}`.
            token_has_scopes: Whether the token is accepted only at the gateway.
            require_auth: Whether credentials are required.
            legacy_v1: Whether the v1 listings that are no longer documented still work; otherwise they answer 410.
            audit_records: Records in the audit log of the company at the start; at least those of its story.
            audit_arrivals: Records added to the audit log each time it is read, half of them late.
            version: Version of Data Center, which decides which routes exist. None: 9.2.0.
            context: Data Center: path in front of every address, such as `/confluence`.
            password: Data Center: the accepted password of `username` and of every active user of the site. Logging in
                with the name of another user gives that user's view.
            extender: Data Center: whether the add-on Extender for Confluence is installed.
            json_rpc: Data Center: whether the remote API is on, off, or behind a second login for administrators.
            coverage: Data Center: how much the audit log records, by area; an area not named is at `BASE`.
            language: Data Center: language of the site and of its audit log.
            faults: Faults that apply from the start.

        Raises:
            ValueError: An option or the site is invalid; the message says which.
            OSError: The port is in use.
        """
        options = {name: value for name, value in locals().items() if name != "self" and value is not None}
        for name in _COUNTS:
            _judge_number(name, options.get(name))
        _judge_number("port", port, most=65_535)
        for name, words in _WORDS.items():
            if options.get(name) not in words:
                raise ConfigurationError(f"invalid `{name}` `{options.get(name)}`: expected one of {', '.join(words)}")
        if site is not None:
            options["site"] = dict(site)
        options["coverage"] = dict(coverage or {})
        options["faults"] = [dict(fault) for fault in faults]
        self._core = _core.Simulator(options)
        self._deployment = deployment

    @property
    def url(self) -> str:
        """Address of the site: for Cloud without `/wiki`, for Data Center with its context path."""
        return self._core.url

    @property
    def username(self) -> str:
        """The accepted username."""
        return self._core.username

    @property
    def token(self) -> str:
        """The accepted token. It is valid only for this simulator."""
        return self._core.token

    @property
    def password(self) -> str:
        """Data Center: the accepted password. It is valid only for this simulator."""
        return self._core.password

    @property
    def cloud_id(self) -> str:
        """Id of the site. Its gateway is `/ex/confluence/{cloud_id}` at the same address."""
        return self._core.cloud_id()

    @property
    def admin_key_active(self) -> bool:
        """Whether an admin key of the caller is active. A good client releases its key."""
        return self._core.admin_key_active()

    @property
    def org_id(self) -> str:
        """Id of the organization the site belongs to."""
        return self._core.org_id

    @property
    def org_token(self) -> str:
        """Key of that organization: `connect(org_token=simulator.org_token, org_url=simulator.url)`."""
        return self._core.org_token

    @property
    def requests(self) -> list[LoggedRequest]:
        """All requests so far, in order of arrival."""
        return [LoggedRequest(*logged) for logged in self._core.requests()]

    @property
    def unexpected(self) -> list[str]:
        """Requests the simulator did not understand, one line each. Empty at the end of a good test."""
        return self._core.unexpected()

    @property
    def max_in_flight(self) -> int:
        """Largest number of requests in progress at the same time."""
        return self._core.max_in_flight()

    def audit_log(self) -> list[str]:
        """The audit log of a Data Center, as in its `*.audit.log` files.

        Returns:
            One line of JSON per event, oldest first. Empty for Cloud, which has no such file.
        """
        return self._core.audit_log()

    def connect(self, **settings: Unpack[Settings]) -> Confluence:
        """A client of this site.

        Args:
            **settings: Settings of `Confluence`; they take precedence over the simulator's own address and credentials.
                On Data Center a token alone identifies an account; `username=` is completed by the simulator's
                password.
        """
        own: Settings = {"url": self.url}
        if self._deployment == "cloud":
            own["username"], own["token"] = self.username, self.token
        elif "token" not in settings and ("username" in settings or "password" in settings):
            own["username"], own["password"] = self.username, self.password
        else:
            own["token"] = self.token
        own.update(settings)
        return Confluence(**own)

    def fail(self, path: str, **fault: Any) -> None:
        """Adds a fault.

        Args:
            path: Part of the path or query of the requests it applies to.
            **fault: The other keys of a fault, such as `status=429, retry_after=1, times=2`.
        """
        self._core.inject({"path": path, **fault})

    def change_token(self, token: str) -> None:
        """Replaces the accepted token, as if the old one had expired.

        Args:
            token: The new token.
        """
        self._core.change_token(token)

    def heal(self) -> None:
        """Removes all faults."""
        self._core.clear_faults()

    def clear_log(self) -> None:
        """Clears `requests` and `unexpected`."""
        self._core.clear_log()

    def stop(self) -> None:
        """Stops serving. Calling it twice is fine."""
        self._core.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Simulator {self.url}>"
