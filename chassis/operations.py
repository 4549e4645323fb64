"""What an operator does with any service: dead letters and replay, under /api/v1/operations/<service>."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query, Request
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import Reading, Transaction
from chassis.dead_letters import retry_dead_letters
from chassis.partitions import uuid7_time
from chassis.replays import start_replays
from chassis.security import NationalAdmin
from chassis.strict_routes import Router
from chassis.times import Instant
from contracts.parts import SERVICES, Service


class DeadLetter(BaseModel):
    """An event a handler gave up on, or other work that was set aside (`event_id`: of what it is about)."""

    event_id: UUID
    handler: str
    subject: str
    error: str
    attempts: int
    created_at: datetime


class DeadLetters(BaseModel):
    """The newest dead letters and how many there are."""

    items: list[DeadLetter]
    total: int


class RetryResult(BaseModel):
    """What a retry of dead letters did."""

    handled: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Asides:
    """Work of one service, other than events, that waits apart for a person: shown and tried again as dead letters are.

    `count` and `newest` are SQL; `newest` takes :limit and gives the members of `DeadLetter`.
    """

    count: str
    newest: str
    retry: Callable[[FastAPI], Awaitable[RetryResult]]


class Replay(BaseModel):
    """A part of the log that is sent again to one consumer, newest events first.

    `events`: how many have been handled; `reached`: the time of the oldest of them.
    """

    id: UUID
    consumer: str
    events: int
    reached: datetime | None
    created_at: datetime
    finished_at: datetime | None


class Replays(BaseModel):
    """Replays of one service's log."""

    items: list[Replay]


class Backlog(BaseModel):
    """Work waiting in one service: rows no event has told of yet, events not yet on the wire, messages (of up to a
    few hundred events each) not yet handled, events given up on, replays of its log that are not finished."""

    unsaid: int
    outbox_pending: int
    consumer_lag: int
    dead_letters: int
    replays: int


class Counts(BaseModel):
    """How much a service holds, by name; `otklik verify` compares the services."""

    counts: dict[str, int]


def operations_router(
    service: str, counts: Mapping[str, str], unsaid: str | None = None, asides: Asides | None = None
) -> Router:
    """The operator's routes of one service (admin of all regions); `counts` maps a name to its SQL, `unsaid` is the
    SQL of `Backlog.unsaid`."""
    router = Router(prefix=f"/api/v1/operations/{service}", tags=["operations"])

    @router.get("/dead-letters")
    async def list_dead_letters(
        principal: NationalAdmin, session: Reading, limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> DeadLetters:
        rows = await session.execute(
            text(
                "SELECT event_id, handler, subject, error, attempts, created_at "
                f"FROM {service}.dead_letter ORDER BY created_at DESC LIMIT :limit"
            ),
            {"limit": limit},
        )
        items = [DeadLetter.model_validate(dict(row)) for row in rows.mappings()]
        total = await session.scalar(text(f"SELECT count(*) FROM {service}.dead_letter")) or 0
        if asides is not None:
            items += await _read_asides(session, asides, limit)
            total += await session.scalar(text(asides.count)) or 0
        items.sort(key=lambda letter: letter.created_at, reverse=True)
        return DeadLetters(items=items[:limit], total=total)

    @router.post("/dead-letters/retry")
    async def retry_dead(principal: NationalAdmin, request: Request) -> RetryResult:
        state = request.app.state
        done = RetryResult(**await retry_dead_letters(state.consumers, state.handlers))
        if asides is None:
            return done
        more = await asides.retry(request.app)
        return RetryResult(handled=done.handled + more.handled, failed=done.failed + more.failed)

    @router.post("/replay", status_code=202)
    async def replay_events(
        principal: NationalAdmin,
        session: Transaction,
        consumer: Annotated[Service | None, Query()] = None,
        since: Instant | None = None,
    ) -> Replays:
        """Send the permanent event log again, to one consumer or to all, bit by bit; they drop what they have."""
        consumers = [name for name in ([consumer] if consumer else SERVICES) if name != service]
        ids = await start_replays(session, service, consumers, since)
        return await _read_replays(session, service, "WHERE id = ANY(:ids)", {"ids": ids})

    @router.get("/replays")
    async def list_replays(principal: NationalAdmin, session: Reading) -> Replays:
        """The newest replays and how far they are."""
        return await _read_replays(session, service, "", {})

    @router.get("/backlog")
    async def backlog(principal: NationalAdmin, session: Reading, request: Request) -> Backlog:
        pending = await session.scalar(text(f"SELECT count(*) FROM {service}.outbox_pending"))
        dead = await session.scalar(text(f"SELECT count(*) FROM {service}.dead_letter")) or 0
        if asides is not None:
            dead += await session.scalar(text(asides.count)) or 0
        lag = 0
        for consumer in request.app.state.consumers:
            lag += await consumer.broker.lag(consumer.stream, consumer.durable)
        waiting = await session.scalar(text(unsaid)) if unsaid else 0
        replays = await session.scalar(
            text(f"SELECT count(*) FROM {service}.replay WHERE finished_at IS NULL")
        )
        return Backlog(
            unsaid=waiting or 0,
            outbox_pending=pending or 0,
            consumer_lag=lag,
            dead_letters=dead,
            replays=replays or 0,
        )

    @router.get("/counts")
    async def count_rows(principal: NationalAdmin, session: Reading) -> Counts:
        found = {name: int(await session.scalar(text(sql)) or 0) for name, sql in counts.items()}
        return Counts(counts=found)

    return router


async def _read_asides(session: AsyncSession, asides: Asides, limit: int) -> list[DeadLetter]:
    rows = await session.execute(text(asides.newest), {"limit": limit})
    return [DeadLetter.model_validate(dict(row)) for row in rows.mappings()]


async def _read_replays(
    session: AsyncSession, service: str, where: str, parameters: Mapping[str, object]
) -> Replays:
    rows = await session.execute(
        text(f"SELECT * FROM {service}.replay {where} ORDER BY created_at DESC, consumer LIMIT 100"),
        parameters,
    )
    return Replays(
        items=[
            Replay(
                id=row.id,
                consumer=row.consumer,
                events=row.events,
                reached=uuid7_time(row.before) if row.events else None,
                created_at=row.created_at,
                finished_at=row.finished_at,
            )
            for row in rows
        ]
    )
