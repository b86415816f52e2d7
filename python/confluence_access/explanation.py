"""The parts of explanations and trees, as frozen records."""

# Written by `python -m confluence_access._generate`: change the `part!`s in src/resolve instead.

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Fix",
    "Gate",
    "IrrelevantRestriction",
    "ListedPrincipal",
    "Place",
    "SubjectState",
    "SwitchUse",
    "TreeLevel",
    "TreeList",
    "WayIn",
]


@dataclass(frozen=True, slots=True)
class SubjectState:
    """The subject of a question, and what is known of it.

    Attributes:
        subject: The subject as text, names resolved to an id.
        name: Its name, if known.
        state: `active`, `deactivated`, `guest`, `unlicensed`, `app`, `group`, `anonymous`, `unknown` …
        note: A sentence that says so where the snapshot has no such subject; else None.
        nearest: Texts close to the one given that name a subject of the snapshot; empty for one it has.
    """

    subject: str
    name: str | None
    state: str
    note: str | None
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """The content of a question.

    Attributes:
        id: Id of the content.
        title: Its title.
        kind: Its type, such as `page`.
        status: `current`, `archived`, `draft` or `trashed`.
        space_key: Key of its space.
        space_name: Name of that space.
        url: Address a person opens.
    """

    id: str
    title: str | None
    kind: str
    status: str
    space_key: str
    space_name: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class ListedPrincipal:
    """A principal a gate knows, and whether the subject passes through it.

    Attributes:
        subject: The principal as text.
        name: Its name, if known.
        via_role: Role that brings the permission (space gates).
        outcome: `pass`, `fail` or `unknown`: whether the subject is or belongs to it.
        via: How, such as `direct` or `group eng`; empty where the subject does not pass through it.
    """

    subject: str
    name: str | None
    via_role: str | None
    outcome: str
    via: str


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate, evaluated whether or not an earlier one failed.

    Attributes:
        name: `site`, `site_mode`, `state`, `space_state`, `space`, `space_operation`, `view_list`, `edit_list` or
            `system_admin`.
        outcome: `pass`, `fail`, `unknown` or `not_applicable`.
        codes: Codes it gives, sorted.
        text: One sentence.
        way: `editor`, `space_admin` or `system_admin` where there are several ways to be allowed, as for
            `remove_restrictions`: passing all gates of one way, and those without one, is enough. None: every way needs
            it.
        doubts: The facts that are not known, a sentence for each, such as
            `not known whether Ada Tanaka is a product admin`; empty where the gate is decided.
        content_id: The content whose list this is.
        content_title: Its title.
        levels_up: How many levels above the content asked about; 0 is its own.
        place: Where it lives, such as `2 levels up, at *Plans*`.
        principals: Principals of the list or the grant, as stored; where the gate is `unknown` the doubtful ones first.
        witnesses: Lines that say through which principals the subject passes.
        could_pass: How many accounts pass this gate for certain; None where that was not counted.
        could_pass_names: Up to ten of them, by display name.
    """

    name: str
    outcome: str
    codes: tuple[str, ...]
    text: str
    way: str | None
    doubts: tuple[str, ...]
    content_id: str | None
    content_title: str | None
    levels_up: int | None
    place: str | None
    principals: tuple[ListedPrincipal, ...]
    witnesses: tuple[str, ...]
    could_pass: int | None
    could_pass_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WayIn:
    """A bypass or an exposure: a way in that is no standing access.

    Attributes:
        code: Its code, such as `bypass.admin_key`.
        open: Whether it is open at this moment.
        text: One sentence.
    """

    code: str
    open: bool
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that would open the content to the subject.

    Attributes:
        change: What to change.
        by: Who can.
    """

    change: str
    by: str


@dataclass(frozen=True, slots=True)
class IrrelevantRestriction:
    """A restriction that looks as if it mattered and does not.

    Attributes:
        content_id: Where it is stored.
        content_title: Title of that content.
        levels_up: How many levels above the content asked about.
        text: Why it does not matter.
    """

    content_id: str
    content_title: str | None
    levels_up: int
    text: str


@dataclass(frozen=True, slots=True)
class SwitchUse:
    """A switch of the policy an answer rests on, or one that is in force.

    Attributes:
        name: Name of the switch.
        value: Its value.
        default: Whether that is the default of the deployment.
        question: The question it answers.
        source: Address of the document, if there is one.
    """

    name: str
    value: bool | str | tuple[str, ...]
    default: bool
    question: str
    source: str | None


@dataclass(frozen=True, slots=True)
class TreeList:
    """A list of groups and users, by the names people know.

    Attributes:
        groups: Groups.
        users: Users.
    """

    groups: tuple[str, ...]
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TreeLevel:
    """One level of a tree.

    Attributes:
        level: 1 is the root.
        content_id: The content.
        title: Its title.
        kind: Its type.
        author: Display name of its creator.
        view: Who may view it: groups and users named in the space or in a list above, each asked about as itself.
        edit: Who may edit it.
        unknown_view: Named subjects for which it is not known whether they may view it.
        unknown_edit: Named subjects for which it is not known whether they may edit it.
        view_restriction: Its own view list.
        edit_restriction: Its own edit list.
        everyone: What everybody with access to the space can do: `can edit` where nothing is restricted here,
            `can view` where only editing is, `has no access` where viewing is; `unknown` where its restrictions are not
            known.
    """

    level: int
    content_id: str
    title: str | None
    kind: str
    author: str | None
    view: TreeList
    edit: TreeList
    unknown_view: TreeList
    unknown_edit: TreeList
    view_restriction: TreeList
    edit_restriction: TreeList
    everyone: str
