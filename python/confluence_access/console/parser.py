"""The parser of the console: suggestions for a mistyped word, and an example in each help."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from ..escapes import visible
from ..terminal import Screen

__all__ = ["Commands", "Help", "Parser", "count", "port"]

Run = Callable[[argparse.Namespace, Screen], int]

CONNECTION = """\
connection:
  CONFLUENCE_PROFILE              a site that `login` stored, or --profile
  CONFLUENCE_URL                  address of the site, or --url
  CONFLUENCE_USERNAME             e-mail address of the account, or --username
  CONFLUENCE_API_TOKEN            its API token; asked for if not set
  CONFLUENCE_PERSONAL_TOKEN       instead of it, a personal access token
  CONFLUENCE_PASSWORD             or a password
  CONFLUENCE_CLIENT_CERT, CONFLUENCE_CLIENT_KEY  or --client-cert, --client-key
  ATLASSIAN_ORG_ID, ATLASSIAN_ORG_TOKEN  for what only the organization knows

exit status: 0 fine, 1 error, 2 wrong usage, 3 incomplete with --strict,
             130 interrupted
"""


class Help(argparse.RawDescriptionHelpFormatter):
    """Help with the text of each command beside its name: argparse forgets that the names are indented."""

    def add_argument(self, action: argparse.Action) -> None:
        """As always, with room for the indentation of commands."""
        super().add_argument(action)
        if isinstance(action, argparse._SubParsersAction):
            self._action_max_length += self._indent_increment


class Parser(argparse.ArgumentParser):
    """A parser that names the word that was probably meant."""

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            known = [str(choice) for choice in action.choices]
            near = difflib.get_close_matches(str(value), known, n=1)
            what = "command" if isinstance(action, argparse._SubParsersAction) else "value"
            meant = f": did you mean `{near[0]}`?" if near else f": expected one of {', '.join(known)}"
            raise argparse.ArgumentError(
                None if what == "command" else action, visible(f"unknown {what} `{value}`{meant}")
            )

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """As always; an unknown option is compared with those of its command."""
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            made = self._command(getattr(options, "command", ""))
            known = [flag for action in made._actions for flag in action.option_strings]
            near = difflib.get_close_matches(unknown[0].partition("=")[0], known, n=1)
            meant = f": did you mean `{near[0]}`?" if near else ""
            made.error(visible(f"unknown argument `{unknown[0]}`{meant}"))
        return options

    def _command(self, name: str) -> argparse.ArgumentParser:
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction) and name in action.choices:
                found: argparse.ArgumentParser = action.choices[name]
                return found
        return self

    def error(self, message: str) -> NoReturn:
        """Ends the process with exit status 2. The fact comes first, then where to read more."""
        sys.stderr.write(f"{self.prog}: {message}\nsee `{self.prog} --help`\n")
        raise SystemExit(2)


class Commands:
    """The commands of a parser."""

    def __init__(self, parser: Parser) -> None:
        self._commands = parser.add_subparsers(title="commands", metavar="<command>", required=True, dest="command")

    def add(
        self, name: str, about: str, run: Run, *, examples: Sequence[str] = (), connected: bool = True
    ) -> argparse.ArgumentParser:
        """A command with its help.

        Args:
            name: Its name.
            about: What it does, in one line.
            run: Runs it, and returns the exit status.
            examples: What may be typed after the name of the program.
            connected: Whether it asks a site, so that its help says how to connect.
        """
        shown = "".join(f"  $ confluence-access {example}\n" for example in examples)
        epilog = f"examples:\n{shown}\n" if shown else ""
        made = self._commands.add_parser(
            name,
            help=about,
            description=about[0].upper() + about[1:] + ".",
            epilog=(epilog + (CONNECTION if connected else "")).rstrip("\n") or None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.set_defaults(run=run)
        return made


def count(text: str) -> int:
    """A whole number of 0 or more."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"`{visible(text)}` is not a whole number of 0 or more")
    return int(text)


def port(text: str) -> int:
    """A number of a port."""
    number = count(text)
    if number > 65_535:
        raise argparse.ArgumentTypeError(f"`{number}` is not a port, a number from 0 to 65535")
    return number
