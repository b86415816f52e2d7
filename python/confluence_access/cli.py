"""The console command `confluence-access`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from . import _core
from .console import account, ask, change, completion, find, output, past, read, serve
from .console.parser import CONNECTION, Commands, Help, Parser
from .errors import ConfluenceError, IncompleteError
from .escapes import visible
from .terminal import Screen

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        arguments: The arguments after the command's name; None takes those of the process.

    Returns:
        The exit status: 0 success, 1 error, 3 incomplete with `--strict`, 130 after Ctrl-C. Wrong usage exits with 2.
        `can` returns 0, 1 or 2 for allowed, denied or unknown.
    """
    options = parser().parse_args(arguments)
    run: Callable[[argparse.Namespace, Screen], int] = options.run
    try:
        with output.verbose(options):
            return run(options, Screen())
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    except BrokenPipeError:
        # The reader of a pipe had enough. Nothing may be written when the interpreter closes the stream either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except IncompleteError as error:
        screen = Screen(sys.stderr)
        screen.text(f"confluence-access: {error}")
        for gap in list(error.gaps)[:20]:
            screen.text(visible(f"  {gap.scope} {gap.subject}: {gap.cause}: {gap.message}"))
        return 3
    except (ConfluenceError, OSError, ValueError, LookupError) as error:
        Screen(sys.stderr).text(f"confluence-access: {_one_line(error)}")
        return 1


def _one_line(error: BaseException) -> str:
    # `str` of a KeyError is the repr of its argument.
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return visible(" ".join(text.split())) or type(error).__name__


def parser() -> Parser:
    """The parser of the whole command."""
    made = Parser(
        prog="confluence-access",
        description="Who can see or edit what in Confluence, and why.",
        epilog=CONNECTION,
        formatter_class=Help,
    )
    made.add_argument("-V", "--version", action="version", version=f"confluence-access {_core.VERSION}")
    commands = Commands(made)
    for room in (serve, ask, find, past, read, change, account):
        room.register(commands)
    completion.register(commands, parser)
    return made
