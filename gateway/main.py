"""The gateway as a process: `python -m gateway.main`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from chassis.causes import cause_of, know_disk
from chassis.cursors import Cursors
from chassis.db import create_engine, create_reading_sessions, create_sessions
from chassis.idempotency import purge_old_keys
from chassis.keys import KeyProof, working_when_proven
from chassis.methods import UNROUTED, answer_unrouted
from chassis.problems import install_problem_handlers
from chassis.resources import Resources, give_resources
from chassis.revocations import Revocations
from chassis.security import show_roles
from chassis.serve import serve
from chassis.tasks import BackgroundTask, turned
from chassis.telemetry import RequestContext, configure_logging
from chassis.unpacking import unmarked
from contracts.parts import SERVICES, WORKERS
from gateway import health, pages
from gateway.clients import api as clients_api
from gateway.clients.actions import bootstrap_admin
from gateway.clients.directory import Directory
from gateway.clients.queries import read_directory, read_revocations
from gateway.openapi import OpenApi
from gateway.proxy.door import Door
from gateway.proxy.upstreams import Upstream
from gateway.settings import GatewaySettings
from gateway.shared_limits import SharedLimits, forget_used_limits
from gateway.tokens import api as tokens_api
from gateway.tokens.keys import KeyRing, drop_damaged, load_keys, rotate_keys
from gateway.tokens.proofs import gateway_keys
from gateway.tokens.vault import Vault
from gateway.tokens.verifying import Doorkeeper, OwnVerifier

log = structlog.get_logger()
KEYS_SECONDS = 30.0
HOUSEKEEPING_SECONDS = 3600.0


class Gateway(FastAPI):
    """The gateway's own routes; every request comes in by the door, and most leave it for a service."""

    proof: KeyProof
    door: Door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
        elif self.proof.is_open or not self.proof.refuses(scope):
            await self.door.pass_through(scope, receive, send, self._answer)
        else:
            await self.proof.refuse(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in UNROUTED:
            await answer_unrouted(self.routes, super().__call__, scope, receive, send)
        else:
            await super().__call__(scope, unmarked(scope, receive), send)


def create(settings: GatewaySettings) -> Gateway:
    """The ASGI app with everything that runs beside it."""
    configure_logging("gateway", settings.log_level)
    app = Gateway(
        title="Otklik gateway",
        version="1",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url=None,
        max_body_size=settings.max_body_bytes,
        generate_unique_id_function=lambda route: f"gateway_{route.name}",
        separate_input_output_schemas=False,
    )
    _fill_state(app, settings)
    install_problem_handlers(app)
    app.add_middleware(RequestContext)
    for router in (
        tokens_api.router,
        tokens_api.keys_router,
        clients_api.router,
        health.router,
        pages.router,
    ):
        app.include_router(router)
    show_roles(app)
    return app


def _fill_state(app: Gateway, settings: GatewaySettings) -> None:
    state = app.state
    state.service = "gateway"
    state.settings = settings
    app.proof = state.proof = KeyProof("gateway", partial(gateway_keys, settings))
    state.clock = time.monotonic
    state.hash_key = settings.hash_key.get_secret_value()
    state.cursors = Cursors(settings.cursor_key.get_secret_value())
    state.ring = KeyRing()
    state.verifier = OwnVerifier(state.ring, settings)
    state.directory = Directory(settings.client_requests_per_minute)
    state.revocations = state.verifier.revocations
    state.limits = SharedLimits(state.hash_key, state.clock)
    state.upstreams = {
        name: Upstream(name, settings.address_of(name), settings.upstream_connections) for name in SERVICES
    }
    state.open_upstreams = {
        name: Upstream(name, settings.address_of(name), settings.open_upstream_connections)
        for name in SERVICES
    }
    state.workers = {
        name: Upstream(name, address, settings.upstream_connections)
        for name in WORKERS
        if (address := settings.address_of(name))
    }
    doorkeeper = Doorkeeper(state.verifier, state.ring, settings)
    app.door = state.door = Door(
        settings, doorkeeper, state.directory, state.limits, state.upstreams, state.open_upstreams
    )
    state.openapi = OpenApi(state.upstreams, state.door.tree, lambda: app.openapi(), state.clock)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state, settings = app.state, app.state.settings
    settings.require_keys()
    know_disk(settings.database_folder)
    state.vault = Vault(settings.encryption_key.get_secret_value())
    state.engine = create_engine(settings.database_url, settings.pool_size)
    state.sessions = create_sessions(state.engine)
    state.reading_sessions = create_reading_sessions(state.engine)
    give_resources(
        app,
        Resources(
            "gateway",
            verifier=state.verifier,
            cursors=state.cursors,
            hash_key=state.hash_key,
            sessions=state.sessions,
            reading_sessions=state.reading_sessions,
            has_row_security=False,
            only_warns=settings.unknown_fields == "warn",
        ),
    )
    task = partial(BackgroundTask, patience_seconds=settings.task_patience_seconds)
    state.tasks = [
        task("keys", lambda: _keep_keys(app)),
        task("clients", lambda: _keep_directory(app)),
        task("revocations", lambda: _keep_revocations(app)),
        task("limits", lambda: state.limits.run(state.sessions)),
        task("housekeeping", lambda: _keep_house(app)),
    ]
    begun = state.tasks if settings.background_tasks else ()
    async with working_when_proven(state.proof, state.sessions, begun, lambda: _prepare_if_possible(app)):
        yield
    for upstream in (*state.upstreams.values(), *state.open_upstreams.values(), *state.workers.values()):
        upstream.close()
    await state.engine.dispose()


async def _prepare_if_possible(app: FastAPI) -> None:
    """When it fails, most often because the database has gone again, the task of the keys repeats it."""
    try:
        await _prepare(app)
    except Exception as error:
        log.warning("starting unprepared", reason=cause_of(error) or type(error).__name__)


async def _prepare(app: FastAPI) -> None:
    """What must be known before the first request can pass."""
    state = app.state
    async with state.sessions.begin() as session:
        await bootstrap_admin(session, state.settings)
    await _refresh_revocations(app)  # before the keys, without which no token is good
    await _refresh_keys(app)
    await _refresh_directory(app)


async def _refresh_keys(app: FastAPI) -> None:
    state = app.state
    async with state.sessions.begin() as session:
        await drop_damaged(session, state.vault)
        await rotate_keys(session, state.settings, state.vault)
        state.ring.keys = await load_keys(session, state.vault)


async def _refresh_revocations(app: FastAPI) -> None:
    revocations: Revocations = app.state.revocations
    async with app.state.reading_sessions() as session:
        revocations.learn(await read_revocations(session), time.monotonic())
    revocations.is_known = True


async def _refresh_directory(app: FastAPI) -> None:
    directory: Directory = app.state.directory
    changes = directory.changes
    async with app.state.reading_sessions() as session:
        directory.replace(await read_directory(session), changes)


async def _keep_keys(app: FastAPI) -> None:
    if not app.state.ring.keys:
        await _prepare(app)
    turned()
    while True:
        await asyncio.sleep(KEYS_SECONDS)
        await _refresh_keys(app)
        turned()


async def _keep_directory(app: FastAPI) -> None:
    while True:
        await asyncio.sleep(app.state.settings.clients_refresh_seconds)
        await _refresh_directory(app)
        turned()


async def _keep_revocations(app: FastAPI) -> None:
    while True:
        await _refresh_revocations(app)
        turned()
        await asyncio.sleep(app.state.settings.revocations_refresh_seconds)


async def _keep_house(app: FastAPI) -> None:
    while True:
        async with app.state.sessions.begin() as session:
            await purge_old_keys(session, "gateway")
            await forget_used_limits(session)
        app.state.limits.meter.forget_idle(app.state.clock())
        turned()
        await asyncio.sleep(HOUSEKEEPING_SECONDS)


settings = GatewaySettings()
app = create(settings)

if __name__ == "__main__":
    serve(app, settings, settings.internal_listen, limits=settings.limits)
