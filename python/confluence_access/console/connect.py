"""Connecting to a site, and reading or loading the snapshot that a question needs."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
import sys
from datetime import datetime
from typing import Any

from .. import profiles
from ..audit import read_audit_log
from ..client import Confluence
from ..errors import ConfigurationError, IncompleteError
from ..naming import content_of
from ..past import ChangesLike
from ..snapshot import Snapshot
from . import output
from .parser import count

__all__ = [
    "about_snapshot",
    "changes_since",
    "connect",
    "connected",
    "picture",
    "profile_of",
    "progress",
    "read_on_request",
    "requested",
]


def connected(command: argparse.ArgumentParser, *, listed: bool = True, out: bool = True) -> None:
    """How to reach the site; `listed`: the answer has a format; `out`: it can be written to a file."""
    group = command.add_argument_group("connection")
    group.add_argument("--profile", metavar="NAME", help="a site that `login` stored, or CONFLUENCE_PROFILE")
    group.add_argument("--url", help="address of the site")
    group.add_argument("--username", help="e-mail address of the account")
    group.add_argument("--deployment", choices=("cloud", "datacenter"), help="which product it is (found out)")
    group.add_argument("--cloud-id", metavar="ID", help="id of the Cloud site, for tokens with scopes")
    group.add_argument("--proxy", metavar="URL", help="proxy to send requests through")
    group.add_argument("--ca-bundle", metavar="FILE", help="certificates (PEM) to trust beside the system's")
    group.add_argument("--client-cert", metavar="FILE", help="certificate (PEM) to show if a server asks for one")
    group.add_argument("--client-key", metavar="FILE", help="its key (PEM), if it is in another file")
    group.add_argument("--max-concurrency", type=count, metavar="N", help="most requests at once")
    group.add_argument("--requests-per-second", type=float, metavar="N", help="most requests in a second")
    group.add_argument("--allow-http", action="store_true", default=None, help="send credentials without encryption")
    command.add_argument(
        "-v", "--verbose", action="store_true", help="say on standard error what is repeated, waited for and not read"
    )
    command.add_argument("--strict", action="store_true", help="fail if something could not be read")
    if listed:
        output.options(command, out=out)


_ON_REQUEST = {
    "public_links": "also read public links (Cloud)",
    "last_active": "also read when each account was last active (Cloud; needs ATLASSIAN_ORG_TOKEN)",
}
"""What a snapshot reads on request only: the argument of `snapshot`, and its help."""


def read_on_request(command: argparse.ArgumentParser) -> None:
    """What is read only if it is asked for."""
    for name, about in _ON_REQUEST.items():
        command.add_argument(_flag(name), action="store_true", help=about)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def requested(options: argparse.Namespace) -> dict[str, Any]:
    """The arguments of `snapshot` for what is read on request."""
    return {name: getattr(options, name) for name in _ON_REQUEST}


def connect(options: argparse.Namespace) -> Confluence:
    """The client that the options and the environment describe."""
    settings: dict[str, Any] = {name: value for name in _SETTINGS if (value := getattr(options, name)) is not None}
    if options.client_cert or options.client_key:
        certificate = options.client_cert or os.environ.get("CONFLUENCE_CLIENT_CERT")
        if not certificate:
            raise ConfigurationError("`--client-key` needs a certificate: give it as `--client-cert`")
        settings["client_cert"] = (certificate, options.client_key) if options.client_key else certificate
    if (name := profile_of(options)) is not None:
        return Confluence.from_profile(name, **settings)
    secrets = ("CONFLUENCE_API_TOKEN", "CONFLUENCE_PERSONAL_TOKEN", "CONFLUENCE_PASSWORD")
    url = settings.get("url") or os.environ.get("CONFLUENCE_URL")
    if url and not any(os.environ.get(name) for name in secrets) and sys.stdin.isatty() and sys.stderr.isatty():
        settings["token"] = getpass.getpass(f"API token for {settings.get('username') or url}: ", stream=sys.stderr)
        if not settings["token"]:
            raise ConfigurationError("no token was given: set `CONFLUENCE_API_TOKEN` or type one")
    return Confluence.from_env(**settings)


def profile_of(options: argparse.Namespace) -> str | None:
    """The profile that is meant: a named one; where no site is named either, the one called `default`."""
    name = getattr(options, "profile", None) or profiles.wanted()
    if name is not None or getattr(options, "url", None) or os.environ.get("CONFLUENCE_URL", "").strip():
        return name
    return profiles.DEFAULT if any(one.name == profiles.DEFAULT for one in profiles.listed()) else None


_SETTINGS = (
    *("url", "username", "deployment", "cloud_id", "proxy", "ca_bundle"),
    *("max_concurrency", "requests_per_second", "allow_http"),
)


def about_snapshot(command: argparse.ArgumentParser, saved: str = "ask a saved snapshot instead of the site") -> None:
    """A question that is answered from a snapshot: a saved one, or one that is read for it.

    Args:
        command: The command that asks.
        saved: What a saved snapshot is for.
    """
    command.add_argument("--snapshot", metavar="FOLDER", help=saved)
    command.add_argument("--space", action="append", metavar="KEY", help="read only this space; may be repeated")
    command.add_argument("--as-of", metavar="WHEN", help="ask the site as it was, such as 30d ago or on 2026-10-31")
    command.add_argument(
        "--log",
        action="append",
        metavar="FILE",
        help="files of the audit log for --as-of and `history`, instead of the site; may be repeated",
    )
    read_on_request(command)
    connected(command)


def changes_since(options: argparse.Namespace, since: str) -> tuple[ChangesLike, datetime | None]:
    """The changes since a time, from files or the site, and from when on they are complete, if that is not the time."""
    if options.log:
        records = read_audit_log(options.log)
        return records, min((at for at in records["at"] if at is not None), default=None)
    with connect(options) as wiki:
        return wiki.permission_changes(since), None


def picture(options: argparse.Namespace, content: str | None = None, wiki: Confluence | None = None) -> Snapshot:
    """The snapshot a question needs: for one about a content item, its space is enough.

    Args:
        options: What was typed.
        content: The content item that the question is about.
        wiki: Reads the site, if there is no saved snapshot; None connects for it.
    """
    as_of = getattr(options, "as_of", None)
    if as_of and wiki:
        raise ConfigurationError("`--as-of` asks the site as it was, and Confluence answers as it is: leave it out")
    if options.snapshot:
        for name, wanted in requested(options).items():
            if wanted:
                raise ConfigurationError(f"`{_flag(name)}` reads the site, `--snapshot` a folder: give one of them")
        found = Snapshot.load(options.snapshot)
    else:
        with contextlib.nullcontext(wiki) if wiki else connect(options) as site:
            spaces = options.space
            if content is not None and not spaces and not as_of:
                # Whatever a content item inherits comes from its own space.
                spaces = [site._core.space_of(content_of(content, site)).wait()]
            found = site.snapshot(
                spaces=spaces, progress=progress(options), strict=options.strict, **requested(options)
            )
    if as_of:
        changes, begin = changes_since(options, as_of)
        found = found.as_of(as_of, changes, since=begin)
    if not found.complete:
        missing = len(found.gaps)
        parts = "1 part" if missing == 1 else f"{missing} parts"
        if options.strict:
            raise IncompleteError(f"the snapshot is incomplete: {parts} could not be read", gaps=found.gaps)
        output.note(options, f"{parts} of the snapshot could not be read; the answers they touch are unknown")
    return found


def progress(options: argparse.Namespace) -> bool:
    """Whether to show progress."""
    return not getattr(options, "quiet", False) and sys.stderr.isatty()
