"""One site read by several workers: which spaces each of them reads, and one checkpoint out of all their answers.

A checkpoint holds the answers to requests (`src/fetch/checkpoint.rs`). A snapshot that goes on from one asks only for
what it does not hold. So the snapshots of the slices are taken for the sake of their answers, and the snapshot of the
whole site goes on from all of them: nothing is merged but answers, and the result is that of one machine.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from .client import Confluence
from .errors import ConfluenceError
from .naming import spaces_of
from .saved import site_name

_ANSWERS = "answers"
_MOST_REQUESTS = 5


class Hidden:
    """Settings on their way to a worker. Dask shows the arguments of tasks in logs and on its pages."""

    __slots__ = ("value",)

    value: Any

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "<settings>"


def checkpoint_of(folder: str, name: str) -> str:
    """The checkpoint of a site."""
    return os.path.join(folder, f"{site_name(name)}.checkpoint")


def connected(given: Mapping[str, Any] | Callable[[], Confluence], settings: Mapping[str, Any]) -> Confluence:
    """A client of a site, with other settings than those given."""
    return given() if callable(given) else Confluence(**{**given, **settings})


@dataclass(frozen=True)
class Slices:
    """How a site is split.

    Attributes:
        whole: The checkpoint of the whole site.
        scope: The spaces that were asked for, as a checkpoint names them; None: all.
        parts: The spaces of each slice; there are none if they could not be listed.
        width: Requests at the same time, of each slice.
        rate: Requests per second, of each slice.
    """

    whole: str
    scope: list[str] | None
    parts: list[list[str]]
    width: int
    rate: float | None

    @property
    def count(self) -> int:
        """How many slices there are; one at least."""
        return max(1, len(self.parts))

    def folder(self, at: int) -> str:
        """The checkpoint of a slice."""
        return f"{self.whole}-slice-{at}"

    def kept(self, at: int) -> str:
        """Where the answers of a slice are, once it was read."""
        return f"{self.folder(at)}.answers"

    @property
    def joined(self) -> bool:
        """Whether the answers of the slices are those of the whole site already."""
        return os.path.exists(os.path.join(self.whole, _ANSWERS))

    def join(self) -> None:
        """Makes the checkpoint of the whole site out of those of the slices."""
        if self.joined:
            return
        found = [_read(self.kept(at)) for at in range(len(self.parts))]
        heads = [head for head, _ in found if head is not None]
        if not heads:
            return
        whose = {**heads[0]["of"], "spaces": self.scope}
        # Answers of another version or account are left to themselves.
        fitting = [
            records for head, records in found if head is not None and {**head["of"], "spaces": self.scope} == whose
        ]
        head = {"kind": heads[0]["kind"], "of": whose, "began": min(head["began"] for head in heads)}
        line = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
        os.makedirs(self.whole, exist_ok=True)
        _write(os.path.join(self.whole, _ANSWERS), b"".join([line, b"\n", *fitting]))

    def clear(self) -> None:
        """Removes what is left of the slices."""
        for at in range(len(self.parts)):
            shutil.rmtree(self.folder(at), ignore_errors=True)
            with suppress(OSError):
                os.remove(self.kept(at))


def split(name: str, given: Hidden, folder: str, slices: int, options: Mapping[str, Any]) -> Slices:
    """Splits a site by its spaces, so that the slices ask what the whole would ask.

    A crawl lists contents in batches of spaces in the order of their keys, as many batches as requests at the same
    time. A slice is as many whole batches as it has requests at the same time.
    """
    most = int(given.value.get("max_concurrency", _MOST_REQUESTS))
    count = max(1, min(slices, most))
    width = max(1, most // count)
    per_second = given.value.get("requests_per_second")
    rate = None if per_second is None else per_second / count
    whole = checkpoint_of(folder, name)
    try:
        with connected(given.value, {}) as wiki:
            scope = spaces_of(options.get("spaces"), wiki)
            keys = sorted(wiki.spaces()["key"] if scope is None else scope)
    except ConfluenceError:
        # The snapshot fails in the same way, and says so.
        return Slices(whole, None, [], most, rate)
    size = width * -(-len(keys) // (width * count))
    parts = [keys[at : at + size] for at in range(0, len(keys), max(1, size))]
    return Slices(whole, scope, parts, width, rate)


def read_slice(slices: Slices, at: int, given: Hidden, options: Mapping[str, Any]) -> int:
    """Reads a slice, and leaves its answers for the whole. Returns how many requests it took."""
    if at >= len(slices.parts) or slices.joined or os.path.exists(slices.kept(at)):
        return 0
    folder = slices.folder(at)
    os.makedirs(folder, exist_ok=True)
    wanted = {**options, "spaces": slices.parts[at], "strict": False, "progress": False}
    settings = {"max_concurrency": slices.width, "requests_per_second": slices.rate}
    requests = 0
    # A snapshot removes its checkpoint at the end. An open file can still be read.
    with open(os.path.join(folder, _ANSWERS), "a+b") as file:
        # What this one could not read, the whole asks for.
        with suppress(ConfluenceError), connected(given.value, settings) as wiki:
            try:
                wiki.snapshot(resume=folder, **wanted)
            finally:
                requests = wiki.usage().requests
        file.seek(0)
        _write(slices.kept(at), file.read())
    return requests


def _read(path: str) -> tuple[dict[str, Any] | None, bytes]:
    """The first line of a checkpoint, and its whole records."""
    try:
        with open(path, "rb") as file:
            line, records = file.readline(), file.read()
        head = json.loads(line)
    except (OSError, ValueError):
        return None, b""
    return head, records[: _end(records)]


def _end(records: bytes) -> int:
    """Where the last whole record ends: a length of four bytes, eight of a checksum, and so many more."""
    end = 0
    while end + 12 <= len(records):
        after = end + 12 + int.from_bytes(records[end : end + 4], "little")
        if after > len(records):
            break
        end = after
    return end


def _write(path: str, content: bytes) -> None:
    """Writes a file completely or not at all."""
    new = f"{path}.{os.getpid()}"
    with open(new, "wb") as file:
        file.write(content)
    os.replace(new, path)
