"""Figures of access, drawn with matplotlib and read back from what was drawn."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer

from confluence_access import Access, ConfigurationError, NotFoundError, Simulator, Snapshot, plots

CONTENTS: dict[str, Any] = {
    "1": {"type": "page", "space": "ENG", "title": "Home"},
    "2": {"type": "page", "space": "ENG", "title": "Plan $x$\x1b[31m", "parent": "1"},
    "3": {"type": "page", "space": "ENG", "title": "Costs", "parent": "2"},
    "4": {"type": "page", "space": "HR", "title": "Pay"},
}


def small(**more: Any) -> Access:
    site = {
        "users": {"ann": {"display_name": "Ann"}, "bob": {"display_name": "Bob"}, "eve": {"display_name": "Eve"}},
        "groups": {
            "readers": {"members": ["user:bob"]},
            "writers": {"members": ["user:ann"]},
            "owners": {"members": []},
            "exporters": {"members": []},
        },
        "spaces": {
            "ENG": {
                "grants": {
                    "group:readers": ["view"],
                    "group:writers": ["view", "create_page"],
                    "group:owners": ["view", "create_page", "administer"],
                    "group:exporters": ["export"],
                }
            },
            "HR": {"grants": {"group:owners": ["view"]}},
        },
        "contents": CONTENTS,
        "restrictions": {"2": {"read": ["user:ann", "user:bob"]}, "3": {"read": ["user:ann"]}},
        **more,
    }
    return Snapshot.from_dict(site).access()


@pytest.fixture(autouse=True)
def agg() -> Iterator[None]:
    with mpl.rc_context({"backend": "Agg"}):
        yield
        pyplot.close("all")


@pytest.fixture(scope="module")
def whole() -> Iterator[SimpleNamespace]:
    with Simulator(pages=120) as simulator, simulator.connect() as wiki:
        yield SimpleNamespace(access=wiki.snapshot().access(), changes=wiki.permission_changes())


def drawn(ax: Axes) -> bytes:
    """The figure as PNG: it can be drawn, without a warning."""
    out = BytesIO()
    ax.get_figure().savefig(out, format="png")  # type: ignore[union-attr]
    return out.getvalue()


def labels(ax: Axes, axis: str) -> list[str]:
    drawn(ax)
    return [label.get_text() for label in (ax.get_xticklabels() if axis == "x" else ax.get_yticklabels())]


def levels(ax: Axes) -> list[list[str]]:
    """The words of a matrix, by the colours of its cells."""
    (mesh,) = (one for one in ax.collections if isinstance(one, QuadMesh))
    values = mesh.get_array()
    assert values is not None
    words = {colour: level for level, colour in plots._LEVELS.items()}
    return [[words[to_hex(tuple(mesh.to_rgba(value)))] for value in row] for row in values]


def legend(ax: Axes) -> set[str]:
    found = ax.get_legend()
    return {text.get_text() for text in found.get_texts()} if found else set()


def heights(ax: Axes) -> Any:
    return sum(bar.get_height() for bar in bars(ax))


def bars(ax: Axes) -> list[Any]:
    return [bar for group in ax.containers if isinstance(group, BarContainer) for bar in group]


def test_a_matrix_has_the_level_of_every_group_in_every_space():
    ax = plots.access_matrix(small())
    assert labels(ax, "x") == ["ENG", "HR"]
    assert dict(zip(labels(ax, "y"), levels(ax), strict=True)) == {
        # Without the permission to view, others have no effect.
        "exporters": ["none", "none"],
        "owners": ["admin", "view"],
        "readers": ["view", "none"],
        "writers": ["edit", "none"],
    }
    assert legend(ax) == {"none", "view", "edit", "admin"}
    chosen = plots.access_matrix(small(), ["group:writers", "readers"], ["HR", "eng"])
    assert (labels(chosen, "y"), labels(chosen, "x")) == (["writers", "readers"], ["HR", "ENG"])
    assert levels(chosen) == [["none", "edit"], ["none", "view"]]


def test_what_could_not_be_read_is_unknown_and_never_none():
    gap = {"scope": "space_permissions", "subject": "ENG", "cause": "forbidden", "message": "no"}
    found = plots.access_matrix(small(gaps=[gap]))
    assert levels(found) == [
        ["unknown", "none"],
        ["admin", "view"],
        ["at least view", "none"],
        ["at least edit", "none"],
    ]
    everywhere = {**gap, "scope": "site", "subject": "space_permissions"}
    assert "none" not in {level for row in levels(plots.access_matrix(small(gaps=[everywhere]))) for level in row}
    content = {"scope": "content", "subject": "2", "cause": "forbidden", "message": "no"}
    access = small(gaps=[content])
    people = plots.access_matrix(access, content="1", users=["Ann", "user:eve"])
    ann, eve = levels(people)
    assert (ann[0], eve) == ("edit", ["none"] * 3)
    assert ann[1] == "at least view"
    depth = plots.restriction_depth(access)
    assert any("maybe more" in label for label in legend(depth))


def test_people_are_drawn_by_the_items_of_a_subtree():
    access = small()
    ax = plots.access_matrix(access, content="ENG:Home")
    assert labels(ax, "x") == ["Home", "Plan $x$\\x1b[31m", "Costs"]
    for name, row in zip(labels(ax, "y"), levels(ax), strict=True):
        for content, level in zip("123", row, strict=True):
            can = [str(access.can(f"user:{name.lower()}", word, content)) for word in ("view", "edit")]
            assert (level != "none", level == "edit") == tuple(word == "allowed" for word in can)
    assert labels(ax, "y") == ["Ann", "Bob"]
    assert labels(plots.access_matrix(access, content="2", users=["Eve"]), "y") == ["Eve"]


def test_every_decision_of_a_site_is_in_its_matrix(whole):
    access = whole.access
    root = next(space.homepage_id for space in access.snapshot.spaces if space.key == "ENG")
    users = [user for user in access.snapshot.users][:12]
    items = plots._subtree(access.snapshot, access.snapshot.content(root))
    assert 20 < len(items) <= plots._MOST_COLUMNS
    ax = plots.access_matrix(access, content=root, users=users)
    seen: Counter[str] = Counter()
    for user, row in zip(users, levels(ax), strict=True):
        for item, level in zip(items, row, strict=True):
            view, edit = (str(access.can(user, word, item)) for word in ("view", "edit"))
            wanted = {"denied": "none", "unknown": "unknown"}.get(view) or {
                "allowed": "edit",
                "unknown": "at least view",
                "denied": "view",
            }[edit]
            assert level == wanted, (user, item)
            seen[level] += 1
    assert min(seen["none"], seen["unknown"], seen["edit"]) > 0


def test_changes_are_counted_by_what_they_are_about(whole):
    ax = plots.changes_over_time(whole.changes)
    assert heights(ax) == len(whole.changes)
    assert legend(ax) == {plots._SCOPES[scope][0] for scope in set(whole.changes["scope"])}
    assert f"{len(whole.changes)} changes" in ax.get_title(loc="left")
    start = datetime(2026, 3, 30, 23, 59, tzinfo=UTC)
    for days, unit, periods in ((3, "day", 4), (300, "week", 43), (3000, "month", 100)):
        rows: list[Any] = [SimpleNamespace(at=start + timedelta(days=day), scope="later") for day in range(days + 1)]
        rows.append(SimpleNamespace(at=None, scope="space"))
        ax = plots.changes_over_time(rows)
        assert ax.get_ylabel() == f"changes per {unit}"
        assert heights(ax) == days + 1
        assert len(ax.patches) == periods
        assert legend(ax) == {"not understood"}
        assert "1 without a time" in ax.get_title(loc="left")
        drawn(ax)


def test_exposure_has_every_item_and_hatches_what_may_reach_farther(whole):
    rows = whole.access.exposure()
    ax = plots.exposure_by_space(rows)
    items = [row for row in rows if row.kind == "content"]
    assert heights(ax) == len(items)
    named = {(row.reach or "unknown").replace("_", " ") for row in items}
    assert legend(ax) - {"may reach farther"} == named
    farther = [row for row in items if row.reach not in (None, "internet") and row.unknown]
    assert farther
    assert sum(bar.get_height() for bar in bars(ax) if bar.get_hatch()) >= len(farther)
    assert set(labels(ax, "x")) >= {space.key for space in whole.access.snapshot.spaces if len(space.key) < 20}


def test_depth_has_every_item_that_is_not_in_the_trash(whole):
    summary = [row for row in whole.access.summary() if row.status != "trashed"]
    ax = plots.restriction_depth(whole.access)
    assert heights(ax) == len(summary)
    assert [text.get_text() for text in ax.texts] == [
        f"{count:,}" for _, count in sorted(Counter(len(row.restricted_by) for row in summary).items())
    ]
    plain = plots.restriction_depth(small())
    assert [text.get_text() for text in plain.texts] == ["2", "1", "1"]
    assert legend(plain) == {"not restricted", "by itself"}


@pytest.mark.parametrize("spaces", [0, 1, 30, 3000])
def test_figures_are_legible_for_any_number_of_spaces(spaces):
    site: dict[str, Any] = {
        "groups": {f"g{index:03}": {} for index in range(min(spaces, 200))},
        "spaces": {f"S{index:04}": {"grants": {f"group:g{index % 200:03}": ["view"]}} for index in range(spaces)},
        "contents": {str(index): {"type": "page", "space": f"S{index:04}"} for index in range(spaces)},
    }
    access = Snapshot.from_dict(site).access()
    for ax in (plots.access_matrix(access), plots.exposure_by_space(access.exposure())):
        figure: Any = ax.get_figure()
        drawn(ax)
        shown = [label for label in [*ax.get_xticklabels(), *ax.get_yticklabels()] if label.get_text()]
        assert len([label for label in ax.get_xticklabels() if label.get_text()]) <= 60
        boxes = [label.get_window_extent() for label in shown]
        # No label covers another.
        assert not any(one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :])
        assert max(figure.get_size_inches()) <= 16
        if spaces == 3000:
            assert "share a" in ax.get_xlabel()
    if spaces:
        assert {level for row in levels(plots.access_matrix(access)) for level in row} <= {"none", "view"}
    drawn(plots.restriction_depth(access))
    drawn(plots.changes_over_time([]))


def test_a_cell_that_stands_for_several_hides_nothing():
    for found, level in (
        (["none", "none"], "none"),
        (["none", "unknown"], "unknown"),
        (["view", "unknown"], "at least view"),
        (["at least view", "edit"], "at least edit"),
        (["unknown", "admin"], "admin"),
        (["none", "edit", "view"], "edit"),
    ):
        assert plots._highest(found) == level


def test_figures_are_drawn_into_the_axes_given(whole):
    access = whole.access
    _, (first, second, third, fourth) = pyplot.subplots(1, 4)
    assert plots.access_matrix(access, ax=first) is first
    assert plots.changes_over_time(whole.changes, second) is second
    assert plots.exposure_by_space(access.exposure(), ax=third) is third
    assert plots.restriction_depth(access, ax=fourth) is fourth
    assert len(pyplot.get_fignums()) == 1
    assert all(ax.has_data() for ax in (first, second, third, fourth))


def test_what_cannot_be_drawn_is_an_error():
    access = small()
    wrong: dict[str, Any]
    for wrong in ({"users": ["Ann"]}, {"content": "1", "groups": ["readers"]}, {"content": "1", "spaces": ["ENG"]}):
        with pytest.raises(ConfigurationError, match="content"):
            plots.access_matrix(access, **wrong)
    with pytest.raises(ConfigurationError, match="`ax` are the axes of a matplotlib figure, not `int`"):
        plots.restriction_depth(access, ax=1)  # type: ignore[arg-type]
    for wrong in (
        {"groups": ["nobody"]},
        {"spaces": ["nowhere"]},
        {"content": "99"},
        {"content": "1", "users": ["zoe"]},
    ):
        with pytest.raises(NotFoundError):
            plots.access_matrix(access, **wrong)


def test_without_matplotlib_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"confluence-access\[plot\]"):
        plots.restriction_depth(small())
