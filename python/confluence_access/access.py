"""Access: who may do what, and why, with the inheritance of a snapshot resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from . import arguments, notebook
from .decisions import DECISIONS, Decision, Explanation, part
from .errors import ConfigurationError
from .escapes import visible
from .explanation import (
    Fix,
    Gate,
    IrrelevantRestriction,
    ListedPrincipal,
    Place,
    SubjectState,
    SwitchUse,
    TreeLevel,
    TreeList,
    WayIn,
)
from .explanation_html import switch_value
from .naming import ContentLike, SpaceLike, SubjectLike, content_of, spaces_of, subject_of, subjects_of
from .past import ChangesLike, log_of
from .records import (
    AccessInterval,
    Acl,
    AclChange,
    Audience,
    ContentAccess,
    Exposure,
    Finding,
    Grantee,
    SpaceAccess,
    SummaryRow,
    Use,
)
from .results import Measurement, Pairs, Policy, Tree, Verification
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from . import _core
    from .client import AsyncConfluence, Confluence
    from .exports import AclExport, GroupsLike, Identities
    from .moments import Moment
    from .snapshot import Snapshot
    from .types import AsIf, ExportTarget, FindingCode, OperationLike, RestrictionOperationLike, Severity

__all__ = [
    "Access",
    "ContentLike",
    "Decision",
    "Explanation",
    "Fix",
    "Gate",
    "IrrelevantRestriction",
    "ListedPrincipal",
    "Measurement",
    "Pairs",
    "Place",
    "SubjectLike",
    "SubjectState",
    "SwitchUse",
    "Tree",
    "TreeLevel",
    "TreeList",
    "Verification",
    "WayIn",
]

Oracle = Literal["confluence", "extender"]
"""What `Access.verify` asks: Confluence itself, or the Extender add-on of Data Center."""


class Access:
    """Answers who may do what, and why, on a snapshot with inheritance resolved. Nothing is fetched.

    Subjects are `user:<id>`, `user:<name>` if the snapshot contains the name or e-mail address, `group:<id or name>`
    (the group itself), `anonymous`, `class:<access class>`, or a record of a user or group. Operations are `view` and
    `edit`, and also `comment`, `delete`, `create_page` and `remove_restrictions`. Content items are ids, addresses, or
    records.

    Answers affected by something that could not be read are `unknown`, unless a known fact denies.
    """

    __slots__ = ("_core", "_policy", "_product_admins", "_snapshot")

    def __init__(
        self,
        snapshot: Snapshot,
        policy: Mapping[str, bool | str | Sequence[str]] | None = None,
        product_admins: SubjectLike | Iterable[SubjectLike] | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._policy = dict(policy) if policy else None
        self._product_admins = None if product_admins is None else subjects_of(product_admins)
        self._core = snapshot._core.access(self._policy, self._product_admins)

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot the answers are based on."""
        return self._snapshot

    @property
    def policy(self) -> Policy:
        """The switches in force, each with its question and source."""
        return Policy(
            SwitchUse(name, tuple(value) if isinstance(value, list) else value, value == default, question, source)
            for name, (value, default, question, source) in self._core.policy().items()
        )

    def subject(self, subject: SubjectLike) -> SubjectState:
        """The subject of this snapshot that matches a text: its id, name and state.

        `can`, `explain` and the others answer about any account, so a mistyped name gets the answer for an unknown
        account. This method refuses a subject that the snapshot does not have. Its result can be passed wherever a
        subject is expected.

        Args:
            subject: `user:<id>`, a name or e-mail address with or without `user:`, `group:<id or name>`, `anonymous`,
                `class:<access class>`, or a record.

        Raises:
            NotFoundError: The snapshot has no such subject; `nearest` lists similar names.
            AmbiguousError: The name matches several; `candidates` lists them.
            ConfigurationError: The text is not a valid subject (a `ValueError`).
        """
        return part(SubjectState, self._core.subject(subject_of(subject)))

    def can(self, subject: SubjectLike, operation: OperationLike, content: ContentLike) -> Decision:
        """Whether a subject may do something with a content item.

        An account that is not in the snapshot is a valid question. For a content item that was not listed the answer is
        `unknown`, with `.verdict == "not_in_inventory"`.

        Returns:
            The decision: equal to `"allowed"`, `"denied"` or `"unknown"`.

        Raises:
            AmbiguousError: The name matches several subjects; `candidates` lists them.
            ConfigurationError: Invalid subject or operation (a `ValueError`).
        """
        return DECISIONS[
            self._core.can(
                subject_of(subject), arguments.operation(operation, _CAN), content_of(content, self._snapshot)
            )
        ]

    def who_can(
        self, operation: OperationLike, content: ContentLike, *, decision: Literal["allowed", "unknown"] | None = None
    ) -> Table[Grantee]:
        """Everyone who may, each with how they get access, and everyone for whom it is unknown.

        `len` counts both: pass `decision="allowed"` for only those who may.

        Args:
            operation: `view`, `edit` or another operation.
            content: The content item.
            decision: `allowed` or `unknown` for only these rows; None for both.

        Raises:
            NotInSnapshotError: The content item was not listed (a `LookupError`).
            ConfigurationError: Invalid operation or decision (a `ValueError`).
        """
        return Table(
            self._core.who_can(arguments.operation(operation, _WHO_CAN), content_of(content, self._snapshot), decision)
        )

    def explain(self, subject: SubjectLike, operation: OperationLike, content: ContentLike) -> Explanation:
        """Why a subject may or may not: every gate, which ones fail, and what would open them.

        Always answers, also for a content item that was not listed. Its decision is the same as from `can`.

        Raises:
            AmbiguousError: The name matches several subjects; `candidates` lists them.
            ConfigurationError: Invalid subject or operation (a `ValueError`).
        """
        return Explanation(
            *self._core.explain(
                subject_of(subject), arguments.operation(operation, _EXPLAIN), content_of(content, self._snapshot)
            )
        )

    def history(
        self,
        subject: SubjectLike,
        operation: OperationLike,
        content: ContentLike,
        changes: ChangesLike,
        *,
        since: Moment | None = None,
    ) -> Table[AccessInterval]:
        """Since when a subject may or may not, and who changed that: one row per stretch of time, oldest first.

        The changes are undone as by `snap.as_of`: at each moment the answer is what `can` says about `as_of(moment)`,
        with the switches of this access. What the log does not say makes it `unknown`. Before the changes begin nothing
        is known: the first row has no `since`.

            >>> wiki = Confluence.from_env()
            >>> access = wiki.snapshot().access()
            >>> changes = wiki.permission_changes(since="3d")
            >>> for row in access.history("Olga Petrova", "view", "On-call Handbook", changes):
            ...     print(row.decision, row.since, row.until, row.begun_by)
            allowed None None None

        Args:
            subject: The subject.
            operation: `view`, `edit` or another operation.
            content: The content item.
            changes: As for `snap.as_of`.
            since: As for `snap.as_of`.

        Raises:
            NotInSnapshotError: The content item is not in the snapshot.
            AmbiguousError: The name matches several subjects; `candidates` lists them.
            ConfigurationError: Invalid subject, operation, `changes` or `since` (a `ValueError`).
        """
        log = log_of(changes, self._snapshot, since)
        asked = (
            subject_of(subject),
            arguments.operation(operation, "access.history(subject, operation, content, changes)"),
            content_of(content, self._snapshot),
        )
        return Table(self._core.history(*asked, *log))

    def contents_for(
        self,
        subject: SubjectLike,
        operation: OperationLike = "view",
        *,
        decision: Literal["allowed", "unknown"] | None = None,
        as_if: AsIf | None = None,
    ) -> Table[ContentAccess]:
        """Every content item a subject may view or edit, and those for which it is unknown.

        `len` counts both: pass `decision="allowed"` for only those it may.

        A deactivated account may view nothing. `as_if={"active": True}` returns what it would reach if it were active:
        what a leaver had, as far as grants, groups and restrictions still name the account. A group that no longer
        lists the leaver gives nothing; `wiki.permission_changes` shows when a member was removed.

        >>> from confluence_access import Snapshot
        >>> access = Snapshot.from_dict({
        ...     "users": {"zoe": {"active": False}},
        ...     "spaces": {"ENG": {"grants": {"user:zoe": ["view"]}}},
        ...     "contents": {"1": {"type": "page", "space": "ENG", "title": "Plan"}},
        ... }).access()
        >>> len(access.contents_for("user:zoe"))
        0
        >>> [row.title for row in access.contents_for("user:zoe", as_if={"active": True})]
        ['Plan']

        Args:
            subject: The subject.
            operation: `view`, `edit` or another operation.
            decision: `allowed` or `unknown` for only these rows; None for both.
            as_if: Facts to suppose about the account: `active` (may log in) and `licensed` (has a licence for the
                product), each True or False. Everything else is as in the snapshot.

        Raises:
            AmbiguousError: The name matches several subjects; `candidates` lists them.
            ConfigurationError: Invalid subject, operation or decision; `as_if` has another key or value, or the subject
                is not an account (a `ValueError`).
            NotFoundError: With `as_if`: the account is not in the snapshot; `nearest` lists similar names.
        """
        asked = arguments.operation(operation, _CONTENTS_FOR)
        return Table(self._core.contents_for(subject_of(subject), asked, decision, as_if))

    def used_by(self, subject: SubjectLike) -> Table[Use]:
        """Everything in the snapshot that names a subject: what to clean up after a leaver, what ends with a group.

        Space permissions, with the role that gives them, global permissions, restrictions, shared drafts, and the
        groups that contain the subject. For a group also the groups inside it. Nested groups are followed, with the
        path.

        Rows name the subject itself. What an account reaches through a group is in `used_by` of that group. Where
        global permissions could not all be read, `gaps` of the table says so: Cloud lists only those that give access
        to Confluence and administer it.

        >>> from confluence_access import Snapshot
        >>> access = Snapshot.from_dict({
        ...     "users": {"ann": {}},
        ...     "groups": {"eng": {"members": ["user:ann"]}},
        ...     "spaces": {"ENG": {"grants": {"group:eng": ["view"]}}},
        ...     "contents": {"1": {"type": "page", "space": "ENG"}},
        ...     "restrictions": {"1": {"update": ["user:ann"]}},
        ... }).access()
        >>> [(row.kind, row.content_id, row.permission, row.group_id) for row in access.used_by("user:ann")]
        [('restriction', '1', 'edit', None), ('member_of', None, None, 'eng')]
        >>> [(row.kind, row.space_key, row.permission) for row in access.used_by("group:eng")]
        [('space_permission', 'ENG', 'view')]

        Args:
            subject: The subject.

        Raises:
            NotFoundError: The snapshot has no such subject; `nearest` lists similar names.
            AmbiguousError: The name matches several subjects; `candidates` lists them.
            ConfigurationError: The text is not a valid subject (a `ValueError`).
        """
        return Table(self._core.used_by(subject_of(subject)))

    def summary(self) -> Table[SummaryRow]:
        """One row per content item: how many may view and edit it, whether anonymous may, what restricts it."""
        return Table(self._core.summary())

    def tree(self, content: ContentLike, *, people_who_can_view: bool = False) -> Tree:
        """The path from the root to a content item, with the view and edit restrictions of every level.

        Args:
            content: The content item at the end of the path.
            people_who_can_view: Whether to list people instead of the groups they are in.

        Raises:
            NotInSnapshotError: The content item was not listed (a `LookupError`).
        """
        return Tree(*self._core.tree(content_of(content, self._snapshot), people_who_can_view))

    def pairs(self, operation: RestrictionOperationLike) -> Pairs:
        """Every pair of an account and a content item it may view or edit, by standing access only, as a stream.

        There may be more pairs than fit into memory: they are generated while they are read, and `len` counts them
        without generating them.

        Raises:
            ConfigurationError: The operation is neither `view` nor `edit` (a `ValueError`).
        """
        return Pairs(self._core.pairs(arguments.operation(operation, "pairs(operation)")))

    def space_access(self, spaces: SpaceLike | Iterable[SpaceLike] | None = None) -> Table[SpaceAccess]:
        """Who may view which space, how far each account reaches in it, and how it gets in.

        One row is one account in one space; columns as in `SpaceAccess`. Roles, groups, classes, anonymous grants,
        licences and deactivated accounts are resolved, so the accounts are those that may view a page of the space that
        nothing restricts. `anonymous` has a row of its own. A site with many accounts has many rows: name the spaces,
        or write them with `to_parquet`, which never holds all.

            >>> access = Confluence.from_env().snapshot().access()
            >>> rows = access.space_access()
            >>> sorted({row.level for row in rows})
            ['admin', 'edit', 'view']

        Args:
            spaces: Keys or records, one or several; None for all.

        Raises:
            NotInSnapshotError: The snapshot has no such space (a `LookupError`).
        """
        keys = None if spaces is None else spaces_of(spaces, self._snapshot)
        return Table(self._core.space_access(keys))

    def audiences(self, operation: RestrictionOperationLike = "view") -> Table[Audience]:
        """The audiences of the site: each set of accounts that may view, or edit, the same content items.

        One row is one audience; columns as in `Audience`. Most sites have far fewer audiences than content items. Those
        of most items come first. Standing access only, so neither bypasses nor public links. `users` lists the accounts
        that may for certain.

            >>> access = Confluence.from_env().snapshot().access()
            >>> widest = access.audiences("view")[0]
            >>> widest.size == len(widest.users), widest.contents
            (True, ...)

        Args:
            operation: `view` or `edit`.

        Raises:
            ConfigurationError: The operation is neither `view` nor `edit` (a `ValueError`).
        """
        return Table(self._core.audiences(arguments.operation(operation, "audiences(operation)")))

    def acl(self, operation: RestrictionOperationLike = "view") -> Table[Acl]:
        """Who may view, or edit, each content item, as a rule that a search index can evaluate.

        One row is one content item outside the trash; columns as in `Acl`. A subject passes if it is in at least one
        entry of every list of `all_of`. The first lists are those of the space, the others restrictions, and evaluating
        them gives exactly the accounts that may for certain, by standing access:

        - `user:<id>` is that account, `group:<id>` its members; those of nested groups too if the switch
          `nested_groups` is on.
        - `class:site-users` contains every active account with a licence, and apps. It is listed where the other lists
          alone would let in deactivated accounts or accounts without a licence.
        - `anonymous`, `unlicensed` and other classes contain the active accounts that the switches say, and `anonymous`
          everyone who is not logged in.
        - Where lists cannot express the rules, the accounts are listed one by one.

        Never index a row with `complete=False`: for some accounts it is unknown whether they may. On Cloud one guest
        makes every item open to `class:all-licensed-users` incomplete, because no document says whether guests are in
        that class. `wiki.measure(snap)` asks Confluence; with `snap.access(policy=wiki.measure(snap).policy)` these
        rows are complete, unless an app makes them incomplete too.

        Rows are generated when something looks at them. `to_parquet` and Arrow streams before that generate them on the
        way and never hold all.

            >>> access = Confluence.from_env().snapshot().access()
            >>> row = access.acl("view")[0]
            >>> row.all_of
            ((...))

        Args:
            operation: `view` or `edit`.

        Raises:
            ConfigurationError: The operation is neither `view` nor `edit` (a `ValueError`).
        """
        return Table(self._core.acl(arguments.operation(operation, "acl(operation)")))

    def acl_changes(self, older: Access, operation: RestrictionOperationLike = "view") -> Table[AclChange]:
        """What to write to a search index again: the rows of `acl` that are new, changed or gone since `older`.

        Rows whose access is the same are not listed, so a second call with the same snapshots on both sides is empty.
        A removed item has `all_of=((),)`, which lets nobody in.

            >>> access = Confluence.from_env().snapshot().access()
            >>> len(access.acl_changes(access))
            0

        Args:
            older: The access of an earlier snapshot of the same site.
            operation: `view` or `edit`.

        Raises:
            ConfigurationError: `older` is no `Access`, or the operation is neither `view` nor `edit` (a `ValueError`).
        """
        if not isinstance(older, Access):
            raise ConfigurationError(
                f"`older` is the access of a snapshot, not `{type(older).__name__}`: write `newer.acl_changes(older)`"
            )
        return Table(
            self._core.acl_changes(older._core, arguments.operation(operation, "acl_changes(older, operation)"))
        )

    def export_acl(
        self,
        target: ExportTarget,
        operation: RestrictionOperationLike = "view",
        *,
        identities: Identities | None = None,
        groups: GroupsLike | None = None,
        public: bool = False,
        tenant: str | None = None,
        since: Access | None = None,
        allow_incomplete: bool = False,
        too_large: Literal["error", "deny"] = "error",
    ) -> AclExport:
        """The rows of `acl` as documents of a search or assistant system, each with the list of who may view it.

        A document never lets in anyone whom the rule keeps out. What a system cannot express, such as membership in two
        groups at once, is resolved to accounts; what it does not know is left out. Each row says so in `exact`,
        `resolved`, `dropped` and `reason`. Rows are generated while they are read.

        | target | what a row becomes | accounts | several lists |
        |---|---|---|---|
        | `microsoft_graph` | `externalItem` with its `acl` | Entra object ids, as `identities` | resolved |
        | `elasticsearch` | document with `_allow_access_control` | account ids, as tokens | yes |
        | `azure_ai_search` | document with `allowed_principals`, for a filter | account ids, as tokens | resolved |
        | `azure_ai_search_acl` | document with permission filter fields (preview) | Entra object ids | resolved |
        | `amazon_q` | `Document` with its `accessConfiguration` | e-mail addresses | yes |
        | `kendra` | `Document` with its `AccessControlList` | e-mail addresses | resolved |
        | `bedrock` | `KnowledgeBaseDocument` with its `accessControlList` | e-mail addresses, no groups | resolved |
        | `onyx` | `doc_id` and `external_access` | e-mail addresses | resolved |

            >>> access = Confluence.from_env().snapshot(spaces=["ENG"]).access()
            >>> row = next(iter(access.export_acl("onyx", allow_incomplete=True)))
            >>> sorted(row.body["external_access"])
            ['external_user_emails', 'external_user_group_ids', 'is_public']

        Args:
            target: The system.
            operation: `view` or `edit`.
            identities: What the system calls the accounts: a mapping from account ids or e-mail addresses, the rows of
                `wiki.identities()` (their addresses), `account_id`, or `email`. If not given, as in the table. An
                account without an identity is left out, and so is one that shares it with an account that may not.
            groups: Groups of the system: a mapping from groups of Confluence (`group:<id or name>`, also
                `class:site-users`) to ids of groups **with the same members**; `confluence`, the groups of Confluence;
                or `audiences`, one group for each audience. The last two are created by the caller: `groups()` of the
                result yields them. Without any, groups are resolved to accounts.
            public: Whether content that people may view without logging in is open to everyone in the system. Otherwise
                only accounts are let in. Content for all licensed users is never opened to everyone.
            tenant: `microsoft_graph`: id of the Entra tenant, for entries that mean everyone; `everyone` if not given.
            since: The access of an earlier snapshot: only what changed since, as in `acl_changes`. What is gone becomes
                `delete`.
            allow_incomplete: Whether to export although it is unknown for some accounts whether they may. Nobody is let
                in to such content.
            too_large: What to do with a list the system cannot hold: `error`, or `deny` to let nobody in.

        Raises:
            IncompleteError: It is unknown for some accounts whether they may; the message says for how many content
                items, and why.
            ConfigurationError: Unknown target or operation, no identities where the system needs them, groups it cannot
                have, or, while rows are read, a content item that does not fit (a `ValueError`).
            AmbiguousError: A name in `groups` matches several groups; `candidates` lists them.
        """
        from .exports import AclExport, Settings

        arguments.operation(operation, "export_acl(target, operation)")
        if since is not None and not isinstance(since, Access):
            raise ConfigurationError(f"`since` is the access of an earlier snapshot, not `{type(since).__name__}`")
        settings = Settings(operation, identities, groups, public, tenant, since, allow_incomplete, too_large)
        return AclExport(self, target, settings)

    def findings(
        self,
        *,
        codes: FindingCode | Iterable[FindingCode] | None = None,
        severity: Severity | Iterable[Severity] | None = None,
        space: SpaceLike | Iterable[SpaceLike] | None = None,
        internal_domains: str | Iterable[str] | None = None,
        huge_group: int | None = None,
        too_many_restrictions: int | None = None,
    ) -> Table[Finding]:
        """What a report should point out: open to anonymous users, editable by nobody, and so on.

        Each row has the facts that prove it, advice and, where no decision is needed, `fix`: calls of the client that
        end it. Rows about a group or about the site have no space. Nothing is reported that only may be the case. The
        documentation page *Codes* lists all findings.

        Args:
            codes: Only these, one or several.
            severity: Only `high`, `medium` or `low`, one or several.
            space: Only findings in these spaces, one or several, by key, id or record.
            internal_domains: The domains of your own e-mail addresses; if not given, those that the organization has
                verified (`snapshot.site.verified_domains`). If these are unknown too, `external_may_view` is not
                reported. A subdomain is a domain of its own.
            huge_group: Number of active members above which `huge_group` is reported; 1,000 if not given.
            too_many_restrictions: Number of entries on a content item above which `too_many_restrictions` is reported;
                100 if not given.

        Raises:
            ConfigurationError: Unknown code or severity, or an invalid domain or number (a `ValueError`).
            NotInSnapshotError: The snapshot does not contain the space (a `LookupError`).

        Example:
            >>> access = Confluence.from_env().snapshot(spaces=["ENG", "HR"]).access()
            >>> [finding.message for finding in access.findings(codes="open_to_all_licensed", space="HR")]
            ['class:all-licensed-users has permissions in space HR']
            >>> {finding.severity for finding in access.findings(severity=["high", "medium"])} <= {"high", "medium"}
            True
        """
        asked = [
            [] if codes is None else arguments.words(codes, "a finding"),
            [] if severity is None else arguments.words(severity, "a severity"),
            spaces_of(space, self._snapshot) or [],
        ]
        most = (
            _count(huge_group, "huge_group"),
            _count(too_many_restrictions, "too_many_restrictions"),
        )
        return Table(self._core.findings(asked, _domains(internal_domains), most))

    def exposure(
        self, *, internal_domains: str | Iterable[str] | None = None, huge_group: int | None = None
    ) -> Table[Exposure]:
        """How far each space and each content item reaches, by standing access, and what lets people in.

        Spaces come first, then content items in the order of the snapshot, without the trash. There is no score:
        `reach` is the farthest that is certain, and `because` lists the facts. An account for which viewing is unknown
        counts in `unknown` only: a row with `unknown` above 0, or with a code that starts with `unknown`, may reach
        farther.

        Args:
            internal_domains: The domains of your own e-mail addresses; if not given, those that the organization has
                verified (`snapshot.site.verified_domains`). If these are unknown too, `external` is None. A subdomain
                is a domain of its own.
            huge_group: Number of accounts above which the reach is `large_group`; 1,000 if not given.

        Raises:
            ConfigurationError: Invalid domain or number (a `ValueError`).

        Example:
            >>> access = Confluence.from_env().snapshot(spaces=["ENG"]).access()
            >>> row = access.exposure(internal_domains="acme.example")[0]
            >>> row.kind, row.space_key, row.reach
            ('space', 'ENG', 'some')
        """
        return Table(self._core.exposure(_domains(internal_domains), _count(huge_group, "huge_group")))

    def verify(
        self, wiki: Confluence, sample: int = 200, seed: int = 0, *, oracle: Oracle = "confluence"
    ) -> Verification:
        """Asks Confluence itself about a sample of questions, and returns every disagreement with both explanations.

        The sample covers content with restrictions of its own, content that inherits restrictions, content below
        folders, open content, and anonymous users; it is the same for the same snapshot and seed. `agreed` counts equal
        answers, `unknown` those the snapshot leaves open, which are not disagreements. If the site has changed since
        the snapshot, that shows as disagreements too.

        Source: Cloud `POST /wiki/rest/api/content/{id}/permission/check`, once for each question, `max_concurrency` at
        a time. Requires a Confluence administrator.

        On Data Center `oracle="extender"` asks the Extender add-on instead: who can view and edit each content item of
        the sample, as people, by `GET /rest/extender/1.0/permission/content/{id}/getInheritedContentPermissions`. Its
        lists are compared with the answers for every account of the snapshot. So `asked` counts accounts, once for each
        operation, `unknown` includes names that nobody in the snapshot has, and `failed` counts content items. An
        account that passes only by a bypass may be on such a list or not. Reasons are `extender.listed` and
        `extender.not_listed`.

        Args:
            wiki: The site of the snapshot.
            sample: Largest number of questions; for the add-on, of content items.
            seed: Seed of the random sample.
            oracle: What is asked: `confluence` or `extender`.

        Raises:
            ForbiddenError: The account is not a Confluence administrator.
            UnavailableError: The add-on is not installed.
        """
        return Verification(*_verify(wiki._core, oracle)(self._core, _size(sample), seed).wait())

    async def verify_async(
        self, wiki: AsyncConfluence, sample: int = 200, seed: int = 0, *, oracle: Oracle = "confluence"
    ) -> Verification:
        """As `verify`, awaited, with an `AsyncConfluence`."""
        return Verification(*await _verify(wiki._core, oracle)(self._core, _size(sample), seed).future())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._snapshot, self._policy, self._product_admins)

    def __repr__(self) -> str:
        given = [*(self._policy or ()), *(["product_admins"] if self._product_admins is not None else [])]
        policy = f" with {', '.join(given)} set" if given else ""
        return visible(f"<Access to {self._snapshot!r}{policy}>")

    def _repr_html_(self) -> str:
        switches = [(f"switch {use.name}", switch_value(use)) for use in self.policy if not use.default]
        known, notes = self._snapshot._facts()
        return notebook.page(notebook.facts("Access", [*known, *switches], notes))


_CAN = "can(subject, operation, content)"
_WHO_CAN = "who_can(operation, content)"
_EXPLAIN = "explain(subject, operation, content)"
_CONTENTS_FOR = "contents_for(subject, operation)"


def _verify(core: _core.Client, oracle: str) -> Callable[[_core.Access, int, int], _core.Call[Any]]:
    asked = {"confluence": core.verify, "extender": core.verify_by_extender}.get(oracle)
    if asked is None:
        raise ConfigurationError(f"unknown oracle `{oracle}`: expected `confluence` or `extender`")
    return asked


def _domains(given: str | Iterable[str] | None) -> list[str]:
    return [] if given is None else arguments.words(given, "a domain")


def _count(given: int | None, what: str) -> int | None:
    number = None if given is None else arguments.whole_number(given)
    if given is not None and (number is None or number < 0):
        raise ConfigurationError(f"`{what}` is a number of 0 or more, not `{given!r}`")
    return number


def _size(sample: int) -> int:
    if sample < 1:
        raise ConfigurationError(f"`sample` is at least 1, not `{sample}`")
    return sample
