"""The answer to one question, and the explanation of it."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .escapes import visible
from .explanation import Fix, Gate, IrrelevantRestriction, ListedPrincipal, Place, SubjectState, SwitchUse, WayIn
from .explanation_html import as_html
from .frozen import Frozen
from .records import Gap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .types import DecisionWord

__all__ = ["DECISIONS", "Decision", "Explanation", "part"]


class Decision(str):
    """The answer to a question: `allowed`, `denied` or `unknown`.

    A string, to compare with a word: `access.can(...) == "allowed"`. As a condition it is true only for `allowed`, so
    neither `denied` nor `unknown` lets anybody through.

    Attributes:
        verdict: The same, or `not_in_inventory` for a content item that was not listed, or `not_current` for one in the
            trash; both are `unknown` as a decision.
    """

    __slots__ = ("verdict",)

    verdict: str

    def __new__(cls, verdict: str) -> Decision:
        """The decision of a verdict."""
        decision = super().__new__(cls, verdict if verdict in ("allowed", "denied") else "unknown")
        decision.verdict = verdict
        return decision

    def __bool__(self) -> bool:
        return self == "allowed"

    @property
    def word(self) -> DecisionWord:
        """The decision as a plain word. A type checker then rejects a comparison with an invalid word."""
        return "allowed" if self.allowed else "denied" if self.denied else "unknown"

    @property
    def allowed(self) -> bool:
        """Whether the decision is `allowed`."""
        return self == "allowed"

    @property
    def denied(self) -> bool:
        """Whether the decision is `denied`."""
        return self == "denied"

    @property
    def unknown(self) -> bool:
        """Whether the decision is `unknown`."""
        return self == "unknown"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.verdict,)


DECISIONS = {
    verdict: Decision(verdict) for verdict in ("allowed", "denied", "unknown", "not_in_inventory", "not_current")
}

T = TypeVar("T", bound=Frozen)


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def part(kind: type[T], known: Mapping[str, Any]) -> T:
    """A record made from plain data. Unknown keys are ignored; `to_dict` keeps them."""
    return kind(**{field: _frozen(known.get(field)) for field in kind.__slots__})


class Explanation:
    """Why a subject may or may not: every gate, which ones fail, and what would open them.

    `str(explanation)` is text, Jupyter shows it as HTML, `to_dict()` returns plain data. Codes are stable.
    """

    __slots__ = ("_known", "_text")

    def __init__(self, known: dict[str, Any], text: str) -> None:
        self._known = known
        self._text = text

    @property
    def decision(self) -> Decision:
        """The answer, the same as `access.can` gives."""
        return Decision(self.verdict)

    @property
    def verdict(self) -> str:
        """`allowed`, `denied`, `unknown`, `not_in_inventory` or `not_current`."""
        return str(self._known["verdict"])

    @property
    def operation(self) -> str:
        """The operation of the question."""
        return str(self._known["operation"])

    @property
    def subject(self) -> SubjectState:
        """The subject of the question."""
        return part(SubjectState, self._known["subject"])

    @property
    def content(self) -> Place | None:
        """The content item of the question; None if it was not listed."""
        known = self._known["content"]
        return None if known is None else part(Place, known)

    @property
    def content_id(self) -> str:
        """The id in the question."""
        return str(self._known["content_id"])

    @property
    def standing(self) -> Decision | None:
        """The decision by standing access alone, without bypass and exposure."""
        known = self._known["standing"]
        return None if known is None else Decision(known)

    @property
    def bypass(self) -> str | None:
        """`super_group` or `admin_key`, if that gives access."""
        known: str | None = self._known["bypass"]
        return known

    @property
    def exposure(self) -> str | None:
        """`public_link`, if that gives access."""
        known: str | None = self._known["exposure"]
        return known

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, sorted."""
        return tuple(self._known["codes"])

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why the answer is unknown, in words; empty if it is known."""
        return tuple(self._known["doubts"])

    @property
    def gates(self) -> tuple[Gate, ...]:
        """All gates, in order: site, space, view restrictions from the root down to the item, edit restriction."""
        return tuple(
            part(Gate, {**known, "principals": [part(ListedPrincipal, p) for p in known["principals"]]})
            for known in self._known["gates"]
        )

    @property
    def witnesses(self) -> dict[str, list[str]]:
        """A dict from each restriction, such as `12345.read`, to its entries through which the subject passes."""
        return {layer: list(principals) for layer, principals in self._known["witnesses"].items()}

    @property
    def ways_in(self) -> tuple[WayIn, ...]:
        """Bypasses and exposures, open or possible."""
        return tuple(part(WayIn, known) for known in self._known["ways_in"])

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The smallest change that would give access, and who can make it."""
        return tuple(part(Fix, known) for known in self._known["fixes"])

    @property
    def irrelevant(self) -> tuple[IrrelevantRestriction, ...]:
        """Restrictions that do not matter for this operation."""
        return tuple(part(IrrelevantRestriction, known) for known in self._known["irrelevant"])

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Gaps that affect the answer."""
        return tuple(part(Gap, known) for known in self._known["gaps"])

    @property
    def switches(self) -> tuple[SwitchUse, ...]:
        """Switches of the policy that the answer depends on."""
        return tuple(part(SwitchUse, known) for known in self._known["switches"])

    @property
    def taken_at(self) -> datetime | None:
        """When the site was read."""
        known = self._known["taken_at"]
        return None if known is None else datetime.fromisoformat(known)

    @property
    def text(self) -> str:
        """The explanation as text for people."""
        return self._text

    def to_dict(self) -> dict[str, Any]:
        """The explanation as plain data, ready for JSON."""
        return copy.deepcopy(self._known)

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        codes = f" ({', '.join(self.codes)})" if self.codes else ""
        asked = f"{self.subject.subject} may {self.operation} {self.content_id}"
        return visible(f"<Explanation: {asked}: {self.verdict}{codes}>")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Explanation):
            return NotImplemented
        return self._known == other._known

    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._known, self._text)

    def _repr_html_(self) -> str:
        return as_html(self)
