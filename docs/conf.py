"""How the documentation site is built: `sphinx-build -W docs target/site`. It needs no network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import confluence_access

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = "confluence-access"
author = "confluence-access contributors"
version = release = confluence_access.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
# The pages are read on GitHub too, so they use little beyond plain Markdown.
myst_heading_anchors = 4
# The tests run the notebooks and compare; the site shows what is committed.
nb_execution_mode = "off"
nb_merge_streams = True

# A block that names no language is text.
highlight_language = "none"
# In docstrings one backtick is code, as in Markdown.
default_role = "code"
# The arguments of a class are in the docstring of its `__init__`.
autoclass_content = "both"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
maximum_signature_line_length = 88
python_use_unqualified_type_names = True
add_module_names = False
# `Attributes:` is a list of fields, so that it does not declare each attribute a second time.
napoleon_use_ivar = True
napoleon_use_rtype = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "confluence-access"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["copy.js"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {
    # Brand, then what outputs of notebooks are coloured with, as in `confluence_access.notebook`.
    "light_css_variables": {
        "color-brand-primary": "#0b5394",
        "color-brand-content": "#0b5394",
        "color-yes": "#1a7f37",
        "color-no": "#cf222e",
        "color-open": "#8a5a00",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7fb8ee",
        "color-brand-content": "#7fb8ee",
        "color-yes": "#3fb950",
        "color-no": "#ff7b72",
        "color-open": "#d29922",
    },
}
pygments_style = "default"
pygments_dark_style = "github-dark"


def page(app: Sphinx, name: str, source: list[str]) -> None:
    """Changes the text of a page before it is read.

    The lists of links on the start page become the navigation: each `##` section with links is a part. A directive
    would do the same, but readers on GitHub would see its text.
    """
    # The empty line by which doctest knows the end of an expected output.
    source[0] = re.sub(r"(^```python\n.*?)\n+```$", r"\1\n```", source[0], flags=re.DOTALL | re.MULTILINE)
    if name == "changelog":
        # The page itself is a link for readers on GitHub.
        source[0] = (Path(app.srcdir).parent / "CHANGELOG.md").read_text(encoding="utf-8")
    if name != "index":
        return
    trees = []
    for section in re.split(r"^## ", source[0], flags=re.MULTILINE)[1:]:
        links = re.findall(r"^- \[([^\]]+)\]\(([\w/-]+)\.(?:md|ipynb)\)", section, flags=re.MULTILINE)
        if links:
            pages = [f"{title} <{page}>" for title, page in links]
            trees.append(
                "\n".join(["```{toctree}", ":hidden:", f":caption: {section.splitlines()[0]}", "", *pages, "```"])
            )
    source[0] += "\n\n" + "\n\n".join(trees) + "\n"


kept: dict[str, list[str]] = {}


def docstring(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Turns what a docstring has of Markdown into reStructuredText: its tables, and a heading of our own."""
    text: list[str] = []
    inside = False
    # Code must not begin or end with a space there.
    for line in re.sub(r"`([^`]*)`", lambda code: f"`{code[1].strip()}`", "\n".join(lines)).split("\n"):
        if line.startswith("All calls raise"):
            text.append("Raises:")
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.lstrip().startswith("|") else []
        if not cells:
            # The comment ends the table, also before an indented example.
            text += ["", "..", ""] if inside else []
            inside = False
            text.append(line)
            continue
        indent = line[: len(line) - len(line.lstrip())]
        if not inside:
            inside = True
            text += [f"{indent}.. list-table::", f"{indent}   :header-rows: 1", ""]
        if not all(set(cell) <= {"-", ":"} for cell in cells):
            text += [f"{indent}   {'*' if at == 0 else ' '} - {cell}" for at, cell in enumerate(cells)]
    lines[:] = text
    if what in ("attribute", "property"):
        kept[name] = text
        lines.clear()


def property_docstring(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Puts the docstring of a property back: napoleon takes words before a colon in its first line for a type."""
    lines[:] = kept.pop(name, lines)


def signature(app: Sphinx, what: str, *of: object) -> tuple[str, None] | None:
    """Leaves out how an error is made: nobody but this package makes one."""
    return ("", None) if what == "exception" else None


def everything_is_documented(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Fails the build if a public name is on no page of the reference."""
    from sphinx.util import logging

    named = {name.rpartition(".")[2] for name in env.domains["py"].objects}
    for name in sorted(set(confluence_access.__all__) - named):
        logging.getLogger(__name__).warning("`%s` is public and is on no page of docs/api", name)
    return []


def setup(app: Sphinx) -> None:
    """Connects the functions above."""
    app.connect("source-read", page)
    app.connect("autodoc-process-docstring", docstring, priority=400)
    app.connect("autodoc-process-docstring", property_docstring, priority=600)
    app.connect("autodoc-process-signature", signature)
    app.connect("env-check-consistency", everything_is_documented)
