"""All errors, as one tree under `ConfluenceError`.

The tree follows the stages of a call: the arguments cannot be used (`ConfigurationError`), no answer came
(`NoAnswerError`), the answer is a refusal (`ResponseError`), the answer cannot be read (`UnreadableAnswerError`), the
client can no longer send requests (`ClosedError`, `ForkedError`), or the answer has missing parts (`IncompleteError`).
Most classes also derive from the matching built-in, so that `except PermissionError` and `except LookupError` work.

Every error has `status`, `request_id`, `retry_after`, `attempts`, `url` and `gaps`, each None or empty where it does
not apply. None of them contains a secret. The chain of causes is in `__cause__`, and every error can be pickled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from . import logs
from .escapes import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .records import Gap

__all__ = [
    "AmbiguousError",
    "AuthenticationError",
    "CertificateError",
    "ClosedError",
    "ConfigurationError",
    "ConfluenceError",
    "DifferentSitesError",
    "ForbiddenError",
    "ForkedError",
    "GoneError",
    "IncompleteError",
    "LockoutError",
    "MissingSnapshotError",
    "NewerSnapshotError",
    "NoAnswerError",
    "NotConfluenceError",
    "NotFoundError",
    "NotInSnapshotError",
    "OccupiedFolderError",
    "OtherSiteError",
    "PlanError",
    "RateLimitError",
    "RequestError",
    "RequestTimeoutError",
    "ResponseError",
    "RolesOnlyError",
    "SecureSessionError",
    "ServerError",
    "SnapshotError",
    "StoreError",
    "StoreForbiddenError",
    "UnavailableError",
    "UnreadableAnswerError",
    "UnreadableSnapshotError",
]


_FACTS = ("candidates", "nearest", "line", "status", "url", "attempts", "retry after", "request id")
"""What a notebook shows of an error: names of attributes, where they are known."""

_GAPS_SHOWN = 20


class ConfluenceError(Exception):
    """The base class of all errors of this package.

    Attributes:
        status: HTTP status of the answer; None if there was no answer.
        request_id: Id under which the server's operators find the request; None if the server sent none.
        retry_after: Seconds to wait before the next request; None if the server did not say.
        attempts: How many times the request was sent; None if no request was involved.
        url: Address of the request, without query and credentials; None if no request was involved.
        gaps: What could not be read, as `Gap` records; empty if nothing is missing.
    """

    status: int | None
    request_id: str | None
    retry_after: float | None
    attempts: int | None
    url: str | None
    gaps: Sequence[Gap]

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        attempts: int | None = None,
        url: str | None = None,
        gaps: Sequence[Gap] = (),
    ) -> None:
        # A message may quote a server, and is printed.
        super().__init__(visible(message))
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.attempts = attempts
        self.url = url
        self.gaps = gaps

    def _repr_html_(self) -> str:
        """The error, where a notebook shows it as a value; while it is raised, notebooks show text."""
        from . import notebook

        known = [(name, self.__dict__.get(name.replace(" ", "_"))) for name in _FACTS]
        texts = [
            (name, ", ".join(map(str, value)) if isinstance(value, tuple) else str(value))
            for name, value in known
            if value is not None and value != ()
        ]
        parts = [notebook.error(type(self).__name__, str(self)), notebook.facts("", texts)]
        if gaps := self.gaps[:_GAPS_SHOWN]:
            columns = [(name, name, "text") for name in ("scope", "subject", "cause")]
            columns.append(("message", "message", "prose"))
            rows = [(gap.scope, gap.subject or "", gap.cause, gap.message) for gap in gaps]
            more = len(self.gaps) - len(gaps)
            parts.append(notebook.table(columns, rows, "Not read", [f"and {more} more: see .gaps"] if more else []))
        return notebook.page(*parts)

    def __reduce__(self) -> tuple[Any, ...]:
        # The default calls the class again with only `args`, and would lose everything else.
        return _restored, (type(self), self.args), self.__dict__.copy()


def _restored(kind: type[ConfluenceError], args: tuple[object, ...]) -> ConfluenceError:
    error = kind.__new__(kind)
    error.args = args
    return error


class ConfigurationError(ConfluenceError, ValueError):
    """An argument or setting cannot be used: no credentials, a malformed address, plain http to another machine."""


class DifferentSitesError(ConfigurationError):
    """Two things that must be of one site are of two: use `compare` for snapshots of two sites."""


class NoAnswerError(ConfluenceError, ConnectionError):
    """No answer came: the host is unknown, nothing listens there, or the connection broke."""


class RequestTimeoutError(NoAnswerError, TimeoutError):
    """No answer came in time."""


class CertificateError(NoAnswerError):
    """The server's certificate is not trusted, or the server asks for a client certificate.

    Pass the authority of your company as `ca_bundle=`, the certificate of the client as `client_cert=`.
    """


class ResponseError(ConfluenceError):
    """The server answered with a status of 400 or more."""


class RequestError(ResponseError, ValueError):
    """The server refuses the request (a 4xx that has no class of its own)."""


class AuthenticationError(ResponseError, PermissionError):
    """The server rejects the credentials (401), or treats the caller as anonymous."""


class ForbiddenError(ResponseError, PermissionError):
    """The account may not do this (403)."""


class NotFoundError(ResponseError, LookupError):
    """It does not exist, or this account may not know that it does (404).

    Also raised if nobody in a snapshot has a given name: then no request was sent, and `status` is None.

    Attributes:
        nearest: Similar texts that would be found; empty if there are none.
    """

    nearest: Sequence[str]

    def __init__(self, message: str = "", *, nearest: Sequence[str] = (), **known: Any) -> None:
        super().__init__(message, **known)
        self.nearest = tuple(nearest)


class SecureSessionError(ForbiddenError):
    """Data Center: secure administrator sessions (WebSudo) ask for the password again, which no program can answer."""


class UnavailableError(NotFoundError):
    """Data Center: a part of the server is not installed, or is switched off: the Extender add-on, the remote API."""


class GoneError(ResponseError, LookupError):
    """The server has removed this route (410)."""


class RateLimitError(ResponseError):
    """The server asks to slow down (429), still after all retries. `retry_after` is the wait in seconds."""


class ServerError(ResponseError):
    """The server failed (5xx), still after all retries."""


class UnreadableAnswerError(ConfluenceError, ValueError):
    """An answer does not have the expected shape."""


class NotConfluenceError(UnreadableAnswerError):
    """Something other than Confluence's API answers at this address: a login page, a proxy, another product."""


