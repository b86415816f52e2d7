"""The console command `confluence-access`."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _core
from .client import Confluence
from .demo import tell
from .errors import ConfigurationError, ConfluenceError, IncompleteError
from .escapes import json_text, visible
from .naming import content_of
from .progress import Line
from .screens import show_changes
from .simulator import Simulator
from .snapshot import Snapshot
from .terminal import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .tables import Table

__all__ = ["main"]

_CONNECTION = """\
connection:
  CONFLUENCE_URL                  address of the site, or --url
  CONFLUENCE_USERNAME             e-mail address of the account, or --username
  CONFLUENCE_API_TOKEN            its API token; asked for on a terminal where it is not set
  CONFLUENCE_PERSONAL_TOKEN, CONFLUENCE_PASSWORD   instead of the API token
  CONFLUENCE_CLIENT_CERT, CONFLUENCE_CLIENT_KEY    files, or --client-cert and --client-key

exit codes: 0 fine, 1 error, 2 wrong usage, 3 incomplete and --strict was given, 130 interrupted
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        arguments: The arguments after the command's name; None takes those of the process.

    Returns:
        The exit code: 0 success, 1 error, 3 incomplete with `--strict`, 130 after Ctrl-C. Wrong usage exits with 2.
    """
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace, Screen], int] = options.run
    try:
        return run(options, Screen())
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    except BrokenPipeError:
        # The reader of a pipe had enough. Nothing may be written when the interpreter closes the stream either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except IncompleteError as error:
        sys.stderr.write(f"confluence-access: {error}\n")
        for gap in list(error.gaps)[:20]:
            sys.stderr.write(visible(f"  {gap.scope} {gap.subject}: {gap.cause}: {gap.message}") + "\n")
        return 3
    except (ConfluenceError, OSError, ValueError, LookupError) as error:
        sys.stderr.write(f"confluence-access: {_one_line(error)}\n")
        return 1


def _one_line(error: BaseException) -> str:
    # `str` of a KeyError is the repr of its argument.
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return visible(" ".join(text.split())) or type(error).__name__


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="confluence-access",
        description="Who can see or edit what in Confluence, and why.",
        epilog=_CONNECTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="<command>", required=True)

    def command(name: str, about: str, run: Callable[[argparse.Namespace, Screen], int]) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=about,
            description=about,
            epilog=_CONNECTION,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.set_defaults(run=run)
        return made

    demo = command("demo", "no Confluence needed: a simulated site and the whole story", _demo)
    demo.epilog = None
    demo.add_argument("--out", metavar="FOLDER", help="where the snapshot goes (./confluence-demo)")

    serve = command("serve", "run the simulator until Ctrl-C, for your own tests", _serve)
    _site_options(serve)

    who = command("who-can", "who can view or edit a content, and how each got in", _who_can)
    who.add_argument("operation", choices=["view", "edit", "read", "update"], metavar="{view,edit}")
    who.add_argument("content", help="id of the content, or its address")
    _offline(who)

    explain = command("explain", "why somebody can or cannot view or edit a content", _explain)
    explain.add_argument("subject", help="user:<id or name>, group:<id or name>, anonymous, class:<access class>")
    explain.add_argument("operation", choices=["view", "edit", "read", "update"], metavar="{view,edit}")
    explain.add_argument("content", help="id of the content, or its address")
    explain.add_argument(
        "--unknown-ok",
        action="store_true",
        help="also about somebody who is not in the snapshot, as an unknown account",
    )
    _offline(explain)

    for name, about, run in (
        ("groups", "the groups, and which come from a directory", _groups),
        ("spaces", "the spaces the account can see", _spaces),
    ):
        _connected(command(name, about, run))

    changes = command("changes", "who changed which permission when", _changes)
    _change_options(changes)
    _connected(changes)

    snapshot = command("snapshot", "save the whole picture to a folder", _snapshot)
    snapshot.add_argument("--out", metavar="FOLDER", required=True, help="where it goes")
    snapshot.add_argument("--space", action="append", metavar="KEY", help="only this space; may be repeated")
    _read_on_request(snapshot)
    _connected(snapshot)

    mcp = command("mcp", "answer questions of an assistant about a saved snapshot: offline, read only", _mcp)
    mcp.epilog = None
    mcp.add_argument("--snapshot", metavar="FOLDER", required=True, help="the saved snapshot")
    mcp.add_argument(
        "--internal-domain",
        action="append",
        metavar="DOMAIN",
        help="domain of your own e-mail addresses, for findings about external people (those the organization has "
        "verified); may be repeated",
    )
    return parser


def _site_options(serve: argparse.ArgumentParser) -> None:
    serve.epilog = None
    serve.add_argument("--deployment", choices=["cloud", "datacenter"], default="cloud", help="product to play")
    serve.add_argument("--server-version", metavar="VERSION", help="version of Data Center (9.2.0)")
    serve.add_argument("--context", default="", metavar="PATH", help="path of Data Center, such as /confluence")
    serve.add_argument("--extender", action="store_true", help="with the add-on Extender on Data Center")
    serve.add_argument("--pages", type=_count, help="pages and blog posts, all spaces together")
    serve.add_argument("--spaces", type=_count, help="spaces")
    serve.add_argument("--users", type=_count, help="users")
    serve.add_argument("--groups", type=_count, help="groups")
    serve.add_argument("--seed", type=_count, default=1, help="what the company is made up from")
    serve.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="how long every answer takes")
    serve.add_argument("--page-cap", type=_count, metavar="N", help="most rows on a page of any listing")
    serve.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1 (a free one)")


def _change_options(changes: argparse.ArgumentParser) -> None:
    changes.add_argument(
        "--since",
        default="30d",
        metavar="WHEN",
        help="how long ago (30d, 12h, 2w), a day or a time with its zone (30d)",
    )
    changes.add_argument("--until", metavar="WHEN", help="likewise (now)")
    changes.add_argument("--space", metavar="KEY", help="only in this space")
    changes.add_argument(
        "--content", metavar="ID", help="only on this content, given as an id or an address, and on its ancestors"
    )
    changes.add_argument(
        "--source",
        choices=("confluence", "organization", "both"),
        default="confluence",
        help="whose audit log; that of the organization needs ATLASSIAN_ORG_TOKEN (confluence)",
    )
    changes.add_argument("--snapshot", metavar="FOLDER", help="find ids in a saved snapshot instead of the site")
    changes.add_argument(
        "--merge-bursts", action="store_true", help="one line for what one person gave or took in one go"
    )


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("less than 0")
    return number


def _port(text: str) -> int:
    number = _count(text)
    if number > 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def _connected(command: argparse.ArgumentParser) -> None:
    command.add_argument("--url", help="address of the site")
    command.add_argument("--username", help="e-mail address of the account")
    command.add_argument("--ca-bundle", metavar="FILE", help="certificates (PEM) to trust beside the system's")
    command.add_argument("--client-cert", metavar="FILE", help="certificate (PEM) to show where a server asks for one")
    command.add_argument("--client-key", metavar="FILE", help="its key (PEM), where it is in another file")
    command.add_argument("--strict", action="store_true", help="fail where something could not be read")
    command.add_argument("--json", action="store_true", help="for scripts: JSON on standard output")


_ON_REQUEST = {
    "public_links": "also read public links (Cloud)",
    "last_active": "also read when each account was last active (Cloud; needs ATLASSIAN_ORG_TOKEN)",
}
"""What a snapshot reads on request only: the argument of `snapshot`, and its help."""


def _read_on_request(command: argparse.ArgumentParser) -> None:
    for name, about in _ON_REQUEST.items():
        command.add_argument(_flag(name), action="store_true", help=about)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _requested(options: argparse.Namespace) -> dict[str, bool]:
    return {name: getattr(options, name) for name in _ON_REQUEST}


def _offline(command: argparse.ArgumentParser) -> None:
    _connected(command)
    _read_on_request(command)
    command.add_argument(
        "--space", action="append", metavar="KEY", help="the space to read (that of the content); may be repeated"
    )
    command.add_argument("--snapshot", metavar="FOLDER", help="ask a saved snapshot instead of the site")


def _connect(options: argparse.Namespace) -> Confluence:
    settings: dict[str, Any] = {
        name: value for name in ("url", "username", "ca_bundle") if (value := getattr(options, name))
    }
    if options.client_cert or options.client_key:
        certificate = options.client_cert or os.environ.get("CONFLUENCE_CLIENT_CERT")
        if not certificate:
            raise ConfigurationError("`--client-key` needs a certificate: give it as `--client-cert`")
        settings["client_cert"] = (certificate, options.client_key) if options.client_key else certificate
    secrets = ("CONFLUENCE_API_TOKEN", "CONFLUENCE_PERSONAL_TOKEN", "CONFLUENCE_PASSWORD")
    url = settings.get("url") or os.environ.get("CONFLUENCE_URL")
    if url and not any(os.environ.get(name) for name in secrets) and sys.stdin.isatty() and sys.stderr.isatty():
        settings["token"] = getpass.getpass(f"API token for {settings.get('username') or url}: ", stream=sys.stderr)
        if not settings["token"]:
            raise ConfigurationError("no token was given: set `CONFLUENCE_API_TOKEN` or type one")
    return Confluence.from_env(**settings)


def _picture(options: argparse.Namespace) -> Snapshot:
    if options.snapshot:
        for name, wanted in _requested(options).items():
            if wanted:
                raise ConfigurationError(f"`{_flag(name)}` reads the site, `--snapshot` a folder: give one of them")
        snapshot = Snapshot.load(options.snapshot)
    else:
        with _connect(options) as wiki:
            # Whatever a content inherits comes from its own space.
            spaces = options.space or [wiki._core.space_of(content_of(options.content, wiki)).wait()]
            snapshot = wiki.snapshot(
                spaces=spaces, progress=_progress(options), strict=options.strict, **_requested(options)
            )
    if not snapshot.complete:
        if options.strict:
            raise IncompleteError(
                f"the snapshot is incomplete: {len(snapshot.gaps)} part(s) could not be read", gaps=snapshot.gaps
            )
        sys.stderr.write(f"note: {len(snapshot.gaps)} part(s) could not be read; what they touch is unknown\n")
    return snapshot


def _progress(options: argparse.Namespace) -> bool:
    return not options.json and sys.stderr.isatty()


def _write_json(value: Any) -> None:
    sys.stdout.write(json_text(value) + "\n")


def _gaps_note(table: Table[Any]) -> None:
    if len(table.gaps):
        first = visible(table.gaps[0].message)
        sys.stderr.write(f"note: {len(table.gaps)} part(s) could not be read, first: {first}\n")


def _who_can(options: argparse.Namespace, screen: Screen) -> int:
    people = _picture(options).access().who_can(options.operation, options.content)
    if options.json:
        _write_json(people.to_dicts())
        return 0
    if not len(people):
        screen.line(f"nobody can {options.operation} {options.content}")
        return 0
    screen.table(
        ("who", "id", "decision", "how"),
        [
            (
                person.display_name or person.name or person.user_id,
                person.user_id,
                person.decision,
                person.via + ("" if person.standing else " (not standing access)"),
            )
            for person in people
        ],
        indent="",
        styles=(None, "dim", "decision"),
    )
    screen.line(people._counted(), "dim")
    _gaps_note(people)
    return 0


def _explain(options: argparse.Namespace, screen: Screen) -> int:
    access = _picture(options).access()
    if not options.unknown_ok:
        # A mistyped name would be answered as an unknown account, which is denied almost everywhere.
        access.subject(options.subject)
    explanation = access.explain(options.subject, options.operation, options.content)
    if options.json:
        _write_json(explanation.to_dict())
    else:
        screen.explanation(str(explanation))
    return 0


def _groups(options: argparse.Namespace, screen: Screen) -> int:
    with _connect(options) as wiki:
        groups = wiki.groups(strict=options.strict)
    if options.json:
        _write_json(groups.to_dicts())
        return 0
    screen.table(
        ("group", "source", "evidence", "id"),
        [(group.name, group.source, group.evidence, group.id) for group in groups],
        indent="",
        styles=("bold", None, "dim", "dim"),
        give_way=["evidence"],
    )
    _gaps_note(groups)
    return 0


def _spaces(options: argparse.Namespace, screen: Screen) -> int:
    with _connect(options) as wiki:
        spaces = wiki.spaces(strict=options.strict)
    if options.json:
        _write_json(spaces.to_dicts())
        return 0
    screen.table(
        ("key", "name", "type", "status", "id"),
        [(space.key, space.name, space.type, space.status, space.id) for space in spaces],
        indent="",
        styles=("bold", None, None, None, "dim"),
    )
    _gaps_note(spaces)
    return 0


def _changes(options: argparse.Namespace, screen: Screen) -> int:
    known = Snapshot.load(options.snapshot) if options.snapshot else None
    with _connect(options) as wiki:
        changes = wiki.permission_changes(
            options.since,
            options.until,
            space=options.space,
            content=options.content,
            snapshot=known,
            source=options.source,
            merge_bursts=options.merge_bursts,
            strict=options.strict,
        )
    if options.json:
        _write_json(changes.to_dicts())
        return 0
    if not len(changes):
        screen.line("no permission was changed in that time")
    else:
        show_changes(screen, changes, indent="")
    _gaps_note(changes)
    return 0


def _snapshot(options: argparse.Namespace, screen: Screen) -> int:
    with _connect(options) as wiki:
        snapshot = wiki.snapshot(
            spaces=options.space, progress=_progress(options), strict=options.strict, **_requested(options)
        )
        requests = wiki.usage().requests
    snapshot.save(options.out)
    counts = {name: len(getattr(snapshot, name)) for name in _core.nouns()}
    if options.json:
        _write_json({"folder": str(Path(options.out).resolve()), "requests": requests, **counts})
        return 0
    screen.line(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))
    screen.line(f"saved to {options.out} with {requests} requests")
    for gap in snapshot.gaps[:5]:
        screen.line(f"  could not be read: {gap.scope} {gap.subject}: {gap.message}", "yellow")
    return 0


def _serve(options: argparse.Namespace, screen: Screen) -> int:
    names = (
        "deployment",
        "pages",
        "spaces",
        "users",
        "groups",
        "seed",
        "latency",
        "page_cap",
        "port",
        "context",
        "extender",
    )
    given = {name: getattr(options, name) for name in names}
    try:
        served = Simulator(**given, version=options.server_version)
    except OSError as error:
        raise ConfigurationError(
            f"port {options.port} cannot be used ({error}): give another `--port`, or leave it out for a free one"
        ) from error
    with served as simulator:
        product = "Cloud" if options.deployment == "cloud" else "Data Center"
        screen.line(f"a simulated Confluence {product} site; Ctrl-C stops it")
        screen.line()
        screen.line(f"  export CONFLUENCE_URL={simulator.url}")
        if options.deployment == "cloud":
            screen.line(f"  export CONFLUENCE_USERNAME={simulator.username}")
            screen.line(f"  export CONFLUENCE_API_TOKEN={simulator.token}")
        else:
            screen.line(f"  export CONFLUENCE_PERSONAL_TOKEN={simulator.token}")
            screen.line()
            screen.line(f"  without a personal token: {simulator.username} and the password {simulator.password}")
        screen.line()
        screen.stream.flush()
        try:
            threading.Event().wait()
        finally:
            unexpected = simulator.unexpected
            sys.stderr.write(f"\n{len(simulator.requests)} requests served\n")
            for request in unexpected[:20]:
                sys.stderr.write(visible(f"  not understood: {request}") + "\n")
    return 0


def _mcp(options: argparse.Namespace, screen: Screen) -> int:
    try:
        from . import mcp_server
    except ImportError as error:
        raise ConfigurationError(
            f"`confluence-access mcp` needs the package `mcp`: pip install 'confluence-access[mcp]' ({error})"
        ) from error
    mcp_server.server(options.snapshot, options.internal_domain).run("stdio")
    return 0


def _demo(options: argparse.Namespace, screen: Screen) -> int:
    tell(screen, Line(), options.out)
    return 0
