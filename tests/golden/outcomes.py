"""Write the golden scenarios as a page for people: docs/outcomes.md.

python tests/golden/outcomes.py > docs/outcomes.md
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SCENARIOS = Path(__file__).parent / "scenarios.json"
# What is known to be wrong in the scenarios, and why.
ERRATA = Path(__file__).parent / "errata.json"

SECTIONS = {
    "B.1": "Site and space",
    "B.2": "Roles and access classes (Cloud)",
    "B.3": "View restrictions, inherited and stacked",
    "B.4": "Editing",
    "B.5": "Administrators and bypass",
    "B.6": "Groups and principals",
    "B.7": "Content types and states",
}

HEAD = """# The outcome for every combination

Who may view and edit what, for every combination of site, space and page settings that people are known to get wrong.
The tests ask the library each of these questions, and their variants, from Rust and from Python. This page is generated
from the same file, `tests/golden/scenarios.json`.

Every scenario starts from one small site. In space **DOC** group `staff` (ann, bob, cat and the deactivated zed) may
view, create pages and comment; group `readers` (rob) may view; `eng` is ann and bob, `sec` is ann; dan has a licence
and no grant. The pages are Home > A > B > C, and X at the root of the space. **Cloud** and **DC** (Data Center) give
the answer of each product, `-` where the question does not arise. *By …* marks access that is not standing access.
Confidence: **A** current official document, **B** older official document, ticket or public live test, **C** community
or vendor, **D** inferred, **U** not verified; `disagree` where documents contradict each other. The answer `unknown`
means that nobody could confirm the rule, and that [a switch](decisions.md) decides it. Nothing here was tried on a live
site.
"""


def answer(question: dict[str, Any], deployment: str) -> str:
    """One cell: the verdict, and the way in where it is no standing access."""
    verdict = question["expect"].get(deployment)
    if verdict is None:
        return "-"
    way = question.get("bypass", {}).get(deployment) or question.get("exposure", {}).get(deployment)
    codes = ", ".join(f"`{code}`" for code in question.get("codes", {}).get(deployment, []))
    text = verdict.replace("_", " ") + (f" *by {way.replace('_', ' ')}*" if way else "")
    return f"{text} {codes}" if codes and not way else text


def row(*cells: str) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def page() -> str:
    """The whole page."""
    scenarios = json.loads(SCENARIOS.read_text(encoding="utf-8"))["scenarios"]
    by_id = {scenario["id"]: scenario for scenario in scenarios}
    for erratum in json.loads(ERRATA.read_text(encoding="utf-8")):
        by_id[erratum["scenario"]]["questions"][erratum["question"]]["codes"] = erratum["codes"]
    lines = [HEAD]
    for section, title in SECTIONS.items():
        lines += [f"## {title}", ""]
        for scenario in (s for s in scenarios if s["section"] == section):
            confidence = scenario["confidence"]
            marks = ", ".join(f"{'Cloud' if d == 'cloud' else 'DC'} {mark}" for d, mark in confidence.items())
            trap = " Commonly got wrong." if scenario.get("trap") else ""
            lines += [f"### {scenario['id']}. {scenario['title'][:1].upper()}{scenario['title'][1:]}", ""]
            reason = scenario["reason"]
            lines += [f"{reason[:1].upper()}{reason[1:]}.{trap} ({marks})", ""]
            lines += ["| who | wants | on | Cloud | DC |", "|---|---|---|---|---|"]
            for question in scenario["questions"]:
                asked = (f"`{question['subject']}`", question["operation"].replace("_", " "), question["content"])
                lines.append(row(*asked, answer(question, "cloud"), answer(question, "datacenter")))
                for variant in question.get("variants", []):
                    if not variant.get("default"):
                        cells = (answer(variant, "cloud"), answer(variant, "datacenter"))
                        lines.append(row("", "", f"*if {variant['name']}*", *cells))
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    print(page(), end="")
