"""The records: one class for each kind of row, with the columns of its table as fields.

Records are plain, immutable values: they can be compared, ordered, hashed and pickled, and `to_dict` returns one as a
dict. `None` means "the server did not say",
never "no". Times are `datetime` in UTC with microseconds; ids are text as the server spells them. `source` names the
API and route a record was read from, such as `cloud_v2 GET /wiki/api/v2/spaces`, or `plain data` for a site described
offline.

Records of users, groups and entries have `subject`, the text that names them in a question. `access.can(record, "view",
id)` also accepts the record itself.
"""

# Written by `python -m confluence_access._generate`: change the rows of `record!` in src instead.

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .frozen import Frozen

if TYPE_CHECKING:
    from datetime import datetime

    from .types import (
        CauseKind,
        Change,
        Confidence,
        DecisionWord,
        ExposureKind,
        FindingCode,
        Operation,
        Outcome,
        Reach,
        RefreshOutcome,
        RefreshReason,
        RefreshScope,
        RestrictionOperation,
        Severity,
        Side,
        SpaceLevel,
        UnmatchedKind,
        UnmatchedReason,
        UseKind,
        WriteKind,
    )

__all__ = [
    "RECORDS",
    "AccessChange",
    "AccessInterval",
    "Acl",
    "AclChange",
    "Audience",
    "AuditRecord",
    "CheckResult",
    "Content",
    "ContentAccess",
    "Directory",
    "DirectoryLink",
    "Disagreement",
    "Exposure",
    "Finding",
    "Gap",
    "GlobalPermission",
    "Grantee",
    "Group",
    "Identity",
    "LastActive",
    "Measured",
    "Membership",
    "Pair",
    "PermissionChange",
    "Refreshed",
    "Restriction",
    "Space",
    "SpaceAccess",
    "SpacePermission",
    "SummaryRow",
    "Unmatched",
    "Use",
    "User",
    "WriteResult",
]


def _subject(subject_type: str, subject_id: str | None) -> str:
    kind = "class" if subject_type == "access_class" else subject_type
    return kind if subject_id is None else f"{kind}:{subject_id}"


class Space(Frozen):
    """One row is one space.

    From `wiki.spaces()` and `snapshot.spaces`; on Cloud read from `GET /wiki/api/v2/spaces`. Contains the spaces the
    account can see, including archived ones; a space it cannot see leaves no trace.

    Attributes:
        id: Id as the server spells it; the key if there is no id.
        key: Key, such as `ENG` or `~ann`.
        name: Display name.
        type: `global`, `personal`, `knowledge_base` or another word of the server.
        status: `current` or `archived`.
        homepage_id: Content id of the home page.
        source: API and route it was read from.
        owner_id: Account that owns a personal space. On Data Center the account whose username is in the key; None if
            there is no such account any more.
        public_links_enabled: Whether public links work in this space (Cloud); None unless they were read:
            `snapshot(public_links=True)`.
        created_at: When it was created.
    """

    id: str
    key: str
    name: str | None
    type: str | None
    status: str | None
    homepage_id: str | None
    source: str
    owner_id: str | None
    public_links_enabled: bool | None
    created_at: datetime | None


class Content(Frozen):
    """One row is one content item: a node of the content tree, or a comment or an attachment of one.

    Nodes are pages, blog posts, folders, whiteboards, databases and embeds. From `wiki.contents(space)` and
    `snapshot.contents`. Content the account cannot view is not listed.

    Attributes:
        id: Id as the server spells it.
        type: `page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`, `comment`, `attachment` or another word
            of the server.
        title: Title.
        status: `current`, `archived`, `trashed`, `draft` or another word of the server.
        space_key: Key of its space.
        parent_id: The parent; for a comment or an attachment, the content item it belongs to. None at the root of a
            space, and if `parent_unknown` is True.
        parent_type: Type of the parent.
        author_id: Account that created it.
        created_at: When it was created.
        modified_at: When its newest version was created. Changes of restrictions do not count.
        url: The address people open.
        source: API and route it was read from.
        shared_with: Subjects a draft was shared with.
        public_link: Whether a public link is on and works (Cloud); None unless public links were read:
            `snapshot(public_links=True)`.
        restrictions_verified: Whether an empty answer about its restrictions was confirmed by another route.
        parent_unknown: Whether its place in the tree could not be read: it may inherit unknown restrictions.
    """

    id: str
    type: str
    title: str | None
    status: str
    space_key: str
    parent_id: str | None
    parent_type: str | None
    author_id: str | None
    created_at: datetime | None
    modified_at: datetime | None
    url: str | None
    source: str
    shared_with: tuple[str, ...] | None
    public_link: bool | None
    restrictions_verified: bool
    parent_unknown: bool


