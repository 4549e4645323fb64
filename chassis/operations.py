"""What an operator does with any service: dead letters and replay, under /api/v1/operations/<service>."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import Reading, Transaction, rows, scalar
from chassis.dead_letters import retry_dead_letters
from chassis.partitions import uuid7_time
from chassis.replays import start_replays
from chassis.resources import resources_in
from chassis.security import NationalAdmin
from chassis.service import Operations, RetryResult, ServiceResources, SetAside
from chassis.strict_routes import Router
from chassis.technical_tables import StoredReplay
from chassis.times import Instant
from contracts.parts import SERVICES, Service

_NEWEST_LETTERS = """
SELECT event_id, handler, subject, error, attempts, created_at
FROM {service}.dead_letter ORDER BY created_at DESC LIMIT :limit
"""
_COUNT_LETTERS = "SELECT count(*) FROM {service}.dead_letter"


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """A dead letter as it is stored, without its content."""

    event_id: UUID
    handler: str
    subject: str
    error: str
    attempts: int
    created_at: datetime


class DeadLetter(BaseModel):
    """An event a handler gave up on, or other work that was set aside (`event_id`: of what it is about)."""

    model_config = ConfigDict(from_attributes=True)

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


class RowCounts(BaseModel):
    """How much a service holds, by name; `otklik verify` compares the services."""

    counts: dict[str, int]


def operations_router(service: str, operations: Operations) -> Router:
    """The operator's routes of one service (admin of all regions)."""
    router = Router(prefix=f"/api/v1/operations/{service}", tags=["operations"])
    _add_dead_letters(router, service, operations.set_aside)
    _add_replays(router, service)
    _add_figures(router, service, operations)
    return router


def _add_dead_letters(router: Router, service: str, set_aside: SetAside) -> None:
    @router.get("/dead-letters")
    async def list_dead_letters(
        principal: NationalAdmin, session: Reading, limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> DeadLetters:
        """Events that handlers gave up on, the newest first, without what they hold."""
        found = await rows(session, ShownLetter, _NEWEST_LETTERS.format(service=service), limit=limit)
        found += await rows(session, ShownLetter, set_aside.newest, limit=limit)
        found.sort(key=lambda letter: letter.created_at, reverse=True)
        total = await _count(session, _COUNT_LETTERS.format(service=service), set_aside.count)
        items = [DeadLetter.model_validate(letter) for letter in found[:limit]]
        return DeadLetters(items=items, total=total)

    @router.post("/dead-letters/retry")
    async def retry_dead(principal: NationalAdmin, request: Request) -> RetryResult:
        """Try all of them once more."""
        resources = resources_in(request.app, ServiceResources)
        done = await retry_dead_letters(resources.applier)
        more = await set_aside.retry(resources)
        return RetryResult(handled=done.handled + more.handled, failed=done.failed + more.failed)


def _add_replays(router: Router, service: str) -> None:
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
        return await _read_replays(session, service, "WHERE id = ANY(:ids)", ids=ids)

    @router.get("/replays")
    async def list_replays(principal: NationalAdmin, session: Reading) -> Replays:
        """The newest replays and how far they are."""
        return await _read_replays(session, service)


def _add_figures(router: Router, service: str, operations: Operations) -> None:
    @router.get("/backlog")
    async def backlog(principal: NationalAdmin, session: Reading, request: Request) -> Backlog:
        """Work that waits in this service."""
        consumers = resources_in(request.app, ServiceResources).consumers
        lags = [await each.broker.lag(each.stream, each.durable) for each in consumers]
        letters = await _count(session, _COUNT_LETTERS.format(service=service), operations.set_aside.count)
        return Backlog(
            unsaid=await _count(session, operations.unannounced),
            outbox_pending=await _count(session, f"SELECT count(*) FROM {service}.outbox_pending"),
            consumer_lag=sum(lags),
            dead_letters=letters,
            replays=await _count(session, f"SELECT count(*) FROM {service}.replay WHERE finished_at IS NULL"),
        )

    @router.get("/counts")
    async def count_rows(principal: NationalAdmin, session: Reading) -> RowCounts:
        """How much it holds, as `otklik verify` compares it with the other services."""
        return RowCounts(counts={name: await _count(session, sql) for name, sql in operations.counts.items()})


async def _count(session: AsyncSession, *statements: str) -> int:
    """The sum of what statements count."""
    return sum([int(await scalar(session, int, sql) or 0) for sql in statements])


async def _read_replays(session: AsyncSession, service: str, where: str = "", **named: object) -> Replays:
    found = await rows(
        session,
        StoredReplay,
        f"SELECT * FROM {service}.replay {where} ORDER BY created_at DESC, consumer LIMIT 100",
        **named,
    )
    return Replays(
        items=[
            Replay(
                id=each.id,
                consumer=each.consumer,
                events=each.events,
                reached=uuid7_time(each.before) if each.events else None,
                created_at=each.created_at,
                finished_at=each.finished_at,
            )
            for each in found
        ]
    )
