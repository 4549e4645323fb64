"""What all calls share: sending, paging, following."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4

from otklik.client.connection import Call, Connection
from otklik.models import AppealChange, Page, QueueChange, Received

T = TypeVar("T", bound=Received)
C = TypeVar("C", AppealChange, QueueChange)
PAGE = 1000


class Calls:
    """A connection, and how it is used."""

    connection: Connection

    async def authenticate(self) -> None:
        """Fetch the token now, if there is none yet. Raises ProblemError when the credentials are refused.

        >>> await otklik.authenticate()
        """
        await self.connection.authenticate()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Any other call of the contract; the parsed JSON of the answer (None when it is empty).

        It is repeated like every call here, so give a POST that creates something an `Idempotency-Key` header.

        >>> topics = await otklik.request("GET", "/api/v1/topics", params={"region": "46"})
        """
        call = Call(method, path, params=query_params(params), headers=headers or {}, json=json)
        response = await self.connection.send(call)
        return response.json() if response.content else None

    async def items(self, path: str, *, params: Mapping[str, Any] | None = None) -> AsyncIterator[Any]:
        """The items of any other list of the contract as parsed JSON, page by page.

        >>> async for topic in otklik.items("/api/v1/topics", params={"region": "46"}): ...
        """
        async for page in self._page_by_page(path, params or {}):
            for item in page.items:
                yield item
            if not page.next_cursor:
                return

    async def _get(self, model: type[T], path: str, params: Mapping[str, Any] | None = None) -> T:
        response = await self.connection.send(Call("GET", path, params=query_params(params)))
        return model.model_validate_json(response.content)

    async def _pages(self, model: type[T], path: str, params: Mapping[str, Any]) -> AsyncIterator[T]:
        async for item in self.items(path, params=params):
            yield model.model_validate(item)

    async def _follow(self, model: type[C], path: str, cursor: str, wait: float | None) -> AsyncIterator[C]:
        async for page in self._page_by_page(path, {}, cursor or None):
            following = page.next_cursor or ""
            items = [model.model_validate(item) for item in page.items]
            for item in items:
                # Resuming in the middle of a page repeats what came before it on this page.
                item.cursor = following if item is items[-1] else cursor
                yield item
            cursor = following
            if not items:
                if wait is None:
                    return
                await asyncio.sleep(wait)

    async def _page_by_page(
        self, path: str, params: Mapping[str, Any], cursor: str | None = None
    ) -> AsyncIterator[Page]:
        """Without end: after the last page of a feed it is asked again where that ended."""
        while True:
            query = {**params, "limit": PAGE, "cursor": cursor}
            page = Page.model_validate(await self.request("GET", path, params=query))
            yield page
            cursor = page.next_cursor or None


def key_header(key: str | None) -> dict[str, str]:
    """The Idempotency-Key, a fresh one if none is given."""
    return {"Idempotency-Key": key or str(uuid4())}


def segment(value: UUID | str) -> str:
    """One segment of a path, whatever is in it."""
    return quote(str(value), safe="")


def query_params(params: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Values as they stand in a query; what is None is not sent."""
    return {
        name: value.isoformat() if isinstance(value, date) else value  # datetime is one too
        for name, value in (params or {}).items()
    }


def without_none(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fields nobody set are not sent."""
    return {name: value for name, value in body.items() if value is not None}