class User(Frozen):
    """One row is one account.

    From `snapshot.users`. Every account named by a permission, a restriction or a group has a row; if it could not be
    looked up, only `id` is known.

    Attributes:
        id: Account id on Cloud, userKey on Data Center.
        name: Username on Data Center, the public name on Cloud.
        display_name: Display name.
        email: E-mail address; None if privacy settings hide it.
        type: `person`, `app`, `customer`, `unknown` or another word of the server.
        active: False for a deactivated account.
        guest: Whether it is a guest (Cloud).
        licensed: Whether it may use the product.
        source: API and route it was read from.
        product_admin: Whether it administers Confluence by product role (Cloud).
        org_admin: Whether it administers the organization (Cloud).
        system_admin: Whether it holds the global permission System Administrator (Data Center).
        admin_key: Whether an admin key was active when it was read (Cloud).
        last_active_at: When it last used Confluence on this site (Cloud). Lags up to 24 hours; None if the organization
            does not say, and unless it was read: `snapshot(last_active=True)`.
    """

    id: str
    name: str | None
    display_name: str | None
    email: str | None
    type: str
    active: bool | None
    guest: bool | None
    licensed: bool | None
    source: str
    product_admin: bool | None
    org_admin: bool | None
    system_admin: bool | None
    admin_key: bool | None
    last_active_at: datetime | None

    @property
    def subject(self) -> str:
        """The account as a subject, `user:<id>`."""
        return f"user:{self.id}"


class Group(Frozen):
    """One row is one group.

    From `wiki.groups()` and `snapshot.groups`. Here `source` is where the group is *managed*; the route it was read
    from is `origin`.

    Attributes:
        id: UUID on Cloud, name on Data Center.
        name: The name shown to people.
        source: Where the group is managed: `directory` (a synchronised external directory), `local`, `team` or
            `unknown`.
        directory_id: Id of the directory it comes from.
        directory_name: Name of that directory.
        evidence: What `source` is based on, such as `managedBy=EXTERNAL`.
        members_complete: Whether all its members are listed; False if there may be more.
        origin: API and route it was read from; in other records this column is `source`.
    """

    id: str
    name: str | None
    source: str
    directory_id: str | None
    directory_name: str | None
    evidence: str | None
    members_complete: bool
    origin: str

    @property
    def subject(self) -> str:
        """The group as a subject, `group:<id>`."""
        return f"group:{self.id}"


class Membership(Frozen):
    """One row is one account in one group.

    Nested groups are followed, also in cycles; an account that is in a group several times has one row, with the
    shortest path. From `wiki.members(group)` and `snapshot.memberships`. Whether membership through a nested group
    counts for access is decided by a switch of the policy (`nested_groups`), not by this table.

    Attributes:
        group_id: The group.
        group_name: Its name.
        user_id: The account. A member that is neither an account nor a group is kept as text, such as `team:x`.
        user_name: Its username on Data Center, its public name on Cloud.
        path: The groups in between, outermost first, such as `eng > platform`; None for a direct member.
        source: API and route the innermost entry was read from.
    """

    group_id: str
    group_name: str | None
    user_id: str
    user_name: str | None
    path: str | None
    source: str

    @property
    def subject(self) -> str:
        """The account as a subject, `user:<id>`."""
        return f"user:{self.user_id}"


class Directory(Frozen):
    """One row is one directory of the organization: its own, or one synchronised by an identity provider.

    From `wiki.directories()`.

    Attributes:
        id: Id.
        name: Name: from the caller's mapping, else from the organization.
        organization_id: Organization it belongs to.
        source: API and route it was read from.
    """

    id: str
    name: str | None
    organization_id: str
    source: str


class DirectoryLink(Frozen):
    """One row is one entry of a synchronised directory (SCIM) behind one account.

    From `wiki.directory_links(user)`. An account without a row was not provisioned by a directory.

    Attributes:
        user_id: The account.
        directory_id: The directory that provisions it.
        directory_name: Name of that directory.
        scim_user_id: Id of the account in that directory.
        source: API and route it was read from.
    """

    user_id: str
    directory_id: str
    directory_name: str | None
    scim_user_id: str
    source: str


class LastActive(Frozen):
    """One row is one product that one account has used, and when last.

    From `wiki.last_active()`. An account that has used no product has one row, with None for the product and the
    moment. The organization counts a page that was open for at least 2 seconds, and lags up to 24 hours behind.

    Attributes:
        user_id: The account.
        user_name: Its display name.
        email: Its e-mail address; None if the organization hides it.
        product: The product, in the organization's word, such as `confluence` or `jira-software`; None if it has used
            none.
        product_id: Id of the product's site in the organization.
        last_active_at: When it last used the product; None if the organization did not say.
        source: API and route it was read from.
    """

    user_id: str
    user_name: str | None
    email: str | None
    product: str | None
    product_id: str | None
    last_active_at: datetime | None
    source: str


