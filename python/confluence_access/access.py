"""Who may do what, and why: the answers of a snapshot with inheritance resolved."""

from __future__ import annotations

import copy
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from . import arguments
from .errors import ConfigurationError
from .escapes import attribute, html, visible, wrapped
from .explanation import (
    Fix,
    Gate,
    IrrelevantRestriction,
    ListedPrincipal,
    Place,
    SubjectState,
    SwitchUse,
    TreeLevel,
    TreeList,
    WayIn,
)
from .naming import ContentLike, SubjectLike, content_of, subject_of, subjects_of
from .records import ContentAccess, Disagreement, Finding, Gap, Grantee, Measured, Pair, SummaryRow
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from typing_extensions import CapsuleType

    from . import _core
    from .client import AsyncConfluence, Confluence
    from .snapshot import Snapshot
    from .types import DecisionWord, OperationLike, RestrictionOperationLike

__all__ = [
    "Access",
    "ContentLike",
    "Decision",
    "Explanation",
    "Fix",
    "Gate",
    "IrrelevantRestriction",
    "ListedPrincipal",
    "Measurement",
    "Pairs",
    "Place",
    "SubjectLike",
    "SubjectState",
    "SwitchUse",
    "Tree",
    "TreeLevel",
    "TreeList",
    "Verification",
    "WayIn",
]

Oracle = Literal["confluence", "extender"]
"""Whom `Access.verify` asks: Confluence itself, or the Extender add-on of Data Center."""


