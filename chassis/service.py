"""A service: what it is made of, and what its process holds while it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from sqlalchemy.orm import Session

from chassis.applying import Applier
from chassis.broker import Broker
from chassis.consumer import Consumer
from chassis.cursors import Cursors
from chassis.db import create_engine, create_reading_sessions
from chassis.fast_path import FastPaths
from chassis.handlers import Handlers
from chassis.keys import NamedKey, common_keys
from chassis.months import Months
from chassis.outbox import OUTBOX
from chassis.resources import Resources
from chassis.settings import Settings
from chassis.tasks import BackgroundTask
from chassis.technical_tables import ChassisTables
from chassis.tokens import TokenVerifier
from chassis.wake_ups import WakeUps
from chassis.workers import Worker

S = TypeVar("S", bound=Settings)
_NO_LETTERS = """
SELECT NULL::uuid AS event_id, '' AS handler, '' AS subject, '' AS error, 0 AS attempts, now() AS created_at
WHERE :limit < 0
"""


class RetryResult(BaseModel):
    """What a retry of dead letters did."""

    handled: int = 0
    failed: int = 0


async def _retry_nothing(_: object) -> RetryResult:
    return RetryResult()


@dataclass(frozen=True)
class SetAside:
    """Work of one service, other than events, that waits apart for a person: shown and tried again as dead letters are.

    `count` and `newest` are SQL; `newest` takes :limit and gives the members of `DeadLetter`. `retry` is given the
    service's resources.
    """

    count: str = "SELECT 0"
    newest: str = _NO_LETTERS
    retry: Callable[[Any], Awaitable[RetryResult]] = _retry_nothing


@dataclass(frozen=True)
class Operations:
    """What an operator may ask of one service beside what all have.

    `counts`: numbers by name (SQL), which `otklik verify` compares. `unannounced`: the SQL that counts what was committed
    and will be announced by an event later.
    """

    counts: Mapping[str, str]
    unannounced: str = "SELECT 0"
    set_aside: SetAside = field(default_factory=SetAside)


@dataclass(frozen=True)
class ServiceDefinition:
    """What a service is made of.

    `keys`: all keys that are proven before anything is served. `fast_paths`: routes answered past the framework.
    """

    name: str
    routers: Sequence[APIRouter]
    handlers: Handlers
    metadata: MetaData
    tables: ChassisTables
    operations: Operations
    workers: Sequence[Worker[Any]] = ()
    keys: Callable[[Any], Sequence[NamedKey]] = common_keys
    fast_paths: FastPaths = field(default_factory=dict)
    exception_handlers: Mapping[type[Exception], Callable[[Request, Exception], Any]] = field(
        default_factory=dict
    )

    @property
    def has_feeds(self) -> bool:
        """Whether it keeps delta feeds."""
        return f"{self.name}.feed_generation" in self.metadata.tables

    @property
    def wake_ups(self) -> set[str]:
        """Names of what ends the rests of its workers and of the relay."""
        return {OUTBOX, *(worker.wake_up for worker in self.workers if worker.wake_up)}


class ServiceSession(Session):
    """A session class of our own, so that one service's commits ring one service's wake-ups only."""


class ServiceResources(Resources, Generic[S]):
    """What the requests and workers of a service's process share. A service that needs more subclasses this.

    Nothing is connected before it is used; `close` gives everything back.
    """

    def __init__(self, settings: S, definition: ServiceDefinition) -> None:
        service = definition.name
        session_class = type(f"{service.title()}Session", (ServiceSession,), {})
        self.engine = create_engine(
            settings.database_url, settings.pool_size, service if definition.has_feeds else ""
        )
        super().__init__(
            service,
            verifier=_verifier(settings),
            cursors=Cursors(settings.cursor_key.get_secret_value()),
            hash_key=settings.hash_key.get_secret_value(),
            sessions=async_sessionmaker(
                self.engine, expire_on_commit=False, sync_session_class=session_class
            ),
            reading_sessions=create_reading_sessions(self.engine),
            only_warns=settings.unknown_fields == "warn",
        )
        self.settings = settings
        self.engines: list[AsyncEngine] = [self.engine]
        self.wake_ups = WakeUps(definition.wake_ups)
        self.wake_ups.listen_to(session_class)
        self.months = Months(self.sessions, service)
        self.broker = Broker(
            settings.nats_url,
            service,
            settings.nats_inbox_prefix,
            settings.stream_max_age_days,
            settings.stream_replicas,
        )
        self.applier = Applier(definition.handlers, self.sessions, definition.tables, self.months)
        self.consumers = self._make_consumers()
        self.tasks: Sequence[BackgroundTask] = ()

    async def prepare(self) -> None:
        """What is done once before anything is served."""

    def notes(self) -> dict[str, str]:
        """What an operator should know of a process that serves all the same: shown by /health/ready."""
        return {}

    def carry(self, **info: object) -> None:
        """Let every session of this process carry something along in its `info`."""
        for sessions in (self.sessions, self.reading_sessions):
            sessions.configure(info=info)

    async def close(self) -> None:
        """Give back connections."""
        await self.broker.close()
        for engine in self.engines:
            await engine.dispose()

    def _make_consumers(self) -> list[Consumer]:
        return [
            Consumer(
                self.applier,
                stream,
                self.broker,
                self.settings.retry_delays_seconds,
                self.settings.consumer_batch,
                self.settings.consumer_linger_seconds,
            )
            for stream in sorted(self.applier.handlers.subjects_by_stream())
        ]


def _verifier(settings: Settings) -> TokenVerifier:
    return TokenVerifier(
        settings.jwks_url,
        settings.token_issuer,
        settings.token_audience,
        check_revocations=settings.check_revocations,
    )
