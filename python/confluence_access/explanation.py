"""The parts of explanations and trees, as frozen records."""

# Written by `python -m confluence_access._generate`: change the `part!`s in src/resolve instead.

from __future__ import annotations

from .frozen import Frozen

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


class SubjectState(Frozen):
    """The subject of a question, and what is known about it.

    Attributes:
        subject: The subject as text, with names resolved to an id.
        name: Its name, if known.
        state: `active`, `deactivated`, `guest`, `unlicensed`, `app`, `group`, `anonymous`, `unknown` …
        note: A sentence that says so if the snapshot has no such subject; else None.
        nearest: Similar texts that match a subject of the snapshot; empty if the snapshot has the subject.
    """

    subject: str
    name: str | None
    state: str
    note: str | None
    nearest: tuple[str, ...]


class Place(Frozen):
    """The content item of a question.

    Attributes:
        id: Id of the content.
        title: Its title.
        kind: Its type, such as `page`.
        status: `current`, `archived`, `draft` or `trashed`.
        space_key: Key of its space.
        space_name: Name of that space.
        url: The address people open.
    """

    id: str
    title: str | None
    kind: str
    status: str
    space_key: str
    space_name: str | None
    url: str | None


class ListedPrincipal(Frozen):
    """An entry of a gate, and whether the subject passes through it.

    Attributes:
        subject: The entry as text.
        name: Its name, if known.
        via_role: Role that gives the permission (space gates).
        outcome: `pass`, `fail` or `unknown`: whether the subject is, or belongs to, the entry.
        via: How the subject passes, such as `direct` or `group eng`; empty if it does not pass through this entry.
    """

    subject: str
    name: str | None
    via_role: str | None
    outcome: str
    via: str


class Gate(Frozen):
    """One gate, evaluated whether or not an earlier one failed.

    Attributes:
        name: `site`, `site_mode`, `state`, `space_state`, `space`, `space_operation`, `view_list`, `edit_list` or
            `system_admin`.
        outcome: `pass`, `fail`, `unknown` or `not_applicable`.
        codes: Its codes, sorted.
        text: A description in one sentence.
        way: `editor`, `space_admin` or `system_admin` if there are several ways to be allowed, as for
            `remove_restrictions`: passing all gates of one way, and those without a way, is enough. None: every way
            requires this gate.
        doubts: The unknown facts, one sentence each, such as `not known whether Ada Tanaka is a product admin`; empty
            if the gate is decided.
        content_id: The content item whose restriction this is.
        content_title: Its title.
        levels_up: How many levels above the item of the question; 0 is the item itself.
        place: Where it is set, such as `2 levels up, at *Plans*`.
        principals: Entries of the restriction, or subjects of the grants, as stored; if the gate is `unknown`, the
            unknown ones first.
        witnesses: The entries the subject passes through, as lines of text.
        could_pass: How many accounts certainly pass this gate; None if they were not counted.
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


class WayIn(Frozen):
    """A bypass or an exposure: access that is not standing access.

    Attributes:
        code: Its code, such as `bypass.admin_key`.
        open: Whether it is open now.
        text: A description in one sentence.
    """

    code: str
    open: bool
    text: str


class Fix(Frozen):
    """A change that would give the subject access.

    Attributes:
        change: The change to make.
        by: Who can make it.
    """

    change: str
    by: str


class IrrelevantRestriction(Frozen):
    """A restriction that seems to matter but does not.

    Attributes:
        content_id: The content item it is set on.
        content_title: Title of that item.
        levels_up: How many levels above the item of the question.
        text: Why it does not matter.
    """

    content_id: str
    content_title: str | None
    levels_up: int
    text: str


class SwitchUse(Frozen):
    """A switch of the policy that an answer depends on, or that is in force.

    Attributes:
        name: Name of the switch.
        value: Its value.
        default: Whether the value is the default of the deployment.
        question: The question it answers.
        source: Address of the document, if there is one.
    """

    name: str
    value: bool | str | tuple[str, ...]
    default: bool
    question: str
    source: str | None


class TreeList(Frozen):
    """A list of groups and users, by the names people know.

    Attributes:
        groups: Groups.
        users: Users.
    """

    groups: tuple[str, ...]
    users: tuple[str, ...]


class TreeLevel(Frozen):
    """One level of a tree.

    Attributes:
        level: 1 is the root.
        content_id: The content item.
        title: Its title.
        kind: Its type.
        author: Display name of its creator.
        view: Who may view it: groups and users named in the space or in a restriction above, each evaluated by itself.
        edit: Who may edit it.
        unknown_view: Named subjects for which viewing is unknown.
        unknown_edit: Named subjects for which editing is unknown.
        view_restriction: Its own view restriction.
        edit_restriction: Its own edit restriction.
        everyone: What everyone with access to the space can do: `can edit` if nothing is restricted here, `can view` if
            only editing is, `has no access` if viewing is; `unknown` if its restrictions are unknown.
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
