"""Completion of the console command, in the shells themselves."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from debian import install

from confluence_access.cli import main

REMEDY = "install bash, zsh and fish (on Debian and Ubuntu `apt-get install bash zsh fish`); see README.md"


@pytest.fixture(scope="module", autouse=True)
def shells():
    names = ("bash", "zsh", "fish")
    if missing := [name for name in names if shutil.which(name) is None]:
        install(missing)
    assert [name for name in names if shutil.which(name) is None] == [], REMEDY


@pytest.fixture
def script(capsys, tmp_path):
    def script(shell: str, name: str) -> Path:
        assert main(["completion", shell]) == 0
        file: Path = tmp_path / name
        file.write_text(capsys.readouterr().out, encoding="utf-8")
        return file

    return script


@pytest.fixture
def bash(script):
    file = script("bash", "confluence-access")

    def completed(*words: str) -> list[str]:
        listed = " ".join(f"'{word}'" for word in ("confluence-access", *words))
        asked = f"source {file}; COMP_WORDS=({listed}); COMP_CWORD={len(words)}; _confluence_access"
        shown = subprocess.run(
            ["bash", "-c", f'{asked}; printf "%s\\n" "${{COMPREPLY[@]}}"'],
            capture_output=True,
            text=True,
            check=True,
            cwd=file.parent,
        )
        assert shown.stderr == ""
        return shown.stdout.split()

    return completed


@pytest.fixture
def fish(script):
    file = script("fish", "confluence-access.fish")

    def completed(*words: str) -> list[str]:
        line = " ".join(("confluence-access", *words))
        shown = subprocess.run(
            ["fish", "--no-config", "-c", f"source {file}; complete --do-complete '{line}'"],
            capture_output=True,
            text=True,
            check=True,
            cwd=file.parent,
            env={**os.environ, "HOME": str(file.parent)},
        )
        assert shown.stderr == ""
        return [line.split("\t")[0] for line in shown.stdout.splitlines()]

    return completed


class Terminal:
    """An interactive zsh without anybody's settings."""

    def __init__(self, folder: Path) -> None:
        self.pid, self.stream = pty.fork()
        if self.pid == 0:
            environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "ZDOTDIR": str(folder), "TERM": "dumb"}
            os.chdir(folder)
            os.execvpe("zsh", ["zsh", "-f", "-i"], environment)
        self.shown = ""

    def type(self, text: str) -> None:
        """Types a text."""
        os.write(self.stream, text.encode())

    def wait(self, pattern: str, seconds: float = 20) -> str:
        """What is shown up to the first text that fits a pattern."""
        limit = time.monotonic() + seconds
        while not (found := re.search(pattern, self.shown)):
            left = limit - time.monotonic()
            assert left > 0, f"no `{pattern}` in {self.shown!r}"
            if select.select([self.stream], [], [], left)[0]:
                self.shown += os.read(self.stream, 65_536).decode(errors="replace")
        shown, self.shown = self.shown[: found.end()], self.shown[found.end() :]
        return shown

    def close(self) -> None:
        """Ends the shell."""
        os.close(self.stream)
        os.waitpid(self.pid, 0)


@pytest.fixture
def zsh(tmp_path):
    terminal = Terminal(tmp_path)
    # Written in two parts, so that the echo of what is typed is not taken for the prompt.
    terminal.type("PS1=rea''dy'>'; unsetopt beep; LISTMAX=1000\n")
    terminal.wait("ready>")
    yield terminal
    terminal.close()


@pytest.mark.parametrize("name", ["bash", "fish"])
def test_commands_options_and_values_are_completed(request, name):
    completed: Callable[..., list[str]] = request.getfixturevalue(name)
    assert sorted(completed("who")) == ["who-can", "whoami"]
    assert completed("findings", "--sev") == ["--severity"]
    assert completed("findings", "--severity", "h") == ["high"]
    assert completed("verify", "--oracle", "e") == ["extender"]
    assert completed("who-can", "vi") == ["view"]
    assert "--log" in completed("audit", "--")


@pytest.mark.parametrize("name", ["bash", "fish"])
def test_what_is_a_folder_is_completed_from_the_files(request, name, tmp_path):
    (tmp_path / "acme-2026").mkdir()
    completed: Callable[..., list[str]] = request.getfixturevalue(name)
    assert [word.rstrip("/") for word in completed("findings", "--snapshot", "ac")] == ["acme-2026"]


def test_zsh_completes_at_the_first_key_from_a_folder_of_functions(zsh, script):
    folder = script("zsh", "_confluence-access").parent
    zsh.type(
        f"fpath=({folder} $fpath); autoload -U compinit; compinit -u -d {folder}/dump; print -n loaded-; print ok\n"
    )
    zsh.wait("loaded-ok")
    zsh.wait("ready>")
    zsh.type("confluence-access whoam\t")
    zsh.wait(r"whoami ")
    zsh.type("\x15confluence-access find\t")
    shown = zsh.wait(r"findings +-- [a-z ]+")
    assert re.search(r"find +-- accounts, groups", shown)


def test_zsh_completes_what_is_sourced(zsh, script):
    file = script("zsh", "completion.zsh")
    zsh.type(f"autoload -U compinit; compinit -u -d {file.parent}/dump; source {file}; print -n loaded-; print ok\n")
    zsh.wait("loaded-ok")
    zsh.wait("ready>")
    for typed, wanted in (
        ("findings --sev\t", "--severity "),
        ("\x15confluence-access findings --severity h\t", "--severity high "),
        ("\x15confluence-access who-can vi\t", "who-can view "),
        ("\x15confluence-access report --out comp\t", "--out completion.zsh "),
    ):
        zsh.type(typed if typed.startswith("\x15") else f"confluence-access {typed}")
        zsh.wait(re.escape(wanted))


def test_every_command_is_known_to_every_shell(script):
    from confluence_access.cli import parser
    from confluence_access.console.completion import _of

    names = list(_of(parser()))
    assert len(names) > 30
    for shell in ("bash", "zsh", "fish"):
        text = script(shell, f"script.{shell}").read_text(encoding="utf-8")
        assert [name for name in names if name not in text] == []
