"""Types for type checkers, which report a mistyped word before anything runs.

>>> from confluence_access.types import Operation
>>> wanted: Operation = "view"
"""

from __future__ import annotations

from typing import Literal, TypedDict

# `python -m confluence_access._generate` writes the words of every `Literal` that Rust declares.

__all__ = [
    "AsIf",
    "CauseKind",
    "Change",
    "Confidence",
    "ContentDescription",
    "Dangling",
    "DecisionWord",
    "Deployment",
    "DiffBy",
    "ExportTarget",
    "ExposureCode",
    "ExposureKind",
    "FindingCode",
    "GapDescription",
    "GapScope",
    "GroupDescription",
    "Operation",
    "OperationLike",
    "Outcome",
    "Reach",
    "RefreshOutcome",
    "RefreshReason",
    "RefreshScope",
    "RestrictionDescription",
    "RestrictionOperation",
    "RestrictionOperationLike",
    "Severity",
    "Side",
    "SiteDescription",
    "SpaceDescription",
    "SpaceLevel",
    "UnmatchedKind",
    "UnmatchedReason",
    "UseKind",
    "UserDescription",
    "WriteKind",
]

Deployment = Literal["cloud", "datacenter"]
"""The product."""

Operation = Literal["view", "edit", "comment", "delete", "create_page", "remove_restrictions"]
"""What somebody does with a content item."""

OperationLike = Operation | Literal["read", "update"]
"""An operation as an argument: also in the words of the servers, `read` for `view` and `update` for `edit`."""

RestrictionOperation = Literal["view", "edit"]
"""The kind of a restriction."""

RestrictionOperationLike = RestrictionOperation | Literal["read", "update"]
"""The same as an argument: also in the words of the servers."""

DecisionWord = Literal["allowed", "unknown", "denied"]
"""A decision."""

GapScope = Literal["site", "space", "space_permissions", "content", "operation", "group", "user", "audit"]
"""What a gap is about."""

RefreshScope = Literal["site", "spaces", "contents", "space_permissions", "groups", "users"]
"""A part of a snapshot, as a refresh treats it."""

RefreshOutcome = Literal["read", "kept", "gone"]
"""What a refresh did with a part."""

RefreshReason = Literal["not_recorded", "unchanged", "changed", "roles", "new", "gap", "log", "view", "sample", "gone"]
"""Why a refresh read a part again, or did not."""

Severity = Literal["high", "medium", "low"]
"""How serious a finding is."""

FindingCode = Literal[
    "open_to_anonymous",
    "public_link_on_restricted_content",
    "anonymous_may_edit",
    "open_through_anonymous_grant",
    "restricted_to_nobody_active",
    "no_active_admin",
    "editable_by_nobody",
    "listed_without_space_view",
    "child_lists_who_fails_parent",
    "edit_entry_without_view_entry",
    "stale_group",
    "public_link_on",
    "external_may_view",
    "guest_may_edit",
    "administered_by_inactive",
    "edit_restricted_parent_with_open_children",
    "restricted_only_by_inheritance",
    "redundant_restriction",
    "individual_entries",
    "individual_space_grant",
    "inactive_entry",
    "too_many_restrictions",
    "app_may_edit",
    "empty_group_used",
    "unused_group",
    "huge_group",
    "open_to_all_licensed",
    "inventory_incomplete",
]
"""What a finding points out."""

UseKind = Literal["space_permission", "global_permission", "restriction", "shared_draft", "member_of", "contains"]
"""How something names a subject."""

Reach = Literal["internet", "link", "guests", "unlicensed", "all_users", "large_group", "some", "few", "nobody"]
"""How far something reaches, the farthest first."""

CauseKind = Literal[
    "grant",
    "role",
    "restriction",
    "membership",
    "group",
    "account",
    "move",
    "status",
    "content_added",
    "content_removed",
    "sharing",
    "space",
    "public_link",
    "site",
    "policy",
    "gap",
    "plan",
    "unknown",
]
"""What changed an answer between two snapshots."""

Side = Literal["first", "second"]
"""Which of two sites."""

UnmatchedKind = Literal["user", "group", "space", "content"]
"""What has no counterpart in the other site."""

