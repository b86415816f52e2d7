"""Output shared by the commands and the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from .records import PermissionChange
    from .terminal import Screen


def minute(at: datetime | None) -> str | None:
    """A time as people read it in a table."""
    return None if at is None else at.strftime("%Y-%m-%d %H:%M")


def show_changes(screen: Screen, changes: Iterable[PermissionChange], indent: str = "  ") -> None:
    """Shows permission changes as a table."""

    def where(row: PermissionChange) -> str | None:
        return row.content_title or row.space_key or row.space_name or row.group_name or row.group_id

    def whom(row: PermissionChange) -> str | None:
        return row.subject_name or row.subject_id or row.subject_type

    def who(row: PermissionChange) -> str | None:
        return row.author_name if not row.admin_key else f"{row.author_name} (admin key)"

    screen.table(
        ("when", "who", "change", "permission", "of", "where", "confidence"),
        [
            (
                minute(row.at),
                who(row),
                row.change,
                row.permission or row.action,
                whom(row),
                where(row),
                row.confidence,
            )
            for row in changes
        ],
        indent=indent,
        styles=("dim", "bold", None, None, None, None, "dim"),
        give_way=["where", "of", "permission", "who"],
        spare=["confidence"],
    )
