"""A Data Center site for the rooms of the upstream APIs, as plain data, and how to connect to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from confluence_access import Confluence, Simulator

FIXTURES = Path(__file__).parents[1] / "fixtures"
ODD = "R&D + 100% #1 'x' \"y\""


def site() -> dict[str, Any]:
    """Three pages in a row, the last one restricted; names that need care."""
    return {
        "users": {
            "k-ann": {"name": "ann", "display_name": "Ann Berg"},
            "k-bob": {"name": "bob", "display_name": "Bob Iver"},
            "k-eve": {"name": "eve", "display_name": "Eve Dahl"},
        },
        "groups": {
            "everybody": {"members": ["user:k-ann", "user:k-bob", "user:k-eve"]},
            "staff": {"members": ["user:k-ann", "user:k-bob"]},
            ODD: {"members": ["user:k-eve"]},
        },
        "spaces": {
            "DOC": {
                "name": "Documents",
                "homepage": "10",
                "grants": {
                    "group:everybody": ["view", "create_page"],
                    "group:staff": ["view"],
                    "user:k-ann": ["administer", "view"],
                    "anonymous": ["view"],
                },
            },
            "~ann": {"name": "Ann", "homepage": "20", "grants": {"user:k-ann": ["view"]}},
        },
        "contents": {
            "10": {"type": "page", "space": "DOC", "title": "Home"},
            "11": {"type": "page", "space": "DOC", "title": "Plans & costs: 100%?", "parent": "10"},
            "12": {"type": "page", "space": "DOC", "title": "Numbers", "parent": "11"},
            "20": {"type": "page", "space": "~ann", "title": "Ann's home"},
        },
        "restrictions": {
            "11": {"read": ["group:staff"], "update": ["user:k-bob"]},
            "12": {"update": ["user:k-ann", "user:k-bob"]},
        },
    }


def connect(simulator: Simulator, **settings: Any) -> Confluence:
    """A client of the simulated site, by its personal access token."""
    return Confluence(simulator.url, token=simulator.token, **{"deployment": "datacenter", **settings})


@contextmanager
def rooms(**options: Any) -> Iterator[tuple[Simulator, Confluence]]:
    """A simulated installation with every room, and a client of it."""
    options = {"site": site(), "extender": True, **options}
    with Simulator("datacenter", **options) as simulator, connect(simulator) as wiki:
        yield simulator, wiki


def recorded(name: str) -> Any:
    """An answer on record."""
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def answering(path: str, body: Any, *, status: int | None = None, **fault: Any) -> dict[str, Any]:
    """A fault that answers with `body`."""
    text = body if isinstance(body, str) else json.dumps(body)
    return {"path": path, "effect": "body", "body": text, **fault}
