"""Every example of the documentation runs."""

import ast
import asyncio
import doctest
import importlib
import pkgutil
from inspect import iscoroutine
from pathlib import Path

import pytest

import confluence_access
from confluence_access import AsyncConfluence, Confluence, Simulator

ROOT = Path(__file__).parents[2]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = sorted(module.name for module in pkgutil.iter_modules(confluence_access.__path__) if module.name != "_core")
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


SIMULATOR: dict[str, object] = {}


@pytest.fixture
def names(simulator, tmp_path, monkeypatch):
    """What examples may use without saying where it comes from."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFLUENCE_URL", simulator.url)
    monkeypatch.setenv("CONFLUENCE_USERNAME", simulator.username)
    monkeypatch.setenv("CONFLUENCE_API_TOKEN", simulator.token)
    return {"Confluence": Confluence, "AsyncConfluence": AsyncConfluence, "asyncio": asyncio}


@pytest.fixture(autouse=True)
def top_level_await(monkeypatch):
    """Lets `await` stand by itself in an example, as it may in a notebook and in `python -m asyncio`."""
    with asyncio.Runner() as runner:

        def run(code, names):
            started = eval(code, names)
            if iscoroutine(started):
                runner.run(started)

        def read(source, name, mode, flags, *more):
            return compile(source, name, mode, flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, *more)

        # The functions by which doctest runs an example.
        monkeypatch.setattr(doctest, "compile", read, raising=False)
        monkeypatch.setattr(doctest, "exec", run, raising=False)
        yield


def check(examples: list[doctest.DocTest]) -> int:
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    said: list[str] = []
    for example in examples:
        runner.run(example, out=said.append)
    assert runner.failures == 0, "".join(said)
    return runner.tries


@pytest.mark.parametrize("name", ["", *MODULES])
def test_the_examples_of_a_module_run(name, names):
    module = importlib.import_module(f"confluence_access.{name}".rstrip("."))
    tried = check(doctest.DocTestFinder().find(module, extraglobs=names))
    if name in ("", "_async", "client", "simulator"):
        assert tried > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_run(page, names):
    text = page.read_text(encoding="utf-8")
    # A fence would otherwise belong to the expected output.
    text = text.replace("```", "\n")
    example = doctest.DocTestParser().get_doctest(text, dict(names), page.name, str(page), 0)
    check([example])


def test_public_methods_of_the_clients_say_what_they_do():
    looked_at = 0
    for kind in (Confluence, AsyncConfluence, Simulator):
        for name, member in vars(kind).items():
            if not name.startswith("_"):
                text = member.__doc__ or ""
                assert text.strip(), f"{kind.__name__}.{name}"
                looked_at += 1
    assert looked_at > 25
    for noun in ("server", "spaces", "contents", "space_permissions", "restrictions", "groups", "members", "snapshot"):
        text = getattr(Confluence, noun).__doc__
        assert "Source:" in text, noun
        assert ">>>" in text, noun
