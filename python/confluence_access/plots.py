"""Figures of access, drawn with matplotlib: `pip install 'confluence-access[plot]'`.

Every function takes `ax=`, draws into it, or into a new figure, and returns it. What is unknown is drawn apart from
what is not allowed. Figures stay legible for thousands of spaces: neighbours share a cell or a bar, and labels are
thinned.

    >>> from confluence_access import plots
    >>> access = Confluence.from_env().snapshot().access()
    >>> ax = plots.access_matrix(access)
    >>> ax.figure.savefig("matrix.png")
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from .errors import ConfigurationError
from .escapes import visible
from .naming import content_of, group_of, space_of, subject_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from matplotlib.axes import Axes

    from .access import Access
    from .naming import ContentLike, SpaceLike, SubjectLike
    from .records import Content, Exposure, Group, PermissionChange
    from .snapshot import Snapshot

__all__ = ["access_matrix", "changes_over_time", "exposure_by_space", "restriction_depth"]

# The levels of a matrix with their colours. Orange and hatches are for what is unknown, in every figure.
_UNKNOWN = "#f5a623"
_LEVELS = {
    "none": "#f3f4f6",
    "unknown": _UNKNOWN,
    "view": "#a6cde8",
    "at least view": "#c9b77f",
    "edit": "#3b86c4",
    "at least edit": "#93803f",
    "admin": "#12355b",
}
_ORDER = list(_LEVELS)
# What a level is together with something unknown that may be higher.
_OPEN = {"none": "unknown", "view": "at least view", "edit": "at least edit"}
_CERTAIN = {open_: certain for certain, open_ in _OPEN.items()}
# As in `SpaceAccess.level`.
_MAY_EDIT = {"create_page", "edit_page", "create_blogpost", "edit_blogpost"}
# Facts of the site without which the permissions of no space are known to be complete.
_SPACE_FACTS = {"space_permissions", "space_roles", "role_mode"}

# The farthest first, as in `Exposure`.
_REACHES = {
    "internet": "#8e0f1f",
    "link": "#c8323c",
    "guests": "#e4736b",
    "unlicensed": "#f0a58f",
    "all_users": "#7b5ea7",
    "large_group": "#a48bc9",
    "some": "#6fa8d6",
    "few": "#b5d6ee",
    "nobody": "#d6dade",
}
_SCOPES = {
    "site": ("site permissions", "#8e0f1f"),
    "space": ("space permissions", "#3b86c4"),
    "content": ("restrictions", "#12355b"),
    "group": ("groups", "#58a55c"),
    "public_link": ("public links", "#e4736b"),
    "other": ("not understood", _UNKNOWN),
}

_NOTHING: frozenset[str] = frozenset()

_MOST_COLUMNS = 100
_MOST_ROWS = 60
_MOST_BARS = 60
_MOST_LABELS = 40
_LONGEST_LABEL = 20


def access_matrix(
    access: Access,
    groups: Iterable[Group | str] | None = None,
    spaces: Iterable[SpaceLike] | None = None,
    ax: Axes | None = None,
    *,
    content: ContentLike | None = None,
    users: Iterable[SubjectLike] | None = None,
) -> Axes:
    """Groups by spaces, or with `content` people by the pages of a subtree, coloured by what they may do.

    Groups: what a space grants to the group itself, directly or by a role: `view`, `edit` (create pages or blog posts)
    or `admin`, and `none` without the permission to view. What its members have through other groups is not shown.

    People: what they may do with each item in the end, as `access.who_can` resolves it.

    `unknown` is a cell about which something could not be read; `at least view` one where more may be allowed. Where
    several spaces share a column, or several groups a row, the cell has the highest level of them.

    Args:
        access: The access of a snapshot.
        groups: The rows, by name, id or record; if not given, all groups with a permission in one of the spaces.
        spaces: The columns, by key, id or record; if not given, all.
        ax: Where to draw; a new figure if not given.
        content: Draws people instead, by this content item and everything below it.
        users: The rows with `content`; if not given, all who may view one of the items, or for whom it is unknown.

    Raises:
        ImportError: matplotlib is not installed.
        ConfigurationError: `users` without `content`, or `groups` or `spaces` with it (a `ValueError`).
        NotFoundError: The snapshot has no such group, space, person or content item.
    """
    if content is None and users is not None:
        raise ConfigurationError("`users` are drawn by the items below `content`: give both")
    if content is not None and (groups is not None or spaces is not None):
        raise ConfigurationError("`content` draws people by content items: leave out `groups` and `spaces`")
    if content is None:
        rows, columns, cells = _groups_by_spaces(access, groups, spaces)
        return _matrix(rows, columns, cells, ("groups", "spaces"), ax)
    rows, columns, cells = _people_by_items(access, content, users)
    return _matrix(rows, columns, cells, ("people", "items"), ax)


def changes_over_time(changes: Iterable[PermissionChange], ax: Axes | None = None) -> Axes:
    """How many changes of access there were per day, week or month, by what they are about.

    Changes that were not understood are drawn apart. A note says how many have no time, and whether the log could not
    be read completely: a period without a bar is no proof that nothing changed.

    Args:
        changes: The rows of `permission_changes`.
        ax: Where to draw; a new figure if not given.

    Raises:
        ImportError: matplotlib is not installed.
    """
    rows = list(changes)
    when = [(row.at.astimezone(UTC), row.scope) for row in rows if row.at is not None]
    notes = [f"{len(rows) - len(when):,} without a time are not drawn"] if len(when) < len(rows) else []
    if len(gaps := getattr(changes, "gaps", ())):
        notes.append(f"the log is incomplete ({len(gaps):,} gaps)")
    ax = _axes(ax, (9, 4))
    unit, start = _periods([at for at, _ in when])
    counts: dict[str, Counter[datetime]] = defaultdict(Counter)
    for at, scope in when:
        counts[scope if scope in _SCOPES else "other"][start(at)] += 1
    periods = sorted({period for counted in counts.values() for period in counted})
    below = dict.fromkeys(periods, 0)
    width = {"day": 0.8, "week": 5.6, "month": 24}[unit]
    for scope, (label, colour) in _SCOPES.items():
        counted = counts.get(scope)
        if not counted:
            continue
        heights = [counted[period] for period in periods]
        ax.bar(
            periods,  # type: ignore[arg-type]  # its type does not know times, its documentation does
            heights,
            width=width,
            bottom=list(below.values()),
            color=colour,
            label=label,
            align="edge",
            hatch="///" if scope == "other" else None,
            edgecolor="white",
            linewidth=0.4,
        )
        below = {period: below[period] + height for period, height in zip(periods, heights, strict=True)}
    if periods:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        locator = AutoDateLocator(maxticks=10)  # type: ignore[no-untyped-call]
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    _finish(ax, f"changes per {unit}", f"{len(rows):,} changes of access", notes)
    return ax


def exposure_by_space(exposure: Iterable[Exposure], ax: Axes | None = None) -> Axes:
    """How many content items of each space reach how far: one bar for each space, the farthest at the bottom.

    Spaces come in the order of the share of their items that reach farthest. A hatched part may reach farther: for some
    accounts it is unknown whether they may view it. Where it is unknown for all, it is `unknown`. Of more than 60
    spaces, neighbours share a bar.

    Args:
        exposure: The rows of `access.exposure()`, or some of them.
        ax: Where to draw; a new figure if not given.

    Raises:
        ImportError: matplotlib is not installed.
    """
    by_space: dict[str, Counter[tuple[str, bool]]] = defaultdict(Counter)
    for row in exposure:
        counted = by_space[row.space_key]
        if row.kind == "content":
            farther = row.unknown > 0 or any(code.startswith("unknown") for code in row.because)
            # Nothing is farther than the internet.
            counted[(row.reach or "unknown", farther and row.reach not in (None, "internet"))] += 1
    # Words that a later version may add are drawn as unknown, not left out.
    parts = [(reach, farther) for reach in [*_REACHES, "unknown"] for farther in (False, True)]
    table = {
        key: [sum(n for (reach, farther), n in counted.items() if (_known(reach), farther) == part) for part in parts]
        for key, counted in by_space.items()
    }
    keys = sorted(table, key=lambda key: ([-n / max(1, sum(table[key])) for n in table[key]], key))
    bins = _bins(len(keys), _MOST_BARS)
    ax = _axes(ax, (max(6.0, 0.2 * len(bins) + 3), 4.8))
    at, below = range(len(bins)), [0] * len(bins)
    legend: dict[str, dict[str, Any]] = {}
    hatched: dict[str, dict[str, Any]] = {}
    for index, (reach, farther) in enumerate(parts):
        heights = [sum(table[key][index] for key in keys[first:last]) for first, last in bins]
        if any(heights):
            ax.bar(
                at,
                heights,
                bottom=below,
                width=0.9,
                color=_REACHES.get(reach, _UNKNOWN),
                hatch="///" if farther else None,
                edgecolor=_UNKNOWN if farther else "white",
                linewidth=0.0 if farther else 0.4,
            )
            legend[reach.replace("_", " ")] = {"facecolor": _REACHES.get(reach, _UNKNOWN)}
            if farther:
                hatched["may reach farther"] = {"facecolor": "white", "edgecolor": _UNKNOWN, "hatch": "///"}
        below = [low + height for low, height in zip(below, heights, strict=True)]
    _labels(ax, "x", [_label_of(keys, first, last) for first, last in bins])
    ax.set_ylim(0, 1.05 * max([*below, 1]))
    ax.margins(x=0.01)
    title = f"how far {sum(below):,} content items of {len(keys):,} spaces reach"
    _finish(ax, "content items", title, [], _sharing(len(keys), len(bins), "spaces", "bar", "added up"))
    _legend(ax, {**dict(reversed(legend.items())), **hatched})
    return ax


def restriction_depth(access: Access, ax: Axes | None = None) -> Axes:
    """How many levels of view restrictions apply to the content items, by whether an item has one of its own.

    Level 0 are the items that everyone in the space may view. A hatched part may have more levels: restrictions of the
    item or of a page above it could not be read. What is in the trash is not counted.

    Args:
        access: The access of a snapshot.
        ax: Where to draw; a new figure if not given.

    Raises:
        ImportError: matplotlib is not installed.
    """
    unread = _unread(access.snapshot)
    kinds = {
        "not restricted": "#d6dade",
        "only by pages above": "#6fa8d6",
        "by itself": "#12355b",
    }
    counts: Counter[tuple[str, bool, int]] = Counter()
    for row in access.summary():
        if row.status != "trashed":
            own = row.content_id in row.restricted_by
            kind = "by itself" if own else "only by pages above" if row.restricted_by else "not restricted"
            counts[(kind, unread(row.content_id), len(row.restricted_by))] += 1
    levels = range(max((level for _, _, level in counts), default=0) + 1)
    ax = _axes(ax, (6.5, 4))
    below = [0] * len(levels)
    for kind, colour in kinds.items():
        for more in (False, True):
            heights = [counts[(kind, more, level)] for level in levels]
            if any(heights):
                ax.bar(
                    levels,
                    heights,
                    bottom=below,
                    color=_UNKNOWN if more and kind == "not restricted" else colour,
                    hatch="////" if more else None,
                    edgecolor=_UNKNOWN if more and kind != "not restricted" else "white",
                    linewidth=0.4,
                    label=("unknown" if kind == "not restricted" else f"{kind}, maybe more") if more else kind,
                )
            below = [low + height for low, height in zip(below, heights, strict=True)]
    for level, total in zip(levels, below, strict=True):
        ax.annotate(f"{total:,}", (level, total), ha="center", va="bottom", fontsize=8, color="#444444")
    ax.set_xticks(list(levels))
    ax.set_ylim(0, 1.1 * max([*below, 1]))
    _finish(ax, "content items", f"levels of view restrictions on {sum(below):,} content items", [], "levels")
    return ax


# The cells of a matrix -----------------------------------------------------------------------------------------------

Cells = list[list[str]]


def _groups_by_spaces(
    access: Access, groups: Iterable[Group | str] | None, spaces: Iterable[SpaceLike] | None
) -> tuple[list[str], list[str], Cells]:
    snapshot = access.snapshot
    keys = (
        sorted(snapshot.spaces["key"])
        if spaces is None
        else [snapshot.space(space_of(one, snapshot)).key for one in spaces]
    )
    granted: dict[tuple[str, str], set[str]] = defaultdict(set)
    names = {group.id: group.name or group.id for group in snapshot.groups}
    wanted = set(keys)
    for row in snapshot.space_permissions:
        if row.subject_type == "group" and row.space_key in wanted and (row.subject_id or row.subject_name):
            identifier = str(row.subject_id or row.subject_name)
            names.setdefault(identifier, row.subject_name or identifier)
            granted[(identifier, row.space_key)].add(row.permission)
    gaps = snapshot.gaps
    unread = {gap.subject for gap in gaps if gap.scope == "space_permissions"}
    if any(gap.scope == "site" and gap.subject in _SPACE_FACTS for gap in gaps):
        unread = wanted
    if groups is None:
        identifiers = sorted({identifier for identifier, _ in granted}, key=lambda one: (names[one].lower(), one))
    else:
        identifiers = [snapshot.group(group_of(one)).id for one in groups]
    cells = [[_level(granted.get((one, key), _NOTHING), key in unread) for key in keys] for one in identifiers]
    return [names[one] for one in identifiers], keys, cells


def _level(permissions: AbstractSet[str], unread: bool) -> str:
    level = "none"
    if "view" in permissions:
        level = "admin" if "administer" in permissions else "edit" if permissions & _MAY_EDIT else "view"
    # No document says which permissions `manage_content` stands for.
    return _OPEN.get(level, level) if unread or "manage_content" in permissions else level


def _people_by_items(
    access: Access, content: ContentLike, users: Iterable[SubjectLike] | None
) -> tuple[list[str], list[str], Cells]:
    snapshot = access.snapshot
    items = _subtree(snapshot, snapshot.content(content_of(content, snapshot)))
    names = {user.id: user.display_name or user.name or user.id for user in snapshot.users}
    levels: dict[str, dict[str, Any]] = defaultdict(dict)
    for item in items:
        edit = {row.user_id: row.decision for row in access.who_can("edit", item)}
        for row in access.who_can("view", item):
            names.setdefault(row.user_id, row.display_name or row.user_id)
            # An account that may edit has a row here too: editing requires viewing.
            level = "unknown"
            if row.decision == "allowed":
                level = {"allowed": "edit", "unknown": "at least view"}.get(edit.get(row.user_id, ""), "view")
            levels[row.user_id][item.id] = level
    if users is None:
        people = sorted(levels, key=lambda one: (names[one].lower(), one))
    else:
        people = [access.subject(subject_of(one)).subject.removeprefix("user:") for one in users]
    cells = [[levels[one].get(item.id, "none") for item in items] for one in people]
    return [names.get(one, one) for one in people], [item.title or item.id for item in items], cells


def _subtree(snapshot: Snapshot, root: Content) -> list[Content]:
    """An item and everything below it, each before what is below it."""
    below: dict[str | None, list[Content]] = defaultdict(list)
    for item in snapshot.contents:
        if item.status != "trashed":
            below[item.parent_id].append(item)
    found: list[Content] = []
    seen: set[str] = set()
    ahead = [root]
    while ahead:
        item = ahead.pop()
        if item.id not in seen:
            seen.add(item.id)
            found.append(item)
            ahead += reversed(below[item.id])
    return found


def _unread(snapshot: Snapshot) -> Callable[[str], bool]:
    """Whether restrictions of an item, or of anything above it, could not be read."""
    above = {item.id: item.parent_id for item in snapshot.contents}
    gaps = {gap.subject for gap in snapshot.gaps if gap.scope in ("content", "operation")}
    everywhere = any(gap.scope == "site" and gap.subject == "restrictions" for gap in snapshot.gaps)
    known: dict[str, bool] = {}

    def unread(item: str) -> bool:
        path: list[str] = []
        answer = False
        at: str | None = item
        while at is not None:
            # What was not listed has restrictions that were not read either.
            answer = known.get(at, everywhere or at in gaps or at not in above)
            if answer or at in known or at in path:
                break
            path.append(at)
            at = above[at]
        known.update(dict.fromkeys(path, answer))
        return answer

    return unread


def _known(reach: str) -> str:
    return reach if reach in _REACHES else "unknown"


def _highest(levels: Iterable[str]) -> str:
    """The level of a cell that stands for several."""
    found = set(levels)
    certain = max((_CERTAIN.get(level, level) for level in found), key=_ORDER.index)
    return _OPEN.get(certain, certain) if found & set(_CERTAIN) else certain


# What figures share --------------------------------------------------------------------------------------------------


def _matrix(rows: Sequence[str], columns: Sequence[str], cells: Cells, what: tuple[str, str], ax: Axes | None) -> Axes:
    down, across = _bins(len(rows), _MOST_ROWS), _bins(len(columns), _MOST_COLUMNS)
    shown = [
        [_highest(level for row in cells[top:bottom] for level in row[left:right]) for left, right in across]
        for top, bottom in down
    ]
    # The size of a cell, and room for the labels.
    ax = _axes(ax, (min(16, max(6.0, 0.2 * len(across) + 4)), min(14, max(3.0, 0.19 * len(down) + 2.2))))
    from matplotlib.colors import ListedColormap

    if shown and shown[0]:
        codes = [[_ORDER.index(level) for level in row] for row in shown]
        ax.pcolormesh(
            codes,
            cmap=ListedColormap(list(_LEVELS.values())),
            vmin=-0.5,
            vmax=len(_ORDER) - 0.5,
            edgecolors="white",
            linewidth=0.6 if len(across) <= 60 else 0.2,
        )
    ax.invert_yaxis()
    _labels(ax, "y", [_label_of(rows, *bounds) for bounds in down], 0.5)
    _labels(ax, "x", [_label_of(columns, *bounds) for bounds in across], 0.5)
    ax.tick_params(length=0)
    ax.set_frame_on(False)
    present = {level for row in shown for level in row}
    _legend(ax, {level: {"facecolor": colour} for level, colour in _LEVELS.items() if level in present})
    ax.set_title(f"{len(rows):,} {what[0]}, {len(columns):,} {what[1]}", fontsize=10, loc="left")
    notes = [
        _sharing(len(columns), len(across), what[1], "column", "the highest level"),
        _sharing(len(rows), len(down), what[0], "row", "the highest level"),
    ]
    ax.set_xlabel("\n".join(note for note in notes if note), fontsize=8)
    return ax


def _axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """The axes to draw into, of a new figure if none are given."""
    try:
        from matplotlib import pyplot
        from matplotlib.axes import Axes
    except ImportError as error:
        raise ImportError("plots need matplotlib: pip install 'confluence-access[plot]'") from error
    if ax is None:
        return pyplot.subplots(figsize=size, layout="constrained")[1]
    if not isinstance(ax, Axes):
        raise ConfigurationError(f"`ax` are the axes of a matplotlib figure, not `{type(ax).__name__}`")
    return ax


def _bins(count: int, most: int) -> list[tuple[int, int]]:
    """Neighbours that share a place: at most `most` of about the same size, as first and last."""
    places = min(count, most)
    return [(count * place // places, count * (place + 1) // places) for place in range(places)]


def _sharing(count: int, places: int, what: str, place: str, how: str) -> str:
    return f"{what}: up to {-(-count // places):,} share a {place}, {how}" if count > places else ""


def _label_of(names: Sequence[str], first: int, last: int) -> str:
    name = visible(names[first])
    if len(name) > _LONGEST_LABEL:
        name = f"{name[: _LONGEST_LABEL - 1]}…"
    return name if last - first == 1 else f"{name} +{last - first - 1}"


def _labels(ax: Axes, axis: str, names: Sequence[str], centre: float = 0.0) -> None:
    """Names along an axis, thinned to as many as are legible."""
    most = _MOST_ROWS if axis == "y" else _MOST_LABELS
    step = max(1, -(-len(names) // most))
    places = range(0, len(names), step)
    ticks = [place + centre for place in places]
    texts = [names[place] for place in places]
    if axis == "x":
        made = ax.set_xticks(ticks, texts, rotation=90, fontsize=7)
    else:
        made = ax.set_yticks(ticks, texts, fontsize=7)
    for tick in made:
        # A `$` in a name is no formula.
        for label in (tick.label1, tick.label2):
            label.set_parse_math(False)


def _legend(ax: Axes, patches: dict[str, dict[str, Any]]) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(label=label, **{"edgecolor": "#999999", **look}) for label, look in patches.items()]
    if handles:
        ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, frameon=False)


def _finish(ax: Axes, y: str, title: str, notes: Sequence[str], x: str = "") -> None:
    from matplotlib.ticker import MaxNLocator

    ax.set_ylabel(y, fontsize=9)
    ax.set_xlabel(x, fontsize=8)
    ax.set_title("\n".join([title, *notes]), fontsize=10, loc="left")
    ax.tick_params(labelsize=8)
    ax.spines[["top", "right"]].set_visible(False)
    ax.yaxis.set_major_locator(MaxNLocator("auto", integer=True))
    handles, labels = ax.get_legend_handles_labels()
    if handles:
        # As in the bars: what is drawn last is on top.
        ax.legend(handles[::-1], labels[::-1], loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, frameon=False)


def _periods(when: Sequence[datetime]) -> tuple[str, Callable[[datetime], datetime]]:
    """The unit of time in which bars are legible, and the start of the one that a moment is in."""
    span = max(when) - min(when) if when else timedelta()

    def day(at: datetime) -> datetime:
        return at.replace(hour=0, minute=0, second=0, microsecond=0)

    if span <= timedelta(days=62):
        return "day", day
    if span <= timedelta(days=430):
        return "week", lambda at: day(at) - timedelta(days=at.weekday())
    return "month", lambda at: day(at).replace(day=1)
