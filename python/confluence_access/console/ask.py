"""Questions that a snapshot answers: who can, why, what an account has, what a report should point out."""

from __future__ import annotations

import argparse
import sys
from typing import get_args

from ..access import Access, Oracle
from ..errors import ConfluenceError, IncompleteError
from ..escapes import visible
from ..terminal import Screen
from ..types import AsIf, Severity
from . import output
from .connect import about_snapshot, connect, picture
from .parser import Commands, count

__all__ = ["register"]

_OPERATIONS = ("view", "edit", "read", "update")
_SUBJECT = "user:<id or name>, group:<id or name>, anonymous, class:<access class>, a name or an e-mail address"
_CONTENT = "id, title (ENG:Roadmap in one space) or address of the content item"
_EXIT_OF = {"allowed": 0, "denied": 1, "unknown": 2}


def register(commands: Commands) -> None:
    """Adds the commands."""
    who = commands.add(
        "who-can",
        "who can view or edit a content item, and how each got in",
        _who_can,
        examples=['who-can view "Remediation Plan"', "who-can edit 12345 --snapshot acme --format csv"],
    )
    _operation(who)
    who.add_argument("content", help=_CONTENT)
    who.add_argument("--decision", choices=("allowed", "unknown"), help="only these rows")
    who.add_argument("--ids", action="store_true", help="show account ids")
    about_snapshot(who)

    can = commands.add(
        "can",
        "whether somebody can view or edit a content item; exit status 0 yes, 1 no, 2 unknown",
        _can,
        examples=['can "Bob Lind" edit "Remediation Plan"', "can anonymous view 12345 && echo public"],
    )
    can.add_argument("subject", help=_SUBJECT)
    _operation(can)
    can.add_argument("content", help=_CONTENT)
    about_snapshot(can)

    explain = commands.add(
        "explain",
        "why somebody can or cannot view or edit a content item",
        _explain,
        examples=['explain "Bob Lind" view "Remediation Plan"'],
    )
    explain.add_argument("subject", help=_SUBJECT)
    _operation(explain)
    explain.add_argument("content", help=_CONTENT)
    explain.add_argument(
        "--unknown-ok",
        action="store_true",
        help="also about somebody not in the snapshot, as an unknown account",
    )
    about_snapshot(explain)

    tree = commands.add(
        "tree",
        "the path to a content item, with the restrictions on it and who passes them",
        _tree,
        examples=['tree "Remediation Plan"'],
    )
    tree.add_argument("content", help=_CONTENT)
    about_snapshot(tree)

    of = commands.add(
        "access-of",
        "everything somebody can view or edit",
        _access_of,
        examples=['access-of "Bob Lind"', 'access-of "Bob Lind" edit --as-if-active --format csv'],
    )
    of.add_argument("subject", help=_SUBJECT)
    _operation(of, optional=True)
    of.add_argument("--decision", choices=("allowed", "unknown"), help="only these rows")
    of.add_argument("--as-if-active", action="store_true", help="as if the account were not deactivated")
    about_snapshot(of)

    used = commands.add(
        "used-by",
        "everything that names a subject: grants, roles, restrictions, groups",
        _used_by,
        examples=["used-by group:eng", 'used-by "Bob Lind" --format csv'],
    )
    used.add_argument("subject", help=_SUBJECT)
    about_snapshot(used)

    for name, about, run, example in (
        ("summary", "one line per content item: how many can view and edit it, and what restricts it", _summary, "csv"),
        ("space-access", "who can view, edit or administer which space, resolved", _space_access, "csv"),
        ("exposure", "how far each space and content item reaches", _exposure, "json"),
    ):
        made = commands.add(name, about, run, examples=[name, f"{name} --snapshot acme --format {example}"])
        if name == "exposure":
            _domains(made)
        about_snapshot(made)

    findings = commands.add(
        "findings",
        "what a report should point out, each with its proof",
        _findings,
        examples=["findings --severity high", "findings --fail-on high --snapshot acme"],
    )
    findings.add_argument("--code", action="append", metavar="CODE", help="only this finding; may be repeated")
    findings.add_argument(
        "--severity", action="append", choices=get_args(Severity), help="only of this severity; may be repeated"
    )
    findings.add_argument(
        "--fail-on", choices=get_args(Severity), help="exit status 1 if there is a finding as severe as this"
    )
    _domains(findings)
    about_snapshot(findings)

    verify = commands.add(
        "verify",
        "ask Confluence itself a sample of questions; exit status 1 if it answers one differently",
        _verify,
        examples=["verify --space ENG --sample 50", "verify --snapshot acme --format jsonl --out disagreements.jsonl"],
    )
    verify.add_argument("--sample", type=count, default=200, metavar="N", help="most questions (200)")
    verify.add_argument("--seed", type=count, default=0, metavar="N", help="another seed, another sample (0)")
    verify.add_argument(
        "--oracle",
        choices=get_args(Oracle),
        default="confluence",
        help="who is asked: Confluence, or the add-on Extender of Data Center (confluence)",
    )
    about_snapshot(verify, "check a saved snapshot instead of one taken now; Confluence is asked all the same")