class Identity(Frozen):
    """One row is one account, with the names it has elsewhere: what joins Confluence to a directory or an index.

    From `wiki.identities()`. An account that several directories provision has a row for each.

    Attributes:
        user_id: Account id on Cloud, userKey on Data Center.
        user_name: Username (Data Center).
        display_name: Display name.
        email: E-mail address; None if it is hidden, and on Data Center, which does not return it.
        email_verified: Whether the owner of the address confirmed it; None if unknown.
        managed: Whether the organization manages the account; None if unknown.
        external_id: Id of the account in the directory that provisions it (SCIM); None if none does, or if it was not
            read.
        directory_id: That directory.
        directory_name: Its name: from the caller's mapping, else from the organization.
        evidence: How the row is known, in the server's words, such as
            `organization: claimStatus=managed, managementSource=synced; scim link`.
        source: API and route it was read from.
    """

    user_id: str
    user_name: str | None
    display_name: str | None
    email: str | None
    email_verified: bool | None
    managed: bool | None
    external_id: str | None
    directory_id: str | None
    directory_name: str | None
    evidence: str
    source: str


class SpacePermission(Frozen):
    """One row is one permission of one subject in one space.

    Roles are expanded: one row for each permission they give, with the role in `via_role`. From
    `wiki.space_permissions(space)` and `snapshot.space_permissions`.

    Attributes:
        space_key: Key of the space.
        subject_type: `user`, `group`, `anonymous`, `access_class`, `unlicensed`, `unknown` or another word of the
            server.
        subject_id: Id of the subject; None if its type says everything, or if the server gave none (a deleted account
            or group).
        subject_name: Display name of the subject.
        permission: `view`, `create_page`, `edit_page`, `administer` …, in one vocabulary for all deployments.
        raw: The server's own words, such as `create/page` or `EDITSPACE`.
        via_role: Name of the role that gives it; None for a direct grant.
        source: API and route it was read from.
    """

    space_key: str
    subject_type: str
    subject_id: str | None
    subject_name: str | None
    permission: str
    raw: str | None
    via_role: str | None
    source: str

    @property
    def subject(self) -> str:
        """The subject as text, such as `group:<id>`, `anonymous` or `class:all-licensed-users`."""
        return _subject(self.subject_type, self.subject_id)


class GlobalPermission(Frozen):
    """One row is one permission of one subject for the site as a whole.

    Without `use` no other permission has an effect. From `wiki.global_permissions()` and `snapshot.global_permissions`.
    There Cloud has the groups that give access to Confluence (`use`) and the groups and accounts that administer it
    (`administer`).

    Attributes:
        subject_type: `user`, `group`, `anonymous`, `unlicensed`, `unknown` or another word of the server.
        subject_id: Id of the subject; None if its type says everything, or if the server gave none.
        subject_name: Display name of the subject.
        permission: `use`, `use_unlicensed`, `create_personal_space`, `create_space`, `administer`, `administer_system`,
            `view_profiles`, `update_user_status`, `attach_to_profile`, or the server's own words.
        raw: The server's own words, such as `use/application`.
        source: API and route it was read from.
    """

    subject_type: str
    subject_id: str | None
    subject_name: str | None
    permission: str
    raw: str | None
    source: str

    @property
    def subject(self) -> str:
        """The subject as text, such as `group:<name>` or `anonymous`."""
        return _subject(self.subject_type, self.subject_id)


class Restriction(Frozen):
    """One row is one subject in one restriction, set on this content item itself.

    Inherited restrictions are in the rows of the ancestors; `access.explain` follows them. From
    `wiki.restrictions(content)` and `snapshot.restrictions`.

    Attributes:
        content_id: The content item it is set on.
        operation: `view` or `edit`; the servers use `read` and `update`.
        subject_type: `user`, `group` or another word of the server.
        subject_id: Id of the subject; None if the server gave none (a deleted account or group).
        subject_name: Display name of the subject.
        source: API and route it was read from.
    """

    content_id: str
    operation: RestrictionOperation
    subject_type: str
    subject_id: str | None
    subject_name: str | None
    source: str

    @property
    def subject(self) -> str:
        """The subject as text, such as `group:<id>`."""
        return _subject(self.subject_type, self.subject_id)


class AuditRecord(Frozen):
    """One row is one record of the audit log.

    From `wiki.audit()` and `read_audit_log()`. Records have no id of their own, and on Cloud neither do the objects
    they are about.

    Attributes:
        at: When it happened.
        author_id: Account that did it; None for the system and anonymous users.
        author_name: Name of that account as recorded.
        action: What happened, in the server's words; they may be in any language.
        action_key: What happened, as a key that is the same in all languages; None on Cloud.
        category: Kind of event, in the server's words.
        remote_address: Address it was done from.
        objects: What it is about, the affected object first, each as `type: name`. Cloud records names without ids.
        changes: What was changed, each as `name: old -> new`.
        raw: The record as the server sent it, JSON.
        source: API and route it was read from.
        author_type: `user`, `system`, `anonymous` or `unknown`.
        description: A longer text.
        super_admin: Whether the server marks it as done with super administrator rights: an admin key on Cloud.
        category_key: Kind of event, as a key that is the same in all languages; None on Cloud.
    """

    at: datetime | None
    author_id: str | None
    author_name: str | None
    action: str | None
    action_key: str | None
    category: str | None
    remote_address: str | None
    objects: tuple[str, ...]
    changes: tuple[str, ...]
    raw: str
    source: str
    author_type: str
    description: str | None
    super_admin: bool | None
    category_key: str | None

    @property
    def raw_json(self) -> dict[str, Any]:
        """The record as the server sent it."""
        parsed: dict[str, Any] = json.loads(self.raw)
        return parsed


