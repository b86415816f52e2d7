"""Tables of typed records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from confluence_access import _core
from confluence_access.records import RECORDS, Gap

if TYPE_CHECKING:
    from typing_extensions import CapsuleType

__all__ = ["Table"]

R = TypeVar("R")

_CHUNK = 4096


class Table(Sequence[R], Generic[R]):
    """Rows of one record, and what is missing among them."""

    __slots__ = ("_core", "_record")

    def __init__(self, core: _core.Table) -> None:
        self._core = core
        self._record: type[R] = RECORDS[core.record]

    @property
    def gaps(self) -> Table[Gap]:
        """What could not be read, and why."""
        return Table(self._core.gaps)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self._core.complete

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self._core.columns

    def __len__(self) -> int:
        return len(self._core)

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Table[R]: ...
    def __getitem__(self, index: int | slice) -> R | Table[R]:
        if isinstance(index, slice):
            start, stop, _step = index.indices(len(self))
            return Table(self._core.slice(start, max(0, stop - start)))
        return self._record(*self._core.row(index if index >= 0 else len(self) + index))

    def __iter__(self) -> Iterator[R]:
        for index in range(len(self)):
            yield self._record(*self._core.row(index))

    def __arrow_c_stream__(self, requested_schema: CapsuleType | None = None) -> CapsuleType:
        return self._core.__arrow_c_stream__(requested_schema)
