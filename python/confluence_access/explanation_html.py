"""An explanation as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import notebook
from .escapes import attribute, html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .decisions import Explanation
    from .explanation import Gate, SwitchUse

__all__ = ["as_html", "switch_value"]


def as_html(explanation: Explanation) -> str:
    """An explanation as HTML, as Jupyter shows it."""
    titles = _titles(explanation)
    fixes = [f"{fix.change} ({fix.by})" for fix in explanation.fixes]
    parts = [
        f"<p><b>{html(explanation.subject.note)}</b></p>" if explanation.subject.note else "",
        _headline(explanation),
        _html_list("Not known", explanation.doubts, titles),
    ]
    if explanation.gates:
        parts.append(f"<ol>{''.join(_html_gate(gate, titles) for gate in explanation.gates)}</ol>")
    parts += [
        _html_list("Ways in that are no standing access", [way.text for way in explanation.ways_in], titles),
        _html_list("What would open it" if len(fixes) < 2 else "What would open it, all together", fixes, titles),
        _html_list("Not read", [gap.message for gap in explanation.gaps], titles),
    ]
    details = [
        _html_list("Does not matter here", [restriction.text for restriction in explanation.irrelevant], titles),
        _html_list(
            "Rests on the policy",
            [f"{use.name} = {switch_value(use)}: {use.question}" for use in explanation.switches],
            titles,
        ),
        f"<p>{' '.join(f'<code>{html(code)}</code>' for code in explanation.codes)}</p>" if explanation.codes else "",
    ]
    if any(details):
        parts.append(f"<details><summary>Codes and policy</summary>{''.join(details)}</details>")
    return notebook.page(*parts)


_CLAIMS = {"allowed": "can", "denied": "cannot"}


def _headline(explanation: Explanation) -> str:
    """The decision, with who asked for what."""
    subject, place = explanation.subject, explanation.content
    what = html(explanation.content_id if place is None else place.title or place.id)
    if place is not None and place.url and _web(place.url):
        what = f'<a href="{attribute(place.url)}">{what}</a>'
    where = "" if place is None else f"({html(place.kind)} {html(place.id)}, space {html(place.space_key)})"
    operation = html(explanation.operation.replace("_", " "))
    who = f"<b>{html(subject.name or subject.subject)}</b>"
    if explanation.decision in _CLAIMS:
        claim = f"{who} {_CLAIMS[explanation.decision]} {operation}"
    else:
        claim = f"Unknown whether {who} can {operation}"
    mark = _mark(_OUTCOME_OF[explanation.decision])
    known = f"is {html(subject.state)}; {html(explanation.verdict)}"
    about = f"<code>{html(subject.subject)}</code> <span class=dim>{known}</span>"
    return f"<p>{mark} {claim} <b>{what}</b> <span class=dim>{where}</span></p><p>{about}</p>"


def _titles(explanation: Explanation) -> tuple[str, ...]:
    """Titles the sentences may mention, longest first, because one may be part of another."""
    place = explanation.content
    found = {gate.content_title for gate in explanation.gates} | {row.content_title for row in explanation.irrelevant}
    found.add(None if place is None else place.title)
    return tuple(sorted((title for title in found if title), key=lambda title: (-len(title), title)))


_OUTCOME_OF = {"allowed": "pass", "denied": "fail", "unknown": "unknown"}
_MARKS = {
    "pass": ("✓", "passes"),
    "fail": ("✗", "is stopped"),
    "unknown": ("?", "cannot be decided"),
    "not_applicable": ("·", "nothing to pass"),
}


def _mark(outcome: str) -> str:
    sign, meaning = _MARKS.get(outcome, ("?", outcome))
    return f'<b class="{outcome if outcome in _MARKS else "unknown"}" title="{attribute(meaning)}">{sign}</b>'


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
    where = gate.content_title or gate.place or gate.name.replace("_", " ")
    if gate.content_title and gate.levels_up:
        above = f" <span class=dim>{gate.levels_up} level{'' if gate.levels_up == 1 else 's'} up</span>"
    else:
        above = ""
    way = "" if gate.way is None else f" <small>({html(_WAYS.get(gate.way, gate.way))})</small>"
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
    details = "".join(f'<br><small class=dim style="padding-left:1.3em">{line}</small>' for line in more)
    place = f"<b>{_sentence(where, titles)}</b>{above}{way}"
    return f"<li>{_mark(gate.outcome)} {place}: {_sentence(gate.text, titles)}{details}</li>"


def _html_list(title: str, lines: Sequence[str], titles: Sequence[str]) -> str:
    if not lines:
        return ""
    return f"<p>{html(title)}</p><ul>{''.join(f'<li>{_sentence(line, titles)}</li>' for line in lines)}</ul>"


def switch_value(use: SwitchUse) -> str:
    """The value of a switch as text, and whether it was set."""
    word = str(use.value).lower() if isinstance(use.value, bool) else use.value
    text = word if isinstance(word, str) else ", ".join(word) or "none"
    return text if use.default else f"{text} (set)"


def _web(url: str) -> bool:
    # The address comes from a server; anything but a web page stays text.
    return url.startswith(("https://", "http://"))
