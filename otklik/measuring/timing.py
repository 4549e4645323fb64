"""How long questions take, over HTTP as anybody asks them, or of a store itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypedDict

from otklik.measuring.questions import Asked
from otklik_client import AsyncClient

Ask = Callable[[Asked], Awaitable[None]]
FAILED_MS = 60_000.0


class Times(TypedDict):
    """Milliseconds; `failed`: questions that were not answered, which count as a minute."""

    questions: int
    p50: float
    p95: float
    max: float
    failed: int


def asking(client: AsyncClient) -> Ask:
    """Over HTTP, through the gateway."""

    async def ask(asked: Asked) -> None:
        await client.request("GET", asked.path, query=asked.parameters())

    return ask


async def measure(ask: Ask, questions: Sequence[Asked], at_once: int = 1) -> Times:
    """So many questions at a time, each as soon as one before it is answered."""
    waiting, taken = list(reversed(questions)), list[float]()
    failed = 0

    async def work() -> None:
        nonlocal failed
        while waiting:
            asked, began = waiting.pop(), time.perf_counter()
            try:
                await ask(asked)
            except Exception:
                failed += 1
                taken.append(FAILED_MS)
            else:
                taken.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(work() for _ in range(at_once)))
    return summarise(taken, failed)


def summarise(taken: Sequence[float], failed: int = 0) -> Times:
    """Nearest-rank percentiles."""
    ordered = sorted(taken) or [0.0]

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

    return Times(questions=len(taken), p50=at(0.5), p95=at(0.95), max=at(1.0), failed=failed)
