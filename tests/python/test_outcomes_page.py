"""The page of outcomes says what the golden scenarios say."""

import json
import re
import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_for_people_is_written_from_the_scenarios_the_tests_run() -> None:
    page = runpy.run_path(str(ROOT / "tests/golden/outcomes.py"))["page"]()
    scenarios = json.loads((ROOT / "tests/golden/scenarios.json").read_text(encoding="utf-8"))["scenarios"]
    assert len(re.findall(r"^### ", page, re.MULTILINE)) == len(scenarios) > 0
    assert (ROOT / "docs/outcomes.md").read_text(encoding="utf-8") == page, (
        "run: python tests/golden/outcomes.py > docs/outcomes.md"
    )
