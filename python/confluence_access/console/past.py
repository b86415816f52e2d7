"""What changed: between two snapshots, between two sites, and in one answer over time."""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import Any, cast, get_args

from ..comparison import compare
from ..errors import ConfigurationError
from ..snapshot import Snapshot
from ..tables import Table
from ..terminal import Screen
from ..types import DiffBy, RestrictionOperationLike
from . import output
from .connect import about_snapshot, changes_since, picture
from .parser import Commands

__all__ = ["register"]

_OPERATIONS: tuple[RestrictionOperationLike, ...] = ("view", "edit")


def register(commands: Commands) -> None:
    """Adds the commands."""
    diff = commands.add(
        "diff",
        "whose access is not the same in two snapshots of a site, and what changed it",
        _diff,
        examples=["diff acme-2026-10-21 acme-2026-11-21", "diff old new --operation view --by group --format csv"],
    )
    diff.add_argument("older", metavar="OLDER", help="folder of the older snapshot")
    diff.add_argument("newer", metavar="NEWER", help="folder of the newer one")
    _compared(diff)
    diff.add_argument(
        "--log",
        action="append",
        metavar="FILE",
        help="files of the audit log, for when and by whom; may be repeated",
    )
    output.options(diff)

    both = commands.add(
        "compare",
        "whose access differs between two sites, and what has no counterpart",
        _compare,
        examples=["compare datacenter cloud", "compare old new --users name --contents mapping.csv"],
    )
    both.add_argument("first", metavar="FIRST", help="folder of a snapshot of the first site")
    both.add_argument("second", metavar="SECOND", help="folder of a snapshot of the second site")
    for name, words, default in (
        ("users", "email, name, id", "email"),
        ("groups", "name, id", "name"),
        ("contents", "path, id", "path"),
    ):
        both.add_argument(
            f"--{name}",
            default=default,
            metavar="HOW",
            help=f"{words}, or a JSON or CSV file of pairs, first and second ({default})",
        )
    both.add_argument("--unmatched", action="store_true", help="only what has no counterpart, and why")
    _compared(both)
    output.options(both)

    history = commands.add(
        "history",
        "since when somebody can or cannot view or edit a content item, and who changed it",
        _history,
        examples=['history "Bob Lind" view "Remediation Plan" --since 90d', "history anonymous view 12345"],
    )
    history.add_argument(
        "subject", help="user:<id or name>, group:<id or name>, anonymous, a name or an e-mail address"
    )
    history.add_argument("operation", choices=_OPERATIONS)
    history.add_argument("content", help="id, title or address of the content item")
    history.add_argument("--since", default="365d", metavar="WHEN", help="from when on: 90d, 2026-01-31 (365d)")
    about_snapshot(history)


def _compared(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--operation", action="append", choices=_OPERATIONS, help="only this operation (both); may be repeated"
    )
    command.add_argument("--by", choices=get_args(DiffBy), default="user", help="rows for users or groups (user)")


def _diff(options: argparse.Namespace, screen: Screen) -> int:
    older, newer = Snapshot.load(options.older), Snapshot.load(options.newer)
    changes = None
    if options.log:
        from ..audit import permission_changes, read_audit_log

        changes = permission_changes(read_audit_log(options.log), snapshot=newer)
    found = newer.diff(older, options.operation or _OPERATIONS, by=options.by, changes=changes)
    return _rows(options, screen, found, "nobody's access changed")


def _compare(options: argparse.Namespace, screen: Screen) -> int:
    first, second = Snapshot.load(options.first), Snapshot.load(options.second)
    found = compare(
        first,
        second,
        options.operation or _OPERATIONS,
        users=_matching(options.users),
        groups=_matching(options.groups),
        contents=_matching(options.contents),
        by=options.by,
    )
    if options.unmatched:
        columns = [
            ("kind", lambda row: row.kind),
            ("site", lambda row: row.side),
            ("name", lambda row: row.name),
            ("reason", lambda row: row.reason),
            ("id", lambda row: row.id),
        ]
        return output.listing(options, screen, found.unmatched, columns, empty="everything has a counterpart")
    if missing := len(found.unmatched):
        output.note(options, f"{missing} things have no counterpart: see them with --unmatched")
    return _rows(options, screen, found.changes, "access is the same in both sites")


def _matching(text: str) -> Any:
    """A word, or the pairs in a file."""
    path = Path(text)
    if not path.is_file():
        return text
    written = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() == ".json":
        pairs = json.loads(written)
        if not isinstance(pairs, dict):
            raise ConfigurationError(f"`{text}` is not a JSON object of pairs")
        return pairs
    rows = [row for row in csv.reader(written.splitlines()) if row]
    if wrong := next((row for row in rows if len(row) != 2), None):
        raise ConfigurationError(f"`{text}` is not a CSV of two columns: `{','.join(wrong)}`")
    return dict(cast("list[tuple[str, str]]", rows))


def _rows(options: argparse.Namespace, screen: Screen, found: Table[Any], empty: str) -> int:
    columns = [
        ("who", lambda row: row.subject_name or row.subject),
        ("operation", lambda row: row.operation),
        ("what", lambda row: row.content_title or row.content_id),
        ("space", lambda row: row.space_key),
        ("before", lambda row: row.before),
        ("after", lambda row: row.after),
        ("cause", lambda row: row.cause),
        ("when", lambda row: row.cause_at),
        ("by", lambda row: row.cause_author),
    ]
    if all(value is None for value in found["cause_at"]):
        columns = columns[:-2]
    styles = ("bold", None, None, None, "decision", "decision")
    return output.listing(options, screen, found, columns, styles=styles, give_way=["cause", "what"], empty=empty)


def _history(options: argparse.Namespace, screen: Screen) -> int:
    if options.as_of:
        raise ConfigurationError("`history` asks about all times: it takes no `--as-of`")
    # Changes of groups and of other spaces are looked up by their names: the whole site is needed.
    access = picture(options).access()
    subject = access.subject(options.subject).subject
    changes, begin = changes_since(options, options.since)
    found = access.history(subject, options.operation, options.content, changes, since=begin)
    columns = [
        ("answer", lambda row: row.decision),
        ("since", lambda row: row.since or "before"),
        ("until", lambda row: row.until or "now"),
        ("begun by", lambda row: row.begun_by),
        ("who", lambda row: row.begun_author_name or row.begun_author_id),
    ]
    return output.listing(options, screen, found, columns, styles=("decision",), give_way=["begun by"])
