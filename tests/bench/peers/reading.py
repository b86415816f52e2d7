"""What every contender in Python shares: its arguments, what it says of itself when it is done, and the facts it read.

A contender is a script that reads a simulated Cloud site and prints one line of JSON. It imports nothing of ours.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))
from machine import peak

LISTS = [
    f"restrictions.{operation}.restrictions.{kind}" for operation in ("read", "update") for kind in ("user", "group")
]


@dataclass
class Facts:
    """What a contender knows in the end, as the counts the command compares with the site."""

    parents: dict[str, str | None] = field(default_factory=dict)
    restrictions: set[tuple[str, str, str]] = field(default_factory=set)
    permissions: set[tuple[str, str, str, str]] | None = None
    members: set[tuple[str, str]] | None = None
    # Facts it does not read, or does not keep.
    without: tuple[str, ...] = ()

    def restrict(self, content: dict[str, Any]) -> None:
        """Takes the lists of a content, with both kinds of subjects expanded."""
        for operation in ("read", "update"):
            lists = content["restrictions"][operation]["restrictions"]
            subjects = [user["accountId"] for user in lists["user"]["results"]]
            subjects += [group["id"] for group in lists["group"]["results"]]
            self.restrictions.update((content["id"], operation, subject) for subject in subjects)

    def counts(self) -> dict[str, int | None]:
        """How many of each; None: it does not read them."""
        counts = {
            "contents": len(self.parents),
            "placed": sum(parent is not None for parent in self.parents.values()),
            "restrictions": len(self.restrictions),
            "permissions": None if self.permissions is None else len(self.permissions),
            "members": None if self.members is None else len(self.members),
        }
        return {fact: None if fact in self.without else count for fact, count in counts.items()}


@dataclass(frozen=True)
class Site:
    """Where the contender reads, as whom, and how much at once."""

    url: str
    username: str
    token: str
    at_once: int
    mode: str
    sample: int


def told(read: Callable[[Site], Facts], version: str) -> None:
    """Runs a contender and prints what it took, measured from inside: without the start of Python and the imports."""
    url, username, token, at_once, mode, sample = sys.argv[1:]
    site = Site(url, username, token, int(at_once), mode, int(sample))
    busy, began = time.process_time(), time.perf_counter()
    facts = read(site)
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    print(json.dumps({"version": version, "seconds": seconds, "cpu": cpu, "peak": peak(), "facts": facts.counts()}))
