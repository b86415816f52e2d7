"""Plans: changes of access, written down before they are made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

from . import _core, arguments, notebook, offboarding
from .errors import ConfigurationError, PlanError
from .escapes import visible
from .frozen import Frozen
from .naming import (
    content_of,
    contents_of,
    group_of,
    permissions_by_subject,
    permissions_of,
    space_of,
    subject_of,
    subjects_of,
)
from .records import Finding, Restriction, SpacePermission, WriteResult
from .tables import Table

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from .arguments import Addressed
    from .naming import ContentLike, SpaceLike, SubjectLike
    from .records import Group
    from .snapshot import Snapshot
    from .types import RestrictionOperationLike

__all__ = ["Applied", "Plan", "PlanStep"]

OnError = Literal["stop", "continue"]
"""What happens after a change that failed."""


class PlanStep(Frozen):
    """One line of a plan.

    Attributes:
        line: Its number, counted from 1.
        step: What it does: `grant`, `revoke`, `set`, `restrict`, `unrestrict`, `set_restrictions`, `assign_role`,
            `remove_role`, `add_member`, `remove_member`, `replace`, `delete` or `move`.
        arguments: What it is done to, by name, as in the file of a plan.
        text: The line as text.
    """

    line: int
    step: str
    arguments: Mapping[str, Any]
    text: str

    def __str__(self) -> str:
        return self.text


class _Address:
    """The site a plan is for."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def _address(self) -> str | None:
        return self._text


