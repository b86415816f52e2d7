"""Whether this machine, the site and the account are fit for use. No secret is ever shown, only names of variables."""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, Literal

from .. import _core
from ..client import Confluence
from ..errors import ConfluenceError
from ..server import Server
from ..terminal import Screen
from . import output
from .connect import connect, profile_of

__all__ = ["run"]

State = Literal["ok", "note", "problem"]
Check = tuple[str, State, str, str]
"""What was checked, how it is, what was found, and the page of the documentation about it."""

_PACKAGES = (
    *("pandas", "pyarrow", "polars", "duckdb", "openpyxl", "matplotlib", "tqdm", "ipywidgets"),
    *("keyring", "obstore", "dask", "dlt", "mcp"),
)
_PREFIXES = ("CONFLUENCE_", "ATLASSIAN_")
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")

# What the audit log and Retry-After bear.
_CLOCK = 30


def run(options: argparse.Namespace, screen: Screen) -> int:
    """Checks, and shows what was found."""
    checks = [*_machine(options), *_site(options)]
    marks = {"ok": "✓", "note": "?", "problem": "✗"}

    def show(screen: Screen) -> None:
        wide = max(len(name) for name, *_ in checks)
        for name, state, text, page in checks:
            about = f" (docs/{page})" if page and state != "ok" else ""
            screen.explanation(f"{marks[state]} {name.ljust(wide)}  {text}{about}")

    keys = ("check", "state", "found", "page")
    output.value(options, screen, [dict(zip(keys, check, strict=True)) for check in checks], show)
    return int(any(state == "problem" for _, state, _, _ in checks))


def _machine(options: argparse.Namespace) -> Iterator[Check]:
    python = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield "version", "ok", f"confluence-access {_core.VERSION}, {python}", ""
    seen = sorted(name for name in os.environ if name.startswith(_PREFIXES))
    yield "environment", "ok", ", ".join(seen) or "no variable of this program is set", "connecting.md"
    proxies = sorted(name for name in os.environ if name.upper() in _PROXIES)
    given = [f"--{name.replace('_', '-')}" for name in ("proxy", "ca_bundle") if getattr(options, name)]
    yield "proxy and TLS", "ok", ", ".join([*proxies, *given]) or "as the operating system has them", "connecting.md"
    present = [name for name in _PACKAGES if importlib.util.find_spec(name) is not None]
    missing = [name for name in _PACKAGES if name not in present]
    text = f"installed: {', '.join(present) or 'none'}" + (f"; not installed: {', '.join(missing)}" if missing else "")
    yield "optional packages", "ok", text, ""
    try:
        with tempfile.TemporaryFile(dir=os.path.expanduser(options.folder)):
            yield "folder", "ok", f"{options.folder} can be written", ""
    except OSError as error:
        yield "folder", "problem", f"{options.folder} cannot be written: {error.strerror}: use --folder", "snapshots.md"


def _site(options: argparse.Namespace) -> Iterator[Check]:
    try:
        profile = profile_of(options)
        if profile is not None:
            yield "profile", "ok", profile, ""
        wiki = connect(options)
    except ConfluenceError as error:
        yield "settings", "problem", str(error), "connecting.md"
        return
    with wiki:
        try:
            server = wiki.server()
        except ConfluenceError as error:
            yield "connection", "problem", str(error), "connecting.md"
            return
        yield from _server(wiki, server)
        yield from _rights(wiki, server)


def _server(wiki: Confluence, server: Server) -> Iterator[Check]:
    first, second, *_ = str(server).splitlines()
    yield "server", "ok", first, ""
    page = "datacenter.md" if server.deployment == "datacenter" else "connecting.md"
    if server.admin:
        yield "account", "ok", second, ""
    else:
        yield "account", "note", f"{second}: use an administrator's token to see everything", page
    for note in server.notes:
        yield "cannot see", "note", note, page
    if wiki.url.startswith("https://"):
        yield "certificate", "ok", "trusted", ""
    else:
        yield (
            "certificate",
            "note",
            "none: the site is asked by http, so credentials are not encrypted",
            "connecting.md",
        )
    ahead = wiki._core.clock_ahead()
    if ahead is None:
        yield "clock", "note", "the server does not say what time it is", ""
    elif abs(ahead) > _CLOCK:
        words = "behind" if ahead > 0 else "ahead of"
        yield "clock", "note", f"{abs(ahead):.0f} s {words} the server: set the time of this machine", "audit.md"
    else:
        yield "clock", "ok", "as that of the server", ""


def _rights(wiki: Confluence, server: Server) -> Iterator[Check]:
    """What may be read, each asked once, and what that cost."""
    known: dict[str, Any] = {}

    def spaces() -> str:
        known["spaces"] = found = wiki.spaces(strict=True)
        return f"{len(found)} spaces"

    def permissions() -> str:
        if not len(known.get("spaces", ())):
            return "no space to ask about"
        space = known["spaces"][0]
        return f"{len(wiki.space_permissions(space, strict=True))} in {space.key}"

    def groups() -> str:
        known["groups"] = found = wiki.groups(strict=True)
        return f"{len(found)} groups"

    def members() -> str:
        if not len(known.get("groups", ())):
            return "no group to ask about"
        group = known["groups"][0]
        return f"{len(wiki.members(group, strict=True))} in {group.name}"

    def audit() -> str:
        return f"{len(wiki.audit('1h'))} records of the last hour"

    def global_permissions() -> str:
        return f"{len(wiki.global_permissions(strict=True))} entries"

    asked: list[tuple[str, Callable[[], str], str]] = [
        ("spaces", spaces, "connecting.md"),
        ("permissions", permissions, "datacenter.md" if server.deployment == "datacenter" else "permissions.md"),
        ("groups", groups, "connecting.md"),
        ("members", members, "connecting.md"),
        ("audit log", audit, "audit.md"),
    ]
    if server.deployment == "datacenter":
        asked.append(("global permissions", global_permissions, "datacenter.md"))
    for name, ask, page in asked:
        before = wiki.usage().requests
        try:
            text = ask()
        except (ConfluenceError, ValueError) as error:
            # Without spaces there is nothing to ask about; what else is missing leaves answers unknown.
            yield name, "problem" if name == "spaces" else "note", f"cannot be read: {error}", page
            continue
        sent = wiki.usage().requests - before
        yield name, "ok", f"{text}, {sent} request{'' if sent == 1 else 's'}", ""
