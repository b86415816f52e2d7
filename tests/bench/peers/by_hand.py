"""A program by hand for the same facts, without the way its requests are sent.

It takes the routes and page sizes ours takes, and knows none of what goes wrong: no retries, no gaps, no roles, no
folders, no archived spaces.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from reading import LISTS, Facts, Site

# Spaces named in one listing: an address has to hold their keys.
SPACES = 25


class Reader(ABC):
    """Reads a site with as many requests at once as are allowed."""

    def __init__(self, site: Site) -> None:
        self.site, self.facts = site, Facts(permissions=set(), members=set())
        self.turn = asyncio.Semaphore(site.at_once)

    @abstractmethod
    async def get(self, path: str, parameters: dict[str, Any]) -> Any:
        """One answer, read."""

    async def rows(self, path: str, parameters: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """The rows of a listing, page after page."""
        more: dict[str, Any] | None = {}
        while more is not None:
            async with self.turn:
                page = await self.get(path, {**parameters, **more})
            for row in page["results"]:
                yield row
            following = page.get("_links", {}).get("next")
            query = dict(parse_qsl(urlsplit(following).query)) if following else {}
            more = {name: query[name] for name in ("cursor", "start") if name in query} or None

    async def everything(self) -> Facts:
        """Spaces first, then everything about them side by side."""
        spaces = [space async for space in self.rows("/wiki/api/v2/spaces", {"limit": 250})]
        size = max(1, min(SPACES, -(-len(spaces) // self.site.at_once)))
        work: list[Coroutine[Any, Any, None]] = [self.groups()]
        for at in range(0, len(spaces), size):
            some = spaces[at : at + size]
            work += [self.pages(some, kind) for kind in ("pages", "blogposts")] + [self.search(some)]
        work += [self.permissions(space) for space in spaces]
        await asyncio.gather(*work)
        return self.facts

    async def pages(self, spaces: list[dict[str, Any]], kind: str) -> None:
        """Pages or blog posts with what is above them."""
        ids = ",".join(space["id"] for space in spaces)
        async for page in self.rows(f"/wiki/api/v2/{kind}", {"space-id": ids, "limit": 250}):
            self.facts.parents[page["id"]] = page.get("parentId")

    async def search(self, spaces: list[dict[str, Any]]) -> None:
        """Restrictions in bulk."""
        keys = ",".join(f'"{space["key"]}"' for space in spaces)
        query = {"cql": f"type in (page,blogpost) and space in ({keys})", "expand": ",".join(LISTS), "limit": 200}
        async for content in self.rows("/wiki/rest/api/content/search", query):
            self.facts.restrict(content)

    async def permissions(self, space: dict[str, Any]) -> None:
        """Permissions in a space."""
        rows = self.facts.permissions
        assert rows is not None
        async for row in self.rows(f"/wiki/api/v2/spaces/{space['id']}/permissions", {"limit": 250}):
            operation = row["operation"]
            rows.add((space["key"], row["principal"]["id"], operation["key"], operation["targetType"]))

    async def groups(self) -> None:
        """Every group, and its members."""
        groups = [group async for group in self.rows("/wiki/rest/api/group", {"limit": 200})]
        await asyncio.gather(*(self.members(group["id"]) for group in groups))

    async def members(self, group: str) -> None:
        """The members of a group, whose listing names no next page."""
        rows, start = self.facts.members, 0
        assert rows is not None
        while True:
            asked = {"start": start, "limit": 200, "shouldReturnTotalSize": "true"}
            async with self.turn:
                page = await self.get(f"/wiki/rest/api/group/{group}/membersByGroupId", asked)
            rows.update((group, member["accountId"]) for member in page["results"])
            start += len(page["results"])
            if not page["results"] or start >= page["totalSize"]:
                return
