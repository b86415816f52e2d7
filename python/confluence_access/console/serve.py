"""The demo, the simulator, and the server for assistants."""

from __future__ import annotations

import argparse
import sys
import threading

from ..demo import tell
from ..errors import ConfigurationError
from ..escapes import visible
from ..progress import Line
from ..simulator import Simulator
from ..terminal import Screen
from .parser import Commands, count, port

__all__ = ["register"]


def register(commands: Commands) -> None:
    """Adds the commands."""
    demo = commands.add(
        "demo", "no Confluence needed: a simulated site and the whole story", _demo, examples=["demo"], connected=False
    )
    demo.add_argument("--out", metavar="FOLDER", help="where the snapshot goes (./confluence-demo)")

    serve = commands.add(
        "serve",
        "run the simulator until Ctrl-C, for your own tests",
        _serve,
        examples=["serve --deployment datacenter --pages 10000"],
        connected=False,
    )
    _site_options(serve)

    mcp = commands.add(
        "mcp",
        "answer questions of an assistant about a saved snapshot: offline, read only",
        _mcp,
        examples=["mcp --snapshot acme-2026-11-21"],
        connected=False,
    )
    mcp.add_argument("--snapshot", metavar="FOLDER", required=True, help="the saved snapshot: a folder or s3://…")
    mcp.add_argument(
        "--internal-domain",
        action="append",
        metavar="DOMAIN",
        help="domain of your own e-mail addresses, for findings about external people (those the organization has "
        "verified); may be repeated",
    )


def _site_options(serve: argparse.ArgumentParser) -> None:
    serve.add_argument("--deployment", choices=["cloud", "datacenter"], default="cloud", help="product to play")
    serve.add_argument("--server-version", metavar="VERSION", help="version of Data Center (9.2.0)")
    serve.add_argument("--context", default="", metavar="PATH", help="path of Data Center, such as /confluence")
    serve.add_argument("--extender", action="store_true", help="with the add-on Extender on Data Center")
    serve.add_argument("--pages", type=count, help="pages and blog posts, all spaces together")
    serve.add_argument("--spaces", type=count, help="spaces")
    serve.add_argument("--users", type=count, help="users")
    serve.add_argument("--groups", type=count, help="groups")
    serve.add_argument("--seed", type=count, default=1, help="what the company is made up from")
    serve.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="how long every answer takes")
    serve.add_argument("--page-cap", type=count, metavar="N", help="most rows on a page of any listing")
    serve.add_argument("--port", type=port, default=0, help="port on 127.0.0.1 (a free one)")


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
        from .. import mcp_server
    except ImportError as error:
        raise ConfigurationError(
            f"`confluence-access mcp` needs the package `mcp`: pip install 'confluence-access[mcp]' ({error})"
        ) from error
    mcp_server.server(options.snapshot, options.internal_domain).run("stdio")
    return 0


def _demo(options: argparse.Namespace, screen: Screen) -> int:
    tell(screen, Line(), options.out)
    return 0