class AmbiguousError(ConfluenceError, LookupError):
    """A name matches several.

    Attributes:
        candidates: What it matches, each as the text to write instead.
    """

    candidates: Sequence[str]

    def __init__(self, message: str = "", *, candidates: Sequence[str] = (), **known: Any) -> None:
        super().__init__(message, **known)
        self.candidates = tuple(candidates)


class ClosedError(ConfluenceError, RuntimeError):
    """The client was closed."""


class ForkedError(ConfluenceError, RuntimeError):
    """The client was created in another process. A forked process needs a client of its own."""


class LockoutError(ConfluenceError, PermissionError):
    """A change would remove the caller's own access, and was not made. `allow_lockout=True` makes it anyway."""


class RolesOnlyError(ConfluenceError, ValueError):
    """The site gives access to spaces by roles only and refuses single permissions: use `assign_role`."""


class PlanError(ConfluenceError, ValueError):
    """A plan cannot be used: the product cannot do what a line says, or a file does not contain a plan.

    Attributes:
        line: The line of the plan, counted from 1; None if the plan as a whole is meant.
    """

    line: int | None

    def __init__(self, message: str = "", *, line: int | None = None, **known: Any) -> None:
        super().__init__(message, **known)
        self.line = line


class OtherSiteError(ConfluenceError, ValueError):
    """Something was made for another site: nothing was sent."""


class IncompleteError(ConfluenceError):
    """Parts are missing and `strict=True` was given. `gaps` lists the parts."""


class SnapshotError(ConfluenceError):
    """A folder cannot be read as a snapshot, or is not overwritten."""


class UnreadableSnapshotError(SnapshotError, ValueError):
    """A saved snapshot is incomplete or damaged."""


class NewerSnapshotError(SnapshotError, ValueError):
    """A saved snapshot was written by a newer version of this package."""


class MissingSnapshotError(SnapshotError, FileNotFoundError):
    """There is no saved snapshot."""


class OccupiedFolderError(SnapshotError, FileExistsError):
    """A folder holds something else and is not overwritten."""


class StoreError(SnapshotError, OSError):
    """The folder or the object store of a snapshot cannot be read or written: full, broken, or without an answer.

    `errno` is that of the operating system; what was there before is unchanged.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        made, args, known = super().__reduce__()
        # It is no part of the dict.
        return made, args, {**known, "errno": self.errno}


class StoreForbiddenError(StoreError, PermissionError):
    """The folder or the object store of a snapshot refuses access, or is read-only."""


class NotInSnapshotError(ConfluenceError, LookupError):
    """The snapshot does not contain this content item or space. That does not mean that nobody can see it."""


class _WithGaps(Protocol):
    """An answer with gaps."""

    @property
    def gaps(self) -> Sequence[Gap]: ...


_A = TypeVar("_A", bound=_WithGaps)


def checked(answer: _A, what: str, strict: bool) -> _A:
    """Returns the answer, or raises an error with its gaps if `strict` is true and something is missing."""
    gaps = answer.gaps
    if len(gaps):
        logs.gaps(gaps, what)
    if strict and len(gaps):
        raise IncompleteError(
            f"{what}: {len(gaps)} part(s) could not be read, first: {gaps[0].message}; see `gaps` of this error",
            gaps=gaps,
        )
    return answer
