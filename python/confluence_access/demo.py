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
    from .access import Access
    from .progress import Display
    from .records import Content, SummaryRow
    from .snapshot import Snapshot
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
        f"{len(snapshot.restrictions)} restrictions and {len(snapshot.memberships)} memberships. Restrictions came "
        "with the listings, not page by page:",
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


def _page(snapshot: Snapshot, title: str) -> Content:
    return next(content for content in snapshot.contents if content.title == title)


def _who_can_view(screen: Screen, snapshot: Snapshot, access: Access) -> None:
    page = _page(snapshot, "Remediation Plan")
    row = next(row for row in access.summary() if row.content_id == page.id)
    titles = {content.id: content.title for content in snapshot.contents}
    screen.heading(f'Who can view "{page.title}"')
    screen.line("  It has no list of its own. These pages above it do, and each of them must let one through:", "dim")
    for above in row.restricted_by:
        listed = [r for r in snapshot.restrictions if r.content_id == above and r.operation == "view"]
        names = ", ".join(f"{r.subject_type} {r.subject_name or r.subject_id}" for r in listed)
        screen.paragraph(f'"{titles.get(above, above)}" lists {names}', "    ", "dim")
    people = access.who_can("view", page.id)
    screen.table(
        ("who", "decision", "how"),
        [(person.display_name or person.name, person.decision, person.via) for person in people],
        styles=("bold", "decision"),
    )


def _why_not(screen: Screen, snapshot: Snapshot, access: Access) -> None:
    page = _page(snapshot, "On-call Handbook")
    ann = next(user for user in snapshot.users if user.display_name == "Ann Berg")
    screen.heading(f'Why {ann.display_name} cannot edit "{page.title}"')
    screen.paragraph(str(access.explain(f"user:{ann.id}", "edit", page.id)), "  ")


def _exposed(screen: Screen, snapshot: Snapshot, access: Access) -> None:
    names = {space.key: space.name for space in snapshot.spaces}
    rows = [row for row in access.summary() if row.viewers is not None and row.type == "page"]

    def exposure(row: SummaryRow) -> tuple[bool, bool, int, int]:
        return (
            str(row.anonymous) != "allowed",
            not row.public_link,
            -(row.editors or 0),
            -(row.viewers or 0),
        )

    screen.heading("The most exposed pages")
    screen.table(
        ("title", "space", "viewers", "editors", "anonymous", "public link"),
        [
            (
                row.title,
                names.get(row.space_key) or row.space_key,
                row.viewers,
                row.editors,
                row.anonymous,
                "on" if row.public_link else "-",
            )
            for row in sorted(rows, key=exposure)[:5]
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