class PermissionChange(Frozen):
    """One row is one change to who may do what.

    One permission of one subject, a restriction, a membership, a role, a public link, an admin key. Unrecognised
    records are rows with scope `other`. From `wiki.permission_changes()` and `permission_changes(records)`.

    Attributes:
        at: When it was made.
        author_id: Account that made it; None for the system and anonymous users.
        author_name: Name of that account as recorded.
        remote_address: Address it was made from.
        scope: `site`, `space`, `content`, `group`, `public_link` or `other`.
        change: `added`, `removed` or `changed`; a use of an admin key is `changed`.
        space_key: Key of the space, if its name is known.
        content_id: The content item it was made on, if its title is known in its space; None if the title matches none
            or several.
        content_title: Title of that item as recorded.
        subject_type: `user`, `group`, `anonymous`, `access_class`, `unlicensed` or `unknown`; None if the change has no
            subject.
        subject_id: Id of the subject, if the record or the snapshot contains it.
        subject_name: Name of the subject as recorded.
        permission: What was granted or revoked, in one vocabulary: `view`, `edit` of a content item, space permissions
            as in SpacePermission, global permissions as in GlobalPermission, `member` of a group, `public_link`,
            `admin_key`, the name of a role as `role:<name>`, `place` of a content item that was moved, `status` where
            it, or a space, was archived, restored or deleted, `account`, `user_directory` (Data Center); unknown words
            as received.
        old: The value before, in the server's words.
        new: The value after, in the server's words.
        confidence: `certain`: words and objects of the record agree; `likely`: only one of them is clear; `ambiguous`:
            a name in it matches several things; `unrecognised`: not understood.
        raw: The record as the server sent it, JSON.
        source: API and route it was read from.
        author_type: `user`, `system`, `anonymous` or `unknown`.
        admin_key: Whether it was made with an admin key.
        action: What happened, in the server's words.
        space_name: Name of the space as recorded.
        group_id: The group a membership is about.
        group_name: Its name.
        candidates: Ids of the content items the title matches, if it matches several.
        attributed_to: The content item you asked about, if this change on it or on an ancestor affects it; None if you
            asked about none, and for an edit restriction of an ancestor, which affects only that page.
    """

    at: datetime | None
    author_id: str | None
    author_name: str | None
    remote_address: str | None
    scope: str
    change: Change
    space_key: str | None
    content_id: str | None
    content_title: str | None
    subject_type: str | None
    subject_id: str | None
    subject_name: str | None
    permission: str | None
    old: str | None
    new: str | None
    confidence: Confidence
    raw: str
    source: str
    author_type: str
    admin_key: bool | None
    action: str | None
    space_name: str | None
    group_id: str | None
    group_name: str | None
    candidates: tuple[str, ...]
    attributed_to: str | None

    @property
    def subject(self) -> str | None:
        """The subject as text, such as `group:<id>`; None if the change has no subject."""
        return None if self.subject_type is None else _subject(self.subject_type, self.subject_id)

    @property
    def raw_json(self) -> Any:
        """The record as the server sent it, a dict; a list of records if changes were merged."""
        return json.loads(self.raw)


class Gap(Frozen):
    """One row is one thing that could not be read. Answers it affects are `unknown`.

    From `gaps` of every table and of a snapshot.

    Attributes:
        scope: What it is about: `site`, `space` (its contents), `space_permissions`, `content` (its restrictions),
            `group` (its members), `operation` (a restriction of something other than view and edit), `user` or `audit`.
        subject: Its id; for a space its key.
        cause: Why, as a code, such as `forbidden`, `timeout` or `truncated`.
        message: One line for people.
        status: HTTP status, if there was one.
        route: Method and path of the request, without query.
    """

    scope: str
    subject: str
    cause: str
    message: str
    status: int | None
    route: str | None


class Refreshed(Frozen):
    """One row is one part of a snapshot that `refresh` read again, kept or dropped, with the reason.

    From `Snapshot.refreshed`. Permissions have a row for each space, everything else one row each.

    Attributes:
        scope: `site`, `spaces`, `contents` (with their restrictions), `space_permissions`, `groups` (with their
            members) or `users`.
        subject: Key of the space; None if the row is about all of them.
        outcome: `read`: read again; `kept`: taken from the earlier snapshot; `gone`: not on the site any more.
        reason: `not_recorded`: no log records every change of it; `unchanged`: the audit log is complete and records no
            change; `changed`: the log records a change that may concern it; `roles`: its assigned roles differ; `new`:
            not in the earlier snapshot; `gap`: a gap there; `log`: the audit log proves nothing, see `message`; `view`:
            the account, the version or the settings of the site differ; `sample`: read to test the log; `gone`.
        message: The reason as a sentence.
    """

    scope: RefreshScope
    subject: str | None
    outcome: RefreshOutcome
    reason: RefreshReason
    message: str


