"""The report, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from browser import browser, opened
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from confluence_access import Simulator, Snapshot

__all__ = ["browser"]

HOSTILE = [
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "<!-- <script>",
    '"><svg onload=window.hacked=1>',
    "{{constructor}} ${1} 'quoted' & \"double\"",
    "\u202egnp.exe \x7f\x1b[2J",
    "line\u2028separator",
]


def hostile() -> Snapshot:
    contents: dict[str, Any] = {"root": {"type": "page", "space": "S", "title": "Root"}}
    for at, title in enumerate(HOSTILE):
        contents[str(at)] = {"type": "page", "space": "S", "title": title, "parent": "root"}
    people = {f"u{at}": {"name": name, "display_name": name} for at, name in enumerate(HOSTILE)}
    return Snapshot.from_dict(
        {
            "users": people,
            "groups": {"g": {"name": HOSTILE[0], "members": ["user:u0"]}},
            "spaces": {"S": {"name": HOSTILE[1], "grants": {"group:g": ["view"], "anonymous": ["view"]}}},
            "contents": contents,
            "restrictions": {"1": {"read": ["user:u2"]}},
        }
    )


def section(page: Chrome, name: str) -> WebElement:
    return page.find_element(By.ID, name)


def rows(page: Chrome, name: str) -> list[list[str]]:
    """The cells that are drawn, as text."""
    found: list[list[str]] = page.execute_script(
        "return [...document.querySelectorAll(`#${arguments[0]} tbody tr:not(.gap)`)]"
        ".map((row) => [...row.children].map((cell) => cell.textContent))",
        name,
    )
    return found


def node(page: Chrome, title: str) -> WebElement:
    """The deepest node of the tree that begins so, as soon as it is drawn."""

    def found(page: Chrome) -> list[WebElement]:
        drawn = section(page, "tree").find_elements(By.TAG_NAME, "summary")
        return [one for one in drawn if one.text.startswith(title)]

    return WebDriverWait(page, 30).until(found)[-1]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with Simulator() as simulator, simulator.connect() as wiki:
        snapshot = wiki.snapshot()
        changes = wiki.permission_changes("30d", snapshot=snapshot)
    return snapshot.report(tmp_path_factory.mktemp("report") / "report.html", changes=changes)


def test_hostile_names_are_text_and_nothing_else(browser: Chrome, tmp_path: Path) -> None:
    page = opened(browser, hostile().report(tmp_path / "report.html"))
    assert page.execute_script("return window.hacked") is None
    titles = [row[0] for row in rows(page, "contents")]
    for title in HOSTILE[:5]:
        assert title in titles
    assert r"\u202egnp.exe \x7f\x1b[2J" in titles
    tree = section(page, "tree")
    node(page, HOSTILE[1]).click()
    node(page, "Root").click()
    node(page, HOSTILE[0])
    assert all(title in tree.text for title in HOSTILE[:5])
    assert page.execute_script("return window.hacked") is None
    assert page.find_elements(By.CSS_SELECTOR, "main img, main script") == []
    assert [entry for entry in page.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_the_page_asks_no_network_for_anything(browser: Chrome, company: Path) -> None:
    page = opened(browser, company)
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    written = re.sub(r'<script type="application/json".*?</script>', "", company.read_text("utf-8"))
    addresses = set(re.findall(r"https?://[^\"' )]+", written))
    assert {address.partition("://")[2].split("/")[0].split(":")[0] for address in addresses} == {
        "www.w3.org",
        "127.0.0.1",
    }
    assert "src=" not in written
    assert "@import" not in written
    assert page.get_log("browser") == []


def test_every_section_has_its_rows(browser: Chrome, company: Path) -> None:
    page = opened(browser, company)
    headings = [heading.text for heading in page.find_elements(By.TAG_NAME, "h2")]
    assert headings[:3] == ["How far content reaches", "Findings", "Who can view what, along the tree"]
    assert {"Content", "Recent changes", "Groups, and where they come from", "Restrictions", "Gaps"} <= set(headings)
    severities = [row[0] for row in rows(page, "findings")]
    assert severities == sorted(severities, key=["high", "medium", "low"].index)
    reaches = {row[0]: row[2] for row in rows(page, "exposure")}
    assert reaches["Public Handbook"] == "internet"
    bars = section(page, "exposure").find_element(By.CLASS_NAME, "bars").text.split()
    counted = dict(zip(bars[::2], map(int, bars[1::2]), strict=True))
    assert counted["internet"] > 0
    status = section(page, "contents").find_element(By.CSS_SELECTOR, "[role=status]").text
    assert f"{sum(counted.values())} rows" == status
    assert "unknown" in {row[3] for row in rows(page, "contents")}


def test_a_table_is_searched_and_sorted(browser: Chrome, company: Path) -> None:
    page = opened(browser, company)
    contents = section(page, "contents")
    contents.find_element(By.CSS_SELECTOR, "input[type=search]").send_keys("remediation plan")
    assert [row[0] for row in rows(page, "contents")] == ["Remediation Plan"]
    assert contents.find_element(By.CSS_SELECTOR, "[role=status]").text.startswith("1 of ")
    contents.find_element(By.CSS_SELECTOR, "input[type=search]").send_keys(Keys.CONTROL, "a", Keys.DELETE)
    viewers = contents.find_element(By.XPATH, ".//th[button[text()='viewers']]")
    viewers.find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
    assert viewers.get_attribute("aria-sort") == "descending"
    counts = [int(row[4].replace(",", "")) for row in rows(page, "contents")]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 0


def test_the_tree_opens_with_the_keyboard_and_says_who_can_view_at_each_level(browser: Chrome, company: Path) -> None:
    page = opened(browser, company)
    tree = section(page, "tree")
    for opening in ("Engineering", "Engineering Home", "Roadmap 2027", "Security Hardening"):
        node(page, opening).send_keys(Keys.ENTER)
    node(page, "Penetration Test Findings")
    assert "restricted to group engineering (view)" in tree.text
    assert "restricted to group security-reviewers (view)" in tree.text
    assert "Penetration Test Findings" in tree.text
    assert re.search(r"can view: .*group security-reviewers", tree.text)
    assert tree.find_elements(By.CSS_SELECTOR, "svg[aria-label=restricted]")


def test_a_hundred_thousand_items_are_one_quick_page(browser: Chrome, tmp_path: Path) -> None:
    contents = {"0": {"type": "page", "space": "S", "title": "Home"}}
    contents |= {
        str(at): {"type": "page", "space": "S", "title": f"Page {at}", "parent": "0"} for at in range(1, 100_000)
    }
    spaces = {"S": {"grants": {"user:ann": ["view"]}}}
    site = {"users": {"ann": {}}, "spaces": spaces, "contents": contents}
    page = opened(browser, Snapshot.from_dict(site).report(tmp_path / "report.html"))
    assert "100,000 rows" in section(page, "contents").text
    assert page.execute_script("return document.querySelectorAll('*').length") < 3_000
    section(page, "contents").find_element(By.CSS_SELECTOR, "input[type=search]").send_keys("page 99999")
    assert [row[0] for row in rows(page, "contents")] == ["Page 99999"]
    tree = section(page, "tree")
    for summary in ("S", "Home"):
        node(page, summary).click()
    node(page, "Page 1")
    assert tree.find_element(By.CSS_SELECTOR, "button.more").text == "show 200 more of 99,799"
    box = section(page, "grants")
    assert len(box.find_elements(By.CSS_SELECTOR, "tbody tr")) == 1


def test_a_scrolled_table_shows_the_rows_at_that_place(browser: Chrome, company: Path) -> None:
    page = opened(browser, company)
    box = section(page, "contents").find_element(By.CLASS_NAME, "box")
    last = page.execute_script("return data.parts.find((part) => part.id === 'contents').rows.at(-1)[1]")
    page.execute_script("arguments[0].scrollTop = 1e9", box)
    WebDriverWait(page, 30).until(lambda page: rows(page, "contents")[-1][1] == last)


def test_colours_have_the_contrast_that_text_needs() -> None:
    style = (Path(__file__).parents[2] / "python/confluence_access/report/page.css").read_text()
    for theme in re.findall(r":root \{ (.*?)\}", style, re.DOTALL)[:2]:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", theme))
        for name in ("ink", "dim", "yes", "no", "open", "link"):
            assert contrast(colours[name], colours["paper"]) >= 4.5, name


def contrast(one: str, other: str) -> float:
    """Source: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.mkdir()
    with pytest.raises(OSError):
        Snapshot.from_dict({}).report(path)
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]