UnmatchedReason = Literal["missing", "ambiguous", "no_key", "not_mapped"]
"""Why something has no counterpart."""

DiffBy = Literal["user", "group"]
"""Whether every account has its rows, or a group stands for its members."""

ExposureKind = Literal["content", "space"]
"""What a row of `Exposure` is about."""

ExposureCode = Literal[
    "anonymous_grant",
    "public_link",
    "guests",
    "unlicensed",
    "all_users_grant",
    "huge_group_grant",
    "own_restriction",
    "inherited_restriction",
    "no_restriction",
    "unknown_viewers",
    "unknown_anonymous",
    "unknown_public_link",
]
"""Why something reaches as far as it does."""

Change = Literal["added", "removed", "changed"]
"""What was done to a permission."""

Confidence = Literal["certain", "likely", "ambiguous", "unrecognised"]
"""How well a record of an audit log was understood."""

Outcome = Literal["added", "removed", "skipped", "failed", "would_add", "would_remove"]
"""The result of a requested change."""

WriteKind = Literal["permission", "role", "restriction", "member", "group", "parent"]
"""What a change is about."""

Dangling = Literal["refuse", "gap", "keep"]
"""How `Snapshot.from_dict` treats a reference to something that is not described."""

SpaceLevel = Literal["view", "edit", "admin"]
"""How far an account reaches in a space."""


ExportTarget = Literal[
    "microsoft_graph",
    "elasticsearch",
    "azure_ai_search",
    "azure_ai_search_acl",
    "amazon_q",
    "kendra",
    "bedrock",
    "onyx",
]
"""A system that `Access.export_acl` makes documents for."""


class AsIf(TypedDict, total=False):
    """Facts of an account that a question supposes instead of what the snapshot says.

    Attributes:
        active: Whether it may log in.
        licensed: Whether it has a licence for the product.
    """

    active: bool
    licensed: bool


class UserDescription(TypedDict, total=False):
    """An account of a described site. The default of a key is in brackets.

    Attributes:
        email: E-mail address.
        name: Username.
        display_name: The name shown to people.
        type: `person`, `app`, `customer` or `unknown` (`person`).
        active: Whether it may log in (True).
        licensed: Whether it has a licence for the product (True; for a customer False).
        guest: Whether it is a guest (False).
        app: Whether it is an app (False).
        product_admin: Whether it administers the product (False).
        org_admin: Whether it administers the organization (False).
        system_admin: Data Center: whether it is a system administrator (False).
        admin_key: Cloud: whether it holds an active admin key (False).
    """

    email: str | None
    name: str | None
    display_name: str | None
    type: Literal["person", "app", "customer", "unknown"]
    active: bool
    licensed: bool
    guest: bool
    app: bool
    product_admin: bool
    org_admin: bool
    system_admin: bool
    admin_key: bool


class GroupDescription(TypedDict, total=False):
    """A group of a described site.

    Attributes:
        members: Its members: `user:<id>` and `group:<id or name>`.
        name: Its name (the key of the group in this dict).
        listable: Whether `members` is complete (True); if not, there may be more members.
        source: `directory`, `local`, `team` or `unknown` (`unknown`).
    """

    members: list[str]
    name: str | None
    listable: bool
    source: Literal["directory", "local", "team", "unknown"]


class SpaceDescription(TypedDict, total=False):
    """A space of a described site.

    Attributes:
        type: Its type, such as `global` or `personal`.
        name: Its name.
        owner: The account that owns a personal space, as `user:<id>`.
        homepage: Id of its homepage.
        archived: Whether it is archived (False).
        public_links_enabled: Whether public links work in it (True).
        grants: Subject to its permissions, such as `{"group:eng": ["view", "create_page"]}`.
        role_assignments: Cloud: subject to names of roles.
    """

    type: str | None
    name: str | None
    owner: str | None
    homepage: str | int | None
    archived: bool
    public_links_enabled: bool
    grants: dict[str, list[str]]
    role_assignments: dict[str, list[str]]


class _ContentRequired(TypedDict):
    type: str
    space: str | int


