"""What the gateway does beside answering requests: it keeps keys, clients, revocations and limits up to date."""

from __future__ import annotations

from functools import partial
from typing import Final

import structlog

from chassis.causes import cause_of
from chassis.idempotency import purge_old_keys
from chassis.tasks import BackgroundTask
from chassis.wake_ups import WakeUps
from chassis.workers import Worker
from gateway.clients.actions import bootstrap_admin
from gateway.clients.queries import read_rates
from gateway.people.actions.housekeeping import purge_people
from gateway.resources import GatewayResources
from gateway.shared_limits import purge_used_limits
from gateway.tokens.keys import drop_damaged, load_keys, rotate_keys
from gateway.tokens.revoked import read_revocations

KEYS_SECONDS = 30.0
HOUSEKEEPING_SECONDS = 3600.0
log = structlog.get_logger()


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


async def refresh_keys(resources: GatewayResources) -> float:
    """Replace the keys that are damaged or old, and load those in force."""
    async with resources.sessions.begin() as session:
        await drop_damaged(session, resources.vault)
        await rotate_keys(session, resources.settings, resources.vault)
        resources.ring.keys = await load_keys(session, resources.vault)
    return KEYS_SECONDS


async def refresh_revocations(resources: GatewayResources) -> float:
    """Take over what was revoked at other gateways."""
    async with resources.reading_sessions() as session:
        resources.revocations.learn(await read_revocations(session), resources.clock())
    resources.revocations.is_known = True
    return resources.settings.revocations_refresh_seconds


async def refresh_registry(resources: GatewayResources) -> float:
    """Take over clients that were made or changed at other gateways."""
    registry = resources.registry
    changes = registry.changes
    async with resources.reading_sessions() as session:
        registry.replace(await read_rates(session), changes)
    return resources.settings.clients_refresh_seconds


async def purge_used_up(resources: GatewayResources) -> float:
    """Drop what nobody needs any more."""
    async with resources.sessions.begin() as session:
        await purge_old_keys(session, "gateway")
        await purge_used_limits(session)
        await purge_people(session)
    resources.limits.limiter.purge_idle(resources.clock())
    return HOUSEKEEPING_SECONDS


async def prepare_once(resources: GatewayResources) -> None:
    """`prepare`, where that has not succeeded yet."""
    if not resources.ring.keys:
        await prepare(resources)


WORKERS: Final[tuple[Worker[GatewayResources], ...]] = (
    Worker("keys", refresh_keys, begin=prepare_once),
    Worker("clients", refresh_registry),
    Worker("revocations", refresh_revocations),
    Worker("housekeeping", purge_used_up),
)


def tasks_of(resources: GatewayResources) -> list[BackgroundTask]:
    """All of it, not started yet."""
    no_wake_ups = WakeUps(())
    runs = {worker.name: partial(worker.run, resources, no_wake_ups) for worker in WORKERS}
    runs["limits"] = partial(resources.limits.run, resources.sessions)
    patience = resources.settings.task_patience_seconds
    return [BackgroundTask(name, run, patience_seconds=patience) for name, run in runs.items()]
