"""A bare house: a publisher and a consumer with nothing but the chassis, on real Postgres and NATS."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Column, MetaData, Table, Text, Uuid, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session as _Session
from uuid_utils.compat import uuid7

from chassis.applying import Applier
from chassis.broker import Broker
from chassis.consumer import Consumer
from chassis.db import create_engine, insert_rows
from chassis.handlers import Handlers
from chassis.outbox import OUTBOX, Relay
from chassis.partitions import coming_partitions, default_partition_statement, partitioned_by
from chassis.replayed import take_replays
from chassis.replays import Replayer
from chassis.tables import create_metadata
from chassis.tasks import BackgroundTask
from chassis.technical_tables import ChassisTables, chassis_tables
from chassis.wake_ups import WakeUp, WakeUps
from contracts.intake import AppealRegistered
from harness.databases import copy_database
from infra.local.embedded import EmbeddedServers

_numbers = itertools.count(1)


def registered(number: int = 1, text: str = "Текст") -> AppealRegistered:
    """An event to send."""
    now = datetime.now(UTC)
    return AppealRegistered(
        region="46",
        appeal_id=uuid7(),
        number=f"46-2026-{number:07d}",
        regime="message",
        channel="portal",
        client_id="test",
        text=text,
        received_at=now,
    )


@dataclass
class House:
    """Publisher `intake` and consumer `analytics` in one bare database; `effect` collects what handlers did."""

    url: str
    nats_url: str
    sessions: async_sessionmaker[AsyncSession]
    intake: ChassisTables
    analytics: ChassisTables
    effect: Table
    broker: Broker
    wake_up: WakeUp
    handlers: Handlers
    tasks: list[BackgroundTask] = field(default_factory=list)
    retry_delays: Sequence[float] = (0.05, 0.05, 0.05)

    def run_relay(self) -> BackgroundTask:
        """Start a relay."""
        return self._start(BackgroundTask("relay", Relay("intake", self.url, self.broker, self.wake_up).run))

    def run_replayer(self) -> BackgroundTask:
        """Start what sends the log again where that is asked for."""
        return self._start(BackgroundTask("replays", Replayer("intake", self.sessions, self.broker).run))

    def consumer(self) -> Consumer:
        """A consumer of the INTAKE stream."""
        return Consumer(self.applier(), "INTAKE", self.broker, self.retry_delays, 100)

    def applier(self) -> Applier:
        """What applies the handlers of analytics."""
        return Applier(self.handlers, self.sessions, self.analytics)

    def run_consumer(self) -> BackgroundTask:
        """Start a consumer, which also takes what is sent again."""
        consumer = self.consumer()

        async def run() -> None:
            await take_replays(self.broker, "analytics", [consumer])
            await consumer.run()

        return self._start(BackgroundTask("consumer", run))

    def _start(self, task: BackgroundTask) -> BackgroundTask:
        self.tasks.append(task)
        task.start()
        return task

    async def close(self) -> None:
        """End what was started; nothing is left at the broker."""
        for task in self.tasks:
            await task.stop()
        await forget_stream(self.broker)
        await self.broker.close()
        await self.sessions.kw["bind"].dispose()

    def record_effects(self) -> None:
        """A handler that writes one row per event."""

        @self.handlers.on(AppealRegistered)
        async def record(session: AsyncSession, events: Sequence[AppealRegistered]) -> None:
            await self.write_effects(session, events)

    async def write_effects(self, session: AsyncSession, events: Sequence[AppealRegistered]) -> None:
        """One row per event."""
        await insert_rows(session, self.effect, [{"event_id": e.id, "what": e.text} for e in events])

    async def effects(self) -> list[UUID]:
        """Ids of events whose effect is there, doubles included."""
        async with self.sessions() as session:
            return list(await session.scalars(text("SELECT event_id FROM analytics.effect")))

    async def texts(self) -> dict[UUID, str]:
        """What events said whose effect is there."""
        async with self.sessions() as session:
            found = await session.execute(text("SELECT event_id, what FROM analytics.effect"))
            return {each.event_id: each.what for each in found}

    async def count(self, table: str) -> int:
        """Rows of a table."""
        async with self.sessions() as session:
            return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def _tables() -> tuple[ChassisTables, ChassisTables, Table]:
    """Those of both services, and that of effects; all are in the metadata of one of them."""
    intake, analytics = create_metadata("intake"), create_metadata("analytics")
    # No key on purpose: a double effect must be visible.
    effect = Table("effect", analytics, Column("event_id", Uuid), Column("what", Text))
    return chassis_tables(intake), chassis_tables(analytics), effect


async def _template(servers: EmbeddedServers) -> str:
    """The database that those of houses are copied from, made once per server."""
    name = "house"
    admin = await asyncpg.connect(servers.database_url("postgres", database="postgres", driver="postgresql"))
    try:
        if await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            return name
        await admin.execute(f'CREATE DATABASE "{name}"')
    finally:
        await admin.close()
    engine = create_engine(servers.database_url("postgres", database=name), 1)
    async with engine.begin() as connection:
        for metadata in (tables.outbox.metadata for tables in _tables()[:2]):
            await connection.execute(text(f"CREATE SCHEMA {metadata.schema}"))
            await connection.run_sync(metadata.create_all)
            for statement in _partitions(metadata):
                await connection.execute(text(statement))
    await engine.dispose()
    return name


async def make_house(servers: EmbeddedServers) -> House:
    """Create database, schemas, tables and a connected broker with an empty stream."""
    name = f"chassis_{next(_numbers)}"
    intake, analytics, effect = _tables()
    await copy_database(servers, name, await _template(servers))
    url = servers.database_url("postgres", database=name)
    engine = create_engine(url, 10)
    wake_ups = WakeUps([OUTBOX])
    session_class = type("HouseSession", (_Session,), {})
    wake_ups.listen_to(session_class)
    broker = Broker(servers.nats_url("admin"), "intake", "_INBOX")
    await broker.connect()
    await forget_stream(broker)  # tests of services share the broker, and leave their events there
    return House(
        url=url,
        nats_url=servers.nats_url("admin"),
        sessions=async_sessionmaker(engine, expire_on_commit=False, sync_session_class=session_class),
        intake=intake,
        analytics=analytics,
        effect=effect,
        broker=broker,
        wake_up=wake_ups[OUTBOX],
        handlers=Handlers("analytics"),
    )


async def forget_stream(broker: Broker) -> None:
    """Nothing of INTAKE is left, whoever had it."""
    if await broker.has_stream("INTAKE"):
        await broker.js.delete_stream("INTAKE")


def _partitions(metadata: MetaData) -> list[str]:
    statements = []
    for table in metadata.sorted_tables:
        if partitioned_by(table):
            statements += [default_partition_statement(table), *coming_partitions(table, datetime.now(UTC))]
    return statements


@pytest.fixture
async def house(servers: EmbeddedServers) -> AsyncIterator[House]:
    """A house whose stream is empty; everything it started ends with the test."""
    made = await make_house(servers)
    yield made
    await made.close()
