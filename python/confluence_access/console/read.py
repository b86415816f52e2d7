"""What a site holds: spaces, groups, content, permissions, changes, and the whole picture saved."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, get_args

from .. import _core
from ..audit import permission_changes, read_audit_log
from ..client import Confluence
from ..errors import ConfigurationError
from ..escapes import visible
from ..naming import AuditSource
from ..records import AuditRecord
from ..screens import minute, show_changes
from ..snapshot import Snapshot
from ..tables import Table
from ..terminal import Screen
from . import output
from .connect import connect, connected, progress, read_on_request, requested
from .parser import Commands

__all__ = ["register"]


def register(commands: Commands) -> None:
    """Adds the commands."""
    connected(commands.add("spaces", "the spaces the account can see", _spaces, examples=["spaces --format csv"]))
    connected(commands.add("groups", "the groups, and which come from a directory", _groups, examples=["groups"]))

    contents = commands.add("contents", "the content items of a space", _contents, examples=["contents ENG"])
    contents.add_argument("of", metavar="SPACE", help="key, id, name or address of the space")
    connected(contents)

    members = commands.add(
        "members", "the members of a group, nested groups followed", _members, examples=["members eng"]
    )
    members.add_argument("group", metavar="GROUP", help="name or id of the group")
    connected(members)

    permissions = commands.add(
        "permissions", "the permissions of a space, roles expanded", _permissions, examples=["permissions ENG"]
    )
    permissions.add_argument("of", metavar="SPACE", help="key, id, name or address of the space")
    connected(permissions)

    restrictions = commands.add(
        "restrictions",
        "the restrictions of a content item",
        _restrictions,
        examples=['restrictions "Remediation Plan"'],
    )
    restrictions.add_argument("content", help="id, title or address of the content item")
    connected(restrictions)

    check = commands.add(
        "check",
        "Confluence's own answer, with its reasons",
        _check,
        examples=['check "Remediation Plan" "Bob Lind" view'],
    )
    check.add_argument("content", help="id, title or address of the content item")
    check.add_argument("subject", help="user:<id or name>, group:<id or name>, anonymous, a name or an e-mail address")
    check.add_argument("operation", choices=("view", "edit", "delete"))
    connected(check)

    connected(commands.add("whoami", "the server, the account, and what it cannot see", _whoami, examples=["whoami"]))

    changes = commands.add(
        "changes",
        "who changed which permission when",
        _changes,
        examples=["changes --since 30d --space ENG", 'changes --content "Remediation Plan" --format jsonl'],
    )
    _range(changes)
    _change_options(changes)
    connected(changes)

    audit = commands.add(
        "audit",
        "the records of the audit log, of a site or from files",
        _audit,
        examples=[
            "audit --since 7d --search Salaries",
            "audit --log /srv/confluence/log/audit --since 90d --format jsonl",
        ],
    )
    _range(audit)
    audit.add_argument("--search", metavar="TEXT", help="only records that contain this text")
    connected(audit)

    snapshot = commands.add(
        "snapshot",
        "save the whole picture to a folder or an object store",
        _snapshot,
        examples=["snapshot --save acme-2026-11-21", "snapshot --save s3://bucket/acme --resume"],
    )
    snapshot.add_argument(
        "--out",
        "--save",
        dest="folder",
        metavar="FOLDER",
        required=True,
        help="where it goes: a folder, or s3://…, gs://…, az://… (extra `remote`)",
    )
    snapshot.add_argument(
        "--resume",
        action="store_true",
        help="keep what is read in `FOLDER.checkpoint`, and go on from there if interrupted",
    )
    snapshot.add_argument("--space", action="append", metavar="KEY", help="only this space; may be repeated")
    snapshot.add_argument("--json", action="store_const", const="json", dest="format", help="counts as JSON")
    snapshot.add_argument("-q", "--quiet", action="store_true", help="no notes and no progress")
    read_on_request(snapshot)
    connected(snapshot, listed=False)

    refresh = commands.add(
        "refresh",
        "bring a saved snapshot up to date with few requests",
        _refresh,
        examples=["refresh acme", "refresh acme --out acme-2026-11-21"],
    )
    refresh.add_argument("snapshot", metavar="SNAPSHOT", help="the folder or address of the saved snapshot")
    refresh.add_argument(
        "--out", "--save", dest="folder", metavar="FOLDER", help="where the new one goes (it replaces the old one)"
    )
    refresh.add_argument("--json", action="store_const", const="json", dest="format", help="counts as JSON")
    refresh.add_argument("-q", "--quiet", action="store_true", help="no notes and no progress")
    connected(refresh, listed=False)

    report = commands.add(
        "report",
        "a folder with the snapshot and one page of HTML to hand over",
        _report,
        examples=["report --out report/", "report --snapshot acme --out report/"],
    )
    report.add_argument("--out", dest="folder", metavar="FOLDER", required=True, help="where it goes")
    report.add_argument("--snapshot", metavar="FOLDER", help="a saved snapshot instead of the site")
    report.add_argument("--space", action="append", metavar="KEY", help="only this space; may be repeated")
    report.add_argument("--since", default="30d", metavar="WHEN", help="changes of how long ago (30d)")
    report.add_argument("-q", "--quiet", action="store_true", help="no notes and no progress")
    read_on_request(report)
    connected(report, listed=False)


def _range(command: argparse.ArgumentParser) -> None:
    """Which records, of which audit log."""
    command.add_argument(
        "--since",
        metavar="WHEN",
        help="how long ago (30d, 12h, 2w), a day or a time with its zone (30d; of files, from the first record on)",
    )
    command.add_argument("--until", metavar="WHEN", help="likewise (now)")
    command.add_argument(
        "--source",
        choices=get_args(AuditSource),
        default="confluence",
        help="whose audit log; that of the organization needs ATLASSIAN_ORG_TOKEN (confluence)",
    )
    command.add_argument(
        "--log",
        action="append",
        metavar="FILE",
        help="read files instead of a site: logs of a Data Center node, saved answers, CSV or ZIP exports; a folder "
        "or a pattern stands for its files; may be repeated",
    )


def _change_options(changes: argparse.ArgumentParser) -> None:
    changes.add_argument("--space", metavar="KEY", help="only in this space")
    changes.add_argument(
        "--content", metavar="CONTENT", help="only on this content item, by id, title or address, and on its ancestors"
    )
    changes.add_argument("--snapshot", metavar="FOLDER", help="find ids in a saved snapshot instead of the site")
    changes.add_argument(
        "--merge-bursts", action="store_true", help="one line for what one person gave or took in one go"
    )


def _asked(options: argparse.Namespace, name: str, *arguments: Any) -> Table[Any]:
    """What a method of the client returns."""
    with connect(options) as wiki:
        found: Table[Any] = getattr(wiki, name)(*arguments, strict=options.strict)
        return found


def _spaces(options: argparse.Namespace, screen: Screen) -> int:
    columns = [
        ("key", lambda space: space.key),
        ("name", lambda space: space.name),
        ("type", lambda space: space.type),
        ("status", lambda space: space.status),
        ("id", lambda space: space.id),
    ]
    styles = ("bold", None, None, None, "dim")
    return output.listing(
        options, screen, _asked(options, "spaces"), columns, styles=styles, give_way=["key"], empty="no spaces"
    )


def _groups(options: argparse.Namespace, screen: Screen) -> int:
    columns = [
        ("group", lambda group: group.name),
        ("source", lambda group: group.source),
        ("evidence", lambda group: group.evidence),
        ("id", lambda group: group.id),
    ]
    groups = _asked(options, "groups")
    styles = ("bold", None, "dim", "dim")
    return output.listing(
        options, screen, groups, columns, styles=styles, give_way=["evidence"], spare=["id"], empty="no groups"
    )


def _contents(options: argparse.Namespace, screen: Screen) -> int:
    columns = [
        ("title", lambda content: content.title),
        ("type", lambda content: content.type),
        ("status", lambda content: content.status),
        ("parent", lambda content: content.parent_id),
        ("id", lambda content: content.id),
    ]
    found = _asked(options, "contents", options.of)
    styles = ("bold", None, None, "dim", "dim")
    return output.listing(
        options, screen, found, columns, styles=styles, give_way=["title"], spare=["parent"], empty="no content"
    )


def _members(options: argparse.Namespace, screen: Screen) -> int:
    columns = [
        ("member", lambda row: row.user_name or row.user_id),
        ("through", lambda row: " > ".join(row.path) if row.path else "directly"),
        ("id", lambda row: row.user_id),
    ]
    found = _asked(options, "members", options.group)
    return output.listing(
        options,
        screen,
        found,
        columns,
        styles=("bold", None, "dim"),
        give_way=["through"],
        spare=["id"],
        empty="no members",
    )


def _permissions(options: argparse.Namespace, screen: Screen) -> int:
    columns = [
        ("subject", lambda row: row.subject_name or row.subject),
        ("kind", lambda row: row.subject_type),
        ("permission", lambda row: row.permission),
        ("role", lambda row: row.via_role),
    ]
    found = _asked(options, "space_permissions", options.of)
    return output.listing(
        options, screen, found, columns, styles=("bold",), give_way=["subject"], spare=["kind"], empty="no permissions"
    )


def _restrictions(options: argparse.Namespace, screen: Screen) -> int:
    columns = [
        ("operation", lambda row: row.operation),
        ("subject", lambda row: row.subject_name or row.subject),
        ("kind", lambda row: row.subject_type),
    ]
    found = _asked(options, "restrictions", options.content)
    return output.listing(options, screen, found, columns, styles=("bold",), empty="not restricted")


def _check(options: argparse.Namespace, screen: Screen) -> int:
    with connect(options) as wiki:
        found = wiki.check(options.content, options.subject, options.operation)

    def show(screen: Screen) -> None:
        screen.line(screen.decision(found.decision))
        for reason in found.reasons:
            screen.line(f"  {reason}", "dim")

    return output.value(options, screen, found.to_dict(), show)


def _whoami(options: argparse.Namespace, screen: Screen) -> int:
    with connect(options) as wiki:
        server = wiki.server()

    def show(screen: Screen) -> None:
        screen.text(str(server))

    return output.value(options, screen, server.to_dict(), show)


_SINCE = "30d"


def _records(options: argparse.Namespace, search: str | None = None) -> Table[AuditRecord]:
    """The records of an audit log: of files, or of a site."""
    if options.log:
        if options.source != "confluence":
            raise ConfigurationError("`--log` reads files, `--source` asks for a log of a site: give one of them")
        return read_audit_log(options.log, options.since, options.until, search, strict=options.strict)
    with connect(options) as wiki:
        return wiki.audit(options.since or _SINCE, options.until, search, source=options.source, strict=options.strict)


def _audit(options: argparse.Namespace, screen: Screen) -> int:
    columns = [
        ("when", lambda row: minute(row.at)),
        ("who", lambda row: row.author_name or row.author_id or row.author_type),
        ("action", lambda row: row.action or row.action_key),
        ("about", lambda row: "; ".join(row.objects)),
        ("changes", lambda row: "; ".join(row.changes)),
        ("from", lambda row: row.remote_address),
    ]
    found = _records(options, options.search)
    styles = ("dim", "bold", None, None, None, "dim")
    empty = "no record in that time"
    return output.listing(
        options,
        screen,
        found,
        columns,
        styles=styles,
        give_way=["changes", "about", "action"],
        spare=["from"],
        empty=empty,
    )


def _changes(options: argparse.Namespace, screen: Screen) -> int:
    known = Snapshot.load(options.snapshot) if options.snapshot else None
    about: dict[str, Any] = {
        "space": options.space,
        "content": options.content,
        "snapshot": known,
        "merge_bursts": options.merge_bursts,
        "strict": options.strict,
    }
    if options.log:
        changes = permission_changes(_records(options), **about)
    else:
        with connect(options) as wiki:
            changes = wiki.permission_changes(options.since or _SINCE, options.until, source=options.source, **about)

    def show(screen: Screen) -> None:
        if len(changes):
            show_changes(screen, changes, indent="")
        else:
            screen.line("no permission was changed in that time")

    return output.write(options, screen, changes, show)


def _taken(options: argparse.Namespace, wiki: Confluence, resume: Path | None = None) -> Snapshot:
    return wiki.snapshot(
        spaces=options.space, progress=progress(options), resume=resume, strict=options.strict, **requested(options)
    )


def checkpoint(folder: str) -> Path:
    """The folder beside what is written; for an object store, one of its name in the working directory."""
    name = folder.rstrip("/")
    return Path(f"{name.rpartition('/')[2] if '://' in name else name}.checkpoint")


def _snapshot(options: argparse.Namespace, screen: Screen) -> int:
    with connect(options) as wiki:
        snapshot = _taken(options, wiki, resume=checkpoint(options.folder) if options.resume else None)
        requests = wiki.usage().requests
    return _saved(options, screen, snapshot, requests)


def _refresh(options: argparse.Namespace, screen: Screen) -> int:
    earlier = Snapshot.load(options.snapshot)
    with connect(options) as wiki:
        snapshot = earlier.refresh(wiki, progress=progress(options), strict=options.strict)
        requests = wiki.usage().requests
    options.folder = options.folder or options.snapshot
    if options.format != "json":
        spaces = [row for row in snapshot.refreshed if row.scope == "space_permissions"]
        kept = sum(row.outcome == "kept" for row in spaces)
        screen.line(f"the permissions in {kept} of {len(spaces)} spaces had not changed")
        for message in dict.fromkeys(row.message for row in spaces if row.reason in ("log", "view")):
            screen.text(visible(f"  all were read again: {message}"), "yellow")
    return _saved(options, screen, snapshot, requests)


def _saved(options: argparse.Namespace, screen: Screen, snapshot: Snapshot, requests: int) -> int:
    """Saves a snapshot, and says what it holds."""
    saved = snapshot.save(options.folder)
    counts = {name: len(getattr(snapshot, name)) for name in _core.nouns()}
    if options.format == "json":
        folder = saved if isinstance(saved, str) else str(saved.resolve())
        known = {"folder": folder, "requests": requests, **counts}
        options.out = None
        return output.value(options, screen, known, lambda _screen: None)
    screen.line(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))
    screen.line(f"saved to {options.folder} with {requests} requests")
    for gap in snapshot.gaps[:5]:
        screen.text(visible(f"  could not be read: {gap.scope} {gap.subject}: {gap.message}"), "yellow")
    return 0


def _report(options: argparse.Namespace, screen: Screen) -> int:
    folder = Path(options.folder).expanduser()
    changes = None
    if options.snapshot:
        snapshot = Snapshot.load(options.snapshot)
    else:
        with connect(options) as wiki:
            snapshot = _taken(options, wiki)
            try:
                changes = wiki.permission_changes(options.since, snapshot=snapshot)
            except PermissionError as error:
                output.note(options, f"the report has no changes: {visible(str(error))}")
    folder.mkdir(parents=True, exist_ok=True)
    if not options.snapshot:
        snapshot.save(folder / "snapshot")
    page = snapshot.report(folder / "report.html", changes=changes)
    screen.line(f"open {page}")
    return 0
