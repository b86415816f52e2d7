"""What `confluence-access demo` shows, on a simulated site."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from .screens import show_changes
from .simulator import Simulator

if TYPE_CHECKING:
    from .access import Access
    from .progress import Display
    from .records import PermissionChange, SummaryRow
    from .snapshot import Snapshot
    from .tables import Table
    from .terminal import Screen

FOLDER = "confluence-demo"

# Enough to see progress.
LATENCY = 0.02


def tell(screen: Screen, display: Display, out: str | None = None) -> None:
    """Reads a simulated company and shows what can be learned about it.

    Args:
        screen: Where the output goes.
        display: Shows the progress of reading.
        out: Folder for the snapshot; None: `./confluence-demo`, or a temporary folder if that cannot be written.
    """
    started = time.monotonic()
    # The demo is for people, wherever it is printed.
    screen.limit = screen.width
    with Simulator(latency=LATENCY) as simulator, simulator.connect() as wiki:
        screen.line("A simulated company, read as any Confluence Cloud site would be", "bold")
        for line in str(wiki.server()).splitlines()[:2]:
            screen.line(f"  {line}", "dim")
        screen.stream.flush()
        stages: dict[str, tuple[str, int, int | None]] = {}

        def show(stage: str, done: int, total: int | None) -> None:
            stages[stage] = (stage, done, total)
            display.show(list(stages.values()))

        try:
            snapshot = wiki.snapshot(progress=show)
        finally:
            display.close()
        usage = wiki.usage()
        changes = wiki.permission_changes("30d", snapshot=snapshot)
    access = snapshot.access()

    _spaces(screen, snapshot, access)
    _who_can_view(screen, snapshot, access)
    _inherited(screen, snapshot, access)
    _why_not(screen, snapshot, access)
    _exposed(screen, snapshot, access)
    _groups(screen, snapshot)
    _changed(screen, snapshot, changes)

    screen.heading("What it cost")
    bulk = sum(count for route, count in usage.routes.items() if "search" in route)
    single = sum(count for route, count in usage.routes.items() if "restriction" in route)
    read = f"{len(snapshot.contents)} contents, {len(snapshot.restrictions)} restrictions"
    screen.paragraph(
        f"{usage.requests} requests for {read} and {len(snapshot.memberships)} memberships. {bulk} of them brought "
        f"restrictions in bulk; {single} asked singly for what search leaves out, above all the archived space.",
        "  ",
    )
    if not snapshot.complete:
        gap = snapshot.gaps[0]
        screen.paragraph(
            f"Not read: {gap.scope} {gap.subject} ({gap.cause}), somebody's unpublished draft with a page below it. It "
            "is reported as a gap, and the answers it touches are unknown.",
            "  ",
        )

    folder = _save(snapshot, out)
    screen.heading(f"The snapshot is in {folder}; three lines of Python read it")
    screen.line("  from confluence_access import Snapshot", "cyan")
    screen.line(f"  snap = Snapshot.load({os.fspath(folder)!r})", "cyan")
    screen.line("  print(snap.access().summary())", "cyan")
    screen.line()
    screen.line(f"{time.monotonic() - started:.1f} s in all. On your own site: confluence-access --help", "dim")


def _spaces(screen: Screen, snapshot: Snapshot, access: Access) -> None:
    rows = access.summary()
    contents = Counter(row.space_key for row in rows)
    restricted = Counter(row.space_key for row in rows if row.own_restriction or row.inherited_restriction)
    anonymous = Counter(row.space_key for row in rows if row.anonymous == "allowed")
    screen.heading("The spaces")
    screen.table(
        ("name", "key", "kind", "contents", "restricted", "open to all"),
        [
            (
                space.name,
                space.key,
                f"{space.type}, archived" if space.status == "archived" else space.type,
                contents[space.key],
                restricted[space.key] or "-",
                anonymous[space.key] or "-",
            )
            for space in snapshot.spaces
        ],
        styles=("bold", "dim"),
        numbers=["contents", "restricted", "open to all"],
        give_way=["key"],
    )


def _who_can_view(screen: Screen, snapshot: Snapshot, access: Access, most: int = 12) -> None:
    page = snapshot.content("Board Pack")
    listed = [r for r in snapshot.restrictions if r.content_id == page.id and r.operation == "view"]
    names = " and ".join(f"{r.subject_type} {r.subject_name or r.subject_id}" for r in listed)
    people = sorted(access.who_can("view", page), key=lambda person: (person.via, person.display_name or ""))
    screen.heading(f'Who can view "{page.title}", restricted to {names}')
    screen.table(
        ("who", "decision", "how"),
        [(person.display_name or person.name, person.decision, person.via) for person in people[:most]],
        styles=("bold", "decision"),
    )
    if len(people) > most:
        screen.line(f"  and {len(people) - most} more", "dim")


def _inherited(screen: Screen, snapshot: Snapshot, access: Access) -> None:
    page = snapshot.content("Remediation Plan")
    row = next(row for row in access.summary() if row.content_id == page.id)
    titles = {content.id: content.title for content in snapshot.contents}
    screen.heading(f'Who can view "{page.title}", which has no list of its own')
    screen.line("  Three pages above it have one, and each must let a person through:", "dim")
    screen.table(
        ("page above", "restricted to"),
        [
            (
                titles.get(above, above),
                ", ".join(
                    f"{r.subject_type} {r.subject_name or r.subject_id}"
                    for r in snapshot.restrictions
                    if r.content_id == above and r.operation == "view"
                ),
            )
            for above in row.restricted_by
        ],
    )
    people = ", ".join(str(person.display_name) for person in access.who_can("view", page, decision="allowed"))
    screen.line(f"  Left: {screen.style(people, 'bold')}")


def _why_not(screen: Screen, snapshot: Snapshot, access: Access) -> None:
    page = snapshot.content("On-call Handbook")
    ann = snapshot.user("Ann Berg")
    screen.heading(f'Why {ann.display_name} cannot edit "{page.title}"')
    screen.explanation(str(access.explain(ann, "edit", page)), "  ")


def _exposed(screen: Screen, snapshot: Snapshot, access: Access) -> None:
    names = {space.key: space.name for space in snapshot.spaces}
    rows = [row for row in access.summary() if row.viewers is not None and row.type == "page"]

    def exposure(row: SummaryRow) -> tuple[bool, bool, int, int]:
        return row.anonymous != "allowed", not row.public_link, -(row.editors or 0), -(row.viewers or 0)

    screen.heading("The most exposed pages")
    screen.table(
        ("page", "space", "anonymous", "viewers", "editors"),
        [
            (row.title, names.get(row.space_key) or row.space_key, row.anonymous, row.viewers, row.editors)
            for row in sorted(rows, key=exposure)[:5]
        ],
        styles=("bold",),
        numbers=["viewers", "editors"],
    )


def _groups(screen: Screen, snapshot: Snapshot) -> None:
    members = Counter(row.group_id for row in snapshot.memberships)
    screen.heading("Which groups come from a directory")
    said = {"directory": "from a directory", "local": "kept in Confluence", "team": "teams", "unknown": "not known"}
    for source, words in said.items():
        groups = [group for group in snapshot.groups if group.source == source]
        if groups:
            named = ", ".join(f"{group.name} ({members[group.id]})" for group in groups)
            screen.paragraph(f"{words:<18}  {named}", "  ", hang=20)


def _changed(screen: Screen, snapshot: Snapshot, changes: Table[PermissionChange]) -> None:
    page = snapshot.content("Remediation Plan")
    parents = {content.id: content.parent_id for content in snapshot.contents}
    chain, above = {page.id}, parents.get(page.id)
    while above is not None and above not in chain:
        chain.add(above)
        above = parents.get(above)
    bearing = [row for row in changes if row.content_id in chain and row.permission == "view"]
    screen.heading(f'Who changed who can view "{page.title}" in the last 30 days')
    screen.line(
        f"  {len(changes)} changes in all; the log of the page itself shows none, these were made above it:", "dim"
    )
    show_changes(screen, bearing)


def _save(snapshot: Snapshot, out: str | None) -> Path:
    folder = Path(out or FOLDER)
    try:
        snapshot.save(folder)
    except OSError:
        if out:
            raise
        folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}-"))
        snapshot.save(folder)
    return folder
