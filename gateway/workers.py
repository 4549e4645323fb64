"""What the gateway does beside answering requests: it keeps keys, clients, revocations and limits up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from chassis.causes import cause_of
from chassis.idempotency import purge_old_keys
from chassis.tasks import BackgroundTask, turned
from gateway.clients.actions import bootstrap_admin
from gateway.clients.queries import read_rates, read_revocations
from gateway.resources import GatewayResources
from gateway.shared_limits import purge_used_limits
from gateway.tokens.keys import drop_damaged, load_keys, rotate_keys

KEYS_SECONDS = 30.0
HOUSEKEEPING_SECONDS = 3600.0
Step = Callable[[GatewayResources], Awaitable[None]]
log = structlog.get_logger()


def tasks_of(resources: GatewayResources) -> list[BackgroundTask]:
    """All of it, not started yet."""
    settings = resources.settings
    turns: dict[str, tuple[Step, float]] = {
        "keys": (keep_keys, KEYS_SECONDS),
        "clients": (refresh_registry, settings.clients_refresh_seconds),
        "revocations": (refresh_revocations, settings.revocations_refresh_seconds),
        "housekeeping": (keep_house, HOUSEKEEPING_SECONDS),
    }
    runs: dict[str, Callable[[], Awaitable[None]]] = {
        name: partial(_run_every, seconds, step, resources) for name, (step, seconds) in turns.items()
    }
    runs["limits"] = partial(resources.limits.run, resources.sessions)
    patience = settings.task_patience_seconds
    return [BackgroundTask(name, run, patience_seconds=patience) for name, run in runs.items()]


async def prepare(resources: GatewayResources) -> None:
    """What must be known before the first request can pass."""
    async with resources.sessions.begin() as session:
        await bootstrap_admin(session, resources.settings)
    await refresh_revocations(resources)  # before the keys, without which no token is good
    await refresh_keys(resources)
    await refresh_registry(resources)


async def prepare_if_possible(resources: GatewayResources) -> None:
    """When it fails, most often because the database has gone again, the task of the keys repeats it."""
    try:
        await prepare(resources)
    except Exception as error:
        log.warning("starting unprepared", reason=cause_of(error) or type(error).__name__)


async def keep_keys(resources: GatewayResources) -> None:
    """Take over what other gateways have made of the keys; everything, where nothing is known yet."""
    step = refresh_keys if resources.ring.keys else prepare
    await step(resources)


async def refresh_keys(resources: GatewayResources) -> None:
    """Replace the keys that are damaged or old, and load those in force."""
    async with resources.sessions.begin() as session:
        await drop_damaged(session, resources.vault)
        await rotate_keys(session, resources.settings, resources.vault)
        resources.ring.keys = await load_keys(session, resources.vault)


async def refresh_revocations(resources: GatewayResources) -> None:
    """Take over what was revoked at other gateways."""
    async with resources.reading_sessions() as session:
        resources.revocations.learn(await read_revocations(session), resources.clock())
    resources.revocations.is_known = True


async def refresh_registry(resources: GatewayResources) -> None:
    """Take over clients that were made or changed at other gateways."""
    registry = resources.registry
    changes = registry.changes
    async with resources.reading_sessions() as session:
        registry.replace(await read_rates(session), changes)


async def keep_house(resources: GatewayResources) -> None:
    """Drop what nobody needs any more."""
    async with resources.sessions.begin() as session:
        await purge_old_keys(session, "gateway")
        await purge_used_limits(session)
    resources.limits.limiter.purge_idle(resources.clock())


async def _run_every(seconds: float, step: Step, resources: GatewayResources) -> None:
    while True:
        await step(resources)
        turned()
        await asyncio.sleep(seconds)
