"""A portal with webhooks, and a receiver of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from chassis.webhooks.workers import call_receivers, read_feed
from harness.databases import Database
from harness.receiver import Receiver, receiving
from harness.tokens import TokenMint
from tests.intake.conftest import appeal_body, mask_all

HERE = {"OTKLIK_WEBHOOK_NETWORKS": "127.0.0.0/8"}
PORTAL = "client-portal"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Listens on this machine."""
    with receiving() as running:
        yield running


@dataclass
class Portal:
    """A service with one portal that asks it; what workers do, they do when a test says so."""

    client: Any
    app: Any
    mint: TokenMint
    database: Database

    def headers(self, client: str = PORTAL, **claims: Any) -> dict[str, str]:
        """Of a portal's token."""
        return self.mint.headers("portal", client=client, **claims)

    async def call(
        self, method: str, path: str = "", status: int = 200, client: str = PORTAL, **options: Any
    ) -> Any:
        """One request about webhooks; its JSON."""
        headers = self.headers(client) | options.pop("headers", {})
        answer = await self.client.request(method, f"/api/v1/webhooks{path}", headers=headers, **options)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def register(self, url: str, *events: str, client: str = PORTAL) -> dict[str, Any]:
        """A webhook; its id and secret."""
        body = {"url": url, "events": list(events or ["appeal.*"])}
        made: dict[str, Any] = await self.call("POST", status=201, client=client, json=body)
        return made

    async def submit(self, client: str = PORTAL, **fields: Any) -> dict[str, Any]:
        """An appeal, masked, so that it stands in the client's feed."""
        answer = await self.client.post(
            "/api/v1/appeals", json=appeal_body(**fields), headers=self.headers(client)
        )
        assert answer.status_code == 201, answer.text
        await mask_all(self.app)
        made: dict[str, Any] = answer.json()
        return made

    async def gather(self) -> float:
        """What the worker does that reads the feed; how long it would rest."""
        return await read_feed(self.app.state.resources)

    async def send(self) -> float:
        """What the worker does that calls; how long it would rest."""
        return await call_receivers(self.app.state.resources)

    async def deliveries(self, webhook: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
        """As the portal sees them."""
        page = await self.call("GET", f"/{webhook['id']}/deliveries", params=params)
        items: list[dict[str, Any]] = page["items"]
        return items

    async def change(self, sql: str, *values: Any) -> None:
        """What only time would do."""
        connection = await asyncpg.connect(self.database.dsn())
        await connection.execute(sql, *values)
        await connection.close()

    async def wait_over(self) -> None:
        """All that waits is due, and no claim holds."""
        await self.change(
            "UPDATE intake.webhook_delivery SET next_at = now(), claimed_until = NULL WHERE state = 'waiting'"
        )
        await self.change("UPDATE intake.webhook SET rests_until = NULL")


@pytest.fixture
async def portal(app_client: Callable[..., Any], mint: TokenMint, database: Database) -> Portal:
    """With a listed network: this machine's."""
    client, app = await app_client("intake", **HERE)
    return Portal(client, app, mint, database)
