"""What a good engineer writes in a day with httpx: each listing of each space, as many at once as are allowed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
from by_hand import Reader
from reading import Facts, Site, told


class Httpx(Reader):
    """Over httpx, with the JSON of the standard library."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        limits = httpx.Limits(max_connections=site.at_once, max_keepalive_connections=site.at_once)
        auth = httpx.BasicAuth(site.username, site.token)
        self.http = httpx.AsyncClient(base_url=site.url, auth=auth, limits=limits, timeout=60)

    async def get(self, path: str, parameters: dict[str, Any]) -> Any:
        """One answer, read."""
        answer = await self.http.get(path, params=parameters)
        answer.raise_for_status()
        return json.loads(answer.content)

    async def close(self) -> None:
        """Ends the connections."""
        await self.http.aclose()


async def everything(site: Site) -> Facts:
    """The facts."""
    reader = Httpx(site)
    try:
        return await reader.everything()
    finally:
        await reader.close()


if __name__ == "__main__":
    told(lambda site: asyncio.run(everything(site)), f"httpx {httpx.__version__}")
