"""Times as people write them, converted to milliseconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from .errors import ConfigurationError

Moment = str | date | datetime | timedelta
"""A `datetime` with a time zone, a `date` (UTC), ISO text, or a time span before now (`timedelta`, `"30d"`)."""

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FORMS = (
    'a `datetime` with a time zone, a `date`, ISO text such as "2026-11-01" or "2026-11-01T08:00:00Z", or how long ago '
    'such as "30d" (m, h, d, w)'
)


def milliseconds(value: Moment | None, name: str, *, end: bool = False, now: datetime | None = None) -> int | None:
    """A time as milliseconds since 1970.

    Args:
        value: The time; None stays None.
        name: Its name in messages.
        end: Whether a date without a time means the end of that day instead of its beginning.
        now: The time that a time span counts back from.

    Raises:
        ConfigurationError: It cannot be understood, or has no time zone.
    """
    if value is None:
        return None
    at = _moment(value, name, end, now or datetime.now(UTC))
    # In whole numbers: a float cannot hold the microseconds of this century.
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def microseconds(value: Moment, name: str) -> int:
    """A time as microseconds since 1970.

    Raises:
        ConfigurationError: It cannot be understood, or has no time zone.
    """
    return (moment(value, name) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def moment(value: Moment, name: str, *, end: bool = False) -> datetime:
    """A time with its time zone; the arguments are those of `milliseconds`.

    Raises:
        ConfigurationError: It cannot be understood, or has no time zone.
    """
    return _moment(value, name, end, datetime.now(UTC))


def span(since: Moment | None, until: Moment | None) -> tuple[int | None, int | None]:
    """The milliseconds of `since` and `until`.

    Raises:
        ConfigurationError: One is invalid or has no time zone, or the first is after the last.
    """
    # One "now" for both: `since="1h", until="1h"` is a moment, not a contradiction.
    now = datetime.now(UTC)
    first, last = milliseconds(since, "since", now=now), milliseconds(until, "until", end=True, now=now)
    if first is not None and (last if last is not None else milliseconds(now, "now") or 0) < first:
        raise ConfigurationError(f"`since` ({since}) is after `until` ({'now' if until is None else until})")
    return first, last


def _moment(value: Moment, name: str, end: bool, now: datetime) -> datetime:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ConfigurationError(
                f"`{name}` has no time zone: give it one (`tzinfo=timezone.utc`), or `.astimezone()` for local time"
            )
        return value
    if isinstance(value, date):
        day = datetime(value.year, value.month, value.day, tzinfo=UTC)
        return day + timedelta(days=1) - timedelta(milliseconds=1) if end else day
    if isinstance(value, timedelta):
        return _ago(value, name, now)
    if not isinstance(value, str):
        raise ConfigurationError(f"`{name}` is {_FORMS}, not `{type(value).__name__}`")
    text = value.strip()
    if text.lower() == "now":
        return now
    if ago := re.fullmatch(r"(\d{1,6})\s*([mhdw])", text.lower()):
        return _ago(timedelta(**{_UNITS[ago[2]]: int(ago[1])}), name, now)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return _moment(date.fromisoformat(text), name, end, now)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"`{name}` is {_FORMS}, not `{value}`") from None
    if at.utcoffset() is None:
        raise ConfigurationError(f"`{name}` has no time zone: write `{text}Z` for UTC, or an offset such as `+01:00`")
    return at


def _ago(span: timedelta, name: str, now: datetime) -> datetime:
    if span < timedelta(0):
        raise ConfigurationError(f"`{name}` is how long ago, and not less than nothing: `{span}`")
    try:
        return now - span
    except OverflowError:
        raise ConfigurationError(f"`{name}` is further back than there are years") from None
