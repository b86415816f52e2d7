"""The same program over aiohttp and orjson, the fastest pair that is common in Python."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import orjson
from by_hand import Reader
from reading import Facts, Site, told


class Aiohttp(Reader):
    """Over aiohttp."""

    http: aiohttp.ClientSession

    async def get(self, path: str, parameters: dict[str, Any]) -> Any:
        """One answer, read."""
        async with self.http.get(path, params=parameters) as answer:
            answer.raise_for_status()
            return orjson.loads(await answer.read())


async def everything(site: Site) -> Facts:
    """The facts."""
    reader = Aiohttp(site)
    auth = aiohttp.BasicAuth(site.username, site.token)
    connector = aiohttp.TCPConnector(limit=site.at_once)
    async with aiohttp.ClientSession(site.url, auth=auth, connector=connector) as reader.http:
        return await reader.everything()


if __name__ == "__main__":
    told(lambda site: asyncio.run(everything(site)), f"aiohttp {aiohttp.__version__}, orjson {orjson.__version__}")
