"""Which site, which account, and whether all is well: profiles, and `doctor`."""

from __future__ import annotations

import argparse
import getpass
import os
import sys

from .. import profiles
from ..client import Confluence
from ..errors import ConfigurationError
from ..terminal import Screen
from . import doctor, output
from .connect import connected
from .parser import Commands

__all__ = ["register"]


def register(commands: Commands) -> None:
    """Adds the commands."""
    login = commands.add(
        "login",
        "store a site by name, its token in the keyring of the operating system",
        _login,
        examples=[
            "login acme --url https://acme.atlassian.net --username ann@acme.com",
            "login wiki --url https://wiki.acme.com < token.txt",
        ],
        connected=False,
    )
    login.add_argument(
        "name", nargs="?", default=profiles.DEFAULT, metavar="NAME", help="name of the profile (default)"
    )
    login.add_argument("--url", help="address of the site; asked for on a terminal")
    login.add_argument(
        "--username", help="e-mail address (Cloud) or, with --password, username; else the token says it"
    )
    login.add_argument("--password", action="store_true", help="the secret is a password (Data Center), not a token")
    login.add_argument("--deployment", choices=("cloud", "datacenter"), help="which product it is (found out)")
    login.add_argument("--cloud-id", metavar="ID", help="id of the Cloud site, for tokens with scopes")
    login.add_argument("--ca-bundle", metavar="FILE", help="certificates (PEM) to trust beside the system's")
    login.add_argument("--client-cert", metavar="FILE", help="certificate (PEM) to show if a server asks for one")
    login.add_argument("--client-key", metavar="FILE", help="its key (PEM), if it is in another file")
    login.add_argument("--no-check", action="store_true", help="do not ask the site whether it accepts the secret")

    logout = commands.add(
        "logout", "delete a profile and its secret", _logout, examples=["logout acme"], connected=False
    )
    logout.add_argument(
        "name", nargs="?", default=profiles.DEFAULT, metavar="NAME", help="name of the profile (default)"
    )

    listed = commands.add("profiles", "the sites that are stored", _profiles, examples=["profiles"], connected=False)
    output.options(listed)

    checked = commands.add(
        "doctor",
        "whether this machine, the site and the account are fit for use; exit status 1 if not",
        doctor.run,
        examples=["doctor", "doctor --profile acme --format json"],
    )
    checked.add_argument("--folder", default=".", metavar="FOLDER", help="where snapshots are to be saved (.)")
    connected(checked)


def _asked(what: str) -> str:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return ""
    sys.stderr.write(what)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _login(options: argparse.Namespace, screen: Screen) -> int:
    url = options.url or _asked("address of the site: ")
    if not url:
        raise ConfigurationError("no address is given: use `--url https://acme.atlassian.net`")
    username = options.username or _asked("e-mail address or username (empty for a personal access token): ") or None
    kind = "password" if options.password else "token"
    secret = _secret(kind, url)
    files = {
        name: os.path.abspath(os.path.expanduser(value))
        for name in ("ca_bundle", "client_cert", "client_key")
        if (value := getattr(options, name))
    }
    profile = profiles.Profile(options.name, url.strip(), username, kind, options.deployment, options.cloud_id, **files)
    # Refuses what cannot be used, before anything is stored.
    settings = {**profiles.kept(profile), kind: secret}
    with Confluence(**settings) as wiki:
        server = None if options.no_check else wiki.server()
    profiles.store(profile, secret)
    if server is not None:
        for line in str(server).splitlines()[:2]:
            screen.line(line)
    screen.line(f"stored as profile {profile.name}: use it with --profile {profile.name}, or set CONFLUENCE_PROFILE")
    return 0


def _secret(kind: str, url: str) -> str:
    """The secret: without echo from a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        secret = getpass.getpass(f"{kind} for {url}: ", stream=sys.stderr).strip()
    else:
        secret = sys.stdin.readline().strip()
    if not secret:
        raise ConfigurationError(f"no {kind} was given: type it, or write it to standard input")
    return secret


def _logout(options: argparse.Namespace, screen: Screen) -> int:
    profiles.forget(options.name)
    screen.line(f"deleted profile {options.name}")
    return 0


def _profiles(options: argparse.Namespace, screen: Screen) -> int:
    known = profiles.listed()
    meant = profiles.wanted() or profiles.DEFAULT

    def show(screen: Screen) -> None:
        if not known:
            screen.line("no profiles: `confluence-access login` stores one")
            return
        rows = [(one.name, one.url, one.username, one.secret, one.name == meant or None) for one in known]
        screen.table(("profile", "url", "username", "secret", "used"), rows, indent="", styles=("bold",))

    return output.value(options, screen, [one.to_dict() for one in known], show)
