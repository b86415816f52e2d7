"""The awaited client: `_async.py`, written from `client.py`."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from .text import WIDTH, head, imports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = {
    "Confluence": "AsyncConfluence",
    "Extender": "AsyncExtender",
    "JsonRpc": "AsyncJsonRpc",
    "__enter__": "__aenter__",
    "__exit__": "__aexit__",
}
"""What is called differently."""

PHRASES = {"self._core.close()": "import asyncio\n\n        await asyncio.to_thread(self._core.close)"}
"""Code that is more than a call and its answer; each is there once."""

ABOUT = '''"""A connection to a Confluence site for asyncio: the methods of `Confluence`, awaited.

    Cancelling a call, also by `asyncio.timeout`, aborts its requests. Settings, arguments, results, sources and errors
    are those of `Confluence`.

    The examples use top-level `await`, as in a notebook or in `python -m asyncio`.

    Example:
        >>> async def keys():
        ...     async with AsyncConfluence.from_env() as wiki:
        ...         return [space.key for space in await wiki.spaces()]
        >>> asyncio.run(keys())[:2]
        ['ENG', 'OPS']
    """'''

HEAD = '''"""Connections to a Confluence site for asyncio."""

# Written by `python -m confluence_access._generate`: change client.py instead.
'''


class Edits:
    """Changes to a text, at the places its syntax tree names."""

    def __init__(self, text: str) -> None:
        self.lines = text.encode().splitlines(keepends=True)
        self.made: list[tuple[int, int, int, str]] = []

    def at(self, line: int, column: int) -> int:
        """The place of a line, from 1, and a column, both as `ast` counts them."""
        return sum(map(len, self.lines[: line - 1])) + column

    def start(self, node: ast.expr | ast.stmt) -> int:
        """Where a node starts."""
        return self.at(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt) -> int:
        """Where a node ends."""
        return self.at(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def text(self, start: int, end: int) -> str:
        """The text between two places."""
        return b"".join(self.lines)[start:end].decode()

    def put(self, start: int, end: int, text: str) -> None:
        """Puts a text in place of what is between two places."""
        self.made.append((start, end, len(self.made), text))

    def done(self) -> str:
        """The text with all changes. Of two at one place the one that was made first comes first."""
        whole, at, parts = b"".join(self.lines), 0, list[bytes]()
        for start, end, _, text in sorted(self.made):
            assert start >= at, f"two changes of one place: {text}"
            parts += [whole[at:start], text.encode()]
            at = end
        return b"".join([*parts, whole[at:]]).decode()


def _await(edits: Edits, call: ast.Call, parent: ast.AST) -> None:
    """Puts `await` before a call, in brackets where something of its answer is asked for."""
    bracket = isinstance(parent, (ast.Attribute, ast.Subscript)) and parent.value is call
    edits.put(edits.start(call), edits.start(call), "(await " if bracket else "await ")
    if bracket:
        edits.put(edits.end(call), edits.end(call), ")")


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str, ast.expr, ast.AST]]:
    """Every call of a method: the call, the name of the method, what it is a method of, what is around the call."""
    for parent in ast.walk(tree):
        for child in ast.iter_child_nodes(parent):
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute):
                yield child, child.func.attr, child.func.value, parent


def _rename(edits: Edits, tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in NAMES:
            edits.put(edits.start(node), edits.end(node), NAMES[node.id])


def _is_client(node: ast.expr) -> bool:
    """Whether an example means a client by this: `wiki` or `Confluence.from_env()`."""
    return (isinstance(node, ast.Name) and node.id == "wiki") or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "from_env"
    )


def example(source: str, methods: set[str]) -> str:
    """One example with its calls awaited."""
    edits, tree = Edits(source), ast.parse(source)
    _rename(edits, tree)
    for call, name, owner, parent in _calls(tree):
        if name in methods and _is_client(owner):
            _await(edits, call, parent)
    return edits.done()


def examples(doc: str, methods: set[str]) -> str:
    """A docstring with the calls of its examples awaited."""

    def one(found: re.Match[str]) -> str:
        indent = found[1]
        source = re.sub(rf"^{indent}(?:>>>|\.\.\.) ?", "", found[0], flags=re.MULTILINE)
        first, *rest = example(source, methods).splitlines()
        return "\n".join([f"{indent}>>> {first}", *(f"{indent}... {line}" for line in rest)]) + "\n"

    return re.sub(r"^( +)>>> .*\n(?:\1\.\.\. .*\n)*", one, doc, flags=re.MULTILINE)


def _import(edits: Edits, node: ast.ImportFrom, used: set[str]) -> None:
    """What of an import the awaited client needs, under its names there."""
    kept = {NAMES.get(alias.name, alias.name) for alias in node.names if alias.name in used}
    start, end = edits.start(node), edits.end(node)
    if not kept or node.module == "_async":
        edits.put(start, end + 1, "")
        return
    indent = " " * node.col_offset
    text = imports("." * node.level + (node.module or ""), kept, WIDTH - len(indent))
    edits.put(start, end, text.replace("\n", f"\n{indent}"))


def _method(edits: Edits, method: ast.FunctionDef, methods: set[str]) -> None:
    """A method, awaited."""
    start = edits.at(method.lineno, method.col_offset)
    first = edits.text(start, edits.end(method)).partition("\n")[0]
    name = NAMES.get(method.name, method.name)
    if len(first) + len("    async ") > WIDTH:
        assert first.endswith(":"), f"the head of `{method.name}` is neither on one line nor on several"
        given, _, returns = first.removeprefix(f"def {method.name}(").removesuffix(":").rpartition(") -> ")
        assert len(given) + 8 <= WIDTH, f"write the head of `{method.name}` on several lines"
        laid_out = head(f"async def {name}", [given], returns)
        edits.put(start, start + len(first.encode()), laid_out.lstrip())
    else:
        edits.put(start, start + len(f"def {method.name}"), f"async def {name}")
    for call, called, owner, parent in _calls(method):
        if called == "wait":
            _await(edits, call, parent)
            edits.put(edits.end(owner) + 1, edits.end(owner) + 1 + len("wait"), "future")
        elif called in methods and isinstance(owner, ast.Name) and owner.id == "self":
            _await(edits, call, parent)


def module(source: str) -> str:
    """The text of `_async.py` for that of `client.py`."""
    edits, tree = Edits(source), ast.parse(source)
    (client,) = (node for node in tree.body if isinstance(node, ast.ClassDef))
    functions = [node for node in client.body if isinstance(node, ast.FunctionDef)]
    awaited = [node for node in functions if "property" not in {getattr(d, "id", "") for d in node.decorator_list}]
    methods = {node.name for node in awaited if node.name[0] != "_"}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}

    docs = [node.body[0] for node in (tree, client)]
    for doc, text in zip(docs, (HEAD.rstrip(), ABOUT), strict=True):
        edits.put(edits.start(doc), edits.end(doc), text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module != "__future__":
            _import(edits, node, used)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            edits.put(edits.start(node), edits.end(node), f'__all__ = ["{NAMES[client.name]}"]')
    name = edits.start(client) + len("class ")
    edits.put(name, name + len(client.name), NAMES[client.name])
    for method in functions:
        _rename(edits, method)
        doc = method.body[0]
        if isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant):
            start, end = edits.start(doc), edits.end(doc)
            edits.put(start, end, examples(edits.text(start, end), methods))
    for method in awaited:
        _method(edits, method, methods)
    text = edits.done()
    for phrase, other in PHRASES.items():
        assert text.count(phrase) == 1, f"expected `{phrase}` once in client.py"
        text = text.replace(phrase, other)
    for line in text.splitlines():
        assert len(line) <= WIDTH, f"write this in client.py on several lines, it is too long when awaited: {line}"
    return text


def files(root: Path) -> dict[Path, str]:
    """The module of the awaited client."""
    package = root / "python" / "confluence_access"
    return {package / "_async.py": module((package / "client.py").read_text(encoding="utf-8"))}
