"""The rooms of the add-on APIs, `extender.py` and `json_rpc.py`, and the tables of their methods."""

from __future__ import annotations

import re
from dataclasses import dataclass
from inspect import cleandoc, isclass, isfunction
from typing import TYPE_CHECKING, Any

from .. import _core, answers
from .text import WIDTH, awaited, between, head, imports, wrapped

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Kind:
    """What a kind of parameter is in Python: its type, what is sent of it, its default, its description."""

    type: str
    sent: str
    doc: str
    default: str | None = None
    positional: bool = False
    """Whether it is positional although it has a default."""


_SUBJECT = "`user:<username>`, `group:<name>`, or a record."
_SPACE_TYPES = "such as `VIEWSPACE`; the words of this library (`view`, `create_page`) work too."

KINDS = {
    "space": Kind("str | Space", "space_of({})", "Key or record of the space."),
    "content": Kind("ContentLike", "content_of({})", "Id or record of the content item."),
    "place": Kind("Place", "place_of({})", "Id or record of the item, or a pair of its title and its space."),
    "places": Kind(
        "Place | Iterable[Place]",
        "places_of({})",
        "One or several: ids, or pairs of title and space, all of one space.",
    ),
    "subject": Kind("NamedSubject", "name_of({})", _SUBJECT),
    "subjects": Kind("NamedSubject | Iterable[NamedSubject]", "names_of({})", f"One or several: {_SUBJECT}"),
    "holder": Kind("NamedSubject", "name_of({})", "`user:<username>`, `group:<name>`, the bare name, or a record."),
    "user": Kind("str", "{}", "Username; `user:<username>` works too."),
    "users": Kind("str | Iterable[str]", "words_of({})", "One or several usernames."),
    "group": Kind("str", "{}", "Name of the group; `group:<name>` works too."),
    "groups": Kind("str | Iterable[str]", "words_of({})", "Names of one or several groups."),
    "group_or_none": Kind("str", "{}", "Name of a group; empty: none.", '""', positional=True),
    "space_type": Kind("str", "{}", f"Permission type, {_SPACE_TYPES}"),
    "space_types": Kind("str | Iterable[str]", "words_of({})", f"One or several permission types, {_SPACE_TYPES}"),
    "space_type_or_all": Kind("str", "{}", "One permission type, or `ALL`.", '"ALL"', positional=True),
    "global_type": Kind("str", "{}", "Global permission, such as `USECONFLUENCE`."),
    "global_types": Kind(
        "str | Iterable[str]", "words_of({})", "One or several global permissions, such as `USECONFLUENCE`."
    ),
    "restriction_list": Kind('Literal["View", "Edit"]', "{}", "`View` or `Edit`."),
    "operation": Kind('Literal["view", "edit"]', "{}", "`view` or `edit`."),
    "operation_or_both": Kind('Literal["view", "edit"] | None', "{}", "Only one of the two lists.", "None"),
    "flag": Kind("bool", "{}", "", "False"),
    "text": Kind("str | None", "{}", "", "None"),
    "start": Kind("int | None", "{}", "Start of one page; None reads all pages.", "None"),
    "most": Kind("int | None", "{}", "Size of a page, for each list.", "None"),
}

MEANINGS = {
    "show_content_details": "Also the names of space and content.",
    "people_who_can_view": 'List people instead of the groups they are in, as in "People who can view" (since 3.13).',
    "date_format": "Format of times as text, such as `yyyy-MM-dd` (since 4.19).",
}
"""What flags and texts mean that several methods have."""

DRY_RUN = "Only returns the request."
STRICT = "Raises `IncompleteError` if something could not be read or a list is shorter than its total."


@dataclass(frozen=True)
class Returns:
    """What an answer is in Python: its type, how it is made of what the core answers, whether it can have gaps."""

    type: str
    made: str = "{}"
    gaps: bool = True

    @property
    def shown(self) -> str:
        """As the documentation names it."""
        if self.type == "Any":
            return "as received"
        if "str" in self.type:
            return "names"
        return f"`{self.type.removeprefix('Answers[').removesuffix(']').partition('[')[0]}`"


