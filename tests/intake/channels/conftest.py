"""Watched pages and what networks deliver of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from chassis.db import run
from harness.resources import worker_session
from services.intake.channels.rules.connection import Connection, Credentials
from services.intake.channels.rules.reading import Page
from services.intake.originals.rules import Secrets
from tests.intake.channels.payloads import BOT, GROUP, SECRET, Json

PAGES: dict[str, Json] = {
    "vk": {"id": str(GROUP), "url": "https://vk.com/gorod46", "title": "Город"},
    "telegram": {"id": "gorod_46", "url": "https://t.me/gorod_46", "title": "Город"},
    "max": {"id": str(BOT), "url": "https://max.ru/gorod46", "title": "Город"},
    "ok": {"id": "53000000000001", "url": "https://ok.ru/gorod46", "title": "Город"},
}
HEADERS = {"telegram": "X-Telegram-Bot-Api-Secret-Token", "max": "X-Max-Bot-Api-Secret"}
ASKED_WITH = {"access_token": "tkn1", "application_key": "KEY1", "application_secret": "SECRET1"}


def channel_body(network: str, **changes: Any) -> Json:
    """A body for POST /api/v1/channels."""
    credentials = ASKED_WITH if network == "ok" else {"secret": SECRET}
    return {
        "network": network,
        "region": "46",
        "municipality": "38701000",
        "page": PAGES[network],
        "credentials": credentials,
        **changes,
    }


@dataclass
class Watched:
    """A connected page in a running service."""

    client: Any
    app: Any
    admin: dict[str, str]
    network: str
    view: Json

    async def deliver(self, payload: Any, secret: str = SECRET) -> Any:
        """What the network would do; the answer."""
        name = HEADERS.get(self.network)
        return await self.client.post(
            self.view["webhook"], json=payload, headers={name: secret} if name else {}
        )

    async def taken(self, *payloads: Any) -> None:
        """Deliver in this order; all acknowledged."""
        for payload in payloads:
            answer = await self.deliver(payload)
            assert (answer.status_code, answer.text) == (200, "ok"), answer.text

    async def counts(self) -> Json:
        """What the connection shows of itself."""
        shown = await self.client.get(f"/api/v1/channels/{self.view['id']}", headers=self.admin)
        return {outcome: count for outcome, count in shown.json()["counts"].items() if count}

    async def rows(self, sql: str) -> list[Json]:
        """As a worker sees them."""
        async with worker_session(self.app) as session:
            return [dict(row) for row in (await session.execute(text(sql))).mappings()]


@pytest.fixture
async def watch(app_client: Any, mint: Any) -> Callable[..., Any]:
    """`page = await watch("vk")`."""
    opened: list[Any] = []

    async def connect(network: str, **changes: Any) -> Watched:
        if not opened:
            opened.extend(await app_client("intake"))
        client, app = opened
        admin = mint.headers("admin")
        made = await client.post("/api/v1/channels", json=channel_body(network, **changes), headers=admin)
        assert made.status_code == 201, made.text
        return Watched(client, app, admin, network, made.json())

    return connect


def make_connection() -> Connection:
    """A page of its own, which `keep_connection` makes known."""
    return Connection(uuid4(), "46", "vk", Page(str(GROUP), ""), None, "active", Credentials("s" * 20))


async def keep_connection(sessions: Any, secrets: Secrets, page: Connection) -> None:
    """The connection's row, which the late worker reads."""
    sealed = secrets.keyring.seal_text("channel_connection", page.id, "{}")
    async with sessions.begin() as session:
        await run(
            session,
            "INSERT INTO intake.channel_connection (region, id, network, page_id, page_url, page_title, state, "
            "credential_names, key_id, sealed, version, changed_by, changed_at) VALUES ('46', :id, 'vk', :page, '', '', "
            "'active', '{}', 1, :sealed, 1, '', now())",
            id=page.id,
            page=str(page.id),
            sealed=sealed,
        )
