"""The records: one class for each kind of row, with the columns of its table as fields.

Records are plain values: they can be compared, hashed and pickled, and do not change. `None` means "the server did not
say", never "no". Times are UTC with microseconds. `source` names the API and route a record was read from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["RECORDS", "Gap", "Space"]


@dataclass(frozen=True, slots=True)
class Space:
    """One row is one space.

    Attributes:
        id: Id as the server spells it; the key where there is none.
        key: Key, such as `ENG` or `~ann`.
        name: Display name.
        type: `global`, `personal`, `knowledge_base` or another word of the server.
        status: `current` or `archived`.
        homepage_id: Content id of the home page.
        source: API and route it was read from.
        owner_id: Account that owns a personal space.
        public_links_enabled: Whether public links work in this space.
        created_at: When it was created.
    """

    id: str
    key: str
    name: str | None
    type: str | None
    status: str | None
    homepage_id: str | None
    source: str
    owner_id: str | None
    public_links_enabled: bool | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Gap:
    """One row is one thing that could not be read.

    Attributes:
        scope: What it is about: `site`, `space`, `space_permissions`, `content`, `group`, `user` or `audit`.
        subject: Its id; of a space its key.
        cause: Why, as a code, such as `forbidden`, `timeout` or `truncated`.
        message: One line for a person.
        status: HTTP status, where there was one.
        route: Method and path asked, without query.
    """

    scope: str
    subject: str
    cause: str
    message: str
    status: int | None
    route: str | None


RECORDS: dict[str, type[Any]] = {record.__name__: record for record in (Space, Gap)}
"""Every record by its name."""
