"""What a text may mean: accounts, groups, spaces and content items with their names, and what to write for each."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, NamedTuple

from .. import arguments
from ..client import Confluence
from ..errors import ConfigurationError, ConfluenceError, NotFoundError
from ..naming import content_of, person_of, space_of
from ..records import Content, Group, Space, User
from ..snapshot import Snapshot
from ..tables import Table
from ..terminal import Screen
from . import output
from .connect import connect, connected
from .parser import Commands

__all__ = ["register"]

Kind = Literal["user", "group", "space", "content"]
_KINDS: tuple[Kind, ...] = ("user", "group", "space", "content")


class Found(NamedTuple):
    """Something with the name: the columns of the answer."""

    kind: Kind
    name: str | None
    id: str
    write: str
    """The text that means it in other commands."""
    about: str


class Sought(NamedTuple):
    """What a text may be."""

    kinds: tuple[Kind, ...]
    text: str
    content: str | None
    """The id or title in it; None if it is an address without one."""
    space: str | None

    def fits(self, *names: str | None) -> bool:
        """Whether one of the names contains all words of the text."""
        words = self.text.casefold().split()
        return any(all(word in name.casefold() for word in words) for name in names if name)


def register(commands: Commands) -> None:
    """Adds the command."""
    find = commands.add(
        "find",
        "accounts, groups, spaces and content items by name, with the text to write for each",
        _find,
        examples=["find berg", "find roadmap --kind content", "find ann@acme.com --snapshot acme"],
    )
    find.add_argument(
        "text", metavar="TEXT", help="words of a name or a title, an e-mail address, a key, an id, or an address"
    )
    find.add_argument("--kind", action="append", choices=_KINDS, help="only these; may be repeated")
    find.add_argument("--snapshot", metavar="FOLDER", help="look in a saved snapshot instead of the site")
    connected(find)


def _find(options: argparse.Namespace, screen: Screen) -> int:
    if options.snapshot:
        snapshot = Snapshot.load(options.snapshot)
        found = list(_kept(_sought(options, snapshot), snapshot))
    else:
        with connect(options) as wiki:
            found = list(_asked(options, _sought(options, wiki), wiki))
    if not found:
        where = "this snapshot" if options.snapshot else "this site, as far as the account can see,"
        raise NotFoundError(f"nothing in {where} has all words of `{options.text}` in its name")

    def show(screen: Screen) -> None:
        rows = [(one.kind, one.name, one.about, one.write) for one in found]
        screen.table(
            ("kind", "name", "about", "write"),
            rows,
            indent="",
            styles=(None, "bold", None, "dim"),
            give_way=["about", "name"],
        )

    return output.rows(options, screen, Found._fields, found, show)


def _sought(options: argparse.Namespace, site: arguments.Addressed) -> Sought:
    """What the text may be on this site."""
    kind, _, rest = options.text.partition(":")
    kinds = tuple(known for known in _KINDS if not options.kind or known in options.kind)
    if kind in ("user", "group") and rest:
        return Sought(tuple(known for known in kinds if known == kind), rest, None, None)
    meant: list[str | None] = []
    error: ConfigurationError | None = None
    for read in (content_of, space_of):
        try:
            meant.append(read(options.text, site))
        except ConfigurationError as refused:
            meant.append(None)
            error = refused
    content, space = meant
    if error is not None and content is None and space is None:
        raise error
    if content != options.text:
        # An address names no account and no group.
        kinds = tuple(known for known in kinds if known in ("space", "content"))
    return Sought(kinds, options.text, content, space)


def _kept(sought: Sought, snapshot: Snapshot) -> Iterator[Found]:
    """What a snapshot holds."""
    if "user" in sought.kinds:
        yield from _users(user for user in snapshot.users if _is_user(user, sought))
    if "group" in sought.kinds:
        yield from _groups(snapshot.groups, sought)
    if "space" in sought.kinds:
        yield from _spaces(snapshot.spaces, sought)
    if "content" in sought.kinds and (text := sought.content):
        key, _, title = text.partition(":")
        in_place = sought._replace(text=title.strip() or text)
        whole = sought._replace(text=text)
        yield from _contents(
            content
            for content in snapshot.contents
            if content.id == text
            or whole.fits(content.title)
            or (title and content.space_key.casefold() == key.strip().casefold() and in_place.fits(content.title))
        )


def _asked(options: argparse.Namespace, sought: Sought, wiki: Confluence) -> Iterator[Found]:
    """What a site finds. What one kind cannot be asked is a note: the others may hold it."""
    asked: dict[Kind, Callable[[], Iterable[Found]]] = {
        "user": lambda: _users(_read(options, wiki._core.accounts_like(person_of(sought.text)).wait())),
        "group": lambda: _groups(_read(options, wiki._core.groups({}).wait()), sought),
        "space": lambda: _spaces(_read(options, wiki._core.spaces().wait()), sought),
        "content": lambda: _contents(_read(options, wiki._core.contents_like(sought.content or "").wait())),
    }
    refused: list[ConfluenceError] = []
    kinds = [kind for kind in sought.kinds if kind != "content" or sought.content]
    for kind in kinds:
        try:
            yield from asked[kind]()
        except ConfluenceError as error:
            refused.append(error)
            if len(refused) == len(kinds):
                raise
            output.note(options, f"no {kind} was looked for: {error}")


def _read(options: argparse.Namespace, core: Any) -> Table[Any]:
    table: Table[Any] = Table(core)
    output.gaps_note(options, table)
    return table


def _is_user(user: User, sought: Sought) -> bool:
    text = sought.text.removeprefix("user:")
    if "@" in text:
        return (user.email or "").casefold() == text.casefold()
    return user.id == text or sought.fits(user.display_name, user.name)


def _users(users: Iterable[User]) -> Iterator[Found]:
    for user in users:
        parts = (
            user.email,
            None if user.type in ("person", "unknown") else user.type,
            "guest" if user.guest else None,
            "deactivated" if user.active is False else None,
        )
        yield Found("user", user.display_name or user.name, user.id, f"user:{user.id}", _joined(parts))


def _groups(groups: Iterable[Group], sought: Sought) -> Iterator[Found]:
    for group in groups:
        if sought.text == group.id or sought.fits(group.name):
            yield Found("group", group.name, group.id, f"group:{group.name or group.id}", group.source)


def _spaces(spaces: Iterable[Space], sought: Sought) -> Iterator[Found]:
    text = sought.space
    if text is None:
        return
    named = sought._replace(text=text)
    for space in spaces:
        if text in (space.key, space.id) or text.casefold() == space.key.casefold() or named.fits(space.name):
            parts = (space.type, None if space.status == "current" else space.status)
            yield Found("space", space.name, space.id, space.key, _joined(parts))


def _contents(contents: Iterable[Content]) -> Iterator[Found]:
    for content in contents:
        parts = (content.type, f"in {content.space_key}", None if content.status == "current" else content.status)
        yield Found("content", content.title, content.id, content.id, _joined(parts))


def _joined(parts: Iterable[str | None]) -> str:
    return ", ".join(part for part in parts if part)
