"""Lines of Python's `logging`: requests that are repeated, waits, and what could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .escapes import visible

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Sequence

    from .records import Gap

# What could not be read of one answer; its `gaps` list all.
_MOST = 100


def requests(lines: Iterable[tuple[str, dict[str, Any]]], dropped: int) -> None:
    """Writes what happened to requests. Called by the core.

    Args:
        lines: Each with what is known, as attributes of the log record.
        dropped: How many more there were than were kept.
    """
    logger = _logger("requests")
    for text, known in lines:
        logger.log(_LEVELS.get(known["event"], _INFO), "%s", visible(text), extra=known)
    if dropped:
        logger.info("%d more lines were not kept", dropped)


def gaps(table: Sequence[Gap], what: str) -> None:
    """Writes what could not be read, one line each."""
    logger = _logger("gaps")
    if not logger.isEnabledFor(_WARNING):
        return
    for gap in table[:_MOST]:
        known = {"scope": gap.scope, "subject": gap.subject, "cause": gap.cause, "status": gap.status}
        text = f"{what}: {gap.scope} {gap.subject}: {gap.cause}: {gap.message}"
        logger.warning("%s", visible(text), extra={**known, "route": gap.route})
    if len(table) > _MOST:
        logger.warning("%s: %d more parts could not be read: see `gaps`", what, len(table) - _MOST)


_INFO, _WARNING = 20, 30
_LEVELS = {"too_long": _WARNING}


def _logger(name: str) -> logging.Logger:
    # Importing this takes a while, and most calls have nothing to say.
    import logging

    package = logging.getLogger(__package__)
    if not package.handlers:
        # A program that does not ask for lines gets none.
        package.addHandler(logging.NullHandler())
    return package.getChild(name)
