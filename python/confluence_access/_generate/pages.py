"""The pages of documentation that list what the library declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _core
from ..snapshot import Snapshot
from .text import between

if TYPE_CHECKING:
    from pathlib import Path


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ", ".join(value) or "none"
    return str(value)


def switches() -> str:
    """The policy of both deployments as one table."""
    cloud, datacenter = (Snapshot.from_dict({}, deployment=d).access().policy for d in ("cloud", "datacenter"))
    lines = ["| switch | Cloud | Data Center | question | source |", "|---|---|---|---|---|"]
    for here, there in zip(cloud, datacenter, strict=True):
        source = there.source or here.source or "-"
        lines.append(f"| `{here.name}` | {_cell(here.value)} | {_cell(there.value)} | {here.question} | {source} |")
    return "\n".join(lines)


def codes() -> str:
    """Every code of explanations and findings."""
    lines = [
        "# Codes",
        "",
        "An explanation has one code for each gate that denies access or leaves it unknown, not only for the first.",
        "The codes are stable; the sentences may be reworded.",
        "",
        "| code | meaning |",
        "|---|---|",
        *(f"| `{code}` | {sentence} |" for code, sentence in sorted(_core.codes())),
        "",
        "## Findings",
        "",
        "What `access.findings()` points out. A finding is not an access decision. Nothing is reported that only may",
        "be the case: no finding does not mean no problem where something could not be read. `codes`, `severity`",
        "and `space` choose. `external_may_view` needs `internal_domains` or a snapshot with the verified domains of",
        "the [organization](organization.md). `unused_group` needs a snapshot of the whole site, read by an account",
        "that sees everything (Cloud: with `admin_key=True`): a restriction it does not see may name the group. `fix`",
        "has the calls that end a finding, if no decision is needed:",
        "",
        "```python",
        ">>> import json",
        ">>> from confluence_access import Confluence",
        ">>> wiki = Confluence.from_env()",
        '>>> findings = wiki.snapshot().access().findings(codes=["redundant_restriction", "inactive_entry"])',
        '>>> for call in json.loads(findings[0].fix or "[]"):',
        '...     rows = getattr(wiki, call["call"])(**call["arguments"], dry_run=True)',
        '...     call["call"], [row.outcome for row in rows]',
        "('unrestrict', ['would_remove'])",
        "",
        "```",
        "",
        "| finding | severity | what to do |",
        "|---|---|---|",
        *(f"| `{code}` | {severity} | {advice} |" for code, severity, advice in _core.findings()),
    ]
    return "\n".join(lines) + "\n"


def _code(word: str | None) -> str:
    return f"`{word}`" if word else "-"


def permissions() -> str:
    """Every permission of a space and of the site, with the words servers use for it."""
    in_space, on_site = _core.permissions()
    lines = [
        "# Permissions",
        "",
        "One vocabulary for all deployments, used in tables, in the audit log and by `grant` and `revoke`. A word that",
        "is not listed here is kept as the server wrote it. The column `raw` has the server's own words.",
        "",
        "| permission | meaning | granted by itself on Cloud | Data Center |",
        "|---|---|---|---|",
        *(
            f"| `{word}` | {meaning} | {_code(pair)} | {_code(constant)} |"
            for word, meaning, pair, constant in in_space
        ),
        "",
        "## Global permissions",
        "",
        "Permissions of the whole site, on Data Center.",
        "",
        "| permission | meaning | Data Center |",
        "|---|---|---|",
        *(f"| `{word}` | {meaning} | {_code(constant)} |" for word, meaning, _, constant in on_site),
    ]
    return "\n".join(lines) + "\n"


def files(root: Path) -> dict[Path, str]:
    """Each page as it should be."""
    docs = root / "docs"
    decisions = (docs / "decisions.md").read_text(encoding="utf-8")
    return {
        docs / "decisions.md": between(decisions, "switches", switches()),
        docs / "codes.md": codes(),
        docs / "permissions.md": permissions(),
    }
