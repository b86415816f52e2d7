"""Changes of access, each of which can be rehearsed with `--dry-run`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from typing import Any

from ..plans import Plan, PlanStep
from ..records import WriteResult
from ..snapshot import Snapshot
from ..tables import Table
from ..terminal import Screen
from . import output
from .connect import connect, connected, picture
from .parser import Commands

__all__ = ["register", "show_results"]

_SUBJECT = "user:<id or name>, group:<id or name>, anonymous, class:<access class>"


def register(commands: Commands) -> None:
    """Adds the commands."""
    for name, about, run, example in (
        ("grant", "give a subject permissions in a space", _grant, "grant ENG group:eng view create_page --dry-run"),
        ("revoke", "take permissions in a space from a subject", _revoke, "revoke ENG anonymous view --dry-run"),
    ):
        made = commands.add(name, about, run, examples=[example])
        made.add_argument("of", metavar="SPACE", help="key, id, name or address of the space")
        made.add_argument("subject", help=_SUBJECT)
        made.add_argument("permission", nargs="+", help="such as view, create_page, administer")
        _rehearsal(made)
    for name, about, run, example in (
        ("restrict", "put subjects on a restriction", _restrict, 'restrict view group:hr --on "Salaries" --dry-run'),
        ("unrestrict", "take subjects off a restriction", _unrestrict, "unrestrict edit user:bob --on 12345 --dry-run"),
    ):
        made = commands.add(name, about, run, examples=[example])
        made.add_argument("operation", choices=("view", "edit"))
        made.add_argument("subject", nargs="+", help=_SUBJECT)
        made.add_argument(
            "--on", action="append", required=True, metavar="CONTENT", help="id, title or address; may be repeated"
        )
        _rehearsal(made)

    plan = commands.add(
        "plan",
        "print a plan, and what it would do to a saved snapshot",
        _plan,
        examples=["plan plan.json --snapshot acme-2026-11-21"],
        connected=False,
    )
    plan.add_argument("plan", metavar="FILE", help="the plan, a JSON file")
    plan.add_argument("--snapshot", metavar="FOLDER", help="check it against a saved snapshot")
    output.options(plan)
    apply = commands.add("apply", "make the changes of a plan", _apply, examples=["apply plan.json --dry-run"])
    apply.add_argument("plan", metavar="FILE", help="the plan, a JSON file")
    apply.add_argument("--continue", dest="go_on", action="store_true", help="go on after a change that failed")
    apply.add_argument("--undo", metavar="FILE", help="write the plan that takes it back to this file")
    _rehearsal(apply)
    offboard = commands.add(
        "offboard",
        "take away everything that names an account that leaves, and name what no API can do",
        _offboard,
        examples=['offboard "Bob Lind" --dry-run', 'offboard "Bob Lind" --replace-with "Ann Berg" --out plan.json'],
    )
    offboard.add_argument("subject", help="the account: its name, its e-mail address or user:<id>")
    offboard.add_argument("--replace-with", metavar="SUBJECT", help="a user or group that gets what the account has")
    offboard.add_argument("--snapshot", metavar="FOLDER", help="look in a saved snapshot instead of the site")
    offboard.add_argument("--out", dest="plan_file", metavar="FILE", help="write the plan to a file, for `apply`")
    offboard.add_argument("--undo", metavar="FILE", help="write the plan that takes it back to this file")
    offboard.add_argument("--yes", action="store_true", help="do not ask on a terminal")
    offboard.set_defaults(space=None, public_links=False, last_active=False, go_on=True)
    _rehearsal(offboard, out=False)


def _rehearsal(command: argparse.ArgumentParser, *, out: bool = True) -> None:
    command.add_argument("--dry-run", action="store_true", help="say what would be done, and write nothing")
    command.add_argument("--allow-lockout", action="store_true", help="even if your own account would be shut out")
    connected(command, out=out)


def show_results(
    options: argparse.Namespace, screen: Screen, results: Table[WriteResult], names: Mapping[str, str] | None = None
) -> int:
    """Writes the results of changes; `names`: of what ids identify. Exit status 1 if one failed."""
    known = names or {}
    columns = [
        ("target", lambda row: row.title or known.get(row.target, row.target)),
        ("subject", lambda row: row.subject_name or row.subject),
        ("permission", lambda row: row.permission),
        ("outcome", lambda row: row.outcome),
        ("message", lambda row: row.message),
    ]
    output.listing(
        options,
        screen,
        results,
        columns,
        styles=("bold",),
        give_way=["message", "target", "subject"],
        empty="nothing to change",
    )
    return int(any(row.outcome == "failed" for row in results))


def _written(options: argparse.Namespace, screen: Screen, name: str, *arguments: Any, **more: Any) -> int:
    with connect(options) as wiki:
        results = getattr(wiki, name)(*arguments, dry_run=options.dry_run, **more)
    return show_results(options, screen, results)


def _grant(options: argparse.Namespace, screen: Screen) -> int:
    return _written(options, screen, "grant", options.of, options.subject, options.permission)


def _revoke(options: argparse.Namespace, screen: Screen) -> int:
    more = {"allow_lockout": options.allow_lockout}
    return _written(options, screen, "revoke", options.of, options.subject, options.permission, **more)


def _restrict(options: argparse.Namespace, screen: Screen) -> int:
    more = {"allow_lockout": options.allow_lockout}
    return _written(options, screen, "restrict", options.on, options.operation, options.subject, **more)


def _unrestrict(options: argparse.Namespace, screen: Screen) -> int:
    more = {"allow_lockout": options.allow_lockout}
    return _written(options, screen, "unrestrict", options.on, options.operation, options.subject, **more)


def _plan(options: argparse.Namespace, screen: Screen) -> int:
    plan = Plan.load(options.plan)
    changed = [] if options.snapshot is None else Snapshot.load(options.snapshot).what_if(plan)._planned

    def show(screen: Screen) -> None:
        _lines(screen, plan)
        if options.snapshot is not None and not changed:
            screen.line("it changes nothing in this snapshot", "dim")
        elif changed:
            screen.line()
            rows = [(line, "added" if added else "removed", fact) for line, added, fact in changed]
            screen.table(("line", "change", "what"), rows, indent="", numbers=["line"])

    known: dict[str, Any] = {
        "site": plan.site,
        "lines": [{"line": step.line, "step": step.step, **step.arguments} for step in plan],
    }
    if options.snapshot is not None:
        known["changes"] = [{"line": line, "added": added, "fact": fact} for line, added, fact in changed]
    return output.value(options, screen, known, show)


def _offboard(options: argparse.Namespace, screen: Screen) -> int:
    snapshot = picture(options)
    plan = Plan.offboard(snapshot, options.subject, options.replace_with)
    names = _names(snapshot)
    for text in plan.by_hand:
        output.note(options, f"by hand: {text}")
    if options.plan_file:
        saved = plan.save(options.plan_file)
        _lines(screen, plan, names)
        output.note(options, f"nothing was changed: run `confluence-access apply {saved}`")
        return 0
    if not len(plan):
        screen.line("there is nothing that an API can take away")
        return 0
    if not (options.dry_run or options.yes) and sys.stdin.isatty():
        _lines(Screen(sys.stderr), plan, names)
        sys.stderr.write("Do this? [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            sys.stderr.write("nothing was changed\n")
            return 1
    return _applied(options, screen, plan, names)


def _lines(screen: Screen, plan: Plan, names: Mapping[str, str] | None = None) -> None:
    """Writes the lines of a plan; `names`: of what ids identify."""
    lines = [f"{step.line}. {_named(step, names or {})}" for step in plan]
    screen.paragraph("\n".join(lines) or "the plan has no lines", hang=3)


def _names(snapshot: Snapshot) -> dict[str, str]:
    """What people call the accounts, groups and content items of a snapshot, by their texts in a plan."""
    names = {f"user:{user.id}": user.display_name or user.name for user in snapshot.users}
    names |= {f"group:{group.id}": f"group {group.name}" for group in snapshot.groups}
    names |= {group.id: group.name for group in snapshot.groups}
    names |= {content.id: f"“{content.title}”" for content in snapshot.contents if content.title}
    return {text: name for text, name in names.items() if name}


def _named(step: PlanStep, names: Mapping[str, str]) -> str:
    """A line of a plan with names in place of ids."""
    values = [
        one for value in step.arguments.values() for one in (value if isinstance(value, list | tuple) else [value])
    ]
    known = {one: names[one] for one in values if one in names}
    if not known:
        return step.text
    ids = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    # Not in the middle of another id.
    return re.sub(rf"(?<![\w:-])(?:{ids})(?![\w:-]*\w)", lambda found: known[found[0]], step.text)


def _apply(options: argparse.Namespace, screen: Screen) -> int:
    return _applied(options, screen, Plan.load(options.plan))


def _applied(options: argparse.Namespace, screen: Screen, plan: Plan, names: Mapping[str, str] | None = None) -> int:
    with connect(options) as wiki:
        done = wiki.apply(
            plan,
            dry_run=options.dry_run,
            on_error="continue" if options.go_on else "stop",
            allow_lockout=options.allow_lockout,
        )
    if options.undo:
        done.undo(partial=True).save(options.undo)
    for text in done.irreversible:
        output.note(options, f"cannot be taken back: {text}")
    return show_results(options, screen, done, names)
