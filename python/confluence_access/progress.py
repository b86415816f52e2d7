"""The progress display of a snapshot."""

from __future__ import annotations

import math
import sys
import time
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from . import _core

Report = Callable[[str, int, int | None], object]
"""Called with the stage, the number done, and the total, which is None while it is unknown."""

Stages = list[tuple[str, int, int | None]]

T = TypeVar("T")

# What is over sooner needs no display.
_DELAY = 0.5


class Display(Protocol):
    """A display of stages."""

    def show(self, stages: Stages, paused: float | None = None) -> None:
        """Shows the current stages; `paused`: seconds until requests may be sent again."""

    def close(self) -> None:
        """Closes the display."""


class Ticker:
    """Reads the counters of the core and shows them."""

    def __init__(self, counters: _core.Progress, client: _core.Client, display: Display | None) -> None:
        self._counters = counters
        self._client = client
        self._display = display

    def __call__(self) -> None:
        """Shows the current counters."""
        if self._display is not None:
            self._display.show(self._counters.stages(), self._client.paused())

    def wait(self, call: _core.Call[T]) -> T:
        """Waits for the answer of a call and updates the display meanwhile."""
        return call.wait(self)

    async def future(self, call: _core.Call[T]) -> T:
        """Awaits the answer of a call and updates the display meanwhile."""
        import asyncio

        future = call.future()
        try:
            while not future.done():
                # Does not cancel the future when the time is over.
                await asyncio.wait((future,), timeout=0.05)
                call.log()
                self()
            return future.result()
        finally:
            future.cancel()

    def close(self) -> None:
        """Closes the display."""
        if self._display is not None:
            self._display.close()


def display(wanted: bool | Report) -> Display | None:
    """The display that `progress=` asks for."""
    if callable(wanted):
        return Reporter(wanted)
    return _for_people() if wanted else None


def _for_people() -> Display:
    # A notebook has no line that could be rewritten.
    if "ipykernel" in sys.modules:
        try:
            with warnings.catch_warnings():
                # Without ipywidgets tqdm warns and falls back to text, which is what we want.
                warnings.simplefilter("ignore")
                from tqdm.auto import tqdm
        except ImportError:
            return Line()
        return Bar(tqdm)
    return Line()


class Reporter:
    """Calls a function for each stage that changed."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._last: dict[str, tuple[int, int | None]] = {}

    def show(self, stages: Stages, paused: float | None = None) -> None:
        """Shows the current stages."""
        for stage, done, total in stages:
            if self._last.get(stage, (0, None)) != (done, total):
                self._last[stage] = (done, total)
                self._report(stage, done, total)

    def close(self) -> None:
        """Closes the display."""


def _moving(stages: Stages) -> Stages:
    return [(stage, done, total) for stage, done, total in stages if (done or total) and done != total]


def _waiting(paused: float) -> str:
    return f"rate limited, waiting {max(1, math.ceil(paused))} s"


class Bar:
    """A tqdm bar over all stages, for notebooks."""

    def __init__(self, tqdm: type[Any]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._bar = tqdm(desc="snapshot", unit="", total=0, delay=_DELAY, leave=False)

    def show(self, stages: Stages, paused: float | None = None) -> None:
        """Shows the current stages."""
        done = sum(done for _, done, _ in stages)
        total = sum(max(done, total or 0) for _, done, total in stages)
        now = ", ".join(stage for stage, _, _ in _moving(stages)) if paused is None else _waiting(paused)
        text = f"snapshot: {now}" if now else "snapshot"
        if (done, total, text) != (self._bar.n, self._bar.total, self._bar.desc.removesuffix(": ")):
            self._bar.total = total
            self._bar.set_description(text, refresh=False)
            self._bar.update(done - self._bar.n)
            self._bar.refresh()

    def close(self) -> None:
        """Closes the display."""
        self._bar.close()


class Line:
    """A line on a terminal, shown after half a second, rewritten in place, erased at the end; elsewhere nothing."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._shown = ""

    def show(self, stages: Stages, paused: float | None = None) -> None:
        """Shows the current stages."""
        if not sys.stderr.isatty() or time.monotonic() - self._started < _DELAY:
            return
        text = self._text(stages, paused)
        if text != self._shown:
            self._write(text)

    def close(self) -> None:
        """Closes the display."""
        if self._shown:
            self._write("")

    def _text(self, stages: Stages, paused: float | None) -> str:
        parts = [_count(*stage) for stage in _moving(stages)]
        # The stages overlap; where none is at work, the last one that was is on its way to the next.
        parts = parts or [_count(*stage) for stage in stages if stage[1] or stage[2]][-1:]
        if paused is not None:
            parts.insert(0, _waiting(paused))
        if not parts:
            return "connecting"
        import shutil

        room = shutil.get_terminal_size().columns - 1
        text = f"reading {', '.join(parts)}" if paused is None else "; ".join([parts[0], ", ".join(parts[1:])])
        text = text.rstrip("; ")
        return text if len(text) <= room else text[: max(0, room - 1)] + "…"

    def _write(self, text: str) -> None:
        # Padded, so that the rest of a longer line is overwritten.
        gone = " " * (len(self._shown) - len(text))
        back = "" if text else "\r"
        encoding = sys.stderr.encoding or "ascii"
        shown = text.encode(encoding, "replace").decode(encoding)
        sys.stderr.write(f"\r{shown}{gone}{back}")
        sys.stderr.flush()
        self._shown = text


def _count(stage: str, done: int, total: int | None) -> str:
    return f"{stage} {done:,}" if total in (None, done) else f"{stage} {done:,}/{total:,}"
