"""A real browser for the tests of HTML: Chromium and its driver, as Debian packages them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from debian import install
from selenium import webdriver

REMEDY = "install Chromium and ChromeDriver, on Debian and Ubuntu `apt-get install chromium chromium-driver`"


def _found() -> tuple[str | None, str | None]:
    browser = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    return browser, shutil.which("chromedriver")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Chromium without a window, that is not let onto any network."""
    if None in _found():
        install(["chromium", "chromium-driver"])
    binary, driver = _found()
    missing = f"no browser on this machine: {REMEDY}; the tests need it, see README.md"
    assert binary, missing
    assert driver, missing
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    profile = tmp_path_factory.mktemp("browser")
    for argument in (
        "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={profile}", "--window-size=1200,1600",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))
    made.set_page_load_timeout(60)
    yield made
    made.quit()


def opened(browser: webdriver.Chrome, page: Path) -> webdriver.Chrome:
    """The browser with a file opened, and nothing logged before."""
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get(page.as_uri())
    return browser