RETURNS = {
    "plain": Returns("Any", gaps=False),
    "words": Returns("Answers[str]", "read_names({})"),
    "space_sets": Returns("PermissionSets[SpacePermission]", "read_space_sets({})"),
    "space_set": Returns("PermissionSet", "PermissionSet({})"),
    "content_sets": Returns("PermissionSets[Restriction]", "read_content_sets({})"),
    "content_permissions": Returns("ContentPermissions", "ContentPermissions(*{})"),
    "tree_permissions": Returns("ContentTree", "ContentTree(*{})"),
    "tree_restrictions": Returns("ContentTree", "ContentTree(*{})"),
    "subject": Returns("SubjectContentPermission", "read_subject({})", gaps=False),
    "actors": Returns("SpacePermissionActors", "SpacePermissionActors({})"),
    "grants": Returns("SpaceGrants", "read_grants({})", gaps=False),
    "spaces": Returns("Answers[SpaceGrants]", "read_spaces({})"),
    "group_names": Returns("Answers[str]", "read_names({})"),
    "user_names": Returns("Answers[str]", "read_names({})"),
    "users": Returns("Answers[ExtenderUser]", "read_users({})"),
    "directories": Returns("Answers[UserDirectory]", "read_directories({})"),
}


@dataclass(frozen=True)
class Room:
    """One room: its name, class and texts, and what else its module exports."""

    name: str
    type: str
    title: str
    about: str
    exports: tuple[str, ...]
    own: str = ""
    """Methods without a row."""


EXTENDER = Room(
    name="extender",
    type="Extender",
    title="The Extender add-on of Data Center and Server, endpoint by endpoint.",
    about='''
    """The add-on "Extender for Confluence" (Data Center and Server), one method per endpoint, its name without `get`.

    From `wiki.extender`. Give a content item by id or record, or as a pair of title and space where the endpoint has
    that form: `("Home", "ENG")`. A user is `user:<username>`, a group is `group:<name>`; `User`, `Group` and
    `Membership` records work too. Names may contain any character, but most servers refuse a slash in an address.

    If the vendor's documents show the shape of an answer, it has attributes (`Answer`) and equals the documented
    dict. Other answers are returned as received. Listings are read to their end; `start_at` requests one page instead,
    and `max_results` sets the page size.

    Every change takes `dry_run=True`: nothing is sent, and the request is returned as a dict with `method`, `path` and
    `body`.

    All calls raise, as it applies:
        UnavailableError: The add-on is not installed.
        ForbiddenError: The account may not do this; most endpoints require a Confluence or space administrator.
        NotFoundError: There is no such content item, space, group or user, or this version of the add-on has no such
            endpoint.
        ConfigurationError: An argument is invalid, or the site is on Cloud; nothing was sent.

    Source: https://it-lab.atlassian.net/wiki/spaces/RAEC
    """''',
    exports=(
        "ContentList",
        "ContentPermissions",
        "ContentTree",
        "ContentTreeLevel",
        "ExtenderUser",
        "SpaceGrants",
        "SpacePermissionActors",
        "SubjectContentLevel",
        "SubjectContentPermission",
        "UserDirectory",
    ),
)

JSON_RPC = Room(
    name="json_rpc",
    type="JsonRpc",
    title="JSON-RPC of Data Center and Server, method by method.",
    about='''
    """The older remote API of Data Center and Server, one method per method of the server, its name without `get`.

    From `wiki.json_rpc`. Arguments come in the order of the server's own methods. A user or a group is
    `user:<username>`, `group:<name>` or the bare name; the server keeps both in one namespace. Permission types are the
    server's (`VIEWSPACE`); the words of this library (`view`, `create_page`) work too.

    Calls use the light form (the method in the path, the parameters as the body); `wiki.json_rpc.envelope` makes the
    same calls with standard envelopes. Every change takes `dry_run=True`: nothing is sent, and the request is returned
    as a dict with `method`, `path` and `body`.

    All calls raise, as it applies:
        UnavailableError: The remote API is off; the message says where to turn it on.
        SecureSessionError: Secure administrator sessions (WebSudo) ask for the password again.
        ForbiddenError, NotFoundError, RequestError: The server reported an error, with any status.
        ConfigurationError: An argument is invalid, or the site is on Cloud; nothing was sent.

    Source: https://developer.atlassian.com/server/confluence/confluence-json-rpc-apis/
    """''',
    exports=("PermissionSet", "PermissionSets"),
    own='''
    @property
    def envelope(self) -> JsonRpc:
        """The same calls with standard envelopes: method, parameters and id in the body."""
        return type(self)(self._core.in_envelopes())

    def call(self, method: str, *params: Any, changes: bool = True, dry_run: bool = False) -> Any:
        """Calls any method of the server by its own name; returns its result as received.

        Args:
            method: Its name, such as `getSpaces`.
            *params: Its parameters, in order, without a token.
            changes: Whether it changes something; a call that only reads is retried if its answer is lost.
            dry_run: Only returns the request.
        """
        call = self._core.method(method, list(params), changes, dry_run)
        return call.wait()
''',
)

