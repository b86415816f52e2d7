"""Access: who may do what, and why, with the inheritance of a snapshot resolved."""

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
"""What `Access.verify` asks: Confluence itself, or the Extender add-on of Data Center."""


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


_DECISIONS = {
    verdict: Decision(verdict) for verdict in ("allowed", "denied", "unknown", "not_in_inventory", "not_current")
}


_T = TypeVar("_T")


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _made(kind: type[_T], known: Mapping[str, Any]) -> _T:
    """A record made from plain data. Unknown keys are ignored; `to_dict` keeps them."""
    return kind(**{field.name: _frozen(known.get(field.name)) for field in fields(kind)})  # type: ignore[arg-type]


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
        return _made(SubjectState, self._known["subject"])

    @property
    def content(self) -> Place | None:
        """The content item of the question; None if it was not listed."""
        known = self._known["content"]
        return None if known is None else _made(Place, known)

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
            _made(Gate, {**known, "principals": [_made(ListedPrincipal, p) for p in known["principals"]]})
            for known in self._known["gates"]
        )

    @property
    def witnesses(self) -> dict[str, list[str]]:
        """A dict from each restriction, such as `12345.read`, to its entries through which the subject passes."""
        return {layer: list(principals) for layer, principals in self._known["witnesses"].items()}

    @property
    def ways_in(self) -> tuple[WayIn, ...]:
        """Bypasses and exposures, open or possible."""
        return tuple(_made(WayIn, known) for known in self._known["ways_in"])

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The smallest change that would give access, and who can make it."""
        return tuple(_made(Fix, known) for known in self._known["fixes"])

    @property
    def irrelevant(self) -> tuple[IrrelevantRestriction, ...]:
        """Restrictions that do not matter for this operation."""
        return tuple(_made(IrrelevantRestriction, known) for known in self._known["irrelevant"])

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Gaps that affect the answer."""
        return tuple(_made(Gap, known) for known in self._known["gaps"])

    @property
    def switches(self) -> tuple[SwitchUse, ...]:
        """Switches of the policy that the answer depends on."""
        return tuple(_made(SwitchUse, known) for known in self._known["switches"])

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
        """Titles the sentences may mention, longest first, because one may be part of another."""
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
    """A sentence of an explanation as HTML. Titles are between stars; known titles are emphasised."""
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
    """The path from the root to a content item, with the restrictions of every level, as in Extender's trees."""

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
            _made(TreeLevel, {**known, **{name: _made(TreeList, known[name]) for name in lists}})
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

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._known, self._extender)

    def __repr__(self) -> str:
        return visible(f"<Tree of {self.content_id} in {self.space_key}: {len(self._known['levels'])} levels>")


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

    def __init__(self, core: _core.Table, counts: tuple[int, int, int, int]) -> None:
        super().__init__(core)
        self.asked, self.agreed, self.unknown, self.failed = counts

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._core, (self.asked, self.agreed, self.unknown, self.failed))

    def __repr__(self) -> str:
        counts = f"{self.agreed} of {self.asked} agree, {self.unknown} unknown, {self.failed} not answered"
        return f"Verification: {counts}\n{super().__repr__()}"


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


