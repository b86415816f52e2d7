"""The progress display of a snapshot."""

from __future__ import annotations

import shutil
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


class Display(Protocol):
    """A display of stages."""

    def show(self, stages: Stages) -> None:
        """Shows the current stages."""

    def close(self) -> None:
        """Closes the display."""


class Ticker:
    """Reads the counters of the core and shows them."""

    def __init__(self, counters: _core.Progress, display: Display | None) -> None:
        self._counters = counters
        self._display = display

    def __call__(self) -> None:
        """Shows the current counters."""
        if self._display is not None:
            self._display.show(self._counters.stages())

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
    return _bar() if wanted else None


def _bar() -> Display:
    try:
        with warnings.catch_warnings():
            # In a notebook without ipywidgets tqdm warns and falls back to text, which is what we want.
            warnings.simplefilter("ignore")
            from tqdm.auto import tqdm
    except ImportError:
        return Line()
    return Bar(tqdm)


class Reporter:
    """Calls a function for each stage that changed."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._last: dict[str, tuple[int, int | None]] = {}

    def show(self, stages: Stages) -> None:
        """Shows the current stages."""
        for stage, done, total in stages:
            if self._last.get(stage, (0, None)) != (done, total):
                self._last[stage] = (done, total)
                self._report(stage, done, total)

    def close(self) -> None:
        """Closes the display."""


def _moving(stages: Stages) -> list[str]:
    return [stage for stage, done, total in stages if (done or total) and done != total]


class Bar:
    """A tqdm bar over all stages."""

    def __init__(self, tqdm: type[Any]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._bar = tqdm(desc="snapshot", unit="", total=0)

    def show(self, stages: Stages) -> None:
        """Shows the current stages."""
        done = sum(done for _, done, _ in stages)
        total = sum(max(done, total or 0) for _, done, total in stages)
        moving = ", ".join(_moving(stages))
        if (done, total) != (self._bar.n, self._bar.total):
            self._bar.total = total
            self._bar.set_description(f"snapshot: {moving}" if moving else "snapshot", refresh=False)
            self._bar.update(done - self._bar.n)
            self._bar.refresh()

    def close(self) -> None:
        """Closes the display."""
        self._bar.close()


class Line:
    """One line on standard error: rewritten in place on a terminal, printed once at the end elsewhere."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._last = ""
        self._stages: Stages = []

    def show(self, stages: Stages) -> None:
        """Shows the current stages."""
        self._stages = stages
        if sys.stderr.isatty():
            text = self._text("reading", "")
            if text != self._last:
                self._rewrite(text, "")

    def close(self) -> None:
        """Closes the display."""
        if not self._stages:
            return
        text = self._text("read", f" in {time.monotonic() - self._started:.1f} s")
        if sys.stderr.isatty():
            self._rewrite(text, "\n")
        else:
            sys.stderr.write(text + "\n")

    def _text(self, verb: str, end: str) -> str:
        parts = [
            f"{stage} {done}" if total in (None, done) else f"{stage} {done}/{total}"
            for stage, done, total in self._stages
            if done or total
        ]
        if not parts:
            return "connecting"
        room = shutil.get_terminal_size().columns - 1 if sys.stderr.isatty() else 1000
        while len(parts) > 1 and len(verb) + 1 + len(", ".join(parts)) + len(end) > room:
            parts.pop()
        return f"{verb} {', '.join(parts)}{end}"

    def _rewrite(self, text: str, end: str) -> None:
        # Padded, so that the rest of a longer line is overwritten.
        sys.stderr.write("\r" + text.ljust(len(self._last)) + end)
        sys.stderr.flush()
        self._last = text
