"""What a client knows of its site and of its own requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .escapes import visible

__all__ = ["Server", "Usage"]


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

    @classmethod
    def _of(cls, answered: dict[str, Any]) -> Server:
        """What the core answers."""
        known = {"capabilities": dict(answered["capabilities"]), "notes": tuple(answered["notes"])}
        return cls(**{**answered, **known})


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
