"""The story `confluence-access demo` tells, on a simulated site."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from .simulator import Simulator

if TYPE_CHECKING:
    from .access import Access, Explanation
    from .progress import Display
    from .records import Content, Grantee, User
    from .snapshot import Snapshot
    from .tables import Table
    from .terminal import Screen

FOLDER = "confluence-demo"

# Enough to see the progress move.
LATENCY = 0.008


def tell(screen: Screen, display: Display, out: str | None = None) -> None:
    """Reads a simulated company and shows what can be learned about it.

    Args:
        screen: Where the story goes.
        display: Shows the progress of reading.
        out: Folder for the snapshot; None: `./confluence-demo`, or a temporary one where that cannot be written.
    """
    started = time.monotonic()
    with Simulator(latency=LATENCY) as simulator, simulator.connect() as wiki:
        screen.line("A simulated company, read as any Confluence Cloud site would be.", "bold")
        screen.paragraph(str(wiki.server()), "  ", "dim")
        screen.stream.flush()
        try:
            snapshot = wiki.snapshot(progress=lambda *stage: _show(display, stage))
        finally:
            display.close()
        requests = wiki.usage().requests
        routes = wiki.usage().routes
    access = snapshot.access()

    _spaces(screen, snapshot, access)
    _who_can_view(screen, snapshot, access)
    _why_not(screen, snapshot, access)
    _exposed(screen, snapshot, access)
    _groups(screen, snapshot)

    screen.heading("What it cost")
    screen.paragraph(
        f"{requests} requests for {len(snapshot.contents)} contents in {len(snapshot.spaces)} spaces, "
        f"{len(snapshot.restrictions)} restrictions and {len(snapshot.memberships)} memberships. Restrictions came with "
        "the listings, not page by page:",
        "  ",
    )
    screen.table(
        ("requests", "route"),
        sorted(((count, route) for route, count in routes.items()), key=lambda row: (-row[0], row[1]))[:6],
        numbers=["requests"],
        styles=(None, "dim"),
    )

    folder = _save(snapshot, out)
    screen.heading(f"The snapshot is in {folder}; three lines of Python read it")
    screen.line("  from confluence_access import Snapshot", "cyan")
    screen.line(f"  snap = Snapshot.load({os.fspath(folder)!r})", "cyan")
    screen.line("  snap.access().summary().to_pandas()", "cyan")
    screen.line()
    screen.line(f"{time.monotonic() - started:.1f} s in all. On your own site: confluence-access --help", "dim")


_stages: dict[str, tuple[str, int, int | None]] = {}


def _show(display: Display, stage: tuple[str, int, int | None]) -> None:
    _stages[stage[0]] = stage
    display.show(list(_stages.values()))


def _spaces(screen: Screen, snapshot: Snapshot, access: Access) -> None:
    rows = access.summary()
    contents = Counter(row.space_key for row in rows)
    restricted = Counter(row.space_key for row in rows if row.own_restriction or row.inherited_restriction)
    anonymous = Counter(row.space_key for row in rows if str(row.anonymous) == "allowed")
    screen.heading("The spaces")
    screen.table(
        ("key", "name", "type", "status", "contents", "restricted", "open to anonymous"),
        [
            (
                space.key,
                space.name,
                space.type,
                space.status,
                contents[space.key],
                restricted[space.key] or "-",
                anonymous[space.key] or "-",
            )
            for space in snapshot.spaces
        ],
        styles=("bold",),
        numbers=["contents", "restricted", "open to anonymous"],
    )


def _titles(snapshot: Snapshot) -> dict[str, Content]:
    return {content.id: content for content in snapshot.contents}


def _who_can_view(screen: Screen, snapshot: Snapshot, access: Access) -> None:
    contents = _titles(snapshot)
    stacked = [row for row in access.summary() if row.kind == "page" and row.viewers and row.viewers <= 12]
    # The more pages narrow it, the more there is to tell.
    row = max(stacked, key=lambda row: (len(row.restricted_by), row.viewers or 0), default=None)
    if row is None:
        return
    screen.heading(f"Who can view \"{row.title}\" ({row.space_key}, {row.content_id})")
    for at in row.restricted_by:
        own = at == row.content_id
        place = "the page itself" if own else f"\"{contents[at].title}\" above it" if at in contents else f"{at} above it"
        listed = [r.subject_name or r.subject_id for r in snapshot.restrictions
                  if r.content_id == at and r.operation == "view"]
        screen.paragraph(f"{place} lists {', '.join(str(name) for name in listed)}", "  ", "dim")
    _people(screen, access.who_can("view", row.content_id))


def _people(screen: Screen, people: Table[Grantee], most: int = 12) -> None:
    screen.table(
        ("who", "decision", "how"),
        [
            (person.display_name or person.name or person.user_id, person.decision, person.via)
            for person in people[:most]
        ],
        styles=("bold", "decision"),
    )
    if len(people) > most:
        screen.line(f"  and {len(people) - most} more", "dim")


def _why_not(screen: Screen, snapshot: Snapshot, access: Access) -> None:
    explanation = _refusal(snapshot, access)
    if explanation is None:
        return
    user, content, why = explanation
    screen.heading(f"Why {user.display_name or user.name} cannot edit \"{content.title}\"")
    screen.paragraph(str(why), "  ")


def _refusal(snapshot: Snapshot, access: Access) -> tuple[User, Content, Explanation] | None:
    """Somebody who may view a page and edit in its space, and is stopped by the page's own list."""
    contents = _titles(snapshot)
    guarded = {r.content_id for r in snapshot.restrictions if r.operation == "edit"}
    for row in access.summary():
        content = contents.get(row.content_id)
        if content is None or row.content_id not in guarded or row.kind != "page" or not row.editors:
            continue
        for user in snapshot.users:
            if user.type != "person":
                continue
            subject = f"user:{user.id}"
            if str(access.can(subject, "edit", content.id)) == "denied" and (
                str(access.can(subject, "view", content.id)) == "allowed"
            ):
                return user, content, access.explain(subject, "edit", content.id)
    return None


