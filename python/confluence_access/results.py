"""The answers that are more than a word or a table: trees, pairs, and comparisons with Confluence."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, ClassVar

from . import notebook, tree_text
from .decisions import part
from .escapes import visible
from .explanation import SwitchUse, TreeLevel, TreeList
from .explanation_html import switch_value
from .records import Disagreement, Measured, Pair
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import CapsuleType

    from . import _core

__all__ = ["Measurement", "Pairs", "Tree", "Verification"]


class Tree:
    """The path from the root to a content item, with the restrictions of every level, as in Extender's trees.

    `print(tree)` and Jupyter draw it: who is let through at each level, said where it differs from the level above.
    """

    __slots__ = ("_extender", "_known")

    def __init__(self, known: dict[str, Any], extender: dict[str, Any]) -> None:
        self._known = known
        self._extender = extender

    @property
    def content_id(self) -> str:
        """Id of the content item."""
        return str(self._known["content_id"])

    @property
    def space_key(self) -> str:
        """Key of its space."""
        return str(self._known["space_key"])

    @property
    def space_name(self) -> str | None:
        """Name of its space."""
        known: str | None = self._known["space_name"]
        return known

    @property
    def levels(self) -> tuple[TreeLevel, ...]:
        """Levels, root first."""
        lists = ("view", "edit", "unknown_view", "unknown_edit", "view_restriction", "edit_restriction")
        return tuple(
            part(TreeLevel, {**known, **{name: part(TreeList, known[name]) for name in lists}})
            for known in self._known["levels"]
        )

    def to_dict(self, style: str = "plain") -> dict[str, Any]:
        """The tree as plain data.

        Args:
            style: `plain` for the names used here; `extender` for the answers of the Extender add-on's three general
                endpoints, each under its name.

        Raises:
            ValueError: There is no such style.
        """
        if style not in ("plain", "extender"):
            raise ValueError(f"`{style}` is no style of a tree: use `plain` or `extender`")
        return copy.deepcopy(self._extender if style == "extender" else self._known)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tree):
            return NotImplemented
        return self._known == other._known

    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._known, self._extender)

    def __repr__(self) -> str:
        return visible(f"<Tree of {self.content_id} in {self.space_key}: {len(self._known['levels'])} levels>")

    def __str__(self) -> str:
        return tree_text.as_text(self)

    def _repr_html_(self) -> str:
        return tree_text.as_html(self)


class Policy(tuple[SwitchUse, ...]):
    """The switches of a policy, each with its question and source. Shown as a table."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n".join(visible(f"{use.name} = {switch_value(use)}: {use.question}") for use in self)

    def _repr_html_(self) -> str:
        columns = [("switch", "Name", "text"), ("value", "Its value", "text"), ("question", "The question", "text")]
        columns.append(("source", "Where the default comes from", "text"))
        rows = [(use.name, switch_value(use), use.question, use.source or "") for use in self]
        return notebook.page(notebook.table(columns, rows, "Policy"))


class Pairs:
    """Pairs of an account and a content item it may view or edit, generated while they are read, with bounded memory.

    Iterating yields `Pair` records; `batches()` yields tables of some ten thousand rows. The Arrow C stream
    (`__arrow_c_stream__`) starts from the first pair each time: `duckdb.sql("select … from pairs")`,
    `polars.DataFrame(pairs)`, `pyarrow.RecordBatchReader.from_stream(pairs)`.
    """

    __slots__ = ("_core",)

    def __init__(self, core: _core.Pairs) -> None:
        self._core = core

    def __len__(self) -> int:
        return self._core.count()

    def batches(self) -> Iterator[Table[Pair]]:
        """The pairs as tables of some ten thousand rows each."""
        for batch in self._core.batches():
            yield Table(batch)

    def __iter__(self) -> Iterator[Pair]:
        for batch in self.batches():
            yield from batch

    def __arrow_c_stream__(self, requested_schema: CapsuleType | None = None) -> CapsuleType:
        """The Arrow C stream, from the first pair. A requested schema is ignored."""
        return self._core.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"<Pairs: {len(self)} rows of user_id, content_id>"


class Verification(Table[Disagreement]):
    """Every disagreement with Confluence itself, as a table, with the number of questions.

    Questions that could not be asked are in `gaps`.

    Attributes:
        asked: Questions sent to Confluence.
        agreed: Questions that Confluence answered like the snapshot.
        unknown: Questions of the sample that the snapshot cannot answer. They are not disagreements and were not asked.
        failed: Questions that Confluence did not answer.
    """

    __slots__ = ("agreed", "asked", "failed", "unknown")

    agreed: int
    asked: int
    failed: int
    unknown: int

    def __init__(self, core: _core.Table, counts: tuple[int, int, int, int]) -> None:
        super().__init__(core)
        self.asked, self.agreed, self.unknown, self.failed = counts

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._core, (self.asked, self.agreed, self.unknown, self.failed))

    def __repr__(self) -> str:
        return f"Verification: {self._outcome()}\n{super().__repr__()}"

    def _repr_html_(self) -> str:
        return notebook.page(self._as_html([f"Confluence itself: {self._outcome()}"]))

    def _outcome(self) -> str:
        return f"{self.agreed} of {self.asked} agree, {self.unknown} unknown, {self.failed} not answered"


class Measurement(Table[Measured]):
    """The open switches of the policy, as a table, each with its value on this site.

    Questions that were not answered are in `gaps`.
    """

    __slots__ = ()

    @property
    def policy(self) -> dict[str, bool | str]:
        """The settled switches, for `snap.access(policy=…)`."""
        flags: dict[str, bool | str] = {"true": True, "false": False}
        return {row.switch: flags.get(row.value, row.value) for row in self if row.value != "unknown"}
