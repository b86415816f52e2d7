"""The base of every record: fields in slots that cannot be changed.

A dataclass with slots does the same, but takes half a millisecond to make: with all records, a third of the time this
package takes to import.
"""

from __future__ import annotations

import functools
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

__all__ = ["Frozen", "lists", "part_of"]


def lists(value: object) -> object:
    """A value with lists for tuples."""
    return [lists(one) for one in value] if isinstance(value, tuple) else value


class _DataclassFields:
    """What `dataclasses.fields`, `asdict` and `replace`, pandas and rich look for; made when it is first asked for."""

    def __get__(self, record: Frozen | None, kind: type[Frozen]) -> dict[str, Any]:
        import dataclasses

        annotations = kind.__annotations__
        made = dataclasses.make_dataclass(kind.__name__, [(name, annotations[name]) for name in kind.__slots__])
        fields: dict[str, Any] = made.__dict__["__dataclass_fields__"]
        kind.__dataclass_fields__ = fields
        return fields


@dataclass_transform(frozen_default=True)
class _FrozenType(type):
    """Turns the annotated names of a class into slots, as `@dataclass(frozen=True, slots=True)` does."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any], *, kw_only: bool = False) -> _FrozenType:
        fields = () if name == "Frozen" else tuple(body.get("__annotations__", ()))
        defaults = {field: body.pop(field) for field in fields if field in body}
        body |= {"__slots__": fields, "__match_args__": () if kw_only else fields, "_defaults": defaults}
        made = super().__new__(cls, name, bases, body)
        if fields:
            made._put = tuple(made.__dict__[field].__set__ for field in fields)  # type: ignore[attr-defined]
        return made


class Frozen(metaclass=_FrozenType):
    """A record: plain, immutable values that can be compared, ordered, hashed and pickled.

    Two records are equal if they have the same type and values. They are ordered by their fields, in order; None comes
    last. `dataclasses.replace` makes a changed copy.
    """

    __slots__: ClassVar[tuple[str, ...]]
    __match_args__: ClassVar[tuple[str, ...]]
    __dataclass_fields__: ClassVar[dict[str, Any]] = _DataclassFields()  # type: ignore[assignment]
    _put: ClassVar[tuple[Callable[[object, object], None], ...]]
    _defaults: ClassVar[dict[str, Any]]

    def __init__(self, *values: Any, **named: Any) -> None:
        if named or len(values) != len(self._put):
            values = self._complete(values, named)
        for put, value in zip(self._put, values, strict=True):
            put(self, value)

    def _complete(self, values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        fields, name = self.__slots__, type(self).__name__
        if len(values) > len(fields):
            raise TypeError(f"{name}() takes {len(fields)} values, {len(values)} were given")
        given = dict(zip(fields, values, strict=False))
        if twice := sorted(given.keys() & named):
            raise TypeError(f"{name}() got `{twice[0]}` twice")
        if unknown := sorted(named.keys() - set(fields)):
            raise TypeError(f"{name}() has no field `{unknown[0]}`: the fields are {', '.join(fields)}")
        given |= named
        if missing := [field for field in fields if field not in given and field not in self._defaults]:
            raise TypeError(f"{name}() needs {', '.join(f'`{field}`' for field in missing)}")
        return tuple(given[field] if field in given else self._default(field) for field in fields)

    def _default(self, field: str) -> Any:
        value = self._defaults[field]
        return value.copy() if isinstance(value, dict) else value

    def _values(self) -> tuple[Any, ...]:
        fields = self.__slots__
        return attrgetter(*fields)(self) if len(fields) > 1 else tuple(getattr(self, field) for field in fields)

    def to_dict(self) -> dict[str, Any]:
        """The fields by name; tuples are lists."""
        return {field: lists(value) for field, value in zip(self.__slots__, self._values(), strict=True)}

    def __repr__(self) -> str:
        shown = zip(self.__slots__, self._values(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{field}={value!r}' for field, value in shown)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def _order(self) -> list[tuple[bool, Any]]:
        return [(value is None, value) for value in self._values()]

    def __lt__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return _before(self._order(), other._order())

    def __gt__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return _before(other._order(), self._order())

    def __le__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return not _before(other._order(), self._order())

    def __ge__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return not _before(self._order(), other._order())

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (type(self), self._values())

    def __copy__(self) -> Self:
        return self

    def __replace__(self, **changes: Any) -> Self:
        return type(self)(**dict(zip(self.__slots__, self._values(), strict=True)) | changes)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        self._refuse(name)

    def __delattr__(self, name: str) -> NoReturn:
        self._refuse(name)

    def _refuse(self, name: str) -> NoReturn:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot change `{name}`: a {type(self).__name__} is what was read")


def _before(left: list[tuple[bool, Any]], right: list[tuple[bool, Any]]) -> bool:
    """Whether `left` comes first. Python would compare two Nones, which have no order."""
    for mine, theirs in zip(left, right, strict=True):
        if mine != theirs:
            return mine < theirs
    return False


@functools.cache
def part_of(kind: type[Frozen], fields: tuple[str, ...]) -> type[Frozen]:
    """A record with some of the fields of another."""
    body = {
        "__annotations__": {field: kind.__annotations__[field] for field in fields},
        "__module__": kind.__module__,
        "__doc__": f"Some fields of `{kind.__name__}`.",
        "__reduce__": lambda record: (_made_part, (kind, fields, record._values())),
    }
    return _FrozenType(kind.__name__, (Frozen,), body)  # type: ignore[return-value]


def _made_part(kind: type[Frozen], fields: tuple[str, ...], values: tuple[Any, ...]) -> Frozen:
    return part_of(kind, fields)(*values)


def _made(kind: type[Frozen], values: tuple[Any, ...]) -> Frozen:
    """A record as it was pickled: whether fields are given by name does not matter."""
    return kind(*values)