def _operation(command: argparse.ArgumentParser, *, optional: bool = False) -> None:
    if optional:
        command.add_argument("operation", nargs="?", default="view", choices=_OPERATIONS, metavar="{view,edit}")
    else:
        command.add_argument("operation", choices=_OPERATIONS, metavar="{view,edit}")


def _domains(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--internal-domain",
        action="append",
        metavar="DOMAIN",
        help="domain of your own e-mail addresses (those the organization has verified); may be repeated",
    )


def _who_can(options: argparse.Namespace, screen: Screen) -> int:
    access = picture(options, options.content).access()
    people = access.who_can(options.operation, options.content, decision=options.decision)
    people = people.sort("display_name") if len(people) else people
    item = access.snapshot.content(options.content)
    title = f"{item.title or 'untitled'} ({item.type} {item.id}, space {item.space_key})"

    def show(screen: Screen) -> None:
        if not len(people):
            screen.line(f"nobody can {options.operation} {title}")
            return
        screen.line(title, "bold")
        rows = [
            (
                person.display_name or person.name or person.user_id,
                person.decision,
                person.via + ("" if person.standing else " (not standing access)"),
                *([person.user_id] if options.ids else []),
            )
            for person in people
        ]
        header = ("who", "decision", "how", *(["id"] if options.ids else []))
        screen.table(header, rows, indent="", styles=(None, "decision", None, "dim")[: len(header)], give_way=["how"])
        screen.line(people._counted(), "dim")

    return output.write(options, screen, people, show)


def _known(access: Access, subject: str) -> str:
    """The subject, which must be in the snapshot: a mistyped name would be answered as an unknown account."""
    return access.subject(subject).subject


def _can(options: argparse.Namespace, screen: Screen) -> int:
    try:
        access = picture(options, options.content).access()
        decision = access.can(_known(access, options.subject), options.operation, options.content)
    except (ConfluenceError, OSError, ValueError, LookupError) as error:
        # An error is not a no.
        Screen(sys.stderr).text(f"confluence-access: {visible(' '.join(str(error).split()))}")
        return _EXIT_OF["unknown"]
    known = {"decision": str(decision), "verdict": decision.verdict}
    output.value(options, screen, known, lambda screen: screen.line(screen.decision(str(decision))))
    return _EXIT_OF[str(decision)]


def _explain(options: argparse.Namespace, screen: Screen) -> int:
    access = picture(options, options.content).access()
    if not options.unknown_ok:
        _known(access, options.subject)
    explanation = access.explain(options.subject, options.operation, options.content)
    return output.value(options, screen, explanation.to_dict(), lambda screen: screen.explanation(str(explanation)))


def _tree(options: argparse.Namespace, screen: Screen) -> int:
    tree = picture(options, options.content).access().tree(options.content)

    def show(screen: Screen) -> None:
        screen.text(str(tree))

    return output.value(options, screen, tree.to_dict(), show)


def _access_of(options: argparse.Namespace, screen: Screen) -> int:
    access = picture(options).access()
    as_if: AsIf | None = {"active": True} if options.as_if_active else None
    subject = _known(access, options.subject)
    found = access.contents_for(subject, options.operation, decision=options.decision, as_if=as_if)
    columns = [
        ("title", lambda row: row.title),
        ("space", lambda row: row.space_key),
        ("type", lambda row: row.type),
        ("decision", lambda row: row.decision),
        ("id", lambda row: row.content_id),
    ]
    styles: tuple[str | None, ...] = ("bold", None, None, "decision", "dim")
    if any(found["via"]):
        # Only a bypass and a public link have a name here.
        columns.insert(4, ("how", lambda row: row.via))
        styles = ("bold", None, None, "decision", None, "dim")
    empty = f"{options.subject} can {options.operation} nothing"
    return output.listing(
        options, screen, found, columns, styles=styles, give_way=["how", "title", "space"], spare=["type"], empty=empty
    )


