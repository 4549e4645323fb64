"""What the process of a service does beside answering requests."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from chassis.broker import assert_syncs_always
from chassis.connecting import watch_connection
from chassis.consumer import Consumer
from chassis.housekeeping import housekeeping
from chassis.lag import watch_lag
from chassis.outbox import OUTBOX, Relay
from chassis.replayed import take_replays
from chassis.replays import Replayer
from chassis.service import ServiceDefinition, ServiceResources
from chassis.tasks import BackgroundTask
from chassis.workers import Worker
from contracts.parts import PUBLISHERS


def background_tasks(definition: ServiceDefinition, resources: ServiceResources[Any]) -> list[BackgroundTask]:
    """By the role of the process: one that only answers requests (`front`) leaves the work to the other."""
    always = _connections(resources)
    role = resources.settings.role
    own = [worker for worker in definition.workers if role == "all" or worker.in_front == (role == "front")]
    if role == "front":
        return [*always, *_running(resources, own)]
    return [*always, *_publishing(resources), *_work(resources, own)]


def _connections(resources: ServiceResources[Any]) -> list[BackgroundTask]:
    tasks = [_task(resources, "broker", partial(_stay_connected, resources))]
    feed = resources.verifier.feed
    if feed is not None:
        tasks.append(_task(resources, "revocations", feed.run))
    return tasks


def _publishing(resources: ServiceResources[Any]) -> list[BackgroundTask]:
    """Who publishes nothing has no stream, and may not make one."""
    if resources.service not in PUBLISHERS:
        return []
    relay = Relay(
        resources.service, resources.settings.database_url, resources.broker, resources.wake_ups[OUTBOX]
    )
    replayer = Replayer(resources.service, resources.sessions, resources.broker)
    return [_task(resources, "relay", relay.run), _task(resources, "replays", replayer.run)]


def _work(resources: ServiceResources[Any], own: Sequence[Worker[Any]]) -> list[BackgroundTask]:
    return [
        *(
            _task(resources, name, each.run)
            for each in resources.consumers
            for name in _lanes(resources, each)
        ),
        _task(resources, "lag", partial(watch_lag, resources.consumers)),
        *_running(resources, [*housekeeping(resources.service, resources.settings.inbox_days), *own]),
    ]


def _lanes(resources: ServiceResources[Any], consumer: Consumer) -> list[str]:
    """Names of the tasks that pull one stream side by side, as replicas do: in which order events come does not matter (ADR 5)."""
    name = f"consumer {consumer.stream}"
    return [name, *(f"{name} {number}" for number in range(2, resources.settings.consumer_lanes + 1))]


def _running(resources: ServiceResources[Any], workers: Sequence[Worker[Any]]) -> list[BackgroundTask]:
    return [
        _task(resources, worker.name, partial(worker.run, resources, resources.wake_ups))
        for worker in workers
    ]


def _task(resources: ServiceResources[Any], name: str, run: Any) -> BackgroundTask:
    return BackgroundTask(name, run, patience_seconds=resources.settings.task_patience_seconds)


async def _stay_connected(resources: ServiceResources[Any]) -> None:
    broker, settings = resources.broker, resources.settings
    if settings.nats_monitor_url:
        await assert_syncs_always(settings.nats_monitor_url)
    await broker.connect()
    if settings.role != "front":
        await take_replays(broker, resources.service, resources.consumers)
    if settings.role == "work":
        await broker.receive_wake_ups({name: each.ring for name, each in resources.wake_ups.items()})
    await watch_connection(broker)
