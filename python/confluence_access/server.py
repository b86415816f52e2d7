"""What a client knows about its site and its own requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import notebook
from .escapes import visible
from .frozen import Frozen

if TYPE_CHECKING:
    from .types import Deployment

__all__ = ["Server", "Usage"]


# Written by `python -m confluence_access._generate`: change `Server` in src/fetch/answers.rs instead.
class Server(Frozen, kw_only=True):
    """The server behind the address, your account on it, and what that account cannot see.

    Attributes:
        url: The address people open.
        deployment: `cloud` or `datacenter`.
        version: Version of the product; None on Cloud, which has none.
        account_id: Id of the account the credentials belong to (Data Center: the user key); None if the server did not
            say.
        username: Its username; None on Cloud.
        account_name: Its display name; None if the server did not say.
        account_email: Its e-mail address; None if it is hidden.
        admin: Whether it is a Confluence administrator; None if unknown. An account that is not an administrator may
            not see everything.
        role_mode: How a Cloud site grants access to spaces: `PRE_ROLES`, `ROLES_TRANSITION`, `ROLES`; None if the site
            did not say.
        capabilities: What a Data Center installation can do for this account, by name. `space_permissions` is the API
            that returns them (`rest`, `extender`, `json_rpc` or `none`). The others are `yes`, `no` or `unknown`:
            `rest`, `extender`, `json_rpc`, `global_permissions`, `content_scan`, `relevant_view_restrictions`. Empty on
            Cloud.
        notes: What this account cannot see, one sentence each.
    """

    url: str
    deployment: Deployment
    version: str | None = None
    account_id: str | None = None
    username: str | None = None
    account_name: str | None = None
    account_email: str | None = None
    admin: bool | None = None
    role_mode: str | None = None
    capabilities: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()
    # From here on by hand.

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

    def _repr_html_(self) -> str:
        fields = self.to_dict()
        notes, capabilities = fields.pop("notes"), fields.pop("capabilities")
        known = [
            (name.replace("_", " "), str(value)) for name, value in (fields | capabilities).items() if value is not None
        ]
        return notebook.page(notebook.facts("Server", known, notes))

    @classmethod
    def _of(cls, answered: dict[str, Any]) -> Server:
        """What the core answers."""
        known = {"capabilities": dict(answered["capabilities"]), "notes": tuple(answered["notes"])}
        return cls(**{**answered, **known})


class Usage(Frozen):
    """The requests a client has sent so far.

    Attributes:
        requests: Number of requests, including retries.
        routes: The same per documented route, as method and path: `GET /wiki/api/v2/spaces/{id}/permissions`.
        points: An estimate of what an app would be charged by Atlassian's published list: one point for each request,
            plus one for each object in its answer, or two if the objects are people, groups or permissions. API tokens
            are not charged; requests to the organization are not counted.
        waited_for_rate_limits: Seconds that requests waited because the server limits the rate, added up over all
            requests: ten that wait for the same 8 s are 80.
        waited_for_retries: Likewise before other retries.
        waited_for_slots: Likewise because `max_concurrency` requests were under way, fewer after a rate limit, or to
            keep `requests_per_second`.
    """

    requests: int
    routes: Mapping[str, int]
    points: int = 0
    waited_for_rate_limits: float = 0.0
    waited_for_retries: float = 0.0
    waited_for_slots: float = 0.0