def _used_by(options: argparse.Namespace, screen: Screen) -> int:
    access = picture(options).access()
    found = access.used_by(_known(access, options.subject))
    columns = [
        ("kind", lambda row: row.kind),
        ("space", lambda row: row.space_key),
        ("content", lambda row: row.content_title),
        ("permission", lambda row: row.permission),
        ("group", lambda row: row.group_name),
        ("role", lambda row: row.via_role),
    ]
    return output.listing(
        options, screen, found, columns, give_way=["content", "space"], empty="nothing names this subject"
    )


def _summary(options: argparse.Namespace, screen: Screen) -> int:
    found = picture(options).access().summary()
    columns = [
        ("title", lambda row: row.title),
        ("space", lambda row: row.space_key),
        ("can view", lambda row: row.viewers),
        ("unknown", lambda row: row.unknown_viewers),
        ("can edit", lambda row: row.editors),
        ("anonymous", lambda row: row.anonymous),
        ("restricted", lambda row: "itself" if row.own_restriction else "above" if row.inherited_restriction else "no"),
        ("id", lambda row: row.content_id),
    ]
    styles = ("bold", None, None, None, None, "decision", None, "dim")
    return output.listing(
        options, screen, found, columns, styles=styles, give_way=["title", "space"], spare=["id"], empty="no content"
    )


def _space_access(options: argparse.Namespace, screen: Screen) -> int:
    found = picture(options).access().space_access()
    columns = [
        ("space", lambda row: row.space_key),
        ("who", lambda row: row.display_name or row.user_name or row.user_id),
        ("level", lambda row: row.level),
        ("decision", lambda row: row.decision),
        ("how", lambda row: row.via),
    ]
    styles = ("bold", None, None, "decision", None)
    return output.listing(
        options, screen, found, columns, styles=styles, give_way=["how", "space"], empty="nobody reaches a space"
    )


def _exposure(options: argparse.Namespace, screen: Screen) -> int:
    found = picture(options).access().exposure(internal_domains=options.internal_domain)
    columns = [
        ("what", lambda row: row.title),
        ("kind", lambda row: row.kind),
        ("space", lambda row: row.space_key),
        ("reach", lambda row: row.reach or "unknown"),
        ("can view", lambda row: row.viewers),
        ("unknown", lambda row: row.unknown),
        ("guests", lambda row: row.guests),
        ("external", lambda row: row.external),
        ("because", lambda row: ", ".join(row.because)),
    ]
    return output.listing(
        options,
        screen,
        found,
        columns,
        styles=("bold",),
        give_way=["because", "what", "space"],
        spare=["kind", "external", "guests", "unknown"],
        empty="no content",
    )


_RANKS: dict[Severity, int] = {"low": 0, "medium": 1, "high": 2}


def _findings(options: argparse.Namespace, screen: Screen) -> int:
    access = picture(options).access()
    found = access.findings(codes=options.code, severity=options.severity, internal_domains=options.internal_domain)
    rows = sorted(range(len(found)), key=lambda at: -_RANKS[found[at].severity])
    found = found._take(rows)
    columns = [
        ("severity", lambda row: row.severity),
        ("finding", lambda row: row.code),
        ("where", lambda row: row.content_title or row.space_key),
        ("who", lambda row: row.subject_name or row.subject),
        ("proof", lambda row: row.message),
    ]
    output.listing(
        options,
        screen,
        found,
        columns,
        styles=(None, "bold"),
        give_way=["proof", "where"],
        spare=["who"],
        empty="no findings",
    )
    if options.fail_on is None:
        return 0
    return int(any(_RANKS[row.severity] >= _RANKS[options.fail_on] for row in found))


def _verify(options: argparse.Namespace, screen: Screen) -> int:
    with connect(options) as wiki:
        access = picture(options, wiki=wiki).access()
        done = access.verify(wiki, options.sample, options.seed, oracle=options.oracle)
    if options.strict and len(done.gaps):
        raise IncompleteError(f"{done.failed} questions were not answered", gaps=done.gaps)
    columns = [
        ("who", lambda row: row.subject_name or row.subject),
        ("operation", lambda row: row.operation),
        ("content", lambda row: row.title or row.content_id),
        ("space", lambda row: row.space_key),
        ("snapshot", lambda row: row.ours),
        ("confluence", lambda row: row.theirs),
        ("because", lambda row: ", ".join((*row.our_codes, *row.their_codes))),
    ]
    styles = ("bold", None, None, None, "decision", "decision", "dim")
    empty = "no disagreement"
    output.listing(
        options,
        screen,
        done,
        columns,
        styles=styles,
        give_way=["because", "content", "space"],
        spare=["because"],
        empty=empty,
    )
    output.note(options, done._outcome())
    return int(len(done) > 0)