ROOMS = (EXTENDER, JSON_RPC)


def _address(server: str, parameters: list[dict[str, Any]]) -> str:
    """An address with its variables as a reader knows them."""
    kinds = {parameter["name"]: parameter["kind"] for parameter in parameters}
    shown = {
        "content": "{id or title}" if kinds.get("content") == "place" else "{id}",
        "subject": "{user or group}/{name}",
        "space": "{key}",
        "permission_type": "{type or ALL}" if kinds.get("permission_type") == "space_type_or_all" else "{type}",
        "username": "{name}",
    }
    return re.sub(r"\{(\w+)\}", lambda found: shown.get(found[1], found[0]), server)


def _source(room: Room, row: dict[str, Any]) -> str:
    """Where a method comes from, since when, and who may call it."""
    server = row["server"]
    if room is EXTENDER:
        verb, _, address = _address(server, row["parameters"]).partition(" ")
        server = f"{verb} /rest/extender/1.0/{address}"
    text = f"Source: `{server}`"
    if row["see"]:
        text += f"; {row['see']}"
    if row["since"]:
        text += f", since {row['since']}"
    if row["needs"]:
        text += f". Needs {row['needs']}"
    return text if row["see"] and not row["needs"] else f"{text}."


def _meaning(parameter: dict[str, Any]) -> str:
    name, doc = parameter["name"], " ".join(parameter["doc"].split())
    meaning = doc or KINDS[parameter["kind"]].doc or MEANINGS.get(name, "")
    if not meaning:
        raise ValueError(f"the parameter `{name}` needs a description in its row")
    return meaning


def _method(room: Room, row: dict[str, Any], *, is_async: bool) -> str:
    """One method of a room."""
    name, returns = row["name"], RETURNS[row["returns"]]
    positional, named = ["self"], list[str]()
    meanings, sent = list[tuple[str, str]](), list[str]()
    for parameter in row["parameters"]:
        kind = KINDS[parameter["kind"]]
        written = f"{parameter['name']}: {kind.type}"
        if kind.default is not None:
            written += f" = {kind.default}"
        (positional if kind.default is None or kind.positional else named).append(written)
        meanings.append((parameter["name"], _meaning(parameter)))
        sent.append(f'"{parameter["name"]}": {kind.sent.format(parameter["name"])}')
    if row["changes"]:
        named.append("dry_run: bool = False")
        meanings.append(("dry_run", DRY_RUN))
    if returns.gaps:
        named.append("strict: bool = False")
        meanings.append(("strict", STRICT))
    parameters = [*positional, *(["*", *named] if named else [])]
    about, *paragraphs = cleandoc(row["doc"]).split("\n\n")
    about = " ".join(about.split())
    if len(about) > WIDTH - 11:
        raise ValueError(f"the first paragraph of `{name}` does not fit on a line")
    doc = [f'        """{about}', *(wrapped(" ".join(text.split()), 8) for text in paragraphs)]
    doc.append(wrapped(_source(room, row), 8))
    if meanings:
        arguments = [wrapped(f"{name}: {meaning}", 12, 4) for name, meaning in meanings]
        doc.append("\n".join(["        Args:", *arguments]))
    start = f"{'async ' if is_async else ''}def {name}"
    body = [head(start, parameters, returns.type), "\n\n".join(doc), '        """', _call(name, sent, row["changes"])]
    answer = returns.made.format("call.wait()")
    body.append(f'        return checked({answer}, "{name}", strict)' if returns.gaps else f"        return {answer}")
    text = "\n".join(body) + "\n"
    return text.replace("call.wait()", "await call.future()") if is_async else text


