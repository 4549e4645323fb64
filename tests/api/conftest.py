"""One part of the system at a time, over its whole interface."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from harness.tokens import TokenMint
from tests.api.operations import Operation, operations_of

PARTS = ("intake", "routing", "sla", "analytics", "gateway")


@dataclass
class Part:
    """A running part and what its document says it can do."""

    name: str
    client: httpx2.AsyncClient
    app: FastAPI
    mint: TokenMint
    operations: list[Operation]

    async def send(self, operation: Operation, query: str = "", **options: Any) -> httpx2.Response:
        """A request of somebody who may send it."""
        headers = {**operation.headers(self.mint), **options.pop("headers", {})}
        return await self.client.request(
            operation.method, operation.address() + query, headers=headers, **options
        )


@pytest.fixture(params=PARTS)
def parts(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Only the schema of the part under test."""
    return (request.param,)


OpenPart = Callable[..., Awaitable[Part]]


@pytest.fixture
def open_part(parts: tuple[str, ...], app_client: Any, mint: TokenMint) -> OpenPart:
    """`part = await open_part(OTKLIK_…="…")`."""

    async def start(**environment: str) -> Part:
        (name,) = parts
        client, app = await app_client(name, **environment)
        return Part(name, client, app, mint, operations_of(app.openapi()))

    return start
