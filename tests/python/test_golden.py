"""The golden scenarios, asked through the public names."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from confluence_access import Snapshot
from confluence_access.access import Access
from confluence_access.types import Deployment

FOLDER = Path(__file__).parents[1] / "golden"
GOLDEN = json.loads((FOLDER / "scenarios.json").read_text(encoding="utf-8"))
SCENARIOS = {scenario["id"]: scenario for scenario in GOLDEN["scenarios"]}
for _erratum in json.loads((FOLDER / "errata.json").read_text(encoding="utf-8")):
    SCENARIOS[_erratum["scenario"]]["questions"][_erratum["question"]]["codes"] = _erratum["codes"]


def merged(target: Any, patch: Any) -> Any:
    """JSON Merge Patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


@cache
def site(scenario_id: int, deployment: str) -> dict[str, Any]:
    scenario = SCENARIOS[scenario_id]
    described = merged(GOLDEN["defaults"], scenario["patch"])
    return dict(merged(described, scenario.get("patch_by_deployment", {}).get(deployment, {})))


def resolved(described: dict[str, Any], deployment: Deployment) -> Access:
    # Some scenarios are about deleted accounts and groups, which nobody describes.
    return Snapshot.from_dict(described, deployment=deployment, dangling="keep").access()


def asked(scenario: dict[str, Any]) -> Iterator[tuple[str, str, Access, dict[str, Any], dict[str, Any]]]:
    """Every question of a scenario: deployment, name, resolver, question, expectation."""
    for deployment in scenario["deployments"]:
        access = resolved(site(scenario["id"], deployment), deployment)
        for question in scenario["questions"]:
            if deployment in question["expect"]:
                yield deployment, "", access, question, question
            for variant in question.get("variants", ()):
                if deployment in variant["expect"]:
                    changed = merged(site(scenario["id"], deployment), variant["patch"])
                    yield deployment, variant["name"], resolved(changed, deployment), question, variant


def wrong(scenario: dict[str, Any], checks: Counter[str]) -> list[str]:
    mistakes = []

    def check(what: str, where: str, found: Any, expected: Any) -> None:
        checks[what] += 1
        if found != expected:
            mistakes.append(f"{where}: {what} is {found!r}, not {expected!r}")

    for deployment, name, access, question, expected in asked(scenario):
        subject, operation, content = question["subject"], question["operation"], question["content"]
        where = f"{scenario['id']} {deployment} {name} {subject} {operation} {content}"
        verdict = expected["expect"][deployment]
        decision = access.can(subject, operation, content)
        explanation = access.explain(subject, operation, content)
        check("verdict", where, decision.verdict, verdict)
        check("decision", where, str(decision), verdict if verdict in ("allowed", "denied") else "unknown")
        check("explained verdict", where, explanation.verdict, verdict)
        check("codes", where, list(explanation.codes), expected.get("codes", {}).get(deployment, []))
        check("bypass", where, explanation.bypass, expected.get("bypass", {}).get(deployment))
        check("exposure", where, explanation.exposure, expected.get("exposure", {}).get(deployment))
        for layer, witnesses in question.get("witnesses", {}).get(deployment, {}).items() if not name else ():
            check("witnesses", where, sorted(explanation.witnesses.get(layer, [])), sorted(witnesses))
    for audience in scenario.get("audiences", ()):
        for deployment, expected in audience["expect"].items():
            access = resolved(site(scenario["id"], deployment), deployment)
            rows = access.who_can(audience["operation"], audience["content"])
            found = {
                "allowed": {row.subject for row in rows if row.standing and row.decision == "allowed"},
                "unknown": {row.subject for row in rows if row.standing and row.decision == "unknown"},
                "bypass": {row.subject for row in rows if not row.standing and row.subject != "anyone_with_link"},
            }
            for kind, subjects in found.items():
                where = f"{scenario['id']} {deployment} who can {audience['operation']} {audience['content']}"
                check(f"audience {kind}", where, subjects, set(expected.get(kind, [])))
    for finding in scenario.get("findings", ()):
        for deployment in scenario["deployments"]:
            findings = resolved(site(scenario["id"], deployment), deployment).findings()
            found_at = {(row.code, row.content_id) for row in findings}
            where = f"{scenario['id']} {deployment} findings {sorted(map(str, found_at))}"
            known = (finding["code"], finding.get("content")) in found_at or (
                "content" not in finding and finding["code"] in {code for code, _ in found_at}
            )
            check("finding", where, known or finding, True)
    return mistakes


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: f"{scenario['id']}-{scenario['title']}")
def test_a_golden_scenario_is_answered_right(scenario: dict[str, Any]) -> None:
    checks: Counter[str] = Counter()
    assert wrong(scenario, checks) == []
    assert checks.total() > 0


def test_all_golden_scenarios_were_checked(capsys: pytest.CaptureFixture[str]) -> None:
    checks: Counter[str] = Counter()
    mistakes = [mistake for scenario in SCENARIOS.values() for mistake in wrong(scenario, checks)]
    with capsys.disabled():
        print(f"\ngolden scenarios: {len(SCENARIOS)} scenarios, {checks.total()} checks, {len(mistakes)} wrong")
    assert mistakes == []
    # None is missing, and each was asked about what it says it expects.
    assert list(SCENARIOS) == list(range(1, len(GOLDEN["scenarios"]) + 1))
    expectations = [
        expected["expect"]
        for scenario in SCENARIOS.values()
        for question in scenario["questions"]
        for expected in (question, *question.get("variants", ()))
    ]
    assert checks["verdict"] == sum(map(len, expectations)) > 0
    assert checks["audience allowed"] == sum(
        len(audience["expect"]) for scenario in SCENARIOS.values() for audience in scenario.get("audiences", ())
    )
