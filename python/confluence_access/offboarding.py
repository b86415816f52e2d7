"""What takes away everything that names an account, as lines of a plan; and what no API can do."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from .errors import ConfigurationError, PlanError
from .escapes import visible
from .naming import subject_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .access import Access
    from .naming import SubjectLike
    from .plans import Plan
    from .records import Restriction, SpacePermission, Use
    from .snapshot import Snapshot
    from .tables import Table

__all__ = ["Line", "lines_and_rest"]

Line = tuple[str, dict[str, Any]]
"""A step of a plan, and its arguments."""


def lines_and_rest(
    snapshot: Snapshot,
    subject: SubjectLike,
    replace_with: SubjectLike | None,
    made: Callable[[list[Line]], Plan],
) -> tuple[list[Line], list[str]]:
    """The lines that take away what an account has, and what is left to people.

    Args:
        snapshot: The site.
        subject: The account that leaves.
        replace_with: Who gets what it has.
        made: A plan of lines.
    """
    access = snapshot.access()
    leaver, by = _account(access, subject), None
    if replace_with is not None:
        by = access.subject(subject_of(replace_with)).subject
        if by == leaver:
            raise ConfigurationError(f"`{visible(by)}` cannot replace itself")
        if not by.startswith(("user:", "group:")):
            raise ConfigurationError(f"expected a user or a group as replacement, not `{visible(by)}`")
    leaving = _Leaving(snapshot, access, leaver, by)
    lines = leaving.possible(made)
    leaving.account()
    return lines, leaving.rest


def _account(access: Access, subject: SubjectLike) -> str:
    known = access.subject(subject_of(subject)).subject
    if not known.startswith("user:"):
        raise ConfigurationError(
            f"only an account leaves, not `{visible(known)}`: use `delete` for a group, `revoke` for anyone else"
        )
    return known


def _subjects(rows: Table[SpacePermission] | Table[Restriction]) -> list[str]:
    """The subject of each row, without making the rows."""
    kinds = zip(rows.column("subject_type"), rows.column("subject_id"), strict=True)
    return [f"{kind}:{name}" for kind, name in kinds]


class _Leaving:
    """An account that leaves: what names it, and what becomes of it."""

    def __init__(self, snapshot: Snapshot, access: Access, leaver: str, by: str | None) -> None:
        self.snapshot = snapshot
        self.leaver = leaver
        self.by = by
        self.uses = access.used_by(leaver)
        self.rest: list[str] = []
        user = snapshot.user(leaver)
        self.user = user
        self.name = user.display_name or user.name or user.id

    def _kind(self, kind: str) -> list[Use]:
        return [use for use in self.uses if use.kind == kind]

    def possible(self, made: Callable[[list[Line]], Plan]) -> list[Line]:
        """The lines that the product can carry out."""
        lines = [*self._spaces(), *self._restrictions(), *self._groups()]
        self._others()
        while lines:
            try:
                self.snapshot.what_if(made(lines))
            except PlanError as error:
                if error.line is None:
                    raise
                why = re.sub(r"^line \d+, `.*?`: ", "", str(error))
                step, given = lines[error.line - 1]
                words = given.get("permissions", [])
                left = [word for word in words if f"`{word}`" not in why]
                # Of several permissions, only what the product does not give stays out.
                lines[error.line - 1 : error.line] = (
                    [(step, {**given, "permissions": left})] if left and left != words else []
                )
                about = given.get("space") or given.get("group") or ", ".join(given.get("contents", []))
                self.rest.append(f"{step} in {about}: {why}")
            else:
                break
        return lines

    def _spaces(self) -> list[Line]:
        """Permissions and roles in spaces."""
        granted: dict[str, list[str]] = {}
        roles: dict[str, str] = {}
        for use in self._kind("space_permission"):
            if use.space_key is None or use.permission is None:
                continue
            if use.via_role is not None:
                roles[use.space_key] = use.via_role
            else:
                granted.setdefault(use.space_key, []).append(use.permission)
        lines: list[Line] = []
        alone = self._administered_alone()
        for key, words in granted.items():
            if key in alone:
                continue
            if self.snapshot.site.role_mode == "ROLES":
                self.rest.append(
                    f"space {key}: {', '.join(words)} stay: this site gives access to spaces by roles only, and takes "
                    "no single permission"
                )
                continue
            if self.by is not None:
                lines.append(("grant", {"space": key, "subject": self.by, "permissions": words}))
            lines.append(("revoke", {"space": key, "subject": self.leaver}))
        has = {} if self.by is None else self._roles_of(self.by)
        for key, role in roles.items():
            if key in alone:
                continue
            if self.by is not None and key not in has:
                lines.append(("assign_role", {"space": key, "subject": self.by, "role": role}))
            elif self.by is not None and has[key] != role:
                self.rest.append(
                    f"space {key}: {self.by} keeps the role {has[key]}, as a subject has one role; {self.name} had "
                    f"{role}"
                )
            lines.append(("remove_role", {"space": key, "subject": self.leaver}))
        return lines

    def _administered_alone(self) -> set[str]:
        """Spaces that nobody else administers: an administrator of Confluence would have to recover them."""
        own = {use.space_key for use in self._kind("space_permission") if use.permission == "administer"}
        if not own or self.by is not None:
            return set()
        rows = self.snapshot.space_permissions
        held = zip(rows.column("space_key"), _subjects(rows), rows.column("permission"), strict=True)
        others = {key for key, holder, word in held if word == "administer" and holder != self.leaver}
        alone = {key for key in own - others if key is not None}
        for key in sorted(alone):
            self.rest.append(
                f"space {key}: what {self.name} has stays, as nobody else administers it: name somebody "
                "(`replace_with`, `--replace-with`), or delete the space"
            )
        return alone

    def _roles_of(self, subject: str) -> dict[str, str]:
        rows = self.snapshot.space_permissions
        held = zip(rows.column("space_key"), _subjects(rows), rows.column("via_role"), strict=True)
        return {key: role for key, holder, role in held if holder == subject and role is not None}

    def _restrictions(self) -> list[Line]:
        """Entries of restrictions. The last one stays unless somebody takes its place: without it the item is open."""
        named = Counter((use.content_id, use.permission) for use in self._kind("restriction"))
        if not named:
            return []
        rows = self.snapshot.restrictions
        groups = {f"group:{name}" for group in self.snapshot.groups for name in (group.id, group.name)}
        standing: Counter[tuple[str | None, str | None]] = Counter()
        replaced = set()
        entries = zip(rows.column("content_id"), rows.column("operation"), _subjects(rows), strict=True)
        for content, operation, subject in entries:
            # Whether an entry of a deleted group keeps anyone out is not documented.
            if (content, operation) in named and (not subject.startswith("group:") or subject in groups):
                standing[content, operation] += 1
                if subject == self.by:
                    replaced.add((content, operation))
        listed = set(self.snapshot.contents.column("id"))
        titles = {use.content_id: use.content_title for use in self._kind("restriction")}
        lines: list[Line] = []
        for (content, operation), times in named.items():
            what = f"{operation} restriction of `{titles[content] or 'untitled'}` ({content})"
            at = {"contents": [content], "operation": operation}
            if content not in listed:
                self.rest.append(f"{what}: the snapshot does not have this item: remove {self.name} there")
                continue
            if self.by is not None and (content, operation) not in replaced:
                lines.append(("restrict", {**at, "subjects": [self.by]}))
            elif standing[content, operation] <= times:
                self.rest.append(
                    f"{what}: {self.name} stays as the last entry, without which it would be open: give it to "
                    "somebody (`replace_with`, `--replace-with`), or remove the restriction"
                )
                continue
            lines.append(("unrestrict", {**at, "subjects": [self.leaver]}))
        return lines

    def _groups(self) -> list[Line]:
        """Groups that list the account. It leaves those around them by that too."""
        own = {group.id: group for group in self.snapshot.groups}
        lines: list[Line] = []
        for use in self._kind("member_of"):
            if use.path is not None or use.group_id is None:
                continue
            group = own.get(use.group_id)
            name = use.group_name or use.group_id
            if group is not None and group.source == "directory":
                where = f"the directory {group.directory_name}" if group.directory_name else "a directory"
                self.rest.append(f"group {name}: {where} manages it: remove {self.name} there")
                continue
            if group is not None and group.source == "team":
                self.rest.append(f"group {name}: it follows a team: remove {self.name} from the team")
                continue
            if self.by is not None and self.by.startswith("user:"):
                lines.append(("add_member", {"group": use.group_id, "user": self.by}))
            lines.append(("remove_member", {"group": use.group_id, "user": self.leaver}))
        return lines

    def _others(self) -> None:
        """What no API changes."""
        words = sorted({use.permission for use in self._kind("global_permission") if use.permission})
        if words:
            self.rest.append(f"global permissions {', '.join(words)}: no API takes them: see Global permissions")
        for use in self._kind("shared_draft"):
            self.rest.append(
                f"draft `{use.content_title or 'untitled'}` ({use.content_id}) is shared with {self.name}: no API ends "
                "that"
            )

    def account(self) -> None:
        """What is left of the account itself."""
        for space in self.snapshot.spaces:
            if space.type == "personal" and space.owner_id == self.user.id:
                self.rest.append(f"personal space {space.key}: {self.name} still owns it: delete it, or hand it over")
        if self.user.active is not False:
            where = "in the organization" if self.snapshot.site.deployment == "cloud" else "in its directory"
            self.rest.append(f"account {self.name}: no API of Confluence deactivates it: do so {where}")
        missing = len(self.snapshot.gaps)
        if missing or self.uses.gaps:
            parts = f"{missing} part{'' if missing == 1 else 's'} of the site" if missing else "all global permissions"
            self.rest.append(f"{parts} could not be read: what names {self.name} there is not in this plan: see `gaps`")
