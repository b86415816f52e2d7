"""Completion for bash, zsh and fish: a static script made from the parser."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

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
            "completion fish > ~/.config/fish/completions/confluence-access.fish",
        ],
        connected=False,
    )
    command.add_argument("shell", choices=_SHELLS)


def _of(parser: Parser) -> dict[str, tuple[str, list[tuple[str, str, list[str]]]]]:
    """Each command with its description and its options: flag, description, values."""
    (commands,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    about = {choice.dest: choice.help or "" for choice in commands._choices_actions}
    found = {}
    for name, command in commands.choices.items():
        options = [
            (flag, (action.help or "").replace("%%", "%"), [str(choice) for choice in action.choices or ()])
            for action in command._actions
            for flag in action.option_strings
            if flag.startswith("--")
        ]
        options += [
            ("", "", [str(choice) for choice in action.choices])
            for action in command._actions
            if not action.option_strings and action.choices
        ]
        found[name] = (about.get(name, ""), options)
    return found


def _bash(commands: dict[str, tuple[str, list[tuple[str, str, list[str]]]]]) -> str:
    values, words = [], []
    for name, (_about, options) in commands.items():
        words.append(f'    {name}) words="{" ".join(flag or " ".join(known) for flag, _, known in options)}" ;;')
        values += [
            f'    {name}:{flag}) words="{" ".join(listed)}" ;;' for flag, _, listed in options if flag and listed
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


def _zsh(commands: dict[str, tuple[str, list[tuple[str, str, list[str]]]]]) -> str:
    lines = ["#compdef confluence-access", "_confluence_access() {", "  local -a commands", "  commands=("]
    lines += [f"    {_single(f'{name}:{about}')}" for name, (about, _) in commands.items()]
    lines += [
        "  )",
        "  if (( CURRENT == 2 )); then _describe command commands; return; fi",
        "  case $words[2] in",
    ]
    for name, (_about, options) in commands.items():
        specs = []
        for flag, about, values in options:
            if flag:
                text = about.replace("[", "(").replace("]", ")").replace(":", " -")
                value = f":value:({' '.join(values)})" if values else ""
                specs.append(_single(f"*{flag}[{text}]{value}"))
            else:
                specs.append(_single(f"*:argument:({' '.join(values)})"))
        specs.append(_single("*:file:_files"))
        lines.append(f"    {name}) shift words; (( CURRENT-- )); _arguments {' '.join(specs)} ;;")
    lines += ["  esac", "}", 'if [ "$funcstack[1]" = "_confluence_access" ]; then _confluence_access "$@"; else', ""]
    return "\n".join(lines[:-1]) + "\n  compdef _confluence_access confluence-access\nfi\n"


def _fish(commands: dict[str, tuple[str, list[tuple[str, str, list[str]]]]]) -> str:
    lines = ["complete -c confluence-access -n __fish_use_subcommand -l version -d 'print the version'"]
    for name, (about, options) in commands.items():
        lines.append(f"complete -c confluence-access -f -n __fish_use_subcommand -a {name} -d {_single(about)}")
        seen = f"-n '__fish_seen_subcommand_from {name}'"
        for flag, text, values in options:
            listed = f" -x -a {_single(' '.join(values))}" if values else ""
            head = f" -l {flag[2:]} -d {_single(text)}" if flag else ""
            lines.append(
                f"complete -c confluence-access {seen}{head}{listed if flag else listed.replace(' -x', ' -f')}"
            )
    return "\n".join(lines) + "\n"


def _single(text: str) -> str:
    """A text between single quotes, for a shell."""
    return "'" + text.replace("'", "'\\''") + "'"