class Decision(str):
    """The answer to a question: `allowed`, `denied` or `unknown`.

    A text, to be compared with one: `access.can(...) == "allowed"`. As a condition it is true for `allowed` alone, so
    that neither a denial nor a doubt lets anybody through.

    Attributes:
        verdict: The same, and `not_in_inventory` for a content that was not listed or `not_current` for one in the
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
        """The decision as a plain word, for a type checker: it refuses a comparison with a word that is none."""
        return "allowed" if self.allowed else "denied" if self.denied else "unknown"

    @property
    def allowed(self) -> bool:
        """Whether it is known that the subject may."""
        return self == "allowed"

    @property
    def denied(self) -> bool:
        """Whether it is known that the subject may not."""
        return self == "denied"

    @property
    def unknown(self) -> bool:
        """Whether it is not known."""
        return self == "unknown"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.verdict,)


_DECISIONS = {
    verdict: Decision(verdict) for verdict in ("allowed", "denied", "unknown", "not_in_inventory", "not_current")
}


_T = TypeVar("_T")


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _made(kind: type[_T], known: Mapping[str, Any]) -> _T:
    """A record of plain data. More than it knows is left aside; `to_dict` still has it."""
    return kind(**{field.name: _frozen(known.get(field.name)) for field in fields(kind)})  # type: ignore[arg-type]


class Explanation:
    """Why a subject may or may not: every gate, who stopped it, what would open it.

    `str(explanation)` reads as text, in Jupyter as HTML, `to_dict()` is plain data. Codes are stable.
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
        """What was asked."""
        return str(self._known["operation"])

    @property
    def subject(self) -> SubjectState:
        """About whom."""
        return _made(SubjectState, self._known["subject"])

    @property
    def content(self) -> Place | None:
        """About what; None for a content that was not listed."""
        known = self._known["content"]
        return None if known is None else _made(Place, known)

    @property
    def content_id(self) -> str:
        """Id that was asked for."""
        return str(self._known["content_id"])

    @property
    def standing(self) -> Decision | None:
        """Standing access alone, without bypass and exposure."""
        known = self._known["standing"]
        return None if known is None else Decision(known)

    @property
    def bypass(self) -> str | None:
        """`super_group` or `admin_key`, where that is the way in."""
        known: str | None = self._known["bypass"]
        return known

    @property
    def exposure(self) -> str | None:
        """`public_link`, where that is the way in."""
        known: str | None = self._known["exposure"]
        return known

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, sorted."""
        return tuple(self._known["codes"])

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why the answer is unknown, in words; empty where it is not."""
        return tuple(self._known["doubts"])

    @property
    def gates(self) -> tuple[Gate, ...]:
        """All gates, in order: site, space, each view list from the root down to the content, its own edit list."""
        return tuple(
            _made(Gate, {**known, "principals": [_made(ListedPrincipal, p) for p in known["principals"]]})
            for known in self._known["gates"]
        )

    @property
    def witnesses(self) -> dict[str, list[str]]:
        """Restricted layer, such as `12345.read`, to the listed principals through which the subject passes."""
        return {layer: list(principals) for layer, principals in self._known["witnesses"].items()}

    @property
    def ways_in(self) -> tuple[WayIn, ...]:
        """Bypass and exposure, open or possible."""
        return tuple(_made(WayIn, known) for known in self._known["ways_in"])

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The smallest change that would open it, and who can make it."""
        return tuple(_made(Fix, known) for known in self._known["fixes"])

    @property
    def irrelevant(self) -> tuple[IrrelevantRestriction, ...]:
        """Restrictions that do not matter for this operation."""
        return tuple(_made(IrrelevantRestriction, known) for known in self._known["irrelevant"])

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Gaps that touch the answer."""
        return tuple(_made(Gap, known) for known in self._known["gaps"])

    @property
    def switches(self) -> tuple[SwitchUse, ...]:
        """Switches of the policy the answer rests on."""
        return tuple(_made(SwitchUse, known) for known in self._known["switches"])

    @property
    def taken_at(self) -> datetime | None:
        """When the facts were read."""
        known = self._known["taken_at"]
        return None if known is None else datetime.fromisoformat(known)

    @property
    def text(self) -> str:
        """The explanation for a person."""
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

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._known, self._text)

    def _repr_html_(self) -> str:
        subject = self.subject
        place = self.content
        what = html(self.content_id if place is None else place.title or place.id)
        if place is not None and place.url and _web(place.url):
            what = f'<a href="{attribute(place.url)}">{what}</a>'
        note = f"<p><b>{html(subject.note)}</b></p>" if subject.note else ""
        parts = [
            f"{note}<p>{_mark(_OUTCOME_OF[self.decision])} <b>{html(subject.name or subject.subject)}</b> "
            f"<code>{html(subject.subject)}</code> ({html(subject.state)}), {html(self.operation)} <b>{what}</b>: "
            f"<b>{html(self.verdict)}</b></p>"
        ]
        titles = self._titles()
        parts.append(_html_list("Not known", self.doubts, titles))
        if self.gates:
            gates = "".join(_html_gate(gate, titles) for gate in self.gates)
            parts.append(f'<ol style="list-style:none;padding-left:1em">{gates}</ol>')
        parts.append(_html_list("Ways in that are no standing access", [way.text for way in self.ways_in], titles))
        parts.append(_html_list("What would open it", [f"{fix.change} ({fix.by})" for fix in self.fixes], titles))
        parts.append(_html_list("Does not matter here", [restriction.text for restriction in self.irrelevant], titles))
        parts.append(_html_list("Not read", [gap.message for gap in self.gaps], titles))
        parts.append(
            _html_list(
                "Rests on the policy",
                [
                    f"{use.name} = {_switch(use.value)}{'' if use.default else ' (set)'}: {use.question}"
                    for use in self.switches
                ],
                titles,
            )
        )
        if self.codes:
            parts.append(f"<p>{' '.join(f'<code>{html(code)}</code>' for code in self.codes)}</p>")
        return wrapped("".join(parts))

    def _titles(self) -> tuple[str, ...]:
        """Titles the sentences may mention, the longest first: one may be part of another."""
        place = self.content
        found = {gate.content_title for gate in self.gates} | {row.content_title for row in self.irrelevant}
        found.add(None if place is None else place.title)
        return tuple(sorted((title for title in found if title), key=lambda title: (-len(title), title)))


_OUTCOME_OF = {"allowed": "pass", "denied": "fail", "unknown": "unknown"}
_MARKS = {
    "pass": ("✓", "#1a7f37", "passes"),
    "fail": ("✗", "#cf222e", "is stopped"),
    "unknown": ("?", "#9a6700", "cannot be decided"),
    "not_applicable": ("·", "#6e7781", "nothing to pass"),
}


def _mark(outcome: str) -> str:
    sign, colour, meaning = _MARKS.get(outcome, ("?", "#9a6700", outcome))
    return f'<span style="color:{colour};font-weight:bold" title="{attribute(meaning)}">{sign}</span>'


def _sentence(text: str, titles: Sequence[str]) -> str:
    """A sentence of an explanation as HTML. It has titles between stars; those that are known are emphasised."""
    for at, title in enumerate(titles):
        before, found, after = text.partition(f"*{title}*")
        if found:
            rest = titles[at:]
            left = _sentence(before, rest) if before else ""
            return f"{left}<em>{html(title)}</em>{_sentence(after, rest) if after else ''}"
    return html(text)


_LISTED = 4
_WAYS = {
    "editor": "as somebody who may edit it and change restrictions",
    "space_admin": "as an administrator of the space",
    "system_admin": "as a system administrator",
}