class Grantee(Frozen):
    """One row is one person who may do what was asked, or for whom it is unknown.

    `via` is the first way to get access that was found. `anonymous` has a row of its own. From
    `access.who_can(operation, content)`.

    Attributes:
        user_id: The account; `anonymous` for anyone who is not logged in, `anyone_with_link` for anyone who knows a
            public link.
        name: Username on Data Center, the public name on Cloud.
        display_name: Display name.
        decision: `allowed` or `unknown`; people who are denied have no row.
        via: How the person gets access, in one line, such as `direct`, `group eng` or
            `role Viewer through all-licensed-users`; for an unknown answer the code of the reason.
        standing: False for a bypass (super group, admin key) and an exposure (public link), which are not standing
            access.
    """

    user_id: str
    name: str | None
    display_name: str | None
    decision: DecisionWord
    via: str
    standing: bool

    @property
    def subject(self) -> str:
        """The person as a subject: `user:<id>`, `anonymous` or `anyone_with_link`."""
        return self.user_id if self.user_id in ("anonymous", "anyone_with_link") else f"user:{self.user_id}"


class ContentAccess(Frozen):
    """One row is one content item the subject may view or edit, or for which it is unknown.

    From `access.contents_for(subject, operation)`.

    Attributes:
        content_id: The content item.
        title: Its title.
        space_key: Key of its space.
        type: Its type, such as `page`.
        operation: The operation of the question.
        decision: `allowed` or `unknown`; denied items have no row.
        via: `super_group`, `admin_key` or `public_link` if it is not standing access; else None.
        standing: False for a bypass and an exposure.
    """

    content_id: str
    title: str | None
    space_key: str
    type: str
    operation: Operation
    decision: DecisionWord
    via: str | None
    standing: bool


class Use(Frozen):
    """One row is one place that names the subject.

    What a subject reaches through a group is in the rows of that group. A gap about `global_permissions` says that the
    subject may hold a permission of the site that is not listed: Cloud lists only those that give access to Confluence
    and administer it. From `access.used_by(subject)`.

    Attributes:
        kind: `space_permission`, `global_permission` (of the site as a whole), `restriction`, `shared_draft`,
            `member_of` (a group that the subject is in) or `contains` (a group inside this group).
        space_key: Key of the space; None for groups and global permissions.
        content_id: The content item of a restriction or draft.
        content_title: Its title; None also if the content item was not listed.
        permission: The permission in the space, such as `view`, or of the site, such as `use`, or the operation of the
            restriction, `view` or `edit`; None for groups and drafts.
        via_role: Name of the role that gives the permission; None for a direct grant.
        group_id: The group.
        group_name: Its name.
        path: The groups in between, outermost first, such as `eng > platform`; None where nothing is in between.
            Whether such membership counts for access is decided by the switch `nested_groups`.
    """

    kind: UseKind
    space_key: str | None
    content_id: str | None
    content_title: str | None
    permission: str | None
    via_role: str | None
    group_id: str | None
    group_name: str | None
    path: str | None


class SummaryRow(Frozen):
    """One row is one content item, with how many accounts may view and edit it.

    The numbers are None if access is not resolved, which is the case in the trash. From `access.summary()`.

    Attributes:
        content_id: The content item.
        title: Its title.
        space_key: Key of its space.
        type: Its type, such as `page`.
        status: `current`, `archived`, `draft` or `trashed`.
        viewers: Accounts that may view it, by standing access only.
        editors: Accounts that may edit it, by standing access only.
        unknown_viewers: Accounts for which viewing is unknown.
        unknown_editors: Accounts for which editing is unknown.
        anonymous: Whether anonymous users may view it: `allowed`, `denied` or `unknown`.
        restricted_by: Ids of the items whose view restrictions apply to it, root first; includes its own id if it has
            one itself.
        own_restriction: Whether it has a view or edit restriction of its own.
        inherited_restriction: Whether a view restriction of an ancestor applies to it.
        public_link: Whether a public link is on and works.
    """

    content_id: str
    title: str | None
    space_key: str
    type: str
    status: str
    viewers: int | None
    editors: int | None
    unknown_viewers: int | None
    unknown_editors: int | None
    anonymous: DecisionWord | None
    restricted_by: tuple[str, ...]
    own_restriction: bool
    inherited_restriction: bool
    public_link: bool


