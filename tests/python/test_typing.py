"""A type checker finds mistyped words and wrong shapes before anything runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

import pytest
from node_packages import HERE, install

from confluence_access import Snapshot, types

mypy = pytest.importorskip("mypy.api")

RIGHT = """
from confluence_access import Access, Confluence, Snapshot
from confluence_access.types import Operation, SiteDescription

site: SiteDescription = {
    "users": {"ann": {"active": True}},
    "groups": {"eng": {"members": ["user:ann"], "source": "directory"}},
    "spaces": {"ENG": {"grants": {"user:ann": ["view"]}}},
    "contents": {"1": {"type": "page", "space": "ENG"}, "2": {"type": "page", "space": "ENG", "parent": 1}},
    "restrictions": {"1": {"view": ["group:eng"]}, "2": {"update": ["user:ann"]}},
    "gaps": [{"scope": "group", "subject": "eng"}],
}
snapshot = Snapshot.from_dict(site, dangling="gap")
plain: dict[str, object] = {}
Snapshot.from_dict(plain)


def ask(access: Access, wiki: Confluence, operation: Operation) -> bool:
    access.who_can("view", 1)
    access.explain("user:ann", "update", "1")
    access.contents_for("user:ann", "comment", as_if={"active": True})
    access.pairs("read")
    access.acl("read")
    list(access.export_acl("onyx", "read", identities={"ann": "ann@acme.com"}))
    wiki.check("1", "user:ann", "delete")
    wiki.restrict("1", "edit", ["user:ann"], dry_run=True)
    wiki.restrictions(1)
    wiki.contents(7)
    for row in access.who_can(operation, "1"):
        if row.decision == "unknown":
            return False
    for finding in access.findings():
        if finding.severity == "high" and finding.code == "open_to_anonymous":
            return False
    return access.can("user:ann", operation, "1").word == "allowed"
"""

# Each line is wrong once.
WRONG = """
from confluence_access import Access, Confluence, Snapshot
from confluence_access.types import Operation, SiteDescription


def ask(access: Access, wiki: Confluence, snapshot: Snapshot) -> None:
    access.can("user:ann", "viev", "1")
    access.export_acl("onix")
    access.who_can("viev", "1")
    access.explain("user:ann", "wiev", "1")
    access.contents_for("user:ann", "wiev")
    access.contents_for("user:ann", as_if={"actve": True})
    access.pairs("comment")
    access.acl("comment")
    wiki.check("1", "user:ann", "wiev")
    wiki.restrict("1", "delete", ["user:ann"])
    wiki.restrictions(1.5)
    operation: Operation = "read"
    snapshot.restrictions[0].operation == "read"
    access.who_can("view", "1")[0].decision == "alowed"
    access.findings()[0].severity == "hihg"
    access.findings()[0].code == "open_to_anonymus"
    access.can("user:ann", "view", "1").word == "alowed"
    Snapshot.from_dict({}, deployment="server")
    Snapshot.from_dict({}, dangling="ignore")
    site: SiteDescription = {"usres": {}}
    user: SiteDescription = {"users": {"ann": {"activ": True}}}
"""


def checked(text: str, folder: Path) -> list[str]:
    file = folder / "asked.py"
    file.write_text(text)
    cache = Path(__file__).parents[2] / ".mypy_cache"
    arguments = ["--strict", "--no-error-summary", "--no-pretty", "--hide-error-context", f"--cache-dir={cache}"]
    out, err, _ = mypy.run([*arguments, "--python-executable", sys.executable, str(file)])
    assert not err
    return [line for line in out.splitlines() if ": error: " in line]


def test_right_uses_pass(tmp_path: Path):
    assert checked(RIGHT, tmp_path) == []


def test_every_wrong_use_is_found(tmp_path: Path):
    found = {int(line.split(":")[1]) for line in checked(WRONG, tmp_path)}
    lines = WRONG.splitlines()
    wrong = set(
        range(lines.index("def ask(access: Access, wiki: Confluence, snapshot: Snapshot) -> None:") + 2, len(lines) + 1)
    )
    assert len(wrong) == 21
    assert found == wrong


def test_every_key_of_a_description_is_read():
    for kind, section in (
        (types.SiteDescription, None),
        (types.UserDescription, "users"),
        (types.GroupDescription, "groups"),
        (types.SpaceDescription, "spaces"),
        (types.ContentDescription, "contents"),
        (types.RestrictionDescription, "restrictions"),
    ):
        site: Any = {"unknown key": {}} if section is None else {section: {"1": {"unknown key": {}}}}
        with pytest.raises(ValueError, match="expected one of") as caught:
            Snapshot.from_dict(site)
        known = str(caught.value).rsplit("expected one of ", 1)[1]
        assert sorted(known.replace("`", "").split(", ")) == sorted(typing.get_type_hints(kind)), section


def test_every_scope_of_a_gap_is_in_its_type():
    with pytest.raises(ValueError, match=r"gaps\[0\]\.scope`: unknown word `planet`") as caught:
        Snapshot.from_dict({"gaps": [{"scope": "planet", "subject": "earth"}]})
    known = str(caught.value).rsplit("expected one of ", 1)[1]
    assert known.replace("`", "").split(", ") == list(typing.get_args(types.GapScope))


def test_every_key_of_a_description_is_explained():
    for name in types.__all__:
        kind = getattr(types, name)
        if typing.is_typeddict(kind):
            for key in typing.get_type_hints(kind):
                assert f"        {key}: " in kind.__doc__, (name, key)


def test_every_public_name_has_a_type_that_a_checker_need_not_guess() -> None:
    node = install()
    pyright = HERE / "node_modules" / "pyright" / "index.js"
    asked = [node, str(pyright), "--verifytypes", "confluence_access", "--ignoreexternal", "--outputjson"]
    # It asks the first Python there is where packages are.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(asked, cwd=HERE, env=environment, capture_output=True, text=True)
    report = json.loads(done.stdout)["typeCompleteness"]
    vague = [symbol["name"] for symbol in report["symbols"] if not symbol["isTypeKnown"] and symbol["isExported"]]
    assert vague == []
    assert report["exportedSymbolCounts"]["withKnownType"] > 1_500
