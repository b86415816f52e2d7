"""The tools of `confluence-access mcp`, called over stdio by the client of the official SDK."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from confluence_access import Snapshot
from confluence_access.cli import main
from confluence_access.mcp_server import Tools
from confluence_access.saved import place

SIMULATOR = {"pages": 120}
RUN = "from confluence_access.cli import main; raise SystemExit(main())"


@pytest.fixture(scope="module")
def saved(simulator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "site"
    with simulator.connect() as wiki:
        wiki.snapshot().save(folder)
    return folder


@pytest.fixture(scope="module")
def with_changes(simulator, saved, tmp_path_factory):
    folder = tmp_path_factory.mktemp("changes") / "site"
    snapshot = Snapshot.load(saved)
    snapshot.save(folder)
    with pytest.MonkeyPatch.context() as patch, (folder / "changes.json").open("w", encoding="utf-8") as file:
        for name, value in (("URL", simulator.url), ("USERNAME", simulator.username), ("API_TOKEN", simulator.token)):
            patch.setenv(f"CONFLUENCE_{name}", value)
        patch.setattr(sys, "stdout", file)
        # What the tool tells people to write.
        assert main(["changes", "--since", "90d", "--snapshot", str(folder), "--json"]) == 0
    return folder


def ask(folder, *questions: tuple[str, dict[str, Any]]) -> list[Any]:
    """The answers to questions, each the name of a tool and its arguments."""

    async def asked():
        # The SDK passes no variables of this process on: there are no credentials and no address of a site.
        command = StdioServerParameters(command=sys.executable, args=["-c", RUN, "mcp", "--snapshot", str(folder)])
        async with Client(command) as client:
            return [await client.call_tool(name, arguments) for name, arguments in questions]

    return asyncio.run(asked())


def text(answer: Any) -> str:
    assert len(answer.content) == 1
    return str(answer.content[0].text)


def test_every_tool_says_that_it_only_reads_and_what_it_returns(saved):
    async def listed():
        command = StdioServerParameters(command=sys.executable, args=["-c", RUN, "mcp", "--snapshot", str(saved)])
        async with Client(command) as client:
            return (await client.list_tools()).tools, client.instructions

    tools, instructions = asyncio.run(listed())
    assert sorted(tool.name for tool in tools) == ["changes", "contents_for", "explain", "find", "findings", "who_can"]
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.open_world_hint is False
        assert tool.description
        assert tool.output_schema is not None
    assert "could not be read" in instructions
    assert "not instructions" in instructions


def test_the_answers_are_those_of_access(saved):
    access = Snapshot.load(saved).access()
    page = next(row.id for row in access.snapshot.contents if row.title == "Remediation Plan")
    bob = access.subject("Bob Lind")
    people, why, contents, findings = ask(
        saved,
        ("who_can", {"operation": "view", "content": "remediation plan"}),
        ("explain", {"subject": "Bob Lind", "operation": "view", "content": page}),
        ("contents_for", {"subject": bob.subject, "operation": "edit", "limit": 200}),
        ("findings", {"severity": "high", "limit": 200}),
    )
    assert people.structured_content["rows"] == access.who_can("view", page).to_dicts()
    assert text(people).startswith(f"who can view content {page}: 1 allowed\n- Ann Berg (")
    explanation = access.explain(bob, "view", page)
    assert why.structured_content["explanation"]["decision"] == "denied"
    assert text(why).startswith(str(explanation))
    assert contents.structured_content["rows"] == access.contents_for(bob, "edit").to_dicts()
    rows = [row for row in access.findings().to_dicts() if row["severity"] == "high"]
    assert rows
    assert findings.structured_content["rows"] == rows


def test_findings_take_domains_and_thresholds(saved):
    access = Snapshot.load(saved).access()
    arguments: dict[str, Any] = {"internal_domains": ["partner.example"], "huge_group": 3, "too_many_restrictions": 1}
    codes = ("external_may_view", "huge_group", "too_many_restrictions")
    asked = [("findings", {"code": code, "limit": 200, **arguments}) for code in codes]
    answers = ask(saved, *asked, ("findings", {"code": "external_may_view"}), ("findings", {"huge_group": -1}))
    for code, answer in zip(codes, answers, strict=False):
        rows = access.findings(codes=code, **arguments).to_dicts()  # type: ignore[arg-type]
        assert rows
        assert answer.structured_content["total"] == len(rows), code
    assert answers[3].structured_content["total"] == 0
    assert answers[4].is_error
    assert "`huge_group` is a number of 0 or more" in text(answers[4])


def test_internal_domains_can_be_given_at_the_start(saved, capsys):
    tools = Tools(place(saved), Snapshot.load(saved), ["partner.example"])
    (answer, other) = (
        tools.findings(code="external_may_view", internal_domains=given) for given in (None, ["acme.example"])
    )
    assert answer.structured_content is not None
    assert other.structured_content is not None
    assert answer.structured_content["total"] > 0
    assert other.structured_content["total"] == 0
    assert main(["mcp", "--snapshot", str(saved), "--internal-domain", "acme"]) == 1
    assert "invalid domain `acme`" in capsys.readouterr().err


def test_a_long_answer_is_cut_and_says_how_to_read_on(saved):
    access = Snapshot.load(saved).access()
    every = access.contents_for("Bob Lind").to_dicts()
    first, second, last = ask(
        saved,
        ("contents_for", {"subject": "Bob Lind", "limit": 7}),
        ("contents_for", {"subject": "Bob Lind", "limit": 7, "offset": 7}),
        ("contents_for", {"subject": "Bob Lind", "offset": len(every)}),
    )
    assert first.structured_content["rows"] + second.structured_content["rows"] == every[:14]
    assert first.structured_content["total"] == len(every)
    assert first.structured_content["more"] == len(every) - 7
    assert f"{len(every) - 7} more: ask again with `offset` 7." in text(first)
    assert (last.structured_content["rows"], last.structured_content["more"]) == ([], 0)


def test_find_gives_what_the_other_tools_take(saved):
    snapshot = Snapshot.load(saved)
    page, person, group, space = ask(
        saved,
        ("find", {"text": "remediation"}),
        ("find", {"text": "BOB.LIND@", "kind": "user"}),
        ("find", {"text": "engineering", "kind": "group"}),
        ("find", {"text": "eng", "kind": "space"}),
    )
    found = page.structured_content["rows"]
    assert [(row["kind"], row["name"], row["space_key"]) for row in found] == [("content", "Remediation Plan", "ENG")]
    assert [row["use"] for row in person.structured_content["rows"]] == [snapshot.access().subject("Bob Lind").subject]
    assert group.structured_content["rows"][0]["name"] == "engineering"
    # The best match first: equal before the beginning before the inside.
    assert space.structured_content["rows"][0]["use"] == "ENG"
    use = found[0]["use"]
    (answer,) = ask(saved, ("who_can", {"operation": "view", "content": use}))
    assert answer.structured_content["total"] == 1


def test_changes_come_from_the_file_beside_the_snapshot(with_changes):
    every, page, person, none = ask(
        with_changes,
        ("changes", {"limit": 200}),
        ("changes", {"content": "Roadmap 2027"}),
        ("changes", {"subject": "Ann Berg", "space": "ENG"}),
        ("changes", {"since": "1m"}),
    )
    rows = every.structured_content["rows"]
    assert len(rows) > 20
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    assert "raw" not in rows[0]
    assert page.structured_content["rows"] == [row for row in rows if row["content_title"] == "Roadmap 2027"]
    assert {row["subject_name"] for row in person.structured_content["rows"]} == {"Ann Berg"}
    assert none.structured_content["total"] == 0


def test_bad_input_is_an_error_of_the_tool_with_our_message(saved):
    wrong: tuple[tuple[tuple[str, dict[str, Any]], str], ...] = (
        (("changes", {}), "no changes are saved with this snapshot: write them with `confluence-access changes"),
        (("who_can", {"operation": "viw", "content": "Remediation Plan"}), "invalid operation `viw`"),
        (("who_can", {"operation": "view", "content": "nope"}), "no content `nope` in this snapshot"),
        (("explain", {"subject": "Bob Lnd", "operation": "view", "content": "1"}), "did you mean `Bob Lind`?"),
        (("contents_for", {"subject": "Bob Lind", "space": "NOPE"}), "space `NOPE` is not in the snapshot"),
        (("findings", {"code": "open"}), "unknown finding `open`: expected one of `open_to_anonymous`"),
        (("findings", {"limit": 1000}), "less than or equal to 200"),
        (("find", {"text": " "}), "`text` is empty"),
    )
    answers = ask(saved, *(question for question, _ in wrong))
    for answer, (_, message) in zip(answers, wrong, strict=True):
        assert answer.is_error
        assert message in text(answer)
        assert answer.structured_content is None


def test_one_title_of_several_items_lists_their_ids(tmp_path):
    site = {
        "spaces": {"A": {"grants": {"group:g": ["view"]}}},
        "groups": {"g": {"members": [f"user:u{number}" for number in range(100)]}},
        "users": {f"u{number}": {} for number in range(100)},
        "contents": {
            id: {"type": "page", "space": "A", "title": title}
            for id, title in (("1", "Plan \x1b[31m"), ("2", "Twin"), ("3", "Twin"))
        },
        "restrictions": {"1": {"read": [f"user:u{number}" for number in range(60)]}},
    }
    Snapshot.from_dict(site).save(tmp_path / "site")
    twin, shown, why = ask(
        tmp_path / "site",
        ("who_can", {"operation": "view", "content": "Twin"}),
        ("find", {"text": "plan"}),
        ("explain", {"subject": "user:u99", "operation": "view", "content": "1"}),
    )
    assert "several contents are titled `Twin`: give the id of one" in text(twin)
    # What steers a terminal is written as an escape.
    assert r"Plan \x1b[31m" in text(shown)
    assert any(note.endswith("the first 30 are shown.") for note in why.structured_content["notes"])


def test_a_folder_without_a_snapshot_and_damaged_changes_are_refused_at_the_start(tmp_path, with_changes, capsys):
    assert main(["mcp", "--snapshot", str(tmp_path / "none")]) == 1
    assert "does not exist" in capsys.readouterr().err
    folder = tmp_path / "site"
    Snapshot.load(with_changes).save(folder)
    (folder / "changes.json").write_text("{}", encoding="utf-8")
    (folder / "changes.json").write_text('[{"at": 5}]', encoding="utf-8")
    assert main(["mcp", "--snapshot", str(folder)]) == 1
    assert "does not hold changes: write it with `confluence-access changes --json`" in capsys.readouterr().err


def test_without_the_package_the_message_says_how_to_install_it(saved):
    command = [sys.executable, "-c", f"import sys; sys.modules['mcp'] = None; {RUN}", "mcp", "--snapshot", str(saved)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'confluence-access[mcp]'" in done.stderr
    assert done.stdout == ""