class SpaceAccess(Frozen):
    """One row is one account that may view a space, or for which that is unknown.

    Roles, groups, classes, anonymous grants, licences and deactivated accounts are resolved. `anonymous` has a row of
    its own. Restrictions, archived spaces and read-only mode are not considered. From `access.space_access()`.

    Attributes:
        space_key: Key of the space.
        user_id: The account; `anonymous` for anyone who is not logged in.
        user_name: Username on Data Center, the public name on Cloud.
        display_name: Display name.
        level: `view`; `edit` for anyone who may create or edit pages or blog posts; `admin` for anyone who administers
            it.
        permissions: The permissions held for certain, as in `SpacePermission`. Empty for a bypass, and on the free plan
            if none are stored.
        decision: Whether the account may view the space: `allowed` or `unknown`; accounts that may not have no row.
        via: How the account gets in, in one line, such as `direct` or `group eng`; for an unknown answer the code of
            the reason.
        standing: False for a bypass (super group, admin key), which is not standing access.
    """

    space_key: str
    user_id: str
    user_name: str | None
    display_name: str | None
    level: SpaceLevel
    permissions: tuple[str, ...]
    decision: DecisionWord
    via: str
    standing: bool


class Audience(Frozen):
    """One row is one audience: the accounts that may view, or edit, the same content items.

    Standing access only, so neither bypasses nor public links. An audience whose members are the same has the same id
    on every machine and in every snapshot. From `access.audiences(operation)`.

    Attributes:
        audience_id: Hash of the members and of the accounts for which it is unknown.
        operation: `view` or `edit`.
        size: Number of accounts that may for certain.
        users: Ids of these accounts, sorted.
        unknown: Number of accounts for which it is unknown.
        anonymous: Whether anyone may who is not logged in.
        everyone: Whether every active account with a licence is a member; guests and apps are not counted.
        contents: Number of content items that have this audience.
    """

    audience_id: str
    operation: Operation
    size: int
    users: tuple[str, ...]
    unknown: int
    anonymous: bool
    everyone: bool
    contents: int


class Acl(Frozen):
    """One row is one content item and the rule that says who may view, or edit, it.

    A subject passes if every list of `all_of` has an entry that it is, or belongs to. That holds for exactly the people
    who may for certain; those for whom it is unknown do not pass. Items in the trash have no row. From
    `access.acl(operation)`.

    Attributes:
        content_id: The content item.
        space_key: Key of its space.
        operation: `view` or `edit`.
        audience_id: Its row of `access.audiences(operation)`.
        all_of: Lists of subjects: `user:…`, `group:…`, `anonymous`, `unlicensed`, `class:…`. An empty list lets nobody
            in.
        everyone: Whether every active account with a licence passes; guests and apps are not counted.
        anonymous: Whether anyone passes who is not logged in.
        complete: False if it is unknown for anyone: do not index such an item.
        hash: Hash of what the row says about access; it changes if and only if that does.
    """

    content_id: str
    space_key: str
    operation: Operation
    audience_id: str
    all_of: tuple[tuple[str, ...], ...]
    everyone: bool
    anonymous: bool
    complete: bool
    hash: str


class AclChange(Frozen):
    """One row is one content item whose entry in a search index has to be written again, or removed.

    The columns are those of `Acl` as they are now. A removed item has the rule that lets nobody in. From
    `newer.acl_changes(older)`.

    Attributes:
        change: `added`, `changed` or `removed`.
        content_id: The content item.
        space_key: Key of its space.
        operation: `view` or `edit`.
        audience_id: Its row of `access.audiences(operation)`.
        all_of: Lists of subjects: `user:…`, `group:…`, `anonymous`, `unlicensed`, `class:…`. An empty list lets nobody
            in.
        everyone: Whether every active account with a licence passes; guests and apps are not counted.
        anonymous: Whether anyone passes who is not logged in.
        complete: False if it is unknown for anyone: do not index such an item.
        hash: Hash of what the row says about access.
    """

    change: Change
    content_id: str
    space_key: str
    operation: Operation
    audience_id: str
    all_of: tuple[tuple[str, ...], ...]
    everyone: bool
    anonymous: bool
    complete: bool
    hash: str


class AccessChange(Frozen):
    """One row is one subject whose answer for one content item is not the same in two snapshots, and what changed it.

    Bypasses of administrators count, as in `access.can`. A group has a row instead of its members only with
    `by="group"`; `anyone_with_link` has one where a public link is on, or was. From `newer.diff(older)`.

    Attributes:
        subject_type: `user`, `anonymous`, `group` or `anyone_with_link`.
        subject_id: Id of the account or group; None for `anonymous` and `anyone_with_link`.
        subject_name: Its display name, else its name.
        content_id: The content item.
        content_title: Its title.
        space_key: Key of its space, in the newer snapshot if it is there.
        operation: `view` or `edit`.
        before: The answer in the older snapshot: `allowed`, `denied` or `unknown`. None if the content item is not in
            it, or in the trash.
        after: The answer in the newer snapshot. None if the content item is not in it, or in the trash.
        cause: What changed the answer, in one sentence: undone alone, it brings the old answer back. If only several
            together do, all of them, separated by `; `. None if no difference between the snapshots explains it.
        cause_kind: Kind of the cause, of the first if there are several.
        cause_subject: The subject that was granted, revoked, listed, or joined or left, such as `group:eng`; None if
            there is none.
        cause_content: The content item the cause is on: itself or an ancestor; None for a cause elsewhere.
        cause_at: When it was changed; None unless `changes` are given and contain it.
        cause_author: Account that changed it; None unless `changes` are given and contain it.
    """

    subject_type: str
    subject_id: str | None
    subject_name: str | None
    content_id: str
    content_title: str | None
    space_key: str
    operation: Operation
    before: DecisionWord | None
    after: DecisionWord | None
    cause: str | None
    cause_kind: CauseKind
    cause_subject: str | None
    cause_content: str | None
    cause_at: datetime | None
    cause_author: str | None

    @property
    def subject(self) -> str:
        """The subject as text: `user:<id>`, `group:<id>`, `anonymous` or `anyone_with_link`."""
        return _subject(self.subject_type, self.subject_id)


