"""Reading what the issuer of tokens publishes: an HTTP client for its address."""

from __future__ import annotations

import httpx2


class open_http_client:
    """`async with open_http_client(address) as (client, base_url)`: address is http(s)://… or unix:/path."""

    def __init__(self, address: str) -> None:
        if address.startswith("unix:"):
            self._transport: httpx2.AsyncHTTPTransport | None = httpx2.AsyncHTTPTransport(
                uds=address.removeprefix("unix:")
            )
            self.base = "http://local"
        else:
            self._transport = None
            self.base = address.removesuffix("/.well-known/jwks.json").rstrip("/")
            if "://" not in self.base:
                self.base = "http://" + self.base

    async def __aenter__(self) -> tuple[httpx2.AsyncClient, str]:
        self._client = httpx2.AsyncClient(transport=self._transport, timeout=10)
        return self._client, self.base

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()
