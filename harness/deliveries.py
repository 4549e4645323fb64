"""Events as a consumer gets them from the broker, for tests of what it does with a batch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

import asyncpg

from chassis.consumer import Consumer
from contracts.event import Event
from harness.databases import Database
from harness.waiting import eventually

WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"


async def deliver(consumer: Consumer, events: Sequence[Event]) -> None:
    """The events in one batch and one transaction, by kind in the order of their first."""
    by_subject: dict[str, list[Event]] = {}
    for event in events:
        by_subject.setdefault(event.SUBJECT, []).append(event)
    await consumer.applier.apply_together(by_subject)


async def let_meet(
    database: Database, hold: str, early: object, late: object, *batches: Awaitable[None]
) -> None:
    """Run batches side by side about two rows that are held (`hold`: the statement, $1 the row) until all wait for one.

    The later row is let go first: whoever was waiting for it has it, and comes to the earlier one.
    """
    gates = [await asyncpg.connect(database.dsn()) for _ in range(2)]
    try:
        for gate, row in zip(gates, (early, late), strict=True):
            await gate.execute("BEGIN")
            await gate.execute(hold, row)
        together = asyncio.gather(*batches)
        for gate in reversed(gates):
            await eventually(lambda: _are_waiting(gates[0], len(batches)), every=0.01)
            await gate.execute("COMMIT")
        await together
    finally:
        for gate in gates:
            await gate.close()


async def _are_waiting(gate: asyncpg.Connection, count: int) -> bool:
    return bool(await gate.fetchval(WAITING) == count)