def _html_gate(gate: Gate, titles: Sequence[str]) -> str:
    place = f" <i>{_sentence(gate.place, titles)}</i>" if gate.place and gate.place not in gate.text else ""
    if gate.way is not None:
        place += f" <small>({html(_WAYS.get(gate.way, gate.way))})</small>"
    more = []
    if gate.outcome in ("fail", "unknown"):
        listed = [
            f"{html(p.name)} ({html(p.subject)})" if p.name else html(p.subject) for p in gate.principals[:_LISTED]
        ]
        if listed:
            others = len(gate.principals) - len(listed)
            more.append(f"listed: {', '.join(listed)}{f' and {others} more' if others else ''}")
        if gate.could_pass is not None:
            names = f": {', '.join(map(html, gate.could_pass_names))}" if gate.could_pass_names else ""
            rest = ", …" if gate.could_pass > len(gate.could_pass_names) > 0 else ""
            more.append(f"could pass: {gate.could_pass}{names}{rest}")
    details = "".join(f'<br><small style="padding-left:1.3em">{line}</small>' for line in more)
    return f"<li>{_mark(gate.outcome)} {_sentence(gate.text, titles)}{place}{details}</li>"


def _html_list(title: str, lines: Sequence[str], titles: Sequence[str]) -> str:
    if not lines:
        return ""
    return f"<p>{html(title)}</p><ul>{''.join(f'<li>{_sentence(line, titles)}</li>' for line in lines)}</ul>"


def _switch(value: bool | str | Sequence[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else ", ".join(value) or "none"


def _web(url: str) -> bool:
    # The address comes from a server; anything but a web page stays text.
    return url.startswith(("https://", "http://"))


class Tree:
    """Root to content, with the lists of every level: what the Extender add-on's tree endpoints answer."""

    __slots__ = ("_extender", "_known")

    def __init__(self, known: dict[str, Any], extender: dict[str, Any]) -> None:
        self._known = known
        self._extender = extender

    @property
    def content_id(self) -> str:
        """The content."""
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
            _made(TreeLevel, {**known, **{name: _made(TreeList, known[name]) for name in lists}})
            for known in self._known["levels"]
        )

    def to_dict(self, style: str = "plain") -> dict[str, Any]:
        """The tree as plain data.

        Args:
            style: `plain` for the names used here; `extender` for the replies of the Extender add-on's three general
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

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._known, self._extender)

    def __repr__(self) -> str:
        return visible(f"<Tree of {self.content_id} in {self.space_key}: {len(self._known['levels'])} levels>")


class Pairs:
    """Pairs of an account and a content it may view or edit, made while they are read, with bounded memory.

    Iterating gives `Pair` records; `batches()` gives tables of some ten thousand rows. The Arrow C stream
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
        """The Arrow C stream, from the first pair. A request for other types is left aside."""
        return self._core.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"<Pairs: {len(self)} rows of user_id, content_id>"


class Verification(Table[Disagreement]):
    """Every disagreement with Confluence itself, as a table, and how much was asked.

    What could not be asked is in `gaps`.

    Attributes:
        asked: Questions Confluence was asked.
        agreed: Questions it answered as the snapshot does.
        unknown: Questions of the sample the snapshot cannot answer. They are no disagreement, and were not asked.
        failed: Questions Confluence did not answer.
    """

    __slots__ = ("agreed", "asked", "failed", "unknown")

    def __init__(self, core: _core.Table, counts: tuple[int, int, int, int]) -> None:
        super().__init__(core)
        self.asked, self.agreed, self.unknown, self.failed = counts

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._core, (self.asked, self.agreed, self.unknown, self.failed))

    def __repr__(self) -> str:
        counts = f"{self.agreed} of {self.asked} agree, {self.unknown} unknown, {self.failed} not answered"
        return f"Verification: {counts}\n{super().__repr__()}"


class Measurement(Table[Measured]):
    """The open switches of the policy, as a table, each with its value on the site that was asked.

    Questions that were not answered are in `gaps`.
    """

    __slots__ = ()

    @property
    def policy(self) -> dict[str, bool | str]:
        """The switches that were settled, for `snap.access(policy=…)`."""
        flags: dict[str, bool | str] = {"true": True, "false": False}
        return {row.switch: flags.get(row.value, row.value) for row in self if row.value != "unknown"}


