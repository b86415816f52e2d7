"""Small tools for writing text."""

from __future__ import annotations

import re
import textwrap

WIDTH = 120


def between(text: str, mark: str, body: str) -> str:
    """`text` with `body` between the comments `<!-- mark -->` and `<!-- /mark -->`."""
    start, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    return replaced(text, start, end, body)


def replaced(text: str, start: str, end: str, body: str) -> str:
    """`text` with `body` between the lines `start` and `end`."""
    pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    text, found = pattern.subn(lambda _: f"{start}\n{body}\n{end}", text)
    if found != 1:
        raise ValueError(f"expected one place `{start}`, found {found}")
    return text


def wrapped(text: str, indent: int, hanging: int = 0) -> str:
    """`text` in lines of at most 120 characters; those after the first are indented by `hanging` more.

    No line ends inside backticks, but for addresses, which may be longer than a line.
    """
    kept = re.sub(r"`[^`/]*`", lambda code: code[0].replace(" ", "\0"), text)
    filled = textwrap.fill(
        kept,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.replace("\0", " ")


def imports(module: str, names: set[str], width: int = WIDTH) -> str:
    """An import as the formatter lays it out: constants, then classes, then functions."""
    ordered = sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= width:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in ordered), ")"])


def head(start: str, parameters: list[str], returns: str) -> str:
    """The head of a method, laid out as the formatter does."""
    line = f"    {start}({', '.join(parameters)}) -> {returns}:"
    if len(line) <= WIDTH:
        return line
    inner = f"        {', '.join(parameters)}"
    if len(inner) > WIDTH:
        inner = "\n".join(f"        {parameter}," for parameter in parameters)
    return f"    {start}(\n{inner}\n    ) -> {returns}:"


def paragraphs(comment: str) -> list[str]:
    """The paragraphs of a comment, each on one line."""
    lines = (line.strip() for line in comment.strip().splitlines())
    return [" ".join(text.splitlines()) for text in "\n".join(lines).split("\n\n")]


def in_python(text: str) -> str:
    """A sentence about columns with Python's words for null, true and false; what is in backticks stays."""
    words = {word: word.title() for word in ("true", "false")} | {"null": "None", "Null": "None"}
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [re.sub(r"\b(null|Null|true|false)\b", lambda found: words[found[1]], part) for part in parts[::2]]
    return "".join(parts)


def _default(type_: str) -> str:
    if type_.endswith("| None"):
        return " = None"
    return {"tuple": " = ()", "Mapping": " = {}"}.get(type_.partition("[")[0], "")


def frozen(name: str, comment: str, fields: list[dict[str, str]], *, named: bool = False) -> str:
    """A frozen record of declared fields, each a `name`, a `type` and a `doc`.

    With `named` they are given by name, and those that may be empty can be left out.
    """
    summary, *more = paragraphs(in_python(comment))
    doc = [wrapped(f'"""{summary}', 4), *(wrapped(text, 4) for text in more)]
    if "\n" in doc[0]:
        raise ValueError(f"the first paragraph of `{name}` does not fit one line")
    meanings = [wrapped(f"{field['name']}: {in_python(field['doc'])}", 8, 4) for field in fields]
    doc.append("\n".join(["    Attributes:", *meanings]))
    lines = [
        f"class {name}(Frozen{', kw_only=True' if named else ''}):",
        "\n\n".join(doc),
        '    """\n',
        *(f"    {field['name']}: {field['type']}{_default(field['type']) if named else ''}" for field in fields),
    ]
    return "\n".join(lines) + "\n"


def awaited(source: str) -> str:
    """A blocking class as the awaited one: methods are `async`, and a `Call` is awaited instead of waited for."""
    source = re.sub(r"^    def (?!_|envelope)", "    async def ", source, flags=re.MULTILINE)
    return source.replace("call.wait()", "await call.future()")
