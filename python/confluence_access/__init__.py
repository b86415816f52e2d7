"""Who can see or edit what in Confluence, why, and who changed it when.

    >>> from confluence_access import Confluence
    >>> wiki = Confluence("https://acme.atlassian.net", username="ann@acme.com", token="secret")
    >>> wiki
    <Confluence https://acme.atlassian.net as ann@acme.com, 0 requests>

`Confluence` and `AsyncConfluence` read a site. `Snapshot` is the whole picture of it, `Access` answers who can view or
edit what, and why. Everything comes as a `Table` of typed records that pandas, polars and DuckDB read without a copy.
`Simulator` is a site to try it on.
"""

from . import _core
from .access import Access, Decision, Explanation, Pairs, Tree, Verification
from .audit import permission_changes, read_audit_log
from .client import AsyncConfluence, Confluence, Server, Usage
from .errors import (
    AmbiguousError,
    AuthenticationError,
    CertificateError,
    ClosedError,
    ConfigurationError,
    ConfluenceError,
    ForbiddenError,
    ForkedError,
    GoneError,
    IncompleteError,
    LockoutError,
    MissingSnapshotError,
    NewerSnapshotError,
    NoAnswerError,
    NotConfluenceError,
    NotFoundError,
    NotInSnapshotError,
    OccupiedFolderError,
    RateLimitError,
    RequestError,
    RequestTimeoutError,
    ResponseError,
    RolesOnlyError,
    SecureSessionError,
    ServerError,
    SnapshotError,
    UnavailableError,
    UnreadableAnswerError,
    UnreadableSnapshotError,
)
from .records import (
    AuditRecord,
    CheckResult,
    Content,
    ContentAccess,
    Directory,
    DirectoryLink,
    Disagreement,
    Finding,
    Gap,
    Grantee,
    Group,
    Membership,
    Pair,
    PermissionChange,
    Restriction,
    Space,
    SpacePermission,
    SummaryRow,
    User,
    WriteResult,
)
from .simulator import LoggedRequest, Simulator
from .snapshot import Site, Snapshot
from .tables import Table

__version__ = _core.VERSION

__all__ = [
    "Access",
    "AmbiguousError",
    "AsyncConfluence",
    "AuditRecord",
    "AuthenticationError",
    "CertificateError",
    "CheckResult",
    "ClosedError",
    "ConfigurationError",
    "Confluence",
    "ConfluenceError",
    "Content",
    "ContentAccess",
    "Decision",
    "Directory",
    "DirectoryLink",
    "Disagreement",
    "Explanation",
    "Finding",
    "ForbiddenError",
    "ForkedError",
    "Gap",
    "GoneError",
    "Grantee",
    "Group",
    "IncompleteError",
    "LockoutError",
    "LoggedRequest",
    "Membership",
    "MissingSnapshotError",
    "NewerSnapshotError",
    "NoAnswerError",
    "NotConfluenceError",
    "NotFoundError",
    "NotInSnapshotError",
    "OccupiedFolderError",
    "Pair",
    "Pairs",
    "PermissionChange",
    "RateLimitError",
    "RequestError",
    "RequestTimeoutError",
    "ResponseError",
    "Restriction",
    "RolesOnlyError",
    "SecureSessionError",
    "Server",
    "ServerError",
    "Simulator",
    "Site",
    "Snapshot",
    "SnapshotError",
    "Space",
    "SpacePermission",
    "SummaryRow",
    "Table",
    "Tree",
    "UnavailableError",
    "UnreadableAnswerError",
    "UnreadableSnapshotError",
    "Usage",
    "User",
    "Verification",
    "WriteResult",
    "permission_changes",
    "read_audit_log",
]