class Access:
    """A snapshot with inheritance resolved: who may do what, and why. Nothing is fetched.

    Subjects are `user:<id>`, `user:<name>` where the snapshot knows the name or e-mail address, `group:<id or name>`
    (the group itself), `anonymous`, `class:<access class>`, or a record that stands for somebody. Operations are `view`
    and `edit`, and also `comment`, `delete`, `create_page` and `remove_restrictions`. Contents are
    ids, addresses, or records.

    What could not be read makes the answers it touches `unknown`; a denial by a known fact beats a doubt.
    """

    __slots__ = ("_core", "_policy", "_product_admins", "_snapshot")

    def __init__(
        self,
        snapshot: Snapshot,
        policy: Mapping[str, bool | str | Sequence[str]] | None = None,
        product_admins: SubjectLike | Iterable[SubjectLike] | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._policy = dict(policy) if policy else None
        self._product_admins = None if product_admins is None else subjects_of(product_admins)
        self._core = snapshot._core.access(self._policy, self._product_admins)

    @property
    def snapshot(self) -> Snapshot:
        """The facts the answers rest on."""
        return self._snapshot

    @property
    def policy(self) -> tuple[SwitchUse, ...]:
        """The switches in force, with the question each answers and its source."""
        return tuple(
            SwitchUse(name, tuple(value) if isinstance(value, list) else value, value == default, question, source)
            for name, (value, default, question, source) in self._core.policy().items()
        )

    def subject(self, subject: SubjectLike) -> SubjectState:
        """The subject of this snapshot a text means: its id, name and state.

        `can`, `explain` and the others answer about anybody, so that a mistyped name is answered as an unknown account.
        This refuses one the snapshot does not have. What it returns may be given wherever a subject is expected.

        Args:
            subject: `user:<id>`, a name or e-mail address with or without `user:`, `group:<id or name>`, `anonymous`,
                `class:<access class>`, or a record.

        Raises:
            NotFoundError: The snapshot has no such subject; `nearest` lists names close to it.
            AmbiguousError: The name fits several; `candidates` lists them.
            ConfigurationError: A text that names no subject (a `ValueError`).
        """
        return _made(SubjectState, self._core.subject(subject_of(subject)))

    def can(self, subject: SubjectLike, operation: OperationLike, content: ContentLike) -> Decision:
        """Whether a subject may do something with a content.

        An account nobody knows is a legitimate question. A content that was not listed is answered `unknown`, with
        `.verdict == "not_in_inventory"`.

        Returns:
            The decision: equal to `"allowed"`, `"denied"` or `"unknown"`.

        Raises:
            AmbiguousError: The name fits several subjects; `candidates` lists them.
            ConfigurationError: A text that names no subject, or a word that is no operation (a `ValueError`).
        """
        return _DECISIONS[
            self._core.can(
                subject_of(subject), arguments.operation(operation, _CAN), content_of(content, self._snapshot)
            )
        ]

    def who_can(
        self, operation: OperationLike, content: ContentLike, *, decision: Literal["allowed", "unknown"] | None = None
    ) -> Table[Grantee]:
        """Everybody who may, each with the way they got in, and everybody for whom it is not known.

        `len` counts both: give `decision="allowed"` for those who may.

        Args:
            operation: `view`, `edit` or another operation.
            content: The content.
            decision: `allowed` or `unknown` for these rows alone; None for both.

        Raises:
            NotInSnapshotError: The content was not listed (a `LookupError`).
            ConfigurationError: The word is no operation, or no such decision (a `ValueError`).
        """
        return Table(
            self._core.who_can(arguments.operation(operation, _WHO_CAN), content_of(content, self._snapshot), decision)
        )

    def explain(self, subject: SubjectLike, operation: OperationLike, content: ContentLike) -> Explanation:
        """Why a subject may or may not: every gate, who stopped it, what would open it.

        Always answers, also for a content that was not listed. Its decision is the one `can` gives.

        Raises:
            AmbiguousError: The name fits several subjects; `candidates` lists them.
            ConfigurationError: A text that names no subject, or a word that is no operation (a `ValueError`).
        """
        return Explanation(
            *self._core.explain(
                subject_of(subject), arguments.operation(operation, _EXPLAIN), content_of(content, self._snapshot)
            )
        )

    def contents_for(
        self,
        subject: SubjectLike,
        operation: OperationLike = "view",
        *,
        decision: Literal["allowed", "unknown"] | None = None,
    ) -> Table[ContentAccess]:
        """Every content a subject may view or edit, and those for which it is not known.

        `len` counts both: give `decision="allowed"` for those it may.

        Args:
            subject: The subject.
            operation: `view`, `edit` or another operation.
            decision: `allowed` or `unknown` for these rows alone; None for both.

        Raises:
            AmbiguousError: The name fits several subjects; `candidates` lists them.
            ConfigurationError: A text that names no subject, a word that is no operation, or no such decision (a
                `ValueError`).
        """
        return Table(
            self._core.contents_for(subject_of(subject), arguments.operation(operation, _CONTENTS_FOR), decision)
        )

    def summary(self) -> Table[SummaryRow]:
        """One row per content: how many may view and edit it, whether anonymous may, and what restricts it."""
        return Table(self._core.summary())

    def tree(self, content: ContentLike, *, people_who_can_view: bool = False) -> Tree:
        """Root to content, with the view and edit lists of every level.

        Args:
            content: The content at the end.
            people_who_can_view: Whether people stand for the groups they are in.

        Raises:
            NotInSnapshotError: The content was not listed (a `LookupError`).
        """
        return Tree(*self._core.tree(content_of(content, self._snapshot), people_who_can_view))

    def pairs(self, operation: RestrictionOperationLike) -> Pairs:
        """Every pair of an account and a content it may view or edit, standing access only, as a stream.

        There may be more than fit into memory: `len` counts them without making them, and they are made while they are
        read.

        Raises:
            ConfigurationError: The word is neither `view` nor `edit` (a `ValueError`).
        """
        return Pairs(self._core.pairs(arguments.operation(operation, "pairs(operation)")))

    def findings(self) -> Table[Finding]:
        """What a report should point out: open to anonymous, editable by nobody, listed but no space view and so on."""
        return Table(self._core.findings())

    def verify(
        self, wiki: Confluence, sample: int = 200, seed: int = 0, *, oracle: Oracle = "confluence"
    ) -> Verification:
        """Asks Confluence itself about a sample of questions, and returns every disagreement with both explanations.

        The sample is spread over contents with restrictions of their own, contents that inherit some, contents below
        folders, open ones, and anonymous; the same for the same snapshot and seed. `agreed` says how many answers were
        the same, `unknown` how many the snapshot leaves open: those are no disagreement. A site that changed since
        the snapshot was taken disagrees as well.

        Source: Cloud `POST /wiki/rest/api/content/{id}/permission/check`, once for each question, `max_concurrency` at
        a time. Needs a Confluence administrator.

        On Data Center `oracle="extender"` asks the Extender add-on instead: for each content of the sample who can
        view and edit it, as people, by `GET
        /rest/extender/1.0/permission/content/{id}/getInheritedContentPermissions`. Its lists are compared with the
        answer about every account of the snapshot, so that `asked` counts accounts, once for each operation, `unknown`
        also names nobody in the snapshot has, and `failed` contents. Whoever only passes by a bypass may stand on such
        a list or not. Reasons are `extender.listed` and `extender.not_listed`.

        Args:
            wiki: The site the snapshot was taken of.
            sample: Most questions to ask; of the add-on, most contents.
            seed: What the sample is drawn by.
            oracle: Who is asked: `confluence` or `extender`.

        Raises:
            ForbiddenError: The account is no Confluence administrator.
            UnavailableError: The add-on is not installed.
        """
        return Verification(*_verify(wiki._core, oracle)(self._core, _size(sample), seed).wait())

    async def verify_async(
        self, wiki: AsyncConfluence, sample: int = 200, seed: int = 0, *, oracle: Oracle = "confluence"
    ) -> Verification:
        """As `verify`, awaited, with an `AsyncConfluence`."""
        return Verification(*await _verify(wiki._core, oracle)(self._core, _size(sample), seed).future())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._snapshot, self._policy, self._product_admins)

    def __repr__(self) -> str:
        given = [*(self._policy or ()), *(["product_admins"] if self._product_admins is not None else [])]
        policy = f" with {', '.join(given)} set" if given else ""
        return visible(f"<Access to {self._snapshot!r}{policy}>")


_CAN = "can(subject, operation, content)"
_WHO_CAN = "who_can(operation, content)"
_EXPLAIN = "explain(subject, operation, content)"
_CONTENTS_FOR = "contents_for(subject, operation)"


def _verify(core: _core.Client, oracle: str) -> Callable[[_core.Access, int, int], _core.Call[Any]]:
    asked = {"confluence": core.verify, "extender": core.verify_by_extender}.get(oracle)
    if asked is None:
        raise ConfigurationError(f"`{oracle}` is nobody to ask: use `confluence` or `extender`")
    return asked


def _size(sample: int) -> int:
    if sample < 1:
        raise ConfigurationError(f"`sample` is at least 1, not `{sample}`")
    return sample
