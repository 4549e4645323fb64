"""Puts a service together: routes, handlers, relay, consumers, health, metrics."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import Session

from chassis.broker import Broker, assert_syncs_always
from chassis.causes import know_disk
from chassis.connecting import watch_connection
from chassis.cursors import Cursors
from chassis.db import create_engine, create_reading_sessions, database_trouble
from chassis.fast_path import App, FastPaths
from chassis.handlers import Handlers
from chassis.housekeeping import run_housekeeping
from chassis.inbox import Consumer
from chassis.keys import KeyProof, NamedKey, common_keys, working_when_proven
from chassis.lag import watch_lag
from chassis.lines import lines
from chassis.months import Months
from chassis.operations import Asides, operations_router
from chassis.outbox import Relay, Wake
from chassis.problems import install_problem_handlers
from chassis.replayed import take_replays
from chassis.replays import Replayer
from chassis.security import TokenVerifier, show_roles
from chassis.settings import Settings
from chassis.tables import ChassisTables
from chassis.tasks import BackgroundTask
from chassis.telemetry import RequestContext, configure_logging
from contracts.parts import PUBLISHERS

log = structlog.get_logger()
READY_SECONDS = 1.5  # less than the gateway waits for a service's word
TaskFactory = Callable[[FastAPI], Awaitable[None]]


class OutboxSession(Session):
    """A session class of our own, so that one service's commits ring one service's relay only."""


def create_app(
    settings: Settings,
    *,
    service: str,
    routers: Sequence[APIRouter],
    handlers: Handlers,
    metadata: MetaData,
    tables: ChassisTables,
    tasks: Sequence[tuple[str, TaskFactory]] = (),
    start: Callable[[FastAPI], Awaitable[None]] | None = None,
    counts: Mapping[str, str] | None = None,
    unsaid: str | None = None,
    fast_paths: FastPaths | None = None,
    keys: Callable[[], Sequence[NamedKey]] | None = None,
    asides: Asides | None = None,
) -> FastAPI:
    """The ASGI app of one service with everything that runs beside it.

    `tasks` are endless coroutines `(name, f(app))` under supervision; `start` runs once before serving, when the
    database is reachable. `counts` names numbers an operator may ask for (name → SQL), `unsaid` is the SQL
    that counts what was committed and will be said in an event later. `fast_paths`: routes answered past the framework (see
    `fast_paths`). `keys`: all keys that are proven before anything is served, by default those every process has. `asides`:
    what else waits apart for a person, beside dead letters of events.
    """
    configure_logging(service, settings.log_level)
    has_feeds = f"{service}.feed_generation" in metadata.tables

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        settings.require_keys()
        know_disk(settings.database_folder)
        engine = create_engine(settings.database_url, settings.pool_size, service if has_feeds else "")
        wake = Wake()
        session_class = type(f"{service.title()}Session", (OutboxSession,), {})
        wake.listen_to(session_class)
        app.state.engine = engine
        app.state.engines = [engine]  # what `start` adds is disposed of in the end, too
        app.state.sessions = async_sessionmaker(
            engine, expire_on_commit=False, sync_session_class=session_class
        )
        app.state.reading_sessions = create_reading_sessions(engine)
        app.state.months = Months(app.state.sessions, service)
        app.state.wakes = {"outbox": wake}
        broker = Broker(
            settings.nats_url,
            service,
            settings.nats_inbox_prefix,
            settings.stream_max_age_days,
            settings.stream_replicas,
        )
        app.state.broker = broker
        if start is not None:
            await start(app)
        if settings.role == "front":
            for name, each in app.state.wakes.items():
                each.pass_on = partial(broker.send_wake_up, name)
        app.state.consumers = [
            Consumer(
                handlers,
                stream,
                broker,
                app.state.sessions,
                tables,
                settings.retry_delays_seconds,
                settings.consumer_batch,
                settings.consumer_linger_seconds,
                app.state.months,
            )
            for stream in sorted(handlers.subjects_by_stream())
        ]
        app.state.tasks = _work_of(app, service, tasks)
        begun = app.state.tasks if settings.background_tasks else ()
        async with working_when_proven(app.proof, app.state.sessions, begun):
            yield
        await broker.close()
        for each in app.state.engines:
            await each.dispose()

    app = App(
        fast_paths=fast_paths or {},
        proof=KeyProof(service, keys or partial(common_keys, settings)),
        most_bytes=settings.max_body_bytes,
        title=f"Otklik {service}",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would be built from whatever the caller calls our host
        max_body_size=settings.max_body_bytes,
        generate_unique_id_function=lambda route: f"{service}_{route.name}",
        separate_input_output_schemas=False,
    )
    app.state.service = service
    app.state.settings = settings
    app.state.unknown_only_warns = settings.unknown_fields == "warn"
    app.state.tables = tables
    app.state.metadata = metadata
    app.state.handlers = handlers
    app.state.row_security = True
    app.state.hash_key = settings.hash_key.get_secret_value()
    app.state.cursors = Cursors(settings.cursor_key.get_secret_value())
    app.state.verifier = TokenVerifier(
        settings.jwks_url,
        settings.token_issuer,
        settings.token_audience,
        check_revocations=settings.check_revocations,
    )
    install_problem_handlers(app)
    app.add_middleware(RequestContext)
    for router in (
        *routers,
        operations_router(service, counts or {}, unsaid, asides),
        _technical_router(service),
    ):
        app.include_router(router)
    show_roles(app)
    return app


def _work_of(app: App, service: str, tasks: Sequence[tuple[str, TaskFactory]]) -> list[BackgroundTask]:
    """What this process does beside answering requests."""
    state, settings = app.state, app.state.settings
    task = partial(BackgroundTask, patience_seconds=settings.task_patience_seconds)
    feed = state.verifier.feed
    always = [
        task("broker", lambda: _stay_connected(app)),
        *([task("revocations", feed.run)] if feed is not None else []),
    ]
    if settings.role == "front":
        return always
    # Who says nothing has no stream, and may not make one.
    publishes = service in PUBLISHERS
    relay = Relay(service, settings.database_url, state.broker, state.wakes["outbox"])
    replayer = Replayer(service, state.sessions, state.broker)
    return [
        *always,
        *([task("relay", relay.run), task("replays", replayer.run)] if publishes else []),
        *(task(f"consumer {consumer.stream}", consumer.run) for consumer in state.consumers),
        task("lag", lambda: watch_lag(state.consumers)),
        task("housekeeping", lambda: run_housekeeping(state.sessions, service, settings.inbox_days)),
        *(task(name, partial(run, app)) for name, run in tasks),
    ]


async def _stay_connected(app: FastAPI) -> None:
    broker, settings = app.state.broker, app.state.settings
    if settings.nats_monitor_url:
        await assert_syncs_always(settings.nats_monitor_url)
    await broker.connect()
    if settings.role != "front":
        await take_replays(broker, app.state.service, app.state.consumers)
    if settings.role == "work":
        await broker.receive_wake_ups({name: wake.ring for name, wake in app.state.wakes.items()})
    await watch_connection(broker)


def _technical_router(service: str) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "ok", "service": service}

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def ready(request: Request) -> Response:
        problems = await readiness_problems(request.app)
        body: dict[str, Any] = {"status": "not ready" if problems else "ready", "service": service}
        if problems:
            body["problems"] = problems
        if lost := lines.report():
            body["log"] = lost  # for information: who serves without a log serves
        return Response(
            orjson.dumps(body), status_code=503 if problems else 200, media_type="application/json"
        )

    router.add_api_route("/health/ready", ready, methods=["GET"])
    return router


async def readiness_problems(app: App) -> dict[str, str]:
    """Which part is not ready and why; empty when all is well."""
    problems: dict[str, str] = {}
    if trouble := await database_trouble(app.state.reading_sessions, READY_SECONDS):
        problems["postgres"] = trouble
    if unproven := app.proof.problems():
        return problems | unproven  # nothing else has been started
    if trouble := app.state.broker.trouble:
        problems["nats"] = trouble
    for task in app.state.tasks:
        if task.problem:
            problems[task.name] = task.problem
    return problems


def utc_now() -> datetime:
    """The edge's clock; rules get `now` as a parameter."""
    return datetime.now(UTC)