class AccessInterval(Frozen):
    """One row is one stretch of time in which an answer did not change.

    Oldest first. From `access.history(subject, operation, content, changes)`.

    Attributes:
        decision: The answer: `allowed`, `denied`, or `unknown` where a change cannot be undone.
        since: When it began; None if that was before the changes begin.
        until: When it ended; None if it is so now.
        begun_by: What began it, in the server's words with what it was about; None if `since` is None.
        begun_change: `added`, `removed` or `changed`.
        begun_author_id: Account that began it.
        begun_author_name: Its name as recorded.
        ended_by: What ended it; None if `until` is None.
        ended_change: `added`, `removed` or `changed`.
        ended_author_id: Account that ended it.
        ended_author_name: Its name as recorded.
    """

    decision: DecisionWord
    since: datetime | None
    until: datetime | None
    begun_by: str | None
    begun_change: Change | None
    begun_author_id: str | None
    begun_author_name: str | None
    ended_by: str | None
    ended_change: Change | None
    ended_author_id: str | None
    ended_author_name: str | None


class Unmatched(Frozen):
    """One row is one thing of one site that has no counterpart in the other.

    No row of the comparison is about it. From `compare(first, second).unmatched`.

    Attributes:
        kind: `user`, `group`, `space` or `content`.
        side: The site that has it: `first` or `second`.
        id: Its id; of a space the key.
        name: Its name or title.
        reason: `missing`: the other site has none; `ambiguous`: several go by the same name; `no_key`: nothing to match
            by; `not_mapped`: the mapping does not mention it.
        key: What it was looked for by: an e-mail address, a name, a path; None if there is nothing.
    """

    kind: UnmatchedKind
    side: Side
    id: str
    name: str | None
    reason: UnmatchedReason
    key: str | None


class Finding(Frozen):
    """One row is something a report should point out. It is not an access decision.

    From `access.findings()`.

    Attributes:
        code: The finding as a code, such as `open_to_anonymous` or `editable_by_nobody`.
        severity: `high`, `medium` or `low`.
        space_key: Space it is in.
        content_id: The content item it is about.
        content_title: Title of that item.
        subject: The subject it is about.
        message: The facts that prove it, in one line.
        advice: What to do.
        subject_name: Name of that subject; None if unknown, as for a deleted account.
        fix: The change that ends it, as JSON: a list of calls of the client, each `{"call": name, "arguments": {…}}`;
            None if it needs a decision.
    """

    code: FindingCode
    severity: Severity
    space_key: str | None
    content_id: str | None
    content_title: str | None
    subject: str | None
    message: str
    advice: str
    subject_name: str | None
    fix: str | None


class Exposure(Frozen):
    """One row is one space or one content item, with how far it reaches: who may view it by standing access.

    Spaces come first. There is no score: `reach` is the farthest that is certain, `because` the facts behind it. What
    is in the trash has no row. From `access.exposure()`.

    Attributes:
        kind: `content` or `space`.
        space_key: Key of the space.
        content_id: The content item; None for a space.
        title: Title of the item, or name of the space.
        reach: `internet`, `link` (a public link), `guests`, `unlicensed`, `all_users` (everyone who may use the site),
            `large_group` (more than 1,000 accounts), `some`, `few` (ten at most) or `nobody`; the first that applies.
            None if nobody is certain to view it and for some it is unknown.
        viewers: Accounts that may view it.
        editors: Accounts that may edit it; in a space those who may edit pages.
        guests: Guests among the viewers (Cloud).
        external: People with an e-mail address of another domain among the viewers: neither in `internal_domains` nor,
            without that, in a domain the organization has verified; None if both are unknown. Accounts whose address is
            hidden are not counted.
        apps: Apps among the viewers.
        unknown: Accounts for which viewing is unknown.
        because: Codes of the facts behind `reach`, such as `anonymous_grant` or `inherited_restriction`.
    """

    kind: ExposureKind
    space_key: str
    content_id: str | None
    title: str | None
    reach: Reach | None
    viewers: int
    editors: int
    guests: int
    external: int | None
    apps: int
    unknown: int
    because: tuple[str, ...]


