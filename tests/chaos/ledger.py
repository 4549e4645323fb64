"""An outside client with a ledger: it retries until it gets a 201 or 200 and writes down what it was promised."""

from __future__ import annotations

import asyncio
import itertools
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2

from harness.system import Account

PATIENCE_SECONDS = 60
WORKERS = 16


@dataclass
class Ledger:
    """What was attempted and what was acknowledged: external id → the answer's id and number."""

    prefix: str
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    attempts: int = 0
    troubles: int = 0
    refused: list[str] = field(default_factory=list)
    reasons: list[tuple[float, str]] = field(default_factory=list)  # when (monotonic), and why to come again
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)

    async def post_all(self, account: Account, count: int, pause: float = 0.0) -> None:
        """Post `count` appeals, each until it is acknowledged."""
        await self._post(account, iter(range(count)), pause)

    async def post_until(self, account: Account, over: threading.Event, pause: float = 0.0) -> None:
        """Post until it is over, each until it is acknowledged."""
        await self._post(account, iter(lambda: -1 if over.is_set() else next(self._numbers), -1), pause)

    async def _post(self, account: Account, numbers: Iterator[int], pause: float) -> None:
        limits = httpx2.Limits(max_connections=WORKERS)
        async with httpx2.AsyncClient(base_url=account.system.url, timeout=15, limits=limits) as http:
            await asyncio.gather(*(self._work(http, account, numbers, pause) for _ in range(WORKERS)))

    async def _work(
        self, http: httpx2.AsyncClient, account: Account, numbers: Iterator[int], pause: float
    ) -> None:
        for number in numbers:
            await self._post_until_acknowledged(http, account, f"{self.prefix}-{number}", number)
            await asyncio.sleep(pause)

    async def _post_until_acknowledged(
        self, http: httpx2.AsyncClient, account: Account, external_id: str, number: int
    ) -> None:
        body = {
            "text": f"Обращение {number}: на улице Садовой у дома {number} не горит фонарь",
            "region": "46",
            "external_id": external_id,
        }
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_SECONDS
        while loop.time() < deadline:
            self.attempts += 1
            try:
                headers = await asyncio.to_thread(account.headers)
                answer = await http.post("/api/v1/appeals", json=body, headers=headers)
            except (httpx2.HTTPError, OSError):
                self.troubles += 1
                await asyncio.sleep(random.uniform(0.05, 0.3))
                continue
            if answer.status_code in (200, 201):
                self.acknowledged[external_id] = answer.json()
                return
            if answer.status_code not in (409, 429, 503, 504):
                self.refused.append(f"{answer.status_code} {answer.text[:200]}")
                return
            self.troubles += 1
            self.reasons.append((time.monotonic(), str(answer.json().get("detail", ""))))
            await asyncio.sleep(random.uniform(0.05, 0.3))
        self.refused.append(f"{external_id}: not acknowledged in {PATIENCE_SECONDS} s")


def register_of(coordinator: Account) -> dict[str, str]:
    """The register as the coordinator reads it over HTTP: appeal id → number."""
    found: dict[str, str] = {}
    cursor = ""
    while True:
        answer = coordinator.get("/api/v1/appeals", params={"region": "46", "limit": 1000, "cursor": cursor})
        page = answer.json()
        for appeal in page["items"]:
            assert appeal["id"] not in found, "an appeal is listed once"
            found[appeal["id"]] = appeal["number"]
        cursor = page["next_cursor"]
        if not cursor:
            return found
