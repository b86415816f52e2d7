"""A report: one page of HTML with everything a reader needs, and no network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from ..escapes import attribute, html, visible
from ..formats import plain
from ..types import Reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..access import Access
    from ..records import PermissionChange
    from ..snapshot import Snapshot
    from ..tables import Table

__all__ = ["page"]

_FOLDER = Path(__file__).parent
_REACHES = {
    "internet": "anyone on the internet",
    "link": "anyone who has the public link",
    "guests": "guests",
    "unlicensed": "people without a licence, such as customers of a service desk",
    "all_users": "everyone who may use the site",
    "large_group": "more than 1,000 accounts",
    "some": "11 to 1,000 accounts",
    "few": "10 accounts at most",
    "nobody": "nobody",
    None: "unknown: nobody is certain to view it, and for some it is unknown",
}
_COLOURED = {"severity", "reach"}
_WIDE = {"message", "advice"}


def page(
    snapshot: Snapshot, access: Access, changes: Table[PermissionChange] | None = None, title: str | None = None
) -> str:
    """The report of a snapshot as HTML."""
    style, script = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    name = title or f"Access to {snapshot.site.base_url or snapshot.site.deployment}"
    parts = list(_parts(snapshot, access, changes))
    known = {"parts": [part["data"] for part in parts], "tree": _tree(snapshot, access)}
    # Nothing in a script element ends it but `</`, and `<!--` changes how it is read.
    packed = json.dumps(known, ensure_ascii=False, separators=(",", ":"), default=plain)
    packed = packed.replace("<", "\\u003c")
    policy = f"default-src 'none'; style-src 'sha256-{_hash(style)}'; script-src 'sha256-{_hash(script)}'"
    policy += "; base-uri 'none'; form-action 'none'"
    links = "".join(f'<li><a href="#{part["data"]["id"]}">{html(part["title"])}</a></li>' for part in parts)
    sections = "".join(_section(part) for part in parts)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{attribute(policy)}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{attribute(name)}</title><style>{style}</style></head><body>"
        f'<a class="skip" href="#{parts[0]["data"]["id"]}">Skip to the report</a>'
        f"<header><h1>{html(name)}</h1>{_facts(snapshot)}</header>"
        f'<nav aria-label="Contents"><ul>{links}</ul></nav><main>{sections}</main>'
        f'<footer class="dim">Made by confluence-access from one snapshot. The page loads nothing from any network.'
        f"</footer><noscript><p>The tables of this report need JavaScript.</p></noscript>"
        f'<script type="application/json" id="data">{packed}</script><script>{script}</script></body></html>\n'
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _facts(snapshot: Snapshot) -> str:
    known, notes = snapshot._facts()
    facts = ", ".join(f"{name} {value}" for name, value in known)
    lines = "".join(f"<li>{html(note)}</li>" for note in notes)
    limits = f"<p>What the account that read the site cannot see:</p><ul>{lines}</ul>" if lines else ""
    return f'<p class="dim">{html(facts)}</p>{limits}'


def _section(part: dict[str, Any]) -> str:
    id_, title = part["data"]["id"], part["title"]
    about = f'<p class="dim">{html(part["about"])}</p>' if part["about"] else ""
    return f'<section id="{id_}" aria-label="{attribute(title)}"><h2>{html(title)}</h2>{about}</section>'


def _part(id_: str, title: str, about: str, **known: Any) -> dict[str, Any]:
    return {"title": title, "about": about, "data": {"id": id_, **known}}


def _rows(table: Table[Any], columns: Sequence[str] = ()) -> dict[str, Any]:
    """A table for the page: the columns a person reads, or those named."""
    shown, _folded = table._shown()
    names = list(columns) or [table.columns[at] for at in shown]
    about = {name: (kind, meaning) for name, kind, _null, meaning in table._core.about}
    head = [
        {
            "name": name.replace("_", " "),
            "meaning": about[name][1],
            "number": about[name][0] == "whole number",
            "colour": name in _COLOURED,
            "wide": name in _WIDE,
        }
        for name in names
    ]
    columns_of = [[_value(value) for value in table.column(name)] for name in names]
    if "reach" in names:
        # Nobody is certain to view it, which is not the same as nobody.
        at = names.index("reach")
        columns_of[at] = [reach or "unknown" for reach in columns_of[at]]
    return {"columns": head, "rows": [list(row) for row in zip(*columns_of, strict=True)] if len(table) else []}


def _value(value: Any) -> Any:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, tuple) and not any(isinstance(one, tuple) for one in value):
        return [visible(one) for one in value]
    text = visible(plain(value))
    return text[:19].replace("T", " ") if hasattr(value, "isoformat") else text


def _parts(snapshot: Snapshot, access: Access, changes: Table[PermissionChange] | None) -> Iterable[dict[str, Any]]:
    """The sections, in order."""
    exposure = access.exposure()
    contents = exposure.filter(kind="content")
    counts = Counter(contents.column("reach"))
    reaches = [(reach or "unknown", counts[reach], _REACHES[reach]) for reach in (*get_args(Reach), None)]
    yield _part(
        "exposure",
        "How far content reaches",
        "Content items by the farthest audience that is certain to view them.",
        bars=[row for row in reaches if row[1]],
        **_rows(exposure.filter(kind="space"), _SPACES),
    )
    findings = access.findings()
    ranks = {"high": 0, "medium": 1, "low": 2}
    order = sorted(range(len(findings)), key=lambda at: ranks.get(findings[at].severity, 3))
    severities = Counter(findings.column("severity"))
    said = ", ".join(f"{severities[word]} {word}" for word in ranks if severities[word]) or "none"
    about = f"{said}; the most severe first, each with its proof."
    yield _part("findings", "Findings", about, **_rows(findings._take(order), _FINDINGS))
    about = "Open a node to see its restrictions, who can view it, and what is below it. A padlock marks a restriction."
    yield _part("tree", "Who can view what, along the tree", about, tree=True)
    yield _part("contents", "Content", "Every content item that is not in the trash.", **_rows(contents, _CONTENTS))
    if changes is not None:
        about = f"{len(changes)} changes of permissions, restrictions and groups, the newest first."
        yield _part("changes", "Recent changes", about, **_rows(changes.sort("at", descending=True), _CHANGES))
    yield _part("groups", "Groups, and where they come from", "", **_rows(snapshot.groups))
    yield _part("people", "Accounts", "", **_rows(snapshot.users))
    yield _part("grants", "Space permissions", "As stored, roles expanded.", **_rows(snapshot.space_permissions))
    yield _part("restrictions", "Restrictions", "As stored, each on its own item.", **_rows(snapshot.restrictions))
    if len(snapshot.gaps):
        about = "What could not be read. The answers it touches are unknown."
        yield _part("gaps", "Gaps", about, **_rows(snapshot.gaps))


_COUNTS = ("reach", "viewers", "editors", "unknown", "guests", "external", "apps", "because")
_SPACES = ("title", "space_key", *_COUNTS)
_CONTENTS = ("title", "content_id", "space_key", *_COUNTS)
_CHANGES = (
    *("at", "author_name", "change", "scope", "space_key", "content_title", "subject_name"),
    *("permission", "old", "new", "confidence"),
)
_FINDINGS = ("severity", "code", "message", "space_key", "content_title", "subject_name", "advice")


def _tree(snapshot: Snapshot, access: Access) -> dict[str, Any]:
    """The tree for the page: nodes with the position of their parent, and rules that many of them share."""
    names = {f"user:{user.id}": user.display_name or user.name or user.id for user in snapshot.users}
    names |= {f"group:{group.id}": f"group {group.name or group.id}" for group in snapshot.groups}
    rules: dict[str, int] = {}
    rule_of: dict[str, int] = {}
    for row in access.acl("view"):
        said = " and ".join(
            f"({' or '.join(names.get(subject, subject) for subject in entries)})" if entries else "nobody"
            for entries in row.all_of
        )
        said += "" if row.complete else "; for others it is unknown"
        rule_of[row.content_id] = rules.setdefault(visible(said) or "everyone", len(rules))
    own: dict[str, list[str]] = {}
    for restriction in snapshot.restrictions:
        named = names.get(restriction.subject, restriction.subject_name or restriction.subject)
        own.setdefault(restriction.content_id, []).append(f"{named} ({restriction.operation})")
    summary = list(access.summary())
    place = {row.content_id: at for at, row in enumerate(summary)}
    parents = dict(zip(snapshot.contents.column("id"), snapshot.contents.column("parent_id"), strict=True))
    nodes = [
        (
            place.get(parents.get(row.content_id) or ""),
            row.space_key,
            visible(row.title or f"untitled {row.type} {row.content_id}"),
            row.type,
            row.viewers,
            row.unknown_viewers or 0,
            row.editors,
            visible(f"restricted to {', '.join(own[row.content_id])}") if row.content_id in own else None,
            rule_of.get(row.content_id),
        )
        for row in summary
    ]
    spaces = {row.space_key: row.space_key for row in summary}
    spaces = {space.key: visible(space.name or space.key) for space in snapshot.spaces} | {
        key: visible(name) for key, name in spaces.items() if key not in {space.key for space in snapshot.spaces}
    }
    return {"spaces": list(spaces.items()), "nodes": nodes, "rules": list(rules)}