def _exposed(screen: Screen, snapshot: Snapshot, access: Access) -> None:
    names = {space.key: space.name for space in snapshot.spaces}
    rows = [row for row in access.summary() if row.viewers is not None]

    def exposure(row: object) -> tuple[bool, bool, int, int]:
        return (
            str(getattr(row, "anonymous", "")) == "allowed",
            bool(getattr(row, "public_link", False)),
            getattr(row, "editors", 0) or 0,
            getattr(row, "viewers", 0) or 0,
        )

    screen.heading("The most exposed pages")
    screen.table(
        ("title", "space", "viewers", "editors", "anonymous", "public link"),
        [
            (row.title, names.get(row.space_key) or row.space_key, row.viewers, row.editors, row.anonymous,
             "on" if row.public_link else "-")
            for row in sorted(rows, key=exposure, reverse=True)[:5]
        ],
        styles=("bold",),
        numbers=["viewers", "editors"],
    )


def _groups(screen: Screen, snapshot: Snapshot) -> None:
    members = Counter(row.group_id for row in snapshot.memberships)
    order = {"directory": 0, "local": 1, "team": 2}
    screen.heading("Which groups come from a directory")
    screen.table(
        ("group", "source", "members", "evidence"),
        [
            (group.name, group.source, members[group.id], group.evidence)
            for group in sorted(snapshot.groups, key=lambda g: (order.get(g.source, 3), g.name or ""))
        ],
        styles=("bold", None, None, "dim"),
        numbers=["members"],
    )


def _save(snapshot: Snapshot, out: str | None) -> Path:
    folder = Path(out or FOLDER)
    try:
        snapshot.save(folder)
    except OSError:
        if out:
            raise
        folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}-"))
        snapshot.save(folder)
    return folder if folder.is_absolute() else Path(".") / folder