class Pair(Frozen):
    """One row is one account and one content item it may view or edit, by standing access only.

    From `access.pairs(operation)`.

    Attributes:
        user_id: The account.
        content_id: The content item.
    """

    user_id: str
    content_id: str


class CheckResult(Frozen):
    """One row is Confluence's own answer about one subject and one content item.

    From `wiki.check(content, subject, operation)`, which returns the one row.

    Attributes:
        decision: `allowed` or `denied`.
        reasons: Why not, as codes: `site.user_not_licensed`, `site.anonymous_disabled`, `space.no_permission`,
            `content.restricted` (on the item or an ancestor: Confluence does not say which), `unrecognised`.
        messages: Why not, in Confluence's own words.
        content_id: The content item.
        subject: The subject as text, with names resolved to an id.
        operation: `view`, `edit` or `delete`.
    """

    decision: DecisionWord
    reasons: tuple[str, ...]
    messages: tuple[str, ...]
    content_id: str
    subject: str
    operation: Operation


class Disagreement(Frozen):
    """One row is one question that Confluence itself answers differently from the snapshot.

    From `access.verify(wiki)`.

    Attributes:
        subject: The subject as text.
        subject_name: Its name.
        operation: `view` or `edit`.
        content_id: The content item.
        title: Its title.
        space_key: Key of its space.
        ours: The answer of the snapshot: `allowed` or `denied`.
        theirs: Confluence's answer: `allowed` or `denied`.
        our_codes: The codes of our explanation.
        their_codes: Confluence's reasons as codes, as in `CheckResult`.
        their_messages: Confluence's reasons in its own words.
        explanation: Our explanation, with every gate.
    """

    subject: str
    subject_name: str | None
    operation: Operation
    content_id: str
    title: str | None
    space_key: str | None
    ours: DecisionWord
    theirs: DecisionWord
    our_codes: tuple[str, ...]
    their_codes: tuple[str, ...]
    their_messages: tuple[str, ...]
    explanation: str


class Measured(Frozen):
    """One row is one open switch of the policy, with its value on this site as measured by questions.

    From `wiki.measure(snapshot)`.

    Attributes:
        switch: The switch.
        value: Its value on this site: `true`, `false`, `nobody` or `opens`; `unknown` if it could not be settled.
        question: The question in words; None if none was asked.
        subject: The subject of the question as text.
        content_id: The content item of the question.
        answer: The answer of the site: `allowed` or `denied`; None if it did not answer.
        requests: Questions asked for this switch.
        source: API and route that answered.
        reason: Why the switch could not be settled.
    """

    switch: str
    value: str
    question: str | None
    subject: str | None
    content_id: str | None
    answer: DecisionWord | None
    requests: int
    source: str
    reason: str | None


class WriteResult(Frozen):
    """One row is one change: one permission, role or restriction entry of one subject in one place.

    Of a plan it may also be a membership, a deleted group or a moved page.

    From `wiki.apply`, `grant`, `revoke`, `set_permissions`, `assign_role`, `remove_role`, `restrict`, `unrestrict`,
    `set_restrictions` and `unrestrict_all`.

    Attributes:
        target: Key of a space, id of a content item, or id of a group. For a moved page the content item above it.
        subject: The subject as text, with names resolved to an id; for a moved page `content:<id>`.
        permission: A permission such as `create_page`, a role such as `role Viewer`, or the restriction: `view`,
            `edit`. For the other kinds the word in `kind`.
        outcome: `added`, `removed`, `skipped` (nothing to do), `failed`, or in a dry run `would_add`, `would_remove`.
        message: The reason, if there is something to say.
        subject_name: Name of the subject.
        title: Name of the space, or title of the content item if the change had to read it.
        kind: What it is about: `permission`, `role`, `restriction`, `member`, `group` or `parent`.
        line: Line of the plan, counted from 1; None outside of a plan.
        change: What was to be done: `added` or `removed`; None if nothing.
    """

    target: str
    subject: str
    permission: str
    outcome: Outcome
    message: str | None
    subject_name: str | None
    title: str | None
    kind: WriteKind
    line: int | None
    change: Change | None


RECORDS: dict[str, type[Any]] = {
    record.__name__: record
    for record in (
        Space,
        Content,
        User,
        Group,
        Membership,
        Directory,
        DirectoryLink,
        LastActive,
        Identity,
        SpacePermission,
        GlobalPermission,
        Restriction,
        AuditRecord,
        PermissionChange,
        Gap,
        Refreshed,
        Grantee,
        ContentAccess,
        Use,
        SummaryRow,
        SpaceAccess,
        Audience,
        Acl,
        AclChange,
        AccessChange,
        AccessInterval,
        Unmatched,
        Finding,
        Exposure,
        Pair,
        CheckResult,
        Disagreement,
        Measured,
        WriteResult,
    )
}
"""Every record by its name."""
