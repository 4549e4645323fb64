"""What all calls share: sending, paging, following."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4

from otklik.client.connection import Call, Connection
from otklik.models import (
    AppealChange,
    QueueChange,
    Received,
)

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
        call = Call(method, path, params=query_params(params or {}), headers=headers or {}, json=json)
        response = await self.connection.send(call)
        return response.json() if response.content else None

    async def _get(self, model: type[T], path: str, params: Mapping[str, Any] | None = None) -> T:
        response = await self.connection.send(Call("GET", path, params=query_params(params or {})))
        return model.model_validate_json(response.content)

    async def _pages(self, model: type[T], path: str, params: Mapping[str, Any]) -> AsyncIterator[T]:
        cursor = ""
        while True:
            page = await self._page(path, {**params, "limit": PAGE, "cursor": cursor or None})
            for item in page["items"]:
                yield model.model_validate(item)
            cursor = page.get("next_cursor") or ""
            if not cursor:
                return

    async def _follow(self, model: type[C], path: str, cursor: str, wait: float | None) -> AsyncIterator[C]:
        while True:
            page = await self._page(path, {"limit": PAGE, "cursor": cursor or None})
            items = [model.model_validate(item) for item in page["items"]]
            for item in items[:-1]:
                item.cursor = cursor  # resuming here repeats what came before it on this page
                yield item
            cursor = page["next_cursor"]
            if items:
                items[-1].cursor = cursor
                yield items[-1]
            elif wait is None:
                return
            else:
                await asyncio.sleep(wait)

    async def _page(self, path: str, params: Mapping[str, Any]) -> dict[str, Any]:
        page: dict[str, Any] = await self.request("GET", path, params=params)
        return page


def key_header(key: str | None) -> dict[str, str]:
    """The Idempotency-Key, a fresh one if none is given."""
    return {"Idempotency-Key": key or str(uuid4())}


def segment(value: UUID | str) -> str:
    """One segment of a path, whatever is in it."""
    return quote(str(value), safe="")


def query_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they stand in a query; None is left out."""
    return {name: _in_query(value) for name, value in params.items() if value is not None}


def _in_query(value: Any) -> Any:
    if isinstance(value, date):  # datetime is one too
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def without_none(body: dict[str, Any]) -> dict[str, Any]:
    """Fields nobody set are not sent."""
    return {name: value for name, value in body.items() if value is not None}
