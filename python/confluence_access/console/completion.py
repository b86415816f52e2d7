"""Completion for bash, zsh and fish: a static script made from the parser."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..terminal import Screen
from .parser import Commands, Parser

__all__ = ["register"]

_SHELLS = ("bash", "zsh", "fish")


def register(commands: Commands, whole: Callable[[], Parser]) -> None:
    """Adds the command; `whole` makes the parser with all commands."""

    def run(options: argparse.Namespace, screen: Screen) -> int:
        made = _of(whole())
        sys.stdout.write({"bash": _bash, "zsh": _zsh, "fish": _fish}[options.shell](made))
        return 0

    command = commands.add(
        "completion",
        "print a completion script for a shell",
        run,
        examples=[
            "completion bash > ~/.local/share/bash-completion/completions/confluence-access",
            "completion zsh > ~/.zfunc/_confluence-access    # a folder of $fpath",
            "completion fish > ~/.config/fish/completions/confluence-access.fish",
        ],
        connected=False,
    )
    command.add_argument("shell", choices=_SHELLS)


class Option(NamedTuple):
    """An option of a command; without a flag, what its positional arguments may be."""

    flag: str
    about: str
    values: list[str]
    takes: str
    """What it takes, such as `FOLDER`; empty if it takes nothing."""


class Command(NamedTuple):
    """A command with its description."""

    about: str
    options: list[Option]


def _of(parser: Parser) -> dict[str, Command]:
    (commands,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    about = {choice.dest: choice.help or "" for choice in commands._choices_actions}
    return {
        name: Command(about.get(name, ""), [*_flags(command), *_arguments(command)])
        for name, command in commands.choices.items()
    }


def _flags(command: argparse.ArgumentParser) -> Iterator[Option]:
    for action in command._actions:
        values = [str(choice) for choice in action.choices or ()]
        takes = "" if action.nargs == 0 else str(action.metavar or action.dest).upper()
        for flag in action.option_strings:
            if flag.startswith("--"):
                yield Option(flag, (action.help or "").replace("%%", "%"), values, takes)


def _arguments(command: argparse.ArgumentParser) -> Iterator[Option]:
    for action in command._actions:
        if not action.option_strings and action.choices:
            yield Option("", "", [str(choice) for choice in action.choices], "")


def _bash(commands: dict[str, Command]) -> str:
    values, words = [], []
    for name, (_about, options) in commands.items():
        listed = " ".join(option.flag or " ".join(option.values) for option in options)
        words.append(f'    {name}) words="{listed}" ;;')
        # Without values of its own, what an option takes is a file or free text: files are offered.
        values += [
            f'    {name}:{option.flag}) words="{" ".join(option.values)}" ;;' for option in options if option.takes
        ]
    return _BASH.format(commands=" ".join(commands), values="\n".join(values), words="\n".join(words))


_BASH = """\
_confluence_access() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{commands} --help --version" -- "$word"))
    return
  fi
  case "${{COMP_WORDS[1]}}" in
{words}
  esac
  case "${{COMP_WORDS[1]}}:$before" in
{values}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [ "${{#COMPREPLY[@]}}" -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))
}}
complete -F _confluence_access confluence-access
"""


def _zsh(commands: dict[str, Command]) -> str:
    lines = ["#compdef confluence-access", "_confluence_access() {", "  local -a commands", "  commands=("]
    lines += [f"    {_single(f'{name}:{about}')}" for name, (about, _) in commands.items()]
    lines += [
        "  )",
        "  if (( CURRENT == 2 )); then _describe command commands; return; fi",
        "  case $words[2] in",
    ]
    for name, (_about, options) in commands.items():
        specs = [_zsh_spec(option) for option in options]
        if not any(not option.flag for option in options):
            specs.append("*:file:_files")
        lines.append(f"    {name}) shift words; (( CURRENT-- )); _arguments {' '.join(map(_single, specs))} ;;")
    return "\n".join([*lines, "  esac", "}", _ZSH])


# As a file of $fpath this is the body of the function `_confluence-access`, run at each key. Sourced, it registers.
_ZSH = """\
if [ "$funcstack[1]" = "_confluence-access" ]; then
  _confluence_access "$@"
else
  compdef _confluence_access confluence-access
fi
"""


def _zsh_spec(option: Option) -> str:
    values = f"({' '.join(option.values)})" if option.values else "_files"
    if not option.flag:
        return f"*:argument:{{ _alternative 'values:value:{values}' 'files:file:_files' }}"
    about = option.about.replace("[", "(").replace("]", ")").replace(":", " -")
    return f"*{option.flag}[{about}]" + (f":{option.takes.lower()}:{values}" if option.takes else "")


def _fish(commands: dict[str, Command]) -> str:
    lines = ["complete -c confluence-access -n __fish_use_subcommand -l version -d 'print the version'"]
    for name, (about, options) in commands.items():
        lines.append(f"complete -c confluence-access -f -n __fish_use_subcommand -a {name} -d {_single(about)}")
        seen = f"complete -c confluence-access -n '__fish_seen_subcommand_from {name}'"
        for option in options:
            listed = f" -a {_single(' '.join(option.values))}" if option.values else ""
            if option.flag:
                takes = (" -x" if listed else " -r") if option.takes else ""
                lines.append(f"{seen} -l {option.flag[2:]} -d {_single(option.about)}{takes}{listed}")
            else:
                lines.append(f"{seen}{listed}")
    return "\n".join(lines) + "\n"


def _single(text: str) -> str:
    """A text between single quotes, for a shell."""
    return "'" + text.replace("'", "'\\''") + "'"