class ContentDescription(_ContentRequired, total=False):
    """A content item of a described site.

    Attributes:
        type: `page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`, `attachment`, `comment` … (required).
        space: Key of its space (required).
        title: Its title.
        parent: Id of its parent; None for the root of a tree.
        status: `current`, `archived`, `draft` or `trashed` (`current`).
        creator: The account that created it, as `user:<id>`.
        shared_with: Subjects a draft is shared with.
        public_link: Whether it has a public link (False).
        restrictions_verified: Whether it is known that an empty list of restrictions is really empty (False).
        url: Its address.
        created_at: When it was created, such as `2026-11-21T09:30:00Z`.
        modified_at: When it was last changed.
    """

    title: str | None
    parent: str | int | None
    status: Literal["current", "archived", "draft", "trashed"]
    creator: str | None
    shared_with: list[str]
    public_link: bool
    restrictions_verified: bool
    url: str | None
    created_at: str | None
    modified_at: str | None


class RestrictionDescription(TypedDict, total=False):
    """The restrictions of a content item. An empty list restricts nothing.

    Attributes:
        view: Subjects that may view it.
        edit: Subjects that may edit it.
        read: The servers' word for `view`; give one of the two.
        update: The servers' word for `edit`; give one of the two.
    """

    view: list[str]
    edit: list[str]
    read: list[str]
    update: list[str]


class _GapRequired(TypedDict):
    scope: GapScope
    subject: str | int


class GapDescription(_GapRequired, total=False):
    """Something that could not be read.

    Attributes:
        scope: What it is about (required).
        subject: Its id or key (required).
        cause: Why, as a code such as `forbidden`.
        status: HTTP status of the answer.
        message: A sentence for people.
    """

    cause: str | None
    status: int | None
    message: str | None


class SiteDescription(TypedDict, total=False):
    """A whole site in plain data, for `Snapshot.from_dict`. Every key may be left out.

    Ids and keys are used as given. Subjects are written `user:<id>`, `group:<id or name>`, `anonymous`,
    `class:<access class>` or `unlicensed`. The value None means the same as leaving the key out.

    Attributes:
        plan: Cloud: `paid` or `free` (`paid`).
        anonymous_enabled: Whether anonymous users may use the site (False).
        anonymous_enforced: Cloud: whether anonymous grants of spaces apply to nobody while anonymous access is off for
            the site (False).
        public_links_enabled: Whether public links work (True).
        read_only: Data Center: whether the site accepts no changes (False).
        role_mode: Cloud: `PRE_ROLES`, `ROLES_TRANSITION` or `ROLES`; with `PRE_ROLES` role assignments do not count.
        verified_domains: Cloud: domains of the organization's own e-mail addresses (unknown).
        global_permissions: Subjects to their permissions of the site as a whole, such as `use`. They decide nothing:
            accounts say themselves whether they are licensed and administer.
        caller: The account whose view this is, as `user:<id>`.
        base_url: The address people open.
        version: Data Center: its version.
        policy: Switches of the policy, or a dict from deployment to switches.
        users: Accounts by id.
        groups: Groups by id or name.
        roles: Name of a role to its permissions.
        spaces: Spaces by key.
        contents: Contents by id.
        restrictions: Id of a content item to its restrictions.
        unreadable: Id of a content item to the reason why its restrictions could not be read: a status or a word.
        gaps: Anything else that could not be read.
    """

    plan: Literal["paid", "free"]
    anonymous_enabled: bool
    anonymous_enforced: bool
    public_links_enabled: bool
    read_only: bool
    role_mode: Literal["PRE_ROLES", "ROLES_TRANSITION", "ROLES"]
    verified_domains: list[str]
    global_permissions: dict[str, list[str]]
    caller: str | None
    base_url: str | None
    version: str | None
    policy: dict[str, object]
    users: dict[str, UserDescription]
    groups: dict[str, GroupDescription]
    roles: dict[str, list[str]]
    spaces: dict[str, SpaceDescription]
    contents: dict[str, ContentDescription]
    restrictions: dict[str, RestrictionDescription]
    unreadable: dict[str, str | int]
    gaps: list[GapDescription]