class Access:
    """Answers who may do what, and why, on a snapshot with inheritance resolved. Nothing is fetched.

    Subjects are `user:<id>`, `user:<name>` if the snapshot contains the name or e-mail address, `group:<id or name>`
    (the group itself), `anonymous`, `class:<access class>`, or a record of a user or group. Operations are `view` and
    `edit`, and also `comment`, `delete`, `create_page` and `remove_restrictions`. Content items are ids, addresses, or
    records.

    Answers affected by something that could not be read are `unknown`, unless a known fact denies.
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
        """The snapshot the answers are based on."""
        return self._snapshot

    @property
    def policy(self) -> tuple[SwitchUse, ...]:
        """The switches in force, each with its question and source."""
        return tuple(
            SwitchUse(name, tuple(value) if isinstance(value, list) else value, value == default, question, source)
            for name, (value, default, question, source) in self._core.policy().items()
        )

    def subject(self, subject: SubjectLike) -> SubjectState:
        """The subject of this snapshot that matches a text: its id, name and state.

        `can`, `explain` and the others answer about any account, so a mistyped name gets the answer for an unknown
        account. This method refuses a subject that the snapshot does not have. Its result can be passed wherever a
        subject is expected.

        Args:
            subject: `user:<id>`, a name or e-mail address with or without `user:`, `group:<id or name>`, `anonymous`,
                `class:<access class>`, or a record.

        Raises:
            NotFoundError: The snapshot has no such subject; `nearest` lists similar names.
            AmbiguousError: The name matches several; `candidates` lists them.
            ConfigurationError: The text is not a valid subject (a `ValueError`).
        """
        return _made(SubjectState, self._core.subject(subject_of(subject)))

    def can(self, subject: SubjectLike, operation: OperationLike, content: ContentLike) -> Decision:
        """Whether a subject may do something with a content item.

        An account that is not in the snapshot is a valid question. For a content item that was not listed the answer is
        `unknown`, with `.verdict == "not_in_inventory"`.

        Returns:
            The decision: equal to `"allowed"`, `"denied"` or `"unknown"`.

        Raises:
            AmbiguousError: The name matches several subjects; `candidates` lists them.
            ConfigurationError: Invalid subject or operation (a `ValueError`).
        """
        return _DECISIONS[
            self._core.can(
                subject_of(subject), arguments.operation(operation, _CAN), content_of(content, self._snapshot)
            )
        ]

    def who_can(
        self, operation: OperationLike, content: ContentLike, *, decision: Literal["allowed", "unknown"] | None = None
    ) -> Table[Grantee]:
        """Everyone who may, each with how they get access, and everyone for whom it is unknown.

        `len` counts both: pass `decision="allowed"` for only those who may.

        Args:
            operation: `view`, `edit` or another operation.
            content: The content item.
            decision: `allowed` or `unknown` for only these rows; None for both.

        Raises:
            NotInSnapshotError: The content item was not listed (a `LookupError`).
            ConfigurationError: Invalid operation or decision (a `ValueError`).
        """
        return Table(
            self._core.who_can(arguments.operation(operation, _WHO_CAN), content_of(content, self._snapshot), decision)
        )

    def explain(self, subject: SubjectLike, operation: OperationLike, content: ContentLike) -> Explanation:
        """Why a subject may or may not: every gate, which ones fail, and what would open them.

        Always answers, also for a content item that was not listed. Its decision is the same as from `can`.

        Raises:
            AmbiguousError: The name matches several subjects; `candidates` lists them.
            ConfigurationError: Invalid subject or operation (a `ValueError`).
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
        """Every content item a subject may view or edit, and those for which it is unknown.

        `len` counts both: pass `decision="allowed"` for only those it may.

        Args:
            subject: The subject.
            operation: `view`, `edit` or another operation.
            decision: `allowed` or `unknown` for only these rows; None for both.

        Raises:
            AmbiguousError: The name matches several subjects; `candidates` lists them.
            ConfigurationError: Invalid subject, operation or decision (a `ValueError`).
        """
        return Table(
            self._core.contents_for(subject_of(subject), arguments.operation(operation, _CONTENTS_FOR), decision)
        )

    def summary(self) -> Table[SummaryRow]:
        """One row per content item: how many may view and edit it, whether anonymous may, what restricts it."""
        return Table(self._core.summary())

    def tree(self, content: ContentLike, *, people_who_can_view: bool = False) -> Tree:
        """The path from the root to a content item, with the view and edit restrictions of every level.

        Args:
            content: The content item at the end of the path.
            people_who_can_view: Whether to list people instead of the groups they are in.

        Raises:
            NotInSnapshotError: The content item was not listed (a `LookupError`).
        """
        return Tree(*self._core.tree(content_of(content, self._snapshot), people_who_can_view))

    def pairs(self, operation: RestrictionOperationLike) -> Pairs:
        """Every pair of an account and a content item it may view or edit, by standing access only, as a stream.

        There may be more pairs than fit into memory: they are generated while they are read, and `len` counts them
        without generating them.

        Raises:
            ConfigurationError: The operation is neither `view` nor `edit` (a `ValueError`).
        """
        return Pairs(self._core.pairs(arguments.operation(operation, "pairs(operation)")))

    def findings(self) -> Table[Finding]:
        """What a report should point out: open to anonymous users, editable by nobody, and so on."""
        return Table(self._core.findings())

    def verify(
        self, wiki: Confluence, sample: int = 200, seed: int = 0, *, oracle: Oracle = "confluence"
    ) -> Verification:
        """Asks Confluence itself about a sample of questions, and returns every disagreement with both explanations.

        The sample covers content with restrictions of its own, content that inherits restrictions, content below
        folders, open content, and anonymous users; it is the same for the same snapshot and seed. `agreed` counts equal
        answers, `unknown` those the snapshot leaves open, which are not disagreements. If the site has changed since
        the snapshot, that shows as disagreements too.

        Source: Cloud `POST /wiki/rest/api/content/{id}/permission/check`, once for each question, `max_concurrency` at
        a time. Requires a Confluence administrator.

        On Data Center `oracle="extender"` asks the Extender add-on instead: who can view and edit each content item of
        the sample, as people, by `GET /rest/extender/1.0/permission/content/{id}/getInheritedContentPermissions`. Its
        lists are compared with the answers for every account of the snapshot. So `asked` counts accounts, once for each
        operation, `unknown` includes names that nobody in the snapshot has, and `failed` counts content items. An
        account that passes only by a bypass may be on such a list or not. Reasons are `extender.listed` and
        `extender.not_listed`.

        Args:
            wiki: The site of the snapshot.
            sample: Largest number of questions; for the add-on, of content items.
            seed: Seed of the random sample.
            oracle: What is asked: `confluence` or `extender`.

        Raises:
            ForbiddenError: The account is not a Confluence administrator.
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
