"""atlassian-python-api: a loop over pages, the same in threads, and restrictions expanded in the listing.

The class of version 5 for Cloud has no method for restrictions, so that version is run by its class for servers, which
has the methods of version 4.

Its methods read what most scripts read: pages, their place and their restrictions, and in bulk the groups too. On Cloud
it has no members, no roles and no names of access.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

from reading import LISTS, Facts, Site, told

with warnings.catch_warnings():
    # Of its own making, not of ours.
    warnings.simplefilter("ignore")
    from atlassian import Confluence

CLOUD = version("atlassian-python-api").startswith("4.")
# Most pages with their restrictions the server gives at once.
PAGE = 200


def every_space(api: Confluence) -> list[str]:
    """The keys of all spaces."""
    keys: list[str] = []
    while page := api.get_all_spaces(start=len(keys), limit=PAGE)["results"]:
        keys += [space["key"] for space in page]
    return keys


def pages(api: Confluence, keys: list[str], expand: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """All current pages and blog posts."""
    return [
        page
        for key in keys
        for kind in ("page", "blogpost")
        for page in api.get_all_pages_from_space_as_generator(key, limit=limit, expand=expand, content_type=kind)
    ]


def restrictions_and_place(api: Confluence, page_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What most scripts ask for each page."""
    return api.get_all_restrictions_for_content(page_id), api.get_page_by_id(page_id, expand="ancestors")


def above(page: dict[str, Any]) -> str | None:
    """The page right above."""
    return page["ancestors"][-1]["id"] if page["ancestors"] else None


def read(site: Site) -> Facts:
    """As the mode says."""
    api, facts = Confluence(url=site.url + "/wiki", username=site.username, password=site.token, cloud=CLOUD), Facts()
    keys = every_space(api)
    if site.mode == "bulk":
        for page in pages(api, keys, ",".join([*LISTS, "ancestors"]), PAGE):
            facts.parents[page["id"]] = above(page)
            facts.restrict(page)
        return facts
    ids = [page["id"] for page in pages(api, keys)][: site.sample or None]
    threads = site.at_once if site.mode == "threads" else 1
    with ThreadPoolExecutor(threads) as pool, contextlib.redirect_stdout(io.StringIO()):
        for page, (lists, place) in zip(
            ids, pool.map(lambda page: restrictions_and_place(api, page), ids), strict=True
        ):
            facts.parents[page] = above(place)
            facts.restrict({"id": page, "restrictions": lists})
    return facts


if __name__ == "__main__":
    told(read, f"atlassian-python-api {version('atlassian-python-api')}")