def _call(name: str, sent: list[str], changes: bool) -> str:
    """The call of the core, on one line where it fits."""
    line = f'        call = self._core.call("{name}", {{{", ".join(sent)}}}{", dry_run" if changes else ""})'
    if len(line) <= WIDTH:
        return line
    lines = [
        f'            "{name}",',
        "            {",
        *(f"                {pair}," for pair in sent),
        "            },",
    ]
    if changes:
        lines.append("            dry_run,")
    return "\n".join(["        call = self._core.call(", *lines, "        )"])


def module(room: Room) -> str:
    """The module of a room."""
    rows = _core.methods()[room.name]
    common = f"""
    __slots__ = ("_core",)

    def __init__(self, core: _core.{room.type}) -> None:
        self._core = core

    def __repr__(self) -> str:
        return f"<{{type(self).__name__}}>"
"""
    blocking = f"class {room.type}:{room.about}\n{common}{room.own}"
    blocking += "".join("\n" + _method(room, row, is_async=False) for row in rows)
    doc = f'    """As `{room.type}`, each method awaited. From `wiki.{room.name}` of an `AsyncConfluence`."""'
    waiting = f"class Async{room.type}:\n{doc}\n{common}"
    waiting += awaited(room.own).replace(f"-> {room.type}:", f"-> Async{room.type}:")
    waiting += "".join("\n" + _method(room, row, is_async=True) for row in rows)
    classes = f"{blocking}\n\n{waiting}"

    def used(names: list[str]) -> set[str]:
        return {name for name in names if re.search(rf"(?<![\w.\"`]){name}(?![\w\"`])", classes)}

    own = [value for value in vars(answers).values() if isclass(value) or isfunction(value)]
    known = [value.__name__ for value in own if value.__module__ == answers.__name__ and value.__name__[0] != "_"]
    from_answers = used([*known, "NamedSubject", "Place"]) | set(room.exports)
    typing = ["TYPE_CHECKING", *sorted(used(["Any", "Literal"]))]
    exports = sorted([room.type, f"Async{room.type}", *room.exports])
    listed = f"__all__ = [{', '.join(f'{chr(34)}{name}{chr(34)}' for name in exports)}]"
    if len(listed) > WIDTH:
        listed = "\n".join(["__all__ = [", *(f'    "{name}",' for name in exports), "]"])
    hints = ["    from . import _core"]
    if used(["ContentLike"]):
        hints.append("    from .naming import ContentLike")
    records = used(["Restriction", "Space", "SpacePermission"])
    if records:
        hints.append(f"    {imports('.records', records)}")
    return (
        f'"""{room.title}"""\n\n'
        "# Written by `python -m confluence_access._generate`: "
        f"change src/apis/{room.name}/methods.rs instead.\n\n"
        "from __future__ import annotations\n\n"
        f"from typing import {', '.join(typing)}\n\n"
        f"{imports('.answers', from_answers)}\n"
        "from .errors import checked\n\n"
        "if TYPE_CHECKING:\n"
        "    from collections.abc import Iterable\n\n" + "\n".join(hints) + f"\n\n{listed}\n\n\n{classes}"
    )


def table(room: Room) -> str:
    """The methods of a room as a table."""
    place = "endpoint below `/rest/extender/1.0`" if room is EXTENDER else "method of the server"
    lines = [f"| method | {place} | answer |", "|---|---|---|"]
    for row in _core.methods()[room.name]:
        server = _address(row["server"], row["parameters"]) if room is EXTENDER else row["server"]
        lines.append(f"| `{row['name']}` | `{server}` | {RETURNS[row['returns']].shown} |")
    return "\n".join(lines)


def files(root: Path) -> dict[Path, str]:
    """The modules of the rooms, and the page of the documentation with their tables."""
    package, page = root / "python" / "confluence_access", root / "docs" / "upstream.md"
    written = {package / f"{room.name}.py": module(room) for room in ROOMS}
    text = page.read_text(encoding="utf-8")
    for room in ROOMS:
        text = between(text, f"methods of {room.name}", table(room))
    return {**written, page: text}
