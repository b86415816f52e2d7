"""What can go wrong, as one tree under `ConfluenceError`.

The tree follows the stages of a call: what was asked for cannot be used (`ConfigurationError`), no answer came
(`NoAnswerError`), the answer says no (`ResponseError`), the answer cannot be read (`UnreadableAnswerError`), the client
can no longer ask (`ClosedError`, `ForkedError`), or an answer is there but parts are missing (`IncompleteError`). Each
class also inherits the builtin one would catch, so that `except PermissionError` and `except LookupError` work.

Every error knows, as far as it applies, `status`, `request_id`, `retry_after`, `attempts`, `url` and `gaps`; none of
them holds a secret. The chain of causes is in `__cause__`, and every error can be pickled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    "RateLimitError",
    "RequestError",
    "RequestTimeoutError",
    "ResponseError",
    "RolesOnlyError",
    "SecureSessionError",
    "ServerError",
    "SnapshotError",
    "UnavailableError",
    "UnreadableAnswerError",
    "UnreadableSnapshotError",
]


class ConfluenceError(Exception):
    """Whatever goes wrong in this package.

    Attributes:
        status: HTTP status of the answer; None where there was no answer.
        request_id: Id under which the server's operators find the request; None where the server gave none.
        retry_after: Seconds after which the server wants to be asked again; None where it did not say.
        attempts: How many times the request was sent; None where no request was involved.
        url: Address that was asked, without query and credentials; None where no request was involved.
        gaps: What could not be read, as `Gap` records; empty where nothing is missing.
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
        # A message may repeat what a server said, and is printed.
        super().__init__(visible(message))
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.attempts = attempts
        self.url = url
        self.gaps = gaps

    def __reduce__(self) -> tuple[Any, ...]:
        # The default calls the class again with `args` alone and would lose everything else.
        return _restored, (type(self), self.args), self.__dict__.copy()


def _restored(kind: type[ConfluenceError], args: tuple[object, ...]) -> ConfluenceError:
    error = kind.__new__(kind)
    error.args = args
    return error


class ConfigurationError(ConfluenceError, ValueError):
    """What was given cannot be used: a missing credential, a malformed address, plain http to another machine."""


class NoAnswerError(ConfluenceError, ConnectionError):
    """No answer came: the name is unknown, nobody listens there, or the connection broke."""


class RequestTimeoutError(NoAnswerError, TimeoutError):
    """No answer came in time."""


class CertificateError(NoAnswerError):
    """The server's certificate is not trusted, or it asks for one of the client.

    `ca_bundle=` names the authority of a company, `client_cert=` the certificate of the client.
    """


class ResponseError(ConfluenceError):
    """The server answered with a status of 400 or more."""


class RequestError(ResponseError, ValueError):
    """The server refuses the request as it was asked (a 4xx that has no class of its own)."""


class AuthenticationError(ResponseError, PermissionError):
    """The server does not accept the credentials (401), or treats the caller as anonymous."""


class ForbiddenError(ResponseError, PermissionError):
    """The server knows the account and refuses it this (403)."""


class NotFoundError(ResponseError, LookupError):
    """It does not exist, or this account may not know that it does (404).

    Also raised where a snapshot has nobody of a name; no request was sent then, and `status` is None.

    Attributes:
        nearest: Texts close to what was asked for that do mean something; empty where none is close.
    """

    nearest: Sequence[str]

    def __init__(self, message: str = "", *, nearest: Sequence[str] = (), **known: Any) -> None:
        super().__init__(message, **known)
        self.nearest = tuple(nearest)


class SecureSessionError(ForbiddenError):
    """Secure administrator sessions (WebSudo) ask for the password again, which no program is asked (Data Center)."""


class UnavailableError(NotFoundError):
    """A part of the server is not installed or switched off: the Extender add-on, the remote API (Data Center)."""


class GoneError(ResponseError, LookupError):
    """The server has taken this route away (410)."""


class RateLimitError(ResponseError):
    """The server asks to slow down (429), still after all retries. `retry_after` says for how many seconds."""


class ServerError(ResponseError):
    """The server failed (5xx), still after all retries."""


class UnreadableAnswerError(ConfluenceError, ValueError):
    """An answer came that does not have the shape it should have."""


class NotConfluenceError(UnreadableAnswerError):
    """What answers at this address is not Confluence's API: a login page, a proxy, another product."""


class AmbiguousError(ConfluenceError, LookupError):
    """A name fits several.

    Attributes:
        candidates: What it fits, as the texts one could have written instead.
    """

    candidates: Sequence[str]

    def __init__(self, message: str = "", *, candidates: Sequence[str] = (), **known: Any) -> None:
        super().__init__(message, **known)
        self.candidates = tuple(candidates)


class ClosedError(ConfluenceError, RuntimeError):
    """The client was closed."""


class ForkedError(ConfluenceError, RuntimeError):
    """The client was made in another process. A forked child needs a client of its own."""


class LockoutError(ConfluenceError, PermissionError):
    """A change would take the caller's own access, and was not made. `allow_lockout=True` makes it all the same."""


class RolesOnlyError(ConfluenceError, ValueError):
    """The site gives access to spaces by roles only and refuses single permissions: `assign_role` is the way."""


class IncompleteError(ConfluenceError):
    """Parts are missing and `strict=True` asked not to go on without them. `gaps` says which."""


class SnapshotError(ConfluenceError):
    """A folder is no snapshot that can be read, or may not be written over."""


class UnreadableSnapshotError(SnapshotError, ValueError):
    """A saved snapshot is incomplete or damaged."""


class NewerSnapshotError(SnapshotError, ValueError):
    """A saved snapshot was written by a newer version of this package."""


class MissingSnapshotError(SnapshotError, FileNotFoundError):
    """There is no saved snapshot."""


class OccupiedFolderError(SnapshotError, FileExistsError):
    """A folder holds something else and is not written over."""


class NotInSnapshotError(ConfluenceError, LookupError):
    """A content was not listed. That does not mean that nobody can see it."""
