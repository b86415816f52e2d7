"""An explanation as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .escapes import attribute, html, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .decisions import Explanation
    from .explanation import Gate

__all__ = ["as_html"]


def as_html(explanation: Explanation) -> str:
    """An explanation as HTML, as Jupyter shows it."""
    subject = explanation.subject
    place = explanation.content
    what = html(explanation.content_id if place is None else place.title or place.id)
    if place is not None and place.url and _web(place.url):
        what = f'<a href="{attribute(place.url)}">{what}</a>'
    note = f"<p><b>{html(subject.note)}</b></p>" if subject.note else ""
    parts = [
        f"{note}<p>{_mark(_OUTCOME_OF[explanation.decision])} <b>{html(subject.name or subject.subject)}</b> "
        f"<code>{html(subject.subject)}</code> ({html(subject.state)}), {html(explanation.operation)} <b>{what}</b>: "
        f"<b>{html(explanation.verdict)}</b></p>"
    ]
    titles = _titles(explanation)
    parts.append(_html_list("Not known", explanation.doubts, titles))
    if explanation.gates:
        gates = "".join(_html_gate(gate, titles) for gate in explanation.gates)
        parts.append(f'<ol style="list-style:none;padding-left:1em">{gates}</ol>')
    parts.append(_html_list("Ways in that are no standing access", [way.text for way in explanation.ways_in], titles))
    parts.append(_html_list("What would open it", [f"{fix.change} ({fix.by})" for fix in explanation.fixes], titles))
    parts.append(
        _html_list("Does not matter here", [restriction.text for restriction in explanation.irrelevant], titles)
    )
    parts.append(_html_list("Not read", [gap.message for gap in explanation.gaps], titles))
    parts.append(
        _html_list(
            "Rests on the policy",
            [
                f"{use.name} = {_switch(use.value)}{'' if use.default else ' (set)'}: {use.question}"
                for use in explanation.switches
            ],
            titles,
        )
    )
    if explanation.codes:
        parts.append(f"<p>{' '.join(f'<code>{html(code)}</code>' for code in explanation.codes)}</p>")
    return wrapped("".join(parts))


def _titles(explanation: Explanation) -> tuple[str, ...]:
    """Titles the sentences may mention, longest first, because one may be part of another."""
    place = explanation.content
    found = {gate.content_title for gate in explanation.gates} | {row.content_title for row in explanation.irrelevant}
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