class Plan:
    """Changes of access, in order: made with one method per kind of change, rehearsed, saved, applied, taken back.

    `snapshot.what_if(plan)` is the snapshot as the plan would leave it; `wiki.apply(plan)` makes the changes. Every
    method adds a line and returns the plan, so that calls can be chained. Texts are looked up when the plan is used;
    what cannot be meant on any site (an unknown permission, nobody named) is refused at once.

    A plan is a sequence of `PlanStep`; plans with the same lines for the same site are equal.

    Args:
        for_site: The site the plan is for: a client, a snapshot or its address. Using it on another site is an error.
            Without it, the plan fits any site, and addresses of pages cannot be used in it.

    Example:
        >>> plan = Plan().grant("ENG", "group:eng", ["view"]).revoke("ENG", "user:zoe").replace("user:zoe", "user:ann")
        >>> print(plan)
        1. grant group:eng view in ENG
        2. revoke every permission in ENG from user:zoe
        3. replace user:zoe by user:ann
    """

    __slots__ = ("_by_hand", "_core")

    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __init__(self, *, for_site: Addressed | str | None = None) -> None:
        self._by_hand: tuple[str, ...] = ()
        if for_site is None or isinstance(for_site, str):
            address = for_site
        elif hasattr(for_site, "_address"):
            address = for_site._address()
        else:
            kind = type(for_site).__name__
            raise ConfigurationError(f"`for_site` is a client, a snapshot or an address, not `{kind}`")
        if address is not None and not address.strip():
            raise ConfigurationError("`for_site` is empty: give the address of the site")
        self._core = _core.Plan(address)

    @classmethod
    def _of(cls, core: _core.Plan, by_hand: tuple[str, ...] = ()) -> Plan:
        plan = cls()
        plan._core = core
        plan._by_hand = by_hand
        return plan

    @property
    def site(self) -> str | None:
        """Address of the site it is for; None for any."""
        return self._core.site

    def _add(self, step: str, **arguments: Any) -> Plan:
        self._core = self._core.with_step({"step": step, **arguments})
        return self

    def _here(self) -> _Address | None:
        return None if self.site is None else _Address(self.site)

    def grant(self, space: SpaceLike, subject: SubjectLike, permissions: str | Iterable[str]) -> Plan:
        """Gives permissions in a space to a subject, as `wiki.grant`.

        Raises:
            ConfigurationError: There is no such permission, or none is named.
        """
        return self._add(
            "grant",
            space=space_of(space, self._here()),
            subject=subject_of(subject),
            permissions=permissions_of(permissions),
        )

    @overload
    def revoke(self, space: SpacePermission | Restriction) -> Plan: ...
    @overload
    def revoke(
        self, space: SpaceLike, subject: SubjectLike, permissions: str | Iterable[str] | None = None
    ) -> Plan: ...
    def revoke(
        self,
        space: SpaceLike | SpacePermission | Restriction,
        subject: SubjectLike | None = None,
        permissions: str | Iterable[str] | None = None,
    ) -> Plan:
        """Takes permissions in a space from a subject, as `wiki.revoke`; or what one row of a table says.

        What a subject holds through a role stays: use `remove_role`. On Cloud, taking `view` takes all others too.

        Args:
            space: The space; or a row of `space_permissions` or `restrictions`, to take away exactly that. For a row
                that a role gives, this removes the role.
            subject: The subject.
            permissions: The permissions; None takes everything the subject was granted by itself.

        Raises:
            ConfigurationError: There is no such permission, or none is named.
        """
        if isinstance(space, SpacePermission | Restriction):
            if subject is not None or permissions is not None:
                raise ConfigurationError("a record says everything: give it alone")
            return self._revoke_row(space)
        if subject is None:
            raise ConfigurationError("no subject is named: name one, such as `group:engineering`")
        words = {} if permissions is None else {"permissions": permissions_of(permissions)}
        return self._add("revoke", space=space_of(space, self._here()), subject=subject_of(subject), **words)

    def _revoke_row(self, row: SpacePermission | Restriction) -> Plan:
        if isinstance(row, Restriction):
            return self.unrestrict(row.content_id, row.operation, row.subject)
        if row.via_role is not None:
            return self.remove_role(row.space_key, row.subject)
        return self.revoke(row.space_key, row.subject, [row.permission])

    def set(self, space: SpaceLike, permissions: Mapping[SubjectLike, str | Iterable[str]]) -> Plan:
        """Gives each of these subjects exactly these permissions in a space, as `wiki.set_permissions`.

        Raises:
            ConfigurationError: There is no such permission, or no subject is named.
        """
        wanted = permissions_by_subject(permissions)
        if not wanted:
            raise ConfigurationError("no subject is named: name at least one, such as `group:engineering`")
        key = space_of(space, self._here())
        for subject, words in wanted:
            self._add("set", space=key, subject=subject, permissions=words)
        return self

    def restrict(
        self,
        contents: ContentLike | Iterable[ContentLike],
        operation: RestrictionOperationLike,
        subjects: SubjectLike | Iterable[SubjectLike],
    ) -> Plan:
        """Adds subjects to the view or edit restriction of content items, as `wiki.restrict`.

        Raises:
            ConfigurationError: There is no such operation, nobody is named, or a restriction cannot hold such a
                subject.
        """
        return self._list("restrict", contents, operation, subjects)

    def unrestrict(
        self,
        contents: ContentLike | Iterable[ContentLike],
        operation: RestrictionOperationLike,
        subjects: SubjectLike | Iterable[SubjectLike] | None = None,
    ) -> Plan:
        """Removes subjects from the view or edit restriction of content items, as `wiki.unrestrict`.

        Without subjects, everyone is removed. An empty restriction restricts nothing.

        Raises:
            ConfigurationError: As for `restrict`.
        """
        return self._list("unrestrict", contents, operation, subjects)

    def set_restrictions(
        self,
        contents: ContentLike | Iterable[ContentLike],
        operation: RestrictionOperationLike,
        subjects: SubjectLike | Iterable[SubjectLike],
    ) -> Plan:
        """Sets the view or edit restriction of content items to exactly these subjects, as `wiki.set_restrictions`.

        Raises:
            ConfigurationError: As for `restrict`.
        """
        return self._list("set_restrictions", contents, operation, subjects)

    def _list(
        self,
        step: str,
        contents: ContentLike | Iterable[ContentLike],
        operation: RestrictionOperationLike,
        subjects: SubjectLike | Iterable[SubjectLike] | None,
    ) -> Plan:
        word = arguments.operation(operation, f"{step}(contents, operation, subjects)")
        word = {"read": "view", "update": "edit"}.get(word.strip().lower(), word)
        if word not in ("view", "edit"):
            raise ConfigurationError(f"no list restricts `{visible(word)}`: use `view` or `edit`")
        here = self._here()
        ids = contents_of(contents, here)
        who = {} if subjects is None else {"subjects": subjects_of(subjects)}
        return self._add(step, contents=ids, operation=word, **who)

    def assign_role(self, space: SpaceLike, subject: SubjectLike, role: str) -> Plan:
        """Gives a subject a role in a space (Cloud), as `wiki.assign_role`. The role it had goes: a subject has one."""
        if not isinstance(role, str):
            raise ConfigurationError(f"a role is given by its name or id, not as `{type(role).__name__}`")
        return self._add("assign_role", space=space_of(space, self._here()), subject=subject_of(subject), role=role)

    def remove_role(self, space: SpaceLike, subject: SubjectLike) -> Plan:
        """Removes the role of a subject in a space (Cloud), as `wiki.remove_role`."""
        return self._add("remove_role", space=space_of(space, self._here()), subject=subject_of(subject))

    def add_member(self, group: str | Group, users: SubjectLike | Iterable[SubjectLike]) -> Plan:
        """Adds accounts to a group.

        Raises:
            ConfigurationError: Nobody is named, or something other than an account.
        """
        return self._members("add_member", group, users)

    def remove_member(self, group: str | Group, users: SubjectLike | Iterable[SubjectLike]) -> Plan:
        """Removes accounts from a group.

        Raises:
            ConfigurationError: As for `add_member`.
        """
        return self._members("remove_member", group, users)

    def _members(self, step: str, group: str | Group, users: SubjectLike | Iterable[SubjectLike]) -> Plan:
        name, accounts = group_of(group), subjects_of(users)
        if not accounts:
            raise ConfigurationError("no account is named: name at least one, such as `user:ann`")
        for user in accounts:
            self._add(step, group=name, user=user)
        return self

    def replace(self, subject: SubjectLike, by: SubjectLike) -> Plan:
        """Puts a user or group in the place of another, in every space permission, role and restriction.

        If both are accounts, also in groups: `by` joins the groups of `subject`, which leaves them. A group is not made
        a member of groups, because no API does that: an account that is replaced by a group keeps its groups. No
        restriction becomes empty by it.

        Raises:
            ConfigurationError: One of them is neither a user nor a group, or both are the same.
        """
        return self._add("replace", subject=subject_of(subject), by=subject_of(by))

    def delete(self, group: str | Group) -> Plan:
        """Deletes a group. It cannot be taken back.

        On Data Center a group kept in Confluence takes every permission and restriction entry about it along: what only
        this group could see is open then. On Cloud the entries stay.

        Source: https://confluence.atlassian.com/security/confluence-groups-for-administrators-1409093160.html

        Raises:
            ConfigurationError: It is not a group.
        """
        return self._add("delete", group=group_of(group))

    def move(self, content: ContentLike, parent: ContentLike) -> Plan:
        """Moves a page, with everything below it, below another page.

        It then inherits the view restrictions of the new ancestors instead of those of the old ones; in another space,
        other permissions count as well.

        Raises:
            ConfigurationError: Both are the same.
        """
        here = self._here()
        return self._add("move", content=content_of(content, here), parent=content_of(parent, here))

    @classmethod
    def from_findings(cls, findings: Iterable[Finding], *, for_site: Addressed | str | None = None) -> Plan:
        """The fixes of findings, as a plan: `Plan.from_findings(access.findings(codes=["stale_group"]))`.

        A finding without a fix needs a decision and adds no line. The same fix of several findings is one line.

        Args:
            findings: Rows of `access.findings()`.
            for_site: As for `Plan`.

        Raises:
            ConfigurationError: Something else than findings is given.
        """
        plan = cls(for_site=for_site)
        seen = set()
        for finding in arguments.several(findings, "a finding"):
            if not isinstance(finding, Finding):
                raise ConfigurationError(f"expected rows of `access.findings()`, not `{type(finding).__name__}`")
            for call in json.loads(finding.fix or "[]"):
                text = json.dumps(call, sort_keys=True)
                if text not in seen:
                    seen.add(text)
                    plan._add(call["call"], **call["arguments"])
        return plan

    @classmethod
    def offboard(cls, snapshot: Snapshot, subject: SubjectLike, replace_with: SubjectLike | None = None) -> Plan:
        """The plan that takes away everything that names an account: what to do when somebody leaves.

        Permissions and roles in spaces, entries of restrictions, and groups: what `access.used_by(subject)` lists.
        Where the account is the last entry of a restriction it stays, because the item would be open without it, unless
        `replace_with` takes its place. `by_hand` of the plan names that, and what no API can do: to deactivate the
        account, groups that a directory manages, global permissions, its personal space.

        Args:
            snapshot: The site as it is. What is not in it is not in the plan: take one of the whole site.
            subject: The account that leaves.
            replace_with: A user or group that gets what the account has. A user joins its groups too; a role that it
                already has in a space stays.

        Raises:
            NotFoundError: The snapshot has no such account or no such replacement; `nearest` lists similar names.
            AmbiguousError: The name matches several; `candidates` lists them.
            ConfigurationError: `subject` is not an account, `replace_with` neither a user nor a group, or both are the
                same (a `ValueError`).

        >>> from confluence_access import Snapshot
        >>> snapshot = Snapshot.from_dict({
        ...     "users": {"zoe": {"name": "Zoe"}},
        ...     "groups": {"eng": {"members": ["user:zoe"]}},
        ...     "spaces": {"ENG": {"grants": {"user:zoe": ["view"]}}},
        ...     "contents": {"1": {"type": "page", "space": "ENG", "title": "Plan"}},
        ...     "restrictions": {"1": {"update": ["user:zoe"]}},
        ... })
        >>> plan = Plan.offboard(snapshot, "Zoe")
        >>> print(plan)
        1. revoke every permission in ENG from user:zoe
        2. remove user:zoe from group eng
        >>> [text[:26] for text in plan.by_hand]
        ['edit restriction of `Plan`', 'account Zoe: no API of Con']
        """

        def made(lines: list[offboarding.Line]) -> Plan:
            plan = cls(for_site=snapshot)
            for step, known in lines:
                plan._add(step, **known)
            return plan

        lines, rest = offboarding.lines_and_rest(snapshot, subject, replace_with, made)
        plan = made(lines)
        plan._by_hand = tuple(rest)
        return plan

    @property
    def by_hand(self) -> tuple[str, ...]:
        """What `offboard` leaves to people, one text each; empty for other plans. Not saved with the plan."""
        return self._by_hand

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the plan as JSON that people can read and change.

        Returns:
            The path.

        Raises:
            OSError: It cannot be written.
        """
        target = arguments.path(path, "a file")
        target.write_text(self._core.to_json(), encoding="utf-8")
        return target

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Plan:
        """Reads a file written by `save`, or by hand.

        Raises:
            PlanError: It does not contain a plan, a line cannot be meant, or a newer version of this package wrote it.
            OSError: It cannot be read.
        """
        source = arguments.path(path, "a file")
        try:
            text = source.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            text = ""
        return cls._of(_core.Plan.from_json(text))

    @property
    def steps(self) -> tuple[PlanStep, ...]:
        """The lines."""
        return tuple(
            PlanStep(line, known.pop("step"), known, visible(text))
            for line, (known, text) in enumerate(self._core.lines(), 1)
        )

    def __iter__(self) -> Iterator[PlanStep]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self._core)

    def __getitem__(self, index: int) -> PlanStep:
        return self.steps[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Plan):
            return NotImplemented
        return self._core == other._core

    def __reduce__(self) -> tuple[Any, ...]:
        return Plan._of, (self._core, self._by_hand)

    def __copy__(self) -> Plan:
        return Plan._of(self._core, self._by_hand)

    def __str__(self) -> str:
        return "\n".join(f"{step.line}. {step}" for step in self.steps)

    def __repr__(self) -> str:
        count = len(self)
        site = f" for {visible(self.site)}" if self.site else ""
        head = f"<Plan of {count} line{'' if count == 1 else 's'}{site}>"
        return f"{head}\n{self}" if count else head

    def _repr_html_(self) -> str:
        count = len(self)
        site = f" for {self.site}" if self.site else ""
        columns = [("line", "Number of the line", "whole number"), ("change", "What it does", "prose")]
        rows = [(str(step.line), step.text) for step in self.steps]
        title = f"Plan of {count} line{'' if count == 1 else 's'}{site}"
        by_hand = [f"by hand: {text}" for text in self.by_hand]
        return notebook.page(notebook.table(columns, rows, title, by_hand))


def plan_of(plan: Plan) -> _core.Plan:
    """The plan that is given as an argument."""
    if not isinstance(plan, Plan):
        raise ConfigurationError(f"expected a `Plan`, not `{type(plan).__name__}`")
    return plan._core


class Applied(Table[WriteResult]):
    """What became of a plan: one row per change, and the way back.

    A table of `WriteResult`, from `wiki.apply(plan)`.
    """

    __slots__ = ("_left", "_undo")

    def __init__(self, core: _core.Table, undo: _core.Plan, left: Sequence[str]) -> None:
        super().__init__(core)
        self._undo = undo
        self._left = tuple(left)

    @classmethod
    def _of(cls, known: tuple[_core.Table, _core.Plan, list[str]]) -> Applied:
        return cls(*known)

    @property
    def irreversible(self) -> tuple[str, ...]:
        """What no plan can take back, such as a deleted group, one text each."""
        return self._left

    def undo(self, *, partial: bool = False) -> Plan:
        """The plan that takes back what was done; after a dry run, what would be done.

        Args:
            partial: Leaves out what cannot be taken back, which `irreversible` lists.

        Raises:
            PlanError: Something cannot be taken back.
        """
        if self._left and not partial:
            raise PlanError(
                f"not everything can be taken back: {'; '.join(self._left)}: use `undo(partial=True)` for the rest"
            )
        return Plan._of(self._undo)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._core, self._undo, self._left)

    def _repr_html_(self) -> str:
        return notebook.page(self._as_html([f"cannot be taken back: {text}" for text in self._left]))


def attempt_of(on_error: OnError, resume: Table[WriteResult] | None) -> tuple[bool, list[tuple[Any, ...]]]:
    """Whether to go on after a failure, and the rows of an earlier attempt."""
    if on_error not in ("stop", "continue"):
        raise ConfigurationError(f"invalid `on_error` `{on_error!r}`: expected `stop` or `continue`")
    if resume is None:
        return on_error == "continue", []
    if not isinstance(resume, Table) or resume.record is not WriteResult:
        raise ConfigurationError("`resume` is what an earlier `apply` returned")
    rows = [
        (
            (row.kind, row.target, row.subject, row.permission, row.outcome),
            (row.message, row.subject_name, row.title, row.change),
            row.line,
        )
        for row in resume
    ]
    return on_error == "continue", rows
