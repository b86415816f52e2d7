"""The workflows of CI: what they run is pinned and exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_every_action_is_pinned_to_a_commit_and_names_its_version():
    used = [line for path in WORKFLOWS for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert len(used) > 10
    for line in used:
        assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line
    # One commit for each action.
    pinned = dict(re.findall(r"uses: ([\w./-]+)@([0-9a-f]{40})", "\n".join(used)))
    assert all(
        pinned[action] == commit for action, commit in re.findall(r"uses: ([\w./-]+)@([0-9a-f]{40})", "\n".join(used))
    )


def test_the_tests_that_run_everywhere_exist():
    named = re.findall(
        r"tests/python/test_\w+\.py", (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    )
    assert len(named) > 8
    assert [path for path in named if not (ROOT / path).is_file()] == []
