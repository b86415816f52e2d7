"""The console command: what it prints, what it returns, what it never shows."""

import argparse
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import types

import polars as pl
import pytest

import confluence_access
from confluence_access import Simulator, Snapshot
from confluence_access.cli import main, parser
from confluence_access.terminal import Screen

TOKEN = "ATATT-very-secret-token-0123456789"


SIMULATOR = {"pages": 120, "token": TOKEN}


@pytest.fixture(autouse=True)
def environment(simulator, monkeypatch):
    for name in ("CONFLUENCE_PERSONAL_TOKEN", "CONFLUENCE_PASSWORD", "ATLASSIAN_ORG_ID", "ATLASSIAN_ORG_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONFLUENCE_URL", simulator.url)
    monkeypatch.setenv("CONFLUENCE_USERNAME", simulator.username)
    monkeypatch.setenv("CONFLUENCE_API_TOKEN", TOKEN)


@pytest.fixture
def run(capsys):
    def run(*arguments: str) -> types.SimpleNamespace:
        code = main([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        assert TOKEN not in shown.out + shown.err
        return types.SimpleNamespace(code=code, out=shown.out, err=shown.err)

    return run


@pytest.fixture(scope="module")
def saved(simulator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "site"
    with simulator.connect() as wiki:
        wiki.snapshot().save(folder)
    return folder


def page(folder, title: str) -> str:
    return next(content.id for content in Snapshot.load(folder).contents if content.title == title)


def test_spaces_lists_the_spaces_of_the_site(run):
    done = run("spaces", "--format", "table")
    assert done.code == 0
    assert re.search(r"^key +name +type +status +id$", done.out, re.M)
    assert re.search(r"^ENG +\S", done.out, re.M)


def test_groups_says_where_each_is_kept(run):
    done = run("groups", "--format", "table")
    assert done.code == 0
    assert re.search(r"^engineering +directory", done.out, re.M)
    assert re.search(r"^site-admins +local", done.out, re.M)


def test_nothing_is_cut_where_another_program_reads(run):
    ids = [row["id"] for row in json.loads(run("groups", "--json").out)]
    assert len(ids) > 3
    shown = run("groups", "--format", "table").out
    assert all(f"  {id}\n" in shown for id in ids)
    assert [line.split("\t")[0] for line in run("groups").out.splitlines()] == ["id", *ids]


@pytest.mark.parametrize("noun", ["spaces", "groups"])
def test_json_is_for_scripts(run, noun):
    rows = json.loads(run(noun, "--json").out)
    assert len(rows) > 3
    assert {"id", "name"} <= rows[0].keys()


def test_who_can_names_each_person_and_the_way_in(run, saved):
    content = page(saved, "Remediation Plan")
    done = run("who-can", "view", content, "--snapshot", saved, "--format", "table")
    assert done.code == 0
    assert done.out.startswith("Remediation Plan (page ")
    assert re.search(r"^Ann Berg +allowed ", done.out, re.M)
    assert "Bob Lind" not in done.out
    rows = json.loads(run("who-can", "view", content, "--snapshot", saved, "--json").out)
    assert [row["decision"] for row in rows if row["display_name"] == "Ann Berg"] == ["allowed"]


def test_who_can_asks_the_site_where_no_snapshot_is_given(run, saved):
    content = page(saved, "Remediation Plan")
    asked = run("who-can", "view", content)
    assert asked.code == 0
    assert asked.out == run("who-can", "view", content, "--snapshot", saved).out


def test_an_address_from_the_browser_works_as_content(run, saved, simulator):
    content = page(saved, "On-call Handbook")
    by_id = run("who-can", "edit", content, "--snapshot", saved).out
    address = f"{simulator.url}/wiki/spaces/ENG/pages/{content}/On-call+Handbook"
    assert run("who-can", "edit", address, "--snapshot", saved).out == by_id
    assert run("who-can", "edit", address).out == by_id


def test_an_address_of_another_site_is_refused(run, saved):
    content = page(saved, "On-call Handbook")
    address = f"https://other.atlassian.net/wiki/spaces/ENG/pages/{content}/On-call+Handbook"
    for arguments in (
        ("who-can", "view", address),
        ("who-can", "view", address, "--snapshot", saved),
        ("explain", "anonymous", "view", address, "--snapshot", saved),
        ("changes", "--content", address),
        ("changes", "--space", "https://other.atlassian.net/wiki/spaces/ENG"),
        ("snapshot", "--space", "https://other.atlassian.net/wiki/spaces/ENG", "--out", "never"),
    ):
        done = run(*arguments)
        assert (done.code, done.out) == (1, ""), arguments
        assert "belongs to another site" in done.err


def test_explain_tells_who_stopped_whom(run, saved):
    content = page(saved, "Remediation Plan")
    user = next(user for user in Snapshot.load(saved).users if user.display_name == "Bob Lind")
    done = run("explain", f"user:{user.id}", "view", content, "--snapshot", saved)
    assert done.code == 0
    assert "Security Hardening" in done.out
    assert "denied" in done.out.lower()
    plain = json.loads(run("explain", f"user:{user.id}", "view", content, "--snapshot", saved, "--json").out)
    assert plain["decision"] == "denied"
    assert "restriction.inherited.view" in plain["codes"]


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_somebody_who_is_not_in_the_snapshot_is_refused_with_the_nearest_names(run, tmp_path, deployment):
    site = {
        "users": {"u1": {"display_name": "Bob Lind", "name": "bob.lind"}, "u2": {"display_name": "Ada"}},
        "groups": {"engineering": {"members": ["user:u1"]}},
        "spaces": {"ENG": {"grants": {"group:engineering": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "ENG"}},
    }
    folder = str(Snapshot.from_dict(site, deployment).save(tmp_path / "kept"))
    for subject, near in (
        ("user:Bob Lnd", "Bob Lind"),
        ("group:enginering", "engineering"),
        ("user:bob.lnd", "bob.lind"),
    ):
        done = run("explain", subject, "view", "1", "--snapshot", folder)
        assert (done.code, done.out) == (1, ""), done.out
        assert f"`{subject.split(':')[1]}` in this snapshot" in done.err
        assert f"did you mean `{near}`" in done.err or f":{near}`" in done.err, done.err
        theory = run("explain", subject, "view", "1", "--snapshot", folder, "--unknown-ok")
        assert theory.code == 0
        assert "in this snapshot" in theory.out
    for subject in ("user:u1", "user:bob.lind", "group:engineering", "anonymous"):
        assert run("explain", subject, "view", "1", "--snapshot", folder).code == 0, subject


def test_who_can_counts_decisions_apart(run, tmp_path):
    site = {
        "users": {"ann": {}, "bob": {}},
        "groups": {"eng": {"listable": False}},
        "spaces": {"ENG": {"grants": {"user:ann": ["view"], "group:eng": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "ENG"}},
    }
    folder = str(Snapshot.from_dict(site).save(tmp_path / "kept"))
    shown = run("who-can", "view", "1", "--snapshot", folder, "--format", "table").out
    assert "2 rows: 1 allowed, 1 unknown" in shown


def test_snapshot_saves_a_folder_that_can_be_read(run, tmp_path):
    done = run("snapshot", "--out", tmp_path / "site", "--space", "HR")
    assert done.code == 0, done.err
    assert "saved to" in done.out
    assert [space.key for space in Snapshot.load(tmp_path / "site").spaces] == ["HR"]
    plain = json.loads(run("snapshot", "--out", tmp_path / "other", "--space", "HR", "--json").out)
    assert plain["spaces"] == 1
    assert plain["gaps"] == 0


def test_what_is_read_on_request_has_an_option(run, tmp_path, saved):
    assert run("snapshot", "--out", tmp_path / "links", "--space", "HR", "--public-links").code == 0
    assert Snapshot.load(tmp_path / "links").site.public_links_enabled is True
    assert Snapshot.load(saved).site.public_links_enabled is None
    content = page(saved, "On-call Handbook")
    explained = json.loads(run("explain", "anonymous", "view", content, "--public-links", "--json").out)
    assert explained["decision"] == "denied"
    for arguments in (
        ("snapshot", "--out", tmp_path / "used", "--last-active"),
        ("who-can", "view", content, "--last-active"),
    ):
        done = run(*arguments)
        assert done.code == 1
        assert "org_token" in done.err
    done = run("who-can", "view", content, "--public-links", "--snapshot", saved)
    assert done.code == 1
    assert "`--public-links` reads the site, `--snapshot` a folder" in done.err


def test_an_error_is_one_line_and_exit_code_1(run, saved):
    content = page(saved, "On-call Handbook")
    for arguments, said in (
        (("snapshot", "--out", "nowhere", "--space", "NOPE"), "NOPE"),
        (("who-can", "view", "999999999"), "999999999"),
        (("explain", "nobody@acme", "view", content, "--snapshot", saved), "nobody@acme"),
        (("who-can", "view", "1", "--snapshot", "no-such-folder"), "no-such-folder"),
        (("spaces", "--url", "http://wiki.acme.example"), "allow_http"),
    ):
        done = run(*arguments)
        assert done.code == 1, arguments
        last = done.err.splitlines()[-1]
        assert last.startswith("confluence-access: "), done.err
        assert said in last
        assert "Traceback" not in done.err
        assert done.out == ""


def test_missing_settings_are_named(run, monkeypatch):
    monkeypatch.delenv("CONFLUENCE_API_TOKEN")
    done = run("spaces")
    assert done.code == 1
    assert "CONFLUENCE_API_TOKEN" in done.err
    monkeypatch.delenv("CONFLUENCE_URL")
    assert "CONFLUENCE_URL" in run("spaces").err


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["who-can", "viev", "1"], ["serve", "--pages", "-1"]])
def test_wrong_usage_is_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "--help`" in capsys.readouterr().err


def test_there_is_no_option_for_a_token(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["spaces", "--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert "CONFLUENCE_API_TOKEN" in shown
    assert not re.search(r"--\S*(token|password)", shown)


def test_strict_turns_a_gap_into_exit_code_3(run, simulator, tmp_path):
    simulator.fail("/membersByGroupId", status=403)
    try:
        done = run("snapshot", "--out", tmp_path / "site", "--strict")
        assert done.code == 3
        assert "forbidden" in done.err
        assert not (tmp_path / "site").exists()
        done = run("snapshot", "--out", tmp_path / "site")
        assert done.code == 0
        assert "could not be read" in done.out
        # The saved snapshot remembers what is missing.
        content = page(tmp_path / "site", "Remediation Plan")
        done = run("who-can", "view", content, "--snapshot", tmp_path / "site")
        assert done.code == 0
        assert "note: " in done.err
        assert run("who-can", "view", content, "--snapshot", tmp_path / "site", "--strict").code == 3
    finally:
        simulator.heal()


def command(*arguments: str, **settings) -> subprocess.Popen[str]:
    program = [sys.executable, "-u", "-c", "import sys; from confluence_access.cli import main; sys.exit(main())"]
    return subprocess.Popen(
        [*program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **settings
    )


def test_serve_runs_until_ctrl_c_and_prints_what_a_client_needs(capsys):
    with command("serve", "--pages", "40", "--seed", "3", "--page-cap", "7") as server:
        lines: list[str] = []
        assert server.stdout
        assert server.stderr
        while not any("CONFLUENCE_API_TOKEN" in line for line in lines):
            lines.append(server.stdout.readline())
            assert lines[-1], server.stderr.read()
        values = dict(re.findall(r"export (\w+)=(\S+)", "".join(lines)))
        environment = {**os.environ, **values}
        with command("spaces", "--json", env=environment) as client:
            out, err = client.communicate(timeout=20)
        assert client.returncode == 0, err
        assert len(json.loads(out)) > 3
        server.send_signal(signal.SIGINT)
        _, err = server.communicate(timeout=5)
    assert server.returncode == 130
    assert "requests served" in err
    assert "Traceback" not in err


def test_ctrl_c_in_a_snapshot_is_exit_code_130_at_once(tmp_path):
    with Simulator(faults=[{"path": "", "effect": "stall", "seconds": 30}]) as slow:
        environment = {
            **os.environ,
            "CONFLUENCE_URL": slow.url,
            "CONFLUENCE_USERNAME": slow.username,
            "CONFLUENCE_API_TOKEN": slow.token,
        }
        with command("snapshot", "--out", str(tmp_path / "site"), env=environment) as client:
            limit = time.monotonic() + 20
            while not slow.requests and time.monotonic() < limit:
                time.sleep(0.02)
            assert slow.requests
            started = time.monotonic()
            client.send_signal(signal.SIGINT)
            _, err = client.communicate(timeout=10)
            assert time.monotonic() - started < 1.5
    assert client.returncode == 130
    assert "Traceback" not in err


def test_the_demo_tells_the_story_within_ten_seconds(tmp_path):
    started = time.monotonic()
    with command("demo", cwd=tmp_path, env={**os.environ, "COLUMNS": "100"}) as demo:
        out, err = demo.communicate(timeout=30)
    assert time.monotonic() - started < 10
    assert demo.returncode == 0, err
    for said in (
        "The spaces",
        'Who can view "Remediation Plan"',
        "Ann Berg",
        'Why Ann Berg cannot edit "On-call Handbook"',
        "The most exposed pages",
        "Which groups come from a directory",
        "What it cost",
    ):
        assert said in out
    assert max(len(line) for line in out.splitlines()) <= 100
    assert "\x1b" not in out
    # The three lines it prints work as printed.
    lines = [line.strip() for line in out.partition("three lines of Python")[2].splitlines() if line.startswith("  ")]
    assert len(lines) == 3
    program = "\n".join(lines)
    done = subprocess.run(
        [sys.executable, "-c", program + "\nassert len(snap.contents) > 300"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_demo_finds_another_place_where_the_folder_cannot_be_written(tmp_path, capsys, monkeypatch):
    (tmp_path / "confluence-demo").write_text("a file is in the way")
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 0
    shown = capsys.readouterr().out
    said = re.search(r"The snapshot is in (\S+);", shown)
    assert said
    folder = said[1]
    assert len(Snapshot.load(folder).contents) > 300
    assert (tmp_path / "confluence-demo").read_text() == "a file is in the way"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_colour_is_for_terminals_that_want_it(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    Screen(terminal).line("allowed", "green")
    assert terminal.getvalue() == "\x1b[32mallowed\x1b[0m\n"
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    Screen(terminal).line("allowed", "green")
    assert terminal.getvalue() == "allowed\n"


def test_a_table_fits_the_width_and_shows_no_control_characters():
    terminal = Terminal()
    screen = Screen(terminal, width=40)
    screen.colour = False
    screen.table(("title", "n"), [("x" * 90, 1), ("ends\x1b[2J", 22), ("表計算", None)], numbers=["n"])
    lines = terminal.getvalue().splitlines()
    assert all(len(line) <= 40 for line in lines)
    assert "\x1b" not in terminal.getvalue()
    assert lines[1].endswith("…   1")


def test_a_narrow_table_leaves_out_what_is_empty_or_can_be_spared_before_it_cuts_the_rest():
    def shown(width: int | None) -> list[str]:
        terminal = Terminal() if width else io.StringIO()
        screen = Screen(terminal, width=width)
        screen.colour = False
        rows = [("2026-11-28 09:00", "a sentence that is long enough to be cut", None, "certain")] * 2
        screen.table(("when", "proof", "role", "confidence"), rows, indent="", give_way=["proof"], spare=["confidence"])
        return terminal.getvalue().splitlines()

    assert shown(80)[0].split() == ["when", "proof", "role", "confidence"]
    narrow = shown(44)
    assert narrow[0].split() == ["when", "proof"]
    assert narrow[1] == "2026-11-28 09:00  a sentence that is long e…"
    assert narrow[-1] == "not shown: role, confidence"
    assert shown(50)[0].split() == ["when", "proof", "confidence"]
    # Another program reads everything.
    assert "certain" in shown(None)[1]


def test_notes_and_errors_are_wrapped_between_words_on_a_terminal_only():
    terminal, pipe = Terminal(), io.StringIO()
    for stream, width in ((terminal, 40), (pipe, None)):
        Screen(stream, width=width).text("note: 2 parts of the snapshot could not be read; the answers are unknown")
    assert terminal.getvalue().splitlines() == [
        "note: 2 parts of the snapshot could not",
        "  be read; the answers are unknown",
    ]
    assert len(pipe.getvalue().splitlines()) == 1


def test_serve_refuses_a_port_it_cannot_have(simulator, run, capsys):
    with pytest.raises(SystemExit) as caught:
        run("serve", "--port", "80000")
    assert caught.value.code == 2
    assert "a number from 0 to 65535" in capsys.readouterr().err
    taken = simulator.url.rsplit(":", 1)[1]
    refused = run("serve", "--port", taken)
    assert refused.code != 0
    assert f"port {taken} cannot be used" in refused.err
    assert "--port" in refused.err
    assert "Traceback" not in refused.err


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_token_served_as_anonymous_ends_the_console_with_an_error(run, monkeypatch, deployment):
    header = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
    with Simulator(deployment=deployment, pages=20, token=TOKEN) as site:
        monkeypatch.setenv("CONFLUENCE_URL", site.url)
        monkeypatch.setenv("CONFLUENCE_USERNAME", site.username)
        if deployment == "datacenter":
            monkeypatch.delenv("CONFLUENCE_API_TOKEN")
            monkeypatch.setenv("CONFLUENCE_PERSONAL_TOKEN", TOKEN)
        site.fail("", effect="headers", headers=header)
        ended = run("spaces")
        assert ended.code != 0
        assert "as if nobody had logged in" in ended.err
        assert ended.out == ""


def test_a_mistyped_word_is_answered_with_the_one_that_was_meant(capsys):
    for arguments, said in (
        (["who-cna", "view", "1"], "unknown command `who-cna`: did you mean `who-can`?"),
        (["groups", "--formt", "csv"], "unknown argument `--formt`: did you mean `--format`?"),
        (["groups", "--format", "cvs"], "unknown value `cvs`: did you mean `csv`?"),
        (["serve", "--pages", "x"], "`x` is not a whole number of 0 or more"),
    ):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
        assert said in capsys.readouterr().err


def test_the_version_is_printed_also_by_the_module(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"confluence-access {confluence_access.__version__}\n"
    shown = subprocess.run(
        [sys.executable, "-m", "confluence_access", "-V"], capture_output=True, text=True, check=True
    ).stdout
    assert shown == f"confluence-access {confluence_access.__version__}\n"


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "json", "md"])
def test_every_format_has_every_row(run, saved, kind):
    whole = json.loads(run("summary", "--snapshot", saved, "--json").out)
    shown = run("summary", "--snapshot", saved, "--format", kind).out
    if kind in ("json", "jsonl"):
        rows = json.loads(shown) if kind == "json" else [json.loads(line) for line in shown.splitlines()]
        assert rows == whole
    else:
        separator = {"csv": ",", "tsv": "\t", "md": " | "}[kind]
        lines = shown.splitlines()
        assert lines[0].strip("| ").split(separator)[:2] == ["content_id", "title"]
        assert len(lines) == len(whole) + (2 if kind == "md" else 1)
        assert all(row["content_id"] in line for row, line in zip(whole, lines[-len(whole) :], strict=True))


def test_a_parquet_file_is_read_by_others(run, saved, tmp_path):
    file = tmp_path / "findings.parquet"
    done = run("findings", "--snapshot", saved, "--format", "parquet", "--out", file)
    assert (done.code, done.out) == (0, "")
    assert pl.read_parquet(file)["code"].to_list() == [
        row["code"] for row in json.loads(run("findings", "--snapshot", saved, "--json").out)
    ]


def test_can_answers_by_its_exit_status(run, saved):
    for subject, content, word, code in (
        ("Ann Berg", "Remediation Plan", "allowed", 0),
        ("Bob Lind", "Remediation Plan", "denied", 1),
        ("Bob Lind", "999999999", "unknown", 2),
    ):
        done = run("can", subject, "view", content, "--snapshot", saved)
        assert (done.code, done.out) == (code, f"{word}\n")
    # An error is no answer, and so not a no.
    for subject, content in (("Bob Lnd", "Remediation Plan"), ("Bob Lind", "Remediation Plann")):
        done = run("can", subject, "view", content, "--snapshot", saved)
        assert (done.code, done.out) == (2, "")
        assert "did you mean" in done.err


def test_titles_are_as_good_as_ids(run, saved):
    content = page(saved, "Remediation Plan")
    for command in (("who-can", "view"), ("explain", "Bob Lind", "view"), ("tree",)):
        by_id = run(*command, content, "--snapshot", saved).out
        assert by_id
        assert run(*command, "remediation plan", "--snapshot", saved).out == by_id
        assert run(*command, "ENG:Remediation Plan").out.splitlines()[0] == by_id.splitlines()[0]


def test_the_tree_draws_the_path(run, saved):
    shown = run("tree", "Remediation Plan", "--snapshot", saved).out
    assert re.search(r"└─ Roadmap 2027\n +🔒 viewing restricted to engineering\n", shown)
    assert shown.rstrip().endswith("└─ Remediation Plan")


def test_findings_fail_on_a_severity(run, saved):
    assert run("findings", "--snapshot", saved).code == 0
    assert run("findings", "--snapshot", saved, "--fail-on", "high").code == 1
    assert run("findings", "--snapshot", saved, "--severity", "low", "--fail-on", "high").code == 0
    first = run("findings", "--snapshot", saved, "--format", "table").out.splitlines()[1]
    assert first.startswith("high")


def test_what_somebody_has_and_what_names_them(run, saved):
    rows = json.loads(run("access-of", "Bob Lind", "edit", "--snapshot", saved, "--json").out)
    access = Snapshot.load(saved).access()
    assert [row["content_id"] for row in rows] == [row.content_id for row in access.contents_for("Bob Lind", "edit")]
    used = json.loads(run("used-by", "group:engineering", "--snapshot", saved, "--json").out)
    assert {row["kind"] for row in used} >= {"restriction", "grant"} or len(used) > 3
    for name in ("space-access", "exposure"):
        assert len(json.loads(run(name, "--snapshot", saved, "--json").out)) > 5


def test_a_site_is_listed_asked_and_changed(run, saved):
    assert len(json.loads(run("contents", "Engineering", "--json").out)) > 10
    assert {row["group_name"] for row in json.loads(run("members", "engineering", "--json").out)} == {"engineering"}
    assert len(json.loads(run("permissions", "ENG", "--json").out)) > 10
    assert "security-reviewers" in run("restrictions", "Security Hardening", "--format", "table").out
    assert run("check", "Remediation Plan", "Bob Lind", "view").out.startswith("denied")
    assert "Confluence Cloud" in run("whoami").out
    done = run("grant", "ENG", "group:product", "create_page", "--dry-run", "--format", "table")
    assert done.code == 0
    assert "would_add" in done.out
    done = run("restrict", "view", "group:engineering", "--on", "Hiring Plan", "--dry-run", "--allow-lockout", "--json")
    assert {row["outcome"] for row in json.loads(done.out)} <= {"would_add", "skipped"}


def test_a_report_is_a_folder_to_hand_over(run, saved, tmp_path):
    done = run("report", "--snapshot", saved, "--out", tmp_path / "report")
    assert done.code == 0
    assert (tmp_path / "report" / "report.html").read_text("utf-8").startswith("<!doctype html>")
    done = run("report", "--space", "HR", "--out", tmp_path / "fresh", "-q")
    assert done.code == 0
    assert [space.key for space in Snapshot.load(tmp_path / "fresh" / "snapshot").spaces] == ["HR"]


def test_find_names_everything_a_text_may_mean_and_what_to_write_for_it(run, saved):
    live = json.loads(run("find", "roadmap", "--json").out)
    kept = json.loads(run("find", "roadmap", "--json", "--snapshot", saved).out)
    assert {row["name"] for row in kept} == {row["name"] for row in live}
    assert ("content", "Roadmap 2027") in {(row["kind"], row["name"]) for row in live}
    for text, kind, write in (
        ("engineering", "group", "group:engineering"),
        ("engineering", "space", "ENG"),
        ("eng", "space", "ENG"),
        ("group:engineering", "group", "group:engineering"),
        ("ENG:roadmap 2027", "content", next(row["write"] for row in live if row["name"] == "Roadmap 2027")),
        ("berg", "user", next(row["write"] for row in json.loads(run("find", "ann berg", "--json").out))),
    ):
        for where in ((), ("--snapshot", saved)):
            found = json.loads(run("find", text, "--json", *where).out)
            assert (kind, write) in {(row["kind"], row["write"]) for row in found}, (text, where, found)
            assert {row["kind"] for row in json.loads(run("find", text, "--kind", kind, "--json", *where).out)} == {
                kind
            }
    # What it says to write is understood.
    who = json.loads(run("find", "bob lind", "--kind", "user", "--json").out)[0]["write"]
    assert run("can", who, "view", "Remediation Plan", "--snapshot", saved).out == "denied\n"


def test_find_takes_an_id_an_address_and_an_e_mail_address(run, saved, simulator):
    content = page(saved, "Remediation Plan")
    address = f"{simulator.url}/wiki/spaces/ENG/pages/{content}/Remediation+Plan"
    mail = next(user for user in Snapshot.load(saved).users if user.email)
    for where in ((), ("--snapshot", saved)):
        rows = json.loads(run("find", content, "--json", *where).out)
        assert (rows[0]["kind"], rows[0]["name"]) == ("content", "Remediation Plan")
        found = {(row["kind"], row["write"]) for row in json.loads(run("find", address, "--json", *where).out)}
        assert found == {("content", content), ("space", "ENG")}
        found = json.loads(run("find", mail.email, "--json", *where).out)
        assert [(row["kind"], row["id"]) for row in found] == [("user", mail.id)]
        done = run("find", "https://other.atlassian.net/wiki/spaces/ENG", *where)
        assert (done.code, done.out) == (1, "")
        assert "belongs to another site" in done.err
        done = run("find", "no such thing", *where)
        assert (done.code, done.out) == (1, "")
        assert "has all words of `no such thing` in its name" in done.err


def test_find_and_verify_ask_a_data_center_too(run, monkeypatch):
    with Simulator("datacenter", pages=60, context="/confluence", token=TOKEN) as site:
        monkeypatch.delenv("CONFLUENCE_API_TOKEN")
        monkeypatch.setenv("CONFLUENCE_URL", site.url)
        monkeypatch.setenv("CONFLUENCE_PERSONAL_TOKEN", TOKEN)
        for text, kind, name in (
            ("ann.berg", "user", "Ann Berg"),
            ("ENG:roadmap", "content", "Roadmap 2027"),
            ("eng", "space", "Engineering"),
            ("engineering", "group", "engineering"),
        ):
            found = json.loads(run("find", text, "--json").out)
            assert (kind, name) in {(row["kind"], row["name"]) for row in found}, text
        assert run("verify", "--space", "ENG", "--sample", "20").code == 0


def test_find_goes_on_where_one_kind_cannot_be_asked(run, simulator):
    simulator.fail("/search/user", status=403)
    try:
        done = run("find", "engineering", "--json")
        assert done.code == 0
        assert {row["kind"] for row in json.loads(done.out)} >= {"group", "space"}
        assert "no user was looked for" in done.err
        done = run("find", "engineering", "--kind", "user")
        assert (done.code, done.out) == (1, "")
    finally:
        simulator.heal()


@pytest.mark.parametrize("kind", ["csv", "tsv", "md", "table"])
def test_what_is_found_has_every_format_but_parquet(run, saved, kind):
    assert "Roadmap 2027" in run("find", "roadmap 2027", "--snapshot", saved, "--format", kind).out
    done = run("find", "roadmap", "--snapshot", saved, "--format", "parquet")
    assert (done.code, done.out) == (1, "")
    assert "no `--format parquet`" in done.err


def test_verify_compares_with_confluence_and_answers_by_its_exit_status(run, saved, tmp_path):
    done = run("verify", "--space", "ENG", "--sample", "30", "--json")
    assert (done.code, json.loads(done.out)) == (0, [])
    assert re.search(r"note: \d+ of \d+ agree, \d+ unknown, 0 not answered", done.err)
    # A snapshot of a site that has changed since: everything below a home page was restricted to one person.
    snapshot = Snapshot.load(saved)
    home = snapshot.space("ENG").homepage_id
    assert home
    plan = confluence_access.Plan().restrict(home, "view", "Olga Petrova")
    other = snapshot.what_if(plan).save(tmp_path / "other")
    done = run("verify", "--snapshot", other, "--sample", "300", "--format", "table")
    assert done.code == 1
    assert re.search(r" ENG +denied +allowed", done.out)


def test_verify_that_is_strict_fails_where_a_question_was_not_answered(run, simulator, saved):
    simulator.fail("/permission/check", status=500)
    try:
        assert run("verify", "--snapshot", saved, "--sample", "2", "--strict").code == 3
    finally:
        simulator.heal()


def test_the_audit_log_is_listed_from_the_site(run):
    rows = json.loads(run("audit", "--since", "5d", "--json").out)
    assert "Page viewed with admin key" in {row["action"] for row in rows}
    assert len(rows) > len(json.loads(run("audit", "--since", "5d", "--search", "admin key", "--json").out)) > 0
    assert re.search(r"^when +who +action", run("audit", "--since", "5d", "--format", "table").out, re.M)
    done = run("audit", "--source", "organization")
    assert done.code == 1
    assert "org_token" in done.err


def test_the_audit_log_and_its_changes_are_read_from_files_without_a_site(run, tmp_path, monkeypatch):
    with Simulator("datacenter", pages=40, audit_records=80) as site, site.connect() as wiki:
        records = wiki.audit()
    file = tmp_path / "20261128.00000.audit.log"
    file.write_text("".join(f"{record.raw}\n" for record in records), encoding="utf-8")
    for name in ("CONFLUENCE_URL", "CONFLUENCE_USERNAME", "CONFLUENCE_API_TOKEN"):
        monkeypatch.delenv(name)
    rows = json.loads(run("audit", "--log", file, "--json").out)
    assert [row["action"] for row in rows] == [record.action for record in records]
    assert json.loads(run("audit", "--log", tmp_path, "--since", "2d", "--json").out) == [
        row for row in rows if row in json.loads(run("audit", "--log", file, "--since", "2d", "--json").out)
    ]
    changes = json.loads(run("changes", "--log", file, "--json").out)
    assert len(changes) > 5
    in_space = json.loads(run("changes", "--log", file, "--space", "ENG", "--json").out)
    assert 0 < len(in_space) < len(changes)
    for arguments, said in (
        (("audit", "--log", file, "--source", "both"), "`--log` reads files"),
        (("audit", "--log", tmp_path / "none"), "none"),
        (("changes", "--log", file, "--content", "1"), "needs `snapshot`"),
    ):
        done = run(*arguments)
        assert (done.code, done.out) == (1, "")
        assert said in done.err


def test_every_command_has_a_help_with_an_example(capsys):
    for name in _commands():
        with pytest.raises(SystemExit) as caught:
            main([name, "--help"])
        assert caught.value.code == 0
        assert f"$ confluence-access {name}" in capsys.readouterr().out


def test_the_list_of_commands_fits_a_terminal_of_80_columns(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main(["--help"])
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if len(line) > 80] == []
    for name in _commands():
        assert any(re.match(rf"    {name} +\w", line) for line in lines), name


def _commands() -> list[str]:
    (found,) = (action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    assert len(found.choices) > 20
    return list(found.choices)
