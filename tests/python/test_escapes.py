"""What a server says passes no control character to a terminal, and no markup or direction to a page."""

from __future__ import annotations

import json
import pickle
import re
import traceback
import unicodedata
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confluence_access import (
    AmbiguousError,
    ConfigurationError,
    IncompleteError,
    NotFoundError,
    NotInSnapshotError,
    Plan,
    Snapshot,
    records,
)
from confluence_access.escapes import html, json_text, visible
from confluence_access.notebook import STYLE
from confluence_access.records import Gap
from confluence_access.terminal import Screen

CONTROLS = [chr(code) for code in [*range(0x20), *range(0x7F, 0xA0)]]
DIRECTION = list("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
STEERS = frozenset(CONTROLS + DIRECTION)
RED = "\x1b[2J\x1b[31mred\x07"
TURNED = "$x^2$ and \u202egnp.exe"
STARS = "star * in * title"

# Any text, with more than its share of what could do harm.
names = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from(sorted(STEERS)),
        st.sampled_from(list("*$<>&\"'`_\\[]")),
    ),
    min_size=1,
    max_size=24,
)


def site(name: str = RED, title: str = TURNED) -> Snapshot:
    return Snapshot.from_dict(
        {
            "users": {"ann": {"display_name": name, "name": name}, "bob": {}},
            "spaces": {"ENG": {"name": title, "grants": {"user:ann": ["view"], "user:bob": ["view", "edit_page"]}}},
            "contents": {
                "1": {"type": "page", "space": "ENG", "title": title},
                "2": {"type": "page", "space": "ENG", "title": "below", "parent": "1"},
            },
            "restrictions": {"1": {"read": ["user:ann"]}, "2": {"update": ["user:ann"]}},
            "gaps": [{"scope": "user", "subject": "x", "cause": name, "message": f"{name}: {title}"}],
        }
    )


