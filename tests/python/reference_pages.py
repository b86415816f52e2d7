"""Write the parts of the documentation that the library itself declares.

python tests/python/reference_pages.py
"""

from __future__ import annotations

import re
from pathlib import Path

from confluence_access import Snapshot, _core

DOCS = Path(__file__).parents[2] / "docs"


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
        "An explanation carries one code for each gate that stops the subject or leaves a doubt, not only for the",
        "first. The codes are stable; the sentences may be reworded.",
        "",
        "| code | says |",
        "|---|---|",
        *(f"| `{code}` | {sentence} |" for code, sentence in sorted(_core.codes())),
        "",
        "## Findings",
        "",
        "What `access.findings()` points out. A finding is no access decision.",
        "",
        "| finding | severity | what to do |",
        "|---|---|---|",
        *(f"| `{code}` | {severity} | {advice} |" for code, severity, advice in _core.findings()),
    ]
    return "\n".join(lines) + "\n"


def records() -> str:
    """Every record and its columns."""
    head = (
        "# Records\n\nEvery noun is a `Table` of one of these records. Times are UTC with microseconds; ids are\n"
        "strings as the server spells them; null means that the server did not say, never no.\n\n"
    )
    return head + _core.documentation().rstrip() + "\n"


def pages() -> dict[Path, str]:
    """Each page that is written from declarations, as it should be."""
    decisions = (DOCS / "decisions.md").read_text(encoding="utf-8")
    table = f"<!-- switches -->\n{switches()}\n<!-- /switches -->"
    decisions, found = re.subn(r"<!-- switches -->.*?<!-- /switches -->", lambda _: table, decisions, flags=re.DOTALL)
    assert found == 1, "docs/decisions.md has lost the place of its table of switches"
    return {DOCS / "decisions.md": decisions, DOCS / "codes.md": codes(), DOCS / "records.md": records()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
