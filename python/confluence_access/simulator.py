"""A Confluence site on a loopback port, for your own tests, and to try things without a server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

from . import _core
from .client import Confluence, Settings
from .errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

__all__ = ["LoggedRequest", "Simulator"]


def _judge_number(name: str, value: object, most: int | None = None) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigurationError(f"`{name}` is a whole number, not `{type(value).__name__}`")
    if value < 0 or (most is not None and value > most):
        span = "0 or more" if most is None else f"from 0 to {most}"
        raise ConfigurationError(f"`{name}` is a whole number, {span}, not {value}")


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request the simulator received.

    Attributes:
        method: `GET`, `POST`.
        path: Path as it was sent, without query.
        query: Query as it was sent; empty where there was none.
        route: Name of the route that answered; None where no route did.
        status: Status answered; 0 where the exchange ended before there was one.
        fault: What a fault did to the answer; None where nothing went wrong on purpose.
        seconds: How long the answer took; None while there is none.
        in_flight: Requests under way at that moment, this one included.
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

    Without `site` a company is made up: several kinds of spaces, restricted subtrees, groups from a directory and
    groups that are not; the same one for the same arguments. With `site` you describe your own, in the vocabulary of
    `Snapshot.from_dict`; its `policy` is how the site behaves where the documents leave it open. A request the
    simulator does not know is answered with 501, on Data Center an address it does not know with 404, and kept in
    `unexpected`. A route that the `version` of a Data Center does not have is answered with 404 and is nothing
    unexpected.

    A fault is a dict: `path` (part of the path or query of the requests it touches), `effect` (`status`, `login_page`,
    `body`, `truncated`, `drop`, `drop_mid_body`, `stall`, `empty_page`, `looping_next`, `short_page`, `jumping_next`,
    `foreign_next`, `unservable`, `long_address`, `spoilt`, `redirect`, `headers`, `replace`), what the effect needs
    (`status`, `retry_after`, `body`, `seconds`, `rows`, `host`, `id`, `location`, `headers`, `from`, `to`), and where
    wanted `method`, `exact` (`path` is all of it), `skip` (so many pass first) and `times` (it strikes so often).

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
        """Builds the site and begins to serve it.

        Args:
            deployment: Product to play.
            pages: Pages and blog posts of the company, all spaces together.
            spaces: Spaces of the company.
            users: Users of the company.
            groups: Groups of the company.
            seed: What the company is made up from.
            latency: How long every answer takes, in seconds.
            page_cap: Most rows on a page of any listing, below Confluence's own caps.
            subject_cap: Most users, and most groups, in one restriction before the list is paged.
            site: A site from plain data instead of the company.
            caller: Id of the user whose view is served; None: an administrator who sees everything.
            port: Port on 127.0.0.1; 0 takes a free one.
            username: Username that is let in.
            token: Token that is let in: beside the username, and alone at the gateway, `/ex/confluence/{cloud_id}`.
            token_has_scopes: Whether only the gateway lets it in.
            require_auth: Whether to ask for credentials.
            legacy_v1: Whether the v1 listings live that the documents no longer have; otherwise they answer 410.
            audit_records: Records in the audit log of the company at the start; at least those of its story.
            audit_arrivals: Records that come into the audit log whenever it is asked, half of them late.
            version: Version of Data Center; it decides which routes are there. None: 9.2.0.
            context: Data Center: path in front of every address, such as `/confluence`.
            password: Data Center: password that is let in, of `username` and of every active user of the site: who logs
                in under the name of another user gets that user's view.
            extender: Data Center: whether the add-on Extender for Confluence is installed.
            json_rpc: Data Center: whether the remote API is on, off, or behind a second login for administrators.
            coverage: Data Center: how much the audit log writes down, by area; an area that is not named is at `BASE`.
            language: Data Center: language of the site, in which the audit log is written.
            faults: What goes wrong from the start.

        Raises:
            ValueError: An option or the site cannot be understood; the message names what.
            OSError: The port is taken.
        """
        for name, value in (
            ("pages", pages),
            ("spaces", spaces),
            ("users", users),
            ("groups", groups),
            ("seed", seed),
            ("page_cap", page_cap),
            ("subject_cap", subject_cap),
            ("audit_records", audit_records),
            ("audit_arrivals", audit_arrivals),
        ):
            _judge_number(name, value)
        _judge_number("port", port, most=65_535)
        self._core = _core.Simulator(
            deployment=deployment,
            pages=pages,
            spaces=spaces,
            users=users,
            groups=groups,
            seed=seed,
            site=None if site is None else dict(site),
            caller=caller,
            latency=latency,
            page_cap=page_cap,
            subject_cap=subject_cap,
            port=port,
            username=username,
            token=token,
            token_has_scopes=token_has_scopes,
            require_auth=require_auth,
            legacy_v1=legacy_v1,
            audit_records=audit_records,
            audit_arrivals=audit_arrivals,
            version=version,
            context=context,
            password=password,
            extender=extender,
            json_rpc=json_rpc,
            coverage=dict(coverage or {}),
            language=language,
            faults=[dict(fault) for fault in faults],
        )
        self._deployment = deployment

    @property
    def url(self) -> str:
        """Address of the site: of Cloud without `/wiki`, of Data Center with its context path."""
        return self._core.url

    @property
    def username(self) -> str:
        """Username it lets in."""
        return self._core.username

    @property
    def token(self) -> str:
        """Token it lets in. It opens nothing but this simulator."""
        return self._core.token

    @property
    def password(self) -> str:
        """Password it lets in on Data Center. It opens nothing but this simulator."""
        return self._core.password

    @property
    def cloud_id(self) -> str:
        """Id of the site. Its gateway is `/ex/confluence/{cloud_id}` at the same address."""
        return self._core.cloud_id()

    @property
    def admin_key_active(self) -> bool:
        """Whether an admin key of the caller is active. A good client gives its key back."""
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
        """Everything that was asked so far, in order of arrival."""
        return [LoggedRequest(*logged) for logged in self._core.requests()]

    @property
    def unexpected(self) -> list[str]:
        """Requests it did not understand, one line each. Empty at the end of a good test."""
        return self._core.unexpected()

    @property
    def max_in_flight(self) -> int:
        """Most requests that were under way at one moment."""
        return self._core.max_in_flight()

    def audit_log(self) -> list[str]:
        """The audit log of a Data Center as it stands in its `*.audit.log` files.

        Returns:
            A line of JSON per event, oldest first. Cloud has no such file: an empty list.
        """
        return self._core.audit_log()

    def connect(self, **settings: Unpack[Settings]) -> Confluence:
        """A client of this site.

        Args:
            **settings: Settings of `Confluence`; they win over the simulator's own address and credentials. On Data
                Center a token stands for an account by itself; `username=` is completed by the simulator's password.
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
        """Lets requests go wrong from now on.

        Args:
            path: Part of the path or query of the requests it touches.
            **fault: The other keys of a fault, such as `status=429, retry_after=1, times=2`.
        """
        self._core.inject({"path": path, **fault})

    def change_token(self, token: str) -> None:
        """Lets another token in from now on, and the one before no more: as if it had ended.

        Args:
            token: The new one.
        """
        self._core.change_token(token)

    def heal(self) -> None:
        """Takes all faults away."""
        self._core.clear_faults()

    def clear_log(self) -> None:
        """Forgets `requests` and `unexpected`."""
        self._core.clear_log()

    def stop(self) -> None:
        """Stops serving. Stopping twice is fine."""
        self._core.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Simulator {self.url}>"