class Page(HTMLParser):
    """Text and tags of a piece of HTML, as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = [("", {})]
        self.isolated: list[str] = []
        self._inside = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "bdi":
            self._inside += 1
            self.isolated.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == "bdi"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._inside:
            self.isolated[-1] += data


def shown(snapshot: Snapshot) -> list[str]:
    """Everything of a snapshot that is printed."""
    access = snapshot.access()
    tables: list[Any] = [
        snapshot.users,
        snapshot.spaces,
        snapshot.contents,
        snapshot.gaps,
        snapshot.restrictions,
        access.who_can("view", "1"),
        access.summary(),
        access.findings(),
        access.acl("view"),
        access.audiences("view"),
    ]
    explanations: list[Any] = [access.explain(who, "edit", page) for who in ("user:bob", "user:ann") for page in "12"]
    others = [snapshot, access, access.tree("2"), access.pairs("view"), access.policy, snapshot.site]
    rows = [row for table in tables for row in table]
    return [*(repr(thing) for thing in [*tables, *others, *rows]), *(str(thing) for thing in [*tables, *explanations])]


def test_the_characters_that_steer_are_shown_as_escapes():
    assert visible("\x00\x07\x1b\x7f\x9b\r\n\t") == r"\x00\x07\x1b\x7f\x9b\r\n\t"
    assert visible("".join(DIRECTION)) == "".join(f"\\u{ord(c):04x}" for c in DIRECTION)
    assert visible("\ud83d half a surrogate") == r"\ud83d half a surrogate"
    plain = "Größe * $x$ <b> 日本 עברית é 🎉"
    assert visible(plain) == plain


def test_every_control_and_bidirectional_character_is_one_of_them():
    every = map(chr, range(0x110000))
    harmful = {c for c in every if unicodedata.category(c) in ("Cc", "Zl", "Zp")}
    harmful |= {
        c for c in map(chr, range(0x110000)) if unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF")
    }
    harmful |= {c for c in map(chr, range(0x110000)) if unicodedata.bidirectional(c) in ("LRI", "RLI", "FSI", "PDI")}
    assert harmful < STEERS
    assert STEERS - harmful == set("\u061c\u200e\u200f")
    assert all(visible(c) != c for c in STEERS)


def test_the_core_writes_explanations_by_the_same_rule():
    every = "".join(sorted(STEERS))
    text = str(site(f"name {every}", f"title {every}").access().explain("user:ann", "edit", "1"))
    assert visible(f"name {every}") in text
    assert visible(f"title {every}") in text


@settings(max_examples=60, deadline=None)
@given(names, names)
def test_no_name_or_title_steers_a_terminal(name: str, title: str):
    for text in shown(site(name, title)):
        assert not STEERS.difference("\n").intersection(text), text


def test_a_line_feed_in_a_name_makes_no_second_line():
    snapshot = site("one\ntwo", "three\r\nfour")
    title, _columns, *rows, hidden = repr(snapshot.users).splitlines()
    assert title.startswith("Table[User]")
    assert hidden.startswith("not shown: ")
    assert len(rows) == len(snapshot.users)
    assert r"one\ntwo" in repr(snapshot.users)
    assert r"three\r\nfour" in repr(snapshot.spaces)


def test_records_show_no_such_character_either():
    content = records.Content(**{**site().contents.to_dicts()[0], "title": "".join(sorted(STEERS))})
    assert not STEERS.intersection(repr(content))


def test_an_error_shows_none_and_keeps_what_it_is():
    error = ConfigurationError(f"wrong: `{RED}` and `{TURNED}`")
    assert str(error) == r"wrong: `\x1b[2J\x1b[31mred\x07` and `$x^2$ and \u202egnp.exe`"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    access = site().access()
    with pytest.raises((NotInSnapshotError, NotFoundError)) as caught:
        access.who_can("view", f"{RED}{TURNED}")
    assert not STEERS.difference("\n").intersection("".join(traceback.format_exception_only(caught.value)))


@settings(max_examples=60, deadline=None)
@given(names, names)
def test_a_page_shows_every_name_as_it_is_and_isolated(name: str, title: str):
    snapshot = site(name, title)
    access = snapshot.access()
    allowed = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "ol", "ul", "li", "b", "i", "em"}
    allowed |= {"code", "span", "small", "br", "bdi", "a", "", "details", "summary", "svg", "path"}
    for thing, holds in (
        (snapshot.users, [name]),
        (snapshot.contents, [title]),
        (access.explain("user:bob", "view", "2"), [title]),
        (access.explain("user:ann", "view", "2"), [name]),
        (access.tree("2"), [title]),
        (Plan._of(Plan().delete("old")._core, (name,)), []),
        (AmbiguousError(f"several are named {name}", candidates=[title]), [title]),
        (
            IncompleteError("parts are missing", gaps=[Gap("content", title, "forbidden", name, 403, None)]),
            [name, title],
        ),
        (snapshot, []),
        (access, []),
    ):
        assert STYLE in thing._repr_html_()
        page = Page(thing._repr_html_().replace(STYLE, ""))
        assert {tag for tag, _ in page.tags} <= allowed
        assert not STEERS.intersection(page.text)
        assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
        for text in holds:
            assert visible(text) in page.isolated, (text, page.isolated)


def test_a_notebook_shows_what_can_be_done_about_an_error():
    ambiguous = AmbiguousError("several accounts are named `Ann`", candidates=["user:1", "user:2"])
    assert "user:1, user:2" in ambiguous._repr_html_()
    gaps = [Gap("content", str(at), "forbidden", f"part {at}", 403, None) for at in range(25)]
    page = IncompleteError("25 parts are missing", gaps=gaps, status=403, request_id="req-7")._repr_html_()
    assert "IncompleteError" in page
    assert "25 parts are missing" in page
    assert "req-7" in page
    assert page.count("<tr><td") == 20
    assert "and 5 more: see .gaps" in page
    assert "<table" not in ConfigurationError("an argument")._repr_html_()
    table = site().gaps
    assert f"{RED[-4:-1]}" in IncompleteError("parts are missing", gaps=table)._repr_html_()


def test_stars_and_dollars_of_a_title_stay():
    snapshot = site("*bold* $y$", STARS)
    explanation = snapshot.access().explain("user:bob", "view", "2")
    page = Page(explanation._repr_html_())
    assert STARS in page.isolated
    assert "*bold* $y$" in page.isolated
    assert f"<em>{html(STARS)}</em>" in explanation._repr_html_()
    assert "<em>bold</em>" not in explanation._repr_html_()
    for thing in (explanation, snapshot.users):
        wrapper = Page(thing._repr_html_()).tags[1]
        assert wrapper == ("div", {"class": "tex2jax_ignore mathjax_ignore"})


def test_an_address_that_is_no_web_page_is_no_link():
    snapshot = Snapshot.from_dict(
        {
            "users": {"ann": {}},
            "spaces": {"ENG": {}},
            "contents": {"1": {"type": "page", "space": "ENG", "url": "javascript:alert(1)"}},
        }
    )
    assert "<a " not in snapshot.access().explain("user:ann", "view", "1")._repr_html_()


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(names, st.lists(names, max_size=3), max_size=3))
def test_json_on_a_terminal_is_the_same_data_and_steers_nothing(data: dict[str, list[str]]):
    text = json_text(data)
    assert json.loads(text) == data
    assert not STEERS.difference("\n").intersection(text)


def test_the_console_shows_none(capsys: pytest.CaptureFixture[str]):
    screen = Screen(width=60)
    screen.line(RED)
    screen.paragraph(TURNED)
    screen.table(("name",), [(RED,), (TURNED,)])
    out = capsys.readouterr().out
    assert not STEERS.difference("\n").intersection(out)
    assert re.search(r"\\x1b\[2J", out)
